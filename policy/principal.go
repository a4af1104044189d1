package policy

import (
	"strings"

	"github.com/bailiwick/bailiwick/arn"
)

// grant says how closely a statement names the principal of a request. In the principal's
// own account the closeness decides which implicit denies of other layers a
// resource-based policy overrides (IAM user guide, topic "How AWS enforcement code logic
// evaluates requests to allow or deny access", table of resource-based policies).
type grant uint8

const (
	// noGrant: the statement does not name the principal.
	noGrant grant = iota
	// accountGrant: it names the account, which delegates to identity-based policies.
	accountGrant
	// entityGrant: it names the role of a role session or the user behind a federated
	// user; boundary and session policies still limit.
	entityGrant
	// directGrant: it names the user, the session or the service, or everybody: nothing else
	// is needed. That "*" grants directly follows from the topic "JSON policy elements:
	// Principal", where boundary and session policies do not limit what "*" with a
	// condition on aws:PrincipalArn gives.
	directGrant
)

// principalForm is how a member of Principal names somebody.
type principalForm uint8

const (
	everyone principalForm = iota // "*"
	everyAWS                      // {"AWS": "*"}
	accountForm
	arnForm
	uniqueIDForm
	serviceForm
	federatedForm
	canonicalForm
)

// principalMatcher is one compiled member of Principal or NotPrincipal.
type principalMatcher struct {
	form principalForm
	text string // account id, ARN, unique id, service name, provider, canonical id
}

// newPrincipalMatcher compiles a member; known is false for a class or form that is not
// understood.
func newPrincipalMatcher(v PrincipalValue) (m principalMatcher, known bool) {
	switch v.Class {
	case "*":
		return principalMatcher{form: everyone}, true
	case "Service":
		return principalMatcher{form: serviceForm, text: v.Text}, true
	case "Federated":
		return principalMatcher{form: federatedForm, text: v.Text}, true
	case "CanonicalUser":
		return principalMatcher{form: canonicalForm, text: v.Text}, true
	case "AWS":
		return newAWSPrincipal(v.Text)
	default:
		return principalMatcher{}, false
	}
}

func newAWSPrincipal(text string) (principalMatcher, bool) {
	switch {
	case text == "*":
		return principalMatcher{form: everyAWS}, true
	case arn.IsAccountID(text):
		return principalMatcher{form: accountForm, text: text}, true
	}
	if a, err := arn.Parse(text); err == nil {
		if a.Service == "iam" && a.Resource == "root" {
			return principalMatcher{form: accountForm, text: a.AccountID}, true
		}
		return principalMatcher{form: arnForm, text: text}, true
	}
	if isUniqueID(text) {
		return principalMatcher{form: uniqueIDForm, text: text}, true
	}
	return principalMatcher{}, false
}

// isUniqueID reports whether a text has the form of a unique id of a user or role, which
// stands in a policy in place of an ARN once the user or role is deleted.
func isUniqueID(text string) bool {
	if len(text) < 16 || len(text) > 128 || !strings.HasPrefix(text, "A") {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// match says how closely the member names the principal.
func (m *principalMatcher) match(p *Principal) grant {
	switch m.form {
	case everyone:
		return directGrant
	case everyAWS:
		return directIf(p.Type != Service && p.Type != WebIdentity && p.Type != SAML)
	case accountForm:
		return m.matchAccount(p)
	case arnForm:
		return m.matchARN(p)
	case uniqueIDForm:
		return m.matchUniqueID(p)
	case serviceForm:
		return directIf(p.Type == Service && p.ARN == m.text)
	case federatedForm:
		return directIf((p.Type == WebIdentity || p.Type == SAML) && p.ARN == m.text)
	default:
		return directIf(p.CanonicalUserID != "" && p.CanonicalUserID == m.text)
	}
}

func (m *principalMatcher) matchAccount(p *Principal) grant {
	if !p.hasIdentity() || p.Account != m.text {
		return noGrant
	}
	if p.Type == Root {
		return directGrant
	}
	return accountGrant
}

func (m *principalMatcher) matchARN(p *Principal) grant {
	switch {
	case !p.hasIdentity():
		return noGrant
	case p.ARN == m.text:
		return directGrant
	case p.EntityARN != "" && p.EntityARN == m.text:
		return entityGrant
	default:
		return noGrant
	}
}

func (m *principalMatcher) matchUniqueID(p *Principal) grant {
	switch {
	case !p.hasIdentity() || p.UniqueID != m.text:
		return noGrant
	case p.Type == User:
		return directGrant
	default:
		return entityGrant
	}
}

func directIf(ok bool) grant {
	if ok {
		return directGrant
	}
	return noGrant
}

// exempts reports whether a NotPrincipal list leaves the principal out. AWS compares each
// of a principal's names: the account, the role, the session; whoever is to be left out
// has to be listed by all of them (IAM user guide, topic "JSON policy elements:
// NotPrincipal").
func exempts(list []principalMatcher, p *Principal) bool {
	if !p.hasIdentity() {
		for i := range list {
			if list[i].match(p) != noGrant {
				return true
			}
		}
		return false
	}
	account := p.Type == Root
	entity := p.EntityARN == ""
	principal := false
	for i := range list {
		m := &list[i]
		switch {
		case m.form == everyone || m.form == everyAWS:
			return true
		case m.matchAccount(p) != noGrant:
			account = true
			principal = principal || p.Type == Root
		case m.form == arnForm && p.ARN == m.text:
			principal = true
		case m.form == arnForm && p.EntityARN == m.text && p.EntityARN != "":
			entity = true
		case m.form == uniqueIDForm && p.UniqueID == m.text:
			entity = true
			principal = principal || p.Type == User
		}
	}
	return account && entity && principal
}
