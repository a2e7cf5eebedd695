package casework_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// outage is a small procedure whose cases are merged.
const outage = `procedure: outage
title: {zh: 停电, en: Outage}
parties: {caller: {zh: 来电人, en: Caller}}
area: area
form:
  area: {type: area, label: {zh: 区域, en: Area}}
  leading: {type: case, label: {zh: 主件, en: Leading case}}
  news: {type: text, label: {zh: 消息, en: News}}
  heard: {type: text, label: {zh: 听说, en: Heard}}
states:
  open: {zh: 待办, en: Open}
  joined: {zh: 已并案, en: Joined, kind: waiting}
  answered: {zh: 已答复, en: Answered, kind: done}
  over: {zh: 终, en: Over, kind: final}
clocks:
  limit: {label: {zh: 时限, en: Limit}, at most: 24 hours, from: [opened, leave, gone, again], until: [answer, join], warn: 80%, breach: escalate}
acts:
  call: {label: {zh: 来电, en: Call}, to: open, who: anyone, party: caller, fill: area, may_fill: [news]}
  tell: {label: {zh: 通报, en: Tell}, from: [open], who: area as dispatcher, fill: news, passes_on: {act: told, with: {heard: news}}}
  answer: {label: {zh: 答复, en: Answer}, from: [open], to: answered, who: area as dispatcher, fill: news, passes_on: {act: answered, with: {heard: news}}}
  cancel: {label: {zh: 取消, en: Cancel}, from: [open], to: over, who: area as dispatcher, passes_on: {act: gone}}
  join: {label: {zh: 并案, en: Join}, from: [open], to: joined, who: area as dispatcher, fill: leading, follows: {case: leading, in: [open]}, holder: leader}
  leave: {label: {zh: 离开, en: Leave}, from: [joined], to: open, who: [area as dispatcher, party as caller], unfollows: true, tells: leader}
  told: {label: {zh: 获知, en: Told}, from: [joined], who: leader, fill: heard, tells: party caller}
  answered: {label: {zh: 一并答复, en: Answered}, from: [joined], to: answered, who: leader, fill: heard, unfollows: true, tells: party caller}
  gone: {label: {zh: 主件取消, en: Gone}, from: [joined], to: open, who: leader, unfollows: true}
  again: {label: {zh: 重提, en: Again}, from: [answered], to: open, who: [area as dispatcher, party as caller], not_by: leader.answer}
  close: {label: {zh: 归档, en: Close}, from: [answered], to: over, who: area as dispatcher}
  me_too: {label: {zh: 我也, en: Me too}, from: [open, joined], who: clock, quiet: true, counted: true}
`

func followRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := newRig(t, d)
	must(r.eds.Publish(ctx, map[string][]byte{"procedure/outage.yaml": []byte(outage)}, "admin", "test"))
	return r
}

func (r *rig) calls(n int) []casework.Receipt {
	r.t.Helper()
	out := make([]casework.Receipt, n)
	for i := range out {
		out[i] = r.open(anyone(), "outage", "", map[string]any{"area": "999901001201"})
	}
	return out
}

func (r *rig) join(id, leading string) {
	r.t.Helper()
	r.do("dispatcher", id, "join", map[string]any{"leading": leading})
}

func (r *rig) pass() int {
	r.t.Helper()
	n, err := r.cases.Pass(ctx)
	r.ok(err)
	return n
}

func (r *rig) heard(id string) string {
	r.t.Helper()
	_, _, entries, err := r.cases.History(ctx, id)
	r.ok(err)
	var out []string
	for _, e := range entries {
		if e.Role == "leader" {
			out = append(out, e.Act+" "+e.Values.Text("heard"))
		}
	}
	return strings.Join(out, "; ")
}

