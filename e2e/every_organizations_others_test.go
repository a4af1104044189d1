package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func everyTrustedService(t *testing.T, x *orgScenes) {
	service := func(name string) *string { return new(name + ".amazonaws.com") }
	enable := &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service("securityhub")}
	list := &organizations.ListAWSServiceAccessForOrganizationInput{}
	do(t, x.c, enable)
	before := fetch[organizations.ListAWSServiceAccessForOrganizationOutput](t, x.c, list).EnabledServicePrincipals
	if n := len(before); n != 2 || *before[0].ServicePrincipal != configuring || *before[1].ServicePrincipal != *enable.ServicePrincipal {
		t.Errorf("services: %s", jsonText(before))
	}
	recent(t, "trust", before[1].DateEnabled)
	do(t, x.c, enable)
	same(t, "services", fetch[organizations.ListAWSServiceAccessForOrganizationOutput](t, x.c, list).EnabledServicePrincipals, before)
	x.enableType(t, orgtypes.PolicyTypeSecurityhubPolicy)
	disable := &organizations.DisableAWSServiceAccessInput{ServicePrincipal: enable.ServicePrincipal}
	refuses(t, x.c, disable, "ConstraintViolationException POLICY_TYPE_ENABLED_FOR_THIS_SERVICE")
	do(t, x.c, &organizations.DisablePolicyTypeInput{RootId: &x.rootID, PolicyType: orgtypes.PolicyTypeSecurityhubPolicy}, disable, disable)
	same(t, "services", fetch[organizations.ListAWSServiceAccessForOrganizationOutput](t, x.c, list).EnabledServicePrincipals, before[:1])
	refuses(t, x.c, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service("nothing")}, "InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL")
	refuses(t, x.c, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: service("nothing")}, "InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL")
}

func everyDelegatedAdministrator(t *testing.T, x *orgScenes) {
	register := func(account, service string) *organizations.RegisterDelegatedAdministratorInput {
		return &organizations.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: &service}
	}
	const guard = "guardduty.amazonaws.com"
	refuses(t, x.c, register(x.member, guard), "ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED")
	refuses(t, x.c, register(managementID, configuring), "ConstraintViolationException CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	refuses(t, x.c, register(noAccount, configuring), "AccountNotFoundException")
	refuses(t, x.c, register(x.member, "nothing.amazonaws.com"), "InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL")
	refuses(t, x.c, &organizations.ListDelegatedServicesForAccountInput{AccountId: &x.member}, "AccountNotRegisteredException")
	refuses(t, x.c, &organizations.ListDelegatedServicesForAccountInput{AccountId: new(noAccount)}, "AccountNotFoundException")
	do(t, x.c, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(guard)}, register(x.member, configuring), register(x.member, guard))
	refuses(t, x.c, register(x.member, guard), "AccountAlreadyRegisteredException")
	second := x.account(t, x.rootID, "Second", "")
	refuses(t, x.c, register(second, guard), "ConstraintViolationException DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
	for i := range 2 {
		do(t, x.c, register(x.account(t, x.rootID, fmt.Sprint("Watcher ", i), ""), configuring))
	}
	refuses(t, x.c, register(second, configuring), "ConstraintViolationException MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")

	a := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: &x.member}).Account
	got := fetch[organizations.ListDelegatedAdministratorsOutput](t, x.c, &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: new(guard)}).DelegatedAdministrators
	if len(got) != 1 {
		t.Fatalf("administrators: %s", jsonText(got))
	}
	recent(t, "registration", got[0].DelegationEnabledDate)
	same(t, "administrator", got[0], orgtypes.DelegatedAdministrator{
		Id: a.Id, Arn: a.Arn, Email: a.Email, Name: a.Name, Status: a.Status, State: a.State, JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp,
		DelegationEnabledDate: got[0].DelegationEnabledDate,
	})
	if all := fetch[organizations.ListDelegatedAdministratorsOutput](t, x.c, &organizations.ListDelegatedAdministratorsInput{}); len(all.DelegatedAdministrators) != 3 {
		t.Errorf("administrators of anything: %s", jsonText(all))
	}
	services := fetch[organizations.ListDelegatedServicesForAccountOutput](t, x.c, &organizations.ListDelegatedServicesForAccountInput{AccountId: &x.member}).DelegatedServices
	same(t, "services", namesOf(services, func(s orgtypes.DelegatedService) *string { return s.ServicePrincipal }), []string{configuring, guard})
	recent(t, "registration", services[0].DelegationEnabledDate)
	refuses(t, x.c, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: new(guard)}, "ConstraintViolationException DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
	x.leavesNot(t, guard)

	deregister := func(account, service string) *organizations.DeregisterDelegatedAdministratorInput {
		return &organizations.DeregisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: &service}
	}
	do(t, x.c, deregister(x.member, guard))
	refuses(t, x.c, deregister(x.member, guard), "AccountNotRegisteredException")
	refuses(t, x.c, deregister(noAccount, guard), "AccountNotFoundException")
	refuses(t, x.c, deregister(x.member, "nothing.amazonaws.com"), "InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL")
}

