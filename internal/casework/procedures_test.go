package casework_test

import (
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func application() map[string]any {
	return map[string]any{"subject": "临时困难", "name": "张三", "idnumber": "999901190001010028", "account": "6200 0000 0000 0001",
		"home": "999901001201", "household": 3, "amount": "1200.50", "reason": "家中失火"}
}

func TestAllowanceFromApplicationToAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.open(identity.Actor{Kind: identity.Anyone}, "example-allowance", "", application())
		if got.State != "applied" || got.Token == "" || got.Leaf == "" {
			t.Fatalf("receipt %+v", got)
		}
		me := r.link(got)
		ask := func(act string, values map[string]any) casework.Asking {
			return casework.Asking{Case: got.Case, Act: act, Values: values}
		}
		opinion := map[string]any{"opinion": "情况属实", "granted": "1000"}
		r.refused(me, ask("first_approve", opinion), fault.Forbidden, "casework.not_yours")
		r.refused(r.who["stranger"], ask("first_approve", opinion), fault.NotFound, "casework.no_case")
		r.refused(r.who["clerk"], ask("first_approve", map[string]any{"opinion": "x"}), fault.Invalid, "casework.missing_field")
		r.refused(r.who["clerk"], ask("first_approve", map[string]any{"opinion": "x", "granted": "1", "extra": "1"}), fault.Invalid, "casework.unknown_field")
		r.refused(r.who["clerk"], ask("second_approve", nil), fault.Conflict, "casework.wrong_state")
		r.do("clerk", got.Case, "first_approve", map[string]any{"opinion": "属实", "granted": "2000"})
		r.refused(r.who["head"], ask("second_approve", nil), fault.Unmet, "casework.guard")
		r.do("head", got.Case, "send_back", map[string]any{"opinion": "金额过高"})
		r.do("clerk", got.Case, "first_approve", opinion)
		r.do("head", got.Case, "second_approve", nil)
		r.do("clerk", got.Case, "answer", map[string]any{"answer": "同意"})
		if s := r.state(got.Case); s != "granted" {
			t.Fatal(s)
		}
		v, err := r.cases.Get(ctx, me, got.Number)
		r.ok(err)
		if _, sealed := v.Case.Values["idnumber"].(casework.Sealed); !sealed {
			t.Fatalf("the identity number is not sealed: %v", v.Case.Values["idnumber"])
		}
		if n := v.Case.Values["amount"]; n != int64(120050) {
			t.Fatalf("1200.50 yuan became %v fen", n)
		}
		r.verify()
	})
}

func TestNobodyApprovesOwnWork(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	// One person who holds both posts does not thereby become two.
	_, err := r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "clerk", Unit: "street", Kind: "head", Area: "999901001"})
	r.ok(err)
	r.who["clerk"] = must(r.ids.Actor(ctx, "clerk"))
	got := r.open(identity.Actor{Kind: identity.Anyone}, "example-allowance", "", application())
	r.do("clerk", got.Case, "first_approve", map[string]any{"opinion": "属实", "granted": "1"})
	r.refused(r.who["clerk"], casework.Asking{Case: got.Case, Act: "second_approve"}, fault.Forbidden, "casework.own_work")
}

func TestRevealNeedsRightAndPurpose(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.open(identity.Actor{Kind: identity.Anyone}, "example-allowance", "", application())
	if _, err := r.cases.Reveal(ctx, r.who["clerk"], got.Case, "account", "付"); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a purpose of one character: %v", err)
	}
	clear, err := r.cases.Reveal(ctx, r.who["clerk"], got.Case, "account", "核对发放账号")
	r.ok(err)
	if clear != "6200000000000001" {
		t.Fatal(clear)
	}
	if _, err := r.cases.Reveal(ctx, r.who["stranger"], got.Case, "account", "想看看而已"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a stranger: %v", err)
	}
}

func TestVillageNoticeStandsFifteenDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.open(r.who["clerk"], "example-village-notice", "", map[string]any{"village": "999901001201", "subject": "三季度收支", "period": "2026Q3", "contents": "收入…"})
		r.do("clerk", got.Case, "submit", nil)
		ask := func(act string, values map[string]any, at clock.Instant) casework.Asking {
			return casework.Asking{Case: got.Case, Act: act, Values: values, Happened: at}
		}
		r.do("overseer", got.Case, "opine", map[string]any{"verdict": "agree"})
		r.refused(r.who["overseer"], ask("opine", map[string]any{"verdict": "agree"}, 0), fault.Conflict, "casework.spoken_already")
		r.do("director", got.Case, "opine", map[string]any{"verdict": "object", "reason": "缺附件"})
		if s := r.state(got.Case); s != "drafting" {
			t.Fatalf("after an objection: %s", s)
		}
		r.do("clerk", got.Case, "submit", nil)
		for _, body := range []string{"overseer", "director", "secretary"} {
			r.do(body, got.Case, "opine", map[string]any{"verdict": "agree"})
		}
		if s := r.state(got.Case); s != "agreed" {
			t.Fatalf("after three agreements: %s", s)
		}
		r.verify()
		// A meeting on 2 December: notice by 22 November, which has passed.
		r.do("director", got.Case, "choose_day", map[string]any{"meeting_day": "2026-12-02"})
		r.refused(r.who["clerk"], ask("invite", nil, 0), fault.Unmet, "casework.clock_kept")
		r.do("director", got.Case, "choose_day", map[string]any{"meeting_day": "2026-12-12"})
		// On Monday the clerk enters what happened on Saturday.
		r.clk.Set(clock.Date(2026, 11, 30).Start().Add(9 * time.Hour))
		saturday := clock.Date(2026, 11, 28).Start().Add(10 * time.Hour)
		r.refused(r.who["clerk2"], ask("post", nil, r.clk.Now().Add(time.Hour)), fault.Invalid, "casework.in_future")
		r.refused(r.who["clerk2"], ask("post", nil, clock.Date(2026, 11, 1).Start()), fault.Invalid, "casework.before_last")
		r.refused(r.who["clerk"], ask("post", nil, saturday), fault.Forbidden, "casework.own_work")
		if _, err := r.cases.Do(ctx, r.who["clerk2"], ask("invite", nil, saturday)); err != nil {
			t.Fatal(err)
		}
		if _, err := r.cases.Do(ctx, r.who["clerk2"], ask("post", nil, saturday)); err != nil {
			t.Fatal(err)
		}
		// Posted on the 28th: the first day it may come down is 14 December.
		r.clk.Set(clock.Date(2026, 12, 13).Start().Add(23 * time.Hour))
		r.refused(r.who["clerk"], ask("take_down", nil, 0), fault.Unmet, "casework.clock_ended")
		r.clk.Set(clock.Date(2026, 12, 14).Start())
		r.do("clerk", got.Case, "take_down", nil)
		v, err := r.cases.Get(ctx, r.who["clerk"], got.Case)
		r.ok(err)
		later := 0
		for _, e := range v.Timeline {
			if e.Later() {
				later++
			}
		}
		if later != 2 || v.Case.Published == 0 {
			t.Fatalf("entered later: %d, published %v", later, v.Case.Published)
		}
		r.verify()
	})
}
