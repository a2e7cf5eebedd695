package home

import (
	"bytes"
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// mostFound bounds the answers of a search.
const mostFound = 20

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux: the search, a grid, an area, posters.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{s, pages}
	mux.HandleFunc("GET /grid", httpx.Quiet(e.getFind))
	mux.HandleFunc("GET /grid/{code}", e.getGrid)
	mux.HandleFunc("GET /area/{code}", e.getArea)
	mux.HandleFunc("GET /grid/{code}/poster.pdf", e.getPoster)
	mux.HandleFunc("GET /area/{code}/posters.pdf", identity.SignedIn(e.getPosters))
}

func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "home."+key, args...)
}

// findView is what the search shows.
type findView struct {
	Form  web.Form
	Table *web.Table
	Near  *web.Notice // the point is in no grid for certain
}

// getFind finds whose a place is: by words, a position or a code.
func (e *edge) getFind(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	words := strings.TrimSpace(q.Get("q") + " " + q.Get("at.words"))
	v := findView{Form: web.Form{Action: "/grid", Method: "get", ID: "grid", Submit: e.say(r, "find"), Still: true,
		Fields: []web.Field{{Name: "at", Type: "place", Label: e.say(r, "words"), Help: e.say(r, "words.help"), Required: true,
			Value: web.Place{Words: words}}}}}
	var err error
	switch {
	case q.Get("code") != "":
		http.Redirect(w, r, address(q.Get("code")), http.StatusSeeOther)
		return
	case words != "":
		err = e.named(r, words, &v)
	case q.Has("lon") || q.Has("lat") || q.Get("at.lon") != "" || q.Get("at.lat") != "":
		var to string
		if to, err = e.at(r, &v); to != "" && err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "home/find", v)
}

// at finds the grid of a position, whose datum must be said, and gives its page,
// or shows the neighbours where it is not certain.
func (e *edge) at(r *http.Request, v *findView) (string, error) {
	q := r.URL.Query()
	lon, err1 := strconv.ParseFloat(cmp.Or(q.Get("at.lon"), q.Get("lon")), 64)
	lat, err2 := strconv.ParseFloat(cmp.Or(q.Get("at.lat"), q.Get("lat")), 64)
	if err1 != nil || err2 != nil {
		return "", fault.New(fault.Invalid, "home.position").At("lon")
	}
	datum, err := geo.ParseDatum(cmp.Or(q.Get("at.datum"), q.Get("datum")))
	if err != nil {
		return "", err
	}
	p, err := geo.To(geo.Point{Lon: lon, Lat: lat}, datum)
	if err != nil {
		return "", err
	}
	accuracy, err := strconv.ParseFloat(cmp.Or(q.Get("at.accuracy"), "0"), 64)
	if err != nil || accuracy < 0 {
		return "", fault.New(fault.Invalid, "home.position").At("accuracy")
	}
	at, err := e.Areas.Locate(r.Context(), p, accuracy)
	if err != nil {
		return "", err
	}
	if at.Status == area.Inside {
		return address(at.Grid), nil
	}
	v.Near = &web.Notice{Tone: web.Warning, Text: e.say(r, "status."+string(at.Status))}
	for _, g := range at.Suggestions {
		v.Near.Links = append(v.Near.Links, web.NavItem{Href: address(g.Grid), Text: g.Name})
	}
	return "", nil
}

// address is the page of a grid or an area.
func address(code string) string {
	if area.LevelOf(code) == area.GridLevel {
		return "/grid/" + url.PathEscape(code)
	}
	return "/area/" + url.PathEscape(code)
}

// named lists areas, grids and places by their names.
func (e *edge) named(r *http.Request, words string, v *findView) error {
	found, err := e.Areas.Find(r.Context(), words, "", mostFound)
	if err != nil {
		return err
	}
	v.Table = &web.Table{Caption: e.say(r, "found"), Columns: []web.Column{{Text: e.say(r, "name")}, {Text: e.say(r, "within")}},
		Empty: web.Empty{Title: e.say(r, "nothing"), Text: e.say(r, "nothing.text")}}
	for _, f := range found {
		href := address(f.Code)
		if f.Kind == area.FoundPlace && f.Point != nil {
			href = "/grid?datum=WGS-84&lon=" + strconv.FormatFloat(f.Point.Lon, 'f', 6, 64) + "&lat=" + strconv.FormatFloat(f.Point.Lat, 'f', 6, 64)
		}
		v.Table.Rows = append(v.Table.Rows, []web.Cell{{Text: f.Name, Href: href}, {Text: strings.Join(f.Within, " ")}})
	}
	return nil
}

// placeView is the page of a grid or an area.
type placeView struct {
	Title, Lead string
	Report      web.NavItem
	Facts       []web.Fact
	Map         *web.Map
	Links       []web.NavItem
	Below       *web.Table
	Team        *web.Table
}

