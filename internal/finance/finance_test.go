package finance_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// A quarter goes from the workbook to a resident's question, its answer and an
// objection; on the way everything that the law forbids is refused.
func TestAQuarterFromWorkbookToAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		b := r.bring("keeper", r.brought(strings.Replace(quarter, "36400,", "36400.01,", 1)))
		if got := keys(b); len(got) != 2 || got[0] != "balance H7" || got[1] != "closing H7" {
			t.Fatalf("one fen too much gave %v", got)
		}
		if a := b.Report.Entries[1].Args; a["difference"] != "0.01" || a["account"] != "bank" {
			t.Fatalf("the difference is not named: %v", a)
		}
		_, err := r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
		wrong(t, err, fault.Unmet, "finance.not_ready")

		book, got := r.submitted(quarter)
		if book.Lines != 4 || book.Sums.In != 2000000 || book.Sums.Out != 12050+3000000+360000 {
			t.Fatalf("%d lines, %+v", book.Lines, book.Sums)
		}
		id := got.Case
		r.refused("keeper", id, "cosign", nil, fault.Forbidden, "casework.not_yours")
		if code, _ := r.get("/books/" + village + "/2026Q3"); code != 404 {
			t.Fatalf("an unposted book answers %d", code)
		}
		r.refused("overseer3", id, "send_back", nil, fault.Invalid, "casework.missing_field")
		r.do("member", id, "cosign", nil)
		r.refused("keeper", id, "approve", nil, fault.Forbidden, "casework.not_yours")
		r.do("director3", id, "approve", nil)
		r.do("director3", id, "post", nil)
		r.refused("director3", id, "take_down", nil, fault.Unmet, "casework.clock_ended")

		code, page := r.get("/books/" + village + "/2026Q3")
		if code != 200 || !strings.Contains(page, "村道维修工程首付款") || !strings.Contains(page, book.Digest) {
			t.Fatalf("the posted book answers %d", code)
		}
		_, text := r.get("/books/" + village + "/2026Q3/lines.txt")
		if sum := sha256.Sum256([]byte(text)); hex.EncodeToString(sum[:]) != book.Digest {
			t.Fatalf("the text of the lines does not hash to the fingerprint:\n%s", text)
		}
		r.question(id, book)
		r.Hand.Advance(16 * 24 * time.Hour)
		r.do("director3", id, "take_down", nil)
		if looked, found, err := r.Books.Verify(ctx); err != nil || looked != 1 || len(found) != 0 {
			t.Fatalf("verify: %d %v %v", looked, found, err)
		}
	})
}

// question asks about a line at the door, lets the answer be late, and objects.
func (r *rig) question(id string, book finance.Book) {
	t := r.t
	code, page := r.post("/books/"+village+"/2026Q3/lines/3/ask", url.Values{"question": {"工程是怎样招标的？"}, "key": {"AAAAAAAAAAAAAAAAAAAAAAAAAA"}})
	token := regexp.MustCompile(`/q/([A-Z2-7a-z0-9]+)`).FindStringSubmatch(page)
	if code != 201 || token == nil {
		t.Fatalf("asking answers %d: %s", code, page)
	}
	_, page = r.get("/books/" + village + "/2026Q3/lines/3")
	if strings.Contains(page, "招标") {
		t.Fatal("a question stands on the page before anybody looked")
	}
	asked, _, err := r.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: finance.Question})
	r.ok(err)
	if len(asked) != 1 || asked[0].Unit != "v-shiqiao" || asked[0].Area != village {
		t.Fatalf("the question went to %+v", asked)
	}
	q := asked[0].ID
	r.Hand.Advance(12 * 24 * time.Hour)
	r.Settle()
	r.Settle() // the warning first, then the breach
	late, _, err := r.Cases.Seen(ctx, identity.SystemActor(), q)
	r.ok(err)
	if late.Breached == 0 || late.Escalated == "" {
		t.Fatalf("a late answer was not told to the unit above: %+v", late)
	}
	r.refused("director3", q, "answer", map[string]any{"answer": "请电 13800000000", "shown": true, "shown_question": "工程是怎样招标的？"}, fault.Unmet, "finance.private_phone")
	r.do("director3", q, "answer", map[string]any{"answer": "三家比价，结果已公开。", "shown": true, "shown_question": "工程是怎样招标的？"})
	if _, page = r.get("/books/" + village + "/2026Q3/lines/3"); !strings.Contains(page, "三家比价") || !strings.Contains(page, "怎样招标") {
		t.Fatal("the answer does not stand beside the line")
	}
	me := r.Link(token[1])
	_, err = r.Cases.Do(ctx, me, casework.Asking{Case: q, Act: "object", Values: map[string]any{"more": "没有看到比价的材料"}})
	r.ok(err)
	objections, _, err := r.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: finance.Objection})
	r.ok(err)
	if len(objections) != 1 || objections[0].Unit != "shiqiao" {
		t.Fatalf("the objection went to %+v", objections)
	}
	r.refused("director3", objections[0].ID, "dismiss", map[string]any{"answer": "属实"}, fault.NotFound, "casework.no_case")
	r.do("head3", objections[0].ID, "decide", map[string]any{"answer": "责令公布比价材料。", "shown": true, "shown_question": "没有看到比价的材料"})
	if _, page = r.get("/books/" + village + "/2026Q3"); !strings.Contains(page, "责令公布比价材料") {
		t.Fatal("the township's decision does not stand on the page")
	}
	if code, _ = r.post("/books/"+village+"/2026Q3/object", url.Values{"grounds": {"整本账缺六月的收入"}, "key": {"BBBBBBBBBBBBBBBBBBBBBBBBBB"}}); code != 201 {
		t.Fatalf("objecting answers %d", code)
	}
}

