package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A client that asks and never reads its answer must not hold on to it for ever.
func TestClientThatDoesNotRead(t *testing.T) {
	gone := make(chan error, 1)
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := bytes.Repeat([]byte("x"), 1<<20)
		for {
			if _, err := w.Write(answer); err != nil {
				gone <- err
				return
			}
		}
	}), slog.New(slog.DiscardHandler))
	if server.WriteTimeout <= 0 || server.ReadTimeout <= 0 || server.ReadHeaderTimeout <= 0 || server.IdleTimeout <= 0 {
		t.Fatalf("unbounded: %+v", server)
	}
	server.WriteTimeout = 200 * time.Millisecond // nobody waits for minutes here
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("the answer still waits for its reader")
	}
}

// slowBodies are clients that send the headers of a request and then its body a byte at a
// time, without ever coming to its end.
type slowBodies struct {
	t       *testing.T
	address string
	clients sync.WaitGroup
	mu      sync.Mutex
	// held is for how long each connection was.
	held []time.Duration
	// answers are how many had which first line.
	answers map[string]int
}

// send sends a body to a path until the server hangs up.
func (s *slowBodies) send(path string, every time.Duration) {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer conn.Close()
	began := time.Now()
	_, err = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer an-operator-token-for-tests"+
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n")
	if err != nil {
		s.t.Error(err)
		return
	}
	over := make(chan struct{})
	var sender sync.WaitGroup
	defer sender.Wait()
	sender.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(every):
				_, _ = conn.Write([]byte("A")) // the server may have hung up: the reader says when
			}
		}
	})
	answer, _ := io.ReadAll(conn) // a reset is an end as well
	close(over)
	first, _, _ := strings.Cut(string(answer), "\r\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, time.Since(began))
	s.answers[first]++
}

// A client that sends its body a byte at a time, and so is never silent, is cut off when its
// time for the whole request is over, and others do not notice it meanwhile.
func TestClientThatSendsSlowly(t *testing.T) {
	const bound, clients = 2 * time.Second, 200
	m := newMetered(t, func(*serverFlags) {})
	server := newServer(m.handler, slog.New(slog.DiscardHandler))
	if server.ReadTimeout != requestTimeout {
		t.Fatalf("a request may take %v", server.ReadTimeout)
	}
	server.ReadTimeout = bound // nobody waits for a minute here
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	s := &slowBodies{t: t, address: listener.Addr().String(), answers: map[string]int{}}
	for i := range clients {
		path := []string{"/", "/_bailiwick/accounts"}[i%2]
		s.clients.Go(func() { s.send(path, 50*time.Millisecond) })
	}
	done, start := make(chan struct{}), time.Now()
	go func() { s.clients.Wait(); close(done) }()
	caller := sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.address), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(m.flags.RootAccessKeyID, m.flags.RootSecretAccessKey, ""),
	})
	var calls int
	var worst time.Duration
	for waiting := true; waiting; {
		began := time.Now()
		if _, err := caller.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
			t.Fatalf("beside slow clients: %v", err)
		}
		calls, worst = calls+1, max(worst, time.Since(began))
		select {
		case <-done:
			waiting = false
		case <-time.After(10 * time.Millisecond):
			if time.Since(start) > time.Minute {
				t.Fatal("slow clients are waited for")
			}
		}
	}
	t.Logf("%d clients held between %v and %v: %v; the slowest of %d calls beside them took %v",
		len(s.held), slices.Min(s.held), slices.Max(s.held), s.answers, calls, worst)
	if first, last := slices.Min(s.held), slices.Max(s.held); first < bound-100*time.Millisecond || last > bound+10*time.Second {
		t.Errorf("clients were held between %v and %v, the bound is %v", first, last, bound)
	}
	if worst > bound {
		t.Errorf("a call beside them took %v", worst)
	}
	for answer := range s.answers {
		if answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 4") {
			t.Errorf("they are answered %q", answer)
		}
	}
}
