package paper

import (
	"strings"
	"unicode"
)

// Marks that may not begin a line, and marks that may not end one.
const (
	notFirst = "!%),.:;?]}¢°·’”…‰℃、。〉》」』】〕〗〞︰︱﹐﹑﹒﹔﹕﹖﹗！＂％＇），．：；？］｝～"
	notLast  = "$([{£¥‘“〈《「『【〔〖〝﹙﹛＄（．［｛￡￥"
)

// clean drops what cannot be drawn and draws what the font lacks as a square.
func clean(s string, has func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		case !has(r):
			return '□'
		}
		return r
	}, strings.ToValidUTF8(s, "□"))
}

// wide says whether a line may break before and after r, as between Chinese characters.
func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffef
}

// mayBreak says whether a line may end after a and begin with b.
func mayBreak(a, b rune) bool {
	if strings.ContainsRune(notFirst, b) || strings.ContainsRune(notLast, a) || b == ' ' {
		return false
	}
	return a == ' ' || a == '-' || wide(a) || wide(b)
}

// wrap breaks text into lines no wider than most. A word that is wider than a
// whole line is cut where the line ends.
func wrap(s string, most float64, width func(rune) float64) []string {
	var lines []string
	for part := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapOne([]rune(part), most, width)...)
	}
	return lines
}

func wrapOne(line []rune, most float64, width func(rune) float64) (lines []string) {
	begin, last, sum := 0, -1, 0.0 // last: where the line may break, before that rune
	for i := 0; i < len(line); i++ {
		if i > begin && mayBreak(line[i-1], line[i]) {
			last = i
		}
		w := width(line[i])
		if sum+w > most && i > begin && line[i] != ' ' {
			cut := last
			if cut <= begin {
				cut = i
			}
			lines = append(lines, strings.TrimRight(string(line[begin:cut]), " "))
			begin, last, sum = cut, -1, 0
			for begin < len(line) && line[begin] == ' ' {
				begin++
			}
			i = begin - 1 // measure the rest again
			continue
		}
		sum += w
	}
	return append(lines, strings.TrimRight(string(line[begin:]), " "))
}
