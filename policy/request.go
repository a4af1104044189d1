package policy

import "strings"

// PrincipalType is the kind of identity behind a request. The zero value is nobody.
type PrincipalType uint8

// The kinds of principal of the IAM user guide's topic "JSON policy elements: Principal".
const (
	Anonymous PrincipalType = iota
	Root
	User
	AssumedRole
	FederatedUser
	Service
	WebIdentity
	SAML
)

// Principal is who makes a request.
type Principal struct {
	Type PrincipalType
	// Account is the account of the principal; empty for Anonymous, Service, WebIdentity
	// and SAML.
	Account string
	// ARN is the ARN that AWS shows for the principal: of the root user, the user, the
	// role session or the federated user. For a service it is the service principal's
	// name ("lambda.amazonaws.com"), for WebIdentity and SAML the provider's ARN or name.
	ARN string
	// EntityARN is the IAM user or role behind a session: the role of an AssumedRole
	// (arn:aws:iam::…:role/path/name), the user (or root user) of a FederatedUser. Empty
	// otherwise.
	EntityARN string
	// UniqueID is the user's or role's unique id (AIDA…, AROA…), without session name.
	UniqueID string
	// CanonicalUserID is the account's canonical user id, if the service knows it.
	CanonicalUserID string
}

// hasIdentity reports whether the principal belongs to an account whose policies speak
// for it. Others are allowed by resource-based policies or not at all.
func (p *Principal) hasIdentity() bool {
	switch p.Type {
	case Root, User, AssumedRole, FederatedUser:
		return true
	default:
		return false
	}
}

// rootPower reports whether identity-based policies do not matter, as the principal is the
// root user or a federated session that the root user began.
func (p *Principal) rootPower() bool {
	return p.Type == Root || p.Type == FederatedUser && strings.HasSuffix(p.EntityARN, ":root")
}

// Context gives the values of condition keys. Lookup is called with the key in lower
// case; ok is false when the request does not carry the key. The values must not change
// while a request is evaluated.
type Context interface {
	Lookup(key string) (values []string, ok bool)
}

// Keys is the plain Context: lower-case key to values. Use [Keys.Set] to fill it.
type Keys map[string][]string

// Set gives a key its values, whatever the case of the key.
func (k Keys) Set(key string, values ...string) {
	k[strings.ToLower(key)] = values
}

// Lookup implements [Context].
func (k Keys) Lookup(key string) ([]string, bool) {
	v, ok := k[key]
	return v, ok
}

// Request is one call to be decided.
type Request struct {
	Principal Principal
	// Action is "service:Name"; case does not matter.
	Action string
	// Resource is the ARN of the thing acted upon, or "*" where the action has none.
	Resource string
	// ResourceAccount owns the resource; empty means the principal's own account.
	ResourceAccount string
	// ResourcePolicyRequired says that the resource's own policy must allow, whatever the
	// identity-based policies say, as with KMS keys. Trust policies always must.
	ResourcePolicyRequired bool
	// Context may be nil: then no condition key is known.
	Context Context
}

// sameAccount reports whether principal and resource belong to one account.
func (r *Request) sameAccount() bool {
	return r.ResourceAccount == "" || r.ResourceAccount == r.Principal.Account
}

// lookup finds the values of a lower-case key.
func (r *Request) lookup(key string) ([]string, bool) {
	if r.Context == nil {
		return nil, false
	}
	return r.Context.Lookup(key)
}
