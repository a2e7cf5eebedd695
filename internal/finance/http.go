package finance

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
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

// Routes puts the room's pages on mux: the books for everybody, and bringing them
// for who keeps them. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /books":                                             e.getBooks,
		"GET /books/{village}":                                   e.getVillage,
		"GET /books/{village}/{period}":                          e.getBook,
		"GET /books/{village}/{period}/print":                    e.getPrint,
		"GET /books/{village}/{period}/workbook":                 e.getWorkbook,
		"GET /books/{village}/{period}/lines.txt":                e.getLinesText,
		"GET /books/{village}/{period}/lines/{n}":                e.getLine,
		"POST /books/{village}/{period}/lines/{n}/ask":           e.postAsk,
		"POST /books/{village}/{period}/object":                  e.postObject,
		"GET /books/{village}/{period}/lines/{n}/voucher/{blob}": e.getVoucher,
	} {
		mux.HandleFunc(pattern, httpx.Quiet(h))
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /accounts/new":                        e.getNew,
		"POST /accounts/new":                       httpx.Large(httpx.LargeBody, e.postNew),
		"GET /accounts/imports/{id}":               e.getImport,
		"POST /accounts/imports/{id}/columns":      e.postColumns,
		"POST /accounts/imports/{id}/submit":       e.postSubmit,
		"GET /accounts/imports/{id}/report":        e.getReport,
		"GET /accounts/books/{id}":                 e.getHeld,
		"GET /accounts/cases/{id}":                 e.getCase,
		"GET /accounts/books/{id}/lines/{n}":       e.getHeldLine,
		"POST /accounts/books/{id}/lines/{n}/look": e.postLook,
		"POST /accounts/books/{id}/lines/{n}/add":  httpx.Large(httpx.LargeBody, e.postAdd),
		"GET /accounts/books/{id}/voucher/{blob}":  e.getHeldVoucher,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "finance."+key, args...)
}

// sayer is say bound to a request, for words of the model.
func (e *edge) sayer(r *http.Request) func(string, ...any) string {
	return func(key string, args ...any) string { return e.say(r, key, args...) }
}

func lang(r *http.Request) string { return text.Language(r.Context()) }

func actor(r *http.Request) identity.Actor { return identity.From(r.Context()) }

// place is the name of a village, its code where it is not known.
func (e *edge) place(r *http.Request, code string) (string, error) {
	return e.Place(r.Context(), code, lang(r))
}

// Place is the name of a village in a language, its code where it is not known.
func (s *Service) Place(ctx context.Context, code, lang string) (string, error) {
	if s.Areas == nil {
		return code, nil
	}
	a, err := s.Areas.Get(ctx, code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return code, nil
	}
	if err != nil {
		return "", err
	}
	return words(a.Name, a.NameEn).In(lang), nil
}

// named is a book as its page is called.
func (e *edge) bookName(r *http.Request, b Book) (string, error) {
	name, err := e.place(r, b.Village)
	return e.say(r, "book.title", "village", name, "period", b.Period.Words(e.sayer(r))), err
}

// base is the address under which people reach this house.
func (e *edge) base(r *http.Request) string {
	if e.Address != "" {
		return strings.TrimSuffix(e.Address, "/")
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// title of an account or category in the page's language.
func titleOf(r *http.Request, list terms, id string) string {
	t, ok := list.get(id)
	if !ok {
		return id
	}
	return t.Title().In(lang(r))
}

// options of a list, with nothing chosen.
func optionsOf(r *http.Request, list terms) (out []web.Option) {
	for _, t := range list {
		out = append(out, web.Option{Value: t.ID, Label: t.Title().In(lang(r))})
	}
	return out
}

// keeps says whether somebody may bring books at all.
func Keeps(a identity.Actor) bool { return slices.ContainsFunc([]string{bookkeeper, clerk}, a.Has) }

// mark puts a refusal where it belongs in a form and gives the status.
func (e *edge) mark(r *http.Request, form *web.Form, err error) int {
	f := fault.Of(err)
	httpx.Note(r, f)
	e.rd.Mark(r, form, err)
	return httpx.Status(f)
}

// shown refuses what no page of a form shows: a fault of our own or nothing there.
func shown(err error) bool {
	f := fault.Of(err)
	return f != nil && f.Kind != fault.Internal && f.Kind != fault.NotFound
}

// getCase leads from a case to the book that it holds now.
func (e *edge) getCase(w http.ResponseWriter, r *http.Request) {
	c, _, err := e.Cases.Seen(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	b, err := e.bookOfCase(r.Context(), e.DB.Reader(), c.ID)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/accounts/books/"+b.ID, http.StatusSeeOther)
}

// Beside says beside a case of accounts where its lines are read, and beside a
// question about which line it is.
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) []web.Notice {
	e := &edge{Service: s, rd: rd}
	switch v.Case.Procedure {
	case Procedure:
		b, err := s.bookOfCase(r.Context(), s.DB.Reader(), v.Case.ID)
		if err != nil {
			return nil
		}
		links := []web.NavItem{{Href: "/accounts/books/" + b.ID, Text: e.say(r, "beside.lines")}}
		if b.Posted > 0 {
			links = append(links, web.NavItem{Href: address(b), Text: e.say(r, "beside.public")})
		}
		return []web.Notice{{Tone: web.Info, Text: e.say(r, "beside.book", "n", b.Lines), Links: links}}
	case Question, Objection:
		b, err := s.bookByID(r.Context(), s.DB.Reader(), v.Case.Values.Text("book"))
		if err != nil || b.Posted == 0 {
			return nil
		}
		to := address(b)
		if n, _ := v.Case.Values["line"].(int64); n > 0 {
			to += "/lines/" + strconv.FormatInt(n, 10)
		}
		return []web.Notice{{Tone: web.Info, Text: e.say(r, "beside.about"), Links: []web.NavItem{{Href: to, Text: e.say(r, "beside.line")}}}}
	}
	return nil
}
