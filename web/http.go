package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// year is how long a choice of display stays.
const year = 365 * 24 * 3600

// Routes serves static files and the choices of display: language, size of type
// and elder mode, light or dark, single keys. They are set by a form (POST), and
// ?lang= shows one page in another language without setting anything.
func (rd *Renderer) Routes(mux *http.ServeMux) {
	mux.Handle("GET /static/{file...}", &rd.assets)
	mux.HandleFunc("POST /language", rd.postLanguage)
	mux.HandleFunc("GET /display", rd.getDisplay)
	mux.HandleFunc("POST /display", rd.postDisplay)
}

// Design serves the living page of components at /design.
func (rd *Renderer) Design(mux *http.ServeMux) {
	mux.HandleFunc("GET /design", func(w http.ResponseWriter, r *http.Request) {
		rd.Page(w, r, http.StatusOK, "design/design", rd.samples(r))
	})
}

func (rd *Renderer) postLanguage(w http.ResponseWriter, r *http.Request) {
	lang := r.PostFormValue("lang")
	if !slices.Contains(rd.book().Languages(), lang) {
		rd.Fault(w, r, fault.New(fault.Invalid, "web.language").At("lang"))
		return
	}
	remember(w, r, httpx.LanguageCookie, lang, year)
	http.Redirect(w, r, back(r.PostFormValue("back")), http.StatusSeeOther)
}

func remember(w http.ResponseWriter, r *http.Request, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https", SameSite: http.SameSiteLaxMode,
	})
}

// back keeps a way back inside the house: a path of ours, else the start.
func back(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return u.EscapedPath()
}

// faultView is what the fault page shows.
type faultView struct {
	Status                        int
	Kind, Said, Next, Field, Norm string
	Retry                         string
	RequestID                     string
	At                            clock.Instant
	Links                         []NavItem
}

// Fault draws the page that says what went wrong, in which field, by which norm,
// and what to do next. It never shows the cause.
func (rd *Renderer) Fault(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	httpx.Note(r, f)
	status := httpx.Status(f)
	v := faultView{
		Status: status, Kind: string(f.Kind), Said: rd.Explain(r, f), Field: f.Field, Norm: f.Norm,
		RequestID: httpx.RequestID(r.Context()),
	}
	v.Next = rd.Say(r, "web.fault.next."+v.Kind)
	if s := httpx.RetryAfter(f); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
		v.Retry = rd.Say(r, "web.fault.retry", "seconds", s)
	}
	if from := sameHouse(r); from != "" {
		v.Links = append(v.Links, NavItem{Href: from, Text: rd.Say(r, "web.fault.back")})
	}
	if (f.Kind == fault.Busy || f.Kind == fault.Internal) && r.Method == http.MethodGet {
		v.Links = append(v.Links, NavItem{Href: r.URL.EscapedPath(), Text: rd.Say(r, "web.fault.again")})
	}
	v.Links = append(v.Links, NavItem{Href: "/", Text: rd.Say(r, "web.home")})
	if rd.Feedback != "" {
		v.Links = append(v.Links, NavItem{Href: rd.Feedback, Text: rd.Say(r, "web.feedback")})
	}
	rd.Page(w, r, status, "fault/fault", v)
}

// sameHouse is the path of the page the person came from, when it is ours and
// not this one.
func sameHouse(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" || u.Host != r.Host || u.Path == r.URL.Path && r.Method == http.MethodGet {
		return ""
	}
	return back(u.EscapedPath())
}
