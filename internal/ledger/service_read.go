package ledger

import (
	"context"

	"linli/internal/kit/clock"
)

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
