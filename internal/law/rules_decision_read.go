package law

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// decisionFolder is where the catalogue keeps decision rules.
const decisionFolder = "law"

type rawFile struct {
	Norm   string    `yaml:"norm"`
	From   string    `yaml:"from"`
	Until  string    `yaml:"until"`
	Region string    `yaml:"region"`
	Rules  []rawRule `yaml:"rules"`
}

type rawRule struct {
	Rule     string            `yaml:"rule"`
	Title    map[string]string `yaml:"title"`
	Note     map[string]string `yaml:"note"`
	Norm     string            `yaml:"norm"`
	Article  string            `yaml:"article"`
	From     string            `yaml:"from"`
	Until    string            `yaml:"until"`
	Verified string            `yaml:"verified"`
	Facts    yaml.Node         `yaml:"facts"`
	Run      *rawRun           `yaml:"run"`
	Steps    []rawStep         `yaml:"steps"`
	Choose   *rawChoose        `yaml:"choose"`
	Holds    []rawComparison   `yaml:"holds"`
	Any      []rawComparison   `yaml:"any"`
	Number   []string          `yaml:"number"`
	Outcomes []string          `yaml:"outcomes"`
}

type rawRun struct {
	Of   string `yaml:"of"`
	Word string `yaml:"word"`
	ZH   string `yaml:"zh"`
	EN   string `yaml:"en"`
}

type rawStep struct {
	Outcome string          `yaml:"outcome"`
	Article string          `yaml:"article"`
	Holds   []rawComparison `yaml:"holds"`
}

type rawChoose struct {
	Fact  string    `yaml:"fact"`
	Cases []rawCase `yaml:"cases"`
}

type rawCase struct {
	When  []string        `yaml:"when"`
	Holds []rawComparison `yaml:"holds"`
}

type rawComparison struct {
	Left  string `yaml:"left"`
	Is    string `yaml:"is"`
	Share string `yaml:"share"`
	Right string `yaml:"right"`
}

type rawFact struct {
	Count    bool     `yaml:"count"`
	Of       string   `yaml:"of"`
	Zero     bool     `yaml:"may_be_zero"`
	Yes      bool     `yaml:"yes"`
	Reason   bool     `yaml:"reason"`
	Word     []string `yaml:"word"`
	Number   []int64  `yaml:"number"`
	List     bool     `yaml:"list"`
	Verdicts bool     `yaml:"verdicts"`
	ZH       string   `yaml:"zh"`
	EN       string   `yaml:"en"`
}

// ParseDecisions reads the decision rules of a catalogue. The fault names file and
// rule.
func ParseDecisions(files fs.FS) (*Decisions, error) {
	d := &Decisions{}
	names, err := fs.Glob(files, decisionFolder+"/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := d.read(files, name); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(d.rules, func(a, b Rule) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		if c := strings.Compare(a.Region, b.Region); c != 0 {
			return c
		}
		return int(a.From - b.From)
	})
	return d, d.check()
}

func (d *Decisions) read(files fs.FS, name string) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var raw rawFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&raw); err != nil {
		return badRule(name, "", err)
	}
	for _, r := range raw.Rules {
		rule, err := r.rule(raw)
		if err != nil {
			return badRule(name, r.Rule, err)
		}
		rule.File = path.Base(name)
		d.rules = append(d.rules, rule)
	}
	return nil
}

func badRule(file, rule string, err error) error {
	return fault.New(fault.Invalid, "law.rules", "file", file, "rule", rule, "detail", err.Error()).Because(err)
}

