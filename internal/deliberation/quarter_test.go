package deliberation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/deliberation"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// A quarter of a village of 1,200 voters with 45 in the representatives' meeting:
// two petitions, of which one is too small, a consultation, and a decision by four
// steps whose meeting misses its quorum by one, is called again and carries it.
func TestQuarter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.representatives()
		r.delegation()
		r.villagers(1200)

		small := r.petition("guide", village, "village_meeting")
		r.entered("guide", small.Case, "person", 121)
		r.do("guide", small.Case, "close_list", nil)
		r.judged("guide", small.Case, 119)
		r.do("guide", small.Case, "count", roll)
		r.state(small.Case, "too_few")
		r.do("guide", small.Case, "answer_too_few", nil)
		r.reads("/petitions/"+small.Number, "119", "1200", "名册第 2 版", "25(2)", "人数不够")

		large := r.petition("guide", village, "village_representatives")
		r.entered("guide", large.Case, "representative", 9)
		r.do("guide", large.Case, "close_list", nil)
		r.judged("guide", large.Case, 9)
		r.do("guide", large.Case, "count", roll)
		r.do("guide", large.Case, "oblige", map[string]any{"committee": "village", "matter": "public_works"})
		asked := r.children(large.Case, "four-steps")[0]

		topic := r.consulted()
		r.do("director", topic, "to_meeting", map[string]any{"body": "village_representatives", "matter": "public_works"})
		wanted := r.children(topic, "four-steps")[0]
		if got := r.get(wanted).Values.Text("source"); got != "consultation" {
			t.Errorf("the matter comes from %q", got)
		}
		r.do("director", topic, "give_task", map[string]any{"task": "量好三处塌方的尺寸", "lead": "village", "limit": "10 workdays"})
		r.do("director", topic, "publish_result", nil)
		r.days(16)
		r.refused("director", topic, "close", nil, "casework.child_open", "")
		task := r.children(topic, "follow-up")[0]
		r.do("clerk", task, "finish", map[string]any{"done_words": "三处都量好了"})

		for _, id := range []string{asked, wanted} {
			r.wholeWay(id)
		}
		r.state(large.Case, "settled")
		if got := r.get(topic).Values.Text("done_words"); got == "" {
			t.Error("the consultation does not learn what became of its matter")
		}
		r.do("director", topic, "close", nil)
		r.reads("/petitions/"+large.Number, "已有结果", "/matters/"+r.get(asked).Number)
		r.verify()
	})
}

// children are the cases of a procedure that a case opened.
func (r *rig) children(id, name string) (out []string) {
	r.t.Helper()
	v, err := r.cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	for _, c := range v.Children {
		if c.Procedure == name {
			out = append(out, c.ID)
		}
	}
	return out
}

// consulted is a topic of which 60 devices said what they think, concluded.
func (r *rig) consulted() string {
	r.t.Helper()
	c := r.topic()
	number := r.get(c).Number
	var ids []string
	for _, words := range []string{"先修东边，那里塌得最厉害", "先修西边，西边田多", "每家出一个工", "主任是混蛋", "请专家看看再说"} {
		said, err := r.delib.Say(ctx, number, words, "")
		r.ok(err)
		ids = append(ids, said.ID)
		mine, err := r.delib.Mine(ctx, said.Token)
		r.ok(err)
		if mine.Status != deliberation.Held || strings.Contains(r.reads("/topics/"+number), words) {
			r.t.Errorf("%q is public before anybody looked", words)
		}
	}
	for i, id := range ids {
		values := map[string]any{"statement_ref": id, "ruling": "publish"}
		if i == 3 {
			values["ruling"], values["ground"] = "hide", "insult"
		}
		r.do("clerk", c, "moderate", values)
	}
	for n := range 60 {
		device := fmt.Sprintf("device%020d", n)
		for i, stand := range []string{"agree", map[bool]string{true: "agree", false: "disagree"}[n%2 == 0], map[bool]string{true: "unsure", false: "disagree"}[n%5 == 0]} {
			r.ok(r.delib.Stand(ctx, number, ids[i], device, stand))
		}
		if n < 4 {
			r.ok(r.delib.Stand(ctx, number, ids[4], device, "agree"))
		}
		if n == 0 { // somebody thinks again; it counts once
			r.ok(r.delib.Stand(ctx, number, ids[0], device, "disagree"))
		}
	}
	if err := r.delib.Stand(ctx, number, ids[3], "device", "agree"); !fault.Is(err, fault.NotFound) {
		r.t.Errorf("a hidden statement takes stands: %v", err)
	}
	page := r.reads("/topics/"+number, "多数人同意", "意见不一", "多数人不同意", "表态的人还少", "同意 59，不同意 1，说不好 0", "同意 30，不同意 30", "同意 0，不同意 48，说不好 12")
	if strings.Contains(page, "混蛋") {
		r.t.Error("a hidden statement is public")
	}
	r.apart()
	r.do("clerk", c, "record", map[string]any{"minutes": "到会的人都同意先修东边。", "present": 38})
	r.do("director", c, "conclude", map[string]any{"result": "先修东边塌方的三处。", "agreed": "修东边三处，村里出料，每户出工自愿。"})
	if got := r.get(c).Values.Text("opinions"); !strings.Contains(got, "同意 59") || strings.Contains(got, "混蛋") {
		r.t.Errorf("the summary says %s", got)
	}
	return c
}

