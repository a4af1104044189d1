package org

import (
	"context"
	"errors"
	"time"
)

// RaisedQuota is a quota that one organization has another value of.
type RaisedQuota struct {
	Quota Quota
	Value int
	// RaisedAt is when it got the value.
	RaisedAt time.Time
}

// QuotaStore keeps the quotas that were raised for organizations.
type QuotaStore interface {
	OrgQuota(organizationID string, q Quota) (RaisedQuota, bool, error)
	// OrgQuotas returns all that were raised, in ascending order of quota.
	OrgQuotas(organizationID string) ([]RaisedQuota, error)
	// PutOrgQuota adds or replaces a raised quota.
	PutOrgQuota(organizationID string, r RaisedQuota) error
	// DeleteOrgQuota reports whether there was one.
	DeleteOrgQuota(organizationID string, q Quota) (bool, error)
}

// adjustable are the quotas that AWS raises on request, for one organization each. The
// number of closures in a period is not among AWS's; test set-ups need it.
var adjustable = []Quota{
	QuotaAccounts, QuotaCloseLeast, QuotaInboundTransfers, QuotaInvitesPerDay, QuotaManagementPolicies,
	QuotaUnits, QuotaRCPs, QuotaSCPs,
}

// The errors of [SetQuota] and [ResetQuota].
var (
	// ErrUnknownQuota says that there is no such quota, or that it cannot be raised.
	ErrUnknownQuota = errors.New("org: no quota of this name can be raised")
	// ErrQuotaValue says that the value is negative or beyond all reason.
	ErrQuotaValue = errors.New("org: the value of a quota is between 0 and 10000000")
)

// mostQuota bounds the values of quotas, so that sums of them stay numbers.
const mostQuota = 10_000_000

// limit returns the organization's value of a quota.
func limit(tx Tx, o Organization, q Quota) (int, error) {
	return limitOr(tx, o, q, Limit(q, tx.Now()))
}

// limitOr returns the value that the quota was raised to, or else the default.
func limitOr(tx Tx, o Organization, q Quota, value int) (int, error) {
	raised, found, err := tx.OrgQuota(o.ID, q)
	if found {
		value = raised.Value
	}
	return value, err
}

// QuotaState is a quota of an organization.
type QuotaState struct {
	Quota Quota
	// Default is the value without a raise, Value the one that counts.
	Default, Value int
	// RaisedAt is nil if the default counts.
	RaisedAt *time.Time
}

// Quotas returns the quotas of an organization that can be raised, in ascending order of
// name.
func Quotas(_ context.Context, tx Tx, o Organization, s Settings) ([]QuotaState, error) {
	raised, err := tx.OrgQuotas(o.ID)
	if err != nil {
		return nil, err
	}
	out := make([]QuotaState, len(adjustable))
	for i, q := range adjustable {
		out[i] = QuotaState{Quota: q, Default: Limit(q, tx.Now())}
		if q == QuotaAccounts && s.AccountLimit > 0 {
			out[i].Default = s.AccountLimit
		}
		out[i].Value = out[i].Default
		for _, r := range raised {
			if r.Quota == q {
				out[i].Value, out[i].RaisedAt = r.Value, &r.RaisedAt
			}
		}
	}
	return out, nil
}

// SetQuota gives an organization a value of its own of a quota, as an approved request to
// raise it does (Service Quotas user guide, "Requesting a quota increase"). What the
// organization has already is not touched by a lower one. It fails with [ErrUnknownQuota]
// or [ErrQuotaValue].
func SetQuota(_ context.Context, tx Tx, o Organization, q Quota, value int) error {
	switch {
	case !isAdjustable(q):
		return ErrUnknownQuota
	case value < 0 || value > mostQuota:
		return ErrQuotaValue
	}
	return tx.PutOrgQuota(o.ID, RaisedQuota{Quota: q, Value: value, RaisedAt: tx.Now()})
}

// ResetQuota gives an organization the default of a quota again. It fails with
// [ErrUnknownQuota].
func ResetQuota(_ context.Context, tx Tx, o Organization, q Quota) error {
	if !isAdjustable(q) {
		return ErrUnknownQuota
	}
	_, err := tx.DeleteOrgQuota(o.ID, q)
	return err
}

func isAdjustable(q Quota) bool {
	for _, a := range adjustable {
		if a == q {
			return true
		}
	}
	return false
}

// OrganizationNamed returns the organization of that id, or the one that an account of that
// id manages: for an operator, who may see all of them.
func OrganizationNamed(_ context.Context, tx Tx, id string) (Organization, bool, error) {
	if !validAccountID(id) {
		return tx.Organization(id)
	}
	a, found, err := tx.OrgAccount(id)
	if err != nil || !found || a.OrganizationID == "" {
		return Organization{}, false, err
	}
	o, found, err := tx.Organization(a.OrganizationID)
	return o, found && o.ManagementAccountID == id, err
}
