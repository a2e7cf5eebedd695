package show

import (
	"fmt"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// File says what the demo shows beside its cases.
const File = "demo/show.yaml"

// Plan is what the demo shows beside its cases.
type Plan struct {
	People   []Person    `yaml:"people"`
	Rosters  []Roster    `yaml:"rosters"`
	Deputies []Deputy    `yaml:"deputies"`
	Contacts []Contact   `yaml:"contacts"`
	Texts    []Text      `yaml:"texts"`
	Searches []Search    `yaml:"searches"`
	Releases []*Release  `yaml:"releases"`
	Leave    []string    `yaml:"leave"` // classes of which nothing is released
	Strike   []string    `yaml:"strike"`
	Masks    []Mask      `yaml:"masks"`
	Village  VillagePlan `yaml:"village"`

	Meetings []MeetingPlan `yaml:"meetings"`
	Matters  []MatterStep  `yaml:"matters"`
	Boards   []BoardPlan   `yaml:"boards"`
	Asked    []MatterStep  `yaml:"asked"` // tasks and whistles
	Hearings []MatterStep  `yaml:"hearings"`
}

// Roster is who takes turns in a unit.
type Roster struct {
	Unit  string   `yaml:"unit"`
	By    string   `yaml:"by"`
	Phone string   `yaml:"phone"`
	Days  int      `yaml:"days"` // how many are there by day
	Watch []string `yaml:"watch"`
	Lead  []string `yaml:"lead"`
}

// Deputy is somebody away, since and for so many days.
type Deputy struct {
	Person string `yaml:"person"`
	Deputy string `yaml:"deputy"`
	Since  int    `yaml:"since"`
	Days   int    `yaml:"days"`
}

// Contact is how somebody is reached and wants to be told.
type Contact struct {
	Person  string            `yaml:"person"`
	SMS     string            `yaml:"sms"`
	Mail    string            `yaml:"mail"`
	Channel string            `yaml:"channel"`
	Modes   map[string]string `yaml:"modes"`
	Digest  string            `yaml:"digest"`
	Quiet   string            `yaml:"quiet"`
}

// Text is a text kept for answers.
type Text struct {
	Person string `yaml:"person"`
	Unit   string `yaml:"unit"`
	Name   string `yaml:"name"`
	Body   string `yaml:"body"`
}

// Search is a search kept under a name.
type Search struct {
	Person string `yaml:"person"`
	Name   string `yaml:"name"`
	Query  string `yaml:"query"`
}

// Release is one request that becomes public.
type Release struct {
	Ago    Ago    `yaml:"ago"`
	Ended  bool   `yaml:"ended"`
	Photo  bool   `yaml:"photo"`
	Story  string `yaml:"story"`
	Voices int    `yaml:"voices"`
	Back   Ago    `yaml:"back"`
	Reason string `yaml:"reason"`
	id     string // of the case that was chosen
}

// Mask is a region of a photo.
type Mask struct {
	X int `yaml:"x"`
	Y int `yaml:"y"`
	W int `yaml:"w"`
	H int `yaml:"h"`
}

// Person is somebody who works in the house beside those of the county.
type Person struct {
	ID, Name string
	Posts    []string
}

// Ago is how long before the end something is done: "9d", "5h" or "30m".
type Ago time.Duration

// UnmarshalYAML reads "9d", "5h" or "30m".
func (a *Ago) UnmarshalYAML(n *yaml.Node) error {
	last := max(len(n.Value)-1, 0)
	count, err := strconv.Atoi(n.Value[:last])
	unit, known := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}[n.Value[last:]]
	if err != nil || !known || count < 0 {
		return fmt.Errorf("line %d: %q is no time before the end", n.Line, n.Value)
	}
	*a = Ago(time.Duration(count) * unit)
	return nil
}
