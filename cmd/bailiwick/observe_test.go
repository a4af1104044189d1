package main

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/tracing/tracingtest"
)

func TestTracesOfCalls(t *testing.T) {
	collector := tracingtest.New(t)
	m := newMetered(t, func(f *serverFlags) { f.OTLPEndpoint = collector.URL })
	secret := m.flags.RootSecretAccessKey
	id := m.query("iam", "CreateUser&UserName=planted-name", secret).Header().Get("X-Amzn-Requestid")
	m.query("iam", "CreateUser&UserName=planted-name", secret)
	m.query("iam", "GetUser&UserName=planted-name", "wrong"+secret)
	m.query("iam", "PlantedAction", secret)
	lines := m.log.String()
	if err := m.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	spans := collector.Spans()
	children := map[string][]string{}
	names := map[string]tracingtest.Span{}
	var first tracingtest.Span
	for _, s := range spans {
		names[s.ID] = s
		if s.Attributes["aws.request_id"] == id {
			first = s
		}
	}
	for _, s := range spans {
		children[names[s.Parent].Name] = append(children[names[s.Parent].Name], s.Name)
	}
	if first.Name != "iam/CreateUser" || first.Attributes["rpc.system"] != "aws-api" || first.Attributes["bailiwick.decision"] != "allowed" ||
		first.Attributes["http.response.status_code"] != "200" || first.Attributes["error.type"] != "" {
		t.Errorf("the first request: %+v", first)
	}
	if !strings.Contains(lines, "trace_id="+first.Trace+" span_id="+first.ID) {
		t.Errorf("no log line has the ids of %s", first.Trace)
	}
	got := strings.Join(children[""], " ")
	if want := "iam/CreateUser iam/CreateUser iam/GetUser unknown operation"; got != want {
		t.Errorf("the requests are %q, want %q", got, want)
	}
	for parent, want := range map[string]string{
		"iam/CreateUser": "authenticate authorize operation authenticate authorize operation",
		"iam/GetUser":    "authenticate", "unknown operation": "authenticate",
		"operation": "store update store update",
	} {
		if got := strings.Join(children[parent], " "); got != want {
			t.Errorf("below %s there is %q, want %q", parent, got, want)
		}
	}
	for _, parent := range []string{"authenticate", "authorize"} {
		// Each of them reads at first, and again once the user is made.
		if got := slices.Compact(children[parent]); !slices.Equal(got, []string{"store view"}) {
			t.Errorf("below %s there is %q", parent, got)
		}
	}
	for _, secret := range []string{
		m.flags.AccountID, m.flags.RootAccessKeyID, m.flags.RootSecretAccessKey, m.flags.OperatorToken, m.flags.RootEmail, "lanted",
	} {
		if bytes.Contains(collector.Raw(), []byte(secret)) {
			t.Errorf("the spans hold %q", secret)
		}
	}
}

func TestNothingIsTracedByDefault(t *testing.T) {
	collector := tracingtest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	m := newMetered(t, func(*serverFlags) {})
	if w := m.query("iam", "ListUsers", m.flags.RootSecretAccessKey); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	if err := m.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(collector.Requests()) != 0 || m.tracer != nil || strings.Contains(m.log.String(), "trace_id") {
		t.Error("traces without the flag")
	}
}

func TestFiguresOfANode(t *testing.T) {
	m := newMetered(t, func(*serverFlags) {})
	for range 3 {
		m.query("iam", "ListUsers", m.flags.RootSecretAccessKey)
	}
	page := m.page()
	for _, want := range []string{
		`bailiwick_cache_requests_total{cache="keys",outcome="hit"} 2`, `bailiwick_cache_requests_total{cache="keys",outcome="miss"} 1`,
		`bailiwick_cache_requests_total{cache="signing_keys",outcome="hit"} 2`, `bailiwick_cache_requests_total{cache="signing_keys",outcome="miss"} 1`,
		`bailiwick_cache_requests_total{cache="accounts",outcome="hit"} 2`, `bailiwick_cache_requests_total{cache="principals",outcome="hit"} 2`,
		`bailiwick_store_connections{state="idle"} `, `bailiwick_store_waiting_updates 0`, `bailiwick_store_update_lanes 1`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestOTLPEndpointIsChecked(t *testing.T) {
	f := &serverFlags{DataDir: t.TempDir(), Ephemeral: true, Listen: "127.0.0.1:0", AccountLimit: 1, AuditDays: 1}
	f.OTLPEndpoint = "http://user:planted@collector"
	err := serve(context.Background(), f, func(*running) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "--otlp-endpoint") || strings.Contains(err.Error(), "planted") {
		t.Error(err)
	}
}
