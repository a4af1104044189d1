// Package organizations implements the API of AWS Organizations over package org: it
// unpacks inputs, opens the transaction, asks the domain, packs outputs. Rules live in org;
// the actions, resources and condition keys of each operation in actions.go; the names of
// errors in errors.go. What is not built comes from the generated Unimplemented.
//
// Neighbours: api/organizations (the shapes), org and iam (the domains), store
// (transactions), authz (the row type).
package organizations
