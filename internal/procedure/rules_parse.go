package procedure

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/law"

	"go.yaml.in/yaml/v3"
)

// Procedures are all procedures of one edition.
type Procedures map[string]*Procedure

// Load reads catalog/procedure/*.yaml of one edition. Problems name file and
// line; a procedure with problems is still returned as far as it was read.
func Load(files fs.FS, names Names) (Procedures, []edition.Problem) {
	out := Procedures{}
	var problems []edition.Problem
	found, err := fs.Glob(files, "procedure/*.yaml")
	if err != nil {
		return out, []edition.Problem{{File: "procedure", Text: err.Error()}}
	}
	for _, file := range found {
		raw, err := fs.ReadFile(files, file)
		if err != nil {
			problems = append(problems, edition.Problem{File: file, Text: err.Error()})
			continue
		}
		p, bad := Parse(file, raw)
		problems = append(problems, bad...)
		if p == nil {
			continue
		}
		if want := strings.TrimSuffix(path.Base(file), ".yaml"); p.Name != want {
			problems = append(problems, edition.Problem{File: file, Line: 1, Text: fmt.Sprintf("procedure is called %q but its file %q", p.Name, want)})
		}
		out[p.Name] = p
	}
	for _, name := range slices.Sorted(keysOf(out)) {
		problems = append(problems, out[name].check(out, names)...)
	}
	return out, problems
}

func keysOf[T any](m map[string]T) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// node reads YAML and notes each problem with its line.
type node struct {
	file     string
	problems []edition.Problem
}

