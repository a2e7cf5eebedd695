package area

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// outline is a community as its grids draw it.
type outline struct {
	code  string
	lines orb.MultiLineString
	box   orb.Bound
	at    Point // where its name stands
}

// outlines are the borders of every community that has grids: the sides that no
// two of its grids share.
func (x *index) outlines() []outline {
	x.once.Do(func() {
		for from := 0; from < len(x.grids); {
			to := from
			for to < len(x.grids) && x.grids[to].Community == x.grids[from].Community {
				to++
			}
			x.outlined = append(x.outlined, outlineOf(x.grids[from:to]))
			from = to
		}
	})
	return x.outlined
}

type side struct{ a, b [2]int64 }

func outlineOf(grids []Grid) outline {
	out := outline{code: grids[0].Community, box: grids[0].Shape.Bound()}
	count := map[side]int{}
	var order []side // as drawn, so that a map is always the same
	largest := 0.0
	for _, g := range grids {
		b := g.Shape.Bound()
		out.box = out.box.Union(b)
		if size := (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]); size > largest {
			if p, ok := interior(g.Shape); ok {
				largest, out.at = size, p
			}
		}
		for _, poly := range g.Shape {
			for _, ring := range poly {
				for i := 1; i < len(ring); i++ {
					one := side{exact(ring[i-1]), exact(ring[i])}
					if count[one.either()]++; count[one.either()] == 1 {
						order = append(order, one)
					}
				}
			}
		}
	}
	// the name stands in the middle where that is inside
	c := out.box.Center()
	if p := (Point{Lon: c[0], Lat: c[1]}); slices.ContainsFunc(grids, func(g Grid) bool { return contains(g, p) }) {
		out.at = p
	}
	order = slices.DeleteFunc(order, func(s side) bool { return count[s.either()] > 1 })
	out.lines = chained(order)
	return out
}

func exact(p orb.Point) [2]int64 { return [2]int64{e7(p[0]), e7(p[1])} }

// either is the side whichever way round it was drawn.
func (s side) either() side {
	if s.a[0] > s.b[0] || s.a[0] == s.b[0] && s.a[1] > s.b[1] {
		return side{s.b, s.a}
	}
	return s
}

// chained joins sides to lines, each side once.
func chained(sides []side) orb.MultiLineString {
	at := map[[2]int64][]int{}
	for i, s := range sides {
		at[s.a] = append(at[s.a], i)
		at[s.b] = append(at[s.b], i)
	}
	used := make([]bool, len(sides))
	var out orb.MultiLineString
	for i, s := range sides {
		if used[i] {
			continue
		}
		used[i] = true
		line := orb.LineString{degree(s.a), degree(s.b)}
		for end := s.b; ; {
			next := slices.IndexFunc(at[end], func(j int) bool { return !used[j] })
			if next < 0 {
				break
			}
			j := at[end][next]
			used[j] = true
			if end = sides[j].a; exact(line[len(line)-1]) == sides[j].a {
				end = sides[j].b
			}
			line = append(line, degree(end))
		}
		out = append(out, line)
	}
	return out
}

func degree(p [2]int64) orb.Point { return orb.Point{float64(p[0]) / 1e7, float64(p[1]) / 1e7} }

// drawnTo is how a map of so many metres to the pixel draws lines and shapes.
type drawnTo struct{ meters float64 }

func (d drawnTo) degrees() float64 { return d.meters * 0.7 / 111320 }

// pixels is how many pixels a box is across at its wider side.
func (d drawnTo) pixels(b orb.Bound) float64 {
	w := (b.Max[0] - b.Min[0]) * 111320 * math.Cos((b.Max[1]+b.Min[1])/2*math.Pi/180)
	return max(w, (b.Max[1]-b.Min[1])*111320) / d.meters
}

// shape is a grid's shape with no more corners than can be seen; what was there
// is not changed.
func (d drawnTo) shape(s orb.MultiPolygon) [][][][2]float64 {
	var out [][][][2]float64
	for _, poly := range s {
		var rings [][][2]float64
		for i, ring := range poly {
			r := simplify.DouglasPeucker(d.degrees()).Ring(ring.Clone())
			if len(r) < 4 && i == 0 {
				r = ring // too small to simplify
			}
			if len(r) >= 4 {
				rings = append(rings, rounded(r))
			}
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	return out
}

// lines are the lines that reach into the box, with no more corners than can be
// seen.
func (d drawnTo) lines(m orb.MultiLineString, in orb.Bound) [][][2]float64 {
	var out [][][2]float64
	for _, l := range m {
		if !l.Bound().Intersects(in) {
			continue
		}
		if s := simplify.DouglasPeucker(d.degrees()).LineString(l.Clone()); len(s) > 1 {
			out = append(out, rounded(s))
		}
	}
	return out
}

// rounded writes corners to a decimetre.
func rounded(line []orb.Point) [][2]float64 {
	out := make([][2]float64, len(line))
	for i, p := range line {
		out[i] = [2]float64{math.Round(p[0]*1e6) / 1e6, math.Round(p[1]*1e6) / 1e6}
	}
	return out
}

// weight is the least weighty class of road that a scale shows.
func (d drawnTo) weight() int {
	switch {
	case d.meters > 120:
		return weightOf("water")
	case d.meters > 40:
		return weightOf("main")
	case d.meters > 12:
		return weightOf("street")
	case d.meters > 6:
		return weightOf("lane")
	}
	return len(roadClasses)
}
