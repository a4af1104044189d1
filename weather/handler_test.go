package weather

import (
	"context"
	"errors"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

const management = "900000000000"

// serviceUnder is a service whose operations answer what they are told, under weather.
type serviceUnder struct {
	t       *testing.T
	desc    *smithy.Service
	handler smithy.Handler
	// answer is what the operation returns, input what it was called with, nil if it was not.
	answer smithy.Shape
	input  smithy.Shape
}

func under(t *testing.T, w *Weather, desc *smithy.Service) *serviceUnder {
	s := &serviceUnder{t: t, desc: desc}
	s.handler = w.Handler(smithy.Handler{Service: desc, Invoke: func(_ context.Context, _ *smithy.Operation, in smithy.Shape) (smithy.Shape, error) {
		s.input = in
		return s.answer, nil
	}})
	return s
}

// call calls an operation of the management account that answers so.
func (s *serviceUnder) call(operation string, in, answer smithy.Shape) (smithy.Shape, error) {
	s.t.Helper()
	ctx := credential.NewContext(s.t.Context(), &credential.Caller{AccountID: management})
	for i := range s.desc.Operations {
		if op := &s.desc.Operations[i]; op.Name == operation {
			s.answer, s.input = answer, nil
			return s.handler.Invoke(ctx, op, in)
		}
	}
	s.t.Fatalf("no operation %s", operation)
	return nil, nil
}

// codeOf is the code of a modeled error.
func codeOf(err error) string {
	var modeled smithy.ModeledError
	if errors.As(err, &modeled) {
		return modeled.Schema().Error.Code
	}
	return ""
}

func TestAccountsAreNotThereBeforeTheirTime(t *testing.T) {
	w, c := newWeather(t, "creation=3s")
	s := under(t, w, organizationsapi.Describe())
	born, id, old := c.now, "111111111111", "222222222222"
	status := func(state, account string) organizationsapi.CreateAccountStatus {
		return organizationsapi.CreateAccountStatus{
			Id: smithy.Ptr("car-" + account), State: &state, RequestedTimestamp: &born, CompletedTimestamp: &born, AccountId: smithy.PtrTo(account),
		}
	}
	created, invited := organizationsapi.AccountJoinedMethodCreated, organizationsapi.AccountJoinedMethodInvited
	see := func() (state string, listed, children int, inProgress, succeeded int, err error) {
		described := status("SUCCEEDED", id)
		out, err := s.call("DescribeCreateAccountStatus", &organizationsapi.DescribeCreateAccountStatusInput{}, &organizationsapi.DescribeCreateAccountStatusOutput{CreateAccountStatus: &described})
		if err != nil {
			t.Fatal(err)
		}
		seen := out.(*organizationsapi.DescribeCreateAccountStatusOutput).CreateAccountStatus
		if hidden := seen.AccountId == nil && seen.CompletedTimestamp == nil; hidden != (*seen.State == "IN_PROGRESS") {
			t.Errorf("status %+v", seen)
		}
		count := func(states ...string) int {
			out, err := s.call("ListCreateAccountStatus", &organizationsapi.ListCreateAccountStatusInput{States: states}, &organizationsapi.ListCreateAccountStatusOutput{
				CreateAccountStatuses: []organizationsapi.CreateAccountStatus{status("SUCCEEDED", id), status("FAILED", "")},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.input.(*organizationsapi.ListCreateAccountStatusInput).States; len(got) > 0 {
				t.Errorf("asked for %v, which leaves out what is to be shown as in progress", got)
			}
			return len(out.(*organizationsapi.ListCreateAccountStatusOutput).CreateAccountStatuses)
		}
		out, err = s.call("ListAccounts", &organizationsapi.ListAccountsInput{}, &organizationsapi.ListAccountsOutput{Accounts: []organizationsapi.Account{
			{Id: &id, JoinedMethod: &created, JoinedTimestamp: &born}, {Id: &old, JoinedMethod: &invited, JoinedTimestamp: &born},
		}})
		if err != nil {
			t.Fatal(err)
		}
		listed = len(out.(*organizationsapi.ListAccountsOutput).Accounts)
		out, err = s.call("ListChildren", &organizationsapi.ListChildrenInput{}, &organizationsapi.ListChildrenOutput{Children: []organizationsapi.Child{{Id: &id}, {Id: &old}, {Id: smithy.Ptr("ou-1")}}})
		if err != nil {
			t.Fatal(err)
		}
		children = len(out.(*organizationsapi.ListChildrenOutput).Children)
		_, err = s.call("MoveAccount", &organizationsapi.MoveAccountInput{AccountId: &id}, &organizationsapi.MoveAccountOutput{})
		if (err == nil) != (s.input != nil) {
			t.Errorf("answered %v, reached the service: %v", err, s.input != nil)
		}
		return *seen.State, listed, children, count("IN_PROGRESS"), count("SUCCEEDED", "FAILED"), err
	}
	if state, listed, children, inProgress, ended, err := see(); state != "IN_PROGRESS" || listed != 1 || children != 2 || inProgress != 2 || ended != 0 || codeOf(err) != "AccountNotFoundException" {
		t.Errorf("at first: %s, %d listed, %d children, %d in progress, %d ended, %v", state, listed, children, inProgress, ended, err)
	}
	c.now = c.now.Add(3 * time.Second)
	if state, listed, children, inProgress, ended, err := see(); state != "SUCCEEDED" || listed != 2 || children != 3 || inProgress != 0 || ended != 2 || err != nil {
		t.Errorf("later: %s, %d listed, %d children, %d in progress, %d ended, %v", state, listed, children, inProgress, ended, err)
	}
}

func TestQuotasOfWhatIsInProgress(t *testing.T) {
	w, c := newWeather(t, "creation=3s,closure=3s,conflicts=off")
	s := under(t, w, organizationsapi.Describe())
	made := func(n int) error {
		id := smithy.Ptr("car-" + string(rune('a'+n)))
		_, err := s.call("CreateAccount", &organizationsapi.CreateAccountInput{}, &organizationsapi.CreateAccountOutput{CreateAccountStatus: &organizationsapi.CreateAccountStatus{Id: id}})
		return err
	}
	closed := func(n int) error {
		_, err := s.call("CloseAccount", &organizationsapi.CloseAccountInput{AccountId: smithy.Ptr("20000000000" + string(rune('0'+n)))}, &organizationsapi.CloseAccountOutput{})
		return err
	}
	for _, round := range []string{"at first", "when all is over"} {
		for n := range maxCreating {
			if err := made(n); err != nil {
				t.Errorf("%s: account %d: %v", round, n, err)
			}
		}
		for n := range maxClosing {
			if err := closed(n); err != nil {
				t.Errorf("%s: closing %d: %v", round, n, err)
			}
		}
		if err := made(9); codeOf(err) != "TooManyRequestsException" || s.input != nil {
			t.Errorf("%s: one account more: %v", round, err)
		}
		if err := closed(9); codeOf(err) != "ConstraintViolationException" || s.input != nil {
			t.Errorf("%s: one closing more: %v", round, err)
		}
		c.now = c.now.Add(3 * time.Second)
	}
}

func TestNewIdentitiesAreHidden(t *testing.T) {
	w, c := newWeather(t, "consistency=2s")
	s := under(t, w, iamapi.Describe())
	role := &iamapi.Role{Arn: smithy.Ptr("arn:aws:iam::900000000000:role/new"), RoleName: smithy.Ptr("new")}
	policy := &iamapi.Policy{Arn: smithy.Ptr("arn:aws:iam::900000000000:policy/new")}
	for operation, out := range map[string]smithy.Shape{
		"CreateRole": &iamapi.CreateRoleOutput{Role: role}, "CreatePolicy": &iamapi.CreatePolicyOutput{Policy: policy},
		"CreateAccessKey": &iamapi.CreateAccessKeyOutput{AccessKey: &iamapi.AccessKey{AccessKeyId: smithy.Ptr("AKIANEW")}},
	} {
		in := map[string]smithy.Shape{"CreateRole": &iamapi.CreateRoleInput{}, "CreatePolicy": &iamapi.CreatePolicyInput{}, "CreateAccessKey": &iamapi.CreateAccessKeyInput{}}[operation]
		if got, err := s.call(operation, in, out); err != nil || got != out {
			t.Errorf("%s: %v", operation, err)
		}
	}
	trust := `{"Principal":{"AWS":["arn:aws:iam::900000000000:role/old","` + *role.Arn + `"]}}`
	calls := []struct {
		operation string
		in, out   smithy.Shape
		code      string
	}{
		{"GetRole", &iamapi.GetRoleInput{}, &iamapi.GetRoleOutput{Role: role}, "NoSuchEntity"},
		{"GetPolicy", &iamapi.GetPolicyInput{}, &iamapi.GetPolicyOutput{Policy: policy}, "NoSuchEntity"},
		{"AttachRolePolicy", &iamapi.AttachRolePolicyInput{PolicyArn: policy.Arn}, &iamapi.AttachRolePolicyOutput{}, "NoSuchEntity"},
		{"UpdateAssumeRolePolicy", &iamapi.UpdateAssumeRolePolicyInput{PolicyDocument: &trust}, &iamapi.UpdateAssumeRolePolicyOutput{}, "MalformedPolicyDocument"},
		{"DeleteRole", &iamapi.DeleteRoleInput{}, &iamapi.DeleteRoleOutput{}, ""},
	}
	list := func() int {
		out, err := s.call("ListRoles", &iamapi.ListRolesInput{}, &iamapi.ListRolesOutput{Roles: []iamapi.Role{*role, {Arn: smithy.Ptr("arn:aws:iam::900000000000:role/old")}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.(*iamapi.ListRolesOutput).Roles)
	}
	for _, call := range calls {
		if _, err := s.call(call.operation, call.in, call.out); codeOf(err) != call.code {
			t.Errorf("%s: %v", call.operation, err)
		}
	}
	if n := list(); n != 1 {
		t.Errorf("%d roles are listed", n)
	}
	if _, _, err := w.Keys(noKeys{}).Resolve(t.Context(), "AKIANEW", "", c.now); !errors.Is(err, credential.ErrUnknownKey) {
		t.Errorf("the key: %v", err)
	}
	c.now = c.now.Add(2 * time.Second)
	for _, call := range calls {
		if _, err := s.call(call.operation, call.in, call.out); err != nil {
			t.Errorf("later %s: %v", call.operation, err)
		}
	}
	if n := list(); n != 2 {
		t.Errorf("later %d roles are listed", n)
	}
	if _, _, err := w.Keys(noKeys{}).Resolve(t.Context(), "AKIANEW", "", c.now); !errors.Is(err, errAsked) {
		t.Errorf("later the key: %v", err)
	}
}

var errAsked = errors.New("asked")

type noKeys struct{ wire.Keys }

func (noKeys) Resolve(context.Context, string, string, time.Time) (string, *credential.Caller, error) {
	return "", nil, errAsked
}

// verdict is a gate with one answer.
type verdict struct{ err error }

func (v verdict) Authorize(context.Context, *wire.Call) error { return v.err }

// What the gate refuses stays refused, in its words, and what it allows may be refused.
func TestGateIsNeverMorePermissive(t *testing.T) {
	w, c := newWeather(t, "creation=3s,consistency=2s")
	w.begin(Consistency, "arn:aws:iam::222222222222:role/new")
	sts := stsapi.Describe()
	op := &smithy.Operation{Name: "AssumeRole"}
	ask := func(v error, role string) error {
		return w.Gate(verdict{v}).Authorize(t.Context(), &wire.Call{
			Service: sts, Operation: op, Caller: &credential.Caller{AccountID: management, ARN: "arn:aws:iam::900000000000:user/a"}, Input: &stsapi.AssumeRoleInput{RoleArn: &role},
		})
	}
	no := &wire.Refusal{Message: "no"}
	roles := map[string]bool{
		"arn:aws:iam::222222222222:role/new": true, "arn:aws:iam::111111111111:role/admin": true, "arn:aws:iam::222222222222:role/old": false, "nonsense": false,
	}
	for role, hidden := range roles {
		if err := ask(no, role); !errors.Is(err, no) {
			t.Errorf("%s: refused by the gate, then %v", role, err)
		}
		var refusal *wire.Refusal
		if err := ask(nil, role); errors.As(err, &refusal) != hidden || !hidden && err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
	c.now = c.now.Add(3 * time.Second)
	for role := range roles {
		if err := ask(nil, role); err != nil {
			t.Errorf("later %s: %v", role, err)
		}
	}
}
