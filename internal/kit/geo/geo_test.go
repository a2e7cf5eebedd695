package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"linli/internal/kit/fault"
)

func near(t testing.TB, what string, got, want Point, tolerance float64) {
	t.Helper()
	if math.Abs(got.Lon-want.Lon) > tolerance || math.Abs(got.Lat-want.Lat) > tolerance {
		t.Errorf("%s: got %.10f,%.10f want %.10f,%.10f (±%g)", what, got.Lon, got.Lat, want.Lon, want.Lat, tolerance)
	}
}

func must(t testing.TB, p Point, err error) Point {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The vectors that every open implementation of the shifts shares
// (wandergis/coordtransform, googollee/eviltransform).
func TestKnownShifts(t *testing.T) {
	beijing := Point{116.404, 39.915}
	g, err := From(beijing, GCJ02)
	near(t, "WGS-84 to GCJ-02", must(t, g, err), Point{116.41024449916938, 39.91640428150164}, 1e-9)

	for _, v := range []struct{ wgs, gcj Point }{
		{Point{121.4671328, 31.1774276}, Point{121.47164, 31.17530}},
		{Point{113.3782, 23.1264}, Point{113.38362, 23.12370}},
	} {
		g, err := From(v.wgs, GCJ02)
		near(t, "eviltransform", must(t, g, err), v.gcj, 2e-4)
	}

	// GCJ-02 to BD-09 and back, through the house's datum.
	w, err := To(beijing, GCJ02)
	b, err2 := From(must(t, w, err), BD09)
	near(t, "GCJ-02 to BD-09", must(t, b, err2), Point{116.41036949371029, 39.92133699351021}, 1e-8)
	w, err = To(beijing, BD09)
	g, err2 = From(must(t, w, err), GCJ02)
	near(t, "BD-09 to GCJ-02", must(t, g, err2), Point{116.39762729119315, 39.90865673957631}, 1e-5)

	same, err := To(beijing, CGCS2000)
	near(t, "CGCS2000", must(t, same, err), beijing, 0)
}

func TestShiftsDoNothingOutsideChina(t *testing.T) {
	for _, p := range []Point{{2.3522, 48.8566}, {-74.0, 40.7}, {151.2, -33.9}, {72.0, 30}, {100, 56}} {
		for _, d := range Datums() {
			out, err := From(p, d)
			near(t, "from "+string(d), must(t, out, err), p, 0)
			in, err := To(p, d)
			near(t, "to "+string(d), must(t, in, err), p, 0)
		}
	}
}

// Anywhere in China but the seam of the box, out and in again is the same
// point to better than 1e-7 degrees (a centimetre), in both orders.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{
			Lon: rapid.Float64Range(chinaWest+0.05, chinaEast-0.05).Draw(t, "lon"),
			Lat: rapid.Float64Range(chinaSouth+0.05, chinaNorth-0.05).Draw(t, "lat"),
		}
		d := rapid.SampledFrom(Datums()).Draw(t, "datum")
		out, err := From(p, d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := To(out, d)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(back.Lon-p.Lon) > 1e-8 || math.Abs(back.Lat-p.Lat) > 1e-8 {
			t.Fatalf("%s: %v went to %v and came back as %v", d, p, out, back)
		}
		if shift := Distance(p, out); shift > 2500 {
			t.Fatalf("%s moves %v by %.0f m", d, p, shift)
		}
	})
}

// Any finite point is answered or refused with a fault; nothing ever hangs,
// panics or gives a number that is none.
func TestEveryPointIsAnswered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{Lon: rapid.Float64().Draw(t, "lon"), Lat: rapid.Float64().Draw(t, "lat")}
		if rapid.Bool().Draw(t, "on the seam") {
			p = Point{chinaWest + rapid.Float64Range(-0.02, 0.02).Draw(t, "dx"), chinaNorth + rapid.Float64Range(-0.02, 0.02).Draw(t, "dy")}
		}
		for _, d := range Datums() {
			for _, convert := range []func(Point, Datum) (Point, error){To, From} {
				got, err := convert(p, d)
				if err != nil {
					if !fault.Is(err, fault.Invalid) {
						t.Fatalf("not a fault: %v", err)
					}
					continue
				}
				if !finite(got.Lon) || !finite(got.Lat) {
					t.Fatalf("%v became %v", p, got)
				}
			}
		}
	})
}

