package search

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/text"
)

const (
	longestToken  = 64 // characters; what is longer is found by its beginning
	shortestBegin = 3  // from this length on a word may be the beginning of one
)

// column collects tokens of one column; a text said twice counts once.
type column struct {
	tokens []string
	said   map[string]bool
}

// words collects what is to be found of one case.
type words [db.TextColumns]column

// say adds texts to a column.
func (w *words) say(at int, texts ...string) {
	for _, t := range texts {
		for before := range at + 1 {
			if w[before].said[t] {
				t = ""
			}
		}
		if t == "" {
			continue
		}
		if w[at].said == nil {
			w[at].said = map[string]bool{}
		}
		w[at].said[t] = true
		w[at].tokens = append(w[at].tokens, tokens(t)...)
	}
}

func (w *words) columns() (out [db.TextColumns][]string) {
	for i := range w {
		out[i] = w[i].tokens
	}
	return out
}

// print is equal for equal words.
func (w *words) print() string {
	h := sha256.New()
	for i := range w {
		for _, t := range w[i].tokens {
			h.Write([]byte(t))
			h.Write([]byte{' '})
		}
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// tokens cuts text for the index: pairs of Chinese characters and whole words.
// The last character of a run of Chinese stands alone once more, so that every
// character begins some token and can be looked for by itself.
func tokens(s string) []string {
	pairs := text.Bigrams(s)
	out := make([]string, 0, len(pairs)+4)
	for i, t := range pairs {
		out = append(out, cut(t))
		_, last, ok := pair(t)
		if ok && (i+1 == len(pairs) || !strings.HasPrefix(pairs[i+1], last)) {
			out = append(out, last)
		}
	}
	return out
}

func cut(t string) string {
	if utf8.RuneCountInString(t) <= longestToken {
		return t
	}
	return string([]rune(t)[:longestToken])
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// pair splits a pair of Chinese characters.
func pair(t string) (first, last string, ok bool) {
	r, n := utf8.DecodeRuneInString(t)
	if !han(r) || n == len(t) {
		return "", "", false
	}
	return t[:n], t[n:], true
}

// query is what somebody looks for.
type query struct {
	every []db.Phrase // as written
	terms []string    // to mark

	kept   []db.Phrase // of every, what stays needed when it is read loosely
	pairs  []db.Phrase // and the parts of which one is enough; none: cannot be loosened
	pieces []string    // to mark then
}

// parse reads what somebody typed. No sign in it has a meaning: quotes, stars and
// words like NEAR are words or nothing. Words between spaces must all be there;
// Chinese that was written together must stand together.
func parse(typed string) query {
	var q query
	for _, chunk := range strings.Fields(norm.NFKC.String(typed)) {
		q.chunk(text.Bigrams(chunk))
	}
	return q
}

func (q *query) chunk(list []string) {
	for len(list) > 0 {
		r, _ := utf8.DecodeRuneInString(list[0])
		n := 1
		if han(r) {
			for n < len(list) && follows(list[n-1], list[n]) {
				n++
			}
			q.chinese(list[:n])
		} else {
			for n < len(list) {
				if r, _ := utf8.DecodeRuneInString(list[n]); han(r) {
					break
				}
				n++
			}
			q.word(list[:n])
		}
		list = list[n:]
	}
}

// follows says that the pair b goes on where the pair a ends.
func follows(a, b string) bool {
	_, last, ok := pair(a)
	first, _, also := pair(b)
	return ok && also && last == first
}

func (q *query) chinese(run []string) {
	term := run[0]
	for _, t := range run[1:] {
		_, last, _ := pair(t)
		term += last
	}
	_, _, two := pair(run[0])
	p := db.Phrase{Tokens: run, Prefix: !two}
	q.every = append(q.every, p)
	q.terms = append(q.terms, term)
	if len(run) == 1 {
		q.kept = append(q.kept, p)
		q.pieces = append(q.pieces, term)
		return
	}
	for _, t := range run {
		q.pairs = append(q.pairs, db.Phrase{Tokens: []string{t}})
		q.pieces = append(q.pieces, t)
	}
}

func (q *query) word(run []string) {
	p := db.Phrase{}
	for _, t := range run {
		p.Tokens = append(p.Tokens, cut(t))
	}
	p.Prefix = utf8.RuneCountInString(run[len(run)-1]) >= shortestBegin
	q.every, q.kept = append(q.every, p), append(q.kept, p)
	q.terms, q.pieces = append(q.terms, run...), append(q.pieces, run...)
}

// folded is text in the form in which it is compared, each character with the
// place of the one it came from.
func folded(s []rune) (fold []rune, from []int) {
	for i, r := range s {
		for _, f := range strings.ToLower(norm.NFKC.String(string(r))) {
			fold, from = append(fold, f), append(from, i)
		}
	}
	return fold, from
}

// Mark cuts s into pieces, those that say one of the terms marked.
func Mark(s string, terms []string) []Piece {
	whole := []rune(s)
	hit := marks(whole, terms)
	var out []Piece
	for start, i := 0, 1; i <= len(whole); i++ {
		if i == len(whole) || hit[i] != hit[start] {
			out = append(out, Piece{string(whole[start:i]), hit[start]})
			start = i
		}
	}
	return out
}

func marks(whole []rune, terms []string) []bool {
	hit := make([]bool, len(whole))
	fold, from := folded(whole)
	for _, term := range terms {
		want := []rune(term)
		for i := 0; len(want) > 0 && i+len(want) <= len(fold); i++ {
			if string(fold[i:i+len(want)]) != term || !begins(fold, i) {
				continue
			}
			for j := from[i]; j <= from[i+len(want)-1]; j++ {
				hit[j] = true
			}
		}
	}
	return hit
}

// begins says that a word begins at this place; Chinese does everywhere.
func begins(fold []rune, at int) bool {
	return at == 0 || han(fold[at]) || han(fold[at-1]) || !unicode.IsLetter(fold[at-1]) && !unicode.IsDigit(fold[at-1])
}

const around = 40 // characters of an excerpt on both sides of the first hit

// Excerpt is the stretch of s around the first term in it; nil where none is.
func Excerpt(s string, terms []string) []Piece {
	flat := []rune(strings.Join(strings.Fields(s), " "))
	for i, h := range marks(flat, terms) {
		if !h {
			continue
		}
		from, to := max(i-around, 0), min(i+2*around, len(flat))
		part := string(flat[from:to])
		if from > 0 {
			part = "…" + part
		}
		if to < len(flat) {
			part += "…"
		}
		return Mark(part, terms)
	}
	return nil
}

// excerpt is the first of a case's open texts that says a term, around it.
func excerpt(row casework.Row, terms []string) []Piece {
	for _, name := range slices.Sorted(maps.Keys(row.Values)) {
		if said := Excerpt(row.Values.Text(name), terms); said != nil && row.Values.Text(name) != row.Case.Title {
			return said
		}
	}
	return nil
}
