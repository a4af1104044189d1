package organizations

import (
	"context"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// departedCleaned is how a closed account departed, in the words of the events.
const departedCleaned = "Cleaned"

// DeleteClosedAccounts deletes accounts that were closed 90 days ago, at most limit, with
// the event for the management account (API reference, CloseAccount). It returns how many;
// who calls it again until there are fewer than the limit is done. It is for work in the
// background, which is nobody's call.
func DeleteClosedAccounts(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	gone, err := org.DeleteClosedAccounts(ctx, tx, limit)
	if err != nil {
		return 0, err
	}
	for _, d := range gone {
		if d.Organization.ID == "" {
			continue
		}
		if err := appendDeparted(tx, d.Organization, d.AccountID, departedCleaned); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}
