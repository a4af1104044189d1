package iam

import (
	"context"
	"sync"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// Service implements the IAM API. Operations that are not built answer NotImplemented.
type Service struct {
	iamapi.Unimplemented
	// PublicURL is where others reach this server: the issuers of outbound federation lie there.
	PublicURL string

	DB *store.DB
	// Vault seals the secrets of access keys.
	Vault *credential.Vault
	// FlushUses writes down which actions principals tried since the last time, so that
	// reports know of them; nil if nobody notes any.
	FlushUses func(ctx context.Context) error
	// Check decides about what an operation needs besides its own permission; nil allows it.
	Check func(ctx context.Context, c *credential.Caller, env authz.Environment, check authz.Check) error

	// reporting has the accounts about whose organization a report is being made.
	reporting sync.Map
}

var _ iamapi.Service = (*Service)(nil)

// account is the account that the call acts in: the caller's.
func account(ctx context.Context) string { return credential.FromContext(ctx).AccountID }

// write runs fn in a transaction that also keeps the audit event.
func write[O any](ctx context.Context, s *Service, fn func(*store.Tx) (*O, error)) (*O, error) {
	out, err := store.Write(ctx, s.DB, fn)
	return out, wireError(err)
}

// read runs fn at one snapshot.
func read[O any](ctx context.Context, s *Service, fn func(*store.Tx) (*O, error)) (*O, error) {
	out, err := store.Read(ctx, s.DB, fn)
	return out, wireError(err)
}

// change runs an operation that has nothing to say but that it was done.
func change[O any](ctx context.Context, s *Service, fn func(*store.Tx) error) (*O, error) {
	return write(ctx, s, func(tx *store.Tx) (*O, error) { return new(O), fn(tx) })
}

// touch tells the audit event which user, group or role the call concerns. One that does
// not exist is left out.
func touch(ctx context.Context, tx *store.Tx, kind iam.Kind, name *string) error {
	i, ok, err := tx.IAMIdentity(account(ctx), kind, smithy.Value(name))
	if err == nil && ok {
		touchIdentity(ctx, &i)
	}
	return err
}

// resourceTypes are CloudTrail's names of the kinds of identity.
var resourceTypes = map[iam.Kind]string{
	iam.KindUser:  "AWS::IAM::User",
	iam.KindGroup: "AWS::IAM::Group",
	iam.KindRole:  "AWS::IAM::Role",
}

func touchIdentity(ctx context.Context, i *iam.Identity) {
	audit.FromContext(ctx).Touch(audit.Resource{ARN: i.ARN(), Type: resourceTypes[i.Kind], AccountID: i.AccountID})
}

// touchPolicy tells the audit event which managed policy the call concerns.
func touchPolicy(ctx context.Context, policyARN *string) {
	audit.FromContext(ctx).Touch(audit.Resource{
		ARN: smithy.Value(policyARN), Type: "AWS::IAM::Policy", AccountID: account(ctx),
	})
}

// page is the page that a list operation asks for; the model bounds maxItems.
func page(marker *string, maxItems *int32) iam.Page {
	return iam.Page{Marker: smithy.Value(marker), Size: int(smithy.Value(maxItems))}
}

// pages packs what every list answers: whether there is more, and where it goes on.
func pages(next string) (isTruncated *bool, marker *string) {
	return smithy.Ptr(next != ""), smithy.PtrTo(next)
}

// userName returns the user that an operation means whose UserName is optional: the one
// named, else the caller. It is empty for the root user. A role session has no user to
// fall back on.
func userName(ctx context.Context, named *string) (string, error) {
	return callersUser(credential.FromContext(ctx), named)
}

func callersUser(c *credential.Caller, named *string) (string, error) {
	switch {
	case named != nil:
		return *named, nil
	case c.Type == credential.User:
		return c.EntityName, nil
	case c.Type == credential.RootUser:
		return "", nil
	default:
		return "", validation("Must specify userName when calling with non-User credentials")
	}
}
