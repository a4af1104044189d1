package credential

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash: argon2id with 19 MiB, two passes, one lane, the smallest
// setting that OWASP's password storage sheet recommends for it. Larger ones would let a
// few sign-ins at once exhaust a small server.
const (
	argonMemory  = 19 << 10 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSaltLen = 16
	argonHashLen = 32
)

// ErrPasswordHash says that a stored password hash is not one that [HashPassword] made, or
// asks for more memory or time than any of those.
var ErrPasswordHash = errors.New("credential: malformed password hash")

// HashPassword returns the argon2id hash of a password as a PHC string
// ("$argon2id$v=19$m=19456,t=2,p=1$salt$hash"), with a salt from rand.
func HashPassword(password string, rand io.Reader) string {
	salt := make([]byte, argonSaltLen)
	mustRead(rand, salt)
	hash := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonHashLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
}

// VerifyPassword reports whether password is the one that was hashed; the comparison takes
// the same time wherever they differ. The error is [ErrPasswordHash].
func VerifyPassword(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, ErrPasswordHash
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, ErrPasswordHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, hashErr := base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case saltErr != nil, hashErr != nil, len(salt) < 8, len(want) != argonHashLen:
		return false, ErrPasswordHash
	// Settings may grow one day, so that lower ones must verify; higher ones come from
	// nobody we know.
	case memory < 8 || memory > argonMemory, passes < 1 || passes > argonPasses, lanes < 1 || lanes > argonLanes:
		return false, ErrPasswordHash
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonHashLen)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
