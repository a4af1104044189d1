package metrics

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// outcome is what requests are counted by. The pointers of what does not exist are nil, so
// there are as many outcomes as operations, verdicts and statuses, whatever clients send.
type outcome struct {
	service   *smithy.Service
	operation *smithy.Operation
	verdict   wire.Verdict
	status    int
}

// outcomes remembers the counter of each outcome that has been, so that a request is counted
// without putting its labels together or waiting for another one. The zero value is ready.
type outcomes struct {
	// counters is replaced, never changed.
	counters atomic.Pointer[map[outcome]prometheus.Counter]
	mu       sync.Mutex
}

// of returns the counter of an outcome; create makes it if it is the first of its kind.
func (s *outcomes) of(o outcome, create func() prometheus.Counter) prometheus.Counter {
	if known := s.counters.Load(); known != nil {
		if c, ok := (*known)[o]; ok {
			return c
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[outcome]prometheus.Counter{}
	if known := s.counters.Load(); known != nil {
		maps.Copy(next, *known)
	}
	next[o] = create()
	s.counters.Store(&next)
	return next[o]
}
