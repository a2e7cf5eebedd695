package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Choice says who receives what. A group without a choice stays where it is.
type Choice struct {
	Token    string // of the form: the same one twice is one hand-over
	Reason   string
	Groups   map[string]string // by Group.Key: a person, or Back
	Shifts   string            // a person, "" leaves them
	Deputies bool              // ends the times of standing in
}

// Back gives cases to the unit's desk again.
const Back = "-"

// mostReason bounds a reason, in characters.
const mostReason = 500

// holdsNothing keeps a person from leaving while they hold open cases: nobody
// would notice them.
func (s *Service) holdsNothing(ctx context.Context, person, unit string) error {
	if person == "" {
		return s.unitHoldsNothing(ctx, unit)
	}
	held, err := s.Cases.HeldBy(ctx, person, unit)
	if err != nil || len(held) == 0 {
		return err
	}
	return fault.New(fault.Unmet, "staff.holds_cases", "n", len(held), "number", held[0].Number)
}

// Holding is all that a person holds, for themselves and for who answers for
// them. Cases are counted and numbered; nothing of their content is told. Faults:
// NotFound identity.no_person, Forbidden staff.handover_right.
func (s *Service) Holding(ctx context.Context, a identity.Actor, person string) (Holding, error) {
	h, places, err := s.holding(ctx, person)
	if err == nil && a.Person != person && !identity.AnswersFor(a, places) {
		err = fault.New(fault.Forbidden, "staff.handover_right")
	}
	return h, err
}

// holding reads it, with the places at which somebody may answer for the person:
// their posts, and the units of their cases.
func (s *Service) holding(ctx context.Context, person string) (h Holding, places []identity.Post, err error) {
	if h.Person, err = s.People.Person(ctx, person); err != nil {
		return h, nil, err
	}
	if h.Posts, err = s.People.PostsOf(ctx, person); err != nil {
		return h, nil, err
	}
	for _, m := range h.Posts {
		places = append(places, m.Post)
	}
	held, err := s.Cases.HeldBy(ctx, person, "")
	if err != nil {
		return h, nil, err
	}
	for _, c := range held {
		h.add(c)
	}
	for _, g := range h.Groups {
		u, err := s.People.Unit(ctx, g.Unit)
		if err != nil {
			return h, nil, err
		}
		places = append(places, identity.Post{Person: person, Unit: u.ID, UnitPath: u.Path})
	}
	if h.Shifts, err = s.dutiesOf(ctx, person, s.Clock.Now()); err != nil {
		return h, nil, err
	}
	h.Deputies, err = s.People.Deputies(ctx, person)
	return h, places, err
}

// add puts a case into its group; cases come by procedure and state.
func (h *Holding) add(c casework.Held) {
	i := slices.IndexFunc(h.Groups, func(g Group) bool { return g.Unit == c.Unit && g.Procedure == c.Procedure })
	if i < 0 {
		i = len(h.Groups)
		h.Groups = append(h.Groups, Group{Unit: c.Unit, Procedure: c.Procedure, Title: text.Words(c.Title)})
	}
	g := &h.Groups[i]
	g.Cases, g.Numbers = append(g.Cases, c.ID), append(g.Numbers, c.Number)
	state := text.Words(c.Words)
	if n := len(g.States); n > 0 && g.States[n-1].Words["zh"] == state["zh"] {
		g.States[n-1].N++
		return
	}
	g.States = append(g.States, StateCount{state, 1})
}

// HandOver begins a hand-over. Who answers for the person begins it at once; a
// person's own waits for a second person who does. Faults: Invalid at reason,
// group or shifts; Unmet staff.nothing_chosen; Forbidden.
func (s *Service) HandOver(ctx context.Context, a identity.Actor, person string, c Choice) (Handover, error) {
	h, places, err := s.holding(ctx, person)
	if err != nil {
		return Handover{}, err
	}
	answers := identity.AnswersFor(a, places)
	if a.Person != person && !answers {
		return Handover{}, fault.New(fault.Forbidden, "staff.handover_right")
	}
	now := s.Clock.Now()
	out := Handover{ID: db.NewID(now), Person: person, MadeBy: a.Person, State: HandoverAsked, Recorded: now}
	if a.Person != person {
		out.State, out.Agreed = HandoverRunning, a.Person
	}
	if out.Reason, err = text.Clean(c.Reason, mostReason); err != nil {
		return out, fault.Of(err).At("reason")
	}
	if out.Reason == "" {
		return out, fault.New(fault.Invalid, "staff.no_reason").At("reason")
	}
	if out.Items, err = s.items(ctx, h, c); err != nil {
		return out, err
	}
	if len(out.Items) == 0 {
		return out, fault.New(fault.Unmet, "staff.nothing_chosen")
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

// items are what was chosen, each with its receiver.
func (s *Service) items(ctx context.Context, h Holding, c Choice) ([]Item, error) {
	var out []Item
	add := func(i Item) {
		i.N, i.State = int64(len(out)), ItemWaiting
		out = append(out, i)
	}
	for _, g := range h.Groups {
		to := c.Groups[g.Key()]
		if to == "" {
			continue
		}
		receiver := to
		if to == Back {
			receiver = ""
		} else if err := s.mayReceive(ctx, to, g.Unit, h.Person.ID, "to."+g.Key()); err != nil {
			return nil, err
		}
		for i, id := range g.Cases {
			add(Item{Kind: ItemCase, Thing: id, Label: g.Numbers[i], Receiver: receiver})
		}
	}
	if c.Shifts != "" {
		for _, d := range h.Shifts {
			if err := s.mayReceive(ctx, c.Shifts, d.Unit, h.Person.ID, "shifts"); err != nil {
				return nil, err
			}
			add(Item{Kind: ItemShift, Thing: d.ID, Label: d.Day.String(), Receiver: c.Shifts})
		}
	}
	if c.Deputies {
		for _, d := range h.Deputies {
			add(Item{Kind: ItemDeputy, Thing: d.ID, Label: d.From.Day().String()})
		}
	}
	return out, nil
}

// mayReceive says whether a person works in the unit by a post of their own.
func (s *Service) mayReceive(ctx context.Context, to, unit, from, field string) error {
	if to != from {
		members, err := s.People.Members(ctx, unit)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m identity.Member) bool { return m.Post.Person == to }) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "staff.no_receiver").At(field)
}

