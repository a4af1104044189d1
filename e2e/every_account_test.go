package e2e

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	accountapi "github.com/bailiwick/bailiwick/api/account"
)

// TestEveryAccountOperation calls every operation that the SDK's client of Account Management
// has, and provokes every error and reason that the model gives, or says why that cannot be.
func TestEveryAccountOperation(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		calls, book := s.ledger(), s.journal()
		w := organize(t, s)
		x := &accountScenes{orgScenes: orgScenes{world: w, c: w.admin.organizations(), readers: []as{w.root}}, calls: calls, book: book}
		x.a = x.client(w.admin)
		x.member = w.account(t, w.rootID, "Member", "")
		for _, scene := range []struct {
			name string
			play func(*testing.T, *accountScenes)
		}{
			{"whose account", everyTarget},
			{"contacts", everyContact},
			{"alternate contacts", everyAlternateContact},
			{"information", everyInformation},
			{"primary e-mail", everyPrimaryEmail},
			{"telephone", everyTelephone},
			{"Regions", everyRegion},
			{"bad input", everyBadAccountInput},
			{"who may not", everyAccountRefusal},
		} {
			t.Run(scene.name, func(t *testing.T) { scene.play(t, x) })
		}
		book.recorded(t, x.readers)
		s.everyFailure(t, accountInputs, "InternalServerException", func(a as) any { return x.client(a) })
		if t.Failed() {
			return
		}
		calls.complete(t, "account", accountOperations())
		calls.allErrors(t, accountapi.Describe(), notInAccount)
		book.allReasons(t, "ValidationException", texts(accounttypes.ValidationExceptionReason("").Values()), nil)
	})
}

// TestEveryOperationOfAccountHasAnInput holds the list of inputs complete.
func TestEveryOperationOfAccountHasAnInput(t *testing.T) {
	covers(t, accountInputs, accountOperations())
}

// accountOperations are those of the model, which has more than the SDK's client.
func accountOperations() (names []string) {
	for _, o := range accountapi.Describe().Operations {
		names = append(names, o.Name)
	}
	return names
}

// accountScenes is where the scenes play: an organization that trusts Account Management from
// the first scene on, with one member.
type accountScenes struct {
	orgScenes
	a     accountClient
	calls *ledger
	book  *journal
}

func (x *accountScenes) client(a as) accountClient {
	return accountClient{Client: a.account(), as: a, calls: x.calls, book: x.book}
}

// accountInputs has an input for each operation that the model has nothing against.
var accountInputs = []any{
	&account.AcceptPrimaryEmailUpdateInput{AccountId: new(noAccount), Otp: new("ABCDEF"), PrimaryEmail: new("new@example.net")},
	&account.DeleteAlternateContactInput{AlternateContactType: accounttypes.AlternateContactTypeBilling},
	&account.DisableRegionInput{RegionName: new("af-south-1")},
	&account.EnableRegionInput{RegionName: new("af-south-1")},
	&account.GetAccountInformationInput{},
	&account.GetAlternateContactInput{AlternateContactType: accounttypes.AlternateContactTypeBilling},
	&account.GetContactInformationInput{},
	&account.GetGovCloudAccountInformationInput{},
	&account.GetPrimaryEmailInput{AccountId: new(noAccount)},
	&GetPrimaryEmailUpdateStatusInput{AccountId: new(noAccount)},
	&account.GetRegionOptStatusInput{RegionName: new("af-south-1")},
	&account.ListRegionsInput{},
	&account.PutAccountNameInput{AccountName: new("Name")},
	&account.PutAlternateContactInput{
		AlternateContactType: accounttypes.AlternateContactTypeBilling, EmailAddress: new("bills@example.com"), Name: new("Bill"), PhoneNumber: new("+1 555"), Title: new("Clerk"),
	},
	&account.PutContactInformationInput{ContactInformation: contact("+1 555 0100")},
	&SendPhoneNumberVerificationInput{},
	&account.StartPrimaryEmailUpdateInput{AccountId: new(noAccount), PrimaryEmail: new("new@example.net")},
	&VerifyPhoneNumberInput{Otp: new("ABCDEF")},
}

