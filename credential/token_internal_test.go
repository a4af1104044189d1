package credential

import (
	"strings"
	"testing"
	"time"
)

func TestSealerForgetsTheKeysOfFormerDays(t *testing.T) {
	master, err := ParseMasterKey(strings.Repeat("5a", 32))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSealer(NewKeyring(master))
	for day := range 100 {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		c := &Caller{Session: &Session{IssuedAt: at, ExpiresAt: at.Add(time.Hour)}}
		token, err := s.Seal(c, "s")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Open("", token, at); err != nil {
			t.Fatal(err)
		}
		if len(s.keys) > maxTokenKeys {
			t.Fatalf("%d keys remembered after %d days", len(s.keys), day+1)
		}
	}
}
