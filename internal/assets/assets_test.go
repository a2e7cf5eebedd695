package assets_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

var ctx = context.Background()

const village = "999901100201" // 石桥村

var lease = map[string]any{"village": village, "owner": "collective", "kind": "lease", "subject": "村东鱼塘 12 亩租赁", "party_kind": "person", "party_name": "张某某", "begins": "2026-12-01", "ends": "2027-11-30",
	"price": "12000.00", "award": "auction", "tender_record": "2026年11月10日公开竞价，四家参加，最高价 12,000.00 元"}

func but(field string, value any) map[string]any {
	out := maps.Clone(lease)
	if out[field] = value; value == nil {
		delete(out, field)
	}
	return out
}

func enter(c *apptest.County, values map[string]any) (casework.Receipt, error) {
	return c.Cases.Open(ctx, c.Actor("clerk3"), casework.Opening{Procedure: "contract", Act: "enter", Values: values})
}

// What the law or the register does not allow is tried and refused.
func TestRefusals(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	list := caseworktest.NewRefusals(t, "assets", c.Words())
	enters := func(zh, en, norm, key string, values map[string]any) {
		t.Helper()
		_, err := enter(c, values)
		list.Tried([2]string{"登记合同", "Entering a contract"}, [2]string{zh, en}, norm, key, err)
	}
	guarantee := but("kind", "guarantee")
	guarantee["owner"] = "committee"
	enters("村委会为别人担保", "A committee gives a guarantee", "村民委员会组织法 13", "casework.guard", guarantee)
	enters("到期早于开始", "It ends before it begins", "", "assets.term", but("ends", "2026-11-30"))
	enters("一签一百年", "A contract for a hundred years", "", "assets.term_long", but("ends", "2126-11-30"))
	enters("没有招标、竞价或比价的记录", "No record of tender, auction or quotes", "", "casework.missing_field", but("tender_record", nil))
	enters("公开的记录里有电话", "A telephone in what is published", "", "assets.private", but("tender_record", "联系 13800000000"))
	enters("公开的标的里有身份证号", "An identity number in what is published", "", "assets.private", but("subject", "990101199001010028 租房"))
	if _, err := enter(c, but("kind", "guarantee")); err != nil {
		t.Errorf("the collective's own: %v", err)
	}
	c.Employ("both", "clerk", "v-shiqiao", "")
	_, err := c.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "both", Unit: "v-shiqiao", Kind: "supervision-member"})
	ok(t, err)
	got, err := c.Cases.Open(ctx, c.Actor("both"), casework.Opening{Procedure: "contract", Act: "enter", Values: lease})
	ok(t, err)
	passes := func(zh, en, norm, key, who, act string, values map[string]any) {
		t.Helper()
		_, err := c.Cases.Do(ctx, c.Actor(who), casework.Asking{Case: got.Case, Act: act, Values: values})
		list.Tried([2]string{"审核和公开", "Passing and publishing"}, [2]string{zh, en}, norm, key, err)
	}
	passes("登记的人自己审核通过", "Who entered it passes it", "", "casework.own_work", "both", "publish", nil)
	passes("不经监督委员会，由村主任公开", "The head publishes it without the supervision committee", "", "casework.not_yours", "director3", "publish", nil)
	passes("退回而不写理由", "Sent back without a reason", "", "casework.missing_field", "overseer3", "send_back", nil)
	do(t, c, "overseer3", got.Case, "publish", nil)
	passes("公开以后当作没有登记过", "Once published it is dropped as if it had never been", "", "casework.wrong_state", "clerk3", "drop", map[string]any{"reason": "不要了"})
	c.Hand.Advance(14 * 24 * time.Hour)
	passes("公开第十四天就办结撤下", "Closed on the fourteenth day after it was published", "村民委员会组织法 35(4)", "casework.clock_ended", "clerk3", "close", map[string]any{"result": "已付清"})
	list.Hold()
}

// A contract is passed by another person, published without who the other side
// is, and gives notice 90 and 30 days before its end.
func TestAContractGivesNoticeBeforeItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		got, err := enter(c, lease)
		ok(t, err)
		if _, err := c.Cases.Do(ctx, c.Actor("clerk3"), casework.Asking{Case: got.Case, Act: "publish"}); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("who entered it passed it: %v", err)
		}
		do(t, c, "overseer3", got.Case, "publish", nil)
		site, err := app.NewSite(c.House, app.SiteOptions{})
		ok(t, err)
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/assets/"+village, nil))
		page := w.Body.String()
		if w.Code != 200 || !strings.Contains(page, "村东鱼塘") || !strings.Contains(page, "12000.00") || strings.Contains(page, "张某某") {
			t.Fatalf("the register answers %d: %s", w.Code, page)
		}
		c.Hand.Set((clock.Date(2027, 11, 30) - 91).Start().Add(time.Hour))
		c.Settle()
		if s := state(t, c, got.Case); s != "running" {
			t.Fatalf("91 days before the end it is %s", s)
		}
		c.Hand.Set((clock.Date(2027, 11, 30) - 89).Start().Add(time.Hour))
		c.Settle()
		if s := state(t, c, got.Case); s != "expiring" {
			t.Fatalf("89 days before the end it is %s", s)
		}
		told, err := c.Cases.CountTold(ctx, c.Actor("director3"), 50)
		ok(t, err)
		c.Hand.Set((clock.Date(2027, 11, 30) - 29).Start().Add(time.Hour))
		c.Settle()
		again, err := c.Cases.CountTold(ctx, c.Actor("director3"), 50)
		ok(t, err)
		if told == 0 || again < told {
			t.Fatalf("the head was told %d and %d times", told, again)
		}
		do(t, c, "clerk3", got.Case, "close", map[string]any{"result": "租金已付清"})
	})
}

// An asset is entered, passed, changed and passed again; both versions stand.
func TestAnAssetOnTheRegister(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	got, err := c.Cases.Open(ctx, c.Actor("clerk3"), casework.Opening{Procedure: "contract-asset", Act: "enter", Values: map[string]any{
		"village": village, "owner": "collective", "kind": "resource", "subject": "村东鱼塘", "quantity": "12 亩", "use": "idle"}})
	ok(t, err)
	do(t, c, "overseer3", got.Case, "register", nil)
	do(t, c, "clerk3", got.Case, "change", map[string]any{"use": "let", "reason": "已出租"})
	do(t, c, "overseer3", got.Case, "register", nil)
	n, err := c.Cases.Notice(ctx, got.Number)
	ok(t, err)
	if len(n.Versions) != 2 || n.Versions[0].Values.Text("use") != "let" || n.Versions[1].Values.Text("use") != "idle" {
		t.Fatalf("%+v", n.Versions)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func do(t testing.TB, c *apptest.County, who, id, act string, values map[string]any) {
	t.Helper()
	c.Hand.Advance(time.Minute)
	if _, err := c.Cases.Do(ctx, c.Actor(who), casework.Asking{Case: id, Act: act, Values: values}); err != nil {
		t.Fatalf("%s by %s: %v", act, who, err)
	}
}

func state(t testing.TB, c *apptest.County, id string) string {
	t.Helper()
	got, _, err := c.Cases.Seen(ctx, identity.SystemActor(), id)
	ok(t, err)
	return got.State
}
