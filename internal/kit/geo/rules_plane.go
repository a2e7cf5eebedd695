package geo

import "math"

// The ellipsoid of WGS-84.
const (
	earthA  = 6378137.0
	earthF  = 1 / 298.257223563
	earthE2 = earthF * (2 - earthF)
)

// Distance is the length in metres of the shortest way between two points on
// the ellipsoid (Lambert's formula: better than 10 m over thousands of
// kilometres, better than 1 in 100,000 within a county).
func Distance(a, b Point) float64 {
	beta := func(p Point) float64 { return math.Atan((1 - earthF) * math.Tan(radians(p.Lat))) }
	b1, b2 := beta(a), beta(b)
	dLon := radians(b.Lon - a.Lon)
	h := sq(math.Sin((b2-b1)/2)) + math.Cos(b1)*math.Cos(b2)*sq(math.Sin(dLon/2))
	h = math.Min(h, 1)
	sigma := 2 * math.Asin(math.Sqrt(h))
	if sigma == 0 {
		return 0
	}
	mid, half := (b1+b2)/2, (b2-b1)/2
	near, far := sq(math.Cos(sigma/2)), sq(math.Sin(sigma/2))
	var x, y float64
	if near > 1e-12 { // at the antipode the correction is not defined
		x = (sigma - math.Sin(sigma)) * sq(math.Sin(mid)*math.Cos(half)) / near
	}
	y = (sigma + math.Sin(sigma)) * sq(math.Cos(mid)*math.Sin(half)) / far
	return earthA * (sigma - earthF/2*(x+y))
}

// XY is a place on a Plane in metres: X to the east, Y to the north.
type XY struct{ X, Y float64 }

// Plane is a flat map around an origin. It is true in the neighbourhood: at
// 10 km from the origin lengths are wrong by about 1 in 1,000, at 1 km by 1 in
// 10,000. Both directions are exact inverses.
type Plane struct {
	Origin     Point
	mLon, mLat float64 // metres per degree
}

// NewPlane lays a plane at origin. The origin must be a checked point; at the
// very pole the plane keeps a small width so that it stays invertible.
func NewPlane(origin Point) Plane {
	phi := radians(origin.Lat)
	w2 := 1 - earthE2*sq(math.Sin(phi))
	w := math.Sqrt(w2)
	return Plane{
		Origin: origin,
		mLon:   radians(earthA / w * math.Max(math.Cos(phi), 1e-6)),
		mLat:   radians(earthA * (1 - earthE2) / (w2 * w)),
	}
}

// XY puts a point on the plane.
func (pl Plane) XY(p Point) XY {
	return XY{X: (p.Lon - pl.Origin.Lon) * pl.mLon, Y: (p.Lat - pl.Origin.Lat) * pl.mLat}
}

// Point is the inverse of XY.
func (pl Plane) Point(at XY) Point {
	return Point{Lon: pl.Origin.Lon + at.X/pl.mLon, Lat: pl.Origin.Lat + at.Y/pl.mLat}
}

// Degrees gives how many degrees of longitude and latitude a length in metres
// spans at the plane's origin.
func (pl Plane) Degrees(meters float64) (lon, lat float64) {
	return meters / pl.mLon, meters / pl.mLat
}

func sq(f float64) float64 { return f * f }
