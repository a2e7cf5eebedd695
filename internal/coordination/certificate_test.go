package coordination_test

import (
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// One of the twenty does not go to a community under any name or item, and nobody's
// approval lets it; one that the law knows goes by the community's own item.
func TestNobodyAsksACommunityForOneOfTheTwenty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		asked := func(change map[string]any) map[string]any {
			all := map[string]any{"kind": "certificate", "item": "C05", "receivers": []any{"willow"}, "certificate": "亲属关系证明", "basis": "本局办事指南", "subject": "办理过户所需证明", "words": "请为申请人开具。"}
			for k, v := range change {
				all[k] = v
			}
			return all
		}
		for name, c := range map[string]struct {
			change map[string]any
			state  string
			cited  string
		}{
			"by its name":             {nil, "refused", "亲属关系证明"},
			"in other words":          {map[string]any{"certificate": "家庭关系说明"}, "refused", "亲属关系证明"},
			"under another name":      {map[string]any{"certificate": "其他", "subject": "出具无犯罪记录证明"}, "refused", "公安机关"},
			"in no list":              {map[string]any{"item": ""}, "refused", "亲属关系证明"},
			"to a street as well":     {map[string]any{"receivers": []any{"qinghe", "willow"}}, "refused", "亲属关系证明"},
			"one that the law knows":  {map[string]any{"certificate": "村民资格情况", "subject": "集体成员身份确认"}, "clear", ""},
			"no certificate but work": {map[string]any{"kind": "task", "item": "C03"}, "clear", ""},
		} {
			got := r.ask("housing-head", asked(c.change))
			task := r.of(got.Case)
			if got.State != c.state || !strings.Contains(task.Values.Text("why"), c.cited) {
				t.Errorf("%s: %s %q", name, got.State, task.Values.Text("why"))
			}
			if c.state == "refused" && (task.Values.Text("verdict") != "refused" || !strings.Contains(task.Values.Text("why"), "民发〔2020〕20号")) {
				t.Errorf("%s: %s cites %q", name, task.Values.Text("verdict"), task.Values.Text("why"))
			}
		}
		no := r.ask("housing-head", asked(nil))
		r.refused("housing-head", no.Case, "apply", map[string]any{"basis": "县里同意", "funds": 0, "people": "无", "period": "30 days", "reason": "急需"}, "casework.wrong_state")
		for field, change := range map[string]map[string]any{"certificate": {"certificate": ""}, "basis": {"basis": ""}} {
			all := asked(change)
			all["limit"] = "5 days"
			if _, err := r.cases.Open(ctx, r.who["housing-head"], casework.Opening{Procedure: "task", Act: "ask", Values: all}); fault.Of(err) == nil || fault.Of(err).Field != field {
				t.Errorf("without %s: %v", field, err)
			}
		}
	})
}
