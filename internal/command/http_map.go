package command

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
)

// mostClusters bounds one answer.
const mostClusters = 500

// Points is what the map shows of a box.
type Points struct {
	Clusters []Cluster
	Grids    map[string]int // open cases by grid, for the shading
	Most     int            // the highest of them
	More     bool           // there are more clusters than an answer holds
}

// Points groups what the filter shows by what can be told apart at a zoom: by
// street, community and grid, and then by the cases' own place.
func (s *Service) Points(ctx context.Context, a identity.Actor, sc Scope, f Filter, sw, ne geo.Point, zoom int) (p Points, err error) {
	if err := f.Check(); err != nil {
		return p, err
	}
	grids, err := s.grids(ctx, a, sc, f)
	if err != nil {
		return p, err
	}
	p.Grids = map[string]int{}
	for code, n := range grids {
		if shown := n.shown(f); shown > 0 && len(code) > communityDigits {
			p.Grids[code], p.Most = shown, max(p.Most, shown)
		}
	}
	if digits := zoomDigits(zoom); digits > 0 {
		p.Clusters = s.byArea(ctx, grids, f, digits, sw, ne)
	} else {
		b := box{micro(sw.Lon), micro(sw.Lat), micro(ne.Lon), micro(ne.Lat)}
		if p.Clusters, err = s.squares(ctx, a, sc, f, b, squareOf(zoom), mostClusters+1); err != nil {
			return p, err
		}
	}
	if len(p.Clusters) > mostClusters {
		p.Clusters, p.More = p.Clusters[:mostClusters], true
	}
	return p, nil
}

// squareOf is the side of the squares in which single cases are gathered: about
// 40 pixels of a zoom, and one place only at the nearest.
func squareOf(zoom int) int64 {
	if zoom >= 19 {
		return 1
	}
	return int64(360e6 * 40 / (256 * math.Exp2(float64(zoom))))
}

// byArea gathers a tally by the first digits of its areas, at the middle of the
// grids below.
func (s *Service) byArea(ctx context.Context, grids map[string]Numbers, f Filter, digits int, sw, ne geo.Point) []Cluster {
	sums := map[string]Numbers{}
	for code, n := range grids {
		sums[cut(code, digits)] = sums[cut(code, digits)].plus(n)
	}
	middle := s.middles(ctx, digits)
	var out []Cluster
	for _, part := range sorted(sums, func(n Numbers) int { return n.shown(f) }) {
		at, known := middle(part.Key)
		if n := part.shown(f); known && n > 0 && at.Lon >= sw.Lon && at.Lon <= ne.Lon && at.Lat >= sw.Lat && at.Lat <= ne.Lat {
			out = append(out, Cluster{Area: part.Key, Open: n, Overdue: part.Overdue, Lon: at.Lon, Lat: at.Lat})
		}
	}
	return out
}

// middles finds the middle of the grids under a code of at most so many digits.
func (s *Service) middles(ctx context.Context, digits int) func(code string) (geo.Point, bool) {
	type bounds struct{ sw, ne geo.Point }
	boxes := map[string]bounds{}
	if s.areas != nil {
		for _, g := range s.areas.Grids(ctx, "") {
			sw, ne := geo.Bounds(g.Shape)
			for n := 2; n <= min(digits, len(g.Code)); n++ {
				b, had := boxes[g.Code[:n]]
				if !had {
					b = bounds{sw, ne}
				}
				b.sw.Lon, b.sw.Lat = min(b.sw.Lon, sw.Lon), min(b.sw.Lat, sw.Lat)
				b.ne.Lon, b.ne.Lat = max(b.ne.Lon, ne.Lon), max(b.ne.Lat, ne.Lat)
				boxes[g.Code[:n]] = b
			}
		}
	}
	return func(code string) (geo.Point, bool) {
		b, ok := boxes[code]
		return geo.Point{Lon: (b.sw.Lon + b.ne.Lon) / 2, Lat: (b.sw.Lat + b.ne.Lat) / 2}, ok
	}
}

// pointView is one mark as the map's script takes it.
type pointView struct {
	At      [2]float64 `json:"at"`
	N       int        `json:"n"`
	Overdue int        `json:"overdue,omitempty"`
	Name    string     `json:"name,omitempty"`
	Area    string     `json:"area,omitempty"`
	Href    string     `json:"href,omitempty"`
}

