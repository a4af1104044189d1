package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// resourceCommand runs bailiwick resource, explain, … as the operator, or with an identity.
func (s *server) resourceCommand(t testing.TB, who *as, args ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.endpoint, "BAILIWICK_OPERATOR_TOKEN="+operatorToken,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=eu-central-1")
	if who != nil {
		c, err := who.Credentials.Retrieve(context.Background())
		must(t, err)
		cmd.Env = append(cmd.Env, "BAILIWICK_OPERATOR_TOKEN=", "AWS_ACCESS_KEY_ID="+c.AccessKeyID,
			"AWS_SECRET_ACCESS_KEY="+c.SecretAccessKey, "AWS_SESSION_TOKEN="+c.SessionToken)
	}
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	return o.String(), e.String(), err == nil
}

// registers registers a resource as the operator.
func (s *server) registers(t testing.TB, arn, account, document string, more ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.json")
	must(t, os.WriteFile(file, []byte(document), 0o600))
	args := append([]string{"resource", "register", arn, "--account-id", account, "--policy", file}, more...)
	if _, stderr, ok := s.resourceCommand(t, nil, args...); !ok {
		t.Fatalf("register %s: %s", arn, stderr)
	}
}

// decision is an answer of explain --live.
type decision struct {
	Explanation struct {
		Allowed      bool
		Outcome      string
		Reason       string
		Message      string
		CrossAccount bool
		Layers       []struct{ Kind, Says string }
	}
}

// decides asks whether a principal may, as the operator.
func (s *server) decides(t testing.TB, principal, action, resource string, more ...string) decision {
	t.Helper()
	args := append([]string{"explain", "--live", "-o", "json", "--principal", principal, "--action", action, "--resource", resource}, more...)
	stdout, stderr, ok := s.resourceCommand(t, nil, args...)
	if !ok {
		t.Fatalf("explain %v: %s", args, stderr)
	}
	var d decision
	must(t, json.Unmarshal([]byte(stdout), &d))
	return d
}

// is expects the outcome and the kind of policy that decided.
func (d decision) is(t testing.TB, outcome, reason string) {
	t.Helper()
	if d.Explanation.Outcome != outcome || d.Explanation.Reason != reason || d.Explanation.Allowed != (outcome == "allowed") {
		t.Errorf("decision = %s by the %s (%s), want %s by the %s", d.Explanation.Outcome, d.Explanation.Reason, d.Explanation.Message, outcome, reason)
	}
}

// says returns what a layer comes to.
func (d decision) says(kind string) string {
	for _, l := range d.Explanation.Layers {
		if l.Kind == kind {
			return l.Says
		}
	}
	return ""
}

const resourcePolicy = "resource-based policy"

func (a as) allowRole(t testing.TB, role, document string) {
	t.Helper()
	_, err := a.iam().PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("read"), PolicyDocument: &document})
	must(t, err)
}

func named(principal, action string, resources ...string) string {
	return `{"Effect":"Allow","Principal":{"AWS":` + jsonText([]string{principal}) + `},"Action":"` + action + `","Resource":` + jsonText(resources) + `}`
}

