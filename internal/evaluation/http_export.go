package evaluation

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

const (
	workbook    = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mostWritten = 20000 // cases of one list
)

// listField is what the read log calls a list of cases that was taken out.
const listField = "figures"

// getExport gives the figures of the page as a workbook. They name no case.
func (e *edge) getExport(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	sc, err := e.scopeOf(d.ctx, d.who)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	f, _, err := d.filter(r.URL.Query())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	book, err := d.book(sc, f)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	d.send(w, "figures", book)
}

// book lays the figures out: all together, and by every way.
func (d *drawing) book(sc scope, f Filter) (sheet.Book, error) {
	indicators := d.list.Of(f.Procedure)
	b := sheet.Book{Title: d.say("title"), Subject: d.procedure(f.Procedure), Creator: d.who.Name, Created: d.clk.Now()}
	notes := d.notes(f, "")
	var total Figures
	for _, by := range ways {
		got, err := d.figures(d.ctx, f, by, sc.sight())
		if err != nil {
			return b, err
		}
		total = got
		s := sheet.Sheet{Name: d.say("by." + string(by)), Notes: notes, Columns: []sheet.Column{{Head: d.say("row." + string(by))}}}
		for _, i := range indicators {
			s.Columns = append(s.Columns, d.columns(i)...)
		}
		var rows [][]any
		for _, row := range d.ordered(d.grouped(got.Rows, f, by), f, by, "") {
			line := []any{d.rowName(by, row.Key, f)}
			for _, i := range indicators {
				line = append(line, d.cells(i, row.Sums[i.ID])...)
			}
			rows = append(rows, line)
		}
		s.Rows = sheet.List(rows)
		b.Sheets = append(b.Sheets, s)
	}
	first := sheet.Sheet{Name: d.say("sheet.total"), Notes: notes, Columns: []sheet.Column{{Head: d.say("sheet.indicator"), Width: 16}, {Head: d.say("sheet.n"), Kind: sheet.Number},
		{Head: d.say("sheet.of"), Kind: sheet.Number}, {Head: d.say("sheet.rate"), Kind: sheet.Share}, {Head: d.say("how"), Width: 80}, {Head: d.say("sheet.norm"), Width: 40}}}
	var rows [][]any
	for _, i := range indicators {
		cells := d.cells(i, total.Total[i.ID])
		if !i.Rate() {
			cells = []any{cells[0], nil, nil}
		}
		rows = append(rows, append(append([]any{i.Words().In(d.lang)}, cells...), text.Words(i.Means).In(d.lang), i.Norm))
	}
	first.Rows = sheet.List(rows)
	b.Sheets = append([]sheet.Sheet{first}, b.Sheets...)
	return b, nil
}

// columns of an indicator: one for a count, three for a share.
func (d *drawing) columns(i Indicator) []sheet.Column {
	name := i.Words().In(d.lang)
	if !i.Rate() {
		return []sheet.Column{{Head: name, Kind: sheet.Number}}
	}
	return []sheet.Column{{Head: name + " " + d.say("sheet.n"), Kind: sheet.Number}, {Head: name + " " + d.say("sheet.of"), Kind: sheet.Number}, {Head: name, Kind: sheet.Share}}
}

func (d *drawing) cells(i Indicator, s Sum) []any {
	switch {
	case !i.Rate():
		return []any{s.N}
	case s.Of == 0:
		return []any{s.N, s.Of, d.say("no_data")}
	case s.Of < d.list.Fewest:
		return []any{s.N, s.Of, d.say("few")}
	}
	return []any{s.N, s.Of, sheet.Part{N: s.N, Of: s.Of}}
}

// notes say in a workbook who took it out, when, why, and of what it is.
func (d *drawing) notes(f Filter, purpose string) []string {
	var chosen []string
	for _, t := range d.chosen(f) {
		chosen = append(chosen, t.Text)
	}
	out := []string{d.say("note.who", "name", d.who.Name, "when", d.clk.Now()), d.say("note.of", "chosen", strings.Join(chosen, " · "))}
	if purpose != "" {
		out = append(out, d.say("note.why", "purpose", purpose))
	}
	return append(out, d.say("note.few", "n", d.list.Fewest))
}

