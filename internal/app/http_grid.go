package app

import (
	"net/http"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/web"
)

// mostFound bounds the answers of a search for a grid.
const mostFound = 20

// gridView is what the page "my grid" shows.
type gridView struct {
	Form  web.Form
	Table *web.Table
	Facts []web.Fact
	Map   *web.Map
	Links []web.NavItem
	Near  *web.Notice // the point is in no grid for certain
}

// getGrid finds whose grid a place is: by a name, a position or a grid's code.
func (s *Site) getGrid(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := gridView{Form: web.Form{Action: "/grid", Method: "get", ID: "grid", Submit: s.Pages.Say(r, "app.grid.find"), Still: true,
		Fields: []web.Field{{Name: "q", Type: "text", Label: s.Pages.Say(r, "app.grid.words"), Help: s.Pages.Say(r, "app.grid.words.help"),
			Value: q.Get("q"), Max: 60, Required: true}}}}
	var err error
	switch {
	case q.Get("code") != "":
		err = s.oneGrid(r, q.Get("code"), &v)
	case q.Has("lon") || q.Has("lat"):
		err = s.gridAt(r, &v)
	case strings.TrimSpace(q.Get("q")) != "":
		err = s.gridsNamed(r, strings.TrimSpace(q.Get("q")), &v)
	}
	if err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	s.Pages.Page(w, r, http.StatusOK, "app/grid", v)
}

// gridAt finds the grid of a position; the datum must be said.
func (s *Site) gridAt(r *http.Request, v *gridView) error {
	q := r.URL.Query()
	lon, err1 := strconv.ParseFloat(q.Get("lon"), 64)
	lat, err2 := strconv.ParseFloat(q.Get("lat"), 64)
	if err1 != nil || err2 != nil {
		return fault.New(fault.Invalid, "app.position").At("lon")
	}
	datum, err := geo.ParseDatum(q.Get("datum"))
	if err != nil {
		return err
	}
	p, err := geo.To(geo.Point{Lon: lon, Lat: lat}, datum)
	if err != nil {
		return err
	}
	at, err := s.Areas.Locate(r.Context(), p, 0)
	if err != nil {
		return err
	}
	if at.Status == area.Inside {
		return s.oneGrid(r, at.Grid, v)
	}
	v.Near = &web.Notice{Tone: web.Warning, Text: s.Pages.Say(r, "app.grid.status."+string(at.Status))}
	for _, g := range at.Suggestions {
		v.Near.Links = append(v.Near.Links, web.NavItem{Href: "/grid?code=" + g.Grid, Text: g.Name})
	}
	return nil
}

// gridsNamed lists areas, grids and places by their names.
func (s *Site) gridsNamed(r *http.Request, words string, v *gridView) error {
	found, err := s.Areas.Find(r.Context(), words, "", mostFound)
	if err != nil {
		return err
	}
	v.Table = &web.Table{Caption: s.Pages.Say(r, "app.grid.found"),
		Columns: []web.Column{{Text: s.Pages.Say(r, "app.grid.name")}, {Text: s.Pages.Say(r, "app.grid.within")}},
		Empty:   web.Empty{Title: s.Pages.Say(r, "app.grid.nothing"), Text: s.Pages.Say(r, "app.grid.nothing.text")}}
	for _, f := range found {
		href := ""
		switch {
		case f.Kind == area.FoundGrid:
			href = "/grid?code=" + f.Code
		case f.Point != nil:
			href = "/grid?datum=WGS-84&lon=" + strconv.FormatFloat(f.Point.Lon, 'f', 6, 64) + "&lat=" + strconv.FormatFloat(f.Point.Lat, 'f', 6, 64)
		}
		v.Table.Rows = append(v.Table.Rows, []web.Cell{{Text: f.Name, Href: href}, {Text: strings.Join(f.Within, " ")}})
	}
	return nil
}

// oneGrid shows one grid with the telephone posted for it.
func (s *Site) oneGrid(r *http.Request, code string, v *gridView) error {
	g, err := s.Areas.Grid(r.Context(), code)
	if err != nil {
		return err
	}
	chain, err := s.Areas.Chain(r.Context(), g.Community)
	if err != nil {
		return err
	}
	var names []string
	for _, a := range chain {
		names = append(names, a.Name)
	}
	v.Facts = []web.Fact{{Name: s.Pages.Say(r, "app.grid.name"), Value: g.Name}, {Name: s.Pages.Say(r, "app.grid.code"), Value: g.Code},
		{Name: s.Pages.Say(r, "app.grid.within"), Value: strings.Join(names, " ")}}
	if g.Phone != "" {
		v.Facts = append(v.Facts, web.Fact{Name: s.Pages.Say(r, "app.grid.phone"), Value: g.Phone})
	}
	view := s.Areas.FitView(r.Context(), g.Community, 400, 300)
	v.Map = &web.Map{Src: area.MapAddress("svg", area.PictureRequest{View: view, Highlight: []string{g.Code}, Names: true}),
		Width: 400, Height: 300, Words: s.Pages.Say(r, "app.grid.map", "name", g.Name)}
	v.Links = []web.NavItem{{Href: area.ReportPath(g.Code), Text: s.Pages.Say(r, "app.grid.report")},
		{Href: "/grid-qr/" + g.Code + ".png", Text: s.Pages.Say(r, "app.grid.qr")}}
	return nil
}
