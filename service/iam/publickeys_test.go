package iam_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func rsaKey(t *testing.T, bits int) (line, text string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	noError(t, err)
	public, err := ssh.NewPublicKey(&key.PublicKey)
	noError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	noError(t, err)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))), pemOf("PUBLIC KEY", der)
}

func TestSSHPublicKeys(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			line, text := rsaKey(t, 2048)
			made, err := f.UploadSSHPublicKey(f.ctx, &iamapi.UploadSSHPublicKeyInput{UserName: ptr("ALICE"), SSHPublicKeyBody: ptr(line + " alice@home")})
			noError(t, err)
			k := made.SSHPublicKey
			equal(t, "user", *k.UserName, "alice")
			equal(t, "body", *k.SSHPublicKeyBody, line)
			parsed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
			noError(t, err)
			equal(t, "fingerprint", *k.Fingerprint, ssh.FingerprintLegacyMD5(parsed))
			if !strings.HasPrefix(*k.SSHPublicKeyId, "APKA") {
				t.Errorf("id %s", *k.SSHPublicKeyId)
			}
			got, err := f.GetSSHPublicKey(f.ctx, &iamapi.GetSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId, Encoding: ptr("PEM")})
			noError(t, err)
			equal(t, "PEM", *got.SSHPublicKey.SSHPublicKeyBody, text)
			got, err = f.GetSSHPublicKey(f.ctx, &iamapi.GetSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId, Encoding: ptr("SSH")})
			noError(t, err)
			equal(t, "SSH", got.SSHPublicKey, k)

			short, _ := rsaKey(t, 1024)
			for _, c := range []refusal{
				{"the same in the other format", &iamapi.UploadSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyBody: &text}, "DuplicateSSHPublicKey", ""},
				{"short", &iamapi.UploadSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyBody: &short}, "InvalidPublicKey", ""},
				{"cut off", &iamapi.UploadSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyBody: ptr(line[:60])}, "InvalidPublicKey", ""},
				{"another format", &iamapi.UploadSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyBody: ptr("key")}, "UnrecognizedPublicKeyEncoding", ""},
				{"another's", &iamapi.DeleteSSHPublicKeyInput{UserName: ptr("bob"), SSHPublicKeyId: k.SSHPublicKeyId}, "NoSuchEntity", "The Public Key with id " + *k.SSHPublicKeyId + " cannot be found."},
				{"expired is no state to set", &iamapi.UpdateSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId, Status: ptr("Expired")}, "InvalidInput", "The status Expired cannot be set."},
				{"delete the user", &iamapi.DeleteUserInput{UserName: ptr("alice")}, "DeleteConflict", "Cannot delete entity, must delete SSH public keys first."},
			} {
				c.check(t, f)
			}
			noError(t, f.call(f.ctx, &iamapi.UpdateSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId, Status: ptr("Inactive")}))
			list, err := f.ListSSHPublicKeys(as(t, home, "alice"), &iamapi.ListSSHPublicKeysInput{})
			noError(t, err)
			equal(t, "list", list.SSHPublicKeys, []iamapi.SSHPublicKeyMetadata{{
				UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId, Status: ptr("Inactive"), UploadDate: k.UploadDate,
			}})
			noError(t, f.call(f.ctx, &iamapi.DeleteSSHPublicKeyInput{UserName: ptr("alice"), SSHPublicKeyId: k.SSHPublicKeyId}))
			noError(t, f.call(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice")}))
		})
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	text string
}

func (a *authority) sign(t *testing.T, name string, days int) (body, privateKey string, made *authority) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	noError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().AddDate(-1, 0, 0),
		NotAfter: time.Now().AddDate(0, 0, days), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	noError(t, err)
	cert, err := x509.ParseCertificate(der)
	noError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	noError(t, err)
	body = pemOf("CERTIFICATE", der)
	return body, pemOf("PRIVATE KEY", private), &authority{cert, key, body}
}

