package credential

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

var (
	// ErrInvalidToken says that a session token is not one of ours, is damaged, or belongs
	// to another access key.
	ErrInvalidToken = errors.New("credential: the session token is not valid")
	// ErrExpiredToken says that the session of a token is over.
	ErrExpiredToken = errors.New("credential: the session token has expired")
	// ErrSessionTooLarge says that a session does not fit in a token: its policies and tags
	// are too many.
	ErrSessionTooLarge = errors.New("credential: the session is too large for a token")
)

const (
	tokenVersion = 1
	// maxSession bounds the packed session, in bytes. Fifty tags at AWS's limits (128
	// characters of key, 256 of value) and policies of 2,048 characters fit as ASCII text.
	maxSession = 32 << 10
	// epoch is how long one token key seals. AES-GCM with random nonces is good for 2^32
	// tokens under one key: more than a node can issue in a day.
	epoch = 24 * time.Hour
	// epochsBack is how many epochs ago a token may have been sealed: the longest session
	// is 36 hours (GetSessionToken and GetFederationToken).
	epochsBack = 3
	// maxTokenKeys bounds the derived keys that a sealer remembers.
	maxTokenKeys = 16
)

// tokenHead is what stands in clear before the sealed session: version, id of the master
// key, epoch, nonce.
const tokenHead = 1 + len(keyID{}) + 4 + 12

// MaxTokenLength is how many characters the longest session token has.
const MaxTokenLength = ((tokenHead+maxSession+16)*8 + 5) / 6

// tokenEncoding takes one spelling of a token only: no padding, no stray bits at the end.
var tokenEncoding = base64.RawURLEncoding.Strict()

// Sealer makes and opens session tokens. A token carries its whole session, encrypted and
// authenticated with AES-256-GCM, so nothing is written when one is issued and any node
// that has the master key can verify it. The key changes every day: it is derived from the
// master key and the day, so that all nodes change together without talking. It is safe
// for concurrent use.
type Sealer struct {
	ring *Keyring

	mu   sync.RWMutex
	keys map[tokenKey]cipher.AEAD
}

type tokenKey struct {
	master keyID
	epoch  uint32
}

// NewSealer returns a sealer on the keys of ring.
func NewSealer(ring *Keyring) *Sealer {
	return &Sealer{ring: ring, keys: map[tokenKey]cipher.AEAD{}}
}

// Seal returns the session token of c, which must have a session. c.AccessKeyID is bound
// into it: with another access key the token does not open. secret is the secret access
// key that belongs to the token. The error is [ErrSessionTooLarge], or says that a key
// could not be derived.
func (s *Sealer) Seal(c *Caller, secret string) (string, error) { return s.SealFilled(c, secret, 0) }

// SealFilled is Seal for a token of at least size characters.
func (s *Sealer) SealFilled(c *Caller, secret string, size int) (string, error) {
	if c.Session == nil {
		return "", errors.New("credential: a caller without a session has no session token")
	}
	k := tokenKey{s.ring.Current().id, epochOf(c.Session.IssuedAt)}
	aead, err := s.aead(k)
	if err != nil {
		return "", err
	}
	scratch := scratches.Get().(*scratch)
	defer scratch.release()
	b := append(append(scratch.raw[:0], tokenVersion), k.master[:]...)
	b = binary.BigEndian.AppendUint32(b, k.epoch)
	// The nonce never comes from an injected source: one nonce used twice breaks the key.
	b = b[:tokenHead]
	nonce := b[tokenHead-12:]
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("seal a session: %w", err)
	}
	b = appendSession(b, c, secret, (size*6+7)/8-aead.Overhead())
	scratch.raw = b
	if len(b) > tokenHead+maxSession {
		return "", ErrSessionTooLarge
	}
	scratch.raw = aead.Seal(b[:tokenHead], nonce, b[tokenHead:], []byte(c.AccessKeyID))
	scratch.text = tokenEncoding.AppendEncode(scratch.text[:0], scratch.raw)
	return string(scratch.text), nil
}

// Open returns the caller behind a session token and the secret access key that must have
// signed the request. The error is [ErrInvalidToken] or, for a session that has ended at
// now, [ErrExpiredToken].
func (s *Sealer) Open(accessKeyID, token string, now time.Time) (*Caller, string, error) {
	// The decoder would skip line ends; a token has one spelling.
	if len(token) > MaxTokenLength || strings.ContainsAny(token, "\r\n") {
		return nil, "", ErrInvalidToken
	}
	scratch := scratches.Get().(*scratch)
	defer scratch.release()
	scratch.text = append(scratch.text[:0], token...)
	b, err := tokenEncoding.AppendDecode(scratch.raw[:0], scratch.text)
	scratch.raw = b
	if err != nil || len(b) < tokenHead || b[0] != tokenVersion {
		return nil, "", ErrInvalidToken
	}
	k := tokenKey{keyID(b[1:5]), binary.BigEndian.Uint32(b[5:9])}
	// A key is derived for days in question only: nobody can make us derive others.
	if today := epochOf(now); k.epoch > today+1 {
		return nil, "", ErrInvalidToken
	} else if uint64(k.epoch)+epochsBack < uint64(today) {
		// Whoever made it, its session cannot be running any more.
		return nil, "", ErrExpiredToken
	}
	aead, err := s.aead(k)
	if err != nil {
		return nil, "", ErrInvalidToken
	}
	plain, err := aead.Open(b[tokenHead:tokenHead], b[tokenHead-12:tokenHead], b[tokenHead:], []byte(accessKeyID))
	if err != nil {
		return nil, "", ErrInvalidToken
	}
	c, secret, ok := parseSession(string(plain))
	if !ok {
		return nil, "", ErrInvalidToken
	}
	if c.Expired(now) {
		return nil, "", ErrExpiredToken
	}
	c.AccessKeyID = accessKeyID
	return c, secret, nil
}

// scratch is the space in which tokens are made and taken apart.
type scratch struct{ raw, text []byte }

var scratches = sync.Pool{New: func() any {
	return &scratch{raw: make([]byte, 0, 1024), text: make([]byte, 0, 1536)}
}}

// release hands the space back. It may have held a session in clear: that is wiped.
func (s *scratch) release() {
	clear(s.raw[:cap(s.raw)])
	scratches.Put(s)
}

// epochOf counts the days since 1970.
func epochOf(t time.Time) uint32 { return uint32(max(t.Unix(), 0) / int64(epoch/time.Second)) }

// aead returns the cipher of one master key and epoch.
func (s *Sealer) aead(k tokenKey) (cipher.AEAD, error) {
	master, ok := s.ring.find(k.master)
	if !ok {
		return nil, ErrInvalidToken
	}
	s.mu.RLock()
	aead, ok := s.keys[k]
	s.mu.RUnlock()
	if ok {
		return aead, nil
	}
	aead, err := master.aead(fmt.Sprintf("session tokens of day %d", k.epoch))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) >= maxTokenKeys {
		// A handful of days are in use at any time; what is dropped is derived again.
		clear(s.keys)
	}
	s.keys[k] = aead
	return aead, nil
}
