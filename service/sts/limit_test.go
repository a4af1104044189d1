package sts

import (
	"testing"
	"time"
)

func TestADeviceRestsAfterWrongCodes(t *testing.T) {
	var g guesses
	now := time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)
	guess := func(device string, at time.Time) bool {
		if !g.begin(device, at) {
			return false
		}
		g.end(device, wrong)
		return true
	}
	for i := range freeGuesses {
		if !guess("device", now) {
			t.Fatalf("resting after %d wrong codes", i)
		}
	}
	if guess("device", now.Add(firstRest-time.Second)) {
		t.Error("not resting after the free guesses")
	}
	if !guess("another", now) {
		t.Error("another device rests too")
	}
	if !guess("device", now.Add(firstRest)) {
		t.Error("resting longer than the first rest")
	}
	now = now.Add(firstRest)
	for range 50 {
		if now = now.Add(longestRest); !guess("device", now) {
			t.Fatal("resting longer than the longest rest")
		}
	}
	if guess("device", now.Add(longestRest-time.Second)) {
		t.Error("the longest rest is not kept")
	}
	now = now.Add(longestRest)
	if !g.begin("device", now) {
		t.Fatal("resting longer than the longest rest")
	}
	g.end("device", right)
	if !guess("device", now) {
		t.Error("resting after a right code")
	}
}

// Sending many codes at once must not get more of them looked at.
func TestCodesUnderWayCountAsWrong(t *testing.T) {
	var g guesses
	now := time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)
	seen := 0
	for range 100 {
		if g.begin("device", now) {
			seen++
		}
	}
	if seen != freeGuesses {
		t.Errorf("%d codes were looked at, want %d", seen, freeGuesses)
	}
	for range seen {
		g.end("device", unseen)
	}
	if len(g.devices) != 0 {
		t.Errorf("codes that nobody compared are counted: %v", g.devices)
	}
	g.begin("device", now)
	g.end("device", wrong)
	g.begin("device", now)
	g.end("device", unseen)
	if got := g.devices["device"].wrong; got != 1 {
		t.Errorf("%d wrong codes, want 1", got)
	}
}
