package org

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// The errors of accounts outside of every organization, which an operator makes, and of
// [ChangeEmail]. No operation of Organizations returns them.
var (
	// ErrAccountExists says that the account id is taken.
	ErrAccountExists = errors.New("org: an account with this id exists")
	// ErrEmailExists says that another account has the e-mail address.
	ErrEmailExists = errors.New("org: an account with this e-mail address exists")
	// ErrInvalidAccount says that id, name or address have a wrong form.
	ErrInvalidAccount = errors.New("org: invalid account")
	// ErrAccountClosed says that the account is suspended or its closure has begun.
	ErrAccountClosed = errors.New("org: the account is not active")
)

// CreateStandaloneAccount makes an account without an organization, as a new customer of
// AWS has one. An empty id means a random one. It fails with [ErrAccountExists],
// [ErrEmailExists] or [ErrInvalidAccount].
func CreateStandaloneAccount(_ context.Context, tx Tx, id, name, email string) (Account, error) {
	switch {
	case id != "" && !validAccountID(id):
		return Account{}, fmt.Errorf("%w: the id %q is not twelve digits", ErrInvalidAccount, id)
	case !validAccountName(name):
		return Account{}, fmt.Errorf("%w: the name is empty or longer than 50 characters", ErrInvalidAccount)
	case !validEmail(email):
		return Account{}, fmt.Errorf("%w: %q is not an e-mail address that AWS takes", ErrInvalidAccount, email)
	}
	if _, taken, err := tx.OrgAccountByEmail(email); err != nil || taken {
		return Account{}, orElse(err, ErrEmailExists)
	}
	var err error
	if id == "" {
		if id, err = newAccountID(tx); err != nil {
			return Account{}, err
		}
	} else if _, taken, err := tx.OrgAccount(id); err != nil || taken {
		return Account{}, orElse(err, ErrAccountExists)
	}
	a := Account{
		ID: id, Name: name, Email: email, State: StateActive, BillingAccess: BillingAllow, CreatedAt: tx.Now(),
	}
	if err := tx.InsertOrgAccount(a); err != nil {
		return Account{}, err
	}
	tx.Touch(accountScope(id))
	return a, nil
}

// RenameAccount gives an account, in an organization or not, another name (Account
// Management API, PutAccountName). It fails with CodeAccountNotFound.
func RenameAccount(_ context.Context, tx Tx, id, name string) error {
	a, found, err := tx.OrgAccount(id)
	if err != nil {
		return err
	}
	if !found {
		return errAccountNotFound()
	}
	a.Name = name
	return tx.UpdateOrgAccount(a)
}

// CheckNewEmail says whether the root user of an account can get another address. It fails
// with CodeAccountNotFound, [ErrInvalidAccount], [ErrAccountClosed], or [ErrEmailExists] if
// an account has it, this one included.
func CheckNewEmail(_ context.Context, tx Tx, id, email string) error {
	_, err := withNewEmail(tx, id, email)
	return err
}

// ChangeEmail gives the root user of an account another address, whose owner it has proved
// to be (Account Management API, AcceptPrimaryEmailUpdate). It fails like [CheckNewEmail].
func ChangeEmail(_ context.Context, tx Tx, id, email string) error {
	a, err := withNewEmail(tx, id, email)
	if err != nil {
		return err
	}
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	tx.Touch(accountScope(id))
	if err := touchManaged(tx, a); err != nil {
		return err
	}
	return tx.SetOrgEmailUnverified(id, false)
}

// touchManaged says that the organization changes, if it is an account's that manages it: the
// address of that account is the organization's, too.
func touchManaged(tx Tx, a Account) error {
	if a.OrganizationID == "" {
		return nil
	}
	o, found, err := tx.Organization(a.OrganizationID)
	if err == nil && found && o.ManagementAccountID == a.ID {
		tx.Touch(o.scope())
	}
	return err
}

func withNewEmail(tx Tx, id, email string) (Account, error) {
	a, found, err := tx.OrgAccount(id)
	switch {
	case err != nil:
		return Account{}, err
	case !found:
		return Account{}, errAccountNotFound()
	case a.State != StateActive && a.State != StatePendingActivation:
		return Account{}, ErrAccountClosed
	case !validEmail(email):
		return Account{}, fmt.Errorf("%w: %q is not an e-mail address that AWS takes", ErrInvalidAccount, email)
	}
	if _, taken, err := tx.OrgAccountByEmail(email); err != nil || taken {
		return Account{}, orElse(err, ErrEmailExists)
	}
	a.Email = email
	return a, nil
}

// member returns an account of the organization. It fails with CodeAccountNotFound.
func member(tx Tx, o Organization, accountID string) (Account, error) {
	a, found, err := tx.OrgAccount(accountID)
	if err != nil {
		return Account{}, err
	}
	if !found || a.OrganizationID != o.ID {
		return Account{}, errAccountNotFound()
	}
	return a, nil
}

