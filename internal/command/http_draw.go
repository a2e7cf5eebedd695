package command

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// drawing is one page being drawn, with the names it has looked up.
type drawing struct {
	*edge
	r          *http.Request
	ctx        context.Context
	who        identity.Actor
	lang       string
	now        clock.Instant
	q          asked
	areaNames  map[string]string
	classNames map[string]string
	units      map[string]identity.Unit
	procedures map[string]*procedure.Procedure
}

func (e *edge) draw(r *http.Request, q asked) *drawing {
	return &drawing{edge: e, r: r, ctx: r.Context(), who: identity.From(r.Context()), lang: text.Language(r.Context()), now: e.clk.Now(), q: q,
		areaNames: map[string]string{}, classNames: map[string]string{}}
}

func (d *drawing) say(key string, args ...any) string { return d.rd.Say(d.r, "command."+key, args...) }

// area names a code; one that is not known stays as it is.
func (d *drawing) area(code string) string {
	if name, had := d.areaNames[code]; had {
		return name
	}
	name := code
	if code == "" {
		name = d.say("area.none")
	} else if d.areas != nil {
		if a, err := d.areas.Get(d.ctx, code); err == nil {
			if name = a.Name; d.lang != text.Chinese && a.NameEn != "" {
				name = a.NameEn
			}
		}
	}
	d.areaNames[code] = name
	return name
}

// place names where a case lies, a grid with its community.
func (d *drawing) place(code string) string {
	if code == "" {
		return ""
	}
	if len(code) > communityDigits {
		return d.area(code[:communityDigits]) + " " + d.area(code)
	}
	return d.area(code)
}

func (d *drawing) class(id string) string {
	if id == "" {
		return d.say("class.none")
	}
	if name, had := d.classNames[id]; had {
		return name
	}
	name := id
	if d.duty != nil {
		if k, err := d.duty.Class(d.ctx, id); err == nil {
			name = k.Title.In(d.lang)
		}
	}
	d.classNames[id] = name
	return name
}

func (d *drawing) unit(id string) string {
	if id == "" {
		return ""
	}
	if d.units == nil {
		d.units = map[string]identity.Unit{}
		all, err := d.people.Units(d.ctx)
		if err != nil {
			d.slog.Error("command: units could not be read", "error", err)
		}
		for _, u := range all {
			d.units[u.ID] = u
		}
	}
	u, ok := d.units[id]
	switch {
	case !ok:
		return id
	case d.lang != text.Chinese && u.NameEn != "":
		return u.NameEn
	}
	return u.Name
}

// state names "procedure.state" as "procedure · state".
func (d *drawing) state(key string) string {
	name, state := splitState(key)
	if d.procedures == nil {
		d.procedures = map[string]*procedure.Procedure{}
		all, err := d.cases.Procedures(d.ctx)
		if err != nil {
			d.slog.Error("command: procedures could not be read", "error", err)
		}
		for _, p := range all {
			d.procedures[p.Name] = p
		}
	}
	p := d.procedures[name]
	if p == nil {
		return key
	}
	words := p.Title.In(d.lang)
	if s := p.State(state); s != nil {
		words += " · " + s.Words.In(d.lang)
	}
	return words
}

// splitState cuts "procedure.state".
func splitState(key string) (string, string) {
	name, state, _ := strings.Cut(key, ".")
	return name, state
}

// scopeName names what the page is about.
func (d *drawing) scopeName() string {
	switch sc := d.q.scope; {
	case sc.Unit != "":
		return d.unit(sc.Unit)
	case sc.Area != "":
		return d.area(sc.Area)
	}
	return d.say("scope.all")
}

// trail leads from the county down to the scope.
func (d *drawing) trail() (out []web.NavItem) {
	code := d.q.scope.Area
	for _, n := range []int{6, 9, communityDigits, wholeCode} {
		at := cut(code, n)
		if len(at) < 6 || len(out) > 0 && out[len(out)-1].Href == d.q.with("/command", "area", at, "unit", "", "after", "") {
			continue
		}
		out = append(out, web.NavItem{Href: d.q.with("/command", "area", at, "unit", "", "after", ""), Text: d.area(at), Current: at == code})
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// scopes are the areas and units of the actor's own posts.
func (d *drawing) scopes() (out []web.Tab) {
	add := func(name, value, words string) {
		t := web.Tab{Href: d.q.with("/command", "area", "", "unit", "", name, value), Text: words}
		t.Current = name == "area" && d.q.scope.Area == value || name == "unit" && d.q.scope.Unit == value
		if !slices.ContainsFunc(out, func(o web.Tab) bool { return o.Href == t.Href }) {
			out = append(out, t)
		}
	}
	for _, p := range d.who.Posts {
		if isCode(p.Area) {
			add("area", p.Area, d.area(p.Area))
		}
	}
	for _, p := range d.who.Posts {
		add("unit", p.Unit, d.say("scope.unit", "unit", d.unit(p.Unit)))
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// caseLines draws rows of the list.
func (d *drawing) caseLines(rows []casework.Row) []web.CaseLine {
	out := make([]web.CaseLine, 0, len(rows))
	for _, row := range rows {
		l := web.CaseLine{Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, State: web.Tag{Text: row.Words.In(d.lang), Tone: web.Plain}, Opened: row.Opened}
		if l.Title == "" {
			l.Title = row.Title.In(d.lang)
		}
		if row.Kind == procedure.Waiting {
			l.State.Tone = web.Quiet
		}
		for _, fact := range []string{row.Title.In(d.lang), d.classOf(row.Class), d.place(row.Area), d.unit(row.Unit)} {
			if fact != "" && fact != l.Title {
				l.Facts = append(l.Facts, fact)
			}
		}
		l.Clock = d.due(row.Due)
		out = append(out, l)
	}
	return out
}

func (d *drawing) classOf(id string) string {
	if id == "" {
		return ""
	}
	return d.class(id)
}

// due draws when a case is due.
func (d *drawing) due(at clock.Instant) *web.Clock {
	if at == 0 {
		return nil
	}
	c := &web.Clock{Due: at - 1, Left: int64(at-d.now) / 60e6, State: "running"}
	switch {
	case at <= d.now:
		c.State, c.Left = "breached", max(int64(d.now-at)/60e6, 1)
	case at <= d.now.Day().End():
		c.State = "warning"
	}
	return c
}