func TestFollowersAreAnsweredWithTheirLeader(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		c := r.calls(4)
		lead := c[0]
		r.join(c[1].Case, lead.Number)
		r.join(c[2].Case, lead.Case) // by id as well
		v, err := r.cases.Get(ctx, r.who["dispatcher"], c[1].Case)
		r.ok(err)
		if v.Leader == nil || v.Leader.ID != lead.Case || v.Case.Values.Text("leading") != lead.Number || v.Case.Due != 0 {
			t.Fatalf("leader %v, values %v, due %v", v.Leader, v.Case.Values, v.Case.Due)
		}
		if n, err := r.cases.Count(ctx, r.who["dispatcher"], casework.Filter{Leader: lead.Case}, 10); err != nil || n != 2 {
			t.Fatalf("the list of followers has %d, %v", n, err)
		}
		r.do("dispatcher", lead.Case, "tell", map[string]any{"news": "抢修中"})
		r.do("dispatcher", lead.Case, "tell", map[string]any{"news": "快好了"})
		r.join(c[3].Case, lead.Number) // what was told before is not told again
		r.do("dispatcher", lead.Case, "answer", map[string]any{"news": "已送电"})
		if s := r.state(c[1].Case); s != "joined" {
			t.Fatalf("the leading act waited for its followers: %s", s)
		}
		if n := r.pass(); n != 7 {
			t.Fatalf("passed on %d acts", n)
		}
		if n := r.pass(); n != 0 {
			t.Fatalf("passed on again: %d", n)
		}
		for i, want := range []string{"", "told 抢修中; told 快好了; answered 已送电", "told 抢修中; told 快好了; answered 已送电", "answered 已送电"} {
			if got := r.heard(c[i].Case); got != want {
				t.Errorf("case %d heard %q, want %q", i, got, want)
			}
			if s := r.state(c[i].Case); s != "answered" {
				t.Errorf("case %d stands at %s", i, s)
			}
		}
		// Whoever answered the leading case judges no follower either.
		r.refused(r.who["dispatcher"], casework.Asking{Case: c[1].Case, Act: "again"}, fault.Forbidden, "casework.own_work")
		if _, err := r.cases.Do(ctx, r.link(c[1]), casework.Asking{Case: c[1].Case, Act: "again"}); err != nil {
			t.Fatal(err)
		}
		if k := r.clock(c[1].Case, "limit"); k.Status != procedure.Running {
			t.Fatalf("alone again its clock is %s", k.Status)
		}
		r.verify()
	})
}

func TestWhoMayFollowWhom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		c := r.calls(4)
		join := func(i, j int) casework.Asking {
			return casework.Asking{Case: c[i].Case, Act: "join", Values: map[string]any{"leading": c[j].Number}}
		}
		who := r.who["dispatcher"]
		r.refused(who, join(0, 0), fault.Invalid, "casework.follow_itself")
		r.join(c[1].Case, c[0].Number)
		r.refused(who, join(2, 1), fault.Conflict, "casework.follow_follower")
		r.refused(who, join(0, 2), fault.Conflict, "casework.follow_leads")
		r.do("dispatcher", c[3].Case, "cancel", nil)
		r.refused(who, join(2, 3), fault.Conflict, "casework.follow_state")
		other := r.dispatched("5 workdays")
		r.refused(who, casework.Asking{Case: c[2].Case, Act: "join", Values: map[string]any{"leading": other.Number}}, fault.Invalid, "casework.follow_procedure")
		r.refused(who, casework.Asking{Case: c[2].Case, Act: "join", Values: map[string]any{"leading": "000000-00000000"}}, fault.NotFound, "casework.no_case")
		r.verify()
	})
}

func TestSealedCasesAreNotMerged(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.cases.RegisterEffect("request.complaint", func(_ context.Context, m *casework.Moment) error { m.SealFrom("/county/street/"); return nil })
	name := map[string]any{"about_unit": true, "complained": "street"}
	sealed, open, lead := r.request(nil), r.request(nil), r.request(nil)
	r.do("dispatcher", sealed.Case, "name_unit", name)
	join := func(a, b casework.Receipt) casework.Asking {
		return casework.Asking{Case: a.Case, Act: "join", Values: map[string]any{"leading": b.Number}}
	}
	r.refused(r.who["dispatcher"], join(open, sealed), fault.Unmet, "casework.follow_sealed")
	r.refused(r.who["dispatcher"], join(sealed, open), fault.Unmet, "casework.follow_sealed")
	// Who may not see the leading case learns nothing of it.
	r.refused(r.who["helper"], join(open, sealed), fault.NotFound, "casework.no_case")
	r.do("dispatcher", open.Case, "join", map[string]any{"leading": lead.Number})
	r.refused(r.who["dispatcher"], casework.Asking{Case: lead.Case, Act: "name_unit", Values: name}, fault.Unmet, "casework.seal_followed")
	r.verify()
}

