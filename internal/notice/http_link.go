package notice

import (
	"net/http"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// wrongLinks is how many wrong links one address may try within an hour.
const wrongLinks = 20

// linkPage is where a message leads: the case, and the way to end messages. It
// shows nothing of the case but its number: who reads it may not be its party.
type linkPage struct {
	Number  string
	Open    string
	Notices []web.Notice
	Wants   bool
	Can     bool
	Code    string
}

func (e *edge) linked(r *http.Request) (identity.Party, string, error) {
	p, number, err := e.byCode(r.Context(), r.PathValue("code"))
	if fault.Is(err, fault.NotFound) {
		if busy := e.People.Take(r.Context(), "notice.link", httpx.Address(r), wrongLinks, time.Hour); busy != nil {
			return p, "", busy
		}
	}
	return p, number, err
}

func (e *edge) getLink(w http.ResponseWriter, r *http.Request) {
	p, number, err := e.linked(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page := linkPage{Number: number, Code: r.PathValue("code")}
	own, err := e.opened(r.Context(), p)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if e.Enter != nil && own {
		page.Open = "/n/" + page.Code + "/open"
	}
	if page.Wants, page.Can, err = e.Wants(r.Context(), p); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	switch done := r.URL.Query().Get("done"); done {
	case "stop", "stop-number", "resume":
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: e.word(r, "link.done."+done)})
	}
	e.rd.Page(w, r, http.StatusOK, "notice/link", page)
}

func (e *edge) postLink(w http.ResponseWriter, r *http.Request) {
	p, number, err := e.linked(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	do := r.PathValue("do")
	switch do {
	case "open":
		if e.Enter == nil {
			err = fault.New(fault.NotFound, "httpx.page")
		} else if err = e.Enter(w, r, number, p); err == nil {
			return
		}
	case "stop":
		err = e.Want(r.Context(), p, false)
	case "stop-number":
		err = e.stopNumber(r.Context(), p)
	case "resume":
		err = e.Want(r.Context(), p, true)
	default:
		err = fault.New(fault.NotFound, "httpx.page")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/n/"+r.PathValue("code")+"?done="+do, http.StatusSeeOther)
}

// postOptOut is for who follows a case by a link that the house knows by its
// cookie: messages on or off, then back to the case.
func (e *edge) postOptOut(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	if a.Kind != identity.Link {
		httpx.Fail(w, r, fault.New(fault.NotFound, "notice.link_wrong"))
		return
	}
	if err := e.Want(r.Context(), a.Party, r.PostFormValue("want") == "yes"); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/cases/"+a.Party.Case, http.StatusSeeOther)
}
