package e2e

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

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/crypto/ssh"
)

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sshKey is a new public key, as one line and as PEM.
func sshKey(t testing.TB, bits int) (line, text string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	must(t, err)
	public, err := ssh.NewPublicKey(&key.PublicKey)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))), pemText("PUBLIC KEY", der)
}

// issued is a certificate with its key.
type issued struct {
	cert      *x509.Certificate
	key       *ecdsa.PrivateKey
	body, pem string
}

// issue makes a certificate for days, for signatures if no usage is given; nil makes its own.
func (by *issued) issue(t testing.TB, name string, days int, usage ...x509.KeyUsage) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, 0, days), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if len(usage) > 0 {
		template.KeyUsage = usage[0]
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return &issued{cert, key, pemText("CERTIFICATE", der), pemText("PRIVATE KEY", private)}
}

func everySSHKey(t *testing.T, x *everything) {
	c := x.c
	do(t, c, &iam.CreateUserInput{UserName: new("ssh")})
	line, text := sshKey(t, 2048)
	made := fetch[iam.UploadSSHPublicKeyOutput](t, c, &iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &line}).SSHPublicKey
	same(t, "key", made, &iamtypes.SSHPublicKey{
		UserName: new("ssh"), SSHPublicKeyBody: &line, SSHPublicKeyId: made.SSHPublicKeyId, Fingerprint: made.Fingerprint, Status: iamtypes.StatusTypeActive, UploadDate: made.UploadDate,
	})
	get := func(encoding iamtypes.EncodingType) *iamtypes.SSHPublicKey {
		return fetch[iam.GetSSHPublicKeyOutput](t, c, &iam.GetSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyId: made.SSHPublicKeyId, Encoding: encoding}).SSHPublicKey
	}
	same(t, "read back", get(iamtypes.EncodingTypeSsh), made)
	same(t, "as PEM", *get(iamtypes.EncodingTypePem).SSHPublicKeyBody, text)
	other, _ := sshKey(t, 2048)
	do(t, c, &iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &other})
	do(t, c, &iam.UpdateSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyId: made.SSHPublicKeyId, Status: iamtypes.StatusTypeInactive})
	same(t, "state", get(iamtypes.EncodingTypeSsh).Status, iamtypes.StatusTypeInactive)
	if n := walk(t, c, &iam.ListSSHPublicKeysInput{UserName: new("ssh")}, "SSHPublicKeys"); n != 2 {
		t.Errorf("%d keys", n)
	}
	short, _ := sshKey(t, 1024)
	for _, r := range []refusal{
		{&iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &line}, "DuplicateSSHPublicKey", ""},
		{&iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &short}, "InvalidPublicKey", ""},
		{&iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: new("key")}, "UnrecognizedPublicKeyEncoding", ""},
	} {
		r.check(t, c)
	}
	for range 3 {
		more, _ := sshKey(t, 2048)
		do(t, c, &iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &more})
	}
	sixth, _ := sshKey(t, 2048)
	refusal{&iam.UploadSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyBody: &sixth}, "LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5"}.check(t, c)
	do(t, c, &iam.DeleteSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyId: made.SSHPublicKeyId})
	refusal{&iam.GetSSHPublicKeyInput{UserName: new("ssh"), SSHPublicKeyId: made.SSHPublicKeyId, Encoding: iamtypes.EncodingTypeSsh}, "NoSuchEntity", ""}.check(t, c)
}

