package disclosure_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/disclosure"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// BenchmarkBoardPage asks for a full board as fast as it is given, on all cores
// there are. It prints pages a second and what that is of the 1,000 asked for.
func BenchmarkBoardPage(b *testing.B) {
	r := newRig(b, dbtest.SQLite(b))
	for i := range 12 {
		r.post([]string{"common", "relief", "party-goals"}[i%2], map[string]any{"contents": fmt.Sprintf("第 %d 项：救灾款 12,000.00 元，发放 11,000.00 元，结余 1,000.00 元。", i)})
	}
	path := "/board/" + village
	b.ResetTimer()
	began := time.Now()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			w := httptest.NewRecorder()
			r.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusOK {
				b.Errorf("%d", w.Code)
			}
		}
	})
	rate := float64(b.N) / time.Since(began).Seconds()
	b.ReportMetric(rate, "pages/s")
	b.ReportMetric(rate/1000, "x_of_1000/s")
	b.ReportMetric(float64(runtime.NumCPU()), "cores")
}

// owe writes rows of what two thousand villages owe; every village is an area of its
// own and has published its accounts of six quarters.
func owe(d *db.DB, villages, each int) error {
	return d.Commit(ctx, func(tx *db.Tx) error {
		for v := range villages {
			code := fmt.Sprintf("9999%02d%03d%03d", 2, v/20, 200+v%20)
			if _, err := tx.Exec(`INSERT INTO area_area(code, name, name_en, level, from_day, until_day) VALUES ($1, $1, '', 5, 0, 0)`, code); err != nil {
				return err
			}
			for i := range 6 {
				if _, err := tx.Exec(`INSERT INTO disclosure_case(case_id, procedure, item, col, area, period, about, state, waiting, due, opened, published, over, persons, acts)
					VALUES ($1,'village-accounts','village-finance','finance',$2,$3,'','posted',0,0,$4,$4,0,0,4)`, fmt.Sprintf("%05d-a%d", v, i), code,
					fmt.Sprintf("%dQ%d", 2026+i/4, 1+i%4), clock.Date(2026+i/4, time.Month(4+i%4*3), 5).Start()); err != nil {
					return err
				}
			}
			for i := range each {
				if _, err := tx.Exec(`INSERT INTO disclosure_case(case_id, procedure, item, col, area, period, about, state, waiting, due, opened, published, over, persons, acts)
					VALUES ($1,'disclosure',$2,'affairs',$3,'2026Q4','','due',1,$4,1,0,0,0,1)`, fmt.Sprintf("%05d-%02d", v, i), fmt.Sprint("item-", i),
					code, int64(1+(v*7+i)%3*1_000_000_000_000_000_000)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// TestTwoThousandVillages: those with most overdue stand first, and every village
// is there once. How long it takes is printed, never asserted.
func TestTwoThousandVillages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		_, _, err := r.Schedule.Work(ctx) // fixes what the running quarter will owe
		r.ok(err)
		r.ok(owe(d, 2000, 14))
		r.Hand.Set(clock.Date(2027, 2, 1).Start())
		var list []disclosure.Village
		took := time.Hour // the best of a few, since others work on the machine
		for range 5 {
			began := time.Now()
			list, err = r.Boards.Due(ctx, "999902", r.Hand.Now(), 2500)
			r.ok(err)
			took = min(took, time.Since(began))
		}
		seen := map[string]bool{}
		for i, v := range list {
			if seen[v.Area] || v.Open != 14 && v.Open != 15 || i > 0 && list[i-1].Overdue < v.Overdue {
				t.Fatalf("line %d: %+v after %+v", i, v, list[max(i-1, 0)])
			}
			seen[v.Area] = true
		}
		if len(list) != 2000 {
			t.Errorf("%d villages", len(list))
		}
		t.Logf("2000 villages with 28000 lines and 12000 accounts: %s, %.2f of 100 ms", took, took.Seconds()/0.1)
	})
}

// TestManyAskForABoardWhileOneIsMasked asks for a board from many sides while it
// changes: nobody gets the old one after the change.
func TestManyAskForABoardWhileOneIsMasked(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.post("relief", map[string]any{"contents": "甲 " + number + " 三百元", "cleared": number + " 工程编号"})
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					r.get("/board/" + village)
				}
			}
		})
	}
	_, err := r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{number}, "误公开了身份证号", "")
	if err == nil {
		for range 50 {
			if page := r.get("/board/" + village); strings.Contains(page, number) {
				t.Error("an old board is shown after the mask")
				break
			}
		}
	}
	close(stop)
	readers.Wait()
	r.ok(err)
}
