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
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: WhistleCalls, Parent: whistle, Limit: mostListed})
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
	mine, err := s.Cases.Count(ctx, a, casework.Filter{Procedure: WhistleCalls, Parent: c.ID}, 1)
	if err == nil && mine == 0 {
		err = none
	}
	return c, p, err
}

// Whistles are those that the actor may see and those that call one of the actor's
// units; over gives the ones that have ended, the latest first.
func (s *Service) Whistles(ctx context.Context, a identity.Actor, over bool) ([]WhistleLine, error) {
	kind := procedure.Open
	if over {
		kind = procedure.Final
	}
	rows, _, err := s.Cases.List(ctx, a, casework.Filter{Procedure: Whistles, Kind: kind, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	var more []string
	for _, p := range a.Posts {
		mine, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: WhistleCalls, Unit: p.Unit, Limit: mostListed})
		if err != nil {
			return nil, err
		}
		for _, c := range mine {
			if !slices.Contains(more, c.Parent) && !slices.ContainsFunc(rows, func(r casework.Row) bool { return r.ID == c.Parent }) {
				more = append(more, c.Parent)
			}
		}
	}
	if len(more) > 0 {
		called, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Whistles, Kind: kind, IDs: more, Limit: mostListed})
		if err != nil {
			return nil, err
		}
		rows = append(rows, called...)
	}
	out, err := s.lines(ctx, rows)
	if over {
		slices.SortFunc(out, func(a, b WhistleLine) int { return cmp.Compare(b.Changed, a.Changed) })
	}
	return out, err
}

// Call is what one department owes a whistle, and when it did what.
type Call struct {
	casework.Row
	Called, In, Arrived, Delivered clock.Instant // 0 where it has not
	Acts                           []casework.Entry
}

// Board is one whistle as everybody sees it who is called.
type Board struct {
	Case      *casework.Case
	Procedure *procedure.Procedure
	Acts      []casework.Entry
	Calls     []Call
}

// BoardFor reads the board of a whistle for somebody who may see it; see WhistleFor.
func (s *Service) BoardFor(ctx context.Context, a identity.Actor, number string) (Board, error) {
	c, _, err := s.WhistleFor(ctx, a, number)
	if err != nil {
		return Board{}, err
	}
	b := Board{}
	if b.Case, b.Procedure, b.Acts, err = s.Cases.History(ctx, c.ID); err != nil {
		return b, err
	}
	rows, err := s.callsOf(ctx, c.ID)
	if err != nil {
		return b, err
	}
	for _, row := range rows {
		one := Call{Row: row, Called: row.Opened}
		if _, _, one.Acts, err = s.Cases.History(ctx, row.ID); err != nil {
			return b, err
		}
		at := map[string]*clock.Instant{"report_in": &one.In, "arrived": &one.Arrived, "deliver": &one.Delivered}
		for _, e := range one.Acts {
			if to := at[e.Act]; to != nil && !e.Annulled {
				*to = e.Happened
			}
			if e.Act == "instead" { // another department: what the one before did is not its own
				one.Called, one.In, one.Arrived, one.Delivered = e.Happened, 0, 0, 0
			}
		}
		b.Calls = append(b.Calls, one)
	}
	return b, nil
}

// Disputed are the disputes that the actor may see, those to be decided first.
func (s *Service) Disputed(ctx context.Context, a identity.Actor) ([]casework.Row, error) {
	open, _, err := s.Cases.List(ctx, a, casework.Filter{Procedure: WhistleDisputes, Kind: procedure.Open, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	over, _, err := s.Cases.List(ctx, a, casework.Filter{Procedure: WhistleDisputes, Kind: procedure.Final, Limit: mostListed})
	slices.SortFunc(over, func(a, b casework.Row) int { return cmp.Compare(b.Changed, a.Changed) })
	return append(open, over[:min(len(over), mostDecided)]...), err
}

// mostDecided is how many decided disputes the page shows below the open ones.
const mostDecided = 20

// Callable are the units that the street or township of an area can call.
func (s *Service) Callable(ctx context.Context, area string) ([]identity.Unit, error) {
	all, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	w := whistling{area: area, now: s.Clock.Now()}
	for _, u := range all {
		if u.Kind == "street" && u.Area == area {
			w.caller = u
		}
	}
	for _, u := range all {
		if u.ID == w.caller.Parent {
			w.county = u
		}
	}
	var out []identity.Unit
	for _, u := range all {
		if s.mayCall(ctx, w, u) == nil {
			out = append(out, u)
		}
	}
	return out, nil
}
