package iam

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/smithy"
)

// The types of policies in results. The API Reference's examples have these, and not the
// values of PolicySourceType.
const (
	typeIdentity = "IAM Policy"
	typeResource = "Resource Policy"
	typeBoundary = "Permissions Boundary Policy"
)

// maxDecisions bounds the work for one page: IAM may return fewer results than asked for.
const maxDecisions = 10_000

// page decides the actions of one page. Actions are what pages count.
func (m *simulation) page(ctx context.Context, marker *string, maxItems *int32) (results []iamapi.EvaluationResult, truncated *bool, next *string, err error) {
	from, err := simulationStart(smithy.Value(marker))
	if err != nil {
		return nil, nil, nil, err
	}
	size := int(smithy.Value(maxItems))
	if size == 0 {
		size = iam.DefaultPageSize
	}
	size = min(size, max(1, maxDecisions/len(m.resources)))
	results = []iamapi.EvaluationResult{}
	end := min(from+size, len(m.actions))
	for i := from; i < end; i++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, nil, err
		}
		results = append(results, m.decide(m.actions[i]))
	}
	if end >= len(m.actions) {
		return results, smithy.Ptr(false), nil, nil
	}
	return results, smithy.Ptr(true), smithy.Ptr(simulationMarker(end)), nil
}

const markerPrefix = "simulation/"

func simulationMarker(from int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(markerPrefix + strconv.Itoa(from)))
}

func simulationStart(marker string) (int, error) {
	if marker == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(marker)
	digits, ok := strings.CutPrefix(string(raw), markerPrefix)
	from, numberErr := strconv.Atoi(digits)
	if err != nil || !ok || numberErr != nil || from < 1 {
		return 0, invalidInput("Invalid marker for pagination.")
	}
	return from, nil
}

// simulationKeys are the condition keys of one simulated call.
type simulationKeys struct {
	policy.Keys
	resourceAccount string
	// resource has the tags of a registered resource.
	resource policy.Keys
}

// Lookup implements [policy.Context].
func (k *simulationKeys) Lookup(key string) ([]string, bool) {
	if values, ok := k.Keys.Lookup(key); ok {
		return values, ok
	}
	if key == "aws:resourceaccount" && k.resourceAccount != "" {
		return []string{k.resourceAccount}, true
	}
	return k.resource.Lookup(key)
}

// simulate decides one action on one resource.
func (m *simulation) simulate(action, resource string) policy.Simulation {
	req := policy.Request{Principal: m.principal, Action: action, Resource: resource}
	keys := &simulationKeys{Keys: m.keys}
	if resource != everything {
		keys.resourceAccount = m.owner
		if a, err := arn.Parse(resource); err == nil && arn.IsAccountID(a.AccountID) {
			keys.resourceAccount = a.AccountID
		}
	}
	req.Context = keys
	if m.shared {
		req.ResourceAccount = keys.resourceAccount
	}
	sets := policy.Sets{Identity: m.identity, Boundary: m.boundary, SCP: m.scp, Resource: m.resourcePolicy}
	if registered := m.registered[resource]; registered != nil {
		registered.apply(&req, &sets, keys)
	}
	if m.resourcePolicy != nil {
		if assumes(action, resource) {
			trust := *m.resourcePolicy
			trust.Kind = policy.Trust
			sets.Resource = &trust
		}
		// Without its key policy nobody has access to a KMS key.
		req.ResourcePolicyRequired = strings.HasPrefix(strings.ToLower(action), "kms:")
	}
	return policy.Simulate(&req, &sets)
}

// decide makes the result of one action on all resources.
func (m *simulation) decide(action string) iamapi.EvaluationResult {
	out := iamapi.EvaluationResult{
		EvalActionName: &action, EvalResourceName: smithy.Ptr(m.resourceName(action)),
		MatchedStatements: []iamapi.Statement{}, MissingContextValues: []string{},
	}
	named := m.resources[0] != everything
	worst := policy.Allowed
	allowed, bounded := true, true
	sims := make([]policy.Simulation, len(m.resources))
	for i, resource := range m.resources {
		s := m.simulate(action, resource)
		sims[i] = s
		worst = worse(worst, s.Decision.Effect)
		allowed, bounded = allowed && s.Organizations, bounded && s.Boundary == policy.Allowed
		if named {
			out.ResourceSpecificResults = append(out.ResourceSpecificResults, m.resourceResult(resource, &s))
		}
		out.MissingContextValues = append(out.MissingContextValues, s.MissingKeys...)
	}
	out.EvalDecision = smithy.Ptr(worst.String())
	out.MissingContextValues = respell(out.MissingContextValues, m.spelled)
	out.MatchedStatements = append(out.MatchedStatements, union(worst, sims)...)
	if m.organized {
		out.OrganizationsDecisionDetail = &iamapi.OrganizationsDecisionDetail{AllowedByOrganizations: &allowed}
	}
	if allowed && m.boundary != nil {
		out.PermissionsBoundaryDecisionDetail = &iamapi.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &bounded}
	}
	if allowed && named {
		out.EvalDecisionDetails = m.details(sims)
	}
	return out
}

