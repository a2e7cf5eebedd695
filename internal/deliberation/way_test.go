package deliberation_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// representatives imports the roll of the representatives' meeting: 40 of them,
// with 15 women, and 5 members of the committee.
func (r *rig) representatives() {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("姓名,代表,委员会成员,妇女\n")
	yes := map[bool]string{true: "是", false: "否"}
	for i := range 45 {
		fmt.Fprintf(&b, "示例%c,%s,%s,%s\n", '一'+rune(i), yes[i < 40], yes[i >= 40], yes[i < 15])
	}
	r.roll(ballot.VillageRepresentatives, b.String())
}

// villagers imports the roll of the village meeting.
func (r *rig) villagers(n int) {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("姓名,户号,小组,是否成年,户代表\n")
	for i := range n {
		fmt.Fprintf(&b, "示例%c%c,%d,第1组,是,%s\n", '一'+rune(i%50), '一'+rune(i/50), i/3+1, map[bool]string{true: "是", false: "否"}[i%3 == 0])
	}
	r.roll(ballot.VillageMeeting, b.String())
}

// delegates imports a roll of the collective's delegates.
func (r *rig) delegates() {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("姓名,户号,代表,妇女\n")
	for i := range 25 {
		fmt.Fprintf(&b, "示例%c,%d,是,%s\n", '一'+rune(i), i+1, map[bool]string{true: "是", false: "否"}[i%3 == 0])
	}
	r.roll(ballot.CollectiveDelegates, b.String())
}

func (r *rig) roll(b ballot.Body, data string) {
	r.t.Helper()
	_, report, err := r.ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: village, Body: b, File: "名册.csv", Data: []byte(data)})
	if err != nil {
		r.t.Fatalf("%v %+v", err, report)
	}
}

// with are values with some of them changed; nil takes one out.
func with(v map[string]any, change ...any) map[string]any {
	out := map[string]any{}
	for k, x := range v {
		out[k] = x
	}
	for i := 0; i+1 < len(change); i += 2 {
		if out[change[i].(string)] = change[i+1]; change[i+1] == nil {
			delete(out, change[i].(string))
		}
	}
	return out
}

var (
	raising  = map[string]any{"village": village, "subject": "修村里的水渠", "about": "水渠塌了三处。", "source": "party", "matter": "public_works"}
	proposal = map[string]any{"resolution": "同意修水渠，用公益金三万元。", "proposed_members": 7, "proposed_present": 6, "proposed_favour": 6}
	talk     = map[string]any{"consulted_members": 9, "consulted_present": 8, "consulted_favour": 8}
	review   = map[string]any{"reviewed_members": 41, "reviewed_present": 30, "reviewed_favour": 25}
)

// calling are the values by which a meeting is called so many days ahead.
func (r *rig) calling(body string, days int) map[string]any {
	return map[string]any{"body": body, "meeting_day": (r.clk.Now().Day() + clock.Day(days)).String(), "resolution": "同意修水渠，用公益金三万元。"}
}

// matter goes with a matter to a state: raised, proposed, consulted or reviewed.
func (r *rig) matter(to string) string {
	r.t.Helper()
	id := r.open("clerk", "four-steps", "raise", raising).Case
	return r.walk(id, to)
}

func (r *rig) walk(id, to string) string {
	r.t.Helper()
	for _, step := range []struct {
		from, who, act string
		values         map[string]any
	}{{"raised", "secretary", "propose", proposal}, {"proposed", "director", "consult", talk}, {"consulted", "secretary", "review", review}} {
		if now := r.get(id).State; now == to || now != step.from {
			continue
		}
		r.do(step.who, id, step.act, step.values)
	}
	r.state(id, to)
	return id
}

// delegation records that the village meeting delegated public works, by a matter
// that it carried itself.
func (r *rig) delegation() string {
	r.t.Helper()
	id := r.matter("reviewed")
	r.villagers(12)
	m := r.called(id, "village_meeting")
	r.hold(m, 7, 5, "passed")
	d := r.open("clerk", "delegation", "record", map[string]any{"village": village, "subject": "授权代表会议决定公益事业", "matters": []string{"public_works"},
		"from": r.clk.Now().Day().String(), "until": (r.clk.Now().Day() + 365).String(), "decision": r.get(id).Number}).Case
	r.do("director", d, "confirm", nil)
	return d
}

// called calls the meeting ten days ahead and gives its case.
func (r *rig) called(id, body string) string {
	r.t.Helper()
	r.do("clerk", id, "call_meeting", r.calling(body, 10))
	return r.meeting(id)
}

// meeting is the newest meeting of a matter.
func (r *rig) meeting(id string) string {
	r.t.Helper()
	v, err := r.cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	list := slices.DeleteFunc(v.Children, func(c casework.Child) bool { return c.Procedure != "meeting" })
	if len(list) == 0 {
		r.t.Fatal("no meeting was called")
	}
	return list[len(list)-1].ID
}

// meet goes to the day of a meeting and has the first so many arrive.
func (r *rig) meet(m string, present int) {
	r.t.Helper()
	day, err := clock.ParseDay(r.get(m).Values.Text("meeting_day"))
	r.ok(err)
	if at := day.Start().Add(9 * time.Hour); r.clk.Now() < at {
		r.clk.Set(at)
	}
	for i := 1; i <= present; i++ {
		if err := r.try("clerk", m, "arrive", map[string]any{"line": i, "how": "self"}); err != nil && !strings.Contains(err.Error(), "already_here") {
			r.t.Fatal(err)
		}
	}
}

// vote has two people count.
func (r *rig) vote(m string, favour, against int) {
	r.t.Helper()
	r.do("director", m, "begin", nil)
	r.do("director", m, "put_to_vote", map[string]any{"method": "hands"})
	r.do("clerk", m, "count_first", map[string]any{"first_for": favour, "first_against": against, "first_abstained": 0, "first_void": 0})
	r.do("clerk2", m, "count_second", map[string]any{"second_for": favour, "second_against": against, "second_abstained": 0, "second_void": 0})
	r.do("director", m, "close_vote", nil)
}

// hold holds a meeting from the door to its confirmed minutes.
func (r *rig) hold(m string, present, favour int, want string) {
	r.t.Helper()
	r.meet(m, present)
	r.vote(m, favour, present-favour)
	r.state(m, want)
	r.do("clerk", m, "draft_minutes", nil)
	r.do("director", m, "sign_minutes", nil)
	if want == "passed" {
		r.do("overseer", m, "confirm", nil)
	} else {
		r.do("overseer", m, "confirm_failed", nil)
	}
}

// decided is a matter that the representatives carried.
func (r *rig) decided() string {
	r.t.Helper()
	id := r.matter("reviewed")
	r.hold(r.called(id, "village_representatives"), 31, 20, "passed")
	r.state(id, "decided")
	return id
}

// carriedOut is a decided matter whose decision was published and which is done.
func (r *rig) carriedOut() string {
	r.t.Helper()
	id := r.decided()
	r.do("clerk", id, "post_decision", nil)
	r.do("director", id, "begin", map[string]any{"plan": "12月动工"})
	r.do("clerk", id, "progress", map[string]any{"milestone": "挖好基槽", "spent": 1_000_000})
	r.do("clerk", id, "progress", map[string]any{"milestone": "砌好渠壁", "spent": 1_950_050})
	return id
}
