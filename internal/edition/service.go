package edition

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/ledger"
)

// Kind is the kind of an edition's leaf in the ledger.
const Kind = "edition"

// Epoch is the name of the epoch that moves with every edition.
const Epoch = "edition"

// Service keeps the catalogue on one node.
type Service struct {
	d       *db.DB
	clk     clock.Clock
	log     *ledger.Service
	current atomic.Int64

	checks []func(fs.FS) []Problem

	mu   sync.Mutex
	kept map[int64]*keptEdition
	used int64 // counts uses, to drop what was not used for longest
}

type keptEdition struct {
	files *memory
	used  int64
}

// mostKept bounds how many editions stand in memory; running cases hold old ones.
const mostKept = 64

// New makes the service; nothing is in force before Start.
func New(d *db.DB, c clock.Clock, log *ledger.Service) *Service {
	return &Service{d: d, clk: c, log: log, kept: map[int64]*keptEdition{}}
}

// OnCheck registers a checker that every catalogue must pass before it is
// published. The roof registers all of them before Start.
func (s *Service) OnCheck(check func(fs.FS) []Problem) { s.checks = append(s.checks, check) }

// Check runs all checkers and gives their problems by file and line.
func (s *Service) Check(files fs.FS) []Problem {
	var out []Problem
	for _, check := range s.checks {
		out = append(out, guarded(check, files)...)
	}
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(out)
}

// guarded turns a panic of a checker into a problem: files that a person sent
// must not take the server down.
func guarded(check func(fs.FS) []Problem, files fs.FS) (out []Problem) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("edition: a checker panicked", "panic", p, "stack", string(debug.Stack()))
			out = []Problem{{File: ".", Text: fmt.Sprintf("checker failed: %v", p)}}
		}
	}()
	return check(files)
}

// Start puts a catalogue in force: the newest edition, or edition 1 made of the
// seed where there is none; where the seed is another than the newest edition
// was made from, a new edition with the county's files kept on top. When that
// one has problems, the fault edition.bad_catalogue says so and the newest
// edition stays in force.
func (s *Service) Start(ctx context.Context, seed fs.FS) error {
	files, err := gather(seed)
	if err != nil {
		return err
	}
	for range 5 { // other nodes may start at the same moment
		if err = s.start(ctx, files); !fault.Is(err, fault.Stale) {
			return err
		}
	}
	return err
}

func (s *Service) start(ctx context.Context, seed map[string][]byte) error {
	base, ok, err := s.newest(ctx)
	if err != nil {
		return err
	}
	reason := ReasonSeed
	var old map[string]File
	if ok {
		s.raise(base.Number)
		reason = ReasonUpgrade
		if old, err = s.filesOf(ctx, base.Number); err != nil {
			return err
		}
	}
	hashes := make(map[string]string, len(seed))
	for name, raw := range seed {
		hashes[name] = hashOf(raw)
	}
	seedHash := hashAll(hashes)
	if ok && base.seed == seedHash {
		return nil
	}
	c, changed := reseed(seed, old)
	if ok && len(changed) > 0 {
		slog.Warn("edition: the program's file under a file of the county is another now; look at the county's", "paths", changed)
	}
	_, err = s.publish(ctx, base, c, seedHash, System, reason)
	return err
}

// Publish makes a new edition out of the newest one and a change: path to new
// content, nil taking a file away. Content equal to the program's own file makes
// the path the program's again. by is a person's id, reason that person's words.
//
// A change that is bad changes nothing: the fault edition.bad_catalogue lists
// the problems (see ProblemsOf). Faults: edition.stale (another edition was
// published meanwhile), edition.bad_path, edition.no_file,
// edition.nothing_changed, edition.too_large, edition.too_many,
// edition.file_and_folder, edition.no_reason, edition.no_publisher.
func (s *Service) Publish(ctx context.Context, change map[string][]byte, by, reason string) (Edition, error) {
	return s.PublishOn(ctx, 0, change, by, reason)
}

// PublishOn is Publish for somebody who looked at edition base while writing:
// where that is no longer the newest, edition.stale. base 0 means the newest.
func (s *Service) PublishOn(ctx context.Context, base int64, change map[string][]byte, by, reason string) (Edition, error) {
	reason, err := text.Clean(reason, 500)
	if err != nil {
		return Edition{}, fault.Of(err).At("reason")
	}
	if reason == "" {
		return Edition{}, fault.New(fault.Invalid, "edition.no_reason").At("reason")
	}
	if by == "" {
		return Edition{}, fault.New(fault.Invalid, "edition.no_publisher")
	}
	on, c, err := s.candidate(ctx, base, change)
	if err != nil {
		return Edition{}, err
	}
	return s.publish(ctx, on, c, on.seed, by, reason)
}

