package iam

import "context"

// PoliciesOf returns what the user, group or role of that name carries: for a group its own
// policies. It is the source of simulations; see the IAM API Reference,
// "SimulatePrincipalPolicy".
func PoliciesOf(ctx context.Context, tx Tx, accountID string, kind Kind, name string) (EntityPolicies, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	if err != nil {
		return EntityPolicies{}, err
	}
	if kind == KindGroup {
		e := EntityPolicies{Kind: i.Kind, ID: i.ID, AccountID: i.AccountID, ARN: i.ARN(), Name: i.Name}
		e.Identity, err = identityPolicies(tx, i.ID)
		return e, err
	}
	e, _, err := Entity(ctx, tx, accountID, i.ID)
	return e, err
}
