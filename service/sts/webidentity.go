package sts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

const actionWebIdentity = "sts:AssumeRoleWithWebIdentity"

// tokenAlgorithms are those by which tokens may be signed; see the IAM user guide, "Create an
// OpenID Connect (OIDC) identity provider in IAM".
var tokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// clockLeeway is how far the clock of a provider may be off.
const clockLeeway = 5 * time.Minute

// webIdentity is what a verified token says.
type webIdentity struct {
	// principal is the ARN of the provider, or the name of one that AWS knows by itself.
	principal string
	// issuer is what the answer calls the provider.
	issuer, subject string
	// audience is whom the token was made for: azp if there is one, else the part of aud that
	// the provider lists.
	audience string
	// keys are the condition keys of the token: "<issuer without scheme>:<claim>".
	keys policy.Keys
	// kept are those of them that the session has, too.
	kept []string
	federated
}

// federated is what an identity provider passes on to the session.
type federated struct {
	tags       []stsapi.Tag
	transitive []string
	source     string
}

// tokenClaims are the claims that mean something here.
type tokenClaims struct {
	jwt.Claims
	AuthorizedParty string `json:"azp"`
	Source          string `json:"https://aws.amazon.com/source_identity"`
	Tags            struct {
		Principal  map[string][]string `json:"principal_tags"`
		Transitive []string            `json:"transitive_tag_keys"`
	} `json:"https://aws.amazon.com/tags"`
}

func invalidToken(format string, args ...any) error {
	return &stsapi.InvalidIdentityTokenException{Message: smithy.Ptr(fmt.Sprintf(format, args...))}
}

// verifyToken checks the token of a request against the provider of the role's account that
// its issuer names.
func (s *Service) verifyToken(ctx context.Context, accountID, text string) (*webIdentity, error) {
	const noJWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	token, err := jwt.ParseSigned(text, tokenAlgorithms)
	if err != nil {
		return nil, invalidToken(noJWT)
	}
	var issuer struct {
		Issuer string `json:"iss"`
	}
	if err := token.UnsafeClaimsWithoutVerification(&issuer); err != nil {
		return nil, invalidToken(noJWT)
	}
	provider, err := s.oidcProvider(ctx, accountID, issuer.Issuer)
	if err != nil {
		return nil, err
	}
	var (
		claims tokenClaims
		all    map[string]json.RawMessage
	)
	if err := s.checkSignature(ctx, token, &provider, &claims, &all); err != nil {
		return nil, err
	}
	if err := checkTimes(&claims, s.DB.Now()); err != nil {
		return nil, err
	}
	return newWebIdentity(provider, &claims, all)
}

// builtInProviders are the OpenID Connect providers that every account has: trust policies name
// them by their hosts, and say for which audiences. See the IAM user guide, "Create an OpenID
// Connect (OIDC) identity provider in IAM".
var builtInProviders = []string{"accounts.google.com", "cognito-identity.amazonaws.com"}

// isBuiltIn reports whether a provider is one of them, and not one that the account has made.
func isBuiltIn(p *iam.OIDCProvider) bool { return p.ARN == p.URL }

func (s *Service) oidcProvider(ctx context.Context, accountID, issuer string) (iam.OIDCProvider, error) {
	if !strings.HasPrefix(issuer, "https://") {
		// Tokens of one well-known provider leave the scheme out.
		issuer = "https://" + issuer
	}
	return store.Read(ctx, s.DB, func(tx *store.Tx) (iam.OIDCProvider, error) {
		// What GetWebIdentityToken gives is for others: see the IAM user guide, "Getting started
		// with outbound identity federation". Tokens of another installation are others' tokens.
		if id, ok := oidc.IssuerID(issuer); ok {
			if _, own, err := tx.IAMOutboundIssuerByID(id); err != nil {
				return iam.OIDCProvider{}, err
			} else if own {
				return iam.OIDCProvider{}, invalidToken("Tokens of GetWebIdentityToken cannot be used for federation into AWS")
			}
		}
		p, ok, err := tx.IAMOIDCProvider(iam.OIDCProviderARN(accountID, issuer))
		if host := strings.TrimPrefix(issuer, "https://"); err == nil && !ok && slices.Contains(builtInProviders, host) {
			return iam.OIDCProvider{ARN: host, AccountID: accountID, URL: host}, nil
		}
		if err == nil && (!ok || p.AccountID != accountID) {
			err = invalidToken("No OpenIDConnect provider found in your account for %s", issuer)
		}
		return p, err
	})
}