func (m *simulation) resourceResult(resource string, s *policy.Simulation) iamapi.ResourceSpecificResult {
	out := iamapi.ResourceSpecificResult{
		EvalResourceName: &resource, EvalResourceDecision: smithy.Ptr(s.Decision.Effect.String()),
		MatchedStatements: statements(s.Statements),
	}
	if len(s.MissingKeys) > 0 {
		out.MissingContextValues = respell(s.MissingKeys, m.spelled)
	}
	if s.Organizations && m.boundary != nil {
		out.PermissionsBoundaryDecisionDetail = &iamapi.PermissionsBoundaryDecisionDetail{
			AllowedByPermissionsBoundary: smithy.Ptr(s.Boundary == policy.Allowed),
		}
	}
	if s.Organizations && s.Decision.CrossAccount {
		out.EvalDecisionDetails = m.details([]policy.Simulation{*s})
	}
	return out
}

// details tells what each type of policy comes to where accounts are crossed; of several
// resources, what is worst.
func (m *simulation) details(sims []policy.Simulation) map[string]string {
	worst := map[string]policy.Outcome{}
	put := func(name string, o policy.Outcome) {
		if have, ok := worst[name]; ok {
			o = worse(have, o)
		}
		worst[name] = o
	}
	for i := range sims {
		s := &sims[i]
		if !s.Decision.CrossAccount {
			continue
		}
		put(typeIdentity, s.Identity)
		put(typeResource, s.Resource)
		if m.boundary != nil {
			put(typeBoundary, s.Boundary)
		}
	}
	out := make(map[string]string, len(worst))
	for name, o := range worst {
		out[name] = o.String()
	}
	return out
}

// worse returns the more restrictive of two outcomes.
func worse(a, b policy.Outcome) policy.Outcome {
	rank := func(o policy.Outcome) int {
		switch o {
		case policy.ExplicitDeny:
			return 0
		case policy.ImplicitDeny:
			return 1
		default:
			return 2
		}
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// union returns the statements of all resources that made a decision: where one is denied,
// the denies only. Allows that did not suffice made none.
func union(worst policy.Outcome, sims []policy.Simulation) []iamapi.Statement {
	var refs []policy.SimulatedStatement
	for i := range sims {
		effect := sims[i].Decision.Effect
		if effect == policy.ImplicitDeny || worst == policy.ExplicitDeny && effect != worst {
			continue
		}
		for _, ref := range sims[i].Statements {
			if !slices.ContainsFunc(refs, func(r policy.SimulatedStatement) bool {
				return r.Attached.Name == ref.Attached.Name && r.Index == ref.Index && r.Kind == ref.Kind
			}) {
				refs = append(refs, ref)
			}
		}
	}
	return statements(refs)
}

func statements(refs []policy.SimulatedStatement) []iamapi.Statement {
	var out []iamapi.Statement
	for _, ref := range refs {
		span := ref.SimulatorSpan()
		out = append(out, iamapi.Statement{
			SourcePolicyId: &ref.Attached.Name, SourcePolicyType: smithy.Ptr(sourceType(ref.Kind)),
			StartPosition: position(span.Start), EndPosition: position(span.End),
		})
	}
	return out
}

func position(p policy.Position) *iamapi.Position {
	return &iamapi.Position{Line: smithy.Ptr(int32(p.Line)), Column: smithy.Ptr(int32(p.Column))}
}

func sourceType(k policy.Kind) string {
	switch k {
	case policy.Resource, policy.Trust:
		return typeResource
	case policy.Boundary:
		return typeBoundary
	default:
		return typeIdentity
	}
}

// resourceName is what the result of an action is about: the one resource that was named,
// as in the API Reference's examples; of several, the form of the ARNs that the action is
// about, as its "EvaluationResult" says.
func (m *simulation) resourceName(action string) string {
	if len(m.resources) == 1 {
		return m.resources[0]
	}
	a, ok := serviceauth.LookupAction(action)
	if !ok || len(a.Resources) == 0 {
		return everything
	}
	prefix, _, _ := strings.Cut(action, ":")
	if s, ok := serviceauth.Lookup(prefix); ok {
		if t, ok := s.Match(m.resources[0]); ok && slices.ContainsFunc(a.Resources, func(r serviceauth.ActionResource) bool { return r.Type == t }) {
			return t.ARN
		}
	}
	for _, r := range a.Resources {
		if r.Required {
			return r.Type.ARN
		}
	}
	return a.Resources[0].Type.ARN
}

// respell sorts condition keys, each once, and writes them as the policies do.
func respell(keys []string, spelled map[string]string) []string {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	out := make([]string, 0, len(keys))
	for _, key := range keys {
		if s := spelled[key]; s != "" {
			key = s
		}
		out = append(out, key)
	}
	return out
}
