package evaluation_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/seal"
)

var ctx = context.Background()

// rig is the fictitious county with a clock set by hand; no job runs.
type rig struct {
	*apptest.County
	t     testing.TB
	cases []string
	links map[string]string // case to link token
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	return &rig{County: apptest.New(t, d), t: t, links: map[string]string{}}
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// report opens a request by somebody without account.
func (r *rig) report(class, area string) string {
	r.t.Helper()
	receipt, err := r.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{
		"words": "路灯不亮，晚上看不见路", "class": class, "place": map[string]any{"words": "清河菜市场", "area": area}, "channel": "web"}})
	r.ok(err)
	r.cases = append(r.cases, receipt.Case)
	r.links[receipt.Case] = receipt.Token
	return receipt.Case
}

func (r *rig) link(id string) identity.Actor {
	p, err := r.Cases.PartyByToken(ctx, seal.HashToken(r.links[id]))
	r.ok(err)
	return identity.Actor{Kind: identity.Link, Party: p}
}

func (r *rig) try(who identity.Actor, id, act string, values map[string]any) error {
	_, err := r.Cases.Do(ctx, who, casework.Asking{Case: id, Act: act, Values: values})
	return err
}

func (r *rig) do(who, id, act string, values map[string]any) {
	r.t.Helper()
	if err := r.try(r.Actor(who), id, act, values); err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
}

// pass lets time go by, with what the clocks do.
func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	until := r.Hand.Now().Add(d)
	for {
		next, err := r.Cases.NextDue(ctx)
		r.ok(err)
		if next == 0 || next > until {
			break
		}
		if next > r.Hand.Now() {
			r.Hand.Set(next)
		}
		n, err := r.Cases.Scan(ctx)
		r.ok(err)
		if n == 0 {
			break
		}
	}
	r.Hand.Set(until)
}

func (r *rig) number() {
	r.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.Ledger.Sequence(ctx)
		r.ok(err)
	}
}

// follow brings the figures up to everything that was done.
func (r *rig) follow() {
	r.t.Helper()
	r.number()
	for n := 1; n > 0; {
		var err error
		n, err = r.House.Figures.Follow(ctx)
		r.ok(err)
	}
}

// settle brings a reported case to its end.
func (r *rig) settle(id, solved, satisfied string) {
	r.t.Helper()
	r.do("dispatch1", id, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
	r.pass(time.Minute)
	r.do("h-lighting", id, "accept", nil)
	r.pass(time.Minute)
	r.do("h-lighting", id, "contact", map[string]any{"contact": "已电话联系"})
	r.do("h-lighting", id, "answer", map[string]any{"answer": "已经修好了"})
	r.do("verify1", id, "check_done", map[string]any{"finding": "现场已亮"})
	if solved != "" {
		r.do("caller1", id, "call_back", map[string]any{"solved": solved, "satisfied": satisfied})
	}
}

// total is what an actor sees in all, as n/of by indicator.
func (r *rig) total(who string, f evaluation.Filter) map[string]evaluation.Sum {
	r.t.Helper()
	f.Procedure = cmp.Or(f.Procedure, "service-request")
	got, err := r.House.Figures.Figures(ctx, r.Actor(who), f, evaluation.ByMonth)
	r.ok(err)
	return got.Total
}

func (r *rig) wants(who string, f evaluation.Filter, indicator string, n, of int64) {
	r.t.Helper()
	if got := r.total(who, f)[indicator]; got != (evaluation.Sum{N: n, Of: of}) {
		r.t.Errorf("%s of %s is %d/%d, wanted %d/%d", indicator, who, got.N, got.Of, n, of)
	}
}

// recount adds up the contributions of all cases, reckoned one by one.
func (r *rig) recount() []string {
	r.t.Helper()
	sums := map[string]evaluation.Sum{}
	for _, id := range r.cases {
		parts, err := r.House.Figures.Contributions(ctx, id)
		r.ok(err)
		for _, p := range parts {
			street := p.Area[:min(len(p.Area), 9)]
			for _, key := range []string{fmt.Sprint(0, " ", p.Indicator, p.Month, " ", p.Area, " ", p.Unit, " ", p.Class, " ", p.Channel, " ", p.Other, " ", p.Sealed),
				fmt.Sprint(1, " ", p.Indicator, p.Month, " ", street, " ", p.Unit, " ", p.Class, " ", "", " ", p.Other, " ", p.Sealed), fmt.Sprint(2, " ", p.Indicator, p.Month, " ", street, " ", p.Unit, " ", "", " ", "", " ", "", " ", p.Sealed)} {
				sums[key] = evaluation.Sum{N: sums[key].N + p.N, Of: sums[key].Of + p.Of}
			}
			if p.Other != "" {
				key := fmt.Sprint(3, " ", p.Indicator, p.Month, " ", "", " ", "", " ", "", " ", "", " ", p.Other, " ", p.Sealed)
				sums[key] = evaluation.Sum{N: sums[key].N + p.N, Of: sums[key].Of + p.Of}
			}
		}
	}
	return lines(sums)
}

// cells is what stands in the table.
func (r *rig) cells() []string {
	r.t.Helper()
	rows, err := r.DB.Reader().Rows(ctx, `SELECT grain, indicator, month, area, unit, class, channel, other, sealed, n, whole FROM evaluation_count`)
	r.ok(err)
	defer rows.Close()
	sums := map[string]evaluation.Sum{}
	for rows.Next() {
		var indicator, area, unit, class, channel, other, sealed string
		var grain, month int
		var s evaluation.Sum
		r.ok(rows.Scan(&grain, &indicator, &month, &area, &unit, &class, &channel, &other, &sealed, &s.N, &s.Of))
		sums[fmt.Sprint(grain, " ", indicator, month, " ", area, " ", unit, " ", class, " ", channel, " ", other, " ", sealed)] = s
	}
	r.ok(rows.Err())
	return lines(sums)
}

func lines(sums map[string]evaluation.Sum) (out []string) {
	for key, s := range sums {
		out = append(out, fmt.Sprintf("%s = %d/%d", key, s.N, s.Of))
	}
	slices.Sort(out)
	return out
}

func month(at clock.Instant) int { return evaluation.MonthOf(at) }
