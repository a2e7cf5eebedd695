package request

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"html"
	"io"
	"strings"
	"unicode/utf8"

	"linli/internal/kit/fault"
)

// mostImport bounds an unpacked file.
const mostImport = 1 << 30

// table is a CSV read with its header.
type table struct {
	in   *csv.Reader
	at   map[string]int
	head int // columns
}

// openTable reads the header of a CSV, gzipped or not, and refuses one that lacks
// a column.
func openTable(raw io.Reader, need []string) (*table, error) {
	peek := make([]byte, 2)
	n, err := io.ReadFull(raw, peek)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fault.New(fault.Invalid, "request.import_unreadable").Because(err)
	}
	whole := io.MultiReader(bytes.NewReader(peek[:n]), raw)
	if n == 2 && peek[0] == 0x1f && peek[1] == 0x8b {
		unpacked, err := gzip.NewReader(whole)
		if err != nil {
			return nil, fault.New(fault.Invalid, "request.import_unreadable").Because(err)
		}
		whole = unpacked
	}
	t := &table{in: csv.NewReader(io.LimitReader(whole, mostImport)), at: map[string]int{}}
	t.in.FieldsPerRecord = -1
	t.in.ReuseRecord = true
	head, err := t.in.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "request.import_unreadable").Because(err)
	}
	for i, name := range head {
		t.at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	t.head = len(head)
	for _, column := range need {
		if _, ok := t.at[column]; !ok {
			return nil, fault.New(fault.Invalid, "request.import_header", "column", column)
		}
	}
	return t, nil
}

// record is one row by column, HTML entities resolved.
type record struct {
	line int
	row  []string
	at   map[string]int
}

func (r record) get(column string) string {
	i, ok := r.at[column]
	if column == "" || !ok || i >= len(r.row) {
		return ""
	}
	return r.row[i]
}

// next gives the next row. A row that cannot be read is a fault with its line;
// io.EOF ends the table.
func (t *table) next() (record, error) {
	row, err := t.in.Read()
	if errors.Is(err, io.EOF) {
		return record{}, io.EOF
	}
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		return record{line: broken.Line}, fault.New(fault.Invalid, "request.import_row").Because(err)
	}
	if err != nil {
		return record{}, err
	}
	line, _ := t.in.FieldPos(0)
	out := record{line: line, at: t.at, row: make([]string, len(row))}
	if len(row) != t.head {
		return out, fault.New(fault.Invalid, "request.import_row")
	}
	for i, v := range row {
		if !utf8.ValidString(v) {
			return out, fault.New(fault.Invalid, "text.not_utf8")
		}
		out.row[i] = strings.TrimSpace(html.UnescapeString(v))
	}
	return out, nil
}
