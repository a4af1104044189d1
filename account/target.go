package account

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/org"
)

// ServicePrincipal is the name under which an organization trusts Account Management.
const ServicePrincipal = "account.amazonaws.com"

// Trust is how an organization stands to Account Management.
type Trust struct {
	// Enabled says that the organization has enabled trusted access for [ServicePrincipal].
	Enabled bool
	// Delegated says that the calling account is a delegated administrator for it.
	Delegated bool
}

// TrustOf finds the trust of an organization and of one of its accounts.
type TrustOf func(ctx context.Context, tx org.Tx, organizationID, callerAccountID string) (Trust, error)

// Target returns the account that a call acts on: the caller's own if accountID is empty,
// else a member account of its organization, which the management account and delegated
// administrators may name (Account Management reference, parameter AccountId, and "Enable
// trusted access for AWS Account Management"). It fails with CodeAccessDenied; the
// management account can be reached from itself only, and an account elsewhere looks like
// one that does not exist. A nil trust means that no organization trusts the service.
func Target(ctx context.Context, tx Tx, trust TrustOf, callerAccountID, accountID string) (string, error) {
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
	var t Trust
	if trust != nil {
		if t, err = trust(ctx, tx, o.ID, callerAccountID); err != nil {
			return "", err
		}
	}
	switch {
	case callerAccountID != o.ManagementAccountID && !(t.Enabled && t.Delegated):
		return "", fail(CodeAccessDenied, "")
	case !t.Enabled || !o.AllFeatures():
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
