package setup

import (
	"context"
	"embed"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the room's table up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "setup", files)
}

func (s *Service) marks(ctx context.Context) (map[string]Mark, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT item, name, at FROM setup_mark`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]Mark{}
	for rows.Next() {
		var m Mark
		if err := rows.Scan(&m.Item, &m.By, &m.At); err != nil {
			return nil, err
		}
		out[m.Item] = m
	}
	return out, rows.Err()
}

func (s *Service) mark(ctx context.Context, item, person, name string, at clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO setup_mark(item, person, name, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (item) DO UPDATE SET person = excluded.person, name = excluded.name, at = excluded.at`, item, person, name, at)
		return err
	})
}

func (s *Service) unmark(ctx context.Context, item string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM setup_mark WHERE item = $1`, item)
		return err
	})
}
