package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// Rounds of killing: SQLite is the store that is ours to get right; PostgreSQL outlives the
// server and shows that nothing is answered before it is committed there.
const (
	killRounds         = 50
	killRoundsPostgres = 6
)

// writer makes things one after the other and notes what was acknowledged.
type writer struct {
	round, number int
	made          int
	// accounts are names by create request; names of the others.
	accounts     map[string]string
	units, users []string
	// role was acknowledged and stands; gone are those whose deletion was acknowledged.
	role string
	gone []string
	err  error
}

func (w *writer) name(kind string) string {
	w.made++
	return fmt.Sprintf("%s-%d-%d-%d", kind, w.round, w.number, w.made)
}

// run writes until the server is gone.
func (w *writer) run(who as, root string, acknowledged *atomic.Int64) {
	ctx, org, people := context.Background(), who.organizations(), who.iam()
	steps := []func() error{
		func() error {
			name := w.name("account")
			out, err := org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
			if err == nil {
				w.accounts[*out.CreateAccountStatus.Id] = name
			}
			return err
		},
		func() error {
			name := w.name("unit")
			_, err := org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &root, Name: &name})
			if err == nil {
				w.units = append(w.units, name)
			}
			return err
		},
		func() error {
			name := w.name("user")
			_, err := people.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
			if err == nil {
				w.users = append(w.users, name)
			}
			return err
		},
		func() error { return w.replaceRole(ctx, people) },
	}
	for i := w.number; ; i++ {
		if err := steps[i%len(steps)](); err != nil {
			w.err = err
			return
		}
		acknowledged.Add(1)
	}
}

// replaceRole makes a role and deletes the one before it.
func (w *writer) replaceRole(ctx context.Context, people *iam.Client) error {
	name, former := w.name("role"), w.role
	_, err := people.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trusting(managementID))})
	if err != nil {
		return err
	}
	if w.role = name; former == "" {
		return nil
	}
	if _, err = people.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &former}); err == nil {
		w.gone = append(w.gone, former)
	}
	return err
}

// killer kills a server again and again and looks at what is left.
type killer struct {
	*world
	session as
	// known are the accounts that have been looked at.
	known map[string]bool
	total int
}

// No acknowledged write is lost when the process dies, and no account is half there.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killAndLook(t, start(t, ""), killRounds)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killAndLook(t, start(t, pgtest.Database(t)), killRoundsPostgres)
	})
}

func killAndLook(t *testing.T, s *server, rounds int) {
	k := &killer{world: organize(t, s), known: map[string]bool{}}
	k.session = k.inside(t, k.account(t, k.rootID, "First", ""))
	for round := range rounds {
		writers := k.round(t, round)
		s.balanced(t)
		s.run()
		k.root, k.admin, k.session = k.root.again(), k.admin.again(), k.session.again()
		k.look(t, writers)
		if t.Failed() {
			t.Fatalf("round %d; the server's log:\n%s", round, s.log)
		}
	}
	t.Logf("%d acknowledged writes in %d rounds, %d accounts", k.total, rounds, len(k.known))
	if k.total < 4*rounds {
		t.Errorf("%d acknowledged writes in %d rounds prove nothing", k.total, rounds)
	}
}

// again is the same identity at a server that was started again.
func (a as) again() as {
	a.BaseEndpoint = aws.String(a.s.endpoint)
	return a
}

// round lets clients write and kills the server among them.
func (k *killer) round(t *testing.T, round int) []*writer {
	const clients = 4
	var running sync.WaitGroup
	var acknowledged atomic.Int64
	writers := make([]*writer, clients)
	for i := range writers {
		w := &writer{round: round, number: i, accounts: map[string]string{}}
		writers[i] = w
		running.Go(func() { w.run(k.admin, k.rootID, &acknowledged) })
	}
	// At least some writes, then a moment that nobody chose.
	for end := time.Now().Add(20 * time.Second); acknowledged.Load() < clients && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(rand.N(60 * time.Millisecond))
	k.s.kill()
	running.Wait()
	for _, w := range writers {
		var api smithy.APIError
		if errors.As(w.err, &api) {
			t.Errorf("round %d: a write was refused: %v", round, w.err)
		}
	}
	k.total += int(acknowledged.Load())
	return writers
}

