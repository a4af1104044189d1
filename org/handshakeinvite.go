package org

import (
	"context"
	"strings"
	"time"
)

// inviteLife is how long an invitation waits for its answer.
const inviteLife = 15 * 24 * time.Hour

// EmailStore keeps which accounts have yet to prove that their e-mail address is theirs.
type EmailStore interface {
	OrgEmailUnverified(accountID string) (bool, error)
	// SetOrgEmailUnverified notes or forgets that the address is unverified.
	SetOrgEmailUnverified(accountID string, unverified bool) error
}

// VerifyEmail notes that the owner of an account has proved to own its e-mail address,
// which a management account has to before it can invite. There is no API operation for
// it: AWS sends a link by mail. It fails with CodeAccountNotFound.
func VerifyEmail(_ context.Context, tx Tx, accountID string) error {
	return setUnverified(tx, accountID, false)
}

// UnverifyEmail notes that the proof is yet to come, as for a new customer of AWS. Accounts
// begin as verified. It fails with CodeAccountNotFound.
func UnverifyEmail(_ context.Context, tx Tx, accountID string) error {
	return setUnverified(tx, accountID, true)
}

func setUnverified(tx Tx, accountID string, unverified bool) error {
	_, found, err := tx.OrgAccount(accountID)
	if err != nil {
		return err
	}
	if !found {
		return errAccountNotFound()
	}
	return tx.SetOrgEmailUnverified(accountID, unverified)
}

// Invitation is what InviteAccountToOrganization is given.
type Invitation struct {
	// PartyType and PartyID name the account: PartyAccount and an account id, or PartyEmail
	// and the address of its root user.
	PartyType, PartyID string
	Notes              string
	// Tags are given to the account when it joins.
	Tags []Tag
}

// InviteAccountToOrganization invites an account, of no or of another organization. It
// fails with CodeAccountOwnerNotVerified, CodeDuplicateHandshake, CodeInvalidInput,
// CodeConstraintViolation (tags) or CodeHandshakeConstraintViolation.
func InviteAccountToOrganization(ctx context.Context, tx Tx, o Organization, s Settings, in Invitation) (Handshake, error) {
	unverified, err := tx.OrgEmailUnverified(o.ManagementAccountID)
	if err != nil {
		return Handshake{}, err
	}
	if unverified {
		return Handshake{}, errorf(CodeAccountOwnerNotVerified, "",
			"You can't invite an existing account to your organization until you verify that you own the email address associated with the management account.")
	}
	if err := checkNewTags(ctx, tx, o, TypeAccount, in.Tags); err != nil {
		return Handshake{}, err
	}
	recipients, err := invitee(tx, o, in)
	if err != nil {
		return Handshake{}, err
	}
	if err := checkInvite(tx, o, s, recipients); err != nil {
		return Handshake{}, err
	}
	if err := sweepHandshakes(tx, o); err != nil {
		return Handshake{}, err
	}
	h, err := send(tx, o, Handshake{
		Action: ActionInvite, State: HandshakeOpen, PartyType: in.PartyType, PartyID: in.PartyID,
		Recipient: recipients[0], Notes: in.Notes,
	}, inviteLife)
	if err != nil {
		return Handshake{}, err
	}
	// The tags wait under the handshake's id.
	return h, putTags(tx, o, h.ID, in.Tags)
}

// invitee returns the names by which an invitation may be for the account, the best first.
// An address that no account has can be invited too: who signs up with it finds the
// invitation.
func invitee(tx Tx, o Organization, in Invitation) ([]string, error) {
	var (
		a     Account
		found bool
		err   error
	)
	switch {
	case in.PartyType == PartyAccount && !validAccountID(in.PartyID):
		return nil, errInput(ReasonInvalidPattern, "You provided a value that does not match the required pattern.")
	case in.PartyType == PartyAccount:
		if a, found, err = tx.OrgAccount(in.PartyID); err == nil && !found {
			err = errInput(ReasonTargetNotSupported, "You can't perform the specified operation on that target entity: there is no such account.")
		}
	case in.PartyType == PartyEmail && !validEmail(in.PartyID):
		return nil, errInput(ReasonInvalidEmailTarget, "You specified an invalid email address for the invited account owner.")
	case in.PartyType == PartyEmail:
		a, found, err = tx.OrgAccountByEmail(in.PartyID)
	default:
		return nil, errInput(ReasonInvalidPartyType, "You specified the wrong type of entity (account, organization, or email) as a party.")
	}
	switch {
	case err != nil:
		return nil, err
	case !found:
		return []string{strings.ToLower(in.PartyID)}, nil
	case a.OrganizationID == o.ID:
		return nil, errHandshakeConstraint(ReasonAlreadyInOrganization, "The invited account is already a member of an organization.")
	case a.State == StateClosed || a.State == StatePendingClosure || a.State == StateDeleted:
		return nil, errInput(ReasonTargetNotSupported, "You can't perform the specified operation on that target entity: the account is closed.")
	}
	return a.names(), nil
}

