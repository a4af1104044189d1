package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// touchDelegation tells the audit event which delegation request the call concerns.
func touchDelegation(ctx context.Context, r *iam.DelegationRequest) {
	viewer := account(ctx)
	audit.FromContext(ctx).Touch(audit.Resource{ARN: r.ARN(viewer), Type: "AWS::IAM::DelegationRequest", AccountID: viewer})
}

// CreateDelegationRequest asks, for a product provider, for temporary access to an account.
// The answer has no ConsoleDeepLink: there is no console that it could lead to.
func (s *Service) CreateDelegationRequest(ctx context.Context, in *iamapi.CreateDelegationRequestInput) (*iamapi.CreateDelegationRequestOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateDelegationRequestOutput, error) {
		asked := iam.NewDelegationRequest{
			OwnerAccount: smithy.Value(in.OwnerAccountId), Description: smithy.Value(in.Description),
			RequestMessage: smithy.Value(in.RequestMessage), WorkflowID: smithy.Value(in.RequestorWorkflowId),
			RedirectURL: smithy.Value(in.RedirectUrl), Channel: smithy.Value(in.NotificationChannel),
			Duration: smithy.Value(in.SessionDuration), OnlySendByOwner: smithy.Value(in.OnlySendByOwner),
		}
		if p := in.Permissions; p != nil {
			asked.TemplateARN = smithy.Value(p.PolicyTemplateArn)
			for _, given := range p.Parameters {
				asked.Parameters = append(asked.Parameters, iam.TemplateParameter{
					Name: smithy.Value(given.Name), Type: smithy.Value(given.Type), Values: given.Values,
				})
			}
		}
		r, err := iam.CreateDelegationRequest(ctx, tx, account(ctx), asked)
		if err != nil {
			return nil, err
		}
		touchDelegation(ctx, &r)
		return &iamapi.CreateDelegationRequestOutput{DelegationRequestId: &r.ID}, nil
	})
}

// AssociateDelegationRequest makes the caller the owner of a delegation request.
func (s *Service) AssociateDelegationRequest(ctx context.Context, in *iamapi.AssociateDelegationRequestInput) (*iamapi.AssociateDelegationRequestOutput, error) {
	return onDelegation[iamapi.AssociateDelegationRequestOutput](ctx, s, func(tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.AssociateDelegationRequest(ctx, tx, credential.FromContext(ctx), smithy.Value(in.DelegationRequestId))
	})
}

// UpdateDelegationRequest forwards a delegation request for approval.
func (s *Service) UpdateDelegationRequest(ctx context.Context, in *iamapi.UpdateDelegationRequestInput) (*iamapi.UpdateDelegationRequestOutput, error) {
	return onDelegation[iamapi.UpdateDelegationRequestOutput](ctx, s, func(tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.UpdateDelegationRequest(ctx, tx, account(ctx), smithy.Value(in.DelegationRequestId), in.Notes)
	})
}

// AcceptDelegationRequest approves a delegation request with what the caller may do.
func (s *Service) AcceptDelegationRequest(ctx context.Context, in *iamapi.AcceptDelegationRequestInput) (*iamapi.AcceptDelegationRequestOutput, error) {
	return onDelegation[iamapi.AcceptDelegationRequestOutput](ctx, s, func(tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.AcceptDelegationRequest(ctx, tx, credential.FromContext(ctx), smithy.Value(in.DelegationRequestId))
	})
}

// RejectDelegationRequest rejects a delegation request.
func (s *Service) RejectDelegationRequest(ctx context.Context, in *iamapi.RejectDelegationRequestInput) (*iamapi.RejectDelegationRequestOutput, error) {
	return onDelegation[iamapi.RejectDelegationRequestOutput](ctx, s, func(tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.RejectDelegationRequest(ctx, tx, account(ctx), smithy.Value(in.DelegationRequestId), smithy.Value(in.Notes))
	})
}

