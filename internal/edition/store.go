package edition

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"linli/internal/kit/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date. The ledger's tables must
// stand before the first edition is published.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "edition", files)
}

// row is one stored edition.
type row struct {
	Edition
	seed string // hash over the seed it was made from
	salt string // hex; opens the commitments of its leaf
}

const columns = `SELECT number, hash, seed, published, by_whom, reason, leaf, salt FROM edition_edition `

func (s *Service) rows(ctx context.Context, text string, args ...any) ([]row, error) {
	rows, err := s.d.Reader().Rows(ctx, columns+text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.Number, &r.Hash, &r.seed, &r.Published, &r.By, &r.Reason, &r.Leaf, &r.salt); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// newest is the newest edition; ok is false where there is none yet.
func (s *Service) newest(ctx context.Context) (row, bool, error) {
	list, err := s.rows(ctx, `ORDER BY number DESC LIMIT 1`)
	if err != nil || len(list) == 0 {
		return row{}, false, err
	}
	return list[0], true, nil
}

func (s *Service) highest(ctx context.Context) (n int64, err error) {
	err = s.d.Reader().Row(ctx, `SELECT COALESCE(MAX(number), 0) FROM edition_edition`).Scan(&n)
	return n, err
}

func (s *Service) filesOf(ctx context.Context, number int64) (map[string]File, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT path, hash, source, beneath FROM edition_file WHERE edition = $1`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]File{}
	for rows.Next() {
		var f File
		if err := rows.Scan(&f.Path, &f.Hash, &f.Source, &f.Beneath); err != nil {
			return nil, err
		}
		out[f.Path] = f
	}
	return out, rows.Err()
}

// contents reads the stored content of these hashes.
func (s *Service) contents(ctx context.Context, hashes []string) (map[string][]byte, error) {
	out := make(map[string][]byte, len(hashes))
	for len(hashes) > 0 {
		part := hashes[:min(100, len(hashes))]
		hashes = hashes[len(part):]
		args := make([]any, len(part))
		for i, h := range part {
			args[i] = h
		}
		if err := s.contentsPart(ctx, out, args); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) contentsPart(ctx context.Context, out map[string][]byte, hashes []any) error {
	rows, err := s.d.Reader().Rows(ctx, `SELECT hash, content FROM edition_content WHERE hash IN `+db.In(1, len(hashes)), hashes...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var h string
		var raw []byte
		if err := rows.Scan(&h, &raw); err != nil {
			return err
		}
		if raw == nil {
			raw = []byte{}
		}
		out[h] = raw
	}
	return rows.Err()
}

func (s *Service) content(ctx context.Context, hash string) ([]byte, error) {
	var raw []byte
	err := s.d.Reader().Row(ctx, `SELECT content FROM edition_content WHERE hash = $1`, hash).Scan(&raw)
	if errors.Is(err, db.NoRows) {
		return nil, fmt.Errorf("content %s is not stored", hash)
	}
	return raw, err
}

// insert writes an edition; a unique error says that its number is taken.
func insert(tx *db.Tx, r row, files []File, fresh []content) error {
	if _, err := tx.Exec(`INSERT INTO edition_edition(number, hash, seed, published, by_whom, reason, leaf, salt)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`, r.Number, r.Hash, r.seed, r.Published, r.By, r.Reason, r.Leaf, r.salt); err != nil {
		return err
	}
	for _, c := range fresh {
		if _, err := tx.Exec(`INSERT INTO edition_content(hash, content) VALUES ($1,$2) ON CONFLICT (hash) DO NOTHING`, c.hash, c.raw); err != nil {
			return err
		}
	}
	for len(files) > 0 {
		part := files[:min(fileRows, len(files))]
		files = files[len(part):]
		args := make([]any, 1, 1+4*len(part))
		args[0] = r.Number
		for _, f := range part {
			args = append(args, f.Path, f.Hash, string(f.Source), f.Beneath)
		}
		if _, err := tx.Exec(insertFiles(len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// content is one stored content.
type content struct {
	hash string
	raw  []byte
}

// fileRows is how many paths one statement writes.
const fileRows = 100

func insertFiles(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO edition_file(edition, path, hash, source, beneath) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "($1,$%d,$%d,$%d,$%d)", 4*i+2, 4*i+3, 4*i+4, 4*i+5)
	}
	return b.String()
}
