package evaluation

import (
	"context"
	"log/slog"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// Areas names areas and what lies below them; *area.Service is one.
type Areas interface {
	Get(ctx context.Context, code string) (area.Area, error)
	Children(ctx context.Context, code string) ([]area.Area, error)
}

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Ledger   *ledger.Service
	Editions *edition.Service
	Cases    *casework.Service
	People   *identity.Service
	Areas    Areas
	Duty     *duty.Service // names classes; nil shows their ids
	Log      *slog.Logger
}

// Service counts cases.
type Service struct {
	d      *db.DB
	clk    clock.Clock
	log    *ledger.Service
	cases  *casework.Service
	people *identity.Service
	areas  Areas
	duty   *duty.Service
	lists  *edition.Compiled[Catalogue]
	slog   *slog.Logger
	holder string
	spoil  func(id string) error // tests make a case poisonous with it
}

// New makes the room; Migrate comes first.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	p.People.OnMove(moved)
	return &Service{d: p.DB, clk: p.Clock, log: p.Ledger, cases: p.Cases, people: p.People, areas: p.Areas, duty: p.Duty, slog: p.Log,
		lists: edition.Compile(p.Editions, Load), holder: db.NewID(p.Clock.Now())}
}

// Catalogue is the indicators in force.
func (s *Service) Catalogue(ctx context.Context) (Catalogue, error) {
	c, _, err := s.lists.Now(ctx)
	return c, err
}
