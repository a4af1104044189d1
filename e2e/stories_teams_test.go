package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// Four teams with three environments each: an identity account authenticates everybody, and
// groups give less in production than in development.
func TestTeamsAndTheirEnvironments(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		identity := w.account(t, w.rootID, "Identity", "")
		inIdentity := w.inside(t, identity)
		teams := []string{"IT", "CRM", "BI", "Marketing"}
		accounts, people := map[string]string{}, map[string]as{}
		unit := w.unit(t, w.rootID, "Teams")
		for _, team := range teams {
			of := w.unit(t, unit, team)
			for _, stage := range []string{"Development", "Staging", "Production"} {
				id := w.account(t, of, team+" "+stage, "")
				accounts[team+stage] = id
				inside := w.inside(t, id)
				inside.newRole(t, "Viewer", trusting(identity), "arn:aws:iam::aws:policy/ReadOnlyAccess")
				if stage != "Production" {
					inside.newRole(t, "Developer", trusting(identity), allow("*", "*"))
				}
			}
			developer := fmt.Sprintf(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":["arn:aws:iam::%s:role/Developer","arn:aws:iam::%s:role/Developer","arn:aws:iam::%s:role/Viewer"]}`,
				accounts[team+"Development"], accounts[team+"Staging"], accounts[team+"Production"])
			name := strings.ToLower(team)
			people[team] = inIdentity.newUser(t, name)
			inIdentity.newGroup(t, team, document(developer), name)
		}
		noUsers := w.scp(t, "NoUsers", deny("iam:CreateUser", "*"), unit)

		for n, team := range teams {
			person, other := people[team], teams[(n+1)%len(teams)]
			for _, stage := range []string{"Development", "Staging"} {
				inside := person.mustAssume(t, roleARN(accounts[team+stage], "Developer"))
				inside.newRole(t, "Function", trusting(accounts[team+stage]), "")
				name := "intruder"
				_, err := inside.iam().CreateUser(context.Background(), &iam.CreateUserInput{UserName: &name})
				denied(t, err, sessionARN(accounts[team+stage], "Developer"), "iam:CreateUser", userARN(accounts[team+stage], name), deniedBy(controlPolicy, w.scpARN(noUsers)))
			}
			production := accounts[team+"Production"]
			viewer := person.mustAssume(t, roleARN(production, "Viewer"))
			may(t, "look in production", viewer.listUsers())
			name, trust := "Function", trusting(production)
			_, err := viewer.iam().CreateRole(context.Background(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
			denied(t, err, sessionARN(production, "Viewer"), "iam:CreateRole", roleARN(production, name), noAllow(identityPolicy, "iam:CreateRole"))

			person.mayNotAssume(t, roleARN(production, "Developer"), noTrust)
			person.mayNotAssume(t, roleARN(accounts[team+"Development"], "Viewer"), noPermission)
			person.mayNotAssume(t, roleARN(accounts[other+"Development"], "Developer"), noPermission)
		}

		t.Run("lists have pages and one order", func(t *testing.T) { w.listsHavePages(t, len(accounts)+2) })
		t.Run("an account is closed", func(t *testing.T) {
			gone := accounts["BIDevelopment"]
			inside := people["BI"].mustAssume(t, roleARN(gone, "Developer"))
			_, err := w.admin.organizations().CloseAccount(context.Background(), &organizations.CloseAccountInput{AccountId: &gone})
			must(t, err)
			fails(t, inside.listUsers(), "InvalidClientTokenId", badToken)
			people["BI"].mayNotAssume(t, roleARN(gone, "Developer"), noTrust)
			people["BI"].mustAssume(t, roleARN(accounts["BIStaging"], "Developer"))
		})
	})
}

// listsHavePages reads all accounts by pages of several sizes: all are there once, always in
// the same order.
func (w *world) listsHavePages(t *testing.T, want int) {
	var before []string
	for _, size := range []int32{1, 5, 20} {
		var ids []string
		pages := organizations.NewListAccountsPaginator(w.admin.organizations(), &organizations.ListAccountsInput{}, func(o *organizations.ListAccountsPaginatorOptions) { o.Limit = size })
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			must(t, err)
			if len(page.Accounts) > int(size) {
				t.Errorf("a page of %d has %d", size, len(page.Accounts))
			}
			for _, account := range page.Accounts {
				ids = append(ids, *account.Id)
			}
		}
		unique := slices.Compact(slices.Sorted(slices.Values(ids)))
		if len(ids) != want || len(unique) != want {
			t.Errorf("pages of %d: %d accounts, %d different; want %d", size, len(ids), len(unique), want)
		}
		if before != nil && !slices.Equal(before, ids) {
			t.Errorf("pages of %d have another order", size)
		}
		before = ids
	}
	// The command line goes through all pages by itself.
	count := strings.TrimSpace(w.admin.ok(t, "organizations", "list-accounts", "--page-size", "4", "--query", "length(Accounts[])", "--output", "json"))
	first := w.admin.ok(t, "organizations", "list-accounts", "--max-items", "1", "--query", "Accounts[].Id", "--output", "text")
	if count != fmt.Sprint(want) || !strings.HasPrefix(first, before[0]) {
		t.Errorf("the command line counts %s, the first is %q; want %d, %s", count, first, want, before[0])
	}
}
