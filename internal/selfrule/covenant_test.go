package selfrule_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"linli/internal/ballot"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

const rules = "一、红事新办，白事简办。\n二、垃圾分类投放。\n三、违反的由村民委员会批评教育。"

// fits are the points of the check where nothing is wrong.
var fits = map[string]any{"p_law": "fits", "p_person": "fits", "p_democracy": "fits", "p_property": "fits", "p_order": "fits", "p_party": "lacks", "p_change": "lacks"}

func but(points map[string]any, name string, value any) map[string]any {
	out := maps.Clone(points)
	out[name] = value
	return out
}

// roll imports thirty households of two adults.
func (r *rig) roll() {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("姓名,户号,小组,是否成年,户代表,妇女\n")
	for i := range 60 {
		fmt.Fprintf(&b, "示例%c,%d,第1组,是,%s,%s\n", '一'+rune(i), i/2+1, map[bool]string{true: "是", false: "否"}[i%2 == 0], map[bool]string{true: "是", false: "否"}[i%2 == 1])
	}
	_, report, err := r.Ballot.Import(ctx, r.Actor("clerk3"), ballot.Importing{Area: village, Body: "village_meeting", File: "名册.csv", Data: []byte(b.String())})
	if err != nil {
		r.t.Fatalf("%v %+v", err, report)
	}
}

// meet has the village meeting decide the text, after which it may be another one.
func (r *rig) meet(id, amended string) {
	t := r.t
	t.Helper()
	day := r.Hand.Now().Day() + 10
	r.do("clerk3", id, "call_meeting", map[string]any{"body": "village_meeting", "matter": "covenant", "meeting_day": day.String()})
	v, err := r.Cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	meeting := ""
	for _, c := range v.Children {
		if c.State == "called" {
			meeting = c.ID
		}
	}
	r.Hand.Set(day.Start().Add(9 * time.Hour))
	for line := 1; line <= 31; line++ {
		r.do("clerk3", meeting, "arrive", map[string]any{"line": line, "how": "self"})
	}
	r.do("director3", meeting, "begin", nil)
	if amended != "" {
		r.do("clerk3", meeting, "amend", map[string]any{"text": amended, "reason": "会上提议"})
	}
	r.do("director3", meeting, "put_to_vote", map[string]any{"method": "hands"})
	count := func(who string) map[string]any {
		return map[string]any{who + "_for": 31, who + "_against": 0, who + "_abstained": 0, who + "_void": 0}
	}
	r.do("clerk3", meeting, "count_first", count("first"))
	r.do("clerk4", meeting, "count_second", count("second"))
	r.do("director3", meeting, "close_vote", nil)
	r.do("clerk3", meeting, "draft_minutes", nil)
	r.do("director3", meeting, "sign_minutes", nil)
	r.do("clerk3", meeting, "confirm", nil)
}

func (r *rig) state(id string) string {
	r.t.Helper()
	c, _, err := r.Cases.Seen(ctx, identity.SystemActor(), id)
	r.ok(err)
	return c.State
}

