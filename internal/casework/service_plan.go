package casework

import (
	"context"
	"linli/internal/procedure"
	"maps"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
)

// draft is an act being prepared.
type draft struct {
	m      *Moment
	raw    map[string]any // submitted by people
	given  Values         // given by the machinery, already checked
	opened *Opened        // of an opening act
	state  string         // of an import: the state it ends in
	unit   *identity.Unit // of a child: who holds it
	area   string         // of a child: where its parent lies
	title  string
	id     string // of a child: the case id its parent already noted
	child  string // of a parent's act: the child case that does it
	leads  *Case  // of an act by which the case begins to follow: the leading case as it was read
	alone  int64  // no case may have followed this one as far as that; 0 = it does not matter
}

// plan is one act ready to be written: nothing is left to decide.
type plan struct {
	before *Case
	after  *Case
	row    ActRow
	leaf   ledger.Leaf
	token  string
	order  int // parents are written first
	listed map[string]any
	beside func(tx *db.Tx, id string) error // written in the same transaction
	leads  *Case                            // the leading case whose version the act relied on
	alone  int64                            // relied on: no case has followed this one as far as that

	formText, doersText, deltaText, bodyText string
	clocks                                   []clockText
	erased                                   []erasedBody // bodies rewritten by an erasure
	blobs                                    []string     // attachments an erasure takes with it
}

type clockText struct {
	row  procedure.ClockRow
	text string
}

// plan carries a draft through all rules of the engine. The first plan is the
// act itself; an act of the parent and opened children follow.
func (s *Service) plan(ctx context.Context, d *draft) ([]*plan, error) {
	m := d.m
	if err := m.mayBegin(); err != nil {
		return nil, err
	}
	if err := m.times(); err != nil {
		return nil, err
	}
	if err := s.take(ctx, d); err != nil {
		return nil, err
	}
	partyOf := func(a identity.Actor, role string) bool { return s.isParty(ctx, m.Case.ID, a, role) }
	if err := m.authorize(partyOf); err != nil {
		return nil, err
	}
	if !(d.opened != nil && d.opened.Imported) {
		if err := s.rule(ctx, d); err != nil {
			return nil, err
		}
	}
	if m.to == "" {
		m.to = m.Act.To
	}
	if d.state != "" {
		m.to = d.state
	}
	if m.to == "" {
		m.to = m.Case.State
	}
	if m.Procedure.State(m.to) == nil {
		return nil, fault.New(fault.Invalid, "casework.no_state", "state", m.to).At("state")
	}
	return s.finish(ctx, d)
}

// take reads the values that people or the machinery bring.
func (s *Service) take(ctx context.Context, d *draft) error {
	m := d.m
	for name, value := range d.given {
		m.Set(name, value)
	}
	raw := d.raw
	if m.Act.Opinion != nil {
		verdict, _ := raw["verdict"].(string)
		raw = maps.Clone(raw)
		delete(raw, "verdict")
		if err := m.opine(verdict); err != nil {
			return err
		}
	}
	if d.given == nil {
		if err := m.fill(raw); err != nil {
			return err
		}
	}
	return s.place(d)
}

// place says where a new case lies: where its area field says, else where its
// parent lies.
func (s *Service) place(d *draft) error {
	m := d.m
	if !m.Act.Opening() {
		return nil
	}
	area := d.area
	if m.Procedure.Area != "" {
		switch x := m.Values[m.Procedure.Area].(type) {
		case string:
			area = x
		case procedure.Place:
			if x.Area != "" {
				area = x.Area
			}
		}
	}
	m.PlaceAt(area)
	return nil
}

// rule runs guard, checks, decision rules, effects and the holder.
func (s *Service) rule(ctx context.Context, d *draft) error {
	m := d.m
	if err := m.guard(); err != nil {
		return err
	}
	if err := s.follow(ctx, d); err != nil {
		return err
	}
	if err := m.runChecks(ctx, s.checks); err != nil {
		return err
	}
	if err := s.decide(ctx, m); err != nil {
		return err
	}
	for _, name := range m.Act.Effect {
		var err error
		if procedure.EngineEffect(name, m.Procedure) {
			err = m.extend(name)
		} else if e := s.effects[name]; e != nil {
			err = e(ctx, m)
		} else {
			err = fault.New(fault.Internal, "internal", "effect", name)
		}
		if err != nil {
			return err
		}
	}
	if err := m.holder(func(id string) (identity.Unit, error) { return s.People.Unit(ctx, id) }); err != nil {
		return err
	}
	if err := s.sealedAlone(ctx, d); err != nil {
		return err
	}
	if d.unit != nil && (m.delta.Unit == nil || *m.delta.Unit == "") {
		m.HoldBy(*d.unit, "") // before telling: who is given a case is told of it
	}
	return s.tell(ctx, m)
}

