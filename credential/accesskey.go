package credential

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strconv"
)

// KeyKind is the prefix of an access key id: it says how long the key lives.
type KeyKind string

// The kinds of access key, after the IAM user guide's topic "IAM identifiers".
const (
	// LongTerm keys belong to a user or the root user and come without a session token.
	LongTerm KeyKind = "AKIA"
	// Temporary keys are issued by STS and are nothing without their session token.
	Temporary KeyKind = "ASIA"
)

const (
	// accessKeyIDLength is the length of every access key id made here.
	accessKeyIDLength = 20
	// maxAccountNumber is the largest number of twelve digits; forty bits hold a little more.
	maxAccountNumber = 999_999_999_999
)

// NewAccessKeyID returns an access key id that carries its account as AWS's do: the sixteen
// characters after the prefix are the base32 form of ten bytes; their first bit is one, the
// next forty are the account number, the rest is random (39 bits). accountID must have
// twelve digits.
func NewAccessKeyID(kind KeyKind, accountID string, rand io.Reader) string {
	var b [10]byte
	mustRead(rand, b[:])
	head := 1<<63 | mustAccountNumber(accountID)<<23 | binary.BigEndian.Uint64(b[:8])&(1<<23-1)
	binary.BigEndian.PutUint64(b[:8], head)
	return string(kind) + base32.StdEncoding.EncodeToString(b[:])
}

// AccountOf returns the account that an access key id carries. It is a way to find the
// right rows, and what sts:GetAccessKeyInfo answers from; it proves nothing: anybody can
// write such an id. ok is false for ids that carry none, such as AWS's keys from before
// 2019 and ids that an operator chose.
func AccountOf(accessKeyID string) (accountID string, ok bool) {
	if len(accessKeyID) != accessKeyIDLength {
		return "", false
	}
	if kind := KeyKind(accessKeyID[:4]); kind != LongTerm && kind != Temporary {
		return "", false
	}
	var b [10]byte
	if _, err := base32.StdEncoding.Decode(b[:], []byte(accessKeyID[4:])); err != nil {
		return "", false
	}
	head := binary.BigEndian.Uint64(b[:8])
	number := head >> 23 & (1<<40 - 1)
	if head>>63 == 0 || number > maxAccountNumber {
		return "", false
	}
	var digits [12]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + number%10)
		number /= 10
	}
	return string(digits[:]), true
}

// NewSecret returns a secret access key: forty characters of the base64 alphabet, 240
// random bits.
func NewSecret(rand io.Reader) string {
	var b [30]byte
	mustRead(rand, b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// The prefixes of unique ids, after the IAM user guide's topic "IAM identifiers", section
// "Unique identifiers".
const (
	UserIDPrefix              = "AIDA"
	RoleIDPrefix              = "AROA"
	GroupIDPrefix             = "AGPA"
	ManagedPolicyIDPrefix     = "ANPA"
	InstanceProfileIDPrefix   = "AIPA"
	PublicKeyIDPrefix         = "APKA"
	ServerCertificateIDPrefix = "ASCA"
	ServiceCredentialIDPrefix = "ACCA"
)

// NewUniqueID returns a unique id of an IAM entity: the prefix and seventeen random
// base32 characters (85 bits). An id is never used again, so that a policy that names a
// deleted user does not fit the next user of that name.
func NewUniqueID(prefix string, rand io.Reader) string {
	var b [11]byte
	mustRead(rand, b[:])
	return prefix + base32.StdEncoding.EncodeToString(b[:])[:17]
}

// mustRead fills b. A source of randomness that fails leaves nothing safe to go on with.
func mustRead(rand io.Reader, b []byte) {
	if _, err := io.ReadFull(rand, b); err != nil {
		panic("credential: no randomness: " + err.Error())
	}
}

// mustAccountNumber reads an account id. Ids come from our own store: one that has not
// twelve digits is a fault of the program, and a key for the wrong account would be worse
// than none.
func mustAccountNumber(accountID string) uint64 {
	n, err := strconv.ParseUint(accountID, 10, 64)
	if err != nil || len(accountID) != 12 {
		panic("credential: not an account id: " + strconv.Quote(accountID))
	}
	return n
}
