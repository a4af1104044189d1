package metrics

import (
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// Bounds of the histograms' buckets, in seconds and in updates.
var (
	requestSeconds  = []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}
	decisionSeconds = []float64{0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1}
	storeSeconds    = []float64{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10}
	batchUpdates    = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
)

// other stands for a service or operation that does not exist: its name is whatever the
// client made up.
const other = "other"

// Config says what is shown besides what is observed.
type Config struct {
	// Version is the program's.
	Version string
	// Services are those whose requests are counted by name.
	Services []*smithy.Service
	// AuditQueue returns how many audit events wait to be written.
	AuditQueue func() int
	// Store returns how the store stands.
	Store func() Store
	// Caches tell, by name, how many entries a cache holds, and how often it had what was
	// wanted and how often not.
	Caches map[string]func() (entries int, hits, misses uint64)
}

// Store is how a store stands at a moment; package store says what the fields mean.
type Store struct {
	Connections, Busy, Lanes, Waiting int
	Reruns                            uint64
}

// Metrics are the counters of one node. It is safe for concurrent use.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	outcomes  outcomes
	throttled *prometheus.CounterVec
	decisions prometheus.Histogram
	views     prometheus.Observer
	updates   prometheus.Observer
	failures  *prometheus.CounterVec
	batches   prometheus.Histogram
	latencies map[string]prometheus.Observer
	unknown   prometheus.Observer
	leading   prometheus.Gauge
	clients   prometheus.Gauge
	guesses   prometheus.Counter
	tasks     tasks
}

// New returns metrics that stand at zero. What Config describes is shown from the call of
// [Metrics.Describe] on: the store is observed before the rest of a node exists.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), latencies: map[string]prometheus.Observer{}}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bailiwick_requests_total",
		Help: "Requests answered, by service and operation, what the gate decided (allowed, denied; failed before it decided) and HTTP status.",
	}, []string{"service", "operation", "decision", "status"})
	m.throttled = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bailiwick_throttled_requests_total", Help: "Requests refused because their account called the service too fast.",
	}, []string{"service"})
	m.decisions = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "bailiwick_authorization_seconds", Help: "Time that the gate took to decide on a request.", Buckets: decisionSeconds,
	})
	transactions := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "bailiwick_store_transaction_seconds", Help: "Time of a transaction of the store with its wait and its commit: view reads, update may write.", Buckets: storeSeconds,
	}, []string{"kind"})
	m.views, m.updates = transactions.WithLabelValues("view"), transactions.WithLabelValues("update")
	m.failures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bailiwick_store_rollbacks_total", Help: "Transactions that ended with an error: the operation's own (a quota, a missing user) or the store's.",
	}, []string{"kind"})
	m.batches = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "bailiwick_store_commit_updates", Help: "Updates that shared one commit.", Buckets: batchUpdates,
	})
	m.tasks, m.leading = newTasks(m.registry), prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "bailiwick_housekeeping_leading", Help: "1 on the node that does the background work for all, 0 on the others.",
	})
	m.clients = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "bailiwick_client_connections", Help: "Connections that clients hold open, idle ones included.",
	})
	m.guesses = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "bailiwick_operator_wrong_tokens_total", Help: "Requests to the operator's API with a wrong operator's token.",
	})
	m.registry.MustRegister(m.leading, m.clients, m.guesses, m.requests, m.throttled, m.decisions, transactions, m.failures, m.batches,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Describe adds what the rest of the node has to show. It is called once, before the first
// request.
func (m *Metrics) Describe(c Config) {
	latency := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "bailiwick_request_seconds", Help: "Time from a request's arrival until its answer was written, by service.", Buckets: requestSeconds,
	}, []string{"service"})
	for _, s := range c.Services {
		m.latencies[s.ID] = latency.WithLabelValues(s.ID)
	}
	m.unknown = latency.WithLabelValues(other)
	m.registry.MustRegister(latency,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "bailiwick_audit_queue_events", Help: "Audit events that wait to be written. Calls wait when the queue is full.",
		}, func() float64 { return float64(c.AuditQueue()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "bailiwick_build_info", Help: "1, with the version of the program and of Go as labels.",
			ConstLabels: prometheus.Labels{"version": c.Version, "goversion": runtime.Version()},
		}, func() float64 { return 1 }))
	m.registry.MustRegister(caches(c.Caches), state(c.Store))
}

// Connection counts connections: it is for the ConnState of the http.Server.
func (m *Metrics) Connection(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		m.clients.Inc()
	case http.StateClosed, http.StateHijacked:
		m.clients.Dec()
	}
}

// WrongToken counts a wrong operator's token.
func (m *Metrics) WrongToken() { m.guesses.Inc() }

// CertificateExpiry shows when the certificate that TLS clients get ends.
func (m *Metrics) CertificateExpiry(notAfter func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "bailiwick_tls_certificate_expiry_timestamp_seconds", Help: "When the certificate that is served ends, in seconds since 1970.",
	}, func() float64 { return float64(notAfter().Unix()) }))
}

// Handler returns the page for Prometheus. What keeps a page from being complete is logged.
func (m *Metrics) Handler(logger *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
	})
}

// Observe implements wire.Observer.
func (m *Metrics) Observe(o wire.Observation) {
	service, operation, latency := other, other, m.unknown
	if o.Service != nil {
		service = o.Service.ID
		if known, ok := m.latencies[service]; ok {
			latency = known
		}
	}
	if o.Operation != nil {
		operation = o.Operation.Name
	}
	m.outcomes.of(outcome{o.Service, o.Operation, o.Verdict, o.Status}, func() prometheus.Counter {
		return m.requests.WithLabelValues(service, operation, o.Verdict.String(), strconv.Itoa(o.Status))
	}).Inc()
	latency.Observe(o.Took.Seconds())
	if o.Deciding > 0 {
		m.decisions.Observe(o.Deciding.Seconds())
	}
	if o.Throttled {
		m.throttled.WithLabelValues(service).Inc()
	}
}

// Transaction implements store.Observer: it notes one transaction of the store: whether it may write, how long it took
// with all waiting, and whether it ended with an error.
func (m *Metrics) Transaction(write bool, took time.Duration, failed bool) {
	kind, seconds := "view", m.views
	if write {
		kind, seconds = "update", m.updates
	}
	seconds.Observe(took.Seconds())
	if failed {
		m.failures.WithLabelValues(kind).Inc()
	}
}

// Commit implements store.Observer: it notes how many updates shared one commit.
func (m *Metrics) Commit(updates int) { m.batches.Observe(float64(updates)) }
