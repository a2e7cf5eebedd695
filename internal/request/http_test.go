package request_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
	"linli/internal/request"
)

func begin(r *rig, path string) url.Values {
	a := r.get(path)
	if a.Code != http.StatusOK {
		r.t.Fatalf("%s: %d %s", path, a.Code, a.body)
	}
	return a.form()
}

// The whole report by forms alone: words, a named place, photos, a check with
// suggestions, the receipt; sent twice it is one.
func TestReportWithoutScript(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	form := begin(r, "/report")
	form.Set("words", "公园门口路灯不亮")
	form.Set("place.words", "人民公园")
	form.Set("phone", "138 0000 0000")
	form.Set("do", "check")
	a := r.post("/report", form, [][]byte{picture(200), picture(90)})
	a.has(t, "路灯不亮、损坏", "人民公园", "公园门口路灯不亮</textarea>", "138 0000 0000", "/report/photo/", "灯杆编号", "name=\"do\" value=\"send\"")
	next := a.form()
	if len(next["photo"]) != 2 || next.Get("checked") != "yes" {
		t.Fatalf("hidden: %v", next)
	}
	for name, v := range map[string]string{"words": "公园门口路灯不亮", "class": "street-light", "place.words": "人民公园", "place.choice": "p:118.205500,34.305800,人民公园", "ask.pole": "A-17", "phone": "138 0000 0000", "do": "send"} {
		next.Set(name, v)
	}
	done := r.post("/report", next, nil)
	if done.Code != http.StatusOK {
		t.Fatalf("%d %s", done.Code, done.body)
	}
	m := linkOf.FindStringSubmatch(done.body)
	if m == nil {
		t.Fatalf("no link: %s", done.body)
	}
	token := strings.TrimPrefix(m[2], "/q/")
	done.has(t, "已经收到", "/q/"+token+"/qr.png", "加密保存")
	again := r.post("/report", next, nil)
	if m := linkOf.FindStringSubmatch(again.body); m == nil || strings.TrimPrefix(m[2], "/q/") != token {
		t.Error("sent twice it must be the same receipt")
	}
	where, visit := r.visit(token)
	follow := r.get(where, visit)
	follow.has(t, "待派遣", "公园门口路灯不亮", "*******0000", "催办", "撤回", "补充情况")
	number := strings.TrimPrefix(where, "/follow/")
	v, err := r.cases.Get(ctx, identity.SystemActor(), number)
	r.ok(err)
	if v.Case.Values.Text("details") != "灯杆编号（如能看清）：A-17" || v.Case.Area != "999901001001001" {
		t.Errorf("%v %s", v.Case.Values, v.Case.Area)
	}
	photos := v.Case.Values.List("photos")
	if len(photos) != 2 {
		t.Fatal(photos)
	}
	if got := r.get(where+"/photo/"+photos[0], visit); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("own photo: %d", got.Code)
	}
	for _, path := range []string{"/photo/" + photos[0], "/photo/" + photos[0] + "?case=" + number, where + "/photo/" + photos[0]} {
		if got := r.get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s for a stranger: %d", path, got.Code)
		}
	}
	r.asks = r.who["dispatcher"]
	if got := r.get("/photo/" + photos[0]); got.Code != http.StatusOK {
		t.Errorf("the dispatcher's look at a photo: %d", got.Code)
	}
	r.asks = r.who["pipe"]
	if got := r.get(request.PhotoAddress(v.Case.ID, photos[0])); got.Code != http.StatusNotFound {
		t.Errorf("another unit's look at a photo: %d", got.Code)
	}
}

