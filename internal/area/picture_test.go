package area

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

func say(key string, args ...any) string { return key + fmt.Sprint(args...) }

// drawn is a house with five grids, one with a hole, and three places.
func drawn(t testing.TB) *Service {
	s, _ := open(t, dbtest.SQLite(t))
	withCommunities(t, s)
	r := load(t, s, day0,
		box(prop(east+"001", east, "第一网格"), 0, 0, 5, 5), box(prop(east+"002", east, "第二网格"), 5, 0, 5, 5),
		box(prop(east+"003", east, `<script>alert("网")</script>`), 0, 5, 5, 5), box(prop(west+"001", west, "西园一"), 12, 0, 5, 10),
		feat(prop(west+"002", west, "有湖"), `{"type":"Polygon","coordinates":[`+
			ringText([2]float64{119.205, 34.705}, [2]float64{119.21, 34.705}, [2]float64{119.21, 34.71}, [2]float64{119.205, 34.71}, [2]float64{119.205, 34.705})+","+
			ringText([2]float64{119.207, 34.707}, [2]float64{119.207, 34.708}, [2]float64{119.208, 34.708}, [2]float64{119.208, 34.707}, [2]float64{119.207, 34.707})+`]}`))
	if r.BrokenRows > 0 {
		t.Fatalf("%+v", r)
	}
	if _, err := s.ImportPlaces(context.Background(), Places{Datum: geo.WGS84, File: File{Name: "p.csv", Data: rowsOf("名称,经度,纬度",
		"东园小学,119.2011,34.7012", "墟沟菜市场,119.2085,34.7022", "西园公交站,119.2145,34.7081")}}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPicture(t *testing.T) {
	ctx := context.Background()
	s := drawn(t)
	req := PictureRequest{View: s.FitView(ctx, "", 640, 480), Names: true, Highlight: []string{east + "002"},
		Marks: []Mark{{Point: pt(119.2025, 34.7031), Label: "路灯不亮 & <b>"}, {Point: pt(119.2065, 34.7065)}}}
	svg, err := s.Picture(ctx, req, say)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Picture(ctx, req, say)
	if err != nil || !bytes.Equal(svg, again) {
		t.Error("the same picture is not drawn the same twice")
	}
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		if el, ok := token.(xml.StartElement); ok && (el.Name.Local == "script" || el.Name.Local == "b") {
			t.Errorf("a name became an element: %v", el)
		}
	}
	for _, want := range []string{"第一网格", "第二网格", "东园小学", "路灯不亮", "area.map.scale_m", strongLine} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the picture lacks %s", want)
		}
	}
	data, err := s.PicturePNG(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds() != image.Rect(0, 0, 640, 480) {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	// where a grid is, its colour is; in the lake and outside there is paper
	for _, v := range []struct {
		p    Point
		want string
	}{{pt(119.2008, 34.7042), fills[colorOf(east+"001")]}, {pt(119.2065, 34.7055), fills[colorOf(west+"002")]},
		{pt(119.2075, 34.7075), paper}, {pt(119.211, 34.703), paper}} {
		at := req.View.Pixel(v.p)
		r, g, b, _ := img.At(int(at.X), int(at.Y)).RGBA()
		if got := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8); got != v.want {
			t.Errorf("at %v stands %s, want %s", v.p, got, v.want)
		}
	}
	if dir := os.Getenv("LINLI_PICTURES"); dir != "" {
		os.WriteFile(filepath.Join(dir, "map.svg"), svg, 0o644)
		os.WriteFile(filepath.Join(dir, "map.png"), data, 0o644)
	}
	for _, bad := range []geo.View{{}, {Center: pt(119, 34), MetersPerPixel: 1, W: 1e6, H: 1e6}, {Center: pt(119, 34), W: 100, H: 100}} {
		if _, err := s.PicturePNG(ctx, PictureRequest{View: bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// A picture far inside one large grid, of the whole country, and of an empty
// house can all be drawn.
func TestPictureAtTheEdges(t *testing.T) {
	ctx := context.Background()
	s := drawn(t)
	for _, v := range []geo.View{
		{Center: pt(119.2025, 34.7025), MetersPerPixel: geo.LeastScale, W: 2000, H: 2000},
		{Center: pt(119.2, 34.7), MetersPerPixel: geo.LeastScale, W: 300, H: 300}, // on a corner
		{Center: pt(105, 35), MetersPerPixel: geo.MostScale, W: 2000, H: 16},
		{Center: pt(-60, 85), MetersPerPixel: 3, W: 640, H: 480},
	} {
		for _, names := range []bool{true, false} {
			svg, err := s.Picture(ctx, PictureRequest{View: v, Names: names}, say)
			if err != nil || !bytes.Contains(svg, []byte("</svg>")) {
				t.Errorf("%v: %v", v, err)
			}
			if _, err := s.PicturePNG(ctx, PictureRequest{View: v, Names: names, Marks: []Mark{{Point: pt(0, 0)}}}); err != nil {
				t.Errorf("%v: %v", v, err)
			}
		}
	}
	empty, _ := open(t, dbtest.SQLite(t))
	if _, err := empty.Picture(ctx, PictureRequest{View: empty.FitView(ctx, "", 640, 480)}, say); err != nil {
		t.Error(err)
	}
}

func TestScaleBar(t *testing.T) {
	for mpp, want := range map[float64]float64{1: 100, 2: 200, 5: 500, 0.05: 5, 5000: 500000} {
		bar := scaleOf(geo.View{MetersPerPixel: mpp, W: 640})
		if bar.meters != want || bar.pixels > 128.1 || bar.pixels < 40 {
			t.Errorf("at %g m a pixel: %+v, want %g", mpp, bar, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	dbtest.Each(t, testPlaces)
}

func TestFindRefuses(t *testing.T) {
	s := drawn(t)
	for _, v := range []struct{ words, under, key string }{
		{"", "", "area.words_missing"}, {" \t ", "", "area.words_missing"}, {"坏\xff", "", "text.not_utf8"},
		{strings.Repeat("长", 200), "", "text.too_long"}, {"东园", "x", "area.code_shape"}, {"控\x00", "", "text.control"},
	} {
		if _, err := s.Find(context.Background(), v.words, v.under, 10); key(err) != v.key {
			t.Errorf("%q under %q: %v, want %s", v.words, v.under, err, v.key)
		}
	}
	for _, words := range []string{"%", "_", `\`, "'", `"; DROP TABLE area_place; --`, "((", "%25"} {
		if found, err := s.Find(context.Background(), words, "", 10); err != nil || len(found) != 0 {
			t.Errorf("%q: %v %v", words, found, err)
		}
	}
}
