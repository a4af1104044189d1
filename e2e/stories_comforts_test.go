package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	_ "github.com/mattn/go-sqlite3" // the test writes into a data folder

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// command runs a verb of the binary that ends by itself.
func command(t testing.TB, environment []string, args ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), environment...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("bailiwick %s does not end: %s%s", strings.Join(args, " "), o.String(), e.String())
	}
	return o.String(), e.String(), err == nil
}

// complains expects a verb to fail with a complaint that holds all of the words.
func complains(t testing.TB, environment []string, words []string, args ...string) {
	t.Helper()
	_, errs, ok := command(t, environment, args...)
	if ok {
		t.Fatalf("bailiwick %s succeeded", strings.Join(args, " "))
	}
	if strings.Contains(errs, "secret-of-the-database") {
		t.Errorf("bailiwick %s tells a secret: %s", strings.Join(args, " "), errs)
	}
	_, complaint, _ := strings.Cut(errs, "bailiwick: ")
	for _, word := range words {
		if !strings.Contains(complaint, word) {
			t.Errorf("bailiwick %s says %q, without %q", strings.Join(args, " "), errs, word)
		}
	}
	if strings.Contains(errs, "goroutine ") {
		t.Errorf("bailiwick %s panics: %s", strings.Join(args, " "), errs)
	}
}

// The words around the server: version, help, completion.
func TestVerbs(t *testing.T) {
	t.Parallel()
	if out, _, ok := command(t, nil, "version"); !ok || !strings.HasPrefix(out, "bailiwick ") {
		t.Errorf("version: %q", out)
	}
	help, _, ok := command(t, nil, "--help")
	for _, word := range []string{"Usage: bailiwick", "serve", "demo", "account create", "completion", "version", "Start with: bailiwick demo"} {
		if !ok || !strings.Contains(help, word) {
			t.Errorf("--help lacks %q:\n%s", word, help)
		}
	}
	if help, _, ok := command(t, nil, "serve", "--help"); !ok || !strings.Contains(help, "--data-dir") || !strings.Contains(help, "BAILIWICK_DATA_DIR") {
		t.Errorf("serve --help: %s", help)
	}
	complains(t, nil, []string{"unexpected argument", "--help"}, "surf")
	complains(t, nil, []string{"--colour", "--help"}, "serve", "--colour", "red")
	complains(t, nil, []string{"--listen"}, "serve", "--ephemeral", "--listen", "0.0.0.0:0")
	complains(t, nil, []string{"--database-url", "--ephemeral"}, "serve", "--ephemeral", "--database-url", "postgres://127.0.0.1/x")
}

// The completion script is one that bash takes, and it completes.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out, _, ok := command(t, nil, "completion", shell); !ok || !strings.Contains(out, "bailiwick") {
			t.Errorf("completion %s: %q", shell, out)
		}
	}
	complains(t, nil, []string{"bash", "zsh", "fish"}, "completion", "cmd")
	script, _, _ := command(t, nil, "completion", "bash")
	path := filepath.Join(t.TempDir(), "completion")
	must(t, os.WriteFile(path, []byte(script), 0o600))
	for _, c := range []struct{ words, want string }{
		{"bailiwick ser", "serve\n"},
		{"bailiwick serve --data", "--data-dir --database-url\n"},
		{"bailiwick account cr", "create\n"},
		{"bailiwick completion z", "zsh\n"},
	} {
		fields := strings.Fields(c.words)
		try := `source "$1"; COMP_WORDS=(` + c.words + `); COMP_CWORD=` + string(rune('0'+len(fields)-1)) + `; COMPREPLY=(); _bailiwick; echo "${COMPREPLY[@]}"`
		out, err := exec.Command("bash", "-uc", try, "bash", path).CombinedOutput()
		if got := string(out); err != nil || !contains(got, strings.Fields(c.want)) {
			t.Errorf("%q completes to %q (%v), want %q", c.words, got, err, c.want)
		}
	}
}

func contains(text string, words []string) bool {
	have := strings.Fields(text)
	for _, word := range words {
		found := false
		for _, h := range have {
			found = found || h == word
		}
		if !found {
			return false
		}
	}
	return true
}

