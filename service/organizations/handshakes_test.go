package organizations_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// invite invites an account by its id and returns the handshake.
func (s *scene) invite(accountID string) *organizationsapi.Handshake {
	s.t.Helper()
	out, err := s.InviteAccountToOrganization(s.as(management), &organizationsapi.InviteAccountToOrganizationInput{
		Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: &accountID},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Handshake
}

func TestHandshakeOnTheWire(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			invited, err := s.InviteAccountToOrganization(s.as(management), &organizationsapi.InviteAccountToOrganizationInput{
				Target: &organizationsapi.HandshakeParty{Type: new("EMAIL"), Id: new("stranger@example.com")}, Notes: new("Join us"),
			})
			if err != nil {
				t.Fatal(err)
			}
			o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
			want := `{"Id":"H","Arn":"arn:aws:organizations::111111111111:handshake/O/invite/H",` +
				`"Parties":[{"Id":"` + o[2:] + `","Type":"ORGANIZATION"},{"Id":"stranger@example.com","Type":"EMAIL"}],` +
				`"State":"OPEN","RequestedTimestamp":"2026-06-01T12:00:00Z","ExpirationTimestamp":"2026-06-16T12:00:00Z","Action":"INVITE",` +
				`"Resources":[{"Value":"O","Type":"ORGANIZATION","Resources":[{"Value":"boss@example.com","Type":"MASTER_EMAIL"},` +
				`{"Value":"Boss","Type":"MASTER_NAME"},{"Value":"ALL","Type":"ORGANIZATION_FEATURE_SET"}]},` +
				`{"Value":"stranger@example.com","Type":"EMAIL"},{"Value":"Join us","Type":"NOTES"}]}`
			id := invited.Handshake.Id
			got := strings.ReplaceAll(show(t, invited.Handshake, o, "O", *id, "H"), `,"Resources":null`, "")
			if got != want {
				t.Errorf("handshake:\n got %s\nwant %s", got, want)
			}
			for _, account := range []string{management, stranger} {
				got, err := s.DescribeHandshake(s.as(account), &organizationsapi.DescribeHandshakeInput{HandshakeId: id})
				if err != nil || show(t, got.Handshake) != show(t, invited.Handshake) {
					t.Errorf("%s describes %s, %v", account, show(t, got), err)
				}
			}
			accepted, err := s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: id})
			if err != nil || *accepted.Handshake.State != "ACCEPTED" {
				t.Fatalf("accepted: %s, %v", show(t, accepted), err)
			}
			account, err := s.DescribeAccount(s.as(management), &organizationsapi.DescribeAccountInput{AccountId: new(stranger)})
			if err != nil || *account.Account.JoinedMethod != "INVITED" || *account.Account.Status != "ACTIVE" {
				t.Errorf("account: %s, %v", show(t, account), err)
			}
		})
	}
}

func TestHandshakeErrors(t *testing.T) {
	s := organized(t, storetest.Memory())
	id := s.invite(stranger).Id
	type api = organizationsapi.Service
	party := func(kind, id string) organizationsapi.InviteAccountToOrganizationInput {
		return organizationsapi.InviteAccountToOrganizationInput{Target: &organizationsapi.HandshakeParty{Type: &kind, Id: &id}}
	}
	for _, c := range []struct {
		name, by string
		call     call
		want     string
	}{
		{"twice", management, of(api.InviteAccountToOrganization, party("ACCOUNT", stranger)), "DuplicateHandshake"},
		{"itself", management, of(api.InviteAccountToOrganization, party("ACCOUNT", management)), "HandshakeConstraintViolation ALREADY_IN_AN_ORGANIZATION"},
		{"an organization", management, of(api.InviteAccountToOrganization, party("ORGANIZATION", "o-x")), "InvalidInput INVALID_PARTY_TYPE_TARGET"},
		{"a wrong address", management, of(api.InviteAccountToOrganization, party("EMAIL", "x")), "InvalidInput INVALID_EMAIL_ADDRESS_TARGET"},
		{"without an organization", stranger, of(api.InviteAccountToOrganization, party("ACCOUNT", management)), "AWSOrganizationsNotInUse"},
		{"all features again", management, of(api.EnableAllFeatures, organizationsapi.EnableAllFeaturesInput{}), "HandshakeConstraintViolation ORGANIZATION_ALREADY_HAS_ALL_FEATURES"},
		{"sender accepts", management, of(api.AcceptHandshake, organizationsapi.AcceptHandshakeInput{HandshakeId: id}), "AccessDenied"},
		{"recipient cancels", stranger, of(api.CancelHandshake, organizationsapi.CancelHandshakeInput{HandshakeId: id}), "AccessDenied"},
		{"accept nothing", stranger, of(api.AcceptHandshake, organizationsapi.AcceptHandshakeInput{HandshakeId: new("h-00000000")}), "HandshakeNotFound"},
		{"decline nothing", stranger, of(api.DeclineHandshake, organizationsapi.DeclineHandshakeInput{HandshakeId: new("h-00000000")}), "HandshakeNotFound"},
		{"cancel nothing", stranger, of(api.CancelHandshake, organizationsapi.CancelHandshakeInput{HandshakeId: new("h-00000000")}), "HandshakeNotFound"},
		{"describe nothing", stranger, of(api.DescribeHandshake, organizationsapi.DescribeHandshakeInput{HandshakeId: new("h-00000000")}), "HandshakeNotFound"},
		{"two filters", management, of(api.ListHandshakesForOrganization, organizationsapi.ListHandshakesForOrganizationInput{
			Filter: &organizationsapi.HandshakeFilter{ActionType: new("INVITE"), ParentHandshakeId: id},
		}), "InvalidInput MAX_LIMIT_EXCEEDED_FILTER"},
		{"token of nothing", stranger, of(api.ListHandshakesForAccount, organizationsapi.ListHandshakesForAccountInput{NextToken: new("x")}), "InvalidInput INVALID_NEXT_TOKEN"},
		{"declining", stranger, of(api.DeclineHandshake, organizationsapi.DeclineHandshakeInput{HandshakeId: id}), ""},
		{"declining again", stranger, of(api.DeclineHandshake, organizationsapi.DeclineHandshakeInput{HandshakeId: id}), "HandshakeAlreadyInState"},
		{"accepting after all", stranger, of(api.AcceptHandshake, organizationsapi.AcceptHandshakeInput{HandshakeId: id}), "InvalidHandshakeTransition"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.call(s.as(c.by), s)); got != c.want {
				t.Errorf("error = %q, want %q", got, c.want)
			}
		})
	}
}

