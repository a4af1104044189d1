package org

// join makes the account a member under the root, with the default policies of the types
// that are enabled.
func join(tx Tx, o Organization, a Account, method string) error {
	now := tx.Now()
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = o.ID, o.RootID, method, &now
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	if err := tx.AddOrgCount(o.ID, string(countAccounts), 1); err != nil {
		return err
	}
	if err := attachDefaults(tx, o, Node{ID: a.ID, Kind: KindAccount}); err != nil {
		return err
	}
	tx.Touch(accountScope(a.ID))
	return recheckAll(tx, o, a.ID)
}

// attachDefaults attaches the default policies of the enabled types to a new node.
func attachDefaults(tx Tx, o Organization, n Node) error {
	enabled, err := tx.OrgPolicyTypes(o.ID)
	if err != nil {
		return err
	}
	for _, name := range enabled {
		t, err := findType(name)
		if err != nil {
			return err
		}
		if t.defaultID == "" {
			continue
		}
		a := Attachment{TargetID: n.ID, Kind: n.Kind, PolicyType: name, PolicyID: t.defaultID, AttachedAt: tx.Now()}
		if err := tx.InsertOrgAttachment(o.ID, a); err != nil {
			return err
		}
	}
	return nil
}
