package notice

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/web"
)

// logPage is /notice/log.
type logPage struct {
	Notices []web.Notice
	Senders *web.Table
	Days    *web.Table
	Find    *web.Form
	Tabs    []web.Tab
	Lines   []logLine
	Empty   web.Empty
	Pager   web.Pager
}

// logLine is one line of the delivery log: no receiver, no text.
type logLine struct {
	Kind, Number, Channel, To, Sender, Problem string
	State                                      web.Tag
	Line                                       Line
	Retry                                      string
}

func (e *edge) getLog(w http.ResponseWriter, r *http.Request) {
	a, q := identity.From(r.Context()), r.URL.Query()
	f := Logged{Number: strings.TrimSpace(q.Get("number")), Status: q.Get("status"), Sender: q.Get("sender"), Before: q.Get("before"), Limit: logShown}
	if !slices.Contains([]string{Waiting, Sent, Failed, Suppressed}, f.Status) {
		f.Status = ""
	}
	lines, next, err := e.Deliveries(r.Context(), a, f)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	p := logPage{Empty: web.Empty{Text: e.word(r, "log.none")}, Find: e.logForm(r, f), Tabs: e.logTabs(r, f)}
	if q.Get("done") == "retry" {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: e.word(r, "log.again_done")})
	}
	if len(e.Senders) == 0 {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: e.word(r, "log.no_senders"), Text: e.word(r, "log.no_senders.text")})
	}
	if err := e.logTables(r, a, &p); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	for _, l := range lines {
		p.Lines = append(p.Lines, e.logLine(r, l))
	}
	own := url.Values{}
	for k, v := range map[string]string{"number": f.Number, "status": f.Status, "sender": f.Sender} {
		if v != "" {
			own.Set(k, v)
		}
	}
	if f.Before != "" {
		p.Pager.First = "/notice/log?" + own.Encode()
	}
	if next != "" {
		own.Set("before", next)
		p.Pager.Next = "/notice/log?" + own.Encode()
	}
	e.rd.Page(w, r, http.StatusOK, "notice/log", p)
}

func (e *edge) logForm(r *http.Request, f Logged) *web.Form {
	form := &web.Form{ID: "find", Action: "/notice/log", Method: "get", Submit: e.word(r, "log.find"), Fields: []web.Field{
		{Name: "number", Type: "text", Label: e.word(r, "log.number"), Value: f.Number, Max: 40, Autocomplete: "off"}}}
	if f.Status != "" {
		form.Hidden = []web.Option{{Label: "status", Value: f.Status}}
	}
	return form
}

// logTabs choose lines by their status.
func (e *edge) logTabs(r *http.Request, f Logged) (tabs []web.Tab) {
	for _, s := range []string{"", Sent, Failed, Waiting, Suppressed} {
		own := url.Values{}
		if f.Number != "" {
			own.Set("number", f.Number)
		}
		tab := web.Tab{Text: e.word(r, "log.any"), Current: s == f.Status}
		if s != "" {
			own.Set("status", s)
			tab.Text = e.word(r, "status."+s)
		}
		tab.Href = "/notice/log?" + own.Encode()
		tabs = append(tabs, tab)
	}
	return tabs
}

