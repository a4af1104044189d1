package org

import (
	"context"
	"sort"
	"time"
)

// Policy is a policy of an organization or one of AWS's own.
type Policy struct {
	// ID is "p-" and eight lower-case letters or digits; AWS's own have names there.
	ID string
	// Type is a policy type; it never changes.
	Type        string
	Name        string
	Description string
	// Content is the document, verbatim.
	Content string
	// AWSManaged policies belong to every organization and cannot be changed.
	AWSManaged bool
	// CreatedAt and UpdatedAt, the time of the last change of name, description or content,
	// are zero for AWS's own.
	CreatedAt, UpdatedAt time.Time
}

// ARN returns the policy's ARN in an organization.
func (p Policy) ARN(managementAccountID, organizationID string) string {
	if p.AWSManaged {
		return AWSPolicyARN(p.Type, p.ID)
	}
	return PolicyARN(managementAccountID, organizationID, p.Type, p.ID)
}

// awsPolicies are AWS's own, in ascending order of id.
var awsPolicies = []Policy{
	{
		ID: "p-FullAWSAccess", Type: ServiceControlPolicy, Name: "FullAWSAccess", AWSManaged: true,
		Description: "Allows access to every operation",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	},
	{
		ID: "p-RCPFullAWSAccess", Type: ResourceControlPolicy, Name: "RCPFullAWSAccess", AWSManaged: true,
		Description: "Allows all actions on all resources",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
	},
}

// awsManaged returns AWS's own policy of that id.
func awsManaged(id string) (Policy, bool) {
	for _, p := range awsPolicies {
		if p.ID == id {
			return p, true
		}
	}
	return Policy{}, false
}

// findPolicy returns one of AWS's or the organization's own policies.
func findPolicy(tx Tx, o Organization, id string) (Policy, error) {
	if p, ok := awsManaged(id); ok {
		return p, nil
	}
	p, found, err := tx.OrgPolicy(o.ID, id)
	if err != nil {
		return Policy{}, err
	}
	if !found {
		return Policy{}, errPolicyNotFound()
	}
	return p, nil
}

// ownPolicy is findPolicy for changes, which AWS's policies do not take.
func ownPolicy(tx Tx, o Organization, id string) (Policy, error) {
	p, err := findPolicy(tx, o, id)
	if err != nil {
		return Policy{}, err
	}
	if p.AWSManaged {
		return Policy{}, errInput(ReasonImmutablePolicy, "You specified a policy that is managed by AWS and can't be modified.")
	}
	return p, nil
}

// freePolicyName fails with CodeDuplicatePolicy if a policy of the type has the name.
func freePolicyName(tx Tx, o Organization, policyType, name string) error {
	_, taken, err := tx.OrgPolicyByName(o.ID, policyType, name)
	if err != nil {
		return err
	}
	for _, p := range awsPolicies {
		taken = taken || p.Type == policyType && p.Name == name
	}
	if taken {
		return errorf(CodeDuplicatePolicy, "", "A policy with the specified name and type already exists.")
	}
	return nil
}

// CreatePolicy makes a policy that is attached nowhere yet; p gives type, name, description
// and content. The policy type need not be enabled. It fails with
// CodePolicyTypeNotAvailable, CodeDuplicatePolicy, CodeMalformedPolicy, CodeInvalidInput or
// CodeConstraintViolation.
func CreatePolicy(ctx context.Context, tx Tx, o Organization, p Policy, tags []Tag) (Policy, error) {
	t, err := findType(p.Type)
	if err != nil {
		return Policy{}, err
	}
	if !o.AllFeatures() {
		return Policy{}, errTypeNotAvailable()
	}
	if err := checkNewTags(ctx, tx, o, TypePolicy, tags); err != nil {
		return Policy{}, err
	}
	if err := checkContent(t, p.Content, tx.Now()); err != nil {
		return Policy{}, err
	}
	if err := freePolicyName(tx, o, p.Type, p.Name); err != nil {
		return Policy{}, err
	}
	counter := string(policyCounter(p.Type))
	count, err := tx.OrgCount(o.ID, counter)
	if err != nil {
		return Policy{}, err
	}
	most, err := limit(tx, o, t.count)
	if err != nil {
		return Policy{}, err
	}
	if count >= most {
		return Policy{}, errConstraint(ReasonPolicyNumber, "You have exceeded the number of policies that you can have in an organization.")
	}
	if p.ID, err = newPolicyID(tx, o); err != nil {
		return Policy{}, err
	}
	p.AWSManaged, p.CreatedAt, p.UpdatedAt = false, tx.Now(), tx.Now()
	if err := tx.InsertOrgPolicy(o.ID, p); err != nil {
		return Policy{}, err
	}
	if err := tx.AddOrgCount(o.ID, counter, 1); err != nil {
		return Policy{}, err
	}
	return p, putTags(tx, o, p.ID, tags)
}

