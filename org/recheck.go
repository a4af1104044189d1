package org

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/policy/management"
)

// Recheck is a place below which effective policies of a type may have become valid or
// invalid.
type Recheck struct {
	OrganizationID, PolicyType string
	// Place is the id of the root, an OU, an account, or a policy: then all that it is attached
	// to is meant.
	Place string
	// RequestedAt is when the change was made.
	RequestedAt time.Time
	// Next is how far one has come: empty, or the id after which to go on.
	Next string
}

// RecheckStore keeps where effective policies are still to be validated, and which were
// invalid.
type RecheckStore interface {
	// PutOrgRecheck notes a place; one that is noted already starts anew.
	PutOrgRecheck(r Recheck) error
	// OldestOrgRecheck returns the place, of all organizations, that has waited longest.
	OldestOrgRecheck() (Recheck, bool, error)
	// DeleteOrgRecheck forgets a place.
	DeleteOrgRecheck(r Recheck) error
	// OrgInvalidPolicies returns what was wrong with the effective policies of accounts, by
	// account, of those that were invalid.
	OrgInvalidPolicies(organizationID, policyType string, accountIDs []string) (map[string]string, error)
	// PutOrgInvalidPolicy notes that an effective policy is invalid, and how.
	PutOrgInvalidPolicy(organizationID, accountID, policyType, problems string) error
	DeleteOrgInvalidPolicy(organizationID, accountID, policyType string) error
	// DeleteOrgInvalidPoliciesOf forgets what was invalid of an account that leaves.
	DeleteOrgInvalidPoliciesOf(organizationID, accountID string) error
}

// Verdict is an effective policy that has become invalid, or in another way than before, or
// valid again.
type Verdict struct {
	Organization Organization
	AccountID    string
	PolicyType   string
	// Path is the account's place: "o-x/r-x/ou-x/111111111111/".
	Path string
	// RequestedAt is when the change was made, EvaluatedAt when its consequence was found.
	RequestedAt, EvaluatedAt time.Time
	// Problems is empty for a policy that is valid again.
	Problems []management.Problem
}

// recheck notes that the effective policies below a place may have changed, if the type has
// any.
func recheck(tx Tx, o Organization, policyType, place string) error {
	t, err := findType(policyType)
	if err != nil || t.management == nil {
		return err
	}
	return tx.PutOrgRecheck(Recheck{OrganizationID: o.ID, PolicyType: policyType, Place: place, RequestedAt: tx.Now()})
}

// recheckAll is recheck for all types that are enabled: the account is new here.
func recheckAll(tx Tx, o Organization, accountID string) error {
	enabled, err := tx.OrgPolicyTypes(o.ID)
	if err != nil {
		return err
	}
	for _, policyType := range enabled {
		if err := recheck(tx, o, policyType, accountID); err != nil {
			return err
		}
	}
	return nil
}

// RecheckEffectivePolicies validates the effective policies of about limit accounts for which
// changes were made, the oldest changes first, and returns those that became invalid or valid
// again. It returns also how many accounts and places it has looked at; none when nothing
// waits. It is for work in the background: AWS tells of invalid policies some time after the
// change, too (Organizations user guide, "Invalid effective policy alerts").
func RecheckEffectivePolicies(_ context.Context, tx Tx, limit int) (changed []Verdict, looked int, err error) {
	c := &checker{tx: tx, limit: limit, types: make(map[string]*inheritance)}
	for looked < limit {
		r, found, err := tx.OldestOrgRecheck()
		if err != nil || !found {
			return c.changed, looked, err
		}
		c.limit = limit - looked
		n, err := c.step(r)
		if err != nil {
			return nil, 0, err
		}
		looked += n + 1
	}
	return c.changed, looked, nil
}

// checker validates again what one transaction has room for.
type checker struct {
	tx    Tx
	limit int
	// types has the policies of each organization and type, read once; nil for a type that is
	// not enabled: nothing is wrong then.
	types   map[string]*inheritance
	changed []Verdict
}

// step does a part of what a place asks for, and returns how many accounts it has looked at.
func (c *checker) step(r Recheck) (int, error) {
	o, found, err := c.tx.Organization(r.OrganizationID)
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, c.tx.DeleteOrgRecheck(r)
	case validAccountID(r.Place):
		if err := c.tx.DeleteOrgRecheck(r); err != nil {
			return 0, err
		}
		return 1, c.account(o, r, r.Place)
	case strings.HasPrefix(r.Place, "p-"):
		return c.policy(o, r)
	}
	return c.parent(o, r)
}

// onward notes how far one has come, or that a place is done.
func (c *checker) onward(r Recheck, next string, done bool) error {
	if done {
		return c.tx.DeleteOrgRecheck(r)
	}
	r.Next = next
	return c.tx.PutOrgRecheck(r)
}

