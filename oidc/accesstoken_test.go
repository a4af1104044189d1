package oidc_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/oidc"
)

func TestHolder(t *testing.T) {
	asked := 0
	mux := http.NewServeMux()
	answer := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			asked++
			switch r.FormValue("access_token") {
			case "Atza|good+token":
				_, _ = io.WriteString(w, body)
			case "broken":
				w.WriteHeader(http.StatusInternalServerError)
			case "odd":
				_, _ = io.WriteString(w, "<html>")
			case "nameless":
				_, _ = io.WriteString(w, "{}")
			case "moved":
				http.Redirect(w, r, "https://evil.example.com/", http.StatusFound)
			default:
				w.WriteHeader(http.StatusBadRequest)
			}
		})
	}
	answer("/auth/o2/tokeninfo", `{"iss":"https://www.amazon.com","user_id":"amzn1.account.X","aud":"amzn1.oa2-client.Y","app_id":"amzn1.application.Z","exp":3597}`)
	answer("/me", `{"name":"Ann","id":"1234"}`)
	answer("/app", `{"name":"Game","id":"5678"}`)
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	tokens := &oidc.AccessTokens{Client: server.Client(), Addresses: map[string]string{oidc.Amazon: server.URL, oidc.Facebook: server.URL}}

	for provider, want := range map[string]oidc.TokenHolder{
		oidc.Amazon:   {UserID: "amzn1.account.X", AppID: "amzn1.application.Z", Audience: "amzn1.oa2-client.Y"},
		oidc.Facebook: {UserID: "1234", AppID: "5678", Audience: "5678"},
	} {
		for range 2 {
			if got, err := tokens.Holder(t.Context(), provider, "Atza|good+token"); err != nil || got != want {
				t.Errorf("%s: %+v, %v", provider, got, err)
			}
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}

	var rejected *oidc.RejectedError
	if _, err := tokens.Holder(t.Context(), oidc.Facebook, "stolen-secret"); !errors.As(err, &rejected) ||
		err.Error() != "graph.facebook.com responded with HTTP/1.1 400 Bad Request" {
		t.Errorf("a token that the provider refuses: %v", err)
	}
	for _, token := range []string{"broken", "odd", "nameless", "moved"} {
		if _, err := tokens.Holder(t.Context(), oidc.Amazon, token); err == nil || errors.As(err, &rejected) {
			t.Errorf("%s: %v", token, err)
		}
	}
	if _, err := tokens.Holder(t.Context(), "accounts.google.com", "any"); !errors.Is(err, oidc.ErrNoProvider) {
		t.Errorf("another provider: %v", err)
	}
	server.Close()
	_, err := tokens.Holder(t.Context(), oidc.Amazon, "stolen-secret")
	if err == nil || errors.As(err, &rejected) || strings.Contains(err.Error(), "stolen-secret") {
		t.Errorf("a provider that is away: %v", err)
	}
}
