package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestFigures looks at a store while an update and a view are under way and another update
// waits, which on SQLite it must, and once all is done.
func TestFigures(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { figures(t, e.Open(t)) })
	}
}

func figures(t *testing.T, db *store.DB) {
	ctx := context.Background()
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	go func() {
		done <- db.Update(ctx, func(*store.Tx) error {
			close(inside)
			<-leave
			return nil
		})
	}()
	<-inside
	during := db.Figures()
	if during.Busy < 1 || during.Connections < during.Busy || during.Lanes < 1 || during.Waiting != 0 {
		t.Errorf("during an update: %+v", during)
	}
	if during.Lanes == 1 {
		go func() { done <- db.Update(ctx, func(*store.Tx) error { return nil }) }()
		for deadline := time.Now().Add(10 * time.Second); db.Figures().Waiting != 1; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("with one that waits: %+v", db.Figures())
			}
		}
	} else {
		done <- nil
	}
	close(leave)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		after := db.Figures()
		if after.Waiting == 0 && after.Busy < during.Busy {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("afterwards: %+v", after)
		}
	}
}
