package coordination_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/coordination"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// unit adds a unit with one person of a kind of post, who is named like the unit
// and the kind.
func (r *rig) unit(u identity.Unit, kind string) {
	r.t.Helper()
	must(r.ids.AddUnit(ctx, identity.SystemActor(), u))
	r.person(u.ID+"-"+kind, [2]string{kind, u.ID})
}

// person adds somebody with posts, each a kind and a unit.
func (r *rig) person(id string, posts ...[2]string) {
	r.t.Helper()
	_, _, err := r.ids.AddPerson(ctx, identity.SystemActor(), identity.PersonDraft{ID: id, Name: id, Login: id + "-login", Hash: "x"})
	r.ok(err)
	for _, p := range posts {
		must(r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: id, Unit: p[1], Kind: p[0]}))
	}
	r.who[id] = must(r.ids.Actor(ctx, id))
}

// tried brings a task to the door that may be refused outright.
func (r *rig) tried(who string, values map[string]any) *fault.Fault {
	r.t.Helper()
	all := map[string]any{"subject": "摸排电梯", "words": "报数", "kind": "task", "receivers": []any{"qinghe"}, "limit": "10 workdays", "item": "J05"}
	for k, v := range values {
		all[k] = v
	}
	_, err := r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "task", Act: "ask", Values: all})
	return fault.Of(err)
}

// admittedTask is a task that no list has and the county admits.
func (r *rig) admittedTask(period string) string {
	r.t.Helper()
	task := r.ask("housing-head", nil).Case
	r.do("housing-head", task, "apply", map[string]any{"basis": "部署", "funds": 100, "people": "各一名", "period": period, "reason": "摸底"})
	admission := r.child(task, "admission").ID
	for _, who := range []string{"civil", "legal", "finance"} {
		r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
	}
	r.do("magistrate", admission, "grant", map[string]any{"period": period, "ruling": "同意"})
	return task
}

func passed(change map[string]any) map[string]any {
	all := map[string]any{"pass_subject": "开放活动场所", "pass_words": "请开放社区活动室，报开放时间。", "pass_item": "C03", "pass_to": []any{"willow"}, "pass_limit": "5 workdays"}
	for k, v := range change {
		all[k] = v
	}
	return all
}

func TestAStreetPassesItsPartOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.unit(identity.Unit{ID: "river", Parent: "qinghe", Name: "清河社区居委会", Kind: "community", Area: "999901001001"}, "clerk")
		r.unit(identity.Unit{ID: "east", Parent: "county", Name: "东山街道办事处", Kind: "street", Area: "999901002"}, "handler")
		r.unit(identity.Unit{ID: "hill", Parent: "east", Name: "东山社区居委会", Kind: "community", Area: "999901002001"}, "clerk")
		task := r.ask("housing-head", map[string]any{"item": "J05"}).Case
		r.do("housing-head", task, "hand_down", nil)
		part := r.child(task, "task-part").ID
		r.do("street-clerk", part, "take_up", nil)
		r.refused("street-clerk", part, "pass_on", passed(map[string]any{"pass_limit": "20 workdays"}), "coordination.later_than_above")
		r.refused("street-clerk", part, "pass_on", passed(map[string]any{"pass_to": []any{"hill"}}), "coordination.not_below")
		r.refused("street-clerk", part, "pass_on", passed(map[string]any{"pass_to": []any{"housing"}}), "coordination.not_below")
		r.refused("street-clerk", part, "pass_on", passed(map[string]any{"pass_to": []any{"qinghe"}}), "coordination.to_itself")

		// City management is never a community's, whoever passes it on: the piece stays in the log as refused.
		no := r.do("street-clerk", part, "pass_on", passed(map[string]any{"pass_item": "J01"}))
		if c := r.of(no.Children[0]); c.State != "refused" || !strings.Contains(c.Values.Text("why"), "J01") || c.Values.Text("sender") != "qinghe" {
			t.Fatalf("city management: %s %q", c.State, c.Values.Text("why"))
		}
		piece := r.do("street-clerk", part, "pass_on", passed(map[string]any{"pass_to": []any{"willow", "river"}})).Children[0]
		if c := r.of(piece); c.State != "clear" || c.Unit != "qinghe" || c.Values.Text("county") != "county" {
			t.Fatalf("the piece: %s %s %v", c.State, c.Unit, c.Values)
		}
		r.refused("street-clerk", part, "report", map[string]any{"result": "完成"}, "casework.child_open")
		r.do("street-head", piece, "hand_down", nil)
		var below []casework.Child
		for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), piece)).Children {
			below = append(below, c)
			if k, up := r.of(c.ID).Clocks()["part"], r.of(part).Clocks()["part"]; k.Duty == 0 || k.Duty > up.Duty {
				t.Fatalf("below it is due %v, above %v", k.Duty, up.Duty)
			}
		}
		if len(below) != 2 {
			t.Fatalf("%d communities were reached", len(below))
		}
		for i, who := range []string{"willow-clerk", "river-clerk"} {
			id := below[slices.IndexFunc(below, func(c casework.Child) bool { return c.Unit == []string{"willow", "river"}[i] })].ID
			r.do(who, id, "take_up", nil)
			r.refused(who, id, "pass_on", passed(map[string]any{"pass_to": []any{"willow", "river"}[1-i : 2-i]}), "coordination.not_below")
			r.do(who, id, "report", map[string]any{"result": who + "已开放"})
			r.refused("housing-head", id, "accept_result", nil, "casework.no_case") // the street answers for what it passed on
			r.do("street-clerk", id, "accept_result", nil)
		}
		r.do("street-head", piece, "close", map[string]any{"summary": "两个社区都已开放"})
		if got := r.of(part).Values.Text("gathered"); got != "两个社区都已开放" {
			t.Fatalf("what came up: %q", got)
		}
		r.do("street-clerk", part, "report", map[string]any{"result": "街道共两处开放"})
		r.do("housing-head", part, "accept_result", nil)
		r.do("housing-head", task, "close", map[string]any{"summary": "全县两处"})
	})
}

func TestWhatIsWithdrawnAboveEndsBelow(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	task := r.ask("housing-head", map[string]any{"item": "J05"}).Case
	r.do("housing-head", task, "hand_down", nil)
	part := r.child(task, "task-part").ID
	r.do("street-clerk", part, "take_up", nil)
	piece := r.do("street-clerk", part, "pass_on", passed(nil)).Children[0]
	r.do("street-clerk", part, "pass_on", passed(map[string]any{"pass_subject": "另一份"})) // not handed down yet
	r.do("street-head", piece, "hand_down", nil)
	below := r.child(piece, "task-part").ID
	// Handed down later than planned, a piece gets a shorter limit or does not go.
	r.clk.Advance(8 * 24 * time.Hour)
	late := r.do("street-clerk", part, "pass_on", passed(map[string]any{"pass_subject": "第三份", "pass_limit": "1 workday"})).Children[0]
	r.clk.Advance(4 * 24 * time.Hour)
	r.refused("street-head", late, "hand_down", map[string]any{"limit": "10 workdays"}, "coordination.later_than_above")
	r.do("housing-head", task, "withdraw", map[string]any{"reason": "不用了"})
	for id, state := range map[string]string{part: "dropped", piece: "dropped", below: "dropped", late: "dropped"} {
		if c := r.of(id); c.State != state {
			t.Errorf("%s of %s is %s", c.Title, c.Procedure, c.State)
		}
	}
}

