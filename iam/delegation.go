package iam

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
)

// DelegationState is the state of a delegation request; see the IAM user guide,
// "Understanding the Request Lifecycle".
type DelegationState string

// The states. Expired is never kept: a request is expired when its time has come.
const (
	DelegationUnassigned      DelegationState = "UNASSIGNED"
	DelegationAssigned        DelegationState = "ASSIGNED"
	DelegationPendingApproval DelegationState = "PENDING_APPROVAL"
	DelegationAccepted        DelegationState = "ACCEPTED"
	DelegationFinalized       DelegationState = "FINALIZED"
	DelegationRejected        DelegationState = "REJECTED"
	DelegationExpired         DelegationState = "EXPIRED"
)

// How long a request stays in a state, and DelegationGrace: how long an expired one is kept.
// AWS does not say how long that is; until then its workflow id stays taken.
const (
	unassignedLife  = 24 * time.Hour
	delegationLife  = 7 * 24 * time.Hour
	DelegationGrace = 30 * 24 * time.Hour
)

// maxRootDelegation is the longest delegation that a root user can approve, in seconds.
const maxRootDelegation = 4 * 3600

// DelegationRequest asks for temporary access to an account.
type DelegationRequest struct {
	ID string
	// Requestor is the account of the product provider, RequestorName its friendly name.
	Requestor, RequestorName string
	// WorkflowID is the requestor's own name of the request.
	WorkflowID string
	// OwnerAccount may be empty until somebody owns the request. OwnerARN is whoever took it
	// on, OwnerID that principal's id as aws:userid has it: an ARN may come to be somebody
	// else's.
	OwnerAccount, OwnerARN, OwnerID string
	// Approver is who accepted it, with the state of the session at that time; nil before.
	Approver                    *credential.Caller
	Description, RequestMessage string
	TemplateARN                 string
	Parameters                  []TemplateParameter
	// Policy is the template with its parameters: what is delegated at most.
	Policy               string
	RedirectURL, Channel string
	// Duration of the access, in seconds from when the token is sent.
	Duration int32
	// OnlySendByOwner keeps everybody but the owner from sending the token.
	OnlySendByOwner        bool
	State                  DelegationState
	Notes, RejectionReason string
	CreatedAt, UpdatedAt   time.Time
	ExpiresAt              time.Time
	// ReleasedAt is when the token was sent; zero before.
	ReleasedAt time.Time
}

// AccessEnds is when the delegated access ends.
func (r *DelegationRequest) AccessEnds() time.Time {
	return r.ReleasedAt.Add(time.Duration(r.Duration) * time.Second)
}

// DelegationARN returns the ARN of a delegation request in an account.
func DelegationARN(accountID, id string) string {
	return arnOf(accountID, "delegation-request", "/", id)
}

// ARN returns the ARN that the request has for whoever looks at it from the account: until
// it is owned it belongs to nobody.
func (r *DelegationRequest) ARN(viewer string) string {
	if r.OwnerAccount != "" {
		viewer = r.OwnerAccount
	}
	return DelegationARN(viewer, r.ID)
}

// DelegationStore keeps delegation requests.
type DelegationStore interface {
	// IAMInsertDelegation returns ErrDuplicate if the requestor has used the workflow id.
	IAMInsertDelegation(DelegationRequest) error
	// IAMUpdateDelegation writes all that can change.
	IAMUpdateDelegation(DelegationRequest) error
	IAMDelegation(id string) (DelegationRequest, bool, error)
	// IAMDelegations lists by id the requests of the account that have an owner; ownerARN may
	// be empty.
	IAMDelegations(ownerAccount, ownerARN string, r Range) ([]DelegationRequest, error)
	// IAMDelegationsBy lists the requests of a requestor that expire after a time, at most
	// 1,000, those that expire first before the others.
	IAMDelegationsBy(requestor string, after time.Time) ([]DelegationRequest, error)
	// IAMDeleteDelegations deletes the requestor's requests that expired before a time.
	IAMDeleteDelegations(requestor string, before time.Time) error
}

// NewDelegationRequest is what a delegation request is made from.
type NewDelegationRequest struct {
	OwnerAccount, Description, RequestMessage string
	TemplateARN                               string
	Parameters                                []TemplateParameter
	WorkflowID, RedirectURL, Channel          string
	Duration                                  int32
	OnlySendByOwner                           bool
}

