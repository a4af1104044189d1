package main

import (
	"math/bits"
	"time"
)

// Each power of two of microseconds is cut into subBuckets, so a quantile is off by 1.6 % at
// most. The longest time that is told apart is over an hour.
const (
	subBits    = 6
	subBuckets = 1 << subBits
	buckets    = (32 - subBits + 1) * subBuckets
)

// histogram counts times. It belongs to one goroutine; add joins those of several.
type histogram struct {
	counts [buckets]int64
	count  int64
	max    time.Duration
}

func bucketOf(us uint64) int {
	if us < subBuckets {
		return int(us)
	}
	shift := bits.Len64(us) - subBits - 1
	return min((shift+1)*subBuckets+int(us>>shift)-subBuckets, buckets-1)
}

// lowest returns the smallest time of a bucket.
func lowest(bucket int) time.Duration {
	if bucket < subBuckets {
		return time.Duration(bucket) * time.Microsecond
	}
	shift := bucket/subBuckets - 1
	return time.Duration(uint64(bucket%subBuckets+subBuckets)<<shift) * time.Microsecond
}

func (h *histogram) record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d.Microseconds()))]++
	h.count++
	h.max = max(h.max, d)
}

func (h *histogram) add(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.count += o.count
	h.max = max(h.max, o.max)
}

// quantile returns the time that a share q of all times do not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	if h.count == 0 {
		return 0
	}
	left := int64(q * float64(h.count))
	for i, n := range h.counts {
		if left -= n; left < 0 {
			return min(lowest(i+1), h.max)
		}
	}
	return h.max
}
