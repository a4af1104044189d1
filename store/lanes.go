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
	// waiting holds a chan struct{} for each that waits, closed when its turn comes.
	waiting list.List
}

// widening is what a success adds to the width: about fifty of them open one more lane.
const widening = 0.02

func newLanes(most int) *lanes { return &lanes{most: most, width: float64(most)} }

// enter waits for a lane. Those who were in one before come first: their callers have waited
// longest.
func (l *lanes) enter(ctx context.Context, again bool) error {
	l.mu.Lock()
	if l.running < int(l.width) && l.waiting.Len() == 0 {
		l.running++
		l.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	var place *list.Element
	if again {
		place = l.waiting.PushFront(turn)
	} else {
		place = l.waiting.PushBack(turn)
	}
	l.admit()
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-turn: // it came after all; the next one can have it
		l.running--
		l.admit()
	default:
		l.waiting.Remove(place)
	}
	return ctx.Err()
}

// leave frees a lane; met says that the update met another one and has to run again.
func (l *lanes) leave(met bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if met {
		l.width = max(1, l.width/2)
	} else {
		l.width = min(float64(l.most), l.width+widening)
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
		first := l.waiting.Front()
		if first == nil {
			return
		}
		l.waiting.Remove(first)
		turn, _ := first.Value.(chan struct{}) // nothing else is put in
		l.running++
		close(turn)
	}
}
