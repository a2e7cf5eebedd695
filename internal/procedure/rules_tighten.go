package procedure

import (
	"fmt"
	"io/fs"
	"slices"

	"linli/internal/edition"
	"linli/internal/law"
)

// CheckLocal holds a county's own version of a procedure against the one that
// the program brings: statutory acts and clocks stay with all that guards them,
// and numbers move only in the direction they declare.
func CheckLocal(seed, local fs.FS) (problems []edition.Problem) {
	ours, _ := Load(seed, Names{})
	theirs, _ := Load(local, Names{})
	for name, p := range ours {
		l := theirs[name]
		if l == nil {
			continue // a procedure may be left out; who keeps it keeps its law
		}
		c := &checker{p: l}
		for _, a := range p.Acts {
			if a.Statutory {
				c.statutoryAct(a)
			}
		}
		for _, k := range p.Clocks {
			c.localClock(k)
		}
		for _, s := range p.Schedules {
			c.localSchedule(s)
		}
		problems = append(problems, c.problems...)
	}
	return problems
}

func (c *checker) statutoryAct(a *Act) {
	l := c.p.Act(a.Name)
	if l == nil {
		c.bad(1, "%s is a statutory step (%s) and cannot be taken away", a.Name, a.Norm)
		return
	}
	if !l.Statutory {
		c.bad(l.Line, "%s is a statutory step (%s) and must stay marked so", a.Name, a.Norm)
	}
	for what, lists := range map[string][2][]string{"check": {a.Check, l.Check}, "not_by": {a.NotBy, l.NotBy}, "publish": {a.Publish, l.Publish}} {
		for _, must := range lists[0] {
			if !slices.Contains(lists[1], must) {
				c.bad(l.Line, "%s must keep %s %s (%s)", a.Name, what, must, a.Norm)
			}
		}
	}
	if l.To != a.To {
		c.bad(l.Line, "%s must lead to %s as the norm says (%s)", a.Name, a.To, a.Norm)
	}
	if !a.keepsDeciding(l) {
		c.bad(l.Line, "%s must keep the decision rules it is judged by (%s)", a.Name, a.Norm)
	}
	if o := a.Opinion; o != nil && (l.Opinion == nil || l.Needed() < a.Needed()) {
		c.bad(l.Line, "%s must keep the word of all bodies (%s)", a.Name, a.Norm)
	}
}

func (c *checker) localClock(k *Clock) {
	l := c.p.Clock(k.Name)
	if l == nil {
		if k.Statutory {
			c.bad(1, "clock %s is statutory (%s) and cannot be taken away", k.Name, k.Norm)
		}
		return
	}
	same := l.Kind == k.Kind && l.Value == k.Value && l.Back == k.Back && l.Happened == k.Happened
	if k.Statutory && !same {
		c.bad(l.Line, "clock %s is statutory (%s): what it counts cannot change", k.Name, k.Norm)
	}
	if k.Tighten == "" || k.Length == (Length{}) {
		return
	}
	if err := tightened(k, l); err != nil {
		c.bad(l.Line, "clock %s: %v", k.Name, err)
	}
}

// tightened says whether a local length goes in the declared direction. Units
// are compared only with themselves: which of ten working days and fifteen days
// is longer depends on the calendar.
func tightened(k, l *Clock) error {
	if l.Length.Unit != k.Length.Unit {
		return fmt.Errorf("the unit stays %s", k.Length.Unit)
	}
	if k.Tighten == "shorter" && l.Length.N > k.Length.N || k.Tighten == "longer" && l.Length.N < k.Length.N {
		return fmt.Errorf("%s may only become %s", k.Length, k.Tighten)
	}
	if k.Kind == law.AtMost && k.Escalate && !l.Escalate {
		return fmt.Errorf("a missed limit must still be told to the unit above")
	}
	return nil
}
