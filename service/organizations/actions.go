package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/smithy"
)

// Rows returns what each built operation needs to be allowed (Service Authorization
// Reference, "Actions, resources, and condition keys for AWS Organizations"). An operation
// that names several resources needs its action allowed on every one of them. Creating with
// tags needs organizations:TagResource besides, as the API reference says.
func (s *Service) Rows() []authz.Row {
	rows := []authz.Row{
		s.createRow(),
		anywhere("DescribeOrganization"),
		anywhere("DeleteOrganization"),
		anywhere("LeaveOrganization"),
		anywhere("ListRoots"),
		anywhere("ListAccounts"),
		anywhere("DescribeCreateAccountStatus"),
		anywhere("ListCreateAccountStatus"),
	}
	rows = append(rows, s.accountRows()...)
	rows = append(rows, s.unitRows()...)
	rows = append(rows, s.policyRows()...)
	rows = append(rows, s.tagRows()...)
	rows = append(rows, s.handshakeRows()...)
	rows = append(rows, s.transferRows()...)
	rows = append(rows, s.delegationRows()...)
	rows = append(rows, s.resourcePolicyRows()...)
	rows = append(rows, s.invalidEffectiveRows()...)
	for i := range rows {
		rows[i] = s.delegated(rows[i])
	}
	rows = append(rows, s.effectivePolicyRow())
	for i := range rows {
		own := rows[i].Checks
		rows[i].Checks = func(ctx context.Context, c *authz.Call) ([]authz.Check, error) {
			note(ctx, c)
			return own(ctx, c)
		}
	}
	return rows
}

// createRow asks for iam:CreateServiceLinkedRole besides: the management account gets the
// role of Organizations (user guide, "Creating an organization", minimum permissions).
func (s *Service) createRow() authz.Row {
	r := row(s, "CreateOrganization", func(b *checks, _ *organizationsapi.CreateOrganizationInput) {
		b.anywhere()
		b.linkedRole()
	})
	r.Actions = append(r.Actions, createLinkedRole)
	return r
}

func anywhere(operation string) authz.Row { return authz.Anywhere(operation, action(operation)) }

// action is the IAM action of an operation; they have the same names here.
func action(operation string) string { return "organizations:" + operation }

// row builds the row of an operation that acts on resources.
func row[I any](s *Service, operation string, fill func(b *checks, in *I)) authz.Row {
	return authz.Row{
		Operation: operation, Actions: []string{action(operation)},
		Checks: authz.For(func(ctx context.Context, c *authz.Call, in *I) ([]authz.Check, error) {
			return s.collect(ctx, c, operation, func(b *checks) { fill(b, in) })
		}),
	}
}

// rowWithTags builds the row of an operation that can tag what it creates.
func rowWithTags[I any](s *Service, operation string, fill func(b *checks, in *I)) authz.Row {
	r := row(s, operation, fill)
	r.Actions = append(r.Actions, action("TagResource"))
	return r
}

func (s *Service) accountRows() []authz.Row {
	return []authz.Row{
		rowWithTags(s, "CreateAccount", func(b *checks, in *organizationsapi.CreateAccountInput) {
			b.requestTags(in.Tags)
			b.anywhere()
			b.tagging(in.Tags, "*")
		}),
		rowWithTags(s, "CreateGovCloudAccount", func(b *checks, in *organizationsapi.CreateGovCloudAccountInput) {
			b.requestTags(in.Tags)
			b.anywhere()
			b.tagging(in.Tags, "*")
		}),
		row(s, "DescribeAccount", func(b *checks, in *organizationsapi.DescribeAccountInput) {
			b.node(in.AccountId)
		}),
		row(s, "MoveAccount", func(b *checks, in *organizationsapi.MoveAccountInput) {
			b.node(in.AccountId)
			b.node(in.SourceParentId)
			b.node(in.DestinationParentId)
		}),
		row(s, "CloseAccount", func(b *checks, in *organizationsapi.CloseAccountInput) {
			b.node(in.AccountId)
		}),
		row(s, "RemoveAccountFromOrganization", func(b *checks, in *organizationsapi.RemoveAccountFromOrganizationInput) {
			b.node(in.AccountId)
		}),
		row(s, "ListAccountsForParent", func(b *checks, in *organizationsapi.ListAccountsForParentInput) {
			b.node(in.ParentId)
		}),
	}
}

