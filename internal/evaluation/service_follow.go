package evaluation

import (
	"context"
	"fmt"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// atOnce is how many cases are written in one transaction: cases that count in
// the same cells are then one writing, and people who act meanwhile do not wait
// for the figures.
const atOnce = 16

// round is what one reading of a stretch of the log moves.
type round struct {
	s       *Service
	list    Catalogue
	was     map[string]known
	changes map[string]change
	now     clock.Instant
}

// begin looks up how the cases that are due count. Where other indicators are in
// force than those that everything was reckoned by, all is reckoned anew.
func (s *Service) begin(ctx context.Context, due []ledger.Due) (ledger.Round, error) {
	list, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	print, stands, err := s.reckonedBy(ctx)
	if err != nil {
		return nil, err
	}
	if !stands || print != "" && print != list.Print {
		return nil, ledger.ErrAnew
	}
	was, err := s.known(ctx, due)
	return &round{s: s, list: list, was: was, changes: map[string]change{}, now: s.clk.Now()}, err
}

// Prepare reckons a case; false where its contributions did not move.
func (r *round) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	parts, err := r.s.reckon(ctx, r.list, d.Case)
	if err != nil {
		return false, err
	}
	c := r.change(d, parts)
	r.changes[d.Case] = c
	return c.fresh || c.print != c.was.print, nil
}

func (r *round) change(d ledger.Due, parts []Contribution) change {
	was, had := r.was[d.Case]
	return change{caseID: d.Case, fresh: !had, was: was, parts: parts, print: printOf(parts)}
}

// Write moves the cells by what moved, and notes by which indicators and when.
func (r *round) Write(tx *db.Tx, due []ledger.Due) error {
	changes := make([]change, len(due))
	for i, d := range due {
		changes[i] = r.changes[d.Case]
	}
	if err := write(tx, changes); err != nil {
		return err
	}
	return mark(tx, r.list.Print, r.now)
}

// Park has a case count nowhere.
func (r *round) Park(tx *db.Tx, d ledger.Due) error { return write(tx, []change{r.change(d, nil)}) }

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
