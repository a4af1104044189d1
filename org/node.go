package org

import "time"

// The kinds of node of the tree, in the API's words.
const (
	KindRoot    = "ROOT"
	KindUnit    = "ORGANIZATIONAL_UNIT"
	KindAccount = "ACCOUNT"
)

// Node is the root, an OU or an account.
type Node struct {
	ID string
	// Kind is one of the Kind constants.
	Kind string
}

// Unit is an organizational unit.
type Unit struct {
	// ID is "ou-", the root's part, "-" and eight lower-case letters or digits.
	ID string
	// ParentID is the root or the OU above.
	ParentID string
	Name     string
	// Depth is 1 for an OU directly under the root.
	Depth     int
	CreatedAt time.Time
}