// CreateDelegationRequest makes a delegation request of a product provider's account.
func CreateDelegationRequest(_ context.Context, tx Tx, requestor string, in NewDelegationRequest) (DelegationRequest, error) {
	partner, ok, err := tx.IAMPartner(requestor)
	if err != nil {
		return DelegationRequest{}, err
	}
	if !ok {
		return DelegationRequest{}, fail(AccessDenied, "The account %s is not registered as a product provider.", requestor)
	}
	template, ok, err := tx.IAMPartnerPolicy(in.TemplateARN)
	if err != nil {
		return DelegationRequest{}, err
	}
	if !ok || template.Kind != PolicyTemplate || template.Domain != partner.Domain {
		return DelegationRequest{}, fail(InvalidInput, "The policy template %q is not registered for this product provider.", in.TemplateARN)
	}
	if err := checkChannel(tx, &partner, in.Channel); err != nil {
		return DelegationRequest{}, err
	}
	if in.OwnerAccount != "" {
		if _, ok, err := tx.OrgAccount(in.OwnerAccount); err != nil || !ok {
			return DelegationRequest{}, errors.Join(err, invalidOwner(ok, in.OwnerAccount))
		}
	}
	document, err := RenderTemplate(tx, template.Document, in.Parameters)
	if err != nil {
		return DelegationRequest{}, err
	}
	now := seconds(tx.Now())
	if err := tx.IAMDeleteDelegations(requestor, now.Add(-DelegationGrace)); err != nil {
		return DelegationRequest{}, err
	}
	r := DelegationRequest{
		Requestor: requestor, RequestorName: partner.Name, WorkflowID: in.WorkflowID, OwnerAccount: in.OwnerAccount,
		Description: in.Description, RequestMessage: in.RequestMessage, TemplateARN: in.TemplateARN, Parameters: in.Parameters,
		Policy: document, RedirectURL: in.RedirectURL, Channel: in.Channel, Duration: in.Duration, OnlySendByOwner: in.OnlySendByOwner,
		State: DelegationUnassigned, CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(unassignedLife),
	}
	if r.ID, err = newRequestID(tx.Rand()); err != nil {
		return DelegationRequest{}, err
	}
	err = tx.IAMInsertDelegation(r)
	if errors.Is(err, ErrDuplicate) {
		err = fail(EntityAlreadyExists, "A delegation request with the requestor workflow id %s already exists.", r.WorkflowID)
	}
	return r, err
}

func invalidOwner(ok bool, id string) error {
	if ok {
		return nil
	}
	return fail(InvalidInput, "The owner account %s does not exist.", id)
}

// checkChannel refuses notification channels that are no SNS topic of the provider.
func checkChannel(tx Tx, partner *Partner, channel string) error {
	a, err := arn.Parse(channel)
	if err != nil || a.Service != "sns" || a.Region == "" || !arn.IsAccountID(a.AccountID) || a.Resource == "" || strings.Contains(a.Resource, ":") {
		return fail(InvalidInput, "The notification channel %s is not the ARN of an SNS topic.", channel)
	}
	owner, ok, err := tx.IAMPartner(a.AccountID)
	if err == nil && (!ok || owner.Domain != partner.Domain) {
		err = fail(InvalidInput, "The notification channel %s is not in an account of the product provider.", channel)
	}
	return err
}

// newRequestID returns a random UUID.
func newRequestID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// settle makes a request expired whose time has come.
func (r *DelegationRequest) settle(now time.Time) {
	if !now.Before(r.ExpiresAt) {
		r.State, r.UpdatedAt = DelegationExpired, r.ExpiresAt
	}
}

// enter puts the request into a state.
func (r *DelegationRequest) enter(tx Tx, state DelegationState) error {
	now := seconds(tx.Now())
	r.State, r.UpdatedAt, r.ExpiresAt = state, now, now.Add(delegationLife)
	return tx.IAMUpdateDelegation(*r)
}

// FindDelegation returns a delegation request as an account may see it: one that belongs to
// another account is not there.
func FindDelegation(_ context.Context, tx Tx, accountID, id string) (DelegationRequest, bool, error) {
	r, ok, err := tx.IAMDelegation(id)
	if err != nil || !ok || r.OwnerAccount != "" && r.OwnerAccount != accountID {
		return DelegationRequest{}, false, err
	}
	r.settle(tx.Now())
	return r, true, nil
}

