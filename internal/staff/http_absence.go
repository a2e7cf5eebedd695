package staff

import (
	"net/http"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

func (e *edge) getAbsence(w http.ResponseWriter, r *http.Request) {
	e.drawAbsence(w, r, http.StatusOK, func(*web.Form) {})
}

// drawAbsence is where somebody asks for a deputy, answers those who ask, and sets
// one for a member of their unit who cannot ask.
func (e *edge) drawAbsence(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	a := identity.From(r.Context())
	list, err := e.People.Deputies(r.Context(), a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	names, err := e.namesIn(r, list)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := view{Title: e.say(r, "absence.title"), Lead: e.say(r, "absence.lead"), Tabs: e.myTabs(r)}
	for _, d := range list {
		v.Parts = append(v.Parts, e.deputyPart(r, a, d, names))
	}
	if len(list) == 0 {
		v.Parts = append(v.Parts, part{Text: e.say(r, "absence.none")})
	}
	own, err := e.deputyForm(r, a, a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if own != nil {
		if r.Method == http.MethodPost && posted(r, "person") == "" {
			mark(own)
		}
		v.Parts = append(v.Parts, part{ID: "ask", Title: e.say(r, "absence.ask"), Text: e.say(r, "absence.ask_text"), Form: own})
	}
	set, err := e.setForm(r, a)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if set != nil {
		if r.Method == http.MethodPost && posted(r, "person") != "" {
			mark(set)
		}
		v.Parts = append(v.Parts, part{ID: "set", Confirms: []web.Confirm{{Summary: e.say(r, "absence.set"), Text: e.say(r, "absence.set_text"), Form: *set}}})
	}
	e.show(w, r, status, v)
}

// myTabs lead between one's own pages.
func (e *edge) myTabs(r *http.Request) []web.Tab {
	var tabs []web.Tab
	for _, t := range []struct{ href, key string }{{"/me", "me.title"}, {"/staff/absence", "absence.title"}, {"/staff/handover", "handover.title"}, {"/staff/roster", "roster.title"}, {"/me/factor", "factor.title"}} {
		tabs = append(tabs, web.Tab{Href: t.href, Text: e.say(r, t.key), Current: r.URL.Path == t.href || t.href != "/me" && strings.HasPrefix(r.URL.Path, t.href+"/")})
	}
	return tabs
}

func (e *edge) namesIn(r *http.Request, list []identity.Deputy) (map[string]string, error) {
	var ids []string
	for _, d := range list {
		ids = append(ids, d.Person, d.Deputy, d.SetBy)
	}
	return e.People.Names(r.Context(), ids)
}

// deputyPart is one time of standing in, with what its reader can do about it.
func (e *edge) deputyPart(r *http.Request, a identity.Actor, d identity.Deputy, names map[string]string) part {
	key := "absence.mine"
	if d.Deputy == a.Person {
		key = "absence.for_other"
	}
	p := part{ID: "d-" + d.ID, Title: e.say(r, key, "who", names[d.Deputy], "absent", names[d.Person])}
	tag := web.Tag{Text: e.say(r, "absence.state."+d.State), Tone: web.Info}
	if d.State == identity.DeputyAsked {
		tag.Tone = web.Warning
	} else if d.From > e.Clock.Now() {
		tag.Text = e.say(r, "absence.later")
	}
	post := e.say(r, "absence.all_posts")
	if d.Post != "" {
		post = d.Post
		if m, err := e.People.PostHeld(r.Context(), d.Post); err == nil {
			post = e.postName(r, m.Post)
		}
	}
	p.Facts = []web.Fact{
		{Name: e.say(r, "state"), Value: tag.Text}, {Name: e.say(r, "from"), Value: d.From}, {Name: e.say(r, "until"), Value: d.Until},
		{Name: e.say(r, "absence.work"), Value: post},
	}
	if d.Reason != "" {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "absence.set_by"), Value: e.say(r, "absence.set_why", "who", names[d.SetBy], "reason", d.Reason)})
	}
	at := "/staff/absence/" + d.ID
	if d.State == identity.DeputyAsked && d.Deputy == a.Person {
		p.Confirms = []web.Confirm{
			{Summary: e.say(r, "absence.accept"), Text: e.say(r, "absence.accept_text", "absent", names[d.Person]), Open: true, Form: web.Form{ID: "yes-" + d.ID, Action: at + "/accept", Submit: e.say(r, "absence.accept")}},
			{Summary: e.say(r, "absence.refuse"), Form: web.Form{ID: "no-" + d.ID, Action: at + "/refuse", Submit: e.say(r, "absence.refuse")}},
		}
		return p
	}
	end := e.say(r, "absence.end")
	p.Confirms = []web.Confirm{{Summary: end, Text: e.say(r, "absence.end_text"), Form: web.Form{ID: "end-" + d.ID, Action: at + "/end", Submit: end}}}
	return p
}

