package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// connections is how many clients ask at the same time: so many that both cores have work.
const connections = 32

// bareServer is set in the environment of the process that plays the server without
// anything behind it: it reads a body and answers one of so many bytes.
const bareServer = "BAILIWICK_E2E_BARE"

func serveBare() int {
	length, err := strconv.Atoi(os.Getenv(bareServer))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("  Endpoint  http://%s\n", listener.Addr())
	answer := bytes.Repeat([]byte("x"), length)
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		w.Write(answer) //nolint:errcheck // the client is the benchmark
	}))
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// process is a server process that a benchmark loads.
type process struct {
	endpoint string
	pid      int
}

// launch starts a command that prints its endpoint as the banner does.
func launch(b *testing.B, cmd *exec.Cmd) process {
	b.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) == 2 && f[0] == "Endpoint" {
			return process{f[1], cmd.Process.Pid}
		}
	}
	b.Fatal("no endpoint")
	return process{}
}

// launchBare starts a server that does nothing but answer so many bytes.
func launchBare(b *testing.B, length int) process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), bareServer+"="+strconv.Itoa(length))
	return launch(b, cmd)
}

func launchServer(b *testing.B, args ...string) (process, as) {
	cmd := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", b.TempDir(), "--rate-limit", "0"}, args...)...)
	cmd.Env = append(os.Environ(), "BAILIWICK_ACCOUNT_ID="+managementID,
		"BAILIWICK_ROOT_ACCESS_KEY_ID="+rootKeyID, "BAILIWICK_ROOT_SECRET_ACCESS_KEY="+rootSecret)
	p := launch(b, cmd)
	s := &server{t: b, endpoint: p.endpoint}
	return p, s.root()
}

// cpu is the processor time of a process so far: fields utime and stime of proc(5), in
// clock ticks of 10 ms.
func (p process) cpu(b *testing.B) time.Duration {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "stat"))
	if err != nil {
		b.Skipf("no /proc: %v", err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		b.Fatal(err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is the resident set of a process in MiB.
func (p process) memory(b *testing.B) float64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "statm"))
	if err != nil {
		b.Skipf("no /proc: %v", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / (1 << 20)
}

// signed returns the bytes of a signed request: they are sent again and again, so that the
// client costs little beside the server.
func signed(b *testing.B, who as, service, contentType, target, body string) []byte {
	b.Helper()
	req, err := http.NewRequest(http.MethodPost, who.s.endpoint+"/", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	c, err := who.Credentials.Retrieve(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), c, req, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now()); err != nil {
		b.Fatal(err)
	}
	var raw bytes.Buffer
	if err := req.Write(&raw); err != nil {
		b.Fatal(err)
	}
	return raw.Bytes()
}

// loadFrom sends raw b.N times over so many connections and reports requests/s and the server's
// processor time for each.
func loadFrom(b *testing.B, p process, clients int, raw func(worker, n int) []byte, ok func(status int, body []byte) bool) {
	b.Helper()
	before := p.cpu(b)
	b.ResetTimer()
	sendFrom(b, p, clients, b.N, raw, ok)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(float64((p.cpu(b)-before).Microseconds())/float64(b.N), "server-cpu-us/req")
}

// sendAll sends count requests over a few connections; raw gives the n-th, from 0.
func sendAll(b *testing.B, p process, count int, raw func(worker, n int) []byte, ok func(status int, body []byte) bool) {
	b.Helper()
	sendFrom(b, p, connections, count, raw, ok)
}

// sendFrom is sendAll with a number of connections.
func sendFrom(b *testing.B, p process, clients, count int, raw func(worker, n int) []byte, ok func(status int, body []byte) bool) {
	b.Helper()
	var next atomic.Int64
	var workers sync.WaitGroup
	for w := range clients {
		workers.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.endpoint, "http://"))
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			reader := bufio.NewReader(conn)
			for n := next.Add(1); n <= int64(count); n = next.Add(1) {
				if _, err := conn.Write(raw(w, int(n-1))); err != nil {
					b.Error(err)
					return
				}
				res, err := http.ReadResponse(reader, nil)
				if err != nil {
					b.Error(err)
					return
				}
				text, err := io.ReadAll(res.Body)
				if err != nil || !ok(res.StatusCode, text) {
					b.Errorf("status %d, %v: %s", res.StatusCode, err, text)
					return
				}
			}
		})
	}
	workers.Wait()
}

func is200(status int, _ []byte) bool { return status == http.StatusOK }

func always(raw []byte) func(int, int) []byte { return func(int, int) []byte { return raw } }

