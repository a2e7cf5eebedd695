package duty

import (
	"maps"
	"slices"
	"strings"
)

// Compare says what changes from one list to another; items are the same by
// their ids, and their order counts for nothing.
func Compare(old, now List) Difference {
	var d Difference
	for name, same := range map[string]bool{
		"title": maps.Equal(old.Title, now.Title), "area": old.Area == now.Area, "version": old.Version == now.Version,
		"from": old.From == now.From, "until": old.Until == now.Until, "example": old.Example == now.Example,
		"remedies": maps.EqualFunc(old.Remedies, now.Remedies, maps.Equal),
	} {
		if !same {
			d.Head = append(d.Head, name)
		}
	}
	slices.Sort(d.Head)
	before := map[string]Item{}
	for _, i := range old.Items {
		before[i.ID] = i
	}
	for _, i := range now.Items {
		was, known := before[i.ID]
		delete(before, i.ID)
		switch fields := differing(was, i); {
		case !known:
			d.Added = append(d.Added, i)
		case len(fields) > 0:
			d.Changed = append(d.Changed, Change{was, i, fields})
		default:
			d.Same++
		}
	}
	for _, i := range old.Items {
		if _, gone := before[i.ID]; gone {
			d.Removed = append(d.Removed, i)
		}
	}
	return d
}

// differing names the columns in which two items differ.
func differing(a, b Item) []string {
	var out []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"kind", a.Kind == b.Kind},
		{"title", maps.Equal(a.Title, b.Title)},
		{"classes", slices.Equal(a.Classes, b.Classes)},
		{"lead", a.Lead == b.Lead},
		{"helpers", slices.Equal(a.Helpers, b.Helpers)},
		{"limit", a.Limit == b.Limit},
		{"basis", a.Basis == b.Basis},
		{"remedy", slices.Equal(slices.Sorted(slices.Values(a.Remedy)), slices.Sorted(slices.Values(b.Remedy)))}, // a form gives them in its own order
		{"support", maps.Equal(a.Support, b.Support)},
		{"boundary", maps.Equal(a.Boundary, b.Boundary)},
		{"way", maps.Equal(a.Way, b.Way)},
		{"line", a.Line == b.Line},
		{"from", a.From == b.From},
		{"until", a.Until == b.Until},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}

// said is every column of an item as people read it.
func (i Item) said(lang string) map[string]string {
	var helpers []string
	for _, h := range i.Helpers {
		helpers = append(helpers, h.String())
	}
	return map[string]string{
		"kind": i.Kind, "title": i.Title.In(lang), "classes": strings.Join(i.Classes, "; "), "lead": i.Lead.String(), "helpers": strings.Join(helpers, "; "),
		"limit": i.Limit.String(), "basis": i.Basis, "remedy": strings.Join(i.Remedy, "; "), "support": i.Support.In(lang), "boundary": i.Boundary.In(lang), "way": i.Way.In(lang),
		"line": i.Line, "from": dayText(i.From), "until": dayText(i.Until),
	}
}
