package duty

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// A version holds from its day and no earlier; until then the one before does.
func TestAVersionHoldsFromItsDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, editions := room(t, d)
		hand := s.clk.(*clock.Hand)
		ctx := identity.With(context.Background(), administrator())
		cat, _, err := s.Catalogue(ctx)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := cat.Lists[0].YAML()
		if err != nil {
			t.Fatal(err)
		}
		with := func(changes ...string) []byte {
			out := raw
			for i := 0; i < len(changes); i += 2 {
				if !bytes.Contains(out, []byte(changes[i])) {
					t.Fatalf("no %q", changes[i])
				}
				out = bytes.Replace(out, []byte(changes[i]), []byte(changes[i+1]), 1)
			}
			return out
		}
		const from = `from: "2026-01-01"`
		for name, late := range map[string][]byte{
			"from yesterday":            with(from, `from: "2026-11-23"`),
			"a new version, old day":    with(`version: 2026-1`, `version: 2026-2`),
			"a new list from last year": with("id: example", "id: second", `area: "999901"`, `area: "999901001"`),
			"an item set back":          with("      kind: community", "      from: 2026-11-01\n      kind: community"),
		} {
			draft, err := s.Draft(ctx, "x.yaml", late, List{})
			if err != nil || len(draft.Remarks) != 1 || draft.Remarks[0].Key != "duty.remark.past" || draft.Remarks[0].Column != "from" || draft.Ready() {
				t.Errorf("%s: %+v %v", name, draft.Remarks, err)
			}
			if _, err := s.Publish(ctx, editions.Current(), late, "late"); fault.Of(err) == nil || fault.Of(err).Key != "duty.problems" {
				t.Errorf("%s was published: %v", name, err)
			}
		}
		next := with(from, `from: "2027-01-01"`, "version: 2026-1", "version: 2027-1", "limit: 24 hour", "limit: 2 hour")
		draft, err := s.Draft(ctx, "x.yaml", next, List{})
		if err != nil || !draft.Ready() || draft.Ends == nil || draft.Ends.Until.String() != "2026-12-31" {
			t.Fatalf("%+v %+v %v", draft.Remarks, draft.Ends, err)
		}
		changed := draft.Difference.Changed[0].New.ID
		if _, err := s.Publish(ctx, draft.Edition, draft.YAML, "明年的清单"); err != nil {
			t.Fatal(err)
		}
		limit := func(day clock.Day) string {
			f, err := s.Item(ctx, changed, place, day)
			if err != nil {
				t.Fatal(err)
			}
			return f.Version + " " + f.Item.Limit.String()
		}
		if was, is := limit(today), limit(clock.Date(2027, 1, 1)); was != "2026-1 24 hour" || is != "2027-1 2 hour" {
			t.Fatalf("today %s, next year %s", was, is)
		}
		// It is announced anew for a later day: still no day without a list.
		later := bytes.Replace(next, []byte("2027-01-01"), []byte("2027-03-01"), 1)
		draft, err = s.Draft(ctx, "x.yaml", later, List{})
		if err != nil || len(draft.Remarks) > 0 {
			t.Fatalf("%+v %v", draft.Remarks, err)
		}
		if _, err := s.Publish(ctx, draft.Edition, draft.YAML, "推迟"); err != nil {
			t.Fatal(err)
		}
		if was, is := limit(clock.Date(2027, 2, 28)), limit(clock.Date(2027, 3, 1)); was != "2026-1 24 hour" || is != "2027-1 2 hour" {
			t.Fatalf("%s, then %s", was, is)
		}
		if cat, _, err = s.Catalogue(ctx); err != nil || len(cat.Lists) != 2 {
			t.Fatalf("%v %v", catalogLists(cat), err)
		}
		hand.Advance(200 * 24 * time.Hour)
		if is := limit(hand.Now().Day()); is != "2027-1 2 hour" {
			t.Fatalf("after its day: %s", is)
		}
	})
}

func TestPlacesAndVersions(t *testing.T) {
	h := openSite(t)
	holds(t, h.get("/duty/places"), 200, "各乡镇（街道）", "/duty/of/999901001")
	holds(t, h.get("/duty/of/999901001"), 200, "自己的事：基本履职事项", "只是配合的事", "职责边界", "对物业企业的检查和处理由住建部门负责", "已由上级收回的事", "现由谁承担", "2026-1", "最近一次改动", "/duty/versions/example")
	village := h.get("/duty/of/" + place)
	holds(t, village, 200, "村（居）事项", "只是协助的事", "不得由村（居）民委员会作为责任主体", "四（四）", "/duty/certificates")
	if strings.Contains(village.Body.String(), "已由上级收回的事") {
		t.Error("a village is told what was taken back from its township")
	}
	holds(t, h.get("/duty/of/1"), 404, "1")
	holds(t, h.get("/duty/of/999901001?lang=en"), 200, "What it only helps with", "Taken back")
	holds(t, h.get("/duty/versions/example"), 200, "这是第一版")
	holds(t, h.get("/duty/versions/none"), 404)

	h.as = administrator()
	table := h.get("/duty/example.csv").Body.Bytes()
	head := map[string]string{"id": "example", "version": "2026-2", "from": "2026-11-24"}
	w := h.post("/admin/duty/check", head, "list.csv", bytes.Replace(table, []byte("24 hour"), []byte("2 hour"), 1))
	holds(t, w, 200, "可以发布")
	form := map[string]string{"list": between(w.Body.String(), `name="list" value="`, `"`), "base": between(w.Body.String(), `name="base" value="`, `"`), "reason": "x"}
	if w := h.post("/admin/duty/publish", form, "", nil); w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	h.as = identity.Actor{Kind: identity.Anyone}
	holds(t, h.get("/duty/versions/example"), 200, "原版本 2026-1，本版本 2026-2", "办理时限：原为“24 小时”，改为“2 小时”", "2026年11月24日")
	holds(t, h.get("/duty/versions/example?edition=1"), 200, "这是第一版")
}
