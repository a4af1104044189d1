package iam_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// tree is an organization of home: an OU with the member dev, an OU below it with the member
// prod, and a policy that leaves only some services.
type tree struct {
	*fixture
	o                         org.Organization
	outer, inner              org.Unit
	dev, prod                 string
	root, atOuter, atInner    string
	atDev, atProd, management string
	limit                     org.Policy
}

const limits = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:*", "sts:*", "sqs:*"], "Resource": "*"}}`

func newTree(t *testing.T, e storetest.Engine) *tree {
	t.Helper()
	w := &tree{fixture: newFixture(t, e)}
	ctx := w.ctx
	w.update(t, func(tx *store.Tx) (err error) {
		if w.o, err = org.CreateOrganization(ctx, tx, home, "ALL"); err != nil {
			return err
		}
		if w.outer, err = org.CreateOrganizationalUnit(ctx, tx, w.o, w.o.RootID, "outer", nil); err != nil {
			return err
		}
		if w.inner, err = org.CreateOrganizationalUnit(ctx, tx, w.o, w.outer.ID, "inner", nil); err != nil {
			return err
		}
		for name, unit := range map[string]string{"dev": w.outer.ID, "prod": w.inner.ID} {
			made, err := org.CreateAccount(ctx, tx, w.o, org.Settings{}, org.NewAccount{Name: name, Email: name + "@example.org"})
			if err != nil {
				return err
			}
			if err := org.MoveAccount(ctx, tx, w.o, made.AccountID, w.o.RootID, unit); err != nil {
				return err
			}
			if name == "dev" {
				w.dev = made.AccountID
			} else {
				w.prod = made.AccountID
			}
		}
		return nil
	})
	w.root = w.o.ID + "/" + w.o.RootID
	w.management = w.root + "/" + home
	w.atOuter = w.root + "/" + w.outer.ID
	w.atInner = w.atOuter + "/" + w.inner.ID
	w.atDev, w.atProd = w.atOuter+"/"+w.dev, w.atInner+"/"+w.prod
	return w
}

// enable turns service control policies on and makes the policy.
func (w *tree) enable(t *testing.T) {
	t.Helper()
	w.update(t, func(tx *store.Tx) (err error) {
		if err := org.EnablePolicyType(w.ctx, tx, w.o, w.o.RootID, org.ServiceControlPolicy); err != nil {
			return err
		}
		w.limit, err = org.CreatePolicy(w.ctx, tx, w.o, org.Policy{Type: org.ServiceControlPolicy, Name: "limit", Content: limits}, nil)
		return err
	})
}

func (w *tree) report(t *testing.T, path, policyID string) *iamapi.GetOrganizationsAccessReportOutput {
	t.Helper()
	in := &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &path}
	if policyID != "" {
		in.OrganizationsPolicyId = &policyID
	}
	made, err := w.GenerateOrganizationsAccessReport(w.ctx, in)
	noError(t, err)
	out, err := w.GetOrganizationsAccessReport(w.ctx, &iamapi.GetOrganizationsAccessReportInput{JobId: made.JobId, MaxItems: ptr(int32(1000))})
	noError(t, err)
	return out
}

// detail tells what a report says of a service.
func detail(out *iamapi.GetOrganizationsAccessReportOutput, namespace string) string {
	for _, d := range out.AccessDetails {
		switch {
		case *d.ServiceNamespace != namespace:
		case d.LastAuthenticatedTime == nil:
			return fmt.Sprint(*d.TotalAuthenticatedEntities)
		default:
			return fmt.Sprint(*d.TotalAuthenticatedEntities, " ", *d.EntityPath, " ", *d.Region)
		}
	}
	return "not allowed"
}

