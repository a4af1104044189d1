package wire_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// BenchmarkServeHTTP measures the wire layer alone, with the event and the log line of each
// call: gate and operation answer at once.
func BenchmarkServeHTTP(b *testing.B) {
	answers := map[string]smithy.Shape{
		"sts": &stsapi.GetCallerIdentityOutput{
			UserId: smithy.Ptr("AIDAIOSFODNN7EXAMPLE"), Account: smithy.Ptr("111122223333"), Arn: smithy.Ptr("arn:aws:iam::111122223333:user/u"),
		},
		"organizations": &organizationsapi.DescribeOrganizationOutput{Organization: &organizationsapi.Organization{
			Id: smithy.Ptr("o-exampleorgid"), Arn: smithy.Ptr("arn:aws:organizations::111122223333:organization/o-exampleorgid"), FeatureSet: smithy.Ptr("ALL"),
			MasterAccountId: smithy.Ptr("111122223333"), MasterAccountEmail: smithy.Ptr("root@example.com"),
			MasterAccountArn: smithy.Ptr("arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333"),
		}},
	}
	var mounts []wire.Mount
	for _, s := range []*smithy.Service{stsapi.Describe(), organizationsapi.Describe()} {
		mounts = append(mounts, wire.Mount{
			Handler: smithy.Handler{Service: s, Invoke: func(context.Context, *smithy.Operation, smithy.Shape) (smithy.Shape, error) {
				return answers[s.ID], nil
			}},
			ReadOnly: func(string) bool { return true },
		})
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	queue := audit.NewQueue(dropped{}, logger)
	defer queue.Close()
	keys := &bench{t: b}
	server, err := wire.New(wire.Config{Mounts: mounts, Keys: keys, Gate: allowed{}, Audit: queue, Logger: logger})
	if err != nil {
		b.Fatal(err)
	}
	for _, call := range []struct{ name, service, target, contentType, body string }{
		{"GetCallerIdentity", "sts", "", "application/x-www-form-urlencoded; charset=utf-8", "Action=GetCallerIdentity&Version=2011-06-15"},
		{"DescribeOrganization", "organizations", "AWSOrganizationsV20161128.DescribeOrganization", "application/x-amz-json-1.1", "{}"},
	} {
		b.Run(call.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(call.body))
			r.Header = http.Header{
				"Content-Type": {call.contentType}, "User-Agent": {"aws-cli/2.13.0"}, "Accept-Encoding": {"identity"},
				"Amz-Sdk-Invocation-Id": {"3f2e1d0c-0b1a-4c2d-8e3f-4a5b6c7d8e9f"}, "Amz-Sdk-Request": {"attempt=1"},
			}
			if call.target != "" {
				r.Header.Set("X-Amz-Target", call.target)
			}
			keys.sign(r, call.body, call.service, keyID)
			body := strings.NewReader(call.body)
			r.Body = io.NopCloser(body)
			b.ReportAllocs()
			for b.Loop() {
				body.Reset(call.body)
				w := answer{header: http.Header{}}
				server.ServeHTTP(&w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}

// allowed is a gate that stands open.
type allowed struct{}

// Authorize implements wire.Gate.
func (allowed) Authorize(context.Context, *wire.Call) error { return nil }

// dropped keeps no events.
type dropped struct{}

// AppendEvents implements audit.Sink.
func (dropped) AppendEvents(context.Context, []audit.Event) error { return nil }

// answer is a ResponseWriter that keeps the status only.
type answer struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return len(p), nil }
