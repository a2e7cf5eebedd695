package assets

import (
	"net/http"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the registers on mux, for everybody and without script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	mux.HandleFunc("GET /assets", httpx.Quiet(e.getAll))
	mux.HandleFunc("GET /assets/{village}", httpx.Quiet(e.getVillage))
}

func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "assets."+key, args...)
}

func lang(r *http.Request) string { return text.Language(r.Context()) }

// mostListed bounds a register on one page.
const mostListed = 500

// registersPage is one village's registers, or the list of villages.
type registersPage struct {
	Title, Lead string
	Tables      []web.Table
	Empty       *web.Empty
	Links       []web.NavItem
}

func (e *edge) place(r *http.Request, code string) (string, error) {
	a, err := e.Areas.Get(r.Context(), code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return code, nil
	}
	return text.Words{text.Chinese: a.Name, text.English: a.NameEn}.In(lang(r)), err
}

func (e *edge) getAll(w http.ResponseWriter, r *http.Request) {
	counts, order := map[string][2]int{}, []string{}
	for i, name := range []string{Contract, Asset} {
		list, err := e.Cases.Posted(r.Context(), name, "", mostListed)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		for _, n := range list {
			c, met := counts[n.Area]
			if !met {
				order = append(order, n.Area)
			}
			c[i]++
			counts[n.Area] = c
		}
	}
	p := registersPage{Title: e.say(r, "title"), Lead: e.say(r, "lead")}
	t := web.Table{Caption: e.say(r, "villages"), Columns: []web.Column{{Text: e.say(r, "village")}, {Text: e.say(r, "contracts"), Number: true}, {Text: e.say(r, "assets"), Number: true}}}
	for _, code := range order {
		name, err := e.place(r, code)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: name, Href: "/assets/" + code}, {Text: counts[code][0]}, {Text: counts[code][1]}})
	}
	if len(t.Rows) > 0 {
		p.Tables = append(p.Tables, t)
	} else {
		p.Empty = &web.Empty{Title: e.say(r, "none"), Text: e.say(r, "none.text")}
	}
	e.rd.Page(w, r, http.StatusOK, "assets/registers", p)
}

func (e *edge) getVillage(w http.ResponseWriter, r *http.Request) {
	village := r.PathValue("village")
	contracts, err := e.Cases.Posted(r.Context(), Contract, village, mostListed)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	assets, err := e.Cases.Posted(r.Context(), Asset, village, mostListed)
	if err == nil && len(contracts)+len(assets) == 0 {
		err = fault.New(fault.NotFound, "assets.none")
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
	p := registersPage{Title: e.say(r, "of", "village", name), Lead: e.say(r, "lead"), Links: []web.NavItem{{Href: "/assets", Text: e.say(r, "title")}, {Href: "/books/" + village, Text: e.say(r, "books")}}}
	p.Tables = append(p.Tables, e.register(r, "contracts", contracts, "kind", "owner", "party_kind", "begins", "ends", "price", "award"),
		e.register(r, "assets", assets, "kind", "owner", "quantity", "worth", "use"))
	e.rd.Page(w, r, http.StatusOK, "assets/registers", p)
}

// register draws published entries: what each is called leads to its notice with
// all versions.
func (e *edge) register(r *http.Request, caption string, list []casework.Notice, fields ...string) web.Table {
	t := web.Table{Caption: e.say(r, caption), Empty: web.Empty{Title: e.say(r, "none")}}
	t.Columns = append(t.Columns, web.Column{Text: e.say(r, "subject")})
	if len(list) == 0 {
		return t
	}
	for _, f := range fields {
		def := list[0].Procedure.Field(f)
		t.Columns = append(t.Columns, web.Column{Text: def.Label.In(lang(r)), Number: def.Type == "money"})
	}
	t.Columns = append(t.Columns, web.Column{Text: e.say(r, "state")})
	for _, n := range list {
		newest := n.Versions[0].Values
		row := []web.Cell{{Text: newest.Text("subject"), Href: "/notices/" + n.Number}}
		for _, f := range fields {
			row = append(row, web.Cell{Text: e.shown(r, n.Procedure.Field(f), newest[f])})
		}
		tag := &web.Tag{Text: e.say(r, "standing"), Tone: web.Good}
		if n.Over {
			tag = &web.Tag{Text: e.say(r, "over"), Tone: web.Quiet}
		}
		t.Rows = append(t.Rows, append(row, web.Cell{Tag: tag}))
	}
	return t
}

// shown is a published value as people read it.
func (e *edge) shown(r *http.Request, def *procedure.Field, v any) string {
	if n, is := v.(int64); is && def.Type == "money" {
		return web.Money(n)
	}
	s, _ := v.(string)
	return def.Option(s, lang(r))
}
