package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Service is AWS Organizations.
type Service struct {
	organizationsapi.Unimplemented
	// DB holds everything.
	DB *store.DB
	// Settings are the limits that the operator has set.
	Settings org.Settings
	// Policies compiles resource policies of organizations for the gate; the authorizer shares
	// it.
	Policies *authz.Compiler

	// described keeps the answers of DescribeOrganization.
	described store.Cache[*organizationsapi.DescribeOrganizationOutput]
}

var _ organizationsapi.Service = (*Service)(nil)

// eventSource is the service's principal.
const eventSource = "organizations.amazonaws.com"

// standing is how the caller's account must stand to its organization: [org.AsMember],
// [org.AsManagement], asReader or asAdministrator.
type standing func(ctx context.Context, tx org.Tx, callerAccountID string) (org.Organization, error)

// asReader and asAdministrator are [org.AsReader] and [org.AsAdministrator] in the
// organization that the gate decided about; asLeaver is [org.AsMember] there.
var (
	asReader        = decided(org.AsReader)
	asAdministrator = decided(org.AsAdministrator)
	asLeaver        = decided(org.AsMember)
)

// noOrganization is what the gate notes for the caller of a standalone account.
const noOrganization = "none"

// note tells the operation which organization the gate decides about: the caller's account
// may be in another one by then, whose policies nobody has asked.
func note(ctx context.Context, c *authz.Call) {
	id := c.Membership.OrganizationID
	if id == "" {
		id = noOrganization
	}
	credential.SetTarget(ctx, id)
}

// decided lets a standing hold for members of the organization that the gate decided about
// only. Management accounts are no matter of that: theirs is the organization, whatever
// others may do in it. A call that no gate has seen has no note.
func decided(as standing) standing {
	return func(ctx context.Context, tx org.Tx, callerAccountID string) (org.Organization, error) {
		o, err := as(ctx, tx, callerAccountID)
		if err != nil || o.ManagementAccountID == callerAccountID {
			return o, err
		}
		if noted := credential.Target(ctx); noted != "" && noted != o.ID {
			return org.Organization{}, errConcurrent()
		}
		return o, nil
	}
}

// caller returns the id of the calling account.
func caller(ctx context.Context) string { return credential.FromContext(ctx).AccountID }

// write runs an operation that changes something, in one transaction with its audit event.
func write[O any](ctx context.Context, s *Service, as standing, fn func(tx *store.Tx, o org.Organization) (O, error)) (O, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (O, error) { return within(ctx, tx, as, fn) })
	return out, apiError(err)
}

// read runs an operation that changes nothing.
func read[O any](ctx context.Context, s *Service, as standing, fn func(tx *store.Tx, o org.Organization) (O, error)) (O, error) {
	out, err := store.Read(ctx, s.DB, func(tx *store.Tx) (O, error) { return within(ctx, tx, as, fn) })
	return out, apiError(err)
}

func within[O any](ctx context.Context, tx *store.Tx, as standing, fn func(tx *store.Tx, o org.Organization) (O, error)) (O, error) {
	o, err := as(ctx, tx, caller(ctx))
	if err != nil {
		var none O
		return none, err
	}
	return fn(tx, o)
}
