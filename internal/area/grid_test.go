package area

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

const street, east, west = "320703001", "320703001001", "320703001002"

func withCommunities(t testing.TB, s *Service) {
	t.Helper()
	r, err := s.ImportDivisions(context.Background(), Divisions{On: day0 - 1000, Files: []File{{Name: "v.csv", Data: rowsOf("code,name",
		"320703,连云区", street+",墟沟街道", east+",东园社区", west+",西园社区")}}})
	if err != nil || r.BrokenRows > 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

// box is a feature whose corner lies at x,y and which is w by h, in thousandths
// of a degree from 119.2, 34.7.
func box(properties string, x, y, w, h float64) string {
	lon, lat := 119.2+x/1000, 34.7+y/1000
	return feat(properties, fmt.Sprintf(`{"type":"Polygon","coordinates":[%s]}`, ringText(
		[2]float64{lon, lat}, [2]float64{lon + w/1000, lat}, [2]float64{lon + w/1000, lat + h/1000}, [2]float64{lon, lat + h/1000}, [2]float64{lon, lat})))
}

func pt(lon, lat float64) Point { return Point{Lon: lon, Lat: lat} }

func ringText(points ...[2]float64) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "[%.7f,%.7f]", p[0], p[1])
	}
	return "[" + b.String() + "]"
}

func feat(properties, geometry string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":` + geometry + `}`
}

func collection(features ...string) File {
	return File{Name: "g.geojson", Data: []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)}
}

func prop(code, community, name string) string {
	return fmt.Sprintf(`"code":%q,"community":%q,"name":%q,"kind":"综合网格","phone":"0518-12345678"`, code, community, name)
}

func load(t testing.TB, s *Service, from clock.Day, features ...string) Report {
	t.Helper()
	r, err := s.ImportGrids(context.Background(), Grids{File: collection(features...), Datum: geo.WGS84, From: from, By: "tester"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGridsAndLocate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, hand := open(t, d)
		withCommunities(t, s)
		// two neighbours, a hole, a third one; 1/1000 degree is about 91 by 111 m
		features := []string{
			box(prop(east+"001", east, "第一网格"), 0, 0, 5, 5), box(prop(east+"002", east, "第二网格"), 5, 0, 5, 5),
			box(prop(west+"001", "", "第三网格"), 12, 0, 5, 5)}
		r := load(t, s, day0-10, features...)
		if r.Added != 3 || r.BrokenRows != 0 || len(r.Overlaps) != 0 {
			t.Fatalf("%+v", r)
		}
		if r = load(t, s, day0-10, features...); r.Unchanged != 3 || r.Added+r.Changed != 0 {
			t.Fatalf("twice: %+v", r)
		}
		if r = load(t, s, day0-3, features...); r.Unchanged != 3 {
			t.Fatalf("again from a later day: %+v", r)
		}
		askEverywhere(t, s)
		changeBorders(t, s, hand)
	})
}

// at is a point in the measure of box.
func at(x, y float64) Point { return Point{Lon: 119.2 + x/1000, Lat: 34.7 + y/1000} }

