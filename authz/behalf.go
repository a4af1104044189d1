package authz

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
)

// ErrNoPrincipal says that a name is not that of somebody who could act.
var ErrNoPrincipal = errors.New("there is no such principal")

// questionSession is the name of the session of a role when only the role is named.
const questionSession = "session"

// Named finds the principal with a name, for a [Question] on its behalf: the ARN of a root
// user, a user, a role or a role session, a service principal, or "anonymous". A role acts in
// a session that was begun at the given time without anything but the role.
func (a *Authorizer) Named(ctx context.Context, name string, at time.Time) (*credential.Caller, *policy.Principal, error) {
	switch {
	case name == "anonymous":
		return nil, &policy.Principal{}, nil
	case strings.HasSuffix(name, ".amazonaws.com"):
		return nil, &policy.Principal{Type: policy.Service, ARN: name}, nil
	}
	parsed, err := arn.Parse(name)
	if err != nil || !arn.IsAccountID(parsed.AccountID) || parsed.Region != "" || parsed.Service != "iam" && parsed.Service != "sts" {
		return nil, nil, ErrNoPrincipal
	}
	if parsed.Service == "iam" && parsed.Resource == "root" {
		id := parsed.AccountID
		return &credential.Caller{Type: credential.RootUser, AccountID: id, ARN: name, PrincipalID: id, EntityID: id, EntityARN: name}, nil, nil
	}
	kind, entity, session := parsed.ResourceType(), parsed.ResourceName(), questionSession
	if parsed.Service == "sts" {
		var rest string
		kind, rest, _ = strings.Cut(parsed.Resource, "/")
		entity, session, _ = strings.Cut(rest, "/")
		if kind != "assumed-role" || session == "" {
			return nil, nil, ErrNoPrincipal
		}
		kind = string(iam.KindRole)
	}
	caller, err := a.namedEntity(ctx, parsed.AccountID, iam.Kind(kind), entity)
	if err != nil {
		return nil, nil, err
	}
	if parsed.Service == "iam" && caller.EntityARN != name {
		return nil, nil, ErrNoPrincipal
	}
	if caller.Type == credential.AssumedRole {
		caller.ARN = "arn:aws:sts::" + parsed.AccountID + ":assumed-role/" + entity + "/" + session
		caller.PrincipalID = caller.EntityID + ":" + session
		caller.Session = &credential.Session{Name: session, IssuedAt: at, ExpiresAt: at.Add(time.Hour), IssuerType: "AssumeRole"}
	}
	return caller, nil, nil
}

// namedEntity finds a user or role.
func (a *Authorizer) namedEntity(ctx context.Context, accountID string, kind iam.Kind, name string) (*credential.Caller, error) {
	if kind != iam.KindUser && kind != iam.KindRole {
		return nil, ErrNoPrincipal
	}
	var e iam.EntityPolicies
	err := a.view(ctx, func(tx Tx) (err error) {
		e, err = iam.PoliciesOf(ctx, tx, accountID, kind, name)
		return err
	})
	var rule *iam.Error
	switch {
	case errors.As(err, &rule):
		return nil, ErrNoPrincipal
	case err != nil:
		return nil, err
	}
	caller := &credential.Caller{
		Type: credential.User, AccountID: e.AccountID, ARN: e.ARN, PrincipalID: e.ID,
		EntityID: e.ID, EntityARN: e.ARN, EntityName: e.Name,
	}
	if kind == iam.KindRole {
		caller.Type = credential.AssumedRole
	}
	return caller, nil
}