func TestReportByQRAndMap(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	form := begin(r, "/report?grid=999901001001002")
	if form.Get("area") != "999901001001002" {
		t.Fatal(form)
	}
	if a := r.get("/report?grid=999901001001777"); a.Code != http.StatusNotFound {
		t.Error(a.Code)
	}
	form.Set("words", "路灯不亮")
	form.Set("do", "map")
	a := r.post("/report", form, nil)
	a.has(t, `type="image"`, "/map.svg?", "路灯不亮")
	form = a.form()
	form.Set("words", "路灯不亮")
	form.Set("do", "in")
	zoomed := r.post("/report", form, nil)
	if zoomed.form().Get("mpp") == form.Get("mpp") {
		t.Error("the map did not zoom")
	}
	form = zoomed.form()
	form.Set("words", "路灯不亮")
	form.Set("place.x", "150")
	form.Set("place.y", "125")
	clicked := r.post("/report", form, nil)
	if got := clicked.form(); got.Get("place.lon") == "" || got.Get("place.datum") != "WGS-84" {
		t.Errorf("click: %v", got)
	}
	form.Set("place.x", "9999")
	if a := r.post("/report", form, nil); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a click beside the map: %d", a.Code)
	}
}

func TestErrorKeepsWhatWasTyped(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	form := begin(r, "/report")
	form.Set("words", "路灯不亮，<b>黑</b>")
	form.Set("phone", "abc")
	form.Set("place.words", "桥头")
	form.Set("do", "check")
	a := r.post("/report", form, [][]byte{picture(10)})
	if a.Code != http.StatusUnprocessableEntity {
		t.Fatal(a.Code)
	}
	a.has(t, "路灯不亮，&lt;b&gt;黑&lt;/b&gt;", "桥头", `value="abc"`, "/report/photo/", `aria-invalid="true"`)
	form = a.form()
	form.Set("words", "路灯不亮")
	form.Set("do", "check")
	bad := r.post("/report", form, [][]byte{[]byte("<svg onload=alert(1)>")})
	if bad.Code != http.StatusUnprocessableEntity || len(bad.form()["photo"]) != 1 {
		t.Errorf("%d: the good photo must stay: %v", bad.Code, bad.form()["photo"])
	}
	form["photo"] = []string{strings.Repeat("a", 26) + "." + strings.Repeat("b", 20)}
	if a := r.post("/report", form, nil); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a forged ticket: %d", a.Code)
	}
	empty := begin(r, "/report")
	empty.Set("do", "send")
	if a := r.post("/report", empty, nil); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
}

// bomb is a PNG that says it has a billion pixels.
func bomb() []byte {
	raw, _ := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAfQAAAH0ACAYAAAA=")
	return raw
}

