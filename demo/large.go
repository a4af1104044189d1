package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Bounds of the sizes that can be built.
const (
	LeastAccounts = 10
	MostAccounts  = 100_000
)

// DefaultClients is how many requests are under way at once while a large organization is
// built: enough for the server to fold their writes into common commits.
const DefaultClients = 32

// LargeOptions say what organization to build.
type LargeOptions struct {
	// Accounts is the number of accounts, the management account counted.
	Accounts int
	// Seed decides which account goes where.
	Seed uint64
	// Clients is how many requests are under way at once; 0 means DefaultClients.
	Clients int
	// Report is told of each finished step: what was made, how many, and how long it took.
	// Nil means nobody is.
	Report func(step string, count int, took time.Duration)
}

// Large is a large organization that was built. It is what a load needs to know of it.
type Large struct {
	OrganizationID      string
	ManagementAccountID string
	RootID              string
	// Admin is an administrator in the management account.
	Admin Person
	// Machines are users in member accounts, each with an access key.
	Machines []Person
	Units    []Unit
	// Accounts are the member accounts.
	Accounts []Member
	// Guardrails are the ids of the service control policies.
	Guardrails []string
}

// Unit is an OU.
type Unit struct {
	ID, Name, ParentID string
	// Depth is 1 below the root.
	Depth int
}

// Member is a member account and the OU that it is in.
type Member struct{ ID, Name, ParentID string }

// MachineRole is the role of equipped accounts that the account Identity is trusted with.
const MachineRole = "Deploy"

// BuildLarge makes an organization of many accounts with the credentials of cfg: those of
// the first account's root user. Its OUs are nested up to five levels, guardrails hold at
// the root, at OUs of each level and at single accounts, and one account in eight or so has
// a role, a policy and a user with an access key.
func BuildLarge(ctx context.Context, cfg aws.Config, o LargeOptions) (*Large, error) {
	if o.Accounts < LeastAccounts || o.Accounts > MostAccounts {
		return nil, fmt.Errorf("an organization of %d accounts: give a number from %d to %d", o.Accounts, LeastAccounts, MostAccounts)
	}
	if o.Clients <= 0 {
		o.Clients = DefaultClients
	}
	cfg.HTTPClient = pooled(o.Clients)
	b := &builder{
		ctx: ctx, cfg: cfg, org: organizations.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
		units: map[string]string{}, sample: &Sample{Accounts: map[string]string{}},
	}
	b.organization()
	b.group(b.iam, "Administrators", statement{Effect: "Allow", Action: "*", Resource: "*"})
	b.user(b.iam, b.sample.ManagementAccountID, "admin", "administrator of the organization", "Administrators")
	if b.err != nil {
		return nil, b.err
	}
	l := &largeBuilder{options: o, cfg: cfg, plan: makePlan(o.Accounts, o.Seed), large: &Large{
		OrganizationID: b.sample.OrganizationID, ManagementAccountID: b.sample.ManagementAccountID,
		RootID: b.root, Admin: b.sample.People[0],
	}}
	l.org = organizations.NewFromConfig(l.as(l.large.Admin.AccessKeyID, l.large.Admin.Secret, ""))
	for _, step := range []func(context.Context) error{l.units, l.accounts, l.moves, l.guardrails, l.equip} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return l.large, nil
}

// pooled returns a client that keeps a connection for each request under way.
func pooled(clients int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients}}
}

// largeBuilder builds a plan.
type largeBuilder struct {
	options LargeOptions
	cfg     aws.Config
	plan    *plan
	org     *organizations.Client
	large   *Large
}

func (l *largeBuilder) as(id, secret, token string) aws.Config {
	cfg := l.cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(id, secret, token)
	return cfg
}

// each runs make for 0 … count-1, several at once, until one fails, and reports the step.
func (l *largeBuilder) each(ctx context.Context, step string, count int, one func(ctx context.Context, n int) error) error {
	began := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(l.options.Clients, count) {
		workers.Go(func() {
			for n := int(next.Add(1)) - 1; n < count && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				if err := one(ctx, n); err != nil {
					cancel(fmt.Errorf("%s: %w", step, err))
				}
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l.report(step, count, began)
	return nil
}

func (l *largeBuilder) report(step string, count int, began time.Time) {
	if l.options.Report != nil {
		l.options.Report(step, count, time.Since(began))
	}
}

// units makes the OUs level by level.
func (l *largeBuilder) units(ctx context.Context) error {
	began := time.Now()
	planned := l.plan.units
	l.large.Units = make([]Unit, len(planned))
	byDepth := map[int][]int{}
	for i, u := range planned {
		byDepth[u.depth] = append(byDepth[u.depth], i)
	}
	quiet := *l
	quiet.options.Report = nil
	for depth := 1; len(byDepth[depth]) > 0; depth++ {
		level := byDepth[depth]
		err := quiet.each(ctx, "organizational units", len(level), func(ctx context.Context, n int) error {
			u := planned[level[n]]
			parent := l.large.RootID
			if u.parent != topLevel {
				parent = l.large.Units[u.parent].ID
			}
			out, err := l.org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &u.name})
			if err != nil {
				return err
			}
			l.large.Units[level[n]] = Unit{ID: aws.ToString(out.OrganizationalUnit.Id), Name: u.name, ParentID: parent, Depth: depth}
			return nil
		})
		if err != nil {
			return err
		}
	}
	l.report("organizational units", len(planned), began)
	return nil
}

// accounts makes the accounts, all of them under the root. Their ids are read from the list
// of accounts afterwards, which is fewer calls than asking for the state of each creation.
func (l *largeBuilder) accounts(ctx context.Context) error {
	planned := l.plan.accounts
	err := l.each(ctx, "accounts", len(planned), func(ctx context.Context, n int) error {
		a := &planned[n]
		_, err := l.org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &a.name, Email: &a.email})
		return err
	})
	if err != nil {
		return err
	}
	if err := l.created(ctx); err != nil {
		return err
	}
	began := time.Now()
	ids := make(map[string]string, len(planned))
	pages := organizations.NewListAccountsPaginator(l.org, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		for i := range page.Accounts {
			ids[aws.ToString(page.Accounts[i].Email)] = aws.ToString(page.Accounts[i].Id)
		}
	}
	l.large.Accounts = make([]Member, len(planned))
	for i, a := range planned {
		id, ok := ids[a.email]
		if !ok {
			return fmt.Errorf("list accounts: %s is missing", a.name)
		}
		l.large.Accounts[i] = Member{ID: id, Name: a.name, ParentID: l.large.Units[a.unit].ID}
	}
	l.report("accounts listed", len(ids), began)
	return nil
}

