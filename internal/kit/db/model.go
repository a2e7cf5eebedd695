package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"sync"
	"time"

	"linli/internal/kit/clock"
)

// NoRows is what a Row's Scan returns where nothing matched.
var NoRows = sql.ErrNoRows

// ErrClosed is returned by Commit after Close.
var ErrClosed = errors.New("db: closed")

// Options says which database to open.
type Options struct {
	Folder   string // SQLite: the data folder, which holds linli.db; made if missing
	URL      string // PostgreSQL: a postgres:// address; empty means SQLite
	ReadOnly bool   // open for looking only (verify); no lock, no migration
	MaxPages int64  // SQLite max_page_count, for tests of a full disk; 0 = no bound
	Readers  int    // reading connections; 0 = 4
}

// Query reads what is committed.
type Query interface {
	Rows(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	Row(ctx context.Context, text string, args ...any) *sql.Row
}

// DB is one open database.
type DB struct {
	read     *sql.DB
	engine   engine
	postgres bool
	readers  statements
	lock     func() error // gives the folder's lock back
}

// engine is what differs between the two databases; see store_sqlite.go and
// store_postgres.go.
type engine interface {
	commit(ctx context.Context, fn func(*Tx) error) error
	close() error
}

// Tx writes inside one closure of Commit.
type Tx struct {
	run      runner
	after    []func()
	postgres bool
}

// runner is the connection under a Tx.
type runner interface {
	exec(text string, args []any) (sql.Result, error)
	rows(text string, args []any) (*sql.Rows, error)
	row(text string, args []any) *sql.Row
}

// Exec runs one statement and returns how many rows it touched.
func (t *Tx) Exec(text string, args ...any) (int64, error) {
	r, err := t.run.exec(text, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Rows reads inside the transaction.
func (t *Tx) Rows(text string, args ...any) (*sql.Rows, error) { return t.run.rows(text, args) }

// Row reads one row inside the transaction.
func (t *Tx) Row(text string, args ...any) *sql.Row { return t.run.row(text, args) }

// After has fn run once the transaction is durable; memory changes only then.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// BumpEpoch moves a named epoch on, so that every node's next commit that
// relied on the old one prepares again.
func (t *Tx) BumpEpoch(name string) error {
	_, err := t.Exec(`INSERT INTO kit_epoch(name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = kit_epoch.value + 1`, name)
	return err
}

// SetEpoch sets a named epoch.
func (t *Tx) SetEpoch(name string, value int64) error {
	_, err := t.Exec(`INSERT INTO kit_epoch(name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = $2`, name, value)
	return err
}

// crockford is Crockford's base32 without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var idState struct {
	sync.Mutex
	pool [4096]byte
	at   int
}

// NewID makes a 26-character identifier that sorts by time (48 bits of
// milliseconds) and is not guessable (80 random bits).
func NewID(now clock.Instant) string {
	var raw [16]byte
	ms := uint64(now) / 1000
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	// One read of 4 KiB serves 409 identifiers: the system call costs more than the rest.
	idState.Lock()
	if idState.at == 0 || idState.at+10 > len(idState.pool) {
		rand.Read(idState.pool[:]) // never fails (crypto/rand, Go 1.24)
		idState.at = 0
	}
	copy(raw[6:], idState.pool[idState.at:idState.at+10])
	idState.at += 10
	idState.Unlock()
	return encode(raw)
}

func encode(raw [16]byte) string {
	var out [26]byte
	// 128 bits in 26 characters of 5 bits: two leading zero bits.
	var acc uint32
	bits := 2
	next := 0
	for _, b := range raw {
		acc = acc<<8 | uint32(b)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[next] = crockford[acc>>bits&31]
			next++
		}
	}
	return string(out[:])
}

// Lease lets one holder at a time do a named piece of background work. It
// reports whether holder has the lease until now+length; a holder renews it by
// asking again.
func (d *DB) Lease(ctx context.Context, name, holder string, now clock.Instant, length time.Duration) (bool, error) {
	got := false
	err := d.Commit(ctx, func(tx *Tx) error {
		n, err := tx.Exec(`INSERT INTO kit_lease(name, holder, until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET holder = $2, until = $3
			WHERE kit_lease.holder = $2 OR kit_lease.until <= $4`, name, holder, now.Add(length), now)
		got = n == 1
		return err
	})
	return got, err
}

// Epochs reads all named epochs.
func (d *DB) Epochs(ctx context.Context) (map[string]int64, error) {
	rows, err := d.Reader().Rows(ctx, `SELECT name, value FROM kit_epoch`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var value int64
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, rows.Err()
}
