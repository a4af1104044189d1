package policy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// world makes random policies and requests from a small vocabulary, so that they meet.
type world struct{ r *rand.Rand }

func pick[T any](w *world, list ...T) T { return list[w.r.IntN(len(list))] }

func (w *world) chance(n int) bool { return w.r.IntN(n) == 0 }

// some returns one to three members of a list, as a string or an array, and sometimes so
// many that the engine sorts them.
func (w *world) some(list []string) any {
	if w.chance(2) {
		return pick(w, list...)
	}
	out := []string{}
	n := 1 + w.r.IntN(3)
	if w.chance(6) {
		n = 8 + w.r.IntN(8)
	}
	for range n {
		out = append(out, pick(w, list...))
	}
	return out
}

var (
	randomActions = []string{"*", "s3:*", "s3:Get*", "s3:GetObject", "S3:PUTOBJECT", "s3:*Object", "s?:GetObject", "ec2:Run?nstances", "iam:GetUser", "*:Get*"}
	randomARNs    = []string{
		"*", "arn:aws:s3:::shop/*", "arn:aws:s3:::shop", "arn:aws:s3:::*/home/*", "arn:aws:s3:::shop/${aws:username}/*",
		"arn:aws:s3", "arn:aws:*:*:111122223333:*", "arn:aws:ec2:eu-*:111122223333:i?", "arn:aws:s3:::shop/${k:none, 'zoe'}/?", "arn:aws:s3:::${*}",
		"arn:aws:s3:::*?op/home/a-l?ng-name*y", "arn:aws:s3:::*${aws:username}/a-?ong-n?me-?", "arn:aws:s3:::shop/home/?-long-*", "arn:aws:s3:::shop/home/y",
	}
	randomPrincipals = []any{
		"*",
		map[string]any{"AWS": "*"},
		map[string]any{"AWS": "111122223333"},
		map[string]any{"AWS": "arn:aws:iam::222233334444:root"},
		map[string]any{"AWS": "arn:aws:iam::111122223333:user/zoe"},
		map[string]any{"AWS": []string{"arn:aws:iam::111122223333:role/app", "222233334444"}},
		map[string]any{"AWS": []string{"arn:aws:sts::111122223333:assumed-role/app/s", "arn:aws:iam::111122223333:role/app", "111122223333"}},
		map[string]any{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s"},
		map[string]any{"Service": "lambda.amazonaws.com", "AWS": "111122223333"},
		map[string]any{"AWS": []string{"arn:aws:sts::111122223333:federated-user/bob", "arn:aws:iam::111122223333:user/zoe"}},
		map[string]any{"AWS": []string{"arn:aws:iam::111122223333:user/zoe", "arn:aws:iam::111122223333:root"}},
		map[string]any{"Federated": "accounts.google.com"},
		map[string]any{"AWS": []string{"AIDAEXAMPLEEXAMPLE01", "111122223333"}},
		map[string]any{"AWS": "AROAEXAMPLEEXAMPLE01"},
	}
	randomRequests = []string{"arn:aws:s3:::shop", "arn:aws:s3:::shop/zoe/x", "arn:aws:s3:::shop/home/y", "arn:aws:s3:::shop/home/a-long-name-y", "arn:aws:ec2:eu-west-1:111122223333:i1", "*", "arn:aws:s3:::*"}
)

func (w *world) condition() map[string]any {
	prefix, suffix := pick(w, "", "", "ForAllValues:", "ForAnyValue:"), pick(w, "", "", "IfExists")
	op, key, values := "", "", any(nil)
	switch w.r.IntN(8) {
	case 0, 1, 2:
		op = pick(w, "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
		key, values = pick(w, "k:a", "k:list", "aws:username"), w.some([]string{"x", "X", "y*", "${aws:username}", "*", "", "z?", "${k:none, 'x'}", "${k:none}", "x${*}"})
	case 3:
		op = pick(w, "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals")
		key, values = "k:n", w.some([]string{"1", "2", "-3", "2.5"})
	case 4:
		op = pick(w, "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals")
		key, values = "k:d", w.some([]string{"2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z"})
	case 5:
		op, key, values = pick(w, "IpAddress", "NotIpAddress"), "aws:SourceIp", w.some([]string{"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"})
	case 6:
		op, key = pick(w, "ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"), "aws:PrincipalArn"
		values = w.some([]string{"arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:role/app", "*", "arn:aws:iam", "arn:aws:iam::*:user/${aws:username}"})
	default:
		if w.chance(2) {
			return map[string]any{prefix + "Null": map[string]any{pick(w, "k:a", "k:none", "k:list"): pick(w, "true", "false")}}
		}
		op, key, values = "Bool", "k:b", pick(w, "true", "false")
	}
	return map[string]any{prefix + op + suffix: map[string]any{key: values}}
}

func (w *world) statement(k policy.Kind, sid string) map[string]any {
	s := map[string]any{"Sid": sid, "Effect": pick(w, "Allow", "Allow", "Allow", "Deny")}
	s[pick(w, "Action", "Action", "Action", "NotAction")] = w.some(randomActions)
	if k != policy.Trust && !w.chance(20) {
		s[pick(w, "Resource", "Resource", "Resource", "NotResource")] = w.some(randomARNs)
	}
	if k == policy.Resource || k == policy.Trust || k == policy.RCP || k == policy.VPCEndpoint {
		element := "Principal"
		if s["Effect"] == "Deny" && w.chance(3) {
			element = "NotPrincipal"
		}
		s[element] = pick(w, randomPrincipals...)
	}
	if w.chance(2) {
		s["Condition"] = w.condition()
	}
	return s
}

func (w *world) policy(t testing.TB, k policy.Kind) policy.Attached {
	var statements []any
	if w.chance(2) && k != policy.Trust {
		all := map[string]any{"Sid": "all", "Effect": "Allow", "Action": "*", "Resource": "*"}
		if k == policy.Resource || k == policy.RCP || k == policy.VPCEndpoint {
			all["Principal"] = "*"
		}
		statements = append(statements, all)
	}
	for i := range 1 + w.r.IntN(3) {
		statements = append(statements, w.statement(k, fmt.Sprint("s", i)))
	}
	text, err := json.Marshal(map[string]any{"Version": pick(w, "2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"), "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return policy.Attached{Kind: k, Policy: compile(t, string(text))}
}

func (w *world) policies(t testing.TB, k policy.Kind, n int) []policy.Attached {
	list := []policy.Attached{}
	for range n {
		list = append(list, w.policy(t, k))
	}
	return list
}

func (w *world) sets(t testing.TB) *policy.Sets {
	s := &policy.Sets{Identity: w.policies(t, policy.Identity, w.r.IntN(3))}
	if w.chance(3) {
		s.SCP = []policy.Level{{Name: "root", Policies: w.policies(t, policy.SCP, 1)}, {Name: "account", Policies: w.policies(t, policy.SCP, w.r.IntN(3))}}
	}
	if w.chance(4) {
		s.RCP = []policy.Level{{Name: "root", Policies: w.policies(t, policy.RCP, 1)}}
	}
	if w.chance(3) {
		a := w.policy(t, policy.Boundary)
		s.Boundary = &a
	}
	if w.chance(3) {
		s.Session = w.policies(t, policy.Session, w.r.IntN(3))
	}
	if w.chance(2) {
		a := w.policy(t, pick(w, policy.Resource, policy.Resource, policy.Trust))
		s.Resource = &a
	}
	if w.chance(6) {
		a := w.policy(t, policy.VPCEndpoint)
		s.Endpoint = &a
	}
	return s
}

func (w *world) principal() policy.Principal {
	p := policy.Principal{Account: "111122223333"}
	iam, sts := "arn:aws:iam::111122223333:", "arn:aws:sts::111122223333:"
	switch w.r.IntN(8) {
	case 0:
		p.Type, p.ARN = policy.Root, iam+"root"
	case 1:
		p.Type, p.ARN, p.EntityARN = policy.FederatedUser, sts+"federated-user/bob", iam+pick(w, "user/zoe", "root")
	case 2:
		return policy.Principal{Type: policy.Service, ARN: "lambda.amazonaws.com"}
	case 3:
		return policy.Principal{}
	case 4, 5:
		p.Type, p.ARN, p.EntityARN = policy.AssumedRole, sts+"assumed-role/app/"+pick(w, "s", "t"), iam+"role/app"
		p.UniqueID = "AROAEXAMPLEEXAMPLE01"
	case 6:
		return policy.Principal{Type: policy.WebIdentity, ARN: "accounts.google.com"}
	default:
		p.Type, p.ARN = policy.User, iam+"user/"+pick(w, "zoe", "bob")
		if p.ARN == iam+"user/zoe" {
			p.UniqueID = "AIDAEXAMPLEEXAMPLE01"
		}
	}
	return p
}

func (w *world) request() *policy.Request {
	keys := policy.Keys{}
	set := func(key string, lists ...[]string) {
		if w.chance(3) {
			return
		}
		keys.Set(key, pick(w, lists...)...)
	}
	set("k:a", []string{"x"}, []string{"X"}, []string{"yy"}, []string{"x*"}, []string{""})
	set("k:list", []string{"x", "y"}, []string{"x"}, []string{}, []string{"", ""}, []string{"z1", "z2"})
	set("aws:username", []string{"zoe"}, []string{"x"}, []string{"*"})
	set("k:n", []string{"1"}, []string{"2"}, []string{"2.5"}, []string{"none"}, []string{"1", "2"})
	set("k:d", []string{"2026-01-01T00:00:00Z"}, []string{"2026-06-01T12:00:01Z"}, []string{"later"})
	set("aws:SourceIp", []string{"10.1.2.3"}, []string{"192.0.2.1"}, []string{"2001:db8::1"}, []string{"inside"})
	set("aws:PrincipalArn", []string{"arn:aws:iam::111122223333:user/zoe"}, []string{"arn:aws:iam::111122223333:role/app"}, []string{"zoe"})
	set("k:b", []string{"true"}, []string{"false"}, []string{"maybe"})
	return &policy.Request{
		Principal: w.principal(), Context: keys,
		Action:                 pick(w, "s3:GetObject", "s3:PutObject", "ec2:RunInstances", "iam:GetUser"),
		Resource:               pick(w, randomRequests...),
		ResourceAccount:        pick(w, "", "", "111122223333", "222233334444"),
		ResourcePolicyRequired: w.chance(10),
	}
}

// worldCount sets how many sets of policies are compared, each with 40 requests.
var worldCount = flag.Int("worlds", 2500, "sets of random policies to compare with the reference evaluator")

// TestAgreesWithReference compares the engine with the plain evaluator of this package's
// tests on random policies and requests.
func TestAgreesWithReference(t *testing.T) {
	const requests = 40
	worlds := *worldCount
	if testing.Short() {
		worlds /= 10
	}
	var allowed, explicit int
	for seed := range worlds {
		w := &world{rand.New(rand.NewPCG(uint64(seed), 1))}
		sets := w.sets(t)
		for range requests {
			req := w.request()
			d := policy.Evaluate(req, sets)
			wantAllowed, wantExplicit := refEvaluate(req, sets)
			if d.Allowed != wantAllowed || (d.Effect == policy.ExplicitDeny) != wantExplicit {
				e, _ := json.MarshalIndent(policy.Explain(req, sets), "", " ")
				t.Fatalf("seed %d: engine allowed %v, %v; reference allowed %v, explicit %v\n%s\n%+v\n%s",
					seed, d.Allowed, d.Effect, wantAllowed, wantExplicit, dump(sets), req, e)
			}
			if d.Allowed {
				allowed++
			}
			if wantExplicit {
				explicit++
			}
		}
	}
	if n := worlds * requests; allowed < n/20 || explicit < n/20 {
		t.Errorf("of %d cases %d allowed, %d explicitly denied: the cases do not test much", n, allowed, explicit)
	}
}

// dump writes all policies of a set.
func dump(s *policy.Sets) string {
	var b strings.Builder
	write := func(list ...policy.Attached) {
		for _, a := range list {
			fmt.Fprintf(&b, "%v: %s\n", a.Kind, a.Policy.Document().Text())
		}
	}
	for _, l := range s.SCP {
		write(l.Policies...)
	}
	for _, l := range s.RCP {
		write(l.Policies...)
	}
	write(s.Identity...)
	write(s.Session...)
	for _, a := range []*policy.Attached{s.Boundary, s.Resource, s.Endpoint} {
		if a != nil {
			write(*a)
		}
	}
	return b.String()
}
