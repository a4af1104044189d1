package oidc_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/bailiwick/bailiwick/oidc"
)

func publicDER(t *testing.T, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestPublisher(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p := &oidc.Publisher{
		PublicURL: "https://id.example.com/base", Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Keys: func(_ context.Context, id string) ([]oidc.PublicKey, bool, error) {
			switch id {
			case "one":
				return []oidc.PublicKey{
					{ID: "r", Algorithm: "RS256", DER: publicDER(t, rsaKey.Public())},
					{ID: "e", Algorithm: "ES384", DER: publicDER(t, ecKey.Public())},
				}, true, nil
			case "empty":
				return nil, true, nil
			case "damaged":
				return []oidc.PublicKey{{ID: "x", Algorithm: "RS256", DER: []byte("no key")}}, true, nil
			case "away":
				return nil, false, errors.New("the disk is on fire")
			}
			return nil, false, nil
		},
	}
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(method, oidc.Path+path, nil))
		return w
	}

	answer := ask(http.MethodGet, "one/.well-known/openid-configuration")
	var about map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &about); err != nil {
		t.Fatal(err)
	}
	const issuer = "https://id.example.com/base/_bailiwick/oidc/one"
	want := map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/.well-known/jwks.json", "subject_types_supported": []any{"public"},
		"id_token_signing_alg_values_supported": []any{"RS256", "ES384"},
		"claims_supported":                      []any{"sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"},
	}
	if !reflect.DeepEqual(about, want) {
		t.Errorf("got  %v\nwant %v", about, want)
	}
	if got := answer.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %s", got)
	}

	var set jose.JSONWebKeySet
	if err := json.Unmarshal(ask(http.MethodGet, "one/.well-known/jwks.json").Body.Bytes(), &set); err != nil {
		t.Fatal(err)
	}
	for id, public := range map[string]crypto.PublicKey{"r": rsaKey.Public(), "e": ecKey.Public()} {
		found := set.Key(id)
		if len(found) != 1 || !found[0].IsPublic() || found[0].Use != "sig" || !reflect.DeepEqual(found[0].Key, public) {
			t.Errorf("key %s: %+v", id, found)
		}
	}
	// Verifiers expect a list, also when there is nothing in it.
	if got := ask(http.MethodGet, "empty/.well-known/jwks.json").Body.String(); strings.TrimSpace(got) != `{"keys":[]}` {
		t.Errorf("no keys: %s", got)
	}

	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodHead, "one/.well-known/jwks.json", http.StatusOK},
		{http.MethodPost, "one/.well-known/jwks.json", http.StatusMethodNotAllowed},
		{http.MethodGet, "one", http.StatusNotFound},
		{http.MethodGet, "one/.well-known/jwks.json/", http.StatusNotFound},
		{http.MethodGet, "other/.well-known/openid-configuration", http.StatusNotFound},
		{http.MethodGet, "other/.well-known/jwks.json", http.StatusNotFound},
		{http.MethodGet, "damaged/.well-known/jwks.json", http.StatusServiceUnavailable},
		{http.MethodGet, "away/.well-known/openid-configuration", http.StatusServiceUnavailable},
	} {
		if got := ask(c.method, c.path); got.Code != c.status || strings.Contains(got.Body.String(), "fire") {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, got.Code, got.Body, c.status)
		}
	}
	if !strings.Contains(log.String(), "the disk is on fire") {
		t.Errorf("the cause is not in the log: %s", &log)
	}
}

func TestIssuerURL(t *testing.T) {
	for _, base := range []string{"https://id.example.com", "https://id.example.com/", "http://127.0.0.1:4566/base"} {
		if id, ok := oidc.IssuerID(oidc.IssuerURL(base, "one")); !ok || id != "one" {
			t.Errorf("%s: %q, %v", base, id, ok)
		}
	}
	for _, other := range []string{"https://id.example.com", "https://id.example.com" + oidc.Path, "https://id.example.com" + oidc.Path + "one/two"} {
		if id, ok := oidc.IssuerID(other); ok {
			t.Errorf("%s is the issuer %s", other, id)
		}
	}
}
