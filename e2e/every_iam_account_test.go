package e2e

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

func everyOIDCProvider(t *testing.T, x *everything) {
	c := x.c
	thumbprint := strings.Repeat("ab", 20)
	create := &iam.CreateOpenIDConnectProviderInput{Url: new("https://id.example.com/tenant"), ClientIDList: []string{"b", "a"}, ThumbprintList: []string{thumbprint}, Tags: tagsOf("a=1", "b=2")}
	made := fetch[iam.CreateOpenIDConnectProviderOutput](t, c, create)
	arn := made.OpenIDConnectProviderArn
	same(t, "made", []any{*arn, made.Tags}, []any{"arn:aws:iam::" + managementID + ":oidc-provider/id.example.com/tenant", tagsOf("a=1", "b=2")})
	got := fetch[iam.GetOpenIDConnectProviderOutput](t, c, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	same(t, "read back", []any{*got.Url, got.ClientIDList, got.ThumbprintList, got.Tags}, []any{"id.example.com/tenant", []string{"b", "a"}, []string{thumbprint}, tagsOf("a=1", "b=2")})
	if got.CreateDate == nil {
		t.Error("no date")
	}
	for range 2 { // what is so already stays so
		do(t, c, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: new("c")},
			&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: new("b")},
			&iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{strings.Repeat("cd", 20)}},
			&iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, Tags: tagsOf("c=3")},
			&iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, TagKeys: []string{"a"}})
	}
	got = fetch[iam.GetOpenIDConnectProviderOutput](t, c, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	same(t, "changed", []any{got.ClientIDList, got.ThumbprintList, got.Tags}, []any{[]string{"a", "c"}, []string{strings.Repeat("cd", 20)}, tagsOf("b=2", "c=3")})
	if n := walk(t, c, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	same(t, "list", fetch[iam.ListOpenIDConnectProvidersOutput](t, c, &iam.ListOpenIDConnectProvidersInput{}).OpenIDConnectProviderList, []iamtypes.OpenIDConnectProviderListEntry{{Arn: arn}})
	refusal{&iam.CreateOpenIDConnectProviderInput{Url: new("https://127.0.0.1:1")}, "OpenIdIdpCommunicationError", ""}.check(t, c)
	refusal{create, "EntityAlreadyExists", "Provider with url https://id.example.com/tenant already exists."}.check(t, c)
	do(t, c, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	refusal{&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}, "NoSuchEntity", "OpenIDConnect Provider not found for arn " + *arn}.check(t, c)
}

// samlMetadata describes a SAML provider that signs with the certificate.
func samlMetadata(entity string, signer *issued) string {
	block, _ := pem.Decode([]byte(signer.body))
	return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` +
		entity + `" validUntil="2040-01-02T03:04:05Z"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">` +
		`<ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(block.Bytes) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
		`</md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://id.example.com/sso"/>` +
		`</md:IDPSSODescriptor></md:EntityDescriptor>` + strings.Repeat(" ", 600)
}

func everySAMLProvider(t *testing.T, x *everything) {
	c := x.c
	var nobody *issued
	text := samlMetadata("https://id.example.com", nobody.issue(t, "idp", 10))
	create := &iam.CreateSAMLProviderInput{Name: new("corp"), SAMLMetadataDocument: &text, Tags: tagsOf("a=1")}
	made := fetch[iam.CreateSAMLProviderOutput](t, c, create)
	arn := made.SAMLProviderArn
	same(t, "made", []any{*arn, made.Tags}, []any{"arn:aws:iam::" + managementID + ":saml-provider/corp", tagsOf("a=1")})
	got := fetch[iam.GetSAMLProviderOutput](t, c, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})
	same(t, "read back", []any{*got.SAMLMetadataDocument, got.Tags, got.ValidUntil.Format(time.RFC3339)}, []any{text, tagsOf("a=1"), "2040-01-02T03:04:05Z"})
	next := samlMetadata("https://id.example.com", nobody.issue(t, "next", 10))
	same(t, "updated", *fetch[iam.UpdateSAMLProviderOutput](t, c, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, SAMLMetadataDocument: &next}).SAMLProviderArn, *arn)
	do(t, c, &iam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: tagsOf("b=2", "c=3")}, &iam.UntagSAMLProviderInput{SAMLProviderArn: arn, TagKeys: []string{"a"}})
	again := fetch[iam.GetSAMLProviderOutput](t, c, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})
	same(t, "read again", []any{*again.SAMLMetadataDocument, again.Tags, *again.SAMLProviderUUID, *again.CreateDate}, []any{next, tagsOf("b=2", "c=3"), *got.SAMLProviderUUID, *got.CreateDate})
	if n := walk(t, c, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: arn}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	list := fetch[iam.ListSAMLProvidersOutput](t, c, &iam.ListSAMLProvidersInput{}).SAMLProviderList
	same(t, "list", list, []iamtypes.SAMLProviderListEntry{{Arn: arn, CreateDate: got.CreateDate, ValidUntil: got.ValidUntil}})
	refusal{create, "EntityAlreadyExists", ""}.check(t, c)
	do(t, c, &iam.DeleteSAMLProviderInput{SAMLProviderArn: arn})
	refusal{&iam.GetSAMLProviderInput{SAMLProviderArn: arn}, "NoSuchEntity", ""}.check(t, c)
}

