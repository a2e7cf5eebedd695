package desk

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/sheet"
	"linli/web"
)

// mostExported bounds one workbook.
const mostExported = 10_000

// exportField is what the read log writes for an export of a list.
const exportField = "cases"

// exportView is the page that asks what a workbook is for.
type exportView struct {
	Title, Lead string
	Form        web.Form
	Back        web.NavItem
}

// getExport asks for the purpose of a workbook of the list as it is filtered now.
func (e *edge) getExport(w http.ResponseWriter, r *http.Request) {
	e.drawExport(w, r, r.URL.RawQuery, nil)
}

func (e *edge) drawExport(w http.ResponseWriter, r *http.Request, query string, wrong error) {
	d := e.draw(r)
	v := exportView{Title: d.say("export.title"), Lead: d.say("export.lead", "most", mostExported), Back: web.NavItem{Href: "/cases?" + query, Text: d.say("batch.back")}}
	v.Form = web.Form{ID: "export", Action: "/cases/export", Submit: d.say("export.do"), Hidden: []web.Option{{Label: "query", Value: query}},
		Fields: []web.Field{{Name: "purpose", Label: d.say("purpose"), Help: d.say("export.purpose.help"), Type: "text", Required: true, Max: 200, Value: r.PostForm.Get("purpose")}}}
	status := http.StatusOK
	if f := fault.Of(wrong); f != nil {
		httpx.Note(r, f)
		status = httpx.Status(f)
		d.mark(&v.Form, wrong)
	}
	d.rd.Page(w, r, status, "desk/export", v)
}

// postExport gives the workbook once the read log has it. It holds what the list
// shows and carries who asked for it, when, what for and by which filter.
func (e *edge) postExport(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	query, purpose := r.PostForm.Get("query"), strings.TrimSpace(r.PostForm.Get("purpose"))
	q, err := url.ParseQuery(query)
	if err != nil || !validQuery(q) {
		httpFail(w, r, fault.New(fault.Invalid, "desk.filter_query").At("query"))
		return
	}
	rows, err := d.exported(q)
	if err == nil {
		err = d.People.ReadLog(d.ctx, d.who, "", exportField, purpose)
	}
	var out bytes.Buffer
	if err == nil {
		err = sheet.Write(&out, d.workbook(rows, q, purpose))
	}
	if err != nil {
		if fault.Of(err).Field == "purpose" {
			e.drawExport(w, r, query, err)
			return
		}
		httpFail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="cases-`+d.now.Day().String()+`.xlsx"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// validQuery says whether every value is text.
func validQuery(q url.Values) bool {
	for _, list := range q {
		for _, s := range list {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				return false
			}
		}
	}
	return true
}

// exported reads the whole list page by page.
func (d *drawing) exported(q url.Values) ([]casework.Row, error) {
	f := boxes[d.box(q.Get("box"), make([]int, len(boxes)))].filter
	if err := d.narrow(&f, q); err != nil {
		return nil, err
	}
	f.After, f.Limit = "", 200
	var all []casework.Row
	for {
		rows, next, err := d.List(d.ctx, d.who, f)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(all) > mostExported {
			return nil, fault.New(fault.Invalid, "desk.export_many", "most", mostExported).At("purpose")
		}
		if next == "" {
			return all, nil
		}
		f.After = next
	}
}

func (d *drawing) workbook(rows []casework.Row, q url.Values, purpose string) sheet.Book {
	var set []string
	for _, name := range append([]string{"box"}, filterNames...) {
		if s := q.Get(name); s != "" {
			set = append(set, d.filterWord(name)+"="+s)
		}
	}
	var people []string
	for _, row := range rows {
		people = append(people, row.Person)
	}
	d.meet(people...)
	columns := []sheet.Column{{Head: d.say("number"), Width: 16}, {Head: d.say("col.case"), Width: 40}, {Head: d.say("procedure"), Width: 16}, {Head: d.say("col.state"), Width: 16},
		{Head: d.say("class"), Width: 18}, {Head: d.say("col.where"), Width: 26}, {Head: d.say("col.holder"), Width: 30}, {Head: d.say("col.opened"), Kind: sheet.Moment, Width: 18},
		{Head: d.say("col.due"), Kind: sheet.Moment, Width: 18}, {Head: d.say("export.breached"), Kind: sheet.Number, Width: 10}}
	cells := make([][]any, 0, len(rows))
	for _, row := range rows {
		cells = append(cells, []any{row.Number, row.Case.Title, row.Title.In(d.lang), row.Words.In(d.lang), d.class(row.Class), d.area(row.Area),
			d.holder(row.Case), row.Opened, moment(row.Due), row.Breached})
	}
	main := d.who.MainPost()
	return sheet.Book{Title: d.say("export.title"), Creator: d.who.Name, Created: d.now, Sheets: []sheet.Sheet{{
		Name: d.say("inbox"), Columns: columns, Rows: sheet.List(cells),
		Notes: []string{d.say("export.who", "name", d.who.Name, "unit", d.unit(main.Unit), "at", d.now), d.say("export.why", "purpose", purpose),
			d.say("export.filter", "filter", strings.Join(set, "; "), "n", strconv.Itoa(len(rows)))},
	}}}
}

// filterWord is what a filter is called on the page.
func (d *drawing) filterWord(name string) string {
	if name == "box" {
		return d.say("boxes")
	}
	return d.say("filter." + name)
}

// moment is nothing where there is no due time.
func moment(at clock.Instant) any {
	if at <= 0 {
		return nil
	}
	return at
}
