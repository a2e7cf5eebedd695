package ballot

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/web"
)

// mostFound is how many people one search shows at the door.
const mostFound = 40

// hallLine is a person of the roll at the door.
type hallLine struct {
	No                   int64
	Name, Facts          string
	Here                 *web.Tag
	Arrive, House, Proxy bool // the buttons that stand beside the name
	Leave                bool
	Key                  string
}

// hallView is the page at the door of the hall, and the big screen in it.
type hallView struct {
	Title, Lead, Href, Case, Screen, Minutes, Now string
	State                                         web.Tag
	Notices                                       []web.Notice
	Problem                                       string
	Find, Key                                     string
	Lines                                         []hallLine
	More                                          int
	None                                          bool
	Runs                                          bool // who looks may mark
	Proxies                                       *web.Form
	Live                                          live
	Back                                          string
	Lang                                          string
}

// live is what changes by itself.
type live struct {
	Present, Members int64
	Quorate, Asked   bool
	Short            []string // what is missing, in words
	Sentence         string
	Counts           []web.Fact
	Outcome          any // web.Judged, once it is declared
	At               string
}

// seen finds the meeting of a page and looks whether its names may be shown.
func (e *edge) seen(r *http.Request) (*casework.View, meeting, error) {
	v, err := e.Cases.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return nil, meeting{}, err
	}
	x, err := e.open(r.Context(), v)
	if err == nil && !over(actor(r), x.Area, append([]string{"committee-member"}, viewers...)) {
		err = fault.New(fault.NotFound, "ballot.no_meeting")
	}
	return v, x, err
}

func (e *edge) liveOf(r *http.Request, v *casework.View) (live, error) {
	s, err := e.standing(r.Context(), v.Case, v.Procedure)
	if err != nil {
		return live{}, err
	}
	out := live{Present: s.Present, Members: s.Members, Quorate: s.Quorate(), Asked: s.Decision != nil, At: e.rd.Show(r, e.Clock.Now())}
	if s.Decision != nil {
		out.Sentence = s.Decision.Sentence().In(text.Language(r.Context()))
	}
	if s.Missing > 0 {
		heads := s.heads(v.Case)
		out.Short = append(out.Short, e.say(r, "hall.short", "present", heads, "members", s.Members, "need", heads+s.Missing, "missing", s.Missing))
	}
	if s.HousesMissing > 0 {
		out.Short = append(out.Short, e.say(r, "hall.short_houses", "present", s.Attendance.Households, "households", s.HousesAll, "need", s.Attendance.Households+s.HousesMissing, "missing", s.HousesMissing))
	}
	for _, f := range []string{"in_favour", "against", "abstained", "void", "not_voted"} {
		if n, counted := v.Case.Values[f].(int64); counted {
			out.Counts = append(out.Counts, web.Fact{Name: text.Words(v.Procedure.Field(f).Label).In(text.Language(r.Context())), Value: n})
		}
	}
	if d, is := v.Case.Values["outcome"].(law.Decision); is {
		out.Outcome = law.Drawn(e.rd, r, d)
	}
	return out, nil
}

func (e *edge) hallOf(r *http.Request, v *casework.View) (hallView, error) {
	in := func(w text.Words) string { return w.In(text.Language(r.Context())) }
	href := "/meetings/" + v.Case.ID
	out := hallView{Title: v.Case.Title, Href: href, Case: "/cases/" + v.Case.ID, Screen: href + "/screen", Minutes: href + "/minutes", Now: href + "/now", Lang: text.Language(r.Context()),
		Find: strings.TrimSpace(r.URL.Query().Get("find")), Key: seal.Token(), Lead: e.say(r, "hall.lead", "place", e.placeName(r.Context(), v.Case.Area),
			"body", Body(v.Case.Values.Text("body")).Key(), "day", v.Case.Values.Text("meeting_day"), "hall", v.Case.Values.Text("hall"))}
	if st := v.Procedure.State(v.Case.State); st != nil {
		out.State = web.Tag{Text: in(text.Words(st.Words)), Tone: web.Info}
	}
	if paper, _ := v.Case.Values["on_paper"].(bool); paper {
		out.Notices = append(out.Notices, web.Notice{Tone: web.Warning, Title: e.say(r, "hall.on_paper"), Text: e.say(r, "hall.on_paper_text")})
	}
	var err error
	out.Live, err = e.liveOf(r, v)
	return out, err
}

func (e *edge) getHall(w http.ResponseWriter, r *http.Request) {
	e.drawHall(w, r, http.StatusOK, nil)
}

