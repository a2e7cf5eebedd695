package desk

import (
	"html/template"
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rsc.io/qr"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// httpFail answers with a fault: a page for people, problem+json for programs.
func httpFail(w http.ResponseWriter, r *http.Request, err error) { httpx.Fail(w, r, err) }

// opener is one opening act that the asker may do.
type opener struct {
	Href, Text, About, Norm string
	Tag                     *web.Tag
}

// openingView is the page /new.
type openingsView struct {
	Public bool // for who is not of the office
	Groups []openerGroup
	Empty  web.Empty
}

// openerGroup is what stands under one heading.
type openerGroup struct {
	ID, Text string
	Openers  []opener
}

// openingView is the page of one opening act.
type openingView struct {
	Title, About, Act string
	Notices           []web.Notice
	Facts             []web.Fact
	Form              web.Form
	Back              string
}

// offered reports whether a page offers the opening act to the actor: somebody
// of the relations may do it, and it does not end what it begins.
func offered(p *procedure.Procedure, act *procedure.Act, a identity.Actor) bool {
	if len(act.Who) == 0 || p.State(act.To) == nil || p.State(act.To).Kind == procedure.Final || p.Staff && len(a.Posts) == 0 {
		return false
	}
	return slices.ContainsFunc(act.Who, func(r identity.Relation) bool {
		switch r.Name {
		case identity.RelAnyone:
			return true
		case identity.RelArea, identity.RelUnit:
			return r.As != "" && a.Has(r.As) || r.As == "" && len(a.Posts) > 0
		case identity.RelCommander:
			return slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return len(p.Commands) > 0 && (r.As == "" || p.Kind == r.As) })
		}
		return false
	})
}

// getOpenings lists what the asker may begin.
func (e *edge) getOpenings(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	all, err := d.Procedures(d.ctx)
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v := openingsView{Public: len(d.who.Posts) == 0, Empty: web.Empty{Title: d.say("new.none"), Links: []web.NavItem{{Href: "/sign-in", Text: d.say("sign_in")}}}}
	groups := map[string][]opener{}
	for _, p := range all {
		openings := slices.DeleteFunc(p.Openings(), func(a *procedure.Act) bool { return !offered(p, a, d.who) })
		for _, act := range openings {
			o := opener{Href: d.openingAddress(p, act), Text: p.Title.In(d.lang), About: p.About.In(d.lang), Norm: p.Norm}
			if len(openings) > 1 {
				o.Text = d.say("new.act", "procedure", o.Text, "act", act.Words)
			}
			if p.Staff {
				o.Tag = &web.Tag{Text: d.say("staff_only"), Tone: web.Quiet}
			}
			groups[p.Theme] = append(groups[p.Theme], o)
		}
	}
	for _, theme := range procedure.Themes {
		if len(groups[theme]) > 0 {
			v.Groups = append(v.Groups, openerGroup{ID: theme, Text: d.rd.Say(r, "procedure.theme."+theme), Openers: groups[theme]})
		}
	}
	d.rd.Page(w, r, http.StatusOK, "desk/openings", v)
}

func (d *drawing) openingAddress(p *procedure.Procedure, act *procedure.Act) string {
	if d.o.Elsewhere != nil {
		if to := d.o.Elsewhere(p.Name, act.Name); to != "" {
			return to
		}
	}
	return "/new/" + url.PathEscape(p.Name) + "/" + url.PathEscape(act.Name)
}

// openingOf finds the procedure and opening act of an address that the asker
// may use. A staff procedure is not there for others.
func (d *drawing) openingOf() (*procedure.Procedure, *procedure.Act, error) {
	p, err := d.Procedure(d.ctx, d.r.PathValue("procedure"))
	if err != nil {
		return nil, nil, err
	}
	if p.Staff && !d.staff() {
		if !d.who.Known() {
			return nil, nil, fault.New(fault.Forbidden, "httpx.sign_in")
		}
		return nil, nil, fault.New(fault.NotFound, "casework.no_procedure", "procedure", p.Name)
	}
	name := d.r.PathValue("act")
	if name == "" {
		can := slices.DeleteFunc(p.Openings(), func(a *procedure.Act) bool { return !offered(p, a, d.who) })
		if len(can) == 1 {
			return p, can[0], nil
		}
	}
	act, err := p.OpeningAct(name)
	if err == nil && len(act.Who) == 0 {
		err = fault.New(fault.NotFound, "procedure.no_act", "act", act.Words).At("act")
	}
	return p, act, err
}

