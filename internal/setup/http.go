package setup

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux; all are for administrators of the county.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{s, pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /setup":           e.getList,
		"POST /setup/confirm":  e.postConfirm,
		"GET /setup/areas":     e.getAreas,
		"POST /setup/areas":    httpx.Large(httpx.LargeBody, e.postAreas),
		"GET /setup/book":      e.getBook,
		"POST /setup/book":     httpx.Large(httpx.LargeBody, e.postBook),
		"GET /setup/book.xlsx": e.getTemplate,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(e.keeper(h)))
	}
}

// keeper lets only administrators of the county in.
func (e *edge) keeper(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := e.MayKeep(r.Context(), identity.From(r.Context())); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		h(w, r)
	}
}

func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "setup."+key, args...)
}

// line is one line of the checklist as it is drawn.
type line struct {
	Item
	Title, Text string
	Tag         web.Tag
	Missing     []string
	More        int
	Link        web.NavItem
	Form        *web.Form
}

// page is every page of this room.
type page struct {
	Title, Lead string
	Notices     []web.Notice
	Lines       []line
	Form        *web.Form
	Links       []web.NavItem
	Tables      []web.Table
}

// mostNamed is how many names of what is missing a line shows.
const mostNamed = 8

var tones = map[string]web.Tone{Done: web.Good, Missing: web.Bad, Advised: web.Warning}

