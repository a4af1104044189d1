package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercentForLeavesRoom(t *testing.T) {
	for live, want := range map[uint64]int{0: 6400, 1 << 20: 6400, 16 << 20: 400, 64 << 20: 100, 1 << 30: 100} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}

func TestSmallHeapIsGivenRoom(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	giveHeapRoom()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		percent := debug.SetGCPercent(100)
		if percent > 100 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the percentage stays %d with %d live bytes", percent, liveHeap())
		}
	}
}
