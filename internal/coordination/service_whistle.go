package coordination

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// repeats is how far back whistles on the same kind of matter are counted.
const repeats = 365 * 24 * time.Hour

// mayWhistle holds who is called to departments and stationed units outside the
// caller's own house. Whose matter it is the department answers and the county
// decides. Faults: Invalid at departments.
func (s *Service) mayWhistle(ctx context.Context, m *casework.Moment) error {
	caller, err := s.People.Unit(ctx, m.Post.Unit)
	if err != nil {
		return err
	}
	called := m.Values.List("departments")
	if len(called) == 0 {
		return fault.New(fault.Invalid, "coordination.no_receiver").At("departments")
	}
	for _, id := range called {
		u, err := s.People.Unit(ctx, id)
		if err != nil {
			return fault.Of(err).At("departments")
		}
		level, err := s.Duty.Level(ctx, u)
		switch {
		case err != nil:
			return err
		case !u.Open(m.Now):
			return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At("departments")
		case u.Within(caller.Path) && u.Owner == "":
			return fault.New(fault.Invalid, "coordination.own_office", "unit", u.Words()).At("departments")
		case level != duty.LevelCounty:
			return fault.New(fault.Invalid, "coordination.no_department", "unit", u.Words()).At("departments")
		}
	}
	return nil
}

// whistle notes who calls, and how often they called on such a matter within a
// year: what comes again and again belongs in the list.
func (s *Service) whistle(ctx context.Context, m *casework.Moment) error {
	m.Set("caller", m.Post.Unit)
	class := m.Values.Text("class")
	if class == "" {
		return nil
	}
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Whistles, Class: class, Field: "caller", Value: m.Post.Unit, Limit: 200})
	if err != nil {
		return err
	}
	earlier := int64(0)
	for _, row := range rows {
		if row.ID != m.Case.ID && row.State != "refused" && m.Now.Sub(row.Opened) <= repeats {
			earlier++
		}
	}
	m.Set("earlier", earlier)
	return nil
}

func (s *Service) emergency(_ context.Context, m *casework.Moment) error {
	m.Set("kind", "emergency")
	return nil
}
