package e2e

import (
	"context"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// sample is the sample organization as a newcomer meets it: the printed people, and the
// accounts as the administrator sees them.
type sample struct {
	s        *server
	people   map[string]as
	accounts map[string]string
}

// people reads the printed lines: a name with what the person may do, and below it the keys.
func (s *server) people(text string) map[string]as {
	found, name := map[string]as{}, ""
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		id, hasID := "", false
		if len(fields) > 0 {
			id, hasID = strings.CutPrefix(fields[0], "AWS_ACCESS_KEY_ID=")
		}
		switch {
		case hasID && len(fields) == 2 && name != "":
			found[name] = s.with(id, strings.TrimPrefix(fields[1], "AWS_SECRET_ACCESS_KEY="), "")
		case strings.HasPrefix(line, "  ") && len(fields) > 1:
			name = fields[0]
		}
	}
	return found
}

func (s *server) meet(t *testing.T) *sample {
	t.Helper()
	eventually(t, "the sample is explained", func() bool { return strings.Contains(s.banner.String(), "aws organizations list-accounts") })
	x := &sample{s: s, people: s.people(s.banner.String()), accounts: map[string]string{}}
	want := []string{"admin", "bi-dev", "crm-dev", "dinesh", "gilfoyle", "it-dev", "marketing-dev", "olivia", "oscar"}
	if got := slices.Sorted(maps.Keys(x.people)); !slices.Equal(got, want) {
		t.Fatalf("the people are %v, want %v:\n%s", got, want, s.banner)
	}
	pages := organizations.NewListAccountsPaginator(x.people["admin"].organizations(), &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, a := range page.Accounts {
			x.accounts[*a.Name] = *a.Id
		}
	}
	return x
}

func (x *sample) role(account, role string) string { return roleARN(x.accounts[account], role) }

// The sample organization is there after one command, and its people can do what their line
// says and not more.
func TestDemo(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": pgtest.Database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{t: t, dir: t.TempDir(), url: url(t), verb: "demo", plain: true}
			s.run()
			t.Cleanup(s.kill)
			x := s.meet(t)
			t.Run("admin", x.admin)
			t.Run("developers of Pied Piper", x.piedPiper)
			t.Run("olivia", x.olivia)
			t.Run("oscar", x.oscar)
			t.Run("teams", x.teams)
			t.Run("guardrails", x.guardrails)
			if name == "sqlite" {
				t.Run("what is printed to try", x.printed)
			}
		})
	}
}

func (x *sample) admin(t *testing.T) {
	admin := x.people["admin"]
	may(t, "the management account", admin.listUsers())
	if len(x.accounts) != 23 {
		t.Errorf("%d accounts: %v", len(x.accounts), x.accounts)
	}
	for name := range x.accounts {
		if name != "Management" {
			may(t, name, admin.mustAssume(t, x.role(name, adminRole)).listUsers())
		}
	}
}

func (x *sample) piedPiper(t *testing.T) {
	for person, own := range map[string]string{"dinesh": "Dev Team A", "gilfoyle": "Dev Team B"} {
		who := x.people[person]
		may(t, own, who.mustAssume(t, x.role(own, adminRole)).listUsers())
		for name := range x.accounts {
			if name != own && name != "Management" {
				who.mayNotAssume(t, x.role(name, adminRole), noPermission)
			}
		}
		_, err := who.organizations().ListAccounts(context.Background(), &organizations.ListAccountsInput{})
		denied(t, err, who.arn(t), "organizations:ListAccounts", "*", noAllow(identityPolicy, "organizations:ListAccounts"))
	}
	// Siblings: team A's account into QA and back, by the roles made for it.
	inA := x.people["dinesh"].mustAssume(t, x.role("Dev Team A", adminRole))
	may(t, "team A in QA", inA.mustAssume(t, x.role("QA", "DeveloperAccess")).listUsers())
	inB := x.people["gilfoyle"].mustAssume(t, x.role("Dev Team B", adminRole))
	inB.mayNotAssume(t, x.role("QA", "DeveloperAccess"), noTrust)
}

func (x *sample) olivia(t *testing.T) {
	olivia := x.people["olivia"]
	for _, name := range []string{"Env Sandbox", "Env Testing", "Env Live"} {
		olivia.mayNotAssume(t, x.role(name, adminRole), noPermission)
	}
	device := newAuthenticator(t, olivia, "olivia")
	must(t, device.enable(olivia))
	strong, err := olivia.session(device.serial, device.next())
	must(t, err)
	for _, name := range []string{"Env Sandbox", "Env Testing", "Env Live"} {
		may(t, name, strong.mustAssume(t, x.role(name, adminRole)).listUsers())
	}
	strong.mayNotAssume(t, x.role("QA", "DeveloperAccess"), noTrust)
	denied(t, strong.listUsers(), strong.arn(t), "iam:ListUsers", usersARN(x.accounts["Management"]), noAllow(identityPolicy, "iam:ListUsers"))
}

