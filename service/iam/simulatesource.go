package iam

import (
	"context"
	"fmt"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
)

// entityRef is a user, group or role as an ARN names it.
type entityRef struct {
	arn, account, name string
	kind               iam.Kind
}

// parseEntity reads the ARN of a user, group or role. The path does not matter: names are
// unique.
func parseEntity(text string) (entityRef, error) {
	a, err := arn.Parse(text)
	e := entityRef{arn: text, account: a.AccountID, kind: iam.Kind(a.ResourceType()), name: a.ResourceName()}
	known := e.kind == iam.KindUser || e.kind == iam.KindGroup || e.kind == iam.KindRole
	if err != nil || a.Service != "iam" || !arn.IsAccountID(a.AccountID) || !known || e.name == "" {
		return entityRef{}, invalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", text)
	}
	return e, nil
}

// simulationSource is a user, group or role whose policies are simulated, with the service
// control policies above its account.
type simulationSource struct {
	entity     iam.EntityPolicies
	membership org.Membership
	levels     []org.Level
	registered map[string]*registeredResource

	// What compile makes of it.
	identity []policy.Attached
	boundary *policy.Attached
	scp      []policy.Level
}

func readSource(ctx context.Context, tx *store.Tx, e entityRef, resources []string) (*simulationSource, error) {
	var (
		s   simulationSource
		err error
	)
	if s.entity, err = iam.PoliciesOf(ctx, tx, e.account, e.kind, e.name); err != nil {
		return nil, err
	}
	if s.membership, _, err = org.MembershipOf(ctx, tx, e.account); err != nil {
		return nil, err
	}
	if s.registered, err = readRegistered(ctx, tx, e.account, resources); err != nil {
		return nil, err
	}
	if s.limited() {
		s.levels, _, err = org.PolicyLevels(ctx, tx, s.membership, org.ServiceControlPolicy)
	}
	return &s, err
}

// organized reports whether the account belongs to an organization.
func (s *simulationSource) organized() bool { return s.membership.OrganizationID != "" }

// limited reports whether service control policies apply: not in the management account,
// and not to service-linked roles.
func (s *simulationSource) limited() bool {
	return s.organized() && !s.membership.IsManagement() && !strings.Contains(s.entity.ARN, ":role/aws-service-role/")
}

// compile makes the policies ready for evaluation, but for those that are to be left out.
func (s *simulationSource) compile(exclude exclusions) error {
	for _, t := range s.entity.Identity {
		if exclude.identity(&t) {
			continue
		}
		a, err := attachedPolicy(sourceID(&t), policy.Identity, t.Document)
		if err != nil {
			return err
		}
		s.identity = append(s.identity, a)
	}
	s.identity = once(s.identity)
	if b := s.entity.Boundary; b != nil && !exclude.boundaries {
		a, err := attachedPolicy(b.Name, policy.Boundary, b.Document)
		if err != nil {
			return err
		}
		s.boundary = &a
	}
	if exclude.scps {
		return nil
	}
	for _, l := range s.levels {
		level := policy.Level{Name: l.TargetID}
		for _, p := range l.Policies {
			a, err := attachedPolicy(p.Name, policy.SCP, p.Content)
			if err != nil {
				return err
			}
			level.Policies = append(level.Policies, a)
		}
		s.scp = append(s.scp, level)
	}
	return nil
}

// once drops a managed policy that comes by several ways, as a user's and by groups.
func once(list []policy.Attached) []policy.Attached {
	seen := map[string]bool{}
	kept := list[:0]
	for _, a := range list {
		if text := a.Name + "\n" + string(a.Policy.Document().Text()); !seen[text] {
			seen[text] = true
			kept = append(kept, a)
		}
	}
	return kept
}

// sourceID is how simulations name a policy: a managed policy by its name, an inline policy
// by who carries it and its own name.
func sourceID(t *iam.PolicyText) string {
	if t.ARN != "" {
		return t.Name
	}
	return strings.Replace(t.Owner, "/", "_", 1) + "_" + t.Name
}

// attachedPolicy compiles a policy that is kept. One that cannot be understood makes the
// simulation impossible.
func attachedPolicy(name string, kind policy.Kind, document string) (policy.Attached, error) {
	doc, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		message := fmt.Sprintf("The policy %s could not be evaluated: %s", name, err)
		return policy.Attached{}, &iamapi.PolicyEvaluationException{Message: &message}
	}
	return policy.Attached{Name: name, Kind: kind, Policy: policy.Compile(doc)}, nil
}
