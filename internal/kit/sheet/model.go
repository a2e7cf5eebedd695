package sheet

import (
	"iter"
	"strconv"

	"linli/internal/kit/clock"
)

// Kind is what a column holds (when writing) or a cell is (when reading).
type Kind string

// The kinds. A text may stand in a column of any kind, as may nil for nothing.
const (
	Blank  Kind = ""       // read only: nothing in it
	Text   Kind = "text"   // string
	Number Kind = "number" // int, int64 or float64
	Day    Kind = "day"    // clock.Day
	Moment Kind = "moment" // clock.Instant; none is an empty cell
	Money  Kind = "money"  // int or int64, in fen
	Share  Kind = "share"  // Part; read as a Number
	Truth  Kind = "truth"  // read only: TRUE or FALSE
	Wrong  Kind = "wrong"  // read only: an error value such as #REF!
)

// Part is a share of a whole, written as a percentage; of nothing it is an
// empty cell.
type Part struct{ N, Of int64 }

// Book is a workbook to write.
type Book struct {
	Title, Subject, Creator string // of the file's properties
	Created                 clock.Instant
	Sheets                  []Sheet
}

// Sheet is one table of a workbook. Its head is bold and stays in sight.
type Sheet struct {
	Name    string   // what a spreadsheet does not allow in a name is replaced
	Notes   []string // lines above the head: who made this, when, why
	Columns []Column
	Rows    iter.Seq2[[]any, error] // nil is none; each as long as Columns or shorter
	Sum     string                  // what the last row is called, which adds up number and money columns; "" is no such row
}

// Column is one column of a sheet.
type Column struct {
	Head  string
	Kind  Kind    // Text where it is empty
	Width float64 // in characters of the standard font; 0 is by kind
}

// List gives rows that are in memory already.
func List(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Limits hold what may be read; a zero takes the value of Usual.
type Limits struct {
	Bytes    int64 // of the file as it is
	Unzipped int64 // of all its parts together
	Rows     int   // with something in them, of one table
	Columns  int   // with something in them
	Sheets   int
}

// Usual is what an office's list needs and a small server bears.
var Usual = Limits{Bytes: 20 << 20, Unzipped: 200 << 20, Rows: 100_000, Columns: 256, Sheets: 50}

// Table is one table of a file. A CSV file has one, without a name.
type Table struct {
	Name   string
	Hidden bool
	Merges []Range // in the order of their first rows

	hidden [][2]int // columns
	rows   iter.Seq2[Row, error]
}

// Rows gives the rows with something in them, from the first on; it may be asked
// again. After an error there is no further row.
func (t *Table) Rows() iter.Seq2[Row, error] { return t.rows }

// HiddenColumn tells whether a column (0 is A) is hidden.
func (t *Table) HiddenColumn(at int) bool {
	for _, h := range t.hidden {
		if at+1 >= h[0] && at+1 <= h[1] {
			return true
		}
	}
	return false
}

// Row is one row. Its cells begin at column A.
type Row struct {
	Number int // as a person sees it: the first is 1
	Hidden bool
	Cells  []Cell
}

// At is the cell in a column (0 is A); beyond the row's end it is blank.
func (r Row) At(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

// Cell is one cell.
type Cell struct {
	Kind   Kind
	Text   string        // plain: 1234.5, 2006-01-02, 2006-01-02 15:04, TRUE, #REF!
	Day    clock.Day     // of a Day or Moment
	Moment clock.Instant // of a Day (its start) or Moment

	Formula bool   // Text is what the formula had come to when the file was last saved
	Rounded bool   // a number of more than 15 digits, the last of which the spreadsheet has lost
	Merge   *Range // the merge it is part of; only its first cell has the value
}

// Covered tells whether another cell of its merge holds the value.
func (c Cell) Covered() bool { return c.Merge != nil && c.Kind == Blank }

// Range is a rectangle of cells: rows as a person sees them, columns from 0 (A).
type Range struct{ Row, Column, ToRow, ToColumn int }

// String is such as B2:C5.
func (r Range) String() string {
	return ColumnName(r.Column) + strconv.Itoa(r.Row) + ":" + ColumnName(r.ToColumn) + strconv.Itoa(r.ToRow)
}