// leavesNot has an invited account, which could leave, administer a service.
func (x *orgScenes) leavesNot(t *testing.T, taken string) {
	guest := x.stranger(t, "Delegate")
	id := guest.accountID(t)
	must(t, guest.accept(x.mustInvite(t, id)))
	const analyzer = "access-analyzer.amazonaws.com"
	do(t, x.c, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(analyzer)},
		&organizations.RegisterDelegatedAdministratorInput{AccountId: &id, ServicePrincipal: new(analyzer)})
	refuses(t, x.c, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id}, "ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
	refuses(t, guest.organizations(), &organizations.LeaveOrganizationInput{}, "ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
	refuses(t, x.c, &organizations.DeregisterDelegatedAdministratorInput{AccountId: &id, ServicePrincipal: &taken}, "AccountNotRegisteredException")
	do(t, x.c, &organizations.DeregisterDelegatedAdministratorInput{AccountId: &id, ServicePrincipal: new(analyzer)}, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id})
}

func everyOrganizationResourcePolicy(t *testing.T, x *orgScenes) {
	text := func(principal, action, resource string) string {
		return fmt.Sprintf("{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": %s, \"Action\": %q, \"Resource\": %q}]}", principal, action, resource)
	}
	member := `{"AWS":"arn:aws:iam::` + x.member + `:root"}`
	put := func(content string, tags ...string) *organizations.PutResourcePolicyInput {
		return &organizations.PutResourcePolicyInput{Content: &content, Tags: orgTags(tags...)}
	}
	describe := &organizations.DescribeResourcePolicyInput{}
	refuses(t, x.c, describe, "ResourcePolicyNotFoundException")
	refuses(t, x.c, &organizations.DeleteResourcePolicyInput{}, "ResourcePolicyNotFoundException")
	made := fetch[organizations.PutResourcePolicyOutput](t, x.c, put(text(member, "organizations:List*", "*"), "k=v")).ResourcePolicy
	id := made.ResourcePolicySummary.Id
	matches(t, "resource policy", "rp-[0-9a-zA-Z_]{4,128}", id)
	want := &orgtypes.ResourcePolicy{Content: new(text(member, "organizations:List*", "*")), ResourcePolicySummary: &orgtypes.ResourcePolicySummary{
		Id: id, Arn: new("arn:aws:organizations::" + managementID + ":resourcepolicy/" + x.orgID + "/" + *id),
	}}
	same(t, "resource policy", made, want)
	same(t, "tags", fetch[organizations.ListTagsForResourceOutput](t, x.c, &organizations.ListTagsForResourceInput{ResourceId: id}).Tags, orgTags("k=v"))
	want.Content = new(text(member, "organizations:Describe*", "*"))
	for range 2 {
		same(t, "put", fetch[organizations.PutResourcePolicyOutput](t, x.c, put(*want.Content)).ResourcePolicy, want)
		same(t, "described", fetch[organizations.DescribeResourcePolicyOutput](t, x.c, describe).ResourcePolicy, want)
	}
	refuses(t, x.c, put(*want.Content, "k=v"), "InvalidInputException UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED")
	refuses(t, x.c, put("{"), "InvalidInputException INVALID_RESOURCE_POLICY_JSON")
	refuses(t, x.c, put(text(`{"Service":"ec2.amazonaws.com"}`, "organizations:List*", "*")), "InvalidInputException INVALID_PRINCIPAL")
	refuses(t, x.c, put(text(member, "organizations:CreateAccount", "*")), "InvalidInputException UNSUPPORTED_ACTION_IN_RESOURCE_POLICY")
	refuses(t, x.c, put(text(member, "organizations:List*", "arn:aws:s3:::bucket")), "InvalidInputException UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY")
	do(t, x.c, &organizations.DeleteResourcePolicyInput{})
	refuses(t, x.c, describe, "ResourcePolicyNotFoundException")
	refuses(t, x.c, put(text(member, "organizations:List*", "*"), strings.Split(strings.Repeat("k=v,", 2)+"k=v", ",")...), "InvalidInputException DUPLICATE_TAG_KEY")
	in := put(text(member, "organizations:List*", "*"))
	in.Tags = manyTags(51)
	refuses(t, x.c, in, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
}

// party is an account as a party of a handshake, by its id or its address.
func party(id string) *orgtypes.HandshakeParty {
	kind := orgtypes.HandshakePartyTypeAccount
	if strings.Contains(id, "@") {
		kind = orgtypes.HandshakePartyTypeEmail
	}
	return &orgtypes.HandshakeParty{Type: kind, Id: &id}
}

func inviting(id string) *organizations.InviteAccountToOrganizationInput {
	return &organizations.InviteAccountToOrganizationInput{Target: party(id)}
}

func everyInvitation(t *testing.T, x *orgScenes) {
	guest := x.stranger(t, "Invited")
	id := guest.accountID(t)
	in := inviting(id)
	in.Notes, in.Tags = new("Join\nus"), orgTags("k=v")
	made := fetch[organizations.InviteAccountToOrganizationOutput](t, x.c, in).Handshake
	matches(t, "handshake", "h-[0-9a-z]{8,32}", made.Id)
	recent(t, "request", made.RequestedTimestamp)
	resource := func(kind orgtypes.HandshakeResourceType, value string, in ...orgtypes.HandshakeResource) orgtypes.HandshakeResource {
		return orgtypes.HandshakeResource{Type: kind, Value: &value, Resources: in}
	}
	want := &orgtypes.Handshake{
		Id: made.Id, Arn: new("arn:aws:organizations::" + managementID + ":handshake/" + x.orgID + "/invite/" + *made.Id),
		Action: orgtypes.ActionTypeInviteAccountToOrganization, State: orgtypes.HandshakeStateOpen,
		Parties:            []orgtypes.HandshakeParty{{Type: orgtypes.HandshakePartyTypeOrganization, Id: new(x.orgID[2:])}, *party(id)},
		RequestedTimestamp: made.RequestedTimestamp, ExpirationTimestamp: new(made.RequestedTimestamp.Add(15 * 24 * time.Hour)),
		Resources: []orgtypes.HandshakeResource{
			resource(orgtypes.HandshakeResourceTypeOrganization, x.orgID,
				resource(orgtypes.HandshakeResourceTypeMasterEmail, "root@example.com"), resource(orgtypes.HandshakeResourceTypeMasterName, "Management"),
				resource(orgtypes.HandshakeResourceTypeOrganizationFeatureSet, "ALL")),
			resource(orgtypes.HandshakeResourceTypeAccount, id), resource(orgtypes.HandshakeResourceTypeNotes, "Join\nus"),
		},
	}
	same(t, "handshake", made, want)
	for _, c := range []*organizations.Client{x.c, guest.organizations()} {
		same(t, "described", fetch[organizations.DescribeHandshakeOutput](t, c, &organizations.DescribeHandshakeInput{HandshakeId: made.Id}).Handshake, want)
	}
	filter := &orgtypes.HandshakeFilter{ActionType: orgtypes.ActionTypeInviteAccountToOrganization}
	received := fetch[organizations.ListHandshakesForAccountOutput](t, guest.organizations(), &organizations.ListHandshakesForAccountInput{Filter: filter}).Handshakes
	same(t, "received", received, []orgtypes.Handshake{*want})
	x.noInvitation(t, guest, made.Id)
	joiner := guest.newUser(t, "joiner", allow("organizations:*", "*"))
	refuses(t, joiner.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: made.Id}, "AccessDeniedForDependencyException ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE")
	want.State = orgtypes.HandshakeStateAccepted
	same(t, "accepted", fetch[organizations.AcceptHandshakeOutput](t, guest.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: made.Id}).Handshake, want)
	same(t, "tags", fetch[organizations.ListTagsForResourceOutput](t, x.c, &organizations.ListTagsForResourceInput{ResourceId: &id}).Tags, orgTags("k=v"))
	do(t, guest.organizations(), &organizations.LeaveOrganizationInput{})
}