func TestHostileInput(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	evil := []string{"<script>alert(1)</script>", "'; DROP TABLE casework_case; --", "\"><img src=x onerror=alert(1)>", "{{.}}", "${7*7}", strings.Repeat("é", 500), "\u202e反"}
	for i, e := range evil {
		form := begin(r, "/report")
		for _, name := range []string{"words", "place.words", "class", "area", "ask.pole", "complained", "phone", "channel", "place.choice", "place.lon", "place.lat", "place.accuracy", "place.datum", "photo", "drop", "c", "mpp", "do", "checked", "unknown"} {
			one := url.Values{"key": form["key"], "words": {"路灯不亮"}, "do": {"send"}, "checked": {"yes"}}
			one.Set(name, e)
			a := r.post("/report", one, nil)
			if a.Code >= 500 || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
				t.Fatalf("%d in %s: %d", i, name, a.Code)
			}
		}
		for _, path := range []string{"/q/" + url.PathEscape(e), "/follow/" + url.PathEscape(e), "/photo/" + url.PathEscape(e), "/report?grid=" + url.QueryEscape(e) + "&class=" + url.QueryEscape(e)} {
			if a := r.get(path); a.Code >= 500 || strings.Contains(a.body, "<script>alert") {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
	}
	for name, raw := range map[string]string{"not UTF-8": "\xff\xfe", "a control": "a\x00b", "too long": strings.Repeat("长", 2001)} {
		form := begin(r, "/report")
		form.Set("words", raw)
		form.Set("do", "check")
		if a := r.post("/report", form, nil); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	for name, file := range map[string][]byte{"a bomb": bomb(), "no picture": []byte("%PDF-1.4"), "half a picture": picture(3)[:200], "HTML": []byte("<html>")} {
		form := begin(r, "/report")
		form.Set("words", "路灯不亮")
		form.Set("do", "check")
		if a := r.post("/report", form, [][]byte{file}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	many := make([][]byte, 12)
	for i := range many {
		many[i] = picture(uint8(i * 20))
	}
	form := begin(r, "/report")
	form.Set("words", "路灯不亮")
	if a := r.post("/report", form, many); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("twelve photos: %d", a.Code)
	}
	huge := httptest.NewRequest(http.MethodPost, "/report", strings.NewReader(strings.Repeat("x", 33<<20)))
	huge.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if a := r.ask(huge); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge body: %d", a.Code)
	}
	for _, kind := range []string{"multipart/form-data", "multipart/form-data; boundary=\"", "application/x-www-form-urlencoded", "text/plain", ""} {
		q := httptest.NewRequest(http.MethodPost, "/report", strings.NewReader("%zz&a=%"))
		q.Header.Set("Content-Type", kind)
		if a := r.ask(q); a.Code >= 500 || a.Code < 400 {
			t.Errorf("%q: %d", kind, a.Code)
		}
	}
	r.verify()
}

func TestLinksCannotBeGuessed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	receipt := r.send(request.Report{Words: "路灯不亮", Phone: "13800005678"})
	first := r.get("/q/" + seal.Token())
	if first.Code != http.StatusNotFound {
		t.Fatal(first.Code)
	}
	busy := 0
	for range 40 {
		if r.get("/q/"+seal.Token()).Code == http.StatusTooManyRequests {
			busy++
		}
	}
	if busy == 0 {
		t.Error("wrong links are not limited")
	}
	where, cookie := r.visit(receipt.Token)
	if strings.Contains(cookie.Value, receipt.Token) || !cookie.HttpOnly || cookie.Path != where {
		t.Errorf("%+v", cookie)
	}
	other := r.send(request.Report{Words: "路灯不亮"})
	for _, path := range []string{"/follow/" + other.Number, "/follow/" + receipt.Number} {
		if a := r.get(path); a.Code != http.StatusNotFound {
			t.Errorf("a number opens %s: %d", path, a.Code)
		}
	}
	if a := r.get("/follow/"+other.Number, cookie); a.Code != http.StatusNotFound {
		t.Errorf("one case's visit opens another: %d", a.Code)
	}
	forged := *cookie
	forged.Value = cookie.Value[:len(cookie.Value)-4] + "AAAA"
	if a := r.get(where, &forged); a.Code != http.StatusNotFound {
		t.Errorf("a forged visit: %d", a.Code)
	}
	r.clk.Advance(13 * time.Hour)
	if a := r.get(where, cookie); a.Code != http.StatusNotFound {
		t.Errorf("an old visit: %d", a.Code)
	}
}

func TestQueryNeedsMoreThanTheNumber(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	receipt := r.send(request.Report{Words: "路灯不亮", Phone: "13800005678"})
	none := r.send(request.Report{Words: "路灯不亮"})
	ask := func(number, last string) answer {
		return r.post("/query", url.Values{"number": {number}, "last4": {last}}, nil)
	}
	if a := ask(none.Number, "0000"); a.Code != http.StatusNotFound {
		t.Errorf("without a phone: %d", a.Code)
	}
	if a := ask("261124-00000000", "5678"); a.Code != http.StatusNotFound {
		t.Errorf("an unknown number: %d", a.Code)
	}
	a := ask(receipt.Number, "5678")
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.body)
	}
	cookie := a.Result().Cookies()[0]
	page := r.get(a.Header().Get("Location"), cookie)
	page.has(t, "待派遣", "催办")
	if strings.Contains(page.body, "act/withdraw") {
		t.Error("who came by the number may not withdraw")
	}
	form := url.Values{"key": {seal.Token()}}
	if a := r.post("/follow/"+receipt.Number+"/act/withdraw", form, nil, cookie); a.Code != http.StatusNotFound {
		t.Error(a.Code)
	}
	for range 4 {
		ask(receipt.Number, "0001")
	}
	if a := ask(receipt.Number, "5678"); a.Code != http.StatusTooManyRequests {
		t.Errorf("the sixth try at one number: %d", a.Code)
	}
}

