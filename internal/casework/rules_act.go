package casework

import (
	"context"
	"linli/internal/procedure"
	"maps"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"

	"github.com/expr-lang/expr/vm"
)

// mayBegin says whether the act fits the case's state.
func (m *Moment) mayBegin() error {
	if m.Act.Opening() {
		if m.Case.ID != "" {
			return fault.New(fault.Conflict, "casework.opened_already")
		}
		return nil
	}
	if !slices.Contains(m.Act.From, m.Case.State) {
		// Where the law orders the steps, the refusal names its article.
		return fault.New(fault.Conflict, "casework.wrong_state", "act", m.Act.Words, "state", m.Procedure.State(m.Case.State).Words).Under(m.Act.Norm)
	}
	return nil
}

// authorize finds the relation by virtue of which the actor may do the act, and
// keeps out those whom not_by names. It fills Post and Role.
func (m *Moment) authorize(partyOf func(identity.Actor, string) bool) error {
	if m.Role == "clock" && m.Act.Clock || m.Role == "child" && m.Act.Child || m.Role == roleLeader && m.Act.Leader {
		return m.notBy()
	}
	s := m.Case.Subject(m.Parent, partyOf)
	if m.Act.Opening() {
		// A new case lies where its values say; nobody holds it yet.
		s.Area = m.Area()
	}
	values := m.Values
	s.Values = func(name string) string { return values.Text(name) }
	// One's own right comes first: who may do it themselves does not do it for another.
	if m.virtue(m.Actor.Own(), s) || m.virtue(m.Actor, s) {
		return m.notBy()
	}
	return fault.New(fault.Forbidden, "casework.not_yours", "act", m.Act.Words)
}

// virtue finds the first relation of the act that holds for the actor, and the
// post by which it does; for a deputy also in whose place.
func (m *Moment) virtue(a identity.Actor, s identity.Subject) bool {
	for _, r := range m.Act.Who {
		if m.Act.Opening() && r.Name == identity.RelArea && s.Area == "" {
			if a.Has(r.As) {
				m.Post = a.PostAs(r.As)
				m.inPlaceOf(m.Post.For)
				return true
			}
			continue
		}
		if !r.Holds(a, s) {
			continue
		}
		if r.Name == identity.RelParty {
			m.Role = r.As
			return true
		}
		m.Post = byVirtue(r, a, s)
		switch r.Name {
		case identity.RelHolder, identity.RelDeputy:
			m.heldFor(a, s.Person, s.Unit)
		case identity.RelParent:
			m.heldFor(a, s.ParentPerson, s.ParentUnit)
		}
		if m.For == "" {
			m.inPlaceOf(m.Post.For)
		}
		return true
	}
	return false
}

// heldFor notes the deputy of a holder, under the holder's own post where it is
// lent.
func (m *Moment) heldFor(a identity.Actor, person, unit string) {
	if person == a.Person || !a.StandsIn(person, unit) {
		return
	}
	m.inPlaceOf(person)
	for _, p := range a.Posts {
		if p.For == person && (p.Unit == unit || m.Post.For != person) {
			m.Post = p
		}
	}
}

func (m *Moment) inPlaceOf(person string) {
	if person != "" {
		m.For, m.Role = person, "deputy"
	}
}

// byVirtue finds the one post through which the relation holds.
func byVirtue(r identity.Relation, a identity.Actor, s identity.Subject) identity.Post {
	for _, p := range a.Posts {
		one := a
		one.Posts = []identity.Post{p}
		if r.Holds(one, s) {
			return p
		}
	}
	return a.MainPost()
}

func (m *Moment) notBy() error {
	if m.Actor.Person == "" {
		return nil
	}
	for _, name := range m.Act.NotBy {
		c, p, act := m.Case, m.Procedure, name
		if own, isParent := strings.CutPrefix(name, "parent."); isParent {
			if c, act = m.Parent, own; c == nil {
				continue
			}
			p = nil
		} else if own, ofLeader := strings.CutPrefix(name, "leader."); ofLeader {
			if c, act = m.Leader, own; c == nil {
				continue
			}
		}
		if c.Did(m.Actor.Person, act) || c.Did(m.For, act) { // nobody judges own work through a deputy
			f := fault.New(fault.Forbidden, "casework.own_work", "act", m.Act.Words)
			if p != nil && p.Act(act) != nil {
				f.Args["other"] = p.Act(act).Words
			} else {
				f.Args["other"] = act
			}
			return f
		}
	}
	return nil
}

// guard evaluates the act's expression over the case's own values.
func (m *Moment) guard() error {
	holds, err := m.judges(m.Act.Guard)
	if holds || err != nil {
		return err
	}
	return fault.New(fault.Unmet, "casework.guard", "act", m.Act.Words, "why", m.Act.GuardWords).Under(m.Act.Norm)
}

// judges runs an expression of the procedure over the case's values with what the
// act brings.
func (m *Moment) judges(program *vm.Program) (bool, error) {
	return m.Procedure.Holds(program, m.Values, m.Case.State, slices.Collect(maps.Keys(m.Case.Doers)))
}

// fill checks the submitted values against the act's form. Fields the act does
// not ask for are refused by name; what is missing is named too.
func (m *Moment) fill(raw map[string]any) error {
	for name := range raw {
		if !slices.ContainsFunc(m.Act.Fill, func(f procedure.Fill) bool { return f.Field == name }) {
			return fault.New(fault.Invalid, "casework.unknown_field", "field", name).At(name)
		}
	}
	for _, f := range m.Act.Fill {
		def := m.Procedure.Field(f.Field)
		value, err := def.Decode(raw[f.Field])
		if err != nil {
			return err
		}
		if value == nil {
			if !f.Optional {
				return fault.New(fault.Invalid, "casework.missing_field", "field", def.Label).At(f.Field)
			}
			continue
		}
		m.Set(f.Field, value)
	}
	return nil
}