// What stops a server from starting is said in a line that tells what to do.
func TestServerThatCannotStart(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	fresh := func() []string { return []string{"serve", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0"} }
	t.Run("port taken", func(t *testing.T) {
		address := strings.TrimPrefix(s.endpoint, "http://")
		complains(t, nil, []string{address, "in use", "--listen"}, append(fresh(), "--listen", address)...)
	})
	t.Run("folder in use", func(t *testing.T) {
		complains(t, nil, []string{s.dir, "process"}, "serve", "--data-dir", s.dir, "--listen", "127.0.0.1:0")
		s.root().arn(t) // the first one is none the worse
	})
	t.Run("folder in use beside a database", func(t *testing.T) {
		complains(t, nil, []string{"in use"}, "demo", "--data-dir", s.dir, "--listen", "127.0.0.1:0", "--endpoint", "")
	})
	t.Run("folder cannot be made", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(path, nil, 0o600))
		complains(t, nil, []string{"data folder", path}, "serve", "--data-dir", filepath.Join(path, "below"), "--listen", "127.0.0.1:0")
	})
	t.Run("no database there", func(t *testing.T) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		address := closed.Addr().String()
		must(t, closed.Close())
		complains(t, nil, []string{"open store"}, append(fresh(), "--database-url", "postgres://nobody:secret-of-the-database@"+address+"/none?connect_timeout=2")...)
	})
	t.Run("newer data", func(t *testing.T) {
		newer := start(t, "")
		must(t, newer.stop())
		db, err := sql.Open("sqlite3", filepath.Join(newer.dir, "bailiwick.db"))
		must(t, err)
		_, err = db.Exec(`insert into schema_migrations (version, name, checksum, applied_at) values (9999, 'future', 'x', 0)`)
		must(t, err)
		must(t, db.Close())
		complains(t, nil, []string{"9999", "newer bailiwick"}, "serve", "--data-dir", newer.dir, "--listen", "127.0.0.1:0")
	})
	t.Run("another master key", func(t *testing.T) {
		other := start(t, "")
		must(t, other.stop())
		complains(t, []string{"BAILIWICK_MASTER_KEY=" + strings.Repeat("ab", 32)}, []string{"master key", "--master-key"}, "serve", "--data-dir", other.dir, "--listen", "127.0.0.1:0")
	})
}

// The banner is enough to go on with: its lines, pasted into a shell, make the aws CLI work.
func TestBannerCanBePasted(t *testing.T) {
	t.Parallel()
	needsEndpointVariable(t)
	dir := t.TempDir()
	s := &server{t: t, dir: dir, plain: true}
	s.run()
	t.Cleanup(s.kill)
	paste := func() string {
		t.Helper()
		eventually(t, "the banner ends", func() bool { return strings.Contains(s.banner.String(), "aws sts get-caller-identity") })
		var exports []string
		for line := range strings.Lines(s.banner.String()) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "export ") {
				exports = append(exports, line)
			}
		}
		cmd := exec.Command("bash", "-euc", strings.Join(exports, "\n")+"\naws sts get-caller-identity --query Arn --output text")
		cmd.Env = home{s, t.TempDir()}.environment()
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s\n%s", err, out, s.banner)
		}
		return strings.TrimSpace(string(out))
	}
	first := paste()
	if !strings.HasPrefix(first, "arn:aws:iam::") || !strings.HasSuffix(first, ":root") {
		t.Errorf("the banner's keys are of %s", first)
	}
	for _, word := range []string{"Bailiwick ", "Account", "Data      " + dir, "shown once", filepath.Join(dir, "credentials")} {
		if !strings.Contains(s.banner.String(), word) {
			t.Errorf("the banner lacks %q:\n%s", word, s.banner)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "credentials"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials file: %v %v", info, err)
	}
	// At the second start the secret is not shown any more, but where it is.
	s.restart()
	if second := paste(); second != first {
		t.Errorf("after a restart the keys are of %s, before of %s", second, first)
	}
	if strings.Contains(s.banner.String(), "AWS_SECRET_ACCESS_KEY") {
		t.Error("the secret is shown twice")
	}
}

// An orderly end writes what waits; the next start has everything, the events too.
func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		unit := w.unit(t, w.rootID, "Kept")
		account := w.account(t, unit, "Kept", "")
		id := w.scp(t, "Kept", deny("iam:ListUsers", "*"), unit)
		refused := deniedBy(controlPolicy, w.scpARN(id))
		who := sessionARN(account, adminRole)
		inside := w.inside(t, account)
		denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), refused)
		if err := s.stop(); err != nil {
			t.Fatalf("an orderly end fails: %v\n%s", err, s.log)
		}
		if !strings.Contains(s.log.String(), "shutting down") {
			t.Error("the log does not say that the server ends")
		}
		s.run()
		again := s.with(keysOf(t, inside))
		denied(t, again.listUsers(), who, "iam:ListUsers", usersARN(account), refused)
		admin := s.with(keysOf(t, w.admin))
		children, err := admin.organizations().ListAccountsForParent(context.Background(), &organizations.ListAccountsForParentInput{ParentId: &unit})
		if err != nil || len(children.Accounts) != 1 || *children.Accounts[0].Id != account {
			t.Errorf("in the unit: %v %v", children, err)
		}
		// The refusal of before the restart, read and refused calls included, is in the log.
		got := admin.ok(t, "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=AttachPolicy", "--query", "length(Events)")
		if strings.TrimSpace(got) != "1" {
			t.Errorf("events of AttachPolicy: %s", got)
		}
		s.kill() // as a power cut would
		s.run()
		denied(t, s.with(keysOf(t, inside)).listUsers(), who, "iam:ListUsers", usersARN(account), refused)
	})
}

