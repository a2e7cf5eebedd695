package coordination

import (
	"context"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
)

// remembered is how long the door looks back for a refused task that comes again.
const remembered = 365 * 24 * time.Hour

// Parts are the rooms this room stands on.
type Parts struct {
	Clock  clock.Clock
	Areas  *area.Service // set by the roof before the first page
	People *identity.Service
	Duty   *duty.Service
	Cases  *casework.Service
	Book   func() *text.Book
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// Offer registers the checks and effects that the procedures name. The roof calls
// it before the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("coordination.admitted", s.admitted)
	cases.RegisterCheck("coordination.may_refuse", s.mayRefuse)
	cases.RegisterCheck("coordination.may_whistle", s.mayWhistle)
	cases.RegisterEffect("coordination.whistle", s.whistle)
	cases.RegisterEffect("coordination.emergency", s.emergency)
	cases.RegisterEffect("coordination.judge", s.judge)
	cases.RegisterEffect("coordination.granted", s.granted)
	cases.RegisterEffect("coordination.denied", s.denied)
}

// judge says at the door what becomes of a task, before anybody below hears of it:
// it goes, it needs the county's admission, or it does not go.
func (s *Service) judge(ctx context.Context, m *casework.Moment) error {
	sender, err := s.People.Unit(ctx, m.Post.Unit)
	if err != nil {
		return err
	}
	m.Set("sender", sender.ID)
	all, err := s.receivers(ctx, m, sender)
	if err != nil {
		return err
	}
	said, lead, err := s.hear(ctx, all, sender)
	if err != nil {
		return err
	}
	m.Set("verdict", said.verdict)
	if lead != nil {
		m.Set("lead", lead.Lead.ID)
		m.Set("support", lead.Item.Support.In(text.Chinese))
		m.Set("boundary", lead.Item.Boundary.In(text.Chinese))
	}
	if said.why != nil {
		m.Set("why", s.explained(said.why))
	}
	if said.verdict == refused || said.verdict == unlisted {
		if err := s.again(ctx, m, sender); err != nil {
			return err
		}
	}
	switch said.verdict {
	case refused:
		m.Lead(stateRefused)
	case unlisted:
		m.Lead(stateUnlisted)
	}
	return nil
}

// admitted is the door itself: whatever was said before, the receivers are judged
// by the lists of this moment. An admission that runs lets pass what no list has;
// nothing lets pass what was taken back or may never be theirs.
func (s *Service) admitted(ctx context.Context, m *casework.Moment) error {
	sender, err := s.People.Unit(ctx, m.Values.Text("sender"))
	if err != nil {
		return err
	}
	all, err := s.receivers(ctx, m, sender)
	if err != nil {
		return err
	}
	said, _, err := s.hear(ctx, all, sender)
	switch {
	case err != nil:
		return err
	case said.verdict == goes || said.verdict == cooperating:
		return nil
	case said.verdict == unlisted && m.Values.Text("verdict") == admitted:
		return runs(m)
	}
	return said.why
}

// runs: an admission counts while its period does.
func runs(m *casework.Moment) error {
	k, had := m.Case.Clocks()["admitted"]
	if !had || !k.Live() || m.Now >= k.Duty {
		f := fault.New(fault.Unmet, "coordination.ran_out")
		if def := m.Procedure.Clock("admitted"); def != nil {
			f = f.Under(def.Norm)
		}
		return f
	}
	return nil
}

// hear judges every receiver and finds the item of a cooperating matter, whose
// boundary and support go with it.
func (s *Service) hear(ctx context.Context, all []Receiver, sender identity.Unit) (answer, *duty.Found, error) {
	lists, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return answer{}, nil, err
	}
	var answers []answer
	var lead *duty.Found
	for _, r := range all {
		a := judge(r, sender, lists.Forbidden)
		if a.verdict == cooperating && lead == nil {
			lead = r.Found
		}
		answers = append(answers, a)
	}
	return hardest(answers), lead, nil
}

// receivers reads the units that a task names and what their lists say of its item.
// Faults: Invalid at receivers.
func (s *Service) receivers(ctx context.Context, m *casework.Moment, sender identity.Unit) ([]Receiver, error) {
	var out []Receiver
	for _, id := range m.Values.List("receivers") {
		u, err := s.People.Unit(ctx, id)
		if err != nil {
			return nil, fault.Of(err).At("receivers")
		}
		switch {
		case !u.Open(m.Now):
			return nil, fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At("receivers")
		case u.ID == sender.ID:
			return nil, fault.New(fault.Invalid, "coordination.to_itself").At("receivers")
		}
		r := Receiver{Unit: u}
		if r.Level, err = s.Duty.Level(ctx, u); err != nil {
			return nil, err
		}
		if item := m.Values.Text("item"); item != "" {
			found, err := s.Duty.Item(ctx, item, u.Area, m.Now.Day())
			if f := fault.Of(err); f != nil && f.Kind != fault.NotFound {
				return nil, err
			} else if f == nil {
				r.Found = &found
			}
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "coordination.no_receiver").At("receivers")
	}
	return out, nil
}

// again notes where the sender was refused the same words before: whoever comes
// again, whole or in pieces, is seen by the county.
func (s *Service) again(ctx context.Context, m *casework.Moment, sender identity.Unit) error {
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Tasks, State: stateRefused, Field: "sender", Value: sender.ID, Limit: 200})
	if err != nil {
		return err
	}
	words := m.Values.Text("subject") + " " + m.Values.Text("words")
	for _, row := range rows {
		if m.Now.Sub(row.Opened) > remembered {
			continue
		}
		if resembling(words, row.Values.Text("subject")+" "+row.Values.Text("words")) {
			m.Set("resembles", row.Number)
			return nil
		}
	}
	return nil
}

func (s *Service) granted(_ context.Context, m *casework.Moment) error {
	m.Set("verdict", admitted)
	return nil
}

func (s *Service) denied(_ context.Context, m *casework.Moment) error {
	m.Set("verdict", denied)
	return nil
}

// explained is a reason as a value keeps it: in both languages, one line each.
func (s *Service) explained(f *fault.Fault) string {
	return httpx.Words(s.Book(), text.Chinese, f) + "\n" + httpx.Words(s.Book(), text.English, f)
}

// mayRefuse holds a refusal to an item that stands in the receiver's lists; what the
// county has admitted is not refused again.
func (s *Service) mayRefuse(ctx context.Context, m *casework.Moment) error {
	if m.Parent != nil && m.Parent.Values.Text("verdict") == admitted {
		return fault.New(fault.Unmet, "coordination.is_admitted")
	}
	u, err := s.People.Unit(ctx, m.Case.Unit)
	if err != nil {
		return err
	}
	_, err = s.Duty.Item(ctx, m.Values.Text("cited"), u.Area, m.Now.Day())
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return fault.New(fault.Invalid, "coordination.no_item", "item", m.Values.Text("cited")).At("cited")
	}
	return err
}
