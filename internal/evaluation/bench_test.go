package evaluation_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"linli/internal/evaluation"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// BenchmarkPage measures what the page asks of the cells of many cases:
// LINLI_BENCH_CASES (100,000 unless told) over 24 months, 200 grids, 80
// classes of three units each and 6 channels, so that few leaf cells hold two cases.
func BenchmarkPage(b *testing.B) {
	n := 100_000
	if given, err := strconv.Atoi(os.Getenv("LINLI_BENCH_CASES")); err == nil {
		n = given
	}
	b.Run("sqlite", func(b *testing.B) { benchPage(b, dbtest.SQLite(b), n) })
	b.Run("postgres", func(b *testing.B) {
		d, err := db.Open(ctx, db.Options{URL: dbtest.Postgres(b)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { d.Close() })
		benchPage(b, d, n)
	})
}

func benchPage(b *testing.B, d *db.DB, n int) {
	r := newRig(b, d)
	list, err := r.House.Figures.Catalogue(ctx)
	r.ok(err)
	fill(r, list.Of("service-request"), n)
	var cells int64
	r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM evaluation_count`).Scan(&cells))
	leader := r.Actor("leader1")
	for _, x := range []struct {
		name string
		f    evaluation.Filter
		by   evaluation.By
	}{
		{"year-by-month", evaluation.Filter{From: 202512, To: 202611}, evaluation.ByMonth},
		{"year-by-unit", evaluation.Filter{From: 202512, To: 202611}, evaluation.ByUnit},
		{"all-by-class", evaluation.Filter{}, evaluation.ByClass},
		{"street-by-community", evaluation.Filter{Area: "999901001", From: 202512, To: 202611}, evaluation.ByArea},
	} {
		b.Run(x.name, func(b *testing.B) {
			x.f.Procedure = "service-request"
			var took []time.Duration
			cpu := burnt()
			for b.Loop() {
				start := time.Now()
				if _, err := r.House.Figures.Figures(ctx, leader, x.f, x.by); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			b.ReportMetric(float64((burnt()-cpu).Microseconds())/1000/float64(len(took)), "cpu-ms/op") // of this process: on SQLite all of it
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(cells), "cells")
		})
	}
	b.Run("cases", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.House.Figures.Cases(ctx, leader, evaluation.Filter{Procedure: "service-request"}, "satisfied", evaluation.Missed, "", 50); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// burnt is the processor time of this process so far.
func burnt() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill writes parts and cells as the reader would for so many cases.
func fill(r *rig, list []evaluation.Indicator, n int) {
	rnd := rand.New(rand.NewPCG(1, 2))
	type key struct {
		indicator, area, unit, class string
		channel                      string
		month, grain                 int
	}
	sums := map[key]evaluation.Sum{}
	var parts []any
	flush := func() {
		r.ok(r.DB.Commit(ctx, func(tx *db.Tx) error {
			for i := 0; i < len(parts); i += 10 {
				if _, err := tx.Exec(`INSERT INTO evaluation_part(case_id, indicator, month, area, unit, class, channel, sealed, n, whole) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, parts[i:i+10]...); err != nil {
					return err
				}
			}
			return nil
		}))
		parts = parts[:0]
	}
	channels := []string{"web", "phone", "counter", "paper", "grid", "program"}
	for c := range n {
		k := key{area: fmt.Sprintf("99990100%d%03d%03d", 1+rnd.IntN(4), 1+rnd.IntN(5), 1+rnd.IntN(10)), class: fmt.Sprint("class", rnd.IntN(80)),
			channel: channels[rnd.IntN(6)], month: evaluation.NextMonth(202611, -rnd.IntN(24))}
		k.unit = fmt.Sprint("unit", len(k.class)*7%40, k.class[5:], rnd.IntN(3)) // of a class three units, as in an office
		for at, i := range list {
			s := evaluation.Sum{N: 1}
			switch {
			case i.Imported, i.Stock && rnd.IntN(12) > 0, !i.Rate() && !i.Stock && at > 3 && rnd.IntN(10) > 0:
				continue
			case i.Rate():
				s = evaluation.Sum{N: int64(min(rnd.IntN(10), 1)), Of: 1}
			}
			k.indicator = i.ID
			for grain := range 3 {
				at := k
				if at.grain = grain; grain > 0 {
					at.area, at.channel = k.area[:9], ""
				}
				if grain == 2 {
					at.class = ""
				}
				sums[at] = evaluation.Sum{N: sums[at].N + s.N, Of: sums[at].Of + s.Of}
			}
			if at%5 == 0 || i.ID == "satisfied" { // enough parts to list
				parts = append(parts, fmt.Sprintf("%026d", c), i.ID, k.month, k.area, k.unit, k.class, k.channel, "", s.N, s.Of)
			}
		}
		if len(parts) >= 20000 {
			flush()
		}
	}
	flush()
	var keys []key
	for k := range sums {
		keys = append(keys, k)
	}
	for some := range slices.Chunk(keys, 2000) {
		r.ok(r.DB.Commit(ctx, func(tx *db.Tx) error {
			for _, k := range some {
				if _, err := tx.Exec(`INSERT INTO evaluation_count(grain, indicator, month, area, unit, class, channel, other, sealed, n, whole) VALUES ($1,$2,$3,$4,$5,$6,$7,'',$8,$9,$10)`,
					k.grain, k.indicator, k.month, k.area, k.unit, k.class, k.channel, "", sums[k].N, sums[k].Of); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}
