package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bailiwick/bailiwick/demo"
)

func TestHistogramIsOffByLittle(t *testing.T) {
	var h, other histogram
	random := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	for i := range 20_000 {
		d := time.Duration(random.ExpFloat64() * float64(5*time.Millisecond)).Truncate(time.Microsecond)
		all = append(all, d)
		if i%2 == 0 {
			h.record(d)
		} else {
			other.record(d)
		}
	}
	h.add(&other)
	slices.Sort(all)
	for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999} {
		want, got := all[int(q*float64(len(all)))], h.quantile(q)
		if diff := (got - want).Abs(); diff > want/32+2*time.Microsecond {
			t.Errorf("quantile %v = %v, want %v", q, got, want)
		}
	}
	if h.max != all[len(all)-1] || h.quantile(1) != h.max || h.count != 20_000 {
		t.Errorf("max %v, quantile 1 %v, count %d", h.max, h.quantile(1), h.count)
	}
	h.record(48 * time.Hour) // beyond the last bucket
	if got := h.quantile(1); got != 48*time.Hour {
		t.Errorf("longest = %v", got)
	}
}

func TestBucketsAreInOrder(t *testing.T) {
	for b := 1; b < buckets; b++ {
		if lowest(b) <= lowest(b-1) || bucketOf(uint64(lowest(b).Microseconds())) != b {
			t.Fatalf("bucket %d begins at %v, which is in bucket %d", b, lowest(b), bucketOf(uint64(lowest(b).Microseconds())))
		}
	}
}

func TestOnlyLoopbackIsLoaded(t *testing.T) {
	for _, c := range []struct {
		endpoint, host string
		ok             bool
	}{
		{"http://127.0.0.1:4566", "", true},
		{"https://[::1]:4566", "", true},
		{"http://localhost:4566", "", true},
		{"http://192.0.2.1:4566", "", false},
		{"http://organizations.example.com", "", false},
		{"http://127.0.0.1.example.com", "", false},
		{"http://staging.example.com:80", "staging.example.com", true},
		{"http://production.example.com:80", "staging.example.com", false},
		{"127.0.0.1:4566", "", false},
	} {
		if err := mayLoad(c.endpoint, c.host); (err == nil) != c.ok {
			t.Errorf("%s with -host %q: %v", c.endpoint, c.host, err)
		}
	}
}

func TestFlagsAreBounded(t *testing.T) {
	for _, args := range []string{
		"", "-endpoint http://127.0.0.1:1", "-binary x -endpoint http://127.0.0.1:1", "-binary x -clients 0", "-binary x -clients 5000",
		"-binary x -duration 25h", "-binary x -soak 25h", "-binary x -requests 0", "-binary x -rate -1", "-binary x -reads 0 -assumes 0 -writes 0",
		"-binary x -every 1ms", "-binary x and more",
	} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
	if c, err := parse(strings.Fields("-binary x -soak 30m -rate 500")); err != nil || c.duration != 30*time.Minute {
		t.Errorf("%+v, %v", c, err)
	}
}

