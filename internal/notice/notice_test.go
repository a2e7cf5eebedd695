package notice_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/notify"
	"linli/internal/notice"
)

// A resident gets a receipt, the answer and the request to rate, and nothing of
// what lies between; the handler is told of the new case.
func TestStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report(resident)
		r.tell()
		r.says(resident, "编号 "+c.Number)
		r.dispatch(c.Case)
		r.tell()
		r.says(resident, "已收到")
		r.says(lighter, "诉求 "+c.Number+" 要您办")
		r.do("h-lighting", c.Case, "accept", nil)
		r.do("h-lighting", c.Case, "contact", map[string]any{"contact": "电话联系，约定时间"})
		r.do("h-lighting", c.Case, "ask_more", map[string]any{"question": "哪一盏"})
		r.tell()
		r.says(resident, "已收到", "需要您补充")
		_, err := r.Cases.Do(ctx, r.Link(c.Token), casework.Asking{Case: c.Case, Act: "supply", Values: map[string]any{"supplement": "门口那盏"}})
		r.ok(err)
		r.do("h-lighting", c.Case, "answer", map[string]any{"answer": "已修好，请李四放心"})
		r.tell()
		r.says(resident, "已收到", "需要您补充", "有了办结答复")
		r.do("verify1", c.Case, "check_done", map[string]any{"finding": "亮了"})
		r.tell()
		r.says(resident, "已收到", "需要您补充", "有了办结答复", "评价")
		r.says(lighter, "要您办", "补充")
		for _, text := range append(r.sender.to(resident), r.sender.to(lighter)...) {
			for _, private := range []string{"张三", "李四", "路灯", "公园", resident} {
				if strings.Contains(text, private) {
					t.Errorf("a message carries words of the case: %q", text)
				}
			}
		}
		var stored string
		rows, err := d.Reader().Rows(ctx, `SELECT args || number || receiver || kind || source || field || ref FROM notice_message`)
		r.ok(err)
		defer rows.Close()
		for rows.Next() {
			r.ok(rows.Scan(&stored))
			if strings.Contains(stored, resident) || strings.Contains(stored, "张三") {
				t.Errorf("an outgoing line keeps what it must not: %s", stored)
			}
		}
		r.ok(rows.Err())
	})
}

// What a resident said goes to a hundred reporters once each, whatever fails and
// whoever reads the log again.
func TestManyReporters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		const many = 500
		lead := r.report(phoneNo(0))
		r.dispatch(lead.Case)
		for i := 1; i < many; i++ {
			c := r.report(phoneNo(i))
			r.do("dispatch1", c.Case, "join", map[string]any{"leading": lead.Number})
		}
		r.tell()
		r.sender.forget()
		r.do("h-lighting", lead.Case, "accept", nil)
		r.do("h-lighting", lead.Case, "contact", map[string]any{"contact": "已告知"})
		r.do("h-lighting", lead.Case, "answer", map[string]any{"answer": "线路修复"})
		r.do("verify1", lead.Case, "check_done", map[string]any{"finding": "亮了"})
		for n := 1; n > 0; {
			var err error
			n, err = r.Cases.Pass(ctx)
			r.ok(err)
		}
		r.tell()
		for i := range many {
			if got := r.sender.to(phoneNo(i)); len(got) != 1 {
				t.Fatalf("reporter %d got %d messages: %q", i, len(got), got)
			}
		}
		r.ok(r.n.Rebuild(ctx))
		r.Hand.Advance(time.Hour)
		r.send()
		for i := range many {
			if got := r.sender.to(phoneNo(i)); len(got) != 1 {
				t.Fatalf("after a rebuild reporter %d has %d messages", i, len(got))
			}
		}
	})
}

func phoneNo(i int) string { return "137000" + strconv.Itoa(10000+i) }

// A crash between sending and noting sends again under the same key, which the
// other side knows.
func TestCrashSendsUnderTheSameKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.report(resident)
		r.read()
		r.Hand.Advance(3 * time.Minute)
		r.n.Forget(func(string) bool { return true })
		r.send()
		r.says(resident, "已收到")
		if n := r.count("status = 'waiting' AND bundle <> ''"); n != 1 {
			t.Fatalf("%d messages wait, wanted the one that was not noted", n)
		}
		r.n.Forget(nil)
		r.n.Hold("another node")
		r.send() // the lease still runs
		if len(r.sender.keys) != 1 || r.sender.keys[r.sender.got[0].ID] != 1 {
			t.Fatalf("it was sent while another node has it: %v", r.sender.keys)
		}
		r.Hand.Advance(3 * time.Minute)
		r.send()
		r.says(resident, "已收到")
		if n := r.sender.keys[r.sender.got[0].ID]; len(r.sender.keys) != 1 || n != 2 {
			t.Errorf("it was sent under %d keys, %d times under the first", len(r.sender.keys), n)
		}
		if n := r.count("status = 'sent'"); n != 1 {
			t.Errorf("%d messages are noted as sent", n)
		}
	})
}

