package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/procedure"
	"linli/internal/request"
)

// step plays the next step of a case and says when the one after it comes.
func (f *filling) step(ctx context.Context, r *run) error {
	s := r.story.steps[r.next]
	if s.Opens != "" {
		if err := f.open(ctx, r, s); err != nil {
			return err
		}
		return f.turn(ctx, r)
	}
	target := r.id
	if s.On != "" {
		if target = r.children[s.On]; target == "" {
			return fmt.Errorf("no %s was opened", s.On)
		}
	}
	c, err := f.look(ctx, target)
	if err != nil {
		return err
	}
	who, err := f.cast.who(r, c, s.Who)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Who, err)
	}
	if s.Act == "dispatch" && !r.sorted {
		r.sorted = true
		if did, err := f.sortOut(ctx, r, c, who); did || err != nil {
			r.at = f.hand.Now().Add(r.length(stretch{time.Minute, 4 * time.Minute}))
			return err
		}
	}
	if err := f.act(ctx, r, s, c, who); err != nil {
		return err
	}
	return f.turn(ctx, r)
}

// act carries out a step.
func (f *filling) act(ctx context.Context, r *run, s *storyStep, c *casework.Case, who identity.Actor) error {
	if err := f.suggested(ctx, r, s, c); err != nil {
		return err
	}
	f.acts++
	if s.Reveals != "" {
		_, err := f.Cases.Reveal(ctx, who, c.ID, s.Reveals, f.fill(r, "{purpose}"))
		return err
	}
	q := casework.Asking{Case: c.ID, Act: s.Act, Values: map[string]any{}}
	for name, v := range s.With {
		if v = f.filled(r, v); v != "" {
			q.Values[name] = v
		}
	}
	switch s.Act {
	case casework.ActAnnul, casework.ActErase:
		q.Reason, _ = q.Values["reason"].(string)
		fields, _ := q.Values["fields"].([]any)
		for _, x := range fields {
			q.Fields = append(q.Fields, fmt.Sprint(x))
		}
		q.Values = nil
	default:
		if err := f.attach(ctx, r, s, q.Values); err != nil {
			return err
		}
	}
	if s.Earlier.to > 0 {
		q.Happened = max(f.hand.Now().Add(-r.length(s.Earlier)), c.Happened)
	}
	receipt, err := f.Cases.Do(ctx, who, q)
	if err != nil {
		return err
	}
	r.did = who.Person
	for _, id := range receipt.Children {
		child, err := f.look(ctx, id)
		if err != nil {
			return err
		}
		r.children[child.Procedure] = id
	}
	return nil
}

// look sees a case as the house sees it.
func (f *filling) look(ctx context.Context, id string) (*casework.Case, error) {
	v, err := f.Cases.Get(ctx, identity.SystemActor(), id)
	if err != nil {
		return nil, err
	}
	return v.Case, nil
}

// turn goes on to the next step: after a stretch, or by the dates of the clocks
// that run now, in the hours of who does it. What can be done in time is not put
// off past its date for the hour's sake.
func (f *filling) turn(ctx context.Context, r *run) error {
	if r.next++; r.next >= len(r.story.steps) {
		return nil
	}
	s, now := r.story.steps[r.next], f.hand.Now()
	w := s.When
	if w.clock == "" {
		if w.to == 0 {
			w.stretch = stretch{5 * time.Minute, 30 * time.Minute}
		}
		r.at = f.script.hoursOf(s.Who).opens(f.calendar, r.draw, now.Add(max(r.length(w.stretch), time.Second)))
		return nil
	}
	id := r.id
	if s.On == request.Procedure { // by the clocks of what was sent up
		id = r.children[s.On]
	}
	c, err := f.look(ctx, id)
	if err != nil {
		return err
	}
	k, runs := c.Clocks()[w.clock]
	if !runs {
		return fmt.Errorf("there is no clock %s", w.clock)
	}
	r.at = f.byClock(r, s, k, now)
	return nil
}