func TestWhoBelongsToASideDoesNotDecide(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.person("both", [2]string{"head", "county"}, [2]string{"handler", "property"}) // of the county and of a department
	r.person("in-street", [2]string{"leader", "county"}, [2]string{"clerk", "willow"})
	r.person("jurist", [2]string{"admission-legal", "county"}, [2]string{"handler", "housing"})
	r.unit(identity.Unit{ID: "bonds", Parent: "housing", Name: "县物业资金办", Kind: "office", Area: "999901"}, "head")
	task := r.ask("bonds-head", nil).Case
	r.do("bonds-head", task, "apply", map[string]any{"basis": "部署", "funds": 0, "people": "无", "period": "30 days", "reason": "摸底"})
	admission := r.child(task, "admission").ID
	if c := r.of(admission); c.Unit != "county" {
		t.Fatalf("an office's admission lies with %s", c.Unit)
	}
	if f := r.refused("jurist", admission, "opine", map[string]any{"verdict": "agree"}, "coordination.both_sides"); f.Norm == "" {
		t.Error("the refusal cites nothing")
	}
	for _, who := range []string{"civil", "legal", "finance"} {
		r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
	}
	r.do("both", admission, "deny", map[string]any{"ruling": "依据不足"}) // a post in another department is nobody's side here

	own := r.ask("property-head", map[string]any{"subject": "清点业委会", "words": "请清点辖区业主委员会的换届情况并报来。"}).Case
	r.do("property-head", own, "apply", map[string]any{"basis": "部署", "funds": 0, "people": "无", "period": "30 days", "reason": "清点"})
	admission = r.child(own, "admission").ID
	for _, who := range []string{"civil", "legal", "finance"} {
		r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
	}
	r.refused("both", admission, "grant", map[string]any{"period": "30 days", "ruling": "同意"}, "coordination.both_sides")
	// Nor for somebody else who is away: a deputy brings the own side along.
	r.do("magistrate", admission, "grant", map[string]any{"period": "30 days", "ruling": "同意"})
	r.refused("both", own, "stop", map[string]any{"reason": "x"}, "coordination.both_sides")

	// A receiver's refusal is decided by nobody of the receiver's street.
	third := r.ask("housing-head", map[string]any{"item": "J05"}).Case
	r.do("housing-head", third, "hand_down", nil)
	part := r.child(third, "task-part").ID
	r.do("street-head", part, "refuse", map[string]any{"cited": "J05", "reason": "不管摸排"})
	refusal := r.child(part, "task-refusal").ID
	r.refused("in-street", refusal, "uphold", map[string]any{"ruling": "成立"}, "coordination.both_sides")
	r.do("vice", refusal, "uphold", map[string]any{"ruling": "成立"})
}

func TestTwoDecideAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for range 5 {
			task := r.ask("housing-head", nil).Case
			r.do("housing-head", task, "apply", map[string]any{"basis": "部署", "funds": 0, "people": "无", "period": "30 days", "reason": "摸底"})
			admission := r.child(task, "admission").ID
			for _, who := range []string{"civil", "legal", "finance"} {
				r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
			}
			var both sync.WaitGroup
			errs := make([]error, 2)
			start := make(chan struct{})
			for i, q := range []casework.Asking{{Case: admission, Act: "grant", Values: map[string]any{"period": "30 days", "ruling": "同意"}}, {Case: admission, Act: "deny", Values: map[string]any{"ruling": "不同意"}}} {
				both.Go(func() {
					<-start
					_, errs[i] = r.cases.Do(ctx, r.who[[]string{"magistrate", "vice"}[i]], q)
				})
			}
			close(start)
			both.Wait()
			won := slices.Index(errs, nil)
			if won < 0 || errs[1-won] == nil {
				t.Fatalf("of two words one counts: %v", errs)
			}
			if f := fault.Of(errs[1-won]); f.Key != "casework.wrong_state" && f.Key != "casework.stale" {
				t.Fatalf("the other is told %v", f)
			}
			if c, want := r.of(task), []string{"clear", "refused"}[won]; c.State != want || r.of(admission).State != []string{"granted", "denied"}[won] {
				t.Fatalf("after %d won the task is %s", won, c.State)
			}
		}
	})
}

