package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func matches(t testing.TB, what, pattern string, got *string) {
	t.Helper()
	if got == nil || !regexp.MustCompile("^"+pattern+"$").MatchString(*got) {
		t.Errorf("%s is %s, want %s", what, jsonText(got), pattern)
	}
}

// recent expects a time of the last minute.
func recent(t testing.TB, what string, got *time.Time) {
	t.Helper()
	if got == nil || time.Since(*got) > time.Minute || time.Until(*got) > time.Second {
		t.Errorf("%s is %v", what, got)
	}
}

func everyOrganization(t *testing.T, x *orgScenes) {
	a := x.stranger(t, "Founder")
	id, c := a.accountID(t), a.organizations()
	maker := a.newUser(t, "maker", allow("organizations:*", "*"))
	refuses(t, maker.organizations(), &organizations.CreateOrganizationInput{}, "AccessDeniedForDependencyException ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")
	made := fetch[organizations.CreateOrganizationOutput](t, c, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll}).Organization
	matches(t, "id", "o-[a-z0-9]{10}", made.Id)
	arn := "arn:aws:organizations::" + id + ":"
	same(t, "organization", made, &orgtypes.Organization{
		Id: made.Id, Arn: new(arn + "organization/" + *made.Id), FeatureSet: orgtypes.OrganizationFeatureSetAll, MasterAccountId: &id,
		MasterAccountArn: new(arn + "account/" + *made.Id + "/" + id), MasterAccountEmail: new("founder@example.org"),
		AvailablePolicyTypes: []orgtypes.PolicyTypeSummary{{Type: orgtypes.PolicyTypeServiceControlPolicy, Status: orgtypes.PolicyTypeStatusEnabled}},
	})
	for range 2 {
		same(t, "described", fetch[organizations.DescribeOrganizationOutput](t, c, &organizations.DescribeOrganizationInput{}).Organization, made)
	}
	refuses(t, c, &organizations.CreateOrganizationInput{}, "AlreadyInOrganizationException")
	roots := fetch[organizations.ListRootsOutput](t, c, &organizations.ListRootsInput{})
	if len(roots.Roots) != 1 || roots.NextToken != nil {
		t.Fatalf("roots: %s", jsonText(roots))
	}
	root := roots.Roots[0]
	matches(t, "root", "r-[0-9a-z]{4}", root.Id)
	same(t, "root", root, orgtypes.Root{Id: root.Id, Arn: new(arn + "root/" + *made.Id + "/" + *root.Id), Name: new("Root"), PolicyTypes: []orgtypes.PolicyTypeSummary{}})
	do(t, c, &organizations.DeleteOrganizationInput{})
	refuses(t, c, &organizations.DescribeOrganizationInput{}, "AWSOrganizationsNotInUseException")
	refuses(t, x.c, &organizations.DeleteOrganizationInput{}, "OrganizationNotEmptyException")
	// The role is there now, so that nobody needs the permission to make it.
	again := fetch[organizations.CreateOrganizationOutput](t, maker.organizations(), &organizations.CreateOrganizationInput{})
	if *again.Organization.Id == *made.Id || again.Organization.FeatureSet != orgtypes.OrganizationFeatureSetAll {
		t.Errorf("the second organization is %s", jsonText(again))
	}
}

// created makes an account and returns what came of the request.
func (x *orgScenes) created(t testing.TB, in *organizations.CreateAccountInput) *orgtypes.CreateAccountStatus {
	t.Helper()
	begun := fetch[organizations.CreateAccountOutput](t, x.c, in).CreateAccountStatus
	matches(t, "request", "car-[a-z0-9]{32}", begun.Id)
	same(t, "request", begun, &orgtypes.CreateAccountStatus{
		Id: begun.Id, AccountName: in.AccountName, State: orgtypes.CreateAccountStateInProgress, RequestedTimestamp: begun.RequestedTimestamp,
	})
	recent(t, "request", begun.RequestedTimestamp)
	return fetch[organizations.DescribeCreateAccountStatusOutput](t, x.c, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: begun.Id}).CreateAccountStatus
}

