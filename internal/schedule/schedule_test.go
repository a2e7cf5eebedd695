package schedule_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"linli/catalog"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
	"linli/internal/procedure"
	"linli/internal/schedule"
)

var ctx = context.Background()

// The catalogue of these tests is the commons of the real one and a procedure
// that opens by itself.
const book = `procedure: book
title: {zh: 账本, en: Book}
staff: true
area: village
subject: item
see: [unit as clerk, area as head, clock]
form:
  village: {type: area, label: {zh: 村, en: Village}}
  item: {type: text, label: {zh: 事项, en: Item}}
  period: {type: text, listed: true, label: {zh: 期, en: Period}}
  by: {type: day, label: {zh: 到, en: Until}}
states:
  due: {zh: 该办, en: Due, desk: clerk}
  done: {zh: 办了, en: Done, kind: final}
acts:
  fall_due: {label: {zh: 到期, en: Falls due}, to: due, who: clock, fill: [village, period], may_fill: [item, by], entered_later: true}
  finish: {label: {zh: 办, en: Finish}, from: [due], to: done, who: area as clerk}
schedules:
  list:
    label: {zh: 每期, en: Each period}
    list: test.plan
    opens: fall_due
    post: clerk
    with: {village: area, period: period, item: what, by: last_day}
`

// filesOf is a catalogue of a few files.
func filesOf(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, body := range files {
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// node is one machine of a house: what stands in the database is shared.
type node struct {
	t     *testing.T
	d     *db.DB
	clk   *clock.Hand
	log   *ledger.Service
	eds   *edition.Service
	ids   *identity.Service
	areas *area.Service
	cases *casework.Service
	plan  *schedule.Service
}

func newNode(t *testing.T, d *db.DB, folder string, clk *clock.Hand, first bool) *node {
	t.Helper()
	n := &node{t: t, d: d, clk: clk}
	keys := must(seal.Open(folder, first))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, schedule.Migrate} {
		n.ok(migrate(ctx, d))
	}
	n.log = ledger.New(d, clk, must(ledger.OpenKey(folder, "test", first)), ledger.Options{})
	n.eds = edition.New(d, clk, n.log)
	n.ids = identity.New(d, clk, keys, n.log, edition.Compile(n.eds, identity.LoadRights))
	quiet := slog.New(slog.DiscardHandler)
	n.cases = casework.New(casework.Parts{DB: d, Clock: clk, Keys: keys, Ledger: n.log, Editions: n.eds, People: n.ids, Log: quiet})
	n.plan = schedule.New(schedule.Parts{DB: d, Clock: clk, Editions: n.eds, People: n.ids, Cases: n.cases, Log: quiet})
	n.plan.RegisterPlan("test.plan", func(files fs.FS) ([]schedule.Line, error) {
		raw, err := fs.ReadFile(files, "test/plan")
		if err != nil {
			return nil, err
		}
		var out []schedule.Line
		for line := range strings.Lines(string(raw)) {
			f := strings.Fields(line)
			out = append(out, schedule.Line{Name: f[0], Every: procedure.Every(f[1]), For: f[2:], Values: map[string]any{"what": f[0]}})
		}
		return out, nil
	})
	n.ok(n.eds.Start(ctx, commons("fees month village\nworks quarter village community\n")))
	n.areas = must(area.New(ctx, d, clk, area.Fixed{Lists: must(area.ReadLists(catalog.Files))}))
	n.plan.Areas = n.areas
	return n
}

// commons is the catalogue without the procedures of other rooms.
func commons(plan string) fs.FS {
	own := map[string]string{"procedure/book.yaml": book, "test/plan": plan}
	for _, name := range []string{"rights/posts.yaml", "rights/views.yaml", "rights/forbidden.yaml", "calendar/2026.yaml", "area/area.yaml", "rights/shifts.yaml"} {
		own[name] = string(must(fs.ReadFile(catalog.Files, name)))
	}
	return filesOf(own)
}

func (n *node) ok(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) county() {
	n.t.Helper()
	divisions := "code,name\n99,省\n9999,市\n999901,县\n999901001,街\n999901001001,甲社区\n999901001201,乙村\n999901001202,丙村\n999901001203,丁村\n"
	must(n.areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "a.csv", Data: []byte(divisions)}}, On: clock.Date(2026, 1, 1), By: "test"}))
	system := identity.SystemActor()
	for _, u := range []identity.Unit{{ID: "county", Name: "county", Kind: "government", Area: "999901"}, {ID: "v201", Parent: "county", Name: "v201", Kind: "village", Area: "999901001201"}} {
		must(n.ids.AddUnit(ctx, system, u))
	}
	_, _, err := n.ids.AddPerson(ctx, system, identity.PersonDraft{ID: "clerk", Name: "clerk", Login: "clerk-login", Hash: "x"})
	n.ok(err)
	must(n.ids.AddPost(ctx, system, identity.Post{Person: "clerk", Unit: "v201", Kind: "clerk"}))
}

