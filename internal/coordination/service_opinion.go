package coordination

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// States of a street's opinion and of its points that decide whether the department
// may decide.
const (
	stateAsked     = "asked"
	stateGiven     = "given"
	stateSilent    = "silent"
	stateDropped   = "dropped"
	stateWithdrawn = "withdrawn"
)

// offerOpinions registers what the procedures of consultation name.
func (s *Service) offerOpinions(cases *casework.Service) {
	cases.RegisterEffect("coordination.consult", s.consult)
	cases.RegisterEffect("coordination.number", s.number)
	cases.RegisterEffect("coordination.tally", s.tally)
	cases.RegisterEffect("coordination.foreseen", s.foreseen)
	cases.RegisterCheck("coordination.own_communities", s.ownCommunities)
	cases.RegisterCheck("coordination.heard", s.heard)
	cases.RegisterCheck("coordination.moot", moot)
}

// consult finds the streets of what is touched: who names a community asks its
// street. Faults: Invalid at touched or deadline.
func (s *Service) consult(ctx context.Context, m *casework.Moment) error {
	asker, err := s.People.Unit(ctx, m.Post.Unit)
	if err != nil {
		return err
	}
	var streets []string
	for _, id := range m.Values.List("touched") {
		street, err := s.streetOf(ctx, id, m.Now)
		if err != nil {
			return fault.Of(err).At("touched")
		}
		if asker.Within(street.Path) {
			return fault.New(fault.Invalid, "coordination.to_itself").At("touched")
		}
		if !slices.Contains(streets, street.ID) {
			streets = append(streets, street.ID)
		}
	}
	last, err := clock.ParseDay(m.Values.Text("deadline"))
	if err != nil {
		return fault.New(fault.Invalid, "procedure.value_day", "field", "deadline").At("deadline")
	}
	if err := enough(m.Procedure.Clock("least"), m.Calendars, m.Now, last); err != nil {
		return err
	}
	m.Set("within", fmt.Sprintf("%d days", last-m.Now.Day()))
	m.Set("consulted", streets)
	m.Set("asker", asker.ID)
	m.PlaceAt(asker.Area)
	return nil
}

// streetOf is the open street or township of a unit: itself or above it.
func (s *Service) streetOf(ctx context.Context, id string, now clock.Instant) (identity.Unit, error) {
	for at := id; at != ""; {
		u, err := s.People.Unit(ctx, at)
		if err != nil {
			return u, err
		}
		if u.Kind == "street" {
			if !u.Open(now) {
				return u, fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name)
			}
			return u, nil
		}
		at = u.Parent
	}
	u, err := s.People.Unit(ctx, id)
	if err == nil {
		err = fault.New(fault.Invalid, "coordination.no_street", "unit", u.Words())
	}
	return u, err
}

// ownCommunities holds whom a street asks to the villages and communities below it.
// Faults: Invalid at communities.
func (s *Service) ownCommunities(ctx context.Context, m *casework.Moment) error {
	street, err := s.People.Unit(ctx, m.Case.Unit)
	if err != nil {
		return err
	}
	for _, id := range m.Values.List("communities") {
		u, err := s.People.Unit(ctx, id)
		if err != nil {
			return fault.Of(err).At("communities")
		}
		level, err := s.Duty.Level(ctx, u)
		if err != nil {
			return err
		}
		if level != duty.LevelCommunity || !u.Within(street.Path) {
			return fault.New(fault.Invalid, "coordination.no_community", "unit", u.Words()).At("communities")
		}
	}
	return nil
}

// number gives a point its number. A change proposed for an earlier point is none
// for this one.
func (s *Service) number(_ context.Context, m *casework.Moment) error {
	n, _ := m.Case.Values["nth"].(int64)
	m.Set("nth", n+1)
	if m.Given["wish"] == nil {
		m.Set("wish", nil)
	}
	return nil
}

// below lists the cases of a procedure that a case opened.
func (s *Service) below(ctx context.Context, id, name string) (out []casework.Row, err error) {
	for after := ""; ; {
		rows, next, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Parent: id, Procedure: name, After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if after = next; next == "" {
			return out, nil
		}
	}
}

// numbered are the points of an opinion in the order of their numbers.
func (s *Service) numbered(ctx context.Context, id string) ([]casework.Row, error) {
	points, err := s.below(ctx, id, Points)
	nth := func(row casework.Row) int64 { n, _ := row.Values["nth"].(int64); return n }
	slices.SortFunc(points, func(a, b casework.Row) int { return cmp.Compare(nth(a), nth(b)) })
	return points, err
}

