package deliberation

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/procedure"
	"linli/web"
)

// Bounds of the doors that need no account, for one address.
const (
	mostSaid    = 30
	saidWithin  = time.Hour
	mostStands  = 600
	standWithin = time.Hour
	visitTime   = 12 * time.Hour // how long a link once opened stays open
)

// statementView is one published statement on a topic.
type statementView struct {
	ID     string
	N      int64
	Words  string
	Counts string
	Mine   string // what this device thinks
}

// statementGroup is the statements of one group.
type statementGroup struct {
	Title, Means string
	List         []statementView
}

// topicPage is a topic as everybody sees it.
type topicPage struct {
	Title, Number string
	State         web.Tag
	Notices       []web.Notice
	Facts         []web.Fact
	About         string
	Groups        []statementGroup
	None          string
	Held          string
	Open          bool
	Key           string
	Form          *web.Form
	Result        []web.Fact
	Links         []web.NavItem
}

func (e *edge) getTopic(w http.ResponseWriter, r *http.Request) {
	page, err := e.topicPage(r, nil)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if said := r.URL.Query().Get("done"); said == "stand" {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "stand.done")})
	}
	e.rd.Page(w, r, http.StatusOK, "deliberation/topic", page)
}

// topicPage gathers a topic; typed is a statement that was refused.
func (e *edge) topicPage(r *http.Request, typed *web.Field) (topicPage, error) {
	c, p, err := e.public(r, Consultation)
	if err != nil {
		return topicPage{}, err
	}
	v := c.Values
	page := topicPage{Title: c.Title, Number: c.Number, State: tag(r, p, c.State), About: v.Text("about"), Open: c.State == "open", Key: seal.Token()}
	page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "area"), Value: e.areaName(r, c.Area)})
	for _, field := range []string{"way", "invited", "meet_day", "meet_place"} {
		if x := v.Text(field); x != "" {
			page.Facts = append(page.Facts, web.Fact{Name: in(r, p.Field(field).Label), Value: option(r, p, field, x)})
		}
	}
	if k, ok := c.Clocks()["take"]; ok && k.Live() {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "topic.until"), Value: k.Acceptance})
	}
	if err := e.statementsOf(r, c, &page); err != nil {
		return page, err
	}
	if page.Open {
		f := web.Field{Name: "statement", Type: "lines", Label: e.say(r, "say.label"), Help: e.say(r, "say.help"), Required: true, Max: 500, Rows: 4}
		if typed != nil {
			f = *typed
		}
		page.Form = &web.Form{Action: "/topics/" + c.Number + "/statements", ID: "say", Key: seal.Token(), Submit: e.say(r, "say.submit"), Fields: []web.Field{f}, Still: typed == nil}
	}
	for _, field := range []string{"result", "agreed", "done_words"} {
		if x := v.Text(field); x != "" && c.Published > 0 && (c.State == "published" || c.State == "closed") {
			page.Result = append(page.Result, web.Fact{Name: in(r, p.Field(field).Label), Value: x})
		}
	}
	if c.Published > 0 && (c.State == "published" || c.State == "closed") {
		page.Links = append(page.Links, web.NavItem{Href: "/notices/" + c.Number, Text: e.say(r, "to_notice")})
	}
	if page.Links, err = e.ways(r, c.ID, page.Links); err != nil {
		return page, err
	}
	page.Links = append(page.Links, web.NavItem{Href: "/topics?area=" + c.Area, Text: e.say(r, "list.here")})
	if a := actor(r); a.Known() && e.mayModerate(r, c, p) {
		page.Links = append(page.Links, web.NavItem{Href: "/topics/" + c.Number + "/moderate", Text: e.say(r, "moderate.title")}, web.NavItem{Href: "/cases/" + c.Number, Text: e.say(r, "to_case")})
	}
	return page, nil
}

// ways lead on to the matters that a case opened.
func (e *edge) ways(r *http.Request, id string, links []web.NavItem) ([]web.NavItem, error) {
	rows, _, err := e.Cases.List(r.Context(), identity.SystemActor(), casework.Filter{Parent: id, Procedure: FourSteps, Limit: 20})
	if err != nil {
		return links, err
	}
	for _, row := range rows {
		if row.Sealed == "" {
			links = append(links, web.NavItem{Href: "/matters/" + row.Number, Text: e.say(r, "to_matter", "title", row.Case.Title)})
		}
	}
	return links, nil
}

