package casework

import (
	"context"
	"encoding/hex"
	"fmt"
	"linli/internal/procedure"
	"maps"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

// View is a case as one actor may see it.
type View struct {
	Case      *Case
	Procedure *procedure.Procedure
	Parent    *Case // nil where there is none or the actor may not see it
	Leader    *Case // the leading case; nil where there is none or the actor may not see it
	Followers int   // cases that follow this one now
	Followed  int   // and with them those that were answered with it
	Children  []Child
	Timeline  []Entry
	Clocks    []ClockView
	May       []Possible // what can be done from here, and why not
	Parties   []PartyRow
	Party     bool // the actor sees it as a party, not by post
}

// Entry is one line of the timeline.
type Entry struct {
	ActRow
	Words    procedure.Words // what the act is called; nil for the engine's own acts
	Public   bool
	Annulled bool
	Values   Values // in clear where open, Sealed or Gone else
	Leaf     string // hex hash of its leaf
}

// ClockView is a clock with its words.
type ClockView struct {
	procedure.ClockRow
	Words procedure.Words
	Norm  string
}

// Possible is one act that the case's state allows: Why is nil where the actor
// may do it now, else the reason that keeps it.
type Possible struct {
	Act *procedure.Act
	Why *fault.Fault
}

// Seen loads a case that the actor may see. A case that exists but is not the
// actor's to see is NotFound, as if it were not there.
func (s *Service) Seen(ctx context.Context, a identity.Actor, id string) (*Case, *procedure.Procedure, error) {
	c, err := s.load(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, nil, err
	}
	sees, err := s.sees(ctx, a, c, p)
	if err != nil {
		return nil, nil, err
	}
	if !sees {
		return nil, nil, fault.New(fault.NotFound, "casework.no_case")
	}
	return c, p, nil
}

func (s *Service) sees(ctx context.Context, a identity.Actor, c *Case, p *procedure.Procedure) (bool, error) {
	if a.Kind == identity.System {
		return true, nil
	}
	r, err := s.rules.At(ctx, s.Editions.Current())
	if err != nil {
		return false, err
	}
	var parent *Case
	if c.Parent != "" {
		if parent, err = s.load(ctx, c.Parent); err != nil {
			return false, err
		}
	}
	// Whether somebody is a party by account costs a query; it is asked last.
	if identity.Holds(r.sees(p), a, c.Subject(parent, nil)) {
		return true, nil
	}
	partyOf := func(a identity.Actor, role string) bool { return s.isParty(ctx, c.ID, a, role) }
	return a.Known() && identity.Holds(r.sees(p), a, c.Subject(parent, partyOf)), nil
}

// Get is the whole case for one actor. Fault: NotFound.
func (s *Service) Get(ctx context.Context, a identity.Actor, id string) (*View, error) {
	c, p, err := s.Seen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	v := &View{Case: c, Procedure: p, Party: a.Kind == identity.Link || len(a.Posts) == 0}
	if c.Parent != "" {
		if parent, _, err := s.Seen(ctx, a, c.Parent); err == nil {
			v.Parent = parent
		}
	}
	if c.Leader != "" {
		if leader, _, err := s.Seen(ctx, a, c.Leader); err == nil {
			v.Leader = leader
		}
	}
	if v.Followers, v.Followed, err = s.Following(ctx, c.ID); err != nil {
		return nil, err
	}
	if v.Children, err = s.children(ctx, c.ID); err != nil {
		return nil, err
	}
	if err := s.timeline(ctx, v); err != nil {
		return nil, err
	}
	for _, def := range p.Clocks {
		if k, had := c.clocks[def.Name]; had && k.Status != procedure.Void {
			v.Clocks = append(v.Clocks, ClockView{k, def.Words, def.Norm})
		}
	}
	if v.Parties, err = s.parties(ctx, c.ID); err != nil {
		return nil, err
	}
	return v, s.possible(ctx, a, v)
}

func (s *Service) timeline(ctx context.Context, v *View) error {
	acts, err := s.actsOf(ctx, s.DB.Reader(), v.Case.ID)
	if err != nil {
		return err
	}
	v.Timeline, err = entriesOf(v.Procedure, acts)
	v.Timeline = slices.DeleteFunc(v.Timeline, func(e Entry) bool { // told by number only
		def := v.Procedure.Act(e.Act)
		return def != nil && def.Counted
	})
	for i := range v.Timeline {
		v.Timeline[i].Leaf = s.leafHash(ctx, v.Timeline[i].ID)
	}
	return err
}

// entriesOf gives acts the words of their procedure and their values in clear.
func entriesOf(p *procedure.Procedure, acts []ActRow) ([]Entry, error) {
	annulled := map[string]bool{}
	for _, a := range acts {
		annulled[a.Annuls] = true
	}
	var out []Entry
	for _, a := range acts {
		e := Entry{ActRow: a, Annulled: annulled[a.ID], Values: Values{}}
		if def := p.Act(a.Act); def != nil {
			e.Words, e.Public = def.Words, def.Public
		}
		if err := e.Values.Take(a.Body); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// leafHash is the hash of an act's leaf, "" where the log does not have it.
func (s *Service) leafHash(ctx context.Context, act string) string {
	_, text, err := s.Ledger.Leaf(ctx, act)
	if err != nil {
		return ""
	}
	h := ledger.LeafHash(text)
	return hex.EncodeToString(h[:])
}

func (s *Service) parties(ctx context.Context, id string) ([]PartyRow, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT id, role, person, unit FROM casework_party WHERE case_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []PartyRow
	for rows.Next() {
		var p PartyRow
		if err := rows.Scan(&p.ID, &p.Role, &p.Person, &p.Unit); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// possible finds what the actor may do now, and for the rest why not. Checks of
// rooms that need the submitted values are answered only when the act is done.
func (s *Service) possible(ctx context.Context, a identity.Actor, v *View) error {
	var parent *Case
	if v.Case.Parent != "" {
		var err error
		if parent, err = s.load(ctx, v.Case.Parent); err != nil {
			return err
		}
	}
	var leader *Case
	for _, act := range v.Procedure.Acts {
		if !slices.Contains(act.From, v.Case.State) || len(act.Who) == 0 {
			continue
		}
		if leader == nil && v.Case.Leader != "" && act.WantsLeader() {
			var err error
			if leader, err = s.load(ctx, v.Case.Leader); err != nil {
				return err
			}
		}
		m := &Moment{Procedure: v.Procedure, Act: act, Case: v.Case, Parent: parent, Leader: leader, Children: v.Children, Actor: a, Now: max(s.Clock.Now(), v.Case.Changed),
			Values: v.Case.Values, Given: Values{}}
		m.Happened = m.Now
		why := m.authorize(func(a identity.Actor, role string) bool { return s.isParty(ctx, v.Case.ID, a, role) })
		if why == nil && !act.GuardWaits {
			why = m.guard()
		}
		if why == nil && act.Follows != nil && v.Followers > 0 {
			why = fault.New(fault.Conflict, "casework.follow_leads", "n", v.Followers)
		}
		for _, name := range act.Check {
			if why != nil {
				break
			}
			_, why = m.engineCheck(name)
		}
		if why == nil && len(act.Decides) > 0 {
			m.Values, m.Read = maps.Clone(m.Values), s.DB.Reader() // what is foreseen is no value yet
			why = s.foresee(ctx, m)
		}
		v.May = append(v.May, Possible{act, fault.Of(why)})
	}
	return nil
}

// Reveal opens one sealed value for a person, after the read log has it. Faults:
// NotFound, Forbidden, Invalid at purpose.
func (s *Service) Reveal(ctx context.Context, a identity.Actor, id, field, purpose string) (string, error) {
	c, p, err := s.Seen(ctx, a, id)
	if err != nil {
		return "", err
	}
	r, err := s.rules.At(ctx, s.Editions.Current())
	if err != nil {
		return "", err
	}
	def := p.Field(field)
	sealed, ok := c.Values[field].(Sealed)
	if def == nil || !ok {
		return "", fault.New(fault.NotFound, "casework.nothing_sealed").At(field)
	}
	may := r.views["reveal"]
	if p.Reveal != nil {
		may = p.Reveal
	}
	if !identity.Holds(may, a, c.Subject(nil, nil)) {
		return "", fault.New(fault.Forbidden, "casework.reveal_right").At(field)
	}
	if err := s.People.ReadLog(ctx, a, c.ID, field, purpose); err != nil {
		return "", err
	}
	clear, err := s.Unseal(field, sealed)
	if err != nil || clear == nil {
		return "", err
	}
	return fmt.Sprint(clear), nil
}

// Masked shows the end of a sealed value, enough to recognise it.
func (s *Service) Masked(def *procedure.Field, v Sealed) string {
	clear, err := s.Unseal(def.Name, v)
	if err != nil {
		return "****" // the key of this value is lost; opening it says so
	}
	text, words := clear.(string)
	if !words {
		return "****" // of a number nothing is shown: an end of it would be the whole
	}
	return procedure.Mask(def.Type, text)
}

// MarkTold marks what an actor was told of a case ("" for all) up to an instant as seen.
func (s *Service) MarkTold(ctx context.Context, a identity.Actor, id string, now clock.Instant) error {
	return s.DB.Commit(ctx, told(a, id, now))
}
