package evaluation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

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
	Unit      string            `yaml:"unit"` // "" the case's, or doer
	Imported  bool              `yaml:"imported"`
	Chart     bool              `yaml:"chart"` // drawn over the months, at most four counts and four shares
	Stock     bool              `yaml:"stock"` // the state of now: a choice of months does not narrow it
	Count     *Facts            `yaml:"count"`
	Of        *Facts            `yaml:"of"`
	N         *Facts            `yaml:"n"`
	Means     map[string]string `yaml:"means"`
	Norm      string            `yaml:"norm"`

	line int
}

// Words are what the indicator is called.
func (i Indicator) Words() text.Words { return text.Words{"zh": i.Zh, "en": i.En} }

// Rate says whether it is a share and not a count.
func (i Indicator) Rate() bool { return i.Of != nil }

// Catalogue is what the file of indicators says.
type Catalogue struct {
	Fewest     int64
	Indicators []Indicator
	Print      string // equal for equal files
}

// Of lists a procedure's indicators in their order.
func (c Catalogue) Of(procedure string) []Indicator {
	return slices.DeleteFunc(slices.Clone(c.Indicators), func(i Indicator) bool { return i.Procedure != procedure })
}

// Find finds an indicator by its id.
func (c Catalogue) Find(id string) (Indicator, bool) {
	i := slices.IndexFunc(c.Indicators, func(i Indicator) bool { return i.ID == id })
	if i < 0 {
		return Indicator{}, false
	}
	return c.Indicators[i], true
}

// Procedures are the procedures that are counted, in the order of the file.
func (c Catalogue) Procedures() (out []string) {
	for _, i := range c.Indicators {
		if !slices.Contains(out, i.Procedure) {
			out = append(out, i.Procedure)
		}
	}
	return out
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Load reads the indicators of a catalogue; an error names the line.
func Load(files fs.FS) (Catalogue, error) {
	raw, err := fs.ReadFile(files, File)
	if err != nil {
		return Catalogue{}, err
	}
	var doc struct {
		Fewest     int64       `yaml:"fewest"`
		Indicators []yaml.Node `yaml:"indicators"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		return Catalogue{}, err
	}
	sum := sha256.Sum256(raw)
	c := Catalogue{Fewest: doc.Fewest, Print: hex.EncodeToString(sum[:16])}
	if c.Fewest < 1 {
		return c, fmt.Errorf("line 1: fewest must be at least 1")
	}
	seen := map[string]bool{}
	for _, n := range doc.Indicators {
		one := Indicator{line: n.Line}
		if err := strict(&n, &one); err != nil {
			return c, err
		}
		if problem := one.wrong(); problem != "" {
			return c, fmt.Errorf("line %d: %s", n.Line, problem)
		}
		if seen[one.ID] {
			return c, fmt.Errorf("line %d: %q stands twice", n.Line, one.ID)
		}
		seen[one.ID] = true
		c.Indicators = append(c.Indicators, one)
	}
	if len(c.Indicators) == 0 {
		return c, errors.New("there are no indicators")
	}
	return c, nil
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
	case i.Unit != "" && i.Unit != "doer" || i.Unit == "doer" && len(i.Month.Acts) == 0:
		return fmt.Sprintf("%q: unit is doer, of an act of the month, or left out", i.ID)
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
		return []edition.Problem{{File: File, Text: err.Error()}}
	}
	var out []edition.Problem
	for _, i := range c.Indicators {
		name := "procedure/" + i.Procedure + ".yaml"
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			out = append(out, edition.Problem{File: File, Line: i.line, Text: fmt.Sprintf("there is no procedure %q", i.Procedure)})
			continue
		}
		p, bad := procedure.Parse(name, raw)
		if len(bad) > 0 || p == nil { // told by its own checker
			continue
		}
		for _, what := range i.unknown(p) {
			out = append(out, edition.Problem{File: File, Line: i.line, Text: fmt.Sprintf("%s: the procedure %s has no %s", i.ID, p.Name, what)})
		}
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
		for name := range f.Value {
			if field := p.Field(name); field == nil || field.Sealed {
				out = append(out, "open field "+name)
			}
		}
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
