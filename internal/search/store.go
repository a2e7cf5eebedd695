package search

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"

	"linli/internal/kit/db"
	"linli/internal/ledger"
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

// prints reads what stands of the cases that are due.
func (s *Service) prints(ctx context.Context, due []ledger.Due) (map[string]string, error) {
	out := map[string]string{}
	for some := range slices.Chunk(due, chunk) {
		args := make([]any, chunk) // always as many, for one shape of statement
		for i := range args {
			args[i] = some[min(i, len(some)-1)].Case
		}
		rows, err := s.d.Reader().Rows(ctx, `SELECT case_id, print FROM search_case WHERE case_id IN `+db.In(1, chunk), args...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id, print string
			if err := rows.Scan(&id, &print); err != nil {
				return nil, err
			}
			out[id] = print
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writeCase keeps the print of a case and gives its number in the index.
func writeCase(tx *db.Tx, c change) (doc int64, err error) {
	err = tx.Row(`INSERT INTO search_case(case_id, doc, print) VALUES ($1, $2, $3)
		ON CONFLICT (case_id) DO UPDATE SET print = excluded.print RETURNING doc`, c.caseID, c.doc, c.print).Scan(&doc)
	return doc, err
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

// clear empties the index.
func (s *Service) clear(tx *db.Tx) error {
	if _, err := tx.Exec(`DELETE FROM search_case`); err != nil {
		return err
	}
	return s.index.Clear(tx)
}

// State tells how far the index is.
func (s *Service) State(ctx context.Context) (st State, err error) {
	if st.Standing, err = s.Standing(ctx); err != nil {
		return st, err
	}
	err = s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM search_case`).Scan(&st.Cases)
	st.Cases -= st.Parked
	return st, err
}
