package policy

// Attached is a policy in its place.
type Attached struct {
	// ARN of a managed or organization policy; empty for inline policies and policies of
	// resources.
	ARN string
	// Name is what people call it: the policy's name, or the inline policy's.
	Name string
	Kind Kind
	// Level says where it hangs, for people: "root r-examplerootid111",
	// "ou ou-examplerootid111-exampleouid111", "account 111122223333", "group admins".
	Level string
	// Policy nil means a document that could not be compiled: as it is not understood,
	// nothing is allowed by it and everything denied.
	Policy *Policy
}

// Level is one node on the way from the organization root to an account, with the
// policies attached to it. A level without policies allows nothing.
type Level struct {
	// Name tells people which node: "root r-examplerootid111".
	Name     string
	Policies []Attached
}

// Sets is everything that applies to one request.
type Sets struct {
	// Identity holds the policies of the user and the user's groups, or of the role.
	Identity []Attached
	// Boundary is the permissions boundary, nil if there is none.
	Boundary *Attached
	// Session holds the session policies: nil when the session was made without any,
	// empty but not nil when the session may do nothing of its own. To federated users the
	// latter applies in both cases.
	Session []Attached
	// Resource is the policy of the resource (Kind Resource or Trust), nil if it has none.
	Resource *Attached
	// Endpoint is the policy of the VPC endpoint that the call came through, or nil.
	Endpoint *Attached
	// SCP and RCP are the levels from the organization root down to the account (of the
	// principal for SCPs, of the resource for RCPs). Nil where they do not apply: no
	// organization, type not enabled, management account, service-linked role, a service
	// that RCPs do not cover.
	SCP, RCP []Level
}
