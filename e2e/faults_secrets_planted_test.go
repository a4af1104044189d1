package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// given takes note of credentials that an answer has.
func (c secrets) given(name string, made *ststypes.Credentials) {
	c["secret key of "+name], c["session token of "+name] = *made.SecretAccessKey, *made.SessionToken
}

// anonymous is nobody.
func (s *server) anonymous() as {
	nobody := s.with("", "", "")
	nobody.Credentials = aws.AnonymousCredentials{}
	return nobody
}

// plantServiceSecrets makes what else is shown once: credentials for one service, a token for
// others.
func plantServiceSecrets(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, name, c := context.Background(), aws.String("sofia"), w.admin.iam()
	made, err := c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: name, ServiceName: aws.String("codecommit.amazonaws.com")})
	must(t, err)
	planted["password for a service"] = *made.ServiceSpecificCredential.ServicePassword
	reset, err := c.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{
		UserName: name, ServiceSpecificCredentialId: made.ServiceSpecificCredential.ServiceSpecificCredentialId,
	})
	must(t, err)
	planted["new password for a service"] = *reset.ServiceSpecificCredential.ServicePassword
	made, err = c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: name, ServiceName: aws.String("bedrock.amazonaws.com")})
	must(t, err)
	planted["API key"] = *made.ServiceSpecificCredential.ServiceCredentialSecret
	_, err = c.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	must(t, err)
	for _, algorithm := range []string{"ES384", "RS256"} {
		token, err := w.admin.sts().GetWebIdentityToken(ctx, &sts.GetWebIdentityTokenInput{Audience: []string{"https://example.com"}, SigningAlgorithm: &algorithm})
		must(t, err)
		planted.bearer("token for others, "+algorithm, *token.WebIdentityToken)
	}
}

// bearer takes note of a token of three parts, and of its signature alone.
func (c secrets) bearer(name, token string) {
	c[name], c["signature of the "+name] = token, token[strings.LastIndexByte(token, '.')+1:]
}

// plantKeys uploads private keys, right ones and ones that do not fit.
func plantKeys(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, c := context.Background(), w.admin.iam()
	var nobody *issued
	own, other := nobody.issue(t, "www.example.com", 50), nobody.issue(t, "other.example.com", 50)
	planted.pem(t, "key of a certificate", own.pem)
	planted.pem(t, "key that does not fit", other.pem)
	_, err := c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: aws.String("own"), CertificateBody: &own.body, PrivateKey: &own.pem})
	must(t, err)
	_, err = c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: aws.String("x"), CertificateBody: &own.body, PrivateKey: &other.pem})
	planted.refused(t, err, "KeyPairMismatch")
	_, err = c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: aws.String("x"), CertificateBody: &other.pem, PrivateKey: &other.pem})
	planted.refused(t, err, "MalformedCertificate")
	broken := strings.Replace(other.pem, "M", "!", 1)
	_, err = c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: aws.String("x"), CertificateBody: &own.body, PrivateKey: &broken})
	planted.refused(t, err, "MalformedCertificate")
}

// refused expects a refusal whose words hold no secret.
func (c secrets) refused(t testing.TB, err error, code string) {
	t.Helper()
	fails(t, err, code, "")
	c.absent(t, "the refusal "+code, []byte(err.Error()))
}

// plantSAML signs in with an assertion, which is good for some minutes, and with spoilt ones.
func plantSAML(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, c := context.Background(), w.admin.iam()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	text := pemText("PRIVATE KEY", private)
	planted.pem(t, "key for assertions", text)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	metadata := samlMetadata("https://idp.example.com", &issued{body: pemText("CERTIFICATE", der)})
	made, err := c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String("idp"), SAMLMetadataDocument: &metadata, AddPrivateKey: &text, AssertionEncryptionMode: iamtypes.AssertionEncryptionModeTypeAllowed,
	})
	must(t, err)
	var nobody *issued
	elliptic := nobody.issue(t, "x", 1).pem // keys for assertions are RSA
	planted.pem(t, "key of another kind", elliptic)
	for _, wrong := range []string{elliptic, strings.Replace(text, "M", "!", 1)} {
		_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: made.SAMLProviderArn, AddPrivateKey: &wrong})
		planted.refused(t, err, "InvalidInput")
	}
	role := w.admin.newRole(t, "staff", document(`{"Effect":"Allow","Principal":{"Federated":"`+*made.SAMLProviderArn+`"},"Action":"sts:AssumeRoleWithSAML"}`), "")
	good := signedAssertion(t, key, der, role+","+*made.SAMLProviderArn, time.Now())
	_, value, _ := strings.Cut(good, "SignatureValue>")
	planted["signature of an assertion"], _, _ = strings.Cut(value, "<")
	encoded := base64.StdEncoding.EncodeToString([]byte(good))
	planted["assertion"] = encoded[len(encoded)/2:][:60]
	for assertion, code := range map[string]string{
		encoded: "", encoded[:len(encoded)-4]: "InvalidIdentityToken", "!" + encoded[1:]: "InvalidIdentityToken",
		base64.StdEncoding.EncodeToString([]byte(strings.Replace(good, ">ann<", ">bob<", 1))): "InvalidIdentityToken",
	} {
		out, err := w.s.anonymous().sts().AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: made.SAMLProviderArn, SAMLAssertion: &assertion})
		if code == "" {
			must(t, err)
			planted.given("assertion's session", out.Credentials)
			continue
		}
		planted.refused(t, err, code)
	}
}

