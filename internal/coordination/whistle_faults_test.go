package coordination_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// build adds a unit.
func (r *rig) build(u identity.Unit) {
	r.t.Helper()
	must(r.ids.AddUnit(ctx, identity.SystemActor(), u))
}

// hire gives somebody a post, and an account where they have none.
func (r *rig) hire(person, kind, unit string) {
	r.t.Helper()
	system := identity.SystemActor()
	if _, known := r.who[person]; !known {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: person, Name: person, Login: person + "-login", Hash: "x"})
		r.ok(err)
	}
	must(r.ids.AddPost(ctx, system, identity.Post{Person: person, Unit: unit, Kind: kind}))
	r.who[person] = must(r.ids.Actor(ctx, person))
}

// stationed is a police station in the street, and one in another street.
func (r *rig) stationed() {
	r.build(identity.Unit{ID: "police", Parent: "county", Name: "县公安局", Kind: "department", Area: "999901", Function: "police"})
	r.build(identity.Unit{ID: "dongshan", Parent: "county", Name: "东山街道办事处", Kind: "street", Area: "999901002"})
	for _, s := range []string{"qinghe", "dongshan"} {
		r.build(identity.Unit{ID: s + "-ps", Parent: s, Name: s + "派出所", Kind: "station", Area: map[string]string{"qinghe": "999901001", "dongshan": "999901002"}[s], Owner: "police", Commander: s})
	}
	r.hire("ps-head", "head", "qinghe-ps")
}

