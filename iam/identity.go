package iam

import (
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// Kind is the kind of an identity. Its text is the resource type in the identity's ARN.
type Kind string

// The kinds of identity; see the IAM user guide, "IAM identities".
const (
	KindUser  Kind = "user"
	KindGroup Kind = "group"
	KindRole  Kind = "role"
)

func (k Kind) title() string {
	switch k {
	case KindUser:
		return "User"
	case KindGroup:
		return "Group"
	default:
		return "Role"
	}
}

// idPrefix is the prefix of unique ids; see the IAM user guide, "IAM identifiers".
func (k Kind) idPrefix() string {
	switch k {
	case KindUser:
		return credential.UserIDPrefix
	case KindGroup:
		return credential.GroupIDPrefix
	default:
		return credential.RoleIDPrefix
	}
}

// Identity is a user, a group or a role. Users and roles are what AWS calls entities: they
// can act, and can have a permissions boundary.
type Identity struct {
	Kind Kind
	// ID is the unique id ("AIDA…", "AGPA…", "AROA…"); it never changes and is never used
	// again.
	ID        string
	AccountID string
	// Name is unique among the account's identities of the same kind, whatever its case.
	Name string
	// Path begins and ends with a slash.
	Path string
	// CreatedAt has whole seconds.
	CreatedAt time.Time
	// Boundary is the ARN of the managed policy that is the permissions boundary; empty if
	// there is none.
	Boundary string
	// PasswordLastUsed is zero for a user that never signed in to the console.
	PasswordLastUsed time.Time
	// Role is what only roles have.
	Role RoleSettings
}

// RoleSettings are the parts of an identity that only roles have.
type RoleSettings struct {
	Description string
	// TrustPolicy is the trust policy as it was put in; [TrustPolicyOf] returns it as it
	// reads now.
	TrustPolicy string
	// MaxSessionDuration is in seconds, 3600 to 43200.
	MaxSessionDuration int32
	// LastUsedAt is zero for a role that was never used; LastUsedRegion is where.
	LastUsedAt     time.Time
	LastUsedRegion string
}

// ARN returns the identity's ARN, path included.
func (i *Identity) ARN() string { return arnOf(i.AccountID, string(i.Kind), i.Path, i.Name) }

// IsServiceLinked reports whether i is a service-linked role, which only its service may
// change.
func (i *Identity) IsServiceLinked() bool {
	return i.Kind == KindRole && strings.HasPrefix(i.Path, "/aws-service-role/")
}

// arnOf puts an ARN of this service together; path has its slashes.
func arnOf(accountID, kind, path, name string) string {
	return "arn:aws:iam::" + accountID + ":" + kind + path + name
}

// ARNOf returns the ARN that an identity of that name would have at the root path. It is
// for naming what does not exist.
func ARNOf(accountID string, kind Kind, name string) string {
	return arnOf(accountID, string(kind), "/", name)
}

func orRootPath(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
