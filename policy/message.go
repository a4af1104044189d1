package policy

import "strings"

// Message words a refusal as AWS does (IAM user guide, topic "Troubleshoot access denied
// error messages"): who, which action, on which resource, and which type of policy
// refused. With showPolicy the ARN of the policy that denies explicitly is added, which
// AWS does when caller and policy belong to the same account or the same organization.
// The message of an allowed decision is empty.
func Message(d Decision, req *Request, showPolicy bool) string {
	if d.Allowed {
		return ""
	}
	var b strings.Builder
	b.WriteString("User: ")
	if req.Principal.ARN == "" {
		b.WriteString("anonymous")
	} else {
		b.WriteString(req.Principal.ARN)
	}
	b.WriteString(" is not authorized to perform: ")
	b.WriteString(req.Action)
	if req.Resource != "" {
		b.WriteString(" on resource: ")
		b.WriteString(req.Resource)
	}
	b.WriteString(Cause(d, req.Action, showPolicy))
	return b.String()
}

// Cause returns the last part of the message, with a leading space: why the request was
// refused.
func Cause(d Decision, action string, showPolicy bool) string {
	switch {
	case d.Allowed || d.Reason == NoKind:
		return ""
	case d.Effect == ExplicitDeny:
		text := " with an explicit deny in " + article(d.Reason) + " " + d.Reason.String()
		if arn := d.denyingARN(); showPolicy && arn != "" {
			text += ": " + arn
		}
		return text
	default:
		return " because no " + d.Reason.String() + " allows the " + action + " action"
	}
}

// denyingARN returns the ARN of the first policy that denies, if it has one. Policies of
// resources and inline policies have none.
func (d *Decision) denyingARN() string {
	for _, ref := range d.Deciding() {
		if ref.Attached.ARN != "" {
			return ref.Attached.ARN
		}
	}
	return ""
}

// article returns the article that AWS puts before the kind of a policy.
func article(k Kind) string {
	switch k {
	case Trust:
		return "the"
	case Identity:
		return "an"
	default:
		return "a"
	}
}
