package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"linli/internal/kit/clock"
)

// Book holds all texts of one edition of the catalogue. It is read-only after
// Load and safe for concurrent use.
type Book struct {
	texts   map[string]map[string]phrase // language, key
	langs   []string
	count   atomic.Int64
	mu      sync.Mutex
	missing map[string]int64
}

// phrase is a text cut at its placeholders: pieces alternate literal and name.
type phrase []string

// maxMissing bounds how many different missing keys are remembered by name.
const maxMissing = 200

// Load reads text/*/*.yaml. A key that stands twice in one language, a value that
// is no text, and a file that is no YAML are errors that name the file.
func Load(files fs.FS) (*Book, error) {
	names, err := fs.Glob(files, "text/*/*.yaml")
	if err != nil {
		return nil, err
	}
	b := &Book{texts: map[string]map[string]phrase{}, missing: map[string]int64{}}
	from := map[string]string{}
	for _, name := range names {
		lang := path.Base(path.Dir(name))
		flat, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if b.texts[lang] == nil {
			b.texts[lang] = map[string]phrase{}
		}
		for key, said := range flat {
			if other := from[lang+" "+key]; other != "" {
				return nil, fmt.Errorf("%s: key %q stands in %s as well", name, key, other)
			}
			from[lang+" "+key] = name
			b.texts[lang][key] = cut(said)
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(b.texts)) {
		if !slices.Contains(Languages(), lang) {
			b.langs = append(b.langs, lang)
		}
	}
	b.langs = append(Languages(), b.langs...)
	return b, nil
}

func read(files fs.FS, name string) (map[string]string, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var flat map[string]string
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&flat); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return flat, nil
}

// cut splits "a {x} b" into "a ", "x", " b".
func cut(s string) phrase {
	var p phrase
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(p, s)
		}
		length := strings.IndexByte(s[open:], '}')
		if length < 0 {
			return append(p, s)
		}
		p = append(p, s[:open], s[open+1:open+length])
		s = s[open+length+1:]
	}
}

// Languages lists the languages of the book, Chinese first.
func (b *Book) Languages() []string { return slices.Clone(b.langs) }

// Has says whether the key has a text in this very language.
func (b *Book) Has(lang, key string) bool { _, ok := b.texts[lang][key]; return ok }

// Keys lists the keys of one language, sorted.
func (b *Book) Keys(lang string) []string { return slices.Sorted(maps.Keys(b.texts[lang])) }

// Names lists the placeholders of a text, sorted, each once.
func (b *Book) Names(lang, key string) []string {
	names := map[string]bool{}
	for i, piece := range b.texts[lang][key] {
		if i%2 == 1 {
			names[piece] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Say gives the text of key in lang with its placeholders filled from args. A
// language without the key falls back to Chinese; a key that is nowhere is
// returned as it is. Both are counted (see Missing). A placeholder without an
// argument stays readable as {name}. Arguments of type Key and Words are said in
// lang; days, instants and lists are written as people of that language do.
func (b *Book) Say(lang, key string, args map[string]any) string {
	p, ok := b.texts[lang][key]
	if !ok {
		b.note(lang, key)
		if p, ok = b.texts[Chinese][key]; !ok {
			return key
		}
	}
	if len(p) == 1 {
		return p[0]
	}
	var out strings.Builder
	for i, piece := range p {
		switch arg, given := args[piece]; {
		case i%2 == 0:
			out.WriteString(piece)
		case given:
			out.WriteString(b.Show(lang, arg))
		default:
			out.WriteString("{" + piece + "}")
		}
	}
	return out.String()
}

// Show writes one value for people of that language.
func (b *Book) Show(lang string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case Key:
		return b.Say(lang, string(v), nil)
	case Words:
		return v.In(lang)
	case clock.Day:
		return b.Day(lang, v)
	case clock.Instant:
		return b.Moment(lang, v)
	case []string:
		return strings.Join(v, b.Say(lang, "text.list_separator", nil))
	}
	return fmt.Sprint(v)
}

// Day writes a civil day out.
func (b *Book) Day(lang string, d clock.Day) string {
	y, m, day := d.Date()
	return b.Say(lang, "text.day", map[string]any{
		"y": y, "m": int(m), "d": day, "month": Key("text.month." + strconv.Itoa(int(m))),
	})
}

// Moment writes day and time of day in China out, to the minute; "" for none.
func (b *Book) Moment(lang string, i clock.Instant) string {
	if i == 0 {
		return ""
	}
	return b.Say(lang, "text.moment", map[string]any{"day": i.Day(), "time": i.Time().Format("15:04")})
}

// Span writes a number of minutes as days, hours and minutes, the two largest
// parts only.
func (b *Book) Span(lang string, minutes int64) string {
	if minutes < 0 {
		minutes = -minutes
	}
	var parts []string
	rest := minutes
	for _, unit := range []struct {
		key  string
		size int64
	}{{"text.days", 1440}, {"text.hours", 60}, {"text.minutes", 1}} {
		if n := rest / unit.size; n > 0 && len(parts) < 2 {
			parts = append(parts, b.Say(lang, unit.key, map[string]any{"n": n}))
		}
		rest %= unit.size
	}
	if len(parts) == 0 {
		return b.Say(lang, "text.minutes", map[string]any{"n": 0})
	}
	return strings.Join(parts, b.Say(lang, "text.span_separator", nil))
}

func (b *Book) note(lang, key string) {
	b.count.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	name := lang + " " + key
	if _, known := b.missing[name]; known || len(b.missing) < maxMissing {
		b.missing[name]++
	}
}

// Missing says how often a text was wanted in a language that lacks it, and
// which ("language key" to count, the first 200 of them).
func (b *Book) Missing() (int64, map[string]int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count.Load(), maps.Clone(b.missing)
}
