package casework

import (
	"linli/internal/procedure"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// Case is one running instance of a procedure: a fold of its acts.
type Case struct {
	ID, Number string
	Procedure  string
	Edition    int64 // the edition whose procedure and forms it keeps
	Title      string
	State      string
	Kind       string // of the state
	Version    int64  // moves with state, holder and values
	Acts       int64  // how many acts there are
	Ticks      int64  // moves with what the clocks do by themselves
	Unit       string // the unit that holds it, or ""
	Person     string // the person who holds it, or ""
	Desk       string // post kind whose inbox holds it where no unit does
	Area       string // area code, to the grid where known
	Class      string
	Sealed     string // unit path below which nobody may see it
	Parent     string
	ParentAct  string
	Leader     string        // the leading case it follows, or was answered with
	Followed   int64         // how far it has followed: the place of its leader's last act that reached it; 0 = it follows no more
	Opened     clock.Instant // recorded
	Changed    clock.Instant // recorded, of the last act that changed it
	Happened   clock.Instant // of the last act that changed it
	LastAct    string        // of the last act that changed it
	Due        clock.Instant // the earliest duty date of its running limits; 0 = none
	Breached   int64         // how many breaches
	Escalated  string        // unit above that was told of a breach, or ""
	Published  clock.Instant
	Imported   bool // carries a source's verdict; no clocks, no rates
	Values     Values
	Doers      map[string][]string // act -> persons who did it; "" for a party or the machinery

	clocks map[string]procedure.ClockRow
}

// Following reports whether the case follows a leading case now.
func (c *Case) Following() bool { return c.Leader != "" && c.Followed > 0 }

// Clocks are the case's clocks by name.
func (c *Case) Clocks() map[string]procedure.ClockRow { return c.clocks }

// Subject is the case as the relations see it.
func (c *Case) Subject(parent *Case, partyOf func(identity.Actor, string) bool) identity.Subject {
	s := identity.Subject{Unit: c.Unit, Person: c.Person, Area: c.Area, Sealed: c.Sealed, CaseID: c.ID,
		Values:  func(name string) string { return c.Values.Text(name) },
		PartyOf: partyOf}
	if parent != nil {
		s.ParentUnit, s.ParentPerson = parent.Unit, parent.Person
	}
	return s
}

// ActRow is one act as it is stored.
type ActRow struct {
	ID, CaseID string
	Seq        int64
	Act        string
	From, To   string
	Person     string // who did it, or ""
	Post       string // by virtue of which post, or ""
	Unit       string
	Role       string // party role, "clock", "child", "leader", "deputy" or ""
	Behalf     string // the party role in whose name staff entered it, or ""
	Happened   clock.Instant
	Recorded   clock.Instant
	Edition    int64
	Delta      Delta
	Body       Body
	Annuls     string
	Erases     string
}

// Later reports that the act was entered after the day on which it happened.
func (a ActRow) Later() bool { return a.Happened.Day() != a.Recorded.Day() }

// Delta is the whole effect of an act on its case as data, so that a case is a
// fold of its acts and needs no code of the day to be replayed.
type Delta struct {
	Kind      string               `json:"kind,omitempty"` // of the state after it
	Unit      *string              `json:"unit,omitempty"`
	Person    *string              `json:"person,omitempty"`
	Desk      *string              `json:"desk,omitempty"`
	Area      *string              `json:"area,omitempty"`
	Class     *string              `json:"class,omitempty"`
	Title     *string              `json:"title,omitempty"`
	Sealed    *string              `json:"sealed,omitempty"`
	Escalated *string              `json:"escalated,omitempty"`
	Breach    bool                 `json:"breach,omitempty"`
	Publish   bool                 `json:"publish,omitempty"`
	Unpublish bool                 `json:"unpublish,omitempty"`
	Quiet     bool                 `json:"quiet,omitempty"` // nothing of the case moved
	Tick      bool                 `json:"tick,omitempty"`  // done by the engine's clocks: the version did not move
	Clocks    []procedure.ClockRow `json:"clocks,omitempty"`
	Effects   []string             `json:"effects,omitempty"` // on clocks: +began -ended =paused ~went on >extended !ran out ?warned
	Parties   []PartyRow           `json:"parties,omitempty"`
	Told      []Told               `json:"told,omitempty"`
	Children  []string             `json:"children,omitempty"`
	Opened    *Opened              `json:"opened,omitempty"`   // of the opening act
	For       string               `json:"for,omitempty"`      // the absent person in whose place a deputy did it
	MoveTo    int64                `json:"move,omitempty"`     // the edition by which the case goes on
	Leader    *string              `json:"leader,omitempty"`   // the case it follows from now on
	Followed  *int64               `json:"followed,omitempty"` // how far it has followed
	Passes    bool                 `json:"passes,omitempty"`   // it is passed on to the cases that follow
}

// Opened holds what an opening act fixes for good.
type Opened struct {
	Number    string `json:"number"`
	Procedure string `json:"procedure"`
	Parent    string `json:"parent,omitempty"`
	ParentAct string `json:"parent_act,omitempty"`
	Imported  bool   `json:"imported,omitempty"`
}

// PartyRow is somebody who takes part without a post.
type PartyRow struct {
	ID     string `json:"id"`
	Role   string `json:"role"`
	Person string `json:"person,omitempty"`
	Token  string `json:"token,omitempty"` // hash of the link's token
	Unit   string `json:"unit,omitempty"`
}

// Told says who was told of an act.
type Told struct {
	Unit   string `json:"unit,omitempty"`
	Person string `json:"person,omitempty"`
	Party  string `json:"party,omitempty"` // role
}

// The values of cases and acts belong to the definition; the rooms know them by
// the engine's name.
type (
	Values = procedure.Values
	Sealed = procedure.Sealed
	Gone   = procedure.Gone
	Body   = procedure.Body
	Kept   = procedure.Kept
)

// Did reports whether person did one of the acts.
func (c *Case) Did(person string, acts ...string) bool {
	for _, a := range acts {
		if person != "" && slices.Contains(c.Doers[a], person) {
			return true
		}
	}
	return false
}