func (x *sample) oscar(t *testing.T) {
	oscar, vendor := x.people["oscar"], x.role("Prod Main", "Vendor")
	inside := oscar.mustAssume(t, x.role("Prod Main", "Operations"))
	denied(t, inside.listUsers(), inside.arn(t), "iam:ListUsers", usersARN(x.accounts["Prod Main"]), noAllow(identityPolicy, "iam:ListUsers"))
	oscar.mayNotAssume(t, vendor, noTrust)
	external := func(id string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.ExternalId = &id }
	}
	oscar.mayNotAssume(t, vendor, noTrust, external("pied-piper"))
	may(t, "the vendor's audit", oscar.mustAssume(t, vendor, external("pied-piper-audit")).listUsers())
	oscar.mayNotAssume(t, x.role("Prod Main", adminRole), noTrust)
	oscar.mayNotAssume(t, x.role("IT Development", "Developer"), noPermission)
}

func (x *sample) teams(t *testing.T) {
	teams := []string{"IT", "CRM", "BI", "Marketing"}
	for n, team := range teams {
		person := x.people[strings.ToLower(team)+"-dev"]
		for _, stage := range []string{"Development", "Staging"} {
			person.mustAssume(t, x.role(team+" "+stage, "Developer"))
		}
		may(t, team+" in production", person.mustAssume(t, x.role(team+" Production", "Viewer")).listUsers())
		person.mayNotAssume(t, x.role(team+" Production", "Developer"), noTrust)
		other := teams[(n+1)%len(teams)]
		person.mayNotAssume(t, x.role(other+" Development", "Developer"), noPermission)
	}
	viewer := x.people["it-dev"].mustAssume(t, x.role("IT Production", "Viewer"))
	name, trust := "New", trusting(x.accounts["Identity"])
	_, err := viewer.iam().CreateRole(context.Background(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	denied(t, err, viewer.arn(t), "iam:CreateRole", x.role("IT Production", name), noAllow(identityPolicy, "iam:CreateRole"))
}

func (x *sample) guardrails(t *testing.T) {
	admin, ctx := x.people["admin"], context.Background()
	pages, err := admin.organizations().ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: "SERVICE_CONTROL_POLICY"})
	must(t, err)
	arn := map[string]string{}
	for _, p := range pages.Policies {
		arn[*p.Name] = *p.Arn
	}
	name := "somebody"
	for _, account := range []string{"Prod Main", "CRM Development"} {
		inside := admin.mustAssume(t, x.role(account, adminRole))
		_, err := inside.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
		denied(t, err, inside.arn(t), "iam:CreateUser", userARN(x.accounts[account], name), deniedBy(controlPolicy, arn["NoUsersInMembers"]))
		_, err = inside.organizations().LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
		denied(t, err, inside.arn(t), "organizations:LeaveOrganization", "*", deniedBy(controlPolicy, arn["DenyLeaving"]))
	}
	_, err = admin.mustAssume(t, x.role("QA", adminRole)).iam().CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	may(t, "a user where the guardrail is not", err)
}

// printed runs the commands of the closing text in a shell, as a newcomer pastes them.
func (x *sample) printed(t *testing.T) {
	needsEndpointVariable(t)
	_, text, _ := strings.Cut(x.s.banner.String(), "Try as dinesh")
	var exports, commands []string
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "export "):
			exports = append(exports, line)
		case strings.HasPrefix(line, "aws "):
			commands = append(commands, line)
		}
	}
	if len(commands) != 3 {
		t.Fatalf("%d commands: %q", len(commands), commands)
	}
	for _, command := range commands {
		cmd := exec.Command("bash", "-c", strings.Join(append(exports, command), "\n"))
		cmd.Env = home{x.s, t.TempDir()}.environment()
		out, err := cmd.CombinedOutput()
		allowed := strings.Contains(command, "allowed")
		if (err == nil) != allowed || !allowed && !strings.Contains(string(out), "AccessDenied") {
			t.Errorf("%s: %v %s", command, err, out)
		}
	}
}

// The sample can be built in a server that runs already, once.
func TestDemoInARunningServer(t *testing.T) {
	t.Parallel()
	s := start(t, "", "--ephemeral")
	environment := []string{"AWS_ACCESS_KEY_ID=" + rootKeyID, "AWS_SECRET_ACCESS_KEY=" + rootSecret, "AWS_SESSION_TOKEN="}
	out, errs, ok := command(t, environment, "demo", "--endpoint", s.endpoint)
	if !ok || len(s.people(out)) != 9 {
		t.Fatalf("demo: %s%s", out, errs)
	}
	s.people(out)["dinesh"].arn(t)
	complains(t, environment, []string{"in an organization already", "fresh"}, "demo", "--endpoint", s.endpoint)
	complains(t, []string{"AWS_ACCESS_KEY_ID=" + rootKeyID, "AWS_SECRET_ACCESS_KEY=wrong-secret", "AWS_SESSION_TOKEN="},
		[]string{"InvalidSignatureException"}, "demo", "--endpoint", s.endpoint)
}
