package duty

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// mostFound is how many classes the public page answers with.
const mostFound = 5

// farBehind: a class with less than this part of the best score is not shown.
const farBehind = 4

// dutyPage is what duty/duty.html shows.
type dutyPage struct {
	Form      web.Form
	Staff     bool
	Emergency *web.Notice
	Where     []web.NavItem // places to choose from
	Place     string        // the place in words
	Asked     bool
	Nothing   web.Empty
	Answers   []answer
	Lists     []listView
	Empty     *web.Empty
	Forbidden string
	Norm      string
}

// answer is one class with who leads it.
type answer struct {
	Title  string
	Facts  []web.Fact
	Why    string
	Others []string
	Report string
	Tag    *web.Tag
}

// listView is a list in tables by kind.
type listView struct {
	Title, Version, Download, Changes string
	Example                           bool
	Tabs                              []web.Tab
	Table                             web.Table
}

func (e *edge) getDuty(w http.ResponseWriter, r *http.Request) {
	cat, _, err := e.Catalogue(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	units, err := e.units.Units(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	o := newOffices(units, e.clk.Now().Day())
	q, class := asked(r, "q"), asked(r, "class")
	p := dutyPage{Staff: topAdministrator(identity.From(r.Context())), Asked: q != "" || class != ""}
	place := e.place(r, &p)
	p.Form = e.searchForm(r, q)
	p.Lists = e.listViews(r, cat, o, place)
	if len(p.Lists) == 0 {
		p.Empty = &web.Empty{Title: e.rd.Say(r, "duty.page.no_list_title"), Text: e.rd.Say(r, "duty.page.no_list")}
	}
	p.Forbidden, p.Norm = e.forbidden(r, cat), cat.Forbidden.Norm
	if p.Asked {
		e.answer(r, &p, cat, o, place, q, class)
	}
	e.rd.Page(w, r, http.StatusOK, "duty/duty", p)
}

func (e *edge) searchForm(r *http.Request, q string) web.Form {
	return web.Form{Action: "/duty", Method: "get", Submit: e.rd.Say(r, "duty.page.find"), Fields: []web.Field{
		{Name: "q", Type: "text", Label: e.rd.Say(r, "duty.page.search"), Help: e.rd.Say(r, "duty.page.search_help"), Value: q, Max: 200},
		{Name: "area", Type: "text", Label: e.rd.Say(r, "duty.page.area"), Help: e.rd.Say(r, "duty.page.area_help"), Value: asked(r, "area"), Max: 60},
	}}
}

// place reads the field "area": a code, or words that find one. Several places of
// one name are offered, none is guessed.
func (e *edge) place(r *http.Request, p *dutyPage) string {
	said := asked(r, "area")
	if said == "" || area.LevelOf(said) != area.NoLevel || e.Places == nil {
		p.Place = said
		if area.LevelOf(said) == area.NoLevel {
			return ""
		}
		return said
	}
	found, err := e.Places.Find(r.Context(), said, "", 8)
	if err != nil {
		return ""
	}
	found = slices.DeleteFunc(found, func(f area.Found) bool { return area.LevelOf(f.Code) < area.Street })
	if len(found) == 1 {
		p.Place = strings.Join(append(found[0].Within, found[0].Name), "")
		return found[0].Code
	}
	for _, f := range found {
		to := url.Values{"q": {asked(r, "q")}, "class": {asked(r, "class")}, "area": {f.Code}}
		p.Where = append(p.Where, web.NavItem{Href: "/duty?" + to.Encode(), Text: strings.Join(append(f.Within, f.Name), "")})
	}
	return ""
}

func (e *edge) answer(r *http.Request, p *dutyPage, cat *Catalogue, o offices, place, q, class string) {
	lang := text.Language(r.Context())
	matches := cat.Classes.Match(q, mostFound)
	if k, known := cat.Classes.Class(class); known {
		matches = []ClassMatch{{Class: k}}
	}
	var calls []string
	for _, d := range cat.Classes.Emergencies(q) {
		calls = append(calls, d.Call)
	}
	for _, m := range matches {
		if m.Score*farBehind < matches[0].Score {
			break // a class that shares a pair of characters by chance
		}
		s, err := cat.suggest(m.Class.ID, e.somewhere(cat, place), o)
		if err != nil {
			continue
		}
		a := answer{Title: m.Class.Title.In(lang), Report: e.ReportPath + "?class=" + url.QueryEscape(m.Class.ID)}
		if s.Known() {
			a.Facts = e.facts(r, cat, s, place)
			a.Tag = &web.Tag{Text: e.rd.Say(r, "duty.kind."+s.Item.Kind), Tone: web.Quiet}
			for _, f := range s.Others {
				if slices.Contains(f.Item.Classes, m.Class.ID) {
					a.Others = append(a.Others, f.Item.ID+" "+f.Item.Title.In(lang)+e.rd.Say(r, "web.colon")+e.who(r, cat, f, place))
				}
			}
		}
		if !s.Known() || place != "" {
			a.Why = e.book().Say(lang, s.ReasonKey, s.ReasonArgs)
		}
		for _, n := range m.Class.Emergency {
			if len(p.Answers) == 0 && !slices.Contains(calls, n) {
				calls = append(calls, n)
			}
		}
		p.Answers = append(p.Answers, a)
	}
	if len(calls) > 0 {
		p.Emergency = &web.Notice{Tone: web.Bad, Text: e.rd.Say(r, "duty.page.emergency", "calls", calls)}
	}
	p.Nothing = web.Empty{Title: e.rd.Say(r, "duty.page.nothing_title"), Text: e.rd.Say(r, "duty.page.nothing"),
		Links: []web.NavItem{{Href: e.ReportPath, Text: e.rd.Say(r, "duty.page.report")}}}
}

// somewhere is the place asked for, else the area of the widest list: without a
// place the page still says which item and line of work it is.
func (e *edge) somewhere(cat *Catalogue, place string) string {
	if place != "" || len(cat.Lists) == 0 {
		return place
	}
	return cat.Lists[len(cat.Lists)-1].Area
}

func (e *edge) facts(r *http.Request, cat *Catalogue, s Suggestion, place string) []web.Fact {
	lang := text.Language(r.Context())
	facts := []web.Fact{
		{Name: e.rd.Say(r, "duty.page.who"), Value: e.who(r, cat, s.Found, place)},
		{Name: e.rd.Say(r, "duty.page.limit"), Value: e.limit(r, s.Item)},
		{Name: e.rd.Say(r, "duty.page.matter"), Value: s.Item.ID + " " + s.Item.Title.In(lang)},
		{Name: e.rd.Say(r, "duty.page.basis"), Value: e.basis(r, s.Item, s.Example)},
	}
	var helpers []string
	for _, h := range s.Helpers {
		helpers = append(helpers, e.roleName(r, cat, h.Role, h.Unit, place))
	}
	for _, f := range []web.Fact{
		{Name: e.rd.Say(r, "duty.page.helpers"), Value: strings.Join(helpers, e.rd.Say(r, "text.list_separator"))},
		{Name: e.rd.Say(r, "duty.page.support"), Value: s.Item.Support.In(lang)},
		{Name: e.rd.Say(r, "duty.page.boundary"), Value: s.Item.Boundary.In(lang)},
		{Name: e.rd.Say(r, "duty.page.way"), Value: s.Item.Way.In(lang)},
		{Name: e.rd.Say(r, "duty.page.remedy"), Value: s.Remedy.In(lang)},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func (e *edge) who(r *http.Request, cat *Catalogue, f Found, place string) string {
	return e.roleName(r, cat, f.Item.Lead, f.Lead, place)
}

// roleName is the unit where a place was asked for, else the line of work and its level.
func (e *edge) roleName(r *http.Request, cat *Catalogue, role Role, u identity.Unit, place string) string {
	lang := text.Language(r.Context())
	if u.ID != "" && (place != "" || role.Unit != "") {
		return unitName(u).In(lang)
	}
	f, _ := cat.Function(role.Function)
	said := f.Title.In(lang)
	if role.Level != "" {
		said = e.rd.Say(r, "duty.page.at_level", "function", f.Title, "level", text.Key("duty.level."+role.Level))
	}
	if said == "" {
		said = role.String()
	}
	if place != "" {
		said = e.rd.Say(r, "duty.page.no_unit", "role", said)
	}
	return said
}

func (e *edge) limit(r *http.Request, i Item) string {
	if i.Limit.Length == 0 {
		return e.rd.Say(r, "duty.no_limit")
	}
	return i.Limit.Say(e.book(), text.Language(r.Context()))
}

func (e *edge) basis(r *http.Request, i Item, example bool) string {
	switch {
	case i.Basis != "":
		return i.Basis
	case example:
		return e.rd.Say(r, "duty.basis_not_given_example")
	}
	return e.rd.Say(r, "duty.basis_not_given")
}

// listViews are the lists that hold today where the reader asks, by kind.
func (e *edge) listViews(r *http.Request, cat *Catalogue, o offices, place string) []listView {
	lang := text.Language(r.Context())
	kind := asked(r, "kind")
	if !slices.Contains(ItemKinds(), kind) {
		kind = ""
	}
	var out []listView
	for _, l := range cat.Lists {
		if !l.Holds(l.Area, o.day) || place != "" && !l.Holds(place, o.day) {
			continue
		}
		v := listView{Title: l.Title.In(lang), Example: l.Example, Download: "/duty/" + l.ID + ".csv", Changes: "/duty/versions/" + url.PathEscape(l.ID),
			Version: e.rd.Say(r, "duty.page.version", "version", l.Version, "from", l.From)}
		count := map[string]int{}
		v.Table = web.Table{Caption: v.Title, Columns: e.columns(r)}
		for _, i := range l.Items {
			if !i.Holds(o.day) {
				continue
			}
			count[i.Kind]++
			if kind == "" || kind == i.Kind {
				f := cat.found(match{l, i, ""}, o, place)
				v.Table.Rows = append(v.Table.Rows, []web.Cell{
					{Text: i.ID + " " + i.Title.In(lang)}, {Text: e.rd.Say(r, "duty.kind."+i.Kind)}, {Text: e.who(r, cat, f, place)},
					{Text: e.limit(r, i)}, {Text: e.basis(r, i, l.Example)},
				})
			}
		}
		v.Tabs = e.kindTabs(r, kind, count)
		out = append(out, v)
	}
	return out
}

func (e *edge) columns(r *http.Request) []web.Column {
	var out []web.Column
	for _, c := range []string{"matter", "kind", "who", "limit", "basis"} {
		out = append(out, web.Column{Text: e.rd.Say(r, "duty.page."+c)})
	}
	return out
}

func (e *edge) kindTabs(r *http.Request, kind string, count map[string]int) []web.Tab {
	all := 0
	for _, n := range count {
		all += n
	}
	to := func(kind string) string {
		v := url.Values{}
		for name, value := range map[string]string{"kind": kind, "area": asked(r, "area")} {
			if value != "" {
				v.Set(name, value)
			}
		}
		if len(v) == 0 {
			return "/duty#all"
		}
		return "/duty?" + v.Encode() + "#all"
	}
	tabs := []web.Tab{{Href: to(""), Text: e.rd.Say(r, "duty.page.all"), Count: all, Current: kind == ""}}
	for _, k := range ItemKinds() {
		if count[k] > 0 {
			tabs = append(tabs, web.Tab{Href: to(k), Text: e.rd.Say(r, "duty.kind."+k), Count: count[k], Current: kind == k})
		}
	}
	return tabs
}
