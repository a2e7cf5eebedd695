package evaluation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/internal/casework"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

const (
	qinghe   = "999901001001"
	liuyuan  = "999901001002"
	dongshan = "999901002001"
)

func TestOneCaseThroughItsLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		all := evaluation.Filter{}
		id := r.report("street-light", qinghe)
		r.follow()
		r.wants("leader1", all, "received", 1, 0)
		r.wants("leader1", all, "open", 1, 0)
		r.wants("leader1", all, "overdue", 0, 0)
		r.wants("leader1", all, "satisfied", 0, 0)

		r.pass(3 * time.Hour) // to be dispatched within two
		r.follow()
		r.wants("leader1", all, "overdue", 1, 0)
		r.wants("leader1", evaluation.Filter{Unit: evaluation.Nobody}, "overdue", 1, 0)

		r.settle(id, "yes", "fairly")
		r.follow()
		for indicator, want := range map[string]evaluation.Sum{"received": {N: 1}, "open": {}, "overdue": {}, "settled": {N: 1}, "accepted": {N: 1, Of: 1},
			"response": {N: 1, Of: 1}, "in_time": {N: 1, Of: 1}, "solved": {N: 1, Of: 1}, "satisfied": {N: 1, Of: 1}, "unrated": {}, "reopened": {N: 0, Of: 1}} {
			r.wants("leader1", evaluation.Filter{Unit: "lighting"}, indicator, want.N, want.Of)
		}
		r.pass(24 * time.Hour)
		r.ok(r.try(r.link(id), id, "reopen", map[string]any{"reason": "又不亮了"}))
		r.follow()
		r.wants("leader1", all, "settled", 0, 0)
		r.wants("leader1", all, "satisfied", 0, 0)
		r.wants("leader1", all, "open", 1, 0)
		r.wants("leader1", all, "reopened", 1, 1)
		r.wants("leader1", all, "in_time", 0, 0)

		r.pass(40 * 24 * time.Hour) // far past the limit, into another month
		r.follow()
		r.wants("leader1", all, "overdue", 1, 0)
		r.wants("leader1", all, "in_time", 0, 1)
		r.wants("leader1", all, "response", 1, 1)
		r.do("h-lighting", id, "contact", map[string]any{"contact": "已电话联系"})
		r.do("h-lighting", id, "answer", map[string]any{"answer": "换了线路"})
		r.do("verify1", id, "check_done", map[string]any{"finding": "亮了"})
		r.pass(8 * 24 * time.Hour) // nobody rates
		r.follow()
		r.wants("leader1", all, "unrated", 1, 0)
		r.wants("leader1", all, "satisfied", 0, 0) // the first rating is of another settling
		r.wants("leader1", all, "settled", 1, 0)
		opened := 202611
		r.wants("leader1", evaluation.Filter{From: opened, To: opened}, "settled", 0, 0)
		r.wants("leader1", evaluation.Filter{From: opened, To: opened}, "received", 1, 0)
		r.wants("leader1", evaluation.Filter{From: month(r.Hand.Now())}, "settled", 1, 0)
	})
}

func TestReturnsCountForWhoReturned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		id := r.report("street-light", qinghe)
		r.do("dispatch1", id, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
		r.pass(time.Hour)
		r.do("h-lighting", id, "send_back", map[string]any{"responsible": "works", "responsible_item": "B03", "reason": "属于道路设施"})
		r.pass(time.Minute)
		r.do("dispatch1", id, "dispatch", map[string]any{"lead": "works", "limit": "5 workdays", "reason": "改派"})
		r.follow()
		r.wants("leader1", evaluation.Filter{Unit: "lighting"}, "returned", 1, 0)
		r.wants("leader1", evaluation.Filter{Unit: "works"}, "returned", 0, 0)
		r.wants("leader1", evaluation.Filter{Unit: "works"}, "received", 1, 0)
		r.wants("leader1", evaluation.Filter{Unit: "lighting"}, "received", 0, 0)
	})
}

func TestImportedCasesStayOutOfShares(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		_, err := r.Cases.Open(ctx, identity.SystemActor(), casework.Opening{Procedure: "service-request", Act: "import", Imported: true, Number: "OLD-1",
			Recorded: r.Hand.Now().Add(-90 * 24 * time.Hour), Values: map[string]any{"subject": "旧件", "place": map[string]any{"words": "x", "area": qinghe}, "lead": "lighting", "verdict": "满意"}})
		r.ok(err)
		r.follow()
		for indicator, s := range r.total("leader1", evaluation.Filter{}) {
			if s.Of != 0 || s.N != 0 && indicator != "imported" {
				t.Errorf("%s counts an imported case: %+v", indicator, s)
			}
		}
		r.wants("leader1", evaluation.Filter{}, "imported", 1, 0)
		r.wants("leader1", evaluation.Filter{From: 202611}, "imported", 0, 0)
	})
}

