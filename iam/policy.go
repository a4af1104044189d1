package iam

import (
	"strconv"
	"strings"
	"time"
)

// Policy is a managed policy: the customer's own, or AWS's.
type Policy struct {
	// ID is the unique id ("ANPA…").
	ID string
	// AccountID is "aws" for AWS managed policies.
	AccountID   string
	Name, Path  string
	Description string
	// DefaultVersion is the number of the version in force, NextVersion that of the version
	// to come: numbers are never used again.
	DefaultVersion, NextVersion int
	CreatedAt, UpdatedAt        time.Time
	// Usage is filled by reads.
	Usage Usage

	serviceOnly bool
}

// ARN returns the policy's ARN.
func (p *Policy) ARN() string { return arnOf(p.AccountID, "policy", p.Path, p.Name) }

// IsAWS reports whether the policy is AWS's and cannot be changed.
func (p *Policy) IsAWS() bool { return p.AccountID == awsAccount }

// Attachable reports whether the policy can be attached: those that AWS keeps for
// service-linked roles cannot.
func (p *Policy) Attachable() bool { return !p.serviceOnly }

// Usage says how many identities of one account carry a policy.
type Usage struct {
	// Attachments counts users, groups and roles that it is attached to; Boundaries counts
	// users and roles whose permissions boundary it is.
	Attachments, Boundaries int
}

// Version is one version of a managed policy.
type Version struct {
	Number int
	// Document is exactly what was put in. Lists leave it out.
	Document  string
	CreatedAt time.Time
}

// VersionID returns the form of a version's number in the API: "v" and the number.
func VersionID(number int) string { return "v" + strconv.Itoa(number) }

// versionNumber is the inverse of VersionID; false if id has another form.
func versionNumber(id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, "v")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0 && VersionID(n) == id
}

// AttachedPolicy is a managed policy as it is listed at an identity.
type AttachedPolicy struct{ ARN, Name, Path string }

// awsAccount stands for the account in the ARNs of AWS managed policies.
const awsAccount = "aws"

// isAWSPolicy reports whether the ARN is that of an AWS managed policy.
func isAWSPolicy(arn string) bool { return strings.HasPrefix(arn, "arn:aws:iam::aws:policy/") }

// policyName returns the name in a policy's ARN: what follows the last slash.
func policyName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// UsageFilter selects policies by how they are used.
type UsageFilter string

// The values of PolicyUsageFilter; the zero value selects all.
const (
	AnyUsage       UsageFilter = ""
	UsedAsPolicy   UsageFilter = "PermissionsPolicy"
	UsedAsBoundary UsageFilter = "PermissionsBoundary"
)

// PolicyFilter selects policies of a list.
type PolicyFilter struct {
	PathPrefix   string
	OnlyAttached bool
	Usage        UsageFilter
}

// NeedsAttachment reports whether the filter selects only policies that are attached.
func (f PolicyFilter) NeedsAttachment() bool {
	return f.Usage == UsedAsPolicy || f.OnlyAttached && f.Usage == AnyUsage
}

// NeedsBoundary reports whether the filter selects only policies that are boundaries.
func (f PolicyFilter) NeedsBoundary() bool { return f.Usage == UsedAsBoundary }

// EntityFilter selects who carries a policy.
type EntityFilter struct {
	// Kind is empty for all kinds.
	Kind       Kind
	PathPrefix string
	Usage      UsageFilter
}

// EntityCursor is a place in the list of those who carry a policy.
type EntityCursor struct {
	Kind Kind
	Name string
}
