package area

import (
	"net/url"
	"strings"

	"github.com/paulmach/orb"

	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// roadClasses are the classes of a line on the map, the weightiest first; a
// line's weight is its place here. The words for them stand in
// catalog/area/area.yaml.
var roadClasses = []string{"express", "water", "main", "rail", "street", "lane", "path"}

// Road is a line of the map with its name.
type Road struct {
	ID    string // the source's id, or made from what it is
	Name  string // "" where it has none
	Class string // one of roadClasses
	Lines orb.MultiLineString
}

// Tiles is a source of picture tiles below the map.
type Tiles struct {
	URL    string `json:"url" doc:"Template with {z}, {x} and {y}"`
	Datum  string `json:"datum" enum:"WGS-84,CGCS2000,GCJ-02" doc:"Datum in which the tiles are drawn; the map shifts to it"`
	Credit string `json:"credit" doc:"Who made the tiles, to be shown as plain text"`
}

// ReadTiles checks a source of tiles; without an address there is none. Faults:
// area.tiles_url, area.tiles_credit, geo.datum_unknown, area.tiles_datum.
func ReadTiles(address, datum, credit string) (*Tiles, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(strings.NewReplacer("{z}", "1", "{x}", "1", "{y}", "1").Replace(address))
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(address, part) != 1 {
			return nil, fault.New(fault.Invalid, "area.tiles_url").At("tiles")
		}
	}
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.Contains(strings.SplitN(address+"///", "/", 4)[2], "{") || strings.ContainsAny(u.Host, " ;,'\"{}*") {
		return nil, fault.New(fault.Invalid, "area.tiles_url").At("tiles").Because(err)
	}
	if strings.TrimSpace(credit) == "" {
		return nil, fault.New(fault.Invalid, "area.tiles_credit").At("tiles-credit")
	}
	d, err := geo.ParseDatum(datum)
	if err != nil {
		return nil, err
	}
	if d == geo.BD09 { // its tiles are cut in another projection
		return nil, fault.New(fault.Invalid, "area.tiles_datum").At("tiles-datum")
	}
	return &Tiles{URL: address, Datum: string(d), Credit: strings.TrimSpace(credit)}, nil
}

// Origin is the house that the tiles come from, "" without tiles.
func (t *Tiles) Origin() string {
	if t == nil {
		return ""
	}
	u, err := url.Parse(strings.NewReplacer("{z}", "1", "{x}", "1", "{y}", "1").Replace(t.URL))
	if err != nil {
		return "" // cannot be: ReadTiles has read it
	}
	return u.Scheme + "://" + u.Host
}

// Bounds of one answer with layers of the map.
const (
	mostMapGrids  = 600
	mostMapAreas  = 300
	mostMapRoads  = 500
	mostMapPlaces = 120
	mostMapPixels = 4096
	leastMapPixel = 0.5 // metres across one pixel: nothing is drawn finer
)

// Box is a part of the map in degrees of WGS-84.
type Box struct{ West, South, East, North float64 }

// Check refuses a box that is none. Fault: area.box.
func (b Box) Check() error {
	sw, ne := Point{Lon: b.West, Lat: b.South}, Point{Lon: b.East, Lat: b.North}
	if sw.Check() != nil || ne.Check() != nil || b.West >= b.East || b.South >= b.North {
		return fault.New(fault.Invalid, "area.box").At("bbox")
	}
	return nil
}

func (b Box) bound() orb.Bound {
	return orb.Bound{Min: orb.Point{b.West, b.South}, Max: orb.Point{b.East, b.North}}
}
