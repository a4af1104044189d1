package e2e

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
)

// everyOrganizations are the scenes that call all of Organizations. They play in the order of
// the list; the last ones ask every operation the same.
var everyOrganizations = []struct {
	name  string
	scene func(t *testing.T, x *orgScenes)
}{
	{"organizations", everyOrganization},
	{"accounts", everyAccountOfOrganization},
	{"accounts that are not made", everyFailedAccount},
	{"closing and leaving", everyDeparture},
	{"GovCloud accounts", everyGovCloudAccount},
	{"units", everyUnit},
	{"policies", everyOrganizationPolicy},
	{"attachments", everyPolicyAttachment},
	{"policy types", everyPolicyType},
	{"effective policies", everyEffectivePolicy},
	{"tags", everyOrganizationTag},
	{"trusted services", everyTrustedService},
	{"delegated administrators", everyDelegatedAdministrator},
	{"resource policies", everyOrganizationResourcePolicy},
	{"invitations", everyInvitation},
	{"answers", everyAnswer},
	{"all features", everyFeature},
	{"transfers", everyTransfer},
	{"bad dates of transfers", everyTransferDate},
	{"consolidated billing", everyBillingOnly},
	{"pages", everyOrganizationPage},
	{"who may not", everyOrganizationRefusal},
	{"outside of every organization", everyOutsider},
	{"bad input", everyBadInput},
}

// orgScenes is where the scenes play: an organization with all features and members, and
// accounts that come for one scene each.
type orgScenes struct {
	*world
	// c is the client of the management account's administrator.
	c *organizations.Client
	// readers are who can read the events of the accounts that take part.
	readers []as
	// dev is an OU, member an account in it.
	dev, member string
}

// stranger opens an account in no organization, and returns its root user.
func (x *orgScenes) stranger(t testing.TB, name string, flags ...string) as {
	t.Helper()
	a := x.s.openAccount(t, name, flags...)
	x.readers = append(x.readers, a)
	return a
}

// organizer is a stranger who has made an organization.
func (x *orgScenes) organizer(t testing.TB, name string) (as, *orgtypes.Organization) {
	t.Helper()
	a := x.stranger(t, name)
	return a, fetch[organizations.CreateOrganizationOutput](t, a.organizations(), &organizations.CreateOrganizationInput{}).Organization
}

// TestEveryOrganizationsOperation calls every operation that the SDK's client of Organizations
// has, and provokes every error and every reason that the model gives, or says why that cannot
// be. In the end the event of each call is looked up.
func TestEveryOrganizationsOperation(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		calls, book := s.ledger(), s.journal()
		w := organize(t, s)
		x := &orgScenes{world: w, c: w.admin.organizations(), readers: []as{w.root}}
		x.dev = w.unit(t, w.rootID, "Dev")
		x.member = w.account(t, x.dev, "Member", "")
		x.readers = append(x.readers, w.inside(t, x.member))
		for _, scene := range everyOrganizations {
			t.Run(scene.name, func(t *testing.T) { scene.scene(t, x) })
		}
		book.recorded(t, x.readers)
		s.everyFailure(t, wellFormed, "ServiceException", func(a as) any { return a.organizations() })
		if t.Failed() {
			return
		}
		calls.complete(t, "organizations", methods(x.c))
		calls.allErrors(t, organizationsapi.Describe(), notInOrganizations)
		book.allReasons(t, "ConstraintViolationException", texts(orgtypes.ConstraintViolationExceptionReason("").Values()), noSuchConstraint)
		book.allReasons(t, "HandshakeConstraintViolationException", texts(orgtypes.HandshakeConstraintViolationExceptionReason("").Values()), noSuchConstraint)
		book.allReasons(t, "InvalidInputException", texts(orgtypes.InvalidInputExceptionReason("").Values()), noSuchInput)
	})
}

// TestEveryOperationOfOrganizationsHasAnInput holds the list of inputs complete.
func TestEveryOperationOfOrganizationsHasAnInput(t *testing.T) {
	covers(t, wellFormed, methods(&organizations.Client{}))
}

