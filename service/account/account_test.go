package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	service "github.com/bailiwick/bailiwick/service/account"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	management = "111111111111"
	stranger   = "999999999999" // in no organization
	nobody     = "000000000000" // no account at all
)

// fixture is a service over a fresh store: an organization with two member accounts, and
// a standalone account.
type fixture struct {
	*service.Service
	t   *testing.T
	now time.Time
	org org.Organization
	// member and delegate are in the organization; sub hangs on an OU of it.
	member, delegate string
	unit             org.Unit
}

func newFixture(t *testing.T, e storetest.Engine) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)}
	key, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := credential.NewVault(credential.NewKeyring(key))
	if err != nil {
		t.Fatal(err)
	}
	f.Service = &service.Service{Vault: vault, DB: e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return f.now } })}
	ctx := t.Context()
	f.update(func(tx *store.Tx) (err error) {
		for id, name := range map[string]string{management: "Head", stranger: "Stranger"} {
			if _, err = org.CreateStandaloneAccount(ctx, tx, id, name, name+"@example.com"); err != nil {
				return err
			}
		}
		if f.org, err = org.CreateOrganization(ctx, tx, management, ""); err != nil {
			return err
		}
		f.unit, err = org.CreateOrganizationalUnit(ctx, tx, f.org, f.org.RootID, "Unit", nil)
		return err
	})
	f.member, f.delegate = f.newMember("member"), f.newMember("delegate")
	return f
}

// trust sets whether the organization trusts the service and whether the delegate
// administers it.
func (f *fixture) trust(enabled, delegated bool) {
	f.t.Helper()
	f.update(func(tx *store.Tx) error {
		if _, err := tx.DeleteOrgDelegation(f.org.ID, f.delegate, account.ServicePrincipal); err != nil {
			return err
		}
		if err := tx.DeleteOrgTrustedService(f.org.ID, account.ServicePrincipal); err != nil {
			return err
		}
		if enabled {
			if err := tx.InsertOrgTrustedService(f.org.ID, org.TrustedService{Principal: account.ServicePrincipal, EnabledAt: f.now}); err != nil {
				return err
			}
		}
		if !delegated {
			return nil
		}
		return tx.InsertOrgDelegation(f.org.ID, org.Delegation{AccountID: f.delegate, Principal: account.ServicePrincipal, RegisteredAt: f.now})
	})
}

// newMember makes an account in the organization.
func (f *fixture) newMember(name string) string {
	f.t.Helper()
	var r org.CreateRequest
	f.update(func(tx *store.Tx) (err error) {
		r, err = org.CreateAccount(f.t.Context(), tx, f.org, org.Settings{AccountLimit: 100}, org.NewAccount{Name: name, Email: name + "@example.com"})
		return err
	})
	return r.AccountID
}

func (f *fixture) update(fn func(tx *store.Tx) error) {
	f.t.Helper()
	if err := f.DB.Update(f.t.Context(), fn); err != nil {
		f.t.Fatal(err)
	}
}

// as is the context of a call by user ops of an account.
func (f *fixture) as(accountID string) context.Context {
	arn := "arn:aws:iam::" + accountID + ":user/ops"
	return credential.NewContext(f.t.Context(), &credential.Caller{
		Type: credential.User, AccountID: accountID, ARN: arn, EntityARN: arn, EntityName: "ops",
	})
}

// do calls the operation of an input through the table of operations, after the checks of
// the model, as a request from the network would.
func (f *fixture) do(ctx context.Context, in smithy.Shape) (smithy.Shape, error) {
	f.t.Helper()
	if vs := smithy.Validate(in); len(vs) > 0 {
		return nil, service.Invalid(vs)
	}
	h := accountapi.Handler(f.Service)
	for i := range h.Service.Operations {
		op := &h.Service.Operations[i]
		if op.NewInput().Schema() == in.Schema() {
			return h.Invoke(ctx, op, in)
		}
	}
	f.t.Fatalf("no operation takes a %T", in)
	return nil, nil
}

// must is do for calls that succeed.
func (f *fixture) must(ctx context.Context, in smithy.Shape) smithy.Shape {
	f.t.Helper()
	out, err := f.do(ctx, in)
	if err != nil {
		f.t.Fatalf("%T: %v", in, err)
	}
	return out
}

func ptr[T any](v T) *T { return &v }

func contact() *accountapi.ContactInformation {
	return &accountapi.ContactInformation{
		FullName: ptr("Jane Doe"), AddressLine1: ptr("1 Main St"), City: ptr("Seattle"), StateOrRegion: ptr("WA"),
		PostalCode: ptr("98101"), CountryCode: ptr("US"), PhoneNumber: ptr("+1 555 0100"),
	}
}

func billing(id *string, name string) *accountapi.PutAlternateContactInput {
	return &accountapi.PutAlternateContactInput{
		AccountId: id, AlternateContactType: ptr("BILLING"), EmailAddress: ptr(name + "@example.com"),
		Name: ptr(name), PhoneNumber: ptr("+1 555"), Title: ptr("Clerk"),
	}
}

