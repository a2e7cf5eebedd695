package search

import (
	"context"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// shownFirst is how many cases a page shows; asked for more it shows mostFound.
const shownFirst = 30

// edge draws this room's page and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the page /search and its API on the mux. Both are for people with
// an account and for holders of a link; each finds what they may see.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages}
	in := identity.SignedIn(e.getSearch)
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		if identity.From(r.Context()).Kind == identity.Link {
			httpx.Quiet(e.getSearch)(w, r)
			return
		}
		in(w, r)
	})
	httpx.Register(api, huma.Operation{OperationID: "search-cases", Method: http.MethodGet, Path: "/api/v1/search", Tags: []string{"search"},
		Summary: "Cases by their words, best first, among those the caller may see", Errors: []int{401, 422}}, s.apiSearch)
	httpx.Register(api, huma.Operation{OperationID: "search-state", Method: http.MethodGet, Path: "/api/v1/search/state", Tags: []string{"search"},
		Summary: "How far the index is, for staff", Errors: []int{401, 403}}, s.apiState)
}

// asks tells who may search at all.
func asks(a identity.Actor) bool { return a.Known() || a.Kind == identity.Link }

// line is one case found, as the page shows it.
type line struct {
	Href    string
	Number  []Piece
	Title   []Piece
	Excerpt []Piece
	State   web.Tag
	Facts   []string
	Opened  clock.Instant
}

// view is the page.
type view struct {
	Form    web.Form
	Query   string
	Notices []web.Notice
	Lines   []line
	Empty   web.Empty
	More    web.NavItem
}

func (e *edge) getSearch(w http.ResponseWriter, r *http.Request) {
	say := func(key string, args ...any) string { return e.rd.Say(r, "search."+key, args...) }
	a, typed, kind := identity.From(r.Context()), r.URL.Query().Get("q"), r.URL.Query().Get("kind")
	v := view{Query: strings.TrimSpace(typed), Form: web.Form{Action: "/search", Method: "get", Submit: say("find"), Fields: []web.Field{
		{Name: "q", Type: "text", Label: say("words"), Help: say("help"), Value: typed, Max: mostTyped, Required: true},
		{Name: "kind", Type: "choice", Label: say("kind"), Options: []web.Option{
			{Value: "", Label: say("kind.any"), Selected: kind == ""}, {Value: procedure.Open, Label: say("kind.open"), Selected: kind == procedure.Open}}, Value: kind, Required: true}}}}
	if v.Query == "" {
		e.rd.Page(w, r, http.StatusOK, "search/page", v)
		return
	}
	limit := shownFirst
	if r.URL.Query().Get("all") != "" {
		limit = mostFound
	}
	found, err := e.Find(r.Context(), a, typed, casework.Filter{Kind: openOnly(kind)}, limit)
	if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
		e.rd.Mark(r, &v.Form, err)
		e.rd.Page(w, r, http.StatusUnprocessableEntity, "search/page", v)
		return
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v.Lines = lines(found, text.Language(r.Context()), office(a))
	v.Notices = e.notices(r, a, found, limit)
	v.Empty = web.Empty{Title: say("none"), Text: say("none.text")}
	if found.More && limit < mostFound && len(found.Rows) > 0 {
		next := url.Values{"q": {typed}, "all": {"yes"}}
		if kind != "" {
			next.Set("kind", kind)
		}
		v.More = web.NavItem{Href: "/search?" + next.Encode(), Text: say("more")}
	}
	e.rd.Page(w, r, http.StatusOK, "search/page", v)
}

// openOnly takes the one wish the page knows; any other word is no wish.
func openOnly(kind string) string {
	if kind == procedure.Open {
		return kind
	}
	return ""
}

// notices say what the answer does not show by itself.
func (e *edge) notices(r *http.Request, a identity.Actor, found Found, limit int) (out []web.Notice) {
	add := func(tone web.Tone, key string, args ...any) {
		out = append(out, web.Notice{Tone: tone, Text: e.rd.Say(r, "search."+key, args...)})
	}
	if found.Loose {
		add(web.Info, "loose")
	}
	if found.More && (limit == mostFound || len(found.Rows) == 0) {
		add(web.Info, "narrow", "n", len(found.Rows))
	}
	if !office(a) {
		return out
	}
	state, err := e.State(r.Context())
	if err != nil {
		e.slog.Error("search: the state of the index cannot be read", "error", err)
		return out
	}
	if state.Parked > 0 {
		add(web.Warning, "parked", "n", state.Parked)
	}
	if state.Behind > mostBehind {
		add(web.Warning, "behind", "n", state.Behind)
	}
	return out
}

