package blob

import (
	"bytes"
	"encoding/binary"
	"math"

	"linli/internal/kit/fault"
)

// Bounds of a voice note.
const (
	MaxVoice     = 12 << 20 // bytes: a minute of uncompressed sound in two channels
	VoiceSeconds = 60
	voiceSlack   = 5 // seconds that a recorder may run on
)

// voice is what a container says of itself; seconds is 0 where it does not say.
type voice struct {
	media   string
	seconds float64
}

// Voice tells what a recording is, by its content and not by what was claimed,
// and walks its container from end to end: WebM, Ogg, MP4 (also 3GP), AMR and
// WAV with sound and without pictures are admitted, at most MaxVoice bytes and,
// as far as the container tells, VoiceSeconds long. It changes nothing. Faults:
// blob.empty, blob.too_large, blob.voice_kind, blob.voice_broken,
// blob.voice_long.
func Voice(data []byte) (media string, err error) {
	if len(data) == 0 {
		return "", fault.New(fault.Invalid, "blob.empty")
	}
	if len(data) > MaxVoice {
		return "", fault.New(fault.Invalid, "blob.too_large", "mib", MaxVoice>>20)
	}
	v, ok := voice{}, false
	switch {
	case bytes.HasPrefix(data, []byte{0x1a, 0x45, 0xdf, 0xa3}):
		v, ok = webm(data)
	case bytes.HasPrefix(data, []byte("OggS")):
		v, ok = ogg(data)
	case len(data) > 12 && string(data[4:8]) == "ftyp" && !heif(data):
		v, ok = mp4(data)
	case bytes.HasPrefix(data, []byte("#!AMR\n")):
		v, ok = amr(data[6:], amrNarrow[:])
	case bytes.HasPrefix(data, []byte("#!AMR-WB\n")):
		v, ok = amr(data[9:], amrWide[:])
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WAVE":
		v, ok = wav(data)
	default:
		return "", fault.New(fault.Invalid, "blob.voice_kind")
	}
	switch {
	case v.media == noSound:
		return "", fault.New(fault.Invalid, "blob.voice_kind")
	case !ok:
		return "", fault.New(fault.Invalid, "blob.voice_broken")
	case v.seconds > VoiceSeconds+voiceSlack:
		return "", fault.New(fault.Invalid, "blob.voice_long", "seconds", VoiceSeconds)
	}
	return v.media, nil
}

// noSound marks a whole container that holds something else than sound alone.
const noSound = "none"

// Sizes in bytes of AMR frames by their type; 0 where there is no such type.
var (
	amrNarrow = [16]int{13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}
	amrWide   = [16]int{18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1}
)

func amr(data []byte, sizes []int) (voice, bool) {
	frames := 0
	for len(data) > 0 {
		n := sizes[data[0]>>3&15]
		if n == 0 || n > len(data) {
			return voice{}, false
		}
		data = data[n:]
		frames++
	}
	return voice{"audio/amr", float64(frames) * 0.02}, frames > 0
}

func wav(data []byte) (voice, bool) {
	le := binary.LittleEndian
	rate := uint32(0)
	for at := uint64(12); at+8 <= uint64(len(data)); {
		id, size := string(data[at:at+4]), uint64(le.Uint32(data[at+4:]))
		body := at + 8
		switch {
		case id == "fmt " && size >= 16 && body+16 <= uint64(len(data)):
			rate = le.Uint32(data[body+8:])
		case id == "data" && rate > 0:
			return voice{"audio/wav", float64(size) / float64(rate)}, size > 0 && body+size <= uint64(len(data))
		}
		at = body + size + size&1
	}
	return voice{}, false
}

func ogg(data []byte) (voice, bool) {
	rate, last := 0.0, uint64(0)
	for n := 0; len(data) > 0; n++ {
		if len(data) < 27 || string(data[:4]) != "OggS" || data[4] != 0 {
			return voice{}, false
		}
		segments := int(data[26])
		size := 27 + segments
		if len(data) < size {
			return voice{}, false
		}
		for _, s := range data[27:size] {
			size += int(s)
		}
		if len(data) < size {
			return voice{}, false
		}
		body := data[27+segments : size]
		if granule := binary.LittleEndian.Uint64(data[6:]); granule != math.MaxUint64 {
			last = max(last, granule)
		}
		if n == 0 {
			switch {
			case bytes.HasPrefix(body, []byte("OpusHead")):
				rate = 48000
			case bytes.HasPrefix(body, []byte("\x01vorbis")) && len(body) >= 16:
				rate = float64(binary.LittleEndian.Uint32(body[12:]))
			case bytes.HasPrefix(body, []byte("Speex   ")) && len(body) >= 40:
				rate = float64(binary.LittleEndian.Uint32(body[36:]))
			default:
				return voice{media: noSound}, true
			}
		}
		data = data[size:]
	}
	if rate == 0 {
		return voice{}, false
	}
	return voice{"audio/ogg", float64(last) / rate}, true
}

