package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// readOnlyShim refuses what SQLite writes, as a read-only file system does, as long as a file
// is there. The kernel remounts no file system read-only in which a file is open for writing,
// unless it fails, and then lets nobody write to it again before it was unmounted.
const readOnlyShim = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int refused(void) {
	const char *flag = getenv("READ_ONLY_WHILE");
	int before = errno;
	if (flag && access(flag, F_OK) == 0) { errno = EROFS; return 1; }
	errno = before;
	return 0;
}
ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at) {
	ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
	return refused() ? -1 : real(fd, p, n, at);
}
int ftruncate64(int fd, off64_t n) {
	int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
	return refused() ? -1 : real(fd, n);
}
`

// withShim starts a server under the shim; the file makes it read-only while it is there.
func withShim(t testing.TB, args ...string) (s *server, flag string) {
	t.Helper()
	dir := t.TempDir()
	source, library := filepath.Join(dir, "shim.c"), filepath.Join(dir, "shim.so")
	flag = filepath.Join(dir, "read-only")
	must(t, os.WriteFile(source, []byte(readOnlyShim), 0o600))
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-o", library, source, "-ldl").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED, no library can be put before the C library's: %v: %s", err, out)
	}
	s = &server{t: t, dir: t.TempDir(), args: args, env: []string{"LD_PRELOAD=" + library, "READ_ONLY_WHILE=" + flag}}
	s.run()
	t.Cleanup(s.kill)
	return s, flag
}

// The file system becomes read-only under a running server: calls that write are answered
// with 503, reads go on, readiness says what is the matter, and once the file system takes
// writes again so does the server, without a restart. The events of the reads are there.
func TestFileSystemTurnsReadOnly(t *testing.T) {
	t.Parallel()
	s, flag := withShim(t)
	w := organize(t, s)
	s.ready(t, "", http.StatusOK, "ready")
	must(t, os.WriteFile(flag, nil, 0o600))
	reads := w.readOnly(t)
	s.ready(t, "", http.StatusServiceUnavailable, "takes no writes")
	s.ready(t, "?for=reads", http.StatusOK, "ready")
	awaitLog(t, s, "audit events are not stored yet")

	must(t, os.Remove(flag))
	s.ready(t, "", http.StatusOK, "ready")
	must(t, w.admin.createUser("afterwards"))
	_, err := w.admin.cloudtrail().LookupEvents(context.Background(), nil) // waits for the queue
	must(t, err)
	s.kill()
	records := string(auditRecords(t, s))
	for _, id := range reads {
		if !strings.Contains(records, id) {
			t.Errorf("the event of the read %s is lost", id)
		}
	}
	s.run()
	w.admin = w.admin.again()
	w.haveUsers(t, "admin", "afterwards")
}

// Events of reads wait while they cannot be stored. When there is no room for more, calls are
// answered with 503 after some seconds: none hangs, and none is answered without its event.
func TestEventsThatCannotBeStored(t *testing.T) {
	t.Parallel()
	s, flag := withShim(t, "--rate-limit", "0", "--log-level", "error")
	w := organize(t, s)
	must(t, os.WriteFile(flag, nil, 0o600))
	var (
		callers  sync.WaitGroup
		answered atomic.Int64
		worst    [16]time.Duration
	)
	for i := range worst {
		callers.Go(func() {
			for {
				began := time.Now()
				err := w.admin.whoAmI()
				worst[i] = max(worst[i], time.Since(began))
				if err == nil {
					answered.Add(1)
					continue
				}
				fails(t, err, "ServiceUnavailable", "")
				return
			}
		})
	}
	callers.Wait()
	count := answered.Load()
	t.Logf("%d reads were answered, then none; the slowest call took %v", count, slices.Max(worst[:]))
	if count < 8000 || slices.Max(worst[:]) > time.Minute {
		t.Errorf("%d reads were answered, one after %v", count, slices.Max(worst[:]))
	}
	must(t, os.Remove(flag))
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if err := w.admin.listUsers(); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	_, err := w.admin.cloudtrail().LookupEvents(context.Background(), nil) // waits for the queue
	must(t, err)
	s.kill()
	if stored := strings.Count(string(auditRecords(t, s)), `"eventName":"GetCallerIdentity"`); int64(stored) != count {
		t.Errorf("%d reads were answered, %d have an event", count, stored)
	}
}

// A server that stops while the file system is read-only says how many events it could not
// keep.
func TestStopOnReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	s, flag := withShim(t)
	w := organize(t, s)
	must(t, os.WriteFile(flag, nil, 0o600))
	reads := w.readOnly(t)
	if err := s.stop(); err == nil {
		t.Error("it ends as if all were well")
	}
	if !strings.Contains(s.log.String(), "audit events lost at shutdown") {
		t.Errorf("nothing is said of %d events:\n%s", len(reads), s.log)
	}
	must(t, os.Remove(flag))
	s.run()
	w.admin = w.admin.again()
	w.haveUsers(t, "admin")
}

// The same on a real file system whose kernel has given it up, as it does when the disk
// fails. Such a file system wants to be unmounted and repaired, so the server is stopped.
func TestFileSystemIsGivenUp(t *testing.T) {
	t.Parallel()
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	system := func(name string, args ...string) error {
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return err
	}
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, 64<<20))
	mount := func() error { return system("mount", "-o", "loop", image, dir) }
	if err := errors.Join(system("mkfs.ext4", "-q", image), mount()); err != nil {
		t.Skipf("NOT TESTED, an ext4 of its own needs root and loop devices: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	s := on(t, dir)
	w := organize(t, s)
	if err := system("mount", "-o", "remount,abort", dir); err != nil {
		t.Skipf("NOT TESTED, the kernel gives up no file system on request: %v", err)
	}
	w.readOnly(t)
	s.ready(t, "", http.StatusServiceUnavailable, "takes no writes")
	s.ready(t, "?for=reads", http.StatusOK, "ready")
	_ = s.stop() // it could not write what it wanted to
	must(t, syscall.Unmount(dir, 0))
	var exit *exec.ExitError
	if err := system("fsck.ext4", "-p", image); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatal(err) // 1 is: errors were corrected
	}
	must(t, mount())
	s.run()
	w.admin = w.admin.again()
	w.haveUsers(t, "admin")
	must(t, w.admin.createUser("afterwards"))
}

// readOnly expects writes to be refused in a way that clients try again, and reads to go on.
// It returns the ids of the reads.
func (w *world) readOnly(t testing.TB) (reads []string) {
	t.Helper()
	ctx := context.Background()
	for i := range 20 {
		var api smithy.APIError
		var answer *smithyhttp.ResponseError
		err := w.admin.createUser(fmt.Sprintf("refused-%d", i))
		if !errors.As(err, &api) || !errors.As(err, &answer) || answer.HTTPStatusCode() != http.StatusServiceUnavailable || api.ErrorCode() != "ServiceUnavailable" {
			t.Fatalf("a write on a read-only file system: %v", err)
		}
		out, err := w.admin.iam().ListUsers(ctx, &iam.ListUsersInput{})
		must(t, err)
		if len(out.Users) != 1 {
			t.Errorf("%d users", len(out.Users))
		}
		id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		reads = append(reads, id)
		_, err = w.admin.assume(roleARN(managementID, "nobody"))
		fails(t, err, "AccessDenied", "")
	}
	r, err := http.NewRequest(http.MethodPost, w.s.endpoint+"/_bailiwick/accounts", strings.NewReader(`{"Name":"Refused","Email":"refused@example.com"}`))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+operatorToken)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the operator's write is answered %s", res.Status)
	}
	return reads
}

// haveUsers expects exactly these users.
func (w *world) haveUsers(t *testing.T, names ...string) {
	t.Helper()
	have := (&killer{world: w}).users(t)
	present(t, "user", have, names)
	if len(have) != len(names) {
		t.Errorf("%d users, %d were acknowledged", len(have), len(names))
	}
}

// ready expects an answer to the question whether the server is ready.
func (s *server) ready(t testing.TB, query string, status int, words string) {
	t.Helper()
	res, err := http.Get(s.endpoint + "/_bailiwick/ready" + query)
	must(t, err)
	defer res.Body.Close()
	var text json.RawMessage
	must(t, json.NewDecoder(res.Body).Decode(&text))
	if res.StatusCode != status || !strings.Contains(string(text), words) {
		t.Errorf("ready%s: %d %s, want %d and %q", query, res.StatusCode, text, status, words)
	}
}
