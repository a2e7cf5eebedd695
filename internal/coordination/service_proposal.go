package coordination

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// offerProposals registers what the procedure of proposals names.
func (s *Service) offerProposals(cases *casework.Service) {
	cases.RegisterCheck("coordination.origin", s.origin)
	cases.RegisterCheck("coordination.entered", s.entered)
	cases.RegisterEffect("coordination.proposal", s.proposal)
	cases.RegisterEffect("coordination.repeated", s.repeated)
	cases.RegisterEffect("coordination.enter", s.enter)
}

// origin holds a proposal to a decided dispute that the proposer may see. Fault:
// Invalid coordination.no_origin.
func (s *Service) origin(ctx context.Context, m *casework.Moment) error {
	v, err := s.Cases.Get(ctx, m.Actor, m.Values.Text("origin"))
	if f := fault.Of(err); f != nil && f.Kind != fault.NotFound {
		return err
	} else if f != nil || !slices.Contains(decidedIn[v.Case.Procedure], v.Case.State) {
		return fault.New(fault.Invalid, "coordination.no_origin", "case", m.Values.Text("origin")).At("origin")
	}
	return nil
}

// proposal gives a proposal to the county and notes whom it concerns: those who
// stood on the sides of the dispute.
func (s *Service) proposal(ctx context.Context, m *casework.Moment) error {
	from := m.Parent
	if from == nil {
		v, err := s.Cases.Get(ctx, identity.SystemActor(), m.Values.Text("origin"))
		if err != nil {
			return err
		}
		from = v.Case
	}
	m.Set("origin", from.Number)
	var sides []string
	add := func(units ...string) {
		for _, u := range units {
			if u != "" && !slices.Contains(sides, u) {
				sides = append(sides, u)
			}
		}
	}
	for _, field := range []string{"sender", "caller", "department", "claimant"} {
		add(from.Values.Text(field))
	}
	add(m.Values.Text("lead"))
	if from.Parent != "" { // the part of a task that was refused, the call that was declined
		v, err := s.Cases.Get(ctx, identity.SystemActor(), from.Parent)
		if err != nil {
			return err
		}
		add(v.Case.Unit)
	}
	for i, field := range []string{"side", "other_side"} {
		if i < len(sides) {
			m.Set(field, sides[i])
		}
	}
	if m.Values.Text("words") == "" {
		m.Set("words", m.Values.Text("ruling"))
	}
	return s.toTheCounty(ctx, m, m.Post.Unit)
}

// repeated words the proposal that the house makes when a street whistles on one
// kind of matter again and again.
func (s *Service) repeated(ctx context.Context, m *casework.Moment) error {
	caller, err := s.People.Unit(ctx, m.Values.Text("proposer"))
	if err != nil {
		return err
	}
	class := m.Values.Text("class")
	found, err := s.Duty.Suggest(ctx, class, caller.Area, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Kind != fault.NotFound {
		return err
	} else if f != nil { // a class that no catalogue has any more keeps nobody from whistling
		found.Class.Title = text.Words{"zh": class}
	}
	if m.Parent != nil && m.Parent.Number != "" {
		m.Set("origin", m.Parent.Number)
	}
	m.Set("item", found.Item.ID)
	times, _ := m.Values["earlier"].(int64)
	say := func(lang string) string {
		return s.Book().Say(lang, "coordination.repeated", map[string]any{"unit": caller.Words(), "class": found.Class.Title, "n": times + 1})
	}
	m.Set("words", say(text.Chinese)+"\n"+say(text.English))
	return s.toTheCounty(ctx, m, caller.ID)
}

// toTheCounty gives the proposal to the county above the proposing unit.
func (s *Service) toTheCounty(ctx context.Context, m *casework.Moment, proposer string) error {
	h, err := s.house(ctx)
	if err != nil {
		return err
	}
	county := h.county(h[proposer])
	m.Set("proposer", proposer)
	m.Set("county", county.ID)
	m.HoldBy(county, "")
	return nil
}

// entered holds the last act to a list in force that has the item, published after
// the county took the proposal up. Faults at item.
func (s *Service) entered(ctx context.Context, m *casework.Moment) error {
	found, err := s.Duty.Item(ctx, m.Values.Text("item"), m.Case.Area, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		if m.Values.Text("change") == "remove" {
			return nil // it is gone, as was proposed
		}
		return fault.New(fault.Invalid, "coordination.no_item", "item", m.Values.Text("item")).At("item")
	} else if f != nil {
		return err
	}
	since, err := s.Duty.Changed(ctx, found.ListID)
	if err == nil && since < m.Case.Changed {
		return fault.New(fault.Unmet, "coordination.not_published", "list", found.List).At("item")
	}
	return err
}

// enter notes the version in which a proposal stands.
func (s *Service) enter(ctx context.Context, m *casework.Moment) error {
	found, err := s.Duty.Item(ctx, m.Values.Text("item"), m.Case.Area, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return nil
	} else if f != nil {
		return err
	}
	m.Set("entered", found.List.In(text.Chinese)+" "+found.Version)
	return nil
}

// Precedents lists what was proposed for the lists of a county, newest first: of one
// item, or of all where item is "". It is for officials: it carries no resident's
// words. most bounds it.
func (s *Service) Precedents(ctx context.Context, county, item string, most int) ([]Precedent, error) {
	f := casework.Filter{Procedure: Proposals, Field: "county", Value: county, Limit: min(most, 200)}
	if item != "" {
		f.Field, f.Value = "item", item
	}
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), f)
	if err != nil {
		return nil, err
	}
	var out []Precedent
	for _, r := range rows {
		if county != "" && r.Values.Text("county") != county {
			continue
		}
		v := r.Values
		out = append(out, Precedent{Case: r.ID, Number: r.Number, Title: r.Case.Title, Item: v.Text("item"), Change: v.Text("change"), State: r.State, Origin: v.Text("origin"),
			Proposer: v.Text("proposer"), Lead: v.Text("lead"), Boundary: v.Text("boundary"), Support: v.Text("support"), Words: v.Text("words"), Ruling: v.Text("ruling"),
			Decision: v.Text("decision"), Opened: r.Opened})
	}
	return out, nil
}

// CountyOf is the unit whose lists an official works with; "" where they hold no post.
func (s *Service) CountyOf(ctx context.Context, a identity.Actor) (string, error) {
	h, err := s.house(ctx)
	if err != nil || len(a.Posts) == 0 {
		return "", err
	}
	return h.county(h[a.Posts[0].Unit]).ID, nil
}
