package organizations

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bailiwick/bailiwick/account"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateAccount implements [organizationsapi.Service]. The account, its admin role, the
// finished request and the events CreateAccountResult and AccountJoinedOrganization are
// written in one transaction. The
// answer says IN_PROGRESS as AWS's always does: programs written for AWS go on from there,
// and find the result at their first DescribeCreateAccountStatus.
func (s *Service) CreateAccount(ctx context.Context, in *organizationsapi.CreateAccountInput) (*organizationsapi.CreateAccountOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.CreateAccountOutput, error) {
		status, err := s.createAccount(ctx, tx, o, org.CreateAccount, org.NewAccount{
			Name: *in.AccountName, Email: *in.Email, RoleName: smithy.Value(in.RoleName),
			BillingAccess: smithy.Value(in.IamUserAccessToBilling), Tags: unpackTags(in.Tags),
		})
		return &organizationsapi.CreateAccountOutput{CreateAccountStatus: status}, err
	})
}

// CreateGovCloudAccount implements [organizationsapi.Service] like CreateAccount: the
// account that is made is in this partition, and linked to one of the other. Role and tags
// are the former's.
func (s *Service) CreateGovCloudAccount(ctx context.Context, in *organizationsapi.CreateGovCloudAccountInput) (*organizationsapi.CreateGovCloudAccountOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.CreateGovCloudAccountOutput, error) {
		status, err := s.createAccount(ctx, tx, o, org.CreateGovCloudAccount, org.NewAccount{
			Name: *in.AccountName, Email: *in.Email, RoleName: smithy.Value(in.RoleName),
			BillingAccess: smithy.Value(in.IamUserAccessToBilling), Tags: unpackTags(in.Tags),
		})
		return &organizationsapi.CreateGovCloudAccountOutput{CreateAccountStatus: status}, err
	})
}

// maker is the domain's part in making an account.
type maker func(context.Context, org.Tx, org.Organization, org.Settings, org.NewAccount) (org.CreateRequest, error)

// createAccount makes an account with what belongs to it, and returns the status to answer.
func (s *Service) createAccount(ctx context.Context, tx *store.Tx, o org.Organization, build maker, n org.NewAccount) (*organizationsapi.CreateAccountStatus, error) {
	r, err := build(ctx, tx, o, s.Settings, n)
	if err != nil {
		return nil, err
	}
	if r.State == org.CreateSucceeded {
		if err := furnish(ctx, tx, o, r.AccountID, roleName(n.RoleName)); err != nil {
			return nil, err
		}
		if err := linkRole(ctx, tx, r.AccountID); err != nil {
			return nil, err
		}
		if err := appendJoined(tx, o, r.AccountID, org.JoinedCreated); err != nil {
			return nil, err
		}
	}
	if err := appendCreateResult(tx, o, r); err != nil {
		return nil, err
	}
	return &organizationsapi.CreateAccountStatus{
		Id: &r.ID, AccountName: &r.AccountName, State: smithy.Ptr(org.CreateInProgress), RequestedTimestamp: &r.RequestedAt,
	}, nil
}

// furnish gives a new account what it starts with: its admin role and the management
// account's contact information.
func furnish(ctx context.Context, tx *store.Tx, o org.Organization, accountID, role string) error {
	if err := iam.CreateAccountAccessRole(ctx, tx, accountID, role, o.ManagementAccountID); err != nil {
		return err
	}
	return account.CopyContact(ctx, tx, o.ManagementAccountID, accountID)
}

func roleName(asked string) string {
	if asked != "" {
		return asked
	}
	return org.DefaultRoleName
}

// DescribeCreateAccountStatus implements [organizationsapi.Service].
func (s *Service) DescribeCreateAccountStatus(ctx context.Context, in *organizationsapi.DescribeCreateAccountStatusInput) (*organizationsapi.DescribeCreateAccountStatusOutput, error) {
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeCreateAccountStatusOutput, error) {
		r, err := org.DescribeCreateAccountStatus(ctx, tx, o, *in.CreateAccountRequestId)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeCreateAccountStatusOutput{CreateAccountStatus: packRequest(r)}, nil
	})
}

