package store

import (
	"container/list"
	"context"
	"sync"
)

// lanes let updates of PostgreSQL run beside each other as long as that gets more done.
// Where many want to write the same few rows or index pages, all but one of those that run
// together cannot be serialized: they fail, over and over, and less gets done than by one
// after the other. So each failure halves the number of lanes, and successes widen it again
// bit by bit. Updates of things that are far apart keep all lanes; those of one small
// organization end up one behind the other.
type lanes struct {
	mu   sync.Mutex
	most int
	// width is how many may run, at least 1.
	width   float64
	running int
	// load is how many may ride along in one transaction: the more ride, the more has to run
	// again when they meet updates of another node.
	load float64
	// waiting holds a place for each that waits.
	waiting list.List
	// tickets counts those who came.
	tickets uint64
}

// place is where somebody waits.
type place struct {
	// ticket says when it came.
	ticket uint64
	// turn gets nil when there is a lane, or else a seat.
	turn chan *seat
}

// widening is what a success adds to the width: about fifty of them open one more lane. loading
// is what it adds to the load.
const (
	widening = 0.02
	loading  = 0.5
)

func newLanes(most int) *lanes { return &lanes{most: most, width: float64(most), load: mostRiders} }

// enter waits for a lane, or for a seat in somebody else's transaction; the caller must sit
// down in that. Those who were in a lane before come first: their callers have waited longest.
func (l *lanes) enter(ctx context.Context, again bool) (*seat, error) {
	l.mu.Lock()
	if l.running < int(l.width) && l.waiting.Len() == 0 {
		l.running++
		l.mu.Unlock()
		return nil, nil
	}
	l.tickets++
	mine := &place{l.tickets, make(chan *seat, 1)}
	var element *list.Element
	if again {
		element = l.waiting.PushFront(mine)
	} else {
		element = l.waiting.PushBack(mine)
	}
	l.admit()
	l.mu.Unlock()
	select {
	case s := <-mine.turn:
		return s, nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case s := <-mine.turn: // it came after all
		if s != nil {
			s.decline()
		} else {
			l.running-- // the next one can have it
			l.admit()
		}
	default:
		l.waiting.Remove(element)
	}
	return nil, ctx.Err()
}

// last returns the ticket of who came last.
func (l *lanes) last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tickets
}

// seats returns how many of those who wait, and came no later than a ticket, may ride along in
// one transaction. Where updates get on beside each other, longer transactions would only make
// them meet.
func (l *lanes) seats(ticket uint64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := 0
	for e := l.waiting.Front(); e != nil && int(l.width) == 1 && count < int(l.load); e = e.Next() {
		if placeOf(e).ticket <= ticket {
			count++
		}
	}
	return count
}

// board gives a seat to the first of those who came no later than a ticket, and is false if
// none of them waits any more.
func (l *lanes) board(s *seat, ticket uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.waiting.Front(); e != nil; e = e.Next() {
		if p := placeOf(e); p.ticket <= ticket {
			l.waiting.Remove(e)
			p.turn <- s
			return true
		}
	}
	return false
}

func placeOf(e *list.Element) *place {
	p, _ := e.Value.(*place) // nothing else is put in
	return p
}

// leave frees a lane; met says that the update met another one and has to run again.
func (l *lanes) leave(met bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if met {
		l.width, l.load = max(1, l.width/2), l.load/2
	} else {
		l.width, l.load = min(float64(l.most), l.width+widening), min(mostRiders, l.load+loading)
	}
	l.running--
	l.admit()
}

// figures returns how many may run and how many wait.
func (l *lanes) figures() (width, waiting int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.width), l.waiting.Len()
}

// admit lets those who wait in as long as there is room.
func (l *lanes) admit() {
	for l.running < int(l.width) && l.waiting.Len() > 0 {
		first := l.waiting.Front()
		l.waiting.Remove(first)
		l.running++
		placeOf(first).turn <- nil
	}
}
