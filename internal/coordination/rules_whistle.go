package coordination

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// A whistle is between a street or township, the caller, and units of the level
// above it; that level decides what they dispute.
type whistling struct {
	caller, county identity.Unit
	area           string // where the matter lies
	now            clock.Instant
}

// callable says why a unit cannot be called; nil where it can. Whether the matter is
// its business the department answers and the county decides.
// Norm: 北京市街道办事处条例 11, 44.
func (w whistling) callable(u identity.Unit, level string) *fault.Fault {
	switch {
	case !u.Open(w.now):
		return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name)
	case u.Within(w.caller.Path) && u.Owner == "":
		return fault.New(fault.Invalid, "coordination.own_office", "unit", u.Words())
	case w.county.Path == "" || !u.Within(w.county.Path):
		return fault.New(fault.Invalid, "coordination.elsewhere", "unit", u.Words(), "county", w.county.Words())
	case level != duty.LevelCounty || w.caller.Within(u.Path):
		return fault.New(fault.Invalid, "coordination.no_department", "unit", u.Words())
	case u.Area != "" && w.area != "" && !strings.HasPrefix(u.Area, w.area) && !strings.HasPrefix(w.area, u.Area):
		return fault.New(fault.Invalid, "coordination.not_here", "unit", u.Words())
	}
	return nil
}

// asks is what is asked of the departments called: of one alone, and of all.
type asks struct {
	common []string
	own    map[string][]string // by unit
	order  []string            // the lines as they came, those of one department under its full name
}

// mostName is how far into a line the name of a department is looked for.
const mostName = 40

// splitAsks reads what is asked, a line each. A line that begins with the name of a
// department and a colon is for that one alone; find says whom a name means.
func splitAsks(text string, find func(name string) *identity.Unit) asks {
	out := asks{own: map[string][]string{}}
	for _, line := range pieces(text, find) {
		name, rest := addressed(line)
		to := find(name)
		switch {
		case to == nil:
			out.common, out.order = append(out.common, line), append(out.order, line)
		case rest != "":
			out.own[to.ID] = append(out.own[to.ID], rest)
			out.order = append(out.order, to.Name+fullColon+rest)
		}
	}
	return out
}

// pieces are the lines of a text; several departments in one line, parted by
// semicolons, stand in a line each.
func pieces(text string, find func(name string) *identity.Unit) []string {
	var out []string
	for line := range strings.Lines(text) {
		from := 0
		for at, r := range line {
			if r != ';' && r != fullSemicolon {
				continue
			}
			rest := line[at+utf8.RuneLen(r):]
			if name, _ := addressed(rest); find(name) != nil {
				out = append(out, strings.TrimSpace(line[from:at]))
				from = at + utf8.RuneLen(r)
			}
		}
		out = append(out, strings.TrimSpace(line[from:]))
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// strays are the units that lines name and that were not called: somebody believes
// them to have been asked.
func strays(text string, called, all []identity.Unit) *identity.Unit {
	for _, line := range pieces(text, among(called)) {
		name, _ := addressed(line)
		if among(called)(name) == nil {
			if other := exactly(name, all); other != nil {
				return other
			}
		}
	}
	return nil
}

// among finds a unit by its name or, where that fits one only, by a part of it.
func among(units []identity.Unit) func(string) *identity.Unit {
	return func(name string) *identity.Unit { return named(name, units) }
}

// of is what is asked of one department, its own first.
func (a asks) of(unit string) string {
	return strings.Join(append(slices.Clone(a.own[unit]), a.common...), "\n")
}

// The full-width signs of a Chinese line.
const (
	fullColon     = "\uff1a" // stands between a department and what it is asked
	fullSemicolon = '\uff1b'
)

func addressed(line string) (name, rest string) {
	line = strings.TrimSpace(line)
	at := strings.IndexAny(line, fullColon+":")
	if at <= 0 || utf8.RuneCountInString(line[:at]) > mostName {
		return "", line
	}
	_, size := utf8.DecodeRuneInString(line[at:])
	return strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+size:])
}

func exactly(name string, units []identity.Unit) *identity.Unit {
	for i, u := range units {
		if name != "" && (u.Name == name || strings.EqualFold(u.NameEn, name) || u.ID == name) {
			return &units[i]
		}
	}
	return nil
}

// named finds the one unit that a name means: its own name, or a part of one only.
func named(name string, units []identity.Unit) *identity.Unit {
	if u := exactly(name, units); u != nil || utf8.RuneCountInString(name) < 2 {
		return u
	}
	var found *identity.Unit
	for i, u := range units {
		if strings.Contains(u.Name, name) {
			if found != nil {
				return nil
			}
			found = &units[i]
		}
	}
	return found
}

// mostLinked bounds the cases that one whistle names.
const mostLinked = 20

// LinkedNumbers reads the numbers of linked cases, each once.
func LinkedNumbers(text string) []string {
	var out []string
	for _, n := range strings.FieldsFunc(text, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// deliverWithin turns the day by which it is to be done into a length from now, as
// clocks count; "" where the day is over.
func deliverWithin(now clock.Instant, by clock.Day) string {
	today := now.Day()
	if by > today {
		return procedure.Length{N: int(by - today), Unit: "day"}.String()
	}
	if by < today {
		return ""
	}
	hours := int(by.End().Sub(now).Hours())
	return procedure.Length{N: max(1, hours), Unit: "hour"}.String()
}

// Values of the field rightly.
const (
	rightlyAll  = "all"
	rightlySome = "some"
	rightlyNone = "none"
)

// rightly judges the caller by what became of its calls: one that the county
// excused, or that it gave to another department, should not have been. What was
// let go or lies with the county still says nothing.
func rightly(all []casework.Row) string {
	right, wrong := 0, 0
	for _, c := range all {
		if _, other := c.Doers["instead"]; other {
			wrong++
		}
		switch c.State {
		case "excused":
			wrong++
		case "released", callDisputed:
		default:
			right++
		}
	}
	switch {
	case wrong == 0:
		return rightlyAll
	case right == 0:
		return rightlyNone
	}
	return rightlySome
}

// chain are the units that a whistle has gone through: whom it calls now, and from
// whom the county took a call. None of them is called again, so that nothing goes
// round in circles.
func chain(calls []casework.Row, history []casework.Entry) []string {
	var out []string
	for _, c := range calls {
		out = append(out, c.Unit)
	}
	for _, e := range history {
		if u := e.Delta.Unit; u != nil && *u != "" && !e.Annulled {
			out = append(out, *u)
		}
	}
	return out
}
