package command

import (
	"strconv"
	"time"

	"linli/web"
)

// tile is one figure on top of a page.
type tile struct {
	Href, Name string
	N          int
	Tone       web.Tone
	Current    bool
}

// pageView is the page /command.
type pageView struct {
	Scope   string
	Tabs    []web.Tab
	Trail   []web.NavItem
	AsOf    string // the moment up to which is counted, with seconds
	Notices []web.Notice
	Tiles   []tile
	Filters []web.Field
	Keep    []web.Option // what the filter form carries along
	Some    bool         // a filter is set
	ListOf  string
	Lines   []web.CaseLine
	Empty   web.Empty
	Pager   web.Pager
	Map     *web.Map
	Steps   []web.Tag // of the shading, light to dark
	Areas   *web.Table
	Queue   web.Table
	Rises   web.Table
	Roster  []web.Fact
	Wall    string
	Screens bool   // may make passes of wall screens
	Live    string // address of the events
	Parts   string // address of the parts that change
	Points  string // address of the map's points
	Clear   string
	Under   string // code the map begins with
}

// Sizes of the still picture.
const pictureWidth, pictureHeight = 720, 540

func (d *drawing) page() (v pageView, err error) {
	b, err := d.Board(d.ctx, d.who, d.q.scope, d.q.filter)
	if err != nil {
		return v, err
	}
	rows, next, err := d.List(d.ctx, d.who, d.q.scope, d.q.filter)
	if err != nil {
		return v, err
	}
	q := d.q
	v = pageView{Scope: d.scopeName(), Tabs: d.scopes(), Trail: d.trail(), AsOf: b.State.AsOf.Time().Format(time.TimeOnly), Notices: d.notices(b.State), Tiles: d.tiles(b.Total),
		Filters: d.filters(b), Some: q.filter.some(), Lines: d.caseLines(rows), Areas: d.areaTable(b.Areas), Queue: d.queue(b), Rises: d.risesTable(b.Rises)}
	v.Under, v.Screens = q.scope.Area, MayScreen(d.who)
	v.ListOf = d.say("list." + q.filter.name())
	v.Empty = web.Empty{Title: d.say("empty"), Text: d.say("empty.text")}
	v.Clear = q.with("/command", "class", "", "state", "", "show", "", "sort", "", "after", "")
	if v.Some {
		v.Empty = web.Empty{Title: d.say("empty.filtered"), Links: []web.NavItem{{Href: v.Clear, Text: d.say("filter.clear")}}}
	}
	if next != "" {
		v.Pager.Next = q.with("/command", "after", next) + "#list"
	}
	if q.filter.After != "" {
		v.Pager.First = q.with("/command", "after", "") + "#list"
	}
	if d.areas != nil {
		v.Map = &web.Map{Src: q.with("/command/picture.svg"), Width: pictureWidth, Height: pictureHeight, Words: d.say("map.words", "what", d.say("list."+q.filter.name()), "scope", v.Scope)}
	}
	for _, name := range []string{"area", "unit"} {
		if value := q.query.Get(name); value != "" {
			v.Keep = append(v.Keep, web.Option{Label: name, Value: value})
		}
	}
	for _, w := range d.duties(d.ctx, d.who, q.scope, d.now) {
		v.Roster = append(v.Roster, d.watch(w))
	}
	v.Wall, v.Live, v.Parts, v.Points = q.with("/command", "wall", "1", "class", "", "state", "", "show", "", "sort", ""), q.with("/command/events"), q.with("/command/list", "after", q.filter.After), q.with("/command/points")
	return v, nil
}

func (f Filter) some() bool { return f.Class != "" || f.Procedure != "" || f.name() != "open" }

// name is what the filter shows, as a word key.
func (f Filter) name() string {
	switch {
	case f.Unplaced:
		return showUnplaced
	case f.Decides:
		return showDecides
	case f.Due != "":
		return f.Due
	}
	return "open"
}

func (d *drawing) notices(st State) (out []web.Notice) {
	if st.Behind > mostBehind {
		out = append(out, web.Notice{Tone: web.Warning, Text: d.say("behind", "n", st.Behind)})
	}
	if st.Parked > 0 {
		out = append(out, web.Notice{Tone: web.Warning, Text: d.say("parked", "n", st.Parked)})
	}
	return out
}

