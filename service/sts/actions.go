package sts

import "github.com/bailiwick/bailiwick/authz"

// Rows returns what each operation that is built must be allowed, after the Service
// Authorization Reference, "Actions, resources, and condition keys for AWS Security Token
// Service".
func (s *Service) Rows() []authz.Row {
	return []authz.Row{
		{Operation: "GetCallerIdentity", Actions: []string{"sts:GetCallerIdentity"}, Public: true},
		{Operation: "GetSessionToken", Actions: []string{"sts:GetSessionToken"}, Public: true},
		{
			Operation: "AssumeRole",
			Actions:   []string{actionAssumeRole, actionTagSession, actionSetSourceIdentity},
			Checks:    authz.For(s.assumeRoleChecks),
		},
		{
			Operation: "GetFederationToken",
			Actions:   []string{actionGetFederationToken, actionTagSession},
			Checks:    authz.For(federationChecks),
		},
		{
			Operation: "AssumeRoleWithWebIdentity",
			Actions:   []string{actionWebIdentity, actionTagSession, actionSetSourceIdentity},
			Unsigned:  true, Checks: authz.For(s.webIdentityChecks),
		},
		{
			Operation: "AssumeRoleWithSAML",
			Actions:   []string{actionSAML, actionTagSession, actionSetSourceIdentity},
			Unsigned:  true, Checks: authz.For(s.samlChecks),
		},
		{Operation: "AssumeRoot", Actions: []string{actionAssumeRoot}, Checks: authz.For(assumeRootChecks)},
		{
			Operation: "GetWebIdentityToken", Actions: []string{actionGetIdentityToken, actionTagIdentityToken},
			Checks: authz.For(identityTokenChecks),
		},
		authz.Anywhere("GetAccessKeyInfo", "sts:GetAccessKeyInfo"),
		authz.Anywhere("DecodeAuthorizationMessage", "sts:DecodeAuthorizationMessage"),
		authz.Anywhere("GetDelegatedAccessToken", "sts:GetDelegatedAccessToken"),
	}
}