// askEverywhere asks for every kind of answer.
func askEverywhere(t *testing.T, s *Service) {
	t.Helper()
	ctx := context.Background()
	for _, v := range []struct {
		p           Point
		uncertainty float64
		status      Status
		grid        string
		first       string
	}{
		{at(2.5, 2.5), 0, Inside, east + "001", east + "001"},
		{at(2.5, 2.5), 100, Inside, east + "001", east + "001"},
		{at(2.5, 2.5), 240, Several, "", east + "001"},
		{at(4.9, 2.5), 5, Inside, east + "001", east + "001"},
		{at(4.9, 2.5), 20, Several, "", east + "001"},
		{at(0.1, 2.5), 20, Inside, east + "001", east + "001"}, // reaches outside, but no other grid
		{at(5, 2.5), 0, Border, "", east + "001"},
		{at(4.995, 2.5), 0, Border, "", east + "001"},
		{at(0, 2.5), 0, Border, "", east + "001"}, // the outer edge is a border too
		{at(-0.005, 2.5), 0, Border, "", east + "001"},
		{at(11, 2.5), 0, Gap, "", east + "002"},
		{at(11.9, 2.5), 50, Gap, "", west + "001"},
		{at(11, 2.5), 200, Several, "", east + "002"},
		{at(30, 2.5), 0, Gap, "", west + "001"},
		{at(100, 2.5), 0, Outside, "", west + "001"},
		{at(2.5, 30), 0, Outside, "", east + "001"},
		{at(3000, 2000), 5, Outside, "", west + "001"},
	} {
		got, err := s.Locate(ctx, v.p, v.uncertainty)
		if err != nil || got.Status != v.status || got.Grid != v.grid || len(got.Suggestions) == 0 || got.Suggestions[0].Grid != v.first {
			t.Errorf("Locate(%v, %g) = %+v %v, want %s %s", v.p, v.uncertainty, got, err, v.status, v.grid)
		}
		for i := 1; i < len(got.Suggestions); i++ {
			if got.Suggestions[i-1].Meters > got.Suggestions[i].Meters {
				t.Errorf("suggestions of %v are not in order: %+v", v.p, got.Suggestions)
			}
		}
	}
	for _, bad := range []struct {
		p Point
		u float64
	}{{pt(math.NaN(), 34), 0}, {pt(119, math.Inf(1)), 0}, {pt(119, 91), 0}, {at(1, 1), -1}, {at(1, 1), math.NaN()}, {at(1, 1), 1e9}} {
		if _, err := s.Locate(ctx, bad.p, bad.u); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v %g: %v", bad.p, bad.u, err)
		}
	}

}

// changeBorders gives new borders from tomorrow and then ends grids.
func changeBorders(t *testing.T, s *Service, hand *clock.Hand) {
	t.Helper()
	ctx := context.Background()
	// new borders from tomorrow: today the old ones hold, and both are kept
	r := load(t, s, day0+1, box(prop(east+"001", east, "第一网格"), 0, 0, 6, 5), box(prop(east+"002", east, "第二网格"), 6, 0, 4, 5))
	if r.Changed != 2 || len(r.Overlaps) != 0 {
		t.Errorf("%+v", r)
	}
	if got, _ := s.Locate(ctx, at(5.5, 2.5), 0); got.Grid != east+"002" {
		t.Errorf("today: %+v", got)
	}
	hand.Set((day0 + 1).Start())
	if got, _ := s.Locate(ctx, at(5.5, 2.5), 0); got.Grid != east+"001" {
		t.Errorf("tomorrow: %+v", got)
	}
	h, err := s.GridHistory(ctx, east+"001")
	if err != nil || len(h) != 2 || h[0].From != day0-10 || h[0].Until != day0+1 || h[1].Until != 0 {
		t.Errorf("history: %+v %v", h, err)
	}
	if r := load(t, s, day0-5, box(prop(east+"001", east, "改早"), 0, 0, 3, 5)); r.BrokenRows != 1 || r.Broken[0].Fault.Key != "area.older_than_known" {
		t.Errorf("%+v", r)
	}

	// a file that is whole ends what it does not have
	r, err = s.ImportGrids(ctx, Grids{File: collection(box(prop(east+"001", east, "第一网格"), 0, 0, 6, 5)), Datum: geo.WGS84, From: day0 + 2, Whole: true})
	if err != nil || r.Ended != 1 {
		t.Errorf("%+v %v", r, err)
	}
	if err := s.EndGrid(ctx, west+"001", day0+2); err != nil {
		t.Error(err)
	}
	hand.Set((day0 + 2).Start())
	if all := s.Grids(ctx, ""); len(all) != 1 || all[0].Code != east+"001" {
		t.Errorf("%v", all)
	}
	if g, err := s.Grid(ctx, west+"001"); err != nil || g.Until != day0+2 {
		t.Errorf("%+v %v", g, err)
	}
	if a, err := s.Get(ctx, east+"001"); err != nil || a.Name != "第一网格" {
		t.Errorf("%+v %v", a, err)
	}
	if c, err := s.Chain(ctx, east+"001"); err != nil || len(c) != 4 {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := s.Children(ctx, east); err != nil || len(c) != 1 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := s.Grid(ctx, west+"999"); key(err) != "area.unknown" {
		t.Error(err)
	}
}

func TestAnotherNodeSeesNewGrids(t *testing.T) {
	d := dbtest.SQLite(t)
	a, _ := open(t, d)
	withCommunities(t, a)
	b, hand := open(t, d)
	ctx := context.Background()
	load(t, a, day0, box(prop("", east, "新网格"), 0, 0, 5, 5))
	if got, _ := b.Locate(ctx, pt(119.202, 34.702), 0); got.Status != Outside {
		t.Errorf("within the second: %+v", got)
	}
	hand.Advance(lookEvery)
	if got, _ := b.Locate(ctx, pt(119.202, 34.702), 0); got.Status != Inside {
		t.Errorf("after a second: %+v", got)
	}
}

func TestGridsWithoutCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		withCommunities(t, s)
		// numbered from west to east and from north to south; 002 is taken in the file
		features := []string{box(prop("", east, "东"), 20, 0, 5, 5), box(prop("", east, "西南"), 0, 0, 5, 5), box(prop("", east, "西北"), 0, 6, 5, 5),
			box(prop(east+"002", east, "有号"), 10, 0, 5, 5), box(`"网格名称":"中","社区代码":320703001001,"类型":"专属"`, 30, 0, 5, 5)}
		r := load(t, s, day0, features...)
		if r.Added != 5 {
			t.Fatalf("%+v", r)
		}
		got := map[string]string{}
		for _, g := range s.Grids(ctx, east) {
			got[g.Name] = g.Code[12:] + string(g.Kind)
		}
		want := map[string]string{"西北": "001general", "有号": "002general", "西南": "003general", "东": "004general", "中": "005special"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if r := load(t, s, day0+1, features...); r.Unchanged != 5 {
			t.Errorf("twice: %+v", r)
		}
		// an ended number is not given again
		if err := s.EndGrid(ctx, east+"003", day0+1); err != nil {
			t.Fatal(err)
		}
		if r := load(t, s, day0+2, box(prop("", east, "新"), 0, 0, 5, 5), box(prop("", east, "新"), 5, 0, 5, 5)); r.Added != 1 || r.BrokenRows != 1 ||
			r.Broken[0].Fault.Key != "area.grid_name_twice" {
			t.Errorf("%+v", r)
		}
		h, err := s.GridHistory(ctx, east+"006")
		if err != nil || len(h) != 1 || h[0].Name != "新" {
			t.Errorf("%+v %v", h, err)
		}
	})
}

