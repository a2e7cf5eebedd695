package desk

import (
	"net/url"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
	"linli/web"
)

// mostAbout is how many cases the page of a case lists of those that name it.
const mostAbout = 20

// aboutView is what stands outside the case and speaks of it: cases that name it in
// a listed field of type case, those that it names, and what may be begun about it.
// Nothing there is part of the case or moves it.
type aboutView struct {
	Naming, Named []related
	Begin         []web.NavItem
}

// about serves every procedure: a new one that names cases appears by its form alone.
func (d *drawing) about(v *casework.View) (*aboutView, error) {
	all, err := d.Procedures(d.ctx)
	if err != nil {
		return nil, err
	}
	out := &aboutView{}
	for _, field := range namingFields(all) {
		rows, _, err := d.List(d.ctx, d.who, casework.Filter{Field: field, Value: v.Case.Number, Limit: mostAbout})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out.Naming = append(out.Naming, d.relatedTo(row.Case, row.Title, row.Words))
		}
	}
	slices.SortFunc(out.Naming, func(a, b related) int { return strings.Compare(b.Number, a.Number) })
	for _, f := range v.Procedure.Form {
		number := v.Case.Values.Text(f.Name)
		if f.Type != "case" || number == "" || v.Leader != nil && number == v.Leader.Number {
			continue
		}
		c, p, err := d.Seen(d.ctx, d.who, number)
		switch {
		case err == nil:
			out.Named = append(out.Named, d.relatedTo(c, p.Title, p.State(c.State).Words))
		case !fault.Is(err, fault.NotFound): // a number that leads nowhere the asker may go stays a number
			return nil, err
		}
	}
	for _, p := range all {
		for _, act := range p.Openings() {
			if p.Name != v.Procedure.Name && offered(p, act, d.who) && p.Field(aboutField) != nil && slices.ContainsFunc(act.Fill, func(f procedure.Fill) bool { return f.Field == aboutField }) {
				out.Begin = append(out.Begin, web.NavItem{Href: d.openingAddress(p, act) + "?" + aboutField + "=" + url.QueryEscape(v.Case.Number), Text: act.Words.In(d.lang)})
			}
		}
	}
	return out, nil
}

// aboutField is the field by which a procedure says that its cases are about another
// one; the page of that one offers to begin them.
const aboutField = "case"

// namingFields are the listed fields in which cases name others, each once. A leading
// case shows its followers by itself.
func namingFields(all []*procedure.Procedure) []string {
	var out []string
	for _, p := range all {
		for _, f := range p.Form {
			if f.Type == "case" && f.Listed && !slices.Contains(out, f.Name) {
				out = append(out, f.Name)
			}
		}
	}
	return out
}

func (d *drawing) relatedTo(c *casework.Case, title, state procedure.Words) related {
	text := title.In(d.lang)
	if c.Title != "" && c.Title != c.Number {
		text = d.say("about.line", "procedure", text, "title", c.Title)
	}
	return related{Href: "/cases/" + c.ID, Number: c.Number, Text: text, Unit: d.unit(c.Unit), State: web.Tag{Text: state.In(d.lang), Tone: kindTone(c.Kind)}}
}

// linked are the types of field that the link of another page may fill in: what the
// new case is about, and nothing that somebody would say.
var linked = []string{"case", "unit", "area"}

// addressed are the cases, units and areas that an address names for the fields of an
// opening form; nil where it names none.
func (d *drawing) addressed(p *procedure.Procedure, act *procedure.Act) url.Values {
	var out url.Values
	for _, f := range act.Fill {
		number := d.r.URL.Query().Get(f.Field)
		if !slices.Contains(linked, p.Field(f.Field).Type) || !procedure.IDPattern.MatchString(number) {
			continue
		}
		if out == nil {
			out = url.Values{}
		}
		out.Set(f.Field, number)
	}
	return out
}
