package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// Handing asks that a case go to another person of its unit, back to the unit's
// desk, or to the unit that takes the place of its own.
type Handing struct {
	Case     string
	From, To string // who holds it and who will; "" = the unit's desk
	Reason   string
	Unit     string `json:",omitempty"` // the unit that takes the place of the case's own; "" = it stays where it is
	Key      string // idempotency key: a hand-over that is carried on after a crash hands nothing twice
}

// Held is a case somebody holds that has not come to its end: no more than is
// needed to hand it over, and no content.
type Held struct {
	ID, Number, Procedure, State, Unit string
	Title, Words                       procedure.Words // of the procedure and the state
}

// HandOver lets a case change hands by an act of its own: head or administrator of a
// unit at or above the case's may, never the holder, whether they may read it or not.
// Faults: Conflict casework.not_held where it moved on meanwhile, Invalid at to, Forbidden.
func (s *Service) HandOver(ctx context.Context, a identity.Actor, h Handing) (Receipt, error) {
	return s.verb(ctx, a, "hand over", h.Key, h, func(a identity.Actor) ([]*plan, error) {
		return s.planHanding(ctx, a, h)
	})
}

func (s *Service) planHanding(ctx context.Context, a identity.Actor, h Handing) ([]*plan, error) {
	c, err := s.load(ctx, h.Case)
	if err != nil {
		return nil, err
	}
	if c.Person == "" && h.Unit == "" || c.Person != h.From || c.Kind == procedure.Final {
		return nil, fault.New(fault.Conflict, "casework.not_held", "number", c.Number)
	}
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, err
	}
	m, err := s.begin(ctx, c, &procedure.Act{Name: ActHanding, From: []string{c.State}}, p, c.Edition, a)
	if err != nil {
		return nil, err
	}
	unit, err := s.People.Unit(ctx, c.Unit)
	if err != nil {
		return nil, err
	}
	m.Actor.Posts = slices.DeleteFunc(slices.Clone(a.Posts), func(p identity.Post) bool { return sealedFrom(p, c) })
	if m.Post = identity.PostFor(m.Actor, identity.Post{Person: c.Person, UnitPath: unit.Path}); m.Post.ID == "" && a.Kind != identity.System {
		return nil, fault.New(fault.Forbidden, "casework.handing_right")
	}
	to := cmp.Or(h.Unit, c.Unit)
	if err := s.mayReceive(ctx, c, h); err != nil {
		return nil, err
	}
	reason, err := cleanReason(h.Reason)
	if err != nil {
		return nil, err
	}
	row := ActRow{ID: db.NewID(m.Now), CaseID: c.ID, Act: ActHanding, From: c.State, To: c.State, Person: a.Person, Post: m.Post.ID, Unit: m.Post.Unit,
		Happened: m.Now, Recorded: m.Now, Edition: m.Edition, Delta: Delta{Kind: c.Kind, Unit: &to, Person: &h.To, Told: []Told{{Unit: to, Person: h.To}}}}
	after := c.copy()
	if err := after.apply(row); err != nil {
		return nil, err
	}
	return s.finishRepair(&plan{before: m.Case, order: 1, row: row}, m, after, reason)
}

// mayReceive: by a post of their own in its unit, and not among those it is sealed from.
func (s *Service) mayReceive(ctx context.Context, c *Case, h Handing) error {
	unit, err := s.People.Unit(ctx, cmp.Or(h.Unit, c.Unit))
	fits := err == nil && (unit.Open(s.Clock.Now()) || h.Unit == "") && !sealedFrom(identity.Post{UnitPath: unit.Path}, c)
	if fits && h.To != "" {
		to, err := s.People.Actor(ctx, h.To)
		fits = err == nil && (h.To != h.From || h.Unit != "") && slices.ContainsFunc(to.Own().Posts, func(p identity.Post) bool { return p.Unit == unit.ID && !sealedFrom(p, c) })
	}
	if !fits {
		return fault.New(fault.Invalid, "casework.no_receiver", "number", c.Number).At("to")
	}
	return nil
}

func sealedFrom(p identity.Post, c *Case) bool {
	return c.Sealed != "" && strings.HasPrefix(p.UnitPath, c.Sealed)
}

// HeldBy lists the open cases a person holds, by procedure and state; unit "" is any. It checks no right.
func (s *Service) HeldBy(ctx context.Context, person, unit string) ([]Held, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+caseColumns+` FROM casework_case WHERE person = $1 AND person <> '' AND kind <> 'final' AND ($2 = '' OR unit = $2)
		ORDER BY procedure, state, id`, person, unit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Held
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, err
		}
		p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
		if err != nil {
			return nil, err
		}
		out = append(out, Held{c.ID, c.Number, c.Procedure, c.State, c.Unit, p.Title, p.State(c.State).Words})
	}
	return out, rows.Err()
}