func (n *node) bad(at *yaml.Node, format string, args ...any) {
	line := 1
	if at != nil {
		line = at.Line
	}
	n.problems = append(n.problems, edition.Problem{File: n.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

// pair is one key with its value, in the order of the file.
type pair struct {
	key   string
	at    *yaml.Node
	value *yaml.Node
}

func (n *node) pairs(v *yaml.Node) []pair {
	if v == nil {
		return nil
	}
	if v.Kind != yaml.MappingNode {
		n.bad(v, "expected keys with values")
		return nil
	}
	var out []pair
	seen := map[string]bool{}
	for i := 0; i+1 < len(v.Content); i += 2 {
		k := v.Content[i]
		if seen[k.Value] {
			n.bad(k, "%q stands twice", k.Value)
		}
		seen[k.Value] = true
		out = append(out, pair{k.Value, k, v.Content[i+1]})
	}
	return out
}

// keys gives the values by key and refuses unknown keys.
func (n *node) keys(v *yaml.Node, table []Key) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for _, p := range n.pairs(v) {
		if !slices.ContainsFunc(table, func(k Key) bool { return k.Name == p.key }) {
			n.bad(p.at, "unknown key %q", p.key)
			continue
		}
		out[p.key] = p.value
	}
	for _, k := range table {
		if k.Must && out[k.Name] == nil {
			n.bad(v, "key %q is missing", k.Name)
		}
	}
	return out
}

func (n *node) text(v *yaml.Node) string {
	if v == nil {
		return ""
	}
	if v.Kind != yaml.ScalarNode {
		n.bad(v, "expected one text")
		return ""
	}
	return v.Value
}

func (n *node) yes(v *yaml.Node) bool {
	switch n.text(v) {
	case "", "false":
		return false
	case "true":
		return true
	}
	n.bad(v, "expected true or false, not %q", v.Value)
	return false
}

func (n *node) number(v *yaml.Node) int {
	if v == nil {
		return 0
	}
	i, err := strconv.Atoi(n.text(v))
	if err != nil {
		n.bad(v, "expected a whole number, not %q", v.Value)
	}
	return i
}

// list reads a sequence of texts; one text alone counts as a list of one.
func (n *node) list(v *yaml.Node) []string {
	if v == nil {
		return nil
	}
	if v.Kind == yaml.ScalarNode {
		return []string{v.Value}
	}
	if v.Kind != yaml.SequenceNode {
		n.bad(v, "expected a list")
		return nil
	}
	var out []string
	for _, c := range v.Content {
		out = append(out, n.text(c))
	}
	return out
}

func (n *node) words(v *yaml.Node) Words {
	if v == nil {
		return Words{}
	}
	k := n.keys(v, wordKeys)
	return Words{"zh": n.text(k["zh"]), "en": n.text(k["en"])}
}

func (n *node) theme(v *yaml.Node) string {
	switch name := n.text(v); {
	case name == "":
		return Themes[len(Themes)-1]
	case slices.Contains(Themes, name):
		return name
	}
	n.bad(v, "unknown theme %q (known: %s)", v.Value, strings.Join(Themes, ", "))
	return ""
}

// parsed remembers what was read: before an edition is in force half a dozen rooms
// look at the same files, each for its own part. Nobody changes a procedure that was
// read.
var parsed = struct {
	sync.Mutex
	of map[[sha256.Size]byte]reading
}{of: map[[sha256.Size]byte]reading{}}

type reading struct {
	p        *Procedure
	problems []edition.Problem
}

// mostParsed bounds what is remembered: some editions of a whole catalogue.
const mostParsed = 256

// Parse reads one procedure, which is not to be changed: who reads the same file is
// given the same one. It returns nil only where the file is no YAML at all.
func Parse(file string, raw []byte) (*Procedure, []edition.Problem) {
	key := sha256.Sum256(append([]byte(file+"\x00"), raw...))
	parsed.Lock()
	r, known := parsed.of[key]
	parsed.Unlock()
	if !known {
		r.p, r.problems = parse(file, raw)
		parsed.Lock()
		if len(parsed.of) >= mostParsed {
			clear(parsed.of)
		}
		parsed.of[key] = r
		parsed.Unlock()
	}
	return r.p, slices.Clip(r.problems)
}

func parse(file string, raw []byte) (*Procedure, []edition.Problem) {
	var doc yaml.Node
	n := &node{file: file}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, []edition.Problem{{File: file, Line: yamlLine(err), Text: err.Error()}}
	}
	if len(doc.Content) == 0 {
		return nil, []edition.Problem{{File: file, Line: 1, Text: "the file is empty"}}
	}
	k := n.keys(doc.Content[0], procedureKeys)
	p := &Procedure{
		File: file, Name: n.text(k["procedure"]), Title: n.words(k["title"]), About: n.words(k["about"]), Norm: n.text(k["norm"]),
		Theme: n.theme(k["theme"]), Downward: n.yes(k["downward"]), Staff: n.yes(k["staff"]), See: n.relations(k["see"]), Reveal: n.relations(k["reveal"]), Subject: n.text(k["subject"]), Area: n.text(k["area"]),
		Parties: map[string]Words{}, fields: map[string]*Field{}, states: map[string]*State{}, clocks: map[string]*Clock{}, acts: map[string]*Act{},
	}
	for _, r := range n.pairs(k["parties"]) {
		p.Parties[r.key] = n.words(r.value)
	}
	for _, f := range n.pairs(k["form"]) {
		field := n.field(f)
		p.Form, p.fields[f.key] = append(p.Form, field), field
	}
	for _, s := range n.pairs(k["states"]) {
		state := n.state(s)
		p.States, p.states[s.key] = append(p.States, state), state
	}
	for _, c := range n.pairs(k["clocks"]) {
		clk := n.clock(c)
		p.Clocks, p.clocks[c.key] = append(p.Clocks, clk), clk
	}
	for _, a := range n.pairs(k["acts"]) {
		act := n.act(a)
		if act.Follows != nil && act.Follows.Of == "" {
			act.Follows.Of = p.Name
		}
		p.Acts, p.acts[a.key] = append(p.Acts, act), act
	}
	for _, s := range n.pairs(k["schedules"]) {
		p.Schedules = append(p.Schedules, n.schedule(s))
	}
	n.problems = append(n.problems, p.compileGuards()...)
	return p, n.problems
}

func yamlLine(err error) int {
	var line int
	if _, scan := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); scan != nil {
		return 1
	}
	return line
}

