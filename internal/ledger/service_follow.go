package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Follower brings one room up to the log; see Reader. It is safe for concurrent
// use, and on several nodes at once: whoever comes second finds the cursor moved
// and writes nothing.
type Follower struct {
	log    *Service
	reader Reader

	round sync.Mutex // one at a time on this node

	// What follows is RunReaders' alone.
	started, failing bool
	rest             time.Time // not tried before, after a fault
}

// Follower makes the follower of a room; RunReaders runs it.
func (s *Service) Follower(r Reader) *Follower {
	if r.AtOnce <= 0 {
		r.AtOnce = usualAtOnce
	}
	r.Log = cmp.Or(r.Log, slog.Default())
	return &Follower{log: s, reader: r}
}

// Name is the reader's name.
func (f *Follower) Name() string { return f.reader.Name }

// Follow reads the next leaves, at most one round of them, and returns how many;
// 0 says that there is nothing new, or that another node came first. What cannot
// be read or written is parked, and the rest goes on. Fault: ledger.gap (a number
// is missing: readers stop rather than skip).
func (f *Follower) Follow(ctx context.Context) (int, error) {
	f.round.Lock()
	defer f.round.Unlock()
	for {
		at, err := f.log.cursor(ctx, f.reader.Name)
		if err != nil {
			return 0, err
		}
		done, err := f.log.together(ctx, at, mostLeaves, []*Follower{f})
		if err != nil || len(done) == 0 {
			return 0, err
		}
		switch n, err := int(done[0].from-at), done[0].err; {
		case errors.Is(err, ErrAnew):
		case errors.Is(err, ErrMoved):
			return n, nil
		default:
			return n, err
		}
	}
}

// Rebuild empties what was read and reads the whole log again. Until it is done
// the room knows only what has been read so far.
func (f *Follower) Rebuild(ctx context.Context) error {
	f.round.Lock()
	err := f.clear(ctx)
	f.round.Unlock()
	if err != nil {
		return err
	}
	for {
		st, err := f.Standing(ctx)
		if err != nil || st.Behind <= 0 {
			return err
		}
		if _, err := f.Follow(ctx); err != nil {
			return err
		}
	}
}

