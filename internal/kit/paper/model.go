package paper

import "time"

// Size of the paper.
type Size string

// The sizes.
const (
	A4 Size = "A4"
	A3 Size = "A3"
)

// Options of a file. Lang is a language tag such as zh-CN; At is when it was made.
type Options struct {
	Size      Size // default A4
	Landscape bool
	Title     string // of the file, for the window's title and for screen readers
	Author    string
	Lang      string
	Foot      string // stands small at the foot of every page, before the page number
	At        time.Time
}

// Fact is one name with its value.
type Fact struct{ Name, Value string }

// Column of a table. Share is its part of the width; Right sets numbers right.
type Column struct {
	Head  string
	Share float64
	Right bool
}

// Table with its head, which stands again on every page.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// Look of a line of text.
type Look struct {
	Points float64 // size of the letters; default 10.5
	Bold   bool
	Centre bool
	Grey   bool
}
