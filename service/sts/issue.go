package sts

import (
	"context"
	"io"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// hour is the longest session of a chained role and of the root user, and the default of
// AssumeRole, in seconds.
const hour = 3600

// issued are credentials that were made.
type issued struct {
	credentials *stsapi.Credentials
	// size is the length of the session token, in bytes.
	size *int32
}

// issue gives c an access key and a session of so many seconds that starts now, and makes
// the credentials that prove it. c.Session has everything but its times. minimum is the
// least size of the token that the client wants, for tests of what it can take.
func (s *Service) issue(ctx context.Context, operation string, c credential.Caller, seconds int32, minimum *int32) (issued, error) {
	var (
		now    time.Time
		secret string
	)
	// The store has the clock and the source of randomness; nothing is read from it.
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		now = tx.Now()
		c.AccessKeyID, secret = newKey(c.AccountID, tx.Rand())
		return nil
	})
	if err != nil {
		return issued{}, err
	}
	// Whole seconds, as the API and aws:TokenIssueTime show them.
	c.Session.IssuedAt = now.Truncate(time.Second)
	c.Session.ExpiresAt = c.Session.IssuedAt.Add(time.Duration(seconds) * time.Second)
	token, err := s.Sealer.Seal(&c, secret)
	if err != nil {
		return issued{}, err
	}
	if len(token) < int(smithy.Value(minimum)) {
		return issued{}, notBuilt(operation, "MinimumSessionTokenSize")
	}
	return issued{
		credentials: &stsapi.Credentials{
			AccessKeyId: smithy.Ptr(c.AccessKeyID), SecretAccessKey: smithy.Ptr(secret),
			SessionToken: smithy.Ptr(token), Expiration: smithy.Ptr(c.Session.ExpiresAt),
		},
		size: smithy.Ptr(int32(len(token))),
	}, nil
}

func newKey(accountID string, rand io.Reader) (id, secret string) {
	return credential.NewAccessKeyID(credential.Temporary, accountID, rand), credential.NewSecret(rand)
}
