package request

import (
	"context"
	"linli/internal/procedure"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Offer registers the checks and effects that the procedures name. The roof
// calls it before the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	for name, check := range map[string]casework.Check{
		"duty.may_lead":       s.mayLead,
		"request.contacted":   s.contacted,
		"request.names_other": s.namesOther,
		"request.may_settle":  s.maySettle,
	} {
		cases.RegisterCheck(name, check)
	}
	for name, effect := range map[string]casework.Effect{
		"request.register":     s.register,
		"request.classify":     s.classify,
		"request.complaint":    s.complaint,
		"request.supplied":     s.supplied,
		"request.dispatch":     s.dispatch,
		"request.ruled":        s.ruled,
		"request.answer":       s.answer,
		"request.close_intake": s.closeIntake,
	} {
		cases.RegisterEffect(name, effect)
	}
}

// set gives a value where the procedure has the field.
func set(m *casework.Moment, field string, value any) {
	if m.Procedure.Field(field) != nil {
		m.Set(field, value)
	}
}

// yes reads a tick.
func yes(m *casework.Moment, field string) bool {
	v, _ := m.Values[field].(bool)
	return v
}

// register takes a new request or grid event in: its class where words leave no
// doubt, title, place, emergency, and who may not see it.
func (s *Service) register(ctx context.Context, m *casework.Moment) error {
	words := m.Values.Text("words")
	if words == "" && m.Values.Text("class") == "" && len(m.Values.List(voiceField)) == 0 {
		return fault.New(fault.Invalid, "request.what_missing").At("words")
	}
	class, err := s.classOf(ctx, m, words)
	if err != nil {
		return err
	}
	if m.Values.Text("subject") == "" {
		title := titled(words)
		if title == "" {
			title = class.Title.In("zh")
		}
		if title == "" { // only a voice note
			title = s.Book().Say(text.Chinese, "request.voice_title", nil)
		}
		set(m, "subject", title)
	}
	if err := s.raise(ctx, m, class, words); err != nil {
		return err
	}
	if class.AboutUnit && m.Values["about_unit"] == nil {
		set(m, "about_unit", true)
	}
	if err := s.place(ctx, m); err != nil {
		return err
	}
	if m.Values.Text("complained") != "" {
		set(m, "about_unit", true)
	}
	return s.shield(ctx, m, false)
}

// classOf is the class that was chosen, or that words name beyond doubt; the
// empty class leaves it to the dispatcher.
func (s *Service) classOf(ctx context.Context, m *casework.Moment, words string) (duty.Class, error) {
	if id := m.Values.Text("class"); id != "" {
		class, err := s.Duty.Class(ctx, id)
		if err == nil {
			m.Classify(id)
		}
		return class, err
	}
	found, err := s.Duty.Match(ctx, words, 2)
	if err != nil {
		return duty.Class{}, err
	}
	class, certain := sure(found)
	if certain {
		m.Set("class", class.ID)
		m.Classify(class.ID)
	}
	return class, nil
}

// raise flags what may be an emergency, by class or by words.
func (s *Service) raise(ctx context.Context, m *casework.Moment, class duty.Class, words string) error {
	lists, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return err
	}
	if m.Values["emergency"] == nil && (len(class.Emergency) > 0 || len(lists.Classes.Emergencies(words)) > 0) {
		set(m, "emergency", true)
	}
	return nil
}

// place finds the area of the place that the act brought or the case has.
func (s *Service) place(ctx context.Context, m *casework.Moment) error {
	p, _ := m.Values["place"].(procedure.Place)
	p, err := s.placed(ctx, p)
	if err != nil {
		return err
	}
	m.Set("place", p)
	m.PlaceAt(p.Area)
	return nil
}

// placeOf is where the case's place lies, whoever may see the case meanwhile.
func placeOf(m *casework.Moment) string {
	if p, ok := m.Values["place"].(procedure.Place); ok && p.Area != "" {
		return p.Area
	}
	return m.Area()
}

// shield keeps a complaint about a unit from that unit (house.md 4): named, the
// case is sealed from its subtree; not yet named, it lies with the county alone.
// strict refuses a unit that has none above it; otherwise naming is left to the
// county.
func (s *Service) shield(ctx context.Context, m *casework.Moment, strict bool) error {
	if !yes(m, "about_unit") {
		return nil
	}
	if id := m.Values.Text("complained"); id != "" {
		about, err := s.People.Unit(ctx, id)
		if err != nil {
			return fault.Of(err).At("complained")
		}
		if about.Parent != "" {
			m.SealFrom(about.Path)
			m.PlaceAt(placeOf(m))
			return nil
		}
		if strict {
			return fault.New(fault.Unmet, "request.nobody_above", "unit", about.Name).At("complained")
		}
		m.Set("complained", nil)
	}
	root, err := s.root(ctx)
	if err != nil {
		return err
	}
	m.SealFrom("")
	m.PlaceAt(root)
	return nil
}

// classify corrects class, place or the flag of an emergency.
func (s *Service) classify(ctx context.Context, m *casework.Moment) error {
	if id := m.Given.Text("class"); id != "" {
		class, err := s.Duty.Class(ctx, id)
		if err != nil {
			return err
		}
		m.Classify(id)
		if class.AboutUnit && m.Values["about_unit"] == nil {
			set(m, "about_unit", true)
		}
		if len(class.Emergency) > 0 && m.Given["emergency"] == nil {
			set(m, "emergency", true)
		}
	}
	if given, ok := m.Given["place"].(procedure.Place); ok {
		if err := s.replace(ctx, m, given); err != nil {
			return err
		}
	}
	return s.shield(ctx, m, false)
}

// replace corrects a place: what a person decides stands beside the point and
// the words that were there.
func (s *Service) replace(ctx context.Context, m *casework.Moment, given procedure.Place) error {
	old, _ := m.Case.Values["place"].(procedure.Place)
	if given.Words == "" {
		given.Words = old.Words
	}
	decided := given.Area != "" && !given.Point()
	if decided {
		given.Lon, given.Lat, given.Meters = 0, 0, 0
	}
	p, err := s.placed(ctx, given)
	if err != nil {
		return err
	}
	if decided {
		p.Lon, p.Lat, p.Meters = old.Lon, old.Lat, old.Meters
	}
	m.Set("place", p)
	m.PlaceAt(p.Area)
	return nil
}

// complaint names the unit complained about, or says that it is none.
func (s *Service) complaint(ctx context.Context, m *casework.Moment) error {
	switch {
	case !yes(m, "about_unit"):
		m.Set("complained", nil)
		m.SealFrom("")
		m.PlaceAt(placeOf(m))
		return nil
	case m.Values.Text("complained") == "":
		return fault.New(fault.Invalid, "request.name_unit").At("complained")
	}
	return s.shield(ctx, m, true)
}

// supplied takes in what the reporter added: a place finds its grid.
func (s *Service) supplied(ctx context.Context, m *casework.Moment) error {
	given, ok := m.Given["place"].(procedure.Place)
	if !ok {
		return nil
	}
	if err := s.replace(ctx, m, given); err != nil {
		return err
	}
	if yes(m, "about_unit") && m.Values.Text("complained") == "" {
		return s.shield(ctx, m, false)
	}
	return nil
}
