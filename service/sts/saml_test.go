package sts_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const idpName = "https://idp.example.com"

// idp is a SAML provider.
type idp struct {
	t    testing.TB
	key  *rsa.PrivateKey
	cert []byte
}

func newIDP(t testing.TB) *idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &idp{t, key, cert}
}

func (p *idp) metadata() string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + idpName +
		`"><IDPSSODescriptor><KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(p.cert) +
		`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
}

// claim is what an assertion says.
type claim struct {
	issuer, recipient, audience, name string
	issued, until, sessionUntil       time.Time
	// attributes are names and values in turn.
	attributes []string
}

func (c *claim) xml() string {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	var b strings.Builder
	b.WriteString(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0" IssueInstant="` + at(c.issued) + `">` +
		`<saml:Issuer>` + c.issuer + `</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">` + c.name +
		`</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="` + at(c.until) +
		`" Recipient="` + c.recipient + `"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="` + at(c.issued) + `" NotOnOrAfter="` + at(c.until) +
		`"><saml:AudienceRestriction><saml:Audience>` + c.audience + `</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
		`<saml:AuthnStatement SessionNotOnOrAfter="` + at(c.sessionUntil) + `"/><saml:AttributeStatement>`)
	for i := 0; i < len(c.attributes); i += 2 {
		b.WriteString(`<saml:Attribute Name="` + c.attributes[i] + `"><saml:AttributeValue>` + c.attributes[i+1] + `</saml:AttributeValue></saml:Attribute>`)
	}
	b.WriteString(`</saml:AttributeStatement></saml:Assertion>`)
	return b.String()
}

func response(inside string) string {
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
		inside + `</samlp:Response>`
}

// sign puts the provider's signature into the root element.
func (p *idp) sign(text string) string {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		p.t.Fatal(err)
	}
	signer, err := dsig.NewSigningContext(p.key, [][]byte{p.cert})
	if err != nil {
		p.t.Fatal(err)
	}
	signer.IdAttribute = "ID"
	signer.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signed, err := signer.SignEnveloped(doc.Root())
	if err != nil {
		p.t.Fatal(err)
	}
	doc.SetRoot(signed)
	out, err := doc.WriteToString()
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

const attributes = "https://aws.amazon.com/SAML/Attributes/"

// samlScene is a scene with a provider and a role that trusts it.
type samlScene struct {
	*scene
	*idp
	providerARN, roleARN string
}

func newSAMLScene(s *scene) *samlScene {
	p := newIDP(s.t)
	x := &samlScene{scene: s, idp: p}
	s.update(func(ctx context.Context, tx *store.Tx) error {
		made, err := iam.CreateSAMLProvider(ctx, tx, s.dev, iam.NewSAMLProvider{Name: "corp", Metadata: p.metadata()}, s.Vault.Seal)
		x.providerARN = made.ARN
		return err
	})
	x.roleARN = s.role(s.dev, "staff", federatedTrust(x.providerARN, `"sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"`,
		`{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml","saml:sub_type":"persistent","saml:edupersonaffiliation":"staff"}}`))
	return x
}

func (x *samlScene) claim(change ...func(*claim)) *claim {
	c := &claim{
		issuer: idpName, recipient: "https://signin.aws.amazon.com/saml", audience: "urn:amazon:webservices", name: "ann",
		issued: x.now, until: x.now.Add(5 * time.Minute), sessionUntil: x.now.Add(30 * time.Minute),
		attributes: []string{
			attributes + "Role", x.roleARN + "," + x.providerARN, attributes + "RoleSessionName", "ann@example.com",
			attributes + "PrincipalTag:team", "red", attributes + "TransitiveTagKeys", "team", attributes + "SourceIdentity", "ann",
			"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff",
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func (x *samlScene) assumeSAML(text string) (*stsapi.AssumeRoleWithSAMLOutput, error) {
	return call[*stsapi.AssumeRoleWithSAMLOutput](x.scene, &credential.Caller{}, &stsapi.AssumeRoleWithSAMLInput{
		RoleArn: &x.roleARN, PrincipalArn: &x.providerARN, SAMLAssertion: new(encode(text)),
	})
}

func TestAssumeRoleWithSAML(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		x := newSAMLScene(s)
		out, err := x.assumeSAML(response(x.sign(x.claim().xml())))
		s.must(err)
		who := s.session(out.Credentials)
		if who.ARN != "arn:aws:sts::"+s.dev+":assumed-role/staff/ann@example.com" || who.Session.Tags["team"] != "red" ||
			who.Session.SourceIdentity != "ann" || who.Session.TransitiveTagKeys[0] != "team" {
			t.Errorf("session: %+v %+v", who, who.Session)
		}
		sum := sha1.Sum([]byte(idpName + s.dev + "/corp"))
		if *out.NameQualifier != base64.StdEncoding.EncodeToString(sum[:]) || *out.Subject != "ann" || *out.SubjectType != "persistent" ||
			*out.Issuer != idpName || *out.Audience != "https://signin.aws.amazon.com/saml" {
			t.Errorf("answer: %+v", out)
		}
		if got := out.Credentials.Expiration.Sub(s.now); got != 30*time.Minute {
			t.Errorf("the session lasts %s, the provider allows 30 minutes", got)
		}
		_, err = x.assumeSAML(x.sign(response(x.claim().xml())))
		s.must(err)
		regional := x.claim(func(c *claim) { c.recipient = "https://eu-west-1.signin.aws.amazon.com/saml" })
		_, err = x.assumeSAML(x.sign(response(regional.xml())))
		expect(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML") // the trust policy names the other address
	})
}

func TestSAMLRefusals(t *testing.T) {
	s := newScene(t, storetest.Memory())
	x := newSAMLScene(s)
	other := newIDP(t)
	with := func(change func(*claim)) string { return response(x.sign(x.claim(change).xml())) }
	drop := func(name string) func(*claim) {
		return func(c *claim) {
			for i := range c.attributes {
				if c.attributes[i] == attributes+name {
					c.attributes[i] = "urn:other"
				}
			}
		}
	}
	good := x.sign(x.claim().xml())
	evil := strings.Replace(x.claim(func(c *claim) { c.name = "evil" }).xml(), `"_a1"`, `"_a2"`, 1)
	for _, c := range []struct{ name, text, code, message string }{
		{"unsigned", response(x.claim().xml()), "InvalidIdentityToken", "Response signature invalid"},
		{"another's key", response(other.sign(x.claim().xml())), "InvalidIdentityToken", "Response signature invalid"},
		{"changed", response(strings.Replace(good, ">ann<", ">eve<", 1)), "InvalidIdentityToken", "Response signature invalid"},
		{"a second assertion", response(evil + good), "InvalidIdentityToken", "invalid SAML response"},
		{"wrapped", response(strings.Replace(evil, "</saml:Assertion>", "<saml:Advice>"+good+"</saml:Advice></saml:Assertion>", 1)), "InvalidIdentityToken", "Response signature invalid"},
		{"a document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + response(good), "InvalidIdentityToken", "invalid SAML response"},
		{"no response", good, "InvalidIdentityToken", "invalid SAML response"},
		{"no XML", "x", "InvalidIdentityToken", "invalid SAML response"},
		{"a failure", strings.Replace(response(good), "status:Success", "status:Requester", 1), "IDPRejectedClaim", "authentication failed"},
		{"no status", strings.Replace(response(good), "samlp:StatusCode", "samlp:Other", 1), "InvalidIdentityToken", "invalid SAML response"},
		{"another issuer", with(func(c *claim) { c.issuer = "https://evil.example.com" }), "InvalidIdentityToken", "Issuer not present"},
		{"old", with(func(c *claim) { c.issued = s.now.Add(-6 * time.Minute) }), "ExpiredTokenException", "within 5 minutes"},
		{"over", with(func(c *claim) { c.until = s.now }), "ExpiredTokenException", "has expired"},
		{"too early", with(func(c *claim) { c.issued = s.now.Add(time.Hour) }), "InvalidIdentityToken", "not valid yet"},
		{"another recipient", with(func(c *claim) { c.recipient = "https://signin.aws.amazon.com.evil.example/saml" }), "InvalidIdentityToken", "recipient"},
		{"another provider's recipient", with(func(c *claim) { c.recipient += "/acs/SAMLOTHER" }), "InvalidIdentityToken", "recipient"},
		{"another audience", with(func(c *claim) { c.audience = "urn:other" }), "InvalidIdentityToken", "audience"},
		{"no session name", with(drop("RoleSessionName")), "InvalidIdentityToken", "RoleSessionName is required"},
		{"no role", with(drop("Role")), "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"},
		{"session over", with(func(c *claim) { c.sessionUntil = s.now }), "ExpiredTokenException", "has expired"},
	} {
		_, err := x.assumeSAML(c.text)
		t.Log(c.name)
		expect(t, err, c.code, c.message)
	}
	in := &stsapi.AssumeRoleWithSAMLInput{RoleArn: &x.roleARN, PrincipalArn: new(x.providerARN + "x"), SAMLAssertion: new(encode(response(good)))}
	_, err := call[*stsapi.AssumeRoleWithSAMLOutput](s, &credential.Caller{}, in)
	expect(t, err, "InvalidIdentityToken", "Specified provider doesn't exist")
}

// A provider can encrypt its assertions with keys that were put in for it.
func TestEncryptedAssertion(t *testing.T) {
	s := newScene(t, storetest.Memory())
	x := newSAMLScene(s)
	own := newIDP(t) // a key pair with a certificate is all that is needed
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(own.key)}))
	var provider iam.SAMLProvider
	s.update(func(ctx context.Context, tx *store.Tx) error {
		err := iam.UpdateSAMLProvider(ctx, tx, s.dev, x.providerARN, iam.SAMLChange{AddKey: text, Encryption: iam.EncryptionRequired}, s.Vault.Seal)
		if err != nil {
			return err
		}
		provider, err = iam.GetSAMLProvider(ctx, tx, s.dev, x.providerARN)
		return err
	})
	to := "https://signin.aws.amazon.com/saml/acs/" + provider.UUID
	x.roleARN = s.role(s.dev, "sealed", federatedTrust(x.providerARN, `"sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"`, `{}`))
	signed := x.sign(x.claim(func(c *claim) { c.recipient = to }).xml())
	encryptor := xmlenc.OAEP()
	encryptor.BlockCipher, encryptor.DigestMethod = xmlenc.AES256CBC, &xmlenc.SHA1
	data, err := encryptor.Encrypt(&x509.Certificate{Raw: own.cert, PublicKey: own.key.Public()}, []byte(signed), nil)
	s.must(err)
	doc := etree.NewDocument()
	doc.SetRoot(data)
	sealed, err := doc.WriteToString()
	s.must(err)
	out, err := x.assumeSAML(response(`<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` + sealed + `</saml:EncryptedAssertion>`))
	s.must(err)
	if *out.Audience != to {
		t.Errorf("audience = %s", *out.Audience)
	}
	_, err = x.assumeSAML(response(signed))
	expect(t, err, "InvalidIdentityToken", "must be encrypted")
}

// Whatever comes as a response, the answer is a refusal and never a fault of the service.
func FuzzSAMLResponse(f *testing.F) {
	s := newScene(f, storetest.Memory())
	x := newSAMLScene(s)
	signed := x.sign(x.claim(func(c *claim) { c.name = "nobody" }).xml())
	f.Add(response(signed))
	f.Add(response(x.claim().xml()))
	f.Add(`<saml:EncryptedAssertion/>`)
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" || len(encode(text)) > 100_000 {
			return
		}
		out, err := callIn[*stsapi.AssumeRoleWithSAMLOutput](s, credential.NewContext(t.Context(), &credential.Caller{}), &stsapi.AssumeRoleWithSAMLInput{
			RoleArn: &x.roleARN, PrincipalArn: &x.providerARN, SAMLAssertion: new(encode(text)),
		})
		if code, _, message := refusal(err); code == "InternalFailure" {
			t.Errorf("internal failure: %s", message)
		}
		if err == nil && *out.Subject != "nobody" {
			t.Errorf("somebody else got in: %s", *out.Subject)
		}
	})
}
