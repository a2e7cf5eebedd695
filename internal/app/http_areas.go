package app

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/web"
)

// areasView is what the page about areas and grids shows: one area with what
// lies right under it, and the import of grids.
type areasView struct {
	Notices []web.Notice
	Up      []web.NavItem // the areas above, largest first
	Name    string
	Facts   []web.Fact
	Find    web.Form
	Below   web.Table
	Map     *web.Map
	Import  web.Form
	Broken  *web.Table
	Doubts  *web.Table
}

// areaRoutes are the pages on which an administrator keeps areas and grids.
func (s *Site) areaRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /admin/areas", identity.SignedIn(s.getAreas))
	mux.HandleFunc("POST /admin/areas/grids", httpx.Large(httpx.LargeBody, identity.SignedIn(s.postGrids)))
}

func mayKeepAreas(r *http.Request) error {
	if !identity.From(r.Context()).Has(identity.Administrator) {
		return fault.New(fault.Forbidden, "app.areas.rights")
	}
	return nil
}

func (s *Site) getAreas(w http.ResponseWriter, r *http.Request) {
	v, err := s.areasView(r)
	if err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	s.Pages.Page(w, r, http.StatusOK, "app/areas", v)
}

func (s *Site) areasView(r *http.Request) (*areasView, error) {
	if err := mayKeepAreas(r); err != nil {
		return nil, err
	}
	ctx, code := r.Context(), r.FormValue("code")
	if code == "" {
		var err error
		if code, err = s.rootArea(ctx); err != nil {
			return nil, err
		}
	}
	chain, err := s.Areas.Chain(ctx, code)
	if err != nil {
		return nil, err
	}
	at := chain[len(chain)-1]
	v := &areasView{Name: at.Name, Import: s.gridsForm(r), Find: web.Form{Action: "/admin/areas", Method: "get", ID: "find", Still: true,
		Submit: s.Pages.Say(r, "home.find"), Fields: []web.Field{{Name: "q", Type: "text", Label: s.Pages.Say(r, "app.areas.find"), Value: r.FormValue("q"), Max: 60, Required: true}}}}
	for _, up := range chain[:len(chain)-1] {
		v.Up = append(v.Up, web.NavItem{Href: "/admin/areas?code=" + up.Code, Text: up.Name})
	}
	v.Facts = []web.Fact{{Name: s.Pages.Say(r, "app.areas.code"), Value: at.Code}, {Name: s.Pages.Say(r, "app.areas.level"), Value: s.Pages.Say(r, at.Level().TextKey())},
		{Name: s.Pages.Say(r, "app.areas.grids"), Value: len(s.Areas.Grids(ctx, code))}}
	if at.From != 0 {
		v.Facts = append(v.Facts, web.Fact{Name: s.Pages.Say(r, "app.areas.from"), Value: at.From})
	}
	if len(s.Areas.Grids(ctx, code)) > 0 {
		view := s.Areas.FitView(ctx, code, 480, 360)
		v.Map = &web.Map{Src: area.MapAddress("svg", area.PictureRequest{View: view, Names: true}), Width: 480, Height: 360,
			Words: s.Pages.Say(r, "app.areas.map", "name", at.Name)}
	}
	if words := strings.TrimSpace(r.FormValue("q")); words != "" {
		return v, s.areasFound(r, words, v)
	}
	return v, s.areasBelow(r, code, v)
}

// areasBelow lists what lies right under an area: areas, or the grids of a
// village or community.
func (s *Site) areasBelow(r *http.Request, code string, v *areasView) error {
	say := func(key string) string { return s.Pages.Say(r, key) }
	v.Below = web.Table{Caption: say("app.areas.below"), Empty: web.Empty{Title: say("app.areas.nothing")}}
	if area.LevelOf(code) >= area.Community {
		v.Below.Columns = []web.Column{{Text: say("home.name")}, {Text: say("app.areas.code")}, {Text: say("app.areas.kind")}, {Text: say("home.phone")}, {Text: say("app.areas.from")}, {Text: say("app.areas.qr")}}
		for _, g := range s.Areas.Grids(r.Context(), code) {
			v.Below.Rows = append(v.Below.Rows, []web.Cell{{Text: g.Name, Href: "/grid?code=" + g.Code}, {Text: g.Code}, {Text: say("area.grid_kind." + string(g.Kind))},
				{Text: g.Phone}, {Text: g.From}, {Text: say("app.areas.qr"), Href: "/grid-qr/" + g.Code + ".png"}})
		}
		return nil
	}
	children, err := s.Areas.Children(r.Context(), code)
	if err != nil {
		return err
	}
	v.Below.Columns = []web.Column{{Text: say("home.name")}, {Text: say("app.areas.code")}, {Text: say("app.areas.level")}, {Text: say("app.areas.grids"), Number: true}}
	for _, c := range children {
		v.Below.Rows = append(v.Below.Rows, []web.Cell{{Text: c.Name, Href: "/admin/areas?code=" + c.Code}, {Text: c.Code}, {Text: say(c.Level().TextKey())},
			{Text: len(s.Areas.Grids(r.Context(), c.Code))}})
	}
	return nil
}

// mostFound bounds the answers of a search for an area.
const mostFound = 20

