package wire_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// bench is a server with one small service of each protocol, and what it did.
type bench struct {
	*wire.Server
	t testing.TB
	// steps are what happened, in order: "gate Name", "call Name".
	steps []string
	// gate and handler are the answers of the two.
	gate    error
	handler func() (smithy.Shape, error)
	events  sink
	queue   *audit.Queue
	log     bytes.Buffer
	call    *wire.Call
}

// sink keeps events.
type sink struct {
	mu   sync.Mutex
	kept []audit.Event
}

// AppendEvents implements audit.Sink.
func (s *sink) AppendEvents(_ context.Context, events []audit.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, events...)
	return nil
}

// errAway is the error of a store that is away for a moment.
var errAway = errors.New("the store is away")

// Resolve implements wire.Keys for one key.
func (b *bench) Resolve(_ context.Context, id, _ string, _ time.Time) (string, *credential.Caller, error) {
	switch id {
	case keyID:
		return secret, &credential.Caller{Type: credential.User, AccountID: "111122223333", ARN: "arn:aws:iam::111122223333:user/u", EntityName: "u", AccessKeyID: id}, nil
	case "AKIABROKENSTORE":
		return "", nil, errors.New("the store is on fire")
	case "AKIANOSTORE":
		return "", nil, fmt.Errorf("look up: %w", errAway)
	default:
		return "", nil, credential.ErrUnknownKey
	}
}

// Used implements wire.Keys.
func (b *bench) Used(*credential.Caller, string, string, string, time.Time) {}

// Authorize implements wire.Gate.
func (b *bench) Authorize(_ context.Context, c *wire.Call) error {
	b.steps, b.call = append(b.steps, "gate "+c.Operation.Name), c
	return b.gate
}

