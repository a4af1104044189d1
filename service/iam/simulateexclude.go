package iam

import (
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
)

// maxExclusions is how many identifiers a PolicyExclusionList can have.
const maxExclusions = 256

// exclusions are the policies that a simulation leaves out; see the IAM API Reference,
// "PolicyIdentifier". Identifiers of resource control policies have no effect.
type exclusions struct {
	inline, awsManaged, customerManaged, boundaries, scps bool

	arns   []string
	owners []inlineExclusion
}

// inlineExclusion names an inline policy and, by a pattern, who carries it.
type inlineExclusion struct{ policy, owner string }

func newExclusions(list []iamapi.PolicyIdentifier) (x exclusions, err error) {
	if len(list) > maxExclusions {
		return x, invalidInput("The list of policy exclusions cannot exceed %d items.", maxExclusions)
	}
	for i := range list {
		p := &list[i]
		switch {
		case p.PolicyType != nil:
			x.excludeType(*p.PolicyType)
		case p.PolicyArn != nil:
			if err := checkExcludedARN(*p.PolicyArn); err != nil {
				return x, err
			}
			x.arns = append(x.arns, *p.PolicyArn)
		case p.InlinePolicyIdentifier != nil:
			id := p.InlinePolicyIdentifier
			owner := smithy.Value(id.AttachmentName)
			if owner == "" || strings.Count(owner, "*") > 1 || strings.ContainsAny(owner, "/:") {
				return x, invalidInput("Invalid policy exclusion: %s is not the name of a user, group or role with at most one *.", owner)
			}
			x.owners = append(x.owners, inlineExclusion{
				policy: smithy.Value(id.PolicyName), owner: strings.ToLower(smithy.Value(id.AttachmentType)) + "/" + owner,
			})
		default:
			return x, invalidInput("Invalid policy exclusion: specify exactly one of PolicyType, PolicyArn or InlinePolicyIdentifier.")
		}
	}
	return x, nil
}

func (x *exclusions) excludeType(name string) {
	switch name {
	case iamapi.PolicyIdentifierPolicyTypeInline:
		x.inline = true
	case iamapi.PolicyIdentifierPolicyTypeAwsManaged:
		x.awsManaged = true
	case iamapi.PolicyIdentifierPolicyTypeUserManaged:
		x.customerManaged = true
	case iamapi.PolicyIdentifierPolicyTypePermissionBoundary:
		x.boundaries = true
	case iamapi.PolicyIdentifierPolicyTypeScp:
		x.scps = true
	}
}

// checkExcludedARN refuses an ARN that has wildcards before its last part or more than one
// asterisk in it.
func checkExcludedARN(text string) error {
	a, err := arn.Parse(text)
	if err != nil || strings.ContainsAny(strings.TrimSuffix(text, a.Resource), "*?") || strings.Count(a.Resource, "*") > 1 {
		return invalidInput("Invalid policy exclusion: %s is not the ARN of a policy with at most one * in its name.", text)
	}
	return nil
}

// identity reports whether a policy of a user, group or role is left out. ARNs may leave
// out the policy's path.
func (x *exclusions) identity(t *iam.PolicyText) bool {
	if t.ARN == "" {
		for _, o := range x.owners {
			if o.policy == t.Name && matchName(o.owner, t.Owner) {
				return true
			}
		}
		return x.inline
	}
	a, err := arn.Parse(t.ARN)
	if err != nil {
		return false
	}
	a.Resource = "policy/" + t.Name
	for _, pattern := range x.arns {
		if matchName(pattern, t.ARN) || matchName(pattern, a.String()) {
			return true
		}
	}
	if a.AccountID == "aws" {
		return x.awsManaged
	}
	return x.customerManaged
}

// matchName matches a text with a pattern that has at most one asterisk, for any
// characters, and question marks, each for one.
func matchName(pattern, text string) bool {
	before, after, any := strings.Cut(pattern, "*")
	if !any {
		return len(pattern) == len(text) && matchChars(pattern, text)
	}
	return len(before)+len(after) <= len(text) &&
		matchChars(before, text[:len(before)]) && matchChars(after, text[len(text)-len(after):])
}

// matchChars matches texts of one length.
func matchChars(pattern, text string) bool {
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}
