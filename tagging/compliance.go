package tagging

import (
	"context"
	"slices"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy/management"
)

// Rules are what an effective tag policy says.
type Rules = management.TagRules

// Check compares a resource with the effective tag policy of its account.
func Check(rules *Rules, r *Resource) management.Compliance {
	return rules.Check(TypeOf(r.ARN), r.Map())
}

// EachNoncompliant calls fn for every resource in the organization that does not comply with
// the effective tag policy of its account, as far as [Walk] lists it: account by account in
// ascending order of id.
func EachNoncompliant(ctx context.Context, tx Tx, o org.Organization, fn func(Resource)) error {
	return org.TagRulesIn(ctx, tx, o, func(accounts []org.Account, rules map[string]*management.TagRules) error {
		var governed []string
		for _, a := range accounts {
			if rules[a.ID] != nil {
				governed = append(governed, a.ID)
			}
		}
		own, err := tx.IAMTagged(governed)
		if err != nil {
			return err
		}
		owners, err := tx.ResourceOwners(governed)
		if err != nil {
			return err
		}
		for _, id := range governed {
			judge := func(r Resource) bool {
				if c := Check(rules[id], &r); !c.Compliant() {
					fn(r)
				}
				return true
			}
			from, _ := slices.BinarySearchFunc(own, id, func(r iam.TaggedResource, id string) int {
				if r.AccountID < id {
					return -1
				}
				return 1
			})
			for _, r := range own[from:] {
				if r.AccountID != id {
					break
				}
				judge(Resource{ARN: r.ARN, AccountID: id, Tags: tagsOf(r.Tags)})
			}
			// The account's IAM resources are read already, with those of others. Most accounts have
			// no others: only the management account has an organization's.
			if id != o.ManagementAccountID && !slices.Contains(owners, id) {
				continue
			}
			if err := walkAll(ctx, tx, id, sources[1].first(), judge); err != nil {
				return err
			}
		}
		return nil
	})
}

// first is the cursor before all that the source lists.
func (s source) first() string { return string(s.letter) }

// walkAll walks to the end.
func walkAll(ctx context.Context, tx Tx, accountID, cursor string, visit func(Resource) bool) error {
	for more := true; more; more = cursor != "" {
		var err error
		if cursor, err = Walk(ctx, tx, accountID, cursor, visit); err != nil {
			return err
		}
	}
	return nil
}
