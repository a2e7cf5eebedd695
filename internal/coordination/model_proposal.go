package coordination

import "linli/internal/kit/clock"

// Proposals is the procedure by which a decided dispute is proposed for the list.
const Proposals = "list-proposal"

// decidedIn are the procedures whose decisions become precedents, each with the
// states in which it is decided.
var decidedIn = map[string][]string{
	Disputes:          {"upheld", "insisted"},
	"arbitration":     {"ruled"},
	"whistle-dispute": {"come", "excused", "redirected"},
}

// Precedent is a decided dispute as it is proposed for the list.
type Precedent struct {
	Case, Number string
	Title        string
	Item, Change string
	State        string
	Origin       string // the number of the case it comes from
	Proposer     string // unit
	Lead         string // unit proposed, or ""
	Boundary     string
	Support      string
	Words        string
	Ruling       string
	Decision     string
	Opened       clock.Instant
}
