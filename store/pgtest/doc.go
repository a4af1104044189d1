// Package pgtest gives tests a PostgreSQL database of their own. It starts a private server
// for the test process, on a Unix socket in a temporary folder, the first time a test asks,
// or uses the server that BAILIWICK_TEST_POSTGRES_URL names.
//
// The databases have a locale whose order of letters is not that of bytes, as databases in
// the field do, so that a query which leans on the locale is found out.
//
// A test that asks for a database fails when there is no server to be had. Only
// BAILIWICK_TEST_SKIP_POSTGRES=1 makes it skip.
//
// Neighbours: store/storetest, through which other packages use it.
package pgtest