// notInAccount are the modeled errors that nothing provokes here.
var notInAccount = []impossible{
	{"GetGovCloudAccountInformation", "ResourceUnavailableException", "what is linked to an account is known as long as the account is"},
	{"DisableRegion EnableRegion", "ConflictException", "Regions are switched at once; with a delay it is tested in package service/account"},
	{"GetPrimaryEmail StartPrimaryEmailUpdate", "ResourceNotFoundException", "every account has an address; one that is not there is refused"},
}

// contact is a primary contact with all that it can have.
func contact(phone string) *accounttypes.ContactInformation {
	return &accounttypes.ContactInformation{
		FullName: new("Jane Dö"), CompanyName: new("Example & Sons"), AddressLine1: new("1 Main St"), AddressLine2: new("c/o"), AddressLine3: new("3rd floor"),
		City: new("Seattle"), DistrictOrCounty: new("King"), StateOrRegion: new("WA"), PostalCode: new("98101"), CountryCode: new("US"),
		PhoneNumber: &phone, WebsiteUrl: new("https://example.com/"),
	}
}

func everyTarget(t *testing.T, x *accountScenes) {
	in := &account.GetContactInformationInput{AccountId: &x.member}
	refuses(t, x.a, in, "AccessDeniedException") // the organization does not trust the service yet
	do(t, x.c, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new("account.amazonaws.com")})
	refuses(t, x.a, in, "ResourceNotFoundException")
	for _, in := range []any{
		&account.GetContactInformationInput{AccountId: new(noAccount)}, &account.GetContactInformationInput{AccountId: new(managementID)},
		&GetPrimaryEmailUpdateStatusInput{}, &account.GetPrimaryEmailInput{AccountId: new(managementID)},
	} {
		refuses(t, x.a, in, "AccessDeniedException")
	}
}

func everyContact(t *testing.T, x *accountScenes) {
	for _, id := range []*string{nil, &x.member} {
		get := &account.GetContactInformationInput{AccountId: id}
		refuses(t, x.a, get, "ResourceNotFoundException")
		put := &account.PutContactInformationInput{AccountId: id, ContactInformation: contact("+1 555 0100")}
		for range 2 {
			do(t, x.a, put)
			got := fetch[account.GetContactInformationOutput](t, x.a, get)
			same(t, "contact", got.ContactInformation, put.ContactInformation)
			if status := x.a.phoneStatus(t, id); status != "UNVERIFIED" {
				t.Errorf("telephone: %s", status)
			}
		}
		// What is not given is no more there.
		put.ContactInformation = contact("+1 555 0101")
		put.ContactInformation.CompanyName, put.ContactInformation.AddressLine2, put.ContactInformation.AddressLine3 = nil, nil, nil
		put.ContactInformation.DistrictOrCounty, put.ContactInformation.WebsiteUrl = nil, nil
		do(t, x.a, put)
		same(t, "contact", fetch[account.GetContactInformationOutput](t, x.a, get).ContactInformation, put.ContactInformation)
	}
	for _, change := range []func(*accounttypes.ContactInformation){
		func(c *accounttypes.ContactInformation) { c.CountryCode = new("XX") }, func(c *accounttypes.ContactInformation) { c.StateOrRegion = nil },
		func(c *accounttypes.ContactInformation) { c.PhoneNumber = new("call me") },
	} {
		in := &account.PutContactInformationInput{ContactInformation: contact("+1 555 0100")}
		change(in.ContactInformation)
		refuses(t, x.a, in, "ValidationException fieldValidationFailed")
	}
}

