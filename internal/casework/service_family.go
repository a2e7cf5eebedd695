package casework

import (
	"context"
	"linli/internal/procedure"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// bear prepares the child cases an act opens.
func (s *Service) bear(ctx context.Context, d *draft, id string) ([]*plan, error) {
	if d.opened != nil && d.opened.Imported {
		return nil, nil
	}
	var out []*plan
	for _, o := range d.m.Act.Opens {
		holds, err := d.m.judges(o.When)
		if err != nil {
			return nil, err
		}
		if holds {
			plans, err := s.bearOf(ctx, d, id, o)
			if err != nil {
				return nil, err
			}
			out = append(out, plans...)
		}
	}
	return out, nil
}

// bearOf prepares the children of one procedure.
func (s *Service) bearOf(ctx context.Context, d *draft, id string, o *procedure.Opens) ([]*plan, error) {
	m := d.m
	p, err := s.ProcedureAt(ctx, o.Procedure, m.Edition)
	if err != nil {
		return nil, err
	}
	units := []string{""}
	if o.Each != "" {
		units = m.Values.List(o.Each)
	}
	var out []*plan
	for _, each := range units {
		unit, err := s.childUnit(ctx, m, o, each)
		if err != nil {
			return nil, err
		}
		given, err := s.hand(m, o.With)
		if err != nil {
			return nil, err
		}
		title := m.Case.Title
		if m.delta.Title != nil {
			title = *m.delta.Title
		}
		child := &Moment{Procedure: p, Act: p.Act(o.Act), Case: &Case{}, Parent: m.Case, Actor: m.Actor, Post: m.Post, Each: each, Role: "child", For: m.For, Now: m.Now, Happened: m.Now,
			Given: Values{}, Values: Values{}, Calendars: m.Calendars, Edition: m.Edition, Read: m.Read, secret: map[string]bool{}}
		// Who may not see a case may not see its children either: they carry its words.
		child.delta.Sealed = m.sealedNow()
		area := m.Area()
		if unit != nil && strings.HasPrefix(unit.Area, area) {
			area = unit.Area // who answers for a part gets what lies in that part
		}
		plans, err := s.plan(ctx, &draft{m: child, given: given, unit: unit, area: area, title: title, id: db.NewID(m.Now),
			opened: &Opened{Procedure: p.Name, Parent: id, ParentAct: m.Act.Name}})
		if err != nil {
			return nil, err
		}
		m.delta.Children = append(m.delta.Children, plans[0].after.ID)
		out = append(out, plans...)
	}
	return out, nil
}

// sealedNow is from whom the case is sealed after the act; nil where from nobody.
func (m *Moment) sealedNow() *string {
	sealed := m.Case.Sealed
	if m.delta.Sealed != nil {
		sealed = *m.delta.Sealed
	}
	if sealed == "" {
		return nil
	}
	return &sealed
}

// hand gives values on to another case. A sealed one is opened and sealed again
// there; nobody reads it on the way.
func (s *Service) hand(m *Moment, with map[string]string) (Values, error) {
	out := Values{}
	for to, from := range with {
		v, ok := m.Values[from]
		if !ok {
			continue
		}
		switch x := v.(type) {
		case Gone:
			continue
		case Sealed:
			clear, err := s.Unseal(from, x)
			if err != nil {
				return nil, err
			}
			v = clear
		}
		out[to] = v
	}
	return out, nil
}

// Unseal opens a sealed value. Whoever shows it to a person writes the read log
// first.
func (s *Service) Unseal(name string, v Sealed) (any, error) {
	both, err := s.Keys.Open(v.Text, sealContext(name))
	if err != nil {
		return nil, err
	}
	if len(both) < 16 {
		return nil, fault.New(fault.Internal, "internal")
	}
	return procedure.ReadValue(both[16:])
}

func (s *Service) childUnit(ctx context.Context, m *Moment, o *procedure.Opens, each string) (*identity.Unit, error) {
	id := ""
	switch o.Unit {
	case "":
		return nil, nil
	case "each":
		id = each
	case "holder", "above":
		if id = m.Case.Unit; m.delta.Unit != nil {
			id = *m.delta.Unit
		}
	default:
		id = m.Values.Text(o.Unit)
	}
	u, err := s.People.Unit(ctx, id)
	if err == nil && o.Unit == "above" && u.Parent != "" {
		u, err = s.People.Unit(ctx, u.Parent)
	}
	if err != nil {
		return nil, err
	}
	if !u.Open(m.Now) {
		return nil, fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name)
	}
	return &u, nil
}

// perform adds the parent's act that this act does.
func (s *Service) perform(ctx context.Context, d *draft, p *plan, plans []*plan) ([]*plan, error) {
	m := d.m
	if m.Act.Performs == nil || m.Parent == nil {
		return plans, nil
	}
	given, err := s.hand(m, m.Act.Performs.With)
	if err != nil {
		return nil, err
	}
	parents, err := s.performed(ctx, m.Parent, m.Act.Performs.Act, "child", m.Case.ID, m.For, m.Actor, given)
	if err != nil {
		return nil, err
	}
	parents[0].order = 0
	return append(plans, parents...), nil
}

// endChildren ends the children whose procedure says that they end with their
// parent, also when the parent gives its work to a leading case.
func (s *Service) endChildren(ctx context.Context, d *draft, plans []*plan) ([]*plan, error) {
	m := d.m
	if m.Act.Opening() || m.Procedure.State(m.to).Kind != procedure.Final && m.Act.Follows == nil {
		return plans, nil
	}
	children, err := s.children(ctx, m.Case.ID)
	if err != nil {
		return nil, err
	}
	for _, child := range children {
		if child.Kind == procedure.Final || child.ID == d.child { // that one is ending by its own act
			continue
		}
		c, err := s.load(ctx, child.ID)
		if err != nil {
			return nil, err
		}
		p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
		if err != nil {
			return nil, err
		}
		for _, a := range p.Acts {
			if !a.WithParent || !slices.Contains(a.From, c.State) {
				continue
			}
			ended, err := s.performed(ctx, c, a.Name, "child", "", m.For, m.Actor, Values{})
			if err != nil {
				return nil, err
			}
			ended[0].order = 2
			plans = append(plans, ended...)
			break
		}
	}
	return plans, nil
}
