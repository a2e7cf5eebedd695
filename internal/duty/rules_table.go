package duty

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

// Columns are the columns of a table of a duty list. Headings and words in
// Chinese or English stand in duty/columns.yaml; several values in one cell are
// parted by ; or its Chinese form, a role is FUNCTION, FUNCTION@LEVEL, unit:ID,
// or the Chinese name of a line of work.
func Columns() []string {
	return []string{"id", "kind", "title_zh", "title_en", "classes", "lead", "helpers", "limit", "basis", "remedy",
		"support_zh", "support_en", "boundary_zh", "boundary_en", "way_zh", "way_en", "line", "from", "until"}
}

// mustColumns are those without which a row says nothing.
var mustColumns = []string{"id", "kind", "title_zh", "lead"}

const mostCell = 2000 // characters

// table reads rows into a list.
type table struct {
	cat     *Catalogue
	list    *List
	name    string
	columns []string // of each field of a row, "" for none
	bad     []Remark
	rows    int
}

// ParseTable reads a duty list from CSV into a list whose head is given. Each row
// stands for itself: a bad one is named with its line and reason and left out,
// the others are there.
func (c *Catalogue) ParseTable(name string, in io.Reader, head List) (List, []Remark) {
	return c.parseRows(name, csvRows(in), head)
}

// ParseBook reads a duty list from the first table of a workbook whose first row
// with something in it heads an item; what was merged holds for every row it
// covers. Hidden tables are left alone. Faults: those of kit/sheet.
func (c *Catalogue) ParseBook(name string, data []byte, head List) (List, []Remark, error) {
	tables, err := sheet.ReadBytes(data, sheet.Limits{})
	if err != nil {
		return List{}, nil, err
	}
	for i := range tables {
		if !tables[i].Hidden {
			l, bad := c.parseRows(name, bookRows(&tables[i]), head)
			return l, bad, nil
		}
	}
	l, bad := c.parseRows(name, func(func(tableRow, error) bool) {}, head)
	return l, bad, nil
}

// tableRow is one row under the number that a person sees.
type tableRow struct {
	line  int
	cells []string
}

func csvRows(in io.Reader) iter.Seq2[tableRow, error] {
	return func(yield func(tableRow, error) bool) {
		r := csv.NewReader(in)
		r.FieldsPerRecord = -1
		for {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var broken *csv.ParseError
			line := 1
			if errors.As(err, &broken) {
				line, err = broken.StartLine, broken.Err
			} else if err == nil {
				line, _ = r.FieldPos(0)
			}
			if !yield(tableRow{line, cells}, err) || err != nil {
				return
			}
		}
	}
}

