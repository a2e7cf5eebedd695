package coordination

import (
	"cmp"
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// mostListed bounds what one list of whistles reads.
const mostListed = 200

// OpenWhistles are the whistles of a street or township that are not over, as far
// as the actor may see them, the earliest date first: those it called, and those
// that a community in its area asks it for. Fault: NotFound identity.no_unit.
func (s *Service) OpenWhistles(ctx context.Context, a identity.Actor, unit string) ([]WhistleLine, error) {
	u, err := s.People.Unit(ctx, unit)
	if err != nil {
		return nil, err
	}
	rows, _, err := s.Cases.List(ctx, a, casework.Filter{Procedure: Whistles, Kind: procedure.Open, Field: "caller", Value: u.ID, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	if u.Area != "" {
		wished, _, err := s.Cases.List(ctx, a, casework.Filter{Procedure: Whistles, State: "wished", Area: u.Area, Limit: mostListed})
		if err != nil {
			return nil, err
		}
		rows = append(rows, wished...)
	}
	return s.lines(ctx, rows)
}

// lines counts the calls of whistles.
func (s *Service) lines(ctx context.Context, rows []casework.Row) ([]WhistleLine, error) {
	var out []WhistleLine
	for _, row := range rows {
		w := WhistleLine{Case: row.Case, Due: row.Case.Due}
		all, err := s.callsOf(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			w.count(c.Case)
		}
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b WhistleLine) int { return cmp.Compare(dated(a.Due), dated(b.Due)) })
	return out, nil
}

// dated puts what has no date last.
func dated(due clock.Instant) clock.Instant {
	if due == 0 {
		return 1<<63 - 1
	}
	return due
}

// callsOf are the calls of one whistle in the order in which its departments were
// called. Whoever may see the whistle may see what stands in them.
func (s *Service) callsOf(ctx context.Context, whistle string) ([]casework.Row, error) {
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: calls, Parent: whistle, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b casework.Row) int { return cmp.Compare(a.ID, b.ID) })
	return rows, nil
}

// WhistleFor finds a whistle for somebody who may see its board: who may see the
// whistle itself, and everybody who was called by it. Fault: NotFound.
func (s *Service) WhistleFor(ctx context.Context, a identity.Actor, number string) (*casework.Case, *procedure.Procedure, error) {
	none := fault.New(fault.NotFound, "casework.no_case")
	c, p, err := s.Cases.Seen(ctx, identity.SystemActor(), number)
	if err == nil && c.Procedure != Whistles {
		err = none
	}
	if err != nil {
		return nil, nil, err
	}
	if _, _, err = s.Cases.Seen(ctx, a, c.ID); err == nil || !fault.Is(err, fault.NotFound) {
		return c, p, err
	}
	mine, err := s.Cases.Count(ctx, a, casework.Filter{Procedure: calls, Parent: c.ID}, 1)
	if err == nil && mine == 0 {
		err = none
	}
	return c, p, err
}
