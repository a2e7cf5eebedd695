package selfrule_test

import (
	"testing"

	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
)

// try does an act that ought to be refused.
func (r *rig) try(who, id, act string, values map[string]any) error {
	_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	return err
}

// drafted is a text of a kind, brought as far as the check.
func (r *rig) drafted(kind string) string {
	r.t.Helper()
	got, err := r.open("clerk3", "covenant", "draft", map[string]any{"village": village, "kind": kind, "subject": "石桥村的规矩", "text": rules})
	r.ok(err)
	return got.Case
}

// submitted is a text that waits for the township.
func (r *rig) submitted(kind string) string {
	id := r.drafted(kind)
	r.do("clerk3", id, "submit", nil)
	return id
}

// Every way in which rules, charters and the supervision committee may go against
// the law is tried and refused.
func TestRefusals(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.roll()
	list := caseworktest.NewRefusals(t, "selfrule", r.Words())
	r.covenants(list)
	r.seats(list)
	r.reports(list)
	list.Hold()
}

func (r *rig) covenants(list *caseworktest.Refusals) {
	draft, check, meeting, file := [2]string{"起草", "Draft"}, [2]string{"合法性审查", "Legality check"}, [2]string{"会议表决", "The meeting"}, [2]string{"备案和公布", "Filing and publication"}
	calling := func(body, matter string, days clock.Day) map[string]any {
		return map[string]any{"body": body, "matter": matter, "meeting_day": (r.Hand.Now().Day() + days).String()}
	}

	_, err := r.open("clerk3", "covenant", "draft", map[string]any{"village": village, "kind": "residents_covenant", "subject": "居民公约", "text": rules})
	list.Tried(draft, [2]string{"村里起草居民公约", "A village drafts a residents' covenant"}, "", "selfrule.kind", err)
	list.Tried(meeting, [2]string{"没有送乡镇审查，直接开会表决", "The meeting is called before the township has checked the text"}, "村民委员会组织法 31", "casework.wrong_state",
		r.try("clerk3", r.drafted("village_rules"), "call_meeting", calling("village_meeting", "covenant", 12)))

	id := r.submitted("village_rules")
	list.Tried(check, [2]string{"村主任自己审查通过", "The head of the village passes the check himself"}, "", "casework.not_yours", r.try("director3", id, "pass_check", fits))
	r.Employ("both", "clerk", "v-shiqiao", "")
	_, err = r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "both", Unit: "shiqiao", Kind: "township-affairs"})
	r.ok(err)
	own := r.drafted("village_rules")
	r.do("both", own, "submit", nil)
	list.Tried(check, [2]string{"送审的人自己审查", "Who sent it in checks it"}, "", "casework.own_work", r.try("both", own, "pass_check", fits))
	list.Tried(check, [2]string{"规定罚款，仍然审查通过", "A text that fines people is passed"}, "村民委员会组织法 31", "selfrule.point", r.try("guide", id, "pass_check", but(fits, "p_property", "conflicts")))
	list.Tried(check, [2]string{"与法律抵触，仍然审查通过", "A text that conflicts with law is passed"}, "村民委员会组织法 31", "selfrule.point", r.try("guide", id, "pass_check", but(fits, "p_law", "conflicts")))
	list.Tried(check, [2]string{"少看一项就审查通过", "One point is passed over"}, "", "casework.missing_field", r.try("guide", id, "pass_check", map[string]any{"p_law": "fits"}))
	charter := r.submitted("village_charter")
	list.Tried(check, [2]string{"章程没有写党组织的领导作用，仍然审查通过", "A charter without the Party organisation's leading role is passed"}, "村民委员会组织法 31", "selfrule.point", r.try("guide", charter, "pass_check", fits))
	list.Tried(check, [2]string{"章程没有写怎样修改，仍然审查通过", "A charter that does not say how it is changed is passed"}, "村民委员会组织法 31", "selfrule.point", r.try("guide", charter, "pass_check", but(fits, "p_party", "stands")))

	r.do("guide", id, "pass_check", fits)
	list.Tried(meeting, [2]string{"由代表会议决定村规民约", "The representatives decide on the rules of the village"}, "", "procedure.value_choice", r.try("clerk3", id, "call_meeting", calling("village_representatives", "covenant", 12)))
	list.Tried(meeting, [2]string{"由居民会议决定村规民约", "A residents' meeting decides on the rules of a village"}, "31", "selfrule.body", r.try("clerk3", id, "call_meeting", calling("residents_meeting", "covenant", 12)))
	list.Tried(meeting, [2]string{"把村规民约当作集体经济组织章程来表决", "The rules of the village are put to the vote as the collective's charter"}, "", "selfrule.matter", r.try("clerk3", id, "call_meeting", calling("village_meeting", "charter", 12)))
	list.Tried(meeting, [2]string{"提前九天通知，没有写明特殊情况", "The meeting is called nine days before, without a recorded reason"}, "村民委员会组织法 25(2)", "casework.law", r.try("clerk3", id, "call_meeting", calling("village_meeting", "covenant", 9)))
	list.Tried(file, [2]string{"会议没有通过就公布", "It is published before the meeting decided"}, "村民委员会组织法 31", "casework.wrong_state", r.try("clerk3", id, "file", nil))
	r.meet(id, rules+"\n四、邻里互助。")
	list.Tried(file, [2]string{"会上改了文本，不重新审查就公布", "The meeting changed the text, and it is published unchecked"}, "村民委员会组织法 31", "casework.wrong_state", r.try("director3", id, "file", nil))
	r.do("guide", id, "pass_again", fits)
	r.do("director3", id, "file", nil)
	r.do("guide", id, "order_correction", map[string]any{"order": "第三条请写明不得罚款。"})
	list.Tried(file, [2]string{"责令改正以后当作没有公布过撤回", "Ordered to be corrected, it is withdrawn as if it had never been published"}, "", "casework.wrong_state", r.try("clerk3", id, "withdraw", map[string]any{"reason": "不要了"}))
	r.do("clerk3", id, "correct", map[string]any{"text": rules})
	list.Tried(file, [2]string{"改正时撤回已经公布的文本", "A published text is withdrawn while it is corrected"}, "", "selfrule.published", r.try("clerk3", id, "withdraw", map[string]any{"reason": "不要了"}))
}