func TestOrganizationsAccessReport(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			w := newTree(t, e)
			w.enable(t)
			w.update(t, func(tx *store.Tx) error {
				use := func(account, service string, ago time.Duration) iam.Use {
					return iam.Use{AccountID: account, Service: service, Action: "x", At: tx.Now().Add(-ago), Region: "eu-west-1"}
				}
				if err := org.AttachPolicy(w.ctx, tx, w.o, w.limit.ID, w.inner.ID); err != nil {
					return err
				}
				if err := org.DetachPolicy(w.ctx, tx, w.o, "p-FullAWSAccess", w.inner.ID); err != nil {
					return err
				}
				return iam.RecordUses(w.ctx, tx, []iam.Use{
					use(home, "sts", 0), use(w.dev, "sts", time.Hour), use(w.prod, "sts", time.Minute), use(w.dev, "s3", time.Minute),
					use(w.prod, "s3", 0), use(w.prod, "iam", iam.TrackingPeriod+time.Hour),
				})
			})
			all := w.report(t, w.management, w.limit.ID)
			equal(t, "management account", detail(all, "sts"), "1 "+w.management+" eu-west-1")
			equal(t, "its other services", detail(all, "s3"), "0")
			equal(t, "numbers", []any{*all.NumberOfServicesAccessible, *all.NumberOfServicesNotAccessed}, []any{int32(len(all.AccessDetails)), *all.NumberOfServicesAccessible - 1})
			for _, c := range []struct {
				name, path, policy string
				services           int32
				sts, s3            string
			}{
				{"root", w.root, "", *all.NumberOfServicesAccessible, "2 " + w.atProd + " eu-west-1", "2 " + w.atProd + " eu-west-1"},
				{"OU", w.atOuter, "", *all.NumberOfServicesAccessible, "2 " + w.atProd + " eu-west-1", "2 " + w.atProd + " eu-west-1"},
				{"OU with less", w.atInner, "", 3, "1 " + w.atProd + " eu-west-1", "not allowed"},
				{"account", w.atDev, "", *all.NumberOfServicesAccessible, "1 " + w.atDev + " eu-west-1", "1 " + w.atDev + " eu-west-1"},
				{"account with less", w.atProd, "", 3, "1 " + w.atProd + " eu-west-1", "not allowed"},
				{"policy below the root", w.root, w.limit.ID, 3, "1 " + w.atProd + " eu-west-1", "not allowed"},
				{"policy at the OU", w.atInner, w.limit.ID, 3, "1 " + w.atProd + " eu-west-1", "not allowed"},
				{"policy above the account", w.atProd, w.limit.ID, 3, "0", "not allowed"},
				{"policy that is elsewhere", w.atDev, w.limit.ID, 3, "0", "not allowed"},
				{"AWS's policy", w.atDev, "p-FullAWSAccess", *all.NumberOfServicesAccessible, "1 " + w.atDev + " eu-west-1", "1 " + w.atDev + " eu-west-1"},
			} {
				t.Run(c.name, func(t *testing.T) {
					got := w.report(t, c.path, c.policy)
					equal(t, "status", []any{*got.JobStatus, *got.JobCompletionDate, got.ErrorDetails == nil}, []any{"COMPLETED", *got.JobCreationDate, true})
					equal(t, "services", *got.NumberOfServicesAccessible, c.services)
					equal(t, "sts", detail(got, "sts"), c.sts)
					equal(t, "s3", detail(got, "s3"), c.s3)
					if c.services == 3 {
						equal(t, "too long ago", detail(got, "iam"), "0")
					}
				})
			}
		})
	}
}

func TestFailedAccessReports(t *testing.T) {
	w := newTree(t, storetest.Memory())
	w.enable(t)
	rcp := ""
	w.update(t, func(tx *store.Tx) error {
		if err := org.EnablePolicyType(w.ctx, tx, w.o, w.o.RootID, org.ResourceControlPolicy); err != nil {
			return err
		}
		p, err := org.CreatePolicy(w.ctx, tx, w.o, org.Policy{
			Type: org.ResourceControlPolicy, Name: "resources",
			Content: `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}`,
		}, nil)
		rcp = p.ID
		return err
	})
	for _, c := range []struct{ name, path, policy, code string }{
		{"no such root", w.o.ID + "/r-zzzz", "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"no such OU", w.root + "/ou-aaaa-bbbbbbbb", "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"an OU in the wrong place", w.root + "/" + w.inner.ID, "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"an account in the wrong place", w.root + "/" + w.dev, "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"below an account", w.atDev + "/" + w.inner.ID, "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"a slash at the end", w.root + "/", "", "INVALID_ORGANIZATIONS_ENTITY_PATH"},
		{"no such policy", w.root, "p-zzzzzzzz", "INVALID_ORGANIZATIONS_POLICY"},
		{"a policy of another type", w.root, rcp, "INVALID_ORGANIZATIONS_POLICY"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.report(t, c.path, c.policy)
			equal(t, "status", []any{*got.JobStatus, *got.ErrorDetails.Code, len(got.AccessDetails)}, []any{"FAILED", c.code, 0})
		})
	}
	t.Run("who may not read the organization", func(t *testing.T) {
		var asked []string
		w.Check = func(_ context.Context, c *credential.Caller, _ authz.Environment, check authz.Check) error {
			equal(t, "caller", c.AccountID, home)
			asked = append(asked, check.Action)
			if check.Action == "organizations:ListTargetsForPolicy" {
				return &authz.DeniedError{Message: "no", Decision: policy.Decision{}}
			}
			return nil
		}
		got := w.report(t, w.atOuter, w.limit.ID)
		equal(t, "status", []any{*got.JobStatus, *got.ErrorDetails.Code}, []any{"FAILED", "ORGANIZATIONS_REPORT_ACCESS_DENIED"})
		equal(t, "asked", asked, []string{
			"organizations:ListRoots", "organizations:ListPoliciesForTarget", "organizations:ListChildren", "organizations:ListParents",
			"organizations:DescribePolicy", "organizations:ListTargetsForPolicy",
		})
		got = w.report(t, w.atDev, "")
		equal(t, "without a policy", *got.JobStatus, "COMPLETED")
	})
}

