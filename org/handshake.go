package org

import (
	"context"
	"errors"
	"strings"
	"time"
)

// The kinds of handshake (API reference, Handshake). The reference describes the two of
// "Enabling all features" the wrong way round in places; the user guide's runs show what
// is done: EnableAllFeatures makes one ENABLE_ALL_FEATURES for the management account to
// finish with and one APPROVE_ALL_FEATURES for each invited member.
const (
	ActionInvite             = "INVITE"
	ActionEnableAllFeatures  = "ENABLE_ALL_FEATURES"
	ActionApproveAllFeatures = "APPROVE_ALL_FEATURES"
)

// The states of a handshake. An invitation is OPEN from the start; REQUESTED is the one
// that still waits for the answers of others.
const (
	HandshakeRequested = "REQUESTED"
	HandshakeOpen      = "OPEN"
	HandshakeCanceled  = "CANCELED"
	HandshakeAccepted  = "ACCEPTED"
	HandshakeDeclined  = "DECLINED"
	HandshakeExpired   = "EXPIRED"
)

// The ways to name who an invitation is for.
const (
	PartyAccount = "ACCOUNT"
	PartyEmail   = "EMAIL"
)

// Handshake is a request of an organization that waits for an answer, or had one.
type Handshake struct {
	// ID is "h-" and 32 lower-case letters or digits.
	ID string
	// OrganizationID is the sender; the four members after it describe it and are read only.
	OrganizationID      string
	ManagementAccountID string
	ManagementName      string
	ManagementEmail     string
	FeatureSet          string
	// Action and State are an Action and a Handshake constant.
	Action, State string
	// PartyType and PartyID are how the sender named the recipient; both are empty for
	// ENABLE_ALL_FEATURES, which an organization sends to itself.
	PartyType, PartyID string
	// Recipient is the account that can answer or, while no account has it, the address
	// (in lower case) whose account can.
	Recipient string
	// ParentID is the ENABLE_ALL_FEATURES handshake that an APPROVE_ALL_FEATURES belongs to.
	ParentID string
	// Notes is what the sender wrote to the recipient.
	Notes                  string
	RequestedAt, ExpiresAt time.Time
	// EndsAt is when the handshake got its last state; while it waits, when it will expire.
	EndsAt time.Time
	// Transfer is what a TRANSFER_RESPONSIBILITY is about, else nil; read only.
	Transfer *Transfer
}

// HandshakeQuery selects handshakes; zero values select all.
type HandshakeQuery struct {
	OrganizationID string
	// Recipients are account ids and addresses, States the stored states to look for.
	Recipients, States []string
	Action, ParentID   string
	// EndsAfter and RequestedAfter bound the times, exclusively.
	EndsAfter, RequestedAfter time.Time
	// After and Limit cut a piece of the list, which is in ascending order of id.
	After string
	Limit int
}

// HandshakeStore keeps handshakes as they were last written: that one has expired is a
// matter of time.
type HandshakeStore interface {
	OrgHandshake(id string) (Handshake, bool, error)
	InsertOrgHandshake(h Handshake) error
	// SetOrgHandshakeState writes a state and the time at which it began or, for a state
	// that waits, will end.
	SetOrgHandshakeState(id, state string, endsAt time.Time) error
	DeleteOrgHandshake(id string) error
	// OrgHandshakes returns what the query selects; it names an organization or recipients.
	OrgHandshakes(q HandshakeQuery) ([]Handshake, error)
	// CountOrgHandshakes counts without regard to After and Limit.
	CountOrgHandshakes(q HandshakeQuery) (int, error)
	// EndedOrgHandshakes returns handshakes of the organization, or of all if it is empty,
	// whose end is not after the given time, oldest first, at most limit.
	EndedOrgHandshakes(organizationID string, at time.Time, limit int) ([]Handshake, error)
}

// openStates are the states in which a handshake waits for an answer.
var openStates = []string{HandshakeOpen, HandshakeRequested}

// keepEnded is how long a handshake can still be seen after its end.
const keepEnded = 30 * 24 * time.Hour

// Open reports whether the handshake waits for an answer.
func (h Handshake) Open() bool { return h.State == HandshakeOpen || h.State == HandshakeRequested }

// ARN returns the handshake's ARN. Account and organization in it are the sender's.
func (h Handshake) ARN() string {
	return resourceARN(h.ManagementAccountID, "handshake/"+h.OrganizationID+"/"+strings.ToLower(h.Action)+"/"+h.ID)
}

// at returns the handshake with the state that it has at a time.
func (h Handshake) at(now time.Time) Handshake {
	if h.Open() && !h.ExpiresAt.After(now) {
		h.State = HandshakeExpired
	}
	return h
}

// names returns by what handshakes know an account as their recipient.
func (a Account) names() []string { return []string{a.ID, strings.ToLower(a.Email)} }

func (h Handshake) isFor(a Account) bool {
	for _, name := range a.names() {
		if h.Recipient == name {
			return true
		}
	}
	return false
}

func errHandshakeNotFound() *Error {
	return errorf(CodeHandshakeNotFound, "", "We can't find a handshake with the HandshakeId that you specified.")
}

// party is the part that an account has in a handshake.
type party struct {
	handshake Handshake
	account   Account
	// sender is true for the management account of the sender, recipient for who can answer;
	// an organization sends ENABLE_ALL_FEATURES to itself.
	sender, recipient bool
}