func (e *edge) getOpening(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	p, act, err := d.openingOf()
	if err != nil {
		d.failOrSignIn(w, r, err)
		return
	}
	if to := d.openingAddress(p, act); !strings.HasPrefix(to, "/new/") {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	d.rd.Page(w, r, http.StatusOK, "desk/opening", d.openingView(p, act, d.addressed(p, act)))
}

// failOrSignIn leads who must sign in to the page for it.
func (d *drawing) failOrSignIn(w http.ResponseWriter, r *http.Request, err error) {
	if f := fault.Of(err); f.Key == "httpx.sign_in" && r.Method == http.MethodGet {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	httpFail(w, r, err)
}

func (d *drawing) openingView(p *procedure.Procedure, act *procedure.Act, typed url.Values) openingView {
	v := openingView{Title: p.Title.In(d.lang), About: p.About.In(d.lang), Form: d.form(act, p, nil, typed, nil)}
	if len(p.Openings()) > 1 {
		v.Act = act.Words.In(d.lang)
	}
	v.Form.Action, v.Form.ID = d.r.URL.Path, "open"
	for i := range v.Form.Fields {
		if id := v.Form.Fields[i].ID; id != "" {
			v.Form.Fields[i].ID = "open-" + strings.TrimPrefix(id, "do-"+act.Name+"-")
		}
	}
	v.Form.Submit = d.say("open", "act", act.Words)
	if d.staff() || d.who.Known() {
		v.Back = "/cases"
	}
	if h := act.Help.In(d.lang); h != "" {
		v.Notices = append(v.Notices, web.Notice{Text: h})
	}
	norm := act.Norm
	if norm == "" {
		norm = p.Norm
	}
	if norm != "" {
		v.Facts = append(v.Facts, web.Fact{Name: d.say("norm"), Value: norm})
	}
	for _, k := range p.Clocks {
		if slices.Contains(k.From, act.Name) || slices.Contains(k.From, "opened") {
			if k.Length.N > 0 {
				v.Facts = append(v.Facts, web.Fact{Name: k.Words.In(d.lang), Value: d.say("clock.length."+string(k.Kind), "length", d.lasting(k.Length.N, k.Length.Unit)), Norm: k.Norm})
			}
		}
	}
	return v
}

func (e *edge) postOpening(w http.ResponseWriter, r *http.Request) {
	if err := parseForm(r); err != nil {
		httpFail(w, r, err)
		return
	}
	d := e.draw(r)
	p, act, err := d.openingOf()
	if err != nil {
		httpFail(w, r, err)
		return
	}
	receipt, err := d.open(r, p, act)
	switch f := fault.Of(err); {
	case err == nil:
	case f.Kind == fault.Internal || f.Kind == fault.NotFound:
		httpFail(w, r, err)
		return
	default:
		httpx.Note(r, f)
		v := d.openingView(p, act, r.PostForm)
		d.mark(&v.Form, err)
		d.rd.Page(w, r, httpx.Status(f), "desk/opening", v)
		return
	}
	if receipt.Token == "" {
		http.Redirect(w, r, d.after(receipt, r), http.StatusSeeOther)
		return
	}
	d.rd.Page(w, r, http.StatusCreated, "desk/receipt", d.receipt(p, receipt))
}

func (d *drawing) open(r *http.Request, p *procedure.Procedure, act *procedure.Act) (casework.Receipt, error) {
	if !d.who.Known() && d.o.Limit != nil {
		if err := d.o.Limit(d.ctx, r); err != nil {
			return casework.Receipt{}, err
		}
	}
	key, err := formKey(r)
	if err != nil {
		return casework.Receipt{}, err
	}
	values, err := d.posted(d.ctx, r, act, p)
	if err != nil {
		return casework.Receipt{}, err
	}
	happened, err := formHappened(r)
	if err != nil {
		return casework.Receipt{}, err
	}
	return d.Open(d.ctx, d.who, casework.Opening{Procedure: p.Name, Act: act.Name, Values: values, Happened: happened, Key: key})
}

// receiptView is what the doer of an opening act gets: it is shown once.
type receiptView struct {
	Title  string
	Notice web.Notice
	Facts  []web.Fact
	Link   string
	QR     template.HTML
	Proof  string
	Case   string // address of the case for staff
}

func (d *drawing) receipt(p *procedure.Procedure, receipt casework.Receipt) receiptView {
	v := receiptView{Title: d.say("receipt"), Proof: "/proof/" + receipt.Act, Link: d.link(receipt.Token),
		Notice: web.Notice{Tone: web.Good, Title: d.say("receipt.done", "number", receipt.Number), Text: d.say("receipt.keep")}}
	v.Facts = []web.Fact{
		{Name: d.say("number"), Value: receipt.Number}, {Name: d.say("procedure"), Value: p.Title.In(d.lang)},
		{Name: d.say("state"), Value: p.State(receipt.State).Words.In(d.lang)}, {Name: d.say("recorded"), Value: receipt.Recorded},
		{Name: d.say("leaf"), Value: receipt.Leaf},
	}
	v.QR = qrPicture(v.Link, d.say("receipt.qr"))
	if d.staff() {
		v.Case = "/cases/" + receipt.Case
	}
	return v
}

// link is the address that opens the party's case.
func (d *drawing) link(token string) string {
	if d.o.Link != nil {
		return d.o.Link(d.r, token)
	}
	scheme := "http"
	if d.r.TLS != nil || d.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + d.r.Host + "/q/" + token
}

// qrPicture draws a QR code as an inline picture; words tell what it leads to.
func qrPicture(s, words string) template.HTML {
	code, err := qr.Encode(s, qr.M)
	if err != nil {
		return "" // too long for a code; the link stands beside it
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path.WriteString("M" + itoa(x+4) + " " + itoa(y+4) + "h1v1h-1z")
			}
		}
	}
	side := itoa(code.Size + 8)
	return template.HTML(`<svg class="qr" viewBox="0 0 ` + side + ` ` + side + `" width="196" height="196" role="img" aria-label="` + //nolint:gosec // numbers and escaped words
		template.HTMLEscapeString(words) + `"><path fill="#fff" d="M0 0h` + side + `v` + side + `H0z"/><path fill="#000" d="` + path.String() + `"/></svg>`)
}
