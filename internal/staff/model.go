package staff

import (
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// The states of a hand-over.
const (
	HandoverAsked   = "asked"   // waits for a second person, who answers for the one who leaves
	HandoverRunning = "running" // items go one by one
	HandoverDone    = "done"
	HandoverRefused = "refused"
)

// The kinds of what is handed over.
const (
	ItemCase   = "case"
	ItemShift  = "shift"
	ItemDeputy = "deputy" // a time of standing in, which is ended

	// Of a unit that is closed:
	ItemPost    = "post"    // somebody's post, which they get in the unit that takes its place
	ItemStation = "station" // a unit stationed under it, or belonging to it
	ItemClose   = "close"   // the unit itself, last of all
)

// The states of an item.
const (
	ItemWaiting = "waiting"
	ItemDone    = "done"
	ItemFailed  = "failed" // for a reason people can mend; the rest goes on
)

// Handover is the handing over of what a person holds, or, with Person "", of what
// a unit holds that is closed: then its last item names the unit and its successor.
type Handover struct {
	ID, Person, Reason, State string
	MadeBy, Agreed            string
	Recorded, Finished        clock.Instant
	Items                     []Item
}

// Closing is the item that closes a unit; nil of a person's hand-over.
func (h Handover) Closing() *Item {
	if n := len(h.Items); n > 0 && h.Items[n-1].Kind == ItemClose {
		return &h.Items[n-1]
	}
	return nil
}

// Item is one thing that changes hands.
type Item struct {
	N                  int64
	Kind, Thing, Label string
	Receiver           string // "" = back to the unit
	State, Fault       string
}

// Holding is everything a person holds.
type Holding struct {
	Person   identity.Person
	Posts    []identity.Member
	Groups   []Group
	Shifts   []Duty
	Deputies []identity.Deputy
}

// Group is the cases a person holds in one unit by one procedure.
type Group struct {
	Unit, Procedure string
	Title           text.Words
	States          []StateCount
	Cases           []string // ids
	Numbers         []string
}

// StateCount is how many of them stand in one state.
type StateCount struct {
	Words text.Words
	N     int
}

// Key names the group in a form.
func (g Group) Key() string { return g.Unit + "." + g.Procedure }

// Duty is one person's time on duty.
type Duty struct {
	ID, Unit, Kind, Person string
	Day                    clock.Day // on which it begins
	From, Until            clock.Instant
}

// The states of a roster.
const (
	draft     = "draft"
	published = "published"
)

// On which days a kind of shift is stood.
const (
	OnWorkdays = "workdays"
	OnDaysOff  = "days_off"
	OnAll      = "all"
)

// Shift is a kind of duty as the catalogue names it.
type Shift struct {
	ID    string
	Name  text.Words
	On    string
	From  int  // minutes after midnight
	Until int  // minutes after midnight of the same day; more than a day's where it ends on the next
	Leads bool // who leads on that day, beside those on duty
}

// Month is a unit's roster of one month.
type Month struct {
	Unit      string
	Month     string // 2026-12
	Phone     string
	Version   int64
	Published clock.Instant
	By        string
	Duties    []Duty // the draft where there is one, else what is published
	Draft     bool
}
