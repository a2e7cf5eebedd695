package account

import (
	"net/http"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// cookieName is of the cookie that keeps a browser signed in.
const cookieName = "linli_account"

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// page is a page of this room: words, forms, and what is on the account.
type page struct {
	Title, Lead string
	Notices     []web.Notice
	Form        *web.Form
	Hints       []string
	Facts       []web.Fact
	Listed      bool
	Cases       []web.CaseLine
	Empty       web.Empty
	Pager       web.Pager
	Tables      []web.Table
	SaidTitle   string
	Said        []web.Event // what the owner gave in the cases
	Heading     string      // above what can be done
	Confirms    []web.Confirm
	Out         *web.Form
	Links       []web.NavItem
}

// Routes puts the room's pages on mux. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /account":               e.getAccount,
		"POST /account":              e.postAccount,
		"POST /account/code":         e.postCode,
		"GET /account/mine":          e.mine(e.getMine),
		"POST /account/add":          e.mine(e.postAdd),
		"POST /account/remove":       e.mine(e.postRemove),
		"GET /account/data":          e.mine(e.getData),
		"POST /account/sign-out":     e.mine(e.postSignOut),
		"POST /account/sign-out/all": e.mine(e.postSignOutAll),
		"POST /account/delete":       e.mine(e.postDelete),
	} {
		mux.HandleFunc(pattern, httpx.Quiet(h))
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "account."+key, args...)
}

func (e *edge) draw(w http.ResponseWriter, r *http.Request, status int, p page) {
	w.Header().Set("Cache-Control", "no-store")
	e.rd.Page(w, r, status, "account/page", p)
}

func form(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return httpx.BodyFault(err)
	}
	return nil
}

// Of is who is signed in by the request's cookie; nil where nobody is.
func (s *Service) Of(r *http.Request) (*Account, error) {
	c, err := r.Cookie(cookieName)
	if err != nil || !token.MatchString(c.Value) {
		return nil, nil //nolint:nilerr // no cookie is nobody
	}
	return s.BySession(r.Context(), c.Value)
}

func cookie(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"}
}

// mine lets only in who is signed in, and leads everybody else to the door.
func (e *edge) mine(h func(http.ResponseWriter, *http.Request, *Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := e.Of(r)
		if err == nil {
			err = form(r)
		}
		switch {
		case err != nil:
			httpx.Fail(w, r, err)
		case a == nil:
			http.Redirect(w, r, "/account", http.StatusSeeOther)
		default:
			h(w, r, a)
		}
	}
}

// again draws a form once more where something has to be mended; everything else
// is a fault's own page.
func again(err error) bool {
	k := fault.Of(err).Kind
	return k == fault.Invalid || k == fault.Busy || k == fault.Unmet || k == fault.Conflict
}

func (e *edge) door(r *http.Request) page {
	p := page{Title: e.say(r, "title"), Lead: e.say(r, "lead")}
	ways := []web.NavItem{{Href: "/report", Text: e.say(r, "report")}, {Href: "/query", Text: e.say(r, "query")}}
	if !e.Offered() {
		p.Notices = []web.Notice{{Tone: web.Info, Title: e.say(r, "none.title"), Text: e.say(r, "none"), Links: ways}}
		return p
	}
	p.Form = &web.Form{Action: "/account", ID: "phone", Key: seal.Token(), Submit: e.say(r, "send"), Fields: []web.Field{
		{Name: "phone", Type: "phone", Label: e.say(r, "phone"), Required: true, Sealed: true, Purpose: e.say(r, "phone.purpose")}}}
	for _, hint := range []string{"optional", "kept", "deleted"} {
		p.Hints = append(p.Hints, e.say(r, "hint."+hint))
	}
	p.Links = ways
	return p
}

func (e *edge) getAccount(w http.ResponseWriter, r *http.Request) {
	a, err := e.Of(r)
	switch {
	case err != nil:
		httpx.Fail(w, r, err)
	case a != nil:
		http.Redirect(w, r, "/account/mine", http.StatusSeeOther)
	default:
		p := e.door(r)
		if r.URL.Query().Get("done") == "deleted" {
			p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Title: e.say(r, "deleted.title"), Text: e.say(r, "deleted")})
		}
		e.draw(w, r, http.StatusOK, p)
	}
}

func (e *edge) postAccount(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	var key, id string
	if err == nil {
		key, err = httpx.ParseKey(r.PostForm.Get("key"))
	}
	if err == nil {
		id, err = e.Ask(r.Context(), httpx.Address(r), r.PostForm.Get("phone"), key)
	}
	switch {
	case err == nil:
		e.codePage(w, r, http.StatusOK, id, nil)
	case again(err):
		httpx.Note(r, fault.Of(err))
		p := e.door(r)
		if p.Form != nil {
			p.Form.Fields[0].Value = strings.ToValidUTF8(r.PostForm.Get("phone"), "")
			e.rd.Mark(r, p.Form, err)
		}
		e.draw(w, r, httpx.Status(fault.Of(err)), p)
	default:
		httpx.Fail(w, r, err)
	}
}