func TestSigningCertificates(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	var none *authority
	first, _, _ := none.sign(t, "first", 10)
	expired, _, _ := none.sign(t, "old", -1)
	made, err := f.UploadSigningCertificate(f.ctx, &iamapi.UploadSigningCertificateInput{UserName: ptr("alice"), CertificateBody: &first})
	noError(t, err)
	id := made.Certificate.CertificateId
	for _, c := range []refusal{
		{"the same of another user", &iamapi.UploadSigningCertificateInput{UserName: ptr("bob"), CertificateBody: &first}, "DuplicateCertificate", ""},
		{"no certificate", &iamapi.UploadSigningCertificateInput{UserName: ptr("bob"), CertificateBody: ptr("x")}, "MalformedCertificate", ""},
		{"expired", &iamapi.UploadSigningCertificateInput{UserName: ptr("bob"), CertificateBody: &expired}, "MalformedCertificate", ""},
		{"not there", &iamapi.DeleteSigningCertificateInput{UserName: ptr("bob"), CertificateId: id}, "NoSuchEntity", ""},
		{"delete the user", &iamapi.DeleteUserInput{UserName: ptr("alice")}, "DeleteConflict", "Cannot delete entity, must delete signing certificates first."},
	} {
		c.check(t, f)
	}
	second, _, _ := none.sign(t, "second", 10)
	third, _, _ := none.sign(t, "third", 10)
	noError(t, f.call(f.ctx, &iamapi.UploadSigningCertificateInput{UserName: ptr("alice"), CertificateBody: &second}))
	(&refusal{"too many", &iamapi.UploadSigningCertificateInput{UserName: ptr("alice"), CertificateBody: &third}, "LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2"}).check(t, f)
	noError(t, f.call(f.ctx, &iamapi.UpdateSigningCertificateInput{UserName: ptr("alice"), CertificateId: id, Status: ptr("Inactive")}))
	list, err := f.ListSigningCertificates(f.ctx, &iamapi.ListSigningCertificatesInput{UserName: ptr("alice"), MaxItems: ptr(int32(1))})
	noError(t, err)
	equal(t, "truncated", *list.IsTruncated, true)

	// The root user has its own.
	noError(t, f.call(f.root, &iamapi.UploadSigningCertificateInput{CertificateBody: &third}))
	summary, err := f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
	noError(t, err)
	equal(t, "root's certificate", summary.SummaryMap["AccountSigningCertificatesPresent"], int32(1))
}

