package blob_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func store(t *testing.T, d *db.DB) (*blob.Store, string) {
	t.Helper()
	folder := t.TempDir()
	s, err := blob.Open(d, folder)
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

func TestPutGetDelete(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, folder := store(t, d)
		ctx := t.Context()
		data := []byte("line\nbytes\x00\xff")
		b, err := s.Put(ctx, data, "text/plain; charset=utf-8")
		if err != nil {
			t.Fatal(err)
		}
		again, err := blob.Open(d, folder)
		if err != nil {
			t.Fatal(err)
		}
		got, b2, err := again.Get(ctx, b.ID)
		if err != nil || !bytes.Equal(got, data) || b2 != b || b.Size != int64(len(data)) || len(b.SHA256) != 64 {
			t.Fatalf("%q %+v %v", got, b2, err)
		}
		if err := s.Delete(ctx, b.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, b.ID); err != nil {
			t.Errorf("twice: %v", err)
		}
		if _, _, err := s.Get(ctx, b.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		for _, id := range []string{"", "..", "../../etc/passwd", strings.Repeat("a", 25) + "/", strings.Repeat("A", 26), strings.Repeat("a", 26)} {
			if _, _, err := s.Get(ctx, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
		if _, err := s.Put(ctx, nil, "text/plain"); fault.Of(err).Key != "blob.empty" {
			t.Errorf("%v", err)
		}
		if _, err := s.Put(ctx, make([]byte, blob.MaxSize+1), "text/plain"); fault.Of(err).Key != "blob.too_large" {
			t.Errorf("%v", err)
		}
		for _, media := range []string{"", "x", "a/b\nc", "a/b\tc"} {
			if _, err := s.Put(ctx, data, media); err == nil {
				t.Errorf("media %q", media)
			}
		}
	})
}

func TestListAndSweep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := store(t, d)
		ctx := t.Context()
		all := map[string]bool{}
		var wg sync.WaitGroup
		var mu sync.Mutex
		for i := range 40 {
			wg.Go(func() {
				b, err := s.Put(ctx, fmt.Append(nil, i), "text/plain")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				all[b.ID] = i%2 == 0
				mu.Unlock()
			})
		}
		wg.Wait()
		seen, after := 0, ""
		for {
			ids, err := s.List(ctx, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if id <= after {
					t.Fatalf("%s after %s", id, after)
				}
				after = id
				seen++
			}
			if len(ids) == 0 {
				break
			}
		}
		if seen != 40 {
			t.Errorf("%d listed", seen)
		}
		used := func(context.Context, []string) (map[string]bool, error) { return all, nil }
		for _, step := range []struct {
			at      time.Duration
			removed int
		}{{time.Hour, 0}, {time.Hour + 59*time.Minute, 0}, {2 * time.Hour, 20}, {9 * time.Hour, 0}} {
			n, err := s.Sweep(ctx, clock.Instant(0).Add(step.at), used)
			if err != nil || n != step.removed {
				t.Errorf("%v: %d %v", step.at, n, err)
			}
		}
		for id, use := range all {
			if _, _, err := s.Get(ctx, id); (err == nil) != use {
				t.Errorf("%s used=%v: %v", id, use, err)
			}
		}
	})
}

