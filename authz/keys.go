package authz

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// requestKeys answers condition keys. Nothing is computed before a condition asks: most
// policies have none. The keys follow the IAM user guide, "AWS global condition context
// keys".
type requestKeys struct {
	request     *Request
	check       *Check
	home, owner *account
	principal   *principal
}

// Lookup returns the values of a key given in lower case.
func (k *requestKeys) Lookup(key string) ([]string, bool) {
	if v, ok := k.check.Keys.Lookup(key); ok {
		return v, ok
	}
	global, ok := strings.CutPrefix(key, "aws:")
	if !ok {
		return k.federated(key)
	}
	if tag, ok := strings.CutPrefix(global, "principaltag/"); ok {
		return k.principalTag(tag)
	}
	if v, known := k.environment(global); known {
		return []string{v}, true
	}
	if v := k.caller(global); v != "" {
		return []string{v}, true
	}
	if v := k.session(global); v != "" {
		return []string{v}, true
	}
	return k.organization(global)
}

// environment answers what the connection and the moment say.
func (k *requestKeys) environment(key string) (string, bool) {
	e := &k.request.Environment
	switch key {
	case "sourceip":
		return e.SourceIP, e.SourceIP != ""
	case "useragent":
		return e.UserAgent, e.UserAgent != ""
	case "referer":
		return e.Referer, e.Referer != ""
	case "securetransport":
		return strconv.FormatBool(e.TLS), true
	case "currenttime":
		return e.Time.UTC().Format("2006-01-02T15:04:05Z"), true
	case "epochtime":
		return strconv.FormatInt(e.Time.Unix(), 10), true
	case "requestedregion":
		return e.Region, e.Region != ""
	case "viaawsservice", "principalisawsservice":
		return "false", true
	}
	return "", false
}

// caller answers what the principal is; an empty answer means that the key is absent.
func (k *requestKeys) caller(key string) string {
	c := k.request.Caller
	switch key {
	case "principalarn":
		if c.Type == credential.AssumedRole {
			return k.principal.entity.ARN
		}
		return c.ARN
	case "principalaccount":
		return c.AccountID
	case "principaltype":
		return principalType(c.Type)
	case "userid":
		return c.PrincipalID
	case "username":
		if c.Type == credential.User {
			return c.EntityName
		}
	case "resourceaccount":
		return k.owner.membership.AccountID
	}
	return ""
}

func principalType(t credential.PrincipalType) string {
	switch t {
	case credential.RootUser:
		return "Account"
	case credential.User:
		return "User"
	case credential.AssumedRole:
		return "AssumedRole"
	case credential.FederatedUser:
		return "FederatedUser"
	default:
		return "Anonymous"
	}
}

// session answers what only temporary credentials carry.
func (k *requestKeys) session(key string) string {
	s := k.request.Caller.Session
	if s == nil {
		return ""
	}
	switch key {
	case "tokenissuetime":
		return s.IssuedAt.UTC().Format("2006-01-02T15:04:05Z")
	case "multifactorauthpresent":
		return strconv.FormatBool(s.MFA)
	case "multifactorauthage":
		if s.MFA {
			return strconv.FormatInt(int64(k.request.Time.Sub(s.MFATime)/time.Second), 10)
		}
	case "sourceidentity":
		return s.SourceIdentity
	case "federatedprovider":
		return s.FederatedProvider
	case "assumedroot":
		return s.AssumedRoot
	}
	return ""
}

// federated answers what the identity provider said of whoever began the session; see the IAM user
// guide, "IAM and AWS STS condition context keys", on keys of federation in later requests.
func (k *requestKeys) federated(key string) ([]string, bool) {
	s := k.request.Caller.Session
	if s == nil {
		return nil, false
	}
	v, ok := s.FederatedKeys[key]
	return v, ok
}

func (k *requestKeys) organization(key string) ([]string, bool) {
	switch key {
	case "principalorgid":
		return present(k.home.membership.OrganizationID)
	case "principalorgpaths":
		paths := k.home.orgPaths()
		return paths, paths != nil
	case "resourceorgid":
		return present(k.owner.membership.OrganizationID)
	case "resourceorgpaths":
		paths := k.owner.orgPaths()
		return paths, paths != nil
	}
	return nil, false
}

func present(v string) ([]string, bool) {
	if v == "" {
		return nil, false
	}
	return []string{v}, true
}

// principalTag answers aws:PrincipalTag/key: the session's tags win over those of the user
// or role. Tag keys are compared without case, as condition keys are.
func (k *requestKeys) principalTag(tag string) ([]string, bool) {
	if s := k.request.Caller.Session; s != nil {
		if v, ok := tagValue(s.Tags, tag); ok {
			return []string{v}, true
		}
	}
	if v, ok := tagValue(k.principal.entity.Tags, tag); ok {
		return []string{v}, true
	}
	return nil, false
}

func tagValue(tags map[string]string, lower string) (string, bool) {
	keys := make([]string, 0, len(tags))
	for key := range tags {
		if strings.EqualFold(key, lower) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return "", false
	}
	// Two tags that differ in case only: the first in order, so that the answer is stable.
	sort.Strings(keys)
	return tags[keys[0]], true
}
