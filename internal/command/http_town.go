package command

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/web"
)

// townView is the page /town.
type townView struct {
	Name    string
	AsOf    string
	Others  []web.Tab // other townships the viewer may look at
	Tiles   []tile
	Give    []web.NavItem
	Tables  []web.Table
	Lists   []townList
	Notices []web.Notice
}

// townList is one list of cases with a way to all of them.
type townList struct {
	ID, Title, More string
	Lines           []web.CaseLine
	Empty           string
}

// getTown draws a township's command of today; without a choice that of the
// viewer's own, else the first.
func (e *edge) getTown(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	towns, err := e.Towns(r.Context(), a)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	unit := r.URL.Query().Get("unit")
	for _, t := range towns {
		own := slices.ContainsFunc(a.Posts, func(p identity.Post) bool {
			return strings.HasPrefix(p.UnitPath, t.Path) || slices.Contains(p.Commands, t.ID)
		})
		if unit == "" && own {
			unit = t.ID
		}
	}
	if unit == "" && len(towns) > 0 {
		unit = towns[0].ID
	}
	town, err := e.Town(r.Context(), a, unit)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "command/town", e.draw(r, asked{base: "/town", query: url.Values{}}).town(town, towns))
}

func (d *drawing) town(t Town, towns []identity.Unit) townView {
	v := townView{Name: d.unit(t.Unit.ID), AsOf: t.State.AsOf.Time().Format(time.TimeOnly), Notices: d.notices(t.State)}
	for _, other := range towns {
		if len(towns) > 1 {
			v.Others = append(v.Others, web.Tab{Href: "/town?unit=" + url.QueryEscape(other.ID), Text: d.unit(other.ID), Current: other.ID == t.Unit.ID})
		}
	}
	to := func(show string) string { return townAddress(t.Unit.ID, show) }
	v.Tiles = []tile{{Href: to(""), Name: d.say("tile.open"), N: t.Total.Open}, {Href: to(showOverdue), Name: d.say("tile.overdue"), N: t.Total.Overdue},
		{Href: to(showToday), Name: d.say("tile.today"), N: t.Total.Today}, {Href: "#decides", Name: d.say("town.decides"), N: t.Total.Decides}}
	if t.Total.Overdue > 0 {
		v.Tiles[1].Tone = web.Bad
	}
	v.Tables = []web.Table{d.townTable("stations", t.Stations, true), d.townTable("offices", t.Offices, false), d.townTable("below", t.Below, false), d.gridTable(t.Grids)}
	for _, u := range t.Stations {
		if slices.ContainsFunc(d.who.Posts, func(p identity.Post) bool { return slices.Contains(p.Commands, u.ID) }) {
			v.Give = append(v.Give, web.NavItem{Href: "/new/station-order/order?station=" + url.QueryEscape(u.ID), Text: d.say("town.give", "unit", d.unit(u.ID))})
		}
	}
	all := func(procedure string) string {
		return "/cases?box=all&kind=open&procedure=" + procedure + "&area=" + url.QueryEscape(t.Unit.Area)
	}
	v.Lists = []townList{
		d.townCases("decides", t.Decides, to(showDecides)), d.townCases("orders", t.Orders, all(townOrder)),
		d.townCases("whistles", t.Whistles, all(townWhistle)), d.townCases("tasks", t.Tasks, all(townTask)), d.townCases("teams", t.Teams, all(townTeam)),
	}
	return v
}

// townAddress is that of a unit's open cases.
func townAddress(unit, show string) string {
	q := url.Values{"unit": {unit}}
	if show != "" {
		q.Set("show", show)
	}
	return "/command?" + q.Encode() + "#list"
}

// townCases is one list of the page.
func (d *drawing) townCases(name string, rows []casework.Row, more string) townList {
	return townList{ID: name, Title: d.say("town." + name), More: more, Lines: d.caseLines(rows), Empty: d.say("town." + name + ".none")}
}

// townTable lists units with what lies with them; each number leads to its cases.
func (d *drawing) townTable(name string, units []TownUnit, stationed bool) web.Table {
	t := web.Table{Caption: d.say("town." + name), Empty: web.Empty{Title: d.say("town." + name + ".none")}, Columns: []web.Column{{Text: d.say("town.unit")}}}
	if stationed {
		t.Columns = append(t.Columns, web.Column{Text: d.say("town.owner")})
	}
	t.Columns = append(t.Columns, web.Column{Text: d.say("roster")}, web.Column{Text: d.say("tile.open"), Number: true}, web.Column{Text: d.say("tile.overdue"), Number: true}, web.Column{Text: d.say("tile.today"), Number: true})
	for _, u := range units {
		row := []web.Cell{{Text: d.unit(u.ID), Href: townAddress(u.ID, "")}}
		if stationed {
			row = append(row, web.Cell{Text: d.unit(u.Owner)})
		}
		var people []string
		for _, w := range u.OnDuty {
			people = append(people, strings.TrimSpace(w.Name+" "+w.Phone))
		}
		duty := web.Cell{Text: strings.Join(people, d.say("town.and"))}
		if len(people) == 0 {
			duty.Text = d.say("town.nobody")
		}
		t.Rows = append(t.Rows, append(row, duty, numberCell(u.Counts.Open, townAddress(u.ID, "")), numberCell(u.Counts.Overdue, townAddress(u.ID, showOverdue)), numberCell(u.Counts.Today, townAddress(u.ID, showToday))))
	}
	return t
}

// numberCell is a number that leads to its cases where there are any.
func numberCell(n int, href string) web.Cell {
	if n == 0 {
		return web.Cell{Text: "0"}
	}
	return web.Cell{Text: strconv.Itoa(n), Href: href}
}

// gridTable lists the grids with open cases.
func (d *drawing) gridTable(grids []Part) web.Table {
	t := web.Table{Caption: d.say("town.grids"), Empty: web.Empty{Title: d.say("town.grids.none")},
		Columns: []web.Column{{Text: d.say("town.grid")}, {Text: d.say("tile.open"), Number: true}, {Text: d.say("tile.overdue"), Number: true}, {Text: d.say("tile.today"), Number: true}}}
	for _, g := range grids {
		if g.Open > 0 {
			at := func(show string) string {
				return "/command?" + url.Values{"area": {g.Key}, "show": {show}}.Encode() + "#list"
			}
			t.Rows = append(t.Rows, []web.Cell{{Text: d.place(g.Key), Href: "/grid/" + url.PathEscape(g.Key)}, numberCell(g.Open, at("")), numberCell(g.Overdue, at(showOverdue)), numberCell(g.Today, at(showToday))})
		}
	}
	return t
}
