package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"
)

var sqliteDialect = &dialect{
	name:         "sqlite",
	placeholders: numberedPlaceholders,
	schema:       sqliteSchema,
	classify:     classifySQLite,
}

// sqliteSchema makes tables strict, so that a value of the wrong type is refused as in
// PostgreSQL instead of being kept as it is.
func sqliteSchema(statement string) string {
	if strings.HasPrefix(strings.ToLower(statement), "create table") {
		return statement + " strict"
	}
	return statement
}

// classifySQLite gives SQLite's result codes their meaning
// (https://www.sqlite.org/rescode.html).
func classifySQLite(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ExtendedCode {
	case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey, sqlite3.ErrConstraintRowID:
		return sqliteConflict(err, e.Error())
	case sqlite3.ErrConstraintForeignKey:
		return &kindError{ErrReference, err}
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return &kindError{ErrBusy, err}
	case sqlite3.ErrFull:
		return &kindError{ErrFull, err}
	case sqlite3.ErrReadonly:
		return &kindError{ErrReadOnly, err}
	case sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
		return &kindError{ErrDisk, err}
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return &kindError{ErrDamaged, err}
	}
	return err
}

// sqliteConflict reads the key from SQLite's message, which has one of the forms
// "UNIQUE constraint failed: t.a, t.b" and "UNIQUE constraint failed: index 'i'".
func sqliteConflict(err error, message string) error {
	c := &ConflictError{Err: err}
	_, key, _ := strings.Cut(message, "constraint failed: ")
	if index, ok := strings.CutPrefix(key, "index '"); ok {
		c.Index = strings.TrimSuffix(index, "'")
		return c
	}
	for _, name := range strings.Split(key, ", ") {
		table, column, ok := strings.Cut(name, ".")
		if ok {
			c.Table = table
			c.Columns = append(c.Columns, column)
		}
	}
	return c
}

// sqlite is the engine of a file or of memory.
type sqlite struct {
	db      *DB
	pool    *sql.DB
	writer  *writer
	readers chan *sqliteConn
	// open holds a place for each reader that may still be opened.
	open chan struct{}
	lock *FolderLock
	// apart keeps readers and the writer apart in memory mode, where there is no WAL: a
	// reader would be told "locked" in the middle of a commit. It is nil for a file.
	apart *sync.RWMutex

	closing  chan struct{}
	closed   sync.Once
	closeErr error
}

var memoryNames atomic.Uint64