func TestReporterActsByTheLink(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	receipt := r.send(request.Report{Words: "路灯不亮", Place: at(118.205, 34.305)})
	where, visit := r.visit(receipt.Token)
	form := url.Values{"key": {seal.Token()}, "supplement": {"又坏了两盏"}}
	a := r.post(where+"/act/add", form, [][]byte{picture(33)}, visit)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.body)
	}
	if a := r.post(where+"/act/add", form, [][]byte{picture(33)}, visit); a.Code != http.StatusSeeOther {
		t.Errorf("sent twice: %d", a.Code)
	}
	page := r.get(where+"?done=add", visit)
	page.has(t, "又坏了两盏", "已经提交", "/photo/")
	if n := strings.Count(page.body, "又坏了两盏"); n != 1 {
		t.Errorf("added %d times", n)
	}
	wrong := r.post(where+"/act/add", url.Values{"key": {seal.Token()}, "supplement": {strings.Repeat("长", 2500)}}, nil, visit)
	if wrong.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", wrong.Code)
	}
	wrong.has(t, "长长长", `aria-invalid="true"`)
	for _, act := range []string{"dispatch", "accept", "close_intake", "import", "nothing"} {
		if a := r.post(where+"/act/"+act, url.Values{"key": {seal.Token()}}, nil, visit); a.Code != http.StatusNotFound {
			t.Errorf("%s: %d", act, a.Code)
		}
	}
	// staff's words that are not for the reporter stay inside
	r.do("dispatcher", receipt.Case, "dispatch", map[string]any{"lead": "lighting", "reason": "此人常来投诉"})
	page = r.get(where, visit)
	page.has(t, "县路灯管理所", "办理", "24 小时")
	if strings.Contains(page.body, "常来投诉") || strings.Contains(page.body, "dispatcher") {
		t.Error("inner words or a person's name on the reporter's page")
	}
	v, err := r.cases.Get(ctx, identity.SystemActor(), receipt.Case)
	r.ok(err)
	proof := where + "/proof/" + v.Timeline[0].ID
	if a := r.get(proof, visit); a.Code == http.StatusOK {
		t.Error("a proof before it is sequenced")
	}
	_, err = r.log.Sequence(ctx)
	r.ok(err)
	if a := r.get(proof, visit); a.Code != http.StatusOK || !strings.HasPrefix(a.body, "c2sp.org/tlog-proof@v1") {
		t.Errorf("proof: %d %q", a.Code, a.body)
	}
	if a := r.post(where+"/act/withdraw", url.Values{"key": {seal.Token()}, "reason": {"好了"}}, nil, visit); a.Code != http.StatusSeeOther {
		t.Error(a.Code)
	}
	r.get(where, visit).has(t, "已撤回")
	if a := r.post(where+"/act/urge", url.Values{"key": {seal.Token()}}, nil, visit); a.Code != http.StatusConflict {
		t.Errorf("urging what was withdrawn: %d", a.Code)
	}
	r.verify()
}