func TestHandshakePages(t *testing.T) {
	s := organized(t, storetest.Memory())
	for n := range 22 {
		address := string(rune('a'+n)) + "x@example.com"
		ok(t)(s.InviteAccountToOrganization(s.as(management), &organizationsapi.InviteAccountToOrganizationInput{
			Target: &organizationsapi.HandshakeParty{Type: new("EMAIL"), Id: &address},
		}))
	}
	for action, want := range map[string][]int{"INVITE": {20, 2}, "APPROVE_ALL_FEATURES": {0}} {
		sizes, all := pages(t, func(token *string) (ids []string, _ *string, _ error) {
			out, err := s.ListHandshakesForOrganization(s.as(management), &organizationsapi.ListHandshakesForOrganizationInput{
				NextToken: token, Filter: &organizationsapi.HandshakeFilter{ActionType: &action},
			})
			for _, h := range smithy.Value(out).Handshakes {
				ids = append(ids, *h.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		})
		if !slices.Equal(sizes, want) || !slices.IsSorted(all) {
			t.Errorf("%s: sizes of pages = %v, want %v; ids %v", action, sizes, want, all)
		}
	}
	none, err := s.ListHandshakesForAccount(s.as(stranger), &organizationsapi.ListHandshakesForAccountInput{})
	if err != nil || none.Handshakes == nil || len(none.Handshakes) != 0 {
		t.Errorf("received = %+v, %v", none, err)
	}
}

func TestHandshakeChecks(t *testing.T) {
	s := organized(t, storetest.Memory())
	h := s.invite(stranger)
	o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	accept := &organizationsapi.AcceptHandshakeInput{HandshakeId: h.Id}
	for _, c := range []struct {
		name, by, operation string
		in                  any
		want                []string
	}{
		{"invite", management, "InviteAccountToOrganization", &organizationsapi.InviteAccountToOrganizationInput{
			Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: new(stranger)}, Tags: []organizationsapi.Tag{{Key: new("k"), Value: new("v")}},
		}, []string{
			"organizations:InviteAccountToOrganization arn:aws:organizations::111111111111:account/" + o + "/" + stranger + " aws:requesttag/k=v aws:tagkeys=k",
			"organizations:TagResource arn:aws:organizations::111111111111:account/" + o + "/" + stranger + " aws:requesttag/k=v aws:tagkeys=k",
		}},
		{"invite by address", management, "InviteAccountToOrganization", &organizationsapi.InviteAccountToOrganizationInput{
			Target: &organizationsapi.HandshakeParty{Type: new("EMAIL"), Id: new("x@example.com")},
		}, []string{"organizations:InviteAccountToOrganization *"}},
		{"recipient", stranger, "AcceptHandshake", accept, []string{
			"organizations:AcceptHandshake " + *h.Arn,
			"iam:CreateServiceLinkedRole arn:aws:iam::999999999999:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations iam:awsservicename=organizations.amazonaws.com",
		}},
		{"sender", management, "CancelHandshake", &organizationsapi.CancelHandshakeInput{HandshakeId: h.Id}, []string{"organizations:CancelHandshake " + *h.Arn}},
		{"nobody's", stranger, "DescribeHandshake", &organizationsapi.DescribeHandshakeInput{HandshakeId: new("h-00000000")}, []string{"organizations:DescribeHandshake *"}},
	} {
		if got := s.checks(c.by, c.operation, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	// A member of another organization needs leave to go; it has the role.
	ok(t)(s.CreateOrganization(s.as(stranger), &organizationsapi.CreateOrganizationInput{}))
	if got, want := s.checks(stranger, "AcceptHandshake", accept), []string{"organizations:AcceptHandshake " + *h.Arn, "organizations:LeaveOrganization *"}; !slices.Equal(got, want) {
		t.Errorf("transfer:\n got %q\nwant %q", got, want)
	}
}

func TestMembershipChangesAreEvents(t *testing.T) {
	s := organized(t, storetest.Memory())
	ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: s.invite(stranger).Id}))
	ok(t)(s.LeaveOrganization(s.as(stranger), &organizationsapi.LeaveOrganizationInput{}))
	ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: s.invite(stranger).Id}))
	ok(t)(s.RemoveAccountFromOrganization(s.as(management), &organizationsapi.RemoveAccountFromOrganizationInput{AccountId: new(stranger)}))
	counts := map[string]int{}
	err := s.DB.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.AuditEvents(audit.Query{AccountID: management, Limit: 20})
		for _, e := range events {
			var record struct{ ServiceEventDetails json.RawMessage }
			if err := json.Unmarshal(e.Record, &record); err != nil {
				return err
			}
			for _, word := range []string{"INVITED", "LEFT", "REMOVED"} {
				if strings.Contains(string(record.ServiceEventDetails), `Method":"`+word+`"`) && strings.Contains(string(record.ServiceEventDetails), stranger) {
					counts[e.Name+" "+word]++
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"AccountJoinedOrganization INVITED": 2, "AccountDepartedOrganization LEFT": 1, "AccountDepartedOrganization REMOVED": 1,
	} {
		if counts[name] != want {
			t.Errorf("%s: %d, want %d", name, counts[name], want)
		}
	}
}

func TestMembersHaveTheServiceLinkedRole(t *testing.T) {
	s := organized(t, storetest.Memory())
	made := s.account("a@example.com")
	ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: s.invite(stranger).Id}))
	err := s.DB.View(t.Context(), func(tx *store.Tx) error {
		for _, account := range []string{management, made, stranger} {
			role, found, err := iam.RoleByName(t.Context(), tx, account, "AWSServiceRoleForOrganizations")
			if err != nil || !found || !role.IsServiceLinked() {
				t.Errorf("account %s: role %+v, %v", account, role, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestJoinedAccountHasNoAdminRole checks that the management account gets no way into an
// account that was not its own.
func TestJoinedAccountHasNoAdminRole(t *testing.T) {
	s := organized(t, storetest.Memory())
	ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: s.invite(stranger).Id}))
	err := s.DB.View(t.Context(), func(tx *store.Tx) error {
		_, found, err := iam.RoleByName(t.Context(), tx, stranger, "OrganizationAccountAccessRole")
		if found {
			t.Error("there is an admin role")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSenderFindsTheAnswer checks that the call of the recipient is in the log of both
// accounts, and the invitation in the sender's only.
func TestSenderFindsTheAnswer(t *testing.T) {
	s := organized(t, storetest.Memory())
	recorded := func(accountID, name string) context.Context {
		ctx := s.as(accountID)
		return audit.NewContext(ctx, &audit.Recording{Call: audit.Call{
			EventID: "event-" + name, RequestID: "request-" + name, Time: start, Source: "organizations.amazonaws.com", Name: name,
			Caller: credential.FromContext(ctx),
		}})
	}
	h, err := s.InviteAccountToOrganization(recorded(management, "InviteAccountToOrganization"), &organizationsapi.InviteAccountToOrganizationInput{
		Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: new(stranger)},
	})
	if err != nil {
		t.Fatal(err)
	}
	ok(t)(s.AcceptHandshake(recorded(stranger, "AcceptHandshake"), &organizationsapi.AcceptHandshakeInput{HandshakeId: h.Handshake.Id}))
	for account, want := range map[string][]string{
		management: {"AcceptHandshake", "AccountJoinedOrganization", "AccountJoinedOrganization", "InviteAccountToOrganization"}, stranger: {"AcceptHandshake"},
	} {
		var names []string
		err := s.DB.View(t.Context(), func(tx *store.Tx) error {
			events, err := tx.AuditEvents(audit.Query{AccountID: account, Limit: 20})
			for _, e := range events {
				names = append(names, e.Name)
			}
			return err
		})
		slices.Sort(names)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s finds %v, want %v (%v)", account, names, want, err)
		}
	}
}