func (e *edge) getGrid(w http.ResponseWriter, r *http.Request) {
	n, err := e.Grid(r.Context(), r.PathValue("code"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := e.place(r, n)
	v.Facts = append([]web.Fact{{Name: e.say(r, "code"), Value: n.Code}}, v.Facts...)
	v.Team = e.team(r, n.Team)
	community := n.Chain[len(n.Chain)-1]
	v.Links = []web.NavItem{{Href: "/requests?area=" + community.Code, Text: e.say(r, "requests")},
		{Href: address(community.Code), Text: e.say(r, "up", "name", community.Name)},
		{Href: "/grid/" + n.Code + "/poster.pdf", Text: e.say(r, "poster")}}
	e.rd.Page(w, r, http.StatusOK, "home/place", v)
}

func (e *edge) getArea(w http.ResponseWriter, r *http.Request) {
	n, err := e.Area(r.Context(), r.PathValue("code"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := e.place(r, n)
	v.Links = []web.NavItem{{Href: "/requests?area=" + n.Code, Text: e.say(r, "requests")}}
	if len(n.Chain) > 0 {
		up := n.Chain[len(n.Chain)-1]
		v.Links = append(v.Links, web.NavItem{Href: address(up.Code), Text: e.say(r, "up", "name", up.Name)})
	}
	if len(n.Grids) > 0 && identity.From(r.Context()).Known() {
		v.Links = append(v.Links, web.NavItem{Href: "/area/" + n.Code + "/posters.pdf", Text: e.say(r, "posters")})
	}
	t := web.Table{Caption: e.say(r, "below"), Columns: []web.Column{{Text: e.say(r, "name")}, {Text: e.say(r, "phone")}}}
	for _, g := range n.Grids {
		t.Rows = append(t.Rows, []web.Cell{{Text: g.Name, Href: address(g.Code)}, {Text: cmp.Or(g.Phone, e.say(r, "none"))}})
	}
	if len(n.Grids) == 0 {
		t.Columns = t.Columns[:1]
	}
	for _, a := range n.Below {
		t.Rows = append(t.Rows, []web.Cell{{Text: a.Name, Href: address(a.Code)}})
	}
	if len(t.Rows) > 0 {
		v.Below = &t
	}
	e.rd.Page(w, r, http.StatusOK, "home/place", v)
}

// place is what grids and areas have in common.
func (e *edge) place(r *http.Request, n Neighbourhood) placeView {
	v := placeView{Title: n.Name, Lead: chain(n), Report: web.NavItem{Href: "/report", Text: e.say(r, "report")}}
	if area.LevelOf(n.Code) == area.GridLevel {
		v.Report.Href = area.ReportPath(n.Code)
	}
	if len(n.Workers) > 0 {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "workers"), Value: n.Workers})
	}
	if n.Phone != "" {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "phone"), Value: call(n.Phone)})
	}
	var units []string
	for _, u := range n.Units {
		name := u.Name
		if text.Language(r.Context()) == "en" && u.NameEn != "" {
			name = u.NameEn
		}
		units = append(units, name)
	}
	if len(units) > 0 {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "units"), Value: units})
	}
	if view := e.Areas.FitView(r.Context(), n.Code, 640, 420); area.LevelOf(n.Code) >= area.County {
		highlight := []string{n.Code}
		for _, g := range n.Grids {
			highlight = append(highlight, g.Code)
		}
		v.Map = &web.Map{Src: area.MapAddress("svg", area.PictureRequest{View: view, Highlight: highlight, Names: true}),
			Width: 640, Height: 420, Words: e.say(r, "map", "name", n.Name)}
	}
	return v
}

// team lists who is on the team of a grid and how they are reached; nil for nobody.
func (e *edge) team(r *http.Request, members []Member) *web.Table {
	if len(members) == 0 {
		return nil
	}
	t := web.Table{Caption: e.say(r, "team"), Columns: []web.Column{{Text: e.say(r, "team.role")}, {Text: e.say(r, "name")}, {Text: e.say(r, "team.organisation")}, {Text: e.say(r, "team.phone")}}}
	for _, m := range members {
		phone := web.Cell{Text: e.say(r, "none")}
		if m.Phone != "" {
			phone = web.Cell{Text: m.Phone, Href: "tel:" + m.Phone}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: m.Role.In(text.Language(r.Context()))}, {Text: m.Name}, {Text: cmp.Or(m.Organisation, e.say(r, "none"))}, phone})
	}
	return &t
}

// call is a telephone to tap on.
func call(phone string) template.HTML {
	p := template.HTMLEscapeString(phone)
	return template.HTML(`<a href="tel:` + p + `">` + p + `</a>`) //nolint:gosec // escaped above
}

// chain is the names above, largest first, from the county on.
func chain(n Neighbourhood) string {
	var names []string
	for _, a := range n.Chain {
		if a.Level() >= area.County {
			names = append(names, a.Name)
		}
	}
	return strings.Join(names, " ")
}

// base is the address under which people reach this house.
func (e *edge) base(r *http.Request) string {
	if e.Address != "" {
		return strings.TrimRight(e.Address, "/")
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (e *edge) getPoster(w http.ResponseWriter, r *http.Request) {
	n, err := e.Grid(r.Context(), r.PathValue("code"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.givePosters(w, r, "grid-"+n.Code, []Neighbourhood{n})
}

// getPosters gives the posters of all grids of a village or community in one file.
func (e *edge) getPosters(w http.ResponseWriter, r *http.Request) {
	n, err := e.Area(r.Context(), r.PathValue("code"))
	if err == nil && len(n.Grids) == 0 {
		err = fault.New(fault.NotFound, "home.no_grids", "name", n.Name)
	}
	if err == nil && len(n.Grids) > mostPosters {
		err = fault.New(fault.Invalid, "home.many_grids", "most", mostPosters)
	}
	var all []Neighbourhood
	for _, g := range n.Grids {
		one, oneErr := e.Grid(r.Context(), g.Code)
		if oneErr != nil {
			err = oneErr
			break
		}
		all = append(all, one)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.givePosters(w, r, "grids-"+n.Code, all)
}

func (e *edge) givePosters(w http.ResponseWriter, r *http.Request, name string, list []Neighbourhood) {
	var out bytes.Buffer
	say := func(key string, args ...any) string { return e.say(r, key, args...) }
	if err := poster(&out, list, e.base(r), text.Language(r.Context()), e.Clock.Now(), say); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// day is the day printed on a poster.
func day(at clock.Instant) string { return at.Day().String() }
