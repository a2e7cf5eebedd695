package staff_test

import (
	"testing"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/staff"
)

// TestAUnitIsMergedInTheMiddleOfItsCases: requests in progress, a whistle and the
// call of one, a task and a stationed unit go to the successor, each by an act.
func TestAUnitIsMergedInTheMiddleOfItsCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		system, admin := identity.SystemActor(), r.actor(t, "admin")
		for _, u := range []identity.Unit{
			{ID: "west", Parent: "county", Name: "西街道", Kind: "street", Area: "999901002"},
			{ID: "justice", Parent: "county", Name: "司法局", Kind: "department"},
			{ID: "office", Parent: "justice", Name: "东街司法所", Kind: "station", Owner: "justice", Commander: "bureau"},
			{ID: "merged", Parent: "county", Name: "综合执法局", Kind: "department", Area: "999901"},
		} {
			must(r.ids.AddUnit(ctx, system, u))
		}
		cases := r.held(t, 3)
		admin = r.actor(t, "admin")
		boss := r.actor(t, "boss")
		order := must(r.cases.Open(ctx, boss, casework.Opening{Procedure: "station-order", Act: "order",
			Values: map[string]any{"station": "office", "subject": "调解", "words": "上门", "by": "2026-12-01"}}))
		// A whistle of the street calls the bureau: the call lies with the bureau.
		must(r.ids.AddPost(ctx, system, identity.Post{Person: "chief", Unit: "street", Kind: "dispatcher", Area: "999901001"}))
		whistle := must(r.cases.Open(ctx, r.actor(t, "chief"), casework.Opening{Procedure: "whistle", Act: "blow_now",
			Values: map[string]any{"area": "999901001", "subject": "路面塌陷", "words": "塌陷", "departments": []any{"bureau"}, "asks": "围挡", "answer_within": "2 hours"}}))
		call := whistle.Children[0]
		cases = append(cases, call)

		if f := fault.Of(r.ids.CloseUnit(ctx, admin, "bureau")); f == nil || f.Key != "staff.unit_holds" {
			t.Fatalf("closed with open cases: %v", f)
		}
		for name, c := range map[string]struct {
			by        identity.Actor
			successor string
			key       string
		}{
			"nobody": {admin, "moon", "identity.no_unit"}, "itself": {admin, "bureau", "staff.no_successor"}, "by its head": {boss, "merged", "identity.not_administrator"},
		} {
			if _, err := r.staff.CloseInto(ctx, c.by, "bureau", staff.Succession{Successor: c.successor, Reason: "改革"}); fault.Of(err) == nil || fault.Of(err).Key != c.key {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if _, err := r.staff.CloseInto(ctx, admin, "bureau", staff.Succession{Successor: "merged"}); fault.Of(err) == nil || fault.Of(err).Field != "reason" {
			t.Fatalf("without a reason: %v", err)
		}
		h := must(r.staff.CloseInto(ctx, admin, "bureau", staff.Succession{Token: "form", Successor: "merged", Reason: "机构改革", People: true}))
		if again := must(r.staff.CloseInto(ctx, admin, "bureau", staff.Succession{Token: "form", Successor: "merged", Reason: "机构改革", People: true})); again.ID != h.ID {
			t.Fatal("the same form twice is two closings")
		}
		must(r.staff.Work(ctx))
		h = must(r.staff.Handover(ctx, admin, h.ID))
		for _, i := range h.Items {
			if i.State != staff.ItemDone {
				t.Errorf("%s %s: %s %s", i.Kind, i.Label, i.State, i.Fault)
			}
		}
		if h.State != staff.HandoverDone || must(r.ids.Unit(ctx, "bureau")).Open(r.clk.Now()+1) {
			t.Fatalf("the closing is %s", h.State)
		}
		for _, id := range cases {
			c := must(r.cases.Get(ctx, system, id)).Case
			if c.Unit != "merged" || r.handed(t, id) != 1 {
				t.Errorf("%s lies with %s after %d hand-overs", c.Procedure, c.Unit, r.handed(t, id))
			}
			if c.Procedure == "service-request" && c.Person != "handler" {
				t.Errorf("its holder is %q", c.Person)
			}
		}
		if u := must(r.ids.Unit(ctx, "office")); u.Commander != "merged" || u.Owner != "justice" {
			t.Errorf("the stationed unit is commanded by %s", u.Commander)
		}
		// Who came along goes on with the work, under the new unit.
		if _, err := r.cases.Do(ctx, r.actor(t, "handler"), casework.Asking{Case: call, Act: "report_in", Values: map[string]any{"who_comes": "执法队"}}); err != nil {
			t.Errorf("the called unit cannot go on: %v", err)
		}
		if _, err := r.cases.Do(ctx, r.actor(t, "boss"), casework.Asking{Case: order.Case, Act: "withdraw", Values: map[string]any{"reason": "已办"}}); err != nil {
			t.Errorf("the new commander cannot go on: %v", err)
		}
		r.clean(t)
		v := r.cases.Verify(ctx, func(f ledger.Finding) { t.Errorf("verify: %v", f) })
		must(r.log.Verify(ctx, "", v.Leaf))
		ok(t, v.Replay())
	})
}

func TestAnEmptyUnitClosesAsBefore(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	must(r.ids.AddUnit(ctx, identity.SystemActor(), identity.Unit{ID: "empty", Parent: "county", Name: "空单位", Kind: "office"}))
	ok(t, r.ids.CloseUnit(ctx, r.actor(t, "admin"), "empty"))
}
