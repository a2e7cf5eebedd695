package whistle

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/coordination"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// edge draws the pages.
type edge struct {
	*coordination.Service
	rd *web.Renderer
}

// say gives words of the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "coordination."+key, args...)
}

// Routes puts the pages of whistles on mux. None of them needs script.
func Routes(s *coordination.Service, mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{s, pages}
	for at, do := range map[string]http.HandlerFunc{
		"GET /whistles":                   e.getWhistles,
		"GET /whistles/disputes":          e.getDisputes,
		"GET /whistles/new":               e.getBlow,
		"POST /whistles/new":              e.postBlow,
		"GET /whistles/{number}":          e.getBoard,
		"GET /whistles/{number}/slip.pdf": e.getSlip,
	} {
		mux.HandleFunc(at, identity.SignedIn(do))
	}
}

func boardAddress(number string) string { return "/whistles/" + url.PathEscape(number) }

// unitName is what a unit is called in the page's language, its id where it is not
// known.
func (e *edge) unitName(r *http.Request, id string) string {
	u, err := e.People.Unit(r.Context(), id)
	if err != nil {
		return id
	}
	return u.Words().In(text.Language(r.Context()))
}

func stateTag(p *procedure.Procedure, state, lang string) web.Tag {
	s := p.State(state)
	if s == nil {
		return web.Tag{Text: state}
	}
	return web.Tag{Text: s.Words.In(lang), Tone: map[string]web.Tone{procedure.Open: web.Info, procedure.Waiting: web.Warning, procedure.Final: web.Quiet}[s.Kind]}
}

// whistlesPage lists whistles.
type whistlesPage struct {
	Title string
	Tabs  []web.Tab
	Lines []web.CaseLine
	Empty web.Empty
	Begin []web.NavItem
}

func (e *edge) getWhistles(w http.ResponseWriter, r *http.Request) {
	who, now, view := identity.From(r.Context()), e.Clock.Now(), r.URL.Query().Get("view")
	open, err := e.Whistles(r.Context(), who, false)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	late := slices.DeleteFunc(slices.Clone(open), func(l coordination.WhistleLine) bool { return !l.Overdue(now) })
	show := open
	switch view {
	case "overdue":
		show = late
	case "over":
		if show, err = e.Whistles(r.Context(), who, true); err != nil {
			httpx.Fail(w, r, err)
			return
		}
	default:
		view = "open"
	}
	v := whistlesPage{Title: e.say(r, "whistles"), Empty: web.Empty{Title: e.say(r, "whistles.none."+view)},
		Tabs: []web.Tab{{Href: "/whistles", Text: e.say(r, "whistles.open"), Count: len(open), HasCount: true, Current: view == "open"},
			{Href: "/whistles?view=overdue", Text: e.say(r, "whistles.overdue"), Count: len(late), HasCount: true, Current: view == "overdue"},
			{Href: "/whistles?view=over", Text: e.say(r, "whistles.over"), Current: view == "over"}}}
	for _, l := range show {
		line, err := e.whistleLine(r, l, now)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		v.Lines = append(v.Lines, line)
	}
	if mayBlow(who) != "" {
		v.Begin = append(v.Begin, web.NavItem{Href: "/whistles/new", Text: e.say(r, "whistles.new")})
	}
	v.Begin = append(v.Begin, web.NavItem{Href: "/whistles/disputes", Text: e.say(r, "whistles.disputes")})
	e.rd.Page(w, r, http.StatusOK, "coordination/whistles", v)
}

func (e *edge) whistleLine(r *http.Request, l coordination.WhistleLine, now clock.Instant) (web.CaseLine, error) {
	p, err := e.Cases.ProcedureAt(r.Context(), l.Procedure, l.Edition)
	if err != nil {
		return web.CaseLine{}, err
	}
	lang := text.Language(r.Context())
	line := web.CaseLine{Href: boardAddress(l.Number), Number: l.Number, Title: l.Title, Opened: l.Opened, State: stateTag(p, l.State, lang)}
	for _, id := range []string{l.Values.Text("caller"), l.Values.Text("wisher")} {
		if id != "" {
			line.Facts = append(line.Facts, e.unitName(r, id))
		}
	}
	if kind := l.Values.Text("kind"); kind != "" {
		line.Facts = append(line.Facts, p.Field("kind").Option(kind, lang))
	}
	if l.Called > 0 {
		line.Facts = append(line.Facts, e.say(r, "whistles.far", "n", l.Called, "silent", l.Silent, "coming", l.Coming, "present", l.Present, "done", l.Delivered+l.Done, "disputed", l.Disputed))
	}
	if l.Unconfirmed() {
		line.Facts = append(line.Facts, e.say(r, "whistles.unconfirmed"))
	}
	if l.Due > 0 {
		line.Clock = web.Running(e.say(r, "whistles.due"), l.Due, now)
	}
	return line, nil
}

