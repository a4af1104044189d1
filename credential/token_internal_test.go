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

// A session of a newer version, with parts that this one does not know, does not open: what it
// does not know may be a limit.
func TestUnknownFlagsDoNotOpen(t *testing.T) {
	c := &Caller{Type: User, AccountID: "111122223333", Session: &Session{DelegateAccountID: "444455556666", DelegationPolicy: "{}"}}
	packed := appendSession(nil, c, "secret", 0)
	if got, _, ok := parseSession(string(packed)); !ok || got.Session.DelegationPolicy != "{}" {
		t.Fatalf("a delegated session: %v", ok)
	}
	for bit := range 8 {
		if flag := byte(1) << bit; flag&flagsKnown == 0 {
			newer := append([]byte{}, packed...)
			newer[1] |= flag
			if _, _, ok := parseSession(string(newer)); ok {
				t.Errorf("flag %#x opens", flag)
			}
		}
	}
}
