package sheet

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/internal/kit/clock"
)

// Write writes the book. Faults: sheet.text_too_long, sheet.too_many_rows,
// sheet.too_many_columns; an error of a sheet's rows is given back as it is.
func Write(w io.Writer, b Book) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	props := &excelize.DocProperties{Title: clean(b.Title), Subject: clean(b.Subject), Creator: clean(b.Creator), LastModifiedBy: clean(b.Creator)}
	if b.Created != 0 {
		props.Created = b.Created.Time().UTC().Format(time.RFC3339)
		props.Modified = props.Created
	}
	if err := f.SetDocProps(props); err != nil {
		return err
	}
	st, err := newStyles(f)
	if err != nil {
		return err
	}
	if len(b.Sheets) == 0 {
		b.Sheets = []Sheet{{}}
	}
	list := names(b.Sheets)
	for i, name := range list {
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return err
		}
	}
	for i, name := range list {
		if err := writeSheet(f, name, b.Sheets[i], st); err != nil {
			return err
		}
	}
	return f.Write(w)
}

// styles are the numbers of a file's cell formats.
type styles struct {
	note, head int
	cell, sum  map[Kind]int
}

// Formats of cells by kind. Text has its own, so that a cell stays text when
// somebody edits it.
var formats = map[Kind]string{Text: "@", Number: "#,##0", Day: "yyyy-mm-dd", Moment: "yyyy-mm-dd hh:mm", Money: "#,##0.00", Share: "0.0%"}

var widths = map[Kind]float64{Text: 24, Number: 12, Day: 12, Moment: 18, Money: 16, Share: 12}

func newStyles(f *excelize.File) (st styles, err error) {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	add := func(s *excelize.Style) (id int) {
		if err == nil {
			id, err = f.NewStyle(s)
		}
		return id
	}
	asText := formats[Text]
	st.note = add(&excelize.Style{CustomNumFmt: &asText, Font: &excelize.Font{Color: "595959"}})
	st.head = add(&excelize.Style{CustomNumFmt: &asText, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF4"}},
		Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "8CA0B3"}}})
	st.cell, st.sum = map[Kind]int{}, map[Kind]int{}
	for kind, format := range formats {
		st.cell[kind] = add(&excelize.Style{CustomNumFmt: &format, Alignment: top})
		st.sum[kind] = add(&excelize.Style{CustomNumFmt: &format, Font: &excelize.Font{Bold: true}, Border: []excelize.Border{{Type: "top", Style: 1, Color: "8CA0B3"}}})
	}
	return st, err
}

// sheetWriter writes one sheet from top to bottom.
type sheetWriter struct {
	*excelize.StreamWriter
	Sheet
	name string
	st   styles
	row  int // the last written
	head int
	sums []int64 // of whole numbers and fen
	open []bool  // columns with other numbers, which only the spreadsheet adds up
}

func writeSheet(f *excelize.File, name string, s Sheet, st styles) error {
	if len(s.Columns) > mostColumns {
		return refuse("too_many_columns", "table", name, "max", mostColumns)
	}
	stream, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	w := &sheetWriter{StreamWriter: stream, Sheet: s, name: name, st: st, head: len(s.Notes) + 1, sums: make([]int64, len(s.Columns)), open: make([]bool, len(s.Columns))}
	if err := w.top(f); err != nil {
		return err
	}
	if s.Rows != nil {
		for row, err := range s.Rows {
			if err == nil {
				err = w.line(row)
			}
			if err != nil {
				return err
			}
		}
	}
	if s.Sum != "" && w.row > w.head {
		if err := w.sum(); err != nil {
			return err
		}
	}
	return w.Flush()
}