// pointsView is the answer of /command/points.
type pointsView struct {
	Points []pointView    `json:"points"`
	Grids  map[string]int `json:"grids"` // shade of each grid, 1 to 5
	More   bool           `json:"more,omitempty"`
}

func (e *edge) getPoints(w http.ResponseWriter, r *http.Request) {
	q, err := e.read(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	sw, ne, zoom, err := readBox(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	d := e.draw(r, q)
	found, err := e.Points(r.Context(), d.who, q.scope, q.filter, sw, ne, zoom)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	out := pointsView{Points: []pointView{}, Grids: map[string]int{}, More: found.More}
	for code, n := range found.Grids {
		out.Grids[code] = shade(n, found.Most)
	}
	for _, c := range found.Clusters {
		p := pointView{At: [2]float64{c.Lon, c.Lat}, N: c.Open, Overdue: c.Overdue, Area: c.Area}
		switch {
		case c.Case != "":
			p.Href, p.Name = "/cases/"+c.Case, d.say("map.case")
		case c.Area != "":
			p.Href, p.Name = q.with("/command", "area", c.Area, "unit", "", "after", ""), d.say("map.cluster", "area", d.area(c.Area), "n", c.Open, "late", c.Overdue)
		default:
			p.Name = d.say("map.several", "n", c.Open, "late", c.Overdue)
		}
		out.Points = append(out.Points, p)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(out) // a reader who went away needs no answer
}

// readBox reads bbox=west,south,east,north and zoom. Fault: command.box.
func readBox(r *http.Request) (sw, ne geo.Point, zoom int, err error) {
	bad := fault.New(fault.Invalid, "command.box").At("bbox")
	parts := strings.Split(r.URL.Query().Get("bbox"), ",")
	if len(parts) != 4 {
		return sw, ne, 0, bad
	}
	var n [4]float64
	for i, s := range parts {
		if n[i], err = strconv.ParseFloat(s, 64); err != nil {
			return sw, ne, 0, bad
		}
	}
	sw, ne = geo.Point{Lon: n[0], Lat: n[1]}, geo.Point{Lon: n[2], Lat: n[3]}
	if sw.Check() != nil || ne.Check() != nil || sw.Lon > ne.Lon || sw.Lat > ne.Lat {
		return sw, ne, 0, bad
	}
	zoom, err = strconv.Atoi(r.URL.Query().Get("zoom"))
	if err != nil || zoom < 0 || zoom > 24 {
		return sw, ne, 0, fault.New(fault.Invalid, "command.box").At("zoom")
	}
	return sw, ne, zoom, nil
}

// getPicture draws the still map: grids shaded by what the filter shows.
func (e *edge) getPicture(w http.ResponseWriter, r *http.Request) {
	q, err := e.read(r)
	if err == nil {
		err = e.picture(w, r, q)
	}
	if err != nil {
		httpx.Fail(w, r, err)
	}
}

func (e *edge) picture(w http.ResponseWriter, r *http.Request, q asked) error {
	if e.areas == nil {
		return fault.New(fault.NotFound, "command.no_map")
	}
	d := e.draw(r, q)
	grids, err := e.grids(r.Context(), d.who, q.scope, q.filter)
	if err != nil {
		return err
	}
	most := 0
	for code, n := range grids {
		if len(code) > communityDigits {
			most = max(most, n.shown(q.filter))
		}
	}
	shades := map[string]area.Shade{}
	for code, n := range grids {
		if shown := n.shown(q.filter); shown > 0 && len(code) > communityDigits {
			shades[code] = area.Shade{Level: shade(shown, most), Text: number(shown)}
		}
	}
	req := area.PictureRequest{View: e.areas.FitView(r.Context(), q.scope.Area, pictureWidth, pictureHeight), Shade: shades, Names: len(q.scope.Area) >= communityDigits}
	var raw []byte
	media := "image/svg+xml"
	if path.Ext(r.URL.Path) == ".png" {
		media = "image/png"
		raw, err = e.areas.PicturePNG(r.Context(), req)
	} else {
		raw, err = e.areas.Picture(r.Context(), req, func(key string, args ...any) string { return e.rd.Say(r, key, args...) })
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // a reader who went away needs no picture
	return nil
}
