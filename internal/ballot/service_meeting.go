package ballot

import (
	"context"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Offer registers the checks, effects and facts that procedure meeting names, and
// the folding of its acts. The roof calls it before the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	for name, check := range map[string]casework.Check{
		"callable": s.callable, "movable": s.movable, "on_the_day": plainCheck(onTheDay), "roll_whole": s.rollWhole, "text_there": plainCheck(textThere),
		"count_fits": s.countFits, "text_as_voted": plainCheck(textAsVoted), "may_arrive": s.mayArrive, "may_leave": s.mayLeave, "may_entrust": s.mayEntrust,
		"roll_numbers": s.rollNumbers,
	} {
		cases.RegisterCheck("ballot."+name, check)
	}
	for name, effect := range map[string]casework.Effect{
		"freeze": s.freeze, "note_present": s.notePresent, "fix_text": plainEffect(fixText), "compare": s.compare, "draft_minutes": s.draftMinutes, "resolve": plainEffect(resolve),
	} {
		cases.RegisterEffect("ballot."+name, effect)
	}
	s.offerFacts(cases)
	cases.OnAct(s.fold)
}

func plainCheck(f func(*casework.Moment) error) casework.Check {
	return func(_ context.Context, m *casework.Moment) error { return f(m) }
}

func plainEffect(f func(*casework.Moment) error) casework.Effect {
	return func(_ context.Context, m *casework.Moment) error { return f(m) }
}

// offerFacts gives the decision rules what they ask for.
func (s *Service) offerFacts(cases *casework.Service) {
	for name, read := range map[string]func(Attendance) int64{
		"present":            func(a Attendance) int64 { return a.Present },
		"adults_present":     func(a Attendance) int64 { return a.Adults },
		"households_present": func(a Attendance) int64 { return a.Households },
	} {
		cases.RegisterFact("ballot."+name, func(ctx context.Context, m *casework.Moment) (any, error) {
			x, err := s.meetingOf(ctx, m.Read, m.Case.ID)
			if err != nil {
				return nil, err
			}
			a, err := s.attendance(ctx, m.Read, x)
			return read(a), err
		})
	}
	for name, read := range map[string]func(Counts) int64{
		"members":         func(c Counts) int64 { return c.Members },
		"representatives": func(c Counts) int64 { return c.Representatives },
		"women":           func(c Counts) int64 { return c.Women },
	} {
		cases.RegisterFact("ballot."+name, func(ctx context.Context, m *casework.Moment) (any, error) {
			r, err := s.rollFor(ctx, m)
			return read(r.Counts), err
		})
	}
	cases.RegisterFact("ballot.days_before", func(_ context.Context, m *casework.Moment) (any, error) {
		day, err := clock.ParseDay(m.Values.Text("meeting_day"))
		if err != nil {
			return nil, invalid("day").At("meeting_day")
		}
		return int64(day - noticeDay(m)), nil
	})
	cases.RegisterFact("ballot.matter", func(_ context.Context, m *casework.Moment) (any, error) {
		return lawMatter(Body(m.Values.Text("body")), m.Values.Text("matter")), nil
	})
	cases.RegisterFact("ballot.body", func(_ context.Context, m *casework.Moment) (any, error) {
		if Body(m.Values.Text("body")) == VillageRepresentatives {
			return "representatives", nil
		}
		return "meeting", nil
	})
	cases.RegisterFact("ballot.delegated", func(ctx context.Context, m *casework.Moment) (any, error) {
		yes, _ := m.Values["delegated"].(bool)
		return yes || m.Values.Text("delegation_case") != "", nil // callable has looked at the case
	})
}

// rollFor is the roll with which a meeting that is being called will meet: the
// newest of its body, or the one of the sitting it joins.
func (s *Service) rollFor(ctx context.Context, m *casework.Moment) (Roll, error) {
	if ref := m.Values.Text("sitting"); ref != "" {
		lead, _, err := s.lead(ctx, ref)
		if err != nil {
			return Roll{}, err
		}
		return s.roll(ctx, lead.Roll)
	}
	r, err := s.current(ctx, m.Values.Text("village"), Body(m.Values.Text("body")), m.Values.Text("group"))
	if fault.Is(err, fault.NotFound) {
		return r, unmet("need_roll", "body", Body(m.Values.Text("body")).Key()).At("body")
	}
	return r, err
}

// lead finds the meeting whose sitting another one joins, by its number.
func (s *Service) lead(ctx context.Context, ref string) (meeting, *casework.Case, error) {
	c, _, _, err := s.Cases.History(ctx, ref)
	if err != nil || c.Procedure != Meetings {
		return meeting{}, nil, invalid("sitting").At("sitting")
	}
	x, err := s.meetingOf(ctx, s.DB.Reader(), c.ID)
	if err != nil || x.Sitting != c.ID {
		return meeting{}, nil, invalid("sitting").At("sitting")
	}
	return x, c, nil
}

// callable holds what must be so before the law is asked whether a meeting may be
// called.
func (s *Service) callable(ctx context.Context, m *casework.Moment) error {
	village, b := m.Values.Text("village"), Body(m.Values.Text("body"))
	if len(village) != villageDigits {
		return invalid("village").At("village")
	}
	if !b.Known() {
		return invalid("body").At("body")
	}
	if (m.Values.Text("group") == "") == (b == VillagerGroup) {
		return invalid("group", "body", b.Key()).At("group")
	}
	if m.Values.Text("text") == "" {
		return invalid("no_text").At("text")
	}
	words, _, err := s.Words.Now(ctx)
	if err != nil {
		return err
	}
	if err := words.fitsMatter(b, m.Values.Text("matter")); err != nil {
		return err
	}
	if err := s.delegated(ctx, m, b, village); err != nil {
		return err
	}
	if err := checkDay(m); err != nil {
		return err
	}
	if ref := m.Values.Text("sitting"); ref != "" {
		_, c, err := s.lead(ctx, ref)
		if err != nil {
			return err
		}
		if c.Values.Text("body") != string(b) || c.Area != village || c.Values.Text("meeting_day") != m.Values.Text("meeting_day") || c.Kind == "final" {
			return invalid("sitting").At("sitting")
		}
	}
	_, err = s.rollFor(ctx, m)
	return err
}

