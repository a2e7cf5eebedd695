package law

import (
	"encoding/json"
	"io"
	"io/fs"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// DueCommand is "linli law due": it prints the end of a period as JSON.
type DueCommand struct {
	Start  string   `required:"" placeholder:"DATE" help:"Day of the event, not counted (for back-from: the day counted back from)."`
	Length int      `required:"" placeholder:"N" help:"How many units."`
	Unit   string   `required:"" enum:"day,workday,month" help:"day, workday or month."`
	Kind   string   `default:"at-most" enum:"at-most,at-least,back-from" help:"at-most, at-least or back-from."`
	Pause  []string `placeholder:"FROM..TO" help:"Days not counted, both ends included; may be given again."`
}

// dueAnswer is what the command prints.
type dueAnswer struct {
	Duty        string `json:"duty"`
	Acceptance  string `json:"acceptance"`
	Provisional bool   `json:"provisional"`
}

// Request reads the flags. Faults: law.start, law.pause and those of Request.Check.
func (c DueCommand) Request() (Request, error) {
	r := Request{Length: c.Length, Unit: Unit(c.Unit), Kind: Kind(c.Kind)}
	var err error
	if r.Start, err = clock.ParseDay(c.Start); err != nil {
		return r, fault.New(fault.Invalid, "law.start", "day", c.Start).At("start")
	}
	for _, p := range c.Pause {
		from, to, _ := strings.Cut(p, "..")
		a, err1 := clock.ParseDay(from)
		b, err2 := clock.ParseDay(to)
		if err1 != nil || err2 != nil {
			return r, fault.New(fault.Invalid, "law.pause", "from", from, "to", to).At("pause")
		}
		r.Pauses = append(r.Pauses, Span{a, b})
	}
	return r, r.Check()
}

// Run prints {"duty", "acceptance", "provisional"} by the calendars of the catalogue.
func (c DueCommand) Run(out io.Writer, files fs.FS) error {
	r, err := c.Request()
	if err != nil {
		return err
	}
	cal, err := ParseCalendars(files)
	if err != nil {
		return err
	}
	d, err := Due(cal, r)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(dueAnswer{d.Duty.String(), d.Acceptance.String(), d.Provisional})
}

// CodeCommand is "linli law code": it prints VALID, or INVALID and why, in both
// languages. An invalid code is an answer, no error.
type CodeCommand struct {
	Type  string `enum:"id,usc" required:"" help:"id (citizen identity number) or usc (unified social credit code)."`
	Value string `arg:"" help:"The code."`

	Clock clock.Clock `kong:"-"` // tells today, so that nobody is born tomorrow; nil looks at no day
}

// Run prints the verdict with the words of the catalogue.
func (c CodeCommand) Run(out io.Writer, files fs.FS) error {
	var ok bool
	var reason string
	switch {
	case c.Type == "usc":
		ok, reason = CheckUSC(c.Value)
	case c.Type != "id":
		return fault.New(fault.Invalid, "law.code_type", "type", c.Type).At("type")
	case c.Clock != nil:
		ok, reason = CheckIDOn(c.Value, c.Clock.Now().Day())
	default:
		ok, reason = CheckID(c.Value)
	}
	if ok {
		_, err := io.WriteString(out, "VALID\n")
		return err
	}
	book, err := text.Load(files)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, "INVALID "+book.Say(text.Chinese, reason, nil)+" / "+book.Say(text.English, reason, nil)+"\n")
	return err
}