func service(id string, p smithy.Protocol) *smithy.Service {
	input := smithytest.Structure(id+"Input", smithy.Member{Name: "Name", Target: &smithy.Schema{Name: "Name", Kind: smithy.KindString, HasMax: true, Max: 8}, Required: true})
	newInput := func() smithy.Shape { return smithytest.New(input) }
	output := smithytest.Structure(id+"Output", smithy.Member{Name: "Answer", Target: smithytest.String})
	s := &smithy.Service{ID: id, SigningName: id, EndpointPrefix: id, Protocol: p, APIVersion: "2026-01-01", TargetPrefix: "Target_" + id, XMLNamespace: "urn:" + id}
	for i, name := range []string{"Do", "Open"} {
		s.Operations = append(s.Operations, smithy.Operation{
			Name: name, Index: i, Method: "POST", URI: "/" + strings.ToLower(name), Status: 200, ResultWrapper: name + "Result",
			Input: input, Output: output, NewInput: newInput, Unsigned: name == "Open",
		})
	}
	return s
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t}
	b.handler = func() (smithy.Shape, error) {
		out := smithytest.New(service("x", smithy.AWSQuery).Operations[0].Output)
		out.Values["Answer"] = "42"
		return out, nil
	}
	logger := slog.New(slog.NewTextHandler(&b.log, nil))
	b.queue = audit.NewQueue(&b.events, logger)
	t.Cleanup(b.queue.Close)
	var mounts []wire.Mount
	for id, p := range map[string]smithy.Protocol{"query": smithy.AWSQuery, "json": smithy.AWSJSON11, "rest": smithy.RESTJSON1} {
		mounts = append(mounts, wire.Mount{
			Handler: smithy.Handler{Service: service(id, p), Invoke: func(_ context.Context, op *smithy.Operation, _ smithy.Shape) (smithy.Shape, error) {
				b.steps = append(b.steps, "call "+op.Name)
				return b.handler()
			}},
			ReadOnly: func(string) bool { return false },
		})
	}
	var err error
	b.Server, err = wire.New(wire.Config{Mounts: mounts, Keys: b, Gate: b, Audit: b.queue, Logger: logger, MaxBody: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// request is a right request of a service; it is not signed yet.
func (b *bench) request(id, operation, name string) (r *http.Request, body string) {
	b.t.Helper()
	path, contentType := "/", "application/x-www-form-urlencoded"
	body = "Action=" + operation + "&Version=2026-01-01&Name=" + name
	if id != "query" {
		contentType, body = "application/x-amz-json-1.1", `{"Name":"`+name+`"}`
	}
	if id == "rest" {
		path, contentType = "/"+strings.ToLower(operation), "application/json"
	}
	r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if id == "json" {
		r.Header.Set("X-Amz-Target", "Target_json."+operation)
	}
	return r, body
}

func (b *bench) sign(r *http.Request, body, service, key string) *http.Request {
	b.t.Helper()
	sum := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}, r, hex.EncodeToString(sum[:]), service, "eu-west-1", time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) signed(id, operation, name string) *http.Request {
	b.t.Helper()
	r, body := b.request(id, operation, name)
	return b.sign(r, body, id, keyID)
}

func (b *bench) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// audited are the error codes of the events so far, by operation.
func (b *bench) audited() []string {
	b.t.Helper()
	if err := b.queue.Flush(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	b.events.mu.Lock()
	defer b.events.mu.Unlock()
	var all []string
	for _, e := range b.events.kept {
		all = append(all, e.Name+" "+e.ErrorCode)
	}
	return all
}

var protocols = []string{"query", "json", "rest"}

func TestGateStandsBeforeTheHandler(t *testing.T) {
	for _, id := range protocols {
		t.Run(id, func(t *testing.T) {
			b := newBench(t)
			if w := b.send(b.signed(id, "Do", "x")); w.Code != 200 || !strings.Contains(w.Body.String(), "42") {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if want := []string{"gate Do", "call Do"}; !slices.Equal(b.steps, want) {
				t.Errorf("steps %v", b.steps)
			}
			c := b.call
			if c.Region != "eu-west-1" || c.SourceIP != "192.0.2.1" || c.Caller.EntityName != "u" || c.Service.ID != id || c.TLS {
				t.Errorf("call %+v", c)
			}
			b.steps, b.gate = nil, &wire.Refusal{Message: "no", Decision: []byte(`{"why":"because"}`)}
			w := b.send(b.signed(id, "Do", "x"))
			if w.Code != map[string]int{"query": 403, "json": 400, "rest": 403}[id] || !strings.Contains(w.Body.String(), "AccessDenied") && w.Header().Get("X-Amzn-Errortype") != "AccessDeniedException" {
				t.Errorf("refused: %d %v %s", w.Code, w.Header(), w.Body)
			}
			if strings.Contains(w.Body.String(), "because") {
				t.Errorf("the client learns the decision: %s", w.Body)
			}
			if want := []string{"gate Do"}; !slices.Equal(b.steps, want) {
				t.Errorf("steps %v", b.steps)
			}
			code := map[bool]string{true: "AccessDenied", false: "AccessDeniedException"}[id == "query"]
			if got := b.audited(); !slices.Equal(got, []string{"Do ", "Do " + code}) {
				t.Errorf("events %q", got)
			}
			if !bytes.Contains(b.events.kept[1].Record, []byte(`"why":"because"`)) {
				t.Errorf("the event lacks the decision: %s", b.events.kept[1].Record)
			}
		})
	}
}

func TestNothingHappensWithoutSignatureOrSense(t *testing.T) {
	for _, id := range protocols {
		t.Run(id, func(t *testing.T) {
			b := newBench(t)
			unsigned, _ := b.request(id, "Do", "x")
			wrongKey, body := b.request(id, "Do", "x")
			b.sign(wrongKey, body, id, "AKIASOMEBODYELSE")
			brokenStore, body := b.request(id, "Do", "x")
			b.sign(brokenStore, body, id, "AKIABROKENSTORE")
			for _, tt := range []struct {
				name    string
				request *http.Request
				status  []int
			}{
				{"unsigned", unsigned, []int{400, 403}},
				{"unknown key", wrongKey, []int{400, 403}},
				{"a store that fails", brokenStore, []int{500}},
				{"an invalid input", b.signed(id, "Do", "far-too-long"), []int{400}},
				{"an operation that is none", b.signed(id, "Nope", "x"), []int{400, 404}},
				{"a body too large", b.signed(id, "Do", strings.Repeat("x", 2<<10)), []int{413}},
			} {
				w := b.send(tt.request)
				if !slices.Contains(tt.status, w.Code) || w.Header().Get("X-Amzn-Requestid") == "" {
					t.Errorf("%s: %d %v %s", tt.name, w.Code, w.Header(), w.Body)
				}
				if strings.Contains(w.Body.String(), "fire") {
					t.Errorf("%s: the client learns the cause: %s", tt.name, w.Body)
				}
			}
			if len(b.steps) != 0 {
				t.Errorf("steps %v", b.steps)
			}
			if lines := strings.Count(b.log.String(), "\n"); lines != 6 || !strings.Contains(b.log.String(), "the store is on fire") {
				t.Errorf("%d lines:\n%s", lines, &b.log)
			}
			// Only the call that was understood is an event of an account.
			if got := b.audited(); len(got) != 1 || !strings.HasPrefix(got[0], "Do Validation") {
				t.Errorf("events %q", got)
			}
		})
	}
}

// TestUnavailable lets the store be away before and within the call: SDKs must see that it is
// worth trying again, and no event waits for a store that is not there.
func TestUnavailable(t *testing.T) {
	for _, id := range protocols {
		t.Run(id, func(t *testing.T) {
			b := newBench(t)
			b.Unavailable = func(err error) bool { return errors.Is(err, errAway) }
			r, body := b.request(id, "Do", "x")
			before := b.send(b.sign(r, body, id, "AKIANOSTORE"))
			b.handler = func() (smithy.Shape, error) { return nil, fmt.Errorf("commit: %w", errAway) }
			for _, w := range []*httptest.ResponseRecorder{before, b.send(b.signed(id, "Do", "x"))} {
				if text := w.Body.String() + w.Header().Get("X-Amzn-Errortype"); w.Code != 503 || !strings.Contains(text, "ServiceUnavailable") || strings.Contains(text, "away") {
					t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
				}
			}
			if got := b.audited(); len(got) != 0 {
				t.Errorf("events %q", got)
			}
			if !strings.Contains(b.log.String(), "commit: the store is away") {
				t.Errorf("the log has no cause: %s", &b.log)
			}
		})
	}
}

func TestUnsignedOperations(t *testing.T) {
	for _, id := range protocols {
		t.Run(id, func(t *testing.T) {
			b := newBench(t)
			r, _ := b.request(id, "Open", "x")
			if w := b.send(r); w.Code != 200 || b.call.Caller.Type != credential.Anonymous || b.call.Caller.ARN != "" {
				t.Errorf("%d %s, caller %+v", w.Code, w.Body, b.call.Caller)
			}
			// A signature that is there must be right.
			r, body := b.request(id, "Open", "x")
			if w := b.send(b.sign(r, body, id, "AKIASOMEBODYELSE")); w.Code < 400 {
				t.Errorf("with a wrong signature: %d", w.Code)
			}
			r, _ = b.request(id, "Open", "x")
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 nonsense")
			if w := b.send(r); w.Code < 400 {
				t.Errorf("with half a signature: %d", w.Code)
			}
		})
	}
}

func TestFailuresTellTheLogOnly(t *testing.T) {
	for _, id := range protocols {
		for name, fail := range map[string]func() (smithy.Shape, error){
			"error": func() (smithy.Shape, error) { return nil, errors.New("secret cause") },
			"panic": func() (smithy.Shape, error) { panic("secret cause") },
		} {
			t.Run(id+" "+name, func(t *testing.T) {
				b := newBench(t)
				b.handler = fail
				w := b.send(b.signed(id, "Do", "x"))
				if w.Code != 500 || strings.Contains(w.Body.String(), "secret cause") || !strings.Contains(w.Body.String(), w.Header().Get("X-Amzn-Requestid")) {
					t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
				}
				if !strings.Contains(b.log.String(), "secret cause") || strings.Count(b.log.String(), "\n") != 1 {
					t.Errorf("log:\n%s", &b.log)
				}
				if got := b.audited(); !slices.Equal(got, []string{"Do InternalFailure"}) {
					t.Errorf("events %q", got)
				}
				if bytes.Contains(b.events.kept[0].Record, []byte("secret cause")) {
					t.Errorf("the event tells the cause: %s", b.events.kept[0].Record)
				}
			})
		}
	}
}

func TestWhatIsNotBuiltSaysSo(t *testing.T) {
	for _, id := range protocols {
		t.Run(id, func(t *testing.T) {
			b := newBench(t)
			b.gate = &smithy.NotImplementedError{Service: id, Operation: "Do"}
			w := b.send(b.signed(id, "Do", "x"))
			if w.Code != 501 || !strings.Contains(w.Body.String(), "NotImplemented") && w.Header().Get("X-Amzn-Errortype") != "NotImplemented" ||
				!strings.Contains(w.Body.String(), "The operation Do is not implemented.") {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			if want := []string{"gate Do"}; !slices.Equal(b.steps, want) {
				t.Errorf("steps %v", b.steps)
			}
		})
	}
}

func TestClientsAddressBehindAProxy(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		b := newBench(t)
		b.TrustForwardedFor = trusted
		r := b.signed("json", "Do", "x")
		r.Header.Add("X-Forwarded-For", "198.51.100.1, 203.0.113.7")
		if w := b.send(r); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if want := map[bool]string{false: "192.0.2.1", true: "203.0.113.7"}[trusted]; b.call.SourceIP != want {
			t.Errorf("trusted %v: %s, want %s", trusted, b.call.SourceIP, want)
		}
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	b := newBench(t)
	for name, spoil := range map[string]func(c *wire.Config){
		"keys": func(c *wire.Config) { c.Keys = nil }, "gate": func(c *wire.Config) { c.Gate = nil }, "audit": func(c *wire.Config) { c.Audit = nil },
		"logger": func(c *wire.Config) { c.Logger = nil }, "mounts": func(c *wire.Config) { c.Mounts = nil },
		"read-only": func(c *wire.Config) { c.Mounts = slices.Clone(c.Mounts); c.Mounts[0].ReadOnly = nil },
	} {
		c := b.Config
		spoil(&c)
		if _, err := wire.New(c); err == nil {
			t.Errorf("a server without %s", name)
		}
	}
}
