package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/beevik/etree"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	dsig "github.com/russellhaering/goxmldsig"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
)

// everySTS are the scenes that call all of STS.
var everySTS = []struct {
	name  string
	scene func(t *testing.T, x *everything)
}{
	{"callers", everyCaller},
	{"roles", everyAssumedRole},
	{"sessions", everyOwnSession},
	{"web identity", everyWebIdentity},
	{"SAML", everyAssertion},
	{"root sessions", everyRootSession},
	{"tokens for others", everyIdentityToken},
	{"delegated access", everyDelegatedAccess},
	{"all violations at once", everySTSViolation},
}

// notInSTS are the errors that the model gives to operations and that nothing provokes here.
var notInSTS = []impossible{
	{"*", "RegionDisabledException", "STS is enabled in every Region, as it is in those that AWS enables by default"},
	{"AssumeRole AssumeRoot", "ExpiredTokenException", "it is about tokens of the caller: they are refused before the operation begins (ExpiredToken), and no token is passed in ProvidedContexts"},
	{"AssumeRoleWithWebIdentity", "IDPRejectedClaimException", "it is about access tokens of two providers on the Internet; the tests of service/sts stand in for them"},
	{"GetDelegatedAccessToken", "PackedPolicyTooLargeException", "the policy of a delegation request is not packed into the token, which names the request"},
	{"GetDelegatedAccessToken", "ExpiredTradeInTokenException", "it takes an hour; the tests of service/sts move the clock"},
}

// TestEverySTSOperation calls every operation that the SDK's client of STS has, and provokes
// every error that the model gives it or says why that cannot be.
func TestEverySTSOperation(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		calls := s.ledger()
		w := organize(t, s)
		x := &everything{world: w, c: w.admin.iam()}
		for _, scene := range everySTS {
			if !t.Run(scene.name, func(t *testing.T) { scene.scene(t, x) }) {
				t.Errorf("%s: failed", scene.name)
			}
		}
		if t.Failed() {
			return
		}
		calls.complete(t, "sts", methods(w.admin.sts()))
		calls.allErrors(t, stsapi.Describe(), notInSTS)
	})
}

