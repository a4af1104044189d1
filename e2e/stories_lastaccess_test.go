package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// lastAccessed makes a report about an ARN and returns its job and what it says of each
// service.
func (a as) lastAccessed(t testing.TB, arn string) (job *string, services map[string]iamtypes.ServiceLastAccessed) {
	t.Helper()
	made, err := a.iam().GenerateServiceLastAccessedDetails(context.Background(), &iam.GenerateServiceLastAccessedDetailsInput{
		Arn: &arn, Granularity: iamtypes.AccessAdvisorUsageGranularityTypeActionLevel,
	})
	must(t, err)
	return made.JobId, a.lastAccessedOf(t, made.JobId)
}

func (a as) lastAccessedOf(t testing.TB, job *string) map[string]iamtypes.ServiceLastAccessed {
	t.Helper()
	services := map[string]iamtypes.ServiceLastAccessed{}
	in := &iam.GetServiceLastAccessedDetailsInput{JobId: job}
	for {
		out, err := a.iam().GetServiceLastAccessedDetails(context.Background(), in)
		must(t, err)
		if out.JobStatus != iamtypes.JobStatusTypeCompleted || out.JobType != iamtypes.AccessAdvisorUsageGranularityTypeActionLevel {
			t.Fatalf("job is %s, %s", out.JobStatus, out.JobType)
		}
		for _, s := range out.ServicesLastAccessed {
			services[*s.ServiceNamespace] = s
		}
		if in.Marker = out.Marker; !out.IsTruncated {
			return services
		}
	}
}

