package selfrule

import (
	"context"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Covenant is the procedure of rules and charters.
const Covenant = "covenant"

// Parts are the rooms and tools this room stands on.
type Parts struct {
	Clock  clock.Clock
	Areas  *area.Service
	People *identity.Service
	Cases  *casework.Service
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the room; Offer belongs to it.
func New(p Parts) *Service { return &Service{p} }

// Offer registers what the procedures name. The roof calls it before the catalogue
// is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("selfrule.kind_fits", s.kindFits)
	cases.RegisterCheck("selfrule.body_fits", bodyFits)
	cases.RegisterCheck("selfrule.points", points)
	cases.RegisterCheck("selfrule.never_published", neverPublished)
	cases.RegisterCheck("selfrule.no_member", s.noMember)
	cases.RegisterEffect("selfrule.same_text", sameText)
	cases.RegisterEffect("selfrule.to_committee", s.toCommittee)
	cases.RegisterEffect("selfrule.to_addressee", s.toAddressee)
}

// bodies are the meetings that decide a kind of rule, and the matter it is there.
var bodies = map[string][2]string{
	"village_rules": {"village_meeting", "covenant"}, "village_charter": {"village_meeting", "covenant"},
	"residents_covenant": {"residents_meeting", "covenant"}, "residents_charter": {"residents_meeting", "covenant"},
	"collective_charter": {"collective_assembly", "charter"},
}

// kindFits keeps a village's rules in villages and a community's in communities.
func (s *Service) kindFits(ctx context.Context, m *casework.Moment) error {
	unit, err := s.committee(ctx, m.Values.Text("village"))
	if err != nil {
		return err
	}
	kind := m.Values.Text("kind")
	if strings.HasPrefix(kind, "village_") && unit.Kind == "community" || strings.HasPrefix(kind, "residents_") && unit.Kind == "village" {
		return fault.New(fault.Invalid, "selfrule.kind").At("kind")
	}
	return nil
}

// bodyFits holds a text to the meeting whose matter it is: a meeting of
// representatives does not decide it.
func bodyFits(_ context.Context, m *casework.Moment) error {
	want := bodies[m.Values.Text("kind")]
	if m.Values.Text("body") != want[0] {
		return fault.New(fault.Unmet, "selfrule.body").At("body").Under(m.Act.Norm)
	}
	if m.Values.Text("matter") != want[1] {
		return fault.New(fault.Invalid, "selfrule.matter").At("matter")
	}
	return nil
}

// What the points of a legality check may say that keeps a text from the meeting:
// anything that conflicts, and of a charter what it lacks.
const (
	pointPrefix    = "p_"
	pointConflicts = "conflicts"
	pointLacks     = "lacks"
)

// points holds a text to the points of its check, as the township answers them now.
func points(_ context.Context, m *casework.Moment) error {
	charter := strings.HasSuffix(m.Values.Text("kind"), "_charter")
	for _, f := range m.Procedure.Form {
		if !strings.HasPrefix(f.Name, pointPrefix) {
			continue
		}
		switch said := m.Given.Text(f.Name); {
		case said == pointConflicts, said == pointLacks && charter:
			return fault.New(fault.Unmet, "selfrule.point", "point", f.Label).At(f.Name).Under(m.Act.Norm)
		}
	}
	return nil
}

// sameText holds the meeting's text to the one that was checked: what the meeting
// changed is checked again before it is filed.
func sameText(_ context.Context, m *casework.Moment) error {
	if text, given := m.Given["text"].(string); given && !same(text, m.Case.Values.Text("text")) {
		m.Lead("recheck")
	}
	return nil
}

// same compares texts without regard to spaces at the ends of lines.
func same(a, b string) bool {
	return slices.Equal(lines(a), lines(b))
}

func lines(s string) (out []string) {
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// neverPublished keeps what was published from being withdrawn as if it had not been.
func neverPublished(_ context.Context, m *casework.Moment) error {
	if m.Case.Published > 0 {
		return fault.New(fault.Unmet, "selfrule.published")
	}
	return nil
}

// onCommittee are the kinds of post of a committee's members.
var onCommittee = []string{"committee-head", "committee-member"}

// noMember keeps members of the committee off the supervision committee, by their
// posts and by their names as the house knows them.
func (s *Service) noMember(ctx context.Context, m *casework.Moment) error {
	names, err := s.members(ctx, m.Values.Text("village"))
	if err != nil {
		return err
	}
	if slices.Contains(names, strings.TrimSpace(m.Values.Text("subject"))) {
		return fault.New(fault.Unmet, "selfrule.is_member").At("subject").Under(m.Act.Norm)
	}
	return nil
}

// members are the names of those who sit on the committee of a village now.
func (s *Service) members(ctx context.Context, village string) ([]string, error) {
	unit, err := s.committee(ctx, village)
	if err != nil {
		return nil, err
	}
	list, err := s.People.Members(ctx, unit.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, one := range list {
		if slices.Contains(onCommittee, one.Post.Kind) {
			out = append(out, one.Name)
		}
	}
	return out, nil
}

// committee is the unit of a village or community.
func (s *Service) committee(ctx context.Context, village string) (identity.Unit, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return identity.Unit{}, err
	}
	for _, u := range units {
		if u.Area == village && (u.Kind == "village" || u.Kind == "community") && u.Open(s.Clock.Now()) {
			return u, nil
		}
	}
	return identity.Unit{}, fault.New(fault.Invalid, "selfrule.no_committee").At("village")
}

// toCommittee gives a question to the committee that must answer it.
func (s *Service) toCommittee(ctx context.Context, m *casework.Moment) error {
	unit, err := s.committee(ctx, m.Values.Text("village"))
	if err == nil {
		m.HoldBy(unit, "")
	}
	return err
}

// discipline is the line of work of a supervisory organ.
const discipline = "discipline"

// toAddressee gives a report to whom it is for: the unit above the committee, the
// county, or the county's supervisory organ where the house knows one.
func (s *Service) toAddressee(ctx context.Context, m *casework.Moment) error {
	unit, err := s.committee(ctx, m.Values.Text("village"))
	if err != nil {
		return err
	}
	above := unit
	for above.Parent != "" && (above.ID == unit.ID || m.Values.Text("addressee") != "township") {
		if above, err = s.People.Unit(ctx, above.Parent); err != nil {
			return err
		}
	}
	if m.Values.Text("addressee") == discipline {
		units, err := s.People.Units(ctx)
		if err != nil {
			return err
		}
		for _, u := range units {
			if u.Function == discipline && u.Open(s.Clock.Now()) {
				above = u
			}
		}
	}
	m.HoldBy(above, "")
	return nil
}
