package credential

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// One-time codes after RFC 6238 as AWS's virtual MFA devices use them (IAM user guide,
// "Assign a virtual MFA device"): HMAC-SHA-1, six digits, steps of 30 seconds. The few
// lines are our own: a library would bring QR codes and URLs along and still leave replay
// and the pair of codes to us.

const (
	totpStep   = 30
	totpDigits = 6
	// TOTPPeriod is the length of a time step.
	TOTPPeriod = totpStep * time.Second
	// totpWindow is how many steps a device's clock may be off, either way.
	totpWindow = 1
	// seedLength is that of AWS's seeds: 64 characters in base32.
	seedLength = 40
)

// NewSeed returns the random seed of a virtual MFA device.
func NewSeed(rand io.Reader) []byte {
	seed := make([]byte, seedLength)
	mustRead(rand, seed)
	return seed
}

// SeedString returns a seed in base32, the form in which people type it into their device
// and which iam:CreateVirtualMFADevice returns as Base32StringSeed.
func SeedString(seed []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed)
}

// TOTPStep returns the number of the time step at t: 30-second steps since 1970.
func TOTPStep(t time.Time) int64 { return t.Unix() / totpStep }

// TOTP returns the six digits of a time step.
func TOTP(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	number := binary.BigEndian.Uint32(sum[offset:]) & (1<<31 - 1)
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000)
}

// VerifyTOTP reports whether code is the device's code at now, one step early or late
// allowed, and returns the step it is for. A code is good once: only steps after last
// count, so the caller keeps the step that was returned and passes it the next time
// (0 at first).
func VerifyTOTP(seed []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	current := TOTPStep(now)
	for s := current - totpWindow; s <= current+totpWindow; s++ {
		// All steps are computed and compared in full, so that time tells nothing.
		if sameCode(TOTP(seed, s), code) && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// VerifyTOTPPair reports whether first and second are two consecutive codes of the device,
// as iam:EnableMFADevice and iam:ResyncMFADevice ask for, the second at most window steps
// from now. It returns the step of the second; its distance from [TOTPStep] of now is how
// far the device's clock is off.
func VerifyTOTPPair(seed []byte, first, second string, now time.Time, window int) (step int64, ok bool) {
	current := TOTPStep(now)
	for s := current - int64(window); s <= current+int64(window); s++ {
		if sameCode(TOTP(seed, s-1), first) && sameCode(TOTP(seed, s), second) && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

func sameCode(want, got string) bool {
	return subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1
}
