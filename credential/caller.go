package credential

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ErrUnknownKey says that an access key does not exist or is not active.
var ErrUnknownKey = errors.New("credential: the access key is not known or not active")

// PrincipalType is the kind of identity behind a request. The zero value is nobody: it is
// never allowed anything.
type PrincipalType uint8

// The kinds of principal, after the IAM user guide's topic "AWS JSON policy elements:
// Principal" and the values of aws:PrincipalType.
const (
	Anonymous PrincipalType = iota
	RootUser
	User
	AssumedRole
	FederatedUser
	// WebIdentityUser and SAMLUser are whom an identity provider vouches for, before they are
	// anybody here: they ask for the session of a role and nothing else.
	WebIdentityUser
	SAMLUser
)

// String returns the value of userIdentity.type in a CloudTrail record.
func (t PrincipalType) String() string {
	switch t {
	case RootUser:
		return "Root"
	case User:
		return "IAMUser"
	case AssumedRole:
		return "AssumedRole"
	case FederatedUser:
		return "FederatedUser"
	case WebIdentityUser:
		return "WebIdentityUser"
	case SAMLUser:
		return "SAMLUser"
	default:
		return "Anonymous"
	}
}

// Caller is who is asking, authenticated. It is a value: it carries facts that the
// signature (or the sealed session token) proved, and nothing that can change while the
// session lives, but for the name and ARN of a user, which package authn brings up to date;
// what the principal may do is read from the store at each request.
type Caller struct {
	Type PrincipalType
	// AccountID is the account of the principal.
	AccountID string
	// ARN is the principal's full ARN:
	// "arn:aws:iam::111122223333:user/path/name", "arn:aws:iam::111122223333:root",
	// "arn:aws:sts::111122223333:assumed-role/RoleName/session" or
	// "arn:aws:sts::111122223333:federated-user/name".
	ARN string
	// PrincipalID is aws:userid: "AIDA…" for users, the account id for the root user,
	// "AROA…:session" for role sessions, "account:name" for federated users.
	PrincipalID string
	// EntityID is the unique id of the user or role whose policies apply: the user itself,
	// the role of a role session, the user (or the root user's account id) behind a
	// federated session.
	EntityID string
	// EntityARN is the ARN of that user or role.
	EntityARN string
	// EntityName is its name, without path; empty for the root user.
	EntityName string
	// AccessKeyID is the access key that signed the request; empty in the console.
	AccessKeyID string
	// Session is nil for long-term access keys.
	Session *Session
}

// Session is what temporary credentials carry besides the principal.
type Session struct {
	// Name is the role session's or the federated user's name; empty for GetSessionToken.
	Name string
	// IssuedAt and ExpiresAt bound the session, in UTC.
	IssuedAt, ExpiresAt time.Time
	// Policy is the inline session policy, empty if there is none.
	Policy string
	// PolicyARNs are the managed policies given as session policies.
	PolicyARNs []string
	// Tags are the session tags, inherited transitive ones included; keys keep their case.
	Tags map[string]string
	// TransitiveTagKeys are handed on when a role is chained.
	TransitiveTagKeys []string
	// SourceIdentity stays the same through all chained roles.
	SourceIdentity string
	// MFA says that the session began with a multi-factor code, at MFATime.
	MFA     bool
	MFATime time.Time
	// Chained is true when the credentials that assumed the role were a role session's.
	Chained bool
	// IssuerType is what made the session: "AssumeRole", "GetSessionToken",
	// "GetFederationToken", later also the federated kinds.
	IssuerType string
	// FederatedProvider is the ARN of the OpenID Connect or SAML provider that vouched for whoever
	// began the session of a role; empty if nobody did.
	FederatedProvider string
	// FederatedKeys are condition keys, in lower case, of the token or assertion with which a role
	// was assumed that count in all requests of the session.
	FederatedKeys map[string][]string
	// AssumedRoot is "true" for an sts:AssumeRoot session, whose task policy is the one of
	// PolicyARNs; empty otherwise.
	AssumedRoot string
	// DelegateAccountID is the account of the product provider that acts with temporarily
	// delegated access; empty otherwise.
	DelegateAccountID string
	// DelegationPolicy limits such a session whatever grants: the policy of the delegation
	// request.
	DelegationPolicy string
}

// SessionName returns the name of the caller's session, or the empty string.
func (c *Caller) SessionName() string {
	if c.Session == nil {
		return ""
	}
	return c.Session.Name
}

// IsServiceLinkedRole reports whether the caller is a session of a service-linked role;
// organization policies do not apply to those.
func (c *Caller) IsServiceLinkedRole() bool {
	return c.Type == AssumedRole && strings.Contains(c.EntityARN, ":role/aws-service-role/")
}

// Expired reports whether the caller's session has ended at the given time.
func (c *Caller) Expired(now time.Time) bool {
	return c.Session != nil && !now.Before(c.Session.ExpiresAt)
}

type contextKey struct{}

// request is what a context carries of one request.
type request struct {
	caller *Caller
	target string
}

// NewContext returns a context that carries the caller.
func NewContext(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, &request{caller: c})
}

// FromContext returns the caller of the request, or an anonymous one.
func FromContext(ctx context.Context) *Caller {
	if r, ok := ctx.Value(contextKey{}).(*request); ok {
		return r.caller
	}
	return &Caller{}
}

// SetTarget notes the unique id of whose credentials the gate decided about: the operation gives
// them for nobody else, whoever bears the name by then. The steps of a request follow one another,
// so that it needs no lock.
func SetTarget(ctx context.Context, id string) {
	if r, ok := ctx.Value(contextKey{}).(*request); ok {
		r.target = id
	}
}

// Target returns what SetTarget noted for the request, or the empty string.
func Target(ctx context.Context) string {
	if r, ok := ctx.Value(contextKey{}).(*request); ok {
		return r.target
	}
	return ""
}
