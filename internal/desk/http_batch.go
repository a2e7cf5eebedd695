package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/procedure"
	"linli/web"
)

// mostAtOnce bounds how many cases one form acts on: people must be able to read
// what they confirm.
const mostAtOnce = 100

// batchView is the page on which one act is done on several cases: first which
// act, then its form once with every case below it, then what became of each.
type batchView struct {
	Title, Lead string
	Notices     []web.Notice
	Choices     []web.Form // one per act, with how many cases it fits
	Form        *web.Form
	Quick       bool // every case has its suggestions: the form's fields are folded away
	Lines       []batchLine
	Results     *web.Table
	Links       []web.NavItem
}

// batchLine is one case of the form.
type batchLine struct {
	ID, Href, Number, Title string
	May                     bool
	Ticked                  bool
	Version                 string
	Why                     string // it cannot be done, or why the suggestion
	Suggested               string
	Place                   string
}

// batch is what was chosen in the inbox.
type batch struct {
	views []*casework.View
	lost  int // cases that the asker may no longer see
}

// postBatch leads through the three steps. Only the last one acts.
func (e *edge) postBatch(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	b, err := d.batch(r.PostForm["case"])
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v := batchView{Title: d.say("batch.title"), Links: []web.NavItem{{Href: "/cases", Text: d.say("batch.back")}}}
	name, act, p := r.PostForm.Get("_procedure"), r.PostForm.Get("_act"), (*procedure.Procedure)(nil)
	if act == "" {
		d.batchChoices(&v, b)
		d.rd.Page(w, r, http.StatusOK, "desk/batch", v)
		return
	}
	if p, err = d.Procedure(d.ctx, name); err != nil {
		httpFail(w, r, err)
		return
	}
	which := p.Act(act)
	if which == nil || !batchable(which, p) {
		httpFail(w, r, fault.New(fault.Invalid, "desk.batch_act", "act", act).At("_act"))
		return
	}
	v.Title = d.say("batch.act", "act", which.Words.In(d.lang))
	if r.PostForm.Get("_do") == "run" {
		if err = d.runBatch(&v, b, which, p); err == nil {
			d.rd.Page(w, r, http.StatusOK, "desk/batch", v)
			return
		}
	}
	d.batchForm(&v, b, which, p)
	status := http.StatusOK
	if f := fault.Of(err); f != nil {
		if f.Kind == fault.Internal {
			httpFail(w, r, err)
			return
		}
		httpx.Note(r, f)
		status = httpx.Status(f)
		d.mark(v.Form, err)
	}
	d.rd.Page(w, r, status, "desk/batch", v)
}

// batch reads the chosen cases. Faults: Invalid desk.batch_none, desk.batch_many.
func (d *drawing) batch(ids []string) (batch, error) {
	var b batch
	var once []string
	for _, id := range ids {
		if !isID(id) { // no case has such an id
			b.lost++
			continue
		}
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	if len(once) == 0 {
		return batch{}, fault.New(fault.Invalid, "desk.batch_none").At("case")
	}
	if len(once) > mostAtOnce {
		return b, fault.New(fault.Invalid, "desk.batch_many", "most", mostAtOnce).At("case")
	}
	for _, id := range once {
		v, err := d.Get(d.ctx, d.who, id)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
			b.lost++
			continue
		}
		if err != nil {
			return b, err
		}
		b.views = append(b.views, v)
	}
	return b, nil
}

// isID says whether s can be an id of ours: what a browser sends back may be
// anything, and a database refuses bytes that are no text.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// batchable says whether an act may be done on several cases by one form: not
// where a file is needed or an opinion is given, which belong to one matter.
func batchable(a *procedure.Act, p *procedure.Procedure) bool {
	return a.Opinion == nil && !slices.ContainsFunc(a.Fill, func(f procedure.Fill) bool {
		t := p.Field(f.Field).Type
		return !f.Optional && (t == "photos" || t == "files")
	})
}

