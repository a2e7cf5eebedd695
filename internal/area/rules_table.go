package area

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

const (
	mostLine     = 64 << 10 // bytes of one line
	mostUnpacked = 2 << 30  // bytes of one file after decompression
)

// table reads a CSV file line by line. A broken line costs that line only: a
// quote that never closes does not swallow the rest of the file, because no
// field here holds a line feed.
type table struct {
	in     *bufio.Reader
	header []string // folded
	line   int
}

// openTable reads the header. Gzip is recognised by its first bytes. Faults:
// area.file_empty, area.file_unreadable, area.file_encoding.
func openTable(data []byte) (*table, error) {
	var in io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fault.New(fault.Invalid, "area.file_unreadable").Because(err)
		}
		in = z
	}
	t := &table{in: bufio.NewReaderSize(io.LimitReader(in, mostUnpacked), mostLine)}
	fields, err := t.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "area.file_empty")
	}
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if !utf8.ValidString(f) {
			return nil, fault.New(fault.Invalid, "area.file_encoding")
		}
		t.header = append(t.header, text.Fold(strings.TrimPrefix(f, "\ufeff")))
	}
	return t, nil
}

// errLine marks a fault that concerns one line only.
type errLine struct{ *fault.Fault }

// Unwrap gives the fault itself.
func (e errLine) Unwrap() error { return e.Fault }

// next gives the fields of the next line that is not blank. io.EOF ends; an
// errLine concerns this line only; any other error ends the file.
func (t *table) next() ([]string, error) {
	for {
		raw, err := t.in.ReadSlice('\n')
		t.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = t.in.ReadSlice('\n')
			}
			return nil, errLine{fault.New(fault.Invalid, "area.line_too_long", "max", mostLine)}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, "area.file_truncated", "line", t.line).Because(err)
		}
		line := strings.TrimRight(string(raw), "\r\n")
		if strings.TrimSpace(line) == "" {
			if err != nil {
				return nil, io.EOF
			}
			continue
		}
		return split(line)
	}
}

func split(line string) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, ","), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if err != nil {
		return nil, errLine{fault.New(fault.Invalid, "area.line_quotes").Because(err)}
	}
	return fields, nil
}

// column finds the first column known by one of the words; -1 where there is
// none.
func (t *table) column(words []string) int {
	for _, w := range words {
		folded := text.Fold(w)
		for i, h := range t.header {
			if h == folded {
				return i
			}
		}
	}
	return -1
}

// columns finds every column known by one of the words.
func (t *table) columns(words []string) []int {
	var out []int
	for i, h := range t.header {
		if known(words, h) {
			out = append(out, i)
		}
	}
	return out
}

// field reads one field; "" where the column is missing.
func field(fields []string, i int) string {
	if i < 0 || i >= len(fields) {
		return ""
	}
	return strings.TrimSpace(fields[i])
}
