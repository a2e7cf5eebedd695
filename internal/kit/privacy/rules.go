package privacy

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Find looks for what points to a person. It errs on the careful side: a long
// number of another kind is a finding too. Findings do not overlap.
func (p *Check) Find(text string) []Finding {
	runes := []rune(text)
	flat := Folded(runes)
	out := p.numbers(flat)
	add := func(kind string, hard bool, from, to int) {
		out = append(out, Finding{Kind: kind, From: from, To: to, Hard: hard})
	}
	s := newSpan(flat)
	for _, m := range p.contact.FindAllStringIndex(s.text, -1) {
		add(FindContact, true, s.at(m[0]), s.at(m[1]))
	}
	for kind, re := range map[string]*regexp.Regexp{FindPlate: p.plate, FindDoor: p.door} {
		for _, m := range re.FindAllStringIndex(s.text, -1) {
			add(kind, false, s.at(m[0]), s.at(m[1]))
		}
	}
	for _, m := range p.strong.FindAllStringIndex(s.text, -1) {
		add(FindDoor, false, s.at(m[0]), s.at(m[1]))
	}
	for _, re := range p.names {
		for _, m := range re.FindAllStringSubmatchIndex(s.text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 {
				from, to = m[2], m[3]
			}
			add(FindName, false, s.at(from), s.at(to))
		}
	}
	return apart(out)
}

// Hard are the findings that keep words from being released.
func (p *Check) Hard(text string) []Finding {
	return slices.DeleteFunc(p.Find(text), func(f Finding) bool { return !f.Hard })
}

// apart sorts findings and unites those that overlap; a hard one stays hard.
func apart(list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Or(a.From-b.From, b.To-a.To) })
	var out []Finding
	for _, f := range list {
		last := len(out) - 1
		if last < 0 || f.From >= out[last].To {
			out = append(out, f)
			continue
		}
		if f.Hard && !out[last].Hard {
			out[last].Kind, out[last].Hard, out[last].Line = f.Kind, true, f.Line
		}
		out[last].To = max(out[last].To, f.To)
	}
	return out
}

// span is a text whose byte offsets are translated to characters.
type span struct {
	text   string
	starts []int // byte offset of every character
}

func newSpan(runes []rune) span {
	s := span{text: string(runes), starts: make([]int, 0, len(runes)+1)}
	for i := range s.text {
		s.starts = append(s.starts, i)
	}
	s.starts = append(s.starts, len(s.text))
	return s
}

func (s span) at(offset int) int {
	i, _ := slices.BinarySearch(s.starts, offset)
	return i
}

// Folded brings every character to its plain form, one for one: full width to
// half width, upper to lower case, circled digits to digits.
func Folded(runes []rune) []rune {
	out := make([]rune, len(runes))
	for i, r := range runes {
		if r >= utf8.RuneSelf {
			if plain := []rune(norm.NFKC.String(string(r))); len(plain) == 1 {
				r = plain[0]
			}
		}
		out[i] = unicode.ToLower(r)
	}
	return out
}

