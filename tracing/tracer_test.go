package tracing_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/tracing"
	"github.com/bailiwick/bailiwick/tracing/tracingtest"
	"github.com/bailiwick/bailiwick/wire"
)

const (
	remoteTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	remoteSpan  = "00f067aa0ba902b7"
)

var iam = &smithy.Service{ID: "iam", Operations: []smithy.Operation{{Name: "CreateUser"}}}

func newTracer(t *testing.T, endpoint string, log *bytes.Buffer) *tracing.Tracer {
	t.Helper()
	tracer, err := tracing.New(context.Background(), tracing.Config{
		Endpoint: endpoint, Version: "1.2.3", Database: "sqlite", Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

// one traces a request with one of everything in it.
func one(tracer *tracing.Tracer, traceparent string, o wire.Observation, fault error) context.Context {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Traceparent", traceparent)
	ctx := tracer.Request(r, "request-1")
	_, done := tracer.Step(ctx, "authenticate")
	done(nil)
	inner, done := tracer.Step(ctx, "operation")
	_, stored := tracer.Transaction(inner, true)
	stored(fault)
	done(fault)
	tracer.End(ctx, o)
	return ctx
}

func byName(spans []tracingtest.Span) map[string]tracingtest.Span {
	out := map[string]tracingtest.Span{}
	for _, s := range spans {
		out[s.Name] = s
	}
	return out
}

func TestSpansOfARequest(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=proving")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=to%20be%3Dsent, other=x")
	var log bytes.Buffer
	collector := tracingtest.New(t)
	tracer := newTracer(t, collector.URL+"/", &log)
	one(tracer, "00-"+remoteTrace+"-"+remoteSpan+"-01",
		wire.Observation{Service: iam, Operation: &iam.Operations[0], Verdict: wire.Allowed, Status: 409, Code: "EntityAlreadyExists"},
		&smithy.GenericError{Code: "EntityAlreadyExists", Message: "planted-name"})
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	spans := byName(collector.Spans())
	request, operation := spans["iam/CreateUser"], spans["operation"]
	for name, parent := range map[string]string{
		"iam/CreateUser": remoteSpan, "authenticate": request.ID, "operation": request.ID, "store update": operation.ID,
	} {
		if s, ok := spans[name]; !ok || s.Trace != remoteTrace || s.Parent != parent || s.Failed {
			t.Errorf("%s: %+v, want it below %s", name, s, parent)
		}
	}
	if len(spans) != 4 || request.Kind != "SPAN_KIND_SERVER" {
		t.Errorf("%d spans, the request's is a %s", len(spans), request.Kind)
	}
	for key, want := range map[string]string{
		"rpc.system": "aws-api", "rpc.service": "iam", "rpc.method": "CreateUser", "aws.request_id": "request-1",
		"http.response.status_code": "409", "error.type": "EntityAlreadyExists", "bailiwick.decision": "allowed",
	} {
		if got := request.Attributes[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if s := spans["store update"]; s.Attributes["db.system.name"] != "sqlite" || s.Attributes["error.type"] != "EntityAlreadyExists" {
		t.Errorf("the transaction has %v", s.Attributes)
	}
	who := request.Resource
	if who["service.name"] != "bailiwick" || who["service.version"] != "1.2.3" || who["deployment.environment.name"] != "proving" || who["host.name"] == "" {
		t.Errorf("they come from %v", who)
	}
	if bytes.Contains(collector.Raw(), []byte("planted")) {
		t.Error("the message of an error is in a span")
	}
	if h := collector.Requests()[0]; h.Get("Api-Key") != "to be=sent" || h.Get("Other") != "x" {
		t.Errorf("headers are %v", h)
	}
	if log.Len() > 0 {
		t.Error(log.String())
	}
}

func TestRequestsThatEndBadly(t *testing.T) {
	var log bytes.Buffer
	collector := tracingtest.New(t)
	tracer := newTracer(t, collector.URL, &log)
	one(tracer, "", wire.Observation{Service: iam, Status: 400, Code: "InvalidAction"}, nil)
	one(tracer, "", wire.Observation{Service: iam, Operation: &iam.Operations[0], Verdict: wire.Allowed, Status: 500, Code: "ServiceFailure"}, errors.New("planted-cause"))
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	spans := byName(collector.Spans())
	stranger, failed := spans["unknown operation"], spans["iam/CreateUser"]
	if stranger.ID == "" || stranger.Failed || stranger.Attributes["rpc.method"] != "" || stranger.Attributes["bailiwick.decision"] != "failed" {
		t.Errorf("of a request for nothing: %+v", stranger)
	}
	if !failed.Failed || failed.Trace == stranger.Trace || failed.Parent != "" || failed.Attributes["error.type"] != "ServiceFailure" {
		t.Errorf("of a failure: %+v", failed)
	}
	if bytes.Contains(collector.Raw(), []byte("planted")) {
		t.Error("the cause of a failure is in a span")
	}
}

// What the client's own tracing does not sample is not sampled here, and what belongs to no
// request has no span.
func TestSpansThatAreNotMade(t *testing.T) {
	var log bytes.Buffer
	collector := tracingtest.New(t)
	tracer := newTracer(t, collector.URL, &log)
	one(tracer, "00-"+remoteTrace+"-"+remoteSpan+"-00", wire.Observation{Service: iam, Status: 200}, nil)
	_, done := tracer.Transaction(context.Background(), false)
	done(nil)
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	if got := collector.Spans(); len(got) != 0 {
		t.Errorf("there are %+v", got)
	}
}

func TestLogLinesNameTheTrace(t *testing.T) {
	var log bytes.Buffer
	tracer := newTracer(t, tracingtest.New(t).URL, &log)
	defer func() {
		if err := tracer.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := one(tracer, "00-"+remoteTrace+"-"+remoteSpan+"-01", wire.Observation{Status: 200}, nil)
	logger := slog.New(tracer.Handler(slog.NewTextHandler(&log, nil))).With("node", "a")
	logger.InfoContext(ctx, "request")
	logger.Info("something else")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], " trace_id="+remoteTrace+" span_id=") || strings.Contains(lines[1], "trace_id") {
		t.Errorf("%q", lines)
	}
}

func TestBusyCollectorsAreTriedAgain(t *testing.T) {
	var log bytes.Buffer
	collector := tracingtest.New(t)
	collector.Refuse(http.StatusServiceUnavailable)
	tracer := newTracer(t, collector.URL, &log)
	one(tracer, "", wire.Observation{Status: 200}, nil)
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	if len(collector.Requests()) != 2 || len(collector.Spans()) != 4 || log.Len() > 0 {
		t.Errorf("%d requests, %d spans, log: %s", len(collector.Requests()), len(collector.Spans()), &log)
	}
}

func TestLostSpansAreLogged(t *testing.T) {
	var log bytes.Buffer
	collector := tracingtest.New(t)
	collector.Refuse(http.StatusUnauthorized)
	tracer := newTracer(t, collector.URL, &log)
	one(tracer, "", wire.Observation{Status: 200}, nil)
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	if len(collector.Requests()) != 1 || !strings.Contains(log.String(), "spans are lost") || !strings.Contains(log.String(), "401") {
		t.Errorf("%d requests, log: %s", len(collector.Requests()), &log)
	}
}

// A collector that is away holds up neither requests nor the end of the server.
func TestCollectorAway(t *testing.T) {
	var log bytes.Buffer
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	tracer := newTracer(t, away.URL, &log)
	began := time.Now()
	for range 10_000 {
		one(tracer, "", wire.Observation{Status: 200}, nil)
	}
	// Had they waited for the collector, it would have been half a minute for each batch of 512.
	if took := time.Since(began); took > time.Minute {
		t.Errorf("40,000 spans took %s", took)
	}
	began = time.Now()
	if err := tracer.Close(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closing: %v", err)
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("closing took %s", took)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for _, endpoint := range []string{"", "collector:4318", "grpc://collector:4317", "http://user:planted@collector", "https://collector?key=planted", "http://", "https://collector#x"} {
		_, err := tracing.New(context.Background(), tracing.Config{Endpoint: endpoint, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS": "planted", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "=planted", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			_, err := tracing.New(context.Background(), tracing.Config{Endpoint: "http://collector", Logger: slog.New(slog.DiscardHandler)})
			if err == nil || strings.Contains(err.Error(), "planted") {
				t.Errorf("%v", err)
			}
		})
	}
}

// BenchmarkRequest is what a request with four spans pays.
func BenchmarkRequest(b *testing.B) {
	tracer, err := tracing.New(context.Background(), tracing.Config{Endpoint: tracingtest.New(b).URL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	o := wire.Observation{Service: iam, Operation: &iam.Operations[0], Verdict: wire.Allowed, Status: 200}
	b.ReportAllocs()
	for b.Loop() {
		one(tracer, "", o, nil)
	}
	if err := tracer.Close(); err != nil {
		b.Fatal(err)
	}
}
