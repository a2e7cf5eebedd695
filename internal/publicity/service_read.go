package publicity

import (
	"cmp"
	"context"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// round is what one reading of a stretch of the log makes of its cases.
type round struct {
	s     *Service
	due   map[string]bool
	lines map[string][]line // by the case that is due: its own, and that of the case it follows
}

func (s *Service) begin(_ context.Context, due []ledger.Due) (ledger.Round, error) {
	r := &round{s: s, due: map[string]bool{}, lines: map[string][]line{}}
	for _, d := range due {
		r.due[d.Case] = true
	}
	return r, nil
}

// Prepare reads a request, and the one it follows, which counts who follows it;
// other cases are nothing to this room.
func (r *round) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	l, c, _, _, err := r.s.read(ctx, d.Case)
	if err != nil || c.Procedure != Procedure {
		return false, err
	}
	r.lines[d.Case] = []line{l}
	if c.Leader != "" && !r.due[c.Leader] {
		leading, _, _, _, err := r.s.read(ctx, c.Leader)
		if err != nil {
			return false, err
		}
		r.due[c.Leader] = true // once is enough
		r.lines[d.Case] = append(r.lines[d.Case], leading)
	}
	return true, nil
}

// Write keeps the lines. A newer reading is never overwritten by an older one.
func (r *round) Write(tx *db.Tx, due []ledger.Due) error {
	for _, d := range due {
		for _, l := range r.lines[d.Case] {
			if err := writeLine(tx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// Park hides a case that cannot be read.
func (r *round) Park(tx *db.Tx, d ledger.Due) error {
	if _, err := tx.Exec(`UPDATE publicity_case SET shown = 0 WHERE case_id = $1`, d.Case); err != nil {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// clear empties the public lines. Copies stay: which of them stands is read from
// the acts.
func (s *Service) clear(tx *db.Tx) error {
	if _, err := tx.Exec(`DELETE FROM publicity_case`); err != nil {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// Refresh brings the line of one case up to its acts at once.
func (s *Service) Refresh(ctx context.Context, id string) error {
	l, c, _, _, err := s.read(ctx, id)
	if err != nil || c.Procedure != Procedure {
		return err
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error { return writeLine(tx, l) })
}

// public finds a request that everybody may see, judged by the case as it is
// now, with what stands released. Fault: NotFound, also for what exists and is
// not public.
func (s *Service) public(ctx context.Context, ref string) (*open, error) {
	none := fault.New(fault.NotFound, "publicity.no_request")
	if ref == "" || len(ref) > 40 {
		return nil, none
	}
	l, c, p, acts, err := s.read(ctx, ref)
	if fault.Is(err, fault.NotFound) || err == nil && !l.Shown {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	out := &open{line: l, c: c, p: p, acts: acts, copy: &Copy{}}
	if l.Release != "" {
		row, _, err := s.copyByID(ctx, s.DB.Reader(), l.Release)
		if err != nil {
			return nil, err
		}
		if out.copy, err = row.content(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Item is a public request as the feed and digests tell it.
type Item struct {
	Case     string
	Class    string
	Area     string
	State    string
	Opened   clock.Instant
	Released clock.Instant
	Title    string // where released
	Words    string // where released
	Changed  clock.Instant
}

// mostItems bounds a digest.
const mostItems = 200

// Digest gives the requests that became public, or whose words did, after an
// instant, the newest first.
func (s *Service) Digest(ctx context.Context, since clock.Instant) ([]Item, error) {
	return s.items(ctx, Filter{Since: max(since, 1), Limit: mostItems})
}

func (s *Service) items(ctx context.Context, f Filter) ([]Item, error) {
	rows, err := s.listed(ctx, f)
	if err != nil {
		return nil, err
	}
	out := make([]Item, 0, len(rows))
	for _, r := range rows {
		c, err := copyRow{ID: r.Release, Body: r.body}.content()
		if err != nil {
			return nil, err
		}
		one := Item{Case: r.Case, Class: r.Class, Area: r.Area, State: r.State, Opened: r.Opened, Released: r.Released, Title: c.Title,
			Changed: cmp.Or(max(r.Released, r.Settled), r.Opened)}
		for _, t := range c.Texts {
			if t.Field == "words" {
				one.Words = t.Text
				break
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// open is a public request with all that may be shown of it.
type open struct {
	line
	c    *casework.Case
	p    *procedure.Procedure
	acts []casework.Entry
	copy *Copy
}
