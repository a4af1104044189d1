package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// PutResourcePolicy implements [organizationsapi.Service].
func (s *Service) PutResourcePolicy(ctx context.Context, in *organizationsapi.PutResourcePolicyInput) (*organizationsapi.PutResourcePolicyOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.PutResourcePolicyOutput, error) {
		p, err := org.PutResourcePolicy(ctx, tx, o, *in.Content, unpackTags(in.Tags))
		if err != nil {
			return nil, err
		}
		return &organizationsapi.PutResourcePolicyOutput{ResourcePolicy: packResourcePolicy(o, p)}, nil
	})
}

// DescribeResourcePolicy implements [organizationsapi.Service].
func (s *Service) DescribeResourcePolicy(ctx context.Context, _ *organizationsapi.DescribeResourcePolicyInput) (*organizationsapi.DescribeResourcePolicyOutput, error) {
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeResourcePolicyOutput, error) {
		p, err := org.DescribeResourcePolicy(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeResourcePolicyOutput{ResourcePolicy: packResourcePolicy(o, p)}, nil
	})
}

// DeleteResourcePolicy implements [organizationsapi.Service].
func (s *Service) DeleteResourcePolicy(ctx context.Context, _ *organizationsapi.DeleteResourcePolicyInput) (*organizationsapi.DeleteResourcePolicyOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DeleteResourcePolicyOutput, error) {
		return &organizationsapi.DeleteResourcePolicyOutput{}, org.DeleteResourcePolicy(ctx, tx, o)
	})
}

func packResourcePolicy(o org.Organization, p org.ResourcePolicy) *organizationsapi.ResourcePolicy {
	return &organizationsapi.ResourcePolicy{
		Content: &p.Content, ResourcePolicySummary: &organizationsapi.ResourcePolicySummary{Id: &p.ID, Arn: smithy.Ptr(p.ARN(o))},
	}
}

func (s *Service) resourcePolicyRows() []authz.Row {
	return []authz.Row{
		anywhere("DescribeResourcePolicy"),
		anywhere("DeleteResourcePolicy"),
		rowWithTags(s, "PutResourcePolicy", func(b *checks, in *organizationsapi.PutResourcePolicyInput) {
			b.requestTags(in.Tags)
			id, arn := "*", "*"
			if !b.standalone() && b.err == nil {
				p, found, err := b.tx.OrgResourcePolicy(b.call.Membership.OrganizationID)
				if b.err = err; found {
					id = p.ID
				}
				arn = b.arn("resourcepolicy", id)
			}
			b.resource(arn, id)
			b.tagging(in.Tags, arn)
		}),
	}
}

// open are operations that no delegation matters for: member accounts need none, or only the
// management account may call them; DescribeHandshake has a row of its own for that.
var open = map[string]bool{
	"DescribeOrganization": true, "DescribeHandshake": true, "ListHandshakesForAccount": true,
	"DescribeResponsibilityTransfer": true, "ListInboundResponsibilityTransfers": true, "ListOutboundResponsibilityTransfers": true,
}

// delegated lets the row of an operation that can be delegated heed the delegation: what a
// member account may do then is what the organization's resource policy and its own
// policies both allow. Reading is open to delegated administrators of services, as far as
// their own policies allow it and the resource policy does not deny it.
func (s *Service) delegated(r authz.Row) authz.Row {
	delegable, reads := org.Delegable(r.Operation)
	if !delegable || open[r.Operation] {
		return r
	}
	own := r.Checks
	r.Checks = func(ctx context.Context, c *authz.Call) ([]authz.Check, error) {
		list, err := own(ctx, c)
		if m := c.Membership; err != nil || m.OrganizationID == "" || m.IsManagement() {
			return list, err
		}
		return s.heedDelegation(ctx, c, list, reads)
	}
	return r
}

// heedDelegation refuses outright where nothing was delegated. It must not leave that to
// the operation: a resource policy that appears after the gate would open it.
func (s *Service) heedDelegation(ctx context.Context, c *authz.Call, list []authz.Check, reads bool) ([]authz.Check, error) {
	m := c.Membership
	return store.Read(ctx, s.DB, func(tx *store.Tx) ([]authz.Check, error) {
		delegate, p, found, err := org.DelegationOf(ctx, tx, m.OrganizationID, m.AccountID)
		switch {
		case err != nil:
			return nil, err
		case delegate && reads && !found:
			return list, nil
		case !found:
			_, err := org.AsManagement(ctx, tx, m.AccountID)
			return nil, apiError(err)
		}
		attached := &policy.Attached{
			ARN: org.ResourcePolicyARN(m.ManagementAccountID, m.OrganizationID, p.ID), Name: p.ID,
			Kind: policy.Resource, Level: "organization " + m.OrganizationID,
		}
		// Who administers a service needs no allowance from the policy to read, and must not
		// gain by one what the own policies do not allow; but what it denies counts.
		if attached.Policy = s.Policies.Compile(p.Content, policy.Resource); delegate && reads {
			attached.Policy = s.Policies.CompileDenies(p.Content, policy.Resource)
		}
		for i := range list {
			list[i].Policy = attached
			if !delegate || !reads {
				list[i].ResourceAccount, list[i].PolicyRequired = m.ManagementAccountID, true
			}
		}
		return list, nil
	})
}
