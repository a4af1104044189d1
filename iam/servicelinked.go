package iam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/iam/managed"
)

// The states of the deletion of a service-linked role; see
// GetServiceLinkedRoleDeletionStatus in the IAM API Reference. A deletion is over when it is
// answered, so the states in between do not occur.
const (
	DeletionSucceeded = "SUCCEEDED"
	DeletionFailed    = "FAILED"
)

// DeletionTask is a request to delete a service-linked role, and how it ended.
type DeletionTask struct {
	// ID is "task/aws-service-role/<service>/<role>/<uuid>".
	ID        string
	AccountID string
	CreatedAt time.Time
	// Status is DeletionSucceeded or DeletionFailed; Reason says why it failed.
	Status, Reason string
}

// linkedPath begins the paths of service-linked roles; the service principal follows.
const linkedPath = "/aws-service-role/"

// DeletionTasksStay is how long the end of a deletion can be asked for. AWS does not say;
// clients ask within minutes.
const DeletionTasksStay = 90 * 24 * time.Hour

// DeletionTaskStore keeps the deletions of service-linked roles.
type DeletionTaskStore interface {
	IAMInsertDeletionTask(DeletionTask) error
	IAMDeletionTask(id string) (DeletionTask, bool, error)
}

// organizationsService is the service principal of Organizations, whose role cannot be
// deleted as long as the account is in an organization; see the Organizations user guide,
// "Using IAM with Organizations", "Service-linked roles".
const organizationsService = "organizations.amazonaws.com"

// CreateServiceLinkedRole makes the role by which a service acts in the account, with the
// service's own policy. suffix and description may be empty; only some services take a
// suffix.
func CreateServiceLinkedRole(ctx context.Context, tx Tx, accountID, service, suffix, description string) (Identity, error) {
	linked, ok := managed.ServiceLinkedRoleFor(service)
	if !ok {
		return Identity{}, fail(InvalidInput, "Cannot find Service Linked Role template for %s", service)
	}
	if suffix != "" && !linked.CustomSuffix {
		return Identity{}, fail(InvalidInput, "Custom suffix is not allowed for %s", service)
	}
	name := linkedRoleName(&linked, suffix)
	role, err := createLinked(ctx, tx, accountID, &linked, name, description)
	var rule *Error
	if errors.As(err, &rule) && rule.Code == EntityAlreadyExists {
		err = fail(InvalidInput, "Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	return role, err
}

// EnsureServiceLinkedRole returns the ARN of the role by which a service acts in the
// account; the role is made if it is not there yet. A service that has no such role gives
// the empty string.
func EnsureServiceLinkedRole(ctx context.Context, tx Tx, accountID, service string) (string, error) {
	linked, ok := managed.ServiceLinkedRoleFor(service)
	if !ok {
		return "", nil
	}
	name := linkedRoleName(&linked, "")
	role, ok, err := tx.IAMIdentity(accountID, KindRole, name)
	if err == nil && !ok {
		role, err = createLinked(ctx, tx, accountID, &linked, name, "")
	}
	return role.ARN(), err
}

func linkedRoleName(linked *managed.ServiceLinkedRole, suffix string) string {
	if suffix == "" {
		return linked.RoleName
	}
	return linked.RoleName + "_" + suffix
}

func createLinked(ctx context.Context, tx Tx, accountID string, linked *managed.ServiceLinkedRole, name, description string) (Identity, error) {
	role, err := CreateRole(ctx, tx, accountID, NewRole{
		Name: name, Path: linked.Path(), Description: description, Reserved: true,
		TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` +
			linked.Service + `"},"Action":"sts:AssumeRole"}]}`,
	})
	if err != nil {
		return Identity{}, err
	}
	p, ok := managed.ByARN(linked.PolicyARN())
	if !ok {
		return Identity{}, fmt.Errorf("iam: the policy of %s is not known", name)
	}
	return role, tx.IAMAttach(&role, AttachedPolicy{ARN: p.ARN, Name: p.Name, Path: p.Path})
}

// DeleteServiceLinkedRole deletes a service-linked role unless its service still needs it.
// The result, not the error, says how that went.
func DeleteServiceLinkedRole(ctx context.Context, tx Tx, accountID, name string) (DeletionTask, error) {
	role, err := identity(ctx, tx, accountID, KindRole, name)
	if err != nil {
		return DeletionTask{}, err
	}
	if !role.IsServiceLinked() {
		return DeletionTask{}, noSuch(KindRole, name)
	}
	id, err := newTaskID(&role, tx.Rand())
	if err != nil {
		return DeletionTask{}, err
	}
	task := DeletionTask{ID: id, AccountID: accountID, CreatedAt: tx.Now(), Status: DeletionSucceeded}
	if task.Reason, err = neededBy(tx, &role); err != nil {
		return DeletionTask{}, err
	}
	if task.Reason != "" {
		task.Status = DeletionFailed
	} else if err := removeLinked(tx, &role); err != nil {
		return DeletionTask{}, err
	}
	return task, tx.IAMInsertDeletionTask(task)
}

// neededBy says why a service cannot do without its role, or nothing.
func neededBy(tx Tx, role *Identity) (string, error) {
	if linkedService(role) != organizationsService {
		return "", nil
	}
	a, _, err := tx.OrgAccount(role.AccountID)
	if err != nil || a.OrganizationID == "" {
		return "", err
	}
	return "The account " + role.AccountID + " is part of the organization " + a.OrganizationID + ".", nil
}

// linkedService is the service principal in the path of a service-linked role.
func linkedService(role *Identity) string {
	service, _, _ := strings.Cut(strings.TrimPrefix(role.Path, linkedPath), "/")
	return service
}

// removeLinked deletes the role with its policies.
func removeLinked(tx Tx, role *Identity) error {
	attached, err := tx.IAMAttached(role.ID, "")
	if err != nil {
		return err
	}
	for _, p := range attached {
		if _, err := tx.IAMDetach(role.ID, p.ARN); err != nil {
			return err
		}
	}
	return remove(tx, role)
}

// newTaskID makes the id of a deletion after the type DeletionTaskId of the IAM API
// Reference.
func newTaskID(role *Identity, rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	// Version 4, variant 1 of RFC 9562.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("task%s%s/%x-%x-%x-%x-%x", role.Path, role.Name, b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// TaskRole returns the ARN of the role that a deletion concerns, from the deletion's id, or
// false if that is none.
func TaskRole(accountID, taskID string) (string, bool) {
	rest, ok := strings.CutPrefix(taskID, "task"+linkedPath)
	if !ok {
		return "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		return "", false
	}
	return arnOf(accountID, string(KindRole), linkedPath+parts[0]+"/", parts[1]), true
}

// GetDeletionTask returns how the deletion of a service-linked role went.
func GetDeletionTask(_ context.Context, tx Tx, accountID, taskID string) (DeletionTask, error) {
	if _, ok := TaskRole(accountID, taskID); !ok {
		return DeletionTask{}, fail(InvalidInput, "Invalid Deletion Task ID: %s", taskID)
	}
	task, ok, err := tx.IAMDeletionTask(taskID)
	if err == nil && (!ok || task.AccountID != accountID) {
		err = fail(NoSuchEntity, "The deletion task with id %s cannot be found.", taskID)
	}
	return task, err
}
