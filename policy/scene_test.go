package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// scene is one file of testdata/scenes: policies and calls with their expected decision.
// See testdata/README.md for the format.
type scene struct {
	topic string
	sets  policy.Sets
	cases []string
}

var kindNames = map[string]policy.Kind{
	"identity": policy.Identity, "resource": policy.Resource, "trust": policy.Trust, "boundary": policy.Boundary,
	"session": policy.Session, "scp": policy.SCP, "rcp": policy.RCP, "endpoint": policy.VPCEndpoint,
}

func TestScenes(t *testing.T) {
	files, err := filepath.Glob("testdata/scenes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenes: %v", err)
	}
	total := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s := readScene(t, file)
			for _, line := range s.cases {
				total++
				runCase(t, &s, line)
			}
		})
	}
	if total < 200 {
		t.Errorf("%d cases, want at least 200", total)
	}
}

// readScene reads a file: a topic line, then sections that begin with "-- name --".
func readScene(t *testing.T, file string) scene {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s scene
	var name string
	var body strings.Builder
	flush := func() {
		switch {
		case name == "cases":
			for line := range strings.Lines(body.String()) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					s.cases = append(s.cases, line)
				}
			}
		case name != "":
			s.add(t, name, strings.TrimSpace(body.String()))
		}
		body.Reset()
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(strings.TrimSpace(rest), " --") {
			flush()
			name = strings.TrimSuffix(strings.TrimSpace(rest), " --")
			continue
		}
		if topic, ok := strings.CutPrefix(line, "topic: "); ok && name == "" {
			s.topic = strings.TrimSpace(topic)
		}
		body.WriteString(line)
	}
	flush()
	if s.topic == "" || len(s.cases) == 0 {
		t.Fatalf("%s: a scene needs a topic and cases", file)
	}
	return s
}

// add puts a policy where its section's name says: "scp ou/guard", "boundary b".
func (s *scene) add(t *testing.T, section, text string) {
	t.Helper()
	kindName, name, _ := strings.Cut(section, " ")
	kind, ok := kindNames[kindName]
	if !ok {
		t.Fatalf("section %q: unknown kind", section)
	}
	level, policyName, leveled := strings.Cut(name, "/")
	a := policy.Attached{Kind: kind, Name: name, Level: level, ARN: "arn:aws:iam::111122223333:policy/" + name}
	if text != "" {
		a.Policy = compile(t, text)
		if f := policy.FirstError(a.Policy.Document().Validate(kind, policy.Limits{})); f != nil && !strings.HasSuffix(name, "FullAWSAccess") {
			t.Fatalf("section %q: %v", section, f)
		}
	}
	switch kind {
	case policy.Identity:
		s.sets.Identity = append(s.sets.Identity, a)
	case policy.Boundary:
		s.sets.Boundary = &a
	case policy.Session:
		if s.sets.Session == nil {
			s.sets.Session = []policy.Attached{}
		}
		if text != "" {
			s.sets.Session = append(s.sets.Session, a)
		}
	case policy.Resource, policy.Trust:
		s.sets.Resource = &a
	case policy.VPCEndpoint:
		s.sets.Endpoint = &a
	default:
		if !leveled {
			t.Fatalf("section %q needs level/name", section)
		}
		list := &s.sets.SCP
		if kind == policy.RCP {
			list = &s.sets.RCP
		}
		i := slices.IndexFunc(*list, func(l policy.Level) bool { return l.Name == level })
		if i < 0 {
			*list = append(*list, policy.Level{Name: level})
			i = len(*list) - 1
		}
		if policyName != "" {
			(*list)[i].Policies = append((*list)[i].Policies, a)
		}
	}
}

