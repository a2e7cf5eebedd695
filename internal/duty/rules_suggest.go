package duty

import (
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// offices are the units by which roles become units: all that stand on a day.
type offices struct {
	day  clock.Day
	all  []identity.Unit
	byID map[string]identity.Unit
}

func newOffices(units []identity.Unit, day clock.Day) offices {
	o := offices{day: day, all: units, byID: make(map[string]identity.Unit, len(units))}
	for _, u := range units {
		o.byID[u.ID] = u
	}
	return o
}

// areaOf is the area a unit answers for: its own or that of the nearest above.
func (o offices) areaOf(u identity.Unit) string {
	for range len(o.all) + 1 {
		if u.Area != "" || u.Parent == "" {
			break
		}
		u = o.byID[u.Parent]
	}
	return u.Area
}

// levelOfArea is the level of a unit that answers for the area.
func levelOfArea(code string) string {
	switch l := area.LevelOf(code); {
	case l >= area.Community:
		return LevelCommunity
	case l == area.Street:
		return LevelStreet
	}
	return LevelCounty
}

// levelOf says on which level a unit stands: a village or community and what is
// under it, a street and its own offices, or above. A stationed unit (派驻机构)
// stands where the department stands that owns it, wherever it works.
func (o offices) levelOf(u identity.Unit) string {
	for range len(o.all) + 1 {
		switch {
		case u.Kind == "community" || u.Kind == "village":
			return LevelCommunity
		case u.Kind == "street":
			return LevelStreet
		case u.Owner != "" && o.byID[u.Owner].ID != "" && u.Owner != u.ID:
			u = o.byID[u.Owner]
			continue
		case u.Kind == "government" && area.LevelOf(u.Area) == area.Street:
			return LevelStreet
		}
		above, known := o.byID[u.Parent]
		if !known {
			return LevelCounty
		}
		u = above
	}
	return LevelCounty
}

// find gives the unit that a role means at a place: of those with the line of
// work whose area covers the place, the one with the smallest area; the first by
// id where several are equal. The zero unit where there is none.
func (o offices) find(c *Catalogue, r Role, place string) identity.Unit {
	standing := func(u identity.Unit) bool { return u.ID != "" && u.Open(o.day.Start()) }
	if r.Unit != "" {
		if u := o.byID[r.Unit]; standing(u) {
			return u
		}
		return identity.Unit{}
	}
	f, _ := c.Function(r.Function)
	var best identity.Unit
	bestArea := ""
	for _, u := range o.all {
		if !standing(u) || u.Function != r.Function && !slices.Contains(f.Kinds, u.Kind) {
			continue
		}
		covers := o.areaOf(u)
		if !within(place, covers) || r.Level != "" && levelOfArea(covers) != r.Level {
			continue
		}
		if best.ID == "" || len(covers) > len(bestArea) || len(covers) == len(bestArea) && u.ID < best.ID {
			best, bestArea = u, covers
		}
	}
	return best
}

// match is an item of a list for a class.
type match struct {
	list  List
	item  Item
	class string // the class, or the one above it, that the item names
}

// matches are the items for a class at a place, those of the nearest list and the
// nearest class first. A wider list speaks as well, but later.
func (c *Catalogue) matches(class, place string, day clock.Day) []match {
	var out []match
	for _, l := range c.Lists {
		if !l.Holds(place, day) {
			continue
		}
		for _, up := range c.Classes.Up(class) {
			for _, i := range l.Items {
				if i.Holds(day) && slices.Contains(i.Classes, up) && !taken(out, l.ID, i.ID) {
					out = append(out, match{l, i, up})
				}
			}
		}
	}
	return out
}

// nearest are the items of the list and the class that speak first.
func nearest(ms []match) []match {
	return slices.DeleteFunc(ms, func(m match) bool { return m.list.ID != ms[0].list.ID || m.class != ms[0].class })
}

func taken(ms []match, list, item string) bool {
	return slices.ContainsFunc(ms, func(m match) bool { return m.list.ID == list && m.item.ID == item })
}

// byItem finds an item by its id in the nearest list that has it.
func (c *Catalogue) byItem(id, place string, day clock.Day) (match, bool) {
	for _, l := range c.Lists {
		if !l.Holds(place, day) {
			continue
		}
		for _, i := range l.Items {
			if i.ID == id && i.Holds(day) {
				return match{l, i, ""}, true
			}
		}
	}
	return match{}, false
}

func (c *Catalogue) found(m match, o offices, place string) Found {
	f := Found{Item: m.item, ListID: m.list.ID, List: m.list.Title, Version: m.list.Version, Example: m.list.Example,
		Lead: o.find(c, m.item.Lead, place), Remedy: m.list.remedy(m.item)}
	for _, h := range m.item.Helpers {
		f.Helpers = append(f.Helpers, Helper{h, o.find(c, h, place)})
	}
	return f
}

// remedy joins the texts of an item's remedies.
func (l List) remedy(i Item) text.Words {
	if len(i.Remedy) == 0 {
		return nil
	}
	var zh, en []string
	for _, key := range i.Remedy {
		zh = append(zh, l.Remedies[key].In(text.Chinese))
		en = append(en, l.Remedies[key].In(text.English))
	}
	return text.Words{"zh": strings.Join(zh, ""), "en": strings.Join(en, " ")}
}

// suggest answers who should lead a matter of the class at the place.
func (c *Catalogue) suggest(class, place string, o offices) (Suggestion, error) {
	k, known := c.Classes.Class(class)
	if !known {
		return Suggestion{}, fault.New(fault.NotFound, "duty.class", "class", class).At("class")
	}
	if place != "" && area.LevelOf(place) == area.NoLevel {
		return Suggestion{}, fault.New(fault.Invalid, "duty.area", "area", place).At("area")
	}
	s := Suggestion{Class: k, ReasonKey: "duty.reason.no_item", ReasonArgs: map[string]any{"class": k.Title}}
	ms := c.matches(class, place, o.day)
	if len(ms) == 0 {
		return s, nil
	}
	s.Found = c.found(ms[0], o, place)
	for _, m := range ms[1:] {
		s.Others = append(s.Others, c.found(m, o, place))
	}
	s.ReasonKey, s.ReasonArgs = c.reason(s, ms[0], o)
	return s, nil
}

// reason explains a suggestion: the list, the item, the class by which it was
// found, and why this unit.
func (c *Catalogue) reason(s Suggestion, m match, o offices) (string, map[string]any) {
	through, _ := c.Classes.Class(m.class)
	args := map[string]any{
		"class": s.Class.Title, "through": through.Title, "list": m.list.Title, "item": m.item.ID, "title": m.item.Title,
		"kind": text.Key("duty.kind." + m.item.Kind), "unit": unitName(s.Lead), "area": o.areaOf(s.Lead),
	}
	if f, known := c.Function(m.item.Lead.Function); known {
		args["function"] = f.Title
	}
	switch {
	case s.Lead.ID == "" && m.item.Lead.Unit != "":
		args["role"] = m.item.Lead.Unit
		return "duty.reason.no_named_unit", args
	case s.Lead.ID == "":
		return "duty.reason.no_unit", args
	case m.item.Lead.Unit != "":
		return "duty.reason.named", args
	case m.class != s.Class.ID:
		return "duty.reason.through", args
	}
	return "duty.reason.function", args
}

// unitName is a unit's name in both languages.
func unitName(u identity.Unit) text.Words {
	w := text.Words{"zh": u.Name}
	if u.NameEn != "" {
		w["en"] = u.NameEn
	}
	return w
}

// mayLead refuses a unit that the lists and norms keep from leading the matter,
// which is a class or an item's id. An item of a line that a community is never
// responsible for, and all that is not an item of communities, is refused for a
// village or community; what was taken back, what the street only helps with and
// what stands in no list of its own for a street. Above the street everything
// goes. Of several items for the class one that allows it is enough; what a wider
// class or a wider list says does not count where a nearer one speaks.
func (c *Catalogue) mayLead(matter, place string, unit identity.Unit, o offices) error {
	level := o.levelOf(unit)
	if level == LevelCounty {
		return nil
	}
	var ms []match
	if m, known := c.byItem(matter, place, o.day); known {
		ms = []match{m}
	} else if _, known := c.Classes.Class(matter); known {
		ms = nearest(c.matches(matter, place, o.day))
	} else {
		return fault.New(fault.NotFound, "duty.class", "class", matter).At("class")
	}
	var first *fault.Fault
	for _, m := range ms {
		f := c.refuses(m.item, level)
		if f == nil {
			return nil
		}
		if first == nil {
			first = f
		}
	}
	if first == nil {
		first = fault.New(fault.Unmet, "duty.not_listed_"+level).Under(c.outside(level))
	}
	first.Args = with(first.Args, "unit", unitName(unit))
	return first.At("unit")
}

// outside is the norm by which what is not listed may not be handed down.
func (c *Catalogue) outside(level string) string {
	if level == LevelCommunity {
		return c.Forbidden.CommunityNorm
	}
	return c.Forbidden.TownshipNorm
}

// refuses says why a unit of the level may not lead the item; nil where it may.
func (c *Catalogue) refuses(i Item, level string) *fault.Fault {
	refused := func(key, norm string) *fault.Fault {
		return fault.New(fault.Unmet, key, "item", i.ID, "title", i.Title, "kind", text.Key("duty.kind."+i.Kind)).Under(norm)
	}
	if level == LevelCommunity {
		for _, l := range c.Forbidden.Lines {
			if l.ID == i.Line {
				f := refused("duty.forbidden_community", c.Forbidden.Norm)
				f.Args["line"] = l.Title
				return f
			}
		}
		if i.Kind != Community {
			return refused("duty.not_community", c.Forbidden.CommunityNorm)
		}
		return nil
	}
	switch i.Kind {
	case TakenBack:
		return refused("duty.taken_back", c.Forbidden.TownshipNorm)
	case Cooperating:
		return refused("duty.only_helps", c.Forbidden.TownshipNorm)
	case Department:
		return refused("duty.not_street", c.Forbidden.TownshipNorm)
	}
	return nil
}

func with(args map[string]any, name string, value any) map[string]any {
	if args == nil {
		args = map[string]any{}
	}
	args[name] = value
	return args
}
