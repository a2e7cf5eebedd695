package deliberation_test

import (
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// refusal is one way in which somebody may try to break the law, and what the house
// says to it.
type refusal struct {
	zh, en string // the step
	tried  [2]string
	norm   string             // words of the article that must be cited; "" where the house's own order refuses
	key    string             // of the fault; "" where it is an outcome that stands against the wish
	do     func(r *rig) error // tries it
}

// outcome gives what the law said to a case as if it were a refusal.
func (r *rig) outcome(id, field string) error {
	x, ok := r.get(id).Values[field].(law.Decision)
	if !ok {
		return nil
	}
	return fault.New(fault.Unmet, "casework.guard", "why", x.Sentence()).Under(x.Article)
}

func petitionRefusals() []refusal {
	const zh, en = "联名提议", "Petition"
	collected := func(r *rig, n int) string {
		p := r.petition("guide", village, "village_meeting")
		r.entered("guide", p.Case, "person", n)
		return p.Case
	}
	return []refusal{
		{zh, en, [2]string{"一百二十人的村，十一人提议就要求开村民会议", "11 of 120 villagers demand a village meeting"}, "村民委员会组织法 25(2)", "", func(r *rig) error {
			p := collected(r, 12)
			r.do("guide", p, "close_list", nil)
			r.judged("guide", p, 11)
			r.do("guide", p, "count", with(roll, "roll_people", 120))
			r.state(p, "too_few")
			return r.outcome(p, "outcome")
		}},
		{zh, en, [2]string{"同一个人签两次", "The same person signs twice"}, "", "deliberation.signed_already", func(r *rig) error {
			p := collected(r, 1)
			return r.try("guide", p, "sign", map[string]any{"signer": " 签名人 0", "household": "第0户", "capacity": "person"})
		}},
		{zh, en, [2]string{"签名没有核对完就计算", "Counting before every signature was checked"}, "", "deliberation.not_judged", func(r *rig) error {
			p := collected(r, 2)
			r.do("guide", p, "close_list", nil)
			return r.try("guide", p, "count", roll)
		}},
		{zh, en, [2]string{"村委会的人查看谁签了名", "Somebody of the committee looks who signed"}, "", "deliberation.no_topic", func(r *rig) error {
			_, _, err := r.delib.Signatures(ctx, r.who["director"], collected(r, 1), "想知道是谁", 0, 10)
			return err
		}},
		{zh, en, [2]string{"认定签名无效而不写原因", "A signature is struck without a reason"}, "", "casework.guard", func(r *rig) error {
			p := collected(r, 1)
			r.do("guide", p, "close_list", nil)
			_, list, err := r.delib.Signatures(ctx, r.who["guide"], p, "", 0, 10)
			r.ok(err)
			return r.try("guide", p, "judge", map[string]any{"signature": list[0].Act, "verdict": "invalid"})
		}},
		{zh, en, [2]string{"人数已够，村委会不开会，直接作罢", "The signatures are enough and the committee drops the matter"}, "25(2)", "casework.guard", func(r *rig) error {
			p := collected(r, 12)
			r.do("guide", p, "close_list", nil)
			r.judged("guide", p, 12)
			r.do("guide", p, "count", with(roll, "roll_people", 120))
			r.do("guide", p, "oblige", map[string]any{"committee": "village", "matter": "public_works"})
			c, _, err := r.cases.Seen(ctx, r.who["guide"], p)
			r.ok(err)
			rows, _, err := r.cases.List(ctx, r.who["director"], casework.Filter{Procedure: "four-steps", Field: "source", Value: "petition"})
			r.ok(err)
			for _, row := range rows {
				if row.Case.Parent == c.ID {
					return r.try("director", row.ID, "drop", map[string]any{"reason": "不开了"})
				}
			}
			return nil
		}},
	}
}

func consultationRefusals() []refusal {
	const zh, en = "协商", "Consultation"
	return []refusal{
		{zh, en, [2]string{"意见没有审看完就写结果", "Concluding over statements nobody looked at"}, "", "deliberation.held", func(r *rig) error {
			c := r.topic()
			_, err := r.delib.Say(ctx, r.get(c).Number, "先修东边那段", "")
			r.ok(err)
			r.do("clerk", c, "record", map[string]any{"minutes": "大家商量了。", "present": 20})
			return r.try("director", c, "conclude", map[string]any{"result": "先修东边"})
		}},
		{zh, en, [2]string{"没有开协商会就写结果", "Concluding without a meeting"}, "33", "casework.guard", func(r *rig) error {
			c := r.topic()
			r.do("clerk", c, "end_statements", nil)
			return r.try("director", c, "conclude", map[string]any{"result": "就这样"})
		}},
		{zh, en, [2]string{"不公开一条意见而不写原因", "Hiding a statement without a reason"}, "", "casework.guard", func(r *rig) error {
			c := r.topic()
			said, err := r.delib.Say(ctx, r.get(c).Number, "主任不公道", "")
			r.ok(err)
			return r.try("clerk", c, "moderate", map[string]any{"statement_ref": said.ID, "ruling": "hide"})
		}},
		{zh, en, [2]string{"意见里带着别人的电话", "A statement with somebody's telephone"}, "", "deliberation.private", func(r *rig) error {
			_, err := r.delib.Say(ctx, r.get(r.topic()).Number, "找他，电话13900001111", "")
			return err
		}},
		{zh, en, [2]string{"协商结果只公开十四天", "The result stands for fourteen days"}, "35(4)", "casework.clock_ended", func(r *rig) error {
			c := r.topic()
			r.do("clerk", c, "record", map[string]any{"minutes": "大家商量了。", "present": 20})
			r.do("director", c, "conclude", map[string]any{"result": "先修东边"})
			r.do("director", c, "publish_result", nil)
			r.days(14)
			return r.try("director", c, "close", nil)
		}},
	}
}

func stepRefusals() []refusal {
	const zh1, en1, zh2, en2, zh3, en3 = "① 提议", "1 Proposal", "② 商议", "2 Two committees", "③ 审议", "3 Party members"
	late := func(r *rig) error {
		id := r.matter("raised")
		r.clk.Advance(48 * time.Hour)
		return r.tryOn("secretary", id, "propose", proposal, r.clk.Now().Add(-24*time.Hour))
	}
	return []refusal{
		{"提出事项", "Raising", [2]string{"把集体资产的事交给村民会议", "Collective assets are put before the villagers' meeting"}, "农村集体经济组织法 26(1)", "deliberation.collective", func(r *rig) error {
			_, err := r.cases.Open(ctx, r.who["clerk"], casework.Opening{Procedure: "four-steps", Act: "raise", Values: with(raising, "matter", "collective")})
			return err
		}},
		{zh1, en1, [2]string{"党组织没有研究，直接开会", "Calling the meeting before the Party organisation discussed it"}, "村民委员会组织法 28", "casework.wrong_state", func(r *rig) error {
			return r.try("clerk", r.matter("raised"), "call_meeting", r.calling("village_meeting", 10))
		}},
		{zh1, en1, [2]string{"领导代替党组织书记提议", "A leader proposes in place of the Party secretary"}, "", "casework.not_yours", func(r *rig) error {
			return r.try("leader", r.matter("raised"), "propose", proposal)
		}},
		{zh1, en1, [2]string{"补录提议而没有签字的纸", "A proposal entered later without the signed paper"}, "", "deliberation.paper", late},
		{zh1, en1, [2]string{"同意的人比到会的人多", "More in favour than were present"}, "", "deliberation.heads", func(r *rig) error {
			return r.try("secretary", r.matter("raised"), "propose", with(proposal, "proposed_favour", 7))
		}},
		{zh1, en1, [2]string{"六人到会，三人同意，算作提议", "3 of 6 present in favour are said to propose it"}, "", "deliberation.not_agreed", func(r *rig) error {
			return r.try("secretary", r.matter("raised"), "propose", with(proposal, "proposed_favour", 3))
		}},
		{zh2, en2, [2]string{"跳过商议，直接审议", "Reviewing without the two committees"}, "条例 19", "casework.wrong_state", func(r *rig) error {
			return r.try("secretary", r.matter("proposed"), "review", review)
		}},
		{zh2, en2, [2]string{"商议的日子早于提议", "The two committees met before the proposal"}, "", "casework.before_last", func(r *rig) error {
			id := r.matter("proposed")
			return r.tryOn("director", id, "consult", with(talk, "consulted_paper", []string{"01ARZ3NDEKTSV4RRFFQ69G5FAV"}), r.clk.Now().Add(-time.Hour))
		}},
		{zh3, en3, [2]string{"跳过审议，直接开会", "Calling the meeting without the review"}, "村民委员会组织法 28", "casework.wrong_state", func(r *rig) error {
			return r.try("clerk", r.matter("consulted"), "call_meeting", r.calling("village_meeting", 10))
		}},
		{zh3, en3, [2]string{"四十名党员，恰好一半到会", "Exactly half of forty Party members are present"}, "条例 19", "casework.law", func(r *rig) error {
			return r.try("secretary", r.matter("consulted"), "review", with(review, "reviewed_members", 40, "reviewed_present", 20, "reviewed_favour", 20))
		}},
		{zh3, en3, [2]string{"四十名党员，恰好一半赞成", "Exactly half of forty Party members are in favour"}, "条例 19", "casework.law", func(r *rig) error {
			return r.try("secretary", r.matter("consulted"), "review", with(review, "reviewed_members", 40, "reviewed_present", 30, "reviewed_favour", 20))
		}},
	}
}

func callRefusals() []refusal {
	const zh, en = "④ 召集会议", "4 Calling the meeting"
	return []refusal{
		{zh, en, [2]string{"没有授权，由代表会议决定公益事业", "The representatives decide on public works without a delegation"}, "村民委员会组织法 28(1)", "casework.law", func(r *rig) error {
			id := r.open("clerk", "four-steps", "raise", with(raising, "matter", "planning")).Case
			return r.try("clerk", r.walk(id, "reviewed"), "call_meeting", r.calling("village_representatives", 10))
		}},
		{zh, en, [2]string{"提前九天通知村民会议，没有写明特殊情况", "The village meeting is called nine days before, without a recorded reason"}, "村民委员会组织法 25(2)", "casework.law", func(r *rig) error {
			return r.try("clerk", r.matter("reviewed"), "call_meeting", r.calling("village_meeting", 9))
		}},
		{zh, en, [2]string{"把会期定在昨天", "The meeting is set to yesterday"}, "", "ballot.day_past", func(r *rig) error {
			return r.try("clerk", r.matter("reviewed"), "call_meeting", r.calling("village_meeting", -1))
		}},
		{zh, en, [2]string{"村里的事由居民会议决定", "A residents' meeting decides for a village"}, "28", "deliberation.body", func(r *rig) error {
			return r.try("clerk", r.matter("reviewed"), "call_meeting", r.calling("residents_meeting", 10))
		}},
		{zh, en, [2]string{"登记一份村民会议没有作过的授权", "Entering a delegation that the village meeting never gave"}, "28(2)", "deliberation.delegation", func(r *rig) error {
			_, err := r.cases.Open(ctx, r.who["clerk"], casework.Opening{Procedure: "delegation", Act: "record", Values: map[string]any{"village": village, "subject": "x", "matters": []string{"planning"},
				"from": "2026-01-01", "until": "2027-01-01", "decision": r.get(r.matter("raised")).Number}})
			return err
		}},
	}
}

func meetingRefusals() []refusal {
	const zh, en = "④ 会议", "4 The meeting"
	session := func(r *rig, present int) string {
		m := r.called(r.matter("reviewed"), "village_representatives")
		r.meet(m, present)
		return m
	}
	return []refusal{
		{zh, en, [2]string{"四十五人应到，二十九人到会就开会", "Opening with 29 of 45"}, "村民委员会组织法 30(2)", "casework.law", func(r *rig) error {
			return r.try("director", session(r, 29), "begin", nil)
		}},
		{zh, en, [2]string{"三十二人到会，十六人赞成，算通过", "16 of 32 present in favour are said to carry it"}, "村民委员会组织法 30(2)", "", func(r *rig) error {
			m := session(r, 32)
			r.vote(m, 16, 16)
			r.state(m, "failed")
			return r.outcome(m, "outcome")
		}},
		{zh, en, [2]string{"一个人计两次票", "One person counts twice"}, "", "casework.own_work", func(r *rig) error {
			m := session(r, 30)
			r.do("director", m, "begin", nil)
			r.do("director", m, "put_to_vote", map[string]any{"method": "hands"})
			r.do("clerk", m, "count_first", map[string]any{"first_for": 20, "first_against": 10, "first_abstained": 0, "first_void": 0})
			return r.try("clerk", m, "count_second", map[string]any{"second_for": 20, "second_against": 10, "second_abstained": 0, "second_void": 0})
		}},
		{zh, en, [2]string{"票数比到会的人多", "More votes than people present"}, "", "ballot.too_many_votes", func(r *rig) error {
			m := session(r, 30)
			r.do("director", m, "begin", nil)
			r.do("director", m, "put_to_vote", map[string]any{"method": "hands"})
			return r.try("clerk", m, "count_first", map[string]any{"first_for": 31, "first_against": 0, "first_abstained": 0, "first_void": 0})
		}},
		{zh, en, [2]string{"表决结束以后再计票", "A vote after it was closed"}, "", "casework.wrong_state", func(r *rig) error {
			m := session(r, 30)
			r.vote(m, 20, 10)
			return r.try("clerk", m, "count_first", map[string]any{"first_for": 30, "first_against": 0, "first_abstained": 0, "first_void": 0})
		}},
		{zh, en, [2]string{"决议正文与表决的文本不同", "The resolution is not the text that was voted on"}, "", "ballot.text_differs", func(r *rig) error {
			m := session(r, 30)
			r.vote(m, 20, 10)
			r.do("clerk", m, "draft_minutes", nil)
			r.do("director", m, "sign_minutes", nil)
			return r.try("overseer", m, "confirm", map[string]any{"resolution": "同意修水渠，用公益金五万元。"})
		}},
	}
}

func publicationRefusals() []refusal {
	const zh1, en1, zh2, en2 = "一公开：决议", "First publication", "二公开：结果", "Second publication"
	done := map[string]any{"result": "修好三处，通水了。", "money_spent": 2_950_050}
	return []refusal{
		{zh1, en1, [2]string{"会议没有决议就公开决议", "Publishing a decision that was not taken"}, "村民委员会组织法 35", "casework.wrong_state", func(r *rig) error {
			return r.try("clerk", r.matter("reviewed"), "post_decision", nil)
		}},
		{zh1, en1, [2]string{"公开的文本改了一个数", "The text that is posted has another number"}, "村民委员会组织法 35", "deliberation.other_text", func(r *rig) error {
			return r.try("clerk", r.decided(), "post_decision", map[string]any{"posted_text": "同意修水渠，用公益金五万元。"})
		}},
		{zh1, en1, [2]string{"撤销已经公开的决议公告", "Taking back the publication of a decision"}, "", "casework.annul_published", func(r *rig) error {
			id := r.decided()
			r.do("clerk", id, "post_decision", nil)
			_, err := r.cases.Do(ctx, r.who["leader"], casework.Asking{Case: id, Act: casework.ActAnnul, Reason: "不想公开了"})
			return err
		}},
		{zh2, en2, [2]string{"没有办完就公开结果", "Publishing a result before it is done"}, "村民委员会组织法 35", "casework.wrong_state", func(r *rig) error {
			return r.try("clerk", r.carriedOut(), "post_result", nil)
		}},
		{zh2, en2, [2]string{"公布的合计与各笔不符", "The sum that is published is not that of its entries"}, "", "deliberation.money", func(r *rig) error {
			return r.try("director", r.carriedOut(), "finish", with(done, "money_spent", 3_000_000))
		}},
		{zh2, en2, [2]string{"结果只公开十四天", "The result stands for fourteen days"}, "35(4)", "casework.clock_ended", func(r *rig) error {
			id := r.carriedOut()
			r.do("director", id, "finish", done)
			r.do("clerk", id, "post_result", nil)
			r.days(14)
			return r.try("director", id, "close", nil)
		}},
	}
}

func collectiveRefusals() []refusal {
	const zh, en = "集体经济组织", "Collective"
	raised := func(r *rig, matter string) string {
		return r.open("clerk", "collective-decision", "raise", map[string]any{"village": village, "subject": "分配土地补偿费", "about": "征地补偿款怎样分。", "matter": matter}).Case
	}
	plan := map[string]any{"resolution": "按人平均分配。", "directors": 5, "present": 4, "in_favour": 3}
	return []refusal{
		{zh, en, [2]string{"党组织没有研究，理事会直接提出方案", "The board puts its plan forward before the Party organisation discussed it"}, "农村集体经济组织法 31", "casework.wrong_state", func(r *rig) error {
			return r.try("director", raised(r, "compensation_distribution"), "plan", plan)
		}},
		{zh, en, [2]string{"七名理事到会五人，三人同意，算通过", "3 of 7 directors in favour are said to carry the plan"}, "农村集体经济组织法 31", "casework.law", func(r *rig) error {
			id := raised(r, "compensation_distribution")
			r.do("secretary", id, "discuss", map[string]any{"discussed_members": 7, "discussed_present": 6})
			return r.try("director", id, "plan", with(plan, "directors", 7, "present", 5, "in_favour", 3))
		}},
		{zh, en, [2]string{"由成员代表大会分配土地补偿费", "The delegates distribute compensation for land"}, "农村集体经济组织法 28(4)", "casework.law", func(r *rig) error {
			id := raised(r, "compensation_distribution")
			r.delegates()
			r.do("secretary", id, "discuss", map[string]any{"discussed_members": 7, "discussed_present": 6})
			r.do("director", id, "plan", plan)
			return r.try("clerk", id, "call_meeting", map[string]any{"body": "collective_delegates", "meeting_day": (r.clk.Now().Day() + 12).String(), "resolution": "按人平均分配。"})
		}},
	}
}

// Every way in which the law can be broken at each step is tried through the real
// engine and refused under its article; docs/refusals.md is the list as a lawyer
// reads it.
func TestRefusals(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.representatives()
	r.delegation()
	r.villagers(120)
	list := caseworktest.NewRefusals(t, "deliberation", r.book)
	for _, rows := range [][]refusal{petitionRefusals(), consultationRefusals(), stepRefusals(), callRefusals(), meetingRefusals(), publicationRefusals(), collectiveRefusals()} {
		for _, row := range rows {
			list.Tried([2]string{row.zh, row.en}, row.tried, row.norm, row.key, row.do(r))
		}
	}
	list.Hold()
}

// topic is an open consultation.
func (r *rig) topic() string {
	r.t.Helper()
	return r.open("clerk", "consultation", "announce", map[string]any{"village": village, "subject": "水渠先修哪一段", "about": "钱只够修一段，大家商量先修哪里。", "way": "council",
		"invited": "水渠两边的村民、村民代表", "period": "10 days"}).Case
}
