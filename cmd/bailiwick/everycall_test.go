package main

import (
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
)

// specimens are values that the models' patterns ask for.
var specimens = []string{
	"x", "111122223333", "r-abcd", "ou-abcd-12345678", "p-12345678", "car-12345678", "h-12345678", "rp-12345678", "ht-12345678", "o-exampleorgid",
	"somebody@example.com", "us-east-1", "xx", "123456", "AKIAQQQQQQQQQQQQQQQQ", "/x/", "2026-01-01", "US", "sso.amazonaws.com",
	"arn:aws:iam::111122223333:role/x", "arn:aws:organizations::111122223333:policy/o-exampleorgid/service_control_policy/p-12345678",
	"arn:aws:organizations::111122223333:handshake/o-exampleorgid/invite/h-12345678", "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/12345678",
	"https://example.com/x", "+1 555 0100", `{"Version":"2012-10-17","Statement":[]}`, strings.Repeat("x", 8), strings.Repeat("x", 20), strings.Repeat("1", 32),
	strings.Repeat("x", 36), strings.Repeat("x", 64), strings.Repeat("x", 200), strings.Repeat("x", 1100), "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
	"12345678-1234-1234-1234-123456789012", "arn:aws:sts::111122223333:federated-user/x", "billing.amazonaws.com", "st-12345678", "rt-12345678", "v1", "o-exampleorgid/r-abcd/", strings.Repeat("a", 40), "RS256",
}

// fits reports whether the model lets a string through.
func fits(s *smithy.Schema, v string) bool {
	n := float64(utf8.RuneCountInString(v))
	return (!s.HasMin || n >= s.Min) && (!s.HasMax || n <= s.Max) && (s.Pattern == nil || s.Pattern.Match(v)) &&
		(s.Enum == nil || slices.Contains(s.Enum, v))
}

// proper chooses the least that the model lets through.
type proper struct{ t testing.TB }

func (p proper) text(m *smithy.Member) string {
	if m.Target.Enum != nil {
		return m.Target.Enum[0]
	}
	if role := "arn:aws:iam::111122223333:role/x"; m.Name == "RoleArn" {
		return role
	}
	for _, v := range specimens {
		if fits(m.Target, v) {
			return v
		}
	}
	p.t.Errorf("no specimen for %s: %+v %+v", m.Name, m.Target, m.Target.Pattern)
	return ""
}

func (proper) given(*smithy.Member) bool { return false }

func (proper) entries(s *smithy.Schema) int {
	if s.HasMin {
		return int(s.Min)
	}
	return 1
}

func (proper) number(s *smithy.Schema) float64 {
	if s.HasMin {
		return s.Min
	}
	return 1
}

// forEveryone are the operations that need no permission: the STS API reference says so of
// each. Those without a signature are judged by what they carry.
var forEveryone = []string{"GetCallerIdentity", "GetSessionToken"}

// No operation is done for somebody who has not said who it is, or who has no permission.
func TestEveryOperationIsGuarded(t *testing.T) {
	n, _ := inMemory(t)
	id, secret := n.newKey(t, "powerless")
	n.rootCall(t, "iam", "Action=CreateUser&Version=2010-05-08&UserName=x")
	reached := 0
	for _, s := range served() {
		for i := range s.Operations {
			op := &s.Operations[i]
			t.Run(s.ID+"."+op.Name, func(t *testing.T) {
				input := structure(proper{t}, op.Input, 0)
				r, body := callTo(t, s, op, input)
				o := n.call(r)
				switch {
				case op.Unsigned && o.status < http.StatusBadRequest:
					t.Errorf("unsigned: %d %s", o.status, o.body)
				case !op.Unsigned && !strings.HasPrefix(o.code, "MissingAuthenticationToken"):
					t.Errorf("unsigned: %d %s", o.status, o.body)
				}
				r, _ = callTo(t, s, op, input)
				r.Body = readCloser{strings.NewReader(string(body))}
				sign(t, r, body, s.SigningName, id, secret)
				o = n.call(r)
				switch {
				case slices.Contains(forEveryone, op.Name) && s.ID == "sts":
					if o.status != http.StatusOK {
						t.Errorf("for everyone: %d %s", o.status, o.body)
					}
				case op.Unsigned && o.status >= http.StatusBadRequest && o.status < http.StatusInternalServerError:
				case o.status == http.StatusNotImplemented:
				case strings.HasPrefix(o.code, "AccessDenied"):
					reached++
				default:
					t.Errorf("without permission: %d %s", o.status, o.body)
				}
			})
		}
	}
	t.Logf("%d operations were refused by the gate", reached)
	const enough = 130
	if reached < enough {
		t.Errorf("only %d operations got as far as the gate", reached)
	}
}

// wild chooses anything: what fits, what does not, and what the server has given out.
type wild struct {
	*rand.Rand
	// tame is how many of ten strings fit.
	tame int
	seen []string
}