// byClock is the time of a step by the date of a clock.
func (f *filling) byClock(r *run, s *storyStep, k procedure.ClockRow, now clock.Instant) clock.Instant {
	open := f.script.hoursOf(s.Who)
	if !s.When.share {
		return open.opens(f.calendar, r.draw, max(k.Duty, now).Add(r.length(s.When.stretch)))
	}
	left := k.Duty.Sub(now)
	at := now.Add(max((time.Duration(r.between(s.When.lo, s.When.hi) / 100 * float64(left))).Truncate(time.Second), time.Minute))
	opened := open.opens(f.calendar, r.draw, at)
	if opened > k.Duty && at <= k.Duty {
		return at // somebody stays, or comes for it
	}
	return opened
}

// open opens the case of a story.
func (f *filling) open(ctx context.Context, r *run, s *storyStep) error {
	o := casework.Opening{Procedure: s.Opens, Act: s.Act, Values: map[string]any{}}
	for name, v := range s.With {
		if v = f.filled(r, v); v != "" {
			o.Values[name] = v
		}
	}
	who := identity.Actor{Kind: identity.Anyone}
	switch {
	case s.Opens == request.Procedure:
		if door := f.door(r, o.Values); door != "web" {
			who = f.cast.with("", "intake")[0]
		}
		f.report(r, o.Values)
	case s.Opens == request.GridEvent:
		o.Values["words"], o.Values["class"], o.Values["place"] = r.Words, r.Class, f.place(r)
	}
	if s.Who != "resident" {
		var err error
		if who, err = f.cast.who(r, &casework.Case{}, s.Who); err != nil {
			return err
		}
	}
	if err := f.attach(ctx, r, s, o.Values); err != nil {
		return err
	}
	if s.Earlier.to > 0 {
		o.Happened = f.hand.Now().Add(-r.length(s.Earlier))
	}
	f.acts++
	receipt, err := f.Cases.Open(ctx, who, o)
	if err != nil {
		return err
	}
	r.id, r.did = receipt.Case, who.Person
	if receipt.Token != "" {
		party, err := f.Cases.PartyByToken(ctx, seal.HashToken(receipt.Token))
		if err != nil {
			return err
		}
		r.resident = identity.Actor{Kind: identity.Link, Party: party}
	}
	return nil
}

// door draws the door by which a report comes in where the story does not say.
func (f *filling) door(r *run, values map[string]any) string {
	if door, said := values["channel"].(string); said {
		return door
	}
	door := r.of(f.script.Doors)
	values["channel"] = door
	return door
}

// report is what somebody says: in words, mostly with a class, at a place, mostly
// with a number to call.
func (f *filling) report(r *run, values map[string]any) {
	values["words"], values["place"] = r.Words, f.place(r)
	if r.IntN(4) > 0 {
		values["class"] = r.Class
	}
	if r.IntN(4) > 0 || values["channel"] == "phone" {
		values["phone"] = fictitiousPhone(r.draw)
	}
	if values["phone"] == "none" {
		delete(values, "phone")
	}
}

// place is a place as it is told: a point well inside a grid of the community, a
// name, words only, or a point that leaves it open where it is.
func (f *filling) place(r *run) map[string]any {
	told := map[string]any{}
	if n := len(r.Place); n > 0 {
		told["words"] = r.Place[r.IntN(n)]
	}
	how := r.story.Place
	if how == "" {
		how = r.of(f.script.Places)
	}
	if how == "words" && told["words"] == nil {
		how = "inside" // something must be told
	}
	var cells [][2]int
	for row, line := range f.county.Grids.Places {
		for column, code := range line {
			if code == r.community {
				cells = append(cells, [2]int{column, row})
			}
		}
	}
	if how == "words" {
		return told
	}
	if how == "named" || len(cells) == 0 {
		told["area"] = r.community
		return told
	}
	cell := cells[r.IntN(len(cells))]
	nw, size := f.county.corner(cell[0], cell[1]), f.county.Grids.Cell
	lon, lat := nw.Lon+size[0]*r.between(0.12, 0.88), nw.Lat-size[1]*r.between(0.12, 0.88)
	switch how {
	case "border":
		lon = nw.Lon // the side of two grids
		if cell[0] == 0 {
			lon += size[0]
		}
	case "outside":
		lon = f.county.Grids.Origin[0] - size[0]*r.between(5, 8)
	}
	told["lon"], told["lat"], told["datum"], told["meters"] = lon, lat, "WGS-84", r.between(4, 20)
	return told
}

