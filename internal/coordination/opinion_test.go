package coordination_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/text"
	"linli/web"
)

// hearingRig has a second street beside the first.
func hearingRig(t *testing.T, d *db.DB) *rig {
	r := newRig(t, d)
	must(r.ids.AddUnit(ctx, identity.SystemActor(), identity.Unit{ID: "dongshan", Parent: "county", Name: "东山街道办事处", Kind: "street", Area: "999901002"}))
	r.employ("dongshan-head", "head", "dongshan", "999901002")
	return r
}

func (r *rig) consult(who string, change map[string]any) (casework.Receipt, error) {
	values := map[string]any{"kind": "layout", "subject": "垃圾转运站选址", "words": "拟在柳园社区北侧建转运站", "touched": []any{"willow", "dongshan", "qinghe"}, "deadline": "2026-12-04"}
	for k, v := range change {
		values[k] = v
	}
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "opinion-request", Act: "ask", Values: values})
}

func (r *rig) foreseen(who, opinion, number string) (casework.Receipt, error) {
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "foreseen", Act: "link", Values: map[string]any{
		"opinion": opinion, "case": number, "subject": "夜间噪声", "reason": "当时写过离住宅太近"}})
}

func TestAConsultationFromAskingToWhatCameOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := hearingRig(t, d)
		before := must(r.whistle("street-clerk", "blow", nil))
		got := must(r.consult("housing-head", nil)).Case
		children := must(r.cases.Get(ctx, identity.SystemActor(), got)).Children
		if len(children) != 2 {
			t.Fatalf("%d opinions of the two streets touched", len(children))
		}
		qinghe, dongshan := r.callOf(got, "qinghe"), r.callOf(got, "dongshan")
		decision := map[string]any{"outcome": "changed", "decision": "东移二百米"}
		r.refused("housing-head", got, "decide", decision, "coordination.not_heard")

		r.refused("street-head", qinghe, "ask_communities", map[string]any{"communities": []any{"dongshan"}}, "coordination.no_community")
		r.do("street-clerk", qinghe, "ask_communities", map[string]any{"communities": []any{"willow"}})
		r.do("willow-clerk", r.child(qinghe, "community-opinion").ID, "tell", map[string]any{"view": "太近，居民反对"})
		r.refused("street-head", qinghe, "give", map[string]any{"verdict": "object", "reasons": "太近"}, "casework.guard")
		r.do("street-clerk", qinghe, "raise", map[string]any{"point": "离住宅不足五十米", "wish": "东移二百米"})
		r.do("street-clerk", qinghe, "raise", map[string]any{"point": "夜间作业扰民"})
		r.refused("street-clerk", qinghe, "give", map[string]any{"verdict": "object", "reasons": "太近"}, "casework.not_yours")
		r.do("street-head", qinghe, "give", map[string]any{"verdict": "object", "reasons": "太近"})
		var points []casework.Child
		for _, c := range must(r.cases.Get(ctx, identity.SystemActor(), qinghe)).Children {
			if c.Procedure == "opinion-point" {
				points = append(points, c)
			}
		}
		slices.SortFunc(points, func(a, b casework.Child) int {
			return int(r.of(a.ID).Values["nth"].(int64) - r.of(b.ID).Values["nth"].(int64))
		})
		if p := r.of(points[1].ID); len(points) != 2 || p.Unit != "housing" || p.Values["nth"] != int64(2) || p.Values.Text("wish") != "" {
			t.Fatalf("the second of %d points: %s %v", len(points), p.Unit, p.Values)
		}
		r.refused("housing-head", got, "decide", decision, "coordination.not_heard") // the other may still speak

		r.clk.Advance(11 * 24 * time.Hour)
		r.scan()
		if c := r.of(dongshan); c.State != "silent" || c.Values.Text("verdict") != "" {
			t.Fatalf("a street that said nothing: %s %v", c.State, c.Values)
		}
		r.refused("dongshan-head", dongshan, "give", map[string]any{"verdict": "agree"}, "casework.wrong_state")
		r.refused("housing-head", got, "decide", decision, "coordination.not_answered")
		r.refused("street-head", points[0].ID, "answer", map[string]any{"result": "adopted", "why": "好"}, "casework.not_yours")
		r.refused("housing-clerk", points[0].ID, "answer", map[string]any{"result": "not"}, "casework.missing_field") // no answer without its reason
		r.do("housing-clerk", points[0].ID, "answer", map[string]any{"result": "adopted", "why": "东移"})
		r.do("housing-clerk", points[1].ID, "answer", map[string]any{"result": "partly", "why": "二十二时后不作业"})
		r.refused("housing-clerk", got, "decide", decision, "casework.not_yours")
		r.do("housing-head", got, "decide", decision)
		if tally := r.of(got).Values.Text("tally"); !strings.Contains(tally, "不同意 1，期满未提意见（不算同意）1。意见 2 条：采纳 1，部分采纳 1") || !strings.Contains(tally, "agree 0") {
			t.Fatalf("the tally: %s", tally)
		}
		for id, want := range map[string]string{got: "清河街道办事处：不同意，意见 2 条，待答复 0 条", qinghe: "第 2 条：夜间作业扰民（部分采纳）"} {
			book := must(text.Load(catalog.Files))
			req := httptest.NewRequest(http.MethodGet, "/", nil)
			said := must(r.doors.Beside(req.WithContext(text.With(ctx, text.Chinese)), web.New(func() *text.Book { return book }), must(r.cases.Get(ctx, r.who["housing-head"], id))))
			if len(said) != 1 || !slices.ContainsFunc(said[0].Links, func(l web.NavItem) bool { return l.Text == want }) {
				t.Errorf("beside the case: %v, want %q", said, want)
			}
		}
		r.do("housing-head", got, "publish", map[string]any{"summary": "东移二百米建"})
		if n := must(r.cases.Notice(ctx, got)); n.Subject != "垃圾转运站选址" || n.Versions[0].Values["tally"] == nil || n.Versions[0].Values["words"] != nil {
			t.Fatalf("what is public: %+v", n)
		}

		opinion := r.of(qinghe)
		later := must(r.whistle("street-clerk", "blow", map[string]any{"subject": "转运站夜间噪声"}))
		_, err := r.foreseen("street-head", opinion.Number, before.Number)
		r.wants("a case older than the opinion", err, "coordination.not_foreseen", "case")
		_, err = r.foreseen("street-head", r.of(dongshan).Number, later.Number)
		r.wants("an opinion that the street may not see", err, "casework.no_case", "opinion")
		_, err = r.foreseen("magistrate", r.of(dongshan).Number, later.Number)
		r.wants("silence that warned of nothing", err, "coordination.not_said", "opinion")
		_, err = r.foreseen("street-head", later.Number, later.Number)
		r.wants("no opinion", err, "coordination.no_opinion", "opinion")
		link := must(r.foreseen("street-head", opinion.Number, later.Number))
		if c := r.of(link.Case); c.Unit != "housing" || c.Values["nth"] != int64(1) || c.Values.Text("case") != later.Number {
			t.Fatalf("the link: %s %v", c.Unit, c.Values)
		}
		_, err = r.foreseen("street-head", opinion.ID, later.Case)
		r.wants("linked twice", err, "coordination.linked_already", "case")
		must(r.foreseen("street-head", points[1].Number, later.Number)) // one of its points is another thing
		r.refused("street-head", link.Case, "acknowledge", nil, "casework.not_yours")
		r.do("housing-clerk", link.Case, "acknowledge", nil)
	})
}

