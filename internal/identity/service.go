package identity

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"sync"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/ledger"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "identity", files)
}

// grants is the epoch that every change of units, posts and people moves on.
const grants = "grants"

// Lists gives the rights in force; *edition.Compiled[Rights] is one.
type Lists interface {
	Now(ctx context.Context) (Rights, int64, error)
}

// Leaves takes the leaf of an administrative act; *ledger.Service is one.
type Leaves interface {
	Queue(tx *db.Tx, l ledger.Leaf) error
}

// Moved is told, inside the transaction that moves a unit, that every path that
// began with old begins with now from here on. Rooms that keep paths (casework:
// the seal) rewrite them in the same transaction, or a seal would be lost.
type Moved func(tx *db.Tx, old, now string) error

// Leaving is asked before a person leaves: altogether (unit ""), or a unit in which
// they keep no other post; and with person "" before a unit is closed. An error
// keeps them, for instance because they still hold cases there.
type Leaving func(ctx context.Context, person, unit string) error

// CaseName is how people know a case and its fields.
type CaseName struct {
	ID, Number string
	Field      func(name string) text.Words
}

// Service is the room. Its exported fields are set by the roof before the first
// call and not changed afterwards.
type Service struct {
	// BulkReads is how many openings of sealed fields one person may do within
	// an hour before an alarm is raised; see ReadLog.
	BulkReads int

	// NoFactor asks nobody for the second factor who has not set it up: the demo.
	NoFactor bool

	// Home is where people go after they have signed in; "/me" unless set.
	Home string

	// CaseOf says how people know a case, by its id or number; nil, or false,
	// shows ids. The read log is kept by id.
	CaseOf func(ctx context.Context, ref string) (CaseName, bool)

	// FunctionName names a line of work; nil, or none, shows its id.
	FunctionName func(ctx context.Context, id string) text.Words

	d      *db.DB
	clk    clock.Clock
	keys   *seal.Keys
	leaves Leaves
	lists  Lists
	gate   *gate
	dummy  func() string // hash that no password matches, for unknown login names

	moved []Moved
	leave []Leaving

	mu    sync.Mutex
	tree  *tree            // units as of one epoch
	posts map[string]holds // by person
	desks map[string]holds // by kind of post
}

// holds is what one person holds, as of one epoch.
type holds struct {
	epoch int64
	posts []Post
	stand []standing
}

// standing is one time of being somebody's deputy.
type standing struct {
	person, post string // post "" is all of them
	from, until  clock.Instant
}

// mostHolds bounds the cache of posts; a county has some thousand people on duty.
const mostHolds = 50_000

// New makes the room. Its tables must be migrated first.
func New(d *db.DB, clk clock.Clock, keys *seal.Keys, leaves Leaves, lists Lists) *Service {
	return &Service{
		BulkReads: 30, Home: "/me", d: d, clk: clk, keys: keys, leaves: leaves, lists: lists, gate: newGate(),
		dummy: sync.OnceValue(func() string { return hashPassword(seal.Token()) }),
		posts: map[string]holds{}, desks: map[string]holds{},
	}
}

// OnMove registers a room that keeps unit paths of its own.
func (s *Service) OnMove(fn Moved) { s.moved = append(s.moved, fn) }

// OnLeave registers a room that must agree before a person leaves.
func (s *Service) OnLeave(fn Leaving) { s.leave = append(s.leave, fn) }

func (s *Service) mayLeave(ctx context.Context, person, unit string) error {
	for _, fn := range s.leave {
		if err := fn(ctx, person, unit); err != nil {
			return err
		}
	}
	return nil
}

// Rights are the kinds of post and the views in force.
func (s *Service) Rights(ctx context.Context) (Rights, error) {
	r, _, err := s.lists.Now(ctx)
	return r, err
}

// epoch reads the epoch of grants.
func (s *Service) epoch(ctx context.Context) (int64, error) {
	var n int64
	err := s.d.Reader().Row(ctx, `SELECT value FROM kit_epoch WHERE name = $1`, grants).Scan(&n)
	if errors.Is(err, db.NoRows) {
		return 0, nil
	}
	return n, err
}

