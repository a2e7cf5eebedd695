package blob

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"

	"linli/internal/kit/fault"
)

const (
	// Side is the longest side of a stored photo, in pixels.
	Side = 1600
	// Pixels is the usual limit of a picture that comes in: more than the largest
	// common phone camera takes by default.
	Pixels = 64_000_000

	quality  = 82
	maxScans = 100 // real progressive files have about ten
	// decoding is the memory that all pictures being decoded at once may need.
	decoding = 640 << 20
	patience = 20 * time.Second
)

var room = semaphore.NewWeighted(decoding)

// Photo draws a picture anew as a JPEG whose longest side is at most Side: JPEG,
// PNG, GIF (its first frame) and WebP are read, the camera's turn is applied,
// transparency becomes white, and nothing else of the file is left: no position,
// no camera, no owner, no second file hidden behind it. limit is the most pixels
// it may have (0: Pixels); it is checked before anything is decoded. Photos that
// would together need too much memory wait for each other.
//
// Faults: blob.not_image, blob.heic, blob.too_many_pixels, blob.broken,
// blob.too_large; blob.busy when it had to wait too long.
func Photo(data []byte, limit int) (out []byte, err error) {
	if len(data) > MaxSize {
		return nil, fault.New(fault.Invalid, "blob.too_large", "mib", MaxSize>>20)
	}
	kind, err := pictureKind(data)
	if err != nil {
		return nil, err
	}
	// a decoder that panics on a crafted file must not take the request with it
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, broken(fmt.Errorf("decoder: %v", p))
		}
	}()
	turn, need, err := measure(kind, data, limit)
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := room.Acquire(wait, need); err != nil {
		return nil, fault.New(fault.Busy, "blob.busy").Because(err)
	}
	defer room.Release(need)
	picture, err := decode(kind, data)
	if err != nil {
		return nil, broken(err)
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, turned(shrunk(picture), turn), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("blob: encode: %w", err)
	}
	return buf.Bytes(), nil
}

func broken(err error) error { return fault.New(fault.Invalid, "blob.broken").Because(err) }

// measure reads only headings: size, turn and the memory that decoding needs.
func measure(kind string, data []byte, limit int) (turn int, need int64, err error) {
	if limit <= 0 {
		limit = Pixels
	}
	c, err := config(kind, data)
	if err != nil {
		return 0, 0, broken(err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return 0, 0, broken(fmt.Errorf("%d x %d pixels", c.Width, c.Height))
	}
	var facts jpegFacts
	switch kind {
	case jpegKind:
		if facts = readJPEG(data); facts.scans > maxScans {
			return 0, 0, broken(fmt.Errorf("%d scans", facts.scans))
		}
	case pngKind:
		facts.tiff = readChunks(kind, data, "eXIf")
	case webpKind:
		facts.tiff = readChunks(kind, data, "EXIF")
	}
	need = weight(c, facts.progressive)
	if int64(c.Width)*int64(c.Height) > int64(limit) || need > decoding {
		return 0, 0, fault.New(fault.Invalid, "blob.too_many_pixels", "width", c.Width, "height", c.Height, "max", limit/1_000_000)
	}
	return orientation(facts.tiff), need, nil
}

func config(kind string, data []byte) (image.Config, error) {
	r := bytes.NewReader(data)
	switch kind {
	case jpegKind:
		return jpeg.DecodeConfig(r)
	case pngKind:
		return png.DecodeConfig(r)
	case gifKind:
		return gif.DecodeConfig(r)
	}
	return webp.DecodeConfig(r)
}

func decode(kind string, data []byte) (image.Image, error) {
	r := bytes.NewReader(data)
	switch kind {
	case jpegKind:
		return jpeg.Decode(r)
	case pngKind:
		return png.Decode(r)
	case gifKind:
		return gif.Decode(r)
	}
	return webp.Decode(r)
}

// shrunk scales down to Side on a white ground; a small picture keeps its size.
// Large ones are first averaged in whole squares, strip by strip: the usual
// kernels would need hundreds of megabytes for a phone's photo.
func shrunk(src image.Image) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	long := max(w, h)
	mid := averaged(src, max(long/Side, 1))
	if long = max(mid.Rect.Dx(), mid.Rect.Dy()); long <= Side {
		return mid
	}
	dst := image.NewRGBA(image.Rect(0, 0, max(mid.Rect.Dx()*Side/long, 1), max(mid.Rect.Dy()*Side/long, 1)))
	draw.ApproxBiLinear.Scale(dst, dst.Rect, mid, mid.Rect, draw.Src, nil)
	return dst
}

// averaged gives every square of k x k pixels as one, on white.
func averaged(src image.Image, k int) *image.RGBA {
	b := src.Bounds()
	w, h := max(b.Dx()/k, 1), max(b.Dy()/k, 1)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), min(k, b.Dy())))
	white := image.NewUniform(color.White)
	wide, high := min(k, b.Dx()), strip.Rect.Dy()
	for y := range h {
		draw.Draw(strip, strip.Rect, white, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Rect, src, b.Min.Add(image.Pt(0, y*k)), draw.Over)
		for x := range w {
			square(dst.Pix[y*dst.Stride+x*4:][:4], strip, x*k, wide, high)
		}
	}
	return dst
}

// square averages the strip's pixels from column x, wide by high, into one.
func square(out []uint8, strip *image.RGBA, x, wide, high int) {
	var r, g, b uint32
	for row := range high {
		line := strip.Pix[row*strip.Stride+x*4:][:wide*4]
		for i := 0; i+3 < len(line); i += 4 {
			r, g, b = r+uint32(line[i]), g+uint32(line[i+1]), b+uint32(line[i+2])
		}
	}
	n := uint32(wide * high)
	out[0], out[1], out[2], out[3] = uint8((r+n/2)/n), uint8((g+n/2)/n), uint8((b+n/2)/n), 255
}
