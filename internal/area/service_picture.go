package area

import (
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"linli/internal/kit/geo"
)

// Mark is something shown on a picture: where somebody says it is.
type Mark struct {
	Point Point
	Label string // shown beside it in SVG; in PNG marks carry their number
}

// PictureRequest says what a picture shows.
type PictureRequest struct {
	View      geo.View
	Marks     []Mark   // at most 50 are drawn
	Highlight []string // codes of grids drawn stronger
	Names     bool     // with names of grids and places

	Shade map[string]Shade // draws grids lighter and darker by a figure, others empty; nil: no shading
}

// Shade is how dark a grid is drawn, 1 to Shades, and the figure written into it.
type Shade struct {
	Level int
	Text  string
}

// Say gives the words of a text key; args alternate name and value.
type Say func(key string, args ...any) string

const (
	mostMarks  = 50
	mostPlaces = 60   // names of places in one picture
	mostDrawn  = 5000 // grids in one picture; beyond it the small ones are left out
)

// drawing is a picture before it is written as SVG or PNG, in pixels.
type drawing struct {
	view   geo.View
	grids  []drawnGrid
	places []drawnPlace
	marks  []drawnMark
	bar    scaleBar
}

type drawnGrid struct {
	code, name string
	note       string // written instead of the name
	fill       string
	strong     bool
	rings      [][]geo.XY // to fill, clipped to the picture
	lines      [][]geo.XY // to draw, clipped to the picture
	label      geo.XY
	width      float64 // pixels across, to judge whether a name fits
	labelled   bool
}

type drawnPlace struct {
	name string
	at   geo.XY
}

type drawnMark struct {
	label string
	at    geo.XY
}

// scaleBar is a round length that is about a fifth of the picture.
type scaleBar struct {
	meters float64
	pixels float64
}

// FitView is the view of w by h pixels that shows all grids under a code, or,
// where there are none, the middle of the country.
func (s *Service) FitView(ctx context.Context, under string, w, h int) geo.View {
	all := s.now(ctx).under(under)
	if len(all) == 0 {
		return geo.View{Center: Point{Lon: 105, Lat: 35}, MetersPerPixel: geo.MostScale, W: w, H: h}
	}
	b := all[0].Shape.Bound()
	for _, g := range all[1:] {
		b = b.Union(g.Shape.Bound())
	}
	return geo.Fit(Point{Lon: b.Min[0], Lat: b.Min[1]}, Point{Lon: b.Max[0], Lat: b.Max[1]}, w, h)
}

// Picture draws grids, places and marks as SVG. The picture is still and needs
// no script: in a form it is an image button, and View.Clicked turns the click
// into a point. Faults: those of View.Check.
func (s *Service) Picture(ctx context.Context, req PictureRequest, say Say) ([]byte, error) {
	d, err := s.draw(ctx, req)
	if err != nil {
		return nil, err
	}
	d.nameLabels(req.Names)
	return d.svg(say), nil
}

// PicturePNG draws the same for browsers that show no SVG. There is no Chinese
// font in the program: grids carry the last digits of their code and marks their
// number, the page beside it the names. Faults: those of View.Check.
func (s *Service) PicturePNG(ctx context.Context, req PictureRequest) ([]byte, error) {
	d, err := s.draw(ctx, req)
	if err != nil {
		return nil, err
	}
	d.numberLabels()
	return d.png()
}

func (s *Service) draw(ctx context.Context, req PictureRequest) (*drawing, error) {
	if err := req.View.Check(); err != nil {
		return nil, err
	}
	d := &drawing{view: req.View, bar: scaleOf(req.View)}
	d.addGrids(s.now(ctx), req.Highlight)
	for i := range d.grids {
		if g := &d.grids[i]; req.Shade != nil {
			g.note, g.fill = req.Shade[g.code].Text, heat[min(max(req.Shade[g.code].Level, 0), Shades)]
		}
	}
	if req.Names {
		sw, ne := req.View.Bounds()
		named, err := s.placesIn(ctx, sw, ne, mostPlaces)
		if err != nil {
			return nil, err
		}
		for _, p := range named {
			d.places = append(d.places, drawnPlace{name: p.Name, at: d.view.Pixel(p.Point)})
		}
	}
	for _, m := range req.Marks[:min(len(req.Marks), mostMarks)] {
		if err := m.Point.Check(); err != nil {
			return nil, err
		}
		d.marks = append(d.marks, drawnMark{label: m.Label, at: d.view.Pixel(m.Point)})
	}
	return d, nil
}

func (d *drawing) addGrids(x *index, strong []string) {
	sw, ne := d.view.Bounds()
	var found []int32
	x.tree.Search([2]float64{sw.Lon, sw.Lat}, [2]float64{ne.Lon, ne.Lat}, func(min, max [2]float64, at int32) bool {
		a, b := d.view.Pixel(Point{Lon: min[0], Lat: min[1]}), d.view.Pixel(Point{Lon: max[0], Lat: max[1]})
		if b.X-a.X >= 1.5 || a.Y-b.Y >= 1.5 { // smaller ones cannot be seen
			found = append(found, at)
		}
		return true
	})
	slices.Sort(found) // the tree's order depends on how it was filled; a picture is always the same
	if len(found) > mostDrawn {
		found = found[:mostDrawn]
	}
	for _, at := range found {
		g := &x.grids[at]
		d.grids = append(d.grids, d.grid(g, slices.Contains(strong, g.Code)))
	}
}

