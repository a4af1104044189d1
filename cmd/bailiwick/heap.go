package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapRoom is how far the heap may grow between two collections, in bytes, however small it
// is. A server with a few accounts keeps some 10 MiB: at Go's default it would collect as
// often as it has handled 10 MiB of requests, which took a sixth of its processor time.
const heapRoom = 64 << 20

// giveHeapRoom makes collections as rare as [heapRoom] allows, unless GOGC says how rare
// they are to be. A heap that is larger than the room is collected as ever.
func giveHeapRoom() {
	if os.Getenv("GOGC") == "" {
		atEachCollection(func() { debug.SetGCPercent(percentFor(liveHeap())) })
	}
}

// percentFor is the GOGC value that lets a live heap grow by the room, 100 at least.
func percentFor(live uint64) int {
	return int(max(100, heapRoom*100/max(live, 1<<20)))
}

// liveHeap is what the last collection left.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return heapRoom
	}
	return sample[0].Value.Uint64()
}

// collected is garbage from the start: its finalizer runs after the next collection.
type collected struct{ _ [16]byte }

// atEachCollection calls do after each collection of garbage.
func atEachCollection(do func()) {
	runtime.SetFinalizer(&collected{}, func(*collected) {
		do()
		atEachCollection(do)
	})
}