func TestBrokenFeaturesAreNamedAndTheOthersGoIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := open(t, d)
		withCommunities(t, s)
		poly := func(coordinates string) string {
			return feat(prop("", east, "坏"), `{"type":"Polygon","coordinates":`+coordinates+`}`)
		}
		corners := func(xy ...float64) string {
			var ps [][2]float64
			for i := 0; i < len(xy); i += 2 {
				ps = append(ps, [2]float64{119.2 + xy[i]/1000, 34.7 + xy[i+1]/1000})
			}
			return ringText(ps...)
		}
		square := corners(0, 0, 9, 0, 9, 9, 0, 9, 0, 0)
		huge := make([][2]float64, 20002)
		for i := range huge {
			a := float64(i) / 20001 * 2 * math.Pi
			huge[i] = [2]float64{119.2 + math.Cos(a)/100, 34.7 + math.Sin(a)/100}
		}
		cases := []struct{ feature, key string }{
			{box(prop("", east, "好"), 100, 0, 5, 5), ""},
			{poly("[" + corners(0, 0, 5, 5, 5, 0, 0, 5, 0, 0) + "]"), "area.ring_crossing"},                 // bow-tie
			{poly("[" + corners(0, 0, 5, 0, 5, 5, 2, 0, 0, 5, 0, 0) + "]"), "area.ring_crossing"},           // touches its own side
			{poly("[" + corners(0, 0, 1, 1, 2, 0, 2, 2, 1, 1, 0, 2, 0, 0) + "]"), "area.ring_crossing"},     // touches itself in a corner
			{poly("[" + corners(0, 0, 5, 0, 5, 5, 5, 8, 5, 5, 0, 5, 0, 0) + "]"), "area.ring_crossing"},     // a spike
			{poly("[" + corners(0, 0, 5, 0, 2, 0, 0, 0) + "]"), "area.ring_crossing"},                       // flat
			{poly("[" + corners(0, 0, 5, 0, 5, 5, 0, 5) + "]"), "area.ring_open"},                           //
			{poly("[" + corners(0, 0, 5, 0, 0, 0) + "]"), "area.ring_short"},                                //
			{poly("[" + corners(1, 1, 1, 1, 1, 1, 1, 1) + "]"), "area.ring_short"},                          // one point
			{poly("[" + ringText(huge...) + "]"), "area.geometry_huge"},                                     //
			{poly("[[[119,34],[119.1,1e999],[119.2,34],[119,34]]]"), "area.geometry_unreadable"},            //
			{poly("[[[119,34],[119.1,null],[119.2,34],[119,34]]]"), "area.point_implausible"},               //
			{poly("[[[119,34],[119.1],[119.2,34],[119,34]]]"), "area.point_unreadable"},                     //
			{poly("[[[119,34],[1190,34],[119.2,34.2],[119,34]]]"), "geo.out_of_range"},                      //
			{poly("[[[34,119],[34,119.1],[34.1,119.1],[34,119]]]"), "area.point_swapped"},                   //
			{poly("[[[0,0],[0,1],[1,1],[0,0]]]"), "area.point_implausible"},                                 //
			{poly("[[[119,34],[129,34],[129,44],[119,34]]]"), "area.extent_huge"},                           //
			{poly("[]"), "area.geometry_empty"},                                                             //
			{poly("7"), "area.geometry_unreadable"},                                                         //
			{poly("[" + square + "," + corners(20, 20, 21, 20, 21, 21, 20, 20) + "]"), "area.hole_outside"}, //
			{poly("[" + square + "," + corners(8, 8, 12, 8, 12, 12, 8, 8) + "]"), "area.ring_crossing"},     //
			{poly("[" + square + "," + corners(1, 1, 4, 1, 4, 4, 1, 4, 1, 1) + "," + corners(2, 2, 3, 2, 3, 3, 2, 2) + "]"), "area.hole_outside"},
			{feat(prop("", east, "坏"), `{"type":"MultiPolygon","coordinates":[[`+square+`],[`+corners(1, 1, 2, 1, 2, 2, 1, 1)+`]]}`), "area.parts_overlap"},
			{feat(prop("", east, "坏"), `{"type":"Point","coordinates":[119,34]}`), "area.geometry_type"},
			{feat(prop("", east, "坏"), `null`), "area.geometry_missing"},
			{`{"type":"Feature","properties":null,"geometry":null}`, "area.name_missing"},
			{`7`, "area.feature_unreadable"},
			{`{"type":"Polygon","coordinates":[]}`, "area.feature_unreadable"},
			{box(prop(east+"1", east, "短码"), 0, 0, 5, 5), "area.grid_code_shape"},
			{box(prop(west+"001", east, "不合"), 0, 0, 5, 5), "area.community_mismatch"},
			{box(prop("", "320703001099", "无此社区"), 0, 0, 5, 5), "area.community_unknown"},
			{box(prop("", "3207", "太大"), 0, 0, 5, 5), "area.community_shape"},
			{box(prop("", east, ""), 0, 0, 5, 5), "area.name_missing"},
			{box(prop("", east, "长"+strings.Repeat("长", 60)), 0, 0, 5, 5), "text.too_long"},
			{box(`"community":"`+east+`","name":"控\u0001制"`, 0, 0, 5, 5), "text.control"},
			{box(`"community":"`+east+`","name":"类","kind":"魔法"`, 0, 0, 5, 5), "area.grid_kind_unknown"},
			{box(`"community":"`+east+`","name":"话","phone":"<script>"`, 0, 0, 5, 5), "area.phone_shape"},
			{box(prop(east+"777", east, "甲"), 200, 0, 5, 5), ""},
			{box(prop(east+"777", east, "乙"), 300, 0, 5, 5), "area.twice"},
		}
		want := map[int]string{}
		var features []string
		for i, c := range cases {
			features = append(features, c.feature)
			if c.key != "" {
				want[i+1] = c.key
			}
		}
		r := load(t, s, day0, features...)
		got := map[int]string{}
		for _, b := range r.Broken {
			got[b.Where] = b.Fault.Key
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if r.Added != 2 || r.Read != len(cases) {
			t.Errorf("%d added of %d", r.Added, r.Read)
		}
	})
}

