package sts

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

const (
	actionGetIdentityToken = "sts:GetWebIdentityToken"
	actionTagIdentityToken = "sts:TagGetWebIdentityToken"

	keyTokenAudience    = "sts:IdentityTokenAudience"
	keyDurationSeconds  = "sts:DurationSeconds"
	keySigningAlgorithm = "sts:SigningAlgorithm"
)

const (
	// fiveMinutes is how long a token lives, in seconds, if the request does not say.
	fiveMinutes = 300
	// maxClaims bounds the claims of a token, as JSON, in bytes. AWS does not publish the bound of
	// JWTPayloadSizeExceeded; this is where others have seen it.
	maxClaims = 14_984
	// awsClaims is the claim that holds what AWS says of its principal.
	awsClaims = "https://sts.amazonaws.com/"
)

// identityTokenChecks ask about a resource that stands for the caller's account; tags are a
// permission of their own. See the IAM user guide, "Control access with IAM policies" for outbound
// identity federation.
func identityTokenChecks(_ context.Context, c *authz.Call, in *stsapi.GetWebIdentityTokenInput) ([]authz.Check, error) {
	if err := checkTokenTags(in.Tags); err != nil {
		return nil, err
	}
	keys := policy.Keys{}
	keys.Set(keyTokenAudience, in.Audience...)
	keys.Set(keyDurationSeconds, strconv.Itoa(int(tokenDuration(in))))
	keys.Set(keySigningAlgorithm, smithy.Value(in.SigningAlgorithm))
	setRequestTags(keys, in.Tags)
	check := authz.Check{
		Action: actionGetIdentityToken, Resource: "arn:aws:sts::" + c.Caller.AccountID + ":self", Keys: keys,
	}
	checks := []authz.Check{check}
	if len(in.Tags) > 0 {
		check.Action = actionTagIdentityToken
		checks = append(checks, check)
	}
	return checks, nil
}

