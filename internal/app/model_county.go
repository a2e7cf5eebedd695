package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/geo"
)

// CountyFile is the fictitious county of the demo and the tests.
const CountyFile = "demo/county.yaml"

// RoadsFile are the roads and waters of that county.
const RoadsFile = "demo/roads.yaml"

// countyRoad is one line of its map.
type countyRoad struct {
	Name, Class string
	At          [][2]float64
}

// county is the file as it is written.
type county struct {
	Areas []struct{ Code, Name string } `yaml:"areas"`
	Grids struct {
		Origin [2]float64 `yaml:"origin"`
		Cell   [2]float64 `yaml:"cell"`
		Places [][]string `yaml:"places"`
	} `yaml:"grids"`
	Places []struct {
		Name string     `yaml:"name"`
		At   [2]float64 `yaml:"at"`
	} `yaml:"places"`
	Roads  []countyRoad   `yaml:"-"` // from RoadsFile
	Units  []countyUnit   `yaml:"units"`
	People []countyPerson `yaml:"people"`
	Words  countyWords    `yaml:"words"`
}

type countyUnit struct {
	ID, Parent, Name, En, Kind, Function, Area, Owner, Commander string
}

type countyPerson struct {
	ID, Name string
	Posts    []string
}

// countyWords name what the rules of the file make.
type countyWords struct {
	Grid    string `yaml:"grid"`    // name of a grid, {n} its number within the community
	Handler string `yaml:"handler"` // name of a unit's handler, {unit} the unit's name
	Head    string `yaml:"head"`
}

func readCounty(files fs.FS) (*county, error) {
	var c county
	if err := readYAML(files, CountyFile, &c); err != nil {
		return nil, err
	}
	var drawn struct {
		Roads []countyRoad `yaml:"roads"`
	}
	if err := readYAML(files, RoadsFile, &drawn); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.Roads = drawn.Roads
	c.staff()
	return &c, nil
}

// staff gives every unit nobody is named for a handler, and a head where it is
// no village or community.
func (c *county) staff() {
	named := map[string]bool{}
	for _, p := range c.People {
		for _, post := range p.Posts {
			_, at, _ := strings.Cut(post, "@")
			unit, _, _ := strings.Cut(at, "/")
			named[unit] = true
		}
	}
	for _, u := range c.Units {
		small := u.Kind == "community" || u.Kind == "village"
		if !named[u.ID] || small || u.Kind == "street" {
			c.People = append(c.People, countyPerson{"h-" + u.ID, strings.ReplaceAll(c.Words.Handler, "{unit}", u.Name), []string{"handler@" + u.ID}})
		}
		if !named[u.ID] && !small {
			c.People = append(c.People, countyPerson{"b-" + u.ID, strings.ReplaceAll(c.Words.Head, "{unit}", u.Name), []string{"head@" + u.ID}})
		}
	}
}

func (u countyUnit) unit() identity.Unit {
	return identity.Unit{ID: u.ID, Parent: u.Parent, Name: u.Name, NameEn: u.En, Kind: u.Kind, Function: u.Function, Area: u.Area, Owner: u.Owner, Commander: u.Commander}
}

// post reads "kind@unit" or "kind@unit/area".
func (p countyPerson) post(s string) (identity.Post, error) {
	kind, at, ok := strings.Cut(s, "@")
	unit, area, _ := strings.Cut(at, "/")
	if !ok || kind == "" || unit == "" {
		return identity.Post{}, fmt.Errorf("%s: post %q of %s is not kind@unit or kind@unit/area", CountyFile, s, p.ID)
	}
	return identity.Post{Person: p.ID, Unit: unit, Kind: kind, Area: area}, nil
}

// divisions is the county's area table as CSV.
func (c *county) divisions() []byte {
	rows := [][]string{{"code", "name"}}
	for _, a := range c.Areas {
		rows = append(rows, []string{a.Code, a.Name})
	}
	return table(rows)
}

// places is the county's list of place names as CSV.
func (c *county) places() []byte {
	rows := [][]string{{"name", "lon", "lat"}}
	for _, p := range c.Places {
		rows = append(rows, []string{p.Name, strconv.FormatFloat(p.At[0], 'f', -1, 64), strconv.FormatFloat(p.At[1], 'f', -1, 64)})
	}
	return table(rows)
}

func table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}

// corner of the drawn map's cells, row 0 in the north.
func (c *county) corner(column, row int) geo.Point {
	g := c.Grids
	return geo.Point{Lon: g.Origin[0] + float64(column)*g.Cell[0], Lat: g.Origin[1] + float64(len(g.Places)-row)*g.Cell[1]}
}

// hotline is the telephone that all grids of the fictitious county share: the
// number is the same in every real county.
const hotline = "12345"

// grids draws every cell of the map as a rectangle in GeoJSON.
func (c *county) grids() ([]byte, error) {
	type object = map[string]any
	var features []object
	count := map[string]int{}
	for row, cells := range c.Grids.Places {
		for column, community := range cells {
			count[community]++
			nw, se := c.corner(column, row), c.corner(column+1, row+1)
			ring := [][2]float64{{nw.Lon, se.Lat}, {se.Lon, se.Lat}, {se.Lon, nw.Lat}, {nw.Lon, nw.Lat}, {nw.Lon, se.Lat}}
			features = append(features, object{
				"type":     "Feature",
				"geometry": object{"type": "Polygon", "coordinates": [][][2]float64{ring}},
				"properties": object{
					"code": fmt.Sprintf("%s%03d", community, count[community]), "community": community,
					"name": strings.ReplaceAll(c.Words.Grid, "{n}", strconv.Itoa(count[community])), "kind": "general", "phone": hotline,
				},
			})
		}
	}
	return json.Marshal(object{"type": "FeatureCollection", "features": features})
}

// lines are the county's roads as GeoJSON; nil where it has none.
func (c *county) lines() ([]byte, error) {
	type object = map[string]any
	var features []object
	for _, r := range c.Roads {
		features = append(features, object{"type": "Feature", "properties": object{"name": r.Name, "class": r.Class},
			"geometry": object{"type": "LineString", "coordinates": r.At}})
	}
	if len(features) == 0 {
		return nil, nil
	}
	return json.Marshal(object{"type": "FeatureCollection", "features": features})
}
