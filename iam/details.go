package iam

import (
	"context"
	"slices"
	"strings"
)

// DetailKind is a kind of what GetAccountAuthorizationDetails lists; see the type
// EntityType in the IAM API Reference.
type DetailKind string

// The kinds of detail.
const (
	DetailUser        DetailKind = "User"
	DetailGroup       DetailKind = "Group"
	DetailRole        DetailKind = "Role"
	DetailLocalPolicy DetailKind = "LocalManagedPolicy"
	DetailAWSPolicy   DetailKind = "AWSManagedPolicy"
)

// detailKinds is the order in which they are listed.
var detailKinds = []DetailKind{DetailUser, DetailGroup, DetailRole, DetailLocalPolicy, DetailAWSPolicy}

// Detail is one entry of the details of an account: a user, group or role, or a managed
// policy; the other one is nil.
type Detail struct {
	Identity *Identity
	Policy   *Policy
}

// ListDetails returns a page of the account's users, groups, roles and managed policies in
// this order and by name. Of AWS's policies those are listed that the account uses. No kinds
// stand for all.
func ListDetails(_ context.Context, tx Tx, accountID string, kinds []DetailKind, p Page) ([]Detail, string, error) {
	after, err := p.after()
	if err != nil {
		return nil, "", err
	}
	from, name, _ := strings.Cut(after, "\x00")
	var list []Detail
	for _, kind := range detailKinds[max(0, slices.Index(detailKinds, DetailKind(from))):] {
		if len(kinds) > 0 && !slices.Contains(kinds, kind) {
			continue
		}
		r := Range{Limit: p.size() + 1 - len(list)}
		if string(kind) == from {
			r.After = name
		}
		some, err := detailsOf(tx, accountID, kind, r)
		if err != nil {
			return nil, "", err
		}
		if list = append(list, some...); len(list) > p.size() {
			break
		}
	}
	return cut(list, p.size(), detailKey)
}

func detailsOf(tx Tx, accountID string, kind DetailKind, r Range) ([]Detail, error) {
	switch kind {
	case DetailUser:
		return identityDetails(tx.IAMIdentities(accountID, KindUser, "", r))
	case DetailGroup:
		return identityDetails(tx.IAMIdentities(accountID, KindGroup, "", r))
	case DetailRole:
		return identityDetails(tx.IAMIdentities(accountID, KindRole, "", r))
	case DetailLocalPolicy:
		return policyDetails(tx.IAMPolicies(accountID, PolicyFilter{}, r))
	default:
		used, err := usedAWSPolicies(tx, accountID, r)
		return policyDetails(used, err)
	}
}

// usedAWSPolicies returns the AWS managed policies that somebody in the account carries, by
// name.
func usedAWSPolicies(tx Tx, accountID string, r Range) ([]Policy, error) {
	all, err := awsPolicies(tx, accountID, PolicyFilter{})
	all = slices.DeleteFunc(all, func(p Policy) bool {
		return p.Usage == (Usage{}) || p.Name <= r.After
	})
	return all[:min(len(all), r.Limit)], err
}

func identityDetails(list []Identity, err error) ([]Detail, error) {
	out := make([]Detail, len(list))
	for i := range list {
		out[i].Identity = &list[i]
	}
	return out, err
}

func policyDetails(list []Policy, err error) ([]Detail, error) {
	out := make([]Detail, len(list))
	for i := range list {
		out[i].Policy = &list[i]
	}
	return out, err
}

// detailKey is where the list goes on after an entry: the kind and the name.
func detailKey(d Detail) string {
	switch {
	case d.Policy != nil && d.Policy.IsAWS():
		return string(DetailAWSPolicy) + "\x00" + d.Policy.Name
	case d.Policy != nil:
		return string(DetailLocalPolicy) + "\x00" + d.Policy.Name
	}
	return d.Identity.Kind.title() + "\x00" + d.Identity.Name
}

// InlinePolicies returns the inline policies of a user, group or role itself, by name.
func InlinePolicies(_ context.Context, tx Tx, i *Identity) ([]PolicyText, error) {
	all, err := tx.IAMInlineDocuments(i.ID)
	if err != nil {
		return nil, err
	}
	own := string(i.Kind) + "/" + i.Name
	all = slices.DeleteFunc(all, func(p PolicyText) bool { return p.Owner != own })
	slices.SortFunc(all, func(a, b PolicyText) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// PolicyVersions returns all versions of a managed policy with their documents, the newest
// first.
func PolicyVersions(_ context.Context, tx Tx, p *Policy) ([]Version, error) {
	if p.IsAWS() {
		v, _, err := findVersion(tx, p, VersionID(p.DefaultVersion))
		return []Version{v}, err
	}
	list, err := tx.IAMVersions(p.ID)
	if err != nil {
		return nil, err
	}
	for n := range list {
		v, _, err := tx.IAMVersion(p.ID, list[n].Number)
		if err != nil {
			return nil, err
		}
		list[n].Document = v.Document
	}
	return list, nil
}
