package pgtest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Line stands between a client and a PostgreSQL server as a network does, and fails as one
// does. It is safe for concurrent use.
type Line struct {
	listener         net.Listener
	network, address string
	url              string

	mu   sync.Mutex
	wake *sync.Cond
	// cut refuses and closes connections; stalled lets nothing pass.
	cut, stalled bool
	// word ends the connection that sends it: after it was passed on, with the answer lost, or
	// before.
	word  []byte
	after bool
	open  map[net.Conn]bool
}

// NewLine returns a line to the server of a database's URL, which is gone when the test ends.
func NewLine(t testing.TB, database string) *Line {
	t.Helper()
	config, err := pgconn.ParseConfig(database)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	l := &Line{listener: listener, open: map[net.Conn]bool{}}
	l.network, l.address = pgconn.NetworkAddress(config.Host, config.Port)
	l.wake = sync.NewCond(&l.mu)
	u := url.URL{Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: listener.Addr().String(), Path: "/" + config.Database}
	u.RawQuery = url.Values{"sslmode": {"disable"}}.Encode()
	l.url = u.String()
	t.Cleanup(func() {
		l.Cut()
		_ = listener.Close() // it is closed once
	})
	go l.accept()
	return l
}

// URL is the database as it is reached over the line. Parameters, of the form name=value, are
// added to it.
func (l *Line) URL(parameters ...string) string {
	return strings.Join(append([]string{l.url}, parameters...), "&")
}

// Cut ends all connections and refuses new ones, as a server that is gone does.
func (l *Line) Cut() { l.set(true, false) }

// Stall keeps all connections open and lets nothing pass, as a network that swallows packets
// does.
func (l *Line) Stall() { l.set(false, true) }

// Mend makes the line whole again.
func (l *Line) Mend() { l.set(false, false) }

// LoseAnswer ends the next connection that sends word, in any letter case, once the server
// has got it.
func (l *Line) LoseAnswer(word string) { l.lose(word, true) }

// LoseRequest ends the next connection that sends word before the server gets it.
func (l *Line) LoseRequest(word string) { l.lose(word, false) }

func (l *Line) lose(word string, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.word, l.after = []byte(strings.ToLower(word)), after
}

func (l *Line) set(cut, stalled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.stalled = cut, stalled
	if cut {
		for conn := range l.open {
			_ = conn.Close()
		}
		clear(l.open)
	}
	l.wake.Broadcast()
}

func (l *Line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.connect(client)
	}
}

func (l *Line) connect(client net.Conn) {
	server, err := net.Dial(l.network, l.address)
	if err != nil || !l.keep(client, server) {
		_ = client.Close()
		if server != nil {
			_ = server.Close()
		}
		return
	}
	go l.carry(client, server, false)
	l.carry(server, client, true)
}

// keep notes a connection unless the line is cut.
func (l *Line) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	for _, conn := range conns {
		l.open[conn] = true
	}
	return true
}

// carry passes on what comes from one end to the other.
func (l *Line) carry(to, from net.Conn, request bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err == nil {
			err = l.pass(to, from, buffer[:n], request)
		}
		if err != nil {
			break
		}
	}
	_ = errors.Join(to.Close(), from.Close()) // either may be closed already
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, to)
	delete(l.open, from)
}

// pass waits while the line is stalled, then passes data on.
func (l *Line) pass(to, from net.Conn, data []byte, request bool) error {
	l.mu.Lock()
	for l.stalled {
		l.wake.Wait()
	}
	caught := request && len(l.word) > 0 && bytes.Contains(bytes.ToLower(data), l.word)
	after := l.after
	if caught {
		l.word = nil
	}
	l.mu.Unlock()
	if caught && after {
		// The client's end goes first: it must not hear the answer.
		_ = from.Close()
	}
	if !caught || after {
		if _, err := to.Write(data); err != nil {
			return err
		}
	}
	if caught {
		return io.EOF
	}
	return nil
}
