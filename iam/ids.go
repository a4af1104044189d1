package iam

import (
	"encoding/base32"
	"io"
)

// newUniqueID returns a unique id: the prefix and 17 characters of the base32 alphabet; see
// the IAM user guide, "IAM identifiers".
func newUniqueID(prefix string, rand io.Reader) (string, error) {
	var b [11]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	return prefix + base32.StdEncoding.EncodeToString(b[:])[:17], nil
}
