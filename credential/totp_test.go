package credential_test

import (
	"crypto/rand"
	"regexp"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

var rfcSeed = []byte("12345678901234567890")

// RFC 6238, appendix B, SHA-1, the last six of its eight digits.
func TestTOTPVectors(t *testing.T) {
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := credential.TOTP(rfcSeed, credential.TOTPStep(time.Unix(seconds, 0))); got != want {
			t.Errorf("at %d: %s, want %s", seconds, got, want)
		}
	}
}

func TestVerifyTOTP(t *testing.T) {
	now := time.Unix(1111111111, 0)
	step := credential.TOTPStep(now)
	code := func(s int64) string { return credential.TOTP(rfcSeed, s) }
	tests := []struct {
		name string
		code string
		last int64
		want int64
	}{
		{"this step", code(step), 0, step},
		{"one step early", code(step - 1), 0, step - 1},
		{"one step late", code(step + 1), 0, step + 1},
		{"two steps early", code(step - 2), 0, 0},
		{"two steps late", code(step + 2), 0, 0},
		{"used before", code(step), step, 0},
		{"older than the last one used", code(step - 1), step, 0},
		{"newer than the last one used", code(step + 1), step, step + 1},
		{"too short", code(step)[:5], 0, 0},
		{"too long", code(step) + "0", 0, 0},
		{"empty", "", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := credential.VerifyTOTP(rfcSeed, tt.code, now, tt.last)
			if got != tt.want || ok != (tt.want != 0) {
				t.Errorf("VerifyTOTP = %d, %v, want %d", got, ok, tt.want)
			}
		})
	}
}

func TestVerifyTOTPPair(t *testing.T) {
	now := time.Unix(1234567890, 0)
	step := credential.TOTPStep(now)
	code := func(s int64) string { return credential.TOTP(rfcSeed, s) }
	tests := []struct {
		name          string
		first, second string
		window        int
		want          int64
	}{
		{"the last two", code(step - 1), code(step), 1, step},
		{"this one and the next", code(step), code(step + 1), 1, step + 1},
		{"swapped", code(step), code(step - 1), 1, 0},
		{"one twice", code(step), code(step), 1, 0},
		{"with a gap", code(step - 2), code(step), 1, 0},
		{"a device half an hour late", code(step - 61), code(step - 60), 1, 0},
		{"a device half an hour late, resynchronized", code(step - 61), code(step - 60), 60, step - 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := credential.VerifyTOTPPair(rfcSeed, tt.first, tt.second, now, tt.window)
			if got != tt.want || ok != (tt.want != 0) {
				t.Errorf("VerifyTOTPPair = %d, %v, want %d", got, ok, tt.want)
			}
		})
	}
}

func TestSeed(t *testing.T) {
	seed := credential.NewSeed(rand.Reader)
	if text := credential.SeedString(seed); !regexp.MustCompile(`^[A-Z2-7]{64}$`).MatchString(text) {
		t.Errorf("seed %q is not 64 characters of base32", text)
	}
}
