package main

import (
	"context"
	"sync"
	"time"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/housekeeping"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/store"
)

// flushEvery is how often each node writes when its keys and roles were last used.
const flushEvery = 5 * time.Second

// background does what no request does, until ctx ends.
func (n *node) background(ctx context.Context) {
	var flushing sync.WaitGroup
	flushing.Go(func() { n.flush(ctx) })
	flushing.Go(func() { n.rotation.watch(ctx) })
	defer flushing.Wait()
	k := housekeeping.Keeper{
		Lead:  func(ctx context.Context, work func(context.Context)) { n.db.Lead(ctx, "housekeeping", work) },
		Tasks: n.tasks(), Observer: n.metrics, Logger: n.logger,
	}
	k.Run(ctx)
}

// flush writes what this node alone knows.
func (n *node) flush(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := n.keys.Flush(ctx); err != nil {
				n.logger.Warn("the last uses of access keys are not written", "error", err)
			}
		}
	}
}

// tasks are what one node does for all.
func (n *node) tasks() []housekeeping.Task {
	return []housekeeping.Task{
		n.task("audit_retention", time.Hour, 500, func(_ context.Context, tx *store.Tx, limit int) (int, error) {
			removed, err := tx.DeleteAuditEventsBefore(tx.Now().AddDate(0, 0, -n.days), limit)
			return int(removed), err
		}),
		n.task("access_reports", time.Hour, 500, func(_ context.Context, tx *store.Tx, limit int) (int, error) {
			removed, err := tx.DeleteAccessReportsBefore(tx.Now().Add(-iam.ReportsStay), limit)
			return int(removed), err
		}),
		n.task("deletion_tasks", time.Hour, 500, func(_ context.Context, tx *store.Tx, limit int) (int, error) {
			removed, err := tx.DeleteDeletionTasksBefore(tx.Now().Add(-iam.DeletionTasksStay), limit)
			return int(removed), err
		}),
		n.task("delegation_requests", time.Hour, 200, func(_ context.Context, tx *store.Tx, limit int) (int, error) {
			removed, err := tx.DeleteDelegationsBefore(tx.Now().Add(-iam.DelegationGrace), limit)
			return int(removed), err
		}),
		n.task("one_time_codes", 10*time.Minute, 200, func(_ context.Context, tx *store.Tx, limit int) (int, error) {
			forgotten, err := tx.ForgetCodesBefore(tx.Now().Add(-account.CodeLife), limit)
			return int(forgotten), err
		}),
		{Name: "outbound_keys", Every: time.Hour, Step: n.tendOutboundKeys},
		n.task("handshakes", time.Hour, 200, func(ctx context.Context, tx *store.Tx, limit int) (int, error) {
			return org.SweepHandshakes(ctx, tx, limit)
		}),
		n.task("closed_accounts", time.Hour, 5, organizations.DeleteClosedAccounts),
		n.rotation.task(),
		{Name: "planner_statistics", Every: 5 * time.Second, Step: n.db.AnalyzeGrown},
		n.ifAny(func(tx *store.Tx) (bool, error) {
			_, some, err := tx.OldestOrgRecheck()
			return some, err
		}, n.task("effective_policies", 2*time.Second, 200, organizations.RecheckEffectivePolicies)),
	}
}

// outboundAtOnce is how many accounts one step changes the keys of: to make one takes a while.
const outboundAtOnce = 5

// tendOutboundKeys gives accounts that issue web identity tokens new keys when it is time, and
// drops those that nobody needs to verify anything any more.
func (n *node) tendOutboundKeys(ctx context.Context) (done int, more bool, err error) {
	var due []iam.OutboundTending
	err = n.db.View(ctx, func(tx *store.Tx) (err error) {
		due, err = iam.OutboundToTend(ctx, tx, outboundAtOnce)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	for _, d := range due {
		made, err := iam.NewOutboundKeys(d.Algorithms, n.vault.Seal)
		if err != nil {
			return done, false, err
		}
		err = n.db.Update(ctx, func(tx *store.Tx) error { return iam.AddOutboundKeys(ctx, tx, d.AccountID, made) })
		if err != nil {
			return done, false, err
		}
		done++
	}
	return done, done > 0, nil
}

// ifAny does a task that runs often only when there is something to do: looking costs no
// transaction that writes.
func (n *node) ifAny(some func(tx *store.Tx) (bool, error), t housekeeping.Task) housekeeping.Task {
	step := t.Step
	t.Step = func(ctx context.Context) (int, bool, error) {
		wanted := false
		err := n.db.View(ctx, func(tx *store.Tx) (err error) {
			wanted, err = some(tx)
			return err
		})
		if err != nil || !wanted {
			return 0, false, err
		}
		return step(ctx)
	}
	return t
}

// task is one whose steps do at most batch things in one transaction.
func (n *node) task(name string, every time.Duration, batch int, do func(ctx context.Context, tx *store.Tx, limit int) (int, error)) housekeeping.Task {
	return housekeeping.Task{Name: name, Every: every, Step: func(ctx context.Context) (done int, more bool, err error) {
		err = n.db.Update(ctx, func(tx *store.Tx) error {
			var err error
			done, err = do(ctx, tx, batch)
			return err
		})
		if err != nil {
			return 0, false, err
		}
		return done, done >= batch, nil
	}}
}
