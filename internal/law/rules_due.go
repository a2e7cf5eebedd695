package law

import (
	"time"

	"linli/internal/kit/clock"
)

// Due reckons the end of a period of days, working days or months.
//
// The start day is not counted (民法典 201). Months end on the corresponding day,
// or on the last of the month where there is none (202). Paused days, both ends
// included, are not counted; a month with pauses is as many days longer as were
// paused. At-most gives the last day, at-least the day after it (the first on
// which the thing may come down), back-from the last day on which there is still
// so much time before the start day.
//
// Acceptance is Duty, or the next working day where Duty is none (203); a period
// counted back never rolls. Faults: see Request.Check.
func Due(cal Calendars, r Request) (Dates, error) {
	if err := r.Check(); err != nil {
		return Dates{}, err
	}
	w := walk{cal: cal, pauses: r.Pauses, end: endOfDays}
	out, _ := w.due(r)
	return out, nil
}

// endOfDays is beyond every period and every pause that Check lets pass.
var endOfDays = lastDay + 3*maxDays

// walk goes day by day and notes whether it looked into a year without calendar.
type walk struct {
	cal         Calendars
	pauses      []Span
	end         clock.Day // where it gives up
	provisional bool
}

// due is Due without checks; false when a pause without end was met.
func (w *walk) due(r Request) (Dates, bool) {
	step := clock.Day(1)
	if r.Kind == BackFrom {
		step = -1
	}
	last, ok := w.last(r, step)
	if !ok {
		return Dates{}, false
	}
	if r.Kind == AtLeast {
		last++
	}
	out := Dates{Duty: last, Acceptance: last}
	for r.Kind != BackFrom && !w.working(out.Acceptance) {
		out.Acceptance++
	}
	out.Provisional = w.provisional
	return out, true
}

// last finds the last counted day of the period.
func (w *walk) last(r Request, step clock.Day) (clock.Day, bool) {
	left := r.Length
	if r.Unit == Month {
		left = int(Months(r.Start, r.Length*int(step))-r.Start) * int(step)
	}
	day := r.Start
	for left > 0 {
		day += step
		if day > w.end || day < firstDay-endOfDays {
			return 0, false
		}
		if step > 0 && w.heldFrom(day) {
			return 0, false // a pause without end: no day after it is counted
		}
		if !w.paused(day) && (r.Unit != Workday || w.working(day)) {
			left--
		}
	}
	return day, true
}

// heldFrom says whether a pause that still stands covers the day.
func (w *walk) heldFrom(day clock.Day) bool {
	for _, p := range w.pauses {
		if p.To == endOfDays && day >= p.From {
			return true
		}
	}
	return false
}

func (w *walk) paused(day clock.Day) bool {
	for _, p := range w.pauses {
		if day >= p.From && day <= p.To {
			return true
		}
	}
	return false
}

func (w *walk) working(day clock.Day) bool {
	works, known := w.cal.Working(day)
	w.provisional = w.provisional || !known
	return works
}

// Months is the corresponding day n months on (n < 0: back), or the last of that
// month where it has no such day (民法典 202).
func Months(day clock.Day, n int) clock.Day {
	y, m, d := day.Date()
	month := y*12 + int(m) - 1 + n
	first := clock.Date(month/12, time.Month(month%12+1), 1)
	next := clock.Date((month+1)/12, time.Month((month+1)%12+1), 1)
	return min(first+clock.Day(d)-1, next-1)
}
