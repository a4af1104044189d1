package iam

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// TrackingPeriod is how far back reports of access look; see
// GenerateServiceLastAccessedDetails.
const TrackingPeriod = 400 * 24 * time.Hour

// Use is one attempt of an authenticated principal to use an action of a service, whether it
// was allowed or not.
type Use struct {
	AccountID string
	// PrincipalID is the unique id of the user or role; empty for the root user.
	PrincipalID string
	// Service is the namespace ("sts"), Action the name without it.
	Service, Action string
	At              time.Time
	Region          string
}

// AccessStore keeps the latest uses, and reports of them.
type AccessStore interface {
	// IAMRecordUse keeps the last use of an action by a user or role. It does nothing if a
	// later one is known or the principal is gone.
	IAMRecordUse(Use) error
	// IAMRecordServiceUse keeps the last use of a service by anybody in the account. It does
	// nothing if a later one is known.
	IAMRecordServiceUse(Use) error
	// IAMUses returns the uses of a user or role since a time, in order of service and action.
	IAMUses(accountID, principalID string, since time.Time) ([]Use, error)
	IAMForgetUses(accountID, principalID string) error
	IAMInsertAccessReport(StoredReport) error
	IAMAccessReport(id string) (StoredReport, bool, error)
	// IAMNewestAccessReport returns the newest report that an owner has about a subject.
	IAMNewestAccessReport(accountID, owner, subject string) (StoredReport, bool, error)
}

// Requests to a global service are made to the one region where it lives, whatever region
// their signature names.
const globalRegion = "us-east-1"

var globalServices = []string{"account", "iam", "organizations"}

// RecordUses keeps what principals did. It is meant for batches: of one principal and action
// only the latest use matters, of one account and service too.
func RecordUses(_ context.Context, tx Tx, uses []Use) error {
	type accountService struct{ account, service string }
	newest := map[accountService]Use{}
	// Everybody writes in the same order, so that no two writers wait for each other.
	uses = slices.SortedFunc(slices.Values(uses), compareUses)
	for _, u := range uses {
		u.At = seconds(u.At)
		if slices.Contains(globalServices, u.Service) {
			u.Region = globalRegion
		}
		key := accountService{u.AccountID, u.Service}
		if have, ok := newest[key]; !ok || have.At.Before(u.At) {
			newest[key] = u
		}
		if u.PrincipalID == "" {
			continue
		}
		if err := tx.IAMRecordUse(u); err != nil {
			return err
		}
	}
	for _, u := range uses {
		key := accountService{u.AccountID, u.Service}
		last, ok := newest[key]
		if !ok {
			continue
		}
		delete(newest, key)
		if err := tx.IAMRecordServiceUse(last); err != nil {
			return err
		}
	}
	return nil
}

func compareUses(a, b Use) int {
	return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.PrincipalID, b.PrincipalID),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Action, b.Action))
}
