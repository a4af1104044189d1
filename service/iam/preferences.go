package iam

import (
	"context"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// SetSecurityTokenServicePreferences chooses which tokens the global endpoint of STS gives. It is
// kept and shown; the tokens here are good everywhere.
func (s *Service) SetSecurityTokenServicePreferences(ctx context.Context, in *iamapi.SetSecurityTokenServicePreferencesInput) (*iamapi.SetSecurityTokenServicePreferencesOutput, error) {
	version := 1
	if smithy.Value(in.GlobalEndpointTokenVersion) == iamapi.GlobalEndpointTokenVersionV2Token {
		version = 2
	}
	return change[iamapi.SetSecurityTokenServicePreferencesOutput](ctx, s, func(tx *store.Tx) error {
		return iam.SetGlobalTokenVersion(ctx, tx, account(ctx), version)
	})
}

// GetAccountProperties returns the properties of the account.
func (s *Service) GetAccountProperties(ctx context.Context, _ *iamapi.GetAccountPropertiesInput) (*iamapi.GetAccountPropertiesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetAccountPropertiesOutput, error) {
		properties, err := iam.AccountProperties(ctx, tx, account(ctx))
		return &iamapi.GetAccountPropertiesOutput{Properties: properties}, err
	})
}

// PutAccountProperties sets properties of the account: role manager, which makes roles for the
// consoles of AWS services, on or off.
func (s *Service) PutAccountProperties(ctx context.Context, in *iamapi.PutAccountPropertiesInput) (*iamapi.PutAccountPropertiesOutput, error) {
	return change[iamapi.PutAccountPropertiesOutput](ctx, s, func(tx *store.Tx) error {
		return iam.PutAccountProperties(ctx, tx, account(ctx), in.Properties)
	})
}

const (
	actionPutProperties = "iam:PutAccountProperties"
	actionGetProperties = "iam:GetAccountProperties"
	actionCreateLinked  = "iam:CreateServiceLinkedRole"

	// keyPropertyNamespaces are the namespaces of the properties that are read or set.
	keyPropertyNamespaces = "iam:AccountPropertyNamespaces"
)

// putPropertiesChecks ask for the role of role manager too when that is turned on; see the IAM
// user guide, "Manage access to role manager".
func putPropertiesChecks(_ context.Context, c *authz.Call, in *iamapi.PutAccountPropertiesInput) ([]authz.Check, error) {
	var namespaces []string
	for name := range in.Properties {
		namespace, _, _ := strings.Cut(name, "/")
		namespaces = append(namespaces, namespace)
	}
	keys := policy.Keys{}
	if len(namespaces) > 0 {
		keys.Set(keyPropertyNamespaces, namespaces...)
	}
	checks := []authz.Check{{Action: actionPutProperties, Resource: "*", Keys: keys}}
	if enable, err := iam.CheckAccountProperties(in.Properties); err == nil && enable {
		linked := policy.Keys{}
		linked.Set(keyServiceName, iam.RoleManagerService)
		checks = append(checks, authz.Check{
			Action: actionCreateLinked, Keys: linked,
			Resource: newARN(c, iam.KindRole, smithy.Ptr("/aws-service-role/"+iam.RoleManagerService+"/"), smithy.Ptr(iam.RoleManagerRole)),
		})
	}
	return checks, nil
}

func (s *Service) settingsRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("SetSecurityTokenServicePreferences", "iam:SetSecurityTokenServicePreferences"),
		{
			Operation: "GetAccountProperties", Actions: []string{actionGetProperties},
			Checks: authz.For(func(context.Context, *authz.Call, *iamapi.GetAccountPropertiesInput) ([]authz.Check, error) {
				keys := policy.Keys{}
				keys.Set(keyPropertyNamespaces, iam.RoleManagerNamespace)
				return []authz.Check{{Action: actionGetProperties, Resource: "*", Keys: keys}}, nil
			}),
		},
		{
			Operation: "PutAccountProperties", Actions: []string{actionPutProperties, actionCreateLinked},
			Checks: authz.For(putPropertiesChecks),
		},
	}
}