func TestFilesThatWereChangedOrInterrupted(t *testing.T) {
	d := dbtest.SQLite(t)
	s, folder := store(t, d)
	b, err := s.Put(t.Context(), []byte("true words"), "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "blob", b.ID[:2], b.ID)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string][]byte{
		"changed": bytes.Replace(whole, []byte("true"), []byte("fake"), 1), "cut": whole[:len(whole)-1], "empty": {}, "no heading": []byte("true words"),
	} {
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Get(t.Context(), b.ID); fault.Of(err).Key != "blob.damaged" || fault.Of(err).Kind != fault.Internal {
			t.Errorf("%s: %v", what, err)
		}
	}
	part := filepath.Join(filepath.Dir(name), strings.Repeat("a", 26)+".part")
	if err := os.WriteFile(part, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.Open(d, folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); err == nil {
		t.Error("an interrupted file is still there")
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// arrow is a picture that is red at the left and blue at the bottom, so that
// every turn can be told from the others.
func arrow(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			if x < w/4 {
				c = color.RGBA{220, 0, 0, 255}
			} else if y >= h*3/4 {
				c = color.RGBA{0, 0, 220, 255}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is a block with a turn, a camera, and a position in its GPS directory.
func exif(order binary.ByteOrder, turn int) []byte {
	head := []byte("II*\x00")
	if order == binary.BigEndian {
		head = []byte("MM\x00*")
	}
	b := order.(binary.AppendByteOrder).AppendUint32(head, 8)
	put := func(tag, kind uint16, count uint32, value []byte) {
		b = order.(binary.AppendByteOrder).AppendUint16(b, tag)
		b = order.(binary.AppendByteOrder).AppendUint16(b, kind)
		b = order.(binary.AppendByteOrder).AppendUint32(b, count)
		b = append(b, append(value, make([]byte, 4)...)[:4]...)
	}
	b = order.(binary.AppendByteOrder).AppendUint16(b, 3)
	put(0x010f, 2, 4, []byte("Cam\x00"))
	put(0x0112, 3, 1, order.(binary.AppendByteOrder).AppendUint16(nil, uint16(turn)))
	put(0x8825, 4, 1, order.(binary.AppendByteOrder).AppendUint32(nil, 50))
	b = append(b, 0, 0, 0, 0)
	return append(b, []byte("GPSLatitude 34.5967 SECRETPLACE")...)
}

func withExif(j []byte, block []byte) []byte {
	seg := append([]byte("Exif\x00\x00"), block...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(seg)+2)>>8), byte(len(seg)+2))
	return append(append(out, seg...), j[2:]...)
}

func photo(t *testing.T, data []byte) image.Image {
	t.Helper()
	out, err := blob.Photo(data, 0)
	if err != nil {
		t.Fatalf("%v", err)
	}
	m, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// look names the colour at a place given in quarters.
func look(m image.Image, qx, qy int) string {
	b := m.Bounds()
	r, _, bl, _ := m.At(b.Dx()*(2*qx+1)/8, b.Dy()*(2*qy+1)/8).RGBA()
	switch {
	case r > 0x9000 && bl < 0x6000:
		return "red"
	case bl > 0x9000 && r < 0x6000:
		return "blue"
	}
	return "white"
}

func TestOrientation(t *testing.T) {
	plain := jpegOf(t, arrow(80, 40))
	// where the red left edge and the blue lower edge stand after each turn
	want := map[int][2][2]int{
		1: {{0, 1}, {2, 3}}, 2: {{3, 1}, {1, 3}}, 3: {{3, 1}, {1, 0}}, 4: {{0, 1}, {2, 0}},
		5: {{1, 0}, {3, 2}}, 6: {{1, 0}, {0, 2}}, 7: {{1, 3}, {0, 1}}, 8: {{1, 3}, {3, 1}},
	}
	for turn, at := range want {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			m := photo(t, withExif(plain, exif(order, turn)))
			if upright := m.Bounds().Dx() < m.Bounds().Dy(); upright != (turn >= 5) {
				t.Errorf("turn %d: %v", turn, m.Bounds())
			}
			if red, blue := look(m, at[0][0], at[0][1]), look(m, at[1][0], at[1][1]); red != "red" || blue != "blue" {
				t.Errorf("turn %d: %s %s", turn, red, blue)
			}
		}
	}
}

func TestNothingButThePictureIsLeft(t *testing.T) {
	j := withExif(jpegOf(t, arrow(80, 40)), exif(binary.BigEndian, 6))
	// a comment, and a second file behind the end
	j = append(j[:2:2], append([]byte{0xff, 0xfe, 0, 17}, append([]byte("SECRETCOMMENT.."), j[2:]...)...)...)
	var z bytes.Buffer
	zw := zip.NewWriter(&z)
	f, err := zw.Create("evil.html")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("<script>SECRETSCRIPT</script>"))
	_ = zw.Close()
	j = append(j, z.Bytes()...)
	j = append(j, []byte("<script>SECRETSCRIPT</script>")...)
	out, err := blob.Photo(j, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"Exif", "SECRET", "GPS", "Cam", "script", "PK\x03\x04", "evil"} {
		if bytes.Contains(out, []byte(gone)) {
			t.Errorf("%q is still there", gone)
		}
	}
}

func pngChunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(append([]byte(name), data...)))
}

func pngBomb(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
}

func gifBomb(w, h uint16) []byte {
	b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte("GIF89a"), w), h)
	return append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ';')
}

func webpBomb(w, h uint32) []byte {
	body := binary.LittleEndian.AppendUint32([]byte("VP8L"), 5)
	bits := (w - 1) | (h-1)<<14
	body = append(binary.LittleEndian.AppendUint32(append(body, 0x2f), bits), 0)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4)), append([]byte("WEBP"), body...)...)
}

