package area

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

const (
	mostVertices = 20000  // of one grid; a county's border has a few thousand
	mostExtent   = 300000 // metres across one grid
)

// geometry is the part of GeoJSON that a grid may have.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// readShape reads a Polygon or MultiPolygon stated in a datum, brings it into
// the house and checks that it can be a border. Coordinates are kept to 1e-7
// degrees (a centimetre). Faults: area.geometry_*, area.point_*, area.ring_*,
// and those of geo.To.
func readShape(raw json.RawMessage, datum geo.Datum) (geo.Shape, error) {
	var g geometry
	if err := json.Unmarshal(raw, &g); err != nil || len(raw) == 0 || string(raw) == "null" {
		return nil, fault.New(fault.Invalid, "area.geometry_missing").At("geometry").Because(err)
	}
	var polys [][][][]float64
	switch g.Type {
	case "Polygon":
		polys = make([][][][]float64, 1)
		if err := json.Unmarshal(g.Coordinates, &polys[0]); err != nil {
			return nil, fault.New(fault.Invalid, "area.geometry_unreadable").At("geometry").Because(err)
		}
	case "MultiPolygon":
		if err := json.Unmarshal(g.Coordinates, &polys); err != nil {
			return nil, fault.New(fault.Invalid, "area.geometry_unreadable").At("geometry").Because(err)
		}
	default:
		return nil, fault.New(fault.Invalid, "area.geometry_type", "type", short(g.Type)).At("geometry")
	}
	if err := countVertices(polys); err != nil {
		return nil, err
	}
	shape := make(geo.Shape, len(polys))
	for i, rings := range polys {
		for _, ring := range rings {
			r, err := readRing(ring, datum)
			if err != nil {
				return nil, err
			}
			shape[i] = append(shape[i], r)
		}
	}
	return shape, CheckShape(shape)
}

func countVertices(polys [][][][]float64) error {
	n := 0
	for _, rings := range polys {
		if len(rings) == 0 {
			return fault.New(fault.Invalid, "area.geometry_empty").At("geometry")
		}
		for _, ring := range rings {
			n += len(ring)
		}
	}
	if n == 0 {
		return fault.New(fault.Invalid, "area.geometry_empty").At("geometry")
	}
	if n > mostVertices {
		return fault.New(fault.Invalid, "area.geometry_huge", "count", n, "max", mostVertices).At("geometry")
	}
	return nil
}

func readRing(ring [][]float64, datum geo.Datum) (orb.Ring, error) {
	if len(ring) < 4 {
		return nil, fault.New(fault.Invalid, "area.ring_short", "count", len(ring)).At("geometry")
	}
	out := make(orb.Ring, 0, len(ring))
	for i, at := range ring {
		q, err := readCorner(at, i+1, datum)
		if err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1] != q { // the same point twice in a row says nothing
			out = append(out, q)
		}
	}
	first, end := ring[0], ring[len(ring)-1]
	if first[0] != end[0] || first[1] != end[1] {
		return nil, fault.New(fault.Invalid, "area.ring_open", "lon", first[0], "lat", first[1]).At("geometry")
	}
	return out, nil
}

func round7(f float64) float64 { return math.Round(f*1e7) / 1e7 }

// CheckShape refuses what cannot be a border: a ring that is open, has fewer
// than three corners, crosses or touches itself; a hole outside its polygon;
// parts that cross or cover each other; and an extent no grid has.
// Faults: area.ring_open, area.ring_short, area.ring_crossing, area.hole_outside,
// area.parts_overlap, area.extent_huge.
func CheckShape(s geo.Shape) error {
	if len(s) == 0 {
		return fault.New(fault.Invalid, "area.geometry_empty").At("geometry")
	}
	for _, poly := range s {
		for _, r := range poly {
			if len(r) < 4 {
				return fault.New(fault.Invalid, "area.ring_short", "count", len(r)).At("geometry")
			}
			if r[0] != r[len(r)-1] {
				return fault.New(fault.Invalid, "area.ring_open", "lon", r[0][0], "lat", r[0][1]).At("geometry")
			}
		}
	}
	sw, ne := geo.Bounds(s)
	if across := geo.Distance(sw, ne); across > mostExtent {
		return fault.New(fault.Invalid, "area.extent_huge", "km", math.Round(across/1000), "max", mostExtent/1000).At("geometry")
	}
	if at, crossing := findCrossing(s); crossing {
		return fault.New(fault.Invalid, "area.ring_crossing", "lon", round7(at.Lon), "lat", round7(at.Lat)).At("geometry")
	}
	return checkNesting(s)
}

// edge is one side of a ring.
type edge struct {
	a, b       orb.Point
	ring, at   int // which ring, which side of it
	sides      int // how many sides the ring has
	minX, maxX float64
}

func edges(s geo.Shape) []edge {
	var out []edge
	ring := 0
	for _, poly := range s {
		for _, r := range poly {
			for i := 1; i < len(r); i++ {
				out = append(out, edge{a: r[i-1], b: r[i], ring: ring, at: i - 1, sides: len(r) - 1,
					minX: min(r[i-1][0], r[i][0]), maxX: max(r[i-1][0], r[i][0])})
			}
			ring++
		}
	}
	return out
}