// holder is who has credentials.
func (a as) holder(c *ststypes.Credentials) as {
	return a.s.with(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// lasts expects credentials that end after the seconds.
func lasts(t testing.TB, c *ststypes.Credentials, seconds int) {
	t.Helper()
	if got := time.Until(*c.Expiration).Seconds(); got > float64(seconds)+2 || got < float64(seconds)-30 {
		t.Errorf("credentials for %.0f s, want %d", got, seconds)
	}
	if !strings.HasPrefix(*c.AccessKeyId, "ASIA") || len(*c.AccessKeyId) != 20 || len(*c.SecretAccessKey) != 40 {
		t.Errorf("key %s", *c.AccessKeyId)
	}
}

func everyCaller(t *testing.T, x *everything) {
	admin := x.admin.sts()
	me := fetch[sts.GetCallerIdentityOutput](t, admin, &sts.GetCallerIdentityInput{})
	user := fetch[iam.GetUserOutput](t, x.c, &iam.GetUserInput{}).User
	same(t, "caller", []string{*me.Account, *me.Arn, *me.UserId}, []string{managementID, *user.Arn, *user.UserId})
	id, _, _ := keysOf(t, x.admin)
	same(t, "account of the key", *fetch[sts.GetAccessKeyInfoOutput](t, x.s.openAccount(t, "Stranger").sts(), &sts.GetAccessKeyInfoInput{AccessKeyId: &id}).Account, managementID)

	// No operation here adds such a message to its refusals: one is made with the server's key.
	master, err := credential.LoadMasterKeys(filepath.Join(x.s.dir, "master.key"))
	must(t, err)
	vault, err := credential.NewVault(credential.NewKeyring(master[0], master[1:]...))
	must(t, err)
	encoded, err := authz.EncodeMessage(vault, &credential.Caller{Type: credential.User, AccountID: managementID, ARN: *me.Arn, PrincipalID: *me.UserId},
		&authz.DeniedError{Action: "ec2:RunInstances", Resource: "*"})
	must(t, err)
	text := *fetch[sts.DecodeAuthorizationMessageOutput](t, admin, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}).DecodedMessage
	message := decode[struct {
		Allowed, ExplicitDeny bool
		Context               struct {
			Principal struct{ ID, ARN string }
			Action    string
		}
	}](t, text)
	if message.Allowed || message.ExplicitDeny || message.Context.Principal.ARN != *me.Arn || message.Context.Action != "ec2:RunInstances" {
		t.Errorf("decoded %s", text)
	}
	refusal{&sts.DecodeAuthorizationMessageInput{EncodedMessage: new("message")}, "InvalidAuthorizationMessageException", "Message is not valid"}.check(t, admin)
}

func everyAssumedRole(t *testing.T, x *everything) {
	admin := x.admin.sts()
	role := x.admin.newRole(t, "switch", document(`{"Effect":"Allow","Principal":{"AWS":"`+managementID+`"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`), readOnlyPolicy)
	plain := fetch[sts.AssumeRoleOutput](t, admin, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ss")})
	lasts(t, plain.Credentials, 3600)
	id := *fetch[iam.GetRoleOutput](t, x.c, &iam.GetRoleInput{RoleName: new("switch")}).Role.RoleId
	same(t, "role user", plain.AssumedRoleUser, &ststypes.AssumedRoleUser{Arn: new("arn:aws:sts::" + managementID + ":assumed-role/switch/ss"), AssumedRoleId: new(id + ":ss")})
	if plain.SourceIdentity != nil || int(*plain.SessionTokenSize) != len(*plain.Credentials.SessionToken) || *plain.SessionTokenUtilization < 1 {
		t.Errorf("plain: %d bytes, %d %%", *plain.SessionTokenSize, *plain.SessionTokenUtilization)
	}
	full := fetch[sts.AssumeRoleOutput](t, admin, &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: new("ss"), DurationSeconds: new(int32(900)), SourceIdentity: new("ann"), Policy: new(allow("iam:ListUsers", "*")),
		PolicyArns: []ststypes.PolicyDescriptorType{{Arn: new(readOnlyPolicy)}}, Tags: []ststypes.Tag{{Key: new("team"), Value: new("blue")}}, TransitiveTagKeys: []string{"team"},
	})
	lasts(t, full.Credentials, 900)
	if *full.SourceIdentity != "ann" || *full.SessionTokenSize <= *plain.SessionTokenSize || *full.SessionTokenUtilization > 100 {
		t.Errorf("full: %s, %d bytes, %d %%", *full.SourceIdentity, *full.SessionTokenSize, *full.SessionTokenUtilization)
	}
	same(t, "its caller", x.admin.holder(full.Credentials).arn(t), "arn:aws:sts::"+managementID+":assumed-role/switch/ss")
	var tags []ststypes.Tag
	for n := range 50 {
		tags = append(tags, ststypes.Tag{Key: new(strings.Repeat("k", 100) + strconv.Itoa(n)), Value: new(randomText(t, 200))})
	}
	for _, r := range []refusal{
		{&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ss"), Policy: new(`{"Statement":1}`)}, "MalformedPolicyDocument", ""},
		{&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ss"), Tags: tags}, "PackedPolicyTooLarge", ""},
		{&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ss"), DurationSeconds: new(int32(7200))}, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
	} {
		r.check(t, admin)
	}
}

// randomText cannot be packed well.
func randomText(t testing.TB, length int) string {
	t.Helper()
	b := make([]byte, length)
	_, err := rand.Read(b)
	must(t, err)
	return base64.StdEncoding.EncodeToString(b)[:length]
}

// unpackable is a session policy that is no longer than one may be, but leaves nothing to pack:
// its characters are any of those that policies can have.
func unpackable(t testing.TB) *string {
	t.Helper()
	var letters []rune
	for r := rune(0x21); r <= 0xff; r++ {
		if (r < 0x7f || r > 0xa0) && !strings.ContainsRune(`"\\$*?{}<>&:`, r) {
			letters = append(letters, r)
		}
	}
	var b strings.Builder
	empty := allow("s3:*", "arn:aws:s3:::")
	for range 2048 - len(empty) {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		must(t, err)
		b.WriteRune(letters[n.Int64()])
	}
	return new(strings.Replace(empty, ":::", ":::"+b.String(), 1))
}

func everyOwnSession(t *testing.T, x *everything) {
	admin := x.admin.sts()
	own := fetch[sts.GetSessionTokenOutput](t, admin, &sts.GetSessionTokenInput{})
	lasts(t, own.Credentials, 12*3600)
	same(t, "the user's own session", x.admin.holder(own.Credentials).arn(t), userARN(managementID, "admin"))
	federated := fetch[sts.GetFederationTokenOutput](t, admin, &sts.GetFederationTokenInput{Name: new("bob"), Policy: new(allow("sts:*", "*")), Tags: []ststypes.Tag{{Key: new("a"), Value: new("b")}}})
	lasts(t, federated.Credentials, 12*3600)
	same(t, "federated user", federated.FederatedUser, &ststypes.FederatedUser{Arn: new("arn:aws:sts::" + managementID + ":federated-user/bob"), FederatedUserId: new(managementID + ":bob")})
	same(t, "its caller", x.admin.holder(federated.Credentials).arn(t), *federated.FederatedUser.Arn)
	var tags []ststypes.Tag
	for n := range 50 {
		tags = append(tags, ststypes.Tag{Key: new("k" + strconv.Itoa(n)), Value: new(randomText(t, 200))})
	}
	refusal{&sts.GetFederationTokenInput{Name: new("bob"), Policy: new(`{"Statement":1}`)}, "MalformedPolicyDocument", ""}.check(t, admin)
	refusal{&sts.GetFederationTokenInput{Name: new("bob"), Tags: tags}, "PackedPolicyTooLarge", ""}.check(t, admin)
}

// idServer is an OpenID Connect provider on this machine.
type idServer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newIDServer(t testing.TB) *idServer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	i := &idServer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one"}}})
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

// token is one for the audience that ends after a time.
func (i *idServer) token(t testing.TB, audience string, after time.Duration) *string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "one"))
	must(t, err)
	text, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": i.URL, "sub": "ann", "aud": audience, "iat": time.Now().Add(-2 * time.Hour).Unix(), "exp": time.Now().Add(after).Unix(),
	}).Serialize()
	must(t, err)
	return &text
}