// work does all there is to do and counts it.
func (n *node) work() int {
	n.t.Helper()
	all := 0
	for {
		did, more, err := n.plan.Work(ctx)
		n.ok(err)
		if all += did; !more {
			return all
		}
	}
}

// opened are the cases there are: "item area period".
func (n *node) opened() map[string]int {
	n.t.Helper()
	rows := must(n.d.Reader().Rows(ctx, `SELECT id FROM casework_case`))
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		n.ok(rows.Scan(&id))
		ids = append(ids, id)
	}
	n.ok(rows.Err())
	out := map[string]int{}
	for _, id := range ids {
		c := must(n.cases.Get(ctx, identity.SystemActor(), id)).Case
		out[c.Values.Text("item")+" "+c.Area+" "+c.Values.Text("period")]++
	}
	return out
}

func (n *node) wants(list ...string) {
	n.t.Helper()
	got := n.opened()
	for _, want := range list {
		if got[want] != 1 {
			n.t.Errorf("%q was opened %d times", want, got[want])
		}
	}
	if len(got) != len(list) {
		n.t.Errorf("%d cases for %d wanted: %v", len(got), len(list), got)
	}
}

func at(y int, m time.Month, d, h int) clock.Instant {
	return clock.Date(y, m, d).Start().Add(time.Duration(h) * time.Hour)
}

func TestOnceForEachAreaAndPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		folder, clk := t.TempDir(), clock.NewHand(at(2026, 11, 24, 9))
		n := newNode(t, d, folder, clk, true)
		n.county()
		if did := n.work(); did != 0 {
			t.Fatalf("%d cases before a period is over", did)
		}
		clk.Set(at(2026, 11, 30, 23))
		n.work()
		n.wants()
		clk.Set(at(2026, 12, 1, 0))
		if did := n.work(); did != 3 {
			t.Errorf("opened %d", did)
		}
		month := []string{"fees 999901001201 2026-11", "fees 999901001202 2026-11", "fees 999901001203 2026-11"}
		n.wants(month...)
		if again := n.work() + newNode(t, d, folder, clk, false).work(); again != 0 {
			t.Errorf("%d were opened again, here or after a restart", again)
		}
		// The house is shut over the turn of the year and catches up.
		clk.Set(at(2027, 1, 20, 8))
		n = newNode(t, d, folder, clk, false)
		n.work()
		n.wants(append(month, "fees 999901001201 2026-12", "fees 999901001202 2026-12", "fees 999901001203 2026-12",
			"works 999901001001 2026Q4", "works 999901001201 2026Q4", "works 999901001202 2026Q4", "works 999901001203 2026Q4")...)
		n.held()
	})
}

// held looks at who holds the cases and when they are said to have happened.
func (n *node) held() {
	n.t.Helper()
	rows := must(n.d.Reader().Rows(ctx, `SELECT id FROM casework_case`))
	var ids []string
	for rows.Next() {
		var id string
		n.ok(rows.Scan(&id))
		ids = append(ids, id)
	}
	n.ok(errors.Join(rows.Err(), rows.Close()))
	for _, id := range ids {
		c := must(n.cases.Get(ctx, identity.SystemActor(), id)).Case
		if want := map[bool]string{true: "v201"}[c.Area == "999901001201"]; c.Unit != want {
			n.t.Errorf("the case of %s is held by %q", c.Area, c.Unit)
		}
		if day := c.Happened.Day().String(); day != c.Values.Text("by") {
			n.t.Errorf("a case of the period until %s fell due on %s", c.Values.Text("by"), day)
		}
	}
}

func TestTwoNodesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		folder, clk := t.TempDir(), clock.NewHand(at(2026, 11, 24, 9))
		a := newNode(t, d, folder, clk, true)
		a.county()
		b := newNode(t, d, folder, clk, false)
		a.work()
		clk.Set(at(2027, 1, 1, 1))
		var nodes sync.WaitGroup
		for _, n := range []*node{a, b, newNode(t, d, folder, clk, false)} {
			nodes.Go(func() {
				for {
					_, more, err := n.plan.Work(ctx)
					if err != nil {
						t.Error(err)
					}
					if !more {
						return
					}
				}
			})
		}
		nodes.Wait()
		if got := a.opened(); len(got) != 10 {
			t.Errorf("%d kinds of case: %v", len(got), got)
		} else {
			for what, times := range got {
				if times != 1 {
					t.Errorf("%s was opened %d times", what, times)
				}
			}
		}
	})
}