// SendDelegationToken releases the exchange token of a delegation request. It is not published
// to the request's topic: the operator hands it over; see [iam.DelegationMessages].
func (s *Service) SendDelegationToken(ctx context.Context, in *iamapi.SendDelegationTokenInput) (*iamapi.SendDelegationTokenOutput, error) {
	return onDelegation[iamapi.SendDelegationTokenOutput](ctx, s, func(tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.SendDelegationToken(ctx, tx, credential.FromContext(ctx), smithy.Value(in.DelegationRequestId))
	})
}

// onDelegation runs a step of a delegation request, which has nothing to answer.
func onDelegation[O any](ctx context.Context, s *Service, step func(*store.Tx) (iam.DelegationRequest, error)) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		r, err := step(tx)
		if r.ID != "" {
			touchDelegation(ctx, &r)
		}
		return err
	})
}

// GetDelegationRequest returns a delegation request and, if asked, whether the caller has the
// permissions that it asks for. The check is done by the time of the answer.
func (s *Service) GetDelegationRequest(ctx context.Context, in *iamapi.GetDelegationRequestInput) (*iamapi.GetDelegationRequestOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetDelegationRequestOutput, error) {
		r, err := iam.GetDelegationRequest(ctx, tx, account(ctx), smithy.Value(in.DelegationRequestId))
		if err != nil {
			return nil, err
		}
		touchDelegation(ctx, &r)
		out := &iamapi.GetDelegationRequestOutput{DelegationRequest: delegation(&r)}
		if smithy.Value(in.DelegationPermissionCheck) {
			result, err := checkPermissions(ctx, tx, credential.FromContext(ctx), r.Policy)
			if err != nil {
				return nil, err
			}
			out.PermissionCheckStatus = smithy.Ptr(iamapi.PermissionCheckStatusTypeComplete)
			out.PermissionCheckResult = smithy.Ptr(result)
		}
		return out, nil
	})
}

// ListDelegationRequests lists the delegation requests of the account that have an owner.
func (s *Service) ListDelegationRequests(ctx context.Context, in *iamapi.ListDelegationRequestsInput) (*iamapi.ListDelegationRequestsOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListDelegationRequestsOutput, error) {
		list, next, err := iam.ListDelegationRequests(ctx, tx, account(ctx), smithy.Value(in.OwnerId), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListDelegationRequestsOutput{DelegationRequests: convert(list, func(r *iam.DelegationRequest) iamapi.DelegationRequest {
			return *delegation(r)
		})}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// delegation renders a delegation request.
func delegation(r *iam.DelegationRequest) *iamapi.DelegationRequest {
	out := &iamapi.DelegationRequest{
		DelegationRequestId: &r.ID, OwnerAccountId: smithy.PtrTo(r.OwnerAccount), OwnerId: smithy.PtrTo(r.OwnerARN),
		Description: &r.Description, RequestMessage: smithy.PtrTo(r.RequestMessage),
		Permissions:      &iamapi.DelegationPermission{PolicyTemplateArn: &r.TemplateARN},
		PermissionPolicy: &r.Policy, RolePermissionRestrictionArns: iam.RoleBoundaries(r.Policy),
		State: smithy.Ptr(string(r.State)), ExpirationTime: date(r.ExpiresAt), RequestorId: &r.Requestor, RequestorName: &r.RequestorName,
		CreateDate: date(r.CreatedAt), SessionDuration: &r.Duration, RedirectUrl: smithy.PtrTo(r.RedirectURL),
		Notes: smithy.PtrTo(r.Notes), RejectionReason: smithy.PtrTo(r.RejectionReason), OnlySendByOwner: &r.OnlySendByOwner,
		UpdatedTime: date(r.UpdatedAt),
	}
	if r.Approver != nil {
		out.ApproverId = &r.Approver.ARN
	}
	for i := range r.Parameters {
		p := &r.Parameters[i]
		out.Permissions.Parameters = append(out.Permissions.Parameters, iamapi.PolicyParameter{Name: &p.Name, Values: p.Values, Type: &p.Type})
	}
	return out
}
