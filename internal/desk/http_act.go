package desk

import (
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"strconv"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// postAct carries out an act that a form of the case page asks for.
func (e *edge) postAct(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	c, p, err := d.Seen(d.ctx, d.who, r.PathValue("id"))
	if err != nil {
		httpFail(w, r, err)
		return
	}
	receipt, err := d.do(r, c, p)
	if err == nil {
		if d.who.Known() { // who acts on a case knows what was new in it
			if err := d.MarkTold(d.ctx, d.who, c.ID, d.now); err != nil {
				d.Log.Error("what was new could not be marked as seen", "error", err)
			}
		}
		http.Redirect(w, r, d.after(receipt, r), http.StatusSeeOther)
		return
	}
	d.refused(w, r, c.ID, err)
}

func (d *drawing) do(r *http.Request, c *casework.Case, p *procedure.Procedure) (casework.Receipt, error) {
	name := r.PostForm.Get("_act")
	q := casework.Asking{Case: c.ID, Act: name, Reason: r.PostForm.Get("_reason"), Fields: r.PostForm["_fields"]}
	if name != casework.ActErase {
		q.Fields = nil
	}
	var err error
	if q.Version, err = number(r.PostForm, "_version"); err != nil {
		return casework.Receipt{}, err
	}
	if q.Key, err = formKey(r); err != nil {
		return casework.Receipt{}, err
	}
	if q.Happened, err = formHappened(r); err != nil {
		return casework.Receipt{}, err
	}
	if act := p.Act(name); act != nil {
		q.Reason = ""
		if q.Values, err = d.posted(d.ctx, r, act, p); err != nil {
			return casework.Receipt{}, err
		}
		unchanged(q.Values, act, p, c)
	}
	return d.Do(d.ctx, d.who, q)
}

func number(form url.Values, name string) (int64, error) {
	s := form.Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "casework.filter").At(name)
	}
	return n, nil
}

// after is where somebody goes when the act is done: to the case, or, where
// they may no longer see it, to their inbox.
func (d *drawing) after(receipt casework.Receipt, r *http.Request) string {
	if _, _, err := d.Seen(r.Context(), d.who, receipt.Case); err != nil {
		return "/cases?passed=" + url.QueryEscape(receipt.Number)
	}
	return "/cases/" + receipt.Case + "?did=" + receipt.Act
}

// refused shows the case as it stands now with the form as it was filled, what
// is wrong with it, and what happened meanwhile.
func (d *drawing) refused(w http.ResponseWriter, r *http.Request, id string, err error) {
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		httpFail(w, r, err)
		return
	}
	v, again := d.Get(d.ctx, d.who, id)
	if again != nil {
		httpFail(w, r, err)
		return
	}
	httpx.Note(r, f)
	seen, _ := number(r.PostForm, "_seen") // only for telling what is new
	view, again := d.caseView(v, trial{act: r.PostForm.Get("_act"), typed: r.PostForm, err: err, seen: seen})
	if again != nil {
		httpFail(w, r, again)
		return
	}
	if s := httpx.RetryAfter(f); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	d.rd.Page(w, r, httpx.Status(f), "desk/case", view)
}

// revealView is the page that shows one sealed value once.
type revealView struct {
	Number, Name, Value, Back string
	Form                      *web.Form
}

// postReveal opens one sealed value after the read log has it.
func (e *edge) postReveal(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	id, field, purpose := r.PathValue("id"), r.PostForm.Get("_field"), r.PostForm.Get("_purpose")
	clear, err := d.Reveal(d.ctx, d.who, id, field, purpose)
	f := fault.Of(err)
	if err != nil && (f.Field != "purpose" || f.Kind != fault.Invalid) {
		httpFail(w, r, err)
		return
	}
	c, p, again := d.Seen(d.ctx, d.who, id)
	if again != nil {
		httpFail(w, r, again)
		return
	}
	v := revealView{Number: c.Number, Name: p.Field(field).Label.In(d.lang), Value: clear, Back: "/cases/" + c.ID}
	status := http.StatusOK
	if err != nil {
		httpx.Note(r, f)
		status = httpx.Status(f)
		v.Form = &web.Form{Action: "/cases/" + c.ID + "/reveal", ID: "reveal", Submit: d.say("reveal.open"), Hidden: []web.Option{{Label: "_field", Value: field}},
			Fields: []web.Field{{Name: "_purpose", Label: d.say("purpose"), Help: d.say("purpose.help"), Type: "text", Required: true, Max: 200, Value: purpose,
				Error: d.rd.Explain(r, f)}}}
	}
	w.Header().Set("Cache-Control", "no-store")
	d.rd.Page(w, r, status, "desk/reveal", v)
}

func itoa(n int) string { return strconv.Itoa(n) }