// DescribeAccount returns an account of the organization. It fails with
// CodeAccountNotFound.
func DescribeAccount(_ context.Context, tx Tx, o Organization, accountID string) (Account, error) {
	return member(tx, o, accountID)
}

// ParentPaths returns the paths of the roots and OUs that the accounts hang on, by their
// ids: "o-x/r-x/ou-x/". An account's own path is that of its parent with its id and a slash.
func ParentPaths(_ context.Context, tx Tx, o Organization, accounts []Account) (map[string]string, error) {
	paths := map[string]string{o.RootID: o.ID + "/" + o.RootID + "/"}
	var units []string
	for i := range accounts {
		if id := accounts[i].ParentID; id != o.RootID && !slices.Contains(units, id) {
			units = append(units, id)
		}
	}
	above, err := tx.OrgUnitsAbove(o.ID, units)
	if err != nil {
		return nil, err
	}
	for _, id := range units {
		var below []string
		for at := id; paths[at] == ""; at = above[at] {
			if _, there := above[at]; !there {
				return nil, fmt.Errorf("org: the OU %q above an account is not there", at)
			}
			below = append(below, at)
		}
		for _, unit := range slices.Backward(below) {
			paths[unit] = paths[above[unit]] + unit + "/"
		}
	}
	return paths, nil
}

// ListAccounts returns the accounts of the organization in ascending order of id, and the
// cursor of the next piece.
func ListAccounts(_ context.Context, tx Tx, o Organization, p Page) ([]Account, string, error) {
	all, err := tx.OrgAccounts(o.ID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(a Account) string { return a.ID })
	return page, next, nil
}

// ListAccountsForParent returns the accounts that hang directly on a root or OU. It fails
// with CodeParentNotFound.
func ListAccountsForParent(_ context.Context, tx Tx, o Organization, parentID string, p Page) ([]Account, string, error) {
	if _, err := parent(tx, o, parentID); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgAccountsIn(o.ID, parentID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(a Account) string { return a.ID })
	return page, next, nil
}

// MoveAccount hangs an account on another root or OU. It fails with CodeAccountNotFound
// (also when the account is not in the source, which the documentation leaves open),
// CodeSourceParentNotFound, CodeDestinationParentNotFound or CodeDuplicateAccount.
func MoveAccount(_ context.Context, tx Tx, o Organization, accountID, sourceID, destinationID string) error {
	a, err := member(tx, o, accountID)
	if err != nil {
		return err
	}
	if _, found, err := findParent(tx, o, sourceID); err != nil || !found {
		return orElse(err, errorf(CodeSourceParentNotFound, "", "You specified a source parent that doesn't exist."))
	}
	if _, found, err := findParent(tx, o, destinationID); err != nil || !found {
		return orElse(err, errorf(CodeDestinationParentNotFound, "", "You specified a destination parent that doesn't exist."))
	}
	switch a.ParentID {
	case destinationID:
		return errorf(CodeDuplicateAccount, "", "The account is already present in the specified destination.")
	case sourceID:
	default:
		return errAccountNotFound()
	}
	a.ParentID = destinationID
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	tx.Touch(accountScope(a.ID))
	return recheckAll(tx, o, a.ID)
}

// CloseAccount closes a member account. Closing is done when the call returns: the account
// is CLOSED, stays where it is in the tree and counts on. The account of AWS GovCloud (US)
// that it is linked to is closed with it ([GovCloudAccountOf]). It fails with
// CodeAccountNotFound, CodeAccountAlreadyClosed or CodeConstraintViolation.
func CloseAccount(_ context.Context, tx Tx, o Organization, s Settings, accountID string) error {
	a, err := member(tx, o, accountID)
	if err != nil {
		return err
	}
	switch {
	case !o.AllFeatures():
		return errAllFeatures()
	case a.ID == o.ManagementAccountID:
		return errConstraint(ReasonCannotCloseManagement, "You cannot close the management account of the organization.")
	case a.State == StateClosed || a.State == StatePendingClosure:
		return errorf(CodeAccountAlreadyClosed, "", "You attempted to close an account that is already closed.")
	}
	now := tx.Now()
	accounts, err := tx.OrgCount(o.ID, string(countAccounts))
	if err != nil {
		return err
	}
	closed, err := tx.CountOrgClosures(o.ID, now.AddDate(0, 0, -Limit(QuotaCloseDays, now)))
	if err != nil {
		return err
	}
	most, err := s.closeLimit(tx, o, accounts-1)
	if err != nil {
		return err
	}
	if closed >= most {
		return errConstraint(ReasonCloseQuota, "You have exceeded close account quota for the past 30 days.")
	}
	a.State, a.ClosedAt = StateClosed, &now
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	tx.Touch(accountScope(a.ID))
	return withdraw(tx, o.ID, a.ID)
}

// orElse returns err, or instead if there is none.
func orElse(err, instead error) error {
	if err != nil {
		return err
	}
	return instead
}