func (r *rig) seats(list *caseworktest.Refusals) {
	step := [2]string{"监督委员会成员", "Seat on the supervision committee"}
	const norm = "村民委员会组织法 37(1)"
	said := map[string]any{"village": village, "subject": "周某", "role": "member", "member": "no", "relation": "none", "signed": "self"}
	declare := func(field string, value any) error {
		_, err := r.open("clerk3", "supervision-seat", "declare", but(said, field, value))
		return err
	}
	list.Tried(step, [2]string{"村主任的配偶进入监督委员会", "The spouse of a member of the committee"}, norm, "casework.guard", declare("relation", "spouse"))
	list.Tried(step, [2]string{"村主任的孙子女进入监督委员会", "A grandchild of a member of the committee"}, norm, "casework.guard", declare("relation", "grandchild"))
	list.Tried(step, [2]string{"村委会成员自己进入监督委员会", "A member of the committee"}, norm, "casework.guard", declare("member", "yes"))
	list.Tried(step, [2]string{"申报“不是成员”，姓名却在村委会名单里", "Declared to be no member, but the name stands among them"}, norm, "selfrule.is_member", declare("subject", "石桥村主任"))
	list.Tried(step, [2]string{"没有本人签名的申报", "A declaration that the person has not signed"}, "", "casework.missing_field", declare("signed", ""))
	got, err := r.open("clerk3", "supervision-seat", "declare", said)
	r.ok(err)
	list.Tried(step, [2]string{"没有经过会议推选就到任", "Taking the seat without having been chosen"}, norm, "casework.wrong_state", r.try("guide", got.Case, "seat", map[string]any{"member": "no", "relation": "none"}))
	list.Tried(step, [2]string{"会议推选没有会议记录", "Chosen, without the minutes"}, "", "casework.missing_field", r.try("clerk3", got.Case, "choose", map[string]any{"body": "village_representatives", "meeting_day": "2026-11-20"}))
	paper, err := r.Blobs.Put(ctx, []byte("%PDF-1.4"), "application/pdf")
	r.ok(err)
	r.do("clerk3", got.Case, "choose", map[string]any{"body": "village_representatives", "meeting_day": "2026-11-20", "paper": []string{paper.ID}})
	list.Tried(step, [2]string{"推选以后和主任结婚，仍然到任", "Married to the head after having been chosen"}, norm, "casework.guard", r.try("guide", got.Case, "seat", map[string]any{"member": "no", "relation": "spouse"}))
}

func (r *rig) reports(list *caseworktest.Refusals) {
	step := [2]string{"监督询问和报告", "Questions and reports of the supervision committee"}
	_, err := r.open("director3", "supervision-question", "ask", map[string]any{"village": village, "subject": "路灯维修", "question": "为什么没有比价？"})
	list.Tried(step, [2]string{"村委会自己向自己询问", "The committee asks itself"}, "", "casework.not_yours", err)
	got, err := r.open("member", "supervision-question", "ask", map[string]any{"village": village, "subject": "路灯维修", "question": "为什么没有比价？"})
	r.ok(err)
	list.Tried(step, [2]string{"监督委员会替村委会答复", "The supervision committee answers for the committee"}, "", "casework.not_yours", r.try("overseer3", got.Case, "answer", map[string]any{"answer": "没问题"}))
	report, err := r.open("overseer3", "supervision-report", "report", map[string]any{"village": village, "subject": "路灯维修", "addressee": "township", "facts": "未比价即付款"})
	r.ok(err)
	_, _, err = r.Cases.Seen(ctx, r.Actor("director3"), report.Case)
	list.Tried(step, [2]string{"被报告的村主任查看报告", "The head reported on looks at the report"}, "", "casework.no_case", err)
}
