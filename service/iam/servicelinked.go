package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateServiceLinkedRole makes the role by which a service acts in the account.
func (s *Service) CreateServiceLinkedRole(ctx context.Context, in *iamapi.CreateServiceLinkedRoleInput) (*iamapi.CreateServiceLinkedRoleOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateServiceLinkedRoleOutput, error) {
		r, err := iam.CreateServiceLinkedRole(ctx, tx, account(ctx), smithy.Value(in.AWSServiceName),
			smithy.Value(in.CustomSuffix), smithy.Value(in.Description))
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &r)
		out, err := describeRole(ctx, tx, &r)
		return &iamapi.CreateServiceLinkedRoleOutput{Role: out}, err
	})
}

// DeleteServiceLinkedRole deletes a service-linked role unless its service still needs it.
func (s *Service) DeleteServiceLinkedRole(ctx context.Context, in *iamapi.DeleteServiceLinkedRoleInput) (*iamapi.DeleteServiceLinkedRoleOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.DeleteServiceLinkedRoleOutput, error) {
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return nil, err
		}
		task, err := iam.DeleteServiceLinkedRole(ctx, tx, account(ctx), smithy.Value(in.RoleName))
		if err != nil {
			return nil, err
		}
		return &iamapi.DeleteServiceLinkedRoleOutput{DeletionTaskId: &task.ID}, nil
	})
}

// GetServiceLinkedRoleDeletionStatus says how the deletion of a service-linked role went.
func (s *Service) GetServiceLinkedRoleDeletionStatus(ctx context.Context, in *iamapi.GetServiceLinkedRoleDeletionStatusInput) (*iamapi.GetServiceLinkedRoleDeletionStatusOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetServiceLinkedRoleDeletionStatusOutput, error) {
		task, err := iam.GetDeletionTask(ctx, tx, account(ctx), smithy.Value(in.DeletionTaskId))
		if err != nil {
			return nil, err
		}
		out := &iamapi.GetServiceLinkedRoleDeletionStatusOutput{Status: &task.Status}
		if task.Reason != "" {
			out.Reason = &iamapi.DeletionTaskFailureReasonType{Reason: &task.Reason}
		}
		return out, nil
	})
}

// keyServiceName is the service that a service-linked role is for.
const keyServiceName = "iam:AWSServiceName"

func (s *Service) serviceLinkedRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreateServiceLinkedRole", Actions: []string{"iam:CreateServiceLinkedRole"}, Checks: authz.For(createLinkedChecks)},
		onIdentity(s, "DeleteServiceLinkedRole", iam.KindRole, func(in *iamapi.DeleteServiceLinkedRoleInput) *string { return in.RoleName }).row(),
		{
			Operation: "GetServiceLinkedRoleDeletionStatus", Actions: []string{"iam:GetServiceLinkedRoleDeletionStatus"},
			Checks: authz.For(deletionStatusChecks),
		},
	}
}

// createLinkedChecks are on the ARN that the role will have. A service without such a role
// has a path of its own all the same.
func createLinkedChecks(_ context.Context, c *authz.Call, in *iamapi.CreateServiceLinkedRoleInput) ([]authz.Check, error) {
	service := smithy.Value(in.AWSServiceName)
	linked, ok := managed.ServiceLinkedRoleFor(service)
	if !ok {
		linked = managed.ServiceLinkedRole{Service: service, RoleName: "*"}
	}
	name := linked.RoleName
	if suffix := smithy.Value(in.CustomSuffix); suffix != "" {
		name += "_" + suffix
	}
	keys := policy.Keys{}
	keys.Set(keyServiceName, service)
	return []authz.Check{{
		Action: "iam:CreateServiceLinkedRole", Resource: newARN(c, iam.KindRole, smithy.Ptr(linked.Path()), &name), Keys: keys,
	}}, nil
}

// deletionStatusChecks are on the role that the task was about, which may be gone; what is
// no task's id is looked for among all roles.
func deletionStatusChecks(_ context.Context, c *authz.Call, in *iamapi.GetServiceLinkedRoleDeletionStatusInput) ([]authz.Check, error) {
	arn, ok := iam.TaskRole(c.Caller.AccountID, smithy.Value(in.DeletionTaskId))
	if !ok {
		arn = newARN(c, iam.KindRole, nil, smithy.Ptr("*"))
	}
	return []authz.Check{{Action: "iam:GetServiceLinkedRoleDeletionStatus", Resource: arn}}, nil
}