// callView is one department on the board.
type callView struct {
	Unit, Href, Asks, Who, Result string
	Closed                        bool
	State                         web.Tag
	Clock                         *web.Clock
	Steps                         []web.Step
}

// boardPage is the board of one whistle.
type boardPage struct {
	Title, Number, Words, Outcome string
	State                         web.Tag
	Notices                       []web.Notice
	Facts                         []web.Fact
	Linked                        []web.NavItem
	Map                           *web.Map
	Owed                          []string
	Calls                         []callView
	Minutes                       []web.Event
	Events                        []web.Event
	Links                         []web.NavItem
}

func (e *edge) getBoard(w http.ResponseWriter, r *http.Request) {
	b, err := e.BoardFor(r.Context(), identity.From(r.Context()), r.PathValue("number"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	lang, c := text.Language(r.Context()), b.Case
	v := boardPage{Title: c.Title, Number: c.Number, Words: c.Values.Text("words"), Outcome: c.Values.Text("outcome"), State: stateTag(b.Procedure, c.State, lang), Facts: e.boardFacts(r, b)}
	for _, one := range b.Calls {
		call, err := e.callView(r, one)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		v.Calls = append(v.Calls, call)
	}
	if coordination.Unconfirmed(c) {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "board.unconfirmed")})
	}
	if s := c.Values.Text("owed"); s != "" {
		v.Owed = strings.Split(s, "\n")
		if half := len(v.Owed) / 2; lang == text.Chinese {
			v.Owed = v.Owed[:half]
		} else {
			v.Owed = v.Owed[half:]
		}
	}
	e.boardPlace(r, c, &v)
	e.boardEvents(r, b, &v)
	for _, n := range coordination.LinkedNumbers(c.Values.Text("linked")) {
		if seen, _, err := e.Cases.Seen(r.Context(), identity.From(r.Context()), n); err == nil { // who may not see it does not learn of it
			v.Linked = append(v.Linked, web.NavItem{Href: "/cases/" + url.PathEscape(seen.Number), Text: seen.Number + " " + seen.Title})
		}
	}
	v.Links = append(v.Links, web.NavItem{Href: boardAddress(c.Number) + "/slip.pdf", Text: e.say(r, "board.print")}, web.NavItem{Href: "/whistles", Text: e.say(r, "whistles.list")})
	if _, _, err := e.Cases.Seen(r.Context(), identity.From(r.Context()), c.ID); err == nil {
		v.Links = append([]web.NavItem{{Href: "/cases/" + c.Number, Text: e.say(r, "board.case")}}, v.Links...)
	}
	e.rd.Page(w, r, http.StatusOK, "coordination/board", v)
}

func (e *edge) boardFacts(r *http.Request, b coordination.Board) []web.Fact {
	lang, v := text.Language(r.Context()), b.Case.Values
	label := func(field string) string { return b.Procedure.Field(field).Label.In(lang) }
	var out []web.Fact
	add := func(field string, value string) {
		if value != "" {
			out = append(out, web.Fact{Name: label(field), Value: value})
		}
	}
	for _, field := range []string{"caller", "wisher"} {
		if id := v.Text(field); id != "" {
			add(field, e.unitName(r, id))
		}
	}
	for _, field := range []string{"kind", "rightly"} {
		add(field, b.Procedure.Field(field).Option(v.Text(field), lang))
	}
	if k, err := e.Duty.Class(r.Context(), v.Text("class")); err == nil {
		add("class", k.Title.In(lang))
	}
	add("place", v.Text("place"))
	for _, field := range []string{"answer_within", "arrive_within"} {
		add(field, e.lasting(r, v.Text(field)))
	}
	if by, err := clock.ParseDay(v.Text("by")); err == nil {
		out = append(out, web.Fact{Name: label("by"), Value: by})
	}
	if n, ok := v["earlier"].(int64); ok && n > 0 {
		out = append(out, web.Fact{Name: label("earlier"), Value: n})
	}
	return out
}

// lasting is a length as people say it.
func (e *edge) lasting(r *http.Request, s string) string {
	l, err := procedure.ParseLength(s)
	if err != nil {
		return s
	}
	return e.rd.Say(r, "law.period."+string(l.Unit), "n", l.N)
}