// look expects everything acknowledged to be there, and every account to be whole.
func (k *killer) look(t *testing.T, writers []*writer) {
	t.Helper()
	may(t, "a session from before", k.session.listUsers())
	accounts, requests := k.allAccounts(t), k.requests(t)
	units, users, roles := k.units(t), k.users(t), k.roles(t)
	for _, w := range writers {
		for id, name := range w.accounts {
			request, ok := requests[id]
			if !ok || request.State != orgtypes.CreateAccountStateSucceeded || accounts[*request.AccountId] != name {
				t.Errorf("the account %s is lost: request %v", name, request)
			}
		}
		present(t, "unit", units, w.units)
		present(t, "user", users, w.users)
		if w.role != "" {
			present(t, "role", roles, []string{w.role})
		}
		for _, name := range w.gone {
			if roles[name] {
				t.Errorf("the deleted role %s is back", name)
			}
		}
	}
	for _, request := range requests {
		if request.State != orgtypes.CreateAccountStateSucceeded || accounts[*request.AccountId] == "" {
			t.Errorf("a request without an account: %s, %s", *request.Id, request.State)
		}
	}
	for id, name := range accounts {
		if !k.known[id] && id != managementID {
			k.whole(t, id, name)
		}
		k.known[id] = true
	}
}

func present(t *testing.T, kind string, have map[string]bool, want []string) {
	t.Helper()
	for _, name := range want {
		if !have[name] {
			t.Errorf("the %s %s is lost", kind, name)
		}
	}
}

// whole expects an account with all that belongs to it.
func (k *killer) whole(t *testing.T, id, name string) {
	t.Helper()
	ctx, org := context.Background(), k.admin.organizations()
	may(t, "inside "+name, k.inside(t, id).listUsers())
	parents, err := org.ListParents(ctx, &organizations.ListParentsInput{ChildId: &id})
	must(t, err)
	if len(parents.Parents) != 1 || *parents.Parents[0].Id != k.rootID {
		t.Errorf("%s hangs on %v", name, parents.Parents)
	}
	policies, err := org.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: &id, Filter: orgtypes.PolicyTypeServiceControlPolicy})
	must(t, err)
	if len(policies.Policies) != 1 || *policies.Policies[0].Id != fullAWSAccess {
		t.Errorf("%s carries %v", name, policies.Policies)
	}
}

// allAccounts are the organization's accounts: names by id.
func (k *killer) allAccounts(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for pages := organizations.NewListAccountsPaginator(k.admin.organizations(), &organizations.ListAccountsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, a := range page.Accounts {
			found[*a.Id] = *a.Name
			if !strings.HasPrefix(*a.Arn, "arn:aws:organizations::") || a.State != orgtypes.AccountStateActive {
				t.Errorf("account %s: %s, %s", *a.Id, *a.Arn, a.State)
			}
		}
	}
	return found
}

func (k *killer) requests(t *testing.T) map[string]orgtypes.CreateAccountStatus {
	t.Helper()
	found := map[string]orgtypes.CreateAccountStatus{}
	for pages := organizations.NewListCreateAccountStatusPaginator(k.admin.organizations(), &organizations.ListCreateAccountStatusInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, r := range page.CreateAccountStatuses {
			found[*r.Id] = r
		}
	}
	return found
}

func (k *killer) units(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	in := &organizations.ListOrganizationalUnitsForParentInput{ParentId: &k.rootID}
	for pages := organizations.NewListOrganizationalUnitsForParentPaginator(k.admin.organizations(), in); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, u := range page.OrganizationalUnits {
			found[*u.Name] = true
		}
	}
	return found
}

func (k *killer) users(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for pages := iam.NewListUsersPaginator(k.admin.iam(), &iam.ListUsersInput{MaxItems: aws.Int32(1000)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, u := range page.Users {
			found[*u.UserName] = true
		}
	}
	return found
}

func (k *killer) roles(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for pages := iam.NewListRolesPaginator(k.admin.iam(), &iam.ListRolesInput{MaxItems: aws.Int32(1000)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, r := range page.Roles {
			found[*r.RoleName] = true
		}
	}
	return found
}
