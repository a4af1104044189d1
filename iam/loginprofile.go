package iam

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// A password is hashed, and compared with the hashes of earlier ones, between two
// transactions: that takes so long that others would have to wait. [PasswordsOf] reads what
// it takes, [Passwords.Choose] does it, and the functions that write see to it that nobody
// set another password meanwhile.

// LoginProfile is the password of a user.
type LoginProfile struct {
	UserID, UserName string
	// Hash is the argon2id hash of the password.
	Hash string
	// ResetRequired says that the user has to choose another password when signing in.
	ResetRequired bool
	// CreatedAt has whole seconds. ChangedAt is when this password was set.
	CreatedAt, ChangedAt time.Time
}

// LoginStore keeps the passwords of users.
type LoginStore interface {
	// IAMInsertLoginProfile returns ErrDuplicate if the user has one.
	IAMInsertLoginProfile(LoginProfile) error
	// IAMUpdateLoginProfile writes password, time of change and whether it must be changed.
	IAMUpdateLoginProfile(LoginProfile) error
	// IAMDeleteLoginProfile deletes the user's passwords, old ones too, and reports whether
	// there was a present one.
	IAMDeleteLoginProfile(userID string) (bool, error)
	// IAMLoginProfile leaves the user's name out.
	IAMLoginProfile(userID string) (LoginProfile, bool, error)
	// IAMKeepOldPassword keeps the hash of a password, and at most limit for the user.
	IAMKeepOldPassword(old LoginProfile, limit int) error
	// IAMOldPasswords returns hashes, the newest first.
	IAMOldPasswords(userID string, limit int) ([]string, error)
}

// Passwords is what has to be known to set a user's password.
type Passwords struct {
	user    Identity
	present LoginProfile
	account struct{ name, email string }
	// policy is nil if the account has none of its own.
	policy *PasswordPolicy
	// barred are the hashes of the passwords that may not come again.
	barred []string
}

// Password is a password that may be set.
type Password struct {
	userID, hash string
	// follows is when the password was set that this one replaces; zero for a first one.
	follows time.Time
}

// PasswordsOf reads what [Passwords.Choose] needs for a user who has a login profile, or
// who has none if first is true; else the error is NoSuchEntity or EntityAlreadyExists.
func PasswordsOf(ctx context.Context, tx Tx, accountID, userName string, first bool) (*Passwords, error) {
	p := &Passwords{}
	var err error
	if p.user, err = identity(ctx, tx, accountID, KindUser, userName); err != nil {
		return nil, err
	}
	present, ok, err := tx.IAMLoginProfile(p.user.ID)
	switch {
	case err != nil:
		return nil, err
	case ok && first:
		return nil, profileExists(p.user.Name)
	case !ok && !first:
		return nil, noSuchProfile(p.user.Name)
	}
	p.present = present
	account, _, err := tx.OrgAccount(accountID)
	if err != nil {
		return nil, err
	}
	p.account.name, p.account.email = account.Name, account.Email
	policy, ok, err := tx.IAMPasswordPolicy(accountID)
	if err != nil || !ok {
		return p, err
	}
	p.policy = &policy
	if policy.ReusePrevention > 0 && !first {
		old, err := tx.IAMOldPasswords(p.user.ID, policy.ReusePrevention-1)
		if err != nil {
			return nil, err
		}
		p.barred = append(old, present.Hash)
	}
	return p, nil
}

// Present refuses a password that is not the user's present one.
func (p *Passwords) Present(password string) error {
	ok, err := credential.VerifyPassword(p.present.Hash, password)
	if err == nil && !ok {
		err = fail(AccessDenied, "The old password was incorrect.")
	}
	return err
}

// Choose hashes a password if the policy of the account accepts it. It takes long.
func (p *Passwords) Choose(password string, rand io.Reader) (Password, error) {
	accepted := false
	if p.policy != nil {
		accepted = p.policy.accepts(password)
	} else {
		accepted = acceptedByDefault(password, p.account.name, p.account.email)
	}
	for _, hash := range p.barred {
		if !accepted {
			break
		}
		same, err := credential.VerifyPassword(hash, password)
		if err != nil {
			return Password{}, err
		}
		accepted = !same
	}
	if !accepted {
		return Password{}, fail(PasswordPolicyViolation, "Password does not conform to the account password policy.")
	}
	return Password{
		userID: p.user.ID, hash: credential.HashPassword(password, rand), follows: p.present.ChangedAt,
	}, nil
}

