package area

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/text"
)

const mostGridFile = 256 << 20 // bytes of one GeoJSON file

// feature is one feature of a file as it was read, or what is wrong with it.
type feature struct {
	where int // number in the file, from 1
	grid  Grid
	text  string // geometry in the form in which it is kept
	fault *fault.Fault
}

// readFeatures reads a FeatureCollection of grids; a broken feature carries its
// fault. Faults: those of openCollection.
func readFeatures(data []byte, datum geo.Datum, l Lists) ([]feature, error) {
	raws, err := openCollection(data)
	if err != nil {
		return nil, err
	}
	out := make([]feature, len(raws))
	for i, raw := range raws {
		out[i] = readFeature(raw, datum, l)
		out[i].where = i + 1
	}
	return out, nil
}

// openCollection cuts a FeatureCollection into its features. A file that is no
// whole JSON, or no FeatureCollection, is refused whole, so that a transfer that
// broke off changes nothing. Faults: area.geojson_huge, area.geojson_unreadable,
// area.geojson_type, area.geojson_empty.
func openCollection(data []byte) ([]json.RawMessage, error) {
	if len(data) > mostGridFile {
		return nil, fault.New(fault.Invalid, "area.geojson_huge", "max", mostGridFile>>20)
	}
	var file struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	err := dec.Decode(&file)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the end")
		}
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "area.geojson_unreadable", "at", dec.InputOffset()).Because(err)
	}
	if file.Type != "FeatureCollection" {
		return nil, fault.New(fault.Invalid, "area.geojson_type", "type", short(file.Type))
	}
	if len(file.Features) == 0 {
		return nil, fault.New(fault.Invalid, "area.geojson_empty")
	}
	return file.Features, nil
}