func TestServerCertificates(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			var none *authority
			_, _, top := none.sign(t, "top", 100)
			middleText, _, middle := top.sign(t, "middle", 100)
			body, key, _ := middle.sign(t, "www.example.com", 50)
			_, otherKey, _ := none.sign(t, "other", 10)
			expired, expiredKey, _ := middle.sign(t, "old", -1)
			upload := func(body, key, chain string) *iamapi.UploadServerCertificateInput {
				return &iamapi.UploadServerCertificateInput{
					ServerCertificateName: ptr("www"), Path: ptr("/web/"), CertificateBody: &body, PrivateKey: &key,
					CertificateChain: smithy.PtrTo(chain), Tags: tags("Team"),
				}
			}
			const wrongChain = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, " +
				"followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
			for _, c := range []refusal{
				{"another's key", upload(body, otherKey, ""), "KeyPairMismatch", ""},
				{"no key", upload(body, "x", ""), "MalformedCertificate", ""},
				{"no certificate", upload("x", key, ""), "MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format."},
				{"text before it", upload("Certificate:\n"+body, key, ""), "MalformedCertificate", ""},
				{"expired", upload(expired, expiredKey, ""), "MalformedCertificate", ""},
				{"wrong first of the chain", upload(body, key, top.text), "MalformedCertificate", wrongChain + "-1"},
				{"wrong second of the chain", upload(body, key, middleText+body), "MalformedCertificate", wrongChain + "0"},
				{"no chain", upload(body, key, "x"), "MalformedCertificate", ""},
			} {
				c.check(t, f)
			}
			made, err := f.UploadServerCertificate(f.ctx, upload(body, key, middleText+top.text))
			noError(t, err)
			equal(t, "ARN", *made.ServerCertificateMetadata.Arn, "arn:aws:iam::"+home+":server-certificate/web/www")
			(&refusal{"twice", upload(body, key, ""), "EntityAlreadyExists", "The Server Certificate with name www already exists."}).check(t, f)

			noError(t, f.call(f.ctx, &iamapi.UpdateServerCertificateInput{ServerCertificateName: ptr("WWW"), NewServerCertificateName: ptr("site"), NewPath: ptr("/new/")}))
			got, err := f.GetServerCertificate(f.ctx, &iamapi.GetServerCertificateInput{ServerCertificateName: ptr("site")})
			noError(t, err)
			c := got.ServerCertificate
			equal(t, "body", *c.CertificateBody, body)
			equal(t, "chain", *c.CertificateChain, middleText+top.text)
			equal(t, "tags", c.Tags, tags("Team"))
			equal(t, "path", *c.ServerCertificateMetadata.Path, "/new/")

			noError(t, f.call(f.ctx, &iamapi.TagServerCertificateInput{ServerCertificateName: ptr("site"), Tags: tags("Use")}))
			noError(t, f.call(f.ctx, &iamapi.UntagServerCertificateInput{ServerCertificateName: ptr("site"), TagKeys: []string{"team"}}))
			left, err := f.ListServerCertificateTags(f.ctx, &iamapi.ListServerCertificateTagsInput{ServerCertificateName: ptr("site")})
			noError(t, err)
			equal(t, "tags left", left.Tags, tags("Use"))
			list, err := f.ListServerCertificates(f.ctx, &iamapi.ListServerCertificatesInput{PathPrefix: ptr("/new")})
			noError(t, err)
			equal(t, "list", list.ServerCertificateMetadataList, []iamapi.ServerCertificateMetadata{*c.ServerCertificateMetadata})
			noError(t, f.call(f.ctx, &iamapi.DeleteServerCertificateInput{ServerCertificateName: ptr("site")}))
			(&refusal{"gone", &iamapi.DeleteServerCertificateInput{ServerCertificateName: ptr("site")}, "NoSuchEntity", "The Server Certificate with name site cannot be found."}).check(t, f)
		})
	}
}

