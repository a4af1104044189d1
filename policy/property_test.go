package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
	"pgregory.net/rapid"
)

// drawWorld draws a random set of policies and requests.
func drawWorld(t *rapid.T) *world {
	return &world{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))}
}

// checkNeverAllowsMore checks on random worlds that the changed sets allow nothing that
// the original ones do not, but for calls that skip excludes.
func checkNeverAllowsMore(t *testing.T, change func(w *world, s *policy.Sets), skip ...policy.PrincipalType) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		before := w.sets(t)
		after := *before
		change(w, &after)
		for range 10 {
			req := w.request()
			if slices.Contains(skip, req.Principal.Type) {
				continue
			}
			if !policy.Evaluate(req, before).Allowed && policy.Evaluate(req, &after).Allowed {
				rt.Fatalf("allowed only after the change: %+v\nbefore:\n%s\nafter:\n%s", req, dump(before), dump(&after))
			}
		}
	})
}

func TestAddingADenyNeverAllowsMore(t *testing.T) {
	checkNeverAllowsMore(t, func(w *world, s *policy.Sets) {
		deny := w.policy(t, policy.Identity)
		doc := *deny.Policy.Document()
		doc.Statements = slices.Clone(doc.Statements)
		for i := range doc.Statements {
			doc.Statements[i].Effect = policy.Deny
		}
		deny.Policy = policy.Compile(&doc)
		s.Identity = append(slices.Clone(s.Identity), deny)
	})
}

func TestAddingASCPLevelNeverAllowsMore(t *testing.T) {
	checkNeverAllowsMore(t, func(w *world, s *policy.Sets) {
		s.SCP = append(slices.Clone(s.SCP), policy.Level{Name: "more", Policies: w.policies(t, policy.SCP, w.r.IntN(3))})
	})
}

func TestAddingAnRCPLevelNeverAllowsMore(t *testing.T) {
	checkNeverAllowsMore(t, func(w *world, s *policy.Sets) {
		s.RCP = append(slices.Clone(s.RCP), policy.Level{Name: "more", Policies: w.policies(t, policy.RCP, 1)})
	})
}

func TestSettingABoundaryNeverAllowsMore(t *testing.T) {
	checkNeverAllowsMore(t, func(w *world, s *policy.Sets) {
		if s.Boundary == nil {
			b := w.policy(t, policy.Boundary)
			s.Boundary = &b
		}
	})
}

func TestSettingASessionPolicyNeverAllowsMore(t *testing.T) {
	checkNeverAllowsMore(t, func(w *world, s *policy.Sets) {
		if s.Session == nil {
			s.Session = w.policies(t, policy.Session, w.r.IntN(3))
		}
	}, policy.FederatedUser) // who can do nothing without session policies
}

func TestRemovingAnIdentityPolicyNeverAllowsMoreUnlessItDenied(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		sets := w.sets(t)
		if len(sets.Identity) == 0 {
			return
		}
		less := *sets
		less.Identity = sets.Identity[1:]
		for range 10 {
			req := w.request()
			before := policy.Evaluate(req, sets)
			if before.Effect == policy.ImplicitDeny && policy.Evaluate(req, &less).Allowed {
				rt.Fatalf("allowed only without a policy: %+v\n%s", req, dump(sets))
			}
		}
	})
}

// TestOrderNeverMatters shuffles policies and their statements.
func TestOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		sets := w.sets(t)
		shuffled := *sets
		shuffle := func(list []policy.Attached) []policy.Attached {
			out := slices.Clone(list)
			for i := range out {
				doc := *out[i].Policy.Document()
				doc.Statements = slices.Clone(doc.Statements)
				w.r.Shuffle(len(doc.Statements), func(a, b int) {
					doc.Statements[a], doc.Statements[b] = doc.Statements[b], doc.Statements[a]
				})
				out[i].Policy = policy.Compile(&doc)
			}
			w.r.Shuffle(len(out), func(a, b int) { out[a], out[b] = out[b], out[a] })
			return out
		}
		shuffled.Identity = shuffle(sets.Identity)
		if sets.Session != nil {
			shuffled.Session = shuffle(sets.Session)
		}
		shuffled.SCP = slices.Clone(sets.SCP)
		for i := range shuffled.SCP {
			shuffled.SCP[i].Policies = shuffle(sets.SCP[i].Policies)
		}
		if sets.Resource != nil {
			shuffled.Resource = &shuffle([]policy.Attached{*sets.Resource})[0]
		}
		for range 10 {
			req := w.request()
			a, b := policy.Evaluate(req, sets), policy.Evaluate(req, &shuffled)
			if a.Allowed != b.Allowed || a.Effect != b.Effect || a.Reason != b.Reason || a.Level != b.Level || a.DecidingCount() != b.DecidingCount() {
				rt.Fatalf("order matters: %+v against %+v for %+v\n%s", a, b, req, dump(sets))
			}
		}
	})
}

// TestEvaluateNeverPanics gives requests without sense, and sets that are empty.
func TestEvaluateNeverPanics(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		req := w.request()
		req.Action = rapid.String().Draw(rt, "action")
		req.Resource = rapid.String().Draw(rt, "resource")
		if rapid.Bool().Draw(rt, "nil context") {
			req.Context = nil
		}
		for _, sets := range []*policy.Sets{w.sets(t), {}} {
			d := policy.Evaluate(req, sets)
			e := policy.Explain(req, sets)
			if d.Allowed != e.Allowed {
				rt.Fatalf("Evaluate says %v, Explain says %v", d.Allowed, e.Allowed)
			}
			if (policy.Message(d, req, true) == "") != d.Allowed {
				rt.Fatalf("message %q for %+v", policy.Message(d, req, true), d)
			}
		}
	})
}
