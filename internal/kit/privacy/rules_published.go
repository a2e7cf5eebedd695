package privacy

import (
	"regexp"
	"slices"
)

// sum is an amount of money or another number with a fraction: it is no number
// of a person, nor part of one.
var sum = regexp.MustCompile(`[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]{1,10}\.[0-9]{1,2}`)

// Lengths between which a number may be one of a bank card, and from which any
// number is held for an account.
const (
	cardLeast, cardMost = 12, 19
	longNumber          = 15
)

// FindPublished looks through words that are written for the public: an account,
// a list, the name of a file. Sums of money are no numbers of persons there, and
// a name or an address is no finding, since offices name people rightly. What it
// finds must not go out unless a person says that it is nobody's.
func (p *Check) FindPublished(text string) []Finding {
	runes := []rune(text)
	flat := Folded(runes)
	s := newSpan(flat)
	said := slices.Clone(flat)
	for _, m := range sum.FindAllStringIndex(s.text, -1) {
		from, to := s.at(m[0]), s.at(m[1])
		_, before := p.digit(runeAt(flat, from-1))
		_, after := p.digit(runeAt(flat, to))
		for i := from; i < to && !before && !after && runeAt(flat, to) != '.'; i++ {
			said[i] = 'n' // a letter parts the numbers beside it
		}
	}
	for i, r := range said { // what parts the members of a list parts their numbers
		if r == ',' || r == ';' || r == '\n' || r == '\u3001' {
			said[i] = 'n'
		}
	}
	var out []Finding
	for _, f := range p.numbers(said) {
		if f.Kind != FindAccount || p.holds(said, f) {
			out = append(out, f)
		}
	}
	for kind, re := range map[string]*regexp.Regexp{FindPlate: p.plate, FindContact: p.contact, FindBirth: p.birth} {
		if re == nil {
			continue
		}
		for _, m := range re.FindAllStringIndex(s.text, -1) {
			out = append(out, Finding{Kind: kind, From: s.at(m[0]), To: s.at(m[1]), Hard: true})
		}
	}
	return apart(out)
}

// holds says whether a long number may be an account: it is very long, a card's
// check digit fits, or the words before it say so. Codes of areas and numbers of
// documents are shorter.
func (p *Check) holds(flat []rune, f Finding) bool {
	var digits []byte
	for _, r := range flat[f.From:f.To] {
		if d, ok := p.digit(r); ok {
			digits = append(digits, d)
		}
	}
	return len(digits) >= longNumber || len(digits) >= cardLeast && Luhn(digits) ||
		p.account.MatchString(string(flat[max(f.From-14, 0):f.From]))
}

// Luhn says whether the last digit is the check digit of a card's number.
func Luhn(digits []byte) bool {
	total := 0
	for i, d := range digits {
		n := int(d - '0')
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		total += n
	}
	return len(digits) >= cardLeast && len(digits) <= cardMost && total%10 == 0
}
