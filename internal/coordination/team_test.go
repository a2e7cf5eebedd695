package coordination_test

import (
	"testing"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func TestATeamTakesUpAMatter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		system := identity.SystemActor()
		for _, u := range []identity.Unit{{ID: "clinic", Parent: "county", Name: "清河卫生服务中心", Kind: "organisation"}, {ID: "law-firm", Parent: "county", Name: "律师事务所", Kind: "organisation"}} {
			must(r.ids.AddUnit(ctx, system, u))
		}
		for _, p := range [][4]string{{"doctor", "handler", "clinic"}, {"lawyer", "handler", "law-firm"}, {"worker", "grid-worker", "willow", "999901001002"}} {
			_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
			r.ok(err)
			must(r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]}))
			r.who[p[0]] = must(r.ids.Actor(ctx, p[0]))
		}
		got := must(r.cases.Open(ctx, r.who["worker"], casework.Opening{Procedure: "team-matter", Act: "take_up",
			Values: map[string]any{"area": "999901001002001", "subject": "独居老人用药和房租", "words": "老人记不住用药，房东要涨租"}}))
		part := func(unit, words string) string {
			receipt := r.do("worker", got.Case, "give", map[string]any{"member": unit, "member_unit": unit, "part": words, "limit": "5 days"})
			return receipt.Children[0]
		}
		medical, legal := part("clinic", "上门核对用药"), part("law-firm", "看租赁合同")
		r.refused("worker", got.Case, "give", map[string]any{"member": "x", "member_unit": "moon", "part": "x", "limit": "5 days"}, "identity.no_unit")
		// Each sees the part that is theirs: not the other's, and not the whole.
		r.refused("doctor", legal, "finish", map[string]any{"result": "x"}, "casework.no_case")
		r.refused("doctor", got.Case, "close", map[string]any{"outcome": "x"}, "casework.no_case")
		if v := must(r.cases.Get(ctx, r.who["doctor"], medical)); v.Parent != nil || v.Case.Values.Text("words") != "" {
			t.Fatal("the doctor sees the whole matter")
		}
		r.refused("worker", got.Case, "close", map[string]any{"outcome": "好了"}, "casework.child_open")
		r.do("doctor", medical, "finish", map[string]any{"result": "配了分药盒"})
		r.do("lawyer", legal, "decline", map[string]any{"reason": "合同在区里，转法律援助"})
		r.do("worker", got.Case, "close", map[string]any{"outcome": "用药已落实，房租转法律援助"})
		r.verified()
	})
}

func TestWhoStandsOnTheBoard(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	enter := func(change map[string]any) error {
		all := map[string]any{"area": "999901001002", "role": "doctor", "name": "医生甲", "organisation": "卫生服务中心", "telephone": "0999-5550101", "consent": true, "consent_day": "2026-11-20"}
		for k, v := range change {
			all[k] = v
		}
		_, err := r.cases.Open(ctx, r.who["willow-clerk"], casework.Opening{Procedure: "team-member", Act: "register", Values: all})
		return err
	}
	r.ok(enter(nil))
	r.ok(enter(map[string]any{"telephone": nil}))
	r.ok(enter(map[string]any{"telephone": "12345"}))
	for name, c := range map[string]struct {
		change map[string]any
		key    string
	}{
		"a mobile telephone": {map[string]any{"telephone": "13900000000"}, "coordination.private_telephone"},
		"words":              {map[string]any{"telephone": "call me"}, "coordination.private_telephone"},
		"without consent":    {map[string]any{"consent": false}, "casework.guard"},
		"no consent said":    {map[string]any{"consent": nil}, "casework.missing_field"},
		"elsewhere":          {map[string]any{"area": "999901002001"}, "casework.not_yours"},
	} {
		if f := fault.Of(enter(c.change)); f == nil || f.Key != c.key {
			t.Errorf("%s: %v", name, f)
		}
	}
}
