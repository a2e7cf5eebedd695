package evaluation

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
)

// channelField is the value that says by which way a case came.
const channelField = "channel"

// monthOf is the month of a moment in China: 202611.
func monthOf(at clock.Instant) int {
	y, m, _ := at.Day().Date()
	return y*100 + int(m)
}

// nextMonth is the month so many after another; n may be negative.
func nextMonth(month, n int) int {
	at := month/100*12 + month%100 - 1 + n
	return at/12*100 + at%12 + 1
}

// ParseMonth reads "2026-11" or "202611"; ok is false for anything else.
func ParseMonth(s string) (int, bool) {
	if len(s) == 7 && s[4] == '-' {
		s = s[:4] + s[5:]
	}
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 6 || n%100 < 1 || n%100 > 12 || n < 190001 {
		return 0, false
	}
	return n, true
}

// MonthText writes a month as 2026-11.
func MonthText(month int) string { return fmt.Sprintf("%04d-%02d", month/100, month%100) }

// story is a case as the facts look at it.
type story struct {
	c     *casework.Case
	acts  []casework.Entry // that stand, in their order
	newer clock.Instant    // when the newest act of any kind was recorded
}

func tell(c *casework.Case, entries []casework.Entry) story {
	s := story{c: c}
	for _, e := range entries {
		s.newer = max(s.newer, e.Recorded)
		if !e.Annulled {
			s.acts = append(s.acts, e)
		}
	}
	return s
}

// contributions are what a case counts for now. They depend on nothing but the
// case's history and the indicators.
func contributions(list []Indicator, c *casework.Case, entries []casework.Entry) []Contribution {
	s := tell(c, entries)
	if len(s.acts) == 0 {
		return nil
	}
	var out []Contribution
	for _, i := range list {
		if i.Procedure != c.Procedure || i.Imported != c.Imported {
			continue
		}
		if one, ok := s.contribution(i); ok {
			out = append(out, one)
		}
	}
	return out
}

func (s story) contribution(i Indicator) (Contribution, bool) {
	at, deciding := s.month(i.Month)
	if at == 0 {
		return Contribution{}, false
	}
	c := Contribution{Indicator: i.ID, place: place{Area: s.c.Area, Unit: s.c.Unit, Class: s.c.Class, Channel: s.c.Values.Text(channelField),
		Sealed: s.c.Sealed, Month: monthOf(at)}}
	if i.Unit != (UnitOf{}) {
		c.Unit = s.unitOf(i.Unit, deciding)
	}
	if i.TwoSided() {
		c.Other = s.unitOf(i.Other, deciding)
	}
	if !i.Rate() {
		c.N = 1
		if i.Adds != "" {
			c.N, _ = s.c.Values[i.Adds].(int64)
		}
		return c, c.N != 0 && s.holds(i.Count, deciding)
	}
	c.Of = 1
	if s.holds(i.N, deciding) {
		c.N = 1
	}
	return c, s.holds(i.Of, deciding)
}

func (s story) unitOf(u UnitOf, deciding *casework.Entry) string {
	switch {
	case u.Value != "":
		return s.c.Values.Text(u.Value)
	case u.Doer && deciding != nil:
		return deciding.Unit
	}
	return s.c.Unit
}

// month is the moment that gives the month, 0 where the case has none, and the
// act it comes from where it is one.
func (s story) month(m Month) (clock.Instant, *casework.Entry) {
	if m.Opened {
		return s.c.Opened, nil
	}
	if m.Clock != "" {
		k, ok := s.c.Clocks()[m.Clock]
		if !ok || k.Status == procedure.Void {
			return 0, nil
		}
		return cmp.Or(k.EndedAt, k.Duty, s.ranOut(m.Clock)), nil
	}
	for i := len(s.acts) - 1; i >= 0; i-- {
		if slices.Contains(m.Acts, s.acts[i].Act) {
			return s.acts[i].Recorded, &s.acts[i]
		}
	}
	return 0, nil
}

