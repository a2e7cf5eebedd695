package desk

import (
	"context"
	"embed"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the room's tables up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "desk", files)
}

func (s *Service) savedFilters(ctx context.Context, person string) ([]SavedFilter, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT id, name, query FROM desk_filter WHERE person = $1 ORDER BY name`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []SavedFilter
	for rows.Next() {
		var f SavedFilter
		if err := rows.Scan(&f.ID, &f.Name, &f.Query); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// keepFilter keeps a search; the same name again replaces it.
func (s *Service) keepFilter(ctx context.Context, person string, f SavedFilter, now clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.Row(`SELECT COUNT(*) FROM desk_filter WHERE person = $1 AND name <> $2`, person, f.Name).Scan(&n); err != nil {
			return err
		}
		if n >= mostFilters {
			return fault.New(fault.Conflict, "desk.filters_many", "most", mostFilters).At("name")
		}
		_, err := tx.Exec(`INSERT INTO desk_filter(id, person, name, query, created) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person, name) DO UPDATE SET query = excluded.query`, f.ID, person, f.Name, f.Query, now)
		return err
	})
}

func (s *Service) dropFilter(ctx context.Context, person, id string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM desk_filter WHERE id = $1 AND person = $2`, id, person)
		return err
	})
}

const templateColumns = `id, person, unit, procedure, field, name, body, changed`

func (s *Service) templatesWhere(ctx context.Context, where string, args ...any) ([]Template, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+templateColumns+` FROM desk_template WHERE `+where+` ORDER BY procedure, field, name, id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Template
	for rows.Next() {
		var t Template
		if err := rows.Scan(&t.ID, &t.Person, &t.Unit, &t.Procedure, &t.Field, &t.Name, &t.Body, &t.Changed); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func (s *Service) putTemplate(ctx context.Context, t Template) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.Row(`SELECT COUNT(*) FROM desk_template WHERE person = $1 AND id <> $2`, t.Person, t.ID).Scan(&n); err != nil {
			return err
		}
		if n >= mostTemplates {
			return fault.New(fault.Conflict, "desk.templates_many", "most", mostTemplates).At("name")
		}
		_, err := tx.Exec(`INSERT INTO desk_template(`+templateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, procedure = excluded.procedure, field = excluded.field,
			name = excluded.name, body = excluded.body, changed = excluded.changed`,
			t.ID, t.Person, t.Unit, t.Procedure, t.Field, t.Name, t.Body, t.Changed)
		return err
	})
}

func (s *Service) dropTemplate(ctx context.Context, id string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM desk_template WHERE id = $1`, id)
		return err
	})
}
