package deliberation

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux. None of them needs script. What residents
// write and think goes by no account, and access lines do not name these pages.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /topics":                      e.getTopics,
		"GET /topics/{number}":             e.getTopic,
		"POST /topics/{number}/statements": e.postStatement,
		"POST /topics/{number}/stand":      e.postStand,
		"GET /statement/{token}":           e.getLink,
		"GET /statement/mine/{id}":         e.getMine,
		"GET /matters/{number}":            e.getMatter,
		"POST /matters/{number}/judge":     e.postJudge,
		"GET /matters/{number}/resolution": e.getResolution,
		"GET /petitions/{number}":          e.getPetition,
	} {
		mux.HandleFunc(pattern, httpx.Quiet(h))
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /topics/{number}/moderate":        e.getModerate,
		"POST /topics/{number}/moderate":       e.postModerate,
		"GET /matters/{number}/minutes/{step}": e.getMinutes,
		"GET /petitions/{number}/signatures":   e.getSignatures,
		"POST /petitions/{number}/signatures":  e.postSignatures,
		"POST /petitions/{number}/names":       e.postNames,
		"POST /petitions/{number}/verdicts":    e.postVerdicts,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "deliberation."+key, args...)
}

func in(r *http.Request, w text.Words) string { return w.In(text.Language(r.Context())) }

func actor(r *http.Request) identity.Actor { return identity.From(r.Context()) }

// Own cookies. Both are set when somebody does something, never before.
const (
	deviceCookie    = "linli_stand"     // a random word by which a device's stand counts once
	statementCookie = "linli_statement" // keeps the page of an own statement open
	keyLength       = 26
)

var statementContext = []byte("deliberation/statement")

func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// known is the word of the asker's device, "" where it has none yet.
func known(r *http.Request) string {
	if c, err := r.Cookie(deviceCookie); err == nil && len(c.Value) == keyLength {
		return c.Value
	}
	return ""
}

// device is the word of the asker's device. Without one the form's own key serves,
// so that a form sent twice counts once.
func (e *edge) device(w http.ResponseWriter, r *http.Request, key string) string {
	if had := known(r); had != "" {
		return had
	}
	if len(key) != keyLength {
		key = seal.Token()
	}
	http.SetCookie(w, &http.Cookie{Name: deviceCookie, Value: key, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r)})
	return key
}

// form reads a posted form of bounded size.
func form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	if err := r.ParseForm(); err != nil {
		return httpx.BodyFault(err)
	}
	return nil
}

// tag is a case's state.
func tag(r *http.Request, p *procedure.Procedure, name string) web.Tag {
	st := p.State(name)
	if st == nil {
		return web.Tag{}
	}
	tone := map[string]web.Tone{procedure.Waiting: web.Warning, procedure.Done: web.Good, procedure.Final: web.Quiet}[st.Kind]
	if tone == web.Plain {
		tone = web.Info
	}
	return web.Tag{Text: in(r, st.Words), Tone: tone}
}

// areaName is an area's name, its code where it is not known.
func (e *edge) areaName(r *http.Request, code string) string {
	a, err := e.Areas.Get(r.Context(), code)
	if err != nil {
		return code
	}
	return text.Words{text.Chinese: a.Name, text.English: a.NameEn}.In(text.Language(r.Context()))
}

// option is what a choice of a case is called.
func option(r *http.Request, p *procedure.Procedure, field, value string) string {
	if f := p.Field(field); f != nil {
		for _, o := range f.Options {
			if o.Value == value {
				return in(r, o.Label)
			}
		}
	}
	return value
}

// public finds a case that everybody may know of.
func (e *edge) public(r *http.Request, name string) (*casework.Case, *procedure.Procedure, error) {
	c, p, err := e.seen(r.Context(), identity.SystemActor(), name, r.PathValue("number"))
	if err == nil && (c.Sealed != "" || c.Imported) {
		err = errNoTopic
	}
	return c, p, err
}

// matter finds a matter of either way.
func (e *edge) matter(r *http.Request) (*casework.Case, *procedure.Procedure, error) {
	c, p, err := e.public(r, FourSteps)
	if fault.Is(err, fault.NotFound) {
		c, p, err = e.public(r, CollectiveDecision)
	}
	return c, p, err
}

