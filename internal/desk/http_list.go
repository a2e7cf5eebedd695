package desk

import (
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/web"
)

// mostCounted bounds the count of a box: beyond it a page says 99+.
const mostCounted = 100

// boxes are the inbox's boxes in their order.
var boxes = []struct {
	name   string
	filter casework.Filter
}{
	{"mine", casework.Filter{Box: casework.BoxMine, Kind: procedure.Open}},
	{"unit", casework.Filter{Box: casework.BoxUnit, Kind: procedure.Open}},
	{"told", casework.Filter{Box: casework.BoxTold}},
	{"today", casework.Filter{Box: casework.BoxUnit, Due: "today"}},
	{"overdue", casework.Filter{Box: casework.BoxUnit, Due: "overdue"}},
	{"above", casework.Filter{Box: casework.BoxAbove, Kind: procedure.Open}},
	{"all", casework.Filter{Box: casework.BoxAll}},
}

// boxTab is one box with how much is in it.
type boxTab struct {
	Href, Text, Count string
	Current           bool
}

// caseLine is one line of the inbox.
type caseLine struct {
	ID                  string
	Href, Number, Title string
	Procedure           string
	State               web.Tag
	Tags                []web.Tag
	Place, Class        string
	Holder              string
	Opened              clock.Instant
	Clock               *badge
}

// listView is the page /cases.
type listView struct {
	Title   string
	Tabs    []boxTab
	Some    bool // a filter is set
	Notices []web.Notice
	Lines   []caseLine
	Empty   web.Empty
	Pager   web.Pager
	New     bool
	Tools   web.Toolbar
	Keep    *web.Confirm // keeps the present search
	Drop    *web.Form    // takes a kept search away
	Batch   bool         // cases can be ticked
}

// getCases is the inbox.
func (e *edge) getCases(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	q := r.URL.Query()
	counts, err := d.counts()
	if err != nil {
		httpFail(w, r, err)
		return
	}
	box := d.box(q.Get("box"), counts)
	f := boxes[box].filter
	if err := d.narrow(&f, q); err != nil {
		httpFail(w, r, err)
		return
	}
	rows, next, err := d.List(d.ctx, d.who, f)
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v := listView{Title: d.say("inbox"), New: d.staff(), Some: filtered(q)}
	for i, b := range boxes {
		v.Tabs = append(v.Tabs, boxTab{Href: "/cases?box=" + b.name, Text: d.say("box." + b.name), Count: counted(counts[i]), Current: i == box})
	}
	v.Lines = d.lines(rows)
	v.Batch = d.staff() && len(v.Lines) > 0
	if err := d.tools(&v, q, boxes[box].name); err != nil {
		httpFail(w, r, err)
		return
	}
	if d.o.Together != nil && v.Batch {
		v.Tools.Acts = append(v.Tools.Acts, d.o.Together(r)...)
	}
	if number := q.Get("passed"); number != "" {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Good, Text: d.say("passed_on", "number", number)})
	}
	v.Empty = web.Empty{Title: d.say("empty." + boxes[box].name), Text: d.say("empty.text")}
	if v.Some {
		v.Empty = web.Empty{Title: d.say("empty.filtered"), Links: []web.NavItem{{Href: "/cases?box=" + boxes[box].name, Text: d.say("filter.clear")}}}
	}
	v.Pager = pager(r, next, f.After)
	d.rd.Page(w, r, http.StatusOK, "desk/list", v)
}