// findCrossing sweeps from west to east and finds two sides that must not meet:
// of one ring, any two that are no neighbours, and neighbours that run back over
// each other; of two rings, those that truly cross (touching in a point is how
// a hole may lie at the edge).
func findCrossing(s geo.Shape) (Point, bool) {
	all := edges(s)
	slices.SortFunc(all, func(x, y edge) int {
		switch {
		case x.minX < y.minX:
			return -1
		case x.minX > y.minX:
			return 1
		}
		return 0
	})
	for i := range all {
		x := &all[i]
		low, high := min(x.a[1], x.b[1]), max(x.a[1], x.b[1])
		for j := i + 1; j < len(all) && all[j].minX <= x.maxX; j++ {
			y := &all[j]
			if y.a[1] < low && y.b[1] < low || y.a[1] > high && y.b[1] > high {
				continue
			}
			if mustNotMeet(x, y) {
				at, _ := meeting(x.a, x.b, y.a, y.b)
				return Point{Lon: at[0], Lat: at[1]}, true
			}
		}
	}
	return Point{}, false
}

func mustNotMeet(x, y *edge) bool {
	if x.ring != y.ring {
		return opposite(cross(x.a, x.b, y.a), cross(x.a, x.b, y.b)) && opposite(cross(y.a, y.b, x.a), cross(y.a, y.b, x.b))
	}
	next, previous := (x.at+1)%x.sides == y.at, (y.at+1)%y.sides == x.at
	switch {
	case next && previous:
		return true // two sides only: there and back
	case next:
		return runsBack(x.a, x.b, y.b)
	case previous:
		return runsBack(y.a, y.b, x.b)
	}
	_, meet := meeting(x.a, x.b, y.a, y.b)
	return meet
}

// runsBack reports whether the way a-b-c turns round on itself at b.
func runsBack(a, b, c orb.Point) bool {
	return cross(a, b, c) == 0 && (b[0]-a[0])*(c[0]-b[0])+(b[1]-a[1])*(c[1]-b[1]) < 0
}

// cross is positive where c lies to the left of a-b. Coordinates are whole
// multiples of 1e-7, so that it is taken over integers and is exact: in floats
// three points in a row would now and then look like a turn.
func cross(a, b, c orb.Point) int64 {
	ax, ay := e7(a[0]), e7(a[1])
	return (e7(b[0])-ax)*(e7(c[1])-ay) - (e7(b[1])-ay)*(e7(c[0])-ax)
}

func e7(f float64) int64 { return int64(math.Round(f * 1e7)) }

// meeting finds a point that two segments share.
func meeting(a, b, c, d orb.Point) (orb.Point, bool) {
	c1, c2, c3, c4 := cross(a, b, c), cross(a, b, d), cross(c, d, a), cross(c, d, b)
	switch {
	case opposite(c1, c2) && opposite(c3, c4):
		t := float64(c3) / (float64(c3) - float64(c4))
		return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, true
	case c1 == 0 && between(a, b, c):
		return c, true
	case c2 == 0 && between(a, b, d):
		return d, true
	case c3 == 0 && between(c, d, a):
		return a, true
	case c4 == 0 && between(c, d, b):
		return b, true
	}
	return orb.Point{}, false
}

func opposite(x, y int64) bool { return x > 0 && y < 0 || x < 0 && y > 0 }

// between reports whether c, which lies on the line a-b, lies on the segment.
func between(a, b, c orb.Point) bool {
	return c[0] >= min(a[0], b[0]) && c[0] <= max(a[0], b[0]) && c[1] >= min(a[1], b[1]) && c[1] <= max(a[1], b[1])
}

// checkNesting holds holes to their polygon and parts apart from each other.
// Rings do not cross any more, so that one point of each decides.
func checkNesting(s geo.Shape) error {
	for i, poly := range s {
		outer := geo.Shape{orb.Polygon{poly[0]}}
		for h := 1; h < len(poly); h++ {
			p, ok := interior(geo.Shape{orb.Polygon{poly[h]}})
			if !ok || !geo.Contains(outer, p) {
				return fault.New(fault.Invalid, "area.hole_outside", "number", h).At("geometry")
			}
			for other := 1; other < len(poly); other++ {
				if other != h && geo.Contains(geo.Shape{orb.Polygon{poly[other]}}, p) {
					return fault.New(fault.Invalid, "area.hole_outside", "number", h).At("geometry")
				}
			}
		}
		p, ok := interior(geo.Shape{poly})
		if !ok {
			return fault.New(fault.Invalid, "area.geometry_empty").At("geometry")
		}
		for j, other := range s {
			if i != j && geo.Contains(geo.Shape{other}, p) {
				return fault.New(fault.Invalid, "area.parts_overlap", "first", j+1, "second", i+1).At("geometry")
			}
		}
	}
	return nil
}

// interior finds a point well inside a shape: on lines across it, the middle of
// the widest stretch. False where the shape has no inside.
func interior(s geo.Shape) (Point, bool) {
	sw, ne := geo.Bounds(s)
	var best Point
	wide := 0.0
	for _, part := range []float64{0.5, 0.37, 0.63, 0.21, 0.79, 0.09, 0.91, 0.501, 0.003, 0.997} {
		lat := sw.Lat + (ne.Lat-sw.Lat)*part
		var xs []float64
		for _, poly := range s {
			for _, r := range poly {
				for i := 1; i < len(r); i++ {
					if a, b := r[i-1], r[i]; (a[1] > lat) != (b[1] > lat) {
						xs = append(xs, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
					}
				}
			}
		}
		slices.Sort(xs)
		for i := 1; i < len(xs); i += 2 {
			if w := xs[i] - xs[i-1]; w > wide {
				wide, best = w, Point{Lon: (xs[i-1] + xs[i]) / 2, Lat: lat}
			}
		}
		if wide > (ne.Lon-sw.Lon)/4 {
			break // wide enough, no need to look further
		}
	}
	return best, wide > 0
}
