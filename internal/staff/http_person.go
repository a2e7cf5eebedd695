package staff

import (
	"linli/internal/identity"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

func (e *edge) getPeople(w http.ResponseWriter, r *http.Request) {
	e.drawPeople(w, r, http.StatusOK, nil, func(*web.Form) {})
}

func (e *edge) drawPeople(w http.ResponseWriter, r *http.Request, status int, notices []web.Notice, mark func(*web.Form)) {
	if !identity.From(r.Context()).Has(identity.Administrator) {
		e.rd.Fault(w, r, identity.NotAdministrator())
		return
	}
	words, after := r.URL.Query().Get("words"), r.URL.Query().Get("after")
	people, err := e.People.People(r.Context(), words, after, pageSize+1)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	pager := &web.Pager{}
	if after != "" {
		pager.First = "/admin/people?words=" + url.QueryEscape(words)
	}
	if len(people) > pageSize {
		people = people[:pageSize]
		pager.Next = "/admin/people?words=" + url.QueryEscape(words) + "&after=" + people[pageSize-1].ID
	}
	t := &web.Table{
		Caption: e.say(r, "people.title"), Empty: web.Empty{Text: e.say(r, "people.none")},
		Columns: []web.Column{{Text: e.word(r, "name")}, {Text: e.word(r, "login")}, {Text: e.say(r, "state")}},
	}
	for _, p := range people {
		state := e.personState(r, p)
		t.Rows = append(t.Rows, []web.Cell{{Text: p.Name, Href: "/admin/people/" + p.ID}, {Text: p.Login}, {Tag: &state}})
	}
	find := named(&web.Form{ID: "find-form", Action: "/admin/people", Method: "get", Submit: e.word(r, "find"), Fields: []web.Field{
		{Name: "words", Type: "text", Label: e.say(r, "people.words"), Value: words, Max: 64},
	}})
	add := named(&web.Form{ID: "person-form", Action: "/admin/people", Submit: e.say(r, "people.add"), Fields: e.personFields(r, identity.Person{})})
	if r.Method == http.MethodPost {
		mark(add)
	}
	e.show(w, r, status, view{
		Title: e.say(r, "people.title"), Lead: e.say(r, "people.lead"), Wide: true, Tabs: e.adminTabs(r), Notices: notices,
		Parts: []part{{Confirms: []web.Confirm{{Summary: e.say(r, "people.add"), Form: *add}}}, {Form: find}, {Table: t, Pager: pager}},
	})
}

func (e *edge) personState(r *http.Request, p identity.Person) web.Tag {
	switch {
	case !p.Open(e.Clock.Now()):
		return web.Tag{Text: e.say(r, "person.closed"), Tone: web.Quiet}
	case p.MustChange:
		return web.Tag{Text: e.say(r, "person.must_change"), Tone: web.Warning}
	}
	return web.Tag{Text: e.say(r, "person.open"), Tone: web.Good}
}

func (e *edge) personFields(r *http.Request, p identity.Person) []web.Field {
	return []web.Field{
		{Name: "name", Type: "text", Label: e.word(r, "name"), Required: true, Max: identity.LongestName, Value: p.Name},
		{Name: "login", Type: "text", Label: e.word(r, "login"), Help: e.say(r, "login_help"), Required: true, Max: 64, Value: p.Login},
	}
}

func (e *edge) postPerson(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	p, made, err := e.People.AddPerson(r.Context(), identity.From(r.Context()), identity.PersonDraft{Name: posted(r, "name"), Login: posted(r, "login")})
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawPeople(w, r, httpx.Status(fault.Of(err)), nil, mark) })
		return
	}
	e.drawMade(w, r, p, made)
}

// drawMade shows a made password, this once.
func (e *edge) drawMade(w http.ResponseWriter, r *http.Request, p identity.Person, made string) {
	e.show(w, r, http.StatusOK, view{Title: p.Name, Wide: true, Tabs: e.adminTabs(r), Notices: []web.Notice{{
		Tone: web.Good, Title: e.say(r, "person.made", "login", p.Login, "password", made), Text: e.say(r, "person.made_text"),
		Links: []web.NavItem{{Href: "/admin/people/" + p.ID, Text: e.say(r, "person.go_on")}},
	}}})
}