func everySigningCertificate(t *testing.T, x *everything) {
	c := x.c
	do(t, c, &iam.CreateUserInput{UserName: new("certs")})
	var nobody *issued
	first, second, third := nobody.issue(t, "first", 10), nobody.issue(t, "second", 10), nobody.issue(t, "third", 10)
	made := fetch[iam.UploadSigningCertificateOutput](t, c, &iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: &first.body}).Certificate
	list := func() []iamtypes.SigningCertificate {
		return fetch[iam.ListSigningCertificatesOutput](t, c, &iam.ListSigningCertificatesInput{UserName: new("certs")}).Certificates
	}
	same(t, "read back", list(), []iamtypes.SigningCertificate{*made})
	if strings.TrimSpace(*made.CertificateBody) != strings.TrimSpace(first.body) || made.Status != iamtypes.StatusTypeActive {
		t.Errorf("certificate: %s", jsonText(made))
	}
	do(t, c, &iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: &second.body})
	do(t, c, &iam.UpdateSigningCertificateInput{UserName: new("certs"), CertificateId: made.CertificateId, Status: iamtypes.StatusTypeInactive})
	if n := walk(t, c, &iam.ListSigningCertificatesInput{UserName: new("certs")}, "Certificates"); n != 2 {
		t.Errorf("%d certificates", n)
	}
	for _, got := range list() {
		if *got.CertificateId == *made.CertificateId && got.Status != iamtypes.StatusTypeInactive {
			t.Errorf("state: %s", got.Status)
		}
	}
	for _, r := range []refusal{
		{&iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: &third.body}, "LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2"},
		{&iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: new("certificate")}, "MalformedCertificate", ""},
		{&iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: &nobody.issue(t, "ca", 10, x509.KeyUsageCertSign).body}, "InvalidCertificate", "The key of the certificate is not for digital signatures."},
		{&iam.UploadSigningCertificateInput{UserName: new("nobody"), CertificateBody: &third.body}, "NoSuchEntity", ""},
		{&iam.DeleteUserInput{UserName: new("certs")}, "DeleteConflict", "Cannot delete entity, must delete signing certificates first."},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.DeleteSigningCertificateInput{UserName: new("certs"), CertificateId: made.CertificateId})
	refusal{&iam.UploadSigningCertificateInput{UserName: new("certs"), CertificateBody: &second.body}, "DuplicateCertificate", ""}.check(t, c)
}

func everyServiceCredential(t *testing.T, x *everything) {
	c := x.c
	do(t, c, &iam.CreateUserInput{UserName: new("git")})
	made := fetch[iam.CreateServiceSpecificCredentialOutput](t, c, &iam.CreateServiceSpecificCredentialInput{UserName: new("git"), ServiceName: new("codecommit.amazonaws.com")}).ServiceSpecificCredential
	if *made.ServiceName != "codecommit.amazonaws.com" || *made.ServiceUserName == "" || *made.ServicePassword == "" || made.Status != iamtypes.StatusTypeActive {
		t.Errorf("credential %s", *made.ServiceSpecificCredentialId)
	}
	do(t, c, &iam.CreateServiceSpecificCredentialInput{UserName: new("git"), ServiceName: new("codecommit.amazonaws.com")})
	do(t, c, &iam.UpdateServiceSpecificCredentialInput{UserName: new("git"), ServiceSpecificCredentialId: made.ServiceSpecificCredentialId, Status: iamtypes.StatusTypeInactive})
	list := fetch[iam.ListServiceSpecificCredentialsOutput](t, c, &iam.ListServiceSpecificCredentialsInput{UserName: new("git"), ServiceName: made.ServiceName}).ServiceSpecificCredentials
	if len(list) != 2 {
		t.Errorf("%d credentials", len(list))
	}
	for _, got := range list {
		if *got.ServiceSpecificCredentialId == *made.ServiceSpecificCredentialId {
			same(t, "read back", got, iamtypes.ServiceSpecificCredentialMetadata{
				CreateDate: made.CreateDate, ServiceName: made.ServiceName, ServiceSpecificCredentialId: made.ServiceSpecificCredentialId,
				ServiceUserName: made.ServiceUserName, Status: iamtypes.StatusTypeInactive, UserName: new("git"),
			})
		}
	}
	reset := fetch[iam.ResetServiceSpecificCredentialOutput](t, c, &iam.ResetServiceSpecificCredentialInput{UserName: new("git"), ServiceSpecificCredentialId: made.ServiceSpecificCredentialId}).ServiceSpecificCredential
	if *reset.ServicePassword == *made.ServicePassword || *reset.ServiceUserName != *made.ServiceUserName {
		t.Error("the password is the same, or the name is not")
	}
	for _, r := range []refusal{
		{&iam.CreateServiceSpecificCredentialInput{UserName: new("git"), ServiceName: made.ServiceName}, "LimitExceeded", ""},
		{&iam.CreateServiceSpecificCredentialInput{UserName: new("git"), ServiceName: new("s3.amazonaws.com")}, "NotSupportedService", ""},
		{&iam.ListServiceSpecificCredentialsInput{UserName: new("git"), ServiceName: new("s3.amazonaws.com")}, "NotSupportedService", ""},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.DeleteServiceSpecificCredentialInput{UserName: new("git"), ServiceSpecificCredentialId: made.ServiceSpecificCredentialId})
}

