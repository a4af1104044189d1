package housekeeping

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// Task is one kind of work.
type Task struct {
	// Name tells the task in logs and metrics: letters and underscores.
	Name string
	// Every is the time between two runs.
	Every time.Duration
	// Step does a part of the work, in one short transaction, and returns how many things it
	// has done and whether more are waiting: then it is called again after a short pause.
	Step func(ctx context.Context) (done int, more bool, err error)
}

// Observer learns of runs, from several goroutines.
type Observer interface {
	// Leading is told when this node begins and ceases to do the work.
	Leading(leads bool)
	// TaskRan is told of each run of a task: how many things it has done, how long it took
	// and whether it failed.
	TaskRan(task string, done int, took time.Duration, failed bool)
}

const (
	// firstDelay bounds how long after its start a keeper first runs a task: nodes that were
	// started together, and tasks of one node, shall not all come at once.
	firstDelay = 5 * time.Second
	// runTime bounds one run: what is left is done by the next.
	runTime = time.Minute
	// stepPause lies between two steps of a run, so that requests come between.
	stepPause = 20 * time.Millisecond
	// retryAfter bounds how soon a task runs again that has failed.
	retryAfter = 30 * time.Second
)

// Keeper runs tasks.
type Keeper struct {
	// Lead runs work on one node of all at a time, with a context that ends when it is another
	// node's turn or the one given ends.
	Lead     func(ctx context.Context, work func(ctx context.Context))
	Tasks    []Task
	Observer Observer
	Logger   *slog.Logger
}

// Run does the tasks whenever it is this node's turn, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	k.Lead(ctx, func(ctx context.Context) {
		k.Observer.Leading(true)
		defer k.Observer.Leading(false)
		var tasks sync.WaitGroup
		for _, t := range k.Tasks {
			tasks.Go(func() { k.repeat(ctx, t) })
		}
		tasks.Wait()
		<-ctx.Done()
	})
}

// repeat runs one task again and again.
func (k *Keeper) repeat(ctx context.Context, t Task) {
	wait := rand.N(min(firstDelay, t.Every) + 1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		// A tenth more or less keeps tasks from meeting for ever.
		wait = t.Every - t.Every/10 + rand.N(t.Every/5+1)
		if failed := k.run(ctx, t); failed {
			wait = min(wait, retryAfter)
		}
	}
}

// run does a task's steps until nothing waits, and reports whether it failed.
func (k *Keeper) run(ctx context.Context, t Task) (failed bool) {
	began, total := time.Now(), 0
	for {
		done, more, err := step(ctx, t)
		total += done
		switch {
		case ctx.Err() != nil:
			// It was called off, which is no failure.
			return false
		case err != nil:
			k.Logger.Error("background work failed", "task", t.Name, "error", err)
			k.Observer.TaskRan(t.Name, total, time.Since(began), true)
			return true
		case !more || time.Since(began) > runTime:
			if total > 0 {
				k.Logger.Info("background work done", "task", t.Name, "count", total, "took", time.Since(began))
			}
			k.Observer.TaskRan(t.Name, total, time.Since(began), false)
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(stepPause):
		}
	}
}

// step does one step; a panic in it is a defect of ours and ends only that.
func step(ctx context.Context, t Task) (done int, more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			done, more, err = 0, false, errors.New(fmt.Sprint("panic: ", p, "\n", string(debug.Stack())))
		}
	}()
	return t.Step(ctx)
}