// sortOut has the dispatcher correct class and place before the case is sent
// anywhere, where the report left one open. It says whether there was something.
func (f *filling) sortOut(ctx context.Context, r *run, c *casework.Case, who identity.Actor) (bool, error) {
	values := map[string]any{}
	if c.Class != r.Class {
		values["class"] = r.Class
	}
	if p, _ := c.Values["place"].(procedure.Place); len(p.Area) < len(r.community) {
		values["place"] = map[string]any{"area": r.community}
	}
	if len(values) == 0 {
		return false, nil
	}
	f.acts++
	_, err := f.Cases.Do(ctx, who, casework.Asking{Case: c.ID, Act: "classify", Values: values})
	return true, err
}

// suggested asks the duty list who leads, by which item and with whose help, for
// a step that speaks of it.
func (f *filling) suggested(ctx context.Context, r *run, s *storyStep, c *casework.Case) error {
	if r.names["lead"] != "" || !strings.Contains(fmt.Sprint(s.With), "{lead}") {
		return nil
	}
	place := r.community
	if p, _ := c.Values["place"].(procedure.Place); len(p.Area) > len(place) {
		place = p.Area
	}
	found, err := f.Duty.Suggest(ctx, r.Class, place, f.hand.Now().Day())
	if err != nil {
		return err
	}
	if found.Lead.ID == "" {
		return fault.New(fault.NotFound, found.ReasonKey, "class", r.Class)
	}
	r.names["lead"], r.names["item"] = found.Lead.ID, found.Item.ID
	for _, h := range found.Helpers {
		if h.Unit.ID != "" && h.Unit.ID != found.Lead.ID {
			r.names["helper"] = h.Unit.ID
			break
		}
	}
	return nil
}

// name gives a run what the {names} in its story's values stand for.
func (f *filling) name(r *run) {
	m, day := r.matter, r.at.Day()
	year, quarter := quarterBefore(day)
	r.names = map[string]string{"other": m.Other, "helper": m.Helper, "complained": m.Complained, "contact": m.Contact, "answer": m.Answer,
		"finding": m.Finding, "result": m.Result, "subject": m.Subject, "household": strconv.Itoa(m.Household), "amount": m.Amount,
		"granted": m.Granted, "situation": m.Reason, "contents": m.Contents, "community": r.community, "idnumber": fictitiousID(r.draw),
		"account": fictitiousAccount(r.draw), "phone": fictitiousPhone(r.draw), "period": fmt.Sprintf("%04dQ%d", year, quarter),
		"year": strconv.Itoa(year), "quarter": strconv.Itoa(quarter)}
}

// filled puts names and phrases into a value.
func (f *filling) filled(r *run, v any) any {
	switch v := v.(type) {
	case string:
		return f.fill(r, v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = f.filled(r, x)
		}
		return out
	}
	return v
}

// fill puts in what {name} stands for: of the matter, a phrase, or with "day+26"
// the day so long after today.
func (f *filling) fill(r *run, s string) string {
	for {
		before, rest, found := strings.Cut(s, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return s
		}
		value, known := r.names[name]
		if days, ok := strings.CutPrefix(name, "day+"); ok {
			n, _ := strconv.Atoi(days) // a name that is no number is today
			value = (f.hand.Now().Day() + clock.Day(n)).String()
		} else if phrases := f.script.Phrases[name]; !known && len(phrases) > 0 {
			value = f.fill(r, phrases[r.IntN(len(phrases))])
		}
		s = before + value + after
	}
}
