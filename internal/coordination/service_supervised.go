package coordination

import (
	"cmp"
	"context"
	"math"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
)

// mostOrders bounds how many open orders one page counts.
const mostOrders = 1000

// waited are the acts of orders and notes that wait for somebody in person.
var waited = map[string][]string{Orders: {"answer", "accept"}, Notes: {"read"}}

// Supervision is what is open of orders and notes, as far as somebody may see it.
type Supervision struct {
	Orders []casework.Row // open ones, the earliest date first
	Waits  []casework.Row // orders and notes that wait for an act of the asker's
	Units  []Supervised
	More   bool // there are more than were counted
}

// Supervised counts the open orders on one unit by level.
type Supervised struct {
	Unit                       identity.Unit
	County, Street, Department int
	Overdue                    int
}

// Open is how many orders are open on the unit.
func (s Supervised) Open() int { return s.County + s.Street + s.Department }

// Supervised finds what is open of orders and notes.
func (s *Service) Supervised(ctx context.Context, a identity.Actor) (Supervision, error) {
	var out Supervision
	var err error
	if out.Orders, out.More, err = s.openOf(ctx, a, Orders, "level", []string{levelCounty, levelStreet, levelDepartment}); err != nil {
		return out, err
	}
	var mine []string
	for _, p := range a.Posts {
		if !slices.Contains(mine, p.Unit) {
			mine = append(mine, p.Unit)
		}
	}
	notes, _, err := s.openOf(ctx, a, Notes, "supervised", mine)
	if err != nil {
		return out, err
	}
	for _, row := range slices.Concat(out.Orders, notes) {
		p, err := s.Cases.ProcedureAt(ctx, row.Procedure, row.Edition)
		if err != nil {
			return out, err
		}
		if waits(p, row.Case, a) {
			out.Waits = append(out.Waits, row)
		}
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return out, err
	}
	out.Units = byUnit(out.Orders, units, s.Clock.Now())
	return out, nil
}

// openOf lists the open cases of a procedure that somebody may see and that hold one
// of the values in a listed field, the earliest date first, up to a bound for each.
// It is the value that finds them among all the county's cases.
func (s *Service) openOf(ctx context.Context, a identity.Actor, name, field string, values []string) (out []casework.Row, more bool, err error) {
	for _, value := range values {
		n := 0
		for after := ""; ; {
			rows, next, err := s.Cases.List(ctx, a, casework.Filter{Procedure: name, Kind: procedure.Open, Field: field, Value: value, After: after, Limit: 200})
			if err != nil {
				return nil, false, err
			}
			out, n = append(out, rows...), n+len(rows)
			if after = next; next == "" || n >= mostOrders {
				more = more || next != ""
				break
			}
		}
	}
	slices.SortStableFunc(out, func(x, y casework.Row) int { return cmp.Compare(dueOf(x.Case), dueOf(y.Case)) })
	return out, more, nil
}

// dueOf is when a case is due; one without a date comes last.
func dueOf(c *casework.Case) clock.Instant {
	if c.Due == 0 {
		return math.MaxInt64
	}
	return c.Due
}

// waits says whether a case waits for an act that the actor may do.
func waits(p *procedure.Procedure, c *casework.Case, a identity.Actor) bool {
	return slices.ContainsFunc(waited[c.Procedure], func(name string) bool {
		act := p.Act(name)
		return act != nil && slices.Contains(act.From, c.State) && identity.Holds(act.Who, a, c.Subject(nil, nil))
	})
}

// byUnit counts open orders by the unit they are addressed to, those with the most
// overdue first.
func byUnit(orders []casework.Row, units []identity.Unit, now clock.Instant) []Supervised {
	at := map[string]*Supervised{}
	for _, row := range orders {
		one := at[row.Unit]
		if one == nil {
			one = &Supervised{Unit: identity.Unit{ID: row.Unit, Name: row.Unit}}
			if i := slices.IndexFunc(units, func(u identity.Unit) bool { return u.ID == row.Unit }); i >= 0 {
				one.Unit = units[i]
			}
			at[row.Unit] = one
		}
		switch row.Values.Text("level") {
		case levelCounty:
			one.County++
		case levelStreet:
			one.Street++
		case levelDepartment:
			one.Department++
		}
		if overdue(row.Case, now) {
			one.Overdue++
		}
	}
	var out []Supervised
	for _, one := range at {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Supervised) int {
		return cmp.Or(b.Overdue-a.Overdue, b.Open()-a.Open(), cmp.Compare(a.Unit.ID, b.Unit.ID))
	})
	return out
}

func overdue(c *casework.Case, now clock.Instant) bool { return c.Due > 0 && c.Due <= now }
