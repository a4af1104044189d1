package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/jackc/pgx/v5"

	"github.com/bailiwick/bailiwick/demo"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// BenchmarkScale shows what grows with an organization and what does not. Each line is one
// measurement of a fixed number of calls: run it with -benchtime 1x.
func BenchmarkScale(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			for _, accounts := range []int{10, 1_000, 10_000, 50_000} {
				b.Run(strconv.Itoa(accounts), func(b *testing.B) { benchScale(b, kind, accounts) })
			}
		})
	}
}

// scale is one organization of some size.
type scale struct {
	dir, url string
	large    *demo.Large
	process
	admin  as
	random *rand.Rand
}

func benchScale(b *testing.B, kind string, accounts int) {
	// The folder outlives the sub-benchmarks, each of which has a temporary folder of its own.
	s := &scale{dir: b.TempDir(), random: rand.New(rand.NewPCG(1, 1))}
	if kind == "postgres" {
		s.url = pgtest.Database(b)
	}
	b.Run("Build", func(b *testing.B) { s.build(b, accounts) })
	if s.large == nil {
		b.Fatal("-bench has to take Build along")
	}
	b.Run("Start", s.start)
	s.serve(b)
	for _, m := range []struct {
		name string
		run  func(b *testing.B)
	}{
		{"MemoryIdle", func(b *testing.B) { report(b, "MiB", s.memory(b)) }},
		{"GetCallerIdentity", s.identities},
		{"AssumeRole", s.assume},
		{"AssumeRoleAfterAttach", s.attach},
		{"ListAccounts", s.list},
		{"ListAccountsForParent", s.listUnit},
		{"MoveAccount", s.move},
		{"MoveUnit", s.moveUnit},
		{"EnablePolicyType", s.enable},
		{"TouchAll", s.touchAll},
		{"Size", s.size},
		{"Backup", s.backup},
	} {
		b.Run(m.name, m.run)
	}
}

// report reports one number in place of the time per operation.
func report(b *testing.B, unit string, value float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(value, unit)
}

// reportTimes reports the quantiles of times in milliseconds.
func reportTimes(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[min(int(q*float64(len(times))), len(times)-1)].Microseconds()) / 1000
	}
	report(b, "p50-ms", at(0.5))
	b.ReportMetric(at(0.99), "p99-ms")
}

func (s *scale) flags() []string {
	args := []string{"--data-dir", s.dir}
	if s.url != "" {
		args = append(args, "--database-url", s.url)
	}
	return args
}

// command is the binary with the store's flags.
func (s *scale) command(verb string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, append(append([]string{verb}, s.flags()...), args...)...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// build makes the organization through the APIs.
func (s *scale) build(b *testing.B, accounts int) {
	inventory := filepath.Join(s.dir, "inventory.json")
	cmd := s.command("demo", "--listen", "127.0.0.1:0", "--accounts", strconv.Itoa(accounts), "--inventory", inventory,
		"--build-only", "--log-level", "warn", "--rate-limit", "0")
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	report(b, "s", time.Since(began).Seconds())
	b.ReportMetric(time.Since(began).Seconds()*1000/float64(accounts), "ms/account")
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	b.ReportMetric(float64(used.Microseconds())/1000/float64(accounts), "cpu-ms/account")
	text, err := os.ReadFile(inventory)
	must(b, err)
	s.large = &demo.Large{}
	must(b, json.Unmarshal(text, s.large))
}

// start measures from the start of the process to its first answer, the best of five.
func (s *scale) start(b *testing.B) {
	best := time.Hour
	for range 5 {
		cmd := s.command("serve", "--listen", "127.0.0.1:0", "--log-level", "warn")
		stdout, err := cmd.StdoutPipe()
		must(b, err)
		began := time.Now()
		must(b, cmd.Start())
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if f := strings.Fields(lines.Text()); len(f) == 2 && f[0] == "Endpoint" {
				res, err := http.Get(f[1] + "/_bailiwick/ready")
				must(b, err)
				must(b, res.Body.Close())
				best = min(best, time.Since(began))
				break
			}
		}
		must(b, cmd.Process.Signal(syscall.SIGTERM))
		must(b, cmd.Wait())
	}
	report(b, "ms", float64(best.Microseconds())/1000)
}

// serve starts the server that the other measurements ask.
func (s *scale) serve(b *testing.B) {
	s.process = launch(b, s.command("serve", "--listen", "127.0.0.1:0", "--log-level", "warn", "--rate-limit", "0"))
	s.admin = (&server{t: b, endpoint: s.endpoint}).with(s.large.Admin.AccessKeyID, s.large.Admin.Secret, "")
}

// wire is one connection to the server.
type wire struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (s *scale) dial(b *testing.B) *wire {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.endpoint, "http://"))
	must(b, err)
	b.Cleanup(func() { _ = conn.Close() }) // nothing is under way any more
	return &wire{conn, bufio.NewReader(conn)}
}

