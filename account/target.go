package account

import (
	"context"
	"errors"
	"slices"

	"github.com/bailiwick/bailiwick/org"
)

// ServicePrincipal is the name under which an organization trusts Account Management.
const ServicePrincipal = "account.amazonaws.com"

// Target returns the account that a call acts on: the caller's own if accountID is empty,
// else a member account of its organization, which the management account and delegated
// administrators may name (Account Management reference, parameter AccountId, and "Enable
// trusted access for AWS Account Management"). It fails with CodeAccessDenied; the
// management account can be reached from itself only, and an account elsewhere looks like
// one that does not exist.
func Target(ctx context.Context, tx Tx, callerAccountID, accountID string) (string, error) {
	if accountID == "" {
		return callerAccountID, nil
	}
	o, err := org.AsMember(ctx, tx, callerAccountID)
	var outside *org.Error
	switch {
	case errors.As(err, &outside):
		return "", fail(CodeAccessDenied, "")
	case err != nil:
		return "", err
	}
	_, trusted, err := tx.OrgTrustedService(o.ID, ServicePrincipal)
	if err != nil {
		return "", err
	}
	may, err := administers(tx, o, callerAccountID)
	if err != nil {
		return "", err
	}
	switch {
	case !may:
		return "", fail(CodeAccessDenied, "")
	case !trusted || !o.AllFeatures():
		return "", fail(CodeAccessDenied, "Your organization must first enable trusted access with AWS Account Management.")
	case accountID == o.ManagementAccountID:
		return "", fail(CodeAccessDenied, "The management account can only be managed using the standalone context from the management account.")
	}
	a, found, err := tx.OrgAccount(accountID)
	if err != nil {
		return "", err
	}
	if !found || a.OrganizationID != o.ID {
		return "", fail(CodeAccessDenied, "")
	}
	return accountID, nil
}

// administers reports whether an account may act for the organization here: as its
// management account or as a delegated administrator of this service.
func administers(tx Tx, o org.Organization, accountID string) (bool, error) {
	if accountID == o.ManagementAccountID {
		return true, nil
	}
	const all = 1000 // more services than there are
	delegations, err := tx.OrgDelegations(o.ID, accountID, "", all)
	return slices.ContainsFunc(delegations, func(d org.Delegation) bool { return d.Principal == ServicePrincipal }), err
}
