package area

import (
	"slices"

	"github.com/paulmach/orb"

	"linli/internal/kit/geo"
)

// overlapFrom is how deep in metres two grids may reach into each other before
// it is called an overlap: borders drawn twice never match to the centimetre.
const overlapFrom = 1.0

// overlap tells how deep, at least, two shapes reach into each other, and
// where. It tries the corners, the pieces into which one's sides are cut by the
// other's, and a point inside each.
func overlap(a, b geo.Shape) (meters float64, at Point) {
	try := func(p Point, other geo.Shape) {
		if geo.Contains(other, p) {
			if d := geo.BoundaryDistance(other, p); d > meters {
				meters, at = d, p
			}
		}
	}
	for _, pair := range [2][2]geo.Shape{{a, b}, {b, a}} {
		own, other := pair[0], pair[1]
		if p, ok := interior(own); ok {
			try(p, other)
		}
		for _, p := range pieces(own, other) {
			try(p, other)
		}
	}
	return meters, at
}

// pieces gives the corners of own that lie in the box of other, and the middle
// of each piece into which own's sides are cut by other's sides.
func pieces(own, other geo.Shape) []Point {
	box := other.Bound()
	near := edgesIn(other, own.Bound())
	var out []Point
	for _, e := range edgesIn(own, box) {
		if box.Contains(e.a) {
			out = append(out, Point{Lon: e.a[0], Lat: e.a[1]})
		}
		cuts := []float64{0, 1}
		for _, o := range near {
			if o.maxX < e.minX || o.minX > e.maxX {
				continue
			}
			if p, meet := meeting(e.a, e.b, o.a, o.b); meet {
				cuts = append(cuts, along(e.a, e.b, p))
			}
		}
		slices.Sort(cuts)
		for i := 1; i < len(cuts); i++ {
			t := (cuts[i-1] + cuts[i]) / 2
			out = append(out, Point{Lon: e.a[0] + t*(e.b[0]-e.a[0]), Lat: e.a[1] + t*(e.b[1]-e.a[1])})
		}
	}
	return out
}

// edgesIn gives the sides that may meet the box.
func edgesIn(s geo.Shape, box orb.Bound) []edge {
	all := edges(s)
	return slices.DeleteFunc(all, func(e edge) bool {
		return e.maxX < box.Min[0] || e.minX > box.Max[0] ||
			max(e.a[1], e.b[1]) < box.Min[1] || min(e.a[1], e.b[1]) > box.Max[1]
	})
}

// along tells how far from a to b the point p lies, from 0 to 1.
func along(a, b, p orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	if max(dx, -dx) > max(dy, -dy) {
		return (p[0] - a[0]) / dx
	}
	if dy == 0 {
		return 0
	}
	return (p[1] - a[1]) / dy
}
