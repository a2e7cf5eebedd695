package casework

import (
	"context"
	"errors"
	"linli/internal/procedure"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// scanBatch is how many due clocks one look takes.
const scanBatch = 200

// Scan looks at every clock whose moment has come and does what its procedure
// says: warn, tell the unit above, perform an act. It goes on until none is
// left, so that no number of open cases hides one. It returns how many clocks
// it moved.
func (s *Service) Scan(ctx context.Context) (moved int, err error) {
	type due struct{ id, name string }
	after := due{}
	for {
		now := s.Clock.Now()
		rows, err := s.DB.Reader().Rows(ctx, `SELECT case_id, name FROM casework_clock WHERE next > 0 AND next <= $1
			AND (case_id, name) > ($2, $3) ORDER BY case_id, name LIMIT $4`, now, after.id, after.name, scanBatch)
		if err != nil {
			return moved, err
		}
		var batch []due
		for rows.Next() {
			var d due
			if err := rows.Scan(&d.id, &d.name); err != nil {
				rows.Close()
				return moved, err
			}
			batch = append(batch, d)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return moved, err
		}
		if len(batch) == 0 {
			return moved, nil
		}
		for _, d := range batch {
			after = d
			if did, err := s.tick(ctx, d.id, d.name, now); err != nil {
				// One poisonous case must not hide the others; it stays due and is seen again.
				s.Log.Error("clock could not be moved", "case", d.id, "clock", d.name, "error", err)
			} else if did {
				moved++
			}
		}
	}
}

// tick moves one clock of one case.
func (s *Service) tick(ctx context.Context, id, name string, now clock.Instant) (bool, error) {
	for try := 0; try < mostTries; try++ {
		c, err := s.load(ctx, id)
		if err != nil {
			return false, err
		}
		k, had := c.clocks[name]
		if !had || k.Next == 0 || k.Next > now {
			return false, nil
		}
		plans, err := s.planTick(ctx, c, k)
		if err != nil {
			return false, err
		}
		_, err = s.commit(ctx, identity.SystemActor(), db.Once{}, plans)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, errAgain) {
			return false, err
		}
	}
	return false, fault.New(fault.Busy, "casework.busy", "seconds", 1)
}

// planTick decides between a warning, a breach and the end of a least time.
func (s *Service) planTick(ctx context.Context, c *Case, k procedure.ClockRow) ([]*plan, error) {
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, err
	}
	def := p.Clock(k.Name)
	warning := k.WarnAt != 0 && !k.Warned && k.Breaches == 0 && k.Next == k.WarnAt && k.Next < k.Duty
	// A case that stands where the act does not begin is only marked: better a
	// breach that people see than an act that fails at every look.
	performs := def.Perform != "" && slices.Contains(p.Act(def.Perform).From, c.State)
	if !warning && performs && (k.Kind == law.AtLeast || !def.Escalate || k.Breaches > 0) {
		return s.performed(ctx, c, def.Perform, "clock", "", "", identity.SystemActor(), Values{})
	}
	act := &procedure.Act{Name: ActBreach, From: []string{c.State}, Clock: true}
	if warning {
		act.Name = ActWarn
	}
	m, err := s.begin(ctx, c, act, p, c.Edition, identity.SystemActor())
	if err != nil {
		return nil, err
	}
	m.Role, m.Happened, m.to = "clock", m.Now, c.State
	m.delta.Tick = true
	effect := "?"
	if warning {
		k.Warned = true
		m.Tell(Told{Unit: c.Unit, Person: c.Person})
	} else {
		effect = "!"
		k.Breaches++
		m.delta.Breach = true
		if err := s.escalate(ctx, m, &k, def); err != nil {
			return nil, err
		}
	}
	if k.Next != 0 || warning {
		k.Next = k.Look(def, m.Calendars, m.Now)
	}
	m.delta.Clocks, m.delta.Effects = []procedure.ClockRow{k}, []string{effect + k.Name}
	return s.finishTick(m)
}

