package org

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// The states of a request to make an account.
const (
	CreateInProgress = "IN_PROGRESS"
	CreateSucceeded  = "SUCCEEDED"
	CreateFailed     = "FAILED"
)

// The reasons for which a request fails here (API reference, CreateAccountStatus).
const (
	FailureAccountLimit = "ACCOUNT_LIMIT_EXCEEDED"
	FailureEmailExists  = "EMAIL_ALREADY_EXISTS"
	FailureInvalidEmail = "INVALID_EMAIL"
)

// DefaultRoleName is the role by which the management account gets into a new account.
const DefaultRoleName = "OrganizationAccountAccessRole"

// reservedRolePrefix begins the names of service-linked roles.
const reservedRolePrefix = "AWSServiceRoleFor"

// CreateRequest is a request to make an account, with what came of it.
type CreateRequest struct {
	// ID is "car-" and 32 lower-case letters or digits.
	ID             string
	OrganizationID string
	AccountName    string
	// State is one of the Create constants.
	State       string
	RequestedAt time.Time
	// CompletedAt is nil while the request is in progress.
	CompletedAt *time.Time
	// AccountID is set when the request has succeeded, FailureReason when it has failed.
	AccountID     string
	FailureReason string
	// GovCloudAccountID is the account that the new one is linked to, or empty; the link is
	// kept by [GovCloudStore].
	GovCloudAccountID string
}

// NewAccount is what a new account is to be like.
type NewAccount struct {
	Name, Email string
	// RoleName is the role that the caller makes in the new account; empty means
	// DefaultRoleName.
	RoleName string
	// BillingAccess is BillingAllow or BillingDeny; empty means BillingAllow.
	BillingAccess string
	Tags          []Tag
}

// CreateAccount makes an account under the root. What AWS finds out only after the call has
// returned (the address is taken, the organization is full) makes a failed request, not an
// error; errors are CodeInvalidInput and CodeConstraintViolation. The work is done at once:
// the request that is returned and stored is finished.
func CreateAccount(ctx context.Context, tx Tx, o Organization, s Settings, n NewAccount) (CreateRequest, error) {
	if strings.HasPrefix(strings.ToLower(n.RoleName), strings.ToLower(reservedRolePrefix)) {
		return CreateRequest{}, errInput(ReasonInvalidRoleName, "A role name can't begin with the reserved prefix AWSServiceRoleFor.")
	}
	if err := checkNewTags(ctx, tx, o, TypeAccount, n.Tags); err != nil {
		return CreateRequest{}, err
	}
	now := tx.Now()
	r := CreateRequest{OrganizationID: o.ID, AccountName: n.Name, RequestedAt: now, CompletedAt: &now, State: CreateFailed}
	var err error
	if r.ID, err = newRequestID(tx); err != nil {
		return CreateRequest{}, err
	}
	if r.FailureReason, err = refusal(tx, o, s, n); err != nil {
		return CreateRequest{}, err
	}
	if r.FailureReason == "" {
		if r.AccountID, err = makeMember(tx, o, n); err != nil {
			return CreateRequest{}, err
		}
		r.State = CreateSucceeded
	}
	if err := tx.InsertOrgCreateRequest(r); err != nil {
		return CreateRequest{}, err
	}
	return r, nil
}

// refusal returns why the account cannot be made, or the empty string.
func refusal(tx Tx, o Organization, s Settings, n NewAccount) (string, error) {
	if !validEmail(n.Email) {
		return FailureInvalidEmail, nil
	}
	if _, taken, err := tx.OrgAccountByEmail(n.Email); err != nil || taken {
		return FailureEmailExists, err
	}
	full, err := isFull(tx, o, s)
	if err != nil || full {
		return FailureAccountLimit, err
	}
	return "", nil
}

func makeMember(tx Tx, o Organization, n NewAccount) (string, error) {
	id, err := newAccountID(tx)
	if err != nil {
		return "", err
	}
	a := Account{
		ID: id, Name: n.Name, Email: n.Email, State: StateActive,
		BillingAccess: n.BillingAccess, CreatedAt: tx.Now(), Created: true,
	}
	if a.BillingAccess == "" {
		a.BillingAccess = BillingAllow
	}
	if err := tx.InsertOrgAccount(a); err != nil {
		return "", err
	}
	if err := join(tx, o, a, JoinedCreated); err != nil {
		return "", err
	}
	return id, putTags(tx, o, id, n.Tags)
}

// DescribeCreateAccountStatus returns a request. It fails with CodeCreateStatusNotFound.
func DescribeCreateAccountStatus(_ context.Context, tx Tx, o Organization, id string) (CreateRequest, error) {
	r, found, err := tx.OrgCreateRequest(o.ID, id)
	if err != nil {
		return CreateRequest{}, err
	}
	if !found {
		return CreateRequest{}, errorf(CodeCreateStatusNotFound, "", "You specified a create account request that doesn't exist.")
	}
	return r, nil
}

// ListCreateAccountStatus returns the requests whose state is among states, or all if there
// are none, in ascending order of id.
func ListCreateAccountStatus(_ context.Context, tx Tx, o Organization, states []string, p Page) ([]CreateRequest, string, error) {
	all, err := tx.OrgCreateRequests(o.ID, states, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(r CreateRequest) string { return r.ID })
	return page, next, nil
}

// emailForm is the rule of CreateAccount for addresses: 7-bit ASCII, one "@", a local part
// without white space, quotes, brackets and some signs that does not begin with a dot, and
// a domain of letters, digits, hyphens and dots with at least one dot, which begins and
// ends with a letter or digit.
var emailForm = regexp.MustCompile(`^[!#$*+\-/0-9=?A-Z^_` + "`" + `a-z{}~<>][!#$*+\-./0-9=?A-Z^_` + "`" + `a-z{}~<>]*` +
	`@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.(?:[A-Za-z0-9-]*[A-Za-z0-9])$`)

func validEmail(s string) bool {
	const shortest, longest = 6, 64
	return len(s) >= shortest && len(s) <= longest && emailForm.MatchString(s)
}

func validAccountName(s string) bool {
	const longest = 50
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= longest
}
