package policy_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the files of testdata/explain anew")

// explained is a refusal that shows most of what an explanation can say.
func explained(t testing.TB) (*policy.Request, *policy.Sets) {
	const org = "arn:aws:organizations::999988887777:policy/o-exampleorgid/service_control_policy/"
	sets := &policy.Sets{
		SCP: []policy.Level{
			{Name: "root r-exam", Policies: []policy.Attached{{Kind: policy.SCP, Name: "FullAWSAccess", ARN: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", Policy: compile(t, fullAccess)}}},
			{Name: "ou ou-exam-11111111", Policies: []policy.Attached{
				{Kind: policy.SCP, Name: "regions", ARN: org + "p-1", Policy: compile(t, `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "full", "Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "region", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}
  ]
}`)},
			}},
		},
		Identity: []policy.Attached{{Kind: policy.Identity, Name: "dev", ARN: "arn:aws:iam::111122223333:policy/dev", Level: "group devs", Policy: compile(t, `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "mfa", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/home/${aws:username}/*"},
    {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
  ]
}`)}},
	}
	return &policy.Request{
		Principal: zoe, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x",
		Context: parseKeys("aws:RequestedRegion=us-east-1"),
	}, sets
}

// TestExplanationForms pins text and JSON, whose names others rely on.
func TestExplanationForms(t *testing.T) {
	req, sets := explained(t)
	e := policy.Explain(req, sets)
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string][]byte{"testdata/explain/region.txt": []byte(e.Text()), "testdata/explain/region.json": append(raw, '\n')} {
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; got\n%s", file, got)
		}
	}
}

// TestTextOfEveryOutcome checks on random worlds that the text names outcome and deciders.
func TestTextOfEveryOutcome(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		sets := w.sets(t)
		req := w.request()
		e := policy.Explain(req, sets)
		text := e.Text()
		if !strings.HasSuffix(text, "\n") || strings.Contains(text, "%!") {
			rt.Fatalf("malformed text:\n%s", text)
		}
		if strings.HasPrefix(text, "allowed") != e.Allowed || strings.Contains(text, "hint:") == e.Allowed {
			rt.Fatalf("text does not fit the outcome %s:\n%s", e.Outcome, text)
		}
		for _, d := range e.Deciding {
			if !strings.Contains(text, fmt.Sprintf("statement %q at %s", d.Sid, d.Span.Start)) {
				rt.Fatalf("text does not name the deciding statement %+v:\n%s", d, text)
			}
		}
	})
}

// TestHintsAllow applies all hints of a refusal to its policies: then it has to be allowed.
func TestHintsAllow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		sets := named(w.sets(t))
		for range 5 {
			req := w.request()
			e := policy.Explain(req, sets)
			if e.Allowed {
				if len(e.Hints) > 0 {
					rt.Fatalf("hints for an allowed request: %+v", e.Hints)
				}
				continue
			}
			changed := applyHints(rt, sets, e.Hints)
			if d := policy.Evaluate(req, changed); !d.Allowed {
				rt.Fatalf("still %v by %v %s after the hints\n%s\nrequest %+v\n%s", d.Effect, d.Reason, d.Level, e.Text(), req, dump(sets))
			}
		}
	})
}

// layers lists the lists of attached policies of a set, which can be changed through it.
func layers(s *policy.Sets) []*[]policy.Attached {
	var all []*[]policy.Attached
	for i := range s.SCP {
		all = append(all, &s.SCP[i].Policies)
	}
	for i := range s.RCP {
		all = append(all, &s.RCP[i].Policies)
	}
	return append(all, &s.Identity, &s.Session)
}

// named gives each policy a name and an ARN of its own, and levels their own lists.
func named(s *policy.Sets) *policy.Sets {
	out := *s
	out.SCP, out.RCP = slices.Clone(s.SCP), slices.Clone(s.RCP)
	n := 0
	name := func(a *policy.Attached) {
		n++
		a.Name = fmt.Sprintf("%s-%d", strings.ReplaceAll(a.Kind.String(), " ", "-"), n)
		a.ARN = "arn:aws:iam::000000000000:policy/" + a.Name
	}
	for _, list := range layers(&out) {
		*list = slices.Clone(*list)
		for i := range *list {
			name(&(*list)[i])
		}
	}
	for _, one := range []**policy.Attached{&out.Boundary, &out.Resource, &out.Endpoint} {
		if *one != nil {
			a := **one
			name(&a)
			*one = &a
		}
	}
	return &out
}

