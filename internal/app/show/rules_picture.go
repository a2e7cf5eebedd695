package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
)

// The size of a drawn photo.
const (
	sceneWidth  = 640
	sceneHeight = 480
)

// Picture draws a street as a child would: sky, houses with windows, a road,
// a lamp, and a red ring around what the photo is about.
func Picture(d *rand.Rand) ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, sceneWidth, sceneHeight))
	tint := uint8(d.IntN(40))
	horizon := 260 + d.IntN(60)
	for y := range sceneHeight {
		c := color.RGBA{150 + tint, 190 + tint/2, 225, 255}
		if y >= horizon {
			c = color.RGBA{120 + tint, 122 + tint, 118 + tint, 255}
		} else {
			c.B -= uint8(y / 8)
		}
		block(m, 0, y, sceneWidth, y+1, c)
	}
	for x := -d.IntN(60); x < sceneWidth; {
		w, h := 70+d.IntN(80), 90+d.IntN(140)
		wall := color.RGBA{150 + uint8(d.IntN(80)), 130 + uint8(d.IntN(70)), 110 + uint8(d.IntN(60)), 255}
		block(m, x, horizon-h, x+w, horizon, wall)
		for wy := horizon - h + 14; wy < horizon-24; wy += 34 {
			for wx := x + 10; wx < x+w-18; wx += 28 {
				block(m, wx, wy, wx+14, wy+18, color.RGBA{70, 90, 110, 255})
			}
		}
		x += w + 4 + d.IntN(30)
	}
	for x := 20; x < sceneWidth; x += 90 {
		block(m, x, horizon+70, x+45, horizon+76, color.RGBA{235, 235, 225, 255})
	}
	lamp := 80 + d.IntN(480)
	block(m, lamp, horizon-150, lamp+6, horizon+20, color.RGBA{60, 60, 64, 255})
	block(m, lamp-4, horizon-156, lamp+34, horizon-146, color.RGBA{60, 60, 64, 255})
	spot := image.Pt(100+d.IntN(440), horizon+40+d.IntN(70))
	block(m, spot.X-22, spot.Y-10, spot.X+22, spot.Y+12, color.RGBA{52, 46, 40, 255})
	ring(m, spot, 46, color.RGBA{214, 40, 40, 255})
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, m)
	return out.Bytes(), err
}

func block(m *image.RGBA, x0, y0, x1, y1 int, c color.RGBA) {
	r := image.Rect(x0, y0, x1, y1).Intersect(m.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.SetRGBA(x, y, c)
		}
	}
}

func ring(m *image.RGBA, at image.Point, radius float64, c color.RGBA) {
	for y := at.Y - 60; y <= at.Y+60; y++ {
		for x := at.X - 60; x <= at.X+60; x++ {
			far := math.Hypot(float64(x-at.X), float64(y-at.Y))
			if far > radius-3 && far < radius+3 && image.Pt(x, y).In(m.Rect) {
				m.SetRGBA(x, y, c)
			}
		}
	}
}
