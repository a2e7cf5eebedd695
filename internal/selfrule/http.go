package selfrule

import (
	"net/http"
	"strconv"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/web"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux, for everybody and without script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	mux.HandleFunc("GET /rules", httpx.Quiet(e.getAll))
	mux.HandleFunc("GET /rules/{village}", httpx.Quiet(e.getVillage))
	mux.HandleFunc("GET /rules/{village}/{case}", httpx.Quiet(e.getCompared))
}

func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "selfrule."+key, args...)
}

func lang(r *http.Request) string { return text.Language(r.Context()) }

// place is the name of a village, its code where it is not known.
func (e *edge) place(r *http.Request, code string) (string, error) {
	a, err := e.Areas.Get(r.Context(), code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return code, nil
	}
	return text.Words{text.Chinese: a.Name, text.English: a.NameEn}.In(lang(r)), err
}

// mostListed bounds the list of villages.
const mostListed = 200

// version is one published text, or an order to correct it.
type version struct {
	Day             clock.Day
	Act, Text, Said string
	Order           bool
	Proof, Compare  string
}

// ruleView is one rule with the text in force and the versions before.
type ruleView struct {
	Title, Kind string
	State       web.Tag
	Text        []string
	Since       clock.Day
	Facts       []web.Fact
	Order       string
	Versions    []version
	Proof       string
}

// rulesPage is the page of one village, or the list of all.
type rulesPage struct {
	Title, Lead string
	Rules       []ruleView
	Table       *web.Table
	Empty       web.Empty
	Links       []web.NavItem
}

func (e *edge) getAll(w http.ResponseWriter, r *http.Request) {
	list, err := e.Cases.Posted(r.Context(), Covenant, "", mostListed)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := rulesPage{Title: e.say(r, "title"), Lead: e.say(r, "lead"), Empty: web.Empty{Title: e.say(r, "none"), Text: e.say(r, "none.text")}}
	t := web.Table{Caption: e.say(r, "villages"), Columns: []web.Column{{Text: e.say(r, "village")}, {Text: e.say(r, "rule")}, {Text: e.say(r, "state")}}}
	for _, n := range list {
		name, err := e.place(r, n.Area)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		v, err := e.rule(r, n)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: name, Href: "/rules/" + n.Area}, {Text: v.Title}, {Tag: &v.State}})
	}
	if len(t.Rows) > 0 {
		p.Table = &t
	}
	e.rd.Page(w, r, http.StatusOK, "selfrule/rules", p)
}

func (e *edge) getVillage(w http.ResponseWriter, r *http.Request) {
	village := r.PathValue("village")
	list, err := e.Cases.Posted(r.Context(), Covenant, village, mostListed)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "selfrule.none")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	name, err := e.place(r, village)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := rulesPage{Title: e.say(r, "of", "village", name), Lead: e.say(r, "lead"), Links: []web.NavItem{{Href: "/rules", Text: e.say(r, "title")}}}
	for _, n := range list {
		v, err := e.rule(r, n)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		p.Rules = append(p.Rules, v)
	}
	e.rd.Page(w, r, http.StatusOK, "selfrule/rules", p)
}

// rule draws one published case: its newest text, and what was published before.
func (e *edge) rule(r *http.Request, n casework.Notice) (ruleView, error) {
	c, p, _, err := e.Cases.History(r.Context(), n.ID)
	if err != nil {
		return ruleView{}, err
	}
	v := ruleView{Title: n.Subject, State: web.Tag{Text: p.State(c.State).Words.In(lang(r)), Tone: toneOf(c.State)}}
	if v.Title == "" {
		v.Title = c.Title
	}
	var texts []casework.Version
	for _, old := range n.Versions {
		if _, is := old.Values["order"]; is && old.Values["text"] == nil {
			if len(texts) == 0 && v.Order == "" {
				v.Order = old.Values.Text("order")
			}
			v.Versions = append(v.Versions, version{Day: old.Happened.Day(), Act: old.Words.In(lang(r)), Said: old.Values.Text("order"), Order: true, Proof: "/proof/" + old.Act})
			continue
		}
		texts = append(texts, old)
		v.Versions = append(v.Versions, version{Day: old.Happened.Day(), Act: old.Words.In(lang(r)), Text: old.Values.Text("text"), Proof: "/proof/" + old.Act})
	}
	if len(texts) == 0 {
		return v, nil
	}
	v.Text, v.Since, v.Proof = lines(texts[0].Values.Text("text")), texts[0].Happened.Day(), "/proof/"+texts[0].Act
	if f := p.Field("kind"); f != nil {
		for _, o := range f.Options {
			if o.Value == texts[0].Values.Text("kind") {
				v.Kind = o.Label.In(lang(r))
			}
		}
	}
	v.Facts = []web.Fact{{Name: e.say(r, "since"), Value: v.Since}}
	if v.Kind != "" {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "kind"), Value: v.Kind})
	}
	if d, is := texts[0].Values["outcome"].(law.Decision); is {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "decision"), Value: law.Drawn(e.rd, r, d)})
	}
	for i := range v.Versions { // each older text is compared with the newest
		if !v.Versions[i].Order && v.Versions[i].Proof != v.Proof {
			v.Versions[i].Compare = "/rules/" + n.Area + "/" + n.ID + "?old=" + strconv.Itoa(i)
		}
	}
	return v, nil
}

func toneOf(state string) web.Tone {
	switch state {
	case "in_force":
		return web.Good
	case "ordered":
		return web.Bad
	case "ended":
		return web.Quiet
	}
	return web.Info
}

// comparedPage is an older text beside the newest.
type comparedPage struct {
	Title, Old, New string
	Lines           []line
	Links           []web.NavItem
}

func (e *edge) getCompared(w http.ResponseWriter, r *http.Request) {
	n, err := e.Cases.Notice(r.Context(), r.PathValue("case"))
	if err == nil && (n.Procedure.Name != Covenant || n.Area != r.PathValue("village")) {
		err = fault.New(fault.NotFound, "selfrule.none")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v, err := e.rule(r, n)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	at, err := strconv.Atoi(r.URL.Query().Get("old"))
	if err != nil || at < 0 || at >= len(v.Versions) || v.Versions[at].Order {
		httpx.Fail(w, r, fault.New(fault.NotFound, "selfrule.none"))
		return
	}
	old := v.Versions[at]
	e.rd.Page(w, r, http.StatusOK, "selfrule/compared", comparedPage{Title: v.Title, Old: e.say(r, "version", "day", old.Day), New: e.say(r, "version", "day", v.Since),
		Lines: beside(lines(old.Text), v.Text), Links: []web.NavItem{{Href: "/rules/" + n.Area, Text: e.say(r, "back")}}})
}

// Beside tells who declares kinship who sits on the committee now.
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) []web.Notice {
	if v.Case.Procedure != "supervision-seat" || v.Party {
		return nil
	}
	names, err := s.members(r.Context(), v.Case.Values.Text("village"))
	if err != nil || len(names) == 0 {
		return nil
	}
	return []web.Notice{{Tone: web.Info, Text: rd.Say(r, "selfrule.members", "names", names)}}
}