// codePage asks for the code. It does not tell the telephone again: the page may
// stand open on a counter.
func (e *edge) codePage(w http.ResponseWriter, r *http.Request, status int, id string, wrong error) {
	p := page{Title: e.say(r, "code.title"), Lead: e.say(r, "code.lead", "minutes", int(codeLife.Minutes())),
		Form: &web.Form{Action: "/account/code", ID: "code", Submit: e.say(r, "code.do"), Hidden: []web.Option{{Label: "id", Value: id}},
			Fields: []web.Field{{Name: "code", Type: "text", Label: e.say(r, "code"), Required: true, Max: 6, Autocomplete: "one-time-code"}}},
		Links: []web.NavItem{{Href: "/account", Text: e.say(r, "code.again")}}}
	if wrong != nil {
		e.rd.Mark(r, p.Form, wrong)
	}
	e.draw(w, r, status, p)
}

func (e *edge) postCode(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	var session string
	if err == nil {
		session, err = e.SignIn(r.Context(), httpx.Address(r), r.PostForm.Get("id"), r.PostForm.Get("code"))
	}
	switch {
	case err == nil:
		http.SetCookie(w, cookie(r, session, int(sessionLife.Seconds())))
		http.Redirect(w, r, "/account/mine?done=in", http.StatusSeeOther)
	case again(err):
		httpx.Note(r, fault.Of(err))
		e.codePage(w, r, httpx.Status(fault.Of(err)), strings.ToValidUTF8(r.PostForm.Get("id"), ""), err)
	default:
		httpx.Fail(w, r, err)
	}
}

func (e *edge) getMine(w http.ResponseWriter, r *http.Request, a *Account) {
	p, err := e.minePage(r, a)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	switch done := r.URL.Query().Get("done"); done {
	case "in", "add", "removed":
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "done."+done)})
	}
	e.draw(w, r, http.StatusOK, p)
}

func (e *edge) minePage(r *http.Request, a *Account) (page, error) {
	phone, err := e.Phone(a)
	if err != nil {
		return page{}, err
	}
	after := r.URL.Query().Get("after")
	if !procedure.IDPattern.MatchString(after) {
		after = ""
	}
	p := page{Title: e.say(r, "mine.title"), Lead: e.say(r, "mine.lead", "phone", masked(phone)), Listed: true,
		Empty: web.Empty{Title: e.say(r, "mine.empty"), Text: e.say(r, "mine.empty.text"), Links: []web.NavItem{{Href: "/report", Text: e.say(r, "report")}}}}
	list, err := e.Kept(r.Context(), a, after, onePage+1)
	if err != nil {
		return p, err
	}
	if after != "" {
		p.Pager.First = "/account/mine"
	}
	if len(list) > onePage {
		list = list[:onePage]
		p.Pager.Next = "/account/mine?after=" + list[onePage-1].Party.Case
	}
	for _, k := range list {
		line, err := e.caseLine(r, k)
		if err != nil {
			return p, err
		}
		p.Cases = append(p.Cases, line)
	}
	e.offer(r, &p)
	return p, nil
}

func (e *edge) caseLine(r *http.Request, k Kept) (web.CaseLine, error) {
	c, proc, err := e.line(r.Context(), k)
	if err != nil {
		return web.CaseLine{}, err
	}
	if c == nil {
		return web.CaseLine{Href: "/query", Number: k.Number, Title: e.say(r, "mine.closed"), Opened: k.Added}, nil
	}
	state := proc.State(c.State)
	tone := web.Info
	switch state.Kind {
	case procedure.Final:
		tone = web.Quiet
	case procedure.Waiting:
		tone = web.Warning
	}
	return web.CaseLine{Href: "/follow/" + c.Number, Number: c.Number, Title: c.Title, Opened: c.Opened,
		State: web.Tag{Text: state.Words.In(text.Language(r.Context())), Tone: tone}}, nil
}

// offer lays out what the owner can do: put a case there, take data along, leave.
func (e *edge) offer(r *http.Request, p *page) {
	p.Heading = e.say(r, "do.title")
	p.Confirms = []web.Confirm{
		{Summary: e.say(r, "add"), Text: e.say(r, "add.text"), Form: web.Form{Action: "/account/add", ID: "add", Submit: e.say(r, "add.do"), Fields: []web.Field{
			{Name: "link", Type: "text", Label: e.say(r, "add.link"), Help: e.say(r, "add.link.help"), Max: longestLink, Autocomplete: "off"},
			{Name: "number", Type: "text", Label: e.say(r, "add.number"), Help: e.say(r, "add.number.help"), Max: 40, Autocomplete: "off"}}}},
		{Summary: e.say(r, "remove"), Text: e.say(r, "remove.text"), Form: web.Form{Action: "/account/remove", ID: "remove", Submit: e.say(r, "remove.do"), Fields: []web.Field{
			{Name: "number", Type: "text", Label: e.say(r, "number"), Required: true, Max: 40, Autocomplete: "off"}}}},
		{Summary: e.say(r, "delete"), Text: e.say(r, "delete.text"), Danger: true, Form: web.Form{Action: "/account/delete", ID: "delete", Submit: e.say(r, "delete.do"), Danger: true,
			Fields: []web.Field{{Name: "sure", Type: "yes", Label: e.say(r, "delete.sure"), Required: true}}}},
		{Summary: e.say(r, "sign_out.all"), Text: e.say(r, "sign_out.all.text"), Form: web.Form{Action: "/account/sign-out/all", ID: "all", Submit: e.say(r, "sign_out.all")}},
	}
	p.Out = &web.Form{Action: "/account/sign-out", ID: "out", Submit: e.say(r, "sign_out")}
	p.Links = []web.NavItem{{Href: "/account/data", Text: e.say(r, "data")}}
}

