package casework

import (
	"context"
	"linli/internal/procedure"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/law"
)

// Moment is everything a check or an effect may look at while an act is being
// prepared. Effects change the draft through its methods only.
type Moment struct {
	Procedure *procedure.Procedure
	Act       *procedure.Act
	Case      *Case // before the act; of an opening act an empty one
	Parent    *Case // nil where there is none
	Leader    *Case // the leading case, where the act speaks of it; nil where there is none
	Children  []Child
	Actor     identity.Actor
	Post      identity.Post // by virtue of which the actor acts; zero for parties
	Each      string        // of an opened child: the unit it is opened for, where there is one for each
	Role      string        // party role, "clock", "child", "leader" or "deputy"
	For       string        // the absent person in whose place a deputy acts, or ""
	Now       clock.Instant
	Happened  clock.Instant
	Given     Values // what this act brings, in clear
	Values    Values // the case's values with what this act brings
	Calendars law.Calendars
	Edition   int64
	Read      db.Query

	secret   map[string]bool // names in Given that are sealed
	delta    Delta
	to       string
	extended map[string]procedure.ClockRow
}

// Child is what a parent knows of a case it opened.
type Child struct {
	ID, Number, Procedure, State, Kind, Unit string
}

// Check is a named condition of an act; it returns a fault where it does not hold.
type Check func(ctx context.Context, m *Moment) error

// Effect is a named change that an act brings about beyond its own fields.
type Effect func(ctx context.Context, m *Moment) error

// Fact reads one fact for a decision rule: an int64, a bool or a string.
type Fact func(ctx context.Context, m *Moment) (any, error)

// Set gives the case a value of its form.
func (m *Moment) Set(field string, value any) {
	m.Given[field], m.Values[field] = value, value
	if f := m.Procedure.Field(field); f != nil && f.Sealed {
		m.secret[field] = true
	}
}

// HoldBy gives the case to a unit, and to a person where one is named.
func (m *Moment) HoldBy(unit identity.Unit, person string) {
	m.delta.Unit, m.delta.Person = &unit.ID, &person
}

// PlaceAt says to which area the case belongs.
func (m *Moment) PlaceAt(code string) { m.delta.Area = &code }

// Classify gives the case its class.
func (m *Moment) Classify(id string) { m.delta.Class = &id }

// Entitle gives the case its title.
func (m *Moment) Entitle(title string) { m.delta.Title = &title }

// SealFrom hides the case from the units at and below a path.
func (m *Moment) SealFrom(path string) { m.delta.Sealed = &path }

// Lead says to which state the act leads instead of the one its procedure
// names; the state must be one that the procedure knows.
func (m *Moment) Lead(state string) { m.to = state }

// Tell notes who is told of the act.
func (m *Moment) Tell(t Told) {
	if t != (Told{}) && !slices.Contains(m.delta.Told, t) {
		m.delta.Told = append(m.delta.Told, t)
	}
}

// Area is where the case lies after the act as far as it is known now.
func (m *Moment) Area() string {
	if m.delta.Area != nil {
		return *m.delta.Area
	}
	return m.Case.Area
}

// Receipt is what the doer of an act gets.
type Receipt struct {
	Case     string        `json:"case"`
	Number   string        `json:"number"`
	Act      string        `json:"act"`
	Leaf     string        `json:"leaf"` // hex hash of the act's leaf in the log
	State    string        `json:"state"`
	Version  int64         `json:"version"`
	Recorded clock.Instant `json:"recorded"`
	Token    string        `json:"token,omitempty"` // of a party's link; shown once
	Children []string      `json:"children,omitempty"`
}

// Opening asks for a new case.
type Opening struct {
	Procedure string
	Act       string // "" where the procedure has one opening act
	Values    map[string]any
	Happened  clock.Instant // 0 = now
	Key       string        // idempotency key, or ""
	Imported  bool          // carries a source's verdict: no clocks, nobody is told
	Number    string        // of an import: the source's number
	State     string        // of an import: the state the source's verdict means; "" = as the act leads
	Recorded  clock.Instant // of an import: 0 = now
	Unit      string        `json:",omitempty"` // of a case that the house opens by itself: who holds it; "" = as the act says

	// Beside writes, on tables of the caller's own room only, in the transaction
	// that opens the case; where it fails nothing is opened. It may run twice.
	Beside func(tx *db.Tx, id string) error `json:"-"`
}

// Asking asks for an act of a case.
type Asking struct {
	Case     string // id or number
	Act      string
	Version  int64 // what the asker saw; 0 = not compared
	Values   map[string]any
	Happened clock.Instant // 0 = now
	Key      string
	Reason   string // of an annulment or erasure
	Target   string // of an annulment or erasure: the act; of an erasure with Fields
	Fields   []string

	// Strike, of a mask, gives what is left of a value and whether anything was
	// struck. It is asked for every version of every field, or of Fields where given.
	Strike func(field string, value any) (left any, struck bool) `json:"-"`
}
