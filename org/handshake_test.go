package org_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const day = 24 * time.Hour

func (w *world) inviting(o org.Organization, in org.Invitation, h *org.Handshake) step {
	return func(ctx context.Context, tx *store.Tx) error {
		sent, err := org.InviteAccountToOrganization(ctx, tx, o, w.settings, in)
		if err == nil {
			*h = sent
		}
		return err
	}
}

// invite invites an account by its id.
func (w *world) invite(accountID string) (h org.Handshake) {
	w.Helper()
	w.must(w.inviting(w.org, org.Invitation{PartyType: org.PartyAccount, PartyID: accountID}, &h))
	return h
}

func (w *world) accepting(accountID, id string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, _, err := org.AcceptHandshake(ctx, tx, w.settings, accountID, id)
		return err
	}
}

func (w *world) declining(accountID, id string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DeclineHandshake(ctx, tx, accountID, id)
		return err
	}
}

func (w *world) canceling(accountID, id string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CancelHandshake(ctx, tx, accountID, id)
		return err
	}
}

func (w *world) describing(accountID, id string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeHandshake(ctx, tx, accountID, id)
		return err
	}
}

// state returns the state that the account sees.
func (w *world) state(accountID, id string) (state string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		h, err := org.DescribeHandshake(ctx, tx, accountID, id)
		state = h.State
		return err
	})
	return state
}

// standalone makes an account outside of every organization.
func (w *world) standalone(id, email string) string {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(ctx, tx, id, "Name", email)
		return err
	})
	return id
}

func TestInvitedAccountJoins(t *testing.T) {
	w := organized(t)
	w.enable(scp)
	w.enable(rcp)
	var h org.Handshake
	w.must(w.inviting(w.org, org.Invitation{
		PartyType: org.PartyEmail, PartyID: "Stranger@Example.com", Notes: "Hello", Tags: []org.Tag{{Key: "Team", Value: "a"}},
	}, &h))
	if h.State != org.HandshakeOpen || h.ExpiresAt.Sub(w.now) != 15*day || h.Recipient != stranger {
		t.Errorf("handshake = %+v", h)
	}
	if want := "arn:aws:organizations::111111111111:handshake/" + w.org.ID + "/invite/" + h.ID; h.ARN() != want {
		t.Errorf("ARN = %s, want %s", h.ARN(), want)
	}
	w.must(w.accepting(stranger, h.ID))
	m := w.membership(stranger)
	if m.OrganizationID != w.org.ID || m.ParentID != w.org.RootID {
		t.Errorf("membership = %+v", m)
	}
	if got := w.attached(scp, stranger); !slices.Equal(got, []string{fullSCP}) {
		t.Errorf("attached = %v", got)
	}
	if got := w.attached(rcp, stranger); !slices.Equal(got, []string{"p-RCPFullAWSAccess"}) {
		t.Errorf("attached = %v", got)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		a, err := org.DescribeAccount(ctx, tx, w.org, stranger)
		if a.JoinedMethod != org.JoinedInvited || a.Created {
			t.Errorf("account = %+v", a)
		}
		tags, err2 := org.ListTagsForResource(ctx, tx, w.org, stranger)
		if !slices.Equal(tags, []org.Tag{{Key: "Team", Value: "a"}}) {
			t.Errorf("tags = %v", tags)
		}
		left, err3 := tx.OrgTags(w.org.ID, h.ID)
		if len(left) > 0 {
			t.Errorf("tags left behind: %v", left)
		}
		return errors.Join(err, err2, err3)
	})
	// Who was invited can leave at once.
	w.must(w.removing(stranger))
}

