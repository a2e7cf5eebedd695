package text

import (
	"context"
	"slices"
	"strings"
)

// Chinese is the first language of the house: it is complete, and every other
// language falls back to it.
const Chinese = "zh-CN"

// English is the second language, complete as well.
const English = "en"

// Languages are those that must be complete, the first one first.
func Languages() []string { return []string{Chinese, English} }

// Key is an argument that is itself a text key; it is said in the language of
// the sentence it stands in.
type Key string

// Words is one thing in several languages (language to text), as a procedure's
// titles and labels are. The short language names zh and en are understood.
type Words map[string]string

// In gives the words in lang, else in Chinese, else in English, else "".
func (w Words) In(lang string) string {
	for _, l := range []string{lang, short(lang), Chinese, short(Chinese), English} {
		if s := w[l]; s != "" {
			return s
		}
	}
	return ""
}

func short(lang string) string { s, _, _ := strings.Cut(lang, "-"); return s }

type languageKey struct{}

// With notes the language of a request in its context.
func With(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, languageKey{}, lang)
}

// Language is the language noted in ctx, else Chinese.
func Language(ctx context.Context) string {
	if lang, ok := ctx.Value(languageKey{}).(string); ok && lang != "" {
		return lang
	}
	return Chinese
}

// Match picks from have the language that an Accept-Language header wants most;
// without a match it is Chinese. Any kind of Chinese matches zh-CN, any kind of
// English en. Weights are honoured; a header that cannot be read counts as none.
func Match(have []string, accept string) string {
	type wish struct {
		tag    string
		weight string
	}
	var wishes []wish
	for part := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		weight := "1"
		if _, q, ok := strings.Cut(rest, "q="); ok {
			weight = strings.TrimSpace(q)
		}
		if tag != "" && strings.Trim(weight, "0.") != "" && len(wishes) < 16 {
			wishes = append(wishes, wish{strings.ToLower(strings.TrimSpace(tag)), weight})
		}
	}
	// "0.8" < "0.9" < "1" as text: the standard allows one digit before the point
	slices.SortStableFunc(wishes, func(a, b wish) int { return strings.Compare(b.weight, a.weight) })
	for _, w := range wishes {
		for _, lang := range have {
			l := strings.ToLower(lang)
			if w.tag == l || short(w.tag) == short(l) {
				return lang
			}
		}
	}
	return Chinese
}
