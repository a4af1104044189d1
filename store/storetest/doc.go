// Package storetest says what a store is: the suites that every engine passes, and the
// engines themselves, for all tests above the store.
//
// [Run] is the suite of the store's core. Each domain adds one file with one suite of its
// own, func Org(t *testing.T, e Engine), named for the domain, and its call to the test in
// package store.
//
//	for _, e := range storetest.Engines(t) {
//		t.Run(e.Name, func(t *testing.T) {
//			db := e.Open(t)
//			…
//		})
//	}
//
// Neighbours: store; store/pgtest, which runs PostgreSQL.
package storetest