func applyHints(t *rapid.T, s *policy.Sets, hints []policy.Hint) *policy.Sets {
	out := named(s)
	remove := map[string][]int{}
	add := func(a *policy.Attached, h *policy.Hint, k policy.Kind) *policy.Attached {
		statements := []string{}
		if a != nil {
			for _, st := range a.Policy.Document().Statements {
				text := a.Policy.Document().Text()
				statements = append(statements, string(text[st.Span.Start.Offset:st.Span.End.Offset]))
			}
		}
		statement := h.Statement
		if k == policy.RCP {
			statement = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
		}
		version := policy.Version2012
		if a != nil {
			version = a.Policy.Document().Version
		}
		d, err := policy.Parse([]byte(`{"Version":"`+version+`","Statement":[`+strings.Join(append(statements, statement), ",")+`]}`), policy.ParseOptions{})
		if err != nil {
			t.Fatalf("hint %+v: %v", h, err)
		}
		b := policy.Attached{Kind: k, Policy: policy.Compile(d)}
		if a != nil {
			b.Name = a.Name
		}
		return &b
	}
	for i := range hints {
		h := &hints[i]
		if h.Text == "" {
			t.Fatalf("hint without words: %+v", h)
		}
		if h.Change == "remove" {
			remove[h.Name] = append(remove[h.Name], h.Index)
			continue
		}
		switch h.Kind {
		case policy.SCP.String():
			j := slices.IndexFunc(out.SCP, func(l policy.Level) bool { return l.Name == h.Level })
			out.SCP[j].Policies = append(out.SCP[j].Policies, *add(nil, h, policy.SCP))
		case policy.RCP.String():
			j := slices.IndexFunc(out.RCP, func(l policy.Level) bool { return l.Name == h.Level })
			out.RCP[j].Policies = append(out.RCP[j].Policies, *add(nil, h, policy.RCP))
		case policy.Identity.String():
			out.Identity = append(out.Identity, *add(nil, h, policy.Identity))
		case policy.Session.String():
			out.Session = append(out.Session, *add(nil, h, policy.Session))
		case policy.Boundary.String():
			out.Boundary = add(out.Boundary, h, policy.Boundary)
		case policy.Resource.String():
			out.Resource = add(out.Resource, h, policy.Resource)
		case policy.Trust.String():
			out.Resource = add(out.Resource, h, policy.Trust)
		case policy.VPCEndpoint.String():
			out.Endpoint = add(out.Endpoint, h, policy.VPCEndpoint)
		default:
			t.Fatalf("hint for %q", h.Kind)
		}
	}
	drop := func(a *policy.Attached) {
		if len(remove[a.Name]) == 0 {
			return
		}
		doc := *a.Policy.Document()
		doc.Statements = nil
		for i, st := range a.Policy.Document().Statements {
			if !slices.Contains(remove[a.Name], i) {
				doc.Statements = append(doc.Statements, st)
			}
		}
		a.Policy = policy.Compile(&doc)
	}
	for _, list := range layers(out) {
		for i := range *list {
			drop(&(*list)[i])
		}
	}
	for _, a := range []*policy.Attached{out.Boundary, out.Resource, out.Endpoint} {
		if a != nil {
			drop(a)
		}
	}
	return out
}

// TestRedactHidesOthersPolicies checks on random worlds that nothing of a hidden layer is
// left in the JSON or the text of an explanation.
func TestRedactHidesOthersPolicies(t *testing.T) {
	const home, other, org = "111122223333", "222233334444", "o-home"
	principals := []string{"identity-based-policy", "permissions-boundary", "session-policy", "service-control-policy", "VPC-endpoint-policy"}
	resources := []string{"resource-based-policy", "role-trust-policy", "resource-control-policy"}
	for name, c := range map[string]struct {
		audience policy.Audience
		hidden   []string
	}{
		"owner of all":          {policy.Audience{Account: home, PrincipalAccount: home, ResourceAccount: home}, nil},
		"caller":                {policy.Audience{Account: home, PrincipalAccount: home, ResourceAccount: other}, resources},
		"owner of the resource": {policy.Audience{Account: other, PrincipalAccount: home, ResourceAccount: other}, principals},
		"stranger":              {policy.Audience{Account: "999988887777", PrincipalAccount: home, ResourceAccount: other}, append(slices.Clone(principals), resources...)},
		"anonymous":             {policy.Audience{PrincipalAccount: home, ResourceAccount: home}, append(slices.Clone(principals), resources...)},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				w := drawWorld(rt)
				e := policy.Explain(w.request(), named(w.sets(t)))
				before, _ := json.Marshal(e)
				red := e.Redact(c.audience)
				after, err := json.Marshal(red)
				if err != nil {
					rt.Fatal(err)
				}
				for _, marker := range c.hidden {
					if strings.Contains(string(after), marker) || strings.Contains(red.Text(), marker) {
						rt.Fatalf("%s is still there:\n%s\nbefore:\n%s", marker, after, before)
					}
				}
				if again, _ := json.Marshal(e); !bytes.Equal(before, again) {
					rt.Fatal("Redact changed the original")
				}
				if len(c.hidden) == 0 && !bytes.Equal(before, after) {
					rt.Fatalf("the owner does not see all:\n%s\n%s", before, after)
				}
				if red.Allowed != e.Allowed || red.Decision.Allowed != e.Allowed || red.Reason != e.Reason {
					rt.Fatalf("redaction changed the decision: %+v", red)
				}
			})
		})
	}
	t.Run("same organization", func(t *testing.T) {
		req, sets := explained(t)
		e := policy.Explain(req, sets)
		a := policy.Audience{Account: other, Organization: org, PrincipalAccount: home, PrincipalOrganization: org, ResourceAccount: other, ResourceOrganization: org}
		if red := e.Redact(a); len(red.Layers) != 2 || len(red.Deciding) != 1 || red.Deciding[0].Sid != "region" || red.Message != e.Message {
			t.Errorf("SCPs are the organization's: %+v", red)
		}
		req.Context = nil
		sets.SCP = nil
		sets.Identity[0].Policy = compile(t, `{"Version":"2012-10-17","Statement":[{"Sid":"secret","Effect":"Deny","Action":"*","Resource":"*"}]}`)
		e = policy.Explain(req, sets)
		red := e.Redact(a)
		if len(red.Deciding) != 1 || red.Deciding[0].ARN != "arn:aws:iam::111122223333:policy/dev" || red.Deciding[0].Sid != "" || red.Message != e.Message || len(red.Hints) != 0 {
			t.Errorf("only the ARN of the denying policy: %+v", red)
		}
		a.Organization = "o-other"
		red = e.Redact(a)
		if len(red.Deciding) != 0 || strings.Contains(red.Message, "policy/dev") || !strings.Contains(red.Message, "identity-based policy") {
			t.Errorf("not even the ARN: %+v", red)
		}
	})
}