// Random histories by the real engine: the cells are a full recount, a rebuild
// gives the same, and figures equal the inbox's.
func TestCellsAreARecount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		rnd := rand.New(rand.NewPCG(7, 11))
		steps := 260
		if testing.Short() {
			steps = 80
		}
		for step := range steps {
			r.random(rnd)
			if step%13 == 0 {
				r.follow()
			}
			if step%65 == 64 {
				r.same(fmt.Sprint("step ", step))
			}
		}
		r.follow()
		r.same("the end")
		before := r.cells()
		if len(before) < 40 {
			t.Fatalf("only %d cells: the histories were not varied", len(before))
		}
		r.ok(r.House.Figures.Rebuild(ctx))
		if diff := cmp.Diff(before, r.cells()); diff != "" {
			t.Errorf("a rebuild gives other cells: %s", diff)
		}
		r.likeTheInbox()
	})
}

func (r *rig) same(when string) {
	r.t.Helper()
	r.follow()
	if diff := cmp.Diff(r.recount(), r.cells()); diff != "" {
		r.t.Fatalf("%s: the cells are not the sum of the cases: %s", when, diff)
	}
}

// likeTheInbox compares the stock with what the inbox counts.
func (r *rig) likeTheInbox() {
	r.t.Helper()
	leader := r.Actor("leader1")
	total := r.total("leader1", evaluation.Filter{})
	for indicator, f := range map[string]casework.Filter{
		"open":     {Box: casework.BoxAll, Procedure: "service-request", Kind: procedure.Open},
		"overdue":  {Box: casework.BoxAll, Procedure: "service-request", Kind: procedure.Open, Due: "overdue"},
		"received": {Box: casework.BoxAll, Procedure: "service-request"},
	} {
		n, err := r.Cases.Count(ctx, leader, f, 10000)
		r.ok(err)
		if int64(n) != total[indicator].N {
			r.t.Errorf("%s: the page says %d, the inbox %d", indicator, total[indicator].N, n)
		}
	}
	if total["overdue"].N == 0 || total["open"].N == total["overdue"].N {
		r.t.Errorf("the histories have no overdue or no other open cases: %+v", total)
	}
}

// random does something that may or may not be possible now.
func (r *rig) random(rnd *rand.Rand) {
	r.t.Helper()
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	if len(r.cases) < 4 || rnd.IntN(6) == 0 {
		r.report(pick("street-light", "road-damage", "noise"), pick(qinghe, liuyuan, dongshan))
		return
	}
	id := r.cases[rnd.IntN(len(r.cases))]
	if rnd.IntN(2) == 0 {
		id = r.cases[len(r.cases)-1-rnd.IntN(min(4, len(r.cases)))]
	}
	lead := pick("lighting", "works", "drainage")
	worker := r.Actor("h-" + lead)
	c, _, err := r.Cases.Seen(ctx, r.Actor("leader1"), id)
	if err == nil && c.Unit != "" {
		if a, err := r.People.Actor(ctx, "h-"+c.Unit); err == nil {
			worker = a
		}
	}
	var acted error
	switch rnd.IntN(18) {
	case 0, 1, 2:
		acted = r.try(r.Actor("dispatch1"), id, "dispatch", map[string]any{"lead": lead, "limit": pick("5 workdays", "24 hours"), "reason": "按职责"})
	case 3, 4:
		acted = r.try(worker, id, "accept", nil)
	case 5:
		acted = r.try(worker, id, "send_back", map[string]any{"responsible": "works", "responsible_item": "B03", "reason": "供电线路"})
	case 6:
		acted = r.try(worker, id, "contact", map[string]any{"contact": "打过电话"})
	case 7, 8:
		acted = errors.Join(r.try(worker, id, "contact", map[string]any{"contact": "打过电话"}), r.try(worker, id, "answer", map[string]any{"answer": "修好了"}))
	case 9, 10:
		acted = r.try(r.Actor("verify1"), id, pick("check_done", "check_done", "check_failed"), map[string]any{"finding": "看过"})
	case 11, 12:
		acted = r.try(r.Actor("caller1"), id, "call_back", map[string]any{"solved": pick("yes", "no"), "satisfied": pick("satisfied", "fairly", "dissatisfied")})
	case 13:
		acted = r.try(r.link(id), id, "reopen", map[string]any{"reason": "还在"})
	case 14:
		acted = r.try(r.link(id), id, "withdraw", nil)
	case 15:
		_, acted = r.Cases.Do(ctx, r.Actor(pick("leader1", "dispatch2", "head1")), casework.Asking{Case: id, Act: casework.ActAnnul, Reason: "按错了，撤回重来"})
	case 16:
		acted = r.erase(id)
	default:
		r.pass(time.Duration(1+rnd.IntN(60)) * time.Hour)
		return
	}
	if f := fault.Of(acted); f != nil && f.Kind == fault.Internal {
		r.t.Fatal(acted)
	}
	r.pass(time.Duration(1+rnd.IntN(90)) * time.Minute)
}

