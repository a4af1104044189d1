package org

import (
	"context"
	"strings"
)

// findParent returns the root or OU of that id as an OU; the root has depth 0.
func findParent(tx Tx, o Organization, id string) (Unit, bool, error) {
	if id == o.RootID {
		return Unit{ID: o.RootID, Name: rootName, CreatedAt: o.CreatedAt}, true, nil
	}
	return tx.OrgUnit(o.ID, id)
}

// parent is findParent for the operations that take a ParentId.
func parent(tx Tx, o Organization, id string) (Unit, error) {
	u, found, err := findParent(tx, o, id)
	if err != nil {
		return Unit{}, err
	}
	if !found {
		return Unit{}, errorf(CodeParentNotFound, "", "You specified a parent that doesn't exist.")
	}
	return u, nil
}

// unit returns an OU. It fails with CodeUnitNotFound.
func unit(tx Tx, o Organization, id string) (Unit, error) {
	u, found, err := tx.OrgUnit(o.ID, id)
	if err != nil {
		return Unit{}, err
	}
	if !found {
		return Unit{}, errUnitNotFound()
	}
	return u, nil
}

// nodePath returns the path of a root or OU: "o-x/r-x/ou-x/".
func nodePath(tx Tx, o Organization, id string) (string, error) {
	units, err := pathOf(tx, o, id)
	if err != nil {
		return "", err
	}
	return strings.Join(append([]string{o.ID, o.RootID}, units...), "/") + "/", nil
}

// CreateOrganizationalUnit makes an OU under the root or another OU. Names of siblings
// differ; AWS's documentation does not say that letter case is ignored, so it is not. It
// fails with CodeParentNotFound, CodeDuplicateUnit, CodeInvalidInput or
// CodeConstraintViolation.
func CreateOrganizationalUnit(ctx context.Context, tx Tx, o Organization, parentID, name string, tags []Tag) (Unit, error) {
	above, err := parent(tx, o, parentID)
	if err != nil {
		return Unit{}, err
	}
	if err := checkNewTags(ctx, tx, o, TypeUnit, tags); err != nil {
		return Unit{}, err
	}
	if above.Depth >= Limit(QuotaUnitDepth, tx.Now()) {
		return Unit{}, errConstraint(ReasonUnitDepth,
			"You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.")
	}
	if err := freeUnitName(tx, o, parentID, name); err != nil {
		return Unit{}, err
	}
	count, err := tx.OrgCount(o.ID, string(countUnits))
	if err != nil {
		return Unit{}, err
	}
	most, err := limit(tx, o, QuotaUnits)
	if err != nil {
		return Unit{}, err
	}
	if count >= most {
		return Unit{}, errConstraint(ReasonUnitNumber, "You have exceeded the number of organizational units that you can have in an organization.")
	}
	u := Unit{ParentID: parentID, Name: name, Depth: above.Depth + 1, CreatedAt: tx.Now()}
	if u.ID, err = newUnitID(tx, o); err != nil {
		return Unit{}, err
	}
	if err := tx.InsertOrgUnit(o.ID, u); err != nil {
		return Unit{}, err
	}
	if err := tx.AddOrgCount(o.ID, string(countUnits), 1); err != nil {
		return Unit{}, err
	}
	if err := attachDefaults(tx, o, Node{ID: u.ID, Kind: KindUnit}); err != nil {
		return Unit{}, err
	}
	return u, putTags(tx, o, u.ID, tags)
}

func freeUnitName(tx Tx, o Organization, parentID, name string) error {
	_, taken, err := tx.OrgUnitByName(o.ID, parentID, name)
	if err != nil {
		return err
	}
	if taken {
		return errorf(CodeDuplicateUnit, "", "An OU with the same name already exists.")
	}
	return nil
}

// DescribeOrganizationalUnit returns an OU. It fails with CodeUnitNotFound.
func DescribeOrganizationalUnit(_ context.Context, tx Tx, o Organization, id string) (Unit, error) {
	return unit(tx, o, id)
}

