package staff_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/staff"
)

func (r *rig) holder(t testing.TB, id string) string {
	t.Helper()
	return must(r.cases.Get(ctx, identity.SystemActor(), id)).Case.Person
}

// acts counts the acts of handing over in a case's log.
func (r *rig) handed(t testing.TB, id string) (n int) {
	t.Helper()
	for _, e := range must(r.cases.Get(ctx, identity.SystemActor(), id)).Timeline {
		if e.Act == "_hand_over" {
			n++
		}
	}
	return n
}

const handlersGroup = "bureau.service-request"

func TestHandOverOfAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		ids := r.held(t, 3)
		admin, boss, handler := r.actor(t, "admin"), r.actor(t, "boss"), r.actor(t, "handler")
		if err := r.ids.ClosePerson(ctx, admin, "handler"); fault.Of(err).Key != "staff.holds_cases" {
			t.Fatalf("closed with open cases: %v", err)
		}
		posts := must(r.ids.PostsOf(ctx, "handler"))
		if err := r.ids.EndPost(ctx, admin, posts[0].Post.ID); fault.Of(err).Key != "staff.holds_cases" {
			t.Fatalf("the post ended with open cases: %v", err)
		}
		h := must(r.staff.Holding(ctx, boss, "handler"))
		if len(h.Groups) != 1 || len(h.Groups[0].Cases) != 3 || h.Groups[0].Key() != handlersGroup || h.Groups[0].States[0].N != 3 {
			t.Fatalf("holding %+v", h.Groups)
		}
		if _, err := r.staff.Holding(ctx, r.actor(t, "handler2"), "handler"); fault.Of(err).Key != "staff.handover_right" {
			t.Fatal("a colleague sees what another holds")
		}
		try := func(a identity.Actor, c staff.Choice, key string) {
			t.Helper()
			if _, err := r.staff.HandOver(ctx, a, "handler", c); fault.Of(err).Key != key {
				t.Fatalf("want %s, got %v", key, err)
			}
		}
		to := map[string]string{handlersGroup: "handler2"}
		try(boss, staff.Choice{Groups: to}, "staff.no_reason")
		try(boss, staff.Choice{Reason: "调离"}, "staff.nothing_chosen")
		try(boss, staff.Choice{Reason: "调离", Groups: map[string]string{handlersGroup: "clerk"}}, "staff.no_receiver")
		try(r.actor(t, "handler2"), staff.Choice{Reason: "调离", Groups: to}, "staff.handover_right")
		// One's own waits for a second person, and the first one cannot be both.
		own := must(r.staff.HandOver(ctx, handler, "handler", staff.Choice{Reason: "退休", Groups: to, Token: "t1"}))
		if twice := must(r.staff.HandOver(ctx, handler, "handler", staff.Choice{Reason: "退休", Groups: to, Token: "t1"})); own.State != staff.HandoverAsked || twice.ID != own.ID {
			t.Fatalf("%+v %+v", own, twice)
		}
		if _, err := r.staff.Agree(ctx, handler, own.ID, true); fault.Of(err).Key != "staff.handover_second" {
			t.Fatal(err)
		}
		must(r.staff.Work(ctx))
		if r.holder(t, ids[0]) != "handler" {
			t.Fatal("handed before anybody agreed")
		}
		must(r.staff.Agree(ctx, boss, own.ID, true))
		if _, err := r.staff.Agree(ctx, boss, own.ID, false); fault.Of(err).Key != "staff.handover_over" {
			t.Fatal(err)
		}
		// Several nodes at once: every case changes hands once.
		var wg sync.WaitGroup
		for range 4 {
			node := r.node(r.eds)
			wg.Go(func() {
				if _, err := node.Work(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if r.holder(t, id) != "handler2" || r.handed(t, id) != 1 {
				t.Fatalf("%s is held by %s after %d hand-overs", id, r.holder(t, id), r.handed(t, id))
			}
		}
		done := must(r.staff.Handover(ctx, handler, own.ID))
		if done.State != staff.HandoverDone || done.Finished == 0 {
			t.Fatalf("%+v", done)
		}
		// Now nothing keeps the person.
		ok(t, r.ids.ClosePerson(ctx, admin, "handler"))
		r.clean(t)
	})
}

