package paper

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
	"rsc.io/qr"
)

//go:embed font/NotoSansSC-Regular.ttf.gz
var packed []byte

// letters is the font, unpacked once when the first page is set.
type letters struct {
	raw  []byte
	font *sfnt.Font
}

var unpack = sync.OnceValues(func() (*letters, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	font, err := sfnt.Parse(raw)
	if err != nil {
		return nil, err
	}
	return &letters{raw, font}, nil
})

// has says whether the font can draw r. Beyond the basic plane the PDF writer
// cannot address a character.
func (l *letters) has(r rune) bool {
	if r > 0xffff {
		return false
	}
	i, err := l.font.GlyphIndex(nil, r)
	return err == nil && i != 0
}

const (
	family  = "noto"
	body    = 10.5 // points
	leading = 1.5
	margin  = 18.0 // mm
	perPt   = 25.4 / 72
)

// Doc is a file that is being set, from the top down. It is for one goroutine;
// the first fault stays and Write returns it.
type Doc struct {
	pdf  *fpdf.Fpdf
	font *letters
	err  error
	room float64 // width of the column, mm
}

// New begins a file with its first page.
func New(o Options) *Doc {
	if o.Size == "" {
		o.Size = A4
	}
	way := "P"
	if o.Landscape {
		way = "L"
	}
	d := &Doc{pdf: fpdf.New(way, "mm", string(o.Size), "")}
	if d.font, d.err = unpack(); d.err != nil {
		return d
	}
	p := d.pdf
	p.AddUTF8FontFromBytes(family, "", d.font.raw)
	p.SetCatalogSort(true)
	p.SetCreationDate(o.At.UTC())
	p.SetModificationDate(o.At.UTC())
	p.SetTitle(d.text(o.Title), true)
	p.SetAuthor(d.text(o.Author), true)
	p.SetLang(o.Lang)
	p.SetMargins(margin, margin, margin)
	p.SetCellMargin(0)
	p.SetAutoPageBreak(true, margin+4)
	p.AliasNbPages("{n}")
	foot := d.text(o.Foot)
	p.SetFooterFunc(func() {
		p.SetY(-14)
		p.SetFont(family, "", 8)
		p.SetTextColor(90, 90, 90)
		p.CellFormat(d.room-24, 5, d.fit(foot, d.room-24), "", 0, "L", false, 0, "")
		p.CellFormat(24, 5, fmt.Sprintf("%d / {n}", p.PageNo()), "", 0, "R", false, 0, "")
		p.SetTextColor(0, 0, 0)
	})
	p.AddPage()
	w, _ := p.GetPageSize()
	d.room = w - 2*margin
	p.SetFont(family, "", body)
	return d
}

func (d *Doc) text(s string) string { return clean(s, d.font.has) }

// fit cuts s so that it stands on one line.
func (d *Doc) fit(s string, width float64) string {
	if lines := wrap(s, width, d.measure); len(lines) > 1 {
		return lines[0] + "…"
	}
	return s
}

func (d *Doc) measure(r rune) float64 { return d.pdf.GetStringWidth(string(r)) }

// look sets size, weight and colour and returns the height of a line in mm.
func (d *Doc) look(l Look) float64 {
	if l.Points == 0 {
		l.Points = body
	}
	d.pdf.SetFont(family, "", l.Points)
	if l.Grey {
		d.pdf.SetTextColor(85, 85, 85)
	}
	if l.Bold { // one weight is embedded; a thin outline makes it bold
		d.pdf.SetTextRenderingMode(2)
		d.pdf.SetLineWidth(l.Points * perPt / 30)
	}
	return l.Points * perPt * leading
}

func (d *Doc) plain() {
	d.pdf.SetTextRenderingMode(0)
	d.pdf.SetTextColor(0, 0, 0)
	d.pdf.SetLineWidth(0.2)
	d.pdf.SetFont(family, "", body)
}

// Text sets a paragraph.
func (d *Doc) Text(s string, l Look) {
	if d.err != nil {
		return
	}
	height, align := d.look(l), "L"
	if l.Centre {
		align = "C"
	}
	for _, line := range wrap(d.text(s), d.room, d.measure) {
		d.pdf.CellFormat(d.room, height, line, "", 1, align, false, 0, "")
	}
	d.plain()
	d.Space(1)
}

// Heading sets a heading of a part and keeps it with what follows.
func (d *Doc) Heading(s string) {
	if d.err != nil {
		return
	}
	d.Keep(20)
	d.Space(2)
	d.Text(s, Look{Points: 13, Bold: true})
}

// Space leaves so many mm free.
func (d *Doc) Space(mm float64) {
	if d.err == nil {
		d.pdf.Ln(mm)
	}
}

// Page begins a new page.
func (d *Doc) Page() {
	if d.err == nil {
		d.pdf.AddPage()
	}
}

// Keep begins a new page unless so many mm are left on this one.
func (d *Doc) Keep(mm float64) {
	if d.err == nil && d.pdf.GetY()+mm > d.bottom() {
		d.pdf.AddPage()
	}
}

func (d *Doc) bottom() float64 {
	_, h := d.pdf.GetPageSize()
	return h - margin - 4
}

// Facts sets names with their values, one below the other.
func (d *Doc) Facts(list []Fact) {
	t := Table{Columns: []Column{{Share: 1}, {Share: 3.2}}}
	for _, f := range list {
		t.Rows = append(t.Rows, []string{f.Name, f.Value})
	}
	d.Table(t)
}

