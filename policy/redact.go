package policy

import (
	"slices"
	"strings"
)

// hidden is what a layer says to those who may not know.
const hidden = "hidden"

// Audience says who is going to read an explanation, and whose policies it tells of.
// Organizations are ids, empty for accounts outside of any.
type Audience struct {
	// Account and Organization are the reader's.
	Account, Organization string
	// PrincipalAccount and PrincipalOrganization are the caller's, ResourceAccount and
	// ResourceOrganization those of the resource's owner.
	PrincipalAccount, PrincipalOrganization string
	ResourceAccount, ResourceOrganization   string
}

// clearance is how much of a layer a reader may know.
type clearance uint8

const (
	clearNothing clearance = iota
	clearName              // the ARN of a policy that denies explicitly
	clearAll
)

// of returns the clearance for the policies of a kind. Policies of an account are for that
// account; SCPs and RCPs for the organization. In one organization AWS names the policy
// that denies explicitly (IAM user guide, topic "Troubleshoot access denied error
// messages"), and nothing else.
func (a *Audience) of(k Kind) clearance {
	account, organization := a.PrincipalAccount, a.PrincipalOrganization
	if k == Resource || k == Trust || k == RCP {
		account, organization = a.ResourceAccount, a.ResourceOrganization
	}
	sameOrganization := a.Organization != "" && a.Organization == organization
	switch {
	case a.Account != "" && a.Account == account:
		return clearAll
	case sameOrganization && (k == SCP || k == RCP):
		return clearAll
	case sameOrganization:
		return clearName
	}
	return clearNothing
}

// Redact returns the explanation as the audience may see it; the original, for the audit
// log of the account concerned, stays as it is. Of layers that are none of the reader's
// business only the kind of the one that decided remains; hints about them and the keys
// they ask for go as well, and the message names no policy.
func (e *Explanation) Redact(a Audience) Explanation {
	out := *e
	reason := kindNamed(e.Reason)
	clear := a.of(reason)
	if e.Outcome == Allowed.String() && clear == clearName {
		clear = clearNothing // only what denies is named
	}
	d := e.Decision
	d.deciding, d.count = [maxDeciding]StatementRef{}, 0
	out.Decision = d
	out.Deciding = nil
	for _, s := range e.Deciding {
		switch clear {
		case clearName:
			s = DecidingStatement{Kind: s.Kind, ARN: s.ARN, Index: -1}
		case clearNothing:
			continue
		}
		out.Deciding = append(out.Deciding, s)
	}
	if clear == clearNothing {
		out.Level, out.Decision.Level = "", ""
		for _, s := range e.Deciding {
			out.Message = strings.TrimSuffix(out.Message, ": "+s.ARN)
		}
	}
	out.Layers = make([]LayerExplanation, 0, len(e.Layers))
	out.MissingKeys = nil
	for _, l := range e.Layers {
		if a.of(kindNamed(l.Kind)) == clearAll {
			out.MissingKeys = append(out.MissingKeys, l.missing...)
			out.Layers = append(out.Layers, l)
			continue
		}
		// How many levels there are is not told either.
		n := len(out.Layers)
		if l.Kind == e.Reason && (n == 0 || out.Layers[n-1].Kind != l.Kind) {
			out.Layers = append(out.Layers, LayerExplanation{Kind: l.Kind, Says: hidden, Policies: []PolicyExplanation{}})
		}
	}
	slices.Sort(out.MissingKeys)
	out.MissingKeys = slices.Compact(out.MissingKeys)
	out.Hints = slices.DeleteFunc(slices.Clone(e.Hints), func(h Hint) bool { return a.of(kindNamed(h.Kind)) != clearAll })
	return out
}
