package publicity

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
)

// Box is a region of a photo in thousandths of its width and height, so that it
// means the same on every screen.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// mostBoxes bounds the regions of one photo.
const mostBoxes = 80

// String writes a region as it travels in a form.
func (b Box) String() string {
	return fmt.Sprintf("%d,%d,%d,%d", b.X, b.Y, b.W, b.H)
}

// ParseBox reads what String wrote. Fault: Invalid at region.
func ParseBox(s string) (Box, error) {
	wrong := fault.New(fault.Invalid, "publicity.region").At("region")
	parts := strings.Split(s, ",")
	if len(parts) != 4 {
		return Box{}, wrong
	}
	var n [4]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil || n[i] < 0 || n[i] > 1000 {
			return Box{}, wrong
		}
	}
	b := Box{n[0], n[1], n[2], n[3]}
	if b.W == 0 || b.H == 0 || b.X+b.W > 1000 || b.Y+b.H > 1000 {
		return Box{}, wrong
	}
	return b, nil
}

// cover is what lies over a region: one colour that knows nothing of the picture.
var cover = image.NewUniform(color.RGBA{0x6d, 0x74, 0x76, 0xff})

// bleed is how far a picture's compression carries a pixel's colour beyond
// itself: a region is widened by it on every side.
const bleed = 16

// maskQuality is the quality of released photos.
const maskQuality = 80

// MaskPhoto draws a stored photo anew with every region covered by one flat
// colour. What was under a region has no part in what comes out, and nothing of
// the file but its pixels goes in: no position, no camera, no owner.
func MaskPhoto(stored []byte, regions []Box) ([]byte, error) {
	if len(regions) > mostBoxes {
		return nil, fault.New(fault.Invalid, "publicity.regions_many", "most", mostBoxes).At("region")
	}
	src, err := jpeg.Decode(bytes.NewReader(stored))
	if err != nil {
		return nil, fault.New(fault.Internal, "blob.broken").Because(err)
	}
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(dst, dst.Rect, src, b.Min, draw.Src)
	for _, r := range regions {
		draw.Draw(dst, r.in(dst.Rect), cover, image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, dst, &jpeg.Options{Quality: maskQuality}); err != nil {
		return nil, fmt.Errorf("publicity: encode: %w", err)
	}
	return out.Bytes(), nil
}

// in gives the pixels that a region hides.
func (b Box) in(whole image.Rectangle) image.Rectangle {
	w, h := whole.Dx(), whole.Dy()
	r := image.Rect(b.X*w/1000-bleed, b.Y*h/1000-bleed, ((b.X+b.W)*w+999)/1000+bleed, ((b.Y+b.H)*h+999)/1000+bleed)
	return r.Intersect(whole)
}

// Columns of the grid of cells by which regions are chosen without script.
const cellColumns = 7

// cellRows is how many rows of cells a picture of this size has, so that cells
// are about square.
func cellRows(width, height int) int {
	if width <= 0 {
		return cellColumns
	}
	return min(max((height*cellColumns+width/2)/width, 3), 14)
}

// cellBox is the region of one cell of the grid; false where there is none.
func cellBox(n, rows int) (Box, bool) {
	if n < 0 || rows <= 0 || n >= rows*cellColumns {
		return Box{}, false
	}
	x, y := n%cellColumns, n/cellColumns
	left, top := x*1000/cellColumns, y*1000/rows
	return Box{left, top, (x+1)*1000/cellColumns - left, (y+1)*1000/rows - top}, true
}