func TestUnreadableGridFiles(t *testing.T) {
	s, _ := open(t, dbtest.SQLite(t))
	withCommunities(t, s)
	good := collection(box(prop("", east, "好"), 0, 0, 5, 5), box(prop("", east, "也好"), 10, 0, 5, 5)).Data
	for name, v := range map[string]struct {
		data []byte
		key  string
	}{
		"truncated": {good[:len(good)-20], "area.geojson_unreadable"},
		"NaN":       {bytes.Replace(good, []byte("119.2000000"), []byte("NaN"), 1), "area.geojson_unreadable"},
		"two":       {append(bytes.Clone(good), good...), "area.geojson_unreadable"},
		"empty":     {nil, "area.geojson_unreadable"},
		"none":      {[]byte(`{"type":"FeatureCollection","features":[]}`), "area.geojson_empty"},
		"feature":   {[]byte(`{"type":"Feature"}`), "area.geojson_type"},
		"deep":      {[]byte(strings.Repeat("[", 20000)), "area.geojson_unreadable"},
		"list":      {[]byte(`[1,2]`), "area.geojson_unreadable"},
	} {
		_, err := s.ImportGrids(context.Background(), Grids{File: File{Name: name, Data: v.data}, Datum: geo.WGS84})
		if key(err) != v.key || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want %s", name, err, v.key)
		}
	}
	if _, err := s.ImportGrids(context.Background(), Grids{File: File{Data: good}}); key(err) != "geo.datum_missing" {
		t.Error(err)
	}
	if all := s.Grids(context.Background(), ""); len(all) != 0 {
		t.Errorf("something went in: %v", all)
	}
	r, err := s.ImportGrids(context.Background(), Grids{File: File{Data: append([]byte("\xef\xbb\xbf"), good...)}, Datum: geo.WGS84})
	if err != nil || r.Added != 2 {
		t.Errorf("with a byte order mark: %+v %v", r, err)
	}
}

