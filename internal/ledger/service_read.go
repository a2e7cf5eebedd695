package ledger

import (
	"context"
	"fmt"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Read hands a reader the next leaves in the order of their numbers, at most
// max of them. fn's effect and the reader's cursor commit in one transaction, so
// that each leaf takes effect exactly once; an error from fn moves nothing. It
// returns how many leaves were read; 0 says there is nothing new, or that
// another node read for this reader at the same moment.
//
// fn obeys the rules of db.Commit: it may run twice and only reads and writes
// through tx. Fault: ledger.gap (a number is missing: readers stop rather than
// skip).
func (s *Service) Read(ctx context.Context, reader string, max int, fn func(tx *db.Tx, refs []Ref) error) (int, error) {
	at, err := s.cursor(ctx, reader)
	if err != nil {
		return 0, err
	}
	refs, err := s.refs(ctx, at, max)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	for i, r := range refs {
		if r.Number != at+int64(i) {
			return 0, fault.New(fault.Internal, "ledger.gap", "number", at+int64(i)).
				Because(fmt.Errorf("reader %s wants %d and finds %d", reader, at+int64(i), r.Number))
		}
	}
	read := 0
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		read = 0
		moved, err := moveCursor(tx, reader, at, at+int64(len(refs)))
		if err != nil || !moved {
			return err
		}
		read = len(refs)
		return fn(tx, refs)
	})
	if err != nil {
		return 0, err
	}
	return read, nil
}

// Stands says, inside a transaction, whether a reader still stands where it was
// seen, and keeps others from moving it until the transaction ends. A reader
// whose effect may safely be repeated writes it in several small transactions
// this way, and moves on with the last.
func (s *Service) Stands(tx *db.Tx, reader string, at int64) (bool, error) {
	return moveCursor(tx, reader, at, at)
}

// Next looks at what Read would hand a reader next and moves nothing: a reader
// that must prepare looks first, prepares, and then compares in Read.
func (s *Service) Next(ctx context.Context, reader string, max int) ([]Ref, error) {
	at, err := s.cursor(ctx, reader)
	if err != nil {
		return nil, err
	}
	return s.refs(ctx, at, max)
}

// Rewind sets a reader back to number in the caller's transaction, together
// with the caller's clearing of what that reader had built: Rewind(tx, reader,
// 0) is how a reader is rebuilt.
func (s *Service) Rewind(tx *db.Tx, reader string, number int64) error {
	_, err := tx.Exec(`INSERT INTO ledger_cursor(reader, number) VALUES ($1, $2)
		ON CONFLICT (reader) DO UPDATE SET number = excluded.number`, reader, number)
	return err
}

// Cursors lists how far every reader has come, by name.
func (s *Service) Cursors(ctx context.Context) ([]Cursor, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT reader, number,
		(SELECT COALESCE(MAX(size), 0) FROM ledger_checkpoint) - number FROM ledger_cursor ORDER BY reader`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Cursor
	for rows.Next() {
		var c Cursor
		if err := rows.Scan(&c.Reader, &c.Next, &c.Behind); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Erasures lists all erasures, oldest first: the list that travels with the
// checkpoints and is replayed after a restore from a backup that still holds
// the erased values.
func (s *Service) Erasures(ctx context.Context) ([]Erasure, error) {
	list, err := scanEntries(ctx, s.d.Reader(), entryColumns+`WHERE erases <> '' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	out := make([]Erasure, len(list))
	for i, e := range list {
		out[i] = Erasure{Ref: e.Ref, Erases: e.erases}
	}
	return out, nil
}

// Newest is the latest instant at which an entry of the log was recorded, 0 for
// an empty log: time does not go back behind it.
func (s *Service) Newest(ctx context.Context) (clock.Instant, error) {
	var newest clock.Instant
	err := s.d.Reader().Row(ctx, `SELECT COALESCE(MAX(recorded), 0) FROM ledger_leaf`).Scan(&newest)
	return newest, err
}
