package operator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/operator"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
	"github.com/bailiwick/bailiwick/wire"
)

const (
	home, other = "111122223333", "444455556666"
	secretToken = "operator-secret"
)

var testTime = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// registry is the API over a store with two accounts; the first has a role "reader" and the
// user "owner", who may do everything with S3 and KMS.
type registry struct {
	t       *testing.T
	db      *store.DB
	handler http.Handler
	// caller signs requests that carry no token.
	caller *credential.Caller
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	g := &registry{t: t, db: storetest.Memory().Open(t)}
	err := g.db.Update(t.Context(), func(tx *store.Tx) error {
		for _, id := range []string{home, other} {
			if _, err := org.CreateStandaloneAccount(t.Context(), tx, id, "account "+id, id+"@example.com"); err != nil {
				return err
			}
		}
		if _, err := iam.CreateRole(t.Context(), tx, home, iam.NewRole{
			Name: "reader", TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + home + `"},"Action":"sts:AssumeRole"}}`,
		}); err != nil {
			return err
		}
		user, err := iam.CreateUser(t.Context(), tx, home, iam.NewUser{Name: "owner"})
		if err != nil {
			return err
		}
		g.caller = &credential.Caller{Type: credential.User, AccountID: home, ARN: user.ARN(), PrincipalID: user.ID, EntityID: user.ID, EntityARN: user.ARN(), EntityName: "owner"}
		return iam.PutInlinePolicy(t.Context(), tx, home, iam.KindUser, "owner", "own", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	policies, err := authz.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	authorizer, err := authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return g.db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: g.db.Revision, Policies: policies, Rows: map[string][]authz.Row{"iam": {authz.Anywhere("ListUsers", "iam:ListUsers")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	events := audit.NewQueue(g.db, logger)
	t.Cleanup(events.Close)
	g.handler = operator.New(operator.Config{DB: g.db, Token: secretToken, Logger: logger, Resources: &operator.Resources{
		Authenticate: func(r *http.Request, _ []byte, service string) (*wire.Signed, error) {
			if r.Header.Get("Authorization") != "signed for "+service {
				return nil, &smithy.GenericError{Code: "MissingAuthenticationToken", Status: http.StatusForbidden, Message: "not signed"}
			}
			id, err := audit.NewID(testTime, strings.NewReader(strings.Repeat("r", 64)))
			return &wire.Signed{Caller: g.caller, RequestID: id, Time: testTime, Region: "eu-west-1", SourceIP: "192.0.2.1"}, err
		},
		Authorizer: authorizer, Audit: events, Now: func() time.Time { return testTime },
	}})
	return g
}

// send sends a request as the operator, or as the caller, and returns the answer.
func (g *registry) send(signed bool, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, operator.Prefix+"v1/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secretToken)
	if signed {
		r.Header.Set("Authorization", "signed for bailiwick")
	}
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// answers expects a status and a part of the body.
func (g *registry) answers(signed bool, method, path, body string, status int, want string) {
	g.t.Helper()
	got, text := g.send(signed, method, path, body)
	if got != status || !strings.Contains(text, want) {
		g.t.Errorf("%s %s %s = %d %s, want %d %s", method, path, body, got, text, status, want)
	}
}

func TestBadRequestsAboutResources(t *testing.T) {
	g := newRegistry(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"PUT", "resource", `{`, 400, "not the JSON"},
		{"PUT", "resource", `{"arn":"arn:aws:s3:::ours","account":"` + home + `","x":1}`, 400, "unknown field"},
		{"PUT", "resource", `{"arn":"arn:aws:s3:::ours","account":"` + home + `"} {}`, 400, "behind the JSON"},
		{"PUT", "resource", `{"arn":"arn:aws:s3:::ours","account":"` + home + `","policy":[1]}`, 400, "MalformedPolicy"},
		{"PUT", "resource", `{"arn":"arn:aws:s3:::ours","account":"999999999999"}`, 404, "AccountNotFound"},
		{"GET", "resource", "", 400, "parameter arn"},
		{"GET", "resource?arn=arn:aws:s3:::none", "", 404, "ResourceNotFound"},
		{"DELETE", "resource?arn=arn:aws:s3:::none", "", 404, "ResourceNotFound"},
		{"DELETE", "resource", "", 400, "parameter arn"},
		{"GET", "resources?limit=0", "", 400, "from 1 to 1000"},
		{"POST", "resources/apply", `{"version":2,"resources":[]}`, 400, "version is 1"},
		{"POST", "resources/apply", `{"version":1,"resources":[{"arn":"x"},{"arn":"y"}]}`, 400, `"errors":[{"arn":"x"`},
		{"POST", "authorize", `{"action":"s3:GetObject","resource":"arn:aws:s3:::a/b"}`, 400, "principal is required"},
		{"POST", "authorize", `{"principal":"anonymous","action":"s3:*","resource":"*"}`, 400, "the action"},
		{"POST", "authorize", `{"principal":"anonymous","action":"s3:GetObject","resource":"a"}`, 400, "the resource is"},
		{"POST", "authorize", `{"principal":"arn:aws:iam::` + home + `:user/none","action":"s3:GetObject","resource":"*"}`, 400, "no such principal"},
		{"POST", "authorize", `{"principal":"arn:aws:iam::` + home + `:role/path/reader","action":"s3:GetObject","resource":"*"}`, 400, "no such principal"},
		{"POST", "authorize", `{"principal":"anonymous","action":"s3:GetObject","resource":"*","context":{"aws:PrincipalOrgID":"o-x"}}`, 400, "cannot be given"},
		{"POST", "authorize", `{"principal":"anonymous","action":"s3:GetObject","resource":"*","context":{"aws:SourceIp":[]}}`, 400, "no value"},
		{"POST", "authorize", `{"principal":"anonymous","action":"s3:GetObject","resource":"*","context":{"aws:SourceIp":{}}}`, 400, "a value is"},
		{"POST", "authorize", `{"principal":"arn:aws:iam::` + home + `:root","action":"sqs:SendMessage","resource":"arn:aws:sqs:eu-west-1:` + home + `:q","resourceAccount":"` + other + `"}`, 400, "another account"},
	} {
		g.answers(false, c.method, c.path, c.body, c.status, c.want)
	}
}

func TestPagesOfResources(t *testing.T) {
	g := newRegistry(t)
	for _, name := range []string{"c", "a", "b"} {
		g.answers(false, "PUT", "resource", `{"arn":"arn:aws:s3:::bucket-`+name+`","account":"`+home+`"}`, 200, `"way":"create"`)
	}
	g.answers(false, "PUT", "resource", `{"arn":"arn:aws:s3:::theirs","account":"`+other+`"}`, 200, "create")
	list := func(signed bool, query string) string {
		_, text := g.send(signed, "GET", "resources"+query, "")
		var page operator.ResourceList
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		var b bytes.Buffer
		for _, r := range page.Resources {
			b.WriteString(strings.TrimPrefix(r.ARN, "arn:aws:s3:::") + " ")
		}
		return b.String() + page.Next
	}
	for _, c := range []struct {
		signed      bool
		query, want string
	}{
		{false, "", "bucket-a bucket-b bucket-c theirs "},
		{false, "?limit=2", "bucket-a bucket-b arn:aws:s3:::bucket-b"},
		{false, "?limit=2&after=arn:aws:s3:::bucket-b", "bucket-c theirs "},
		{false, "?account=" + other, "theirs "},
		{true, "", "bucket-a bucket-b bucket-c "},
	} {
		if got := list(c.signed, c.query); got != c.want {
			t.Errorf("page %s = %q, want %q", c.query, got, c.want)
		}
	}
	g.answers(true, "GET", "resources?account="+other, "", 403, "own account")
	// What may not be read is not listed.
	g.answers(false, "PUT", "resource", `{"arn":"arn:aws:sqs:eu-west-1:`+home+`:jobs"}`, 200, "create")
	if got := list(true, ""); strings.Contains(got, "sqs") {
		t.Errorf("a queue is listed: %s", got)
	}
	// The accounts of a file are pruned, others are left.
	g.answers(false, "POST", "resources/apply", `{"version":1,"prune":true,"dryRun":true,"resources":[{"arn":"arn:aws:s3:::bucket-a","account":"`+home+`"}]}`, 200, `{"dryRun":true,"changes":[{"way":"keep"`)
	if got := list(false, ""); !strings.Contains(got, "bucket-b") {
		t.Errorf("a dry run removed: %s", got)
	}
	g.answers(false, "POST", "resources/apply", `{"version":1,"prune":true,"resources":[{"arn":"arn:aws:s3:::bucket-a","account":"`+home+`"}]}`, 200, `"way":"remove"`)
	if got := list(false, ""); got != "bucket-a theirs " {
		t.Errorf("after pruning: %s", got)
	}
}

// Who signs learns nothing of principals and policies that it could not put there.
func TestSignedCallersLearnNoMoreThanTheyMay(t *testing.T) {
	g := newRegistry(t)
	naming := func(arn, principal string) string {
		return `{"arn":"` + arn + `","account":"` + home + `","policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"*","Resource":"*"}}}`
	}
	key, queue := "arn:aws:kms:eu-west-1:"+home+":key/k", "arn:aws:sqs:eu-west-1:"+home+":q"
	const nobody = "arn:aws:iam::" + home + ":role/nobody"
	g.answers(true, "PUT", "resource", naming(queue, nobody), 403, "sqs:CreateQueue")
	g.answers(true, "PUT", "resource", naming(queue, "arn:aws:iam::"+home+":role/reader"), 403, "sqs:CreateQueue")
	g.answers(true, "PUT", "resource", naming(key, nobody), 400, "Invalid principal")
	g.answers(true, "PUT", "resource", naming(key, "arn:aws:iam::"+home+":role/reader"), 200, "create")
	// Now the key's own policy shuts out who made it.
	g.answers(true, "PUT", "resource", naming(key, nobody), 403, "no resource-based policy allows the kms:PutKeyPolicy action")
	g.answers(true, "DELETE", "resource?arn="+key, "", 403, "kms:ScheduleKeyDeletion")
	g.answers(true, "PUT", "resource", naming("arn:aws:glacier:eu-west-1:"+home+":vaults/v", nobody), 403, "the operator can do it")
	g.answers(true, "PUT", "resource", `{"arn":"arn:aws:s3:::theirs","account":"`+other+`"}`, 403, "own account")
	g.answers(false, "PUT", "resource", `{"arn":"arn:aws:s3:::theirs","account":"`+other+`"}`, 200, "create")
	g.answers(true, "DELETE", "resource?arn=arn:aws:s3:::theirs", "", 404, "not registered")
	g.answers(true, "GET", "resource?arn=arn:aws:s3:::theirs", "", 404, "not registered")
	g.answers(true, "POST", "resources/apply", `{"version":1,"prune":true,"accounts":["`+other+`"],"resources":[]}`, 403, "own account")
	g.answers(true, "POST", "authorize", `{"action":"s3:GetObject","resource":"arn:aws:s3:::theirs/x"}`, 403, "iam:SimulatePrincipalPolicy")
}

// permit gives the caller another policy besides its own.
func (g *registry) permit(statement string) {
	g.t.Helper()
	err := g.db.Update(g.t.Context(), func(tx *store.Tx) error {
		return iam.PutInlinePolicy(g.t.Context(), tx, home, iam.KindUser, "owner", "more", `{"Version":"2012-10-17","Statement":[`+statement+`]}`)
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// The answers do not say which account has a bucket, whichever account is named, nor to who may
// not ask whether there is a principal.
func TestOwnersAndPrincipalsCannotBeTriedOut(t *testing.T) {
	g := newRegistry(t)
	ask := func(principal, account string) string {
		_, text := g.send(true, "POST", "authorize", `{"principal":"`+principal+`","action":"s3:GetObject","resource":"arn:aws:s3:::theirs/x","resourceAccount":"`+account+`"}`)
		return text
	}
	there, none := "arn:aws:iam::"+home+":role/reader", "arn:aws:iam::"+home+":role/nobody"
	for _, name := range []string{there, none} {
		if text := ask(name, other); !strings.Contains(text, "iam:SimulatePrincipalPolicy on resource: "+name) {
			t.Errorf("about %s: %s", name, text)
		}
	}
	g.permit(`{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"*"}`)
	if text := ask(none, other); !strings.Contains(text, "no such principal") {
		t.Errorf("who may ask is told %s", text)
	}
	g.answers(false, "PUT", "resource", `{"arn":"arn:aws:s3:::theirs","account":"`+other+`"}`, 200, "create")
	if right, wrong := ask("", other), ask("", "777788889999"); right != wrong || !strings.Contains(right, `"allowed":false`) {
		t.Errorf("the owner is told:\n%s\n%s", right, wrong)
	}
}

// What an account asks about the users and roles of another one is answered as if they were not
// there, unless they trust it.
func TestIdentitiesOfOthersCannotBeTriedOut(t *testing.T) {
	g := newRegistry(t)
	err := g.db.Update(t.Context(), func(tx *store.Tx) error {
		tags := []iam.Tag{{Key: "team", Value: "red"}}
		if _, err := iam.CreateUser(t.Context(), tx, other, iam.NewUser{Name: "there", Tags: tags}); err != nil {
			return err
		}
		for name, trusted := range map[string]string{"there": other, "open": home} {
			if _, err := iam.CreateRole(t.Context(), tx, other, iam.NewRole{
				Name: name, Tags: tags, TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + trusted + `"},"Action":"sts:AssumeRole"}}`,
			}); err != nil {
				return err
			}
		}
		_, err := iam.CreateRole(t.Context(), tx, home, iam.NewRole{
			Name: "service", TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(account, action, kind, name string) string {
		_, text := g.send(true, "POST", "authorize", `{"action":"`+action+`","resource":"arn:aws:iam::`+account+`:`+kind+"/"+name+`"}`)
		return strings.ReplaceAll(text, name, "NAME")
	}
	for arn, more := range map[string]string{
		"arn:aws:sqs:eu-west-1:" + other + ":there":    `,"policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + other + `"},"Action":"sqs:*","Resource":"*"}}`,
		"arn:aws:sqs:eu-west-1:" + other + ":tooThere": "",
	} {
		g.answers(false, "PUT", "resource", `{"arn":"`+arn+`","tags":{"team":"red"}`+more+`}`, 200, "create")
	}
	g.permit(`{"Effect":"Allow","Action":["iam:SimulatePrincipalPolicy","sqs:*"],"Resource":"*"},{"Effect":"Deny","Action":"sqs:Send*","Resource":"*","Condition":{"StringLike":{"aws:ResourceTag/team":"*"}}}`)
	queue := func(name string) string {
		_, text := g.send(true, "POST", "authorize", `{"action":"sqs:SendMessage","resource":"arn:aws:sqs:eu-west-1:`+other+`:`+name+`"}`)
		return strings.ReplaceAll(text, name, "NAME")
	}
	if a, b, none := queue("there"), queue("tooThere"), queue("nothere"); a != none || b != none || strings.Contains(a, "red") {
		t.Errorf("queues are told apart:\n%s\n%s\n%s", a, b, none)
	}
	g.permit(`{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"*"},{"Effect":"Allow","Action":["iam:*","sts:*"],"Resource":"*"},` +
		`{"Effect":"Deny","Action":["iam:Get*","sts:*"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":["red"]},"Null":{"aws:ResourceTag/team":"false"}}}`)
	for _, c := range [][2]string{{"iam:GetUser", "user"}, {"iam:GetRole", "role"}} {
		if there, none := ask(other, c[0], c[1], "there"), ask(other, c[0], c[1], "nothere"); there != none {
			t.Errorf("%s tells apart:\n%s\n%s", c[0], there, none)
		}
	}
	if there, none := ask(other, "sts:AssumeRole", "role", "there"), ask(other, "sts:AssumeRole", "role", "nothere"); there != none {
		t.Errorf("assuming tells apart by tags:\n%s\n%s", there, none)
	}
	g.permit(`{"Effect":"Allow","Action":["iam:SimulatePrincipalPolicy","sts:AssumeRole"],"Resource":"*"}`)
	if there, none := ask(other, "sts:AssumeRole", "role", "there"), ask(other, "sts:AssumeRole", "role", "nothere"); there != none {
		t.Errorf("assuming tells apart:\n%s\n%s", there, none)
	}
	for name, want := range map[string]string{"reader": `{"allowed":true`, "service": `{"allowed":false`, "none": `{"allowed":false`} {
		if text := ask(home, "sts:AssumeRole", "role", name); !strings.HasPrefix(text, want) {
			t.Errorf("assuming %s of the own account: %s", name, text)
		}
	}
	if text := ask(other, "sts:AssumeRole", "role", "open"); !strings.HasPrefix(text, `{"allowed":true`) {
		t.Errorf("assuming a role that trusts the account: %s", text)
	}
}

// Policies about the tags in a request also hold for what is registered already.
func TestTagsOfARequest(t *testing.T) {
	g := newRegistry(t)
	queue := "arn:aws:sqs:eu-west-1:" + home + ":q"
	g.permit(`{"Effect":"Allow","Action":"sqs:*","Resource":"*"},` +
		`{"Effect":"Deny","Action":["sqs:TagQueue","sqs:CreateQueue"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/stage":"prod"}}},` +
		`{"Effect":"Deny","Action":"sqs:UntagQueue","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"owner"}}}`)
	for _, c := range []struct {
		tags   string
		status int
		want   string
	}{
		{`{"stage":"prod"}`, 403, "sqs:CreateQueue"},
		{`{"stage":"dev","owner":"me"}`, 200, "create"},
		{`{"stage":"prod","owner":"me"}`, 403, "sqs:TagQueue"},
		{`{"stage":"dev"}`, 403, "sqs:UntagQueue"},
		{`{"owner":"me"}`, 200, "update"},
		{`{"owner":"me","cost":"1"}`, 200, "update"},
	} {
		g.answers(true, "PUT", "resource", `{"arn":"`+queue+`","tags":`+c.tags+`}`, c.status, c.want)
	}
}

func TestDecisions(t *testing.T) {
	g := newRegistry(t)
	put := func(arn, account, statement string) {
		t.Helper()
		g.answers(false, "PUT", "resource", `{"arn":"`+arn+`","account":"`+account+`","tags":{"team":"red"},"policy":{"Version":"2012-10-17","Statement":[`+statement+`]}}`, 200, "way")
	}
	const bucket = "arn:aws:s3:::ours"
	put(bucket, home, `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"`+bucket+`/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}},`+
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"`+bucket+`/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},`+
		`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"`+bucket+`/*","Condition":{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}}`)
	secret := "arn:aws:secretsmanager:eu-west-1:" + home + ":secret:a-Ab12Cd"
	put(secret, home, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+other+`:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/team":"red","aws:RequestedRegion":"eu-west-1"}}}`)
	for _, c := range []struct {
		principal, action, resource, context string
		allowed                              bool
		why                                  string
	}{
		{"anonymous", "s3:GetObject", bucket + "/x", `{"aws:SourceIp":"192.0.2.7"}`, true, "resource-based policy"},
		{"anonymous", "s3:GetObject", bucket + "/x", `{"aws:SourceIp":"198.51.100.7"}`, false, "resource-based policy"},
		{"anonymous", "s3:GetObject", bucket + "/x", `{"aws:SourceIp":"192.0.2.7","aws:SecureTransport":false}`, false, "explicitDeny"},
		{"cloudtrail.amazonaws.com", "s3:PutObject", bucket + "/x", `{}`, true, "resource-based policy"},
		{"config.amazonaws.com", "s3:PutObject", bucket + "/x", `{}`, false, "resource-based policy"},
		{"arn:aws:iam::" + home + ":user/owner", "s3:PutObject", bucket + "/x", `{}`, true, "identity-based policy"},
		{"arn:aws:iam::" + other + ":root", "secretsmanager:GetSecretValue", secret, `{}`, true, "identity-based policy"},
		{"arn:aws:iam::" + home + ":root", "s3:ListAllMyBuckets", "*", `{}`, true, "identity-based policy"},
		{"arn:aws:iam::" + home + ":role/reader", "sts:AssumeRole", "arn:aws:iam::" + home + ":role/reader", `{}`, false, "identity-based policy"},
		{"arn:aws:iam::" + other + ":root", "sts:AssumeRole", "arn:aws:iam::" + home + ":role/reader", `{}`, false, "role trust policy"},
		{"arn:aws:sts::" + home + ":assumed-role/reader/me", "s3:GetObject", bucket + "/x", `{"aws:SourceIp":"192.0.2.7"}`, true, "assumed-role/reader/me"},
	} {
		status, text := g.send(false, "POST", "authorize", `{"principal":"`+c.principal+`","action":"`+c.action+`","resource":"`+c.resource+`","context":`+c.context+`}`)
		var out operator.AuthorizeOutput
		if err := json.Unmarshal([]byte(text), &out); err != nil || status != 200 || out.Allowed != c.allowed || out.Explanation.Allowed != c.allowed || !strings.Contains(text, c.why) {
			t.Errorf("%s %s on %s with %s = %d %s, want %v by %s", c.principal, c.action, c.resource, c.context, status, text, c.allowed, c.why)
		}
	}
}
