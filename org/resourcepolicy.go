package org

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

// ResourcePolicy is the policy by which an organization lets member accounts read it and
// manage its policies (Organizations user guide, "Delegated administrator for AWS
// Organizations"). An organization has at most one.
type ResourcePolicy struct {
	// ID is "rp-" and eight lower-case letters or digits.
	ID string
	// Content is the document, verbatim.
	Content   string
	CreatedAt time.Time
}

// ResourcePolicyStore keeps the resource policies of organizations.
type ResourcePolicyStore interface {
	OrgResourcePolicy(organizationID string) (ResourcePolicy, bool, error)
	// PutOrgResourcePolicy adds the policy or replaces the one that is there.
	PutOrgResourcePolicy(organizationID string, p ResourcePolicy) error
	DeleteOrgResourcePolicy(organizationID string) error
}

// ResourcePolicyARN returns the ARN of an organization's resource policy.
func ResourcePolicyARN(managementAccountID, organizationID, id string) string {
	return resourceARN(managementAccountID, "resourcepolicy/"+organizationID+"/"+id)
}

// ARN returns the policy's ARN in its organization.
func (p ResourcePolicy) ARN(o Organization) string {
	return ResourcePolicyARN(o.ManagementAccountID, o.ID, p.ID)
}

// delegableActions are the actions besides Describe… and List… that a resource policy can
// allow: the management of policies and their tags.
var delegableActions = map[string]bool{
	"attachpolicy": true, "createpolicy": true, "deletepolicy": true, "detachpolicy": true, "updatepolicy": true,
	"disablepolicytype": true, "enablepolicytype": true, "tagresource": true, "untagresource": true,
}

// Delegable reports whether a resource policy can allow an operation to member accounts,
// and whether that operation only reads: those are open to delegated administrators of any
// service besides.
func Delegable(operation string) (delegable, reads bool) {
	name := strings.ToLower(operation)
	reads = strings.HasPrefix(name, "describe") || strings.HasPrefix(name, "list")
	return reads || delegableActions[name], reads
}

// PutResourcePolicy makes or replaces the organization's resource policy. Tags can be given
// to a new one only. It fails with CodeInvalidInput or CodeConstraintViolation.
func PutResourcePolicy(ctx context.Context, tx Tx, o Organization, content string, tags []Tag) (ResourcePolicy, error) {
	if !o.AllFeatures() {
		return ResourcePolicy{}, errAllFeatures()
	}
	if err := checkNewTags(ctx, tx, o, TypeResourcePolicy, tags); err != nil {
		return ResourcePolicy{}, err
	}
	if err := checkResourcePolicy(content); err != nil {
		return ResourcePolicy{}, err
	}
	p, there, err := tx.OrgResourcePolicy(o.ID)
	if err != nil {
		return ResourcePolicy{}, err
	}
	if there && len(tags) > 0 {
		return ResourcePolicy{}, errInput(ReasonResourcePolicyTags, "You can give tags to a new resource policy only. Use TagResource for one that exists.")
	}
	if !there {
		p.CreatedAt = tx.Now()
		if p.ID, err = prefixed(tx, "rp-", base36, policyIDLength)(); err != nil {
			return ResourcePolicy{}, err
		}
	}
	p.Content = content
	if err := tx.PutOrgResourcePolicy(o.ID, p); err != nil {
		return ResourcePolicy{}, err
	}
	return p, putTags(tx, o, p.ID, tags)
}

// DescribeResourcePolicy returns the organization's resource policy. It fails with
// CodeResourcePolicyNotFound or CodeConstraintViolation.
func DescribeResourcePolicy(_ context.Context, tx Tx, o Organization) (ResourcePolicy, error) {
	if err := o.needAllFeatures(); err != nil {
		return ResourcePolicy{}, err
	}
	p, found, err := tx.OrgResourcePolicy(o.ID)
	if err == nil && !found {
		err = errorf(CodeResourcePolicyNotFound, "", "We can't find a resource policy request with the parameter that you specified.")
	}
	return p, err
}

// DeleteResourcePolicy removes the organization's resource policy with its tags. It fails
// with CodeResourcePolicyNotFound or CodeConstraintViolation.
func DeleteResourcePolicy(ctx context.Context, tx Tx, o Organization) error {
	p, err := DescribeResourcePolicy(ctx, tx, o)
	if err != nil {
		return err
	}
	if err := tx.DeleteOrgTags(o.ID, p.ID); err != nil {
		return err
	}
	return tx.DeleteOrgResourcePolicy(o.ID)
}

// DelegationOf returns what opens an organization to one of its member accounts: whether
// the account administers a service, and the resource policy, if there is one. It is for
// decisions.
func DelegationOf(_ context.Context, tx Tx, organizationID, accountID string) (delegate bool, p ResourcePolicy, found bool, err error) {
	if delegate, err = isDelegate(tx, organizationID, accountID); err != nil {
		return false, ResourcePolicy{}, false, err
	}
	p, found, err = tx.OrgResourcePolicy(organizationID)
	return delegate, p, found, err
}

// checkResourcePolicy checks the document: its grammar, and that it allows no more than can
// be delegated.
func checkResourcePolicy(content string) error {
	document, err := policy.Parse([]byte(content), policy.ParseOptions{})
	if err != nil {
		return errInput(ReasonResourcePolicyJSON, "You provided a resource policy that is not valid. "+err.Error())
	}
	for _, f := range document.Validate(policy.Resource, policy.Limits{}) {
		if f.Severity == policy.SeverityError {
			return errInput(ReasonResourcePolicyJSON, fmt.Sprintf("You provided a resource policy that is not valid. %s at line %d, column %d", f.Message, f.Pos.Line, f.Pos.Column))
		}
	}
	for i := range document.Statements {
		if err := checkDelegation(&document.Statements[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkDelegation(s *policy.Statement) error {
	if s.NotPrincipal != nil {
		return errInput(ReasonInvalidPrincipal, "You specified an invalid principal element in the policy.")
	}
	for _, p := range s.Principal {
		if p.Class != "AWS" && p.Class != "*" {
			return errInput(ReasonInvalidPrincipal, "You specified an invalid principal element in the policy.")
		}
	}
	if s.NotAction != nil || s.NotResource != nil {
		return errInput(ReasonResourcePolicyAction, "You specified NotAction or NotResource, which a resource policy can't have.")
	}
	for _, a := range s.Action {
		if !delegablePattern(a.Text) {
			return errInput(ReasonResourcePolicyAction, "You specified an action that a resource policy can't have: "+a.Text)
		}
	}
	for _, r := range s.Resource {
		if r.Text != "*" && !strings.HasPrefix(r.Text, "arn:"+partition+":organizations:") {
			return errInput(ReasonResourcePolicyResource, "You specified a resource that a resource policy can't have: "+r.Text)
		}
	}
	return nil
}

// delegablePattern reports whether everything that an action element can mean is delegable.
func delegablePattern(action string) bool {
	name, ours := strings.CutPrefix(strings.ToLower(action), "organizations:")
	literal, _, _ := strings.Cut(strings.ReplaceAll(name, "?", "*"), "*")
	_, reads := Delegable(literal)
	return ours && (reads || delegableActions[name])
}
