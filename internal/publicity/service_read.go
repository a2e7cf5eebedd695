package publicity

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// batch is how many leaves one round takes.
const batch = 512

// errMoved says that another node read on between looking and writing.
var errMoved = errors.New("publicity: the reader was moved meanwhile")

// change is what one round does to one case.
type change struct {
	line   line
	parked string // problem, instead of a line
	number int64
}

// Follow reads the next leaves of the log and brings the public lines up to
// them. It returns how many it read; 0 says there is nothing new. A case that
// cannot be read is parked: it is hidden, and the rest goes on.
func (s *Service) Follow(ctx context.Context) (int, error) {
	refs, err := s.Ledger.Next(ctx, Reader, batch)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	changes, err := s.prepare(ctx, refs)
	if err != nil {
		return 0, err
	}
	n, err := s.Ledger.Read(ctx, Reader, len(refs), func(tx *db.Tx, now []ledger.Ref) error {
		if !slices.Equal(now, refs) {
			return errMoved
		}
		for _, c := range changes {
			if err := s.write(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errMoved) {
		return 0, nil
	}
	return n, err
}

// prepare reads the cases of some leaves, each once.
func (s *Service) prepare(ctx context.Context, refs []ledger.Ref) ([]change, error) {
	last := map[string]int64{}
	var ids []string
	for _, r := range refs {
		if r.Kind != "act" || r.Case == "" {
			continue
		}
		if _, again := last[r.Case]; !again {
			ids = append(ids, r.Case)
		}
		last[r.Case] = r.Number
	}
	var out []change
	for i := 0; i < len(ids); i++ {
		id := ids[i]
		l, c, _, _, err := s.read(ctx, id)
		switch {
		case err == nil && c.Procedure != Procedure:
		case err == nil:
			out = append(out, change{line: l})
			if _, has := last[c.Leader]; c.Leader != "" && !has { // it counts who follows
				last[c.Leader], ids = last[id], append(ids, c.Leader)
			}
		case ctx.Err() != nil || !s.healthy(ctx):
			return nil, err
		default:
			s.Log.Error("publicity: a case cannot be read; it is parked and hidden", "case", id, "error", err)
			out = append(out, change{line: line{Case: id}, parked: err.Error(), number: last[id]})
		}
	}
	return out, nil
}

// healthy tells whether the database answers, so that a fault lies with a case.
func (s *Service) healthy(ctx context.Context) bool {
	var one int
	return ctx.Err() == nil && s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM publicity_parked`).Scan(&one) == nil
}

func (s *Service) write(tx *db.Tx, c change) error {
	if c.parked == "" {
		if _, err := tx.Exec(`DELETE FROM publicity_parked WHERE case_id = $1`, c.line.Case); err != nil {
			return err
		}
		return writeLine(tx, c.line)
	}
	problem := []rune(c.parked)
	if _, err := tx.Exec(`INSERT INTO publicity_parked(case_id, number, tries, problem, recorded) VALUES ($1,$2,1,$3,$4)
		ON CONFLICT (case_id) DO UPDATE SET number = $2, tries = publicity_parked.tries + 1, problem = $3, recorded = $4`,
		c.line.Case, c.number, string(problem[:min(len(problem), 300)]), s.Clock.Now()); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE publicity_case SET shown = 0 WHERE case_id = $1`, c.line.Case); err != nil {
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

// Retry tries the cases that are parked and returns how many are read again.
func (s *Service) Retry(ctx context.Context, most int) (freed int, err error) {
	ids, err := s.texts(ctx, `SELECT case_id FROM publicity_parked ORDER BY recorded, case_id LIMIT $1`, most)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		l, c, _, _, why := s.read(ctx, id)
		next := change{line: l}
		if why != nil {
			if !s.healthy(ctx) {
				return freed, why
			}
			next = change{line: line{Case: id}, parked: why.Error()}
		} else if c.Procedure != Procedure {
			continue
		}
		if err := s.DB.Commit(ctx, func(tx *db.Tx) error { return s.write(tx, next) }); err != nil {
			return freed, err
		}
		if why == nil {
			freed++
		}
	}
	return freed, nil
}

// Rebuild empties the public lines and reads the whole log again. Copies stay:
// which of them stands is read from the acts.
func (s *Service) Rebuild(ctx context.Context) error {
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, text := range []string{`DELETE FROM publicity_case`, `DELETE FROM publicity_parked`} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		if err := tx.BumpEpoch(epoch); err != nil {
			return err
		}
		return s.Ledger.Rewind(tx, Reader, 0)
	}); err != nil {
		return err
	}
	for {
		refs, err := s.Ledger.Next(ctx, Reader, 1)
		if err != nil || len(refs) == 0 {
			return err
		}
		if _, err := s.Follow(ctx); err != nil {
			return err
		}
	}
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