// TestTransitions tries each answer in each state, from each side.
func TestTransitions(t *testing.T) {
	type answer func(w *world, accountID, id string) step
	accept := func(w *world, a, id string) step { return w.accepting(a, id) }
	decline := func(w *world, a, id string) step { return w.declining(a, id) }
	cancel := func(w *world, a, id string) step { return w.canceling(a, id) }
	expire := func(w *world, _, _ string) step {
		w.now = w.now.Add(15 * day)
		return func(context.Context, *store.Tx) error { return nil }
	}
	const already, invalid, denied = org.CodeHandshakeAlreadyInState, org.CodeInvalidHandshakeTransition, org.CodeAccessDenied
	for _, c := range []struct {
		state string
		reach answer
		by    string
		// What accepting and declining by the recipient, and canceling by the sender, answer.
		accept, decline, cancel org.Code
	}{
		{org.HandshakeAccepted, accept, stranger, already, invalid, invalid},
		{org.HandshakeDeclined, decline, stranger, invalid, already, invalid},
		{org.HandshakeCanceled, cancel, management, invalid, invalid, already},
		{org.HandshakeExpired, expire, "", invalid, invalid, invalid},
	} {
		t.Run(c.state, func(t *testing.T) {
			w := organized(t)
			third := w.standalone("333333333333", "third@example.com")
			h := w.invite(stranger)
			for _, a := range []answer{accept, decline, cancel} {
				w.refused(org.CodeHandshakeNotFound, "", a(w, third, h.ID))
			}
			w.refused(denied, "", w.accepting(management, h.ID))
			w.refused(denied, "", w.declining(management, h.ID))
			w.refused(denied, "", w.canceling(stranger, h.ID))
			w.must(c.reach(w, c.by, h.ID))
			for _, by := range []string{management, stranger} {
				if got := w.state(by, h.ID); got != c.state {
					t.Errorf("state = %s", got)
				}
			}
			w.refused(c.accept, "", w.accepting(stranger, h.ID))
			w.refused(c.decline, "", w.declining(stranger, h.ID))
			w.refused(c.cancel, "", w.canceling(management, h.ID))
			w.refused(org.CodeHandshakeNotFound, "", w.describing(third, h.ID))
			if in := w.membership(stranger).OrganizationID != ""; in != (c.state == org.HandshakeAccepted) {
				t.Errorf("the account is in an organization: %v", in)
			}
		})
	}
}

func (w *world) lists(accountID string) (sent, received []string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		a, _, err := org.ListHandshakesForOrganization(ctx, tx, w.org, org.HandshakeQuery{}, org.Page{Limit: 100})
		b, _, err2 := org.ListHandshakesForAccount(ctx, tx, accountID, org.HandshakeQuery{}, org.Page{Limit: 100})
		for _, h := range a {
			sent = append(sent, h.ID+" "+h.State)
		}
		for _, h := range b {
			received = append(received, h.ID+" "+h.State)
		}
		return errors.Join(err, err2)
	})
	return sent, received
}

func TestEndedHandshakesGo(t *testing.T) {
	for _, c := range []struct {
		name  string
		end   func(w *world, id string)
		state string
		// shown is how long after the invitation it can still be seen.
		shown time.Duration
	}{
		{"declined", func(w *world, id string) { w.must(w.declining(stranger, id)) }, org.HandshakeDeclined, 30 * day},
		{"expired", func(*world, string) {}, org.HandshakeExpired, 45 * day},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := organized(t)
			h := w.invite(stranger)
			c.end(w, h.ID)
			began := w.now
			w.now = began.Add(c.shown - time.Second)
			sent, received := w.lists(stranger)
			if want := []string{h.ID + " " + c.state}; !slices.Equal(sent, want) || !slices.Equal(received, want) {
				t.Errorf("sent = %v, received = %v, want %v", sent, received, want)
			}
			w.now = began.Add(c.shown)
			if sent, received := w.lists(stranger); len(sent)+len(received) > 0 {
				t.Errorf("sent = %v, received = %v", sent, received)
			}
			w.refused(org.CodeHandshakeNotFound, "", w.describing(stranger, h.ID))
			w.invite(stranger)
			w.must(func(_ context.Context, tx *store.Tx) error {
				_, found, err := tx.OrgHandshake(h.ID)
				if found {
					t.Error("what nobody can see is still kept")
				}
				return err
			})
		})
	}
}