// covers expects one input of a list for each operation.
func covers(t *testing.T, inputs []any, operations []string) {
	t.Helper()
	have := map[string]int{}
	for _, in := range inputs {
		have[operationOf(in)]++
	}
	for _, name := range operations {
		if have[name] != 1 {
			t.Errorf("%d inputs for %s", have[name], name)
		}
	}
	if len(have) != len(operations) {
		t.Errorf("inputs for %d operations, of %d", len(have), len(operations))
	}
}

func operationOf(in any) string { return strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input") }

func texts[T ~string](values []T) (list []string) {
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}

// Ids that nothing has.
const (
	noAccount   = "999900009999"
	noRoot      = "r-none"
	noUnit      = "ou-none-00000000"
	noPolicy    = "p-00000000"
	noHandshake = "h-00000000"
	noTransfer  = "rt-00000000"
	noRequest   = "car-00000000000000000000000000000000"
	configuring = "config.amazonaws.com"
	denyNothing = `{"Version":"2012-10-17","Statement":[]}`
)

// wellFormed has an input for each operation that the model has nothing against; what it names
// is not there.
var wellFormed = []any{
	&organizations.AcceptHandshakeInput{HandshakeId: new(noHandshake)},
	&organizations.AttachPolicyInput{PolicyId: new(noPolicy), TargetId: new(noUnit)},
	&organizations.CancelHandshakeInput{HandshakeId: new(noHandshake)},
	&organizations.CloseAccountInput{AccountId: new(noAccount)},
	&organizations.CreateAccountInput{AccountName: new("Nobody"), Email: new("nobody@example.com")},
	&organizations.CreateGovCloudAccountInput{AccountName: new("Nobody"), Email: new("nobody@example.com")},
	&organizations.CreateOrganizationInput{},
	&organizations.CreateOrganizationalUnitInput{ParentId: new(noRoot), Name: new("Unit")},
	&organizations.CreatePolicyInput{Name: new("Policy"), Description: new(""), Type: orgtypes.PolicyTypeServiceControlPolicy, Content: new(denyNothing)},
	&organizations.DeclineHandshakeInput{HandshakeId: new(noHandshake)},
	&organizations.DeleteOrganizationInput{},
	&organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: new(noUnit)},
	&organizations.DeletePolicyInput{PolicyId: new(noPolicy)},
	&organizations.DeleteResourcePolicyInput{},
	&organizations.DeregisterDelegatedAdministratorInput{AccountId: new(noAccount), ServicePrincipal: new(configuring)},
	&organizations.DescribeAccountInput{AccountId: new(noAccount)},
	&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: new(noRequest)},
	&organizations.DescribeEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy, TargetId: new(noAccount)},
	&organizations.DescribeHandshakeInput{HandshakeId: new(noHandshake)},
	&organizations.DescribeOrganizationInput{},
	&organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: new(noUnit)},
	&organizations.DescribePolicyInput{PolicyId: new(noPolicy)},
	&organizations.DescribeResourcePolicyInput{},
	&organizations.DescribeResponsibilityTransferInput{Id: new(noTransfer)},
	&organizations.DetachPolicyInput{PolicyId: new(noPolicy), TargetId: new(noUnit)},
	&organizations.DisableAWSServiceAccessInput{ServicePrincipal: new(configuring)},
	&organizations.DisablePolicyTypeInput{RootId: new(noRoot), PolicyType: orgtypes.PolicyTypeTagPolicy},
	&organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(configuring)},
	&organizations.EnableAllFeaturesInput{},
	&organizations.EnablePolicyTypeInput{RootId: new(noRoot), PolicyType: orgtypes.PolicyTypeTagPolicy},
	&organizations.InviteAccountToOrganizationInput{Target: &orgtypes.HandshakeParty{Type: orgtypes.HandshakePartyTypeAccount, Id: new(noAccount)}},
	&organizations.InviteOrganizationToTransferResponsibilityInput{
		Type: orgtypes.ResponsibilityTransferTypeBilling, Target: &orgtypes.HandshakeParty{Type: orgtypes.HandshakePartyTypeAccount, Id: new(noAccount)},
		SourceName: new("Bills"), StartTimestamp: new(monthStart(2)),
	},
	&organizations.LeaveOrganizationInput{},
	&organizations.ListAWSServiceAccessForOrganizationInput{},
	&organizations.ListAccountsInput{},
	&organizations.ListAccountsForParentInput{ParentId: new(noRoot)},
	&organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy},
	&organizations.ListChildrenInput{ParentId: new(noRoot), ChildType: orgtypes.ChildTypeAccount},
	&organizations.ListCreateAccountStatusInput{},
	&organizations.ListDelegatedAdministratorsInput{},
	&organizations.ListDelegatedServicesForAccountInput{AccountId: new(noAccount)},
	&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: new(noAccount), PolicyType: orgtypes.EffectivePolicyTypeTagPolicy},
	&organizations.ListHandshakesForAccountInput{},
	&organizations.ListHandshakesForOrganizationInput{},
	&organizations.ListInboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling},
	&organizations.ListOrganizationalUnitsForParentInput{ParentId: new(noRoot)},
	&organizations.ListOutboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling},
	&organizations.ListParentsInput{ChildId: new(noUnit)},
	&organizations.ListPoliciesInput{Filter: orgtypes.PolicyTypeServiceControlPolicy},
	&organizations.ListPoliciesForTargetInput{TargetId: new(noUnit), Filter: orgtypes.PolicyTypeServiceControlPolicy},
	&organizations.ListRootsInput{},
	&organizations.ListTagsForResourceInput{ResourceId: new(noUnit)},
	&organizations.ListTargetsForPolicyInput{PolicyId: new(noPolicy)},
	&organizations.MoveAccountInput{AccountId: new(noAccount), SourceParentId: new(noRoot), DestinationParentId: new(noUnit)},
	&organizations.PutResourcePolicyInput{Content: new(denyNothing)},
	&organizations.RegisterDelegatedAdministratorInput{AccountId: new(noAccount), ServicePrincipal: new(configuring)},
	&organizations.RemoveAccountFromOrganizationInput{AccountId: new(noAccount)},
	&organizations.TagResourceInput{ResourceId: new(noUnit), Tags: orgTags("k=v")},
	&organizations.TerminateResponsibilityTransferInput{Id: new(noTransfer)},
	&organizations.UntagResourceInput{ResourceId: new(noUnit), TagKeys: []string{"k"}},
	&organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: new(noUnit), Name: new("Unit")},
	&organizations.UpdatePolicyInput{PolicyId: new(noPolicy), Name: new("Policy")},
	&organizations.UpdateResponsibilityTransferInput{Id: new(noTransfer), Name: new("Bills")},
}