// CreateLoginProfile gives a user a first password.
func CreateLoginProfile(ctx context.Context, tx Tx, accountID, userName string, password Password, resetRequired bool) (LoginProfile, error) {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return LoginProfile{}, err
	}
	if u.ID != password.userID {
		return LoginProfile{}, changedMeanwhile(u.Name)
	}
	if _, ok, err := tx.IAMLoginProfile(u.ID); err != nil {
		return LoginProfile{}, err
	} else if ok {
		return LoginProfile{}, profileExists(u.Name)
	}
	l := LoginProfile{
		UserID: u.ID, UserName: u.Name, Hash: password.hash, ResetRequired: resetRequired,
		CreatedAt: seconds(tx.Now()), ChangedAt: tx.Now(),
	}
	err = tx.IAMInsertLoginProfile(l)
	if errors.Is(err, ErrDuplicate) {
		err = profileExists(u.Name)
	}
	return l, err
}

// UpdateLoginProfile sets a user's password and whether the user has to choose another one;
// nil leaves either as it is.
func UpdateLoginProfile(ctx context.Context, tx Tx, accountID, userName string, password *Password, resetRequired *bool) error {
	l, err := GetLoginProfile(ctx, tx, accountID, userName)
	if err != nil {
		return err
	}
	if password != nil {
		if password.userID != l.UserID || !password.follows.Equal(l.ChangedAt) {
			return changedMeanwhile(l.UserName)
		}
		if err := tx.IAMKeepOldPassword(l, maxReusePrevention-1); err != nil {
			return err
		}
		l.Hash, l.ChangedAt = password.hash, later(tx.Now(), l.ChangedAt)
	}
	if resetRequired != nil {
		l.ResetRequired = *resetRequired
	}
	return tx.IAMUpdateLoginProfile(l)
}

// later returns now, or the moment after last if that is not before: the time of change
// tells passwords apart, whatever the clock does.
func later(now, last time.Time) time.Time {
	if now.After(last) {
		return now
	}
	return last.Add(time.Microsecond)
}

// GetLoginProfile returns a user's login profile.
func GetLoginProfile(ctx context.Context, tx Tx, accountID, userName string) (LoginProfile, error) {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return LoginProfile{}, err
	}
	l, ok, err := tx.IAMLoginProfile(u.ID)
	if err == nil && !ok {
		err = noSuchProfile(u.Name)
	}
	l.UserName = u.Name
	return l, err
}

// DeleteLoginProfile takes a user's password away.
func DeleteLoginProfile(ctx context.Context, tx Tx, accountID, userName string) error {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return err
	}
	was, err := tx.IAMDeleteLoginProfile(u.ID)
	if err == nil && !was {
		err = noSuchProfile(u.Name)
	}
	return err
}

func noSuchProfile(userName string) error {
	return fail(NoSuchEntity, "Login Profile for User %s cannot be found.", userName)
}

func profileExists(userName string) error {
	return fail(EntityAlreadyExists, "Login Profile for user %s already exists.", userName)
}

func changedMeanwhile(userName string) error {
	return fail(EntityTemporarilyUnmodifiable,
		"Login Profile for User %s was changed at the same time. Try again.", userName)
}

// noSignIn refuses to delete a user who has a password or an MFA device.
func noSignIn(tx Tx, u *Identity) error {
	_, ok, err := tx.IAMLoginProfile(u.ID)
	if err != nil {
		return err
	}
	if ok {
		return fail(DeleteConflict, "Cannot delete entity, must delete login profile first.")
	}
	devices, err := tx.IAMMFADevicesOf(u.AccountID, u.ID)
	if err == nil && len(devices) > 0 {
		err = fail(DeleteConflict, "Cannot delete entity, must delete MFA device first.")
	}
	return err
}
