package sts

import (
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/store"
)

// Service implements the STS API. Operations that are not built answer NotImplemented. All
// exported fields are required.
type Service struct {
	stsapi.Unimplemented
	DB *store.DB
	// Vault opens the seeds of MFA devices and the encoded authorization messages.
	Vault *credential.Vault
	// Sealer makes the session tokens.
	Sealer *credential.Sealer
	// PublicURL is where others reach this server: the issuers of web identity tokens lie there.
	PublicURL string
	// Policies compiles trust policies; the gate shares it.
	Policies *authz.Compiler

	roles store.Cache[*role]
	// codes keeps one-time codes from being guessed.
	codes guesses
	// providers keeps the keys of OpenID Connect providers.
	providers oidc.Keys
	// tokens asks OAuth 2.0 providers about access tokens.
	tokens oidc.AccessTokens
}

var _ stsapi.Service = (*Service)(nil)
