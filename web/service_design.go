package web

import (
	"html/template"
	"net/http"
	"time"

	"linli/internal/kit/clock"
)

// samples is the data of the living page of components: every component once, in
// each of its looks, with invented words from the catalogue.
type samples struct {
	Tags    []Tag
	Notices []Notice
	Clocks  []Clock
	Tabs    []Tab
	Cases   []CaseLine
	Events  []Event
	Facts   []Fact
	Table   Table
	Empty   Empty
	Pager   Pager
	Map     Map
	Confirm Confirm
	Form    Form
	Wrong   Form
	Charts  []Chart
	Figures []Figure
	Steps   []Step
	Toolbar Toolbar
	Tiles   []Tile
	Photos  []Photo
}

// sampleMap is a drawn picture with three marks; colours are attributes because
// the policy forbids inline style.
const sampleMap = `<svg viewBox="0 0 320 140" role="img" aria-hidden="true"><rect width="320" height="140" fill="#eef1ea"/>` +
	`<path d="M0 90h320M110 0v140M230 0v140" stroke="#fff" stroke-width="9"/><path d="M0 90h320M110 0v140M230 0v140" stroke="#c9c2b2" stroke-width="1"/>` +
	`<path d="M110 0h120v90H110z" fill="#14555a" fill-opacity=".12" stroke="#14555a" stroke-width="2"/>` +
	`<g fill="#a63a24" stroke="#fff" stroke-width="2"><circle cx="150" cy="46" r="7"/><circle cx="196" cy="68" r="7"/><circle cx="60" cy="112" r="7"/></g></svg>`

func (rd *Renderer) samples(r *http.Request) samples {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	morning := clock.Date(2026, time.March, 2).Start().Add(9 * time.Hour)
	due := morning.Add(5 * 24 * time.Hour)
	running := Clock{Label: say("clock"), Due: due, State: "running", Left: 1815}
	s := samples{
		Tags: []Tag{
			{say("tag.plain"), Plain}, {say("tag.info"), Info}, {say("tag.good"), Good},
			{say("tag.warning"), Warning}, {say("tag.bad"), Bad}, {say("tag.quiet"), Quiet},
		},
		Notices: []Notice{
			{Tone: Info, Title: say("notice.title"), Text: say("notice.text")}, {Tone: Good, Text: say("notice.good")},
			{Tone: Warning, Text: say("notice.warning"), Links: []NavItem{{Href: "#forms", Text: say("link")}}}, {Tone: Bad, Text: say("notice.bad")},
		},
		Clocks: []Clock{
			running, {Label: say("clock"), Due: due, State: "warning", Left: 95}, {Label: say("clock"), Due: due, State: "breached", Left: -1500},
			{Label: say("clock"), State: "paused", Note: say("clock.note")}, {Label: say("clock"), Due: due, State: "met"},
			{Label: say("clock"), Due: due, State: "waiting", Provisional: true},
		},
		Tabs: []Tab{{Href: "#lists", Text: say("tab.mine"), Count: 12, Current: true}, {Href: "#lists", Text: say("tab.unit"), Count: 140}, {Href: "#lists", Text: say("tab.overdue"), HasCount: true}},
		Facts: []Fact{
			{Name: say("fact.class"), Value: say("class")}, {Name: say("fact.day"), Value: morning.Day(), Norm: say("norm")},
			{Name: say("fact.phone"), Value: "138****0000", Sealed: true, Reveal: "#facts"}, {Name: say("fact.id"), Sealed: true}, {Name: say("fact.urgent"), Value: true},
			{Name: say("fact.quorum"), Value: Judged{say("judged.no"), say("judged.no_because"), Warning}},
			{Name: say("fact.vote"), Value: Judged{say("judged.yes"), say("judged.yes_because"), Good}},
		},
		Empty: Empty{Title: say("empty.title"), Text: say("empty.text"), Links: []NavItem{{Href: "#forms", Text: say("link")}}},
		Pager: Pager{First: "#lists", Next: "#lists"},
		Map:   Map{SVG: template.HTML(sampleMap), Words: say("map")}, //nolint:gosec // our own constant
		Confirm: Confirm{Summary: say("confirm"), Text: say("confirm.text"), Danger: true, Form: Form{
			Action: "/design", Method: "get", ID: "confirm", Submit: say("confirm"), Danger: true,
			Fields: []Field{{Name: "why", Label: say("field.why"), Type: "lines", Required: true, Rows: 2, Max: 200}},
		}},
		Events: []Event{
			{At: morning, Title: say("event.reported"), By: say("event.reporter"), Text: say("event.text")},
			{At: morning.Add(time.Hour), Title: say("event.dispatched"), By: say("event.dispatcher"), Facts: []Fact{{Name: say("fact.unit"), Value: say("unit")}}},
			{At: morning.Add(2 * time.Hour), Title: say("event.returned"), By: say("unit"), Annulled: true, Tone: Quiet},
			{At: morning.Add(28 * time.Hour), EnteredAt: morning.Add(70 * time.Hour), Title: say("event.done"), By: say("unit"), Tone: Good, Href: "#facts", Link: say("event.proof")},
		},
	}
	late := Clock{Label: say("clock"), Due: due, State: "breached", Left: -1500}
	s.Cases = []CaseLine{
		{Href: "#lists", Number: "2026-000128", Title: say("case.lamp"), State: Tag{say("tag.info"), Info}, Facts: []string{say("class"), say("area")}, Opened: morning, Clock: &running, Select: "c1"},
		{Href: "#lists", Number: "2026-000127", Title: say("case.noise"), State: Tag{say("tag.warning"), Warning}, Facts: []string{say("unit")}, Opened: morning, Clock: &late, Select: "c2"},
		{Href: "#lists", Number: "2026-000126", Title: say("case.water"), State: Tag{say("tag.good"), Good}, Facts: []string{say("area")}, Opened: morning},
	}
	s.Table = Table{Caption: say("table"), Columns: []Column{{Text: say("fact.unit")}, {Text: say("table.received"), Number: true}, {Text: say("table.solved"), Number: true}, {Text: say("table.state")}},
		Rows: [][]Cell{
			{{Text: say("unit"), Href: "#lists"}, {Text: 1280}, {Text: "1152 / 1280"}, {Tag: &Tag{say("tag.good"), Good}}},
			{{Text: say("area")}, {Text: 12}, {Text: "9 / 12"}, {Tag: &Tag{say("tag.warning"), Warning}}},
		}}
	s.Charts, s.Figures, s.Steps, s.Toolbar = rd.sampleCharts(r), rd.sampleFigures(r), rd.sampleSteps(r, running), rd.sampleToolbar(r)
	s.Tiles = []Tile{{"#forms", "report", say("button.main"), say("field.lines_help")}, {"#lists", "query", say("button.plain"), ""}}
	s.Photos = []Photo{{Src: "/static/icon.svg", Full: "#facts", Words: say("photo")}, {Src: "/static/icon.svg", Words: say("photo")}}
	s.Form = rd.sampleForm(r, morning)
	s.Wrong = Form{Action: "/design", Method: "get", ID: "wrong", Still: true, Problem: say("form.problem"), Fields: []Field{
		{Name: "phone", Label: say("fact.phone"), Type: "phone", Value: "12", Required: true, Error: say("form.wrong_phone"), Sealed: true, Purpose: say("purpose")},
		{Name: "how", Label: say("field.choice"), Type: "choice", Required: true, Error: say("form.wrong_choice"), Options: []Option{{Value: "1", Label: say("option.1")}, {Value: "2", Label: say("option.2")}}},
	}}
	return s
}