func TestAWhistleThatCannotBe(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.stationed()
	r.build(identity.Unit{ID: "elsewhere", Name: "邻县人民政府", Kind: "government", Area: "999902"})
	r.build(identity.Unit{ID: "elsewhere-housing", Parent: "elsewhere", Name: "邻县住建局", Kind: "department", Area: "999902"})
	r.build(identity.Unit{ID: "gone", Parent: "county", Name: "县房管局", Kind: "department", Area: "999901"})
	r.ok(r.ids.CloseUnit(ctx, identity.SystemActor(), "gone"))
	r.hire("county-dispatcher", "dispatcher", "county")
	for name, c := range map[string]struct {
		who        string
		change     map[string]any
		field, key string
	}{
		"a closed unit":                {"street-head", map[string]any{"departments": []any{"gone"}}, "departments", "casework.unit_closed"},
		"another county's":             {"street-head", map[string]any{"departments": []any{"elsewhere-housing"}}, "departments", "coordination.elsewhere"},
		"another street":               {"street-head", map[string]any{"departments": []any{"dongshan"}}, "departments", "coordination.no_department"},
		"the county itself":            {"street-head", map[string]any{"departments": []any{"county"}}, "departments", "coordination.no_department"},
		"another street's police":      {"street-head", map[string]any{"departments": []any{"dongshan-ps"}}, "departments", "coordination.not_here"},
		"the same twice":               {"street-head", map[string]any{"departments": []any{"housing", "housing"}}, "departments", "procedure.value_list"},
		"by a day that is over":        {"street-head", map[string]any{"by": "2026-11-23"}, "by", "coordination.in_past"},
		"in no time":                   {"street-head", map[string]any{"arrive_within": "0 days"}, "arrive_within", "procedure.value_length"},
		"in less than no time":         {"street-head", map[string]any{"answer_within": "-3 hours"}, "answer_within", "procedure.value_length"},
		"nothing asked of one":         {"street-head", map[string]any{"asks": "县住建局：检查"}, "asks", "coordination.asks_nothing"},
		"asked of one not called":      {"street-head", map[string]any{"asks": "大家都来\n县民政局：救助"}, "asks", "coordination.asks_stray"},
		"a case that is not there":     {"street-head", map[string]any{"linked": "261124-00000000"}, "linked", "coordination.no_linked"},
		"more cases than anybody read": {"street-head", map[string]any{"linked": strings.Repeat("x ", 3) + numbered(30)}, "linked", "procedure.value_too_many"},
		"a county that whistles":       {"county-dispatcher", nil, "area", "coordination.not_a_street"},
	} {
		_, err := r.whistle(c.who, "blow", c.change)
		if f := fault.Of(err); f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	today := must(r.whistle("street-head", "blow", map[string]any{"by": "2026-11-24", "departments": []any{"qinghe-ps"}}))
	r.clk.Advance(24 * time.Hour) // and the day is over before anybody approved
	if f := r.refused("street-head", today.Case, "approve", nil, "coordination.in_past"); f.Field != "by" {
		t.Fatal(f)
	}
	r.do("street-head", today.Case, "approve", map[string]any{"by": "2026-11-27"})
	if c := r.of(r.callOf(today.Case, "qinghe-ps")); c.Values.Text("deliver_within") != "2 days" || c.Due == 0 {
		t.Fatalf("%v", c.Values)
	}
}

func numbered(n int) string {
	var out []string
	for i := range n {
		out = append(out, "26-"+strings.Repeat("1", i+1))
	}
	return strings.Join(out, "、")
}

func TestEachDepartmentIsAskedItsOwn(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	linked := r.ask("housing-head", map[string]any{"item": "J05"}) // any case that the caller sees
	r.do("housing-head", linked.Case, "hand_down", nil)
	part := r.of(r.child(linked.Case, "task-part").ID)
	got := must(r.whistle("street-head", "blow", map[string]any{"linked": part.Number, "asks": "住建局：检查维修资金；物业中心:约谈物业\n周五上午开会\n县住建局：带图纸"}))
	r.do("street-head", got.Case, "approve", nil)
	for unit, want := range map[string]string{"housing": "检查维修资金\n带图纸\n周五上午开会", "property": "约谈物业\n周五上午开会"} {
		if c := r.of(r.callOf(got.Case, unit)); c.Values.Text("asks") != want || c.Values.Text("department") != unit {
			t.Errorf("%s is asked %q", unit, c.Values.Text("asks"))
		}
	}
	if s := r.of(got.Case).Values.Text("asks"); !strings.Contains(s, "县物业中心：约谈物业") {
		t.Errorf("the whistle asks %q", s)
	}
}

func TestACommunityWhistlesThroughItsStreet(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	if _, err := r.whistle("willow-clerk", "blow", map[string]any{"area": "999901001002"}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a community whistled: %v", err)
	}
	wish := must(r.cases.Open(ctx, r.who["willow-clerk"], casework.Opening{Procedure: "whistle", Act: "wish", Values: map[string]any{"area": "999901001002", "subject": "电梯停运", "words": "三栋楼", "class": "elevator"}}))
	open := must(r.doors.OpenWhistles(ctx, r.who["street-head"], "qinghe"))
	if len(open) != 1 || open[0].State != "wished" {
		t.Fatalf("%+v", open)
	}
	r.do("street-head", wish.Case, "grant", map[string]any{"kind": "everyday", "departments": []any{"housing"}, "asks": "来看", "answer_within": "24 hours"})
	c := r.of(wish.Case)
	if c.State != "called" || c.Unit != "qinghe" || c.Values.Text("caller") != "qinghe" || c.Values.Text("county") != "county" || c.Values.Text("wisher") != "willow" {
		t.Fatalf("%s %s %v", c.State, c.Unit, c.Values)
	}
}

func TestAnEmergencyThatNobodyConfirms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := must(r.whistle("street-clerk", "blow_now", map[string]any{"answer_within": "48 hours"}))
		if k := r.of(got.Case).Clocks()["confirm"]; !k.Live() {
			t.Fatal("nobody waits for the confirmation")
		}
		r.clk.Advance(25 * time.Hour)
		r.scan()
		c, _, acts, err := r.cases.History(ctx, got.Case)
		r.ok(err)
		told := map[string]bool{}
		for _, a := range acts {
			if a.Act == "not_confirmed" {
				for _, u := range a.Delta.Told {
					told[u.Unit] = true
				}
			}
		}
		if c.State != "called" || !told["county"] || !told["housing"] || !told["property"] || !told["qinghe"] {
			t.Fatalf("%s, told %v", c.State, told)
		}
		if !must(r.doors.OpenWhistles(ctx, r.who["street-head"], "qinghe"))[0].Unconfirmed() {
			t.Fatal("the list does not show it")
		}
		r.refused("street-clerk", got.Case, "take_back", map[string]any{"reason": "误报"}, "casework.not_yours")
		r.do("street-head", got.Case, "take_back", map[string]any{"reason": "误报"})
		if c := r.of(got.Case); c.Values.Text("rightly") != "none" {
			t.Fatalf("%v", c.Values)
		}
		if c := r.of(r.callOf(got.Case, "housing")); c.State != "released" {
			t.Fatalf("the call is %s", c.State)
		}
		// What the head blows needs no second word.
		head := must(r.whistle("street-head", "blow_head", map[string]any{}))
		if c := r.of(head.Case); c.State != "called" || c.Clocks()["confirm"].Live() || c.Values["emergency"] != true || c.Values["earlier"] != int64(0) {
			t.Fatalf("%s %v", c.State, c.Values)
		}
	})
}

