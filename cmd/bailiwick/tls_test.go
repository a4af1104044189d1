package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// issue writes a new self-signed certificate for 127.0.0.1 with this serial number.
func issue(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// lines is a log that is read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// tlsServer is a server whose certificate is watched.
type tlsServer struct {
	url, certFile, keyFile string
	log                    *lines
	certificate            *certificate
}

func startTLS(t *testing.T, every time.Duration) *tlsServer {
	t.Helper()
	dir := t.TempDir()
	s := &tlsServer{certFile: filepath.Join(dir, "tls.crt"), keyFile: filepath.Join(dir, "tls.key"), log: &lines{}}
	issue(t, s.certFile, s.keyFile, 1)
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	var err error
	if s.certificate, err = loadCertificate(s.certFile, s.keyFile, logger); err != nil {
		t.Fatal(err)
	}
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }), logger)
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.certificate.watch(ctx, every)
	}()
	go func() { _ = server.Serve(tls.NewListener(listener, s.certificate.config())) }()
	t.Cleanup(func() {
		cancel()
		<-watched
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	s.url = "https://" + listener.Addr().String()
	return s
}

// get asks through a client and returns the serial number of the certificate of its
// connection and whether the connection stood before.
func (s *tlsServer) get(t *testing.T, client *http.Client) (serial int64, reused bool) {
	t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "hello" {
		t.Fatalf("%q %v", body, err)
	}
	return response.TLS.PeerCertificates[0].SerialNumber.Int64(), reused
}

// newClient trusts any certificate, because the test looks at it itself.
func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// eventually waits until the log holds the text n times.
func (s *tlsServer) eventually(t *testing.T, n int, text string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); s.log.count(text) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log never says %q", text)
		}
	}
}

const readAgain, stays = "TLS certificate read again", "the old one stays"

func TestChangedCertificateServesNewConnections(t *testing.T) {
	s := startTLS(t, 5*time.Millisecond)
	old := newClient(t)
	if serial, _ := s.get(t, old); serial != 1 {
		t.Fatalf("serial %d", serial)
	}
	issue(t, s.certFile, s.keyFile, 2)
	s.eventually(t, 1, "serial=2")
	if serial, reused := s.get(t, old); serial != 1 || !reused {
		t.Errorf("the connection that stood: serial %d, reused %v", serial, reused)
	}
	if serial, reused := s.get(t, newClient(t)); serial != 2 || reused {
		t.Errorf("a new connection: serial %d, reused %v", serial, reused)
	}
}

func TestBrokenCertificateChangesNothing(t *testing.T) {
	s := startTLS(t, 5*time.Millisecond)
	notAfter := s.certificate.notAfter()
	write(t, s.certFile, []byte("no certificate"))
	s.eventually(t, 1, stays)
	if serial, _ := s.get(t, newClient(t)); serial != 1 {
		t.Errorf("serial %d", serial)
	}
	// A certificate without its key is no better, and a file that is gone is none.
	issue(t, s.certFile, filepath.Join(t.TempDir(), "elsewhere"), 2)
	s.eventually(t, 2, stays)
	time.Sleep(50 * time.Millisecond)
	if told := s.log.count(stays); told > 4 {
		t.Errorf("one broken state is told %d times", told)
	}
	if err := os.Remove(s.keyFile); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, 3, stays)
	if serial, _ := s.get(t, newClient(t)); serial != 1 || !s.certificate.notAfter().Equal(notAfter) {
		t.Errorf("serial %d", serial)
	}
	issue(t, s.certFile, s.keyFile, 3)
	s.eventually(t, 1, "serial=3")
	if serial, _ := s.get(t, newClient(t)); serial != 3 {
		t.Errorf("once it is right again: serial %d", serial)
	}
}

func TestHangupReadsTheCertificateAgain(t *testing.T) {
	// Whoever asks for the signal first keeps it from ending the process.
	guard := make(chan os.Signal, 1)
	signal.Notify(guard, syscall.SIGHUP)
	defer signal.Stop(guard)
	s := startTLS(t, time.Hour)
	issue(t, s.certFile, s.keyFile, 2)
	if serial, _ := s.get(t, newClient(t)); serial != 1 {
		t.Fatalf("before the signal: serial %d", serial)
	}
	// The watcher asks for the signal before it waits, but the test does not know when.
	for deadline := time.Now().Add(10 * time.Second); s.log.count(readAgain) == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		hangup(t)
	}
	if serial, _ := s.get(t, newClient(t)); serial != 2 {
		t.Errorf("after the signal: serial %d", serial)
	}
}

// hangup sends this process SIGHUP.
func hangup(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// TestServerOverTLSTakesARenewedCertificate runs the whole server.
func TestServerOverTLSTakesARenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	f := &serverFlags{
		DataDir: dir, Ephemeral: true, Listen: "127.0.0.1:0", AccountName: "TLS", RootEmail: "root@example.com",
		AccountLimit: 1, AuditDays: 1, LogLevel: "error",
		TLSCert: filepath.Join(dir, "tls.crt"), TLSKey: filepath.Join(dir, "tls.key"),
	}
	issue(t, f.TLSCert, f.TLSKey, 1)
	guard := make(chan os.Signal, 1)
	signal.Notify(guard, syscall.SIGHUP)
	defer signal.Stop(guard)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := serve(ctx, f, func(s *running) error {
		defer cancel()
		page := func() (serial int64, body string) {
			response, err := newClient(t).Get(s.endpoint + "/_bailiwick/metrics")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return response.TLS.PeerCertificates[0].SerialNumber.Int64(), string(text)
		}
		if serial, body := page(); serial != 1 || !strings.Contains(body, "bailiwick_tls_certificate_expiry_timestamp_seconds 1.") {
			t.Errorf("serial %d", serial)
		}
		issue(t, f.TLSCert, f.TLSKey, 2)
		var serial int64
		for deadline := time.Now().Add(10 * time.Second); serial != 2 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			hangup(t)
			serial, _ = page()
		}
		if serial != 2 {
			t.Errorf("after SIGHUP: serial %d", serial)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