// tiles are the figures on top; each leads to its cases.
func (d *drawing) tiles(n Numbers) []tile {
	f := d.q.filter
	to := func(show, sort string) string {
		return d.q.with("/command", "show", show, "sort", sort, "after", "") + "#list"
	}
	tone := func(n int, t web.Tone) web.Tone {
		if n == 0 {
			return web.Plain
		}
		return t
	}
	out := []tile{
		{to("", "new"), "received", n.Received, web.Plain, false},
		{to("", ""), "open", n.Open, web.Plain, f.name() == "open"},
		{to(showToday, ""), showToday, n.Today, tone(n.Today, web.Warning), f.name() == showToday},
		{to(showOverdue, ""), showOverdue, n.Overdue, tone(n.Overdue, web.Bad), f.name() == showOverdue},
		{to(showDecides, ""), showDecides, n.Decides, tone(n.Decides, web.Info), f.name() == showDecides},
		{to(showUnplaced, ""), showUnplaced, n.Unplaced, tone(n.Unplaced, web.Info), f.name() == showUnplaced},
	}
	for i := range out {
		out[i].Name = d.say("tile." + out[i].Name)
	}
	return out
}

// filters are the choices of the form: only what there is can be chosen.
func (d *drawing) filters(b Board) []web.Field {
	q := d.q
	shows := []web.Option{{Label: d.say("list.open")}}
	for _, s := range []string{showOverdue, showToday, showDecides, showUnplaced} {
		shows = append(shows, web.Option{Value: s, Label: d.say("list." + s)})
	}
	sorts := []web.Option{{Label: d.say("sort.due")}, {Value: "new", Label: d.say("sort.new")}}
	out := []web.Field{{Name: "show", Options: shows}, {Name: "class", Options: d.choices(b.Classes, q.filter.Class, d.class)},
		{Name: "state", Options: d.choices(b.States, q.query.Get("state"), d.state)}, {Name: "sort", Options: sorts}}
	for i := range out {
		f := &out[i]
		f.Label, f.ID = d.say("filter."+f.Name), "filter-"+f.Name
		for j := range f.Options {
			f.Options[j].Selected = f.Options[j].Value == q.query.Get(f.Name)
		}
	}
	return out
}

// choices are the parts with open cases, and what is chosen even if it has none.
func (d *drawing) choices(parts []Part, chosen string, name func(string) string) []web.Option {
	out := []web.Option{{Label: d.say("filter.any")}}
	had := chosen == ""
	for _, p := range parts {
		if p.Open > 0 && p.Key != "" {
			had = had || p.Key == chosen
			out = append(out, web.Option{Value: p.Key, Label: d.say("option", "name", name(p.Key), "n", p.Open)})
		}
	}
	if !had {
		out = append(out, web.Option{Value: chosen, Label: name(chosen)})
	}
	return out
}

// areaTable is the scope one step further down.
func (d *drawing) areaTable(parts []Part) *web.Table {
	if len(d.q.scope.Area) > communityDigits {
		return nil
	}
	t := &web.Table{Caption: d.say("areas"), Empty: web.Empty{Title: d.say("areas.none")}, Columns: []web.Column{{Text: d.say("col.area")},
		{Text: d.say("tile.open"), Number: true}, {Text: d.say("tile.overdue"), Number: true}, {Text: d.say("tile.received"), Number: true}, {Text: d.say("tile.decides"), Number: true}}}
	for _, p := range parts {
		if p.Open == 0 && p.Received == 0 {
			continue
		}
		href := ""
		if p.Key != "" && p.Key != d.q.scope.Area {
			href = d.q.with("/command", "area", p.Key, "unit", d.q.scope.Unit, "after", "")
			if d.q.scope.Unit != "" { // one or the other: the unit's cases are not cut by area
				href = ""
			}
		}
		name := d.area(p.Key)
		if p.Key == d.q.scope.Area && p.Key != "" {
			name = d.say("area.itself", "area", name)
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: name, Href: href}, {Text: number(p.Open)}, {Text: number(p.Overdue)}, {Text: number(p.Received)}, {Text: number(p.Decides)}})
	}
	return t
}

