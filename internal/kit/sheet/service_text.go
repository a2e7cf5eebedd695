package sheet

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// readText reads a CSV file: its limits are small enough to hold it.
func readText(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	s, err := decode(data)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(s) == "" {
		return nil, refuse("empty")
	}
	return []Table{{rows: textRows(s, l)}}, nil
}

// decode brings the bytes of a text to UTF-8: by its mark, else UTF-8 where it
// is that, else GB18030, which older office programs write.
func decode(data []byte) (string, error) {
	from := encoding.Encoding(simplifiedchinese.GB18030)
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
		if !utf8.Valid(data) {
			return "", refuse("encoding")
		}
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
		out, err := from.NewDecoder().Bytes(data)
		if err != nil {
			return "", refuse("encoding").Because(err)
		}
		data = out
	case !utf8.Valid(data):
		out, err := from.NewDecoder().Bytes(data)
		if err != nil || bytes.Contains(out, []byte("\ufffd")) {
			return "", refuse("encoding")
		}
		data = out
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", refuse("other_format")
	}
	return string(data), nil
}

// separator is what the first line parts its fields by.
func separator(s string) byte {
	best, most, quoted := byte(','), 0, false
	counts := map[byte]int{}
	for i := range len(s) {
		c := s[i]
		if c == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if c == '\n' || c == '\r' {
			break
		}
		counts[c]++
	}
	for _, c := range []byte{',', '\t', ';'} {
		if counts[c] > most {
			best, most = c, counts[c]
		}
	}
	return best
}

// textRows cuts a text into rows as a spreadsheet does: blank lines count, and a
// quoted field may hold line ends.
func textRows(s string, l Limits) iter.Seq2[Row, error] {
	sep := separator(s)
	return func(yield func(Row, error) bool) {
		rest, number, count := s, 0, 0
		for rest != "" {
			number++
			var fields []string
			fields, rest = record(rest, sep)
			row := Row{Number: number}
			for at, f := range fields {
				c, long := textCell(f), 0
				if long = units(c.Text); long > mostText {
					yield(Row{}, refuse("text_too_long", "table", "", "row", number, "column", ColumnName(at), "max", mostText, "length", long))
					return
				}
				if c.Kind == Blank {
					continue
				}
				if at >= l.Columns {
					yield(Row{}, refuse("too_many_columns", "table", "", "max", l.Columns))
					return
				}
				for len(row.Cells) < at {
					row.Cells = append(row.Cells, Cell{})
				}
				row.Cells = append(row.Cells, c)
			}
			if len(row.Cells) == 0 {
				continue
			}
			if count++; count > l.Rows {
				yield(Row{}, refuse("too_many_rows", "table", "", "max", l.Rows))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// textCell is a field; ="0123", by which lists keep leading zeros, is its text.
func textCell(f string) Cell {
	if len(f) >= 3 && strings.HasPrefix(f, `="`) && strings.HasSuffix(f, `"`) && !strings.Contains(f[2:len(f)-1], `"`) {
		f = f[2 : len(f)-1]
	}
	if f = clean(f); f == "" {
		return Cell{}
	}
	return Cell{Kind: Text, Text: f}
}

// record takes the first row off a text that is not empty.
func record(s string, sep byte) (fields []string, rest string) {
	for {
		var f string
		var end byte
		f, end, s = field(s, sep)
		fields = append(fields, f)
		if end != sep {
			return fields, s
		}
	}
}

// field takes the first field off; end is the separator, a line end, or 0. A
// quote within a field that was not begun by one is a sign like any other.
func field(s string, sep byte) (f string, end byte, rest string) {
	if !strings.HasPrefix(s, `"`) {
		at := strings.IndexAny(s, string(rune(sep))+"\r\n")
		if at < 0 {
			return s, 0, ""
		}
		return s[:at], s[at], after(s, at)
	}
	var out strings.Builder
	for s = s[1:]; ; {
		at := strings.IndexByte(s, '"')
		if at < 0 { // never closed: the rest is the field
			out.WriteString(s)
			return out.String(), 0, ""
		}
		out.WriteString(s[:at])
		s = s[at+1:]
		if strings.HasPrefix(s, `"`) {
			out.WriteByte('"')
			s = s[1:]
			continue
		}
		more, end, rest := "", byte(0), ""
		if at := strings.IndexAny(s, string(rune(sep))+"\r\n"); at >= 0 {
			more, end, rest = s[:at], s[at], after(s, at)
		} else {
			more = s
		}
		return out.String() + more, end, rest
	}
}

// after is what follows a separator or line end.
func after(s string, at int) string {
	if s[at] == '\r' && strings.HasPrefix(s[at+1:], "\n") {
		at++
	}
	return s[at+1:]
}