func TestAnnullingAndLeaving(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		c := r.calls(4)
		annul := func(id string) casework.Asking {
			return casework.Asking{Case: id, Act: casework.ActAnnul, Reason: "弄错了"}
		}
		due := r.clock(c[1].Case, "limit").Duty
		r.join(c[1].Case, c[0].Number)
		_, err := r.cases.Do(ctx, r.who["dispatcher2"], annul(c[1].Case))
		r.ok(err)
		if k := r.clock(c[1].Case, "limit"); k.Status != procedure.Running || k.Duty != due || r.state(c[1].Case) != "open" {
			t.Fatalf("a merging that was annulled left %s, %+v", r.state(c[1].Case), k)
		}
		r.join(c[1].Case, c[0].Number)
		r.join(c[2].Case, c[0].Number)
		r.do("dispatcher", c[1].Case, "leave", nil)
		_, err = r.cases.Do(ctx, r.who["dispatcher2"], annul(c[1].Case)) // nothing happened meanwhile: it follows again
		r.ok(err)
		r.do("dispatcher", c[1].Case, "leave", nil)
		r.do("dispatcher", c[0].Case, "tell", map[string]any{"news": "一"})
		r.refused(r.who["dispatcher2"], annul(c[1].Case), fault.Unmet, "casework.annul_left")
		r.refused(r.who["dispatcher2"], annul(c[0].Case), fault.Unmet, "casework.annul_passed")
		r.pass()
		r.refused(r.who["dispatcher2"], annul(c[2].Case), fault.Unmet, "casework.annul_passed")
		// Who joined after an act relies on it.
		again := r.calls(1)[0]
		r.do("dispatcher", again.Case, "tell", map[string]any{"news": "无人在听"})
		r.join(c[3].Case, again.Number)
		r.refused(r.who["dispatcher2"], annul(again.Case), fault.Unmet, "casework.annul_followed")
		r.do("dispatcher", again.Case, "cancel", nil)
		r.pass()
		if v, err := r.cases.Get(ctx, identity.SystemActor(), c[3].Case); err != nil || v.Case.State != "open" || v.Case.Following() || v.Case.Due == 0 {
			t.Fatalf("its leading case was cancelled: %+v %v", v.Case, err)
		}
		r.verify()
	})
}

