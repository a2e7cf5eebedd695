package law

import (
	"fmt"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// The kinds of fact.
const (
	FactCount    = "count"    // an integer, 0 or more
	FactYes      = "yes"      // a boolean, counted as 0 and 1
	FactReason   = "reason"   // words that somebody wrote down, or a boolean; none counts as 0
	FactWord     = "word"     // one of a list of words
	FactNumber   = "number"   // one of a list of integers
	FactList     = "list"     // integers of 1 or more
	FactVerdicts = "verdicts" // year to "competent" or "incompetent"
)

// Fact is what a rule asks for.
type Fact struct {
	Name  string
	Kind  string
	Of    string // the whole it is a part of; "" for none
	Zero  bool   // a lone 0 says something: it does not count as nothing
	Words []string
	Ints  []int64
	Title text.Words
}

// Share is a threshold as an exact fraction.
type Share struct{ Num, Den int64 }

// Comparison holds where left × Den stands in the relation to Num × right. Left and
// right are the names of facts, "FACT is WORD" (1 or 0), or for right a number.
type Comparison struct {
	Left, Operator, Right string
	Share                 Share
}

// Group is comparisons that hold together (Any false) or of which one suffices.
type Group struct {
	Any  bool
	List []Comparison
}

// Case is the group that holds for some values of a fact.
type Case struct {
	When []string
	Group
}

// Step comes before the rest; where it does not hold its outcome stands.
type Step struct {
	Outcome string
	Article string // "" is the rule's
	Group
}

// Rule is one decision rule of one norm (判断规则): data, evaluated by Decide.
type Rule struct {
	Name     string
	Title    text.Words
	Note     text.Words
	Norm     string
	Article  string // with paragraph where it was read
	From     clock.Day
	Until    clock.Day // last day; 0 while it stands
	Region   string    // code prefix of a region's pack; "" is national
	Facts    []Fact
	Run      *Run
	Steps    []Step
	Choose   string // fact whose value chooses one of Cases
	Cases    []Case
	Group    Group
	Number   []string // the outcome is the sum of these
	Outcomes [2]string
	Verified string // V, P or M as in the reading of the norms
	File     string
}

// Run is a count of successive verdicts, made before comparing.
type Run struct {
	Name, Of, Word string
	Title          text.Words
}

// Compared is one comparison with its numbers.
type Compared struct {
	Left     int64  `json:"left"`
	Operator string `json:"operator"`
	Right    int64  `json:"right"`
	Holds    bool   `json:"holds"`

	of Comparison
}

// Decision is the answer of a rule: the outcome, the article it rests on, every
// comparison with its numbers, and a sentence in both languages.
type Decision struct {
	Rule     string            `json:"rule"`
	At       string            `json:"at"`
	Outcome  any               `json:"outcome"`
	Article  string            `json:"article"`
	Compared []Compared        `json:"compared"`
	Because  map[string]string `json:"because"`
}

// Word is the outcome as a word of the rule; a rule that answers with a number
// gives its digits.
func (x Decision) Word() string {
	if x.Outcome == nil {
		return ""
	}
	return fmt.Sprint(x.Outcome)
}

// Sentence explains the outcome in one language.
func (x Decision) Sentence() text.Words { return text.Words(x.Because) }

// Warning is a region's pack that is older than the national text it tightens.
type Warning struct {
	Rule, Region, Norm string
	From, National     clock.Day
}

// Decisions are all rules of one edition.
type Decisions struct {
	rules []Rule // by name, then national first, then by first day
	Old   []Warning
}