func (s *Site) areasFound(r *http.Request, words string, v *areasView) error {
	found, err := s.Areas.Find(r.Context(), words, "", mostFound)
	if err != nil {
		return err
	}
	say := func(key string) string { return s.Pages.Say(r, key) }
	v.Below = web.Table{Caption: say("home.found"), Empty: web.Empty{Title: say("home.nothing"), Text: say("home.nothing.text")},
		Columns: []web.Column{{Text: say("home.name")}, {Text: say("home.within")}}}
	for _, f := range found {
		href := "/admin/areas?code=" + f.Code
		if f.Kind != area.FoundArea {
			href = "/admin/areas?code=" + f.Code[:min(len(f.Code), 12)]
		}
		v.Below.Rows = append(v.Below.Rows, []web.Cell{{Text: f.Name, Href: href}, {Text: strings.Join(f.Within, " ")}})
	}
	return nil
}

func (s *Site) gridsForm(r *http.Request) web.Form {
	say := func(key string) string { return s.Pages.Say(r, "app.areas."+key) }
	datum := web.Field{Name: "datum", Type: "choice", Label: say("datum"), Help: say("datum.help"), Required: true}
	for _, d := range geo.Datums() {
		datum.Options = append(datum.Options, web.Option{Value: string(d), Label: string(d)})
	}
	f := web.Form{Action: "/admin/areas/grids", ID: "grids", Submit: say("do"), Still: true, Fields: []web.Field{
		{Name: "file", Type: "files", Label: say("file"), Help: say("file.help"), Required: true}, datum,
		{Name: "valid", Type: "day", Label: say("valid"), Help: say("valid.help")},
		{Name: "whole", Type: "yes", Label: say("whole"), Help: say("whole.help")},
	}}
	for i := range f.Fields[1:] {
		f.Fields[i+1].Value = r.PostFormValue(f.Fields[i+1].Name)
	}
	return f
}

func (s *Site) postGrids(w http.ResponseWriter, r *http.Request) {
	if err := mayKeepAreas(r); err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	report, err := s.importGrids(r)
	v, drawErr := s.areasView(r)
	if drawErr != nil {
		s.Pages.Fault(w, r, drawErr)
		return
	}
	status := http.StatusOK
	if f := fault.Of(err); f != nil {
		if f.Kind == fault.Internal {
			s.Pages.Fault(w, r, err)
			return
		}
		httpx.Note(r, f)
		status = httpx.Status(f)
		v.Import.Still = false
		s.Pages.Mark(r, &v.Import, err)
	}
	s.tellImport(r, report, v)
	s.Pages.Page(w, r, status, "app/areas", v)
}

func (s *Site) importGrids(r *http.Request) (area.Report, error) {
	if err := r.ParseMultipartForm(httpx.LargeBody); err != nil {
		return area.Report{}, httpx.BodyFault(err)
	}
	in := area.Grids{Datum: geo.Datum(r.PostFormValue("datum")), Whole: r.PostFormValue("whole") == "yes", By: identity.From(r.Context()).Person}
	if day := r.PostFormValue("valid"); day != "" {
		var err error
		if in.From, err = clock.ParseDay(day); err != nil {
			return area.Report{}, fault.New(fault.Invalid, "app.day", "day", day).At("valid")
		}
	}
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return area.Report{}, fault.New(fault.Invalid, "area.file_empty").At("file")
	}
	if err != nil {
		return area.Report{}, httpx.BodyFault(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return area.Report{}, httpx.BodyFault(err)
	}
	in.File = area.File{Name: head.Filename, Data: data}
	return s.Areas.ImportGrids(r.Context(), in)
}

// tellImport says what went in, and names what did not.
func (s *Site) tellImport(r *http.Request, report area.Report, v *areasView) {
	if report.Read == 0 {
		return
	}
	tone := web.Good
	if report.BrokenRows > 0 || len(report.Overlaps) > 0 {
		tone = web.Warning
	}
	v.Notices = append(v.Notices, web.Notice{Tone: tone, Text: s.Pages.Say(r, "app.import.report", "read", report.Read, "added", report.Added, "changed", report.Changed,
		"unchanged", report.Unchanged, "ended", report.Ended, "broken", report.BrokenRows)})
	rows := func(list []area.Broken) [][]web.Cell {
		var out [][]web.Cell
		for _, b := range list {
			out = append(out, []web.Cell{{Text: strconv.Itoa(b.Where)}, {Text: b.Name}, {Text: s.Pages.Explain(r, b.Fault)}})
		}
		return out
	}
	columns := []web.Column{{Text: s.Pages.Say(r, "app.areas.where")}, {Text: s.Pages.Say(r, "home.name")}, {Text: s.Pages.Say(r, "app.areas.why")}}
	if len(report.Broken) > 0 {
		v.Broken = &web.Table{Caption: s.Pages.Say(r, "app.areas.broken"), Columns: columns, Rows: rows(report.Broken)}
	}
	doubts := rows(report.Notes)
	for _, o := range report.Overlaps {
		doubts = append(doubts, []web.Cell{{Text: ""}, {Text: o.NameA}, {Text: s.Pages.Say(r, "app.import.overlap", "a", o.NameA, "b", o.NameB, "meters", int64(o.Meters+0.5))}})
	}
	if len(doubts) > 0 {
		v.Doubts = &web.Table{Caption: s.Pages.Say(r, "app.areas.doubts"), Columns: columns, Rows: doubts}
	}
}