// A line that was changed in the database is found before anybody signs, and by
// verify.
func TestAChangedLineIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		b, got := r.submitted(quarter)
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE finance_line SET summary = 'x' WHERE book = $1 AND n = 2`, b.ID)
			return err
		}))
		r.refused("overseer3", got.Case, "cosign", nil, fault.Unmet, "finance.changed")
		_, found, err := r.Books.Verify(ctx)
		r.ok(err)
		if len(found) != 1 || found[0].Book != b.ID || found[0].Act != got.Act {
			t.Fatalf("%+v", found)
		}
	})
}

// The next period begins where this one ended; the same head is not asked about again.
func TestTheNextPeriodBeginsWhereThisOneEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.submitted(quarter)
		r.Hand.Advance(60 * 24 * time.Hour)
		october := func(csv string) finance.Book {
			in := r.brought(head + csv)
			in.Period = "2026-10"
			b, err := r.Books.Bring(ctx, r.Actor("keeper"), in)
			r.ok(err)
			if b.State == finance.Fresh {
				t.Fatal("the columns were asked about again")
			}
			return b
		}
		if got := keys(october(",,上月结转,现金,,,,880,\n2026-10-08,1,购买桶装水,现金,办公费,,10,869.50,\n")); strings.Join(got, ";") != "opening_differs H2" {
			t.Fatal(got)
		}
		if got := keys(october("2026-10-08,1,购买桶装水,现金,办公费,,10,869.50,\n")); got != nil {
			t.Fatalf("without an opening of its own: %v", got)
		}
		in := r.brought(quarter)
		in.Period = "2026-09"
		in.Data = []byte(head + ",,期初余额,现金,,,,0,\n2026-09-08,1,捐款,现金,捐赠,10,,10,\n")
		b := r.bring("keeper", in)
		_, err := r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
		wrong(t, err, fault.Conflict, "finance.overlaps")
	})
}

// A correction is a new version beside the old one, and takes along what stands
// at lines that did not change.
func TestACorrectionStandsBesideTheOldVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		old, id := r.posted()
		code, _ := r.post("/books/"+village+"/2026Q3/lines/4/ask", url.Values{"question": {"保洁员有几人？"}, "key": {"AAAAAAAAAAAAAAAAAAAAAAAAAA"}})
		if code != 201 {
			t.Fatal(code)
		}
		in := r.brought(strings.Replace(strings.Replace(quarter, "2026-07-20,2,购买办公用品,现金,办公费,,120.50,879.50,报账员\n", "", 1),
			"2026-09-02", "2026-07-21,2,购买办公用品和饮水,现金,办公费,,150.50,849.50,报账员\n2026-09-02", 1))
		in.Target = finance.Target{Case: id, Act: "correct"}
		b := r.bring("keeper", in)
		if b.State != finance.Ready {
			t.Fatal(keys(b))
		}
		_, err := r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
		wrong(t, err, fault.Invalid, "casework.missing_field")
		_, err = r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "漏记饮水 30 元", "")
		r.ok(err)
		if _, page := r.get("/books/" + village + "/2026Q3"); !strings.Contains(page, old.Digest) {
			t.Fatal("the old version does not stand while the correction is looked at")
		}
		r.do("member", id, "cosign_again", nil)
		r.do("director3", id, "post_again", nil)
		_, page := r.get("/books/" + village + "/2026Q3")
		for _, want := range []string{b.Digest, "漏记饮水 30 元", "购买办公用品和饮水", "?version=1"} {
			if !strings.Contains(page, want) {
				t.Errorf("the new version lacks %q", want)
			}
		}
		if _, page = r.get("/books/" + village + "/2026Q3?version=1"); !strings.Contains(page, old.Digest) {
			t.Error("the old version is gone")
		}
		if _, page = r.get("/books/" + village + "/2026Q3/lines/4"); !strings.Contains(page, "待答复") {
			t.Error("the question did not come along with its line")
		}
		r.refused("director3", id, "take_down", nil, fault.Unmet, "casework.clock_ended")
	})
}

// A voucher is public only when a second person has looked at it.
func TestAVoucherIsLookedAtFirst(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	b, got := r.submitted(quarter)
	kept, err := r.Blobs.Put(ctx, []byte("\xff\xd8\xff picture"), "image/jpeg")
	r.ok(err)
	r.refused("keeper", got.Case, "attach", map[string]any{"line": 9, "photos": []string{kept.ID}}, fault.NotFound, "finance.no_line")
	r.do("keeper", got.Case, "attach", map[string]any{"line": 3, "photos": []string{kept.ID}})
	r.do("overseer3", got.Case, "cosign", nil)
	r.do("director3", got.Case, "approve", nil)
	r.refused("director3", got.Case, "post", nil, fault.Unmet, "finance.voucher_unseen")
	at := "/books/" + village + "/2026Q3/lines/3/voucher/" + kept.ID
	r.refused("keeper", got.Case, "look", map[string]any{"picture": kept.ID, "verdict": "public"}, fault.Forbidden, "casework.not_yours")
	r.do("director3", got.Case, "look", map[string]any{"picture": kept.ID, "verdict": "kept"})
	r.do("director3", got.Case, "post", nil)
	if code, _ := r.get(at); code != 404 {
		t.Fatalf("a picture that is kept answers %d", code)
	}
	r.do("overseer3", got.Case, "look", map[string]any{"picture": kept.ID, "verdict": "public"})
	if code, _ := r.get(at); code != 200 {
		t.Fatalf("a public picture answers %d", code)
	}
	if code, _ := r.get("/accounts/books/" + b.ID + "/voucher/" + kept.ID); code == 200 {
		t.Fatal("the office's own address is open to everybody")
	}
}

// Who keeps the books in another capacity does not sign them.
func TestTheBookkeeperDoesNotSignOwnBooks(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	_, err := r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "keeper", Unit: "v-shiqiao", Kind: "supervision-head"})
	r.ok(err)
	_, err = r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "member", Unit: "v-shiqiao", Kind: "bookkeeper"})
	r.ok(err)
	_, got := r.submitted(quarter)
	r.refused("keeper", got.Case, "cosign", nil, fault.Forbidden, "casework.own_work")
	r.refused("member", got.Case, "cosign", nil, fault.Forbidden, "finance.own_books")
}

// What may not even be checked is refused at the door, with the article.
func TestWhatIsRefusedAtTheDoor(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, one := range map[string]struct {
		who    string
		change func(*finance.Brought)
		kind   fault.Kind
		key    string
	}{
		"a person's account":      {"keeper", func(b *finance.Brought) { b.Holder = "person" }, fault.Unmet, "finance.personal"},
		"nobody's account":        {"keeper", func(b *finance.Brought) { b.Holder = "" }, fault.Invalid, "finance.holder"},
		"another village":         {"keeper", func(b *finance.Brought) { b.Village = "999901100202" }, fault.Forbidden, "finance.not_keeper"},
		"no keeper":               {"director3", nil, fault.Forbidden, "finance.not_keeper"},
		"a period that is on":     {"keeper", func(b *finance.Brought) { b.Period = "2026Q4" }, fault.Unmet, "finance.not_over"},
		"no workbook":             {"keeper", func(b *finance.Brought) { b.Data = []byte("\x00\x01\x02") }, fault.Invalid, "sheet.other_format"},
		"no head":                 {"keeper", func(b *finance.Brought) { b.Data = []byte("甲,乙\n1,2\n") }, fault.Invalid, "finance.no_head"},
		"a person's in the title": {"keeper", func(b *finance.Brought) { b.Data = []byte("张某个人账户收支\n" + quarter) }, fault.Unmet, "finance.personal_named"},
		"ten thousands":           {"keeper", func(b *finance.Brought) { b.Data = []byte("单位：万元\n" + quarter) }, fault.Invalid, "finance.unit"},
	} {
		in := r.brought(quarter)
		if one.change != nil {
			one.change(&in)
		}
		_, err := r.Books.Bring(ctx, r.Actor(one.who), in)
		if f := fault.Of(err); f == nil || f.Kind != one.kind || f.Key != one.key {
			t.Errorf("%s: %v", name, err)
		} else if strings.HasPrefix(f.Key, "finance.personal") && f.Norm != "农村集体经济组织法 44(3)" {
			t.Errorf("%s cites %q", name, f.Norm)
		}
	}
}
