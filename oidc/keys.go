package oidc

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of what a provider is asked for.
const (
	fetchTimeout = 5 * time.Second
	maxDocument  = 1 << 20
	maxProviders = 1000
	// keysStay is how long the keys of a provider are kept; freshKeys is how old they are at
	// least before a key that is not among them makes them be fetched again.
	keysStay  = 10 * time.Minute
	freshKeys = 10 * time.Second
)

// The errors besides those of the network.
var (
	// ErrThumbprint says that nobody vouches for the certificate of a provider's server.
	ErrThumbprint = errors.New("oidc: the certificate does not match a thumbprint")
	// ErrNoKeys says that a provider answered, but not with its keys.
	ErrNoKeys = errors.New("oidc: no keys")
)

// Provider is whose keys are asked for.
type Provider struct {
	// Issuer is an https URL.
	Issuer string
	// Thumbprints are SHA-1 digests of certificates in lower-case hexadecimal.
	Thumbprints []string
}

// Keys keeps the public keys of OpenID Connect providers. The zero value is ready, and good for
// concurrent use.
type Keys struct {
	mu   sync.Mutex
	have map[string]fetchedKeys
}

type fetchedKeys struct {
	set jose.JSONWebKeySet
	at  time.Time
}

// Find returns the provider's keys with that id, or all if it is empty. They are fetched if they
// are not known or old; the real clock counts, since it is about the network. The error is
// ErrThumbprint, ErrNoKeys, or that the provider cannot be reached.
func (k *Keys) Find(ctx context.Context, p Provider, keyID string) ([]jose.JSONWebKey, error) {
	// Who trusts other certificates has keys of his own.
	place := p.Issuer + " " + strings.Join(p.Thumbprints, " ")
	k.mu.Lock()
	known := k.have[place]
	k.mu.Unlock()
	age := time.Since(known.at)
	if keys := pick(&known.set, keyID); len(keys) > 0 && age < keysStay || age < freshKeys {
		return keys, nil
	}
	set, err := fetchKeys(ctx, p)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.have == nil || len(k.have) >= maxProviders {
		k.have = map[string]fetchedKeys{}
	}
	k.have[place] = fetchedKeys{set, time.Now()}
	return pick(&set, keyID), nil
}

func pick(set *jose.JSONWebKeySet, keyID string) []jose.JSONWebKey {
	if keyID == "" {
		return set.Keys
	}
	return set.Key(keyID)
}

// fetchKeys asks the provider where its keys are, and for them; see OpenID Connect Discovery
// 1.0, section 4.
func fetchKeys(ctx context.Context, p Provider) (jose.JSONWebKeySet, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return (&tls.Dialer{Config: trustServer(host, p.Thumbprints)}).DialContext(ctx, network, address)
		},
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var set jose.JSONWebKeySet
	about, err := discover(ctx, client, p.Issuer)
	if err != nil {
		return set, err
	}
	err = fetchJSON(ctx, client, about.Keys, &set)
	return set, err
}

func fetchJSON(ctx context.Context, client *http.Client, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ErrNoKeys
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: status %d", ErrNoKeys, resp.StatusCode)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return ErrNoKeys
	}
	return nil
}

// trustServer is how the server of a provider proves itself: by an authority that the system
// trusts, or by a certificate in its chain that has one of the thumbprints; see the IAM user
// guide, "Obtain the thumbprint for an OpenID Connect identity provider".
func trustServer(host string, thumbprints []string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: host,
		// VerifyConnection does what this leaves out, and knows thumbprints too.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyServer(host, state.PeerCertificates, thumbprints)
		},
	}
}

func verifyServer(host string, chain []*x509.Certificate, thumbprints []string) error {
	if len(chain) == 0 {
		return ErrThumbprint
	}
	options := x509.VerifyOptions{DNSName: host, Intermediates: x509.NewCertPool()}
	pinned := x509.NewCertPool()
	for _, c := range chain {
		options.Intermediates.AddCert(c)
		sum := sha1.Sum(c.Raw)
		if slices.Contains(thumbprints, hex.EncodeToString(sum[:])) {
			pinned.AddCert(c)
		}
	}
	if _, err := chain[0].Verify(options); err == nil {
		return nil
	}
	options.Roots = pinned
	if _, err := chain[0].Verify(options); err != nil {
		return ErrThumbprint
	}
	return nil
}
