package duty

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/kit/text"
)

// How a class is found by words: a word of the class that stands in the question
// (or the question in it) counts most, the longer the more; shared pairs of
// characters decide the rest, rare pairs more than common ones. Whole numbers
// only, ties by the order of the catalogue, so that the answer never changes.
const (
	sameWord      = 1000 // the question is a word of the class
	inQuestion    = 300  // a word of the class stands in the question
	perCharacter  = 60   // for each of its characters
	questionIn    = 300  // the question stands in a word of the class
	further       = 40   // each further word of the class in the question
	sharedPairs   = 400  // all pairs of the question are pairs of the class
	unknownWeight = 250  // of a pair that no class has
	leastScore    = 90   // below this nothing was found
	longest       = 500  // characters of a question that are looked at
)

// entry is a class prepared for searching.
type entry struct {
	phrases []phrase
	grams   map[string]bool
}

// phrase is one word of a class, plain, and as the catalogue has it.
type phrase struct {
	plain string
	latin bool
	said  string
}

func (c *Classes) buildIndex() {
	c.index = make([]entry, len(c.order))
	frequency := map[string]int64{}
	for i, k := range c.order {
		e := entry{grams: map[string]bool{}}
		for _, said := range slices.Concat([]string{k.Title["zh"], k.Title["en"]}, k.Words, k.WordsEn) {
			for _, g := range text.Bigrams(said) {
				e.grams[g] = true
			}
			// a title names several things: each is a word of its own
			for _, part := range strings.FieldsFunc(said, func(r rune) bool { return unicode.IsPunct(r) && r != '-' }) {
				if p := newPhrase(part); utf8.RuneCountInString(p.plain) > 1 {
					e.phrases = append(e.phrases, p)
				}
			}
		}
		c.index[i] = e
		if k.Parent == "" {
			continue // groups are not found, so they make no pair common
		}
		for g := range e.grams {
			frequency[g]++
		}
	}
	c.weight = make(map[string]int64, len(frequency))
	for g, n := range frequency {
		c.weight[g] = 1000 / n
	}
}

func newPhrase(said string) phrase {
	p := phrase{plain: plain(said), said: said}
	p.latin = strings.IndexFunc(p.plain, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	if p.latin {
		p.plain = " " + strings.TrimSpace(p.plain)
	}
	return p
}

// plain folds text and leaves letters and digits only; words of letters keep one
// space between them.
func plain(s string) string {
	var out strings.Builder
	space := false
	for _, r := range text.Fold(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			space = out.Len() > 0
			continue
		}
		if space && r <= unicode.MaxASCII {
			out.WriteByte(' ')
		}
		space = false
		out.WriteRune(r)
	}
	return out.String()
}

// Match finds the classes that fit a resident's words, best first, at most limit
// (all when limit is 0). Groups are not found, and nothing is where nothing fits.
func (c *Classes) Match(words string, limit int) []ClassMatch {
	if r := []rune(words); len(r) > longest {
		words = string(r[:longest])
	}
	q := question{plain: " " + plain(words)}
	for _, g := range text.Bigrams(words) {
		if !slices.Contains(q.grams, g) {
			q.grams = append(q.grams, g)
			if w, known := c.weight[g]; known {
				q.total += w
			} else {
				q.total += unknownWeight
			}
		}
	}
	if len(q.grams) == 0 {
		return nil
	}
	var out []ClassMatch
	scores := map[string]int{}
	for i, k := range c.order {
		if k.Parent == "" {
			continue
		}
		m := c.score(q, c.index[i])
		// a word of the narrower class says more than one of the wider
		if above := scores[k.Parent]; m.whole && m.Score <= above {
			m.Score = above + 1
		}
		scores[k.ID] = m.Score
		if m.Score >= leastScore {
			m.Class = *k
			out = append(out, m.ClassMatch)
		}
	}
	slices.SortStableFunc(out, func(a, b ClassMatch) int { return b.Score - a.Score })
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}

// question is what was asked, prepared.
type question struct {
	plain string // after one space
	grams []string
	total int64
}

// scored is a match, and whether a whole word of the class stands in the question.
type scored struct {
	ClassMatch
	whole bool
}

func (c *Classes) score(q question, e entry) scored {
	var m scored
	met := 0
	for _, p := range e.phrases {
		score := p.met(q.plain)
		if score == 0 {
			continue
		}
		met++
		m.whole = m.whole || strings.Contains(q.plain, p.plain)
		if score > m.Score {
			m.Score, m.Word = score, p.said
		}
	}
	if met > 1 {
		m.Score += further * (met - 1)
	}
	var shared int64
	for _, g := range q.grams {
		if e.grams[g] {
			shared += c.weight[g]
		}
	}
	m.Score += int(sharedPairs * shared / q.total)
	return m
}

// met says how well the word fits the question; 0 for not at all.
func (p phrase) met(question string) int {
	bare := question[1:]
	length := utf8.RuneCountInString(strings.TrimSpace(p.plain))
	if p.latin {
		length = (length + 1) / 2 // letters say less than characters
	}
	switch asked := utf8.RuneCountInString(bare); {
	case strings.TrimSpace(p.plain) == bare:
		return sameWord
	case p.latin:
		if at := strings.Index(question, p.plain); at >= 0 {
			rest := strings.TrimPrefix(question[at+len(p.plain):], "s")
			if rest == "" || rest[0] == ' ' || rest[0] >= utf8.RuneSelf {
				return inQuestion + perCharacter*min(length, 10)
			}
		}
	case strings.Contains(bare, p.plain):
		return inQuestion + perCharacter*min(length, 10)
	case asked >= 2 && strings.Contains(p.plain, bare):
		return questionIn + questionIn*asked/length
	}
	return 0
}

// Emergencies are the dangers that the words speak of, each once.
func (c *Classes) Emergencies(words string) []Danger {
	q := " " + plain(words)
	var out []Danger
	for _, d := range c.dangers {
		if slices.ContainsFunc(slices.Concat(d.Words, d.WordsEn), func(w string) bool { return spoken(q, w) }) {
			out = append(out, d)
		}
	}
	return out
}

// Ways are the legal ways of their own that the words speak of: a hint, no more.
func (c *Classes) Ways(words string) []Way {
	q := " " + plain(words)
	var out []Way
	for _, r := range c.refused {
		for _, w := range r.Ways {
			if slices.ContainsFunc(w.Words, func(s string) bool { return spoken(q, s) }) {
				out = append(out, w)
			}
		}
	}
	return out
}

// spoken says whether a word stands in the question.
func spoken(question, word string) bool {
	p := newPhrase(word)
	if p.latin {
		return strings.Contains(question+" ", p.plain+" ")
	}
	return strings.Contains(question, p.plain)
}