// apart: no mark of a device stands on two things, and a stand has no time, so that
// nobody can be drawn from what they think.
func (r *rig) apart() {
	r.t.Helper()
	rows, err := r.d.Reader().Rows(ctx, `SELECT * FROM deliberation_stand`)
	r.ok(err)
	defer rows.Close()
	columns, err := rows.Columns()
	r.ok(err)
	if !slices.Equal(columns, []string{"about", "device", "stand"}) {
		r.t.Errorf("a stand keeps %v", columns)
	}
	seen := map[string]bool{}
	for rows.Next() {
		var about, device, stand string
		r.ok(rows.Scan(&about, &device, &stand))
		if seen[device] {
			r.t.Fatalf("the mark %s stands on two things", device)
		}
		seen[device] = true
	}
	if len(seen) < 180 {
		r.t.Errorf("only %d stands", len(seen))
	}
}

// wholeWay carries a matter through the four steps, a meeting without quorum, the
// meeting that carries it, both publications and what residents think.
func (r *rig) wholeWay(id string) {
	r.t.Helper()
	number := r.get(id).Number
	r.walk(id, "reviewed")
	m := r.called(id, "village_representatives")
	r.meet(m, 29)
	r.refused("director", m, "begin", nil, "casework.law", "30(2)")
	r.do("director", m, "adjourn", nil)
	r.state(id, "reviewed")
	r.refused("clerk", id, "post_decision", nil, "casework.wrong_state", "35")

	r.hold(r.called(id, "village_representatives"), 30, 16, "passed")
	r.state(id, "decided")
	v := r.get(id).Values
	for _, field := range []string{"quorum", "outcome"} {
		if x, ok := v[field].(law.Decision); !ok || !strings.Contains(x.Article, "30(2)") {
			r.t.Errorf("%s is %v", field, v[field])
		}
	}
	if page := r.reads("/matters/" + number); strings.Contains(page, "三万元") {
		r.t.Error("the text is public before it was published")
	}
	if w := r.ask(http.MethodGet, "/matters/"+number+"/resolution", nil); w.Code != http.StatusNotFound {
		r.t.Errorf("an unpublished resolution prints: %d", w.Code)
	}
	r.do("clerk", id, "post_decision", nil)
	r.reads("/matters/"+number, "三万元", "现行", "村民委员会组织法 30(2)", "须超过 1/2")
	if w := r.ask(http.MethodGet, "/matters/"+number+"/resolution", nil); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "%PDF") {
		r.t.Errorf("the resolution does not print: %d", w.Code)
	}
	r.do("clerk", id, "correct", map[string]any{"corrected": "同意修水渠，用公益金三万元整。", "reason": "补一个字"})
	if page := r.reads("/matters/"+number, "三万元整", "同意修水渠，用公益金三万元。"); !strings.Contains(page, "更正后的文本") {
		r.t.Error("the corrected text does not stand beside the old one")
	}
	r.do("director", id, "begin", map[string]any{"plan": "12月动工"})
	r.do("clerk", id, "progress", map[string]any{"milestone": "挖好基槽", "spent": 1_000_000})
	r.refused("director", id, "finish", map[string]any{"result": "修好了", "money_spent": 999_999}, "deliberation.money", "")
	r.do("director", id, "finish", map[string]any{"result": "修好三处，通水了。", "money_spent": 1_000_000})
	r.do("clerk", id, "post_result", nil)
	for n := range 30 {
		r.ok(r.delib.Judge(ctx, number, fmt.Sprintf("judge%021d", n), map[bool]string{true: "agree", false: "disagree"}[n%3 != 0]))
	}
	r.reads("/matters/"+number, "满意 20，不满意 10，说不好 0", "修好三处")
	r.refused("director", id, "close", nil, "casework.clock_ended", "35(4)")
	r.days(16)
	r.do("director", id, "close", nil)
	if v := r.get(id).Values; v["satisfied"] != int64(20) || v["dissatisfied"] != int64(10) {
		r.t.Errorf("judged by %v and %v", v["satisfied"], v["dissatisfied"])
	}
	if err := r.delib.Judge(ctx, number, "late", "agree"); !fault.Is(err, fault.Conflict) {
		r.t.Errorf("a closed matter is judged: %v", err)
	}
}

