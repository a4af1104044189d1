package iam

import "context"

// SummaryStore counts what only the summary of an account asks for.
type SummaryStore interface {
	// IAMCountPoliciesInUse counts the managed policies, AWS's included, that are attached to
	// an identity of the account or are its boundary.
	IAMCountPoliciesInUse(accountID string) (int, error)
}

// Summary is how much an account has of what IAM keeps.
type Summary struct {
	Users, Groups, Roles, Policies, InstanceProfiles int
	// PolicyVersionsInUse counts the versions that decide something: the default versions
	// of managed policies, AWS's included, that somebody carries.
	PolicyVersionsInUse int
	// MFADevices counts virtual devices, MFADevicesInUse those that are enabled.
	MFADevices, MFADevicesInUse int
	// RootHasAccessKey, RootHasMFA and RootHasCertificate are about the root user.
	RootHasAccessKey, RootHasMFA, RootHasCertificate bool
	// RootHasPassword says that the root user has a password or may recover one.
	RootHasPassword               bool
	ServerCertificates, Providers int
	// GlobalTokenVersion is which tokens the global endpoint of STS gives, 1 or 2.
	GlobalTokenVersion int
}

// AccountSummary counts what the account has.
func AccountSummary(_ context.Context, tx Tx, accountID string) (s Summary, err error) {
	for _, one := range []struct {
		count *int
		read  func() (int, error)
	}{
		{&s.Users, func() (int, error) { return tx.IAMCountIdentities(accountID, KindUser) }},
		{&s.Groups, func() (int, error) { return tx.IAMCountIdentities(accountID, KindGroup) }},
		{&s.Roles, func() (int, error) { return tx.IAMCountIdentities(accountID, KindRole) }},
		{&s.Policies, func() (int, error) { return tx.IAMCountPolicies(accountID) }},
		{&s.InstanceProfiles, func() (int, error) { return tx.IAMCountProfiles(accountID) }},
		{&s.ServerCertificates, func() (int, error) { return tx.IAMCountServerCertificates(accountID) }},
		{&s.PolicyVersionsInUse, func() (int, error) { return tx.IAMCountPoliciesInUse(accountID) }},
	} {
		if *one.count, err = one.read(); err != nil {
			return Summary{}, err
		}
	}
	if s.MFADevices, s.MFADevicesInUse, err = tx.IAMCountMFADevices(accountID); err != nil {
		return Summary{}, err
	}
	keys, err := tx.IAMKeys(accountID, "")
	if err != nil {
		return Summary{}, err
	}
	oidc, err := tx.IAMOIDCProviders(accountID)
	if err != nil {
		return Summary{}, err
	}
	saml, err := tx.IAMSAMLProviders(accountID)
	if err != nil {
		return Summary{}, err
	}
	s.Providers = len(oidc) + len(saml)
	certificates, err := tx.IAMPublicKeys(accountID, "", SigningCertificate)
	if err != nil {
		return Summary{}, err
	}
	s.RootHasCertificate = len(certificates) > 0
	settings, err := tx.IAMAccountSettings(accountID)
	if err != nil {
		return Summary{}, err
	}
	s.RootHasPassword, s.GlobalTokenVersion = !settings.RootProfileAt.IsZero(), max(settings.GlobalTokenVersion, 1)
	devices, err := tx.IAMMFADevicesOf(accountID, "")
	s.RootHasAccessKey, s.RootHasMFA = len(keys) > 0, len(devices) > 0
	return s, err
}
