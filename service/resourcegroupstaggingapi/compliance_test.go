package resourcegroupstaggingapi_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestComplianceDetails(t *testing.T) {
	s := newScene(t, storetest.Memory())
	policy, profile, _, _ := s.furnish(boss, iam.Tag{Key: "TEAM", Value: "red"})
	ctx := s.as(boss, "u", allowAll)
	details := func(in tagapi.GetResourcesInput) map[string]tagapi.ComplianceDetails {
		in.IncludeComplianceDetails = smithy.Ptr(true)
		out, err := s.GetResources(ctx, &in)
		s.must(err)
		all := map[string]tagapi.ComplianceDetails{}
		for _, m := range out.ResourceTagMappingList {
			all[*m.ResourceARN] = *m.ComplianceDetails
		}
		return all
	}
	if got := details(tagapi.GetResourcesInput{}); !*got[policy].ComplianceStatus || got[policy].NoncompliantKeys == nil {
		t.Errorf("without a tag policy: %+v", got)
	}
	s.govern(teams)
	got := details(tagapi.GetResourcesInput{})
	p, i := got[policy], got[profile]
	s.same("wrong keys", p.NoncompliantKeys, []string{"TEAM"})
	s.same("keys of the policy", p.KeysWithNoncompliantValues, []string{"Team"})
	s.same("nothing is missing", p.MissingTagKeys, nil)
	s.same("missing", i.MissingTagKeys, []string{"owner"})
	if *p.ComplianceStatus || *i.ComplianceStatus {
		t.Error("they comply")
	}
	_, err := s.TagResources(ctx, &tagapi.TagResourcesInput{ResourceARNList: []string{policy, profile}, Tags: map[string]string{"Team": "blue"}})
	s.must(err)
	left := details(tagapi.GetResourcesInput{ExcludeCompliantResources: smithy.Ptr(true)})
	if _, there := left[policy]; there || len(left) != 1 {
		t.Errorf("without the compliant: %v", left)
	}
}

func TestComplianceSummary(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		summary := func(ctx context.Context, in tagapi.GetComplianceSummaryInput) (rows []string, err error) {
			for {
				out, err := s.GetComplianceSummary(ctx, &in)
				if err != nil {
					return nil, err
				}
				for _, r := range out.SummaryList {
					if *r.LastUpdated != "2026-06-01T12:00:00Z" || (r.TargetId == nil) != (r.TargetIdType == nil) {
						t.Errorf("%+v", r)
					}
					rows = append(rows, fmt.Sprint(smithy.Value(r.TargetId), " ", smithy.Value(r.Region), " ", smithy.Value(r.ResourceType), " ", *r.NonCompliantResources))
				}
				if in.PaginationToken = out.PaginationToken; *out.PaginationToken == "" {
					return rows, nil
				}
			}
		}
		ctx, member := s.as(boss, "u", allowAll), s.as(s.member, "u", allowAll)
		_, err := summary(ctx, tagapi.GetComplianceSummaryInput{})
		s.refused(err, "ConstraintViolationException")
		s.furnish(boss, iam.Tag{Key: "Team", Value: "green"})
		s.furnish(s.member, iam.Tag{Key: "team", Value: "red"}, iam.Tag{Key: "owner", Value: "me"})
		s.govern(teams)
		_, err = summary(member, tagapi.GetComplianceSummaryInput{})
		s.refused(err, "ConstraintViolationException")

		ids := []string{boss, s.member}
		slices.Sort(ids)
		for _, c := range []struct {
			name string
			in   tagapi.GetComplianceSummaryInput
			want []string
		}{
			{"all", tagapi.GetComplianceSummaryInput{}, []string{"   6"}},
			{"by account", tagapi.GetComplianceSummaryInput{GroupBy: []string{"TARGET_ID"}, MaxResults: smithy.Ptr(int32(1))}, []string{ids[0] + "   3", ids[1] + "   3"}},
			{"by Region", tagapi.GetComplianceSummaryInput{GroupBy: []string{"REGION"}}, []string{" eu-west-1  2", " us-east-1  4"}},
			{"by type", tagapi.GetComplianceSummaryInput{GroupBy: []string{"RESOURCE_TYPE"}, RegionFilters: []string{"us-east-1"}}, []string{"  iam:instance-profile 2", "  iam:policy 2"}},
			{"of one account", tagapi.GetComplianceSummaryInput{TargetIdFilters: []string{s.member}}, []string{"   3"}},
			{"under the root", tagapi.GetComplianceSummaryInput{TargetIdFilters: []string{s.organization.RootID}, ResourceTypeFilters: []string{"sqs:queue"}}, []string{"   2"}},
			{"with a key", tagapi.GetComplianceSummaryInput{TagKeyFilters: []string{"owner"}}, []string{"   3"}},
			{"nowhere", tagapi.GetComplianceSummaryInput{RegionFilters: []string{"eu-north-1"}}, []string{"   0"}},
			{"nowhere, grouped", tagapi.GetComplianceSummaryInput{RegionFilters: []string{"eu-north-1"}, GroupBy: []string{"REGION"}}, nil},
		} {
			got, err := summary(ctx, c.in)
			s.must(err)
			s.same(c.name, got, c.want)
		}

		s.update(func(ctx context.Context, tx *store.Tx) error {
			const principal = "tagpolicies.tag.amazonaws.com"
			if err := org.EnableAWSServiceAccess(ctx, tx, s.organization, principal); err != nil {
				return err
			}
			return org.RegisterDelegatedAdministrator(ctx, tx, s.organization, s.member, principal)
		})
		got, err := summary(member, tagapi.GetComplianceSummaryInput{})
		s.must(err)
		s.same("for the delegated administrator", got, []string{"   6"})

		s.region = "eu-west-1"
		_, err = summary(s.as(boss, "v", allowAll), tagapi.GetComplianceSummaryInput{})
		s.refused(err, "InvalidParameterException")
	})
}

func TestListRequiredTags(t *testing.T) {
	s := newScene(t, storetest.Memory())
	ctx := s.as(s.member, "u", allowAll)
	out, err := s.ListRequiredTags(ctx, &tagapi.ListRequiredTagsInput{})
	s.must(err)
	if len(out.RequiredTags) != 0 || out.NextToken != nil {
		t.Errorf("without a tag policy: %+v", out)
	}
	s.govern(teams)
	var got []string
	for in := (tagapi.ListRequiredTagsInput{MaxResults: smithy.Ptr(int32(2))}); ; {
		out, err := s.ListRequiredTags(ctx, &in)
		s.must(err)
		for _, r := range out.RequiredTags {
			got = append(got, fmt.Sprint(*r.ResourceType, r.CloudFormationResourceTypes, r.ReportingTagKeys))
		}
		if in.NextToken = out.NextToken; out.NextToken == nil {
			break
		}
	}
	s.same("required", got, []string{
		"ec2:ALL_SUPPORTED[] [owner]", "iam:instance-profile[AWS::IAM::InstanceProfile] [owner]", "iam:role[AWS::IAM::Role] [owner]",
	})
}