// TestHandOverGoesOnAfterACrash: the item was handed, and the note of it was lost.
func TestHandOverGoesOnAfterACrash(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		ids := r.held(t, 2)
		h := must(r.staff.HandOver(ctx, r.actor(t, "boss"), "handler", staff.Choice{Reason: "调离", Groups: map[string]string{handlersGroup: "handler2"}}))
		must(r.staff.Work(ctx))
		ok(t, d.Commit(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(`UPDATE staff_handover SET state = 'running', finished = 0 WHERE id = $1`, h.ID); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE staff_handover_item SET state = 'waiting' WHERE handover = $1`, h.ID)
			return err
		}))
		must(r.node(r.eds).Work(ctx))
		for _, id := range ids {
			if r.holder(t, id) != "handler2" || r.handed(t, id) != 1 {
				t.Fatalf("handed %d times", r.handed(t, id))
			}
		}
		done := must(r.staff.Handover(ctx, r.actor(t, "boss"), h.ID))
		for _, i := range done.Items {
			if done.State != staff.HandoverDone || i.State != staff.ItemDone {
				t.Fatalf("%+v", done)
			}
		}
	})
}

// TestHandOverOfWhatMovedOn: what somebody else did meanwhile is told at its item,
// and the rest goes on.
func TestHandOverOfWhatMovedOn(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ids := r.held(t, 2)
	boss := r.actor(t, "boss")
	first := must(r.staff.HandOver(ctx, r.actor(t, "handler"), "handler", staff.Choice{Reason: "退休", Groups: map[string]string{handlersGroup: "handler2"}}))
	second := must(r.staff.HandOver(ctx, boss, "handler", staff.Choice{Reason: "调离", Groups: map[string]string{handlersGroup: staff.Back}}))
	must(r.staff.Work(ctx))
	for _, id := range ids {
		if r.holder(t, id) != "" {
			t.Fatal("not back at the unit")
		}
	}
	must(r.staff.Agree(ctx, boss, first.ID, true))
	must(r.staff.Work(ctx))
	got := must(r.staff.Handover(ctx, boss, first.ID))
	if got.State != staff.HandoverDone || got.Items[0].State != staff.ItemFailed || got.Items[0].Fault != "casework.not_held" {
		t.Fatalf("%+v", got)
	}
	if got := must(r.staff.Handover(ctx, boss, second.ID)); got.Items[1].State != staff.ItemDone {
		t.Fatalf("%+v", got)
	}
}

func TestPagesOfAbsenceAndHandOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.held(t, 2)
		c, book := r.site(t)
		c.wants(c.get("/staff/absence"), 303, "/sign-in")
		c.signIn("handler-login", goodPassword)
		c.wants(c.get("/staff/absence"), 200, "请人代理", "局长")
		until := (r.clk.Now().Day() + 3).String()
		c.wants(c.post("/staff/absence", "deputy", "handler2", "until", "x"), 422, "日期不对")
		c.wants(c.post("/staff/absence", "deputy", "clerk", "until", until), 422, "同一单位")
		c.wants(c.post("/staff/absence", "deputy", "handler2", "until", until), 303)
		c.wants(c.post("/staff/absence", "deputy", "handler2", "until", until), 409, "已经请人代理")
		other := c.another()
		other.signIn("handler2-login", goodPassword)
		w := other.get("/staff/absence")
		other.wants(w, 200, "您代理 张三", "同意代理")
		id := regexp.MustCompile(`/staff/absence/([0-9A-Z]{26})/accept`).FindStringSubmatch(w.Body.String())[1]
		c.wants(c.post("/staff/absence/"+id+"/accept"), 404)
		other.wants(other.post("/staff/absence/"+id+"/accept"), 303)
		other.wants(other.get("/staff/absence"), 200, "生效中")

		boss := c.another()
		boss.signIn("boss-login", goodPassword)
		later := (r.clk.Now().Day() + 9).String()
		boss.wants(boss.post("/staff/absence", "person", "handler2", "deputy", "boss", "from", (r.clk.Now().Day()+6).String(), "until", later), 422, "请写明原因")
		boss.wants(boss.post("/staff/absence", "person", "handler2", "deputy", "boss", "from", (r.clk.Now().Day()+6).String(), "until", later, "reason", "住院"), 303)
		other.wants(other.get("/staff/absence"), 200, "局长：住院")

		boss.wants(boss.get("/staff/handover"), 200, "替同事办理移交")
		page := boss.get("/staff/handover/handler")
		boss.wants(page, 200, "张三 的移交", "办理中", "交还单位")
		c.wants(c.get("/staff/handover/handler2"), 403)
		key := regexp.MustCompile(`name="key" value="([a-z0-9]+)"`).FindStringSubmatch(page.Body.String())[1]
		boss.wants(boss.post("/staff/handover/handler", "key", key, "to."+handlersGroup, "handler2"), 422, "请写明移交的原因")
		w = boss.post("/staff/handover/handler", "key", key, "to."+handlersGroup, "handler2", "reason", "<b>调离</b>", "deputies", "yes")
		boss.wants(w, 303, "/staff/handover/done/")
		again := boss.post("/staff/handover/handler", "key", key, "to."+handlersGroup, "handler2", "reason", "<b>调离</b>", "deputies", "yes")
		if w.Header().Get("Location") != again.Header().Get("Location") {
			again.Code = 0
		}
		boss.wants(boss.get(w.Header().Get("Location")), 200, "移交完成", "已移交 3", "&lt;b&gt;调离")
		c.wants(c.get("/staff/handover/handler"), 200, "没有要移交的事项")
		if n, missing := book.Missing(); n > 0 {
			t.Fatalf("words are missing: %v", missing)
		}
		r.clean(t)
	})
}

// names of cells of a roster.
func cellOf(day int, kind string) string { return fmt.Sprintf("c.2026-12-%02d.%s", day, kind) }

func TestRoster(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c, book := r.site(t)
		c.signIn("boss-login", goodPassword)
		c.wants(c.get("/staff/roster?unit=bureau&month=2026-12"), 200, "没有排班", `name="c.2026-12-01.night"`)
		c.wants(c.get("/staff/roster?unit=bureau&month=nonsense"), 422, "月份不对")
		c.wants(c.get("/staff/roster?unit=street&month=2026-12"), 403)
		form := []string{"unit", "bureau", "month", "2026-12", "version", "0", "phone", "0518-1234567"}
		night := func(except ...int) []string {
			out := append([]string{}, form...)
			for day := 1; day <= 31; day++ {
				who := "张三"
				if day%2 == 0 {
					who = "李四"
				}
				if !strings.Contains(fmt.Sprint(except), fmt.Sprint(day)) {
					out = append(out, cellOf(day, "night"), who)
				}
			}
			return out
		}
		c.wants(c.post("/staff/roster", append(night(), "do", "publish", cellOf(3, "night"), "不认识")...), 422, "本单位没有“不认识”", `value="0518-1234567"`)
		c.wants(c.post("/staff/roster", append(night(7), "do", "publish")...), 422, "2026-12-07", "夜班没有人")
		c.wants(c.post("/staff/roster", append(night(), "do", "publish", cellOf(4, "lead"), "李四")...), 422, "重叠", "还有 19 处")
		c.wants(c.post("/staff/roster", append(night(), "do", "save")...), 303, "did=saved")
		if on := must(r.staff.OnDuty(ctx, "bureau", r.clk.Now().Add(8*24*time.Hour))); len(on) != 0 {
			t.Fatal("a draft tells who is on duty")
		}
		c.wants(c.post("/staff/roster", append(night(), "do", "publish")...), 409, "有人改过") // version 0 was shown
		form[5] = "1"
		c.wants(c.post("/staff/roster", append(night(), "do", "publish")...), 303, "did=published")
		c.wants(c.get("/staff/roster?unit=bureau&month=2026-12&day=2026-12-05"), 200, "已发布")

		at := func(day, hour int) []staff.Duty {
			return must(r.staff.OnDuty(ctx, "bureau", r.clk.Now().Add(time.Duration(day-24)*24*time.Hour+30*24*time.Hour+time.Duration(hour-9)*time.Hour)))
		}
		if on := at(1, 20); len(on) != 1 || on[0].Person != "handler" || on[0].Kind != "night" {
			t.Fatalf("at night %+v", on)
		}
		if on := at(2, 8); len(on) != 1 || on[0].Person != "handler" {
			t.Fatalf("in the early morning %+v", on)
		}
		if on := at(2, 12); len(on) != 0 {
			t.Fatalf("at noon %+v", on)
		}
		// A member sees what is published; a draft over it is seen by who edits only.
		form[5] = "2"
		c.wants(c.post("/staff/roster", append(night(), "do", "save", cellOf(1, "lead"), "局长 08:00-20:00")...), 303)
		c.wants(c.get("/staff/roster?unit=bureau&month=2026-12"), 200, "草稿", "局长 08:00-20:00")
		m := c.another()
		m.signIn("handler-login", goodPassword)
		w := m.get("/staff/roster?unit=bureau&month=2026-12")
		m.wants(w, 200, "已发布")
		if strings.Contains(w.Body.String(), "局长 08:00") || strings.Contains(w.Body.String(), "草稿") {
			t.Fatal("a member sees the draft")
		}
		m.wants(m.post("/staff/roster", append(night(), "do", "save")...), 403)
		// Next month from this one: same weekdays, nothing saved.
		next := []string{"unit", "bureau", "month", "2027-01", "version", "0", "do", "copy_month"}
		c.wants(c.post("/staff/roster", next...), 200, `name="c.2027-01-01.night" value="李四"`, "请看过后保存")
		c.wants(c.get("/staff/roster?unit=bureau&month=2027-01"), 200, "没有排班")
		file := "\ufeffday,kind,people\n2027-01-01,夜班,张三、李四\n2027-01-02,night,李四 18:00-22:00\n"
		c.wants(c.upload("/staff/roster/import?unit=bureau&month=2027-01", file), 200, `value="张三、李四"`, `value="李四 18:00-22:00"`)
		c.wants(c.upload("/staff/roster/import?unit=bureau&month=2027-01", "a,b\n"), 422, "第一行应为")
		c.wants(c.upload("/staff/roster/import?unit=bureau&month=2027-01", "day,kind,people\n2027-02-01,night,x\n"), 422, "第 2 行")
		admin := c.another()
		r.clk.Set(r.clk.Now().Add(7*24*time.Hour + 11*time.Hour)) // 1 December, eight in the evening
		admin.signIn("admin-login", goodPassword)
		admin.wants(admin.get("/admin/units/bureau"), 200, "现在谁值班", "夜班", "张三")

		// Duties to come go with a hand-over.
		h := must(r.staff.HandOver(ctx, r.actor(t, "boss"), "handler", staff.Choice{Reason: "调离", Shifts: "boss"}))
		must(r.staff.Work(ctx))
		if got := must(r.staff.Handover(ctx, r.actor(t, "boss"), h.ID)); got.State != staff.HandoverDone || len(got.Items) != 16 || got.Items[3].State != staff.ItemDone {
			t.Fatalf("%+v", got)
		}
		if on := must(r.staff.OnDuty(ctx, "bureau", r.clk.Now())); len(on) != 1 || on[0].Person != "boss" {
			t.Fatalf("after the hand-over %+v", on)
		}
		if n, missing := book.Missing(); n > 0 {
			t.Fatalf("words are missing: %v", missing)
		}
	})
}
