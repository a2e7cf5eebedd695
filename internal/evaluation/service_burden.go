package evaluation

import (
	"context"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// Of the burden account an indicator either tells of who asks alone (Unit is the
// sender), or of both sides: Unit is who bears it and Other who asked. A Filter's
// Other is always the sender, and its Unit always the receiver.

// MaySeeBurden says who may see the burden account: every official, of whatever
// unit, and no program or resident.
func MaySeeBurden(a identity.Actor) bool { return a.Known() && len(a.Posts) > 0 }

// Burden counts what was asked, from whom and by whom: by sender (ByOther), by
// receiver (ByUnit) or by month. What tells of who asks alone is left out where a
// receiver is chosen, and of a table of receivers. Faults: Forbidden, Invalid at a
// field.
func (s *Service) Burden(ctx context.Context, a identity.Actor, f Filter, by By) (Figures, error) {
	if !MaySeeBurden(a) {
		return Figures{}, fault.New(fault.Forbidden, "evaluation.officials")
	}
	if by != ByMonth && by != ByUnit && by != ByOther {
		return Figures{}, fault.New(fault.Invalid, "evaluation.by").At("by")
	}
	list, err := s.Catalogue(ctx)
	if err != nil {
		return Figures{}, err
	}
	one, both := sides(list.Burden())
	f = Filter{Unit: f.Unit, Other: f.Other, From: f.From, To: f.To}
	out := Figures{Total: map[string]Sum{}}
	if len(both) > 0 {
		if out, err = s.added(ctx, both, f, by, unsealed); err != nil {
			return out, err
		}
	}
	if len(one) == 0 || by == ByUnit || f.Unit != "" {
		return out, nil
	}
	asked, oneBy := oneSided(f), by
	if by == ByOther {
		oneBy = ByUnit
	}
	more, err := s.added(ctx, one, asked, oneBy, unsealed)
	return joined(out, more), err
}

// BurdenCases lists the cases behind a figure of the burden account, newest first,
// whoever asks: what of them is shown is what the catalogue opens. Faults:
// Forbidden, Invalid at a field.
func (s *Service) BurdenCases(ctx context.Context, a identity.Actor, f Filter, indicator, after string, limit int) (Listed, error) {
	if !MaySeeBurden(a) {
		return Listed{}, fault.New(fault.Forbidden, "evaluation.officials")
	}
	list, err := s.Catalogue(ctx)
	if err != nil {
		return Listed{}, err
	}
	i, ok := list.Find(indicator)
	if !ok || !i.Burden {
		return Listed{}, fault.New(fault.Invalid, "evaluation.indicator").At("indicator")
	}
	if !i.TwoSided() {
		f = oneSided(f)
	}
	return s.behind(ctx, identity.SystemActor(), unsealed, f, i, Counted, after, limit)
}

// may are those of some cases that an actor may open.
func (s *Service) may(ctx context.Context, a identity.Actor, rows []casework.Row) (map[string]bool, error) {
	out := map[string]bool{}
	if len(rows) == 0 {
		return out, nil
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	seen, _, err := s.cases.List(ctx, a, casework.Filter{IDs: ids, Limit: len(ids)})
	for _, r := range seen {
		out[r.ID] = true
	}
	return out, err
}
