package ballot_test

import (
	"strings"
	"sync"
	"testing"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// TestTheRollIsFrozenAtNotice: what is corrected after the notice does not touch the
// meeting, and a roll that was touched behind its back is not met with.
func TestTheRollIsFrozenAtNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		roll := r.importRoll(ballot.CollectiveAssembly, table(30, "", plain))
		m, err := r.call(ballot.CollectiveAssembly, nil)
		r.ok(err)
		if r.value(m.Case, "roll_hash") != roll.Hash || r.value(m.Case, "members") != int64(30) {
			t.Fatalf("%v %v", r.value(m.Case, "roll_hash"), r.value(m.Case, "members"))
		}
		next, err := r.Ballot.Strike(ctx, r.who["clerk"], roll.ID, 30, "迁出")
		r.ok(err)
		old, lines, err := r.Ballot.Show(ctx, r.who["clerk"], roll.ID)
		r.ok(err)
		if old.Frozen == 0 || next.Frozen != 0 || len(lines) != 30 || next.Counts.Members != 29 {
			t.Fatalf("%+v %+v", old, next)
		}
		_, err = r.Ballot.Change(ctx, r.who["clerk"], roll.ID, ballot.Line{No: 1, Name: "别人", Household: "1", Adult: true, Capable: true}, "改")
		r.wants(err, fault.Stale, "ballot.not_newest") // the frozen one is changed by nobody
		r.meetOn(meetingDay)
		r.arrive(m.Case, 1, 19)
		r.done("clerk", m.Case, "arrive", map[string]any{"line": 30, "how": "self"}) // struck afterwards, on the frozen roll
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE ballot_line SET capable = 0 WHERE roll = $1 AND no = 29`, roll.ID)
			return err
		}))
		_, err = r.do("director", m.Case, "begin", nil)
		r.wants(err, fault.Unmet, "ballot.roll_touched")
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE ballot_line SET capable = 1 WHERE roll = $1 AND no = 29`, roll.ID)
			return err
		}))
		r.done("director", m.Case, "begin", nil)
		// A meeting called now meets with the newest.
		later, err := r.call(ballot.CollectiveAssembly, map[string]any{"meeting_day": (meetingDay + 20).String()})
		r.ok(err)
		if r.value(later.Case, "members") != int64(29) {
			t.Fatalf("%v", r.value(later.Case, "members"))
		}
	})
}

// TestAMeetingIsMoved: to another day in time, never to yesterday.
func TestAMeetingIsMoved(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.importRoll(ballot.VillageMeeting, table(30, "", plain))
	m, err := r.call(ballot.VillageMeeting, nil)
	r.ok(err)
	_, err = r.do("clerk", m.Case, "move_day", map[string]any{"meeting_day": (today - 1).String()})
	r.wants(err, fault.Invalid, "ballot.day_past")
	_, err = r.do("clerk", m.Case, "move_day", map[string]any{"meeting_day": (today + 9).String()})
	r.unlawful(err, "村民委员会组织法 25(2)")
	r.done("clerk", m.Case, "move_day", map[string]any{"meeting_day": (today + 12).String()})
	r.meetOn(meetingDay)
	_, err = r.do("clerk", m.Case, "arrive", map[string]any{"line": 1, "how": "self"})
	r.wants(err, fault.Unmet, "ballot.not_the_day")
	r.meetOn(today + 12)
	r.arrive(m.Case, 1, 16)
	_, err = r.do("clerk", m.Case, "move_day", map[string]any{"meeting_day": today.String()})
	r.wants(err, fault.Invalid, "ballot.day_past")
	r.done("director", m.Case, "begin", nil)
	r.meetOn(today + 13) // past midnight
	r.arrive(m.Case, 17, 17)
	_, err = r.do("clerk", m.Case, "move_day", map[string]any{"meeting_day": (today + 30).String()})
	r.wants(err, fault.Conflict, "casework.wrong_state")
}

