package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/demo"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// large runs `bailiwick demo --accounts` and returns its server and what it wrote down.
func large(t testing.TB, s *server, args ...string) *demo.Large {
	t.Helper()
	inventory := filepath.Join(s.dir, "inventory.json")
	s.verb, s.args = "demo", append(args, "--inventory", inventory)
	s.run()
	t.Cleanup(s.kill)
	text, err := os.ReadFile(inventory)
	must(t, err)
	var l demo.Large
	must(t, json.Unmarshal(text, &l))
	return &l
}

// A large organization has the accounts that its inventory tells, in their OUs, and its
// people can do what they are there for.
func TestDemoOfManyAccounts(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": pgtest.Database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{t: t, dir: t.TempDir(), url: url(t)}
			l := large(t, s, "--accounts", "150")
			if info, err := os.Stat(filepath.Join(s.dir, "inventory.json")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the inventory holds secrets and is %v, %v", info.Mode(), err)
			}
			ctx := context.Background()
			admin := s.with(l.Admin.AccessKeyID, l.Admin.Secret, "")
			found := map[string]bool{}
			pages := organizations.NewListAccountsPaginator(admin.organizations(), &organizations.ListAccountsInput{})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				must(t, err)
				for _, a := range page.Accounts {
					found[*a.Id] = true
				}
			}
			if len(found) != 150 {
				t.Errorf("%d accounts, want 150", len(found))
			}
			for _, a := range l.Accounts[:10] {
				out, err := admin.organizations().ListParents(ctx, &organizations.ListParentsInput{ChildId: &a.ID})
				must(t, err)
				if !found[a.ID] || *out.Parents[0].Id != a.ParentID {
					t.Errorf("account %s is in %s, want %s", a.Name, *out.Parents[0].Id, a.ParentID)
				}
			}
			machine := l.Machines[0]
			ci := s.with(machine.AccessKeyID, machine.Secret, "")
			role := demo.MachineRole
			_, err := ci.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
			must(t, err)
			_, err = admin.sts().AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(roleARN(machine.AccountID, demo.AdminRole)), RoleSessionName: aws.String("large")})
			must(t, err)
			_, err = ci.organizations().ListAccounts(ctx, &organizations.ListAccountsInput{})
			fails(t, err, "AccessDeniedException", "")
		})
	}
}
