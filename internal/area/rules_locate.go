package area

import (
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/rtree"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

const (
	borderWithin    = 1.0    // metres: nearer to a border than this is "on" it
	gapWithin       = 2000.0 // metres: in no grid, but this near to one is a gap
	mostUncertainty = 100000 // metres: a point less certain than this is none
	suggested       = 5      // how many grids are suggested
	fastWithin      = 200.0  // metres of uncertainty up to which one small search decides
)

// index holds the grids of one day in memory, found by place and by code. It is
// never changed once it is built; a new one takes its place.
type index struct {
	epoch int64
	day   clock.Day
	grids []Grid // by code
	tree  rtree.RTreeG[int32]

	once     sync.Once // outlines are made when a map first asks for them
	outlined []outline
}

func newIndex(grids []Grid, day clock.Day, epoch int64) *index {
	x := &index{epoch: epoch, day: day, grids: grids}
	slices.SortFunc(x.grids, func(a, b Grid) int { return strings.Compare(a.Code, b.Code) })
	for i := range x.grids {
		b := x.grids[i].Shape.Bound()
		x.tree.Insert(b.Min, b.Max, int32(i))
	}
	return x
}

// byCode finds a grid by its code.
func (x *index) byCode(code string) (*Grid, bool) {
	i, ok := slices.BinarySearchFunc(x.grids, code, func(g Grid, c string) int { return strings.Compare(g.Code, c) })
	if !ok {
		return nil, false
	}
	return &x.grids[i], true
}

// under gives the grids whose code starts with prefix.
func (x *index) under(prefix string) []Grid {
	from, _ := slices.BinarySearchFunc(x.grids, prefix, func(g Grid, c string) int { return strings.Compare(g.Code, c) })
	to := from
	for to < len(x.grids) && Under(x.grids[to].Code, prefix) {
		to++
	}
	return x.grids[from:to]
}

// checkQuestion refuses a point or an uncertainty that is none. Faults: those of
// Point.Check, area.uncertainty.
func checkQuestion(p Point, uncertainty float64) error {
	if err := p.Check(); err != nil {
		return err
	}
	if math.IsNaN(uncertainty) || uncertainty < 0 || uncertainty > mostUncertainty {
		return fault.New(fault.Invalid, "area.uncertainty", "max", mostUncertainty).At("uncertainty")
	}
	return nil
}

// locate answers in which grid a checked point lies whose true place is within
// uncertainty metres.
func (x *index) locate(p Point, uncertainty float64) Located {
	plane := geo.NewPlane(p)
	if uncertainty <= fastWithin {
		if in := x.alone(plane, max(uncertainty, borderWithin)); in != nil {
			return Located{Status: Inside, Grid: in.Code,
				Suggestions: []Suggestion{{Grid: in.Code, Name: in.Name, Community: in.Community}}}
		}
	}
	near, border := x.nearest(plane)
	out := Located{Status: Outside}
	for _, n := range near {
		g := &x.grids[n.at]
		out.Suggestions = append(out.Suggestions, Suggestion{Grid: g.Code, Name: g.Name, Community: g.Community, Meters: n.meters})
	}
	switch {
	case len(near) == 0 || near[0].meters > gapWithin && near[0].meters > uncertainty:
	case border:
		out.Status = Border
	case len(near) > 1 && near[1].meters <= uncertainty:
		out.Status = Several
	case near[0].meters == 0:
		out.Status, out.Grid = Inside, x.grids[near[0].at].Code
	default:
		out.Status = Gap
	}
	return out
}

// alone returns the one grid that holds the point while no border at all, its
// own or another's, comes within radius. Most points end here.
func (x *index) alone(plane geo.Plane, radius float64) *Grid {
	p := plane.Origin
	dx, dy := plane.Degrees(radius * 1.001)
	var in *Grid
	clear := true
	x.tree.Search([2]float64{p.Lon - dx, p.Lat - dy}, [2]float64{p.Lon + dx, p.Lat + dy},
		func(_, _ [2]float64, at int32) bool {
			g := &x.grids[at]
			holds := geo.Contains(g.Shape, p)
			if holds && in != nil || plane.Boundary(g.Shape) <= radius {
				clear = false
				return false
			}
			if holds {
				in = g
			}
			return true
		})
	if !clear {
		return nil
	}
	return in
}

// neighbour is a grid and how far it is; 0 where it holds the point.
type neighbour struct {
	at     int32
	meters float64
}

// nearest gives the nearest grids in order, and whether a border passes within
// borderWithin of the point. Boxes are visited in the order of their distance;
// the exact distance is taken only of those that can still be among the nearest.
func (x *index) nearest(plane geo.Plane) (near []neighbour, border bool) {
	p := plane.Origin
	toBox := func(min, max [2]float64, _ int32, _ bool) float64 {
		at := plane.XY(Point{
			Lon: math.Max(math.Max(min[0]-p.Lon, p.Lon-max[0]), 0) + p.Lon,
			Lat: math.Max(math.Max(min[1]-p.Lat, p.Lat-max[1]), 0) + p.Lat,
		})
		return math.Hypot(at.X, at.Y)
	}
	x.tree.Nearby(toBox, func(_, _ [2]float64, at int32, box float64) bool {
		if len(near) >= suggested && box > near[suggested-1].meters && box > borderWithin*1.001 {
			return false
		}
		g := &x.grids[at]
		meters := plane.Boundary(g.Shape)
		border = border || meters <= borderWithin
		if geo.Contains(g.Shape, p) {
			meters = 0
		}
		n := neighbour{at: at, meters: meters}
		i, _ := slices.BinarySearchFunc(near, n, func(a, b neighbour) int {
			switch {
			case a.meters < b.meters:
				return -1
			case a.meters > b.meters:
				return 1
			}
			return strings.Compare(x.grids[a.at].Code, x.grids[b.at].Code)
		})
		if near = slices.Insert(near, i, n); len(near) > suggested {
			near = near[:suggested]
		}
		return true
	})
	return near, border
}