func everyAccountOfOrganization(t *testing.T, x *orgScenes) {
	done := x.created(t, &organizations.CreateAccountInput{
		AccountName: new("Shop"), Email: new("Shop@example.com"), RoleName: new("Keeper"),
		IamUserAccessToBilling: orgtypes.IAMUserAccessToBillingDeny, Tags: orgTags("b=2", "a=1"),
	})
	recent(t, "completion", done.CompletedTimestamp)
	matches(t, "account", `\d{12}`, done.AccountId)
	same(t, "status", done, &orgtypes.CreateAccountStatus{
		Id: done.Id, AccountName: new("Shop"), AccountId: done.AccountId, State: orgtypes.CreateAccountStateSucceeded,
		RequestedTimestamp: done.RequestedTimestamp, CompletedTimestamp: done.CompletedTimestamp,
	})
	if _, err := x.admin.assume(roleARN(*done.AccountId, "Keeper")); err != nil {
		t.Errorf("the role of the new account: %v", err)
	}
	want := &orgtypes.Account{
		Id: done.AccountId, Arn: new("arn:aws:organizations::" + managementID + ":account/" + x.orgID + "/" + *done.AccountId), Name: new("Shop"), Email: new("Shop@example.com"),
		Status: orgtypes.AccountStatusActive, State: orgtypes.AccountStateActive, JoinedMethod: orgtypes.AccountJoinedMethodCreated,
		Paths: []string{x.orgID + "/" + x.rootID + "/" + *done.AccountId + "/"},
	}
	described := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: done.AccountId}).Account
	recent(t, "joining", described.JoinedTimestamp)
	want.JoinedTimestamp = described.JoinedTimestamp
	same(t, "account", described, want)
	same(t, "tags", fetch[organizations.ListTagsForResourceOutput](t, x.c, &organizations.ListTagsForResourceInput{ResourceId: done.AccountId}).Tags, orgTags("a=1", "b=2"))

	move := func(account, from, to string) *organizations.MoveAccountInput {
		return &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to}
	}
	do(t, x.c, move(*done.AccountId, x.rootID, x.dev))
	want.Paths = []string{x.orgID + "/" + x.rootID + "/" + x.dev + "/" + *done.AccountId + "/"}
	same(t, "moved", fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: done.AccountId}).Account, want)
	in := fetch[organizations.ListAccountsForParentOutput](t, x.c, &organizations.ListAccountsForParentInput{ParentId: &x.dev}).Accounts
	if !slices.ContainsFunc(in, func(a orgtypes.Account) bool { return *a.Id == *done.AccountId }) {
		t.Errorf("accounts of the unit: %s", jsonText(in))
	}
	all := fetch[organizations.ListAccountsOutput](t, x.c, &organizations.ListAccountsInput{}).Accounts
	i := slices.IndexFunc(all, func(a orgtypes.Account) bool { return *a.Id == *done.AccountId })
	if i < 0 || len(all) != 3 {
		t.Fatalf("accounts: %s", jsonText(all))
	}
	same(t, "listed", &all[i], want)
	same(t, "parents", fetch[organizations.ListParentsOutput](t, x.c, &organizations.ListParentsInput{ChildId: done.AccountId}).Parents,
		[]orgtypes.Parent{{Id: &x.dev, Type: orgtypes.ParentTypeOrganizationalUnit}})
	refuses(t, x.c, move(*done.AccountId, x.dev, x.dev), "DuplicateAccountException")
	refuses(t, x.c, move(*done.AccountId, x.rootID, x.rootID), "AccountNotFoundException")
	refuses(t, x.c, move(noAccount, x.rootID, x.dev), "AccountNotFoundException")
	refuses(t, x.c, move(*done.AccountId, noRoot, x.rootID), "SourceParentNotFoundException")
	refuses(t, x.c, move(*done.AccountId, x.dev, noUnit), "DestinationParentNotFoundException")
	refuses(t, x.c, &organizations.DescribeAccountInput{AccountId: new(noAccount)}, "AccountNotFoundException")
	refuses(t, x.c, &organizations.ListAccountsForParentInput{ParentId: new(noUnit)}, "ParentNotFoundException")
	refuses(t, x.c, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: new(noRequest)}, "CreateAccountStatusNotFoundException")
}

