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
	// waiting holds a chan *seat for each that waits. It gets nil when there is a lane.
	waiting list.List
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
	turn := make(chan *seat, 1)
	var place *list.Element
	if again {
		place = l.waiting.PushFront(turn)
	} else {
		place = l.waiting.PushBack(turn)
	}
	l.admit()
	l.mu.Unlock()
	select {
	case s := <-turn:
		return s, nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case s := <-turn: // it came after all
		if s != nil {
			s.decline()
		} else {
			l.running-- // the next one can have it
			l.admit()
		}
	default:
		l.waiting.Remove(place)
	}
	return nil, ctx.Err()
}

// seats returns how many of those who wait may ride along in one transaction. Where updates
// get on beside each other, longer transactions would only make them meet.
func (l *lanes) seats() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if int(l.width) > 1 {
		return 0
	}
	return min(int(l.load), l.waiting.Len())
}

// board gives the first of those who wait a seat, and is false if nobody does.
func (l *lanes) board(s *seat) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	turn := l.first()
	if turn == nil {
		return false
	}
	turn <- s
	return true
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
	for l.running < int(l.width) {
		turn := l.first()
		if turn == nil {
			return
		}
		l.running++
		turn <- nil
	}
}

// first takes the first of those who wait; nil if nobody does.
func (l *lanes) first() chan *seat {
	place := l.waiting.Front()
	if place == nil {
		return nil
	}
	l.waiting.Remove(place)
	turn, _ := place.Value.(chan *seat) // nothing else is put in
	return turn
}