// sampleForm has a field of every type.
func (rd *Renderer) sampleForm(r *http.Request, now clock.Instant) Form {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	options := []Option{{Value: "1", Label: say("option.1"), Help: say("option.help")}, {Value: "2", Label: say("option.2")}, {Value: "3", Label: say("option.3")}}
	grouped := []Option{{Value: "a", Label: say("option.1"), Group: say("unit")}, {Value: "b", Label: say("option.2"), Group: say("unit")}, {Value: "c", Label: say("option.3"), Group: say("area")}}
	return Form{
		Action: "/design", Method: "get", Submit: say("form.submit"), Cancel: NavItem{Href: "/design"},
		Fields: []Field{
			{Name: "what", Label: say("field.lines"), Help: say("field.lines_help"), Type: "lines", Required: true, Max: 2000},
			{Name: "place", Label: say("field.place"), Type: "place", Required: true, Value: Place{Words: say("place"), Lon: "119.2216", Lat: "34.5967", Suggestions: []Option{{Value: "g1", Label: say("area"), Help: say("place.near"), Selected: true}, {Value: "g2", Label: say("option.3")}}}},
			{Name: "photos", Label: say("field.photos"), Help: say("field.photos_help"), Type: "photos", Max: 9},
			{Name: "phone", Label: say("fact.phone"), Type: "phone", Sealed: true, Purpose: say("purpose")},
			{Name: "title", Label: say("field.text"), Type: "text", Required: true, Max: 80},
			{Name: "count", Label: say("field.number"), Type: "number", Value: int64(3)},
			{Name: "sum", Label: say("field.money"), Type: "money", Value: int64(120050)},
			{Name: "day", Label: say("fact.day"), Type: "day", Value: now.Day()},
			{Name: "moment", Label: say("field.moment"), Type: "moment", Value: now},
			{Name: "month", Label: say("field.month"), Type: "month", Value: "2026-03"},
			{Name: "quarter", Label: say("field.quarter"), Type: "quarter", Options: Quarters(now.Day(), 4), Value: "2026-Q1"},
			{Name: "id", Label: say("fact.id"), Type: "idnumber", Sealed: true, Purpose: say("purpose")},
			{Name: "account", Label: say("field.account"), Type: "account", Sealed: true},
			{Name: "choice", Label: say("field.choice"), Type: "choice", Required: true, Options: options, Value: "2"},
			{Name: "choices", Label: say("field.choices"), Type: "choices", Options: options, Value: []string{"1", "3"}},
			{Name: "unit", Label: say("fact.unit"), Type: "unit", Required: true, Options: grouped, Value: "b"},
			{Name: "area", Label: say("field.area"), Type: "area", Help: say("field.area_help")},
			{Name: "class", Label: say("fact.class"), Type: "class", Options: grouped},
			{Name: "agree", Label: say("field.yes"), Type: "yes", Required: true, Value: true},
		},
	}
}
