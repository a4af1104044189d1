package oidc

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The OAuth 2.0 providers whose access tokens AWS takes; see AssumeRoleWithWebIdentity in the STS
// API Reference, ProviderId.
const (
	Amazon   = "www.amazon.com"
	Facebook = "graph.facebook.com"
)

// TokenHolder is whom an access token was given to.
type TokenHolder struct {
	// UserID is the user's id at the provider, AppID that of the application that asked for the
	// token.
	UserID, AppID string
	// Audience is the client id of the application, where that is something else than its id.
	Audience string
}

// RejectedError says that a provider does not know an access token, or not any more.
type RejectedError struct {
	// Provider is its name; Answer the first line of its answer, as "HTTP/1.1 400 Bad Request".
	Provider, Answer string
}

// Error implements error.
func (e *RejectedError) Error() string { return e.Provider + " responded with " + e.Answer }

// ErrNoProvider says that a name is not one of an OAuth 2.0 provider.
var ErrNoProvider = errors.New("oidc: no such OAuth 2.0 provider")

// AccessTokens asks providers about access tokens, which, unlike the tokens of OpenID Connect, say
// nothing by themselves. The zero value is ready, and good for concurrent use.
type AccessTokens struct {
	// Client is how providers are asked; nil means with the authorities that the system trusts.
	Client *http.Client
	// Addresses are other addresses than the providers' own, by their names, as
	// "https://host:port".
	Addresses map[string]string

	mu   sync.Mutex
	have map[[sha256.Size]byte]heldToken
}

type heldToken struct {
	holder TokenHolder
	at     time.Time
}

// Holder asks a provider who holds a token. The same question within ten seconds gets the same
// answer without asking again. The error is ErrNoProvider, a *RejectedError, or that the provider
// cannot be reached or does not answer as it should; none of them holds the token.
func (a *AccessTokens) Holder(ctx context.Context, provider, token string) (TokenHolder, error) {
	if provider != Amazon && provider != Facebook {
		return TokenHolder{}, ErrNoProvider
	}
	place := sha256.Sum256([]byte(provider + " " + token))
	a.mu.Lock()
	known, ok := a.have[place]
	a.mu.Unlock()
	if ok && time.Since(known.at) < freshKeys {
		return known.holder, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	var (
		holder TokenHolder
		err    error
	)
	if provider == Amazon {
		holder, err = a.amazon(ctx, token)
	} else {
		holder, err = a.facebook(ctx, token)
	}
	if err != nil {
		return TokenHolder{}, err
	}
	if holder.UserID == "" || holder.AppID == "" {
		return TokenHolder{}, fmt.Errorf("oidc: %s does not say who holds the token", provider)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.have == nil || len(a.have) >= maxProviders {
		a.have = map[[sha256.Size]byte]heldToken{}
	}
	a.have[place] = heldToken{holder, time.Now()}
	return holder, nil
}

// amazon asks as Login with Amazon documents it ("Verifying access tokens").
func (a *AccessTokens) amazon(ctx context.Context, token string) (TokenHolder, error) {
	var about struct {
		User     string `json:"user_id"`
		App      string `json:"app_id"`
		Audience string `json:"aud"`
	}
	err := a.ask(ctx, Amazon, "https://api.amazon.com", "/auth/o2/tokeninfo", token, &about)
	return TokenHolder{UserID: about.User, AppID: about.App, Audience: about.Audience}, err
}

// facebook asks as the Graph API documents it: "me" is the user and "app" the application of the
// token that asks.
func (a *AccessTokens) facebook(ctx context.Context, token string) (TokenHolder, error) {
	var user, app struct {
		ID string `json:"id"`
	}
	if err := a.ask(ctx, Facebook, "https://graph.facebook.com", "/me", token, &user); err != nil {
		return TokenHolder{}, err
	}
	err := a.ask(ctx, Facebook, "https://graph.facebook.com", "/app", token, &app)
	return TokenHolder{UserID: user.ID, AppID: app.ID, Audience: app.ID}, err
}

func (a *AccessTokens) ask(ctx context.Context, provider, base, path, token string, into any) error {
	if other := a.Addresses[provider]; other != "" {
		base = other
	}
	client := http.Client{}
	if a.Client != nil {
		client = *a.Client
	}
	// A token goes nowhere else.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path+"?"+url.Values{"access_token": {token}}.Encode(), nil)
	if err != nil {
		return fmt.Errorf("oidc: %s has no address", provider)
	}
	resp, err := client.Do(req)
	if err != nil {
		var about *url.Error
		if errors.As(err, &about) {
			err = about.Err // the rest of it is the address, with the token
		}
		return fmt.Errorf("oidc: %s: %w", provider, err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode >= 400 && resp.StatusCode < 500:
		return &RejectedError{Provider: provider, Answer: resp.Proto + " " + resp.Status}
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("oidc: %s: status %d", provider, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return fmt.Errorf("oidc: %s: %w", provider, err)
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("oidc: %s answers with something else", provider)
	}
	return nil
}