// lines draws what was found. Excerpts come from a case's values as they are
// now, so nothing erased is shown; parties read theirs on the case's own page.
func lines(found Found, lang string, office bool) []line {
	out := make([]line, 0, len(found.Rows))
	for _, row := range found.Rows {
		title, facts := row.Case.Title, []string{row.Title.In(lang)}
		if title == "" { // a case without a title is called by its procedure
			title, facts = facts[0], nil
		}
		l := line{Href: "/cases/" + row.ID, Number: Mark(row.Number, found.Terms), Title: Mark(title, found.Terms),
			State: web.Tag{Text: row.Words.In(lang), Tone: tone(row.Kind)}, Facts: facts, Opened: row.Opened}
		if office {
			l.Excerpt = excerpt(row, found.Terms)
		}
		out = append(out, l)
	}
	return out
}

// tone is how a state's kind looks.
func tone(kind string) web.Tone {
	switch kind {
	case procedure.Open:
		return web.Info
	case procedure.Waiting:
		return web.Warning
	case procedure.Done:
		return web.Good
	}
	return web.Quiet
}

type (
	searchIn struct {
		Q         string `query:"q" required:"true" minLength:"1" maxLength:"400" doc:"Words; all must be there, Chinese written together stands together"`
		Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"30"`
		Kind      string `query:"kind" enum:"open,waiting,done,final" doc:"Only cases in such a state; open includes waiting"`
		Procedure string `query:"procedure" maxLength:"64"`
		Area      string `query:"area" maxLength:"15" pattern:"^[0-9]*$" doc:"Code of an area that contains them"`
		Unit      string `query:"unit" maxLength:"64" doc:"The unit that holds them"`
	}
	apiPiece struct {
		Text string `json:"text"`
		Hit  bool   `json:"hit,omitempty" doc:"One of the words looked for"`
	}
	apiFound struct {
		ID        string     `json:"id"`
		Number    string     `json:"number"`
		Procedure string     `json:"procedure"`
		Title     []apiPiece `json:"title"`
		Excerpt   []apiPiece `json:"excerpt,omitempty"`
		State     string     `json:"state"`
		Kind      string     `json:"kind"`
		Unit      string     `json:"unit,omitempty"`
		Area      string     `json:"area,omitempty"`
		Class     string     `json:"class,omitempty"`
		Opened    string     `json:"opened" format:"date-time"`
	}
	searchOut struct {
		Body struct {
			Cases []apiFound `json:"cases"`
			Loose bool       `json:"loose" doc:"Nothing had all the words as written; these share parts of them"`
			More  bool       `json:"more" doc:"There may be more than limit"`
		}
	}
	stateOut struct {
		Body struct {
			Behind int64 `json:"behind" doc:"Entries of the log not read yet"`
			Cases  int64 `json:"cases" doc:"Cases that can be found"`
			Parked int64 `json:"parked" doc:"Cases that cannot be found for now"`
		}
	}
)

func (s *Service) apiSearch(ctx context.Context, in *searchIn) (*searchOut, error) {
	a := identity.From(ctx)
	if !asks(a) {
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	}
	found, err := s.Find(ctx, a, in.Q, casework.Filter{Kind: in.Kind, Procedure: in.Procedure, Area: in.Area, Unit: in.Unit}, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &searchOut{}
	out.Body.Cases, out.Body.Loose, out.Body.More = make([]apiFound, 0, len(found.Rows)), found.Loose, found.More
	for _, row := range found.Rows {
		f := apiFound{ID: row.ID, Number: row.Number, Procedure: row.Procedure, Title: pieces(Mark(row.Case.Title, found.Terms)), State: row.State,
			Kind: row.Kind, Unit: row.Unit, Area: row.Area, Class: row.Class, Opened: row.Opened.String()}
		if office(a) {
			f.Excerpt = pieces(excerpt(row, found.Terms))
		}
		out.Body.Cases = append(out.Body.Cases, f)
	}
	return out, nil
}

func pieces(list []Piece) []apiPiece {
	out := make([]apiPiece, len(list))
	for i, p := range list {
		out[i] = apiPiece(p)
	}
	return out
}

func (s *Service) apiState(ctx context.Context, _ *struct{}) (*stateOut, error) {
	switch a := identity.From(ctx); {
	case !asks(a):
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	case !office(a):
		return nil, fault.New(fault.Forbidden, "search.staff_only")
	}
	state, err := s.State(ctx)
	out := &stateOut{}
	out.Body.Behind, out.Body.Cases, out.Body.Parked = state.Behind, state.Cases, state.Parked
	return out, err
}