func bookRows(t *sheet.Table) iter.Seq2[tableRow, error] {
	return func(yield func(tableRow, error) bool) {
		merged := map[sheet.Range]string{}
		for row, err := range t.Rows() {
			out := tableRow{line: row.Number}
			for _, c := range row.Cells {
				said := c.Text
				if c.Merge != nil && c.Covered() {
					said = merged[*c.Merge]
				} else if c.Merge != nil {
					merged[*c.Merge] = said
				}
				out.cells = append(out.cells, said)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// parseRows reads the rows of any table: first the headings, then the items.
func (c *Catalogue) parseRows(name string, rows iter.Seq2[tableRow, error], head List) (List, []Remark) {
	l := head
	l.File, l.Items = name, nil
	t := &table{cat: c, list: &l, name: name}
	d := &document{file: name}
	c.checkHead(d, l)
	t.bad = d.bad
	for row, err := range rows {
		if err != nil { // nothing after it can be trusted
			t.say(max(row.line, 1), "", "unreadable", "detail", err.Error())
			break
		}
		if t.columns != nil {
			t.row(row.line, row.cells)
			continue
		}
		if t.readHead(row.line, row.cells); len(t.bad) > len(d.bad) {
			return l, t.bad
		}
	}
	switch {
	case len(t.bad) > 0:
	case t.columns == nil:
		t.say(1, "", "unreadable", "detail", io.EOF.Error())
	case t.rows == 0:
		t.say(1, "", "no_rows")
	}
	return l, t.bad
}

func (t *table) say(line int, column, what string, args ...any) {
	t.bad = append(t.bad, remark(t.name, line, column, what, args...))
}

func (t *table) readHead(line int, row []string) {
	for _, heading := range row {
		plain := text.Fold(strings.TrimSpace(strings.TrimPrefix(heading, "\ufeff")))
		column, known := t.cat.words.columns[plain]
		switch {
		case plain == "":
		case !known:
			t.say(line, heading, "unknown_column", "column", heading)
		case slices.Contains(t.columns, column):
			t.say(line, heading, "twice", "id", heading, "other", column)
		}
		t.columns = append(t.columns, column)
	}
	for _, must := range mustColumns {
		if !slices.Contains(t.columns, must) {
			t.say(line, must, "missing_column", "column", t.cat.words.heads[must])
		}
	}
}

func (t *table) row(line int, row []string) {
	cells := map[string]string{}
	before := len(t.bad)
	for i, cell := range row {
		if i >= len(t.columns) {
			if strings.TrimSpace(cell) != "" {
				t.say(line, "", "too_many_cells")
			}
			break
		}
		clean, err := text.Clean(cell, mostCell)
		if err != nil {
			t.say(line, t.columns[i], "bad_text")
		}
		cells[t.columns[i]] = clean
	}
	if strings.Join(row, "") == "" {
		return
	}
	t.rows++
	item := t.item(line, cells)
	for _, b := range t.cat.checkItem(item, t.list.Remedies) {
		b.File, b.Line = t.name, line
		t.bad = append(t.bad, b)
	}
	for _, other := range t.list.Items {
		if other.ID == item.ID {
			t.say(line, "id", "twice", "id", item.ID, "other", other.FileLine)
		}
	}
	if len(t.bad) == before {
		t.list.Items = append(t.list.Items, item)
	}
}

func (t *table) item(line int, cells map[string]string) Item {
	item := Item{
		ID: cells["id"], Kind: cells["kind"], Title: pair(cells["title_zh"], cells["title_en"]), Classes: parts(cells["classes"]),
		Lead: t.role(cells["lead"]), Basis: cells["basis"], Line: cells["line"], FileLine: line,
		Support: pair(cells["support_zh"], cells["support_en"]), Boundary: pair(cells["boundary_zh"], cells["boundary_en"]), Way: pair(cells["way_zh"], cells["way_en"]),
	}
	if kind, known := t.cat.words.kinds[text.Fold(item.Kind)]; known {
		item.Kind = kind
	}
	for i, c := range item.Classes {
		item.Classes[i] = t.class(c)
	}
	for _, f := range t.cat.Forbidden.Lines {
		if item.Line == f.Title["zh"] {
			item.Line = f.ID
		}
	}
	for _, h := range parts(cells["helpers"]) {
		item.Helpers = append(item.Helpers, t.role(h))
	}
	var err error
	if item.Limit, err = t.cat.words.limit(cells["limit"]); err != nil {
		t.say(line, "limit", "bad_limit", "limit", cells["limit"])
	}
	item.From, item.Until = t.day(line, "from", cells), t.day(line, "until", cells)
	item.Remedy = t.remedy(item.ID, cells["remedy"])
	return item
}

// remedy takes keys of the list; anything else is the text of a remedy of its own.
func (t *table) remedy(id, cell string) []string {
	keys := parts(cell)
	known := func(k string) bool { _, ok := t.list.Remedies[k]; return ok }
	if cell == "" || !slices.ContainsFunc(keys, func(k string) bool { return !known(k) }) {
		return keys
	}
	own := map[string]text.Words{}
	for k, w := range t.list.Remedies {
		own[k] = w
	}
	own[id] = text.Words{"zh": cell}
	t.list.Remedies = own
	return []string{id}
}

// class finds a class by its id or its Chinese title.
func (t *table) class(said string) string {
	for _, k := range t.cat.Classes.order {
		if k.ID == said || k.Title["zh"] == said {
			return k.ID
		}
	}
	return said
}

func (t *table) role(said string) Role {
	if unit, ok := strings.CutPrefix(said, "unit:"); ok {
		return Role{Unit: strings.TrimSpace(unit)}
	}
	function, level, _ := strings.Cut(said, "@")
	r := Role{Function: strings.TrimSpace(function), Level: strings.TrimSpace(level)}
	for _, f := range t.cat.Functions {
		if r.Function == f.Title["zh"] {
			r.Function = f.ID
		}
	}
	if meant, known := t.cat.words.levels[text.Fold(r.Level)]; known {
		r.Level = meant
	}
	return r
}

func (t *table) day(line int, column string, cells map[string]string) clock.Day {
	if cells[column] == "" {
		return 0
	}
	day, err := clock.ParseDay(cells[column])
	if err != nil {
		t.say(line, column, "bad_day", "day", cells[column])
	}
	return day
}

func pair(zh, en string) text.Words {
	if zh == "" && en == "" {
		return nil
	}
	w := text.Words{"zh": zh}
	if en != "" {
		w["en"] = en
	}
	return w
}

// parts cuts a cell at semicolons, also the full-width one.
func parts(cell string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '\uff1b' }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// WriteTable writes the list as CSV that ParseTable reads again; a byte order
// mark first, so that spreadsheets take it for UTF-8.
func (l List) WriteTable(out io.Writer) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write(Columns()); err != nil {
		return err
	}
	for _, i := range l.Items {
		var helpers []string
		for _, h := range i.Helpers {
			helpers = append(helpers, h.String())
		}
		err := w.Write([]string{
			i.ID, i.Kind, i.Title["zh"], i.Title["en"], strings.Join(i.Classes, "; "), i.Lead.String(), strings.Join(helpers, "; "), i.Limit.String(),
			i.Basis, strings.Join(i.Remedy, "; "), i.Support["zh"], i.Support["en"], i.Boundary["zh"], i.Boundary["en"], i.Way["zh"], i.Way["en"], i.Line, dayText(i.From), dayText(i.Until),
		})
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
