package wire_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/wire"
)

// faulty is a part of the server with a defect.
type faulty struct{}

func (faulty) Authorize(context.Context, *wire.Call) error {
	panic("a defect of the gate")
}

func (faulty) Resolve(context.Context, string, string, time.Time) (string, *credential.Caller, error) {
	return "", nil, credential.ErrUnknownKey
}

func (faulty) Used(*credential.Caller, string, string, string, time.Time) {}

// log keeps events in memory.
type log struct {
	mu     sync.Mutex
	events []audit.Event
}

func (l *log) AppendEvents(_ context.Context, events []audit.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	return nil
}

// A panic in the gate, in its rows for one, must not leave the client without an answer.
func TestPanicOfTheGateIsAnswered(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	events := &log{}
	queue := audit.NewQueue(events, logger)
	s, err := wire.New(wire.Config{
		Mounts: []wire.Mount{{
			Handler:  stsapi.Handler(stsapi.Unimplemented{}),
			ReadOnly: func(string) bool { return false },
		}},
		Keys: faulty{}, Gate: faulty{}, Audit: queue, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	// An operation that needs no signature gets straight to the gate.
	body := "Version=2011-06-15&Action=AssumeRoleWithSAML&RoleArn=arn:aws:iam::111122223333:role/R" +
		"&PrincipalArn=arn:aws:iam::111122223333:saml-provider/P&SAMLAssertion=AAAAAAAA"
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if text := w.Body.String(); w.Code != http.StatusInternalServerError || !strings.Contains(text, "<Code>InternalFailure</Code>") || strings.Contains(text, "panic") {
		t.Errorf("answer %d %s", w.Code, text)
	}
	queue.Close()
	// Whoever asked without credentials has no account that finds the event.
	if len(events.events) != 0 {
		t.Errorf("events %+v", events.events)
	}
}
