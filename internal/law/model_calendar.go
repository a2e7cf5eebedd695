package law

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Calendars says of any day whether it is a working day. The zero value knows no
// year: Monday to Friday are working days, and nothing is certain.
type Calendars struct {
	years  map[int]Year
	change map[clock.Day]bool // days that are not what their weekday says: true is a working day
}

// Year is the working-day calendar of one year, from the yearly notice of the
// State Council. Its days may lie in the December before.
type Year struct {
	Year   int
	Notice []string // addresses of the papers it follows
	Off    []Holiday
	Work   []MakeUp
}

// Holiday is a row of free days.
type Holiday struct {
	From, To clock.Day
	Name     text.Words
}

// MakeUp is a Saturday or Sunday on which people work.
type MakeUp struct {
	Day  clock.Day
	Name text.Words
}

// NewCalendars joins years. Of two calendars for one year the later given holds.
func NewCalendars(years ...Year) Calendars {
	c := Calendars{years: map[int]Year{}, change: map[clock.Day]bool{}}
	for _, y := range years {
		c.years[y.Year] = y
	}
	for _, n := range slices.Sorted(maps.Keys(c.years)) {
		y := c.years[n]
		for _, h := range y.Off {
			for d := h.From; d <= h.To; d++ {
				c.change[d] = false
			}
		}
		for _, w := range y.Work {
			c.change[w.Day] = true
		}
	}
	return c
}

// Working says whether people work on the day, and whether that is certain: in a
// year without a calendar only weekends are known.
func (c Calendars) Working(day clock.Day) (works, known bool) {
	_, known = c.years[day.Year()]
	if works, stated := c.change[day]; stated {
		return works, known
	}
	w := day.Weekday()
	return w != time.Saturday && w != time.Sunday, known
}

// Next is the first working day from day on (day itself included).
func (c Calendars) Next(day clock.Day) clock.Day {
	for {
		if works, _ := c.Working(day); works {
			return day
		}
		day++
	}
}

// Years lists the years that have a calendar, oldest first.
func (c Calendars) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// Year gives the calendar of a year.
func (c Calendars) Year(n int) (Year, bool) { y, ok := c.years[n]; return y, ok }

// Holiday gives the name of the holiday or of the reason for make-up work on the day.
func (c Calendars) Holiday(day clock.Day) (text.Words, bool) {
	for _, n := range []int{day.Year(), day.Year() + 1} {
		for _, h := range c.years[n].Off {
			if day >= h.From && day <= h.To {
				return h.Name, true
			}
		}
		for _, w := range c.years[n].Work {
			if w.Day == day {
				return w.Name, true
			}
		}
	}
	return nil, false
}

// With is these calendars with one year added or replaced.
func (c Calendars) With(y Year) Calendars {
	all := slices.SortedFunc(maps.Values(c.years), func(a, b Year) int { return cmp.Compare(a.Year, b.Year) })
	return NewCalendars(append(all, y)...)
}
