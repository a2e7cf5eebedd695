package evaluation_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/internal/casework"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// ask brings a task to the door.
func (r *rig) ask(who, kind, item, subject string, receivers ...string) casework.Receipt {
	r.t.Helper()
	var list []any
	for _, u := range receivers {
		list = append(list, u)
	}
	values := map[string]any{"subject": subject, "words": subject + "，请各单位按要求完成并报结果。", "kind": kind, "item": item, "receivers": list, "limit": "10 workdays"}
	if kind == "form" {
		values["asks"] = "户数\n主要困难"
	}
	got, err := r.Cases.Open(ctx, r.Actor(who), casework.Opening{Procedure: "task", Act: "ask", Values: values})
	r.ok(err)
	return got
}

// hand hands a task down and gives the parts by their units.
func (r *rig) hand(who, id string) map[string]string {
	r.t.Helper()
	got, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: "hand_down"})
	r.ok(err)
	out := map[string]string{}
	for _, child := range got.Children {
		v, err := r.Cases.Get(ctx, identity.SystemActor(), child)
		r.ok(err)
		out[v.Case.Unit] = child
	}
	return out
}

// year plays a task that goes, one refused at the door and again in pieces, one
// admitted that runs out, one not admitted, and two refused by their receivers.
func (r *rig) year() {
	r.t.Helper()
	for _, kind := range []string{"admission-civil", "admission-legal", "admission-finance"} {
		r.Employ(kind, kind, "yunxi", "999901")
	}
	r.Employ("county-head", "head", "yunxi", "")
	going := r.ask("b-civil", "form", "J04", "低保家庭情况登记表", "qinghe", "dongshan", "shiqiao")
	parts := r.hand("b-civil", going.Case)
	for _, x := range [][3]string{{"head1", "qinghe", "uphold"}, {"head2", "dongshan", "insist"}} {
		got, err := r.Cases.Do(ctx, r.Actor(x[0]), casework.Asking{Case: parts[x[1]], Act: "refuse", Values: map[string]any{"cited": "J04", "reason": "已经报过"}})
		r.ok(err)
		r.do("county-head", got.Children[0], x[2], map[string]any{"ruling": "按清单"})
	}
	r.ask("b-police", "campaign", "P03", "组织街道拆除违法建设专项行动", "qinghe", "dongshan")
	r.pass(time.Hour)
	r.ask("b-police", "campaign", "P03", "组织街道拆除违法建设专项行动（第一批）", "qinghe")
	for _, act := range []string{"grant", "deny"} {
		asked := r.ask("b-health", "board", "", "健康小屋挂牌"+act, "qinghe", "c-qinghe")
		got, err := r.Cases.Do(ctx, r.Actor("b-health"), casework.Asking{Case: asked.Case, Act: "apply", Values: map[string]any{"basis": "示例", "funds": "10000", "people": "一人", "period": "20 days", "reason": "试点"}})
		r.ok(err)
		for _, kind := range []string{"admission-civil", "admission-legal", "admission-finance"} {
			r.do(kind, got.Children[0], "opine", map[string]any{"verdict": "agree"})
		}
		values := map[string]any{"ruling": "按联席会议意见"}
		if act == "grant" {
			values["period"] = "20 days"
		}
		r.do("county-head", got.Children[0], act, values)
		if act == "grant" {
			r.hand("b-health", asked.Case)
		}
	}
	r.pass(40 * 24 * time.Hour)
	r.follow()
}

func (r *rig) burden(f evaluation.Filter, by evaluation.By) map[string]string {
	r.t.Helper()
	got, err := r.House.Figures.Burden(ctx, r.Actor("clerk3"), f, by)
	r.ok(err)
	out := map[string]string{}
	for _, row := range got.Rows {
		for indicator, s := range row.Sums {
			if s.N != 0 {
				out[row.Key+" "+indicator] = fmt.Sprint(s.N)
			}
		}
	}
	return out
}

func TestBurdenAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.year()
		senders := r.burden(evaluation.Filter{}, evaluation.ByOther)
		if diff := cmp.Diff(map[string]string{
			"civil asked": "1", "civil asked_form": "1", "civil asked_fields": "2", "civil handed_down": "1", "civil borne": "3", "civil borne_form": "3", "civil borne_fields": "6", "civil declined": "2", "civil declined_rightly": "1", "civil insisted": "1",
			"police asked": "2", "police asked_campaign": "2", "police door_refused": "2", "police split": "1",
			"health asked": "2", "health asked_board": "2", "health admitted": "1", "health denied": "1", "health handed_down": "1", "health ran_out": "1", "health borne": "2", "health borne_board": "2",
		}, senders); diff != "" {
			t.Errorf("by sender (-want +got): %s", diff)
		}
		receivers := r.burden(evaluation.Filter{}, evaluation.ByUnit)
		if receivers["qinghe borne"] != "2" || receivers["c-qinghe borne"] != "1" || receivers["dongshan insisted"] != "1" || receivers["qinghe asked"] != "" {
			t.Errorf("by receiver: %v", receivers)
		}
		pair := r.burden(evaluation.Filter{Unit: "qinghe", Other: "civil"}, evaluation.ByMonth)
		if diff := cmp.Diff(map[string]string{"202611 borne": "1", "202611 borne_form": "1", "202611 borne_fields": "2", "202611 declined": "1", "202611 declined_rightly": "1"}, pair); diff != "" {
			t.Errorf("civil of qinghe and what lies below (-want +got): %s", diff)
		}
		months := r.burden(evaluation.Filter{From: 202612}, evaluation.ByMonth)
		if diff := cmp.Diff(map[string]string{"202612 ran_out": "1"}, months); diff != "" {
			t.Errorf("of the month after (-want +got): %s", diff)
		}
		before := r.cells()
		r.ok(r.House.Figures.Rebuild(ctx))
		if diff := cmp.Diff(before, r.cells()); diff != "" {
			t.Errorf("a rebuild gives other numbers: %s", diff)
		}
		_, err := r.House.Figures.Burden(ctx, identity.Actor{Kind: identity.Anyone}, evaluation.Filter{}, evaluation.ByMonth)
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger reads the account: %v", err)
		}
		list, err := r.House.Figures.Catalogue(ctx)
		r.ok(err)
		if got := list.Procedures(); !slices.Equal(got, []string{"service-request", "grid-event"}) {
			t.Errorf("the figures show %v", got)
		}
		if _, err := r.House.Figures.Cases(ctx, r.Actor("leader1"), evaluation.Filter{}, "asked", "", "", 10); !fault.Is(err, fault.Invalid) {
			t.Errorf("the figures list cases of the account: %v", err)
		}
	})
}

