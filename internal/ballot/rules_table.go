package ballot

import (
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

// columnsFile holds the headings and words that a workbook may use.
const columnsFile = "ballot/columns.yaml"

// bodiesFile says what each body may decide.
const bodiesFile = "ballot/bodies.yaml"

// mostHead is how many rows may stand above the headings.
const mostHead = 20

// mostBad bounds how many rows a report names.
const mostBad = 200

// Dictionary is what offices write above and in the columns of a roll.
type Dictionary struct {
	columns map[string]string // folded heading to column
	heads   map[string]string // column to the heading we write ourselves
	refused map[string]bool
	words   map[string]bool // folded word to yes or no
	minimum string          // the norm by which nothing is collected that is not needed
	bodies  map[Body]bodyRule
}

// columnNames are the columns of a roll in the order of our own workbook.
var columnNames = []string{"name", "household", "group", "unit", "birth", "adult", "household_representative", "representative", "committee", "woman", "party", "capable"}

// LoadDictionary reads the headings of the catalogue.
func LoadDictionary(files fs.FS) (*Dictionary, error) {
	raw, err := fs.ReadFile(files, columnsFile)
	if err != nil {
		return nil, err
	}
	var f struct {
		Columns          map[string][]string
		Refused, Yes, No []string
		Minimum          string
	}
	if err := yaml.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	d := &Dictionary{columns: map[string]string{}, heads: map[string]string{}, refused: map[string]bool{}, words: map[string]bool{}, minimum: f.Minimum}
	for _, name := range columnNames {
		if len(f.Columns[name]) == 0 {
			return nil, fault.New(fault.Invalid, "ballot.columns", "column", name)
		}
		d.heads[name] = f.Columns[name][0]
		for _, w := range append(f.Columns[name], name) {
			d.columns[text.Fold(w)] = name
		}
	}
	if d.bodies, err = loadBodies(files); err != nil {
		return nil, err
	}
	for _, w := range f.Refused {
		d.refused[text.Fold(w)] = true
	}
	for _, w := range f.Yes {
		d.words[text.Fold(w)] = true
	}
	for _, w := range f.No {
		d.words[text.Fold(w)] = false
	}
	return d, nil
}

// loadBodies reads what each body may decide; every body must be there.
func loadBodies(files fs.FS) (map[Body]bodyRule, error) {
	raw, err := fs.ReadFile(files, bodiesFile)
	if err != nil {
		return nil, err
	}
	var f struct{ Bodies map[Body]bodyRule }
	if err := yaml.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	for _, b := range Bodies() {
		if r := f.Bodies[b]; len(r.Matters) == 0 || r.Norm == "" || r.Proxy != "" && r.ProxyNorm == "" {
			return nil, fault.New(fault.Invalid, "ballot.bodies", "body", string(b))
		}
	}
	return f.Bodies, nil
}

// CheckFiles checks headings and bodies of a catalogue.
func CheckFiles(files fs.FS) []edition.Problem {
	if _, err := LoadDictionary(files); err != nil {
		return []edition.Problem{{File: columnsFile, Line: 1, Text: err.Error()}}
	}
	return nil
}

// Bad is one row that cannot be taken.
type Bad struct {
	Row   int // as a person sees it
	Fault *fault.Fault
}

// Report is what became of a workbook.
type Report struct {
	Lines   int
	Minors  int      // under age on the day, left out
	Unread  []string // headings of columns that were not read
	Bad     []Bad
	MoreBad int // rows that are not named any more
}

func (r *Report) say(row int, err error) {
	if len(r.Bad) >= mostBad {
		r.MoreBad++
		return
	}
	r.Bad = append(r.Bad, Bad{row, fault.Of(err)})
}

// parse reads a roll out of the first visible table of a workbook or CSV. Every
// row stands for itself in the report, but a roll is whole or not at all: a row
// left out would be a wrong denominator.
func (d *Dictionary) parse(data []byte, b Body, asOf clock.Day) ([]Line, Report, error) {
	var report Report
	tables, err := sheet.ReadBytes(data, sheet.Limits{Rows: mostLines + mostHead})
	if err != nil {
		return nil, report, fault.Of(err).At("file")
	}
	at := slices.IndexFunc(tables, func(t sheet.Table) bool { return !t.Hidden })
	if at < 0 {
		return nil, report, fault.New(fault.Invalid, "ballot.no_head").At("file")
	}
	var columns map[string]int
	var lines []Line
	rows := map[int64]int{}
	for row, err := range tables[at].Rows() {
		if err != nil {
			return nil, report, fault.Of(err).At("file")
		}
		if columns == nil {
			if columns, err = d.head(row, &report); err != nil {
				return nil, report, err
			}
			if columns == nil && row.Number > mostHead {
				break
			}
			continue
		}
		l, minor, err := d.line(row, columns, b, asOf)
		switch {
		case err != nil:
			report.say(row.Number, err)
		case minor:
			report.Minors++
		default:
			l.No = int64(len(lines) + 1)
			rows[l.No] = row.Number
			lines = append(lines, l)
		}
	}
	if columns == nil {
		return nil, report, fault.New(fault.Invalid, "ballot.no_head", "column", d.heads["name"]).At("file")
	}
	for no, f := range whole(lines) {
		if other, ok := f.Args["other"].(int64); ok {
			f.Args["other"] = rows[other]
		}
		report.say(rows[no], f)
	}
	slices.SortFunc(report.Bad, func(x, y Bad) int { return x.Row - y.Row })
	report.Lines = len(lines)
	return lines, report, nil
}

// head finds the columns in a row that names people; nil where it does not.
func (d *Dictionary) head(row sheet.Row, report *Report) (map[string]int, error) {
	at := map[string]int{}
	var unread []string
	refused := ""
	for i, c := range row.Cells {
		plain := text.Fold(c.Text)
		name, known := d.columns[plain]
		_, twice := at[name]
		switch {
		case plain == "":
		case d.refused[plain]:
			refused = c.Text
		case known && !twice:
			at[name] = i
		default:
			unread = append(unread, c.Text)
		}
	}
	if _, ok := at["name"]; !ok {
		return nil, nil
	}
	if refused != "" {
		return nil, fault.New(fault.Invalid, "ballot.id_column", "column", refused).At("file").Under(d.minimum)
	}
	report.Unread = unread
	return at, nil
}

// line reads one row. minor says that the person is not of age.
func (d *Dictionary) line(row sheet.Row, at map[string]int, b Body, asOf clock.Day) (l Line, minor bool, err error) {
	cell := func(name string) sheet.Cell {
		if i, ok := at[name]; ok {
			return row.At(i)
		}
		return sheet.Cell{}
	}
	if c := cell("name"); c.Formula || c.Merge != nil {
		return l, false, fault.New(fault.Invalid, "ballot.cell").At("name")
	}
	l = Line{Name: strings.Join(strings.Fields(cell("name").Text), " "), Household: cell("household").Text, Group: cell("group").Text, Unit: cell("unit").Text}
	for name, to := range map[string]*bool{"household_representative": &l.ForHouse, "representative": &l.Represent,
		"committee": &l.Committee, "woman": &l.Woman, "party": &l.Party} {
		if *to, err = d.yes(cell(name).Text, name, false); err != nil {
			return l, false, err
		}
	}
	if l.Adult, err = d.adult(cell("birth"), cell("adult"), b, asOf); err != nil {
		return l, false, err
	}
	if l.Capable, err = d.yes(cell("capable").Text, "capable", l.Adult); err != nil {
		return l, false, err
	}
	if err := l.clean(); err != nil {
		return l, false, err
	}
	if !l.Adult && b.general() {
		return l, true, nil
	}
	return l, false, b.fits(l)
}

// yes reads a word; an empty cell says what is usual.
func (d *Dictionary) yes(said, column string, usual bool) (bool, error) {
	plain := text.Fold(said)
	if plain == "" {
		return usual, nil
	}
	v, known := d.words[plain]
	if !known {
		return false, fault.New(fault.Invalid, "ballot.word", "word", said).At(column)
	}
	return v, nil
}

// adult judges by the day of birth, else by the word. For a body whose members
// were chosen an empty cell is a yes; for a general one somebody must have said it.
func (d *Dictionary) adult(birth, word sheet.Cell, b Body, asOf clock.Day) (bool, error) {
	if strings.TrimSpace(birth.Text) == "" {
		if b.general() && strings.TrimSpace(word.Text) == "" {
			return false, fault.New(fault.Invalid, "ballot.no_age").At("adult")
		}
		return d.yes(word.Text, "adult", true)
	}
	day := birth.Day
	if birth.Kind != sheet.Day && birth.Kind != sheet.Moment {
		var err error
		if day, err = parseBirth(birth.Text); err != nil {
			return false, err
		}
	}
	if day > asOf {
		return false, fault.New(fault.Invalid, "ballot.unborn").At("birth")
	}
	y, m, n := day.Date()
	return clock.Date(y+18, m, n) <= asOf, nil
}

// parseBirth reads year, month and day with anything between them, and 19900501.
func parseBirth(s string) (clock.Day, error) {
	parts := strings.FieldsFunc(text.Fold(s), func(r rune) bool { return r < '0' || r > '9' })
	if len(parts) == 1 && len(parts[0]) == 8 {
		parts = []string{parts[0][:4], parts[0][4:6], parts[0][6:]}
	}
	if len(parts) != 3 {
		return 0, fault.New(fault.Invalid, "ballot.birth").At("birth")
	}
	for i := range parts[1:] {
		if len(parts[i+1]) == 1 {
			parts[i+1] = "0" + parts[i+1]
		}
	}
	day, err := clock.ParseDay(strings.Join(parts, "-"))
	if err != nil || day < clock.Date(1890, 1, 1) {
		return 0, fault.New(fault.Invalid, "ballot.birth").At("birth")
	}
	return day, nil
}
