package casework

import (
	"linli/internal/procedure"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// limits reports whether the clock is a limit whose date somebody must keep now.
func (k ClockRow) limits() bool {
	return k.Kind != law.AtLeast && k.Status == Running && k.Duty != 0
}

// Live reports whether the clock has begun and not ended.
func (k ClockRow) Live() bool { return k.Status == Running || k.Status == Paused }

// reckon works out the clock's dates and when the scan must look at it. now is
// the moment of the act that changes it.
func (k *ClockRow) reckon(def *procedure.Clock, cal law.Calendars, now clock.Instant) error {
	at := law.Clock{Start: k.Start, Length: k.N + k.Extended, Unit: k.Unit, Kind: k.Kind}
	for _, p := range k.Pauses {
		at.Pauses = append(at.Pauses, law.Pause{From: p.From, To: p.To})
	}
	m, err := law.DueAt(cal, at)
	if err != nil {
		return err
	}
	k.Duty, k.Acceptance, k.Provisional = m.Duty, m.Acceptance, m.Provisional
	k.WarnAt, k.Next = 0, 0
	if k.Status != Running || m.Held {
		return nil
	}
	if def.Warn > 0 && k.Kind == law.AtMost {
		k.WarnAt = law.WarnAt(cal, k.Unit, k.Start, k.Duty, at.Pauses, def.Warn)
	}
	k.Next = k.next(def, cal, now)
	return nil
}

// next is when the scan must look again: at the warning, at the end, and after
// a breach level by level until nobody is above.
func (k *ClockRow) next(def *procedure.Clock, cal law.Calendars, now clock.Instant) clock.Instant {
	acts := def.Perform != "" || def.Escalate
	switch {
	case k.Kind == law.BackFrom || k.Kind == law.AtLeast && def.Perform == "":
		return 0
	case k.WarnAt != 0 && !k.Warned && k.Breaches == 0:
		return k.WarnAt
	case k.Breaches == 0 && acts:
		return k.Duty
	case k.Breaches == 0 || !def.Escalate:
		return 0
	case k.Unit == law.Hour:
		return now.Add(time.Duration(k.N) * time.Hour)
	}
	return cal.Next(now.Day() + 1).End()
}

// clockMoves is what one act does to the clocks of its case.
type clockMoves struct {
	rows    []ClockRow
	effects []string // for the public envelope: "+handle", "-handle", "=handle" (paused), "~handle" (goes on), ">handle" (extended)
}

// moveClocks starts, pauses, resumes and ends the clocks of the case for an act
// that leads from one state to another. A running clock is never started again:
// a later start only gives it its new length.
func moveClocks(m *Moment, act, to string) (clockMoves, error) {
	var out clockMoves
	state := m.Procedure.State(to)
	for _, def := range m.Procedure.Clocks {
		row, had := m.Case.clocks[def.Name]
		before := row
		ends := slices.Contains(def.Until, act) || state.Kind == procedure.Final
		starts := slices.Contains(def.From, act) || m.Act.Opening() && slices.Contains(def.From, "opened")
		at := m.Now
		if def.Happened {
			at = m.Happened
		}
		effect := ""
		if longer, ok := m.extended[def.Name]; ok {
			row, effect = longer, ">"
		}
		if had && row.Live() && ends {
			row.end(at)
			effect += "-"
		} else if starts && state.Kind != procedure.Final {
			if err := row.begin(def, m, at, had); err != nil {
				return out, err
			}
			effect += "+"
		}
		if row.Live() {
			paused := slices.Contains(def.Pause, to)
			switch {
			case paused && row.Status == Running:
				row.Status, row.Pauses = Paused, append(slices.Clone(row.Pauses), Pause{From: m.Now})
				effect += "="
			case !paused && row.Status == Paused:
				row.Status, row.Pauses = Running, slices.Clone(row.Pauses)
				row.Pauses[len(row.Pauses)-1].To = m.Now
				effect += "~"
			}
		}
		if effect == "" {
			continue
		}
		if row.Live() {
			if err := row.reckon(def, m.Calendars, m.Now); err != nil {
				return out, err
			}
		}
		if before.Name == "" && row.Status == "" {
			continue
		}
		out.rows, out.effects = append(out.rows, row), append(out.effects, effect+def.Name)
	}
	return out, nil
}

func (k *ClockRow) end(at clock.Instant) {
	k.Status, k.EndedAt, k.Next = Ended, at, 0
}

// begin starts the clock, or gives a running one the length that holds now.
func (k *ClockRow) begin(def *procedure.Clock, m *Moment, at clock.Instant, had bool) error {
	length := def.Length
	if def.Value != "" {
		l, err := procedure.ParseLength(m.Values.Text(def.Value))
		if err != nil {
			return fault.New(fault.Invalid, "procedure.value_length", "field", def.Value).At(def.Value)
		}
		length = l
	}
	fresh := !had || !k.Live()
	if fresh {
		*k = ClockRow{Name: def.Name, Status: Running, Kind: def.Kind, Start: at}
	}
	k.N, k.Unit = length.N, length.Unit
	if def.Back != "" {
		day, err := clock.ParseDay(m.Values.Text(def.Back))
		if err != nil {
			return fault.New(fault.Invalid, "procedure.value_day", "field", def.Back).At(def.Back)
		}
		k.Start = day.Start()
	}
	return nil
}

// checkClock answers clock.NAME.running, .ended and .kept at the moment the act
// happened.
func (m *Moment) checkClock(name, what string) error {
	row, had := m.Case.clocks[name]
	def := m.Procedure.Clock(name)
	holds := false
	switch what {
	case "running":
		holds = had && row.Live() && (row.Duty == 0 || m.Happened < row.Duty)
	case "ended":
		holds = had && (row.Status == Ended || row.Duty != 0 && m.Happened >= row.Duty)
	case "kept":
		holds = had && row.Duty != 0 && m.Happened < row.Duty
	}
	if holds {
		return nil
	}
	f := fault.New(fault.Unmet, "casework.clock_"+what, "clock", def.Words)
	if row.Duty != 0 {
		last := row.Duty
		if what != "ended" {
			last-- // a limit ends with its last day; what has to end first may be done from the day after
		}
		f.Args["day"] = last.Day()
	} else {
		f.Key = "casework.clock_none"
	}
	return f.Under(def.Norm)
}

// extend carries out clock.NAME.extend.FIELD.
func (m *Moment) extend(name string) error {
	parts := strings.Split(name, ".")
	row, had := m.Case.clocks[parts[1]]
	if !had || !row.Live() {
		return fault.New(fault.Unmet, "casework.clock_none", "clock", m.Procedure.Clock(parts[1]).Words)
	}
	by, _ := m.Values[parts[3]].(int64)
	if by < 1 {
		text, err := strconv.Atoi(m.Values.Text(parts[3]))
		if err != nil || text < 1 {
			return fault.New(fault.Invalid, "procedure.value_number", "field", parts[3]).At(parts[3])
		}
		by = int64(text)
	}
	row.Extended += int(by)
	row.Warned = false
	if m.extended == nil {
		m.extended = map[string]ClockRow{}
	}
	m.extended[parts[1]] = row
	return nil
}
