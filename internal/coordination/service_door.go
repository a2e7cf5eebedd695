package coordination

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
)

// remembered is how long the door looks back for a refused task that comes again.
const remembered = 365 * 24 * time.Hour

// Ask is the door's answer to a task before it is brought: nothing is written. The
// sender sees by it whether an item lets it go, to whom it does not, and why.
// Faults: Invalid at receivers.
func (s *Service) Ask(ctx context.Context, sender identity.Unit, receivers []string, item string, now clock.Instant) (Answer, error) {
	h, err := s.house(ctx)
	if err != nil {
		return Answer{}, err
	}
	level, err := s.Duty.Level(ctx, sender)
	if err != nil {
		return Answer{}, err
	}
	lists, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return Answer{}, err
	}
	out := Answer{County: h.county(sender), Verdict: goes}
	for _, id := range receivers {
		r, err := s.receiver(ctx, h, sender, level, id, item, now)
		if err != nil {
			return Answer{}, err
		}
		said := Said{Receiver: r, answer: judge(r, sender, lists.Forbidden)}
		if said.verdict == cooperating && out.Lead == nil {
			out.Lead = r.Found
		}
		out.Each = append(out.Each, said)
	}
	if len(out.Each) == 0 {
		return Answer{}, fault.New(fault.Invalid, "coordination.no_receiver").At("receivers")
	}
	all := hardest(out.Each)
	out.Verdict, out.Why = all.verdict, all.why
	return out, nil
}

// receiver reads one unit that a task names, holds it to who may be sent anything
// at all, and finds what its lists say of the item.
func (s *Service) receiver(ctx context.Context, h house, sender identity.Unit, senderLevel, id, item string, now clock.Instant) (Receiver, error) {
	u, err := s.People.Unit(ctx, id)
	if err != nil {
		return Receiver{}, fault.Of(err).At("receivers")
	}
	if !u.Open(now) {
		return Receiver{}, fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At("receivers")
	}
	r := Receiver{Unit: u}
	if r.Level, err = s.Duty.Level(ctx, u); err != nil {
		return r, err
	}
	if err := h.reaches(sender, senderLevel, r); err != nil {
		return r, err
	}
	if item == "" {
		return r, nil
	}
	found, err := s.Duty.Item(ctx, item, u.Area, now.Day())
	if f := fault.Of(err); f != nil && f.Kind != fault.NotFound {
		return r, err
	} else if f == nil {
		r.Found = &found
	}
	return r, nil
}

// asks is what the door says to the task as it stands, and to the certificate that
// it asks for.
func (s *Service) asks(ctx context.Context, m *casework.Moment, sender identity.Unit) (Answer, error) {
	lists, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return Answer{}, err
	}
	said, err := s.Ask(ctx, sender, m.Values.List("receivers"), m.Values.Text("item"), m.Now)
	if err == nil {
		certificates(m.Values.Text, lists, &said)
	}
	return said, err
}

// judge says at the door what becomes of a task, before anybody below hears of it:
// it goes, it needs the county's admission, or it does not go.
func (s *Service) judge(ctx context.Context, m *casework.Moment) error {
	sender, err := s.People.Unit(ctx, m.Post.Unit)
	if err != nil {
		return err
	}
	said, err := s.asks(ctx, m, sender)
	if err != nil {
		return err
	}
	m.Set("sender", sender.ID)
	m.Set("county", said.County.ID)
	m.Set("verdict", said.Verdict)
	if n := len(asked(m.Values.Text("asks"))); n > 0 {
		m.Set("fields", int64(n))
	}
	if sender.Area != "" {
		m.PlaceAt(sender.Area) // who looks over the area sees what is handed down in it
	}
	if said.Lead != nil {
		m.Set("lead", said.Lead.Lead.ID)
		m.Set("support", said.Lead.Item.Support.In(text.Chinese))
		m.Set("boundary", said.Lead.Item.Boundary.In(text.Chinese))
	}
	if said.Why != nil {
		m.Set("why", s.explained(said.Why))
	}
	if err := s.again(ctx, m, sender); err != nil {
		return err
	}
	switch said.Verdict {
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
	said, err := s.asks(ctx, m, sender)
	switch {
	case err != nil:
		return err
	case said.Verdict == goes || said.Verdict == cooperating:
		return nil
	case said.Verdict == unlisted && m.Values.Text("verdict") == admitted:
		return runs(m)
	}
	return said.Why
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

// again notes on a task what the sender's house was refused before; what the lists
// let go is noted as well: an item may be named wrongly.
func (s *Service) again(ctx context.Context, m *casework.Moment, sender identity.Unit) error {
	number, err := s.Before(ctx, sender, m.Values.Text("subject")+" "+m.Values.Text("words"), m.Values.List("receivers"), m.Now)
	if err == nil && number != "" {
		m.Set("resembles", number)
		m.Set("again", comesAgain)
	}
	return err
}

// Before is the number of a task that the sender's department or street was refused
// within a year and that words and receivers resemble, "" where there is none:
// whoever comes again, whole or in pieces, under another item or by another office,
// is seen by the county.
func (s *Service) Before(ctx context.Context, sender identity.Unit, words string, receivers []string, at clock.Instant) (string, error) {
	h, err := s.house(ctx)
	if err != nil {
		return "", err
	}
	now := matter{words: words, receivers: h.paths(receivers)}
	for _, unit := range h.family(sender) {
		for _, state := range []string{stateRefused, stateStopped} {
			if number, err := s.refusedBefore(ctx, h, unit, state, now, at); err != nil || number != "" {
				return number, err
			}
		}
	}
	return "", nil
}

func (s *Service) refusedBefore(ctx context.Context, h house, unit, state string, now matter, at clock.Instant) (string, error) {
	for after := ""; ; {
		rows, next, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: Tasks, State: state, Field: "sender", Value: unit, Limit: 200, After: after})
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			if at.Sub(row.Opened) > remembered {
				continue
			}
			was := matter{words: row.Values.Text("subject") + " " + row.Values.Text("words"), receivers: h.paths(row.Values.List("receivers"))}
			if now.resembles(was) {
				return row.Number, nil
			}
		}
		if after = next; after == "" {
			return "", nil
		}
	}
}

// explained is a reason as a value keeps it: in both languages, one line each.
func (s *Service) explained(f *fault.Fault) string {
	return httpx.Words(s.Book(), text.Chinese, f) + "\n" + httpx.Words(s.Book(), text.English, f)
}

// house are all units, as the rules of who stands below whom need them.
func (s *Service) house(ctx context.Context) (house, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	h := make(house, len(units))
	for _, u := range units {
		h[u.ID] = u
	}
	return h, nil
}
