package identity

import (
	"maps"
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// tree is all units as of one epoch. It is read-only once it is shared; a plan
// works on a copy.
type tree struct {
	epoch    int64
	units    map[string]Unit
	commands map[string][]string // open units by the unit that commands them
	sorted   []Unit              // by path: parents before children
}

func newTree(epoch int64, units []Unit, now clock.Instant) *tree {
	t := &tree{epoch: epoch, units: make(map[string]Unit, len(units)), commands: map[string][]string{}}
	t.sorted = slices.Clone(units)
	slices.SortFunc(t.sorted, func(a, b Unit) int { return strings.Compare(a.Path, b.Path) })
	for _, u := range t.sorted {
		t.units[u.ID] = u
		if u.Commander != "" && u.Open(now) {
			t.commands[u.Commander] = append(t.commands[u.Commander], u.ID)
		}
	}
	return t
}

// draft is a copy that a plan may change.
func (t *tree) draft() *tree {
	return &tree{epoch: t.epoch, units: maps.Clone(t.units)}
}

// complete fills what a post takes from the tree. A post in a unit that is not
// there or closed keeps an empty path, and does not count.
func (t *tree) complete(p *Post) {
	u, ok := t.units[p.Unit]
	if !ok || u.Until != 0 {
		return
	}
	p.UnitPath, p.Commands = u.Path, t.commands[u.ID]
}

// get finds an open unit. Fault: identity.no_unit at the field.
func (t *tree) get(id, field string, now clock.Instant) (Unit, error) {
	u, ok := t.units[id]
	if !ok || !u.Open(now) {
		return Unit{}, fault.New(fault.Invalid, "identity.no_unit", "unit", id).At(field)
	}
	return u, nil
}

// area is what a unit answers for: its own area, else that of the nearest unit
// above that has one.
func (t *tree) area(id string) string {
	for range len(t.units) + 1 {
		u, ok := t.units[id]
		if !ok || u.Area != "" {
			return u.Area
		}
		id = u.Parent
	}
	return ""
}

// below lists the open units under a path, itself not included.
func (t *tree) below(u Unit, now clock.Instant) []Unit {
	var out []Unit
	for _, each := range t.units {
		if each.ID != u.ID && each.Within(u.Path) && each.Open(now) {
			out = append(out, each)
		}
	}
	return out
}

// place puts a unit under its parent, in the draft only.
func (t *tree) place(u Unit) Unit {
	old, had := t.units[u.ID]
	u.Path = "/" + u.ID + "/"
	if u.Parent != "" {
		u.Path = t.units[u.Parent].Path + u.ID + "/"
	}
	t.units[u.ID] = u
	if had && old.Path != u.Path {
		for id, each := range t.units {
			if id != u.ID && each.Within(old.Path) {
				each.Path = u.Path + strings.TrimPrefix(each.Path, old.Path)
				t.units[id] = each
			}
		}
	}
	return u
}

// Administers says whether the actor may administer what lies at path: an
// administrator's post in a unit at or above it, or the house itself.
func Administers(a Actor, path string) bool {
	if a.Kind == System {
		return true
	}
	return slices.ContainsFunc(a.Posts, func(p Post) bool {
		return p.Kind == Administrator && p.UnitPath != "" && strings.HasPrefix(path, p.UnitPath)
	})
}

// chief says whether the actor administers from a root: only they make roots.
func chief(a Actor) bool {
	return a.Kind == System || slices.ContainsFunc(a.Posts, func(p Post) bool {
		return p.Kind == Administrator && p.UnitPath == "/"+p.Unit+"/"
	})
}
