package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// BenchmarkHandler measures one signed call without sockets, all the way: authentication,
// authorization, operation, answer, audit event and log line. A user calls, and the heap has
// the room that serve gives it.
func BenchmarkHandler(b *testing.B) {
	giveHeapRoom()
	f := &serverFlags{
		DataDir: b.TempDir(), AccountName: "Bench", RootEmail: "root@example.com", Listen: "127.0.0.1:0",
		AccountLimit: 10, AuditDays: 90,
		RootAccessKeyID: "AKIAIOSFODNN7EXAMPLE", RootSecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	}
	n, err := newNode(context.Background(), f, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := n.close(context.Background()); err != nil {
			b.Error(err)
		}
	}()
	keys, role := benchUser(b, n.handler, f)
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	for _, call := range []struct{ name, service, target, contentType, body string }{
		{"GetCallerIdentity", "sts", "", form, "Action=GetCallerIdentity&Version=2011-06-15"},
		{"AssumeRole", "sts", "", form, "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&RoleArn=" + url.QueryEscape(role)},
		{"ListUsers", "iam", "", form, "Action=ListUsers&Version=2010-05-08"},
		{"DescribeOrganization", "organizations", "AWSOrganizationsV20161128.DescribeOrganization", "application/x-amz-json-1.1", "{}"},
	} {
		b.Run(call.name, func(b *testing.B) {
			header := http.Header{"Content-Type": {call.contentType}}
			if call.target != "" {
				header.Set("X-Amz-Target", call.target)
			}
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", nil)
			r.Header = header
			r.ContentLength = int64(len(call.body))
			sum := sha256.Sum256([]byte(call.body))
			err := v4.NewSigner().SignHTTP(context.Background(), keys, r, hex.EncodeToString(sum[:]), call.service, "us-east-1", time.Now())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Body = readCloser{strings.NewReader(call.body)}
				w := &answer{header: http.Header{}}
				n.handler.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d: %s", w.status, w.body)
				}
			}
		})
	}
}

// benchUser makes an organization, an administrator, whose keys it returns, and an account
// with its role.
func benchUser(b *testing.B, handler http.Handler, f *serverFlags) (aws.Credentials, string) {
	b.Helper()
	ctx := context.Background()
	server := httptest.NewServer(handler)
	defer server.Close()
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider(f.RootAccessKeyID, f.RootSecretAccessKey, ""),
	}
	people, tree, name := iam.NewFromConfig(config), organizations.NewFromConfig(config), aws.String("admin")
	if _, err := tree.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		b.Fatal(err)
	}
	made, err := tree.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("Bench"), Email: aws.String("bench@example.com")})
	if err != nil {
		b.Fatal(err)
	}
	status, err := tree.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := people.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		b.Fatal(err)
	}
	everything := aws.String("arn:aws:iam::aws:policy/AdministratorAccess")
	if _, err := people.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: everything}); err != nil {
		b.Fatal(err)
	}
	key, err := people.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		b.Fatal(err)
	}
	role := "arn:aws:iam::" + *status.CreateAccountStatus.AccountId + ":role/OrganizationAccountAccessRole"
	return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}, role
}

// answer is a ResponseWriter that costs next to nothing: it keeps what it is given.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.body = p
	return len(p), nil
}

type readCloser struct{ *strings.Reader }

// Close implements io.Closer.
func (readCloser) Close() error { return nil }
