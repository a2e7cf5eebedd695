package command_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/command"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

var (
	someAreas = []string{"999901", "999901001", "999901002", "999901001201", "999901001202", "999901002201", "999901001201001", "999901001201002", "999901002201001", "999902001", "", "9999"}
	someUnits = []string{"", "county", "bureau", "other", "team", "street", "street2", "village"}
	someClass = []string{"", "lighting", "noise", "water"}
	someSeals = []string{"", "", "", "", "/county/bureau/", "/county/street/", "/county/"}
	someKinds = []string{"dispatcher", "leader", "head", "handler", "grid-worker", "auditor", "clerk", "administrator"}
)

func pick[T any](rnd *rand.Rand, list []T) T { return list[rnd.IntN(len(list))] }

// scatter puts cases anywhere, in any state, due at any time.
func (r *rig) scatter(rnd *rand.Rand, ids []string) {
	states := []struct{ state, kind string }{{"received", "open"}, {"received", "open"}, {"handling", "open"}, {"held", "waiting"}, {"closed", "final"}, {"settled", "done"}}
	r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			st := pick(rnd, states)
			due := clock.Instant(0)
			if rnd.IntN(4) > 0 {
				due = r.clk.Now().Add(time.Duration(rnd.IntN(96)-48) * time.Hour)
			}
			if rnd.IntN(6) == 0 {
				due = r.clk.Now().Day().End()
			}
			if rnd.IntN(6) == 0 {
				due = r.clk.Now().Day().Start()
			}
			opened := r.clk.Now().Add(-time.Duration(rnd.IntN(60*24)) * time.Hour)
			if _, err := tx.Exec(`UPDATE casework_case SET area = $2, unit = $3, class = $4, sealed = $5, state = $6, kind = $7, due = $8, opened = $9 WHERE id = $1`,
				id, pick(rnd, someAreas), pick(rnd, someUnits), pick(rnd, someClass), pick(rnd, someSeals), st.state, st.kind, due, opened); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (r *rig) actor(rnd *rand.Rand) identity.Actor {
	a := identity.Actor{Kind: identity.Staff, Person: "p" + strconv.Itoa(rnd.IntN(5))}
	units := must(r.ids.Units(ctx))
	for range rnd.IntN(4) {
		u := pick(rnd, units)
		p := identity.Post{Person: a.Person, Unit: u.ID, UnitPath: u.Path, Kind: pick(rnd, someKinds), Area: pick(rnd, someAreas)}
		if rnd.IntN(3) == 0 {
			p.Commands = []string{pick(rnd, someUnits)}
		}
		a.Posts = append(a.Posts, p)
	}
	return a
}

// all are the ids of everything casework itself lists.
func (r *rig) all(a identity.Actor, f casework.Filter) (ids []string) {
	r.t.Helper()
	for f.Limit = 200; ; {
		rows, next, err := r.cases.List(ctx, a, f)
		r.ok(err)
		for _, row := range rows {
			ids = append(ids, row.ID)
		}
		if f.After = next; next == "" {
			slices.Sort(ids)
			return ids
		}
	}
}

// The page's list and every count agree with casework's own list for any actor,
// whatever is sealed from whom.
func TestListAndCountsAgreeWithCasework(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		rnd := rand.New(rand.NewPCG(7, 11))
		var ids []string
		for i := range 90 {
			ids = append(ids, r.report(fmt.Sprint("路灯不亮 ", i), "村口").Case)
		}
		r.scatter(rnd, ids)
		r.follow()
		for round := range 60 {
			a := r.actor(rnd)
			sc := command.Scope{Area: pick(rnd, someAreas)}
			f := casework.Filter{Kind: "open", Area: sc.Area}
			want := r.all(a, f)
			where := fmt.Sprintf("round %d, %+v in %q", round, a.Posts, sc.Area)
			got, err := r.room.Lines(ctx, a, sc, command.Filter{Limit: 7})
			r.ok(err)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: listed %d, casework lists %d", where, len(got), len(want))
			}
			newest, err := r.room.Lines(ctx, a, sc, command.Filter{Limit: 5, Newest: true})
			r.ok(err)
			slices.Sort(newest)
			if !slices.Equal(newest, want) {
				t.Fatalf("%s: the newest first lists %d, casework %d", where, len(newest), len(want))
			}
			b, err := r.room.Board(ctx, a, sc, command.Filter{})
			r.ok(err)
			f.Due = "overdue"
			overdue := len(r.all(a, f))
			f.Due = "today"
			today := len(r.all(a, f)) - overdue
			if b.Total.Open != len(want) || b.Total.Overdue != overdue || b.Total.Today != today {
				t.Fatalf("%s: counted %+v, casework lists %d open, %d overdue, %d due today", where, b.Total, len(want), overdue, today)
			}
			for _, part := range []struct {
				name string
				list []command.Part
			}{{"areas", b.Areas}, {"classes", b.Classes}, {"states", b.States}} {
				sum, late := 0, 0
				for _, p := range part.list {
					sum, late = sum+p.Open, late+p.Overdue
					if p.Open < 0 || p.Overdue < 0 || p.Today < 0 || p.Received < 0 {
						t.Fatalf("%s: %s: less than nothing: %+v", where, part.name, p)
					}
				}
				if sum != len(want) || late != overdue {
					t.Fatalf("%s: %s add up to %d and %d, not %d and %d", where, part.name, sum, late, len(want), overdue)
				}
			}
			if class := pick(rnd, someClass); class != "" {
				f.Due, f.Class = "", class
				got, err := r.room.Lines(ctx, a, sc, command.Filter{Class: class, Limit: 100})
				r.ok(err)
				if want := r.all(a, f); len(got) != len(want) {
					t.Fatalf("%s: class %s: %d listed, casework %d", where, class, len(got), len(want))
				}
			}
		}
	})
}