// ListCreateAccountStatus implements [organizationsapi.Service].
func (s *Service) ListCreateAccountStatus(ctx context.Context, in *organizationsapi.ListCreateAccountStatusInput) (*organizationsapi.ListCreateAccountStatusOutput, error) {
	const list = "ListCreateAccountStatus"
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListCreateAccountStatusOutput, error) {
		requests, next, err := org.ListCreateAccountStatus(ctx, tx, o, in.States, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListCreateAccountStatusOutput{
			CreateAccountStatuses: make([]organizationsapi.CreateAccountStatus, 0, len(requests)), NextToken: nextToken(list, next),
		}
		for _, r := range requests {
			out.CreateAccountStatuses = append(out.CreateAccountStatuses, *packRequest(r))
		}
		return out, nil
	})
}

func packRequest(r org.CreateRequest) *organizationsapi.CreateAccountStatus {
	return &organizationsapi.CreateAccountStatus{
		Id: &r.ID, AccountName: &r.AccountName, State: &r.State,
		RequestedTimestamp: &r.RequestedAt, CompletedTimestamp: r.CompletedAt,
		AccountId: smithy.PtrTo(r.AccountID), GovCloudAccountId: smithy.PtrTo(r.GovCloudAccountID), FailureReason: smithy.PtrTo(r.FailureReason),
	}
}

// resultStatus is the body of the events CreateAccountResult and CloseAccountResult
// (Organizations user guide, "Logging AWS Organizations API calls with AWS CloudTrail").
type resultStatus struct {
	// ID is the request's; closing has none.
	ID        string `json:"id,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	// GovCloudAccountID is what the account is linked to, or empty.
	GovCloudAccountID string `json:"govCloudAccountId,omitempty"`
	State             string `json:"state"`
	AccountName       string `json:"accountName,omitempty"`
	// FailureReason is set when the state is FAILED.
	FailureReason      string `json:"failureReason,omitempty"`
	RequestedTimestamp string `json:"requestedTimestamp"`
	CompletedTimestamp string `json:"completedTimestamp"`
}

// hidden stands for the account's name, which events do not show.
const hidden = "****"

// eventTime is how the timestamps of these events look.
const eventTime = "Jan 2, 2006 3:04:05 PM"

func appendCreateResult(tx *store.Tx, o org.Organization, r org.CreateRequest) error {
	return appendResult(tx, o, "CreateAccountResult", "createAccountStatus", resultStatus{
		ID: r.ID, AccountID: r.AccountID, GovCloudAccountID: r.GovCloudAccountID, State: r.State, AccountName: hidden, FailureReason: r.FailureReason,
	}, r.RequestedAt)
}

func appendCloseResult(tx *store.Tx, o org.Organization, accountID string) error {
	return appendResult(tx, o, "CloseAccountResult", "closeAccountStatus", resultStatus{
		AccountID: accountID, State: org.CreateSucceeded,
	}, tx.Now())
}

func appendResult(tx *store.Tx, o org.Organization, name, member string, r resultStatus, requested time.Time) error {
	r.RequestedTimestamp = requested.UTC().Format(eventTime)
	r.CompletedTimestamp = tx.Now().UTC().Format(eventTime)
	return appendServiceEvent(tx, o, name, map[string]resultStatus{member: r})
}

// appendServiceEvent writes an event that the service itself sends to the management account.
func appendServiceEvent(tx *store.Tx, o org.Organization, name string, body any) error {
	return appendServiceEventFor(tx, o.ManagementAccountID, name, body)
}

// appendServiceEventFor writes an event that the service itself sends to an account.
func appendServiceEventFor(tx *store.Tx, accountID, name string, body any) error {
	details, err := json.Marshal(body)
	if err != nil {
		return err
	}
	id, err := audit.NewID(tx.Now(), tx.Rand())
	if err != nil {
		return err
	}
	return tx.AppendEvents([]audit.Event{
		audit.ServiceEvent(id, accountID, eventSource, name, tx.Now(), details),
	})
}
