package coordination_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"

	"pgregory.net/rapid"
)

// whistled is what the street fills in.
func whistled(change map[string]any) map[string]any {
	all := map[string]any{"area": "999901001", "kind": "everyday", "subject": "老旧小区电梯停运", "words": "三栋楼电梯停运，物业弃管", "departments": []any{"housing", "property"},
		"asks": "住建局：检查维修资金；物业中心：约谈物业", "answer_within": "24 hours", "class": "elevator"}
	maps.Copy(all, change)
	return all
}

func (r *rig) whistle(who, act string, change map[string]any) (casework.Receipt, error) {
	all := whistled(change)
	if act != "blow" {
		delete(all, "kind")
	}
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "whistle", Act: act, Values: all})
}

// callOf is what one department owes a whistle.
func (r *rig) callOf(id, unit string) string {
	r.t.Helper()
	for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), id)).Children {
		if c.Unit == unit {
			return c.ID
		}
	}
	r.t.Fatalf("%s was not called", unit)
	return ""
}

func TestAWhistleFromCallToEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := must(r.whistle("street-clerk", "blow", nil))
		if n := len(must(r.cases.Get(ctx, identity.SystemActor(), got.Case)).Children); n != 0 {
			t.Fatalf("%d departments were called before the head approved", n)
		}
		r.refused("street-clerk", got.Case, "approve", nil, "casework.not_yours")
		r.do("street-head", got.Case, "approve", nil)
		housing, property := r.callOf(got.Case, "housing"), r.callOf(got.Case, "property")
		r.do("housing-clerk", housing, "report_in", map[string]any{"who_comes": "维修资金科"})
		r.refused("housing-clerk", housing, "arrived", nil, "casework.not_yours") // arrival is the caller's word
		r.do("street-clerk", housing, "arrived", nil)
		r.do("housing-clerk", housing, "deliver", map[string]any{"result": "维修资金已启用"})
		r.refused("housing-clerk", housing, "accept", nil, "casework.not_yours")
		r.do("street-head", housing, "accept", nil)
		r.refused("street-head", got.Case, "end", map[string]any{"outcome": "好了"}, "casework.child_open")

		// Not our matter: the county sees both sides and decides; no second refusal.
		r.do("property-head", property, "decline", map[string]any{"item": "P01", "reason": "属住建局"})
		dispute := r.child(property, "whistle-dispute").ID
		if c := r.of(dispute); c.Unit != "county" || c.Values.Text("item") != "P01" || c.Values.Text("asks") == "" {
			t.Fatalf("the dispute: %s %v", c.Unit, c.Values)
		}
		r.do("vice", dispute, "order", map[string]any{"ruling": "P01 由物业中心牵头"})
		r.refused("property-head", property, "decline", map[string]any{"item": "P01", "reason": "再说"}, "casework.guard")

		// Nobody comes: the clock takes it to the county by itself.
		r.clk.Advance(25 * time.Hour)
		r.scan()
		if c := r.of(property); c.State != "disputed" {
			t.Fatalf("after a day without report the call is %s", c.State)
		}
		r.do("street-head", got.Case, "meet", map[string]any{"minutes": "物业中心未到"})
		for _, who := range []string{"housing-head", "property-head", "vice"} {
			if _, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: got.Case, Act: "end", Values: map[string]any{"outcome": "算了"}}); err == nil {
				t.Fatalf("%s ended the street's whistle", who)
			}
		}
	})
}

func TestAnEmergencyGoesAtOnceAndIsConfirmed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	if _, err := r.whistle("street-clerk", "blow", map[string]any{"kind": "emergency"}); fault.Of(err) == nil || fault.Of(err).Key != "casework.guard" {
		t.Fatalf("an emergency waited for approval: %v", err)
	}
	got := must(r.whistle("street-clerk", "blow_now", map[string]any{"answer_within": "1 hour"}))
	if c := r.of(r.callOf(got.Case, "housing")); c.State != "called" || c.Values.Text("kind") != "emergency" {
		t.Fatalf("%s %v", c.State, c.Values)
	}
	r.clk.Advance(23 * time.Hour)
	r.scan()
	r.refused("street-clerk", got.Case, "confirm", nil, "casework.not_yours")
	r.do("street-head", got.Case, "confirm", nil)
	if k := r.of(got.Case).Clocks()["confirm"]; k.Status != procedure.Ended || k.Breaches != 0 {
		t.Fatalf("the confirmation: %+v", k)
	}
	again := must(r.whistle("street-clerk", "blow_now", nil))
	if n := r.of(again.Case).Values["earlier"]; n != int64(1) {
		t.Fatalf("the second on such a matter counts %v before it", n)
	}
}

