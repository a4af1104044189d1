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
	"io/fs"
	"os"
	"path/filepath"
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

// String returns the key's id, never the key.
func (k MasterKey) String() string { return "master key " + hex.EncodeToString(k.id[:]) }

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

// LoadOrCreateMasterKey reads the master key in the file at path, or makes one and writes
// it there, readable by its owner only and on disk before it returns. A file that others
// may read, or that holds anything but a key, is an error and stays as it is: a new key in
// its place would make every secret in the store unreadable. Two processes that start at
// once get the same key.
func LoadOrCreateMasterKey(path string) (MasterKey, error) {
	key, err := loadMasterKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = NewMasterKey(); err != nil {
		return MasterKey{}, err
	}
	if err := writeMasterKey(path, key); err != nil && !errors.Is(err, fs.ErrExist) {
		return MasterKey{}, fmt.Errorf("write the master key: %w", err)
	}
	// What counts is what is on disk: another process may have been first.
	return loadMasterKey(path)
}

func loadMasterKey(path string) (MasterKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return MasterKey{}, fmt.Errorf("read the master key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return MasterKey{}, fmt.Errorf("read the master key: %w", err)
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return MasterKey{}, fmt.Errorf("master key %s: not a regular file", path)
	case mode.Perm()&0o077 != 0:
		return MasterKey{}, fmt.Errorf("master key %s: mode %04o lets others read it; make it 0600 and consider the key known", path, mode.Perm())
	}
	var b [256]byte
	n, err := f.Read(b[:])
	if err != nil && n == 0 {
		return MasterKey{}, fmt.Errorf("master key %s: %w", path, err)
	}
	key, err := ParseMasterKey(string(b[:n]))
	if err != nil {
		return MasterKey{}, fmt.Errorf("master key %s: %w", path, err)
	}
	return key, nil
}

// writeMasterKey puts the key at path in one step, or fails with fs.ErrExist if something
// is there: a hard link, unlike a rename, never replaces.
func writeMasterKey(path string, key MasterKey) (err error) {
	dir := filepath.Dir(path)
	// CreateTemp makes the file with mode 0600.
	f, err := os.CreateTemp(dir, ".master-key-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key.key[:]) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Keyring holds the master key that seals, and former ones that still open.
type Keyring struct {
	keys []MasterKey
}

// NewKeyring returns a keyring that seals with current and opens with any of the keys. To
// rotate, a node is given the new key as current and the old one as previous; once all
// nodes have it, only the vault's old rows and tokens still running need the old one.
func NewKeyring(current MasterKey, previous ...MasterKey) *Keyring {
	return &Keyring{keys: append([]MasterKey{current}, previous...)}
}

func (r *Keyring) find(id keyID) (MasterKey, bool) {
	for _, k := range r.keys {
		if k.id == id {
			return k, true
		}
	}
	return MasterKey{}, false
}
