package request

import (
	"context"
	"linli/internal/procedure"
	"math"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// Near finds open requests of a class within 300 metres of a place and the last
// 14 days; of a place without coordinates those of its community. What it gives
// away of each is class, community, distance and state. Complaints about a unit
// are left out. Fault: NotFound duty.class.
func (s *Service) Near(ctx context.Context, class string, at procedure.Place) ([]Similar, error) {
	kind, err := s.Duty.Class(ctx, class)
	if err != nil {
		return nil, err
	}
	around, err := s.around(ctx, at)
	if err != nil {
		return nil, err
	}
	p, err := s.Cases.Procedure(ctx, Procedure)
	if err != nil {
		return nil, err
	}
	since := s.Clock.Now().Add(-nearDays * 24 * time.Hour)
	var out []Similar
	for _, code := range around {
		rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Kind: procedure.Open, Procedure: Procedure, Class: class, Area: code, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			one, ok := s.similar(row, at, since)
			if !ok {
				continue
			}
			one.Class, one.Title = class, kind.Title
			if state := p.State(row.State); state != nil {
				one.StateText = state.Words
			}
			if one.Name, err = s.nameOf(ctx, one.Community); err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b Similar) int { return a.rank() - b.rank() })
	out = out[:min(len(out), mostSimilar)]
	var ids []string
	for _, one := range out {
		ids = append(ids, one.Case)
	}
	heard, err := s.Cases.Heard(ctx, "voice", ids)
	for i := range out {
		out[i].People = heard[out[i].Case].People()
	}
	return out, err
}

// rank orders known distances before unknown ones.
func (o Similar) rank() int {
	if o.Meters < 0 {
		return math.MaxInt32
	}
	return o.Meters
}

// around are the communities whose requests may be near.
func (s *Service) around(ctx context.Context, at procedure.Place) ([]string, error) {
	var codes []string
	add := func(code string) {
		if c := community(code); c != "" && !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	add(at.Area)
	if at.Point() {
		found, err := s.Areas.Locate(ctx, area.Point{Lon: at.Lon, Lat: at.Lat}, nearMeters)
		if err != nil {
			return nil, fault.Of(err).At("place")
		}
		add(found.Grid)
		for _, g := range found.Suggestions {
			if g.Meters <= nearMeters {
				add(g.Grid)
			}
		}
	}
	return codes, nil
}

// similar judges one row; Meters is rounded up to 50 so that the exact place of
// another's request cannot be worked out.
func (s *Service) similar(row casework.Row, at procedure.Place, since clock.Instant) (Similar, bool) {
	about, _ := row.Values["about_unit"].(bool)
	if row.Opened < since || row.Sealed != "" || about || row.Following() { // its leading case stands for it
		return Similar{}, false
	}
	one := Similar{Case: row.ID, Community: community(row.Area), State: row.State, Meters: -1,
		Days: int(s.today() - row.Opened.Day())}
	there, ok := row.Values["place"].(procedure.Place)
	if !at.Point() || !ok || !there.Point() {
		return one, one.Community != "" && one.Community == community(at.Area)
	}
	meters := geo.Distance(geo.Point{Lon: at.Lon, Lat: at.Lat}, geo.Point{Lon: there.Lon, Lat: there.Lat})
	one.Meters = max(50, int(math.Ceil(meters/50))*50)
	return one, meters <= nearMeters
}

// nameOf is an area's name, "" where it is not known.
func (s *Service) nameOf(ctx context.Context, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	a, err := s.Areas.Get(ctx, code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return "", nil
	}
	return a.Name, err
}
