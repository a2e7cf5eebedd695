package disclosure

import (
	"cmp"
	"slices"
	"strconv"

	"linli/internal/kit/clock"
	"linli/internal/procedure"
	"linli/internal/schedule"
)

// debt is what an area owes of what another procedure publishes (accounts): until
// somebody begins its case nothing else tells of it.
type debt struct {
	Item   Item
	Area   string
	Period string
	Case   string // where it was begun
	State  string
	Due    clock.Instant
}

// inMonth is an area in a month, counted from the year 0.
type inMonth struct {
	area  string
	month int
}

// done is what another procedure has published, and what it has begun: the case and
// its state by area and period.
type done struct {
	published map[inMonth]bool
	begun     map[[2]string][2]string
}

// debts are what areas owe of one line that is only watched, in a period that has
// ended. A period is there when all its months are: a village that publishes by
// the month owes no quarter.
func debts(i Item, w schedule.Watched, areas []string, have done) (out []debt) {
	due := (w.Last + clock.Day(i.Within.N)).End()
	first, last := monthsOf(w.Name)
	for _, code := range areas {
		there := procedure.AtLevel(code, w.Line.For)
		if !there {
			continue
		}
		for m := first; m <= last && there; m++ {
			there = have.published[inMonth{code, m}]
		}
		if !there {
			begun := have.begun[[2]string{code, w.Name}]
			out = append(out, debt{Item: i, Area: code, Period: w.Name, Case: begun[0], State: begun[1], Due: due})
		}
	}
	return out
}

// monthsOf are the first and last month of a period by its name: a month, quarter
// or year; of any other name none.
func monthsOf(period string) (first, last int) {
	const none = -1
	if len(period) < len("2026") {
		return 0, none
	}
	year, err := strconv.Atoi(period[:4])
	if err != nil {
		return 0, none
	}
	year *= 12
	switch rest := period[4:]; {
	case rest == "":
		return year + 1, year + 12
	case len(rest) == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4':
		q := 3 * int(rest[1]-'0')
		return year + q - 2, year + q
	case len(rest) == 3 && rest[0] == '-':
		if n, err := strconv.Atoi(rest[1:]); err == nil {
			return year + n, year + n
		}
	}
	return 0, none
}

// add counts debts to what villages owe, and puts those with most overdue first,
// then those whose first is due soonest.
func add(list []Village, more []debt, now clock.Instant) []Village {
	at := make(map[string]int, len(list))
	for i, v := range list {
		at[v.Area] = i
	}
	for _, d := range more {
		i, there := at[d.Area]
		if !there {
			i = len(list)
			at[d.Area], list = i, append(list, Village{Area: d.Area, First: d.Due})
		}
		v := &list[i]
		v.Open++
		if d.Due <= now {
			v.Overdue++
		}
		if v.First == 0 || d.Due < v.First {
			v.First = d.Due
		}
	}
	slices.SortFunc(list, func(a, b Village) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(a.First, b.First), cmp.Compare(a.Area, b.Area))
	})
	return list
}