// GetDelegationRequest is FindDelegation with NoSuchEntity for what is not there.
func GetDelegationRequest(ctx context.Context, tx Tx, accountID, id string) (DelegationRequest, error) {
	r, ok, err := FindDelegation(ctx, tx, accountID, id)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "The delegation request %s cannot be found.", id)
	}
	return r, err
}

// in refuses unless the request is in one of the states.
func (r *DelegationRequest) in(states ...DelegationState) error {
	for _, s := range states {
		if r.State == s {
			return nil
		}
	}
	return fail(InvalidInput, "The delegation request %s is in the state %s.", r.ID, r.State)
}

// AssociateDelegationRequest makes the caller the owner of a request that has none.
func AssociateDelegationRequest(ctx context.Context, tx Tx, caller *credential.Caller, id string) (DelegationRequest, error) {
	r, err := GetDelegationRequest(ctx, tx, caller.AccountID, id)
	if err != nil {
		return r, err
	}
	if err := r.in(DelegationUnassigned); err != nil {
		return r, err
	}
	r.OwnerAccount, r.OwnerARN, r.OwnerID = caller.AccountID, caller.ARN, caller.PrincipalID
	return r, r.enter(tx, DelegationAssigned)
}

// UpdateDelegationRequest forwards a request to whoever may approve it, with notes.
func UpdateDelegationRequest(ctx context.Context, tx Tx, accountID, id string, notes *string) (DelegationRequest, error) {
	r, err := GetDelegationRequest(ctx, tx, accountID, id)
	if err != nil {
		return r, err
	}
	if err := r.in(DelegationAssigned, DelegationPendingApproval); err != nil {
		return r, err
	}
	if notes != nil {
		r.Notes = *notes
	}
	return r, r.enter(tx, DelegationPendingApproval)
}

// AcceptDelegationRequest approves a request: what the caller is now, the session included,
// the delegated access will be.
func AcceptDelegationRequest(ctx context.Context, tx Tx, caller *credential.Caller, id string) (DelegationRequest, error) {
	r, err := GetDelegationRequest(ctx, tx, caller.AccountID, id)
	if err != nil {
		return r, err
	}
	if err := r.in(DelegationAssigned, DelegationPendingApproval); err != nil {
		return r, err
	}
	s := caller.Session
	switch {
	case caller.Type == credential.RootUser && r.Duration > maxRootDelegation:
		return r, fail(InvalidInput, "A root user can approve delegation requests with a duration of 4 hours or less only.")
	case s != nil && (s.DelegateAccountID != "" || s.AssumedRoot != ""):
		return r, fail(AccessDenied, "Delegated access and root sessions cannot approve delegation requests.")
	}
	approver := *caller
	approver.AccessKeyID = ""
	r.Approver = &approver
	return r, r.enter(tx, DelegationAccepted)
}

// RejectDelegationRequest rejects a request whose token has not been sent.
func RejectDelegationRequest(ctx context.Context, tx Tx, accountID, id, reason string) (DelegationRequest, error) {
	r, err := GetDelegationRequest(ctx, tx, accountID, id)
	if err != nil {
		return r, err
	}
	if err := r.in(DelegationAssigned, DelegationPendingApproval, DelegationAccepted); err != nil {
		return r, err
	}
	r.RejectionReason = reason
	return r, r.enter(tx, DelegationRejected)
}

// SendDelegationToken releases the exchange token of an accepted request: the time of the
// access begins.
func SendDelegationToken(ctx context.Context, tx Tx, caller *credential.Caller, id string) (DelegationRequest, error) {
	r, err := GetDelegationRequest(ctx, tx, caller.AccountID, id)
	if err != nil {
		return r, err
	}
	if err := r.in(DelegationAccepted); err != nil {
		return r, err
	}
	if r.OnlySendByOwner && r.OwnerID != caller.PrincipalID {
		return r, fail(AccessDenied, "Only the owner of the delegation request %s can send its token.", r.ID)
	}
	r.ReleasedAt = seconds(tx.Now())
	return r, r.enter(tx, DelegationFinalized)
}

// ListDelegationRequests returns a page of the account's requests that have an owner; ownerARN
// may be empty.
func ListDelegationRequests(_ context.Context, tx Tx, accountID, ownerARN string, p Page) ([]DelegationRequest, string, error) {
	list, next, err := page(p, func(r Range) ([]DelegationRequest, error) {
		return tx.IAMDelegations(accountID, ownerARN, r)
	}, func(r DelegationRequest) string { return r.ID })
	for i := range list {
		list[i].settle(tx.Now())
	}
	return list, next, err
}
