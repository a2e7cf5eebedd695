package casework

import (
	"encoding/json"
	"linli/internal/procedure"
	"maps"
	"slices"

	"linli/internal/kit/clock"
)

// The engine's own acts, which every procedure has. Their words stand in the
// text of this room.
const (
	ActAnnul    = "_annul"     // takes back the last state-changing act
	ActErase    = "_erase"     // destroys values with their salts
	ActMask     = "_mask"      // strikes what points to a person out of values, everywhere, and destroys their salts
	ActWarn     = "_warn"      // a clock has reached its warning share
	ActBreach   = "_breach"    // a clock has run out
	ActRecount  = "_recount"   // a calendar was loaded: due dates reckoned again
	ActHanding  = "_hand_over" // the case goes to another person of its unit, or back to the unit
	ActPassOver = "_pass_over" // the leading case passed on what does not fit this case
)

// Fold replays a case's acts in their order. Annulled acts count as never done.
func Fold(acts []ActRow) (*Case, error) {
	annulled := map[string]bool{}
	for _, a := range acts {
		if a.Annuls != "" {
			annulled[a.Annuls] = true
		}
	}
	c := &Case{}
	for _, a := range acts {
		if annulled[a.ID] {
			c.Acts++
			c.Version++
			continue
		}
		if a.Annuls != "" || a.Erases != "" {
			if err := c.repaired(a); err != nil {
				return nil, err
			}
			continue
		}
		if err := c.apply(a); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// repaired counts an annulment or erasure: what they take away is already gone
// from the acts that are folded. Neither is itself annulled, nor what lies
// before it.
func (c *Case) repaired(a ActRow) error {
	c.Acts++
	c.Version++
	c.Changed, c.Happened, c.LastAct = a.Recorded, a.Happened, ""
	set(&c.Title, a.Delta.Title)
	return c.retitle(a.Body[procedure.TitleField])
}

// copy gives a case that can be changed without touching the first.
func (c *Case) copy() *Case {
	out := *c
	out.Values = maps.Clone(c.Values)
	out.Doers = make(map[string][]string, len(c.Doers))
	for act, persons := range c.Doers {
		out.Doers[act] = slices.Clone(persons)
	}
	out.clocks = maps.Clone(c.clocks)
	return &out
}

// apply carries out one act's effect. It is the only code that changes a case,
// live and in replay alike.
func (c *Case) apply(a ActRow) error {
	d := a.Delta
	if d.Opened != nil {
		c.ID, c.Number, c.Procedure, c.Edition = a.CaseID, d.Opened.Number, d.Opened.Procedure, a.Edition
		c.Parent, c.ParentAct, c.Imported, c.Opened = d.Opened.Parent, d.Opened.ParentAct, d.Opened.Imported, a.Recorded
		c.Values, c.Doers, c.clocks = Values{}, map[string][]string{}, map[string]procedure.ClockRow{}
	}
	c.Acts++
	if d.Quiet {
		return nil
	}
	if d.Tick {
		c.Ticks++
	} else {
		c.Version++
		c.Changed, c.Happened, c.LastAct = a.Recorded, a.Happened, a.ID
	}
	c.State = a.To
	if d.MoveTo != 0 {
		c.Edition = d.MoveTo
	}
	if d.Kind != "" {
		c.Kind = d.Kind
	}
	set(&c.Unit, d.Unit)
	set(&c.Person, d.Person)
	set(&c.Desk, d.Desk)
	set(&c.Area, d.Area)
	set(&c.Class, d.Class)
	set(&c.Title, d.Title)
	if err := c.retitle(a.Body[procedure.TitleField]); err != nil {
		return err
	}
	set(&c.Sealed, d.Sealed)
	set(&c.Escalated, d.Escalated)
	set(&c.Leader, d.Leader)
	if d.Followed != nil {
		c.Followed = *d.Followed
	}
	if d.Breach {
		c.Breached++
	}
	if d.Publish {
		c.Published = a.Recorded
	}
	if d.Unpublish {
		c.Published = 0
	}
	if !d.Tick {
		c.Doers[a.Act] = append(c.Doers[a.Act], a.Person)
		if d.For != "" {
			c.Doers[a.Act] = append(c.Doers[a.Act], d.For)
		}
	}
	for _, row := range d.Clocks {
		c.clocks[row.Name] = row
	}
	c.Due = earliest(c.clocks)
	return c.Values.Take(a.Body)
}

// retitle gives the case the title that an act brings.
func (c *Case) retitle(k Kept) error {
	switch {
	case k.Gone != "" && len(k.Value) == 0:
		c.Title = ""
	case len(k.Value) > 0:
		return json.Unmarshal(k.Value, &c.Title)
	}
	return nil
}

func set(to *string, v *string) {
	if v != nil {
		*to = *v
	}
}

// earliest is the first duty date of the running limits.
func earliest(clocks map[string]procedure.ClockRow) (due clock.Instant) {
	for _, k := range clocks {
		if k.Limits() && (due == 0 || k.Duty < due) {
			due = k.Duty
		}
	}
	return due
}
