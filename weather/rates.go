package weather

import (
	"strings"
	"sync"
	"time"
)

// rate is how fast one account may call: perSecond on the average and burst at once.
type rate struct {
	service string
	// operations share nothing: each has the rate for itself, unless shared. With none given, the
	// rate is for all operations that have no line of their own and are reads or not.
	operations []string
	reads      bool
	shared     bool

	perSecond, burst float64
	// source names the topic that documents it, as read on the date; empty for numbers that are ours
	// because AWS says only that there are limits.
	source, asOf string
}

const accountQuotas = "Account Management Reference Guide, Quotas for AWS Account Management"

// rates are the limits that are known. What is not in it has none.
var rates = []rate{
	{service: "organizations", reads: true, perSecond: 20, burst: 40, asOf: "2026-11-22"},
	{service: "organizations", perSecond: 4, burst: 12, asOf: "2026-11-22"},
	{service: "iam", reads: true, perSecond: 30, burst: 60, asOf: "2026-11-22"},
	{service: "iam", perSecond: 10, burst: 30, asOf: "2026-11-22"},
	{
		service: "sts", shared: true, perSecond: 600, burst: 600, source: "IAM User Guide, IAM and AWS STS quotas", asOf: "2026-11-22",
		operations: []string{"AssumeRole", "DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetCallerIdentity", "GetFederationToken", "GetSessionToken"},
	},
	{service: "account", operations: []string{"AcceptPrimaryEmailUpdate", "StartPrimaryEmailUpdate", "DisableRegion", "EnableRegion"}, perSecond: 1, burst: 1, source: accountQuotas, asOf: "2026-11-22"},
	{service: "account", operations: []string{"DeleteAlternateContact"}, perSecond: 1, burst: 6, source: accountQuotas, asOf: "2026-11-22"},
	{service: "account", operations: []string{"GetAccountInformation", "GetPrimaryEmail"}, perSecond: 3, burst: 3, source: accountQuotas, asOf: "2026-11-22"},
	{service: "account", operations: []string{"GetAlternateContact", "GetContactInformation"}, perSecond: 10, burst: 15, source: accountQuotas, asOf: "2026-11-22"},
	{service: "account", operations: []string{"GetRegionOptStatus", "ListRegions"}, perSecond: 5, burst: 5, source: accountQuotas, asOf: "2026-11-22"},
	{service: "account", operations: []string{"PutAlternateContact", "PutContactInformation"}, perSecond: 5, burst: 8, source: accountQuotas, asOf: "2026-11-22"},
}

// isRead goes by the name: the services of the table name their operations so.
func isRead(operation string) bool {
	for _, verb := range []string{"Describe", "Get", "List", "Simulate"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// rateOf returns the rate of an operation and the name of what it is counted under.
func rateOf(service, operation string) (r *rate, counted string) {
	for i := range rates {
		r := &rates[i]
		if r.service != service {
			continue
		}
		for _, name := range r.operations {
			switch {
			case name != operation:
			case r.shared:
				return r, service + "/" + r.operations[0]
			default:
				return r, service + "/" + operation
			}
		}
		if r.operations == nil && r.reads == isRead(operation) {
			return r, service + "/" + operation
		}
	}
	return nil, ""
}

// maxBuckets is of how many callers and operations a limiter keeps count. One more and it forgets
// all: then some may call too soon.
const maxBuckets = 1 << 16

type bucketKey struct{ caller, counted string }

type bucket struct {
	tokens float64
	at     time.Time
}

// limiter counts by caller and operation, as token buckets do.
type limiter struct {
	share float64

	mu      sync.Mutex
	buckets map[bucketKey]bucket
}

func newLimiter(share float64) *limiter {
	return &limiter{share: share, buckets: map[bucketKey]bucket{}}
}

// allow takes a token and reports whether there was one.
func (l *limiter) allow(caller, service, operation string, now time.Time) bool {
	r, counted := rateOf(service, operation)
	if r == nil {
		return true
	}
	perSecond, burst := r.perSecond*l.share, max(1, r.burst*l.share)
	key := bucketKey{caller, counted}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[key]
	if !known {
		if len(l.buckets) >= maxBuckets {
			clear(l.buckets)
		}
		b = bucket{tokens: burst, at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens, b.at = min(burst, b.tokens+passed.Seconds()*perSecond), now
	}
	allowed := b.tokens >= 1
	if allowed {
		b.tokens--
	}
	l.buckets[key] = b
	return allowed
}
