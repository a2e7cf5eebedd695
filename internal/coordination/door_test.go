package coordination_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/coordination"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/ledger"
)

var ctx = context.Background()

// rig is a county with two departments, a street and a community below it.
type rig struct {
	t     *testing.T
	clk   *clock.Hand
	log   *ledger.Service
	cases *casework.Service
	ids   *identity.Service
	doors *coordination.Service
	who   map[string]identity.Actor
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, clk: clock.NewHand(clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)), who: map[string]identity.Actor{}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, coordination.Migrate} {
		r.ok(migrate(ctx, d))
	}
	r.log = ledger.New(d, r.clk, must(ledger.OpenKey(folder, "test", true)), ledger.Options{})
	eds := edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: eds, People: r.ids, Log: slog.New(slog.DiscardHandler)})
	caseworktest.Pass(r.cases)
	book := must(text.Load(catalog.Files))
	words := func() *text.Book { return book }
	r.doors = coordination.New(coordination.Parts{Clock: r.clk, People: r.ids, Duty: duty.New(eds, r.ids, r.clk, words), Cases: r.cases, Book: words})
	r.doors.Offer(r.cases)
	r.ok(eds.Start(ctx, catalog.Files))
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "云溪县人民政府", Kind: "government", Area: "999901"},
		{ID: "housing", Parent: "county", Name: "县住建局", Kind: "department", Area: "999901", Function: "housing"},
		{ID: "civil-bureau", Parent: "county", Name: "县民政局", Kind: "department", Area: "999901", Function: "civil-affairs"},
		{ID: "property", Parent: "county", Name: "县物业中心", Kind: "department", Area: "999901", Function: "property"},
		{ID: "qinghe", Parent: "county", Name: "清河街道办事处", Kind: "street", Area: "999901001"},
		{ID: "willow", Parent: "qinghe", Name: "柳园社区居委会", Kind: "community", Area: "999901001002"},
	} {
		must(r.ids.AddUnit(ctx, system, u))
	}
	for _, p := range [][3]string{{"housing-head", "head", "housing"}, {"housing-clerk", "handler", "housing"}, {"property-head", "head", "property"}, {"magistrate", "leader", "county"}, {"vice", "head", "county"},
		{"civil", "admission-civil", "civil-bureau"}, {"legal", "admission-legal", "county"}, {"finance", "admission-finance", "county"},
		{"street-head", "head", "qinghe"}, {"street-clerk", "handler", "qinghe"}, {"willow-head", "committee-head", "willow"}, {"willow-clerk", "clerk", "willow"}} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		post := identity.Post{Person: p[0], Unit: p[2], Kind: p[1]}
		if p[0] == "street-head" { // over the street, not only of its office
			post.Area = "999901001"
		}
		must(r.ids.AddPost(ctx, system, post))
		if p[0] == "street-clerk" { // who works in the street's command office
			must(r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: "qinghe", Kind: "dispatcher"}))
		}
		r.who[p[0]] = must(r.ids.Actor(ctx, p[0]))
	}
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// ask brings a task to the door.
func (r *rig) ask(who string, values map[string]any) casework.Receipt {
	r.t.Helper()
	all := map[string]any{"subject": "摸排老旧小区电梯", "words": "请各单位摸排辖区老旧小区电梯数量、年限、维保单位，报汇总结果。", "kind": "task", "receivers": []any{"qinghe"}, "limit": "10 workdays"}
	for k, v := range values {
		all[k] = v
	}
	got, err := r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "task", Act: "ask", Values: all})
	r.ok(err)
	return got
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	got, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return got
}

func (r *rig) refused(who, id, act string, values map[string]any, key string) *fault.Fault {
	r.t.Helper()
	_, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
	f := fault.Of(err)
	if f == nil || f.Key != key {
		r.t.Fatalf("%s by %s: want %s, got %v", act, who, key, err)
	}
	return f
}

func (r *rig) of(id string) *casework.Case {
	r.t.Helper()
	c, _, _, err := r.cases.History(ctx, id)
	r.ok(err)
	return c
}

// scan has the clocks look until nothing moves: each moves once in a scan.
func (r *rig) scan() {
	r.t.Helper()
	for moved := 1; moved > 0; {
		moved = must(r.cases.Scan(ctx))
	}
}

