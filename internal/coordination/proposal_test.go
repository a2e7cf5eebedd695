package coordination_test

import (
	"slices"
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/coordination"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// refusedPart is a part that the street refuses, and the county's case on it.
func (r *rig) refusedPart() (part, refusal string) {
	task := r.ask("housing-head", map[string]any{"item": "J05"})
	r.do("housing-head", task.Case, "hand_down", nil)
	part = r.child(task.Case, "task-part").ID
	r.do("street-head", part, "refuse", map[string]any{"cited": "J05", "reason": "本项只管调解，不管摸排"})
	return part, r.child(part, "task-refusal").ID
}

func TestADecidedDisputeBecomesAPrecedent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		_, plain := r.refusedPart()
		r.do("vice", plain, "uphold", map[string]any{"ruling": "不属本项"})
		if n := len(must(r.cases.Get(ctx, identity.SystemActor(), plain)).Children); n != 0 {
			t.Fatalf("nobody proposed, %d cases were opened", n)
		}
		_, refusal := r.refusedPart()
		r.do("vice", refusal, "uphold", map[string]any{"ruling": "本项只含调解", "propose": true, "proposal": "J05 应写明不含摸排", "proposed_boundary": "只含调解，不含摸排和报数"})
		id := r.child(refusal, coordination.Proposals).ID
		c := r.of(id)
		if c.Unit != "county" || c.Values.Text("item") != "J05" || c.Values.Text("origin") != r.of(refusal).Number || c.Values.Text("proposer") != "county" {
			t.Fatalf("%s %v", c.Unit, c.Values)
		}
		if c.Values.Text("side") != "housing" || c.Values.Text("other_side") != "qinghe" {
			t.Fatalf("it concerns %v", c.Values)
		}
		r.refused("housing-head", id, "accept", map[string]any{"change": "boundary", "decision": "x"}, "casework.not_yours")
		r.do("magistrate", id, "accept", map[string]any{"change": "boundary", "decision": "写清楚"})
		for _, who := range []string{"housing-head", "street-head"} {
			lines := must(r.cases.Told(ctx, r.who[who], false, 1<<62, "", 50))
			if !slices.ContainsFunc(lines, func(l casework.ToldLine) bool { return l.Case.ID == id && l.Act == "accept" }) {
				t.Errorf("%s was not told of the decision", who)
			}
		}
		// In force is only what was published: before that nothing was entered.
		r.refused("magistrate", id, "enter", map[string]any{"item": "J05"}, "coordination.not_published")
		r.refused("magistrate", id, "enter", map[string]any{"item": "J99"}, "coordination.no_item")
		all := must(r.doors.Precedents(ctx, "county", "J05", 10))
		if len(all) != 1 || all[0].Boundary != "只含调解，不含摸排和报数" || all[0].State != "accepted" {
			t.Fatalf("%+v", all)
		}
		if other := must(r.doors.Precedents(ctx, "county", "J01", 10)); len(other) != 0 {
			t.Fatalf("beside another item: %+v", other)
		}
	})
}

func TestWhoProposesNamesADecidedDispute(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	part, refusal := r.refusedPart()
	propose := func(who, origin string) error {
		_, err := r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: coordination.Proposals, Act: "propose",
			Values: map[string]any{"matter": "电梯摸排", "origin": origin, "change": "boundary", "words": "写清楚"}})
		return err
	}
	for name, origin := range map[string]string{"undecided": r.of(refusal).Number, "no dispute": r.of(part).Number, "nothing": "20260101-00000000"} {
		if f := fault.Of(propose("magistrate", origin)); f == nil || f.Key != "coordination.no_origin" || f.Field != "origin" {
			t.Errorf("%s: %v", name, f)
		}
	}
	r.do("vice", refusal, "insist", map[string]any{"ruling": "包括摸排"})
	if f := fault.Of(propose("property-head", r.of(refusal).Number)); f == nil {
		t.Error("who has no part in it and may not see it proposed")
	}
	r.ok(propose("street-head", r.of(refusal).Number))
	r.ok(propose("magistrate", r.of(refusal).Number))
	all := must(r.doors.Precedents(ctx, "county", "", 10))
	slices.SortFunc(all, func(a, b coordination.Precedent) int { return strings.Compare(a.Proposer, b.Proposer) })
	if len(all) != 2 || all[0].Proposer != "county" || all[1].Proposer != "qinghe" {
		t.Fatalf("%+v", all)
	}
	r.refused("magistrate", all[0].Case, "accept", map[string]any{"change": "boundary", "decision": "x"}, "casework.own_work")
	r.do("vice", all[0].Case, "reject", map[string]any{"decision": "已经写清楚"})
}

// The third whistle of a street on one kind of matter within a year is put forward by
// the house, once.
func TestTheThirdWhistleIsProposed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for n := 1; n <= 4; n++ {
		got := must(r.whistle("street-clerk", "blow_now", map[string]any{"class": "lift", "answer_within": "1 hour"}))
		var opened []string
		for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), got.Case)).Children {
			if c.Procedure == coordination.Proposals {
				opened = append(opened, c.ID)
			}
		}
		if want := n == 3; (len(opened) == 1) != want {
			t.Fatalf("whistle %d: %d proposals", n, len(opened))
		}
		if n == 3 {
			c := r.of(opened[0])
			if c.Unit != "county" || c.Values.Text("item") != "S04" || !strings.Contains(c.Values.Text("words"), "第 3 次") || c.Values.Text("proposer") != "qinghe" {
				t.Fatalf("%s %v", c.Unit, c.Values)
			}
		}
	}
}
