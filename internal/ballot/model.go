package ballot

import (
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Body is a kind of meeting that decides; it says whose heads count.
type Body string

// The bodies.
const (
	VillageMeeting           Body = "village_meeting"
	VillageRepresentatives   Body = "village_representatives"
	VillagerGroup            Body = "villager_group"
	ResidentsMeeting         Body = "residents_meeting"
	ResidentsRepresentatives Body = "residents_representatives"
	CollectiveAssembly       Body = "collective_assembly"
	CollectiveDelegates      Body = "collective_delegates"
	CollectiveBoard          Body = "collective_board"
	PartyMeeting             Body = "party_meeting"
)

// Bodies are all bodies in the order in which they are offered.
func Bodies() []Body {
	return []Body{VillageMeeting, VillageRepresentatives, VillagerGroup, ResidentsMeeting, ResidentsRepresentatives,
		CollectiveAssembly, CollectiveDelegates, CollectiveBoard, PartyMeeting}
}

// Known says whether there is such a body.
func (b Body) Known() bool { return slices.Contains(Bodies(), b) }

// Key is its text key.
func (b Body) Key() text.Key { return text.Key("ballot.body." + string(b)) }

// general says that all adults belong to it, and households by one of them.
func (b Body) general() bool {
	return b == VillageMeeting || b == VillagerGroup || b == ResidentsMeeting
}

// chosen says that its members were chosen: every line of the roll is one.
func (b Body) chosen() bool {
	return b == VillageRepresentatives || b == ResidentsRepresentatives
}

// Line is one person of a roll.
type Line struct {
	No        int64
	Name      string
	Household string
	Group     string
	Unit      string // by which group or households a representative was chosen
	Adult     bool
	ForHouse  bool // the one who represents the household
	Represent bool // a representative
	Committee bool // a member of the committee
	Woman     bool
	Party     bool // a Party member with voting right
	Capable   bool // full capacity
}

// Counts are the wholes against which a meeting is held.
type Counts struct {
	People          int64 `json:"people"`
	Adults          int64 `json:"adults"`
	Households      int64 `json:"households"`
	ForHouseholds   int64 `json:"for_households"`
	Representatives int64 `json:"representatives"`
	Women           int64 `json:"women"` // among the representatives
	Members         int64 `json:"members"`
}

// Roll is one version of a list.
type Roll struct {
	ID      string
	Area    string
	Body    Body
	Group   string // of a villagers' group; "" else
	Version int64
	AsOf    clock.Day // the day on which somebody must have come of age
	Salt    string
	Hash    string // over salt, head and lines
	Counts  Counts
	Source  string // file, or what was corrected
	Reason  string
	Made    clock.Instant
	MadeBy  string
	Frozen  clock.Instant // when a meeting was first called with it; 0 = never

	lines []Line
}

// Place is a village or community to choose from.
type Place struct {
	Code string
	Name text.Words
}