func everyAccountSetting(t *testing.T, x *everything) {
	c := x.c
	do(t, c, &iam.CreateAccountAliasInput{AccountAlias: new("bailiwick-test")})
	if n := walk(t, c, &iam.ListAccountAliasesInput{}, "AccountAliases"); n != 1 {
		t.Errorf("%d aliases", n)
	}
	do(t, c, &iam.CreateAccountAliasInput{AccountAlias: new("bailiwick-next")}) // in the other's place
	same(t, "alias", fetch[iam.ListAccountAliasesOutput](t, c, &iam.ListAccountAliasesInput{}).AccountAliases, []string{"bailiwick-next"})
	stranger := x.s.openAccount(t, "Stranger").iam()
	refusal{&iam.CreateAccountAliasInput{AccountAlias: new("bailiwick-next")}, "EntityAlreadyExists", "The account alias bailiwick-next already exists."}.check(t, stranger)
	do(t, c, &iam.DeleteAccountAliasInput{AccountAlias: new("bailiwick-next")})
	refusal{&iam.DeleteAccountAliasInput{AccountAlias: new("bailiwick-next")}, "NoSuchEntity", ""}.check(t, c)

	summary := fetch[iam.GetAccountSummaryOutput](t, c, &iam.GetAccountSummaryInput{}).SummaryMap
	users := len(fetch[iam.ListUsersOutput](t, c, &iam.ListUsersInput{}).Users)
	same(t, "summary", []int32{summary["Users"], summary["UsersQuota"], summary["AccountAccessKeysPresent"]}, []int32{int32(users), 5000, 1})

	do(t, c, &iam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: iamtypes.GlobalEndpointTokenVersionV2Token})
	same(t, "token version", fetch[iam.GetAccountSummaryOutput](t, c, &iam.GetAccountSummaryInput{}).SummaryMap["GlobalEndpointTokenVersion"], int32(2))
	do(t, c, &iam.PutAccountPropertiesInput{Properties: map[string]string{"RoleManager/Enabled": "true"}})
	same(t, "properties", fetch[iam.GetAccountPropertiesOutput](t, c, &iam.GetAccountPropertiesInput{}).Properties, map[string]string{"RoleManager/Enabled": "true"})
	refusal{&iam.PutAccountPropertiesInput{Properties: map[string]string{"RoleManager": "true"}}, "InvalidInput", "Property key must be in format Namespace/PropertyName: RoleManager"}.check(t, c)
}

func everyReport(t *testing.T, x *everything) {
	c := x.c
	refusal{&iam.GetCredentialReportInput{}, "ReportNotPresent", ""}.check(t, c)
	started := fetch[iam.GenerateCredentialReportOutput](t, c, &iam.GenerateCredentialReportInput{})
	if started.State != iamtypes.ReportStateTypeStarted && started.State != iamtypes.ReportStateTypeComplete {
		t.Errorf("state %s", started.State)
	}
	eventually(t, "the report is complete", func() bool {
		return fetch[iam.GenerateCredentialReportOutput](t, c, &iam.GenerateCredentialReportInput{}).State == iamtypes.ReportStateTypeComplete
	})
	report := fetch[iam.GetCredentialReportOutput](t, c, &iam.GetCredentialReportInput{})
	rows, err := csv.NewReader(strings.NewReader(string(report.Content))).ReadAll()
	must(t, err)
	if report.ReportFormat != iamtypes.ReportFormatTypeTextCsv || report.GeneratedTime == nil || rows[1][0] != "<root_account>" ||
		!slices.ContainsFunc(rows, func(row []string) bool { return row[0] == "admin" && row[1] == userARN(managementID, "admin") }) {
		t.Errorf("report %s", report.Content)
	}
	details := fetch[iam.GetAccountAuthorizationDetailsOutput](t, c, &iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{iamtypes.EntityTypeUser}})
	for _, u := range details.UserDetailList {
		if *u.UserName == "admin" {
			same(t, "admin's policy", plainText(t, u.UserPolicyList[0].PolicyDocument), allow("*", "*"))
		}
	}
	if len(details.RoleDetailList)+len(details.GroupDetailList)+len(details.Policies) != 0 {
		t.Error("more than users")
	}
	total := 0
	for in := (&iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{iamtypes.EntityTypeUser}, MaxItems: new(int32(1))}); ; {
		page := fetch[iam.GetAccountAuthorizationDetailsOutput](t, c, in)
		if total += len(page.UserDetailList); !page.IsTruncated || len(page.UserDetailList) > 1 {
			break
		}
		in.Marker = page.Marker
	}
	if total != len(details.UserDetailList) {
		t.Errorf("%d users page by page, %d at once", total, len(details.UserDetailList))
	}
}

