package iam_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// Whoever trusts a provider that many organizations share has to say which of them is meant.
func TestSharedProviders(t *testing.T) {
	const (
		github  = "token.actions.githubusercontent.com"
		message = "The trust policy must evaluate the condition key "
	)
	db := openStore(t)
	role(t, db, home, "deploy", trusting(`{"AWS": "*"}`))
	for _, c := range []struct{ name, effect, provider, condition, key string }{
		{"a subject", "Allow", oidcARN(github), `{"StringLike":{"` + github + `:sub":"repo:org/*"}}`, ""},
		{"a subject in other letters", "Allow", oidcARN(github), `{"StringLike":{"` + github + `:SUB":"repo:org/*"}}`, ""},
		{"no condition", "Allow", oidcARN(github), `{}`, github + ":sub"},
		{"an audience only", "Allow", oidcARN(github), `{"StringEquals":{"` + github + `:aud":"sts.amazonaws.com"}}`, github + ":sub"},
		{"that there is a subject", "Allow", oidcARN(github), `{"Null":{"` + github + `:sub":"false"}}`, github + ":sub"},
		{"another provider's subject", "Allow", oidcARN("gitlab.com"), `{"StringLike":{"` + github + `:sub":"repo:org/*"}}`, "gitlab.com:sub"},
		{"a denial", "Deny", oidcARN(github), `{}`, ""},
		{"a provider with a path", "Allow", oidcARN("api.pulumi.com/oidc"), `{"StringEquals":{"api.pulumi.com/oidc:sub":"x"}}`, "api.pulumi.com/oidc:aud"},
		{"one that every account has", "Allow", "cognito-identity.amazonaws.com", `{}`, "cognito-identity.amazonaws.com:aud"},
		{"one of its own", "Allow", oidcARN("id.example.com"), `{}`, ""},
		{"one that only looks alike", "Allow", oidcARN(github + ".example.com"), `{}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			document := `{"Version":"2012-10-17","Statement":[{"Effect":"` + c.effect + `","Principal":{"Federated":"` + c.provider +
				`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + c.condition + `}]}`
			err := try(t, db, func(ctx context.Context, tx *store.Tx) error {
				return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", document)
			})
			if c.key != "" {
				refused(t, err, iam.MalformedPolicyDocument, message+c.key)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func oidcARN(issuer string) string { return iam.OIDCProviderARN(home, issuer) }
