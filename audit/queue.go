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
// many are written together and how long the first of a batch waits for company.
const (
	queueLength = 8192
	queueBytes  = 64 << 20
	batchLength = 512
	batchDelay  = 200 * time.Millisecond
	retryDelay  = time.Second
)

// Queue writes events that need not be in an operation's own transaction: of reads,
// refusals and failures. Nothing is dropped: a full queue makes [Queue.Add] wait.
type Queue struct {
	sink   Sink
	logger *slog.Logger
	events chan Event
	flush  chan chan error
	room   room

	closing sync.Once
	stop    chan struct{}
	done    chan struct{}
}

// NewQueue starts a queue in front of sink. Close it to write what still waits.
func NewQueue(sink Sink, logger *slog.Logger) *Queue {
	q := &Queue{
		sink: sink, logger: logger, room: newRoom(queueBytes),
		events: make(chan Event, queueLength), flush: make(chan chan error),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go q.run()
	return q
}

// ErrClosed is returned by Add once the queue is closed.
var ErrClosed = errors.New("audit: the queue is closed")

// Add puts events into the queue and waits while it is full.
func (q *Queue) Add(events []Event) error {
	for _, e := range events {
		if !q.room.take(len(e.Record)) {
			return ErrClosed
		}
		select {
		case q.events <- e:
		case <-q.stop:
			return ErrClosed
		}
	}
	return nil
}

// room is how many bytes of records may still come: few calls must not fill the memory
// because their parameters are long.
type room struct {
	mu     *sync.Mutex
	freed  *sync.Cond
	left   int
	size   int
	closed bool
}

func newRoom(size int) room {
	mu := &sync.Mutex{}
	return room{mu: mu, freed: sync.NewCond(mu), left: size, size: size}
}

// take waits until there is room for n bytes; more than all the room is taken when nothing
// else waits. It returns false once the room is closed.
func (r *room) take(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && r.left < min(n, r.size) {
		r.freed.Wait()
	}
	r.left -= n
	return !r.closed
}

func (r *room) free(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left += n
	r.freed.Broadcast()
}

func (r *room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.freed.Broadcast()
}

// Flush returns when all events added before the call are stored.
func (q *Queue) Flush(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case q.flush <- answer:
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Len returns the number of events that wait.
func (q *Queue) Len() int { return len(q.events) }

// Close stores what waits and stops the queue.
func (q *Queue) Close() {
	q.closing.Do(func() {
		close(q.stop)
		q.room.close()
	})
	<-q.done
}

func (q *Queue) run() {
	defer close(q.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var batch []Event
	for {
		var due <-chan time.Time
		if len(batch) > 0 {
			due = timer.C
		}
		select {
		case e := <-q.events:
			if len(batch) == 0 {
				timer.Reset(batchDelay)
			}
			if batch = append(batch, e); len(batch) >= batchLength {
				batch = q.write(batch)
			}
		case <-due:
			batch = q.write(batch)
		case answer := <-q.flush:
			batch = q.write(q.drain(batch))
			answer <- nil
		case <-q.stop:
			q.write(q.drain(batch))
			return
		}
	}
}

func (q *Queue) drain(batch []Event) []Event {
	for {
		select {
		case e := <-q.events:
			batch = append(batch, e)
		default:
			return batch
		}
	}
}

func (q *Queue) store(events []Event) error {
	return q.sink.AppendEvents(context.Background(), events)
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
	defer q.room.free(size)
	for attempt := 1; len(batch) > 0; attempt++ {
		err := q.store(batch)
		if err == nil {
			break
		}
		q.logger.Error("audit events are not stored yet", "events", len(batch), "error", err)
		if attempt >= attemptsTogether {
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
