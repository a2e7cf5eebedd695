package area

import (
	"errors"
	"io"
	"slices"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

const mostName = 60 // the longest name of the national table has 33 characters

// row is one division as a file states it.
type row struct {
	code, name string
	nameEn     string
	hasEn      bool // the file has a column for English names
	where      int
}

// divisions reads the rows of one file, in either of two layouts: one division
// per row (code, name), or several levels side by side.
type divisions struct {
	file               string
	t                  *table
	code, name, nameEn int
	parents            []int
	nested             [][2]int
	levels             []Level // of nested columns
	deepest            Level   // what the file is about
	first              []string
	firstErr           error
	lastNested         map[string]string
}

// openDivisions reads the header and finds the layout. Faults: those of
// openTable, area.columns_unknown.
func openDivisions(f File, l Lists) (*divisions, error) {
	t, err := openTable(f.Data)
	if err != nil {
		return nil, err
	}
	d := &divisions{file: f.Name, t: t, lastNested: map[string]string{}}
	for i, n := range l.Nested {
		code, name := t.column(n.Code), t.column(n.Name)
		if code >= 0 && name >= 0 {
			d.nested = append(d.nested, [2]int{code, name})
			d.levels = append(d.levels, Level(i)+Province)
		}
	}
	d.code, d.name, d.nameEn = t.column(l.Division.Code), t.column(l.Division.Name), t.column(l.Division.NameEn)
	flat := d.code >= 0 && d.name >= 0
	if !flat && len(d.nested) == 0 {
		return nil, fault.New(fault.Invalid, "area.columns_unknown", "columns", t.header)
	}
	d.first, d.firstErr = t.next()
	if flat {
		d.nested = nil
		for _, i := range t.columns(l.Division.Parent) {
			if i != d.code && i != d.name {
				d.parents = append(d.parents, i)
			}
		}
		d.deepest = LevelOf(field(d.first, d.code))
	} else {
		d.deepest = slices.Max(d.levels)
	}
	return d, nil
}

// next gives the divisions of the next line, and for a broken line its fault as
// an errLine together with what could be read of it.
func (d *divisions) next() ([]row, error) {
	fields, err := d.first, d.firstErr
	if d.first == nil && d.firstErr == nil {
		fields, err = d.t.next()
	}
	d.first, d.firstErr = nil, nil
	if err != nil {
		if errors.Is(err, io.EOF) {
			d.firstErr = io.EOF
		}
		return []row{{where: d.t.line}}, err
	}
	if len(d.nested) > 0 {
		return d.nestedRows(fields), nil
	}
	r := row{code: field(fields, d.code), name: field(fields, d.name), nameEn: field(fields, d.nameEn),
		hasEn: d.nameEn >= 0, where: d.t.line}
	if len(fields) < len(d.t.header) {
		return []row{r}, errLine{fault.New(fault.Invalid, "area.line_short", "want", len(d.t.header), "have", len(fields))}
	}
	if len(fields) > len(d.t.header) {
		return []row{r}, errLine{fault.New(fault.Invalid, "area.line_long", "want", len(d.t.header), "have", len(fields))}
	}
	for _, i := range d.parents {
		if p := field(fields, i); p != "" && (!Under(r.code, p) || len(p) >= len(r.code)) {
			return []row{r}, errLine{fault.New(fault.Invalid, "area.parent_mismatch", "code", short(r.code), "parent", short(p))}
		}
	}
	return []row{r}, nil
}

// nestedRows gives each level of a row once: the upper ones repeat from line to
// line and are told again only when they differ.
func (d *divisions) nestedRows(fields []string) []row {
	var out []row
	for i, at := range d.nested {
		r := row{code: field(fields, at[0]), name: field(fields, at[1]), where: d.t.line}
		if i < len(d.nested)-1 {
			if name, told := d.lastNested[r.code]; told && name == r.name {
				continue
			}
			d.lastNested[r.code] = r.name
		}
		out = append(out, r)
	}
	return out
}

// checkRow brings a row into the form in which it is kept, or says why not.
// Faults: those of CheckCode, area.name_missing, area.name_line, those of
// text.Clean.
func checkRow(r row) (row, error) {
	if err := CheckCode(r.code); err != nil {
		return r, err
	}
	name, err := oneLine(r.name)
	if err != nil {
		return r, err
	}
	if name == "" {
		return r, fault.New(fault.Invalid, "area.name_missing").At("name")
	}
	r.name = name
	if r.nameEn, err = text.Clean(r.nameEn, 4*mostName); err != nil {
		return r, fault.Of(err).At("name_en")
	}
	return r, nil
}

// oneLine cleans a name.
func oneLine(s string) (string, error) {
	name, err := text.Clean(s, mostName)
	if err != nil {
		return "", fault.Of(err).At("name")
	}
	for i := range len(name) {
		if name[i] == '\n' || name[i] == '\t' {
			return "", fault.New(fault.Invalid, "area.name_line").At("name")
		}
	}
	return name, nil
}
