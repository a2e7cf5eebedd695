package coordination

import (
	"context"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// repeats is how far back whistles on the same kind of matter are counted.
const repeats = 365 * 24 * time.Hour

// offerWhistle registers what the procedures of the whistle name.
func (s *Service) offerWhistle(cases *casework.Service) {
	for name, check := range map[string]casework.Check{"may_whistle": s.mayWhistle, "linked": s.linkedSeen, "cites": s.cites, "no_own_part": s.noOwnPart,
		"may_redirect": s.mayRedirect, "still_there": s.stillThere, "may_succeed": s.maySucceed} {
		cases.RegisterCheck("coordination."+name, check)
	}
	for name, effect := range map[string]casework.Effect{"wish": s.wish, "whistle": s.whistle, "emergency": s.emergency, "own_ask": s.ownAsk,
		"tell_called": s.tellCalled, "reckon": s.reckon, "called_wrongly": s.calledWrongly} {
		cases.RegisterEffect("coordination."+name, effect)
	}
}

// whistling finds who calls and who decides: the street or township of the doer,
// also where they sit in one of its offices. Fault: Unmet at area where the doer
// belongs to none.
func (s *Service) whistling(ctx context.Context, m *casework.Moment) (whistling, error) {
	w := whistling{area: m.Area(), now: m.Now}
	id := m.Case.Values.Text("caller")
	if id == "" {
		id = m.Post.Unit
	}
	var err error
	if w.caller, err = s.People.Unit(ctx, id); err != nil {
		return w, err
	}
	for {
		level, err := s.Duty.Level(ctx, w.caller)
		if err != nil {
			return w, err
		}
		if level != duty.LevelStreet {
			return w, fault.New(fault.Unmet, "coordination.not_a_street", "unit", w.caller.Words()).At("area")
		}
		if w.county, err = s.People.Unit(ctx, w.caller.Parent); err != nil {
			return w, fault.New(fault.Unmet, "coordination.not_a_street", "unit", w.caller.Words()).At("area").Because(err)
		}
		if level, err = s.Duty.Level(ctx, w.county); err != nil || level == duty.LevelCounty {
			return w, err
		}
		w.caller = w.county
	}
}

// mayWhistle holds who is called to departments and stationed units of the same
// county that answer for the place and do not belong to the caller, asks something
// of each, and by a day that is still to come. Faults: Invalid at departments, asks
// or by.
func (s *Service) mayWhistle(ctx context.Context, m *casework.Moment) error {
	w, err := s.whistling(ctx, m)
	if err != nil {
		return err
	}
	called, err := s.calledUnits(ctx, m.Values.List("departments"))
	if err != nil {
		return err
	}
	if len(called) == 0 {
		return fault.New(fault.Invalid, "coordination.no_receiver").At("departments")
	}
	for _, u := range called {
		if err := s.mayCall(ctx, w, u); err != nil {
			return fault.Of(err).At("departments")
		}
	}
	if by, given := dayOf(m.Values, "by"); given && deliverWithin(m.Now, by) == "" {
		return fault.New(fault.Invalid, "coordination.in_past", "day", by).At("by")
	}
	all, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	if stray := strays(m.Values.Text("asks"), called, all); stray != nil {
		return fault.New(fault.Invalid, "coordination.asks_stray", "unit", stray.Words()).At("asks")
	}
	asked := splitAsks(m.Values.Text("asks"), among(called))
	for _, u := range called {
		if asked.of(u.ID) == "" {
			return fault.New(fault.Invalid, "coordination.asks_nothing", "unit", u.Words()).At("asks")
		}
	}
	return nil
}

func (s *Service) mayCall(ctx context.Context, w whistling, u identity.Unit) error {
	level, err := s.Duty.Level(ctx, u)
	if err != nil {
		return err
	}
	if f := w.callable(u, level); f != nil {
		return f
	}
	return nil
}

func (s *Service) calledUnits(ctx context.Context, ids []string) ([]identity.Unit, error) {
	var out []identity.Unit
	for _, id := range ids {
		u, err := s.People.Unit(ctx, id)
		if err != nil {
			return nil, fault.Of(err).At("departments")
		}
		out = append(out, u)
	}
	return out, nil
}

func dayOf(v casework.Values, field string) (clock.Day, bool) {
	d, err := clock.ParseDay(v.Text(field))
	return d, err == nil && v.Text(field) != ""
}

// linkedSeen holds linked cases to such as exist and the doer may see: a number is
// no way to find out whether a case is there. Fault: Invalid at linked.
func (s *Service) linkedSeen(ctx context.Context, m *casework.Moment) error {
	all := LinkedNumbers(m.Values.Text("linked"))
	if len(all) > mostLinked {
		return fault.New(fault.Invalid, "procedure.value_too_many", "most", mostLinked).At("linked")
	}
	for _, n := range all {
		if _, _, err := s.Cases.Seen(ctx, m.Actor, n); fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "coordination.no_linked", "number", n).At("linked")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// wish notes which community asks.
func (s *Service) wish(ctx context.Context, m *casework.Moment) error {
	m.Set("wisher", m.Post.Unit)
	return s.placed(ctx, m)
}

// whistle notes who calls and who decides, puts the asks under the full names of the
// departments, finds the place, and counts how often the caller called on such a
// matter within a year: what comes again and again belongs in the list.
func (s *Service) whistle(ctx context.Context, m *casework.Moment) error {
	w, err := s.whistling(ctx, m)
	if err != nil {
		return err
	}
	m.Set("caller", w.caller.ID)
	m.Set("county", w.county.ID)
	m.Set("emergency", m.Values.Text("kind") == Emergency)
	if w.caller.ID != m.Post.Unit { // an office of the street calls for the street
		person := m.Actor.Person
		if m.For != "" {
			person = m.For
		}
		m.HoldBy(w.caller, person)
	}
	called, err := s.calledUnits(ctx, m.Values.List("departments"))
	if err != nil {
		return err
	}
	asked := splitAsks(m.Values.Text("asks"), among(called))
	m.Set("asks", strings.Join(asked.order, "\n"))
	if err := s.placed(ctx, m); err != nil {
		return err
	}
	return s.earlier(ctx, m, w.caller.ID)
}

// earlier counts the caller's whistles on the class within a year, in whatever state
// they are but such as were not approved or taken back.
func (s *Service) earlier(ctx context.Context, m *casework.Moment, caller string) error {
	class := m.Values.Text("class")
	if class == "" {
		return nil
	}
	n := int64(0)
	for f := (casework.Filter{Procedure: Whistles, Class: class, Field: "caller", Value: caller, Limit: mostListed}); ; {
		rows, next, err := s.Cases.List(ctx, identity.SystemActor(), f)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.ID != m.Case.ID && row.State != "refused" && row.State != "taken_back" && m.Now.Sub(row.Opened) <= repeats {
				n++
			}
		}
		if f.After = next; next == "" {
			break
		}
	}
	m.Set("earlier", n)
	return nil
}

// placed puts the place on the map: a point into its grid, words that name one known
// place to its point. Fault: Invalid at place where the point lies elsewhere.
func (s *Service) placed(ctx context.Context, m *casework.Moment) error {
	p, given := m.Given["place"].(procedure.Place)
	if !given || s.Areas == nil {
		return nil
	}
	if !p.Point() && p.Words != "" {
		found, err := s.Areas.Find(ctx, p.Words, m.Area(), 2)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
		if len(found) > 0 && found[0].Name == p.Words && found[0].Point != nil {
			p.Lon, p.Lat = found[0].Point.Lon, found[0].Point.Lat
		}
	}
	if p.Point() {
		at, err := s.Areas.Locate(ctx, area.Point{Lon: p.Lon, Lat: p.Lat}, p.Meters)
		if err != nil {
			return fault.Of(err).At("place")
		}
		p.Status = string(at.Status)
		if at.Status == area.Inside {
			if p.Area = at.Grid; !area.Under(at.Grid, m.Area()) {
				return fault.New(fault.Invalid, "coordination.place_elsewhere", "place", p.Words).At("place")
			}
		}
	}
	m.Set("place", p)
	return nil
}

func (s *Service) emergency(_ context.Context, m *casework.Moment) error {
	m.Set("kind", Emergency)
	return nil
}

// ownAsk leaves to a department what is asked of it, and starts its time to deliver.
func (s *Service) ownAsk(ctx context.Context, m *casework.Moment) error {
	m.Set("department", m.Each)
	all, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	asked := splitAsks(m.Values.Text("asks"), func(name string) *identity.Unit { return exactly(name, all) }) // the whistle has full names
	m.Set("asks", asked.of(m.Each))
	if by, given := dayOf(m.Values, "by"); given {
		m.Set("deliver_within", deliverWithin(m.Now, by))
	}
	return nil
}

// cites holds a department that says it is not its matter to an item that stands in
// a list for the place. Fault: Invalid at item.
func (s *Service) cites(ctx context.Context, m *casework.Moment) error {
	item := m.Values.Text("item")
	_, err := s.Duty.Item(ctx, item, m.Case.Area, m.Now.Day())
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "coordination.no_item", "item", item).At("item")
	}
	return err
}