func (e *edge) getPerson(w http.ResponseWriter, r *http.Request) {
	e.drawPerson(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawPerson(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	units, err := e.mine(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	p, err := e.People.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	posts, err := e.People.PostsOf(r.Context(), p.ID)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := view{Title: p.Name, Wide: true, Tabs: e.adminTabs(r), Parts: []part{{
		Facts: []web.Fact{{Name: e.word(r, "login"), Value: p.Login}, {Name: e.say(r, "state"), Value: e.personState(r, p).Text}},
		Table: e.postTable(r, e.say(r, "posts.title"), posts, true),
	}}}
	v.Notices = append(v.Notices, web.Notice{Text: e.say(r, "handover.person_text"), Links: []web.NavItem{{Href: "/staff/handover/" + url.PathEscape(p.ID), Text: e.say(r, "handover.title")}}})
	if p.Open(e.Clock.Now()) {
		at := "/admin/people/" + p.ID
		post, err := e.postForm(r, units, p.Login)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		change := named(&web.Form{ID: "person-form", Action: at, Submit: e.say(r, "save"), Fields: e.personFields(r, p)})
		reset := web.Form{ID: "reset-form", Action: at + "/reset", Submit: e.say(r, "person.reset"), Danger: true}
		end := web.Form{ID: "close-form", Action: at + "/close", Submit: e.say(r, "person.close"), Danger: true}
		factor := *named(&web.Form{ID: "factor-form", Action: at + "/factor", Submit: e.say(r, "factor.reset"), Danger: true, Fields: []web.Field{
			{Name: "reason", Type: "text", Label: e.say(r, "reason"), Help: e.say(r, "factor.reset_help"), Required: true, Max: identity.LongestPurpose}}})
		for _, form := range []*web.Form{change, &reset, &factor, &end} {
			if form.Action == r.URL.Path && r.Method == http.MethodPost {
				mark(form)
			}
		}
		v.Parts = append(v.Parts, part{ID: "post", Title: e.say(r, "posts.add"), Form: post},
			part{Title: e.say(r, "person.change"), Form: change},
			part{Confirms: []web.Confirm{
				{Summary: e.say(r, "person.reset"), Text: e.say(r, "person.reset_text"), Danger: true, Form: reset},
				{Summary: e.say(r, "factor.reset"), Text: e.say(r, "factor.reset_text"), Danger: true, Form: factor},
				{Summary: e.say(r, "person.close"), Text: e.say(r, "person.close_text"), Danger: true, Form: end},
			}})
	}
	e.show(w, r, status, v)
}

// personVerb does one verb on the person of the address.
func (e *edge) personVerb(w http.ResponseWriter, r *http.Request, do func(id string) error) bool {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return false
	}
	if err := do(r.PathValue("id")); err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawPerson(w, r, httpx.Status(fault.Of(err)), mark) })
		return false
	}
	return true
}

func (e *edge) postPersonChange(w http.ResponseWriter, r *http.Request) {
	done := e.personVerb(w, r, func(id string) error {
		return e.People.ChangePerson(r.Context(), identity.From(r.Context()), id, posted(r, "name"), posted(r, "login"))
	})
	if done {
		http.Redirect(w, r, "/admin/people/"+r.PathValue("id"), http.StatusSeeOther)
	}
}

func (e *edge) postPersonReset(w http.ResponseWriter, r *http.Request) {
	var made string
	var p identity.Person
	done := e.personVerb(w, r, func(id string) (err error) {
		if made, err = e.People.ResetPassword(r.Context(), identity.From(r.Context()), id); err == nil {
			p, err = e.People.Person(r.Context(), id)
		}
		return err
	})
	if done {
		e.drawMade(w, r, p, made)
	}
}

func (e *edge) postPersonClose(w http.ResponseWriter, r *http.Request) {
	done := e.personVerb(w, r, func(id string) error { return e.People.ClosePerson(r.Context(), identity.From(r.Context()), id) })
	if done {
		http.Redirect(w, r, "/admin/people", http.StatusSeeOther)
	}
}

func (e *edge) postForm(r *http.Request, units []identity.Unit, login string) (*web.Form, error) {
	rights, err := e.People.Rights(r.Context())
	if err != nil {
		return nil, err
	}
	lang := text.Language(r.Context())
	kinds := []web.Option{}
	for _, k := range rights.Kinds {
		kinds = append(kinds, web.Option{Value: k.ID, Label: k.Name.In(lang), Help: k.For.In(lang)})
	}
	return named(&web.Form{ID: "post-form", Action: "/admin/posts", Submit: e.say(r, "posts.add"), Fields: []web.Field{
		{Name: "login", Type: "text", Label: e.word(r, "login"), Required: true, Max: 64, Value: login},
		e.unitField(r, "unit", e.word(r, "unit"), units, "", true),
		{Name: "kind", Type: "choice", Label: e.word(r, "post"), Required: true, Options: kinds},
		{Name: "area", Type: "text", Label: e.word(r, "area_code"), Help: e.say(r, "post.area_help"), Max: 15},
		{Name: "from", Type: "day", Label: e.say(r, "from"), Help: e.say(r, "post.from_help")},
		{Name: "until", Type: "day", Label: e.say(r, "until"), Help: e.say(r, "post.until_help")},
	}}), nil
}

