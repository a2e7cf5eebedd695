package law

import (
	"cmp"
	"slices"
	"time"

	"linli/internal/kit/clock"
)

// DueAt reckons when a running clock ends.
//
// Hours count at once by the wall clock, without the paused time, and never roll.
// Days, working days and months go by Due from the civil day of Start in China;
// at-most and back-from end at 24:00 of their day, at-least at 0:00 of the first
// day on which the thing may come down. A pause does not count the days after the
// one on which it began, up to and with the one on which it ended: a pause that
// begins and ends on one day gains nothing, so nobody wins a day by a minute.
//
// A standing pause (To 0) holds the clock unless it had run out before. The
// answer is the same whenever it is asked, but for calendars loaded meanwhile.
// Faults: see Clock.Check.
func DueAt(cal Calendars, c Clock) (Moments, error) {
	if err := c.Check(); err != nil {
		return Moments{}, err
	}
	if c.Unit == Hour {
		return c.hours(), nil
	}
	w := walk{cal: cal, end: endOfDays}
	for _, p := range c.Pauses {
		span := Span{From: p.From.Day() + 1, To: endOfDays}
		if p.To != 0 {
			span.To = p.To.Day()
		}
		w.pauses = append(w.pauses, span)
	}
	dates, ok := w.due(Request{Start: c.Start.Day(), Length: c.Length, Unit: c.Unit, Kind: c.Kind})
	if !ok {
		return Moments{Held: true}, nil
	}
	out := Moments{DutyDay: dates.Duty, AcceptanceDay: dates.Acceptance, Provisional: dates.Provisional}
	if c.Kind == AtLeast {
		out.Duty, out.Acceptance = dates.Duty.Start(), dates.Acceptance.Start()
	} else {
		out.Duty, out.Acceptance = dates.Duty.End(), dates.Acceptance.End()
	}
	return out, nil
}

// hours ends a clock of hours.
func (c Clock) hours() Moments {
	at, left := c.Start, clock.Instant(c.Length)*clock.Instant(time.Hour.Microseconds())
	if c.Kind == BackFrom {
		at, left = backwards(at, left, merged(c.Pauses)), 0
	}
	for _, p := range merged(c.Pauses) {
		if left == 0 || p.To != 0 && p.To <= at {
			continue
		}
		if run := max(p.From-at, 0); left <= run {
			break
		} else if left -= run; p.To == 0 {
			return Moments{Held: true}
		}
		at = p.To
	}
	at += left
	return Moments{Duty: at, Acceptance: at, DutyDay: at.Day(), AcceptanceDay: at.Day()}
}

// backwards goes left microseconds back from at, over pauses that ended by then.
func backwards(at, left clock.Instant, pauses []Pause) clock.Instant {
	for _, p := range slices.Backward(pauses) {
		if p.From >= at || p.To == 0 {
			continue
		}
		if run := max(at-p.To, 0); left <= run {
			break
		} else {
			left -= run
		}
		at = p.From
	}
	return at - left
}

// merged sorts pauses and joins those that touch; one without end takes in all
// that begin after it.
func merged(pauses []Pause) []Pause {
	sorted := slices.Clone(pauses)
	slices.SortFunc(sorted, func(a, b Pause) int { return cmp.Compare(a.From, b.From) })
	var out []Pause
	for _, p := range sorted {
		if n := len(out); n > 0 && (out[n-1].To == 0 || p.From <= out[n-1].To) {
			if out[n-1].To != 0 && (p.To == 0 || p.To > out[n-1].To) {
				out[n-1].To = p.To
			}
			continue
		}
		out = append(out, p)
	}
	return out
}

// WarnAt is the moment at which so many percent of the time between from and due
// have gone, counted as the unit counts: working days only for a period of
// working days, never paused time. A share below 1 gives from, above 99 due; the
// answer never lies outside the two.
func WarnAt(cal Calendars, unit Unit, from, due clock.Instant, pauses []Pause, share int) clock.Instant {
	if due <= from || share <= 0 {
		return min(from, due)
	}
	if share >= 100 {
		return due
	}
	running := stretches(cal, unit, from, due, merged(pauses))
	var total clock.Instant
	for _, s := range running {
		total += s.To - s.From
	}
	// parts of a hundred first, so that no product grows beyond the number
	left := total/100*clock.Instant(share) + total%100*clock.Instant(share)/100
	for _, s := range running {
		if run := s.To - s.From; left > run {
			left -= run
			continue
		}
		return s.From + left
	}
	return due
}

// stretches are the counted parts between two moments.
func stretches(cal Calendars, unit Unit, from, due clock.Instant, pauses []Pause) []Pause {
	whole := []Pause{{from, due}}
	if unit == Workday {
		whole = nil
		for day := from.Day(); day.Start() < due; day++ {
			if works, _ := cal.Working(day); works {
				whole = append(whole, Pause{max(day.Start(), from), min(day.End(), due)})
			}
		}
	}
	var out []Pause
	for _, s := range whole {
		for _, p := range pauses {
			if p.To != 0 && p.To <= s.From || p.From >= s.To {
				continue
			}
			if p.From > s.From {
				out = append(out, Pause{s.From, p.From})
			}
			if s.From = p.To; p.To == 0 {
				s.From = s.To
			}
		}
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}