func TestWhoMayNotBeCalled(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		change     map[string]any
		field, key string
	}{
		"itself":            {map[string]any{"departments": []any{"qinghe"}}, "departments", "coordination.own_office"},
		"its own community": {map[string]any{"departments": []any{"willow"}}, "departments", "coordination.own_office"},
		"nobody":            {map[string]any{"departments": []any{}}, "departments", "casework.missing_field"},
		"an unknown unit":   {map[string]any{"departments": []any{"moon"}}, "departments", "identity.no_unit"},
		"no time":           {map[string]any{"answer_within": "0 hours"}, "answer_within", "procedure.value_length"},
		"elsewhere":         {map[string]any{"area": "999901002"}, "", "casework.not_yours"},
	} {
		_, err := r.whistle("street-head", "blow", c.change)
		if f := fault.Of(err); f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoHistoryPassesTheDoor lets people do what they like: whatever they do, a
// part of a task exists only below a task that the lists or the county let go, a
// department is called only by a whistle that a head approved or that went at once,
// never twice, and every clock that runs is one at which the scan will look.
func TestNoHistoryPassesTheDoor(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t)) // one house for all histories
	rapid.Check(t, func(rt *rapid.T) {
		people := slices.Sorted(maps.Keys(r.who))
		var open []string
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			who := rapid.SampledFrom(people).Draw(rt, "who")
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				values := map[string]any{"subject": "任务", "words": rapid.SampledFrom([]string{"报数", "检查电梯", "调解"}).Draw(rt, "words"), "kind": "task", "limit": "3 workdays",
					"item":      rapid.SampledFrom([]string{"", "J05", "S04", "P01", "C03", "J01"}).Draw(rt, "item"),
					"receivers": []any{rapid.SampledFrom([]string{"qinghe", "willow"}).Draw(rt, "receiver")}}
				if got, err := r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "task", Act: "ask", Values: values}); err == nil {
					open = append(open, got.Case)
				}
			case 1:
				act := rapid.SampledFrom([]string{"blow", "blow_now", "blow_head"}).Draw(rt, "whistle")
				if got, err := r.whistle(who, act, nil); err == nil {
					open = append(open, got.Case)
				}
			case 2:
				r.clk.Advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
				r.scan()
			default:
				if len(open) == 0 {
					continue
				}
				id := rapid.SampledFrom(open).Draw(rt, "case")
				v, err := r.cases.Get(ctx, r.who[who], id)
				if err != nil {
					continue
				}
				var can []*procedure.Act
				for _, p := range v.May {
					if p.Why == nil {
						can = append(can, p.Act)
					}
				}
				if len(can) == 0 {
					continue
				}
				act := rapid.SampledFrom(can).Draw(rt, "act")
				if _, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act.Name, Values: anything(v.Procedure, act)}); err == nil {
					for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), id)).Children {
						if !slices.Contains(open, c.ID) {
							open = append(open, c.ID)
						}
					}
				}
			}
			r.holds(rt, open)
		}
	})
}

// anything fills an act in.
func anything(p *procedure.Procedure, a *procedure.Act) map[string]any {
	out := map[string]any{}
	for _, f := range a.Fill {
		switch p.Field(f.Field).Type {
		case "text", "lines":
			out[f.Field] = "J05"
		case "money":
			out[f.Field] = 100
		case "length":
			out[f.Field] = "2 days"
		case "unit":
			out[f.Field] = "civil-bureau"
		}
	}
	if a.Opinion != nil {
		out["verdict"] = "agree"
	}
	return out
}

func (r *rig) holds(t *rapid.T, open []string) {
	next := must(r.cases.NextDue(ctx))
	for _, id := range open {
		c := r.of(id)
		if c.Procedure == "task-part" {
			if v := r.of(c.Parent).Values.Text("verdict"); v != "basic" && v != "cooperating" && v != "admitted" {
				t.Fatalf("a part stands below a task of which the door said %q", v)
			}
		}
		r.rightlyCalled(t, c)
		for name, k := range c.Clocks() {
			if k.Status == procedure.Running && k.Next != 0 && (next == 0 || next > k.Next) {
				t.Fatalf("%s of %s wants a look at %s, the scan looks at %s", name, c.Procedure, k.Next, next)
			}
			if def := must(r.cases.ProcedureAt(ctx, c.Procedure, c.Edition)).Clock(name); k.Status == procedure.Running && k.Next == 0 && k.Breaches == 0 && (def.Escalate || def.Perform != "") {
				t.Fatalf("%s of %s runs and nobody will look", name, c.Procedure)
			}
		}
	}
}

// rightlyCalled: nobody is called before somebody may, twice by one whistle, or by
// themselves; what is over has nobody left who waits.
func (r *rig) rightlyCalled(t *rapid.T, c *casework.Case) {
	if c.Procedure != "whistle" {
		return
	}
	called := map[string]bool{}
	for _, child := range must(r.cases.Get(ctx, identity.SystemActor(), c.ID)).Children {
		if child.Procedure != "whistle-call" {
			continue
		}
		if !slices.ContainsFunc([]string{"approve", "grant", "blow_now", "blow_head"}, func(act string) bool { return len(c.Doers[act]) > 0 }) {
			t.Fatalf("%s was called before anybody approved", child.Unit)
		}
		if called[child.Unit] || child.Unit == c.Values.Text("caller") {
			t.Fatalf("%s is called twice, or by itself", child.Unit)
		}
		called[child.Unit] = true
		if c.Kind == procedure.Final && child.Kind != procedure.Final {
			t.Fatalf("the whistle is %s and %s still %s", c.State, child.Unit, child.State)
		}
	}
	if c.State == "ended" && !c.Did("street-head", "end", "end_owing") && !c.Did("street-clerk", "end", "end_owing") {
		t.Fatalf("it was ended by %v", c.Doers)
	}
}
