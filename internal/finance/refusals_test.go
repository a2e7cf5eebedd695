package finance_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

func (r *rig) try(who, id, act string, values map[string]any) error {
	_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	return err
}

// found is what is wrong with a workbook as if it were a refusal.
func (r *rig) found(csv string) error {
	r.t.Helper()
	cat, err := finance.Load(catalog.Files)
	r.ok(err)
	for _, e := range r.bring("keeper", r.brought(csv)).Report.Entries {
		if !e.Error {
			continue
		}
		for _, a := range cat.Accounts {
			if e.Args["account"] == a.ID {
				e.Args["account"] = a.Title()
			}
		}
		said := text.Words{}
		for _, lang := range r.Words().Languages() {
			said[lang] = r.Words().Say(lang, "finance.report.at_row", map[string]any{"row": e.Row, "column": e.Column}) + " " + r.Words().Say(lang, "finance.found."+e.Key, e.Args)
		}
		return fault.New(fault.Unmet, "casework.guard", "why", said).Under(e.Norm)
	}
	return nil
}

// Every way in which a village's accounts may go against the law is tried and refused.
func TestRefusals(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	list := caseworktest.NewRefusals(t, "finance", r.Words())
	r.workbooks(list)
	id := r.signing(list)
	r.posting(list, id)
	r.asking(list)
	list.Hold()
}

func (r *rig) workbooks(list *caseworktest.Refusals) {
	step := [2]string{"导入账册", "Bringing the books"}
	bring := func(change func(*finance.Brought)) error {
		in := r.brought(quarter)
		change(&in)
		_, err := r.Books.Bring(ctx, r.Actor("keeper"), in)
		return err
	}
	personal := "农村集体经济组织法 44(3)"
	list.Tried(step, [2]string{"集体的钱存在个人账户里", "The money lies in a person's account"}, personal, "finance.personal", bring(func(b *finance.Brought) { b.Holder = "person" }))
	list.Tried(step, [2]string{"工作簿的标题写着“个人账户”", "The title of the workbook speaks of a person's account"}, personal, "finance.personal_named", bring(func(b *finance.Brought) { b.Data = []byte("张某个人账户收支\n" + quarter) }))
	list.Tried(step, [2]string{"摘要里写着转存个人名下", "A summary says that money was moved to a person"}, personal, "", r.found(strings.Replace(quarter, "购买办公用品", "提现转存个人卡", 1)))
	list.Tried(step, [2]string{"余额差一分", "A balance is one fen out"}, "村民委员会组织法 35(4)", "", r.found(strings.Replace(quarter, "36400,", "36400.01,", 1)))
	list.Tried(step, [2]string{"摘要里有身份证号", "An identity number in a summary"}, "", "", r.found(strings.Replace(quarter, "购买办公用品", "付990101199001010028", 1)))
	list.Tried(step, [2]string{"季度还没有结束就公开整季度的账", "The accounts of a quarter that is not over"}, "", "finance.not_over", bring(func(b *finance.Brought) { b.Period = "2026Q4" }))
	_, err := r.Books.Bring(ctx, r.Actor("keeper"), finance.Brought{Village: "999901100202", Period: "2026Q3", Name: "x.csv", Data: []byte(quarter), Holder: "committee"})
	list.Tried(step, [2]string{"导入别的村的账册", "The books of another village"}, "", "finance.not_keeper", err)
	wrong := r.bring("keeper", r.brought(strings.Replace(quarter, "36400,", "36400.01,", 1)))
	_, err = r.Books.Submit(ctx, r.Actor("keeper"), wrong.ID, "", "")
	list.Tried(step, [2]string{"核对没有通过，仍然提交", "A book that did not pass is submitted all the same"}, "", "finance.not_ready", err)
}

