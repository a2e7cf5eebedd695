package ballot

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// rollNumbers fills in the wholes of a petition from the rolls of its village: what
// is on a roll is not typed. Where there is no roll the number that was typed
// counts, and where it comes from must be named.
func (s *Service) rollNumbers(ctx context.Context, m *casework.Moment) error {
	general, chosen := VillageMeeting, VillageRepresentatives
	if strings.HasPrefix(m.Values.Text("body"), "residents_") {
		general, chosen = ResidentsMeeting, ResidentsRepresentatives
	}
	var sources []string
	if typed := m.Given.Text("roll_source"); typed != "" {
		sources = append(sources, typed)
	}
	typed, known := false, false
	for _, one := range []struct {
		body   Body
		fields map[string]func(Counts) int64
	}{
		{general, map[string]func(Counts) int64{"roll_people": func(c Counts) int64 { return c.Adults }, "roll_households": func(c Counts) int64 { return c.Households }}},
		{chosen, map[string]func(Counts) int64{"roll_representatives": func(c Counts) int64 { return c.Representatives }}},
	} {
		r, err := s.current(ctx, m.Area(), one.body, "")
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		for field, of := range one.fields {
			if err != nil {
				typed = typed || m.Given[field] != nil
			} else if n := of(r.Counts); n > 0 {
				m.Set(field, n)
			}
		}
		if err == nil {
			known = true
			sources = append(sources, s.Book().Say(text.Chinese, "ballot.roll_source", map[string]any{"body": one.body.Key(), "version": r.Version, "day": r.Made.Day()}))
		}
	}
	if typed && m.Given.Text("roll_source") == "" {
		return fault.New(fault.Invalid, "casework.missing_field", "field", m.Procedure.Field("roll_source").Label).At("roll_source")
	}
	if known {
		m.Set("roll_source", strings.Join(sources, "\uff1b"))
	}
	return nil
}
