package area

import (
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// Point is a place in degrees of WGS-84.
type Point = geo.Point

// Area is one division, or one grid seen as an area, as it was from one day
// until another.
type Area struct {
	Code   string
	Name   string
	NameEn string    // "" where no English name is known
	From   clock.Day // the day from which this name is known to hold
	Until  clock.Day // the first day on which it no longer holds; 0 while it does
}

// Level of the area, from its code.
func (a Area) Level() Level { return LevelOf(a.Code) }

// Kind is what the code's number range says the area is.
func (a Area) Kind() Kind { k, _ := KindOf(a.Code); return k }

// Ended reports whether the area no longer exists on the day.
func (a Area) Ended(on clock.Day) bool { return a.Until != 0 && a.Until <= on }

// Succession says that one area took another's place, wholly or in part.
type Succession struct {
	Old, New string
	Day      clock.Day // the first day of the new one
	Reason   string
}

// GridKind says what a grid is for. The words by which files name the kinds
// stand in catalog/area/area.yaml, their titles in catalog/text.
type GridKind string

// The kinds of grid.
const (
	General GridKind = "general" // 综合网格: a part of a village or community
	Special GridKind = "special" // 专属网格: a market, a park, a campus
	Micro   GridKind = "micro"   // 微网格
)

// TextKey is the key of the kind's title.
func (k GridKind) TextKey() string { return "area.grid_kind." + string(k) }

// Grid is the smallest unit of care: a polygon with a name and the telephone on
// which its work can be complained about.
type Grid struct {
	Code      string
	Community string // 12 digits
	Name      string
	NameEn    string
	Kind      GridKind
	Phone     string // complaint telephone, posted publicly
	Shape     geo.Shape
	From      clock.Day
	Until     clock.Day // first day on which these borders no longer hold; 0 while they do
}

// Place is a name by which people call a point: a school, a stop, a gate.
type Place struct {
	Ref   string // the source's id, or made from name and point
	Name  string
	Point Point
	Area  string // code of the area it lies in, "" where not known
}

// The kinds of thing that Find finds.
const (
	FoundArea  = "area"
	FoundGrid  = "grid"
	FoundPlace = "place"
)

// Found is one answer of Find.
type Found struct {
	Kind   string   // FoundArea, FoundGrid or FoundPlace
	Code   string   // of the area or grid; of a place, the area it lies in ("" where not known)
	Name   string   // its own name
	Within []string // names of the areas above, largest first
	Point  *Point   // where it is, for places and grids
}

// Status is the answer to the question in which grid a point lies.
type Status string

// The answers of Locate.
const (
	Inside  Status = "inside"  // strictly in one grid, and the uncertainty circle touches no other
	Border  Status = "border"  // within a metre of a grid's border
	Gap     Status = "gap"     // in no grid, but within two kilometres of one
	Outside Status = "outside" // more than two kilometres from every grid
	Several Status = "several" // the uncertainty circle, or the point itself where grids overlap, reaches two grids
)

// TextKey is the key of the sentence that explains the answer.
func (s Status) TextKey() string { return "area.located." + string(s) }

// Located is where a point lies. Grid is set only when Status is Inside; in
// every other case a person decides, helped by the suggestions, nearest first.
type Located struct {
	Status      Status
	Grid        string
	Suggestions []Suggestion
}

// Suggestion is a grid near a point.
type Suggestion struct {
	Grid      string
	Name      string
	Community string
	Meters    float64 // 0 where the point lies in the grid
}

// File is one file of an import.
type File struct {
	Name string
	Data []byte // CSV or gzipped CSV
}

// Broken is one row or feature that was refused, and why. Where is the line of
// a CSV file or the number of a GeoJSON feature, both counted from 1.
type Broken struct {
	File  string
	Where int
	Code  string
	Name  string
	Fault *fault.Fault
}

// Overlap says that two grids of one day cover the same ground.
type Overlap struct {
	A, B         string // codes
	NameA, NameB string
	Meters       float64 // how deep, at least
	At           Point   // where
}

// Report is what an import did. Of Broken and Notes the first 1,000 are kept;
// the counts are whole.
type Report struct {
	Read       int // rows or features looked at
	Added      int
	Changed    int
	Unchanged  int
	Ended      int
	BrokenRows int
	NotedRows  int
	Levels     map[Level]int // divisions only: how many areas of each level the files hold
	Broken     []Broken      // refused, named
	Notes      []Broken      // went in, but somebody should look
	Overlaps   []Overlap     // grids only
}

const mostNamed = 1000

func (r *Report) broken(b Broken) {
	r.BrokenRows++
	if len(r.Broken) < mostNamed {
		r.Broken = append(r.Broken, b)
	}
}

// stopped names the place from which a file could not be read on; it is always
// kept, however many rows before it were broken.
func (r *Report) stopped(b Broken) {
	r.BrokenRows++
	r.Broken = append(r.Broken, b)
}

func (r *Report) note(b Broken) {
	r.NotedRows++
	if len(r.Notes) < mostNamed {
		r.Notes = append(r.Notes, b)
	}
}
