package iam

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

// NewPolicy is what a customer managed policy is made from.
type NewPolicy struct {
	// Name must have IAM's form; Path may be empty.
	Name, Path  string
	Document    string
	Description string
	Tags        []Tag
}

// CreatePolicy makes a customer managed policy; the document is its version v1.
func CreatePolicy(ctx context.Context, tx Tx, accountID string, in NewPolicy) (Policy, error) {
	if err := checkManaged(tx, in.Document); err != nil {
		return Policy{}, err
	}
	// The model has no pattern for it, but it has to stand in an XML document.
	if strings.ContainsFunc(in.Description, unicode.IsControl) || !utf8.ValidString(in.Description) {
		return Policy{}, fail(InvalidInput, "The specified value for description is invalid. It has characters that are not allowed.")
	}
	taken, err := tx.IAMPolicyNamed(accountID, in.Name)
	if err != nil {
		return Policy{}, err
	}
	if taken {
		return Policy{}, policyExists(in.Name)
	}
	have, err := tx.IAMCountPolicies(accountID)
	if err != nil {
		return Policy{}, err
	}
	if err := within(tx, PoliciesPerAccount, have+1); err != nil {
		return Policy{}, err
	}
	now := seconds(tx.Now())
	p := Policy{
		AccountID: accountID, Name: in.Name, Path: orRootPath(in.Path), Description: in.Description,
		DefaultVersion: 1, NextVersion: 2, CreatedAt: now, UpdatedAt: now,
	}
	p.ID = credential.NewUniqueID(credential.ManagedPolicyIDPrefix, tx.Rand())
	if err := tx.IAMInsertPolicy(p); err != nil {
		if errors.Is(err, ErrDuplicate) {
			return Policy{}, policyExists(in.Name)
		}
		return Policy{}, err
	}
	if err := tx.IAMInsertVersion(p.ID, Version{Number: 1, Document: in.Document, CreatedAt: now}); err != nil {
		return Policy{}, err
	}
	// A boundary may name a policy that was deleted and is made again.
	touch(tx, accountID)
	return p, putTags(ctx, tx, Tagged{accountID, p.ID, TypePolicy}, in.Tags)
}

func policyExists(name string) error {
	return fail(EntityAlreadyExists, "A policy called %s already exists. Duplicate names are not allowed.", name)
}

// checkManaged refuses what cannot be a managed policy. Unlike inline policies these must
// say the language's newer version; see CreatePolicy.
func checkManaged(tx Tx, document string) error {
	if err := checkDocument(policy.Identity, document); err != nil {
		return err
	}
	d, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		return malformed(err)
	}
	if d.Version != policy.Version2012 {
		return fail(MalformedPolicyDocument, "Policy document must be version 2012-10-17 or greater.")
	}
	return within(tx, PolicySize, size(document))
}

// GetPolicy returns a managed policy of AWS or of the account, with its usage.
func GetPolicy(_ context.Context, tx Tx, accountID, policyARN string) (Policy, error) {
	return policyByARN(tx, accountID, policyARN)
}

// DeletePolicy deletes a customer managed policy that nobody carries and that has no
// version but the default one.
func DeletePolicy(_ context.Context, tx Tx, accountID, policyARN string) error {
	p, err := ownPolicy(tx, accountID, policyARN)
	if err != nil {
		return err
	}
	if p.Usage.Attachments > 0 || p.Usage.Boundaries > 0 {
		return fail(DeleteConflict, "Cannot delete a policy attached to entities.")
	}
	versions, err := tx.IAMVersions(p.ID)
	if err != nil {
		return err
	}
	if len(versions) > 1 {
		return fail(DeleteConflict, "This policy has more than one version. Before you delete a policy, "+
			"you must delete the policy's versions. The default version is deleted with the policy.")
	}
	if err := tx.IAMDeleteTags(p.ID); err != nil {
		return err
	}
	if err := tx.IAMDeleteVersions(p.ID); err != nil {
		return err
	}
	touch(tx, accountID)
	return tx.IAMDeletePolicy(p.ID)
}

// Scope says whose managed policies a list shows.
type Scope string

// The values of the parameter Scope of ListPolicies.
const (
	ScopeAll   Scope = "All"
	ScopeAWS   Scope = "AWS"
	ScopeLocal Scope = "Local"
)

