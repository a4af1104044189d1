package iam

import (
	"context"
	"strings"
	"sync"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GenerateServiceLastAccessedDetails makes a report about what a user, group, role or managed
// policy gives access to, and when that was last tried. The job is over when it is answered.
func (s *Service) GenerateServiceLastAccessedDetails(ctx context.Context, in *iamapi.GenerateServiceLastAccessedDetailsInput) (*iamapi.GenerateServiceLastAccessedDetailsOutput, error) {
	if err := s.flushUses(ctx); err != nil {
		return nil, err
	}
	// A report reads much and writes little: other writers need not wait for the reading.
	report, err := read(ctx, s, func(tx *store.Tx) (*iam.AccessReport, error) {
		r, err := iam.ReportServiceAccess(ctx, tx, account(ctx), smithy.Value(in.Arn), smithy.Value(in.Granularity), tracked)
		return &r, err
	})
	if err != nil {
		return nil, err
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.GenerateServiceLastAccessedDetailsOutput, error) {
		id, err := iam.KeepAccessReport(ctx, tx, account(ctx), reportOwner(ctx), report)
		return &iamapi.GenerateServiceLastAccessedDetailsOutput{JobId: &id}, err
	})
}

// flushUses writes down what this node noted of what principals tried.
func (s *Service) flushUses(ctx context.Context) error {
	if s.FlushUses == nil {
		return nil
	}
	return s.FlushUses(ctx)
}

func reportOwner(ctx context.Context) string { return iam.ReportOwner(credential.FromContext(ctx)) }

// GetServiceLastAccessedDetails returns a page of the services of a report.
func (s *Service) GetServiceLastAccessedDetails(ctx context.Context, in *iamapi.GetServiceLastAccessedDetailsInput) (*iamapi.GetServiceLastAccessedDetailsOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetServiceLastAccessedDetailsOutput, error) {
		r, err := iam.ServiceAccessReport(ctx, tx, account(ctx), reportOwner(ctx), smithy.Value(in.JobId))
		if err != nil {
			return nil, err
		}
		services, next, err := r.PageServices(page(in.Marker, in.MaxItems))
		out := &iamapi.GetServiceLastAccessedDetailsOutput{
			JobStatus: smithy.Ptr(iamapi.JobStatusTypeCompleted), JobType: &r.Granularity,
			JobCreationDate: date(r.CreatedAt), JobCompletionDate: date(r.CreatedAt),
			ServicesLastAccessed: make([]iamapi.ServiceLastAccessed, 0, len(services)),
		}
		for i := range services {
			out.ServicesLastAccessed = append(out.ServicesLastAccessed, serviceLastAccessed(&services[i]))
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, err
	})
}

func serviceLastAccessed(s *iam.ServiceAccess) iamapi.ServiceLastAccessed {
	out := iamapi.ServiceLastAccessed{
		ServiceName: smithy.Ptr(s.Name()), ServiceNamespace: &s.Namespace, TotalAuthenticatedEntities: smithy.Ptr(int32(s.Total)),
	}
	if s.Last != nil {
		out.LastAuthenticated, out.LastAuthenticatedEntity, out.LastAuthenticatedRegion = date(s.Last.At), &s.Last.Entity, &s.Last.Region
	}
	for i := range s.Actions {
		a := iamapi.TrackedActionLastAccessed{ActionName: &s.Actions[i].Name}
		if last := s.Actions[i].Last; last != nil {
			a.LastAccessedTime, a.LastAccessedEntity, a.LastAccessedRegion = date(last.At), &last.Entity, &last.Region
		}
		out.TrackedActionsLastAccessed = append(out.TrackedActionsLastAccessed, a)
	}
	return out
}

// GetServiceLastAccessedDetailsWithEntities returns a page of the users and roles of a report
// that could have used a service.
func (s *Service) GetServiceLastAccessedDetailsWithEntities(ctx context.Context, in *iamapi.GetServiceLastAccessedDetailsWithEntitiesInput) (*iamapi.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
		r, err := iam.ServiceAccessReport(ctx, tx, account(ctx), reportOwner(ctx), smithy.Value(in.JobId))
		if err != nil {
			return nil, err
		}
		entities, next, err := iam.ReportEntities(ctx, tx, &r, smithy.Value(in.ServiceNamespace), page(in.Marker, in.MaxItems))
		out := &iamapi.GetServiceLastAccessedDetailsWithEntitiesOutput{
			JobStatus:       smithy.Ptr(iamapi.JobStatusTypeCompleted),
			JobCreationDate: date(r.CreatedAt), JobCompletionDate: date(r.CreatedAt),
			EntityDetailsList: make([]iamapi.EntityDetails, 0, len(entities)),
		}
		for n := range entities {
			i := &entities[n].Identity
			out.EntityDetailsList = append(out.EntityDetailsList, iamapi.EntityDetails{
				EntityInfo: &iamapi.EntityInfo{
					Arn: smithy.Ptr(i.ARN()), Name: &i.Name, Id: &i.ID, Path: &i.Path, Type: smithy.Ptr(ownerTypes[i.Kind]),
				},
				LastAuthenticated: date(entities[n].At),
			})
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, err
	})
}

