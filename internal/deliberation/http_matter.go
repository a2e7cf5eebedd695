package deliberation

import (
	"net/http"
	"net/url"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/law"
	"linli/internal/procedure"
	"linli/web"
)

// stationView is one of the six stations with what the law asks there.
type stationView struct {
	web.Step
	Law, Norm string
	Later     string // entered later, with or without the signed paper
	Facts     []web.Fact
	Judged    []judgedView
	Minutes   string // address of the draft of its minutes, for the office
}

// judgedView is one thing the law said; its words name the article.
type judgedView struct {
	Name string
	web.Judged
}

// versionView is one text of the resolution.
type versionView struct {
	Title, Text, Mark, Proof string
	Day                      clock.Day
	Standing                 bool
}

// matterPage is a matter from where it came to its result.
type matterPage struct {
	Title, Number string
	State         web.Tag
	Notices       []web.Notice
	Facts         []web.Fact
	Next          string
	Missing       []string
	Steps         []web.Step
	Stations      []stationView
	Versions      []versionView
	Progress      []web.Event
	Money         []web.Fact
	Result        []web.Fact
	Judge         bool
	Mine          string
	Counts        string
	Key           string
	Links         []web.NavItem
}

func (e *edge) getMatter(w http.ResponseWriter, r *http.Request) {
	page, err := e.matterPage(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if r.URL.Query().Get("done") == "judge" {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "judge.done")})
	}
	e.rd.Page(w, r, http.StatusOK, "deliberation/matter", page)
}

// decisionsAt are the values that hold what the law said at a station.
var decisionsAt = map[string][]string{"review": {"review_quorum", "review_pass"}, "meeting": {"own_body", "quorum", "outcome"},
	"plan": {"board"}, "assembly": {"quorum", "outcome"}}

// numbersAt are the values that stand at a station for everybody.
var numbersAt = map[string][]string{
	"propose": {"proposed_members", "proposed_present", "proposed_favour"}, "consult": {"consulted_members", "consulted_present", "consulted_favour"},
	"review": {"reviewed_members", "reviewed_present", "reviewed_favour"}, "meeting": {"body", "meeting_day", "urgent_reason", "delegation", "why_not"},
	"discuss": {"discussed_members", "discussed_present"}, "plan": {"directors", "present", "in_favour"}, "assembly": {"body", "meeting_day", "urgent_reason", "why_not"},
}

func (e *edge) matterPage(r *http.Request) (matterPage, error) {
	seen, p, err := e.matter(r)
	if err != nil {
		return matterPage{}, err
	}
	c, _, acts, err := e.Cases.History(r.Context(), seen.ID)
	if err != nil {
		return matterPage{}, err
	}
	page := matterPage{Title: c.Title, Number: c.Number, State: tag(r, p, c.State), Key: seal.Token()}
	page.Facts = []web.Fact{{Name: e.say(r, "area"), Value: e.areaName(r, c.Area)}}
	for _, field := range []string{"source", "matter", "body"} {
		if x := c.Values.Text(field); x != "" {
			page.Facts = append(page.Facts, web.Fact{Name: in(r, p.Field(field).Label), Value: option(r, p, field, x)})
		}
	}
	office := false
	if a := actor(r); a.Known() {
		_, _, err := e.Cases.Seen(r.Context(), a, c.ID)
		office = err == nil
	}
	e.stationsOf(r, c, p, acts, office, &page)
	e.textsOf(r, c, acts, office, &page)
	e.doneOf(r, c, p, acts, &page)
	if err := e.judgeOf(r, c, &page); err != nil {
		return page, err
	}
	if office {
		if err := e.missing(r, c, &page); err != nil {
			return page, err
		}
	}
	return page, e.linksOf(r, c, office, &page)
}