func (e *edge) logTables(r *http.Request, a identity.Actor, p *logPage) error {
	states, err := e.States(r.Context())
	if err != nil {
		return err
	}
	p.Senders = &web.Table{Caption: e.word(r, "log.senders"), Empty: web.Empty{Text: e.word(r, "log.no_senders")}, Columns: []web.Column{
		{Text: e.word(r, "sender")}, {Text: e.word(r, "channel")}, {Text: e.word(r, "status")}, {Text: e.word(r, "log.worked")}}}
	for _, s := range e.Senders {
		st := states[s.Name]
		tag := web.Tag{Text: e.word(r, "sender.unused"), Tone: web.Quiet}
		switch {
		case st.Down():
			tag = web.Tag{Text: e.word(r, "sender.down", "problem", e.problem(r, st.Problem)), Tone: web.Bad}
		case st.Fails > 0:
			tag = web.Tag{Text: e.word(r, "sender.shaky", "problem", e.problem(r, st.Problem)), Tone: web.Warning}
		case st.Worked > 0:
			tag = web.Tag{Text: e.word(r, "sender.good"), Tone: web.Good}
		}
		var channels []string
		for _, c := range s.For {
			channels = append(channels, e.word(r, "channel."+c))
		}
		worked := any(st.Worked)
		if st.Worked == 0 {
			worked = e.word(r, "log.never")
		}
		p.Senders.Rows = append(p.Senders.Rows, []web.Cell{{Text: s.Name}, {Text: strings.Join(channels, " · ")}, {Tag: &tag}, {Text: worked}})
	}
	tallies, err := e.Tallies(r.Context(), a, talliedDays)
	if err != nil {
		return err
	}
	p.Days = &web.Table{Caption: e.word(r, "log.days", "n", talliedDays), Empty: web.Empty{Text: e.word(r, "log.none")}, Columns: []web.Column{
		{Text: e.word(r, "log.day")}, {Text: e.word(r, "sender")}, {Text: e.word(r, "status.sent"), Number: true}, {Text: e.word(r, "status.failed"), Number: true},
		{Text: e.word(r, "status.waiting"), Number: true}, {Text: e.word(r, "status.suppressed"), Number: true}}}
	for _, t := range tallies {
		name := t.Sender
		if name == "" {
			name = e.word(r, "log.no_sender_yet")
		}
		p.Days.Rows = append(p.Days.Rows, []web.Cell{{Text: t.Day}, {Text: name}, {Text: t.Sent}, {Text: t.Failed}, {Text: t.Waiting}, {Text: t.Others}})
	}
	return nil
}

// problem says what a short code means, where the house has words for it.
func (e *edge) problem(r *http.Request, code string) string {
	key := "problem." + strings.TrimPrefix(code, "unsure_")
	if said := e.word(r, key); said != "notice."+key {
		return said
	}
	return code
}

func (e *edge) logLine(r *http.Request, l Line) logLine {
	now := e.Clock.Now()
	out := logLine{Line: l, Number: l.Number, Channel: e.word(r, "channel."+l.Channel), To: e.word(r, "to."+l.Who), Kind: e.word(r, "kind."+l.Kind), Sender: l.Sender,
		State: web.Tag{Text: e.word(r, "status."+l.Status)}}
	if l.Problem != "" {
		out.Problem = e.problem(r, l.Problem)
	}
	switch {
	case l.Status == Sent:
		out.State.Tone = web.Good
	case l.Status == Failed:
		out.State.Tone = web.Bad
		if l.Who != toCode {
			out.Retry = "/notice/log/" + l.ID + "/retry"
		}
	case l.Status == Suppressed:
		out.State.Tone = web.Quiet
	case l.Lease > now:
		out.State = web.Tag{Text: e.word(r, "status.sending"), Tone: web.Info}
	case l.Due > now && l.Attempts == 0:
		out.State = web.Tag{Text: e.word(r, "status.held"), Tone: web.Info}
	default:
		out.State.Tone = web.Warning
	}
	return out
}

func (e *edge) postRetry(w http.ResponseWriter, r *http.Request) {
	if err := e.Again(r.Context(), identity.From(r.Context()), r.PathValue("id")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/notice/log?done=retry", http.StatusSeeOther)
}

// Banner tells an administrator on every page that a sender fails; nil where none
// does or it is somebody else's page.
func (s *Service) Banner(rd *web.Renderer) func(r *http.Request) *web.Notice {
	return func(r *http.Request) *web.Notice {
		a := identity.From(r.Context())
		if !a.Known() || !a.Has(identity.Administrator) || len(s.Senders) == 0 {
			return nil
		}
		down, err := s.Failing(r.Context())
		if err != nil || len(down) == 0 {
			return nil
		}
		var names []string
		for _, st := range down {
			names = append(names, st.Name)
		}
		return &web.Notice{Tone: web.Bad, Text: rd.Say(r, "notice.banner", "senders", strings.Join(names, " · "), "since", down[0].Since),
			Links: []web.NavItem{{Href: "/notice/log", Text: rd.Say(r, "notice.log.title")}}}
	}
}