// escalate tells the unit above the holder, and one level further up with each
// further breach; at the root it ends.
func (s *Service) escalate(ctx context.Context, m *Moment, k *procedure.ClockRow, def *procedure.Clock) error {
	if !def.Escalate {
		return nil
	}
	at := m.Case.Escalated
	if k.Breaches == 1 || at == "" {
		at = m.Case.Unit
	}
	if at == "" { // nobody holds it: whoever's desk it lies on in the area
		units, err := s.People.UnitsWith(ctx, m.Case.Desk, m.Case.Area)
		if err != nil {
			return err
		}
		for _, u := range units {
			m.Tell(Told{Unit: u})
		}
		if len(units) == 0 {
			return nil
		}
		at = units[0]
	} else {
		m.Tell(Told{Unit: m.Case.Unit, Person: m.Case.Person})
	}
	u, err := s.People.Unit(ctx, at)
	if err != nil {
		return err
	}
	if u.Parent == "" {
		k.Next = 0 // nobody is above; it stays overdue in every list
		m.delta.Escalated = &u.ID
		m.Tell(Told{Unit: u.ID})
		return nil
	}
	m.delta.Escalated = &u.Parent
	m.Tell(Told{Unit: u.Parent})
	return nil
}

// finishTick writes the plan of an act of the engine's clocks.
func (s *Service) finishTick(m *Moment) ([]*plan, error) {
	p := &plan{before: m.Case, order: 1}
	m.delta.Kind = m.Case.Kind
	p.row = ActRow{ID: db.NewID(m.Now), CaseID: m.Case.ID, Act: m.Act.Name, From: m.Case.State, To: m.Case.State, Role: m.Role, Happened: m.Now,
		Recorded: m.Now, Edition: m.Edition}
	if err := s.seal(p, m); err != nil {
		return nil, err
	}
	if err := p.settle(m.Procedure); err != nil {
		return nil, err
	}
	return []*plan{p}, nil
}

// Recount reckons the dates of every running clock again, after a year's
// calendar was loaded. It returns how many dates changed.
func (s *Service) Recount(ctx context.Context) (changed int, err error) {
	after := ""
	for {
		rows, err := s.DB.Reader().Rows(ctx, `SELECT DISTINCT case_id FROM casework_clock WHERE status = 'running' AND case_id > $1 ORDER BY case_id LIMIT $2`, after, scanBatch)
		if err != nil {
			return changed, err
		}
		var ids []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return changed, err
			}
			ids = append(ids, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return changed, err
		}
		if len(ids) == 0 {
			return changed, nil
		}
		for _, id := range ids {
			after = id
			n, err := s.recount(ctx, id)
			if err != nil {
				return changed, err
			}
			changed += n
		}
	}
}

func (s *Service) recount(ctx context.Context, id string) (int, error) {
	for try := 0; try < mostTries; try++ {
		c, err := s.load(ctx, id)
		if err != nil {
			return 0, err
		}
		p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
		if err != nil {
			return 0, err
		}
		m, err := s.begin(ctx, c, &procedure.Act{Name: ActRecount, From: []string{c.State}, Clock: true}, p, c.Edition, identity.SystemActor())
		if err != nil {
			return 0, err
		}
		m.Role, m.Happened, m.to, m.delta.Tick = "clock", m.Now, c.State, true
		for _, k := range c.clocks {
			before := k
			if k.Status != procedure.Running {
				continue
			}
			if err := k.Reckon(p.Clock(k.Name), m.Calendars, m.Now); err != nil {
				return 0, err
			}
			if k.Duty != before.Duty || k.Acceptance != before.Acceptance || k.Provisional != before.Provisional {
				m.delta.Clocks = append(m.delta.Clocks, k)
			}
		}
		if len(m.delta.Clocks) == 0 {
			return 0, nil
		}
		plans, err := s.finishTick(m)
		if err != nil {
			return 0, err
		}
		if _, err = s.commit(ctx, identity.SystemActor(), db.Once{}, plans); err == nil {
			return len(m.delta.Clocks), nil
		} else if !errors.Is(err, errAgain) {
			return 0, err
		}
	}
	return 0, fault.New(fault.Busy, "casework.busy", "seconds", 1)
}