func (n *node) relations(v *yaml.Node) []identity.Relation {
	var out []identity.Relation
	for _, text := range n.list(v) {
		r, err := identity.ParseRelation(text)
		if err != nil {
			n.bad(v, "who: %v", err)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (n *node) field(f pair) *Field {
	k := n.keys(f.value, fieldKeys)
	out := &Field{Name: f.key, Line: f.at.Line, Type: n.text(k["type"]), Label: n.words(k["label"]), Help: n.words(k["help"]),
		Max: n.number(k["max"]), Min: n.number(k["min"]), Sealed: n.yes(k["sealed"]), Listed: n.yes(k["listed"]), Purpose: n.words(k["purpose"])}
	for _, o := range n.pairs(k["options"]) {
		out.Options = append(out.Options, Option{Value: o.key, Label: n.words(o.value)})
	}
	if !slices.Contains(FieldTypes, out.Type) {
		n.bad(f.value, "unknown field type %q (known: %s)", out.Type, strings.Join(FieldTypes, ", "))
	}
	if out.Sealed && out.Purpose["zh"] == "" {
		n.bad(f.value, "sealed field %q must say its purpose", f.key)
	}
	if out.Sealed && out.Listed {
		n.bad(f.value, "sealed field %q cannot be listed", f.key)
	}
	if out.Type == "decision" && out.Sealed {
		n.bad(f.value, "field %q: what the law says is not sealed", f.key)
	}
	if slices.Contains([]string{"idnumber", "account", "phone"}, out.Type) && !out.Sealed {
		n.bad(f.value, "a field of type %s must be sealed", out.Type)
	}
	return out
}

func (n *node) state(s pair) *State {
	k := n.keys(s.value, stateKeys)
	out := &State{Name: s.key, Line: s.at.Line, Words: Words{"zh": n.text(k["zh"]), "en": n.text(k["en"])}, Kind: n.text(k["kind"]), Desk: n.text(k["desk"])}
	if out.Kind == "" {
		out.Kind = Open
	}
	if !slices.Contains([]string{Open, Waiting, Done, Final}, out.Kind) {
		n.bad(s.value, "state %q: kind is open, waiting, done or final, not %q", s.key, out.Kind)
	}
	return out
}

func (n *node) clock(c pair) *Clock {
	k := n.keys(c.value, clockKeys)
	out := &Clock{Name: c.key, Line: c.at.Line, Words: n.words(k["label"]), Until: n.list(k["until"]), Pause: n.list(k["pause"]),
		Norm: n.text(k["norm"]), Tighten: n.text(k["tighten"]), Statutory: n.yes(k["statutory"])}
	kinds := 0
	for key, kind := range map[string]law.Kind{"at most": law.AtMost, "at least": law.AtLeast, "back from": law.BackFrom} {
		if k[key] == nil {
			continue
		}
		kinds++
		out.Kind = kind
		if kind == law.BackFrom {
			out.Back = n.text(k[key])
			out.Length = n.length(k["by"])
		} else if value, ok := strings.CutPrefix(n.text(k[key]), "value "); ok {
			out.Value = value
		} else {
			out.Length = n.length(k[key])
		}
	}
	if kinds != 1 {
		n.bad(c.at, "clock %q needs exactly one of: at most, at least, back from", c.key)
	}
	for _, from := range n.list(k["from"]) {
		act, happened := strings.CutSuffix(from, ".happened")
		act = strings.TrimSuffix(act, ".recorded")
		out.From, out.Happened = append(out.From, act), out.Happened || happened
	}
	if w := n.text(k["warn"]); w != "" {
		share, err := strconv.Atoi(strings.TrimSuffix(w, "%"))
		if err != nil || share < 1 || share > 99 || !strings.HasSuffix(w, "%") {
			n.bad(k["warn"], "warn is a share like 80%%, not %q", w)
		}
		out.Warn = share
	}
	n.clockEnd(out, k)
	return out
}

func (n *node) clockEnd(out *Clock, k map[string]*yaml.Node) {
	for _, key := range []string{"breach", "end"} {
		for _, what := range n.list(k[key]) {
			if act, ok := strings.CutPrefix(what, "perform "); ok {
				out.Perform = act
			} else if what == "escalate" {
				out.Escalate = true
			} else {
				n.bad(k[key], "%s is \"escalate\" or \"perform ACT\", not %q", key, what)
			}
		}
	}
	if k["breach"] != nil && out.Kind != law.AtMost || k["end"] != nil && out.Kind == law.BackFrom {
		n.bad(k["breach"], "breach belongs to a clock \"at most\"; \"at least\" has an end")
	}
	if out.Tighten != "" && out.Tighten != "shorter" && out.Tighten != "longer" {
		n.bad(k["tighten"], "tighten is shorter or longer, not %q", out.Tighten)
	}
}

// length reads "15 days", "10 workdays", "2 hours", "1 month".
func (n *node) length(v *yaml.Node) Length {
	l, err := ParseLength(n.text(v))
	if err != nil {
		n.bad(v, "%v", err)
	}
	return l
}

// ParseLength reads an amount of legal time as procedures and duty lists write
// it: "2 hours", "5 workdays", "15 days", "1 month".
func ParseLength(s string) (Length, error) {
	number, unit, ok := strings.Cut(strings.TrimSpace(s), " ")
	count, err := strconv.Atoi(number)
	u := law.Unit(strings.TrimSuffix(strings.TrimSpace(unit), "s"))
	if !ok || err != nil || count < 1 || count > 3650 || !slices.Contains(law.Units(), u) {
		return Length{}, fmt.Errorf("a length is like \"15 days\", \"5 workdays\", \"2 hours\" or \"1 month\", not %q", s)
	}
	return Length{N: count, Unit: u}, nil
}

// String is the length as it is written in files.
func (l Length) String() string {
	if l.N == 1 {
		return "1 " + string(l.Unit)
	}
	return strconv.Itoa(l.N) + " " + string(l.Unit) + "s"
}

// Days is about how many calendar days the length covers, rounded up; it only
// compares a length with a bound that a form gives in days.
func (l Length) Days() int {
	switch l.Unit {
	case law.Hour:
		return (l.N + 23) / 24
	case law.Workday:
		return (l.N*7 + 4) / 5
	case law.Month:
		return (l.N*365 + 11) / 12
	}
	return l.N
}

func (n *node) act(a pair) *Act {
	k := n.keys(a.value, actKeys)
	out := &Act{Name: a.key, Line: a.at.Line, Words: n.words(k["label"]), Help: n.words(k["help"]), From: n.list(k["from"]), To: n.text(k["to"]), MayLead: n.list(k["may_lead"]),
		NotBy: n.list(k["not_by"]), Check: n.list(k["check"]), Effect: n.list(k["effect"]), Holder: n.text(k["holder"]),
		Tells: n.list(k["tells"]), Publish: n.list(k["publish"]), Unpublish: n.yes(k["unpublish"]), Party: n.text(k["party"]), Quiet: n.yes(k["quiet"]), Counted: n.yes(k["counted"]), Unfollows: n.yes(k["unfollows"]),
		Later: n.yes(k["entered_later"]), Statutory: n.yes(k["statutory"]), WithParent: n.yes(k["with_parent"]), Public: n.yes(k["public"]), Norm: n.text(k["norm"]),
		GuardText: n.text(k["guard"]), GuardWords: n.words(k["otherwise"])}
	for _, who := range n.list(k["who"]) {
		switch who {
		case "clock":
			out.Clock = true
		case "child":
			out.Child = true
		case "leader":
			out.Leader = true
		default:
			r, err := identity.ParseRelation(who)
			if err != nil {
				n.bad(k["who"], "who: %v", err)
			}
			out.Who = append(out.Who, r)
		}
	}
	for _, f := range n.list(k["fill"]) {
		out.Fill = append(out.Fill, Fill{Field: f})
	}
	for _, f := range n.list(k["may_fill"]) {
		out.Fill = append(out.Fill, Fill{Field: f, Optional: true})
	}
	for _, v := range several(k["opens"]) {
		o := n.keys(v, opensKeys)
		out.Opens = append(out.Opens, &Opens{Procedure: n.text(o["procedure"]), Act: n.text(o["act"]), Each: n.text(o["each"]), Unit: n.text(o["unit"]), With: n.with(o["with"]),
			WhenText: n.text(o["when"]), Line: v.Line})
	}
	if v := k["performs"]; v != nil {
		o := n.keys(v, performsKeys)
		out.Performs = &Performs{Act: n.text(o["act"]), With: n.with(o["with"]), Line: v.Line}
	}
	if v := k["follows"]; v != nil {
		o := n.keys(v, followsKeys)
		out.Follows = &Follows{Field: n.text(o["case"]), In: n.list(o["in"]), Of: n.text(o["of"]), Line: v.Line}
	}
	if v := k["passes_on"]; v != nil {
		o := n.keys(v, passesKeys)
		out.PassesOn = &PassesOn{Act: n.text(o["act"]), With: n.with(o["with"]), Line: v.Line}
	}
	if v := k["opinion"]; v != nil {
		o := n.keys(v, opinionKeys)
		out.Opinion = &Opinion{Need: n.text(o["need"]), Then: n.text(o["then"]), Object: n.text(o["object"])}
	}
	out.Decides = n.decides(k["decides"])
	return out
}

// several is one value or a list of them.
func several(v *yaml.Node) []*yaml.Node {
	switch {
	case v == nil:
		return nil
	case v.Kind == yaml.SequenceNode:
		return v.Content
	}
	return []*yaml.Node{v}
}

func (n *node) with(v *yaml.Node) map[string]string {
	out := map[string]string{}
	for _, p := range n.pairs(v) {
		out[p.key] = n.text(p.value)
	}
	return out
}
