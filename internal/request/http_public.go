package request

import (
	"context"
	"crypto/subtle"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// simplePage is a page of one form, or of a list.
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

// getRequests lists requests by class, community and state, and nothing more:
// no number, no words, no photo, no exact place. Complaints about units are left
// out.
func (e *edge) getRequests(w http.ResponseWriter, r *http.Request) {
	ctx, q := r.Context(), r.URL.Query()
	page := simplePage{Title: e.say(r, "list.title"), Lead: e.say(r, "list.lead"), Links: []web.NavItem{{Href: "/report", Text: e.say(r, "report_now")}}}
	p, err := e.Cases.Procedure(ctx, Procedure)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	form, err := e.listForm(r, p, q)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page.Form = form
	rows, next, err := e.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Procedure, Class: q.Get("class"), Area: q.Get("area"), State: q.Get("state"), After: q.Get("after")})
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page.Table = &web.Table{Caption: e.say(r, "list.caption"), Empty: web.Empty{Title: e.say(r, "list.none")}, Columns: []web.Column{
		{Text: e.say(r, "class")}, {Text: e.say(r, "community")}, {Text: e.say(r, "state")}, {Text: e.say(r, "when")}}}
	for _, row := range rows {
		if about, _ := row.Values["about_unit"].(bool); about || row.Sealed != "" {
			continue
		}
		line, err := e.publicLine(r, row)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		page.Table.Rows = append(page.Table.Rows, line)
	}
	if next != "" {
		q.Set("after", next)
		page.Pager = &web.Pager{Next: "/requests?" + q.Encode()}
	}
	e.rd.Page(w, r, http.StatusOK, "request/simple", page)
}

func (e *edge) publicLine(r *http.Request, row casework.Row) ([]web.Cell, error) {
	class := e.say(r, "class.none")
	if k, err := e.Duty.Class(r.Context(), row.Class); err == nil {
		class = in(r, k.Title)
	}
	name, err := e.nameOf(r.Context(), community(row.Area))
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = e.say(r, "community.none")
	}
	return []web.Cell{{Text: class}, {Text: name}, {Tag: &web.Tag{Text: in(r, row.Words), Tone: toneOf(row.Kind, row.State)}}, {Text: row.Opened.Day()}}, nil
}

func (e *edge) listForm(r *http.Request, p *procedure.Procedure, q url.Values) (*web.Form, error) {
	lists, _, err := e.Duty.Catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	class := web.Field{Name: "class", Type: "choice", Label: e.say(r, "class"), Value: q.Get("class")}
	for _, k := range lists.Classes.All() {
		if k.Parent == "" {
			continue
		}
		group, _ := lists.Classes.Class(topOf(lists.Classes, k.ID))
		class.Options = append(class.Options, web.Option{Value: k.ID, Label: in(r, k.Title), Group: in(r, group.Title)})
	}
	state := web.Field{Name: "state", Type: "choice", Label: e.say(r, "state"), Value: q.Get("state")}
	for _, s := range p.States {
		state.Options = append(state.Options, web.Option{Value: s.Name, Label: in(r, s.Words)})
	}
	place := web.Field{Name: "area", Type: "area", Label: e.say(r, "community"), Value: q.Get("area")}
	if place.Options, err = e.communities(r.Context()); err != nil {
		return nil, err
	}
	return &web.Form{Action: "/requests", Method: "get", ID: "filter", Still: true, Submit: e.say(r, "list.submit"), Fields: []web.Field{class, place, state}}, nil
}

// mostAreas bounds what a page offers to choose from.
const mostAreas = 400

// communities are streets and communities of the county, to choose from.
func (e *edge) communities(ctx context.Context) ([]web.Option, error) {
	root, err := e.root(ctx)
	if err != nil || root == "" {
		return nil, err
	}
	streets, err := e.Areas.Children(ctx, root)
	if err != nil {
		return nil, err
	}
	var out []web.Option
	for _, street := range streets {
		out = append(out, web.Option{Value: street.Code, Label: street.Name, Group: street.Name})
		if street.Level() != area.Street || len(out) > mostAreas {
			continue
		}
		below, err := e.Areas.Children(ctx, street.Code)
		if err != nil {
			return nil, err
		}
		for _, c := range below {
			out = append(out, web.Option{Value: c.Code, Label: c.Name, Group: street.Name})
		}
	}
	return out, nil
}