func TestRefusedAccessReports(t *testing.T) {
	w := newTree(t, storetest.Memory())
	in := &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.root}
	get := &iamapi.GetOrganizationsAccessReportInput{JobId: ptr("examplea-1234-b567-cde8-90fg123abcd4")}
	(&refusal{"service control policies are off", in, "AccessDenied", ""}).check(t, w.fixture)
	(&refusal{"to read too", get, "AccessDenied", ""}).check(t, w.fixture)
	w.enable(t)
	(&refusal{"a member", in, "AccessDenied", ""}).checkAs(t, w.fixture, as(t, w.dev, "x"))
	(&refusal{"a standalone account", in, "AccessDenied", ""}).checkAs(t, w.fixture, as(t, other, "x"))
	(&refusal{
		"another organization", &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: ptr("o-zzzzzzzzzz/" + w.o.RootID)},
		"AccessDenied", "The organization ID in the specified entity path is different than your organization ID.",
	}).check(t, w.fixture)
	(&refusal{"no job", get, "NoSuchEntity", ""}).check(t, w.fixture)
	w.populate(t)
	job := w.fixture.report(t, userARN+"alice", "")
	(&refusal{"a job of another kind", &iamapi.GetOrganizationsAccessReportInput{JobId: job}, "NoSuchEntity", ""}).check(t, w.fixture)
	made, err := w.GenerateOrganizationsAccessReport(w.ctx, in)
	noError(t, err)
	(&refusal{"somebody else", &iamapi.GetOrganizationsAccessReportInput{JobId: made.JobId}, "NoSuchEntity", ""}).checkAs(t, w.fixture, w.fixture.root)
	(&refusal{"a report of the other kind", &iamapi.GetServiceLastAccessedDetailsInput{JobId: made.JobId}, "NoSuchEntity", ""}).check(t, w.fixture)

	again, err := w.GenerateOrganizationsAccessReport(w.ctx, in)
	noError(t, err)
	equal(t, "the same question", *again.JobId, *made.JobId)
	different, err := w.GenerateOrganizationsAccessReport(w.ctx, &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.root, OrganizationsPolicyId: &w.limit.ID})
	noError(t, err)
	if *different.JobId == *made.JobId {
		t.Error("another question has the same job")
	}
}

// An account makes one report at a time.
func TestReportsAtOnce(t *testing.T) {
	w := newTree(t, storetest.Memory())
	w.enable(t)
	began, goOn := make(chan bool), make(chan bool)
	w.FlushUses = func(context.Context) error {
		began <- true
		<-goOn
		return nil
	}
	done := make(chan error)
	go func() {
		_, err := w.GenerateOrganizationsAccessReport(w.ctx, &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.root})
		done <- err
	}()
	<-began
	(&refusal{
		"while another is made", &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.atOuter},
		"ReportGenerationLimitExceeded", "Maximum number of concurrent jobs exceeded",
	}).check(t, w.fixture)
	goOn <- true
	noError(t, <-done)
	w.FlushUses = nil
	_, err := w.GenerateOrganizationsAccessReport(w.ctx, &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.atOuter})
	noError(t, err)
}

func TestOrderOfAccessReports(t *testing.T) {
	w := newTree(t, storetest.Memory())
	w.enable(t)
	w.update(t, func(tx *store.Tx) error {
		return iam.RecordUses(w.ctx, tx, []iam.Use{
			{AccountID: w.dev, Service: "iam", Action: "x", At: tx.Now().Add(-time.Minute), Region: "eu-west-1"},
			{AccountID: w.dev, Service: "sqs", Action: "x", At: tx.Now().Add(-time.Hour), Region: "eu-west-1"},
		})
	})
	w.update(t, func(tx *store.Tx) error { return org.AttachPolicy(w.ctx, tx, w.o, w.limit.ID, w.dev) })
	made, err := w.GenerateOrganizationsAccessReport(caller(t, "AIDAOTHER"), &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: &w.root, OrganizationsPolicyId: &w.limit.ID})
	noError(t, err)
	for order, want := range map[string][]string{
		"":                                   {"iam", "sqs", "sts"},
		"SERVICE_NAMESPACE_ASCENDING":        {"iam", "sqs", "sts"},
		"SERVICE_NAMESPACE_DESCENDING":       {"sts", "sqs", "iam"},
		"LAST_AUTHENTICATED_TIME_ASCENDING":  {"sts", "sqs", "iam"},
		"LAST_AUTHENTICATED_TIME_DESCENDING": {"iam", "sqs", "sts"},
	} {
		in := &iamapi.GetOrganizationsAccessReportInput{JobId: made.JobId, MaxItems: ptr(int32(2))}
		if order != "" {
			in.SortKey = &order
		}
		var got []string
		for {
			out, err := w.GetOrganizationsAccessReport(caller(t, "AIDAOTHER"), in)
			noError(t, err)
			equal(t, "numbers on each page", []any{*out.NumberOfServicesAccessible, *out.NumberOfServicesNotAccessed}, []any{int32(3), int32(1)})
			for _, d := range out.AccessDetails {
				got = append(got, *d.ServiceNamespace)
			}
			if in.Marker = out.Marker; in.Marker == nil {
				break
			}
		}
		equal(t, order, got, want)
	}
}
