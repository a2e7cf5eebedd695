package sheet

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/kit/clock"
)

// lastTwo lets a decoder read without reading ahead, and remembers how an
// element ended.
type lastTwo struct {
	*bufio.Reader
	last [2]byte
}

func (l *lastTwo) ReadByte() (byte, error) {
	c, err := l.Reader.ReadByte()
	if err == nil {
		l.last[0], l.last[1] = l.last[1], c
	}
	return c, err
}

// frame reads what stands before and after a table's rows: hidden columns and
// merges. The rows are passed over without being decoded.
func (b *book) frame(t *Table, part string) error {
	rc, err := b.open(part)
	if err != nil {
		return err
	}
	defer rc.Close()
	in := &lastTwo{Reader: bufio.NewReaderSize(rc, 1<<16)}
	d := decoder(in)
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			byRow(t.Merges)
			return nil
		}
		if err != nil {
			return broken(part, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "col":
			if from, to := number(e, "min"), number(e, "max"); yes(attr(e, "hidden")) && from > 0 {
				t.hidden = append(t.hidden, [2]int{from, to})
			}
			if len(t.hidden) > mostColumns {
				return broken(part, errors.New("too many columns"))
			}
		case "sheetData":
			if in.last[0] == '/' {
				continue
			}
			if err := skipRows(in.Reader); err != nil {
				return broken(part, err)
			}
		case "mergeCell":
			m, ok := rangeOf(attr(e, "ref"))
			if !ok || len(t.Merges) == mostMerges {
				return broken(part, errors.New("a merge that is none, or too many of them"))
			}
			t.Merges = append(t.Merges, m)
		}
	}
}

func rangeOf(ref string) (Range, bool) {
	from, to, two := strings.Cut(ref, ":")
	c1, r1, ok := cellAt(from)
	if !two {
		return Range{r1, c1, r1, c1}, ok
	}
	c2, r2, also := cellAt(to)
	return Range{min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)}, ok && also
}

// skipRows passes over everything up to the end of the rows.
func skipRows(in *bufio.Reader) error {
	for {
		if err := skipTo(in, '<'); err != nil {
			return err
		}
		ahead, _ := in.Peek(24)
		switch {
		case bytes.HasPrefix(ahead, []byte("![CDATA[")):
			if err := skipPast(in, "]]>"); err != nil {
				return err
			}
		case bytes.HasPrefix(ahead, []byte("!--")):
			if err := skipPast(in, "-->"); err != nil {
				return err
			}
		case bytes.HasPrefix(ahead, []byte("/")):
			name, _, _ := bytes.Cut(ahead[1:], []byte(">"))
			if at := bytes.IndexByte(name, ':'); at >= 0 {
				name = name[at+1:]
			}
			if string(bytes.TrimSpace(name)) == "sheetData" {
				return skipTo(in, '>')
			}
		}
	}
}

