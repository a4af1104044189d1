package iam_test

import (
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestOutboundFederation(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.PublicURL = "https://bailiwick.example.com"
			info := &iamapi.GetOutboundWebIdentityFederationInfoInput{}
			(&refusal{"not enabled", info, "FeatureDisabled", ""}).check(t, f)
			(&refusal{"nothing to disable", &iamapi.DisableOutboundWebIdentityFederationInput{}, "FeatureDisabled", ""}).check(t, f)
			made, err := f.EnableOutboundWebIdentityFederation(f.ctx, &iamapi.EnableOutboundWebIdentityFederationInput{})
			noError(t, err)
			if !strings.HasPrefix(*made.IssuerIdentifier, "https://bailiwick.example.com/_bailiwick/oidc/") {
				t.Errorf("issuer %s", *made.IssuerIdentifier)
			}
			(&refusal{"twice", &iamapi.EnableOutboundWebIdentityFederationInput{}, "FeatureEnabled", ""}).check(t, f)
			got, err := f.GetOutboundWebIdentityFederationInfo(f.ctx, info)
			noError(t, err)
			equal(t, "issuer", *got.IssuerIdentifier, *made.IssuerIdentifier)
			equal(t, "enabled", *got.JwtVendingEnabled, true)
			(&refusal{"another account", info, "FeatureDisabled", ""}).checkAs(t, f, as(t, other, "x"))

			elsewhere, err := f.EnableOutboundWebIdentityFederation(as(t, other, "x"), &iamapi.EnableOutboundWebIdentityFederationInput{})
			noError(t, err)
			if *elsewhere.IssuerIdentifier == *made.IssuerIdentifier {
				t.Error("two accounts are one issuer")
			}
			noError(t, f.call(f.ctx, &iamapi.DisableOutboundWebIdentityFederationInput{}))
			(&refusal{"disabled", info, "FeatureDisabled", ""}).check(t, f)
			again, err := f.EnableOutboundWebIdentityFederation(f.ctx, &iamapi.EnableOutboundWebIdentityFederationInput{})
			noError(t, err)
			equal(t, "issuer after enabling again", *again.IssuerIdentifier, *made.IssuerIdentifier)
			f.update(t, func(tx *store.Tx) error {
				keys, err := tx.IAMOutboundKeys(home)
				equal(t, "keys", len(keys), 2)
				for _, k := range keys {
					if strings.Contains(string(k.Sealed), string(k.Public[len(k.Public)-32:])) {
						t.Errorf("key %s is not sealed", k.ID)
					}
				}
				return err
			})
		})
	}
}

func TestTokenPreferences(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			version := func() int {
				sum, err := f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
				noError(t, err)
				return int(sum.SummaryMap["GlobalEndpointTokenVersion"])
			}
			equal(t, "version at first", version(), 1)
			for _, c := range []struct {
				set  string
				want int
			}{{"v2Token", 2}, {"v1Token", 1}} {
				noError(t, f.call(f.ctx, &iamapi.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: &c.set}))
				equal(t, c.set, version(), c.want)
			}
		})
	}
}

func TestAccountProperties(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			properties := func() map[string]string {
				out, err := f.GetAccountProperties(f.ctx, &iamapi.GetAccountPropertiesInput{})
				noError(t, err)
				return out.Properties
			}
			put := func(p map[string]string) *iamapi.PutAccountPropertiesInput {
				return &iamapi.PutAccountPropertiesInput{Properties: p}
			}
			equal(t, "at first", properties(), map[string]string{"RoleManager/Enabled": "false"})
			for _, c := range []refusal{
				{"no namespace", put(map[string]string{"Enabled": "true"}), "InvalidInput", "Property key must be in format Namespace/PropertyName: Enabled"},
				{"two slashes", put(map[string]string{"RoleManager/Enabled/x": "true"}), "InvalidInput", "Property key must be in format Namespace/PropertyName: RoleManager/Enabled/x"},
				{"two namespaces", put(map[string]string{"RoleManager/Enabled": "true", "A/B": "true"}), "InvalidInput", "All properties must belong to the same namespace"},
				{"another namespace", put(map[string]string{"A/B": "true"}), "InvalidInput", "Unsupported namespace: A"},
				{"another name", put(map[string]string{"RoleManager/Other": "true"}), "InvalidInput", "RoleManager namespace requires Enabled property"},
				{"no truth value", put(map[string]string{"RoleManager/Enabled": "TRUE"}), "InvalidInput", "Enabled must be 'true' or 'false'"},
				{"nothing", put(map[string]string{}), "InvalidInput", ""},
			} {
				c.check(t, f)
			}
			role := &iamapi.GetRoleInput{RoleName: new("AWSServiceRoleForIAMRoleManager")}
			(&refusal{"no role yet", role, "NoSuchEntity", ""}).check(t, f)
			for range 2 {
				noError(t, f.call(f.ctx, put(map[string]string{"RoleManager/Enabled": "true"})))
			}
			equal(t, "on", properties(), map[string]string{"RoleManager/Enabled": "true"})
			noError(t, f.call(f.ctx, put(map[string]string{"RoleManager/Enabled": "false", "RoleManager/Other": "x"})))
			equal(t, "off", properties(), map[string]string{"RoleManager/Enabled": "false"})
			out, err := f.GetRole(f.ctx, role)
			noError(t, err)
			equal(t, "role", *out.Role.Arn, "arn:aws:iam::"+home+":role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager")
		})
	}
}

