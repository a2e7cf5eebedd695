package ledger

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"linli/internal/kit/clock"
)

// format is the first line of every leaf.
const format = "linli/1"

// errForm says that a text is not the canonical text of a leaf.
var errForm = errors.New("ledger: not a leaf in the form " + format)

// NewLeaf writes the canonical text of a leaf and hashes it. The text is lines
// of "name value", values empty are left out, fields sorted by name:
//
//	linli/1
//	id 01KA…
//	kind act
//	case 01KA…
//	procedure service-request
//	act dispatch
//	from received
//	to dispatched
//	clocks +accept -intake
//	recorded 1795507200000000
//	field lead 9f86d0…
//
// Bytes that could be taken for a separator, '%' and bytes that are not UTF-8
// are written %XX, so that no two envelopes have one text. Empty names in Clocks
// are dropped.
func NewLeaf(e Envelope, fields []Field) Leaf {
	sorted := slices.Clone(fields)
	slices.SortFunc(sorted, func(a, b Field) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	b := make([]byte, 0, 320+96*len(sorted))
	b = append(b, format...)
	b = append(b, '\n')
	b = line(b, "id", e.ID)
	b = line(b, "kind", e.Kind)
	b = line(b, "case", e.Case)
	b = line(b, "procedure", e.Procedure)
	b = line(b, "act", e.Act)
	b = line(b, "from", e.From)
	b = line(b, "to", e.To)
	b = clocks(b, e.Clocks)
	if e.Recorded != 0 {
		b = append(b, "recorded "...)
		b = strconv.AppendInt(b, int64(e.Recorded), 10)
		b = append(b, '\n')
	}
	b = line(b, "annuls", e.Annuls)
	b = line(b, "erases", e.Erases)
	for _, f := range sorted {
		b = append(b, "field "...)
		b = escape(b, f.Name)
		b = append(b, ' ')
		b = hex.AppendEncode(b, f.Digest[:])
		b = append(b, '\n')
	}
	return Leaf{ID: e.ID, Kind: e.Kind, Case: e.Case, Erases: e.Erases, Recorded: e.Recorded, Text: b, Hash: LeafHash(b)}
}

func line(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, name...)
	b = append(b, ' ')
	b = escape(b, value)
	return append(b, '\n')
}

func clocks(b []byte, list []string) []byte {
	begun := false
	for _, c := range list {
		if c == "" {
			continue
		}
		if !begun {
			b = append(b, "clocks"...)
			begun = true
		}
		b = append(b, ' ')
		b = escape(b, c)
	}
	if begun {
		b = append(b, '\n')
	}
	return b
}

func escape(b []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c <= ' ' || c == '%' || c == 0x7f {
				b = append(b, '%', digits[c>>4], digits[c&15])
			} else {
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, '%', digits[c>>4], digits[c&15])
		} else {
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return b
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errForm
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", errForm
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}

// ParseLeaf reads a leaf's canonical text back. A text that NewLeaf would not
// have written, down to the byte, is refused.
func ParseLeaf(text []byte) (Envelope, []Field, error) {
	rest, ok := strings.CutPrefix(string(text), format+"\n")
	if !ok || (rest != "" && !strings.HasSuffix(rest, "\n")) {
		return Envelope{}, nil, errForm
	}
	var e Envelope
	var fields []Field
	for row := range strings.Lines(rest) {
		name, value, ok := strings.Cut(strings.TrimSuffix(row, "\n"), " ")
		if !ok {
			return Envelope{}, nil, errForm
		}
		if err := e.take(name, value, &fields); err != nil {
			return Envelope{}, nil, fmt.Errorf("%w: line %q", err, name)
		}
	}
	if again := NewLeaf(e, fields); !bytes.Equal(again.Text, text) {
		return Envelope{}, nil, errForm
	}
	return e, fields, nil
}

func (e *Envelope) take(name, value string, fields *[]Field) (err error) {
	switch name {
	case "id":
		e.ID, err = unescape(value)
	case "kind":
		e.Kind, err = unescape(value)
	case "case":
		e.Case, err = unescape(value)
	case "procedure":
		e.Procedure, err = unescape(value)
	case "act":
		e.Act, err = unescape(value)
	case "from":
		e.From, err = unescape(value)
	case "to":
		e.To, err = unescape(value)
	case "annuls":
		e.Annuls, err = unescape(value)
	case "erases":
		e.Erases, err = unescape(value)
	case "recorded":
		var n int64
		n, err = strconv.ParseInt(value, 10, 64)
		e.Recorded = clock.Instant(n)
	case "clocks":
		for _, c := range strings.Split(value, " ") {
			if c, err = unescape(c); err != nil {
				return err
			}
			e.Clocks = append(e.Clocks, c)
		}
	case "field":
		label, digest, _ := strings.Cut(value, " ")
		var f Field
		if f.Name, err = unescape(label); err != nil {
			return err
		}
		if len(digest) != 64 {
			return errForm
		}
		if _, err = hex.Decode(f.Digest[:], []byte(digest)); err == nil {
			*fields = append(*fields, f)
		}
	default:
		err = errForm
	}
	return err
}