func TestTheCountyDecidesAndNobodyInTheirOwnCause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.stationed()
		got := must(r.whistle("street-head", "blow", map[string]any{"departments": []any{"qinghe-ps", "property"}, "asks": "来现场"}))
		r.do("street-head", got.Case, "approve", nil)
		call := r.callOf(got.Case, "qinghe-ps")
		r.refused("ps-head", call, "decline", map[string]any{"item": "Z99", "reason": "不是"}, "coordination.no_item")
		r.do("ps-head", call, "decline", map[string]any{"item": "P01", "reason": "物业的事"})
		dispute := r.child(call, "whistle-dispute").ID
		if c := r.of(dispute); c.Unit != "county" || c.Values.Text("department") != "qinghe-ps" {
			t.Fatalf("the dispute of a station that the caller commands lies with %s", c.Unit)
		}
		ruling := map[string]any{"ruling": "来"}
		for _, kind := range []string{"qinghe-ps", "qinghe"} {
			who := "both-" + kind
			r.hire(who, "head", "county")
			r.hire(who, "handler", kind)
			r.refused(who, dispute, "order", ruling, "coordination.both_sides")
			r.refused(who, dispute, "excuse", ruling, "coordination.both_sides")
		}
		with := func(unit string) map[string]any { return map[string]any{"instead": unit, "ruling": "由它来"} }
		for unit, key := range map[string]string{"qinghe": "coordination.own_office", "qinghe-ps": "coordination.in_chain", "property": "coordination.in_chain", "dongshan-ps": "coordination.not_here", "willow": "coordination.own_office"} {
			if f := r.refused("vice", dispute, "redirect", with(unit), key); f.Field != "instead" {
				t.Errorf("%s: %v", unit, f)
			}
		}
		r.do("vice", dispute, "redirect", with("housing"))
		if c := r.of(call); c.State != "called" || c.Unit != "housing" || !c.Clocks()["report_in"].Live() {
			t.Fatalf("%s %s", c.State, c.Unit)
		}
		r.refused("housing-head", call, "decline", map[string]any{"item": "P01", "reason": "也不是"}, "casework.guard")
		r.do("housing-clerk", call, "report_in", map[string]any{"who_comes": "张工"})
		// It reported in and does nothing: the street refers it; it does not go back in a circle.
		r.do("street-head", call, "refer", map[string]any{"complaint": "报到三天没有来"})
		second := ""
		for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), call)).Children {
			if c.ID != dispute {
				second = c.ID
			}
		}
		if c := r.of(second); c.Values.Text("reason") != "" || c.Values.Text("complaint") == "" {
			t.Fatalf("%v", c.Values)
		}
		r.refused("vice", second, "redirect", with("qinghe-ps"), "coordination.in_chain")
		r.do("vice", second, "excuse", map[string]any{"ruling": "算了"})
		r.do("street-head", got.Case, "end_owing", map[string]any{"outcome": "先处理", "reason": "物业没来"})
		c := r.of(got.Case)
		if !strings.Contains(c.Values.Text("owed"), "县物业中心（待报到）：来现场") || c.Values.Text("rightly") != "some" {
			t.Fatalf("%v", c.Values)
		}
	})
}

