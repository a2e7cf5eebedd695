package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// What a spreadsheet can hold.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
	mostText    = 32767           // UTF-16 units of one cell
	mostDigits  = 15              // of a number
	exactBelow  = 999999999999999 // the greatest whole number it keeps
	longestName = 31
)

// ColumnName is A for 0, Z for 25, AA for 26.
func ColumnName(at int) string {
	name := ""
	for at++; at > 0; at = (at - 1) / 26 {
		name = string(rune('A'+(at-1)%26)) + name
	}
	return name
}

// cellAt reads a reference such as BC12; ok is false where it is none.
func cellAt(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	if i == 0 || i == len(ref) || len(ref)-i > 7 {
		return 0, 0, false
	}
	for _, c := range []byte(ref[i:]) {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		row = row*10 + int(c-'0')
	}
	return column - 1, row, row >= 1 && row <= mostRows && column <= mostColumns
}

// clean takes out of a text what XML and people cannot bear.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r == 0xfffe, r == 0xffff, r == 0xfeff:
			return -1
		}
		return r
	}, s)
}

// units is a text's length as a spreadsheet counts it.
func units(s string) (n int) {
	if len(s) <= mostText {
		return len(s) // never less than the true length
	}
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// names gives sheets names that a spreadsheet allows: none empty, too long, with
// a forbidden sign, or twice.
func names(sheets []Sheet) []string {
	out, taken := make([]string, len(sheets)), map[string]bool{}
	for i, s := range sheets {
		name := strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`:\/?*[]`+"\n\t", r) {
				return '-'
			}
			return r
		}, clean(s.Name)), " '")
		if name == "" {
			name = strconv.Itoa(i + 1)
		}
		base := name
		for n := 1; ; n++ {
			end := ""
			if n > 1 {
				end = " " + strconv.Itoa(n)
			}
			name = strings.TrimRight(cut(base, longestName-len(end)), " '") + end
			if key := strings.ToLower(name); !taken[key] && key != "history" {
				taken[key] = true
				break
			}
		}
		out[i] = name
	}
	return out
}

// cut keeps at most so many UTF-16 units.
func cut(s string, most int) string {
	n := 0
	for i, r := range s {
		if n++; r > 0xffff {
			n++
		}
		if n > most {
			return s[:i]
		}
	}
	return s
}

// plain is the decimal number that a spreadsheet would show in full, from what
// stands in the file; rounded says that there were more digits than it keeps.
func plain(raw string) (out string, rounded, ok bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) > 1e100 {
		return "", false, false
	}
	if f == 0 {
		return "0", false, true
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', mostDigits, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64), math.Abs(f) > exactBelow, true
}

// builtinDay tells of the formats that need no code which are days or times,
// those of the Chinese edition included.
func builtinDay(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// codeDay tells whether a format's code writes a day or a time.
func codeDay(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == ';': // the first part decides
			return false
		case strings.IndexByte("yYmMdDhHsS", c) >= 0:
			return true
		}
	}
	return false
}

const day = 24 * time.Hour

// moment reads a serial number as a day or moment of China.
func moment(serial float64, from1904 bool) (clock.Instant, bool) {
	base := clock.Date(1899, time.December, 30)
	switch {
	case from1904:
		base = clock.Date(1904, time.January, 1)
	case serial < 60: // the spreadsheet believes in a 29 February 1900
		base++
	}
	if serial < 0 || serial >= 2958466 { // 10000-01-01
		return 0, false
	}
	seconds := int64(math.Round(serial * day.Seconds()))
	return base.Start().Add(time.Duration(seconds/86400) * day).Add(time.Duration(seconds%86400) * time.Second), true
}

// asMoment fills a cell with a day, a moment or, before the first day, a time.
func asMoment(c *Cell, raw string, from1904 bool) bool {
	serial, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil {
		return false
	}
	at, ok := moment(serial, from1904)
	switch {
	case !ok:
		return false
	case serial < 1 && !from1904:
		c.Kind, c.Text = Text, at.Time().Format("15:04:05")
		return true
	}
	setMoment(c, at)
	return true
}

func setMoment(c *Cell, at clock.Instant) {
	c.Kind, c.Day, c.Moment = Moment, at.Day(), at
	switch t := at.Time(); {
	case at == at.Day().Start():
		c.Kind, c.Text = Day, at.Day().String()
	case t.Second() == 0:
		c.Text = t.Format("2006-01-02 15:04")
	default:
		c.Text = t.Format("2006-01-02 15:04:05")
	}
}

// Decimal is the cell as a plain decimal number: a number, or a text that says
// one (full-width digits, spaces and thousands commas allowed).
func (c Cell) Decimal() (string, bool) {
	if c.Kind == Number {
		return c.Text, true
	}
	if c.Kind != Text {
		return "", false
	}
	s := strings.ReplaceAll(norm.NFKC.String(strings.TrimSpace(c.Text)), " ", "")
	if whole, _, _ := strings.Cut(s, "."); strings.Contains(whole, ",") {
		parts := strings.Split(strings.TrimLeft(whole, "+-"), ",")
		for i, p := range parts {
			if i > 0 && len(p) != 3 || i == 0 && (p == "" || len(p) > 3) {
				return "", false
			}
		}
		s = strings.ReplaceAll(whole, ",", "") + strings.TrimPrefix(s, whole)
	}
	s = strings.TrimPrefix(s, "+")
	digits := strings.TrimPrefix(s, "-")
	whole, part, dot := strings.Cut(digits, ".")
	if whole == "" || dot && part == "" || strings.Trim(whole+part, "0123456789") != "" {
		return "", false
	}
	return s, true
}

// Whole is the cell as a whole number.
func (c Cell) Whole() (int64, bool) {
	s, ok := c.Decimal()
	if !ok {
		return 0, false
	}
	if whole, part, _ := strings.Cut(s, "."); strings.Trim(part, "0") == "" {
		s = whole
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Fen is the cell, an amount in yuan, in fen; more than two places are refused.
func (c Cell) Fen() (int64, bool) {
	s, ok := c.Decimal()
	if !ok {
		return 0, false
	}
	whole, part, _ := strings.Cut(s, ".")
	if part = strings.TrimRight(part, "0"); len(part) > 2 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+part+"00"[len(part):], 10, 64)
	return n, err == nil
}

// Date is the cell as a day: a day or moment, or a text such as 2026-01-02,
// 2026/1/2, 2026.1.2, 20260102 or the same with the Chinese words.
func (c Cell) Date() (clock.Day, bool) {
	switch c.Kind {
	case Day, Moment:
		return c.Day, true
	case Text, Number:
	default:
		return 0, false
	}
	s := strings.TrimSpace(norm.NFKC.String(c.Text))
	if utf8.RuneCountInString(s) == 8 && strings.Trim(s, "0123456789") == "" {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	s = strings.TrimSuffix(strings.NewReplacer("/", "-", ".", "-", "\u5e74", "-", "\u6708", "-", "\u65e5", "").Replace(s), "-")
	t, err := time.Parse("2006-1-2", s)
	if err != nil {
		return 0, false
	}
	return clock.Date(t.Date()), true
}

// refuse is a refusal of this package.
func refuse(key string, args ...any) *fault.Fault {
	return fault.New(fault.Invalid, "sheet."+key, args...)
}
