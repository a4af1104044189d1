package sts

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// The durations of sessions, in seconds; see the durations in the STS API Reference.
const (
	// hour is the longest session of a chained role and of the root user, and the default
	// of AssumeRole.
	hour = 3600
	// halfDay is the default of GetSessionToken and GetFederationToken.
	halfDay = 43200
)

// order is what credentials are to be made.
type order struct {
	// who has a session with everything but its times.
	who credential.Caller
	// seconds is how long the session lasts.
	seconds int32
	// minimum is the least size of the session token that the client wants.
	minimum *int32
}

// issued are credentials that were made.
type issued struct {
	credentials *stsapi.Credentials
	// size is the length of the session token in bytes, utilization in percent of the
	// longest there can be.
	size, utilization *int32
}

// issue gives o.who an access key and a session that starts now, and makes the credentials
// that prove it. Nothing is kept of them.
func (s *Service) issue(ctx context.Context, o order) (issued, error) {
	return s.issueFrom(ctx, o, s.DB.Now())
}

// issueFrom is issue for a session that began at a time before.
func (s *Service) issueFrom(ctx context.Context, o order, begun time.Time) (issued, error) {
	c := o.who
	if err := s.checkRegion(ctx, c.AccountID); err != nil {
		return issued{}, err
	}
	// A secret never comes from an injected source: who knows the source would know it.
	c.AccessKeyID = credential.NewAccessKeyID(credential.Temporary, c.AccountID, rand.Reader)
	secret := credential.NewSecret(rand.Reader)
	// Whole seconds, as the API and aws:TokenIssueTime show them.
	c.Session.IssuedAt = begun.Truncate(time.Second)
	c.Session.ExpiresAt = c.Session.IssuedAt.Add(time.Duration(o.seconds) * time.Second)
	token, err := s.Sealer.SealFilled(&c, secret, int(smithy.Value(o.minimum)))
	if errors.Is(err, credential.ErrSessionTooLarge) {
		return issued{}, tooLarge("The policies and tags of the session, inherited ones included, do not fit in a session token.")
	}
	if err != nil {
		return issued{}, err
	}
	return issued{
		credentials: &stsapi.Credentials{
			AccessKeyId: smithy.Ptr(c.AccessKeyID), SecretAccessKey: smithy.Ptr(secret),
			SessionToken: smithy.Ptr(token), Expiration: smithy.Ptr(c.Session.ExpiresAt),
		},
		size:        smithy.Ptr(int32(len(token))),
		utilization: smithy.Ptr(int32((len(token)*100 + credential.MaxTokenLength - 1) / credential.MaxTokenLength)),
	}, nil
}

// userDuration returns how many seconds a session of a user lasts. The root user's are cut
// to an hour.
func userDuration(c *credential.Caller, wanted *int32) int32 {
	seconds := int32(halfDay)
	if wanted != nil {
		seconds = *wanted
	}
	if c.Type == credential.RootUser {
		return min(seconds, hour)
	}
	return seconds
}