// batchChoices offers every act that at least one of the cases allows.
func (d *drawing) batchChoices(v *batchView, b batch) {
	type choice struct {
		p     *procedure.Procedure
		act   *procedure.Act
		cases []string
	}
	var all []*choice
	for _, view := range b.views {
		for _, may := range view.May {
			if may.Why != nil || !batchable(may.Act, view.Procedure) || d.actPage(view.Procedure.Name, may.Act.Name, view.Case.ID) != "" {
				continue
			}
			i := slices.IndexFunc(all, func(c *choice) bool { return c.p.Name == view.Procedure.Name && c.act.Name == may.Act.Name })
			if i < 0 {
				all = append(all, &choice{p: view.Procedure, act: may.Act})
				i = len(all) - 1
			}
			all[i].cases = append(all[i].cases, view.Case.ID)
		}
	}
	slices.SortStableFunc(all, func(a, b *choice) int { return len(b.cases) - len(a.cases) })
	for _, c := range all {
		f := web.Form{ID: "choose-" + c.p.Name + "-" + c.act.Name, Action: "/cases/batch",
			Submit: d.say("batch.choice", "act", c.act.Words.In(d.lang), "n", len(c.cases)),
			Hidden: []web.Option{{Label: "_procedure", Value: c.p.Name}, {Label: "_act", Value: c.act.Name}}}
		for _, view := range b.views {
			f.Hidden = append(f.Hidden, web.Option{Label: "case", Value: view.Case.ID})
		}
		v.Choices = append(v.Choices, f)
	}
	v.Lead = d.say("batch.which", "n", len(b.views))
	if len(all) == 0 {
		v.Lead = ""
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: d.say("batch.nothing")})
	}
	for _, view := range b.views {
		v.Lines = append(v.Lines, d.batchLine(view))
	}
}

func (d *drawing) batchLine(view *casework.View) batchLine {
	c := view.Case
	title := c.Title
	if title == "" {
		title = view.Procedure.Title.In(d.lang)
	}
	return batchLine{ID: c.ID, Href: "/cases/" + c.ID, Number: c.Number, Title: title, Place: d.area(c.Area)}
}

// batchForm draws the act's form once, and every case with what is suggested for
// it. What every case has a suggestion for need not be filled.
func (d *drawing) batchForm(v *batchView, b batch, act *procedure.Act, p *procedure.Procedure) {
	typed := d.r.PostForm
	if typed.Get("_do") != "run" {
		typed = nil
	}
	form := d.form(act, p, nil, typed, nil)
	form.Action, form.Submit = "/cases/batch", ""
	form.Hidden = append(form.Hidden, web.Option{Label: "_procedure", Value: p.Name}, web.Option{Label: "_do", Value: "run"})
	may := 0
	suggested := map[string]int{}
	for _, view := range b.views {
		line := d.batchLine(view)
		switch why := mayNot(view, act, p); {
		case why == nil:
			line.May, may = true, may+1
			line.Ticked = typed == nil || slices.Contains(typed["case"], view.Case.ID)
			line.Version = view.Case.ID + ":" + strconv.FormatInt(view.Case.Version, 10)
			for field, hint := range first(d.suggestions(view, act)) {
				suggested[field]++
				if def := p.Field(field); def != nil && def.Type == "unit" {
					line.Suggested, line.Why = d.unit(hint.Value), hint.Reason
				}
			}
		default:
			line.Why = d.explain(why)
		}
		v.Lines = append(v.Lines, line)
	}
	for i, f := range form.Fields {
		if n := suggested[f.Name]; n > 0 {
			form.Fields[i].Required = f.Required && n < may
			form.Fields[i].Help = strings.TrimSpace(f.Help + " " + d.say("batch.suggested", "n", n))
		}
	}
	v.Quick = len(suggested) > 0 && typed == nil && !slices.ContainsFunc(form.Fields, func(f web.Field) bool { return f.Required })
	form.Submit = d.say("batch.run", "act", act.Words.In(d.lang))
	v.Form = &form
	if b.lost > 0 {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: d.say("batch.lost", "n", b.lost)})
	}
	if may == 0 {
		v.Form = nil
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: d.say("batch.none_may")})
	}
}