// TestProxies: the collective law lets another capable member of the household
// come, in writing; no other body knows proxies.
func TestProxies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.importRoll(ballot.CollectiveAssembly, table(30, ",行为能力", func(i int) string { return "," + yes(i != 29) }))
		r.importRoll(ballot.VillageMeeting, table(30, "", plain))
		m, err := r.call(ballot.CollectiveAssembly, nil)
		r.ok(err)
		village, err := r.call(ballot.VillageMeeting, nil)
		r.ok(err)
		entrust := func(id string, line, proxy int, written bool) error {
			_, err := r.do("clerk", id, "entrust", map[string]any{"line": line, "proxy_line": proxy, "written": written})
			return err
		}
		r.wants(entrust(village.Case, 1, 2, true), fault.Unmet, "ballot.no_proxies")
		r.wants(entrust(m.Case, 1, 2, false), fault.Unmet, "ballot.not_written")
		r.wants(entrust(m.Case, 1, 1, true), fault.Invalid, "ballot.own_proxy")
		r.wants(entrust(m.Case, 1, 4, true), fault.Unmet, "ballot.other_household")
		r.wants(entrust(m.Case, 28, 30, true), fault.Unmet, "ballot.not_counted") // without full capacity
		r.wants(entrust(m.Case, 1, 99, true), fault.NotFound, "ballot.no_line")
		if f := fault.Of(entrust(m.Case, 1, 4, true)); !strings.Contains(f.Norm, "农村集体经济组织法 27(1)") {
			t.Fatalf("cites %q", f.Norm)
		}
		r.ok(entrust(m.Case, 1, 2, true))
		r.wants(entrust(m.Case, 1, 3, true), fault.Conflict, "ballot.entrusted_already")
		r.wants(entrust(m.Case, 3, 1, true), fault.Unmet, "ballot.proxy_away")
		r.meetOn(meetingDay)
		arrive := func(line int, how string) error {
			_, err := r.do("clerk", m.Case, "arrive", map[string]any{"line": line, "how": how})
			return err
		}
		r.wants(arrive(4, "proxy"), fault.Unmet, "ballot.no_proxy")
		r.wants(arrive(1, "proxy"), fault.Conflict, "ballot.proxy_not_here")
		r.wants(arrive(1, "household"), fault.Invalid, "ballot.how")
		r.ok(arrive(2, "self"))
		r.ok(arrive(1, "proxy"))
		r.wants(arrive(1, "self"), fault.Conflict, "ballot.already_here")
		r.wants(entrust(m.Case, 2, 3, true), fault.Conflict, "ballot.already_here")
		r.wants(arrive(30, "self"), fault.Unmet, "ballot.not_counted")
		// 29 capable members: two thirds are 20. With the proxy's two heads 18 more are needed.
		r.arrive(m.Case, 3, 19)
		_, err = r.do("director", m.Case, "begin", nil)
		r.unlawful(err, "农村集体经济组织法 27(1)")
		r.arrive(m.Case, 20, 20)
		r.done("director", m.Case, "begin", nil)
		// Who leaves takes along those they came for.
		r.done("clerk", m.Case, "leave_early", map[string]any{"line": 2})
		_, err = r.do("clerk", m.Case, "leave_early", map[string]any{"line": 1})
		r.wants(err, fault.Conflict, "ballot.not_here")
		_, err = r.do("director", m.Case, "put_to_vote", map[string]any{"method": "hands"})
		r.unlawful(err, "农村集体经济组织法 27(1)") // 18 are left
		r.ok(arrive(1, "self"))
		r.ok(arrive(2, "self"))
		r.done("director", m.Case, "put_to_vote", map[string]any{"method": "hands"})
	})
}