// tellCalled tells every department that was called and not let go.
func (s *Service) tellCalled(ctx context.Context, m *casework.Moment) error {
	all, err := s.callsOf(ctx, m.Case.ID)
	for _, c := range all {
		if c.State != "excused" && c.State != "released" {
			m.Tell(casework.Told{Unit: c.Unit})
		}
	}
	return err
}

// reckon names at the end who owes what, and says whether the departments were
// rightly called.
func (s *Service) reckon(ctx context.Context, m *casework.Moment) error {
	all, err := s.callsOf(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	m.Set("rightly", rightly(all))
	var lines []string
	for _, lang := range []string{text.Chinese, text.English} {
		for _, c := range all {
			if c.Kind == procedure.Final {
				continue
			}
			u, err := s.People.Unit(ctx, c.Unit)
			if err != nil {
				return err
			}
			lines = append(lines, s.Book().Say(lang, "coordination.owed", map[string]any{"unit": u.Words().In(lang), "state": c.Words.In(lang), "asks": strings.ReplaceAll(c.Values.Text("asks"), "\n", " / ")}))
		}
	}
	if len(lines) > 0 {
		m.Set("owed", strings.Join(lines, "\n"))
	}
	return nil
}

func (s *Service) calledWrongly(ctx context.Context, m *casework.Moment) error {
	m.Set("rightly", rightlyNone)
	return s.tellCalled(ctx, m)
}

// noOwnPart keeps from deciding who belongs to the department or to the caller, also
// by another post, and who stands in for such a one. Fault: Forbidden.
func (s *Service) noOwnPart(ctx context.Context, m *casework.Moment) error {
	return s.keptApart(ctx, m, []string{m.Parent.Unit, m.Values.Text("caller")})
}

// stillThere keeps the county from ordering a unit that was closed meanwhile: it
// names another. Fault: Unmet.
func (s *Service) stillThere(ctx context.Context, m *casework.Moment) error {
	u, err := s.People.Unit(ctx, m.Parent.Unit)
	if err == nil && !u.Open(m.Now) {
		err = fault.New(fault.Unmet, "coordination.called_closed", "unit", u.Words())
	}
	return err
}

// mayRedirect holds whom the county calls instead to who could have been called, and
// was not: neither the caller nor anybody the whistle has gone through. Faults:
// Invalid at instead.
func (s *Service) mayRedirect(ctx context.Context, m *casework.Moment) error {
	w := whistling{now: m.Now, area: m.Case.Area}
	u, err := s.People.Unit(ctx, m.Values.Text("instead"))
	if err != nil {
		return fault.Of(err).At("instead")
	}
	if w.caller, err = s.People.Unit(ctx, m.Values.Text("caller")); err != nil {
		return err
	}
	if w.county, err = s.People.Unit(ctx, m.Parent.Values.Text("county")); err != nil {
		return err
	}
	if err := s.mayCall(ctx, w, u); err != nil {
		return fault.Of(err).At("instead")
	}
	all, err := s.callsOf(ctx, m.Parent.Parent)
	if err != nil {
		return err
	}
	_, _, history, err := s.Cases.History(ctx, m.Parent.ID)
	if err != nil {
		return err
	}
	if slices.Contains(chain(all, history), u.ID) {
		return fault.New(fault.Invalid, "coordination.in_chain", "unit", u.Words()).At("instead")
	}
	return nil
}

// maySucceed lets a whistle go over to another street only where the caller was
// closed. Faults: Unmet, Invalid at caller.
func (s *Service) maySucceed(ctx context.Context, m *casework.Moment) error {
	old, err := s.People.Unit(ctx, m.Case.Values.Text("caller"))
	if err != nil {
		return err
	}
	if old.Open(m.Now) {
		return fault.New(fault.Unmet, "coordination.caller_stands", "unit", old.Words())
	}
	u, err := s.People.Unit(ctx, m.Values.Text("caller"))
	if err != nil {
		return fault.Of(err).At("caller")
	}
	county, err := s.People.Unit(ctx, m.Values.Text("county"))
	if err != nil {
		return err
	}
	level, err := s.Duty.Level(ctx, u)
	switch {
	case err != nil:
		return err
	case !u.Open(m.Now):
		return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At("caller")
	case level != duty.LevelStreet || u.Parent != county.ID:
		return fault.New(fault.Invalid, "coordination.not_a_street", "unit", u.Words()).At("caller")
	}
	return nil
}
