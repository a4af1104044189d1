package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
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
