package law

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// fewest is how many free days a real year has at least (since 2000 there were
// always ten or more): a year with fewer was copied before the notice came out.
const fewest = 7

// yearFile is a calendar file: our own form, and the JSON of holiday-cn, which
// is YAML as well (days with isOffDay).
type yearFile struct {
	Year   int       `yaml:"year"`
	Notice []string  `yaml:"notice,omitempty"`
	Off    []offDays `yaml:"off,omitempty"`
	Work   []workDay `yaml:"work,omitempty"`

	Papers []string `yaml:"papers,omitempty"`
	Days   []struct {
		Name     string `yaml:"name"`
		Date     string `yaml:"date"`
		IsOffDay bool   `yaml:"isOffDay"`
	} `yaml:"days,omitempty"`
	Schema string `yaml:"$schema,omitempty"`
	ID     string `yaml:"$id,omitempty"`

	line map[string]int // of "off 0", "work 3"
}

type offDays struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	Zh   string `yaml:"zh,omitempty"`
	En   string `yaml:"en,omitempty"`
}

type workDay struct {
	Day string `yaml:"day"`
	Zh  string `yaml:"zh,omitempty"`
	En  string `yaml:"en,omitempty"`
}

// lineFault is a fault with the line of the file it was found on.
type lineFault struct {
	line int
	*fault.Fault
}

func (l lineFault) Unwrap() error { return l.Fault }

func wrong(line int, what string, args ...any) error {
	return lineFault{line, fault.New(fault.Invalid, "law.calendar_"+what, append(args, "line", line)...).At("calendar")}
}

// ParseYear reads one calendar in our YAML form or in the JSON of holiday-cn.
// Faults, with the line as an argument: law.calendar_unreadable, _year, _day,
// _outside, _weekday, _twice, _few.
func ParseYear(raw []byte) (Year, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		return Year{}, unreadable(err)
	}
	var f yearFile
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return Year{}, unreadable(err)
	}
	f.line = lines(&root)
	for i, d := range f.Days {
		if d.IsOffDay {
			f.line[fmt.Sprint("off ", len(f.Off))] = f.line[fmt.Sprint("days ", i)]
			f.Off = append(f.Off, offDays{From: d.Date, To: d.Date, Zh: d.Name})
		} else {
			f.line[fmt.Sprint("work ", len(f.Work))] = f.line[fmt.Sprint("days ", i)]
			f.Work = append(f.Work, workDay{Day: d.Date, Zh: d.Name})
		}
	}
	f.Notice = append(f.Notice, f.Papers...)
	return f.year()
}

// unreadable keeps the line that the YAML reader names in "yaml: line 3: …".
func unreadable(err error) error {
	line := 1
	for word := range strings.FieldsSeq(err.Error()) {
		if n, e := strconv.Atoi(strings.TrimSuffix(word, ":")); e == nil && n > 0 {
			line = n
			break
		}
	}
	l := wrong(line, "unreadable").(lineFault)
	return lineFault{line, l.Fault.Because(err)}
}

// lines notes on which line each entry of each list of the file stands.
func lines(root *yaml.Node) map[string]int {
	out := map[string]int{}
	if len(root.Content) == 0 {
		return out
	}
	top := root.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		out[top[i].Value] = top[i].Line
		for j, entry := range top[i+1].Content {
			out[fmt.Sprint(top[i].Value, " ", j)] = entry.Line
		}
	}
	return out
}

func (f yearFile) year() (Year, error) {
	y := Year{Year: f.Year, Notice: f.Notice}
	if f.Year < firstDay.Year() || f.Year > lastDay.Year() {
		return y, wrong(max(f.line["year"], 1), "year", "year", f.Year)
	}
	seen := map[clock.Day]bool{}
	free := 0
	for i, o := range f.Off {
		line := f.line[fmt.Sprint("off ", i)]
		from, err := f.day(o.From, line)
		if err != nil {
			return y, err
		}
		to, err := f.day(cmp.Or(o.To, o.From), line)
		if err != nil {
			return y, err
		}
		if to < from || to-from > 60 {
			return y, wrong(line, "day", "day", o.From+".."+o.To)
		}
		for d := from; d <= to; d++ {
			if seen[d] {
				return y, wrong(line, "twice", "day", d.String())
			}
			seen[d] = true
			free++
		}
		y.Off = append(y.Off, Holiday{From: from, To: to, Name: names(o.Zh, o.En)})
	}
	for i, w := range f.Work {
		line := f.line[fmt.Sprint("work ", i)]
		day, err := f.day(w.Day, line)
		switch wd := day.Weekday(); {
		case err != nil:
			return y, err
		case seen[day]:
			return y, wrong(line, "twice", "day", day.String())
		case wd != time.Saturday && wd != time.Sunday:
			return y, wrong(line, "weekday", "day", day.String())
		}
		seen[day] = true
		y.Work = append(y.Work, MakeUp{Day: day, Name: names(w.Zh, w.En)})
	}
	if free < fewest {
		return y, wrong(max(f.line["off"], 1), "few", "year", f.Year, "days", free)
	}
	return y, nil
}