// The rules of a village are sent back once, checked, decided by the villagers'
// meeting, filed, published, ordered to be corrected, and published anew beside the
// old version.
func TestRulesOfAVillage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.roll()
		_, err := r.open("clerk3", "covenant", "draft", map[string]any{"village": village, "kind": "residents_covenant", "subject": "x", "text": rules})
		wrong(t, err, fault.Invalid, "selfrule.kind")
		got, err := r.open("clerk3", "covenant", "draft", map[string]any{"village": village, "kind": "village_rules", "subject": "石桥村村规民约", "text": rules + "\n四、违反的罚款五百元。"})
		r.ok(err)
		id := got.Case
		r.do("clerk3", id, "submit", nil)
		r.refused("director3", id, "pass_check", fits, fault.Forbidden, "casework.not_yours")
		r.refused("guide", id, "pass_check", but(fits, "p_property", "conflicts"), fault.Unmet, "selfrule.point")
		r.refused("guide", id, "pass_check", map[string]any{"p_law": "fits"}, fault.Invalid, "casework.missing_field")
		r.do("guide", id, "send_back", map[string]any{"reason": "罚款没有法律依据", "p_property": "conflicts", "r_property": "第四条"})
		r.do("clerk3", id, "edit", map[string]any{"text": rules})
		r.do("clerk3", id, "submit", nil)
		r.do("guide", id, "pass_check", fits)
		r.refused("clerk3", id, "file", nil, fault.Conflict, "casework.wrong_state")
		r.refused("clerk3", id, "call_meeting", map[string]any{"body": "village_meeting", "matter": "charter", "meeting_day": "2026-12-20"}, fault.Invalid, "selfrule.matter")
		r.refused("clerk3", id, "call_meeting", map[string]any{"body": "residents_meeting", "matter": "covenant", "meeting_day": "2026-12-20"}, fault.Unmet, "selfrule.body")
		r.refused("clerk3", id, "call_meeting", map[string]any{"body": "village_meeting", "matter": "covenant", "meeting_day": (r.Hand.Now().Day() + 9).String()}, fault.Unmet, "casework.law")
		r.meet(id, "")
		if s := r.state(id); s != "decided" {
			t.Fatalf("after the meeting it is %s", s)
		}
		if code, _ := r.get("/rules/" + village); code != 404 {
			t.Fatal("rules that were not published stand on a page")
		}
		r.do("director3", id, "file", nil)
		r.do("guide", id, "accept", map[string]any{"receipt": "石桥备〔2026〕1号"})
		code, page := r.get("/rules/" + village)
		if code != 200 || !strings.Contains(page, "红事新办") || !strings.Contains(page, "村民委员会组织法 26(1)") {
			t.Fatalf("the rules in force answer %d: %s", code, page)
		}
		r.do("guide", id, "order_correction", map[string]any{"order": "第三条不得扩大到扣发补贴，请写明。"})
		if _, page = r.get("/rules/" + village); !strings.Contains(page, "请写明") {
			t.Fatal("the order is not public")
		}
		r.Hand.Advance(32 * 24 * time.Hour)
		r.Settle()
		r.Settle()
		c, _, err := r.Cases.Seen(ctx, identity.SystemActor(), id)
		r.ok(err)
		if c.Breached == 0 {
			t.Fatal("an order that nobody follows was not told upward")
		}
		r.do("clerk3", id, "correct", map[string]any{"text": rules + "\n四、不得扣发应得的补贴。"})
		r.refused("clerk3", id, "withdraw", map[string]any{"reason": "x"}, fault.Unmet, "selfrule.published")
		r.do("clerk3", id, "submit", nil)
		r.do("guide", id, "pass_check", fits)
		r.meet(id, rules+"\n四、不得扣发任何应得的款物。")
		if s := r.state(id); s != "recheck" {
			t.Fatalf("a text that the meeting changed is %s", s)
		}
		r.do("guide", id, "pass_again", fits)
		r.do("director3", id, "file", nil)
		_, page = r.get("/rules/" + village)
		if !strings.Contains(page, "任何应得的款物") || !strings.Contains(page, "?old=") {
			t.Fatal("the new version does not stand")
		}
		at := page[strings.Index(page, "/rules/"+village+"/"):]
		at = strings.ReplaceAll(at[:strings.Index(at, `"`)], "&amp;", "&")
		if code, page = r.get(at); code != 200 || !strings.Contains(page, "<ins>") {
			t.Fatalf("side by side at %s: %d", at, code)
		}
	})
}

// A charter without what it must have does not pass the check.
func TestACharterMustStateTheLeadingRole(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got, err := r.open("clerk3", "covenant", "draft", map[string]any{"village": village, "kind": "village_charter", "subject": "石桥村村民自治章程", "text": rules})
	r.ok(err)
	r.do("clerk3", got.Case, "submit", nil)
	r.refused("guide", got.Case, "pass_check", fits, fault.Unmet, "selfrule.point")
	r.refused("guide", got.Case, "pass_check", but(fits, "p_party", "stands"), fault.Unmet, "selfrule.point")
	r.do("guide", got.Case, "pass_check", but(but(fits, "p_party", "stands"), "p_change", "stands"))
}
