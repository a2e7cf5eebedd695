package staff

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// ShiftsFile names the kinds of duty.
const ShiftsFile = "rights/shifts.yaml"

// minutes of a day.
const dayMinutes = 24 * 60

var shiftID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// LoadShifts reads the kinds of duty and refuses what a roster could not use. An
// error names file and line.
func LoadShifts(files fs.FS) ([]Shift, error) {
	raw, err := fs.ReadFile(files, ShiftsFile)
	if err != nil {
		return nil, wrongShift(1, err.Error())
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, wrongShift(1, err.Error())
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, wrongShift(1, "names with what belongs to them are expected")
	}
	var out []Shift
	for i := 0; i+1 < len(doc.Content[0].Content); i += 2 {
		name, body := doc.Content[0].Content[i], doc.Content[0].Content[i+1]
		var x struct {
			Zh, En, On, Hours string
			Leads             bool
		}
		if err := body.Decode(&x); err != nil {
			return nil, wrongShift(body.Line, err.Error())
		}
		from, until, ok := hours(x.Hours)
		switch {
		case !shiftID.MatchString(name.Value) || slices.ContainsFunc(out, func(s Shift) bool { return s.ID == name.Value }):
			return nil, wrongShift(name.Line, fmt.Sprintf("%q cannot be a kind of duty, or stands twice", name.Value))
		case x.Zh == "" || x.En == "" || !slices.Contains([]string{OnWorkdays, OnDaysOff, OnAll}, x.On) || !ok:
			return nil, wrongShift(name.Line, fmt.Sprintf("%q lacks zh, en, on (workdays, days_off, all) or hours (08:30-17:30)", name.Value))
		}
		out = append(out, Shift{ID: name.Value, Name: text.Words{"zh": x.Zh, "en": x.En}, On: x.On, From: from, Until: until, Leads: x.Leads})
	}
	if len(out) == 0 {
		return nil, wrongShift(1, "no kind of duty")
	}
	return out, nil
}

func wrongShift(line int, what string) error {
	return fault.New(fault.Invalid, "staff.shifts_file", "file", ShiftsFile, "line", line, "text", what)
}

// CheckFiles checks the file of a catalogue, for editions; the roof registers it.
func CheckFiles(files fs.FS) []edition.Problem {
	_, err := LoadShifts(files)
	if err == nil {
		return nil
	}
	f := fault.Of(err)
	line, _ := f.Args["line"].(int)
	what, _ := f.Args["text"].(string)
	return []edition.Problem{{File: ShiftsFile, Line: line, Text: what}}
}

var hoursForm = regexp.MustCompile(`^([01]?\d|2[0-3])[:：]([0-5]\d)\s*[-–—~～\x{81F3}]\s*([01]?\d|2[0-4])[:：]([0-5]\d)$`)

// hours reads "17:30-08:30" as minutes; an end not after the beginning is on the
// next day.
func hours(s string) (from, until int, ok bool) {
	m := hoursForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	from, until = n(1)*60+n(2), n(3)*60+n(4)
	if until <= from {
		until += dayMinutes
	}
	return from, until, until <= 2*dayMinutes
}

// monthForm is how a month is written.
const monthForm = "2006-01"

// daysOf are the days of a month written 2026-12. Fault: Invalid staff.month.
func daysOf(month string) ([]clock.Day, error) {
	t, err := time.Parse(monthForm, month)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return nil, fault.New(fault.Invalid, "staff.month").At("month")
	}
	first := clock.Date(t.Year(), t.Month(), 1)
	last := clock.Date(t.Year(), t.Month()+1, 1)
	var out []clock.Day
	for d := first; d < last; d++ {
		out = append(out, d)
	}
	return out, nil
}

func monthOf(d clock.Day) string { return d.String()[:7] }

// on says whether the kind is stood on a day.
func (s Shift) on(works bool) bool {
	return s.On == OnAll || works == (s.On == OnWorkdays)
}

func (s Shift) span(d clock.Day) (from, until clock.Instant) {
	return at(d, s.From), at(d, s.Until)
}

func at(d clock.Day, minutes int) clock.Instant {
	return d.Start().Add(time.Duration(minutes) * time.Minute)
}

