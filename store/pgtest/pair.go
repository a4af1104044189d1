package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pair is a server and a standby that gets all it writes by streaming, before a commit is
// answered. Both are private, whatever BAILIWICK_TEST_POSTGRES_URL says.
type Pair struct {
	t                testing.TB
	primary, standby string
}

// NewPair starts a pair, which is gone when the test ends.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	if os.Getenv(skipVariable) == "1" {
		t.Skipf("POSTGRESQL IS NOT TESTED: %s is set", skipVariable)
	}
	p := &Pair{t: t}
	if err := p.start(); err != nil {
		t.Fatalf("pgtest: no PostgreSQL server with a standby: %v\nInstall one with `make deps`; %s=1 skips this.", err, skipVariable)
	}
	return p
}

func (p *Pair) start() (err error) {
	if p.primary, err = p.serve(initialize); err != nil {
		return err
	}
	if p.standby, err = p.serve(p.copyPrimary); err != nil {
		return err
	}
	// From here on the server answers a commit once the standby has it on disk as well.
	return errors.Join(
		execute(addressOf(p.primary), `alter system set synchronous_standby_names = '*'`),
		execute(addressOf(p.primary), `select pg_reload_conf()`),
		p.awaitStandby())
}

// serve makes a server whose data fill provides.
func (p *Pair) serve(fill func(folder string, who *syscall.Credential) error) (string, error) {
	folder, who, err := newFolder()
	if err == nil {
		err = fill(folder, who)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	end, err := launch(folder, who)
	if err != nil {
		return "", err
	}
	p.t.Cleanup(func() { _ = end.Close() }) // the server ends with it
	return folder, await(addressOf(folder), folder)
}

// copyPrimary fills a folder with a copy of the primary that follows it.
func (p *Pair) copyPrimary(folder string, who *syscall.Credential) error {
	initdb, err := find("initdb")
	if err != nil {
		return err
	}
	// Beside the server's own programs: the one on Debian's PATH looks for a client package.
	program := filepath.Join(filepath.Dir(initdb), "pg_basebackup")
	data := filepath.Join(folder, "data")
	command := exec.Command(program, "-h", p.primary, "-U", "postgres", "-D", data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
	command.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, bytes.TrimSpace(out))
	}
	return configure(data, fmt.Sprintf("unix_socket_directories = '%s'\n", folder))
}

// awaitStandby returns once commits wait for the standby.
func (p *Pair) awaitStandby() error {
	var err error
	for end := time.Now().Add(timeLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		err = execute(addressOf(p.primary), `do $$ begin
			assert exists (select 1 from pg_stat_replication where sync_state = 'sync'), 'no synchronous standby'; end $$`)
		if err == nil {
			return nil
		}
	}
	return err
}

// URL makes a database and returns a URL that names both servers and means the one of them
// that can write.
func (p *Pair) URL() string {
	p.t.Helper()
	const name = "bailiwick"
	if err := createDatabase(addressOf(p.primary), name, ""); err != nil {
		p.t.Fatalf("pgtest: create database: %v", err)
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + name}
	u.RawQuery = url.Values{"host": {p.primary + "," + p.standby}, "target_session_attrs": {"read-write"}}.Encode()
	return u.String()
}

// Kill ends every process of the primary at once, as the end of its machine would.
func (p *Pair) Kill() {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.primary, "data", "postmaster.pid"))
	if err != nil {
		p.t.Fatalf("pgtest: %v", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		p.t.Fatalf("pgtest: postmaster.pid: %v", err)
	}
	// Where the system has no list of children, they end by themselves without their parent.
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		p.t.Fatalf("pgtest: kill %d: %v", pid, err)
	}
	for _, text := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(text); err == nil {
			_ = syscall.Kill(child, syscall.SIGKILL) // it may be gone already
		}
	}
}

// Promote makes the standby the server and returns when it takes writes.
func (p *Pair) Promote() {
	p.t.Helper()
	if err := execute(addressOf(p.standby), `select pg_promote(true, 60)`); err != nil {
		p.t.Fatalf("pgtest: promote: %v", err)
	}
}
