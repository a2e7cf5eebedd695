package evaluation

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// burdenLine is a case behind a figure: what every official may read of it, and a
// way to it for who may open it.
type burdenLine struct {
	Number, Title, Href string
	Open                bool
	State               web.Tag
	Unit                string
	When                any
	Facts               []fact
}

type fact struct{ Name, Value string }

type burdenCasesView struct {
	Title  string
	Means  string
	Back   string
	Chosen []web.Tag
	Lines  []burdenLine
	Empty  web.Empty
	Pager  web.Pager
	Export web.Confirm
}

func (e *edge) getBurdenCases(w http.ResponseWriter, r *http.Request) {
	p, err := e.burden(r, r.URL.Query())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p.cases(w, r.URL.Query(), nil)
}

// cases draws the list; problem is what was wrong with an asked export.
func (p *burdenPage) cases(w http.ResponseWriter, q url.Values, problem error) {
	found, err := p.BurdenCases(p.ctx, p.who, p.f, q.Get("indicator"), q.Get("after"), pageSize)
	var open map[string]bool
	if err == nil {
		open, err = p.may(p.ctx, p.who, found.Rows)
	}
	if err != nil {
		httpx.Fail(w, p.r, err)
		return
	}
	i, _ := p.drawing.list.Find(q.Get("indicator"))
	back := p.f
	back.Month, back.Alone = 0, ""
	v := burdenCasesView{Title: p.say("cases.title", "indicator", i.Words().In(p.lang), "n", found.Total), Means: text.Words(i.Means).In(p.lang), Back: p.at("/burden", p.bear, back), Chosen: p.told()}
	v.Empty = web.Empty{Title: p.say("cases.none"), Links: []web.NavItem{{Href: v.Back, Text: p.say("burden.back")}}}
	own := p.query(p.bear, p.f)
	own.Set("indicator", i.ID)
	v.Export = p.exported(own, problem)
	if q.Get("after") != "" {
		v.Pager.First = "/burden/cases?" + own.Encode()
	}
	if found.Next != "" {
		own.Set("after", found.Next)
		v.Pager.Next = "/burden/cases?" + own.Encode()
	}
	for _, row := range found.Rows {
		l := burdenLine{Number: row.Number, Title: p.titled(row), Href: "/cases/" + row.ID, Open: open[row.ID], State: web.Tag{Text: row.Words.In(p.lang), Tone: tone(row.Kind)},
			Unit: p.fact(ByUnit, row.Unit), When: row.Opened}
		l.Facts = p.opened(row)
		v.Lines = append(v.Lines, l)
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	p.rd.Page(w, p.r, status, "evaluation/burden-cases", v)
}

// opened are the values of a case that the catalogue opens to every official.
func (p *burdenPage) opened(row casework.Row) (out []fact) {
	def, err := p.Service.cases.Procedure(p.ctx, row.Procedure)
	if err != nil {
		return nil
	}
	for _, name := range p.drawing.list.Opens[row.Procedure] {
		if name == def.Subject {
			continue
		}
		f := def.Field(name)
		if f == nil || f.Sealed {
			continue
		}
		if said := p.saidOf(f, row.Values[name]); said != "" {
			out = append(out, fact{f.Label.In(p.lang), said})
		}
	}
	return out
}

// saidOf is a value in words.
func (p *burdenPage) saidOf(f *procedure.Field, v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case []string:
		var out []string
		for _, x := range v {
			out = append(out, p.saidOf(f, x))
		}
		return strings.Join(out, p.say("burden.and"))
	case string:
		switch f.Type {
		case "unit", "units":
			return p.fact(ByUnit, v)
		case "choice":
			if i := slices.IndexFunc(f.Options, func(o procedure.Option) bool { return o.Value == v }); i >= 0 {
				return f.Options[i].Label.In(p.lang)
			}
		}
		return v
	}
	return ""
}

// titled is the title of a case where the catalogue opens it, else what its
// procedure is called.
func (p *burdenPage) titled(row casework.Row) string {
	def, err := p.Service.cases.Procedure(p.ctx, row.Procedure)
	if err == nil && row.Case.Title != "" && slices.Contains(p.drawing.list.Opens[row.Procedure], def.Subject) {
		return row.Case.Title
	}
	return row.Title.In(p.lang)
}

