package area

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"linli/internal/kit/geo"
)

// png writes the drawing with lines and fills. Only digits and Latin letters can
// be written: the program carries no Chinese font.
func (d *drawing) png() ([]byte, error) {
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, d.view.W, d.view.H))}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(rgb(paper)), image.Point{}, draw.Src)
	for _, g := range d.grids {
		c.fill(g.rings, rgb(g.fill))
	}
	for _, g := range d.grids {
		if !g.strong {
			c.stroke(g.lines, 1.2, rgb(lineColor))
		}
	}
	for _, g := range d.grids { // over the others
		if g.strong {
			c.stroke(g.lines, 3, rgb(strongLine))
		}
	}
	for _, p := range d.places {
		c.fill([][]geo.XY{disc(p.at, 2.5)}, rgb(placeColor))
	}
	for _, g := range d.grids {
		if g.labelled {
			text := g.note
			if !digits(text) {
				text = g.code[max(0, len(g.code)-3):]
			}
			c.text(text, g.label, rgb(ink))
		}
	}
	for i, m := range d.marks {
		c.fill([][]geo.XY{disc(geo.XY{X: m.at.X, Y: m.at.Y - 17}, 10.5), {m.at, {X: m.at.X - 9, Y: m.at.Y - 13}, {X: m.at.X + 9, Y: m.at.Y - 13}}}, rgb(markColor))
		c.text(strconv.Itoa(i+1), geo.XY{X: m.at.X, Y: m.at.Y - 17}, color.RGBA{255, 255, 255, 255})
	}
	c.scale(d)
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, c.img)
	return out.Bytes(), err
}

// canvas paints on an image.
type canvas struct {
	img *image.RGBA
	pen vector.Rasterizer
}

// fill paints the inside of rings by the even-odd rule. The rasterizer adds
// areas up by the way a ring runs, so that a ring within another is turned.
func (c *canvas) fill(rings [][]geo.XY, col color.RGBA) {
	c.paint(rings, col, func(box image.Rectangle) {
		for i, r := range rings {
			depth := 0
			for j, other := range rings {
				if i != j && len(r) > 0 && ringHolds(other, r[0]) {
					depth++
				}
			}
			c.ring(r, box.Min, (turn(r) > 0) == (depth%2 == 0))
		}
	})
}

func (c *canvas) ring(r []geo.XY, origin image.Point, forward bool) {
	for i := range r {
		at := r[i]
		if !forward {
			at = r[len(r)-1-i]
		}
		x, y := float32(at.X-float64(origin.X)), float32(at.Y-float64(origin.Y))
		if i == 0 {
			c.pen.MoveTo(x, y)
		} else {
			c.pen.LineTo(x, y)
		}
	}
	c.pen.ClosePath()
}

// stroke paints lines; each piece is a bar that is as long and as wide.
func (c *canvas) stroke(lines [][]geo.XY, width float64, col color.RGBA) {
	c.paint(lines, col, func(box image.Rectangle) {
		for _, l := range lines {
			for i := 1; i < len(l); i++ {
				c.ring(bar(l[i-1], l[i], width), box.Min, true)
			}
		}
	})
}

// bar is the rectangle around a line, half its width longer at both ends, and
// always turning the same way so that bars do not take from each other.
func bar(a, b geo.XY, width float64) []geo.XY {
	dx, dy := b.X-a.X, b.Y-a.Y
	l := math.Hypot(dx, dy)
	if l == 0 {
		return nil
	}
	dx, dy = dx/l*width/2, dy/l*width/2
	return []geo.XY{{X: a.X - dx - dy, Y: a.Y - dy + dx}, {X: a.X - dx + dy, Y: a.Y - dy - dx},
		{X: b.X + dx + dy, Y: b.Y + dy - dx}, {X: b.X + dx - dy, Y: b.Y + dy + dx}}
}

// paint rasters only the box around what is drawn: most grids are small.
func (c *canvas) paint(lines [][]geo.XY, col color.RGBA, add func(image.Rectangle)) {
	box := image.Rectangle{}
	for _, l := range lines {
		for _, p := range l {
			x, y := int(math.Floor(p.X)), int(math.Floor(p.Y))
			box = box.Union(image.Rect(x-3, y-3, x+4, y+4))
		}
	}
	box = box.Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	c.pen.Reset(box.Dx(), box.Dy())
	add(box)
	c.pen.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

func (c *canvas) text(s string, center geo.XY, col color.RGBA) {
	face := basicfont.Face7x13
	wide := font.MeasureString(face, s).Round()
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(col), Face: face,
		Dot: fixed.P(int(math.Round(center.X))-wide/2, int(math.Round(center.Y))+4)}
	d.DrawString(s)
}

func (c *canvas) scale(d *drawing) {
	x, y := 10.0, float64(d.view.H)-8
	c.stroke([][]geo.XY{{{X: x, Y: y - 6}, {X: x, Y: y}, {X: x + d.bar.pixels, Y: y}, {X: x + d.bar.pixels, Y: y - 6}}}, 2, rgb(ink))
	s := strconv.FormatFloat(d.bar.meters, 'f', -1, 64) + " m"
	if d.bar.meters >= 1000 {
		s = strconv.FormatFloat(d.bar.meters/1000, 'f', -1, 64) + " km"
	}
	c.text(s, geo.XY{X: x + d.bar.pixels/2, Y: y - 10}, rgb(ink))
}

// turn is positive for a ring that runs one way round and negative for the
// other.
func turn(r []geo.XY) float64 {
	sum := 0.0
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		sum += a.X*b.Y - b.X*a.Y
	}
	return sum
}

func ringHolds(r []geo.XY, p geo.XY) bool {
	in := false
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			in = !in
		}
	}
	return in
}

func disc(at geo.XY, radius float64) []geo.XY {
	out := make([]geo.XY, 20)
	for i := range out {
		a := float64(i) / 20 * 2 * math.Pi
		out[i] = geo.XY{X: at.X + radius*math.Cos(a), Y: at.Y + radius*math.Sin(a)}
	}
	return out
}

// rgb reads one of the colours above.
func rgb(s string) color.RGBA {
	n, err := strconv.ParseUint(s[1:], 16, 24)
	if err != nil {
		panic(err) // a constant of this package
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}