func TestAUnitIsClosedInTheMiddle(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.stationed()
	r.hire("east-head", "head", "dongshan")
	got := must(r.whistle("street-head", "blow", nil))
	r.do("street-head", got.Case, "approve", nil)
	property := r.callOf(got.Case, "property")
	r.ok(r.ids.CloseUnit(ctx, identity.SystemActor(), "property"))
	r.do("street-head", property, "refer", map[string]any{"complaint": "物业中心已经撤销"})
	dispute := r.child(property, "whistle-dispute").ID
	r.refused("vice", dispute, "order", map[string]any{"ruling": "来"}, "coordination.called_closed")
	r.do("vice", dispute, "redirect", map[string]any{"instead": "civil-bureau", "ruling": "职能划给民政局"})
	if c := r.of(property); c.Unit != "civil-bureau" || c.State != "called" {
		t.Fatalf("%s %s", c.Unit, c.State)
	}
	// And the caller: nobody but the county says who goes on, and only once it is gone.
	to := map[string]any{"caller": "dongshan"}
	r.refused("magistrate", got.Case, "succeed", to, "coordination.caller_stands")
	// The street is heard about the head of its station before that unit goes.
	r.hire("police-head", "head", "police")
	asked := must(r.cases.Open(ctx, r.who["police-head"], casework.Opening{Procedure: "posting-opinion", Act: "ask", Values: map[string]any{
		"station": "qinghe-ps", "owner": "police", "subject": "派出所合并", "kind": "dissolve", "name": "ps-head", "proposal": "调回县局"}}))
	r.who["street-head"] = must(r.ids.Actor(ctx, "street-head")) // who commands the station by now
	r.do("street-head", asked.Case, "opine", map[string]any{"stance": "agree", "opinion": "同意"})
	r.do("police-head", asked.Case, "answer", map[string]any{"adopted": "adopted", "answer": "照办"})
	r.do("police-head", asked.Case, "decide", map[string]any{"decision": "调回"})
	system := identity.SystemActor()
	for _, u := range []string{"willow", "qinghe-ps"} {
		r.ok(r.ids.CloseUnit(ctx, system, u))
	}
	r.ok(r.ids.CloseUnit(ctx, system, "qinghe"))
	r.hire("chief", "leader", "county")
	if f := r.refused("chief", got.Case, "succeed", map[string]any{"caller": "housing"}, "coordination.not_a_street"); f.Field != "caller" {
		t.Fatal(f)
	}
	r.do("chief", got.Case, "succeed", to)
	r.do("east-head", got.Case, "end_owing", map[string]any{"outcome": "转入东山街道任务", "reason": "清河街道撤销"})
}

func TestTwoEndAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := must(r.whistle("street-clerk", "blow", map[string]any{"departments": []any{"housing"}, "asks": "来"}))
		r.do("street-head", got.Case, "approve", nil)
		r.do("street-head", r.callOf(got.Case, "housing"), "let_go", map[string]any{"remark": "自己解决了"})
		var wait sync.WaitGroup
		errs := make([]error, 2)
		for i, who := range []string{"street-clerk", "street-head"} {
			wait.Go(func() {
				_, errs[i] = r.cases.Do(ctx, r.who[who], casework.Asking{Case: got.Case, Act: "end", Values: map[string]any{"outcome": "好了"}})
			})
		}
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil && fault.Of(err).Key != "casework.wrong_state" {
				t.Fatal(err)
			}
		}
	})
}

func TestWhatComesAgainIsCounted(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.stationed()
	r.hire("east-duty", "duty-officer", "dongshan")
	earlier := func(who string, change map[string]any) any {
		return r.of(must(r.whistle(who, "blow", change)).Case).Values["earlier"]
	}
	earlier("street-head", nil)
	r.clk.Advance(200 * 24 * time.Hour)
	ended := must(r.whistle("street-head", "blow_head", map[string]any{"departments": []any{"housing"}}))
	r.do("street-head", ended.Case, "end_owing", map[string]any{"outcome": "x", "reason": "y"})
	refused := must(r.whistle("street-head", "blow", nil))
	r.do("street-head", refused.Case, "refuse", map[string]any{"reason": "不用"})
	back := must(r.whistle("street-head", "blow_head", nil))
	r.do("street-head", back.Case, "take_back", map[string]any{"reason": "错了"})
	for name, c := range map[string]struct {
		who    string
		change map[string]any
		want   any
	}{
		"another class":  {"street-head", map[string]any{"class": "fire-lane"}, int64(0)},
		"no class":       {"street-head", map[string]any{"class": ""}, nil},
		"another street": {"east-duty", map[string]any{"area": "999901002", "departments": []any{"housing"}, "asks": "来"}, int64(0)},
	} {
		if got := earlier(c.who, c.change); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := earlier("street-head", nil); got != int64(2) { // one waits for approval, one is over
		t.Errorf("across states: %v", got)
	}
	r.clk.Advance(170 * 24 * time.Hour)
	if got := earlier("street-head", nil); got != int64(2) { // the first is more than a year ago
		t.Errorf("after a year: %v", got)
	}
}
