package selfrule_test

import (
	"maps"
	"testing"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// No member of the committee and no near relative of one takes a seat on the
// supervision committee: at the declaration and again when the seat is taken.
func TestASeatOnTheSupervisionCommittee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		said := map[string]any{"village": village, "subject": "周某", "role": "member", "member": "no", "relation": "none", "signed": "self"}
		with := func(field string, value any) map[string]any {
			out := maps.Clone(said)
			out[field] = value
			return out
		}
		for _, relation := range []string{"spouse", "parent", "child", "sibling", "grandparent", "grandchild"} {
			_, err := r.open("clerk3", "supervision-seat", "declare", with("relation", relation))
			wrong(t, err, fault.Unmet, "casework.guard")
			if f := fault.Of(err); f.Norm != "村民委员会组织法 37(1)；城市居民委员会组织法 36" {
				t.Fatalf("the refusal cites %q", f.Norm)
			}
		}
		_, err := r.open("clerk3", "supervision-seat", "declare", with("member", "yes"))
		wrong(t, err, fault.Unmet, "casework.guard")
		_, err = r.open("clerk3", "supervision-seat", "declare", with("subject", "石桥村主任"))
		wrong(t, err, fault.Unmet, "selfrule.is_member")
		_, err = r.open("clerk3", "supervision-seat", "declare", with("signed", ""))
		wrong(t, err, fault.Invalid, "casework.missing_field")
		got, err := r.open("clerk3", "supervision-seat", "declare", said)
		r.ok(err)
		r.refused("guide", got.Case, "seat", map[string]any{"member": "no", "relation": "none"}, fault.Conflict, "casework.wrong_state")
		kept, err := r.Blobs.Put(ctx, []byte("%PDF-1.4"), "application/pdf")
		r.ok(err)
		r.do("clerk3", got.Case, "choose", map[string]any{"body": "village_representatives", "meeting_day": "2026-11-20", "paper": []string{kept.ID}})
		r.refused("guide", got.Case, "seat", map[string]any{"member": "no", "relation": "spouse"}, fault.Unmet, "casework.guard")
		r.do("guide", got.Case, "seat", map[string]any{"member": "no", "relation": "none"})
		if n, err := r.Cases.Notice(ctx, got.Number); err != nil || n.Versions[0].Values.Text("subject") != "周某" {
			t.Fatalf("the seat is not published: %v", err)
		}
	})
}

// The committee answers the supervision committee in time, or the unit above is
// told; what is reported upward the committee does not see.
func TestSupervisionAsksAndReports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got, err := r.open("member", "supervision-question", "ask", map[string]any{"village": village, "subject": "路灯维修", "question": "为什么没有比价？"})
		r.ok(err)
		r.Hand.Advance(12 * 24 * time.Hour)
		r.Settle()
		r.Settle()
		c, _, err := r.Cases.Seen(ctx, identity.SystemActor(), got.Case)
		r.ok(err)
		if c.Unit != "v-shiqiao" || c.Breached == 0 || c.Escalated != "shiqiao" {
			t.Fatalf("a question that is not answered: unit %s, breached %d, told %s", c.Unit, c.Breached, c.Escalated)
		}
		r.refused("overseer3", got.Case, "answer", map[string]any{"answer": "x"}, fault.Forbidden, "casework.not_yours")
		r.do("director3", got.Case, "answer", map[string]any{"answer": "工期紧。"})
		r.do("overseer3", got.Case, "unsatisfied", nil)
		for to, unit := range map[string]string{"township": "shiqiao", "county": "yunxi", "discipline": "yunxi"} {
			report, err := r.open("overseer3", "supervision-report", "report", map[string]any{"village": village, "subject": "路灯维修", "addressee": to, "facts": "未比价即付款", "asked": got.Number})
			r.ok(err)
			c, _, err := r.Cases.Seen(ctx, identity.SystemActor(), report.Case)
			r.ok(err)
			if c.Unit != unit {
				t.Errorf("a report to the %s went to %s", to, c.Unit)
			}
			_, _, err = r.Cases.Seen(ctx, r.Actor("director3"), report.Case)
			wrong(t, err, fault.NotFound, "casework.no_case")
			if to == "township" {
				r.do("head3", report.Case, "settle", map[string]any{"result": "责令退回。"})
			}
		}
	})
}
