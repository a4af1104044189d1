package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// BenchmarkUpdate writes one small row per update from several goroutines: durably in a file,
// not so in memory and in the PostgreSQL of the tests, which runs without fsync.
func BenchmarkUpdate(b *testing.B) {
	for _, e := range storetest.Engines(b) {
		for _, writers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/writers=%d", e.Name, writers), func(b *testing.B) {
				db := e.Open(b)
				var (
					next atomic.Int64
					runs atomic.Int64
					wait sync.WaitGroup
				)
				b.ReportAllocs()
				b.ResetTimer()
				for range writers {
					wait.Go(func() {
						var run int64
						defer func() { runs.Add(run) }()
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							name := "name-" + strconv.FormatInt(i%1000, 10)
							if err := db.Update(b.Context(), func(tx *store.Tx) error {
								run++
								_, _, err := tx.Setting(name)
								return errors.Join(err, tx.PutSetting(name, "value"))
							}); err != nil {
								b.Error(err)
							}
						}
					})
				}
				wait.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
				b.ReportMetric(float64(runs.Load())/float64(b.N), "runs/update")
			})
		}
	}
}

// BenchmarkView reads one row by its key per view.
func BenchmarkView(b *testing.B) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Memory(), storetest.Postgres()} {
		b.Run(e.Name, func(b *testing.B) {
			db := e.Open(b)
			update(b, db, func(tx *store.Tx) error {
				for i := range 1000 {
					if err := tx.PutSetting("name-"+strconv.Itoa(i), "value"); err != nil {
						return err
					}
				}
				return nil
			})
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for i := 0; p.Next(); i++ {
					name := "name-" + strconv.Itoa(i%1000)
					err := db.View(b.Context(), func(tx *store.Tx) error {
						_, ok, err := tx.Setting(name)
						if !ok {
							b.Error("not there")
						}
						return err
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkRevision(b *testing.B) {
	db := storetest.Memory().Open(b)
	update(b, db, touched("iam/1"))
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if db.Revision("iam/1") == db.Revision("iam/2") {
				b.Error("the revision did not change")
			}
		}
	})
}

// BenchmarkOpen opens a file that has its schema already: what a start of the server pays.
func BenchmarkOpen(b *testing.B) {
	options := store.Options{Path: filepath.Join(b.TempDir(), "bailiwick.db")}
	for b.Loop() {
		db, err := store.Open(b.Context(), options)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
