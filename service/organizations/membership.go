package organizations

import (
	"context"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// How an account departed, in the words of the events; how it joined is in those of its
// JoinedMethod. (The API reference began with others, "Left" and departedMethod, and has one
// of them left: "Created" at CreateAccount.)
const (
	departedLeft    = "LEFT"
	departedRemoved = "REMOVED"
	departedCleaned = "CLEANED"
)

// membershipChange is the body of the events AccountJoinedOrganization and
// AccountDepartedOrganization, which only the management account finds (API reference,
// CreateOrganization, CreateAccount, AcceptHandshake, LeaveOrganization and others).
type membershipChange struct {
	AccountID       string `json:"accountId"`
	OrganizationID  string `json:"organizationId"`
	JoinedMethod    string `json:"joinedMethod,omitempty"`
	JoinedTime      string `json:"joinedTime,omitempty"`
	DepartureMethod string `json:"departureMethod,omitempty"`
	DepartureTime   string `json:"departureTime,omitempty"`
}

func appendJoined(tx *store.Tx, o org.Organization, accountID, method string) error {
	return appendServiceEvent(tx, o, "AccountJoinedOrganization", membershipChange{
		AccountID: accountID, OrganizationID: o.ID, JoinedMethod: method, JoinedTime: tx.Now().Format(eventTime),
	})
}

func appendDeparted(tx *store.Tx, o org.Organization, accountID, method string) error {
	return appendServiceEvent(tx, o, "AccountDepartedOrganization", membershipChange{
		AccountID: accountID, OrganizationID: o.ID, DepartureMethod: method, DepartureTime: tx.Now().Format(eventTime),
	})
}

// linkRole gives an account of an organization AWSServiceRoleForOrganizations, if it is not
// there yet (Organizations user guide, "AWS Organizations and service-linked roles").
func linkRole(ctx context.Context, tx *store.Tx, accountID string) error {
	_, err := iam.EnsureServiceLinkedRole(ctx, tx, accountID, eventSource)
	return err
}
