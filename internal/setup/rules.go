package setup

import (
	"slices"
	"strconv"
	"strings"
)

// Checklist says how far every part is, in the order in which it is best done.
func Checklist(s State) []Item {
	items := []Item{
		county(s), calendars(s), grids(s), units(s), people(s), lists(s), leads(s), posts(s), handlers(s),
		phones(s), places(s), address(s), secure(s), senders(s),
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return tooEarly(i.ID, s) })
	for _, id := range byHand {
		item := Item{ID: id, Status: Missing, ByHand: true}
		if m, ok := s.Marks[id]; ok {
			item.Status, item.Marked = Done, &m
		}
		items = append(items, item)
	}
	return items
}

// tooEarly leaves out lines that say nothing yet, because what they look at is
// not there.
func tooEarly(id string, s State) bool {
	switch id {
	case "grids":
		return s.Communities == 0
	case "phones":
		return s.Grids == 0
	case "leads", "handlers":
		return s.Units < 2
	}
	return false
}

// Left counts the lines that are still missing.
func Left(items []Item) (n int) {
	for _, i := range items {
		if i.Status == Missing {
			n++
		}
	}
	return n
}

// done gives the state by a condition.
func done(ok bool, otherwise string) string {
	if ok {
		return Done
	}
	return otherwise
}

func county(s State) Item {
	return Item{ID: "county", Status: done(s.CountyName != "" && s.Communities > 0, Missing), Href: "/setup/areas",
		Args: []any{"name", s.CountyName, "code", s.County, "streets", s.Streets, "communities", s.Communities}}
}

func calendars(s State) Item {
	years := make([]string, len(s.YearsMissing))
	for i, y := range s.YearsMissing {
		years[i] = strconv.Itoa(y)
	}
	return Item{ID: "calendars", Status: done(len(s.YearsMissing) == 0, Missing), Href: "/calendars", Args: []any{"years", strings.Join(years, ", ")}}
}

func grids(s State) Item {
	return Item{ID: "grids", Status: done(len(s.WithoutGrids) == 0, Missing), Href: "/admin/areas",
		Args: []any{"grids", s.Grids, "n", len(s.WithoutGrids)}, Names: s.WithoutGrids}
}

func units(s State) Item {
	return Item{ID: "units", Status: done(s.Units > 1, Missing), Href: "/setup/book", Args: []any{"n", s.Units}}
}

func people(s State) Item {
	return Item{ID: "people", Status: done(s.People > 1, Missing), Href: "/setup/book", Args: []any{"n", s.People}}
}

func lists(s State) Item {
	return Item{ID: "lists", Status: done(s.Items > 0 && !s.ListsExample, Missing), Href: "/admin/duty", Args: []any{"lists", s.Lists, "items", s.Items}}
}

func leads(s State) Item {
	return Item{ID: "leads", Status: done(s.Items > 0 && len(s.LeadersMissing) == 0, Missing), Href: "/admin/units",
		Args: []any{"n", len(s.LeadersMissing)}, Names: s.LeadersMissing}
}

func posts(s State) Item {
	return Item{ID: "posts", Status: done(len(s.PostsMissing) == 0, Missing), Href: "/admin/posts",
		Args: []any{"n", len(s.PostsMissing)}, Names: s.PostsMissing}
}

func handlers(s State) Item {
	return Item{ID: "handlers", Status: done(len(s.HandlersMissing) == 0, Missing), Href: "/admin/posts",
		Args: []any{"n", len(s.HandlersMissing)}, Names: s.HandlersMissing}
}

func phones(s State) Item {
	return Item{ID: "phones", Status: done(s.WithoutPhone == 0, Advised), Href: "/admin/areas", Args: []any{"n", s.WithoutPhone}}
}

func places(s State) Item {
	return Item{ID: "places", Status: done(s.Places > 0, Advised), Href: "/setup/areas", Args: []any{"n", s.Places}}
}

func address(s State) Item {
	return Item{ID: "address", Status: done(s.Serving.Address != "", Missing), Args: []any{"address", s.Serving.Address}}
}

func secure(s State) Item {
	return Item{ID: "secure", Status: done(s.Serving.Secure, Missing)}
}

func senders(s State) Item {
	return Item{ID: "senders", Status: done(s.Serving.Senders > 0 && s.Serving.Failing == 0 && !s.Serving.Fallback, Advised),
		Args: []any{"n", s.Serving.Senders, "failing", s.Serving.Failing}}
}

// mayMark says whether a line is one that a person confirms.
func mayMark(id string) bool { return slices.Contains(byHand, id) }
