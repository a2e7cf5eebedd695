package identity

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"

	"pgregory.net/rapid"
)

// Small alphabets, so that things meet; ids with % and _, which LIKE would read.
var (
	treePaths = []string{"/a/", "/a/b/", "/a/b/c/", "/a/b_/", "/a/bx/", "/a/%/", "/d/", "/d/e/", "/d/e/f/", ""}
	treeUnits = []string{"a", "b", "c", "b_", "bx", "%", "d", "e", "f", ""}
	areas     = []string{"", "3", "32", "3209", "320999", "32099", "321", "3210", "9", "99", "999", "9901", "320999001", "x", "3209x"}
	people    = []string{"p1", "p2", "p3", ""}
	postKinds = []string{"head", "dispatcher", "handler", "leader"}
	roles     = []string{"reporter", "applicant"}
	caseIDs   = []string{"k1", "k2", "k3"}
	seals     = append([]string{"", "", "", ""}, "/a/", "/a/b/", "/a/b", "/a/b_/", "/d/e/", "/", "/a/%/", "none")
)

type row struct {
	Subject
	lead    string
	parties []string // "person role"
}

func (r row) subject() Subject {
	s := r.Subject
	s.Values = func(name string) string {
		if name == "lead" {
			return r.lead
		}
		return ""
	}
	s.PartyOf = func(a Actor, role string) bool {
		return slices.ContainsFunc(r.parties, func(p string) bool {
			person, as, _ := strings.Cut(p, " ")
			return person == a.Person && person != "" && (role == "" || as == role)
		})
	}
	return s
}

func drawRow(t *rapid.T) row {
	pick := func(from []string, name string) string { return rapid.SampledFrom(from).Draw(t, name) }
	r := row{lead: pick(treeUnits, "lead")}
	r.CaseID, r.Unit, r.Person, r.Area = pick(caseIDs, "case"), pick(treeUnits, "unit"), pick(people, "person"), pick(areas, "area")
	r.Sealed, r.ParentUnit, r.ParentPerson = pick(seals, "sealed"), pick(treeUnits, "parent unit"), pick(people, "parent person")
	for range rapid.IntRange(0, 2).Draw(t, "parties") {
		r.parties = append(r.parties, pick(people, "party")+" "+pick(roles, "role"))
	}
	return r
}

func drawActor(t *rapid.T) Actor {
	pick := func(from []string, name string) string { return rapid.SampledFrom(from).Draw(t, name) }
	a := Actor{Kind: pick([]string{Staff, Staff, Staff, Link, System, Anyone}, "kind"), Person: pick(people, "me")}
	for range rapid.IntRange(0, 4).Draw(t, "posts") {
		i := rapid.IntRange(0, len(treePaths)-1).Draw(t, "where")
		a.Posts = append(a.Posts, Post{
			Unit: treeUnits[i], UnitPath: treePaths[i], Kind: pick(postKinds, "post"), Area: pick(areas, "post area"),
			Commands: rapid.SliceOfN(rapid.SampledFrom(treeUnits), 0, 2).Draw(t, "commands"),
		})
	}
	for i := range a.Posts {
		a.Posts[i].For = pick([]string{"", "", "p2"}, "lent")
	}
	for range rapid.IntRange(0, 2).Draw(t, "stands") {
		a.For = append(a.For, Standing{pick(people, "for"), pick([]string{"", "", "a", "b"}, "for unit")})
	}
	if rapid.Bool().Draw(t, "has link") {
		a.Party = Party{Case: pick(append(caseIDs, ""), "link"), Role: pick(roles, "link role"), ID: pick([]string{"x", ""}, "link id")}
	}
	return a
}

func drawRelation(t *rapid.T) Relation {
	r := Relation{Name: rapid.SampledFrom(RelationNames()).Draw(t, "relation")}
	if r.Name == RelAnyone && rapid.IntRange(0, 3).Draw(t, "really anyone") > 0 {
		r.Name = RelUnit // anyone hides all others: draw it seldom
	}
	s := shapes[r.Name]
	if s.of {
		r.Of = rapid.SampledFrom([]string{"", "lead", "other"}).Draw(t, "of")
	}
	if s.as {
		r.As = rapid.SampledFrom(append([]string{""}, postKinds...)).Draw(t, "as")
		if r.Name == RelParty {
			r.As = rapid.SampledFrom(append([]string{""}, roles...)).Draw(t, "role")
		}
	}
	return r
}

var testColumns = Columns{
	CaseID: "c.case_id", Unit: "c.unit", Person: "c.person", Area: "c.area", Sealed: "c.sealed",
	ParentUnit: "c.parent_unit", ParentPerson: "c.parent_person",
	Value: func(name string) string {
		if name == "lead" {
			return "c.lead"
		}
		return ""
	},
	PartyOf: func(a Actor, role string, arg func(any) string) string {
		if a.Person == "" {
			return ""
		}
		text := "SELECT 1 FROM identity_test_party p WHERE p.id = c.id AND p.person = " + arg(a.Person)
		if role != "" {
			text += " AND p.role = " + arg(role)
		}
		return "EXISTS (" + text + ")"
	},
}

