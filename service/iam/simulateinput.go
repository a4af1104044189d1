package iam

import (
	"fmt"
	"slices"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// simulationRequest is what both simulators take.
type simulationRequest struct {
	Policies, Boundaries, Actions, Resources        []string
	ResourcePolicy, ResourceOwner, Caller, Handling *string
	Entries                                         []iamapi.ContextEntry
	Organization                                    []iamapi.OrderedOrganizationPolicyType
	// NoWildcards says that actions may not have wildcards, which are taken as they are.
	NoWildcards bool
}

// maxOrganizationLevels is how many levels OrderedOrganizationPolicyInputList can have: the
// root, five of organizational units, and the account.
const maxOrganizationLevels = 7

// everything is the resource of a simulation that names none.
const everything = "*"

// simulation is a checked request, ready to be decided for each action and resource.
type simulation struct {
	actions, resources []string
	principal          policy.Principal
	identity           []policy.Attached
	boundary           *policy.Attached
	// resourcePolicy is that of all resources, owner the account that has those which do not
	// name theirs; shared says that resources of other accounts decide for themselves.
	resourcePolicy *policy.Attached
	owner          string
	shared         bool
	// organized says that service control policies have a say, scp which.
	organized bool
	scp       []policy.Level
	keys      policy.Keys
	// registered are the resources that are registered, by the names of the request.
	registered map[string]*registeredResource
	// spelled has condition keys as the policies write them, by lower case.
	spelled map[string]string
}

// newSimulation checks a request. The source is nil if only the request's policies count;
// account is the one that asks.
func newSimulation(r *simulationRequest, source *simulationSource, account string) (*simulation, error) {
	m := &simulation{actions: r.Actions, resources: r.Resources, spelled: map[string]string{}}
	if len(m.resources) == 0 {
		m.resources = []string{everything}
	}
	for _, step := range []func() error{
		func() error { return r.checkTargets(m.resources) },
		func() error { return checkHandling(smithy.Value(r.Handling), m.actions, m.resources) },
		func() error { return m.takePolicies(r, source) },
		func() error { return m.takeCaller(r, source, account) },
		func() error { return m.takeResourcePolicy(r, source) },
		func() error { return m.takeRegistered(r, source) },
		func() error { return m.takeEntries(r.Entries) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.recordSpellings()
	return m, nil
}

func (r *simulationRequest) checkTargets(resources []string) error {
	for _, a := range r.Actions {
		if !strings.Contains(a, ":") {
			return invalidInput("The action is invalid since it is missing names")
		}
		if r.NoWildcards && strings.ContainsAny(a, "*?") {
			return invalidInput("Invalid Input Actions: [%s] has a wildcard.", a)
		}
	}
	for _, name := range resources {
		_, err := arn.Parse(name)
		if alone := name == everything && len(resources) == 1; err != nil && !alone {
			return invalidInput("ResourceNames are not in a valid ARN format: %s.", name)
		}
	}
	return nil
}

// handlingOptions are the scenarios of ec2:RunInstances, with the types of resources that
// each has to have (IAM API Reference, "SimulateCustomPolicy", ResourceHandlingOption).
var handlingOptions = map[string][]string{
	"EC2-VPC-InstanceStore":        {"instance", "image", "security-group", "network-interface"},
	"EC2-VPC-InstanceStore-Subnet": {"instance", "image", "security-group", "network-interface", "subnet"},
	"EC2-VPC-EBS":                  {"instance", "image", "security-group", "network-interface", "volume"},
	"EC2-VPC-EBS-Subnet":           {"instance", "image", "security-group", "network-interface", "subnet", "volume"},
}

func checkHandling(option string, actions, resources []string) error {
	if option == "" {
		return nil
	}
	const invalid = "Invalid input resource handling options. "
	types, ok := handlingOptions[option]
	if !ok {
		return invalidInput(invalid+"%s is not a supported option.", option)
	}
	for _, a := range actions {
		if !strings.EqualFold(a, "ec2:RunInstances") {
			return invalidInput(invalid+"Action does not support resource handling options: %s.", a)
		}
	}
	for _, t := range types {
		if !slices.ContainsFunc(resources, func(r string) bool {
			a, err := arn.Parse(r)
			return err == nil && a.Service == "ec2" && a.ResourceType() == t
		}) {
			return invalidInput(invalid+"%s requires a resource of the type %s.", option, t)
		}
	}
	return nil
}

// takePolicies compiles the policies of the request and puts them to those of the source.
func (m *simulation) takePolicies(r *simulationRequest, source *simulationSource) (err error) {
	if m.identity, err = inputPolicies(r.Policies); err != nil {
		return err
	}
	if source != nil {
		m.identity = append(source.identity, m.identity...)
		m.boundary, m.organized, m.scp = source.boundary, source.organized(), source.scp
	}
	if len(r.Boundaries) > 1 {
		return invalidInput("The list of Permissions Boundary policies cannot exceed 1 items.")
	}
	for _, text := range r.Boundaries {
		p, err := inputPolicy(policy.Boundary, text, "Permissions boundary policy input list item 1")
		if err != nil {
			return err
		}
		m.boundary = &policy.Attached{Name: "PermissionsBoundaryPolicyInputList.1", Kind: policy.Boundary, Policy: p}
	}
	return m.takeOrganization(r.Organization)
}

// inputPolicies compiles a PolicyInputList.
func inputPolicies(texts []string) ([]policy.Attached, error) {
	list := make([]policy.Attached, 0, len(texts))
	for i, text := range texts {
		p, err := inputPolicy(policy.Identity, text, fmt.Sprintf("Policy input list item %d", i+1))
		if err != nil {
			return nil, err
		}
		list = append(list, policy.Attached{Name: fmt.Sprintf("PolicyInputList.%d", i+1), Kind: policy.Identity, Policy: p})
	}
	return list, nil
}

// inputPolicy compiles a policy of the request; name tells which one it is.
func inputPolicy(kind policy.Kind, text, name string) (*policy.Policy, error) {
	doc, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		return nil, invalidInput("%s has invalid content: %s", name, err)
	}
	if f := policy.FirstError(doc.Validate(kind, policy.Limits{})); f != nil {
		return nil, invalidInput("%s has invalid content: %s (line %d, column %d)", name, f.Message, f.Pos.Line, f.Pos.Column)
	}
	return policy.Compile(doc), nil
}

func (m *simulation) takeOrganization(levels []iamapi.OrderedOrganizationPolicyType) error {
	if len(levels) > maxOrganizationLevels {
		return validation(fmt.Sprintf("1 validation error detected: Value at 'orderedOrganizationPolicyInputList' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", maxOrganizationLevels))
	}
	for i := range levels {
		level := policy.Level{Name: fmt.Sprintf("level %d", i+1)}
		texts := levels[i].ServiceControlPolicyInputList
		if len(texts) == 0 {
			return invalidInput("Organization policy at index %d must contain at least one service control policy", i+1)
		}
		for n, text := range texts {
			p, err := inputPolicy(policy.SCP, text, fmt.Sprintf("Organization policy at index %d, service control policy %d", i+1, n+1))
			if err != nil {
				return err
			}
			level.Policies = append(level.Policies, policy.Attached{Name: fmt.Sprintf("%s.%d", level.Name, n+1), Kind: policy.SCP, Policy: p})
		}
		m.organized, m.scp = true, append(m.scp, level)
	}
	return nil
}

// takeCaller says who makes the simulated call: CallerArn, else the source, else somebody
// of the account that asks.
func (m *simulation) takeCaller(r *simulationRequest, source *simulationSource, account string) error {
	m.principal, m.keys = policy.Principal{Type: policy.User, Account: account}, policy.Keys{}
	caller := smithy.Value(r.Caller)
	if caller == "" && source != nil {
		caller = source.entity.ARN
	}
	if caller == "" {
		return nil
	}
	e, err := parseEntity(caller)
	if err != nil {
		return invalidInput("Invalid caller - Caller must be an IAM user, role or group in this context.")
	}
	m.principal = policy.Principal{Type: policy.User, Account: e.account, ARN: e.arn}
	m.keys.Set("aws:PrincipalArn", e.arn)
	m.keys.Set("aws:PrincipalAccount", e.account)
	m.keys.Set("aws:PrincipalIsAWSService", "false")
	switch e.kind {
	case iam.KindUser:
		m.keys.Set("aws:username", e.name)
		m.keys.Set("aws:PrincipalType", "User")
	case iam.KindRole:
		// Only sessions of a role act; which one is open.
		m.principal.Type, m.principal.EntityARN = policy.AssumedRole, e.arn
		m.principal.ARN = "arn:aws:sts::" + e.account + ":assumed-role/" + e.name + "/"
		m.keys.Set("aws:PrincipalType", "AssumedRole")
	}
	if source != nil && e.arn == source.entity.ARN {
		m.describe(source)
	}
	return nil
}

// describe adds what is known of a caller whose policies are simulated.
func (m *simulation) describe(source *simulationSource) {
	e := &source.entity
	m.principal.UniqueID = e.ID
	if e.Kind == iam.KindUser {
		m.keys.Set("aws:userid", e.ID)
	}
	for key, value := range e.Tags {
		m.keys.Set("aws:PrincipalTag/"+key, value)
	}
	if source.organized() {
		m.keys.Set("aws:PrincipalOrgID", source.membership.OrganizationID)
		m.keys.Set("aws:PrincipalOrgPaths", source.membership.OrgPath())
	}
}

// hasCaller reports whether the caller is one that a resource-based policy can name: the source
// stands for it only if it is a user (IAM API Reference, "SimulatePrincipalPolicy", CallerArn).
func (r *simulationRequest) hasCaller(source *simulationSource) bool {
	return smithy.Value(r.Caller) != "" || source != nil && source.entity.Kind == iam.KindUser
}

// takeResourcePolicy attaches the resource-based policy to all resources, which it has to
// be about, and says whose they are.
func (m *simulation) takeResourcePolicy(r *simulationRequest, source *simulationSource) error {
	m.owner = m.principal.Account
	if o := smithy.Value(r.ResourceOwner); o != "" {
		id := o
		if a, err := arn.Parse(o); err == nil && a.Service == "iam" && a.Resource == "root" {
			id = a.AccountID
		}
		if !arn.IsAccountID(id) {
			return invalidInput("'%s' is not a valid as a Resource Owner.", o)
		}
		m.owner, m.shared = id, true
	}
	if r.ResourcePolicy == nil {
		return nil
	}
	if !r.hasCaller(source) {
		return invalidInput("Invalid caller - Caller cannot be null or empty.")
	}
	p, err := inputPolicy(m.resourceKind(), *r.ResourcePolicy, "Resource policy")
	if err != nil {
		return err
	}
	for _, resource := range m.resources {
		if resource == everything {
			return invalidInput("Invalid Entity Arn: * does not clearly define entity type and name.")
		}
		if !p.Covers(resource) {
			return invalidInput("The resource policy is not applicable to the resource %s.", resource)
		}
	}
	m.shared, m.resourcePolicy = true, &policy.Attached{Name: "ResourcePolicy", Kind: policy.Resource, Policy: p}
	return nil
}

// resourceKind is what the resource-based policy is: a role's trust policy, if all that is
// simulated is to assume roles.
func (m *simulation) resourceKind() policy.Kind {
	for _, a := range m.actions {
		if slices.ContainsFunc(m.resources, func(r string) bool { return !assumes(a, r) }) {
			return policy.Resource
		}
	}
	return policy.Trust
}

// takeEntries takes the values of condition keys, over those that the caller implies.
func (m *simulation) takeEntries(entries []iamapi.ContextEntry) error {
	given := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		key, kind := smithy.Value(e.ContextKeyName), smithy.Value(e.ContextKeyType)
		form, list := strings.CutSuffix(kind, "List")
		lower := strings.ToLower(key)
		switch {
		case key == "":
			return invalidInput("ContextKeyName cannot be null or empty.")
		case kind == "":
			return invalidInput("Context key %s has invalid type null.", key)
		case len(e.ContextKeyValues) == 0:
			return invalidInput("Context values for context key %s cannot be null or empty.", key)
		case !list && len(e.ContextKeyValues) > 1:
			return invalidInput("Context key %s expected a single value, but received %d.", key, len(e.ContextKeyValues))
		case given[lower]:
			return invalidInput("Duplicate context key: %s.", key)
		}
		for _, v := range e.ContextKeyValues {
			if !policy.ValueForm(form).Fits(v) {
				return invalidInput("Invalid context value for key %s: expected %s.", key, formNames[policy.ValueForm(form)])
			}
		}
		given[lower] = true
		m.keys[lower] = e.ContextKeyValues
	}
	return nil
}

// formNames say what the values of a type have to be.
var formNames = map[policy.ValueForm]string{
	policy.NumericForm: "numeric format",
	policy.DateForm:    "DateTime format",
	policy.IPForm:      "IP address",
	policy.BinaryForm:  "base-64 encoded binary format",
}

func (m *simulation) recordSpellings() {
	record := func(list ...policy.Attached) {
		for i := range list {
			list[i].Policy.KeySpellings(m.spelled)
		}
	}
	record(m.identity...)
	if m.boundary != nil {
		record(*m.boundary)
	}
	if m.resourcePolicy != nil {
		record(*m.resourcePolicy)
	}
	for _, r := range m.registered {
		if r.policy != nil {
			record(*r.policy)
		}
	}
	for i := range m.scp {
		record(m.scp[i].Policies...)
	}
}

// assumes reports whether the action is one that a role's trust policy decides.
func assumes(action, resource string) bool {
	a, err := arn.Parse(resource)
	name, ok := strings.CutPrefix(strings.ToLower(action), "sts:")
	return ok && err == nil && a.Service == "iam" && a.ResourceType() == string(iam.KindRole) &&
		(strings.HasPrefix(name, "assumerole") || name == "tagsession" || name == "setsourceidentity")
}
