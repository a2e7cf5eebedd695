package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"linli/internal/casework"
	"linli/internal/desk"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
)

// requests opens n requests and gives their ids.
func (s *site) requests(n int) (ids []string) {
	for i := range n {
		r := s.open(s.who["dispatcher"], "service-request", "report", map[string]any{"words": fmt.Sprintf("路灯不亮 %d", i), "channel": "phone", "place": map[string]any{"area": "999901001201"}})
		ids = append(ids, r.Case)
	}
	return ids
}

// batch posts the step of a batch that the page's form leads to.
func (s *site) batch(who string, form url.Values, status int) string {
	s.t.Helper()
	w := s.post(who, "/cases/batch", form)
	if w.Code != status {
		s.t.Fatalf("batch by %s: %d, want %d\n%s", who, w.Code, status, plain(w.Body.String()))
	}
	s.sane("/cases/batch", w.Body.String())
	return w.Body.String()
}

func TestBatchDispatch(t *testing.T) {
	s := newSite(t, desk.Doors{})
	ids := s.requests(4)
	// a suggestion for three of them
	s.desk.OnSuggest("service-request/dispatch", func(_ context.Context, v *casework.View) ([]desk.Suggestion, error) {
		if v.Case.ID == ids[3] {
			return nil, nil
		}
		return []desk.Suggestion{{Field: "lead", Value: "bureau", Reason: "按清单第 3 项"}}, nil
	})
	page := s.page("dispatcher", "/cases?box=all")
	if strings.Count(page, `name="case"`) != 4 {
		t.Errorf("the list has no boxes to tick")
	}
	page = s.batch("dispatcher", url.Values{"case": ids}, 200)
	if !strings.Contains(plain(page), "派遣（4 件）") {
		t.Errorf("dispatch is not offered for four: %s", plain(page))
	}
	step := url.Values{"case": ids, "_procedure": {"service-request"}, "_act": {"dispatch"}}
	page = s.batch("dispatcher", step, 200)
	for _, want := range []string{"建议：bureau", "按清单第 3 项", "3 件按各自的建议办", "确定派遣"} {
		if !strings.Contains(plain(page), want) {
			t.Errorf("the form does not say %s", want)
		}
	}
	form := s.form(page, "dispatch")
	form["case"] = ids
	form["seen"] = nil
	form.Set("limit", "5 workdays")
	out := plain(s.batch("dispatcher", form, 200))
	if !strings.Contains(out, "办好 3 件，没有办成 1 件") {
		t.Errorf("three of four have a suggestion: %s", out)
	}
	again := plain(s.batch("dispatcher", form, 200))
	if !strings.Contains(again, "办好 0 件") {
		t.Errorf("the same form twice did something twice: %s", again)
	}
	form.Set("lead", "other") // what the form says holds for every case
	form.Set("_key", "0123456789abcdef0123456789abcdef")
	if out = plain(s.batch("dispatcher", form, 200)); !strings.Contains(out, "办好 1 件，没有办成 3 件") {
		t.Errorf("the last one: %s", out)
	}
	for i, id := range ids {
		c := must(s.cases.Get(ctx, s.who["dispatcher"], id)).Case
		want := "bureau"
		if i == 3 {
			want = "other"
		}
		if c.State != "dispatched" || c.Unit != want || c.Acts != 2 {
			t.Errorf("case %d: %s at %s after %d acts", i, c.State, c.Unit, c.Acts)
		}
	}
	s.verify()
}

var regexpDrop = regexp.MustCompile(`name="drop" value="([^"]+)"`)

