package area

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/text"
)

// line is one feature of a file of roads as it was read, or what is wrong with it.
type line struct {
	where int // number in the file, from 1
	road  Road
	text  string // lines in the form in which they are kept
	fault *fault.Fault
}

// readRoads reads a FeatureCollection of lines. Faults: those of openCollection.
func readRoads(data []byte, datum geo.Datum, l Lists) ([]line, error) {
	raws, err := openCollection(data)
	if err != nil {
		return nil, err
	}
	out := make([]line, len(raws))
	for i, raw := range raws {
		out[i].where = i + 1
		if out[i].road, err = readRoad(raw, datum, l); err != nil {
			out[i].fault = fault.Of(err)
			continue
		}
		kept, err := json.Marshal(out[i].road.Lines)
		if err != nil {
			return nil, err
		}
		out[i].text = string(kept)
		if out[i].road.ID == "" {
			sum := sha256.Sum256([]byte(out[i].road.Name + "\n" + out[i].road.Class + "\n" + out[i].text))
			out[i].road.ID = "~" + hex.EncodeToString(sum[:12])
		}
	}
	return out, nil
}

// readRoad reads one line. Faults: area.feature_unreadable, area.road_class,
// area.geometry_*, area.point_*, those of text.Clean and geo.To.
func readRoad(raw json.RawMessage, datum geo.Datum, l Lists) (Road, error) {
	var in struct {
		Type       string         `json:"type"`
		Properties map[string]any `json:"properties"`
		Geometry   geometry       `json:"geometry"`
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&in); err != nil || in.Type != "Feature" {
		return Road{}, fault.New(fault.Invalid, "area.feature_unreadable").Because(err)
	}
	r := Road{Name: property(in.Properties, l.Road.Name)}
	var err error
	if r.Name, err = oneLine(r.Name); err != nil {
		r.Name = short(property(in.Properties, l.Road.Name))
		return r, err
	}
	if r.ID, err = text.Clean(property(in.Properties, l.Road.ID), mostName); err != nil {
		return r, fault.Of(err).At("id")
	}
	word := property(in.Properties, l.Road.Class)
	class, ok := l.roadClass(word)
	if !ok {
		return r, fault.New(fault.Invalid, "area.road_class", "class", short(word)).At("class")
	}
	r.Class = class
	r.Lines, err = readLines(in.Geometry, datum)
	return r, err
}

func readLines(g geometry, datum geo.Datum) (orb.MultiLineString, error) {
	var lines [][][]float64
	var err error
	switch g.Type {
	case "LineString":
		lines = make([][][]float64, 1)
		err = json.Unmarshal(g.Coordinates, &lines[0])
	case "MultiLineString":
		err = json.Unmarshal(g.Coordinates, &lines)
	case "":
		return nil, fault.New(fault.Invalid, "area.geometry_missing").At("geometry")
	default:
		return nil, fault.New(fault.Invalid, "area.line_type", "type", short(g.Type)).At("geometry")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "area.geometry_unreadable").At("geometry").Because(err)
	}
	var out orb.MultiLineString
	n := 0
	for _, one := range lines {
		if n += len(one); n > mostVertices {
			return nil, fault.New(fault.Invalid, "area.geometry_huge", "count", n, "max", mostVertices).At("geometry")
		}
		ls := make(orb.LineString, 0, len(one))
		for i, at := range one {
			p, err := readCorner(at, i+1, datum)
			if err != nil {
				return nil, err
			}
			if len(ls) == 0 || ls[len(ls)-1] != p {
				ls = append(ls, p)
			}
		}
		if len(ls) > 1 {
			out = append(out, ls)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "area.geometry_empty").At("geometry")
	}
	b := out.Bound()
	if across := geo.Distance(Point{Lon: b.Min[0], Lat: b.Min[1]}, Point{Lon: b.Max[0], Lat: b.Max[1]}); across > mostExtent {
		return nil, fault.New(fault.Invalid, "area.extent_huge", "km", int(across/1000), "max", mostExtent/1000).At("geometry")
	}
	return out, nil
}

// readCorner reads one coordinate of a file and brings it into the house.
func readCorner(at []float64, number int, datum geo.Datum) (orb.Point, error) {
	if len(at) < 2 || len(at) > 4 {
		return orb.Point{}, fault.New(fault.Invalid, "area.point_unreadable", "number", number).At("geometry")
	}
	p := Point{Lon: at[0], Lat: at[1]}
	if swapped := (Point{Lon: p.Lat, Lat: p.Lon}); !p.InChina() && swapped.InChina() {
		return orb.Point{}, fault.New(fault.Invalid, "area.point_swapped", "number", number, "lon", p.Lon, "lat", p.Lat).At("geometry")
	}
	p, err := geo.To(p, datum)
	if err != nil {
		return orb.Point{}, fault.Of(err).At("geometry")
	}
	if !p.InChina() {
		return orb.Point{}, fault.New(fault.Invalid, "area.point_implausible", "number", number, "lon", p.Lon, "lat", p.Lat).At("geometry")
	}
	return orb.Point{round7(p.Lon), round7(p.Lat)}, nil
}

func weightOf(class string) int { return slices.Index(roadClasses, class) }
