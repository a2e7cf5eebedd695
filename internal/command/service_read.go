package command

import (
	"context"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// atOnce is how many cases are written in one transaction: few enough that
// people who act meanwhile hardly wait for it.
const atOnce = 64

// round is what one reading of a stretch of the log makes of its cases.
type round struct {
	s       *Service
	oldest  clock.Day
	changes map[string]change
}

func (s *Service) begin(context.Context, []ledger.Due) (ledger.Round, error) {
	return &round{s: s, oldest: s.oldest(), changes: map[string]change{}}, nil
}

// Prepare makes the row of a case as it is now. Its place in the log is that of
// its first leaf of the round, so that rows become visible in the order of their
// places and the hub misses none.
func (r *round) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	is, err := r.s.read(ctx, d.Case)
	r.changes[d.Case] = change{caseID: d.Case, is: is, seq: d.First}
	return err == nil, err
}

// Write brings rows and counters up to the cases.
func (r *round) Write(tx *db.Tx, due []ledger.Due) error {
	for _, d := range due {
		tx.After(r.s.hub.nudge)
		if err := writeOne(tx, r.changes[d.Case], r.oldest); err != nil {
			return err
		}
	}
	return nil
}

// Park takes a case out of rows and counters.
func (r *round) Park(tx *db.Tx, d ledger.Due) error {
	tx.After(r.s.hub.nudge)
	return writeOne(tx, change{caseID: d.Case}, r.oldest)
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