// DescribePolicy returns a policy with its content. It fails with CodePolicyNotFound.
func DescribePolicy(_ context.Context, tx Tx, o Organization, id string) (Policy, error) {
	return findPolicy(tx, o, id)
}

// PolicyChange is what UpdatePolicy changes; nil leaves a member as it is.
type PolicyChange struct {
	Name, Description, Content *string
}

// UpdatePolicy changes a policy wherever it is attached. It fails with CodePolicyNotFound,
// CodeDuplicatePolicy, CodeMalformedPolicy, CodeInvalidInput (AWS's own) or
// CodeConstraintViolation.
func UpdatePolicy(_ context.Context, tx Tx, o Organization, id string, c PolicyChange) (Policy, error) {
	p, err := ownPolicy(tx, o, id)
	if err != nil {
		return Policy{}, err
	}
	t, err := findType(p.Type)
	if err != nil {
		return Policy{}, err
	}
	if c.Content != nil {
		if err := checkContent(t, *c.Content, tx.Now()); err != nil {
			return Policy{}, err
		}
		p.Content = *c.Content
		if err := recheck(tx, o, p.Type, p.ID); err != nil {
			return Policy{}, err
		}
	}
	if c.Name != nil && *c.Name != p.Name {
		if err := freePolicyName(tx, o, p.Type, *c.Name); err != nil {
			return Policy{}, err
		}
		p.Name = *c.Name
	}
	if c.Description != nil {
		p.Description = *c.Description
	}
	p.UpdatedAt = tx.Now()
	tx.Touch(o.scope())
	return p, tx.UpdateOrgPolicy(o.ID, p)
}

// DeletePolicy removes a policy that is attached nowhere. It fails with CodePolicyNotFound,
// CodePolicyInUse or CodeInvalidInput (AWS's own).
func DeletePolicy(_ context.Context, tx Tx, o Organization, id string) error {
	p, err := ownPolicy(tx, o, id)
	if err != nil {
		return err
	}
	targets, err := tx.OrgTargets(o.ID, id, "", 1)
	if err != nil {
		return err
	}
	if len(targets) > 0 {
		return errorf(CodePolicyInUse, "", "You specified a policy that is attached to one or more targets.")
	}
	if err := tx.DeleteOrgTags(o.ID, id); err != nil {
		return err
	}
	if err := tx.DeleteOrgPolicy(o.ID, id); err != nil {
		return err
	}
	return tx.AddOrgCount(o.ID, string(policyCounter(p.Type)), -1)
}

// ListPolicies returns the policies of a type, AWS's own among them, in ascending order of
// id.
func ListPolicies(_ context.Context, tx Tx, o Organization, policyType string, p Page) ([]Policy, string, error) {
	all, err := tx.OrgPolicies(o.ID, policyType, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	for _, a := range awsPolicies {
		if a.Type == policyType && a.ID > p.After {
			all = append(all, a)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	page, next := cut(all, p, func(p Policy) string { return p.ID })
	return page, next, nil
}

// PolicyByID returns one of AWS's policies or of an organization's own. It is for decisions;
// callers get [DescribePolicy].
func PolicyByID(_ context.Context, tx PolicyStore, organizationID, id string) (Policy, bool, error) {
	if p, ok := awsManaged(id); ok {
		return p, true, nil
	}
	return tx.OrgPolicy(organizationID, id)
}
