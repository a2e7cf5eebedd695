package evaluation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// Facts are what a case must show; all that are named must hold.
type Facts struct {
	Kind    []string            `yaml:"kind"`
	Acts    []string            `yaml:"acts"`
	Last    []string            `yaml:"last"`
	Kept    string              `yaml:"kept"`
	Decided string              `yaml:"decided"`
	By      string              `yaml:"by"`
	Value   map[string][]string `yaml:"value"`
	Filled  []string            `yaml:"filled"` // these values are there, whatever they say
	Overdue bool                `yaml:"overdue"`
}

// Month says which moment of a case gives the month it counts in.
type Month struct {
	Opened bool
	Acts   []string // the last of these that stands
	Clock  string   // when it ended, else when it was due
}

// UnmarshalYAML reads "opened", {acts: […]} or {clock: NAME}.
func (m *Month) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.Value == "opened" {
		m.Opened = true
		return nil
	}
	var raw struct {
		Acts  []string `yaml:"acts"`
		Clock string   `yaml:"clock"`
	}
	if err := n.Decode(&raw); err != nil || (len(raw.Acts) > 0) == (raw.Clock != "") {
		return fmt.Errorf("line %d: a month is opened, {acts: […]} or {clock: NAME}", n.Line)
	}
	m.Acts, m.Clock = raw.Acts, raw.Clock
	return nil
}

// Indicator is one thing that is counted.
type Indicator struct {
	ID        string            `yaml:"id"`
	Procedure string            `yaml:"procedure"`
	Zh        string            `yaml:"zh"`
	En        string            `yaml:"en"`
	Month     Month             `yaml:"month"`
	Unit      UnitOf            `yaml:"unit"`  // whom it counts for
	Other     UnitOf            `yaml:"other"` // the unit on the other side, such as who asked for it
	Adds      string            `yaml:"adds"`  // a number of the case, added up in place of the case
	Imported  bool              `yaml:"imported"`
	Table     string            `yaml:"table"` // in which table it stands, called evaluation.burden.table.TABLE; "" is the first
	Chart     bool              `yaml:"chart"` // drawn over the months, at most four counts and four shares
	Stock     bool              `yaml:"stock"` // the state of now: a choice of months does not narrow it
	Count     *Facts            `yaml:"count"`
	Of        *Facts            `yaml:"of"`
	N         *Facts            `yaml:"n"`
	Means     map[string]string `yaml:"means"`
	Norm      string            `yaml:"norm"`

	Burden bool `yaml:"-"` // of the burden account and not of the figures

	file string
	line int
}

// TwoSided says that it tells who asked apart from whom it counts for.
func (i Indicator) TwoSided() bool { return i.Other != (UnitOf{}) }

// UnitOf says which unit of a case is meant: without a word the one that holds it.
type UnitOf struct {
	Doer  bool   // who did the act of the month
	Value string // the unit that a value of the case names
}

// UnmarshalYAML reads "doer" or "value NAME".
func (u *UnitOf) UnmarshalYAML(n *yaml.Node) error {
	name, named := strings.CutPrefix(n.Value, "value ")
	switch {
	case n.Value == "doer":
		u.Doer = true
	case named && idForm.MatchString(name):
		u.Value = name
	default:
		return fmt.Errorf("line %d: a unit is doer or value NAME", n.Line)
	}
	return nil
}

// Words are what the indicator is called.
func (i Indicator) Words() text.Words { return text.Words{"zh": i.Zh, "en": i.En} }

// Rate says whether it is a share and not a count.
func (i Indicator) Rate() bool { return i.Of != nil }

// Catalogue is what the file of indicators says.
type Catalogue struct {
	Fewest     int64
	Indicators []Indicator
	Opens      map[string][]string // by procedure, values of the cases of the burden account that every official may read
	Print      string              // equal for equal files
}

// Of lists a procedure's indicators in their order, as the figures show them.
func (c Catalogue) Of(procedure string) []Indicator {
	return slices.DeleteFunc(slices.Clone(c.Indicators), func(i Indicator) bool { return i.Burden || i.Procedure != procedure })
}

