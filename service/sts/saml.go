package sts

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

const actionSAML = "sts:AssumeRoleWithSAML"

// The attributes that AWS reads; see the IAM user guide, "Configure SAML assertions for the
// authentication response".
const (
	attributePrefix      = "https://aws.amazon.com/SAML/Attributes/"
	attributeRole        = attributePrefix + "Role"
	attributeSessionName = attributePrefix + "RoleSessionName"
	attributeSource      = attributePrefix + "SourceIdentity"
	attributeTransitive  = attributePrefix + "TransitiveTagKeys"
	attributeTag         = attributePrefix + "PrincipalTag:"
)

// redeemWithin is how old a response may be.
const redeemWithin = 5 * time.Minute

// recipient is the address at which AWS takes responses, of all regions; the last part is the
// provider's id.
var recipient = regexp.MustCompile(`^https://(?:[a-z0-9-]+\.)?signin\.aws\.amazon\.com/(?:static/)?saml(?:/acs/([A-Z0-9]+))?$`)

// audienceName is AWS's name as an audience, beside its address.
const audienceName = "urn:amazon:webservices"

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// samlUser is what a verified assertion says.
type samlUser struct {
	provider iam.SAMLProvider
	// name is the provider's name in its account.
	name                                                          string
	issuer, subject, subjectType, recipient, qualifier, roleNamed string
	// roles are pairs of the ARNs of a role and a provider, in either order.
	roles      []string
	attributes map[string][]string
	// until bounds the session; zero if the provider does not say.
	until time.Time
	federated
}

// verifyAssertion checks the response of a request against the provider that it names.
func (s *Service) verifyAssertion(ctx context.Context, accountID, providerARN, encoded string) (*samlUser, error) {
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil, invalidToken("Invalid base64 SAMLResponse")
	}
	p, trust, err := s.samlTrust(ctx, accountID, providerARN)
	if err != nil {
		return nil, err
	}
	a, err := trust.open(text)
	switch {
	case errors.Is(err, errUnsigned):
		return nil, invalidToken("Response signature invalid")
	case errors.Is(err, errFailed):
		return nil, &stsapi.IDPRejectedClaimException{Message: smithy.Ptr("The identity provider reported that authentication failed")}
	case errors.Is(err, errClear):
		return nil, invalidToken("The SAML assertion must be encrypted")
	case err != nil:
		return nil, invalidToken("Your request included an invalid SAML response")
	}
	if err := checkAssertion(a, trust, p.UUID); err != nil {
		return nil, err
	}
	return newSAMLUser(p, a)
}

func (s *Service) samlTrust(ctx context.Context, accountID, providerARN string) (iam.SAMLProvider, *samlTrust, error) {
	trust := &samlTrust{now: s.DB.Now()}
	p, err := store.Read(ctx, s.DB, func(tx *store.Tx) (iam.SAMLProvider, error) {
		p, ok, err := tx.IAMSAMLProvider(providerARN)
		if err != nil {
			return p, err
		}
		if !ok || p.AccountID != accountID {
			return p, invalidToken("Specified provider doesn't exist")
		}
		keys, err := tx.IAMSAMLKeys(p.ARN)
		trust.keys = nil
		for _, k := range keys {
			clear, err := s.Vault.Open(k.ID, k.Sealed)
			if err != nil {
				return p, err
			}
			trust.keys = append(trust.keys, clear)
		}
		return p, err
	})
	if err != nil {
		return p, nil, err
	}
	trust.encrypted = p.Encryption == iam.EncryptionRequired
	if trust.now.After(p.ValidUntil) {
		return p, nil, invalidToken("The metadata of the specified provider have expired")
	}
	return p, trust, trust.setMetadata(p.Metadata)
}

