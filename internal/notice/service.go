package notice

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/notify"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/ledger"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Keys     *seal.Keys
	Ledger   *ledger.Service
	Editions *edition.Service
	People   *identity.Service
	Law      *law.Service
	Cases    *casework.Service
	Book     func() *text.Book
	Log      *slog.Logger
	Senders  notify.Senders // none: nothing leaves the house
	Address  string         // under which people reach this house; "" leaves links out
	AtOnce   bool           // nothing is gathered and no hour is quiet: for a trial, where one waits for it
}

// Service is the room; its follower writes what is to be sent. Roster and Enter are set by the roof before the first call
// and not changed afterwards.
type Service struct {
	Parts
	*ledger.Follower
	Roster Roster // nil: the unit's posts are told, also at night
	// Enter opens a case's follow page to a party who came by a message; nil where
	// no room has such a page.
	Enter func(w http.ResponseWriter, r *http.Request, number string, party identity.Party) error

	policy *edition.Compiled[Policy]
	holder string

	since clock.Instant // acts before it are not told: there was nobody to tell them

	mu   sync.Mutex
	last map[string]clock.Instant // by sender: when it last sent, for its rate

	spoil   func(act string) error   // tests make an act poisonous with it
	forgets func(bundle string) bool // tests break off between sending and noting
	pause   func(ctx context.Context, d time.Duration)
}

// New makes the room; Migrate comes first.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{Parts: p, policy: edition.Compile(p.Editions, ParsePolicy), holder: db.NewID(p.Clock.Now()), last: map[string]clock.Instant{}, pause: wait}
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, ByAct: true, AtOnce: atOnce, Begin: s.begin, Clear: s.clear, Start: s.start, Tend: s.chores, Log: p.Log})
	return s
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Policy is when and whom, as it is in force.
func (s *Service) Policy(ctx context.Context) (Policy, error) {
	p, _, err := s.policy.Now(ctx)
	if s.AtOnce {
		p.Together, p.Quiet, p.always = 0, Stretch{}, true
	}
	return p, err
}

// life is how long a line is worth sending after it was due.
func (p Policy) life() time.Duration { return time.Duration(p.OldHours) * time.Hour }

// has says whether messages of a channel can leave at all.
func (s *Service) has(channel string) bool { return s.Senders.For(channel) != nil }
