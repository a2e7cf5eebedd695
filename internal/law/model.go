package law

import (
	"slices"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Unit is what a period is counted in.
type Unit string

// The units. Hours count at once by the wall clock; the others begin on the next day.
const (
	Hour    Unit = "hour"
	Day     Unit = "day"
	Workday Unit = "workday"
	Month   Unit = "month"
)

// Units lists them.
func Units() []Unit { return []Unit{Hour, Day, Workday, Month} }

// Kind says what a period is for.
type Kind string

// The kinds of period.
const (
	AtMost   Kind = "at-most"   // a limit: done by then
	AtLeast  Kind = "at-least"  // must stand so long: not before then
	BackFrom Kind = "back-from" // so long before a chosen day: done by then, never rolled
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{AtMost, AtLeast, BackFrom} }

// Span is a row of days, both ends included, that a period does not count.
type Span struct{ From, To clock.Day }

// Request asks for the end of a period of days.
type Request struct {
	Start  clock.Day // the day of the event; it is not counted
	Length int       // how many units, at least 1
	Unit   Unit      // day, workday or month
	Kind   Kind      // "" is at-most
	Pauses []Span    // days not counted, in any order, overlapping or not
}

// Dates is the answer.
type Dates struct {
	Duty        clock.Day // for the office: never rolled
	Acceptance  clock.Day // for the citizen: the next working day where Duty is none
	Provisional bool      // a day of a year without a calendar was looked at
}

// Pause is a stretch of time that a running clock does not count. To 0 means
// that it still stands.
type Pause struct{ From, To clock.Instant }

// Clock is a running period as a case keeps it: facts only, so that its end can
// be reckoned again when a pause ends or a calendar is loaded.
type Clock struct {
	Start  clock.Instant // for back-from: the moment counted back from
	Length int
	Unit   Unit
	Kind   Kind
	Pauses []Pause
}

// Moments is when a clock ends. Periods of days end at 24:00 in China, which is
// 0:00 of the next day; the days by name are given beside.
type Moments struct {
	Duty, Acceptance       clock.Instant
	DutyDay, AcceptanceDay clock.Day
	Provisional            bool
	Held                   bool // a standing pause keeps it from ending; the moments are 0
}

// The widest that a period may be; beyond is a slip of the pen.
const (
	maxDays   = 36600
	maxMonths = 1200
)

var (
	firstDay = clock.Date(1900, time.January, 1)
	lastDay  = clock.Date(2200, time.December, 31)
)

func checkLength(length int, u Unit) error {
	most := maxDays
	switch u {
	case Hour:
		most = maxDays * 24
	case Day, Workday:
	case Month:
		most = maxMonths
	default:
		return fault.New(fault.Invalid, "law.unit", "unit", string(u)).At("unit")
	}
	if length < 1 || length > most {
		return fault.New(fault.Invalid, "law.length", "length", length, "most", most).At("length")
	}
	return nil
}

func checkKind(k Kind) error {
	if k != "" && !slices.Contains(Kinds(), k) {
		return fault.New(fault.Invalid, "law.kind", "kind", string(k)).At("kind")
	}
	return nil
}

func checkStart(d clock.Day) error {
	if d < firstDay || d > lastDay {
		return fault.New(fault.Invalid, "law.start", "day", d.String()).At("start")
	}
	return nil
}

// Check says whether the request can be answered. Faults: law.start, law.length,
// law.unit, law.kind, law.pause, all Invalid with their field.
func (r Request) Check() error {
	if err := checkKind(r.Kind); err != nil {
		return err
	}
	if r.Unit == Hour {
		return fault.New(fault.Invalid, "law.unit_day", "unit", string(r.Unit)).At("unit")
	}
	if err := checkLength(r.Length, r.Unit); err != nil {
		return err
	}
	if err := checkStart(r.Start); err != nil {
		return err
	}
	for _, p := range r.Pauses {
		if p.To < p.From || p.From < firstDay || p.To > lastDay {
			return fault.New(fault.Invalid, "law.pause", "from", p.From.String(), "to", p.To.String()).At("pause")
		}
	}
	return nil
}

// Check says whether the clock can be reckoned. Faults as of Request.Check.
func (c Clock) Check() error {
	if err := checkKind(c.Kind); err != nil {
		return err
	}
	if err := checkLength(c.Length, c.Unit); err != nil {
		return err
	}
	if err := checkStart(c.Start.Day()); err != nil {
		return err
	}
	for _, p := range c.Pauses {
		if p.From == 0 || p.To != 0 && p.To < p.From {
			return fault.New(fault.Invalid, "law.pause", "from", p.From.String(), "to", p.To.String()).At("pause")
		}
	}
	return nil
}
