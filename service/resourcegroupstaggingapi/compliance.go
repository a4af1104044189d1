package resourcegroupstaggingapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tagging"
)

// principal is the service principal of tag policies, which organizations trust and delegate
// administration to (Organizations user guide, "Tag policies and AWS Organizations").
const principal = "tagpolicies.tag.amazonaws.com"

// The sizes of pages. AWS does not say how many summaries there are on one by default.
const (
	defaultSummaries    = 100
	defaultRequiredTags = 200
)

// cell is a group of counted resources; what is not grouped by is empty.
type cell struct{ account, region, resourceType string }

// GetComplianceSummary counts the resources of the organization that do not comply with the
// effective tag policy of their account.
func (s *Service) GetComplianceSummary(ctx context.Context, in *tagapi.GetComplianceSummaryInput) (*tagapi.GetComplianceSummaryOutput, error) {
	q := questionOf("GetComplianceSummary", caller(ctx),
		fmt.Sprintf("%q%q%q%q%q", in.TargetIdFilters, in.RegionFilters, in.ResourceTypeFilters, in.TagKeyFilters, in.GroupBy))
	return read(ctx, s, func(tx *store.Tx) (*tagapi.GetComplianceSummaryOutput, error) {
		o, err := administered(ctx, tx)
		if err != nil {
			return nil, err
		}
		cursor, err := q.cursor(in.PaginationToken, tx.Now())
		if err != nil {
			return nil, err
		}
		list, err := summaries(ctx, tx, o, in)
		if err != nil {
			return nil, err
		}
		limit := defaultSummaries
		if in.MaxResults != nil {
			limit = int(*in.MaxResults)
		}
		page, next, err := window(list, cursor, limit)
		return &tagapi.GetComplianceSummaryOutput{SummaryList: page, PaginationToken: q.token(next, tx.Now())}, err
	})
}

// administered returns the organization whose tag policies the caller's account administers.
func administered(ctx context.Context, tx *store.Tx) (org.Organization, error) {
	if region(ctx) != tagging.GlobalRegion {
		return org.Organization{}, invalid("You can call this operation only in the us-east-1 Region.")
	}
	m, _, err := org.MembershipOf(ctx, tx, caller(ctx))
	if err != nil {
		return org.Organization{}, err
	}
	o, found, err := tx.Organization(m.OrganizationID)
	if err != nil {
		return o, err
	}
	if found && !m.IsManagement() {
		if found, err = delegated(tx, o, m.AccountID); err != nil {
			return o, err
		}
	}
	if !found {
		return o, constraint("You can call this operation only from the management account of an organization or from a delegated administrator for tag policies.")
	}
	return o, ready(ctx, tx, o)
}

func delegated(tx *store.Tx, o org.Organization, accountID string) (bool, error) {
	const all = 1000
	list, err := tx.OrgDelegations(o.ID, accountID, "", all)
	return slices.ContainsFunc(list, func(d org.Delegation) bool { return d.Principal == principal }), err
}

// ready checks the prerequisites: trusted access, which enabling the policy type gives too, and
// a policy that is attached somewhere.
func ready(ctx context.Context, tx *store.Tx, o org.Organization) error {
	_, trusted, err := tx.OrgTrustedService(o.ID, principal)
	if err != nil {
		return err
	}
	types, err := tx.OrgPolicyTypes(o.ID)
	if err != nil {
		return err
	}
	if !trusted && !slices.Contains(types, "TAG_POLICY") {
		return constraint("You must enable the tag policies service principal (" + principal + ") to integrate with Organizations.")
	}
	attached, err := org.HasTagPolicy(ctx, tx, o)
	if err == nil && !attached {
		err = constraint("You must have a tag policy attached to the organization root, an OU, or an account.")
	}
	return err
}

// summaries are sorted by what they are grouped by.
func summaries(ctx context.Context, tx *store.Tx, o org.Organization, in *tagapi.GetComplianceSummaryInput) ([]tagapi.Summary, error) {
	counts := make(map[cell]int64)
	if len(in.GroupBy) == 0 {
		counts[cell{}] = 0
	}
	t := targets{ids: in.TargetIdFilters, known: make(map[string]bool)}
	err := tagging.EachNoncompliant(ctx, tx, o, func(r tagging.Resource) {
		if t.has(ctx, tx, r.AccountID) && counted(&r, in) {
			counts[cellOf(&r, in.GroupBy)]++
		}
	})
	if err := errors.Join(err, t.err); err != nil {
		return nil, err
	}
	cells := make([]cell, 0, len(counts))
	for c := range counts {
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.resourceType, b.resourceType))
	})
	out := make([]tagapi.Summary, 0, len(cells))
	for _, c := range cells {
		s := tagapi.Summary{
			LastUpdated: smithy.Ptr(tx.Now().Format(time.RFC3339)), NonCompliantResources: smithy.Ptr(counts[c]),
			TargetId: smithy.PtrTo(c.account), Region: smithy.PtrTo(c.region), ResourceType: smithy.PtrTo(c.resourceType),
		}
		if c.account != "" {
			s.TargetIdType = smithy.Ptr(tagapi.TargetIdTypeAccount)
		}
		out = append(out, s)
	}
	return out, nil
}

