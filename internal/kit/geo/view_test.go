package geo

import (
	"math"
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/kit/fault"
)

// A pixel is a point and back, after any number of pans, zooms and links.
func TestViewIsItsOwnInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := View{
			Center:         Point{rapid.Float64Range(74, 135).Draw(t, "lon"), rapid.Float64Range(4, 53).Draw(t, "lat")},
			MetersPerPixel: rapid.Float64Range(0.1, 500).Draw(t, "mpp"),
			W:              rapid.IntRange(100, 1200).Draw(t, "w"), H: rapid.IntRange(100, 1200).Draw(t, "h"),
		}.Pan(rapid.Float64Range(-1, 1).Draw(t, "east"), rapid.Float64Range(-1, 1).Draw(t, "north")).Zoom(rapid.Float64Range(0.1, 10).Draw(t, "zoom"))
		again, err := ParseView(v.Query())
		if err != nil {
			t.Fatal(err)
		}
		third, err := ParseView(again.Query())
		if err != nil || third != again {
			t.Fatalf("%v is not %v: %v", again, third, err)
		}
		x, y := rapid.Float64Range(0, float64(v.W)).Draw(t, "x"), rapid.Float64Range(0, float64(v.H)).Draw(t, "y")
		at := again.Pixel(again.At(x, y))
		if math.Abs(at.X-x) > 1e-4 || math.Abs(at.Y-y) > 1e-4 {
			t.Fatalf("%g,%g came back as %v", x, y, at)
		}
	})
}

func TestViewShowsWhatItShould(t *testing.T) {
	v := Fit(Point{119.1, 34.5}, Point{119.3, 34.7}, 640, 480)
	sw, ne := v.Bounds()
	if sw.Lon > 119.1 || sw.Lat > 34.5 || ne.Lon < 119.3 || ne.Lat < 34.7 {
		t.Errorf("Fit leaves out: %v %v", sw, ne)
	}
	if up := v.Pan(0, 0.5); up.Center.Lat <= v.Center.Lat || up.Center.Lon != v.Center.Lon {
		t.Errorf("panning north goes to %v", up.Center)
	}
	if near := v.Zoom(2); near.MetersPerPixel != v.MetersPerPixel/2 {
		t.Errorf("zoom: %v", near)
	}
	if at := v.At(320, 240); math.Abs(at.Lon-v.Center.Lon) > 1e-9 {
		t.Errorf("the middle is %v", at)
	}
	if far := v.Zoom(1e-9).Zoom(1e30); far.Check() != nil {
		t.Errorf("zoomed to %v", far)
	}
	if Fit(Point{119, 34}, Point{119, 34}, 640, 480).Check() != nil {
		t.Error("a single point cannot be shown")
	}
}

func TestClicks(t *testing.T) {
	v := View{Center: Point{119.2, 34.6}, MetersPerPixel: 2, W: 320, H: 240}
	p, ok, err := v.Clicked(url.Values{"map.x": {"100"}, "map.y": {"50"}}, "map")
	if err != nil || !ok || p != v.At(100.5, 50.5) {
		t.Errorf("%v %v %v", p, ok, err)
	}
	for _, form := range []url.Values{{}, {"map.x": {"0"}, "map.y": {"0"}}} {
		if _, ok, err := v.Clicked(form, "map"); ok || err != nil {
			t.Errorf("%v counts as a click: %v", form, err)
		}
	}
	for _, x := range []string{"-1", "321", "NaN", "1e9", "x", ""} {
		if _, ok, err := v.Clicked(url.Values{"map.x": {x}, "map.y": {"5"}}, "map"); ok || !fault.Is(err, fault.Invalid) {
			t.Errorf("x=%q: %v %v", x, ok, err)
		}
	}
	for _, q := range []string{"", "c=1,2", "c=1&mpp=1&w=100&h=100", "c=1,2&mpp=NaN&w=100&h=100", "c=1,2&mpp=-1&w=100&h=100",
		"c=1,2&mpp=1&w=100000&h=100", "c=1,2&mpp=1&w=100&h=x", "c=NaN,2&mpp=1&w=100&h=100", "c=1,91&mpp=1&w=100&h=100", "c=1,2&mpp=1e9&w=100&h=100"} {
		values, _ := url.ParseQuery(q)
		if _, err := ParseView(values); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", q, err)
		}
	}
}
