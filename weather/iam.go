package weather

import (
	"context"
	"fmt"
	"slices"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/smithy"
)

// invoke is what a handler does.
type invoke func(ctx context.Context, op *smithy.Operation, in smithy.Shape) (smithy.Shape, error)

// Handler puts the weather around a service.
func (w *Weather) Handler(h smithy.Handler) smithy.Handler {
	inner := h.Invoke
	switch h.Service.ID {
	case "organizations":
		errorsOf := modeled(h.Service)
		h.Invoke = func(ctx context.Context, op *smithy.Operation, in smithy.Shape) (smithy.Shape, error) {
			return w.organizations(ctx, op, in, inner, errorsOf[op.Name])
		}
	case "iam":
		h.Invoke = func(ctx context.Context, op *smithy.Operation, in smithy.Shape) (smithy.Shape, error) {
			return w.iam(ctx, op, in, inner)
		}
	}
	return h
}

// iam hides what is new in IAM. What changes it goes through: it comes to where the thing was made.
func (w *Weather) iam(ctx context.Context, op *smithy.Operation, in smithy.Shape, next invoke) (smithy.Shape, error) {
	if !w.on(Consistency) {
		return next(ctx, op, in)
	}
	if err := w.notYetThere(in); err != nil {
		w.note(ctx, Consistency, "iam", op)
		return nil, err
	}
	out, err := next(ctx, op, in)
	if err != nil {
		return nil, err
	}
	if name := madeIn(out); name != "" {
		w.begin(Consistency, name)
		return out, nil
	}
	if err := w.notVisible(in, out); err != nil {
		w.note(ctx, Consistency, "iam", op)
		return nil, err
	}
	if w.thin(out) {
		w.note(ctx, Consistency, "iam", op)
	}
	return out, nil
}

// madeIn names what a call has made: by ARN, or an access key by its id.
func madeIn(out smithy.Shape) string {
	switch out := out.(type) {
	case *iamapi.CreateUserOutput:
		return *out.User.Arn
	case *iamapi.CreateGroupOutput:
		return *out.Group.Arn
	case *iamapi.CreateRoleOutput:
		return *out.Role.Arn
	case *iamapi.CreatePolicyOutput:
		return *out.Policy.Arn
	case *iamapi.CreateInstanceProfileOutput:
		return *out.InstanceProfile.Arn
	case *iamapi.CreateAccessKeyOutput:
		return *out.AccessKey.AccessKeyId
	}
	return ""
}

// notYetThere refuses to name what is new in places that look it up: policies to attach, principals
// of trust policies.
func (w *Weather) notYetThere(in smithy.Shape) error {
	policy, trust := "", ""
	switch in := in.(type) {
	case *iamapi.AttachUserPolicyInput:
		policy = smithy.Value(in.PolicyArn)
	case *iamapi.AttachGroupPolicyInput:
		policy = smithy.Value(in.PolicyArn)
	case *iamapi.AttachRolePolicyInput:
		policy = smithy.Value(in.PolicyArn)
	case *iamapi.CreateRoleInput:
		trust = smithy.Value(in.AssumeRolePolicyDocument)
	case *iamapi.UpdateAssumeRolePolicyInput:
		trust = smithy.Value(in.PolicyDocument)
	}
	switch {
	case policy != "" && w.isPending(Consistency, policy):
		return missing("Policy %s does not exist or is not attachable.", policy)
	case trust != "":
		quoted := func(name string) bool { return strings.Contains(trust, `"`+name+`"`) }
		if found := w.pendingWith(Consistency, quoted); len(found) > 0 {
			return &iamapi.MalformedPolicyDocumentException{
				Message: smithy.Ptr(fmt.Sprintf("Invalid principal in policy: %q:%q", "AWS", slices.Min(found))),
			}
		}
	}
	return nil
}

func missing(format, name string) error {
	return &iamapi.NoSuchEntityException{Message: smithy.Ptr(fmt.Sprintf(format, name))}
}

// notVisible says that something is not there which is new. Who asks for itself sees itself.
func (w *Weather) notVisible(in, out smithy.Shape) error {
	arn, name, format := "", "", "The %s with name %%s cannot be found."
	switch out := out.(type) {
	case *iamapi.GetUserOutput:
		if in, ok := in.(*iamapi.GetUserInput); ok && in.UserName != nil {
			arn, name, format = *out.User.Arn, *out.User.UserName, fmt.Sprintf(format, "user")
		}
	case *iamapi.GetGroupOutput:
		arn, name, format = *out.Group.Arn, *out.Group.GroupName, fmt.Sprintf(format, "group")
	case *iamapi.GetRoleOutput:
		arn, name, format = *out.Role.Arn, *out.Role.RoleName, fmt.Sprintf(format, "role")
	case *iamapi.GetPolicyOutput:
		arn, name, format = *out.Policy.Arn, *out.Policy.Arn, "Policy %s was not found."
	case *iamapi.GetInstanceProfileOutput:
		arn, name, format = *out.InstanceProfile.Arn, *out.InstanceProfile.InstanceProfileName, "Instance Profile %s cannot be found."
	}
	if arn == "" || !w.isPending(Consistency, arn) {
		return nil
	}
	return missing(format, name)
}

// thin takes what is new out of a list and reports whether there was something.
func (w *Weather) thin(out smithy.Shape) bool {
	switch out := out.(type) {
	case *iamapi.ListUsersOutput:
		return thin(w, &out.Users, func(u *iamapi.User) *string { return u.Arn })
	case *iamapi.ListGroupsOutput:
		return thin(w, &out.Groups, func(g *iamapi.Group) *string { return g.Arn })
	case *iamapi.ListRolesOutput:
		return thin(w, &out.Roles, func(r *iamapi.Role) *string { return r.Arn })
	case *iamapi.ListPoliciesOutput:
		return thin(w, &out.Policies, func(p *iamapi.Policy) *string { return p.Arn })
	case *iamapi.ListInstanceProfilesOutput:
		return thin(w, &out.InstanceProfiles, func(p *iamapi.InstanceProfile) *string { return p.Arn })
	case *iamapi.ListAccessKeysOutput:
		return thin(w, &out.AccessKeyMetadata, func(k *iamapi.AccessKeyMetadata) *string { return k.AccessKeyId })
	}
	return false
}

func thin[T any](w *Weather, list *[]T, name func(*T) *string) bool {
	before := len(*list)
	*list = slices.DeleteFunc(*list, func(item T) bool { return w.isPending(Consistency, smithy.Value(name(&item))) })
	return len(*list) < before
}