// A sender that is away loses nothing, is only tried now and then, is seen, and
// sends all when it is back; one that refuses for ever fails the message.
func TestSenderDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for i := range 30 {
			r.report(phoneNo(i))
		}
		tried := 0
		r.sender.fails = func(notify.Message) error {
			tried++
			return &notify.Failure{Class: notify.Again, Code: "unreachable", Own: true}
		}
		r.tell()
		for range 10 {
			r.Hand.Advance(time.Second)
			r.send()
		}
		if tried > 25 {
			t.Errorf("a sender that is away was tried %d times", tried)
		}
		down, err := r.n.Failing(ctx)
		r.ok(err)
		if len(down) != 1 || down[0].Problem != "unreachable" || down[0].Since == 0 {
			t.Fatalf("nobody sees that it fails: %+v", down)
		}
		if n := r.count("status = 'waiting'"); n != 30 {
			t.Fatalf("%d of 30 wait", n)
		}
		r.sender.fails = nil
		for range 40 {
			r.Hand.Advance(time.Minute)
			r.send()
		}
		if n := r.count("status = 'sent'"); n != 30 {
			t.Errorf("%d of 30 were sent after it came back", n)
		}
		if down, err = r.n.Failing(ctx); err != nil || len(down) != 0 {
			t.Errorf("it still counts as failing: %v %v", down, err)
		}
	})
}

func TestRefusedForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.sender.fails = func(notify.Message) error { return &notify.Failure{Class: notify.Permanent, Code: "answer_15"} }
		r.report(resident)
		r.tell()
		admin := r.Actor("admin")
		lines, _, err := r.n.Deliveries(ctx, admin, notice.Logged{Status: notice.Failed, Limit: 10})
		r.ok(err)
		if len(lines) != 1 || lines[0].Problem != "answer_15" || lines[0].Attempts != 1 {
			t.Fatalf("the log has %+v", lines)
		}
		if _, _, err := r.n.Deliveries(ctx, r.Actor("h-lighting"), notice.Logged{Limit: 10}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a handler reads the delivery log: %v", err)
		}
		first := ""
		r.sender.fails = func(m notify.Message) error { first = m.ID; return nil }
		r.ok(r.n.Again(ctx, admin, lines[0].ID))
		r.send()
		r.says(resident, "已收到")
		if first == lines[0].Bundle {
			t.Error("it was sent again under the key that was refused")
		}
		if err := r.n.Again(ctx, admin, lines[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("what was sent was sent again: %v", err)
		}
		tallies, err := r.n.Tallies(ctx, admin, 7)
		r.ok(err)
		if len(tallies) != 1 || tallies[0].Sent != 1 || tallies[0].Sender != "fake" {
			t.Errorf("tallies %+v", tallies)
		}
	})
}

// A message refused for now is tried a few times and then fails; one that nobody
// knows of is tried again under its key.
func TestTriesEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.sender.fails = func(m notify.Message) error {
			if m.To == resident {
				return &notify.Failure{Class: notify.Again, Code: "smtp_450"}
			}
			return nil
		}
		once := true
		r.sender.after = func(notify.Message) error {
			if once {
				once = false
				return &notify.Failure{Class: notify.Unsure, Code: "timeout", Own: true}
			}
			return nil
		}
		r.report(resident)
		r.report("13800000002")
		r.tell()
		for range 30 {
			r.Hand.Advance(5 * time.Minute)
			r.send()
		}
		if n := r.count("status = 'failed' AND attempts = 6 AND problem = 'smtp_450'"); n != 1 {
			t.Errorf("%d messages failed after six attempts", n)
		}
		r.says("13800000002", "已收到")
		if n := r.count("status = 'sent'"); n != 1 {
			t.Errorf("%d messages sent", n)
		}
	})
}

