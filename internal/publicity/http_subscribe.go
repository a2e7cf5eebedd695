package publicity

import (
	"net/http"
	"time"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// plainPage is a page of words and one form.
type plainPage struct {
	Title, Lead string
	Notices     []web.Notice
	Facts       []web.Fact
	Form        *web.Form
	Second      *web.Form
	Links       []web.NavItem
	Hints       []string
}

func (e *edge) plain(w http.ResponseWriter, r *http.Request, status int, p plainPage) {
	guarded(w)
	e.rd.Page(w, r, status, "publicity/plain", p)
}

func (e *edge) subscribePage(r *http.Request) (plainPage, error) {
	q := r.Form
	p := plainPage{Title: e.say(r, "subscribe.title"), Lead: e.say(r, "subscribe.lead")}
	feed := "/requests/feed"
	if a := q.Get("area"); a != "" {
		feed = address(feed, map[string][]string{"area": {a}})
	}
	p.Links = []web.NavItem{{Href: feed, Text: e.say(r, "feed")}, {Href: "/requests", Text: e.say(r, "list.title")}}
	if e.Outbox == nil {
		p.Notices = []web.Notice{{Tone: web.Info, Title: e.say(r, "subscribe.none.title"), Text: e.say(r, "subscribe.none")}}
		return p, nil
	}
	place, err := e.placeField(r, q.Get("area"), true)
	if err != nil {
		return p, err
	}
	place.Required = true
	class, err := e.classField(r, q.Get("class"))
	if err != nil {
		return p, err
	}
	class.Label = e.say(r, "subscribe.class")
	p.Form = &web.Form{Action: "/requests/subscribe", ID: "subscribe", Submit: e.say(r, "subscribe.send"), Fields: []web.Field{place, class,
		{Name: "contact", Type: "text", Label: e.say(r, "subscribe.contact"), Help: e.say(r, "subscribe.contact.help"), Required: true, Max: 120, Value: q.Get("contact"),
			Sealed: true, Purpose: e.say(r, "subscribe.purpose")}}}
	p.Hints = []string{e.say(r, "subscribe.hint.often"), e.say(r, "subscribe.hint.end"), e.say(r, "subscribe.hint.feed")}
	return p, nil
}

func (e *edge) getSubscribe(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	var p plainPage
	if err == nil {
		p, err = e.subscribePage(r)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if p.Form != nil {
		p.Form.Fields[2].Value = ""
	}
	e.plain(w, r, http.StatusOK, p)
}

func (e *edge) postSubscribe(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	if err == nil {
		err = e.People.Take(r.Context(), "publicity.subscribe", httpx.Address(r), 10, time.Hour)
	}
	var id string
	if err == nil {
		wish := Wish{Area: r.PostForm.Get("area"), Contact: r.PostForm.Get("contact"), Lang: lang(r), Base: e.base(r)}
		if class := r.PostForm.Get("class"); class != "" {
			wish.Classes = []string{class}
		}
		id, err = e.Subscribe(r.Context(), wish)
	}
	if err == nil {
		e.codePage(w, r, http.StatusOK, id, nil)
		return
	}
	if !again(err) {
		httpx.Fail(w, r, err)
		return
	}
	httpx.Note(r, fault.Of(err))
	p, draw := e.subscribePage(r)
	if draw != nil {
		httpx.Fail(w, r, draw)
		return
	}
	if p.Form == nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Mark(r, p.Form, err)
	e.plain(w, r, httpx.Status(fault.Of(err)), p)
}

// codePage asks for the code that was sent.
func (e *edge) codePage(w http.ResponseWriter, r *http.Request, status int, id string, wrong error) {
	p := plainPage{Title: e.say(r, "subscribe.check.title"), Lead: e.say(r, "subscribe.check"),
		Form: &web.Form{Action: "/requests/subscribe/code", ID: "code", Submit: e.say(r, "subscribe.confirm"), Hidden: []web.Option{{Label: "id", Value: id}},
			Fields: []web.Field{{Name: "code", Type: "text", Label: e.say(r, "subscribe.code"), Required: true, Max: 6, Autocomplete: "one-time-code"}}},
		Links: []web.NavItem{{Href: "/requests", Text: e.say(r, "list.title")}}}
	if wrong != nil {
		e.rd.Mark(r, p.Form, wrong)
	}
	e.plain(w, r, status, p)
}

func (e *edge) postCode(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	if err == nil {
		err = e.People.Take(r.Context(), "publicity.code", httpx.Address(r), 30, time.Hour)
	}
	if err == nil {
		err = e.ConfirmCode(r.Context(), r.PostForm.Get("id"), r.PostForm.Get("code"))
	}
	switch {
	case err == nil:
		e.confirmed(w, r)
	case again(err):
		httpx.Note(r, fault.Of(err))
		e.codePage(w, r, httpx.Status(fault.Of(err)), r.PostForm.Get("id"), err)
	default:
		httpx.Fail(w, r, err)
	}
}

func (e *edge) confirmed(w http.ResponseWriter, r *http.Request) {
	e.plain(w, r, http.StatusOK, plainPage{Title: e.say(r, "subscribe.done.title"), Notices: []web.Notice{{Tone: web.Good, Text: e.say(r, "subscribe.done")}},
		Links: []web.NavItem{{Href: "/requests", Text: e.say(r, "list.title")}}})
}

// getSubscription is where the links of messages lead. Looking changes nothing:
// mail programs fetch links by themselves.
func (e *edge) getSubscription(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	u, err := e.byToken(r.Context(), token)
	if err != nil {
		if limit := e.People.Take(r.Context(), "publicity.link", httpx.Address(r), 30, time.Hour); limit != nil {
			err = limit
		}
		httpx.Fail(w, r, err)
		return
	}
	name, err := e.areaName(r.Context(), u.Area)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := plainPage{Title: e.say(r, "subscription.title"), Facts: []web.Fact{{Name: e.say(r, "community"), Value: name}}}
	for _, k := range u.Classes {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "class"), Value: e.class(r, k)})
	}
	end := &web.Form{Action: "/subscription/" + token + "/leave", ID: "leave", Submit: e.say(r, "subscription.end"), Danger: true}
	if u.Confirmed == 0 {
		p.Form = &web.Form{Action: "/subscription/" + token, ID: "confirm", Submit: e.say(r, "subscribe.confirm")}
		p.Second = end
	} else {
		p.Form = end
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	e.plain(w, r, http.StatusOK, p)
}

func (e *edge) postConfirm(w http.ResponseWriter, r *http.Request) {
	if err := e.ConfirmLink(r.Context(), r.PathValue("token")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.confirmed(w, r)
}

func (e *edge) postUnsubscribe(w http.ResponseWriter, r *http.Request) {
	if err := e.Unsubscribe(r.Context(), r.PathValue("token")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.plain(w, r, http.StatusOK, plainPage{Title: e.say(r, "subscription.ended.title"), Notices: []web.Notice{{Tone: web.Good, Text: e.say(r, "subscription.ended")}},
		Links: []web.NavItem{{Href: "/requests", Text: e.say(r, "list.title")}}})
}
