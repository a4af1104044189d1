package sts

import (
	"context"
	"errors"
	"strings"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// userKeys are what the condition key of the user's id is called; see the IAM user guide, "IAM and
// AWS STS condition context keys", "Available keys for AWS OIDC federation".
var userKeys = map[string]string{oidc.Amazon: ":user_id", oidc.Facebook: ":id"}

// verifyAccessToken asks the OAuth 2.0 provider that a request names who holds its token.
func (s *Service) verifyAccessToken(ctx context.Context, provider, token string) (*webIdentity, error) {
	holder, err := s.tokens.Holder(ctx, provider, token)
	var rejected *oidc.RejectedError
	switch {
	case err == nil:
	case errors.Is(err, oidc.ErrNoProvider):
		return nil, validation("The provider %s is not supported. Do not specify ProviderId for OpenID Connect ID tokens", provider)
	case errors.As(err, &rejected):
		return nil, &stsapi.IDPRejectedClaimException{Message: smithy.Ptr(provider + ": " + rejected.Error())}
	default:
		return nil, &stsapi.IDPCommunicationErrorException{Message: smithy.Ptr("Couldn't reach the identity provider " + provider)}
	}
	w := &webIdentity{
		principal: provider, issuer: provider, subject: holder.UserID, audience: holder.Audience, keys: policy.Keys{},
		kept: []string{provider + ":app_id", provider + userKeys[provider]},
	}
	w.keys.Set(provider+":app_id", holder.AppID)
	w.keys.Set(provider+userKeys[provider], holder.UserID)
	return w, nil
}

// keptKeys are the values of condition keys that go on with the session; see the same topic, and
// "Cross-service SAML-based AWS STS federation context keys" beside it.
func keptKeys(keys policy.Keys, kept []string) map[string][]string {
	out := map[string][]string{}
	for _, name := range kept {
		name = strings.ToLower(name)
		if values, ok := keys.Lookup(name); ok {
			out[name] = values
		}
	}
	return out
}