// quiet stands in for a server: it counts who asked what and fails when told to.
func quiet(t *testing.T, answer func(operation string, w http.ResponseWriter)) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
			t.Errorf("%v, Authorization %q", err, r.Header.Get("Authorization"))
		}
		operation := r.Header.Get("X-Amz-Target")
		if operation == "" {
			form, err := url.ParseQuery(string(body))
			if err != nil {
				t.Error(err)
			}
			operation = form.Get("Action")
		}
		answer(operation, w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func inventory() *demo.Large {
	return &demo.Large{
		RootID: "r-test", Admin: demo.Person{AccessKeyID: "AKIA1", Secret: "s"},
		Accounts: []demo.Member{{ID: "111111111111"}}, Units: []demo.Unit{{ID: "ou-test-11111111", Depth: 1}},
		Machines: []demo.Person{{AccountID: "111111111111", AccessKeyID: "AKIA2", Secret: "s"}},
	}
}

func TestErrorsAreCountedByCode(t *testing.T) {
	endpoint := quiet(t, func(operation string, w http.ResponseWriter) {
		w.WriteHeader(http.StatusBadRequest)
		if strings.HasPrefix(operation, "AWSOrganizations") {
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.organizations#TooManyRequestsException"}`)
			return
		}
		_, _ = io.WriteString(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>Throttling</Code></Error></ErrorResponse>`)
	})
	w := newWorld(endpoint, 2, inventory())
	r := w.load(context.Background(), newMix(weighted{1, (*client).identity}, weighted{1, (*client).accountsPage}), limits{clients: 2, requests: 200, duration: time.Minute})
	if n := r.of("GetCallerIdentity").errors["400 Throttling"]; n != r.of("GetCallerIdentity").times.count || n == 0 {
		t.Errorf("GetCallerIdentity: %v", r.of("GetCallerIdentity").errors)
	}
	if n := r.of("ListAccounts").errors["400 TooManyRequestsException"]; n != r.of("ListAccounts").times.count || n == 0 {
		t.Errorf("ListAccounts: %v", r.of("ListAccounts").errors)
	}
	if r.failed() == nil {
		t.Error("failures pass")
	}
	if n := r.all().times.count; n < 200 || n > 202 {
		t.Errorf("%d requests, want 200", n)
	}
	var out bytes.Buffer
	r.print(&out)
	if !strings.Contains(out.String(), "times 400 Throttling") {
		t.Errorf("the table hides errors:\n%s", out.String())
	}
}

// With a rate the time counts from when a request was due: a server that stalls once shows in
// many requests, not in one.
func TestStallsShow(t *testing.T) {
	stalled := make(chan struct{}, 1)
	stalled <- struct{}{}
	endpoint := quiet(t, func(_ string, w http.ResponseWriter) {
		select {
		case <-stalled:
			time.Sleep(300 * time.Millisecond)
		default:
		}
	})
	w := newWorld(endpoint, 1, inventory())
	r := w.load(context.Background(), newMix(weighted{1, (*client).identity}), limits{clients: 1, requests: 100, rate: 200, duration: time.Minute})
	if late := r.all().times.quantile(0.8); late < 50*time.Millisecond {
		t.Errorf("a stall of 300 ms at 200 requests/s shows as p80 = %v", late)
	}
	if r.took < 400*time.Millisecond {
		t.Errorf("100 requests at 200/s took %v", r.took)
	}
}

// What a cycle makes it takes away again, even when time is over in its middle.
func TestCyclesLeaveNothing(t *testing.T) {
	var asked []string
	endpoint := quiet(t, func(operation string, w http.ResponseWriter) {
		operation = strings.TrimPrefix(operation, "AWSOrganizationsV20161128.")
		asked = append(asked, operation)
		switch operation {
		case "AssumeRole", "CreateAccessKey":
			_, _ = io.WriteString(w, `<R><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials></AssumeRoleResult>`+
				`<CreateAccessKeyResult><AccessKey><AccessKeyId>AKIA3</AccessKeyId><SecretAccessKey>s</SecretAccessKey></AccessKey></CreateAccessKeyResult></R>`)
		case "CreateOrganizationalUnit":
			_ = json.NewEncoder(w).Encode(map[string]any{"OrganizationalUnit": map[string]string{"Id": "ou-test-22222222"}})
		}
	})
	w := newWorld(endpoint, 1, inventory())
	for name, c := range map[string]struct {
		do   task
		want []string
	}{
		"unit": {(*client).unitCycle, []string{"CreateOrganizationalUnit", "UpdateOrganizationalUnit", "TagResource", "DeleteOrganizationalUnit"}},
		"tag":  {(*client).tagCycle, []string{"TagResource", "UntagResource"}},
		"key":  {(*client).keyCycle, []string{"AssumeRole", "CreateUser", "CreateAccessKey", "GetCallerIdentity", "DeleteAccessKey", "DeleteUser"}},
	} {
		asked = nil
		r := w.load(context.Background(), newMix(weighted{1, c.do}), limits{clients: 1, requests: 1, duration: time.Minute})
		if !slices.Equal(asked, c.want) || r.failed() != nil {
			t.Errorf("%s: asked %v, want %v; %v", name, asked, c.want, r.failed())
		}
	}
}

func TestSessionsAreSigned(t *testing.T) {
	var token string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { token = r.Header.Get("X-Amz-Security-Token") }))
	t.Cleanup(server.Close)
	s := newSigner(server.URL, 1)
	if _, err := s.send(query("sts", "GetCallerIdentity", aws.Credentials{AccessKeyID: "ASIA1", SecretAccessKey: "s", SessionToken: "token"})); err != nil || token != "token" {
		t.Errorf("token %q, %v", token, err)
	}
}

const page = `# HELP go_goroutines Number of goroutines that currently exist.
go_goroutines 17
go_memstats_heap_inuse_bytes 1.048576e+06
process_resident_memory_bytes 5.24288e+07
process_open_fds 12
process_cpu_seconds_total 3.5
`

func TestGauges(t *testing.T) {
	got, err := parseGauges(strings.NewReader(page))
	if want := []float64{50, 1, 17, 12, 3.5}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := parseGauges(strings.NewReader("go_goroutines 17\n")); err == nil {
		t.Error("a page without memory passes")
	}
}

func TestJudge(t *testing.T) {
	soak := func(memory func(n int) float64) *watch {
		w := &watch{}
		for n := range 200 {
			w.samples = append(w.samples, sample{values: []float64{memory(n), 0, 40, 20, float64(n)}})
		}
		return w
	}
	for name, c := range map[string]struct {
		memory func(n int) float64
		grows  bool
	}{
		"steady":            {func(n int) float64 { return 80 + float64(n%7) }, false},
		"warms up":          {func(n int) float64 { return min(float64(n)*5, 150) }, false},
		"leaks":             {func(n int) float64 { return 80 + float64(n) }, true},
		"leaks a little":    {func(n int) float64 { return 80 + float64(n)/10 }, false},
		"goes up and down":  {func(n int) float64 { return 80 + float64(n%100) }, false},
		"steps up and stay": {func(n int) float64 { return 80 + float64(n/100)*60 }, false},
	} {
		if err := soak(c.memory).judge(io.Discard); (err != nil) != c.grows {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := &watch{samples: soak(func(int) float64 { return 1 }).samples[:20]}
	if short.judge(io.Discard) == nil {
		t.Error("20 samples are judged")
	}
}