// mayNot gives why an act cannot be done on a case, nil where it can.
func mayNot(view *casework.View, act *procedure.Act, p *procedure.Procedure) *fault.Fault {
	for _, may := range view.May {
		if view.Procedure.Name == p.Name && may.Act.Name == act.Name {
			return may.Why
		}
	}
	return fault.New(fault.Unmet, "desk.batch_not_now")
}

// first keeps the first suggestion for every field.
func first(hints []Suggestion) map[string]Suggestion {
	out := map[string]Suggestion{}
	for _, h := range hints {
		if _, known := out[h.Field]; !known && h.Value != "" {
			out[h.Field] = h
		}
	}
	return out
}

// runBatch does the act on every case that was left ticked, each with an own key
// made of the form's, so that sending the form twice does nothing twice. An error
// is only what is wrong with the form itself.
func (d *drawing) runBatch(v *batchView, b batch, act *procedure.Act, p *procedure.Procedure) error {
	key, err := formKey(d.r)
	if err != nil {
		return err
	}
	if key == "" {
		key = freshKey()
	}
	happened, err := formHappened(d.r)
	if err != nil {
		return err
	}
	values, err := d.posted(d.ctx, d.r, act, p)
	if err != nil {
		return err
	}
	v.Results = &web.Table{Caption: d.say("batch.results"), Columns: []web.Column{{Text: d.say("col.case")}, {Text: d.say("number")}, {Text: d.say("batch.result")}}}
	done := 0
	for _, view := range b.views {
		err := d.doOne(view, act, p, values, key, d.r.PostForm, casework.Asking{Happened: happened})
		said, tone := d.say("batch.done"), web.Good
		if err != nil {
			f := fault.Of(err)
			if f.Kind == fault.Internal {
				d.Log.Error("an act of several failed", "case", view.Case.ID, "act", act.Name, "error", err)
			}
			said, tone = d.explain(f), web.Bad
		} else {
			done++
		}
		line := d.batchLine(view)
		v.Results.Rows = append(v.Results.Rows, []web.Cell{{Text: line.Title, Href: line.Href}, {Text: line.Number}, {Tag: &web.Tag{Text: said, Tone: tone}}})
	}
	tone := web.Good
	if done < len(b.views) {
		tone = web.Warning
	}
	v.Notices = append(v.Notices, web.Notice{Tone: tone, Text: d.say("batch.report", "done", done, "not", len(b.views)-done)})
	return nil
}

// doOne does the act on one case: what the form says, and where it says nothing
// what is suggested for this case.
func (d *drawing) doOne(view *casework.View, act *procedure.Act, p *procedure.Procedure, values map[string]any, key string, form url.Values, q casework.Asking) error {
	if why := mayNot(view, act, p); why != nil {
		return why
	}
	q.Case, q.Act, q.Values = view.Case.ID, act.Name, map[string]any{}
	hints := first(d.suggestions(view, act))
	for _, f := range act.Fill {
		if value, ok := values[f.Field]; ok {
			q.Values[f.Field] = value
		} else if h, ok := hints[f.Field]; ok {
			q.Values[f.Field] = h.Value
		}
	}
	for _, seen := range form["seen"] {
		if id, version, _ := strings.Cut(seen, ":"); id == view.Case.ID {
			n, err := strconv.ParseInt(version, 10, 64)
			if err != nil || n < 0 {
				return fault.New(fault.Invalid, "casework.filter").At("seen")
			}
			q.Version = n
		}
	}
	sum := sha256.Sum256([]byte(key + "/" + view.Case.ID))
	q.Key = hex.EncodeToString(sum[:16])
	_, err := d.Do(d.ctx, d.who, q)
	return err
}