func jpegBomb(t *testing.T, w, h uint16) []byte {
	j := jpegOf(t, arrow(16, 16))
	at := bytes.Index(j, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(j[at+5:], h)
	binary.BigEndian.PutUint16(j[at+7:], w)
	return j
}

// scans repeats the scan of a progressive JPEG until decoding would take minutes.
func scanBomb(t *testing.T) []byte {
	j := jpegOf(t, arrow(16, 16))
	at := bytes.Index(j, []byte{0xff, 0xda})
	end := len(j) - 2
	return append(append(j[:at:at], bytes.Repeat(j[at:end], 500)...), j[end:]...)
}

func TestPhotoRefuses(t *testing.T) {
	good := jpegOf(t, arrow(400, 300))
	var p bytes.Buffer
	if err := png.Encode(&p, arrow(400, 300)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		key  string
	}{
		"png bomb":        {pngBomb(100_000, 100_000), "blob.too_many_pixels"},
		"png line bomb":   {pngBomb(1<<31-1, 1), "blob.too_many_pixels"},
		"gif bomb":        {gifBomb(65535, 65535), "blob.too_many_pixels"},
		"webp bomb":       {webpBomb(16384, 16384), "blob.too_many_pixels"},
		"jpeg bomb":       {jpegBomb(t, 65535, 65535), "blob.too_many_pixels"},
		"scan bomb":       {scanBomb(t), "blob.broken"},
		"png of nothing":  {pngBomb(10, 10), "blob.broken"},
		"png zero":        {pngBomb(0, 10), "blob.broken"},
		"gif of nothing":  {gifBomb(10, 10), "blob.broken"},
		"webp of nothing": {webpBomb(10, 10), "blob.broken"},
		"cut jpeg":        {good[:len(good)/2], "blob.broken"},
		"cut heading":     {good[:10], "blob.broken"},
		"cut png":         {p.Bytes()[:p.Len()/2], "blob.broken"},
		"empty":           {nil, "blob.not_image"},
		"html":            {[]byte("<html><script>alert(1)</script>"), "blob.not_image"},
		"svg":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "blob.not_image"},
		"html then jpeg":  {append([]byte("<script>"), good...), "blob.not_image"},
		"pdf":             {[]byte("%PDF-1.7"), "blob.not_image"},
		"heic":            {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "blob.heic"},
		"mif1":            {[]byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heic\x00"), "blob.heic"},
		"avif":            {[]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1"), "blob.heic"},
		"mp4":             {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"), "blob.not_image"},
		"too many bytes":  {make([]byte, blob.MaxSize+1), "blob.too_large"},
	} {
		start := time.Now()
		_, err := blob.Photo(c.data, 0)
		if err == nil || fault.Of(err).Key != c.key || fault.Of(err).Kind != fault.Invalid {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	if _, err := blob.Photo(good, 1000); fault.Of(err).Key != "blob.too_many_pixels" {
		t.Errorf("own limit: %v", err)
	}
}

func TestPhotoReadsEveryKind(t *testing.T) {
	src := arrow(400, 300)
	var p, g bytes.Buffer
	if err := png.Encode(&p, src); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&g, src, nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"png": p.Bytes(), "gif": g.Bytes(), "jpeg": jpegOf(t, src)} {
		m := photo(t, data)
		if m.Bounds().Dx() != 400 || look(m, 0, 1) != "red" || look(m, 2, 3) != "blue" || look(m, 2, 1) != "white" {
			t.Errorf("%s: %v", name, m.Bounds())
		}
	}
	// a PNG that says it was turned, with an eXIf chunk before its data
	raw := p.Bytes()
	turned := append(raw[:33:33], append(pngChunk("eXIf", exif(binary.LittleEndian, 6)), raw[33:]...)...)
	if m := photo(t, turned); m.Bounds().Dx() != 300 {
		t.Errorf("png turned: %v", m.Bounds())
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 50, 50))
	p.Reset()
	if err := png.Encode(&p, clear); err != nil {
		t.Fatal(err)
	}
	if m := photo(t, p.Bytes()); look(m, 1, 1) != "white" {
		t.Error("what is transparent is not white")
	}
}

func TestPhotoShrinks(t *testing.T) {
	for _, c := range [][4]int{{3200, 240, 1600, 120}, {2000, 1000, 1600, 800}, {100, 4000, 40, 1600}, {1600, 160, 1600, 160}, {40000, 3, 1600, 1}, {1, 1, 1, 1}, {1601, 2, 1600, 1}} {
		m := photo(t, jpegOf(t, arrow(c[0], c[1])))
		if b := m.Bounds(); b.Dx() != c[2] || b.Dy() != c[3] {
			t.Errorf("%v: %v", c, b)
		}
		if c[3] > 8 && c[2] > 8 && (look(m, 0, 1) != "red" || look(m, 2, 3) != "blue" || look(m, 2, 1) != "white") {
			t.Errorf("%v: the picture changed", c)
		}
	}
}

func TestPhotosAtOnce(t *testing.T) {
	data := jpegOf(t, arrow(2000, 1000))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := blob.Photo(data, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDocument(t *testing.T) {
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	for _, c := range []struct {
		data, name, media, key string
	}{
		{"%PDF-1.7\n", "a.exe", "application/pdf", ""},
		{string(zipOf(t, "[Content_Types].xml", "word/document.xml")), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ""},
		{string(zipOf(t, "xl/workbook.xml")), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ""},
		{string(zipOf(t, "OFD.xml", "Doc_0/Document.xml")), "a.ofd", "application/ofd", ""},
		{string(zipOf(t, "xl/workbook.xml", "xl/vbaProject.bin")), "a.xlsx", "", "blob.macro"},
		{string(zipOf(t, "evil.exe")), "a.docx", "", "blob.file_kind"},
		{"PK\x03\x04broken", "a.docx", "", "blob.file_kind"},
		{ole + "WordDocument", "a.doc", "application/x-ole-storage", ""},
		{ole + "_\x00V\x00B\x00A\x00_\x00P\x00R\x00O\x00J\x00E\x00C\x00T\x00", "a.doc", "", "blob.macro"},
		{"姓名,电话\n", "名单.csv", "text/csv", ""},
		{"说明", "a.txt", "text/plain", ""},
		{"<html>", "a.html", "", "blob.file_kind"},
		{"MZ\x90\x00", "a.txt", "", "blob.file_kind"},
		{"\xd6\xd0\xce\xc4", "gb.txt", "", "blob.file_kind"},
		{"", "a.txt", "", "blob.empty"},
		{string(jpegOf(t, arrow(8, 8))), "a.bin", "image/jpeg", ""},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "a.jpg", "", "blob.heic"},
	} {
		media, err := blob.Document([]byte(c.data), c.name)
		if media != c.media || c.key != "" && fault.Of(err).Key != c.key || c.key == "" && err != nil {
			t.Errorf("%s %.12q: %q %v", c.name, c.data, media, err)
		}
	}
}

func TestSend(t *testing.T) {
	send := func(b blob.Blob, name string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/x", nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		blob.Send(w, r, b, []byte("0123456789"), name)
		return w
	}
	photo := blob.Blob{ID: "i", Media: "image/jpeg", SHA256: "ab"}
	if w := send(photo, "x"); w.Code != 200 || w.Header().Get("Content-Disposition") != "" || w.Header().Get("ETag") != `"ab"` {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := send(photo, "x", "If-None-Match", `"ab"`); w.Code != http.StatusNotModified {
		t.Errorf("%d", w.Code)
	}
	if w := send(photo, "x", "Range", "bytes=2-4"); w.Code != http.StatusPartialContent || w.Body.String() != "234" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"a b.pdf": `attachment; filename="a b.pdf"`, "../../etc/passwd": "attachment; filename=passwd", "..": "attachment; filename=i", "": "attachment; filename=i",
		"名单.csv": "attachment; filename*=utf-8''%E5%90%8D%E5%8D%95.csv", "a\r\nX: y": "attachment; filename=a__X_%20y",
	} {
		w := send(blob.Blob{ID: "i", Media: "text/html", SHA256: "ab"}, name)
		got := w.Header().Get("Content-Disposition")
		if !strings.HasPrefix(got, "attachment") || strings.ContainsAny(got, "\r\n") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%q: %q", name, got)
		}
		if !strings.Contains(name, "\r") && got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzPhoto(f *testing.F) {
	f.Add(pngBomb(5, 5))
	f.Add(gifBomb(5, 5))
	f.Add(webpBomb(5, 5))
	f.Add(withExif([]byte{0xff, 0xd8, 0xff, 0xd9}, exif(binary.LittleEndian, 6)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := blob.Photo(data, 1_000_000); err != nil && fault.Of(err).Kind != fault.Invalid {
			t.Fatal(err)
		}
	})
}

func BenchmarkPhoto12MP(b *testing.B) {
	data := jpegOf(b, arrow(4000, 3000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := blob.Photo(data, 0); err != nil {
			b.Fatal(err)
		}
	}
}
