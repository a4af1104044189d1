package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// AdminRole is the role that Organizations makes in every account it creates.
const AdminRole = "OrganizationAccountAccessRole"

// Person is a user of the sample with an access key.
type Person struct {
	Name, AccountID, AccessKeyID, Secret string
	// About says who this is and what they may do.
	About string
}

// Sample is what was built.
type Sample struct {
	OrganizationID, ManagementAccountID string
	// Accounts by name.
	Accounts map[string]string
	// People in the order in which they were made.
	People []Person
}

// Person returns the person of that name.
func (s *Sample) Person(name string) Person {
	for _, p := range s.People {
		if p.Name == name {
			return p
		}
	}
	return Person{}
}

// ErrExists says that the account is in an organization already: the sample is built into a
// fresh account only.
var ErrExists = errors.New("the account is in an organization already; the sample needs a fresh one")

// Build makes the sample with the credentials of cfg: those of the first account's root
// user.
func Build(ctx context.Context, cfg aws.Config) (*Sample, error) {
	b := &builder{
		ctx: ctx, cfg: cfg, org: organizations.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
		units: map[string]string{}, sample: &Sample{Accounts: map[string]string{}},
	}
	b.organization()
	for _, story := range []func(){b.piedPiper, b.environments, b.identity, b.teams, b.guardrails} {
		if b.err == nil {
			story()
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	return b.sample, nil
}

// builder makes one thing after the other; after the first error it does nothing more.
type builder struct {
	ctx    context.Context
	cfg    aws.Config
	org    *organizations.Client
	iam    *iam.Client
	root   string
	units  map[string]string
	sample *Sample
	err    error
}

// fail keeps the first error and says what was being made.
func (b *builder) fail(what string, err error) bool {
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%s: %w", what, err)
	}
	return b.err != nil
}

func (b *builder) organization() {
	out, err := b.org.CreateOrganization(b.ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll})
	var exists *orgtypes.AlreadyInOrganizationException
	if errors.As(err, &exists) {
		err = ErrExists
	}
	if b.fail("create the organization", err) {
		return
	}
	b.sample.OrganizationID = aws.ToString(out.Organization.Id)
	b.sample.ManagementAccountID = aws.ToString(out.Organization.MasterAccountId)
	roots, err := b.org.ListRoots(b.ctx, &organizations.ListRootsInput{})
	if b.fail("list roots", err) {
		return
	}
	b.root = aws.ToString(roots.Roots[0].Id)
	for _, t := range []orgtypes.PolicyType{orgtypes.PolicyTypeServiceControlPolicy, orgtypes.PolicyTypeResourceControlPolicy} {
		_, err = b.org.EnablePolicyType(b.ctx, &organizations.EnablePolicyTypeInput{RootId: &b.root, PolicyType: t})
		if b.fail("enable "+string(t), err) {
			return
		}
	}
}

// unit makes an OU and returns its id.
func (b *builder) unit(parent, name string) string {
	if b.err != nil {
		return ""
	}
	out, err := b.org.CreateOrganizationalUnit(b.ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	if b.fail("create OU "+name, err) {
		return ""
	}
	b.units[name] = aws.ToString(out.OrganizationalUnit.Id)
	return b.units[name]
}

// account makes an account in an OU and returns its id.
func (b *builder) account(parent, name, email string) string {
	if b.err != nil {
		return ""
	}
	created, err := b.org.CreateAccount(b.ctx, &organizations.CreateAccountInput{AccountName: &name, Email: &email})
	if b.fail("create account "+name, err) {
		return ""
	}
	status := created.CreateAccountStatus
	for status.State == orgtypes.CreateAccountStateInProgress {
		out, err := b.org.DescribeCreateAccountStatus(b.ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id})
		if b.fail("create account "+name, err) {
			return ""
		}
		if status = out.CreateAccountStatus; status.State == orgtypes.CreateAccountStateInProgress {
			time.Sleep(100 * time.Millisecond)
		}
	}
	if status.State != orgtypes.CreateAccountStateSucceeded {
		b.fail("create account "+name, errors.New(string(status.FailureReason)))
		return ""
	}
	id := aws.ToString(status.AccountId)
	_, err = b.org.MoveAccount(b.ctx, &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &b.root, DestinationParentId: &parent})
	b.fail("move account "+name, err)
	b.sample.Accounts[name] = id
	return id
}

