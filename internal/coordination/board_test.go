package coordination_test

import (
	"testing"
	"time"

	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func TestTheOpenWhistlesOfAStreet(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	first := must(r.whistle("street-clerk", "blow_now", map[string]any{"answer_within": "2 hours"}))
	must(r.whistle("street-clerk", "blow", nil))
	r.do("housing-clerk", r.callOf(first.Case, "housing"), "report_in", map[string]any{"who_comes": "值班员"})
	all := must(r.doors.OpenWhistles(ctx, r.who["street-head"], "qinghe"))
	if len(all) != 2 || all[0].ID != first.Case || all[0].Called != 2 || all[0].Coming != 1 || all[0].Silent != 1 || !all[0].Unconfirmed() || all[1].Called != 0 {
		t.Fatalf("%+v", all)
	}
	if all[0].Overdue(r.clk.Now()) {
		t.Fatal("overdue at once")
	}
	r.clk.Advance(3 * time.Hour)
	if !all[0].Overdue(r.clk.Now()) {
		t.Fatal("never overdue")
	}
	if got := must(r.doors.OpenWhistles(ctx, r.who["housing-head"], "qinghe")); len(got) != 0 {
		t.Fatalf("a department sees %d whistles in the list of the street", len(got))
	}
	if _, _, err := r.doors.WhistleFor(ctx, r.who["housing-clerk"], first.Number); err != nil {
		t.Fatalf("who is called does not see the board: %v", err)
	}
	if _, _, err := r.doors.WhistleFor(ctx, r.who["civil"], first.Number); !fault.Is(err, fault.NotFound) {
		t.Fatalf("who is not called sees the board: %v", err)
	}
}
