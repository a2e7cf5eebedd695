package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Shape is one or more polygons with holes, in WGS-84 degrees: exterior ring
// first, then holes; every ring closed. Its rings may run either way round.
type Shape = orb.MultiPolygon

// Bounds is the box around a shape: south-west and north-east corner.
func Bounds(s Shape) (sw, ne Point) {
	b := s.Bound()
	return Point{Lon: b.Min[0], Lat: b.Min[1]}, Point{Lon: b.Max[0], Lat: b.Max[1]}
}

// Contains reports whether p lies in the shape, by the even-odd rule over all
// rings. For a point exactly on an edge either answer is right; ask
// BoundaryDistance when that matters.
func Contains(s Shape, p Point) bool {
	in := false
	for _, poly := range s {
		for _, ring := range poly {
			if ringContains(ring, p) {
				in = !in
			}
		}
	}
	return in
}

func ringContains(r orb.Ring, p Point) bool {
	in := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a[1] > p.Lat) != (b[1] > p.Lat) &&
			p.Lon < a[0]+(p.Lat-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
	}
	return in
}

// BoundaryDistance is the distance in metres from p to the nearest edge of the
// shape, whether p lies inside or outside. A shape without edges is infinitely
// far away.
func BoundaryDistance(s Shape, p Point) float64 { return NewPlane(p).Boundary(s) }

// Boundary is the distance in metres from the plane's origin to the nearest
// edge of the shape.
func (pl Plane) Boundary(s Shape) float64 {
	best := math.Inf(1)
	for _, poly := range s {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				ax, ay := (ring[i-1][0]-pl.Origin.Lon)*pl.mLon, (ring[i-1][1]-pl.Origin.Lat)*pl.mLat
				bx, by := (ring[i][0]-pl.Origin.Lon)*pl.mLon, (ring[i][1]-pl.Origin.Lat)*pl.mLat
				if d := originToSegment2(ax, ay, bx, by); d < best {
					best = d
				}
			}
		}
	}
	return math.Sqrt(best)
}

// originToSegment2 is the squared distance from (0,0) to the segment a-b.
func originToSegment2(ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	if l := dx*dx + dy*dy; l > 0 {
		t := -(ax*dx + ay*dy) / l
		switch {
		case t >= 1:
			ax, ay = bx, by
		case t > 0:
			ax, ay = ax+t*dx, ay+t*dy
		}
	}
	return ax*ax + ay*ay
}

// Distance is 0 inside the shape and the distance to its boundary outside.
func (pl Plane) Distance(s Shape) float64 {
	if Contains(s, pl.Origin) {
		return 0
	}
	return pl.Boundary(s)
}