func TestStaffDoors(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	if a := r.get("/staff/requests/new"); a.Code != http.StatusSeeOther {
		t.Errorf("without an account: %d", a.Code)
	}
	r.asks = r.who["lamp"]
	if a := r.get("/staff/requests/new"); a.Code != http.StatusForbidden {
		t.Errorf("a handler: %d", a.Code)
	}
	r.asks = r.who["intake"]
	form := begin(r, "/staff/requests/new")
	for name, v := range map[string]string{"words": "来电反映路灯不亮", "phone": "13800001111", "do": "send", "checked": "yes"} {
		form.Set(name, v)
	}
	if a := r.post("/staff/requests/new", form, nil); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a channel: %d", a.Code)
	}
	form.Set("channel", "phone")
	a := r.post("/staff/requests/new", form, nil)
	a.has(t, "已经收到", "data-print", "/cases/")
	rows, _, err := r.cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: request.Procedure})
	r.ok(err)
	v, err := r.cases.Get(ctx, identity.SystemActor(), rows[0].ID)
	r.ok(err)
	if v.Case.Values.Text("channel") != "phone" || v.Timeline[0].Behalf != "reporter" || v.Timeline[0].Person != "intake" {
		t.Errorf("%v %+v", v.Case.Values, v.Timeline[0].ActRow)
	}
	r.asks = r.who["grid"]
	form = begin(r, "/staff/grid/new")
	form.Set("words", "路灯不亮")
	form.Set("place.choice", "a:999901001001001")
	form.Set("do", "check")
	checked := r.post("/staff/grid/new", form, nil)
	form = checked.form()
	form.Set("words", "路灯不亮")
	form.Set("do", "send")
	if a := r.post("/staff/grid/new", form, nil); a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header().Get("Location"), "/cases/") {
		t.Errorf("%d %s", a.Code, a.body)
	}
}

func TestAPI(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	key := seal.Token()
	upload := func(key string, file []byte) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part := must(w.CreateFormFile("photo", "x.jpg"))
		must(part.Write(file))
		r.ok(w.Close())
		q := httptest.NewRequest(http.MethodPost, "/api/v1/photos", &body)
		q.Header.Set("Content-Type", w.FormDataContentType())
		q.Header.Set("Idempotency-Key", key)
		return r.ask(q)
	}
	photo := upload(key, picture(7))
	if photo.Code != http.StatusCreated {
		t.Fatalf("%d %s", photo.Code, photo.body)
	}
	ticket := strings.Split(photo.body, `"`)[3]
	for name, file := range map[string][]byte{"bomb": bomb(), "text": []byte("hello"), "nothing": nil} {
		if a := upload(key, file); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.Code, a.body)
		}
	}
	if a := upload("short", picture(1)); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
	body := map[string]any{"words": "路灯不亮", "photos": []string{ticket}, "place": map[string]any{"lon": 118.205, "lat": 34.305, "datum": "WGS-84"}}
	first, out := r.api(http.MethodPost, "/api/v1/requests", body, "Idempotency-Key", key)
	if first.Code != http.StatusCreated || out["number"] == "" || !strings.Contains(fmt.Sprint(out["link"]), "/q/") {
		t.Fatalf("%d %s", first.Code, first.body)
	}
	again, same := r.api(http.MethodPost, "/api/v1/requests", body, "Idempotency-Key", key)
	if again.Code != http.StatusCreated || same["link"] != out["link"] {
		t.Errorf("%d %v", again.Code, same)
	}
	body["words"] = "别的"
	if a, _ := r.api(http.MethodPost, "/api/v1/requests", body, "Idempotency-Key", key); a.Code != http.StatusConflict {
		t.Errorf("same key, other body: %d", a.Code)
	}
	for name, c := range map[string]map[string]any{
		"others' photo": {"words": "路灯不亮", "photos": []string{ticket}},
		"no datum":      {"words": "路灯不亮", "place": map[string]any{"lon": 118.2, "lat": 34.3}},
		"wrong datum":   {"words": "路灯不亮", "place": map[string]any{"lon": 118.2, "lat": 34.3, "datum": "X"}},
		"impossible":    {"words": "路灯不亮", "place": map[string]any{"lon": 500, "lat": 34.3, "datum": "WGS-84"}},
		"unknown field": {"words": "路灯不亮", "emergency": true},
		"nothing":       {},
		"no such class": {"class": "zzz"},
	} {
		if a, _ := r.api(http.MethodPost, "/api/v1/requests", c, "Idempotency-Key", seal.Token()); a.Code < 400 || a.Code >= 500 {
			t.Errorf("%s: %d %s", name, a.Code, a.body)
		}
	}
	if a, _ := r.api(http.MethodPost, "/api/v1/requests", map[string]any{"words": "路灯不亮"}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a key: %d", a.Code)
	}
	near, list := r.api(http.MethodGet, "/api/v1/requests/nearby?class=street-light&lon=118.205&lat=34.305&datum=WGS-84", nil)
	if rows, _ := list["requests"].([]any); near.Code != http.StatusOK || len(rows) != 1 {
		t.Errorf("%d %s", near.Code, near.body)
	}
	if strings.Contains(near.body, "路灯不亮\"") || strings.Contains(near.body, fmt.Sprint(out["number"])) {
		t.Error("nearby tells too much: " + near.body)
	}
	if a := r.get("/api/v1/requests/nearby?class=street-light&lon=118.205&lat=34.305"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("nearby without a datum: %d", a.Code)
	}
}