// digit reads a digit of any script or a written numeral.
func (p *Check) digit(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r), true
	}
	if d, ok := p.numerals[r]; ok {
		return d, true
	}
	for _, t := range unicode.Nd.R16 {
		if uint16(r) >= t.Lo && rune(uint16(r)) == r && uint16(r) <= t.Hi {
			return byte('0' + (uint16(r)-t.Lo)%10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r > 0 && uint32(r) >= t.Lo && uint32(r) <= t.Hi {
			return byte('0' + (uint32(r)-t.Lo)%10), true
		}
	}
	return 0, false
}

// mostBetween is how many other signs may stand between two digits of a number.
const mostBetween = 4

// run is a row of digits with where each stands, and where the row is parted by
// other signs.
type run struct {
	digits []byte
	at     []int
}

func (r run) from() int { return r.at[0] }
func (r run) to() int   { return r.at[len(r.at)-1] + 1 }

func (r run) cut(from, to int) run { return run{r.digits[from:to], r.at[from:to]} }

// tokens parts a run where other signs stand.
func (r run) tokens() []run {
	var out []run
	first := 0
	for i := 1; i <= len(r.at); i++ {
		if i == len(r.at) || r.at[i] != r.at[i-1]+1 {
			out = append(out, r.cut(first, i))
			first = i
		}
	}
	return out
}

// moment is a day or a time of day as people write it; it is no part of a number.
var moment = regexp.MustCompile(`(?:19|20)[0-9]{2}[\-/.](?:0?[1-9]|1[0-2])[\-/.](?:3[01]|[12][0-9]|0?[1-9])|(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?`)

// runs finds the rows of digits in a text.
func (p *Check) runs(flat []rune) []run {
	skip := map[int]bool{}
	s := newSpan(flat)
	for _, m := range moment.FindAllStringIndex(s.text, -1) {
		from, to := s.at(m[0]), s.at(m[1])
		_, before := p.digit(runeAt(flat, from-1))
		_, after := p.digit(runeAt(flat, to))
		for i := from; i < to && !before && !after; i++ {
			skip[i] = true
		}
	}
	var out []run
	var now run
	between := 0
	flush := func() {
		if len(now.digits) > 0 {
			out = append(out, now)
		}
		now, between = run{}, 0
	}
	for i, r := range flat {
		d, ok := p.digit(r)
		if !ok && len(now.digits) > 0 && between == 0 {
			d, ok = alike(r, flat, i, p)
		}
		switch {
		case skip[i]:
			flush()
		case ok:
			now.digits, now.at, between = append(now.digits, d), append(now.at, i), 0
		case len(now.digits) == 0:
		case unicode.IsLetter(r) || between == mostBetween:
			flush()
		default:
			between++
		}
	}
	flush()
	return out
}

func runeAt(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

// alike reads letters that are put for digits between digits.
func alike(r rune, flat []rune, i int, p *Check) (byte, bool) {
	_, next := p.digit(runeAt(flat, i+1))
	if !next && runeAt(flat, i+1) != r {
		return 0, false
	}
	switch r {
	case 'o':
		return '0', true
	case 'l', 'i':
		return '1', true
	}
	return 0, false
}

// Least lengths of numbers.
const (
	phoneDigits   = 11
	idDigits      = 18
	oldIDDigits   = 15
	accountDigits = 12
	shortNumber   = 7 // after a word that says what it is
)

// numbers finds telephones, identity numbers and accounts.
func (p *Check) numbers(flat []rune) []Finding {
	var out []Finding
	for _, r := range p.runs(flat) {
		out = append(out, p.number(flat, r)...)
	}
	return out
}

func (p *Check) number(flat []rune, r run) []Finding {
	tokens := r.tokens()
	if len(tokens) > 1 {
		for i, t := range tokens {
			if !Mobile(t.digits) && !(len(t.digits) >= accountDigits) {
				continue
			}
			// one whole number among others: it is taken out, the rest is looked at again
			var out []Finding
			before, after := run{}, run{}
			for _, b := range tokens[:i] {
				before.digits, before.at = append(before.digits, b.digits...), append(before.at, b.at...)
			}
			for _, a := range tokens[i+1:] {
				after.digits, after.at = append(after.digits, a.digits...), append(after.at, a.at...)
			}
			if len(before.digits) > 0 && len(before.digits) != 3 { // +86 and the like belong to it
				out = append(out, p.number(flat, before)...)
			}
			out = append(out, p.whole(flat, t)...)
			if len(after.digits) > 0 {
				out = append(out, p.number(flat, after)...)
			}
			return out
		}
	}
	return p.whole(flat, r)
}

// whole judges one number.
func (p *Check) whole(flat []rune, r run) []Finding {
	n := len(r.digits)
	said := func(re *regexp.Regexp) bool {
		return re.MatchString(string(flat[max(r.from()-14, 0):r.from()]))
	}
	f := Finding{From: r.from(), To: r.to(), Hard: true}
	switch {
	case n == idDigits-1 && idEnd(flat, f.To) > 0 && dated(r.digits[6:14]):
		f.Kind, f.To = FindID, idEnd(flat, f.To)
	case holdsID(r.digits):
		f.Kind = FindID
		if end := idEnd(flat, f.To); end > 0 {
			f.To = end
		}
	case n == phoneDigits && Mobile(r.digits):
		f.Kind = FindPhone
	case n >= 10 && n <= 12 && r.digits[0] == '0':
		f.Kind, f.Line = FindPhone, true
	case n >= accountDigits:
		f.Kind = FindAccount
	case n >= shortNumber && said(p.account):
		f.Kind = FindAccount
	case n >= shortNumber && said(p.phone) && !public(r.digits):
		f.Kind, f.Line = FindPhone, true
	default:
		return nil
	}
	return []Finding{f}
}

// public tells numbers that offices and firms publish for everybody.
func public(d []byte) bool {
	return len(d) == 10 && (strings.HasPrefix(string(d), "400") || strings.HasPrefix(string(d), "800"))
}

// Mobile tells the digits of a mobile telephone.
func Mobile(d []byte) bool {
	return len(d) == phoneDigits && d[0] == '1' && d[1] >= '3'
}

// idEnd is the end of an identity number whose last sign is an X, 0 where none
// follows.
func idEnd(flat []rune, to int) int {
	for i := to; i < len(flat) && i < to+mostBetween; i++ {
		switch r := flat[i]; {
		case r == 'x' || r == '\u00d7':
			return i + 1
		case unicode.IsLetter(r):
			return 0
		}
	}
	return 0
}

// holdsID says whether 18 or 15 neighbouring digits can be an identity number:
// by the day of birth in it. The check digit is not asked: a slip of the pen
// does not make the number public.
func holdsID(d []byte) bool {
	for i := 0; i+idDigits <= len(d); i++ {
		if dated(d[i+6 : i+14]) {
			return true
		}
	}
	return len(d) == oldIDDigits && dated(append([]byte("19"), d[6:12]...))
}

// dated says whether eight digits are a day on which somebody alive may be born.
func dated(d []byte) bool {
	y, m, day := string(d[:4]), string(d[4:6]), string(d[6:8])
	return (y >= "1880" && y <= "2099") && m >= "01" && m <= "12" && day >= "01" && day <= "31"
}
