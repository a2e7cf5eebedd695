package casework

import (
	"linli/internal/procedure"
	"slices"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
)

// clockMoves is what one act does to the clocks of its case.
type clockMoves struct {
	rows    []procedure.ClockRow
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
			row.End(at)
			effect += "-"
		} else if starts && state.Kind != procedure.Final && (def.Value == "" || m.Values.Text(def.Value) != "") {
			if err := row.Begin(def, m.Values.Text, at, had); err != nil {
				return out, err
			}
			effect += "+"
		}
		if row.Live() {
			paused := slices.Contains(def.Pause, to)
			switch {
			case paused && row.Status == procedure.Running:
				row.Status, row.Pauses = procedure.Paused, append(slices.Clone(row.Pauses), procedure.Pause{From: m.Now})
				effect += "="
			case !paused && row.Status == procedure.Paused:
				row.Status, row.Pauses = procedure.Running, slices.Clone(row.Pauses)
				row.Pauses[len(row.Pauses)-1].To = m.Now
				effect += "~"
			}
		}
		if effect == "" {
			continue
		}
		if row.Live() {
			if err := row.Reckon(def, m.Calendars, m.Now); err != nil {
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
		holds = had && (row.Status == procedure.Ended || row.Duty != 0 && m.Happened >= row.Duty)
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
		m.extended = map[string]procedure.ClockRow{}
	}
	m.extended[parts[1]] = row
	return nil
}
