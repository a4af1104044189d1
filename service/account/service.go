package account

import (
	"context"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// Service is AWS Account Management. Operations that are not built answer NotImplemented.
type Service struct {
	accountapi.Unimplemented
	// DB holds everything.
	DB *store.DB
	// Vault seals one-time codes.
	Vault *credential.Vault
	// Settings are what the operator has chosen.
	Settings account.Settings
}

var _ accountapi.Service = (*Service)(nil)

// call is what every operation has in common: its name and its parameter AccountId.
type call struct {
	operation string
	accountID *string
}

// write runs an operation that changes something of the account that the call acts on, in
// one transaction with its audit event.
func write[O any](ctx context.Context, s *Service, c call, fn func(tx *store.Tx, accountID string) (*O, error)) (*O, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*O, error) { return within(ctx, s, tx, c, fn) })
	return out, apiError(ctx, c.operation, err)
}

// change runs an operation that has nothing to say but that it was done.
func change[O any](ctx context.Context, s *Service, c call, fn func(tx *store.Tx, accountID string) error) (*O, error) {
	return write(ctx, s, c, func(tx *store.Tx, accountID string) (*O, error) { return new(O), fn(tx, accountID) })
}

// read runs an operation that changes nothing.
func read[O any](ctx context.Context, s *Service, c call, fn func(tx *store.Tx, accountID string) (*O, error)) (*O, error) {
	out, err := store.Read(ctx, s.DB, func(tx *store.Tx) (*O, error) { return within(ctx, s, tx, c, fn) })
	return out, apiError(ctx, c.operation, err)
}

func within[O any](ctx context.Context, s *Service, tx *store.Tx, c call, fn func(tx *store.Tx, accountID string) (*O, error)) (*O, error) {
	caller := credential.FromContext(ctx).AccountID
	target, err := account.Target(ctx, tx, caller, smithy.Value(c.accountID))
	if err != nil {
		return nil, err
	}
	if target != caller {
		// The account concerned finds the event in its own history too.
		audit.FromContext(ctx).Touch(audit.Resource{AccountID: target, ARN: standaloneARN(target)})
	}
	return fn(tx, target)
}
