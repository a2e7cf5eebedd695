package duty

import (
	"strconv"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// The kinds of item; each has its word in the text "duty.kind.<kind>".
const (
	Basic       = "basic"       // the street's own duty
	Cooperating = "cooperating" // a department leads, the street helps within stated bounds
	TakenBack   = "taken_back"  // was the street's, is the department's again
	Department  = "department"  // never was the street's
	Community   = "community"   // of villages and communities
)

// ItemKinds lists them.
func ItemKinds() []string { return []string{Basic, Cooperating, TakenBack, Department, Community} }

// The levels of a unit.
const (
	LevelCounty    = "county"
	LevelStreet    = "street"
	LevelCommunity = "community"
)

// Levels lists them, the nearest to residents last.
func Levels() []string { return []string{LevelCounty, LevelStreet, LevelCommunity} }

// List is one duty list: of one area, from one day to another.
type List struct {
	ID       string
	Title    text.Words
	Area     string // code prefix it holds for
	Version  string
	From     clock.Day
	Until    clock.Day // last day; 0 for no end
	Example  bool      // of a county that does not exist; pages say so
	Remedies map[string]text.Words
	Items    []Item
	File     string
}

// Holds says whether the list holds in the area on the day.
func (l List) Holds(area string, day clock.Day) bool {
	return within(area, l.Area) && l.From <= day && (l.Until == 0 || day <= l.Until)
}

// Item is one duty.
type Item struct {
	ID       string
	Kind     string
	Title    text.Words
	Classes  []string
	Lead     Role
	Helpers  []Role
	Limit    Limit
	Basis    string     // norm and article; "" where none is known: the page says so
	Remedy   []string   // keys of List.Remedies
	Support  text.Words // cooperating: what the street does
	Boundary text.Words // cooperating: where that ends
	Way      text.Words // what the lead does; of what was taken back, how it does it now
	Line     string     // what it belongs to of the lines that a community is never responsible for
	From     clock.Day  // 0: as the list
	Until    clock.Day
	FileLine int
}

// Holds says whether the item holds on the day.
func (i Item) Holds(day clock.Day) bool { return i.From <= day && (i.Until == 0 || day <= i.Until) }

// Role names who is meant: a unit by its id, or the one with a line of work whose
// area covers the place, on a level where one is given.
type Role struct {
	Unit     string
	Function string
	Level    string
}

// String is "unit:ID", "function" or "function@level".
func (r Role) String() string {
	switch {
	case r.Unit != "":
		return "unit:" + r.Unit
	case r.Level != "":
		return r.Function + "@" + r.Level
	}
	return r.Function
}

// Limit is a time to act within; its unit is one of hour, day, workday, month.
type Limit struct {
	Length int
	Unit   string
}

// String is "5 workday".
func (l Limit) String() string {
	if l.Length == 0 {
		return ""
	}
	return strconv.Itoa(l.Length) + " " + l.Unit
}

// Say is the limit in words, by the texts of room law.
func (l Limit) Say(book *text.Book, lang string) string {
	return book.Say(lang, "law.period."+l.Unit, map[string]any{"n": l.Length})
}

// Function is a line of work of units.
type Function struct {
	ID    string
	Title text.Words
	Kinds []string // kinds of unit that have it without naming it
}

// Forbidden is what may not be handed down, and by which norm.
type Forbidden struct {
	Norm          string          // for the lines below
	Lines         []ForbiddenLine // of these a community is never the responsible subject
	CommunityNorm string          // for what is outside the community's list
	TownshipNorm  string          // for what is outside the township's list
}

// ForbiddenLine is one of those lines.
type ForbiddenLine struct {
	ID    string
	Title text.Words
}

// Catalogue is everything the room knows from one edition, immutable.
type Catalogue struct {
	Classes   *Classes
	Lists     []List // by area, the longest first, then by id
	Functions []Function
	Forbidden Forbidden

	// Certificates are those that nobody may ask of a village or community, the
	// program's first; see Catalogue.Certificate.
	Certificates []Certificate

	words words // of tables
}

// Function finds a line of work.
func (c *Catalogue) Function(id string) (Function, bool) {
	for _, f := range c.Functions {
		if f.ID == id {
			return f, true
		}
	}
	return Function{}, false
}

// List finds a list.
func (c *Catalogue) List(id string) (List, bool) {
	for _, l := range c.Lists {
		if l.ID == id {
			return l, true
		}
	}
	return List{}, false
}

// Found is one item of one list, with the units its roles mean at a place.
type Found struct {
	Item    Item
	ListID  string
	List    text.Words // its title
	Version string
	Example bool
	Lead    identity.Unit // the zero unit where none covers the place
	Helpers []Helper
	Remedy  text.Words // the texts of its remedies, joined
}

// Helper is a role with its unit; the zero unit where none covers the place.
type Helper struct {
	Role Role
	Unit identity.Unit
}

// Suggestion is who should lead a matter, and why.
type Suggestion struct {
	Found
	Class      Class
	ReasonKey  string // a text key
	ReasonArgs map[string]any
	Others     []Found // other items that fit, in order
}

// Known says whether a list names somebody for it.
func (s Suggestion) Known() bool { return s.Item.ID != "" }

// ClassMatch is a class found by words, best first.
type ClassMatch struct {
	Class Class
	Score int    // only for comparing within one answer
	Word  string // the word of the class that was met, "" where only parts were
}

// Precedent is what a decided dispute proposed for an item.
type Precedent struct {
	Number, Href string // of the proposal's case
	Title        string
	State        string // in words
	Says         string // what is proposed, and why
}

// Remark is one thing wrong with a file or a table: on which line, at which
// column or key, and a text that says it.
type Remark struct {
	File   string
	Line   int
	Column string
	Key    string // a text key
	Args   map[string]any
}

// Difference is what changes from one list to another.
type Difference struct {
	Head    []string // fields of the list itself that differ
	Added   []Item
	Removed []Item
	Changed []Change
	Same    int
}

// Change is one item before and after.
type Change struct {
	Old, New Item
	Fields   []string // names of what differs
}

// Empty says whether nothing changes.
func (d Difference) Empty() bool {
	return len(d.Head)+len(d.Added)+len(d.Removed)+len(d.Changed) == 0
}

// Limit is the time within which the lead must act; none is the zero limit.
func (f Found) Limit() Limit { return f.Item.Limit }

// Basis is the norm, "" where none is known.
func (f Found) Basis() string { return f.Item.Basis }