// tell finds out who is told of the act.
func (s *Service) tell(ctx context.Context, m *Moment) error {
	for _, t := range m.Act.Tells {
		unit, person := m.Case.Unit, m.Case.Person
		if m.delta.Unit != nil {
			unit, person = *m.delta.Unit, *m.delta.Person
		}
		switch {
		case t == "holder":
			m.Tell(Told{Unit: unit, Person: person})
		case t == "unit":
			m.Tell(Told{Unit: unit})
		case t == "parent" && m.Parent != nil:
			m.Tell(Told{Unit: m.Parent.Unit, Person: m.Parent.Person})
		case t == "leader" && m.Leader != nil:
			m.Tell(Told{Unit: m.Leader.Unit, Person: m.Leader.Person})
		case strings.HasPrefix(t, "party "):
			m.Tell(Told{Party: strings.TrimPrefix(t, "party ")})
		case strings.HasPrefix(t, "unit of "):
			for _, u := range m.Values.List(strings.TrimPrefix(t, "unit of ")) {
				m.Tell(Told{Unit: u})
			}
		case strings.HasPrefix(t, "area as "):
			units, err := s.People.UnitsWith(ctx, strings.TrimPrefix(t, "area as "), m.Area())
			if err != nil {
				return err
			}
			for _, u := range units {
				m.Tell(Told{Unit: u})
			}
		}
	}
	return nil
}

// finish turns the draft into plans: clocks, children, the parent's act, and
// the row, leaf and texts to be written.
func (s *Service) finish(ctx context.Context, d *draft) ([]*plan, error) {
	m := d.m
	p := &plan{before: m.Case, order: 1, leads: d.leads, alone: d.alone}
	id := m.Case.ID
	m.unfollow()
	if m.delta.Class == nil {
		m.classGiven()
	}
	if m.Act.Opening() {
		if id = d.id; id == "" {
			id = db.NewID(m.Now)
		}
		s.birth(d, p)
	}
	m.delta.Kind = m.Procedure.State(m.to).Kind
	desk := m.Procedure.State(m.to).Desk
	m.delta.Desk = &desk
	m.delta.Quiet, m.delta.For = m.Act.Quiet, m.For
	if m.Procedure.Subject != "" && m.delta.Title == nil {
		if title := m.Given.Text(m.Procedure.Subject); title != "" {
			m.delta.Title = &title
		}
	}
	m.delta.Publish, m.delta.Unpublish = len(m.Act.Publish) > 0, m.Act.Unpublish
	if !m.Act.Quiet && !(d.opened != nil && d.opened.Imported) {
		moves, err := moveClocks(m, m.Act.Name, m.to)
		if err != nil {
			return nil, err
		}
		m.delta.Clocks, m.delta.Effects = moves.rows, moves.effects
	}
	m.forgetOpinions()
	m.addParty()
	children, err := s.bear(ctx, d, id)
	if err != nil {
		return nil, err
	}
	p.row = ActRow{ID: db.NewID(m.Now), CaseID: id, Act: m.Act.Name, From: m.Case.State, To: m.to, Person: m.Actor.Person,
		Post: m.Post.ID, Unit: m.Post.Unit, Role: m.Role, Behalf: m.behalf(), Happened: m.Happened, Recorded: m.Now, Edition: m.Edition}
	if err := s.seal(p, m); err != nil {
		return nil, err
	}
	if err := p.settle(m.Procedure); err != nil {
		return nil, err
	}
	plans := append([]*plan{p}, children...)
	for _, c := range children {
		c.order = 2
	}
	if plans, err = s.endChildren(ctx, d, plans); err != nil {
		return nil, err
	}
	return s.perform(ctx, d, p, plans)
}

// classGiven gives the case the class that the act brings in a field of that
// type, where no effect has said otherwise.
func (m *Moment) classGiven() {
	for _, f := range m.Procedure.Form {
		if class := m.Given.Text(f.Name); f.Type == "class" && class != "" {
			m.Classify(class)
		}
	}
}

// forgetOpinions clears the bodies' words when a case comes back to where they
// are asked: they spoke on another text.
func (m *Moment) forgetOpinions() {
	for _, a := range m.Procedure.Acts {
		if a.Opinion == nil || !slices.Contains(a.From, m.to) || slices.Contains(a.From, m.Case.State) {
			continue
		}
		for i := range a.Who {
			if name := OpinionOf(a.Name, i); m.Values[name] != nil {
				m.Set(name, nil)
			}
		}
	}
}

// birth fixes what a new case keeps for good, and makes the party of its doer.
func (s *Service) birth(d *draft, p *plan) {
	m := d.m
	if d.opened.Number == "" {
		d.opened.Number = newNumber(m.Now)
	}
	m.delta.Opened = d.opened
	none := ""
	for _, f := range []**string{&m.delta.Unit, &m.delta.Person, &m.delta.Class, &m.delta.Sealed, &m.delta.Escalated} {
		if *f == nil {
			*f = &none
		}
	}
	if m.delta.Title == nil {
		title := d.title
		if own := m.Given.Text(m.Procedure.Subject); own != "" {
			title = own
		}
		m.delta.Title = &title
	}
	if m.Act.Party != "" && !d.opened.Imported {
		p.token = seal.Token()
		m.delta.Parties = append(m.delta.Parties, PartyRow{ID: db.NewID(m.Now), Role: m.Act.Party, Token: seal.HashToken(p.token), Person: partyPerson(m)})
	}
}

// partyPerson is the account of a resident who opens a case for themselves;
// staff who enter it for somebody else do not become a party.
func partyPerson(m *Moment) string {
	if len(m.Actor.Posts) > 0 {
		return ""
	}
	return m.Actor.Person
}

// behalf is the role in whose name staff do what a party may do.
func (m *Moment) behalf() string {
	if m.Post.ID == "" {
		return ""
	}
	for _, r := range m.Act.Who {
		if r.Name == identity.RelParty {
			return r.As
		}
	}
	if m.Act.Opening() {
		return m.Act.Party
	}
	return ""
}
