package desk

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/paper"
	"linli/internal/procedure"
)

// getSlip sets the slip of one case (办理单).
func (e *edge) getSlip(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	v, err := d.Get(d.ctx, d.who, r.PathValue("id"))
	if err == nil && v.Party {
		err = fault.New(fault.Forbidden, "desk.slip_staff")
	}
	if err != nil {
		httpFail(w, r, err)
		return
	}
	d.slips(w, "slip-"+v.Case.Number, []*casework.View{v})
}

// postSlips sets the slips of the cases chosen in the inbox.
func (e *edge) postSlips(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	b, err := d.batch(r.PostForm["case"])
	if err == nil && len(b.views) == 0 {
		err = fault.New(fault.Invalid, "desk.batch_none").At("case")
	}
	if err != nil {
		httpFail(w, r, err)
		return
	}
	d.slips(w, "slips", b.views)
}

func (d *drawing) slips(w http.ResponseWriter, name string, views []*casework.View) {
	doc := d.paper(d.say("slip.title"), d.say("slip.foot", "name", d.who.Name, "at", d.now))
	for i, v := range views {
		if i > 0 {
			doc.Page()
		}
		if err := d.slip(doc, v); err != nil {
			httpFail(w, d.r, err)
			return
		}
	}
	d.givePDF(w, name, doc)
}

// slip sets one case: what it is, its clocks, what it holds (sealed values stay
// masked), what was done, and room for notes by hand.
func (d *drawing) slip(doc *paper.Doc, v *casework.View) error {
	page, err := d.caseView(v, trial{})
	if err != nil {
		return err
	}
	doc.Corner(d.base()+"/cases/"+v.Case.Number, 22)
	doc.Text(page.Title, paper.Look{Points: 17, Bold: true})
	doc.Text(page.Number+"　"+page.State.Text, paper.Look{Points: 11})
	doc.Space(6)
	var facts []paper.Fact
	for _, f := range page.Head {
		facts = append(facts, paper.Fact{Name: f.Name, Value: d.plain(f.Value)})
	}
	for _, k := range v.Clocks {
		if k.Live() && k.Duty > 0 {
			b := d.clock(k, false)
			facts = append(facts, paper.Fact{Name: b.Label, Value: d.plain(b.Due)})
		}
	}
	for _, x := range page.Values {
		if len(x.Files) == 0 {
			facts = append(facts, paper.Fact{Name: x.Name, Value: d.plain(x.Value)})
		}
	}
	doc.Facts(facts)
	doc.Heading(d.say("timeline"))
	table := paper.Table{Columns: []paper.Column{{Head: d.say("slip.when"), Share: 1.3}, {Head: d.say("slip.act"), Share: 1.2}, {Head: d.say("slip.by"), Share: 1.6}, {Head: d.say("slip.what"), Share: 3}}}
	for _, e := range page.Timeline {
		var what []string
		for _, f := range e.Facts {
			what = append(what, f.Name+d.rd.Say(d.r, "web.colon")+d.plain(f.Value))
		}
		table.Rows = append(table.Rows, []string{d.plain(e.At), e.Title, e.By, strings.Join(what, "\n")})
	}
	doc.Table(table)
	doc.Blank(d.say("slip.notes"), 3)
	return nil
}

// plain is a value as people write it, without marks of a page.
func (d *drawing) plain(v any) string {
	switch v := v.(type) {
	case template.HTML:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, d.rd.Say(d.r, "home.and"))
	}
	return d.rd.Show(d.r, v)
}

// getPaper sets an empty form of a procedure's opening act, for those who write
// by hand; somebody of the office enters it later.
func (e *edge) getPaper(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	p, act, err := d.openingOf()
	if err != nil {
		d.failOrSignIn(w, r, err)
		return
	}
	doc := d.paper(p.Title.In(d.lang), d.say("paper.foot"))
	doc.Corner(d.base()+d.openingAddress(p, act), 26)
	doc.Text(p.Title.In(d.lang), paper.Look{Points: 20, Bold: true})
	doc.Text(p.About.In(d.lang), paper.Look{Points: 10.5, Grey: true})
	doc.Space(8)
	for _, f := range act.Fill {
		d.blank(doc, p.Field(f.Field), f.Optional)
	}
	doc.Rule()
	doc.Blank(d.say("paper.sign"), 1)
	doc.Text(d.say("paper.office"), paper.Look{Points: 9.5, Grey: true})
	doc.Blank(d.say("paper.entered"), 1)
	d.givePDF(w, "form-"+p.Name, doc)
}

// blank leaves room for one field.
func (d *drawing) blank(doc *paper.Doc, def *procedure.Field, optional bool) {
	label := def.Label.In(d.lang)
	if optional {
		label += " " + d.say("paper.optional")
	}
	switch def.Type {
	case "choice", "choices":
		var options []string
		for _, o := range def.Options {
			options = append(options, o.Label.In(d.lang))
		}
		doc.Boxes(label, options)
	case "yes":
		doc.Boxes(label, []string{d.rd.Say(d.r, "web.yes"), d.rd.Say(d.r, "web.no")})
	case "lines":
		doc.Blank(label, 4)
	case "photos", "files":
		doc.Text(label+d.rd.Say(d.r, "web.colon")+d.say("paper.attach"), paper.Look{})
	default:
		doc.Blank(label, 1)
	}
	if help := def.Purpose.In(d.lang); help != "" {
		doc.Text(d.rd.Say(d.r, "web.form.purpose", "purpose", help), paper.Look{Points: 9, Grey: true})
	}
}

func (d *drawing) paper(title, foot string) *paper.Doc {
	return paper.New(paper.Options{Title: title, Author: d.rd.Say(d.r, "web.name"), Lang: d.lang, Foot: foot, At: time.UnixMicro(int64(d.now))})
}

func (d *drawing) givePDF(w http.ResponseWriter, name string, doc *paper.Doc) {
	var out bytes.Buffer
	if err := doc.Write(&out); err != nil {
		httpFail(w, d.r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// base is the address under which the asker reached this house.
func (d *drawing) base() string {
	if d.o.Address != "" {
		return strings.TrimRight(d.o.Address, "/")
	}
	if d.r.TLS != nil || d.r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + d.r.Host
	}
	return "http://" + d.r.Host
}