func (r rawRule) rule(f rawFile) (Rule, error) {
	out := Rule{Name: r.Rule, Title: words(r.Title["zh"], r.Title["en"]), Note: words(r.Note["zh"], r.Note["en"]), Norm: cmp.Or(r.Norm, f.Norm), Article: r.Article,
		Region: f.Region, Number: r.Number, Verified: cmp.Or(r.Verified, "V")}
	var err error
	if out.From, err = clock.ParseDay(cmp.Or(r.From, f.From)); err != nil {
		return out, fmt.Errorf("from: %w", err)
	}
	if until := cmp.Or(r.Until, f.Until); until != "" {
		if out.Until, err = clock.ParseDay(until); err != nil {
			return out, fmt.Errorf("until: %w", err)
		}
	}
	if out.Facts, err = readFacts(r.Facts); err != nil {
		return out, err
	}
	if r.Run != nil {
		out.Run = &Run{Name: "run", Of: r.Run.Of, Word: r.Run.Word, Title: words(r.Run.ZH, r.Run.EN)}
	}
	for _, s := range r.Steps {
		step := Step{Outcome: s.Outcome, Article: s.Article}
		if step.List, err = comparisons(s.Holds); err != nil {
			return out, err
		}
		out.Steps = append(out.Steps, step)
	}
	if r.Choose != nil {
		out.Choose = r.Choose.Fact
		for _, c := range r.Choose.Cases {
			one := Case{When: c.When}
			if one.List, err = comparisons(c.Holds); err != nil {
				return out, err
			}
			out.Cases = append(out.Cases, one)
		}
	}
	out.Group.Any = len(r.Any) > 0
	if out.Group.List, err = comparisons(append(slices.Clone(r.Holds), r.Any...)); err != nil {
		return out, err
	}
	if len(r.Outcomes) == 2 {
		out.Outcomes = [2]string{r.Outcomes[0], r.Outcomes[1]}
	} else if len(r.Number) == 0 {
		return out, fmt.Errorf("outcomes: two are needed")
	}
	return out, nil
}

func words(zh, en string) text.Words { return text.Words{text.Chinese: zh, text.English: en} }

func readFacts(n yaml.Node) (out []Fact, err error) {
	node := &n
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: facts: a map of names is needed", n.Line)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		var raw rawFact
		if err := node.Content[i+1].Decode(&raw); err != nil {
			return nil, err
		}
		f := Fact{Name: node.Content[i].Value, Of: raw.Of, Zero: raw.Zero, Words: raw.Word, Ints: raw.Number, Title: words(raw.ZH, raw.EN)}
		switch {
		case raw.Count, raw.Of != "":
			f.Kind = FactCount
		case raw.Yes:
			f.Kind = FactYes
		case raw.Reason:
			f.Kind = FactReason
		case len(raw.Word) > 0:
			f.Kind = FactWord
		case len(raw.Number) > 0:
			f.Kind = FactNumber
		case raw.List:
			f.Kind = FactList
		case raw.Verdicts:
			f.Kind = FactVerdicts
		default:
			return nil, fmt.Errorf("line %d: fact %s: its kind is missing", node.Content[i].Line, f.Name)
		}
		out = append(out, f)
	}
	return out, nil
}

func comparisons(raw []rawComparison) (out []Comparison, err error) {
	for _, r := range raw {
		c := Comparison{Left: r.Left, Operator: r.Is, Right: r.Right, Share: Share{1, 1}}
		if !slices.Contains([]string{">", ">=", "<", "<=", "="}, c.Operator) {
			return nil, fmt.Errorf("%s: the operator %q is none of > >= < <= =", r.Left, r.Is)
		}
		if r.Share != "" {
			num, den, ok := strings.Cut(r.Share, "/")
			n, err1 := strconv.ParseInt(num, 10, 64)
			m, err2 := strconv.ParseInt(den, 10, 64)
			if !ok || err1 != nil || err2 != nil || n < 1 || m < n || m > 100 {
				return nil, fmt.Errorf("%s: the share %q is no fraction", r.Left, r.Share)
			}
			c.Share = Share{n, m}
		}
		out = append(out, c)
	}
	return out, nil
}

// check holds every rule to its own facts, and region's packs to the national rule.
func (d *Decisions) check() error {
	for i, r := range d.rules {
		if err := r.check(); err != nil {
			return badRule(r.File, r.Name, err)
		}
		if i > 0 && d.rules[i-1].Name == r.Name && d.rules[i-1].Region == r.Region && (d.rules[i-1].Until == 0 || d.rules[i-1].Until >= r.From) {
			return badRule(r.File, r.Name, fmt.Errorf("it stands twice for the same days"))
		}
		if r.Region == "" {
			continue
		}
		newest, known := d.newest(r.Name)
		if !known {
			return badRule(r.File, r.Name, fmt.Errorf("region %s: there is no national rule to tighten", r.Region))
		}
		if len(r.Steps)+len(r.Cases)+len(r.Number) > 0 || r.Group.Any {
			return badRule(r.File, r.Name, fmt.Errorf("region %s: a pack only adds conditions that must hold as well", r.Region))
		}
		if r.From < newest.From {
			d.Old = append(d.Old, Warning{r.Name, r.Region, r.Norm, r.From, newest.From})
		}
	}
	return nil
}

