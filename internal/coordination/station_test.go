package coordination_test

import (
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"

	"pgregory.net/rapid"
)

// stationed adds to the rig a bureau with an office stationed in the street, a
// second street, and two units that only look stationed.
func stationed(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := newRig(t, d)
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "justice", Parent: "county", Name: "县司法局", Kind: "department", Area: "999901", Function: "justice"},
		{ID: "dongshan", Parent: "county", Name: "东山街道办事处", Kind: "street", Area: "999901002"},
		{ID: "justice-office", Parent: "justice", Name: "清河司法所", Kind: "station", Area: "999901001", Owner: "justice", Commander: "qinghe"},
		{ID: "free-office", Parent: "justice", Name: "直属所", Kind: "station", Owner: "justice"},
		{ID: "own-office", Parent: "justice", Name: "自管所", Kind: "station", Owner: "justice", Commander: "justice"},
	} {
		must(r.ids.AddUnit(ctx, system, u))
	}
	for _, p := range [][4]string{{"justice-head", "head", "justice"}, {"office-head", "head", "justice-office"}, {"office-clerk", "handler", "justice-office"},
		{"other-head", "head", "dongshan", "999901002"}, {"free-head", "head", "free-office"}} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		must(r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]}))
	}
	for id := range r.who {
		r.who[id] = must(r.ids.Actor(ctx, id))
	}
	for _, id := range []string{"justice-head", "office-head", "office-clerk", "other-head", "free-head"} {
		r.who[id] = must(r.ids.Actor(ctx, id))
	}
	return r
}

func (r *rig) giveOrder(who, station, by string) (casework.Receipt, error) {
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "station-order", Act: "order",
		Values: map[string]any{"station": station, "subject": "调解楼上漏水纠纷", "words": "上门调解，报结果", "place": "二号楼", "by": by}})
}

func (r *rig) askCommander(who, station, kind string) (casework.Receipt, error) {
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "posting-opinion", Act: "ask",
		Values: map[string]any{"station": station, "owner": "justice", "subject": "所长调动", "kind": kind, "name": "office-head", "proposal": "调回局机关"}})
}

func (r *rig) verified() {
	r.t.Helper()
	for n := 1; n > 0; {
		n = must(r.log.Sequence(ctx))
	}
	v := r.cases.Verify(ctx, func(f ledger.Finding) { r.t.Errorf("verify: %v", f) })
	must(r.log.Verify(ctx, "", v.Leaf))
	r.ok(v.Replay())
}

func TestOnlyTheCommanderOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := stationed(t, d)
		for name, c := range map[string]struct{ who, station, by, key, field string }{
			"another street":           {"other-head", "justice-office", "2026-11-30", "casework.not_yours", ""},
			"the bureau itself":        {"justice-head", "justice-office", "2026-11-30", "casework.not_yours", ""},
			"somebody of the street":   {"willow-head", "justice-office", "2026-11-30", "casework.not_yours", ""},
			"a unit without commander": {"street-head", "free-office", "2026-11-30", "casework.not_yours", ""},
			"commander and owner one":  {"justice-head", "own-office", "2026-11-30", "coordination.not_stationed", "station"},
			"its own community":        {"street-head", "willow", "2026-11-30", "casework.not_yours", ""},
			"a unit that is not there": {"street-head", "moon", "2026-11-30", "casework.not_yours", ""},
			"into the past":            {"street-head", "justice-office", "2026-11-23", "coordination.in_the_past", "by"},
			"no day":                   {"street-head", "justice-office", "soon", "procedure.value_day", "by"},
		} {
			_, err := r.giveOrder(c.who, c.station, c.by)
			if f := fault.Of(err); f == nil || f.Key != c.key || f.Field != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		got := must(r.giveOrder("street-clerk", "justice-office", "2026-11-24")) // a dispatcher, for today
		c := r.of(got.Case)
		if c.Unit != "justice-office" || c.Values.Text("owner") != "justice" || c.Area != "999901001" || c.Clocks()["finish"].Duty != r.clk.Now().Day().End() {
			t.Fatalf("%s %v %v", c.Unit, c.Values, c.Clocks()["finish"])
		}
		r.do("office-clerk", got.Case, "take_up", nil)
		r.do("office-clerk", got.Case, "report", map[string]any{"result": "双方签了调解书"})
		r.refused("office-head", got.Case, "accept", nil, "casework.not_yours")
		r.do("street-head", got.Case, "accept", nil)

		// It cannot be refused, only objected to with an article; the bureau is heard, the county decides.
		got = must(r.giveOrder("street-head", "justice-office", "2026-12-04"))
		r.refused("office-head", got.Case, "object", map[string]any{"reason": "不想去"}, "casework.missing_field")
		r.do("office-head", got.Case, "object", map[string]any{"forbidden_by": "人民调解法 13", "reason": "不属于司法所"})
		objection := r.child(got.Case, "station-objection").ID
		if c := r.of(objection); c.Unit != "county" || c.Values.Text("forbidden_by") == "" {
			t.Fatalf("the objection: %s %v", c.Unit, c.Values)
		}
		r.refused("vice", objection, "uphold", map[string]any{"ruling": "执行"}, "casework.wrong_state")
		r.do("justice-head", objection, "say", map[string]any{"opinion": "属于司法所"})
		r.do("vice", objection, "uphold", map[string]any{"ruling": "应当执行"})
		r.refused("office-head", got.Case, "object", map[string]any{"forbidden_by": "人民调解法 13", "reason": "再说"}, "casework.guard")

		got = must(r.giveOrder("street-head", "justice-office", "2026-12-04"))
		r.do("office-head", got.Case, "object", map[string]any{"forbidden_by": "行政处罚法 17", "reason": "没有处罚权"})
		r.clk.Advance(3 * 24 * time.Hour) // the bureau says nothing
		r.scan()
		r.do("vice", r.child(got.Case, "station-objection").ID, "lift", map[string]any{"ruling": "由执法队办"})
		if c := r.of(got.Case); c.State != "lifted" {
			t.Fatalf("after the decision the order is %s", c.State)
		}
		r.verified()
	})
}

