package store

import (
	"database/sql"

	"github.com/bailiwick/bailiwick/iam"
)

// IAMPutPasswordPolicy implements [iam.PasswordPolicyStore].
func (tx *Tx) IAMPutPasswordPolicy(accountID string, p iam.PasswordPolicy) error {
	var hard *int64
	if p.HardExpiry != nil {
		n := int64(0)
		if *p.HardExpiry {
			n = 1
		}
		hard = &n
	}
	return tx.later(`
		insert into iam_password_policies (account_id, minimum_length, require_symbols, require_numbers,
			require_uppercase, require_lowercase, allow_users_change, max_age_days, reuse_prevention, hard_expiry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (account_id) do update set minimum_length = excluded.minimum_length,
			require_symbols = excluded.require_symbols, require_numbers = excluded.require_numbers,
			require_uppercase = excluded.require_uppercase, require_lowercase = excluded.require_lowercase,
			allow_users_change = excluded.allow_users_change, max_age_days = excluded.max_age_days,
			reuse_prevention = excluded.reuse_prevention, hard_expiry = excluded.hard_expiry`,
		accountID, p.MinimumLength, p.RequireSymbols, p.RequireNumbers, p.RequireUppercase, p.RequireLowercase,
		p.AllowUsersToChange, p.MaxAgeDays, p.ReusePrevention, hard)
}

// IAMDeletePasswordPolicy implements [iam.PasswordPolicyStore].
func (tx *Tx) IAMDeletePasswordPolicy(accountID string) (bool, error) {
	n, err := tx.exec(`delete from iam_password_policies where account_id = $1`, accountID)
	return n > 0, err
}

// IAMPasswordPolicy implements [iam.PasswordPolicyStore].
func (tx *Tx) IAMPasswordPolicy(accountID string) (iam.PasswordPolicy, bool, error) {
	var (
		p    iam.PasswordPolicy
		hard sql.NullInt64
	)
	err := tx.queryRow(`
		select minimum_length, require_symbols, require_numbers, require_uppercase, require_lowercase,
			allow_users_change, max_age_days, reuse_prevention, hard_expiry
		from iam_password_policies where account_id = $1`, accountID).
		Scan(&p.MinimumLength, &p.RequireSymbols, &p.RequireNumbers, &p.RequireUppercase, &p.RequireLowercase,
			&p.AllowUsersToChange, &p.MaxAgeDays, &p.ReusePrevention, &hard)
	if hard.Valid {
		on := hard.Int64 != 0
		p.HardExpiry = &on
	}
	return found(p, err)
}

// IAMInsertLoginProfile implements [iam.LoginStore].
func (tx *Tx) IAMInsertLoginProfile(l iam.LoginProfile) error {
	_, err := tx.exec(`
		insert into iam_login_profiles (user_id, password, reset_required, created_at, changed_at)
		values ($1, $2, $3, $4, $5)`, l.UserID, l.Hash, l.ResetRequired, l.CreatedAt, l.ChangedAt)
	return duplicate(err)
}

// IAMUpdateLoginProfile implements [iam.LoginStore].
func (tx *Tx) IAMUpdateLoginProfile(l iam.LoginProfile) error {
	return tx.later(`
		update iam_login_profiles set password = $2, reset_required = $3, changed_at = $4 where user_id = $1`,
		l.UserID, l.Hash, l.ResetRequired, l.ChangedAt)
}

// IAMDeleteLoginProfile implements [iam.LoginStore].
func (tx *Tx) IAMDeleteLoginProfile(userID string) (bool, error) {
	if _, err := tx.exec(`delete from iam_old_passwords where user_id = $1`, userID); err != nil {
		return false, err
	}
	n, err := tx.exec(`delete from iam_login_profiles where user_id = $1`, userID)
	return n > 0, err
}

// IAMLoginProfile implements [iam.LoginStore].
func (tx *Tx) IAMLoginProfile(userID string) (iam.LoginProfile, bool, error) {
	l := iam.LoginProfile{UserID: userID}
	err := tx.queryRow(`
		select password, reset_required, created_at, changed_at from iam_login_profiles where user_id = $1`, userID).
		Scan(&l.Hash, &l.ResetRequired, asTime(&l.CreatedAt), asTime(&l.ChangedAt))
	return found(l, err)
}

// IAMKeepOldPassword implements [iam.LoginStore].
func (tx *Tx) IAMKeepOldPassword(old iam.LoginProfile, limit int) error {
	err := tx.later(`insert into iam_old_passwords (user_id, changed_at, password) values ($1, $2, $3)`,
		old.UserID, old.ChangedAt, old.Hash)
	if err != nil {
		return err
	}
	return tx.later(`
		delete from iam_old_passwords
		where user_id = $1 and changed_at < (
			select min(k.changed_at) from (
				select o.changed_at from iam_old_passwords o where o.user_id = $1
				order by o.changed_at desc limit $2) k)`, old.UserID, limit)
}

// IAMOldPasswords implements [iam.LoginStore].
func (tx *Tx) IAMOldPasswords(userID string, limit int) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (hash string, err error) { return hash, rows.Scan(&hash) }, `
		select password from iam_old_passwords where user_id = $1 order by changed_at desc limit $2`, userID, limit)
}