// signing tries what may go wrong before anything is posted; it gives a case that
// waits for its signature.
func (r *rig) signing(list *caseworktest.Refusals) string {
	step := [2]string{"监督委员会审核签字", "Signing by the supervision committee"}
	const norm = "村民委员会组织法 37(2)"
	_, err := r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "keeper", Unit: "v-shiqiao", Kind: "supervision-head"})
	r.ok(err)
	r.Employ("treasurer", "bookkeeper", "v-shiqiao", "")
	_, err = r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "treasurer", Unit: "v-shiqiao", Kind: "supervision-member"})
	r.ok(err)
	book, got := r.submitted(quarter)
	id := got.Case
	list.Tried(step, [2]string{"导入账册的人自己签字", "Who brought the books signs them"}, "", "casework.own_work", r.try("keeper", id, "cosign", nil))
	list.Tried(step, [2]string{"管账的监督委员会委员签字", "A member of the supervision committee who holds the money signs"}, norm, "finance.own_books", r.try("treasurer", id, "cosign", nil))
	list.Tried(step, [2]string{"村主任代替监督委员会签字", "The head signs in place of the supervision committee"}, "", "casework.not_yours", r.try("director3", id, "cosign", nil))
	list.Tried(step, [2]string{"拒绝签字而不写理由", "Refusing to sign without a reason"}, "", "casework.missing_field", r.try("overseer3", id, "send_back", nil))
	list.Tried([2]string{"批准", "Approval"}, [2]string{"没有监督委员会签字就批准", "Approving what the supervision committee has not signed"}, "", "casework.wrong_state", r.try("director3", id, "approve", nil))
	list.Tried([2]string{"公开", "Posting"}, [2]string{"没有签字、批准就公开", "Posting what was neither signed nor approved"}, "村民委员会组织法 35(3)", "casework.wrong_state", r.try("director3", id, "post", nil))
	set := func(words string) {
		r.ok(r.DB.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE finance_line SET summary = $2 WHERE book = $1 AND n = 2`, book.ID, words)
			return err
		}))
	}
	set("购买茶叶")
	list.Tried(step, [2]string{"导入以后在数据库里改了一笔", "A line was changed in the database after it was brought"}, "", "finance.changed", r.try("overseer3", id, "cosign", nil))
	set("购买办公用品")
	return id
}

func (r *rig) posting(list *caseworktest.Refusals, id string) {
	step := [2]string{"公开", "Posting"}
	kept, err := r.Blobs.Put(ctx, []byte("\xff\xd8\xff picture"), "image/jpeg")
	r.ok(err)
	r.do("keeper", id, "attach", map[string]any{"line": 3, "photos": []string{kept.ID}})
	r.do("overseer3", id, "cosign", nil)
	r.do("director3", id, "approve", nil)
	list.Tried(step, [2]string{"凭证照片没有人看过就公开", "Posting with a picture that nobody has looked at"}, "", "finance.voucher_unseen", r.try("director3", id, "post", nil))
	list.Tried(step, [2]string{"附凭证的人自己看过算数", "Who attached the picture looks at it"}, "", "finance.own_picture", r.try("keeper", id, "look", map[string]any{"picture": kept.ID, "verdict": "public"}))
	r.do("director3", id, "look", map[string]any{"picture": kept.ID, "verdict": "kept"})
	r.do("director3", id, "post", nil)
	again := r.brought(head + ",,期初余额,现金,,,,0,\n2026-09-08,1,捐款,现金,捐赠,10,,10,\n")
	again.Period = "2026-09"
	b := r.bring("keeper", again)
	_, err = r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
	list.Tried(step, [2]string{"同一段日子再公开一本账", "A second book for the same days"}, "", "finance.overlaps", err)
	r.Hand.Advance(14 * 24 * time.Hour)
	list.Tried(step, [2]string{"第十四天撤下", "Taken down on the fourteenth day"}, "村民委员会组织法 35(4)", "casework.clock_ended", r.try("director3", id, "take_down", nil))
	_, err = r.Cases.Do(ctx, r.Actor("head3"), casework.Asking{Case: id, Act: casework.ActAnnul, Reason: "不想公开了"})
	list.Tried(step, [2]string{"撤销公开", "Taking back the posting"}, "", "casework.annul_published", err)
}

func (r *rig) asking(list *caseworktest.Refusals) {
	step := [2]string{"问这一笔和异议", "Questions and objections"}
	if code, page := r.post("/books/"+village+"/2026Q3/lines/3/ask", url.Values{"question": {"工程是怎样招标的？"}, "key": {"AAAAAAAAAAAAAAAAAAAAAAAAAA"}}); code != 201 {
		r.t.Fatalf("asking answers %d: %s", code, page)
	}
	q := r.only(finance.Question)
	list.Tried(step, [2]string{"答复里写着电话", "An answer with a telephone"}, "", "finance.private_phone",
		r.try("director3", q, "answer", map[string]any{"answer": "请电 13800000000", "shown": true, "shown_question": "工程是怎样招标的？"}))
	if code, page := r.post("/books/"+village+"/2026Q3/object", url.Values{"grounds": {"整本账缺六月的收入"}, "key": {"BBBBBBBBBBBBBBBBBBBBBBBBBB"}}); code != 201 {
		r.t.Fatalf("objecting answers %d: %s", code, page)
	}
	list.Tried(step, [2]string{"村委会自己驳回对自己的异议", "The committee dismisses an objection against itself"}, "", "casework.no_case",
		r.try("director3", r.only(finance.Objection), "dismiss", map[string]any{"answer": "属实"}))
}

// only is the one case of a procedure.
func (r *rig) only(name string) string {
	r.t.Helper()
	rows, _, err := r.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: name})
	r.ok(err)
	if len(rows) != 1 {
		r.t.Fatalf("%d cases of %s", len(rows), name)
	}
	return rows[0].ID
}
