package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/law"
	"linli/internal/procedure"
)

// mostTold bounds how many persons of one unit one act tells.
const mostTold = 30

// lineID names the line of one act to one receiver. The channel is left out on
// purpose: who changes it is not told of the same act again.
func lineID(act, receiver string) string {
	sum := sha256.Sum256([]byte(act + "|" + receiver))
	return hex.EncodeToString(sum[:16])
}

// fact is one act as the rules look at it.
type fact struct {
	c   *casework.Case // as it is now
	p   *procedure.Procedure
	act casework.Entry
}

// unit that holds the case after the act, as far as the act says; else the one
// that holds it now.
func (f fact) unit() string {
	if u := f.act.Delta.Unit; u != nil && *u != "" {
		return *u
	}
	return f.c.Unit
}

// meaning says what the act means to a party with this role: one of the few
// kinds, or nothing.
func (f fact) meaning(policy Policy, role string) string {
	said := policy.Party[f.p.Name]
	if kind := said[f.act.Act+" as "+role]; kind != "" {
		return kind
	}
	if kind := said[f.act.Act]; kind != "" {
		return kind
	}
	if f.act.Delta.Opened != nil {
		if f.act.Delta.Opened.Imported {
			return nothing
		}
		return receipt
	}
	to := f.p.State(f.act.To)
	if to == nil || f.act.From == f.act.To || f.act.Person == "" && f.act.Role == role {
		return nothing // it stays where it is, or the party did it
	}
	switch to.Kind {
	case procedure.Final, procedure.Done:
		return closed
	case procedure.Waiting:
		return f.waitsFor(role, to.Name)
	}
	return nothing
}

// waitsFor says whether a waiting state waits for the party: for an answer, or,
// where what the party does ends the case, for the rating.
func (f fact) waitsFor(role, state string) string {
	out := nothing
	for _, a := range f.p.Acts {
		if !slices.Contains(a.From, state) || a.Quiet || a.To == "" || !slices.ContainsFunc(a.Who, func(r identity.Relation) bool {
			return r.Name == identity.RelParty && (r.As == "" || r.As == role)
		}) {
			continue
		}
		to := f.p.State(a.To)
		switch {
		case to == nil || len(a.Fill) == 0: // nothing is asked: withdrawing, for instance
		case to.Kind == procedure.Done && required(a):
			return rate
		case to.Kind == procedure.Open && required(a):
			out = question
		}
	}
	return out
}

func required(a *procedure.Act) bool {
	return slices.ContainsFunc(a.Fill, func(f procedure.Fill) bool { return !f.Optional })
}

// staffKind names what somebody of the office is told; it is the end of a text
// key.
func (f fact) staffKind(t casework.Told) string {
	switch {
	case f.act.Act == casework.ActAnnul:
		return corrected
	case f.act.Act == casework.ActWarn:
		return "warn"
	case f.act.Act == casework.ActBreach && f.above(t):
		return "above"
	case f.act.Act == casework.ActBreach:
		return "breach"
	case t.Unit != "" && t.Unit == f.unit() && (f.act.Delta.Opened != nil || f.act.Delta.Unit != nil && *f.act.Delta.Unit != ""):
		return "new"
	case t.Person != "" && f.act.Delta.Person != nil && *f.act.Delta.Person == t.Person:
		return "new" // it changed hands
	}
	return "act"
}

// above says that the unit is told because one below it missed a limit.
func (f fact) above(t casework.Told) bool {
	return f.act.Delta.Escalated != nil && *f.act.Delta.Escalated == t.Unit && t.Person == ""
}

// urgency of what a unit or person of the office is told.
func (f fact) urgency(policy Policy, t casework.Told) int {
	emergency, _ := f.c.Values["emergency"].(bool)
	open := false
	if to := f.p.State(f.act.To); to != nil {
		open = to.Kind == procedure.Open
	}
	switch f.act.Act {
	case casework.ActBreach:
		if emergency || f.shortLimit(policy) {
			return Urgent
		}
		return ToDo
	case casework.ActWarn:
		return ToDo
	}
	switch {
	case emergency && open && t.Unit == f.unit():
		return Urgent
	case open && (t.Unit == f.unit() || f.unit() == "" || f.desk(t)):
		return ToDo
	case f.c.Parent != "" && !open && t.Unit != f.unit():
		return ToDo // a child case ended and its parent goes on
	}
	return ForInfo
}

// desk says that the act tells posts of an area, who then have the word.
func (f fact) desk(t casework.Told) bool {
	def := f.p.Act(f.act.Act)
	return def != nil && t.Person == "" && slices.ContainsFunc(def.Tells, func(s string) bool { return strings.HasPrefix(s, "area as ") })
}

// shortLimit says that the limit missed was one of a few hours.
func (f fact) shortLimit(policy Policy) bool {
	return slices.ContainsFunc(f.act.Delta.Clocks, func(k procedure.ClockRow) bool { return k.Unit == law.Hour && k.N <= policy.UrgentHours })
}

// clockWords is what the clock of a warning or breach is called.
func (f fact) clockWords() procedure.Words {
	if len(f.act.Delta.Clocks) == 0 {
		return nil
	}
	if def := f.p.Clock(f.act.Delta.Clocks[0].Name); def != nil {
		return def.Words
	}
	return nil
}

// posts are the kinds of post that are told of the act, in groups of which the
// first that anybody has is told: those that the act names, all together, and
// else those that have the word next, in the order of the procedure, so that the
// head is told where there is no handler, and not beside one.
func (f fact) posts() (groups [][]string) {
	var named []string
	if def := f.p.Act(f.act.Act); def != nil {
		for _, t := range def.Tells {
			if kind, ok := strings.CutPrefix(t, "area as "); ok && !slices.Contains(named, kind) {
				named = append(named, kind)
			}
		}
	}
	if len(named) > 0 {
		groups = append(groups, named)
	}
	for _, a := range f.p.Acts {
		if !slices.Contains(a.From, f.act.To) || a.Quiet {
			continue
		}
		for _, r := range a.Who {
			if r.Name == identity.RelUnit && r.As != "" && r.As != "staff" && !slices.ContainsFunc(groups, func(g []string) bool { return slices.Contains(g, r.As) }) {
				groups = append(groups, []string{r.As})
			}
		}
	}
	return groups
}

// choose picks the members of a unit who are told: those with posts of the first
// group of kinds that anybody has; where nobody has any, everybody who handles
// cases at all.
func choose(members []identity.Member, groups ...[]string) []string {
	for _, kinds := range groups {
		if out := having(members, func(kind string) bool { return slices.Contains(kinds, kind) }); len(out) > 0 {
			return out
		}
	}
	return having(members, func(kind string) bool { return kind != identity.Administrator && kind != identity.Auditor })
}

func having(members []identity.Member, fits func(kind string) bool) []string {
	var out []string
	for _, m := range members {
		if fits(m.Post.Kind) && !slices.Contains(out, m.Post.Person) {
			out = append(out, m.Post.Person)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), mostTold)]
}

// phoneOf finds the field of an act in which a party left a telephone.
func phoneOf(p *procedure.Procedure, body casework.Body) string {
	for _, f := range p.Form {
		if kept, ok := body[f.Name]; ok && f.Type == "phone" && f.Sealed && kept.Seal != "" {
			return f.Name
		}
	}
	return ""
}

// old says that an act is too long ago to be told outside: after a restore, a
// rebuild, or a long standstill.
func (p Policy) old(recorded, now clock.Instant) bool {
	return now.Sub(recorded).Hours() > float64(p.OldHours)
}
