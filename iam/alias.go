package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
)

// AliasStore keeps the aliases of accounts.
type AliasStore interface {
	// IAMSetAlias gives the account another alias. It returns ErrDuplicate if an account has
	// it.
	IAMSetAlias(accountID, alias string) error
	IAMDeleteAlias(accountID string) error
	// IAMAlias returns the account's alias, or the empty string.
	IAMAlias(accountID string) (string, error)
	// IAMAliasOwner returns the account that has an alias, or the empty string.
	IAMAliasOwner(alias string) (string, error)
}

// CreateAccountAlias gives the account an alias in the place of the one it has. An alias is
// unique among all accounts of the server, as AWS's is among all of AWS.
func CreateAccountAlias(_ context.Context, tx Tx, accountID, alias string) error {
	if !validAlias(alias) {
		return fail(InvalidRequest, "The account alias %s is not valid: it may have lowercase letters, digits and "+
			"single hyphens between them, and must not look like an account id.", alias)
	}
	owner, err := tx.IAMAliasOwner(alias)
	if err != nil {
		return err
	}
	if owner == "" {
		err = tx.IAMSetAlias(accountID, alias)
	}
	if owner != "" || errors.Is(err, ErrDuplicate) {
		err = fail(EntityAlreadyExists, "The account alias %s already exists.", alias)
	}
	return err
}

// validAlias holds the rules of the alias's pattern, and that it is not twelve digits; see
// the IAM user guide, "Your AWS account ID and its alias".
func validAlias(alias string) bool {
	for _, r := range alias {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return alias != "" && alias[0] != '-' && alias[len(alias)-1] != '-' &&
		!strings.Contains(alias, "--") && !arn.IsAccountID(alias)
}

// DeleteAccountAlias takes its alias away from the account.
func DeleteAccountAlias(_ context.Context, tx Tx, accountID, alias string) error {
	have, err := tx.IAMAlias(accountID)
	if err != nil {
		return err
	}
	if have == "" || have != alias {
		return fail(NoSuchEntity, "The account alias %s cannot be found.", alias)
	}
	return tx.IAMDeleteAlias(accountID)
}

// ListAccountAliases returns the account's alias, if it has one.
func ListAccountAliases(_ context.Context, tx Tx, accountID string, p Page) ([]string, string, error) {
	alias, err := tx.IAMAlias(accountID)
	if err != nil {
		return nil, "", err
	}
	var list []string
	if alias != "" {
		list = append(list, alias)
	}
	return slicePage(list, p, func(alias string) string { return alias })
}