// checkSignature reads the claims if a key of the provider has signed them.
func (s *Service) checkSignature(ctx context.Context, token *jwt.JSONWebToken, p *iam.OIDCProvider, into ...any) error {
	keys, err := s.providers.Find(ctx, oidc.Provider{Issuer: p.Issuer(), Thumbprints: p.Thumbprints}, token.Headers[0].KeyID)
	switch {
	case errors.Is(err, oidc.ErrThumbprint):
		return invalidToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	case errors.Is(err, oidc.ErrNoKeys):
		return unknownKey()
	case err != nil:
		return &stsapi.IDPCommunicationErrorException{Message: smithy.Ptr("Couldn't reach the identity provider " + p.URL)}
	}
	for i := range keys {
		if !keys[i].IsPublic() || keys[i].Use == "enc" {
			continue // a key that two share proves nothing, nor one for secrecy
		}
		if token.Claims(keys[i].Key, into...) == nil {
			return nil
		}
	}
	return unknownKey()
}

func unknownKey() error {
	return invalidToken("Couldn't retrieve verification key from your identity provider, " +
		"please reference AssumeRoleWithWebIdentity documentation for requirements")
}

func checkTimes(c *tokenClaims, now time.Time) error {
	switch {
	case c.Expiry == nil || c.IssuedAt == nil || c.Subject == "":
		return invalidToken("Missing a required claim: the token must have sub, aud, iat and exp")
	case !now.Before(c.Expiry.Time()):
		return &stsapi.ExpiredTokenException{Message: smithy.Ptr(fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), c.Expiry.Time().Unix()))}
	case c.NotBefore != nil && now.Add(clockLeeway).Before(c.NotBefore.Time()),
		now.Add(clockLeeway).Before(c.IssuedAt.Time()):
		return invalidToken("The token is not valid yet")
	}
	return nil
}

func newWebIdentity(p iam.OIDCProvider, c *tokenClaims, all map[string]json.RawMessage) (*webIdentity, error) {
	w := &webIdentity{principal: p.ARN, issuer: p.Issuer(), subject: c.Subject, kept: []string{p.URL + ":amr", p.URL + ":aud", p.URL + ":sub"}}
	for _, candidate := range append([]string{c.AuthorizedParty}, c.Audience...) {
		if candidate != "" && (isBuiltIn(&p) || slices.Contains(p.ClientIDs, candidate)) {
			w.audience = candidate
			break
		}
	}
	if w.audience == "" || c.AuthorizedParty != "" && w.audience != c.AuthorizedParty {
		return nil, invalidToken("Incorrect token audience")
	}
	w.keys = tokenKeys(p.URL, all)
	w.keys.Set(p.URL+":aud", w.audience)
	w.keys.Set(p.URL+":oaud", c.Audience...)
	w.source, w.transitive = c.Source, c.Tags.Transitive
	for key, values := range c.Tags.Principal {
		if len(values) != 1 {
			return nil, invalidToken("Each principal tag must have one value")
		}
		w.tags = append(w.tags, stsapi.Tag{Key: smithy.Ptr(key), Value: smithy.Ptr(values[0])})
	}
	slices.SortFunc(w.tags, func(a, b stsapi.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return w, nil
}

// claimValues turns a claim into the values of a condition key; objects have none.
func claimValues(raw json.RawMessage) ([]string, bool) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil, false
	}
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case bool:
		return []string{strconv.FormatBool(v)}, true
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}, true
	case []any:
		var list []string
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, false
			}
			list = append(list, text)
		}
		return list, true
	default:
		return nil, false
	}
}

// commonClaims are the claims that every provider's tokens give as condition keys, beside aud
// and oaud; see the IAM user guide, "IAM and AWS STS condition context keys", "Available keys
// for AWS OIDC federation".
var commonClaims = []string{"sub", "amr", "email"}

