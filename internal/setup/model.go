package setup

import (
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Serving is what the roof knows of how the house is served.
type Serving struct {
	Address  string // under which people reach the house; "" where not configured
	Secure   bool   // by an own certificate or behind a trusted proxy
	Senders  int    // ways to send a message that are configured
	Failing  int    // of these, those that fail now
	Fallback bool   // messages go to a file only, as in a trial
}

// State is all that the checklist is made of.
type State struct {
	County               string // area code of the root unit, "" where none is named
	CountyName           string // as in the table of areas; "" where it is not there
	Streets, Communities int
	WithoutGrids         []text.Words // names of communities without a grid
	Grids, WithoutPhone  int
	Places               int
	YearsMissing         []int // this year's and next year's calendar
	Units, People        int
	Lists, Items         int          // duty lists of this county in force, and their items
	ListsExample         bool         // the only ones that hold are examples
	LeadersMissing       []text.Words // lines of work that the list names and no unit has
	PostsMissing         []text.Words // kinds of post nobody holds in the county
	HandlersMissing      []text.Words // units with a line of work and nobody who may accept a case
	Serving              Serving
	Marks                map[string]Mark
}

// Mark is what a person confirmed.
type Mark struct {
	Item string
	By   string // name
	At   clock.Instant
}

// The three states of a line.
const (
	Done    = "done"
	Missing = "missing" // before the public is asked to use it
	Advised = "advised" // good to have
)

// Item is one line of the checklist. Its words are setup.item.<ID> and
// setup.item.<ID>.<Status>; Args are for those.
type Item struct {
	ID     string
	Status string
	Args   []any
	Names  []text.Words // what is missing, by name
	Href   string
	Marked *Mark // for lines a person confirms
	ByHand bool
}

// The lines that only a person can confirm, in their order.
var byHand = []string{"keys", "restore", "privacy", "trial"}