func TestACommanderThatWasClosed(t *testing.T) {
	r := stationed(t, dbtest.SQLite(t))
	must(r.ids.AddUnit(ctx, identity.SystemActor(), identity.Unit{ID: "old", Parent: "county", Name: "旧街道", Kind: "street", Area: "999901003"}))
	must(r.ids.AddUnit(ctx, identity.SystemActor(), identity.Unit{ID: "left-office", Parent: "justice", Name: "遗留所", Kind: "station", Owner: "justice", Commander: "old"}))
	r.ok(r.ids.CloseUnit(ctx, identity.SystemActor(), "old"))
	_, err := r.askCommander("justice-head", "left-office", "transfer")
	if f := fault.Of(err); f == nil || f.Key != "coordination.commander_closed" || f.Field != "station" {
		t.Fatalf("%v", err)
	}
}

func TestTheCommanderIsHeard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := stationed(t, d)
		post := must(r.ids.PostsOf(ctx, "office-head"))[0].Post.ID
		leaves := func() string {
			f := fault.Of(r.ids.EndPost(ctx, identity.SystemActor(), post))
			if f == nil {
				return ""
			}
			return f.Key
		}
		if key := leaves(); key != "coordination.commander_unheard" {
			t.Fatalf("the head left unheard: %q", key)
		}
		if f := fault.Of(second(r.cases.Open(ctx, r.who["justice-head"], casework.Opening{Procedure: "posting-opinion", Act: "ask", Values: map[string]any{
			"station": "willow", "owner": "justice", "subject": "x", "kind": "transfer", "name": "y", "proposal": "z"}}))); f == nil || f.Key != "coordination.not_stationed" {
			t.Fatalf("about a unit that is not stationed: %v", f)
		}
		_, err := r.askCommander("street-head", "justice-office", "transfer")
		if f := fault.Of(err); f == nil || f.Key != "casework.not_yours" {
			t.Fatalf("the street asked itself: %v", err)
		}
		asked := must(r.askCommander("justice-head", "justice-office", "transfer")).Case
		r.refused("justice-head", asked, "decide", map[string]any{"decision": "调回"}, "casework.guard")
		r.refused("other-head", asked, "opine", map[string]any{"stance": "agree", "opinion": "同意"}, "casework.no_case")
		r.refused("office-head", asked, "opine", map[string]any{"stance": "disagree", "opinion": "不走"}, "casework.no_case")
		r.do("street-head", asked, "opine", map[string]any{"stance": "disagree", "opinion": "年底调解任务重，明年再动"})
		r.refused("justice-head", asked, "decide", map[string]any{"decision": "调回"}, "casework.guard")
		if key := leaves(); key == "" {
			t.Fatal("the head left before the answer")
		}
		r.do("justice-head", asked, "answer", map[string]any{"adopted": "partly", "answer": "推迟到明年一月"})
		r.do("justice-head", asked, "decide", map[string]any{"decision": "明年一月调回"})
		if key := leaves(); key != "" {
			t.Fatalf("the head cannot leave after it was heard: %s", key)
		}

		silent := must(r.askCommander("justice-head", "justice-office", "assess")).Case
		r.clk.Advance(9 * 24 * time.Hour)
		r.scan()
		if c := r.of(silent); c.State != "silent" {
			t.Fatalf("after its time the question is %s", c.State)
		}
		r.do("justice-head", silent, "decide", map[string]any{"decision": "称职"})
		r.verified()
	})
}

