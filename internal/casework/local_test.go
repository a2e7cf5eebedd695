package casework_test

import (
	"io/fs"
	"linli/internal/procedure"
	"strings"
	"testing"
	"testing/fstest"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// TestACountyTightensAndNeverLoosens changes one line of a procedure and expects
// the checker's word on it.
func TestACountyTightensAndNeverLoosens(t *testing.T) {
	notice := string(must(fs.ReadFile(catalog.Files, "procedure/example-village-notice.yaml")))
	for name, c := range map[string]struct{ old, now, want string }{
		"a longer notice":         {"at least: 15 days", "at least: 20 days", ""},
		"a shorter notice":        {"at least: 15 days", "at least: 10 days", "may only become longer"},
		"another unit":            {"at least: 15 days", "at least: 20 workdays", "the unit stays"},
		"without opinions":        {"    check: opinions.all_agree\n", "", "must keep check opinions.all_agree"},
		"own work approved":       {"    not_by: submit\n    check:", "    check:", "must keep not_by submit"},
		"one body is enough":      {"need: all", "need: any", "must keep the word of all bodies"},
		"not marked any more":     {"    entered_later: true\n    statutory: true\n    norm: 村民委员会组织法 37(2)\n", "    entered_later: true\n", "must stay marked"},
		"counted from the record": {"from: post.happened", "from: post.recorded", "what it counts cannot change"},
	} {
		changed := strings.Replace(notice, c.old, c.now, 1)
		if changed == notice {
			t.Fatalf("%s: nothing was changed", name)
		}
		local := edition.Overlay(catalog.Files, fstest.MapFS{"procedure/example-village-notice.yaml": {Data: []byte(changed)}})
		var said []string
		for _, p := range procedure.CheckLocal(catalog.Files, local) {
			said = append(said, p.Text)
		}
		if got := strings.Join(said, "; "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q, got %q", name, c.want, got)
		}
	}
}

// TestCheckerNamesFileAndLine feeds files as a county might get them wrong.
func TestCheckerNamesFileAndLine(t *testing.T) {
	const good = `procedure: p
title: {zh: 甲, en: A}
states:
  a: {zh: 甲, en: A}
  z: {zh: 终, en: Z, kind: final}
acts:
  open: {label: {zh: 开, en: Open}, to: a, who: anyone}
  end: {label: {zh: 终, en: End}, from: [a], to: z, who: area as clerk}
`
	for name, c := range map[string]struct {
		old, now string
		line     int
		want     string
	}{
		"unknown key":       {"to: z,", "toward: z,", 8, "unknown key"},
		"unknown relation":  {"who: area as clerk", "who: friend", 8, "who"},
		"unknown post":      {"who: area as clerk", "who: area as king", 8, "unknown kind of post"},
		"unknown check":     {"from: [a], to: z", "from: [a], check: moon.full, to: z", 8, "unknown check"},
		"unknown effect":    {"from: [a], to: z", "from: [a], effect: moon.rise, to: z", 8, "unknown effect"},
		"unreachable state": {"  z: {", "  b: {zh: 乙, en: B}\n  z: {", 5, "never reached"},
		"no way out":        {", kind: final", "", 5, "no way out"},
		"clock nobody ends": {"acts:", "clocks:\n  c: {label: {zh: 钟, en: C}, at most: 2 days, from: [opened]}\nacts:", 7, "nobody ends it"},
		"bad length":        {"acts:", "clocks:\n  c: {label: {zh: 钟, en: C}, at most: two days, from: [opened], until: [end]}\nacts:", 7, "a length is like"},
		"unsealed id":       {"states:", "form:\n  n: {type: idnumber, label: {zh: 号, en: N}}\nstates:", 4, "must be sealed"},
		"sealed, no reason": {"states:", "form:\n  n: {type: text, sealed: true, label: {zh: 号, en: N}}\nstates:", 4, "must say its purpose"},
		"labels people":     {"states:", "form:\n  religion: {type: text, label: {zh: 宗教, en: R}}\nstates:", 4, "keeps no religion"},
		"engine's name":     {"  end: {label", "  _end: {label", 8, "beginning with a letter"},
		"bad guard":         {"from: [a], to: z", "from: [a], guard: moon > 1, to: z", 8, "guard"},
		"downward, no door": {"title:", "downward: true\ntitle:", 0, ""},
		"broken yaml":       {"states:", "states: [", 0, ""},
	} {
		file := strings.Replace(good, c.old, c.now, 1)
		_, problems := procedure.Load(fstest.MapFS{"procedure/p.yaml": {Data: []byte(file)}}, procedure.Names{Posts: []string{"clerk"}, Forbidden: []string{"宗教", "religion"}})
		if c.want == "" {
			continue
		}
		hit := false
		for _, p := range problems {
			hit = hit || p.Line == c.line && p.File == "procedure/p.yaml" && strings.Contains(p.Text, c.want)
		}
		if !hit {
			t.Errorf("%s: want line %d %q, got %v", name, c.line, c.want, problems)
		}
	}
	if _, problems := procedure.Load(fstest.MapFS{"procedure/p.yaml": {Data: []byte(good)}}, procedure.Names{Posts: []string{"clerk"}}); len(problems) > 0 {
		t.Errorf("the good file: %v", problems)
	}
}

func TestARunningCaseKeepsItsProcedureUntilMoved(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	file := string(must(fs.ReadFile(catalog.Files, "procedure/service-request.yaml")))
	file = strings.Replace(file, "zh: 签收, en: Accept", "zh: 接收, en: Receive", 1)
	must(r.eds.Publish(ctx, map[string][]byte{"procedure/service-request.yaml": []byte(file)}, "admin", "改名"))
	called := func() string {
		v := must(r.cases.Get(ctx, r.who["handler"], got.Case))
		return v.Procedure.Act("accept").Words["zh"]
	}
	if w := called(); w != "签收" {
		t.Fatalf("the running case already says %s", w)
	}
	move := casework.Asking{Case: got.Case, Act: casework.ActMove, Reason: "用新版"}
	must(r.cases.Do(ctx, r.who["boss"], move))
	if w := called(); w != "签收" {
		t.Fatal("one person alone moved the case")
	}
	must(r.cases.Do(ctx, r.who["chief"], move))
	if lost := must(r.cases.UpgradeCheck(ctx)); len(lost) != 0 {
		t.Fatalf("this program has all that open cases name, and yet %v", lost)
	}
	if w := called(); w != "接收" {
		t.Fatalf("after a second person agreed it says %s", w)
	}
	r.refused(r.who["chief"], move, fault.Unmet, "casework.newest_already")
	r.do("handler", got.Case, "accept", nil)
	r.verify()
}

func TestUpgradeCheckNamesWhatANewProgramLacks(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.dispatched("5 workdays")
	// A program in which nobody offers the request's checks and effects.
	newer := casework.New(casework.Parts{DB: r.d, Clock: r.clk, Ledger: r.log, Editions: r.eds, People: r.ids})
	lost := must(newer.UpgradeCheck(ctx))
	named := false
	for _, l := range lost {
		named = named || l.Procedure == "service-request" && l.What == "check duty.may_lead" && l.Cases == 1
	}
	if !named {
		t.Fatalf("%v", lost)
	}
}
