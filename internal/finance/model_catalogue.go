package finance

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"linli/internal/edition"
	"linli/internal/kit/text"
)

// File is the list of accounts, categories and columns.
const File = "finance/ledger.yaml"

// term is one thing with the words by which workbooks call it.
type term struct {
	ID    string   `yaml:"-"`
	Zh    string   `yaml:"zh"`
	En    string   `yaml:"en"`
	Way   string   `yaml:"way"`
	Other bool     `yaml:"other"`
	Words []string `yaml:"words"`
}

// Title is what people call it.
func (t term) Title() text.Words { return words(t.Zh, t.En) }

// terms keep the file's order.
type terms []term

// UnmarshalYAML reads a mapping and keeps its order.
func (t *terms) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: a mapping is wanted", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		one := term{ID: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&one); err != nil {
			return err
		}
		*t = append(*t, one)
	}
	return nil
}

func (t terms) get(id string) (term, bool) {
	at := slices.IndexFunc(t, func(x term) bool { return x.ID == id })
	if at < 0 {
		return term{}, false
	}
	return t[at], true
}

// Catalogue is what the room knows of workbooks; immutable once loaded.
type Catalogue struct {
	Accounts   terms `yaml:"accounts"`
	Categories terms `yaml:"categories"`
	Columns    terms `yaml:"columns"`
	Personal   struct {
		Norm      string   `yaml:"norm"`
		Words     []string `yaml:"words"`
		Sentences []string `yaml:"sentences"`
	} `yaml:"personal"`
	Truth    truth               `yaml:"truth"`
	Required []string            `yaml:"required"`
	Rows     map[string][]string `yaml:"rows"`
	Units    []string            `yaml:"units_refused"`
	Posts    []string            `yaml:"posts"`

	byAccount, byCategory, byColumn, byRow map[string]string
	kept                                   []*regexp.Regexp // sentences of money that lies with a person
}

// truth is the article by which what is published must be true, and the faults of a
// check that speak of it.
type truth struct {
	Norm   string   `yaml:"norm"`
	Faults []string `yaml:"faults"`
}

// of is the article against which a fault goes; "" where it is only the form.
func (t truth) of(key string) string {
	if slices.Contains(t.Faults, key) {
		return t.Norm
	}
	return ""
}

// Load reads the catalogue's file.
func Load(files fs.FS) (*Catalogue, error) {
	raw, err := fs.ReadFile(files, File)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{}
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	return c, c.index()
}

// Check is Load for the publishing of an edition.
func Check(files fs.FS) []edition.Problem {
	if _, err := Load(files); err != nil {
		return []edition.Problem{{File: File, Line: 1, Text: err.Error()}}
	}
	return nil
}

func (c *Catalogue) index() error {
	var err error
	add := func(into map[string]string, word, id string) {
		key := plain(word)
		if other, twice := into[key]; twice && other != id && err == nil {
			err = fmt.Errorf("%s: %q stands for %s and for %s", File, word, other, id)
		}
		into[key] = id
	}
	table := func(list terms) map[string]string {
		out := map[string]string{}
		for _, t := range list {
			if t.Zh == "" || t.En == "" {
				err = fmt.Errorf("%s: %s needs zh and en", File, t.ID)
			}
			for _, w := range append([]string{t.Zh}, t.Words...) {
				add(out, w, t.ID)
			}
		}
		return out
	}
	c.byAccount, c.byCategory, c.byColumn, c.byRow = table(c.Accounts), table(c.Categories), table(c.Columns), map[string]string{}
	for kind, list := range c.Rows {
		for _, w := range list {
			add(c.byRow, w, kind)
		}
	}
	for _, s := range c.Personal.Sentences {
		re, wrong := regexp.Compile(s)
		if wrong != nil {
			return fmt.Errorf("%s: %w", File, wrong)
		}
		c.kept = append(c.kept, re)
	}
	for _, way := range []string{in, out} {
		if c.other(way) == "" && err == nil {
			err = fmt.Errorf("%s: no category of way %s is other", File, way)
		}
	}
	for _, name := range c.Required {
		if _, known := c.Columns.get(name); !known && err == nil {
			err = fmt.Errorf("%s: required names no column %q", File, name)
		}
	}
	return err
}

// The ways of a category.
const (
	in  = "in"
	out = "out"
)

// other is the category that takes what has no word.
func (c *Catalogue) other(way string) string {
	for _, t := range c.Categories {
		if t.Other && t.Way == way {
			return t.ID
		}
	}
	return ""
}

var brackets = regexp.MustCompile(`[(\[][^)\]]{0,12}[)\]]`)

// plain brings a word to the form by which words are compared: half width, small
// letters, without spaces and without a unit in brackets.
func plain(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = brackets.ReplaceAllString(s, "")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\u3000:\uff1a", r) {
			return -1
		}
		return r
	}, s)
}

// personal says whether words name a person's own account.
func (c *Catalogue) personal(s string) bool {
	s = plain(s)
	return s != "" && slices.ContainsFunc(c.Personal.Words, func(w string) bool { return strings.Contains(s, plain(w)) })
}

// withPerson says whether a summary says that money lies with a person.
func (c *Catalogue) withPerson(s string) bool {
	return slices.ContainsFunc(c.kept, func(re *regexp.Regexp) bool { return re.MatchString(s) })
}
