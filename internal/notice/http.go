package notice

import (
	"net/http"
	"strconv"

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
	New                 bool
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
	a, seen := identity.From(r.Context()), r.URL.Query().Get("seen") != ""
	lines, next, err := e.Cases.Told(r.Context(), a, seen, r.URL.Query().Get("after"), toldShown)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	p := toldPage{Until: e.Clock.Now(), New: e.Count(r, a)}
	p.Tabs = []web.Tab{{Href: "/notice", Text: e.word(r, "tab.new"), Count: p.New, HasCount: true, Current: !seen}, {Href: "/notice?seen=yes", Text: e.word(r, "tab.seen"), Current: seen}}
	p.Empty = web.Empty{Title: e.word(r, "told.none"), Text: e.word(r, "told.none.text"), Links: []web.NavItem{{Href: "/cases", Text: e.word(r, "to_inbox")}}}
	if seen {
		p.Empty = web.Empty{Title: e.word(r, "told.none_seen"), Links: []web.NavItem{{Href: "/notice", Text: e.word(r, "tab.new")}}}
	}
	for _, l := range lines {
		if n := len(p.Days); n == 0 || p.Days[n-1].Day != l.Recorded.Day() {
			p.Days = append(p.Days, toldDay{Day: l.Recorded.Day()})
		}
		d := &p.Days[len(p.Days)-1]
		d.Lines = append(d.Lines, e.toldLine(r, l))
	}
	if next != "" {
		p.Pager.Next = "/notice?after=" + next
		if seen {
			p.Pager.Next += "&seen=yes"
		}
	}
	if r.URL.Query().Get("after") != "" {
		p.Pager.First = p.Tabs[0].Href
		if seen {
			p.Pager.First = p.Tabs[1].Href
		}
	}
	e.rd.Page(w, r, http.StatusOK, "notice/told", p)
}

func (e *edge) toldLine(r *http.Request, l casework.ToldLine) toldLine {
	lang := text.Language(r.Context())
	out := toldLine{Href: "/cases/" + l.Case.Number, Number: l.Case.Number, Title: l.Case.Title, At: l.Recorded, New: !l.Seen, What: l.Words.In(lang), For: e.word(r, "for.unit")}
	out.State.Text = l.State.In(lang)
	if out.Title == "" {
		out.Title = l.Procedure.In(lang)
	}
	if l.Mine {
		out.For = e.word(r, "for.me")
	}
	if out.What == "" {
		out.What = e.word(r, "act."+l.Act)
		if l.Act == casework.ActBreach || l.Act == casework.ActWarn {
			out.State.Tone = web.Warning
		}
	}
	return out
}

func (e *edge) postSeen(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PostFormValue("until"), 10, 64)
	now := e.Clock.Now()
	if err != nil || n <= 0 {
		e.rd.Fault(w, r, fault.New(fault.Invalid, "notice.until").At("until"))
		return
	}
	if err := e.Cases.MarkAllTold(r.Context(), identity.From(r.Context()), min(clock.Instant(n), now), now); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/notice", http.StatusSeeOther)
}