// What passes on survives whoever does it: many at once, half of them stopped
// in the middle, while the leading case goes on.
func TestPassedOnOnceAndInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		c := r.calls(61)
		for _, f := range c[1:] {
			r.join(f.Case, c[0].Number)
		}
		var wg sync.WaitGroup
		var passed atomic.Int64
		stop := make(chan struct{})
		for i := range 3 {
			wg.Go(func() {
				for {
					short, cancel := context.WithTimeout(ctx, time.Duration(1+rand.IntN(20))*time.Millisecond*time.Duration(i+1))
					n, _ := r.cases.Pass(short)
					cancel()
					passed.Add(int64(n))
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		want := []string{}
		for i := range 4 {
			news := fmt.Sprint("第", i)
			r.do("dispatcher", c[0].Case, "tell", map[string]any{"news": news})
			want = append(want, "told "+news)
		}
		r.do("dispatcher", c[0].Case, "answer", map[string]any{"news": "好了"})
		want = append(want, "answered 好了")
		close(stop)
		wg.Wait()
		r.pass()
		for _, f := range c[1:] {
			if got := r.heard(f.Case); got != strings.Join(want, "; ") {
				t.Fatalf("heard %q", got)
			}
		}
		r.verify()
	})
}

func TestMergedAtTheMomentOfClosing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		for range 12 {
			c := r.calls(4)
			var wg sync.WaitGroup
			ask := func(who string, q casework.Asking) {
				wg.Go(func() {
					if _, err := r.cases.Do(ctx, r.who[who], q); err != nil && fault.Of(err).Kind != fault.Conflict && fault.Of(err).Kind != fault.Busy {
						t.Errorf("%s: %v", q.Act, err)
					}
				})
			}
			join := func(i, j int) casework.Asking {
				return casework.Asking{Case: c[i].Case, Act: "join", Values: map[string]any{"leading": c[j].Number}}
			}
			ask("dispatcher", join(1, 0))
			ask("dispatcher2", join(0, 1)) // a circle
			ask("dispatcher2", join(2, 0))
			ask("dispatcher", join(2, 1)) // two leading cases for one
			ask("dispatcher2", join(3, 2))
			ask("dispatcher", casework.Asking{Case: c[0].Case, Act: "answer", Values: map[string]any{"news": "好"}})
			wg.Wait()
			r.pass()
			follows := map[string]string{}
			for _, x := range c {
				v, err := r.cases.Get(ctx, identity.SystemActor(), x.Case)
				r.ok(err)
				if v.Case.Following() {
					follows[x.Case] = v.Case.Leader
				}
			}
			for id, leader := range follows {
				if follows[leader] != "" {
					t.Fatalf("%s follows %s, which follows %s", id, leader, follows[leader])
				}
				if s := r.state(leader); s != "open" {
					t.Fatalf("a case follows one that stands at %s", s)
				}
			}
		}
		r.verify()
	})
}

func TestVoicesAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := followRig(t, d)
		c := r.calls(1)[0]
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				_, err := r.cases.Do(ctx, identity.SystemActor(), casework.Asking{Case: c.Case, Act: "me_too", Key: fmt.Sprint("device-", i%20)})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		heard, err := r.cases.Heard(ctx, "me_too", []string{c.Case, "nobody"})
		r.ok(err)
		if heard[c.Case].Voices != 20 || len(heard) != 1 {
			t.Fatalf("counted %v", heard)
		}
		r.refused(r.who["dispatcher"], casework.Asking{Case: c.Case, Act: "me_too"}, fault.Forbidden, "casework.not_yours")
		v, err := r.cases.Get(ctx, r.who["dispatcher"], c.Case)
		r.ok(err)
		if v.Case.Version != 1 || len(v.Timeline) != 1 {
			t.Fatalf("version %d, lines %d", v.Case.Version, len(v.Timeline))
		}
		r.verify()
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE casework_count SET n = 500`)
			return err
		}))
		r.verify("count_changed")
	})
}

func TestALostPassingIsFound(t *testing.T) {
	r := followRig(t, dbtest.SQLite(t))
	c := r.calls(2)
	r.join(c[1].Case, c[0].Number)
	r.do("dispatcher", c[0].Case, "answer", map[string]any{"news": "好"})
	r.verify() // waiting is no damage
	r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM casework_pass`)
		return err
	}))
	r.verify("follow_lost")
}

// A case that was opened by an older edition cannot follow, and cannot lead:
// what is passed on would not be known.
func TestOlderEditionsAreNotMerged(t *testing.T) {
	r := followRig(t, dbtest.SQLite(t))
	old := r.calls(1)[0]
	newer := strings.Replace(outage, "  close:", "  note: {label: {zh: 记, en: Note}, from: [open], who: area as dispatcher, passes_on: {act: noted}}\n  noted: {label: {zh: 知, en: Noted}, from: [joined], who: leader}\n  close:", 1)
	must(r.eds.Publish(ctx, map[string][]byte{"procedure/outage.yaml": []byte(newer)}, "admin", "test"))
	young := r.calls(1)[0]
	r.refused(r.who["dispatcher"], casework.Asking{Case: old.Case, Act: "join", Values: map[string]any{"leading": young.Number}}, fault.Unmet, "casework.follow_edition")
	r.join(young.Case, old.Number)
	r.refused(r.who["dispatcher"], casework.Asking{Case: young.Case, Act: casework.ActMove, Reason: "换新"}, fault.Unmet, "casework.move_following")
	r.verify()
}
