package iam

import (
	"context"
	"errors"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GenerateOrganizationsAccessReport makes a report about what the accounts of an organization
// may use and when they last tried to. The job is over when it is answered; an account has
// one at a time on a node. Within a minute the same caller gets the same report again.
func (s *Service) GenerateOrganizationsAccessReport(ctx context.Context, in *iamapi.GenerateOrganizationsAccessReportInput) (*iamapi.GenerateOrganizationsAccessReportOutput, error) {
	path, policyID := smithy.Value(in.EntityPath), smithy.Value(in.OrganizationsPolicyId)
	recent, err := read(ctx, s, func(tx *store.Tx) (*iamapi.GenerateOrganizationsAccessReportOutput, error) {
		if _, err := iam.CheckOrganizationReports(ctx, tx, account(ctx)); err != nil {
			return nil, err
		}
		id, _, err := iam.RecentOrganizationReport(ctx, tx, account(ctx), reportOwner(ctx), path, policyID)
		return &iamapi.GenerateOrganizationsAccessReportOutput{JobId: smithy.PtrTo(id)}, err
	})
	if err != nil || recent.JobId != nil {
		return recent, err
	}
	if _, busy := s.reporting.LoadOrStore(account(ctx), true); busy {
		return nil, &iamapi.ReportGenerationLimitExceededException{Message: smithy.Ptr("Maximum number of concurrent jobs exceeded")}
	}
	defer s.reporting.Delete(account(ctx))
	report, err := s.organizationReport(ctx, path, policyID)
	if err != nil {
		return nil, err
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.GenerateOrganizationsAccessReportOutput, error) {
		id, err := iam.KeepAccessReport(ctx, tx, account(ctx), reportOwner(ctx), report)
		return &iamapi.GenerateOrganizationsAccessReportOutput{JobId: &id}, err
	})
}

func (s *Service) organizationReport(ctx context.Context, path, policyID string) (*iam.AccessReport, error) {
	if err := s.flushUses(ctx); err != nil {
		return nil, err
	}
	report, err := read(ctx, s, func(tx *store.Tx) (*iam.AccessReport, error) {
		r, err := iam.ReportOrganizationAccess(ctx, tx, account(ctx), path, policyID)
		return &r, err
	})
	if err != nil || report.Failure != nil {
		return report, err
	}
	allowed, err := s.mayReadOrganization(ctx, path, policyID)
	if err == nil && !allowed {
		refused := iam.RefusedOrganizationReport(report.CreatedAt, path, policyID)
		report = &refused
	}
	return report, err
}

