package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// patience is how long a test waits for another node to learn something.
const patience = 10 * time.Second

// changed waits until the revision of scope is another than before.
func changed(t *testing.T, db *store.DB, scope string, before uint64) time.Duration {
	t.Helper()
	began := time.Now()
	for db.Revision(scope) == before {
		if time.Since(began) > patience {
			t.Fatalf("the node does not learn that %s changed", scope)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func touched(scope string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Touch(scope)
		return nil
	}
}

func TestNodesLearnOfChanges(t *testing.T) {
	options := storetest.Postgres().New(t)
	one, two := storetest.Reopen(t, options), storetest.Reopen(t, options)
	for _, scope := range []string{"iam/1", "iam/1", "iam/2"} {
		before := two.Revision(scope)
		other := two.Revision("org/1")
		update(t, one, touched(scope))
		t.Logf("learnt after %v", changed(t, two, scope, before))
		if two.Revision("org/1") != other {
			t.Error("another scope changed")
		}
	}
	// Its own change makes a node load once, not twice.
	before := one.Revision("iam/1")
	update(t, two, touched("iam/9"))
	changed(t, one, "iam/9", 1)
	if one.Revision("iam/1") != before {
		t.Error("a node takes its own change for another's")
	}
}

func TestNodeThatLostItsConnectionLearnsLater(t *testing.T) {
	options := storetest.Postgres().New(t)
	one, two := storetest.Reopen(t, options), storetest.Reopen(t, options)
	before := two.Revision("iam/1")
	err := one.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Strings(`select pg_terminate_backend(pid)::text from pg_stat_activity
			where datname = current_database() and query not like '%terminate%' and pid <> pg_backend_pid()`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// The pools notice dead connections by themselves as well.
	update(t, one, touched("iam/1"))
	changed(t, two, "iam/1", before)
	view(t, two, func(tx *store.Tx) error { _, _, err := tx.Setting("a"); return err })
}

// TestChangesThatCommitOutOfOrder has a transaction with a lower id commit after one with a
// higher id was seen.
func TestChangesThatCommitOutOfOrder(t *testing.T) {
	ctx := t.Context()
	options := storetest.Postgres().New(t)
	db := storetest.Reopen(t, options)
	f, err := db.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	conn, err := pgx.Connect(ctx, options.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`begin; insert into core_changes (xid, node, scope)
		values (pg_current_xact_id()::text::bigint, 'slow', 'slow')`)
	elsewhere := storetest.Reopen(t, options)
	fast, slow := db.Revision("fast"), db.Revision("slow")
	update(t, elsewhere, touched("fast"))
	if err := f.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	seen := db.Revision("fast")
	if seen == fast {
		t.Error("the fast change was not seen")
	}
	exec(`commit`)
	if err := f.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if db.Revision("slow") == slow {
		t.Error("the change that committed late was not seen")
	}
}

func TestFollowerThatMissedDeletedChanges(t *testing.T) {
	ctx := t.Context()
	db := storetest.Postgres().Open(t)
	behind, err := db.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	ahead, err := db.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer ahead.Close()
	update(t, db, touched("iam/1"))
	if err := errors.Join(ahead.Sync(ctx), ahead.PruneBelow(ctx, ahead.Floor())); err != nil {
		t.Fatal(err)
	}
	before := db.Revision("never touched")
	if err := ahead.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if db.Revision("never touched") != before {
		t.Error("the follower that had seen everything empties the caches")
	}
	if err := behind.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if db.Revision("never touched") == before {
		t.Error("the follower that has missed changes does not empty the caches")
	}
	before = db.Revision("never touched")
	if err := behind.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if db.Revision("never touched") != before {
		t.Error("it empties them again")
	}
}

func TestOldChangesAreDeleted(t *testing.T) {
	ctx := t.Context()
	db := storetest.Postgres().Open(t)
	f, err := db.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begin := time.Now()
	for _, step := range []struct {
		after   time.Duration
		changes int
	}{
		{0, 1},
		{time.Second, 2},
		{5 * time.Minute, 3},
		{9 * time.Minute, 4},
		// The first change was seen before the mark of the beginning, which is old enough now;
		// one row says so in its place.
		{10 * time.Minute, 5},
		// The mark of five minutes is the next; it covers the second and third change, and one
		// more row says so.
		{15*time.Minute + time.Second, 5},
	} {
		update(t, db, touched("iam/1"))
		if err := errors.Join(f.Sync(ctx), f.PruneAt(ctx, begin.Add(step.after))); err != nil {
			t.Fatal(err)
		}
		var n int
		view(t, db, func(tx *store.Tx) error { return tx.Scan([]any{&n}, `select count(*) from core_changes`) })
		if n != step.changes {
			t.Errorf("%v: %d changes are kept, want %d", step.after, n, step.changes)
		}
	}
}

func TestChangesOutOfReachEmptyTheCaches(t *testing.T) {
	db := storetest.Postgres().Open(t)
	for ago, empties := range map[time.Duration]bool{0: false, time.Minute: true} {
		f, err := db.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := db.Revision("never touched")
		f.Lose(t.Context(), ago)
		if got := db.Revision("never touched") != before; got != empties {
			t.Errorf("connection lost %v after the last look: caches emptied: %v", ago, got)
		}
	}
}

// TestUpdateRunsAgain makes two updates read what the other writes: PostgreSQL refuses one
// of them, which must run again and see the other's write.
func TestUpdateRunsAgain(t *testing.T) {
	db := storetest.Postgres().Open(t)
	var runs atomic.Int32
	both := make(chan struct{})
	result := make(chan error, 2)
	cross := func(read, write string) {
		result <- db.Update(context.Background(), func(tx *store.Tx) error {
			value, _, err := tx.Setting(read)
			if err != nil {
				return err
			}
			switch runs.Add(1) {
			case 2:
				close(both)
			case 1:
				<-both
			}
			if value == "" {
				value = "nothing"
			}
			return tx.PutSetting(write, "saw "+value)
		})
	}
	go cross("a", "b")
	go cross("b", "a")
	for range 2 {
		if err := <-result; err != nil {
			t.Error(err)
		}
	}
	if runs.Load() < 3 {
		t.Errorf("%d runs: neither update was run again", runs.Load())
	}
	a, _ := setting(t, db, "a")
	b, _ := setting(t, db, "b")
	if (a == "saw nothing") == (b == "saw nothing") {
		t.Errorf("a %q, b %q: not as if one came after the other", a, b)
	}
}

func TestRevisionsStayBounded(t *testing.T) {
	db := storetest.Memory().Open(t)
	early := db.Revision("never touched")
	update(t, db, func(tx *store.Tx) error {
		tx.Touch("iam/1")
		return nil
	})
	touchedOnce := db.Revision("iam/1")
	store.TouchMany(db, store.MaxScopes)
	if n := db.Scopes(); n > store.MaxScopes {
		t.Errorf("%d scopes are remembered", n)
	}
	if db.Revision("never touched") == early || db.Revision("iam/1") == touchedOnce {
		t.Error("revisions were forgotten without a sign")
	}
}