func TestBadPointsAndDatums(t *testing.T) {
	for _, p := range []Point{
		{math.NaN(), 30}, {120, math.NaN()}, {math.Inf(1), 30}, {120, math.Inf(-1)},
		{180.0001, 0}, {-181, 0}, {0, 90.0001}, {0, -91}, {1e308, 1e308}, {39.9, 116.4},
	} {
		if err := p.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v is not refused: %v", p, err)
		}
		if _, err := To(p, GCJ02); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v is converted", p)
		}
	}
	for name, key := range map[string]string{"": "geo.datum_missing", "wgs84": "geo.datum_unknown", "GCJ-02 ": "geo.datum_unknown"} {
		_, err := ParseDatum(name)
		if f := fault.Of(err); err == nil || f.Key != key || f.Field != "datum" {
			t.Errorf("ParseDatum(%q) = %v, want %s", name, err, key)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, v := range []struct {
		a, b Point
		want float64 // Karney's geodesic, metres
		tol  float64
	}{
		{Point{0, 0}, Point{1, 0}, 111319.491, 0.01},
		{Point{0, 0}, Point{0, 1}, 110574.389, 0.5},
		{Point{116.404, 39.915}, Point{121.4737, 31.2304}, 1067500, 1200},
		{Point{119.2, 34.6}, Point{119.2, 34.6}, 0, 0},
		{Point{0, 0}, Point{180, 0}, 20003931, 40000},
	} {
		got := Distance(v.a, v.b)
		if math.Abs(got-v.want) > v.tol {
			t.Errorf("distance %v %v = %.3f, want %.3f", v.a, v.b, got, v.want)
		}
	}
}

// Within a few kilometres the plane measures what the ellipsoid measures, and
// it is exactly invertible.
func TestPlaneAgreesWithDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origin := Point{rapid.Float64Range(75, 135).Draw(t, "lon"), rapid.Float64Range(18, 53).Draw(t, "lat")}
		pl := NewPlane(origin)
		at := XY{rapid.Float64Range(-5000, 5000).Draw(t, "x"), rapid.Float64Range(-5000, 5000).Draw(t, "y")}
		p := pl.Point(at)
		back := pl.XY(p)
		if math.Hypot(back.X-at.X, back.Y-at.Y) > 1e-4 {
			t.Fatalf("%v came back as %v", at, back)
		}
		flat, true_ := math.Hypot(at.X, at.Y), Distance(origin, p)
		if math.Abs(flat-true_) > 0.01+flat*1.2e-3 {
			t.Fatalf("flat %.4f m, true %.4f m at %v", flat, true_, origin)
		}
	})
}

func square(lon, lat, size float64) orb.Ring {
	return orb.Ring{{lon, lat}, {lon + size, lat}, {lon + size, lat + size}, {lon, lat + size}, {lon, lat}}
}

func TestShape(t *testing.T) {
	s := Shape{{square(119, 34, 0.02), square(119.005, 34.005, 0.01)}}
	for _, v := range []struct {
		p        Point
		in       bool
		boundary float64
	}{
		{Point{119.002, 34.01}, true, 184.7},
		{Point{119.01, 34.01}, false, 461.7}, // in the hole
		{Point{118.99, 34.01}, false, 923.4},
		{Point{119, 34}, true, 0},
	} {
		if v.boundary > 0 && Contains(s, v.p) != v.in {
			t.Errorf("Contains(%v) is not %v", v.p, v.in)
		}
		if got := BoundaryDistance(s, v.p); math.Abs(got-v.boundary) > 1 {
			t.Errorf("boundary distance of %v = %.2f, want %.2f", v.p, got, v.boundary)
		}
	}
	if d := NewPlane(Point{119.01, 34.01}).Distance(s); math.Abs(d-461.7) > 1 {
		t.Errorf("distance from the hole = %.1f", d)
	}
	if !math.IsInf(BoundaryDistance(nil, Point{119, 34}), 1) {
		t.Error("a shape without edges is near")
	}
	sw, ne := Bounds(s)
	near(t, "south-west", sw, Point{119, 34}, 0)
	near(t, "north-east", ne, Point{119.02, 34.02}, 1e-12)
}
