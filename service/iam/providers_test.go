package iam_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestOIDCProviders(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			thumbprint := strings.Repeat("AB", 20)
			create := &iamapi.CreateOpenIDConnectProviderInput{
				Url: ptr("https://id.example.com/tenant"), ClientIDList: []string{"b", "a", "b"}, ThumbprintList: []string{thumbprint}, Tags: tags("Team"),
			}
			made, err := f.CreateOpenIDConnectProvider(f.ctx, create)
			noError(t, err)
			arn := *made.OpenIDConnectProviderArn
			equal(t, "ARN", arn, "arn:aws:iam::"+home+":oidc-provider/id.example.com/tenant")
			got, err := f.GetOpenIDConnectProvider(f.ctx, &iamapi.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
			noError(t, err)
			equal(t, "URL", *got.Url, "id.example.com/tenant")
			equal(t, "client ids", got.ClientIDList, []string{"b", "a"})
			equal(t, "thumbprints", got.ThumbprintList, []string{strings.ToLower(thumbprint)})
			equal(t, "tags", got.Tags, tags("Team"))

			hundredAndOne := make([]string, 101)
			for i := range hundredAndOne {
				hundredAndOne[i] = "app-" + strconv.Itoa(i)
			}
			none := "arn:aws:iam::" + home + ":oidc-provider/none.example.com"
			for _, c := range []refusal{
				{"twice", create, "EntityAlreadyExists", "Provider with url https://id.example.com/tenant already exists."},
				{"http", &iamapi.CreateOpenIDConnectProviderInput{Url: ptr("http://id.example.com")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
				{"a query", &iamapi.CreateOpenIDConnectProviderInput{Url: ptr("https://id.example.com?x=1")}, "InvalidInput", "Invalid Open ID Connect Provider URL"},
				{"no thumbprint", &iamapi.CreateOpenIDConnectProviderInput{Url: ptr("https://x.example.com"), ThumbprintList: []string{strings.Repeat("z", 40)}}, "InvalidInput", ""},
				{"many thumbprints", &iamapi.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &arn, ThumbprintList: []string{
					thumbprint, thumbprint, thumbprint, thumbprint, thumbprint, thumbprint,
				}}, "InvalidInput", "Thumbprint list must contain fewer than 5 entries."},
				{"many client ids", &iamapi.CreateOpenIDConnectProviderInput{
					Url: ptr("https://x.example.com"), ThumbprintList: []string{thumbprint}, ClientIDList: hundredAndOne,
				}, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"},
				{"none there", &iamapi.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &none}, "NoSuchEntity", "OpenIDConnect Provider not found for arn " + none},
				{"another account's", &iamapi.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: ptr(strings.Replace(arn, home, other, 1))}, "InvalidInput", ""},
			} {
				c.check(t, f)
			}
			noError(t, f.call(f.ctx, &iamapi.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("c")}))
			noError(t, f.call(f.ctx, &iamapi.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("c")}))
			noError(t, f.call(f.ctx, &iamapi.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: ptr("b")}))
			noError(t, f.call(f.ctx, &iamapi.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &arn, ThumbprintList: []string{}}))
			noError(t, f.call(f.ctx, &iamapi.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, Tags: tags("Use")}))
			noError(t, f.call(f.ctx, &iamapi.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, TagKeys: []string{"Team"}}))
			left, err := f.ListOpenIDConnectProviderTags(f.ctx, &iamapi.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: &arn})
			noError(t, err)
			equal(t, "tags left", left.Tags, tags("Use"))
			got, err = f.GetOpenIDConnectProvider(f.ctx, &iamapi.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
			noError(t, err)
			equal(t, "client ids", got.ClientIDList, []string{"a", "c"})
			equal(t, "no thumbprints", len(got.ThumbprintList), 0)
			list, err := f.ListOpenIDConnectProviders(f.ctx, &iamapi.ListOpenIDConnectProvidersInput{})
			noError(t, err)
			equal(t, "list", list.OpenIDConnectProviderList, []iamapi.OpenIDConnectProviderListEntry{{Arn: &arn}})
			keys := f.checks(t, f.ctx, "DeleteOpenIDConnectProvider", &iamapi.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})[0].Keys
			equal(t, "condition keys", keys["aws:resourcetag/use"], []string{"value"})
			for range 2 { // deleting what is gone is no error
				noError(t, f.call(f.ctx, &iamapi.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}))
			}
		})
	}
}

// Without thumbprints the provider is asked, and has to answer.
func TestThumbprintOfTheProvider(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer":"` + server.URL + `","jwks_uri":"` + server.URL + `/keys"}`))
	})
	create := &iamapi.CreateOpenIDConnectProviderInput{Url: &server.URL}
	made, err := f.CreateOpenIDConnectProvider(f.ctx, create)
	noError(t, err)
	got, err := f.GetOpenIDConnectProvider(f.ctx, &iamapi.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})
	noError(t, err)
	sum := sha1.Sum(server.Certificate().Raw)
	equal(t, "thumbprints", got.ThumbprintList, []string{hex.EncodeToString(sum[:])})
	other := server.URL + "/tenant"
	for _, c := range []refusal{
		{"another issuer", &iamapi.CreateOpenIDConnectProviderInput{Url: &other}, "OpenIdIdpCommunicationError", "Please check .well-known/openid-configuration of provider: " + other + " is valid."},
		{"twice", create, "EntityAlreadyExists", ""},
	} {
		c.check(t, f)
	}
	noError(t, f.call(f.ctx, &iamapi.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn}))
	server.Close()
	(&refusal{"nobody there", create, "OpenIdIdpCommunicationError", ""}).check(t, f)
}

