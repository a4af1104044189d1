package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMAC holds the keyed hash against crypto/hmac's.
func TestMAC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [sha256.Size]byte(rapid.SliceOfN(rapid.Byte(), sha256.Size, sha256.Size).Draw(t, "key"))
		data := rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "data")
		h := hmac.New(sha256.New, key[:])
		h.Write(data)
		if got := mac(key[:], data); !hmac.Equal(got[:], h.Sum(nil)) {
			t.Fatalf("%x", got)
		}
	})
}

// FuzzParseTime: whatever is taken for a time, the string to sign holds that time.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"20150830T123600Z", "20150830T1236.0Z", "20150230T123600Z", "20150830T126000Z", "+0150830T123600Z", "2015083 T123600Z",
		"Sun, 30 Aug 2015 12:36:00 GMT", "Sunday, 30-Aug-15 12:36:00 MST", "Sun Aug 30 12:36:00 2015", "Sat, 01 Jan 0000 00:00:00 GMT", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, date string) {
		at, stamp, ok := parseTime(date)
		if !ok {
			if _, err := http.ParseTime(date); err == nil {
				t.Errorf("%q is refused", date)
			}
			return
		}
		if want := at.Format(timeFormat); stamp != want || at.Location() != time.UTC {
			t.Errorf("%q: %s, want %s, in %v", date, stamp, want, at.Location())
		}
	})
}
