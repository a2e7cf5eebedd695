package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The files of the demo's cases: what is brought up, and how it goes on.
const (
	mattersFile = "demo/matters.yaml"
	storiesFile = "demo/stories.yaml"
)

// matter is one thing that somebody brings up; which fields count depends on
// what it is used for.
type matter struct {
	Class      string   `yaml:"class"`
	Words      string   `yaml:"words"`
	Place      []string `yaml:"place"`
	In         []string `yaml:"in"`    // communities in which it comes up
	Other      string   `yaml:"other"` // a unit it may be sent to by mistake
	Helper     string   `yaml:"helper"`
	Complained string   `yaml:"complained"`
	Contact    string   `yaml:"contact"`
	Answer     string   `yaml:"answer"`
	Finding    string   `yaml:"finding"`
	Result     string   `yaml:"result"`

	Subject   string `yaml:"subject"`
	Household int    `yaml:"household"`
	Amount    string `yaml:"amount"`
	Granted   string `yaml:"granted"`
	Reason    string `yaml:"reason"`
	Contents  string `yaml:"contents"`
}

// story is one way that cases go: of which matters, when they begin, and what is
// done one after another. What would lie in the future is not done, so the
// newest cases stand wherever they have come to.
type story struct {
	Name   string       `yaml:"name"`
	N      int          `yaml:"n"`     // how many cases go this way
	Ago    ago          `yaml:"ago"`   // how long before the end they begin
	Of     string       `yaml:"of"`    // which matters: a kind, or kind/class
	Place  string       `yaml:"place"` // how the place is told; "" is drawn
	Parts  []storyPart  `yaml:"steps"`
	matter []*matter    // told of
	steps  []*storyStep // the parts put in
}

// storyStep is one act of a story.
type storyStep struct {
	Who     string         `yaml:"who"`
	Opens   string         `yaml:"opens"` // procedure of the case that it opens
	Act     string         `yaml:"act"`
	On      string         `yaml:"on"` // procedure of the child case it is done on
	When    when           `yaml:"when"`
	With    map[string]any `yaml:"with"`
	Earlier stretch        `yaml:"earlier"` // it happened so long before it is entered
	Photos  int            `yaml:"photos"`
	Reveals string         `yaml:"reveals"` // a sealed value that is opened instead of an act
}

// storyPart is a step, or the name of a part that stands for several.
type storyPart struct {
	name string
	step *storyStep
}

// UnmarshalYAML reads a name or a step.
func (s *storyPart) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		s.name = n.Value
		return nil
	}
	return n.Decode(&s.step)
}

// stretch is a length of time, drawn between two bounds.
type stretch struct{ from, to time.Duration }

// when is the time of an act: a stretch after the one before; or, with a clock,
// a stretch after its date; or a share of the time that is left until its date.
type when struct {
	stretch
	clock  string
	share  bool
	lo, hi float64 // the share in hundredths
}

// ago is how long before the end something begins.
type ago struct {
	lo, hi float64
	unit   string
}

var (
	stretchForm = regexp.MustCompile(`^([0-9.]+?)\.\.([0-9.]+)([mhd])$`)
	afterForm   = regexp.MustCompile(`^([a-z_]+) \+ (\S+)$`)
	shareForm   = regexp.MustCompile(`^([0-9]+)\.\.([0-9]+)% ([a-z_]+)$`)
	agoForm     = regexp.MustCompile(`^([0-9.]+?)\.\.([0-9.]+) (workdays|days|hours)$`)
)

// UnmarshalYAML reads "5..40m", "2..20h" or "1..3d".
func (s *stretch) UnmarshalYAML(n *yaml.Node) error {
	v, ok := parseStretch(n.Value)
	if !ok {
		return fmt.Errorf("line %d: %q is no stretch of time", n.Line, n.Value)
	}
	*s = v
	return nil
}

func parseStretch(s string) (stretch, bool) {
	p := stretchForm.FindStringSubmatch(s)
	if p == nil {
		return stretch{}, false
	}
	lo, hi, ok := bounds(p[1], p[2])
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[p[3]]
	return stretch{time.Duration(lo * float64(unit)), time.Duration(hi * float64(unit))}, ok
}