// Who opted out gets nothing, not even what waited, and may come back.
func TestOptOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report(resident)
		other := r.report(resident)
		r.read()
		party := r.Link(c.Token).Party
		r.ok(r.n.Want(ctx, party, false))
		r.Hand.Advance(3 * time.Minute)
		r.send()
		r.says(resident, "编号 "+other.Number)
		if n := r.count("status = 'suppressed' AND problem = 'optout'"); n != 1 {
			t.Errorf("%d lines are suppressed", n)
		}
		if wants, can, err := r.n.Wants(ctx, party); err != nil || wants || !can {
			t.Errorf("wants %v can %v: %v", wants, can, err)
		}
		r.ok(r.n.Want(ctx, party, true))
		if wants, _, err := r.n.Wants(ctx, party); err != nil || !wants {
			t.Errorf("wants %v: %v", wants, err)
		}
		silent := r.report("")
		if _, can, err := r.n.Wants(ctx, r.Link(silent.Token).Party); err != nil || can {
			t.Errorf("who left no telephone can be told: %v %v", can, err)
		}
		landline := r.report("051688888888")
		if _, can, err := r.n.Wants(ctx, r.Link(landline.Token).Party); err != nil || can {
			t.Errorf("a fixed line can be told: %v %v", can, err)
		}
	})
}

// At night nobody is woken by what can wait; who is on duty is.
func TestNight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		night := clock.Date(2026, 11, 24).Start().Add(23 * time.Hour)
		r.Hand.Set(night)
		c := r.report(resident)
		r.dispatch(c.Case)
		r.tell()
		r.says(resident)
		r.says(lighter)
		r.Hand.Set(clock.Date(2026, 11, 25).Start().Add(7*time.Hour + time.Minute))
		r.send()
		r.says(resident, "已收到")
		r.says(lighter)
		r.Hand.Set(clock.Date(2026, 11, 25).Start().Add(8*time.Hour + 31*time.Minute))
		r.send()
		r.says(lighter, "要您办")

		r.n.Roster = roster{"lighting": {"b-lighting"}}
		r.Hand.Set(night.Add(24 * time.Hour))
		c = r.report(resident)
		r.dispatch(c.Case)
		r.tell()
		r.says(chief, "诉求 "+c.Number)
		r.says(lighter, "要您办")
	})
}

type roster map[string][]string

func (r roster) OnDuty(_ context.Context, unit string, _ clock.Instant) ([]string, error) {
	return r[unit], nil
}

// An annulled act that was told is corrected; one that was not is not told.
func TestAnnulled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report(resident)
		r.dispatch(c.Case)
		r.tell()
		r.sender.forget()
		annul := func(by string) {
			t.Helper()
			v, err := r.Cases.Get(ctx, r.Actor(by), c.Case)
			r.ok(err)
			_, err = r.Cases.Do(ctx, r.Actor(by), casework.Asking{Case: c.Case, Act: casework.ActAnnul, Reason: "派错了", Version: v.Case.Version})
			r.ok(err)
		}
		annul("dispatch2")
		r.tell()
		r.says(lighter, "已撤销")
		r.says(resident)

		r.sender.forget()
		r.dispatch(c.Case)
		r.read()
		annul("dispatch2") // before anything was sent
		r.tell()
		r.says(lighter)
		if n := r.count("status = 'suppressed' AND problem = 'annulled'"); n == 0 {
			t.Error("what waited was not taken back")
		}
		r.ok(r.n.Rebuild(ctx))
		r.Hand.Advance(time.Hour)
		r.send()
		r.says(lighter)
	})
}

// A missed limit is told to who holds the case and to the unit above; several
// things of one case within two minutes are one message.
func TestBreachAndTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.contact("leader1", "13900000009")
		c := r.report(resident)
		r.dispatch(c.Case)
		r.do("h-lighting", c.Case, "accept", nil)
		r.tell()
		r.sender.forget()
		for range 2 { // urging twice is one message
			_, err := r.Cases.Do(ctx, r.Link(c.Token), casework.Asking{Case: c.Case, Act: "urge"})
			r.ok(err)
		}
		r.tell()
		r.says(lighter, "等 2 项")
		r.sender.forget()
		r.Hand.Set(clock.Date(2026, 12, 4).Start().Add(10 * time.Hour))
		r.tell()
		r.Hand.Set(clock.Date(2026, 12, 7).Start().Add(10 * time.Hour))
		r.tell()
		if got := r.sender.to("13900000009"); len(got) == 0 || !strings.Contains(got[0], "下级单位") {
			t.Errorf("the unit above heard %q", got)
		}
		if got := r.sender.to(lighter); len(got) == 0 || !strings.Contains(strings.Join(got, " "), "超期") {
			t.Errorf("the handler heard %q", got)
		}
	})
}