// A bucket of one account is read by a role of another if both sides allow it, unless the
// organization of the bucket's account says that only its own may.
func TestBucketOfAnotherAccount(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		a, b := w.account(t, w.rootID, "Readers", ""), w.account(t, w.rootID, "Models", "")
		inA := w.inside(t, a)
		reader := inA.newRole(t, "Reader", trusting(a), "")
		const bucket, object = "arn:aws:s3:::pied-piper-models", "arn:aws:s3:::pied-piper-models/weights.bin"
		ask := func(principal string) decision { return s.decides(t, principal, "s3:GetObject", object) }

		ask(reader).is(t, "implicitDeny", identityPolicy)
		s.registers(t, bucket, b, document(named(reader, "s3:GetObject", bucket+"/*")), "--tags", "team=compression")
		d := ask(reader)
		d.is(t, "implicitDeny", identityPolicy)
		if !d.Explanation.CrossAccount || d.says(resourcePolicy) != "allow" ||
			d.Explanation.Message != "User: "+strings.Replace(sessionARN(a, "Reader"), "/scene", "/session", 1)+
				" is not authorized to perform: s3:GetObject on resource: "+object+" because no identity-based policy allows the s3:GetObject action" {
			t.Errorf("decision = %+v", d)
		}
		inA.allowRole(t, "Reader", document(when(statement("Allow", "s3:GetObject", "*"), `{"StringEquals":{"aws:ResourceTag/team":"compression","aws:ResourceAccount":"`+b+`","aws:ResourceOrgID":"`+w.orgID+`"}}`)))
		ask(reader).is(t, "allowed", identityPolicy)
		s.decides(t, reader, "s3:DeleteObject", object).is(t, "implicitDeny", resourcePolicy)
		// Another role of A with the same permissions is not named by the bucket's policy.
		other := inA.newRole(t, "Other", trusting(a), allow("s3:*", "*"))
		ask(other).is(t, "implicitDeny", resourcePolicy)
		s.decides(t, sessionARN(a, "Reader"), "s3:GetObject", object).is(t, "allowed", identityPolicy)
		s.decides(t, "anonymous", "s3:GetObject", object).is(t, "implicitDeny", resourcePolicy)

		// The organization lets nobody in who is not of it, whatever the bucket's policy says.
		_, err := w.admin.organizations().EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeResourceControlPolicy})
		must(t, err)
		outside := s.openAccount(t, "Outside")
		outside.newUser(t, "stranger", allow("s3:*", "*"))
		stranger := userARN(outside.accountID(t), "stranger")
		s.registers(t, bucket, b, document(named(reader, "s3:GetObject", bucket+"/*"), named(stranger, "s3:GetObject", bucket+"/*")))
		ask(stranger).is(t, "allowed", identityPolicy)
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"` + w.orgID + `"}}}]}`
		made, err := w.admin.organizations().CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: aws.String("OnlyUs"), Description: aws.String(""), Type: orgtypes.PolicyTypeResourceControlPolicy, Content: &text,
		})
		must(t, err)
		w.attach(t, *made.Policy.PolicySummary.Id, b)
		ask(stranger).is(t, "explicitDeny", "resource control policy")
		inA.allowRole(t, "Reader", allow("s3:GetObject", "*"))
		ask(reader).is(t, "allowed", identityPolicy)
		// And the principal's organization has its say about its own.
		scp := w.scp(t, "NoObjects", deny("s3:GetObject", "*"), a)
		ask(reader).is(t, "explicitDeny", controlPolicy)
		w.detach(t, scp, a)

		// A role that is deleted and made again under its name is another one.
		_, err = inA.iam().DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("read")})
		must(t, err)
		_, err = inA.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("Reader")})
		must(t, err)
		inA.newRole(t, "Reader", trusting(a), allow("s3:GetObject", "*"))
		ask(reader).is(t, "implicitDeny", resourcePolicy)
		s.restart()
		ask(reader).is(t, "implicitDeny", resourcePolicy)
		// A closed account lets nobody in.
		s.registers(t, bucket, b, document(named(reader, "s3:GetObject", bucket+"/*")))
		ask(reader).is(t, "allowed", identityPolicy)
		_, err = s.root().organizations().CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &b})
		must(t, err)
		ask(reader).is(t, "implicitDeny", "state of the resource's account")
	})
}

// A KMS key is closed to whom its own policy does not let in, even in its own account.
func TestKeyNeedsItsPolicy(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		root := s.root()
		root.newUser(t, "admin", allow("*", "*"))
		root.newUser(t, "plain")
		admin, plain := userARN(managementID, "admin"), userARN(managementID, "plain")
		const key = "arn:aws:kms:eu-west-1:" + managementID + ":key/1234abcd"
		ask := func(principal string) decision { return s.decides(t, principal, "kms:Decrypt", key) }
		// A key that is not registered is nobody's.
		ask(admin).is(t, "implicitDeny", resourcePolicy)
		// The default key policy leaves it to the account.
		if _, stderr, ok := s.resourceCommand(t, nil, "resource", "register", key); !ok {
			t.Fatal(stderr)
		}
		ask(admin).is(t, "allowed", identityPolicy)
		ask(plain).is(t, "implicitDeny", identityPolicy)
		s.registers(t, key, managementID, document(named(plain, "kms:Decrypt", "*")))
		ask(admin).is(t, "implicitDeny", resourcePolicy)
		ask(plain).is(t, "allowed", resourcePolicy)
		s.decides(t, "arn:aws:iam::"+managementID+":root", "kms:Decrypt", key).is(t, "implicitDeny", resourcePolicy)
		// The simulator says the same.
		adminKey := root.newKey(t, "admin")
		out, err := adminKey.iam().SimulatePrincipalPolicy(context.Background(), &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &admin, ActionNames: []string{"kms:Decrypt"}, ResourceArns: []string{key},
		})
		must(t, err)
		if got := out.EvaluationResults[0].EvalDecision; got != "implicitDeny" {
			t.Errorf("simulated = %s", got)
		}
		out, err = adminKey.iam().SimulatePrincipalPolicy(context.Background(), &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &plain, ActionNames: []string{"kms:Decrypt"}, ResourceArns: []string{key},
		})
		must(t, err)
		if r := out.EvaluationResults[0]; r.EvalDecision != "allowed" || len(r.MatchedStatements) != 1 || *r.MatchedStatements[0].SourcePolicyId != key {
			t.Errorf("simulated = %+v", r)
		}
	})
}

// Principals of an account register its resources as far as they may in the resource's own
// service; everything is in the account's event history.
func TestPrincipalsRegisterResources(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		b := w.account(t, w.rootID, "Models", "")
		inB := w.inside(t, b)
		owner := inB.newUser(t, "owner", allow("s3:*", "*"))
		tagger := inB.newUser(t, "tagger", allow("s3:CreateBucket", "*"))
		const bucket = "arn:aws:s3:::pied-piper-logs"
		file := filepath.Join(t.TempDir(), "resources.yaml")
		write := func(tags, statement string) {
			must(t, os.WriteFile(file, []byte("version: 1\nresources:\n- arn: "+bucket+"\n  account: "+b+"\n  tags: {"+tags+"}\n  policy:\n    Version: 2012-10-17\n    Statement:\n    - "+statement+"\n"), 0o600))
		}
		write("team: logs", `{Effect: Allow, Principal: {AWS: "`+managementID+`"}, Action: "s3:GetObject", Resource: "`+bucket+`/*"}`)

		refused := func(who as, want string, args ...string) {
			t.Helper()
			if _, stderr, ok := s.resourceCommand(t, &who, append(args, "--signed")...); ok || !strings.Contains(stderr, want) {
				t.Errorf("%v: %v %s, want %s", args, ok, stderr, want)
			}
		}
		apply := []string{"resource", "apply", "-f", file}
		refused(tagger, "is not authorized to perform: s3:PutBucketPolicy on resource: "+bucket+" because no identity-based policy allows the s3:PutBucketPolicy action", apply...)
		deny := w.scp(t, "NoBuckets", deny("s3:CreateBucket", "*"), b)
		refused(owner, "is not authorized to perform: s3:CreateBucket on resource: "+bucket+" with an explicit deny in a service control policy: "+w.scpARN(deny), apply...)
		w.detach(t, deny, b)
		// Why can be asked afterwards, too.
		_, stderr, _ := s.resourceCommand(t, &tagger, append(apply, "--signed")...)
		_, id, _ := strings.Cut(strings.TrimRight(stderr, ")\n"), "(request id ")
		if stdout, stderr, ok := s.resourceCommand(t, &inB, "explain", id); !ok || !strings.Contains(stdout, "denied, as nothing allows it: s3:PutBucketPolicy on "+bucket) {
			t.Errorf("explain %s: %s%s", id, stdout, stderr)
		}
		refused(s.root(), "only the resources of your own account", apply...)
		for _, step := range []struct{ args, want string }{
			{"--dry-run", "1 to be created, 0 to be updated, 0 to be removed, 0 as they are"},
			{"", "1 created, 0 updated, 0 removed, 0 as they are"},
			{"", "0 created, 0 updated, 0 removed, 1 as they are"},
		} {
			stdout, stderr, ok := s.resourceCommand(t, &owner, slices.Concat(apply, []string{"--signed"}, strings.Fields(step.args))...)
			if !ok || !strings.Contains(stdout, step.want) {
				t.Fatalf("apply %s: %s%s, want %s", step.args, stdout, stderr, step.want)
			}
		}
		refused(tagger, "s3:GetBucketPolicy", "resource", "show", bucket)
		refused(s.root(), "not registered", "resource", "show", bucket)
		refused(tagger, "s3:DeleteBucket", "resource", "remove", bucket)
		// A bucket's name is taken for all.
		refused(w.admin, "registered in another account", "resource", "register", bucket, "--account-id", managementID)
		write("", `{Effect: Allow, Principal: {AWS: "`+roleARN(b, "Nobody")+`"}, Action: "s3:GetObject", Resource: "`+bucket+`/*"}`)
		refused(owner, `Invalid principal in policy: "AWS":"`+roleARN(b, "Nobody")+`"`, apply...)

		// Who may simulate a principal may ask what it may do.
		asking := []string{"explain", "--live", "--action", "s3:GetObject", "--resource", bucket + "/x"}
		refused(owner, "is not authorized to perform: iam:SimulatePrincipalPolicy on resource: "+userARN(b, "owner"), asking...)
		inB.putUserPolicy(t, "owner", "ask", allow("iam:SimulatePrincipalPolicy", "*"))
		if stdout, stderr, ok := s.resourceCommand(t, &owner, append(asking, "--signed")...); !ok || !strings.HasPrefix(stdout, "allowed: s3:GetObject") {
			t.Errorf("asked: %s%s", stdout, stderr)
		}
		refused(owner, "principals of your own account only", append(asking, "--principal", userARN(managementID, "admin"))...)

		if _, stderr, ok := s.resourceCommand(t, nil, "resource", "remove", bucket); !ok {
			t.Error(stderr)
		}
		events := map[string]int{}
		pages := cloudtrail.NewLookupEventsPaginator(inB.cloudtrail(), &cloudtrail.LookupEventsInput{LookupAttributes: []cloudtrailtypes.LookupAttribute{
			{AttributeKey: cloudtrailtypes.LookupAttributeKeyEventSource, AttributeValue: aws.String("bailiwick")},
		}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, e := range page.Events {
				var record struct{ ErrorCode string }
				must(t, json.Unmarshal([]byte(*e.CloudTrailEvent), &record))
				events[aws.ToString(e.Username)+" "+*e.EventName+" "+record.ErrorCode]++
			}
		}
		for event, n := range map[string]int{
			"owner ApplyResources ": 3, "owner ApplyResources AccessDenied": 1, "owner ApplyResources MalformedPolicy": 1,
			"tagger ApplyResources AccessDenied": 2, "tagger DeregisterResource AccessDenied": 1, "tagger DescribeResource AccessDenied": 1,
			" DeregisterResource ": 1, "owner Authorize ": 1,
		} {
			if events[event] != n {
				t.Errorf("%d events %q, want %d (all: %v)", events[event], event, n, events)
			}
		}
	})
}

// A request to the API of resources is as hard to forge as any other.
func TestRegistrationsNeedProof(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	const path = "/_bailiwick/v1/resource"
	send := func(change func(*http.Request), sign bool, service string) (int, string) {
		body := []byte(`{"arn":"arn:aws:s3:::taken","account":"` + managementID + `"}`)
		req, err := http.NewRequest(http.MethodPut, s.endpoint+path, bytes.NewReader(body))
		must(t, err)
		if sign {
			c, err := s.root().Credentials.Retrieve(context.Background())
			must(t, err)
			sum := sha256.Sum256(body)
			must(t, v4.NewSigner().SignHTTP(context.Background(), c, req, hex.EncodeToString(sum[:]), service, "eu-central-1", time.Now()))
		}
		change(req)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		must(t, err)
		return res.StatusCode, string(text)
	}
	for _, c := range []struct {
		name, service string
		sign          bool
		change        func(*http.Request)
		status        int
		code          string
	}{
		{"nothing", "", false, func(*http.Request) {}, 403, "MissingAuthenticationToken"},
		{"a wrong token", "", false, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401, "Unauthorized"},
		{"another body", "bailiwick", true, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"arn":"arn:aws:s3:::other","account":"` + managementID + `"}`))
			r.ContentLength = -1
		}, 403, "InvalidSignatureException"},
		{"another path", "bailiwick", true, func(r *http.Request) { r.URL.RawQuery = url.Values{"arn": {"x"}}.Encode() }, 403, "InvalidSignatureException"},
		{"another service", "iam", true, func(*http.Request) {}, 403, "InvalidSignatureException"},
		{"as it should be", "bailiwick", true, func(*http.Request) {}, 200, `"way":"create"`},
	} {
		if status, text := send(c.change, c.sign, c.service); status != c.status || !strings.Contains(text, c.code) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, text, c.status, c.code)
		}
	}
}
