package duty

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// staffPage is what duty/staff.html shows.
type staffPage struct {
	Notices []web.Notice
	Lists   web.Table
	Form    web.Form
	Columns web.Table
	Remarks *web.Table
	Changes *web.Table
	Publish *web.Form
}

func (e *edge) getStaff(w http.ResponseWriter, r *http.Request) {
	p, err := e.staffPage(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if n := asked(r, "published"); n != "" {
		if number, err := strconv.ParseInt(n, 10, 64); err == nil {
			p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Title: e.rd.Say(r, "duty.staff.published_title"), Text: e.rd.Say(r, "duty.staff.published", "number", number)})
		}
	}
	e.rd.Page(w, r, http.StatusOK, "duty/staff", p)
}

// staffPage is the page before anything was sent. Fault: duty.rights.
func (e *edge) staffPage(r *http.Request) (staffPage, error) {
	if !topAdministrator(identity.From(r.Context())) {
		return staffPage{}, fault.New(fault.Forbidden, "duty.rights")
	}
	cat, _, err := e.Catalogue(r.Context())
	if err != nil {
		return staffPage{}, err
	}
	lang := text.Language(r.Context())
	p := staffPage{Form: e.importForm(r)}
	p.Lists = web.Table{Caption: e.rd.Say(r, "duty.staff.lists"), Empty: web.Empty{Title: e.rd.Say(r, "duty.page.no_list_title"), Text: e.rd.Say(r, "duty.page.no_list")}}
	for _, c := range []string{"duty.staff.name", "duty.staff.id", "duty.staff.area", "duty.staff.version", "duty.staff.from"} {
		p.Lists.Columns = append(p.Lists.Columns, web.Column{Text: e.rd.Say(r, c)})
	}
	for _, l := range cat.Lists {
		p.Lists.Rows = append(p.Lists.Rows, []web.Cell{{Text: l.Title.In(lang), Href: "/admin/duty/" + url.PathEscape(l.ID)}, {Text: l.ID}, {Text: l.Area}, {Text: l.Version}, {Text: l.From}})
	}
	p.Columns = web.Table{Caption: e.rd.Say(r, "duty.staff.columns"), Columns: []web.Column{{Text: e.rd.Say(r, "duty.staff.column")}, {Text: e.rd.Say(r, "duty.staff.heading")}}}
	for _, c := range Columns() {
		name := e.rd.Say(r, "duty.column."+c)
		if slices.Contains(mustColumns, c) {
			name += " (" + e.rd.Say(r, "duty.staff.required") + ")"
		}
		p.Columns.Rows = append(p.Columns.Rows, []web.Cell{{Text: name}, {Text: cat.words.headings(c)}})
	}
	return p, nil
}

// headings are the words that may head a column.
func (w words) headings(column string) []string {
	var out []string
	for said, meaning := range w.columns {
		if meaning == column && said != w.heads[column] {
			out = append(out, said)
		}
	}
	slices.Sort(out)
	return append([]string{w.heads[column]}, out...)
}

func (e *edge) importForm(r *http.Request) web.Form {
	say := func(key string) string { return e.rd.Say(r, "duty.staff."+key) }
	f := web.Form{Action: "/admin/duty/check", Submit: say("check"), Fields: []web.Field{
		{Name: "file", Type: "files", Label: say("file"), Help: say("file_help")},
		{Name: "text", Type: "lines", Label: say("text"), Rows: 6},
		{Name: "id", Type: "text", Label: say("id"), Help: say("id_help"), Max: 40},
		{Name: "name", Type: "text", Label: say("name"), Max: 60},
		{Name: "area", Type: "text", Label: say("area"), Max: 15},
		{Name: "version", Type: "text", Label: say("version"), Max: 30},
		{Name: "from", Type: "day", Label: say("from")},
		{Name: "until", Type: "day", Label: say("until")},
	}}
	for i := range f.Fields {
		if name := f.Fields[i].Name; name != "file" {
			f.Fields[i].Value = r.PostFormValue(name)
		}
	}
	return f
}