func TestBatchRefuses(t *testing.T) {
	s := newSite(t, desk.Doors{})
	ids := s.requests(2)
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("x", i)
	}
	for name, form := range map[string]url.Values{
		"nothing ticked":      {},
		"too many":            {"case": many},
		"no such act":         {"case": ids, "_procedure": {"service-request"}, "_act": {"nonsense"}},
		"an act with opinion": {"case": ids, "_procedure": {"example-village-notice"}, "_act": {"party_opinion"}},
	} {
		if w := s.post("dispatcher", "/cases/batch", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	// who may not see a case does not act on it, and is not told of it
	out := plain(s.batch("stranger", url.Values{"case": ids, "_procedure": {"service-request"}, "_act": {"dispatch"}}, 200))
	if strings.Contains(out, "路灯不亮") || !strings.Contains(out, "2 件已不在您的范围内") {
		t.Errorf("a stranger: %s", out)
	}
	// a case that moved since the page was drawn is named, the other is done
	form := url.Values{"case": ids, "_procedure": {"service-request"}, "_act": {"dispatch"}, "_do": {"run"}, "lead": {"bureau"}, "limit": {"5 workdays"}, "seen": {ids[0] + ":99"}}
	if out = plain(s.batch("dispatcher", form, 200)); !strings.Contains(out, "办好 1 件，没有办成 1 件") {
		t.Errorf("a stale case: %s", out)
	}
}

func TestSavedFilters(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.requests(1)
	keep := func(name, query string) int {
		return s.post("dispatcher", "/cases/filters", url.Values{"name": {name}, "query": {query}}).Code
	}
	if keep("路灯", "box=all&q=路灯&after=zzz&evil=1") != http.StatusSeeOther || keep("", "box=all") != http.StatusUnprocessableEntity {
		t.Error("keeping")
	}
	page := s.page("dispatcher", "/cases")
	if !strings.Contains(page, "box=all&amp;q=%E8%B7%AF%E7%81%AF\"") || strings.Contains(page, "evil") {
		t.Errorf("the kept search is not there: %s", plain(page))
	}
	if strings.Contains(s.page("caller", "/cases"), ">路灯<") {
		t.Error("somebody else's search shows")
	}
	page = s.page("dispatcher", "/cases?box=all&q=路灯")
	drop := regexpDrop.FindStringSubmatch(page)
	if drop == nil {
		t.Fatal("no way to drop it")
	}
	s.post("caller", "/cases/filters", url.Values{"drop": {drop[1]}})
	if !strings.Contains(s.page("dispatcher", "/cases"), ">路灯<") {
		t.Error("somebody else dropped it")
	}
	s.post("dispatcher", "/cases/filters", url.Values{"drop": {drop[1]}})
	if strings.Contains(s.page("dispatcher", "/cases"), ">路灯<") {
		t.Error("it was not dropped")
	}
	for i := range 20 {
		keep(fmt.Sprint("f", i), "box=all")
	}
	if keep("one more", "box=all") != http.StatusConflict {
		t.Error("a person keeps more than twenty")
	}
}

func TestTemplates(t *testing.T) {
	s := newSite(t, desk.Doors{})
	put := func(who, unit, body string) (desk.Template, error) {
		return s.desk.PutTemplate(ctx, s.who[who], desk.Template{Name: "已修好", Procedure: "service-request", Field: "finding", Body: body, Unit: unit})
	}
	own, err := put("verifier", "", "已到现场，【编号】 已修好。[today]")
	s.ok(err)
	if _, err := put("verifier", "bureau", "x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("for a unit that is not theirs: %v", err)
	}
	if _, err := put("verifier", "", "  "); !fault.Is(err, fault.Invalid) {
		t.Errorf("empty: %v", err)
	}
	if _, err := s.desk.PutTemplate(ctx, s.who["clerk"], desk.Template{Name: "x", Procedure: "service-request", Field: "phone", Body: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("for a sealed field: %v", err)
	}
	stolen := own
	if _, err := s.desk.PutTemplate(ctx, s.who["clerk"], stolen); !fault.Is(err, fault.NotFound) {
		t.Errorf("changed by another: %v", err)
	}
	if err := s.desk.DropTemplate(ctx, s.who["clerk"], own.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("dropped by another: %v", err)
	}
	ids := s.requests(1)
	dispatched := must(s.cases.Do(ctx, s.who["dispatcher"], casework.Asking{Case: ids[0], Act: "dispatch", Values: map[string]any{"lead": "bureau", "limit": "5 workdays"}}))
	for _, step := range []struct {
		who, act string
		values   map[string]any
	}{{"handler", "accept", nil}, {"handler", "contact", map[string]any{"contact": "电话联系过"}}, {"handler", "answer", map[string]any{"answer": "修好了"}}} {
		must(s.cases.Do(ctx, s.who[step.who], casework.Asking{Case: ids[0], Act: step.act, Values: step.values}))
	}
	page := s.page("verifier", "/cases/"+ids[0])
	if !strings.Contains(page, "data-text=\"已到现场，"+dispatched.Number+" 已修好。2026-11-24\"") {
		t.Errorf("the text is not beside its field")
	}
	if used := s.page("verifier", "/cases/"+ids[0]+"?use="+own.ID); !strings.Contains(used, dispatched.Number+" 已修好。2026-11-24</textarea>") {
		t.Error("without script the text does not come into the form")
	}
	if strings.Contains(s.page("caller", "/cases/"+ids[0]), "已到现场") {
		t.Error("another's text shows")
	}
	s.page("verifier", "/cases/templates")
	if w := s.post("verifier", "/cases/templates", url.Values{"name": {"<script>"}, "field": {"service-request/finding"}, "body": {""}}); w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "<script>\"") {
		t.Errorf("a text without a body: %d", w.Code)
	}
	s.ok(s.desk.DropTemplate(ctx, s.who["verifier"], own.ID))
}

func TestExportCarriesWhoAndWhy(t *testing.T) {
	s := newSite(t, desk.Doors{})
	hostile := application()
	hostile["subject"] = "=HYPERLINK(\"http://x\")"
	s.open(identity.Actor{Kind: identity.Anyone}, "example-allowance", "apply", hostile)
	s.page("clerk", "/cases/export?box=all")
	if w := s.post("clerk", "/cases/export", url.Values{"query": {"box=all"}, "purpose": {"x"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a purpose: %d", w.Code)
	}
	w := s.post("clerk", "/cases/export", url.Values{"query": {"box=all"}, "purpose": {"季度复盘"}})
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, plain(w.Body.String()))
	}
	tables, err := sheet.ReadBytes(w.Body.Bytes(), sheet.Limits{})
	s.ok(err)
	var all []string
	for row, err := range tables[0].Rows() {
		s.ok(err)
		for _, c := range row.Cells {
			all = append(all, c.Text)
			if c.Formula {
				t.Errorf("a formula got in: %s", c.Text)
			}
		}
	}
	for _, want := range []string{"导出人：clerk（village）", "用途：季度复盘", "=HYPERLINK(\"http://x\")"} {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("the workbook does not say %s", want)
		}
	}
	reads := must(s.ids.ReadsOf(ctx, identity.Reads{Person: "clerk"}))
	if len(reads) != 1 || reads[0].Purpose != "季度复盘" {
		t.Errorf("the read log: %+v", reads)
	}
	if w := s.post("stranger", "/cases/export", url.Values{"query": {"box=all"}, "purpose": {"看看别人的"}}); bytes.Contains(w.Body.Bytes(), []byte("路灯")) {
		t.Error("a stranger exports what they cannot see")
	}
}

func TestPaper(t *testing.T) {
	s := newSite(t, desk.Doors{})
	ids := s.requests(2)
	for path, want := range map[string]int{
		"/cases/" + ids[0] + "/slip.pdf": 200, "/cases/nothing/slip.pdf": 404,
		"/new/example-allowance/paper.pdf": 200, "/new/nothing/paper.pdf": 404,
	} {
		w := s.get("dispatcher", path)
		if w.Code != want || want == 200 && !strings.HasPrefix(w.Body.String(), "%PDF-") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := s.post("dispatcher", "/cases/slips.pdf", url.Values{"case": ids}); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "%PDF-") {
		t.Errorf("slips: %d", w.Code)
	}
	if w := s.get("stranger", "/cases/"+ids[0]+"/slip.pdf"); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
		t.Errorf("a stranger prints a slip: %d", w.Code)
	}
}
