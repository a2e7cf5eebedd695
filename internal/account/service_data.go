package account

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// phoneField is the sealed value of a case that is its reporter's own.
const phoneField = "phone"

// Data is all that the house keeps of an account, for its owner to take along
// (Personal Information Protection Law, article 45).
type Data struct {
	Phone    string          `json:"phone"`
	Created  clock.Instant   `json:"created"`
	Until    clock.Instant   `json:"deleted_if_unused"`
	Sessions []clock.Instant `json:"signed_in_until"`
	Cases    []CaseData      `json:"cases"`
}

// CaseData is one case on the account.
type CaseData struct {
	Number string        `json:"number"`
	Title  string        `json:"title"`
	State  string        `json:"state"`
	Opened clock.Instant `json:"opened"`
	Added  clock.Instant `json:"added"`
	Follow string        `json:"follow"`
	Said   []Said        `json:"said"`
	Reads  []ReadData    `json:"reads"`
}

// Said is what the owner gave in the case by one act.
type Said struct {
	At     clock.Instant     `json:"at"`
	Act    string            `json:"act"`
	Values map[string]string `json:"values"`
}

// ReadData is one opening of the telephone left in the case: by which unit, for what.
type ReadData struct {
	At      clock.Instant `json:"at"`
	Unit    string        `json:"unit"`
	Purpose string        `json:"purpose"`
}

// line is a case as its owner finds it; nil where it can be opened no more.
func (s *Service) line(ctx context.Context, k Kept) (*casework.Case, *procedure.Procedure, error) {
	c, p, err := s.Cases.Seen(ctx, identity.Actor{Kind: identity.Link, Party: k.Party}, k.Party.Case)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, nil
	}
	return c, p, err
}

// Data gathers what is kept of an account, in a language.
func (s *Service) Data(ctx context.Context, a *Account, lang string) (Data, error) {
	out := Data{Created: a.Created, Until: a.Until, Sessions: []clock.Instant{}, Cases: []CaseData{}}
	var err error
	if out.Phone, err = s.Phone(a); err != nil {
		return out, err
	}
	sessions, err := s.sessions(ctx, a)
	if err != nil {
		return out, err
	}
	out.Sessions = append(out.Sessions, sessions...)
	list, err := s.Kept(ctx, a, "", mostCases)
	if err != nil {
		return out, err
	}
	for _, k := range list {
		c, err := s.caseData(ctx, k, lang)
		if err != nil {
			return out, err
		}
		out.Cases = append(out.Cases, c)
	}
	return out, nil
}

func (s *Service) caseData(ctx context.Context, k Kept, lang string) (CaseData, error) {
	out := CaseData{Number: k.Number, Added: k.Added, Follow: "/follow/" + k.Number, Said: []Said{}, Reads: []ReadData{}}
	view, err := s.Cases.Get(ctx, identity.Actor{Kind: identity.Link, Party: k.Party}, k.Party.Case)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Title, out.Opened, out.State = view.Case.Title, view.Case.Opened, view.Procedure.State(view.Case.State).Words.In(lang)
	for _, e := range view.Timeline {
		if e.Annulled || !ownAct(view, e, k.Party) {
			continue
		}
		said := Said{At: e.Happened, Act: e.Words.In(lang), Values: map[string]string{}}
		for name := range e.Values {
			if def := view.Procedure.Field(name); def != nil {
				if words := worded(def, e.Values.Text(name), lang); words != "" {
					said.Values[def.Label.In(lang)] = words
				}
			}
		}
		out.Said = append(out.Said, said)
	}
	reads, err := s.People.ReadsOf(ctx, identity.Reads{Case: k.Party.Case, Limit: mostReads})
	if err != nil {
		return out, err
	}
	for _, r := range reads {
		if r.Field != phoneField {
			continue
		}
		unit, err := s.People.Unit(ctx, r.Unit)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return out, err
		}
		name := text.Words{"zh": unit.Name, "en": unit.NameEn}.In(lang)
		out.Reads = append(out.Reads, ReadData{At: r.Recorded, Unit: name, Purpose: r.Purpose})
	}
	return out, nil
}

// worded is a value as its owner wrote or chose it; "" for codes by which the house
// names a class, a unit or an area, and for nothing.
func worded(def *procedure.Field, value, lang string) string {
	switch def.Type {
	case "class", "unit", "area", "case":
		return ""
	}
	return def.Option(value, lang)
}

// ownAct says whether an act is the party's: it brought the party in, or was done
// in its role while nobody else has that role.
func ownAct(view *casework.View, e casework.Entry, p identity.Party) bool {
	if slices.ContainsFunc(e.Delta.Parties, func(row casework.PartyRow) bool { return row.ID == p.ID }) {
		return true
	}
	alone := 0
	for _, row := range view.Parties {
		if row.Role == p.Role {
			alone++
		}
	}
	return alone == 1 && e.Role == p.Role
}