// Everything that can be put comes back as it was put, on every engine, and a member has
// its own.
func TestReadBack(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.trust(true, false)
			for _, id := range []*string{nil, &f.member} {
				ctx := f.as(management)
				full := contact()
				full.CompanyName, full.AddressLine2, full.AddressLine3 = ptr("Co"), ptr("2"), ptr("3")
				full.DistrictOrCounty, full.WebsiteUrl = ptr("King"), ptr("https://example.com")
				for _, c := range []*accountapi.ContactInformation{full, contact()} {
					f.must(ctx, &accountapi.PutContactInformationInput{AccountId: id, ContactInformation: c})
					got := f.must(ctx, &accountapi.GetContactInformationInput{AccountId: id}).(*accountapi.GetContactInformationOutput)
					equal(t, "contact", got, &accountapi.GetContactInformationOutput{ContactInformation: c, VerificationStatus: ptr("UNVERIFIED")})
				}
				f.must(ctx, billing(id, "Ann"))
				f.must(ctx, billing(id, "Bob"))
				get := &accountapi.GetAlternateContactInput{AccountId: id, AlternateContactType: ptr("BILLING")}
				equal(t, "alternate contact", f.must(ctx, get), smithy.Shape(&accountapi.GetAlternateContactOutput{
					AlternateContact: &accountapi.AlternateContact{
						AlternateContactType: ptr("BILLING"), EmailAddress: ptr("Bob@example.com"), Name: ptr("Bob"),
						PhoneNumber: ptr("+1 555"), Title: ptr("Clerk"),
					},
				}))
				f.must(ctx, &accountapi.DeleteAlternateContactInput{AccountId: id, AlternateContactType: ptr("BILLING")})
				refused(t, only(f.do(ctx, get)), "ResourceNotFoundException", "No contact of the inputted alternate contact type found.")
				f.must(ctx, &accountapi.PutAccountNameInput{AccountId: id, AccountName: ptr("New name")})
				info := f.must(ctx, &accountapi.GetAccountInformationInput{AccountId: id}).(*accountapi.GetAccountInformationOutput)
				equal(t, "information", info, &accountapi.GetAccountInformationOutput{
					AccountId: ptr(or(id, management)), AccountName: ptr("New name"), AccountCreatedDate: &f.now, AccountState: ptr("ACTIVE"),
				})
			}
			email := f.must(f.as(management), &accountapi.GetPrimaryEmailInput{AccountId: &f.member})
			equal(t, "e-mail", email, smithy.Shape(&accountapi.GetPrimaryEmailOutput{PrimaryEmail: ptr("member@example.com")}))
			// A member reaches its own without the parameter, and what was put for it is there.
			own := f.must(f.as(f.member), &accountapi.GetContactInformationInput{}).(*accountapi.GetContactInformationOutput)
			equal(t, "the member's own view", own.ContactInformation, contact())
		})
	}
}

func TestStatesOfAccounts(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.trust(true, false)
	for state, want := range map[string]string{
		org.StatePendingActivation: "PENDING_ACTIVATION", org.StateActive: "ACTIVE", org.StateSuspended: "SUSPENDED",
		org.StatePendingClosure: "SUSPENDED", org.StateClosed: "CLOSED",
	} {
		f.update(func(tx *store.Tx) error {
			a, _, err := tx.OrgAccount(f.member)
			a.State = state
			return errors.Join(err, tx.UpdateOrgAccount(a))
		})
		out := f.must(f.as(management), &accountapi.GetAccountInformationInput{AccountId: &f.member}).(*accountapi.GetAccountInformationOutput)
		equal(t, state, *out.AccountState, want)
	}
}

// An account that the organization makes starts with the management account's contact.
func TestCopiedContact(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	put := func(fn func(tx *store.Tx) error) { t.Helper(); f.update(fn) }
	put(func(tx *store.Tx) error { return account.CopyContact(t.Context(), tx, management, f.member) })
	refused(t, only(f.do(f.as(f.member), &accountapi.GetContactInformationInput{})), "ResourceNotFoundException", "No contact information found.")
	f.must(f.as(management), &accountapi.PutContactInformationInput{ContactInformation: contact()})
	put(func(tx *store.Tx) error { return account.CopyContact(t.Context(), tx, management, f.member) })
	out := f.must(f.as(f.member), &accountapi.GetContactInformationInput{}).(*accountapi.GetContactInformationOutput)
	equal(t, "copied", out.ContactInformation, contact())
}

// A change in another account is found in both accounts' histories, one of one's own in one.
func TestEvents(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.trust(true, false)
	for _, c := range []struct {
		id     string
		target *string
		want   []string
	}{
		{"01890a5d-ac96-774b-bcce-b302099a8057", nil, []string{management}},
		{"01890a5d-ac96-774b-bcce-b302099a8058", &f.member, []string{management, f.member}},
	} {
		ctx := f.as(management)
		rec := &audit.Recording{Call: audit.Call{
			EventID: c.id, RequestID: c.id, Time: f.now,
			Source: "account.amazonaws.com", Name: "PutAlternateContact", Caller: credential.FromContext(ctx),
		}}
		f.must(audit.NewContext(ctx, rec), billing(c.target, "Ann"))
		var accounts []string
		f.update(func(tx *store.Tx) error {
			for _, account := range []string{management, f.member} {
				events, err := tx.AuditEvents(audit.Query{AccountID: account, Limit: 10})
				if err != nil {
					return err
				}
				for _, e := range events {
					if e.RequestID == rec.Call.RequestID {
						accounts = append(accounts, e.AccountID)
					}
				}
			}
			return nil
		})
		sameSet(t, "accounts with the event", accounts, c.want)
		if !rec.Stored() {
			t.Error("the event is not in the operation's transaction")
		}
	}
}