// kinds are the public lists, in their order.
var kinds = []string{Consultation, FourSteps, CollectiveDecision, Petition}

var addresses = map[string]string{Consultation: "/topics/", FourSteps: "/matters/", CollectiveDecision: "/matters/", Petition: "/petitions/"}

// publicLine is one line of a public list.
type publicLine struct {
	Href, Title string
	State       web.Tag
	Facts       []string
	Opened      clock.Instant
}

// topicsPage lists what is talked over and decided.
type topicsPage struct {
	Title, Lead string
	Tabs, Over  []web.Tab
	Lines       []publicLine
	Pager       web.Pager
	Empty       web.Empty
}

const topicsShown = 30

func (e *edge) getTopics(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	kind := q.Get("kind")
	if !slices.Contains(kinds, kind) {
		kind = Consultation
	}
	code := q.Get("area")
	if len(code) > 15 || strings.Trim(code, "0123456789") != "" {
		code = ""
	}
	over := q.Get("over") == "1"
	address := func(kind string, over bool, after string) string {
		at := "/topics?kind=" + kind
		if over {
			at += "&over=1"
		}
		if code != "" {
			at += "&area=" + code
		}
		if after != "" {
			at += "&after=" + after
		}
		return at
	}
	page := topicsPage{Title: e.say(r, "list.title"), Lead: e.say(r, "list.lead")}
	if code != "" {
		page.Title = e.say(r, "list.of", "area", e.areaName(r, code))
	}
	for _, k := range kinds {
		page.Tabs = append(page.Tabs, web.Tab{Href: address(k, false, ""), Text: e.say(r, "list."+k), Current: k == kind})
	}
	for _, o := range []bool{false, true} {
		page.Over = append(page.Over, web.Tab{Href: address(kind, o, ""), Text: e.say(r, map[bool]string{false: "list.open", true: "list.over"}[o]), Current: o == over})
	}
	ids, next, err := e.list(r.Context(), listFilter{Procedure: kind, Area: code, Over: over, After: q.Get("after"), Limit: topicsShown})
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if page.Lines, err = e.lines(r, ids); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if next != "" {
		page.Pager.Next = address(kind, over, next)
	}
	if q.Get("after") != "" {
		page.Pager.First = address(kind, over, "")
	}
	if len(page.Lines) == 0 {
		page.Empty = web.Empty{Title: e.say(r, "list.none"), Text: e.say(r, "list.none.text"), Links: []web.NavItem{{Href: "/notices", Text: e.say(r, "to_notices")}}}
	}
	e.rd.Page(w, r, http.StatusOK, "deliberation/topics", page)
}

// lines are the cases of a page in the order of their ids.
func (e *edge) lines(r *http.Request, ids []string) (out []publicLine, err error) {
	rows, _, err := e.Cases.List(r.Context(), identity.SystemActor(), casework.Filter{IDs: append([]string{}, ids...), Limit: topicsShown})
	if err != nil {
		return nil, err
	}
	byID := map[string]casework.Row{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	for _, id := range ids {
		row, there := byID[id]
		if !there || row.Sealed != "" || row.Imported {
			continue
		}
		p, err := e.Cases.ProcedureAt(r.Context(), row.Case.Procedure, row.Edition)
		if err != nil {
			return nil, err
		}
		l := publicLine{Href: addresses[p.Name] + row.Number, Title: row.Case.Title, State: tag(r, p, row.State), Opened: row.Opened, Facts: []string{e.areaName(r, row.Area)}}
		for _, field := range []string{"way", "source", "body"} {
			if v := row.Values.Text(field); v != "" {
				l.Facts = append(l.Facts, option(r, p, field, v))
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// note is what a cookie keeps of an own statement.
type note struct {
	ID    string        `json:"i"`
	Until clock.Instant `json:"u"`
}

// refused draws a page again with what was wrong; internal failures have their own
// page.
func (e *edge) refused(w http.ResponseWriter, r *http.Request, err error) (status int, said string, ok bool) {
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.NotFound || f.Kind == fault.Busy {
		httpx.Fail(w, r, err)
		return 0, "", false
	}
	httpx.Note(r, f)
	return httpx.Status(f), e.rd.Explain(r, f), true
}

func encodeNote(n note) []byte {
	raw, err := json.Marshal(n)
	if err != nil {
		return nil // two plain fields always encode
	}
	return raw
}
