package demo

import (
	"strings"
)

// piedPiper is the start-up that grows out of one account: its users stay in the management
// account and each team reaches its own account only.
func (b *builder) piedPiper() {
	management := b.sample.ManagementAccountID
	b.group(b.iam, "Administrators", statement{Effect: "Allow", Action: "*", Resource: "*"})
	b.user(b.iam, management, "admin", "administrator of the organization: everything here, and every account by "+AdminRole, "Administrators")

	unit := b.unit(b.root, "Pied Piper")
	development := b.unit(unit, "Pied Piper Development")
	a := b.account(development, "Dev Team A", "dev-a@piedpiper.example.com")
	teamB := b.account(development, "Dev Team B", "dev-b@piedpiper.example.com")
	qa := b.account(unit, "QA", "qa@piedpiper.example.com")
	b.account(unit, "Staging", "staging@piedpiper.example.com")
	b.account(unit, "Production", "production@piedpiper.example.com")

	b.group(b.iam, "TeamA", assume(roleARN(a, AdminRole)))
	b.group(b.iam, "TeamB", assume(roleARN(teamB, AdminRole)))
	b.user(b.iam, management, "dinesh", "developer of team A: may become administrator of the account Dev Team A, of no other", "TeamA")
	b.user(b.iam, management, "gilfoyle", "developer of team B: the same for Dev Team B", "TeamB")

	// Siblings reach each other directly when both sides say so.
	b.role(b.in(qa), "DeveloperAccess", a, "ReadOnlyAccess", nil)
	b.role(b.in(a), "QAAccess", qa, "ReadOnlyAccess", nil)
}

// environments has its users in the managing account; a group may enter every environment,
// with a second factor.
func (b *builder) environments() {
	unit := b.unit(b.root, "Environments")
	for _, name := range []string{"Sandbox", "Testing", "Live"} {
		b.account(unit, "Env "+name, "env-"+strings.ToLower(name)+"@example.com")
	}
	withMFA := assume("arn:aws:iam::*:role/" + AdminRole)
	withMFA.Condition = map[string]map[string]string{"Bool": {"aws:MultiFactorAuthPresent": "true"}}
	enrol := statement{
		Sid: "EnrolADevice", Effect: "Allow",
		Action:   []string{"iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser", "sts:GetSessionToken"},
		Resource: []string{"arn:aws:iam::*:mfa/${aws:username}", "arn:aws:iam::*:user/${aws:username}"},
	}
	b.group(b.iam, "EnvironmentOperators", withMFA, enrol)
	b.user(b.iam, b.sample.ManagementAccountID, "olivia", "operator of all environments, but only with a second factor", "EnvironmentOperators")
}

// identity keeps users in an account of their own; roles elsewhere trust it.
func (b *builder) identity() {
	unit := b.unit(b.root, "Foundation")
	identity := b.account(unit, "Identity", "identity@example.com")
	prod := b.account(b.unit(b.root, "Prod"), "Prod Main", "prod@example.com")
	b.role(b.in(prod), "Operations", identity, "PowerUserAccess", nil)
	b.role(b.in(prod), "Vendor", identity, "SecurityAudit", map[string]map[string]string{"StringEquals": {"sts:ExternalId": "pied-piper-audit"}})
	inside := b.in(identity)
	b.group(inside, "Operations", assume(roleARN(prod, "Operations"), roleARN(prod, "Vendor")))
	b.user(inside, identity, "oscar", "operator in the identity account: switches into Prod Main", "Operations")
}

// teams are four teams with three environments each; the identity account's groups give
// them more in development than in production.
func (b *builder) teams() {
	unit := b.unit(b.root, "Teams")
	identity := b.sample.Accounts["Identity"]
	inside := b.in(identity)
	for _, team := range []string{"IT", "CRM", "BI", "Marketing"} {
		of := b.unit(unit, team)
		var roles []string
		for _, stage := range []string{"Development", "Staging", "Production"} {
			name := team + " " + stage
			id := b.account(of, name, strings.ToLower(team+"-"+stage)+"@example.com")
			role, policy := "Developer", "PowerUserAccess"
			if stage == "Production" {
				role, policy = "Viewer", "ReadOnlyAccess"
			}
			b.role(b.in(id), role, identity, policy, nil)
			roles = append(roles, roleARN(id, role))
		}
		b.group(inside, team, assume(roles...))
		b.user(inside, identity, strings.ToLower(team)+"-dev", "developer of "+team+": builds in Development and Staging, looks in Production", team)
	}
}

// guardrails hold for every account below their target, whatever its own policies say.
func (b *builder) guardrails() {
	b.scp("DenyLeaving", "No account leaves the organization.", []string{b.root},
		statement{Sid: "DenyLeaving", Effect: "Deny", Action: "organizations:LeaveOrganization", Resource: "*"})
	b.scp("ProtectAudit", "Nobody turns the recording of events off.", []string{b.units["Pied Piper"], b.units["Teams"], b.units["Prod"]},
		statement{Sid: "ProtectAudit", Effect: "Deny", Action: []string{"cloudtrail:StopLogging", "cloudtrail:DeleteTrail"}, Resource: "*"})
	b.scp("NoUsersInMembers", "People come from the identity account: no users or keys elsewhere.", []string{b.units["Teams"], b.units["Prod"]},
		statement{Sid: "NoUsers", Effect: "Deny", Action: []string{"iam:CreateUser", "iam:CreateAccessKey"}, Resource: "*"})
}