func TestServiceSpecificCredentials(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			create := func(user, service string) *iamapi.CreateServiceSpecificCredentialInput {
				return &iamapi.CreateServiceSpecificCredentialInput{UserName: &user, ServiceName: &service}
			}
			made, err := f.CreateServiceSpecificCredential(f.ctx, create("alice", "codecommit.amazonaws.com"))
			noError(t, err)
			one := made.ServiceSpecificCredential
			equal(t, "name", *one.ServiceUserName, "alice-at-"+home)
			second, err := f.CreateServiceSpecificCredential(f.ctx, create("alice", "codecommit.amazonaws.com"))
			noError(t, err)
			equal(t, "second name", *second.ServiceSpecificCredential.ServiceUserName, "alice+1-at-"+home)

			key := create("alice", "bedrock.amazonaws.com")
			key.CredentialAgeDays = ptr(int32(30))
			bedrock, err := f.CreateServiceSpecificCredential(f.ctx, key)
			noError(t, err)
			b := bedrock.ServiceSpecificCredential
			equal(t, "expiry", b.ExpirationDate.Sub(*b.CreateDate), 30*24*time.Hour)
			if b.ServicePassword != nil || !strings.HasPrefix(*b.ServiceCredentialSecret, "ABSK") || *b.ServiceCredentialAlias == "" {
				t.Errorf("API key: %+v", b)
			}
			for _, service := range []string{"logs.amazonaws.com", "xray.amazonaws.com"} {
				more := create("bob", service)
				more.CredentialAgeDays = ptr(int32(36600))
				made, err := f.CreateServiceSpecificCredential(f.ctx, more)
				noError(t, err)
				got := made.ServiceSpecificCredential
				if got.ServicePassword != nil || got.ServiceUserName != nil || *got.ServiceCredentialAlias != "bob-at-"+home || *got.ServiceCredentialSecret == "" {
					t.Errorf("API key: %+v", got)
				}
				list, err := f.ListServiceSpecificCredentials(f.ctx, &iamapi.ListServiceSpecificCredentialsInput{UserName: ptr("bob"), ServiceName: &service})
				noError(t, err)
				equal(t, "alias in the list", *list.ServiceSpecificCredentials[0].ServiceCredentialAlias, "bob-at-"+home)
				noError(t, f.call(f.ctx, &iamapi.DeleteServiceSpecificCredentialInput{UserName: ptr("bob"), ServiceSpecificCredentialId: got.ServiceSpecificCredentialId}))
			}
			aged := create("alice", "cassandra.amazonaws.com")
			aged.CredentialAgeDays = ptr(int32(1))
			id := one.ServiceSpecificCredentialId
			for _, c := range []refusal{
				{"too many", create("alice", "codecommit.amazonaws.com"), "LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"},
				{"no such service", create("alice", "s3.amazonaws.com"), "NotSupportedService", ""},
				{"an age", aged, "ValidationError", ""},
				{"list of no such service", &iamapi.ListServiceSpecificCredentialsInput{UserName: ptr("alice"), ServiceName: ptr("x")}, "NotSupportedService", ""},
				{"another's", &iamapi.ResetServiceSpecificCredentialInput{UserName: ptr("bob"), ServiceSpecificCredentialId: id}, "NoSuchEntity", ""},
				{"delete the user", &iamapi.DeleteUserInput{UserName: ptr("alice")}, "DeleteConflict", "Cannot delete entity, must delete service specific credentials first."},
			} {
				c.check(t, f)
			}
			reset, err := f.ResetServiceSpecificCredential(as(t, home, "alice"), &iamapi.ResetServiceSpecificCredentialInput{ServiceSpecificCredentialId: id})
			noError(t, err)
			if *reset.ServiceSpecificCredential.ServicePassword == *one.ServicePassword {
				t.Error("the password is the old one")
			}
			noError(t, f.call(f.ctx, &iamapi.UpdateServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: id, Status: ptr("Inactive")}))
			list, err := f.ListServiceSpecificCredentials(f.ctx, &iamapi.ListServiceSpecificCredentialsInput{AllUsers: ptr(true), MaxItems: ptr(int32(2))})
			noError(t, err)
			equal(t, "page", len(list.ServiceSpecificCredentials), 2)
			rest, err := f.ListServiceSpecificCredentials(f.ctx, &iamapi.ListServiceSpecificCredentialsInput{AllUsers: ptr(true), Marker: list.Marker})
			noError(t, err)
			equal(t, "rest", len(rest.ServiceSpecificCredentials), 1)
			for _, m := range append(list.ServiceSpecificCredentials, rest.ServiceSpecificCredentials...) {
				noError(t, f.call(f.ctx, &iamapi.DeleteServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: m.ServiceSpecificCredentialId}))
			}
			noError(t, f.call(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice")}))
		})
	}
}

func TestChecksOfKeysAndCertificates(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	key := &iamapi.CreateServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceName: ptr("bedrock.amazonaws.com"), CredentialAgeDays: ptr(int32(7))}
	checks := f.checks(t, f.ctx, "CreateServiceSpecificCredential", key)
	equal(t, "service", checks[0].Keys["iam:servicespecificcredentialservicename"], []string{"bedrock.amazonaws.com"})
	equal(t, "age", checks[0].Keys["iam:servicespecificcredentialagedays"], []string{"7"})
	equal(t, "resource", checks[0].Resource, "arn:aws:iam::"+home+":user/alice")
	rename := f.checks(t, f.ctx, "UpdateServerCertificate", &iamapi.UpdateServerCertificateInput{ServerCertificateName: ptr("a"), NewPath: ptr("/p/")})
	equal(t, "old ARN", rename[0].Resource, "arn:aws:iam::"+home+":server-certificate/a")
	equal(t, "new ARN", rename[1].Resource, "arn:aws:iam::"+home+":server-certificate/p/a")
}
