package area

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"rsc.io/qr"

	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/web"
)

// Routes puts the room's doors on mux and api: areas and search, the grid of a
// point, still maps and the QR code of a grid. All of them are public, as the
// grids' names, borders and telephones must be.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	s.api(api)
	// quiet: a mark on a map is where somebody stands or lives
	mux.HandleFunc("GET /map.svg", httpx.Quiet(func(w http.ResponseWriter, r *http.Request) {
		s.serveMap(w, r, "image/svg+xml", func(req PictureRequest) ([]byte, error) {
			return s.Picture(r.Context(), req, func(key string, args ...any) string { return pages.Say(r, key, args...) })
		})
	}))
	mux.HandleFunc("GET /map.png", httpx.Quiet(func(w http.ResponseWriter, r *http.Request) {
		s.serveMap(w, r, "image/png", func(req PictureRequest) ([]byte, error) { return s.PicturePNG(r.Context(), req) })
	}))
	mux.HandleFunc("GET /grid-qr/{file}", s.getQR)
	mux.HandleFunc("GET /api/v1/grids.geojson", s.getGrids)
	s.mapRoutes(mux, api)
}

func (s *Service) api(api huma.API) {
	tags := []string{"areas"}
	httpx.Register(api, huma.Operation{OperationID: "get-area", Method: http.MethodGet, Path: "/api/v1/areas/{code}", Tags: tags,
		Summary: "An area or grid with the areas above and below it", Errors: []int{404, 422}}, s.getArea)
	httpx.Register(api, huma.Operation{OperationID: "find-areas", Method: http.MethodGet, Path: "/api/v1/areas", Tags: tags,
		Summary: "Areas, grids and places by words; without words the areas right under a code", Errors: []int{422}}, s.getAreas)
	httpx.Register(api, huma.Operation{OperationID: "locate", Method: http.MethodGet, Path: "/api/v1/locate", Tags: tags,
		Summary: "The grid of a point, or suggestions where that is not certain", Errors: []int{422},
		Metadata: map[string]any{"quiet": true}}, s.getLocate)
}

// AreaView is an area as programs see it.
type AreaView struct {
	Code   string `json:"code" doc:"Digits: province 2, city 4, county 6, street 9, community 12, grid more"`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
	Level  string `json:"level" enum:"province,city,county,street,community,grid"`
	Kind   string `json:"kind,omitempty" doc:"What the number range of the code says: subdistrict, town, township, residents, villagers, …"`
	From   string `json:"from,omitempty" doc:"Day from which this is known to hold"`
	Until  string `json:"until,omitempty" doc:"First day on which it no longer holds"`
}

func viewOf(a Area) AreaView {
	v := AreaView{Code: a.Code, Name: a.Name, NameEn: a.NameEn, Level: strings.TrimPrefix(a.Level().TextKey(), "area.level."), Kind: string(a.Kind())}
	if a.From != 0 {
		v.From = a.From.String()
	}
	if a.Until != 0 {
		v.Until = a.Until.String()
	}
	return v
}

func viewsOf(list []Area) []AreaView {
	out := make([]AreaView, len(list))
	for i, a := range list {
		out[i] = viewOf(a)
	}
	return out
}

// AreaAnswer is one area with what stands around it.
type AreaAnswer struct {
	Body struct {
		Area       AreaView   `json:"area"`
		Above      []AreaView `json:"above" doc:"The areas that contain it, largest first"`
		Below      []AreaView `json:"below" doc:"The areas or grids right under it"`
		Successors []string   `json:"successors,omitempty" doc:"Codes that took its place"`
		Grid       *GridView  `json:"grid,omitempty" doc:"Where it is a grid"`
	}
}

// GridView is what a grid has beyond an area.
type GridView struct {
	Community string `json:"community"`
	Kind      string `json:"kind" enum:"general,special,micro"`
	Phone     string `json:"phone,omitempty" doc:"Complaint telephone"`
}

