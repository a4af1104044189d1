package credential

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
)

// TokenKey is a key pair that signs JSON Web Tokens.
type TokenKey struct {
	// ID is random.
	ID string
	// Public is in PKIX form, Private in PKCS #8 form.
	Public, Private []byte
}

// rsaBits is the size of RSA keys: what AWS's own issuers publish.
const rsaBits = 2048

// NewTokenKey makes a key pair for an algorithm of JSON Web Signature: RS256 or ES384. That of
// RS256 takes a while.
func NewTokenKey(algorithm string) (TokenKey, error) {
	var (
		key crypto.Signer
		err error
	)
	// A key never comes from an injected source: who knows the source would know it.
	switch algorithm {
	case "RS256":
		key, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case "ES384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		err = fmt.Errorf("no key signs by %q", algorithm)
	}
	if err != nil {
		return TokenKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	var k TokenKey
	if k.Public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
		return TokenKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	if k.Private, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return TokenKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	var id [16]byte
	mustRead(rand.Reader, id[:])
	k.ID = base64.RawURLEncoding.EncodeToString(id[:])
	return k, nil
}
