package sts

import (
	"testing"
	"time"
)

func TestADeviceRestsAfterWrongCodes(t *testing.T) {
	var g guesses
	now := time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)
	for i := range freeGuesses {
		if g.resting("device", now) {
			t.Fatalf("resting after %d wrong codes", i)
		}
		g.note("device", false, now)
	}
	if !g.resting("device", now.Add(firstRest-time.Second)) {
		t.Error("not resting after the free guesses")
	}
	if g.resting("another", now) {
		t.Error("another device rests too")
	}
	if g.resting("device", now.Add(firstRest)) {
		t.Error("resting longer than the first rest")
	}
	for range 50 {
		g.note("device", false, now)
	}
	if !g.resting("device", now.Add(longestRest-time.Second)) || g.resting("device", now.Add(longestRest)) {
		t.Error("the longest rest is not kept")
	}
	g.note("device", true, now)
	if g.resting("device", now) {
		t.Error("resting after a right code")
	}
}
