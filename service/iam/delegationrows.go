package iam

import (
	"context"
	"regexp"
	"strconv"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// The condition keys of temporary delegation.
const (
	keyDelegationOwner    = "iam:DelegationRequestOwner"
	keyDelegationDuration = "iam:DelegationDuration"
	keyDelegationTemplate = "iam:TemplateArn"
	keyDelegationChannel  = "iam:NotificationChannel"
)

// Whoever takes a delegation request on may do with it what these functions say, without any
// policy that allows it; all but the approval. A deny still counts. See the IAM user guide,
// "Managing Permissions for Delegation Requests", and the descriptions of the operations.

// anybody reports that a request without an owner lets everybody see it and take it on who
// belongs to the account that it is for.
func anybody(r *iam.DelegationRequest, _ *credential.Caller) bool { return r.OwnerID == "" }

// delegationOwner reports that the caller owns the request.
func delegationOwner(r *iam.DelegationRequest, c *credential.Caller) bool {
	return r.OwnerID != "" && r.OwnerID == c.PrincipalID
}

func anybodyOrOwner(r *iam.DelegationRequest, c *credential.Caller) bool {
	return anybody(r, c) || delegationOwner(r, c)
}

func nobody(*iam.DelegationRequest, *credential.Caller) bool { return false }

// granted is the default permission, as the policy of the request.
func granted() *policy.Attached {
	const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"iam:*","Resource":"*"}]}`
	a, err := attachedPolicy("default permissions", policy.Resource, everything)
	if err != nil {
		return nil // the gate then asks the identity-based policies
	}
	return &a
}

// onRequest is the row of an operation on a delegation request.
func onRequest[I any](s *Service, operation string, id func(*I) *string, byDefault func(*iam.DelegationRequest, *credential.Caller) bool) authz.Row {
	action := "iam:" + operation
	return authz.Row{
		Operation: operation, Actions: []string{action},
		Checks: authz.For(func(ctx context.Context, c *authz.Call, in *I) ([]authz.Check, error) {
			check, err := s.delegationCheck(ctx, c.Caller, action, smithy.Value(id(in)), byDefault)
			return []authz.Check{check}, err
		}),
	}
}

// delegationCheck is on the request as the caller's account sees it: one of another account
// is as if it were not there.
func (s *Service) delegationCheck(ctx context.Context, c *credential.Caller, action, id string, byDefault func(*iam.DelegationRequest, *credential.Caller) bool) (authz.Check, error) {
	check := authz.Check{Action: action, Resource: iam.DelegationARN(c.AccountID, id), Keys: policy.Keys{}}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		r, ok, err := iam.FindDelegation(ctx, tx, c.AccountID, id)
		if err != nil || !ok {
			return err
		}
		if r.OwnerARN != "" {
			check.Keys.Set(keyDelegationOwner, r.OwnerARN)
		}
		if byDefault(&r, c) {
			check.Policy = granted()
		}
		return nil
	})
	return check, err
}

func createDelegationChecks(_ context.Context, c *authz.Call, in *iamapi.CreateDelegationRequestInput) ([]authz.Check, error) {
	keys := policy.Keys{}
	keys.Set(keyDelegationDuration, strconv.Itoa(int(smithy.Value(in.SessionDuration))))
	keys.Set(keyDelegationChannel, smithy.Value(in.NotificationChannel))
	if in.Permissions != nil {
		keys.Set(keyDelegationTemplate, smithy.Value(in.Permissions.PolicyTemplateArn))
	}
	return []authz.Check{{Action: "iam:CreateDelegationRequest", Resource: iam.DelegationARN(c.Caller.AccountID, "*"), Keys: keys}}, nil
}

// listDelegationChecks let everybody list what they own.
func listDelegationChecks(_ context.Context, c *authz.Call, in *iamapi.ListDelegationRequestsInput) ([]authz.Check, error) {
	check := authz.Check{Action: "iam:ListDelegationRequests", Resource: "*", Keys: policy.Keys{}}
	if in.OwnerId != nil {
		check.Keys.Set(keyDelegationOwner, *in.OwnerId)
		if *in.OwnerId == c.Caller.ARN {
			check.Policy = granted()
		}
	}
	return []authz.Check{check}, nil
}

// requestARN is the form of the ARN of a delegation request.
var requestARN = regexp.MustCompile(`^arn:aws:iam::(\d{12})?:delegation-request/([\w-]{16,128})$`)

// summarized returns the id of the delegation request that an ARN names; false for everything
// else.
func summarized(arn *string) (string, bool) {
	m := requestARN.FindStringSubmatch(smithy.Value(arn))
	if m == nil {
		return "", false
	}
	return m[2], true
}

func (s *Service) summaryChecks(ctx context.Context, c *authz.Call, in *iamapi.GetHumanReadableSummaryInput) ([]authz.Check, error) {
	id, _ := summarized(in.EntityArn)
	check, err := s.delegationCheck(ctx, c.Caller, "iam:GetHumanReadableSummary", id, anybodyOrOwner)
	return []authz.Check{check}, err
}

func (s *Service) delegationRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreateDelegationRequest", Actions: []string{"iam:CreateDelegationRequest"}, Checks: authz.For(createDelegationChecks)},
		onRequest(s, "AssociateDelegationRequest", func(in *iamapi.AssociateDelegationRequestInput) *string { return in.DelegationRequestId }, anybodyOrOwner),
		onRequest(s, "GetDelegationRequest", func(in *iamapi.GetDelegationRequestInput) *string { return in.DelegationRequestId }, anybodyOrOwner),
		onRequest(s, "UpdateDelegationRequest", func(in *iamapi.UpdateDelegationRequestInput) *string { return in.DelegationRequestId }, delegationOwner),
		onRequest(s, "AcceptDelegationRequest", func(in *iamapi.AcceptDelegationRequestInput) *string { return in.DelegationRequestId }, nobody),
		onRequest(s, "RejectDelegationRequest", func(in *iamapi.RejectDelegationRequestInput) *string { return in.DelegationRequestId }, delegationOwner),
		onRequest(s, "SendDelegationToken", func(in *iamapi.SendDelegationTokenInput) *string { return in.DelegationRequestId }, delegationOwner),
		{Operation: "ListDelegationRequests", Actions: []string{"iam:ListDelegationRequests"}, Checks: authz.For(listDelegationChecks)},
		{Operation: "GetHumanReadableSummary", Actions: []string{"iam:GetHumanReadableSummary"}, Checks: authz.For(s.summaryChecks)},
	}
}
