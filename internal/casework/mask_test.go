package casework_test

import (
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// strike strikes words out of texts.
func strike(words string) func(string, any) (any, bool) {
	return func(_ string, value any) (any, bool) {
		s, ok := value.(string)
		return strings.ReplaceAll(s, words, "▇▇▇"), ok && strings.Contains(s, words)
	}
}

func TestMaskStrikesEveryVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		const number, other = "990101199003071234", "13800000001"
		got := r.open(r.who["clerk"], "example-village-notice", "draft", map[string]any{"village": "999901001201", "subject": "低保 " + number, "period": "2026Q3",
			"contents": "甲 " + number + " 三百元，电话 " + other})
		r.do("clerk", got.Case, "submit", map[string]any{"contents": "甲 " + number + " 三百元整，电话 " + other})
		for _, who := range []string{"overseer", "director", "secretary"} {
			r.do(who, got.Case, "opine", map[string]any{"verdict": "agree"})
		}
		r.do("clerk2", got.Case, "post", nil)
		r.do("clerk", got.Case, "correct", map[string]any{"contents": "甲 " + number + " 三百零一元，电话 " + other, "reason": "金额有误"})
		mask := func(who, words string) error {
			_, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: got.Case, Act: casework.ActMask, Reason: "不该有的号码", Strike: strike(words)})
			return err
		}
		if err := mask("caller", number); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a caller masks: %v", err)
		}
		left := func(words string) (n int) {
			for _, column := range []string{"casework_act WHERE delta || body", "casework_case WHERE title || form", "casework_value WHERE words"} {
				var one int
				r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM `+column+` LIKE '%'||$1||'%'`, words).Scan(&one))
				n += one
			}
			return n
		}
		if left(number) == 0 {
			t.Fatal("nothing to mask")
		}
		r.ok(mask("clerk", number))
		if left(number) != 0 {
			t.Errorf("%d rows still hold the number", left(number))
		}
		if err := mask("clerk", number); !fault.Is(err, fault.NotFound) {
			t.Errorf("masked again: %v", err)
		}
		r.verify()
		r.ok(mask("clerk", other)) // out of what the first mask left, too
		if left(other) != 0 {
			t.Errorf("%d rows still hold the telephone", left(other))
		}
		n, err := r.cases.Notice(ctx, got.Case)
		r.ok(err)
		if len(n.Versions) != 2 || n.Subject != "低保 ▇▇▇" || n.Versions[0].Values["contents"] != "甲 ▇▇▇ 三百零一元，电话 ▇▇▇" || n.Versions[1].Values["contents"] != "甲 ▇▇▇ 三百元整，电话 ▇▇▇" {
			t.Errorf("%q %v", n.Subject, n.Versions)
		}
		r.verify()
		// What stands in the place of the number is held against the log.
		var id, body string
		r.ok(d.Reader().Row(ctx, `SELECT id, body FROM casework_act WHERE case_id = $1 AND act = 'draft'`, got.Case).Scan(&id, &body))
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE casework_act SET body = $2 WHERE id = $1`, id, strings.Replace(body, "三百元", "五百元", 1))
			return err
		}))
		r.verify("value_changed")
	})
}

func TestUnpublishedIsNoNotice(t *testing.T) {
	p, bad := procedure.Parse("p.yaml", []byte("procedure: p\nacts:\n  end: {label: {zh: 终, en: End}, unpublish: true}\n"))
	if p == nil || !p.Act("end").Unpublish {
		t.Fatalf("%v", bad)
	}
	c, err := casework.Fold([]casework.ActRow{
		{ID: "1", CaseID: "c", To: "posted", Recorded: 5, Delta: casework.Delta{Opened: &casework.Opened{Procedure: "p"}, Publish: true}},
		{ID: "2", CaseID: "c", To: "ended", Recorded: 6, Delta: casework.Delta{Unpublish: true}},
	})
	if err != nil || c.Published != 0 {
		t.Errorf("published %v, %v", c, err)
	}
}
