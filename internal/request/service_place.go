package request

import (
	"context"
	"linli/internal/procedure"

	"linli/internal/area"
	"linli/internal/kit/fault"
)

// placed finds where a place is, without guessing: Area is the smallest area
// that certainly holds it (the root where nothing is certain), Status says how
// that was found. Faults: Invalid at place for a code that is unknown or lies in
// another county.
func (s *Service) placed(ctx context.Context, p procedure.Place) (procedure.Place, error) {
	root, err := s.root(ctx)
	if err != nil {
		return p, err
	}
	named := p.Area
	if named != "" {
		a, err := s.Areas.Get(ctx, named)
		switch {
		case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid):
			return p, fault.New(fault.Invalid, "request.area_unknown", "code", named).At("place")
		case err != nil:
			return p, err
		case a.Ended(s.today()):
			return p, fault.New(fault.Invalid, "request.area_ended", "name", a.Name).At("place")
		case !area.Under(named, root) && !area.Under(root, named):
			return p, fault.New(fault.Invalid, "request.area_elsewhere", "name", a.Name).At("place")
		}
	}
	if !p.Point() {
		p.Status = placeNamed
		if named == "" || area.Under(root, named) && root != named {
			p.Area, p.Status = root, placeNone
		}
		return p, nil
	}
	at, err := s.Areas.Locate(ctx, area.Point{Lon: p.Lon, Lat: p.Lat}, p.Meters)
	if err != nil {
		return p, fault.Of(err).At("place")
	}
	p.Status, p.Area = string(at.Status), surely(at, p.Meters, root)
	if named == "" {
		return p, nil
	}
	return reconcile(p, named, at, root), nil
}

// reconcile holds the area that a person named beside the point they gave. One
// that fits narrows the point; one that contradicts it makes the place uncertain
// for both.
func reconcile(p procedure.Place, named string, at area.Located, root string) procedure.Place {
	switch {
	case at.Status == area.Inside && area.Under(at.Grid, named):
		p.Area = at.Grid
	case at.Status == area.Inside:
		p.Status, p.Area = string(area.Several), common([]string{at.Grid, named})
	case near(at, named):
		p.Status, p.Area = placeNamed, named
	case at.Status == area.Outside:
		p.Area = root
	default:
		p.Area = common([]string{p.Area, named})
	}
	if !area.Under(p.Area, root) {
		p.Area = root
	}
	return p
}

// near says whether the named area is one of those the point may lie in.
func near(at area.Located, named string) bool {
	for _, g := range at.Suggestions {
		if area.Under(g.Grid, named) {
			return true
		}
	}
	return false
}