// holds tells whether all that the facts name is so.
func (s story) holds(f *Facts, deciding *casework.Entry) bool {
	switch {
	case len(f.Kind) > 0 && !slices.Contains(f.Kind, s.c.Kind):
		return false
	case f.Overdue && !s.overdue():
		return false
	case f.Kept != "" && !s.kept(f.Kept):
		return false
	case f.Decided != "" && !s.decided(f.Decided):
		return false
	case len(f.Last) > 0 && (deciding == nil || !slices.Contains(f.Last, deciding.Act)):
		return false
	case len(f.Acts) > 0 && !s.did(f.Acts, f.By):
		return false
	}
	for name, allowed := range f.Value {
		if !slices.Contains(allowed, s.c.Values.Text(name)) {
			return false
		}
	}
	return !slices.ContainsFunc(f.Filled, func(name string) bool { return s.c.Values.Text(name) == "" })
}

// overdue is what the inbox calls so, as far as the log has told it: a limit that
// runs out writes an act, so that nothing depends on when somebody looks.
func (s story) overdue() bool {
	return (s.c.Kind == procedure.Open || s.c.Kind == procedure.Waiting) && s.c.Due != 0 && s.c.Due <= s.newer
}

func (s story) kept(name string) bool {
	k, ok := s.c.Clocks()[name]
	return ok && k.Status == procedure.Ended && k.Breaches == 0 && (k.Duty == 0 || k.EndedAt <= k.Duty)
}

func (s story) decided(name string) bool {
	k, ok := s.c.Clocks()[name]
	return ok && (k.Status == procedure.Ended || k.Status != procedure.Void && k.Breaches > 0)
}

// ranOut is when a clock first ran out, 0 where it never did.
func (s story) ranOut(name string) clock.Instant {
	for _, e := range s.acts {
		if e.Act == casework.ActBreach && slices.ContainsFunc(e.Delta.Clocks, func(k procedure.ClockRow) bool { return k.Name == name }) {
			return e.Recorded
		}
	}
	return 0
}

// did tells whether one of the acts was done, where a clock is named before it
// first ran out. A clock that stands still has no date; what it did before is in
// the history.
func (s story) did(acts []string, by string) bool {
	for _, e := range s.acts {
		if !slices.Contains(acts, e.Act) {
			continue
		}
		if by == "" {
			return true
		}
		k, ok := s.c.Clocks()[by]
		out := s.ranOut(by)
		return ok && (out == 0 || e.Recorded < out) && (k.Duty == 0 || e.Recorded <= k.Duty)
	}
	return false
}

// printOf is equal for equal contributions.
func printOf(parts []Contribution) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%q\n", []string{p.Indicator, p.Area, p.Unit, p.Class, p.Channel, p.Other, p.Sealed, strconv.Itoa(p.Month), strconv.FormatInt(p.N, 10), strconv.FormatInt(p.Of, 10)})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// grain is how much a cell tells apart. Each contribution is added to one cell of
// every grain; a page reads the coarsest that tells what it asks.
type grain int

// The grains.
const (
	leaf    grain = iota // grid, unit, unit on the other side, class and channel
	classes              // street, both units and class
	streets              // street and unit
	senders              // the unit on the other side alone, of what has one
)

var grains = []grain{leaf, classes, streets, senders}

// keeps says whether a place counts in a grain at all.
func (g grain) keeps(p place) bool { return g != senders || p.Other != "" }

// of is the place as a grain tells it. Months, units and seals are always told
// apart: rights are judged by them; the account of senders, which every official
// reads, is judged by the seal alone and tells no unit.
func (g grain) of(p place) place {
	switch g {
	case leaf:
		return p
	case senders:
		return place{Other: p.Other, Sealed: p.Sealed, Month: p.Month}
	}
	p.Area, p.Channel = p.Area[:min(len(p.Area), streetDigits)], ""
	if g == streets {
		p.Class, p.Other = "", ""
	}
	return p
}

