package finance_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
)

// many is a quarter of so many lines.
func many(n int) string {
	var out strings.Builder
	out.WriteString(head + ",,期初余额,银行存款,,,,1000,\n")
	balance := 100000
	first := clock.Date(2026, 7, 1)
	for i := range n {
		day := first + clock.Day(i*92/n)
		if i%3 == 0 {
			balance += 500
			fmt.Fprintf(&out, "%s,%d,村集体资产出租收入第%d笔,银行存款,租金,5,,%d.%02d,报账员\n", day, i+1, i+1, balance/100, balance%100)
		} else {
			balance -= 200
			fmt.Fprintf(&out, "%s,%d,保洁和养护支出第%d笔,银行存款,保洁费,,2,%d.%02d,报账员\n", day, i+1, i+1, balance/100, balance%100)
		}
	}
	return out.String()
}

// BenchmarkTenThousandLines is the way of a workbook of 10,000 lines from the
// upload to its public page.
func BenchmarkTenThousandLines(b *testing.B) {
	csv := many(10_000)
	for b.Loop() {
		b.StopTimer()
		r := newRig(b, dbtest.SQLite(b))
		b.StartTimer()
		begun := time.Now()
		book := r.bring("keeper", r.brought(csv))
		checked := time.Since(begun)
		got, err := r.Books.Submit(ctx, r.Actor("keeper"), book.ID, "", "")
		r.ok(err)
		r.do("overseer3", got.Case, "cosign", nil)
		r.do("director3", got.Case, "approve", nil)
		r.do("director3", got.Case, "post", nil)
		if code, _ := r.get("/books/" + village + "/2026Q3"); code != 200 {
			b.Fatal(code)
		}
		b.ReportMetric(checked.Seconds(), "s/check")
		b.ReportMetric(time.Since(begun).Seconds(), "s/published")
	}
}

// BenchmarkBookPage asks for the public page of a book as fast as it is given, on
// all cores there are. It prints pages a second, and those a second of processor
// time, which others at work on the machine do not change.
func BenchmarkBookPage(b *testing.B) {
	r := newRig(b, dbtest.SQLite(b))
	book, got := r.submitted(many(300))
	r.do("overseer3", got.Case, "cosign", nil)
	r.do("director3", got.Case, "approve", nil)
	r.do("director3", got.Case, "post", nil)
	handler, path := r.site.Handler(), "/books/"+village+"/"+string(book.Period)
	b.ResetTimer()
	began, busy := time.Now(), processor()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusOK {
				b.Errorf("%d", w.Code)
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "pages/s")
	b.ReportMetric(float64(b.N)/(processor()-busy).Seconds(), "pages/cpu-s")
}

// processor is the time that this process has had of the processors.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