// checkTokenTags refuses keys that differ in case only. Keys that begin with "aws:" are let pass:
// the tags go to others, and mean nothing here.
func checkTokenTags(tags []stsapi.Tag) error {
	taken := make(map[string]bool, len(tags))
	for i := range tags {
		key := strings.ToLower(smithy.Value(tags[i].Key))
		if taken[key] {
			return invalidValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		taken[key] = true
	}
	return nil
}

func tokenDuration(in *stsapi.GetWebIdentityTokenInput) int32 {
	if in.DurationSeconds == nil {
		return fiveMinutes
	}
	return *in.DurationSeconds
}

// GetWebIdentityToken issues a token that proves to others who the caller is. Nothing is kept of
// it.
func (s *Service) GetWebIdentityToken(ctx context.Context, in *stsapi.GetWebIdentityTokenInput) (*stsapi.GetWebIdentityTokenOutput, error) {
	algorithm := smithy.Value(in.SigningAlgorithm)
	if algorithm != iam.AlgorithmRS256 && algorithm != iam.AlgorithmES384 {
		return nil, validation("1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ES384, RS256]", algorithm)
	}
	caller, now := credential.FromContext(ctx), s.DB.Now()
	expires := now.Add(time.Duration(tokenDuration(in)) * time.Second)
	if caller.Session != nil && expires.After(caller.Session.ExpiresAt) {
		return nil, &stsapi.SessionDurationEscalationException{Message: smithy.Ptr(
			"The requested token duration would extend the session beyond its original expiration time.")}
	}
	facts, err := s.tokenFacts(ctx, caller, algorithm)
	if err != nil {
		return nil, err
	}
	// Whoever can tell ids before they are made could make tokens that look the same.
	id, err := audit.NewID(now, rand.Reader)
	if err != nil {
		return nil, err
	}
	payload, err := encodeClaims(map[string]any{
		"iss": oidc.IssuerURL(s.PublicURL, facts.issuer.ID), "sub": tokenSubject(caller), "aud": tokenAudience(in.Audience),
		"iat": now.Unix(), "exp": expires.Unix(), "jti": id,
		awsClaims: facts.claims(caller, audit.FromContext(ctx).Region(), in.Tags),
	})
	if err != nil {
		return nil, err
	}
	if len(payload) > maxClaims {
		return nil, &stsapi.JWTPayloadSizeExceededException{Message: smithy.Ptr(
			"The requested token payload size exceeds the maximum allowed size. Reduce the number of request tags.")}
	}
	token, err := s.signToken(&facts.key, payload)
	if err != nil {
		return nil, err
	}
	// The log tells the token by its id; the token itself is as good as a password.
	audit.FromContext(ctx).Respond(tokenEvent(id, expires))
	return &stsapi.GetWebIdentityTokenOutput{WebIdentityToken: &token, Expiration: &expires}, nil
}

// tokenEvent is what the event of an issued token tells of it.
func tokenEvent(id string, expires time.Time) json.RawMessage {
	return json.RawMessage(`{"webIdentityTokenId":` + strconv.Quote(id) +
		`,"expiration":` + strconv.Quote(expires.UTC().Format("Jan 2, 2006, 3:04:05 PM")) + `}`)
}

// tokenFacts is what the store says of whom a token is for.
type tokenFacts struct {
	issuer     iam.OutboundIssuer
	key        iam.OutboundKey
	membership org.Membership
	// tags are those of the user or role.
	tags map[string]string
	// due are the algorithms that need another key.
	due []string
}

// tokenFacts gathers them, and sees to it that there are keys.
func (s *Service) tokenFacts(ctx context.Context, caller *credential.Caller, algorithm string) (*tokenFacts, error) {
	for range 2 {
		facts, err := store.Read(ctx, s.DB, func(tx *store.Tx) (*tokenFacts, error) {
			return gatherToken(ctx, tx, caller, algorithm)
		})
		var rule *iam.Error
		if errors.As(err, &rule) && rule.Code == iam.FeatureDisabled {
			return nil, &stsapi.OutboundWebIdentityFederationDisabledException{Message: smithy.Ptr(
				"Outbound web identity federation is not enabled for this account.")}
		}
		if err != nil {
			return nil, err
		}
		if len(facts.due) == 0 {
			return facts, nil
		}
		made, err := iam.NewOutboundKeys(facts.due, s.Vault.Seal)
		if err != nil {
			return nil, err
		}
		err = s.DB.Update(ctx, func(tx *store.Tx) error {
			return iam.AddOutboundKeys(ctx, tx, caller.AccountID, made)
		})
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("sts: the issuer of %s has no keys", caller.AccountID)
}

func gatherToken(ctx context.Context, tx *store.Tx, caller *credential.Caller, algorithm string) (*tokenFacts, error) {
	f := &tokenFacts{}
	var err error
	if f.issuer, err = iam.Outbound(ctx, tx, caller.AccountID); err != nil {
		return nil, err
	}
	if f.due, err = iam.OutboundKeyDue(ctx, tx, caller.AccountID); err != nil || len(f.due) > 0 {
		return f, err
	}
	if f.key, _, err = iam.OutboundSigner(ctx, tx, caller.AccountID, algorithm); err != nil {
		return nil, err
	}
	if f.membership, _, err = org.MembershipOf(ctx, tx, caller.AccountID); err != nil {
		return nil, err
	}
	if caller.Type == credential.RootUser {
		return f, nil
	}
	entity, _, err := iam.Entity(ctx, tx, caller.AccountID, caller.EntityID)
	f.tags = entity.Tags
	return f, err
}

// tokenSubject is the ARN of the user or role; sessions of a role are not told apart by it.
func tokenSubject(c *credential.Caller) string {
	if c.Type == credential.AssumedRole {
		return c.EntityARN
	}
	return c.ARN
}

// tokenAudience is a text if there is one audience and a list if there are several; see RFC 7519,
// section 4.1.3.
func tokenAudience(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// claims are what AWS says of its principal; see the IAM user guide, "Understanding token claims".
// What there is nothing to say of is left out.
func (f *tokenFacts) claims(c *credential.Caller, region string, requested []stsapi.Tag) map[string]any {
	out := map[string]any{"aws_account": c.AccountID, "principal_id": tokenSubject(c)}
	if region != "" {
		out["source_region"] = region
	}
	if m := &f.membership; m.OrganizationID != "" {
		out["org_id"], out["ou_path"] = m.OrganizationID, []string{m.OrgPath()}
	}
	tags := f.tags
	if s := c.Session; s != nil {
		out["original_session_exp"] = s.ExpiresAt.UTC().Format(time.RFC3339)
		if s.SourceIdentity != "" {
			out["source_identity"] = s.SourceIdentity
		}
		if s.FederatedProvider != "" {
			out["federated_provider"] = s.FederatedProvider
		}
		tags = overridden(tags, s.Tags)
	}
	if len(tags) > 0 {
		out["principal_tags"] = tags
	}
	if len(requested) > 0 {
		own := make(map[string]string, len(requested))
		for i := range requested {
			own[smithy.Value(requested[i].Key)] = smithy.Value(requested[i].Value)
		}
		out["request_tags"] = own
	}
	return out
}

// overridden returns the tags of an entity and those of its session, which win whatever their
// case.
func overridden(entity, session map[string]string) map[string]string {
	if len(session) == 0 {
		return entity
	}
	out := maps.Clone(session)
	for key, value := range entity {
		if !hasFold(session, key) {
			out[key] = value
		}
	}
	return out
}

// encodeClaims writes claims as they are: nobody shows them in a page.
func encodeClaims(claims map[string]any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(claims); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// signToken makes the token: RFC 7515, compact form.
func (s *Service) signToken(k *iam.OutboundKey, payload []byte) (string, error) {
	der, err := s.Vault.Open(k.ID, k.Sealed)
	if err != nil {
		return "", err
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return "", fmt.Errorf("sts: signing key %s: %w", k.ID, err)
	}
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", k.ID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: private}, options)
	if err != nil {
		return "", fmt.Errorf("sts: signing key %s: %w", k.ID, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sts: signing key %s: %w", k.ID, err)
	}
	return signed.CompactSerialize()
}
