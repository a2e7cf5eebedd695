package year

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/law"
)

// File is the profile of the year.
const File = "demo/streets.yaml"

// Days is how long the year is.
const Days = 365

// Profile is the shape of the year.
type Profile struct {
	County struct {
		Code, Name, Province, City string
	} `yaml:"county"`
	Streets     []string `yaml:"streets"`
	Townships   int      `yaml:"townships"`
	Communities struct {
		Least int      `yaml:"least"`
		Most  int      `yaml:"most"`
		Names []string `yaml:"names"`
	} `yaml:"communities"`
	Departments [][3]string         `yaml:"departments"`
	Offices     [][3]string         `yaml:"offices"`
	Hours       map[int]int         `yaml:"hours"`
	Weekdays    []int               `yaml:"weekdays"`
	Months      []int               `yaml:"months"`
	Year        map[string]int      `yaml:"year"`
	Kinds       map[string]int      `yaml:"kinds"`
	Receivers   map[int]int         `yaml:"receivers"`
	Shares      map[string]int      `yaml:"shares"`
	Subjects    map[string][]string `yaml:"subjects"`
	Says        map[string]string   `yaml:"says"` // what people write
	Staff       []Person            `yaml:"people"`
	Words       struct {
		Government   string `yaml:"government"`
		Center       string `yaml:"center"`
		Of           string `yaml:"of"`
		Street       string `yaml:"street"`
		StreetOffice string `yaml:"street_office"`
		Town         string `yaml:"town"`
		TownOffice   string `yaml:"town_office"`
		Community    string `yaml:"community"`
		Committee    string `yaml:"committee"`
		Head         string `yaml:"head"`
	} `yaml:"words"`
	Classes [][2]string `yaml:"classes"`
}

// Unit is one unit of the county.
type Unit struct {
	ID, Parent, Name, Kind, Function, Area string
	Head                                   string // who answers for it
}

// Person is somebody who works there; posts are kind@unit or kind@unit/area.
type Person struct {
	ID, Name string
	Posts    []string
}

// Town is the county that a profile makes.
type Town struct {
	Areas  [][2]string // code and name
	Map    [][]string  // communities, one row of the drawn map per street
	Units  []Unit
	People []Person
}

// root is the county's own unit.
const root = "county"

// town makes the county: streets, communities, departments and who works in them.
func (p *Profile) town(seed uint64) Town {
	code := p.County.Code
	w := p.Words
	t := Town{Areas: [][2]string{{code[:2], p.County.Province}, {code[:4], p.County.City}, {code, p.County.Name}}, People: slices.Clone(p.Staff),
		Units: []Unit{{ID: root, Name: p.County.Name + w.Government, Kind: "government", Area: code},
			{ID: root + "-center", Parent: root, Name: p.County.Name + w.Center, Kind: "department", Function: "government-service", Area: code}}}
	for _, d := range p.Departments {
		t.Units = append(t.Units, Unit{d[0], root, w.Of + d[2], "department", d[1], code, "b-" + d[0]})
	}
	draw := newDraw(seed, 0)
	for i, name := range p.Streets {
		street := fmt.Sprintf("%s%03d", code, i+1)
		kind, office := w.Street, w.StreetOffice
		if i >= len(p.Streets)-p.Townships {
			street, kind, office = fmt.Sprintf("%s%03d", code, 100+i), w.Town, w.TownOffice
		}
		id := fmt.Sprintf("s%02d", i+1)
		t.Areas = append(t.Areas, [2]string{street, name + kind})
		t.Units = append(t.Units, Unit{id, root, name + office, "street", "", street, fmt.Sprint("head", i+1)})
		t.People = append(t.People, Person{fmt.Sprint("head", i+1), name + kind + w.Head, []string{"head@" + id + "/" + street, "dispatcher@" + id + "/" + street}})
		for _, office := range p.Offices {
			t.Units = append(t.Units, Unit{id + "-" + office[0], id, name + kind + office[2], "office", office[1], street, "b-" + id + "-" + office[0]})
		}
		var row []string
		for c := range p.Communities.Least + draw.IntN(p.Communities.Most-p.Communities.Least+1) {
			area := fmt.Sprintf("%s%03d", street, c+1)
			community := name + p.Communities.Names[c] + w.Community
			t.Areas = append(t.Areas, [2]string{area, community})
			t.Units = append(t.Units, Unit{ID: fmt.Sprintf("%s-c%d", id, c+1), Parent: id, Name: community + w.Committee, Kind: "community", Area: area})
			row = append(row, area)
		}
		for len(row) < p.Communities.Most { // the rest of the row belongs to the last
			row = append(row, row[len(row)-1])
		}
		t.Map = append(t.Map, row)
	}
	return t
}

// Parts are the rooms whose verbs are played, and what the house lends.
type Parts struct {
	People   *identity.Service
	Cases    *casework.Service
	Duty     *duty.Service
	Clock    clock.Clock
	Calendar law.Calendars
	Until    clock.Instant

	Load     func(ctx context.Context, t Town) error           // puts the county into the house
	Pass     func(ctx context.Context, to clock.Instant) error // lets time go on
	Sequence func(ctx context.Context) error                   // numbers the log
	Portion  int                                               // only one of so many cases; 0 and 1 are all
}

// Done says what was played.
type Done struct {
	Acts    int
	Cases   map[string]int // by kind of what was brought up
	Refused []error        // acts that the house did not take
}

// offices are units of a kind in their order.
func (t Town) offices(kind string) (out []Unit) {
	return slices.DeleteFunc(slices.Clone(t.Units), func(u Unit) bool { return u.Kind != kind || strings.HasPrefix(u.ID, root) })
}