func (e *edge) getPosts(w http.ResponseWriter, r *http.Request) {
	e.drawPosts(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawPosts(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	units, err := e.mine(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	form, err := e.postForm(r, units, "")
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if r.Method == http.MethodPost {
		mark(form)
	}
	v := view{
		Title: e.say(r, "posts.title"), Lead: e.say(r, "posts.lead"), Wide: true, Tabs: e.adminTabs(r),
		Parts: []part{{Form: named(&web.Form{ID: "unit-form", Action: "/admin/posts", Method: "get", Submit: e.say(r, "posts.show"), Fields: []web.Field{
			e.unitField(r, "unit", e.word(r, "unit"), units, r.URL.Query().Get("unit"), true),
		}})}},
	}
	if unit := strings.TrimSpace(r.URL.Query().Get("unit")); unit != "" {
		members, err := e.People.Members(r.Context(), unit)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		v.Parts = append(v.Parts, part{Table: e.postTable(r, e.say(r, "posts.title"), e.only(r, members), true)})
	}
	v.Parts = append(v.Parts, part{ID: "add", Title: e.say(r, "posts.add"), Form: form})
	e.show(w, r, status, v)
}

// only keeps the posts that lie where the actor administers.
func (e *edge) only(r *http.Request, members []identity.Member) []identity.Member {
	var out []identity.Member
	for _, m := range members {
		if identity.Administers(identity.From(r.Context()), m.Post.UnitPath) {
			out = append(out, m)
		}
	}
	return out
}

func (e *edge) postPost(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	post, err := e.postedPost(r)
	if err == nil {
		post, err = e.People.AddPost(r.Context(), identity.From(r.Context()), post)
	}
	if err != nil {
		if f := fault.Of(err); f.Field == "person" {
			err = f.At("login")
		}
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawPosts(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	http.Redirect(w, r, "/admin/people/"+post.Person, http.StatusSeeOther)
}

func (e *edge) postedPost(r *http.Request) (identity.Post, error) {
	if !identity.From(r.Context()).Has(identity.Administrator) {
		return identity.Post{}, identity.NotAdministrator()
	}
	person, err := e.People.PersonByLogin(r.Context(), posted(r, "login"))
	if err != nil {
		return identity.Post{}, err
	}
	post := identity.Post{
		Person: person.ID, Unit: strings.TrimSpace(posted(r, "unit")), Kind: posted(r, "kind"), Area: strings.TrimSpace(posted(r, "area")),
	}
	if post.From, err = dayField(r, "from", false); err != nil {
		return identity.Post{}, err
	}
	post.Until, err = dayField(r, "until", true)
	return post, err
}

func (e *edge) getPost(w http.ResponseWriter, r *http.Request) {
	e.drawPost(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawPost(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	m, err := e.People.PostHeld(r.Context(), r.PathValue("id"))
	if err == nil && len(e.only(r, []identity.Member{m})) == 0 {
		err = fault.New(fault.NotFound, "identity.no_post")
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	end := web.Form{ID: "end-form", Action: "/admin/posts/" + m.Post.ID + "/end", Submit: e.say(r, "post.end"), Danger: true}
	if r.Method == http.MethodPost {
		mark(&end)
	}
	e.show(w, r, status, view{Title: e.postName(r, m.Post), Wide: true, Tabs: e.adminTabs(r), Parts: []part{{
		Facts: []web.Fact{
			{Name: e.word(r, "person"), Value: m.Name}, {Name: e.word(r, "area_code"), Value: m.Post.Area},
			{Name: e.say(r, "from"), Value: m.Post.From}, {Name: e.say(r, "until"), Value: orNone(e.say(r, "no_end"), m.Post.Until)},
		},
		Confirms: []web.Confirm{{Summary: e.say(r, "post.end"), Text: e.say(r, "post.end_text"), Danger: true, Form: end}},
	}}})
}

func (e *edge) postPostEnd(w http.ResponseWriter, r *http.Request) {
	if err := e.People.EndPost(r.Context(), identity.From(r.Context()), r.PathValue("id")); err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawPost(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	http.Redirect(w, r, "/admin/posts", http.StatusSeeOther)
}