func everyServerCertificate(t *testing.T, x *everything) {
	c := x.c
	var nobody *issued
	top := nobody.issue(t, "top", 100)
	own := top.issue(t, "www.example.com", 50)
	upload := &iam.UploadServerCertificateInput{
		ServerCertificateName: new("www"), Path: new("/cloudfront/x/"), CertificateBody: &own.body, PrivateKey: &own.pem, CertificateChain: &top.body, Tags: tagsOf("a=1"),
	}
	made := fetch[iam.UploadServerCertificateOutput](t, c, upload)
	same(t, "tags", made.Tags, tagsOf("a=1"))
	same(t, "metadata", made.ServerCertificateMetadata, &iamtypes.ServerCertificateMetadata{
		ServerCertificateName: new("www"), Path: new("/cloudfront/x/"), Arn: new("arn:aws:iam::" + managementID + ":server-certificate/cloudfront/x/www"),
		ServerCertificateId: made.ServerCertificateMetadata.ServerCertificateId, UploadDate: made.ServerCertificateMetadata.UploadDate, Expiration: new(own.cert.NotAfter),
	})
	got := fetch[iam.GetServerCertificateOutput](t, c, &iam.GetServerCertificateInput{ServerCertificateName: new("www")}).ServerCertificate
	same(t, "read back", got.ServerCertificateMetadata, made.ServerCertificateMetadata)
	if strings.TrimSpace(*got.CertificateBody) != strings.TrimSpace(own.body) || strings.TrimSpace(*got.CertificateChain) != strings.TrimSpace(top.body) {
		t.Errorf("body or chain: %s", jsonText(got))
	}
	second := nobody.issue(t, "second", 50)
	do(t, c, &iam.UploadServerCertificateInput{ServerCertificateName: new("second"), CertificateBody: &second.body, PrivateKey: &second.pem})
	if n := walk(t, c, &iam.ListServerCertificatesInput{}, "ServerCertificateMetadataList"); n != 2 {
		t.Errorf("%d certificates", n)
	}
	do(t, c, &iam.TagServerCertificateInput{ServerCertificateName: new("www"), Tags: tagsOf("b=2", "c=3")}, &iam.UntagServerCertificateInput{ServerCertificateName: new("www"), TagKeys: []string{"a"}})
	same(t, "tags", fetch[iam.ListServerCertificateTagsOutput](t, c, &iam.ListServerCertificateTagsInput{ServerCertificateName: new("www")}).Tags, tagsOf("b=2", "c=3"))
	if n := walk(t, c, &iam.ListServerCertificateTagsInput{ServerCertificateName: new("www")}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	for _, r := range []refusal{
		{upload, "EntityAlreadyExists", ""},
		{&iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: &own.body, PrivateKey: &second.pem}, "KeyPairMismatch", ""},
		{&iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("x"), PrivateKey: &second.pem}, "MalformedCertificate", ""},
		{&iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: &own.body, PrivateKey: &own.pem, Tags: tagsOf("a=1", "A=2")}, "InvalidInput", ""},
		{&iam.UpdateServerCertificateInput{ServerCertificateName: new("second"), NewServerCertificateName: new("www")}, "EntityAlreadyExists", ""},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.UpdateServerCertificateInput{ServerCertificateName: new("www"), NewServerCertificateName: new("web"), NewPath: new("/")})
	if got := fetch[iam.GetServerCertificateOutput](t, c, &iam.GetServerCertificateInput{ServerCertificateName: new("web")}).ServerCertificate.ServerCertificateMetadata; *got.Arn != "arn:aws:iam::"+managementID+":server-certificate/web" || *got.ServerCertificateId != *made.ServerCertificateMetadata.ServerCertificateId {
		t.Errorf("renamed: %s", jsonText(got))
	}
	do(t, c, &iam.DeleteServerCertificateInput{ServerCertificateName: new("web")}, &iam.DeleteServerCertificateInput{ServerCertificateName: new("second")})
}