// send sends a workbook; it is made whole first, so that what goes wrong can
// still be said.
func (d *drawing) send(w http.ResponseWriter, name string, b sheet.Book) {
	var out bytes.Buffer
	if err := sheet.Write(&out, b); err != nil {
		httpx.Fail(w, d.r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", workbook)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.xlsx"`, name, d.clk.Now().Time().Format("20060102-1504")))
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(out.Bytes()); err != nil {
		d.slog.Debug("evaluation: a workbook was not taken", "error", err)
	}
}

// postExport gives the list of cases behind a figure as a workbook, after the
// read log has who took it and why.
func (e *edge) postExport(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	q := r.PostForm
	f, _, err := d.filter(q)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	indicator, side := q.Get("indicator"), Share(q.Get("side"))
	rows, hidden, more, err := d.all(d.ctx, d.who, f, indicator, side)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if err := d.people.ReadLog(d.ctx, d.who, "", listField, q.Get("purpose")); err != nil {
		if x := fault.Of(err); x.Kind == fault.Invalid {
			d.listed(w, q, err)
			return
		}
		httpx.Fail(w, r, err)
		return
	}
	d.send(w, "cases", d.caseBook(f, q, rows, hidden, more))
}

// all gathers the cases behind a figure that the actor may see, up to a bound.
func (s *Service) all(ctx context.Context, a identity.Actor, f Filter, indicator string, side Share) (rows []casework.Row, hidden int, more bool, err error) {
	return gather(func(after string) (Listed, error) { return s.Cases(ctx, a, f, indicator, side, after, 200) })
}

// gather reads page after page of a list, up to a bound.
func gather(next func(after string) (Listed, error)) (rows []casework.Row, hidden int, more bool, err error) {
	after := ""
	for len(rows) < mostWritten {
		page, err := next(after)
		if err != nil {
			return nil, 0, false, err
		}
		rows = append(rows, page.Rows...)
		hidden += page.Hidden
		if page.Next == "" {
			return rows, hidden, false, nil
		}
		after = page.Next
	}
	return rows, hidden, true, nil
}

func (d *drawing) caseBook(f Filter, q url.Values, rows []casework.Row, hidden int, more bool) sheet.Book {
	i, _ := d.list.Find(q.Get("indicator"))
	purpose, _ := text.Clean(q.Get("purpose"), identity.LongestPurpose)
	notes := append(d.notes(f, purpose), d.say("note.cases", "indicator", i.Words().In(d.lang), "means", text.Words(i.Means).In(d.lang)))
	if hidden > 0 {
		notes = append(notes, d.say("note.hidden", "n", hidden))
	}
	if more {
		notes = append(notes, d.say("note.more", "n", mostWritten))
	}
	s := sheet.Sheet{Name: i.Words().In(d.lang), Notes: notes, Columns: []sheet.Column{{Head: d.say("col.number"), Width: 20}, {Head: d.say("col.title"), Width: 40}, {Head: d.say("col.state"), Width: 12},
		{Head: d.say("row.class"), Width: 16}, {Head: d.say("row.area"), Width: 20}, {Head: d.say("row.unit"), Width: 20}, {Head: d.say("row.channel"), Width: 10},
		{Head: d.say("col.opened"), Kind: sheet.Moment}, {Head: d.say("col.due"), Kind: sheet.Moment}, {Head: d.say("col.breached"), Kind: sheet.Number}}}
	p, _ := d.Service.cases.Procedure(d.ctx, f.Procedure)
	var asked []string
	for _, name := range []string{"solved", "satisfied"} {
		if p == nil || p.Field(name) == nil {
			continue
		}
		asked = append(asked, name)
		s.Columns = append(s.Columns, sheet.Column{Head: p.Field(name).Label.In(d.lang), Width: 12})
	}
	s.Rows = func(yield func([]any, error) bool) {
		for _, row := range rows {
			line := []any{row.Number, row.Case.Title, row.Words.In(d.lang), d.fact(ByClass, row.Class), d.fact(ByArea, row.Area), d.fact(ByUnit, row.Unit),
				d.fact(ByChannel, row.Values.Text(channelField)), row.Opened, row.Due, row.Breached}
			for _, name := range asked {
				line = append(line, p.Field(name).Option(row.Values.Text(name), d.lang))
			}
			if !yield(line, nil) {
				return
			}
		}
	}
	return sheet.Book{Title: i.Words().In(d.lang), Subject: purpose, Creator: d.who.Name, Created: d.clk.Now(), Sheets: []sheet.Sheet{s}}
}