// Agree is the second person's word on what somebody hands over of their own.
// Faults: NotFound staff.no_handover, Conflict staff.handover_over, Forbidden.
func (s *Service) Agree(ctx context.Context, a identity.Actor, id string, yes bool) (Handover, error) {
	h, err := s.handoverBy(ctx, "id", id)
	if err != nil {
		return h, err
	}
	_, places, err := s.holding(ctx, h.Person)
	if err != nil {
		return h, err
	}
	if a.Person == h.MadeBy || !identity.AnswersFor(a, places) {
		return h, fault.New(fault.Forbidden, "staff.handover_second")
	}
	state, now := HandoverRunning, s.Clock.Now()
	var finished clock.Instant
	if !yes {
		state, finished = HandoverRefused, now
	}
	err = s.DB.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE staff_handover SET state = $2, agreed = $3, finished = $4 WHERE id = $1 AND state = 'asked'`, id, state, a.Person, finished)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "staff.handover_over")
		}
		return err
	})
	h.State, h.Agreed, h.Finished = state, a.Person, finished
	return h, err
}

// Handover is one hand-over with its items, for the person, who made it and who
// answers for the person.
func (s *Service) Handover(ctx context.Context, a identity.Actor, id string) (Handover, error) {
	h, err := s.handoverBy(ctx, "id", id)
	if err != nil || a.Person != "" && (a.Person == h.Person || a.Person == h.MadeBy || a.Person == h.Agreed) {
		return h, err
	}
	_, places, err := s.holding(ctx, h.Person)
	if err == nil && !identity.AnswersFor(a, places) {
		err = fault.New(fault.NotFound, "staff.no_handover")
	}
	return h, err
}

// workBatch is how many items one round takes.
const workBatch = 50

// Work carries running hand-overs on where they stopped and says how many items
// it moved. It may be called by several at once: every item has its own key and is
// moved once.
func (s *Service) Work(ctx context.Context) (moved int, err error) {
	ids, err := s.running(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		n, err := s.carryOn(ctx, id)
		moved += n
		if err != nil {
			// One that fails must not keep the others; it is tried again at the next look.
			s.Log.ErrorContext(ctx, "a hand-over waits", "handover", id, "error", err)
		}
		if ctx.Err() != nil {
			return moved, ctx.Err()
		}
	}
	return moved, nil
}

func (s *Service) carryOn(ctx context.Context, id string) (moved int, err error) {
	for {
		h, err := s.handoverBy(ctx, "id", id)
		if err != nil || h.State != HandoverRunning {
			return moved, err
		}
		waiting := slices.DeleteFunc(slices.Clone(h.Items), func(i Item) bool { return i.State != ItemWaiting })
		if len(waiting) == 0 {
			now := s.Clock.Now()
			return moved, s.DB.Commit(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE staff_handover SET state = 'done', finished = $2 WHERE id = $1 AND state = 'running'`, id, now)
				return err
			})
		}
		by, err := s.People.Actor(ctx, h.Agreed)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return moved, err
		}
		for _, i := range waiting[:min(len(waiting), workBatch)] {
			if err := s.move(ctx, by, h, i); err != nil {
				return moved, err
			}
			moved++
		}
	}
}

// move moves one item. What people can mend is noted at the item and the next one
// follows; what the machinery lacks is tried again later.
func (s *Service) move(ctx context.Context, by identity.Actor, h Handover, i Item) error {
	var err error
	closing := h.Closing()
	switch {
	case closing != nil:
		err = s.moveOfUnit(ctx, by, h, i, *closing)
	case i.Kind == ItemCase:
		_, err = s.Cases.HandOver(ctx, by, casework.Handing{Case: i.Thing, From: h.Person, To: i.Receiver, Reason: h.Reason, Key: fmt.Sprintf("%s.%s", h.ID, i.Thing)})
	case i.Kind == ItemShift:
		err = s.giveShift(ctx, i.Thing, h.Person, i.Receiver)
	case i.Kind == ItemDeputy:
		if _, err = s.People.EndDeputy(ctx, by, i.Thing); fault.Is(err, fault.NotFound) {
			err = nil // over already
		}
	}
	i.State = ItemDone
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal || f.Kind == fault.Busy || errors.Is(err, context.Canceled) {
			return err
		}
		i.State, i.Fault = ItemFailed, f.Key
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE staff_handover_item SET state = $3, fault = $4 WHERE handover = $1 AND n = $2 AND state = 'waiting'`, h.ID, i.N, i.State, i.Fault)
		return err
	})
}
