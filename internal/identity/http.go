package identity

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// Cookie carries a session's token.
const Cookie = "linli_session"

// pageSize is how many lines stand on one page.
const pageSize = 50

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages and API on the mux.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	mux.HandleFunc("GET /sign-in", e.getSignIn)
	mux.HandleFunc("POST /sign-in", e.postSignIn)
	mux.HandleFunc("GET /sign-in/code", e.getCode)
	mux.HandleFunc("POST /sign-in/code", e.postCode)
	mux.HandleFunc("POST /sign-out", e.postSignOut)
	mux.HandleFunc("GET /rights", SignedIn(e.getRights))
	e.routesAPI(api)
}

// Middleware finds who asks and notes it in the request's context (From): by a
// bearer token or by the session's cookie; otherwise Anyone. A bearer token that
// is not good is refused; a cookie that is not good is taken away. Who must
// change their password gets no further than the page for it.
func (s *Service) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") {
			next.ServeHTTP(w, r)
			return
		}
		a, err := s.caller(w, r)
		if err == nil && a.MustChange && !openToAll(r.URL.Path) {
			if !strings.HasPrefix(r.URL.Path, "/api/") {
				http.Redirect(w, r, "/me", http.StatusSeeOther)
				return
			}
			err = fault.New(fault.Forbidden, "identity.must_change")
		}
		if err == nil && a.MustFactor && !openToAll(r.URL.Path) && !strings.HasPrefix(r.URL.Path, "/me/factor") {
			if !strings.HasPrefix(r.URL.Path, "/api/") {
				http.Redirect(w, r, "/me/factor", http.StatusSeeOther)
				return
			}
			err = fault.New(fault.Forbidden, "identity.must_factor")
		}
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(With(r.Context(), a)))
	})
}

// caller is who the request comes from.
func (s *Service) caller(w http.ResponseWriter, r *http.Request) (Actor, error) {
	if secret, ok := bearerOf(r); ok {
		a, ok, err := s.bearer(r.Context(), secret)
		if err == nil && !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			err = fault.New(fault.Forbidden, "httpx.sign_in")
		}
		return a, err
	}
	c, err := r.Cookie(Cookie)
	if err != nil {
		return Actor{Kind: Anyone}, nil
	}
	a, ok, err := s.session(r.Context(), c.Value)
	if err == nil && !ok {
		http.SetCookie(w, SessionCookie(r, "", -1))
	}
	return a, err
}

func bearerOf(r *http.Request) (string, bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || r.URL.Path == "/metrics" { // whose token is another
		return "", false
	}
	return strings.TrimSpace(secret), true
}

// openToAll are the addresses that somebody who must change their password may
// still use.
func openToAll(path string) bool {
	switch path {
	case "/me", "/me/password", "/sign-out", "/sign-in", "/language", "/display", "/feedback", "/healthz", "/readyz", "/metrics",
		"/api/v1/sessions", "/api/v1/me":
		return true
	}
	return false
}

// SessionCookie holds the token where no script reads it; a browser sends it on
// navigations to us and on our own forms only. seconds < 0 takes it away.
func SessionCookie(r *http.Request, token string, seconds int) *http.Cookie {
	return &http.Cookie{
		Name: Cookie, Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// deviceCookie keeps a browser known, and stepCookie holds the step between
// password and code.
const (
	deviceCookie = "linli_device"
	stepCookie   = "linli_step"
)

func otherCookie(r *http.Request, name, token, path string, seconds int) *http.Cookie {
	c := SessionCookie(r, token, seconds)
	c.Name, c.Path = name, path
	return c
}

// tryOf is what a request tells of where it comes from.
func tryOf(r *http.Request) Try {
	t := Try{Address: httpx.Address(r)}
	if c, err := r.Cookie(deviceCookie); err == nil {
		t.Device = c.Value
	}
	return t
}

// SignedIn keeps a page for people with an account: others are led to sign in
// and come back.
func SignedIn(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if From(r.Context()).Known() {
			h(w, r)
			return
		}
		to := "/sign-in"
		if r.Method == http.MethodGet {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

// inside keeps a way on within the house.
func inside(to, otherwise string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsAny(to, "\\\r\n\t") || u.Path == "/sign-out" {
		return otherwise
	}
	return u.RequestURI()
}

// view is one page of this room: parts one below the other.
type view struct {
	Title, Lead string
	Wide        bool
	Notices     []web.Notice
	Tabs        []web.Tab
	Parts       []part
}

type part struct {
	ID, Title, Text string
	Facts           []web.Fact
	Table           *web.Table
	Pager           *web.Pager
	Form            *web.Form
	Confirms        []web.Confirm
}

// say gives words of this room.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "identity."+key, args...)
}

func (e *edge) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	e.rd.Page(w, r, status, "identity/page", v)
}

// named gives every field an id of its own form, since pages have several.
func named(f *web.Form) *web.Form {
	for i := range f.Fields {
		f.Fields[i].ID = f.ID + "-" + f.Fields[i].Name
	}
	return f
}

// wrong answers a form that was refused: the page again with the fault beside
// its field, or the fault's own page where it is not about the form.
func (e *edge) wrong(w http.ResponseWriter, r *http.Request, err error, again func(mark func(*web.Form))) {
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.NotFound {
		e.rd.Fault(w, r, err)
		return
	}
	if wait := httpx.RetryAfter(f); wait > 0 {
		w.Header().Set("Retry-After", itoa(wait))
	}
	httpx.Note(r, f)
	again(func(form *web.Form) {
		for i := range form.Fields {
			if v, ok := r.PostForm[form.Fields[i].Name]; ok && form.Fields[i].Type != "password" {
				form.Fields[i].Value = v[0]
			}
		}
		e.rd.Mark(r, form, err)
	})
}

// posted reads a form; a field is trimmed by the rules of the verb it goes to.
func posted(r *http.Request, name string) string { return r.PostFormValue(name) }