// ownerTypes are the API's names of the kinds of those who carry policies.
var ownerTypes = map[iam.Kind]string{
	iam.KindUser:  iamapi.PolicyOwnerEntityTypeUser,
	iam.KindGroup: iamapi.PolicyOwnerEntityTypeGroup,
	iam.KindRole:  iamapi.PolicyOwnerEntityTypeRole,
}

// ListPoliciesGrantingServiceAccess lists the policies of a user, group or role that give
// access to each of some services. The answer is never cut, so that there is no marker.
func (s *Service) ListPoliciesGrantingServiceAccess(ctx context.Context, in *iamapi.ListPoliciesGrantingServiceAccessInput) (*iamapi.ListPoliciesGrantingServiceAccessOutput, error) {
	if in.Marker != nil {
		return nil, validation("Invalid Marker.")
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListPoliciesGrantingServiceAccessOutput, error) {
		list, err := iam.ListPoliciesGrantingServiceAccess(ctx, tx, account(ctx), smithy.Value(in.Arn), in.ServiceNamespaces)
		out := &iamapi.ListPoliciesGrantingServiceAccessOutput{
			PoliciesGrantingServiceAccess: make([]iamapi.ListPoliciesGrantingServiceAccessEntry, 0, len(list)),
			IsTruncated:                   smithy.Ptr(false),
		}
		for i := range list {
			entry := iamapi.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: &list[i].Namespace, Policies: []iamapi.PolicyGrantingServiceAccess{}}
			for _, p := range list[i].Policies {
				entry.Policies = append(entry.Policies, grantingPolicy(&p))
			}
			out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
		}
		return out, err
	})
}

func grantingPolicy(p *iam.PolicyText) iamapi.PolicyGrantingServiceAccess {
	out := iamapi.PolicyGrantingServiceAccess{PolicyName: smithy.Ptr(p.Name)}
	if p.ARN != "" {
		out.PolicyType, out.PolicyArn = smithy.Ptr(iamapi.PolicyTypeManaged), smithy.Ptr(p.ARN)
		return out
	}
	kind, name, _ := strings.Cut(p.Owner, "/")
	out.PolicyType = smithy.Ptr(iamapi.PolicyTypeInline)
	out.EntityType, out.EntityName = smithy.Ptr(ownerTypes[iam.Kind(kind)]), &name
	return out
}

// tracked reports whether the use of an action is tracked: it is that of an operation that
// can be called here. Permissions that other operations ask for (iam:PassRole) are none.
func tracked(service, action string) bool { return trackedActions()[service+":"+action] }

var trackedActions = sync.OnceValue(func() map[string]bool {
	actions := map[string]bool{}
	for _, d := range []*smithy.Service{
		accountapi.Describe(), cloudtrailapi.Describe(), iamapi.Describe(), organizationsapi.Describe(), stsapi.Describe(),
	} {
		for i := range d.Operations {
			actions[d.SigningName+":"+d.Operations[i].Name] = true
		}
	}
	return actions
})

func (s *Service) lastAccessRows() []authz.Row {
	return []authz.Row{
		(&target[iamapi.GenerateServiceLastAccessedDetailsInput]{
			operation: "GenerateServiceLastAccessedDetails",
			find: func(ctx context.Context, c *credential.Caller, in *iamapi.GenerateServiceLastAccessedDetailsInput) (resource, error) {
				return s.namedResource(ctx, c, smithy.Value(in.Arn))
			},
		}).row(),
		authz.Anywhere("GetServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"),
		authz.Anywhere("GetServiceLastAccessedDetailsWithEntities", "iam:GetServiceLastAccessedDetailsWithEntities"),
		(&target[iamapi.ListPoliciesGrantingServiceAccessInput]{
			operation: "ListPoliciesGrantingServiceAccess",
			find: func(ctx context.Context, c *credential.Caller, in *iamapi.ListPoliciesGrantingServiceAccessInput) (resource, error) {
				return s.namedResource(ctx, c, smithy.Value(in.Arn))
			},
		}).row(),
		accessReportRow(),
		authz.Anywhere("GetOrganizationsAccessReport", "iam:GetOrganizationsAccessReport"),
	}
}

// namedResource is the user, group, role or policy under an ARN, or the ARN alone if nothing
// of the account is there.
func (s *Service) namedResource(ctx context.Context, c *credential.Caller, text string) (resource, error) {
	a, err := arn.Parse(text)
	_, identity := ownerTypes[iam.Kind(a.ResourceType())]
	if err != nil || !identity || a.Service != "iam" || a.AccountID != c.AccountID {
		return s.policyResource(ctx, c.AccountID, text)
	}
	r, err := s.identityResource(ctx, c.AccountID, iam.Kind(a.ResourceType()), a.ResourceName())
	if err == nil && r.arn != text {
		return s.policyResource(ctx, c.AccountID, text)
	}
	return r, err
}
