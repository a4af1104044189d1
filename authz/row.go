package authz

import (
	"context"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
)

// Row ties one operation to the permissions that it needs, after the Service Authorization
// Reference.
type Row struct {
	// Operation is the operation's name, for example "AttachPolicy".
	Operation string
	// Actions are the IAM actions that the operation can ask for, for the reference pages;
	// the first is the operation's own.
	Actions []string
	// Public operations are open to every authenticated caller without any permission
	// (sts:GetCallerIdentity); only an explicit deny of theirs is not heard either, as in AWS.
	Public bool
	// Unsigned operations come from callers that are nobody here: what the request holds
	// (a token, an assertion) proves who asks. Checks verifies it, names
	// them in each check, and may fill in the caller for the audit event.
	Unsigned bool
	// Checks returns what has to be allowed for this call. An error is returned to the client
	// instead of an authorization failure (the resource named does not exist, say); no checks
	// at all means refused.
	Checks func(ctx context.Context, c *Call) ([]Check, error)
}

// Call is one authenticated call on its way to its operation.
type Call struct {
	Caller *credential.Caller
	// Input is the operation's decoded and validated input.
	Input any
	// Membership is where the caller's account stands in its organization; its
	// OrganizationID is empty for a standalone account.
	Membership org.Membership
}

// Check is one question to the policies: may the caller do Action on Resource.
type Check struct {
	// Action is "service:Name".
	Action string
	// Resource is the ARN of what is acted on, or "*" for actions without resource types.
	Resource string
	// ResourceAccount owns the resource; empty means the caller's account. RCPs of its path
	// apply, and cross-account rules if it is not the caller's.
	ResourceAccount string
	// Policy is the resource-based policy (a role's trust policy, an organization's resource
	// policy); nil if there is none.
	Policy *policy.Attached
	// PolicyRequired is true when the resource-based policy must allow, whatever the identity
	// has (sts:AssumeRole).
	PolicyRequired bool
	// Principal is who asks, in the checks of an unsigned operation; nil means the caller.
	Principal *policy.Principal
	// Keys are the condition keys of this action: the service's own, aws:ResourceTag/…,
	// aws:RequestTag/…, aws:TagKeys. Names may have any case.
	Keys policy.Keys
}

// For returns the Checks function of an operation whose input is a *I. A call with another
// input, which only a wrong table can cause, yields no checks and so is refused.
func For[I any](checks func(ctx context.Context, c *Call, in *I) ([]Check, error)) func(context.Context, *Call) ([]Check, error) {
	return func(ctx context.Context, c *Call) ([]Check, error) {
		in, ok := c.Input.(*I)
		if !ok {
			return nil, nil
		}
		return checks(ctx, c, in)
	}
}

// Anywhere returns the row of an operation that has no resource types: its one check is
// action on "*".
func Anywhere(operation, action string) Row {
	return Row{
		Operation: operation, Actions: []string{action},
		Checks: func(context.Context, *Call) ([]Check, error) {
			return []Check{{Action: action, Resource: "*"}}, nil
		},
	}
}