var tokenLink = regexp.MustCompile(`href="/statement/([0-9A-Za-z_-]+)"`)

// Somebody without account writes, keeps the link, and reads there why it was not
// published.
func TestStatementByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.topic()
		number := r.get(c).Number
		r.reads("/topics", "水渠先修哪一段", "议事会")
		r.reads("/topics?area="+village+"&kind=consultation", "水渠先修哪一段")
		at := "/topics/" + number
		for _, bad := range []string{"", "他家电话13900001111", strings.Repeat("长", 501)} {
			if w := r.ask(http.MethodPost, at+"/statements", url.Values{"statement": {bad}}); w.Code < 400 || w.Code >= 500 {
				t.Errorf("%.20q: %d", bad, w.Code)
			}
		}
		w := r.ask(http.MethodPost, at+"/statements", url.Values{"statement": {"<script>主任</script>不行"}, "key": {strings.Repeat("k", 26)}})
		link := tokenLink.FindStringSubmatch(w.Body.String())
		if w.Code != http.StatusOK || link == nil {
			t.Fatalf("saying: %d %s", w.Code, w.Body)
		}
		twice := r.ask(http.MethodPost, at+"/statements", url.Values{"statement": {"<script>主任</script>不行"}, "key": {strings.Repeat("k", 26)}})
		if again := tokenLink.FindStringSubmatch(twice.Body.String()); again == nil || again[1] != link[1] {
			t.Error("a form sent twice is two statements")
		}
		other := "x"
		if strings.HasSuffix(link[1], other) {
			other = "y"
		}
		for _, wrong := range []string{"x", link[1][:51] + other, strings.Repeat("0", 52)} {
			if w := r.ask(http.MethodGet, "/statement/"+wrong, nil); w.Code != http.StatusNotFound {
				t.Errorf("a wrong link opens: %d", w.Code)
			}
		}
		mine := "/statement/mine/" + link[1][:26]
		if w := r.ask(http.MethodGet, mine, nil); w.Code != http.StatusNotFound {
			t.Errorf("an own page opens without its link: %d", w.Code)
		}
		if w := r.ask(http.MethodGet, "/statement/"+link[1], nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != mine {
			t.Fatalf("the link: %d %s", w.Code, w.Header().Get("Location"))
		}
		if page := r.reads(mine, "还没有人看过"); strings.Contains(page, "<script>主任") {
			t.Error("a statement's markup is alive")
		}
		if w := r.ask(http.MethodGet, at+"/moderate", nil); w.Code == http.StatusOK {
			t.Error("a stranger moderates")
		}
		r.asks = r.who["clerk"]
		r.reads(at+"/moderate", "待审看")
		if w := r.ask(http.MethodPost, at+"/moderate", url.Values{"statement_ref": {link[1][:26]}, "ruling": {"hide"}}); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict && w.Code != http.StatusPreconditionFailed {
			t.Errorf("hidden without a reason: %d", w.Code)
		}
		if w := r.ask(http.MethodPost, at+"/moderate", url.Values{"statement_ref": {link[1][:26]}, "ruling": {"hide"}, "ground": {"insult"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("moderating: %d %s", w.Code, w.Body)
		}
		r.asks = identity.Actor{Kind: identity.Anyone}
		r.reads(mine, "没有公开", "辱骂或者攻击个人")
		_, _, acts, err := r.cases.History(ctx, c)
		r.ok(err)
		if !slices.ContainsFunc(acts, func(e casework.Entry) bool {
			return e.Act == "moderate" && e.Values.Text("ground") == "insult" && e.Person == "clerk"
		}) {
			t.Error("the moderation leaves no trace")
		}
		r.do("clerk", c, "moderate", map[string]any{"statement_ref": link[1][:26], "ruling": "publish"})
		if w := r.ask(http.MethodPost, at+"/stand", url.Values{"statement": {link[1][:26]}, "stand": {"agree"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("a stand: %d %s", w.Code, w.Body)
		}
		r.ask(http.MethodPost, at+"/stand", url.Values{"statement": {link[1][:26]}, "stand": {"disagree"}})
		r.reads(at, "同意 0，不同意 1，说不好 0")
		for _, bad := range []url.Values{{"statement": {"x"}, "stand": {"agree"}}, {"statement": {link[1][:26]}, "stand": {"love"}}, {}} {
			if w := r.ask(http.MethodPost, at+"/stand", bad); w.Code < 400 || w.Code >= 500 {
				t.Errorf("%v: %d", bad, w.Code)
			}
		}
		r.do("clerk", c, "end_statements", nil)
		if w := r.ask(http.MethodPost, at+"/statements", url.Values{"statement": {"还有一句"}}); w.Code != http.StatusConflict {
			t.Errorf("a statement after the end: %d", w.Code)
		}
		r.verify()
	})
}

// What is erased or masked of a statement is gone from its page at once: its words
// stand nowhere but in the act.
func TestStatementErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.topic()
		at := "/topics/" + r.get(c).Number
		var ids []string
		for _, words := range []string{"王家门口那段先修", "李家门口那段也要修", "都要修"} {
			said, err := r.delib.Say(ctx, r.get(c).Number, words, "")
			r.ok(err)
			ids = append(ids, said.ID)
		}
		for _, id := range ids[:2] {
			r.do("clerk", c, "moderate", map[string]any{"statement_ref": id, "ruling": "publish"})
		}
		r.reads(at, "王家门口", "李家门口")
		_, err := r.cases.Do(ctx, r.who["leader"], casework.Asking{Case: c, Act: casework.ActErase, Target: ids[0], Fields: []string{"statement"}, Reason: "本人要求删除"})
		r.ok(err)
		_, err = r.cases.Do(ctx, r.who["leader"], casework.Asking{Case: c, Act: casework.ActMask, Reason: "写了别人的家", Strike: func(field string, value any) (any, bool) {
			words, _ := value.(string)
			return strings.ReplaceAll(words, "李家", "某家"), strings.Contains(words, "李家")
		}})
		r.ok(err)
		if page := r.reads(at, "某家门口"); strings.Contains(page, "王家") || strings.Contains(page, "李家") {
			t.Errorf("what was erased is still public: %s", page)
		}
		_, err = r.cases.Do(ctx, r.who["leader"], casework.Asking{Case: c, Act: casework.ActErase, Target: ids[2], Fields: []string{"statement"}, Reason: "本人要求删除"})
		r.ok(err)
		r.do("clerk", c, "record", map[string]any{"minutes": "商量了。", "present": 9})
		r.do("director", c, "conclude", map[string]any{"result": "都修"})
		if got := r.get(c).Values.Text("opinions"); !strings.Contains(got, "某家") || strings.Contains(got, "王家") {
			t.Errorf("the summary says %s", got)
		}
		r.verify()
	})
}
