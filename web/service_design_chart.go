package web

import (
	"net/http"
	"strconv"
)

// sampleCharts are charts of every shape, with one label that has no data.
func (rd *Renderer) sampleCharts(r *http.Request) []Chart {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	points := func(values ...float64) (out []Point) {
		for _, v := range values {
			out = append(out, Point{Value: v, None: v < 0})
		}
		return out
	}
	var months []string
	for m := 1; m <= 12; m++ {
		months = append(months, rd.Say(r, "text.month."+strconv.Itoa(m)))
	}
	units := []string{say("unit"), say("unit.traffic"), say("unit.water")}
	return []Chart{
		{ID: "chart-bars", Kind: Bars, Title: say("chart.bars"), Says: say("chart.bars.says"), Unit: say("percent"), Head: say("fact.unit"), Labels: units,
			Links: []string{"#lists", "", ""}, Most: 100, Target: &Target{Name: say("chart.target"), Value: 95},
			Series: []Series{
				{Name: say("chart.this_year"), Points: []Point{{Value: 92.5, Said: "92.5% (37/40)"}, {Value: 88}, {Value: 71.4}}},
				{Name: say("chart.last_year"), Points: points(84, 90.5, -1)},
			}},
		{ID: "chart-stacked", Kind: Stacked, Title: say("chart.stacked"), Unit: "", Head: say("fact.unit"), Labels: units,
			Series: []Series{
				{Name: say("tag.good"), Points: points(120, 64, 31)}, {Name: say("chart.open"), Points: points(38, 41, 12)}, {Name: say("tag.bad"), Points: points(4, 9, 0)},
			}},
		{ID: "chart-line", Kind: Line, Title: say("chart.line"), Says: say("chart.line.says"), Head: say("chart.head.month"), Labels: months,
			Series: []Series{
				{Name: say("chart.this_year"), Points: points(128, 140, 212, 180, 174, -1, 150, 146, 160, 171, 155, 149)},
				{Name: say("chart.last_year"), Points: points(100, 92, 131, 120, 118, 125, 130, 128, 119, 122, 110, 104)},
			}},
		{ID: "chart-area", Kind: Area, Title: say("chart.area"), Head: say("chart.head.month"), Labels: months[:6],
			Target: &Target{Name: say("chart.target"), Value: 5}, Series: []Series{{Name: say("tag.bad"), Points: points(12, 9, 14, 7, 6, 3)}}},
	}
}

// sampleFigures are tiles: a count, a ratio, no data, and one to look after.
func (rd *Renderer) sampleFigures(r *http.Request) []Figure {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	return []Figure{
		{Label: say("figure.received"), Value: "1280", Unit: say("pieces"), Href: "#lists", Spark: &Spark{Says: say("figure.spark"), Points: []Point{{Value: 12}, {Value: 18}, {Value: 31}, {Value: 26}, {Value: 22}, {Value: 19}}}},
		{Label: say("figure.in_time"), Value: "92.5", Unit: say("percent"), Of: &Ratio{37, 40}, Means: say("figure.in_time.means"), Norm: say("norm"), Href: "#lists"},
		{Label: say("figure.satisfied"), None: true, Of: &Ratio{0, 0}},
		{Label: say("figure.over"), Value: "9", Unit: say("pieces"), Tone: Bad, Note: say("tag.bad"), Href: "#lists"},
	}
}

func (rd *Renderer) sampleSteps(r *http.Request, running Clock) []Step {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	return []Step{
		{State: "done", Text: say("step.received"), When: rd.Say(r, "text.month.3")},
		{State: "now", Text: say("step.handling"), By: say("unit"), Clock: &running},
		{State: "next", Text: say("step.answer"), When: say("step.by_day")},
		{State: "next", Text: say("step.rate")},
	}
}

func (rd *Renderer) sampleToolbar(r *http.Request) Toolbar {
	say := func(key string) string { return rd.Say(r, "web.design."+key) }
	return Toolbar{
		Saved:  []NavItem{{Href: "#lists", Text: say("toolbar.mine"), Count: 12, Current: true}, {Href: "#lists", Text: say("toolbar.late")}},
		Active: []NavItem{{Href: "#lists", Text: say("toolbar.filter")}}, Clear: "#lists",
		Ways: []NavItem{{Href: "#lists", Text: say("toolbar.export")}}, Ticks: "ticks", Acts: []NavItem{{Href: "/design", Text: say("toolbar.give")}},
		Filters: &Form{Action: "/design", Method: "get", ID: "filters", Fields: []Field{{Name: "unit", Label: say("fact.unit"), Type: "text"}}},
	}
}
