package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Sink stores events; a call stores all of them or none.
type Sink interface {
	AppendEvents(ctx context.Context, events []Event) error
}

// Bounds of the queue: how many events wait at most, how many bytes their records have, how
// many are written together and how long the first of a batch waits for company; and how long
// somebody waits for room, or for all to be stored.
const (
	queueLength = 8192
	queueBytes  = 64 << 20
	batchLength = 1024
	batchDelay  = 200 * time.Millisecond
	retryDelay  = time.Second
	patience    = 10 * time.Second
)

// Queue writes events that need not be in an operation's own transaction: of reads,
// refusals and failures. Nothing that it took is dropped: a full queue makes [Queue.Add] wait,
// and refuse in the end.
type Queue struct {
	sink     Sink
	logger   *slog.Logger
	patience time.Duration

	mu sync.Mutex
	// freed is closed, and another one made, when there is more room or the queue is closed.
	freed chan struct{}
	// waiting are the events in the order in which they came; those being written are no
	// longer among them, but in count and bytes until they are stored.
	waiting      []Event
	count, bytes int
	closed       bool

	// begun and full hold one signal each: that the first event waits, and that a batch does.
	begun, full chan struct{}
	flush       chan chan error
	stop, done  chan struct{}
}

// NewQueue starts a queue in front of sink. Close it to write what still waits.
func NewQueue(sink Sink, logger *slog.Logger) *Queue {
	q := &Queue{
		sink: sink, logger: logger, patience: patience, freed: make(chan struct{}),
		begun: make(chan struct{}, 1), full: make(chan struct{}, 1), flush: make(chan chan error),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go q.run()
	return q
}

// ErrClosed is returned by Add once the queue is closed.
var ErrClosed = errors.New("audit: the queue is closed")

// ErrBehind is returned when the store has taken no events for too long. Who waits for it to
// take more holds on to memory, so nobody waits for ever.
var ErrBehind = errors.New("audit: events cannot be stored at this time")

// Add puts events into the queue and waits while it is full, for ten seconds at most: then it
// returns [ErrBehind], and what the events tell of must not seem to have happened. Of several
// events the first may be kept all the same.
func (q *Queue) Add(events []Event) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range events {
		size := len(events[i].Record)
		if !q.room(size) {
			if err := q.await(size); err != nil {
				return err
			}
		}
		if q.closed {
			return ErrClosed
		}
		q.waiting = append(q.waiting, events[i])
		q.count++
		q.bytes += size
		switch len(q.waiting) {
		case 1:
			signal(q.begun)
		case batchLength:
			signal(q.full)
		}
	}
	return nil
}

// await returns once there is room for a record of that size, or the queue is closed. It is
// called with the lock, which it gives away meanwhile.
func (q *Queue) await(size int) error {
	late := time.NewTimer(q.patience)
	defer late.Stop()
	for !q.closed && !q.room(size) {
		freed := q.freed
		q.mu.Unlock()
		var err error
		select {
		case <-freed:
		case <-late.C:
			err = ErrBehind
		}
		q.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

// tell wakes those who wait for room. It is called with the lock.
func (q *Queue) tell() {
	close(q.freed)
	q.freed = make(chan struct{})
}

// room reports whether a record of that size may come: few calls must not fill the memory
// because their parameters are long. One that is longer than all the room comes alone.
func (q *Queue) room(size int) bool {
	return q.count < queueLength && q.bytes+min(size, queueBytes) <= queueBytes
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Flush returns when all events added before the call are stored, or after ten seconds with
// [ErrBehind].
func (q *Queue) Flush(ctx context.Context) error {
	late := time.NewTimer(q.patience)
	defer late.Stop()
	answer := make(chan error, 1)
	select {
	case q.flush <- answer:
	case <-q.done:
		return nil
	case <-late.C:
		return ErrBehind
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-late.C:
		return ErrBehind
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Len returns the number of events that are not stored yet.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count
}

// Close stores what waits and stops the queue.
func (q *Queue) Close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		q.tell()
		close(q.stop)
	}
	q.mu.Unlock()
	<-q.done
}

// run writes all that waits when that is a batch, or the first of it has waited long enough,
// or somebody asks for it. What comes meanwhile is the next batch: the slower the store, the
// more it gets at once.
func (q *Queue) run() {
	defer close(q.done)
	due := time.NewTimer(batchDelay)
	defer due.Stop()
	var batch []Event
	for {
		select {
		case <-q.begun:
			due.Reset(batchDelay)
		case <-q.full:
			batch = q.write(q.take(batch))
		case <-due.C:
			batch = q.write(q.take(batch))
		case answer := <-q.flush:
			batch = q.write(q.take(batch))
			answer <- nil
		case <-q.stop:
			q.write(q.take(batch))
			return
		}
	}
}

// take returns all that waits; from now on events wait in the place of the emptied batch.
func (q *Queue) take(emptied []Event) []Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting
	q.waiting = emptied
	return batch
}

// release makes room for others.
func (q *Queue) release(count, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count -= count
	q.bytes -= bytes
	q.tell()
}

func (q *Queue) store(events []Event) error {
	return q.sink.AppendEvents(context.Background(), events)
}

// unavailable reports whether an error says of itself that the store takes nothing at this time,
// whatever it is: then none of the events is to blame. (A full disk would still take an event
// again that is there already, and so seem to refuse others for what they are.)
func unavailable(err error) bool {
	var said interface{ Unavailable() bool }
	return errors.As(err, &said) && said.Unavailable()
}

// attemptsTogether is how often a batch is tried as a whole before its events are tried one
// by one.
const attemptsTogether = 3

// singly stores the events one by one and returns those that are to be tried again. An event
// that fails while the store takes another one (storing twice does no harm) can never be
// stored: it goes to the log instead, so that it does not keep all others waiting.
func (q *Queue) singly(batch []Event) []Event {
	var good, failed []Event
	for i := range batch {
		if err := q.store(batch[i : i+1]); err != nil {
			failed = append(failed, batch[i])
			continue
		}
		good = batch[i : i+1]
	}
	if good == nil {
		return batch
	}
	var again []Event
	for i := range failed {
		err := q.store(failed[i : i+1])
		if err == nil {
			continue
		}
		if q.store(good) != nil {
			again = append(again, failed[i])
			continue
		}
		e := &failed[i]
		q.logger.Error("audit event cannot be stored", "error", err, "id", e.ID, "account", e.AccountID, "record", string(e.Record))
	}
	return again
}

// write stores the batch and returns it emptied. A store that fails is tried again, so that
// nothing is lost while the process lives; meanwhile the queue fills and callers wait. Only
// a closing queue gives up, and says so.
func (q *Queue) write(batch []Event) []Event {
	size := 0
	for i := range batch {
		size += len(batch[i].Record)
	}
	defer q.release(len(batch), size)
	for attempt := 1; len(batch) > 0; attempt++ {
		err := q.store(batch)
		if err == nil {
			break
		}
		q.logger.Error("audit events are not stored yet", "events", len(batch), "error", err)
		if attempt >= attemptsTogether && !unavailable(err) {
			if batch = q.singly(batch); len(batch) == 0 {
				break
			}
		}
		select {
		case <-q.stop:
			if err := q.store(batch); err != nil {
				q.logger.Error("audit events lost at shutdown", "events", len(batch), "error", err)
			}
			return batch[:0]
		case <-time.After(retryDelay):
		}
	}
	clear(batch)
	return batch[:0]
}