// checkInvite checks what is against one more invitation.
func checkInvite(tx Tx, o Organization, s Settings, recipients []string) error {
	now := tx.Now()
	pending := HandshakeQuery{OrganizationID: o.ID, Action: ActionEnableAllFeatures, States: openStates, EndsAfter: now}
	enabling, err := tx.CountOrgHandshakes(pending)
	if err != nil {
		return err
	}
	if enabling > 0 {
		return errHandshakeConstraint(ReasonInviteDisabled,
			"You can't issue new invitations to join an organization while it's in the process of enabling all features.")
	}
	same, err := tx.CountOrgHandshakes(HandshakeQuery{
		OrganizationID: o.ID, Recipients: recipients, Action: ActionInvite, States: openStates, EndsAfter: now,
	})
	if err != nil {
		return err
	}
	if same > 0 {
		return errorf(CodeDuplicateHandshake, "", "A handshake with the same action and target already exists.")
	}
	const day = 24 * time.Hour
	sent, err := tx.CountOrgHandshakes(HandshakeQuery{
		OrganizationID: o.ID, Action: ActionInvite, RequestedAfter: now.Add(-day),
		States: []string{HandshakeOpen, HandshakeCanceled, HandshakeDeclined},
	})
	if err != nil {
		return err
	}
	accounts, err := s.accountLimit(tx, o)
	if err != nil {
		return err
	}
	perDay, err := limit(tx, o, QuotaInvitesPerDay)
	if err != nil {
		return err
	}
	if sent >= max(perDay, accounts) {
		return errHandshakeConstraint(ReasonHandshakeRate, "You attempted to exceed the number of handshakes that you can send in one day.")
	}
	full, err := isFull(tx, o, s)
	if err == nil && full {
		err = errTooManyAccounts()
	}
	return err
}

// isFull reports whether the organization has no room for one more account. Invitations
// that wait for their answer count.
func isFull(tx Tx, o Organization, s Settings) (bool, error) {
	accounts, err := tx.OrgCount(o.ID, string(countAccounts))
	if err != nil {
		return false, err
	}
	invited, err := tx.CountOrgHandshakes(HandshakeQuery{
		OrganizationID: o.ID, Action: ActionInvite, States: openStates, EndsAfter: tx.Now(),
	})
	if err != nil {
		return false, err
	}
	most, err := s.accountLimit(tx, o)
	return accounts+invited >= most, err
}

// send writes a handshake of the organization that waits for the given time.
func send(tx Tx, o Organization, h Handshake, life time.Duration) (Handshake, error) {
	management, found, err := tx.OrgAccount(o.ManagementAccountID)
	if err != nil || !found {
		return Handshake{}, orElse(err, errAccountNotFound())
	}
	if h.ID, err = newHandshakeID(tx); err != nil {
		return Handshake{}, err
	}
	h.OrganizationID, h.FeatureSet = o.ID, o.FeatureSet
	h.ManagementAccountID, h.ManagementName, h.ManagementEmail = management.ID, management.Name, management.Email
	h.RequestedAt, h.ExpiresAt = tx.Now(), tx.Now().Add(life)
	h.EndsAt = h.ExpiresAt
	return h, tx.InsertOrgHandshake(h)
}

func newHandshakeID(tx Tx) (string, error) {
	return unusedID(prefixed(tx, "h-", base36, handshakeIDLength), func(id string) (bool, error) {
		_, found, err := tx.OrgHandshake(id)
		return found, err
	})
}

func errHandshakeConstraint(reason, message string) *Error {
	return &Error{Code: CodeHandshakeConstraintViolation, Reason: reason, Message: message}
}

func errTooManyAccounts() *Error {
	return errHandshakeConstraint(ReasonAccountNumber, "You have exceeded the allowed number of AWS accounts.")
}
