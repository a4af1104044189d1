package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// binary is built once for all scenes.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(bareServer) != "" {
		os.Exit(serveBare())
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "bailiwick-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "bailiwick")
		build := []string{"build", "-o", binary}
		if raceEnabled {
			build = append(build, "-race")
		}
		if out, err := exec.Command("go", append(build, "../cmd/bailiwick")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// The first account of every test server.
const (
	managementID  = "111122223333"
	rootKeyID     = "AKIAIOSFODNN7EXAMPLE"
	rootSecret    = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	operatorToken = "an-operator-token-for-tests"
)

// server is a running binary.
type server struct {
	t        testing.TB
	endpoint string
	// dir is the data folder; url the database, empty for SQLite.
	dir, url string
	args     []string
	// verb is what the binary is asked to do: serve, if empty.
	verb string
	// plain leaves out the fixed first account, so that the server makes its keys itself.
	plain bool
	// env is added to the environment.
	env []string
	// watch is put into every client of the server.
	watch []func(*middleware.Stack) error
	cmd   *exec.Cmd
	// banner is what it prints, log its log lines.
	banner, log *lockedBuffer
}

// onEachStore runs a scene on SQLite and on PostgreSQL.
func onEachStore(t *testing.T, scene func(t *testing.T, s *server)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		scene(t, start(t, ""))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		scene(t, start(t, pgtest.Database(t)))
	})
}

// start runs a server on a fresh store; args are further flags.
func start(t testing.TB, url string, args ...string) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), url: url, args: args}
	s.run()
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *server) run() {
	s.t.Helper()
	args := append([]string{cmp.Or(s.verb, "serve"), "--listen", "127.0.0.1:0", "--data-dir", s.dir}, s.args...)
	if s.url != "" {
		args = append(args, "--database-url", s.url)
	}
	s.cmd = exec.Command(binary, args...)
	s.cmd.Env = append(os.Environ(), "BAILIWICK_OPERATOR_TOKEN="+operatorToken, "AWS_ENDPOINT_URL=")
	s.cmd.Env = append(s.cmd.Env, s.env...)
	if !s.plain {
		s.cmd.Env = append(s.cmd.Env,
			"BAILIWICK_ACCOUNT_ID="+managementID, "BAILIWICK_ROOT_EMAIL=root@example.com",
			"BAILIWICK_ROOT_ACCESS_KEY_ID="+rootKeyID, "BAILIWICK_ROOT_SECRET_ACCESS_KEY="+rootSecret)
	}
	s.banner, s.log = &lockedBuffer{}, &lockedBuffer{}
	s.cmd.Stderr = s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.endpoint = s.awaitEndpoint(stdout)
}

// awaitEndpoint reads the banner up to the endpoint.
func (s *server) awaitEndpoint(stdout io.Reader) string {
	s.t.Helper()
	found, banner := make(chan string, 1), s.banner
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			fmt.Fprintln(banner, lines.Text())
			if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "Endpoint" {
				found <- fields[1]
			}
		}
		close(found)
	}()
	select {
	case endpoint, ok := <-found:
		if ok {
			return endpoint
		}
		s.t.Fatalf("the server ended: %v\n%s", s.cmd.Wait(), s.log)
	case <-time.After(30 * time.Second):
		s.t.Fatalf("no endpoint after 30 s\n%s", s.log)
	}
	return ""
}

// kill ends the process as a power cut would.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may be gone already
	_ = s.cmd.Wait()
	s.cmd = nil
	s.noRaces()
}

// noRaces expects the race detector, if the server was built with it, to have found nothing.
func (s *server) noRaces() {
	s.t.Helper()
	if _, report, found := strings.Cut(s.log.String(), "WARNING: DATA RACE"); found {
		s.t.Errorf("the server has a data race:%.8000s", report)
	}
}

// stop ends the process in an orderly way and returns its exit error.
func (s *server) stop() error {
	err := errors.Join(s.cmd.Process.Signal(syscall.SIGTERM), s.cmd.Wait())
	s.cmd = nil
	s.noRaces()
	return err
}

// restart stops the server and starts it again on the same store.
func (s *server) restart() {
	s.t.Helper()
	if err := s.stop(); err != nil {
		s.t.Fatalf("stop: %v\n%s", err, s.log)
	}
	s.run()
}

// as is a client's identity.
type as struct {
	s *server
	aws.Config
}

// root is the root user of the first account.
func (s *server) root() as { return s.with(rootKeyID, rootSecret, "") }

func (s *server) with(id, secret, token string) as {
	return as{s, aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(s.endpoint), RetryMaxAttempts: 1, HTTPClient: connection, APIOptions: s.watch,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
	}}
}

func (a as) organizations() *organizations.Client { return organizations.NewFromConfig(a.Config) }
func (a as) iam() *iam.Client                     { return iam.NewFromConfig(a.Config) }
func (a as) sts() *sts.Client                     { return sts.NewFromConfig(a.Config) }
func (a as) account() *account.Client             { return account.NewFromConfig(a.Config) }
func (a as) cloudtrail() *cloudtrail.Client       { return cloudtrail.NewFromConfig(a.Config) }

// cli runs the aws CLI with this identity and returns what it printed and whether it
// succeeded.
func (a as) cli(args ...string) (stdout, stderr string, ok bool) {
	a.s.t.Helper()
	c, err := a.Credentials.Retrieve(context.Background())
	if err != nil {
		a.s.t.Fatal(err)
	}
	cmd := exec.Command("aws", append([]string{"--endpoint-url", a.s.endpoint, "--region", a.Region, "--output", "json"}, args...)...)
	cmd.Env = append(os.Environ(),
		"AWS_ACCESS_KEY_ID="+c.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+c.SecretAccessKey, "AWS_SESSION_TOKEN="+c.SessionToken,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true")
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		a.s.t.Fatalf("aws: %v (make deps installs it)", err)
	}
	return o.String(), e.String(), err == nil
}

// lockedBuffer is a buffer that a process writes while a test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
