// Package store keeps everything that must outlive the process, in SQLite (one file, or
// memory) or in PostgreSQL (any number of nodes), behind three doors: [Open], [DB.View]
// and [DB.Update]. It owns transactions, migrations, the differences between the two
// engines, the revisions that caches live by, and the SQL of every domain: one file per
// domain (org.go, iam.go, …) whose methods of [Tx] satisfy the interfaces that the domain
// declares. Rules live in the domains, never here.
//
// # Transactions
//
// One operation is one transaction. [DB.View] reads at one snapshot and never sees half of
// an Update. [DB.Update] runs a closure whose writes happen together or not at all; when it
// returns nil they are on disk. A closure may run more than once (PostgreSQL asks for that
// after a serialization failure), so it must have no effect but on its Tx and on variables
// that it sets anew in each run. Closures must not open another View or Update inside, and
// must not keep the Tx.
//
// [Write] and [Read] are the forms that services use: Write also stores the audit event of
// the call that is being recorded in the context, in the same transaction.
//
// The first SQL error spoils a transaction, on both engines (PostgreSQL works so; SQLite is
// made to): later statements answer that error and the transaction is rolled back even if
// the closure returns nil. So a key that may exist already is asked for first, or written
// with "on conflict"; [ErrConflict] is an answer to return, not one to go on from.
// [ErrNotFound] is no SQL error and spoils nothing.
//
// # SQLite
//
// One connection writes and several read, in WAL mode with synchronous=FULL. Waiting
// updates are folded into one transaction (commit.go), each in a savepoint of its own, so
// that one fsync pays for all of them. Memory mode is the same code on SQLite's memdb,
// where a lock in Go keeps readers and the writer apart.
//
// # PostgreSQL
//
// The way to the server and back costs more than most statements, so what needs no answer goes
// along with what does (pgconn.go, pgsession.go): a transaction begins with its first statement,
// [Tx.later] writes with the next one or with the commit, and the end of a view is not waited for.
//
// Updates are SERIALIZABLE and are run again when the server asks for it, and fewer of them
// side by side the more often it asks (lanes.go); those that wait then share a transaction and
// its commit (ride.go). Views are REPEATABLE READ, READ ONLY. Nodes tell each other what they
// changed (follow.go) and that they run, so that no migration breaks one (roster.go: a migration
// that only adds is safe beside nodes of the version before; any other is marked "-- breaking:
// why" and waits until they have gone). A database that goes away is waited for, a commit that
// was not answered is looked up, and after that the error is [ErrUnavailable] (outage.go,
// pgupdate.go). What one node does for all runs under [DB.Lead]; part of it is that the planner
// knows how large tables are ([DB.AnalyzeGrown]).
//
// # Portable SQL
//
// One text serves both engines. The differences are one [dialect] value of few functions:
//
//   - Placeholders are $1, $2, …; SQLite gets ?1, ?2, … (it numbers $n by first appearance).
//   - Types in migrations: text, integer, real, blob. PostgreSQL gets bigint, double
//     precision, bytea, and text collate "C": a collation belongs to the column there, so
//     order and comparison are bytewise in a database of any locale, as SQLite's are. An
//     "integer primary key" numbers itself on both. SQLite's tables are made strict.
//   - In a recursive query the first term must be a column too, or be written
//     cast($1 as text), since a bare parameter has no column's collation.
//   - Booleans are integers 0 and 1, times are integer microseconds since 1970 in UTC: Go
//     values of bool and time.Time are converted on the way in (columns.go has the way out).
//   - Text is valid UTF-8 without NUL on both ([ErrText]); the empty string is not null.
//   - Every statement finds its rows by an index: plan_test.go looks at all that the suites
//     use, and PostgreSQL's planner is told to prefer them (postgres.go says why).
//   - No "for update", no "like" for exact matters (letter case differs), no deferred
//     constraints (a batch of SQLite would fail as a whole), "on conflict" and "returning"
//     as both know them.
//
// # Revisions
//
// A cache must never outlive what it was made from. A writer calls [Tx.Touch] with the
// scope that it changes; when Update returns, [DB.Revision] of that scope has another value.
// A reader takes the revision first, then loads in a View, then keeps the result under the
// revision taken: if a write falls between, the result is newer than its label and is only
// loaded once more, never kept too long. See [DB.Revision].
//
// # Archives and backups
//
// [Export] writes the whole store as one archive that either engine takes in with [Import]
// (archive.go has the format). What a table is made of is read from the migrations, so a new
// table needs nothing to be carried along; a form of statement that archive_schema.go does
// not know is refused. [ExportOrganization] and [ImportOrganization] do so for one of the
// organizations (archive_organization.go says what is its own). [Backup] copies a SQLite file under a running server.
//
// Neighbours: the domains (org, iam, audit, credential) above whose interfaces the methods
// lie; service/* and authz, which open the transactions; storetest, the suite that every
// engine passes; pgtest, which runs a private PostgreSQL for tests.
package store
