package casework_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/law"
	"linli/internal/procedure"
)

// sitting is a small meeting: a quorum by the body that meets, and a vote.
const sitting = `procedure: sitting
title: {zh: 小会, en: Small meeting}
staff: true
area: village
form:
  village: {type: area, label: {zh: 村, en: Village}}
  body: {type: choice, listed: true, label: {zh: 会议, en: Body}, options: {representatives: {zh: 代表会议, en: Representatives}, friends: {zh: 座谈, en: Talk}}}
  members: {type: number, label: {zh: 应到, en: Members}}
  in_favour: {type: number, label: {zh: 赞成, en: In favour}}
  quorum: {type: decision, label: {zh: 法定人数, en: Quorum}}
  outcome: {type: decision, listed: true, label: {zh: 结果, en: Outcome}}
states:
  called: {zh: 已通知, en: Called}
  open: {zh: 开会中, en: In session}
  passed: {zh: 通过, en: Passed, kind: final}
  failed: {zh: 不通过, en: Failed, kind: final}
acts:
  call: {label: {zh: 通知, en: Call}, to: called, who: area as clerk, fill: [village, body, members]}
  begin:
    label: {zh: 开会, en: Open}
    from: [called]
    to: open
    who: area as clerk
    decides:
      rule: {field: body, of: {representatives: vc.repmeeting.quorum, friends: ""}}
      facts: {present: hall.present}
      keeps: quorum
      needs: [quorum]
    entered_later: true
  vote:
    label: {zh: 表决, en: Vote}
    from: [open]
    who: area as clerk
    fill: [in_favour]
    decides: {rule: vc.repmeeting.pass, facts: {present: hall.present}, keeps: outcome, leads: {passed: passed, failed: failed}}
    publish: [outcome]
`

// hall offers how many are present, as a room does.
func (r *rig) hall(present *int64) {
	r.cases.RegisterFact("hall.present", func(context.Context, *casework.Moment) (any, error) { return *present, nil })
	must(r.eds.Publish(ctx, map[string][]byte{"procedure/sitting.yaml": []byte(sitting)}, "admin", "试会议"))
}

func TestAnActIsJudgedByTheLawBeforeItIsDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		present := int64(29)
		r.hall(&present)
		called := r.open(r.who["clerk"], "sitting", "call", map[string]any{"village": "999901001201", "body": "representatives", "members": 45})
		begin := casework.Asking{Case: called.Case, Act: "begin"}
		_, err := r.cases.Do(ctx, r.who["clerk"], begin)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Unmet || f.Key != "casework.law" || f.Norm != "村民委员会组织法 30(2)" {
			t.Fatalf("29 of 45 began: %v", err)
		}
		if why := f.Args["why"].(interface{ In(string) string }); !strings.Contains(why.In("zh-CN"), "29") || !strings.Contains(why.In("en"), "45") {
			t.Fatalf("the refusal does not name the numbers: %v", f.Args["why"])
		}
		view := must(r.cases.Get(ctx, r.who["clerk"], called.Case))
		if len(view.May) != 1 || view.May[0].Why == nil || view.May[0].Why.Key != "casework.law" || view.Case.Values["quorum"] != nil {
			t.Fatalf("the page does not foresee the refusal: %+v", view.May)
		}
		present = 30 // exactly two thirds
		r.do("clerk", called.Case, "begin", nil)
		if _, err := r.cases.Do(ctx, r.who["clerk"], casework.Asking{Case: called.Case, Act: "vote", Values: map[string]any{"in_favour": 31}}); fault.Of(err) == nil || fault.Of(err).Field != "in_favour" {
			t.Fatalf("31 of 30 present voted: %v", err)
		}
		got := r.do("clerk", called.Case, "vote", map[string]any{"in_favour": 16})
		if got.State != "passed" {
			t.Fatalf("16 of 30 led to %s", got.State)
		}
		c, _, _, err := r.cases.History(ctx, called.Case)
		r.ok(err)
		kept, _ := c.Values["outcome"].(law.Decision)
		if kept.Word() != "passed" || kept.Article != "村民委员会组织法 30(2)" || len(kept.Compared) != 1 || kept.Compared[0].Left != 32 || kept.Because["en"] == "" {
			t.Fatalf("what was kept: %+v", kept)
		}
		r.verify()
	})
}