// targets are accounts, OUs or roots; none are all.
type targets struct {
	ids   []string
	known map[string]bool
	// err is the first error of the store.
	err error
}

// has reports whether an account is one of the targets or under one.
func (t *targets) has(ctx context.Context, tx *store.Tx, accountID string) bool {
	if len(t.ids) == 0 || t.err != nil {
		return t.err == nil
	}
	under, have := t.known[accountID]
	if !have {
		var m org.Membership
		if m, _, t.err = org.MembershipOf(ctx, tx, accountID); t.err != nil {
			return false
		}
		under = slices.ContainsFunc(m.Nodes, func(n org.Node) bool { return slices.Contains(t.ids, n.ID) })
		t.known[accountID] = under
	}
	return under
}

func counted(r *tagging.Resource, in *tagapi.GetComplianceSummaryInput) bool {
	hasKey := func(key string) bool { _, has := r.Value(key); return has }
	return (len(in.RegionFilters) == 0 || slices.Contains(in.RegionFilters, tagging.RegionOf(r.ARN))) &&
		ofTypes(r, in.ResourceTypeFilters) &&
		(len(in.TagKeyFilters) == 0 || slices.ContainsFunc(in.TagKeyFilters, hasKey))
}

func cellOf(r *tagging.Resource, groupBy []string) (c cell) {
	for _, g := range groupBy {
		switch g {
		case tagapi.GroupByAttributeTargetId:
			c.account = r.AccountID
		case tagapi.GroupByAttributeRegion:
			c.region = tagging.RegionOf(r.ARN)
		case tagapi.GroupByAttributeResourceType:
			c.resourceType = tagging.TypeOf(r.ARN)
		}
	}
	return c
}

// ListRequiredTags returns the tags that the effective tag policy of the account requires, by
// type of resource.
func (s *Service) ListRequiredTags(ctx context.Context, in *tagapi.ListRequiredTagsInput) (*tagapi.ListRequiredTagsOutput, error) {
	q := questionOf("ListRequiredTags", caller(ctx))
	return read(ctx, s, func(tx *store.Tx) (*tagapi.ListRequiredTagsOutput, error) {
		cursor, err := q.cursor(in.NextToken, tx.Now())
		if err != nil {
			return nil, err
		}
		rules, err := org.TagRules(ctx, tx, caller(ctx))
		if err != nil {
			return nil, err
		}
		limit := defaultRequiredTags
		if in.MaxResults != nil {
			limit = int(*in.MaxResults)
		}
		page, next, err := window(rules.Required(), cursor, limit)
		out := &tagapi.ListRequiredTagsOutput{RequiredTags: make([]tagapi.RequiredTag, 0, len(page))}
		for _, r := range page {
			out.RequiredTags = append(out.RequiredTags, tagapi.RequiredTag{
				ResourceType: smithy.Ptr(r.ResourceType), ReportingTagKeys: r.Keys, CloudFormationResourceTypes: cloudFormation[r.ResourceType],
			})
		}
		if next != "" {
			out.NextToken = q.token(next, tx.Now())
		}
		return out, err
	})
}

// cloudFormation are the names that CloudFormation has for types of resources that tag
// policies name otherwise (CloudFormation template reference).
var cloudFormation = map[string][]string{
	"dynamodb:table":                {"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"},
	"ec2:instance":                  {"AWS::EC2::Instance"},
	"ec2:volume":                    {"AWS::EC2::Volume"},
	"ec2:vpc":                       {"AWS::EC2::VPC"},
	"ecr:repository":                {"AWS::ECR::Repository"},
	"elasticfilesystem:file-system": {"AWS::EFS::FileSystem"},
	"events:event-bus":              {"AWS::Events::EventBus"},
	"iam:instance-profile":          {"AWS::IAM::InstanceProfile"},
	"iam:mfa":                       {"AWS::IAM::VirtualMFADevice"},
	"iam:oidc-provider":             {"AWS::IAM::OIDCProvider"},
	"iam:policy":                    {"AWS::IAM::ManagedPolicy"},
	"iam:role":                      {"AWS::IAM::Role"},
	"iam:saml-provider":             {"AWS::IAM::SAMLProvider"},
	"iam:server-certificate":        {"AWS::IAM::ServerCertificate"},
	"iam:user":                      {"AWS::IAM::User"},
	"kms:key":                       {"AWS::KMS::Key"},
	"lambda:function":               {"AWS::Lambda::Function"},
	"logs:log-group":                {"AWS::Logs::LogGroup"},
	"organizations:account":         {"AWS::Organizations::Account"},
	"organizations:ou":              {"AWS::Organizations::OrganizationalUnit"},
	"organizations:policy":          {"AWS::Organizations::Policy"},
	"organizations:resourcepolicy":  {"AWS::Organizations::ResourcePolicy"},
	"rds:cluster":                   {"AWS::RDS::DBCluster"},
	"rds:db":                        {"AWS::RDS::DBInstance"},
	"s3:bucket":                     {"AWS::S3::Bucket"},
	"secretsmanager:secret":         {"AWS::SecretsManager::Secret"},
	"sns:topic":                     {"AWS::SNS::Topic"},
	"sqs:queue":                     {"AWS::SQS::Queue"},
}
