package iam

import (
	"context"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy"
)

// A trust policy is kept as it was put in, but for account ids, which AWS writes as the
// account's ARN, together with the unique ids of the users and roles that it names. What is shown and what is evaluated is made from both: who still
// exists stands under the present ARN, who is gone under the unique id, which nobody has
// any more. See the IAM user guide, "AWS JSON policy elements: Principal", "IAM role
// principals".

// TrustPolicyOf returns the trust policy of a role in the form that is shown and evaluated.
func TrustPolicyOf(_ context.Context, tx Tx, role *Identity) (string, error) {
	trusted, err := tx.IAMTrusted(role.ID)
	if err != nil {
		return "", err
	}
	return PresentPrincipals(role.Role.TrustPolicy, trusted)
}

// touchTrusting tells the caches of all who trust the user or role that it goes by another
// ARN now, or is gone.
func touchTrusting(tx Tx, principalID string) error {
	accounts, err := tx.IAMTrustingAccounts(principalID)
	for _, id := range accounts {
		touch(tx, id)
	}
	return err
}

// trust is a trust policy as it is kept.
type trust struct {
	document string
	// ids are the unique ids of users and roles by their names in the document.
	ids map[string]string
}

// resolveTrust finds those whom a trust policy names. A principal that is not there makes
// the policy malformed.
func resolveTrust(tx Tx, doc string) (trust, error) {
	refs, err := principalsOf(doc)
	if err != nil {
		return trust{}, err
	}
	ids, accounts := map[string]string{}, map[string]string{}
	for _, ref := range refs {
		ok := true
		switch ref.Class {
		case "AWS":
			var id string
			if id, ok, err = resolvePrincipal(tx, ref.Text); err != nil {
				return trust{}, err
			}
			if id != "" {
				ids[ref.Text] = id
			}
			if arn.IsAccountID(ref.Text) {
				accounts[ref.Text] = "arn:aws:iam::" + ref.Text + ":root"
			}
		case "Service":
			ok = isServicePrincipal(ref.Text)
		}
		if !ok {
			return trust{}, fail(MalformedPolicyDocument, "Invalid principal in policy: %q:%q",
				errorName(ref.Class), ref.Text)
		}
	}
	doc, err = replacePrincipals(doc, accounts)
	return trust{document: doc, ids: ids}, err
}

// errorName is how the error message writes the kind of a principal.
func errorName(kind string) string {
	if kind == "AWS" {
		return kind
	}
	return strings.ToUpper(kind)
}

// resolvePrincipal says whether the value of an AWS principal names somebody who is there,
// and returns the unique id of a user or role.
func resolvePrincipal(tx Tx, value string) (id string, ok bool, err error) {
	if value == "*" {
		return "", true, nil
	}
	if arn.IsAccountID(value) {
		_, ok, err = tx.OrgAccount(value)
		return "", ok, err
	}
	if strings.HasPrefix(value, KindUser.idPrefix()) || strings.HasPrefix(value, KindRole.idPrefix()) {
		_, ok, err = tx.IAMIdentityByID(value)
		return value, ok, err
	}
	a, err := arn.Parse(value)
	if err != nil || a.Partition != "aws" || a.Region != "" {
		return "", false, nil
	}
	switch {
	case a.Service == "sts":
		return resolveSession(tx, a)
	case a.Service != "iam":
		return "", false, nil
	case a.Resource == "root":
		_, ok, err = tx.OrgAccount(a.AccountID)
		return "", ok, err
	}
	i, ok, err := identityByARN(tx, value)
	if err != nil || !ok || i.Kind == KindGroup {
		return "", false, err
	}
	return i.ID, true, nil
}

// resolveSession checks the ARN of a role session or a federated user. These name a
// session, not somebody whose id could be kept; only their account, and the role of a role
// session, must be there.
func resolveSession(tx Tx, a arn.ARN) (id string, ok bool, err error) {
	kind, rest, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "assumed-role":
		roleName, session, found := strings.Cut(rest, "/")
		if !found || session == "" {
			return "", false, nil
		}
		_, ok, err = tx.IAMIdentity(a.AccountID, KindRole, roleName)
		return "", ok, err
	case "federated-user":
		_, ok, err = tx.OrgAccount(a.AccountID)
		return "", ok && rest != "", err
	default:
		return "", false, nil
	}
}

// identityByARN finds a user, group or role by its exact ARN.
func identityByARN(tx Tx, value string) (Identity, bool, error) {
	a, err := arn.Parse(value)
	if err != nil || a.Service != "iam" {
		return Identity{}, false, nil
	}
	kind := Kind(a.ResourceType())
	if kind != KindUser && kind != KindRole && kind != KindGroup {
		return Identity{}, false, nil
	}
	i, ok, err := tx.IAMIdentity(a.AccountID, kind, a.ResourceName())
	if err != nil || !ok || i.ARN() != value {
		return Identity{}, false, err
	}
	return i, true, nil
}

// isServicePrincipal reports whether s has the form of a service principal, such as
// "ec2.amazonaws.com". Which services exist is not checked.
func isServicePrincipal(s string) bool {
	name, ok := strings.CutSuffix(s, ".amazonaws.com")
	if !ok || name == "" {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

// replacePrincipals puts other names in the place of AWS principals; names that are not in
// the map stay.
func replacePrincipals(doc string, names map[string]string) (string, error) {
	refs, err := principalsOf(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	done := 0
	for _, ref := range refs {
		name, ok := names[ref.Text]
		if !ok || ref.Class != "AWS" {
			continue
		}
		// Names and ids of IAM need no escapes in JSON.
		b.WriteString(doc[done:ref.Pos.Offset])
		b.WriteString(`"` + name + `"`)
		done = ref.Pos.Offset + stringLength(doc[ref.Pos.Offset:])
	}
	b.WriteString(doc[done:])
	return b.String(), nil
}

// principalsOf returns the principals of a document in their order.
func principalsOf(doc string) ([]policy.PrincipalValue, error) {
	d, err := policy.Parse([]byte(doc), policy.ParseOptions{})
	if err != nil {
		return nil, malformed(err)
	}
	var refs []policy.PrincipalValue
	for _, s := range d.Statements {
		refs = append(append(refs, s.Principal...), s.NotPrincipal...)
	}
	return refs, nil
}

// stringLength is the length of the JSON string that text begins with, quotes included.
func stringLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