func everyAlternateContact(t *testing.T, x *accountScenes) {
	for _, id := range []*string{nil, &x.member} {
		for _, kind := range accounttypes.AlternateContactType("").Values() {
			get := &account.GetAlternateContactInput{AccountId: id, AlternateContactType: kind}
			remove := &account.DeleteAlternateContactInput{AccountId: id, AlternateContactType: kind}
			refuses(t, x.a, get, "ResourceNotFoundException")
			refuses(t, x.a, remove, "ResourceNotFoundException")
			for _, name := range []string{"First", "Second", "Second"} {
				put := &account.PutAlternateContactInput{
					AccountId: id, AlternateContactType: kind, EmailAddress: new(name + "@example.com"), Name: &name, PhoneNumber: new("+1 (555) 0100"), Title: new("Clerk"),
				}
				do(t, x.a, put)
				same(t, "contact", fetch[account.GetAlternateContactOutput](t, x.a, get).AlternateContact, &accounttypes.AlternateContact{
					AlternateContactType: kind, EmailAddress: put.EmailAddress, Name: put.Name, PhoneNumber: put.PhoneNumber, Title: put.Title,
				})
			}
			do(t, x.a, remove)
			refuses(t, x.a, get, "ResourceNotFoundException")
		}
	}
}

func everyInformation(t *testing.T, x *accountScenes) {
	get := &account.GetAccountInformationInput{AccountId: &x.member}
	got := fetch[account.GetAccountInformationOutput](t, x.a, get)
	recent(t, "creation", got.AccountCreatedDate)
	if *got.AccountId != x.member || *got.AccountName != "Member" || got.AccountState != accounttypes.AccountStateActive {
		t.Errorf("information: %s", jsonText(got))
	}
	for range 2 {
		do(t, x.a, &account.PutAccountNameInput{AccountId: &x.member, AccountName: new("Renamed")})
		if got := fetch[account.GetAccountInformationOutput](t, x.a, get); *got.AccountName != "Renamed" {
			t.Errorf("information: %s", jsonText(got))
		}
	}
	if a := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: &x.member}).Account; *a.Name != "Renamed" {
		t.Errorf("account: %s", jsonText(a))
	}
	do(t, x.a, &account.PutAccountNameInput{AccountName: new("Head")})
	if own := fetch[account.GetAccountInformationOutput](t, x.a, &account.GetAccountInformationInput{}); *own.AccountName != "Head" || *own.AccountId != managementID {
		t.Errorf("own information: %s", jsonText(own))
	}
	refuses(t, x.a, &account.GetGovCloudAccountInformationInput{}, "ResourceNotFoundException")
	begun := fetch[organizations.CreateGovCloudAccountOutput](t, x.c, &organizations.CreateGovCloudAccountInput{AccountName: new("Agency"), Email: new("agency@example.com")}).CreateAccountStatus
	done := fetch[organizations.DescribeCreateAccountStatusOutput](t, x.c, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: begun.Id}).CreateAccountStatus
	linked := fetch[account.GetGovCloudAccountInformationOutput](t, x.a, &account.GetGovCloudAccountInformationInput{StandardAccountId: done.AccountId})
	if *linked.GovCloudAccountId != *done.GovCloudAccountId || linked.AccountState != accounttypes.AwsAccountStateActive {
		t.Errorf("linked: %s", jsonText(linked))
	}
	if done.State != orgtypes.CreateAccountStateSucceeded {
		t.Errorf("account: %s", jsonText(done))
	}
}

// code is the code that waits for an account.
func (x *accountScenes) code(t testing.TB, id string) *string {
	t.Helper()
	fields := strings.Split(x.s.operate(t, "account", "codes", "--account-id", id), "\t")
	if len(fields) != 4 {
		t.Fatalf("codes: %q", fields)
	}
	return &fields[2]
}

