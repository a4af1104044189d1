package iam

import (
	"context"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/store"
)

// maxActionsChecked bounds how many actions one pattern of a delegation is taken apart into.
const maxActionsChecked = 500

// checkPermissions says whether the caller could do what a delegation asks for: ALLOWED if all
// of it, DENIED if something surely not, else UNSURE. As in AWS it is an approximation: a
// resource with wildcards is asked for as it is written, and of conditions only those that name
// single values are met.
func checkPermissions(ctx context.Context, tx *store.Tx, c *credential.Caller, document string) (string, error) {
	doc, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		return iamapi.PermissionCheckResultTypeUnsure, nil
	}
	source, err := callerSource(ctx, tx, c)
	if err != nil {
		return "", err
	}
	if err := source.compile(exclusions{}); err != nil {
		return "", err
	}
	sets := policy.Sets{Identity: source.identity, Boundary: source.boundary, SCP: source.scp}
	result := iamapi.PermissionCheckResultTypeAllowed
	if s := c.Session; s != nil && (s.Policy != "" || len(s.PolicyARNs) > 0) {
		result = iamapi.PermissionCheckResultTypeUnsure
	}
	for i := range doc.Statements {
		if doc.Statements[i].Effect != policy.Allow {
			continue
		}
		switch checkStatement(c, &sets, &doc.Statements[i]) {
		case iamapi.PermissionCheckResultTypeDenied:
			return iamapi.PermissionCheckResultTypeDenied, nil
		case iamapi.PermissionCheckResultTypeUnsure:
			result = iamapi.PermissionCheckResultTypeUnsure
		}
	}
	return result, nil
}

// callerSource gathers what the caller carries; the root user carries nothing.
func callerSource(ctx context.Context, tx *store.Tx, c *credential.Caller) (*simulationSource, error) {
	var (
		source simulationSource
		err    error
	)
	if c.Type != credential.RootUser {
		kind := iam.KindUser
		if c.Type == credential.AssumedRole {
			kind = iam.KindRole
		}
		if source.entity, err = iam.PoliciesOf(ctx, tx, c.AccountID, kind, c.EntityName); err != nil {
			return nil, err
		}
	}
	if source.membership, _, err = org.MembershipOf(ctx, tx, c.AccountID); err == nil && source.limited() {
		source.levels, _, err = org.PolicyLevels(ctx, tx, source.membership, org.ServiceControlPolicy)
	}
	return &source, err
}

// checkStatement asks for each action on each resource of a statement that allows.
func checkStatement(c *credential.Caller, sets *policy.Sets, s *policy.Statement) string {
	result := iamapi.PermissionCheckResultTypeAllowed
	if len(s.Action) == 0 || len(s.Resource) == 0 {
		return iamapi.PermissionCheckResultTypeUnsure
	}
	keys := askedKeys(c, s)
	for _, a := range s.Action {
		actions := []string{a.Text}
		if strings.ContainsAny(a.Text, "*?") {
			if actions = serviceauth.Expand(a.Text); len(actions) == 0 || len(actions) > maxActionsChecked {
				return iamapi.PermissionCheckResultTypeUnsure
			}
		}
		for _, action := range actions {
			for _, resource := range s.Resource {
				switch x := policy.Simulate(&policy.Request{
					Principal: simulated(c), Action: action, Resource: resource.Text, Context: keys,
				}, sets); {
				case len(x.MissingKeys) > 0:
					result = iamapi.PermissionCheckResultTypeUnsure
				case !x.Decision.Allowed:
					return iamapi.PermissionCheckResultTypeDenied
				}
			}
		}
	}
	return result
}

func simulated(c *credential.Caller) policy.Principal {
	p := policy.Principal{Type: policy.User, Account: c.AccountID, ARN: c.ARN, UniqueID: c.EntityID}
	switch c.Type {
	case credential.RootUser:
		p.Type = policy.Root
	case credential.AssumedRole:
		p.Type, p.EntityARN = policy.AssumedRole, c.EntityARN
	}
	return p
}

// askedKeys are the condition keys of a request that fits the statement, and those that the
// caller brings.
func askedKeys(c *credential.Caller, s *policy.Statement) policy.Keys {
	keys := policy.Keys{}
	for _, condition := range s.Conditions {
		operator := strings.ToLower(condition.Operator)
		equal := strings.HasSuffix(operator, "equals") || strings.HasSuffix(operator, "like") || operator == "bool"
		if !equal || strings.Contains(operator, "not") || len(condition.Values) != 1 || strings.Contains(condition.Values[0].Text, "${") {
			continue
		}
		keys.Set(condition.Key, condition.Values[0].Text)
	}
	keys.Set("aws:PrincipalArn", c.EntityARN)
	keys.Set("aws:PrincipalAccount", c.AccountID)
	keys.Set("aws:userid", c.PrincipalID)
	return keys
}
