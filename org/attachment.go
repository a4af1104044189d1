package org

// Attachment is a policy on a node.
type Attachment struct {
	TargetID string
	// Kind is one of the Kind constants.
	Kind       string
	PolicyType string
	PolicyID   string
	// Policy is filled where the store says so.
	Policy Policy
}

// Target is a node that a policy is attached to.
type Target struct {
	ID string
	// Kind is one of the Kind constants.
	Kind string
	Name string
}
