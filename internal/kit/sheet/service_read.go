package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The first bytes of files.
const (
	zipMark = "PK\x03\x04"
	oleMark = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	// the names of streams in an old file stand there in UTF-16
	underPassword = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
)

const (
	mostParts  = 5000    // of a zip
	mostMerges = 50000   // of a table
	mostTexts  = 2000000 // shared by a workbook's cells
	mostAtOnce = 1 << 20 // bytes between two signs < of a part: far above the longest text of a cell
)

// Read opens a workbook or CSV file of so many bytes and gives its tables in
// their order; r must stay open while rows are read. Faults, all Invalid:
// sheet.empty, sheet.too_big, sheet.too_big_unzipped, sheet.old_format,
// sheet.password, sheet.other_format, sheet.broken, sheet.too_many_sheets,
// sheet.encoding; from a table's rows also sheet.too_many_rows,
// sheet.too_many_columns, sheet.text_too_long.
func Read(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	l = l.filled()
	switch {
	case size <= 0:
		return nil, refuse("empty")
	case size > l.Bytes:
		return nil, refuse("too_big", "max", l.Bytes>>20)
	}
	mark := make([]byte, 8)
	if n, err := r.ReadAt(mark, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	} else {
		mark = mark[:n]
	}
	switch {
	case bytes.HasPrefix(mark, []byte(zipMark)):
		return readBook(r, size, l)
	case string(mark) == oleMark:
		return nil, old(r, size)
	}
	return readText(r, size, l)
}

// ReadBytes is Read of a file in memory.
func ReadBytes(data []byte, l Limits) ([]Table, error) {
	return Read(bytes.NewReader(data), int64(len(data)), l)
}

func (l Limits) filled() Limits {
	l.Bytes, l.Unzipped = cmp.Or(l.Bytes, Usual.Bytes), cmp.Or(l.Unzipped, Usual.Unzipped)
	l.Rows, l.Columns, l.Sheets = cmp.Or(l.Rows, Usual.Rows), min(cmp.Or(l.Columns, Usual.Columns), mostColumns), cmp.Or(l.Sheets, Usual.Sheets)
	return l
}

// old refuses a file of before 2007, or one that a password wraps in that form.
func old(r io.ReaderAt, size int64) error {
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return err
	}
	if bytes.Contains(data, []byte(underPassword)) {
		return refuse("password")
	}
	return refuse("old_format")
}

// book is an opened workbook.
type book struct {
	limits   Limits
	parts    map[string]*zip.File
	texts    []string // shared by all tables
	days     []bool   // by cell format: a day or time
	from1904 bool
}

func readBook(r io.ReaderAt, size int64, l Limits) ([]Table, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, broken("", err)
	}
	if len(z.File) > mostParts {
		return nil, refuse("too_big_unzipped", "max", l.Unzipped>>20)
	}
	b := &book{limits: l, parts: make(map[string]*zip.File, len(z.File))}
	var total uint64
	for _, f := range z.File {
		if f.UncompressedSize64 > uint64(l.Unzipped) || total+f.UncompressedSize64 > uint64(l.Unzipped) {
			return nil, refuse("too_big_unzipped", "max", l.Unzipped>>20)
		}
		total += f.UncompressedSize64
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if _, twice := b.parts[name]; twice {
			return nil, broken(name, errors.New("the part stands twice in the zip"))
		}
		b.parts[name] = f
	}
	if b.parts["xl/workbook.bin"] != nil || b.parts["mimetype"] != nil || b.parts["word/document.xml"] != nil || b.parts["ppt/presentation.xml"] != nil {
		return nil, refuse("other_format")
	}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	return b.tables(main)
}

// broken is a file that cannot be understood; the cause is for the log.
func broken(part string, err error) error {
	return refuse("broken", "part", part).Because(err)
}

// open unpacks one part, not beyond what the zip's directory said.
func (b *book) open(name string) (io.ReadCloser, error) {
	f := b.parts[strings.ToLower(name)]
	if f == nil {
		return nil, broken(name, errors.New("the part is missing"))
	}
	rc, err := f.Open()
	if err != nil {
		return nil, broken(name, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{&paced{r: io.LimitReader(rc, int64(f.UncompressedSize64))}, rc}, nil
}

// paced refuses a part in which one text or element goes on and on, before a
// decoder has gathered it.
type paced struct {
	r   io.Reader
	run int
}

func (p *paced) Read(into []byte) (int, error) {
	n, err := p.r.Read(into)
	if at := bytes.LastIndexByte(into[:n], '<'); at >= 0 {
		p.run = n - at
	} else if p.run += n; p.run > mostAtOnce {
		return 0, errors.New("an element or text without end")
	}
	return n, err
}

// elements walks through a part and shows each opening element; inside, text
// gives the text up to its end.
func (b *book) elements(name string, visit func(d *xml.Decoder, e xml.StartElement) error) error {
	rc, err := b.open(name)
	if err != nil {
		return err
	}
	defer rc.Close()
	d := decoder(rc)
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken(name, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := visit(d, t); err != nil {
				return err
			}
		case xml.Directive: // a DTD has no business here
			return broken(name, errors.New("a document type declaration"))
		}
	}
}

func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	return d
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func number(e xml.StartElement, name string) int {
	n, err := strconv.Atoi(attr(e, name))
	if err != nil {
		return -1
	}
	return n
}

func yes(s string) bool { return s == "1" || s == "true" }

// relation is one line of a part's relations.
type relation struct{ kind, target string }

// relations of a part: id to what it means and where it leads.
func (b *book) relations(of string) (map[string]relation, error) {
	folder, file := path.Split(of)
	out := map[string]relation{}
	err := b.elements(folder+"_rels/"+file+".rels", func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && !strings.EqualFold(attr(e, "TargetMode"), "External") {
			target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = folder + target
			}
			out[attr(e, "Id")] = relation{path.Base(attr(e, "Type")), strings.TrimPrefix(path.Clean("/"+target), "/")}
		}
		return nil
	})
	return out, err
}