// TestEverybodyComesAtOnce: 1,200 voters at four doors, each marked at two doors at
// the same moment: everybody is present once.
func TestEverybodyComesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const voters = 1200
		r := newRig(t, d)
		r.importRoll(ballot.VillageMeeting, table(voters, "", plain))
		m, err := r.call(ballot.VillageMeeting, nil)
		r.ok(err)
		r.meetOn(meetingDay)
		var wg sync.WaitGroup
		var mu sync.Mutex
		twice, odd := 0, []error{}
		lines := make(chan int)
		for door := range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				who := r.who[[]string{"clerk", "clerk2"}[door%2]]
				for line := range lines {
					_, err := r.Cases.Do(ctx, who, casework.Asking{Case: m.Case, Act: "arrive", Values: map[string]any{"line": line, "how": "self"}})
					mu.Lock()
					if f := fault.Of(err); f != nil && f.Key == "ballot.already_here" {
						twice++
					} else if err != nil {
						odd = append(odd, err)
					}
					mu.Unlock()
				}
			}()
		}
		for line := 1; line <= voters; line++ {
			lines <- line
			if line%4 == 0 {
				lines <- line
			}
		}
		close(lines)
		wg.Wait()
		if len(odd) > 0 || twice != voters/4 {
			t.Fatalf("%d were refused as doubles, want %d; %v", twice, voters/4, odd)
		}
		r.done("director", m.Case, "begin", nil)
		if r.value(m.Case, "present") != int64(voters) || r.value(m.Case, "households_present") != int64(voters/3) {
			t.Fatalf("%v present, %v households", r.value(m.Case, "present"), r.value(m.Case, "households_present"))
		}
	})
}

// TestASittingOfSeveralMatters: the attendance stands on the first matter, and
// nobody comes or goes while any of them is voted on.
func TestASittingOfSeveralMatters(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.importRoll(ballot.VillageMeeting, table(30, "", plain))
	first, err := r.call(ballot.VillageMeeting, nil)
	r.ok(err)
	_, err = r.call(ballot.VillageMeeting, map[string]any{"sitting": first.Number, "meeting_day": (meetingDay + 1).String()})
	r.wants(err, fault.Invalid, "ballot.sitting")
	second, err := r.call(ballot.VillageMeeting, map[string]any{"sitting": first.Number, "subject": "第二件"})
	r.ok(err)
	r.meetOn(meetingDay)
	_, err = r.do("clerk", second.Case, "arrive", map[string]any{"line": 1, "how": "self"})
	r.wants(err, fault.Conflict, "ballot.attendance_elsewhere")
	r.arrive(first.Case, 1, 16)
	for _, m := range []casework.Receipt{first, second} {
		r.done("director", m.Case, "begin", nil)
	}
	r.done("director", second.Case, "put_to_vote", map[string]any{"method": "hands"})
	_, err = r.do("clerk", first.Case, "arrive", map[string]any{"line": 17, "how": "self"})
	r.wants(err, fault.Conflict, "ballot.vote_running")
	_, err = r.do("clerk", first.Case, "leave_early", map[string]any{"line": 1})
	r.wants(err, fault.Conflict, "ballot.vote_running")
	r.count(second.Case, 9, 7)
	r.done("director", second.Case, "close_vote", nil)
	r.arrive(first.Case, 17, 18)
	r.done("director", first.Case, "put_to_vote", map[string]any{"method": "hands"})
	if r.value(first.Case, "present") != int64(18) || r.value(second.Case, "present") != int64(16) {
		t.Fatal("each vote is measured against those who were there for it")
	}
	r.count(first.Case, 9, 9) // exactly half
	if got := r.done("director", first.Case, "close_vote", nil); got.State != "failed" {
		t.Fatalf("exactly half led to %s", got.State)
	}
}