func openFile(ctx context.Context, db *DB) (engine, error) {
	path, err := filepath.Abs(db.options.Path)
	if err != nil {
		return nil, err
	}
	lock, err := LockFolder(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := quickCheck(ctx, path, checkTime); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s := &sqlite{db: db, lock: lock}
	dsn := "file:" + escapePath(path) + "?_journal_mode=WAL&_synchronous=FULL"
	if err := s.start(ctx, dsn); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// escapePath writes a path as part of a URI.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func openMemory(ctx context.Context, db *DB) (engine, error) {
	s := &sqlite{db: db, apart: new(sync.RWMutex)}
	name := strconv.FormatUint(memoryNames.Add(1), 10)
	if err := s.start(ctx, "file:/bailiwick-"+name+"?vfs=memdb"); err != nil {
		return nil, err
	}
	return s, nil
}

// start opens the writer's connection, migrates, and makes room for readers.
func (s *sqlite) start(ctx context.Context, dsn string) error {
	pool, err := sql.Open("sqlite3", dsn+"&_foreign_keys=on&_busy_timeout=5000")
	if err != nil {
		return err
	}
	s.pool = pool
	s.closing = make(chan struct{})
	conn, err := s.connect(ctx)
	if err == nil {
		err = conn.prepareToWrite()
	}
	if err == nil {
		err = s.migrate(ctx, conn)
	}
	if err != nil {
		return errors.Join(err, pool.Close())
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	pool.SetMaxIdleConns(readers + 1)
	s.readers = make(chan *sqliteConn, readers)
	s.open = make(chan struct{}, readers)
	for range readers {
		s.open <- struct{}{}
	}
	s.writer = newWriter(s, conn)
	return nil
}

func (s *sqlite) migrate(ctx context.Context, conn *sqliteConn) error {
	// Waiting for the write lock of the file keeps a second process out, should it have
	// come past the folder's lock.
	if err := conn.run("begin immediate"); err != nil {
		return classifySQLite(err)
	}
	tx := s.db.begin(ctx, conn, sqliteDialect, true)
	if err := tx.run(s.db.migrate); err != nil {
		return errors.Join(err, conn.run("rollback"))
	}
	return classifySQLite(conn.run("commit"))
}

// connect opens one more connection.
func (s *sqlite) connect(ctx context.Context) (*sqliteConn, error) {
	conn, err := s.pool.Conn(ctx)
	if err != nil {
		return nil, classifySQLite(err)
	}
	c := &sqliteConn{conn: conn, statements: make(map[string]*sql.Stmt)}
	for _, pragma := range []string{
		// The write-ahead log is cut back to this size after a checkpoint; a long View lets
		// it grow beyond.
		"pragma journal_size_limit = 67108864",
		// On macOS an fsync leaves data in the drive's memory unless asked twice.
		"pragma fullfsync = on",
		"pragma checkpoint_fullfsync = on",
	} {
		if err := c.run(pragma); err != nil {
			return nil, errors.Join(classifySQLite(err), c.close())
		}
	}
	return c, nil
}

// prepareToWrite gives the writer room. Ids are random, so in a large database each update
// changes pages all over it. With the 2 MiB of memory and the log of 4 MiB that are SQLite's
// defaults, pages of a batch go to the log before its end and again at its end, and from the
// log to their places every few batches.
func (c *sqliteConn) prepareToWrite() error {
	for _, pragma := range []string{
		// 32 MiB: a negative number is in KiB.
		"pragma cache_size = -32768",
		// 32 MiB in pages. After a crash the log is read from end to end at the start.
		"pragma wal_autocheckpoint = 8192",
		// What a savepoint would put back stays in memory: in a file it costs more than the
		// change itself.
		"pragma temp_store = memory",
	} {
		if err := c.run(pragma); err != nil {
			return errors.Join(classifySQLite(err), c.close())
		}
	}
	return nil
}

// reader takes an idle reading connection, or opens one, or waits for one.
func (s *sqlite) reader(ctx context.Context) (*sqliteConn, error) {
	select {
	case <-s.closing:
		return nil, ErrClosed
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	case <-s.open:
		c, err := s.connect(ctx)
		if err == nil {
			err = c.run("pragma query_only = on")
		}
		if err != nil {
			s.open <- struct{}{}
			return nil, err
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.closing:
		return nil, ErrClosed
	}
}

func (s *sqlite) view(ctx context.Context, fn func(*Tx) error) (err error) {
	c, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	if s.apart != nil {
		s.apart.RLock()
		defer s.apart.RUnlock()
	}
	if err := c.run("begin"); err != nil {
		return classifySQLite(err)
	}
	// In a deferred call, so that a panic of fn leaves the connection clean.
	defer func() {
		if end := c.run("rollback"); err == nil {
			err = classifySQLite(end)
		}
	}()
	return s.db.begin(ctx, c, sqliteDialect, false).run(fn)
}

func (s *sqlite) update(ctx context.Context, fn func(*Tx) error) error {
	return s.writer.update(ctx, fn)
}

func (s *sqlite) figures() Figures {
	busy := cap(s.readers) - len(s.readers) - len(s.open)
	if s.writer.working.Load() {
		busy++
	}
	return Figures{Connections: s.pool.Stats().OpenConnections, Busy: busy, Lanes: 1, Waiting: len(s.writer.queue)}
}

func (s *sqlite) close() error {
	s.closed.Do(func() {
		close(s.closing)
		s.writer.stop()
		// Every reader comes back before its connection is closed.
		for range cap(s.readers) {
			select {
			case c := <-s.readers:
				s.closeErr = errors.Join(s.closeErr, c.close())
			case <-s.open:
			}
		}
		s.closeErr = errors.Join(s.closeErr, s.writer.conn.close(), s.pool.Close())
		if s.lock != nil {
			s.closeErr = errors.Join(s.closeErr, s.lock.Close())
		}
	})
	return s.closeErr
}

// maxStatements bounds the prepared statements of a connection.
const maxStatements = 500

// sqliteConn is one connection with its prepared statements, keyed by the portable text.
type sqliteConn struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func (c *sqliteConn) prepare(text string) (*sql.Stmt, error) {
	if stmt, ok := c.statements[text]; ok {
		return stmt, nil
	}
	if len(c.statements) >= maxStatements {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	stmt, err := c.conn.PrepareContext(context.Background(), numberedPlaceholders(text))
	if err != nil {
		return nil, err
	}
	c.statements[text] = stmt
	return stmt, nil
}

// exec runs a statement to its end. It does not hand ctx down: SQLite answers the
// interruption of a write by rolling back the whole transaction, which others share here,
// and the driver starts a goroutine for every statement that can be interrupted.
func (c *sqliteConn) exec(_ context.Context, text string, args []any) (sql.Result, error) {
	stmt, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

func (c *sqliteConn) query(_ context.Context, text string, args []any) (*sql.Rows, error) {
	stmt, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

// run executes a statement without arguments or answer.
func (c *sqliteConn) run(text string) error {
	_, err := c.exec(context.Background(), text, nil)
	return err
}

func (c *sqliteConn) forget() error {
	var err error
	for text, stmt := range c.statements {
		err = errors.Join(err, stmt.Close())
		delete(c.statements, text)
	}
	return err
}

func (c *sqliteConn) close() error {
	if err := errors.Join(c.forget(), c.conn.Close()); err != nil {
		return fmt.Errorf("close connection: %w", err)
	}
	return nil
}
