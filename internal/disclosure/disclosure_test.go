package disclosure_test

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/disclosure"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

var ctx = context.Background()

const (
	village   = "999901100201" // 石桥村
	community = "999901001001" // 清河社区
	number    = "990101199003071234"
)

// rig is the fictitious county on a database.
type rig struct {
	*apptest.County
	t    testing.TB
	d    *db.DB
	site http.Handler
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t, d: d}
	site, err := app.NewSite(r.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.site = site.Handler()
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) refused(err error, key string) {
	r.t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		r.t.Errorf("want %s, got %v", key, err)
	}
}

func (r *rig) do(who, id, act string, values map[string]any) error {
	r.t.Helper()
	r.Hand.Advance(time.Minute)
	_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	return err
}

// begin opens a publication at once.
func (r *rig) begin(item string) string {
	r.t.Helper()
	r.Hand.Advance(time.Minute)
	receipt, err := r.Cases.Open(ctx, r.Actor("clerk3"), casework.Opening{Procedure: disclosure.Procedure, Act: "begin", Values: map[string]any{"village": village, "item": item}})
	r.ok(err)
	return receipt.Case
}

var ticks = []any{"state", "trade", "persons", "files", "truth", "scope"}

// post brings a publication onto the board.
func (r *rig) post(item string, values map[string]any) string {
	r.t.Helper()
	id := r.begin(item)
	r.ok(r.do("clerk3", id, "draft", values))
	r.ok(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}))
	r.ok(r.do("director3", id, "approve", nil))
	r.ok(r.do("clerk3", id, "post", nil))
	r.follow()
	return id
}

func (r *rig) follow() {
	r.t.Helper()
	r.Settle()
	for {
		n, err := r.Boards.Follow(ctx)
		r.ok(err)
		if n == 0 {
			return
		}
	}
}

func (r *rig) get(path string) string {
	r.t.Helper()
	w := httptest.NewRecorder()
	q := httptest.NewRequest(http.MethodGet, path, nil)
	q.Header.Set("Accept", "text/html")
	q.Header.Set("Accept-Language", "zh-CN")
	r.site.ServeHTTP(w, q)
	return w.Body.String()
}

func (r *rig) verify() {
	r.t.Helper()
	r.Settle()
	v, err := r.Verify(ctx, "")
	r.ok(err)
	if len(v.Findings) > 0 {
		r.t.Fatalf("verify: %+v", v.Findings)
	}
}

func (r *rig) state(id string) string {
	r.t.Helper()
	v, err := r.Cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	return v.Case.State
}

func TestNothingIsTakenDownEarly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		id := r.post("major", map[string]any{"contents": "村口的路十二月一日起封闭施工。"})
		if page := r.get("/board/" + village); !strings.Contains(page, "封闭施工") || !strings.Contains(page, "至少公开到 2026年12月9日") {
			t.Fatalf("the board: %s", page)
		}
		posted := clock.Date(2026, 11, 24)
		for _, day := range []clock.Day{14, 15} {
			r.Hand.Set((posted + day).Start().Add(10 * time.Hour))
			_, err := r.Cases.Do(ctx, r.Actor("clerk3"), casework.Asking{Case: id, Act: "take_down"})
			r.refused(err, "casework.clock_ended")
			if f := fault.Of(err); f != nil && !strings.Contains(f.Norm, "35(4)") {
				t.Errorf("refused without the article: %v", f.Norm)
			}
		}
		// A correction of the fifteenth day stands as long itself.
		r.ok(r.do("clerk3", id, "correct", map[string]any{"contents": "村口的路十二月三日起封闭施工。", "reason": "日期有误"}))
		r.Hand.Set((posted + 16).Start().Add(10 * time.Hour))
		_, err := r.Cases.Do(ctx, r.Actor("clerk3"), casework.Asking{Case: id, Act: "take_down"})
		r.refused(err, "disclosure.stands")
		r.Hand.Set((posted + 15 + 16).Start().Add(10 * time.Hour))
		r.ok(r.do("clerk3", id, "take_down", nil))
		// Another one that was never corrected comes down on the sixteenth day.
		second := r.post("common", map[string]any{"contents": "文化广场晚上开放到九点。"})
		r.Hand.Set((r.Hand.Now().Day() + 16).Start().Add(10 * time.Hour))
		r.ok(r.do("clerk3", second, "take_down", nil))
		r.verify()
	})
}