// checkAssertion holds the rules of the IAM user guide's topic on assertions.
func checkAssertion(a *assertion, t *samlTrust, providerID string) error {
	switch {
	case a.Issuer != t.issuer:
		return invalidToken("Issuer not present in specified provider")
	case a.IssueInstant.IsZero() || t.now.After(a.IssueInstant.Add(redeemWithin)):
		return &stsapi.ExpiredTokenException{Message: smithy.Ptr("Token must be redeemed within 5 minutes of issuance")}
	case t.now.Before(a.IssueInstant.Add(-clockLeeway)), t.now.Before(a.Conditions.NotBefore.Add(-clockLeeway)):
		return invalidToken("The SAML assertion is not valid yet")
	case !a.Conditions.NotOnOrAfter.IsZero() && !t.now.Before(a.Conditions.NotOnOrAfter):
		return expiredAssertion()
	case len(a.Subject.Confirmations) != 1 || a.Subject.NameID.Value == "":
		return invalidToken("The SAML assertion must have one subject with one confirmation")
	}
	data := a.Subject.Confirmations[0].Data
	if data.NotOnOrAfter.IsZero() || !t.now.Before(data.NotOnOrAfter) {
		return expiredAssertion()
	}
	to := recipient.FindStringSubmatch(data.Recipient)
	if to == nil || to[1] != "" && to[1] != providerID || t.encrypted && to[1] == "" {
		return invalidToken("The recipient of the SAML assertion is not AWS")
	}
	for _, r := range a.Conditions.Restrictions {
		if !slices.ContainsFunc(r.Audiences, func(name string) bool { return name == audienceName || recipient.MatchString(name) }) {
			return invalidToken("The audience of the SAML assertion is not AWS")
		}
	}
	return nil
}

func expiredAssertion() error {
	return &stsapi.ExpiredTokenException{Message: smithy.Ptr("The SAML assertion has expired")}
}

// formatPrefix is left out of the formats of names that begin with it; see AssumeRoleWithSAML.
const formatPrefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

func newSAMLUser(p iam.SAMLProvider, a *assertion) (*samlUser, error) {
	u := &samlUser{
		provider: p, name: strings.TrimPrefix(p.ARN, iam.SAMLProviderARN(p.AccountID, "")), issuer: a.Issuer,
		subject: a.Subject.NameID.Value, subjectType: strings.TrimPrefix(a.Subject.NameID.Format, formatPrefix),
		recipient: a.Subject.Confirmations[0].Data.Recipient, attributes: map[string][]string{},
	}
	sum := sha1.Sum([]byte(u.issuer + p.AccountID + "/" + u.name))
	u.qualifier = base64.StdEncoding.EncodeToString(sum[:])
	for _, st := range a.Statements {
		if until := st.SessionNotOnOrAfter; !until.IsZero() && (u.until.IsZero() || until.Before(u.until)) {
			u.until = until
		}
	}
	for _, at := range a.Attributes {
		u.attributes[at.Name] = append(u.attributes[at.Name], at.Values...)
		if key, ok := strings.CutPrefix(at.Name, attributeTag); ok {
			if len(at.Values) != 1 {
				return nil, invalidToken("Each principal tag must have one value")
			}
			u.tags = append(u.tags, stsapi.Tag{Key: smithy.Ptr(key), Value: smithy.Ptr(at.Values[0])})
		}
	}
	u.roles, u.transitive = u.attributes[attributeRole], u.attributes[attributeTransitive]
	if names := u.attributes[attributeSessionName]; len(names) == 1 && sessionName.MatchString(names[0]) {
		u.roleNamed = names[0]
	} else {
		return nil, invalidToken("RoleSessionName is required in AuthnResponse")
	}
	switch sources := u.attributes[attributeSource]; {
	case len(sources) == 0:
	case len(sources) == 1 && sessionName.MatchString(sources[0]):
		u.source = sources[0]
	default:
		return nil, invalidToken("SourceIdentity in AuthnResponse is not valid")
	}
	return u, nil
}

// grants reports whether the provider offers the role to the user.
func (u *samlUser) grants(roleARN string) bool {
	return slices.ContainsFunc(u.roles, func(pair string) bool {
		one, two, _ := strings.Cut(pair, ",")
		one, two = strings.TrimSpace(one), strings.TrimSpace(two)
		return one == roleARN && two == u.provider.ARN || two == roleARN && one == u.provider.ARN
	})
}

