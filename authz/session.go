package authz

import (
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

// barred returns the refusal of a call that the caller's kind of session can never make,
// whatever its policies say; nil if there is no such bar. See the STS API Reference,
// GetSessionToken and GetFederationToken, "Permissions", and the IAM user guide, "Compare
// AWS STS credentials".
func barred(r *Request) error {
	s := r.Caller.Session
	if s == nil {
		return nil
	}
	federated := r.Caller.Type == credential.FederatedUser
	switch r.Service {
	case "iam":
		// IAM does not know such tokens: to a client they are not valid.
		if federated || s.IssuerType == issuerGetSessionToken && !s.MFA {
			return credential.ErrInvalidToken
		}
	case "sts":
		if !mayCallSTS(r.Operation, federated, s.IssuerType == issuerGetSessionToken) {
			return withSessionCredentials(r)
		}
	}
	return nil
}

// issuerGetSessionToken is the [credential.Session] IssuerType of a user's own sessions.
const issuerGetSessionToken = "GetSessionToken"

func mayCallSTS(operation string, federated, own bool) bool {
	switch operation {
	case "GetCallerIdentity":
		return true
	case "GetSessionToken", "GetFederationToken":
		return false
	case "AssumeRole", "GetWebIdentityToken":
		return !federated
	default:
		return !federated && !own
	}
}

func withSessionCredentials(r *Request) error {
	message := "Cannot call " + r.Operation + " with session credentials"
	return &DeniedError{
		Message: message, Action: r.Service + ":" + r.Operation, Resource: "*",
		Explanation: policy.Explanation{
			Outcome: policy.ExplicitDeny.String(), Reason: "kind of session", Message: message,
			Layers: []policy.LayerExplanation{},
		},
	}
}