func readFeature(raw json.RawMessage, datum geo.Datum, l Lists) (f feature) {
	var in struct {
		Type       string          `json:"type"`
		Properties map[string]any  `json:"properties"`
		Geometry   json.RawMessage `json:"geometry"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // a code written as a number keeps its digits
	if err := dec.Decode(&in); err != nil || in.Type != "Feature" {
		f.fault = fault.New(fault.Invalid, "area.feature_unreadable").Because(err)
		return f
	}
	g, err := readProperties(in.Properties, l)
	f.grid = g
	if err == nil {
		f.grid.Shape, err = readShape(in.Geometry, datum)
	}
	if err != nil {
		f.fault = fault.Of(err)
		return f
	}
	f.text = geometryText(f.grid.Shape)
	return f
}

// readProperties reads what stands beside the polygon. Faults:
// area.grid_code_shape, area.community_shape, area.community_mismatch,
// area.name_missing, area.grid_kind_unknown, area.phone_shape, those of text.Clean.
func readProperties(p map[string]any, l Lists) (Grid, error) {
	g := Grid{Code: property(p, l.Grid.Code), Community: property(p, l.Grid.Community), Name: property(p, l.Grid.Name)}
	var err error
	if g.Name, err = oneLine(g.Name); err != nil {
		g.Name = short(property(p, l.Grid.Name))
		return g, err
	}
	if g.Name == "" {
		return g, fault.New(fault.Invalid, "area.name_missing").At("name")
	}
	if g.NameEn, err = text.Clean(property(p, l.Grid.NameEn), 4*mostName); err != nil {
		return g, fault.Of(err).At("name_en")
	}
	if g.Code != "" && (!digits(g.Code) || len(g.Code) != l.GridCodeDigits) {
		code := short(g.Code)
		g.Code = ""
		return g, fault.New(fault.Invalid, "area.grid_code_shape", "code", code, "digits", l.GridCodeDigits).At("code")
	}
	if g.Community == "" && g.Code != "" {
		g.Community = g.Code[:digitsOf[Community]]
	}
	if LevelOf(g.Community) != Community {
		return g, fault.New(fault.Invalid, "area.community_shape", "community", short(g.Community)).At("community")
	}
	if g.Code != "" && !Under(g.Code, g.Community) {
		return g, fault.New(fault.Invalid, "area.community_mismatch", "code", g.Code, "community", g.Community).At("community")
	}
	word := property(p, l.Grid.Kind)
	kind, ok := l.gridKind(word)
	if !ok {
		return g, fault.New(fault.Invalid, "area.grid_kind_unknown", "kind", short(word)).At("kind")
	}
	g.Kind = kind
	g.Phone = property(p, l.Grid.Phone)
	if !phone(g.Phone) {
		return g, fault.New(fault.Invalid, "area.phone_shape", "phone", short(g.Phone)).At("phone")
	}
	return g, nil
}

// property finds the first property known by one of the words and gives it as
// text.
func property(p map[string]any, words []string) string {
	for _, w := range words {
		if v, ok := p[w]; ok && v != nil {
			return propertyText(v)
		}
	}
	for name, v := range p { // written in another case or width
		if v != nil && known(words, text.Fold(name)) {
			return propertyText(v)
		}
	}
	return ""
}

func propertyText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return "" // an object or list is no name and no code
}

// phone accepts what may be a telephone number, or none.
func phone(s string) bool {
	if s == "" {
		return true
	}
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !strings.ContainsRune("+-() ", r):
			return false
		}
	}
	return n >= 3 && len(s) <= 30
}

// geometryText writes a shape as GeoJSON: a Polygon where it has one part.
func geometryText(s geo.Shape) string {
	var b strings.Builder
	if len(s) == 1 {
		b.WriteString(`{"type":"Polygon","coordinates":`)
		writePolygon(&b, s[0])
	} else {
		b.WriteString(`{"type":"MultiPolygon","coordinates":[`)
		for i, poly := range s {
			if i > 0 {
				b.WriteByte(',')
			}
			writePolygon(&b, poly)
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.String()
}

func writePolygon(b *strings.Builder, poly orb.Polygon) {
	b.WriteByte('[')
	for i, ring := range poly {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('[')
		for j, p := range ring {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('[')
			writeNumber(b, p[0])
			b.WriteByte(',')
			writeNumber(b, p[1])
			b.WriteByte(']')
		}
		b.WriteByte(']')
	}
	b.WriteByte(']')
}

// shapeOf reads what geometryText wrote.
func shapeOf(text string) (geo.Shape, error) {
	var g geometry
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return nil, err
	}
	if g.Type == "Polygon" {
		var one orb.Polygon
		err := json.Unmarshal(g.Coordinates, &one)
		return geo.Shape{one}, err
	}
	var s geo.Shape
	err := json.Unmarshal(g.Coordinates, &s)
	return s, err
}

// numberGrids gives the features of one community that bring no code their
// numbers: one whose name is known keeps its code, the others take free numbers
// from the lowest, counted from west to east and, where two begin equally far
// west, from north to south. Numbers once taken are never given again.
func numberGrids(fs []*feature, byName map[string]string, taken map[string]bool, l Lists) {
	var fresh []*feature
	told := map[string]bool{}
	for _, f := range fs {
		switch code, ok := byName[f.grid.Name]; {
		case told[f.grid.Name]: // without a code nothing but the name tells two grids apart
			f.fault = fault.New(fault.Invalid, "area.grid_name_twice", "name", f.grid.Name).At("name")
		case ok:
			f.grid.Code = code
		default:
			fresh = append(fresh, f)
		}
		told[f.grid.Name] = true
	}
	slices.SortStableFunc(fresh, func(a, b *feature) int {
		x, y := a.grid.Shape.Bound(), b.grid.Shape.Bound()
		return cmp.Or(cmp.Compare(x.Min[0], y.Min[0]), cmp.Compare(y.Max[1], x.Max[1]))
	})
	own := l.GridCodeDigits - digitsOf[Community]
	n := 1
	for _, f := range fresh {
		for f.grid.Code == "" && f.fault == nil {
			code := f.grid.Community + fmt.Sprintf("%0*d", own, n)
			switch {
			case len(code) > l.GridCodeDigits:
				f.fault = fault.New(fault.Conflict, "area.grid_numbers_used_up", "community", f.grid.Community).At("code")
			case !taken[code]:
				f.grid.Code, taken[code] = code, true
			}
			n++
		}
	}
}

// writeNumber writes a coordinate with at most seven decimals.
func writeNumber(b *strings.Builder, f float64) {
	b.WriteString(strconv.FormatFloat(f, 'f', -1, 64))
}