// sent reads the list that was sent, as a file or as text, and its head.
func sent(r *http.Request) (name string, data []byte, head List, err error) {
	if err := r.ParseMultipartForm(httpx.LargeBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", nil, head, httpx.BodyFault(err)
	}
	head = List{ID: strings.TrimSpace(r.PostFormValue("id")), Area: strings.TrimSpace(r.PostFormValue("area")),
		Version: strings.TrimSpace(r.PostFormValue("version")), Title: text.Words{"zh": strings.TrimSpace(r.PostFormValue("name"))}}
	for field, day := range map[string]*clock.Day{"from": &head.From, "until": &head.Until} {
		if s := r.PostFormValue(field); s != "" {
			if *day, err = clock.ParseDay(s); err != nil {
				return "", nil, head, fault.New(fault.Invalid, "duty.day", "day", s).At(field)
			}
		}
	}
	file, header, err := r.FormFile("file")
	if err == nil && header.Size > 0 {
		defer file.Close()
		data, err = io.ReadAll(file)
		return header.Filename, data, head, err
	}
	data = []byte(r.PostFormValue("text"))
	if len(data) == 0 {
		return "", nil, head, fault.New(fault.Invalid, "duty.no_file").At("file")
	}
	// a table begins with a row of headings, a list in YAML with a key
	first, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n")
	if strings.Contains(first, ",") && !strings.Contains(first, ":") {
		return "list.csv", data, head, nil
	}
	return "list.yaml", data, head, nil
}

func (e *edge) postCheck(w http.ResponseWriter, r *http.Request) {
	name, data, head, err := sent(r)
	var d Draft
	if err == nil {
		d, err = e.Draft(r.Context(), name, data, head)
	}
	p, pageErr := e.staffPage(r)
	if pageErr != nil {
		httpx.Fail(w, r, cmp.Or(pageErr, err))
		return
	}
	status := http.StatusOK
	switch {
	case err != nil:
		f := fault.Of(err)
		if f.Kind != fault.Invalid {
			httpx.Fail(w, r, err)
			return
		}
		status = http.StatusUnprocessableEntity
		e.rd.Mark(r, &p.Form, err)
	case len(d.Remarks) > 0:
		status = http.StatusUnprocessableEntity
		p.Remarks = e.remarks(r, d.Remarks)
		p.Notices = append(p.Notices, web.Notice{Tone: web.Bad, Title: e.rd.Say(r, "duty.staff.problems_title", "n", len(d.Remarks)), Text: e.rd.Say(r, "duty.staff.problems")})
	default:
		e.ready(r, &p, d)
	}
	e.rd.Page(w, r, status, "duty/staff", p)
}

// ready shows what would change and offers to publish.
func (e *edge) ready(r *http.Request, p *staffPage, d Draft) {
	if !d.Ready() {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Text: e.rd.Say(r, "duty.staff.nothing_new")})
		return
	}
	diff := d.Difference
	p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Title: e.rd.Say(r, "duty.staff.ready_title"), Text: e.rd.Say(r, "duty.staff.ready",
		"n", len(d.List.Items), "added", len(diff.Added), "changed", len(diff.Changed), "removed", len(diff.Removed), "same", diff.Same)})
	if d.Ends != nil {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Text: e.rd.Say(r, "duty.staff.begins_later", "from", d.List.From, "until", d.Ends.Until)})
	}
	p.Changes = e.changes(r, diff)
	p.Publish = &web.Form{Action: "/admin/duty/publish", Submit: e.rd.Say(r, "duty.staff.publish"), ID: "publish",
		Hidden: []web.Option{{Label: "list", Value: string(d.YAML)}, {Label: "base", Value: strconv.FormatInt(d.Edition, 10)}},
		Fields: []web.Field{{Name: "reason", Type: "text", Label: e.rd.Say(r, "duty.staff.publish_reason"), Help: e.rd.Say(r, "duty.staff.publish_reason_help"), Required: true, Max: 200}}}
}