// Somebody who wants to take needless permissions away asks what a user and a group used,
// denied attempts included, and what gives access to it; the answers outlive the server.
func TestLastAccessedByUsersAndGroups(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		w := organize(t, s)
		dinesh := w.admin.newUser(t, "dinesh", allow("iam:Get*", "*"), allow("sts:*", "*"))
		gilfoyle := w.admin.newUser(t, "gilfoyle")
		w.admin.newGroup(t, "devs", allow("organizations:List*", "*"), "dinesh", "gilfoyle")
		began := time.Now().Truncate(time.Second)
		dinesh.arn(t)
		_, err := dinesh.iam().ListUsers(ctx, &iam.ListUsersInput{})
		denied(t, err, userARN(managementID, "dinesh"), "iam:ListUsers", usersARN(managementID), noAllow("identity-based policy", "iam:ListUsers"))
		_, err = gilfoyle.organizations().ListRoots(ctx, &organizations.ListRootsInput{})
		must(t, err)

		who := userARN(managementID, "dinesh")
		job, services := w.admin.lastAccessed(t, who)
		if len(services) != 3 {
			t.Errorf("%d services", len(services))
		}
		for namespace, want := range map[string]struct {
			used         int32
			name, region string
			tried        map[string]bool
		}{
			"sts":           {1, "AWS Security Token Service", "eu-central-1", map[string]bool{"GetCallerIdentity": true, "AssumeRole": false}},
			"iam":           {1, "AWS Identity and Access Management (IAM)", "us-east-1", map[string]bool{"GetUser": false}},
			"organizations": {0, "AWS Organizations", "", map[string]bool{"ListRoots": false}},
		} {
			got := services[namespace]
			if *got.ServiceName != want.name || *got.TotalAuthenticatedEntities != want.used || (want.used == 0) != (got.LastAuthenticated == nil) {
				t.Errorf("%s: %+v", namespace, got)
			}
			if want.used > 0 && (*got.LastAuthenticatedEntity != who || *got.LastAuthenticatedRegion != want.region ||
				got.LastAuthenticated.Before(began) || got.LastAuthenticated.After(time.Now())) {
				t.Errorf("%s: %s %s %s", namespace, *got.LastAuthenticatedEntity, *got.LastAuthenticatedRegion, got.LastAuthenticated)
			}
			actions := map[string]iamtypes.TrackedActionLastAccessed{}
			for _, a := range got.TrackedActionsLastAccessed {
				actions[*a.ActionName] = a
			}
			for name, tried := range want.tried {
				a, listed := actions[name]
				if !listed || tried != (a.LastAccessedTime != nil) || tried && *a.LastAccessedEntity != who {
					t.Errorf("%s:%s: listed %v, %+v", namespace, name, listed, a)
				}
			}
		}

		ofGroup, services := w.admin.lastAccessed(t, "arn:aws:iam::"+managementID+":group/devs")
		if got := services["organizations"]; len(services) != 1 || *got.LastAuthenticatedEntity != userARN(managementID, "gilfoyle") {
			t.Errorf("group: %+v", services)
		}
		entities, err := w.admin.iam().GetServiceLastAccessedDetailsWithEntities(ctx, &iam.GetServiceLastAccessedDetailsWithEntitiesInput{
			JobId: ofGroup, ServiceNamespace: aws.String("organizations"),
		})
		must(t, err)
		list := entities.EntityDetailsList
		if len(list) != 2 || *list[0].EntityInfo.Name != "gilfoyle" || list[0].LastAuthenticated == nil ||
			*list[1].EntityInfo.Name != "dinesh" || list[1].LastAuthenticated != nil || list[1].EntityInfo.Type != iamtypes.PolicyOwnerEntityTypeUser {
			t.Errorf("entities: %+v", list)
		}

		granting, err := w.admin.iam().ListPoliciesGrantingServiceAccess(ctx, &iam.ListPoliciesGrantingServiceAccessInput{
			Arn: &who, ServiceNamespaces: []string{"organizations", "s3"},
		})
		must(t, err)
		entries := granting.PoliciesGrantingServiceAccess
		if len(entries) != 2 || len(entries[0].Policies) != 1 || len(entries[1].Policies) != 0 ||
			entries[0].Policies[0].PolicyType != iamtypes.PolicyTypeInline || *entries[0].Policies[0].EntityName != "devs" {
			t.Errorf("policies: %+v", entries)
		}

		_, err = dinesh.iam().GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &who})
		denied(t, err, who, "iam:GenerateServiceLastAccessedDetails", who, noAllow("identity-based policy", "iam:GenerateServiceLastAccessedDetails"))
		_, err = s.root().iam().GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job})
		fails(t, err, "NoSuchEntity", "The job with id "+*job+" cannot be found.")

		s.restart()
		admin := s.with(credentialsOf(t, w.admin))
		if services = admin.lastAccessedOf(t, job); *services["sts"].TotalAuthenticatedEntities != 1 {
			t.Errorf("after a restart: %+v", services["sts"])
		}
		if _, services = admin.lastAccessed(t, who); services["sts"].LastAuthenticated == nil {
			t.Errorf("a new report after a restart: %+v", services["sts"])
		}
	})
}

func credentialsOf(t testing.TB, a as) (id, secret, token string) {
	t.Helper()
	c, err := a.Credentials.Retrieve(context.Background())
	must(t, err)
	return c.AccessKeyID, c.SecretAccessKey, c.SessionToken
}

