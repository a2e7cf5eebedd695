package geo

import (
	"math"
	"strconv"

	"linli/internal/kit/fault"
)

// Point is a place in degrees. Unless a datum is named beside it, it is WGS-84.
type Point struct {
	Lon float64 `json:"lon" doc:"Longitude in degrees"`
	Lat float64 `json:"lat" doc:"Latitude in degrees"`
}

// Datum names the system in which a point is stated.
type Datum string

// The datums that the house reads and writes.
const (
	WGS84    Datum = "WGS-84"
	CGCS2000 Datum = "CGCS2000" // equal to WGS-84 for our accuracy
	GCJ02    Datum = "GCJ-02"   // the national map shift
	BD09     Datum = "BD-09"    // one vendor's shift on top of GCJ-02
)

// Datums lists every datum in the order in which pages offer them.
func Datums() []Datum { return []Datum{WGS84, CGCS2000, GCJ02, BD09} }

// ParseDatum reads a datum's name exactly as written above. A missing name is
// its own fault: which datum holds is never guessed.
func ParseDatum(s string) (Datum, error) {
	switch d := Datum(s); d {
	case WGS84, CGCS2000, GCJ02, BD09:
		return d, nil
	case "":
		return "", fault.New(fault.Invalid, "geo.datum_missing").At("datum")
	}
	if len(s) > 40 {
		s = s[:40]
	}
	return "", fault.New(fault.Invalid, "geo.datum_unknown", "datum", strconv.QuoteToASCII(s)).At("datum")
}

// Check refuses a point that is not finite or lies outside the ranges of
// longitude and latitude. Faults: geo.not_finite, geo.out_of_range.
func (p Point) Check() error {
	switch {
	case !finite(p.Lon):
		return fault.New(fault.Invalid, "geo.not_finite").At("lon")
	case !finite(p.Lat):
		return fault.New(fault.Invalid, "geo.not_finite").At("lat")
	case p.Lon < -180 || p.Lon > 180:
		return fault.New(fault.Invalid, "geo.out_of_range", "value", p.Lon).At("lon")
	case p.Lat < -90 || p.Lat > 90:
		return fault.New(fault.Invalid, "geo.out_of_range", "value", p.Lat).At("lat")
	}
	return nil
}

// The box around China outside of which GCJ-02 and BD-09 shift nothing. It is
// the vendors' box, wider than the country.
const (
	chinaWest, chinaEast   = 72.004, 137.8347
	chinaSouth, chinaNorth = 0.8293, 55.8271
)

// InChina reports whether the point lies in the box where the map shifts apply.
func (p Point) InChina() bool {
	return p.Lon >= chinaWest && p.Lon <= chinaEast && p.Lat >= chinaSouth && p.Lat <= chinaNorth
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
