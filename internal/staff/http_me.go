package staff

import (
	"linli/internal/identity"
	"net/http"
	"strconv"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

func (e *edge) getMe(w http.ResponseWriter, r *http.Request) {
	e.drawMe(w, r, http.StatusOK, nil, func(*web.Form) {})
}

// drawMe draws the own page; mark is applied to the form that was sent, found by
// its address.
func (e *edge) drawMe(w http.ResponseWriter, r *http.Request, status int, notices []web.Notice, mark func(*web.Form)) {
	ctx, a := r.Context(), identity.From(r.Context())
	person, err := e.People.Person(ctx, a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	posts, err := e.People.PostsOf(ctx, a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	table := e.postTable(r, e.say(r, "me.posts"), posts, false)
	v := view{Title: person.Name, Notices: notices}
	if !a.MustChange {
		v.Tabs = e.myTabs(r)
	}
	if a.MustChange {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: e.rd.Say(r, "fault.identity.must_change")})
	}
	forms := []*web.Form{e.passwordForm(r)}
	if !a.MustChange {
		forms = append(forms, e.tokenForm(r, posts))
	}
	for _, form := range forms {
		if r.Method == http.MethodPost && form.Action == r.URL.Path {
			mark(form)
		}
	}
	v.Parts = []part{
		{Facts: []web.Fact{{Name: e.word(r, "login"), Value: person.Login}}, Table: table},
		{ID: "password", Title: e.say(r, "me.password"), Form: forms[0]},
	}
	if !a.MustChange {
		tokens, revokes, err := e.tokenTable(r)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		v.Parts = append(v.Parts,
			part{ID: "tokens", Title: e.say(r, "me.tokens"), Text: e.say(r, "me.tokens_text"), Table: tokens, Confirms: revokes},
			part{Title: e.say(r, "me.token_new"), Form: forms[1]},
			part{Title: e.say(r, "me.everywhere"), Text: e.say(r, "me.everywhere_text"), Confirms: []web.Confirm{{
				Summary: e.say(r, "me.everywhere_do"), Danger: true,
				Form: web.Form{Action: "/me/sessions/revoke", Submit: e.say(r, "me.everywhere_do"), Danger: true},
			}}},
		)
	}
	e.show(w, r, status, v)
}

func (e *edge) passwordForm(r *http.Request) *web.Form {
	return named(&web.Form{
		ID: "password-form", Action: "/me/password", Submit: e.say(r, "me.password_do"),
		Fields: []web.Field{
			{Name: "old", Type: "password", Label: e.say(r, "password_now"), Required: true},
			{Name: "password", Type: "password", Label: e.say(r, "password_new"), Help: e.word(r, "password_help", "min", identity.ShortestPassword), Required: true, Autocomplete: "new-password"},
			{Name: "again", Type: "password", Label: e.word(r, "password_again"), Required: true, Autocomplete: "new-password"},
		},
	})
}

func (e *edge) tokenForm(r *http.Request, posts []identity.Member) *web.Form {
	options := []web.Option{}
	for _, m := range posts {
		if m.Post.Live(e.Clock.Now()) {
			options = append(options, web.Option{Value: m.Post.ID, Label: e.postName(r, m.Post)})
		}
	}
	return named(&web.Form{
		ID: "token-form", Action: "/me/tokens", Submit: e.say(r, "me.token_do"),
		Fields: []web.Field{
			{Name: "name", Type: "text", Label: e.say(r, "me.token_name"), Help: e.say(r, "me.token_name_help"), Required: true, Max: 60},
			{Name: "days", Type: "number", Label: e.say(r, "me.token_days"), Required: true, Value: "90", Min: 1, Max: int64(identity.LongestToken / day)},
			{Name: "post", Type: "choice", Label: e.say(r, "me.token_post"), Help: e.say(r, "me.token_post_help"), Options: options},
		},
	})
}

func (e *edge) tokenTable(r *http.Request) (*web.Table, []web.Confirm, error) {
	tokens, err := e.People.Tokens(r.Context(), identity.From(r.Context()).Person)
	if err != nil {
		return nil, nil, err
	}
	t := &web.Table{
		Caption: e.say(r, "me.tokens"), Empty: web.Empty{Text: e.say(r, "me.tokens_none")},
		Columns: []web.Column{{Text: e.say(r, "me.token_name")}, {Text: e.say(r, "created")}, {Text: e.say(r, "until")}, {Text: e.say(r, "state")}},
	}
	var revokes []web.Confirm
	for _, k := range tokens {
		state := web.Tag{Text: e.say(r, "me.token_good"), Tone: web.Good}
		switch {
		case k.Revoked != 0:
			state = web.Tag{Text: e.say(r, "me.token_revoked"), Tone: web.Quiet}
		case e.Clock.Now() >= k.Expires:
			state = web.Tag{Text: e.say(r, "me.token_expired"), Tone: web.Quiet}
		default:
			revokes = append(revokes, web.Confirm{
				Summary: e.say(r, "me.token_revoke", "name", k.Name), Danger: true,
				Form: web.Form{Action: "/me/tokens/" + k.ID + "/revoke", Submit: e.say(r, "me.token_revoke", "name", k.Name), Danger: true},
			})
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: k.Name}, {Text: k.Created}, {Text: k.Expires}, {Tag: &state}})
	}
	return t, revokes, nil
}

