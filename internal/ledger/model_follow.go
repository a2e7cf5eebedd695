package ledger

import (
	"context"
	"errors"
	"log/slog"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// Reader is how a room follows the log. The follower does all that readers have
// in common: order, cursor, batches, the lease, parking what cannot be read, and
// beginning anew.
type Reader struct {
	Name   string // of its cursor; what `linli rebuild` calls it
	ByAct  bool   // acts are looked at one by one; else cases, each once for all its acts of a round
	AtOnce int    // after about so many the transaction is closed, so that people who act meanwhile hardly wait; 0 = 16

	// Begin begins a round in which the given are due, in the order of the log. It
	// returns ErrAnew where everything must be read again.
	Begin func(ctx context.Context, due []Due) (Round, error)
	Clear func(tx *db.Tx) error           // empties all that was read, before it is read again
	Start func(ctx context.Context) error // nil, or called once before the first round of a process
	Tend  func(ctx context.Context) error // nil, or called once a minute, on the one node that reads

	Log *slog.Logger // nil = slog's default
}

// Round is one reader's work on one stretch of the log. What it made ready it
// keeps itself; one goroutine at a time uses it.
type Round interface {
	// Prepare reads, outside any transaction, what one that is due needs; a case is
	// read as it is now, so that it includes all its acts of the round. false: there
	// is nothing to write. An error parks it, where the database answers.
	Prepare(ctx context.Context, d Due) (bool, error)
	// Write writes what was made ready of some, in the transaction that moves the
	// cursor over them; it obeys the rules of db.Commit. It is called in every such
	// transaction, also with none. ErrMoved leaves the round: it is prepared again.
	Write(tx *db.Tx, due []Due) error
	// Park takes away what readers of the room would see of one that cannot be read
	// or written, in the same transaction.
	Park(tx *db.Tx, d Due) error
}

// Due is what a reader is to bring up to the log: a case with its acts of one
// round or, of a reader by act, one act.
type Due struct {
	Case        string
	Act         string // the act, or the last of the case in this round
	First, Last int64  // numbers of its first leaf and of Act's
}

// ErrAnew is returned by Begin where all that was read must be read again.
var ErrAnew = errors.New("ledger: to be read anew")

// ErrMoved says that somebody else came first: nothing was written.
var ErrMoved = errors.New("ledger: moved meanwhile")

// Parked is what a reader could not read or write; the others went on without
// it. It is tried again once a minute, and with its next act.
type Parked struct {
	Case    string
	Act     string // at which it stuck
	Number  int64  // of that act's leaf
	Tries   int64
	Problem string // for the operator, English
	At      clock.Instant
}

// Standing is how far a reader is.
type Standing struct {
	Reader string
	Behind int64 // numbered leaves not read yet
	Parked int64
}

// item is under what name a reader parks what is due.
func (r *Reader) item(d Due) string {
	if r.ByAct {
		return d.Act
	}
	return d.Case
}