// delegated holds a delegation to what stands on record.
func (s *Service) delegated(ctx context.Context, m *casework.Moment, b Body, village string) error {
	yes, _ := m.Values["delegated"].(bool)
	ref := m.Values.Text("delegation_case")
	if (yes || ref != "") && b != VillageRepresentatives {
		return invalid("not_delegable").At("delegated")
	}
	if ref != "" {
		c, _, _, err := s.Cases.History(ctx, ref)
		if err != nil || c.Procedure != Meetings || c.State != "carried" || c.Area != village || c.Values.Text("body") != string(VillageMeeting) {
			return invalid("delegation_case").At("delegation_case")
		}
		return nil
	}
	if yes && m.Act.Name == callAloneAct && m.Values.Text("delegation") == "" {
		return invalid("delegation").At("delegation")
	}
	return nil
}

// movable holds a new day to the calendar; a meeting that is over cannot move.
func (s *Service) movable(_ context.Context, m *casework.Moment) error {
	if paper, _ := m.Case.Values["on_paper"].(bool); paper {
		return invalid("day_past", "day", m.Happened.Day()).At("meeting_day")
	}
	return checkDay(m)
}

// freeze keeps the roll with its wholes as values of the meeting: what is
// corrected afterwards does not touch it.
func (s *Service) freeze(ctx context.Context, m *casework.Moment) error {
	r, err := s.rollFor(ctx, m)
	if err != nil {
		return err
	}
	m.Set("roll", r.ID)
	m.Set("roll_version", r.Version)
	m.Set("roll_hash", r.Hash)
	m.Set("members", r.Counts.Members)
	if r.Body.general() {
		m.Set("adults", r.Counts.Adults)
		m.Set("households", r.Counts.Households)
	}
	if ref := m.Values.Text("sitting"); ref != "" {
		lead, _, err := s.lead(ctx, ref)
		if err != nil {
			return err
		}
		m.Set("sitting", lead.Case)
	}
	if day, err := clock.ParseDay(m.Values.Text("meeting_day")); err == nil && day < m.Now.Day() {
		m.Set("on_paper", true)
	}
	return nil
}

// rollWhole holds the frozen roll to the fingerprint with which the meeting was
// called.
func (s *Service) rollWhole(ctx context.Context, m *casework.Moment) error {
	r, err := s.roll(ctx, m.Case.Values.Text("roll"))
	if err != nil {
		return err
	}
	if err := s.load(ctx, &r); err != nil {
		return err
	}
	if digest(r) != m.Case.Values.Text("roll_hash") {
		return unmet("roll_touched")
	}
	return nil
}

// notePresent keeps who is in the hall at this moment.
func (s *Service) notePresent(ctx context.Context, m *casework.Moment) error {
	x, err := s.meetingOf(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	a, err := s.attendance(ctx, m.Read, x)
	if err != nil {
		return err
	}
	m.Set("present", a.Present)
	if Body(m.Values.Text("body")).general() {
		m.Set("adults_present", a.Adults)
		m.Set("households_present", a.Households)
	}
	return nil
}

func textThere(m *casework.Moment) error {
	if m.Values.Text("text") == "" {
		return invalid("no_text").At("text")
	}
	return nil
}

func fixText(m *casework.Moment) error {
	m.Set("text_hash", TextHash(m.Values.Text("text")))
	return nil
}

func textAsVoted(m *casework.Moment) error {
	if said := m.Given.Text("resolution"); said != "" && TextHash(said) != m.Values.Text("text_hash") {
		return unmet("text_differs").At("resolution")
	}
	return nil
}

func resolve(m *casework.Moment) error {
	m.Set("resolution", m.Values.Text("text"))
	return nil
}

// countFits refuses a count of more votes than there are people in the hall.
func (s *Service) countFits(_ context.Context, m *casework.Moment) error {
	who := tellerOf(m.Act.Name)
	votes, err := counted(m.Given, who, s.Cases.Unseal)
	if err != nil {
		return err
	}
	present, _ := m.Values["present"].(int64)
	if sum := votes[0] + votes[1] + votes[2] + votes[3]; sum > present {
		return invalid("too_many_votes", "sum", sum, "present", present).At(who + "_for")
	}
	return nil
}

func tellerOf(act string) string {
	if act == "count_second" {
		return "second"
	}
	return "first"
}

// compare holds the two counts against each other. Where they agree they become
// the result; where not both are put aside and counting begins again: the sealed
// numbers stay in the acts.
func (s *Service) compare(_ context.Context, m *casework.Moment) error {
	first, err := counted(m.Values, "first", s.Cases.Unseal)
	if err != nil {
		return err
	}
	second, err := counted(m.Given, "second", s.Cases.Unseal)
	if err != nil {
		return err
	}
	if first != second {
		before, _ := m.Values["differs"].(int64)
		m.Set("differs", before+1)
		m.Lead("counting")
		return nil
	}
	present, _ := m.Values["present"].(int64)
	left := present
	for i, field := range []string{"in_favour", "against", "abstained", "void"} {
		m.Set(field, first[i])
		left -= first[i]
	}
	m.Set("not_voted", left)
	return nil
}
