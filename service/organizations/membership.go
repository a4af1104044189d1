package organizations

import (
	"context"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// How an account departed, in the words of the events.
const (
	departedLeft    = "Left"
	departedRemoved = "Removed"
)

// joinedInvited is how an account joined, in the words of the events.
const joinedInvited = "Invited"

// membershipChange is the body of the events AccountJoinedOrganization and
// AccountDepartedOrganization, which only the management account finds (API reference,
// AcceptHandshake and LeaveOrganization).
type membershipChange struct {
	AccountID      string `json:"accountId"`
	OrganizationID string `json:"organizationId"`
	JoinedMethod   string `json:"joinedMethod,omitempty"`
	JoinedTime     string `json:"joinedTime,omitempty"`
	DepartedMethod string `json:"departedMethod,omitempty"`
	DepartedTime   string `json:"departedTime,omitempty"`
}

func appendJoined(tx *store.Tx, o org.Organization, accountID string) error {
	return appendServiceEvent(tx, o, "AccountJoinedOrganization", membershipChange{
		AccountID: accountID, OrganizationID: o.ID, JoinedMethod: joinedInvited, JoinedTime: tx.Now().Format(eventTime),
	})
}

func appendDeparted(tx *store.Tx, o org.Organization, accountID, method string) error {
	return appendServiceEvent(tx, o, "AccountDepartedOrganization", membershipChange{
		AccountID: accountID, OrganizationID: o.ID, DepartedMethod: method, DepartedTime: tx.Now().Format(eventTime),
	})
}

// linkRole gives an account of an organization AWSServiceRoleForOrganizations, if it is not
// there yet (Organizations user guide, "AWS Organizations and service-linked roles").
func linkRole(ctx context.Context, tx *store.Tx, accountID string) error {
	_, err := iam.EnsureServiceLinkedRole(ctx, tx, accountID, eventSource)
	return err
}