func everyWebIdentity(t *testing.T, x *everything) {
	i := newIDServer(t)
	sum := sha1.Sum(i.Certificate().Raw)
	provider := fetch[iam.CreateOpenIDConnectProviderOutput](t, x.c, &iam.CreateOpenIDConnectProviderInput{Url: &i.URL, ClientIDList: []string{"app"}, ThumbprintList: []string{hex.EncodeToString(sum[:])}}).OpenIDConnectProviderArn
	role := x.admin.newRole(t, "web", document(`{"Effect":"Allow","Principal":{"Federated":"`+*provider+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+strings.TrimPrefix(i.URL, "https://")+`:sub":"ann"}}}`), "")
	anyone := x.s.with("", "", "")
	anyone.Credentials = aws.AnonymousCredentials{}
	c := anyone.sts()
	in := func(change func(*sts.AssumeRoleWithWebIdentityInput)) *sts.AssumeRoleWithWebIdentityInput {
		in := &sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("ss"), WebIdentityToken: i.token(t, "app", time.Hour)}
		if change != nil {
			change(in)
		}
		return in
	}
	out := fetch[sts.AssumeRoleWithWebIdentityOutput](t, c, in(nil))
	lasts(t, out.Credentials, 3600)
	same(t, "answer", []string{*out.Audience, *out.Provider, *out.SubjectFromWebIdentityToken, *out.AssumedRoleUser.Arn},
		[]string{"app", i.URL, "ann", "arn:aws:sts::" + managementID + ":assumed-role/web/ss"})
	same(t, "caller", x.admin.holder(out.Credentials).arn(t), *out.AssumedRoleUser.Arn)
	for _, r := range []refusal{
		{in(func(in *sts.AssumeRoleWithWebIdentityInput) { in.WebIdentityToken = i.token(t, "app", -time.Hour) }), "ExpiredTokenException", ""},
		{in(func(in *sts.AssumeRoleWithWebIdentityInput) { in.WebIdentityToken = i.token(t, "other", time.Hour) }), "InvalidIdentityToken", "Incorrect token audience"},
		{in(func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = new(`{"Statement":1}`) }), "MalformedPolicyDocument", ""},
		{in(func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = unpackable(t) }), "PackedPolicyTooLarge", ""},
	} {
		r.check(t, c)
	}
	i.Close()
	other := newIDServer(t)
	fetchRefused := fetch[iam.CreateOpenIDConnectProviderOutput](t, x.c, &iam.CreateOpenIDConnectProviderInput{Url: &other.URL, ClientIDList: []string{"app"}, ThumbprintList: []string{hex.EncodeToString(sum[:])}}).OpenIDConnectProviderArn
	x.admin.newRole(t, "unreachable", document(`{"Effect":"Allow","Principal":{"Federated":"`+*fetchRefused+`"},"Action":"sts:AssumeRoleWithWebIdentity"}`), "")
	token := other.token(t, "app", time.Hour)
	other.Close()
	refusal{&sts.AssumeRoleWithWebIdentityInput{RoleArn: new(roleARN(managementID, "unreachable")), RoleSessionName: new("ss"), WebIdentityToken: token}, "IDPCommunicationError", ""}.check(t, c)
}

