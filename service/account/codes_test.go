package account_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// outbox returns the waiting code of a kind, or the empty string.
func (f *fixture) outbox(accountID, kind string) (code string) {
	f.t.Helper()
	f.update(func(tx *store.Tx) error {
		all, err := account.WaitingCodes(f.t.Context(), tx, accountID, f.Vault.Open)
		for _, c := range all {
			if c.Kind == kind {
				code = c.Code
			}
		}
		return err
	})
	return code
}

func start(id *string, email string) *accountapi.StartPrimaryEmailUpdateInput {
	return &accountapi.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: &email}
}

func accept(id *string, email, code string) *accountapi.AcceptPrimaryEmailUpdateInput {
	return &accountapi.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: &email, Otp: &code}
}

// wrong is a code of the right form that is not the given one.
func wrong(code string) string {
	if code == "AAAAAA" {
		return "BBBBBB"
	}
	return "AAAAAA"
}

func (f *fixture) emailIs(status string, at time.Time) {
	f.t.Helper()
	out := f.must(f.as(management), &accountapi.GetPrimaryEmailUpdateStatusInput{AccountId: &f.member})
	equal(f.t, "status", out, smithy.Shape(&accountapi.GetPrimaryEmailUpdateStatusOutput{Status: &status, UpdatedAt: &at}))
}

func (f *fixture) email() string {
	f.t.Helper()
	return *f.must(f.as(management), &accountapi.GetPrimaryEmailInput{AccountId: &f.member}).(*accountapi.GetPrimaryEmailOutput).PrimaryEmail
}

func TestPrimaryEmailUpdate(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.trust(true, false)
			ctx := f.as(management)
			f.update(func(tx *store.Tx) error { return org.UnverifyEmail(t.Context(), tx, f.member) })
			get := &accountapi.GetPrimaryEmailUpdateStatusInput{AccountId: &f.member}
			refused(t, only(f.do(ctx, get)), "ResourceNotFoundException", "No primary email update was started for this account.")

			out := f.must(ctx, start(&f.member, "first@example.com")).(*accountapi.StartPrimaryEmailUpdateOutput)
			equal(t, "status", *out.Status, "PENDING")
			f.emailIs("PENDING", f.now)
			old := f.outbox(f.member, account.KindEmail)
			// A second start makes the first code worthless.
			f.now = f.now.Add(time.Minute)
			f.must(ctx, start(&f.member, "New@example.com"))
			code := f.outbox(f.member, account.KindEmail)
			if len(code) != 6 || code == old {
				t.Errorf("code = %q, after %q", code, old)
			}
			refused(t, only(f.do(ctx, accept(&f.member, "New@example.com", old))), "ValidationException", "The one-time passcode is incorrect.")
			equal(t, "e-mail before the code", f.email(), "member@example.com")

			f.now = f.now.Add(time.Minute)
			done := f.must(ctx, accept(&f.member, "New@example.com", code)).(*accountapi.AcceptPrimaryEmailUpdateOutput)
			equal(t, "status", *done.Status, "ACCEPTED")
			equal(t, "e-mail", f.email(), "New@example.com")
			f.emailIs("COMPLETED", f.now)
			equal(t, "outbox", f.outbox(f.member, account.KindEmail), "")
			f.update(func(tx *store.Tx) error {
				unverified, err := tx.OrgEmailUnverified(f.member)
				equal(t, "unverified", unverified, false)
				_, taken, err2 := tx.OrgAccountByEmail("member@example.com")
				equal(t, "the old address is taken", taken, false)
				if err == nil {
					err = err2
				}
				return err
			})
			refused(t, only(f.do(ctx, accept(&f.member, "New@example.com", code))), "ConflictException", "The primary email update has already been accepted.")
		})
	}
}

