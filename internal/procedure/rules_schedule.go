package procedure

import (
	"slices"
	"strings"
)

func (n *node) schedule(s pair) *Schedule {
	k := n.keys(s.value, scheduleKeys)
	out := &Schedule{Name: s.key, Line: s.at.Line, Words: n.words(k["label"]), Every: Every(n.text(k["every"])), For: n.list(k["for"]), List: n.text(k["list"]),
		Opens: n.text(k["opens"]), Post: n.text(k["post"]), With: n.with(k["with"]), Statutory: n.yes(k["statutory"]), Norm: n.text(k["norm"])}
	switch {
	case out.List != "" && (out.Every != "" || len(out.For) > 0):
		n.bad(s.at, "schedule %q has a list, whose lines say every and for", s.key)
	case out.List == "" && (out.Every == "" || len(out.For) == 0):
		n.bad(s.at, "schedule %q needs every and for, or a list", s.key)
	}
	if out.Every != "" && !slices.Contains(Everies, out.Every) {
		n.bad(k["every"], "every is week, month, quarter or year, not %q", out.Every)
	}
	for _, level := range out.For {
		if !slices.Contains(Levels, level) {
			n.bad(k["for"], "for is %s, not %q", strings.Join(Levels, ", "), level)
		}
	}
	return out
}

// schedule holds a schedule against the acts and fields it names. Whether a
// room offers its list is asked where plans are known, see internal/schedule.
func (c *checker) schedule(s *Schedule) {
	if a := c.p.Act(s.Opens); a == nil || !a.Opening() || !a.Clock {
		c.bad(s.Line, "schedule %s opens %q, which is no opening act that a clock may do", s.Name, s.Opens)
	} else if !a.Later {
		c.bad(s.Line, "schedule %s: %s must be entered_later, since it happens when the period ends", s.Name, s.Opens)
	} else {
		c.scheduleFields(s, a)
	}
	if s.Post != "" && !slices.Contains(c.names.Posts, s.Post) {
		c.bad(s.Line, "schedule %s: unknown kind of post %q", s.Name, s.Post)
	}
	placed := ""
	for field, from := range s.With {
		if from == "area" {
			placed = field
		}
	}
	if placed == "" || placed != c.p.Area {
		c.bad(s.Line, "schedule %s must give the area to the field that places a case (area of the procedure)", s.Name)
	}
}

func (c *checker) scheduleFields(s *Schedule, a *Act) {
	for field, from := range s.With {
		if !slices.ContainsFunc(a.Fill, func(f Fill) bool { return f.Field == field }) {
			c.bad(s.Line, "schedule %s gives %q, which %s does not ask for", s.Name, field, s.Opens)
		}
		if s.List == "" && !slices.Contains(Sources, from) {
			c.bad(s.Line, "schedule %s: a field is given %s, not %q", s.Name, strings.Join(Sources, ", "), from)
		}
	}
	for _, f := range a.Fill {
		if _, given := s.With[f.Field]; !given && !f.Optional {
			c.bad(s.Line, "schedule %s does not give %q, which %s must have", s.Name, f.Field, s.Opens)
		}
	}
}

// localSchedule keeps a statutory schedule in a county's own version: it opens
// the same by the same plan, and not less often or for fewer areas.
func (c *checker) localSchedule(s *Schedule) {
	if !s.Statutory {
		return
	}
	i := slices.IndexFunc(c.p.Schedules, func(l *Schedule) bool { return l.Name == s.Name })
	if i < 0 {
		c.bad(1, "schedule %s is statutory (%s) and cannot be taken away", s.Name, s.Norm)
		return
	}
	l := c.p.Schedules[i]
	fewer := slices.ContainsFunc(s.For, func(level string) bool { return !slices.Contains(l.For, level) })
	if l.List != s.List || l.Opens != s.Opens || fewer || s.Every != "" && !l.Every.Oftener(s.Every) || !l.Statutory {
		c.bad(l.Line, "schedule %s is statutory (%s): it must open the same cases, and as often", s.Name, s.Norm)
	}
}