// A poisonous act is parked, visibly, the others go on, and it is told after all.
func TestParked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		bad := r.report("13800000009")
		r.report(resident)
		r.n.Spoil(func(act string) error {
			if act == bad.Act {
				return errors.New("poison")
			}
			return nil
		})
		r.tell()
		r.says(resident, "已收到")
		parked, err := r.n.Parked(ctx, 10)
		r.ok(err)
		if len(parked) != 1 || parked[0].Act != bad.Act || !strings.Contains(parked[0].Problem, "poison") {
			t.Fatalf("parked: %+v", parked)
		}
		r.n.Spoil(nil)
		freed, err := r.n.Retry(ctx, 10)
		r.ok(err)
		r.Hand.Advance(3 * time.Minute)
		r.send()
		r.says("13800000009", "已收到")
		if left, err := r.n.Parked(ctx, 10); err != nil || freed != 1 || len(left) != 0 {
			t.Errorf("freed %d, left %v: %v", freed, left, err)
		}
	})
}

// Preferences, digest and what was looked at in the house.
func TestPreferences(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		h := r.Actor("h-lighting")
		r.ok(r.n.SetPreference(ctx, h, notice.Preference{Modes: map[string]string{"urgent": "now", "todo": "digest", "info": "house"}}))
		var cases []casework.Receipt
		for range 3 {
			c := r.report("")
			r.dispatch(c.Case)
			cases = append(cases, c)
		}
		r.tell()
		r.says(lighter)
		r.ok(r.Cases.MarkTold(ctx, h, cases[0].Case, r.Clock.Now())) // looked at in the house
		r.Hand.Set(clock.Date(2026, 11, 25).Start().Add(9*time.Hour + time.Minute))
		r.send()
		r.says(lighter, "您有 2 条告知，其中 2 条要您办")
		for _, bad := range []notice.Preference{
			{Modes: map[string]string{"urgent": "digest", "todo": "now", "info": "now"}},
			{Modes: map[string]string{"urgent": "now", "todo": "never", "info": "now"}},
			{Modes: map[string]string{"urgent": "now", "todo": "now", "info": "now"}, Channel: "pigeon"},
			{Modes: map[string]string{"urgent": "now", "todo": "now", "info": "now"}, From: 5000},
		} {
			if err := r.n.SetPreference(ctx, h, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v was taken: %v", bad, err)
			}
		}
	})
}

// A contact is good only by its code; codes are few, wrong ones are counted, and
// none stands anywhere in clear.
func TestContactAndCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a := r.Actor("clerk1")
		const phone = "13900000077"
		r.ok(r.n.OfferContact(ctx, a, notice.SMS, "139 0000 0077"))
		code := func() string {
			got := r.sender.to(phone)
			text := got[len(got)-1]
			i := strings.Index(text, "验证码 ")
			return text[i+len("验证码 "):][:6]
		}
		wrong := "000000"
		if code() == wrong {
			wrong = "111111"
		}
		if err := r.n.ConfirmContact(ctx, a, notice.SMS, wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
		if err := r.n.ConfirmContact(ctx, r.Actor("clerk2"), notice.SMS, code()); !fault.Is(err, fault.Invalid) {
			t.Errorf("somebody else's code: %v", err)
		}
		r.ok(r.n.ConfirmContact(ctx, a, notice.SMS, code()))
		if err := r.n.ConfirmContact(ctx, a, notice.SMS, code()); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code was good twice: %v", err)
		}
		contacts, err := r.n.Contacts(ctx, "clerk1")
		r.ok(err)
		if len(contacts) != 1 || !contacts[0].Verified || contacts[0].Masked != "139****0077" {
			t.Errorf("contacts %+v", contacts)
		}
		// tries end, and time ends
		r.ok(r.n.SendCode(ctx, phone, "notice.purpose.contact"))
		for range 5 {
			if err := r.n.CheckCode(ctx, phone, "notice.purpose.contact", wrong); !fault.Is(err, fault.Invalid) {
				t.Errorf("a wrong code: %v", err)
			}
		}
		if err := r.n.CheckCode(ctx, phone, "notice.purpose.contact", code()); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code after five tries: %v", err)
		}
		r.ok(r.n.SendCode(ctx, phone, "notice.purpose.contact"))
		if err := r.n.CheckCode(ctx, phone, "app.other", code()); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code for another purpose: %v", err)
		}
		r.Hand.Advance(11 * time.Minute)
		if err := r.n.CheckCode(ctx, phone, "notice.purpose.contact", code()); !fault.Is(err, fault.Invalid) {
			t.Errorf("an old code: %v", err)
		}
		var busy error
		for range 6 {
			busy = r.n.Send(ctx, phone, "123456", "notice.purpose.contact")
		}
		if !fault.Is(busy, fault.Busy) {
			t.Errorf("codes without end: %v", busy)
		}
		r.sender.fails = func(notify.Message) error {
			return &notify.Failure{Class: notify.Again, Code: "unreachable", Own: true}
		}
		if err := r.n.SendCode(ctx, "13900000078", "notice.purpose.contact"); !fault.Is(err, fault.Busy) || fault.Of(err).Key != "notice.code_not_sent" {
			t.Errorf("a code that was not sent: %v", err)
		}
		for _, bad := range []string{"", "110", "abc", "1390000007", "+86139000000777", "139000000770000000000", "13900000077\n"} {
			if err := r.n.SendCode(ctx, bad, "notice.purpose.contact"); bad != "13900000077\n" && !fault.Is(err, fault.Invalid) {
				t.Errorf("%q was taken as a mobile: %v", bad, err)
			}
		}
	})
}