// ListPolicies returns a page of managed policies in bytewise order of name, AWS's and the
// account's own mixed.
func ListPolicies(_ context.Context, tx Tx, accountID string, scope Scope, f PolicyFilter, p Page) ([]Policy, string, error) {
	key := func(p Policy) string { return p.Name + "\x00" + p.ARN() }
	return page(p, func(r Range) ([]Policy, error) {
		var list []Policy
		if scope != ScopeLocal {
			aws, err := awsPolicies(tx, accountID, f)
			if err != nil {
				return nil, err
			}
			list = append(list, aws...)
		}
		list = slices.DeleteFunc(list, func(p Policy) bool { return key(p) <= r.After })
		if scope != ScopeAWS {
			own, err := tx.IAMPolicies(accountID, f, ownRange(r))
			if err != nil {
				return nil, err
			}
			list = append(list, own...)
		}
		slices.SortFunc(list, func(a, b Policy) int { return cmp.Compare(key(a), key(b)) })
		return list[:min(len(list), r.Limit)], nil
	}, key)
}

// ownRange is the range of the account's own policies on a page. The key of the page is name
// and ARN; an own policy comes before AWS's of the same name, so the name alone is enough.
func ownRange(r Range) Range {
	name, _, _ := strings.Cut(r.After, "\x00")
	return Range{After: name, Limit: r.Limit}
}

// ListEntitiesForPolicy returns a page of the groups, roles and users, in this order, that
// carry the policy as the filter says.
func ListEntitiesForPolicy(_ context.Context, tx Tx, accountID, policyARN string, f EntityFilter, p Page) ([]Identity, string, error) {
	if _, err := policyByARN(tx, accountID, policyARN); err != nil {
		return nil, "", err
	}
	return page(p, func(r Range) ([]Identity, error) {
		kind, name, _ := strings.Cut(r.After, "/")
		return tx.IAMPolicyEntities(accountID, policyARN, f, EntityCursor{Kind: Kind(kind), Name: name}, r.Limit)
	}, func(i Identity) string { return string(i.Kind) + "/" + i.Name })
}

// checkPolicyARN refuses what is not the ARN of a managed policy.
func checkPolicyARN(policyARN string) error {
	a, err := arn.Parse(policyARN)
	if err == nil && a.Partition == "aws" && a.Service == "iam" && a.ResourceType() == "policy" {
		return nil
	}
	return fail(InvalidInput, "ARN %s is not valid.", policyARN)
}

// policyByARN returns a managed policy of AWS or of the account, or NoSuchEntity. Policies
// of other accounts are not there.
func policyByARN(tx Tx, accountID, policyARN string) (Policy, error) {
	if err := checkPolicyARN(policyARN); err != nil {
		return Policy{}, err
	}
	p, ok, err := findPolicy(tx, accountID, policyARN)
	if err == nil && !ok {
		err = noSuchPolicy(policyARN)
	}
	return p, err
}

func findPolicy(tx Tx, accountID, policyARN string) (Policy, bool, error) {
	if isAWSPolicy(policyARN) {
		return awsPolicy(tx, accountID, policyARN)
	}
	p, ok, err := tx.IAMPolicy(policyARN)
	return p, ok && p.AccountID == accountID, err
}

// ownPolicy returns a customer managed policy; AWS managed ones cannot be changed.
func ownPolicy(tx Tx, accountID, policyARN string) (Policy, error) {
	p, err := policyByARN(tx, accountID, policyARN)
	if err == nil && p.IsAWS() {
		err = fail(AccessDenied, "Policy is outside your own account.")
	}
	return p, err
}

// attachable returns the policy in the wording of the Attach operations.
func attachable(tx Tx, accountID, policyARN string) (Policy, error) {
	if err := checkPolicyARN(policyARN); err != nil {
		return Policy{}, err
	}
	p, ok, err := findPolicy(tx, accountID, policyARN)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "Policy %s does not exist or is not attachable.", policyARN)
	}
	if err == nil && !p.Attachable() {
		err = fail(PolicyNotAttachable, "Cannot attach a Service Role Policy to a Customer Role.")
	}
	return p, err
}
