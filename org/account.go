package org

import (
	"context"
	"time"
)

// The states of an account (Organizations user guide, "Monitor the state of your AWS
// accounts").
const (
	StatePendingActivation = "PENDING_ACTIVATION"
	StateActive            = "ACTIVE"
	StateSuspended         = "SUSPENDED"
	StatePendingClosure    = "PENDING_CLOSURE"
	StateClosed            = "CLOSED"
)

// How an account came into its organization.
const (
	JoinedInvited = "INVITED"
	JoinedCreated = "CREATED"
)

// Whether IAM principals of an account see its bills (CreateAccount,
// IamUserAccessToBilling).
const (
	BillingAllow = "ALLOW"
	BillingDeny  = "DENY"
)

// Account is an AWS account, in an organization or standalone.
type Account struct {
	// ID is twelve digits.
	ID   string
	Name string
	// Email is the root user's address, in the case in which it was given; no two accounts
	// have addresses that differ in case only.
	Email string
	// State is one of the State constants.
	State string
	// BillingAccess is BillingAllow or BillingDeny.
	BillingAccess string
	// CreatedAt is when the account came into being, ClosedAt when it was closed, or nil.
	CreatedAt time.Time
	ClosedAt  *time.Time
	// Created is true for accounts that an organization made; they have to be some days old
	// before they can leave it.
	Created bool
	// OrganizationID, ParentID, JoinedMethod and JoinedAt are empty for a standalone account.
	OrganizationID string
	// ParentID is the root or the OU that the account hangs on.
	ParentID     string
	JoinedMethod string
	JoinedAt     *time.Time
}

// Status returns the member Status of the API's Account, which knows fewer words than
// State.
func (a Account) Status() string {
	switch a.State {
	case StateActive, StatePendingActivation:
		return "ACTIVE"
	case StatePendingClosure:
		return "PENDING_CLOSURE"
	default:
		return "SUSPENDED"
	}
}

// AccountByID returns any account of the server, whatever its organization: for the account
// itself (package account) and for authentication, never for a caller in another account.
func AccountByID(_ context.Context, tx Reader, id string) (Account, bool, error) {
	return tx.OrgAccount(id)
}
