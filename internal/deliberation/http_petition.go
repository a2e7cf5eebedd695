package deliberation

import (
	"net/http"
	"net/url"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/law"
	"linli/internal/procedure"
	"linli/web"
)

// petitionPage is a petition as everybody sees it: how many, and what became of it.
type petitionPage struct {
	Title, Number string
	State         web.Tag
	Notice        web.Notice
	Facts         []web.Fact
	Counts        []web.Fact
	Judged        []judgedView
	Links         []web.NavItem
}

func (e *edge) getPetition(w http.ResponseWriter, r *http.Request) {
	c, p, err := e.public(r, Petition)
	var n Count
	if err == nil {
		n, err = e.Counted(r.Context(), c.ID)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page := petitionPage{Title: c.Title, Number: c.Number, State: tag(r, p, c.State), Notice: web.Notice{Tone: web.Info, Text: e.say(r, "petition.lead")}}
	page.Facts = []web.Fact{{Name: e.say(r, "area"), Value: e.areaName(r, c.Area)}, {Name: in(r, p.Field("body").Label), Value: option(r, p, "body", c.Values.Text("body"))},
		{Name: e.say(r, "opened"), Value: c.Opened.Day()}}
	page.Counts = e.counts(r, c, p, n)
	if x, ok := c.Values["outcome"].(law.Decision); ok {
		page.Judged = []judgedView{{in(r, p.Field("outcome").Label), law.Drawn(e.rd, r, x)}}
	}
	if k, ok := c.Clocks()["call"]; ok && k.Live() {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "petition.call_by"), Value: k.Acceptance})
	}
	if x := c.Values.Text("done_words"); x != "" {
		page.Facts = append(page.Facts, web.Fact{Name: in(r, p.Field("done_words").Label), Value: x})
	}
	if page.Links, err = e.ways(r, c.ID, nil); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page.Links = append(page.Links, web.NavItem{Href: "/topics?kind=petition&area=" + c.Area, Text: e.say(r, "list.here")})
	if a := actor(r); a.Known() && a.Has(checker) {
		page.Links = append(page.Links, web.NavItem{Href: "/petitions/" + c.Number + "/signatures", Text: e.say(r, "signatures.title")}, web.NavItem{Href: "/cases/" + c.Number, Text: e.say(r, "to_case")})
	}
	e.rd.Page(w, r, http.StatusOK, "deliberation/petition", page)
}

// counts tell how many signed; before they were counted only how many were entered.
func (e *edge) counts(r *http.Request, c *casework.Case, p *procedure.Procedure, n Count) []web.Fact {
	out := []web.Fact{{Name: e.say(r, "petition.entered"), Value: n.All()}}
	if _, done := c.Values["outcome"]; !done {
		return append(out, web.Fact{Name: e.say(r, "petition.checked"), Value: n.All() - n.Waiting})
	}
	for _, field := range []string{"signed_people", "signed_households", "signed_representatives", "signed_invalid", "roll_people", "roll_households", "roll_representatives", "roll_source"} {
		if v, there := c.Values[field]; there && v != int64(0) {
			out = append(out, web.Fact{Name: in(r, p.Field(field).Label), Value: v})
		}
	}
	return out
}

// signatureLine is one signature to check.
type signatureLine struct {
	Act, Capacity, Signer, Household string
	N                                int64
	State                            web.Tag
	Name                             string // of its field
	Options                          []web.Option
}

// signaturesPage is where the township enters and checks signatures.
type signaturesPage struct {
	Title, Lead, Problem string
	Notice               *web.Notice
	Table                *web.Table
	Facts                []web.Fact
	Enter                *web.Form
	Names                *web.Form
	Checking             bool
	Action, Key          string
	Lines                []signatureLine
	Pager                web.Pager
	Links                []web.NavItem
}

const signaturesShown = 50

func (e *edge) getSignatures(w http.ResponseWriter, r *http.Request) {
	e.signaturesPage(w, r, http.StatusOK, "", "", nil)
}

