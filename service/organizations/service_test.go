package organizations_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	management = "111111111111"
	stranger   = "999999999999"
	denyAll    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	scp        = organizationsapi.PolicyTypeServiceControlPolicy
	rcp        = organizationsapi.PolicyTypeResourceControlPolicy
)

var start = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// scene is a service with two standalone accounts.
type scene struct {
	*organizations.Service
	t *testing.T
	// root is the root of management's organization, once there is one.
	root string
}

func newScene(t *testing.T, e storetest.Engine) *scene {
	t.Helper()
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return start } })
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(t.Context(), tx, management, "Boss", "boss@example.com")
		_, err2 := org.CreateStandaloneAccount(t.Context(), tx, stranger, "Stranger", "stranger@example.com")
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	policies, err := authz.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	return &scene{Service: &organizations.Service{DB: db, Settings: org.Settings{AccountLimit: 100}, Policies: policies}, t: t}
}

// organized is a scene with an organization that has service control policies enabled.
func organized(t *testing.T, e storetest.Engine) *scene {
	t.Helper()
	s := newScene(t, e)
	ok(t)(s.CreateOrganization(s.as(management), &organizationsapi.CreateOrganizationInput{}))
	s.root = *ok(t)(s.ListRoots(s.as(management), &organizationsapi.ListRootsInput{})).(*organizationsapi.ListRootsOutput).Roots[0].Id
	ok(t)(s.EnablePolicyType(s.as(management), &organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(scp)}))
	return s
}

// as returns a context of a call by the account's root user.
func (s *scene) as(accountID string) context.Context {
	return credential.NewContext(s.t.Context(), &credential.Caller{Type: credential.RootUser, AccountID: accountID})
}

// ok returns a function that takes the results of a call which must succeed.
func ok(t *testing.T) func(out any, err error) any {
	return func(out any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return out
	}
}

// account makes a member account and returns its id.
func (s *scene) account(email string) string {
	s.t.Helper()
	ctx := s.as(management)
	made, err := s.CreateAccount(ctx, &organizationsapi.CreateAccountInput{AccountName: new("Member"), Email: &email})
	if err != nil {
		s.t.Fatal(err)
	}
	status, err := s.DescribeCreateAccountStatus(ctx, &organizationsapi.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		s.t.Fatal(err)
	}
	return smithy.Value(status.CreateAccountStatus.AccountId)
}

func (s *scene) unit(parent, name string) string {
	s.t.Helper()
	out, err := s.CreateOrganizationalUnit(s.as(management), &organizationsapi.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.OrganizationalUnit.Id
}

func (s *scene) policy(name string) string {
	s.t.Helper()
	out, err := s.CreatePolicy(s.as(management), &organizationsapi.CreatePolicyInput{
		Name: &name, Type: new(scp), Content: new(denyAll), Description: new(""),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return *out.Policy.PolicySummary.Id
}

// show gives an output as the JSON of its members, without ids that differ from run to run.
func show(t *testing.T, v any, names ...string) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(names...).Replace(string(b))
}

func TestFirstSteps(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testFirstSteps(t, newScene(t, e)) })
	}
}

