package evaluation

import (
	"context"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// scope is what an actor may see counted.
type scope struct {
	relations []identity.Relation
	actor     identity.Actor // with a post for every unit below the own ones
	tops      []string       // areas, none within another
	units     []identity.Unit
	whole     bool // sees an area: any unit may have cases there
}

// scopeOf works out what an actor may see by the right "figures". A post that
// sees the figures of its unit sees those of the units below; a post in a unit
// that has none above it is over the area of that unit. Fault: Forbidden
// evaluation.not_yours.
func (s *Service) scopeOf(ctx context.Context, a identity.Actor) (scope, error) {
	rights, err := s.people.Rights(ctx)
	if err != nil {
		return scope{}, err
	}
	all, err := s.people.Units(ctx)
	if err != nil {
		return scope{}, err
	}
	sc := scope{relations: rights.Views[View], actor: a}
	if a.Kind == identity.System {
		sc.whole, sc.units = true, all
		return sc, nil
	}
	byUnit, byArea := kindsOf(sc.relations)
	posts := slices.Clone(a.Posts)
	within := map[string]bool{}
	for i, p := range a.Posts {
		if byArea[p.Kind] && p.Area == "" && strings.Count(p.UnitPath, "/") == 2 {
			if posts[i].Area, err = s.people.AreaOf(ctx, p.Unit); err != nil {
				return scope{}, err
			}
		}
		if byArea[p.Kind] && posts[i].Area != "" {
			sc.tops, sc.whole = append(sc.tops, posts[i].Area), true
		}
		if !byUnit[p.Kind] {
			continue
		}
		for _, u := range all {
			if !u.Within(p.UnitPath) {
				continue
			}
			within[u.ID] = true
			if u.ID != p.Unit { // judged by the path of the post held: a seal on it stays one
				below := p
				below.Unit, below.Area = u.ID, ""
				posts = append(posts, below)
			}
		}
	}
	if !a.Known() || !sc.whole && len(within) == 0 {
		return scope{}, fault.New(fault.Forbidden, "evaluation.not_yours")
	}
	sc.actor.Posts, sc.tops = posts, outermost(sc.tops)
	for _, u := range all {
		if sc.whole || within[u.ID] {
			sc.units = append(sc.units, u)
		}
	}
	return sc, nil
}

// kindsOf says by which kinds of post figures are seen, of a unit and of an area.
func kindsOf(list []identity.Relation) (byUnit, byArea map[string]bool) {
	byUnit, byArea = map[string]bool{}, map[string]bool{}
	for _, r := range list {
		switch {
		case r.Name == identity.RelUnit && r.Of == "":
			byUnit[r.As] = true
		case r.Name == identity.RelArea:
			byArea[r.As] = true
		}
	}
	return byUnit, byArea
}

// outermost drops areas that lie within another of the list.
func outermost(list []string) (out []string) {
	slices.Sort(list)
	for _, code := range list {
		if len(out) == 0 || !strings.HasPrefix(code, out[len(out)-1]) {
			out = append(out, code)
		}
	}
	return out
}

// Sees tells whether an actor may see any figures, for what leads to them.
func (s *Service) Sees(ctx context.Context, a identity.Actor) bool {
	_, err := s.scopeOf(ctx, a)
	return err == nil
}

// condition is the SQL condition of the scope on a table called t.
func (sc scope) condition(arg func(any) string) string {
	return identity.Condition(sc.relations, sc.actor, identity.Columns{Unit: "t.unit", Area: "t.area", Sealed: "t.sealed"}, arg)
}

// sight is the scope as the cells are judged by it.
func (sc scope) sight() sight { return sight{fine: sc.fine(), condition: sc.condition} }

// fine says that some post is over less than a street.
func (sc scope) fine() bool {
	return slices.ContainsFunc(sc.actor.Posts, func(p identity.Post) bool { return len(p.Area) > streetDigits })
}
