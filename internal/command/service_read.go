package command

import (
	"context"
	"errors"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// batch is how many leaves one round takes in one transaction: small enough that
// people who act meanwhile hardly wait for it.
const batch = 256

// errMoved says that another node read on between looking and writing.
var errMoved = errors.New("command: the reader was moved meanwhile")

// Follow reads the next leaves of the log and brings rows and counters up to
// them. It returns how many it read; 0 says there is nothing new. A case that
// cannot be read or written is parked, and the rest goes on.
func (s *Service) Follow(ctx context.Context) (int, error) {
	refs, err := s.log.Next(ctx, Reader, batch)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	changes, err := s.prepare(ctx, refs)
	if err != nil {
		return 0, err
	}
	n, err := s.take(ctx, refs, changes)
	if err == nil || ctx.Err() != nil {
		return n, err
	}
	for i, c := range changes { // one of them cannot be written: find it by taking each alone
		if err := s.alone(ctx, c); err != nil {
			if !s.healthy(ctx) {
				return 0, err
			}
			s.slog.Error("command: a case cannot be counted; it is parked", "case", c.caseID, "error", err)
			changes[i] = s.park(refs, c.caseID, err)
		}
	}
	return s.take(ctx, refs, changes)
}

// take writes the changes and moves the reader over refs in one transaction.
func (s *Service) take(ctx context.Context, refs []ledger.Ref, changes []change) (int, error) {
	oldest := s.oldest()
	n, err := s.log.Read(ctx, Reader, len(refs), func(tx *db.Tx, now []ledger.Ref) error {
		if !slices.Equal(now, refs) {
			return errMoved
		}
		tx.After(s.hub.nudge)
		return s.write(tx, changes, oldest)
	})
	if errors.Is(err, errMoved) {
		return 0, nil
	}
	return n, err
}

var errTried = errors.New("command: tried only")

// alone tries one change and undoes it.
func (s *Service) alone(ctx context.Context, c change) error {
	oldest := s.oldest()
	err := s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := writeOne(tx, c, oldest); err != nil {
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
	var n int
	return ctx.Err() == nil && s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM command_parked`).Scan(&n) == nil
}

// park takes a case out of rows and counters and says why.
func (s *Service) park(refs []ledger.Ref, id string, why error) change {
	problem := []rune(why.Error())
	c := change{caseID: id}
	for _, r := range refs {
		if r.Case == id {
			c.seq = r.Number
			c.parked = &Parked{Case: id, Act: r.ID, Number: r.Number, Problem: string(problem[:min(len(problem), 300)]), At: s.clk.Now()}
		}
	}
	return c
}

// prepare reads the cases that some leaves changed. What they say is read after
// they were, so that it includes them.
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
	for _, id := range ids {
		is, err := s.read(ctx, id)
		if err != nil && s.healthy(ctx) { // once more, in case the database was away for a moment
			is, err = s.read(ctx, id)
		}
		switch {
		case err == nil:
			out = append(out, change{caseID: id, is: is, seq: last[id]})
		case !s.healthy(ctx):
			return nil, err
		default:
			s.slog.Error("command: a case cannot be read; it is parked", "case", id, "error", err)
			out = append(out, s.park(refs, id, err))
		}
	}
	slices.SortFunc(out, func(a, b change) int { return int(a.seq - b.seq) })
	return out, nil
}

// read makes the row of a case as it is now.
func (s *Service) read(ctx context.Context, id string) (*row, error) {
	if s.spoil != nil {
		if err := s.spoil(id); err != nil {
			return nil, err
		}
	}
	c, p, err := s.cases.Seen(ctx, identity.SystemActor(), id)
	if err != nil {
		return nil, err
	}
	r := rowOf(c, p)
	return &r, nil
}

// Retry tries the cases that are parked, at most some of them, and returns how
// many are counted again.
func (s *Service) Retry(ctx context.Context, most int) (freed int, err error) {
	list, err := s.Parked(ctx, most)
	if err != nil {
		return 0, err
	}
	oldest := s.oldest()
	for _, p := range list {
		is, why := s.read(ctx, p.Case)
		if why != nil && !s.healthy(ctx) {
			return freed, why
		}
		now := s.clk.Now()
		err := s.d.Commit(ctx, func(tx *db.Tx) error {
			held, err := tx.Exec(`UPDATE command_parked SET tries = tries + 1, recorded = $4 WHERE case_id = $1 AND number = $2 AND tries = $3`, p.Case, p.Number, p.Tries, now)
			if err != nil || held == 0 || why != nil { // somebody else moved it, or it is still broken
				return err
			}
			tx.After(s.hub.nudge)
			return writeOne(tx, change{caseID: p.Case, is: is, seq: p.Number}, oldest)
		})
		if err != nil {
			return freed, err
		}
		if why == nil {
			freed++
		}
	}
	return freed, nil
}
