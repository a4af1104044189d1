package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// place is where a verb finds or puts an installation.
type place struct{ dir, url string }

func (s *server) place() place { return place{s.dir, s.url} }

// serve runs a server on a place.
func (p place) serve(t testing.TB) *server {
	t.Helper()
	s := &server{t: t, dir: p.dir, url: p.url}
	s.run()
	t.Cleanup(s.kill)
	return s
}

// do runs a verb of the binary on the place and returns all that it printed.
func (p place) do(args ...string) (string, error) {
	cmd := p.command(args...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p place) command(args ...string) *exec.Cmd {
	args = append(args, "--data-dir", p.dir)
	if p.url != "" {
		args = append(args, "--database-url", p.url)
	}
	return exec.Command(binary, args...)
}

func (p place) mustDo(t testing.TB, args ...string) string {
	t.Helper()
	out, err := p.do(args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// giveKey copies the master key of another place.
func (p place) giveKey(t testing.TB, from place) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(from.dir, "master.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, "master.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tenant is what a scene needs to find again after its server has moved.
type tenant struct {
	organization string
	key          [2]string
	session      [3]string
}

// settle makes an organization, a user with a key and a session of a role.
func settle(t testing.TB, s *server) tenant {
	t.Helper()
	ctx, root := context.Background(), s.root()
	made, err := root.organizations().CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	people, user := root.iam(), aws.String("ines")
	if _, err := people.CreateUser(ctx, &iam.CreateUserInput{UserName: user}); err != nil {
		t.Fatal(err)
	}
	_, err = people.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	if err != nil {
		t.Fatal(err)
	}
	key, err := people.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		t.Fatal(err)
	}
	role, err := people.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("guest"), AssumeRolePolicyDocument: aws.String(trusting(managementID))})
	if err != nil {
		t.Fatal(err)
	}
	id, secret := *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey
	session, err := s.with(id, secret, "").sts().AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("visit")})
	if err != nil {
		t.Fatal(err)
	}
	c := session.Credentials
	return tenant{*made.Organization.Id, [2]string{id, secret}, [3]string{*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken}}
}

// check uses everything of the tenant on a server.
func (w tenant) check(t testing.TB, s *server) {
	t.Helper()
	ctx := context.Background()
	for who, caller := range map[string]as{
		"root": s.root(), "user/ines": s.with(w.key[0], w.key[1], ""), "assumed-role/guest/visit": s.with(w.session[0], w.session[1], w.session[2]),
	} {
		out, err := caller.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil || !strings.HasSuffix(*out.Arn, ":"+who) {
			t.Errorf("%s: %v", who, err)
		}
	}
	out, err := s.with(w.key[0], w.key[1], "").organizations().DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil || *out.Organization.Id != w.organization {
		t.Errorf("the organization: %v", err)
	}
	if _, err := s.with(w.session[0], w.session[1], w.session[2]).iam().ListUsers(ctx, &iam.ListUsersInput{}); err == nil {
		t.Error("the session of a role without policies may list users")
	}
}

// TestInstallationMoves exports a server under load from SQLite to PostgreSQL and from there
// to SQLite again; keys and running sessions work at each place.
func TestInstallationMoves(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := settle(t, s)
	first := filepath.Join(t.TempDir(), "first.archive")
	acknowledged := writeDuring(t, s, func() { s.place().mustDo(t, "export", first) })
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	inPostgres := place{t.TempDir(), pgtest.Database(t)}
	if out, err := inPostgres.do("import", first); err == nil || !strings.Contains(out, "master key") {
		t.Errorf("import without the master key: %v, %s", err, out)
	}
	if out, err := inPostgres.do("import", first, "--master-key", strings.Repeat("ab", 32)); err == nil || !strings.Contains(out, "not the one") {
		t.Errorf("import with another master key: %v, %s", err, out)
	}
	inPostgres.giveKey(t, s.place())
	inPostgres.mustDo(t, "import", first)
	second := inPostgres.serve(t)
	w.check(t, second)
	for _, name := range acknowledged {
		if _, err := second.root().iam().GetUser(t.Context(), &iam.GetUserInput{UserName: &name}); err != nil {
			t.Errorf("%s was acknowledged before the export began: %v", name, err)
		}
	}
	if out, err := inPostgres.do("import", first); err == nil || !strings.Contains(out, "not empty") {
		t.Errorf("import into a store in use: %v, %s", err, out)
	}

	archives := t.TempDir()
	inPostgres.mustDo(t, "backup", archives)
	inFile := place{dir: t.TempDir()}
	inFile.giveKey(t, s.place())
	inFile.mustDo(t, "restore", onlyFile(t, archives))
	w.check(t, inFile.serve(t))
}