func bounds(a, b string) (lo, hi float64, ok bool) {
	lo, err1 := strconv.ParseFloat(a, 64)
	hi, err2 := strconv.ParseFloat(b, 64)
	return lo, hi, err1 == nil && err2 == nil && lo <= hi
}

// UnmarshalYAML reads "5..40m", "hold + 1..5h" or "20..60% handle".
func (w *when) UnmarshalYAML(n *yaml.Node) error {
	ok := false
	if p := shareForm.FindStringSubmatch(n.Value); p != nil {
		w.clock, w.share = p[3], true
		w.lo, w.hi, ok = bounds(p[1], p[2])
	} else if p := afterForm.FindStringSubmatch(n.Value); p != nil {
		w.clock = p[1]
		w.stretch, ok = parseStretch(p[2])
	} else {
		w.stretch, ok = parseStretch(n.Value)
	}
	if !ok {
		return fmt.Errorf("line %d: %q is no time of an act", n.Line, n.Value)
	}
	return nil
}

// UnmarshalYAML reads "2..20 workdays", "1..3 days" or "0.2..1.5 hours".
func (a *ago) UnmarshalYAML(n *yaml.Node) error {
	ok := false
	if p := agoForm.FindStringSubmatch(n.Value); p != nil {
		a.unit = p[3]
		a.lo, a.hi, ok = bounds(p[1], p[2])
	}
	if !ok {
		return fmt.Errorf("line %d: %q is no time before the end", n.Line, n.Value)
	}
	return nil
}

// hours are those in which some people act.
type hours struct {
	Who      []string `yaml:"who"`
	From     float64  `yaml:"from"`
	To       float64  `yaml:"to"`
	Workdays bool     `yaml:"workdays"`
}

// chance is one of several values and how often it is drawn.
type chance struct {
	Value  string `yaml:"value"`
	Weight int    `yaml:"weight"`
}

// script is all that the demo's cases are made from.
type script struct {
	matters map[string][]matter
	Hours   []hours                `yaml:"hours"`
	Doors   []chance               `yaml:"doors"`   // channels of reports
	Places  []chance               `yaml:"places"`  // how places are told
	Arrive  []chance               `yaml:"arrive"`  // hours of the day
	Phrases map[string][]string    `yaml:"phrases"` // by name, one is drawn
	Parts   map[string][]storyPart `yaml:"parts"`
	Stories []story                `yaml:"stories"`
}

// readScript reads both files and puts matters and parts into the stories.
func readScript(files fs.FS) (*script, error) {
	s := &script{}
	if err := readYAML(files, mattersFile, &s.matters); err != nil {
		return nil, err
	}
	if err := readYAML(files, storiesFile, s); err != nil {
		return nil, err
	}
	for i := range s.Stories {
		y := &s.Stories[i]
		if y.matter = s.told(y.Of); len(y.matter) == 0 {
			return nil, fmt.Errorf("%s: story %q: there is no matter of %q", storiesFile, y.Name, y.Of)
		}
		if err := s.put(y); err != nil {
			return nil, fmt.Errorf("%s: story %q: %w", storiesFile, y.Name, err)
		}
	}
	return s, nil
}

// put makes a story's steps of its parts.
func (s *script) put(y *story) error {
	for _, p := range y.Parts {
		if p.name == "" {
			y.steps = append(y.steps, p.step)
			continue
		}
		part, known := s.Parts[p.name]
		if !known {
			return fmt.Errorf("there is no part %q", p.name)
		}
		for _, p := range part {
			if p.step == nil {
				return fmt.Errorf("part %q names a part", p.name)
			}
			y.steps = append(y.steps, p.step)
		}
	}
	if len(y.steps) == 0 || y.steps[0].Opens == "" {
		return fmt.Errorf("it does not begin by opening a case")
	}
	return nil
}

// told are the matters of a kind, or those of one class in it.
func (s *script) told(of string) (out []*matter) {
	kind, class, _ := strings.Cut(of, "/")
	for i, m := range s.matters[kind] {
		if class == "" || m.Class == class {
			out = append(out, &s.matters[kind][i])
		}
	}
	return out
}

// hoursOf are those of a role; who is not named acts at any hour.
func (s *script) hoursOf(who string) hours {
	for _, h := range s.Hours {
		for _, w := range h.Who {
			if w == who {
				return h
			}
		}
	}
	return hours{To: 24}
}

func readYAML(files fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