// BenchmarkRequests compares signed, authorized and audited calls with a server that does
// nothing with the same requests and answers as many bytes, in one run.
func BenchmarkRequests(b *testing.B) {
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	p, root := launchServer(b, "--log-level", "info")
	admin, role := benchAdmin(b, root)
	const assume = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&RoleArn="
	for _, c := range []struct {
		name   string
		raw    []byte
		status int
	}{
		{"GetCallerIdentity", signed(b, admin, "sts", form, "", "Action=GetCallerIdentity&Version=2011-06-15"), http.StatusOK},
		{"DescribeOrganization", signed(b, admin, "organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128.DescribeOrganization", "{}"), http.StatusOK},
		{"AssumeRole", signed(b, admin, "sts", form, "", assume+role), http.StatusOK},
		{"refused", signed(b, admin, "sts", form, "", assume+"arn%3Aaws%3Aiam%3A%3A999999999999%3Arole%2Fnone"), http.StatusForbidden},
	} {
		length := 0
		sendFrom(b, p, 1, 1, always(c.raw), func(status int, body []byte) bool {
			length = len(body)
			return status == c.status
		})
		bare := launchBare(b, length)
		b.Run(c.name, func(b *testing.B) {
			bySide(b, []side{
				{"bare-", bare, is200},
				{"", p, func(status int, _ []byte) bool { return status == c.status }},
			}, c.raw)
		})
	}
}

// side is one of two servers that get the same requests; its figures have its name in front.
type side struct {
	name   string
	server process
	ok     func(status int, body []byte) bool
}

// bySide sends b.N requests to both sides, a few thousand to one and then as many to the other:
// the speed of a machine that others use changes from second to second. It reports requests/s
// and processor time of both, and the second rate in percent of the first.
func bySide(b *testing.B, sides []side, raw []byte) {
	b.Helper()
	const turn = 5000
	took, cpu := make([]time.Duration, len(sides)), make([]time.Duration, len(sides))
	for sent := 0; sent < b.N; sent += turn {
		count := min(turn, b.N-sent)
		for i, s := range sides {
			before, began := s.server.cpu(b), time.Now()
			sendFrom(b, s.server, connections, count, always(raw), s.ok)
			took[i] += time.Since(began)
			cpu[i] += s.server.cpu(b) - before
		}
	}
	for i, s := range sides {
		b.ReportMetric(float64(b.N)/took[i].Seconds(), s.name+"req/s")
		b.ReportMetric(float64(cpu[i].Microseconds())/float64(b.N), s.name+"cpu-us/req")
	}
	b.ReportMetric(100*took[0].Seconds()/took[1].Seconds(), "%bare")
}

// benchAdmin makes an organization, an administrator and an account with its role.
func benchAdmin(b *testing.B, root as) (admin as, role string) {
	b.Helper()
	ctx := context.Background()
	org := root.organizations()
	if _, err := org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		b.Fatal(err)
	}
	created, err := org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("Bench"), Email: aws.String("bench@example.com")})
	if err != nil {
		b.Fatal(err)
	}
	status, err := org.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: created.CreateAccountStatus.Id})
	if err != nil {
		b.Fatal(err)
	}
	name := aws.String("admin")
	if _, err := root.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		b.Fatal(err)
	}
	if _, err := root.iam().AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
		b.Fatal(err)
	}
	key, err := root.iam().CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		b.Fatal(err)
	}
	admin = root.s.with(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	return admin, "arn%3Aaws%3Aiam%3A%3A" + *status.CreateAccountStatus.AccountId + "%3Arole%2FOrganizationAccountAccessRole"
}

// BenchmarkCreateUnits makes as many OUs as an organization may have: each is on disk when it
// is answered, with its default policy and its audit event.
func BenchmarkCreateUnits(b *testing.B) {
	const count = 1900
	for b.Loop() {
		b.StopTimer()
		p, root := launchServer(b, "--log-level", "warn")
		admin, _ := benchAdmin(b, root)
		roots, err := root.organizations().ListRoots(context.Background(), &organizations.ListRootsInput{})
		if err != nil {
			b.Fatal(err)
		}
		raw := make([][]byte, count)
		for i := range raw {
			raw[i] = signed(b, admin, "organizations", "application/x-amz-json-1.1", "AWSOrganizationsV20161128.CreateOrganizationalUnit",
				fmt.Sprintf(`{"ParentId":%q,"Name":"Unit %d"}`, *roots.Roots[0].Id, i))
		}
		b.StartTimer()
		began := time.Now()
		sendAll(b, p, count, func(_, n int) []byte { return raw[n] }, is200)
		b.ReportMetric(count/time.Since(began).Seconds(), "OU/s")
	}
}

// BenchmarkStart measures from the start of the process to its first answer.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--log-level", "warn")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if f := strings.Fields(lines.Text()); len(f) == 2 && f[0] == "Endpoint" {
				res, err := http.Get(f[1] + "/_bailiwick/ready")
				if err != nil || res.StatusCode != http.StatusOK {
					b.Fatal(err, res)
				}
				res.Body.Close()
				break
			}
		}
		b.StopTimer()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		b.StartTimer()
	}
}
