package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// metered is a node in memory that the root user of its first account calls.
type metered struct {
	*node
	t     *testing.T
	flags *serverFlags
	log   *bytes.Buffer
}

func newMetered(t *testing.T, adjust func(*serverFlags)) *metered {
	t.Helper()
	f := &serverFlags{
		DataDir: t.TempDir(), Ephemeral: true, AccountID: "111122223333", AccountName: "Metered", RootEmail: "root@example.com",
		Listen: "127.0.0.1:0", AccountLimit: 10, AuditDays: 90, OperatorToken: "an-operator-token-for-tests",
		RootAccessKeyID: "AKIAIOSFODNN7EXAMPLE", RootSecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	}
	adjust(f)
	if err := f.check(); err != nil {
		t.Fatal(err)
	}
	m := &metered{t: t, flags: f, log: &bytes.Buffer{}}
	n, err := newNode(context.Background(), f, slog.New(slog.NewTextHandler(m.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	m.node = n
	return m
}

// query signs and sends a call of a query service.
func (m *metered) query(service, action, secret string) *httptest.ResponseRecorder {
	m.t.Helper()
	version := map[string]string{"sts": "2011-06-15", "iam": "2010-05-08"}[service]
	return m.send(service, "application/x-www-form-urlencoded", "", "Action="+action+"&Version="+version, secret)
}

func (m *metered) send(service, contentType, target, body, secret string) *httptest.ResponseRecorder {
	m.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	sum := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: m.flags.RootAccessKeyID, SecretAccessKey: secret},
		r, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now())
	if err != nil {
		m.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w
}

func (m *metered) page() string {
	m.t.Helper()
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_bailiwick/metrics", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("Cache-Control") != "no-store" {
		m.t.Fatalf("%d %v", w.Code, w.Header())
	}
	return w.Body.String()
}

func TestMetricsCountCallsAndNameNobody(t *testing.T) {
	m := newMetered(t, func(*serverFlags) {})
	secret := m.flags.RootSecretAccessKey
	m.query("sts", "GetCallerIdentity", secret)
	m.query("iam", "ListUsers", secret)
	m.query("iam", "ListUsers", "wrong"+secret)
	m.query("iam", "GetUser&UserName=planted-name", secret)
	before := strings.Count(m.page(), "\n")
	for _, made := range []string{"Planted1", "Planted2", "Planted3"} {
		m.query("iam", made, secret)
		m.query("planted-service", made, secret)
		m.send("organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128."+made, "{}", secret)
	}
	got := m.page()
	for _, want := range []string{
		`bailiwick_requests_total{decision="allowed",operation="GetCallerIdentity",service="sts",status="200"} 1`,
		`bailiwick_requests_total{decision="allowed",operation="ListUsers",service="iam",status="200"} 1`,
		`bailiwick_requests_total{decision="failed",operation="ListUsers",service="iam",status="403"} 1`,
		`bailiwick_requests_total{decision="allowed",operation="GetUser",service="iam",status="404"} 1`,
		`bailiwick_requests_total{decision="failed",operation="other",service="iam",status="400"} 3`,
		`bailiwick_requests_total{decision="failed",operation="other",service="organizations",status="400"} 3`,
		`bailiwick_cache_entries{cache="keys"} 1`,
		`bailiwick_store_transaction_seconds_count{kind="update"}`,
		`bailiwick_audit_queue_events`, "bailiwick_build_info{", "go_goroutines",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if after := strings.Count(got, "\n"); after > before+3 {
		t.Errorf("names that clients made up took the page from %d lines to %d", before, after)
	}
	for _, secret := range []string{
		m.flags.AccountID, m.flags.RootAccessKeyID, m.flags.RootSecretAccessKey, m.flags.OperatorToken,
		m.flags.RootEmail, "lanted", "Metered", m.flags.DataDir,
	} {
		if strings.Contains(got, secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
}

func TestMetricsAreReadOnly(t *testing.T) {
	m := newMetered(t, func(*serverFlags) {})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, httptest.NewRequest(method, "/_bailiwick/metrics", nil))
		if w.Code == http.StatusOK {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestRateLimitOfEachService(t *testing.T) {
	m := newMetered(t, func(f *serverFlags) { f.RateLimit, f.RateBurst = 0.001, 1 })
	secret := m.flags.RootSecretAccessKey
	organizations := func() *httptest.ResponseRecorder {
		return m.send("organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128.ListRoots", "{}", secret)
	}
	trail := func() *httptest.ResponseRecorder {
		return m.send("cloudtrail", "application/x-amz-json-1.1", "CloudTrail_20131101.LookupEvents", "{}", secret)
	}
	for _, c := range []struct {
		name   string
		call   func() *httptest.ResponseRecorder
		status int
		code   string
	}{
		{"sts", func() *httptest.ResponseRecorder { return m.query("sts", "GetCallerIdentity", secret) }, 400, "<Code>Throttling</Code>"},
		{"iam", func() *httptest.ResponseRecorder { return m.query("iam", "ListUsers", secret) }, 400, "<Code>Throttling</Code>"},
		{"organizations", organizations, 400, "TooManyRequestsException"},
		{"cloudtrail", trail, 400, "ThrottlingException"},
	} {
		if w := c.call(); strings.Contains(w.Body.String(), c.code) {
			t.Errorf("%s: the first call: %d %s", c.name, w.Code, w.Body)
		}
		w := c.call()
		if got := w.Header().Get("X-Amzn-Errortype") + w.Body.String(); w.Code != c.status || !strings.Contains(got, c.code) {
			t.Errorf("%s: the second call: %d %s", c.name, w.Code, got)
		}
		if want := `bailiwick_throttled_requests_total{service="` + c.name + `"} 1`; !strings.Contains(m.page(), want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestRateFlagsAreChecked(t *testing.T) {
	for _, c := range []struct {
		limit float64
		burst int
		ok    bool
	}{{0, 0, true}, {1, 1, true}, {10000, 20000, true}, {-1, 1, false}, {1, 0, false}} {
		f := &serverFlags{Listen: "127.0.0.1:0", AccountLimit: 1, AuditDays: 1, RateLimit: c.limit, RateBurst: c.burst}
		if err := f.check(); (err == nil) != c.ok {
			t.Errorf("%v/%d: %v", c.limit, c.burst, err)
		}
	}
}

// throttled is how many calls of a service the page says came too fast.
func (m *metered) throttled(service string) (n int) {
	m.t.Helper()
	_, after, _ := strings.Cut(m.page(), `bailiwick_throttled_requests_total{service="`+service+`"} `)
	count, _, _ := strings.Cut(after, "\n")
	n, _ = strconv.Atoi(count)
	return n
}