// candidate applies a change to the newest edition.
func (s *Service) candidate(ctx context.Context, base int64, change map[string][]byte) (row, catalogue, error) {
	on, ok, err := s.newest(ctx)
	if err != nil {
		return on, catalogue{}, err
	}
	if !ok {
		return on, catalogue{}, fault.New(fault.Internal, "edition.not_started")
	}
	if base != 0 && base != on.Number {
		return on, catalogue{}, stale(on.Number)
	}
	old, err := s.filesOf(ctx, on.Number)
	if err != nil {
		return on, catalogue{}, err
	}
	c, err := apply(old, change)
	return on, c, err
}

func stale(number int64) error {
	return fault.New(fault.Stale, "edition.stale", "number", number)
}

// publish checks a catalogue, and in one transaction stores it, queues its leaf
// and moves the epoch.
func (s *Service) publish(ctx context.Context, on row, c catalogue, seedHash, by, reason string) (Edition, error) {
	files, err := s.assemble(ctx, on.Number, c.effective(), c.fresh)
	if err != nil {
		return Edition{}, err
	}
	if err := refused(s.Check(files)); err != nil {
		return Edition{}, err
	}
	now := s.clk.Now()
	var salt [16]byte
	rand.Read(salt[:]) // never fails (crypto/rand, Go 1.24)
	r := row{Edition: Edition{Number: on.Number + 1, Hash: hashAll(files.hash), Published: now, By: by, Reason: reason, Leaf: db.NewID(now)},
		seed: seedHash, salt: hex.EncodeToString(salt[:])}
	leaf := ledger.NewLeaf(envelope(r.Edition), fields(r, salt))
	list := c.sorted()
	fresh := make([]content, 0, len(c.fresh))
	for h, raw := range c.fresh {
		fresh = append(fresh, content{h, raw})
	}
	slices.SortFunc(fresh, func(a, b content) int { return cmp.Compare(a.hash, b.hash) })
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := insert(tx, r, list, fresh); err != nil {
			if db.IsUnique(err) {
				return stale(r.Number)
			}
			return err
		}
		if err := s.log.Queue(tx, leaf); err != nil {
			return err
		}
		tx.After(func() { s.keep(r.Number, files); s.raise(r.Number) })
		return tx.SetEpoch(Epoch, r.Number)
	})
	if err != nil {
		return Edition{}, err
	}
	slog.Info("edition: published", "number", r.Number, "hash", r.Hash)
	return r.Edition, nil
}

func envelope(e Edition) ledger.Envelope {
	return ledger.Envelope{ID: e.Leaf, Kind: Kind, Act: "publish", From: strconv.FormatInt(e.Number-1, 10),
		To: strconv.FormatInt(e.Number, 10), Recorded: e.Published}
}

func fields(r row, salt [16]byte) []ledger.Field {
	var out []ledger.Field
	for _, f := range [][2]string{{"hash", r.Hash}, {"seed", r.seed}, {"by", r.By}, {"reason", r.Reason}} {
		out = append(out, ledger.Field{Name: f[0], Digest: ledger.Commit(salt, f[0], []byte(f[1]))})
	}
	return out
}

// refused turns problems into the one fault that carries them.
func refused(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "edition.bad_catalogue", "count", len(problems), "first", problems[0].String(), "problems", problems)
}

// ProblemsOf gives the problems inside the fault edition.bad_catalogue, nil for
// any other error.
func ProblemsOf(err error) []Problem {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return nil
	}
	list, _ := f.Args["problems"].([]Problem)
	return list
}

// Current is the number of the edition in force on this node, 0 before Start.
func (s *Service) Current() int64 { return s.current.Load() }

// Refresh learns of editions published by other nodes.
func (s *Service) Refresh(ctx context.Context) error {
	n, err := s.highest(ctx)
	if err == nil {
		s.raise(n)
	}
	return err
}

// raise moves the number in force up, never down.
func (s *Service) raise(n int64) {
	for {
		old := s.current.Load()
		if n <= old || s.current.CompareAndSwap(old, n) {
			return
		}
	}
}
