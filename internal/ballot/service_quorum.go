package ballot

import (
	"context"
	"sort"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/law"
	"linli/internal/procedure"
)

// Standing is how a meeting stands with its quorum at this moment: what the law
// says of it, and how many are still missing.
type Standing struct {
	Attendance
	Members       int64
	Decision      *law.Decision // nil where the law knows no quorum for the body
	Missing       int64         // heads still missing; 0 where there is a quorum
	HousesMissing int64         // of a general meeting: households still missing, the other way
	HousesAll     int64
}

// Quorate says whether the meeting may begin.
func (s Standing) Quorate() bool { return s.Decision == nil || s.Decision.Word() == "quorum" }

// standing asks the law about those present, by the rule that the procedure names
// for the body.
func (s *Service) standing(ctx context.Context, c *casework.Case, p *procedure.Procedure) (out Standing, err error) {
	x, err := s.meetingOf(ctx, s.DB.Reader(), c.ID)
	if err != nil {
		return out, err
	}
	if out.Attendance, err = s.attendance(ctx, s.DB.Reader(), x); err != nil {
		return out, err
	}
	out.Members, _ = c.Values["members"].(int64)
	out.HousesAll, _ = c.Values["households"].(int64)
	begin := p.Act("begin")
	if begin == nil || len(begin.Decides) == 0 {
		return out, nil
	}
	rule := begin.Decides[0].RuleFor(c.Values.Text)
	if rule == "" {
		return out, nil
	}
	ask := func(heads, houses int64) (law.Decision, error) {
		return s.Law.Decide(ctx, s.Book(), rule, s.Clock.Now().Day(), c.Area, quorumFacts(Body(c.Values.Text("body")), c.Values, heads, houses))
	}
	d, err := ask(out.heads(c), out.Attendance.Households)
	if err != nil {
		return out, err
	}
	out.Decision = &d
	if out.Quorate() {
		return out, nil
	}
	out.Missing = more(out.Members-out.heads(c), func(n int64) bool {
		d, err := ask(out.heads(c)+n, 0)
		return err == nil && d.Word() == "quorum"
	})
	if out.HousesAll > 0 {
		out.HousesMissing = more(out.HousesAll-out.Attendance.Households, func(n int64) bool {
			d, err := ask(0, out.Attendance.Households+n)
			return err == nil && d.Word() == "quorum"
		})
	}
	return out, nil
}

// heads are those of whom the body's quorum speaks.
func (s Standing) heads(c *casework.Case) int64 {
	if Body(c.Values.Text("body")).general() {
		return s.Adults
	}
	return s.Present
}

// quorumFacts are the facts of a body's rule of quorum.
func quorumFacts(b Body, v casework.Values, heads, houses int64) map[string]any {
	members, _ := v["members"].(int64)
	switch {
	case b.general():
		adults, _ := v["adults"].(int64)
		households, _ := v["households"].(int64)
		return map[string]any{"adults": adults, "adults_present": heads, "households": households, "household_representatives_present": houses}
	case b == CollectiveBoard:
		return map[string]any{"directors": members, "present": heads}
	}
	return map[string]any{"members": members, "present": heads}
}

// more finds the least n up to most with which it is enough; 0 where none is.
func more(most int64, enough func(int64) bool) int64 {
	if most < 1 {
		return 0
	}
	n := sort.Search(int(most), func(i int) bool { return enough(int64(i) + 1) })
	if n == int(most) {
		return 0
	}
	return int64(n) + 1
}

// open finds a meeting that the actor may see and run or watch; the attendance is
// that of its sitting.
func (s *Service) open(ctx context.Context, v *casework.View) (meeting, error) {
	if v.Case.Procedure != Meetings {
		return meeting{}, fault.New(fault.NotFound, "ballot.no_meeting")
	}
	return s.meetingOf(ctx, s.DB.Reader(), v.Case.ID)
}
