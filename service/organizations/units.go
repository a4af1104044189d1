package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateOrganizationalUnit implements [organizationsapi.Service].
func (s *Service) CreateOrganizationalUnit(ctx context.Context, in *organizationsapi.CreateOrganizationalUnitInput) (*organizationsapi.CreateOrganizationalUnitOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.CreateOrganizationalUnitOutput, error) {
		u, err := org.CreateOrganizationalUnit(ctx, tx, o, *in.ParentId, *in.Name, unpackTags(in.Tags))
		if err != nil {
			return nil, err
		}
		packed, err := packUnit(ctx, tx, o, u)
		return &organizationsapi.CreateOrganizationalUnitOutput{OrganizationalUnit: packed}, err
	})
}

// DescribeOrganizationalUnit implements [organizationsapi.Service].
func (s *Service) DescribeOrganizationalUnit(ctx context.Context, in *organizationsapi.DescribeOrganizationalUnitInput) (*organizationsapi.DescribeOrganizationalUnitOutput, error) {
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeOrganizationalUnitOutput, error) {
		u, err := org.DescribeOrganizationalUnit(ctx, tx, o, *in.OrganizationalUnitId)
		if err != nil {
			return nil, err
		}
		packed, err := packUnit(ctx, tx, o, u)
		return &organizationsapi.DescribeOrganizationalUnitOutput{OrganizationalUnit: packed}, err
	})
}

// UpdateOrganizationalUnit implements [organizationsapi.Service].
func (s *Service) UpdateOrganizationalUnit(ctx context.Context, in *organizationsapi.UpdateOrganizationalUnitInput) (*organizationsapi.UpdateOrganizationalUnitOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.UpdateOrganizationalUnitOutput, error) {
		u, err := org.UpdateOrganizationalUnit(ctx, tx, o, *in.OrganizationalUnitId, in.Name)
		if err != nil {
			return nil, err
		}
		packed, err := packUnit(ctx, tx, o, u)
		return &organizationsapi.UpdateOrganizationalUnitOutput{OrganizationalUnit: packed}, err
	})
}

// DeleteOrganizationalUnit implements [organizationsapi.Service].
func (s *Service) DeleteOrganizationalUnit(ctx context.Context, in *organizationsapi.DeleteOrganizationalUnitInput) (*organizationsapi.DeleteOrganizationalUnitOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DeleteOrganizationalUnitOutput, error) {
		return &organizationsapi.DeleteOrganizationalUnitOutput{}, org.DeleteOrganizationalUnit(ctx, tx, o, *in.OrganizationalUnitId)
	})
}

// ListOrganizationalUnitsForParent implements [organizationsapi.Service].
func (s *Service) ListOrganizationalUnitsForParent(ctx context.Context, in *organizationsapi.ListOrganizationalUnitsForParentInput) (*organizationsapi.ListOrganizationalUnitsForParentOutput, error) {
	list := "ListOrganizationalUnitsForParent " + *in.ParentId
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListOrganizationalUnitsForParentOutput, error) {
		units, next, err := org.ListOrganizationalUnitsForParent(ctx, tx, o, *in.ParentId, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListOrganizationalUnitsForParentOutput{
			OrganizationalUnits: make([]organizationsapi.OrganizationalUnit, 0, len(units)), NextToken: nextToken(list, next),
		}
		for _, u := range units {
			packed, err := packUnit(ctx, tx, o, u)
			if err != nil {
				return nil, err
			}
			out.OrganizationalUnits = append(out.OrganizationalUnits, *packed)
		}
		return out, nil
	})
}

// ListChildren implements [organizationsapi.Service].
func (s *Service) ListChildren(ctx context.Context, in *organizationsapi.ListChildrenInput) (*organizationsapi.ListChildrenOutput, error) {
	list := "ListChildren " + *in.ParentId + " " + *in.ChildType
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListChildrenOutput, error) {
		nodes, next, err := org.ListChildren(ctx, tx, o, *in.ParentId, *in.ChildType, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListChildrenOutput{
			Children: make([]organizationsapi.Child, 0, len(nodes)), NextToken: nextToken(list, next),
		}
		for _, n := range nodes {
			out.Children = append(out.Children, organizationsapi.Child{Id: &n.ID, Type: &n.Kind})
		}
		return out, nil
	})
}

// ListParents implements [organizationsapi.Service]. A child has one parent, so there is no
// second page.
func (s *Service) ListParents(ctx context.Context, in *organizationsapi.ListParentsInput) (*organizationsapi.ListParentsOutput, error) {
	if _, err := page("ListParents", in.NextToken, in.MaxResults); err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListParentsOutput, error) {
		n, err := org.ListParents(ctx, tx, o, *in.ChildId)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListParentsOutput{Parents: []organizationsapi.Parent{{Id: &n.ID, Type: &n.Kind}}}, nil
	})
}

func packUnit(ctx context.Context, tx *store.Tx, o org.Organization, u org.Unit) (*organizationsapi.OrganizationalUnit, error) {
	path, err := org.UnitPath(ctx, tx, o, u)
	if err != nil {
		return nil, err
	}
	return &organizationsapi.OrganizationalUnit{
		Id: &u.ID, Arn: smithy.Ptr(o.UnitARN(u.ID)), Name: &u.Name, Path: &path,
	}, nil
}