// boardPlace shows where it is, on the map where the point is known.
func (e *edge) boardPlace(r *http.Request, c *casework.Case, v *boardPage) {
	p, ok := c.Values["place"].(procedure.Place)
	if !ok || !p.Point() || e.Areas == nil {
		return
	}
	at := area.Point{Lon: p.Lon, Lat: p.Lat}
	view := geo.View{Center: at, MetersPerPixel: metersPerPixel, W: mapWidth, H: mapHeight}
	req := area.PictureRequest{View: view, Marks: []area.Mark{{Point: at, Label: "1"}}, Names: true}
	if len(p.Area) == 15 {
		req.Highlight = []string{p.Area}
	}
	v.Map = &web.Map{Src: area.MapAddress("svg", req), Width: mapWidth, Height: mapHeight, Words: e.say(r, "board.map", "place", p.Words)}
}

// The picture of the place: its size and how many metres one pixel is.
const (
	mapWidth, mapHeight = 640, 360
	metersPerPixel      = 4
)

// callView draws one department: what is asked of it, who comes, how far it is.
func (e *edge) callView(r *http.Request, c coordination.Call) (callView, error) {
	ctx, lang, now := r.Context(), text.Language(r.Context()), e.Clock.Now()
	p, err := e.Cases.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return callView{}, err
	}
	v := callView{Unit: e.unitName(r, c.Unit), Asks: c.Values.Text("asks"), Who: c.Values.Text("who_comes"), Result: c.Values.Text("result"), State: stateTag(p, c.State, lang)}
	if u, err := e.People.Unit(ctx, c.Unit); err == nil {
		v.Closed = !u.Open(now)
	}
	if c.State == coordination.CallDone {
		v.State.Tone = web.Good
	}
	if _, _, err := e.Cases.Seen(ctx, identity.From(ctx), c.ID); err == nil {
		v.Href = "/cases/" + c.Number
	}
	if c.Due > 0 {
		v.Clock = web.Running(e.say(r, "whistles.due"), c.Due, now)
	}
	reached := false
	for _, st := range []struct {
		key string
		at  clock.Instant
	}{{"in", c.In}, {"arrived", c.Arrived}, {"delivered", c.Delivered}} {
		if st.at == 0 && c.Kind == procedure.Final {
			continue // it is over, and nothing comes next
		}
		one := web.Step{State: "next", Text: e.say(r, "board."+st.key)}
		switch {
		case st.at > 0:
			one.State, one.When = "done", e.rd.Show(r, st.at)
		case !reached:
			one.State, reached = "now", true
		}
		v.Steps = append(v.Steps, one)
	}
	return v, nil
}

// boardEvents draws what happened, of the whistle and of all its departments, the
// newest first, and the minutes apart.
func (e *edge) boardEvents(r *http.Request, b coordination.Board, v *boardPage) {
	lang := text.Language(r.Context())
	said := func(values casework.Values, fields ...string) string {
		for _, f := range fields {
			if s := values.Text(f); s != "" {
				return s
			}
		}
		return ""
	}
	for _, a := range b.Acts {
		if a.Words == nil {
			continue
		}
		ev := web.Event{At: a.Happened, Title: a.Words.In(lang), By: e.doer(r, a), Annulled: a.Annulled, Text: said(a.Values, "minutes", "outcome", "reason")}
		if a.Act == "meet" && !a.Annulled {
			v.Minutes = append(v.Minutes, ev)
		}
		v.Events = append(v.Events, ev)
	}
	for _, c := range b.Calls {
		for _, a := range c.Acts {
			if a.Words == nil || a.Act == "call" || a.Act == "drop" {
				continue
			}
			v.Events = append(v.Events, web.Event{At: a.Happened, Title: e.unitName(r, c.Unit) + e.rd.Say(r, "web.colon") + a.Words.In(lang), By: e.doer(r, a), Annulled: a.Annulled,
				Text: said(a.Values, "note", "result", "reason", "complaint", "ruling", "remark")})
		}
	}
	slices.SortStableFunc(v.Events, func(a, b web.Event) int { return int(b.At - a.At) })
}

// doer names the unit that acted: the board is between units. What a decision of the
// county brings about has none of its own.
func (e *edge) doer(r *http.Request, a casework.Entry) string {
	switch {
	case a.Unit != "":
		return e.unitName(r, a.Unit)
	case a.Role == "clock":
		return e.say(r, "board.by_itself")
	}
	return ""
}
