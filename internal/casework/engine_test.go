package casework_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

func anyone() identity.Actor { return identity.Actor{Kind: identity.Anyone} }

// request opens a request in the rig's village and gives it to the bureau.
func (r *rig) request(values map[string]any) casework.Receipt {
	r.t.Helper()
	if values == nil {
		values = map[string]any{"words": "路灯不亮", "place": map[string]any{"area": "999901001201"}}
	}
	return r.open(anyone(), "service-request", "report", values)
}

func (r *rig) dispatched(limit string) casework.Receipt {
	r.t.Helper()
	got := r.request(nil)
	r.do("dispatcher", got.Case, "dispatch", map[string]any{"lead": "bureau", "limit": limit})
	return got
}

func (r *rig) clock(id, name string) procedure.ClockRow {
	r.t.Helper()
	v, err := r.cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	return v.Case.Clocks()[name]
}

func TestRequestFromReportToRating(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.request(nil)
		me := r.link(got)
		id := got.Case
		ask := func(act string, values map[string]any) casework.Asking {
			return casework.Asking{Case: id, Act: act, Values: values}
		}
		r.do("dispatcher", id, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays", "helpers": []any{"street"}})
		r.refused(r.who["stranger"], ask("accept", nil), fault.NotFound, "casework.no_case")
		r.do("handler", id, "accept", nil)
		v, err := r.cases.Get(ctx, r.who["handler"], id)
		r.ok(err)
		if len(v.Children) != 1 || v.Children[0].Unit != "street" || v.Case.Person != "handler" {
			t.Fatalf("children %+v holder %s", v.Children, v.Case.Person)
		}
		task := v.Children[0].ID
		r.do("handler", id, "contact", map[string]any{"contact": "已电话联系"})
		r.refused(r.who["handler"], ask("answer", map[string]any{"answer": "已修"}), fault.Unmet, "casework.child_open")
		r.do("helper", task, "finish", map[string]any{"result": "已配合"})
		// An extension is asked by the handler and agreed to by somebody else.
		due := r.clock(id, "handle").Duty
		got2 := r.do("handler", id, "ask_extension", map[string]any{"days": 3, "reason": "等配件"})
		r.refused(r.who["handler"], ask("ask_hold", map[string]any{"hold_for": "15 days", "reason": "x"}), fault.Unmet, "casework.child_open")
		r.refused(r.who["handler"], casework.Asking{Case: got2.Children[0], Act: "agree_extension"}, fault.Forbidden, "casework.not_yours")
		r.do("boss", got2.Children[0], "agree_extension", nil)
		if after := r.clock(id, "handle"); after.Duty <= due || after.Extended != 3 {
			t.Fatalf("extended from %v to %v", due, after)
		}
		r.do("handler", id, "answer", map[string]any{"answer": "路灯已修好"})
		r.do("verifier", id, "check_done", map[string]any{"finding": "现场已亮"})
		if _, err := r.cases.Do(ctx, me, ask("rate", map[string]any{"solved": "yes", "satisfied": "satisfied"})); err != nil {
			t.Fatal(err)
		}
		r.clk.Advance(16 * 24 * time.Hour)
		if _, err := r.cases.Scan(ctx); err != nil {
			t.Fatal(err)
		}
		if s := r.state(id); s != "closed" {
			t.Fatal(s)
		}
		r.verify()
	})
}

