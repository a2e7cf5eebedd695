package ledger

import (
	"context"
	"errors"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// stuck is one line of ledger_parked as it is written.
type stuck struct {
	due     Due
	problem string
	at      clock.Instant
}

// park notes what a reader could not read or write.
func (r *Reader) park(tx *db.Tx, p stuck) error {
	_, err := tx.Exec(`INSERT INTO ledger_parked(reader, item, case_id, act_id, number, tries, problem, recorded) VALUES ($1,$2,$3,$4,$5,1,$6,$7)
		ON CONFLICT (reader, item) DO UPDATE SET act_id = excluded.act_id, number = excluded.number, tries = ledger_parked.tries + 1,
		problem = excluded.problem, recorded = excluded.recorded`, r.Name, r.item(p.due), p.due.Case, p.due.Act, p.due.Last, p.problem, p.at)
	return err
}

// unpark frees what could be read after all.
func (r *Reader) unpark(tx *db.Tx, list []Due) error {
	for _, d := range list {
		if _, err := tx.Exec(`DELETE FROM ledger_parked WHERE reader = $1 AND item = $2`, r.Name, r.item(d)); err != nil {
			return err
		}
	}
	return nil
}

// claim frees one that is tried again; false where somebody else moved it.
func (r *Reader) claim(tx *db.Tx, p Parked) (bool, error) {
	n, err := tx.Exec(`DELETE FROM ledger_parked WHERE reader = $1 AND item = $2 AND number = $3 AND tries = $4`, r.Name, r.item(p.due()), p.Number, p.Tries)
	return n == 1, err
}

// postpone notes that it was tried in vain.
func (r *Reader) postpone(tx *db.Tx, p Parked, problem string, now clock.Instant) error {
	_, err := tx.Exec(`UPDATE ledger_parked SET tries = tries + 1, problem = $5, recorded = $6 WHERE reader = $1 AND item = $2 AND number = $3 AND tries = $4`,
		r.Name, r.item(p.due()), p.Number, p.Tries, problem, now)
	return err
}

func (p Parked) due() Due { return Due{Case: p.Case, Act: p.Act, First: p.Number, Last: p.Number} }

// Parked lists what this reader could not read or write, those tried longest ago
// first.
func (f *Follower) Parked(ctx context.Context, most int) ([]Parked, error) {
	rows, err := f.log.d.Reader().Rows(ctx, `SELECT case_id, act_id, number, tries, problem, recorded FROM ledger_parked
		WHERE reader = $1 ORDER BY recorded, item LIMIT $2`, f.reader.Name, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Parked
	for rows.Next() {
		var p Parked
		if err := rows.Scan(&p.Case, &p.Act, &p.Number, &p.Tries, &p.Problem, &p.At); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// parks tells whether anything of this reader is parked.
func (f *Follower) parks(ctx context.Context) (bool, error) {
	var one int
	err := f.log.d.Reader().Row(ctx, `SELECT 1 FROM ledger_parked WHERE reader = $1 LIMIT 1`, f.reader.Name).Scan(&one)
	if errors.Is(err, db.NoRows) {
		return false, nil
	}
	return err == nil, err
}

// stands reads where readers stand and how many leaves have numbers, all of one
// moment. A reader that never read is not among them.
func (s *Service) stands(ctx context.Context) (at map[string]int64, size int64, err error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT '', COALESCE(MAX(size), 0) FROM ledger_checkpoint UNION ALL SELECT reader, number FROM ledger_cursor`)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	at = map[string]int64{}
	for rows.Next() {
		var name string
		var number int64
		if err := rows.Scan(&name, &number); err != nil {
			return nil, 0, err
		}
		at[name] = number
	}
	size = at[""]
	delete(at, "")
	return at, size, rows.Err()
}

// Standing tells how far this reader is.
func (f *Follower) Standing(ctx context.Context) (Standing, error) {
	out := Standing{Reader: f.reader.Name}
	err := f.log.d.Reader().Row(ctx, `SELECT (SELECT COALESCE(MAX(size), 0) FROM ledger_checkpoint) - COALESCE((SELECT number FROM ledger_cursor WHERE reader = $1), 0),
		(SELECT COUNT(*) FROM ledger_parked WHERE reader = $1)`, f.reader.Name).Scan(&out.Behind, &out.Parked)
	return out, err
}

// clear empties what the reader read and sets it back, in one transaction.
func (f *Follower) clear(ctx context.Context) error {
	return f.log.d.Commit(ctx, func(tx *db.Tx) error {
		if err := f.reader.Clear(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM ledger_parked WHERE reader = $1`, f.reader.Name); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO ledger_cursor(reader, number) VALUES ($1, 0) ON CONFLICT (reader) DO UPDATE SET number = 0`, f.reader.Name)
		return err
	})
}