// grainFor is the coarsest grain that tells what is asked. fine says that the
// asker's rights are judged by areas smaller than a street.
func grainFor(f Filter, by By, fine bool) grain {
	switch {
	case fine, f.Here, len(f.Area) > streetDigits, f.Channel != "", by == ByChannel, by == ByArea && below(len(f.Area)) > streetDigits:
		return leaf
	case f.Unit == "" && f.Class == "" && (by == ByOther || f.Other != "" && by == ByMonth):
		return senders
	case f.Class != "", by == ByClass, f.Other != "", by == ByOther:
		return classes
	}
	return streets
}

// cell names what a contribution is added to.
type cell struct {
	grain     grain
	indicator string
	place
}

// moves are what the cells change by, in one order, so that two nodes that write
// at once wait for each other in turn.
func moves(changes []change) ([]cell, map[cell]Sum) {
	out := map[cell]Sum{}
	for _, c := range changes {
		for _, g := range grains {
			for _, p := range c.was.parts {
				if !g.keeps(p.place) {
					continue
				}
				at := cell{g, p.Indicator, g.of(p.place)}
				out[at] = out[at].plus(Sum{-p.N, -p.Of})
			}
			for _, p := range c.parts {
				if !g.keeps(p.place) {
					continue
				}
				at := cell{g, p.Indicator, g.of(p.place)}
				out[at] = out[at].plus(Sum{p.N, p.Of})
			}
		}
	}
	order := make([]cell, 0, len(out))
	for at, s := range out {
		if s != (Sum{}) {
			order = append(order, at)
		}
	}
	slices.SortFunc(order, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.grain, b.grain), cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Unit, b.Unit),
			cmp.Compare(a.Class, b.Class), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Other, b.Other), cmp.Compare(a.Sealed, b.Sealed))
	})
	return order, out
}

// Percent writes a share as a percentage with one place, rounded half up, without
// any floating point.
func Percent(s Sum) string {
	if s.Of <= 0 {
		return ""
	}
	tenths := (2000*s.N + s.Of) / (2 * s.Of)
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + "%"
}

// compare orders figures of an indicator: counts by size, shares by their exact
// value, nothing before anything.
func compare(i Indicator, a, b Sum) int {
	if !i.Rate() {
		return cmp.Compare(a.N, b.N)
	}
	if a.Of == 0 || b.Of == 0 {
		return cmp.Compare(min(a.Of, 1), min(b.Of, 1))
	}
	return cmp.Compare(a.N*b.Of, b.N*a.Of)
}

// sides parts the indicators of the burden account into those that tell of who
// asks alone and those that tell of both sides.
func sides(list []Indicator) (one, both []Indicator) {
	for _, i := range list {
		if i.TwoSided() {
			both = append(both, i)
		} else {
			one = append(one, i)
		}
	}
	return one, both
}

// oneSided is a filter of the burden account for what tells of who asks alone:
// the sender is the unit that it counts for.
func oneSided(f Filter) Filter {
	f.Unit, f.Other = f.Other, ""
	if f.Alone == ByOther {
		f.Alone = ByUnit
	} else {
		f.Alone = ""
	}
	return f
}

// joined puts two tables of different indicators side by side.
func joined(a, b Figures) Figures {
	at := map[string]int{}
	for i, r := range a.Rows {
		at[r.Key] = i
	}
	for _, r := range b.Rows {
		i, had := at[r.Key]
		if !had {
			a.Rows = append(a.Rows, r)
			continue
		}
		for indicator, sum := range r.Sums {
			a.Rows[i].Sums[indicator] = sum
		}
	}
	for indicator, sum := range b.Total {
		a.Total[indicator] = sum
	}
	return a
}

// under is the unit right below another on the way to a unit, that other itself
// where it is meant, or where there is none the one right below the root: so a
// table shows a street with all that lies below it as one row.
func under(path, above string) string {
	depth := strings.Count(above, "/")
	if depth == 0 {
		depth = 2 // of the root
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return parts[min(depth, len(parts))-1]
}