func TestTheEndOfAnAdmissionIsAnnounced(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	task := r.admittedTask("30 days")
	r.do("housing-head", task, "hand_down", map[string]any{"limit": "30 days"})
	part := r.child(task, "task-part").ID
	r.do("street-clerk", part, "take_up", nil)
	told := func(act, unit string) bool {
		_, _, acts, err := r.cases.History(ctx, task)
		r.ok(err)
		for _, a := range acts {
			if a.Act == act {
				return slices.ContainsFunc(a.Delta.Told, func(x casework.Told) bool { return x.Unit == unit })
			}
		}
		return false
	}
	r.clk.Advance(22 * 24 * time.Hour)
	r.scan()
	if told("ending_soon", "qinghe") {
		t.Fatal("announced too early")
	}
	r.clk.Advance(2 * 24 * time.Hour)
	r.scan()
	if !told("ending_soon", "qinghe") || !told("ending_soon", "housing") {
		t.Fatal("sender and receiver are not told that it ends")
	}
	if c := r.of(task); c.State != "running" || c.Clocks()["forewarn"].Live() {
		t.Fatalf("the announcement moved it: %s %+v", c.State, c.Clocks()["forewarn"])
	}
	r.clk.Advance(8 * 24 * time.Hour)
	r.scan()
	if !told("run_out", "qinghe") || !told("run_out", "housing") || r.of(part).State != "dropped" {
		t.Fatalf("at the end: %s", r.of(part).State)
	}
	// A day or two are over before an announcement would help.
	if c := r.of(r.admittedTask("2 days")); c.Values.Text("forewarn") != "" {
		t.Fatalf("two days are announced after %s", c.Values.Text("forewarn"))
	}
}

// TestASplitTaskIsSeenAndStopped: what one person of a department was refused
// another of its offices brings in pieces under an item that lets them go.
func TestASplitTaskIsSeenAndStopped(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.unit(identity.Unit{ID: "bonds", Parent: "housing", Name: "县物业资金办", Kind: "office", Area: "999901"}, "handler")
	no := r.of(r.ask("housing-head", map[string]any{"item": "S04"}).Case)
	piece := r.ask("bonds-handler", map[string]any{"item": "C03", "receivers": []any{"willow"}, "subject": "电梯数量", "words": "请摸排辖区老旧小区电梯数量、年限。"}).Case
	if c := r.of(piece); c.State != "clear" || c.Values.Text("resembles") != no.Number {
		t.Fatalf("the piece is %s and resembles %q", c.State, c.Values.Text("resembles"))
	}
	if c := r.of(r.ask("property-head", map[string]any{"item": "J05"}).Case); c.Values.Text("resembles") != "" {
		t.Fatalf("another department's resembles %q", c.Values.Text("resembles"))
	}
	r.do("bonds-handler", piece, "hand_down", nil)
	part := r.child(piece, "task-part").ID
	r.refused("housing-head", piece, "stop", map[string]any{"reason": "x"}, "casework.no_case")
	r.do("vice", piece, "stop", map[string]any{"reason": "拆分已经收回的事项"})
	if r.of(piece).State != "stopped" || r.of(part).State != "dropped" {
		t.Fatalf("stopped: %s, its part %s", r.of(piece).State, r.of(part).State)
	}
	// What was stopped is remembered like what was refused.
	if c := r.of(r.ask("housing-clerk", map[string]any{"item": "J05", "subject": "电梯年限", "words": "请摸排辖区老旧小区电梯年限。"}).Case); c.Values.Text("resembles") == "" {
		t.Fatal("a piece of what was stopped is not seen")
	}
}

