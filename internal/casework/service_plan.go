package casework

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
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

	formText, doersText, deltaText, bodyText string
	clocks                                   []clockText
	erased                                   []erasedBody // bodies rewritten by an erasure
	blobs                                    []string     // attachments an erasure takes with it
}

type clockText struct {
	row  ClockRow
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
		case Place:
			if x.Area != "" {
				area = x.Area
			}
		}
	}
	m.PlaceAt(area)
	return nil
}

// rule runs guard, checks, effects and the holder.
func (s *Service) rule(ctx context.Context, d *draft) error {
	m := d.m
	if err := m.guard(); err != nil {
		return err
	}
	if err := m.runChecks(ctx, s.checks); err != nil {
		return err
	}
	for _, name := range m.Act.Effect {
		var err error
		if engineEffect(name, m.Procedure) {
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
	p := &plan{before: m.Case, order: 1}
	id := m.Case.ID
	if m.Act.Opening() {
		if id = d.id; id == "" {
			id = db.NewID(m.Now)
		}
		s.birth(d, p)
	}
	m.delta.Kind = m.Procedure.State(m.to).Kind
	desk := m.Procedure.State(m.to).Desk
	m.delta.Desk = &desk
	m.delta.Quiet = m.Act.Quiet
	if m.Procedure.Subject != "" && m.delta.Title == nil {
		if title := m.Given.Text(m.Procedure.Subject); title != "" {
			m.delta.Title = &title
		}
	}
	m.delta.Publish = len(m.Act.Publish) > 0
	if !m.Act.Quiet && !(d.opened != nil && d.opened.Imported) {
		moves, err := moveClocks(m, m.Act.Name, m.to)
		if err != nil {
			return nil, err
		}
		m.delta.Clocks, m.delta.Effects = mergeClocks(m.extended, moves.rows), moves.effects
	}
	m.forgetOpinions()
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

// forgetOpinions clears the bodies' words when a case comes back to where they
// are asked: they spoke on another text.
func (m *Moment) forgetOpinions() {
	for _, a := range m.Procedure.Acts {
		if a.Opinion == nil || !slices.Contains(a.From, m.to) || slices.Contains(a.From, m.Case.State) {
			continue
		}
		for i := range a.Who {
			if name := opinionOf(a.Name, i); m.Values[name] != nil {
				m.Set(name, nil)
			}
		}
	}
}

// endChildren ends the children whose procedure says that they end with their
// parent.
func (s *Service) endChildren(ctx context.Context, d *draft, plans []*plan) ([]*plan, error) {
	m := d.m
	if m.Act.Opening() || m.Procedure.State(m.to).Kind != Final {
		return plans, nil
	}
	children, err := s.children(ctx, m.Case.ID)
	if err != nil {
		return nil, err
	}
	for _, child := range children {
		if child.Kind == Final || child.ID == d.child { // that one is ending by its own act
			continue
		}
		c, err := s.load(ctx, child.ID)
		if err != nil {
			return nil, err
		}
		p, err := s.procedure(ctx, c.Procedure, c.Edition)
		if err != nil {
			return nil, err
		}
		for _, a := range p.Acts {
			if !a.WithParent || !slices.Contains(a.From, c.State) {
				continue
			}
			ended, err := s.performed(ctx, c, a.Name, "child", "", m.Actor, Values{})
			if err != nil {
				return nil, err
			}
			ended[0].order = 2
			plans = append(plans, ended...)
			break
		}
	}
	return plans, nil
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
		m.delta.Title = &title
	}
	if d.unit != nil && *m.delta.Unit == "" {
		m.HoldBy(*d.unit, "")
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

// mergeClocks lays later rows over earlier ones of the same clock.
func mergeClocks(rows, later []ClockRow) []ClockRow {
	out := slices.Clone(rows)
	for _, l := range later {
		if i := slices.IndexFunc(out, func(k ClockRow) bool { return k.Name == l.Name }); i >= 0 {
			l.Extended = max(l.Extended, out[i].Extended)
			out[i] = l
			continue
		}
		out = append(out, l)
	}
	return out
}

// bear prepares the child cases an act opens.
func (s *Service) bear(ctx context.Context, d *draft, id string) ([]*plan, error) {
	m, o := d.m, d.m.Act.Opens
	if o == nil || d.opened != nil && d.opened.Imported {
		return nil, nil
	}
	p, err := s.procedure(ctx, o.Procedure, m.Edition)
	if err != nil {
		return nil, err
	}
	units := []string{""}
	if o.Each != "" {
		units = m.Values.List(o.Each)
	}
	var out []*plan
	for _, each := range units {
		unit, err := s.childUnit(ctx, m, o, each)
		if err != nil {
			return nil, err
		}
		given, err := s.hand(m, o.With)
		if err != nil {
			return nil, err
		}
		title := m.Case.Title
		if m.delta.Title != nil {
			title = *m.delta.Title
		}
		child := &Moment{Procedure: p, Act: p.Act(o.Act), Case: &Case{}, Actor: m.Actor, Post: m.Post, Role: "child", Now: m.Now, Happened: m.Now,
			Given: Values{}, Values: Values{}, Calendars: m.Calendars, Edition: m.Edition, Read: m.Read, secret: map[string]bool{}}
		plans, err := s.plan(ctx, &draft{m: child, given: given, unit: unit, area: m.Area(), title: title, id: db.NewID(m.Now),
			opened: &Opened{Procedure: p.Name, Parent: id, ParentAct: m.Act.Name}})
		if err != nil {
			return nil, err
		}
		m.delta.Children = append(m.delta.Children, plans[0].after.ID)
		out = append(out, plans...)
	}
	return out, nil
}

// hand gives values on to another case. A sealed one is opened and sealed again
// there; nobody reads it on the way.
func (s *Service) hand(m *Moment, with map[string]string) (Values, error) {
	out := Values{}
	for to, from := range with {
		v, ok := m.Values[from]
		if !ok {
			continue
		}
		switch x := v.(type) {
		case Gone:
			continue
		case Sealed:
			clear, err := s.unseal(from, x)
			if err != nil {
				return nil, err
			}
			v = clear
		}
		out[to] = v
	}
	return out, nil
}

// unseal opens a sealed value. Whoever shows it to a person writes the read log
// first.
func (s *Service) unseal(name string, v Sealed) (any, error) {
	both, err := s.Keys.Open(v.Text, sealContext(name))
	if err != nil {
		return nil, err
	}
	if len(both) < 16 {
		return nil, fault.New(fault.Internal, "internal")
	}
	return fromStored(both[16:])
}

func (s *Service) childUnit(ctx context.Context, m *Moment, o *Opens, each string) (*identity.Unit, error) {
	id := ""
	switch o.Unit {
	case "":
		return nil, nil
	case "each":
		id = each
	case "holder", "above":
		if id = m.Case.Unit; m.delta.Unit != nil {
			id = *m.delta.Unit
		}
	default:
		id = m.Values.Text(o.Unit)
	}
	u, err := s.People.Unit(ctx, id)
	if err == nil && o.Unit == "above" && u.Parent != "" {
		u, err = s.People.Unit(ctx, u.Parent)
	}
	if err != nil {
		return nil, err
	}
	if !u.Open(m.Now) {
		return nil, fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name)
	}
	return &u, nil
}

// perform adds the parent's act that this act does.
func (s *Service) perform(ctx context.Context, d *draft, p *plan, plans []*plan) ([]*plan, error) {
	m := d.m
	if m.Act.Performs == nil || m.Parent == nil {
		return plans, nil
	}
	given, err := s.hand(m, m.Act.Performs.With)
	if err != nil {
		return nil, err
	}
	parents, err := s.performed(ctx, m.Parent, m.Act.Performs.Act, "child", m.Case.ID, m.Actor, given)
	if err != nil {
		return nil, err
	}
	parents[0].order = 0
	return append(plans, parents...), nil
}

// seal turns the act's values into what is stored: each with its own salt,
// sealed ones encrypted with their salt inside.
func (s *Service) seal(p *plan, m *Moment) error {
	p.row.Body = Body{}
	names := slices.Sorted(maps.Keys(m.Given))
	salts := make([]byte, 16*(len(names)+1))
	rand.Read(salts)
	fields := make([]ledger.Field, 0, len(names)+1)
	for i, name := range names {
		salt := [16]byte(salts[16*i:])
		plain, err := json.Marshal(m.Given[name])
		if err != nil {
			return fmt.Errorf("value %s: %w", name, err)
		}
		fields = append(fields, ledger.Field{Name: name, Digest: ledger.Commit(salt, name, plain)})
		if m.secret[name] {
			p.row.Body[name] = Kept{Seal: s.Keys.Seal(append(salt[:], plain...), sealContext(name))}
		} else {
			p.row.Body[name] = Kept{Value: plain, Salt: salt[:]}
		}
	}
	salt := [16]byte(salts[16*len(names):])
	p.row.Body[actItself] = Kept{Salt: salt[:]}
	p.row.Delta = m.delta
	record, err := p.row.record()
	if err != nil {
		return err
	}
	fields = append(fields, ledger.Field{Name: actItself, Digest: ledger.Commit(salt, actItself, record)})
	p.leaf = ledger.NewLeaf(p.row.envelope(m.Procedure.Name), fields)
	return nil
}

// sealContext binds a sealed value to the field it belongs to.
func sealContext(name string) []byte { return []byte("casework/" + name) }

// record is the act's own line as it is committed: who, when and with what
// effect, beside the values.
func (a ActRow) record() ([]byte, error) {
	return json.Marshal(struct {
		Person, Post, Unit, Role, Behalf string
		Happened                         clock.Instant
		Edition                          int64
		Delta                            Delta
	}{a.Person, a.Post, a.Unit, a.Role, a.Behalf, a.Happened, a.Edition, a.Delta})
}

// envelope is the public part of the act's leaf.
func (a ActRow) envelope(procedure string) ledger.Envelope {
	return ledger.Envelope{ID: a.ID, Kind: "act", Case: a.CaseID, Procedure: procedure, Act: a.Act, From: a.From, To: a.To,
		Clocks: a.Delta.Effects, Recorded: a.Recorded, Annuls: a.Annuls, Erases: a.Erases}
}

// settle applies the act and writes all texts, so that the commit only writes.
func (p *plan) settle(proc *Procedure) error {
	if p.after == nil {
		p.after = p.before.copy()
		if err := p.after.apply(p.row); err != nil {
			return err
		}
	}
	var err error
	if p.formText, err = p.after.Values.stored(); err != nil {
		return err
	}
	for to, v := range map[*string]any{&p.doersText: p.after.Doers, &p.deltaText: p.row.Delta, &p.bodyText: p.row.Body} {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*to = string(raw)
	}
	for _, k := range p.row.Delta.Clocks {
		raw, err := json.Marshal(k)
		if err != nil {
			return err
		}
		p.clocks = append(p.clocks, clockText{k, string(raw)})
	}
	p.listed = map[string]any{}
	for _, f := range proc.Form {
		if now, before := p.after.Values[f.Name], p.before.Values[f.Name]; f.Listed && fmt.Sprint(now) != fmt.Sprint(before) {
			p.listed[f.Name] = now
		}
	}
	return nil
}
