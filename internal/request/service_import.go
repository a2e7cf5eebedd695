package request

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Bounds of the work of an import: how many orders are prepared at once, so that
// one durable write carries many of them, and how many rows are looked at together.
const (
	importers   = 64
	importBatch = 1000
)

// order is one row as it goes in.
type order struct {
	line    int
	number  string
	sum     string
	opening casework.Opening
	note    error
}

// importing is one run of ImportRequests.
type importing struct {
	*Service
	by      identity.Actor
	m       Map
	zone    *time.Location
	now     clock.Instant
	root    string
	units   map[string]bool
	classes *duty.Classes
	areas   map[string]foundArea // by the names or the code of a row
	seen    map[string]int       // number -> line
	report  *ImportReport
}

type foundArea struct {
	code string
	note error
}

// ImportRequests takes in orders of another system from a CSV (gzip is fine)
// through a column map. Each becomes a case with the one act "import" that
// carries the source's verdict: no clock runs, nobody is told, no rate counts
// it. Bad rows are named with line and reason, all others go in; rows that came
// before unchanged are skipped by their number. Faults: Forbidden, Invalid for
// the map or a file that is no such CSV.
func (s *Service) ImportRequests(ctx context.Context, by identity.Actor, m Map, csv io.Reader) (ImportReport, error) {
	var report ImportReport
	run, err := s.importing(ctx, by, m, &report)
	if err != nil {
		return report, err
	}
	t, err := openTable(csv, m.columns())
	if err != nil {
		return report, err
	}
	for {
		batch, end, err := run.batch(ctx, t)
		if err != nil {
			return report, err
		}
		if err := run.take(ctx, batch); err != nil {
			return report, err
		}
		if end {
			return report, nil
		}
	}
}

func (s *Service) importing(ctx context.Context, by identity.Actor, m Map, report *ImportReport) (*importing, error) {
	if by.Kind != identity.System && !by.Has("administrator") {
		return nil, fault.New(fault.Forbidden, "request.import_right")
	}
	run := &importing{Service: s, by: identity.SystemActor(), m: m, now: s.Clock.Now(), units: map[string]bool{}, areas: map[string]foundArea{}, seen: map[string]int{}, report: report}
	var err error
	if run.zone, err = m.zone(); err != nil {
		return nil, fault.New(fault.Invalid, "request.import_map", "detail", err.Error()).At("zone")
	}
	if run.root, err = s.root(ctx); err != nil {
		return nil, err
	}
	top := run.root
	if m.Area.Under != "" {
		top = m.Area.Under
	}
	for _, p := range by.Posts { // who is posted over the whole area signs the acts
		if p.Kind == "administrator" && p.Area != "" && area.Under(top, p.Area) {
			run.by = by
		}
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		run.units[u.ID] = true
	}
	lists, _, err := s.Duty.Catalogue(ctx)
	run.classes = lists.Classes
	return run, err
}

// batch reads the next rows.
func (run *importing) batch(ctx context.Context, t *table) (out []order, end bool, err error) {
	for len(out) < importBatch {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return out, true, nil
		}
		run.report.Read++
		var o order
		if err == nil {
			o, err = run.order(ctx, row)
		}
		var f *fault.Fault
		switch {
		case err == nil:
			out = append(out, o)
		case errors.As(err, &f) && f.Kind != fault.Internal:
			run.report.refuse(row.line, o.number, err)
		default:
			return nil, false, err
		}
	}
	return out, false, nil
}

// take opens a batch of orders, many at once so that they share durable writes.
func (run *importing) take(ctx context.Context, batch []order) error {
	numbers := make([]string, len(batch))
	for i, o := range batch {
		numbers[i] = o.number
	}
	before, err := run.imported(ctx, numbers)
	if err != nil {
		return err
	}
	var fresh []order
	for _, o := range batch {
		switch sum, known := before[o.number]; {
		case !known:
			fresh = append(fresh, o)
		case sum == o.sum:
			run.report.Same++
		default:
			run.report.refuse(o.line, o.number, fault.New(fault.Conflict, "request.import_changed", "number", o.number))
		}
	}
	results := run.openAll(ctx, fresh)
	var done []noted
	for i, o := range fresh {
		if err := run.count(ctx, o, results[i], &done); err != nil {
			return err
		}
	}
	return run.noteImported(ctx, done)
}

// opened is what became of one order.
type opened struct {
	id  string
	err error
}

func (run *importing) openAll(ctx context.Context, fresh []order) []opened {
	results := make([]opened, len(fresh))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(importers, len(fresh)) {
		wait.Go(func() {
			for i := range next {
				receipt, err := run.Cases.Open(ctx, run.by, fresh[i].opening)
				results[i] = opened{receipt.Case, err}
			}
		})
	}
	for i := range fresh {
		next <- i
	}
	close(next)
	wait.Wait()
	return results
}

// count enters one result into the report. A number that stands already without
// our note was imported by a run that was cut off.
func (run *importing) count(ctx context.Context, o order, r opened, done *[]noted) error {
	var f *fault.Fault
	switch {
	case r.err == nil:
		run.report.Added++
		*done = append(*done, noted{o.number, o.sum, r.id})
		if o.note != nil && len(run.report.Notes) < mostKept {
			run.report.Notes = append(run.report.Notes, BadRow{o.line, o.number, fault.Of(o.note)})
		}
		return nil
	case !errors.As(r.err, &f) || f.Kind == fault.Internal || f.Kind == fault.Busy || f.Kind == fault.Forbidden:
		return r.err
	case f.Key == "casework.number_taken":
		v, err := run.Cases.Get(ctx, identity.SystemActor(), o.number)
		if err != nil {
			return err
		}
		if v.Case.Imported {
			run.report.Same++
			*done = append(*done, noted{o.number, o.sum, v.Case.ID})
			return nil
		}
	}
	run.report.refuse(o.line, o.number, r.err)
	return nil
}
