package credential

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// ErrSealed says that a sealed secret cannot be opened: it is damaged, it belongs to
// another owner, or its master key is not in the keyring.
var ErrSealed = errors.New("credential: the sealed secret cannot be opened with the keys at hand")

// vaultVersion is the first byte of everything a vault seals.
const vaultVersion = 1

// Vault keeps secrets that are needed in clear, such as secret access keys (Signature
// Version 4 is computed with them) and the seeds of MFA devices, encrypted at rest with
// AES-256-GCM. It is safe for concurrent use.
type Vault struct {
	current keyID
	aeads   map[keyID]cipher.AEAD
}

// NewVault returns a vault on the keys of ring.
func NewVault(ring *Keyring) (*Vault, error) {
	v := &Vault{current: ring.keys[0].id, aeads: map[keyID]cipher.AEAD{}}
	for _, k := range ring.keys {
		aead, err := k.aead("vault")
		if err != nil {
			return nil, err
		}
		v.aeads[k.id] = aead
	}
	return v, nil
}

// Seal encrypts a secret for its owner, for example an access key id or the ARN of an MFA
// device. The owner is bound into the result: a sealed secret moved to another row does
// not open. The result is 33 bytes longer than the secret: version, key id, nonce, tag.
func (v *Vault) Seal(owner string, secret []byte) ([]byte, error) {
	aead := v.aeads[v.current]
	head := 1 + len(keyID{})
	sealed := make([]byte, head+aead.NonceSize(), head+aead.NonceSize()+len(secret)+aead.Overhead())
	sealed[0] = vaultVersion
	copy(sealed[1:], v.current[:])
	// The nonce never comes from an injected source: one nonce used twice gives both
	// secrets away.
	nonce := sealed[head:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal a secret: %w", err)
	}
	return aead.Seal(sealed, nonce, secret, []byte(owner)), nil
}

// Open returns the secret that was sealed for owner, or [ErrSealed].
func (v *Vault) Open(owner string, sealed []byte) ([]byte, error) {
	head := 1 + len(keyID{})
	if len(sealed) < head || sealed[0] != vaultVersion {
		return nil, ErrSealed
	}
	aead, ok := v.aeads[keyID(sealed[1:head])]
	if !ok || len(sealed) < head+aead.NonceSize() {
		return nil, ErrSealed
	}
	nonce, ciphertext := sealed[head:head+aead.NonceSize()], sealed[head+aead.NonceSize():]
	secret, err := aead.Open(nil, nonce, ciphertext, []byte(owner))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}
