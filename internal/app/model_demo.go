package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// The files of the demo's cases: what people report, and how it goes on.
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
	In         []string `yaml:"in"`     // communities
	Other      string   `yaml:"other"`  // a unit it might be sent to by mistake
	Helper     string   `yaml:"helper"` // a unit that can help
	Complained string   `yaml:"complained"`
	Contact    string   `yaml:"contact"`
	Answer     string   `yaml:"answer"`
	Finding    string   `yaml:"finding"`
	Result     string   `yaml:"result"`

	// Of an application or a notice.
	Subject   string `yaml:"subject"`
	Name      string `yaml:"name"`
	IDNumber  string `yaml:"idnumber"`
	Account   string `yaml:"account"`
	Household int    `yaml:"household"`
	Amount    string `yaml:"amount"`
	Granted   string `yaml:"granted"`
	Reason    string `yaml:"reason"`
	Period    string `yaml:"period"`
	Contents  string `yaml:"contents"`
}

// story is one way that cases go.
type story struct {
	Name    string      `yaml:"name"`
	N       int         `yaml:"n"`       // how many cases go it
	Of      string      `yaml:"of"`      // which matters
	Open    string      `yaml:"open"`    // procedure; "" is service-request
	By      string      `yaml:"by"`      // who opens; "" is a resident on the web
	Take    *int        `yaml:"take"`    // this matter; else one after another
	Start   int         `yaml:"start"`   // days before the end at which it begins; 0 is any
	Last    span        `yaml:"last"`    // begun within so long before the end
	Phone   bool        `yaml:"phone"`   // the resident surely leaves a number
	Unnamed bool        `yaml:"unnamed"` // a complaint that does not say about whom
	Steps   []storyStep `yaml:"steps"`
}

// storyStep is one act of a story, or a part that stands for several.
type storyStep struct {
	Part     string         `yaml:"part"`
	At       span           `yaml:"at"`
	By       string         `yaml:"by"`
	Act      string         `yaml:"act"`
	On       string         `yaml:"on"` // the newest child case of that procedure
	With     map[string]any `yaml:"with"`
	Happened span           `yaml:"happened"` // entered so long after it happened
}

// span is a time after another: minutes and hours, or days with a time of day.
type span struct {
	length  time.Duration
	days    int
	working bool
	at      time.Duration // of the day
	dated   bool
	defined bool
}

var spanForm = regexp.MustCompile(`^(?:(\d+)([mh])|(\d+)([dc]) (\d\d):(\d\d))$`)

// UnmarshalYAML reads 40m, 5h, "1d 10:00" (working days) or "3c 19:00" (calendar days).
func (s *span) UnmarshalYAML(n *yaml.Node) error {
	p := spanForm.FindStringSubmatch(n.Value)
	if p == nil {
		return fmt.Errorf("line %d: %q is no time after another", n.Line, n.Value)
	}
	number := func(i int) int { v, _ := strconv.Atoi(p[i]); return v } // digits by the pattern
	*s = span{defined: true}
	if p[1] != "" {
		unit := time.Minute
		if p[2] == "h" {
			unit = time.Hour
		}
		s.length = time.Duration(number(1)) * unit
		return nil
	}
	s.dated, s.days, s.working = true, number(3), p[4] == "d"
	s.at = time.Duration(number(5))*time.Hour + time.Duration(number(6))*time.Minute
	return nil
}

// demoScript is both files together.
type demoScript struct {
	matters map[string][]matter
	stories []story
}

func readDemo(files fs.FS) (demoScript, error) {
	var d demoScript
	if err := readYAML(files, mattersFile, &d.matters); err != nil {
		return d, err
	}
	var s struct {
		Parts   map[string][]storyStep `yaml:"parts"`
		Stories []story                `yaml:"stories"`
	}
	if err := readYAML(files, storiesFile, &s); err != nil {
		return d, err
	}
	for _, y := range s.Stories {
		if len(d.matters[y.Of]) == 0 || y.Take != nil && *y.Take >= len(d.matters[y.Of]) {
			return d, fmt.Errorf("%s: story %q has no matters %q", storiesFile, y.Name, y.Of)
		}
		var steps []storyStep
		for _, step := range y.Steps {
			if step.Part == "" {
				steps = append(steps, step)
				continue
			}
			part, known := s.Parts[step.Part]
			if !known {
				return d, fmt.Errorf("%s: story %q: there is no part %q", storiesFile, y.Name, step.Part)
			}
			steps = append(steps, part...)
		}
		y.Steps = steps
		d.stories = append(d.stories, y)
	}
	return d, nil
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