// policy looks at what a policy is attached to: accounts at once, roots and OUs as places of
// their own.
func (c *checker) policy(o Organization, r Recheck) (int, error) {
	targets, err := c.tx.OrgTargets(o.ID, r.Place, r.Next, c.limit)
	if err != nil {
		return 0, err
	}
	var accounts []string
	for _, t := range targets {
		if r.Next = t.ID; t.Kind == KindAccount {
			accounts = append(accounts, t.ID)
			continue
		}
		place := Recheck{OrganizationID: o.ID, PolicyType: r.PolicyType, Place: t.ID, RequestedAt: r.RequestedAt}
		if err := c.tx.PutOrgRecheck(place); err != nil {
			return 0, err
		}
	}
	if err := c.onward(r, r.Next, len(targets) < c.limit); err != nil {
		return 0, err
	}
	for _, id := range accounts {
		if err := c.account(o, r, id); err != nil {
			return 0, err
		}
	}
	return len(targets), nil
}

// unitsDone is the Next of a root or OU whose OUs are noted: its accounts come then, whose ids
// are all greater. The ids of OUs begin with a letter.
const unitsDone = "0"

// parent looks at the accounts directly under a root or OU; the OUs under it become places of
// their own.
func (c *checker) parent(o Organization, r Recheck) (int, error) {
	if r.Next == "" || !isDigit(r.Next[0]) {
		units, err := c.tx.OrgUnits(o.ID, r.Place, r.Next, c.limit)
		if err != nil {
			return 0, err
		}
		next := unitsDone
		for _, u := range units {
			place := Recheck{OrganizationID: o.ID, PolicyType: r.PolicyType, Place: u.ID, RequestedAt: r.RequestedAt}
			if err := c.tx.PutOrgRecheck(place); err != nil {
				return 0, err
			}
		}
		if len(units) == c.limit {
			next = units[len(units)-1].ID
		}
		return len(units), c.onward(r, next, false)
	}
	accounts, err := c.tx.OrgAccountsIn(o.ID, r.Place, r.Next, c.limit)
	if err != nil {
		return 0, err
	}
	done := len(accounts) < c.limit
	if !done {
		r.Next = accounts[len(accounts)-1].ID
	}
	if err := c.onward(r, r.Next, done); err != nil {
		return 0, err
	}
	return len(accounts), c.accounts(o, r, accounts)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// account looks at one account, if it is still in the organization.
func (c *checker) account(o Organization, r Recheck, id string) error {
	a, found, err := c.tx.OrgAccount(id)
	if err != nil || !found || a.OrganizationID != o.ID {
		return err
	}
	return c.accounts(o, r, []Account{a})
}

// accounts validates the effective policies of accounts.
func (c *checker) accounts(o Organization, r Recheck, accounts []Account) error {
	if len(accounts) == 0 {
		return nil
	}
	in, err := c.policies(o, r.PolicyType)
	if err != nil {
		return err
	}
	ids := accountIDs(accounts)
	before, err := c.tx.OrgInvalidPolicies(o.ID, r.PolicyType, ids)
	if err != nil {
		return err
	}
	own := make(map[string][]Attachment)
	if in != nil {
		if own, err = in.attachedTo(ids); err != nil {
			return err
		}
	}
	for _, a := range accounts {
		var problems []management.Problem
		if in != nil {
			if problems, err = in.problems(a.ParentID, own[a.ID]); err != nil {
				return err
			}
		}
		now := gist(problems)
		if now == before[a.ID] {
			continue
		}
		if err := c.judge(o, r, a, problems, now); err != nil {
			return err
		}
	}
	return nil
}

// policies returns the policies of a type, or nil if it is not enabled.
func (c *checker) policies(o Organization, policyType string) (*inheritance, error) {
	key := o.ID + " " + policyType
	if in, known := c.types[key]; known {
		return in, nil
	}
	enabled, err := typeEnabled(c.tx, o.ID, policyType)
	if err != nil {
		return nil, err
	}
	if !enabled {
		c.types[key] = nil
		return nil, nil
	}
	in, err := inheriting(c.tx, o, policyType)
	if err != nil {
		return nil, err
	}
	c.types[key] = in
	return in, nil
}

// judge keeps and tells what has changed about an account.
func (c *checker) judge(o Organization, r Recheck, a Account, problems []management.Problem, now string) error {
	units, err := pathOf(c.tx, o, a.ParentID)
	if err != nil {
		return err
	}
	path := append([]string{o.ID, o.RootID}, units...)
	c.changed = append(c.changed, Verdict{
		Organization: o, AccountID: a.ID, PolicyType: r.PolicyType, Path: strings.Join(path, "/") + "/" + a.ID + "/",
		RequestedAt: r.RequestedAt, EvaluatedAt: c.tx.Now(), Problems: problems,
	})
	if now == "" {
		return c.tx.DeleteOrgInvalidPolicy(o.ID, a.ID, r.PolicyType)
	}
	return c.tx.PutOrgInvalidPolicy(o.ID, a.ID, r.PolicyType, now)
}

// gist tells problems apart in few bytes; it is empty if there are none. The policies that
// they come from count too: AWS tells which those are.
func gist(problems []management.Problem) string {
	if len(problems) == 0 {
		return ""
	}
	lines := make([]string, 0, len(problems))
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%q %q %q %q", p.Code, p.Path, p.Message, p.Policies))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return base64.RawStdEncoding.EncodeToString(sum[:12])
}