// created waits until no creation is under way, and fails if one did.
func (l *largeBuilder) created(ctx context.Context) error {
	for {
		states := []orgtypes.CreateAccountState{orgtypes.CreateAccountStateInProgress, orgtypes.CreateAccountStateFailed}
		waiting := 0
		pages := organizations.NewListCreateAccountStatusPaginator(l.org, &organizations.ListCreateAccountStatusInput{States: states})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fmt.Errorf("accounts: %w", err)
			}
			for _, s := range page.CreateAccountStatuses {
				if s.State == orgtypes.CreateAccountStateFailed {
					return fmt.Errorf("account %s: %w", aws.ToString(s.AccountName), errors.New(string(s.FailureReason)))
				}
				waiting++
			}
		}
		if waiting == 0 {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// moves puts each account into its OU.
func (l *largeBuilder) moves(ctx context.Context) error {
	return l.each(ctx, "accounts moved", len(l.large.Accounts), func(ctx context.Context, n int) error {
		a := &l.large.Accounts[n]
		_, err := l.org.MoveAccount(ctx, &organizations.MoveAccountInput{
			AccountId: &a.ID, SourceParentId: &l.large.RootID, DestinationParentId: &a.ParentID,
		})
		return err
	})
}

// equip gives accounts a policy, a role and a user with an access key.
func (l *largeBuilder) equip(ctx context.Context) error {
	var equipped []int
	for i, a := range l.plan.accounts {
		if a.equipped {
			equipped = append(equipped, i)
		}
	}
	l.large.Machines = make([]Person, len(equipped))
	identity := l.large.Accounts[0].ID
	return l.each(ctx, "accounts equipped", len(equipped), func(ctx context.Context, n int) error {
		machine, err := l.equipOne(ctx, l.large.Accounts[equipped[n]].ID, identity)
		l.large.Machines[n] = machine
		return err
	})
}

func (l *largeBuilder) equipOne(ctx context.Context, accountID, identity string) (Person, error) {
	admin := sts.NewFromConfig(l.as(l.large.Admin.AccessKeyID, l.large.Admin.Secret, ""))
	out, err := admin.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(roleARN(accountID, AdminRole)), RoleSessionName: aws.String("equip")})
	if err != nil {
		return Person{}, err
	}
	c := out.Credentials
	b := &builder{ctx: ctx, cfg: l.cfg, sample: &Sample{}}
	b.iam = iam.NewFromConfig(l.as(aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken)))
	policyARN := b.policy("Delivery",
		statement{Sid: "Deliver", Effect: "Allow", Action: []string{"cloudformation:*", "s3:*", "lambda:*", "ecr:*"}, Resource: "*"},
		statement{Sid: "Look", Effect: "Allow", Action: []string{"iam:Get*", "iam:List*", "organizations:Describe*"}, Resource: "*"},
		statement{Sid: "Roles", Effect: "Allow", Action: []string{"iam:CreateRole", "iam:PassRole", "iam:TagRole"}, Resource: "arn:aws:iam::" + accountID + ":role/app/*"})
	b.role(b.iam, MachineRole, identity, "PowerUserAccess", nil)
	b.user(b.iam, accountID, "ci", "machine that delivers into "+accountID)
	b.attach("ci", policyARN)
	if b.err != nil {
		return Person{}, fmt.Errorf("account %s: %w", accountID, b.err)
	}
	return b.sample.People[0], nil
}

// policy makes a customer managed policy and returns its ARN.
func (b *builder) policy(name string, statements ...statement) string {
	if b.err != nil {
		return ""
	}
	out, err := b.iam.CreatePolicy(b.ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: document(statements...)})
	if b.fail("create policy "+name, err) {
		return ""
	}
	return aws.ToString(out.Policy.Arn)
}

// attach attaches a managed policy to a user.
func (b *builder) attach(user, policyARN string) {
	if b.err != nil {
		return
	}
	_, err := b.iam.AttachUserPolicy(b.ctx, &iam.AttachUserPolicyInput{UserName: &user, PolicyArn: &policyARN})
	b.fail("attach "+policyARN+" to "+user, err)
}