// heard keeps a department from deciding before every street has spoken, or kept
// silent until its time was over, and every point is answered. An opinion that was
// given and a point that was answered stay so, and no new one comes: what was found
// here still holds when the act is written. Fault: Unmet.
func (s *Service) heard(ctx context.Context, m *casework.Moment) error {
	opinions, err := s.below(ctx, m.Case.ID, Opinions)
	if err != nil {
		return err
	}
	for _, o := range opinions {
		street, err := s.People.Unit(ctx, o.Unit)
		if err != nil {
			return err
		}
		if o.State == stateAsked {
			return fault.New(fault.Unmet, "coordination.not_heard", "unit", street.Words(), "day", o.Values.Text("deadline")).Under(m.Act.Norm)
		}
		points, err := s.numbered(ctx, o.ID)
		if err != nil {
			return err
		}
		for _, p := range points {
			if p.Kind != procedure.Final {
				return fault.New(fault.Unmet, "coordination.not_answered", "unit", street.Words(), "n", p.Values["nth"], "number", p.Number).Under(m.Act.Norm)
			}
		}
	}
	return nil
}

// tally writes down what was said and answered, for the file and for the public.
func (s *Service) tally(ctx context.Context, m *casework.Moment) error {
	var n counted
	opinions, err := s.below(ctx, m.Case.ID, Opinions)
	if err != nil {
		return err
	}
	for _, o := range opinions {
		n.add(o.State, o.Values.Text("verdict"))
		points, err := s.below(ctx, o.ID, Points)
		if err != nil {
			return err
		}
		for _, p := range points {
			n.answer(p.State, p.Values.Text("result"))
		}
	}
	args := map[string]any{"streets": n.streets, "agree": n.agree, "conditions": n.conditions, "object": n.object, "silent": n.silent,
		"points": n.points, "adopted": n.adopted, "partly": n.partly, "not": n.not, "withdrawn": n.withdrawn}
	m.Set("tally", s.Book().Say(text.Chinese, "coordination.tally", args)+"\n"+s.Book().Say(text.English, "coordination.tally", args))
	return nil
}

// moot: a point needs no answer where the consultation itself was withdrawn.
func moot(_ context.Context, m *casework.Moment) error {
	if m.Parent == nil || m.Parent.State != stateDropped {
		return fault.New(fault.Unmet, "coordination.not_moot")
	}
	return nil
}

// foreseen links a case with the opinion that warned of it. Faults, at the field:
// NotFound where the doer may not see one of them; Invalid where the number is no
// opinion's; Unmet where the opinion was not given, or the case is older than it;
// Conflict where they are linked already.
func (s *Service) foreseen(ctx context.Context, m *casework.Moment) error {
	opinion, _, err := s.Cases.Seen(ctx, m.Actor, m.Values.Text("opinion"))
	if err != nil {
		return fault.Of(err).At("opinion")
	}
	said, err := s.said(ctx, opinion)
	if err != nil {
		return err
	}
	later, _, err := s.Cases.Seen(ctx, m.Actor, m.Values.Text("case"))
	if err != nil {
		return fault.Of(err).At("case")
	}
	if later.Opened <= said {
		return fault.New(fault.Unmet, "coordination.not_foreseen", "number", later.Number, "day", later.Opened.Day(), "said", said.Day()).At("case")
	}
	m.Set("opinion", opinion.Number)
	m.Set("case", later.Number)
	links, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Foreseen, Field: "opinion", Value: opinion.Number, Limit: 200})
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Values.Text("case") == later.Number {
			return fault.New(fault.Conflict, "coordination.linked_already", "number", l.Number).At("case")
		}
	}
	asker, err := s.People.Unit(ctx, opinion.Values.Text("asker"))
	if err != nil {
		return err
	}
	m.Set("nth", int64(len(links)+1))
	m.Set("asker", asker.ID)
	m.Set("linked_by", m.Post.Unit)
	m.HoldBy(asker, "")
	m.PlaceAt(later.Area)
	if later.Sealed != "" {
		m.SealFrom(later.Sealed)
	}
	return nil
}

// said is when an opinion was given, or a point raised.
func (s *Service) said(ctx context.Context, c *casework.Case) (clock.Instant, error) {
	switch {
	case c.Procedure == Points:
		return c.Opened, nil
	case c.Procedure != Opinions:
		return 0, fault.New(fault.Invalid, "coordination.no_opinion", "number", c.Number).At("opinion")
	case c.State != stateGiven:
		return 0, fault.New(fault.Unmet, "coordination.not_said", "number", c.Number).At("opinion")
	}
	return c.Changed, nil // nothing changes an opinion once it is given
}
