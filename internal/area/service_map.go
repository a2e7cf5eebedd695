package area

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"linli/internal/kit/geo"
)

// MapLayers is what a map draws in a box: GeoJSON with the box, the tiles below
// it and whether something was left out.
type MapLayers struct {
	Type     string       `json:"type"`
	Box      [4]float64   `json:"box"`
	Tiles    *Tiles       `json:"tiles,omitempty"`
	More     bool         `json:"more,omitempty"`
	Features []mapFeature `json:"features"`
}

type mapFeature struct {
	Type       string      `json:"type"`
	Properties mapProperty `json:"properties"`
	Geometry   mapGeometry `json:"geometry"`
}

type mapProperty struct {
	Layer string      `json:"layer"`
	Code  string      `json:"code,omitempty"`
	Name  string      `json:"name,omitempty"`
	Class string      `json:"class,omitempty"`
	At    *[2]float64 `json:"at,omitempty"` // where the name stands
}

type mapGeometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// MapBox is the box around all grids under a code, with a little air; of a
// county without grids the middle of the country.
func (s *Service) MapBox(ctx context.Context, under string) Box {
	all := s.now(ctx).under(under)
	if len(all) == 0 {
		return Box{73, 18, 135, 54}
	}
	b := all[0].Shape.Bound()
	for _, g := range all[1:] {
		b = b.Union(g.Shape.Bound())
	}
	air := max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]) * 0.02
	return Box{b.Min[0] - air, b.Min[1] - air, b.Max[0] + air, b.Max[1] + air}
}

// mapTag changes whenever an answer of Map would.
func (s *Service) mapTag(ctx context.Context, query string) (string, error) {
	epochs, err := s.d.Epochs(ctx)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Append(nil, epochs[gridEpoch], epochs[divisionEpoch], epochs[mapEpoch], s.today(), s.tiles, query))
	return hex.EncodeToString(sum[:12]), nil
}

// Map gives the grids, communities, roads and place names in a box, as a picture
// of so many pixels across shows them. Faults: those of Box.Check.
func (s *Service) Map(ctx context.Context, box Box, pixels int) (MapLayers, error) {
	out := MapLayers{Type: "FeatureCollection", Box: [4]float64{box.West, box.South, box.East, box.North}, Tiles: s.tiles, Features: []mapFeature{}}
	if err := box.Check(); err != nil {
		return out, err
	}
	pixels = max(64, min(pixels, mostMapPixels))
	middle := (box.South + box.North) / 2
	across := geo.Distance(Point{Lon: box.West, Lat: middle}, Point{Lon: box.East, Lat: middle})
	d := drawnTo{max(across/float64(pixels), leastMapPixel)}
	roads, err := s.roadsIn(ctx, box, d.weight(), mostMapRoads+1)
	if err != nil {
		return out, err
	}
	out.addRoads(roads, d, box.bound())
	x := s.now(ctx)
	out.addGrids(x, d, box.bound())
	if err := s.addCommunities(ctx, &out, x, d, box.bound()); err != nil {
		return out, err
	}
	if d.meters > 60 { // names of places would only stand in each other's way
		return out, nil
	}
	places, err := s.placesIn(ctx, Point{Lon: box.West, Lat: box.South}, Point{Lon: box.East, Lat: box.North}, mostMapPlaces+1)
	if err != nil {
		return out, err
	}
	for i, p := range places {
		if i == mostMapPlaces {
			out.More = true
			break
		}
		out.add(mapProperty{Layer: "place", Name: p.Name}, "Point", short6(p.Point))
	}
	return out, nil
}

func short6(p Point) [2]float64 {
	return [2]float64{math.Round(p.Lon*1e6) / 1e6, math.Round(p.Lat*1e6) / 1e6}
}

func (m *MapLayers) add(p mapProperty, kind string, coordinates any) {
	m.Features = append(m.Features, mapFeature{"Feature", p, mapGeometry{kind, coordinates}})
}

func (m *MapLayers) addRoads(roads []Road, d drawnTo, in orb.Bound) {
	if len(roads) > mostMapRoads {
		roads, m.More = roads[:mostMapRoads], true
	}
	for _, r := range roads {
		if lines := d.lines(r.Lines, in); len(lines) > 0 {
			m.add(mapProperty{Layer: "road", Name: r.Name, Class: r.Class}, "MultiLineString", lines)
		}
	}
}

func (m *MapLayers) addGrids(x *index, d drawnTo, in orb.Bound) {
	var found []int32
	x.tree.Search(in.Min, in.Max, func(least, most [2]float64, at int32) bool {
		if d.pixels(orb.Bound{Min: least, Max: most}) >= 14 { // smaller ones only make a thicket
			found = append(found, at)
		}
		return true
	})
	slices.Sort(found)
	if len(found) > mostMapGrids {
		found, m.More = found[:mostMapGrids], true
	}
	for _, at := range found {
		g := &x.grids[at]
		p := mapProperty{Layer: "grid", Code: g.Code, Name: g.Name}
		if c, ok := interior(g.Shape); ok {
			label := short6(c)
			p.At = &label
		}
		m.add(p, "MultiPolygon", d.shape(g.Shape))
	}
}

func (s *Service) addCommunities(ctx context.Context, m *MapLayers, x *index, d drawnTo, in orb.Bound) error {
	var found []outline
	var codes []string
	for _, o := range x.outlines() {
		if o.box.Intersects(in) {
			found = append(found, o)
		}
	}
	if len(found) > mostMapAreas { // the largest are seen
		slices.SortStableFunc(found, func(a, b outline) int { return cmp.Compare(d.pixels(b.box), d.pixels(a.box)) })
		found, m.More = found[:mostMapAreas], true
	}
	for _, o := range found {
		codes = append(codes, o.code)
	}
	names, err := s.named(ctx, codes)
	if err != nil {
		return err
	}
	for _, o := range found {
		label := short6(o.at)
		m.add(mapProperty{Layer: "community", Code: o.code, Name: names[o.code].Name, At: &label}, "MultiLineString", d.lines(o.lines, in))
	}
	return nil
}

// contains says whether a point lies in a grid.
func contains(g Grid, p Point) bool { return geo.Contains(g.Shape, p) }
