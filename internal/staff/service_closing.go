package staff

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// unfinished are the kinds of state in which a case still belongs to somebody: one
// that is done may be reopened.
var unfinished = []string{procedure.Open, procedure.Done}

// countedCases bounds how many cases of a unit a refusal counts.
const countedCases = 1000

// unitHoldsNothing keeps a unit from being closed while cases lie with it or units
// are stationed under it: nobody would notice them. Fault: Unmet staff.unit_holds.
func (s *Service) unitHoldsNothing(ctx context.Context, unit string) error {
	cases := 0
	for _, kind := range unfinished {
		n, err := s.Cases.Count(ctx, identity.SystemActor(), casework.Filter{Unit: unit, Kind: kind}, countedCases)
		if err != nil {
			return err
		}
		cases += n
	}
	stations, err := s.stationsOf(ctx, unit)
	if err != nil || cases+len(stations) == 0 {
		return err
	}
	return fault.New(fault.Unmet, "staff.unit_holds", "cases", cases, "stations", len(stations)).At("successor")
}

// stationsOf are the open units that belong to a unit or that it commands.
func (s *Service) stationsOf(ctx context.Context, unit string) ([]identity.Unit, error) {
	all, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return slices.DeleteFunc(all, func(u identity.Unit) bool {
		return !u.Open(now) || u.Owner != unit && u.Commander != unit
	}), nil
}

// casesOf are the cases that lie with a unit, as many as one look shows.
func (s *Service) casesOf(ctx context.Context, unit string) (out []casework.Row, err error) {
	for _, kind := range unfinished {
		rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Unit: unit, Kind: kind, Limit: 200})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Succession says which unit takes the place of one that is closed.
type Succession struct {
	Token, Reason string
	Successor     string
	People        bool // who works there gets the same posts in the successor
}

// CloseInto closes a unit and gives all that it holds to another: every open case
// by an act of its own, the units stationed under it, and where wished its people.
// It goes on where it was interrupted, and the unit is closed last. Who administers
// both may. Faults: Invalid at successor or reason; Forbidden; Conflict
// identity.unit_has_units.
func (s *Service) CloseInto(ctx context.Context, a identity.Actor, unit string, c Succession) (Handover, error) {
	now := s.Clock.Now()
	out := Handover{ID: db.NewID(now), MadeBy: a.Person, Agreed: a.Person, State: HandoverRunning, Recorded: now}
	u, next, err := s.mayFollow(ctx, a, unit, c.Successor)
	if err != nil {
		return out, err
	}
	if out.Reason, err = text.Clean(c.Reason, mostReason); err != nil {
		return out, fault.Of(err).At("reason")
	}
	if out.Reason == "" {
		return out, fault.New(fault.Invalid, "staff.no_reason").At("reason")
	}
	if out.Items, err = s.itemsOfUnit(ctx, u, next, c.People); err != nil {
		return out, err
	}
	token := c.Token
	if token == "" {
		token = out.ID
	}
	err = s.DB.Commit(ctx, func(tx *db.Tx) error { return insertHandover(tx, out, token) })
	if db.IsUnique(err) { // the form came twice
		return s.handoverBy(ctx, "token", token)
	}
	return out, err
}

// mayFollow finds the unit and its successor: another open unit, not below it,
// both administered by the actor.
func (s *Service) mayFollow(ctx context.Context, a identity.Actor, unit, successor string) (u, next identity.Unit, err error) {
	if u, err = s.People.Unit(ctx, unit); err != nil {
		return u, next, err
	}
	if next, err = s.People.Unit(ctx, successor); err != nil {
		return u, next, fault.Of(err).At("successor")
	}
	now := s.Clock.Now()
	switch {
	case !identity.Administers(a, u.Path) || !identity.Administers(a, next.Path):
		return u, next, identity.NotAdministrator()
	case !u.Open(now) || !next.Open(now) || next.Within(u.Path):
		return u, next, fault.New(fault.Invalid, "staff.no_successor", "unit", next.Words()).At("successor")
	}
	all, err := s.People.Units(ctx)
	for _, below := range all {
		if below.ID != u.ID && below.Within(u.Path) && below.Open(now) {
			return u, next, fault.New(fault.Conflict, "identity.unit_has_units", "n", 1, "unit", below.Name)
		}
	}
	return u, next, err
}

