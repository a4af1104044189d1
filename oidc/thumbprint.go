package oidc

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Thumbprint asks a provider for its keys' place and returns the thumbprint of the topmost
// certificate that the server there shows; see the IAM user guide, "Obtain the thumbprint for an
// OpenID Connect identity provider". Nobody vouches for that server: whoever answers is trusted
// from then on. The error is ErrNoKeys, or that a server cannot be reached.
func Thumbprint(ctx context.Context, issuer string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	// It is to be found out whom to trust: there is nothing yet by which to verify.
	anybody := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: anybody},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	about, err := discover(ctx, client, issuer)
	if err != nil {
		return "", err
	}
	keys, err := url.Parse(about.Keys)
	if err != nil || keys.Hostname() == "" {
		return "", ErrNoKeys
	}
	port := keys.Port()
	if port == "" {
		port = "443"
	}
	conn, err := (&tls.Dialer{Config: anybody}).DialContext(ctx, "tcp", net.JoinHostPort(keys.Hostname(), port))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	shown, ok := conn.(*tls.Conn)
	if !ok {
		return "", ErrNoKeys
	}
	chain := shown.ConnectionState().PeerCertificates
	sum := sha1.Sum(chain[len(chain)-1].Raw)
	return hex.EncodeToString(sum[:]), nil
}

// description is what is read of a provider's discovery document.
type description struct {
	Issuer string `json:"issuer"`
	Keys   string `json:"jwks_uri"`
}

// discover reads the discovery document of a provider. The error is ErrNoKeys if it is none, or
// another provider's.
func discover(ctx context.Context, client *http.Client, issuer string) (description, error) {
	var about description
	if err := fetchJSON(ctx, client, strings.TrimSuffix(issuer, "/")+discoveryDocument, &about); err != nil {
		return about, err
	}
	if about.Issuer != issuer || !strings.HasPrefix(about.Keys, "https://") {
		return about, ErrNoKeys
	}
	return about, nil
}
