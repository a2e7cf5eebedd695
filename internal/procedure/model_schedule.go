package procedure

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"linli/internal/area"
	"linli/internal/kit/clock"
)

// Schedule opens cases by itself when a period is over: one for every area.
type Schedule struct {
	Name      string
	Words     Words
	Every     Every             // "" where List says it line by line
	For       []string          // levels of area, see Levels
	List      string            // a plan that a room offers
	Opens     string            // the opening act
	Post      string            // kind of post whose unit in the area holds the case, or ""
	With      map[string]string // field <- one of Sources, or what the plan's line brings
	Statutory bool
	Norm      string
	Line      int
}

// Every is a kind of period.
type Every string

// The kinds of period.
const (
	Week    Every = "week"
	Month   Every = "month"
	Quarter Every = "quarter"
	Year    Every = "year"
)

// Everies are the kinds of period, the shortest first.
var Everies = []Every{Week, Month, Quarter, Year}

// Oftener reports whether a period of the kind comes at least as often as one
// of the other.
func (e Every) Oftener(than Every) bool {
	return slices.Index(Everies, e) <= slices.Index(Everies, than)
}

// Period is one week, month, quarter or year: its name and its days.
type Period struct {
	Name        string // 2026-W48, 2026-11, 2026Q4, 2026
	First, Last clock.Day
}

// PeriodOf is the period of the kind that a day lies in.
func PeriodOf(e Every, day clock.Day) Period {
	y, m, _ := day.Date()
	switch e {
	case Week:
		first := day - clock.Day((int(day.Start().Time().Weekday())+6)%7) // a week begins on Monday
		iy, w := (first + 3).Start().Time().ISOWeek()
		return Period{fmt.Sprintf("%04d-W%02d", iy, w), first, first + 6}
	case Month:
		return Period{fmt.Sprintf("%04d-%02d", y, int(m)), clock.Date(y, m, 1), clock.Date(y, m+1, 1) - 1}
	case Quarter:
		q := (int(m) - 1) / 3
		from := time.Month(3*q + 1)
		return Period{fmt.Sprintf("%04dQ%d", y, q+1), clock.Date(y, from, 1), clock.Date(y, from+3, 1) - 1}
	}
	return Period{strconv.Itoa(y), clock.Date(y, 1, 1), clock.Date(y+1, 1, 1) - 1}
}

// Levels are the levels of area that a schedule opens cases for.
var Levels = []string{"village", "community", "township", "county"}

// AtLevel reports whether an area is of one of the levels.
func AtLevel(code string, levels []string) bool {
	return slices.Contains(levels, LevelName(code))
}

// LevelName is the level of an area as schedules call it, "" for any other.
func LevelName(code string) string {
	switch area.LevelOf(code) {
	case area.County:
		return "county"
	case area.Street:
		return "township"
	case area.Community:
		if k, _ := area.KindOf(code); k == area.KindVillagers || k == area.KindLikeVillagers {
			return "village"
		}
		return "community"
	}
	return ""
}

// Sources are what a schedule can give the fields of a case by itself.
var Sources = []string{"area", "period", "first_day", "last_day", "line"}
