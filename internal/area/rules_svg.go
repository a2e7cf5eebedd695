package area

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"linli/internal/kit/geo"
)

// The colours of a picture: pale fills that differ in lightness too, so that
// neighbours can be told apart without seeing colour, and dark lines and letters
// (at least 7:1 on every fill).
var fills = [...]string{"#dbe9f6", "#e7f0d8", "#fbe9d0", "#e9e2f3", "#f7e0e3", "#d8efec"}

// heat are the fills of a shaded picture, from none to dark.
var heat = [...]string{"#ffffff", "#fff1d6", "#fdd9a8", "#f9b97c", "#f0935a", "#dd6f45"}

// Shades is how many steps a shaded picture has.
const Shades = len(heat) - 1

const (
	paper      = "#f7f7f4"
	ink        = "#1f2933"
	lineColor  = "#52606d"
	strongLine = "#b42318"
	markColor  = "#b42318"
	placeColor = "#3e4c59"
)

// svg writes the drawing. Presentation stands in attributes: a style sheet
// inside would be refused by the house's Content-Security-Policy.
func (d *drawing) svg(say Say) []byte {
	var b bytes.Buffer
	w, h := d.view.W, d.view.H
	title := say("area.map.title", "grids", len(d.grids), "places", len(d.places))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif" font-size="%d" fill="%s"><title>`,
		w, h, w, h, int(letter), ink)
	escape(&b, title)
	fmt.Fprintf(&b, `</title><rect width="%d" height="%d" fill="%s"/>`, w, h, paper)
	for _, g := range d.grids {
		svgFill(&b, g)
	}
	for _, strong := range []bool{false, true} { // strong lines lie over the others
		for _, g := range d.grids {
			if g.strong == strong {
				svgLines(&b, g)
			}
		}
	}
	for _, p := range d.places {
		fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="2.5" fill="%s"/>`, px(p.at.X), px(p.at.Y), placeColor)
		svgText(&b, p.name, p.at.X+6, p.at.Y+4, "start", placeColor)
	}
	for _, g := range d.grids {
		if g.labelled {
			svgText(&b, cmp.Or(g.note, g.name), g.label.X, g.label.Y+4, "middle", ink)
		}
	}
	for i, m := range d.marks {
		svgMark(&b, i+1, m)
	}
	d.svgScale(&b, say)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func svgFill(b *bytes.Buffer, g drawnGrid) {
	if len(g.rings) == 0 {
		return
	}
	fmt.Fprintf(b, `<path fill="%s" fill-rule="evenodd" d="`, g.fill)
	for _, r := range g.rings {
		svgLine(b, r)
		b.WriteByte('Z')
	}
	b.WriteString(`"><title>`)
	escape(b, strings.TrimSpace(g.name+" "+g.note))
	b.WriteString(`</title></path>`)
}

func svgLines(b *bytes.Buffer, g drawnGrid) {
	if len(g.lines) == 0 {
		return
	}
	width, color := "1.2", lineColor
	if g.strong {
		width, color = "3", strongLine
	}
	fmt.Fprintf(b, `<path fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round" d="`, color, width)
	for _, l := range g.lines {
		svgLine(b, l)
	}
	b.WriteString(`"/>`)
}

func svgLine(b *bytes.Buffer, line []geo.XY) {
	for i, p := range line {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(px(p.X))
		b.WriteByte(' ')
		b.WriteString(px(p.Y))
	}
}

// svgText writes letters with a pale edge, so that they read over lines.
func svgText(b *bytes.Buffer, s string, x, y float64, anchor, color string) {
	fmt.Fprintf(b, `<text x="%s" y="%s" text-anchor="%s" fill="%s" stroke="%s" stroke-width="3" paint-order="stroke" stroke-linejoin="round">`,
		px(x), px(y), anchor, color, paper)
	escape(b, s)
	b.WriteString(`</text>`)
}

func svgMark(b *bytes.Buffer, n int, m drawnMark) {
	fmt.Fprintf(b, `<path d="M%s %sl-9 -14a9.5 9.5 0 1 1 18 0z" fill="%s" stroke="#fff" stroke-width="1.5"/>`, px(m.at.X), px(m.at.Y), markColor)
	fmt.Fprintf(b, `<text x="%s" y="%s" text-anchor="middle" font-size="11" font-weight="bold" fill="#fff">%d</text>`, px(m.at.X), px(m.at.Y-14), n)
	if m.label != "" {
		svgText(b, m.label, m.at.X, m.at.Y+15, "middle", markColor)
	}
}

func (d *drawing) svgScale(b *bytes.Buffer, say Say) {
	x, y := 10.0, float64(d.view.H)-12
	fmt.Fprintf(b, `<path d="M%s %sv6h%sv-6" fill="none" stroke="%s" stroke-width="2"/>`, px(x), px(y-4), px(d.bar.pixels), ink)
	key, n := "area.map.scale_m", d.bar.meters
	if n >= 1000 {
		key, n = "area.map.scale_km", n/1000
	}
	svgText(b, say(key, "n", strconv.FormatFloat(n, 'f', -1, 64)), x, y-8, "start", ink)
	right := float64(d.view.W) // on a plate, so that no border runs through it
	fmt.Fprintf(b, `<rect x="%s" y="6" width="44" height="21" rx="3" fill="%s" fill-opacity=".9"/>`, px(right-50), paper)
	svgText(b, say("area.map.north")+" ↑", right-12, 21, "end", ink)
}

// px writes a pixel with one decimal, enough for the eye.
func px(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// escape writes text so that no name can end an element.
func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) } // a buffer takes everything
