package search

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

const indexName = "search_text"

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "search", files)
}

// known is what the index says of a case.
type known struct {
	print  string
	parked bool
}

// known reads what stands of some cases.
func (s *Service) known(ctx context.Context, ids []string) (map[string]known, error) {
	out := map[string]known{}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT c.case_id, c.print, COALESCE(p.tries, 0) FROM search_case c
		LEFT JOIN search_parked p ON p.case_id = c.case_id WHERE c.case_id IN `+db.In(1, len(ids)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var k known
		var tries int64
		if err := rows.Scan(&id, &k.print, &tries); err != nil {
			return nil, err
		}
		k.parked = tries > 0
		out[id] = k
	}
	return out, rows.Err()
}

// write applies one round's changes; it runs inside the reader's transaction.
func (s *Service) write(tx *db.Tx, changes []change) error {
	for i := range changes {
		if err := s.writeOne(tx, &changes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) writeOne(tx *db.Tx, c *change) error {
	if c.same {
		return nil
	}
	var doc int64
	if err := tx.Row(`INSERT INTO search_case(case_id, doc, print) VALUES ($1, $2, $3)
		ON CONFLICT (case_id) DO UPDATE SET print = excluded.print RETURNING doc`, c.caseID, c.doc, c.print).Scan(&doc); err != nil {
		return err
	}
	if p := c.parked; p != nil {
		if err := s.index.Remove(tx, doc); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO search_parked(case_id, act_id, number, tries, problem, recorded) VALUES ($1, $2, $3, 1, $4, $5)
			ON CONFLICT (case_id) DO UPDATE SET act_id = excluded.act_id, number = excluded.number, tries = search_parked.tries + 1,
			problem = excluded.problem, recorded = excluded.recorded`, p.Case, p.Act, p.Number, p.Problem, p.At)
		return err
	}
	if c.was {
		if _, err := tx.Exec(`DELETE FROM search_parked WHERE case_id = $1`, c.caseID); err != nil {
			return err
		}
	}
	return s.index.Put(tx, doc, c.words)
}

// unpark gives up a place among the parked; false where somebody else moved it.
func unpark(tx *db.Tx, p Parked) (bool, error) {
	n, err := tx.Exec(`DELETE FROM search_parked WHERE case_id = $1 AND number = $2 AND tries = $3`, p.Case, p.Number, p.Tries)
	return n == 1, err
}

// postpone notes that a parked case was tried in vain.
func postpone(tx *db.Tx, p Parked, problem string, now clock.Instant) error {
	_, err := tx.Exec(`UPDATE search_parked SET tries = tries + 1, problem = $4, recorded = $5 WHERE case_id = $1 AND number = $2 AND tries = $3`,
		p.Case, p.Number, p.Tries, problem, now)
	return err
}

// Parked lists cases that cannot be found for now, those tried longest ago first.
func (s *Service) Parked(ctx context.Context, most int) ([]Parked, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT case_id, act_id, number, tries, problem, recorded FROM search_parked ORDER BY recorded, case_id LIMIT $1`, most)
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

// docOf is the number under which a case stands in the index; 0 where it does not.
func (s *Service) docOf(ctx context.Context, id string) (doc int64, err error) {
	err = s.d.Reader().Row(ctx, `SELECT doc FROM search_case WHERE case_id = $1`, id).Scan(&doc)
	if errors.Is(err, db.NoRows) {
		return 0, nil
	}
	return doc, err
}

// casesOf names the cases of some documents in the same order. The list is
// filled up to size, so that few shapes of statement come about.
func (s *Service) casesOf(ctx context.Context, docs []int64, size int) ([]string, error) {
	args := make([]any, max(size, len(docs)))
	for i := range args {
		args[i] = docs[min(i, len(docs)-1)]
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT doc, case_id FROM search_case WHERE doc IN `+db.In(1, len(args)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := map[int64]string{}
	for rows.Next() {
		var doc int64
		var id string
		if err := rows.Scan(&doc, &id); err != nil {
			return nil, err
		}
		ids[doc] = id
	}
	out := make([]string, 0, len(docs))
	for _, doc := range docs {
		if id := ids[doc]; id != "" {
			out = append(out, id)
		}
	}
	return out, rows.Err()
}

// clear empties everything and sets the reader back, in one transaction.
func (s *Service) clear(ctx context.Context) error {
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		for _, text := range []string{`DELETE FROM search_parked`, `DELETE FROM search_case`} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		if err := s.index.Clear(tx); err != nil {
			return err
		}
		return s.log.Rewind(tx, Reader, 0)
	})
}

// State tells how far the index is.
func (s *Service) State(ctx context.Context) (st State, err error) {
	if err = s.d.Reader().Row(ctx, `SELECT (SELECT COUNT(*) FROM search_case), (SELECT COUNT(*) FROM search_parked)`).Scan(&st.Cases, &st.Parked); err != nil {
		return st, err
	}
	st.Cases -= st.Parked
	cursors, err := s.log.Cursors(ctx)
	if err != nil {
		return st, err
	}
	for _, c := range cursors {
		if c.Reader == Reader {
			st.Behind = c.Behind
		}
	}
	return st, nil
}
