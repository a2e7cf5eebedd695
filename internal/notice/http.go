package notice

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

const (
	toldShown   = 30
	mostCounted = 99 // more is "99"
	logShown    = 50
	talliedDays = 14
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on the mux.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{s, pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /notice":                  e.getTold,
		"POST /notice/seen":            e.postSeen,
		"GET /notice/preferences":      e.getPreferences,
		"POST /notice/preferences":     e.postPreferences,
		"POST /notice/contact":         e.postContact,
		"POST /notice/contact/confirm": e.postConfirm,
		"POST /notice/contact/remove":  e.postRemove,
		"GET /notice/log":              e.getLog,
		"POST /notice/log/{id}/retry":  e.postRetry,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
	mux.HandleFunc("GET /n/{code}", httpx.Quiet(e.getLink))
	mux.HandleFunc("POST /n/{code}/{do}", httpx.Quiet(e.postLink))
	mux.HandleFunc("POST /notice/optout", httpx.Quiet(e.postOptOut))
}

func (e *edge) word(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "notice."+key, args...)
}

// Count is how much the actor was told and has not looked at, for the navigation.
func (s *Service) Count(r *http.Request, a identity.Actor) int {
	n, err := s.Cases.CountTold(r.Context(), a, mostCounted)
	if err != nil {
		s.Log.Error("notice: what is new could not be counted", "error", err)
		return 0
	}
	return n
}

// toldDay is what was told on one day.
type toldDay struct {
	Day   clock.Day
	Lines []toldLine
}

type toldLine struct {
	Href, Number, Title string
	What                string
	For                 string
	State               web.Tag
	At                  clock.Instant
}

// toldPage is /notice.
type toldPage struct {
	Tabs  []web.Tab
	Days  []toldDay
	Until clock.Instant
	New   int
	Empty web.Empty
	Pager web.Pager
}

func (e *edge) getTold(w http.ResponseWriter, r *http.Request) {
	a, seen, after := identity.From(r.Context()), r.URL.Query().Get("seen") != "", r.URL.Query().Get("after")
	before, id := clock.Instant(math.MaxInt64), ""
	if after != "" {
		var ok bool
		if before, id, ok = cursor(after); !ok {
			e.rd.Fault(w, r, fault.New(fault.Invalid, "casework.cursor").At("after"))
			return
		}
	}
	lines, err := e.Cases.Told(r.Context(), a, seen, before, id, toldShown+1)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	p := toldPage{Until: e.Clock.Now(), New: e.Count(r, a)}
	p.Tabs = []web.Tab{{Href: "/notice", Text: e.word(r, "tab.new"), Count: p.New, HasCount: true, Current: !seen}, {Href: "/notice?seen=yes", Text: e.word(r, "tab.seen"), Current: seen}}
	p.Empty = web.Empty{Title: e.word(r, "told.none"), Text: e.word(r, "told.none.text"), Links: []web.NavItem{{Href: "/cases", Text: e.word(r, "to_inbox")}}}
	own := "/notice?"
	if seen {
		p.Empty = web.Empty{Title: e.word(r, "told.none_seen"), Links: []web.NavItem{{Href: "/notice", Text: e.word(r, "tab.new")}}}
		own = "/notice?seen=yes&"
	}
	if len(lines) > toldShown {
		lines = lines[:toldShown]
		last := lines[toldShown-1]
		p.Pager.Next = own + "after=" + cursorAt(last.Recorded, last.ID)
	}
	if after != "" {
		p.Pager.First = strings.TrimRight(own, "?&")
	}
	if p.Days, err = e.toldDays(r, lines); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "notice/told", p)
}

// toldDays puts the lines under their days; an act told by name and through the
// unit is one line.
func (e *edge) toldDays(r *http.Request, lines []casework.ToldLine) (days []toldDay, err error) {
	for i, l := range lines {
		if i+1 < len(lines) && lines[i+1].ID == l.ID {
			lines[i+1].Mine = lines[i+1].Mine || l.Mine
			continue
		}
		if n := len(days); n == 0 || days[n-1].Day != l.Recorded.Day() {
			days = append(days, toldDay{Day: l.Recorded.Day()})
		}
		line, err := e.toldLine(r, l)
		if err != nil {
			return nil, err
		}
		d := &days[len(days)-1]
		d.Lines = append(d.Lines, line)
	}
	return days, nil
}

func (e *edge) toldLine(r *http.Request, l casework.ToldLine) (toldLine, error) {
	p, err := e.Cases.ProcedureAt(r.Context(), l.Case.Procedure, l.Case.Edition)
	if err != nil {
		return toldLine{}, err
	}
	lang := text.Language(r.Context())
	out := toldLine{Href: "/cases/" + l.Case.Number, Number: l.Case.Number, Title: l.Case.Title, At: l.Recorded, For: e.word(r, "for.unit")}
	if state := p.State(l.Case.State); state != nil {
		out.State.Text = state.Words.In(lang)
	}
	if out.Title == "" {
		out.Title = p.Title.In(lang)
	}
	if l.Mine {
		out.For = e.word(r, "for.me")
	}
	if act := p.Act(l.Act); act != nil {
		out.What = act.Words.In(lang)
		return out, nil
	}
	out.What = e.word(r, "act."+l.Act)
	if l.Act == casework.ActBreach || l.Act == casework.ActWarn {
		out.State.Tone = web.Warning
	}
	return out, nil
}

func (e *edge) postSeen(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PostFormValue("until"), 10, 64)
	now := e.Clock.Now()
	if err != nil || n <= 0 {
		e.rd.Fault(w, r, fault.New(fault.Invalid, "notice.until").At("until"))
		return
	}
	if err := e.Cases.MarkTold(r.Context(), identity.From(r.Context()), "", min(clock.Instant(n), now)); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/notice", http.StatusSeeOther)
}