func everyAssertion(t *testing.T, x *everything) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	metadata := samlMetadata("https://idp.example.com", &issued{body: pemText("CERTIFICATE", der)})
	provider := fetch[iam.CreateSAMLProviderOutput](t, x.c, &iam.CreateSAMLProviderInput{Name: new("idp"), SAMLMetadataDocument: &metadata}).SAMLProviderArn
	role := x.admin.newRole(t, "staff", document(`{"Effect":"Allow","Principal":{"Federated":"`+*provider+`"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}`), "")
	anyone := x.s.with("", "", "")
	anyone.Credentials = aws.AnonymousCredentials{}
	in := func(assertion string, change func(*sts.AssumeRoleWithSAMLInput)) *sts.AssumeRoleWithSAMLInput {
		in := &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: provider, SAMLAssertion: new(base64.StdEncoding.EncodeToString([]byte(assertion)))}
		if change != nil {
			change(in)
		}
		return in
	}
	good := signedAssertion(t, key, der, role+","+*provider, time.Now())
	out := fetch[sts.AssumeRoleWithSAMLOutput](t, anyone.sts(), in(good, nil))
	lasts(t, out.Credentials, 3600)
	same(t, "answer", []string{*out.Issuer, *out.Subject, *out.SubjectType, *out.Audience, *out.AssumedRoleUser.Arn},
		[]string{"https://idp.example.com", "ann", "persistent", "https://signin.aws.amazon.com/saml", "arn:aws:sts::" + managementID + ":assumed-role/staff/ann@example.com"})
	same(t, "caller", x.admin.holder(out.Credentials).arn(t), *out.AssumedRoleUser.Arn)
	sum := sha1.Sum([]byte("https://idp.example.com" + managementID + "/idp"))
	same(t, "name qualifier", *out.NameQualifier, base64.StdEncoding.EncodeToString(sum[:]))
	for _, r := range []refusal{
		{in(signedAssertion(t, key, der, role+","+*provider, time.Now().Add(-time.Hour)), nil), "ExpiredTokenException", ""},
		{in(strings.Replace(good, ">ann<", ">bob<", 1), nil), "InvalidIdentityToken", ""},
		{in(strings.Replace(good, "status:Success", "status:Requester", 1), nil), "IDPRejectedClaim", ""},
		{in(good, func(in *sts.AssumeRoleWithSAMLInput) { in.Policy = new(`{"Statement":1}`) }), "MalformedPolicyDocument", ""},
		{in(good, func(in *sts.AssumeRoleWithSAMLInput) { in.Policy = unpackable(t) }), "PackedPolicyTooLarge", ""},
	} {
		r.check(t, anyone.sts())
	}
}

// signedAssertion is a response with an assertion about ann that the key signs.
func signedAssertion(t testing.TB, key *rsa.PrivateKey, cert []byte, roles string, issued time.Time) string {
	t.Helper()
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	until := at(issued.Add(5 * time.Minute))
	const attribute = "https://aws.amazon.com/SAML/Attributes/"
	text := `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0" IssueInstant="` + at(issued) + `"><saml:Issuer>https://idp.example.com</saml:Issuer>` +
		`<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
		`<saml:SubjectConfirmationData NotOnOrAfter="` + until + `" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation></saml:Subject>` +
		`<saml:Conditions NotBefore="` + at(issued) + `" NotOnOrAfter="` + until + `"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
		`<saml:AuthnStatement/><saml:AttributeStatement><saml:Attribute Name="` + attribute + `Role"><saml:AttributeValue>` + roles + `</saml:AttributeValue></saml:Attribute>` +
		`<saml:Attribute Name="` + attribute + `RoleSessionName"><saml:AttributeValue>ann@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>`
	doc := etree.NewDocument()
	must(t, doc.ReadFromString(text))
	signer, err := dsig.NewSigningContext(key, [][]byte{cert})
	must(t, err)
	signer.IdAttribute = "ID"
	signer.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signed, err := signer.SignEnveloped(doc.Root())
	must(t, err)
	doc.SetRoot(signed)
	inside, err := doc.WriteToString()
	must(t, err)
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
		inside + `</samlp:Response>`
}

