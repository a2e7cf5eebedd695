package request

import (
	"context"
	"linli/internal/procedure"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

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
	if l, err := procedure.ParseLength(found.Limit().String()); err == nil {
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