func TestOverlaps(t *testing.T) {
	s, _ := open(t, dbtest.SQLite(t))
	withCommunities(t, s)
	r := load(t, s, day0,
		box(prop(east+"001", east, "甲"), 0, 0, 5, 5),
		box(prop(east+"002", east, "乙"), 4, 0, 5, 5),       // a corner in each other
		box(prop(east+"003", east, "丙"), 9.00000, 0, 5, 5), // only touches 002
		box(prop(east+"004", east, "丁"), 13.995, 0, 5, 5),  // half a metre into 003: drawn twice
		box(prop(east+"005", east, "十"), 30, 0, 1, 9),      // a cross: no corner of one in the other
		box(prop(east+"006", east, "字"), 26, 4, 9, 1),      //
		box(prop(east+"007", east, "外"), 50, 0, 9, 9),      // one within the other
		box(prop(east+"008", east, "内"), 53, 3, 2, 2),      //
		box(prop(east+"009", east, "同"), 70, 0, 5, 5),      // the same twice
		box(prop(east+"010", east, "样"), 70, 0, 5, 5),      //
	)
	var got []string
	for _, o := range r.Overlaps {
		got = append(got, o.NameA+o.NameB)
		if o.Meters < overlapFrom || o.At.Check() != nil || o.At.Lon == 0 {
			t.Errorf("%+v", o)
		}
	}
	if diff := cmp.Diff([]string{"甲乙", "十字", "外内", "同样"}, got); diff != "" {
		t.Error(diff)
	}
	if at, _ := s.Locate(context.Background(), pt(119.2545, 34.704), 0); at.Status != Several || at.Grid != "" || len(at.Suggestions) < 2 {
		t.Errorf("where grids overlap: %+v", at)
	}
	// a second import tells of overlaps with what is there already
	if r := load(t, s, day0, box(prop(west+"001", west, "新"), 0, 3, 5, 5)); len(r.Overlaps) != 2 || r.Overlaps[0].NameB != "甲" {
		t.Errorf("%+v", r.Overlaps)
	}
}