func TestWhatAConsultationMustLeaveTimeFor(t *testing.T) {
	r := hearingRig(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		change     map[string]any
		key, field string
	}{
		"yesterday":                         {map[string]any{"deadline": "2026-11-23"}, "coordination.deadline_past", "deadline"},
		"today":                             {map[string]any{"deadline": "2026-11-24"}, "coordination.deadline_past", "deadline"},
		"four working days with a weekend":  {map[string]any{"deadline": "2026-11-30"}, "coordination.deadline_short", "deadline"},
		"nobody":                            {map[string]any{"touched": []any{}}, "casework.missing_field", "touched"},
		"a department":                      {map[string]any{"touched": []any{"property"}}, "coordination.no_street", "touched"},
		"a unit that does not exist":        {map[string]any{"touched": []any{"moon"}}, "identity.no_unit", "touched"},
		"no day":                            {map[string]any{"deadline": "someday"}, "procedure.value_day", "deadline"},
		"five working days and not one day": {map[string]any{"deadline": "2026-12-01"}, "", ""},
	} {
		_, err := r.consult("housing-head", c.change)
		if c.key == "" {
			r.ok(err)
			continue
		}
		r.wants(name, err, c.key, c.field)
	}
	_, err := r.consult("street-head", nil)
	r.wants("a street of itself", err, "coordination.to_itself", "touched")

	// Withdrawn: who was asked need not speak, and no point waits for an answer.
	got := must(r.consult("housing-head", map[string]any{"deadline": clock.Date(2026, 12, 31).String()})).Case
	qinghe := r.callOf(got, "qinghe")
	r.do("street-head", qinghe, "raise", map[string]any{"point": "太近"})
	point := r.child(qinghe, "opinion-point").ID
	r.refused("housing-head", point, "moot", nil, "coordination.not_moot")
	r.do("housing-head", got, "withdraw", map[string]any{"reason": "项目取消"})
	if c := r.of(qinghe); c.State != "dropped" {
		t.Fatalf("the street is still asked: %s", c.State)
	}
	r.do("housing-head", point, "moot", nil)
}