// TestPredicateEqualsCondition is the proof that a list shows exactly what the
// case page would: random rows in a real table, random actors and relations.
func TestPredicateEqualsCondition(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		err := d.Commit(ctx, func(tx *db.Tx) error {
			for _, text := range []string{
				`CREATE TABLE identity_test(id BIGINT PRIMARY KEY, case_id TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
				area TEXT NOT NULL, sealed TEXT NOT NULL, parent_unit TEXT, parent_person TEXT, lead TEXT)`,
				`CREATE TABLE identity_test_party(id BIGINT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL)`,
				`CREATE INDEX identity_test_unit ON identity_test(unit)`,
				`CREATE INDEX identity_test_area ON identity_test(area)`,
			} {
				if _, err := tx.Exec(text); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		gen := rapid.Custom(drawRow)
		var rows []row
		for i := range 600 {
			rows = append(rows, gen.Example(i))
		}
		insertRows(t, d, rows)
		hits, checks := 0, 0
		rapid.Check(t, func(t *rapid.T) {
			a := drawActor(t)
			rs := rapid.SliceOfN(rapid.Custom(drawRelation), 1, 4).Draw(t, "relations")
			var args []any
			text := Condition(rs, a, testColumns, func(v any) string {
				args = append(args, v)
				return fmt.Sprintf("$%d", len(args))
			})
			got := selectIDs(t, d, "SELECT c.id FROM identity_test c WHERE "+text+" ORDER BY c.id", args)
			var want []int
			for i, r := range rows {
				if Holds(rs, a, r.subject()) {
					want = append(want, i)
				}
			}
			hits, checks = hits+len(want), checks+1
			if !slices.Equal(got, want) {
				for i, r := range rows {
					if slices.Contains(got, i) != slices.Contains(want, i) {
						t.Fatalf("%v %+v\nSQL %s %q\nrow %+v: SQL says %v", rs, a, text, args, r, slices.Contains(got, i))
					}
				}
			}
		})
		if hits == 0 {
			t.Fatal("nothing ever held: the test tests nothing")
		}
		t.Logf("%d checks, on average %d of %d rows", checks, hits/checks, len(rows))
	})
}

func insertRows(t *testing.T, d *db.DB, rows []row) {
	t.Helper()
	null := func(s string) any { // a parent that is not there is NULL in a left join
		if s == "" {
			return nil
		}
		return s
	}
	err := d.Commit(context.Background(), func(tx *db.Tx) error {
		for i, r := range rows {
			_, err := tx.Exec(`INSERT INTO identity_test VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
				i, r.CaseID, r.Unit, r.Person, r.Area, r.Sealed, null(r.ParentUnit), null(r.ParentPerson), null(r.lead))
			if err != nil {
				return err
			}
			for _, p := range r.parties {
				person, role, _ := strings.Cut(p, " ")
				if _, err := tx.Exec(`INSERT INTO identity_test_party VALUES ($1,$2,$3)`, i, person, role); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func selectIDs(t *rapid.T, d *db.DB, text string, args []any) []int {
	rows, err := d.Reader().Rows(context.Background(), text, args...)
	if err != nil {
		t.Fatalf("%v in %s %q", err, text, args)
	}
	defer rows.Close()
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestNothingSealedIsSeenFromBelow is the rule of house.md 4 said directly: an
// actor whose posts all lie under the seal stands in no relation to the case but
// that of a party, or of everybody.
func TestNothingSealedIsSeenFromBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, r := drawActor(t), drawRow(t)
		if r.Sealed == "" || slices.ContainsFunc(a.Posts, func(p Post) bool { return p.counts(r.Sealed) }) {
			return
		}
		rel := drawRelation(t)
		if rel.UsesPosts() && rel.Holds(a, r.subject()) {
			t.Fatalf("%v holds for %+v on %+v", rel, a, r)
		}
	})
}

// TestNobodyIsNobody: empty identifiers on both sides must not meet.
func TestNobodyIsNobody(t *testing.T) {
	blank := Actor{Kind: Staff, Posts: []Post{{Kind: "head", Commands: []string{""}}}, For: []Standing{{}}}
	s := Subject{Values: func(string) string { return "" }}
	for _, name := range RelationNames() {
		for _, of := range []string{"", "lead"} {
			r := Relation{Name: name, Of: of, As: "head"}
			if name != RelAnyone && r.Holds(blank, s) {
				t.Errorf("%v holds between nobody and nothing", r)
			}
		}
		if r := (Relation{Name: name}); name != RelAnyone && r.Holds(Actor{Kind: Anyone}, Subject{Unit: "u", Person: "p", Area: "32", CaseID: "k"}) {
			t.Errorf("%v holds for anyone", r)
		}
	}
}

func TestHolderWithoutAnyPostHoldsNothing(t *testing.T) {
	s := Subject{Person: "p1", Unit: "u"}
	if (Relation{Name: RelHolder}).Holds(Actor{Kind: Staff, Person: "p1"}, s) {
		t.Error("all posts were revoked, and the case is still held")
	}
	if !(Relation{Name: RelHolder}).Holds(Actor{Kind: Staff, Person: "p1", Posts: []Post{{Unit: "other"}}}, s) {
		t.Error("the holder does not hold")
	}
}

func TestParseRelation(t *testing.T) {
	for text, want := range map[string]Relation{
		"anyone": {Name: "anyone"}, "holder": {Name: "holder"}, "parent": {Name: "parent"}, "clock": {Name: "clock"},
		"unit": {Name: "unit"}, "unit as head": {Name: "unit", As: "head"},
		"unit of lead as staff": {Name: "unit", Of: "lead"}, "unit of lead as head": {Name: "unit", Of: "lead", As: "head"},
		"area as dispatcher": {Name: "area", As: "dispatcher"}, "party as reporter": {Name: "party", As: "reporter"},
		"  commander  of lead ": {Name: "commander", Of: "lead"}, "deputy": {Name: "deputy"}, "party": {Name: "party"},
	} {
		got, err := ParseRelation(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
		if again, err := ParseRelation(got.String()); err != nil || again != got {
			t.Errorf("%q does not survive %q", text, got.String())
		}
	}
	for _, text := range []string{
		"", "area", "area as staff", "head", "unit as", "unit of", "unit as head of lead", "unit as head as head", "holder as head",
		"unit of a of b", "anyone as head", "area of lead as head", "party of lead", "unit as HEAD", "unit as a;b", "clock as x", "unit head",
	} {
		if r, err := ParseRelation(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was read as %+v, %v", text, r, err)
		}
	}
}

// TestConditionIsShort keeps the shape that indexes serve.
func TestConditionIsShort(t *testing.T) {
	a := Actor{Kind: Staff, Person: "p1", Posts: []Post{
		{Unit: "c", UnitPath: "/a/b/c/", Kind: "head", Area: "320999"}, {Unit: "c", UnitPath: "/a/b/c/", Kind: "leader", Area: "320999001"},
	}}
	rs := []Relation{{Name: RelHolder}, {Name: RelUnit}, {Name: RelArea, As: "head"}, {Name: RelArea, As: "leader"}}
	var n int
	text := Condition(rs, a, Columns{Unit: "unit", Person: "person", Area: "area", Sealed: "sealed"}, func(any) string { n++; return fmt.Sprintf("$%d", n) })
	want := "((person = $1 AND (sealed = '' OR substr($2,1,length(sealed)) <> sealed)) OR " +
		"(unit = $3 AND (sealed = '' OR substr($2,1,length(sealed)) <> sealed)) OR " +
		"(area >= $4 AND area < $5 AND substr(area,1,6) = $4 AND (sealed = '' OR substr($2,1,length(sealed)) <> sealed)))"
	if text != want || n != 5 {
		t.Errorf("%d parameters\n%s\n%s", n, text, want)
	}
	if text := Condition(nil, a, Columns{}, nil); text != "1=0" {
		t.Errorf("no relation: %s", text)
	}
}

// TestConditionUsesIndexes: a list of many cases is found by its columns'
// indexes, not by looking at every row.
func TestConditionUsesIndexes(t *testing.T) {
	d := dbtest.SQLite(t)
	must(t, d.Commit(ctx, func(tx *db.Tx) error {
		for _, text := range []string{
			`CREATE TABLE identity_test(unit TEXT NOT NULL, person TEXT NOT NULL, area TEXT NOT NULL, sealed TEXT NOT NULL)`,
			`CREATE INDEX identity_test_unit ON identity_test(unit)`, `CREATE INDEX identity_test_person ON identity_test(person)`,
			`CREATE INDEX identity_test_area ON identity_test(area)`,
		} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		return nil
	}))
	r, err := LoadRights(catalog.Files)
	must(t, err)
	a := Actor{Kind: Staff, Person: "p", Posts: []Post{
		{Unit: "u", UnitPath: "/r/u/", Kind: "handler"}, {Unit: "v", UnitPath: "/r/v/", Kind: "clerk", Area: "990101001201"},
	}}
	var args []any
	text := Condition(r.Views["case"], a, Columns{Unit: "unit", Person: "person", Area: "area", Sealed: "sealed"}, func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	})
	rows, err := d.Reader().Rows(ctx, "EXPLAIN QUERY PLAN SELECT * FROM identity_test WHERE "+text, args...)
	steps, err := collect(rows, err, func(r *sql.Rows) (s string, err error) {
		var id, parent, unused int
		err = r.Scan(&id, &parent, &unused, &s)
		return s, err
	})
	must(t, err)
	plan := strings.Join(steps, "\n")
	for _, index := range []string{"_unit (unit=?)", "_person (person=?)", "_area (area>? AND area<?)"} {
		if !strings.Contains(plan, index) {
			t.Errorf("no use of %s in\n%s\n%s", index, text, plan)
		}
	}
}