func everyPrimaryEmail(t *testing.T, x *accountScenes) {
	status := &GetPrimaryEmailUpdateStatusInput{AccountId: &x.member}
	accept := &account.AcceptPrimaryEmailUpdateInput{AccountId: &x.member, Otp: new("ABCDEF"), PrimaryEmail: new("New.Owner@example.net")}
	begin := &account.StartPrimaryEmailUpdateInput{AccountId: &x.member, PrimaryEmail: accept.PrimaryEmail}
	refuses(t, x.a, status, "ResourceNotFoundException")
	refuses(t, x.a, accept, "ResourceNotFoundException")
	if got := fetch[account.StartPrimaryEmailUpdateOutput](t, x.a, begin); got.Status != accounttypes.PrimaryEmailUpdateStatusPending {
		t.Errorf("started: %s", jsonText(got))
	}
	waiting := fetch[GetPrimaryEmailUpdateStatusOutput](t, x.a, status)
	if waiting.Status != accounttypes.PrimaryEmailUpdateStatusPending {
		t.Errorf("waiting: %s", jsonText(waiting))
	}
	if waiting.UpdatedAt == nil {
		t.Errorf("waiting: %s", jsonText(waiting))
	}
	refuses(t, x.a, accept, "ValidationException fieldValidationFailed")
	accept.Otp = x.code(t, x.member)
	if got := fetch[account.AcceptPrimaryEmailUpdateOutput](t, x.a, accept); got.Status != accounttypes.PrimaryEmailUpdateStatusAccepted {
		t.Errorf("accepted: %s", jsonText(got))
	}
	if got := fetch[account.GetPrimaryEmailOutput](t, x.a, &account.GetPrimaryEmailInput{AccountId: &x.member}); *got.PrimaryEmail != "New.Owner@example.net" {
		t.Errorf("address: %s", jsonText(got))
	}
	if a := fetch[organizations.DescribeAccountOutput](t, x.c, &organizations.DescribeAccountInput{AccountId: &x.member}).Account; *a.Email != "New.Owner@example.net" {
		t.Errorf("account: %s", jsonText(a))
	}
	refuses(t, x.a, accept, "ConflictException")
	refuses(t, x.a, begin, "ConflictException")
	if got := fetch[GetPrimaryEmailUpdateStatusOutput](t, x.a, status); got.Status == accounttypes.PrimaryEmailUpdateStatusPending {
		t.Errorf("done: %s", jsonText(got))
	}
	refuses(t, x.a, &account.StartPrimaryEmailUpdateInput{AccountId: &x.member, PrimaryEmail: new("no address")}, "ValidationException fieldValidationFailed")
}

func everyTelephone(t *testing.T, x *accountScenes) {
	stranger := x.client(x.stranger(t, "Silent"))
	send := &SendPhoneNumberVerificationInput{}
	verify := &VerifyPhoneNumberInput{Otp: new("ABCDEF")}
	refuses(t, stranger, send, "ResourceNotFoundException")
	refuses(t, stranger, verify, "ResourceNotFoundException")
	refuses(t, x.a, verify, "ResourceNotFoundException")
	if got := fetch[phoneOutput](t, x.a, send); got.Status != "PENDING" {
		t.Errorf("sent: %s", jsonText(got))
	}
	refuses(t, x.a, verify, "ValidationException fieldValidationFailed")
	verify.Otp = x.code(t, managementID)
	if got := fetch[phoneOutput](t, x.a, verify); got.Status != "VERIFIED" {
		t.Errorf("verified: %s", jsonText(got))
	}
	if status := x.a.phoneStatus(t, nil); status != "VERIFIED" {
		t.Errorf("telephone: %s", status)
	}
	refuses(t, x.a, send, "ConflictException")
	refuses(t, x.a, verify, "ConflictException")
}

