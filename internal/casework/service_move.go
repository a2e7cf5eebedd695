package casework

import (
	"context"
	"fmt"
	"linli/internal/procedure"
	"slices"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// ActMoveAsk asks that a case go on by the procedure of the edition in force;
// ActMove, by a second person, does it.
const (
	ActMoveAsk = "_move_ask"
	ActMove    = "_move"
)

// planMove moves a running case to the newest edition of its procedure: one
// person asks with a reason, another agrees. Faults: Unmet where the newer
// procedure has no such state or lacks a clock that runs.
func (s *Service) planMove(m *Moment, acts []ActRow, newer *procedure.Procedure, number int64, reason string) ([]*plan, error) {
	if number == m.Case.Edition {
		return nil, fault.New(fault.Unmet, "casework.newest_already")
	}
	state := newer.State(m.Case.State)
	if state == nil {
		return nil, fault.New(fault.Unmet, "casework.move_state", "state", m.Procedure.State(m.Case.State).Words)
	}
	for name, k := range m.Case.clocks {
		if k.Live() && newer.Clock(name) == nil {
			return nil, fault.New(fault.Unmet, "casework.move_clock", "clock", m.Procedure.Clock(name).Words)
		}
	}
	row := ActRow{ID: db.NewID(m.Now), CaseID: m.Case.ID, Act: ActMoveAsk, From: m.Case.State, To: m.Case.State, Person: m.Actor.Person,
		Post: m.Post.ID, Unit: m.Post.Unit, Happened: m.Now, Recorded: m.Now, Edition: m.Edition}
	row.Delta.Kind = m.Case.Kind
	asked := slices.IndexFunc(acts, func(a ActRow) bool {
		return a.Act == ActMoveAsk && !sameHands(a, m) && a.Delta.MoveTo == number
	})
	row.Delta.MoveTo = number
	if asked < 0 {
		row.Delta.Quiet = true
	} else {
		row.Act, row.Delta.Kind, row.Delta.Desk = ActMove, state.Kind, &state.Desk
	}
	after := m.Case.copy()
	if err := after.apply(row); err != nil {
		return nil, err
	}
	return s.finishRepair(&plan{before: m.Case, order: 1, row: row, alone: 1}, m, after, reason)
}

// Lost names what open cases need and this program no longer has.
type Lost struct {
	Procedure string
	Edition   int64
	Cases     int
	What      string
}

// UpgradeCheck says before an upgrade which open cases name a check or effect
// that this program does not have.
func (s *Service) UpgradeCheck(ctx context.Context) ([]Lost, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT procedure, edition, COUNT(*) FROM casework_case WHERE kind <> 'final' GROUP BY procedure, edition ORDER BY procedure, edition`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Lost
	for rows.Next() {
		var l Lost
		if err := rows.Scan(&l.Procedure, &l.Edition, &l.Cases); err != nil {
			return nil, err
		}
		p, err := s.ProcedureAt(ctx, l.Procedure, l.Edition)
		if err != nil {
			l.What = fmt.Sprintf("procedure %s", l.Procedure)
			out = append(out, l)
			continue
		}
		for _, a := range p.Acts {
			for _, name := range a.Check {
				if known, _ := procedure.EngineCheck(name, p); !known && s.checks[name] == nil {
					out = append(out, Lost{l.Procedure, l.Edition, l.Cases, "check " + name})
				}
			}
			for _, name := range a.Effect {
				if !procedure.EngineEffect(name, p) && s.effects[name] == nil {
					out = append(out, Lost{l.Procedure, l.Edition, l.Cases, "effect " + name})
				}
			}
		}
	}
	return out, rows.Err()
}
