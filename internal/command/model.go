package command

import (
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// mostBehind is how many leaves may be unread before the page says so.
const mostBehind = 256

// Reader is this room's name in the log.
const Reader = "command"

// keepDays is for how many days received cases stay counted: what the page
// compares (a week and the four before it) and a week to spare.
const keepDays = 42

// noDue sorts cases without a date behind all others.
const noDue = 9000000000000000000

// row is one case as this room keeps it.
type row struct {
	ID, Number, Procedure, State, Kind string
	Live, Decides, Unplaced, Child     bool
	Class, Area, Unit, Sealed          string
	Placed                             bool
	Lon, Lat                           int64 // degrees × 1,000,000
	Opened, Due                        clock.Instant
	Breached                           int64
	Escalated                          string
	Changed                            clock.Instant
}

func (r row) dueKey() int64 {
	if r.Due == 0 {
		return noDue
	}
	return int64(r.Due)
}

// What is counted.
const (
	countOpen     = 1
	countReceived = 2
	countDecides  = 3
	countUnplaced = 4
)

// levels are how many digits of an area code the counters keep; wholeCode keeps
// all of them.
const wholeCode = 30

var levels = [...]int{6, 9, 12, wholeCode}

// levelFor is the first level that tells apart areas of so many digits.
func levelFor(digits int) int {
	for _, l := range levels {
		if digits <= l {
			return l
		}
	}
	return wholeCode
}

func cut(code string, level int) string { return code[:min(len(code), level)] }

// counter is the key of one leaf counter, its level and area left out.
type counter struct {
	What                                int
	Day                                 int64
	Unit, Procedure, Class, State, Seal string
}

// Scope is what a page is about: an area, or the cases of a unit and the units
// below it. An empty one is all that the viewer's posts see.
type Scope struct {
	Area string
	Unit string // id
	Path string // of the unit
}

// Filter narrows the list, the map and the shading.
type Filter struct {
	Class     string
	Procedure string
	State     string // of Procedure
	Due       string // "", overdue, today
	Decides   bool
	Unplaced  bool
	Newest    bool   // the newest first, else the earliest due
	After     string // cursor of the page before
	Limit     int    // 1 to 200
}

// Check refuses what no page offers. Fault: command.filter at the field.
func (f Filter) Check() error {
	bad := func(field string) error { return fault.New(fault.Invalid, "command.filter").At(field) }
	switch {
	case !slices.Contains([]string{"", "overdue", "today"}, f.Due):
		return bad("due")
	case f.Procedure != "" && !procedure.IDPattern.MatchString(f.Procedure):
		return bad("state")
	case f.State != "" && (f.Procedure == "" || !procedure.IDPattern.MatchString(f.State)):
		return bad("state")
	case len(f.Class) > 100 || strings.ContainsAny(f.Class, "\x00\r\n"):
		return bad("class")
	}
	return nil
}

// Numbers are the figures on top of a page.
type Numbers struct {
	Received int // today, not counting what other cases brought about
	Open     int
	Today    int // due later today
	Overdue  int
	Decides  int // wait for a decision
	Unplaced int // of these, the place is not known
}

// Part is the figures of one area, class or state.
type Part struct {
	Key string
	Numbers
}

// Rise is a class with how much came in the last seven days, and in the four
// weeks before them.
type Rise struct {
	Class       string
	Week, Weeks int
}

// Cluster is one mark of the map: several cases of an area or a square, or one.
type Cluster struct {
	Area     string // code of the area it stands for; "" for a square or a case
	Case     string // id, of a single one
	Open     int
	Overdue  int
	Lon, Lat float64
}

// State tells how far the reader is.
type State struct {
	ledger.Standing
	AsOf clock.Instant
}