// ownClaims are the further claims of providers that AWS knows; see the same topic.
var ownClaims = map[string][]string{
	"token.actions.githubusercontent.com": {
		"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository", "repository_id",
		"repository_owner_id", "workflow",
	},
	"gitlab.com": {
		"namespace_id", "pipeline_source", "project_id", "ref_protected", "runner_environment", "user_access_level", "user_email",
		"user_id", "user_login",
	},
}

// tokenKeys are the condition keys of claims that are there.
func tokenKeys(provider string, claims map[string]json.RawMessage) policy.Keys {
	k := policy.Keys{}
	host, _, _ := strings.Cut(provider, "/")
	for _, name := range append(slices.Clone(commonClaims), ownClaims[host]...) {
		if values, ok := claimValues(claims[name]); ok {
			k.Set(provider+":"+name, values...)
		}
	}
	return k
}

// verifyIdentity checks the token of a request, of either kind.
func (s *Service) verifyIdentity(ctx context.Context, accountID string, in *stsapi.AssumeRoleWithWebIdentityInput) (*webIdentity, error) {
	if in.ProviderId != nil {
		return s.verifyAccessToken(ctx, *in.ProviderId, smithy.Value(in.WebIdentityToken))
	}
	return s.verifyToken(ctx, accountID, smithy.Value(in.WebIdentityToken))
}

func (s *Service) webIdentityChecks(ctx context.Context, c *authz.Call, in *stsapi.AssumeRoleWithWebIdentityInput) ([]authz.Check, error) {
	accountID, err := parseRoleARN(smithy.Value(in.RoleArn))
	if err != nil {
		return nil, err
	}
	w, err := s.verifyIdentity(ctx, accountID, in)
	if err != nil {
		return nil, err
	}
	*c.Caller = credential.Caller{
		Type:        credential.WebIdentityUser,
		PrincipalID: w.principal + ":" + w.audience + ":" + w.subject,
	}
	setIfGiven(w.keys, keyRoleSessionName, in.RoleSessionName)
	return s.federatedChecks(ctx, federatedCall{
		action: actionWebIdentity, roleARN: smithy.Value(in.RoleArn), accountID: accountID,
		principal: policy.Principal{Type: policy.WebIdentity, ARN: w.principal}, passed: w.federated, keys: w.keys,
	})
}

// AssumeRoleWithWebIdentity issues credentials of a session of a role to whom a provider of
// OpenID Connect or OAuth 2.0 vouches for. The gate has verified the token before; it is read
// again here, signature and all, since nothing but the request comes from there.
func (s *Service) AssumeRoleWithWebIdentity(ctx context.Context, in *stsapi.AssumeRoleWithWebIdentityInput) (*stsapi.AssumeRoleWithWebIdentityOutput, error) {
	accountID, err := parseRoleARN(smithy.Value(in.RoleArn))
	if err != nil {
		return nil, err
	}
	w, err := s.verifyIdentity(ctx, accountID, in)
	if err != nil {
		return nil, err
	}
	made, err := s.federatedSession(ctx, &federatedOrder{
		operation: "AssumeRoleWithWebIdentity", roleARN: smithy.Value(in.RoleArn), accountID: accountID,
		sessionName: smithy.Value(in.RoleSessionName), policy: in.Policy, policyARNs: in.PolicyArns,
		seconds: in.DurationSeconds, minimum: in.MinimumSessionTokenSize, passed: w.federated,
		provider: w.principal, keys: keptKeys(w.keys, w.kept),
	})
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(w.principal, "arn:") {
		audit.FromContext(ctx).Touch(audit.Resource{ARN: w.principal, AccountID: accountID, Type: "AWS::IAM::OIDCProvider"})
	}
	return &stsapi.AssumeRoleWithWebIdentityOutput{
		Credentials: made.credentials, AssumedRoleUser: made.user, PackedPolicySize: made.packed,
		SubjectFromWebIdentityToken: smithy.Ptr(w.subject), Audience: smithy.Ptr(w.audience),
		Provider: smithy.Ptr(w.issuer), SourceIdentity: smithy.PtrTo(w.source),
		SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}
