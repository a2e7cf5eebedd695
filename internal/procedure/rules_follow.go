package procedure

import (
	"slices"
	"strings"
)

// followedBy lists the acts of the procedure by which its cases, or those of
// another procedure, begin to follow a case of it.
func (all Procedures) followedBy(name string) (acts []*Act, of []*Procedure) {
	for _, key := range slices.Sorted(keysOf(all)) {
		for _, a := range all[key].Acts {
			if a.Follows != nil && a.Follows.Of == name {
				acts, of = append(acts, a), append(of, all[key])
			}
		}
	}
	return acts, of
}

// actFollows checks what an act says about following and leading.
func (c *checker) actFollows(a *Act) {
	if f := a.Follows; f != nil {
		c.follows(a, f)
	}
	if a.Unfollows && (a.Quiet || a.Opening()) {
		c.bad(a.Line, "%s unfollows: it cannot be quiet or open a case", a.Name)
	}
	usesLeader := a.Leader || a.Unfollows || a.Holder == "leader" || slices.Contains(a.Tells, "leader")
	if usesLeader && !slices.ContainsFunc(c.p.Acts, func(b *Act) bool { return b.Follows != nil }) {
		c.bad(a.Line, "%s speaks of a leading case, but no act of %s follows one", a.Name, c.p.Name)
	}
	if a.Leader && a.Quiet {
		c.bad(a.Line, "%s is passed on by a leading case and cannot be quiet", a.Name)
	}
	if a.PassesOn != nil {
		c.passes(a)
	}
}

func (c *checker) follows(a *Act, f *Follows) {
	if def := c.p.Field(f.Field); def == nil || def.Type != "case" {
		c.bad(f.Line, "%s: follows names no field of type case: %q", a.Name, f.Field)
	} else if !slices.ContainsFunc(a.Fill, func(x Fill) bool { return x.Field == f.Field && !x.Optional }) {
		c.bad(f.Line, "%s: fill must ask for %s", a.Name, f.Field)
	}
	if a.Quiet || a.Opening() {
		c.bad(f.Line, "%s follows: it cannot be quiet or open a case", a.Name)
	}
	leading := c.all[f.Of]
	if leading == nil {
		c.bad(f.Line, "%s follows a case of an unknown procedure %q", a.Name, f.Of)
		return
	}
	for _, s := range f.In {
		if state := leading.State(s); state == nil || state.Kind == Final {
			c.bad(f.Line, "%s: %s has no state %q in which it could lead", a.Name, f.Of, s)
		}
	}
	c.stranded(a, f, leading)
	c.missed(a, f, leading)
}

// stranded finds acts that lead the leading case out of the states in which it
// may be followed and leave its followers behind.
func (c *checker) stranded(a *Act, f *Follows, leading *Procedure) {
	for _, b := range leading.Acts {
		to := b.leavesAll(f.In)
		if to == "" || b.Follows != nil { // who is followed does not follow
			continue
		}
		var passed *Act
		if b.PassesOn != nil {
			passed = c.p.Act(b.PassesOn.Act)
		}
		if passed == nil || !passed.Unfollows {
			c.bad(f.Line, "%s: %s of %s leads to %s, where nobody may follow; it must pass on an act that unfollows", a.Name, b.Name, leading.Name, to)
		}
	}
}

// leavesAll is a state outside the given ones to which the act can lead from one
// of them, "" where there is none.
func (a *Act) leavesAll(states []string) string {
	for _, from := range a.From {
		for _, to := range a.leadsTo(from) {
			if slices.Contains(states, from) && !slices.Contains(states, to) {
				return to
			}
		}
	}
	return ""
}

// missed finds states that a following case can be in while an act that is
// passed on to it does not begin there.
func (c *checker) missed(a *Act, f *Follows, leading *Procedure) {
	reached := []string{a.To}
	if a.To == "" {
		reached = slices.Clone(a.From)
	}
	for i := 0; i < len(reached); i++ {
		for _, b := range c.p.Acts {
			if b.Unfollows || b.Follows != nil || !slices.Contains(b.From, reached[i]) {
				continue
			}
			for _, to := range b.leadsTo(reached[i]) {
				if s := c.p.State(to); s != nil && s.Kind != Final && !slices.Contains(reached, to) {
					reached = append(reached, to)
				}
			}
		}
	}
	for _, b := range leading.Acts {
		if b.PassesOn == nil {
			continue
		}
		passed := c.p.Act(b.PassesOn.Act)
		if passed == nil || !passed.Leader {
			c.bad(f.Line, "%s: %s of %s passes on %q, which is no act of %s that a leading case may do", a.Name, b.Name, leading.Name, b.PassesOn.Act, c.p.Name)
			continue
		}
		for _, s := range reached {
			if !slices.Contains(passed.From, s) {
				c.bad(passed.Line, "%s: a case that follows may stand at %s, where %s does not begin", a.Name, s, passed.Name)
			}
		}
		for _, x := range passed.Fill {
			if _, given := b.PassesOn.With[x.Field]; !x.Optional && !given {
				c.bad(b.PassesOn.Line, "%s: with gives no %s, which %s asks for", b.Name, x.Field, passed.Name)
			}
		}
	}
}

func (c *checker) passes(a *Act) {
	if a.Quiet || a.Opening() {
		c.bad(a.PassesOn.Line, "%s passes on: it cannot be quiet or open a case", a.Name)
	}
	acts, of := c.all.followedBy(c.p.Name)
	if len(acts) == 0 {
		c.bad(a.PassesOn.Line, "%s passes on an act, but no case follows one of %s", a.Name, c.p.Name)
		return
	}
	for to, from := range a.PassesOn.With {
		own := c.p.Field(from)
		if own == nil || own.Sealed || own.Type == "photos" || own.Type == "files" {
			c.bad(a.PassesOn.Line, "%s: passes_on with %s names no field that may be copied (not sealed, no attachment): %q", a.Name, to, from)
		}
		for _, p := range of {
			if p.Field(to) == nil {
				c.bad(a.PassesOn.Line, "%s: passes_on with: %s has no field %q", a.Name, p.Name, to)
			}
		}
	}
}

// WantsLeader reports whether the act looks at the leading case.
func (a *Act) WantsLeader() bool {
	return a.Holder == "leader" || slices.Contains(a.Tells, "leader") ||
		slices.ContainsFunc(a.NotBy, func(n string) bool { return strings.HasPrefix(n, "leader.") })
}

// TakesUp reports whether cases of this procedure can do all that those of another
// pass on. It matters where the two are of different editions.
func (p *Procedure) TakesUp(leading *Procedure) bool {
	passes := false
	for _, a := range leading.Acts {
		if a.PassesOn == nil {
			continue
		}
		passes = true
		if act := p.Act(a.PassesOn.Act); act == nil || !act.Leader {
			return false
		}
	}
	return passes
}