// day reads a day of the year or of the December before it.
func (f yearFile) day(s string, line int) (clock.Day, error) {
	d, err := clock.ParseDay(s)
	if err != nil {
		return 0, wrong(line, "day", "day", s)
	}
	y, m, _ := d.Date()
	if y != f.Year && (y != f.Year-1 || m != time.December) {
		return 0, wrong(line, "outside", "day", s, "year", f.Year)
	}
	return d, nil
}

func names(zh, en string) text.Words {
	w := text.Words{}
	if zh != "" {
		w["zh"] = zh
	}
	if en != "" {
		w["en"] = en
	}
	return w
}

// ParseYearCSV reads a calendar from a table: a heading, then one row per day
// with columns date, kind (off or work) or is_off_day (1 or 0), and name or
// name_zh and name_en; other columns are ignored. Days in a row with one name
// become one holiday. The faults are those of ParseYear, and law.calendar_columns.
func ParseYearCSV(in io.Reader, year int) (Year, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return Year{}, unreadable(err)
	}
	col := map[string]int{}
	for i, name := range head {
		col[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i + 1
	}
	if col["date"] == 0 || col["kind"]+col["is_off_day"] == 0 {
		return Year{}, wrong(1, "columns")
	}
	f := yearFile{Year: year, line: map[string]int{}}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Year{}, unreadable(err)
		}
		line, _ := r.FieldPos(0)
		cell := func(name string) string {
			if i := col[name]; i > 0 && i <= len(row) {
				return strings.TrimSpace(row[i-1])
			}
			return ""
		}
		if err := f.row(cell, line); err != nil {
			return Year{}, err
		}
	}
	return f.year()
}

// row adds one row of a table.
func (f *yearFile) row(cell func(string) string, line int) error {
	date, zh, en := cell("date"), cmp.Or(cell("name_zh"), cell("zh"), cell("name")), cmp.Or(cell("name_en"), cell("en"))
	switch kind := strings.ToLower(cmp.Or(cell("kind"), cell("is_off_day"))); kind {
	case "off", "1", "true":
		if n := len(f.Off); n > 0 && f.Off[n-1].Zh == zh {
			last, e1 := clock.ParseDay(f.Off[n-1].To)
			if day, e2 := clock.ParseDay(date); e1 == nil && e2 == nil && day == last+1 {
				f.Off[n-1].To = date
				return nil
			}
		}
		f.line[fmt.Sprint("off ", len(f.Off))] = line
		f.Off = append(f.Off, offDays{From: date, To: date, Zh: zh, En: en})
	case "work", "0", "false":
		f.line[fmt.Sprint("work ", len(f.Work))] = line
		f.Work = append(f.Work, workDay{Day: date, Zh: zh, En: en})
	default:
		return wrong(line, "row_kind", "kind", kind)
	}
	return nil
}

// YAML writes the calendar in the form of the catalogue.
func (y Year) YAML() []byte {
	f := yearFile{Year: y.Year, Notice: y.Notice}
	for _, h := range y.Off {
		f.Off = append(f.Off, offDays{From: h.From.String(), To: h.To.String(), Zh: h.Name["zh"], En: h.Name["en"]})
	}
	for _, w := range y.Work {
		f.Work = append(f.Work, workDay{Day: w.Day.String(), Zh: w.Name["zh"], En: w.Name["en"]})
	}
	out, _ := yaml.Marshal(f) // a struct of strings and numbers always marshals
	return out
}

// calendarFolder is where the catalogue keeps one file per year.
const calendarFolder = "calendar"

// found is one thing wrong with a file of the catalogue.
type found struct {
	File string
	Line int
	Err  error
}

// ParseCalendars reads calendar/*.yaml of a catalogue; the first thing wrong is
// the error, with file and line. A catalogue without calendars is none: then
// every answer is provisional.
func ParseCalendars(files fs.FS) (Calendars, error) {
	cal, bad := parseCalendars(files)
	if len(bad) > 0 {
		return Calendars{}, fmt.Errorf("%s:%d: %w", bad[0].File, bad[0].Line, bad[0].Err)
	}
	return cal, nil
}

func parseCalendars(files fs.FS) (Calendars, []found) {
	names, err := fs.Glob(files, calendarFolder+"/*.yaml")
	if err != nil {
		return Calendars{}, []found{{calendarFolder, 0, err}}
	}
	slices.Sort(names)
	var years []Year
	var bad []found
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			bad = append(bad, found{name, 0, err})
			continue
		}
		y, err := ParseYear(raw)
		if err == nil && path.Base(name) != strconv.Itoa(y.Year)+".yaml" {
			err = wrong(1, "file_name", "year", y.Year)
		}
		if err != nil {
			line := 1
			var l lineFault
			if errors.As(err, &l) {
				line = l.line
			}
			bad = append(bad, found{name, line, err})
			continue
		}
		years = append(years, y)
	}
	return NewCalendars(years...), append(bad, contradictions(years)...)
}

// contradictions are days on which a year and the next year's notice differ.
func contradictions(years []Year) []found {
	var bad []found
	for _, y := range years {
		own := NewCalendars(y)
		for _, z := range years {
			if z.Year != y.Year+1 {
				continue
			}
			for day, works := range NewCalendars(z).change {
				if mine, stated := own.change[day]; stated && mine != works {
					name := fmt.Sprintf("%s/%d.yaml", calendarFolder, z.Year)
					bad = append(bad, found{name, 1, wrong(1, "twice", "day", day.String())})
				}
			}
		}
	}
	return bad
}
