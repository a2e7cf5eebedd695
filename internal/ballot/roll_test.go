package ballot_test

import (
	"bytes"
	"strings"
	"testing"

	"linli/internal/ballot"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
)

func TestRollIsVersioned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		first := r.importRoll(ballot.VillageMeeting, table(60, "", plain))
		if first.Version != 1 || first.Counts.Adults != 60 || first.Counts.Households != 20 || first.Counts.ForHouseholds != 20 {
			t.Fatalf("%+v", first)
		}
		_, lines, err := r.Ballot.Show(ctx, r.who["overseer"], first.ID)
		r.ok(err)
		if len(lines) != 60 || lines[59].Name != person(59) || !lines[0].ForHouse || lines[1].ForHouse {
			t.Fatalf("%+v", lines)
		}
		// No name stands in the database in clear.
		var open int
		r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM ballot_line WHERE name LIKE '%示%' OR found LIKE '%示%'`).Scan(&open))
		if open > 0 {
			t.Fatalf("%d names stand in clear", open)
		}
		// A correction is a next version, made from the newest only; the first stays.
		second, err := r.Ballot.Change(ctx, r.who["clerk"], first.ID, ballot.Line{Name: "新来人", Household: "99", Adult: true, Capable: true}, "迁入")
		r.ok(err)
		if second.Version != 2 || second.Counts.Adults != 61 || second.Hash == first.Hash {
			t.Fatalf("%+v", second)
		}
		_, err = r.Ballot.Strike(ctx, r.who["clerk2"], first.ID, 5, "迁出")
		r.wants(err, fault.Stale, "ballot.not_newest")
		third, err := r.Ballot.Strike(ctx, r.who["clerk2"], second.ID, 5, "迁出")
		r.ok(err)
		_, err = r.Ballot.Strike(ctx, r.who["clerk2"], third.ID, 5, "迁出")
		r.wants(err, fault.NotFound, "ballot.no_line")
		old, lines, err := r.Ballot.Show(ctx, r.who["clerk"], first.ID)
		r.ok(err)
		if old.Hash != first.Hash || len(lines) != 60 {
			t.Fatalf("the first version was touched: %+v", old)
		}
		list, err := r.Ballot.List(ctx, r.who["clerk"])
		r.ok(err)
		if len(list) != 1 || list[0].ID != third.ID {
			t.Fatalf("%+v", list)
		}
	})
}

func TestRollIsShownInItsAreaOnly(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	roll := r.importRoll(ballot.PartyMeeting, table(30, ",党员", func(int) string { return ",是" }))
	for _, who := range []string{"h-lighting", "dispatch1"} {
		_, _, err := r.Ballot.Show(ctx, r.Actor(who), roll.ID)
		r.wants(err, fault.NotFound, "ballot.no_roll")
		_, _, err = r.Ballot.Import(ctx, r.Actor(who), ballot.Importing{Area: r.village, Body: ballot.PartyMeeting, Data: table(1, "", plain)})
		r.wants(err, fault.Forbidden, "ballot.not_yours")
	}
	_, err := r.Ballot.Change(ctx, r.who["overseer"], roll.ID, ballot.Line{Name: "某", Party: true}, "x")
	r.wants(err, fault.NotFound, "ballot.no_roll") // sees it, does not keep it
	// Who looked stands on the read log, once for the day.
	for range 3 {
		r.ok1(r.Ballot.Composition(ctx, roll))
		_, _, err := r.Ballot.Show(ctx, r.who["overseer"], roll.ID)
		r.ok(err)
	}
	reads := must(r.People.ReadsOf(ctx, identity.Reads{Case: roll.ID}))
	if len(reads) != 1 || reads[0].Person != r.who["overseer"].Person || !strings.Contains(reads[0].Purpose, "党员大会") {
		t.Fatalf("%+v", reads)
	}
}

// TestBadRolls: each table is refused for its own reason and nothing is kept.
func TestBadRolls(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	head := "姓名,户号,出生日期,户代表\n"
	for _, c := range []struct {
		name, data, key, row string
		body                 ballot.Body
	}{
		{"id number column", "姓名,身份证号,户号\n甲,990101199001010011,1\n", "ballot.id_column", "", ballot.VillageMeeting},
		{"account column", "姓名,银行账号,户号\n甲,1,1\n", "ballot.id_column", "", ballot.VillageMeeting},
		{"id number in a cell", head + "甲,990101199001010011,1990-01-01,是\n", "ballot.bad_rows", "ballot.id_value", ballot.VillageMeeting},
		{"no heading", "甲,1\n乙,2\n", "ballot.no_head", "", ballot.VillageMeeting},
		{"empty", "", "sheet.empty", "", ballot.VillageMeeting},
		{"a zip that is none", "PK\x03\x04rubbish", "sheet.broken", "", ballot.VillageMeeting},
		{"no name", head + ",1,1990-01-01,是\n", "ballot.bad_rows", "ballot.no_name", ballot.VillageMeeting},
		{"no household", head + "甲,,1990-01-01,是\n", "ballot.bad_rows", "ballot.no_household", ballot.VillageMeeting},
		{"no age", "姓名,户号\n甲,1\n", "ballot.bad_rows", "ballot.no_age", ballot.VillageMeeting},
		{"unborn", head + "甲,1,2027-01-01,否\n", "ballot.bad_rows", "ballot.unborn", ballot.VillageMeeting},
		{"no day", head + "甲,1,1990-02-30,否\n", "ballot.bad_rows", "ballot.birth", ballot.VillageMeeting},
		{"a word", head + "甲,1,1990-01-01,也许\n", "ballot.bad_rows", "ballot.word", ballot.VillageMeeting},
		{"twice", head + "甲,1,1990-01-01,是\n甲,1,1990-01-01,否\n", "ballot.bad_rows", "ballot.twice", ballot.VillageMeeting},
		{"two for a household", head + "甲,1,1990-01-01,是\n乙,1,1990-01-01,是\n", "ballot.bad_rows", "ballot.household_twice", ballot.VillageMeeting},
		{"a child for a household", head + "甲,1,2015-01-01,是\n", "ballot.bad_rows", "ballot.child_for_household", ballot.CollectiveAssembly},
		{"only children", head + "甲,1,2015-01-01,否\n", "ballot.nobody", "", ballot.VillageMeeting},
		{"neither", "姓名,代表\n甲,否\n", "ballot.bad_rows", "ballot.neither", ballot.VillageRepresentatives},
		{"no party member", "姓名,党员\n甲,否\n", "ballot.bad_rows", "ballot.no_member", ballot.PartyMeeting},
		{"a long name", head + strings.Repeat("长", 61) + ",1,1990-01-01,是\n", "ballot.bad_rows", "text.too_long", ballot.VillageMeeting},
		{"a direction override", head + "甲\u202e,1,1990-01-01,是\n", "ballot.bad_rows", "text.control", ballot.VillageMeeting},
		{"no body", head, "ballot.body", "", "congress"},
	} {
		_, report, err := r.Ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: r.village, Body: c.body, Data: []byte(c.data)})
		f := fault.Of(err)
		if f == nil || f.Key != c.key || c.row != "" && (len(report.Bad) == 0 || report.Bad[0].Fault.Key != c.row) {
			t.Errorf("%s: %v %+v", c.name, err, report.Bad)
		}
	}
	_, _, err := r.Ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: r.village, Body: ballot.VillagerGroup, Data: table(3, "", plain)})
	r.wants(err, fault.Invalid, "ballot.group")
	if list := must(r.Ballot.List(ctx, r.who["clerk"])); len(list) != 0 {
		t.Fatalf("something was kept: %+v", list)
	}
}

func TestAgeIsOfTheDay(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	data := []byte("姓名,户号,出生日期\n甲,1,1960/1/5\n乙,1,20081201\n丙,2,2008年12月2日\n丁,2,2012.3.1\n")
	for day, adults := range map[clock.Day]int64{clock.Date(2026, 12, 1): 2, clock.Date(2026, 12, 2): 3, clock.Date(2026, 11, 30): 1} {
		roll, report, err := r.Ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: r.village, Body: ballot.VillageMeeting, AsOf: day, Data: data})
		r.ok(err)
		if roll.Counts.Adults != adults || int64(report.Minors) != 4-adults {
			t.Errorf("%s: %+v, %d left out", day, roll.Counts, report.Minors)
		}
	}
}

func TestWorkbookAndEnglish(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	var buf bytes.Buffer
	r.ok(sheet.Write(&buf, sheet.Book{Sheets: []sheet.Sheet{{Name: "reps", Notes: []string{"A roll"},
		Columns: []sheet.Column{{Head: "Name"}, {Head: "Representative"}, {Head: "Committee member"}, {Head: "Sex"}, {Head: "Phone"}},
		Rows:    sheet.List([][]any{{"A B", "yes", "no", "F", "1"}, {"C D", "yes", "", "M", "2"}, {"E F", "yes", "", "f", "3"}, {"G H", "y", "", "m", "4"}, {"I J", "", "yes", "m", "5"}})}}}))
	roll, report, err := r.Ballot.Import(ctx, r.who["secretary"], ballot.Importing{Area: r.village, Body: ballot.VillageRepresentatives, Data: buf.Bytes()})
	r.ok(err)
	if roll.Counts.Members != 5 || roll.Counts.Representatives != 4 || roll.Counts.Women != 2 || len(report.Unread) != 1 || report.Unread[0] != "Phone" {
		t.Fatalf("%+v %+v", roll.Counts, report)
	}
	d, err := r.Ballot.Composition(ctx, roll)
	r.ok(err)
	if d == nil || d.Outcome != "lawful" || !strings.Contains(d.Because["zh"], "村民委员会组织法 29(1)") {
		t.Fatalf("%+v", d)
	}
}
