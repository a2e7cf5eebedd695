package privacy

import (
	"slices"
	"strconv"
	"strings"
)

// Mark is a stretch of words that is struck: characters From to To.
type Mark struct {
	From int `json:"f"`
	To   int `json:"t"`
}

// String writes a mark as it travels in a form.
func (m Mark) String() string { return strconv.Itoa(m.From) + "-" + strconv.Itoa(m.To) }

// ParseMark reads what String wrote; false where it is none.
func ParseMark(s string) (Mark, bool) {
	from, to, ok := strings.Cut(s, "-")
	f, err := strconv.Atoi(from)
	t, err2 := strconv.Atoi(to)
	return Mark{f, t}, ok && err == nil && err2 == nil && f >= 0 && t > f
}

// block stands for what was struck. Its length says nothing of what was there.
const block = "\u2587\u2587\u2587"

// Tidy sorts marks, cuts them to the text's length and unites those that touch.
func Tidy(marks []Mark, length int) []Mark {
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b Mark) int { return a.From - b.From })
	var out []Mark
	for _, m := range marks {
		m.From, m.To = max(m.From, 0), min(m.To, length)
		if m.To <= m.From {
			continue
		}
		if last := len(out) - 1; last >= 0 && m.From <= out[last].To {
			out[last].To = max(out[last].To, m.To)
			continue
		}
		out = append(out, m)
	}
	return out
}

// Strike gives the words without what is marked.
func Strike(text string, marks []Mark) string {
	runes := []rune(text)
	var b strings.Builder
	at := 0
	for _, m := range Tidy(marks, len(runes)) {
		b.WriteString(string(runes[at:m.From]))
		b.WriteString(block)
		at = m.To
	}
	b.WriteString(string(runes[at:]))
	return b.String()
}

// Piece is a stretch of text as the review page shows it.
type Piece struct {
	Text   string
	Struck bool
}

// Pieces parts the words at the marks, for showing what is struck beside what
// stays.
func Pieces(text string, marks []Mark) []Piece {
	runes := []rune(text)
	var out []Piece
	at := 0
	add := func(from, to int, struck bool) {
		if to > from {
			out = append(out, Piece{string(runes[from:to]), struck})
		}
	}
	for _, m := range Tidy(marks, len(runes)) {
		add(at, m.From, false)
		add(m.From, m.To, true)
		at = m.To
	}
	add(at, len(runes), false)
	return out
}

// Covers says whether the marks hide all of a stretch.
func Covers(marks []Mark, f Finding, length int) bool {
	return slices.ContainsFunc(Tidy(marks, length), func(m Mark) bool { return m.From <= f.From && m.To >= f.To })
}

// Occurrences marks every place at which words stand, written as they are or in
// another width or case.
func Occurrences(text, words string) []Mark {
	all, one := Folded([]rune(text)), Folded([]rune(strings.TrimSpace(words)))
	var out []Mark
	for i := 0; len(one) > 0 && i+len(one) <= len(all); i++ {
		if slices.Equal(all[i:i+len(one)], one) {
			out = append(out, Mark{i, i + len(one)})
			i += len(one) - 1
		}
	}
	return out
}
