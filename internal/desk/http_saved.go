package desk

import (
	"net/http"
	"net/url"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// postFilter keeps the present search under a name, or drops one.
func (e *edge) postFilter(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	a := identity.From(r.Context())
	if id := r.PostForm.Get("drop"); id != "" {
		if !isID(id) {
			httpFail(w, r, fault.New(fault.Invalid, "desk.filter_query").At("drop"))
			return
		}
		if err := e.dropFilter(r.Context(), a.Person, id); err != nil {
			httpFail(w, r, err)
			return
		}
		http.Redirect(w, r, "/cases", http.StatusSeeOther)
		return
	}
	if err := e.KeepFilter(r.Context(), a, r.PostForm.Get("name"), r.PostForm.Get("query")); err != nil {
		httpFail(w, r, err)
		return
	}
	http.Redirect(w, r, "/cases?"+r.PostForm.Get("query"), http.StatusSeeOther)
}

// tools are the filters, the kept searches and what can be done with many cases.
func (d *drawing) tools(v *listView, q url.Values, box string) error {
	form, err := d.filters(q, box)
	if err != nil {
		return err
	}
	now := url.Values{"box": {box}}
	for _, key := range filterNames {
		if s := q.Get(key); s != "" {
			now.Set(key, s)
		}
	}
	v.Tools = web.Toolbar{Filters: &form, Open: v.Some}
	if !d.staff() {
		return nil
	}
	v.Tools.Ways = []web.NavItem{{Href: "/cases/export?" + now.Encode(), Text: d.say("export")}, {Href: "/cases/templates", Text: d.say("templates")}}
	if v.Batch {
		v.Tools.Ticks = "batch"
		v.Tools.Acts = []web.NavItem{{Href: "/cases/batch", Text: d.say("batch.do")}, {Href: "/cases/slips.pdf", Text: d.say("batch.slips")}}
	}
	list, err := d.savedFilters(d.ctx, d.who.Person)
	if err != nil {
		return err
	}
	for _, f := range list {
		current := f.Query == now.Encode()
		v.Tools.Saved = append(v.Tools.Saved, web.NavItem{Href: "/cases?" + f.Query, Text: f.Name, Current: current})
		if current {
			v.Tools.Open = false // its name says what is filtered
			v.Drop = &web.Form{ID: "drop", Action: "/cases/filters", Submit: d.say("saved.drop", "name", f.Name), Hidden: []web.Option{{Label: "drop", Value: f.ID}}}
		}
	}
	if v.Some && v.Drop == nil {
		v.Keep = &web.Confirm{Summary: d.say("filter.keep"), Form: web.Form{ID: "keep", Action: "/cases/filters", Submit: d.say("filter.keep"),
			Hidden: []web.Option{{Label: "query", Value: now.Encode()}},
			Fields: []web.Field{{Name: "name", Label: d.say("filter.name"), Type: "text", Max: longestName, Required: true}}}}
	}
	return nil
}

// templatesView is the page of the kept texts.
type templatesView struct {
	Title, Lead string
	Lines       []templateLine
	Add         web.Confirm
	Empty       web.Empty
}

type templateLine struct {
	Name, Where, Whose, Body string
	Edit                     *web.Confirm
	Drop                     *web.Form
}

func (e *edge) getTemplates(w http.ResponseWriter, r *http.Request) {
	e.drawTemplates(w, r, http.StatusOK, nil)
}

func (e *edge) drawTemplates(w http.ResponseWriter, r *http.Request, status int, wrong error) {
	d := e.draw(r)
	list, err := d.Templates(d.ctx, d.who)
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v := templatesView{Title: d.say("templates.title"), Lead: d.say("templates.lead"), Empty: web.Empty{Title: d.say("templates.none"), Text: d.say("templates.none.text")}}
	posted := r.PostForm.Get("id")
	add, err := d.templateForm(Template{})
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v.Add = web.Confirm{Summary: d.say("templates.add"), Form: add, Open: len(list) == 0}
	if wrong != nil && posted == "" {
		d.mark(&v.Add.Form, wrong)
	}
	for _, t := range list {
		line := templateLine{Name: t.Name, Where: d.templateWhere(t), Body: t.Body, Whose: d.say("templates.mine")}
		if t.Unit != "" {
			line.Whose = d.unit(t.Unit)
		}
		if t.Person == d.who.Person {
			form, err := d.templateForm(t)
			if err != nil {
				httpFail(w, r, err)
				return
			}
			line.Edit = &web.Confirm{Summary: d.say("templates.edit"), Form: form}
			if wrong != nil && posted == t.ID {
				d.mark(&line.Edit.Form, wrong)
			}
		}
		if e.ownTemplate(d.ctx, d.who, t.ID, true) == nil {
			line.Drop = &web.Form{ID: "drop-" + t.ID, Action: "/cases/templates/" + t.ID + "/drop", Submit: d.say("templates.drop"), Question: d.say("templates.drop.sure"), Danger: true}
		}
		v.Lines = append(v.Lines, line)
	}
	d.rd.Page(w, r, status, "desk/templates", v)
}

func (d *drawing) templateWhere(t Template) string {
	p, err := d.Procedure(d.ctx, t.Procedure)
	if err != nil || p.Field(t.Field) == nil {
		return t.Procedure
	}
	return p.Title.In(d.lang) + " · " + p.Field(t.Field).Label.In(d.lang)
}

// templateForm asks for a text; what was posted for the same one stands in it.
func (d *drawing) templateForm(t Template) (web.Form, error) {
	if d.r.Method == http.MethodPost && d.r.PostForm.Get("id") == t.ID {
		t.Name, t.Body, t.Unit = d.r.PostForm.Get("name"), d.r.PostForm.Get("body"), d.r.PostForm.Get("unit")
		t.Procedure, t.Field, _ = strings.Cut(d.r.PostForm.Get("field"), "/")
	}
	all, err := d.Procedures(d.ctx)
	if err != nil {
		return web.Form{}, err
	}
	where := ""
	if t.Procedure != "" {
		where = t.Procedure + "/" + t.Field
	}
	var fields []web.Option
	for _, p := range all {
		for _, def := range writable(p) {
			fields = append(fields, web.Option{Value: p.Name + "/" + def.Name, Label: def.Label.In(d.lang), Group: p.Title.In(d.lang)})
		}
	}
	units := []web.Option{}
	for _, p := range d.who.Posts {
		o := web.Option{Value: p.Unit, Label: d.unit(p.Unit)}
		if len(units) == 0 || units[len(units)-1].Value != o.Value {
			units = append(units, o)
		}
	}
	id := t.ID
	if id == "" {
		id = "new"
	}
	return web.Form{ID: "text-" + id, Action: "/cases/templates", Submit: d.say("templates.save"), Hidden: []web.Option{{Label: "id", Value: t.ID}}, Fields: []web.Field{
		{Name: "name", Label: d.say("templates.name"), Type: "text", Required: true, Max: longestName, Value: t.Name},
		{Name: "field", Label: d.say("templates.field"), Type: "unit", Required: true, Options: fields, Value: where},
		{Name: "body", Label: d.say("templates.body"), Help: d.say("templates.body.help"), Type: "lines", Required: true, Max: longestBody, Rows: 5, Value: t.Body},
		{Name: "unit", Label: d.say("templates.unit"), Help: d.say("templates.unit.help"), Type: "unit", Options: units, Value: t.Unit},
	}}, nil
}

func (e *edge) postTemplate(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	t := Template{ID: r.PostForm.Get("id"), Name: r.PostForm.Get("name"), Body: r.PostForm.Get("body"), Unit: r.PostForm.Get("unit")}
	t.Procedure, t.Field, _ = strings.Cut(r.PostForm.Get("field"), "/")
	if _, err := e.PutTemplate(r.Context(), identity.From(r.Context()), t); err != nil {
		if f := fault.Of(err); f.Kind == fault.Internal || f.Kind == fault.NotFound {
			httpFail(w, r, err)
		} else {
			httpx.Note(r, f)
			e.drawTemplates(w, r, httpx.Status(f), err)
		}
		return
	}
	http.Redirect(w, r, "/cases/templates", http.StatusSeeOther)
}

func (e *edge) postTemplateDrop(w http.ResponseWriter, r *http.Request) {
	if err := e.DropTemplate(r.Context(), identity.From(r.Context()), r.PathValue("id")); err != nil {
		httpFail(w, r, err)
		return
	}
	http.Redirect(w, r, "/cases/templates", http.StatusSeeOther)
}

// samples puts the kept texts beside the fields of a form, filled in for the
// case. A link brings one into the form without script; script does it in place.
func (d *drawing) samples(form *web.Form, p *procedure.Procedure, caseID, number, title, unit string) (used bool) {
	use := d.r.URL.Query().Get("use")
	for i := range form.Fields {
		f := &form.Fields[i]
		for _, t := range d.texts() {
			if t.Procedure != p.Name || t.Field != f.Name {
				continue
			}
			body := d.filled(t.Body, map[string]string{"number": number, "title": title, "unit": d.unit(unit), "day": d.now.Day().String()})
			f.Samples = append(f.Samples, web.Sample{Label: t.Name, Text: body, Href: "/cases/" + caseID + "?use=" + t.ID + "#" + form.ID})
			if t.ID == use && f.Value == nil {
				f.Value, used = body, true
			}
		}
	}
	return used
}

// filled puts the case's own words where a kept text has marks, in either language.
func (d *drawing) filled(body string, words map[string]string) string {
	for _, lang := range text.Languages() {
		for mark, word := range words {
			r := d.r.WithContext(text.With(d.ctx, lang))
			body = strings.ReplaceAll(body, d.rd.Say(r, "desk.templates.mark."+mark), word)
		}
	}
	return body
}

// texts are the asker's kept texts, read once for a page.
func (d *drawing) texts() []Template {
	if d.kept == nil {
		list, err := d.Templates(d.ctx, d.who)
		if err != nil {
			d.Log.Error("kept texts could not be read", "error", err)
		}
		d.kept = append([]Template{}, list...)
	}
	return d.kept
}
