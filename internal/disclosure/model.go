package disclosure

import (
	"log/slog"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/text"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// The procedures of this room, and those of their acts that code names.
const (
	Procedure = "disclosure"
	Questions = "disclosure-question"

	actBegin = "begin"
	actLook  = "look"
	actDraft = "draft"
	actAsk   = "ask"
)

// Fields of the procedures that code names.
const (
	fieldVillage  = "village"
	fieldItem     = "item"
	fieldColumn   = "column"
	fieldPeriod   = "period"
	fieldSubject  = "subject"
	fieldDocument = "document"
	fieldFile     = "file"
	fieldCleared  = "cleared"
	fieldPersons  = "persons"
	fieldAbout    = "about"
)

// Columns of the board, in the order in which they stand.
const (
	Party   = "party"
	Affairs = "affairs"
	Finance = "finance"
)

// Columns are all of them.
var Columns = []string{Party, Affairs, Finance}

// floor is how many days everything stands at least (村民委员会组织法 35(4)).
const floor = 15

// epoch moves with whatever may change a board.
const epoch = "disclosure"

// Reader is the name of this room's cursor in the log.
const Reader = "disclosure"

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Blobs    *blob.Store
	Ledger   *ledger.Service
	Editions *edition.Service
	Areas    *area.Service // set by the roof before the first page
	People   *identity.Service
	Cases    *casework.Service
	Book     func() *text.Book
	Log      *slog.Logger
	Address  string // under which people reach this house, for what is printed
}

// Item is one line of the catalogue.
type Item struct {
	ID        string
	Column    string
	For       []string // levels of area: village, community
	Words     text.Words
	What      text.Words
	By        string // kind of post that drafts it
	Every     string // a kind of period, once or stages
	Within    procedure.Length
	Stands    procedure.Length
	Norm      string
	Verified  string // V, P or M
	Persons   bool
	Term      procedure.Length
	Audience  string // public or members
	Procedure string

	file string
	line int
}

// Audiences of an item.
const (
	Public  = "public"
	Members = "members"
)

// How often an item is published beside the kinds of period.
const (
	Once   = "once"
	Stages = "stages"
)

// Periodic reports whether the item falls due by itself.
func (i Item) Periodic() bool { return i.Every != Once && i.Every != Stages }

// Catalogue is what must be published.
type Catalogue struct {
	Items []Item
	byID  map[string]Item
}

// Item finds an item.
func (c *Catalogue) Item(id string) (Item, bool) {
	i, ok := c.byID[id]
	return i, ok
}

// Of lists the items of an area that a procedure publishes.
func (c *Catalogue) Of(code, name string) (out []Item) {
	for _, i := range c.Items {
		if i.Procedure == name && procedure.AtLevel(code, i.For) {
			out = append(out, i)
		}
	}
	return out
}

// Names says whether the catalogue has something published by a procedure.
func (c *Catalogue) Names(name string) bool {
	for _, i := range c.Items {
		if i.Procedure == name {
			return true
		}
	}
	return false
}