// stationsOf draws the strip and, below it, what the law asks at each station and
// what was done there.
func (e *edge) stationsOf(r *http.Request, c *casework.Case, p *procedure.Procedure, acts []casework.Entry, office bool, page *matterPage) {
	next := "next."
	if c.Procedure == CollectiveDecision {
		next = "next.collective."
	}
	for _, st := range steps(c.Procedure, c.State, acts) {
		one := web.Step{State: "next", Text: e.say(r, "step."+st.Name)}
		v := stationView{Law: e.say(r, "step."+st.Name+".law")}
		if act := p.Act(st.Act); act != nil {
			v.Norm = act.Norm
		}
		switch {
		case st.Done && !st.Now:
			one.State, one.When = "done", e.rd.Show(r, st.Happened.Day())
		case st.Now && c.Kind != procedure.Final:
			one.State, page.Next = "now", e.say(r, next+c.State)
		}
		if st.Done && st.Later != 0 {
			v.Later = e.say(r, map[bool]string{true: "later.paper", false: "later"}[st.Paper], "day", st.Later.Day())
			one.Note = e.say(r, "later.short")
		}
		v.Step = one
		for _, field := range numbersAt[st.Name] {
			if x, there := c.Values[field]; there {
				if words, ok := x.(string); ok {
					x = option(r, p, field, words)
				}
				v.Facts = append(v.Facts, web.Fact{Name: in(r, p.Field(field).Label), Value: x})
			}
		}
		for _, field := range decisionsAt[st.Name] {
			if x, ok := c.Values[field].(law.Decision); ok {
				v.Judged = append(v.Judged, judgedView{in(r, p.Field(field).Label), law.Drawn(e.rd, r, x)})
			}
		}
		if office && st.Done && drafted(st.Name) {
			v.Minutes = "/matters/" + c.Number + "/minutes/" + st.Name
		}
		page.Steps, page.Stations = append(page.Steps, one), append(page.Stations, v)
	}
}

// textsOf shows the versions of the resolution: to everybody what was published, to
// the office every draft.
func (e *edge) textsOf(r *http.Request, c *casework.Case, acts []casework.Entry, office bool, page *matterPage) {
	all := versions(acts)
	for i, v := range all {
		if v.Kind == "draft" && !office || v.Kind == "voted" && c.Published == 0 && !office {
			continue
		}
		page.Versions = append(page.Versions, versionView{Title: e.say(r, "version."+v.Kind), Text: v.Text, Mark: v.Mark, Proof: "/proof/" + v.Act, Day: v.Happened.Day(), Standing: i == len(all)-1})
	}
	if c.Published > 0 && c.Values.Text("text") != "" {
		page.Links = append(page.Links, web.NavItem{Href: "/matters/" + c.Number + "/resolution", Text: e.say(r, "print")})
	}
}

// doneOf shows how the decision is carried out: what was reached, and the money.
func (e *edge) doneOf(r *http.Request, c *casework.Case, p *procedure.Procedure, acts []casework.Entry, page *matterPage) {
	for _, a := range acts {
		if a.Act != progressAct || a.Annulled {
			continue
		}
		ev := web.Event{At: a.Happened, Title: a.Values.Text("milestone")}
		if n, ok := a.Values["spent"].(int64); ok {
			ev.Facts = append(ev.Facts, web.Fact{Name: in(r, p.Field("spent").Label), Value: e.say(r, "yuan", "sum", web.Money(n))})
		}
		if a.ActRow.Later() {
			ev.EnteredAt = a.Recorded
		}
		page.Progress = append(page.Progress, ev)
	}
	if n, ok := c.Values["money_planned"].(int64); ok {
		page.Money = append(page.Money, web.Fact{Name: in(r, p.Field("money_planned").Label), Value: e.say(r, "yuan", "sum", web.Money(n))})
	}
	if sum := spent(acts); sum != 0 || len(page.Progress) > 0 {
		page.Money = append(page.Money, web.Fact{Name: in(r, p.Field("money_spent").Label), Value: e.say(r, "yuan", "sum", web.Money(sum))})
	}
	if c.State != "result_public" && c.State != "closed" {
		return
	}
	for _, field := range []string{"result", "satisfied", "dissatisfied", "no_view"} {
		if x, there := c.Values[field]; there {
			page.Result = append(page.Result, web.Fact{Name: in(r, p.Field(field).Label), Value: x})
		}
	}
}