// drawHall draws the page at the door: find somebody by number, name or household
// and mark them with one tap.
func (e *edge) drawHall(w http.ResponseWriter, r *http.Request, status int, wrong error) {
	v, x, err := e.seen(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if x.Sitting != x.Case {
		http.Redirect(w, r, "/meetings/"+x.Sitting, http.StatusSeeOther)
		return
	}
	page, err := e.hallOf(r, v)
	if err == nil {
		err = e.hallLines(r, v, x, &page)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if wrong != nil {
		page.Problem = e.rd.Explain(r, wrong)
	} else if no := r.URL.Query().Get("done"); no != "" {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "hall.done_"+wordOr(r.URL.Query().Get("what"), arriveAct), "line", no)})
	}
	w.Header().Set("Cache-Control", "no-store")
	e.rd.Page(w, r, status, "ballot/hall", page)
}

// wordOr keeps an act's name out of the address honest.
func wordOr(said, usual string) string {
	switch said {
	case arriveAct, leaveAct, entrustAct:
		return said
	}
	return usual
}

// hallLines are the people who fit what was typed, with what can be marked.
func (e *edge) hallLines(r *http.Request, v *casework.View, x meeting, page *hallView) error {
	_, lines, err := e.Show(r.Context(), actor(r), x.Roll)
	if err != nil {
		return err
	}
	here, err := e.here(r.Context(), x.Sitting)
	if err != nil {
		return err
	}
	proxies, err := e.proxiesOf(r.Context(), x.Sitting)
	if err != nil {
		return err
	}
	words, _, err := e.Words.Now(r.Context())
	if err != nil {
		return err
	}
	b := Body(v.Case.Values.Text("body"))
	for _, p := range v.May {
		if p.Act.Name == arriveAct && (p.Why == nil || p.Why.Kind != fault.Forbidden) {
			page.Runs = true
		}
	}
	for _, l := range lines {
		if !b.belongs(l) || !l.matches(page.Find) {
			continue
		}
		if len(page.Lines) == mostFound {
			page.More++
			continue
		}
		h := hallLine{No: l.No, Name: l.Name, Facts: e.hallFacts(r, l), Key: page.Key}
		how, is := here[l.No]
		switch {
		case is:
			h.Here, h.Leave = &web.Tag{Text: e.say(r, "hall.here_"+how), Tone: web.Good}, page.Runs
		case page.Runs:
			h.Arrive, h.House, h.Proxy = true, b.general() && !l.ForHouse, proxies[l.No] > 0
		}
		page.Lines = append(page.Lines, h)
	}
	page.None = len(page.Lines) == 0
	if words.bodies[b].Proxy != "" && page.Runs {
		page.Proxies = &web.Form{ID: "entrust", Action: page.Href + "/entrust", Key: page.Key, Submit: e.say(r, "hall.entrust"), Fields: []web.Field{
			{Name: "line", Type: "number", Label: e.say(r, "hall.principal"), Required: true},
			{Name: "proxy_line", Type: "number", Label: e.say(r, "hall.proxy"), Help: words.bodies[b].ProxyNorm, Required: true},
			{Name: "written", Type: "yes", Label: e.say(r, "hall.written"), Required: true}}}
	}
	return nil
}

func (e *edge) hallFacts(r *http.Request, l Line) string {
	var out []string
	if l.Household != "" {
		out = append(out, e.say(r, "hall.household", "household", l.Household))
	}
	if l.Group != "" {
		out = append(out, l.Group)
	}
	if m := e.marks(r, l); m != "" {
		out = append(out, m)
	}
	return strings.Join(out, " · ")
}

// postHall carries out one mark at the door.
func (e *edge) postHall(act string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			e.rd.Fault(w, r, httpx.BodyFault(err))
			return
		}
		_, x, err := e.seen(r)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		at := r.PostForm.Get
		values := map[string]any{"line": at("line")}
		switch act {
		case arriveAct:
			values["how"] = at("how")
		case entrustAct:
			values["proxy_line"], values["written"] = at("proxy_line"), at("written") == "yes"
		}
		for _, name := range []string{"line", "proxy_line"} {
			if s, is := values[name].(string); is {
				n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
				if err != nil {
					e.refuseHall(w, r, fault.New(fault.Invalid, "ballot.no_line", "line", s))
					return
				}
				values[name] = n
			}
		}
		key := at("key")
		if len(key) > 30 {
			key = ""
		}
		if key != "" { // one page marks several people, each once
			key += "-" + act + "-" + at("line")
		}
		if _, err = e.Cases.Do(r.Context(), actor(r), casework.Asking{Case: x.Case, Act: act, Values: values, Key: key}); err != nil {
			e.refuseHall(w, r, err)
			return
		}
		http.Redirect(w, r, "/meetings/"+x.Case+"?what="+act+"&done="+url.QueryEscape(at("line")), http.StatusSeeOther)
	}
}