// Burden lists the indicators of the burden account in their order.
func (c Catalogue) Burden() []Indicator {
	return slices.DeleteFunc(slices.Clone(c.Indicators), func(i Indicator) bool { return !i.Burden })
}

// Find finds an indicator by its id.
func (c Catalogue) Find(id string) (Indicator, bool) {
	i := slices.IndexFunc(c.Indicators, func(i Indicator) bool { return i.ID == id })
	if i < 0 {
		return Indicator{}, false
	}
	return c.Indicators[i], true
}

// Procedures are the procedures that the figures show, in the order of the file.
func (c Catalogue) Procedures() (out []string) {
	for _, i := range c.Indicators {
		if !i.Burden && !slices.Contains(out, i.Procedure) {
			out = append(out, i.Procedure)
		}
	}
	return out
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Load reads the indicators of a catalogue, those of the figures and those of the
// burden account; an error names the line.
func Load(files fs.FS) (Catalogue, error) {
	c := Catalogue{}
	print := sha256.New()
	fmt.Fprintln(print, len(grains), "grains") // of other ones all is reckoned anew
	seen := map[string]bool{}
	for _, name := range []string{File, BurdenFile} {
		raw, err := fs.ReadFile(files, name)
		if errors.Is(err, fs.ErrNotExist) && name == BurdenFile {
			continue
		}
		if err == nil {
			fmt.Fprintf(print, "%s %d\n%s", name, len(raw), raw)
			err = c.read(name, raw, seen)
		}
		if err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
	}
	c.Print = hex.EncodeToString(print.Sum(nil)[:16])
	return c, nil
}

func (c *Catalogue) read(name string, raw []byte, seen map[string]bool) error {
	var doc struct {
		Fewest     int64               `yaml:"fewest"`
		Opens      map[string][]string `yaml:"opens"`
		Indicators []yaml.Node         `yaml:"indicators"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		return err
	}
	switch {
	case name == BurdenFile:
		c.Opens = doc.Opens
	case len(doc.Opens) > 0:
		return errors.New("line 1: only the burden account opens values")
	}
	if name == File {
		if c.Fewest = doc.Fewest; c.Fewest < 1 {
			return errors.New("line 1: fewest must be at least 1")
		}
	}
	for _, n := range doc.Indicators {
		one := Indicator{line: n.Line, file: name, Burden: name == BurdenFile}
		if err := strict(&n, &one); err != nil {
			return err
		}
		if problem := one.wrong(); problem != "" {
			return fmt.Errorf("line %d: %s", n.Line, problem)
		}
		if seen[one.ID] {
			return fmt.Errorf("line %d: %q stands twice", n.Line, one.ID)
		}
		seen[one.ID] = true
		c.Indicators = append(c.Indicators, one)
	}
	if len(doc.Indicators) == 0 {
		return errors.New("there are no indicators")
	}
	return nil
}

// strict decodes a node and refuses keys that out does not have.
func strict(n *yaml.Node, out any) error {
	raw, err := yaml.Marshal(n)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

func (i Indicator) wrong() string {
	switch {
	case !idForm.MatchString(i.ID):
		return fmt.Sprintf("%q cannot be an id", i.ID)
	case i.Procedure == "":
		return "the procedure is missing"
	case i.Zh == "" || i.En == "" || i.Means["zh"] == "" || i.Means["en"] == "":
		return fmt.Sprintf("%q lacks its words, zh and en, or what it means", i.ID)
	case (i.Count != nil) == (i.Of != nil) || (i.Of != nil) != (i.N != nil):
		return fmt.Sprintf("%q is a count, or n out of of", i.ID)
	case i.Rate() && i.Imported:
		return fmt.Sprintf("%q: imported cases are in no share", i.ID)
	case i.Stock && (i.Rate() || !i.Month.Opened):
		return fmt.Sprintf("%q: a stock is a count by month of opening", i.ID)
	case (i.Unit.Doer || i.Other.Doer) && len(i.Month.Acts) == 0:
		return fmt.Sprintf("%q: a doer is one of an act of the month", i.ID)
	case i.Adds != "" && i.Rate():
		return fmt.Sprintf("%q: a share counts cases and adds nothing up", i.ID)
	case i.Burden && (i.Rate() || i.Stock || i.Imported):
		return fmt.Sprintf("%q: the burden account has counts of what happened only", i.ID)
	case !i.Burden && i.TwoSided():
		return fmt.Sprintf("%q: only the burden account tells who asked", i.ID)
	case !i.Month.Opened && len(i.Month.Acts) == 0 && i.Month.Clock == "":
		return fmt.Sprintf("%q has no month", i.ID)
	}
	for _, f := range i.facts() {
		if f.By != "" && len(f.Acts) == 0 || len(f.Last) > 0 && len(i.Month.Acts) == 0 {
			return fmt.Sprintf("%q: by needs acts, last needs a month of acts", i.ID)
		}
	}
	return ""
}

func (i Indicator) facts() (out []*Facts) {
	for _, f := range []*Facts{i.Count, i.Of, i.N} {
		if f != nil {
			out = append(out, f)
		}
	}
	return out
}

// Check is the room's checker of a catalogue (see edition.OnCheck): the file
// itself, and that the procedures know what it names.
func Check(files fs.FS) []edition.Problem {
	c, err := Load(files)
	if err != nil {
		name, text, _ := strings.Cut(err.Error(), ": ") // as Load names it
		return []edition.Problem{{File: name, Text: text}}
	}
	var out []edition.Problem
	for _, i := range c.Indicators {
		name := "procedure/" + i.Procedure + ".yaml"
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			out = append(out, edition.Problem{File: i.file, Line: i.line, Text: fmt.Sprintf("there is no procedure %q", i.Procedure)})
			continue
		}
		p, bad := procedure.Parse(name, raw)
		if len(bad) > 0 || p == nil { // told by its own checker
			continue
		}
		for _, what := range i.unknown(p) {
			out = append(out, edition.Problem{File: i.file, Line: i.line, Text: fmt.Sprintf("%s: the procedure %s has no %s", i.ID, p.Name, what)})
		}
		for _, name := range c.Opens[p.Name] {
			if f := p.Field(name); i.Burden && (f == nil || f.Sealed) {
				out = append(out, edition.Problem{File: BurdenFile, Text: fmt.Sprintf("opens: the procedure %s has no open field %s", p.Name, name)})
			}
		}
		delete(c.Opens, p.Name) // looked at once
	}
	return out
}

// unknown names what the indicator asks for and the procedure does not have.
func (i Indicator) unknown(p *procedure.Procedure) (out []string) {
	acts, clocks := slices.Clone(i.Month.Acts), []string{i.Month.Clock}
	for _, f := range i.facts() {
		acts = append(append(acts, f.Acts...), f.Last...)
		clocks = append(clocks, f.Kept, f.Decided, f.By)
		for _, k := range f.Kind {
			if !slices.Contains([]string{procedure.Open, procedure.Waiting, procedure.Done, procedure.Final}, k) {
				out = append(out, "kind "+k)
			}
		}
		for _, name := range slices.AppendSeq(slices.Clone(f.Filled), maps.Keys(f.Value)) {
			if field := p.Field(name); field == nil || field.Sealed {
				out = append(out, "open field "+name)
			}
		}
	}
	for _, name := range []string{i.Unit.Value, i.Other.Value} {
		if field := p.Field(name); name != "" && (field == nil || field.Type != "unit" || field.Sealed) {
			out = append(out, "unit "+name)
		}
	}
	if field := p.Field(i.Adds); i.Adds != "" && (field == nil || field.Type != "number" || field.Sealed) {
		out = append(out, "number "+i.Adds)
	}
	for _, a := range acts {
		if p.Act(a) == nil {
			out = append(out, "act "+a)
		}
	}
	for _, k := range clocks {
		if k != "" && p.Clock(k) == nil {
			out = append(out, "clock "+k)
		}
	}
	return out
}
