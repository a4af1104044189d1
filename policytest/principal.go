package policytest

import (
	"fmt"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// defaultSessionName is the session of a role that is named without one.
const defaultSessionName = "session"

// ParsePrincipal makes a principal of what people write for one: the ARN of a user, a role
// (as a session of it), a role session, a federated user, an account's root user or an
// identity provider; an account id (its root user); a service principal's name
// ("cloudtrail.amazonaws.com"); "anonymous".
func ParsePrincipal(text string) (policy.Principal, error) {
	switch {
	case text == "anonymous" || text == "*":
		return policy.Principal{}, nil
	case isAccountID(text):
		return rootUser("aws", text), nil
	case strings.HasSuffix(text, ".amazonaws.com") && !strings.Contains(text, ":"):
		return policy.Principal{Type: policy.Service, ARN: text}, nil
	}
	f := strings.SplitN(text, ":", 6)
	if len(f) < 6 || f[0] != "arn" || !isAccountID(f[4]) || f[2] != "iam" && f[2] != "sts" {
		return policy.Principal{}, fmt.Errorf("%q is no principal: it takes an ARN like arn:aws:iam::111122223333:user/name, an account id, a service like ec2.amazonaws.com, or anonymous", text)
	}
	partition, account := f[1], f[4]
	kind, name, _ := strings.Cut(f[5], "/")
	switch {
	case f[5] == "root":
		return rootUser(partition, account), nil
	case name == "":
	case kind == "user":
		return policy.Principal{Type: policy.User, Account: account, ARN: text, UniqueID: uniqueID("AIDA", name)}, nil
	case kind == "role":
		return roleSession(text, defaultSessionName), nil
	case kind == "assumed-role":
		role, session, ok := strings.Cut(name, "/")
		if ok && session != "" {
			return roleSession("arn:"+partition+":iam::"+account+":role/"+role, session), nil
		}
	case kind == "federated-user":
		return policy.Principal{Type: policy.FederatedUser, Account: account, ARN: text}, nil
	case kind == "saml-provider":
		return policy.Principal{Type: policy.SAML, ARN: text}, nil
	case kind == "oidc-provider":
		return policy.Principal{Type: policy.WebIdentity, ARN: text}, nil
	}
	return policy.Principal{}, fmt.Errorf("%q is no principal: %q is not a user, role, assumed-role (with a session), federated-user, saml-provider or oidc-provider", text, f[5])
}

func rootUser(partition, account string) policy.Principal {
	return policy.Principal{Type: policy.Root, Account: account, ARN: "arn:" + partition + ":iam::" + account + ":root", UniqueID: account}
}

// roleSession makes a session of a role that is named with its path.
func roleSession(roleARN, session string) policy.Principal {
	f := strings.SplitN(roleARN, ":", 6)
	name := roleARN[strings.LastIndexByte(roleARN, '/')+1:]
	return policy.Principal{
		Type: policy.AssumedRole, Account: f[4],
		ARN:       "arn:" + f[1] + ":sts::" + f[4] + ":assumed-role/" + name + "/" + session,
		EntityARN: roleARN, UniqueID: uniqueID("AROA", name),
	}
}

// uniqueID makes an id in the form of AWS's from a name.
func uniqueID(prefix, name string) string {
	id := prefix + strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '2' && r <= '7' {
			return r
		}
		return -1
	}, strings.ToUpper(name[strings.LastIndexByte(name, '/')+1:]))
	for len(id) < 21 {
		id += "EXAMPLE"
	}
	return id[:21]
}

// isServiceLinked reports whether a principal acts through a service-linked role, which
// neither SCPs nor RCPs touch (AWS Organizations user guide, topics "Service control policies"
// and "Resource control policies").
func isServiceLinked(p *policy.Principal) bool {
	return p.Type == policy.AssumedRole && strings.Contains(p.EntityARN, ":role/aws-service-role/")
}
