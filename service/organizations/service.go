package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
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
}

var _ organizationsapi.Service = (*Service)(nil)

// eventSource is the service's principal.
const eventSource = "organizations.amazonaws.com"

// standing is how the caller's account must stand to its organization: [org.AsMember],
// [org.AsAdministrator] or [org.AsManagement].
type standing func(ctx context.Context, tx org.Tx, callerAccountID string) (org.Organization, error)

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
