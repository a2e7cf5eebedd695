package area

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

const (
	mostWords = 80  // characters of a question
	mostFound = 200 // answers of one question
)

// Find looks for areas, grids and places by words, under a code ("" is
// everywhere). Each word must stand in the name or in the name of an area
// above: "墟沟 东园" finds the community in its street; written in one piece
// ("墟沟街道东园社区") the names of areas at the front are taken as such. Exact
// names come first, then those that begin with the word, then those that hold
// it; among equals the larger area and the shorter name. Faults: those of
// text.Clean, area.words_missing, area.code_shape for under.
func (s *Service) Find(ctx context.Context, words, under string, limit int) ([]Found, error) {
	words, err := text.Clean(words, mostWords)
	if err != nil {
		return nil, fault.Of(err).At("q")
	}
	if under != "" && LevelOf(under) == NoLevel {
		return nil, fault.New(fault.Invalid, "area.code_shape", "code", short(under)).At("under")
	}
	limit = max(1, min(limit, mostFound))
	terms := strings.Fields(strings.ToLower(words))
	for i, t := range terms {
		terms[i] = text.Fold(t)
	}
	if len(terms) == 0 {
		return nil, fault.New(fault.Invalid, "area.words_missing").At("q")
	}
	found, err := s.find(ctx, terms, under, limit)
	if err != nil || len(found) > 0 {
		return found, err
	}
	return s.findInPieces(ctx, strings.Join(terms, ""), under, limit)
}

// find looks for the last word among the names and for the others above them.
func (s *Service) find(ctx context.Context, terms []string, under string, limit int) ([]Found, error) {
	word, others := terms[len(terms)-1], terms[:len(terms)-1]
	want := limit
	if len(others) > 0 {
		want = mostFound // the other words leave few of them
	}
	list, err := s.areasNamed(ctx, word, under, want)
	if err != nil {
		return nil, err
	}
	var out []Found
	for _, a := range list {
		// the database compares brackets loosely
		if !strings.Contains(text.Fold(a.Name), word) && !strings.Contains(text.Fold(a.NameEn), word) {
			continue
		}
		out = append(out, Found{Kind: FoundArea, Code: a.Code, Name: a.Name})
	}
	out = append(out, s.gridsNamed(ctx, word, under, want)...)
	named, err := s.placesNamed(ctx, word, distinct(pairs(word)), under, want)
	if err != nil {
		return nil, err
	}
	for _, p := range named {
		out = append(out, Found{Kind: FoundPlace, Code: p.Area, Name: p.Name, Point: &p.Point})
	}
	if err := s.nameAbove(ctx, out); err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(f Found) bool {
		for _, o := range others {
			if !strings.Contains(text.Fold(f.Name), o) &&
				!slices.ContainsFunc(f.Within, func(name string) bool { return strings.Contains(text.Fold(name), o) }) {
				return true
			}
		}
		return false
	})
	slices.SortStableFunc(out, func(a, b Found) int { return cmp.Compare(rank(a.Name, word), rank(b.Name, word)) })
	return out[:min(len(out), limit)], nil
}

// pairs are the word's pairs of characters, without the single ones that an
// index of pairs does not have.
func pairs(word string) []string {
	return slices.DeleteFunc(text.Bigrams(word), func(g string) bool { return len([]rune(g)) != 2 || g[0] < 0x80 })
}

func rank(name, word string) int {
	switch name = text.Fold(name); {
	case name == word:
		return 0
	case strings.HasPrefix(name, word):
		return 1
	}
	return 2
}

func (s *Service) gridsNamed(ctx context.Context, word, under string, limit int) []Found {
	var out []Found
	for _, g := range s.now(ctx).under(under) {
		if strings.Contains(text.Fold(g.Name), word) || strings.HasPrefix(g.Code, word) {
			f := Found{Kind: FoundGrid, Code: g.Code, Name: g.Name}
			if p, ok := interior(g.Shape); ok {
				f.Point = &p
			}
			if out = append(out, f); len(out) == limit {
				break
			}
		}
	}
	return out
}

// nameAbove fills in the names of the areas above each answer, and for a place
// also that of its own area.
func (s *Service) nameAbove(ctx context.Context, list []Found) error {
	var codes []string
	for _, f := range list {
		codes = append(codes, above(f)...)
	}
	known, err := s.named(ctx, distinct(codes))
	if err != nil {
		return err
	}
	for i, f := range list {
		for _, code := range above(f) {
			if a, ok := known[code]; ok {
				list[i].Within = append(list[i].Within, a.Name)
			}
		}
	}
	return nil
}

func above(f Found) []string {
	codes := Above(f.Code)
	if f.Kind == FoundPlace && f.Code != "" {
		codes = append(codes, f.Code)
	}
	return codes
}

// findInPieces takes names of areas off the front of words written in one
// piece, longest first, and looks for the rest below them.
func (s *Service) findInPieces(ctx context.Context, words, under string, limit int) ([]Found, error) {
	runes := []rune(words)
	for cut := len(runes) - 1; cut >= 2; cut-- {
		front, rest := string(runes[:cut]), string(runes[cut:])
		tops, err := s.areasCalled(ctx, front, under)
		if err != nil {
			return nil, err
		}
		for _, top := range tops {
			found, err := s.find(ctx, []string{rest}, top, limit)
			if err == nil && len(found) == 0 {
				found, err = s.findInPieces(ctx, rest, top, limit)
			}
			if err != nil || len(found) > 0 {
				return found, err
			}
		}
	}
	return nil, nil
}

// areasCalled gives the codes of the upper areas of exactly this name under a
// prefix; at most a few, or a common name would make the search wide.
func (s *Service) areasCalled(ctx context.Context, name, under string) ([]string, error) {
	list, err := areas(s.d.Reader().Rows(ctx, `SELECT `+areaColumns+` FROM area_area
		WHERE level < 5 AND code >= $2 AND code <= $3 AND LOWER(name) = $1 AND until_day = 0 ORDER BY code LIMIT 5`,
		name, under, last(under)))
	var out []string
	for _, a := range list {
		if a.Code != under {
			out = append(out, a.Code)
		}
	}
	return out, err
}