// refuseHall shows the page again with what is wrong.
func (e *edge) refuseHall(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		e.rd.Fault(w, r, err)
		return
	}
	httpx.Note(r, f)
	e.drawHall(w, r, httpx.Status(f), f)
}

// getNow is what changes by itself, for the script and for whoever reloads.
func (e *edge) getNow(w http.ResponseWriter, r *http.Request) {
	v, _, err := e.seen(r)
	var page hallView
	if err == nil {
		page, err = e.hallOf(r, v)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Part(w, r, http.StatusOK, "ballot/hall", "hall-live", page)
}

// getScreen is the same in letters that the whole hall reads; no name stands on it.
func (e *edge) getScreen(w http.ResponseWriter, r *http.Request) {
	v, _, err := e.seen(r)
	var page hallView
	if err == nil {
		page, err = e.hallOf(r, v)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Part(w, r, http.StatusOK, "ballot/hall", "hall-screen", page)
}

// minutesView is the printed record of a meeting.
type minutesView struct {
	Title, Href string
	Lines       []string
	Draft       bool
	Facts       []web.Fact
	Signs       []string
}

// getMinutes is the minutes on A4, with the places to sign.
func (e *edge) getMinutes(w http.ResponseWriter, r *http.Request) {
	v, _, err := e.seen(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	c := v.Case
	page := minutesView{Title: e.say(r, "minutes.title", "subject", c.Title), Href: "/cases/" + c.ID, Draft: c.State != "carried" && c.State != "not_carried",
		Signs: []string{e.say(r, "minutes.chair"), e.say(r, "minutes.teller"), e.say(r, "minutes.teller"), e.say(r, "minutes.writer")}}
	if words := c.Values.Text("minutes"); words != "" {
		page.Lines = strings.Split(words, "\n")
	}
	page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "minutes.number"), Value: c.Number})
	for _, f := range []string{"roll_hash", "text_hash"} {
		if h := c.Values.Text(f); h != "" {
			page.Facts = append(page.Facts, web.Fact{Name: text.Words(v.Procedure.Field(f).Label).In(text.Language(r.Context())), Value: h})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	e.rd.Page(w, r, http.StatusOK, "ballot/minutes", page)
}

// Beside is what this room tells on the generic page of a meeting (desk.Doors).
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	if v.Case.Procedure != Meetings || v.Party {
		return nil, nil
	}
	say := func(key string, args ...any) string { return rd.Say(r, "ballot."+key, args...) }
	x, err := s.open(r.Context(), v)
	if err != nil || !over(actor(r), x.Area, viewers) {
		return nil, nil // who may not see the roll is not led to it
	}
	n := web.Notice{Tone: web.Info, Text: say("beside"), Links: []web.NavItem{{Href: "/meetings/" + x.Sitting, Text: say("hall.title")}, {Href: "/meetings/" + x.Case + "/screen", Text: say("hall.screen")},
		{Href: "/rolls/" + x.Roll, Text: say("look")}}}
	if v.Case.Values.Text("minutes") != "" {
		n.Links = append(n.Links, web.NavItem{Href: "/meetings/" + x.Case + "/minutes", Text: say("minutes.print")})
	}
	out := []web.Notice{n}
	if paper, _ := v.Case.Values["on_paper"].(bool); paper {
		out = append(out, web.Notice{Tone: web.Warning, Title: say("hall.on_paper"), Text: say("hall.on_paper_text")})
	}
	return out, nil
}

// meetingsPart lists the meetings of the areas that the actor works for.
func (e *edge) meetingsPart(r *http.Request) (part, error) {
	rows, _, err := e.Cases.List(r.Context(), actor(r), casework.Filter{Procedure: Meetings, Limit: 50})
	if err != nil {
		return part{}, err
	}
	t := &web.Table{Caption: e.say(r, "meetings"), Empty: web.Empty{Title: e.say(r, "meetings.none")},
		Columns: []web.Column{{Text: e.say(r, "meetings.subject")}, {Text: e.say(r, "body")}, {Text: e.say(r, "meetings.day")}, {Text: e.say(r, "meetings.state")}}}
	for _, row := range rows {
		t.Rows = append(t.Rows, []web.Cell{{Text: row.Case.Title, Href: "/meetings/" + row.ID}, {Text: Body(row.Values.Text("body")).Key()}, {Text: row.Values.Text("meeting_day")},
			{Tag: &web.Tag{Text: text.Words(row.Words).In(text.Language(r.Context())), Tone: web.Info}}})
	}
	p := part{ID: "meetings", Table: t}
	for _, kind := range keepers {
		if actor(r).Has(kind) {
			p.Links = []web.NavItem{{Href: "/new/" + Meetings + "/" + callAloneAct, Text: e.say(r, "meetings.call")}}
			break
		}
	}
	return p, nil
}
