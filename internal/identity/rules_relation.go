package identity

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file is the heart of who may see what: Holds and Condition are two
// readings of one text. Whoever changes one changes the other; the property
// test on both databases says when that was forgotten.

// counts says whether a post may be relied on for a case sealed from the path. A
// post lent to a deputy never is: the deputy may belong to those complained about.
func (p Post) counts(sealed string) bool {
	return sealed == "" || p.For == "" && !strings.HasPrefix(p.UnitPath, sealed)
}

// lentPath stands for the path of a lent post: it lies outside no seal.
const lentPath = "\x01"

func (p Post) path() string {
	if p.For != "" {
		return lentPath
	}
	return p.UnitPath
}

// over says whether the post's area holds the place. Codes contain each other
// by prefix; a post without a well-formed area is over nothing.
func (p Post) over(area string) bool {
	return digits(p.Area) && strings.HasPrefix(area, p.Area)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Holds says whether the actor stands in this relation to the subject.
func (r Relation) Holds(a Actor, s Subject) bool {
	switch r.Name {
	case RelAnyone:
		return true
	case RelClock:
		return a.Kind == System
	case RelHolder:
		return (is(a.Person, s.Person) || a.StandsIn(s.Person, s.Unit)) && a.anyPost(s)
	case RelDeputy:
		return a.StandsIn(s.Person, s.Unit) && a.anyPost(s)
	case RelParty:
		return r.party(a, s)
	case RelParent:
		return (is(a.Person, s.ParentPerson) || a.StandsIn(s.ParentPerson, s.ParentUnit)) && a.anyPost(s) ||
			a.post(s, func(p Post) bool { return is(p.Unit, s.ParentUnit) })
	case RelArea:
		return a.post(s, func(p Post) bool { return p.Kind == r.As && r.As != "" && p.over(s.Area) })
	case RelUnit:
		unit := r.unit(s)
		return a.post(s, func(p Post) bool { return r.kind(p) && is(p.Unit, unit) })
	case RelCommander:
		unit := r.unit(s)
		return unit != "" && a.post(s, func(p Post) bool { return r.kind(p) && slices.Contains(p.Commands, unit) })
	}
	return false
}

// Holds says whether any of the relations holds.
func Holds(rs []Relation, a Actor, s Subject) bool {
	return slices.ContainsFunc(rs, func(r Relation) bool { return r.Holds(a, s) })
}

// is compares identifiers; the empty one is nobody and equals nothing.
func is(a, b string) bool { return a != "" && a == b }

// StandsIn says whether the actor is deputy of the person for what they hold in
// the unit.
func (a Actor) StandsIn(person, unit string) bool {
	return person != "" && slices.ContainsFunc(a.For, func(st Standing) bool {
		return st.Person == person && (st.Unit == "" || st.Unit == unit)
	})
}

func (a Actor) post(s Subject, fits func(Post) bool) bool {
	return slices.ContainsFunc(a.Posts, func(p Post) bool { return p.counts(s.Sealed) && fits(p) })
}

func (a Actor) anyPost(s Subject) bool { return a.post(s, func(Post) bool { return true }) }

func (r Relation) kind(p Post) bool { return r.As == "" || p.Kind == r.As }

func (r Relation) unit(s Subject) string {
	switch {
	case r.Of == "":
		return s.Unit
	case s.Values == nil:
		return ""
	}
	return s.Values(r.Of)
}

// party is not sealed: who complains stays a party whatever their own posts are.
func (r Relation) party(a Actor, s Subject) bool {
	if is(a.Party.Case, s.CaseID) && a.Party.ID != "" && (r.As == "" || a.Party.Role == r.As) {
		return true
	}
	return s.PartyOf != nil && s.PartyOf(a, r.As)
}

// Condition is the SQL condition under which at least one of the relations
// holds, for lists. arg takes one parameter and returns its placeholder. Columns
// are compared bare (=, IN, ranges), so plain indexes serve.
func Condition(rs []Relation, a Actor, c Columns, arg func(any) string) string {
	for _, r := range rs { // before any parameter is taken: an unused one is an error on PostgreSQL
		if r.Name == RelAnyone || r.Name == RelClock && a.Kind == System {
			return "1=1"
		}
	}
	q := &condition{a: a, c: c, arg: arg, known: map[string]string{}, sets: map[string]reach{}}
	for _, r := range rs {
		q.add(r)
	}
	return q.text()
}

// reach maps an identifier to the unit paths through which the actor reaches it.
type reach map[string][]string

// span is an area over which the actor has a post in the unit of path.
type span struct{ area, path string }

type condition struct {
	a     Actor
	c     Columns
	arg   func(any) string
	known map[string]string // parameter to placeholder, so that each goes in once
	sets  map[string]reach  // by column expression
	spans []span
	other []string
}

func (q *condition) add(r Relation) {
	switch r.Name {
	case RelHolder:
		q.persons(q.c.Person, q.a.Person)
		q.standings(q.c.Person, q.c.Unit)
	case RelDeputy:
		q.standings(q.c.Person, q.c.Unit)
	case RelParent:
		q.persons(q.c.ParentPerson, q.a.Person)
		q.standings(q.c.ParentPerson, q.c.ParentUnit)
		q.units(q.c.ParentUnit, func(p Post) []string { return []string{p.Unit} })
	case RelParty:
		q.party(r)
	case RelArea:
		for _, p := range q.a.Posts {
			if r.As != "" && p.Kind == r.As && digits(p.Area) && q.c.Area != "" {
				q.spans = append(q.spans, span{p.Area, p.path()})
			}
		}
	case RelUnit, RelCommander:
		q.units(q.unitColumn(r), func(p Post) []string {
			switch {
			case !r.kind(p):
				return nil
			case r.Name == RelCommander:
				return p.Commands
			}
			return []string{p.Unit}
		})
	}
}

func (q *condition) unitColumn(r Relation) string {
	switch {
	case r.Of == "":
		return q.c.Unit
	case q.c.Value == nil:
		return ""
	}
	return q.c.Value(r.Of)
}

func (q *condition) reach(column, id, path string) {
	if column == "" || id == "" {
		return
	}
	if q.sets[column] == nil {
		q.sets[column] = reach{}
	}
	if !slices.Contains(q.sets[column][id], path) {
		q.sets[column][id] = append(q.sets[column][id], path)
	}
}

// persons are reached through any post at all.
func (q *condition) persons(column string, ids ...string) {
	for _, id := range ids {
		for _, p := range q.a.Posts {
			q.reach(column, id, p.path())
		}
	}
}

// standings are those of a deputy: for all that a person holds, or for what they
// hold in one unit.
func (q *condition) standings(person, unit string) {
	for _, st := range q.a.For {
		if st.Unit == "" {
			q.persons(person, st.Person)
			continue
		}
		if person == "" || unit == "" || st.Person == "" || len(q.a.Posts) == 0 {
			continue
		}
		text := person + " = " + q.param(st.Person) + " AND " + unit + " = " + q.param(st.Unit)
		if q.c.Sealed != "" {
			var paths []string
			for _, p := range q.a.Posts {
				if !slices.Contains(paths, p.path()) {
					paths = append(paths, p.path())
				}
			}
			text += " AND (" + q.c.Sealed + " = '' OR " + q.outside(paths) + ")"
		}
		q.other = append(q.other, "("+text+")")
	}
}

func (q *condition) units(column string, of func(Post) []string) {
	for _, p := range q.a.Posts {
		for _, id := range of(p) {
			q.reach(column, id, p.path())
		}
	}
}

func (q *condition) party(r Relation) {
	if a := q.a.Party; q.c.CaseID != "" && a.Case != "" && a.ID != "" && (r.As == "" || a.Role == r.As) {
		q.other = append(q.other, q.c.CaseID+" = "+q.param(a.Case))
	}
	if q.c.PartyOf != nil {
		if text := q.c.PartyOf(q.a, r.As, q.arg); text != "" {
			q.other = append(q.other, "("+text+")")
		}
	}
}

func (q *condition) param(s string) string {
	if q.known[s] == "" {
		q.known[s] = q.arg(s)
	}
	return q.known[s]
}

func (q *condition) text() string {
	var parts []string
	for _, column := range slices.Sorted(maps.Keys(q.sets)) {
		parts = append(parts, q.among(column, q.sets[column]))
	}
	for _, s := range widest(q.spans) {
		parts = append(parts, q.inArea(s))
	}
	parts = append(parts, q.other...)
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// among writes: column is one of the identifiers, and where the row is sealed,
// one that is reached through a post outside the sealed path.
func (q *condition) among(column string, r reach) string {
	groups := map[string][]string{} // identifiers reached through the same paths
	for id, paths := range r {
		slices.Sort(paths)
		key := strings.Join(paths, "\x00")
		groups[key] = append(groups[key], id)
	}
	list := q.in(column, slices.Sorted(maps.Keys(r)))
	if q.c.Sealed == "" {
		return list
	}
	var open []string
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		free := q.outside(strings.Split(key, "\x00"))
		if len(groups) > 1 {
			slices.Sort(groups[key])
			free = q.in(column, groups[key]) + " AND (" + free + ")"
		}
		open = append(open, free)
	}
	return "(" + list + " AND (" + q.c.Sealed + " = '' OR " + strings.Join(open, " OR ") + "))"
}

func (q *condition) in(column string, ids []string) string {
	if len(ids) == 1 {
		return column + " = " + q.param(ids[0])
	}
	for i, id := range ids {
		ids[i] = q.param(id)
	}
	return column + " IN (" + strings.Join(ids, ",") + ")"
}

// outside writes that at least one of the paths does not begin with the seal.
// substr compares exactly; LIKE would read % and _ in an imported unit's id.
func (q *condition) outside(paths []string) string {
	var free []string
	for _, path := range paths {
		if path != lentPath {
			free = append(free, fmt.Sprintf("substr(%s,1,length(%s)) <> %s", q.param(path), q.c.Sealed, q.c.Sealed))
		}
	}
	if len(free) == 0 {
		return "1=0"
	}
	return strings.Join(free, " OR ")
}

// inArea writes the prefix as a range, which an index serves, and compares the
// prefix itself, which makes it exact whatever the database's collation.
func (q *condition) inArea(s span) string {
	low := q.param(s.area)
	text := q.c.Area + " >= " + low
	if next := following(s.area); next != "" {
		text += " AND " + q.c.Area + " < " + q.param(next)
	}
	text += " AND substr(" + q.c.Area + ",1," + strconv.Itoa(len(s.area)) + ") = " + low
	if q.c.Sealed != "" {
		text += " AND (" + q.c.Sealed + " = '' OR " + q.outside([]string{s.path}) + ")"
	}
	return "(" + text + ")"
}

// following is the next number of as many digits: "3209" gives "3210". All nines
// have none. Among texts of digits only, prefix p means p <= text < following(p)
// in every collation.
func following(code string) string {
	b := []byte(code)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < '9' {
			b[i]++
			return string(b)
		}
		b[i] = '0'
	}
	return ""
}

// widest drops spans that another one through the same unit contains.
func widest(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		return strings.Compare(a.path+"\x00"+a.area, b.path+"\x00"+b.area)
	})
	var out []span
	for _, s := range spans {
		last := len(out) - 1
		if last >= 0 && out[last].path == s.path && strings.HasPrefix(s.area, out[last].area) {
			continue
		}
		out = append(out, s)
	}
	return out
}