// exported asks why the list is wanted.
func (p *burdenPage) exported(q url.Values, problem error) web.Confirm {
	c := p.exportForm(q, problem)
	c.Form.Action = "/burden/cases/export"
	c.Form.Hidden = nil
	for _, name := range []string{"side", "sender", "receiver", "from", "to", "month", "alone", "sort", "indicator"} {
		if q.Get(name) != "" || name == "from" || name == "to" { // an open end is meant as one
			c.Form.Hidden = append(c.Form.Hidden, web.Option{Label: name, Value: q.Get(name)})
		}
	}
	return c
}

// postBurdenExport gives the list as a workbook, after the read log has who took
// it and why.
func (e *edge) postBurdenExport(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	p, err := e.burden(r, r.PostForm)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	indicator := r.PostForm.Get("indicator")
	rows, _, more, err := gather(func(after string) (Listed, error) { return p.BurdenCases(p.ctx, p.who, p.f, indicator, after, 200) })
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if err := p.people.ReadLog(p.ctx, p.who, "", listField, r.PostForm.Get("purpose")); err != nil {
		if fault.Of(err).Kind == fault.Invalid {
			p.cases(w, r.PostForm, err)
			return
		}
		httpx.Fail(w, r, err)
		return
	}
	p.send(w, "burden-cases", p.caseBook(indicator, r.PostForm.Get("purpose"), rows, more))
}

func (p *burdenPage) caseBook(indicator, purpose string, rows []casework.Row, more bool) sheet.Book {
	i, _ := p.drawing.list.Find(indicator)
	purpose, _ = text.Clean(purpose, identity.LongestPurpose)
	notes := append(p.noted(purpose), p.say("note.cases", "indicator", i.Words().In(p.lang), "means", text.Words(i.Means).In(p.lang)))
	if more {
		notes = append(notes, p.say("note.more", "n", mostWritten))
	}
	s := sheet.Sheet{Name: i.Words().In(p.lang), Notes: notes, Columns: []sheet.Column{{Head: p.say("col.number"), Width: 20}, {Head: p.say("col.title"), Width: 40}, {Head: p.say("col.state"), Width: 12},
		{Head: p.say("row.unit"), Width: 20}, {Head: p.say("col.opened"), Kind: sheet.Moment}, {Head: p.say("burden.facts"), Width: 80}}}
	s.Rows = func(yield func([]any, error) bool) {
		for _, row := range rows {
			var facts []string
			for _, x := range p.opened(row) {
				facts = append(facts, x.Name+" "+x.Value)
			}
			if !yield([]any{row.Number, p.titled(row), row.Words.In(p.lang), p.fact(ByUnit, row.Unit), row.Opened, strings.Join(facts, "\n")}, nil) {
				return
			}
		}
	}
	return sheet.Book{Title: i.Words().In(p.lang), Subject: purpose, Creator: p.who.Name, Created: p.clk.Now(), Sheets: []sheet.Sheet{s}}
}

// noted says in a workbook who took it out, when, why, and of what it is.
func (p *burdenPage) noted(purpose string) []string {
	var chosen []string
	for _, t := range p.told() {
		chosen = append(chosen, t.Text)
	}
	out := []string{p.say("note.who", "name", p.who.Name, "when", p.clk.Now()), p.say("note.of", "chosen", strings.Join(chosen, " · "))}
	if purpose != "" {
		out = append(out, p.say("note.why", "purpose", purpose))
	}
	return append(out, p.say("burden.counting"))
}

// getBurdenExport gives the account as a workbook: who asks, who bears it, and by
// month. It names no case.
func (e *edge) getBurdenExport(w http.ResponseWriter, r *http.Request) {
	p, err := e.burden(r, r.URL.Query())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	b := sheet.Book{Title: p.say("burden.title"), Creator: p.who.Name, Created: p.clk.Now()}
	for _, by := range []By{ByOther, ByUnit, ByMonth} {
		got, err := p.Burden(p.ctx, p.who, p.f, by)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		t := p.table("", by, p.lined(got.Rows, by), p.drawing.list.Burden())
		s := sheet.Sheet{Name: t.Title, Notes: p.noted(""), Columns: []sheet.Column{{Head: t.Row, Width: 28}}}
		for _, head := range t.Heads {
			s.Columns = append(s.Columns, sheet.Column{Head: head, Kind: sheet.Number})
		}
		var rows [][]any
		for _, l := range t.Lines {
			line := []any{l.Name}
			for _, x := range l.Values {
				n, _ := strconv.ParseInt(x.Value, 10, 64)
				line = append(line, n)
			}
			rows = append(rows, line)
		}
		s.Rows = sheet.List(rows)
		b.Sheets = append(b.Sheets, s)
	}
	p.send(w, "burden", b)
}