func everyLastAccess(t *testing.T, x *everything) {
	c := x.c
	arn := userARN(managementID, "admin")
	job := fetch[iam.GenerateServiceLastAccessedDetailsOutput](t, c, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &arn}).JobId
	eventually(t, "the job is done", func() bool {
		return fetch[iam.GetServiceLastAccessedDetailsOutput](t, c, &iam.GetServiceLastAccessedDetailsInput{JobId: job}).JobStatus == iamtypes.JobStatusTypeCompleted
	})
	got := fetch[iam.GetServiceLastAccessedDetailsOutput](t, c, &iam.GetServiceLastAccessedDetailsInput{JobId: job})
	if got.JobType != iamtypes.AccessAdvisorUsageGranularityTypeServiceLevel || len(got.ServicesLastAccessed) == 0 || got.JobCompletionDate == nil {
		t.Errorf("%s, %d services", got.JobType, len(got.ServicesLastAccessed))
	}
	entities := fetch[iam.GetServiceLastAccessedDetailsWithEntitiesOutput](t, c, &iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: new("iam")})
	if entities.JobStatus != iamtypes.JobStatusTypeCompleted || len(entities.EntityDetailsList) != 1 || *entities.EntityDetailsList[0].EntityInfo.Arn != arn {
		t.Errorf("entities: %s", jsonText(entities))
	}
	refusal{&iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: new("no-such-service")}, "InvalidInput", "Invalid service namespace: [no-such-service]"}.check(t, c)
	do(t, x.root.organizations(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new("iam.amazonaws.com")})
	report := fetch[iam.GenerateOrganizationsAccessReportOutput](t, c, &iam.GenerateOrganizationsAccessReportInput{EntityPath: new(x.orgID + "/" + x.rootID)}).JobId
	eventually(t, "the report is done", func() bool {
		return fetch[iam.GetOrganizationsAccessReportOutput](t, c, &iam.GetOrganizationsAccessReportInput{JobId: report}).JobStatus == iamtypes.JobStatusTypeCompleted
	})
	if out := fetch[iam.GetOrganizationsAccessReportOutput](t, c, &iam.GetOrganizationsAccessReportInput{JobId: report}); *out.NumberOfServicesAccessible == 0 || len(out.AccessDetails) == 0 {
		t.Errorf("report: %s", jsonText(out))
	}
}

func everySimulation(t *testing.T, x *everything) {
	c := x.c
	custom := fetch[iam.SimulateCustomPolicyOutput](t, c, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:Get*", "*")}, ActionNames: []string{"s3:GetObject", "s3:PutObject"}}).EvaluationResults
	if len(custom) != 2 || custom[0].EvalDecision != iamtypes.PolicyEvaluationDecisionTypeAllowed || custom[1].EvalDecision != iamtypes.PolicyEvaluationDecisionTypeImplicitDeny {
		t.Errorf("custom: %s", jsonText(custom))
	}
	if n := walk(t, c, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("s3:Get*", "*")}, ActionNames: []string{"s3:GetObject", "s3:PutObject"}}, "EvaluationResults"); n != 2 {
		t.Errorf("%d results", n)
	}
	user := userARN(managementID, "admin")
	principal := fetch[iam.SimulatePrincipalPolicyOutput](t, c, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"s3:GetObject"}}).EvaluationResults
	if len(principal) != 1 || principal[0].EvalDecision != iamtypes.PolicyEvaluationDecisionTypeAllowed || len(principal[0].MatchedStatements) != 1 {
		t.Errorf("principal: %s", jsonText(principal))
	}
	conditional := document(when(statement("Allow", "s3:*", "arn:aws:s3:::x/${aws:username}"), `{"StringEquals":{"aws:SourceVpc":"v"},"Bool":{"aws:SecureTransport":"true"}}`))
	keys := fetch[iam.GetContextKeysForCustomPolicyOutput](t, c, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{conditional}}).ContextKeyNames
	of := fetch[iam.GetContextKeysForPrincipalPolicyOutput](t, c, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &user, PolicyInputList: []string{conditional}}).ContextKeyNames
	for _, list := range [][]string{keys, of} {
		got := map[string]bool{}
		for _, key := range list {
			got[strings.ToLower(key)] = true
		}
		same(t, "context keys", sortedKeys(got), []string{"aws:securetransport", "aws:sourcevpc", "aws:username"})
	}
}

