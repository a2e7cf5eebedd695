package coordination

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// heardFor is how long a hearing that was decided lets the head's post be ended.
const heardFor = 365 * 24 * time.Hour

// offerStations registers what the orders to stationed units, the hearing of their
// commander and the teams of grids name, and keeps a head from leaving unheard.
func (s *Service) offerStations(cases *casework.Service) {
	cases.RegisterCheck("coordination.may_order", s.mayOrder)
	cases.RegisterEffect("coordination.order", s.order)
	cases.RegisterCheck("coordination.may_ask_commander", s.mayAskCommander)
	cases.RegisterEffect("coordination.tell_commander", s.tellCommander)
	cases.RegisterCheck("coordination.may_give_part", s.mayGivePart)
	cases.RegisterCheck("coordination.public_telephone", func(_ context.Context, m *casework.Moment) error {
		return publicTelephone(m.Values.Text("telephone"))
	})
	s.People.OnLeave(s.headMayLeave)
}

// station reads the stationed unit that a case names, with who commands it.
// Faults: those of stationed, at station.
func (s *Service) station(ctx context.Context, m *casework.Moment) (u, commander identity.Unit, err error) {
	if u, err = s.People.Unit(ctx, m.Values.Text("station")); err != nil {
		return u, commander, fault.Of(err).At("station")
	}
	if u.Commander != "" {
		if commander, err = s.People.Unit(ctx, u.Commander); err != nil {
			return u, commander, fault.Of(err).At("station")
		}
	}
	return u, commander, stationed(u, commander, m.Now, m.Procedure.Norm, "station")
}

// mayOrder: that who orders commands the unit is the relation's matter; here the
// unit must be one that can be ordered, by a day that is not over, and there must
// be somebody above who decides an objection.
func (s *Service) mayOrder(ctx context.Context, m *casework.Moment) error {
	u, commander, err := s.station(ctx, m)
	if err != nil {
		return err
	}
	if commander.Parent == "" {
		return fault.New(fault.Invalid, "coordination.nobody_above", "commander", commander.Words()).At("station")
	}
	if m.Post.Unit != u.Commander { // the relation held through another post
		return fault.New(fault.Forbidden, "casework.not_yours", "act", m.Act.Words)
	}
	_, err = untilEndOf(m.Values.Text("by"), m.Now)
	return err
}

// order notes whose the unit is and who commands it at this moment, who would
// decide an objection, and how long there is.
func (s *Service) order(ctx context.Context, m *casework.Moment) error {
	u, commander, err := s.station(ctx, m)
	if err != nil {
		return err
	}
	limit, err := untilEndOf(m.Values.Text("by"), m.Now)
	if err != nil {
		return err
	}
	area, err := s.People.AreaOf(ctx, u.ID)
	if err != nil {
		return err
	}
	m.Set("owner", u.Owner)
	m.Set("commander", commander.ID)
	m.Set("decider", commander.Parent)
	m.Set("limit", limit.String())
	m.PlaceAt(area)
	return nil
}

// mayAskCommander: a department asks about its own stationed units only. Faults:
// Invalid at station or owner.
func (s *Service) mayAskCommander(ctx context.Context, m *casework.Moment) error {
	u, _, err := s.station(ctx, m)
	if err == nil && u.Owner != m.Values.Text("owner") {
		err = fault.New(fault.Invalid, "coordination.not_owner", "unit", u.Words()).At("owner")
	}
	return err
}

// tellCommander tells who commands the unit now, also where that changed meanwhile.
func (s *Service) tellCommander(ctx context.Context, m *casework.Moment) error {
	u, err := s.People.Unit(ctx, m.Values.Text("station"))
	if err != nil {
		return err
	}
	m.Tell(casework.Told{Unit: u.Commander})
	area, err := s.People.AreaOf(ctx, u.ID)
	if m.Act.Opening() {
		m.PlaceAt(area)
	}
	return err
}

// mayGivePart: a part goes to a unit that stands. Fault: Invalid at member_unit.
func (s *Service) mayGivePart(ctx context.Context, m *casework.Moment) error {
	u, err := s.People.Unit(ctx, m.Values.Text("member_unit"))
	if err != nil {
		return fault.Of(err).At("member_unit")
	}
	if !u.Open(m.Now) {
		return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At("member_unit")
	}
	return nil
}

// headMayLeave keeps the head of a stationed unit in it until the unit's commander
// was heard about it. unit "" is every unit the person works in.
func (s *Service) headMayLeave(ctx context.Context, person, unit string) error {
	if person == "" {
		return nil
	}
	posts, err := s.People.PostsOf(ctx, person)
	if err != nil {
		return err
	}
	for _, p := range posts {
		if p.Post.Kind != identity.Head || unit != "" && p.Post.Unit != unit {
			continue
		}
		if err := s.wasHeard(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// wasHeard looks for a hearing about the person that ended in a decision. Fault:
// Unmet coordination.commander_unheard.
func (s *Service) wasHeard(ctx context.Context, p identity.Member) error {
	u, err := s.People.Unit(ctx, p.Post.Unit)
	if err != nil || u.Owner == "" || u.Commander == "" || u.Owner == u.Commander {
		return err
	}
	commander, err := s.People.Unit(ctx, u.Commander)
	if err != nil {
		return err
	}
	now := s.Cases.Clock.Now()
	if !commander.Open(now) {
		return nil
	}
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: PostingOpinions, State: stateDecided, Field: "station", Value: u.ID, Limit: 200})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Values.Text("name") == p.Name && r.Values.Text("kind") != kindAssess && now.Sub(r.Changed) <= heardFor {
			return nil
		}
	}
	f := fault.New(fault.Unmet, "coordination.commander_unheard", "name", p.Name, "unit", u.Words(), "commander", commander.Words())
	if def, err := s.Cases.Procedure(ctx, PostingOpinions); err == nil {
		f = f.Under(def.Norm)
	}
	return f
}
