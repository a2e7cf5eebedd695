package notice_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/notify"
	"linli/internal/notice"
)

var ctx = context.Background()

// fake is a sender that keeps what it was given. A provider that knows keys keeps
// one message for each.
type fake struct {
	mu    sync.Mutex
	got   []notify.Message
	keys  map[string]int
	fails func(m notify.Message) error // asked before it takes a message
	after func(m notify.Message) error // asked when it has taken it
}

func (f *fake) Send(_ context.Context, m notify.Message) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		if err := f.fails(m); err != nil {
			return "", err
		}
	}
	if f.keys == nil {
		f.keys = map[string]int{}
	}
	if f.keys[m.ID]++; f.keys[m.ID] == 1 {
		f.got = append(f.got, m)
	}
	if f.after != nil {
		return "", f.after(m)
	}
	return "ref-" + m.ID, nil
}

func (f *fake) to(receiver string) (out []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.got {
		if m.To == receiver {
			out = append(out, m.Text)
		}
	}
	return out
}

func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = nil
}

// rig is the fictitious county with a fake sender.
type rig struct {
	*apptest.County
	t      *testing.T
	n      *notice.Service
	sender *fake
}

const (
	resident = "13800000001"
	lighter  = "13900000001" // the handler of the street lights
	chief    = "13900000002" // their head
)

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t, sender: &fake{}}
	r.n = r.Notices
	r.n.Senders = notify.Senders{{Sender: r.sender, Name: "fake", Make: "file", For: notice.Channels()[:2], Unsure: "again"}}
	r.n.Address = "https://linli.example"
	r.contact("h-lighting", lighter)
	r.contact("b-lighting", chief)
	return r
}

func (r *rig) contact(person, phone string) {
	r.t.Helper()
	r.ok(r.n.SeedContact(ctx, person, notice.SMS, phone))
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// report is what a resident says, with the telephone they left.
func (r *rig) report(phone string) casework.Receipt {
	r.t.Helper()
	values := map[string]any{"words": "张三家门口的路灯不亮", "class": "street-light", "place": map[string]any{"words": "人民公园", "area": "999901001001"}, "channel": "web"}
	if phone != "" {
		values["phone"] = phone
	}
	got, err := r.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: values})
	r.ok(err)
	return got
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	got, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return got
}

func (r *rig) dispatch(id string) {
	r.t.Helper()
	r.do("dispatch1", id, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
}

// read turns all acts into notices.
func (r *rig) read() {
	r.t.Helper()
	r.Settle()
	for n := 1; n > 0; {
		var err error
		n, err = r.n.Follow(ctx)
		r.ok(err)
	}
}

// send sends all that is due.
func (r *rig) send() {
	r.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.n.Work(ctx)
		r.ok(err)
	}
}

// tell is both, after the time in which acts are gathered.
func (r *rig) tell() {
	r.t.Helper()
	r.read()
	r.Hand.Advance(3 * time.Minute)
	r.send()
}

// says holds what somebody got, in order, by a piece of each text.
func (r *rig) says(receiver string, want ...string) {
	r.t.Helper()
	got := r.sender.to(receiver)
	if len(got) != len(want) {
		r.t.Fatalf("%s got %d messages, wanted %d: %q", receiver, len(got), len(want), got)
	}
	for i, w := range want {
		if !strings.Contains(got[i], w) {
			r.t.Errorf("message %d to %s is %q, which does not say %q", i+1, receiver, got[i], w)
		}
	}
}

// count counts lines of the delivery log.
func (r *rig) count(where string, args ...any) (n int) {
	r.t.Helper()
	r.ok(r.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM notice_message WHERE `+where, args...).Scan(&n))
	return n
}