// itemsOfUnit lists what changes hands: people first, so that they go on holding
// their cases; the unit itself last.
func (s *Service) itemsOfUnit(ctx context.Context, u, next identity.Unit, people bool) ([]Item, error) {
	var out []Item
	add := func(kind, thing, label string) {
		out = append(out, Item{N: int64(len(out)), Kind: kind, Thing: thing, Label: label, Receiver: next.ID, State: ItemWaiting})
	}
	if people {
		members, err := s.People.Members(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			add(ItemPost, m.Post.ID, m.Name)
		}
	}
	stations, err := s.stationsOf(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, station := range stations {
		add(ItemStation, station.ID, station.Name)
	}
	cases, err := s.casesOf(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		add(ItemCase, c.ID, c.Number)
	}
	add(ItemClose, u.ID, u.Name)
	return out, nil
}

// moveOfUnit moves one thing of a unit that is closed. What was moved before
// something broke is found moved.
func (s *Service) moveOfUnit(ctx context.Context, by identity.Actor, h Handover, i, closing Item) error {
	switch i.Kind {
	case ItemPost:
		return s.movePost(ctx, by, i)
	case ItemStation:
		return s.moveStation(ctx, by, i, closing.Thing)
	case ItemCase:
		return s.moveCase(ctx, by, h, i.Thing, closing)
	}
	for { // what came meanwhile goes too
		rows, err := s.casesOf(ctx, closing.Thing)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := s.moveCase(ctx, by, h, row.ID, closing); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			break
		}
	}
	if u, err := s.People.Unit(ctx, closing.Thing); err != nil || !u.Open(s.Clock.Now()) {
		return err
	}
	if err := s.People.CloseUnit(ctx, by, closing.Thing); err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error { // nobody is on duty in a unit that is no more
		_, err := tx.Exec(`DELETE FROM staff_roster WHERE unit = $1 AND begins > $2`, closing.Thing, now)
		return err
	})
}

// movePost gives a person the same kind of post in the successor, over the same
// area where that lies within what the successor answers for.
func (s *Service) movePost(ctx context.Context, by identity.Actor, i Item) error {
	m, err := s.People.PostHeld(ctx, i.Thing)
	if fault.Is(err, fault.NotFound) {
		return nil // ended meanwhile
	}
	if err != nil {
		return err
	}
	post := identity.Post{Person: m.Post.Person, Unit: i.Receiver, Kind: m.Post.Kind, Area: m.Post.Area, Until: m.Post.Until}
	_, err = s.People.AddPost(ctx, by, post)
	if f := fault.Of(err); f != nil && f.Key == "identity.area_outside" {
		post.Area = ""
		_, err = s.People.AddPost(ctx, by, post)
	}
	if f := fault.Of(err); f != nil && f.Key == "identity.post_exists" {
		return nil
	}
	return err
}

// moveStation puts a stationed unit under the successor.
func (s *Service) moveStation(ctx context.Context, by identity.Actor, i Item, closed string) error {
	u, err := s.People.Unit(ctx, i.Thing)
	if err != nil || !u.Open(s.Clock.Now()) {
		return err
	}
	if u.Owner == closed {
		u.Owner = i.Receiver
	}
	if u.Commander == closed {
		u.Commander = i.Receiver
	}
	return s.People.ChangeUnit(ctx, by, u)
}

// moveCase gives a case to the successor; its holder keeps it where they work there.
// One that lies elsewhere by now has been moved.
func (s *Service) moveCase(ctx context.Context, by identity.Actor, h Handover, id string, closing Item) error {
	c, _, err := s.Cases.Seen(ctx, identity.SystemActor(), id)
	if err != nil || c.Unit != closing.Thing || c.Kind == procedure.Final {
		return err
	}
	asked := casework.Handing{Case: id, From: c.Person, Unit: closing.Receiver, Reason: h.Reason}
	if c.Person != "" && s.mayReceive(ctx, c.Person, closing.Receiver, "", "to") == nil {
		asked.To = c.Person
	}
	_, err = s.Cases.HandOver(ctx, by, asked)
	return err
}