// erase destroys the rating of a case, where it has one.
func (r *rig) erase(id string) error {
	_, _, entries, err := r.Cases.History(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Act == "call_back" && !e.Annulled {
			_, err := r.Cases.Do(ctx, r.Actor("leader1"), casework.Asking{Case: id, Act: casework.ActErase, Target: e.ID, Fields: []string{"satisfied"}, Reason: "本人要求删除"})
			return err
		}
	}
	return nil
}

func TestAnnulmentAndErasureMoveBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a, b := r.report("street-light", qinghe), r.report("street-light", liuyuan)
		r.settle(a, "yes", "satisfied")
		r.settle(b, "no", "dissatisfied")
		r.follow()
		r.wants("leader1", evaluation.Filter{}, "satisfied", 1, 2)
		r.ok(r.erase(b))
		r.follow()
		r.wants("leader1", evaluation.Filter{}, "satisfied", 1, 1)
		r.wants("leader1", evaluation.Filter{}, "solved", 1, 2) // the other answer stands
		if _, err := r.Cases.Do(ctx, r.Actor("leader1"), casework.Asking{Case: a, Act: casework.ActAnnul, Reason: "登记错了，重新回访"}); err != nil {
			t.Fatal(err)
		}
		r.follow()
		r.wants("leader1", evaluation.Filter{}, "satisfied", 0, 0)
		r.wants("leader1", evaluation.Filter{}, "settled", 1, 0)
		r.wants("leader1", evaluation.Filter{}, "open", 1, 0)
		r.same("afterwards")
	})
}

func TestNobodyCountsWhatTheyMayNotSee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		open := r.report("street-light", qinghe)
		r.do("dispatch1", open, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
		// a complaint about the street office, sealed from it and all below
		receipt, err := r.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{
			"words": "街道办事处态度不好", "class": "street-light", "place": map[string]any{"words": "街道办", "area": qinghe}, "about_unit": true, "complained": "qinghe"}})
		r.ok(err)
		r.cases = append(r.cases, receipt.Case)
		r.report("noise", dongshan)
		r.follow()
		r.wants("leader1", evaluation.Filter{}, "received", 3, 0)
		r.wants("auditor1", evaluation.Filter{}, "received", 3, 0)
		r.wants("admin", evaluation.Filter{}, "received", 3, 0)
		r.wants("head1", evaluation.Filter{}, "received", 1, 0) // the street's own, without the complaint about it
		sealed, err := r.House.Figures.Cases(ctx, r.Actor("head1"), evaluation.Filter{Procedure: "service-request"}, "received", evaluation.Counted, "", 50)
		r.ok(err)
		if len(sealed.Rows) != 1 || sealed.Total != 1 {
			t.Errorf("the street's head finds %+v", sealed)
		}
		for _, who := range []string{"h-lighting", "grid1", "verify1", "intake1"} {
			if _, err := r.House.Figures.Figures(ctx, r.Actor(who), evaluation.Filter{Procedure: "service-request"}, evaluation.ByMonth); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s sees figures: %v", who, err)
			}
			if _, err := r.House.Figures.Cases(ctx, r.Actor(who), evaluation.Filter{}, "received", evaluation.Counted, "", 50); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s lists cases: %v", who, err)
			}
		}
		if _, err := r.House.Figures.Figures(ctx, identity.Actor{Kind: identity.Anyone}, evaluation.Filter{Procedure: "service-request"}, evaluation.ByMonth); !fault.Is(err, fault.Forbidden) {
			t.Error("anybody sees figures")
		}
		public, err := r.House.Figures.Public(ctx, evaluation.Filter{Procedure: "service-request"}, evaluation.ByArea)
		r.ok(err)
		if got := public.Total["received"].N; got != 2 {
			t.Errorf("the public page counts %d, the sealed case among them", got)
		}
		for _, f := range []evaluation.Filter{{Area: qinghe}, {Unit: "lighting"}, {Class: "noise"}, {Channel: "web"}} {
			f.Procedure = "service-request"
			if _, err := r.House.Figures.Public(ctx, f, evaluation.ByMonth); !fault.Is(err, fault.Invalid) {
				t.Errorf("the public page answers %+v", f)
			}
		}
		if _, err := r.House.Figures.Public(ctx, evaluation.Filter{Procedure: "service-request"}, evaluation.ByUnit); !fault.Is(err, fault.Invalid) {
			t.Error("the public page tells of units")
		}
	})
}