// mp4 walks the boxes. A recorder that writes fragments leaves the length at 0.
func mp4(data []byte) (voice, bool) {
	v := voice{media: "audio/mp4"}
	sound, picture, payload := false, false, false
	var walk func(data []byte, depth int) bool
	walk = func(data []byte, depth int) bool {
		for len(data) > 0 {
			if len(data) < 8 {
				return false
			}
			size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
			if size == 1 && len(data) >= 16 {
				size, head = binary.BigEndian.Uint64(data[8:]), 16
			} else if size == 0 { // up to the end
				size = uint64(len(data))
			}
			if size < head || size > uint64(len(data)) {
				return false
			}
			body := data[head:size]
			switch string(data[4:8]) {
			case "moov", "trak", "mdia":
				if depth > 4 || !walk(body, depth+1) {
					return false
				}
			case "mvhd":
				v.seconds = movieLength(body)
			case "hdlr":
				sound = sound || len(body) >= 12 && string(body[8:12]) == "soun"
				picture = picture || len(body) >= 12 && string(body[8:12]) == "vide"
			case "mdat":
				payload = payload || len(body) > 0
			}
			data = data[size:]
		}
		return true
	}
	if !walk(data, 0) || !sound && !picture {
		return voice{}, false
	}
	if picture {
		return voice{media: noSound}, true
	}
	return v, payload
}

func movieLength(mvhd []byte) float64 {
	be := binary.BigEndian
	switch {
	case len(mvhd) >= 20 && mvhd[0] == 0 && be.Uint32(mvhd[12:]) > 0 && be.Uint32(mvhd[16:]) != math.MaxUint32:
		return float64(be.Uint32(mvhd[16:])) / float64(be.Uint32(mvhd[12:]))
	case len(mvhd) >= 32 && mvhd[0] == 1 && be.Uint32(mvhd[20:]) > 0 && be.Uint64(mvhd[24:]) != math.MaxUint64:
		return float64(be.Uint64(mvhd[24:])) / float64(be.Uint32(mvhd[20:]))
	}
	return 0
}

// Elements of Matroska that matter; those with others inside are walked into,
// as recorders leave their size open.
const (
	ebmlHead, ebmlDocType              = 0x1a45dfa3, 0x4282
	mkvSegment, mkvInfo, mkvCluster    = 0x18538067, 0x1549a966, 0x1f43b675
	mkvTracks, mkvTrackEntry, mkvGroup = 0x1654ae6b, 0xae, 0xa0
	mkvScale, mkvDuration, mkvType     = 0x2ad7b1, 0x4489, 0x83
	mkvTime, mkvSimple, mkvBlock       = 0xe7, 0xa3, 0xa1
)

// webm walks the elements. A recorder that streams leaves the length out; then
// it is the time of the last block.
func webm(data []byte) (voice, bool) {
	v, scale, cluster, last, told := voice{media: "audio/webm"}, 1e6, 0.0, 0.0, 0.0
	sound, picture, named := false, false, false
	for len(data) > 0 {
		id, n := ebmlNumber(data, 4, true)
		size, m := ebmlNumber(data[n:], 8, false)
		if n == 0 || m == 0 {
			return voice{}, false
		}
		data = data[n+m:]
		switch id {
		case mkvSegment, mkvInfo, mkvCluster, mkvTracks, mkvTrackEntry, mkvGroup, ebmlHead:
			if size != ebmlOpen && size > uint64(len(data)) {
				return voice{}, false
			}
			continue
		}
		if size > uint64(len(data)) { // also an open size, which only the above may have
			return voice{}, false
		}
		body := data[:size]
		data = data[size:]
		switch id {
		case ebmlDocType:
			named = string(bytes.TrimRight(body, "\x00")) == "webm" || string(bytes.TrimRight(body, "\x00")) == "matroska"
		case mkvScale:
			scale = float64(uintOf(body))
		case mkvDuration:
			told = floatOf(body)
		case mkvType:
			sound, picture = sound || uintOf(body) == 2, picture || uintOf(body) == 1
		case mkvTime:
			cluster = float64(uintOf(body))
		case mkvSimple, mkvBlock:
			if len(body) < 4 {
				return voice{}, false
			}
			last = max(last, cluster+float64(int16(binary.BigEndian.Uint16(body[1:]))))
		}
	}
	v.seconds = max(last, told) * scale / 1e9
	switch {
	case !named || !sound && !picture:
		return voice{}, false
	case picture:
		return voice{media: noSound}, true
	}
	return v, last > 0 || told > 0
}

// ebmlOpen is the size of an element whose end its writer did not know.
const ebmlOpen = math.MaxUint64

// ebmlNumber reads an id (with its marker) or a size; n is 0 where there is none.
func ebmlNumber(data []byte, most int, marked bool) (value uint64, n int) {
	if len(data) == 0 {
		return 0, 0
	}
	for n = 1; n <= most && data[0]>>(8-n)&1 == 0; n++ {
	}
	if n > most || n > len(data) {
		return 0, 0
	}
	value = uint64(data[0])
	if !marked {
		value &= 1<<(8-n) - 1
	}
	open := value == 1<<(8-n)-1
	for _, b := range data[1:n] {
		value = value<<8 | uint64(b)
		open = open && b == 0xff
	}
	if open && !marked {
		return ebmlOpen, n
	}
	return value, n
}

func uintOf(b []byte) (n uint64) {
	for _, c := range b[:min(len(b), 8)] {
		n = n<<8 | uint64(c)
	}
	return n
}

func floatOf(b []byte) float64 {
	f := 0.0
	switch len(b) {
	case 4:
		f = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		f = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	if math.IsNaN(f) || f < 0 {
		return 0
	}
	return f
}
