package metrics_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/metrics"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

var iam = &smithy.Service{ID: "iam", Operations: []smithy.Operation{{Name: "CreateUser"}, {Name: "ListUsers"}}}

func described() *metrics.Metrics {
	m := metrics.New()
	m.Describe(metrics.Config{
		Version: "1.2.3", Services: []*smithy.Service{iam}, AuditQueue: func() int { return 7 },
		Store: func() metrics.Store {
			return metrics.Store{Connections: 9, Busy: 2, Lanes: 8, Waiting: 5, Reruns: 6}
		},
		Caches: map[string]func() (int, uint64, uint64){
			"keys":     func() (int, uint64, uint64) { return 3, 100, 10 },
			"policies": func() (int, uint64, uint64) { return 4, 0, 4 },
		},
	})
	return m
}

func page(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, body)
	}
	return string(body)
}

func TestPageShowsWhatWasObserved(t *testing.T) {
	m := described()
	create, list := &iam.Operations[0], &iam.Operations[1]
	m.Observe(wire.Observation{Service: iam, Operation: create, Verdict: wire.Allowed, Status: 200, Took: 3 * time.Millisecond, Deciding: 4 * time.Microsecond})
	m.Observe(wire.Observation{Service: iam, Operation: create, Verdict: wire.Allowed, Status: 409, Took: 3 * time.Millisecond, Deciding: 4 * time.Microsecond})
	m.Observe(wire.Observation{Service: iam, Operation: list, Verdict: wire.Denied, Status: 403, Took: time.Millisecond, Deciding: 40 * time.Microsecond})
	m.Observe(wire.Observation{Service: iam, Operation: list, Status: 400, Took: time.Millisecond, Throttled: true})
	m.Observe(wire.Observation{Status: 404, Took: time.Millisecond})
	m.Transaction(true, 2*time.Millisecond, false)
	m.Transaction(false, time.Millisecond, true)
	m.Commit(5)
	for _, s := range []http.ConnState{http.StateNew, http.StateActive, http.StateNew, http.StateIdle, http.StateClosed} {
		m.Connection(nil, s)
	}
	m.CertificateExpiry(func() time.Time { return time.Unix(1234, 0) })
	got := page(t, m)
	for _, want := range []string{
		`bailiwick_requests_total{decision="allowed",operation="CreateUser",service="iam",status="200"} 1`,
		`bailiwick_requests_total{decision="allowed",operation="CreateUser",service="iam",status="409"} 1`,
		`bailiwick_requests_total{decision="denied",operation="ListUsers",service="iam",status="403"} 1`,
		`bailiwick_requests_total{decision="failed",operation="ListUsers",service="iam",status="400"} 1`,
		`bailiwick_requests_total{decision="failed",operation="other",service="other",status="404"} 1`,
		`bailiwick_throttled_requests_total{service="iam"} 1`,
		`bailiwick_request_seconds_bucket{service="iam",le="0.0025"} 2`,
		`bailiwick_request_seconds_bucket{service="iam",le="0.005"} 4`,
		`bailiwick_request_seconds_count{service="other"} 1`,
		`bailiwick_authorization_seconds_bucket{le="5e-06"} 2`,
		`bailiwick_authorization_seconds_count 3`,
		`bailiwick_store_transaction_seconds_count{kind="update"} 1`,
		`bailiwick_store_rollbacks_total{kind="view"} 1`,
		`bailiwick_store_commit_updates_bucket{le="4"} 0`,
		`bailiwick_store_commit_updates_bucket{le="8"} 1`,
		`bailiwick_audit_queue_events 7`,
		`bailiwick_cache_entries{cache="keys"} 3`,
		`bailiwick_cache_entries{cache="policies"} 4`,
		`bailiwick_cache_requests_total{cache="keys",outcome="hit"} 100`,
		`bailiwick_cache_requests_total{cache="keys",outcome="miss"} 10`,
		`bailiwick_store_connections{state="busy"} 2`,
		`bailiwick_store_connections{state="idle"} 7`,
		`bailiwick_store_waiting_updates 5`,
		`bailiwick_store_update_lanes 8`,
		`bailiwick_store_reruns_total 6`,
		`bailiwick_client_connections 1`,
		`bailiwick_tls_certificate_expiry_timestamp_seconds 1234`,
		`version="1.2.3"} 1`,
		"go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(regexp.MustCompile(`(?m)^bailiwick.*$`).FindAllString(got, -1))
	}
}

// The table in the page on operations has exactly what the server shows.
func TestTableOfMetrics(t *testing.T) {
	m := described()
	m.Observe(wire.Observation{Service: iam, Throttled: true})
	m.Transaction(true, time.Millisecond, true)
	m.TaskRan("task", 1, time.Second, false)
	m.CertificateExpiry(time.Now)
	shown := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (bailiwick_\S+) `).FindAllStringSubmatch(page(t, m), -1) {
		shown[found[1]] = true
	}
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)^\\| `(bailiwick_[a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed[found[1]] = true
		if !shown[found[1]] {
			t.Errorf("%s is in the table and not shown", found[1])
		}
	}
	for name := range shown {
		if !listed[name] {
			t.Errorf("%s is shown and not in the table", name)
		}
	}
	if len(shown) < 20 {
		t.Errorf("only %d metrics are shown", len(shown))
	}
}

// TestEachRequestIsCounted lets many requests be the first of their outcome at once.
func TestEachRequestIsCounted(t *testing.T) {
	m := described()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 400 {
				m.Observe(wire.Observation{Service: iam, Operation: &iam.Operations[i%2], Verdict: wire.Allowed, Status: 200 + i%40})
			}
		})
	}
	all.Wait()
	got := page(t, m)
	for status := 200; status < 240; status++ {
		want := fmt.Sprintf(`bailiwick_requests_total{decision="allowed",operation="%s",service="iam",status="%d"} 80`, iam.Operations[status%2].Name, status)
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s", want)
		}
	}
}

// BenchmarkObserve is what a request pays.
func BenchmarkObserve(b *testing.B) {
	m := described()
	o := wire.Observation{Service: iam, Operation: &iam.Operations[0], Verdict: wire.Allowed, Status: 200, Took: 60 * time.Microsecond, Deciding: 3 * time.Microsecond}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			m.Observe(o)
		}
	})
}