// The flood: ten thousand wait, several nodes send, nobody gets one twice.
func TestSeveralNodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for i := range 120 {
			r.report(phoneNo(i))
		}
		r.read()
		r.Hand.Advance(3 * time.Minute)
		done := make(chan error, 3)
		for node := range 3 {
			n := notice.New(r.n.Parts)
			n.Hold("node" + strconv.Itoa(node))
			go func() {
				for {
					sent, err := n.Work(ctx)
					if err != nil || sent == 0 {
						done <- err
						return
					}
				}
			}()
		}
		for range 3 {
			r.ok(<-done)
		}
		r.send()
		for id, n := range r.sender.keys {
			if n != 1 {
				t.Errorf("%s was sent %d times", id, n)
			}
		}
		if len(r.sender.keys) != 120 {
			t.Errorf("%d messages were sent", len(r.sender.keys))
		}
	})
}

// Erased is erased: the telephone is not opened any more, and nothing is sent.
func TestErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report(resident)
		r.read()
		r.dispatch(c.Case)
		_, err := r.Cases.Do(ctx, r.Actor("leader1"), casework.Asking{Case: c.Case, Act: casework.ActErase, Fields: []string{"phone"}, Reason: "本人要求"})
		r.ok(err)
		r.tell()
		r.says(resident)
		if n := r.count("status = 'suppressed' AND problem = 'no_address'"); n != 1 {
			t.Errorf("%d lines are suppressed", n)
		}
		if _, _, err := r.n.Wants(ctx, identity.Party{Case: c.Case, ID: "nobody"}); err != nil {
			t.Error(err)
		}
	})
}

// A house that never told anybody begins with what happens from now on.
func TestBeginsNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.report(resident)
		r.Hand.Advance(time.Second)
		r.ok(r.n.Begin(ctx))
		r.Hand.Advance(time.Second)
		c := r.report("13800000005")
		r.tell()
		r.says(resident)
		r.says("13800000005", c.Number)
		r.ok(r.n.Begin(ctx)) // a restart changes nothing
		c = r.report("13800000006")
		r.tell()
		r.says("13800000006", c.Number)
	})
}

// The page of what one was told: by right, by day, once for an act, and marked as
// read only as far as the page showed.
func TestTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		h := r.Actor("h-lighting")
		first := r.report("")
		r.dispatch(first.Case)
		r.Hand.Advance(time.Second)
		shown := r.Clock.Now()
		r.Hand.Advance(time.Minute)
		second := r.report("")
		r.dispatch(second.Case)
		count := func(want int) {
			t.Helper()
			if n, err := r.Cases.CountTold(ctx, h, 99); err != nil || n != want {
				t.Errorf("%d are new, wanted %d: %v", n, want, err)
			}
		}
		count(2)
		lines, err := r.Cases.Told(ctx, h, false, clock.Instant(1<<62), "", 10)
		r.ok(err)
		if len(lines) != 2 || lines[0].Case.ID != second.Case || lines[0].Act != "dispatch" {
			t.Fatalf("told %+v", lines)
		}
		rest, err := r.Cases.Told(ctx, h, false, lines[0].Recorded, lines[0].ID, 10)
		r.ok(err)
		if len(rest) != 1 || rest[0].Case.ID != first.Case {
			t.Errorf("the next page has %+v", rest)
		}
		r.ok(r.Cases.MarkTold(ctx, h, "", shown))
		count(1)
		if n, err := r.Cases.CountTold(ctx, r.Actor("h-power"), 99); err != nil || n != 0 {
			t.Errorf("another unit was told %d: %v", n, err)
		}
	})
}
