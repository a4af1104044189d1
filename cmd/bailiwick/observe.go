package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/metrics"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tracing"
	"github.com/bailiwick/bailiwick/wire"
)

// traceFlags say where traces go.
type traceFlags struct {
	OTLPEndpoint string `name:"otlp-endpoint" help:"Send traces of all requests to this OpenTelemetry collector, as OTLP over HTTP to the path v1/traces below the URL. OTEL_… variables set the rest: headers, sampling, attributes." env:"BAILIWICK_OTLP_ENDPOINT" placeholder:"URL"`
}

// startTracing makes the node's tracer, if there is to be one, before the store that it
// follows is opened.
func (n *node) startTracing(ctx context.Context, f *serverFlags, options *store.Options) (err error) {
	if f.OTLPEndpoint == "" {
		return nil
	}
	database := "sqlite"
	if options.URL != "" {
		database = "postgresql"
	}
	n.tracer, err = tracing.New(ctx, tracing.Config{Endpoint: f.OTLPEndpoint, Version: buildVersion(), Database: database, Logger: n.logger})
	if err != nil {
		return fmt.Errorf("--otlp-endpoint: %w", err)
	}
	options.Tracer = n.tracer
	n.logger = slog.New(n.tracer.Handler(n.logger.Handler()))
	return nil
}

// describe tells the metrics what the node consists of.
func (n *node) describe(mounts []wire.Mount, authorizer *authz.Authorizer, served *wire.Server) {
	c := metrics.Config{Version: buildVersion(), AuditQueue: n.events.Len, Caches: authorizer.Caches()}
	for name, figures := range n.keys.Caches() {
		c.Caches[name] = figures
	}
	c.Caches["signing_keys"] = served.SigningKeys
	c.Store = func() metrics.Store {
		f := n.db.Figures()
		return metrics.Store{Connections: f.Connections, Busy: f.Busy, Lanes: f.Lanes, Waiting: f.Waiting, Reruns: f.Reruns}
	}
	for _, m := range mounts {
		c.Services = append(c.Services, m.Handler.Service)
	}
	n.metrics.Describe(c)
}