// in returns a client of IAM inside a member account, by the role that Organizations made
// there. The root user may not assume roles, so the administrator does.
func (b *builder) in(accountID string) *iam.Client {
	if b.err != nil {
		return b.iam
	}
	admin := b.sample.Person("admin")
	cfg := b.cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(admin.AccessKeyID, admin.Secret, "")
	role := roleARN(accountID, AdminRole)
	out, err := sts.NewFromConfig(cfg).AssumeRole(b.ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("demo")})
	if b.fail("assume "+role, err) {
		return b.iam
	}
	c := out.Credentials
	cfg.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken))
	return iam.NewFromConfig(cfg)
}

// user makes a user with an access key.
func (b *builder) user(client *iam.Client, accountID, name, about string, groups ...string) {
	if b.err != nil {
		return
	}
	_, err := client.CreateUser(b.ctx, &iam.CreateUserInput{UserName: &name})
	if b.fail("create user "+name, err) {
		return
	}
	key, err := client.CreateAccessKey(b.ctx, &iam.CreateAccessKeyInput{UserName: &name})
	if b.fail("create access key of "+name, err) {
		return
	}
	for _, group := range groups {
		_, err := client.AddUserToGroup(b.ctx, &iam.AddUserToGroupInput{UserName: &name, GroupName: &group})
		b.fail("add "+name+" to "+group, err)
	}
	b.sample.People = append(b.sample.People, Person{
		Name: name, AccountID: accountID, About: about,
		AccessKeyID: aws.ToString(key.AccessKey.AccessKeyId), Secret: aws.ToString(key.AccessKey.SecretAccessKey),
	})
}

// group makes a group with an inline policy.
func (b *builder) group(client *iam.Client, name string, statements ...statement) {
	if b.err != nil {
		return
	}
	_, err := client.CreateGroup(b.ctx, &iam.CreateGroupInput{GroupName: &name})
	if b.fail("create group "+name, err) {
		return
	}
	_, err = client.PutGroupPolicy(b.ctx, &iam.PutGroupPolicyInput{GroupName: &name, PolicyName: &name, PolicyDocument: document(statements...)})
	b.fail("policy of group "+name, err)
}

// role makes a role that trusts the given principal, with a managed policy.
func (b *builder) role(client *iam.Client, name, principal, managedPolicy string, condition any) {
	if b.err != nil {
		return
	}
	trust := statement{Effect: "Allow", Principal: map[string]string{"AWS": principal}, Action: "sts:AssumeRole", Condition: condition}
	_, err := client.CreateRole(b.ctx, &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: document(trust),
		Tags: []iamtypes.Tag{{Key: aws.String("made-by"), Value: aws.String("demo")}},
	})
	if b.fail("create role "+name, err) {
		return
	}
	_, err = client.AttachRolePolicy(b.ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: aws.String("arn:aws:iam::aws:policy/" + managedPolicy)})
	b.fail("attach "+managedPolicy, err)
}

// scp makes a service control policy and attaches it.
func (b *builder) scp(name, description string, targets []string, statements ...statement) {
	if b.err != nil {
		return
	}
	out, err := b.org.CreatePolicy(b.ctx, &organizations.CreatePolicyInput{
		Name: &name, Description: &description, Type: orgtypes.PolicyTypeServiceControlPolicy, Content: document(statements...),
	})
	if b.fail("create SCP "+name, err) {
		return
	}
	for _, target := range targets {
		_, err := b.org.AttachPolicy(b.ctx, &organizations.AttachPolicyInput{PolicyId: out.Policy.PolicySummary.Id, TargetId: &target})
		b.fail("attach SCP "+name, err)
	}
}

// statement is one statement of a policy document.
type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any `json:",omitempty"`
	Action    any `json:",omitempty"`
	NotAction any `json:",omitempty"`
	Resource  any `json:",omitempty"`
	Condition any `json:",omitempty"`
}

func document(statements ...statement) *string {
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	if err != nil {
		// The statements are made of strings, lists and maps of them: they always encode.
		panic(err)
	}
	return aws.String(string(text))
}

func roleARN(accountID, role string) string { return "arn:aws:iam::" + accountID + ":role/" + role }

// assume allows to assume the given roles.
func assume(roles ...string) statement {
	return statement{Effect: "Allow", Action: "sts:AssumeRole", Resource: roles}
}
