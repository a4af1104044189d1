package wire

import (
	"net/http"
	"sync"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Rate is how fast one account may call one service: PerSecond requests on the average and
// Burst at once. The zero value sets no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// maxBuckets is of how many accounts and services the limiter keeps count.
const maxBuckets = 1 << 16

// bucketKey is who calls what. A caller that is not known (unsigned operations) is its
// address.
type bucketKey struct{ caller, service string }

// bucket holds the requests that may come at once, as of a moment.
type bucket struct {
	tokens float64
	at     time.Time
}

// limiter is a token bucket for each account and service. A bucket that has filled up again
// is as good as a new one, so those are forgotten first when there are too many.
type limiter struct {
	rate  Rate
	limit int

	mu      sync.Mutex
	buckets map[bucketKey]bucket
	swept   time.Time
}

func newLimiter(r Rate, limit int) *limiter {
	return &limiter{rate: r, limit: limit, buckets: map[bucketKey]bucket{}}
}

// allow takes a token and reports whether there was one.
func (l *limiter) allow(key bucketKey, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[key]
	if !known {
		if len(l.buckets) >= l.limit {
			l.makeRoom(now)
		}
		b = bucket{tokens: float64(l.rate.Burst), at: now}
	}
	b = l.refill(b, now)
	allowed := b.tokens >= 1
	if allowed {
		b.tokens--
	}
	l.buckets[key] = b
	return allowed
}

// refill adds what has come in since. A clock that was put back adds nothing.
func (l *limiter) refill(b bucket, now time.Time) bucket {
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(b.tokens+passed.Seconds()*l.rate.PerSecond, float64(l.rate.Burst))
	}
	b.at = now
	return b
}

// makeRoom forgets the buckets that are full, at most once a second because it looks at all
// of them, and one more, whichever it is, if that is not enough.
func (l *limiter) makeRoom(now time.Time) {
	if since := now.Sub(l.swept); since >= time.Second || since < 0 {
		l.swept = now
		for key, b := range l.buckets {
			if l.refill(b, now).tokens >= float64(l.rate.Burst) {
				delete(l.buckets, key)
			}
		}
	}
	if len(l.buckets) < l.limit {
		return
	}
	for key := range l.buckets {
		delete(l.buckets, key)
		return
	}
}

// throttle ends a request that comes too fast. It stands behind authentication, so that
// nobody uses up another's share, and before everything that costs more.
func (x *exchange) throttle() error {
	l := x.server.limiter
	if l == nil || x.id.service == nil {
		return nil
	}
	key := bucketKey{caller: x.caller.AccountID, service: x.id.service.desc.SigningName}
	if key.caller == "" {
		key.caller = x.sourceIP
	}
	if l.allow(key, x.started) {
		return nil
	}
	x.throttled = true
	if m := x.id.service; m.Throttled != nil {
		return m.Throttled(throttledMessage)
	}
	switch x.protocol() {
	case smithy.AWSQuery:
		return &smithy.GenericError{Code: "Throttling", Status: http.StatusBadRequest, Message: throttledMessage}
	case smithy.RESTJSON1:
		return &smithy.GenericError{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: throttledMessage}
	default:
		return &smithy.GenericError{Code: "ThrottlingException", Status: http.StatusBadRequest, Message: throttledMessage}
	}
}

// throttledMessage is AWS's wording; the codes are those of the API references: Throttling
// with status 400 in IAM and STS ("Common Errors"), ThrottlingException with 400 in
// CloudTrail, TooManyRequestsException with 429 in Account Management and with 400 in
// Organizations. All of them make the SDKs wait and try again.
const throttledMessage = "Rate exceeded"
