package ballot_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linli/internal/app"
	"linli/internal/ballot"
	"linli/internal/identity"
	"linli/internal/kit/db/dbtest"
)

// door is the whole site, entered as somebody of the demo's county.
type door struct {
	*rig
	site http.Handler
	who  string
}

func (r *rig) door(who string) *door {
	r.t.Helper()
	site, err := app.NewSite(r.House, app.SiteOptions{})
	r.ok(err)
	d := &door{rig: r, site: site.Handler()}
	if who != "" {
		d.who, _, err = r.People.SignIn(ctx, who, app.DemoPassword, "127.0.0.1")
		r.ok(err)
	}
	return d
}

func (d *door) send(method, target, kind string, body io.Reader) *httptest.ResponseRecorder {
	d.t.Helper()
	q := httptest.NewRequest(method, target, body)
	if kind != "" {
		q.Header.Set("Content-Type", kind)
		q.Header.Set("Origin", "http://example.com")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if d.who != "" {
		q.AddCookie(&http.Cookie{Name: identity.Cookie, Value: d.who})
	}
	w := httptest.NewRecorder()
	d.site.ServeHTTP(w, q)
	return w
}

func (d *door) page(target string, status int) string {
	d.t.Helper()
	w := d.send("GET", target, "", nil)
	if w.Code != status {
		d.t.Fatalf("%s answers %d, wanted %d: %.600s", target, w.Code, status, w.Body)
	}
	return w.Body.String()
}

func (d *door) post(target string, status int, pairs ...string) string {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	w := d.send("POST", target, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if w.Code != status {
		d.t.Fatalf("%s with %v answers %d, wanted %d: %.600s", target, pairs, w.Code, status, w.Body)
	}
	return w.Body.String() + w.Header().Get("Location")
}

// upload sends a roll.
func (d *door) upload(status int, body string, data []byte, more ...string) string {
	d.t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for k, v := range map[string]string{"area": d.village, "body": body} {
		d.ok(w.WriteField(k, v))
	}
	for i := 0; i+1 < len(more); i += 2 {
		d.ok(w.WriteField(more[i], more[i+1]))
	}
	part, err := w.CreateFormFile("file", "名册.csv")
	d.ok(err)
	_, err = part.Write(data)
	d.ok(err)
	d.ok(w.Close())
	got := d.send("POST", "/rolls", w.FormDataContentType(), &buf)
	if got.Code != status {
		d.t.Fatalf("answers %d, wanted %d: %.600s", got.Code, status, got.Body)
	}
	return got.Body.String()
}

func holds(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Fatalf("the page lacks %q:\n%.3000s", w, page)
		}
	}
}