// dump is every row and every counter, in one order.
func (r *rig) dump() (out []string) {
	r.t.Helper()
	for _, text := range []string{
		`SELECT case_id || '|' || state || '|' || area || '|' || unit || '|' || sealed || '|' || class, due, live FROM command_case ORDER BY 1`,
		`SELECT CAST(what AS TEXT) || '|' || CAST(level AS TEXT) || '|' || area || '|' || unit || '|' || procedure || '|' || class || '|' || state || '|' || sealed, day, n
			FROM command_count WHERE what <> 2 OR day >= ` + strconv.Itoa(int(r.clk.Now().Day())-command.KeepDays),
	} {
		rows, err := r.d.Reader().Rows(ctx, text)
		r.ok(err)
		for rows.Next() {
			var key string
			var a, b int64
			r.ok(rows.Scan(&key, &a, &b))
			out = append(out, fmt.Sprint(key, " ", a, " ", b))
		}
		r.ok(rows.Err())
		rows.Close()
	}
	slices.Sort(out)
	return out
}

// After any history the counters are what reading the log again makes them.
func TestCountersEqualARecount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { history(t, d, false) })
}

// Rows that moved in ways no act explains are counted as they are read.
func TestCountersEqualARecountWhateverHappened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { history(t, d, true) })
}

func history(t *testing.T, d *db.DB, wild bool) {
	r := newRig(t, d)
	rnd := rand.New(rand.NewPCG(3, 5))
	var ids []string
	for range 150 {
		switch n := rnd.IntN(10); {
		case n < 3 || len(ids) == 0:
			ids = append(ids, r.report("下水道堵了", "桥头").Case)
		case n < 6: // moved without an act, then an act that has the reader look
			id := pick(rnd, ids)
			if !wild {
				r.try("dispatcher", id, "classify", map[string]any{"class": pick(rnd, someClass)})
				break
			}
			r.scatter(rnd, []string{id})
			r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE casework_case SET state = 'received', kind = 'open', area = '999901001201001' WHERE id = $1 AND state = 'closed'`, id)
				return err
			}))
			r.try("dispatcher", id, "classify", map[string]any{"class": "noise"})
		case n < 7:
			r.try("dispatcher", pick(rnd, ids), "dispatch", map[string]any{"lead": pick(rnd, []string{"bureau", "other"}), "limit": "3 days"})
		case n < 8:
			r.try("handler", pick(rnd, ids), "accept", nil)
		case n < 9:
			r.clk.Advance(time.Duration(rnd.IntN(20)) * time.Hour)
			_, err := r.cases.Scan(ctx)
			r.ok(err)
		default:
			r.number()
			_, err := r.room.Follow(ctx)
			r.ok(err)
		}
		if rnd.IntN(30) == 0 {
			r.ok(r.room.Forget(ctx))
		}
	}
	r.follow()
	r.recount(t)
	before := r.dump()
	r.ok(r.room.Rebuild(ctx))
	if after := r.dump(); !wild && !slices.Equal(before, after) {
		t.Fatal("reading the log again gives other rows or counters")
	}
	r.recount(t)
}

// recount holds every counter against the rows it is made of.
func (r *rig) recount(t *testing.T) {
	t.Helper()
	want := map[string]int{}
	rows, err := r.d.Reader().Rows(ctx, `SELECT area, unit, procedure, class, state, sealed, live, decides, unplaced, child, due, opened FROM command_case`)
	r.ok(err)
	defer rows.Close()
	oldest := r.clk.Now().Day() - command.KeepDays
	for rows.Next() {
		var area, unit, procedure, class, state, sealed string
		var live, decides, unplaced, child int64
		var due, opened clock.Instant
		r.ok(rows.Scan(&area, &unit, &procedure, &class, &state, &sealed, &live, &decides, &unplaced, &child, &due, &opened))
		for _, level := range []int{6, 9, 12, 30} {
			at := area[:min(len(area), level)]
			add := func(what int, day int64, state string) {
				want[fmt.Sprint(what, level, at, day, unit, procedure, class, state, sealed)]++
			}
			if live == 1 {
				day := int64(0)
				if due != 0 {
					day = int64((due - 1).Day())
				}
				add(1, day, state)
				if decides == 1 {
					add(3, 0, state)
				}
				if unplaced == 1 {
					add(4, 0, state)
				}
			}
			if child == 0 && opened.Day() >= oldest {
				add(2, int64(opened.Day()), "")
			}
		}
	}
	r.ok(rows.Err())
	counts, err := r.d.Reader().Rows(ctx, `SELECT what, level, area, day, unit, procedure, class, state, sealed, n FROM command_count WHERE what <> 2 OR day >= $1`, int64(oldest))
	r.ok(err)
	defer counts.Close()
	for counts.Next() {
		var what, level, n int
		var day int64
		var area, unit, procedure, class, state, sealed string
		r.ok(counts.Scan(&what, &level, &area, &day, &unit, &procedure, &class, &state, &sealed, &n))
		key := fmt.Sprint(what, level, area, day, unit, procedure, class, state, sealed)
		if want[key] != n {
			t.Errorf("counter %s is %d, the rows make it %d", key, n, want[key])
		}
		delete(want, key)
	}
	r.ok(counts.Err())
	for key, n := range want {
		t.Errorf("the counter %s of %d is not there", key, n)
	}
}

// try does an act that may not fit.
func (r *rig) try(who, id, act string, values map[string]any) {
	_, _ = r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
}
