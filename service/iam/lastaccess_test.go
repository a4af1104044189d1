package iam_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const userARN = "arn:aws:iam::" + home + ":user/"

// used records that users and roles of home tried actions, each so long ago.
func (f *fixture) used(t *testing.T, uses ...use) {
	t.Helper()
	f.update(t, func(tx *store.Tx) error {
		var list []iam.Use
		for _, u := range uses {
			i, ok, err := tx.IAMIdentity(home, u.kind, u.name)
			if err != nil || !ok {
				return fmt.Errorf("no %s %s: %w", u.kind, u.name, err)
			}
			list = append(list, iam.Use{AccountID: home, PrincipalID: i.ID, Service: u.service, Action: u.action, At: tx.Now().Add(-u.ago), Region: u.region})
		}
		return iam.RecordUses(f.ctx, tx, list)
	})
}

type use struct {
	kind                    iam.Kind
	name                    string
	service, action, region string
	ago                     time.Duration
}

// caller is the context of a call by a user with a unique id.
func caller(t *testing.T, id string) context.Context {
	return credential.NewContext(t.Context(), &credential.Caller{
		Type: credential.User, AccountID: home, ARN: userARN + "x", EntityARN: userARN + "x", EntityName: "x", EntityID: id,
	})
}

// report makes a report and returns its job.
func (f *fixture) report(t *testing.T, arn, granularity string) *string {
	t.Helper()
	in := &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: &arn}
	if granularity != "" {
		in.Granularity = &granularity
	}
	out, err := f.GenerateServiceLastAccessedDetails(f.ctx, in)
	noError(t, err)
	equal(t, "length of the id", len(*out.JobId), 36)
	return out.JobId
}

// services returns the one page of a report by namespace.
func (f *fixture) services(t *testing.T, job *string) (map[string]iamapi.ServiceLastAccessed, *iamapi.GetServiceLastAccessedDetailsOutput) {
	t.Helper()
	out, err := f.GetServiceLastAccessedDetails(f.ctx, &iamapi.GetServiceLastAccessedDetailsInput{JobId: job, MaxItems: ptr(int32(1000))})
	noError(t, err)
	services := map[string]iamapi.ServiceLastAccessed{}
	for _, s := range out.ServicesLastAccessed {
		services[*s.ServiceNamespace] = s
	}
	return services, out
}

// entities returns the names of those who could have used a service, the last first, with a
// star for those who did.
func (f *fixture) entities(t *testing.T, job *string, namespace string) (names []string) {
	t.Helper()
	out, err := f.GetServiceLastAccessedDetailsWithEntities(f.ctx, &iamapi.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: &namespace})
	noError(t, err)
	equal(t, "status", *out.JobStatus, "COMPLETED")
	for _, e := range out.EntityDetailsList {
		name := *e.EntityInfo.Type + " " + *e.EntityInfo.Name
		if e.LastAuthenticated != nil {
			name += "*"
		}
		names = append(names, name)
	}
	return names
}