func keysOf(t testing.TB, a as) (id, secret, token string) {
	t.Helper()
	c, err := a.Credentials.Retrieve(context.Background())
	must(t, err)
	return c.AccessKeyID, c.SecretAccessKey, c.SessionToken
}

// Each request leaves one line with who, what and what was decided, and no secret.
func TestLogLineOfEachRequest(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	admin := s.root().newUser(t, "admin", allow("iam:GetUser", "*"))
	eventually(t, "the log rests", func() bool { return strings.Contains(s.log.String(), "operation=CreateAccessKey") })
	before := len(strings.Split(s.log.String(), "\n"))
	admin.arn(t)
	if err := admin.listUsers(); err == nil {
		t.Fatal("allowed")
	}
	s.with(rootKeyID, "wrong-secret-wrong-secret-wrong-secret-1", "").identity(t, "SignatureDoesNotMatch", "InvalidSignatureException", "")
	wants := [][]string{
		{"level=INFO", "msg=request", "request_id=", "service=sts", "operation=GetCallerIdentity", "caller=" + userARN(managementID, "admin"), "source_ip=127.0.0.1", "decision=allowed", "status=200", "took="},
		{"service=iam", "operation=ListUsers", "caller=" + userARN(managementID, "admin"), "code=AccessDenied", "decision=denied", "status=403", "because no identity-based policy allows"},
		{"service=sts", "operation=GetCallerIdentity", "code=SignatureDoesNotMatch", "status=403"},
		{"service=organizations", "operation=DescribeOrganization", "code=InvalidSignatureException", "status=400"},
	}
	var lines []string
	eventually(t, "a line for each request", func() bool { // it is written after the answer
		lines = strings.Split(strings.TrimSpace(s.log.String()), "\n")[before-1:]
		return len(lines) >= len(wants)
	})
	if len(lines) != len(wants) {
		t.Fatalf("%d lines for %d requests:\n%s", len(lines), len(wants), strings.Join(lines, "\n"))
	}
	for n, want := range wants {
		for _, word := range want {
			if !strings.Contains(lines[n], word) {
				t.Errorf("line %q lacks %q", lines[n], word)
			}
		}
	}
	if _, secret, _ := keysOf(t, admin); strings.Contains(s.log.String(), secret) || strings.Contains(s.log.String(), rootSecret) {
		t.Error("a secret is in the log")
	}
}

// Two servers beside one PostgreSQL database are one: what one writes, the other enforces.
func TestTwoServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	url, key := pgtest.Database(t), "--master-key="+strings.Repeat("cd", 32)
	one, two := start(t, url, key), start(t, url, key)
	w := organize(t, one)
	account := w.account(t, w.rootID, "Member", "")
	inside := w.inside(t, account)
	there := two.with(keysOf(t, inside))
	may(t, "a session of the other server", there.listUsers())
	id := w.scp(t, "NoListing", deny("iam:ListUsers", "*"), account)
	eventually(t, "the policy holds at the other server", func() bool { return there.listUsers() != nil })
	denied(t, there.listUsers(), sessionARN(account, adminRole), "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(id)))
}

// eventually waits for what other nodes learn within a second.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("%s: not within 5 s", what)
}

// The operator's paths answer health without keys, and open accounts for the token only.
func TestOperatorPaths(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for path, status := range map[string]int{"health": 200, "ready": 200, "version": 200, "nothing": 404} {
		res, err := http.Get(s.endpoint + "/_bailiwick/" + path)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode != status {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	create := []string{"account", "create", "--endpoint", s.endpoint, "--name", "X", "--email", "x@example.com"}
	complains(t, []string{"BAILIWICK_OPERATOR_TOKEN=guess"}, []string{"token"}, create...)
	outside := s.openAccount(t, "Customer")
	_, err := outside.organizations().DescribeOrganization(context.Background(), &organizations.DescribeOrganizationInput{})
	fails(t, err, "AWSOrganizationsNotInUseException", "")
	complains(t, []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken}, []string{"an account with this e-mail address exists"},
		"account", "create", "--endpoint", s.endpoint, "--name", "Customer", "--email", "customer@example.org")
}