func TestACorrectionStandsBesideTheOld(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.post("relief", map[string]any{"contents": "救灾款 12,000.00 元，发放 11,000.00 元。"})
	r.ok(r.do("clerk3", id, "correct", map[string]any{"contents": "救灾款 12,000.00 元，发放 12,000.00 元。", "reason": "漏记一笔"}))
	r.follow()
	page := r.get("/board/" + village)
	for _, want := range []string{"发放 12,000.00 元", "发放 11,000.00 元", "旧版本", "漏记一笔"} {
		if !strings.Contains(page, want) {
			t.Errorf("the board lacks %q", want)
		}
	}
	if strings.Index(page, "发放 12,000.00 元") > strings.Index(page, "发放 11,000.00 元") {
		t.Error("the old version stands first")
	}
}

func TestWhoMayWhat(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.begin("major")
	r.ok(r.do("clerk3", id, "draft", map[string]any{"contents": "甲"}))
	r.refused(r.do("clerk3", id, "check", map[string]any{"ticked": ticks}), "casework.not_yours")
	r.refused(r.do("overseer3", id, "check", map[string]any{"ticked": ticks[:5]}), "casework.guard")
	r.refused(r.do("overseer1", id, "check", map[string]any{"ticked": ticks}), "casework.no_case") // of another village
	r.ok(r.do("overseer3", id, "back", map[string]any{"reason": "写清楚地点"}))
	r.ok(r.do("clerk3", id, "draft", map[string]any{"contents": "乙"}))
	r.ok(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}))
	r.refused(r.do("secretary3", id, "approve", nil), "disclosure.approver.committee-head")
	r.ok(r.do("director3", id, "approve", nil))
	r.ok(r.do("clerk4", id, "post", nil))
	party := r.begin("party-goals")
	r.ok(r.do("clerk3", party, "draft", map[string]any{"contents": "丙"}))
	r.ok(r.do("overseer3", party, "check", map[string]any{"ticked": ticks}))
	r.refused(r.do("director3", party, "approve", nil), "disclosure.approver.party-secretary")
	r.ok(r.do("secretary3", party, "approve", nil))
	_, err := r.Cases.Open(ctx, r.Actor("clerk3"), casework.Opening{Procedure: disclosure.Procedure, Act: "begin", Values: map[string]any{"village": village, "item": "facilities-community"}})
	r.refused(err, "disclosure.other_level")
	_, err = r.Cases.Open(ctx, r.Actor("clerk3"), casework.Opening{Procedure: disclosure.Procedure, Act: "begin", Values: map[string]any{"village": village, "item": "nothing"}})
	r.refused(err, "disclosure.no_item")
	// An audit's author may hold two posts: whoever drafted does not check.
	_, err = r.People.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "clerk3", Unit: "v-shiqiao", Kind: "supervision-head"})
	r.ok(err)
	own := r.begin("audit")
	r.ok(r.do("clerk3", own, "draft", map[string]any{"contents": "丁"}))
	r.refused(r.do("clerk3", own, "check", map[string]any{"ticked": ticks}), "casework.own_work")
}