func TestWhoCanBeInvited(t *testing.T) {
	w := organized(t)
	member, closed := w.account("member@example.com"), w.standalone("444444444444", "closed@example.com")
	w.must(func(_ context.Context, tx *store.Tx) error {
		a, _, err := tx.OrgAccount(closed)
		a.State = org.StateClosed
		return errors.Join(err, tx.UpdateOrgAccount(a))
	})
	w.invite(stranger)
	var h org.Handshake
	for _, c := range []struct {
		name, party, id string
		code            org.Code
		reason          string
	}{
		{"again", "ACCOUNT", stranger, org.CodeDuplicateHandshake, ""},
		{"again by address", "EMAIL", "STRANGER@example.com", org.CodeDuplicateHandshake, ""},
		{"a member", "ACCOUNT", member, org.CodeHandshakeConstraintViolation, org.ReasonAlreadyInOrganization},
		{"a member by address", "EMAIL", "member@example.com", org.CodeHandshakeConstraintViolation, org.ReasonAlreadyInOrganization},
		{"itself", "ACCOUNT", management, org.CodeHandshakeConstraintViolation, org.ReasonAlreadyInOrganization},
		{"closed", "ACCOUNT", closed, org.CodeInvalidInput, org.ReasonTargetNotSupported},
		{"nobody", "ACCOUNT", "888888888888", org.CodeInvalidInput, org.ReasonTargetNotSupported},
		{"no id", "ACCOUNT", "88", org.CodeInvalidInput, org.ReasonInvalidPattern},
		{"no address", "EMAIL", "nobody", org.CodeInvalidInput, org.ReasonInvalidEmailTarget},
		{"an organization", "ORGANIZATION", w.org.ID, org.CodeInvalidInput, org.ReasonInvalidPartyType},
	} {
		t.Run(c.name, func(*testing.T) {
			w.refused(c.code, c.reason, w.inviting(w.org, org.Invitation{PartyType: c.party, PartyID: c.id}, &h))
		})
	}
	w.refused(org.CodeInvalidInput, org.ReasonSystemTag, w.inviting(w.org, org.Invitation{
		PartyType: org.PartyEmail, PartyID: "x@example.com", Tags: []org.Tag{{Key: "aws:x"}},
	}, &h))
}

func TestUnknownAddressSignsUp(t *testing.T) {
	w := organized(t)
	var h org.Handshake
	w.must(w.inviting(w.org, org.Invitation{PartyType: org.PartyEmail, PartyID: "New@example.com"}, &h))
	late := w.standalone("555555555555", "nEW@example.com")
	if _, received := w.lists(late); len(received) != 1 {
		t.Errorf("received = %v", received)
	}
	w.refused(org.CodeDuplicateHandshake, "", w.inviting(w.org, org.Invitation{PartyType: org.PartyAccount, PartyID: late}, &h))
	w.must(w.accepting(late, h.ID))
	if w.membership(late).OrganizationID != w.org.ID {
		t.Error("the account has not joined")
	}
}

func TestEmailMustBeVerified(t *testing.T) {
	w := organized(t)
	var h org.Handshake
	invite := w.inviting(w.org, org.Invitation{PartyType: org.PartyAccount, PartyID: stranger}, &h)
	w.must(func(ctx context.Context, tx *store.Tx) error { return org.UnverifyEmail(ctx, tx, management) })
	w.refused(org.CodeAccountOwnerNotVerified, "", invite)
	w.must(func(ctx context.Context, tx *store.Tx) error { return org.VerifyEmail(ctx, tx, management) })
	w.must(invite)
	w.refused(org.CodeAccountNotFound, "", func(ctx context.Context, tx *store.Tx) error { return org.VerifyEmail(ctx, tx, "000000000000") })
}