// judgeOf asks residents what they think of the result while it is published.
func (e *edge) judgeOf(r *http.Request, c *casework.Case, page *matterPage) error {
	if c.State != "result_public" || c.Procedure != FourSteps {
		return nil
	}
	page.Judge = true
	t, err := judgedBy(r.Context(), e.DB.Reader(), c.ID)
	if err != nil {
		return err
	}
	page.Counts = e.say(r, "judge.counts", "agree", t.Agree, "disagree", t.Disagree, "unsure", t.Unsure)
	if d := known(r); d != "" {
		mine, err := e.stands(r.Context(), d, []string{c.ID})
		if err != nil {
			return err
		}
		page.Mine = mine[c.ID]
	}
	return nil
}

// missing tells somebody of the office what keeps them from the next step.
func (e *edge) missing(r *http.Request, c *casework.Case, page *matterPage) error {
	v, err := e.Cases.Get(r.Context(), actor(r), c.ID)
	if err != nil {
		return err
	}
	for _, may := range v.May {
		if may.Why == nil {
			continue
		}
		why := e.rd.Explain(r, may.Why)
		if may.Why.Norm != "" {
			why += " (" + may.Why.Norm + ")"
		}
		page.Missing = append(page.Missing, in(r, may.Act.Words)+e.rd.Say(r, "web.colon")+why)
	}
	return nil
}

// linksOf lead to where the matter came from, to its publications and its case.
func (e *edge) linksOf(r *http.Request, c *casework.Case, office bool, page *matterPage) error {
	if c.Parent != "" {
		up, _, err := e.Cases.Seen(r.Context(), identity.SystemActor(), c.Parent)
		if err != nil {
			return err
		}
		if at := addresses[up.Procedure]; at != "" && up.Sealed == "" {
			page.Links = append(page.Links, web.NavItem{Href: at + up.Number, Text: e.say(r, "from."+up.Procedure)})
		}
	}
	if c.Published > 0 {
		page.Links = append(page.Links, web.NavItem{Href: "/notices/" + c.Number, Text: e.say(r, "to_notice")})
	}
	page.Links = append(page.Links, web.NavItem{Href: "/topics?kind=" + c.Procedure + "&area=" + c.Area, Text: e.say(r, "list.here")})
	if office {
		page.Links = append(page.Links, web.NavItem{Href: "/cases/" + c.Number, Text: e.say(r, "to_case")})
	}
	return nil
}

// postJudge takes what a device thinks of a result.
func (e *edge) postJudge(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	err := e.People.Take(r.Context(), "deliberation.stand", httpx.Address(r), mostStands, standWithin)
	if err == nil {
		err = e.Judge(r.Context(), r.PathValue("number"), e.device(w, r, r.PostForm.Get("key")), r.PostForm.Get("stand"))
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/matters/"+url.PathEscape(r.PathValue("number"))+"?done=judge", http.StatusSeeOther)
}

// Beside is what this room tells on the generic page of a case: where its own page
// is (desk.Doors).
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) []web.Notice {
	c := v.Case
	say := func(key string, args ...any) string { return rd.Say(r, "deliberation."+key, args...) }
	at, text := "", ""
	switch c.Procedure {
	case FourSteps, CollectiveDecision:
		at, text = "/matters/"+c.Number, "beside.matter"
	case Consultation:
		at, text = "/topics/"+c.Number, "beside.topic"
		if n, err := s.heldOn(r.Context(), c.ID); err == nil && n > 0 && !v.Party {
			return []web.Notice{{Tone: web.Warning, Text: say("beside.held", "n", n), Links: []web.NavItem{{Href: at + "/moderate", Text: say("moderate.title")}, {Href: at, Text: say("beside.topic")}}}}
		}
	case Petition:
		at, text = "/petitions/"+c.Number, "beside.petition"
		if actor(r).Has(checker) && strings.Contains("collecting checking", c.State) {
			at, text = at+"/signatures", "signatures.title"
		}
	default:
		return nil
	}
	return []web.Notice{{Tone: web.Info, Text: say("beside.own"), Links: []web.NavItem{{Href: at, Text: say(text)}}}}
}