// refused draws the page again with a fault at the form it belongs to.
func (e *edge) refused(w http.ResponseWriter, r *http.Request, a *Account, id string, err error) {
	if !again(err) {
		httpx.Fail(w, r, err)
		return
	}
	p, drawn := e.minePage(r, a)
	if drawn != nil {
		httpx.Fail(w, r, drawn)
		return
	}
	for i := range p.Confirms {
		if f := &p.Confirms[i].Form; f.ID == id {
			for j := range f.Fields {
				if f.Fields[j].Type == "text" {
					f.Fields[j].Value = strings.ToValidUTF8(r.PostForm.Get(f.Fields[j].Name), "")
				}
			}
			e.rd.Mark(r, f, err)
		}
	}
	httpx.Note(r, fault.Of(err))
	e.draw(w, r, httpx.Status(fault.Of(err)), p)
}

func (e *edge) postAdd(w http.ResponseWriter, r *http.Request, a *Account) {
	link, number := strings.TrimSpace(r.PostForm.Get("link")), strings.TrimSpace(r.PostForm.Get("number"))
	var err error
	switch {
	case link != "":
		err = e.AddLink(r.Context(), a, httpx.Address(r), link)
	case number != "":
		err = e.AddNumber(r.Context(), a, httpx.Address(r), number)
	default:
		err = fault.New(fault.Invalid, "account.nothing").At("link")
	}
	if err != nil {
		e.refused(w, r, a, "add", err)
		return
	}
	http.Redirect(w, r, "/account/mine?done=add", http.StatusSeeOther)
}

func (e *edge) postRemove(w http.ResponseWriter, r *http.Request, a *Account) {
	number, err := text.Clean(r.PostForm.Get("number"), 40)
	there := false
	if err == nil {
		_, _, there, err = e.Holds(r.Context(), a, number)
	} else {
		err = fault.Of(err).At("number")
	}
	if err == nil && !there {
		err = fault.New(fault.Invalid, "account.not_here").At("number")
	}
	if err == nil {
		err = e.Remove(r.Context(), a, number)
	}
	if err != nil {
		e.refused(w, r, a, "remove", err)
		return
	}
	http.Redirect(w, r, "/account/mine?done=removed", http.StatusSeeOther)
}

func (e *edge) postSignOut(w http.ResponseWriter, r *http.Request, a *Account) {
	c, err := r.Cookie(cookieName)
	if err == nil {
		err = e.SignOut(r.Context(), a, c.Value)
	}
	e.left(w, r, "/", err)
}

func (e *edge) postSignOutAll(w http.ResponseWriter, r *http.Request, a *Account) {
	e.left(w, r, "/", e.SignOut(r.Context(), a, ""))
}

func (e *edge) postDelete(w http.ResponseWriter, r *http.Request, a *Account) {
	if r.PostForm.Get("sure") != "yes" {
		e.refused(w, r, a, "delete", fault.New(fault.Invalid, "account.sure").At("sure"))
		return
	}
	e.left(w, r, "/account?done=deleted", e.Delete(r.Context(), a))
}

func (e *edge) left(w http.ResponseWriter, r *http.Request, to string, err error) {
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.SetCookie(w, cookie(r, "", -1))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Holding is a case on the account of who is signed in by the request, by its
// number; false where nobody is or it is not there.
func (s *Service) Holding(r *http.Request, number string) (party identity.Party, weak, there bool, err error) {
	a, err := s.Of(r)
	if err != nil || a == nil {
		return identity.Party{}, false, false, err
	}
	return s.Holds(r.Context(), a, number)
}

// SignedIn says whether a resident is signed in by the request.
func (s *Service) SignedIn(r *http.Request) (bool, error) {
	a, err := s.Of(r)
	return a != nil, err
}

// Take puts a case that the request's visitor has open by its link onto their
// account. Fault: NotFound where nobody is signed in.
func (s *Service) Take(r *http.Request, number string, party identity.Party) error {
	a, err := s.Of(r)
	if err == nil && a == nil {
		err = fault.New(fault.NotFound, "account.gone")
	}
	if err != nil {
		return err
	}
	return s.Keep(r.Context(), a, Kept{Number: number, Party: party})
}
