package credential

import (
	"encoding/binary"
	"time"
)

// The packed form of a session: fields in a fixed order, strings and lists led by their
// length as a varint, times in microseconds since 1970 (0 for none), flags in one byte. What
// few sessions have stands at the end and may be missing: the provider, then filling. A change
// of the order is a new token version.

const (
	flagMFA = 1 << iota
	flagChained
	// flagDelegated says that two more texts follow the tags.
	flagDelegated
	// flagFederated says that condition keys, each with the list of its values, come after these.
	flagFederated
	// flagsKnown are all of these.
	flagsKnown = flagMFA | flagChained | flagDelegated | flagFederated
)

// appendSession appends the packed form of a caller with a session, without its access
// key id: that one is bound into the seal. It makes b at least size bytes long.
func appendSession(b []byte, c *Caller, secret string, size int) []byte {
	s := c.Session
	var flags byte
	if s.MFA {
		flags |= flagMFA
	}
	if s.Chained {
		flags |= flagChained
	}
	if s.DelegateAccountID != "" {
		flags |= flagDelegated
	}
	if len(s.FederatedKeys) > 0 {
		flags |= flagFederated
	}
	b = append(b, byte(c.Type), flags)
	for _, text := range [...]string{
		secret, c.AccountID, c.ARN, c.PrincipalID, c.EntityID, c.EntityARN, c.EntityName,
		s.Name, s.Policy, s.SourceIdentity, s.IssuerType, s.AssumedRoot,
	} {
		b = appendText(b, text)
	}
	for _, t := range [...]time.Time{s.IssuedAt, s.ExpiresAt, s.MFATime} {
		b = appendTime(b, t)
	}
	b = appendList(b, s.PolicyARNs)
	b = appendList(b, s.TransitiveTagKeys)
	b = binary.AppendUvarint(b, uint64(len(s.Tags)))
	for key, value := range s.Tags {
		b = appendText(appendText(b, key), value)
	}
	if flags&flagDelegated != 0 {
		b = appendText(appendText(b, s.DelegateAccountID), s.DelegationPolicy)
	}
	if flags&flagFederated != 0 {
		b = binary.AppendUvarint(b, uint64(len(s.FederatedKeys)))
		for key, values := range s.FederatedKeys {
			b = appendList(appendText(b, key), values)
		}
	}
	if s.FederatedProvider != "" || len(b) < size {
		b = appendText(b, s.FederatedProvider)
	}
	if short := size - len(b); short > 0 {
		b = append(binary.AppendUvarint(b, uint64(short)), make([]byte, short)...)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, 0)
	}
	return binary.AppendVarint(b, t.UnixMicro())
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, text := range list {
		b = appendText(b, text)
	}
	return b
}

// reader takes a packed session apart. Its strings are parts of the packed one, so that
// nothing is copied. After a fault it is broken and returns zero values.
type reader struct {
	rest   string
	broken bool
}

// parseSession is the reverse of appendSession. ok is false unless the whole of packed is
// one session.
func parseSession(packed string) (c *Caller, secret string, ok bool) {
	r := &reader{rest: packed}
	kind, flags := PrincipalType(r.byte()), r.byte()
	both := &struct {
		caller  Caller
		session Session
	}{}
	c, s := &both.caller, &both.session
	c.Type, c.Session = kind, s
	// What a flag of a newer version leads may limit the session: it must not pass for filling.
	r.broken = r.broken || flags&^flagsKnown != 0
	s.MFA, s.Chained = flags&flagMFA != 0, flags&flagChained != 0
	for _, field := range [...]*string{
		&secret, &c.AccountID, &c.ARN, &c.PrincipalID, &c.EntityID, &c.EntityARN, &c.EntityName,
		&s.Name, &s.Policy, &s.SourceIdentity, &s.IssuerType, &s.AssumedRoot,
	} {
		*field = r.text()
	}
	for _, field := range [...]*time.Time{&s.IssuedAt, &s.ExpiresAt, &s.MFATime} {
		*field = r.time()
	}
	s.PolicyARNs = r.list()
	s.TransitiveTagKeys = r.list()
	if n := r.count(); n > 0 {
		s.Tags = make(map[string]string, n)
		for range n {
			key := r.text()
			s.Tags[key] = r.text()
		}
	}
	if flags&flagDelegated != 0 {
		s.DelegateAccountID, s.DelegationPolicy = r.text(), r.text()
	}
	if flags&flagFederated != 0 {
		n := r.count()
		s.FederatedKeys = make(map[string][]string, n)
		for range n {
			key := r.text()
			s.FederatedKeys[key] = r.list()
		}
	}
	if r.rest != "" {
		s.FederatedProvider = r.text()
	}
	if r.rest != "" {
		r.text() // filling
	}
	return c, secret, !r.broken && r.rest == ""
}

func (r *reader) byte() byte {
	if r.rest == "" {
		r.broken = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	if r.rest != "" && r.rest[0] < 0x80 {
		n := r.rest[0]
		r.rest = r.rest[1:]
		return uint64(n)
	}
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.broken = true
	return 0
}

// count reads a number of things that follow, each of at least one byte.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.broken = true
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

func (r *reader) time() time.Time {
	n := r.uvarint()
	if n == 0 {
		return time.Time{}
	}
	// The zigzag form of encoding/binary's signed varint.
	return time.UnixMicro(int64(n>>1) ^ -int64(n&1)).UTC()
}

func (r *reader) list() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.text()
	}
	return list
}