// postNames opens the names of a page of signatures, with a purpose, on the read log.
func (e *edge) postNames(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	purpose := strings.TrimSpace(r.PostForm.Get("purpose"))
	if purpose == "" {
		purpose = "-" // too short: refused by the read log with its own words
	}
	e.signaturesPage(w, r, http.StatusOK, "", purpose, nil)
}

func (e *edge) signaturesPage(w http.ResponseWriter, r *http.Request, status int, problem, purpose string, table *web.Table) {
	var after int64
	for _, d := range r.FormValue("after") {
		if d < '0' || d > '9' || after > 1<<40 {
			after = 0
			break
		}
		after = after*10 + int64(d-'0')
	}
	c, list, err := e.Signatures(r.Context(), actor(r), r.PathValue("number"), purpose, after, signaturesShown+1)
	if f := fault.Of(err); f != nil && c != nil && f.Kind == fault.Invalid {
		status, problem, err = httpx.Status(f), e.rd.Explain(r, f), nil
		purpose = ""
	}
	var n Count
	if err == nil {
		n, err = e.Counted(r.Context(), c.ID)
	}
	var p *procedure.Procedure
	if err == nil {
		p, err = e.Cases.ProcedureAt(r.Context(), c.Procedure, c.Edition)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	at := "/petitions/" + url.PathEscape(c.Number)
	page := signaturesPage{Title: e.say(r, "signatures.title"), Lead: e.say(r, "signatures.lead", "title", c.Title), Problem: problem, Table: table,
		Checking: c.State == "checking", Action: at + "/verdicts", Key: seal.Token(),
		Links: []web.NavItem{{Href: "/cases/" + c.Number, Text: e.say(r, "to_case")}, {Href: at, Text: e.say(r, "petition.public")}}}
	page.Facts = []web.Fact{{Name: e.say(r, "petition.entered"), Value: n.All()}, {Name: e.say(r, "petition.waiting"), Value: n.Waiting},
		{Name: e.say(r, "petition.valid"), Value: n.People + n.Households + n.Representatives}, {Name: e.say(r, "petition.invalid"), Value: n.Invalid}}
	if c.State == "collecting" {
		page.Enter = e.enterForm(r, p, at)
	}
	if len(list) > signaturesShown {
		list = list[:signaturesShown]
		page.Pager.Next = at + "/signatures?after=" + e.rd.Show(r, list[signaturesShown-1].N)
	}
	if len(list) > 0 && purpose == "" {
		page.Names = &web.Form{Action: at + "/names", ID: "names", Submit: e.say(r, "signatures.open"), Still: true, Hidden: []web.Option{{Label: "after", Value: r.FormValue("after")}},
			Fields: []web.Field{{Name: "purpose", Type: "text", Label: e.say(r, "signatures.purpose"), Required: true, Max: 100}}}
	}
	for _, x := range list {
		page.Lines = append(page.Lines, e.signatureLine(r, p, x))
	}
	e.rd.Page(w, r, status, "deliberation/signatures", page)
}

func (e *edge) signatureLine(r *http.Request, p *procedure.Procedure, x Signature) signatureLine {
	l := signatureLine{Act: x.Act, N: x.N, Capacity: option(r, p, "capacity", x.Capacity), Signer: x.Signer, Household: x.Household, Name: "v." + x.Act}
	switch x.Verdict {
	case Valid:
		l.State = web.Tag{Text: option(r, p, "verdict", Valid), Tone: web.Good}
	case Invalid:
		l.State = web.Tag{Text: option(r, p, "verdict", Invalid) + e.rd.Say(r, "web.colon") + option(r, p, "ground", x.Ground), Tone: web.Bad}
	default:
		l.State = web.Tag{Text: e.say(r, "signatures.waiting"), Tone: web.Warning}
	}
	l.Options = []web.Option{{Value: "", Label: e.say(r, "signatures.leave"), Selected: true}, {Value: Valid, Label: option(r, p, "verdict", Valid)}}
	for _, o := range p.Field("ground").Options {
		l.Options = append(l.Options, web.Option{Value: o.Value, Label: option(r, p, "verdict", Invalid) + e.rd.Say(r, "web.colon") + in(r, o.Label)})
	}
	return l
}

func (e *edge) enterForm(r *http.Request, p *procedure.Procedure, at string) *web.Form {
	capacity := web.Field{Name: "capacity", Type: "choice", Label: in(r, p.Field("capacity").Label), Required: true}
	for _, o := range p.Field("capacity").Options {
		capacity.Options = append(capacity.Options, web.Option{Value: o.Value, Label: in(r, o.Label), Selected: o.Value == r.PostForm.Get("capacity")})
	}
	return &web.Form{Action: at + "/signatures", ID: "enter", Key: seal.Token(), Submit: e.say(r, "signatures.enter"), Still: true, Fields: []web.Field{capacity,
		{Name: "lines", Type: "lines", Label: e.say(r, "signatures.lines"), Help: e.say(r, "signatures.lines.help", "most", mostLines), Required: true, Rows: 10, Max: 20000, Value: r.PostForm.Get("lines"), Sealed: true,
			Purpose: in(r, p.Field("signer").Purpose)}}}
}

// postSignatures enters signatures, one on each line, and reports line by line.
func (e *edge) postSignatures(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	key := r.PostForm.Get("key")
	if len(key) != keyLength {
		key = ""
	}
	done, err := e.Enter(r.Context(), actor(r), r.PathValue("number"), r.PostForm.Get("capacity"), r.PostForm.Get("lines"), key)
	if err != nil {
		if status, problem, ok := e.refused(w, r, err); ok {
			e.signaturesPage(w, r, status, problem, "", nil)
		}
		return
	}
	table := &web.Table{Caption: e.say(r, "signatures.not"), Columns: []web.Column{{Text: e.say(r, "signatures.line")}, {Text: e.say(r, "signatures.why")}}}
	for i, one := range done {
		if f := fault.Of(one.Err); f != nil {
			httpx.Note(r, f)
			table.Rows = append(table.Rows, []web.Cell{{Text: e.say(r, "signatures.nth", "n", i+1)}, {Text: e.rd.Explain(r, f)}})
		}
	}
	if len(table.Rows) == 0 {
		http.Redirect(w, r, "/petitions/"+url.PathEscape(r.PathValue("number"))+"/signatures", http.StatusSeeOther)
		return
	}
	delete(r.PostForm, "lines")
	e.signaturesPage(w, r, http.StatusConflict, e.say(r, "signatures.some", "n", len(table.Rows), "all", len(done)), "", table)
}

// postVerdicts checks the signatures of a page, each by an act of its own.
func (e *edge) postVerdicts(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	ctx, a := r.Context(), actor(r)
	c, _, err := e.seen(ctx, a, Petition, r.PathValue("number"))
	for name, given := range r.PostForm {
		act, ours := strings.CutPrefix(name, "v.")
		if err != nil || !ours || len(given) != 1 || given[0] == "" {
			continue
		}
		err = e.verdict(r, a, c.ID, act, given[0])
	}
	if err != nil {
		if status, problem, ok := e.refused(w, r, err); ok {
			e.signaturesPage(w, r, status, problem, "", nil)
		}
		return
	}
	http.Redirect(w, r, "/petitions/"+c.Number+"/signatures", http.StatusSeeOther)
}

func (e *edge) verdict(r *http.Request, a identity.Actor, id, act, said string) error {
	values := map[string]any{"signature": act, "verdict": Valid}
	if said != Valid {
		values["verdict"], values["ground"] = Invalid, said
	}
	q := casework.Asking{Case: id, Act: judgeAct, Values: values}
	if key := r.PostForm.Get("key"); len(key) == keyLength {
		q.Key = key + "." + act
	}
	_, err := e.Cases.Do(r.Context(), a, q)
	return err
}
