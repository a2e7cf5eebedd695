package deliberation

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/web"
)

// collective is the kind of matter that belongs to the members of the collective
// economic organisation.
const collective = "collective"

// ownMatter keeps out what the villagers' meeting does not decide.
func (s *Service) ownMatter(_ context.Context, m *casework.Moment) error {
	if m.Values.Text("matter") == collective {
		return fault.New(fault.Unmet, "deliberation.collective").At("matter").Under(m.Act.Norm)
	}
	return nil
}

// bodyFact is which of the two bodies of the law decides.
func bodyFact(_ context.Context, m *casework.Moment) (any, error) {
	if strings.HasSuffix(m.Values.Text("body"), "_representatives") {
		return "representatives", nil
	}
	return "meeting", nil
}

// delegation finds the decision by which the village meeting delegated a kind of
// matter to the representatives on a day; nil where there is none.
func (s *Service) delegation(ctx context.Context, code, matter string, day clock.Day) (*casework.Case, error) {
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Delegation, State: "standing", Area: code, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		from, err1 := clock.ParseDay(r.Values.Text("from"))
		until, err2 := clock.ParseDay(r.Values.Text("until"))
		if err1 != nil || err2 != nil || day < from || day > until {
			continue
		}
		for _, x := range r.Values.List("matters") {
			if x == matter {
				return r.Case, nil
			}
		}
	}
	return nil, nil
}

// delegatedFact says whether the village meeting delegated the matter.
func (s *Service) delegatedFact(ctx context.Context, m *casework.Moment) (any, error) {
	c, err := s.delegation(ctx, m.Area(), m.Values.Text("matter"), m.Happened.Day())
	return c != nil, err
}

// delegated notes on which delegation the calling of the representatives rests.
func (s *Service) delegated(ctx context.Context, m *casework.Moment) error {
	if m.Values.Text("body") != "village_representatives" {
		m.Set("delegated", false)
		return nil
	}
	c, err := s.delegation(ctx, m.Area(), m.Values.Text("matter"), m.Happened.Day())
	if err != nil {
		return err
	}
	m.Set("delegated", c != nil)
	if c != nil {
		m.Set("delegation", c.Number+" "+c.Title)
	}
	return nil
}

// mayDelegate holds a delegation to a decision of the village meeting itself.
func (s *Service) mayDelegate(ctx context.Context, m *casework.Moment) error {
	from, err1 := clock.ParseDay(m.Values.Text("from"))
	until, err2 := clock.ParseDay(m.Values.Text("until"))
	if err1 != nil || err2 != nil || until < from {
		return fault.New(fault.Invalid, "deliberation.delegation_days").At("until")
	}
	c, _, err := s.Cases.Seen(ctx, m.Actor, m.Values.Text("decision"))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || c.Procedure != FourSteps || c.Area != m.Area() || c.Values.Text("body") != "village_meeting" || c.Values.Text("text") == "" {
		return fault.New(fault.Unmet, "deliberation.delegation").At("decision").Under(m.Act.Norm)
	}
	return nil
}

// voted fixes the text that the meeting voted on.
func (s *Service) voted(_ context.Context, m *casework.Moment) error {
	words := m.Values.Text("text")
	if m.Given.Text("text") == "" {
		words = m.Values.Text("resolution")
		m.Set("text", words)
	}
	m.Set("text_mark", markOf(words))
	return nil
}

// textAsVoted holds what is posted to the text that was voted on.
func (s *Service) textAsVoted(_ context.Context, m *casework.Moment) error {
	words, mark := m.Values.Text("text"), m.Values.Text("text_mark")
	if posted := m.Given.Text("posted_text"); posted != "" {
		words = posted
	}
	if mark == "" || markOf(words) != mark {
		return fault.New(fault.Unmet, "deliberation.other_text").At("posted_text").Under(m.Act.Norm)
	}
	return nil
}

// moneyAddsUp holds the sum that is published to its entries.
func (s *Service) moneyAddsUp(ctx context.Context, m *casework.Moment) error {
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	if sum, said := spent(acts), m.Given["money_spent"]; said != sum {
		return fault.New(fault.Unmet, "deliberation.money", "sum", web.Money(sum)).At("money_spent")
	}
	return nil
}

// judged writes what residents think of the result into the case.
func (s *Service) judged(ctx context.Context, m *casework.Moment) error {
	t, err := judgedBy(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	m.Set("satisfied", t.Agree)
	m.Set("dissatisfied", t.Disagree)
	m.Set("no_view", t.Unsure)
	return nil
}

// Judge takes what a device thinks of a published result. Faults: NotFound,
// Conflict where nobody is asked, Invalid at stand.
func (s *Service) Judge(ctx context.Context, number, device, stand string) error {
	c, _, err := s.seen(ctx, identity.SystemActor(), FourSteps, number)
	if err != nil {
		return err
	}
	if !isStand(stand) {
		return fault.New(fault.Invalid, "deliberation.stand").At("stand")
	}
	if c.State != "result_public" {
		return fault.New(fault.Conflict, "deliberation.not_asked")
	}
	mark := s.deviceOn(c.ID, device)
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		if err := lockMatter(tx, c.ID); err != nil {
			return err
		}
		return takeStand(tx, c.ID, mark, stand, false)
	})
}
