package sts

import "github.com/bailiwick/bailiwick/authz"

// Rows returns what each operation that is built must be allowed, after the Service
// Authorization Reference, "Actions, resources, and condition keys for AWS Security Token
// Service".
func (s *Service) Rows() []authz.Row {
	return []authz.Row{
		{Operation: "GetCallerIdentity", Actions: []string{"sts:GetCallerIdentity"}, Public: true},
		{
			Operation: "AssumeRole",
			Actions:   []string{actionAssumeRole, actionTagSession, actionSetSourceIdentity},
			Checks:    authz.For(s.assumeRoleChecks),
		},
	}
}