func TestArbitrationEndsReturning(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	r.do("handler", got.Case, "send_back", map[string]any{"responsible": "street", "responsible_item": "J02", "reason": "属街道"})
	r.do("dispatcher", got.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays"})
	asked := r.do("handler", got.Case, "dispute", map[string]any{"responsible": "street", "reason": "不是我的"})
	r.do("chief", asked.Children[0], "rule", map[string]any{"lead": "bureau", "ruling": "由城管办"})
	if s := r.state(got.Case); s != "dispatched" {
		t.Fatal(s)
	}
	r.refused(r.who["handler"], casework.Asking{Case: got.Case, Act: "send_back", Values: map[string]any{"responsible": "street", "responsible_item": "J02", "reason": "x"}}, fault.Unmet, "casework.guard")
	r.refused(r.who["handler"], casework.Asking{Case: got.Case, Act: "dispute", Values: map[string]any{"reason": "x"}}, fault.Unmet, "casework.guard")
	r.do("handler", got.Case, "accept", nil)
	r.verify()
}

func TestClocksWarnBreachAndClimb(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		// More cases than one look takes, so that none hides behind the others.
		var ids []string
		for range 250 {
			ids = append(ids, r.dispatched("24 hours").Case)
		}
		for _, id := range ids {
			r.do("handler", id, "accept", nil)
		}
		r.clk.Advance(20 * time.Hour)
		scan := func(want int) {
			t.Helper()
			if n, err := r.cases.Scan(ctx); err != nil || n != want {
				t.Fatalf("moved %d, want %d, err %v", n, want, err)
			}
		}
		scan(250) // warnings
		scan(0)   // once
		r.clk.Advance(4*time.Hour + time.Minute)
		scan(250) // breaches
		for _, id := range ids[:3] {
			v, err := r.cases.Get(ctx, identity.SystemActor(), id)
			r.ok(err)
			if v.Case.Breached != 1 || v.Case.Escalated != "county" {
				t.Fatalf("breached %d escalated %q", v.Case.Breached, v.Case.Escalated)
			}
		}
		r.clk.Advance(24*time.Hour + time.Minute)
		scan(250) // told again, the root is the last
		r.clk.Advance(24*time.Hour + time.Minute)
		scan(0)
		n, err := r.cases.Count(ctx, r.who["dispatcher"], casework.Filter{Box: casework.BoxAbove}, 1000)
		r.ok(err)
		if n != 250 {
			t.Fatalf("the county sees %d escalated", n)
		}
		r.verify()
	})
}

func TestPausesDoNotCount(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays") // Tuesday 24 November: due at the end of 1 December
	r.do("handler", got.Case, "accept", nil)
	if d := (r.clock(got.Case, "handle").Duty - 1).Day(); d.String() != "2026-12-01" {
		t.Fatal(d)
	}
	r.do("handler", got.Case, "ask_more", map[string]any{"question": "哪一盏"})
	r.clk.Advance(48 * time.Hour)
	if _, err := r.cases.Do(ctx, r.link(got), casework.Asking{Case: got.Case, Act: "supply", Values: map[string]any{"supplement": "第三盏"}}); err != nil {
		t.Fatal(err)
	}
	if d := (r.clock(got.Case, "handle").Duty - 1).Day(); d.String() != "2026-12-03" {
		t.Fatalf("after two paused working days: %v", d)
	}
	r.do("handler", got.Case, "ask_more", map[string]any{"question": "还有吗"})
	r.clk.Advance(10 * 24 * time.Hour)
	_, err := r.cases.Scan(ctx)
	r.ok(err)
	if s := r.state(got.Case); s != "handling" {
		t.Fatalf("nobody answered, and it stands at %s", s)
	}
	r.verify()
}

func TestNoAnswerIsNeverSatisfied(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	r.do("handler", got.Case, "accept", nil)
	r.do("handler", got.Case, "answer", map[string]any{"answer": "好"})
	r.refused(r.who["handler"], casework.Asking{Case: got.Case, Act: "check_done", Values: map[string]any{"finding": "好"}}, fault.Forbidden, "casework.not_yours")
	r.do("verifier", got.Case, "check_done", map[string]any{"finding": "好"})
	r.clk.Advance(8 * 24 * time.Hour)
	_, err := r.cases.Scan(ctx)
	r.ok(err)
	v, err := r.cases.Get(ctx, identity.SystemActor(), got.Case)
	r.ok(err)
	if v.Case.State != "settled" || v.Case.Values["satisfied"] != nil || v.Case.Values["solved"] != nil {
		t.Fatalf("%s %v", v.Case.State, v.Case.Values)
	}
	// It may still be reopened, and then runs again.
	if _, err := r.cases.Do(ctx, r.link(got), casework.Asking{Case: got.Case, Act: "reopen", Values: map[string]any{"reason": "还不亮"}}); err != nil {
		t.Fatal(err)
	}
	if k := r.clock(got.Case, "handle"); k.Status != procedure.Running || k.Duty <= r.clk.Now() {
		t.Fatalf("%+v", k)
	}
	r.verify()
}

