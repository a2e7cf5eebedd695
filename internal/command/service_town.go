package command

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// The procedures whose cases a township's page lists.
const (
	townWhistle = "whistle"
	townTask    = "task-part"
	townOrder   = "station-order"
	townTeam    = "team-matter"
)

// townKind is the kind of unit that has a page of its command.
const townKind = "street"

// Towns are the open streets and townships whose work the actor sees by a post at,
// above or below them, or in a unit stationed there; everybody of the county's own
// units sees all.
func (s *Service) Towns(ctx context.Context, a identity.Actor) ([]identity.Unit, error) {
	all, err := s.people.Units(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clk.Now()
	byID := map[string]identity.Unit{}
	for _, u := range all {
		byID[u.ID] = u
	}
	return slices.DeleteFunc(all, func(u identity.Unit) bool {
		if u.Kind != townKind || !u.Open(now) {
			return true
		}
		return !slices.ContainsFunc(a.Posts, func(p identity.Post) bool {
			own := byID[p.Unit]
			return u.Within(own.Path) || own.Within(u.Path) || own.Commander == u.ID || isCode(p.Area) && len(p.Area) < len(u.Area) && u.Area[:len(p.Area)] == p.Area
		})
	}), nil
}

// Town reads the page of one township. Faults: NotFound where the unit is no
// township that the actor may look at.
func (s *Service) Town(ctx context.Context, a identity.Actor, unit string) (t Town, err error) {
	towns, err := s.Towns(ctx, a)
	if err != nil {
		return t, err
	}
	at := slices.IndexFunc(towns, func(u identity.Unit) bool { return u.ID == unit })
	if at < 0 {
		return t, fault.New(fault.NotFound, "identity.no_unit", "unit", unit)
	}
	t.Unit = towns[at]
	if t.State, err = s.State(ctx); err != nil {
		return t, err
	}
	if err := s.townUnits(ctx, a, &t); err != nil {
		return t, err
	}
	if t.Unit.Area != "" {
		grids, err := s.tally(ctx, a, Scope{Area: t.Unit.Area}, Filter{}, byArea, wholeCode)
		if err != nil {
			return t, err
		}
		for code := range grids {
			if len(code) <= communityDigits {
				delete(grids, code)
			}
		}
		t.Grids = sorted(grids, func(n Numbers) int { return n.Open })
	}
	return t, s.townLists(ctx, a, &t)
}

// townUnits counts the township's units and those stationed under it.
func (s *Service) townUnits(ctx context.Context, a identity.Actor, t *Town) error {
	all, err := s.people.Units(ctx)
	if err != nil {
		return err
	}
	now := s.clk.Now()
	counted, err := s.tally(ctx, a, Scope{Unit: t.Unit.ID, Path: t.Unit.Path}, Filter{}, byUnit, 0)
	if err != nil {
		return err
	}
	for _, u := range all {
		if !u.Open(now) || !u.Within(t.Unit.Path) && u.Commander != t.Unit.ID {
			continue
		}
		one := TownUnit{Unit: u, Counts: counted[u.ID], OnDuty: s.duties(ctx, a, Scope{Unit: u.ID, Path: u.Path}, now)}
		if !u.Within(t.Unit.Path) { // it stands below its department
			far, err := s.tally(ctx, a, Scope{Unit: u.ID, Path: u.Path}, Filter{}, byUnit, 0)
			if err != nil {
				return err
			}
			one.Counts = far[u.ID]
		}
		if u.ID == t.Unit.ID { // who is on duty in the whole house stands at the units
			one.OnDuty = slices.DeleteFunc(one.OnDuty, func(w Watch) bool { return w.Unit != u.Name })
		}
		t.Total = t.Total.plus(one.Counts)
		switch {
		case u.Commander == t.Unit.ID:
			t.Stations = append(t.Stations, one)
		case u.Kind == "village" || u.Kind == "community":
			t.Below = append(t.Below, one)
		default:
			t.Offices = append(t.Offices, one)
		}
	}
	return nil
}

// townLists reads the cases that the page names, the earliest due first.
func (s *Service) townLists(ctx context.Context, a identity.Actor, t *Town) (err error) {
	if t.Decides, _, err = s.List(ctx, a, Scope{Unit: t.Unit.ID, Path: t.Unit.Path}, Filter{Decides: true, Limit: mostInTown}); err != nil {
		return err
	}
	for _, list := range []struct {
		to     *[]casework.Row
		filter casework.Filter
	}{
		{&t.Whistles, casework.Filter{Procedure: townWhistle, Field: "caller", Value: t.Unit.ID}},
		{&t.Tasks, casework.Filter{Procedure: townTask, Area: t.Unit.Area}},
		{&t.Orders, casework.Filter{Procedure: townOrder, Field: "commander", Value: t.Unit.ID}},
		{&t.Teams, casework.Filter{Procedure: townTeam, Area: t.Unit.Area}},
	} {
		list.filter.Kind, list.filter.Limit = procedure.Open, mostInTown
		if *list.to, _, err = s.cases.List(ctx, a, list.filter); err != nil {
			return err
		}
	}
	return nil
}
