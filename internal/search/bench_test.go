package search_test

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// benchCases is how many cases are searched; LINLI_BENCH_CASES makes it larger.
func benchCases() int {
	if n, err := strconv.Atoi(os.Getenv("LINLI_BENCH_CASES")); err == nil {
		return n
	}
	return 2000
}

var (
	streets = []string{"幸福路", "和平路", "建设街", "人民广场", "柳湾村口", "青石桥头", "第二小学", "长途汽车站"}
	matters = []string{"路灯不亮，夜里出行不便，请尽快维修", "烧烤摊油烟扰民，深夜噪音大", "小区电梯经常故障，物业不处理", "下水道堵塞，污水外溢，气味难闻",
		"占道停车，消防通道被堵", "垃圾清运不及时，蚊蝇很多", "拖欠工资三个月，请求帮助", "自来水发黄，水压不足", "树木倾倒压住电线，有安全隐患"}
)

// BenchmarkFind measures one search, by one who sees all and by one who sees
// nothing of it, and says what indexing cost.
func BenchmarkFind(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { bench(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) {
		d, err := db.Open(ctx, db.Options{URL: dbtest.Postgres(b)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { d.Close() })
		bench(b, d)
	})
}

func bench(b *testing.B, d *db.DB) {
	r := newRig(b, d)
	n := benchCases()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < n; i += 16 {
				r.report(fmt.Sprintf("%s，%s%d号", matters[i%len(matters)], streets[i/7%len(streets)], i), fmt.Sprintf("%s%d号", streets[i/7%len(streets)], i))
			}
		})
	}
	wg.Wait()
	r.number()
	start := time.Now()
	r.follow()
	indexing := time.Since(start)
	for _, c := range []struct{ name, who, words string }{
		{"two_characters", "dispatcher", "电梯"}, {"phrase", "dispatcher", "路灯不亮"}, {"one_character", "dispatcher", "水"}, {"two_words", "dispatcher", "幸福路 噪音"},
		{"nothing_loose", "dispatcher", "消防通道积水严重"}, {"no_rights", "stranger", "电梯"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.find.Find(ctx, r.who[c.who], c.words, casework.Filter{}, 30); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/query")
			b.ReportMetric(float64(indexing.Microseconds())/float64(n), "µs/case-indexed")
		})
	}
	if found, err := r.find.Find(ctx, identity.SystemActor(), "电梯", casework.Filter{}, 30); err != nil || len(found.Rows) != 30 {
		b.Fatal(len(found.Rows), err)
	}
}