// child is the only child of a case of one procedure.
func (r *rig) child(id, procedure string) casework.Child {
	r.t.Helper()
	v := must(r.cases.Get(ctx, identity.SystemActor(), id))
	var found []casework.Child
	for _, c := range v.Children {
		if c.Procedure == procedure {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d children of %s", len(found), procedure)
	}
	return found[0]
}

func TestTheDoorJudgesByTheLists(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		who, item, receiver   string
		state, verdict, cited string
	}{
		"the street's own duty":           {"housing-head", "J05", "qinghe", "clear", "basic", ""},
		"the lead of a cooperating item":  {"property-head", "P01", "qinghe", "clear", "cooperating", ""},
		"not the lead of it":              {"housing-head", "P01", "qinghe", "refused", "refused", "牵头"},
		"taken back":                      {"housing-head", "S04", "qinghe", "refused", "refused", "收回"},
		"in no list":                      {"housing-head", "", "qinghe", "unlisted", "unlisted", "申请准入"},
		"an item that does not exist":     {"housing-head", "J99", "qinghe", "unlisted", "unlisted", "申请准入"},
		"a community's own duty":          {"housing-head", "C03", "willow", "clear", "basic", ""},
		"a street's duty, to a community": {"housing-head", "J05", "willow", "unlisted", "unlisted", "申请准入"},
		"city management, to a community": {"housing-head", "J01", "willow", "refused", "refused", "责任主体"},
	} {
		got := r.ask(c.who, map[string]any{"item": c.item, "receivers": []any{c.receiver}})
		task := r.of(got.Case)
		if got.State != c.state || task.Values.Text("verdict") != c.verdict || !strings.Contains(task.Values.Text("why"), c.cited) {
			t.Errorf("%s: %s, %s, %q", name, got.State, task.Values.Text("verdict"), task.Values.Text("why"))
		}
		if c.verdict == "cooperating" && (task.Values.Text("boundary") == "" || task.Values.Text("support") == "" || task.Values.Text("lead") != "property") {
			t.Errorf("%s goes without its boundary: %v", name, task.Values)
		}
	}
	// One receiver who may not have it keeps it from all: it is not handed round in pieces.
	if got := r.ask("housing-head", map[string]any{"item": "J01", "receivers": []any{"qinghe", "willow"}}); got.State != "refused" {
		t.Errorf("a street and a community together: %s", got.State)
	}
	for _, bad := range []map[string]any{{"receivers": []any{"housing"}}, {"receivers": []any{"nobody"}}, {"receivers": []any{}}, {"limit": "soon"}} {
		all := map[string]any{"subject": "x", "words": "y", "kind": "task", "receivers": []any{"qinghe"}, "limit": "5 days"}
		for k, v := range bad {
			all[k] = v
		}
		if _, err := r.cases.Open(ctx, r.who["housing-head"], casework.Opening{Procedure: "task", Act: "ask", Values: all}); fault.Of(err) == nil || fault.Of(err).Field == "" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestNothingReachesAReceiverPastTheDoor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		no := r.ask("housing-head", map[string]any{"item": "S04"})
		r.refused("housing-head", no.Case, "hand_down", nil, "casework.wrong_state")
		unlisted := r.ask("housing-head", nil)
		r.refused("housing-head", unlisted.Case, "hand_down", nil, "casework.wrong_state")
		if n := len(must(r.cases.Get(ctx, identity.SystemActor(), unlisted.Case)).Children); n != 0 {
			t.Fatalf("%d receivers were reached", n)
		}
		// The same words again, whole or a piece of them, are seen.
		again := r.ask("housing-clerk", map[string]any{"subject": "摸排电梯", "words": "请摸排辖区老旧小区电梯数量、年限"})
		if got := r.of(again.Case).Values.Text("resembles"); got != r.of(no.Case).Number {
			t.Fatalf("it resembles %q", got)
		}
		other := r.ask("housing-head", map[string]any{"subject": "组织消防演练", "words": "请组织一次社区消防疏散演练。"})
		if got := r.of(other.Case).Values.Text("resembles"); got != "" {
			t.Fatalf("another matter resembles %q", got)
		}
	})
}

func TestAnAdmissionEndsWithItsPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		task := r.ask("housing-head", nil)
		r.do("housing-head", task.Case, "apply", map[string]any{"basis": "市里专项部署", "funds": 200000, "people": "每个街道一名技术员", "period": "30 days", "reason": "摸清底数"})
		admission := r.child(task.Case, "admission").ID
		r.refused("magistrate", admission, "grant", map[string]any{"period": "30 days", "ruling": "同意"}, "casework.opinions")
		r.do("civil", admission, "opine", map[string]any{"verdict": "agree"})
		r.do("legal", admission, "opine", map[string]any{"verdict": "object", "remark": "依据不足"})
		r.refused("street-head", admission, "opine", map[string]any{"verdict": "agree"}, "casework.no_case")
		r.do("finance", admission, "opine", map[string]any{"verdict": "agree"})
		r.do("magistrate", admission, "grant", map[string]any{"period": "30 days", "ruling": "同意，只报数量", "boundary": "街道只报数量，不承担维保"})
		if c := r.of(task.Case); c.State != "clear" || c.Values.Text("verdict") != "admitted" {
			t.Fatalf("%s %s", c.State, c.Values.Text("verdict"))
		}
		r.do("housing-head", task.Case, "hand_down", nil)
		part := r.child(task.Case, "task-part")
		if c := r.of(part.ID); c.Unit != "qinghe" || c.Area != "999901001" || c.Values.Text("boundary") == "" {
			t.Fatalf("the part: %s %s %v", c.Unit, c.Area, c.Values)
		}
		r.do("street-clerk", part.ID, "take_up", nil)
		r.refused("street-head", part.ID, "refuse", map[string]any{"cited": "J05", "reason": "不是街道的事"}, "coordination.is_admitted")
		r.clk.Advance(31 * 24 * time.Hour)
		r.scan()
		if c := r.of(task.Case); c.State != "ran_out" {
			t.Fatalf("after its period the task is %s", c.State)
		}
		if c := r.of(part.ID); c.State != "dropped" {
			t.Fatalf("after the period the part is %s", c.State)
		}
	})
}

func TestAnAdmissionUsedAfterItsEnd(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	task := r.ask("housing-head", nil)
	r.do("housing-head", task.Case, "apply", map[string]any{"basis": "部署", "funds": 0, "people": "无", "period": "5 days", "reason": "摸底"})
	admission := r.child(task.Case, "admission").ID
	for _, who := range []string{"civil", "legal", "finance"} {
		r.do(who, admission, "opine", map[string]any{"verdict": "agree"})
	}
	r.do("magistrate", admission, "grant", map[string]any{"period": "5 days", "ruling": "同意"})
	r.clk.Advance(6 * 24 * time.Hour) // the scan has not looked yet
	f := r.refused("housing-head", task.Case, "hand_down", nil, "coordination.ran_out")
	if f.Norm == "" {
		t.Fatal("the refusal cites nothing")
	}
}

func TestWhoIsAskedRefusesAndTheCountyDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		task := r.ask("housing-head", map[string]any{"item": "J05"})
		r.do("housing-head", task.Case, "hand_down", nil)
		part := r.child(task.Case, "task-part").ID
		r.refused("street-head", part, "refuse", map[string]any{"cited": "X1", "reason": "无此项"}, "coordination.no_item")
		r.do("street-head", part, "refuse", map[string]any{"cited": "J05", "reason": "本项只管调解，不管摸排"})
		refusal := r.child(part, "task-refusal").ID
		if c := r.of(refusal); c.Unit != "county" {
			t.Fatalf("the refusal lies with %s", c.Unit)
		}
		r.refused("street-head", refusal, "uphold", map[string]any{"ruling": "成立"}, "casework.not_yours")
		r.do("vice", refusal, "insist", map[string]any{"ruling": "本项包括摸排"})
		r.refused("street-head", part, "refuse", map[string]any{"cited": "J05", "reason": "再说一次"}, "casework.guard")
		r.do("street-clerk", part, "take_up", nil)
		r.refused("housing-head", task.Case, "close", map[string]any{"summary": "完成"}, "casework.child_open")
		r.do("street-clerk", part, "report", map[string]any{"result": "共 12 台"})
		r.refused("street-clerk", part, "accept_result", nil, "casework.not_yours")
		r.do("housing-head", part, "accept_result", nil)
		r.do("housing-head", task.Case, "close", map[string]any{"summary": "全县 12 台"})
		for n := 1; n > 0; {
			n = must(r.log.Sequence(ctx))
		}
		v := r.cases.Verify(ctx, func(f ledger.Finding) { t.Errorf("verify: %v", f) })
		must(r.log.Verify(ctx, "", v.Leaf))
		r.ok(v.Replay())
	})
}
