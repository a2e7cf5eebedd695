package blob

import (
	"bytes"
	"encoding/binary"
	"testing"

	"linli/internal/kit/fault"
)

func waveOf(seconds int) []byte {
	const rate = 8000
	data := make([]byte, rate*seconds)
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+len(data)))
	b.WriteString("WAVEfmt ")
	_ = binary.Write(&b, binary.LittleEndian, []uint32{16})
	_ = binary.Write(&b, binary.LittleEndian, []uint16{1, 1})
	_ = binary.Write(&b, binary.LittleEndian, []uint32{rate, rate})
	_ = binary.Write(&b, binary.LittleEndian, []uint16{1, 8})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}

func amrOf(frames int) []byte {
	out := []byte("#!AMR\n")
	for range frames {
		out = append(out, append([]byte{0x3c}, make([]byte, 31)...)...) // type 7: 32 bytes
	}
	return out
}

func oggOf(head string, granule uint64) []byte {
	page := func(body []byte, at uint64) []byte {
		p := make([]byte, 27, 28+len(body))
		copy(p, "OggS")
		binary.LittleEndian.PutUint64(p[6:], at)
		p[26] = 1
		return append(append(p, byte(len(body))), body...)
	}
	return append(page([]byte(head), 0), page(make([]byte, 50), granule)...)
}

// webmOf is as a browser's recorder streams it: segment and clusters of open size.
func webmOf(track byte, cluster, block uint16) []byte {
	size := func(n int) []byte { return []byte{0x40 | byte(n>>8), byte(n)} }
	el := func(id []byte, body []byte) []byte {
		return append(append(append([]byte{}, id...), size(len(body))...), body...)
	}
	open := []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	out := el([]byte{0x1a, 0x45, 0xdf, 0xa3}, el([]byte{0x42, 0x82}, []byte("webm")))
	out = append(append(out, 0x18, 0x53, 0x80, 0x67), open...)
	out = append(out, el([]byte{0x16, 0x54, 0xae, 0x6b}, el([]byte{0xae}, el([]byte{0x83}, []byte{track})))...)
	out = append(append(out, 0x1f, 0x43, 0xb6, 0x75), open...)
	out = append(out, el([]byte{0xe7}, []byte{byte(cluster >> 8), byte(cluster)})...)
	return append(out, el([]byte{0xa3}, []byte{0x81, byte(block >> 8), byte(block), 0x80, 1, 2, 3})...)
}

func mp4Of(handler string, scale, length uint32) []byte {
	box := func(name string, body ...[]byte) []byte {
		whole := bytes.Join(body, nil)
		return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(whole))), append([]byte(name), whole...)...)
	}
	mvhd := make([]byte, 100)
	binary.BigEndian.PutUint32(mvhd[12:], scale)
	binary.BigEndian.PutUint32(mvhd[16:], length)
	hdlr := append(make([]byte, 8), append([]byte(handler), make([]byte, 12)...)...)
	return bytes.Join([][]byte{box("ftyp", []byte("M4A \x00\x00\x00\x00M4A ")), box("moov", box("mvhd", mvhd), box("trak", box("mdia", box("hdlr", hdlr)))), box("mdat", []byte{1, 2, 3})}, nil)
}

func TestVoice(t *testing.T) {
	good := map[string]struct {
		data  []byte
		media string
	}{
		"wav": {waveOf(2), "audio/wav"}, "amr": {amrOf(100), "audio/amr"}, "opus": {oggOf("OpusHead--------", 48000*60), "audio/ogg"},
		"webm": {webmOf(2, 1000, 20), "audio/webm"}, "webm to the last second": {webmOf(2, 60000, 900), "audio/webm"},
		"m4a": {mp4Of("soun", 1000, 59000), "audio/mp4"}, "fragments of mp4": {mp4Of("soun", 1000, 0), "audio/mp4"},
	}
	for name, v := range good {
		media, err := Voice(v.data)
		if err != nil || media != v.media {
			t.Errorf("%s: %q %v", name, media, err)
		}
		for cut := range 40 { // what did not come whole is refused, whatever is missing
			if n := len(v.data) - 1 - cut*len(v.data)/40; n > 0 {
				if media, err := Voice(v.data[:n]); err == nil && (name != "amr" || (n-6)%32 != 0) {
					t.Errorf("%s cut to %d of %d bytes was taken as %s", name, n, len(v.data), media)
				}
			}
		}
	}
	bad := map[string]struct {
		data []byte
		key  string
	}{
		"nothing": {nil, "blob.empty"}, "text": {[]byte("hello, this is no sound at all"), "blob.voice_kind"}, "photo": {[]byte("\xff\xd8\xff\xe0 and so on and on"), "blob.voice_kind"},
		"film": {webmOf(1, 1000, 20), "blob.voice_kind"}, "film in mp4": {mp4Of("vide", 1000, 1000), "blob.voice_kind"}, "flac in ogg": {oggOf("\x7fFLAC-----------", 1), "blob.voice_kind"},
		"huge": {make([]byte, MaxVoice+1), "blob.too_large"}, "long wav": {waveOf(70), "blob.voice_long"}, "long amr": {amrOf(3300), "blob.voice_long"},
		"long webm": {webmOf(2, 65000, 900), "blob.voice_long"}, "long opus": {oggOf("OpusHead--------", 48000*66), "blob.voice_long"}, "long m4a": {mp4Of("soun", 1000, 70000), "blob.voice_long"},
		"heic": {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "blob.voice_kind"}, "amr of no frames": {[]byte("#!AMR\n"), "blob.voice_broken"},
	}
	for name, v := range bad {
		if _, err := Voice(v.data); fault.Of(err) == nil || fault.Of(err).Key != v.key {
			t.Errorf("%s: %v, want %s", name, err, v.key)
		}
	}
}

func FuzzVoice(f *testing.F) {
	for _, seed := range [][]byte{waveOf(1), amrOf(2), oggOf("OpusHead--------", 10), webmOf(2, 1, 1), mp4Of("soun", 1, 1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if media, err := Voice(data); (media == "") == (err == nil) {
			t.Errorf("%q %v", media, err)
		}
	})
}