// plantWebIdentity signs in with tokens of a provider: a right one, one that is over, one for
// somebody else, a spoilt one.
func plantWebIdentity(t *testing.T, w *world, planted secrets) {
	t.Helper()
	ctx, i := context.Background(), newIDServer(t)
	sum := sha1.Sum(i.Certificate().Raw)
	provider, err := w.admin.iam().CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &i.URL, ClientIDList: []string{"app"}, ThumbprintList: []string{hex.EncodeToString(sum[:])}})
	must(t, err)
	role := w.admin.newRole(t, "web", document(`{"Effect":"Allow","Principal":{"Federated":"`+*provider.OpenIDConnectProviderArn+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+strings.TrimPrefix(i.URL, "https://")+`:sub":"ann"}}}`), "")
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	must(t, err)
	planted.der(t, "key of a provider", der)
	good := *i.token(t, "app", time.Hour)
	for _, c := range []struct{ name, token, code string }{
		{"token", good, ""},
		{"token that is over", *i.token(t, "app", -time.Hour), "ExpiredTokenException"},
		{"token for another audience", *i.token(t, "other", time.Hour), "InvalidIdentityToken"},
		{"spoilt token", good[:len(good)-9] + "AAAAAAAAA", "InvalidIdentityToken"},
		{"half token", good[:strings.LastIndexByte(good, '.')], "InvalidIdentityToken"},
	} {
		planted.bearer("identity "+c.name, c.token)
		out, err := w.s.anonymous().sts().AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: aws.String("ann"), WebIdentityToken: &c.token})
		if c.code == "" {
			must(t, err)
			planted.given("web identity", out.Credentials)
			continue
		}
		planted.refused(t, err, c.code)
	}
}

// plantDelegation lets a product provider exchange a token for access to an account.
func plantDelegation(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, s := context.Background(), w.s
	vendorRoot := planted.credentialsOf(t, "vendor", s.openAccount(t, "Vendor"))
	vendor := vendorRoot.accountID(t)
	app := planted.credentialsOf(t, "vendor's program", vendorRoot.newUser(t, "app", allow("*", "*")))
	s.operate(t, "partner", "register", "--account-id", vendor, "--domain", "vendor.example", "--name", "Vendor")
	s.operate(t, "partner", "template", "--domain", "vendor.example", "--name", "Read", written(t, allow("iam:ListRoles", "*")))
	owner := managementID
	made, err := app.iam().CreateDelegationRequest(ctx, &iam.CreateDelegationRequestInput{
		Description: aws.String("Set up monitoring"), OwnerAccountId: &owner, RequestorWorkflowId: aws.String("workflow-1"),
		NotificationChannel: aws.String("arn:aws:sns:us-east-1:" + vendor + ":delegations"), SessionDuration: aws.Int32(7200),
		Permissions: &iamtypes.DelegationPermission{PolicyTemplateArn: aws.String("arn:aws:iam::partner:delegation-template/vendor.example/Read")},
	})
	must(t, err)
	id := made.DelegationRequestId
	_, err = w.admin.iam().AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: id})
	must(t, err)
	_, err = w.admin.iam().AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
	must(t, err)
	_, err = w.admin.iam().SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
	must(t, err)
	token := s.exchangeToken(t, vendor, *id)
	planted["exchange token"] = token
	planted["end of the exchange token"] = token[len(token)-24:]
	spoilt := token[:len(token)-6] + "AAAAAA"
	planted["spoilt exchange token"] = spoilt
	_, err = app.sts().GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &spoilt})
	planted.refused(t, err, "ValidationError")
	_, err = w.admin.sts().GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
	planted.refused(t, err, "ValidationError") // it is not theirs
	out, err := app.sts().GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
	must(t, err)
	planted.given("delegated access", out.Credentials)
	delegated := s.with(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	_, err = delegated.iam().ListRoles(ctx, &iam.ListRolesInput{})
	must(t, err)
}