// ask sends a request and returns how long its answer took.
func (w *wire) ask(b *testing.B, raw []byte) time.Duration {
	began := time.Now()
	_, err := w.conn.Write(raw)
	must(b, err)
	res, err := http.ReadResponse(w.reader, nil)
	must(b, err)
	text, err := io.ReadAll(res.Body)
	took := time.Since(began)
	must(b, err)
	if res.StatusCode != http.StatusOK {
		b.Fatalf("status %d: %s", res.StatusCode, text)
	}
	return took
}

// times asks one request after the other on one connection.
func (s *scale) times(b *testing.B, raw [][]byte) []time.Duration {
	w, times := s.dial(b), make([]time.Duration, len(raw))
	for i := range raw {
		times[i] = w.ask(b, raw[i])
	}
	return times
}

const samples = 500

func (s *scale) organizations(b *testing.B, operation string, input any) []byte {
	text, err := json.Marshal(input)
	must(b, err)
	return signed(b, s.admin, "organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128."+operation, string(text))
}

func (s *scale) assumeIn(b *testing.B, accountID string) []byte {
	return signed(b, s.admin, "sts", "application/x-www-form-urlencoded; charset=utf-8", "",
		"Action=AssumeRole&Version=2011-06-15&RoleSessionName=scale&RoleArn=arn%3Aaws%3Aiam%3A%3A"+accountID+"%3Arole%2F"+demo.AdminRole)
}

// some returns accounts in random order, each once: samples of them, or all if there are
// fewer.
func (s *scale) some() []demo.Member {
	n := len(s.large.Accounts)
	some := make([]demo.Member, 0, samples)
	for _, i := range s.random.Perm(n)[:min(n, samples)] {
		some = append(some, s.large.Accounts[i])
	}
	return some
}

// identities asks with keys of many accounts, which the server meets for the first time and
// then again.
func (s *scale) identities(b *testing.B) {
	var raw [][]byte
	for _, i := range s.random.Perm(len(s.large.Machines))[:min(len(s.large.Machines), samples)] {
		m := s.large.Machines[i]
		who := s.admin.s.with(m.AccessKeyID, m.Secret, "")
		raw = append(raw, signed(b, who, "sts", "application/x-www-form-urlencoded; charset=utf-8", "", "Action=GetCallerIdentity&Version=2011-06-15"))
	}
	b.Run("cold", func(b *testing.B) { reportTimes(b, s.times(b, raw)) })
	b.Run("warm", func(b *testing.B) { reportTimes(b, s.times(b, raw)) })
}

func (s *scale) assume(b *testing.B) {
	var raw [][]byte
	for _, a := range s.some() {
		raw = append(raw, s.assumeIn(b, a.ID))
	}
	b.Run("cold", func(b *testing.B) { reportTimes(b, s.times(b, raw)) })
	b.Run("warm", func(b *testing.B) { reportTimes(b, s.times(b, raw)) })
}

// attach measures a change of guardrails at the root, and the first call into an account
// after it: nothing that is known of an account is good any more then.
func (s *scale) attach(b *testing.B) {
	var attached, detached, first, again []time.Duration
	w := s.dial(b)
	ctx := context.Background()
	content := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:RunInstances","Resource":"*"}]}`
	made, err := s.admin.organizations().CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("Scale"), Description: aws.String(""), Type: orgtypes.PolicyTypeServiceControlPolicy, Content: &content,
	})
	must(b, err)
	pair := map[string]string{"PolicyId": *made.Policy.PolicySummary.Id, "TargetId": s.large.RootID}
	for _, a := range s.some()[:min(len(s.large.Accounts), samples/5)] {
		raw := s.assumeIn(b, a.ID)
		w.ask(b, raw)
		attached = append(attached, w.ask(b, s.organizations(b, "AttachPolicy", pair)))
		first = append(first, w.ask(b, raw))
		again = append(again, w.ask(b, raw))
		detached = append(detached, w.ask(b, s.organizations(b, "DetachPolicy", pair)))
	}
	b.Run("attach", func(b *testing.B) { reportTimes(b, attached) })
	b.Run("first", func(b *testing.B) { reportTimes(b, first) })
	b.Run("again", func(b *testing.B) { reportTimes(b, again) })
	b.Run("detach", func(b *testing.B) { reportTimes(b, detached) })
}

// list asks for the first, the middle and the last page of accounts.
func (s *scale) list(b *testing.B) {
	tokens := []string{""}
	client := s.admin.organizations()
	for token := (*string)(nil); ; {
		page, err := client.ListAccounts(context.Background(), &organizations.ListAccountsInput{NextToken: token})
		must(b, err)
		if token = page.NextToken; token == nil {
			break
		}
		tokens = append(tokens, *token)
	}
	for _, p := range []struct {
		name  string
		token string
	}{{"first", tokens[0]}, {"middle", tokens[len(tokens)/2]}, {"last", tokens[len(tokens)-1]}} {
		b.Run(p.name, func(b *testing.B) {
			input := map[string]string{}
			if p.token != "" {
				input["NextToken"] = p.token
			}
			reportTimes(b, s.times(b, slices.Repeat([][]byte{s.organizations(b, "ListAccounts", input)}, samples)))
		})
	}
}

