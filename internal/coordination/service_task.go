package coordination

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
	"linli/internal/procedure"
)

// mostGathered bounds what comes together from below on one part, in characters.
const mostGathered = 9000

// offerTasks registers what the procedures of tasks name.
func (s *Service) offerTasks(cases *casework.Service) {
	for name, check := range map[string]casework.Check{"admitted": s.admitted, "may_refuse": s.mayRefuse, "apart": s.apart, "stated": stated,
		"pass_in_time": passInTime, "in_time": inTime} {
		cases.RegisterCheck("coordination."+name, check)
	}
	for name, effect := range map[string]casework.Effect{"judge": s.judge, "granted": s.granted, "denied": denies, "passing": passing, "gather": gather,
		"tell_below": s.tellBelow} {
		cases.RegisterEffect("coordination."+name, effect)
	}
}

// stated holds a task to say what it asks of people: a form its fields, a meeting
// when, how long and who. What is not said cannot be counted.
func stated(_ context.Context, m *casework.Moment) error {
	switch m.Values.Text("kind") {
	case "form":
		if len(asked(m.Values.Text("asks"))) == 0 {
			return fault.New(fault.Invalid, "coordination.form_fields").At("asks")
		}
	case "certificate":
		return namesCertificate(m)
	case "meeting":
		for _, field := range []string{"meet_day", "meet_minutes", "meet_who"} {
			if m.Values[field] == nil {
				return fault.New(fault.Invalid, "coordination.meeting", "field", m.Procedure.Field(field).Label).At(field)
			}
		}
	}
	return nil
}

// granted notes the county's word, and when the end of the admission is announced.
func (s *Service) granted(_ context.Context, m *casework.Moment) error {
	m.Set("verdict", admitted)
	period, err := procedure.ParseLength(m.Values.Text("period"))
	if err != nil {
		return fault.New(fault.Invalid, "procedure.value_length", "field", "period").At("period")
	}
	if l, long := forewarn(period); long {
		m.Set("forewarn", l.String())
	}
	return nil
}

func denies(_ context.Context, m *casework.Moment) error {
	m.Set("verdict", denied)
	return nil
}

// passInTime holds what a street passes on to its own limit: who is below is not
// given a later day than who must answer above.
func passInTime(_ context.Context, m *casework.Moment) error {
	return within(m, m.Procedure.Clock("part"), "pass_limit", m.Case)
}

// inTime holds a task that came from a task above to the limit of the part it
// belongs to, on the day it is handed down.
func inTime(_ context.Context, m *casework.Moment) error {
	if m.Parent == nil || m.Parent.Procedure != TaskParts {
		return nil
	}
	return within(m, m.Procedure.Clock("whole"), "limit", m.Parent)
}

// within reckons a limit that would begin now and compares it with the running one
// of a part.
func within(m *casework.Moment, def *procedure.Clock, field string, part *casework.Case) error {
	above, had := part.Clocks()["part"]
	if !had || !above.Live() || above.Duty == 0 {
		return nil // it does not run: nothing to be late for
	}
	var k procedure.ClockRow
	err := k.Begin(def, func(string) string { return m.Values.Text(field) }, m.Now, false)
	if err == nil {
		err = k.Reckon(def, m.Calendars, m.Now)
	}
	if err != nil {
		return fault.Of(err).At(field)
	}
	if k.Duty > above.Duty {
		return fault.New(fault.Unmet, "coordination.later_than_above", "day", lastDay(above.Duty), "limit", lastDay(k.Duty)).At(field)
	}
	return nil
}

// lastDay is the last day of a limit that ends at an instant.
func lastDay(end clock.Instant) clock.Day { return (end - 1).Day() }

// forewarn is how long after an admission its end is announced: with a fifth of its
// time left, and at least a week of it where it is as long. false: it is too short
// for an announcement to help.
func forewarn(period procedure.Length) (procedure.Length, bool) {
	days := period.Days()
	if period.Unit == law.Hour || days < 3 {
		return procedure.Length{}, false
	}
	before := max(days/5, min(7, days/2))
	return procedure.Length{N: days - before, Unit: law.Day}, true
}

