package credential

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
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
	ring *Keyring

	mu    sync.RWMutex
	aeads map[keyID]cipher.AEAD
}

// NewVault returns a vault on the keys of ring, as they are at each time.
func NewVault(ring *Keyring) (*Vault, error) {
	v := &Vault{ring: ring, aeads: map[keyID]cipher.AEAD{}}
	for _, k := range ring.Keys() {
		if _, err := v.aead(k); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// aead returns the cipher of one of the ring's keys.
func (v *Vault) aead(k MasterKey) (cipher.AEAD, error) {
	v.mu.RLock()
	aead, ok := v.aeads[k.id]
	v.mu.RUnlock()
	if ok {
		return aead, nil
	}
	aead, err := k.aead("vault")
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.aeads[k.id] = aead
	return aead, nil
}

// Seal encrypts a secret for its owner, for example an access key id or the ARN of an MFA
// device. The owner is bound into the result: a sealed secret moved to another row does
// not open. The result is 33 bytes longer than the secret: version, key id, nonce, tag.
func (v *Vault) Seal(owner string, secret []byte) ([]byte, error) {
	current := v.ring.Current()
	aead, err := v.aead(current)
	if err != nil {
		return nil, err
	}
	head := 1 + len(keyID{})
	sealed := make([]byte, head+aead.NonceSize(), head+aead.NonceSize()+len(secret)+aead.Overhead())
	sealed[0] = vaultVersion
	copy(sealed[1:], current.id[:])
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
	key, ok := v.ring.find(keyID(sealed[1:head]))
	if !ok {
		return nil, ErrSealed
	}
	aead, err := v.aead(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < head+aead.NonceSize() {
		return nil, ErrSealed
	}
	nonce, ciphertext := sealed[head:head+aead.NonceSize()], sealed[head+aead.NonceSize():]
	secret, err := aead.Open(nil, nonce, ciphertext, []byte(owner))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}

// Reseal returns what was sealed for owner, sealed with the current master key, and whether
// that differs from what it was sealed with; if not, it is sealed itself. The error is
// [ErrSealed].
func (v *Vault) Reseal(owner string, sealed []byte) ([]byte, bool, error) {
	if SealedWith(sealed) == v.ring.Current().ID() {
		return sealed, false, nil
	}
	secret, err := v.Open(owner, sealed)
	if err != nil {
		return nil, false, err
	}
	defer clear(secret)
	fresh, err := v.Seal(owner, secret)
	return fresh, err == nil, err
}

// SealedWith returns the id of the master key with which something was sealed (see
// [MasterKey.ID]), or the empty string if it does not look sealed.
func SealedWith(sealed []byte) string {
	head := 1 + len(keyID{})
	if len(sealed) < head || sealed[0] != vaultVersion {
		return ""
	}
	return hex.EncodeToString(sealed[1:head])
}
