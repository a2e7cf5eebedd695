package app

import (
	"fmt"
	"math/rand/v2"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/law"
)

// draw picks what is left open in the demo's stories. It is seeded, so that the
// same seed and days tell the same stories.
type draw struct{ *rand.Rand }

func newDraw(seed uint64, of uint64) draw { return draw{rand.New(rand.NewPCG(seed, of))} }

// length draws between the bounds of a stretch, to the second.
func (d draw) length(s stretch) time.Duration {
	return (s.from + time.Duration(d.Float64()*float64(s.to-s.from))).Truncate(time.Second)
}

// between draws a number between two bounds.
func (d draw) between(lo, hi float64) float64 { return lo + d.Float64()*(hi-lo) }

// of draws one of several values by their weights.
func (d draw) of(all []chance) string {
	sum := 0
	for _, c := range all {
		sum += c.Weight
	}
	if sum == 0 {
		return ""
	}
	n := d.IntN(sum)
	for _, c := range all {
		if n -= c.Weight; n < 0 {
			return c.Value
		}
	}
	return ""
}

// opens is the first moment from t on at which people with these hours act: t
// itself where it falls in them, else a little after the next opening.
func (h hours) opens(cal law.Calendars, d draw, t clock.Instant) clock.Instant {
	if h.To == 0 || h.To-h.From >= 24 {
		return t
	}
	day := t.Day()
	for {
		works := true
		if h.Workdays {
			works, _ = cal.Working(day)
		}
		from, to := hour(day, h.From), hour(day, h.To)
		if works && t < to {
			if t >= from {
				return t
			}
			return from.Add(d.length(stretch{0, 50 * time.Minute}))
		}
		day++
		t = max(t, day.Start())
	}
}

// last is a moment towards the end of the last day before t on which people with
// these hours acted.
func (h hours) last(cal law.Calendars, d draw, t clock.Instant) clock.Instant {
	for day := t.Day(); ; day-- {
		works := true
		if h.Workdays {
			works, _ = cal.Working(day)
		}
		if to := hour(day, h.To); works && to <= t {
			return to.Add(-d.length(stretch{time.Hour, 3 * time.Hour}))
		}
	}
}

// hour is an hour of a day in China.
func hour(day clock.Day, h float64) clock.Instant {
	return day.Start().Add(time.Duration(h * float64(time.Hour)))
}

// begins draws when a story begins. Counted in working days it comes at the
// hours at which most things come; some of what would come on a Friday comes at
// the weekend, which is quieter.
func (a ago) begins(cal law.Calendars, d draw, arrive []chance, until clock.Instant) clock.Instant {
	n := d.between(a.lo, a.hi)
	switch a.unit {
	case "hours":
		return until.Add(-time.Duration(n * float64(time.Hour)).Truncate(time.Second))
	case "days":
		return until.Add(-time.Duration(n * 24 * float64(time.Hour)).Truncate(time.Second))
	}
	day := until.Day()
	for left := int(n + 0.5); left > 0; {
		day--
		if works, _ := cal.Working(day); works {
			left--
		}
	}
	if works, _ := cal.Working(day + 1); !works && n >= 3 && d.IntN(5) < 2 {
		day += clock.Day(1 + d.IntN(2))
	}
	at := 9
	if h := d.of(arrive); h != "" {
		fmt.Sscan(h, &at)
	}
	return hour(day, float64(at)).Add(d.length(stretch{0, time.Hour}))
}

// fictitiousID makes an identity number that nobody has: it begins with 99,
// which is no province, and has the right check character.
func fictitiousID(d draw) string {
	weight := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	born := clock.Date(1940, 1, 1) + clock.Day(d.IntN(60*365))
	y, m, day := born.Date()
	body := fmt.Sprintf("999901%04d%02d%02d%03d", y, m, day, 1+d.IntN(998))
	sum := 0
	for i, w := range weight {
		sum += int(body[i]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}

// fictitiousPhone is a number that is not given out: none begins with 99.
func fictitiousPhone(d draw) string { return fmt.Sprintf("990%08d", d.IntN(100_000_000)) }

// fictitiousAccount is a bank account that nobody has.
func fictitiousAccount(d draw) string { return fmt.Sprintf("990000%010d", d.Int64N(10_000_000_000)) }

// quarterBefore is the last whole quarter before a day.
func quarterBefore(day clock.Day) (year, quarter int) {
	y, m, _ := day.Date()
	if q := (int(m) - 1) / 3; q > 0 {
		return y, q
	}
	return y - 1, 4
}
