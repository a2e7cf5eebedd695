package casework

import (
	"slices"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// roleLeader is the role of an act that the leading case passed on.
const roleLeader = "leader"

// mayLead says whether a case may follow another as they stand: no chains, no
// circles, nothing sealed, and every act that will be passed on is known to the
// one that follows.
func (m *Moment) mayLead(leader *Case, leading *procedure.Procedure) error {
	f := m.Act.Follows
	at := func(kind fault.Kind, key string, args ...any) error {
		return fault.New(kind, "casework."+key, append(args, "number", leader.Number)...).At(f.Field)
	}
	switch {
	case leader.ID == m.Case.ID:
		return at(fault.Invalid, "follow_itself")
	case leader.Procedure != f.Of:
		return at(fault.Invalid, "follow_procedure", "procedure", leading.Title)
	case leader.Following():
		return at(fault.Conflict, "follow_follower")
	case leader.Sealed != "" || m.sealedNow() != nil:
		return at(fault.Unmet, "follow_sealed")
	case leader.Imported || m.Case.Imported:
		return at(fault.Unmet, "follow_imported")
	case !slices.Contains(f.In, leader.State):
		return at(fault.Conflict, "follow_state", "state", leading.State(leader.State).Words)
	case !m.Procedure.TakesUp(leading):
		return at(fault.Unmet, "follow_edition")
	}
	return nil
}

// unfollow ends following: by the act's own word, or because the case is over.
// A case that the leading one takes along keeps its name; one that leaves by
// itself does not.
func (m *Moment) unfollow() {
	m.delta.Passes = m.Act.PassesOn != nil
	over := m.Act.Unfollows || m.Case.Following() && m.Procedure.State(m.to).Kind == procedure.Final
	if !over {
		return
	}
	m.delta.Followed = new(int64)
	if m.Act.Unfollows && m.Role != roleLeader {
		m.delta.Leader = new(string)
	}
}

// addParty takes in somebody for whom the house does a later act at its door: as
// a party without link, since what others reported is not theirs to read.
func (m *Moment) addParty() {
	if !m.Act.Opening() && m.Act.Party != "" && m.Role == "clock" {
		m.delta.Parties = append(m.delta.Parties, PartyRow{ID: db.NewID(m.Now), Role: m.Act.Party})
	}
}
