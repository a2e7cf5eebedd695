package desk

import "linli/internal/kit/clock"

// SavedFilter is a search in the inbox that somebody keeps under a name.
type SavedFilter struct {
	ID, Name string
	Query    string // of the address /cases, without a page's cursor
}

// Template is a text that somebody keeps for answers (范文), for themselves or for
// their unit. Marks in it for number, title, unit and day are filled in.
type Template struct {
	ID        string
	Person    string // who wrote it
	Unit      string // whose people may use it; "" for the writer alone
	Procedure string
	Field     string // of the form, of type lines or text
	Name      string
	Body      string
	Changed   clock.Instant
}

// The bounds of what one person keeps.
const (
	mostFilters   = 20
	mostTemplates = 100
	longestName   = 30   // characters
	longestBody   = 3000 // characters
	longestQuery  = 1000 // bytes
)
