package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// The names of attributes are those of OpenTelemetry's semantic conventions of this version
// (topics "RPC", "AWS SDK", "HTTP", "Database", "Error"), but for the last.
const (
	conventions = "https://opentelemetry.io/schemas/1.37.0"

	rpcSystem   = attribute.Key("rpc.system")
	rpcService  = attribute.Key("rpc.service")
	rpcMethod   = attribute.Key("rpc.method")
	requestID   = attribute.Key("aws.request_id")
	httpStatus  = attribute.Key("http.response.status_code")
	databaseKey = attribute.Key("db.system.name")
	errorType   = attribute.Key("error.type")
	decisionKey = attribute.Key("bailiwick.decision")
)

// unknown is the name of a request for an operation that does not exist: what the client
// called it is the client's invention.
const unknown = "unknown operation"

// closeTime bounds how long [Tracer.Close] tries to get rid of the last spans.
const closeTime = 3 * time.Second

// Config says what is traced and where to.
type Config struct {
	// Endpoint is the URL of a collector that takes OTLP over HTTP; spans go to the path
	// v1/traces below it.
	Endpoint string
	// Version is the program's.
	Version string
	// Database is what the store stands on, as the semantic conventions call it: "sqlite" or
	// "postgresql".
	Database string
	// Logger learns of spans that did not reach the collector.
	Logger *slog.Logger
}

// Tracer traces. It is safe for concurrent use.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	parents  propagation.TraceContext
	database attribute.KeyValue
}

var _ wire.Tracer = (*Tracer)(nil)

// New returns a Tracer. The usual variables of the environment are heeded for everything but
// the endpoint: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and
// OTEL_TRACES_SAMPLER_ARG, OTEL_BSP_…, OTEL_EXPORTER_OTLP_HEADERS and
// OTEL_EXPORTER_OTLP_TIMEOUT, the last two also for traces alone.
func New(ctx context.Context, c Config) (*Tracer, error) {
	client, err := newClient(c.Endpoint, c.Logger)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	who, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "bailiwick"), attribute.String("service.version", c.Version)),
		resource.WithHost(), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(who))
	return &Tracer{
		provider: provider, database: databaseKey.String(c.Database),
		tracer: provider.Tracer("github.com/bailiwick/bailiwick", trace.WithInstrumentationVersion(c.Version), trace.WithSchemaURL(conventions)),
	}, nil
}

// Close sends the last spans, as far as that goes within some seconds.
func (t *Tracer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("tracing: the last spans: %w", err)
	}
	return nil
}

// Request implements wire.Tracer: it opens the span of a request.
func (t *Tracer) Request(r *http.Request, id string) context.Context {
	ctx := t.parents.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, _ = t.tracer.Start(ctx, unknown, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(requestID.String(id)))
	return ctx
}

// Step implements wire.Tracer: it opens the span of a step of a request.
func (t *Tracer) Step(ctx context.Context, name string) (context.Context, func(err error)) {
	return t.part(ctx, name)
}

// Transaction implements store.Tracer: it opens the span of a transaction. Transactions of the
// work in the background belong to no request and are not traced.
func (t *Tracer) Transaction(ctx context.Context, write bool) (context.Context, func(err error)) {
	name := "store view"
	if write {
		name = "store update"
	}
	return t.part(ctx, name, t.database)
}

func (t *Tracer) part(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, func(error)) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		if err != nil {
			span.SetAttributes(errorType.String(typeOf(err)))
		}
		span.End()
	}
}

// typeOf is the code of an error that has one, and the Go type of others. Messages may quote
// what the client sent, so they stay out of traces.
func typeOf(err error) string {
	var (
		modeled smithy.ModeledError
		generic *smithy.GenericError
		refusal *wire.Refusal
	)
	switch {
	case errors.As(err, &modeled):
		return modeled.Schema().Error.Code
	case errors.As(err, &generic):
		return generic.Code
	case errors.As(err, &refusal):
		return "AccessDenied"
	}
	return fmt.Sprintf("%T", err)
}

// End implements wire.Tracer: it closes the span of a request. Errors of the client do not
// make the span one that failed.
func (t *Tracer) End(ctx context.Context, o wire.Observation) {
	span := trace.SpanFromContext(ctx)
	if span.IsRecording() {
		describe(span, o)
	}
	span.End()
}

func describe(span trace.Span, o wire.Observation) {
	span.SetAttributes(rpcSystem.String("aws-api"), httpStatus.Int(o.Status), decisionKey.String(o.Verdict.String()))
	if o.Service != nil {
		span.SetAttributes(rpcService.String(o.Service.ID))
	}
	if o.Service != nil && o.Operation != nil {
		span.SetName(o.Service.ID + "/" + o.Operation.Name)
		span.SetAttributes(rpcMethod.String(o.Operation.Name))
	}
	if o.Code != "" {
		span.SetAttributes(errorType.String(o.Code))
	}
	if o.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, o.Code)
	}
}
