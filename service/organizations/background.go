package organizations

import (
	"context"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// departedCleaned is how a closed account departed, in the words of the events.
const departedCleaned = "Cleaned"

// DeleteClosedAccounts deletes accounts that were closed 90 days ago, at most limit in one
// transaction, with the event for the management account (API reference, CloseAccount). It
// returns how many; who calls it again until there are fewer than the limit is done. It is
// for work in the background, which is nobody's call.
func DeleteClosedAccounts(ctx context.Context, db *store.DB, limit int) (n int, err error) {
	err = db.Update(ctx, func(tx *store.Tx) error {
		gone, err := org.DeleteClosedAccounts(ctx, tx, limit)
		if err != nil {
			return err
		}
		for _, d := range gone {
			if d.Organization.ID == "" {
				continue
			}
			if err := appendDeparted(tx, d.Organization, d.AccountID, departedCleaned); err != nil {
				return err
			}
		}
		n = len(gone)
		return nil
	})
	return n, err
}

// SweepHandshakes deletes handshakes that nobody can see any more, with the invitations to
// transfers that came to nothing, at most limit in one transaction, and returns how many.
func SweepHandshakes(ctx context.Context, db *store.DB, limit int) (n int, err error) {
	err = db.Update(ctx, func(tx *store.Tx) (err error) {
		n, err = org.SweepHandshakes(ctx, tx, limit)
		return err
	})
	return n, err
}
