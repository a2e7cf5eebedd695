package evaluation

import (
	"net/http"
	"net/url"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// pageSize is how many cases a page shows.
const pageSize = 50

// casesView is the list behind a figure.
type casesView struct {
	Title   string
	Means   string
	Back    string
	Chosen  []web.Tag
	Tabs    []web.Tab
	Notices []web.Notice
	Lines   []web.CaseLine
	Empty   web.Empty
	Pager   web.Pager
	Export  web.Confirm
}

func (e *edge) getCases(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	d.listed(w, r.URL.Query(), nil)
}

// listed draws the list; problem is what was wrong with an asked export.
func (d *drawing) listed(w http.ResponseWriter, q url.Values, problem error) {
	f, by, err := d.filter(q)
	if err != nil {
		httpx.Fail(w, d.r, err)
		return
	}
	side, after := Share(q.Get("side")), q.Get("after")
	found, err := d.Cases(d.ctx, d.who, f, q.Get("indicator"), side, after, pageSize)
	if err != nil {
		httpx.Fail(w, d.r, err)
		return
	}
	i, _ := d.list.Find(q.Get("indicator"))
	own := address(f, by)
	v := casesView{Title: d.say("cases.title", "indicator", i.Words().In(d.lang), "n", found.Total), Means: text.Words(i.Means).In(d.lang), Back: "/figures?" + back(f, by).Encode(), Chosen: d.chosen(f),
		Empty: web.Empty{Title: d.say("cases.none"), Links: []web.NavItem{{Href: "/figures?" + back(f, by).Encode(), Text: d.say("cases.back")}}}}
	own.Set("indicator", i.ID)
	if i.Rate() {
		for _, x := range []Share{Counted, Yes, Missed} {
			own.Set("side", string(x))
			v.Tabs = append(v.Tabs, web.Tab{Href: "/figures/cases?" + own.Encode(), Text: d.say("side." + map[Share]string{Counted: "all", Yes: "yes", Missed: "miss"}[x]), Current: x == side})
		}
	}
	own.Set("side", string(side))
	if after != "" {
		v.Pager.First = "/figures/cases?" + own.Encode()
	}
	if found.Next != "" {
		own.Set("after", found.Next)
		v.Pager.Next = "/figures/cases?" + own.Encode()
		own.Del("after")
	}
	if found.Hidden > 0 {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Info, Text: d.say("cases.hidden", "n", found.Hidden)})
	}
	for _, row := range found.Rows {
		v.Lines = append(v.Lines, d.caseLine(row))
	}
	v.Export = d.exportForm(own, problem)
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	d.rd.Page(w, d.r, status, "evaluation/cases", v)
}

// back is the page of figures a list was reached from.
func back(f Filter, by By) url.Values {
	f.Month, f.Before, f.After, f.Here = 0, 0, 0, false
	return address(f, by)
}

func (d *drawing) caseLine(row casework.Row) web.CaseLine {
	l := web.CaseLine{Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, State: web.Tag{Text: row.Words.In(d.lang), Tone: tone(row.Kind)}, Opened: row.Opened}
	if l.Title == "" {
		l.Title = row.Title.In(d.lang)
	}
	for _, fact := range []string{d.fact(ByClass, row.Class), d.fact(ByArea, row.Area), d.fact(ByUnit, row.Unit)} {
		if fact != "" {
			l.Facts = append(l.Facts, fact)
		}
	}
	return l
}

// fact is the name of what a case has, "" where it has none.
func (d *drawing) fact(by By, key string) string {
	if key == "" {
		return ""
	}
	return d.named(by, key)
}

// tone is how a state's kind looks.
func tone(kind string) web.Tone {
	switch kind {
	case procedure.Open:
		return web.Info
	case procedure.Waiting:
		return web.Warning
	case procedure.Done:
		return web.Good
	}
	return web.Quiet
}

// exportForm asks why the list is wanted.
func (d *drawing) exportForm(q url.Values, problem error) web.Confirm {
	form := web.Form{Action: "/figures/cases/export", ID: "export", Submit: d.say("cases.export.do"), Fields: []web.Field{
		{Name: "purpose", Type: "text", Label: d.say("cases.purpose"), Help: d.say("cases.purpose.help"), Required: true, Min: identity.ShortestPurpose, Max: identity.LongestPurpose, Value: d.r.PostFormValue("purpose")}}}
	for _, name := range exportNames {
		if q.Get(name) != "" {
			form.Hidden = append(form.Hidden, web.Option{Label: name, Value: q.Get(name)})
		}
	}
	for _, name := range []string{"from", "to"} { // an open end is meant as one
		if q.Get(name) == "" {
			form.Hidden = append(form.Hidden, web.Option{Label: name, Value: ""})
		}
	}
	if problem != nil {
		d.rd.Mark(d.r, &form, problem)
	}
	return web.Confirm{Summary: d.say("cases.export"), Text: d.say("cases.export.text"), Form: form}
}

// exportNames are what the form hands on.
var exportNames = []string{"procedure", "area", "here", "unit", "class", "channel", "from", "to", "month", "before", "after_month", "by", "indicator", "side"}