func TestPrimaryEmailUpdateRefused(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.trust(true, false)
	ctx := f.as(management)
	const taken = "The email address is already in use by an account."
	refused(t, only(f.do(ctx, accept(&f.member, "a@example.com", "AAAAAA"))), "ResourceNotFoundException", "No primary email update was started for this account.")
	refused(t, only(f.do(ctx, start(&f.member, "not an address"))), "ValidationException", "The email address is not valid.")
	refused(t, only(f.do(ctx, start(&f.member, "DELEGATE@example.com"))), "ConflictException", taken)
	refused(t, only(f.do(ctx, start(&f.member, "member@example.com"))), "ConflictException", taken)
	refused(t, only(f.do(ctx, &accountapi.GetPrimaryEmailUpdateStatusInput{})), "AccessDeniedException",
		"User: arn:aws:iam::"+management+":user/ops is not authorized to perform: account:GetPrimaryEmailUpdateStatus")

	f.must(ctx, start(&f.member, "new@example.com"))
	code := f.outbox(f.member, account.KindEmail)
	refused(t, only(f.do(ctx, accept(&f.member, "other@example.com", code))), "ValidationException",
		"The email address doesn't match that of the primary email update.")
	refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", wrong(code)))), "ValidationException", "The one-time passcode is incorrect.")
	refused(t, only(f.do(ctx, accept(&f.delegate, "new@example.com", code))), "ResourceNotFoundException", "No primary email update was started for this account.")
	// Somebody takes the address before the code comes.
	f.update(func(tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(t.Context(), tx, "555555555555", "Quick", "new@example.com")
		return err
	})
	refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", code))), "ConflictException", taken)
	f.emailIs("PENDING", f.now)
	equal(t, "the code is still there", f.outbox(f.member, account.KindEmail), code)
	// The code expires.
	f.now = f.now.Add(30 * time.Minute)
	refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", code))), "ValidationException", "The one-time passcode has expired.")
	f.emailIs("FAILED", f.now)
	equal(t, "outbox", f.outbox(f.member, account.KindEmail), "")
	equal(t, "e-mail", f.email(), "member@example.com")

	f.update(func(tx *store.Tx) error {
		a, _, err := tx.OrgAccount(f.member)
		if err != nil {
			return err
		}
		a.State = org.StatePendingClosure
		return tx.UpdateOrgAccount(a)
	})
	refused(t, only(f.do(ctx, start(&f.member, "late@example.com"))), "ConflictException", "The account is not active.")
}

func (f *fixture) phoneIs(ctx context.Context, status string) {
	f.t.Helper()
	out := f.must(ctx, &accountapi.GetContactInformationInput{}).(*accountapi.GetContactInformationOutput)
	equal(f.t, "verification status", *out.VerificationStatus, status)
}

func TestPhoneNumberVerification(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			ctx := f.as(stranger)
			send := &accountapi.SendPhoneNumberVerificationInput{}
			verify := func(code string) *accountapi.VerifyPhoneNumberInput {
				return &accountapi.VerifyPhoneNumberInput{Otp: &code}
			}
			refused(t, only(f.do(ctx, send)), "ResourceNotFoundException", "No contact information found.")
			refused(t, only(f.do(ctx, verify("AAAAAA"))), "ResourceNotFoundException", "No contact information found.")
			put := func(number string) {
				t.Helper()
				f.must(ctx, with(func(c *accountapi.ContactInformation) { c.PhoneNumber = &number }))
			}
			put("+1 555 0100")
			refused(t, only(f.do(ctx, verify("AAAAAA"))), "ResourceNotFoundException", "No one-time passcode was sent for this account.")
			f.phoneIs(ctx, "UNVERIFIED")

			equal(t, "status", *f.must(ctx, send).(*accountapi.SendPhoneNumberVerificationOutput).Status, "PENDING")
			f.phoneIs(ctx, "PENDING")
			code := f.outbox(stranger, account.KindPhone)
			refused(t, only(f.do(ctx, verify(wrong(code)))), "ValidationException", "The one-time passcode is incorrect.")
			f.now = f.now.Add(30 * time.Minute)
			refused(t, only(f.do(ctx, verify(code))), "ValidationException", "The one-time passcode has expired.")
			f.phoneIs(ctx, "UNVERIFIED")

			f.must(ctx, send)
			put("+1 555 0199")
			refused(t, only(f.do(ctx, verify(f.outbox(stranger, account.KindPhone)))), "ConflictException",
				"The phone number has changed since the one-time passcode was sent. Request a new one.")
			f.phoneIs(ctx, "UNVERIFIED")

			f.must(ctx, send)
			code = f.outbox(stranger, account.KindPhone)
			equal(t, "status", *f.must(ctx, verify(code)).(*accountapi.VerifyPhoneNumberOutput).Status, "VERIFIED")
			f.phoneIs(ctx, "VERIFIED")
			const already = "The phone number is already verified."
			refused(t, only(f.do(ctx, verify(code))), "ConflictException", already)
			refused(t, only(f.do(ctx, send)), "ConflictException", already)
			put("+1 555 0100")
			f.phoneIs(ctx, "UNVERIFIED")
		})
	}
}