// near is the epoch to read by: that of the request's own actor, who was looked
// up a moment ago, else the database's.
func (s *Service) near(ctx context.Context) (int64, error) {
	if a := From(ctx); a.Grants != 0 {
		return a.Grants, nil
	}
	return s.epoch(ctx)
}

// held gives what a person holds as of an epoch (not older). The epoch was read
// before the rows are, so a label may be older than its rows but never newer.
func (s *Service) held(ctx context.Context, person string, epoch int64) (holds, error) {
	s.mu.Lock()
	h, ok := s.posts[person]
	s.mu.Unlock()
	if ok && h.epoch >= epoch {
		return h, nil
	}
	t, err := s.treeAt(ctx, epoch)
	if err != nil {
		return holds{}, err
	}
	h = holds{epoch: epoch}
	if h.posts, err = s.readPosts(ctx, `person = $1 AND (ends = 0 OR ends > $2)`, person, s.clk.Now()); err != nil {
		return holds{}, err
	}
	for i := range h.posts {
		t.complete(&h.posts[i])
	}
	if h.stand, err = s.readStandings(ctx, person); err != nil {
		return holds{}, err
	}
	s.mu.Lock()
	if len(s.posts) >= mostHolds {
		clear(s.posts)
	}
	s.posts[person] = h
	s.mu.Unlock()
	return h, nil
}

// equip gives an actor the posts that count now; an API token made for one post
// carries that one only.
func (s *Service) equip(ctx context.Context, a *Actor, epoch int64) error {
	h, err := s.held(ctx, a.Person, epoch)
	if err != nil {
		return err
	}
	now := s.clk.Now()
	a.Grants, a.Posts, a.For = epoch, nil, nil
	for _, p := range h.posts {
		if p.Live(now) && p.UnitPath != "" && (a.only == "" || p.ID == a.only) {
			a.Posts = append(a.Posts, p)
		}
	}
	if a.only != "" {
		return nil // a program acts for one post, not for absent people
	}
	for _, st := range h.stand {
		if st.from <= now && now < st.until && len(a.Own().Posts) > 0 {
			if err := s.lend(ctx, a, st, now, epoch); err != nil {
				return err
			}
		}
	}
	return nil
}

// lend gives a deputy what the absent person holds: their own posts, never ones
// lent to them, and of these only such as can be lent.
func (s *Service) lend(ctx context.Context, a *Actor, st standing, now clock.Instant, epoch int64) error {
	h, err := s.held(ctx, st.person, epoch)
	if err != nil {
		return err
	}
	rights, err := s.Rights(ctx)
	if err != nil {
		return err
	}
	if st.post == "" {
		a.For = append(a.For, Standing{Person: st.person})
	}
	for _, p := range h.posts {
		if !p.Live(now) || p.UnitPath == "" || st.post != "" && p.ID != st.post {
			continue
		}
		if st.post != "" {
			a.For = append(a.For, Standing{Person: st.person, Unit: p.Unit})
		}
		if kind, ok := rights.Kind(p.Kind); !ok || kind.Alone {
			continue
		}
		p.For = st.person
		a.Posts = append(a.Posts, p)
	}
	return nil
}

// Actor is the actor that a person is now, as if they had just signed in; for
// commands, the demo and tests. Fault: identity.no_person, also for a closed
// account.
func (s *Service) Actor(ctx context.Context, person string) (Actor, error) {
	epoch, err := s.epoch(ctx)
	if err != nil {
		return Actor{}, err
	}
	p, err := s.Person(ctx, person)
	if err != nil {
		return Actor{}, err
	}
	if !p.Open(s.clk.Now()) {
		return Actor{}, fault.New(fault.NotFound, "identity.no_person")
	}
	a := Actor{Person: p.ID, Name: p.Name, Kind: Staff, MustChange: p.MustChange}
	return a, s.equip(ctx, &a, epoch)
}

// day is how long a limit's key is kept at most.
const day = 24 * time.Hour
