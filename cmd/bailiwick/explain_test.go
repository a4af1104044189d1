package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// startServer serves an empty node with a root user whose keys are known.
func startServer(t *testing.T) (url string, f *serverFlags) {
	t.Helper()
	f = &serverFlags{
		DataDir: t.TempDir(), AccountName: "Test", RootEmail: "root@example.com", Listen: "127.0.0.1:0",
		AccountLimit: 10, AuditDays: 90,
		RootAccessKeyID: "AKIAIOSFODNN7EXAMPLE", RootSecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	}
	n, err := newNode(t.Context(), f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.handler)
	t.Cleanup(func() {
		server.Close()
		if err := n.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server.URL, f
}

// TestExplainLooksUpARefusedCall refuses a call of a real server and explains it by the
// request id of the error, as the person does who reads the error.
func TestExplainLooksUpARefusedCall(t *testing.T) {
	ctx := t.Context()
	url, f := startServer(t)
	client := func(id, secret string) *iam.Client {
		return iam.NewFromConfig(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		})
	}
	root := client(f.RootAccessKeyID, f.RootSecretAccessKey)
	if _, err := root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("zoe")}); err != nil {
		t.Fatal(err)
	}
	document := `{"Version":"2012-10-17","Statement":[{"Sid":"Frozen","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	if _, err := root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("zoe"), PolicyName: aws.String("frozen"), PolicyDocument: &document}); err != nil {
		t.Fatal(err)
	}
	key, err := root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("zoe")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey).ListUsers(ctx, &iam.ListUsersInput{})
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) {
		t.Fatalf("ListUsers: %v", err)
	}

	t.Setenv("AWS_ACCESS_KEY_ID", f.RootAccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", f.RootSecretAccessKey)
	t.Setenv("AWS_ENDPOINT_URL", url)
	out, code := runCLI(t, "", "explain", refused.ServiceRequestID())
	for _, part := range []string{"iam ListUsers at 2", "answered AccessDenied", "denied explicitly: iam:ListUsers", `"Frozen"`, "frozen"} {
		if code != 0 || !strings.Contains(out, part) {
			t.Errorf("exit code %d, no %q in:\n%s", code, part, out)
		}
	}
	out, code = runCLI(t, "", "explain", "-o", "json", refused.ServiceRequestID())
	var answer explained
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	if answer.Explanation == nil || answer.Explanation.Outcome != "explicitDeny" || answer.Call.EventName != "ListUsers" {
		t.Errorf("answer %s", out)
	}

	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	out, code = runCLI(t, "", "explain", refused.ServiceRequestID())
	if code != exitUnusable || !strings.Contains(out, "cannot be looked up: ") {
		t.Errorf("a wrong key: exit code %d\n%s", code, out)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", f.RootSecretAccessKey)

	out, code = runCLI(t, "", "explain", "00000000-0000-4000-8000-000000000000")
	if code != exitUnusable || !strings.Contains(out, "there is no call with the request id") {
		t.Errorf("an unknown id: exit code %d\n%s", code, out)
	}
}

// TestEventsWithoutExplanation says what else happened to a call.
func TestEventsWithoutExplanation(t *testing.T) {
	for record, want := range map[string]string{
		`{"eventSource":"iam.amazonaws.com","eventName":"GetUser","eventTime":"2026-01-01T00:00:00Z"}`:                                  "was allowed",
		`{"eventSource":"iam.amazonaws.com","eventName":"GetUser","errorCode":"NoSuchEntity","errorMessage":"none"}`:                    "policies did not refuse",
		`{"eventName":"GetUser","additionalEventData":{"authorization":{"outcome":"implicitDeny","action":"iam:GetUser","layers":[]}}}`: "denied, as nothing allows it: iam:GetUser",
	} {
		answer, err := readEvent("id", record)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := answer.writeText(&b, false); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if _, err := readEvent("id", "not JSON"); err == nil {
		t.Error("a record that is not JSON is taken")
	}
}

func TestWaysToAsk(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"id --principal anonymous --action s3:GetObject", "explain takes one of"},
		{"--case x", "--case needs --test"},
		{"--principal anonymous", "both needed"},
		{"--test testdata/shop_test.yaml", "--test needs --case"},
		{"--test testdata/shop_test.yaml --case nonsense", "the clerk reads"},
		{"--test testdata/tab_test.yaml --case x", "a tab"},
		{"--test testdata/gone_test.yaml --case x", "no such file"},
		{"some-id --endpoint=", "which server"},
	} {
		t.Setenv("AWS_ENDPOINT_URL", "")
		out, code := runCLI(t, "", append([]string{"explain"}, strings.Fields(test.args)...)...)
		if code != exitUnusable || !strings.Contains(out, test.want) {
			t.Errorf("%s: exit code %d, no %q in %s", test.args, code, test.want, out)
		}
	}
}