// noInvitation asks for invitations that cannot be, while one to a guest is open.
func (x *orgScenes) noInvitation(t *testing.T, guest as, handshake *string) {
	id := guest.accountID(t)
	refuses(t, x.c, inviting(id), "DuplicateHandshakeException")
	refuses(t, x.c, inviting(x.member), "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION")
	refuses(t, x.c, inviting("no address@"), "InvalidInputException INVALID_EMAIL_ADDRESS_TARGET")
	refuses(t, x.c, inviting(noAccount), "InvalidInputException TARGET_NOT_SUPPORTED")
	wrong := inviting("o-exampleorgid")
	wrong.Target.Type = orgtypes.HandshakePartyTypeOrganization
	refuses(t, x.c, wrong, "InvalidInputException INVALID_PARTY_TYPE_TARGET")
	tagged := inviting("new@example.net")
	tagged.Tags = manyTags(51)
	refuses(t, x.c, tagged, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
	both := &orgtypes.HandshakeFilter{ActionType: orgtypes.ActionTypeInviteAccountToOrganization, ParentHandshakeId: handshake}
	refuses(t, x.c, &organizations.ListHandshakesForOrganizationInput{Filter: both}, "InvalidInputException MAX_LIMIT_EXCEEDED_FILTER")

	x.s.quota(t, "accounts", "set", managementID, "accounts", "1")
	refuses(t, x.c, inviting("full@example.net"), "HandshakeConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	refuses(t, guest.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: handshake}, "HandshakeConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	x.s.quota(t, "accounts", "set", managementID, "accounts", "12")
	x.s.quota(t, "invitations-per-day", "set", managementID, "invitations-per-day", "0")
	sent := 0
	for ; sent < 20; sent++ {
		h, err := x.invite(fmt.Sprintf("many-%d@example.net", sent))
		if err != nil {
			if got := codeOf(err); got != "HandshakeConstraintViolationException HANDSHAKE_RATE_LIMIT_EXCEEDED" {
				t.Errorf("invitation %d: %s", sent, got)
			}
			break
		}
		do(t, x.c, &organizations.CancelHandshakeInput{HandshakeId: h.Id})
	}
	if sent == 0 || sent == 20 {
		t.Errorf("%d invitations were sent", sent)
	}
	for _, quota := range []string{"accounts", "invitations-per-day"} {
		x.s.quota(t, quota, "reset", managementID, quota)
	}
	unproved := x.stranger(t, "Unproved", "--email-unverified")
	do(t, unproved.organizations(), &organizations.CreateOrganizationInput{})
	refuses(t, unproved.organizations(), inviting("x@example.net"), "AccountOwnerNotVerifiedException")
}

func everyAnswer(t *testing.T, x *orgScenes) {
	guest := x.stranger(t, "Answering")
	id, theirs := guest.accountID(t), guest.organizations()
	invite := func() *string {
		return fetch[organizations.InviteAccountToOrganizationOutput](t, x.c, inviting(id)).Handshake.Id
	}
	h := invite()
	refuses(t, x.c, &organizations.AcceptHandshakeInput{HandshakeId: h}, "AccessDeniedException")
	refuses(t, x.c, &organizations.DeclineHandshakeInput{HandshakeId: h}, "AccessDeniedException")
	refuses(t, theirs, &organizations.CancelHandshakeInput{HandshakeId: h}, "AccessDeniedException")
	if got := fetch[organizations.DeclineHandshakeOutput](t, theirs, &organizations.DeclineHandshakeInput{HandshakeId: h}).Handshake; got.State != orgtypes.HandshakeStateDeclined || *got.Id != *h {
		t.Errorf("declined: %s", jsonText(got))
	}
	refuses(t, theirs, &organizations.DeclineHandshakeInput{HandshakeId: h}, "HandshakeAlreadyInStateException")
	refuses(t, theirs, &organizations.AcceptHandshakeInput{HandshakeId: h}, "InvalidHandshakeTransitionException")
	refuses(t, x.c, &organizations.CancelHandshakeInput{HandshakeId: h}, "InvalidHandshakeTransitionException")
	h = invite()
	if got := fetch[organizations.CancelHandshakeOutput](t, x.c, &organizations.CancelHandshakeInput{HandshakeId: h}).Handshake; got.State != orgtypes.HandshakeStateCanceled {
		t.Errorf("canceled: %s", jsonText(got))
	}
	refuses(t, x.c, &organizations.CancelHandshakeInput{HandshakeId: h}, "HandshakeAlreadyInStateException")
	refuses(t, theirs, &organizations.DeclineHandshakeInput{HandshakeId: h}, "InvalidHandshakeTransitionException")
	for _, in := range []any{
		&organizations.AcceptHandshakeInput{HandshakeId: new(noHandshake)}, &organizations.DeclineHandshakeInput{HandshakeId: new(noHandshake)},
		&organizations.CancelHandshakeInput{HandshakeId: new(noHandshake)}, &organizations.DescribeHandshakeInput{HandshakeId: new(noHandshake)},
	} {
		refuses(t, x.c, in, "HandshakeNotFoundException")
	}
	h = invite()
	must(t, guest.accept(*h))
	refuses(t, theirs, &organizations.AcceptHandshakeInput{HandshakeId: h}, "HandshakeAlreadyInStateException")
	do(t, theirs, &organizations.LeaveOrganizationInput{})
	// Who has an organization of its own with others in it, or was made by one just now, cannot
	// simply come.
	h = invite()
	do(t, theirs, &organizations.CreateOrganizationInput{})
	refuses(t, theirs, &organizations.AcceptHandshakeInput{HandshakeId: h}, "MasterCannotLeaveOrganizationException")
	other, _ := x.organizer(t, "Rival")
	lured := fetch[organizations.InviteAccountToOrganizationOutput](t, other.organizations(), inviting(x.member)).Handshake.Id
	refuses(t, x.inside(t, x.member).organizations(), &organizations.AcceptHandshakeInput{HandshakeId: lured}, "ConstraintViolationException WAIT_PERIOD_ACTIVE")
	listed := fetch[organizations.ListHandshakesForOrganizationOutput](t, x.c, &organizations.ListHandshakesForOrganizationInput{MaxResults: new(int32(20))})
	if len(listed.Handshakes) < 4 {
		t.Errorf("handshakes of the organization: %s", jsonText(listed))
	}
}