// cell is what one field of the roster says: names of members, and other hours
// where they are given: "张三、李四 19:00-23:00".
func cell(said string, s Shift, d clock.Day, members []identity.Member) ([]Duty, error) {
	said, err := text.Clean(said, 200)
	if err != nil || said == "" {
		return nil, err
	}
	from, until := s.span(d)
	words := strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" \u3000\t\n、，,;；/", r) })
	if n := len(words); n > 1 {
		if a, b, ok := hours(words[n-1]); ok {
			from, until, words = at(d, a), at(d, b), words[:n-1]
		}
	}
	var out []Duty
	for _, w := range words {
		id, err := member(w, members)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(x Duty) bool { return x.Person == id }) {
			continue
		}
		out = append(out, Duty{Kind: s.ID, Day: d, From: from, Until: until, Person: id})
	}
	return out, nil
}

// member finds somebody of the unit by name, or by id where two share a name.
func member(said string, members []identity.Member) (string, error) {
	found := ""
	for _, m := range members {
		if m.Post.Person == said {
			return said, nil
		}
		if text.Fold(m.Name) == text.Fold(said) {
			if found != "" && found != m.Post.Person {
				return "", fault.New(fault.Invalid, "staff.two_of_a_name", "name", said)
			}
			found = m.Post.Person
		}
	}
	if found == "" {
		return "", fault.New(fault.Invalid, "staff.not_member", "name", said)
	}
	return found, nil
}

// Hole is a shift for which nobody stands in the roster.
type Hole struct {
	Day  clock.Day
	Kind string
}

// holes are the shifts that lack somebody: of every kind that the unit uses in
// this month at all, each day on which it is stood. A kind that is left empty all
// month is not used.
func holes(days []clock.Day, shifts []Shift, duties []Duty, works func(clock.Day) bool) []Hole {
	var out []Hole
	for _, s := range shifts {
		if !slices.ContainsFunc(duties, func(d Duty) bool { return d.Kind == s.ID }) {
			continue
		}
		for _, day := range days {
			if s.on(works(day)) && !slices.ContainsFunc(duties, func(d Duty) bool { return d.Kind == s.ID && d.Day == day }) {
				out = append(out, Hole{day, s.ID})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Hole) int { return int(a.Day - b.Day) })
	return out
}

// Clash is one person at two places at once.
type Clash struct{ A, B Duty }

// clashes are pairs of times in which one person would be on duty twice.
func clashes(duties []Duty) []Clash {
	byPerson := map[string][]Duty{}
	for _, d := range duties {
		byPerson[d.Person] = append(byPerson[d.Person], d)
	}
	var out []Clash
	for _, list := range byPerson {
		slices.SortFunc(list, func(a, b Duty) int { return int(a.From - b.From) })
		for i, a := range list {
			for _, b := range list[i+1:] {
				if b.From >= a.Until {
					break
				}
				out = append(out, Clash{a, b})
			}
		}
	}
	slices.SortFunc(out, func(a, b Clash) int { return int(a.A.From - b.A.From) })
	return out
}

// copied fills the empty shifts of a month from the same weekday so many days
// before; what is filled stays. Hours that were other than usual come along.
func copied(days []clock.Day, shifts []Shift, have, source []Duty, back int, works func(clock.Day) bool) []Duty {
	out := slices.Clone(have)
	for _, day := range days {
		for _, s := range shifts {
			taken := func(list []Duty, on clock.Day) (found []Duty) {
				for _, d := range list {
					if d.Kind == s.ID && d.Day == on {
						found = append(found, d)
					}
				}
				return found
			}
			if !s.on(works(day)) || len(taken(out, day)) > 0 {
				continue
			}
			from := taken(source, day-clock.Day(back))
			if len(from) == 0 {
				from = taken(out, day-clock.Day(back)) // a week that was copied itself
			}
			for _, d := range from {
				shift := time.Duration(back) * 24 * time.Hour
				out = append(out, Duty{Kind: s.ID, Day: day, From: d.From.Add(shift), Until: d.Until.Add(shift), Person: d.Person})
			}
		}
	}
	return out
}