func (f *fixture) inline(t *testing.T, user, name, actions string) {
	t.Helper()
	document := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ` + actions + `, "Resource": "*"}}`
	noError(t, f.call(f.ctx, &iamapi.PutUserPolicyInput{UserName: &user, PolicyName: &name, PolicyDocument: &document}))
}

func TestServiceLastAccessed(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			f.inline(t, "alice", "some", `["iam:GetUser", "iam:ListUsers", "iam:PassRole", "sts:*", "s3:GetObject"]`)
			f.used(t,
				use{iam.KindUser, "alice", "iam", "ListUsers", "us-east-1", time.Hour},
				use{iam.KindUser, "alice", "iam", "GetRole", "eu-west-1", time.Minute},
				use{iam.KindUser, "alice", "iam", "GetUser", "us-east-1", iam.TrackingPeriod + time.Hour},
				use{iam.KindUser, "alice", "organizations", "ListRoots", "us-east-1", time.Hour},
				use{iam.KindUser, "bob", "sts", "GetCallerIdentity", "us-east-1", time.Hour})

			job := f.report(t, userARN+"alice", "ACTION_LEVEL")
			services, out := f.services(t, job)
			equal(t, "status", []any{*out.JobStatus, *out.JobType, *out.IsTruncated, out.Error == nil}, []any{"COMPLETED", "ACTION_LEVEL", false, true})
			equal(t, "completed", *out.JobCompletionDate, *out.JobCreationDate)
			equal(t, "number of services", len(services), 3)
			own := services["iam"]
			equal(t, "name", *own.ServiceName, "AWS Identity and Access Management (IAM)")
			// A use that no policy of the user allows counts as well: it was an attempt.
			equal(t, "last", []any{*own.LastAuthenticatedEntity, *own.LastAuthenticatedRegion, *own.TotalAuthenticatedEntities}, []any{userARN + "alice", "us-east-1", int32(1)})
			if ago := time.Since(*own.LastAuthenticated); ago < time.Minute || ago > 2*time.Minute {
				t.Errorf("used %v ago", ago)
			}
			if len(own.TrackedActionsLastAccessed) != 2 {
				t.Fatalf("actions: %d", len(own.TrackedActionsLastAccessed))
			}
			never, listed := own.TrackedActionsLastAccessed[0], own.TrackedActionsLastAccessed[1]
			equal(t, "too long ago", never, iamapi.TrackedActionLastAccessed{ActionName: ptr("GetUser")})
			equal(t, "action", []any{*listed.ActionName, *listed.LastAccessedEntity, *listed.LastAccessedRegion}, []any{"ListUsers", userARN + "alice", "us-east-1"})
			equal(t, "unused service", services["s3"], iamapi.ServiceLastAccessed{
				ServiceName: ptr("Amazon S3"), ServiceNamespace: ptr("s3"), TotalAuthenticatedEntities: ptr(int32(0)),
			})
			equal(t, "nothing of others", services["sts"].LastAuthenticated, (*time.Time)(nil))
			equal(t, "entities of a user", f.entities(t, job, "iam"), []string{"USER alice*"})

			f.used(t, use{iam.KindUser, "alice", "sts", "GetCallerIdentity", "eu-west-1", 0})
			services, _ = f.services(t, job)
			equal(t, "a report stays as it was", services["sts"].LastAuthenticated, (*time.Time)(nil))
			services, out = f.services(t, f.report(t, userARN+"alice", ""))
			equal(t, "type", *out.JobType, "SERVICE_LEVEL")
			equal(t, "a new one", []any{*services["sts"].TotalAuthenticatedEntities, *services["sts"].LastAuthenticatedRegion}, []any{int32(1), "eu-west-1"})
			equal(t, "no actions", len(services["iam"].TrackedActionsLastAccessed), 0)
		})
	}
}

func TestLastAccessOfGroupsRolesAndPolicies(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	for _, in := range []smithy.Shape{
		&iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("alice")},
		&iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("bob")},
		&iamapi.AttachGroupPolicyInput{GroupName: ptr("devs"), PolicyArn: ptr(ownARN)},
		&iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(ownARN)},
		&iamapi.AttachRolePolicyInput{RoleName: ptr("deploy"), PolicyArn: ptr(ownARN)},
		&iamapi.CreateUserInput{UserName: ptr("carol"), PermissionsBoundary: ptr(ownARN)},
	} {
		noError(t, f.call(f.ctx, in))
	}
	f.used(t,
		use{iam.KindUser, "alice", "iam", "ListUsers", "us-east-1", time.Hour},
		use{iam.KindUser, "bob", "iam", "ListUsers", "us-east-1", time.Minute},
		use{iam.KindRole, "deploy", "iam", "ListUsers", "us-east-1", time.Second},
		use{iam.KindUser, "carol", "iam", "ListUsers", "us-east-1", 0})
	for _, c := range []struct {
		arn, last string
		total     int32
		entities  []string
	}{
		{"arn:aws:iam::" + home + ":group/devs", userARN + "bob", 2, []string{"USER bob*", "USER alice*"}},
		{"arn:aws:iam::" + home + ":role/deploy", "arn:aws:iam::" + home + ":role/deploy", 1, []string{"ROLE deploy*"}},
		{ownARN, "arn:aws:iam::" + home + ":role/deploy", 3, []string{"ROLE deploy*", "USER bob*", "USER alice*"}},
	} {
		t.Run(c.arn, func(t *testing.T) {
			job := f.report(t, c.arn, "")
			services, _ := f.services(t, job)
			got := services["iam"]
			equal(t, "last", []any{*got.LastAuthenticatedEntity, *got.TotalAuthenticatedEntities}, []any{c.last, c.total})
			equal(t, "entities", f.entities(t, job, "iam"), c.entities)
			equal(t, "entities of a service that nobody used", len(f.entities(t, job, "s3")), len(c.entities))
		})
	}
	t.Run("a policy that nobody has", func(t *testing.T) {
		job := f.report(t, adminARN, "")
		services, _ := f.services(t, job)
		equal(t, "used by", *services["iam"].TotalAuthenticatedEntities, int32(0))
		equal(t, "entities", len(f.entities(t, job, "iam")), 0)
	})
	t.Run("who is gone is left out", func(t *testing.T) {
		job := f.report(t, "arn:aws:iam::"+home+":group/devs", "")
		for _, in := range []smithy.Shape{
			&iamapi.RemoveUserFromGroupInput{GroupName: ptr("devs"), UserName: ptr("bob")},
			&iamapi.DeleteUserInput{UserName: ptr("bob")},
			&iamapi.UpdateUserInput{UserName: ptr("alice"), NewUserName: ptr("alicia")},
			&iamapi.CreateUserInput{UserName: ptr("bob")},
		} {
			noError(t, f.call(f.ctx, in))
		}
		equal(t, "entities", f.entities(t, job, "iam"), []string{"USER alicia*"})
		services, _ := f.services(t, f.report(t, userARN+"bob", ""))
		equal(t, "a new user of the name used nothing", len(services), 0)
	})
	t.Run("pages", func(t *testing.T) {
		job := f.report(t, ownARN, "")
		in := &iamapi.GetServiceLastAccessedDetailsInput{JobId: job}
		var names []string
		for {
			out, err := f.GetServiceLastAccessedDetails(f.ctx, in)
			noError(t, err)
			if *out.IsTruncated {
				equal(t, "size of a page", len(out.ServicesLastAccessed), 100)
			}
			for _, s := range out.ServicesLastAccessed {
				if len(names) > 0 && names[len(names)-1] >= *s.ServiceNamespace {
					t.Errorf("%s after %s", *s.ServiceNamespace, names[len(names)-1])
				}
				names = append(names, *s.ServiceNamespace)
			}
			if in.Marker = out.Marker; in.Marker == nil {
				break
			}
		}
		services, _ := f.services(t, job)
		equal(t, "services", len(names), len(services))
		first, err := f.GetServiceLastAccessedDetailsWithEntities(f.ctx, &iamapi.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: ptr("iam"), MaxItems: ptr(int32(1))})
		noError(t, err)
		equal(t, "cut", *first.IsTruncated, true)
		second, err := f.GetServiceLastAccessedDetailsWithEntities(f.ctx, &iamapi.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: ptr("iam"), Marker: first.Marker})
		noError(t, err)
		equal(t, "the rest", []any{len(second.EntityDetailsList), *second.IsTruncated}, []any{1, false})
		(&refusal{"a marker of another list", &iamapi.GetServiceLastAccessedDetailsInput{JobId: job, Marker: first.Marker}, "ValidationError", "Invalid Marker."}).check(t, f)
	})
}

func TestRefusedLastAccess(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, f.call(as(t, other, "caller"), &iamapi.CreateUserInput{UserName: ptr("alice")}))
	foreign := "arn:aws:iam::" + other + ":user/alice"
	for _, r := range []refusal{
		{"no ARN", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr("this is no ARN at all")}, "InvalidInput", "ARN this is no ARN at all is not valid."},
		{"a bucket", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr("arn:aws:s3:::some-bucket")}, "InvalidInput", ""},
		{"nobody", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(userARN + "nobody")}, "NoSuchEntity", "The user with name nobody cannot be found."},
		{"no policy", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(ownARN + "x")}, "NoSuchEntity", "Policy " + ownARN + "x was not found."},
		{"another account", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(foreign)}, "NoSuchEntity", ""},
		{"policies of a policy", &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: ptr(ownARN), ServiceNamespaces: []string{"s3"}}, "InvalidInput", ""},
		{"policies of nobody", &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: ptr(userARN + "nobody"), ServiceNamespaces: []string{"s3"}}, "NoSuchEntity", ""},
		{"services that there are not", &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: ptr(userARN + "alice"), ServiceNamespaces: []string{"s3", "S3", "dance"}}, "InvalidInput", "Invalid service namespace: [S3, dance]"},
		{"a marker that was never given", &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: ptr(userARN + "alice"), ServiceNamespaces: []string{"s3"}, Marker: ptr("x")}, "ValidationError", "Invalid Marker."},
		{"no job", &iamapi.GetServiceLastAccessedDetailsInput{JobId: ptr("examplef-1305-c245-eba4-71fe298bcda7")}, "NoSuchEntity", ""},
	} {
		r.check(t, f)
	}
	job := f.report(t, userARN+"alice", "")
	(&refusal{"entities of no service", &iamapi.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: ptr("dance")}, "InvalidInput", ""}).check(t, f)
}

// A report is for the user, or the session of a role, that asked for it.
func TestOwnersOfReports(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	session := func(key string) context.Context {
		return credential.NewContext(t.Context(), &credential.Caller{
			Type: credential.AssumedRole, AccountID: home, ARN: "arn:aws:sts::" + home + ":assumed-role/r/s", EntityID: "AROAR",
			EntityARN: "arn:aws:iam::" + home + ":role/r", EntityName: "r", AccessKeyID: key, Session: &credential.Session{Name: "s"},
		})
	}
	for _, c := range []struct {
		name           string
		maker, another context.Context
	}{
		{"users", caller(t, "AIDAONE"), caller(t, "AIDATWO")},
		{"sessions of one role", session("ASIAONE"), session("ASIATWO")},
		{"root user", f.root, caller(t, "AIDAONE")},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := f.GenerateServiceLastAccessedDetails(c.maker, &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(userARN + "alice")})
			noError(t, err)
			get := &iamapi.GetServiceLastAccessedDetailsInput{JobId: made.JobId}
			noError(t, f.call(c.maker, get))
			r := refusal{"somebody else", get, "NoSuchEntity", "The job with id " + *made.JobId + " cannot be found."}
			r.checkAs(t, f, c.another)
		})
	}
	t.Run("too late", func(t *testing.T) {
		job := f.report(t, userARN+"alice", "")
		f.update(t, func(tx *store.Tx) error {
			n, err := tx.DeleteAccessReportsBefore(tx.Now().Add(-iam.ReportsStay), 10)
			equal(t, "deleted", n, int64(0))
			if err == nil {
				_, err = tx.DeleteAccessReportsBefore(tx.Now().Add(time.Second), 10)
			}
			return err
		})
		(&refusal{"gone", &iamapi.GetServiceLastAccessedDetailsInput{JobId: job}, "NoSuchEntity", ""}).check(t, f)
	})
	t.Run("uses that cannot be written", func(t *testing.T) {
		broken := errors.New("no store")
		f.FlushUses = func(context.Context) error { return broken }
		if err := f.call(f.ctx, &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(userARN + "alice")}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPoliciesGrantingServiceAccess(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	f.inline(t, "alice", "queues", `"sqs:*"`)
	for _, in := range []smithy.Shape{
		&iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("alice")},
		&iamapi.AttachGroupPolicyInput{GroupName: ptr("devs"), PolicyArn: ptr(ownARN)},
		&iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(ownARN)},
		&iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr("arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess")},
		&iamapi.PutGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("topics"), PolicyDocument: ptr(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}}`)},
		&iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(adminARN)},
	} {
		if err := f.call(f.ctx, in); err != nil {
			t.Fatalf("%T: %v", in, err)
		}
	}
	list := func(arn string, namespaces ...string) (out []string) {
		got, err := f.ListPoliciesGrantingServiceAccess(f.ctx, &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: &arn, ServiceNamespaces: namespaces})
		noError(t, err)
		equal(t, "cut", []any{*got.IsTruncated, got.Marker == nil}, []any{false, true})
		for _, entry := range got.PoliciesGrantingServiceAccess {
			out = append(out, *entry.ServiceNamespace+":")
			for _, p := range entry.Policies {
				out = append(out, fmt.Sprint(*p.PolicyType, " ", *p.PolicyName, " ", smithy.Value(p.PolicyArn), smithy.Value(p.EntityType), " ", smithy.Value(p.EntityName)))
			}
		}
		return out
	}
	equal(t, "of a user", list(userARN+"alice", "sqs", "sns", "sqs"), []string{
		"sqs:", "MANAGED own " + ownARN + " ", "INLINE queues USER alice",
		"sns:", "MANAGED AmazonSNSReadOnlyAccess arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess ", "MANAGED own " + ownARN + " ", "INLINE topics GROUP devs",
	})
	equal(t, "of a group", list("arn:aws:iam::"+home+":group/devs", "sqs"), []string{"sqs:", "MANAGED own " + ownARN + " "})
	equal(t, "of a role", list("arn:aws:iam::"+home+":role/deploy", "sqs"), []string{"sqs:"})
}

