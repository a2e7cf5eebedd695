package notice

import (
	"bytes"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
)

// PolicyFile is the file of the catalogue that this room reads.
const PolicyFile = "notice/notice.yaml"

// Policy is when and whom, as the county wants it.
type Policy struct {
	Hours, Quiet Stretch
	Together     int // seconds
	Digest       int // minutes of the day
	UrgentHours  int
	OldHours     int
	MostADay     int
	Above        []string
	Party        map[string]map[string]string

	always bool // every hour is a working hour: in a trial
}

// Stretch is a part of the day in minutes; To before From goes over midnight.
type Stretch struct{ From, To int }

// Holds says whether a minute of the day lies in the stretch.
func (s Stretch) Holds(minute int) bool {
	if s.From <= s.To {
		return minute >= s.From && minute < s.To
	}
	return minute >= s.From || minute < s.To
}

type policyFile struct {
	Hours       stretchFile                  `yaml:"hours"`
	Quiet       stretchFile                  `yaml:"quiet"`
	Together    int                          `yaml:"together"`
	Digest      string                       `yaml:"digest"`
	UrgentHours int                          `yaml:"urgent_hours"`
	OldHours    int                          `yaml:"old_hours"`
	MostADay    int                          `yaml:"most_a_day"`
	Above       []string                     `yaml:"above"`
	Party       map[string]map[string]string `yaml:"party"`
}

type stretchFile struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// ParsePolicy reads the policy of a catalogue.
func ParsePolicy(files fs.FS) (Policy, error) {
	raw, err := fs.ReadFile(files, PolicyFile)
	if err != nil {
		return Policy{}, err
	}
	var f policyFile
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return Policy{}, err
	}
	p := Policy{Together: f.Together, UrgentHours: f.UrgentHours, OldHours: f.OldHours, MostADay: f.MostADay, Above: f.Above, Party: f.Party}
	for _, m := range []struct {
		name, text string
		to         *int
	}{{"hours.from", f.Hours.From, &p.Hours.From}, {"hours.to", f.Hours.To, &p.Hours.To}, {"quiet.from", f.Quiet.From, &p.Quiet.From},
		{"quiet.to", f.Quiet.To, &p.Quiet.To}, {"digest", f.Digest, &p.Digest}} {
		if *m.to, err = Minute(m.text); err != nil {
			return Policy{}, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return p, p.check()
}

func (p Policy) check() error {
	switch {
	case p.Hours.From >= p.Hours.To:
		return fmt.Errorf("hours: from must come before to")
	case p.Together < 0 || p.Together > 3600:
		return fmt.Errorf("together: 0 to 3600 seconds")
	case p.UrgentHours < 0 || p.UrgentHours > 24:
		return fmt.Errorf("urgent_hours: 0 to 24")
	case p.OldHours < 1 || p.OldHours > 720:
		return fmt.Errorf("old_hours: 1 to 720")
	case p.MostADay < 1 || p.MostADay > 100:
		return fmt.Errorf("most_a_day: 1 to 100")
	case len(p.Above) == 0:
		return fmt.Errorf("above: at least one kind of post")
	}
	for procedure, acts := range p.Party {
		for act, kind := range acts {
			switch kind {
			case receipt, question, answer, rate, closed, nothing:
			default:
				return fmt.Errorf("party.%s.%s: %q is none of receipt, question, answer, rate, closed, none", procedure, act, kind)
			}
		}
	}
	return nil
}

// Minute reads a time of day as 22:00.
func Minute(s string) (int, error) {
	var h, m int
	if n, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil || n != 2 || h < 0 || h > 23 || m < 0 || m > 59 || fmt.Sprintf("%02d:%02d", h, m) != s {
		return 0, fmt.Errorf("%q is no time of day as 22:00", s)
	}
	return h*60 + m, nil
}

// CheckFiles checks the policy of a catalogue, for editions.
func CheckFiles(files fs.FS) []edition.Problem {
	if _, err := ParsePolicy(files); err != nil {
		return []edition.Problem{{File: PolicyFile, Text: err.Error()}}
	}
	return nil
}