func (e *edge) remarks(r *http.Request, all []Remark) *web.Table {
	t := &web.Table{Caption: e.rd.Say(r, "duty.staff.problems_title", "n", len(all))}
	for _, c := range []string{"line", "where", "reason"} {
		t.Columns = append(t.Columns, web.Column{Text: e.rd.Say(r, "duty.staff."+c), Number: c == "line"})
	}
	lang := text.Language(r.Context())
	for _, m := range all[:min(len(all), 500)] {
		where := m.Column
		if key := "duty.column." + m.Column; e.book().Has(lang, key) {
			where = e.rd.Say(r, key)
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: m.Line}, {Text: where}, {Text: m.Say(e.book(), lang)}})
	}
	return t
}

func (e *edge) changes(r *http.Request, d Difference) *web.Table {
	t := &web.Table{Caption: e.rd.Say(r, "duty.staff.change")}
	for _, c := range []string{"duty.page.matter", "duty.staff.change", "duty.staff.fields"} {
		t.Columns = append(t.Columns, web.Column{Text: e.rd.Say(r, c)})
	}
	lang := text.Language(r.Context())
	add := func(title, how string, tone web.Tone, fields []string) {
		t.Rows = append(t.Rows, []web.Cell{{Text: title}, {Tag: &web.Tag{Text: e.rd.Say(r, "duty.staff."+how), Tone: tone}}, {Text: fields}})
	}
	named := func(fields []string) (names []string) {
		for _, f := range fields {
			names = append(names, e.rd.Say(r, "duty.column."+f))
		}
		return names
	}
	if len(d.Head) > 0 {
		add(e.rd.Say(r, "duty.staff.head"), "changed", web.Info, named(d.Head))
	}
	for _, i := range d.Added {
		add(i.ID+" "+i.Title.In(lang), "added", web.Good, nil)
	}
	for _, c := range d.Changed {
		add(c.New.ID+" "+c.New.Title.In(lang), "changed", web.Info, e.wasIs(r, c))
	}
	for _, i := range d.Removed {
		add(i.ID+" "+i.Title.In(lang), "removed", web.Warning, nil)
	}
	return t
}

// wasIs says for every column that differs what stood there and what stands there
// now.
func (e *edge) wasIs(r *http.Request, c Change) (out []string) {
	lang := text.Language(r.Context())
	was, is := c.Old.said(lang), c.New.said(lang)
	if cat, _, err := e.Catalogue(r.Context()); err == nil {
		for said, i := range map[*map[string]string]Item{&was: c.Old, &is: c.New} {
			(*said)["lead"], (*said)["classes"], (*said)["helpers"] = cat.roleCell(i.Lead), cat.cells(i)["classes"], cat.cells(i)["helpers"]
		}
	}
	was["limit"], is["limit"] = c.Old.Limit.Say(e.book(), lang), c.New.Limit.Say(e.book(), lang)
	for _, f := range c.Fields {
		before, now := was[f], is[f]
		if before == "" {
			before = e.rd.Say(r, "duty.staff.nothing")
		}
		if now == "" {
			now = e.rd.Say(r, "duty.staff.nothing")
		}
		out = append(out, e.rd.Say(r, "duty.staff.was_is", "column", e.rd.Say(r, "duty.column."+f), "was", before, "is", now))
	}
	return out
}

func (e *edge) postPublish(w http.ResponseWriter, r *http.Request) {
	base, err := strconv.ParseInt(r.PostFormValue("base"), 10, 64)
	if err != nil || base <= 0 {
		httpx.Fail(w, r, fault.New(fault.Invalid, "duty.no_file").At("list"))
		return
	}
	ed, err := e.Publish(r.Context(), base, []byte(r.PostFormValue("list")), r.PostFormValue("reason"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/admin/duty?published="+strconv.FormatInt(ed.Number, 10), http.StatusSeeOther)
}