// grid brings one grid into pixels, clipped so that a picture of one corner of a
// large grid does not carry the whole of it.
func (d *drawing) grid(g *Grid, strong bool) drawnGrid {
	out := drawnGrid{code: g.Code, name: g.Name, strong: strong, fill: fills[colorOf(g.Code)]}
	frame := orb.Bound{Min: orb.Point{-8, -8}, Max: orb.Point{float64(d.view.W) + 8, float64(d.view.H) + 8}}
	west, east := math.Inf(1), math.Inf(-1)
	for _, poly := range g.Shape {
		for _, ring := range poly {
			px := d.pixels(ring)
			for _, p := range px {
				west, east = min(west, p[0]), max(east, p[0])
			}
			for _, line := range clip.LineString(frame, orb.LineString(px)) {
				out.lines = append(out.lines, points(line))
			}
			if inside := clip.Ring(frame, orb.Ring(px)); len(inside) > 2 {
				out.rings = append(out.rings, points(inside))
			}
		}
	}
	out.width = min(east, float64(d.view.W)) - max(west, 0)
	if p, ok := interior(g.Shape); ok {
		out.label = d.view.Pixel(p)
		out.labelled = out.label.X > 0 && out.label.Y > 0 && out.label.X < float64(d.view.W) && out.label.Y < float64(d.view.H)
	}
	return out
}

// pixels drops corners that fall on the pixel before them.
func (d *drawing) pixels(ring orb.Ring) []orb.Point {
	out := make([]orb.Point, 0, len(ring))
	for i, c := range ring {
		at := d.view.Pixel(Point{Lon: c[0], Lat: c[1]})
		if n := len(out); n > 0 && i < len(ring)-1 && math.Abs(out[n-1][0]-at.X) < 0.4 && math.Abs(out[n-1][1]-at.Y) < 0.4 {
			continue
		}
		out = append(out, orb.Point{at.X, at.Y})
	}
	return out
}

func points(line []orb.Point) []geo.XY {
	out := make([]geo.XY, len(line))
	for i, p := range line {
		out[i] = geo.XY{X: p[0], Y: p[1]}
	}
	return out
}

// colorOf gives neighbours by number different colours.
func colorOf(code string) int {
	n := 0
	for i := range len(code) {
		n = n*7 + int(code[i]-'0')
		n %= len(fills) * 1000
	}
	return n % len(fills)
}

func scaleOf(v geo.View) scaleBar {
	want := v.MetersPerPixel * float64(v.W) / 5
	unit := math.Pow(10, math.Floor(math.Log10(want)))
	for _, n := range []float64{5, 2} {
		if n*unit <= want {
			unit *= n
			break
		}
	}
	return scaleBar{meters: unit, pixels: unit / v.MetersPerPixel}
}

// letters are about this size in pixels.
const letter = 13.0

// taken holds the places that labels have taken.
type taken []orb.Bound

// take reports whether a label of n letters centred at a pixel is free of the
// others, and takes the place.
func (t *taken) take(at geo.XY, width float64) bool {
	b := orb.Bound{Min: orb.Point{at.X - width/2, at.Y - letter*0.7}, Max: orb.Point{at.X + width/2, at.Y + letter*0.7}}
	for _, other := range *t {
		if b.Intersects(other) {
			return false
		}
	}
	*t = append(*t, b)
	return true
}

// widthOf is how many pixels a text is wide: Chinese letters are square, others
// about half as wide.
func widthOf(s string) float64 {
	w := 0.0
	for _, r := range s {
		if r < 0x2e80 {
			w += letter * 0.58
		} else {
			w += letter
		}
	}
	return w
}

// nameLabels keeps the names that fit: those of marks first, then of strong
// grids, then of grids by their size, then of places.
func (d *drawing) nameLabels(names bool) {
	var t taken
	for _, m := range d.marks {
		t.take(geo.XY{X: m.at.X, Y: m.at.Y - 14}, 24)
		if m.label != "" {
			t.take(geo.XY{X: m.at.X, Y: m.at.Y + 11}, widthOf(m.label))
		}
	}
	order := make([]int, len(d.grids))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return int(d.grids[b].width*boost(d.grids[b].strong)) - int(d.grids[a].width*boost(d.grids[a].strong))
	})
	for _, i := range order {
		g := &d.grids[i]
		if g.note != "" { // a figure needs less room and goes before names
			g.labelled = g.labelled && t.take(g.label, widthOf(g.note))
			continue
		}
		g.labelled = g.labelled && (names || g.strong) && (g.strong || g.width > widthOf(g.name)*0.8) && t.take(g.label, widthOf(g.name))
	}
	d.places = slices.DeleteFunc(d.places, func(p drawnPlace) bool {
		w := widthOf(p.name)
		return !t.take(geo.XY{X: p.at.X + 6 + w/2, Y: p.at.Y}, w+12)
	})
}

func boost(strong bool) float64 {
	if strong {
		return 1000
	}
	return 1
}

// numberLabels keeps the numbers that fit.
func (d *drawing) numberLabels() {
	var t taken
	for i := range d.grids {
		g := &d.grids[i]
		g.labelled = g.labelled && g.width > 24 && t.take(g.label, 24)
	}
}
