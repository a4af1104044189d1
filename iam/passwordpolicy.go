package iam

import (
	"context"
	"strings"
	"unicode/utf8"
)

// PasswordPolicy is what an account asks of the passwords of its users; see
// UpdateAccountPasswordPolicy in the IAM API Reference.
type PasswordPolicy struct {
	// MinimumLength counts characters, 6 to 128.
	MinimumLength int
	// Symbols, numbers, uppercase and lowercase letters are those of ASCII.
	RequireSymbols, RequireNumbers, RequireUppercase, RequireLowercase bool
	// AllowUsersToChange lets every user change the own password without any permission.
	AllowUsersToChange bool
	// MaxAgeDays is after how many days a password expires, 1 to 1095; 0 is never.
	MaxAgeDays int
	// ReusePrevention is how many of a user's last passwords, the present one included, may
	// not come again, 1 to 24; 0 is none.
	ReusePrevention int
	// HardExpiry says that a user cannot get past an expired password in the console; nil
	// if the account never said.
	HardExpiry *bool
}

// DefaultMinimumLength is the least length of passwords under a policy that does not say.
const DefaultMinimumLength = 6

// maxReusePrevention is the most passwords that a policy can ask for, so the most that are
// kept.
const maxReusePrevention = 24

// PasswordPolicyStore keeps the password policies of accounts.
type PasswordPolicyStore interface {
	// IAMPutPasswordPolicy adds or replaces the account's policy.
	IAMPutPasswordPolicy(accountID string, p PasswordPolicy) error
	// IAMDeletePasswordPolicy reports whether there was one.
	IAMDeletePasswordPolicy(accountID string) (bool, error)
	IAMPasswordPolicy(accountID string) (PasswordPolicy, bool, error)
}

// UpdatePasswordPolicy puts another password policy in the place of the account's, if it has
// one. Passwords that exist are not looked at.
func UpdatePasswordPolicy(_ context.Context, tx Tx, accountID string, p PasswordPolicy) error {
	return tx.IAMPutPasswordPolicy(accountID, p)
}

// GetPasswordPolicy returns the account's own password policy.
func GetPasswordPolicy(_ context.Context, tx Tx, accountID string) (PasswordPolicy, error) {
	p, ok, err := tx.IAMPasswordPolicy(accountID)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "The Password Policy with domain name %s cannot be found.", accountID)
	}
	return p, err
}

// DeletePasswordPolicy deletes the account's own password policy; the default one holds
// again.
func DeletePasswordPolicy(_ context.Context, tx Tx, accountID string) error {
	was, err := tx.IAMDeletePasswordPolicy(accountID)
	if err == nil && !was {
		err = fail(NoSuchEntity, "The account policy with name PasswordPolicy cannot be found.")
	}
	return err
}

// characters are the kinds of characters in a password.
type characters struct{ symbols, numbers, uppercase, lowercase bool }

// passwordSymbols are those that count as symbols; see UpdateAccountPasswordPolicy.
const passwordSymbols = "!@#$%^&*()_+-=[]{}|'"

func charactersOf(password string) (c characters) {
	for _, r := range password {
		switch {
		case r >= '0' && r <= '9':
			c.numbers = true
		case r >= 'A' && r <= 'Z':
			c.uppercase = true
		case r >= 'a' && r <= 'z':
			c.lowercase = true
		case strings.ContainsRune(passwordSymbols, r):
			c.symbols = true
		}
	}
	return c
}

// accepts reports whether the policy has nothing against a password, its age and history
// aside.
func (p *PasswordPolicy) accepts(password string) bool {
	has := charactersOf(password)
	return utf8.RuneCountInString(password) >= p.MinimumLength &&
		(has.symbols || !p.RequireSymbols) && (has.numbers || !p.RequireNumbers) &&
		(has.uppercase || !p.RequireUppercase) && (has.lowercase || !p.RequireLowercase)
}

// acceptedByDefault is the policy of accounts without one of their own; see the IAM user
// guide, "Set an account password policy for IAM users", "Default password policy".
func acceptedByDefault(password, accountName, accountEmail string) bool {
	const (
		minimum = 8
		kinds   = 3
	)
	has, n := charactersOf(password), 0
	for _, one := range []bool{has.symbols, has.numbers, has.uppercase, has.lowercase} {
		if one {
			n++
		}
	}
	return utf8.RuneCountInString(password) >= minimum && n >= kinds &&
		!strings.EqualFold(password, accountName) && !strings.EqualFold(password, accountEmail)
}
