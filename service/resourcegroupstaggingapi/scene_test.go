package resourcegroupstaggingapi_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
	service "github.com/bailiwick/bailiwick/service/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	boss     = "111111111111"
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

var teams = `{"tags":{
	"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","blue"]},"enforced_for":{"@@assign":["iam:policy","sqs:queue"]}},
	"owner":{"report_required_tag_for":{"@@assign":["iam:instance-profile","iam:role","ec2:ALL_SUPPORTED"]}}}}`

// scene is the service with an organization: boss manages it, member is in it. now is what the
// store's clock shows.
type scene struct {
	*service.Service
	t            *testing.T
	member       string
	organization org.Organization
	now          time.Time
	region       string
}

func newScene(t *testing.T, e storetest.Engine) *scene {
	t.Helper()
	s := &scene{t: t, now: time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC), region: "us-east-1"}
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return s.now } })
	policies, err := authz.NewCompiler()
	s.must(err)
	s.Service = &service.Service{DB: db}
	s.Gate, err = authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: db.Revision, Policies: policies, Rows: map[string][]authz.Row{"resourcegroupstaggingapi": s.Rows()},
	})
	s.must(err)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		if _, err := org.CreateStandaloneAccount(ctx, tx, boss, "Boss", "boss@example.com"); err != nil {
			return err
		}
		var err error
		if s.organization, err = org.CreateOrganization(ctx, tx, boss, "ALL"); err != nil {
			return err
		}
		made, err := org.CreateAccount(ctx, tx, s.organization, org.Settings{}, org.NewAccount{Name: "Dev", Email: "dev@example.com"})
		s.member = made.AccountID
		return err
	})
	return s
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) update(fn func(ctx context.Context, tx *store.Tx) error) {
	s.t.Helper()
	s.must(s.DB.Update(s.t.Context(), func(tx *store.Tx) error { return fn(s.t.Context(), tx) }))
}

// as is the context of a call by a user of the account, who has the policy.
func (s *scene) as(account, name, document string) context.Context {
	s.t.Helper()
	c := &credential.Caller{Type: credential.User, AccountID: account, EntityName: name}
	s.update(func(ctx context.Context, tx *store.Tx) error {
		u, err := iam.CreateUser(ctx, tx, account, iam.NewUser{Name: name})
		if err != nil {
			return err
		}
		c.ARN, c.EntityARN, c.PrincipalID, c.EntityID = u.ARN(), u.ARN(), u.ID, u.ID
		return iam.PutInlinePolicy(ctx, tx, account, iam.KindUser, name, "inline", document)
	})
	return s.calls(c)
}

func (s *scene) calls(c *credential.Caller) context.Context {
	ctx := credential.NewContext(s.t.Context(), c)
	return audit.NewContext(ctx, &audit.Recording{Call: audit.Call{Caller: c, Region: s.region, Time: s.now}})
}

// govern attaches a tag policy to the root.
func (s *scene) govern(document string) {
	s.t.Helper()
	s.update(func(ctx context.Context, tx *store.Tx) error {
		if err := org.EnablePolicyType(ctx, tx, s.organization, s.organization.RootID, "TAG_POLICY"); err != nil {
			return err
		}
		p, err := org.CreatePolicy(ctx, tx, s.organization, org.Policy{Type: "TAG_POLICY", Name: "t", Content: document}, nil)
		if err != nil {
			return err
		}
		return org.AttachPolicy(ctx, tx, s.organization, p.ID, s.organization.RootID)
	})
}

// furnish gives an account a policy, an instance profile, a role and a queue, all tagged, and
// returns their ARNs.
func (s *scene) furnish(account string, tags ...iam.Tag) (policy, profile, role, queue string) {
	s.t.Helper()
	s.update(func(ctx context.Context, tx *store.Tx) error {
		p, err := iam.CreatePolicy(ctx, tx, account, iam.NewPolicy{Name: "p", Document: allowAll, Tags: tags})
		if err != nil {
			return err
		}
		i, err := iam.CreateInstanceProfile(ctx, tx, account, "i", "/x/", tags)
		if err != nil {
			return err
		}
		trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`
		r, err := iam.CreateRole(ctx, tx, account, iam.NewRole{Name: "r", TrustPolicy: trust, Tags: tags})
		if err != nil {
			return err
		}
		queue = "arn:aws:sqs:eu-west-1:" + account + ":q"
		var own []resource.Tag
		for _, t := range tags {
			own = append(own, resource.Tag(t))
		}
		plan, err := resource.MakePlan(ctx, tx, &resource.Wish{Put: []resource.Spec{{ARN: queue, Tags: own}}})
		if err != nil {
			return err
		}
		policy, profile, role = p.ARN(), i.ARN(), r.ARN()
		return plan.Apply(ctx, tx)
	})
	return policy, profile, role, queue
}

// list returns the ARNs of all pages.
func (s *scene) list(ctx context.Context, in tagapi.GetResourcesInput) (arns []string) {
	s.t.Helper()
	for {
		out, err := s.GetResources(ctx, &in)
		s.must(err)
		for _, m := range out.ResourceTagMappingList {
			arns = append(arns, *m.ResourceARN)
		}
		if in.PaginationToken = out.PaginationToken; *out.PaginationToken == "" {
			return arns
		}
	}
}

func (s *scene) same(what string, got, want []string) {
	s.t.Helper()
	if !slices.Equal(got, want) {
		s.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// refused checks the code of an error.
func (s *scene) refused(err error, code string) {
	s.t.Helper()
	var modeled smithy.ModeledError
	if !errors.As(err, &modeled) || modeled.Schema().Error.Code != code {
		s.t.Errorf("error = %v, want %s", err, code)
	}
}
