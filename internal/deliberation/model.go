package deliberation

import (
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// The procedures of this room.
const (
	Petition     = "petition"
	Consultation = "consultation"
	FourSteps    = "four-steps"
	Delegation   = "delegation"
	// CollectiveDecision is what the members of a collective decide.
	CollectiveDecision = "collective-decision"
)

// Names of their acts that this room speaks of.
const (
	signAct     = "sign"
	judgeAct    = "judge"
	countAct    = "count"
	sayAct      = "say"
	moderateAct = "moderate"
	progressAct = "progress"
)

// The capacities in which somebody signs a petition.
const (
	AsPerson         = "person"
	AsHousehold      = "household"
	AsRepresentative = "representative"
)

// Verdicts on a signature.
const (
	Valid   = "valid"
	Invalid = "invalid"
)

// Signature is one line of a petition. Signer and Household are filled only for
// who checks them, after the read log has it.
type Signature struct {
	Act               string // the act that entered it
	N                 int64
	Capacity          string
	Verdict           string // "" until it was checked
	Ground            string // why it does not count
	Signer, Household string
}

// Count is how many signatures a petition has.
type Count struct {
	People, Households, Representatives int64 // valid ones
	Invalid                             int64
	Waiting                             int64 // not checked yet
}

// All is how many were entered.
func (c Count) All() int64 {
	return c.People + c.Households + c.Representatives + c.Invalid + c.Waiting
}

// Where a statement stands.
const (
	Held      = "held"      // nobody has looked yet
	Published = "published" // everybody reads it
	Hidden    = "hidden"    // held back for a reason
	Erased    = "erased"    // its words are destroyed
)

// Statement is what somebody wrote on a topic.
type Statement struct {
	ID     string // the act by which it came
	Case   string
	N      int64
	Words  string
	Status string
	Ground string
	Tally
}

// Tally is what devices think of a statement.
type Tally struct{ Agree, Disagree, Unsure int64 }

// Stands that a device may take.
const (
	Agree    = "agree"
	Disagree = "disagree"
	Unsure   = "unsure"
)

// Step is one station of a matter's way.
type Step struct {
	Name     string // propose, consult, review, meeting, decision, result
	Done     bool
	Now      bool
	Act      string // the act that did it, or the one that comes next
	Happened clock.Instant
	Later    clock.Instant // when it was entered, where that was later
	Paper    bool          // the signed paper is kept with it
}

// Version is one text of a resolution on its way.
type Version struct {
	Kind     string // draft, voted, posted, corrected
	Act      string // id
	Text     string
	Mark     string // its SHA-256
	Happened clock.Instant
}

var errNoTopic = fault.New(fault.NotFound, "deliberation.no_topic")
