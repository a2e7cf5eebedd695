package command

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// shownAtOnce is how many cases a page lists.
const shownAtOnce = 20

// edge draws this room's pages.
type edge struct {
	*Service
	rd    *web.Renderer
	beat  time.Duration // between two heartbeats of a stream
	apart time.Duration // the least between two events
}

// Routes puts the page /command, what it fetches and its events on the mux, all
// for people with a post; /command/screen is for a wall screen with a pass.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages, heartbeat, streamsApart}
	e.routes(mux, api)
}

func (e *edge) routes(mux *http.ServeMux, api huma.API) {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /command": e.getPage, "GET /command/list": e.getParts, "GET /command/points": e.getPoints,
		"GET /command/picture.svg": e.getPicture, "GET /command/picture.png": e.getPicture, "GET /command/events": e.getEvents, "GET /town": e.getTown,
	} {
		mux.HandleFunc(pattern, e.admit(h))
	}
	e.screenRoutes(mux)
	httpx.Register(api, huma.Operation{OperationID: "command-figures", Method: http.MethodGet, Path: "/api/v1/command", Tags: []string{"command"},
		Summary: "What is going on now in an area or unit, of what the caller's posts see", Errors: []int{401, 403, 404, 422}}, e.apiFigures)
}

// admit lets people with a post in.
func (e *edge) admit(h http.HandlerFunc) http.HandlerFunc {
	return identity.SignedIn(func(w http.ResponseWriter, r *http.Request) {
		if len(identity.From(r.Context()).Posts) == 0 {
			httpx.Fail(w, r, fault.New(fault.Forbidden, "command.no_post"))
			return
		}
		h(w, r)
	})
}

// asked is what an address asks for.
type asked struct {
	scope  Scope
	filter Filter
	wall   bool
	base   string     // where the page lives
	query  url.Values // what must be kept when one thing changes
}

// What "show" chooses of the open cases.
const (
	showOverdue  = "overdue"
	showToday    = "today"
	showDecides  = "decides"
	showUnplaced = "unplaced"
)

// read reads an address.
func (e *edge) read(r *http.Request) (asked, error) {
	q := r.URL.Query()
	out := asked{base: base(r), wall: q.Get("wall") != "", query: url.Values{}}
	f := &out.filter
	f.Class, f.After, f.Limit, f.Newest = q.Get("class"), q.Get("after"), shownAtOnce, q.Get("sort") == "new"
	f.Procedure, f.State = splitState(q.Get("state"))
	switch show := q.Get("show"); show {
	case "":
	case showOverdue, showToday:
		f.Due = show
	case showDecides:
		f.Decides = true
	case showUnplaced:
		f.Decides, f.Unplaced = true, true
	default:
		return out, fault.New(fault.Invalid, "command.filter").At("show")
	}
	if err := f.Check(); err != nil {
		return out, err
	}
	for _, name := range []string{"area", "unit", "class", "state", "show", "sort"} {
		if v := q.Get(name); v != "" {
			out.query.Set(name, v)
		}
	}
	var err error
	out.scope, err = e.ScopeOf(r.Context(), identity.From(r.Context()), q.Get("area"), q.Get("unit"))
	return out, err
}

// with is an address of the page with some of what it asks changed; "" takes a
// wish away.
func (q asked) with(path string, pairs ...string) string {
	v := url.Values{}
	for name, list := range q.query {
		v[name] = list
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Del(pairs[i]); pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (e *edge) getPage(w http.ResponseWriter, r *http.Request) {
	q, err := e.read(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if q.wall {
		e.wall(w, r, q, false)
		return
	}
	v, err := e.draw(r, q).page()
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "command/page", v)
}

// getParts gives the parts of a page that change, for its script.
func (e *edge) getParts(w http.ResponseWriter, r *http.Request) {
	q, err := e.read(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if q.wall {
		e.wall(w, r, q, true)
		return
	}
	v, err := e.draw(r, q).page()
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Part(w, r, http.StatusOK, "command/page", "command-parts", v)
}

// wall draws the wall screen, whole or only what changes.
func (e *edge) wall(w http.ResponseWriter, r *http.Request, q asked, parts bool) {
	q.filter = Filter{}
	v, err := e.draw(r, q).wall()
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	name := "wall-page"
	if parts {
		name = "wall-parts"
	}
	e.rd.Part(w, r, http.StatusOK, "command/wall", name, v)
}

func number(n int) string { return strconv.Itoa(n) }