// counts how much is in each box, up to a bound.
func (d *drawing) counts() ([]int, error) {
	out := make([]int, len(boxes))
	for i, b := range boxes {
		n, err := d.Count(d.ctx, d.who, b.filter, mostCounted)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func counted(n int) string {
	if n >= mostCounted {
		return strconv.Itoa(mostCounted-1) + "+"
	}
	return strconv.Itoa(n)
}

// box is the box asked for; without a wish the first of the own ones that holds
// something.
func (d *drawing) box(wish string, counts []int) int {
	for i, b := range boxes {
		if b.name == wish {
			return i
		}
	}
	for i := range 3 {
		if counts[i] > 0 {
			return i
		}
	}
	return 0
}

// narrow adds the filters of the address.
func (d *drawing) narrow(f *casework.Filter, q url.Values) error {
	f.Procedure, f.State, f.Class, f.Area, f.Unit, f.After = q.Get("procedure"), q.Get("state"), q.Get("class"), q.Get("area"), q.Get("unit"), q.Get("after")
	if leader := q.Get("leader"); leader != "" {
		if !procedure.IDPattern.MatchString(leader) {
			return fault.New(fault.Invalid, "casework.filter").At("leader")
		}
		f.Leader = leader
	}
	switch kind := q.Get("kind"); kind {
	case "":
	case "any":
		f.Kind = ""
	case procedure.Open, procedure.Waiting, procedure.Done, procedure.Final:
		f.Kind = kind
	default:
		return fault.New(fault.Invalid, "casework.filter").At("kind")
	}
	if due := q.Get("due"); due != "" {
		f.Due = due
	}
	words := q.Get("q")
	if words == "" || d.o.Find == nil {
		f.Words = words
		return nil
	}
	ids, err := d.o.Find(d.ctx, d.who, words)
	if f.IDs = ids; ids == nil {
		f.IDs = []string{}
	}
	return err
}

// filterNames are the filters in the order of the form.
var filterNames = []string{"q", "procedure", "state", "kind", "due", "class", "area", "unit"}

func filtered(q url.Values) bool {
	return slices.ContainsFunc(filterNames, func(name string) bool { return q.Get(name) != "" })
}

// filters draws the form of filters with what is set.
func (d *drawing) filters(q url.Values, box string) (web.Form, error) {
	all, err := d.Procedures(d.ctx)
	if err != nil {
		return web.Form{}, err
	}
	form := web.Form{Action: "/cases", Method: "get", ID: "filter", Submit: d.say("filter.apply"), Hidden: []web.Option{{Label: "box", Value: box}}}
	var procedures, states []web.Option
	for _, p := range all {
		procedures = append(procedures, web.Option{Value: p.Name, Label: p.Title.In(d.lang)})
		if p.Name == q.Get("procedure") {
			for _, s := range p.States {
				states = append(states, web.Option{Value: s.Name, Label: s.Words.In(d.lang)})
			}
		}
	}
	var kinds, dues []web.Option
	for _, k := range []string{procedure.Open, procedure.Waiting, procedure.Done, procedure.Final, "any"} {
		kinds = append(kinds, web.Option{Value: k, Label: d.say("kind." + k)})
	}
	for _, k := range []string{"today", "overdue"} {
		dues = append(dues, web.Option{Value: k, Label: d.say("due." + k)})
	}
	add := func(name, kind string, options []web.Option) {
		form.Fields = append(form.Fields, web.Field{Name: name, Label: d.say("filter." + name), Type: kind, Options: options, Value: q.Get(name)})
	}
	add("q", "text", nil)
	add("procedure", "unit", procedures)
	if len(states) > 0 {
		add("state", "unit", states)
	} else {
		add("kind", "unit", kinds)
	}
	add("due", "unit", dues)
	add("class", "class", d.choices(d.o.Classes))
	add("unit", "unit", d.unitOptions())
	add("area", "text", d.field(&procedure.Field{Name: "area", Type: "area"}, true).Options)
	return form, nil
}

// lines draws rows of a list.
func (d *drawing) lines(rows []casework.Row) []caseLine {
	var people []string
	for _, row := range rows {
		people = append(people, row.Person)
	}
	d.meet(people...)
	out := make([]caseLine, 0, len(rows))
	for _, row := range rows {
		l := caseLine{ID: row.ID, Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, Procedure: row.Title.In(d.lang),
			State: web.Tag{Text: row.Words.In(d.lang), Tone: kindTone(row.Kind)}, Place: d.area(row.Area), Class: d.class(row.Class),
			Holder: d.holder(row.Case), Opened: row.Opened, Clock: d.dueBadge(row.Case)}
		if l.Title == "" {
			l.Title = l.Procedure
		}
		if row.Imported {
			l.Tags = append(l.Tags, web.Tag{Text: d.say("imported"), Tone: web.Quiet})
		}
		if row.Breached > 0 && (l.Clock == nil || l.Clock.State != "breached") {
			l.Tags = append(l.Tags, web.Tag{Text: d.say("was_overdue"), Tone: web.Bad})
		}
		out = append(out, l)
	}
	return out
}

// holder names who holds a case: person and unit, or the desk it lies on.
func (d *drawing) holder(c *casework.Case) string {
	switch {
	case c.Unit != "" && d.people[c.Person] != "":
		return d.unit(c.Unit) + " · " + d.people[c.Person]
	case c.Unit != "":
		return d.unit(c.Unit)
	case c.Desk != "":
		return d.say("desk", "post", d.post(c.Desk))
	}
	return ""
}

// pager leads to the next page with the filters kept.
func pager(r *http.Request, next, after string) web.Pager {
	var p web.Pager
	q := r.URL.Query()
	if next != "" {
		q.Set("after", next)
		p.Next = r.URL.Path + "?" + q.Encode()
	}
	if after != "" {
		q.Del("after")
		p.First = r.URL.Path + "?" + q.Encode()
	}
	return p
}