// queue is what waits for a decision, by what must be decided.
func (d *drawing) queue(b Board) web.Table {
	t := web.Table{Caption: d.say("queue"), Empty: web.Empty{Title: d.say("queue.none")}, Columns: []web.Column{{Text: d.say("col.decision")},
		{Text: d.say("tile.decides"), Number: true}, {Text: d.say("tile.overdue"), Number: true}}}
	for _, p := range b.States {
		if p.Decides > 0 {
			t.Rows = append(t.Rows, []web.Cell{{Text: d.state(p.Key), Href: d.q.with("/command", "state", p.Key, "show", showDecides, "class", "", "after", "") + "#list"},
				{Text: number(p.Decides)}, {Text: number(p.Overdue)}})
		}
	}
	if b.Total.Unplaced > 0 {
		t.Rows = append(t.Rows, []web.Cell{{Text: d.say("tile.unplaced"), Href: d.q.with("/command", "state", "", "show", showUnplaced, "class", "", "after", "") + "#list"},
			{Text: number(b.Total.Unplaced)}, {Text: ""}})
	}
	return t
}

// risesTable shows the classes that rise: both numbers, side by side.
func (d *drawing) risesTable(list []Rise) web.Table {
	t := web.Table{Caption: d.say("rising"), Empty: web.Empty{Title: d.say("rising.none")}, Columns: []web.Column{{Text: d.say("col.class")},
		{Text: d.say("col.week"), Number: true}, {Text: d.say("col.weeks"), Number: true}}}
	for _, r := range list {
		t.Rows = append(t.Rows, []web.Cell{{Text: d.class(r.Class), Href: d.q.with("/command", "class", r.Class, "after", "") + "#list"},
			{Text: number(r.Week)}, {Text: tenth(r.Weeks)}})
	}
	return t
}

// tenth is an average week of four, to a tenth.
func tenth(weeks int) string { return strconv.FormatFloat(float64(weeks)/4, 'f', 1, 64) }

// watch is one line of the roster.
func (d *drawing) watch(w Watch) web.Fact {
	value := w.Name
	for _, more := range []string{w.Unit, w.Phone, w.Note} {
		if more != "" {
			value += " · " + more
		}
	}
	name := d.say("roster.now")
	if w.From != 0 && w.Until != 0 {
		name = w.From.Time().Format("15:04") + "–" + w.Until.Time().Format("15:04")
	}
	return web.Fact{Name: name, Value: value}
}

// wallView is the wall screen: counts, map and classes, nothing of any case.
type wallView struct {
	Lang, Scope   string
	AsOf, Day     string
	Demo          bool
	Tiles         []tile
	Areas         []wallLine
	Classes       []wallLine
	Rises         []wallLine
	Picture       string
	Words         string
	Live, Parts   string
	Back, Refresh string
	Notices       []web.Notice
}

// wallLine is one bar: how long in hundredths of the longest.
type wallLine struct {
	Name  string
	N     string
	Late  int
	Share int
}

// mostWall is how many lines a block of the wall screen has.
const mostWall = 10

func (d *drawing) wall() (v wallView, err error) {
	b, err := d.Board(d.ctx, d.who, d.q.scope, Filter{})
	if err != nil {
		return v, err
	}
	q := d.q
	v = wallView{Lang: d.lang, Scope: d.scopeName(), AsOf: b.State.AsOf.Time().Format(time.TimeOnly), Day: d.now.Day().String(), Demo: d.rd.Demo, Tiles: d.tiles(b.Total),
		Notices: d.notices(b.State), Live: q.with(q.base+"/events", "wall", "1"), Parts: q.with(q.base+"/list", "wall", "1"), Refresh: q.with(q.base, "wall", "1")}
	if q.base == "/command" {
		v.Back = q.with("/command")
	}
	v.Areas = bars(b.Areas, func(p Part) string { return d.area(p.Key) })
	v.Classes = bars(b.Classes, func(p Part) string { return d.class(p.Key) })
	for _, r := range b.Rises[:min(len(b.Rises), mostWall/2)] {
		v.Rises = append(v.Rises, wallLine{Name: d.class(r.Class), N: d.say("rise", "week", r.Week, "weeks", tenth(r.Weeks))})
	}
	if d.areas != nil {
		v.Picture, v.Words = q.with(q.base+"/picture.svg", "wall", "1"), d.say("map.words", "what", d.say("list.open"), "scope", v.Scope)
	}
	return v, nil
}

func bars(parts []Part, name func(Part) string) (out []wallLine) {
	for _, p := range parts {
		if p.Open == 0 || len(out) == mostWall {
			break
		}
		out = append(out, wallLine{Name: name(p), N: number(p.Open), Late: p.Overdue, Share: max(1, p.Open*100/parts[0].Open)})
	}
	return out
}
