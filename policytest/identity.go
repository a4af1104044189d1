package policytest

import (
	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// identity is somebody who can make calls, with everything that is carried.
type identity struct {
	name      string
	principal policy.Principal
	account   *account // nil for principals without account

	policies []policy.Attached
	boundary *policy.Attached
	session  []policy.Attached

	tags map[string]string
	// mfa is aws:MultiFactorAuthPresent; nil leaves it to the kind of credentials.
	mfa     *bool
	context []contextEntry
}

// readIdentities reads the section "identities".
func (l *loader) readIdentities(n *yaml.Node) {
	l.each(n, "the identities", func(key, value *yaml.Node) {
		l.world.identities[key.Value] = l.readIdentity(key, value) // nil: its faults are reported
	})
}

func (l *loader) readIdentity(key, n *yaml.Node) *identity {
	who := &identity{name: key.Value}
	var kinds []string
	var kindNode, accountNode, policies, boundary, session *yaml.Node
	var value, sessionName string
	kind := func(name string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			kinds, kindNode = append(kinds, name), n
			value = l.text(n, "the "+name)
			if (name == "root" || name == "anonymous") && value != "true" {
				l.fail(n, "%s can only be true", name)
				value = ""
			}
		}
	}
	ok := l.object(n, "the identity "+key.Value, fields{
		"arn": kind("arn"), "user": kind("user"), "role": kind("role"), "root": kind("root"), "service": kind("service"),
		"anonymous": kind("anonymous"), "federated-user": kind("federated-user"), "web-identity": kind("web-identity"), "saml": kind("saml"),
		"account": pick(&accountNode), "session-name": l.into(&sessionName, "the session name"),
		"policies": pick(&policies), "boundary": pick(&boundary), "session-policies": pick(&session),
		"tags":    func(n *yaml.Node) { who.tags = l.readTags(n) },
		"mfa":     func(n *yaml.Node) { v := l.bool(n, "mfa"); who.mfa = &v },
		"context": func(n *yaml.Node) { who.context = l.readContext(n) },
	})
	switch {
	case !ok:
		return nil
	case len(kinds) != 1:
		l.fail(key, "the identity %s has to be exactly one of: arn, user, role, root, service, anonymous, federated-user, web-identity, saml", key.Value)
		return nil
	case value == "":
		return nil
	}
	if accountNode != nil {
		if who.account = l.accountRef(accountNode); who.account == nil {
			return nil
		}
	}
	if !l.principalOf(who, key, kindNode, kinds[0], value) {
		return nil
	}
	if sessionName != "" {
		if who.principal.Type != policy.AssumedRole {
			l.fail(key, "only roles have a session-name")
		} else {
			who.principal = roleSession(who.principal.EntityARN, sessionName)
		}
	}
	l.readCarried(who, policies, boundary, session)
	return who
}

// principalOf turns "user: alice" and its siblings into a principal.
func (l *loader) principalOf(who *identity, key, at *yaml.Node, kind, value string) bool {
	account := ""
	if who.account != nil {
		account = who.account.id
	}
	switch kind {
	case "user", "role", "root", "federated-user":
		if account == "" {
			l.fail(key, "the identity %s needs an account", who.name)
			return false
		}
	}
	arn := "arn:aws:iam::" + account + ":"
	switch kind {
	case "user", "role":
		value = arn + kind + "/" + value
	case "federated-user":
		value = "arn:aws:sts::" + account + ":federated-user/" + value
	case "root":
		value = arn + "root"
	case "anonymous":
		value = "anonymous"
	case "web-identity":
		who.principal = policy.Principal{Type: policy.WebIdentity, ARN: value}
		return true
	case "saml":
		who.principal = policy.Principal{Type: policy.SAML, ARN: value}
		return true
	}
	p, err := ParsePrincipal(value)
	if err != nil {
		l.fail(at, "%v", err)
		return false
	}
	who.principal = p
	if who.account == nil && p.Account != "" {
		who.account = l.world.accountOf(p.Account)
	}
	return true
}

// readCarried reads the policies that the identity carries.
func (l *loader) readCarried(who *identity, policies, boundary, session *yaml.Node) {
	who.policies = l.policies(policies, policy.Identity, who.name)
	if boundary != nil {
		list := l.policies(boundary, policy.Boundary, "boundary of "+who.name)
		switch len(list) {
		case 0:
		case 1:
			who.boundary = &list[0]
		default:
			l.fail(boundary, "there is only one permissions boundary")
		}
	}
	who.session = l.policies(session, policy.Session, "session of "+who.name)
	for _, n := range []*yaml.Node{policies, boundary} {
		if n != nil && who.principal.Type == policy.Root {
			l.fail(n, "the root user carries no policies")
		}
	}
}

// accountRef reads the name of an account of the organization, or the id of any account.
func (l *loader) accountRef(n *yaml.Node) *account {
	ref := l.text(n, "an account")
	if ref == "" {
		return nil
	}
	if a := l.world.account(ref); a != nil {
		return a
	}
	if isAccountID(ref) {
		return l.world.accountOf(ref)
	}
	var names []string
	if l.world.org != nil {
		for _, a := range l.world.org.accounts {
			names = append(names, a.name)
		}
	}
	l.fail(n, "there is no account %q in the organization%s", ref, didYouMean(ref, names))
	return nil
}

func (l *loader) readTags(n *yaml.Node) map[string]string {
	tags := map[string]string{}
	l.each(n, "the tags", func(key, value *yaml.Node) {
		if value.Kind != yaml.ScalarNode {
			l.fail(value, "the value of the tag %s has to be a single value", key.Value)
			return
		}
		tags[key.Value] = value.Value
	})
	return tags
}
