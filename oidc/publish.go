package oidc

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Path is where the documents of this server's own issuers lie: behind it come the issuer's id
// and the name of the document.
const Path = "/_bailiwick/oidc/"

// The documents of an issuer; see EnableOutboundWebIdentityFederation in the IAM API Reference.
const (
	discoveryDocument = "/.well-known/openid-configuration"
	keysDocument      = "/.well-known/jwks.json"
)

// IssuerURL returns the URL of an issuer of this server, which others reach at publicURL.
func IssuerURL(publicURL, issuerID string) string {
	return strings.TrimSuffix(publicURL, "/") + Path + issuerID
}

// IssuerID returns the id in the URL of an issuer that may be one of this server. Behind which
// address it lies does not count: a server may have several.
func IssuerID(issuerURL string) (string, bool) {
	_, id, ok := strings.Cut(issuerURL, Path)
	return id, ok && id != "" && !strings.Contains(id, "/")
}

// PublicKey is a key with which tokens of an issuer are verified.
type PublicKey struct {
	// ID is what tokens name as kid; Algorithm is RS256 or ES384.
	ID, Algorithm string
	// DER is the key in PKIX form.
	DER []byte
}

// Publisher serves the documents by which anybody verifies tokens of this server's issuers, to
// whoever asks: there is nothing secret in them.
type Publisher struct {
	// PublicURL is where others reach this server.
	PublicURL string
	// Keys returns the keys of an issuer; false if there is no such issuer.
	Keys   func(ctx context.Context, issuerID string) ([]PublicKey, bool, error)
	Logger *slog.Logger
}

// discovery has the members that AWS publishes, in their order.
type discovery struct {
	Claims     []string `json:"claims_supported"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
	Issuer     string   `json:"issuer"`
	Keys       string   `json:"jwks_uri"`
	Subjects   []string `json:"subject_types_supported"`
}

// ServeHTTP answers GET and HEAD below [Path].
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	rest := strings.TrimPrefix(r.URL.Path, Path)
	id, isDiscovery := strings.CutSuffix(rest, discoveryDocument)
	if !isDiscovery {
		var ok bool
		if id, ok = strings.CutSuffix(rest, keysDocument); !ok {
			http.NotFound(w, r)
			return
		}
	}
	keys, ok, err := p.Keys(r.Context(), id)
	var body any
	switch {
	case err != nil:
	case !ok:
		http.NotFound(w, r)
		return
	case isDiscovery:
		issuer := IssuerURL(p.PublicURL, id)
		body = discovery{
			Claims:     []string{"sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"},
			Algorithms: []string{"RS256", "ES384"}, Issuer: issuer, Keys: issuer + keysDocument, Subjects: []string{"public"},
		}
	default:
		body, err = keySet(keys)
	}
	if err != nil {
		p.Logger.Error("the document of an issuer", "issuer", id, "error", err)
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// A key is published a day before it signs.
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.Logger.Debug("the document of an issuer was not taken", "error", err)
	}
}

func keySet(keys []PublicKey) (*jose.JSONWebKeySet, error) {
	set := &jose.JSONWebKeySet{Keys: make([]jose.JSONWebKey, 0, len(keys))}
	for _, k := range keys {
		key, err := x509.ParsePKIXPublicKey(k.DER)
		if err != nil {
			return nil, err
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key, KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"})
	}
	return set, nil
}