// passing empties what an earlier piece left in the fields that may stay empty.
func passing(_ context.Context, m *casework.Moment) error {
	if m.Given["pass_item"] == nil {
		m.Set("pass_item", "")
	}
	return nil
}

// gather adds a summary from below to what came before.
func gather(_ context.Context, m *casework.Moment) error {
	all := strings.TrimSpace(m.Case.Values.Text("gathered") + "\n" + m.Values.Text("piece"))
	if r := []rune(all); len(r) > mostGathered {
		all = string(r[:mostGathered])
	}
	m.Set("gathered", all)
	return nil
}

// tellBelow tells everybody to whom a task was passed on, down to the last.
func (s *Service) tellBelow(ctx context.Context, m *casework.Moment) error {
	todo := m.Children
	for depth := 0; len(todo) > 0 && depth < 6; depth++ { // the tree is as deep as the county is: this only ends a loop of bad data
		var next []casework.Child
		for _, c := range todo {
			if c.Kind == procedure.Final {
				continue
			}
			if c.Procedure == TaskParts || c.Procedure == Tasks {
				m.Tell(casework.Told{Unit: c.Unit})
			}
			below, err := s.children(ctx, c.ID)
			if err != nil {
				return err
			}
			next = append(next, below...)
		}
		todo = next
	}
	return nil
}

// children are the cases right below one.
func (s *Service) children(ctx context.Context, id string) ([]casework.Child, error) {
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Parent: id, Limit: 200})
	if err != nil {
		return nil, err
	}
	var out []casework.Child
	for _, r := range rows {
		out = append(out, casework.Child{ID: r.ID, Number: r.Number, Procedure: r.Procedure, State: r.State, Kind: r.Kind, Unit: r.Unit})
	}
	return out, nil
}

// apart keeps out of the county's word whoever belongs to a side: a post in the
// sender's department or, where a receiver refused, in the receiver's street, their
// own or one they stand in for. What the county itself sends has no other house; of
// that only who did it is kept out (not_by). Fault: Forbidden.
func (s *Service) apart(ctx context.Context, m *casework.Moment) error {
	sides := []string{m.Values.Text("sender")}
	if m.Procedure.Name == Disputes && m.Parent != nil {
		sides = append(sides, m.Parent.Unit)
	}
	return s.keptApart(ctx, m, sides)
}

// keptApart keeps out whoever belongs to one of the sides.
func (s *Service) keptApart(ctx context.Context, m *casework.Moment, sides []string) error {
	h, err := s.house(ctx)
	if err != nil {
		return err
	}
	units := []string{}
	for _, p := range m.Actor.Posts {
		units = append(units, p.Unit)
	}
	if m.For != "" {
		held, err := s.People.PostsOf(ctx, m.For)
		if err != nil {
			return err
		}
		for _, one := range held {
			units = append(units, one.Post.Unit)
		}
	}
	if side, both := h.onASide(units, sides); both {
		return fault.New(fault.Forbidden, "coordination.both_sides", "unit", side.Words()).Under(m.Procedure.Norm)
	}
	return nil
}

// mayRefuse holds a refusal to an item that stands in the receiver's lists; what the
// county has admitted is not refused again.
func (s *Service) mayRefuse(ctx context.Context, m *casework.Moment) error {
	if m.Parent != nil && m.Parent.Values.Text("verdict") == admitted {
		return fault.New(fault.Unmet, "coordination.is_admitted")
	}
	u, err := s.People.Unit(ctx, m.Case.Unit)
	if err != nil {
		return err
	}
	_, err = s.Duty.Item(ctx, m.Values.Text("cited"), u.Area, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return fault.New(fault.Invalid, "coordination.no_item", "item", m.Values.Text("cited")).At("cited")
	}
	return err
}
