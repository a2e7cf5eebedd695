package identity

import (
	"regexp"
	"slices"
	"strings"

	"linli/internal/kit/fault"
)

// Relation is one way in which an actor may stand to a case. The set of names is
// closed (house.md 4): new institutions add kinds of post, never relations.
type Relation struct {
	Name string // one of RelationNames
	Of   string // name of a value that holds a unit; "" for the case's own unit
	As   string // kind of post, or role of a party; "" for any
}

// The names of relations, and what each means.
const (
	RelAnyone    = "anyone"    // everybody, also without account
	RelHolder    = "holder"    // the person who holds the case, while they have a post at all
	RelUnit      = "unit"      // a post in exactly the case's unit, or the one a value names
	RelArea      = "area"      // a post of that kind over an area that holds the case's place
	RelParty     = "party"     // by link or account a party of the case
	RelParent    = "parent"    // holder, or member of the unit, of the parent case
	RelDeputy    = "deputy"    // stands in for the holder today
	RelCommander = "commander" // a post in the unit that commands the case's unit
	RelClock     = "clock"     // the house itself
)

// shape says what may follow a name.
type shape struct{ of, as, needAs bool }

var shapes = map[string]shape{
	RelAnyone: {}, RelHolder: {}, RelParent: {}, RelDeputy: {}, RelClock: {},
	RelUnit:      {of: true, as: true},
	RelCommander: {of: true, as: true},
	RelArea:      {as: true, needAs: true},
	RelParty:     {as: true},
}

// RelationNames are all names, sorted.
func RelationNames() []string {
	return []string{RelAnyone, RelArea, RelClock, RelCommander, RelDeputy, RelHolder, RelParent, RelParty, RelUnit}
}

// anyPost may be written for "whatever the kind of post".
const anyPost = "staff"

var relationWord = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// ParseRelation reads "unit of lead as head", "area as dispatcher", "party as
// reporter", "holder" and so on. "as staff" means any kind of post. An area
// without a kind of post is refused: it would open every case below to everybody
// with any post above. Whether the kind exists is the caller's check (Kinds).
func ParseRelation(s string) (Relation, error) {
	bad := func() (Relation, error) {
		return Relation{}, fault.New(fault.Invalid, "identity.relation", "text", s, "names", strings.Join(RelationNames(), ", "))
	}
	words := strings.Fields(s)
	if len(words) == 0 || len(words)%2 == 0 {
		return bad()
	}
	r := Relation{Name: words[0]}
	may, known := shapes[r.Name]
	if !known {
		return bad()
	}
	for i := 1; i < len(words); i += 2 {
		word := words[i+1]
		if !relationWord.MatchString(word) {
			return bad()
		}
		switch {
		case words[i] == "of" && may.of && r.Of == "" && r.As == "":
			r.Of = word
		case words[i] == "as" && may.as && r.As == "":
			r.As = word
		default:
			return bad()
		}
	}
	if may.needAs && (r.As == "" || r.As == anyPost) {
		return bad()
	}
	if r.As == anyPost && r.Name != RelParty {
		r.As = ""
	}
	return r, nil
}

// String writes the relation as ParseRelation reads it.
func (r Relation) String() string {
	s := r.Name
	if r.Of != "" {
		s += " of " + r.Of
	}
	if r.As != "" {
		s += " as " + r.As
	}
	return s
}

// PostKind is the kind of post the relation asks for, "" where it asks for none.
func (r Relation) PostKind() string {
	if r.Name == RelParty {
		return ""
	}
	return r.As
}

// UsesPosts says whether the relation can hold only through a post.
func (r Relation) UsesPosts() bool {
	return slices.Contains([]string{RelHolder, RelUnit, RelArea, RelParent, RelDeputy, RelCommander}, r.Name)
}

// Subject is what rights are judged on: a case, or anything shaped like one.
type Subject struct {
	CaseID string
	Unit   string // unit that has the case
	Person string // person who has the case
	Area   string // area code of the place; "" where it is not known
	Sealed string // path of units that must not see it; "" for none

	ParentUnit   string
	ParentPerson string

	// UnitPath and ParentUnitPath are for the callers' own use; no relation reads them.
	UnitPath       string
	ParentUnitPath string

	Values  func(name string) string        // the case's values that hold units
	PartyOf func(a Actor, role string) bool // is the actor a party with this role ("" = any)
}

// Columns are the SQL expressions under which a list finds the fields of
// Subject. An empty one means the list has no such thing: a relation that needs
// it does not hold there. Expressions come from code, never from input.
type Columns struct {
	CaseID, Unit, Person, Area, Sealed, ParentUnit, ParentPerson string

	Value func(name string) string // expression of a value that holds a unit, "" for none

	// PartyOf gives a condition that equals Subject.PartyOf, "" for never.
	PartyOf func(a Actor, role string, arg func(any) string) string
}
