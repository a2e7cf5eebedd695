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

// Service counts cases. Its follower keeps the figures.
type Service struct {
	*ledger.Follower

	d      *db.DB
	clk    clock.Clock
	cases  *casework.Service
	people *identity.Service
	areas  Areas
	duty   *duty.Service
	lists  *edition.Compiled[Catalogue]
	slog   *slog.Logger
	spoil  func(id string) error // tests make a case poisonous with it
}

// New makes the room; Migrate comes first.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	p.People.OnMove(moved)
	s := &Service{d: p.DB, clk: p.Clock, cases: p.Cases, people: p.People, areas: p.Areas, duty: p.Duty, slog: p.Log, lists: edition.Compile(p.Editions, Load)}
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, AtOnce: atOnce, Begin: s.begin, Clear: s.clear, Log: p.Log})
	return s
}

// Catalogue is the indicators in force.
func (s *Service) Catalogue(ctx context.Context) (Catalogue, error) {
	c, _, err := s.lists.Now(ctx)
	return c, err
}
