package merging

import (
	"context"
	"slices"
	"sync"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// mergers are the kinds of post that may give a case to another unit's leading
// case; a handler merges only what the own unit holds.
var mergers = []string{"dispatcher", "intake", "leader"}

// sameMatter holds where two requests may be handled as one: neither is a
// complaint about a unit, nobody hands a case over by merging it, and nobody's
// date becomes later by it.
func (s *Service) sameMatter(_ context.Context, m *casework.Moment) error {
	lead := m.Leader
	about, _ := lead.Values["about_unit"].(bool)
	own, _ := m.Values["about_unit"].(bool)
	switch {
	case about || own:
		return fault.New(fault.Unmet, "casework.follow_sealed").At("leading")
	case !slices.Contains(mergers, m.Post.Kind) && lead.Unit != m.Case.Unit:
		return fault.New(fault.Unmet, "merging.unit").At("leading")
	case later(lead, m.Case):
		return fault.New(fault.Unmet, "merging.later", "number", lead.Number).At("leading")
	}
	return nil
}

// later reports whether a case that is being handled would wait longer with the
// leading one than alone.
func later(lead, c *casework.Case) bool {
	own, theirs := c.Clocks()["handle"], lead.Clocks()["handle"]
	if !own.Live() || own.Duty == 0 {
		return false
	}
	return !theirs.Live() || theirs.Duty > own.Duty
}

// mostMerged bounds how many requests are merged in one go.
const mostMerged = 200

// Alike is a request that may be the same matter as another.
type Alike struct {
	casework.Row
	Score  int // of 100
	Meters int // -1 where the distance is not known
}

// Alike finds open requests that may be the same matter as one: of its community
// or near it, the likeliest first. What the actor may not see is not found;
// complaints and what was merged already are left out.
func (s *Service) Alike(ctx context.Context, a identity.Actor, c *casework.Case) ([]Alike, error) {
	place, _ := c.Values["place"].(procedure.Place)
	if place.Area == "" {
		place.Area = c.Area
	}
	around, err := s.around(ctx, place)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{c.ID: true}
	var out []Alike
	for _, code := range around {
		for _, class := range slices.Compact([]string{c.Class, ""}) {
			rows, _, err := s.Cases.List(ctx, a, casework.Filter{Kind: procedure.Open, Procedure: Requests, Class: class, Area: code, Limit: mostMerged})
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				about, _ := row.Values["about_unit"].(bool)
				if seen[row.ID] || about || row.Sealed != "" || row.Following() || row.State == "rating" {
					continue
				}
				seen[row.ID] = true
				if score, meters := alike(c, row.Case); score >= likeShown {
					out = append(out, Alike{row, score, meters})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Alike) int { return y.Score - x.Score })
	return out[:min(len(out), mostMerged)], nil
}

// Merged is what became of one request that was to be merged.
type Merged struct {
	Case   string
	Number string
	Err    error // why not; nil where it follows now
}

// Merge has requests follow a leading one, each by an act of its own. The same
// key again gives the same. Faults: NotFound for the leading request, Invalid
// where there are none or too many; what keeps a single one stands with it.
func (s *Service) Merge(ctx context.Context, a identity.Actor, leading string, ids []string, key string) ([]Merged, error) {
	lead, _, err := s.Cases.Seen(ctx, a, leading)
	if err != nil {
		return nil, fault.Of(err).At("leading")
	}
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == lead.ID })
	if len(ids) == 0 {
		return nil, fault.New(fault.Invalid, "merging.none").At("case")
	}
	if len(ids) > mostMerged {
		return nil, fault.New(fault.Invalid, "merging.many", "most", mostMerged).At("case")
	}
	out := make([]Merged, len(ids))
	var work sync.WaitGroup
	turns := make(chan struct{}, 8) // several at once share a durable commit
	for i, id := range ids {
		turns <- struct{}{}
		work.Go(func() {
			defer func() { <-turns }()
			out[i] = s.merge(ctx, a, lead, id, key)
		})
	}
	work.Wait()
	return out, ctx.Err()
}

func (s *Service) merge(ctx context.Context, a identity.Actor, lead *casework.Case, id, key string) Merged {
	c, _, err := s.Cases.Seen(ctx, a, id)
	if err != nil {
		return Merged{Case: id, Number: id, Err: err}
	}
	done := Merged{Case: c.ID, Number: c.Number}
	if c.Following() && c.Leader == lead.ID {
		return done // somebody else was quicker
	}
	if key != "" {
		key += "." + c.ID
	}
	_, done.Err = s.Cases.Do(ctx, a, casework.Asking{Case: c.ID, Act: joinAct, Values: map[string]any{"leading": lead.Number}, Key: key})
	return done
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
