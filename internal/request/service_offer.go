package request

import (
	"context"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
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
	if words == "" && m.Values.Text("class") == "" {
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
	p, _ := m.Values["place"].(casework.Place)
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
	if p, ok := m.Values["place"].(casework.Place); ok && p.Area != "" {
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
	if given, ok := m.Given["place"].(casework.Place); ok {
		if err := s.replace(ctx, m, given); err != nil {
			return err
		}
	}
	return s.shield(ctx, m, false)
}

// replace corrects a place: what a person decides stands beside the point and
// the words that were there.
func (s *Service) replace(ctx context.Context, m *casework.Moment, given casework.Place) error {
	old, _ := m.Case.Values["place"].(casework.Place)
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
	given, ok := m.Given["place"].(casework.Place)
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

// dispatch fills in what the duty list says of the matter and keeps a complaint
// from the unit it is about.
func (s *Service) dispatch(ctx context.Context, m *casework.Moment) error {
	if yes(m, "about_unit") && m.Values.Text("complained") == "" {
		return fault.New(fault.Unmet, "request.name_first").At("complained")
	}
	lead, err := s.leadOf(ctx, m)
	if err != nil {
		return err
	}
	m.HoldBy(lead, "")
	return s.fillDuty(ctx, m, lead, m.Given["limit"] != nil)
}

// ruled gives the case to the unit that arbitration found, with what the list
// says for it; what belonged to the former lead no longer holds.
func (s *Service) ruled(ctx context.Context, m *casework.Moment) error {
	lead, err := s.leadOf(ctx, m)
	if err != nil {
		return err
	}
	m.HoldBy(lead, "")
	return s.fillDuty(ctx, m, lead, false)
}

// leadOf is the unit that leads: the one named, or the unit above the one
// complained about where the named one is it or stands below it.
func (s *Service) leadOf(ctx context.Context, m *casework.Moment) (identity.Unit, error) {
	lead, err := s.People.Unit(ctx, m.Values.Text("lead"))
	if err != nil {
		return lead, fault.Of(err).At("lead")
	}
	if !lead.Open(m.Now) {
		return lead, fault.New(fault.Invalid, "casework.unit_closed", "unit", lead.Name).At("lead")
	}
	id := m.Values.Text("complained")
	if !yes(m, "about_unit") || id == "" {
		return lead, nil
	}
	about, err := s.People.Unit(ctx, id)
	if err != nil {
		return lead, fault.Of(err).At("complained")
	}
	m.SealFrom(about.Path)
	for _, helper := range m.Values.List("helpers") {
		u, err := s.People.Unit(ctx, helper)
		if err != nil {
			return lead, fault.Of(err).At("helpers")
		}
		if u.Within(about.Path) {
			return lead, fault.New(fault.Unmet, "request.helper_complained", "unit", u.Name).At("helpers")
		}
	}
	if !lead.Within(about.Path) {
		return lead, nil
	}
	if about.Parent == "" {
		return lead, fault.New(fault.Unmet, "request.nobody_above", "unit", about.Name).At("lead")
	}
	above, err := s.People.Unit(ctx, about.Parent)
	if err != nil {
		return lead, err
	}
	m.Set("lead", above.ID)
	return above, nil
}

// Limits where no list names one: 5 working days is the usual limit of a
// hotline, 2 hours that of an emergency (rules.md 6.1, 6.3).
const (
	limitUsual     = "5 workdays"
	limitEmergency = "2 hours"
)

// fillDuty fills item, limit, basis and remedy from the duty list of the day.
func (s *Service) fillDuty(ctx context.Context, m *casework.Moment, lead identity.Unit, keepLimit bool) error {
	found, err := s.dutyFor(ctx, m, lead)
	if err != nil {
		return err
	}
	m.Set("item", orNil(found.Item.ID))
	m.Set("basis", orNil(clip(found.Basis(), 400)))
	m.Set("remedy", orNil(clip(found.Remedy.In("zh"), 400)))
	if keepLimit {
		return nil
	}
	limit := limitUsual
	if l, err := casework.ParseLength(found.Limit().String()); err == nil {
		limit = l.String()
	}
	if yes(m, "emergency") {
		limit = limitEmergency
	}
	m.Set("limit", limit)
	return nil
}

// dutyFor is the item by which the lead acts: the one named, else the one of the
// list that gives the matter to this unit. Where the list gives it to another,
// or names nobody, only the matter's limit is taken.
func (s *Service) dutyFor(ctx context.Context, m *casework.Moment, lead identity.Unit) (duty.Found, error) {
	place, day := placeOf(m), m.Now.Day()
	if id := m.Given.Text("item"); id != "" {
		found, err := s.Duty.Item(ctx, id, place, day)
		if err != nil {
			return found, fault.Of(err).At("item")
		}
		return found, nil
	}
	class := m.Values.Text("class")
	if class == "" {
		return duty.Found{}, nil
	}
	all, err := s.Duty.Responsible(ctx, class, place, day)
	if err != nil || len(all) == 0 {
		return duty.Found{}, err
	}
	for _, f := range all {
		if leads(f, lead) {
			return f, nil
		}
	}
	return duty.Found{Item: duty.Item{Limit: all[0].Item.Limit}}, nil
}

// leads says whether the item gives a matter to the unit: by name, or, where
// the place is too wide to say which unit, by its line of work.
func leads(f duty.Found, unit identity.Unit) bool {
	if f.Lead.ID != "" {
		return f.Lead.ID == unit.ID
	}
	return f.Item.Lead.Function != "" && f.Item.Lead.Function == unit.Function
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// answer writes basis and remedy of the duty item beside the answer, so that the
// resident gets them with it and the proof holds them.
func (s *Service) answer(_ context.Context, m *casework.Moment) error {
	for _, field := range []string{"basis", "remedy"} {
		if said := m.Values.Text(field); said != "" {
			m.Set(field, said)
		}
	}
	return nil
}

// closeIntake ends a request that is not dispatched with the text and channel of
// its kind.
func (s *Service) closeIntake(ctx context.Context, m *casework.Moment) error {
	lists, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return err
	}
	kind, known := lists.Classes.Refusal(strings.ReplaceAll(m.Values.Text("intake_kind"), "_", "-"))
	if !known {
		return fault.New(fault.Invalid, "request.intake_kind").At("intake_kind")
	}
	if kind.ID == "repeat" && m.Given.Text("reason") == "" {
		return fault.New(fault.Invalid, "request.progress_missing").At("reason")
	}
	m.Set("answer", clip(s.refusal(lists.Classes, kind, m.Given.Text("reason"), m.Values.Text("words")), 3000))
	if kind.ID == "emergency" {
		set(m, "emergency", true)
	}
	return nil
}

// mayLead refuses a lead whom lists and norms keep from the matter. A matter of
// no known class may not be given to a village or community at all.
func (s *Service) mayLead(ctx context.Context, m *casework.Moment) error {
	unit, err := s.People.Unit(ctx, m.Values.Text("lead"))
	if err != nil {
		return fault.Of(err).At("lead")
	}
	matter := m.Given.Text("item")
	if matter == "" {
		matter = m.Values.Text("class")
	}
	if matter == "" {
		if area.LevelOf(unit.Area) >= area.Community {
			return fault.New(fault.Unmet, "request.class_first").At("lead")
		}
		return nil
	}
	err = s.Duty.MayLead(ctx, matter, placeOf(m), unit, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Field == "unit" {
		return f.At("lead")
	}
	return err
}

// contacted holds where somebody spoke with the reporter, or there is no way to.
func (s *Service) contacted(_ context.Context, m *casework.Moment) error {
	if _, spoke := m.Case.Doers["contact"]; spoke {
		return nil
	}
	if _, phone := m.Values["phone"].(casework.Sealed); !phone {
		return nil
	}
	return fault.New(fault.Unmet, "request.contact_first").Under(m.Act.Norm)
}

// namesOther holds where a return names another unit that a duty item makes
// responsible.
func (s *Service) namesOther(ctx context.Context, m *casework.Moment) error {
	unit, err := s.People.Unit(ctx, m.Values.Text("responsible"))
	if err != nil {
		return fault.Of(err).At("responsible")
	}
	if unit.ID == m.Case.Unit || unit.ID == m.Post.Unit {
		return fault.New(fault.Unmet, "request.names_itself", "unit", unit.Name).At("responsible").Under(m.Act.Norm)
	}
	item := m.Values.Text("responsible_item")
	found, err := s.Duty.Item(ctx, item, placeOf(m), m.Now.Day())
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Unmet, "request.no_item", "item", item).At("responsible_item").Under(m.Act.Norm)
	}
	if err != nil {
		return err
	}
	if !leads(found, unit) {
		return fault.New(fault.Unmet, "request.item_other", "item", item, "title", found.Item.Title, "unit", unit.Name).
			At("responsible_item").Under(m.Act.Norm)
	}
	return nil
}

// maySettle holds where the class lets a grid worker settle it alone.
func (s *Service) maySettle(ctx context.Context, m *casework.Moment) error {
	id := m.Values.Text("class")
	if id == "" {
		return fault.New(fault.Unmet, "request.settle_class").Under(m.Act.Norm)
	}
	class, err := s.Duty.Class(ctx, id)
	if err != nil {
		return err
	}
	if !class.Self {
		return fault.New(fault.Unmet, "request.settle_not", "class", class.Title).Under(m.Act.Norm)
	}
	return nil
}
