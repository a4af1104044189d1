package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/bailiwick/bailiwick/demo"
)

// launch starts a server of its own with an organization in it, and returns what stops it
// and removes its folder.
func (c *config) launch(ctx context.Context) (stop func(), err error) {
	folder, err := os.MkdirTemp("", "bailiwick-load")
	if err != nil {
		return nil, err
	}
	c.inventory = filepath.Join(folder, "inventory.json")
	args := []string{
		"demo", "--listen", "127.0.0.1:0", "--data-dir", filepath.Join(folder, "data"), "--accounts", strconv.Itoa(c.accounts),
		"--inventory", c.inventory, "--rate-limit", "0", "--log-level", "warn",
	}
	if c.databaseURL != "" {
		args = append(args, "--database-url", c.databaseURL)
	}
	cmd := exec.CommandContext(ctx, c.binary, args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL=")
	cmd.Stderr = os.Stderr
	endpoint, end, err := start(cmd)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	c.endpoint = endpoint
	return func() {
		end()
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
		}
	}, nil
}

// start starts a server that prints its endpoint; end stops it.
func start(cmd *exec.Cmd) (endpoint string, end func(), err error) {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = answerTime
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) == 2 && f[0] == "Endpoint" {
			drained := make(chan struct{})
			go func() {
				defer close(drained)
				_, _ = io.Copy(io.Discard, stdout) // the rest of the banner is for people
			}()
			return f[1], func() {
				_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
				<-drained
				_ = cmd.Wait()
			}, nil
		}
	}
	return "", nil, fmt.Errorf("%s ended before it served: %w", cmd.Path, errors.Join(lines.Err(), cmd.Wait()))
}

// bareCommand makes this program the server that does nothing.
const bareCommand = "bare"

// serveBare reads bodies and answers a fixed one of the length of GetCallerIdentity's.
func serveBare(out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  Endpoint  http://%s\n", listener.Addr())
	answer := bytes.Repeat([]byte("x"), 450)
	server := &http.Server{ReadHeaderTimeout: answerTime, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(answer) // the client went away, if at all
	})}
	return server.Serve(listener)
}

// compare lets the same clients ask a bare server and then GetCallerIdentity alone.
func (c *config) compare(ctx context.Context, large *demo.Large) error {
	if c.alone == 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	endpoint, end, err := start(exec.CommandContext(ctx, self, bareCommand))
	if err != nil {
		return err
	}
	defer end()
	l := limits{clients: c.clients, requests: c.requests, duration: c.alone, seed: c.seed}
	alone := newMix(weighted{1, (*client).identity})
	together := newResult()
	together.took = c.alone
	for _, one := range []struct{ name, endpoint string }{{"bare net/http", endpoint}, {"GetCallerIdentity", c.endpoint}} {
		w := newWorld(one.endpoint, c.clients, large)
		r := w.load(ctx, alone, l)
		w.client.CloseIdleConnections()
		*together.of(one.name) = *r.all()
		if err := r.failed(); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	fmt.Printf("\n%d clients, closed loop, %s each\n\n", c.clients, c.alone.Round(time.Millisecond))
	together.print(os.Stdout)
	return nil
}