func TestAChangedPlanTakesEffectFromTheNextPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clk := clock.NewHand(at(2026, 10, 5, 9))
		n := newNode(t, d, t.TempDir(), clk, true)
		n.county()
		n.work()
		clk.Set(at(2026, 11, 10, 9))
		n.work()
		month := []string{"fees 999901001201 2026-10", "fees 999901001202 2026-10", "fees 999901001203 2026-10"}
		n.wants(month...)
		_, err := n.eds.Publish(ctx, map[string][]byte{"test/plan": []byte("water month community\nworks quarter village community\nsums year village\n")}, "clerk", "another list")
		n.ok(err)
		n.ok(n.eds.Refresh(ctx))
		n.work()
		clk.Set(at(2026, 12, 2, 9))
		n.work()
		month = append(month, "fees 999901001201 2026-11", "fees 999901001202 2026-11", "fees 999901001203 2026-11")
		n.wants(month...)
		clk.Set(at(2027, 1, 2, 9))
		n.work()
		n.wants(append(month, "water 999901001001 2026-12", "works 999901001001 2026Q4", "works 999901001201 2026Q4",
			"works 999901001202 2026Q4", "works 999901001203 2026Q4")...) // the first year of the new line is the next one
	})
}

func TestAreasMergedAndFounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clk := clock.NewHand(at(2026, 11, 24, 9))
		n := newNode(t, d, t.TempDir(), clk, true)
		n.county()
		n.work()
		// Two villages merge into a third during December, before November's cases are opened; one is founded.
		clk.Set(at(2026, 12, 3, 9))
		must(n.areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "b.csv", Data: []byte("code,name\n999901001204,新村\n")}}, On: clock.Date(2026, 12, 2), By: "test"}))
		n.ok(n.areas.Succeed(ctx, "999901001202", []string{"999901001204"}, clock.Date(2026, 12, 2), "merged"))
		n.ok(n.areas.Succeed(ctx, "999901001203", []string{"999901001204"}, clock.Date(2026, 12, 2), "merged"))
		n.work()
		n.wants("fees 999901001201 2026-11", "fees 999901001204 2026-11")
		clk.Set(at(2027, 1, 1, 9))
		n.work()
		n.wants("fees 999901001201 2026-11", "fees 999901001204 2026-11", "fees 999901001201 2026-12", "fees 999901001204 2026-12",
			"works 999901001001 2026Q4", "works 999901001201 2026Q4", "works 999901001204 2026Q4")
	})
}

func TestACaseThatIsRefusedKeepsNoOtherFromOpening(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clk := clock.NewHand(at(2026, 11, 24, 9))
		n := newNode(t, d, t.TempDir(), clk, true)
		n.county()
		n.work()
		broken := strings.Replace(book, "fill: [village, period]", "fill: [village, period], guard: village != '999901001202'", 1)
		_, err := n.eds.Publish(ctx, map[string][]byte{"procedure/book.yaml": []byte(broken)}, "clerk", "broken")
		n.ok(err)
		n.ok(n.eds.Refresh(ctx))
		clk.Set(at(2026, 12, 1, 9))
		n.work()
		n.wants("fees 999901001201 2026-11", "fees 999901001203 2026-11")
		_, err = n.eds.Publish(ctx, map[string][]byte{"procedure/book.yaml": []byte(book)}, "clerk", "mended")
		n.ok(err)
		n.ok(n.eds.Refresh(ctx))
		clk.Advance(2 * time.Minute)
		n.work()
		n.wants("fees 999901001201 2026-11", "fees 999901001203 2026-11", "fees 999901001202 2026-11")
	})
}

func TestCheckerOfLists(t *testing.T) {
	n := newNode(t, dbtest.SQLite(t), t.TempDir(), clock.NewHand(at(2026, 11, 24, 9)), true)
	for want, change := range map[string][2]string{
		"procedure/book.yaml:19: schedule list: no room offers the list":                      {"list: test.plan", "list: no.plan"},
		`procedure/book.yaml:19: schedule list: the line "fees" of the list brings no "word"`: {"item: what", "item: word"},
	} {
		files := filesOf(map[string]string{"procedure/book.yaml": strings.Replace(book, change[0], change[1], 1), "test/plan": "fees month village\n"})
		var said []string
		for _, p := range n.plan.CheckFiles(files) {
			said = append(said, p.String())
		}
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("want %q, got %q", want, said)
		}
	}
}