// Retry tries what is parked, at most some of it, and returns how much is free
// again.
func (f *Follower) Retry(ctx context.Context, most int) (freed int, err error) {
	f.round.Lock()
	defer f.round.Unlock()
	parked, err := f.Parked(ctx, most)
	if err != nil || len(parked) == 0 {
		return 0, err
	}
	list := make([]Due, len(parked))
	for i, p := range parked {
		list[i] = p.due()
	}
	round, err := f.reader.Begin(ctx, list)
	if errors.Is(err, ErrAnew) { // the next leaf has all of it read again
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, p := range parked {
		free, err := f.retry(ctx, round, p)
		if err != nil {
			return freed, err
		}
		if free {
			freed++
		}
	}
	return freed, nil
}

func (f *Follower) retry(ctx context.Context, round Round, p Parked) (free bool, err error) {
	some, why := round.Prepare(ctx, p.due())
	if why == nil {
		why = f.log.d.Commit(ctx, func(tx *db.Tx) (err error) {
			if free, err = f.reader.claim(tx, p); err != nil || !free {
				return err
			}
			if !some {
				return round.Write(tx, nil)
			}
			return round.Write(tx, []Due{p.due()})
		})
	}
	switch {
	case why == nil:
		return free, nil
	case errors.Is(why, ErrMoved):
		return false, nil
	case !f.log.healthy(ctx):
		return false, why
	}
	now := f.log.clk.Now()
	return false, f.log.d.Commit(ctx, func(tx *db.Tx) error { return f.reader.postpone(tx, p, problemOf(why), now) })
}

// healthy tells whether the database answers, so that a fault lies with a case.
func (s *Service) healthy(ctx context.Context) bool {
	_, err := s.cursor(ctx, "")
	return err == nil && ctx.Err() == nil
}

// pass is one reader's way through one round.
type pass struct {
	*Follower
	from  int64 // where its cursor stands
	round Round
	due   []Due // of the round, not looked at yet
	err   error

	// What is not written yet:
	read  []Due // could be prepared
	ready []Due // of these, what there is something to write of
	stuck []stuck

	frees bool // something of this reader is parked
}

// together takes readers that stand at one place over the next leaves. Leaves are
// read once for all, and a few cases are prepared for every reader before the next
// few, so that what is known of a case is read once; each reader writes in its own
// transaction with its cursor. Transactions are handed to the database at the
// same moment: SQLite makes one durable one of them, and one reader's poisonous
// case undoes nothing of another.
func (s *Service) together(ctx context.Context, at int64, most int, list []*Follower) ([]*pass, error) {
	refs, err := s.refs(ctx, at, most)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	for i, r := range refs {
		if r.Number != at+int64(i) {
			return nil, fault.New(fault.Internal, "ledger.gap", "number", at+int64(i)).
				Because(fmt.Errorf("readers want %d and find %d", at+int64(i), r.Number))
		}
	}
	refs = fewer(refs, mostCases)
	out := make([]*pass, len(list))
	for i, f := range list {
		out[i] = f.begin(ctx, at, refs)
	}
	ends := stretches(refs)
	for i, end := range ends {
		var writers sync.WaitGroup
		for _, p := range out {
			if p.err == nil {
				p.err = p.prepare(ctx, end)
			}
			if p.err == nil && (i == len(ends)-1 || len(p.ready)+len(p.stuck) >= p.reader.AtOnce) {
				writers.Go(func() { p.err = p.flush(ctx, end) })
			}
		}
		writers.Wait()
	}
	return out, nil
}

// begin begins a round of one reader.
func (f *Follower) begin(ctx context.Context, at int64, refs []Ref) *pass {
	p := &pass{Follower: f, from: at, due: due(refs, f.reader.ByAct)}
	if p.frees, p.err = f.parks(ctx); p.err != nil {
		return p
	}
	p.round, p.err = f.reader.Begin(ctx, p.due)
	if errors.Is(p.err, ErrAnew) {
		if err := f.clear(ctx); err != nil {
			p.err = err
		}
	}
	return p
}

// prepare makes ready what is due before a number.
func (p *pass) prepare(ctx context.Context, end int64) error {
	for len(p.due) > 0 && p.due[0].First < end {
		d := p.due[0]
		p.due = p.due[1:]
		some, err := p.round.Prepare(ctx, d)
		if err != nil && p.log.healthy(ctx) { // once more, in case the database was away for a moment
			some, err = p.round.Prepare(ctx, d)
		}
		switch {
		case err == nil && some:
			p.ready = append(p.ready, d)
			fallthrough
		case err == nil:
			p.read = append(p.read, d)
		case !p.log.healthy(ctx):
			return err
		default:
			p.sticks(d, err)
		}
	}
	return nil
}

func (p *pass) sticks(d Due, why error) {
	p.reader.Log.Error("a reader of the log cannot read or write; it is parked", "reader", p.reader.Name, "case", d.Case, "act", d.Act, "error", why)
	p.stuck = append(p.stuck, stuck{d, problemOf(why), p.log.clk.Now()})
	p.read = slices.DeleteFunc(p.read, func(r Due) bool { return r == d })
}

// flush writes what is ready and moves the cursor. Where one of it cannot be
// written it is found, by trying each alone, and parked.
func (p *pass) flush(ctx context.Context, end int64) error {
	err := p.commit(ctx, end)
	if err == nil || errors.Is(err, ErrMoved) || !p.log.healthy(ctx) {
		return err
	}
	var well []Due
	for _, d := range p.ready {
		switch why := p.alone(ctx, d); {
		case why == nil:
			well = append(well, d)
		case !p.log.healthy(ctx):
			return err
		default:
			p.sticks(d, why)
		}
	}
	if len(well) == len(p.ready) {
		return err
	}
	p.ready = well
	return p.commit(ctx, end)
}

func (p *pass) commit(ctx context.Context, end int64) error {
	err := p.log.d.Commit(ctx, func(tx *db.Tx) error {
		moved, err := moveCursor(tx, p.reader.Name, p.from, end)
		if err != nil {
			return err
		}
		if !moved {
			return ErrMoved
		}
		if p.frees {
			if err := p.reader.unpark(tx, p.read); err != nil {
				return err
			}
		}
		for _, one := range p.stuck {
			if err := p.reader.park(tx, one); err != nil {
				return err
			}
			if err := p.round.Park(tx, one.due); err != nil {
				return err
			}
		}
		return p.round.Write(tx, p.ready)
	})
	if err == nil {
		p.frees = p.frees || len(p.stuck) > 0
		p.from, p.read, p.ready, p.stuck = end, nil, nil, nil
	}
	return err
}

var errTried = errors.New("ledger: tried only")

// alone tries to write one and undoes it.
func (p *pass) alone(ctx context.Context, d Due) error {
	err := p.log.d.Commit(ctx, func(tx *db.Tx) error {
		if err := p.round.Write(tx, []Due{d}); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) || errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

// behind sorts readers by where they stand, the foremost first, and leaves out
// those that have read all.
func behind(list []*Follower, at map[string]int64, size int64) (groups [][]*Follower) {
	list = slices.DeleteFunc(slices.Clone(list), func(f *Follower) bool { return at[f.Name()] >= size })
	slices.SortStableFunc(list, func(a, b *Follower) int { return cmp.Compare(at[b.Name()], at[a.Name()]) })
	for len(list) > 0 {
		n := 1
		for n < len(list) && at[list[n].Name()] == at[list[0].Name()] {
			n++
		}
		groups = append(groups, list[:n])
		list = list[n:]
	}
	return groups
}