func (e *edge) postPassword(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	keep := ""
	if c, err := r.Cookie(identity.Cookie); err == nil {
		keep = c.Value
	}
	err := identity.SamePassword(posted(r, "password"), posted(r, "again"))
	if err == nil {
		err = e.People.ChangePassword(r.Context(), identity.From(r.Context()), posted(r, "old"), posted(r, "password"), keep)
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawMe(w, r, httpx.Status(fault.Of(err)), nil, mark) })
		return
	}
	a := identity.From(r.Context())
	a.MustChange = false
	r = r.WithContext(identity.With(r.Context(), a))
	e.drawMe(w, r, http.StatusOK, []web.Notice{{Tone: web.Good, Text: e.say(r, "me.password_done")}}, func(*web.Form) {})
}

func (e *edge) postToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	days, err := strconv.Atoi(strings.TrimSpace(posted(r, "days")))
	if err != nil || days > 100_000 {
		days = 0 // refused by the verb, which says what is right
	}
	_, secret, err := e.People.NewToken(r.Context(), identity.From(r.Context()), posted(r, "name"), posted(r, "post"), time.Duration(days)*day)
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawMe(w, r, httpx.Status(fault.Of(err)), nil, mark) })
		return
	}
	e.drawMe(w, r, http.StatusOK, []web.Notice{{Tone: web.Good, Title: e.say(r, "me.token_made"), Text: secret}}, func(*web.Form) {})
}

func (e *edge) postTokenRevoke(w http.ResponseWriter, r *http.Request) {
	if err := e.People.RevokeToken(r.Context(), identity.From(r.Context()), r.PathValue("id")); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/me#tokens", http.StatusSeeOther)
}

func (e *edge) postSessionsRevoke(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	if err := e.People.RevokeAll(r.Context(), a, a.Person); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.SetCookie(w, identity.SessionCookie(r, "", -1))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// postName says what a post is: its kind and its unit.
func (e *edge) postName(r *http.Request, p identity.Post) string {
	name := p.Unit
	if u, err := e.People.Unit(r.Context(), p.Unit); err == nil {
		name = unitName(r, u)
	}
	return name + " · " + e.kindName(r, p.Kind)
}

func unitName(r *http.Request, u identity.Unit) string {
	return u.Words().In(text.Language(r.Context()))
}

func (e *edge) kindName(r *http.Request, kind string) string {
	rights, err := e.People.Rights(r.Context())
	if k, ok := rights.Kind(kind); err == nil && ok {
		return k.Name.In(text.Language(r.Context()))
	}
	return kind
}

// postTable lists posts; with links to the page on which each is ended.
func (e *edge) postTable(r *http.Request, caption string, posts []identity.Member, people bool) *web.Table {
	t := &web.Table{
		Caption: caption, Empty: web.Empty{Text: e.say(r, "posts.none")},
		Columns: []web.Column{{Text: e.word(r, "post")}, {Text: e.word(r, "area_code")}, {Text: e.say(r, "from")}, {Text: e.say(r, "until")}},
	}
	if people {
		t.Columns = append(t.Columns, web.Column{Text: e.word(r, "person")})
	}
	for _, m := range posts {
		row := []web.Cell{{Text: e.postName(r, m.Post)}, {Text: m.Post.Area}, {Text: m.Post.From}, {Text: orNone(e.say(r, "no_end"), m.Post.Until)}}
		if people {
			row[0].Href = "/admin/posts/" + m.Post.ID
			row = append(row, web.Cell{Text: m.Name, Href: "/admin/people/" + m.Post.Person})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func orNone(none string, i clock.Instant) any {
	if i == 0 {
		return none
	}
	return i
}
