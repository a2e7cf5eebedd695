package casework_test

import (
	"testing"

	"linli/internal/casework"
	"linli/internal/kit/db/dbtest"
)

// BenchmarkLifecycle runs whole lives of requests (report, dispatch, accept,
// answer, check, rate: six durable acts with their leaves) without HTTP.
func BenchmarkLifecycle(b *testing.B) {
	r := newRig(b, dbtest.SQLite(b))
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			got, err := r.cases.Open(ctx, anyone(), casework.Opening{Procedure: "service-request", Act: "report",
				Values: map[string]any{"words": "路灯不亮", "place": map[string]any{"area": "999901001201"}}})
			if err != nil {
				b.Fatal(err)
			}
			me := r.link(got)
			for _, step := range []struct {
				who, act string
				values   map[string]any
			}{
				{"dispatcher", "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays"}},
				{"handler", "accept", nil},
				{"handler", "answer", map[string]any{"answer": "路灯已修好"}},
				{"verifier", "check_done", map[string]any{"finding": "现场已亮"}},
				{"", "rate", map[string]any{"solved": "yes", "satisfied": "satisfied"}},
			} {
				who := me
				if step.who != "" {
					who = r.who[step.who]
				}
				if _, err := r.cases.Do(ctx, who, casework.Asking{Case: got.Case, Act: step.act, Values: step.values}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