// UnitPath returns the OU's path: "o-x/r-x/ou-x/ou-y/".
func UnitPath(_ context.Context, tx Tx, o Organization, u Unit) (string, error) {
	return nodePath(tx, o, u.ID)
}

// UpdateOrganizationalUnit gives an OU another name; nil leaves it. It fails with
// CodeUnitNotFound or CodeDuplicateUnit.
func UpdateOrganizationalUnit(_ context.Context, tx Tx, o Organization, id string, name *string) (Unit, error) {
	u, err := unit(tx, o, id)
	if err != nil || name == nil || u.Name == *name {
		return u, err
	}
	if err := freeUnitName(tx, o, u.ParentID, *name); err != nil {
		return Unit{}, err
	}
	u.Name = *name
	return u, tx.RenameOrgUnit(o.ID, id, u.Name)
}

// DeleteOrganizationalUnit removes an empty OU with its attachments and tags. It fails with
// CodeUnitNotFound or CodeUnitNotEmpty.
func DeleteOrganizationalUnit(_ context.Context, tx Tx, o Organization, id string) error {
	u, err := unit(tx, o, id)
	if err != nil {
		return err
	}
	units, err := tx.OrgUnits(o.ID, u.ID, "", 1)
	if err != nil {
		return err
	}
	accounts, err := tx.OrgAccountsIn(o.ID, u.ID, "", 1)
	if err != nil {
		return err
	}
	if len(units)+len(accounts) > 0 {
		return errorf(CodeUnitNotEmpty, "", "You specified an organizational unit that is not empty.")
	}
	for _, remove := range []func(organizationID, id string) error{
		tx.DeleteOrgAttachmentsOf, tx.DeleteOrgTags, tx.DeleteOrgUnit,
	} {
		if err := remove(o.ID, u.ID); err != nil {
			return err
		}
	}
	return tx.AddOrgCount(o.ID, string(countUnits), -1)
}

// ListOrganizationalUnitsForParent returns the OUs directly under a root or OU, in
// ascending order of id. It fails with CodeParentNotFound.
func ListOrganizationalUnitsForParent(_ context.Context, tx Tx, o Organization, parentID string, p Page) ([]Unit, string, error) {
	if _, err := parent(tx, o, parentID); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgUnits(o.ID, parentID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(u Unit) string { return u.ID })
	return page, next, nil
}

// ListChildren returns the nodes of one kind directly under a root or OU, in ascending
// order of id. It fails with CodeParentNotFound.
func ListChildren(ctx context.Context, tx Tx, o Organization, parentID, kind string, p Page) ([]Node, string, error) {
	var nodes []Node
	if kind == KindAccount {
		accounts, next, err := ListAccountsForParent(ctx, tx, o, parentID, p)
		for _, a := range accounts {
			nodes = append(nodes, Node{ID: a.ID, Kind: KindAccount})
		}
		return nodes, next, err
	}
	units, next, err := ListOrganizationalUnitsForParent(ctx, tx, o, parentID, p)
	for _, u := range units {
		nodes = append(nodes, Node{ID: u.ID, Kind: KindUnit})
	}
	return nodes, next, err
}

// ListParents returns the root or OU above an account or OU; there is always exactly one.
// It fails with CodeChildNotFound.
func ListParents(_ context.Context, tx Tx, o Organization, childID string) (Node, error) {
	var parentID string
	if validAccountID(childID) {
		a, found, err := tx.OrgAccount(childID)
		if err != nil {
			return Node{}, err
		}
		if found && a.OrganizationID == o.ID {
			parentID = a.ParentID
		}
	} else {
		u, _, err := tx.OrgUnit(o.ID, childID)
		if err != nil {
			return Node{}, err
		}
		parentID = u.ParentID
	}
	switch parentID {
	case "":
		return Node{}, errorf(CodeChildNotFound, "", "You specified a child that doesn't exist.")
	case o.RootID:
		return Node{ID: parentID, Kind: KindRoot}, nil
	default:
		return Node{ID: parentID, Kind: KindUnit}, nil
	}
}