func (e *edge) getList(w http.ResponseWriter, r *http.Request) {
	st, err := e.Look(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	items := Checklist(st)
	p := page{Title: e.say(r, "title"), Lead: e.say(r, "lead")}
	if n := Left(items); n > 0 {
		p.Notices = []web.Notice{{Tone: web.Info, Text: e.say(r, "left", "n", n)}}
	} else {
		p.Notices = []web.Notice{{Tone: web.Good, Text: e.say(r, "ready")}}
	}
	for _, i := range items {
		p.Lines = append(p.Lines, e.line(r, i))
	}
	e.rd.Page(w, r, http.StatusOK, "setup/list", p)
}

func (e *edge) line(r *http.Request, i Item) line {
	l := line{Item: i, Title: e.say(r, "item."+i.ID), Text: e.say(r, "item."+i.ID+"."+i.Status, i.Args...),
		Tag: web.Tag{Text: e.say(r, "status."+i.Status), Tone: tones[i.Status]}}
	lang := text.Language(r.Context())
	for _, n := range i.Names[:min(len(i.Names), mostNamed)] {
		l.Missing = append(l.Missing, n.In(lang))
	}
	l.More = len(i.Names) - len(l.Missing)
	if i.Href != "" {
		l.Link = web.NavItem{Href: i.Href, Text: e.say(r, "go."+i.ID)}
	}
	if i.Marked != nil {
		l.Text = e.say(r, "marked", "name", i.Marked.By, "at", i.Marked.At)
	}
	if i.ByHand {
		value, submit := "yes", e.say(r, "confirm")
		if i.Marked != nil {
			value, submit = "no", e.say(r, "take_back")
		}
		l.Form = &web.Form{ID: "confirm-" + i.ID, Action: "/setup/confirm", Submit: submit,
			Hidden: []web.Option{{Label: "item", Value: i.ID}, {Label: "yes", Value: value}}}
	}
	return l
}

func (e *edge) postConfirm(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	if err := e.Confirm(r.Context(), identity.From(r.Context()), r.PostFormValue("item"), r.PostFormValue("yes") == "yes"); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/setup", http.StatusSeeOther)
}

// areasPage is the form that takes the national table.
func (e *edge) areasPage(r *http.Request) (page, error) {
	root, err := e.root(r.Context())
	p := page{Title: e.say(r, "areas.title"), Lead: e.say(r, "areas.lead", "code", root.Area),
		Links: []web.NavItem{{Href: "/setup", Text: e.say(r, "back")}, {Href: "/admin/areas", Text: e.say(r, "go.grids")}}}
	p.Form = &web.Form{ID: "areas", Action: "/setup/areas", Submit: e.say(r, "areas.do"), Still: true, Fields: []web.Field{
		{Name: "file", Type: "files", Label: e.say(r, "areas.file"), Help: e.say(r, "areas.file.help"), Required: true, Max: 5, Multiple: true},
	}}
	return p, err
}

func (e *edge) getAreas(w http.ResponseWriter, r *http.Request) {
	p, err := e.areasPage(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "setup/page", p)
}

func (e *edge) postAreas(w http.ResponseWriter, r *http.Request) {
	p, err := e.areasPage(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	report, err := e.takeAreas(r)
	if err != nil {
		e.refuse(w, r, p, err)
		return
	}
	tone := web.Good
	if report.BrokenRows > 0 {
		tone = web.Warning
	}
	p.Notices = []web.Notice{{Tone: tone, Text: e.say(r, "areas.report", "read", report.Read, "added", report.Added, "changed", report.Changed,
		"unchanged", report.Unchanged, "broken", report.BrokenRows)}}
	if len(report.Broken) > 0 {
		t := web.Table{Caption: e.say(r, "broken"), Columns: []web.Column{{Text: e.say(r, "row"), Number: true}, {Text: e.say(r, "name")}, {Text: e.say(r, "why")}}}
		for _, b := range report.Broken {
			t.Rows = append(t.Rows, []web.Cell{{Text: b.Where}, {Text: b.Name}, {Text: e.rd.Explain(r, b.Fault)}})
		}
		p.Tables = []web.Table{t}
	}
	e.rd.Page(w, r, http.StatusOK, "setup/page", p)
}

func (e *edge) takeAreas(r *http.Request) (area.Report, error) {
	if err := r.ParseMultipartForm(httpx.LargeBody); err != nil {
		return area.Report{}, httpx.BodyFault(err)
	}
	var files []area.File
	for _, head := range r.MultipartForm.File["file"] {
		data, err := read(func(string) (io.ReadCloser, error) { return head.Open() }, "file")
		if err != nil {
			return area.Report{}, err
		}
		files = append(files, area.File{Name: strings.TrimSuffix(head.Filename, ".gz"), Data: data})
	}
	if len(files) == 0 {
		return area.Report{}, fault.New(fault.Invalid, "setup.file_missing").At("file")
	}
	return e.ImportAreas(r.Context(), identity.From(r.Context()), files)
}

// refuse draws the page again with what is wrong at its form.
func (e *edge) refuse(w http.ResponseWriter, r *http.Request, p page, err error) {
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.Forbidden {
		e.rd.Fault(w, r, err)
		return
	}
	httpx.Note(r, f)
	p.Form.Still = false
	e.rd.Mark(r, p.Form, err)
	e.rd.Page(w, r, httpx.Status(f), "setup/page", p)
}

func (e *edge) bookPage(r *http.Request) page {
	return page{Title: e.say(r, "book.title"), Lead: e.say(r, "book.lead"),
		Links: []web.NavItem{{Href: "/setup/book.xlsx", Text: e.say(r, "book.template")}, {Href: "/setup", Text: e.say(r, "back")}},
		Form: &web.Form{ID: "book", Action: "/setup/book", Submit: e.say(r, "book.do"), Still: true, Fields: []web.Field{
			{Name: "file", Type: "files", Label: e.say(r, "book.file"), Help: e.say(r, "book.file.help"), Required: true, Max: 1},
		}}}
}

func (e *edge) getBook(w http.ResponseWriter, r *http.Request) {
	e.rd.Page(w, r, http.StatusOK, "setup/page", e.bookPage(r))
}

func (e *edge) postBook(w http.ResponseWriter, r *http.Request) {
	p := e.bookPage(r)
	if err := r.ParseMultipartForm(httpx.LargeBody); err != nil {
		e.refuse(w, r, p, httpx.BodyFault(err))
		return
	}
	data, err := read(func(field string) (io.ReadCloser, error) { f, _, err := r.FormFile(field); return f, err }, "file")
	var report BookReport
	if err == nil {
		report, err = e.ImportBook(r.Context(), identity.From(r.Context()), data)
	}
	if err != nil {
		e.refuse(w, r, p, err)
		return
	}
	e.tell(r, &p, report)
	w.Header().Set("Cache-Control", "no-store") // it shows passwords, once
	e.rd.Page(w, r, http.StatusOK, "setup/page", p)
}

// tell says what became of a workbook, row by row where it was refused.
func (e *edge) tell(r *http.Request, p *page, report BookReport) {
	if u := report.Units; u != nil {
		p.Notices = append(p.Notices, web.Notice{Tone: toneOf(len(report.BadUnits)), Text: e.say(r, "book.units_in",
			"added", u.Added, "changed", u.Changed, "moved", u.Moved, "same", u.Same, "bad", len(report.BadUnits))})
	}
	if len(report.People)+report.There+len(report.BadPeople) > 0 {
		p.Notices = append(p.Notices, web.Notice{Tone: toneOf(len(report.BadPeople)), Text: e.say(r, "book.people_in",
			"added", len(report.People), "there", report.There, "posts", report.Posts, "bad", len(report.BadPeople))})
	}
	for _, bad := range [][]Row{report.BadUnits, report.BadPeople} {
		if len(bad) == 0 {
			continue
		}
		t := web.Table{Caption: e.say(r, "broken"), Columns: []web.Column{{Text: e.say(r, "row"), Number: true}, {Text: e.say(r, "name")}, {Text: e.say(r, "why")}}}
		for _, b := range bad {
			t.Rows = append(t.Rows, []web.Cell{{Text: b.Number}, {Text: b.Name}, {Text: e.rd.Explain(r, b.Fault)}})
		}
		p.Tables = append(p.Tables, t)
	}
	if len(report.People) > 0 {
		t := web.Table{Caption: e.say(r, "book.passwords"), Columns: []web.Column{{Text: e.say(r, "column.person.name")}, {Text: e.say(r, "column.person.login")}, {Text: e.say(r, "book.password")}}}
		for _, row := range report.People {
			t.Rows = append(t.Rows, []web.Cell{{Text: row.Name}, {Text: row.Login}, {Text: row.Password}})
		}
		p.Tables = append(p.Tables, t)
	}
}

func toneOf(bad int) web.Tone {
	if bad > 0 {
		return web.Warning
	}
	return web.Good
}

func (e *edge) getTemplate(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	if err := e.Template(r.Context(), &out, text.Language(r.Context())); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="linli-units-people.xlsx"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}
