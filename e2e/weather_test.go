package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// inWeather runs a scene under effects on SQLite and on PostgreSQL.
func inWeather(t *testing.T, settings string, scene func(t *testing.T, s *server)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		scene(t, start(t, "", "--weather="+settings))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		scene(t, start(t, pgtest.Database(t), "--weather="+settings))
	})
}

// patient is the identity with a client that tries again, also what the SDK does not by itself.
func (a as) patient() as {
	a.Config.RetryMaxAttempts = 60
	a.Config.Retryer = func() aws.Retryer {
		standard := retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = 60, 2*time.Second
		})
		return retry.AddWithErrorCodes(standard, "ConcurrentModificationException", "FinalizingOrganizationException", "InvalidClientTokenId")
	}
	return a
}

// soon asks again until there is no error, and fails on errors of other codes than the one.
func soon(t *testing.T, refusal string, ask func() error) (refused int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; refused++ {
		err := ask()
		if err == nil {
			return refused
		}
		if code(err) != refusal || time.Now().After(end) {
			t.Fatalf("after %d refusals: %v", refused, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// order creates an account as a program does that knows AWS: it asks for the status until it is
// final. It returns the account, and how often the answer was that it is in progress.
func (a as) order(t *testing.T, name string) (id string, inProgress int) {
	ctx, client := t.Context(), a.patient().organizations()
	made, err := client.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
	if err != nil {
		t.Error(err)
		return "", 0
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); inProgress++ {
		out, err := client.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
		if err != nil {
			t.Error(err)
			return "", 0
		}
		switch s := out.CreateAccountStatus; {
		case s.State == orgtypes.CreateAccountStateSucceeded:
			return *s.AccountId, inProgress
		case s.State != orgtypes.CreateAccountStateInProgress || s.AccountId != nil || s.CompletedTimestamp != nil:
			t.Errorf("%s: %+v", name, s)
			return "", 0
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Errorf("%s is not finished", name)
	return "", 0
}

// A program that waits and tries again as AWS asks for gets through: an organization of twelve
// accounts with units, guardrails, roles and sessions. One that does not meets every effect.
func TestProgramsComeThroughTheWeather(t *testing.T) {
	t.Parallel()
	const settings = "mild,seed=7,creation=1s-2s,closure=1s,finalizing=1s,consistency=500ms-1s,conflicts=20ms-60ms"
	inWeather(t, settings, func(t *testing.T, s *server) {
		ctx := context.Background()
		root := s.root()
		hasty, patient := root.organizations(), root.patient().organizations()
		must1(hasty.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}))(t)
		_, err := hasty.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("early"), Email: aws.String("early@example.com")})
		if code(err) != "FinalizingOrganizationException" {
			t.Errorf("an account in an organization that is new: %v", err)
		}
		rootID := *must1(hasty.ListRoots(ctx, &organizations.ListRootsInput{}))(t).Roots[0].Id
		must1(patient.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &rootID, PolicyType: orgtypes.PolicyTypeServiceControlPolicy}))(t)
		units := make([]string, 3)
		for n := range units {
			out := must1(patient.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &rootID, Name: aws.String(fmt.Sprint("Unit ", n))}))(t)
			units[n] = *out.OrganizationalUnit.Id
		}
		accounts := orderAll(t, root, rootID, units)
		if t.Failed() {
			return
		}
		if got := len(must1(patient.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: aws.Int32(20)}))(t).Accounts); got != 13 {
			t.Errorf("%d accounts", got)
		}

		admin := newAdmin(t, root)
		scp := must1(patient.CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: aws.String("guard"), Description: aws.String(""), Type: orgtypes.PolicyTypeServiceControlPolicy, Content: aws.String(deny("iam:CreateUser", "*")),
		}))(t).Policy.PolicySummary.Id
		for _, unit := range units {
			must1(patient.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: scp, TargetId: &unit}))(t)
		}
		for _, id := range accounts[:3] {
			workIn(t, admin, id)
		}
		closeOne(t, admin, accounts[11])
		hurry(t, s, root)
		afterwards(t, s, rootID)
	})
}

// must1 takes a result and its error; the test comes after, so that calls can be nested.
func must1[T any](out T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return out
	}
}

// orderAll makes twelve accounts at the same time and moves each to a unit.
func orderAll(t *testing.T, root as, rootID string, units []string) []string {
	accounts, client := make([]string, 12), root.patient().organizations()
	var wg sync.WaitGroup
	for n := range accounts {
		wg.Go(func() {
			id, waited := root.order(t, fmt.Sprintf("member-%d", n))
			if id == "" {
				return
			}
			if waited == 0 {
				t.Errorf("account %d was there at once", n)
			}
			_, err := client.MoveAccount(t.Context(), &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &rootID, DestinationParentId: &units[n%len(units)]})
			if err != nil {
				t.Error(err)
			}
			accounts[n] = id
		})
	}
	wg.Wait()
	return accounts
}

// newAdmin makes a user with a key, which is not known everywhere at first.
func newAdmin(t *testing.T, root as) as {
	t.Helper()
	ctx, name := context.Background(), "admin"
	client := root.patient().iam()
	must1(client.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))(t)
	if _, err := client.GetUser(ctx, &iam.GetUserInput{UserName: &name}); code(err) != "NoSuchEntity" {
		t.Errorf("a user that is new: %v", err)
	}
	must(t, iam.NewUserExistsWaiter(client).Wait(ctx, &iam.GetUserInput{UserName: &name}, 20*time.Second))
	root.putUserPolicy(t, name, "all", allow("*", "*"))
	admin := root.newKey(t, name)
	refused := soon(t, "InvalidClientTokenId", func() error {
		_, err := admin.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	})
	if refused == 0 {
		t.Error("the key was known at once")
	}
	return admin.patient()
}