// orgTags are tags of Organizations: "key=value".
func orgTags(pairs ...string) []orgtypes.Tag {
	list := make([]orgtypes.Tag, 0, len(pairs))
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		list = append(list, orgtypes.Tag{Key: &key, Value: &value})
	}
	return list
}

// monthStart is the beginning of a month from now on: 1 is the next one.
func monthStart(months int) time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

const (
	oneRegion  = "every operation is served where the server is: there is no Region without it"
	doneAtOnce = "changes are done when the call returns, so that none is in progress"
	snapshots  = "reading takes a snapshot and waits for nobody"
	noMembers  = "the input has no members"
)

// notInOrganizations are the modeled errors that nothing provokes here.
var notInOrganizations = []impossible{
	{"*", "UnsupportedAPIEndpointException", oneRegion},
	{"*", "PolicyChangesInProgressException", doneAtOnce},
	{"*", "FinalizingOrganizationException", "an organization is ready when CreateOrganization returns"},
	{"CloseAccount", "ConflictException", doneAtOnce},
	{"DescribeHandshake DescribeOrganization ListHandshakesFor*", "ConcurrentModificationException", snapshots},
	{"DeleteOrganization EnableAllFeatures LeaveOrganization", "InvalidInputException", noMembers},
	{"LeaveOrganization", "AccountNotFoundException", "the account that leaves is the caller's own: outside of an organization it is told so"},
	{"CreateOrganization", "ConstraintViolationException", "accounts are active from the beginning, and nothing is asked about payment and contacts"},
	{"DisablePolicyType", "ConstraintViolationException", "no reason of the model is about disabling"},
	{"UntagResource", "ConstraintViolationException", "tag policies judge tags that are given, and there is no least number of tags"},
	{"EnableAllFeatures", "ConstraintViolationException", "takes more than 5,000 accounts; the number is tested in package org"},
}