// mainPart is where the workbook stands, mostly xl/workbook.xml.
func (b *book) mainPart() (string, error) {
	list, err := b.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range list {
		if r.kind == "officeDocument" {
			return r.target, nil
		}
	}
	return "", broken("_rels/.rels", errors.New("no workbook is named"))
}

// tables reads what stands around the tables, and of each what it must know
// before its rows: hidden columns and merges.
func (b *book) tables(main string) ([]Table, error) {
	list, err := b.relations(main)
	if err != nil {
		return nil, err
	}
	type named struct{ name, part string }
	var sheets []named
	var out []Table
	err = b.elements(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.from1904 = yes(attr(e, "date1904"))
		case "sheet":
			var to relation
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" { // r:id
					to = list[a.Value]
				}
			}
			if to.kind != "worksheet" {
				return nil
			}
			if len(sheets) == b.limits.Sheets {
				return refuse("too_many_sheets", "max", b.limits.Sheets)
			}
			sheets = append(sheets, named{attr(e, "name"), to.target})
			out = append(out, Table{Name: clean(attr(e, "name")), Hidden: attr(e, "state") == "hidden" || attr(e, "state") == "veryHidden"})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		switch r.kind {
		case "sharedStrings":
			err = b.readTexts(r.target)
		case "styles":
			err = b.readStyles(r.target)
		}
		if err != nil {
			return nil, err
		}
	}
	for i := range out {
		if err := b.frame(&out[i], sheets[i].part); err != nil {
			return nil, err
		}
		out[i].rows = b.rows(&out[i], sheets[i].part)
	}
	return out, nil
}

// readTexts reads the texts that cells share.
func (b *book) readTexts(part string) error {
	if b.parts[strings.ToLower(part)] == nil {
		return nil
	}
	return b.elements(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := richText(d, "si")
		if err != nil {
			return broken(part, err)
		}
		if len(b.texts) == mostTexts {
			return refuse("too_big_unzipped", "max", b.limits.Unzipped>>20)
		}
		b.texts = append(b.texts, s)
		return nil
	})
}

// richText gathers the text of an element up to its end; how it is to be read
// aloud (rPh) is left out.
func richText(d *xml.Decoder, end string) (string, error) {
	var out strings.Builder
	in, phonetic := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			in, phonetic = t.Name.Local == "t", phonetic || t.Name.Local == "rPh"
		case xml.CharData:
			if in && !phonetic {
				out.Write(t)
			}
		case xml.EndElement:
			in = false
			switch t.Name.Local {
			case "rPh":
				phonetic = false
			case end:
				return unescape(out.String()), nil
			}
		}
	}
}

// unescape resolves _x000D_ and its like.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for {
		at := strings.Index(s, "_x")
		if at < 0 || len(s) < at+7 {
			break
		}
		n, err := strconv.ParseUint(s[at+2:at+6], 16, 16)
		if err != nil || s[at+6] != '_' {
			out.WriteString(s[:at+2])
			s = s[at+2:]
			continue
		}
		out.WriteString(s[:at])
		out.WriteRune(rune(n))
		s = s[at+7:]
	}
	out.WriteString(s)
	return out.String()
}

// readStyles learns which cell formats write days.
func (b *book) readStyles(part string) error {
	if b.parts[strings.ToLower(part)] == nil {
		return nil
	}
	own, inside := map[int]bool{}, false
	return b.elements(part, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			own[number(e, "numFmtId")] = codeDay(attr(e, "formatCode"))
		case "cellXfs":
			inside = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inside = false
		case "xf":
			if inside && len(b.days) < 1<<16 {
				id := number(e, "numFmtId")
				is, known := own[id]
				b.days = append(b.days, known && is || !known && builtinDay(id))
			}
		}
		return nil
	})
}

// byRow orders merges as rows meet them.
func byRow(list []Range) {
	slices.SortFunc(list, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column)) })
}