// everyFailedAccount comes after one account Shop, and two others.
func everyFailedAccount(t *testing.T, x *orgScenes) {
	taken := x.created(t, &organizations.CreateAccountInput{AccountName: new("Shop"), Email: new("shop@EXAMPLE.com")})
	if taken.State != orgtypes.CreateAccountStateFailed || taken.FailureReason != orgtypes.CreateAccountFailureReasonEmailAlreadyExists || taken.AccountId != nil {
		t.Errorf("an address that is taken: %s", jsonText(taken))
	}
	strange := x.created(t, &organizations.CreateAccountInput{AccountName: new("Shop"), Email: new("a(b)@example.com")})
	if strange.FailureReason != orgtypes.CreateAccountFailureReasonInvalidEmail {
		t.Errorf("an address of a wrong form: %s", jsonText(strange))
	}
	x.s.quota(t, "accounts", "set", managementID, "accounts", "3")
	full := x.created(t, &organizations.CreateAccountInput{AccountName: new("Full"), Email: new("full@example.com")})
	if full.FailureReason != orgtypes.CreateAccountFailureReasonAccountLimitExceeded {
		t.Errorf("an organization that is full: %s", jsonText(full))
	}
	x.s.quota(t, "accounts", "reset", managementID, "accounts")
	failed := fetch[organizations.ListCreateAccountStatusOutput](t, x.c, &organizations.ListCreateAccountStatusInput{States: []orgtypes.CreateAccountState{orgtypes.CreateAccountStateFailed}})
	if len(failed.CreateAccountStatuses) != 3 {
		t.Errorf("failed: %s", jsonText(failed))
	}
	refuses(t, x.c, &organizations.CreateAccountInput{AccountName: new("n"), Email: new("n@example.com"), RoleName: new("AWSServiceRoleForX")}, "InvalidInputException INVALID_ROLE_NAME")
	refuses(t, x.c, &organizations.CreateAccountInput{AccountName: new("n"), Email: new("n@example.com"), Tags: manyTags(51)}, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
	refuses(t, x.c, &organizations.CreateGovCloudAccountInput{AccountName: new("n"), Email: new("n@example.com"), Tags: manyTags(51)}, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
}

// manyTags are more or less tags of different keys.
func manyTags(n int) []orgtypes.Tag {
	var pairs []string
	for i := range n {
		pairs = append(pairs, strings.Repeat("k", i+1)+"=v")
	}
	return orgTags(pairs...)
}

func everyGovCloudAccount(t *testing.T, x *orgScenes) {
	begun := fetch[organizations.CreateGovCloudAccountOutput](t, x.c, &organizations.CreateGovCloudAccountInput{
		AccountName: new("Agency"), Email: new("agency@example.com"), Tags: orgTags("k=v"),
	}).CreateAccountStatus
	done := fetch[organizations.DescribeCreateAccountStatusOutput](t, x.c, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: begun.Id}).CreateAccountStatus
	matches(t, "the linked account", `\d{12}`, done.GovCloudAccountId)
	same(t, "status", done, &orgtypes.CreateAccountStatus{
		Id: begun.Id, AccountName: new("Agency"), AccountId: done.AccountId, GovCloudAccountId: done.GovCloudAccountId, State: orgtypes.CreateAccountStateSucceeded,
		RequestedTimestamp: begun.RequestedTimestamp, CompletedTimestamp: done.CompletedTimestamp,
	})
	if *done.AccountId == *done.GovCloudAccountId {
		t.Error("both accounts have one id")
	}
	refuses(t, x.c, &organizations.DescribeAccountInput{AccountId: done.GovCloudAccountId}, "AccountNotFoundException")
}

func everyDeparture(t *testing.T, x *orgScenes) {
	guest := x.stranger(t, "Guest")
	id := guest.accountID(t)
	must(t, guest.accept(x.mustInvite(t, id)))
	joined := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: &id}).Account
	if joined.JoinedMethod != orgtypes.AccountJoinedMethodInvited || *joined.Email != "guest@example.org" {
		t.Errorf("the guest: %s", jsonText(joined))
	}
	do(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id})
	refuses(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id}, "AccountNotFoundException")
	must(t, guest.accept(x.mustInvite(t, id)))
	do(t, guest.organizations(), &organizations.LeaveOrganizationInput{})
	refuses(t, guest.organizations(), &organizations.LeaveOrganizationInput{}, "AWSOrganizationsNotInUseException")

	refuses(t, x.c, &organizations.LeaveOrganizationInput{}, "MasterCannotLeaveOrganizationException")
	refuses(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: new(managementID)}, "MasterCannotLeaveOrganizationException")
	refuses(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: &x.member}, "ConstraintViolationException WAIT_PERIOD_ACTIVE")
	inside := x.inside(t, x.member).organizations()
	refuses(t, inside, &organizations.LeaveOrganizationInput{}, "ConstraintViolationException WAIT_PERIOD_ACTIVE")

	refuses(t, x.c, &organizations.CloseAccountInput{AccountId: new(managementID)}, "ConstraintViolationException CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	refuses(t, x.c, &organizations.CloseAccountInput{AccountId: new(noAccount)}, "AccountNotFoundException")
	doomed := x.account(t, x.rootID, "Doomed", "")
	x.s.quota(t, "account-closures", "set", managementID, "account-closures", "0")
	refuses(t, x.c, &organizations.CloseAccountInput{AccountId: &doomed}, "ConstraintViolationException CLOSE_ACCOUNT_QUOTA_EXCEEDED")
	x.s.quota(t, "account-closures", "reset", managementID, "account-closures")
	do(t, x.c, &organizations.CloseAccountInput{AccountId: &doomed})
	refuses(t, x.c, &organizations.CloseAccountInput{AccountId: &doomed}, "AccountAlreadyClosedException")
	closed := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: &doomed}).Account
	if closed.State != orgtypes.AccountStateClosed || closed.Status != orgtypes.AccountStatusSuspended {
		t.Errorf("closed: %s", jsonText(closed))
	}
	refuses(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: &doomed}, "InvalidInputException TARGET_NOT_SUPPORTED")
	do(t, x.c, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(configuring)})
	refuses(t, x.c, &organizations.RegisterDelegatedAdministratorInput{AccountId: &doomed, ServicePrincipal: new(configuring)},
		"ConstraintViolationException CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
}

