package credential_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bailiwick/bailiwick/credential"
)

func TestAccessKeyIDCarriesItsAccount(t *testing.T) {
	form := regexp.MustCompile(`^(AKIA|ASIA)[A-Z2-7]{16}$`)
	rapid.Check(t, func(t *rapid.T) {
		account := fmt.Sprintf("%012d", rapid.Uint64Range(0, 999_999_999_999).Draw(t, "account"))
		kind := rapid.SampledFrom([]credential.KeyKind{credential.LongTerm, credential.Temporary}).Draw(t, "kind")
		noise := rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "noise")
		id := credential.NewAccessKeyID(kind, account, bytes.NewReader(noise))
		if !form.MatchString(id) || !strings.HasPrefix(id, string(kind)) {
			t.Fatalf("id %q has not AWS's form", id)
		}
		if got, ok := credential.AccountOf(id); !ok || got != account {
			t.Fatalf("AccountOf(%q) = %q, %v, want %q", id, got, ok, account)
		}
	})
}

func TestAccountOf(t *testing.T) {
	tests := []struct {
		name, id, account string
	}{
		// Both pairs have been published; the second key is long gone.
		{"published temporary key", "ASIAQNZGKIQY56JQ7WML", "029608264753"},
		{"published temporary key, odd account bit", "ASIAY34FZKBOKMUTVV7A", "609629065308"},
		{"example key of AWS's documentation, of the old form", "AKIAIOSFODNN7EXAMPLE", ""},
		{"number beyond twelve digits", "AKIA" + strings.Repeat("7", 16), ""},
		{"unique id of a user", "AIDAQNZGKIQY56JQ7WML", ""},
		{"too short", "ASIAQNZGKIQY56JQ7WM", ""},
		{"too long", "ASIAQNZGKIQY56JQ7WMLA", ""},
		{"not base32", "ASIAQNZGKIQY56JQ7WM1", ""},
		{"lower case", "ASIAqnzgkiqy56jq7wml", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			account, ok := credential.AccountOf(tt.id)
			if account != tt.account || ok != (tt.account != "") {
				t.Errorf("AccountOf(%q) = %q, %v, want %q", tt.id, account, ok, tt.account)
			}
		})
	}
}

func TestNewAccessKeyIDRefusesWhatIsNoAccount(t *testing.T) {
	for _, account := range []string{"", "12345678901", "1234567890123", "12345678901x"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a key was made for the account %q", account)
				}
			}()
			credential.NewAccessKeyID(credential.LongTerm, account, rand.Reader)
		}()
	}
}

func TestSecretsAndUniqueIDsHaveAWSsForm(t *testing.T) {
	secretForm := regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`)
	idForm := regexp.MustCompile(`^AROA[A-Z2-7]{17}$`)
	seen := map[string]bool{}
	for range 200 {
		secret := credential.NewSecret(rand.Reader)
		id := credential.NewUniqueID(credential.RoleIDPrefix, rand.Reader)
		if !secretForm.MatchString(secret) {
			t.Fatalf("secret has not AWS's form: %q", secret)
		}
		if !idForm.MatchString(id) {
			t.Fatalf("unique id has not AWS's form: %q", id)
		}
		if seen[secret] || seen[id] {
			t.Fatal("a secret or id came twice")
		}
		seen[secret], seen[id] = true, true
	}
}