func everyRegion(t *testing.T, x *accountScenes) {
	const name = "af-south-1"
	status := &account.GetRegionOptStatusInput{AccountId: &x.member, RegionName: new(name)}
	is := func(want accounttypes.RegionOptStatus) {
		t.Helper()
		if got := fetch[account.GetRegionOptStatusOutput](t, x.a, status); *got.RegionName != name || got.RegionOptStatus != want {
			t.Errorf("%s, want %s", jsonText(got), want)
		}
	}
	is(accounttypes.RegionOptStatusDisabled)
	enable := &account.EnableRegionInput{AccountId: &x.member, RegionName: new(name)}
	disable := &account.DisableRegionInput{AccountId: &x.member, RegionName: new(name)}
	refuses(t, x.a, disable, "ValidationException invalidRegionOptTarget")
	do(t, x.a, enable)
	is(accounttypes.RegionOptStatusEnabled)
	refuses(t, x.a, enable, "ValidationException invalidRegionOptTarget")
	list := &account.ListRegionsInput{AccountId: &x.member, RegionOptStatusContains: []accounttypes.RegionOptStatus{accounttypes.RegionOptStatusEnabled}}
	same(t, "enabled", fetch[account.ListRegionsOutput](t, x.a, list).Regions, []accounttypes.Region{{RegionName: new(name), RegionOptStatus: accounttypes.RegionOptStatusEnabled}})
	do(t, x.a, disable)
	is(accounttypes.RegionOptStatusDisabled)
	for _, in := range []any{
		&account.EnableRegionInput{RegionName: new("us-east-1")}, &account.DisableRegionInput{RegionName: new("us-east-1")},
	} {
		refuses(t, x.a, in, "ValidationException invalidRegionOptTarget")
	}
	refuses(t, x.a, &account.GetRegionOptStatusInput{RegionName: new("no-where-1")}, "ValidationException fieldValidationFailed")

	whole := fetch[account.ListRegionsOutput](t, x.a, &account.ListRegionsInput{})
	if len(whole.Regions) < 30 || whole.NextToken != nil {
		t.Errorf("regions: %s", jsonText(whole))
	}
	page := &account.ListRegionsInput{MaxResults: new(int32(1))}
	var regions []accounttypes.Region
	for len(regions) <= len(whole.Regions) {
		out := fetch[account.ListRegionsOutput](t, x.a, page)
		if regions = append(regions, out.Regions...); len(out.Regions) != 1 {
			t.Errorf("a page of %d", len(out.Regions))
		}
		if page.NextToken = out.NextToken; page.NextToken == nil {
			break
		}
	}
	same(t, "page by page", regions, whole.Regions)
	refuses(t, x.a, &account.ListRegionsInput{NextToken: new("x")}, "ValidationException fieldValidationFailed")
}

// everyBadAccountInput breaks a constraint of each operation: each field is told.
func everyBadAccountInput(t *testing.T, x *accountScenes) {
	c := x.client(x.admin.unchecked())
	for _, in := range accountInputs {
		broken := reflect.New(reflect.TypeOf(in).Elem())
		for _, name := range []string{"AccountId", "StandardAccountId"} {
			if id := broken.Elem().FieldByName(name); id.IsValid() {
				id.Set(reflect.ValueOf(new("12345")))
			}
		}
		refuses(t, c, broken.Interface(), "ValidationException fieldValidationFailed")
	}
	_, err := ask(c, &account.PutAlternateContactInput{AlternateContactType: "SOME"})
	failure, ok := asValidation(err)
	if !ok || len(failure.FieldList) != 5 || !strings.HasPrefix(*failure.Message, "5 validation errors detected: ") {
		t.Errorf("five violations: %v", err)
		return
	}
	var fields []string
	for _, f := range failure.FieldList {
		fields = append(fields, *f.Name)
	}
	for _, name := range []string{"alternateContactType", "emailAddress", "name", "phoneNumber", "title"} {
		if !slices.Contains(fields, name) {
			t.Errorf("no field %s among %v", name, fields)
		}
	}
}

// everyAccountRefusal has a user ask for everything that may nothing.
func everyAccountRefusal(t *testing.T, x *accountScenes) {
	c := x.client(x.root.newUser(t, "powerless"))
	for _, in := range accountInputs {
		refuses(t, c, in, "AccessDeniedException")
	}
}

func asValidation(err error) (*accounttypes.ValidationException, bool) {
	var failure *accounttypes.ValidationException
	return failure, errors.As(err, &failure)
}
