package area

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/geo"
)

func way(properties string, at ...float64) string {
	var c []string
	for i := 0; i+1 < len(at); i += 2 {
		c = append(c, fmt.Sprintf("[%g,%g]", at[i], at[i+1]))
	}
	return `{"type":"Feature","properties":{` + properties + `},"geometry":{"type":"LineString","coordinates":[` + strings.Join(c, ",") + `]}}`
}

func TestRoads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		load := func(whole bool, features ...string) (Report, error) {
			return s.ImportRoads(ctx, Roads{File: collection(features...), Datum: geo.WGS84, Whole: whole})
		}
		good := way(`"id":"1","name":"人民路","highway":"primary"`, 119.1, 34.6, 119.2, 34.6)
		r, err := load(false, good, way(`"name":"无等级"`, 119.1, 34.6, 119.1, 34.7),
			way(`"name":"怪","highway":"spaceway"`, 119.1, 34.6, 119.2, 34.6), way(`"name":"一点"`, 119.1, 34.6), way(`"name":"反"`, 34.6, 119.1, 34.6, 119.2),
			`{"type":"Feature","properties":{"name":"面"},"geometry":{"type":"Polygon","coordinates":[]}}`, `{"type":"Feature","properties":{"name":"空"}}`, `7`, good)
		if err != nil || r.Added != 2 || r.BrokenRows != 7 {
			t.Fatalf("%+v %v", r, err)
		}
		for i, want := range []string{"area.road_class", "area.geometry_empty", "area.point_swapped", "area.line_type", "area.geometry_missing", "area.feature_unreadable", "area.twice"} {
			if got := r.Broken[i].Fault.Key; got != want {
				t.Errorf("feature %d: %s, want %s", r.Broken[i].Where, got, want)
			}
		}
		if r, err = load(false, good); err != nil || r.Unchanged != 1 || r.Added+r.Changed != 0 {
			t.Errorf("the same file twice: %+v %v", r, err)
		}
		if r, err = load(true, way(`"id":"1","name":"人民大道","highway":"trunk"`, 119.1, 34.6, 119.2, 34.6)); err != nil || r.Changed != 1 || r.Ended != 1 {
			t.Errorf("a whole file: %+v %v", r, err)
		}
		if _, err := load(true, way(`"name":"坏"`, 119.1, 34.6)); key(err) != "area.whole_with_broken_rows" {
			t.Errorf("a whole file with a broken row: %v", err)
		}
		left, err := s.roadsIn(ctx, Box{119, 34, 120, 35}, 9, 10)
		if err != nil || len(left) != 1 || left[0].Name != "人民大道" || left[0].Class != "express" {
			t.Errorf("%+v %v", left, err)
		}
		if _, err := s.ImportRoads(ctx, Roads{File: collection(good)}); key(err) != "geo.datum_missing" {
			t.Errorf("without a datum: %v", err)
		}
	})
}

func TestMapLayers(t *testing.T) {
	s := drawn(t)
	ctx := context.Background()
	hostile := `<img src=x onerror=alert(1)>"&'`
	name, _ := json.Marshal(hostile)
	box := s.MapBox(ctx, "")
	if _, err := s.ImportRoads(ctx, Roads{Datum: geo.WGS84, File: collection(way(`"name":`+string(name)+`,"class":"main"`, box.West, box.South, box.East, box.North))}); err != nil {
		t.Fatal(err)
	}
	get := door(t, s)
	w := get("/api/v1/map/layers?px=800")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<img") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var got MapLayers
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range got.Features {
		count[f.Properties.Layer]++
		if f.Properties.Layer == "road" && f.Properties.Name != hostile {
			t.Errorf("a name came back as %q", f.Properties.Name)
		}
	}
	if count["road"] != 1 || count["grid"] == 0 || count["community"] == 0 {
		t.Errorf("layers: %v", count)
	}
	tag := w.Header().Get("ETag")
	if again := get("/api/v1/map/layers?px=800", "If-None-Match", tag); again.Code != http.StatusNotModified {
		t.Errorf("the same again: %d", again.Code)
	}
	if _, err := s.ImportRoads(ctx, Roads{Datum: geo.WGS84, File: collection(way(`"name":"新路"`, box.West, box.South, box.East, box.South))}); err != nil {
		t.Fatal(err)
	}
	if again := get("/api/v1/map/layers?px=800", "If-None-Match", tag); again.Code != http.StatusOK {
		t.Errorf("after a road was added: %d", again.Code)
	}
	far := get("/api/v1/map/layers?bbox=100,20,101,21")
	if far.Code != http.StatusOK || !strings.Contains(far.Body.String(), `"features":[]`) {
		t.Errorf("elsewhere: %d %s", far.Code, far.Body)
	}
	for _, bad := range []string{"bbox=1,2,3", "bbox=a,b,c,d", "bbox=2,1,1,2", "bbox=1,2,1,3", "bbox=NaN,1,2,3", "bbox=-500,1,2,3", "bbox=Inf,1,2,3", "px=0", "px=x", "under=7x"} {
		if w := get("/api/v1/map/layers?" + bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// The border of a community is what no two of its grids share.
func TestOutline(t *testing.T) {
	grid := func(x, y float64) Grid {
		return Grid{Community: "1", Shape: geo.Shape{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}}
	}
	o := outlineOf([]Grid{grid(0, 0), grid(1, 0), grid(0, 1), grid(1, 1)})
	length := 0.0
	for _, l := range o.lines {
		for i := 1; i < len(l); i++ {
			length += math.Hypot(l[i][0]-l[i-1][0], l[i][1]-l[i-1][1])
		}
	}
	if len(o.lines) != 1 || length != 8 {
		t.Errorf("%d lines of length %g: %v", len(o.lines), length, o.lines)
	}
}

func TestReadTiles(t *testing.T) {
	good, err := ReadTiles("https://t0.example.cn/{z}/{x}/{y}.png?key=1", "GCJ-02", " 出处 ")
	if err != nil || good.Origin() != "https://t0.example.cn" || good.Credit != "出处" || good.Datum != "GCJ-02" {
		t.Errorf("%+v %v", good, err)
	}
	if none, err := ReadTiles("", "WGS-84", ""); none != nil || err != nil || none.Origin() != "" {
		t.Errorf("%v %v", none, err)
	}
	for _, bad := range [][3]string{
		{"https://t/{z}/{x}", "WGS-84", "a"}, {"javascript:{z}{x}{y}", "WGS-84", "a"}, {"//t/{z}/{x}/{y}", "WGS-84", "a"}, {"https://t;script-src *//{z}/{x}/{y}", "WGS-84", "a"},
		{"https://t/{z}/{x}/{y}", "WGS-84", " "}, {"https://t/{z}/{x}/{y}", "", "a"}, {"https://t/{z}/{x}/{y}", "BD-09", "a"}, {"https://{z}/{x}/{y} x", "WGS-84", ""},
	} {
		if got, err := ReadTiles(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%v was taken: %+v", bad, got)
		}
	}
}
