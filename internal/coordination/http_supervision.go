package coordination

import (
	"net/http"
	"net/url"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// supervisionPage lists open orders and notes.
type supervisionPage struct {
	Title, More string
	Tabs        []web.Tab
	Lines       []web.CaseLine
	Empty       web.Empty
	Units       []supervisedView
	Begin       []web.NavItem // for who may give an order
}

type supervisedView struct {
	Href, Name                               string
	County, Street, Department, Overdue, Sum int
}

func (e *edge) getSupervision(w http.ResponseWriter, r *http.Request) {
	who := identity.From(r.Context())
	all, err := e.Supervised(r.Context(), who)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	view, unit := r.URL.Query().Get("view"), r.URL.Query().Get("unit")
	late := slices.DeleteFunc(slices.Clone(all.Orders), func(row casework.Row) bool { return !overdue(row.Case, e.Clock.Now()) })
	lists := map[string][]casework.Row{"waits": all.Waits, "open": all.Orders, "overdue": late}
	if lists[view] == nil && view != "open" && view != "overdue" {
		view = "waits"
	}
	if unit != "" {
		view = "open"
	}
	v := supervisionPage{Title: e.say(r, "supervision"), Empty: web.Empty{Title: e.say(r, "supervision.none."+view)}}
	for _, name := range []string{"waits", "open", "overdue"} {
		v.Tabs = append(v.Tabs, web.Tab{Href: "/supervision?view=" + name, Text: e.say(r, "supervision."+name), Count: len(lists[name]), HasCount: true, Current: name == view && unit == ""})
	}
	if all.More {
		v.More = e.say(r, "supervision.more", "n", len(all.Orders))
	}
	lang := text.Language(r.Context())
	for _, row := range lists[view] {
		if unit == "" || row.Unit == unit {
			v.Lines = append(v.Lines, e.orderLine(r, lang, row))
		}
	}
	for _, u := range all.Units {
		v.Units = append(v.Units, supervisedView{Href: "/supervision?unit=" + url.QueryEscape(u.Unit.ID), Name: u.Unit.Words().In(lang),
			County: u.County, Street: u.Street, Department: u.Department, Overdue: u.Overdue, Sum: u.Open()})
	}
	if slices.ContainsFunc(supervises, who.Has) {
		v.Begin = []web.NavItem{{Href: "/new/" + Orders, Text: e.say(r, "supervision.order")}, {Href: "/new/" + Notes, Text: e.say(r, "supervision.note")}}
	}
	e.rd.Page(w, r, http.StatusOK, "coordination/supervision", v)
}

// orderLine is one order or note in the list.
func (e *edge) orderLine(r *http.Request, lang string, row casework.Row) web.CaseLine {
	line := web.CaseLine{Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, State: web.Tag{Text: row.Words.In(lang), Tone: web.Info}, Opened: row.Opened}
	line.Facts = append(line.Facts, row.Title.In(lang))
	if row.Procedure == Orders {
		if p, err := e.Cases.ProcedureAt(r.Context(), row.Procedure, row.Edition); err == nil {
			line.Facts = append(line.Facts, p.Field("level").Option(row.Values.Text("level"), lang))
		}
	}
	if u, err := e.People.Unit(r.Context(), row.Unit); err == nil {
		line.Facts = append(line.Facts, u.Words().In(lang))
	}
	line.Facts = append(line.Facts, e.say(r, "supervision.about", "number", row.Values.Text("case")))
	if row.Due > 0 {
		line.Clock = &web.Clock{Label: e.say(r, "supervision.by"), Due: row.Due - 1, State: "running"}
		if overdue(row.Case, e.Clock.Now()) {
			line.Clock.State = "breached"
		}
	}
	return line
}
