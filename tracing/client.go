package tracing

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Bounds of sending: one attempt, unless the environment has another value, and the wait
// between two. How long a batch is tried altogether is up to the batcher (OTEL_BSP_EXPORT_TIMEOUT).
const (
	attemptTime = 10 * time.Second
	firstWait   = time.Second
	longestWait = 8 * time.Second
	// maxAnswer is how much of a collector's answer is read.
	maxAnswer = 64 << 10
)

// client is an otlptrace.Client that posts batches: see the OpenTelemetry Protocol
// Specification, "OTLP/HTTP". It is here because the ready-made one brings all of gRPC along.
type client struct {
	url    string
	header http.Header
	http   *http.Client
	logger *slog.Logger
}

// newClient checks the endpoint. A name or password in it would show up in logs.
func newClient(endpoint string, logger *slog.Logger) (*client, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the collector's endpoint must be an http or https URL without user, query and fragment")
	}
	header, err := headersOf(environment("HEADERS"))
	if err != nil {
		return nil, err
	}
	header.Set("Content-Type", "application/x-protobuf")
	header.Set("Content-Encoding", "gzip")
	limit := attemptTime
	if text := environment("TIMEOUT"); text != "" {
		ms, err := strconv.Atoi(text)
		if err != nil || ms <= 0 {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT %q is not a number of milliseconds", text)
		}
		limit = time.Duration(ms) * time.Millisecond
	}
	return &client{url: u.JoinPath("v1", "traces").String(), header: header, http: &http.Client{Timeout: limit, CheckRedirect: stay}, logger: logger}, nil
}

// stay keeps the headers, which may be credentials, from going elsewhere.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// environment returns a setting of the exporter: the one for traces alone counts first.
func environment(name string) string {
	return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
}

// headersOf reads name=value pairs with commas between them and values encoded as in URLs. An
// error does not quote them: they may be credentials.
func headersOf(text string) (http.Header, error) {
	header := http.Header{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil || strings.TrimSpace(name) == "" {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value")
		}
		header.Set(strings.TrimSpace(name), value)
	}
	return header, nil
}

// Start implements otlptrace.Client: connections are made when there is something to send.
func (c *client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *client) Stop(context.Context) error {
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. A batch that cannot be delivered is lost, and
// logged: the caller would only write its error to standard error.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := pack(spans)
	if err == nil {
		err = c.deliver(ctx, body)
	}
	if err != nil {
		c.logger.Warn("spans are lost", "error", err)
	}
	return nil
}

// pack writes the body of an export request, which has the same form as the message that holds
// spans in files.
func pack(spans []*tracepb.ResourceSpans) ([]byte, error) {
	raw, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	return packed.Bytes(), err
}

// errRefused is an answer that trying again does not change.
var errRefused = errors.New("the collector refuses them")

// deliver tries until ctx ends, with waits that double or that the collector asks for.
func (c *client) deliver(ctx context.Context, body []byte) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		asked, err := c.post(ctx, body)
		if err == nil || errors.Is(err, errRefused) {
			return err
		}
		timer := time.NewTimer(max(wait, asked))
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}

// post makes one attempt. retry is how long the collector wants to be left alone.
func (c *client) post(ctx context.Context, body []byte) (retry time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header = c.header.Clone()
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, err
	}
	// Read to its end, the connection can be used again; what it says is of no matter.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	_ = answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			seconds = 0
		}
		return time.Duration(max(seconds, 0)) * time.Second, fmt.Errorf("the collector answers %s", answer.Status)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return 0, fmt.Errorf("%w: %s", errRefused, answer.Status)
	}
	return 0, nil
}