// misplaced sends secrets in inputs that make no sense, and expects none of them in answers.
func misplaced(t testing.TB, w *world, planted secrets) {
	t.Helper()
	n := 0
	secret := func() string {
		n++
		name := fmt.Sprintf("misplaced secret %d", n)
		planted[name] = fmt.Sprintf("Hunter-%d-and-his-%s", n, strings.Repeat("q", 9))
		return planted[name]
	}
	login := "Action=CreateLoginProfile&UserName=sofia" + iamVersion
	iamBodies := []string{
		login + "&Password=%zz" + secret(),
		login + "&Password=" + secret() + "%",
		login + "&Password.member.1=" + secret(),
		login + "&Password=a&Password=" + secret(),
		login + "&Password=" + secret() + "%00",
		login + "&Password=" + secret() + "%ff",
		login + "&Password=" + secret() + "&PasswordResetRequired=perhaps",
		login + "&Password=" + strings.Repeat(secret(), 20),
		"Action=CreateLoginProfile&UserName=%20" + iamVersion + "&Password=" + secret(),
		"Action=ChangePassword" + iamVersion + "&OldPassword=" + secret() + "&NewPassword=" + strings.Repeat(secret(), 9),
		"Action=UploadServerCertificate" + iamVersion + "&ServerCertificateName=x&CertificateBody=x&PrivateKey=" + secret(),
		"Action=UploadServerCertificate" + iamVersion + "&ServerCertificateName=x&CertificateBody=x&PrivateKey=" + strings.Repeat(secret(), 2000),
		"Action=CreateSAMLProvider" + iamVersion + "&Name=x&SAMLMetadataDocument=x&AddPrivateKey=" + secret(),
		"Action=UpdateSAMLProvider" + iamVersion + "&SAMLProviderArn=arn:aws:iam::" + managementID + ":saml-provider/idp&AddPrivateKey=" + url.QueryEscape("-----BEGIN PRIVATE KEY-----\n"+secret()+"\n-----END PRIVATE KEY-----"),
	}
	stsBodies := []string{
		"Action=AssumeRoleWithWebIdentity" + stsVersion + "&RoleSessionName=ann&RoleArn=" + roleARN(managementID, "web") + "&WebIdentityToken=" + secret() + "." + secret() + "." + secret(),
		"Action=AssumeRoleWithWebIdentity" + stsVersion + "&RoleSessionName=ann&RoleArn=x&WebIdentityToken=" + secret(),
		"Action=AssumeRoleWithSAML" + stsVersion + "&PrincipalArn=arn:aws:iam::" + managementID + ":saml-provider/idp&RoleArn=" + roleARN(managementID, "staff") + "&SAMLAssertion=" + secret(),
		"Action=AssumeRoleWithSAML" + stsVersion + "&PrincipalArn=arn:aws:iam::" + managementID + ":saml-provider/idp&RoleArn=" + roleARN(managementID, "staff") +
			"&SAMLAssertion=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("<Response><"+secret()+"></Response>"))),
		"Action=GetDelegatedAccessToken" + stsVersion + "&TradeInToken=" + secret(),
		"Action=GetDelegatedAccessToken" + stsVersion + "&TradeInToken=" + strings.Repeat(secret(), 500),
	}
	var messages []message
	for _, body := range iamBodies {
		messages = append(messages, query(w.admin, "iam", body))
	}
	for _, body := range stsBodies {
		messages = append(messages, query(w.admin, "sts", body))
	}
	messages = append(messages,
		accountCall(w.root, "/acceptPrimaryEmailUpdate", `{"AccountId":"`+managementID+`","PrimaryEmail":"a@example.com","Otp":"`+secret()+`"}`),
		accountCall(w.root, "/acceptPrimaryEmailUpdate", `{"AccountId":"`+managementID+`","PrimaryEmail":"a@example.com","Otp":["`+secret()+`"]}`),
		accountCall(w.root, "/acceptPrimaryEmailUpdate", `{"AccountId":"`+managementID+`","Otp":"`+secret()),
		accountCall(w.root, "/acceptPrimaryEmailUpdate", `{"AccountId":"`+managementID+`","Otp":`+secret()+`}`),
		organizationsCall(w.admin, "DescribeAccount", `{"AccountId":"`+managementID+`","Password":"`+secret()+`"`),
		// The two halves of a key, the wrong way round; and what was never a token.
		query(w.s.with(secret(), rootKeyID, ""), "sts", "Action=GetCallerIdentity"+stsVersion),
		query(w.s.with(rootKeyID, rootSecret, secret()), "sts", "Action=GetCallerIdentity"+stsVersion),
	)
	for _, m := range messages {
		a := send(t, m.signed(t))
		if a.status < 400 {
			t.Errorf("it was taken: %.100s", m.body)
		}
		planted.absent(t, fmt.Sprintf("the answer to %.60s", m.body), a.body)
	}
	for _, request := range []struct{ token, body string }{
		{secret(), `{}`},
		{operatorToken, `{"Name":"x","Password":"` + secret() + `"}`},
		{operatorToken, `{"Name":` + secret() + `}`},
		{operatorToken, `{"Name":"` + secret()},
	} {
		r, err := http.NewRequest(http.MethodPost, w.s.endpoint+"/_bailiwick/accounts", strings.NewReader(request.body))
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+request.token)
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		text, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode < 400 {
			t.Errorf("the operator's API takes it: %s", res.Status)
		}
		planted.absent(t, "the operator's API", text)
	}
}
