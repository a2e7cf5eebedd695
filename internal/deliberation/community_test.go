package deliberation_test

import (
	"fmt"
	"strings"
	"testing"

	"linli/internal/ballot"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// residents takes the rig to a community: who worked for the village works for it,
// and there are rolls of 60 residents in 20 households and of 45 representatives.
func (r *rig) residents() {
	r.t.Helper()
	for _, who := range []string{"clerk", "clerk2", "director", "secretary", "overseer"} {
		r.who[who] = r.who["r"+who]
	}
	yes := map[bool]string{true: "是", false: "否"}
	var all, chosen strings.Builder
	all.WriteString("姓名,户号,小组,是否成年,户代表\n")
	for i := range 60 {
		fmt.Fprintf(&all, "示例%c,%d,第1组,是,%s\n", '一'+rune(i), i/3+1, yes[i%3 == 0])
	}
	chosen.WriteString("姓名,代表,委员会成员,妇女\n")
	for i := range 45 {
		fmt.Fprintf(&chosen, "示例%c,%s,%s,%s\n", '一'+rune(i), yes[i < 40], yes[i >= 40], yes[i < 15])
	}
	for body, data := range map[ballot.Body]string{ballot.ResidentsMeeting: all.String(), ballot.ResidentsRepresentatives: chosen.String()} {
		if _, report, err := r.ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: community, Body: body, File: "名册.csv", Data: []byte(data)}); err != nil {
			r.t.Fatalf("%v %+v", err, report)
		}
	}
}

// The four steps and two publications of a community: its representatives miss two
// thirds by one, half of those present is not more than half, and what they carry
// in the end is published, done, published again and closed.
func TestFourStepsOfACommunity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.residents()
		id := r.open("clerk", "four-steps", "raise", with(raising, "village", community, "subject", "装充电桩")).Case
		r.walk(id, "reviewed")
		r.refused("clerk", id, "call_meeting", r.calling("village_representatives", 10), "deliberation.body", "城市居民委员会组织法 30")
		m := r.called(id, "residents_representatives")
		r.meet(m, 29)
		r.refused("director", m, "begin", nil, "casework.law", "城市居民委员会组织法 29")
		r.meet(m, 30)
		r.vote(m, 15, 15)
		r.state(m, "failed")
		r.do("clerk", m, "draft_minutes", nil)
		r.do("director", m, "sign_minutes", nil)
		r.do("overseer", m, "confirm_failed", nil)
		r.state(id, "not_carried")
		r.reads("/matters/"+r.get(id).Number, "没有通过", "城市居民委员会组织法 29")

		r.do("director", id, "again", map[string]any{"reason": "改少两个"})
		r.walk(id, "reviewed")
		r.hold(r.called(id, "residents_representatives"), 30, 16, "passed")
		r.carry(id)
		r.reads("/matters/"+r.get(id).Number, "已办结", "城市居民委员会组织法 29", "一公开")
		r.verify()
	})
}

// carry takes a decided matter of four steps to its end.
func (r *rig) carry(id string) {
	r.t.Helper()
	r.do("clerk", id, "post_decision", nil)
	r.do("director", id, "begin", map[string]any{"plan": "下月动工"})
	r.do("clerk", id, "progress", map[string]any{"milestone": "装好", "spent": 800_000})
	r.do("director", id, "finish", map[string]any{"result": "装了六个。", "money_spent": 800_000})
	r.do("clerk", id, "post_result", nil)
	r.days(14)
	r.refused("director", id, "close", nil, "casework.clock_ended", "城市居民委员会组织法 34")
	r.days(2)
	r.do("director", id, "close", nil)
}

// A residents' meeting meets with more than half of the adults or of the households;
// half of them is not enough.
func TestAResidentsMeeting(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.residents()
	id := r.open("clerk", "four-steps", "raise", with(raising, "village", community)).Case
	m := r.called(r.walk(id, "reviewed"), "residents_meeting")
	r.meet(m, 30) // of 60, from ten of twenty households
	r.refused("director", m, "begin", nil, "casework.law", "城市居民委员会组织法 27")
	r.hold(m, 31, 16, "passed")
	r.state(id, "decided")
}

// What a collective decides has its page too, from the Party's discussion to the
// members' two thirds.
func TestACollectivesMatterHasItsPage(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	var roll strings.Builder
	roll.WriteString("姓名,户号,是否成年,完全民事行为能力\n")
	for i := range 30 {
		fmt.Fprintf(&roll, "示例%c,%d,是,是\n", '一'+rune(i), i+1)
	}
	r.roll(ballot.CollectiveAssembly, roll.String())
	id := r.open("clerk", "collective-decision", "raise", map[string]any{"village": village, "subject": "分配土地补偿费", "about": "征地补偿款怎样分。", "matter": "compensation_distribution"}).Case
	at := "/matters/" + r.get(id).Number
	r.reads(at, "党组织研究讨论", "分配土地补偿费")
	r.reads("/topics?kind=collective-decision&area="+village, at)
	r.do("secretary", id, "discuss", map[string]any{"discussed_members": 7, "discussed_present": 6})
	r.do("director", id, "plan", map[string]any{"resolution": "按人平均分配。", "directors": 5, "present": 4, "in_favour": 3})
	r.reads(at, "农村集体经济组织法 31", "召集成员大会")
	r.do("clerk", id, "call_meeting", map[string]any{"body": "collective_assembly", "meeting_day": (r.clk.Now().Day() + 12).String(), "resolution": "按人平均分配。"})
	m := r.meeting(id)
	r.meet(m, 19)
	r.refused("director", m, "begin", nil, "casework.law", "农村集体经济组织法 27")
	r.meet(m, 20)
	r.vote(m, 20, 0)
	r.do("clerk", m, "draft_minutes", nil)
	r.do("director", m, "sign_minutes", nil)
	r.do("overseer", m, "confirm", nil)
	r.do("clerk", id, "post_decision", nil)
	r.reads(at, "按人平均分配。", "成员大会决定")
	if w := r.ask("GET", at+"/resolution", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "%PDF") {
		t.Errorf("its sheet: %d", w.Code)
	}
	if c := r.get(id); c.Values["outcome"] == nil {
		t.Error("the matter keeps nothing of what the law said")
	}
}