func everyRootSession(t *testing.T, x *everything) {
	member := x.account(t, x.rootID, "Member", "")
	do(t, x.root.organizations(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new("iam.amazonaws.com")})
	do(t, x.root.iam(), &iam.EnableOrganizationsRootCredentialsManagementInput{})
	out := fetch[sts.AssumeRootOutput](t, x.admin.sts(), &sts.AssumeRootInput{TargetPrincipal: &member, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: new("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")}})
	lasts(t, out.Credentials, 900)
	inside := x.admin.holder(out.Credentials)
	same(t, "caller", inside.arn(t), "arn:aws:iam::"+member+":root")
	if keys := fetch[iam.ListAccessKeysOutput](t, inside.iam(), &iam.ListAccessKeysInput{}).AccessKeyMetadata; len(keys) != 0 {
		t.Errorf("keys: %s", jsonText(keys))
	}
}

func everyIdentityToken(t *testing.T, x *everything) {
	in := &sts.GetWebIdentityTokenInput{Audience: []string{"https://api.example.com"}, SigningAlgorithm: new("RS256"), DurationSeconds: new(int32(600)), Tags: []ststypes.Tag{{Key: new("team"), Value: new("blue")}}}
	admin := x.admin.sts()
	refusal{in, "OutboundWebIdentityFederationDisabledException", ""}.check(t, admin)
	issuer := fetch[iam.EnableOutboundWebIdentityFederationOutput](t, x.c, &iam.EnableOutboundWebIdentityFederationInput{}).IssuerIdentifier
	out := fetch[sts.GetWebIdentityTokenOutput](t, admin, in)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*out.WebIdentityToken, ".")[1])
	must(t, err)
	claims := decode[struct{ Iss, Sub, Aud string }](t, string(payload))
	same(t, "claims", []string{claims.Iss, claims.Sub, claims.Aud}, []string{*issuer, userARN(managementID, "admin"), "https://api.example.com"})
	if left := time.Until(*out.Expiration); left < 9*time.Minute || left > 10*time.Minute {
		t.Errorf("it ends in %s", left)
	}
	role := x.admin.newRole(t, "vouched", trusting(managementID), adminPolicy)
	session := x.admin.mustAssume(t, role, lasting(900))
	short := *in
	short.DurationSeconds = new(int32(3600))
	refusal{&short, "SessionDurationEscalationException", ""}.check(t, session.sts())
	large := *in
	large.Tags = nil
	for n := range 50 {
		large.Tags = append(large.Tags, ststypes.Tag{Key: new("k" + strconv.Itoa(n) + strings.Repeat("k", 100)), Value: new(randomText(t, 256))})
	}
	large.Audience = nil
	for n := range 10 {
		large.Audience = append(large.Audience, "https://"+strings.ReplaceAll(randomText(t, 900), "/", "-")+strconv.Itoa(n))
	}
	refusal{&large, "JWTPayloadSizeExceededException", ""}.check(t, admin)
}

func everyDelegatedAccess(t *testing.T, x *everything) {
	partner := x.s.partner(t)
	id := fetch[iam.CreateDelegationRequestOutput](t, partner.iam(), delegationFor(t, partner, "trade-in")).DelegationRequestId
	do(t, x.c, &iam.AssociateDelegationRequestInput{DelegationRequestId: id}, &iam.AcceptDelegationRequestInput{DelegationRequestId: id}, &iam.SendDelegationTokenInput{DelegationRequestId: id})
	out := fetch[sts.GetDelegatedAccessTokenOutput](t, partner.sts(), &sts.GetDelegatedAccessTokenInput{TradeInToken: new(x.s.exchangeToken(t, partner.accountID(t), *id))})
	lasts(t, out.Credentials, 3600)
	same(t, "principal", *out.AssumedPrincipal, userARN(managementID, "admin"))
	do(t, x.admin.holder(out.Credentials).iam(), &iam.ListRolesInput{})
}

// everySTSViolation sends requests that are wrong in several ways: all of them are told.
func everySTSViolation(t *testing.T, x *everything) {
	for _, r := range []refusal{
		{&sts.AssumeRoleInput{RoleArn: new("short"), RoleSessionName: new("a b"), DurationSeconds: new(int32(1))}, "ValidationError", "3 validation errors detected: "},
		{&sts.GetFederationTokenInput{Name: new(strings.Repeat("x", 33)), DurationSeconds: new(int32(1))}, "ValidationError", "2 validation errors detected: "},
		{&sts.GetAccessKeyInfoInput{AccessKeyId: new("a b")}, "ValidationError", "2 validation errors detected: "},
	} {
		_, err := ask(x.admin.sts(), r.in)
		var got smithy.APIError
		if !errors.As(err, &got) || got.ErrorCode() != r.code || !strings.HasPrefix(got.ErrorMessage(), r.message) {
			t.Errorf("%T: %v\nwant %s: %s", r.in, err, r.code, r.message)
		}
	}
}