func TestLimitsOfInvitations(t *testing.T) {
	w := organized(t)
	var h org.Handshake
	by := func(n int) step {
		return w.inviting(w.org, org.Invitation{PartyType: org.PartyEmail, PartyID: string(rune('a'+n)) + "x@example.com"}, &h)
	}
	// Invitations that wait count as accounts.
	w.settings.AccountLimit = 3
	w.must(by(0))
	w.must(by(1))
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonAccountNumber, by(2))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		r, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "created@example.com"})
		if r.FailureReason != org.FailureAccountLimit {
			t.Errorf("request = %+v", r)
		}
		return err
	})
	// A canceled one does not, but counts for the day: twenty, as the account limit is lower.
	w.must(w.canceling(management, h.ID))
	for n := 2; n < 20; n++ {
		w.must(by(n))
		w.must(w.canceling(management, h.ID))
	}
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonHandshakeRate, by(20))
	w.now = w.now.Add(day)
	w.must(by(20))
	// The limit was lowered after the invitation.
	joins := w.standalone("666666666666", "ux@example.com")
	w.settings.AccountLimit = 1
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonAccountNumber, w.accepting(joins, h.ID))
}

func TestTransferBetweenOrganizations(t *testing.T) {
	w := organized(t)
	h := w.invite(stranger)
	w.must(w.accepting(stranger, h.ID))
	created := w.account("created@example.com")
	boss := w.standalone("777777777777", "boss2@example.com")
	var other org.Organization
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		other, err = org.CreateOrganization(ctx, tx, boss, "")
		return err
	})
	var toStranger, toCreated, toBoss org.Handshake
	for id, h := range map[string]*org.Handshake{stranger: &toStranger, created: &toCreated, management: &toBoss} {
		w.must(w.inviting(other, org.Invitation{PartyType: org.PartyAccount, PartyID: id}, h))
	}
	w.refused(org.CodeMasterCannotLeave, "", w.accepting(management, toBoss.ID))
	w.refused(org.CodeConstraintViolation, org.ReasonWaitPeriod, w.accepting(created, toCreated.ID))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		_, joined, err := org.AcceptHandshake(ctx, tx, w.settings, stranger, toStranger.ID)
		if joined.From.ID != w.org.ID || joined.To.ID != other.ID {
			t.Errorf("joined = %+v", joined)
		}
		return err
	})
	if got := w.membership(stranger); got.OrganizationID != other.ID || got.ParentID != other.RootID {
		t.Errorf("membership = %+v", got)
	}
	w.must(func(_ context.Context, tx *store.Tx) error {
		for id, want := range map[string]int{w.org.ID: 2, other.ID: 2} {
			n, err := tx.OrgCount(id, "accounts")
			if err != nil || n != want {
				t.Errorf("%s has %d accounts, want %d (%v)", id, n, want, err)
			}
		}
		return nil
	})
}

// TestOneAnswerWins lets the recipient accept and decline and the sender cancel at once.
func TestOneAnswerWins(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			w := &world{T: t, db: e.Open(t), settings: org.Settings{AccountLimit: 1000}}
			w.standalone(management, "boss@example.com")
			w.standalone(stranger, "stranger@example.com")
			w.must(func(ctx context.Context, tx *store.Tx) (err error) {
				w.org, err = org.CreateOrganization(ctx, tx, management, "")
				return err
			})
			for range 10 {
				h := w.invite(stranger)
				answers := map[string]step{
					org.HandshakeAccepted: w.accepting(stranger, h.ID),
					org.HandshakeDeclined: w.declining(stranger, h.ID),
					org.HandshakeCanceled: w.canceling(management, h.ID),
				}
				var mu sync.Mutex
				var won []string
				var wait sync.WaitGroup
				for state, answer := range answers {
					wait.Go(func() {
						err := w.try(answer)
						var rule *org.Error
						switch {
						case err == nil:
							mu.Lock()
							won = append(won, state)
							mu.Unlock()
						case errors.As(err, &rule) && rule.Code == org.CodeInvalidHandshakeTransition, errors.Is(err, store.ErrBusy):
						default:
							t.Errorf("%s: %v", state, err)
						}
					})
				}
				wait.Wait()
				if len(won) != 1 || w.state(management, h.ID) != won[0] {
					t.Fatalf("won: %v, state %s", won, w.state(management, h.ID))
				}
				if joined := w.membership(stranger).OrganizationID != ""; joined != (won[0] == org.HandshakeAccepted) {
					t.Fatalf("%s, but in the organization: %v", won[0], joined)
				}
				if won[0] == org.HandshakeAccepted {
					w.must(w.removing(stranger))
				}
			}
		})
	}
}
