package command

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// screenCookie carries the token of a wall screen's pass.
const screenCookie = "linli_screen"

// screenBase is where a wall screen with a pass lives.
const screenBase = "/command/screen"

func (e *edge) screenRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /command/screens", e.admit(e.getScreens))
	mux.HandleFunc("POST /command/screens", e.admit(e.postScreen))
	mux.HandleFunc("POST /command/screens/{id}/stop", e.admit(e.postScreenStop))
	mux.HandleFunc("GET "+screenBase+"/open/{token}", httpx.Quiet(e.openScreen))
	for pattern, h := range map[string]http.HandlerFunc{"": e.getPage, "/list": e.getParts, "/picture.svg": e.getPicture, "/events": e.getScreenEvents} {
		mux.HandleFunc("GET "+screenBase+pattern, e.screened(h))
	}
}

// openScreen exchanges the token of an address for a cookie and a clean address.
func (e *edge) openScreen(w http.ResponseWriter, r *http.Request) {
	c, _, err := e.ScreenBy(r.Context(), r.PathValue("token"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: screenCookie, Value: r.PathValue("token"), Path: screenBase, Expires: c.Until.Time(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"})
	http.Redirect(w, r, screenBase, http.StatusSeeOther)
}

type screenKey struct{}

// screened lets a screen with a pass in, as its maker and to its scope only,
// whatever the address says.
func (e *edge) screened(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, a, err := e.pass(r)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		q := url.Values{"wall": {"1"}}
		if c.Area != "" {
			q.Set("area", c.Area)
		}
		if c.Unit != "" {
			q.Set("unit", c.Unit)
		}
		ctx := context.WithValue(identity.With(r.Context(), a), screenKey{}, true)
		r = r.WithContext(ctx)
		u := *r.URL
		u.RawQuery = q.Encode()
		r.URL = &u
		h(w, r)
	}
}

// pass is the pass of a request.
func (e *edge) pass(r *http.Request) (Screen, identity.Actor, error) {
	c, err := r.Cookie(screenCookie)
	if err != nil {
		return Screen{}, identity.Actor{}, fault.New(fault.Forbidden, "command.screen_over")
	}
	return e.ScreenBy(r.Context(), c.Value)
}

// base is where the pages of a request live.
func base(r *http.Request) string {
	if r.Context().Value(screenKey{}) != nil {
		return screenBase
	}
	return "/command"
}

func (e *edge) getScreenEvents(w http.ResponseWriter, r *http.Request) {
	e.events(w, r, func(r *http.Request) (identity.Actor, bool) {
		_, a, err := e.pass(r)
		return a, err == nil
	})
}

// screensView is the page of passes.
type screensView struct {
	Form  *web.Form // nil: may make none
	Fresh string    // address of the pass that was just made, shown once
	List  []screenLine
	Empty web.Empty
	Back  string
}

// screenLine is one pass.
type screenLine struct {
	Screen
	Scope string
	Open  bool
	Stop  web.Form
}

func (e *edge) getScreens(w http.ResponseWriter, r *http.Request) {
	e.screens(w, r, http.StatusOK, nil, "")
}

func (e *edge) screens(w http.ResponseWriter, r *http.Request, status int, wrong error, fresh string) {
	q, err := e.read(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	d := e.draw(r, q)
	list, err := e.Screens(r.Context(), d.who)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := screensView{Fresh: fresh, Empty: web.Empty{Title: d.say("screens.none")}, Back: "/command"}
	if scopes := d.scopeOptions(); MayScreen(d.who) && len(scopes) > 0 {
		form := web.Form{Action: "/command/screens", ID: "screen", Submit: d.say("screens.make"), Fields: []web.Field{
			{Name: "name", Type: "text", Label: d.say("screens.name"), Help: d.say("screens.name.help"), Max: screenName, Required: true, Value: r.PostFormValue("name")},
			{Name: "scope", Type: "unit", Label: d.say("screens.scope"), Required: true, Options: scopes, Value: valueOr(r.PostFormValue("scope"), scopes[0].Value)},
			{Name: "days", Type: "number", Label: d.say("screens.days"), Required: true, Value: valueOr(r.PostFormValue("days"), "90")}}}
		if wrong != nil {
			e.rd.Mark(r, &form, wrong)
		}
		v.Form = &form
	}
	for _, c := range list {
		l := screenLine{Screen: c, Open: c.Until > d.now, Scope: d.unit(c.Unit), Stop: web.Form{Action: "/command/screens/" + c.ID + "/stop", ID: "stop-" + c.ID, Submit: d.say("screens.stop"), Danger: true}}
		if c.Area != "" {
			l.Scope = d.area(c.Area)
		}
		v.List = append(v.List, l)
	}
	e.rd.Page(w, r, status, "command/screens", v)
}

func valueOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// scopeOptions are the areas and units of one's own posts.
func (d *drawing) scopeOptions() (out []web.Option) {
	add := func(value, words string) {
		if !slices.ContainsFunc(out, func(o web.Option) bool { return o.Value == value }) {
			out = append(out, web.Option{Value: value, Label: words})
		}
	}
	for _, p := range d.who.Posts {
		if isCode(p.Area) {
			add("area:"+p.Area, d.area(p.Area))
		}
	}
	for _, p := range d.who.Posts {
		add("unit:"+p.Unit, d.say("scope.unit", "unit", d.unit(p.Unit)))
	}
	return out
}

func (e *edge) postScreen(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	wish := r.PostFormValue("scope")
	var sc Scope
	for _, o := range e.draw(r, asked{}).scopeOptions() {
		if o.Value == wish && wish[:5] == "area:" {
			sc.Area = wish[5:]
		} else if o.Value == wish {
			sc.Unit = wish[5:]
		}
	}
	if sc == (Scope{}) {
		e.screens(w, r, http.StatusUnprocessableEntity, fault.New(fault.Invalid, "command.screen_scope").At("scope"), "")
		return
	}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil {
		days = 0
	}
	_, token, err := e.NewScreen(r.Context(), a, r.PostFormValue("name"), sc, days)
	switch f := fault.Of(err); {
	case err == nil:
		scheme := "http://"
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https://"
		}
		e.screens(w, r, http.StatusOK, nil, scheme+r.Host+screenBase+"/open/"+token)
	case f.Kind == fault.Invalid || f.Kind == fault.Conflict:
		e.screens(w, r, httpx.Status(f), err, "")
	default:
		httpx.Fail(w, r, err)
	}
}

func (e *edge) postScreenStop(w http.ResponseWriter, r *http.Request) {
	if err := e.StopScreen(r.Context(), identity.From(r.Context()), r.PathValue("id")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/command/screens", http.StatusSeeOther)
}