func TestAVoteThatFailsAndAValueWithoutRule(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	present := int64(40)
	r.hall(&present)
	half := r.open(r.who["clerk"], "sitting", "call", map[string]any{"village": "999901001201", "body": "representatives", "members": 45})
	r.do("clerk", half.Case, "begin", nil)
	if got := r.do("clerk", half.Case, "vote", map[string]any{"in_favour": 20}); got.State != "failed" {
		t.Fatalf("exactly half led to %s", got.State)
	}
	talk := r.open(r.who["clerk"], "sitting", "call", map[string]any{"village": "999901001201", "body": "friends", "members": 5})
	r.do("clerk", talk.Case, "begin", nil) // no rule: no quorum is kept
	if v := must(r.cases.Get(ctx, r.who["clerk"], talk.Case)).Case.Values["quorum"]; v != nil {
		t.Fatalf("a talk has a quorum: %v", v)
	}
	// Before the law's first day there is no rule to judge by.
	old := r.open(r.who["clerk"], "sitting", "call", map[string]any{"village": "999901001201", "body": "representatives", "members": 45})
	_, err := r.cases.Do(ctx, r.who["clerk"], casework.Asking{Case: old.Case, Act: "begin", Happened: clock.Date(2025, 12, 31).Start()})
	if fault.Of(err) == nil {
		t.Fatal("a meeting before its own notice began")
	}
	r.refused(r.who["clerk"], casework.Asking{Case: old.Case, Act: "begin", Values: map[string]any{"quorum": "quorum"}}, fault.Invalid, "casework.unknown_field")
}

func TestTheCheckerHoldsDecisionsToTheLaw(t *testing.T) {
	rules := must(law.ParseDecisions(catalog.Files))
	for name, c := range map[string][3]string{
		"unknown rule":     {"rule: vc.repmeeting.pass,", "rule: vc.moon,", "the law has no rule"},
		"unknown outcome":  {"leads: {passed: passed, failed: failed}", "leads: {passed: passed, refused: failed}", "never ends with"},
		"an outcome lost":  {"leads: {passed: passed, failed: failed}", "leads: {passed: passed}", "leads names no state"},
		"a fact lost":      {"{rule: vc.repmeeting.pass, facts: {present: hall.present}", "{rule: vc.repmeeting.pass, facts: {present: hall.people}", "no fact that a room knows"},
		"keeps elsewhere":  {"keeps: outcome", "keeps: body", "no open field of type decision"},
		"filled by people": {"fill: [in_favour]", "fill: [in_favour, outcome]", "nobody fills in"},
		"value lost":       {`, friends: ""}`, "}", "no rule is named for"},
		"unknown state":    {"failed: failed}", "failed: moon}", "unknown state"},
		"a guard's word":   {"  members: {type: number,", "  done: {type: yes, label: {zh: 已办, en: Done}}\n  members: {type: number,", "a guard means by it"},
		"quiet":            {"    publish: [outcome]", "    quiet: true", "is quiet"},
	} {
		file := strings.Replace(sitting, c[0], c[1], 1)
		if file == sitting {
			t.Fatalf("%s changes nothing", name)
		}
		names := procedure.Names{Posts: []string{"clerk"}, Facts: []string{"hall.present"}, Law: rules}
		_, problems := procedure.Load(fstest.MapFS{"procedure/sitting.yaml": {Data: []byte(file)}}, names)
		hit := false
		for _, p := range problems {
			hit = hit || strings.Contains(p.Text, c[2]) && p.Line > 1
		}
		if !hit {
			t.Errorf("%s: want %q, got %v", name, c[2], problems)
		}
	}
}

func TestAGuardOverWhatIsFilledInIsAskedWhenItIsFilledIn(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	const file = `procedure: small
title: {zh: 小事, en: Small matter}
staff: true
area: village
form:
  village: {type: area, label: {zh: 村, en: Village}}
  n: {type: number, label: {zh: 数, en: N}}
states:
  a: {zh: 甲, en: A}
  z: {zh: 终, en: Z, kind: final}
acts:
  begin: {label: {zh: 起, en: Begin}, to: a, who: area as clerk, fill: [village]}
  end: {label: {zh: 终, en: End}, from: [a], to: z, who: area as clerk, fill: [n], guard: n > 2, otherwise: {zh: 太小, en: Too small}}
`
	must(r.eds.Publish(ctx, map[string][]byte{"procedure/small.yaml": []byte(file)}, "admin", "试"))
	got := r.open(r.who["clerk"], "small", "begin", map[string]any{"village": "999901001201"})
	if v := must(r.cases.Get(ctx, r.who["clerk"], got.Case)); len(v.May) != 1 || v.May[0].Why != nil {
		t.Fatalf("it is not offered: %+v", v.May)
	}
	r.refused(r.who["clerk"], casework.Asking{Case: got.Case, Act: "end", Values: map[string]any{"n": 2}}, fault.Unmet, "casework.guard")
	r.do("clerk", got.Case, "end", map[string]any{"n": 3})
}