// The management account asks what its members use of what their guardrails leave.
func TestLastAccessedInAnOrganization(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		w := organize(t, s)
		unit := w.unit(t, w.rootID, "Workloads")
		dev, idle := w.account(t, unit, "Dev", ""), w.account(t, unit, "Idle", "")
		guardrail := w.scp(t, "only", allow("sts:*", "*"), dev)
		member := w.inside(t, dev)
		member.arn(t)

		root := w.orgID + "/" + w.rootID
		report := func(who as, path, policyID string) *iam.GetOrganizationsAccessReportOutput {
			t.Helper()
			in := &iam.GenerateOrganizationsAccessReportInput{EntityPath: &path}
			if policyID != "" {
				in.OrganizationsPolicyId = &policyID
			}
			made, err := who.iam().GenerateOrganizationsAccessReport(ctx, in)
			must(t, err)
			out, err := who.iam().GetOrganizationsAccessReport(ctx, &iam.GetOrganizationsAccessReportInput{
				JobId: made.JobId, SortKey: iamtypes.SortKeyTypeLastAuthenticatedTimeDescending, MaxItems: aws.Int32(2),
			})
			must(t, err)
			return out
		}
		ofRoot := report(w.admin, root, "")
		first := ofRoot.AccessDetails[0]
		if ofRoot.JobStatus != iamtypes.JobStatusTypeCompleted || *ofRoot.NumberOfServicesAccessible < 400 || !ofRoot.IsTruncated ||
			*ofRoot.NumberOfServicesNotAccessed != *ofRoot.NumberOfServicesAccessible-1 ||
			*first.ServiceNamespace != "sts" || *first.EntityPath != root+"/"+unit+"/"+dev || *first.TotalAuthenticatedEntities != 1 {
			t.Errorf("root: %+v, %+v", ofRoot, first)
		}
		if got := report(w.admin, root, guardrail); *got.NumberOfServicesAccessible != 1 || *got.NumberOfServicesNotAccessed != 0 {
			t.Errorf("guardrail: %+v", got)
		}
		if got := report(w.admin, root+"/"+unit+"/"+idle, ""); *got.NumberOfServicesNotAccessed != *got.NumberOfServicesAccessible {
			t.Errorf("idle account: %+v", got)
		}
		if got := report(w.admin, root+"/"+managementID, ""); *got.NumberOfServicesNotAccessed >= *got.NumberOfServicesAccessible-2 {
			t.Errorf("management account: %+v", got)
		}
		if got := report(w.admin, root+"/ou-none-nowhere1", ""); got.JobStatus != iamtypes.JobStatusTypeFailed || *got.ErrorDetails.Code != "INVALID_ORGANIZATIONS_ENTITY_PATH" {
			t.Errorf("no such unit: %+v", got)
		}

		auditor := w.admin.newUser(t, "auditor", allow("iam:*OrganizationsAccessReport", "*"))
		if got := report(auditor, root, ""); got.JobStatus != iamtypes.JobStatusTypeFailed || *got.ErrorDetails.Code != "ORGANIZATIONS_REPORT_ACCESS_DENIED" {
			t.Errorf("who may not read the organization: %+v", got)
		}
		w.admin.putUserPolicy(t, "auditor", "read", allow("organizations:List*", "*"))
		if got := report(auditor, root+"/"+unit, ""); got.JobStatus != iamtypes.JobStatusTypeCompleted {
			t.Errorf("who may: %+v", got)
		}
		_, err := w.inside(t, idle).iam().GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: &root})
		fails(t, err, "AccessDenied", "")
		_, err = member.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		must(t, err)
	})
}

// The same by the CLI, in which people usually ask.
func TestLastAccessedByCLI(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := organize(t, s)
	who := userARN(managementID, "admin")
	made := decode[struct{ JobId string }](t, w.admin.ok(t, "iam", "generate-service-last-accessed-details", "--arn", who))
	got := decode[struct {
		JobStatus            string
		ServicesLastAccessed []struct{ ServiceNamespace, LastAuthenticatedEntity string }
	}](t, w.admin.ok(t, "iam", "get-service-last-accessed-details", "--job-id", made.JobId, "--max-items", "1000"))
	if got.JobStatus != "COMPLETED" {
		t.Errorf("job is %s", got.JobStatus)
	}
	used := map[string]string{}
	for _, s := range got.ServicesLastAccessed {
		if s.LastAuthenticatedEntity != "" {
			used[s.ServiceNamespace] = s.LastAuthenticatedEntity
		}
	}
	if len(used) != 1 || used["iam"] != who {
		t.Errorf("used: %v", used)
	}
}