// mayReadOrganization asks for what a report needs besides its own permission; see the IAM
// user guide, "Refine permissions in AWS using last accessed information", "Permissions
// required".
func (s *Service) mayReadOrganization(ctx context.Context, path, policyID string) (bool, error) {
	if s.Check == nil {
		return true, nil
	}
	caller := credential.FromContext(ctx)
	ids := strings.Split(path, "/")
	node := org.Node{ID: ids[len(ids)-1], Kind: org.KindUnit}
	switch {
	case len(ids) == 2:
		node.Kind = org.KindRoot
	case arn.IsAccountID(node.ID):
		node.Kind = org.KindAccount
	}
	target := org.NodeARN(caller.AccountID, ids[0], node)
	checks := []authz.Check{
		{Action: "organizations:ListRoots", Resource: "*"},
		{Action: "organizations:ListPoliciesForTarget", Resource: target},
	}
	if node.Kind != org.KindAccount {
		checks = append(checks, authz.Check{Action: "organizations:ListChildren", Resource: target})
	}
	if node.Kind != org.KindRoot {
		checks = append(checks, authz.Check{Action: "organizations:ListParents", Resource: target})
	}
	if policyID != "" {
		p := org.PolicyARN(caller.AccountID, ids[0], org.ServiceControlPolicy, policyID)
		checks = append(checks, authz.Check{Action: "organizations:DescribePolicy", Resource: p}, authz.Check{Action: "organizations:ListTargetsForPolicy", Resource: p})
	}
	for _, c := range checks {
		var denied *authz.DeniedError
		if err := s.Check(ctx, caller, environment(ctx), c); errors.As(err, &denied) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

// environment is that of the call, as its recording has it, for questions about an
// organization: its service lives in one region.
func environment(ctx context.Context) authz.Environment {
	r := audit.FromContext(ctx)
	if r == nil {
		return authz.Environment{}
	}
	return authz.Environment{
		Time: r.Call.Time, SourceIP: r.Call.SourceIP, UserAgent: r.Call.UserAgent, TLS: r.Call.TLS, Region: "us-east-1",
	}
}

// GetOrganizationsAccessReport returns a page of a report about an organization, or why there
// is none.
func (s *Service) GetOrganizationsAccessReport(ctx context.Context, in *iamapi.GetOrganizationsAccessReportInput) (*iamapi.GetOrganizationsAccessReportOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetOrganizationsAccessReportOutput, error) {
		if _, err := iam.CheckOrganizationReports(ctx, tx, account(ctx)); err != nil {
			return nil, err
		}
		r, err := iam.OrganizationAccessReport(ctx, tx, account(ctx), reportOwner(ctx), smithy.Value(in.JobId))
		if err != nil {
			return nil, err
		}
		out := &iamapi.GetOrganizationsAccessReportOutput{
			JobStatus: smithy.Ptr(iamapi.JobStatusTypeCompleted), JobCreationDate: date(r.CreatedAt), JobCompletionDate: date(r.CreatedAt),
		}
		if r.Failure != nil {
			out.JobStatus = smithy.Ptr(iamapi.JobStatusTypeFailed)
			out.ErrorDetails = &iamapi.ErrorDetails{Code: &r.Failure.Code, Message: &r.Failure.Message}
			out.IsTruncated = smithy.Ptr(false)
			return out, nil
		}
		services, next, err := r.PageSorted(smithy.Value(in.SortKey), page(in.Marker, in.MaxItems))
		var unused int32
		for i := range r.Services {
			if r.Services[i].Last == nil {
				unused++
			}
		}
		out.NumberOfServicesAccessible, out.NumberOfServicesNotAccessed = smithy.Ptr(int32(len(r.Services))), &unused
		out.AccessDetails = make([]iamapi.AccessDetail, 0, len(services))
		for i := range services {
			out.AccessDetails = append(out.AccessDetails, accessDetail(&services[i]))
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, err
	})
}

func accessDetail(s *iam.ServiceAccess) iamapi.AccessDetail {
	out := iamapi.AccessDetail{
		ServiceName: smithy.Ptr(s.Name()), ServiceNamespace: &s.Namespace, TotalAuthenticatedEntities: smithy.Ptr(int32(s.Total)),
	}
	if s.Last != nil {
		out.LastAuthenticatedTime, out.EntityPath, out.Region = date(s.Last.At), &s.Last.Entity, &s.Last.Region
	}
	return out
}

// accessReportRow is that of a report, which has an ARN of its own, and the policy's id for a
// condition key.
func accessReportRow() authz.Row {
	const operation, action = "GenerateOrganizationsAccessReport", "iam:GenerateOrganizationsAccessReport"
	return authz.Row{
		Operation: operation, Actions: []string{action},
		Checks: authz.For(func(_ context.Context, c *authz.Call, in *iamapi.GenerateOrganizationsAccessReportInput) ([]authz.Check, error) {
			keys := policy.Keys{}
			if in.OrganizationsPolicyId != nil {
				keys.Set("iam:OrganizationsPolicyId", *in.OrganizationsPolicyId)
			}
			return []authz.Check{{
				Action: action, Keys: keys,
				Resource: "arn:aws:iam::" + c.Caller.AccountID + ":access-report/" + smithy.Value(in.EntityPath),
			}}, nil
		}),
	}
}