// listUnit asks for the accounts of the OU that has most, and of random ones.
func (s *scale) listUnit(b *testing.B) {
	children := map[string]int{}
	widest := s.large.Units[0].ID
	for _, a := range s.large.Accounts {
		if children[a.ParentID]++; children[a.ParentID] > children[widest] {
			widest = a.ParentID
		}
	}
	b.Run("widest", func(b *testing.B) {
		raw := s.organizations(b, "ListAccountsForParent", map[string]string{"ParentId": widest})
		reportTimes(b, s.times(b, slices.Repeat([][]byte{raw}, samples)))
	})
	b.Run("random", func(b *testing.B) {
		raw := make([][]byte, samples)
		for i := range raw {
			raw[i] = s.organizations(b, "ListAccountsForParent", map[string]string{"ParentId": s.large.Units[s.random.IntN(len(s.large.Units))].ID})
		}
		reportTimes(b, s.times(b, raw))
	})
}

func (s *scale) moving(b *testing.B, a demo.Member, back bool) []byte {
	from, to := a.ParentID, s.large.RootID
	if back {
		from, to = to, from
	}
	return s.organizations(b, "MoveAccount", map[string]string{"AccountId": a.ID, "SourceParentId": from, "DestinationParentId": to})
}

// move moves accounts to the root and back, one after the other.
func (s *scale) move(b *testing.B) {
	var raw [][]byte
	for range 2 {
		for _, a := range s.some()[:min(len(s.large.Accounts), samples/5)] {
			raw = append(raw, s.moving(b, a, false), s.moving(b, a, true))
		}
	}
	reportTimes(b, s.times(b, raw))
}

// moveUnit moves as many accounts as an OU may have, with a few clients at once.
func (s *scale) moveUnit(b *testing.B) {
	const unitful = 32
	some := s.some()
	some = some[:min(len(some), unitful)]
	var took time.Duration
	for _, back := range []bool{false, true} {
		raw := make([][]byte, len(some))
		for i, a := range some {
			raw[i] = s.moving(b, a, back)
		}
		began := time.Now()
		sendAll(b, s.process, len(raw), func(_, n int) []byte { return raw[n] }, is200)
		took += time.Since(began)
	}
	report(b, "ms/account", float64(took.Microseconds())/1000/float64(2*len(some)))
}

// enable takes a policy type away and brings it back, which attaches its default policy to
// every node.
func (s *scale) enable(b *testing.B) {
	w := s.dial(b)
	input := map[string]string{"RootId": s.large.RootID, "PolicyType": "RESOURCE_CONTROL_POLICY"}
	took := w.ask(b, s.organizations(b, "DisablePolicyType", input))
	report(b, "disable-ms", float64(took.Microseconds())/1000)
	b.ReportMetric(float64(w.ask(b, s.organizations(b, "EnablePolicyType", input)).Microseconds())/1000, "enable-ms")
}

// touchAll becomes administrator in every account, and reads the memory after it.
func (s *scale) touchAll(b *testing.B) {
	before, began := s.cpu(b), time.Now()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range connections {
		w := s.dial(b)
		workers.Go(func() {
			for n := next.Add(1); int(n) <= len(s.large.Accounts) && !b.Failed(); n = next.Add(1) {
				w.ask(b, s.assumeIn(b, s.large.Accounts[n-1].ID))
			}
		})
	}
	workers.Wait()
	count := float64(len(s.large.Accounts))
	report(b, "calls/s", count/time.Since(began).Seconds())
	b.ReportMetric(float64((s.cpu(b)-before).Microseconds())/count, "server-cpu-us/call")
	b.ReportMetric(s.memory(b), "MiB")
}

// size is how much the store takes.
func (s *scale) size(b *testing.B) {
	if s.url != "" {
		conn, err := pgx.Connect(context.Background(), s.url)
		must(b, err)
		defer conn.Close(context.Background())
		var size int64
		must(b, conn.QueryRow(context.Background(), `select pg_database_size(current_database())`).Scan(&size))
		report(b, "MB", float64(size)/1e6)
		return
	}
	var size int64
	must(b, filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.Contains(d.Name(), "bailiwick.db") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	}))
	report(b, "MB", float64(size)/1e6)
}

// backup copies the store while the server runs.
func (s *scale) backup(b *testing.B) {
	began := time.Now()
	cmd := s.command("backup", filepath.Join(b.TempDir(), "copy"))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	report(b, "s", time.Since(began).Seconds())
}
