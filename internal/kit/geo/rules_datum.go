package geo

import (
	"math"

	"linli/internal/kit/fault"
)

// The ellipsoid on which the shift of GCJ-02 was defined (Krasovsky 1940).
const (
	krasovskyA  = 6378245.0
	krasovskyE2 = 0.00669342162296594323
)

// To brings a point stated in datum from into WGS-84. The inverse of the shifts
// has no closed form; it is found by iteration to better than 1e-9 degrees.
// Faults: those of Check and ParseDatum, and geo.no_inverse for the rare point
// in the seam along the edge of the box that no point is shifted to.
func To(p Point, from Datum) (Point, error) {
	if err := ready(p, from); err != nil {
		return Point{}, err
	}
	switch from {
	case GCJ02:
		return unshift(p, gcj)
	case BD09:
		return unshift(p, bd)
	}
	return p, nil
}

// From states a WGS-84 point in datum to. Faults: those of Check and ParseDatum.
func From(p Point, to Datum) (Point, error) {
	if err := ready(p, to); err != nil {
		return Point{}, err
	}
	switch to {
	case GCJ02:
		return gcj(p), nil
	case BD09:
		return bd(p), nil
	}
	return p, nil
}

func ready(p Point, d Datum) error {
	if _, err := ParseDatum(string(d)); err != nil {
		return err
	}
	return p.Check()
}

// gcj shifts WGS-84 to GCJ-02.
func gcj(p Point) Point {
	if !p.InChina() {
		return p
	}
	x, y := p.Lon-105, p.Lat-35
	common := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	root := math.Sqrt(math.Abs(x))
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + common +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLon := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + common +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	phi := radians(p.Lat)
	w2 := 1 - krasovskyE2*math.Sin(phi)*math.Sin(phi)
	w := math.Sqrt(w2)
	dLat = degrees(dLat * w2 * w / (krasovskyA * (1 - krasovskyE2)))
	dLon = degrees(dLon * w / (krasovskyA * math.Cos(phi)))
	return Point{Lon: p.Lon + dLon, Lat: p.Lat + dLat}
}

// bd shifts WGS-84 to BD-09, by way of GCJ-02.
func bd(p Point) Point {
	if !p.InChina() {
		return p
	}
	const turn = math.Pi * 3000 / 180
	g := gcj(p)
	z := math.Hypot(g.Lon, g.Lat) + 0.00002*math.Sin(g.Lat*turn)
	theta := math.Atan2(g.Lat, g.Lon) + 0.000003*math.Cos(g.Lon*turn)
	return Point{Lon: z*math.Cos(theta) + 0.0065, Lat: z*math.Sin(theta) + 0.006}
}

// unshift finds the point that shift moves to want. The shift changes by far
// less than one degree per degree, so that the plain fixed-point iteration
// gains two digits a round.
func unshift(want Point, shift func(Point) Point) (Point, error) {
	const enough, rounds = 1e-10, 40
	p := want
	for range rounds {
		at := shift(p)
		dLon, dLat := want.Lon-at.Lon, want.Lat-at.Lat
		if math.Abs(dLon) < enough && math.Abs(dLat) < enough {
			return p, nil
		}
		p = Point{Lon: p.Lon + dLon, Lat: p.Lat + dLat}
	}
	return Point{}, fault.New(fault.Invalid, "geo.no_inverse")
}

func radians(d float64) float64 { return d * math.Pi / 180 }
func degrees(r float64) float64 { return r * 180 / math.Pi }
