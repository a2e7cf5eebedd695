package procedure

import (
	"linli/internal/kit/clock"
	"linli/internal/law"
)

// Values of statuses of a clock.
const (
	Running = "running"
	Paused  = "paused"
	Ended   = "ended"
	Void    = "void" // its start was annulled
)

// ClockRow is one clock of one case. Instants are UTC microseconds.
type ClockRow struct {
	Name        string        `json:"name"`
	Status      string        `json:"status"`
	Kind        law.Kind      `json:"kind"`
	Start       clock.Instant `json:"start"`
	N           int           `json:"n"`
	Unit        law.Unit      `json:"unit"`
	Extended    int           `json:"extended,omitempty"` // added to N by approved extensions
	Pauses      []Pause       `json:"pauses,omitempty"`
	Duty        clock.Instant `json:"duty"`
	Acceptance  clock.Instant `json:"acceptance"`
	WarnAt      clock.Instant `json:"warn,omitempty"`
	Next        clock.Instant `json:"next,omitempty"` // when the scan must look; 0 = never
	Warned      bool          `json:"warned,omitempty"`
	Breaches    int           `json:"breaches,omitempty"`
	Provisional bool          `json:"provisional,omitempty"`
	EndedAt     clock.Instant `json:"ended,omitempty"`
}

// Pause is a stretch of time that does not count; To is 0 while it lasts.
type Pause struct {
	From clock.Instant `json:"from"`
	To   clock.Instant `json:"to,omitempty"`
}