func (s *Service) unitRows() []authz.Row {
	return []authz.Row{
		rowWithTags(s, "CreateOrganizationalUnit", func(b *checks, in *organizationsapi.CreateOrganizationalUnitInput) {
			b.requestTags(in.Tags)
			b.node(in.ParentId)
			b.tagging(in.Tags, b.arn("ou", "*"))
		}),
		row(s, "DescribeOrganizationalUnit", func(b *checks, in *organizationsapi.DescribeOrganizationalUnitInput) {
			b.node(in.OrganizationalUnitId)
		}),
		row(s, "UpdateOrganizationalUnit", func(b *checks, in *organizationsapi.UpdateOrganizationalUnitInput) {
			b.node(in.OrganizationalUnitId)
		}),
		row(s, "DeleteOrganizationalUnit", func(b *checks, in *organizationsapi.DeleteOrganizationalUnitInput) {
			b.node(in.OrganizationalUnitId)
		}),
		row(s, "ListOrganizationalUnitsForParent", func(b *checks, in *organizationsapi.ListOrganizationalUnitsForParentInput) {
			b.node(in.ParentId)
		}),
		row(s, "ListChildren", func(b *checks, in *organizationsapi.ListChildrenInput) {
			b.node(in.ParentId)
		}),
		row(s, "ListParents", func(b *checks, in *organizationsapi.ListParentsInput) {
			b.node(in.ChildId)
		}),
	}
}

func (s *Service) policyRows() []authz.Row {
	return []authz.Row{
		rowWithTags(s, "CreatePolicy", func(b *checks, in *organizationsapi.CreatePolicyInput) {
			b.requestTags(in.Tags)
			b.policyType(in.Type)
			newPolicy := b.policyARN(smithy.Value(in.Type), "*")
			b.resource(newPolicy, "")
			b.tagging(in.Tags, newPolicy)
		}),
		row(s, "DescribePolicy", func(b *checks, in *organizationsapi.DescribePolicyInput) { b.policy(in.PolicyId) }),
		row(s, "UpdatePolicy", func(b *checks, in *organizationsapi.UpdatePolicyInput) { b.policy(in.PolicyId) }),
		row(s, "DeletePolicy", func(b *checks, in *organizationsapi.DeletePolicyInput) { b.policy(in.PolicyId) }),
		row(s, "ListTargetsForPolicy", func(b *checks, in *organizationsapi.ListTargetsForPolicyInput) { b.policy(in.PolicyId) }),
		row(s, "AttachPolicy", func(b *checks, in *organizationsapi.AttachPolicyInput) {
			b.policy(in.PolicyId)
			b.node(in.TargetId)
		}),
		row(s, "DetachPolicy", func(b *checks, in *organizationsapi.DetachPolicyInput) {
			b.policy(in.PolicyId)
			b.node(in.TargetId)
		}),
		row(s, "ListPoliciesForTarget", func(b *checks, in *organizationsapi.ListPoliciesForTargetInput) {
			b.policyType(in.Filter)
			b.node(in.TargetId)
		}),
		row(s, "ListPolicies", func(b *checks, in *organizationsapi.ListPoliciesInput) {
			b.policyType(in.Filter)
			b.anywhere()
		}),
		row(s, "EnablePolicyType", func(b *checks, in *organizationsapi.EnablePolicyTypeInput) {
			b.policyType(in.PolicyType)
			b.node(in.RootId)
		}),
		row(s, "DisablePolicyType", func(b *checks, in *organizationsapi.DisablePolicyTypeInput) {
			b.policyType(in.PolicyType)
			b.node(in.RootId)
		}),
	}
}

func (s *Service) tagRows() []authz.Row {
	return []authz.Row{
		row(s, "TagResource", func(b *checks, in *organizationsapi.TagResourceInput) {
			b.requestTags(in.Tags)
			b.any(in.ResourceId)
		}),
		row(s, "UntagResource", func(b *checks, in *organizationsapi.UntagResourceInput) {
			b.tagKeys(in.TagKeys)
			b.any(in.ResourceId)
		}),
		row(s, "ListTagsForResource", func(b *checks, in *organizationsapi.ListTagsForResourceInput) {
			b.any(in.ResourceId)
		}),
	}
}
