package serviceauth

import "strings"

// KeyType is the type of a condition key's values.
type KeyType string

// The types, as AWS's references name them.
const (
	String    KeyType = "String"
	ARN       KeyType = "ARN"
	Bool      KeyType = "Bool"
	Numeric   KeyType = "Numeric"
	Date      KeyType = "Date"
	IPAddress KeyType = "IPAddress"
	Binary    KeyType = "Binary"
)

// Key is a condition key. The name may hold a variable, for example
// aws:RequestTag/${TagKey}: one key for each tag.
type Key struct {
	Name string
	Type KeyType
	// MultiValued reports that one request may carry several values, so that conditions
	// need a set operator (ForAllValues, ForAnyValue).
	MultiValued bool
}

// ConditionKey returns the condition key that a policy names, global or of a service;
// case does not matter. A name such as aws:RequestTag/team finds the key
// aws:RequestTag/${TagKey}.
//
// Keys of identity providers that AWS's reference lists (saml:aud and the well-known
// OpenID Connect issuers) are found too; those of other issuers are not, although
// policies may use them.
func ConditionKey(name string) (Key, bool) {
	if k, ok := find(globalKeys, name); ok {
		return k, true
	}
	prefix, _, ok := strings.Cut(name, ":")
	if !ok {
		return Key{}, false
	}
	if s, ok := Lookup(prefix); ok {
		if k, ok := find(s.contents().keys, name); ok {
			return k, true
		}
	}
	owner, ok := keyOwners[strings.ToLower(prefix)]
	if !ok {
		owner = "sts" // issuers of web identities are listed with the service that takes them
	}
	if s, ok := Lookup(owner); ok {
		return find(s.contents().keys, name)
	}
	return Key{}, false
}

// ConditionKey returns the key of this name that the service's page lists.
func (s *Service) ConditionKey(name string) (Key, bool) { return find(s.contents().keys, name) }

// keyOwners maps prefixes of condition keys that are not prefixes of a service to the
// service whose page lists them.
var keyOwners = map[string]string{
	"identitycenter":          "sso",
	"catalog":                 "aws-marketplace",
	"cognito-identity-auth":   "cognito-identity",
	"cognito-identity-unauth": "cognito-identity",
}

// find looks for a key by its exact name first, then among those with a variable.
func find(keys []Key, name string) (Key, bool) {
	for _, k := range keys {
		if strings.EqualFold(k.Name, name) {
			return k, true
		}
	}
	lower := strings.ToLower(name)
	for _, k := range keys {
		if strings.Contains(k.Name, "${") && matchLiterals(literals(strings.ToLower(k.Name)), lower) {
			return k, true
		}
	}
	return Key{}, false
}
