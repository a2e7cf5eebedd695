package command_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"linli/internal/command"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/geo"
)

// benchCases is how many cases the page's queries are measured at;
// LINLI_BENCH_CASES makes it larger. One in ten is open.
func benchCases() int {
	if n, err := strconv.Atoi(os.Getenv("LINLI_BENCH_CASES")); err == nil {
		return n
	}
	return 100_000
}

// BenchmarkPage measures what one page asks of the database.
func BenchmarkPage(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPage(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) {
		d, err := db.Open(ctx, db.Options{URL: dbtest.Postgres(b)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { d.Close() })
		benchPage(b, d)
	})
}

// fill puts cases into casework's table and into this room's by a few statements
// (12 streets of 12 communities of 4 grids, 60 classes, 40 days of due dates)
// and counts them.
func (r *rig) fill(n int) {
	r.t.Helper()
	r.report("路灯不亮", "村口")
	r.follow()
	now, day := int64(r.clk.Now()), int64(24*time.Hour/time.Microsecond)
	spread := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
	area := `CAST(999901001001001 + (i % 12) * 1000000 + (i / 12 % 12) * 1000 + (i / 144 % 4) AS TEXT)`
	live := `(CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END)`
	due := fmt.Sprintf(`(%d + (i * 7 %% 40 - 10) * CAST(%d AS BIGINT))`, now, day)
	opened := fmt.Sprintf(`(%d - (i * 13 %% 400) * CAST(%d AS BIGINT))`, now, day)
	id := `'01M85H26M' || CAST(CAST(10000000000000000 AS BIGINT) + i AS TEXT)`
	unit := `(CASE WHEN i % 3 = 0 THEN 'bureau' WHEN i % 3 = 1 THEN 'other' ELSE '' END)`
	state := `(CASE WHEN i % 10 > 0 THEN 'closed' WHEN i % 3 = 2 THEN 'received' ELSE 'handling' END)`
	class := `'class-' || CAST(i % 60 AS TEXT)`
	for _, text := range []string{
		spread + `INSERT INTO casework_case(id, number, procedure, edition, title, state, kind, version, acts, ticks, unit, person, desk, area, class, sealed, parent, parent_act,
			opened, changed, happened, last_act, due, breached, escalated, published, imported, form, doers)
			SELECT ` + id + `, 'B' || CAST(i AS TEXT), 'service-request', 1, 'x', ` + state + `, CASE WHEN i % 10 = 0 THEN 'open' ELSE 'final' END, 1, 1, 0, ` + unit + `, '', '', ` + area + `, ` + class + `, '', '', '',
			` + opened + `, ` + opened + `, ` + opened + `, 'report', ` + due + `, 0, '', 0, 0, '{}', '{}' FROM n`,
		spread + `INSERT INTO command_case(case_id, number, procedure, state, kind, live, decides, unplaced, child, class, area, street, community, unit, sealed, placed, lon, lat,
			opened, due, due_key, breached, escalated, changed, seq, was_area, was_unit, was_sealed)
			SELECT ` + id + `, 'B' || CAST(i AS TEXT), 'service-request', ` + state + `, 'open', ` + live + `, CASE WHEN i % 10 = 0 AND i % 3 = 2 THEN 1 ELSE 0 END, 0, 0, ` + class + `, ` + area + `,
			substr(` + area + `, 1, 9), substr(` + area + `, 1, 12), ` + unit + `, '', 1, 119000000 + i * 37 % 300000, 34000000 + i * 53 % 300000,
			` + opened + `, ` + due + `, ` + due + `, 0, '', ` + opened + `, i, '', '', '' FROM n`,
	} {
		r.ok(r.d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text); return err }))
	}
	const count = `INSERT INTO command_count(what, level, area, day, unit, procedure, class, state, sealed, n)
		SELECT %d, %d, substr(area, 1, %d), %s, unit, procedure, class, %s, sealed, COUNT(*) FROM command_case WHERE number LIKE 'B%%' AND %s GROUP BY 3, 4, 5, 6, 7, 8, 9
		ON CONFLICT (what, level, area, day, unit, procedure, class, state, sealed) DO UPDATE SET n = command_count.n + excluded.n`
	civil := func(column string) string { return `(` + column + ` + 28800000000) / 86400000000` }
	for _, level := range []int{6, 9, 12, 30} {
		for _, text := range []string{
			fmt.Sprintf(count, 1, level, level, civil("due - 1"), "state", "live = 1"), fmt.Sprintf(count, 3, level, level, "0", "state", "decides = 1"),
			fmt.Sprintf(count, 2, level, level, civil("opened"), "''", fmt.Sprintf("opened > %d", now-40*day)),
		} {
			r.ok(r.d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text); return err }))
		}
	}
}

func benchPage(b *testing.B, d *db.DB) {
	r := newRig(b, d)
	r.fill(benchCases())
	b.ResetTimer()
	county, street, community, grid := command.Scope{Area: "999901"}, command.Scope{Area: "999901001"}, command.Scope{Area: "999901001001"}, command.Scope{Area: "999901001001001"}
	unit := command.Scope{Unit: "bureau", Path: "/county/bureau/"}
	board := func(who string, sc command.Scope) func() error {
		return func() error {
			r.clk.Advance(time.Second) // nothing counted a moment ago serves
			_, err := r.room.Board(ctx, r.who[who], sc, command.Filter{})
			return err
		}
	}
	list := func(who string, sc command.Scope, f command.Filter) func() error {
		f.Limit = 20
		return func() error {
			rows, _, err := r.room.List(ctx, r.who[who], sc, f)
			if err == nil && len(rows) == 0 {
				err = fmt.Errorf("nothing is listed")
			}
			return err
		}
	}
	points := func(zoom int) func() error {
		return func() error {
			r.clk.Advance(time.Second)
			_, err := r.room.Points(ctx, r.who["dispatcher"], county, command.Filter{}, geo.Point{Lon: 119, Lat: 34}, geo.Point{Lon: 119.3, Lat: 34.3}, zoom)
			return err
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"board_county", board("dispatcher", county)}, {"board_street", board("streeter", street)}, {"board_community", board("dispatcher", community)}, {"board_unit", board("handler", unit)},
		{"list_county", list("dispatcher", county, command.Filter{})}, {"list_street", list("streeter", street, command.Filter{})}, {"list_grid", list("dispatcher", grid, command.Filter{})},
		{"list_newest", list("dispatcher", county, command.Filter{Newest: true})}, {"list_class", list("dispatcher", county, command.Filter{Class: "class-30"})},
		{"list_decides", list("dispatcher", county, command.Filter{Decides: true})}, {"list_unit", list("handler", unit, command.Filter{})},
		{"points_streets", points(10)}, {"points_cases", points(17)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
	if got, err := r.room.Board(ctx, identity.SystemActor(), county, command.Filter{}); err != nil || got.Total.Open != benchCases()/10+1 {
		b.Fatal(got.Total, err)
	}
}
