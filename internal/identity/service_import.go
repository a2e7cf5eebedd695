package identity

import (
	"context"
	"io"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// ImportUnits adds, changes and moves units from CSV (UTF-8, a header naming the
// columns; see unitColumns). It is one change: all good rows together, bad ones
// are named with their line and nothing else is lost. A unit that is not in the
// file stays as it is. The same file again changes nothing.
func (s *Service) ImportUnits(ctx context.Context, by Actor, r io.Reader) (Report, error) {
	rows, broken, err := readUnitRows(r)
	if err != nil {
		return Report{}, err
	}
	rows = inOrder(rows)
	var report Report
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		report = Report{Bad: slices.Clone(broken)}
		t, now := t.draft(), s.clk.Now()
		for _, row := range rows {
			if err := s.importUnit(by, t, p, row, now, &report); err != nil {
				f := fault.Of(err)
				if f.Kind == fault.Internal {
					return err
				}
				report.Bad = append(report.Bad, BadRow{Line: row.line, ID: row.unit.ID, Fault: f})
			}
		}
		slices.SortFunc(report.Bad, func(a, b BadRow) int { return a.Line - b.Line })
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// importUnit plans one row. A row is taken whole or not at all: its steps and
// acts are kept only when all of it may be.
func (s *Service) importUnit(by Actor, t *tree, p *plan, row unitRow, now clock.Instant, report *Report) error {
	old, stands := t.units[row.unit.ID]
	if stands && !old.Open(now) {
		return fault.New(fault.Conflict, "identity.unit_closed", "unit", old.ID).At("id")
	}
	u := row.over(old)
	if !stands {
		if _, err := addUnit(by, t, p, u, now); err != nil {
			return err
		}
		report.Added++
		return nil
	}
	own := plan{epoch: p.epoch}
	moved := u.Parent != old.Parent
	if moved {
		if err := s.moveUnit(by, t, &own, u.ID, u.Parent, &u.Area, now); err != nil {
			return err
		}
	}
	if err := changeUnit(by, t, &own, u, now); err != nil {
		if moved { // back to where it stood
			t.place(old)
		}
		return err
	}
	switch {
	case moved:
		report.Moved++
	case len(own.acts) > 0:
		report.Changed++
	default:
		report.Same++
	}
	p.steps, p.acts = append(p.steps, own.steps...), append(p.acts, own.acts...)
	return nil
}