func everyRootAccess(t *testing.T, x *everything) {
	root := x.root.iam()
	member := x.account(t, x.rootID, "Member", "")
	inside := x.inside(t, member).iam()
	lonely := x.s.openAccount(t, "Lonely").iam()
	do(t, x.root.organizations(), &organizations.DisableAWSServiceAccessInput{ServicePrincipal: new("iam.amazonaws.com")})
	calls := []any{
		&iam.ListOrganizationsFeaturesInput{}, &iam.EnableOrganizationsRootCredentialsManagementInput{}, &iam.EnableOrganizationsRootSessionsInput{},
		&iam.DisableOrganizationsRootCredentialsManagementInput{}, &iam.DisableOrganizationsRootSessionsInput{},
	}
	for _, in := range calls {
		refusal{in, "ServiceAccessNotEnabledException", ""}.check(t, root)
		refusal{in, "OrganizationNotFoundException", ""}.check(t, lonely)
		refusal{in, "AccountNotManagementOrDelegatedAdministratorException", ""}.check(t, inside)
	}
	other := x.s.openAccount(t, "Consolidated")
	do(t, other.organizations(), &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"})
	for _, in := range calls {
		refusal{in, "OrganizationNotInAllFeaturesModeException", ""}.check(t, other.iam())
	}
	do(t, x.root.organizations(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new("iam.amazonaws.com")})
	do(t, x.root.organizations(), &organizations.RegisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: new("iam.amazonaws.com")})
	for _, in := range calls[1:3] { // a delegated administrator may see and disable
		refusal{in, "CallerIsNotManagementAccountException", ""}.check(t, inside)
	}
	keysOn := fetch[iam.EnableOrganizationsRootCredentialsManagementOutput](t, root, &iam.EnableOrganizationsRootCredentialsManagementInput{})
	same(t, "enabled", []any{*keysOn.OrganizationId, keysOn.EnabledFeatures}, []any{x.orgID, []iamtypes.FeatureType{iamtypes.FeatureTypeRootCredentialsManagement}})
	do(t, root, &iam.EnableOrganizationsRootSessionsInput{})
	both := fetch[iam.ListOrganizationsFeaturesOutput](t, root, &iam.ListOrganizationsFeaturesInput{})
	if *both.OrganizationId != x.orgID || len(both.EnabledFeatures) != 2 {
		t.Errorf("features: %s", jsonText(both))
	}
	left := fetch[iam.DisableOrganizationsRootSessionsOutput](t, root, &iam.DisableOrganizationsRootSessionsInput{})
	same(t, "left", left.EnabledFeatures, []iamtypes.FeatureType{iamtypes.FeatureTypeRootCredentialsManagement})
	none := fetch[iam.DisableOrganizationsRootCredentialsManagementOutput](t, root, &iam.DisableOrganizationsRootCredentialsManagementInput{})
	if len(none.EnabledFeatures) != 0 {
		t.Errorf("still enabled: %v", none.EnabledFeatures)
	}
}

func everyOutboundFederation(t *testing.T, x *everything) {
	c := x.c
	refusal{&iam.GetOutboundWebIdentityFederationInfoInput{}, "FeatureDisabled", ""}.check(t, c)
	refusal{&iam.DisableOutboundWebIdentityFederationInput{}, "FeatureDisabled", ""}.check(t, c)
	issuer := fetch[iam.EnableOutboundWebIdentityFederationOutput](t, c, &iam.EnableOutboundWebIdentityFederationInput{}).IssuerIdentifier
	refusal{&iam.EnableOutboundWebIdentityFederationInput{}, "FeatureEnabled", ""}.check(t, c)
	info := fetch[iam.GetOutboundWebIdentityFederationInfoOutput](t, c, &iam.GetOutboundWebIdentityFederationInfoInput{})
	same(t, "info", []any{*info.IssuerIdentifier, info.JwtVendingEnabled}, []any{*issuer, true})
	do(t, c, &iam.DisableOutboundWebIdentityFederationInput{})
}
