package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli/internal/kit/fault"
)

// Clean makes text that came from outside safe to keep: it must be valid UTF-8
// without control characters (line feed and tab are kept, CRLF becomes LF, one
// byte order mark at the start is dropped); it is brought to NFC and trimmed.
// Longer than max characters (runes, after that) is refused; max <= 0 is no
// limit. Faults: text.not_utf8, text.control, text.too_long.
func Clean(s string, max int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.New(fault.Invalid, "text.not_utf8")
	}
	s = strings.TrimPrefix(s, "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, r := range s {
		if forbidden(r) {
			return "", fault.New(fault.Invalid, "text.control")
		}
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	if max > 0 && len(s) > max {
		if n := utf8.RuneCountInString(s); n > max {
			return "", fault.New(fault.Invalid, "text.too_long", "max", max, "length", n)
		}
	}
	return s, nil
}

// forbidden says which characters no stored text may hold: controls, and the
// direction overrides with which a name can be made to read as another.
func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r):
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe: // never characters
		return true
	}
	return false
}

// Fold brings text into the form in which two writings of the same thing are
// equal: compatibility form (full width to half width), lower case, one space
// between words, no space beside Chinese characters.
func Fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "")))
	var out strings.Builder
	out.Grow(len(s))
	var last rune
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			space = true
			continue
		}
		if space && last != 0 && !han(last) && !han(r) {
			out.WriteByte(' ')
		}
		space = false
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// Bigrams cuts text for search: from each run of Chinese characters every two
// neighbours (a run of one gives that one; search for it by prefix), and every
// word of other letters and digits whole. All is folded first. The order is that
// of the text and repetitions stay, so that phrases and counts can be asked for.
func Bigrams(s string) []string {
	var out []string
	var run []rune
	flush := func() {
		switch {
		case len(run) == 0:
		case !han(run[0]) || len(run) == 1:
			out = append(out, string(run))
		default:
			for i := 0; i+1 < len(run); i++ {
				out = append(out, string(run[i:i+2]))
			}
		}
		run = run[:0]
	}
	for _, r := range strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, " "))) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			flush()
			continue
		case len(run) > 0 && han(run[0]) != han(r):
			flush()
		}
		run = append(run, r)
	}
	flush()
	return out
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }
