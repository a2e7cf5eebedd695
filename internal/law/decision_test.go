package law

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

var june = clock.Date(2026, 6, 1)

func decisions(t testing.TB) *Decisions {
	t.Helper()
	d, err := ParseDecisions(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func factsOf(t testing.TB, s string) map[string]any {
	t.Helper()
	f, err := ReadFacts(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestVectors: the worked cases of the domain folder, where it is there.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "domain", "law-vectors.json"))
	if err != nil {
		t.Skip("the domain folder is not here")
	}
	var vectors []struct {
		ID, Rule, At, Article string
		Facts                 json.RawMessage
		Outcome               any
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) == 0 {
		t.Fatal(err)
	}
	d := decisions(t)
	for _, v := range vectors {
		at, err := clock.ParseDay(v.At)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Decide(v.Rule, at, "", factsOf(t, string(v.Facts)))
		if err != nil || fmt.Sprint(got.Outcome) != fmt.Sprint(v.Outcome) || got.Article != v.Article {
			t.Errorf("%s %s: %v by %s (%v), want %v by %s", v.ID, v.Rule, got.Outcome, got.Article, err, v.Outcome, v.Article)
		}
	}
}

// thresholds: every rule at, just under and just over what it asks for.
var thresholds = []struct{ rule, facts, outcome string }{
	{"vc.election.turnout", `{"registered":1000,"voted":501}`, "valid"}, {"vc.election.turnout", `{"registered":1000,"voted":500}`, "invalid"}, {"vc.election.turnout", `{"registered":999,"voted":500}`, "valid"},
	{"vc.election.elected", `{"voted":600,"votes":300}`, "not_elected"}, {"vc.election.elected", `{"voted":600,"votes":301}`, "elected"},
	{"vc.runoff.elected", `{"ballots_cast":600,"votes":200}`, "elected"}, {"vc.runoff.elected", `{"ballots_cast":601,"votes":200}`, "not_elected"},
	{"vc.candidates", `{"seats":3,"candidates":3}`, "refused"}, {"vc.candidates", `{"seats":3,"candidates":4}`, "accepted"},
	{"vc.proxy", `{"already_held":2,"proxy_is_candidate":false,"written":true}`, "accepted"}, {"vc.proxy", `{"already_held":0,"proxy_is_candidate":true,"written":true}`, "refused"}, {"vc.proxy", `{"already_held":0,"proxy_is_candidate":false,"written":false}`, "refused"},
	{"vc.recall.petition", `{"voters":1000,"signatures":199,"representatives":30,"representative_signatures":9}`, "refused"}, {"vc.recall.petition", `{"voters":1000,"signatures":0,"representatives":30,"representative_signatures":10}`, "accepted"},
	{"vc.recall.vote", `{"registered":1000,"voted":500,"for_removal":500}`, "not_removed"}, {"vc.recall.vote", `{"registered":1000,"voted":502,"for_removal":252}`, "removed"},
	{"vc.appraisal", `{"verdicts":{"2024":"competent","2025":"incompetent","2027":"incompetent"}}`, "terminated"}, {"vc.appraisal", `{"verdicts":{"2025":"incompetent"}}`, "stays"},
	{"vc.meeting.petition", `{"villagers":1200,"signatures":119,"representatives":45,"representative_signatures":14}`, "refused"}, {"vc.meeting.petition", `{"villagers":1200,"signatures":120,"representatives":45,"representative_signatures":0}`, "accepted"}, {"vc.meeting.petition", `{"villagers":1200,"signatures":0,"representatives":45,"representative_signatures":15}`, "accepted"},
	{"vc.meeting.notice", `{"days_before":10,"urgent_reason":""}`, "lawful"}, {"vc.meeting.notice", `{"days_before":9,"urgent_reason":""}`, "unlawful"}, {"vc.meeting.notice", `{"days_before":0,"urgent_reason":"防汛抢险"}`, "lawful"}, {"vc.meeting.notice", `{"days_before":0,"urgent_reason":false}`, "unlawful"},
	{"vc.meeting.matter", `{"matter":"public_works","delegated_by_meeting":false,"body":"representatives"}`, "unlawful"}, {"vc.meeting.matter", `{"matter":"public_works","delegated_by_meeting":true,"body":"representatives"}`, "lawful"}, {"vc.meeting.matter", `{"matter":4,"delegated_by_meeting":false,"body":"meeting"}`, "lawful"},
	{"vc.meeting.quorum", `{"adults":800,"adults_present":401,"households":300,"household_representatives_present":0}`, "quorum"}, {"vc.meeting.quorum", `{"adults":800,"adults_present":400,"households":300,"household_representatives_present":200}`, "quorum"},
	{"vc.meeting.pass", `{"present":400,"in_favour":200}`, "failed"}, {"vc.meeting.pass", `{"present":400,"in_favour":201}`, "passed"},
	{"vc.repmeeting.petition", `{"representatives":45,"representative_signatures":9}`, "accepted"}, {"vc.repmeeting.petition", `{"representatives":45,"representative_signatures":8}`, "refused"},
	{"vc.repmeeting.composition", `{"members":50,"representatives":39,"women_representatives":17}`, "unlawful"}, {"vc.repmeeting.composition", `{"members":51,"representatives":41,"women_representatives":17}`, "lawful"}, {"vc.repmeeting.composition", `{"members":50,"representatives":40,"women_representatives":16}`, "unlawful"},
	{"vc.repmeeting.quorum", `{"members":45,"present":30}`, "quorum"}, {"vc.repmeeting.quorum", `{"members":45,"present":29}`, "no_quorum"},
	{"vc.repmeeting.pass", `{"present":31,"in_favour":16}`, "passed"}, {"vc.repmeeting.pass", `{"present":32,"in_favour":16}`, "failed"},
	{"vc.group.quorum", `{"adults":90,"adults_present":59,"households":30,"household_representatives_present":20}`, "quorum"}, {"vc.group.quorum", `{"adults":90,"adults_present":59,"households":30,"household_representatives_present":19}`, "no_quorum"},
	{"vc.group.pass", `{"present":60,"in_favour":31}`, "passed"},
	// the two that differ by one word: 超过 to elect, 以上 to meet
	{"rc.election.turnout", `{"mode":"representatives","registered":60,"voted":40}`, "invalid"}, {"rc.repmeeting.quorum", `{"members":60,"present":40}`, "quorum"},
	{"rc.election.turnout", `{"mode":"representatives","registered":60,"voted":41}`, "valid"}, {"rc.election.turnout", `{"mode":"households","registered":60,"voted":31}`, "valid"}, {"rc.election.turnout", `{"mode":"voters","registered":60,"voted":30}`, "invalid"},
	{"rc.election.elected", `{"voted":41,"votes":21}`, "elected"}, {"rc.election.elected", `{"voted":42,"votes":21}`, "not_elected"},
	{"rc.runoff.elected", `{"ballots_cast":42,"votes":14}`, "elected"}, {"rc.runoff.elected", `{"ballots_cast":43,"votes":14}`, "not_elected"},
	{"rc.nomination", `{"by_party_organisation":false,"joint_voters":10}`, "accepted"}, {"rc.nomination", `{"by_party_organisation":false,"joint_voters":9}`, "refused"}, {"rc.nomination", `{"by_party_organisation":true,"joint_voters":0}`, "accepted"}, {"rc.nomination", `{"by_party_organisation":false,"joint_voters":0}`, "refused"},
	{"rc.proxy", `{"mode":"representatives","already_held":0,"proxy_is_candidate":false,"written":true}`, "refused"}, {"rc.proxy", `{"mode":"voters","already_held":2,"proxy_is_candidate":false,"written":true}`, "accepted"}, {"rc.proxy", `{"mode":"voters","already_held":3,"proxy_is_candidate":false,"written":true}`, "refused"},
	{"rc.recall.petition", `{"electors":2000,"signatures":199,"representatives":60,"representative_signatures":19}`, "refused"}, {"rc.recall.petition", `{"electors":2000,"signatures":0,"representatives":60,"representative_signatures":20}`, "accepted"},
	{"rc.recall.vote", `{"mode":"voters","registered":100,"voted":51,"for_removal":26}`, "removed"}, {"rc.recall.vote", `{"mode":"representatives","registered":60,"voted":40,"for_removal":40}`, "not_removed"}, {"rc.recall.vote", `{"mode":"representatives","registered":60,"voted":41,"for_removal":21}`, "removed"},
	{"rc.meeting.petition", `{"adults":4000,"adult_signatures":399,"households":2000,"household_signatures":200,"representatives":60,"representative_signatures":0}`, "accepted"}, {"rc.meeting.petition", `{"adults":4000,"adult_signatures":399,"households":2000,"household_signatures":199,"representatives":60,"representative_signatures":19}`, "refused"},
	{"rc.meeting.notice", `{"days_before":9,"urgent_reason":"台风"}`, "lawful"},
	{"rc.meeting.quorum", `{"adults":4000,"adults_present":2000,"households":2000,"household_representatives_present":1000}`, "no_quorum"}, {"rc.meeting.quorum", `{"adults":4000,"adults_present":0,"households":2000,"household_representatives_present":1001}`, "quorum"},
	{"rc.meeting.pass", `{"present":1001,"in_favour":501}`, "passed"}, {"rc.meeting.pass", `{"present":1001,"in_favour":500}`, "failed"},
	{"rc.repmeeting.petition", `{"representatives":60,"representative_signatures":12}`, "accepted"}, {"rc.repmeeting.petition", `{"representatives":60,"representative_signatures":11}`, "refused"},
	{"rc.repmeeting.composition", `{"members":60,"representatives":48}`, "lawful"}, {"rc.repmeeting.composition", `{"members":60,"representatives":47}`, "unlawful"},
	{"rc.repmeeting.pass", `{"present":40,"in_favour":21}`, "passed"}, {"rc.repmeeting.pass", `{"present":40,"in_favour":20}`, "failed"},
	{"owners.vote", `{"item":4,"area_total":9000000,"heads_total":900,"area_participating":6000000,"heads_participating":600,"area_in_favour":3000001,"heads_in_favour":301}`, "passed"},
	{"owners.vote", `{"item":7,"area_total":9000000,"heads_total":900,"area_participating":6000000,"heads_participating":600,"area_in_favour":4500000,"heads_in_favour":449}`, "failed"},
	{"owners.vote", `{"item":5,"area_total":9000000,"heads_total":900,"area_participating":5999999,"heads_participating":900,"area_in_favour":5999999,"heads_in_favour":900}`, "not_valid"},
	{"owners.headcount", `{"single_unit_owners":0,"multi_unit_owners":[2,40],"undelivered_units":0}`, "2"}, {"owners.headcount", `{"single_unit_owners":5,"multi_unit_owners":[],"undelivered_units":1}`, "6"},
	{"owners.use_change", `{"units":12,"agreeing":12}`, "accepted"}, {"owners.use_change", `{"units":12,"agreeing":11}`, "refused"},
	{"rceo.assembly", `{"members":600,"present":399,"in_favour":399}`, "no_quorum"}, {"rceo.assembly", `{"members":600,"present":400,"in_favour":400}`, "passed"},
	{"rceo.nonmember_benefit", `{"members":600,"in_favour":449}`, "failed"},
	{"rceo.board", `{"directors":7,"present":4,"in_favour":4}`, "no_quorum"}, {"rceo.board", `{"directors":7,"present":5,"in_favour":4}`, "passed"}, {"rceo.board", `{"directors":7,"present":5,"in_favour":3}`, "failed"},
	{"rceo.delegates", `{"delegates":21}`, "accepted"}, {"rceo.delegates", `{"delegates":20}`, "refused"},
	{"rceo.delegates.power", `{"matter":"other"}`, "accepted"}, {"rceo.delegates.power", `{"matter":"merger"}`, "refused"},
	{"land.contract_plan", `{"members":300,"in_favour":199}`, "failed"},
	{"rceo.notice", `{"days_before":10}`, "lawful"}, {"rceo.notice", `{"days_before":9}`, "unlawful"}, {"rceo.notice", `{"days_before":11}`, "lawful"},
	{"rceo.assembly.quorum", `{"members":600,"present":399}`, "no_quorum"}, {"rceo.assembly.quorum", `{"members":600,"present":400}`, "quorum"}, {"rceo.assembly.quorum", `{"members":601,"present":400}`, "no_quorum"},
	{"rceo.board.quorum", `{"directors":7,"present":4}`, "no_quorum"}, {"rceo.board.quorum", `{"directors":7,"present":5}`, "quorum"}, {"rceo.board.quorum", `{"directors":3,"present":2}`, "quorum"},
	{"rceo.delegates.pass", `{"delegates":30,"in_favour":20}`, "passed"}, {"rceo.delegates.pass", `{"delegates":30,"in_favour":19}`, "failed"}, {"rceo.delegates.pass", `{"delegates":31,"in_favour":21}`, "passed"},
	{"party.meeting.quorum", `{"members":40,"present":20}`, "no_quorum"}, {"party.meeting.quorum", `{"members":40,"present":21}`, "quorum"}, {"party.meeting.quorum", `{"members":41,"present":21}`, "quorum"},
	{"party.meeting.pass", `{"members":40,"in_favour":20}`, "failed"}, {"party.meeting.pass", `{"members":40,"in_favour":21}`, "passed"}, {"party.meeting.pass", `{"members":41,"in_favour":21}`, "passed"},
}

func TestThresholds(t *testing.T) {
	d := decisions(t)
	tried := map[string]bool{}
	for _, c := range thresholds {
		tried[c.rule] = true
		got, err := d.Decide(c.rule, june, "", factsOf(t, c.facts))
		if err != nil || fmt.Sprint(got.Outcome) != c.outcome {
			t.Errorf("%s %s: %v %v, want %s", c.rule, c.facts, got.Outcome, err, c.outcome)
		}
	}
	for _, r := range d.Rules() {
		if !tried[r.Name] {
			t.Errorf("%s is never tried", r.Name)
		}
	}
}

func TestComparedIsWhole(t *testing.T) {
	d := decisions(t)
	for facts, want := range map[string]string{
		`{"registered":1000,"voted":501}`: `[{"left":1002,"operator":"\u003e","right":1000,"holds":true}]`,
	} {
		got, err := d.Decide("vc.election.turnout", june, "", factsOf(t, facts))
		raw, _ := json.Marshal(got.Compared)
		if err != nil || string(raw) != want {
			t.Errorf("%s %v", raw, err)
		}
	}
	// no short-circuit: participation failed, the majority is compared all the same
	got, _ := d.Decide("owners.vote", june, "", factsOf(t, `{"item":4,"area_total":9,"heads_total":9,"area_participating":1,"heads_participating":1,"area_in_favour":1,"heads_in_favour":1}`))
	if len(got.Compared) != 4 || got.Outcome != "not_valid" {
		t.Errorf("%+v", got)
	}
	// a way whose whole is nothing is left out
	got, _ = d.Decide("vc.recall.petition", june, "", factsOf(t, `{"voters":10,"signatures":2,"representatives":0,"representative_signatures":0}`))
	if len(got.Compared) != 1 || got.Outcome != "accepted" {
		t.Errorf("%+v", got)
	}
	got, _ = d.Decide("rceo.assembly", june, "", factsOf(t, `{"members":600,"present":1,"in_favour":1}`))
	if got.Article != "农村集体经济组织法 27(1)" {
		t.Errorf("no quorum cites %s", got.Article)
	}
}

func TestImpossibleFacts(t *testing.T) {
	d := decisions(t)
	for facts, key := range map[string]string{
		`{"registered":1000}`:                           "law.fact_missing",
		`{"registered":1000,"voted":null}`:              "law.fact_missing",
		`{"registered":1000,"voted":1,"extra":1}`:       "law.fact_unknown",
		`{"registered":1000,"voted":-1}`:                "law.fact_kind",
		`{"registered":1000,"voted":500.5}`:             "law.fact_kind",
		`{"registered":1000,"voted":500.0}`:             "law.fact_kind",
		`{"registered":1000,"voted":"500"}`:             "law.fact_kind",
		`{"registered":1000,"voted":true}`:              "law.fact_kind",
		`{"registered":1000,"voted":1001}`:              "law.fact_part",
		`{"registered":0,"voted":0}`:                    "law.fact_nothing",
		`{"registered":99999999999999999999,"voted":1}`: "law.fact_kind",
	} {
		if _, err := d.Decide("vc.election.turnout", june, "", factsOf(t, facts)); fault.Of(err) == nil || fault.Of(err).Key != key {
			t.Errorf("%s: %v, want %s", facts, err, key)
		}
	}
	for rule, facts := range map[string]string{
		"owners.vote":          `{"item":10,"area_total":9,"heads_total":9,"area_participating":9,"heads_participating":9,"area_in_favour":9,"heads_in_favour":9}`,
		"rceo.delegates.power": `{"matter":"anything"}`, "rc.proxy": `{"mode":"post","already_held":0,"proxy_is_candidate":false,"written":true}`,
		"vc.appraisal": `{"verdicts":{"2025":"good"}}`, "owners.headcount": `{"single_unit_owners":1,"multi_unit_owners":[0],"undelivered_units":0}`,
		"vc.proxy": `{"already_held":1,"proxy_is_candidate":0,"written":true}`,
	} {
		if _, err := d.Decide(rule, june, "", factsOf(t, facts)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %s: %v", rule, facts, err)
		}
	}
	if _, err := d.Decide("vc.nothing", june, "", nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown rule: %v", err)
	}
	if _, err := d.Decide("vc.election.turnout", clock.Date(2025, 12, 31), "", factsOf(t, `{"registered":10,"voted":9}`)); fault.Of(err).Key != "law.not_yet" {
		t.Errorf("before its first day: %v", err)
	}
	if _, err := ReadFacts(strings.NewReader(`{"a":1} {"b":2}`)); err == nil {
		t.Error("two objects were read")
	}
}

// More votes for it never turn a decision against it.
func TestMoreIsNeverLess(t *testing.T) {
	d := decisions(t)
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.Int64Range(1, 5000).Draw(t, "members")
		votes := rapid.Int64Range(0, members-1).Draw(t, "votes")
		decide := func(n int64) any {
			x, err := d.Decide("vc.meeting.pass", june, "", map[string]any{"present": members, "in_favour": n})
			if err != nil {
				t.Fatal(err)
			}
			return x.Outcome
		}
		if decide(votes) == "passed" && decide(votes+1) != "passed" {
			t.Fatalf("%d of %d pass, one more does not", votes, members)
		}
		if (decide(votes) == "passed") != (2*votes > members) {
			t.Fatalf("%d of %d: %v", votes, members, decide(votes))
		}
	})
}

const pack = `norm: 某省村民委员会选举办法
from: 2020-01-01
region: "33"
rules:
  - rule: vc.election.turnout
    title: {zh: 选举是否有效, en: turnout}
    article: "1"
    facts: {registered: {count: true, zh: 登记, en: registered}, voted: {of: registered, zh: 投票, en: voted}}
    holds: [{left: voted, is: ">=", share: 2/3, right: registered}]
    outcomes: [valid, invalid]
`

// A region's pack tightens, never loosens, and is told of when it is older than
// the national text.
func TestRegion(t *testing.T) {
	files := fstest.MapFS{"law/region-33.yaml": {Data: []byte(pack)}}
	for _, name := range []string{"law/village.yaml"} {
		raw, err := catalog.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: raw}
	}
	d, err := ParseDecisions(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Old) != 1 || d.Old[0].Region != "33" {
		t.Errorf("an old pack is not told of: %+v", d.Old)
	}
	for region, want := range map[string]string{"": "valid", "32": "valid", "33": "invalid", "330102": "invalid"} {
		x, err := d.Decide("vc.election.turnout", june, region, factsOf(t, `{"registered":900,"voted":599}`))
		if err != nil || x.Outcome != want {
			t.Errorf("%q: %v %v", region, x.Outcome, err)
		}
		if want == "invalid" && x.Article != "某省村民委员会选举办法 1" {
			t.Errorf("%q cites %s", region, x.Article)
		}
	}
	if x, _ := d.Decide("vc.election.turnout", june, "33", factsOf(t, `{"registered":900,"voted":450}`)); x.Outcome != "invalid" || x.Article != "村民委员会组织法 18(2)" {
		t.Errorf("what the national law refuses is refused by it: %+v", x)
	}
	looser := strings.Replace(pack, `holds: [{left: voted, is: ">=", share: 2/3, right: registered}]`, `any: [{left: voted, is: ">=", share: 1/9, right: registered}]`, 1)
	files["law/region-33.yaml"] = &fstest.MapFile{Data: []byte(looser)}
	if _, err := ParseDecisions(files); err == nil {
		t.Error("a pack offers a way around the national rule")
	}
}

func TestBrokenRules(t *testing.T) {
	good := strings.Replace(pack, "region: \"33\"\n", "", 1)
	for name, change := range map[string][2]string{
		"unknown key":      {"outcomes:", "results:"},
		"unknown operator": {`">="`, `"=>"`},
		"unknown fact":     {"left: voted", "left: votes"},
		"no fraction":      {"2/3", "0.67"},
		"more than whole":  {"2/3", "3/2"},
		"no whole":         {"of: registered", "of: nobody"},
		"no kind":          {"count: true, ", ""},
		"no article":       {`article: "1"`, `article: ""`},
		"one outcome":      {"[valid, invalid]", "[valid]"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := ParseDecisions(fstest.MapFS{"law/x.yaml": {Data: []byte(bad)}}); fault.Of(err) == nil || fault.Of(err).Key != "law.rules" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBecause(t *testing.T) {
	book, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	d := decisions(t)
	for _, c := range thresholds {
		x, err := d.Explain(book, c.rule, june, "", factsOf(t, c.facts))
		if err != nil {
			t.Fatal(err)
		}
		for lang, s := range x.Because {
			if s == "" || strings.Contains(s, "law.") || strings.Contains(s, "{") {
				t.Errorf("%s %s: %s", c.rule, lang, s)
			}
		}
	}
	x, _ := d.Explain(book, "vc.election.turnout", june, "", factsOf(t, `{"registered":1000,"voted":500}`))
	if want := "村委会选举是否有效：参加投票的村民 500，登记参加选举的村民 1000，须超过 1/2，不符合。结果：无效（村民委员会组织法 18(2)）。"; x.Because["zh"] != want {
		t.Errorf("%s", x.Because["zh"])
	}
}

func TestTryCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	if err := os.WriteFile(file, []byte(`{"registered":1000,"voted":501}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (TryCommand{At: "2026-06-01", Rule: "vc.election.turnout", Facts: file}).Run(&out, catalog.Files); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["outcome"] != "valid" || got["at"] != "2026-06-01" || got["because"].(map[string]any)["en"] == "" {
		t.Errorf("%s %v", out.Bytes(), err)
	}
	if err := (TryCommand{At: "2026-06-01", Rule: "vc.election.turnout", Facts: file + "x"}).Run(&out, catalog.Files); !fault.Is(err, fault.Invalid) {
		t.Errorf("no file: %v", err)
	}
}

// TestDocument holds docs/law.md to the catalogue; LINLI_UPDATE=1 writes it.
func TestDocument(t *testing.T) {
	book, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	file, want := filepath.Join("..", "..", "docs", "law.md"), decisions(t).Document(book)
	if os.Getenv("LINLI_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/law.md is not what the catalogue says (%v): LINLI_UPDATE=1 go test ./internal/law -run Document", err)
	}
}

func BenchmarkDecide(b *testing.B) {
	d := decisions(b)
	facts := factsOf(b, `{"item":4,"area_total":9000000,"heads_total":900,"area_participating":6000000,"heads_participating":600,"area_in_favour":3000001,"heads_in_favour":301}`)
	for b.Loop() {
		if _, err := d.Decide("owners.vote", june, "", facts); err != nil {
			b.Fatal(err)
		}
	}
}
