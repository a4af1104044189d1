package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// NewID returns a random UUID (RFC 9562, version 4).
func NewID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	return format(b), nil
}

// derivedID is the event id of another recipient of the same call: events of one call
// share their sharedEventID and differ in their own.
func derivedID(id, account string) string {
	sum := sha256.Sum256([]byte(id + "/" + account))
	return format([16]byte(sum[:16]))
}

func format(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
