package law

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Service gives the calendars in force and takes new ones.
type Service struct {
	editions  *edition.Service
	calendars *edition.Compiled[Calendars]
	decisions *edition.Compiled[*Decisions]
}

// New makes the room. It has no tables of its own.
func New(editions *edition.Service) *Service {
	return &Service{editions: editions, calendars: edition.Compile(editions, ParseCalendars), decisions: edition.Compile(editions, ParseDecisions)}
}

// Calendars gives the calendars in force and the number of their edition. A
// clock reckoned with an older number is to be reckoned again when it was
// provisional: that is all that a newly loaded year can change, but for days of
// the December before it.
func (s *Service) Calendars(ctx context.Context) (Calendars, int64, error) {
	return s.calendars.Now(ctx)
}

// At gives the calendars of one edition.
func (s *Service) At(ctx context.Context, number int64) (Calendars, error) {
	return s.calendars.At(ctx, number)
}

// Check is the room's checker of a catalogue (see edition.OnCheck).
func Check(files fs.FS) []edition.Problem {
	_, bad := parseCalendars(files)
	_, rulesErr := ParseDecisions(files)
	if len(bad) == 0 && rulesErr == nil {
		return nil
	}
	book, _ := text.Load(files) // a broken book of texts is told by its own checker
	var out []edition.Problem
	if f := fault.Of(rulesErr); f != nil {
		p := edition.Problem{File: decisionFolder, Text: f.Error()}
		if name, is := f.Args["file"].(string); is {
			p.File = name
		}
		if book != nil {
			p.Text = book.Say(text.Chinese, "fault."+f.Key, f.Args) + " / " + book.Say(text.English, "fault."+f.Key, f.Args)
		}
		out = append(out, p)
	}
	for _, b := range bad {
		p := edition.Problem{File: b.File, Line: b.Line, Text: b.Err.Error()}
		var f *fault.Fault
		if errors.As(b.Err, &f) && book != nil {
			p.Text = book.Say(text.Chinese, "fault."+f.Key, f.Args) + " / " + book.Say(text.English, "fault."+f.Key, f.Args)
		}
		out = append(out, p)
	}
	return out
}

// YearLoaded says what loading a calendar did.
type YearLoaded struct {
	Year      int
	Free      int // days named as free
	Work      int // make-up working days
	Replaced  bool
	Edition   edition.Edition
	Unchanged bool // it was in force already; no edition was made
}

// LoadYear puts the calendar of one year in force. name tells the form by its
// ending: .yaml or .yml (ours), .json (of holiday-cn), .csv (see ParseYearCSV; the
// year is then read from the name, such as 2027.csv, or from the first day).
// Only an administrator of the whole county may. Faults: law.calendar_*,
// those of edition.Publish.
func (s *Service) LoadYear(ctx context.Context, name string, data []byte, reason string) (YearLoaded, error) {
	by := identity.From(ctx)
	if !topAdministrator(by) {
		return YearLoaded{}, fault.New(fault.Forbidden, "law.calendar_rights")
	}
	y, err := readYear(name, data)
	if err != nil {
		return YearLoaded{}, err
	}
	out := YearLoaded{Year: y.Year, Work: len(y.Work)}
	for _, h := range y.Off {
		out.Free += int(h.To-h.From) + 1
	}
	cal, number, err := s.Calendars(ctx)
	if err != nil {
		return out, err
	}
	old, known := cal.Year(y.Year)
	out.Replaced = known
	if known && bytes.Equal(old.YAML(), y.YAML()) {
		out.Unchanged = true
		return out, nil
	}
	who := by.Person
	if by.Kind == identity.System {
		who = edition.System
	}
	change := map[string][]byte{calendarFolder + "/" + strconv.Itoa(y.Year) + ".yaml": y.YAML()}
	out.Edition, err = s.editions.PublishOn(ctx, number, change, who, reason)
	return out, err
}

// topAdministrator says whether the actor keeps the whole county: the house
// itself, or who administers a unit that has none above it.
func topAdministrator(a identity.Actor) bool {
	if a.Kind == identity.System {
		return true
	}
	for _, p := range a.Posts {
		if p.Kind == "administrator" && strings.Count(p.UnitPath, "/") == 2 {
			return a.Known()
		}
	}
	return false
}

func readYear(name string, data []byte) (Year, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return ParseYear(data)
	case ".csv":
		return ParseYearCSV(bytes.NewReader(data), yearOf(name, data))
	}
	return Year{}, fault.New(fault.Invalid, "law.calendar_format", "name", name).At("calendar")
}

// yearOf reads the year off a file's name, else off the last day in it: a notice
// may begin in the December before.
func yearOf(name string, data []byte) int {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if n, err := strconv.Atoi(base); err == nil {
		return n
	}
	last := 0
	for cell := range strings.FieldsFuncSeq(string(data), func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == '"' }) {
		if d, err := clock.ParseDay(strings.TrimSpace(cell)); err == nil && d.Year() > last {
			last = d.Year()
		}
	}
	return last
}