// TestHeldOnPaper: a meeting of last week is entered with its signed minutes, and
// says so.
func TestHeldOnPaper(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.importRoll(ballot.VillageRepresentatives, women(24, 6, 10))
	held := today - 6
	values := r.calling(ballot.VillageRepresentatives, map[string]any{"meeting_day": held.String(), "paper": []string{"0000000000ABCDEFGHJKMNPQRS"}})
	m, err := r.Cases.Open(ctx, r.who["clerk"], casework.Opening{Procedure: "meeting", Act: "call_alone", Values: values, Happened: (held - 12).Start()})
	r.ok(err)
	if r.value(m.Case, "on_paper") != true {
		t.Fatal("it does not say that it was held on paper")
	}
	for i := 1; i <= 20; i++ {
		_, err := r.Cases.Do(ctx, r.who["clerk"], casework.Asking{Case: m.Case, Act: "arrive", Values: map[string]any{"line": i, "how": "self"}, Happened: held.Start()})
		r.ok(err)
	}
	for _, act := range []struct {
		who, act string
		values   map[string]any
	}{{"director", "begin", nil}, {"director", "put_to_vote", map[string]any{"method": "hands"}}, {"clerk", "count_first", votes("first", 11, 9, 0, 0)},
		{"clerk2", "count_second", votes("second", 11, 9, 0, 0)}, {"director", "close_vote", nil}} {
		_, err := r.Cases.Do(ctx, r.who[act.who], casework.Asking{Case: m.Case, Act: act.act, Values: act.values, Happened: held.Start()})
		r.ok(err)
	}
	r.done("clerk", m.Case, "draft_minutes", nil)
	if minutes, _ := r.value(m.Case, "minutes").(string); !strings.Contains(minutes, "补录") {
		t.Fatalf("the minutes do not say that it was entered later:\n%s", minutes)
	}
}

// TestPresenceWhileTheVoteIsPut: whoever comes between the look and the vote is
// not lost: the vote is put again.
func TestPresenceWhileTheVoteIsPut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.importRoll(ballot.VillageMeeting, table(120, "", plain))
		m, err := r.call(ballot.VillageMeeting, nil)
		r.ok(err)
		r.meetOn(meetingDay)
		r.arrive(m.Case, 1, 61)
		r.done("director", m.Case, "begin", nil)
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 62; i <= 120; i++ {
				_, err := r.do("clerk", m.Case, "arrive", map[string]any{"line": i, "how": "self"})
				if err != nil && fault.Of(err).Kind != fault.Conflict { // the vote has begun
					t.Error(err)
				}
			}
		}()
		for put := false; !put; {
			_, err := r.do("director", m.Case, "put_to_vote", map[string]any{"method": "hands"})
			switch f := fault.Of(err); {
			case err == nil:
				put = true
			case f.Key != "ballot.presence_moved":
				t.Error(err)
				put = true
			}
		}
		wg.Wait()
		var there int64
		r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM ballot_presence WHERE sitting = $1 AND gone = 0`, m.Case).Scan(&there))
		if r.value(m.Case, "present") != there {
			t.Fatalf("the vote says %v, the hall holds %d", r.value(m.Case, "present"), there)
		}
	})
}

// TestWhoRunsAMeeting: nobody of another area, nobody without a post there.
func TestWhoRunsAMeeting(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.importRoll(ballot.PartyMeeting, table(20, ",党员", func(int) string { return ",是" }))
	m, err := r.call(ballot.PartyMeeting, map[string]any{"meeting_day": today.String()})
	r.ok(err)
	for _, who := range []string{"clerk1", "h-lighting"} {
		_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: m.Case, Act: "arrive", Values: map[string]any{"line": 1, "how": "self"}})
		r.wants(err, fault.NotFound, "casework.no_case")
		_, err = r.Cases.Open(ctx, r.Actor(who), casework.Opening{Procedure: "meeting", Act: "call_alone", Values: r.calling(ballot.PartyMeeting, nil)})
		r.wants(err, fault.Forbidden, "casework.not_yours")
	}
	_, err = r.do("overseer", m.Case, "arrive", map[string]any{"line": 1, "how": "self"})
	r.wants(err, fault.Forbidden, "casework.not_yours")
	for name, line := range map[string]any{"none": 0, "beyond": 21, "a word": "x", "negative": -3} {
		if _, err := r.do("clerk", m.Case, "arrive", map[string]any{"line": line, "how": "self"}); err == nil {
			t.Errorf("line %s came", name)
		}
	}
	_, err = r.do("clerk", m.Case, "adjourn", nil) // nobody is there
	r.ok(err)
	if got := r.outcome(m.Case, "quorum"); got != "no_quorum" {
		t.Fatalf("%s", got)
	}
}