// deputyForm asks for a deputy of a person; nil where there is nobody to ask.
func (e *edge) deputyForm(r *http.Request, a identity.Actor, person string) (*web.Form, error) {
	posts := a.Own().Posts
	if len(posts) == 0 {
		return nil, nil
	}
	colleagues, err := e.colleagues(r, posts, person)
	if err != nil || len(colleagues) == 0 {
		return nil, err
	}
	var kinds []web.Option
	rights, err := e.People.Rights(r.Context())
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		if k, ok := rights.Kind(p.Kind); ok && !k.Alone {
			kinds = append(kinds, web.Option{Value: p.ID, Label: e.postName(r, p)})
		}
	}
	fields := []web.Field{{Name: "deputy", Type: "unit", Label: e.say(r, "absence.deputy"), Required: true, Options: colleagues}}
	fields = append(fields, e.spanFields(r)...)
	if len(posts) > 1 {
		fields = append(fields, web.Field{Name: "post", Type: "choice", Label: e.say(r, "absence.work"), Help: e.say(r, "absence.work_help"), Options: kinds})
	}
	return named(&web.Form{ID: "ask-form", Action: "/staff/absence", Submit: e.say(r, "absence.ask_do"), Fields: fields}), nil
}

func (e *edge) spanFields(r *http.Request) []web.Field {
	return []web.Field{
		{Name: "from", Type: "day", Label: e.say(r, "absence.from"), Help: e.say(r, "absence.from_help")},
		{Name: "until", Type: "day", Label: e.say(r, "absence.until"), Help: e.say(r, "absence.until_help"), Required: true},
	}
}

// colleagues are those who could stand in: of the same units, those above and those
// below, by unit.
func (e *edge) colleagues(r *http.Request, posts []identity.Post, not string) ([]web.Option, error) {
	units, err := e.People.Units(r.Context())
	if err != nil {
		return nil, err
	}
	var out []web.Option
	seen := map[string]bool{not: true}
	for _, u := range units {
		near := slices.ContainsFunc(posts, func(p identity.Post) bool {
			return strings.HasPrefix(p.UnitPath, u.Path) || strings.HasPrefix(u.Path, p.UnitPath)
		})
		if !near || !u.Open(e.Clock.Now()) || len(out) > mostOptions {
			continue
		}
		members, err := e.People.Members(r.Context(), u.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if !seen[m.Post.Person] {
				seen[m.Post.Person] = true
				out = append(out, web.Option{Value: m.Post.Person, Label: m.Name + " · " + e.kindName(r, m.Post.Kind), Group: unitName(r, u)})
			}
		}
	}
	return out, nil
}

// setForm lets who answers for others set a deputy for one of them.
func (e *edge) setForm(r *http.Request, a identity.Actor) (*web.Form, error) {
	var over []identity.Post
	for _, p := range a.Own().Posts {
		if p.Kind == identity.Head || p.Kind == identity.Administrator {
			over = append(over, p)
		}
	}
	if len(over) == 0 {
		return nil, nil
	}
	people, err := e.colleagues(r, over, a.Person)
	if err != nil || len(people) < 2 {
		return nil, err
	}
	all, err := e.colleagues(r, over, "")
	if err != nil {
		return nil, err
	}
	fields := []web.Field{
		{Name: "person", Type: "unit", Label: e.say(r, "absence.person"), Required: true, Options: people},
		{Name: "deputy", Type: "unit", Label: e.say(r, "absence.deputy_of"), Required: true, Options: all},
	}
	fields = append(fields, e.spanFields(r)...)
	fields = append(fields, web.Field{Name: "reason", Type: "text", Label: e.say(r, "reason"), Help: e.say(r, "absence.reason_help"), Required: true, Max: identity.LongestPurpose})
	return named(&web.Form{ID: "set-form", Action: "/staff/absence", Submit: e.say(r, "absence.set_do"), Fields: fields}), nil
}

func (e *edge) postAbsence(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	a := identity.From(r.Context())
	d := identity.Deputy{Person: posted(r, "person"), Deputy: posted(r, "deputy"), Post: posted(r, "post"), Reason: posted(r, "reason")}
	if d.Person == "" {
		d.Person = a.Person
	}
	var err error
	if d.From, err = dayField(r, "from", false); err == nil {
		d.Until, err = dayField(r, "until", true)
	}
	if err == nil {
		d, err = e.People.AskDeputy(r.Context(), a, d)
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawAbsence(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	http.Redirect(w, r, "/staff/absence#d-"+d.ID, http.StatusSeeOther)
}

// deputyVerb does one verb on a time of standing in.
func (e *edge) deputyVerb(do func(r *http.Request, id string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r, r.PathValue("id")); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		http.Redirect(w, r, "/staff/absence", http.StatusSeeOther)
	}
}

func (e *edge) answer(yes bool) http.HandlerFunc {
	return e.deputyVerb(func(r *http.Request, id string) error {
		_, err := e.People.AnswerDeputy(r.Context(), identity.From(r.Context()), id, yes)
		return err
	})
}

func (e *edge) endDeputy(r *http.Request, id string) error {
	_, err := e.People.EndDeputy(r.Context(), identity.From(r.Context()), id)
	return err
}

// asNow is a moment for pages that are asked about another one.
func (e *edge) asNow(r *http.Request) clock.Instant {
	if s := r.URL.Query().Get("day"); s != "" {
		if d, err := clock.ParseDay(s); err == nil {
			return d.Start().Add(12 * 3600 * 1e9)
		}
	}
	return e.Clock.Now()
}
