package coordination

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// offerSupervision registers what the procedures of supervision name.
func (s *Service) offerSupervision(cases *casework.Service) {
	cases.RegisterEffect("coordination.supervise", s.supervise)
	cases.RegisterEffect("coordination.note", s.note)
	cases.RegisterEffect("coordination.readdress", s.readdress)
	cases.RegisterEffect("coordination.joined", s.joined)
	cases.RegisterCheck("coordination.same_level", s.sameLevel)
	cases.OnAct(stands)
}

// supervise gives an order to the unit that holds the case now. It touches nothing
// of that case. Faults: NotFound at case where the doer may not see it, Unmet where
// it is over or nobody holds it, Forbidden coordination.not_above, Conflict where
// the level has an open order, Invalid for an order on an order.
func (s *Service) supervise(ctx context.Context, m *casework.Moment) error {
	about, p, err := s.Cases.Seen(ctx, m.Actor, m.Values.Text("case"))
	switch {
	case err != nil:
		return fault.Of(err).At("case")
	case about.Procedure == Orders || about.Procedure == Notes:
		return fault.New(fault.Invalid, "coordination.order_on_order").At("case")
	case about.Kind == procedure.Final || about.Kind == procedure.Done:
		return fault.New(fault.Unmet, "coordination.case_over", "number", about.Number, "state", p.State(about.State).Words).At("case")
	}
	handling, err := s.handling(ctx, about)
	if err != nil {
		return err
	}
	post, level, err := s.standing(ctx, m.Actor, handling)
	if err != nil {
		return fault.Of(err).At("case")
	}
	m.Set("case", about.Number)
	open, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Orders, Kind: procedure.Open, Field: "case", Value: about.Number})
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.Values.Text("level") == level {
			return fault.New(fault.Conflict, "coordination.order_join", "number", o.Number).At("case")
		}
	}
	m.Set("level", level)
	s.address(m, about, post.Unit, handling)
	return nil
}

// address gives an order or a note to its unit, in the place of the case and hidden
// from whom the case is hidden.
func (s *Service) address(m *casework.Moment, about *casework.Case, issuer string, to identity.Unit) {
	m.Set("issuer", issuer)
	m.Set("supervised", to.ID)
	m.HoldBy(to, "")
	m.PlaceAt(about.Area)
	if about.Sealed != "" {
		m.SealFrom(about.Sealed)
	}
}

// handling is the unit that holds a case, or on whose desk it lies.
func (s *Service) handling(ctx context.Context, c *casework.Case) (identity.Unit, error) {
	id := c.Unit
	if id == "" && c.Desk != "" {
		units, err := s.People.UnitsWith(ctx, c.Desk, c.Area)
		if err != nil {
			return identity.Unit{}, err
		}
		if len(units) > 0 {
			id = units[0]
		}
	}
	if id == "" {
		return identity.Unit{}, fault.New(fault.Unmet, "coordination.nobody_holds", "number", c.Number).At("case")
	}
	return s.People.Unit(ctx, id)
}

// standing is the post by which somebody stands above a unit, and the level; one's
// own right comes before a lent one. Fault: Forbidden coordination.not_above.
func (s *Service) standing(ctx context.Context, a identity.Actor, handling identity.Unit) (identity.Post, string, error) {
	posts := slices.Clone(a.Posts)
	slices.SortStableFunc(posts, func(x, y identity.Post) int { return min(len(x.For), 1) - min(len(y.For), 1) })
	for _, p := range posts {
		office, err := s.People.Unit(ctx, p.Unit)
		if err != nil {
			return identity.Post{}, "", err
		}
		if level, ok := above(p, office, handling); ok {
			return p, level, nil
		}
	}
	return identity.Post{}, "", fault.New(fault.Forbidden, "coordination.not_above", "unit", handling.Words())
}

// sameLevel lets join only who could have given the order.
func (s *Service) sameLevel(ctx context.Context, m *casework.Moment) error {
	handling, err := s.People.Unit(ctx, m.Case.Unit)
	if err != nil {
		return err
	}
	_, level, err := s.standing(ctx, m.Actor, handling)
	if err == nil && level != m.Case.Values.Text("level") {
		err = fault.New(fault.Forbidden, "coordination.other_level")
	}
	return err
}

func (s *Service) joined(_ context.Context, m *casework.Moment) error {
	units := slices.Clone(m.Case.Values.List("joined"))
	if unit := m.Post.Unit; unit != m.Case.Values.Text("issuer") && !slices.Contains(units, unit) {
		m.Set("joined", append(units, unit))
	}
	return nil
}

// readdress follows the case to the unit that holds it now.
func (s *Service) readdress(ctx context.Context, m *casework.Moment) error {
	about, _, err := s.Cases.Seen(ctx, identity.SystemActor(), m.Case.Values.Text("case"))
	if err != nil {
		return err
	}
	now, err := s.handling(ctx, about)
	if err != nil {
		return err
	}
	if now.ID == m.Case.Unit {
		return fault.New(fault.Unmet, "coordination.same_unit", "unit", now.Words())
	}
	m.Set("supervised", now.ID)
	m.HoldBy(now, "")
	return nil
}

// note gives a leader's words on a case or an order to the unit named, or to who
// holds it. Faults: as supervise, at for_unit where the unit is named; a case that
// is over may be noted on too.
func (s *Service) note(ctx context.Context, m *casework.Moment) error {
	about, _, err := s.Cases.Seen(ctx, m.Actor, m.Values.Text("case"))
	if err != nil {
		return fault.Of(err).At("case")
	}
	at, to := "case", identity.Unit{}
	if id := m.Values.Text("for_unit"); id != "" {
		at = "for_unit"
		if to, err = s.People.Unit(ctx, id); err == nil && !to.Open(m.Now) {
			err = fault.New(fault.Invalid, "casework.unit_closed", "unit", to.Name)
		}
	} else {
		to, err = s.handling(ctx, about)
	}
	if err != nil {
		return fault.Of(err).At(at)
	}
	if about.Sealed != "" && to.Within(about.Sealed) {
		return fault.New(fault.Forbidden, "coordination.sealed_from", "unit", to.Words()).At(at)
	}
	post, _, err := s.standing(ctx, m.Actor, to)
	if err != nil {
		return fault.Of(err).At(at)
	}
	m.Set("case", about.Number)
	m.Entitle(beginning(m.Values.Text("words")))
	s.address(m, about, post.Unit, to)
	return nil
}
