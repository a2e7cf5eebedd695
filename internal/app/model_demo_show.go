package app

import (
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"
)

// showFile says what the demo shows beside its cases.
const showFile = "demo/show.yaml"

// shown is what the demo shows beside its cases.
type shown struct {
	People   []countyPerson  `yaml:"people"`
	Rosters  []shownRoster   `yaml:"rosters"`
	Deputies []shownDeputy   `yaml:"deputies"`
	Contacts []shownContact  `yaml:"contacts"`
	Texts    []shownText     `yaml:"texts"`
	Searches []shownSearch   `yaml:"searches"`
	Releases []*shownRelease `yaml:"releases"`
	Strike   []string        `yaml:"strike"`
	Masks    []shownMask     `yaml:"masks"`
}

// shownRoster is who takes turns in a unit.
type shownRoster struct {
	Unit  string   `yaml:"unit"`
	By    string   `yaml:"by"`
	Phone string   `yaml:"phone"`
	Days  int      `yaml:"days"` // how many are there by day
	Watch []string `yaml:"watch"`
	Lead  []string `yaml:"lead"`
}

// shownDeputy is somebody away, since and for so many days.
type shownDeputy struct {
	Person string `yaml:"person"`
	Deputy string `yaml:"deputy"`
	Since  int    `yaml:"since"`
	Days   int    `yaml:"days"`
}

// shownContact is how somebody is reached and wants to be told.
type shownContact struct {
	Person  string            `yaml:"person"`
	SMS     string            `yaml:"sms"`
	Mail    string            `yaml:"mail"`
	Channel string            `yaml:"channel"`
	Modes   map[string]string `yaml:"modes"`
	Digest  string            `yaml:"digest"`
	Quiet   string            `yaml:"quiet"`
}

// shownText is a text kept for answers.
type shownText struct {
	Person string `yaml:"person"`
	Unit   string `yaml:"unit"`
	Name   string `yaml:"name"`
	Body   string `yaml:"body"`
}

// shownSearch is a search kept under a name.
type shownSearch struct {
	Person string `yaml:"person"`
	Name   string `yaml:"name"`
	Query  string `yaml:"query"`
}

// shownRelease is one request that becomes public.
type shownRelease struct {
	Ago    before `yaml:"ago"`
	Ended  bool   `yaml:"ended"`
	Photo  bool   `yaml:"photo"`
	Story  string `yaml:"story"`
	Voices int    `yaml:"voices"`
	Back   before `yaml:"back"`
	Reason string `yaml:"reason"`
	id     string // of the case that was chosen
}

// shownMask is a region of a photo.
type shownMask struct {
	X int `yaml:"x"`
	Y int `yaml:"y"`
	W int `yaml:"w"`
	H int `yaml:"h"`
}

// before is how long before the end something is done: "9d" or "5h".
type before time.Duration

// UnmarshalYAML reads "9d" or "5h".
func (b *before) UnmarshalYAML(n *yaml.Node) error {
	var s stretch
	if err := s.UnmarshalYAML(&yaml.Node{Value: "0.." + n.Value, Line: n.Line}); err != nil {
		return err
	}
	*b = before(s.to)
	return nil
}

func readShown(files fs.FS) (*shown, error) {
	var s shown
	return &s, readYAML(files, showFile, &s)
}
