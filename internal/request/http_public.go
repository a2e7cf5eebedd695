package request

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// simplePage is a page of one form and what stands around it.
type simplePage struct {
	Title, Lead string
	Notices     []web.Notice
	Facts       []web.Fact
	Form        *web.Form
	Table       *web.Table
	Pager       *web.Pager
	Map         *web.Map
	Links       []web.NavItem
	Hints       []string
}

func (e *edge) queryPage(r *http.Request) simplePage {
	return simplePage{
		Title: e.say(r, "query.title"), Lead: e.say(r, "query.lead"), Hints: []string{e.say(r, "query.no_phone"), e.say(r, "query.link")},
		Form: &web.Form{Action: "/query", ID: "query", Submit: e.say(r, "query.submit"), Fields: []web.Field{
			{Name: "number", Type: "text", Label: e.say(r, "number"), Help: e.say(r, "query.number.help"), Required: true, Max: 40, Autocomplete: "off"},
			{Name: "last4", Type: "text", Label: e.say(r, "query.last4"), Required: true, Max: 4, Autocomplete: "off"},
		}},
	}
}

func (e *edge) getQuery(w http.ResponseWriter, r *http.Request) {
	e.rd.Page(w, r, http.StatusOK, "request/simple", e.queryPage(r))
}

// postQuery opens a case by its number and the end of the telephone that was
// left. A number alone opens nothing: it is not secret. Everything that does not
// fit has one answer, and tries are few, by number and by address.
func (e *edge) postQuery(w http.ResponseWriter, r *http.Request) {
	number, last := strings.TrimSpace(r.PostFormValue("number")), strings.TrimSpace(r.PostFormValue("last4"))
	v, err := e.byNumber(r.Context(), httpx.Address(r), number, last)
	if err == nil {
		if err = e.open(w, r, v); err == nil {
			return
		}
	}
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		httpx.Fail(w, r, err)
		return
	}
	httpx.Note(r, f)
	page := e.queryPage(r)
	page.Form.Fields[0].Value = number
	if strings.ContainsFunc(number, func(c rune) bool { return c < ' ' }) {
		page.Form.Fields[0].Value = ""
	}
	e.rd.Mark(r, page.Form, err)
	e.rd.Page(w, r, httpx.Status(f), "request/simple", page)
}

func (e *edge) byNumber(ctx context.Context, address, number, last string) (visit, error) {
	wrong := fault.New(fault.NotFound, "request.query_wrong")
	if err := e.take(ctx, limitQuery, address); err != nil {
		return visit{}, err
	}
	if len(number) == 0 || len(number) > 40 || len(last) != 4 || strings.Trim(last, "0123456789") != "" {
		return visit{}, wrong
	}
	if err := e.take(ctx, limitNumber, number); err != nil {
		return visit{}, err
	}
	view, err := e.Cases.Get(ctx, identity.SystemActor(), number)
	if fault.Is(err, fault.NotFound) || err == nil && (view.Case.Procedure != Procedure || view.Case.Number != number) {
		return visit{}, wrong
	}
	if err != nil {
		return visit{}, err
	}
	sealed, ok := view.Case.Values["phone"].(casework.Sealed)
	if !ok {
		return visit{}, wrong
	}
	masked := e.Cases.Masked(view.Procedure.Field("phone"), sealed)
	if len(masked) < 4 || subtle.ConstantTimeCompare([]byte(masked[len(masked)-4:]), []byte(last)) != 1 {
		return visit{}, wrong
	}
	for _, p := range view.Parties {
		if p.Role == reporter {
			return visit{Number: number, Weak: true, Party: identity.Party{Case: view.Case.ID, Role: p.Role, ID: p.ID}}, nil
		}
	}
	return visit{}, wrong
}