// writeDuring makes users on and on while work runs; it returns those that were there when
// work began.
func writeDuring(t testing.TB, s *server, work func()) (before []string) {
	t.Helper()
	people := s.root().iam()
	ctx, stop := context.WithCancel(context.Background())
	made := make(chan string, 10_000)
	var writers sync.WaitGroup
	for n := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				name := fmt.Sprintf("user-%d-%d", n, i)
				if _, err := people.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err == nil {
					made <- name
				}
			}
		})
	}
	for range 20 {
		before = append(before, <-made)
	}
	work()
	stop()
	writers.Wait()
	return before
}

func onlyFile(t testing.TB, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in %s: %v", len(files), dir, err)
	}
	return filepath.Join(dir, files[0].Name())
}

// TestDamagedDatabaseIsRestored backs a server up while it is written to, damages its file,
// and follows what it says at the next start.
func TestDamagedDatabaseIsRestored(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := settle(t, s)
	backups := t.TempDir()
	writeDuring(t, s, func() { s.place().mustDo(t, "backup", backups) })
	backup := onlyFile(t, backups)
	if out, err := s.place().do("restore", "--replace", backup); err == nil || !strings.Contains(out, "in use") {
		t.Errorf("restore under a running server: %v, %s", err, out)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, "bailiwick.db")
	damage(t, path)
	out, err := s.place().do("serve", "--listen", "127.0.0.1:0")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(out, "damaged") || !strings.Contains(out, "bailiwick restore --replace --data-dir "+s.dir) {
		t.Fatalf("start on a damaged file: %v\n%s", err, out)
	}
	if out, err := s.place().do("restore", backup); err == nil || !strings.Contains(out, "--replace") {
		t.Errorf("restore over data: %v, %s", err, out)
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	text, err := os.ReadFile(backup)
	if err == nil {
		err = os.WriteFile(broken, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	damage(t, broken)
	if out, err := s.place().do("restore", "--replace", broken); err == nil || !strings.Contains(out, "nothing was restored") {
		t.Errorf("restore of a damaged backup: %v, %s", err, out)
	}
	s.place().mustDo(t, "restore", "--replace", backup)
	w.check(t, s.place().serve(t))
	if kept, err := filepath.Glob(path + ".before-restore-*Z"); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
}

// damage overwrites pages of a database with noise.
func damage(t testing.TB, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	_, err = f.WriteAt(bytes.Repeat([]byte{0x5a, 0xa5, 0}, 10*page/3), 4*page)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestImportKilled kills imports in the middle: the store stays empty, and the last import,
// which is let be, finds it so.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := settle(t, s)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	grow(t, filepath.Join(s.dir, "bailiwick.db"))
	archive := filepath.Join(t.TempDir(), "large.archive")
	s.place().mustDo(t, "export", archive)
	for name, p := range map[string]place{"sqlite": {dir: t.TempDir()}, "postgres": {t.TempDir(), pgtest.Database(t)}} {
		t.Run(name, func(t *testing.T) {
			p.giveKey(t, s.place())
			for range 5 {
				cmd := p.command("import", archive)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(50*time.Millisecond + rand.N(150*time.Millisecond))
				_ = cmd.Process.Kill()
				if cmd.Wait() == nil {
					t.Fatal("the import was too fast to be killed")
				}
				if rows := rowsAt(t, p); rows != 0 {
					t.Fatalf("%d rows after a kill", rows)
				}
			}
			p.mustDo(t, "import", archive)
			w.check(t, p.serve(t))
		})
	}
}

// grow adds rows to a store that no server uses.
func grow(t testing.TB, path string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 60_000 {
			if err := tx.PutSetting(fmt.Sprintf("test/%d", i), strings.Repeat("x", 100)); err != nil {
				return err
			}
		}
		return nil
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// rowsAt counts the rows of a place; one without a schema has none.
func rowsAt(t testing.TB, p place) int64 {
	t.Helper()
	options := store.Options{URL: p.url}
	if p.url == "" {
		options.Path = filepath.Join(p.dir, "bailiwick.db")
	}
	db, err := store.OpenReadOnly(t.Context(), options)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := store.Export(t.Context(), db, io.Discard, true)
	if err != nil && strings.Contains(err.Error(), "schema_migrations") {
		out, err = store.Archive{}, nil
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Rows
}
