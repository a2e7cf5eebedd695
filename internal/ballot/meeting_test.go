package ballot_test

import (
	"strings"
	"testing"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// today is the rig's day; a notice of ten days meets on meetingDay.
var (
	today      = clock.Date(2026, 11, 24)
	meetingDay = clock.Date(2026, 12, 4)
)

// calling are the values of a lawful meeting, with some of them changed; nil takes
// one out.
func (r *rig) calling(b ballot.Body, change map[string]any) map[string]any {
	v := map[string]any{"village": r.village, "body": string(b), "matter": "other", "subject": "修村口的路", "text": "同意修路，用集体收入三万元。", "meeting_day": meetingDay.String()}
	if b == ballot.VillageRepresentatives {
		v["delegated"], v["delegation"] = true, "2026年1月村民会议授权至2026年底"
	}
	for k, x := range change {
		if v[k] = x; x == nil {
			delete(v, k)
		}
	}
	return v
}

func (r *rig) call(b ballot.Body, change map[string]any) (casework.Receipt, error) {
	return r.Cases.Open(ctx, r.who["clerk"], casework.Opening{Procedure: "meeting", Act: "call_alone", Values: r.calling(b, change)})
}

// do carries out an act by somebody.
func (r *rig) do(who, id, act string, values map[string]any) (casework.Receipt, error) {
	return r.Cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
}

func (r *rig) done(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	receipt, err := r.do(who, id, act, values)
	if err != nil {
		r.t.Fatalf("%s: %v", act, err)
	}
	return receipt
}

// arrive marks lines from..to present.
func (r *rig) arrive(id string, from, to int) {
	r.t.Helper()
	for i := from; i <= to; i++ {
		r.done("clerk", id, "arrive", map[string]any{"line": i, "how": "self"})
	}
}

// meetOn goes to the morning of the day of the meeting.
func (r *rig) meetOn(day clock.Day) { r.Hand.Set(day.Start().Add(9 * time.Hour)) }

func votes(who string, favour, against, abstained, void int) map[string]any {
	return map[string]any{who + "_for": favour, who + "_against": against, who + "_abstained": abstained, who + "_void": void}
}

// count has two people count the same.
func (r *rig) count(id string, favour, against int) {
	r.t.Helper()
	r.done("clerk", id, "count_first", votes("first", favour, against, 0, 0))
	r.done("clerk2", id, "count_second", votes("second", favour, against, 0, 0))
}

func (r *rig) value(id, field string) any {
	r.t.Helper()
	return must(r.Cases.Get(ctx, r.who["director"], id)).Case.Values[field]
}

// outcome is the word of a decision that a case keeps.
func (r *rig) outcome(id, field string) string {
	d, _ := r.value(id, field).(law.Decision)
	return d.Word()
}

// unlawful fails unless the law refused, under an article that holds norm.
func (r *rig) unlawful(err error, norm string) {
	r.t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Unmet || f.Key != "casework.law" || !strings.Contains(f.Norm, norm) {
		r.t.Fatalf("want the law to refuse by %s, got %v", norm, err)
	}
}

// TestAMeetingOf45 goes the whole way: notice, quorum missed by one, quorum, a vote
// counted twice, minutes, confirmation.
func TestAMeetingOf45(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.importRoll(ballot.VillageRepresentatives, women(40, 5, 15))
		m, err := r.call(ballot.VillageRepresentatives, map[string]any{"matter": "public_works"})
		r.ok(err)
		_, err = r.do("clerk", m.Case, "arrive", map[string]any{"line": 1, "how": "self"})
		r.wants(err, fault.Unmet, "ballot.not_the_day")
		r.meetOn(meetingDay)
		r.arrive(m.Case, 1, 29)
		_, err = r.do("director", m.Case, "begin", nil)
		r.unlawful(err, "村民委员会组织法 30(2)")
		_, err = r.do("clerk2", m.Case, "arrive", map[string]any{"line": 29, "how": "self"})
		r.wants(err, fault.Conflict, "ballot.already_here")
		r.arrive(m.Case, 30, 30)
		r.done("director", m.Case, "begin", nil)
		if got := r.value(m.Case, "present"); got != int64(30) {
			t.Fatalf("present %v", got)
		}
		_, err = r.do("clerk", m.Case, "count_first", votes("first", 16, 14, 0, 0))
		r.wants(err, fault.Conflict, "casework.wrong_state")
		r.done("director", m.Case, "put_to_vote", map[string]any{"method": "hands"})
		_, err = r.do("clerk", m.Case, "arrive", map[string]any{"line": 31, "how": "self"})
		r.wants(err, fault.Conflict, "casework.wrong_state")
		_, err = r.do("clerk", m.Case, "count_first", votes("first", 16, 14, 1, 0))
		r.wants(err, fault.Invalid, "ballot.too_many_votes")
		r.done("clerk", m.Case, "count_first", votes("first", 16, 13, 1, 0))
		_, err = r.do("clerk", m.Case, "count_second", votes("second", 16, 13, 1, 0))
		r.wants(err, fault.Forbidden, "casework.own_work")
		if _, hidden := r.value(m.Case, "first_for").(casework.Sealed); !hidden {
			t.Fatal("the first count is open to the second teller")
		}
		_, err = r.Cases.Reveal(ctx, r.who["clerk2"], m.Case, "first_for", "计票核对")
		r.wants(err, fault.Forbidden, "casework.reveal_right")
		if seen, err := r.Cases.Reveal(ctx, r.Actor("auditor1"), m.Case, "first_for", "审计计票过程"); err != nil || seen != "16" {
			t.Fatalf("the auditor reads %q: %v", seen, err)
		}
		if got := r.done("clerk2", m.Case, "count_second", votes("second", 15, 14, 1, 0)); got.State != "counting" {
			t.Fatalf("two counts that differ led to %s", got.State)
		}
		_, err = r.do("director", m.Case, "close_vote", nil)
		r.wants(err, fault.Conflict, "casework.wrong_state")
		r.done("clerk", m.Case, "count_first", votes("first", 16, 13, 1, 0))
		r.done("clerk2", m.Case, "count_second", votes("second", 16, 13, 1, 0))
		if got := r.done("director", m.Case, "close_vote", nil); got.State != "passed" {
			t.Fatalf("16 of 30 led to %s", got.State)
		}
		_, err = r.do("clerk", m.Case, "count_first", votes("first", 30, 0, 0, 0))
		r.wants(err, fault.Conflict, "casework.wrong_state")
		_, err = r.do("clerk", m.Case, "amend", map[string]any{"text": "另一份", "reason": "改"})
		r.wants(err, fault.Conflict, "casework.wrong_state")
		r.done("clerk", m.Case, "draft_minutes", nil)
		minutes, _ := r.value(m.Case, "minutes").(string)
		for _, want := range []string{"应到 45 人", "到会 30 人", "赞成 16", "反对 13", "村民委员会组织法 30(2)", "村民委员会组织法 29(1)", "不一致 1 次", "同意修路"} {
			if !strings.Contains(minutes, want) {
				t.Errorf("the minutes lack %q:\n%s", want, minutes)
			}
		}
		r.done("director", m.Case, "sign_minutes", nil)
		_, err = r.do("director", m.Case, "confirm", nil)
		r.wants(err, fault.Forbidden, "casework.own_work")
		_, err = r.do("secretary", m.Case, "confirm", map[string]any{"resolution": "同意修路，用集体收入五万元。"})
		r.wants(err, fault.Unmet, "ballot.text_differs")
		_, err = r.do("secretary", m.Case, "confirm_failed", nil)
		r.wants(err, fault.Unmet, "casework.guard")
		if got := r.done("secretary", m.Case, "confirm", nil); got.State != "carried" {
			t.Fatalf("confirmed, and %s", got.State)
		}
		if r.value(m.Case, "resolution") != "同意修路，用集体收入三万元。" {
			t.Fatalf("%v", r.value(m.Case, "resolution"))
		}
	})
}

// women is a roll of representatives and committee members with so many women
// among the representatives.
func women(n, committee, women int) []byte {
	var b strings.Builder
	b.WriteString("姓名,代表,委员会成员,妇女\n")
	for i := range n + committee {
		b.WriteString(person(i) + "," + yes(i < n) + "," + yes(i >= n) + "," + yes(i < women) + "\n")
	}
	return []byte(b.String())
}
