package credential

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// MasterKey is the one key that everything else is derived from: the vault's key and the
// keys of session tokens. Nodes that share it understand each other's tokens. The zero
// value is not a key.
type MasterKey struct {
	id  keyID
	key [32]byte
}

// keyID names a master key in what it sealed. It is derived from the key and tells nothing
// about it.
type keyID [4]byte

// ID names the key, without telling anything about it: eight hexadecimal digits.
func (k MasterKey) ID() string { return hex.EncodeToString(k.id[:]) }

// Reveal returns the key itself, in base64, as [ParseMasterKey] reads it: for the one who is
// to keep it.
func (k MasterKey) Reveal() string { return base64.StdEncoding.EncodeToString(k.key[:]) }

// String returns the key's id, never the key.
func (k MasterKey) String() string { return "master key " + k.ID() }

// Format prints the key's id whatever the verb, so that no log line can hold the key.
func (k MasterKey) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(k.String())) }

// NewMasterKey returns a random master key.
func NewMasterKey() (MasterKey, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return MasterKey{}, fmt.Errorf("make a master key: %w", err)
	}
	return masterKey(key)
}

// ParseMasterKey reads a master key of 32 bytes in hexadecimal or base64 (either alphabet,
// padded or not). Space around it is ignored. An error never quotes the text.
func ParseMasterKey(text string) (MasterKey, error) {
	text = strings.TrimSpace(text)
	decode := func(s string) ([]byte, error) {
		s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
		return base64.RawStdEncoding.DecodeString(s)
	}
	if len(text) == 64 {
		decode = hex.DecodeString
	}
	b, err := decode(text)
	if err != nil || len(b) != 32 {
		return MasterKey{}, errors.New("a master key is 32 bytes in hexadecimal or base64")
	}
	return masterKey([32]byte(b))
}

// maxMasterKeys bounds how many master keys are in use at once.
const maxMasterKeys = 16

// ParseMasterKeys reads master keys, one on each line: first the one that seals, then former
// ones that only open. Empty lines and those that begin with # are left out. An error never
// quotes the text.
func ParseMasterKeys(text string) ([]MasterKey, error) {
	var keys []MasterKey
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := ParseMasterKey(line)
		if err != nil {
			return nil, err
		}
		if keys = append(keys, key); len(keys) > maxMasterKeys {
			return nil, fmt.Errorf("there are more than %d master keys", maxMasterKeys)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no master key")
	}
	return keys, nil
}

func masterKey(key [32]byte) (MasterKey, error) {
	id, err := hkdf.Key(sha256.New, key[:], nil, "bailiwick master key id", len(keyID{}))
	if err != nil {
		return MasterKey{}, fmt.Errorf("derive the master key's id: %w", err)
	}
	return MasterKey{id: keyID(id), key: key}, nil
}

// aead derives the AES-256-GCM cipher for one purpose.
func (k MasterKey) aead(purpose string) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, k.key[:], nil, "bailiwick "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("cipher for %s: %w", purpose, err)
	}
	return cipher.NewGCM(block)
}