func (s *Service) getArea(ctx context.Context, in *struct {
	Code string `path:"code" maxLength:"20" pattern:"^[0-9]+$"`
}) (*AreaAnswer, error) {
	chain, err := s.Chain(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	below, err := s.Children(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	out := &AreaAnswer{}
	out.Body.Area, out.Body.Above, out.Body.Below = viewOf(chain[len(chain)-1]), viewsOf(chain[:len(chain)-1]), viewsOf(below)
	next, err := s.Successors(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	for _, n := range next {
		out.Body.Successors = append(out.Body.Successors, n.New)
	}
	if LevelOf(in.Code) == GridLevel {
		g, err := s.Grid(ctx, in.Code)
		if err != nil {
			return nil, err
		}
		out.Body.Grid = &GridView{Community: g.Community, Kind: string(g.Kind), Phone: g.Phone}
	}
	return out, nil
}

// FoundView is one answer of a search.
type FoundView struct {
	Kind   string     `json:"kind" enum:"area,grid,place"`
	Code   string     `json:"code,omitempty" doc:"Of the area or grid; of a place the area it lies in"`
	Name   string     `json:"name"`
	Within []string   `json:"within,omitempty" doc:"Names of the areas above, largest first"`
	Point  *geo.Point `json:"point,omitempty" doc:"WGS-84"`
}

// FoundAnswer is the answer of a search.
type FoundAnswer struct {
	Body struct {
		Found []FoundView `json:"found"`
	}
}

func (s *Service) getAreas(ctx context.Context, in *struct {
	Words string `query:"q" maxLength:"320" doc:"Words; each must stand in the name or in that of an area above"`
	Under string `query:"under" maxLength:"20" doc:"Only under this code"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"20"`
}) (*FoundAnswer, error) {
	out := &FoundAnswer{}
	out.Body.Found = []FoundView{}
	if in.Words == "" {
		list, err := s.Children(ctx, in.Under)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			kind := FoundArea
			if a.Level() == GridLevel {
				kind = FoundGrid
			}
			out.Body.Found = append(out.Body.Found, FoundView{Kind: kind, Code: a.Code, Name: a.Name})
		}
		return out, nil
	}
	list, err := s.Find(ctx, in.Words, in.Under, in.Limit)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		out.Body.Found = append(out.Body.Found, FoundView(f))
	}
	return out, nil
}

// LocatedAnswer is where a point lies.
type LocatedAnswer struct {
	Body struct {
		Status      string           `json:"status" enum:"inside,border,gap,outside,several"`
		Grid        string           `json:"grid,omitempty" doc:"Only where the status is inside"`
		Point       geo.Point        `json:"point" doc:"The point in WGS-84"`
		Suggestions []SuggestionView `json:"suggestions" doc:"Nearest first"`
	}
}

// SuggestionView is a grid near a point.
type SuggestionView struct {
	Grid      string  `json:"grid"`
	Name      string  `json:"name"`
	Community string  `json:"community"`
	Meters    float64 `json:"meters" doc:"0 where the point lies in the grid"`
	Within    string  `json:"within" doc:"Name of the community"`
}

func (s *Service) getLocate(ctx context.Context, in *struct {
	Lon         float64 `query:"lon" required:"true" doc:"Longitude in degrees"`
	Lat         float64 `query:"lat" required:"true" doc:"Latitude in degrees"`
	Datum       string  `query:"datum" maxLength:"20" doc:"WGS-84, CGCS2000, GCJ-02 or BD-09; must be stated, it is never guessed"`
	Uncertainty float64 `query:"uncertainty" minimum:"0" doc:"Metres within which the true place lies"`
}) (*LocatedAnswer, error) {
	datum, err := geo.ParseDatum(in.Datum)
	if err != nil {
		return nil, err
	}
	p, err := geo.To(Point{Lon: in.Lon, Lat: in.Lat}, datum)
	if err != nil {
		return nil, err
	}
	at, err := s.Locate(ctx, p, in.Uncertainty)
	if err != nil {
		return nil, err
	}
	out := &LocatedAnswer{}
	out.Body.Status, out.Body.Grid = string(at.Status), at.Grid
	out.Body.Point = Point{Lon: round7(p.Lon), Lat: round7(p.Lat)}
	out.Body.Suggestions = []SuggestionView{}
	var codes []string
	for _, n := range at.Suggestions {
		codes = append(codes, n.Community)
	}
	names, err := s.named(ctx, distinct(codes))
	if err != nil {
		return nil, err
	}
	for _, n := range at.Suggestions {
		out.Body.Suggestions = append(out.Body.Suggestions, SuggestionView{n.Grid, n.Name, n.Community, n.Meters, names[n.Community].Name})
	}
	return out, nil
}

// MapAddress is the address of a still map; kind is "svg" or "png". ReadPicture
// reads its query.
func MapAddress(kind string, req PictureRequest) string {
	q := req.View.Query()
	for _, m := range req.Marks {
		q.Add("mark", strconv.FormatFloat(m.Point.Lon, 'f', 7, 64)+","+strconv.FormatFloat(m.Point.Lat, 'f', 7, 64)+","+m.Label)
	}
	for _, code := range req.Highlight {
		q.Add("hl", code)
	}
	if req.Names {
		q.Set("names", "1")
	}
	return "/map." + kind + "?" + q.Encode()
}

// ReadPicture reads what a map's address asks for: c, mpp, w, h (see
// geo.View.Query), mark=lon,lat,label and hl=grid any number of times, names=1.
// Without c the map shows every grid under the code "under". Faults: those of
// geo.ParseView and geo.ParsePoint.
func (s *Service) ReadPicture(ctx context.Context, q url.Values) (PictureRequest, error) {
	var req PictureRequest
	var err error
	if q.Has("c") {
		req.View, err = geo.ParseView(q)
	} else {
		w, h := 640, 480
		if q.Has("w") || q.Has("h") {
			w, _ = strconv.Atoi(q.Get("w")) // 0 is refused below
			h, _ = strconv.Atoi(q.Get("h"))
		}
		req.View = s.FitView(ctx, q.Get("under"), w, h)
		err = req.View.Check()
	}
	if err != nil {
		return req, err
	}
	for _, m := range q["mark"][:min(len(q["mark"]), mostMarks)] {
		at, label := m, ""
		if parts := strings.SplitN(m, ",", 3); len(parts) == 3 {
			at, label = parts[0]+","+parts[1], parts[2]
		}
		p, err := geo.ParsePoint(at)
		if err != nil {
			return req, fault.Of(err).At("mark")
		}
		if utf8.RuneCountInString(label) > mostName {
			return req, fault.New(fault.Invalid, "text.too_long", "max", mostName, "length", utf8.RuneCountInString(label)).At("mark")
		}
		req.Marks = append(req.Marks, Mark{Point: p, Label: label})
	}
	req.Highlight = q["hl"][:min(len(q["hl"]), mostMarks)]
	req.Names = q.Get("names") == "1"
	return req, nil
}

func (s *Service) serveMap(w http.ResponseWriter, r *http.Request, media string, draw func(PictureRequest) ([]byte, error)) {
	req, err := s.ReadPicture(r.Context(), r.URL.Query())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	picture, err := draw(req)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	give(w, r, media, picture)
}

// give sends a picture, or says that the browser has it already.
func give(w http.ResponseWriter, r *http.Request, media string, data []byte) {
	sum := sha256.Sum256(data)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache") // kept, but asked for again: borders change
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", media)
	_, _ = w.Write(data) // a reader who went away needs no answer
}

// ReportPath is where the QR code of a grid leads.
func ReportPath(grid string) string { return "/report?grid=" + url.QueryEscape(grid) }

// QR draws the code that leads to the report page of a grid, as PNG, to be
// posted in the stairwell. base is the address under which people reach this
// house. Faults: those of Grid.
func (s *Service) QR(ctx context.Context, base, grid string) ([]byte, error) {
	g, err := s.Grid(ctx, grid)
	if err != nil {
		return nil, err
	}
	code, err := qr.Encode(strings.TrimRight(base, "/")+ReportPath(g.Code), qr.M)
	if err != nil {
		return nil, err
	}
	code.Scale = 8
	return code.PNG(), nil
}

func (s *Service) getQR(w http.ResponseWriter, r *http.Request) {
	grid, isPNG := strings.CutSuffix(r.PathValue("file"), ".png")
	if !isPNG {
		httpx.Fail(w, r, fault.New(fault.NotFound, "area.unknown", "code", short(grid)))
		return
	}
	base := s.public
	if base == "" { // not configured: the address that this reader used
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	data, err := s.QR(r.Context(), base, grid)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	give(w, r, "image/png", data)
}

// getGrids gives the grids under a code as GeoJSON, for other programs' maps.
func (s *Service) getGrids(w http.ResponseWriter, r *http.Request) {
	datum, err := geo.ParseDatum(r.URL.Query().Get("datum"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/geo+json")
	w.Header().Set("Cache-Control", "no-cache")
	if err := s.ExportGrids(r.Context(), w, r.URL.Query().Get("under"), datum); err != nil {
		httpx.Fail(w, r, err)
	}
}