// partyOf returns the handshake with the calling account's part in it. Who has none does
// not learn that it exists. It fails with CodeHandshakeNotFound.
func partyOf(tx Tx, callerAccountID, id string) (party, error) {
	h, found, err := tx.OrgHandshake(id)
	if err != nil {
		return party{}, err
	}
	if !found || !h.EndsAt.Add(keepEnded).After(tx.Now()) {
		return party{}, errHandshakeNotFound()
	}
	a, found, err := tx.OrgAccount(callerAccountID)
	if err != nil {
		return party{}, err
	}
	if h, err = withTransfer(tx, h.at(tx.Now())); err != nil {
		return party{}, err
	}
	p := party{handshake: h, account: a, sender: h.ManagementAccountID == callerAccountID, recipient: found && h.isFor(a)}
	if !p.sender && !p.recipient {
		return party{}, errHandshakeNotFound()
	}
	return p, nil
}

// DescribeHandshake returns a handshake that the calling account has sent or received. It
// fails with CodeHandshakeNotFound.
func DescribeHandshake(_ context.Context, tx Tx, callerAccountID, id string) (Handshake, error) {
	p, err := partyOf(tx, callerAccountID, id)
	return p.handshake, err
}

// HandshakeOf returns a handshake that an account has sent or received, for decisions.
func HandshakeOf(ctx context.Context, tx Tx, accountID, id string) (Handshake, bool, error) {
	h, err := DescribeHandshake(ctx, tx, accountID, id)
	if rule := (*Error)(nil); errors.As(err, &rule) {
		return Handshake{}, false, nil
	}
	return h, err == nil, err
}

// SentHandshake returns a handshake that the organization of an account has sent, if the
// account administers a service for the organization: such accounts may read what is the
// organization's (user guide, "Delegated administrator for AWS services that work with
// Organizations").
func SentHandshake(ctx context.Context, tx Tx, accountID, id string) (Handshake, bool, error) {
	a, found, err := tx.OrgAccount(accountID)
	if err != nil || !found || a.OrganizationID == "" {
		return Handshake{}, false, err
	}
	delegate, err := isDelegate(tx, a.OrganizationID, accountID)
	if err != nil || !delegate {
		return Handshake{}, false, err
	}
	o, found, err := tx.Organization(a.OrganizationID)
	if err != nil || !found {
		return Handshake{}, false, err
	}
	h, found, err := HandshakeOf(ctx, tx, o.ManagementAccountID, id)
	return h, found && h.OrganizationID == o.ID, err
}

// ListHandshakesForAccount returns the handshakes that the calling account has received, in
// ascending order of id. Action and ParentID of the filter count.
func ListHandshakesForAccount(_ context.Context, tx Tx, callerAccountID string, filter HandshakeQuery, p Page) ([]Handshake, string, error) {
	a, found, err := tx.OrgAccount(callerAccountID)
	if err != nil || !found {
		return nil, "", orElse(err, errAccessDenied())
	}
	return listHandshakes(tx, HandshakeQuery{Recipients: a.names(), Action: filter.Action, ParentID: filter.ParentID}, p)
}

// ListHandshakesForOrganization returns the handshakes that the organization has sent, in
// ascending order of id. Action and ParentID of the filter count.
func ListHandshakesForOrganization(_ context.Context, tx Tx, o Organization, filter HandshakeQuery, p Page) ([]Handshake, string, error) {
	return listHandshakes(tx, HandshakeQuery{OrganizationID: o.ID, Action: filter.Action, ParentID: filter.ParentID}, p)
}

func listHandshakes(tx Tx, q HandshakeQuery, p Page) ([]Handshake, string, error) {
	q.EndsAfter, q.After, q.Limit = tx.Now().Add(-keepEnded), p.After, p.Limit+1
	all, err := tx.OrgHandshakes(q)
	if err != nil {
		return nil, "", err
	}
	for i := range all {
		if all[i], err = withTransfer(tx, all[i].at(tx.Now())); err != nil {
			return nil, "", err
		}
	}
	page, next := cut(all, p, func(h Handshake) string { return h.ID })
	return page, next, nil
}

// sweepHandshakes deletes some handshakes of the organization that nobody can see any more.
func sweepHandshakes(tx Tx, o Organization) error {
	const some = 100
	ended, err := tx.EndedOrgHandshakes(o.ID, tx.Now().Add(-keepEnded), some)
	if err != nil {
		return err
	}
	return deleteHandshakes(tx, ended)
}

// SweepHandshakes deletes handshakes of all organizations that nobody can see any more, at
// most limit, and returns how many. It is for work in the background: whoever calls it again
// until there are fewer than the limit has deleted all.
func SweepHandshakes(_ context.Context, tx Tx, limit int) (int, error) {
	ended, err := tx.EndedOrgHandshakes("", tx.Now().Add(-keepEnded), limit)
	if err != nil {
		return 0, err
	}
	return len(ended), deleteHandshakes(tx, ended)
}

func deleteHandshakes(tx Tx, ended []Handshake) error {
	for _, h := range ended {
		if err := tx.DeleteOrgTags(h.OrganizationID, h.ID); err != nil {
			return err
		}
		if err := deleteInvitation(tx, h); err != nil {
			return err
		}
		if err := tx.DeleteOrgHandshake(h.ID); err != nil {
			return err
		}
	}
	return nil
}

// deleteInvitation deletes the transfer of an invitation that came to nothing.
func deleteInvitation(tx Tx, h Handshake) error {
	h, err := withTransfer(tx, h)
	if err != nil || h.Transfer == nil || h.Transfer.accepted() {
		return err
	}
	return tx.DeleteOrgTransfer(h.Transfer.ID)
}
