package geo

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
)

// The bounds of a view.
const (
	LeastPixels, MostPixels = 16, 2000   // width and height
	LeastScale, MostScale   = 0.05, 5000 // metres per pixel
)

// View is what a still picture of the ground shows: W by H pixels around a
// centre, north up. It turns a point into a pixel and a pixel into a point, so
// that a click on the picture (an <input type="image"> sends x and y without
// any script) is a place on the ground.
type View struct {
	Center         Point
	MetersPerPixel float64
	W, H           int
}

// Check refuses a view that cannot be drawn. Faults: those of Point.Check,
// geo.view_size, geo.view_scale.
func (v View) Check() error {
	if err := v.Center.Check(); err != nil {
		return err
	}
	if v.W < LeastPixels || v.H < LeastPixels || v.W > MostPixels || v.H > MostPixels {
		return fault.New(fault.Invalid, "geo.view_size", "min", LeastPixels, "max", MostPixels).At("w")
	}
	if !(v.MetersPerPixel >= LeastScale && v.MetersPerPixel <= MostScale) { // also refuses what is no number
		return fault.New(fault.Invalid, "geo.view_scale", "min", LeastScale, "max", MostScale).At("mpp")
	}
	return nil
}

// Pixel is where a point stands in the picture, from its upper left corner; it
// may lie outside.
func (v View) Pixel(p Point) XY {
	at := NewPlane(v.Center).XY(p)
	return XY{X: float64(v.W)/2 + at.X/v.MetersPerPixel, Y: float64(v.H)/2 - at.Y/v.MetersPerPixel}
}

// At is the point that a pixel shows. It is the inverse of Pixel.
func (v View) At(x, y float64) Point {
	return NewPlane(v.Center).Point(XY{X: (x - float64(v.W)/2) * v.MetersPerPixel, Y: (float64(v.H)/2 - y) * v.MetersPerPixel})
}

// Bounds gives the corners that the picture shows.
func (v View) Bounds() (sw, ne Point) { return v.At(0, float64(v.H)), v.At(float64(v.W), 0) }

// Zoom shows the ground factor times as large (2 is nearer, 0.5 is farther),
// within the bounds of scale.
func (v View) Zoom(factor float64) View {
	v.MetersPerPixel = math.Min(math.Max(v.MetersPerPixel/factor, LeastScale), MostScale)
	return v
}

// Pan moves the view by parts of its width to the east and of its height to
// the north: Pan(-0.5, 0) shows half a picture more of the west.
func (v View) Pan(east, north float64) View {
	p := v.At(float64(v.W)*(0.5+east), float64(v.H)*(0.5-north))
	v.Center = Point{Lon: math.Min(math.Max(p.Lon, -180), 180), Lat: math.Min(math.Max(p.Lat, -85), 85)}
	return v.written()
}

// written keeps the centre to what stands in a link, so that a picture and the
// form around it mean the very same view.
func (v View) written() View {
	v.Center.Lon, v.Center.Lat = math.Round(v.Center.Lon*1e7)/1e7, math.Round(v.Center.Lat*1e7)/1e7
	v.MetersPerPixel, _ = strconv.ParseFloat(strconv.FormatFloat(v.MetersPerPixel, 'g', 6, 64), 64)
	return v
}

// Fit is the view of w by h pixels that shows the box with a margin.
func Fit(sw, ne Point, w, h int) View {
	v := View{Center: Point{Lon: (sw.Lon + ne.Lon) / 2, Lat: (sw.Lat + ne.Lat) / 2}, W: w, H: h}
	at := NewPlane(v.Center).XY(ne)
	scale := math.Max(2*at.X/float64(max(w, 1)), 2*at.Y/float64(max(h, 1))) * 1.08
	v.MetersPerPixel = math.Min(math.Max(scale, LeastScale), MostScale)
	return v.written()
}

// Query writes the view into a link: c (centre), mpp, w and h.
func (v View) Query() url.Values {
	v = v.written()
	return url.Values{
		"c":   {number(v.Center.Lon) + "," + number(v.Center.Lat)},
		"mpp": {number(v.MetersPerPixel)},
		"w":   {strconv.Itoa(v.W)},
		"h":   {strconv.Itoa(v.H)},
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// ParseView reads what Query wrote. Faults: geo.view_unreadable and those of
// Check.
func ParseView(q url.Values) (View, error) {
	p, err := ParsePoint(q.Get("c"))
	if err != nil {
		return View{}, fault.Of(err).At("c")
	}
	v := View{Center: p}
	if v.MetersPerPixel, err = strconv.ParseFloat(q.Get("mpp"), 64); err != nil {
		return View{}, fault.New(fault.Invalid, "geo.view_unreadable").At("mpp").Because(err)
	}
	if v.W, err = strconv.Atoi(q.Get("w")); err != nil {
		return View{}, fault.New(fault.Invalid, "geo.view_unreadable").At("w").Because(err)
	}
	if v.H, err = strconv.Atoi(q.Get("h")); err != nil {
		return View{}, fault.New(fault.Invalid, "geo.view_unreadable").At("h").Because(err)
	}
	return v, v.Check()
}

// ParsePoint reads "longitude,latitude". Faults: geo.point_unreadable, those of
// Point.Check.
func ParsePoint(s string) (Point, error) {
	lon, lat, both := strings.Cut(s, ",")
	x, err1 := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	y, err2 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	if !both || err1 != nil || err2 != nil {
		return Point{}, fault.New(fault.Invalid, "geo.point_unreadable")
	}
	p := Point{Lon: x, Lat: y}
	return p, p.Check()
}

// Clicked reads where a form's picture was clicked: an image button called
// name sends name.x and name.y. False where it was not clicked. Faults:
// geo.view_unreadable for what is no pixel of the picture.
func (v View) Clicked(form url.Values, name string) (Point, bool, error) {
	sx, sy := form.Get(name+".x"), form.Get(name+".y")
	if sx == "" && sy == "" {
		return Point{}, false, nil
	}
	x, err1 := strconv.ParseFloat(sx, 64)
	y, err2 := strconv.ParseFloat(sy, 64)
	if err1 != nil || err2 != nil || !(x >= 0 && x <= float64(v.W) && y >= 0 && y <= float64(v.H)) {
		return Point{}, false, fault.New(fault.Invalid, "geo.view_unreadable").At(name)
	}
	// the middle of the pixel, unless a keyboard pressed the button (0,0)
	if x == 0 && y == 0 {
		return Point{}, false, nil
	}
	return v.At(x+0.5, y+0.5), true, nil
}
