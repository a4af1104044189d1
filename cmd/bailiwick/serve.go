package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

type serveCmd struct {
	serverFlags
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context) error {
	return serve(ctx, &c.serverFlags, func(s *running) error {
		banner(os.Stdout, s)
		return nil
	})
}

// Bounds of connections: how long a client may take for its headers, its whole request, the
// answer (with the work for it), and between requests; and how long shutdown waits for
// requests under way.
const (
	headerTimeout   = 10 * time.Second
	requestTimeout  = 60 * time.Second
	answerTimeout   = 3 * time.Minute
	idleTimeout     = 2 * time.Minute
	maxHeaderBytes  = 64 << 10
	shutdownTimeout = 15 * time.Second
)

// running is a server that answers.
type running struct {
	endpoint string
	folder   string
	node     *node
	level    *slog.LevelVar
}

// serve runs a server until ctx ends; ready is called once it answers.
func serve(ctx context.Context, f *serverFlags, ready func(*running) error) error {
	if err := f.check(); err != nil {
		return err
	}
	giveHeapRoom()
	logger, level := f.logger()
	listener, err := listen(f.Listen)
	if err != nil {
		return err
	}
	served, err := f.certificate(logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	f.PublicURL = cmp.Or(f.PublicURL, endpointOf(f, listener.Addr()))
	n, err := newNode(ctx, f, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := newServer(n.handler, logger)
	server.ConnState = n.metrics.Connection
	work, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	background.Go(func() { n.background(work) })
	if served != nil {
		listener = tls.NewListener(listener, served.config())
		n.metrics.CertificateExpiry(served.notAfter)
		go served.watch(work, certificateEvery)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	s := &running{endpoint: endpointOf(f, listener.Addr()), node: n, level: level}
	if f.usesFolder() {
		s.folder = f.DataDir
	}
	logger.Info("serving", "endpoint", s.endpoint, "version", buildVersion())
	err = ready(s)
	if err == nil {
		select {
		case err = <-failed:
		case <-ctx.Done():
			logger.Info("shutting down")
		}
	}
	stop()
	return errors.Join(err, shutdown(server, n, background.Wait))
}

// newServer bounds what a client can hold on to.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		WriteTimeout: answerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// shutdown lets requests under way finish and the work in the background end, then writes
// what waits.
func shutdown(server *http.Server, n *node, background func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("shutdown: %w", err), server.Close())
	}
	background()
	return errors.Join(err, n.close(ctx))
}

func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use: is another server running there? Choose another with --listen", address)
	}
	return listener, err
}

// certificate loads what --tls-cert and --tls-key name; nil means plain HTTP.
func (f *serverFlags) certificate(logger *slog.Logger) (*certificate, error) {
	if f.TLSCert == "" {
		return nil, nil
	}
	c, err := loadCertificate(f.TLSCert, f.TLSKey, logger)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	return c, nil
}

// endpointOf is the URL that clients are given.
func endpointOf(f *serverFlags, addr net.Addr) string {
	scheme := "http"
	if f.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + "://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// banner tells a person how to go on.
func banner(w io.Writer, s *running) {
	first := s.node.first
	var b strings.Builder
	fmt.Fprintf(&b, "\nBailiwick %s\n\n  Endpoint  %s\n  Account   %s\n", buildVersion(), s.endpoint, first.ID)
	if s.folder != "" {
		fmt.Fprintf(&b, "  Data      %s\n", s.folder)
	} else {
		b.WriteString("  Data      in memory, gone when this process ends\n")
	}
	fmt.Fprintf(&b, "\nIn another terminal:\n\n  export AWS_ENDPOINT_URL=%s\n  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n", s.endpoint)
	switch {
	case first.Secret != "":
		fmt.Fprintf(&b, "  export AWS_ACCESS_KEY_ID=%s\n  export AWS_SECRET_ACCESS_KEY=%s\n", first.AccessKeyID, first.Secret)
	case s.folder != "":
		fmt.Fprintf(&b, "  export AWS_SHARED_CREDENTIALS_FILE=%s/credentials\n", s.folder)
	}
	b.WriteString("  aws sts get-caller-identity\n\n")
	if first.CredentialsFile != "" {
		fmt.Fprintf(&b, "These are the keys of the account's root user, shown once; they are kept in %s.\n\n", first.CredentialsFile)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		s.node.logger.Debug("no banner", "error", err)
	}
}
