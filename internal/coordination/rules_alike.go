package coordination

import (
	"slices"
	"strings"
	"unicode"

	"linli/internal/duty"
)

// matter is what a task says and to whom, for comparing it with one that was refused.
type matter struct {
	words     string
	receivers []string // paths of units
}

// How near two matters must be. A piece of a refused task has nearly all of its
// pairs of letters from it: three quarters, since a piece gets a word or two of its
// own. Where nobody is asked whom the refused one asked, only nearly the same text
// counts, four fifths both ways. What is shorter than a few words says too little.
const (
	pieceShare  = 75 // of a hundred pairs, of the shorter text
	wholeShare  = 80 // of a hundred pairs, of each text
	fewestPairs = 4
)

// resembles reports whether a matter is one that was refused, or a piece of it: the
// same words or some of them, to the same receivers or some of them, or to units
// below these. Another order of the sentences, other spacing and other marks change
// nothing; other words do.
func (a matter) resembles(refused matter) bool {
	x, y := pairs(a.words), pairs(refused.words)
	if len(x) < fewestPairs || len(y) < fewestPairs {
		return plain(a.words) == plain(refused.words) && plain(a.words) != ""
	}
	same := 0
	for p := range x {
		if y[p] {
			same++
		}
	}
	if 100*same >= wholeShare*max(len(x), len(y)) {
		return true
	}
	return a.shares(refused) && 100*same >= pieceShare*min(len(x), len(y))
}

// shares reports whether somebody is asked by both, themselves or by who stands
// above them.
func (a matter) shares(b matter) bool {
	return slices.ContainsFunc(a.receivers, func(x string) bool {
		return slices.ContainsFunc(b.receivers, func(y string) bool { return strings.HasPrefix(x, y) || strings.HasPrefix(y, x) })
	})
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func pairs(s string) map[string]bool {
	out := map[string]bool{}
	runes := []rune(plain(s))
	for i := 1; i < len(runes); i++ {
		out[string(runes[i-1:i+1])] = true
	}
	return out
}

// asked are the fields that a form asks for, one a line; a line without a letter or
// a digit is none.
func asked(lines string) []string {
	var out []string
	for line := range strings.Lines(lines) {
		if plain(line) != "" {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// nearness is how well words fit an item: its number, its title as a whole, or the
// share of the words' pairs that its title has; 0 where hardly at all.
func nearness(words string, i duty.Item) int {
	sought := plain(words)
	if sought == "" {
		return 0
	}
	if plain(i.ID) == sought {
		return 1000
	}
	best := 0
	for _, title := range i.Title {
		if strings.Contains(plain(title), sought) {
			return 500
		}
		x, y := pairs(words), pairs(title)
		same := 0
		for p := range x {
			if y[p] {
				same++
			}
		}
		if len(x) > 0 && 100*same/len(x) >= 40 {
			best = max(best, 100*same/len(x))
		}
	}
	return best
}
