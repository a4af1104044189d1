package store

import (
	"database/sql"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of what users sign in with: MFA devices here, passwords in iam_extrapassword.go.

const mfaColumns = `serial, account_id, seed, created_at, user_id, enabled_at, last_step, drift`

func scanMFADevice(row scanner) (d iam.MFADevice, err error) {
	err = row.Scan(&d.Serial, &d.AccountID, &d.SealedSeed, asTime(&d.CreatedAt), &d.UserID,
		asZeroTime(&d.EnabledAt), &d.LastStep, &d.Drift)
	return d, err
}

func scanMFADevices(rows *sql.Rows) (iam.MFADevice, error) { return scanMFADevice(rows) }

// IAMInsertMFADevice implements [iam.MFAStore].
func (tx *Tx) IAMInsertMFADevice(d iam.MFADevice) error {
	_, err := tx.exec(`
		insert into iam_mfa_devices (serial, serial_key, account_id, seed, created_at, user_id, enabled_at,
			last_step, drift)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.Serial, strings.ToLower(d.Serial), d.AccountID, d.SealedSeed, d.CreatedAt, d.UserID,
		orNull(d.EnabledAt), d.LastStep, d.Drift)
	return duplicate(err)
}

// IAMUpdateMFADevice implements [iam.MFAStore].
func (tx *Tx) IAMUpdateMFADevice(d iam.MFADevice) error {
	return tx.later(`
		update iam_mfa_devices set user_id = $2, enabled_at = $3, last_step = $4, drift = $5
		where serial = $1`, d.Serial, d.UserID, orNull(d.EnabledAt), d.LastStep, d.Drift)
}

// IAMDeleteMFADevice implements [iam.MFAStore].
func (tx *Tx) IAMDeleteMFADevice(serial string) error {
	return tx.later(`delete from iam_mfa_devices where serial = $1`, serial)
}

// IAMMFADevice implements [iam.MFAStore].
func (tx *Tx) IAMMFADevice(serial string) (iam.MFADevice, bool, error) {
	return found(scanMFADevice(tx.queryRow(`select `+mfaColumns+` from iam_mfa_devices where serial = $1`, serial)))
}

// IAMMFADevices implements [iam.MFAStore].
func (tx *Tx) IAMMFADevices(accountID string, a iam.Assignment, r iam.Range) ([]iam.MFADevice, error) {
	return queryAll(tx, scanMFADevices, `
		select `+mfaColumns+` from iam_mfa_devices
		where account_id = $1 and serial > $2
			and ($3 = '' or ($3 = 'Assigned') = (enabled_at is not null))
		order by serial limit $4`, accountID, r.After, string(a), r.Limit)
}

// IAMMFADevicesOf implements [iam.MFAStore].
func (tx *Tx) IAMMFADevicesOf(accountID, userID string) ([]iam.MFADevice, error) {
	return queryAll(tx, scanMFADevices, `
		select `+mfaColumns+` from iam_mfa_devices
		where account_id = $1 and user_id = $2 and enabled_at is not null
		order by serial`, accountID, userID)
}

// IAMCountMFADevices implements [iam.MFAStore].
func (tx *Tx) IAMCountMFADevices(accountID string) (all, enabled int, err error) {
	err = tx.queryRow(`select count(*), count(enabled_at) from iam_mfa_devices where account_id = $1`,
		accountID).Scan(&all, &enabled)
	return all, enabled, err
}
