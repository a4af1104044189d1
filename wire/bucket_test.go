package wire

import (
	"strconv"
	"testing"
	"time"
)

func TestLimiterForgetsWhoIsQuietAndStaysWithinItsBound(t *testing.T) {
	const limit = 100
	start := time.Unix(1_800_000_000, 0)
	l := newLimiter(Rate{PerSecond: 1, Burst: 10}, limit)
	busy := bucketKey{caller: "busy", service: "s"}
	for range 10 {
		if !l.allow(busy, start.Add(20*time.Second)) {
			t.Fatal("within the burst")
		}
	}
	for i := range limit - 1 {
		l.allow(bucketKey{caller: strconv.Itoa(i)}, start)
	}
	// The quiet ones have filled up by now; the busy one has not, and must not get a new
	// bucket.
	now := start.Add(20 * time.Second)
	l.allow(bucketKey{caller: "new"}, now)
	if len(l.buckets) != 2 {
		t.Errorf("%d buckets are kept, 2 are in use", len(l.buckets))
	}
	if l.allow(busy, now) {
		t.Error("the busy caller was forgotten")
	}
	for i := range 10 * limit {
		l.allow(bucketKey{caller: strconv.Itoa(i)}, now)
		if len(l.buckets) > limit {
			t.Fatalf("%d buckets", len(l.buckets))
		}
	}
}

func TestLimiterTakesAClockThatIsPutBack(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	l := newLimiter(Rate{PerSecond: 1, Burst: 1}, 10)
	key := bucketKey{caller: "c"}
	l.allow(key, start)
	if l.allow(key, start.Add(-time.Hour)) {
		t.Error("a clock put back gave a token")
	}
	if !l.allow(key, start.Add(-time.Hour+time.Second)) {
		t.Error("from then on the rate holds; it must not wait for the hour to come back")
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := newLimiter(Rate{PerSecond: 1e9, Burst: 1e9}, maxBuckets)
	key, now := bucketKey{caller: "111122223333", service: "iam"}, time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if !l.allow(key, now) {
			b.Fatal("throttled")
		}
	}
}
