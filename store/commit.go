package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of one batch: whoever comes first must not wait for ever for those who come last.
const (
	maxBatch     = 256
	maxBatchTime = 50 * time.Millisecond
)

var errAbandoned = errors.New("store: closure did not return")

// writer is the one writer of a SQLite database. It gives the updates that wait their turn
// one after the other in a single transaction, each in a savepoint, commits once, and then
// answers all. One fsync costs milliseconds, a small update microseconds: while one batch
// is being synced the next one gathers.
//
// A closure runs on its caller's goroutine, between the turn that the writer gives and the
// outcome that it gets back, so a panic or a failed test unwinds the caller's own stack and
// the writer goes on.
type writer struct {
	store *sqlite
	conn  *sqliteConn
	queue chan *job
	// working is true while a batch is under way.
	working atomic.Bool

	stopping chan struct{}
	stopped  chan struct{}
}

// job is one update.
type job struct {
	ctx context.Context
	// mu guards state: the caller withdraws a job that waits, the writer starts it, and
	// only one of them can win.
	mu        sync.Mutex
	withdrawn bool
	started   bool

	turn    chan *Tx
	outcome chan outcome
	answer  chan error
}

// outcome is what a closure left behind.
type outcome struct {
	tx  *Tx
	err error
}

func newWriter(s *sqlite, conn *sqliteConn) *writer {
	w := &writer{
		store:    s,
		conn:     conn,
		queue:    make(chan *job, maxBatch),
		stopping: make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	go w.work()
	return w
}

// update waits for a turn, runs fn and waits for the commit.
func (w *writer) update(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, turn: make(chan *Tx, 1), outcome: make(chan outcome, 1), answer: make(chan error, 1)}
	select {
	case <-w.stopping:
		return ErrClosed
	default:
	}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stopping:
		return ErrClosed
	}
	select {
	case tx := <-j.turn:
		j.run(tx, fn)
	case err := <-j.answer:
		return err
	case <-ctx.Done():
		if j.withdraw() {
			return ctx.Err()
		}
		select {
		case tx := <-j.turn:
			j.run(tx, fn)
		case err := <-j.answer:
			return err
		}
	case <-w.stopped:
		// The writer has answered or started all that it took; this one came too late.
		select {
		case err := <-j.answer:
			return err
		default:
			return ErrClosed
		}
	}
	return <-j.answer
}

// run runs the closure and hands the transaction back however the closure ends.
func (j *job) run(tx *Tx, fn func(*Tx) error) {
	result := outcome{tx: tx, err: errAbandoned}
	defer func() { j.outcome <- result }()
	result.err = tx.run(fn)
}

func (j *job) withdraw() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.withdrawn = !j.started
	return j.withdrawn
}

// start reports whether the job still wants to run.
func (j *job) start() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.started = !j.withdrawn && j.ctx.Err() == nil
	return j.started
}

// stop lets the waiting updates finish and ends the writer.
func (w *writer) stop() {
	close(w.stopping)
	<-w.stopped
}

func (w *writer) work() {
	defer close(w.stopped)
	for {
		select {
		case j := <-w.queue:
			w.batch(j)
			continue
		default:
		}
		select {
		case j := <-w.queue:
			w.batch(j)
		case <-w.stopping:
			for {
				select {
				case j := <-w.queue:
					w.batch(j)
				default:
					return
				}
			}
		}
	}
}

// batch runs a job and those that wait behind it in one transaction.
func (w *writer) batch(first *job) {
	w.working.Store(true)
	defer w.working.Store(false)
	if w.store.apart != nil {
		w.store.apart.Lock()
		defer w.store.apart.Unlock()
	}
	var (
		ran     []*job
		results []outcome
		began   = time.Now()
		err     = w.conn.run("begin immediate")
	)
	for j := first; j != nil; j = w.next(len(ran), began) {
		switch {
		case err != nil:
			j.answer <- classifySQLite(err)
		case !j.start():
			j.answer <- j.ctx.Err()
		default:
			var result outcome
			result, err = w.turn(j)
			ran, results = append(ran, j), append(results, result)
		}
		if err != nil {
			break
		}
	}
	if len(ran) == 0 && err != nil {
		w.refuse(classifySQLite(err))
	}
	w.finish(ran, results, err)
}

// refuse answers all that wait. Who has waited while a batch could not begin, because another
// process writes to the file, has waited long enough: the next batch would take as long to
// find out, and the last of many would never be answered.
func (w *writer) refuse(err error) {
	for {
		select {
		case j := <-w.queue:
			j.answer <- err
		default:
			return
		}
	}
}

// next returns the next job of a batch, or nil when the batch is over.
func (w *writer) next(ran int, began time.Time) *job {
	if ran >= maxBatch || time.Since(began) > maxBatchTime {
		return nil
	}
	select {
	case j := <-w.queue:
		return j
	default:
		return nil
	}
}

// turn runs one job in a savepoint. An error of turn, other than the closure's in the
// outcome, means that the transaction itself is lost: SQLite rolls it back on its own when
// the disk is full or fails.
func (w *writer) turn(j *job) (outcome, error) {
	if err := w.conn.run("savepoint job"); err != nil {
		return outcome{}, err
	}
	j.turn <- w.store.db.begin(context.WithoutCancel(j.ctx), w.conn, sqliteDialect, true)
	result := <-j.outcome
	if result.err != nil {
		if err := w.conn.run("rollback to job"); err != nil {
			// The reason is the closure's error: that the savepoint is gone follows from it.
			return result, errors.Join(result.tx.err, err)
		}
	}
	return result, w.conn.run("release job")
}

// finish commits, makes the changes known to the caches, and answers every job. When the
// transaction or its commit failed, so did all of the batch.
func (w *writer) finish(ran []*job, results []outcome, err error) {
	if err == nil {
		err = w.conn.run("commit")
	}
	if err != nil {
		// A transaction that SQLite ended itself has nothing to roll back: that error
		// carries no news.
		_ = w.conn.run("rollback")
		err = classifySQLite(err)
	} else if observer := w.store.db.options.Observer; observer != nil {
		observer.Commit(len(ran))
	}
	for i, j := range ran {
		switch result := results[i]; {
		case err != nil:
			j.answer <- err
		case result.err != nil:
			j.answer <- result.err
		default:
			w.store.db.revisions.bump(result.tx.touched)
			j.answer <- nil
		}
	}
}