func TestBurdenPages(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.year()
	anybody := r.door("grid2") // of a village, far from all of it
	page := anybody.page("/burden", 200)
	for _, say := range []string{"负担账", "一件任务发给三十个接收单位", "县民政局", "门口拒绝", "准入到期", "与被拒的相近", "裁定仍须承担"} {
		if !strings.Contains(page, say) {
			t.Errorf("the page does not say %s", say)
		}
	}
	if strings.Contains(page, "低保家庭情况登记表") {
		t.Error("the table names a case")
	}
	bears := anybody.page("/burden?side=bears", 200)
	if !strings.Contains(bears, "清河街道办事处") || strings.Contains(bears, "门口拒绝") || strings.Contains(bears, "清河社区居委会</a>") {
		t.Error("the table of receivers is not one of streets, with what lies below added up")
	}
	street := anybody.page("/burden?side=bears&receiver=qinghe", 200)
	for _, say := range []string{"清河街道办事处（本级）", "清河社区居委会", "县卫生健康局"} {
		if !strings.Contains(street, say) {
			t.Errorf("the page of a street does not say %s", say)
		}
	}
	for _, p := range []string{page, bears, street, anybody.page("/burden?sender=civil&sort=asked", 200)} {
		for _, l := range regexp.MustCompile(`href="(/burden/cases\?[^"]+)"[^>]*>(\d+)<`).FindAllStringSubmatch(p, -1) {
			list := anybody.page(strings.ReplaceAll(l[1], "&amp;", "&"), 200)
			if strings.Contains(l[1], "_fields") { // a number added up
				continue
			}
			if n := strings.Count(list, `class="number"`); fmt.Sprint(n) != l[2] {
				t.Errorf("%s: %s said, %d listed", l[1], l[2], n)
			}
		}
	}
	list := anybody.page("/burden/cases?indicator=door_refused", 200)
	for _, say := range []string{"组织街道拆除违法建设专项行动", "县公安局", "清河街道办事处、东山街道办事处", "不得下发", "创建、专项行动", "所有工作人员都可以看的"} {
		if !strings.Contains(list, say) {
			t.Errorf("the list does not say %s", say)
		}
	}
	if strings.Contains(list, `href="/cases/`) || !strings.Contains(r.door("b-police").page("/burden/cases?indicator=door_refused", 200), `href="/cases/`) {
		t.Error("a case is offered to who may not open it, or not to who may")
	}
	if api := anybody.page("/api/v1/burden?by=sender&receiver=qinghe", 200); !strings.Contains(api, `"key":"civil"`) || strings.Contains(api, `"key":"police"`) {
		t.Errorf("the API says %s", api)
	}
	r.door("").page("/api/v1/burden", 401)
	anybody.page("/burden?from=x", 422)
	anybody.page("/burden?sender=nobody", 422)
	anybody.page("/burden/cases?indicator=received", 422)
	if w := r.door("").ask("GET", "/burden", nil); w.Code != 303 {
		t.Errorf("a stranger gets %d", w.Code)
	}
	book := tables(t, anybody.ask("GET", "/burden/export", nil).Body.Bytes())
	if len(book) != 3 || !strings.Contains(fmt.Sprint(book["交办单位"]), "县民政局 1 1") || !strings.Contains(book["交办单位"][0][0], "网格员乙") {
		t.Errorf("the workbook says %v", book["交办单位"])
	}
	q := url.Values{"indicator": {"door_refused"}, "from": {""}, "to": {""}}
	if w := anybody.ask("POST", "/burden/cases/export", q); w.Code != 422 {
		t.Errorf("a list without a purpose: %d", w.Code)
	}
	q.Set("purpose", "月度减负会")
	taken := fmt.Sprint(tables(t, anybody.ask("POST", "/burden/cases/export", q).Body.Bytes()))
	for _, say := range []string{"网格员乙", "月度减负会", "县公安局", "不得下发"} {
		if !strings.Contains(taken, say) {
			t.Errorf("the list does not hold %s: %s", say, taken)
		}
	}
	reads, _, err := r.People.AuditReads(ctx, r.Actor("auditor1"), identity.Reads{Person: "grid2"})
	r.ok(err)
	if len(reads) != 1 || reads[0].Purpose != "月度减负会" {
		t.Errorf("the read log says %+v", reads)
	}
}