const (
	noPayment  = "nothing here is paid for"
	noMarket   = "there is one seller and one country"
	unlimited  = "AWS does not document the rate; the limit on requests is TooManyRequestsException"
	noDeletion = "organizations are deleted at once"
)

// noSuchConstraint are the reasons of the two constraint violations that nothing provokes.
var noSuchConstraint = map[string]string{
	"ACCOUNT_CANNOT_LEAVE_ORGANIZATION":                          "MasterCannotLeaveOrganizationException says it",
	"ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA":                          noPayment,
	"ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION":            noPayment,
	"ACCOUNT_CREATION_NOT_COMPLETE":                              "accounts are complete at once",
	"ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED":                       unlimited,
	"ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY":             "nobody acts for an account that is not active",
	"ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED":    "takes more than 5,000 accounts; the number is tested in package org",
	"CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED":                      doneAtOnce,
	"CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION":     oneRegion,
	"EMAIL_VERIFICATION_CODE_EXPIRED":                            "no operation takes the code of an address",
	"INVALID_PAYMENT_INSTRUMENT":                                 noPayment,
	"MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE":          noMarket,
	"MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE":                    noMarket,
	"MASTER_ACCOUNT_MISSING_CONTACT_INFO":                        "the operator opens accounts without contacts, and they count as given",
	"MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED":                        "every management account may make accounts of AWS GovCloud (US)",
	"MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED":                 noPayment,
	"MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED":                 noPayment,
	"RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION":      "takes 1,000 organizations",
	"TRANSFER_RESPONSIBILITY_SOURCE_DELETION_IN_PROGRESS":        noDeletion,
	"TRANSFER_RESPONSIBILITY_TARGET_DELETION_IN_PROGRESS":        noDeletion,
	"TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED":                 "names of transfers can always be changed",
	"UNMET_BILLING_PREREQUISITE":                                 noPayment,
	"UNSUPPORTED_PRICING":                                        noPayment,
	"LEGACY_PERMISSIONS_STILL_IN_USE":                            "there are no actions from before 2023",
	"MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED":                      "AccountOwnerNotVerifiedException says it",
	"ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD":               noMarket,
	"ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED":         unlimited,
	"PAST_DUE_INVOICE":                                           noPayment,
	"PAYMENT_INSTRUMENT_REQUIRED":                                noPayment,
	"TARGET_ACCOUNT_VALIDATION_FAILURE":                          noPayment,
	"UNUSED_PREPAYMENT_BALANCE":                                  noPayment,
	"ConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED": "CreateAccount fails later with ACCOUNT_LIMIT_EXCEEDED, invitations with a reason of their own",
	"ConstraintViolationException HANDSHAKE_RATE_LIMIT_EXCEEDED": "invitations have a reason of their own",
}

// noSuchInput are the reasons of InvalidInputException that nothing provokes.
var noSuchInput = map[string]string{
	"CALLER_REQUIRED_FIELD_MISSING":              "INPUT_REQUIRED says it",
	"END_DATE_TOO_LATE":                          "AWS does not document how late",
	"INVALID_END_DATE":                           "the other reasons say what is wrong with it",
	"INVALID_START_DATE":                         "the other reasons say what is wrong with it",
	"INVALID_FULL_NAME_TARGET":                   "no operation takes a name of a person",
	"INVALID_SYNTAX_ORGANIZATION_ARN":            "no operation takes the ARN of an organization",
	"MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS":     "an organization has one root",
	"UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY": "every policy type can be delegated",
}

// allReasons expects that each reason was seen, or is known not to be possible, but not both.
func (j *journal) allReasons(t *testing.T, failure string, reasons []string, not map[string]string) {
	t.Helper()
	for _, reason := range reasons {
		because := not[failure+" "+reason]
		if because == "" {
			because = not[reason]
		}
		switch seen := j.seen[failure+" "+reason]; {
		case seen && because != "":
			t.Errorf("%s %s is said to be impossible: %s", failure, reason, because)
		case !seen && because == "":
			t.Errorf("no scene provokes %s %s", failure, reason)
		}
	}
}