// engineCheck answers the engine's own checks.
func (m *Moment) engineCheck(name string) (known bool, err error) {
	of, one := procedure.ChildrenOf(name)
	switch {
	case one || name == "children.done" || name == "children.none_open":
		for _, c := range m.Children {
			if c.Kind != procedure.Final && c.Kind != procedure.Done && (!one || c.Procedure == of) {
				return true, fault.New(fault.Unmet, "casework.child_open", "number", c.Number)
			}
		}
		return true, nil
	case name == "opinions.complete" || name == "opinions.all_agree":
		return true, m.checkOpinions(name)
	}
	rest, ok := strings.CutPrefix(name, "clock.")
	if !ok {
		return false, nil
	}
	clk, what, _ := strings.Cut(rest, ".")
	return true, m.checkClock(clk, what)
}

// Verdicts of an opinion.
const (
	Agree  = "agree"
	Object = "object"
)

// OpinionOf is the value under which a body's word is kept.
func OpinionOf(act string, body int) string { return "opinion." + act + "." + strconv.Itoa(body) }

// opine notes the word of the body for which the actor speaks and finds out
// whether the need is reached. The case row is locked by version, so that two
// last words at one moment are evaluated one after the other.
func (m *Moment) opine(verdict string) error {
	o := m.Act.Opinion
	if verdict != Agree && verdict != Object {
		return fault.New(fault.Invalid, "casework.verdict").At("verdict")
	}
	s := m.Case.Subject(m.Parent, nil)
	body := slices.IndexFunc(m.Act.Who, func(r identity.Relation) bool { return r.Holds(m.Actor.Own(), s) })
	if body < 0 { // one person speaks once: as a deputy only where they have no word of their own
		body = slices.IndexFunc(m.Act.Who, func(r identity.Relation) bool { return r.Holds(m.Actor, s) })
	}
	if body < 0 {
		return fault.New(fault.Forbidden, "casework.not_yours", "act", m.Act.Words)
	}
	name := OpinionOf(m.Act.Name, body)
	if _, spoken := m.Case.Values[name]; spoken {
		return fault.New(fault.Conflict, "casework.spoken_already")
	}
	m.Set(name, verdict)
	agreed, objected := m.tally(m.Act)
	need := m.Act.Needed()
	switch {
	case agreed >= need:
		m.leadIf(o.Then)
	case len(m.Act.Who)-objected < need:
		m.leadIf(o.Object)
	}
	return nil
}

func (m *Moment) leadIf(state string) {
	if state != "" {
		m.Lead(state)
	}
}

func (m *Moment) tally(a *procedure.Act) (agreed, objected int) {
	for i := range a.Who {
		switch m.Values[OpinionOf(a.Name, i)] {
		case Agree:
			agreed++
		case Object:
			objected++
		}
	}
	return agreed, objected
}

func (m *Moment) checkOpinions(name string) error {
	for _, a := range m.Procedure.Acts {
		if a.Opinion == nil {
			continue
		}
		agreed, objected := m.tally(a)
		if name == "opinions.complete" && agreed+objected < len(a.Who) || name == "opinions.all_agree" && agreed < a.Needed() {
			return fault.New(fault.Unmet, "casework.opinions", "act", a.Words, "agreed", agreed, "objected", objected, "bodies", len(a.Who)).Under(a.Norm)
		}
	}
	return nil
}

// holder carries out the act's `holder`.
func (m *Moment) holder(units func(string) (identity.Unit, error)) error {
	none := ""
	switch h := m.Act.Holder; {
	case h == "" || m.delta.Unit != nil:
	case h == "none":
		m.delta.Unit, m.delta.Person = &none, &none
	case h == "unit":
		m.delta.Person = &none
	case h == "leader":
		if m.Leader != nil {
			m.HoldBy(identity.Unit{ID: m.Leader.Unit}, "")
		}
	case h == "actor":
		if m.Post.Unit == "" {
			return fault.New(fault.Forbidden, "casework.no_post")
		}
		holder := m.Actor.Person
		if m.For != "" { // it is the absent person's work
			holder = m.For
		}
		m.HoldBy(identity.Unit{ID: m.Post.Unit}, holder)
	default:
		field := strings.TrimPrefix(h, "unit of ")
		u, err := units(m.Values.Text(field))
		if err != nil {
			return fault.Of(err).At(field)
		}
		if !u.Open(m.Now) {
			return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At(field)
		}
		m.HoldBy(u, "")
	}
	return nil
}

// times checks when the act is said to have happened.
func (m *Moment) times() error {
	if m.Happened == 0 || m.Happened == m.Now {
		m.Happened = m.Now
		return nil
	}
	if m.Happened > m.Now {
		return fault.New(fault.Invalid, "casework.in_future").At("happened")
	}
	if !m.Act.Later {
		return fault.New(fault.Invalid, "casework.not_later", "act", m.Act.Words).At("happened")
	}
	if m.Happened < m.Case.Happened {
		return fault.New(fault.Invalid, "casework.before_last", "day", m.Case.Happened.Day()).At("happened")
	}
	return nil
}

// runChecks runs the engine's checks and the rooms'.
func (m *Moment) runChecks(ctx context.Context, checks map[string]Check) error {
	for _, name := range m.Act.Check {
		known, err := m.engineCheck(name)
		if !known {
			check := checks[name]
			if check == nil {
				return fault.New(fault.Internal, "internal", "check", name)
			}
			err = check(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
