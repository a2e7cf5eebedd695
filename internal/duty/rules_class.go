package duty

import (
	"io/fs"
	"path"
	"regexp"
	"slices"

	"linli/internal/kit/text"
)

const (
	classFolder = "class"
	intakeFile  = classFolder + "/intake.yaml"
)

// rawClass is a class as its file writes it.
type rawClass struct {
	ID        string     `yaml:"id"`
	Zh        string     `yaml:"zh"`
	En        string     `yaml:"en"`
	Words     []string   `yaml:"words"`
	WordsEn   []string   `yaml:"words_en"`
	GB        []string   `yaml:"gb"`
	Ask       []rawAsk   `yaml:"ask"`
	Emergency []string   `yaml:"emergency"`
	Kind      string     `yaml:"kind"`
	Self      bool       `yaml:"self_settle"`
	AboutUnit bool       `yaml:"complaint_about_unit"`
	Classes   []rawClass `yaml:"classes"`
}

type rawAsk struct {
	Name string `yaml:"name"`
	Zh   string `yaml:"zh"`
	En   string `yaml:"en"`
	Max  int    `yaml:"max"`
}

var (
	goodID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	goodGB = regexp.MustCompile(`^[0-9]{5}$`)
)

// ParseClasses reads class/*.yaml of a catalogue: one group of classes per file,
// and class/intake.yaml. What is wrong is named with file and line; classes that
// are whole are there all the same.
func ParseClasses(files fs.FS) (*Classes, []Remark) {
	c := &Classes{byID: map[string]*Class{}}
	names, err := fs.Glob(files, classFolder+"/*.yaml")
	if err != nil {
		return c, []Remark{remark(classFolder, 1, "", "unreadable", "detail", err.Error())}
	}
	slices.Sort(names)
	var bad []Remark
	for _, name := range names {
		if name == intakeFile {
			bad = append(bad, c.readIntake(files)...)
			continue
		}
		var raw rawClass
		d := open(files, name, &raw)
		if d.root != nil && len(d.bad) == 0 {
			c.add(d, raw, "", nil)
		}
		bad = append(bad, d.bad...)
	}
	c.buildIndex()
	return c, bad
}

// add takes one class and those below it.
func (c *Classes) add(d *document, raw rawClass, parent string, where []any) {
	line := d.line(append(slices.Clone(where), "id")...)
	c.checkClass(d, raw, where)
	if first := c.byID[raw.ID]; first != nil {
		d.say(line, "id", "twice", "id", raw.ID, "other", path.Base(first.File))
		return
	}
	k := &Class{
		ID: raw.ID, Parent: parent, Title: text.Words{"zh": raw.Zh, "en": raw.En},
		Words: raw.Words, WordsEn: raw.WordsEn, GB: raw.GB, Emergency: raw.Emergency,
		Kind: raw.Kind, Self: raw.Self, AboutUnit: raw.AboutUnit, File: d.file, Line: line,
	}
	for _, a := range raw.Ask {
		k.Ask = append(k.Ask, Ask{Name: a.Name, Label: text.Words{"zh": a.Zh, "en": a.En}, Max: a.Max})
	}
	c.order = append(c.order, k)
	c.byID[k.ID] = k
	for i, below := range raw.Classes {
		k.Children = append(k.Children, below.ID)
		c.add(d, below, k.ID, append(slices.Clone(where), "classes", i))
	}
}

func (c *Classes) checkClass(d *document, raw rawClass, where []any) {
	at := func(key string) int { return d.line(append(slices.Clone(where), key)...) }
	if !goodID.MatchString(raw.ID) {
		d.say(at("id"), "id", "bad_id", "id", raw.ID)
	}
	if raw.Zh == "" || raw.En == "" {
		d.say(at("zh"), "zh", "no_title", "id", raw.ID)
	}
	if len(where) > 0 && len(raw.Words) == 0 {
		d.say(at("words"), "words", "no_words", "id", raw.ID)
	}
	for _, g := range raw.GB {
		if !goodGB.MatchString(g) {
			d.say(at("gb"), "gb", "bad_gb", "code", g)
		}
	}
	for _, n := range raw.Emergency {
		if !slices.Contains(Calls(), n) {
			d.say(at("emergency"), "emergency", "bad_call", "number", n)
		}
	}
	if raw.Kind != "" && !slices.Contains(Appeals(), raw.Kind) {
		d.say(at("kind"), "kind", "bad_kind", "kind", raw.Kind)
	}
	for _, a := range raw.Ask {
		if !goodID.MatchString(a.Name) || a.Zh == "" || a.En == "" || a.Max < 1 || a.Max > 1000 {
			d.say(at("ask"), "ask", "bad_ask", "name", a.Name)
		}
	}
}

// rawIntake is class/intake.yaml.
type rawIntake struct {
	NotDispatched []struct {
		ID      string     `yaml:"id"`
		Zh      string     `yaml:"zh"`
		En      string     `yaml:"en"`
		Model   string     `yaml:"model"`
		Text    text.Words `yaml:"text"`
		Channel text.Words `yaml:"channel"`
		Ways    []struct {
			ID      string     `yaml:"id"`
			Zh      string     `yaml:"zh"`
			En      string     `yaml:"en"`
			Words   []string   `yaml:"words"`
			Norm    string     `yaml:"norm"`
			Channel text.Words `yaml:"channel"`
		} `yaml:"ways"`
	} `yaml:"not_dispatched"`
	Emergency []struct {
		Call    string   `yaml:"call"`
		Zh      string   `yaml:"zh"`
		En      string   `yaml:"en"`
		Words   []string `yaml:"words"`
		WordsEn []string `yaml:"words_en"`
	} `yaml:"emergency"`
}

func (c *Classes) readIntake(files fs.FS) []Remark {
	var raw rawIntake
	d := open(files, intakeFile, &raw)
	seen := map[string]bool{}
	for i, r := range raw.NotDispatched {
		line := d.line("not_dispatched", i)
		if !goodID.MatchString(r.ID) || seen[r.ID] {
			d.say(line, "id", "bad_id", "id", r.ID)
		}
		seen[r.ID] = true
		if r.Zh == "" || r.En == "" || incomplete(r.Text) || incomplete(r.Channel) {
			d.say(line, "text", "no_title", "id", r.ID)
		}
		refusal := Refusal{ID: r.ID, Title: text.Words{"zh": r.Zh, "en": r.En}, Text: r.Text, Channel: r.Channel, Model: r.Model}
		for _, w := range r.Ways {
			if w.ID == "" || w.Zh == "" || incomplete(w.Channel) || len(w.Words) == 0 {
				d.say(line, "ways", "no_title", "id", w.ID)
			}
			refusal.Ways = append(refusal.Ways, Way{ID: w.ID, Title: text.Words{"zh": w.Zh, "en": w.En}, Words: w.Words, Channel: w.Channel, Norm: w.Norm})
		}
		c.refused = append(c.refused, refusal)
	}
	for i, e := range raw.Emergency {
		if !slices.Contains(Calls(), e.Call) {
			d.say(d.line("emergency", i), "call", "bad_call", "number", e.Call)
		}
		c.dangers = append(c.dangers, Danger{Call: e.Call, Title: text.Words{"zh": e.Zh, "en": e.En}, Words: e.Words, WordsEn: e.WordsEn})
	}
	return d.bad
}

// incomplete says whether words lack one of the house's languages.
func incomplete(w text.Words) bool { return w["zh"] == "" || w["en"] == "" }
