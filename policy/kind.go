package policy

// Kind says where a policy stands, and with that which layer of the evaluation it belongs
// to. The zero value is no policy at all.
type Kind uint8

// The kinds of policy, after the IAM user guide's topic "Policies and permissions":
// policies of users, groups and roles; of things; of roles for those who may assume them;
// the permissions boundary; those passed with a session; service control policies;
// resource control policies; policies of VPC endpoints.
const (
	NoKind Kind = iota
	Identity
	Resource
	Trust
	Boundary
	Session
	SCP
	RCP
	VPCEndpoint
)

var kindNames = [...]string{
	NoKind:      "none",
	Identity:    "identity-based policy",
	Resource:    "resource-based policy",
	Trust:       "role trust policy",
	Boundary:    "permissions boundary",
	Session:     "session policy",
	SCP:         "service control policy",
	RCP:         "resource control policy",
	VPCEndpoint: "VPC endpoint policy",
}

// String returns the kind's name in AWS's own words, as access denied messages use it.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return kindNames[NoKind]
	}
	return kindNames[k]
}

// namesPrincipals reports whether statements of this kind say whom they are about.
// Policies of the other kinds are about whoever carries them.
func (k Kind) namesPrincipals() bool {
	return k == Resource || k == Trust || k == RCP || k == VPCEndpoint
}

// needsResource reports whether each statement of this kind has to name resources. The
// policy of a resource may leave them out where the service knows which one is meant, and a
// trust policy has none.
func (k Kind) needsResource() bool { return k != Resource && k != Trust }

// Effect is what a statement does when it matches.
type Effect uint8

// The effects of a statement. The zero value denies, so that a statement whose effect was
// forgotten grants nothing.
const (
	Deny Effect = iota
	Allow
)

// String returns the effect as it is written in a document.
func (e Effect) String() string {
	if e == Allow {
		return "Allow"
	}
	return "Deny"
}
