package coordination

import (
	"slices"

	"linli/internal/area"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// house are the units by id.
type house map[string]identity.Unit

// county is the unit that admits and decides for another: the government of the
// county above it, else whoever stands at the top.
func (h house) county(u identity.Unit) identity.Unit {
	for range len(h) + 1 {
		if u.Kind == "government" && area.LevelOf(u.Area) == area.County {
			return u
		}
		above, known := h[u.Parent]
		if !known {
			return u
		}
		u = above
	}
	return u
}

// top is the department or street to which a unit belongs: the one right below
// the county. A stationed unit belongs to the department that owns it.
func (h house) top(u identity.Unit) identity.Unit {
	if owner, known := h[u.Owner]; known && u.Owner != u.ID {
		u = owner
	}
	county := h.county(u)
	for range len(h) + 1 {
		above, known := h[u.Parent]
		if !known || u.ID == county.ID || u.Parent == county.ID {
			break
		}
		u = above
	}
	return u
}

// family are the units of a sender's own department or street, by id: what one of
// them was refused none of them brings again unseen. The county itself has none but
// itself.
func (h house) family(u identity.Unit) []string {
	top := h.top(u)
	if top.ID == h.county(u).ID {
		return []string{u.ID}
	}
	var out []string
	for id, one := range h {
		if h.top(one).ID == top.ID {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// paths are the paths of units; one that is not known is left out.
func (h house) paths(ids []string) []string {
	var out []string
	for _, id := range ids {
		if u, known := h[id]; known {
			out = append(out, u.Path)
		}
	}
	return out
}

// reaches holds a receiver to whom the sender may send anything: what lies in the
// same county, not the sender itself; from a street only its own villages and
// communities; from these nobody.
func (h house) reaches(sender identity.Unit, level string, r Receiver) error {
	wrong := func(key string) error {
		return fault.New(fault.Invalid, key, "unit", r.Unit.Words()).At("receivers")
	}
	switch {
	case r.Unit.ID == sender.ID:
		return wrong("coordination.to_itself")
	case h.county(r.Unit).ID != h.county(sender).ID:
		return wrong("coordination.other_county")
	case level == duty.LevelCounty:
		return nil
	case level == duty.LevelCommunity || !r.Unit.Within(h.top(sender).Path):
		return wrong("coordination.not_below")
	case r.Level != duty.LevelCommunity:
		return wrong("coordination.arrange")
	}
	return nil
}

// onASide finds a unit of the sides to whose department or street one of the units
// belongs. The county's own unit is nobody's side.
func (h house) onASide(units, sides []string) (identity.Unit, bool) {
	for _, id := range sides {
		side, known := h[id]
		if !known || side.ID == h.county(side).ID {
			continue
		}
		top := h.top(side)
		for _, unit := range units {
			if h.top(h[unit]).ID == top.ID {
				return side, true
			}
		}
	}
	return identity.Unit{}, false
}