func TestWithdrawingEndsTheChildren(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.request(nil)
	r.do("dispatcher", got.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "7 days", "helpers": []any{"street", "other"}})
	r.do("handler", got.Case, "accept", nil)
	if _, err := r.cases.Do(ctx, r.link(got), casework.Asking{Case: got.Case, Act: "withdraw"}); err != nil {
		t.Fatal(err)
	}
	v, err := r.cases.Get(ctx, identity.SystemActor(), got.Case)
	r.ok(err)
	for _, c := range v.Children {
		if c.State != "dropped" {
			t.Fatalf("child %s stands at %s", c.Procedure, c.State)
		}
	}
	r.verify()
}

func TestGridEventSentUpComesBack(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	_, err := r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "clerk2", Unit: "village", Kind: "grid-worker"})
	r.ok(err)
	r.who["clerk2"] = must(r.ids.Actor(ctx, "clerk2"))
	place := map[string]any{"area": "999901001201"}
	own := r.open(r.who["clerk2"], "grid-event", "report", map[string]any{"words": "小广告", "place": place})
	r.do("clerk2", own.Case, "settle", map[string]any{"result": "已清理"})
	r.refused(r.who["clerk2"], casework.Asking{Case: own.Case, Act: "check_done"}, fault.Forbidden, "casework.own_work")
	r.do("clerk", own.Case, "check_done", nil)
	up := r.open(r.who["clerk2"], "grid-event", "report", map[string]any{"words": "路灯不亮", "place": place})
	sent := r.do("clerk2", up.Case, "send_up", nil)
	r.do("dispatcher", sent.Children[0], "close_intake", map[string]any{"intake_kind": "outside"})
	if s := r.state(up.Case); s != "closed" {
		t.Fatal(s)
	}
	r.verify()
}

func TestTwoActAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.dispatched("5 workdays")
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for _, who := range []string{"handler", "handler2", "boss"} {
			wg.Go(func() {
				_, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: got.Case, Act: "accept", Version: 2})
				switch f := fault.Of(err); {
				case err == nil:
					won.Add(1)
				case f.Kind == fault.Stale || f.Kind == fault.Conflict:
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 2 {
			t.Fatalf("won %d lost %d", won.Load(), lost.Load())
		}
		r.verify()
	})
}

func TestLastOpinionsAtOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for round := range 5 {
			got := r.open(r.who["clerk"], "example-village-notice", "", map[string]any{"village": "999901001201", "subject": fmt.Sprint("第", round, "次"), "period": "2026Q3", "contents": "x"})
			r.do("clerk", got.Case, "submit", nil)
			var wg sync.WaitGroup
			for _, body := range []string{"overseer", "director", "secretary"} {
				wg.Go(func() {
					if _, err := r.cases.Do(ctx, r.who[body], casework.Asking{Case: got.Case, Act: "opine", Version: 2, Values: map[string]any{"verdict": "agree"}}); err != nil {
						t.Errorf("%s: %v", body, err)
					}
				})
			}
			wg.Wait()
			if s := r.state(got.Case); s != "agreed" {
				t.Fatalf("three bodies agreed at one moment, and it stands at %s", s)
			}
		}
		r.verify()
	})
}

func TestQuietActsCollideWithNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.dispatched("5 workdays")
		me := r.link(got)
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if _, err := r.cases.Do(ctx, me, casework.Asking{Case: got.Case, Act: "urge", Values: map[string]any{"urging": fmt.Sprint(i)}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := r.cases.Do(ctx, r.who["handler"], casework.Asking{Case: got.Case, Act: "accept", Version: 2}); err != nil {
				t.Errorf("an urging made the page stale: %v", err)
			}
		})
		wg.Wait()
		r.verify()
	})
}

func TestSameKeySameAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		o := casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{"words": "井盖没了"}, Key: "k-1"}
		var mu sync.Mutex
		type answer struct{ id, token, leaf string }
		seen := map[answer]int{}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				receipt, err := r.cases.Open(ctx, anyone(), o)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[answer{receipt.Case, receipt.Token, receipt.Leaf}]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Fatalf("one key gave %d answers", len(seen))
		}
		var stored string
		r.ok(d.Reader().Row(ctx, `SELECT answer FROM kit_once WHERE key = 'k-1'`).Scan(&stored))
		for receipt := range seen {
			if receipt.token == "" || strings.Contains(stored, receipt.token) {
				t.Fatal("the link's token stands in clear in the stored answer")
			}
		}
		o.Values = map[string]any{"words": "另一件事"}
		if _, err := r.cases.Open(ctx, anyone(), o); !fault.Is(err, fault.Conflict) {
			t.Fatalf("the same key with another body: %v", err)
		}
	})
}

func TestRevokedPostActsAtOnce(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	stale := r.who["handler"] // as a node that has not heard of it would still hold it
	r.ok(r.ids.EndPost(ctx, identity.SystemActor(), stale.Posts[0].ID))
	r.clk.Advance(time.Second)
	if _, err := r.cases.Do(ctx, stale, casework.Asking{Case: got.Case, Act: "accept"}); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
		t.Fatalf("a revoked post acted: %v", err)
	}
}

func TestAnnulByASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.dispatched("5 workdays")
		before := r.clock(got.Case, "return")
		r.do("handler", got.Case, "accept", nil)
		v, err := r.cases.Get(ctx, r.who["handler"], got.Case)
		r.ok(err)
		annul := casework.Asking{Case: got.Case, Act: casework.ActAnnul, Reason: "签收错了", Version: v.Case.Version}
		r.refused(r.who["handler"], annul, fault.Forbidden, "casework.not_yours")
		if _, err := r.cases.Do(ctx, r.who["boss"], annul); err != nil {
			t.Fatal(err)
		}
		if s := r.state(got.Case); s != "dispatched" {
			t.Fatal(s)
		}
		if k := r.clock(got.Case, "return"); k.Status != before.Status || k.Duty != before.Duty {
			t.Fatalf("clock before %+v, after the annulment %+v", before, k)
		}
		r.refused(r.who["boss"], casework.Asking{Case: got.Case, Act: casework.ActAnnul, Reason: "再来"}, fault.Unmet, "casework.nothing_to_annul")
		r.do("handler", got.Case, "accept", nil)
		asked := r.do("handler", got.Case, "ask_extension", map[string]any{"days": 1, "reason": "x"})
		_ = asked
		r.refused(r.who["boss"], casework.Asking{Case: got.Case, Act: casework.ActAnnul, Reason: "有下级件"}, fault.Unmet, "casework.annul_child")
		r.verify()
	})
}

func TestErasedReadsAsErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.request(map[string]any{"words": "误写了身份证 999901190001010028", "phone": "13800000000", "place": map[string]any{"area": "999901001201"}})
		if _, err := r.cases.Do(ctx, r.who["chief"], casework.Asking{Case: got.Case, Act: casework.ActErase, Fields: []string{"words", "phone"}, Reason: "含个人信息"}); err != nil {
			t.Fatal(err)
		}
		v, err := r.cases.Get(ctx, r.who["dispatcher"], got.Case)
		r.ok(err)
		if _, gone := v.Case.Values["words"].(casework.Gone); !gone {
			t.Fatalf("%v", v.Case.Values)
		}
		var left int
		r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_act WHERE body LIKE '%999901190001010028%'`).Scan(&left))
		if left != 0 {
			t.Fatal("the value is still in the acts")
		}
		r.do("dispatcher", got.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays"})
		r.verify()
	})
}

// A title is taken from what a resident wrote and goes with it, also out of the
// act that gave it and out of the case that was handed it.
func TestErasureTakesTheTitle(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.cases.RegisterEffect("request.register", func(_ context.Context, m *casework.Moment) error {
		m.Set("subject", m.Values.Text("words"))
		return nil
	})
	const secret = "张三家在吵架"
	got := r.request(map[string]any{"words": secret, "place": map[string]any{"area": "999901001201"}})
	r.do("dispatcher", got.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays", "helpers": []any{"other"}})
	accepted := r.do("handler", got.Case, "accept", nil)
	v, err := r.cases.Get(ctx, r.who["dispatcher"], got.Case)
	r.ok(err)
	if v.Case.Title != secret {
		t.Fatalf("title %q", v.Case.Title)
	}
	r.verify()
	for _, erase := range []casework.Asking{{Case: got.Case, Fields: []string{"words", "subject"}}, {Case: accepted.Children[0], Fields: []string{"words"}}} {
		erase.Act, erase.Reason = casework.ActErase, "含个人信息"
		if _, err := r.cases.Do(ctx, r.who["chief"], erase); err != nil {
			t.Fatal(err)
		}
	}
	for _, column := range []string{"casework_act WHERE delta || body", "casework_case WHERE title || form"} {
		var left int
		r.ok(r.d.Reader().Row(ctx, `SELECT COUNT(*) FROM `+column+` LIKE '%'||$1||'%'`, secret).Scan(&left))
		if left != 0 {
			t.Errorf("%d rows of %s still hold it", left, column)
		}
	}
	r.verify()
}

func TestClockSetBack(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	r.clk.Set(tuesday.Add(-48 * time.Hour))
	r.do("handler", got.Case, "accept", nil)
	v, err := r.cases.Get(ctx, r.who["handler"], got.Case)
	r.ok(err)
	var last clock.Instant
	for _, e := range v.Timeline {
		if e.Recorded <= last {
			t.Fatalf("recorded went back: %v after %v", e.Recorded, last)
		}
		last = e.Recorded
	}
	r.verify()
}

func TestTamperingIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"a changed value in an act": {`UPDATE casework_act SET body = REPLACE(body, '路灯不亮', '路灯很亮') WHERE act = 'report'`, "value_changed"},
		"a value destroyed as if it had been erased": {`UPDATE casework_act SET body = REPLACE(body, SUBSTR(body, INSTR(body, '"words":{'), INSTR(SUBSTR(body, INSTR(body, '"words":{')), '}')),
			'"words":{"gone":"' || id || '"}') WHERE act = 'report'`, "value_changed"},
		"another doer":       {`UPDATE casework_act SET person = 'boss' WHERE act = 'accept'`, "act_changed"},
		"another time":       {`UPDATE casework_act SET recorded = recorded + 1 WHERE act = 'accept'`, "act_changed"},
		"a changed case row": {`UPDATE casework_case SET state = 'closed', kind = 'final'`, "case_changed"},
		"another unit":       {`UPDATE casework_case SET unit = 'other'`, "case_changed"},
		"a later due date":   {`UPDATE casework_clock SET duty = duty + 86400000000 WHERE name = 'handle'`, "clock_changed"},
		"a clock taken away": {`DELETE FROM casework_clock WHERE name = 'handle'`, "clock_changed"},
		"an act taken away":  {`DELETE FROM casework_act WHERE act = 'accept'`, "act_missing"},
		"a case taken away":  {`DELETE FROM casework_case`, "case_changed"},
		"an invented act":    {`INSERT INTO casework_act SELECT 'X' || SUBSTR(id, 2), case_id, seq + 1, act, before, after, person, post, unit, role, behalf, happened, recorded, edition, delta, body, annuls, erases FROM casework_act WHERE act = 'accept'`, "act_unlogged"},
		"a listed value":     {`UPDATE casework_value SET words = 'other' WHERE field = 'lead'`, "list_changed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, dbtest.SQLite(t))
			got := r.dispatched("5 workdays")
			r.do("handler", got.Case, "accept", nil)
			r.verify()
			r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
				n, err := tx.Exec(c.sql)
				if err == nil && n == 0 {
					return fmt.Errorf("nothing was tampered with")
				}
				return err
			}))
			r.verify(c.want)
		})
	}
}