func TestChecksOfReports(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, f.call(f.ctx, &iamapi.CreateUserInput{UserName: ptr("dave"), Path: ptr("/team/"), Tags: tags("a")}))
	dave := userARN + "team/dave"
	tagged := policy.Keys{}
	tagged.Set("aws:ResourceTag/a", "value")
	tagged.Set("iam:ResourceTag/a", "value")
	limited := policy.Keys{}
	limited.Set("iam:OrganizationsPolicyId", "p-abcdefgh")
	const path = "o-aaaaaaaaaa/r-aaaa"
	for _, c := range []struct {
		operation string
		in        smithy.Shape
		want      authz.Check
	}{
		{"GenerateServiceLastAccessedDetails", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: &dave}, authz.Check{Resource: dave, Keys: tagged}},
		{"GenerateServiceLastAccessedDetails", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(userARN + "dave")}, authz.Check{Resource: userARN + "dave", Keys: policy.Keys{}}},
		{"GenerateServiceLastAccessedDetails", &iamapi.GenerateServiceLastAccessedDetailsInput{Arn: ptr(adminARN)}, authz.Check{Resource: adminARN, Keys: policy.Keys{}}},
		{"ListPoliciesGrantingServiceAccess", &iamapi.ListPoliciesGrantingServiceAccessInput{Arn: &dave}, authz.Check{Resource: dave, Keys: tagged}},
		{"GenerateOrganizationsAccessReport", &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: ptr(path)}, authz.Check{Resource: "arn:aws:iam::" + home + ":access-report/" + path, Keys: policy.Keys{}}},
		{
			"GenerateOrganizationsAccessReport", &iamapi.GenerateOrganizationsAccessReportInput{EntityPath: ptr(path), OrganizationsPolicyId: ptr("p-abcdefgh")},
			authz.Check{Resource: "arn:aws:iam::" + home + ":access-report/" + path, Keys: limited},
		},
	} {
		c.want.Action = "iam:" + c.operation
		for _, row := range f.Rows() {
			if row.Operation == c.operation {
				got, err := row.Checks(f.ctx, &authz.Call{Caller: credential.FromContext(f.ctx), Input: c.in})
				noError(t, err)
				equal(t, c.operation, got, []authz.Check{c.want})
			}
		}
	}
}
