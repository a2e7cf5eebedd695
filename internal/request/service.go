package request

import (
	"context"
	"embed"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// New makes the room. Offer registers what it offers to procedures; Migrate has
// brought its tables up to date.
func New(p Parts) *Service { return &Service{p} }

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "request", files)
}

// root is the code of the area that the house serves: that of the first unit
// without one above; "" where no unit stands yet.
func (s *Service) root(ctx context.Context) (string, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	for _, u := range units {
		if u.Parent == "" && u.Area != "" && u.Open(now) {
			return u.Area, nil
		}
	}
	return "", nil
}

// today is the civil day by which duty lists are read.
func (s *Service) today() clock.Day { return s.Clock.Now().Day() }
