package disclosure_test

import (
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/disclosure"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
)

// Every way in which what is published may go against the law is tried and refused.
func TestRefusals(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	list := caseworktest.NewRefusals(t, "disclosure", r.Words())
	r.drafting(list)
	r.checking(list)
	r.standing(list)
	list.Hold()
}

func (r *rig) drafting(list *caseworktest.Refusals) {
	step := [2]string{"编制", "Drafting"}
	_, err := r.Cases.Open(ctx, r.Actor("clerk3"), casework.Opening{Procedure: disclosure.Procedure, Act: "begin", Values: map[string]any{"village": village, "item": "facilities-community"}})
	list.Tried(step, [2]string{"村里公开社区的事项", "A village publishes what is for communities"}, "", "disclosure.other_level", err)
	id := r.begin("relief")
	for _, one := range [][3]string{
		{"公开内容里有身份证号", "An identity number in what is published", "王某 " + number + " 三百元"},
		{"公开内容里有手机号", "A telephone in what is published", "联系13800000001"},
		{"公开内容里有银行账号", "A bank account in what is published", "打入4111111111111111"},
		{"公开内容里有出生日期", "A day of birth in what is published", "王某，出生日期1990年3月7日"},
	} {
		list.Tried(step, [2]string{one[0], one[1]}, "居民身份证法 13", "", r.do("clerk3", id, "draft", map[string]any{"contents": one[2]}))
	}
	list.Tried(step, [2]string{"说号码不是个人的，却不写理由", "A number is said to be nobody's, without a reason"}, "居民身份证法 13", "disclosure.found.phone",
		r.do("clerk3", id, "draft", map[string]any{"contents": "值班电话 0999-8888888", "cleared": "0999-8888888"}))
	r.begun(list, step)
}

// begun is what is due and wished away.
func (r *rig) begun(list *caseworktest.Refusals, step [2]string) {
	id := r.begin("major")
	list.Tried(step, [2]string{"说本期没有可公开的，却不写理由", "Nothing to publish, without a reason"}, "", "casework.missing_field", r.do("director3", id, "drop", nil))
	list.Tried(step, [2]string{"文书自己决定不公开", "A clerk decides that nothing is published"}, "", "casework.not_yours", r.do("clerk3", id, "drop", map[string]any{"reason": "没有"}))
	list.Tried([2]string{"张贴", "Posting"}, [2]string{"没有审查、审批就张贴", "Posting what was neither checked nor approved"}, "村民委员会组织法 35", "casework.wrong_state", r.do("clerk3", id, "post", nil))
}

func (r *rig) checking(list *caseworktest.Refusals) {
	check, approve := [2]string{"审查", "Check"}, [2]string{"审批", "Approval"}
	picture, err := r.Blobs.Put(ctx, picture, "image/png")
	r.ok(err)
	r.Employ("both", "clerk", "v-shiqiao", "")
	r.Employ("member3", "committee-member", "v-shiqiao", "")
	_, err = r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "both", Unit: "v-shiqiao", Kind: "supervision-head"})
	r.ok(err)
	id := r.begin("works")
	r.ok(r.do("both", id, "draft", map[string]any{"contents": "水渠完工", "document": []any{picture.ID}}))
	all := map[string]any{"ticked": ticks}
	list.Tried(check, [2]string{"编制的人自己审查", "Who drafted it checks it"}, "", "casework.own_work", r.do("both", id, "check", all))
	list.Tried(check, [2]string{"村务由村委会委员审查，不经监督委员会", "A member of the committee checks village affairs in place of the supervision committee"}, "村民委员会组织法 37(2)", "disclosure.checker", r.do("member3", id, "check", all))
	list.Tried(check, [2]string{"六项只看五项", "Five of the six points"}, "村民委员会组织法 37(2)", "casework.guard", r.do("overseer3", id, "check", map[string]any{"ticked": ticks[:5]}))
	list.Tried(check, [2]string{"照片没有人看过就审查通过", "Passing it with a picture that nobody has looked at"}, "", "disclosure.not_looked", r.do("overseer3", id, "check", all))
	list.Tried(check, [2]string{"上传照片的人自己看过算数", "Who brought the picture confirms having looked"}, "", "disclosure.own_file", r.do("both", id, "look", map[string]any{"file": picture.ID}))
	r.ok(r.do("overseer3", id, "look", map[string]any{"file": picture.ID}))
	r.ok(r.do("overseer3", id, "check", all))
	list.Tried(approve, [2]string{"村务由书记审批", "The secretary approves village affairs"}, "", "disclosure.approver.committee-head", r.do("secretary3", id, "approve", nil))
	party := r.begin("party-goals")
	r.ok(r.do("clerk3", party, "draft", map[string]any{"contents": "全年目标"}))
	r.ok(r.do("overseer3", party, "check", all))
	list.Tried(approve, [2]string{"党务由村主任审批", "The head of the village approves Party affairs"}, "中国共产党党务公开条例（试行） 15", "disclosure.approver.party-secretary", r.do("director3", party, "approve", nil))
}

func (r *rig) standing(list *caseworktest.Refusals) {
	down, correct := [2]string{"公开期", "While it stands"}, [2]string{"更正和遮盖", "Correction and masking"}
	id := r.post("major", map[string]any{"contents": "村口的路十二月一日起封闭施工。"})
	posted := r.Hand.Now().Day()
	at := func(n int) { r.Hand.Set((posted + clock.Day(n)).Start().Add(10 * time.Hour)) }
	at(14)
	list.Tried(down, [2]string{"第十四天撤下", "Taken down on the fourteenth day"}, "村民委员会组织法 35(4)", "casework.clock_ended", r.do("clerk3", id, "take_down", nil))
	_, err := r.Cases.Do(ctx, r.Actor("head3"), casework.Asking{Case: id, Act: casework.ActAnnul, Reason: "不想公开了"})
	list.Tried(down, [2]string{"撤销张贴", "Taking back the posting"}, "", "casework.annul_published", err)
	list.Tried(correct, [2]string{"不写理由就更正", "A correction without a reason"}, "", "casework.missing_field", r.do("clerk3", id, "correct", map[string]any{"contents": "改为十二月三日起封闭。"}))
	list.Tried(correct, [2]string{"更正里写着身份证号", "A correction with an identity number"}, "", "disclosure.found.id", r.do("clerk3", id, "correct", map[string]any{"contents": "王某 " + number, "reason": "补充"}))
	r.ok(r.do("clerk3", id, "correct", map[string]any{"contents": "改为十二月三日起封闭。", "reason": "日期有误"}))
	at(16)
	list.Tried(down, [2]string{"更正两天以后就撤下", "Taken down two days after it was corrected"}, "村民委员会组织法 35(4)", "disclosure.stands", r.do("clerk3", id, "take_down", nil))
	_, err = r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{"十二月"}, "误写了"+number, "")
	list.Tried(correct, [2]string{"遮住个人信息，理由里又写了一遍", "The reason for masking repeats what is masked"}, "", "disclosure.reason_repeats", err)
}
