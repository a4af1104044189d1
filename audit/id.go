package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"time"
)

// timeBytes is how many bytes of an id are its time.
const timeBytes = 6

// NewID returns a UUID that begins with the time in milliseconds (RFC 9562, version 7) and is
// random otherwise: ids of one time lie together, which keeps the log's index cheap.
func NewID(at time.Time, rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[timeBytes:]); err != nil {
		return "", err
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(at.UnixMilli(), 0)))
	copy(b[:timeBytes], ms[8-timeBytes:])
	return format(b), nil
}

// timeText is how many characters of an id's text are its time.
const timeText = 13

// derivedID is the event id of another recipient of the same call: events of one call
// share their sharedEventID and their time, and differ in the rest of their own.
func derivedID(id, account string) string {
	sum := sha256.Sum256([]byte(id + "/" + account))
	return id[:timeText] + format([16]byte(sum[:16]))[timeText:]
}

func format(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x70
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