func everyUnit(t *testing.T, x *orgScenes) {
	create := func(parent, name string, tags ...string) *organizations.CreateOrganizationalUnitInput {
		return &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name, Tags: orgTags(tags...)}
	}
	made := fetch[organizations.CreateOrganizationalUnitOutput](t, x.c, create(x.dev, "Ünit 1 / x", "b=2", "a=")).OrganizationalUnit
	matches(t, "unit", "ou-"+x.rootID[2:]+"-[0-9a-z]{8}", made.Id)
	want := &orgtypes.OrganizationalUnit{
		Id: made.Id, Arn: new("arn:aws:organizations::" + managementID + ":ou/" + x.orgID + "/" + *made.Id), Name: new("Ünit 1 / x"),
		Path: new(x.orgID + "/" + x.rootID + "/" + x.dev + "/" + *made.Id + "/"),
	}
	same(t, "unit", made, want)
	describe := &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: made.Id}
	same(t, "described", fetch[organizations.DescribeOrganizationalUnitOutput](t, x.c, describe).OrganizationalUnit, want)
	same(t, "tags", fetch[organizations.ListTagsForResourceOutput](t, x.c, &organizations.ListTagsForResourceInput{ResourceId: made.Id}).Tags, orgTags("a=", "b=2"))
	list := &organizations.ListOrganizationalUnitsForParentInput{ParentId: &x.dev}
	same(t, "listed", fetch[organizations.ListOrganizationalUnitsForParentOutput](t, x.c, list).OrganizationalUnits, []orgtypes.OrganizationalUnit{*want})
	same(t, "children", fetch[organizations.ListChildrenOutput](t, x.c, &organizations.ListChildrenInput{ParentId: &x.dev, ChildType: orgtypes.ChildTypeOrganizationalUnit}).Children,
		[]orgtypes.Child{{Id: made.Id, Type: orgtypes.ChildTypeOrganizationalUnit}})
	update := &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: made.Id, Name: new("Renamed")}
	want.Name = update.Name
	for range 2 { // a second time changes nothing
		same(t, "updated", fetch[organizations.UpdateOrganizationalUnitOutput](t, x.c, update).OrganizationalUnit, want)
		same(t, "described", fetch[organizations.DescribeOrganizationalUnitOutput](t, x.c, describe).OrganizationalUnit, want)
	}
	same(t, "no change", fetch[organizations.UpdateOrganizationalUnitOutput](t, x.c, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: made.Id}).OrganizationalUnit, want)
	do(t, x.c, create(x.dev, "Other"))
	refuses(t, x.c, create(x.dev, "Other"), "DuplicateOrganizationalUnitException")
	refuses(t, x.c, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: made.Id, Name: new("Other")}, "DuplicateOrganizationalUnitException")
	refuses(t, x.c, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: new(noUnit), Name: new("x")}, "OrganizationalUnitNotFoundException")
	refuses(t, x.c, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: new(noUnit)}, "OrganizationalUnitNotFoundException")
	refuses(t, x.c, create(noRoot, "x"), "ParentNotFoundException")
	refuses(t, x.c, &organizations.ListOrganizationalUnitsForParentInput{ParentId: new(noUnit)}, "ParentNotFoundException")
	refuses(t, x.c, &organizations.ListChildrenInput{ParentId: new(noUnit), ChildType: orgtypes.ChildTypeAccount}, "ParentNotFoundException")
	refuses(t, x.c, &organizations.ListParentsInput{ChildId: new(noUnit)}, "ChildNotFoundException")
	refuses(t, x.c, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &x.dev}, "OrganizationalUnitNotEmptyException")
	refuses(t, x.c, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: new(noUnit)}, "OrganizationalUnitNotFoundException")

	deep := *made.Id // the second level of five
	for range 3 {
		deep = x.unit(t, deep, "Deeper")
	}
	refuses(t, x.c, create(deep, "Too deep"), "ConstraintViolationException OU_DEPTH_LIMIT_EXCEEDED")
	x.s.quota(t, "organizational-units", "set", managementID, "organizational-units", "1")
	refuses(t, x.c, create(x.rootID, "Too many"), "ConstraintViolationException OU_NUMBER_LIMIT_EXCEEDED")
	x.s.quota(t, "organizational-units", "reset", managementID, "organizational-units")
	do(t, x.c, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &deep})
	refuses(t, x.c, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &deep}, "OrganizationalUnitNotFoundException")
}
