package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linli/internal/kit/db"
	"linli/internal/ledger"
)

const (
	// batch is how many leaves one round takes: many acts of one case are then one
	// writing.
	batch = 1024
	// atOnce is how many cases are written in one transaction, so that people who
	// act meanwhile do not wait for the figures.
	atOnce = 16
)

// errMoved says that another node read on between looking and writing.
var errMoved = errors.New("evaluation: the reader was moved meanwhile")

// Follow reads the next leaves of the log and brings the figures up to them. It
// returns how many it read; 0 says there is nothing new. Where other indicators
// are in force than those that everything was reckoned by, it begins again. A
// case that cannot be reckoned is parked, and the rest of the round goes on.
func (s *Service) Follow(ctx context.Context) (int, error) {
	list, err := s.Catalogue(ctx)
	if err != nil {
		return 0, err
	}
	print, _, err := s.stands(ctx)
	if err != nil {
		return 0, err
	}
	if print != list.Print {
		if err := s.clear(ctx, list.Print); err != nil {
			return 0, err
		}
	}
	refs, err := s.log.Next(ctx, Reader, batch)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	changes, err := s.prepare(ctx, list, refs)
	if err != nil {
		return 0, err
	}
	n, err := s.take(ctx, list, refs, changes)
	if err == nil || ctx.Err() != nil {
		return n, err
	}
	// One of them cannot be written: find it by taking each alone.
	for i, c := range changes {
		if err := s.alone(ctx, c); err != nil && !errors.Is(err, errMoved) {
			if !s.healthy(ctx) {
				return 0, err
			}
			s.slog.Error("evaluation: a case cannot be written to the figures; it is parked", "case", c.caseID, "error", err)
			changes[i] = s.park(lastOf(refs, c.caseID), c, err)
		}
	}
	return s.take(ctx, list, refs, changes)
}

// take writes the changes and moves the reader over refs. Each case is compared
// with what was seen of it, so all but the last few go first, each few in a
// transaction that holds the reader where it stands.
func (s *Service) take(ctx context.Context, list Catalogue, refs []ledger.Ref, changes []change) (int, error) {
	for len(changes) > atOnce {
		some := changes[:atOnce]
		changes = changes[atOnce:]
		err := s.d.Commit(ctx, func(tx *db.Tx) error {
			if stands, err := s.log.Stands(tx, Reader, refs[0].Number); err != nil {
				return err
			} else if !stands {
				return errMoved
			}
			return write(tx, some)
		})
		if errors.Is(err, errMoved) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		for i := range some { // should the rest fail and all be taken again
			some[i].fresh, some[i].was = false, known{print: some[i].print, parked: some[i].parked != nil, parts: some[i].parts}
		}
	}
	now := s.clk.Now()
	n, err := s.log.Read(ctx, Reader, len(refs), func(tx *db.Tx, seen []ledger.Ref) error {
		if !slices.Equal(seen, refs) {
			return errMoved
		}
		if err := write(tx, changes); err != nil {
			return err
		}
		return mark(tx, list.Print, now)
	})
	if errors.Is(err, errMoved) {
		return 0, nil
	}
	return n, err
}

var errTried = errors.New("evaluation: tried only")

// alone tries one change and undoes it.
func (s *Service) alone(ctx context.Context, c change) error {
	err := s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := write(tx, []change{c}); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// healthy tells whether the database answers, so that a fault lies with a case.
func (s *Service) healthy(ctx context.Context) bool {
	var one int
	return ctx.Err() == nil && s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM evaluation_parked`).Scan(&one) == nil
}

func (s *Service) park(ref ledger.Ref, c change, why error) change {
	problem := []rune(why.Error())
	c.parts, c.print = nil, printOf(nil)
	c.parked = &Parked{Case: ref.Case, Act: ref.ID, Number: ref.Number, Problem: string(problem[:min(len(problem), 300)]), At: s.clk.Now()}
	return c
}

func lastOf(refs []ledger.Ref, id string) (last ledger.Ref) {
	for _, r := range refs {
		if r.Case == id {
			last = r
		}
	}
	return last
}

// prepare reckons what some leaves change. Each case is read after they were, so
// that it includes them; cases whose contributions did not move are left out.
func (s *Service) prepare(ctx context.Context, list Catalogue, refs []ledger.Ref) ([]change, error) {
	var ids []string
	seen := map[string]bool{}
	for _, r := range refs {
		if r.Kind == "act" && r.Case != "" && !seen[r.Case] {
			seen[r.Case] = true
			ids = append(ids, r.Case)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	was := map[string]known{}
	for some := range slices.Chunk(ids, 200) {
		part, err := s.known(ctx, some)
		if err != nil {
			return nil, err
		}
		for id, k := range part {
			was[id] = k
		}
	}
	var out []change
	for _, id := range ids {
		k, had := was[id]
		c := change{caseID: id, was: k, fresh: !had}
		parts, err := s.reckon(ctx, list, id)
		if err != nil && ctx.Err() == nil && s.healthy(ctx) { // once more, in case the database was away for a moment
			parts, err = s.reckon(ctx, list, id)
		}
		switch {
		case err == nil:
			c.parts, c.print = parts, printOf(parts)
			if had && c.print == k.print && !k.parked {
				continue
			}
		case !s.healthy(ctx):
			return nil, err
		default:
			s.slog.Error("evaluation: a case cannot be reckoned; it is parked", "case", id, "error", err)
			c = s.park(lastOf(refs, id), c, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *Service) reckon(ctx context.Context, list Catalogue, id string) ([]Contribution, error) {
	if s.spoil != nil {
		if err := s.spoil(id); err != nil {
			return nil, err
		}
	}
	c, _, entries, err := s.cases.History(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("contributions of case %s: %w", id, err)
	}
	return contributions(list.Indicators, c, entries), nil
}

// Retry tries the cases that are parked, at most some of them, and returns how
// many count again.
func (s *Service) Retry(ctx context.Context, most int) (freed int, err error) {
	parked, err := s.Parked(ctx, most)
	if err != nil {
		return 0, err
	}
	list, err := s.Catalogue(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range parked {
		was, err := s.known(ctx, []string{p.Case})
		if err != nil {
			return freed, err
		}
		k, had := was[p.Case]
		c := change{caseID: p.Case, was: k, fresh: !had}
		parts, why := s.reckon(ctx, list, p.Case)
		if why == nil {
			c.parts, c.print = parts, printOf(parts)
			why = s.d.Commit(ctx, func(tx *db.Tx) error { return write(tx, []change{c}) })
		}
		switch {
		case why == nil:
			freed++
		case errors.Is(why, errMoved):
		case !s.healthy(ctx):
			return freed, why
		default:
			c = s.park(ledger.Ref{Case: p.Case, ID: p.Act, Number: p.Number}, c, why)
			if err := s.d.Commit(ctx, func(tx *db.Tx) error { return write(tx, []change{c}) }); err != nil && !errors.Is(err, errMoved) {
				return freed, err
			}
		}
	}
	return freed, nil
}

// Rebuild empties the figures and reads the whole log again. Until it is done
// what has not been read yet does not count.
func (s *Service) Rebuild(ctx context.Context) error {
	list, err := s.Catalogue(ctx)
	if err != nil {
		return err
	}
	if err := s.clear(ctx, list.Print); err != nil {
		return err
	}
	for {
		refs, err := s.log.Next(ctx, Reader, 1)
		if err != nil || len(refs) == 0 {
			return err
		}
		if _, err := s.Follow(ctx); err != nil {
			return err
		}
	}
}