func TestNoAdmissionIsLongerThanAYear(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	task := r.ask("housing-head", nil).Case
	apply := map[string]any{"basis": "部署", "funds": 0, "people": "无", "reason": "摸底"}
	for _, long := range []string{"13 months", "367 days", "400 workdays"} {
		apply["period"] = long
		if f := r.refused("housing-head", task, "apply", apply, "procedure.value_longest"); f.Field != "period" {
			t.Errorf("%s: at %q", long, f.Field)
		}
	}
	apply["period"] = "12 months"
	r.do("housing-head", task, "apply", apply)
	admission := r.child(task, "admission").ID
	for _, who := range []string{"civil", "legal", "finance"} {
		r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
	}
	r.refused("magistrate", admission, "grant", map[string]any{"period": "2000 days", "ruling": "同意"}, "procedure.value_longest")
}

func TestWhatATaskMustSayAndToWhom(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	system := identity.SystemActor()
	must(r.ids.AddUnit(ctx, system, identity.Unit{ID: "other", Name: "邻县人民政府", Kind: "government", Area: "999902"}))
	must(r.ids.AddUnit(ctx, system, identity.Unit{ID: "far", Parent: "other", Name: "邻县街道", Kind: "street", Area: "999902001"}))
	must(r.ids.AddUnit(ctx, system, identity.Unit{ID: "gone", Parent: "county", Name: "已撤街道", Kind: "street", Area: "999901003"}))
	r.ok(r.ids.CloseUnit(ctx, system, "gone"))
	for name, c := range map[string]struct {
		who        string
		change     map[string]any
		field, key string
	}{
		"a form without fields":    {"housing-head", map[string]any{"kind": "form"}, "asks", "coordination.form_fields"},
		"a form of blank lines":    {"housing-head", map[string]any{"kind": "form", "asks": "、\n—"}, "asks", "coordination.form_fields"},
		"a meeting without a day":  {"housing-head", map[string]any{"kind": "meeting", "meet_minutes": 60, "meet_who": "主任"}, "meet_day", "coordination.meeting"},
		"a meeting of two minutes": {"housing-head", map[string]any{"kind": "meeting", "meet_minutes": 2}, "meet_minutes", "procedure.value_range"},
		"another county":           {"housing-head", map[string]any{"receivers": []any{"far"}}, "receivers", "coordination.other_county"},
		"a closed unit":            {"housing-head", map[string]any{"receivers": []any{"qinghe", "gone"}}, "receivers", "casework.unit_closed"},
		"a street to a street":     {"street-head", map[string]any{"receivers": []any{"housing"}}, "receivers", "coordination.not_below"},
	} {
		if f := r.tried(c.who, c.change); f == nil || f.Key != c.key || f.Field != c.field {
			t.Errorf("%s: %v", name, f)
		}
	}
	form := r.of(r.ask("housing-head", map[string]any{"item": "J05", "kind": "form", "asks": "小区名称\n电梯台数\n\n年限"}).Case)
	if form.Values["fields"] != int64(3) {
		t.Errorf("a form of three fields counts %v", form.Values["fields"])
	}
	meeting := r.of(r.ask("housing-head", map[string]any{"item": "J05", "kind": "meeting", "meet_day": "2026-12-01", "meet_minutes": 60, "meet_who": "分管主任"}).Case)
	if meeting.State != "clear" {
		t.Errorf("a meeting: %s", meeting.State)
	}
	// A receiver that is closed between the door's word and the handing down is not reached.
	task := r.ask("housing-head", map[string]any{"item": "C03", "receivers": []any{"willow"}}).Case
	for _, p := range must(r.ids.Members(ctx, "willow")) {
		r.ok(r.ids.EndPost(ctx, system, p.Post.ID))
	}
	r.ok(r.ids.CloseUnit(ctx, system, "willow"))
	r.refused("housing-head", task, "hand_down", nil, "casework.unit_closed")
}