// What is exported and imported again, in any datum, is the same to the last
// digit.
func TestExportAndImportAgain(t *testing.T) {
	ctx := context.Background()
	s, _ := open(t, dbtest.SQLite(t))
	withCommunities(t, s)
	load(t, s, day0, box(prop("", east, `"引号" & <b>`), 0, 0, 5.1234567, 5.7654321), box(prop("", west, "二"), 6, 0, 5, 5),
		feat(prop("", west, "岛"), `{"type":"MultiPolygon","coordinates":[[[[119.3,34.7],[119.31,34.7],[119.31,34.71],[119.3,34.7]],[[119.307,34.703],[119.308,34.703],[119.308,34.704],[119.307,34.703]]],[[[119.4,34.7],[119.41,34.7],[119.41,34.71],[119.4,34.7]]]]}`))
	for _, datum := range geo.Datums() {
		var out bytes.Buffer
		if err := s.ExportGrids(ctx, &out, "", datum); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(out.Bytes()) {
			t.Fatalf("not JSON: %s", out.Bytes())
		}
		r, err := s.ImportGrids(ctx, Grids{File: File{Name: "again", Data: out.Bytes()}, Datum: datum, From: day0 + 1})
		if err != nil || r.Unchanged != 3 {
			t.Errorf("%s: %+v %v", datum, r, err)
		}
	}
	if err := s.ExportGrids(ctx, &bytes.Buffer{}, "", ""); key(err) != "geo.datum_missing" {
		t.Error(err)
	}
}

// The county borders of Lianyungang, stated in GCJ-02: a real city's topology.
func TestRealBorders(t *testing.T) {
	folder := shared(t, "boundaries_lianyungang")
	raw, err := os.ReadFile(filepath.Join(folder, "lianyungang_counties_320700_full.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Features []struct {
			Properties struct {
				Adcode   int        `json:"adcode"`
				Name     string     `json:"name"`
				Centroid [2]float64 `json:"centroid"`
			} `json:"properties"`
			Geometry json.RawMessage `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, _ := open(t, dbtest.SQLite(t))
	if _, err := s.ImportDivisions(ctx, Divisions{Files: lianyungang(t), On: day0 - 1}); err != nil {
		t.Fatal(err)
	}
	var features []string
	for _, f := range in.Features {
		streets, _ := s.Children(ctx, fmt.Sprint(f.Properties.Adcode))
		community, _ := s.Children(ctx, streets[0].Code)
		features = append(features, feat(fmt.Sprintf(`"name":%q,"community":%q`, f.Properties.Name, community[0].Code), string(f.Geometry)))
	}
	r, err := s.ImportGrids(ctx, Grids{File: collection(features...), Datum: geo.GCJ02})
	if err != nil || r.Added != 6 || r.BrokenRows != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	for _, o := range r.Overlaps {
		t.Logf("overlap %s %s %.1f m", o.NameA, o.NameB, o.Meters)
	}
	for _, f := range in.Features {
		p, err := geo.To(Point{Lon: f.Properties.Centroid[0], Lat: f.Properties.Centroid[1]}, geo.GCJ02)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Locate(ctx, p, 30)
		if err != nil || len(got.Suggestions) == 0 || got.Suggestions[0].Name != f.Properties.Name && got.Status == Inside {
			t.Errorf("%s: %+v %v", f.Properties.Name, got, err)
		}
		t.Logf("%s: %s", f.Properties.Name, got.Status)
	}
}

// Whatever stands in a file, an import answers and never panics.
func FuzzGridFile(f *testing.F) {
	lists, err := ReadLists(catalog.Files)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(collection(box(prop("", east, "好"), 0, 0, 5, 5)).Data)
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[1,2]]]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if fs, err := readFeatures(data, geo.GCJ02, lists); err == nil {
			for _, one := range fs {
				if one.fault == nil && CheckShape(one.grid.Shape) != nil {
					t.Errorf("kept a shape that is none")
				}
			}
		}
	})
}