func second[T any](_ T, err error) error { return err }

// TestNoHearingIsSkipped lets everybody try everything in any order: whatever they
// do, a decision stands behind an answered opinion or a time that ran out, and an
// order stands only where the commander gave it.
func TestNoHearingIsSkipped(t *testing.T) {
	r := stationed(t, dbtest.SQLite(t))
	people := []string{"justice-head", "justice-head", "street-head", "street-head", "office-head", "office-clerk", "street-clerk", "other-head", "free-head", "vice", "willow-head"}
	decisions, orders := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var open []string
		for range rapid.IntRange(10, 40).Draw(rt, "steps") {
			who := rapid.SampledFrom(people).Draw(rt, "who")
			station := rapid.SampledFrom([]string{"justice-office", "justice-office", "justice-office", "free-office", "own-office", "willow"}).Draw(rt, "station")
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				if got, err := r.giveOrder(who, station, rapid.SampledFrom([]string{"2026-11-20", "2036-11-30"}).Draw(rt, "by")); err == nil {
					open = append(open, got.Case)
					orders++
					if station != "justice-office" || who != "street-head" && who != "street-clerk" {
						rt.Fatalf("%s ordered %s", who, station)
					}
				}
			case 1, 2:
				if got, err := r.askCommander(who, station, "transfer"); err == nil {
					open = append(open, got.Case)
				}
			case 3:
				r.clk.Advance(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours")) * time.Hour)
				r.scan()
			default:
				if len(open) > 0 {
					r.tryAnyAct(rt, who, rapid.SampledFrom(open).Draw(rt, "case"))
				}
			}
		}
		for _, id := range open {
			c := r.of(id)
			_, decided := c.Doers["decide"]
			if decided {
				decisions++
			}
			if decided && c.Doers["answer"] == nil && c.Doers["no_opinion"] == nil {
				rt.Fatalf("decided unheard: %v", c.Doers)
			}
			if c.Doers["answer"] != nil && !slices.Equal(c.Doers["opine"], []string{"street-head"}) {
				rt.Fatalf("answered what the commander did not say: %v", c.Doers)
			}
		}
	})
	if decisions == 0 || orders == 0 {
		t.Errorf("%d decisions and %d orders: nothing was tried", decisions, orders)
	}
}

// tryAnyAct has somebody do any act at all of a case, offered or not.
func (r *rig) tryAnyAct(t *rapid.T, who, id string) {
	c := r.of(id)
	p := must(r.cases.ProcedureAt(ctx, c.Procedure, c.Edition))
	fits := rapid.IntRange(0, 4).Draw(t, "fits") > 0
	acts := slices.DeleteFunc(slices.Clone(p.Acts), func(a *procedure.Act) bool { return a.Opening() || fits && !slices.Contains(a.From, c.State) })
	if len(acts) == 0 {
		return
	}
	act := rapid.SampledFrom(acts).Draw(t, "act")
	values := anything(p, act)
	for _, f := range act.Fill {
		if def := p.Field(f.Field); def.Type == "choice" {
			values[f.Field] = def.Options[0].Value
		}
	}
	tryers := []string{who}
	if fits { // whoever may
		tryers = append(tryers, "justice-head", "street-head", "office-head", "vice")
	}
	for _, who := range tryers {
		if _, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act.Name, Values: values}); err == nil {
			return
		}
	}
}