// TestNoPhotosNoPlaces holds all procedures that put work on the grassroots to
// results: nothing in them asks for pictures, recordings or positions
// (rules.md 0.4, ban 4).
func TestNoPhotosNoPlaces(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	all := must(r.cases.Procedures(ctx))
	opened := func(from *procedure.Procedure) (out []string) {
		for _, a := range from.Acts {
			for _, o := range a.Opens {
				out = append(out, o.Procedure)
			}
		}
		return out
	}
	seen := map[string]bool{}
	var look func(p *procedure.Procedure)
	look = func(p *procedure.Procedure) {
		if seen[p.Name] {
			return
		}
		seen[p.Name] = true
		for _, a := range p.Acts {
			for _, f := range a.Fill {
				if def := p.Field(f.Field); !f.Optional && slices.Contains([]string{"photos", "recording", "place"}, def.Type) {
					t.Errorf("%s/%s demands %s", p.Name, a.Name, f.Field)
				}
			}
		}
		for _, name := range opened(p) {
			look(must(r.cases.Procedure(ctx, name)))
		}
	}
	down := 0
	for _, p := range all {
		if p.Downward {
			down++
			look(p)
		}
	}
	if down == 0 || !seen["task-part"] {
		t.Fatalf("%d downward procedures; looked at %v", down, seen)
	}
}

// TestWhatEverybodySeesAtTheDoor: the numbers, the lists and the tree hold what was
// done, and the door answers before anything is brought.
func TestWhatEverybodySeesAtTheDoor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		door := r.doors
		housing := must(r.ids.Unit(ctx, "housing"))
		for item, want := range map[string]string{"J05": "basic", "S04": "refused", "P01": "refused", "": "unlisted"} {
			said := must(door.Ask(ctx, housing, []string{"qinghe"}, item, r.clk.Now()))
			if said.Verdict != want || (said.Why == nil) != (want == "basic") || said.County.ID != "county" {
				t.Errorf("%q: %s, %v, %s", item, said.Verdict, said.Why, said.County.ID)
			}
		}
		if n := must(r.cases.Count(ctx, identity.SystemActor(), casework.Filter{Procedure: "task"}, 10)); n != 0 {
			t.Fatalf("asking wrote %d tasks", n)
		}
		no := r.ask("housing-head", map[string]any{"item": "S04"})
		if got := must(door.Before(ctx, housing, "摸排电梯 请摸排辖区老旧小区电梯数量、年限", []string{"willow"}, r.clk.Now())); got != no.Number {
			t.Errorf("before it was refused as %q", got)
		}
		again := r.ask("housing-clerk", map[string]any{"item": "J05"})
		r.do("housing-clerk", again.Case, "hand_down", nil)
		admitted := r.admittedTask("20 days") // the same words once more
		waiting := r.ask("property-head", map[string]any{"subject": "清点业委会", "words": "请清点辖区业主委员会的换届情况。"}).Case
		r.do("property-head", waiting, "apply", map[string]any{"basis": "部署", "funds": 0, "people": "无", "period": "30 days", "reason": "清点"})
		n, c, err := door.AtTheDoor(ctx)
		r.ok(err)
		if want := (coordination.Numbers{Running: 1, Waiting: 1, Refused: 1, Again: 2, Ending: 1}); n != want {
			t.Errorf("%+v, want %+v", n, want)
		}
		if len(c.Ending) != 1 || c.Ending[0].ID != admitted || c.Ending[0].Ends == 0 {
			t.Errorf("ending: %+v", c.Ending)
		}
		tree := must(door.Tree(ctx, r.child(admitted, "admission").ID)) // from any case of it
		if tree.Top.ID != admitted || len(tree.Opinions) != 3 || tree.Opinions[0].Verdict != "agree" || tree.Like == nil || tree.Like.Number != no.Number {
			t.Errorf("the tree: %+v", tree)
		}
		sent := must(door.Sent(ctx, housing))
		if len(sent) != 3 || sent[len(sent)-1].ID != no.Case {
			t.Errorf("%d sent; what is over stands last", len(sent))
		}
		if here := must(door.Here(ctx, "qinghe")); len(here) != 1 {
			t.Errorf("%d lie with the street", len(here))
		}
		if _, err := door.Tree(ctx, "nothing"); fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
			t.Errorf("no such task: %v", err)
		}
	})
}