// top writes what stands above the rows.
func (w *sheetWriter) top(f *excelize.File) error {
	for i, c := range w.Columns {
		width := c.Width
		if width <= 0 {
			width = widths[kindOf(c)]
		}
		if err := w.SetColWidth(i+1, i+1, math.Min(width, 120)); err != nil {
			return err
		}
	}
	first := "A" + strconv.Itoa(w.head+1)
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: w.head, TopLeftCell: first, ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for _, n := range w.Notes {
		cell, err := w.text(n, w.st.note, 0)
		if err != nil {
			return err
		}
		if err := w.put([]any{cell}); err != nil {
			return err
		}
	}
	head := make([]any, len(w.Columns))
	for i, c := range w.Columns {
		cell, err := w.text(c.Head, w.st.head, i)
		if err != nil {
			return err
		}
		head[i] = cell
	}
	if err := w.put(head); err != nil {
		return err
	}
	landscape, fit := "landscape", 1
	if len(w.Columns) > 6 {
		if err := f.SetPageLayout(w.name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &fit}); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(c Column) Kind {
	if c.Kind == "" {
		return Text
	}
	return c.Kind
}

func (w *sheetWriter) put(values []any) error {
	if w.row++; w.row > mostRows {
		return refuse("too_many_rows", "table", w.name, "max", mostRows)
	}
	return w.SetRow("A"+strconv.Itoa(w.row), values)
}

// text is a cell that holds text and nothing else.
func (w *sheetWriter) text(s string, style, column int) (excelize.Cell, error) {
	s = clean(s)
	if n := units(s); n > mostText {
		return excelize.Cell{}, refuse("text_too_long", "table", w.name, "row", w.row+1, "column", ColumnName(column), "max", mostText, "length", n)
	}
	return excelize.Cell{StyleID: style, Value: s}, nil
}

func (w *sheetWriter) line(values []any) error {
	if len(values) > len(w.Columns) {
		return fmt.Errorf("sheet %q row %d: %d values for %d columns", w.name, w.row+1, len(values), len(w.Columns))
	}
	cells := make([]any, len(values))
	for i, v := range values {
		kind := kindOf(w.Columns[i])
		got, err := w.value(i, kind, v)
		if err != nil {
			return err
		}
		cells[i] = got
	}
	return w.put(cells)
}

// value makes a cell of a value of the column's kind.
func (w *sheetWriter) value(at int, kind Kind, v any) (any, error) {
	style := w.st.cell[kind]
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return w.text(v, w.st.cell[Text], at)
	case int:
		return w.whole(at, kind, int64(v))
	case int64:
		return w.whole(at, kind, v)
	case float64:
		if kind == Number && !math.IsNaN(v) && !math.IsInf(v, 0) {
			w.open[at] = true
			return excelize.Cell{Value: v}, nil
		}
	case clock.Day:
		if kind == Day {
			return w.serial(v.Start(), style), nil
		}
	case clock.Instant:
		if kind == Moment && v == 0 {
			return nil, nil
		}
		if kind == Moment {
			return w.serial(v, style), nil
		}
	case Part:
		if kind == Share && v.Of == 0 {
			return nil, nil
		}
		if kind == Share {
			return excelize.Cell{StyleID: style, Value: float64(v.N) / float64(v.Of)}, nil
		}
	}
	return nil, fmt.Errorf("sheet %q row %d column %s: a %T is no %s", w.name, w.row+1, ColumnName(at), v, kind)
}

// serial is a moment of China as the number of days that a spreadsheet counts;
// what lies before its first day is written out.
func (w *sheetWriter) serial(at clock.Instant, style int) excelize.Cell {
	since := at.Sub(clock.Date(1899, time.December, 30).Start())
	if serial := float64(since/time.Second) / day.Seconds(); serial >= 61 {
		return excelize.Cell{StyleID: style, Value: serial}
	}
	c := Cell{}
	setMoment(&c, at)
	return excelize.Cell{StyleID: w.st.cell[Text], Value: c.Text}
}

// whole writes whole numbers and amounts; what would lose digits becomes text.
func (w *sheetWriter) whole(at int, kind Kind, n int64) (any, error) {
	exact := n >= -exactBelow && n <= exactBelow
	switch {
	case kind == Number && exact:
		w.sums[at] += n
		return excelize.Cell{StyleID: w.st.cell[kind], Value: n}, nil
	case kind == Number:
		return w.text(strconv.FormatInt(n, 10), w.st.cell[Text], at)
	case kind == Money && exact:
		w.sums[at] += n
		return excelize.Cell{StyleID: w.st.cell[kind], Value: float64(n) / 100}, nil
	case kind == Money:
		return w.text(yuan(n), w.st.cell[Text], at)
	}
	return nil, fmt.Errorf("sheet %q row %d column %s: a whole number is no %s", w.name, w.row+1, ColumnName(at), kind)
}

func yuan(fen int64) string {
	sign, u := "", uint64(fen)
	if fen < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// sum writes the last row: formulas with the values they come to.
func (w *sheetWriter) sum() error {
	cells := make([]any, len(w.Columns))
	last := w.row
	for i, c := range w.Columns {
		kind := kindOf(c)
		if kind != Number && kind != Money {
			continue
		}
		column := ColumnName(i)
		var value any = w.sums[i]
		if kind == Money {
			value = float64(w.sums[i]) / 100
		}
		if w.open[i] {
			value = nil
		}
		cells[i] = excelize.Cell{StyleID: w.st.sum[kind], Value: value, Formula: fmt.Sprintf("SUM(%s%d:%s%d)", column, w.head+1, column, last)}
	}
	label, err := w.text(w.Sum, w.st.sum[Text], 0)
	if err != nil {
		return err
	}
	if len(cells) > 0 && cells[0] == nil {
		cells[0] = label
	}
	return w.put(cells)
}