// Table sets a table; a row is never torn over two pages unless it is longer
// than a page.
func (d *Doc) Table(t Table) {
	if d.err != nil {
		return
	}
	total := 0.0
	for _, c := range t.Columns {
		total += c.Share
	}
	widths := make([]float64, len(t.Columns))
	head, named := make([]string, len(t.Columns)), false
	for i, c := range t.Columns {
		widths[i] = d.room * c.Share / total
		head[i] = c.Head
		named = named || c.Head != ""
	}
	top := func() {
		if named {
			d.row(t.Columns, widths, head, true, func() {})
		}
	}
	top()
	for _, r := range t.Rows {
		d.row(t.Columns, widths, r, false, top)
	}
	d.Space(2)
}

// row sets one row of cells in frames; turned is called on every new page it begins.
func (d *Doc) row(columns []Column, widths []float64, cells []string, head bool, turned func()) {
	const size, pad = 9.5, 1.2
	d.pdf.SetFont(family, "", size)
	height, most := size*perPt*1.4, 1
	set := make([][]string, len(widths))
	for i := range widths {
		if i < len(cells) {
			set[i] = wrap(d.text(cells[i]), widths[i]-2*pad-0.5, d.measure)
		}
		most = max(most, len(set[i]))
	}
	for from := 0; from < most; {
		fits := int((d.bottom() - d.pdf.GetY() - 2*pad) / height)
		whole := int((d.bottom() - margin - 2*pad) / height)
		if n := most - from; fits < n && (n <= whole || fits < 1) {
			d.pdf.AddPage()
			turned()
			d.pdf.SetFont(family, "", size)
			fits = max(1, int((d.bottom()-d.pdf.GetY()-2*pad)/height))
		}
		n := min(most-from, fits)
		d.band(columns, widths, set, from, n, height, pad, head)
		from += n
	}
	d.plain()
}

// band draws lines from..from+n of every cell with the frames around them.
func (d *Doc) band(columns []Column, widths []float64, set [][]string, from, n int, height, pad float64, head bool) {
	p, x, y := d.pdf, margin, d.pdf.GetY()
	tall := float64(n)*height + 2*pad
	p.SetDrawColor(150, 150, 150)
	for i, w := range widths {
		style := "D"
		if head {
			p.SetFillColor(232, 240, 239)
			style = "FD"
		}
		p.Rect(x, y, w, tall, style)
		align := "L"
		if columns[i].Right {
			align = "R"
		}
		for k := from; k < min(from+n, len(set[i])); k++ {
			p.SetXY(x+pad, y+pad+float64(k-from)*height)
			p.CellFormat(w-2*pad, height, set[i][k], "", 0, align, false, 0, "")
		}
		x += w
	}
	p.SetDrawColor(0, 0, 0)
	p.SetXY(margin, y+tall)
}

// Code draws a QR code of so many mm, centred, with words below it.
func (d *Doc) Code(content string, mm float64, caption string) {
	if d.err != nil {
		return
	}
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		d.err = fmt.Errorf("paper: QR code: %w", err)
		return
	}
	d.Keep(mm + 10)
	x, y := margin+(d.room-mm)/2, d.pdf.GetY()
	d.squares(code, x, y, mm)
	d.pdf.SetXY(margin, y+mm+2)
	if caption != "" {
		d.Text(caption, Look{Centre: true, Grey: true, Points: 9})
	}
}

// Corner draws a small QR code at the right end of the present line, without
// moving on.
func (d *Doc) Corner(content string, mm float64) {
	if d.err != nil {
		return
	}
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		d.err = fmt.Errorf("paper: QR code: %w", err)
		return
	}
	d.squares(code, margin+d.room-mm, d.pdf.GetY(), mm)
}

func (d *Doc) squares(code *qr.Code, x, y, mm float64) {
	unit := mm / float64(code.Size)
	d.pdf.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for from := 0; from < code.Size; from++ {
			n := 0
			for from+n < code.Size && code.Black(from+n, row) {
				n++
			}
			if n > 0 {
				d.pdf.Rect(x+float64(from)*unit, y+float64(row)*unit, float64(n)*unit, unit, "F")
				from += n
			}
		}
	}
}

// Blank draws a name with n lines to write on by hand.
func (d *Doc) Blank(name string, n int) {
	if d.err != nil {
		return
	}
	d.Keep(7 + float64(n)*9)
	d.Text(name, Look{Bold: true})
	d.pdf.SetDrawColor(150, 150, 150)
	for range n {
		d.pdf.Ln(8)
		d.pdf.Line(margin, d.pdf.GetY(), margin+d.room, d.pdf.GetY())
	}
	d.pdf.SetDrawColor(0, 0, 0)
	d.Space(3)
}

// Boxes draws a name with boxes to tick by hand.
func (d *Doc) Boxes(name string, options []string) {
	if d.err != nil {
		return
	}
	d.Keep(16)
	d.Text(name, Look{Bold: true})
	height := d.look(Look{})
	for _, o := range options {
		o = d.fit(d.text(o), d.room-8)
		w := d.pdf.GetStringWidth(o) + 12
		if d.pdf.GetX()+w > margin+d.room {
			d.pdf.Ln(height + 1)
			d.pdf.SetX(margin)
		}
		x, y := d.pdf.GetX(), d.pdf.GetY()
		d.pdf.Rect(x, y+(height-3.6)/2, 3.6, 3.6, "D")
		d.pdf.SetX(x + 5)
		d.pdf.CellFormat(w-5, height, o, "", 0, "L", false, 0, "")
	}
	d.pdf.Ln(height + 3)
}

// Rule draws a thin line across the column.
func (d *Doc) Rule() {
	if d.err == nil {
		y := d.pdf.GetY() + 1
		d.pdf.Line(margin, y, margin+d.room, y)
		d.Space(3)
	}
}

// Write ends the file and writes it.
func (d *Doc) Write(w io.Writer) error {
	if d.err != nil {
		return d.err
	}
	return d.pdf.Output(w)
}