// keys are the condition keys of the assertion.
func (u *samlUser) keys() policy.Keys {
	k := policy.Keys{}
	for name, values := range u.attributes {
		if key, ok := samlKeys[name]; ok {
			k.Set("saml:"+key, values...)
		}
	}
	k.Set("saml:aud", u.recipient)
	k.Set("saml:iss", u.issuer)
	k.Set("saml:sub", u.subject)
	if u.subjectType != "" {
		k.Set("saml:sub_type", u.subjectType)
	}
	k.Set("saml:doc", u.provider.AccountID+"/"+u.name)
	k.Set("saml:namequalifier", u.qualifier)
	k.Set(keyRoleSessionName, u.roleNamed)
	return k
}

func (s *Service) samlChecks(ctx context.Context, c *authz.Call, in *stsapi.AssumeRoleWithSAMLInput) ([]authz.Check, error) {
	accountID, u, err := s.samlUser(ctx, in)
	if err != nil {
		return nil, err
	}
	*c.Caller = credential.Caller{Type: credential.SAMLUser, PrincipalID: u.qualifier + ":" + u.subject}
	return s.federatedChecks(ctx, federatedCall{
		action: actionSAML, roleARN: smithy.Value(in.RoleArn), accountID: accountID,
		principal: policy.Principal{Type: policy.SAML, ARN: u.provider.ARN}, passed: u.federated, keys: u.keys(),
	})
}

// samlUser verifies the assertion of a request, and that it offers the role.
func (s *Service) samlUser(ctx context.Context, in *stsapi.AssumeRoleWithSAMLInput) (string, *samlUser, error) {
	accountID, err := parseRoleARN(smithy.Value(in.RoleArn))
	if err != nil {
		return "", nil, err
	}
	u, err := s.verifyAssertion(ctx, accountID, smithy.Value(in.PrincipalArn), smithy.Value(in.SAMLAssertion))
	if err != nil {
		return "", nil, err
	}
	if !u.grants(smithy.Value(in.RoleArn)) {
		return "", nil, accessDenied("Not authorized to perform " + actionSAML)
	}
	return accountID, u, nil
}

// AssumeRoleWithSAML issues credentials of a session of a role to whom a SAML provider vouches
// for. The gate has verified the assertion before; it is read again here, signature and all.
func (s *Service) AssumeRoleWithSAML(ctx context.Context, in *stsapi.AssumeRoleWithSAMLInput) (*stsapi.AssumeRoleWithSAMLOutput, error) {
	accountID, u, err := s.samlUser(ctx, in)
	if err != nil {
		return nil, err
	}
	o := &federatedOrder{
		operation: "AssumeRoleWithSAML", roleARN: smithy.Value(in.RoleArn), accountID: accountID,
		sessionName: u.roleNamed, policy: in.Policy, policyARNs: in.PolicyArns,
		seconds: in.DurationSeconds, minimum: in.MinimumSessionTokenSize, passed: u.federated,
		provider: u.provider.ARN, keys: keptKeys(u.keys(), samlKept),
	}
	if !u.until.IsZero() {
		left := u.until.Sub(s.DB.Now()) / time.Second
		if left <= 0 {
			return nil, expiredAssertion()
		}
		o.most = int32(min(left, halfDay))
	}
	made, err := s.federatedSession(ctx, o)
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: u.provider.ARN, AccountID: accountID, Type: "AWS::IAM::SAMLProvider"})
	return &stsapi.AssumeRoleWithSAMLOutput{
		Credentials: made.credentials, AssumedRoleUser: made.user, PackedPolicySize: made.packed,
		Subject: smithy.Ptr(u.subject), SubjectType: smithy.Ptr(u.subjectType), Issuer: smithy.Ptr(u.issuer),
		Audience: smithy.Ptr(u.recipient), NameQualifier: smithy.Ptr(u.qualifier), SourceIdentity: smithy.PtrTo(u.source),
		SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}
