package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// mostTries bounds how often a closure runs again after PostgreSQL chose it as
// the victim of a deadlock or the connection was lost before the commit.
const mostTries = 8

type post struct{ db *sql.DB }

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	handle, err := sql.Open("pgx", o.URL)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL address: %w", err)
	}
	handle.SetMaxOpenConns(16)
	handle.SetMaxIdleConns(16)
	if err := handle.PingContext(ctx); err != nil {
		handle.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	read, err := sql.Open("pgx", o.URL)
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(2 * o.Readers)
	read.SetMaxIdleConns(2 * o.Readers)
	return &DB{read: read, engine: &post{handle}, postgres: true}, nil
}

// commit runs fn in its own transaction. A transaction that PostgreSQL surely
// undid (deadlock, serialisation) runs again; one whose commit got no answer
// does not, since it may stand: the caller's idempotency key finds out.
func (p *post) commit(_ context.Context, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		tx := &Tx{postgres: true}
		err := p.once(tx, fn)
		if err == nil {
			for _, after := range tx.after {
				after()
			}
			return nil
		}
		if try == mostTries || !again(err) {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(10*try)+1) * time.Millisecond)
	}
}

func (p *post) once(tx *Tx, fn func(*Tx) error) (err error) {
	t, err := p.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a closure: %v\n%s", r, debug.Stack())
		}
		if err != nil {
			_ = t.Rollback() // may be gone with its connection
		}
	}()
	tx.run = postRunner{t}
	if err := fn(tx); err != nil {
		return err
	}
	return t.Commit()
}

func again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

func (p *post) close() error { return p.db.Close() }

func (p *post) handle() (*sql.DB, goose.Dialect, func(), error) {
	return p.db, goose.DialectPostgres, func() {}, nil
}

func postgresLocker() goose.ProviderOption {
	l, err := lock.NewPostgresSessionLocker()
	if err != nil {
		panic(err) // only wrong options fail, and there are none
	}
	return goose.WithSessionLocker(l)
}

// postgresText is a migration as it stands.
func postgresText(migration string) string { return withFullText(migration, tsvector{}) }

type postRunner struct{ t *sql.Tx }

func (r postRunner) exec(text string, args []any) (sql.Result, error) {
	return r.t.ExecContext(context.Background(), text, args...)
}
func (r postRunner) rows(text string, args []any) (*sql.Rows, error) {
	return r.t.QueryContext(context.Background(), text, args...)
}
func (r postRunner) row(text string, args []any) *sql.Row {
	return r.t.QueryRowContext(context.Background(), text, args...)
}

// Away reports that the database could not be reached: nothing was done, or
// nobody knows; asking again under the same key finds out.
func Away(err error) bool {
	var connect *pgconn.ConnectError
	var op *net.OpError
	return errors.As(err, &connect) || errors.As(err, &op) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err)
}

// IsUnique reports that a row with this key stands already, on either database.
func IsUnique(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == "23505"
	}
	var s *sqlite.Error
	return errors.As(err, &s) && (s.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || s.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
