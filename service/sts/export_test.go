package sts

import (
	"context"
	"net/http"

	"github.com/bailiwick/bailiwick/iam"
)

// AskAboutTokens lets all OAuth 2.0 providers be asked at another address.
func (s *Service) AskAboutTokens(client *http.Client, addresses map[string]string) {
	s.tokens.Client, s.tokens.Addresses = client, addresses
}

// OIDCProvider shows whom tokens of an issuer are verified by.
func (s *Service) OIDCProvider(ctx context.Context, accountID, issuer string) (iam.OIDCProvider, error) {
	return s.oidcProvider(ctx, accountID, issuer)
}

// AudienceOf shows for whom a token of a provider counts as made.
func AudienceOf(p iam.OIDCProvider, authorizedParty string, audiences ...string) (string, error) {
	c := &tokenClaims{AuthorizedParty: authorizedParty}
	c.Audience = audiences
	w, err := newWebIdentity(p, c, nil)
	if err != nil {
		return "", err
	}
	return w.audience, nil
}
