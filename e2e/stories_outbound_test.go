package e2e

import (
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// fetchJSON reads a JSON document that anybody may have.
func fetchJSON(t testing.TB, client *http.Client, target string, into any) {
	t.Helper()
	resp, err := client.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v %s", target, resp.Status, err, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
}

// An account vouches for its users to others: whoever trusts its issuer verifies the token by what
// the issuer publishes, and another installation lets its bearer assume a role.
func TestOutboundFederation(t *testing.T) {
	onEachStore(t, func(t *testing.T, other *server) {
		certFile, keyFile, pool := certificate(t)
		s := start(t, "", "--tls-cert", certFile, "--tls-key", keyFile)
		secure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
		root := s.root()
		root.HTTPClient = secure
		ask := &sts.GetWebIdentityTokenInput{
			Audience: []string{"https://other.example.com"}, SigningAlgorithm: aws.String("ES384"),
			Tags: []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("core")}},
		}
		_, err := root.sts().GetWebIdentityToken(t.Context(), ask)
		fails(t, err, "OutboundWebIdentityFederationDisabledException", "")
		enabled, err := root.iam().EnableOutboundWebIdentityFederation(t.Context(), &iam.EnableOutboundWebIdentityFederationInput{})
		if err != nil {
			t.Fatal(err)
		}
		issuer := *enabled.IssuerIdentifier
		if !strings.HasPrefix(issuer, s.endpoint+"/") {
			t.Errorf("issuer %s", issuer)
		}
		token, err := root.sts().GetWebIdentityToken(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}

		var about struct {
			Issuer string `json:"issuer"`
			Keys   string `json:"jwks_uri"`
		}
		fetchJSON(t, secure, issuer+"/.well-known/openid-configuration", &about)
		var keys jose.JSONWebKeySet
		fetchJSON(t, secure, about.Keys, &keys)
		parsed, err := jwt.ParseSigned(*token.WebIdentityToken, []jose.SignatureAlgorithm{jose.ES384})
		if err != nil {
			t.Fatal(err)
		}
		var claims jwt.Claims
		if err := parsed.Claims(&keys, &claims); err != nil {
			t.Fatal(err)
		}
		if about.Issuer != issuer || claims.Issuer != issuer || claims.Subject != "arn:aws:iam::"+managementID+":root" {
			t.Errorf("issuer %s, claims %+v", about.Issuer, claims)
		}
		if err := claims.Validate(jwt.Expected{Issuer: issuer, AnyAudience: jwt.Audience{"https://other.example.com"}}); err != nil {
			t.Error(err)
		}

		// The other installation trusts the issuer, and the subject.
		provider, err := other.root().iam().CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
			Url: &issuer, ClientIDList: []string{"https://other.example.com"}, ThumbprintList: []string{thumbprint(t, certFile)},
		})
		if err != nil {
			t.Fatal(err)
		}
		host := strings.TrimPrefix(issuer, "https://")
		role, err := other.root().iam().CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("Federated"),
			AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
				"Principal":{"Federated":"` + *provider.OpenIDConnectProviderArn + `"},
				"Condition":{"StringEquals":{"` + host + `:sub":"` + claims.Subject + `"}}}]}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		assumed, err := other.root().sts().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: role.Role.Arn, RoleSessionName: aws.String("from-elsewhere"), WebIdentityToken: token.WebIdentityToken,
		})
		if err != nil {
			t.Fatal(err)
		}
		if *assumed.Provider != issuer || *assumed.SubjectFromWebIdentityToken != claims.Subject {
			t.Errorf("provider %s, subject %s", *assumed.Provider, *assumed.SubjectFromWebIdentityToken)
		}

		// Afterwards nothing is issued any more, and what is out can still be verified.
		if _, err := root.iam().DisableOutboundWebIdentityFederation(t.Context(), &iam.DisableOutboundWebIdentityFederationInput{}); err != nil {
			t.Fatal(err)
		}
		_, err = root.sts().GetWebIdentityToken(t.Context(), ask)
		fails(t, err, "OutboundWebIdentityFederationDisabledException", "")
		fetchJSON(t, secure, about.Keys, &keys)
	})
}

// Story E1: which accounts have root credentials, taking them away, allowing recovery, and short
// sessions for single tasks.
func TestRootUsersOfMembers(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *server) {
		w, ctx := organize(t, s), t.Context()
		root, member := w.root, w.account(t, w.rootID, "Dev", "")
		if _, err := root.organizations().EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.iam().EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{}); err != nil {
			t.Fatal(err)
		}
		if _, err := root.iam().EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{}); err != nil {
			t.Fatal(err)
		}
		session := func(task string) as {
			out, err := w.admin.sts().AssumeRoot(ctx, &sts.AssumeRootInput{
				TargetPrincipal: &member,
				TaskPolicyArn:   &ststypes.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/" + task)},
			})
			if err != nil {
				t.Fatalf("%s: %v", task, err)
			}
			return s.with(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		}
		_, err := session("IAMAuditRootUserCredentials").iam().GetLoginProfile(ctx, &iam.GetLoginProfileInput{})
		fails(t, err, "NoSuchEntity", "")
		recovery := session("IAMCreateRootUserPassword").iam()
		if _, err := recovery.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{}); err != nil {
			t.Fatal(err)
		}
		_, err = recovery.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{})
		fails(t, err, "AccessDenied", "")
		sum, err := session("IAMDeleteRootUserCredentials").iam().GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
		if err != nil {
			t.Fatal(err)
		}
		if sum.SummaryMap[string(iamtypes.SummaryKeyTypeAccountPasswordPresent)] != 1 {
			t.Error("the root user may recover a password, and the summary does not say so")
		}
		if _, err := session("IAMDeleteRootUserCredentials").iam().DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{}); err != nil {
			t.Fatal(err)
		}
		for _, task := range []string{"S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"} {
			_, err := session(task).iam().ListUsers(ctx, &iam.ListUsersInput{})
			fails(t, err, "AccessDenied", "")
		}
	})
}

// thumbprint is how an OpenID Connect provider is told which certificate is its server's.
func thumbprint(t testing.TB, certFile string) string {
	t.Helper()
	text, err := os.ReadFile(certFile)
	must(t, err)
	block, _ := pem.Decode(text)
	sum := sha1.Sum(block.Bytes)
	return hex.EncodeToString(sum[:])
}
