package store

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// leadInterval is how often a node that leads makes sure that it still does, and a node
	// that does not asks whether it may.
	leadInterval = time.Second
	// leadAnswer is how long the database may take to answer that; a node without an answer
	// leads no longer. It is shorter than what makes the server give a silent node up.
	leadAnswer = 3 * time.Second
)

// leadSession lets the server end the session of a node that is gone without a word within
// some seconds. (PostgreSQL documentation, "Connections and Authentication"; sessions over a
// Unix socket end with the node and ignore it.)
var leadSession = map[string]string{
	"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
	"idle_session_timeout": "0",
}

// Lead runs work on one node of a database at a time: whoever holds the lock of the name.
// It returns when ctx ends. The context of work ends with ctx, or when this node cannot be
// sure any more that it holds the lock; work must then return soon, and is run again here
// or elsewhere. On SQLite the only node there is leads.
//
// What work does should be harmless when it is done twice: between a node that has lost its
// way to the database and one that follows it there may be moments.
func (db *DB) Lead(ctx context.Context, name string, work func(ctx context.Context)) {
	p, shared := db.engine.(*postgres)
	if !shared {
		work(ctx)
		return
	}
	l := &leader{db: db, config: p.follower.config, key: leadKey(name), work: work}
	for ctx.Err() == nil {
		if err := l.stand(ctx); err != nil && ctx.Err() == nil {
			db.options.Logger.Warn("no node may be doing the background work", "error", err)
			pause(ctx, l.db.options.leadInterval)
		}
	}
}

// leadKey is the advisory lock of a name; migrationLock is another.
func leadKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("bailiwick lead " + name)) // it never fails
	return int64(h.Sum64())
}

// leader is one node's candidature.
type leader struct {
	db     *DB
	config *pgx.ConnConfig
	key    int64
	work   func(ctx context.Context)
}

// stand asks for the lock on a connection of its own until it has it, then leads. It returns
// when ctx ends or the connection is lost.
func (l *leader) stand(ctx context.Context) error {
	config := l.config.Copy()
	for name, value := range leadSession {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		// The lock goes with the session, however that ends.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(bounded)
	}()
	for ctx.Err() == nil {
		var mine bool
		if err := l.ask(ctx, conn, &mine, `select pg_try_advisory_lock($1)`, l.key); err != nil {
			return err
		}
		if mine {
			return l.lead(ctx, conn)
		}
		pause(ctx, l.db.options.leadInterval)
	}
	return nil
}

func (l *leader) ask(ctx context.Context, conn *pgx.Conn, answer *bool, query string, args ...any) error {
	bounded, cancel := context.WithTimeout(ctx, l.db.options.leadAnswer)
	defer cancel()
	return conn.QueryRow(bounded, query, args...).Scan(answer)
}

// lead runs the work as long as the connection answers.
func (l *leader) lead(ctx context.Context, conn *pgx.Conn) error {
	working, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.work(working)
	}()
	defer func() {
		stop()
		<-done
	}()
	l.db.options.Logger.Info("this node does the background work")
	for {
		pause(ctx, l.db.options.leadInterval)
		select {
		case <-ctx.Done():
			return nil
		case <-done:
			return errors.New("store: background work ended by itself")
		default:
		}
		var alive bool
		if err := l.ask(ctx, conn, &alive, `select true`); err != nil {
			return err
		}
	}
}
