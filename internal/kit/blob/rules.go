package blob

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"

	"linli/internal/kit/fault"
)

// Kinds of picture that can be drawn anew.
const (
	jpegKind = "image/jpeg"
	pngKind  = "image/png"
	gifKind  = "image/gif"
	webpKind = "image/webp"
)

// pictureKind tells a picture by its first bytes. HEIC and AVIF, which phones
// make and this program cannot read, have their own fault.
func pictureKind(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		return jpegKind, nil
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return pngKind, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return gifKind, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return webpKind, nil
	case heif(data):
		return "", fault.New(fault.Invalid, "blob.heic")
	}
	return "", fault.New(fault.Invalid, "blob.not_image")
}

// heif says whether this is a file of the HEIF family: HEIC, AVIF, image sequences.
func heif(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	size := int(min(uint64(binary.BigEndian.Uint32(data)), uint64(len(data)), 256))
	for at := 8; at+4 <= size; at += 4 {
		switch string(data[at : at+4]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
			return true
		}
	}
	return false
}

// jpegFacts is what has to be known of a JPEG before it is decoded.
type jpegFacts struct {
	progressive bool
	scans       int
	tiff        []byte // of the EXIF segment
}

// readJPEG walks the segments up to the end of the first picture.
func readJPEG(data []byte) jpegFacts {
	var f jpegFacts
	for at := 2; at+4 <= len(data); {
		if data[at] != 0xff {
			at++ // entropy-coded data, or padding
			continue
		}
		mark := data[at+1]
		switch {
		case mark == 0xff:
			at++
			continue
		case mark == 0 || mark == 1 || mark >= 0xd0 && mark <= 0xd8:
			at += 2
			continue
		case mark == 0xd9:
			return f
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		end := min(at+2+size, len(data))
		switch {
		case mark == 0xda:
			f.scans++
		case mark == 0xc2:
			f.progressive = true
		case mark == 0xe1 && f.tiff == nil && bytes.HasPrefix(data[at+4:], []byte("Exif\x00\x00")) && end > at+10:
			f.tiff = data[at+10 : end]
		}
		at = max(end, at+2)
	}
	return f
}

// readChunks finds a chunk of a PNG or a WebP by its name.
func readChunks(kind string, data []byte, name string) []byte {
	at, little := 8, false
	if kind == webpKind {
		at, little = 12, true
	}
	for at+8 <= len(data) {
		var size uint64
		var id string
		if little {
			id, size = string(data[at:at+4]), uint64(binary.LittleEndian.Uint32(data[at+4:]))
		} else {
			size, id = uint64(binary.BigEndian.Uint32(data[at:])), string(data[at+4:at+8])
		}
		start := uint64(at + 8)
		if start+size > uint64(len(data)) {
			return nil
		}
		if id == name {
			return data[start : start+size]
		}
		if little {
			size += size & 1
		} else {
			size += 4 // check sum
		}
		at = int(min(start+size, uint64(len(data))))
	}
	return nil
}

// orientation reads the turn (1 to 8) from an EXIF block; 1 when it says nothing.
func orientation(tiff []byte) int {
	tiff = bytes.TrimPrefix(tiff, []byte("Exif\x00\x00"))
	if len(tiff) < 14 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 1
	}
	entries := uint64(order.Uint16(tiff[first:]))
	for i := range entries {
		at := first + 2 + i*12
		if at+12 > uint64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[at:]) == 0x0112 && order.Uint16(tiff[at+2:]) == 3 {
			if turn := int(order.Uint16(tiff[at+8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 1
		}
	}
	return 1
}

// weight estimates the bytes that decoding needs.
func weight(c image.Config, progressive bool) int64 {
	per := int64(4)
	switch c.ColorModel {
	case color.YCbCrModel:
		per = 3
	case color.GrayModel:
		per = 1
	case color.RGBA64Model, color.NRGBA64Model:
		per = 8
	case color.Gray16Model:
		per = 2
	}
	if progressive {
		per += 12 // the coefficients of up to three components, four bytes each
	}
	return int64(c.Width) * int64(c.Height) * per
}

// turned undoes the turn that the camera noted.
func turned(src *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 || turn > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if turn >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := x, y
			switch turn {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(dst.Pix[y*dst.Stride+x*4:][:4], src.Pix[sy*src.Stride+sx*4:][:4])
		}
	}
	return dst
}
