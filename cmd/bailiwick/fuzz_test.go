package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// The root user's key of the servers in these tests.
const (
	testKeyID  = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// logBook is where a server under test logs.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// reset forgets what was logged.
func (l *logBook) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

// inMemory is a whole server without sockets.
func inMemory(t testing.TB) (*node, *logBook) {
	t.Helper()
	f := &serverFlags{
		Ephemeral: true, AccountID: "111122223333", AccountName: "Test", RootEmail: "root@example.com", Listen: "127.0.0.1:0",
		AccountLimit: 100, AuditDays: 90, RootAccessKeyID: testKeyID, RootSecretAccessKey: testSecret,
	}
	book := &logBook{}
	n, err := newNode(context.Background(), f, slog.New(slog.NewTextHandler(book, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return n, book
}

// sign signs a request to a service.
func sign(t testing.TB, r *http.Request, body []byte, service, id, secret string) {
	t.Helper()
	sum := sha256.Sum256(body)
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: id, SecretAccessKey: secret},
		r, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
}

// FuzzSigned sends whatever there is, signed with a valid key of somebody who may do
// everything: so the bytes get as far as they can. The answer is never an internal failure,
// and the log has one line.
func FuzzSigned(f *testing.F) {
	const form, json11 = "application/x-www-form-urlencoded", "application/x-amz-json-1.1"
	f.Add("POST", "/", "iam", form, "", "", []byte("Action=ListUsers&Version=2010-05-08"))
	f.Add("POST", "/", "iam", form, "", "", []byte("Action=CreateUser&UserName=a&Path=%2Fx%2F&Tags.member.1.Key=k&Tags.member.1.Value=v&Version=2010-05-08"))
	f.Add("POST", "/", "iam", form, "", "", []byte("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&Version=2010-05-08"))
	f.Add("POST", "/", "iam", form, "", "", []byte("Action=PutUserPolicy&UserName=a&PolicyName=p&PolicyDocument=%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D&Version=2010-05-08"))
	f.Add("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "sts", "", "", "", []byte(nil))
	f.Add("POST", "/", "sts", form, "", "", []byte("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr&RoleSessionName=s&Version=2011-06-15"))
	f.Add("POST", "/", "sts", form, "", "", []byte("Action=DecodeAuthorizationMessage&EncodedMessage=AAAA&Version=2011-06-15"))
	f.Add("POST", "/", "organizations", json11, "AWSOrganizationsV20161128.CreateOrganization", "", []byte(`{"FeatureSet":"ALL"}`))
	f.Add("POST", "/", "organizations", json11, "AWSOrganizationsV20161128.CreateAccount", "", []byte(`{"AccountName":"a","Email":"a@example.com","Tags":[{"Key":"k","Value":"v"}]}`))
	f.Add("POST", "/", "organizations", json11, "AWSOrganizationsV20161128.CreatePolicy", "gzip", []byte(`{"Content":"{}","Description":"","Name":"p","Type":"SERVICE_CONTROL_POLICY"}`))
	f.Add("POST", "/", "organizations", json11, "AWSOrganizationsV20161128.ListRoots", "", []byte(`{"NextToken":"x"}`))
	f.Add("POST", "/", "cloudtrail", json11, "CloudTrail_20131101.LookupEvents", "", []byte(`{"StartTime":1e9,"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"x"}],"NextToken":"AA"}`))
	f.Add("POST", "/putAlternateContact", "account", "application/json", "", "", []byte(`{"AlternateContactType":"BILLING","EmailAddress":"a@b.c","Name":"n","PhoneNumber":"1","Title":"t"}`))
	f.Add("POST", "/getRegionOptStatus", "account", "application/json", "", "", []byte(`{"RegionName":"us-east-1"}`))
	n, book := inMemory(f)
	f.Fuzz(func(t *testing.T, method, target, service, contentType, operation, encoding string, body []byte) {
		if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "/_bailiwick/") {
			t.Skip("the operator's own, or no path at all")
		}
		r, err := http.NewRequest(method, "http://127.0.0.1:4566"+target, bytes.NewReader(body))
		if err != nil {
			t.Skip("no request")
		}
		for name, value := range map[string]string{"Content-Type": contentType, "X-Amz-Target": operation, "Content-Encoding": encoding} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		sign(t, r, body, service, testKeyID, testSecret)
		r.RemoteAddr = "127.0.0.1:1"
		book.reset()
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
			t.Errorf("status %d: %s\n%s", w.Code, w.Body, book)
		}
		if w.Header().Get("X-Amzn-Requestid") == "" {
			t.Errorf("no request id: %v", w.Header())
		}
		if text := book.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "level=ERROR") {
			t.Errorf("log:\n%s", text)
		}
	})
}