func scenePrincipal(t *testing.T, text string) policy.Principal {
	t.Helper()
	id := "111122223333"
	if first, rest, ok := strings.Cut(text, ":"); ok && len(first) == 12 {
		id, text = first, rest
	}
	iam, sts := "arn:aws:iam::"+id+":", "arn:aws:sts::"+id+":"
	kind, rest, _ := strings.Cut(text, "/")
	switch {
	case text == "anonymous":
		return policy.Principal{}
	case text == "root":
		return policy.Principal{Type: policy.Root, Account: id, ARN: iam + "root", UniqueID: id}
	case strings.HasPrefix(text, "service "):
		return policy.Principal{Type: policy.Service, ARN: strings.TrimPrefix(text, "service ")}
	case strings.HasPrefix(text, "web "):
		return policy.Principal{Type: policy.WebIdentity, ARN: strings.TrimPrefix(text, "web ")}
	case strings.HasPrefix(text, "saml "):
		return policy.Principal{Type: policy.SAML, ARN: strings.TrimPrefix(text, "saml ")}
	case kind == "user":
		return policy.Principal{Type: policy.User, Account: id, ARN: iam + text, UniqueID: "AIDAEXAMPLE" + strings.ToUpper(rest)}
	case kind == "role":
		role, session, _ := strings.Cut(rest, "/")
		return policy.Principal{
			Type: policy.AssumedRole, Account: id, ARN: sts + "assumed-role/" + role + "/" + session,
			EntityARN: iam + "role/" + role, UniqueID: "AROAEXAMPLE" + strings.ToUpper(role),
		}
	case kind == "federated":
		name, user, _ := strings.Cut(rest, " by ")
		return policy.Principal{Type: policy.FederatedUser, Account: id, ARN: sts + "federated-user/" + name, EntityARN: iam + user}
	}
	t.Fatalf("principal %q is not understood", text)
	return policy.Principal{}
}

// runCase runs one line "principal | action | resource [@account] | keys | expectation".
func runCase(t *testing.T, s *scene, line string) {
	t.Helper()
	f := strings.Split(line, "|")
	if len(f) != 5 {
		t.Fatalf("case %q has %d fields, want 5", line, len(f))
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	resource, owner, _ := strings.Cut(f[2], " @")
	keys, required := strings.CutPrefix(f[3], "!required")
	req := &policy.Request{
		Principal: scenePrincipal(t, f[0]), Action: f[1], Resource: resource, ResourceAccount: owner,
		ResourcePolicyRequired: required, Context: parseKeys(keys),
	}
	d := policy.Evaluate(req, &s.sets)
	if got := describe(&d); got != strings.Join(strings.Fields(f[4]), " ") {
		t.Errorf("%s\n got  %s\n want %s", line, got, f[4])
	}
	e := policy.Explain(req, &s.sets)
	if e.Allowed != d.Allowed || e.Outcome != d.Effect.String() {
		t.Errorf("%s\n the explanation says %s", line, e.Outcome)
	}
	checkExplanation(t, line, &d, &e)
}

// describe writes a decision as scenes do: "allowed identity a,b", "implicit scp @ou".
func describe(d *policy.Decision) string {
	kind := ""
	for name, k := range kindNames {
		if k == d.Reason {
			kind = name
		}
	}
	out := map[policy.Outcome]string{policy.Allowed: "allowed", policy.ExplicitDeny: "explicit", policy.ImplicitDeny: "implicit"}[d.Effect] + " " + kind
	if d.Level != "" {
		out += " @" + d.Level
	}
	var sids []string
	for _, ref := range d.Deciding() {
		sids = append(sids, ref.Sid())
	}
	slices.Sort(sids)
	if len(sids) > 0 {
		out += " " + strings.Join(sids, ",")
	}
	return out
}

// checkExplanation checks that an explanation shows each deciding statement as applying.
func checkExplanation(t *testing.T, line string, d *policy.Decision, e *policy.Explanation) {
	t.Helper()
	for _, ref := range d.Deciding() {
		found := false
		for _, l := range e.Layers {
			for _, p := range l.Policies {
				for _, s := range p.Statements {
					found = found || (p.Name == ref.Attached.Name && s.Index == ref.Index && s.Applies)
				}
			}
		}
		if !found {
			t.Errorf("%s\n the explanation does not show statement %q as applying", line, ref.Sid())
		}
	}
}