func testFirstSteps(t *testing.T, s *scene) {
	ctx := s.as(management)
	made, err := s.CreateOrganization(ctx, &organizationsapi.CreateOrganizationInput{FeatureSet: new("ALL")})
	if err != nil {
		t.Fatal(err)
	}
	o := made.Organization
	want := `{"Id":"O","Arn":"arn:aws:organizations::111111111111:organization/O","FeatureSet":"ALL",` +
		`"MasterAccountArn":"arn:aws:organizations::111111111111:account/O/111111111111","MasterAccountId":"111111111111",` +
		`"MasterAccountEmail":"boss@example.com","AvailablePolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]}`
	if got := show(t, o, *o.Id, "O"); got != want {
		t.Errorf("organization:\n got %s\nwant %s", got, want)
	}
	roots, err := s.ListRoots(ctx, &organizationsapi.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	root := *roots.Roots[0].Id
	want = `[{"Id":"R","Arn":"arn:aws:organizations::111111111111:root/O/R","Name":"Root","PolicyTypes":[]}]`
	if got := show(t, roots.Roots, *o.Id, "O", root, "R"); got != want {
		t.Errorf("roots:\n got %s\nwant %s", got, want)
	}
	enabled, err := s.EnablePolicyType(ctx, &organizationsapi.EnablePolicyTypeInput{RootId: &root, PolicyType: new(scp)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(t, enabled.Root.PolicyTypes), `[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]`; got != want {
		t.Errorf("policy types = %s, want %s", got, want)
	}
	s.root = root
	dev, id := s.unit(root, "Dev"), s.account("dev@example.com")
	if _, err := s.MoveAccount(ctx, &organizationsapi.MoveAccountInput{AccountId: &id, SourceParentId: &root, DestinationParentId: &dev}); err != nil {
		t.Fatal(err)
	}
	account, err := s.DescribeAccount(ctx, &organizationsapi.DescribeAccountInput{AccountId: &id})
	if err != nil {
		t.Fatal(err)
	}
	want = `{"Id":"A","Arn":"arn:aws:organizations::111111111111:account/O/A","Email":"dev@example.com","Name":"Member","Status":"ACTIVE",` +
		`"JoinedMethod":"CREATED","JoinedTimestamp":"2026-06-01T12:00:00Z","State":"ACTIVE","Paths":["O/R/U/A/"]}`
	if got := show(t, account.Account, *o.Id, "O", dev, "U", root, "R", id, "A"); got != want {
		t.Errorf("account:\n got %s\nwant %s", got, want)
	}
	deny := s.policy("Deny")
	if _, err := s.AttachPolicy(ctx, &organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &dev}); err != nil {
		t.Fatal(err)
	}
	targets, err := s.ListTargetsForPolicy(ctx, &organizationsapi.ListTargetsForPolicyInput{PolicyId: &deny})
	if err != nil {
		t.Fatal(err)
	}
	want = `[{"TargetId":"U","Arn":"arn:aws:organizations::111111111111:ou/O/U","Name":"Dev","Type":"ORGANIZATIONAL_UNIT"}]`
	if got := show(t, targets.Targets, *o.Id, "O", dev, "U"); got != want {
		t.Errorf("targets:\n got %s\nwant %s", got, want)
	}
	policies, err := s.ListPoliciesForTarget(ctx, &organizationsapi.ListPoliciesForTargetInput{TargetId: &dev, Filter: new(scp)})
	if err != nil {
		t.Fatal(err)
	}
	if len(policies.Policies) != 2 || policies.NextToken != nil {
		t.Errorf("policies on the OU = %s", show(t, policies))
	}
}

func TestCreateAccountMakesItsRole(t *testing.T) {
	for _, c := range []struct {
		name string
		role *string
		want string
	}{
		{"default", nil, "OrganizationAccountAccessRole"},
		{"asked for", new("Admin"), "Admin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := organized(t, storetest.Memory())
			made, err := s.CreateAccount(s.as(management), &organizationsapi.CreateAccountInput{
				AccountName: new("Dev"), Email: new("dev@example.com"), RoleName: c.role,
			})
			if err != nil {
				t.Fatal(err)
			}
			if st := made.CreateAccountStatus; *st.State != "IN_PROGRESS" || st.AccountId != nil || st.CompletedTimestamp != nil {
				t.Errorf("first status = %s", show(t, st))
			}
			status, err := s.DescribeCreateAccountStatus(s.as(management), &organizationsapi.DescribeCreateAccountStatusInput{
				CreateAccountRequestId: made.CreateAccountStatus.Id,
			})
			if err != nil {
				t.Fatal(err)
			}
			if st := status.CreateAccountStatus; *st.State != "SUCCEEDED" || st.AccountId == nil || st.CompletedTimestamp == nil || st.FailureReason != nil {
				t.Fatalf("second status = %s", show(t, st))
			}
			err = s.DB.View(t.Context(), func(tx *store.Tx) error {
				role, found, err := iam.RoleByName(t.Context(), tx, *status.CreateAccountStatus.AccountId, c.want)
				if !found || !strings.Contains(role.Role.TrustPolicy, management) {
					t.Errorf("role %s = %+v", c.want, role)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestResultsAreEvents(t *testing.T) {
	s := organized(t, storetest.Memory())
	id := s.account("dev@example.com")
	if _, err := s.CloseAccount(s.as(management), &organizationsapi.CloseAccountInput{AccountId: &id}); err != nil {
		t.Fatal(err)
	}
	o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	request := *ok(t)(s.ListCreateAccountStatus(s.as(management), &organizationsapi.ListCreateAccountStatusInput{})).(*organizationsapi.ListCreateAccountStatusOutput).CreateAccountStatuses[0].Id
	details := map[string]string{}
	err := s.DB.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.AuditEvents(audit.Query{AccountID: management, Limit: 10})
		for _, e := range events {
			var record struct {
				EventType           string
				ServiceEventDetails json.RawMessage
			}
			if err := json.Unmarshal(e.Record, &record); err != nil {
				return err
			}
			if text := string(record.ServiceEventDetails); record.EventType == "AwsServiceEvent" && strings.Contains(text, id) {
				details[e.Name] = strings.NewReplacer(id, "A", o, "O", request, "R").Replace(text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"CreateAccountResult":       `{"createAccountStatus":{"id":"R","accountId":"A","state":"SUCCEEDED","accountName":"****","requestedTimestamp":"Jun 1, 2026 12:00:00 PM","completedTimestamp":"Jun 1, 2026 12:00:00 PM"}}`,
		"AccountJoinedOrganization": `{"accountId":"A","organizationId":"O","joinedMethod":"CREATED","joinedTime":"Jun 1, 2026 12:00:00 PM"}`,
		"CloseAccountResult":        `{"closeAccountStatus":{"accountId":"A","state":"SUCCEEDED","requestedTimestamp":"Jun 1, 2026 12:00:00 PM","completedTimestamp":"Jun 1, 2026 12:00:00 PM"}}`,
	}
	if !reflect.DeepEqual(details, want) {
		t.Errorf("events = %v\nwant %v", details, want)
	}
}

// An organization begins and ends with its management account.
func TestManagementAccountJoinsAndDeparts(t *testing.T) {
	s := organized(t, storetest.Memory())
	ok(t)(s.DeleteOrganization(s.as(management), &organizationsapi.DeleteOrganizationInput{}))
	methods := map[string]string{}
	err := s.DB.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.AuditEvents(audit.Query{AccountID: management, Limit: 10})
		for _, e := range events {
			var record struct {
				ServiceEventDetails struct{ AccountID, JoinedMethod, DepartureMethod string }
			}
			if err := json.Unmarshal(e.Record, &record); err != nil {
				return err
			}
			if d := record.ServiceEventDetails; d.AccountID == management {
				methods[e.Name] = d.JoinedMethod + d.DepartureMethod
			}
		}
		return err
	})
	want := map[string]string{"AccountJoinedOrganization": "INVITED", "AccountDepartedOrganization": "LEFT"}
	if err != nil || !reflect.DeepEqual(methods, want) {
		t.Errorf("events: %v, %v, want %v", methods, err, want)
	}
}

func TestEveryCodeHasItsError(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../org/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if name, isName := spec.Type.(*ast.Ident); !isName || name.Name != "Code" {
			return true
		}
		code := org.Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		codes++
		got := organizations.APIError(&org.Error{Code: code, Reason: "R", Message: "M"})
		var modeled smithy.ModeledError
		if !errors.As(got, &modeled) || modeled.Schema().Error.Code != string(code)+"Exception" {
			t.Errorf("%s becomes %T", code, got)
		}
		if b, _ := json.Marshal(got); !strings.Contains(string(b), `"Message":"M"`) {
			t.Errorf("%s loses its message: %s", code, b)
		}
		return true
	})
	if codes < 25 {
		t.Errorf("found only %d codes", codes)
	}
}

func TestOtherErrors(t *testing.T) {
	var concurrent *organizationsapi.ConcurrentModificationException
	if err := organizations.APIError(store.ErrBusy); !errors.As(err, &concurrent) {
		t.Errorf("busy becomes %v", err)
	}
	if err := organizations.APIError(store.ErrFull); !errors.Is(err, store.ErrFull) {
		t.Errorf("full disk becomes %v", err)
	}
	if err := organizations.APIError(nil); err != nil {
		t.Errorf("nothing becomes %v", err)
	}
}