func TestWhatPointsToAPersonIsHeld(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.begin("relief")
	draft := func(contents, cleared string) error {
		values := map[string]any{"contents": contents}
		if cleared != "" {
			values["cleared"] = cleared
		}
		return r.do("clerk3", id, "draft", values)
	}
	for contents, key := range map[string]string{
		"救助名单：\n王某 " + number + " 三百元": "disclosure.found.id",
		"联系13800000001":      "disclosure.found.phone",
		"打入4111111111111111": "disclosure.found.account",
		"车牌京A12345":          "disclosure.found.plate",
		"王某，出生日期1990年3月7日":   "disclosure.found.birth",
	} {
		err := draft(contents, "")
		r.refused(err, key)
		if f := fault.Of(err); f != nil && (f.Field != "contents" || strings.Contains(f.Error(), number)) {
			t.Errorf("the refusal names %q at %q", f, f.Field)
		}
	}
	if f := fault.Of(draft("甲\n乙乙 "+number, "")); f.Args["line"] != 2 || f.Args["at"] != 4 {
		t.Errorf("the place: %v", f.Args)
	}
	r.refused(draft("值班电话 0999-8888888", "0999-8888888"), "disclosure.found.phone") // no reason
	r.refused(draft("值班电话 0999-8888888", "0999-8888887 值班电话"), "disclosure.found.phone")
	r.ok(draft("值班电话 0999-8888888，救灾款 12,000.00 元", "0999-8888888 村委会值班电话"))
	var held int
	r.ok(r.d.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_act WHERE body LIKE '%'||$1||'%'`, number).Scan(&held))
	if held != 0 {
		t.Error("what was held stands in the acts")
	}
	r.ok(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}))
	r.ok(r.do("director3", id, "approve", nil))
	r.ok(r.do("clerk3", id, "post", nil))
	r.refused(r.do("clerk3", id, "correct", map[string]any{"contents": "甲 " + number, "reason": "补充"}), "disclosure.found.id")
	r.refused(r.do("clerk3", id, "correct", map[string]any{"contents": "甲", "reason": "原来写了" + number}), "disclosure.found.id")
}

// picture is the smallest PNG there is.
var picture = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82")

func TestNoPictureGoesOutUnseen(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	var ids []any
	for range 2 {
		b, err := r.Blobs.Put(ctx, picture, "image/png")
		r.ok(err)
		ids = append(ids, b.ID)
	}
	id := r.begin("works")
	r.ok(r.do("clerk3", id, "draft", map[string]any{"contents": "水渠完工", "document": ids}))
	r.refused(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}), "disclosure.not_looked")
	r.refused(r.do("clerk3", id, "look", map[string]any{"file": ids[0]}), "disclosure.own_file")
	r.ok(r.do("overseer3", id, "look", map[string]any{"file": ids[0]}))
	r.refused(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}), "disclosure.not_looked") // each one
	r.refused(r.do("overseer3", id, "look", map[string]any{"file": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}), "disclosure.no_file")
	r.ok(r.do("clerk4", id, "look", map[string]any{"file": ids[1]}))
	at := "/board/file/" + id + "/" + ids[0].(string)
	if _, _, err := r.Boards.File(ctx, id, ids[0].(string)); !fault.Is(err, fault.NotFound) {
		t.Errorf("it is public before it is posted: %v", err)
	}
	r.ok(r.do("overseer3", id, "check", map[string]any{"ticked": ticks}))
	r.ok(r.do("director3", id, "approve", nil))
	r.ok(r.do("clerk3", id, "post", nil))
	r.follow()
	if page := r.get("/board/" + village); !strings.Contains(page, at) {
		t.Error("the picture is not on the board")
	}
	if data := r.get(at); data != string(picture) {
		t.Errorf("the file: %q", data)
	}
	if page := r.get("/board/file/" + id + "/" + "aaaaaaaaaaaaaaaaaaaaaaaaaa"); !strings.Contains(page, "没有这个文件") {
		t.Error("any file of the house is given away")
	}
}

// bytesOf are all bytes of the database and of what stands beside it.
func (r *rig) bytesOf(dir string) []byte {
	r.t.Helper()
	var all bytes.Buffer
	r.ok(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all.Write(raw)
		return err
	}))
	return all.Bytes()
}

func TestALeakGoesFromEveryVersionAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		// It was marked as nobody's by mistake, and slipped through.
		leaked := map[string]any{"contents": "甲 " + number + " 三百元", "cleared": number + " 工程编号"}
		id := r.post("relief", leaked)
		r.ok(r.do("clerk3", id, "correct", map[string]any{"contents": "甲 9901011990 03071234，三百一十元", "reason": "金额有误", "cleared": number + " 工程编号"}))
		asked, err := r.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: disclosure.Questions, Act: "ask", Values: map[string]any{"about": id, "words": "为什么把 " + number + " 写上去"}})
		r.ok(err)
		r.follow()
		for _, path := range []string{"/board/" + village, "/board/" + village + "/print"} {
			if page := r.get(path); !strings.Contains(page, number) && !strings.Contains(page, "9901011990 03071234") {
				t.Fatalf("%s does not show what is to be masked", path)
			}
		}
		_, err = r.Boards.Mask(ctx, r.Actor("clerk1"), id, []string{number}, "误公开", "")
		r.refused(err, "casework.no_case")
		_, err = r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{number}, "误写了"+number, "")
		r.refused(err, "disclosure.reason_repeats")
		_, err = r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{" "}, "误公开", "")
		r.refused(err, "disclosure.no_words")
		r.Hand.Advance(time.Second)
		_, err = r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{number}, "误公开了身份证号", "")
		r.ok(err)
		// Gone at once, without anything of the house having run meanwhile.
		for _, path := range []string{"/board/" + village, "/board/" + village + "/print", "/notices/" + id} {
			page := r.get(path)
			if strings.Contains(page, number) || strings.Contains(page, "9901011990 03071234") {
				t.Errorf("%s still shows it", path)
			}
			if !strings.Contains(page, "误公开了身份证号") {
				t.Errorf("%s does not say why something was masked", path)
			}
		}
		r.follow()
		page := r.get("/board/" + village)
		for _, want := range []string{"甲 ▇▇▇ 三百元", "甲 ▇▇▇，三百一十元", "遮住"} {
			if !strings.Contains(page, want) {
				t.Errorf("the board lacks %q", want)
			}
		}
		v, err := r.Cases.Get(ctx, identity.SystemActor(), asked.Case)
		r.ok(err)
		if strings.Contains(v.Case.Values.Text("words"), number) {
			t.Error("the question still holds it")
		}
		for n := 1; n > 0; {
			n, err = r.Search.Follow(ctx)
			r.ok(err)
		}
		if !d.Postgres() {
			for _, column := range []string{"casework_act WHERE delta || body || erases", "casework_case WHERE title || form", "casework_value WHERE words", "kit_once WHERE answer || body"} {
				var n int
				r.ok(d.Reader().Row(ctx, `SELECT COUNT(*) FROM `+column+` LIKE '%'||$1||'%'`, number).Scan(&n))
				if n != 0 {
					t.Errorf("%d rows of %s", n, column)
				}
			}
		}
		if raw := r.bytesOf(r.Folder); bytes.Contains(raw, []byte(number)) {
			t.Error("a file beside the database holds it")
		}
		r.verify()
	})
}

// The bytes of a database on disk hold nothing of what was masked, once what was
// written ahead has been taken over.
func TestTheDiskForgets(t *testing.T) {
	folder := t.TempDir()
	d, err := db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, d)
	id := r.post("relief", map[string]any{"contents": "甲 " + number + " 三百元", "cleared": number + " 工程编号"})
	if !bytes.Contains(r.bytesOf(folder), []byte(number)) {
		t.Fatal("the number is not found where it must be")
	}
	_, err = r.Boards.Mask(ctx, r.Actor("clerk3"), id, []string{number}, "误公开了身份证号", "")
	r.ok(err)
	r.follow()
	for n := 1; n > 0; {
		n, err = r.Search.Follow(ctx)
		r.ok(err)
	}
	r.ok(d.Close())
	if raw := r.bytesOf(folder); bytes.Contains(raw, []byte(number)) {
		t.Error("the database on the disk still holds the number")
	}
}

func TestListsOfPersonsComeDown(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.post("relief-list", map[string]any{"contents": "王某、李某 临时救助"})
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/board/"+village, nil))
	if !strings.Contains(w.Header().Get("X-Robots-Tag"), "noindex") || !strings.Contains(w.Body.String(), "王某") {
		t.Errorf("headers %v", w.Header())
	}
	for at, hidden := range map[string]bool{id: true, r.post("common", map[string]any{"contents": "广场开放到九点"}): false} {
		w := httptest.NewRecorder()
		r.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/notices/"+at, nil))
		if w.Code != http.StatusOK || strings.Contains(w.Header().Get("X-Robots-Tag"), "noindex") != hidden {
			t.Errorf("the notice: %d, headers %v", w.Code, w.Header())
		}
	}
	r.Hand.Set((clock.Date(2026, 11, 24) + 15).Start().Add(10 * time.Hour))
	r.follow()
	if r.state(id) != "posted" {
		t.Fatal("it came down early")
	}
	r.Hand.Set((clock.Date(2026, 11, 24) + 16).Start().Add(time.Minute))
	r.follow()
	if r.state(id) != "ended" {
		t.Fatal("the list stands after its term")
	}
	for _, path := range []string{"/board/" + village, "/notices/" + id} {
		if strings.Contains(r.get(path), "王某") {
			t.Errorf("%s still lists persons", path)
		}
	}
	r.verify()
}

func TestAQuestionIsAnswered(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.post("relief", map[string]any{"contents": "救灾款 12,000.00 元"})
	n, err := r.Cases.Notice(ctx, id)
	r.ok(err)
	if page := r.get("/ask/" + id); !strings.Contains(page, n.Number) || !strings.Contains(page, "/new/disclosure-question/ask") {
		t.Errorf("the page to ask on: %s", page)
	}
	nobody := identity.Actor{Kind: identity.Anyone}
	ask := func(about string) (casework.Receipt, error) {
		r.Hand.Advance(time.Minute)
		return r.Cases.Open(ctx, nobody, casework.Opening{Procedure: disclosure.Questions, Act: "ask", Values: map[string]any{"about": about, "words": "发给谁了？"}})
	}
	_, err = ask("260101-00000001")
	r.refused(err, "disclosure.nothing_published")
	got, err := ask(n.Number)
	r.ok(err)
	v, err := r.Cases.Get(ctx, r.Actor("clerk3"), got.Case)
	r.ok(err)
	if v.Case.Area != village || v.Case.Title == "" || len(v.Clocks) != 1 {
		t.Errorf("the question: %+v", v.Case)
	}
	r.refused(r.do("clerk3", got.Case, "answer", map[string]any{"question": "发给谁", "answer": "王某，电话13800000001"}), "disclosure.found.phone")
	r.ok(r.do("clerk3", got.Case, "answer", map[string]any{"question": "救灾款发给了谁", "answer": "发给受灾的十二户，名单另行公开"}))
	r.follow()
	page := r.get("/board/" + village)
	if !strings.Contains(page, "救灾款发给了谁") || !strings.Contains(page, "受灾的十二户") || strings.Contains(page, "发给谁了？") {
		t.Error("the answer is not on the board, or the asker's own words are")
	}
	_, err = r.Cases.Do(ctx, r.Link(got.Token), casework.Asking{Case: got.Case, Act: "raise", Values: map[string]any{"reason": "没有名单"}})
	r.ok(err)
	r.ok(r.do("head3", got.Case, "decide", map[string]any{"decision": "名单三日内公开"}))
	r.follow()
	if !strings.Contains(r.get("/board/"+village), "名单三日内公开") {
		t.Error("the township's word is not on the board")
	}
	// A question nobody answers reaches the township.
	late, err := ask(n.Number)
	r.ok(err)
	r.Hand.Set((r.Hand.Now().Day() + 6).Start().Add(time.Hour))
	r.follow() // warned
	r.follow()
	v, err = r.Cases.Get(ctx, identity.SystemActor(), late.Case)
	r.ok(err)
	if v.Case.Breached == 0 {
		t.Error("the answer is late and nobody is told")
	}
}

func TestAQuarterFallsDue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		work := func() (all int) {
			for {
				n, more, err := r.Schedule.Work(ctx)
				r.ok(err)
				if all += n; !more {
					return all
				}
			}
		}
		work()
		r.Hand.Set(clock.Date(2027, 1, 1).Start().Add(time.Hour))
		n := work()
		r.follow()
		list, err := r.Boards.Due(ctx, "999901", r.Hand.Now(), 100)
		r.ok(err)
		var open int64
		for _, v := range list {
			open += v.Open
		}
		if n == 0 || int(open) != n+2 || len(list) != 6 || list[0].Overdue != 0 {
			t.Fatalf("opened %d, due %+v", n, list)
		}
		// One village publishes something; in February the others are late and stand first.
		rows, _, err := r.Cases.List(ctx, r.Actor("clerk3"), casework.Filter{Procedure: disclosure.Procedure, Limit: 50})
		r.ok(err)
		var c *casework.Case
		for _, row := range rows {
			v, err := r.Cases.Get(ctx, r.Actor("clerk3"), row.ID)
			r.ok(err)
			if v.Case.Values.Text("item") == "decisions" {
				c = v.Case
			}
		}
		if c == nil {
			t.Fatalf("nothing of the clerk's: %d rows", len(rows))
		}
		if c.Unit != "v-shiqiao" || c.Values.Text("period") != "2026Q4" || c.Happened.Day() != clock.Date(2026, 12, 31) || c.Clocks()["publish"].Duty != clock.Date(2027, 1, 10).End() {
			t.Errorf("%s %s %s %v", c.Unit, c.Values.Text("period"), c.Happened.Day(), c.Clocks()["publish"].Duty.Day())
		}
		r.ok(r.do("clerk3", c.ID, "draft", map[string]any{"contents": "村民代表会议决定修路，已完成招标。"}))
		r.ok(r.do("overseer3", c.ID, "check", map[string]any{"ticked": ticks}))
		r.ok(r.do("director3", c.ID, "approve", nil))
		r.ok(r.do("clerk3", c.ID, "post", nil))
		r.Hand.Set(clock.Date(2027, 2, 1).Start().Add(9 * time.Hour))
		r.follow()
		list, err = r.Boards.Due(ctx, "999901", r.Hand.Now(), 100)
		r.ok(err)
		if list[0].Overdue == 0 || list[0].Overdue < list[len(list)-1].Overdue {
			t.Errorf("the order: %+v", list)
		}
		if page := r.get("/board/" + village); !strings.Contains(page, "2026 年第 4 季度") {
			t.Error("the board does not name the period")
		}
		if again := work(); again != 0 { // January is over, and nothing here is monthly
			t.Logf("opened %d of January", again)
		}
		r.verify()
	})
}

// Accounts have no case before somebody brings them: a village that never did is
// late all the same, one that published all months of the quarter is not.
func TestLateAccountsAreSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.Employ("keeper", "bookkeeper", "v-shiqiao", "")
		_, _, err := r.Schedule.Work(ctx)
		r.ok(err)
		owes := func() map[string]disclosure.Village {
			r.follow()
			list, err := r.Boards.Due(ctx, "999901", r.Hand.Now(), 100)
			r.ok(err)
			out := map[string]disclosure.Village{}
			for _, v := range list {
				out[v.Area] = v
			}
			return out
		}
		r.Hand.Set(clock.Date(2027, 1, 11).Start() - 1)
		if before := owes(); before[village].Open != 1 || before[village].Overdue != 0 || before[village].First != clock.Date(2027, 1, 10).End() || before[community].Open != 0 {
			t.Fatalf("on the last day: %+v", before)
		}
		for i, month := range []string{"2026-10", "2026-11", "2026-12"} {
			r.Hand.Set(clock.Date(2027, 1, 12+i).Start())
			if now := owes(); now[village].Overdue != 1 || now["999901100202"].Overdue != 1 {
				t.Fatalf("%s is missing: %+v", month, now)
			}
			r.accounts(month)
		}
		if now := owes(); now[village].Open != 0 || now["999901100202"].Overdue != 1 {
			t.Fatalf("all months are there: %+v", now)
		}
	})
}

// accounts brings a month of the village's accounts to its public page.
func (r *rig) accounts(month string) {
	r.t.Helper()
	table := "日期,凭证号,摘要,账户,类别,收入,支出,余额,经手人\n,,期初余额,现金,,,,100.00,\n" + month + "-05,1,捐款,现金,捐赠,10,,110,报账员\n" + month + "-06,2,购买办公用品,现金,办公费,,10,100,报账员\n"
	b, err := r.Books.Bring(ctx, r.Actor("keeper"), finance.Brought{Village: village, Period: finance.Period(month), Name: "x.csv", Data: []byte(table), Holder: "committee"})
	r.ok(err)
	if b.State == finance.Fresh {
		b, err = r.Books.Confirm(ctx, r.Actor("keeper"), b.ID, b.Mapping)
		r.ok(err)
	}
	got, err := r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
	r.ok(err)
	r.ok(r.do("overseer3", got.Case, "cosign", nil))
	r.ok(r.do("director3", got.Case, "approve", nil))
	r.ok(r.do("director3", got.Case, "post", nil))
}

func TestHostileWordsOnTheBoard(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	id := r.post("common", map[string]any{"subject": `<img src=x onerror=alert(1)>`, "contents": "<script>alert(1)</script>\n'\"&lt;{{.}}倒" + strings.Repeat("长", 3000)})
	for _, path := range []string{"/board/" + village, "/board/" + village + "/print?paper=a4", "/ask/" + id, "/notices/" + id, "/board?q=" + url.QueryEscape(`<script>`), "/board?under=" + url.QueryEscape(`' OR 1=1`)} {
		page := r.get(path)
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || !strings.Contains(page, "</html>") {
			t.Errorf("%s lets markup through", path)
		}
	}
	for _, path := range []string{"/board/999901", "/board/abc", "/board/999999999999", "/board/%00", "/ask/none", "/board/" + village + "/qr.png/x", "/board/qr/none/p.png"} {
		w := httptest.NewRecorder()
		r.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if png := r.get("/board/" + village + "/qr.png"); !strings.HasPrefix(png, "\x89PNG") {
		t.Error("no code for the wall")
	}
}

// TestAKeptBoardKeepsItsPolicy: who comes from outside gets the style sheets within
// the page, allowed by their hash, however often the page was given before; who is
// in the house gets them linked.
func TestAKeptBoardKeepsItsPolicy(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for _, referer := range []string{"", "", "http://example.com/board", "http://example.com/board", ""} {
		w := httptest.NewRecorder()
		q := httptest.NewRequest(http.MethodGet, "/board/"+village, nil)
		q.Header.Set("Accept", "text/html")
		if referer != "" {
			q.Header.Set("Referer", referer)
		}
		r.site.ServeHTTP(w, q)
		within, allowed := strings.Contains(w.Body.String(), "<style"), strings.Contains(w.Header().Get("Content-Security-Policy"), "'sha256-")
		if want := referer == ""; w.Code != http.StatusOK || within != want || allowed != want {
			t.Errorf("from %q: %d, sheets within %v, allowed %v", referer, w.Code, within, allowed)
		}
	}
}

func TestTheBoardIsKeptAndDrawnAnew(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.post("common", map[string]any{"contents": "甲事"})
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/board/"+village, nil))
	tag := w.Header().Get("ETag")
	q := httptest.NewRequest(http.MethodGet, "/board/"+village, nil)
	q.Header.Set("If-None-Match", tag)
	again := httptest.NewRecorder()
	r.site.ServeHTTP(again, q)
	if tag == "" || again.Code != http.StatusNotModified {
		t.Errorf("%q %d", tag, again.Code)
	}
	kept := httptest.NewRecorder()
	r.site.ServeHTTP(kept, httptest.NewRequest(http.MethodGet, "/board/"+village, nil))
	for i, one := range []*httptest.ResponseRecorder{w, kept, again} { // styles within the page are named, or it stands bare
		if strings.Contains(w.Body.String(), "<style>") && !strings.Contains(one.Header().Get("Content-Security-Policy"), "'sha256-") {
			t.Errorf("answer %d names no style: %s", i, one.Header().Get("Content-Security-Policy"))
		}
	}
	r.post("common", map[string]any{"contents": "乙事"})
	third := httptest.NewRecorder()
	r.site.ServeHTTP(third, q)
	if third.Code != http.StatusOK || !strings.Contains(third.Body.String(), "乙事") {
		t.Errorf("a newer board is not shown: %d", third.Code)
	}
	if _, err := r.Boards.Board(ctx, "999901"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a county has a board: %v", err)
	}
}

// TestACountyOnlyTightens feeds catalogues as a county might change them.
func TestACountyOnlyTightens(t *testing.T) {
	read := func(change func(string) string) []string {
		files := fstest.MapFS{}
		for _, dir := range []string{"disclosure", "procedure", "rights"} {
			list, err := fs.Glob(catalog.Files, dir+"/*.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range list {
				raw, err := fs.ReadFile(catalog.Files, name)
				if err != nil {
					t.Fatal(err)
				}
				if name == "disclosure/village.yaml" {
					raw = []byte(change(string(raw)))
				}
				files[name] = &fstest.MapFile{Data: raw}
			}
		}
		var out []string
		for _, p := range disclosure.CheckFiles(files) {
			out = append(out, p.String())
		}
		return out
	}
	if said := read(func(s string) string { return s }); len(said) > 0 {
		t.Fatalf("the program's own: %v", said)
	}
	for want, c := range map[string][2]string{
		"must be published":                      {"  help:", "  helped:"},
		"no less often than every quarter":       {"every: quarter", "every: year"},
		"within may only become shorter":         {"within: 10 days", "within: 20 days"},
		"stands 15 days or more":                 {"stands: 15 days", "stands: 14 days"},
		"unknown key":                            {"    by: clerk", "    for: clerk"},
		"unknown kind of post":                   {"by: clerk", "by: smith"},
		"unknown procedure":                      {"procedure: four-steps", "procedure: five-steps"},
		"column is party, affairs, finance":      {"column: affairs", "column: other"},
		"needs the norm":                         {"    norm: 村民委员会组织法 35(2)\n", ""},
		"verified is V, P or M":                  {"    verified: V\n", "    verified: sure\n"},
		"needs a term":                           {"    term: 15 days\n", ""},
		"it is public":                           {"    by: clerk\n    norm: 村民委员会组织法 35(3)", "    by: clerk\n    audience: members\n    norm: 村民委员会组织法 35(3)"},
		"a list of persons comes down":           {"term: 15 days", "term: 90 days"},
		"stands twice":                           {"  help:", "  relief:"},
		"disclosure/village.yaml:25: decisions:": {"every: quarter", "every: fortnight"},
	} {
		said := read(func(s string) string { return strings.Replace(s, c[0], c[1], 1) })
		if !slices.ContainsFunc(said, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("%q for %q: want %q, got %q", c[1], c[0], want, said)
		}
	}
	for what, c := range map[string][2]string{"oftener": {"every: quarter", "every: month"}, "sooner": {"within: 10 days", "within: 5 days"}, "longer": {"stands: 15 days", "stands: 30 days"}} {
		if said := read(func(s string) string { return strings.Replace(s, c[0], c[1], 1) }); len(said) > 0 {
			t.Errorf("%s is refused: %v", what, said)
		}
	}
	if lines, err := disclosure.Plan(catalog.Files); err != nil || len(lines) < 10 || lines[0].Every != procedure.Quarter {
		t.Errorf("the plan: %v %v", lines, err)
	}
}
