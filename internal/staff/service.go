package staff

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/text"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "staff", files)
}

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB     *db.DB
	Clock  clock.Clock
	People *identity.Service
	Cases  *casework.Service
	Shifts Lists
	Log    *slog.Logger
}

// Lists gives the kinds of shift in force; *edition.Compiled[[]Shift] is one.
type Lists interface {
	Now(ctx context.Context) ([]Shift, int64, error)
}

// DayOff says what the law's calendar says of a day: whether people work on it,
// and the name of a holiday.
type DayOff func(ctx context.Context, day clock.Day) (works bool, name text.Words)

// Service is the room. Its exported fields are set by the roof before the first
// call and not changed afterwards.
type Service struct {
	Parts

	// Holidays is the law's calendar; nil knows weekends only.
	Holidays DayOff
}

// New makes the room. Its tables must be migrated first.
func New(p Parts) *Service {
	s := &Service{Parts: p}
	p.People.OnLeave(s.holdsNothing)
	return s
}
