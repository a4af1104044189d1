package iam

import (
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// sharedProviders are identity providers that many organizations share, by the host and path of
// their issuers: only the claim that is named tells whose a token is. See the IAM user guide,
// "Identity-provider controls for shared OIDC providers".
var sharedProviders = map[string]string{
	"agent.buildkite.com":            "sub",
	"api.pulumi.com/oidc":            "aud",
	"app.terraform.io":               "sub",
	"cognito-identity.amazonaws.com": "aud",
	"gitlab.com":                     "sub",
	"oidc-configuration.audit-log.githubusercontent.com": "sub",
	"oidc.codefresh.io":                     "sub",
	"oidc.vercel.com":                       "aud",
	"proidc.upbound.io":                     "sub",
	"scalr.io":                              "sub",
	"studio.datachain.ai/api":               "sub",
	"token.actions.githubusercontent.com":   "sub",
	"tokens.cloud.shisho.dev":               "sub",
	"vstoken.actions.githubusercontent.com": "sub",
}

// checkSharedProviders refuses a valid trust policy that lets tokens of a shared provider in
// without looking at whose they are.
func checkSharedProviders(document string) error {
	d, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		return malformed(err)
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != policy.Allow {
			continue
		}
		for _, p := range s.Principal {
			provider := p.Text
			if _, rest, ok := strings.Cut(p.Text, ":oidc-provider/"); ok {
				provider = rest
			}
			claim, shared := sharedProviders[provider]
			if p.Class == "Federated" && shared && !evaluates(s.Conditions, provider+":"+claim) {
				return fail(MalformedPolicyDocument, "The trust policy must evaluate the condition key %s:%s, because the provider %s is shared. (line %d, column %d)",
					provider, claim, provider, p.Pos.Line, p.Pos.Column)
			}
		}
	}
	return nil
}

// evaluates reports whether a condition compares the key with something.
func evaluates(conditions []policy.Condition, key string) bool {
	for i := range conditions {
		if c := &conditions[i]; strings.EqualFold(c.Key, key) && !strings.EqualFold(c.Operator, "Null") {
			return true
		}
	}
	return false
}
