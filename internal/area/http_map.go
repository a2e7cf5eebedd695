package area

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// mapLayersPath gives what the map draws.
const mapLayersPath = "/api/v1/map/layers"

func (s *Service) mapRoutes(mux *http.ServeMux, api huma.API) {
	// quiet: what somebody looks at on a map is where they stand or live
	mux.HandleFunc("GET "+mapLayersPath, httpx.Quiet(s.getLayers))
	text := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	api.OpenAPI().AddOperation(&huma.Operation{OperationID: "map-layers", Method: http.MethodGet, Path: mapLayersPath, Tags: []string{"areas"},
		Summary: "Grids, communities, roads and place names in a box, simplified to what can be seen, as GeoJSON in WGS-84",
		Parameters: []*huma.Param{text("bbox", "west,south,east,north in degrees of WGS-84; without it the box of all grids under the code"),
			text("under", "Code of an area"), text("px", "Pixels across the box; default 800")},
		Responses: map[string]*huma.Response{"200": {Description: "GeoJSON with the members box, tiles (where the operator gave a source) and more (something was left out)",
			Content: map[string]*huma.MediaType{"application/geo+json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}}})
}

func (s *Service) getLayers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	box, pixels, err := s.readBox(r, q)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	tag, err := s.mapTag(r.Context(), q.Encode())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), tag) { // also a weak one: the edge may have squeezed it
		w.WriteHeader(http.StatusNotModified)
		return
	}
	layers, err := s.Map(r.Context(), box, pixels)
	if err != nil {
		h.Del("Cache-Control")
		h.Del("ETag")
		httpx.Fail(w, r, err)
		return
	}
	h.Set("Content-Type", "application/geo+json")
	enc := json.NewEncoder(w) // it writes <, > and & as escapes
	_ = enc.Encode(layers)    // a reader who went away needs no answer
}

func (s *Service) readBox(r *http.Request, q url.Values) (Box, int, error) {
	pixels := 800
	if q.Has("px") {
		n, err := strconv.Atoi(q.Get("px"))
		if err != nil || n < 1 {
			return Box{}, 0, fault.New(fault.Invalid, "area.box").At("px")
		}
		pixels = n
	}
	if !q.Has("bbox") {
		under := q.Get("under")
		if under != "" && LevelOf(under) == NoLevel {
			return Box{}, 0, fault.New(fault.Invalid, "area.code_shape", "code", short(under)).At("under")
		}
		return s.MapBox(r.Context(), under), pixels, nil
	}
	parts := strings.Split(q.Get("bbox"), ",")
	if len(parts) != 4 {
		return Box{}, 0, fault.New(fault.Invalid, "area.box").At("bbox")
	}
	var n [4]float64
	for i, p := range parts {
		var err error
		if n[i], err = strconv.ParseFloat(p, 64); err != nil {
			return Box{}, 0, fault.New(fault.Invalid, "area.box").At("bbox")
		}
	}
	box := Box{n[0], n[1], n[2], n[3]}
	return box, pixels, box.Check()
}
