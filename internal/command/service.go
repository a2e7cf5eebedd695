package command

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// Watch is one line of the duty roster: who is on duty, where and until when.
type Watch struct {
	Name, Unit, Phone string
	From, Until       clock.Instant
	Note              string
}

// Roster tells who is on duty in an area or unit at a moment, for staff.
type Roster func(ctx context.Context, a identity.Actor, sc Scope, now clock.Instant) ([]Watch, error)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB     *db.DB
	Clock  clock.Clock
	Ledger *ledger.Service
	Cases  *casework.Service
	People *identity.Service
	Areas  *area.Service // nil: no map and areas by their code
	Duty   *duty.Service // nil: classes by their id
	Log    *slog.Logger
}

// Service is the room; its follower keeps rows and counters. OnDuty is set by the roof before the first call; nil: the
// page shows no roster.
type Service struct {
	*ledger.Follower
	OnDuty Roster

	d      *db.DB
	clk    clock.Clock
	cases  *casework.Service
	people *identity.Service
	areas  *area.Service
	duty   *duty.Service
	slog   *slog.Logger
	hub    *hub
	check  time.Duration         // between two looks of a stream whether its session stands
	spoil  func(id string) error // tests make a case poisonous with it

	mu      sync.Mutex
	answers map[string]answer // of counting statements, while nothing changed
	at      int64
}

// New makes the room; Migrate comes first.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{d: p.DB, clk: p.Clock, cases: p.Cases, people: p.People, areas: p.Areas, duty: p.Duty, slog: p.Log, hub: newHub(), check: checkEvery}
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, AtOnce: atOnce, Begin: s.begin, Clear: s.clear, Tend: s.forget, Log: p.Log})
	return s
}

// oldest is the first day whose received cases stay counted.
func (s *Service) oldest() clock.Day { return s.clk.Now().Day() - keepDays }
