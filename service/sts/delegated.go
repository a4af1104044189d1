package sts

import (
	"context"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// issuerDelegation is the [credential.Session] IssuerType of delegated access.
const issuerDelegation = "GetDelegatedAccessToken"

// GetDelegatedAccessToken exchanges the token of a delegation request for credentials of
// whoever approved it, limited by the policy of the request. Only the account that made the
// request can; it can do so again until the access ends. All sessions of one token begin when
// the token was released, as aws:TokenIssueTime has it, and end together: so a policy that denies
// what was issued before a time ends the access, however often the token is exchanged. See the
// IAM user guide, "Exchange Tokens" and "Revoke Temporary delegation access".
func (s *Service) GetDelegatedAccessToken(ctx context.Context, in *stsapi.GetDelegatedAccessTokenInput) (*stsapi.GetDelegatedAccessTokenOutput, error) {
	caller := credential.FromContext(ctx)
	var genuine, there bool
	r, err := store.Read(ctx, s.DB, func(tx *store.Tx) (r iam.DelegationRequest, err error) {
		r, genuine, there, err = iam.ExchangedRequest(ctx, tx, caller.AccountID, smithy.Value(in.TradeInToken), s.Vault.Open)
		return r, err
	})
	now := s.DB.Now()
	switch {
	case err != nil:
		return nil, err
	case !genuine:
		return nil, validation("The trade-in token is not valid.")
	case !there || !now.Before(r.AccessEnds()):
		return nil, &stsapi.ExpiredTradeInTokenException{Message: smithy.Ptr("The trade-in token has expired.")}
	}
	who := *r.Approver
	session := credential.Session{}
	if who.Session != nil {
		session = *who.Session
	}
	session.IssuerType, session.DelegateAccountID, session.DelegationPolicy = issuerDelegation, r.Requestor, r.Policy
	who.Session = &session
	made, err := s.issueFrom(ctx, order{who: who, seconds: r.Duration}, r.ReleasedAt)
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: r.ARN(r.OwnerAccount), AccountID: r.OwnerAccount, Type: "AWS::IAM::DelegationRequest"})
	return &stsapi.GetDelegatedAccessTokenOutput{Credentials: made.credentials, AssumedPrincipal: smithy.Ptr(who.ARN)}, nil
}

// unlimited stands for the policy of a request in the session of a role that was assumed with
// delegated access: what the role may do counts there, as in every chain of roles.
const unlimited = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// delegateOn hands the mark of delegated access on to a session that is begun with it, so that
// the log shows on whose behalf it acts, and that it cannot approve requests either. It returns
// how many seconds the session lasts: it ends with the access at the latest.
func delegateOn(from *credential.Caller, to *credential.Session, seconds int32, now time.Time) int32 {
	if from.Session == nil || from.Session.DelegateAccountID == "" {
		return seconds
	}
	to.DelegateAccountID, to.DelegationPolicy = from.Session.DelegateAccountID, unlimited
	return min(seconds, int32(from.Session.ExpiresAt.Sub(now)/time.Second))
}