func TestPages(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	clerk := r.door("clerk3")
	holds(t, clerk.page("/rolls", 200), "还没有名册")
	holds(t, clerk.upload(422, "village_meeting", []byte("姓名,户号,是否成年\n甲,1,也许\n<script>alert(1)</script>,2,是\n乙,,是\n")), "第", "也许", "没有户号")
	holds(t, clerk.upload(422, "village_meeting", table(3, "", plain), "as_of", "tomorrow"), "日期不对")
	holds(t, clerk.upload(200, "village_meeting", []byte("姓名,户号,是否成年,户代表\n<script>alert(1)</script>,1,是,是\n甲示,1,是,否\n乙示,2,是,是\n")), "应到 3 人")
	roll := must(r.Ballot.List(ctx, r.who["clerk"]))[0]
	page := clerk.page("/rolls/"+roll.ID, 200)
	holds(t, page, "&lt;script&gt;", "甲示", roll.Hash)
	if strings.Contains(page, "<script>alert") {
		t.Fatal("a name is no markup")
	}
	if strings.Contains(clerk.page("/rolls/"+roll.ID+"?find="+url.QueryEscape("乙示"), 200), "甲示") {
		t.Fatal("the search finds everybody")
	}
	holds(t, clerk.page("/rolls/"+roll.ID+"/lines/2", 200), "甲示")
	clerk.page("/rolls/"+roll.ID+"/lines/99", 404)
	clerk.page("/rolls/none", 404)
	clerk.post("/rolls/"+roll.ID+"/lines", 422, "name", "丙示", "household", "3", "adult", "yes") // without reason
	clerk.post("/rolls/"+roll.ID+"/lines", 303, "name", "丙示", "household", "3", "adult", "yes", "reason", "迁入")
	clerk.post("/rolls/"+roll.ID+"/lines", 409, "name", "丁示", "household", "3", "adult", "yes", "reason", "迁入") // no longer the newest
	clerk.post("/rolls/"+roll.ID+"/lines", 404, "no", "-1", "name", "丁示", "reason", "迁入")
	holds(t, clerk.page("/rolls/"+roll.ID, 200), "现在用的是第 2 版")
	if w := clerk.send("GET", "/rolls/form.xlsx", "", nil); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("PK")) {
		t.Fatalf("no empty workbook: %d", w.Code)
	}

	m, err := r.call(ballot.VillageMeeting, map[string]any{"meeting_day": today.String(), "urgent_reason": "防汛"})
	r.ok(err)
	here := "/meetings/" + m.Case
	holds(t, clerk.page(here, 200), "人数还不够", "到会 0 人，应到 4 人，须到 3 人，还差 3 人", "户代表到会 0 户，共 3 户，须到 2 户，还差 2 户", "村民委员会组织法 26(1)")
	holds(t, clerk.post(here+"/arrive", 303, "line", "1", "how", "self"), "done=1")
	holds(t, clerk.post(here+"/arrive", 409, "line", "1", "how", "self"), "已经到会")
	for _, bad := range []string{"", "x", "-1", "0", "5", "99999999999999999999", "1 OR 1=1"} {
		w := clerk.send("POST", here+"/arrive", "application/x-www-form-urlencoded", strings.NewReader("how=self&line="+url.QueryEscape(bad)))
		if w.Code < 400 || w.Code > 499 {
			t.Errorf("line %q: %d", bad, w.Code)
		}
	}
	clerk.post(here+"/arrive", 422, "line", "2", "how", "magic")
	holds(t, clerk.page(here+"/now", 200), "data-poll", "还差")
	if strings.Contains(clerk.page(here+"/screen", 200), "甲示") {
		t.Fatal("a name stands on the screen of the hall")
	}
	holds(t, clerk.page(here+"/minutes", 200), "还没有起草")
	holds(t, clerk.page("/cases/"+m.Case, 200), "到会登记")

	// The watchdog looks and marks nobody; others do not learn that there is one.
	watch := r.door("overseer3")
	if strings.Contains(watch.page(here, 200), `action="`+here+`/arrive"`) {
		t.Fatal("the supervision committee is offered to mark people present")
	}
	watch.post(here+"/arrive", 403, "line", "2", "how", "self")
	for _, who := range []string{"clerk1", "h-lighting", "head1"} {
		other := r.door(who)
		for _, at := range []string{here, here + "/now", here + "/screen", here + "/minutes", "/rolls/" + roll.ID} {
			other.page(at, 404)
		}
		other.post(here+"/arrive", 404, "line", "2", "how", "self")
	}
	anyone := r.door("")
	for _, at := range []string{"/rolls", here, "/rolls/" + roll.ID} {
		if w := anyone.send("GET", at, "", nil); w.Code == 200 {
			t.Errorf("%s is open to anybody", at)
		}
	}
}

// TestManyLinesStayOnPages: a roll of 1,500 people is shown in pages and printed
// whole, and the door lists few.
func TestManyLinesStayOnPages(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	clerk := r.door("clerk3")
	roll := r.importRoll(ballot.VillageMeeting, table(1500, "", plain))
	if n := strings.Count(clerk.page("/rolls/"+roll.ID, 200), "/lines/"); n > 120 {
		t.Fatalf("%d lines on one page", n)
	}
	holds(t, clerk.page("/rolls/"+roll.ID+"?after=1400", 200), fmt.Sprint(">1500<"))
	if n := strings.Count(clerk.page("/rolls/"+roll.ID+"?all=yes", 200), "/lines/1"); n < 400 {
		t.Fatalf("only %d lines are printed", n)
	}
	clerk.page("/rolls/"+roll.ID+"?after=x&find="+strings.Repeat("x", 5000), 200)
	m, err := r.call(ballot.VillageMeeting, nil)
	r.ok(err)
	holds(t, clerk.page("/meetings/"+m.Case, 200), "还有 1460 人没有列出")
}