func (r Rule) check() error {
	if r.Name == "" || r.Norm == "" || r.Article == "" || r.Title[text.Chinese] == "" || r.Title[text.English] == "" {
		return fmt.Errorf("rule, norm, article and a title in both languages are needed")
	}
	for _, f := range r.Facts {
		if f.Title[text.Chinese] == "" || f.Title[text.English] == "" {
			return fmt.Errorf("fact %s: words in both languages are needed", f.Name)
		}
		if _, known := r.fact(f.Of); f.Of != "" && !known {
			return fmt.Errorf("fact %s: its whole %s is no fact", f.Name, f.Of)
		}
	}
	all := slices.Clone(r.Group.List)
	for _, s := range r.Steps {
		all = append(all, s.List...)
	}
	covered := map[string]bool{}
	for _, c := range r.Cases {
		all = append(all, c.List...)
		for _, w := range c.When {
			covered[w] = true
		}
	}
	if f, known := r.fact(r.Choose); r.Choose != "" {
		if !known {
			return fmt.Errorf("choose: %s is no fact", r.Choose)
		}
		for _, w := range f.values() {
			if !covered[w] {
				return fmt.Errorf("choose: no case for %s", w)
			}
		}
	}
	for _, c := range all {
		for _, side := range []string{c.Left, c.Right} {
			if !r.understands(side) {
				return fmt.Errorf("%s is no fact", side)
			}
		}
	}
	if len(all) == 0 && len(r.Number) == 0 {
		return fmt.Errorf("nothing is compared")
	}
	return nil
}

func (f Fact) values() (out []string) {
	out = append(out, f.Words...)
	for _, n := range f.Ints {
		out = append(out, strconv.FormatInt(n, 10))
	}
	return out
}

func (r Rule) fact(name string) (Fact, bool) {
	for _, f := range r.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return Fact{}, false
}

// understands says whether a side of a comparison can be reckoned.
func (r Rule) understands(side string) bool {
	if _, err := strconv.ParseInt(side, 10, 64); err == nil {
		return true
	}
	if r.Run != nil && side == r.Run.Name {
		return true
	}
	name, word, is := strings.Cut(side, " is ")
	f, known := r.fact(name)
	return known && (!is || slices.Contains(f.values(), word))
}

// find gives the rule valid on a day for a region ("" is the national one).
// Asks lists the facts that a rule asks for, whatever its day; false where no rule
// has that name.
func (d *Decisions) Asks(name string) ([]Fact, bool) {
	r, known := d.newest(name)
	return r.Facts, known
}

// Ends lists the outcomes a rule can have; none for a rule that answers with a
// number.
func (d *Decisions) Ends(name string) (out []string) {
	r, known := d.newest(name)
	if !known || len(r.Number) > 0 {
		return nil
	}
	out = append(out, r.Outcomes[0], r.Outcomes[1])
	for _, s := range r.Steps {
		if !slices.Contains(out, s.Outcome) {
			out = append(out, s.Outcome)
		}
	}
	return out
}

func (d *Decisions) find(name string, day clock.Day, region string) (Rule, bool) {
	for _, r := range d.rules {
		if r.Name == name && r.Region == region && r.From <= day && (r.Until == 0 || day <= r.Until) {
			return r, true
		}
	}
	return Rule{}, false
}

// newest is the national rule of a name with the latest first day.
func (d *Decisions) newest(name string) (out Rule, known bool) {
	for _, r := range d.rules {
		if r.Name == name && r.Region == "" && (!known || r.From > out.From) {
			out, known = r, true
		}
	}
	return out, known
}

// Rules are all of them, in order of their names.
func (d *Decisions) Rules() []Rule { return slices.Clone(d.rules) }
