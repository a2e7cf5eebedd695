package publicity

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/kit/blob"
)

// photograph is a noisy picture as a phone's would be; detail paints something
// into one region.
func photograph(t testing.TB, w, h int, seed uint64, detail func(img *image.RGBA)) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(seed, 1))
	for y := range h {
		for x := range w {
			v := uint8((x*3 + y*5 + r.IntN(40)) % 256)
			img.SetRGBA(x, y, color.RGBA{v, 255 - v, uint8(x % 256), 255})
		}
	}
	if detail != nil {
		detail(img)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an EXIF segment with a position into a JPEG.
func withExif(data []byte) []byte {
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08"), bytes.Repeat([]byte("GPS 34.3058N 118.2055E "), 4)...)
	seg := []byte{0xff, 0xe1, byte((len(exif) + 2) >> 8), byte(len(exif) + 2)}
	return append(append(append([]byte{}, data[:2]...), append(seg, exif...)...), data[2:]...)
}

func decoded(t testing.TB, data []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// What lay under a region has no part in the released picture: whatever is
// painted there, the same bytes come out.
func TestMaskIsIrreversible(t *testing.T) {
	region := Box{300, 250, 200, 300}
	paint := func(seed uint64) func(*image.RGBA) {
		r := rand.New(rand.NewPCG(seed, 2))
		return func(img *image.RGBA) {
			b := img.Rect
			for y := region.Y * b.Dy() / 1000; y < (region.Y+region.H)*b.Dy()/1000; y++ {
				for x := region.X * b.Dx() / 1000; x < (region.X+region.W)*b.Dx()/1000; x++ {
					img.SetRGBA(x, y, color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
				}
			}
		}
	}
	var first []byte
	for seed := range uint64(6) {
		out, err := MaskPhoto(photograph(t, 640, 480, 7, paint(seed)), []Box{region})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out
		}
		if !bytes.Equal(out, first) {
			t.Fatal("what lay under the region shows in the released picture")
		}
	}
	img := decoded(t, first)
	for y := 250 * 480 / 1000; y < 550*480/1000; y++ {
		for x := 300 * 640 / 1000; x < 500*640/1000; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			for _, d := range []int{int(r>>8) - 0x6d, int(g>>8) - 0x74, int(b>>8) - 0x76} {
				if d < -6 || d > 6 {
					t.Fatalf("pixel %d,%d is not covered", x, y)
				}
			}
		}
	}
}

func TestMaskKeepsTheRestAndDropsTheFile(t *testing.T) {
	whole := withExif(photograph(t, 320, 240, 3, nil))
	stored, err := blob.Photo(whole, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range [][]byte{whole, stored} { // even a file that was kept as it came
		out, err := MaskPhoto(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("GPS")) {
			t.Error("the picture's file still holds EXIF")
		}
		if decoded(t, out).Bounds() != image.Rect(0, 0, 320, 240) {
			t.Error("another size")
		}
	}
	if _, err := MaskPhoto([]byte("no picture"), nil); err == nil {
		t.Error("what is no picture was drawn")
	}
}

func TestMaskAnyRegions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(1, 200).Draw(rt, "w"), rapid.IntRange(1, 200).Draw(rt, "h")
		var boxes []Box
		for range rapid.IntRange(0, 4).Draw(rt, "boxes") {
			b := Box{X: rapid.IntRange(0, 999).Draw(rt, "x"), Y: rapid.IntRange(0, 999).Draw(rt, "y")}
			b.W, b.H = rapid.IntRange(1, 1000-b.X).Draw(rt, "bw"), rapid.IntRange(1, 1000-b.Y).Draw(rt, "bh")
			again, err := ParseBox(b.String())
			if err != nil || again != b {
				rt.Fatalf("%v is read as %v, %v", b, again, err)
			}
			boxes = append(boxes, b)
		}
		out, err := MaskPhoto(photograph(t, w, h, 1, nil), boxes)
		if err != nil || decoded(t, out).Bounds() != image.Rect(0, 0, w, h) {
			rt.Fatal(err)
		}
	})
	for _, wrong := range []string{"", "1,2,3", "0,0,0,1", "-1,0,5,5", "999,0,2,5", "a,b,c,d", "0,0,1001,1", "1,2,3,4,5", "99999999999999999999,0,1,1"} {
		if _, err := ParseBox(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

func TestCellsTileThePicture(t *testing.T) {
	for _, rows := range []int{3, 5, 9, 14} {
		area := 0
		for n := range rows * cellColumns {
			b, ok := cellBox(n, rows)
			if !ok {
				t.Fatal(n)
			}
			if _, err := ParseBox(b.String()); err != nil {
				t.Errorf("cell %d of %d rows: %v", n, rows, err)
			}
			area += b.W * b.H
		}
		if area != 1_000_000 {
			t.Errorf("%d rows cover %d", rows, area)
		}
		if _, ok := cellBox(rows*cellColumns, rows); ok {
			t.Error("a cell outside")
		}
	}
}
