package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// certificateEvery is how often the files of the certificate are looked at.
const certificateEvery = 10 * time.Second

// certificate is the one that TLS clients get. New connections get what the files held when
// they were last read in a usable state; connections that stand keep what they began with.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger
	current           atomic.Pointer[tls.Certificate]
	// stamp is the state of the files when they were last read, usable or not.
	stamp stamp
}

// stamp tells whether files have changed. The modification times follow symbolic links, by
// which Kubernetes swaps the files of a secret.
type stamp struct {
	certTime, keyTime time.Time
	certSize, keySize int64
}

// loadCertificate reads the files for the first time.
func loadCertificate(certFile, keyFile string, logger *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

// config is what a listener needs.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
		MinVersion:     tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
}

// notAfter is when the certificate that is served ends.
func (c *certificate) notAfter() time.Time { return c.current.Load().Leaf.NotAfter }

// load reads the files. The stamp is taken first: a file that is written meanwhile differs
// from it and is read again.
func (c *certificate) load() error {
	var err error
	if c.stamp, err = c.look(); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) {
		c.logger.Warn("the TLS certificate has ended", "not_after", pair.Leaf.NotAfter)
	}
	c.current.Store(&pair)
	return nil
}

func (c *certificate) look() (s stamp, err error) {
	cert, err := os.Stat(c.certFile)
	if err != nil {
		return s, err
	}
	key, err := os.Stat(c.keyFile)
	if err != nil {
		return s, err
	}
	return stamp{certTime: cert.ModTime(), certSize: cert.Size(), keyTime: key.ModTime(), keySize: key.Size()}, nil
}

// watch reads the files again when they have changed, looking each time the ticker ticks,
// and whenever the process gets SIGHUP, until ctx ends.
func (c *certificate) watch(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			c.reload()
		case <-ticker.C:
			// A file that is missing for the moment gives no stamp, which differs too.
			if now, _ := c.look(); now != c.stamp {
				c.reload()
			}
		}
	}
}

// reload reads the files again. What cannot be used is logged, once for each change, and
// the certificate that is served stays.
func (c *certificate) reload() {
	if err := c.load(); err != nil {
		c.logger.Error("the new TLS certificate cannot be used, the old one stays", "error", err)
		return
	}
	leaf := c.current.Load().Leaf
	c.logger.Info("TLS certificate read again", "serial", fmt.Sprintf("%x", leaf.SerialNumber), "not_after", leaf.NotAfter)
}