func TestOutboxOfNoAccount(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.update(func(tx *store.Tx) error {
		_, err := account.WaitingCodes(t.Context(), tx, nobody, f.Vault.Open)
		if rule, ok := err.(*account.Error); !ok || rule.Code != account.CodeNotFound {
			t.Errorf("error = %v", err)
		}
		return nil
	})
}

// The domain of the new address is a condition key of both steps.
func TestEmailTargetDomain(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	g := newGate(f, management)
	g.allow(`"Effect":"Allow","Action":"account:*PrimaryEmailUpdate","Resource":"*","Condition":{"StringEquals":{"account:EmailTargetDomain":"example.com"}}`)
	for email, allowed := range map[string]bool{"a@example.com": true, "a@example.org": false} {
		for operation, in := range map[string]any{
			"StartPrimaryEmailUpdate": start(&f.member, email), "AcceptPrimaryEmailUpdate": accept(&f.member, email, "AAAAAA"),
		} {
			err := g.ask(operation, in)
			if _, denied := err.(*authz.DeniedError); denied == allowed {
				t.Errorf("%s to %s: %v", operation, email, err)
			}
		}
	}
}

// Two accounts prove to own one address at the same time: one gets it.
func TestOneAddressForOneAccount(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.trust(true, false)
			const email = "both@example.com"
			ids := []string{f.member, f.delegate}
			inputs, errs := make([]smithy.Shape, len(ids)), make([]error, len(ids))
			for i, id := range ids {
				f.must(f.as(management), start(&id, email))
				inputs[i] = accept(&id, email, f.outbox(id, account.KindEmail))
			}
			var wait sync.WaitGroup
			for i := range ids {
				wait.Go(func() { _, errs[i] = f.do(f.as(management), inputs[i]) })
			}
			wait.Wait()
			won := 0
			for _, err := range errs {
				var conflict *accountapi.ConflictException
				var busy *accountapi.TooManyRequestsException
				switch {
				case err == nil:
					won++
				case !errors.As(err, &conflict) && !errors.As(err, &busy):
					t.Errorf("error = %v", err)
				}
			}
			equal(t, "accounts with the address", won, 1)
		})
	}
}

// A code can be tried five times, whatever becomes of the attempts; what is kept is sealed.
func TestOneTimeCodesCannotBeGuessed(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.trust(true, false)
			ctx := f.as(management)
			f.must(ctx, start(&f.member, "new@example.com"))
			code := f.outbox(f.member, account.KindEmail)
			f.update(func(tx *store.Tx) error {
				kept, _, err := tx.AccountCode(f.member, account.KindEmail)
				if len(kept.Sealed) == 0 || bytes.Contains(kept.Sealed, []byte(code)) {
					t.Errorf("kept in clear: %q", kept.Sealed)
				}
				return err
			})
			for range 5 {
				refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", wrong(code)))), "ValidationException", "The one-time passcode is incorrect.")
			}
			equal(t, "outbox", f.outbox(f.member, account.KindEmail), "")
			f.emailIs("FAILED", f.now)
			refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", code))), "ValidationException", "The one-time passcode has expired.")
			equal(t, "e-mail", f.email(), "member@example.com")

			// Another code has attempts of its own, and the last of them is one.
			f.now = f.now.Add(time.Second)
			f.must(ctx, start(&f.member, "new@example.com"))
			code = f.outbox(f.member, account.KindEmail)
			for range 4 {
				refused(t, only(f.do(ctx, accept(&f.member, "new@example.com", wrong(code)))), "ValidationException", "The one-time passcode is incorrect.")
			}
			f.must(ctx, accept(&f.member, "new@example.com", code))
			equal(t, "e-mail", f.email(), "new@example.com")
		})
	}
}

// Who asks a hundred times at once has five attempts too.
func TestOneTimeCodesCannotBeGuessedAtOnce(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.trust(true, false)
	ctx := f.as(management)
	f.must(ctx, start(&f.member, "new@example.com"))
	code := f.outbox(f.member, account.KindEmail)
	var asking sync.WaitGroup
	var looked atomic.Int32
	for range 100 {
		asking.Go(func() {
			_, err := f.do(ctx, accept(&f.member, "new@example.com", wrong(code)))
			if err != nil && strings.Contains(err.Error(), "incorrect") {
				looked.Add(1)
			}
		})
	}
	asking.Wait()
	equal(t, "codes that were looked at", looked.Load(), 5)
}