// workIn makes a role in a member account and takes it on when it is visible.
func workIn(t *testing.T, admin as, account string) {
	t.Helper()
	ctx := context.Background()
	inside := admin.mustAssume(t, roleARN(account, adminRole)).patient()
	if _, err := inside.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("no")}); code(err) != "AccessDenied" {
		t.Errorf("past the guardrail: %v", err)
	}
	role := "app"
	made := must1(inside.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: aws.String(trusting(managementID))}))(t)
	_, err := inside.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("next"), AssumeRolePolicyDocument: aws.String(trusting(*made.Role.Arn))})
	if code(err) != "MalformedPolicyDocument" {
		t.Errorf("trust in a role that is new: %v", err)
	}
	refused := soon(t, "AccessDenied", func() error {
		_, err := admin.assume(*made.Role.Arn)
		return err
	})
	if refused == 0 {
		t.Error("the role could be taken on at once")
	}
	must(t, iam.NewRoleExistsWaiter(inside.iam()).Wait(ctx, &iam.GetRoleInput{RoleName: &role}, 20*time.Second))
	listed := must1(inside.iam().ListRoles(ctx, &iam.ListRolesInput{}))(t).Roles
	if !slices.ContainsFunc(listed, func(r iamtypes.Role) bool { return *r.RoleName == role }) {
		t.Error("the role is in no list")
	}
}

// closeOne closes an account: it is PENDING_CLOSURE for a time, and nobody gets in from the start.
func closeOne(t *testing.T, admin as, account string) {
	t.Helper()
	ctx, client := context.Background(), admin.organizations()
	must1(client.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &account}))(t)
	if _, err := admin.assume(roleARN(account, adminRole)); code(err) != "AccessDenied" {
		t.Errorf("a session in an account that is being closed: %v", err)
	}
	seen := map[orgtypes.AccountState]bool{}
	for end := time.Now().Add(20 * time.Second); !seen[orgtypes.AccountStateClosed] && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		seen[must1(client.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &account}))(t).Account.State] = true
	}
	if !seen[orgtypes.AccountStatePendingClosure] || !seen[orgtypes.AccountStateClosed] {
		t.Errorf("states: %v", seen)
	}
}

// hurry asks faster than AWS lets and changes the organization from two sides, without patience.
// What was refused is not there, what was answered is.
func hurry(t *testing.T, s *server, root as) {
	t.Helper()
	ctx, client := context.Background(), root.organizations()
	throttled := false
	for n := 0; n < 200 && !throttled; n++ {
		_, err := client.ListRoots(ctx, &organizations.ListRootsInput{})
		throttled = code(err) == "TooManyRequestsException"
	}
	if !throttled {
		t.Error("nothing is too fast")
	}
	parent := *must1(root.patient().organizations().ListRoots(ctx, &organizations.ListRootsInput{}))(t).Roots[0].Id
	unit := *must1(root.patient().organizations().CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: aws.String("Hurry")}))(t).OrganizationalUnit.Id
	var (
		mu       sync.Mutex
		answered []string
		codes    = map[string]int{}
		wg       sync.WaitGroup
	)
	for n := range 8 {
		wg.Go(func() {
			name := fmt.Sprint("Hurried ", n)
			_, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &unit, Name: &name})
			mu.Lock()
			defer mu.Unlock()
			if codes[code(err)]++; err == nil {
				answered = append(answered, name)
			}
		})
	}
	wg.Wait()
	if codes["ConcurrentModificationException"] == 0 || len(answered) == 0 {
		t.Errorf("answers: %v", codes)
	}
	there := must1(root.patient().organizations().ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &unit, MaxResults: aws.Int32(20)}))(t)
	var names []string
	for _, u := range there.OrganizationalUnits {
		names = append(names, *u.Name)
	}
	slices.Sort(names)
	slices.Sort(answered)
	if !slices.Equal(names, answered) {
		t.Errorf("there are %v, answered were %v", names, answered)
	}
}

// afterwards looks at what the node counted and logged, and, in fair weather, at what was kept.
func afterwards(t *testing.T, s *server, rootID string) {
	t.Helper()
	page := countersOf(t, s.endpoint+"/_bailiwick/metrics")
	for _, effect := range []string{"creation", "closure", "finalizing", "conflicts", "consistency", "throttling"} {
		if !strings.Contains(page, `bailiwick_weather_effects_total{effect="`+effect+`"`) {
			t.Errorf("%s is not counted", effect)
		}
		if !strings.Contains(s.log.String(), "effect="+effect+" ") {
			t.Errorf("%s is not logged", effect)
		}
	}
	s.args = nil
	s.restart()
	client, ctx := s.root().organizations(), context.Background()
	all := must1(client.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: aws.Int32(20)}))(t).Accounts
	requests := must1(client.ListCreateAccountStatus(ctx, &organizations.ListCreateAccountStatusInput{}))(t).CreateAccountStatuses
	if len(all) != 13 || len(requests) != 12 {
		t.Errorf("%d accounts, %d requests were kept", len(all), len(requests))
	}
	for _, r := range requests {
		if r.State != orgtypes.CreateAccountStateSucceeded {
			t.Errorf("%s is %s", *r.AccountName, r.State)
		}
	}
	if left := must1(client.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: &rootID}))(t).Accounts; len(left) != 1 {
		t.Errorf("%d accounts hang on the root", len(left))
	}
}

// countersOf gets a page of the operator's API.
func countersOf(t *testing.T, url string) string {
	t.Helper()
	request := must1(http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil))(t)
	request.Header.Set("Authorization", "Bearer "+operatorToken)
	answer := must1(connection.Do(request))(t)
	defer answer.Body.Close()
	return string(must1(io.ReadAll(answer.Body))(t))
}