func TestEmergencyIsPointedToTheNumbers(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	form := begin(r, "/report")
	form.Set("words", "三楼着火了，有人被困")
	form.Set("do", "check")
	a := r.post("/report", form, nil)
	a.has(t, `href="tel:119"`, "请先打电话")
	form = a.form()
	form.Set("words", "三楼着火了，有人被困")
	form.Set("do", "send")
	r.post("/report", form, nil).has(t, `href="tel:119"`, "疑似紧急")
}

func TestSimilarIsShownBeforeSending(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.send(request.Report{Words: "老王家路灯不亮", Place: at(118.2051, 34.3051)})
	form := begin(r, "/report")
	for name, v := range map[string]string{"words": "路灯不亮", "place.lon": "118.2050", "place.lat": "34.3050", "place.datum": "WGS-84", "do": "check"} {
		form.Set(name, v)
	}
	a := r.post("/report", form, nil)
	a.has(t, "附近已有同类事项", "约 50 米内", "清河社区居委会")
	if strings.Contains(a.body, "老王") {
		t.Error("another's words are shown")
	}
}

func TestQR(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	a := r.get("/q/" + seal.Token() + "/qr.png")
	if a.Code != http.StatusOK || a.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(a.body, "\x89PNG") {
		t.Errorf("%d %s", a.Code, a.Header())
	}
}

// A photo of a form that was never sent is destroyed after a day; one that an
// act holds stays, also when our note of it was lost.
func TestUnsentPhotosAreDestroyed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	form := begin(r, "/report")
	form.Set("words", "路灯不亮")
	form.Set("do", "check")
	unsent := r.post("/report", form, [][]byte{picture(1)})
	src := regexp.MustCompile(`/report/photo/[A-Za-z0-9._-]+`).FindString(unsent.body)
	if a := r.get(src); a.Code != http.StatusOK {
		t.Fatalf("%s: %d", src, a.Code)
	}
	form = begin(r, "/report")
	form.Set("words", "路灯不亮")
	form.Set("do", "send")
	form.Set("checked", "yes")
	r.post("/report", form, [][]byte{picture(2)}).has(t, "已经收到")
	r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE request_photo SET case_id = ''`)
		return err
	}))
	if bound, dropped, err := r.req.Tidy(ctx); bound != 0 || dropped != 0 || err != nil {
		t.Errorf("too early: %d %d %v", bound, dropped, err)
	}
	r.clk.Advance(25 * time.Hour)
	if bound, dropped, err := r.req.Tidy(ctx); bound != 1 || dropped != 1 || err != nil {
		t.Errorf("%d %d %v", bound, dropped, err)
	}
	if a := r.get(src); a.Code != http.StatusNotFound {
		t.Errorf("the unsent photo is still there: %d", a.Code)
	}
	late := unsent.form()
	late.Set("words", "路灯不亮")
	late.Set("do", "send")
	if a := r.post("/report", late, nil); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a form with a photo that is gone: %d", a.Code)
	}
}