// skipTo reads up to a byte and takes it.
func skipTo(in *bufio.Reader, c byte) error {
	for {
		_, err := in.ReadSlice(c)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// skipPast reads up to an end mark and takes it.
func skipPast(in *bufio.Reader, end string) error {
	for {
		if err := skipTo(in, end[0]); err != nil {
			return err
		}
		if ahead, _ := in.Peek(len(end) - 1); string(ahead) == end[1:] {
			_, err := in.Discard(len(end) - 1)
			return err
		}
	}
}

// rowReader reads the rows of one table.
type rowReader struct {
	b      *book
	t      *Table
	part   string
	d      *xml.Decoder
	number int
	count  int
	merges []Range // that begin further down
	active []*Range
}

func (b *book) rows(t *Table, part string) iter.Seq2[Row, error] {
	merges, name := slices.Clone(t.Merges), t.Name
	return func(yield func(Row, error) bool) {
		rc, err := b.open(part)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer rc.Close()
		r := &rowReader{b: b, t: &Table{Name: name}, part: part, d: decoder(bufio.NewReaderSize(rc, 1<<16)), merges: merges}
		for {
			row, ok, err := r.next()
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !ok || !yield(row, nil) {
				return
			}
		}
	}
}

// next is the next row with something in it.
func (r *rowReader) next() (row Row, ok bool, err error) {
	for {
		t, err := r.d.RawToken()
		if err == io.EOF {
			return Row{}, false, nil
		}
		if err != nil {
			return Row{}, false, broken(r.part, err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return Row{}, false, broken(r.part, errors.New("a document type declaration"))
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return Row{}, false, nil
			}
		case xml.StartElement:
			if t.Name.Local != "row" {
				continue
			}
			n := r.number + 1
			if attr(t, "r") != "" {
				n = number(t, "r")
			}
			if n <= r.number || n > mostRows {
				return Row{}, false, broken(r.part, errors.New("rows out of order"))
			}
			r.number = n
			row := Row{Number: n, Hidden: yes(attr(t, "hidden"))}
			if row.Cells, err = r.cells(); err != nil {
				return Row{}, false, err
			}
			if len(row.Cells) == 0 {
				continue
			}
			if r.count++; r.count > r.b.limits.Rows {
				return Row{}, false, refuse("too_many_rows", "table", r.t.Name, "max", r.b.limits.Rows)
			}
			return row, true, r.mark(&row)
		}
	}
}

// cells reads one row up to its end; nil is a row without a value.
func (r *rowReader) cells() (out []Cell, err error) {
	at := -1
	for {
		t, err := r.d.RawToken()
		if err != nil {
			return nil, broken(r.part, err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return out, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			at++
			if ref := attr(t, "r"); ref != "" {
				column, _, ok := cellAt(ref)
				if !ok || column < at {
					return nil, broken(r.part, errors.New("cells out of order"))
				}
				at = column
			}
			c, err := r.cell(t, at)
			if err != nil {
				return nil, err
			}
			if c.Kind == Blank {
				continue
			}
			if at >= r.b.limits.Columns {
				return nil, refuse("too_many_columns", "table", r.t.Name, "max", r.b.limits.Columns)
			}
			for len(out) < at {
				out = append(out, Cell{})
			}
			out = append(out, c)
		}
	}
}

// cell reads one cell up to its end.
func (r *rowReader) cell(e xml.StartElement, at int) (c Cell, err error) {
	kind, format := attr(e, "t"), number(e, "s")
	var raw, inline string
	value := false
	for {
		t, err := r.d.RawToken()
		if err != nil {
			return c, broken(r.part, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				value = true
			case "f":
				c.Formula = true
			case "is":
				if inline, err = richText(r.d, "is"); err != nil {
					return c, broken(r.part, err)
				}
			case "c", "row":
				return c, broken(r.part, errors.New("a cell within a cell"))
			}
		case xml.CharData:
			if value {
				raw += string(t)
			}
		case xml.EndElement:
			value = false
			if t.Name.Local == "c" {
				return c, r.understand(&c, kind, format, raw, inline, at)
			}
		}
	}
}

// understand fills a cell from what the file says of it.
func (r *rowReader) understand(c *Cell, kind string, format int, raw, inline string, at int) error {
	text := func(s string) {
		if s = clean(s); s != "" {
			c.Kind, c.Text = Text, s
		}
	}
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || n < 0 || n >= len(r.b.texts) {
			return broken(r.part, errors.New("a cell names a text that is not there"))
		}
		text(r.b.texts[n])
	case "inlineStr":
		text(inline)
	case "str":
		text(unescape(raw))
	case "b":
		c.Kind, c.Text = Truth, "FALSE"
		if yes(strings.TrimSpace(raw)) {
			c.Text = "TRUE"
		}
	case "e":
		c.Kind, c.Text = Wrong, clean(raw)
	case "d":
		for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04", time.RFC3339Nano} {
			if at, err := time.ParseInLocation(layout, strings.TrimSpace(raw), clock.China); err == nil {
				setMoment(c, clock.At(at))
				return nil
			}
		}
		text(raw)
	default:
		if strings.TrimSpace(raw) == "" {
			return nil
		}
		if format >= 0 && format < len(r.b.days) && r.b.days[format] && asMoment(c, raw, r.b.from1904) {
			return nil
		}
		s, rounded, ok := plain(raw)
		if !ok {
			text(raw)
			break
		}
		c.Kind, c.Text, c.Rounded = Number, s, rounded
	}
	if c.Kind == Blank {
		c.Formula = false
	}
	if n := units(c.Text); n > mostText {
		return refuse("text_too_long", "table", r.t.Name, "row", r.number, "column", ColumnName(at), "max", mostText, "length", n)
	}
	return nil
}

// mark tells the cells of a row which merges they are part of.
func (r *rowReader) mark(row *Row) error {
	r.active = slices.DeleteFunc(r.active, func(m *Range) bool { return m.ToRow < row.Number })
	for len(r.merges) > 0 && r.merges[0].Row <= row.Number {
		if m := r.merges[0]; m.ToRow >= row.Number {
			r.active = append(r.active, &m)
		}
		r.merges = r.merges[1:]
	}
	if len(r.active) > mostColumns {
		return broken(r.part, errors.New("merges that lie over each other"))
	}
	for _, m := range r.active {
		to := min(m.ToColumn, r.b.limits.Columns-1)
		for len(row.Cells) <= to && m.Column < r.b.limits.Columns {
			row.Cells = append(row.Cells, Cell{})
		}
		for at := m.Column; at <= to; at++ {
			row.Cells[at].Merge = m
		}
	}
	return nil
}
