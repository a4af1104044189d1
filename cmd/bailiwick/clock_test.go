package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// clocked is a server whose clock the test turns.
type clocked struct {
	*node
	t   *testing.T
	now atomic.Int64
}

func (c *clocked) time() time.Time       { return time.Unix(0, c.now.Load()) }
func (c *clocked) turn(by time.Duration) { c.now.Add(int64(by)) }
func (c *clocked) root() aws.Credentials {
	return aws.Credentials{AccessKeyID: testKeyID, SecretAccessKey: testSecret}
}

func (c *clocked) users(name string) string {
	return "Action=CreateUser&Version=2010-05-08&UserName=" + name
}

// ask sends a request that was signed at a time. No clock may make a failure of ours.
func (c *clocked) ask(who aws.Credentials, service, body string, signed time.Time) outcome {
	c.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if service == "cloudtrail" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "CloudTrail_20131101.LookupEvents")
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), who, r, hex.EncodeToString(sum[:]), service, "us-east-1", signed); err != nil {
		c.t.Fatal(err)
	}
	o := c.call(r)
	if o.status >= http.StatusInternalServerError {
		c.t.Fatalf("%s at %v: %d %s", body, c.time(), o.status, o.body)
	}
	return o
}

var credentialOf = regexp.MustCompile(`<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<`)

// session is a session that begins now and lasts an hour.
func (c *clocked) session(name string) aws.Credentials {
	c.t.Helper()
	o := c.ask(c.root(), "sts", "Action=GetFederationToken&Version=2011-06-15&Name="+name+"&DurationSeconds=3600&PolicyArns.member.1.arn="+
		url.QueryEscape("arn:aws:iam::aws:policy/AdministratorAccess"), c.time())
	if o.status != http.StatusOK {
		c.t.Fatalf("no session for %s: %d %s", name, o.status, o.body)
	}
	var out aws.Credentials
	for _, m := range credentialOf.FindAllStringSubmatch(o.body, -1) {
		switch m[1] {
		case "AccessKeyId":
			out.AccessKeyID = m[2]
		case "SecretAccessKey":
			out.SecretAccessKey = m[2]
		case "SessionToken":
			out.SessionToken = m[2]
		}
	}
	return out
}

// A clock that jumps, as those of machines do that were asleep or are set right, makes
// signatures and sessions too old or valid again, and nothing else: writes go on, and no
// event of one is lost.
func TestClockThatJumps(t *testing.T) {
	c := &clocked{t: t}
	c.now.Store(time.Now().Truncate(time.Second).UnixNano())
	f := &serverFlags{
		DataDir: t.TempDir(), AccountID: "111122223333", AccountName: "Test", RootEmail: "root@example.com", Listen: "127.0.0.1:0",
		AccountLimit: 100, AuditDays: 3650, RootAccessKeyID: testKeyID, RootSecretAccessKey: testSecret, now: c.time,
	}
	n, err := newNode(t.Context(), f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.node = n
	defer func() {
		if err := n.close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	const identity = "Action=GetCallerIdentity&Version=2011-06-15"
	made := map[string]bool{}
	write := func() {
		t.Helper()
		name := fmt.Sprintf("user-%d", len(made))
		if o := c.ask(c.root(), "iam", c.users(name), c.time()); o.status != http.StatusOK {
			t.Fatalf("CreateUser at %v: %d %s", c.time(), o.status, o.body)
		}
		made[name] = true
	}
	first, begun := c.session("first"), c.time()
	for _, step := range []struct {
		by time.Duration
		// old is what becomes of a request that was signed before the clock jumped, and session
		// of one by the first session.
		old, session string
	}{
		{10 * time.Minute, "", ""},
		{2 * time.Hour, "SignatureDoesNotMatch", "ExpiredToken"},
		{-100 * time.Minute, "SignatureDoesNotMatch", ""},
		{40 * 24 * time.Hour, "SignatureDoesNotMatch", "ExpiredToken"},
		{-40 * 24 * time.Hour, "SignatureDoesNotMatch", ""},
	} {
		before := c.time()
		write()
		c.turn(step.by)
		write()
		if o := c.ask(c.root(), "sts", identity, before); o.code != step.old {
			t.Errorf("by %v: a request from before the jump: %d %q, want %q", step.by, o.status, o.code, step.old)
		}
		if o := c.ask(first, "sts", identity, c.time()); o.code != step.session {
			t.Errorf("by %v, %v after its start: the session: %d %q, want %q", step.by, c.time().Sub(begun), o.status, o.code, step.session)
		}
		if o := c.ask(c.session("another"), "sts", identity, c.time()); o.status != http.StatusOK {
			t.Errorf("by %v: a new session: %d %s", step.by, o.status, o.body)
		}
	}

	c.turn(50 * 24 * time.Hour)
	found := map[string]bool{}
	for next := ""; ; {
		body, err := json.Marshal(map[string]any{
			"LookupAttributes": []map[string]string{{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}},
			"StartTime":        begun.Add(-time.Hour).Unix(), "EndTime": c.time().Unix(), "NextToken": next,
		})
		if err != nil {
			t.Fatal(err)
		}
		if next == "" {
			body = []byte(strings.Replace(string(body), `"NextToken":"",`, "", 1))
		}
		o := c.ask(c.root(), "cloudtrail", string(body), c.time())
		var page struct {
			Events    []struct{ CloudTrailEvent string }
			NextToken string
		}
		if err := json.Unmarshal([]byte(o.body), &page); err != nil || o.status != http.StatusOK {
			t.Fatalf("LookupEvents: %d %s", o.status, o.body)
		}
		for _, e := range page.Events {
			for name := range made {
				if strings.Contains(e.CloudTrailEvent, `"userName":"`+name+`"`) {
					found[name] = true
				}
			}
		}
		if next = page.NextToken; next == "" {
			break
		}
	}
	if len(found) != len(made) {
		t.Errorf("events of %d users of %d are found: %v", len(found), len(made), found)
	}
}
