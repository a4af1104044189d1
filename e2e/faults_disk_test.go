package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// smallDisk is a file system of its own. Only root can make one.
func smallDisk(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("a file system of its own needs root: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// on starts a server whose data folder is there already.
func on(t testing.TB, dir string) *server {
	t.Helper()
	s := &server{t: t, dir: dir}
	s.run()
	t.Cleanup(s.kill)
	return s
}

// The disk is full: writes fail with an error that clients try again, nothing is half done,
// reads go on, and writes succeed once there is room, without a restart.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := on(t, smallDisk(t, "24m"))
	w := organize(t, s)
	filler := filepath.Join(s.dir, "filler")
	fill(t, filler)
	made, refused := []string{"admin"}, 0
	for i := 0; i < 3000 && refused < 20; i++ {
		name := fmt.Sprintf("user-%d", i)
		err := w.admin.createUser(name)
		if err == nil {
			made = append(made, name)
			continue
		}
		refused++
		var api smithy.APIError
		var answer *smithyhttp.ResponseError
		if !errors.As(err, &api) || !errors.As(err, &answer) || answer.HTTPStatusCode() != http.StatusServiceUnavailable {
			t.Fatalf("refused on a full disk: %v", err)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	must(t, w.admin.listUsers())
	t.Logf("%d writes before the disk was full, %d refused", len(made), refused)

	must(t, os.Remove(filler))
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = w.admin.createUser("afterwards"); err == nil {
			break
		}
	}
	must(t, err)
	k := &killer{world: w}
	made = append(made, "afterwards")
	for range 2 {
		have := k.users(t)
		present(t, "user", have, made)
		if len(have) != len(made) {
			t.Errorf("%d users, %d were acknowledged", len(have), len(made))
		}
		s.kill()
		s.run()
		k.admin = k.admin.again()
	}
}

// fill takes all room that is left.
func fill(t testing.TB, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	for chunk := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, f.Close())
}

// A folder that cannot be written to is said to be one, at once.
func TestReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "24m")
	s := on(t, dir)
	must(t, s.stop())
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	_, errs, ok := command(t, nil, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
	if ok || !strings.Contains(errs, "bailiwick: ") || !strings.Contains(strings.ToLower(errs), "read-only") && !strings.Contains(errs, "readonly") {
		t.Errorf("start on a read-only file system: %v, %s", ok, errs)
	}
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""))
	s.run()
	must(t, s.root().listUsers())
}

// Connections on which nobody asks anything, and those on which somebody asks a byte at a time,
// leave everybody else alone.
func TestIdleAndSlowConnections(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	address := strings.TrimPrefix(s.endpoint, "http://")
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	count := min(10_000, int(limit.Cur)-2_000)
	if count < 100 {
		t.Skipf("%d open files are too few", limit.Cur)
	}
	beginnings := []string{"", "GET", "POST / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nA"}
	held := make([]net.Conn, 0, count)
	defer func() {
		for _, c := range held {
			_ = c.Close() // the server may have closed it
		}
	}()
	for i := range count {
		c, err := net.Dial("tcp", address)
		must(t, err)
		held = append(held, c)
		if begin := beginnings[i%len(beginnings)]; begin != "" {
			_, err = c.Write([]byte(begin))
			must(t, err)
		}
	}
	var worst time.Duration
	for range 50 {
		began := time.Now()
		must(t, s.root().listUsers())
		worst = max(worst, time.Since(began))
	}
	t.Logf("%d connections held; the slowest of 50 calls beside them took %v", count, worst)
	// Who has not sent its headers after ten seconds is cut off.
	slow := held[1]
	must(t, slow.SetReadDeadline(time.Now().Add(30*time.Second)))
	if _, err := slow.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a client that never sends its headers is waited for")
	}
	must(t, s.root().listUsers())
}

// A client that is never silent, but sends its body a byte a second, is cut off after the minute
// that a request may take; others do not notice it.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	const bound = time.Minute
	s := start(t, "")
	conn := s.dial(t)
	must(t, conn.SetDeadline(time.Now().Add(2*bound)))
	began := time.Now()
	_, err := conn.Write([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n"))
	must(t, err)
	answered := make(chan struct{})
	var answer []byte
	go func() {
		defer close(answered)
		answer, _ = io.ReadAll(conn) // a reset is an end as well
	}()
	var worst time.Duration
	for waiting := true; waiting; {
		select {
		case <-answered:
			waiting = false
		case <-time.After(time.Second):
			_, _ = conn.Write([]byte("A")) // the server may have hung up: the answer says so
			asked := time.Now()
			must(t, s.root().listUsers())
			worst = max(worst, time.Since(asked))
		}
	}
	first, _, _ := strings.Cut(string(answer), "\r\n")
	took := time.Since(began)
	t.Logf("cut off after %v with %q; the slowest call meanwhile took %v", took, first, worst)
	if took < bound-time.Second || took > bound+20*time.Second {
		t.Errorf("cut off after %v", took)
	}
	if !strings.HasPrefix(first, "HTTP/1.1 400 ") {
		t.Errorf("answered %q", first)
	}
}

// createUser makes a user and nothing else.
func (a as) createUser(name string) error {
	_, err := a.iam().CreateUser(context.Background(), &iam.CreateUserInput{UserName: &name})
	return err
}