// metadata describes a SAML provider that signs with the certificate.
func metadata(t *testing.T, entity, attributes string, a *authority) string {
	t.Helper()
	block, _ := pem.Decode([]byte(a.text))
	return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` +
		entity + `" ` + attributes + `><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">` +
		`<ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(block.Bytes) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
		`</md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://id.example.com/sso"/>` +
		`</md:IDPSSODescriptor></md:EntityDescriptor>` + strings.Repeat(" ", 600)
}

func TestSAMLProviders(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			var none *authority
			_, ecKey, signer := none.sign(t, "idp", 10)
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			noError(t, err)
			rsaText := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
			text := metadata(t, "https://id.example.com", `validUntil="2040-01-02T03:04:05Z"`, signer)
			create := &iamapi.CreateSAMLProviderInput{Name: ptr("corp"), SAMLMetadataDocument: &text, Tags: tags("Team")}
			made, err := f.CreateSAMLProvider(f.ctx, create)
			noError(t, err)
			arn := *made.SAMLProviderArn
			equal(t, "ARN", arn, "arn:aws:iam::"+home+":saml-provider/corp")
			got, err := f.GetSAMLProvider(f.ctx, &iamapi.GetSAMLProviderInput{SAMLProviderArn: &arn})
			noError(t, err)
			equal(t, "metadata", *got.SAMLMetadataDocument, text)
			equal(t, "end", got.ValidUntil.Format("2006-01-02T15:04:05Z"), "2040-01-02T03:04:05Z")
			equal(t, "length of the id", len(*got.SAMLProviderUUID), 36)

			update := func(change func(*iamapi.UpdateSAMLProviderInput)) *iamapi.UpdateSAMLProviderInput {
				in := &iamapi.UpdateSAMLProviderInput{SAMLProviderArn: &arn}
				change(in)
				return in
			}
			for _, c := range []refusal{
				{"twice", create, "EntityAlreadyExists", ""},
				{"no XML", &iamapi.CreateSAMLProviderInput{Name: ptr("x"), SAMLMetadataDocument: ptr(strings.Repeat("x", 1000))}, "InvalidInput", "Could not parse metadata"},
				{"no certificate", &iamapi.CreateSAMLProviderInput{Name: ptr("x"), SAMLMetadataDocument: ptr(strings.Replace(text, "signing", "encryption", 1))}, "InvalidInput", "Could not parse metadata"},
				{"encryption without a key", &iamapi.CreateSAMLProviderInput{Name: ptr("x"), SAMLMetadataDocument: &text, AssertionEncryptionMode: ptr("Required")}, "InvalidInput", ""},
				{"the same in an update", update(func(in *iamapi.UpdateSAMLProviderInput) { in.AssertionEncryptionMode = ptr("Required") }), "InvalidInput", ""},
				{"a key of another kind", update(func(in *iamapi.UpdateSAMLProviderInput) { in.AddPrivateKey = &ecKey }), "InvalidInput", ""},
				{"remove no key", update(func(in *iamapi.UpdateSAMLProviderInput) { in.RemovePrivateKey = ptr(strings.Repeat("A", 30)) }), "InvalidInput", ""},
				{"none there", &iamapi.DeleteSAMLProviderInput{SAMLProviderArn: ptr(arn + "x")}, "NoSuchEntity", ""},
			} {
				c.check(t, f)
			}
			add := update(func(in *iamapi.UpdateSAMLProviderInput) {
				in.AddPrivateKey, in.AssertionEncryptionMode = &rsaText, ptr("Required")
			})
			noError(t, f.call(f.ctx, add))
			noError(t, f.call(f.ctx, add))
			(&refusal{"third key", add, "LimitExceeded", ""}).check(t, f)
			got, err = f.GetSAMLProvider(f.ctx, &iamapi.GetSAMLProviderInput{SAMLProviderArn: &arn})
			noError(t, err)
			equal(t, "keys", len(got.PrivateKeyList), 2)
			equal(t, "mode", *got.AssertionEncryptionMode, "Required")
			noError(t, f.call(f.ctx, update(func(in *iamapi.UpdateSAMLProviderInput) { in.RemovePrivateKey = got.PrivateKeyList[0].KeyId })))

			noError(t, f.call(f.ctx, &iamapi.TagSAMLProviderInput{SAMLProviderArn: &arn, Tags: tags("Use")}))
			noError(t, f.call(f.ctx, &iamapi.UntagSAMLProviderInput{SAMLProviderArn: &arn, TagKeys: []string{"Team"}}))
			left, err := f.ListSAMLProviderTags(f.ctx, &iamapi.ListSAMLProviderTagsInput{SAMLProviderArn: &arn})
			noError(t, err)
			equal(t, "tags left", left.Tags, tags("Use"))
			list, err := f.ListSAMLProviders(f.ctx, &iamapi.ListSAMLProvidersInput{})
			noError(t, err)
			equal(t, "listed", *list.SAMLProviderList[0].Arn, arn)
			summary, err := f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
			noError(t, err)
			equal(t, "providers", summary.SummaryMap["Providers"], int32(1))
			noError(t, f.call(f.ctx, &iamapi.DeleteSAMLProviderInput{SAMLProviderArn: &arn}))
		})
	}
}