func TestWays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a, b := r.report("street-light", qinghe), r.report("noise", liuyuan)
		r.report("noise", dongshan)
		r.do("dispatch1", a, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
		_ = b
		r.follow()
		for _, x := range []struct {
			by   evaluation.By
			f    evaluation.Filter
			want []string
		}{
			{evaluation.ByMonth, evaluation.Filter{}, []string{"202611=3"}},
			{evaluation.ByArea, evaluation.Filter{}, []string{"999901001=2", "999901002=1"}},
			{evaluation.ByArea, evaluation.Filter{Area: "999901001"}, []string{qinghe + "=1", liuyuan + "=1"}},
			{evaluation.ByUnit, evaluation.Filter{}, []string{"=2", "lighting=1"}},
			{evaluation.ByClass, evaluation.Filter{}, []string{"noise=2", "street-light=1"}},
			{evaluation.ByChannel, evaluation.Filter{}, []string{"web=3"}},
			{evaluation.ByClass, evaluation.Filter{Area: "999901002"}, []string{"noise=1"}},
		} {
			x.f.Procedure = "service-request"
			got, err := r.House.Figures.Figures(ctx, r.Actor("leader1"), x.f, x.by)
			r.ok(err)
			var out []string
			for _, row := range got.Rows {
				if n := row.Sums["received"].N; n != 0 {
					out = append(out, fmt.Sprintf("%s=%d", row.Key, n))
				}
			}
			slices.Sort(out)
			if diff := cmp.Diff(x.want, out); diff != "" {
				t.Errorf("%s %+v: %s", x.by, x.f, diff)
			}
		}
		for name, f := range map[string]evaluation.Filter{"area": {Area: "x"}, "unit": {Unit: "nowhere"}, "to": {From: 202611, To: 202610}, "procedure": {Procedure: "co-task"}} {
			if f.Procedure == "" {
				f.Procedure = "service-request"
			}
			_, err := r.House.Figures.Figures(ctx, r.Actor("leader1"), f, evaluation.ByMonth)
			if got := fault.Of(err); got == nil || got.Kind != fault.Invalid || got.Field != name {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAPoisonousCaseIsParkedAndFreed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		var ids []string
		for range 3*evaluation.AtOnce + 2 {
			ids = append(ids, r.report("street-light", qinghe))
		}
		r.House.Figures.Spoil(func(id string) error {
			if id == ids[20] {
				return errors.New("spoilt")
			}
			return nil
		})
		r.follow()
		r.wants("leader1", evaluation.Filter{}, "received", int64(len(ids)-1), 0)
		state, err := r.House.Figures.State(ctx)
		r.ok(err)
		if state.Parked != 1 || state.Behind != 0 || state.Read == 0 {
			t.Errorf("state %+v", state)
		}
		n, err := r.House.Figures.Retry(ctx, 10)
		r.ok(err)
		if n != 0 {
			t.Error("freed while it is still poisonous")
		}
		r.House.Figures.Spoil(nil)
		n, err = r.House.Figures.Retry(ctx, 10)
		r.ok(err)
		if n != 1 {
			t.Errorf("%d freed", n)
		}
		r.wants("leader1", evaluation.Filter{}, "received", int64(len(ids)), 0)
		r.same("after all")
	})
}

func TestTwoNodesCountOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		other := evaluation.New(evaluation.Parts{DB: d, Clock: r.Hand, Ledger: r.Ledger, Editions: r.Editions, Cases: r.Cases, People: r.People, Areas: r.Areas, Duty: r.Duty})
		for range 60 {
			r.report("street-light", qinghe)
		}
		r.number()
		done := make(chan error, 2)
		for _, s := range []*evaluation.Service{r.House.Figures, other} {
			go func() {
				var err error
				for range 20 {
					if _, err = s.Follow(ctx); err != nil {
						break
					}
				}
				done <- err
			}()
		}
		r.ok(errors.Join(<-done, <-done))
		r.same("two nodes")
		r.wants("leader1", evaluation.Filter{}, "received", 60, 0)
	})
}

func TestMonths(t *testing.T) {
	for in, want := range map[string]int{"2026-11": 202611, "202611": 202611, "2026-13": 0, "26-11": 0, "": 0, "2026-00": 0, "2026-1": 0} {
		if got, ok := evaluation.ParseMonth(in); ok != (want != 0) || got*b2i(ok) != want {
			t.Errorf("%q is %d %v", in, got, ok)
		}
	}
	if evaluation.NextMonth(202612, 1) != 202701 || evaluation.NextMonth(202601, -1) != 202512 || evaluation.NextMonth(202611, -11) != 202512 {
		t.Error("months do not follow each other")
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