// Turning role manager on needs the permission for its role, turning it off does not.
func TestAccountPropertiesChecks(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for _, row := range f.Rows() {
		if row.Operation != "PutAccountProperties" {
			continue
		}
		for value, want := range map[string][]string{
			"true":  {"iam:PutAccountProperties", "iam:CreateServiceLinkedRole"},
			"false": {"iam:PutAccountProperties"},
		} {
			checks, err := row.Checks(f.ctx, &authz.Call{
				Caller: credential.FromContext(f.ctx),
				Input:  &iamapi.PutAccountPropertiesInput{Properties: map[string]string{"RoleManager/Enabled": value}},
			})
			noError(t, err)
			var actions []string
			for _, c := range checks {
				actions = append(actions, c.Action)
			}
			equal(t, "actions for "+value, actions, want)
			namespaces, _ := checks[0].Keys.Lookup("iam:accountpropertynamespaces")
			equal(t, "namespaces", namespaces, []string{"RoleManager"})
		}
	}
}

func TestRootLoginProfile(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			arn := "arn:aws:iam::" + home + ":root"
			session := credential.NewContext(t.Context(), &credential.Caller{
				Type: credential.RootUser, AccountID: home, ARN: arn, PrincipalID: home, EntityID: home, EntityARN: arn,
				Session: &credential.Session{AssumedRoot: "true"},
			})
			summary := func() int {
				sum, err := f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
				noError(t, err)
				return int(sum.SummaryMap["AccountPasswordPresent"])
			}
			get := &iamapi.GetLoginProfileInput{}
			(&refusal{"none", get, "NoSuchEntity", ""}).checkAs(t, f, session)
			(&refusal{"none to delete", &iamapi.DeleteLoginProfileInput{}, "NoSuchEntity", ""}).checkAs(t, f, session)
			(&refusal{"with a password", &iamapi.CreateLoginProfileInput{Password: new("Correct-horse-7")}, "ValidationError", ""}).checkAs(t, f, session)
			(&refusal{"the root user itself", get, "ValidationError", ""}).checkAs(t, f, f.root)
			equal(t, "password", summary(), 0)
			made, err := f.CreateLoginProfile(session, &iamapi.CreateLoginProfileInput{})
			noError(t, err)
			if made.LoginProfile.UserName != nil || *made.LoginProfile.PasswordResetRequired {
				t.Errorf("profile %+v", made.LoginProfile)
			}
			(&refusal{"twice", &iamapi.CreateLoginProfileInput{}, "EntityAlreadyExists", ""}).checkAs(t, f, session)
			got, err := f.GetLoginProfile(session, get)
			noError(t, err)
			equal(t, "since", *got.LoginProfile.CreateDate, *made.LoginProfile.CreateDate)
			equal(t, "password", summary(), 1)
			f.update(t, func(tx *store.Tx) error {
				_, err := iam.GenerateCredentialReport(f.ctx, tx, home)
				return err
			})
			report, err := f.GetCredentialReport(f.ctx, &iamapi.GetCredentialReportInput{})
			noError(t, err)
			line := strings.Split(strings.Split(string(report.Content), "\n")[1], ",")
			equal(t, "report", []string{line[0], line[3], line[4], line[6]}, []string{"<root_account>", "true", "no_information", "not_supported"})
			noError(t, f.call(session, &iamapi.DeleteLoginProfileInput{}))
			(&refusal{"deleted", get, "NoSuchEntity", ""}).checkAs(t, f, session)
			equal(t, "password", summary(), 0)
		})
	}
}