// statementsOf groups the published statements: whatever group there is stands, in
// one order, with its counts.
func (e *edge) statementsOf(r *http.Request, c *casework.Case, page *topicPage) error {
	all, err := e.statements(r.Context(), c.ID, "")
	if err != nil {
		return err
	}
	var shown []Statement
	held, hidden := 0, 0
	for _, x := range all {
		switch x.Status {
		case Published:
			shown = append(shown, x)
		case Held:
			held++
		case Hidden:
			hidden++
		}
	}
	mine := map[string]string{}
	if d := known(r); d != "" && page.Open {
		var ids []string
		for _, x := range shown {
			ids = append(ids, x.ID)
		}
		if mine, err = e.stands(r.Context(), d, ids); err != nil {
			return err
		}
	}
	for _, group := range []string{ByMost, Disputed, AgainstBy, FewAnswers} {
		g := statementGroup{Title: e.say(r, "group."+group), Means: e.say(r, "group."+group+".means", "least", leastAnswers)}
		for _, x := range grouped(shown, group) {
			g.List = append(g.List, statementView{ID: x.ID, N: x.N, Words: x.Words, Mine: mine[x.ID],
				Counts: e.say(r, "counts", "agree", x.Agree, "disagree", x.Disagree, "unsure", x.Unsure)})
		}
		if len(g.List) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	if len(shown) == 0 {
		page.None = e.say(r, "topic.none")
	}
	if held+hidden > 0 {
		page.Held = e.say(r, "topic.held", "held", held, "hidden", hidden)
	}
	return nil
}

// postStatement takes a statement from anyone.
func (e *edge) postStatement(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	number, words := r.PathValue("number"), r.PostForm.Get("statement")
	key := r.PostForm.Get("key")
	if len(key) != keyLength {
		key = ""
	}
	err := e.People.Take(r.Context(), "deliberation.say", httpx.Address(r), mostSaid, saidWithin)
	var said Said
	if err == nil {
		said, err = e.Say(r.Context(), number, words, key)
	}
	if err != nil {
		status, problem, ok := e.refused(w, r, err)
		if !ok {
			return
		}
		f := web.Field{Name: "statement", Type: "lines", Label: e.say(r, "say.label"), Help: e.say(r, "say.help"), Required: true, Max: 500, Rows: 4, Value: words, Error: problem}
		page, err := e.topicPage(r, &f)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		if page.Form == nil {
			page.Notices = append(page.Notices, web.Notice{Tone: web.Bad, Text: problem})
		}
		e.rd.Page(w, r, status, "deliberation/topic", page)
		return
	}
	page := saidPage{Title: e.say(r, "said.title"), Notice: web.Notice{Tone: web.Good, Text: e.say(r, "said.done")}, Hint: e.say(r, "said.link"),
		Links: []web.NavItem{{Href: "/statement/" + said.Token, Text: e.say(r, "said.follow")}, {Href: "/topics/" + url.PathEscape(number), Text: e.say(r, "said.back")}}}
	e.rd.Page(w, r, http.StatusOK, "deliberation/said", page)
}

// saidPage tells somebody what became of their statement.
type saidPage struct {
	Title  string
	Notice web.Notice
	Words  string
	Facts  []web.Fact
	Hint   string
	Links  []web.NavItem
}

// postStand takes what a device thinks of a statement.
func (e *edge) postStand(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	err := e.People.Take(r.Context(), "deliberation.stand", httpx.Address(r), mostStands, standWithin)
	if err == nil {
		err = e.Stand(r.Context(), r.PathValue("number"), r.PostForm.Get("statement"), e.device(w, r, r.PostForm.Get("key")), r.PostForm.Get("stand"))
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/topics/"+url.PathEscape(r.PathValue("number"))+"?done=stand#s"+url.PathEscape(r.PostForm.Get("statement")), http.StatusSeeOther)
}

// getLink exchanges the link of a statement for a page with a clean address.
func (e *edge) getLink(w http.ResponseWriter, r *http.Request) {
	x, err := e.Mine(r.Context(), r.PathValue("token"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	at := "/statement/mine/" + x.ID
	http.SetCookie(w, &http.Cookie{Name: statementCookie, Value: e.Keys.Seal(encodeNote(note{x.ID, e.Clock.Now().Add(visitTime)}), statementContext), Path: at,
		MaxAge: int(visitTime.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r)})
	http.Redirect(w, r, at, http.StatusSeeOther)
}

func (e *edge) getMine(w http.ResponseWriter, r *http.Request) {
	var n note
	c, err := r.Cookie(statementCookie)
	if err == nil {
		var raw []byte
		if raw, err = e.Keys.Open(c.Value, statementContext); err == nil {
			err = json.Unmarshal(raw, &n)
		}
	}
	if err != nil || n.ID != r.PathValue("id") || n.Until < e.Clock.Now() {
		httpx.Fail(w, r, fault.New(fault.NotFound, "deliberation.need_link"))
		return
	}
	x, err := e.statementByID(r.Context(), e.DB.Reader(), n.ID)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	topic, p, err := e.Cases.Seen(r.Context(), identity.SystemActor(), x.Case)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page := saidPage{Title: e.say(r, "mine.title"), Words: x.Words, Notice: web.Notice{Tone: map[string]web.Tone{Published: web.Good, Hidden: web.Warning}[x.Status], Text: e.say(r, "mine."+x.Status)},
		Facts: []web.Fact{{Name: e.say(r, "topic"), Value: topic.Title}}, Links: []web.NavItem{{Href: "/topics/" + topic.Number, Text: e.say(r, "said.back")}}}
	if x.Status == Hidden {
		page.Facts = append(page.Facts, web.Fact{Name: in(r, p.Field("ground").Label), Value: option(r, p, "ground", x.Ground)})
		page.Hint = e.say(r, "mine.again")
	}
	if x.Status == Published {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "mine.counts"), Value: e.say(r, "counts", "agree", x.Agree, "disagree", x.Disagree, "unsure", x.Unsure)})
	}
	e.rd.Page(w, r, http.StatusOK, "deliberation/said", page)
}

// mayModerate says whether somebody may look at the statements of a topic.
func (e *edge) mayModerate(r *http.Request, c *casework.Case, p *procedure.Procedure) bool {
	act := p.Act(moderateAct)
	return act != nil && identity.Holds(act.Who, actor(r), c.Subject(nil, nil))
}

// moderateLine is one statement to look at.
type moderateLine struct {
	ID     string
	N      int64
	Words  string
	State  web.Tag
	Ground string
	Form   web.Form
}

// moderatePage is what somebody looks at before it is public.
type moderatePage struct {
	Title, Lead, Problem string
	Lines                []moderateLine
	Empty                *web.Empty
	Links                []web.NavItem
}

func (e *edge) getModerate(w http.ResponseWriter, r *http.Request) {
	e.moderatePage(w, r, http.StatusOK, "")
}

func (e *edge) moderatePage(w http.ResponseWriter, r *http.Request, status int, problem string) {
	c, p, err := e.seen(r.Context(), actor(r), Consultation, r.PathValue("number"))
	if err == nil && !e.mayModerate(r, c, p) {
		err = fault.New(fault.Forbidden, "deliberation.moderator")
	}
	var list []Statement
	if err == nil {
		list, err = e.statements(r.Context(), c.ID, "")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page := moderatePage{Title: e.say(r, "moderate.title"), Lead: e.say(r, "moderate.lead", "title", c.Title), Problem: problem,
		Links: []web.NavItem{{Href: "/topics/" + c.Number, Text: e.say(r, "said.back")}, {Href: "/cases/" + c.Number, Text: e.say(r, "to_case")}}}
	order := []string{Held, Published, Hidden, Erased}
	slices.SortStableFunc(list, func(a, b Statement) int { return slices.Index(order, a.Status) - slices.Index(order, b.Status) })
	for _, x := range list {
		l := moderateLine{ID: x.ID, N: x.N, Words: x.Words, State: web.Tag{Text: e.say(r, "status."+x.Status), Tone: map[string]web.Tone{Held: web.Warning, Published: web.Good}[x.Status]}}
		if x.Ground != "" {
			l.Ground = option(r, p, "ground", x.Ground)
		}
		if x.Status != Erased {
			l.Form = e.moderateForm(r, c, p, x)
		}
		page.Lines = append(page.Lines, l)
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: e.say(r, "topic.none"), Links: page.Links}
	}
	e.rd.Page(w, r, status, "deliberation/moderate", page)
}

func (e *edge) moderateForm(r *http.Request, c *casework.Case, p *procedure.Procedure, x Statement) web.Form {
	f := web.Form{Action: "/topics/" + c.Number + "/moderate", ID: "m" + x.ID, Key: seal.Token(), Submit: e.say(r, "moderate.submit"), Still: true,
		Hidden: []web.Option{{Label: "statement_ref", Value: x.ID}}}
	for _, name := range []string{"ruling", "ground"} {
		def := p.Field(name)
		field := web.Field{Name: name, Type: "choice", Label: in(r, def.Label), Required: name == "ruling"}
		for _, o := range def.Options {
			field.Options = append(field.Options, web.Option{Value: o.Value, Label: in(r, o.Label), Selected: name == "ground" && o.Value == x.Ground})
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

func (e *edge) postModerate(w http.ResponseWriter, r *http.Request) {
	if err := form(w, r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	c, _, err := e.seen(r.Context(), actor(r), Consultation, r.PathValue("number"))
	if err == nil {
		values := map[string]any{}
		for _, name := range []string{"statement_ref", "ruling", "ground"} {
			if v := strings.TrimSpace(r.PostForm.Get(name)); v != "" {
				values[name] = v
			}
		}
		if values["ruling"] == "publish" {
			delete(values, "ground")
		}
		_, err = e.Cases.Do(r.Context(), actor(r), casework.Asking{Case: c.ID, Act: moderateAct, Values: values, Key: r.PostForm.Get("key")})
	}
	if err != nil {
		if status, problem, ok := e.refused(w, r, err); ok {
			e.moderatePage(w, r, status, problem)
		}
		return
	}
	http.Redirect(w, r, "/topics/"+c.Number+"/moderate", http.StatusSeeOther)
}
