package duty

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/text"
)

const (
	listFolder    = "duty"
	functionsFile = listFolder + "/functions.yaml"
	forbiddenFile = listFolder + "/forbidden.yaml"
	columnsFile   = listFolder + "/columns.yaml"
)

// words are the words that tables may use, each folded, to what it means.
type words struct {
	columns map[string]string
	kinds   map[string]string
	units   map[string]string
	levels  map[string]string
	heads   map[string]string // column or level to its first word
}

// ParseCatalogue reads class/ and duty/ of a catalogue. What is wrong is named
// with file and line; what is whole is there all the same.
func ParseCatalogue(files fs.FS) (*Catalogue, []Remark) {
	cat := &Catalogue{}
	var bad []Remark
	cat.Classes, bad = ParseClasses(files)
	bad = append(bad, cat.readFunctions(files)...)
	bad = append(bad, cat.readForbidden(files)...)
	bad = append(bad, cat.readColumns(files)...)
	bad = append(bad, cat.readCertificates(files)...)
	names, err := fs.Glob(files, listFolder+"/*.yaml")
	if err != nil {
		return cat, append(bad, remark(listFolder, 1, "", "unreadable", "detail", err.Error()))
	}
	slices.Sort(names)
	for _, name := range names {
		switch name {
		case functionsFile, forbiddenFile, columnsFile:
			continue
		}
		if certificatesFile(name) {
			continue
		}
		var raw rawList
		d := open(files, name, &raw)
		if d.root == nil || len(d.bad) > 0 {
			bad = append(bad, d.bad...)
			continue
		}
		l := cat.list(d, raw)
		if l.ID != strings.TrimSuffix(path.Base(name), ".yaml") {
			d.say(d.line("id"), "id", "file_name", "id", l.ID)
		}
		bad = append(bad, d.bad...)
		cat.Lists = append(cat.Lists, l)
	}
	slices.SortStableFunc(cat.Lists, func(a, b List) int {
		if n := len(b.Area) - len(a.Area); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return cat, append(bad, cat.overlaps()...)
}

// overlaps are two lists for one area at one time.
func (c *Catalogue) overlaps() []Remark {
	var bad []Remark
	for i, a := range c.Lists {
		for _, b := range c.Lists[i+1:] {
			if a.Area == b.Area && (a.Until == 0 || b.From <= a.Until) && (b.Until == 0 || a.From <= b.Until) {
				bad = append(bad, remark(b.File, 1, "from", "overlap", "id", b.ID, "other", a.ID))
			}
		}
	}
	return bad
}

func (c *Catalogue) readFunctions(files fs.FS) []Remark {
	var raw struct {
		Functions []struct {
			ID    string   `yaml:"id"`
			Zh    string   `yaml:"zh"`
			En    string   `yaml:"en"`
			Kinds []string `yaml:"kinds"`
		} `yaml:"functions"`
	}
	d := open(files, functionsFile, &raw)
	for i, f := range raw.Functions {
		line := d.line("functions", i)
		if _, twice := c.Function(f.ID); twice || !goodID.MatchString(f.ID) {
			d.say(line, "id", "bad_id", "id", f.ID)
		}
		if f.Zh == "" || f.En == "" {
			d.say(line, "zh", "no_title", "id", f.ID)
		}
		for _, k := range f.Kinds {
			if !slices.Contains(identity.UnitKinds(), k) {
				d.say(line, "kinds", "bad_unit_kind", "kind", k)
			}
		}
		c.Functions = append(c.Functions, Function{ID: f.ID, Title: text.Words{"zh": f.Zh, "en": f.En}, Kinds: f.Kinds})
	}
	return d.bad
}

func (c *Catalogue) readForbidden(files fs.FS) []Remark {
	var raw struct {
		Community struct {
			Norm  string `yaml:"norm"`
			Lines []struct {
				ID string `yaml:"id"`
				Zh string `yaml:"zh"`
				En string `yaml:"en"`
			} `yaml:"lines"`
		} `yaml:"community"`
		OutsideCommunity struct {
			Norm string `yaml:"norm"`
		} `yaml:"outside_community_list"`
		OutsideTownship struct {
			Norm string `yaml:"norm"`
		} `yaml:"outside_township_list"`
	}
	d := open(files, forbiddenFile, &raw)
	c.Forbidden = Forbidden{Norm: raw.Community.Norm, CommunityNorm: raw.OutsideCommunity.Norm, TownshipNorm: raw.OutsideTownship.Norm}
	for i, l := range raw.Community.Lines {
		if !goodID.MatchString(l.ID) || l.Zh == "" || l.En == "" {
			d.say(d.line("community", "lines", i), "id", "no_title", "id", l.ID)
		}
		c.Forbidden.Lines = append(c.Forbidden.Lines, ForbiddenLine{ID: l.ID, Title: text.Words{"zh": l.Zh, "en": l.En}})
	}
	return d.bad
}

func (c *Catalogue) readColumns(files fs.FS) []Remark {
	var raw struct {
		Columns map[string][]string `yaml:"columns"`
		Kinds   map[string][]string `yaml:"kinds"`
		Units   map[string][]string `yaml:"units"`
		Levels  map[string][]string `yaml:"levels"`
	}
	d := open(files, columnsFile, &raw)
	turned := func(in map[string][]string) map[string]string {
		out := map[string]string{}
		for meaning, said := range in {
			for _, s := range said {
				out[text.Fold(s)] = meaning
			}
		}
		return out
	}
	c.words = words{turned(raw.Columns), turned(raw.Kinds), turned(raw.Units), turned(raw.Levels), map[string]string{}}
	for _, named := range []map[string][]string{raw.Columns, raw.Levels} {
		for meaning, said := range named {
			if len(said) > 0 {
				c.words.heads[meaning] = said[0]
			}
		}
	}
	return d.bad
}
