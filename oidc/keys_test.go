package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/bailiwick/bailiwick/oidc"
)

func TestFind(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var (
		server  *httptest.Server
		about   = map[string]string{}
		fetched int
	)
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(about)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fetched++
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one"}}})
	})
	mux.Handle("/moved", http.RedirectHandler("/keys", http.StatusFound))
	server = httptest.NewTLSServer(mux)
	defer server.Close()
	sum := sha1.Sum(server.Certificate().Raw)
	trusted := oidc.Provider{Issuer: server.URL, Thumbprints: []string{hex.EncodeToString(sum[:])}}
	for _, c := range []struct {
		name, issuer, keys string
		provider           oidc.Provider
		want               error
	}{
		{"a certificate that nobody vouches for", server.URL, server.URL + "/keys", oidc.Provider{Issuer: server.URL}, oidc.ErrThumbprint},
		{"another issuer", "https://other.example.com", server.URL + "/keys", trusted, oidc.ErrNoKeys},
		{"keys over http", server.URL, "http://127.0.0.1/keys", trusted, oidc.ErrNoKeys},
		{"a redirection", server.URL, server.URL + "/moved", trusted, oidc.ErrNoKeys},
		{"keys that are not there", server.URL, server.URL + "/none", trusted, oidc.ErrNoKeys},
	} {
		about["issuer"], about["jwks_uri"] = c.issuer, c.keys
		if _, err := new(oidc.Keys).Find(t.Context(), c.provider, "one"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	about["issuer"], about["jwks_uri"] = server.URL, server.URL+"/keys"
	if got, err := oidc.Thumbprint(t.Context(), server.URL); err != nil || got != trusted.Thumbprints[0] {
		t.Errorf("thumbprint %s, %v", got, err)
	}
	if _, err := oidc.Thumbprint(t.Context(), server.URL+"/other"); !errors.Is(err, oidc.ErrNoKeys) {
		t.Errorf("thumbprint of another issuer: %v", err)
	}
	var keys oidc.Keys
	for range 3 {
		found, err := keys.Find(t.Context(), trusted, "one")
		if err != nil || len(found) != 1 {
			t.Fatalf("%d keys, %v", len(found), err)
		}
	}
	// A key that is not there does not make everybody fetch again and again.
	if found, err := keys.Find(t.Context(), trusted, "two"); err != nil || len(found) != 0 {
		t.Errorf("%d keys, %v", len(found), err)
	}
	if fetched != 1 {
		t.Errorf("fetched %d times", fetched)
	}
}
