package coordination

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// How much a page shows of what is over, how far ahead an end is soon, and how deep
// a tree is read: county, street, community and one to spare.
const (
	mostOver  = 50
	soon      = 30 * 24 * time.Hour
	mostDepth = 8
)

// every reads all cases that a filter chooses, whoever may see them: at the door
// everybody of the office sees the same.
func (s *Service) every(ctx context.Context, f casework.Filter) ([]*casework.Case, error) {
	var out []*casework.Case
	for f.Limit = 200; ; {
		rows, next, err := s.Cases.List(ctx, identity.SystemActor(), f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, r.Case)
		}
		if f.After = next; next == "" {
			return out, nil
		}
	}
}

// lately are those of the last year, the newest first.
func lately(all []*casework.Case, now clock.Instant) []*casework.Case {
	all = slices.DeleteFunc(all, func(c *casework.Case) bool { return now.Sub(c.Opened) > remembered })
	slices.SortFunc(all, func(a, b *casework.Case) int {
		return cmp.Or(cmp.Compare(b.Opened, a.Opened), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// AtTheDoor is what the county sees, and the numbers that everybody sees.
func (s *Service) AtTheDoor(ctx context.Context) (n Numbers, c County, err error) {
	now := s.Clock.Now()
	for f, into := range map[*casework.Filter]*[]*casework.Case{
		{Procedure: Admissions, Kind: procedure.Open}:         &c.Waiting,
		{Procedure: Disputes, Kind: procedure.Open}:           &c.Disputes,
		{Procedure: Tasks, State: stateRefused}:               &c.Refused,
		{Procedure: Tasks, Field: "again", Value: comesAgain}: &c.Again,
	} {
		if *into, err = s.every(ctx, *f); err != nil {
			return n, c, err
		}
	}
	c.Refused, c.Again = lately(c.Refused, now), lately(c.Again, now)
	open, err := s.every(ctx, casework.Filter{Procedure: Tasks, Field: "verdict", Value: admitted, Kind: procedure.Open})
	if err != nil {
		return n, c, err
	}
	for _, one := range open {
		line, err := s.line(ctx, one, now)
		if err != nil {
			return n, c, err
		}
		if line.Ends > 0 && line.Ends.Sub(now) <= soon {
			c.Ending = append(c.Ending, line)
		}
	}
	slices.SortFunc(c.Ending, func(a, b TaskLine) int { return cmp.Or(cmp.Compare(a.Ends, b.Ends), cmp.Compare(a.ID, b.ID)) })
	n = Numbers{Waiting: len(c.Waiting), Disputes: len(c.Disputes), Refused: len(c.Refused), Again: len(c.Again), Ending: len(c.Ending)}
	n.Running, err = s.Cases.Count(ctx, identity.SystemActor(), casework.Filter{Procedure: Tasks, State: "running"}, 1_000_000)
	return n, c, err
}

// line counts the parts of a task.
func (s *Service) line(ctx context.Context, c *casework.Case, now clock.Instant) (TaskLine, error) {
	out := TaskLine{Case: c}
	if c.Kind != procedure.Final && c.Values.Text("verdict") == admitted {
		whole, _, err := s.Cases.Seen(ctx, identity.SystemActor(), c.ID) // with its clocks
		if err != nil {
			return out, err
		}
		if k, had := whole.Clocks()["admitted"]; had && k.Live() {
			out.Ends = k.Duty
		}
	}
	parts, err := s.every(ctx, casework.Filter{Procedure: TaskParts, Parent: c.ID})
	for _, p := range parts {
		out.Parts++
		switch {
		case p.Kind == procedure.Final:
			out.Ended++
		case p.Due > 0 && p.Due <= now:
			out.Overdue++
		}
	}
	return out, err
}

// Sent are the tasks of a unit and its offices, the open ones first, and of what is
// over the newest.
func (s *Service) Sent(ctx context.Context, unit identity.Unit) ([]TaskLine, error) {
	h, err := s.house(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	var open, over []*casework.Case
	for _, u := range h {
		if !u.Within(unit.Path) {
			continue
		}
		all, err := s.every(ctx, casework.Filter{Procedure: Tasks, Field: "sender", Value: u.ID})
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			if c.Kind == procedure.Final {
				over = append(over, c)
			} else {
				open = append(open, c)
			}
		}
	}
	over = lately(over, now)
	var out []TaskLine
	for _, c := range append(lately(open, now), over[:min(len(over), mostOver)]...) {
		line, err := s.line(ctx, c, now)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// Here are the parts that lie with a unit, the earliest due first.
func (s *Service) Here(ctx context.Context, unit string) ([]*casework.Case, error) {
	return s.every(ctx, casework.Filter{Procedure: TaskParts, Unit: unit, Kind: procedure.Open})
}

// Tree is the task to which a task or a part of one belongs, from the top. Fault:
// NotFound where it is neither.
func (s *Service) Tree(ctx context.Context, ref string) (*Tree, error) {
	c, _, err := s.Cases.Seen(ctx, identity.SystemActor(), ref)
	if err != nil {
		return nil, err
	}
	if c.Procedure == Admissions || c.Procedure == Disputes {
		if c, _, err = s.Cases.Seen(ctx, identity.SystemActor(), c.Parent); err != nil {
			return nil, err
		}
	}
	if c.Procedure != Tasks && c.Procedure != TaskParts {
		return nil, fault.New(fault.NotFound, "casework.no_case")
	}
	for range mostDepth {
		if c.Parent == "" {
			break
		}
		if c, _, err = s.Cases.Seen(ctx, identity.SystemActor(), c.Parent); err != nil {
			return nil, err
		}
	}
	t := &Tree{}
	if t.Top, err = s.grow(ctx, c, 0); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(t.Top.Below, func(n *Node) bool { return n.Procedure == Admissions }); i >= 0 {
		t.Admission = t.Top.Below[i].Case
		if t.Opinions, err = s.opinions(ctx, t.Admission.ID); err != nil {
			return nil, err
		}
		t.Top.Below = slices.Delete(t.Top.Below, i, i+1)
	}
	if like := c.Values.Text("resembles"); like != "" {
		if t.Like, _, err = s.Cases.Seen(ctx, identity.SystemActor(), like); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	t.Again, err = s.every(ctx, casework.Filter{Procedure: Tasks, Field: "resembles", Value: c.Number})
	return t, err
}

func (s *Service) grow(ctx context.Context, c *casework.Case, depth int) (*Node, error) {
	n := &Node{Case: c, Depth: depth}
	if depth == mostDepth {
		return n, nil
	}
	below, err := s.every(ctx, casework.Filter{Parent: c.ID})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(below, func(a, b *casework.Case) int { return cmp.Or(cmp.Compare(a.Opened, b.Opened), cmp.Compare(a.ID, b.ID)) })
	for _, one := range below {
		child, err := s.grow(ctx, one, depth+1)
		if err != nil {
			return nil, err
		}
		n.Below = append(n.Below, child)
	}
	return n, nil
}

// opinions are the words of the joint meeting, one for each body that is asked.
func (s *Service) opinions(ctx context.Context, id string) ([]Opinion, error) {
	_, p, acts, err := s.Cases.History(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Opinion
	act := p.Act("opine")
	if act == nil {
		return nil, nil // a county may have put another procedure in its place
	}
	for i, who := range act.Who {
		one := Opinion{Post: who.As}
		for _, a := range acts {
			if v := a.Values.Text(casework.OpinionOf(act.Name, i)); a.Act == act.Name && !a.Annulled && v != "" {
				one.Verdict, one.Remark, one.Person = v, a.Values.Text("remark"), a.Person
			}
		}
		out = append(out, one)
	}
	return out, nil
}
