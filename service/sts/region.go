package sts

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/account"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// checkRegion refuses to make credentials of an account in a Region that it has to enable and has
// not; see the IAM user guide, "Manage AWS STS in an AWS Region". The other Regions have STS
// always, and so has what is no Region of AWS at all.
func (s *Service) checkRegion(ctx context.Context, accountID string) error {
	name := audit.FromContext(ctx).Region()
	if !account.NeedsOptIn(name) {
		return nil
	}
	state, err := store.Read(ctx, s.DB, func(tx *store.Tx) (string, error) {
		return account.RegionStateOf(ctx, tx, accountID, name)
	})
	// A Region that is not there yet, by the clock, is not enabled either.
	var unknown *account.Error
	if err != nil && !errors.As(err, &unknown) || state == account.RegionEnabled {
		return err
	}
	return &stsapi.RegionDisabledException{Message: smithy.Ptr("STS is not activated in this region for account:" + accountID +
		". Your account administrator can activate STS in this region using the IAM Console.")}
}