// handedOut is what a later call can name.
var handedOut = regexp.MustCompile(`\b(?:r|ou|p|car|h|o)-[0-9a-z-]{4,}|\b\d{12}\b|arn:aws:[^"<\s]+|\bA[A-Z]{3}[A-Z2-7]{16,17}\b`)

func (w *wild) learn(body string) {
	const enough = 200
	for _, found := range handedOut.FindAllString(body, -1) {
		switch {
		case found == testKeyID: // without it nothing more is done
		case slices.Contains(w.seen, found):
		case len(w.seen) < enough:
			w.seen = append(w.seen, found)
		default:
			w.seen[w.IntN(enough)] = found
		}
	}
}

// documents are right policies of each kind.
var documents = []string{
	`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`,
	`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}`,
}

// traps are strings that have hurt somebody.
var traps = []string{
	"", " ", "\x00", "a\x00b", "\ufffd", "\u202e", "é", "e\u0301", "👩‍👩‍👧", "İ", "ſ", "ﬀ", "*", "?", "%", "%00", "%zz", "_", "'", "\"", "\\", "<a>&amp;</a>", "]]>",
	"' or 1=1 --", "${aws:username}", "${", "$1", "{}", "[]", "null", "{", strings.Repeat("[", 3000), strings.Repeat("a*", 500), "../..", "//", "/", "-1", "0", "1e999", "NaN",
	"99999999999999999999999", "arn:", "arn:::::", "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::999999999999:role/x", "r-", "ou-", "p-FullAWSAccess", "p-RCPFullAWSAccess",
	"AWSServiceRoleForX", "aws:x", "root", "111122223333", "o-", "999999999999", "A@B.C", "x\ny", "x\r\nSet-Cookie: a=b", "\ttab", strings.Repeat("é", 2000), strings.Repeat("x", 140_000),
	`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalTag/${x}":["*"]}}}]}`,
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["a","b:","*:*",""],"NotResource":[""],"Condition":{"":{}}}}`,
}

func (w *wild) text(m *smithy.Member) string {
	switch e := m.Target.Enum; {
	case w.IntN(10) >= w.tame:
		if w.IntN(4) == 0 {
			return traps[w.IntN(len(traps))] + specimens[w.IntN(len(specimens))]
		}
		return traps[w.IntN(len(traps))]
	case e != nil:
		return e[w.IntN(len(e))]
	}
	for try := range 3 * len(specimens) {
		pool := specimens
		switch {
		case strings.HasSuffix(m.Name, "Name") && try < 4:
			pool = []string{"x", "y", "xxxxxxxx"}
		case (strings.Contains(m.Name, "Document") || m.Name == "Content" || m.Name == "Policy") && try < 8:
			pool = documents
		case try%2 == 0 && len(w.seen) > 0:
			pool = w.seen
		}
		if v := pool[w.IntN(len(pool))]; fits(m.Target, v) {
			return v
		}
	}
	return "x"
}

func (w *wild) given(*smithy.Member) bool { return w.IntN(4) == 0 }

func (w *wild) entries(*smithy.Schema) int {
	if w.IntN(40) == 0 {
		return 120
	}
	return w.IntN(4)
}

func (w *wild) number(s *smithy.Schema) float64 {
	if w.IntN(10) < w.tame && s.HasMin {
		return s.Min
	}
	numbers := []float64{0, 1, 2, -1, 1000, 3600, 900, 1 << 31, -1 << 31, 1 << 53, -1 << 53, 253402300800, -62135596801, s.Min, s.Max, s.Max + 1}
	return numbers[w.IntN(len(numbers))]
}

// Whatever is in the input of an operation, the answer is the operation's or an error of the
// sender's.
func TestOperationsTakeAnything(t *testing.T) {
	n, book := inMemory(t)
	seed := rand.Uint64()
	w := &wild{Rand: rand.New(rand.NewPCG(seed, 1))}
	const rounds = 20
	succeeded := map[string]bool{}
	for round := range rounds {
		w.tame = round%4*3 + 1
		for _, s := range served() {
			for i := range s.Operations {
				op := &s.Operations[i]
				if op.Name == "DeleteOrganization" || op.Name == "DisablePolicyType" {
					continue // the others would find nothing to work on
				}
				r, body := callTo(t, s, op, structure(w, op.Input, 0))
				sign(t, r, body, s.SigningName, testKeyID, testSecret)
				book.reset()
				o := n.call(r)
				if o.status >= http.StatusInternalServerError && o.status != http.StatusNotImplemented {
					t.Errorf("seed %d: %s.%s: %d %s\n%.1500s\nlog: %.2500s", seed, s.ID, op.Name, o.status, o.body, body, book)
				}
				if w.learn(o.body); o.status == http.StatusOK {
					succeeded[s.ID+"."+op.Name] = true
				}
			}
		}
	}
	t.Logf("seed %d; %d operations succeeded at least once", seed, len(succeeded))
	const enough = 40
	if len(succeeded) < enough {
		t.Errorf("seed %d: only %d operations succeeded: nothing gets deep", seed, len(succeeded))
	}
}
