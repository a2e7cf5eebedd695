package year

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/law"
)

// slot is the grain of the year: what lies within one is one moment.
const slot = 15 * time.Minute

// draw is the source of one case.
type draw struct{ *rand.Rand }

func newDraw(seed, n uint64) draw { return draw{rand.New(rand.NewPCG(seed, n))} }

// share is true so many times in a hundred.
func (d draw) share(percent int) bool { return d.IntN(100) < percent }

// one draws one of a list.
func one[T any](d draw, list []T) T { return list[d.IntN(len(list))] }

// weighed draws a key by its weight. Keys are taken in their order: a map has none.
func weighed[K cmp.Ordered](d draw, weights map[K]int) K {
	sum := 0
	keys := slices.Sorted(maps.Keys(weights))
	for _, k := range keys {
		sum += weights[k]
	}
	n := d.IntN(max(sum, 1))
	for _, k := range keys {
		if n -= weights[k]; n < 0 {
			return k
		}
	}
	return keys[0]
}

// some draws n different ones of a list, in its order.
func some[T any](d draw, list []T, n int) (out []T) {
	chosen := d.Perm(len(list))[:min(n, len(list))]
	slices.Sort(chosen)
	for _, i := range chosen {
		out = append(out, list[i])
	}
	return out
}

// begins draws the moment of a day of the year by month, weekday and hour.
func (p *Profile) begins(d draw, cal law.Calendars, until clock.Instant) clock.Instant {
	first := until.Day() - Days
	for {
		day := first + clock.Day(d.IntN(Days))
		_, month, _ := day.Date()
		weekday := int(day.Weekday()+6) % 7
		works, _ := cal.Working(day)
		if !works || weekday >= len(p.Weekdays) || d.IntN(12) >= p.Months[month-1] || d.IntN(25) >= p.Weekdays[weekday] {
			continue
		}
		return p.at(d, day)
	}
}

// at is a moment of a day at which offices are at work.
func (p *Profile) at(d draw, day clock.Day) clock.Instant {
	return day.Start().Add(time.Duration(weighed(d, p.Hours))*time.Hour + time.Duration(d.IntN(4))*slot)
}

// later is a moment some working days after another; of the same day the next slot
// but a few.
func (p *Profile) later(d draw, cal law.Calendars, from clock.Instant, least, most int) clock.Instant {
	n := least + d.IntN(most-least+1)
	if n == 0 {
		return from.Add(time.Duration(1+d.IntN(3)) * slot)
	}
	day := from.Day()
	for n > 0 {
		day++
		if works, _ := cal.Working(day); works {
			n--
		}
	}
	return p.at(d, day)
}
