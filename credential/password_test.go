package credential_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/credential"
)

func TestPassword(t *testing.T) {
	hash := credential.HashPassword("correct horse", rand.Reader)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not a PHC string of the documented cost: %s", hash)
	}
	if other := credential.HashPassword("correct horse", rand.Reader); other == hash {
		t.Error("one password hashed twice looks the same")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horse ": false, "Correct horse": false, "": false} {
		if got, err := credential.VerifyPassword(hash, password); got != want || err != nil {
			t.Errorf("VerifyPassword(%q) = %v, %v, want %v", password, got, err, want)
		}
	}
}

// A hash made elsewhere with cheaper settings: the reference implementation's test vector
// for the password "password" and the salt "somesalt".
func TestPasswordHashOfTheReferenceImplementation(t *testing.T) {
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := credential.VerifyPassword(hash, "password"); !ok || err != nil {
		t.Errorf("VerifyPassword = %v, %v", ok, err)
	}
	if ok, err := credential.VerifyPassword(hash, "passwore"); ok || err != nil {
		t.Errorf("VerifyPassword of another password = %v, %v", ok, err)
	}
}

func TestMalformedPasswordHash(t *testing.T) {
	good := credential.HashPassword("x", rand.Reader)
	for name, hash := range map[string]string{
		"empty":           "",
		"plain text":      "x",
		"another kind":    strings.Replace(good, "argon2id", "argon2i", 1),
		"another version": strings.Replace(good, "v=19", "v=16", 1),
		"huge memory":     strings.Replace(good, "m=19456", "m=4194304", 1),
		"no memory":       strings.Replace(good, "m=19456", "m=0", 1),
		"many passes":     strings.Replace(good, "t=2", "t=1000000", 1),
		"no passes":       strings.Replace(good, "t=2", "t=0", 1),
		"no lanes":        strings.Replace(good, "p=1", "p=0", 1),
		"short hash":      good[:len(good)-4],
		"not base64":      good[:len(good)-1] + "*",
		"no salt":         "$argon2id$v=19$m=19456,t=2,p=1$$" + good[len(good)-43:],
	} {
		if ok, err := credential.VerifyPassword(hash, "x"); ok || !errors.Is(err, credential.ErrPasswordHash) {
			t.Errorf("%s: VerifyPassword = %v, %v", name, ok, err)
		}
	}
}
