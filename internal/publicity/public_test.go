package publicity_test

import (
	"encoding/xml"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
	"linli/internal/publicity"
)

// forbidden is the rule told anew, by the case alone.
func forbidden(c *casework.Case) bool {
	about, _ := c.Values["about_unit"].(bool)
	flagged, _ := c.Values["emergency"].(bool)
	return c.Sealed != "" || about || c.Values["complained"] != nil || c.State == "withdrawn" || c.Leader != "" ||
		flagged && (c.Class == "" || c.Class == "medical-emergency" || c.Class == "crime") || c.Class == "neighbour-dispute" || c.Class == "staff-conduct" || c.Class == "medical-emergency" ||
		c.Values.Text("intake_kind") == "secret" || c.Values.Text("intake_kind") == "emergency"
}

// Whatever happens to cases in whatever order, none that may not be public is on
// a public page, before the log is read and after it.
func TestWhatMayNotBePublicNeverIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		rnd := rand.New(rand.NewPCG(20261124, 17))
		var ids []string
		check := func(moment string) {
			t.Helper()
			listed := map[string]bool{}
			for path := "/requests"; path != ""; {
				a := r.get(path)
				for _, m := range regexp.MustCompile(`/requests/([0-9A-Z]{26})`).FindAllStringSubmatch(a.body, -1) {
					listed[m[1]] = true
				}
				next := regexp.MustCompile(`href="(/requests\?after=[^"]+)"`).FindStringSubmatch(a.body)
				path = ""
				if next != nil {
					path = strings.ReplaceAll(next[1], "&amp;", "&")
				}
			}
			feed := r.get("/requests/feed").body
			for _, id := range ids {
				c, _, _, err := r.cases.History(ctx, id)
				r.ok(err)
				if !forbidden(c) {
					continue
				}
				if listed[id] || strings.Contains(feed, id) {
					t.Fatalf("%s: case %s of class %q in state %s is public: %v", moment, id, c.Class, c.State, c.Values)
				}
				for _, ref := range []string{id, c.Number} {
					if a := r.get("/requests/" + ref); a.Code != http.StatusNotFound || strings.Contains(a.body, c.Title) && c.Title != "" {
						t.Fatalf("%s: %s is shown by %s: %d", moment, id, ref, a.Code)
					}
				}
				if a := r.get("/requests/" + id + "/photo/1"); a.Code != http.StatusNotFound {
					t.Fatal(a.Code)
				}
			}
		}
		pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
		for range 60 {
			if len(ids) < 4 || rnd.IntN(3) == 0 {
				values := map[string]any{"words": pick("路灯不亮", "垃圾没人收", "楼上邻居吵架", "有人晕倒了，快来人", "工作人员态度差", "水管爆了", "着火了")}
				if rnd.IntN(2) == 0 {
					values["class"] = pick("street-light", "garbage", "neighbour-dispute", "medical-emergency", "staff-conduct", "crime")
				}
				if rnd.IntN(4) == 0 {
					values["about_unit"] = true
				}
				if rnd.IntN(6) == 0 {
					values["complained"] = "qinghe-um"
				}
				ids = append(ids, r.report(values).Case)
			} else {
				id := ids[rnd.IntN(len(ids))]
				act, values := "", map[string]any{}
				switch rnd.IntN(7) {
				case 0:
					act, values = "name_unit", map[string]any{"about_unit": rnd.IntN(2) == 0, "complained": "qinghe-um"}
					if values["about_unit"] == false {
						delete(values, "complained")
					}
				case 1:
					act, values = "classify", map[string]any{"class": pick("street-light", "neighbour-dispute", "crime", "garbage")}
				case 2:
					act, values = "close_intake", map[string]any{"intake_kind": pick("secret", "emergency", "outside")}
				case 3:
					act, values = "classify", map[string]any{"emergency": rnd.IntN(2) == 0}
				case 4:
					other, err := r.cases.Get(ctx, identity.SystemActor(), ids[rnd.IntN(len(ids))])
					r.ok(err)
					act, values = "join", map[string]any{"leading": other.Case.Number}
				default:
					_, _ = r.pub.Release(ctx, r.who["publisher"], id, publicity.Asked{Key: seal.Token()}) // refused where it may not be
				}
				if act != "" {
					_, _ = r.cases.Do(ctx, r.who["dispatcher"], casework.Asking{Case: id, Act: act, Values: values}) // refused where it does not fit
				}
			}
			check("at once")
			if rnd.IntN(3) == 0 {
				r.follow()
				check("after the log was read")
			}
		}
		r.follow()
		before := r.get("/requests").body
		r.ok(r.pub.Rebuild(ctx))
		if stripped(r.get("/requests").body) != stripped(before) {
			t.Error("a rebuilt list is another list")
		}
		check("rebuilt")
	})
}

func stripped(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	return rest
}

// Numbers and ids are not to be guessed at: whatever is asked, what is not public
// answers as what is not there.
func TestGuessing(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	secret := r.report(map[string]any{"words": "执法队收红包", "about_unit": true, "complained": "qinghe-um"})
	r.follow()
	nothing := r.get("/requests/261124-00000000")
	for _, ref := range []string{secret.Number, secret.Case, strings.ToLower(secret.Case), secret.Case[:25], secret.Number + "0", "feed2", "%2e%2e", "..", "' OR 1=1", "<script>", strings.Repeat("9", 300)} {
		a := r.get("/requests/" + url.PathEscape(ref))
		if a.Code != http.StatusNotFound && a.Code != http.StatusBadRequest && a.Code != http.StatusTemporaryRedirect && a.Code != http.StatusMovedPermanently && a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q answers %d", ref, a.Code)
		}
		a.lacks(t, "执法队收红包", "<script>")
	}
	refusal := regexp.MustCompile(`(?s)<h1.*?</div>`)
	said := func(a answer) string { return refusal.FindString(a.body) }
	if a := r.get("/requests/" + secret.Number); said(a) != said(nothing) || said(a) == "" || a.Code != nothing.Code {
		t.Errorf("what exists answers otherwise than what does not:\n%s\n%s", said(a), said(nothing))
	}
	for _, q := range []string{"class=nothing", "area=<xyz>", "state=" + url.QueryEscape("' OR 1"), "after=1.2", "after=" + url.QueryEscape("9.' OR '1'='1"), "q=" + strings.Repeat("x", 500), "area=9999010010010"} {
		if a := r.get("/requests?" + q); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", q, a.Code)
		} else {
			a.lacks(t, "<xyz>", "收红包")
		}
	}
	for _, q := range []string{"q=%25", "q=_", `q=\`, "q=" + url.QueryEscape("<script>alert(1)</script>")} {
		if a := r.get("/requests?" + q); a.Code != http.StatusOK || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "/requests/"+secret.Case) {
			t.Errorf("%s answers %d", q, a.Code)
		}
	}
}

func TestListPagesAndFilters(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for i := range 65 {
		r.clk.Advance(time.Minute)
		in := map[string]any{"words": "第" + strconv.Itoa(i) + "盏路灯", "class": "street-light"}
		if i%2 == 1 {
			in["class"] = "noise-construction"
			in["place"] = map[string]any{"area": "999901001002"}
		}
		r.report(in)
	}
	r.follow()
	seen, pages := map[string]bool{}, 0
	for path := "/requests"; path != ""; pages++ {
		a := r.get(path)
		for _, m := range regexp.MustCompile(`<a href="/requests/([0-9A-Z]{26})"`).FindAllStringSubmatch(a.body, -1) {
			if seen[m[1]] {
				t.Fatal("stands twice")
			}
			seen[m[1]] = true
		}
		next := regexp.MustCompile(`href="(/requests\?after=[^"]+)"`).FindStringSubmatch(a.body)
		path = ""
		if next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
	}
	if len(seen) != 65 || pages != 3 {
		t.Errorf("%d requests on %d pages", len(seen), pages)
	}
	r.get("/requests?class=noise").has(t, "共 32 件", "施工噪声") // classes below it too
	r.get("/requests?class=street-light").has(t, "共 33 件")
	a := r.get("/requests?area=999901001002&class=street-light")
	a.has(t, "没有符合条件的诉求", "查看全部")
	a = r.get("/requests")
	a.has(t, "/map.svg?", "mark=", "柳园社区居委会", "共 65 件")
	// kept pages follow what changes
	tag := a.Header().Get("ETag")
	q := r.ask(http.MethodGet, "/requests", nil)
	if q.Header().Get("ETag") != tag {
		t.Error("the same page has another tag")
	}
	r.report(map[string]any{"words": "又一盏", "class": "street-light"})
	r.follow()
	r.get("/requests").has(t, "共 66 件")
}

func TestFeedIsAtom(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	one := r.report(map[string]any{"words": "路灯 <b>&不亮]]>", "class": "street-light"})
	r.release("publisher", one.Case, nil)
	a := r.get("/requests/feed?area=999901001001&class=street-light")
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Entries []struct {
			ID, Title, Summary string
			Link               struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(a.body), &feed); err != nil || len(feed.Entries) != 1 || !strings.Contains(a.body, "路灯 &lt;b&gt;&amp;不亮") {
		t.Fatal(err, a.body)
	}
	if a.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" || !strings.Contains(a.body, "https://linli.example/requests/"+one.Case) {
		t.Error(a.Header())
	}
	if a := r.get("/requests/feed?class=nothing"); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
}

// A case that cannot be read is hidden and tried again; the others go on.
func TestPoisonousCaseIsParked(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	bad := r.report(map[string]any{"words": "路灯不亮", "class": "street-light"})
	r.follow()
	r.pub.Spoil(func(id string) error {
		if id == bad.Case {
			return errors.New("spoilt")
		}
		return nil
	})
	r.do("dispatcher", bad.Case, "classify", map[string]any{"class": "garbage"})
	good := r.report(map[string]any{"words": "垃圾没人收", "class": "garbage"})
	r.follow()
	a := r.get("/requests")
	a.has(t, good.Case)
	a.lacks(t, bad.Case)
	r.pub.Spoil(nil)
	if n := must(r.pub.Retry(ctx, 10)); n != 1 {
		t.Error(n)
	}
	r.get("/requests").has(t, bad.Case)
}

func TestSubscription(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for _, c := range []string{"", "123", "a@b", "x y@z.cn", "a@b.cn,c@d.cn", "<a@b.cn>", "12800000001"} {
			if a := r.post("/requests/subscribe", url.Values{"area": {"999901001001"}, "contact": {c}}); a.Code != http.StatusUnprocessableEntity {
				t.Errorf("%q answers %d", c, a.Code)
			}
		}
	})
	r := newRig(t, dbtest.SQLite(t))
	wish := func(contact, area string) answer {
		return r.post("/requests/subscribe", url.Values{"area": {area}, "contact": {contact}, "class": {"street-light"}})
	}
	for _, area := range []string{"", "999901", "999901001009", "99990100100'"} {
		if a := wish("13800000001", area); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q answers %d", area, a.Code)
		}
	}
	a := wish("138 0000 0001", "999901001001")
	a.has(t, "验证码已经发出")
	mails := r.sent.take()
	if len(mails) != 1 || mails[0].Kind != "phone" || mails[0].To != "13800000001" {
		t.Fatal(mails)
	}
	code := regexp.MustCompile(`\d{6}`).FindString(mails[0].Text)
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(a.body)[1]
	// nothing is sent before it is confirmed
	r.clk.Advance(25 * time.Hour)
	if n := must(r.pub.SendDigests(ctx)); n != 0 {
		t.Error(n)
	}
	if a := r.post("/requests/subscribe/code", url.Values{"id": {id}, "code": {code}}); a.Code != http.StatusUnprocessableEntity {
		t.Error("a code of yesterday was taken", a.Code)
	}
	a = wish("somebody@example.invalid", "999901001001")
	mails = r.sent.take()
	link := regexp.MustCompile(`/subscription/\S+`).FindString(mails[0].Text)
	id = regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(a.body)[1]
	for range 6 {
		r.post("/requests/subscribe/code", url.Values{"id": {id}, "code": {"000000"}})
	}
	// Looking at the link changes nothing; the button does.
	r.get(link).has(t, "确认订阅")
	r.get(link).has(t, "确认订阅")
	if a := r.post(link, nil); a.Code != http.StatusOK {
		t.Fatal(a.Code)
	}
	var contact string
	r.ok(r.d.Reader().Row(ctx, `SELECT contact FROM publicity_subscription`).Scan(&contact))
	if strings.Contains(contact, "example") {
		t.Error("the contact stands in clear")
	}
	r.clk.Advance(time.Minute)
	one := r.report(map[string]any{"words": "路灯不亮，电话13800000001", "class": "street-light"})
	r.report(map[string]any{"words": "垃圾", "class": "garbage"})
	r.report(map[string]any{"words": "路灯坏", "class": "street-light", "place": map[string]any{"area": "999901001002"}})
	r.follow()
	if n := must(r.pub.SendDigests(ctx)); n != 0 {
		t.Error("told again within a day")
	}
	r.clk.Advance(25 * time.Hour)
	r.sent.fail = errors.New("no network")
	must(r.pub.SendDigests(ctx))
	r.sent.fail = nil
	if n := must(r.pub.SendDigests(ctx)); n != 1 {
		t.Error(n)
	}
	mails = r.sent.take()
	if len(mails) != 1 || !strings.Contains(mails[0].Text, one.Case) || strings.Count(mails[0].Text, "/requests/0") != 1 || strings.Contains(mails[0].Text, "138") {
		t.Fatal(mails)
	}
	if items := must(r.pub.Digest(ctx, 0)); len(items) != 3 || items[0].Title != "" {
		t.Error(items)
	}
	r.clk.Advance(25 * time.Hour)
	if n := must(r.pub.SendDigests(ctx)); n != 0 {
		t.Error("told of nothing")
	}
	end := regexp.MustCompile(`/subscription/\S+`).FindString(mails[0].Text)
	r.get(end).has(t, "取消订阅")
	if a := r.post(end+"/leave", nil); a.Code != http.StatusOK {
		t.Error(a.Code)
	}
	var n int
	r.ok(r.d.Reader().Row(ctx, `SELECT COUNT(*) FROM publicity_subscription`).Scan(&n))
	if n != 0 {
		t.Error("the contact is still kept")
	}
	if a := r.get(end); a.Code != http.StatusNotFound {
		t.Error(a.Code)
	}
}

func TestFeedback(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.get("/feedback?from=/follow/261124-12345678%3Fx=1").has(t, `/feedback/platform?from=%2Ffollow%2F%2A`, `href="/report"`, "/report?about_unit")
	for _, bad := range []string{"https://evil.example/x", "//evil.example", "javascript:alert(1)", "/q/abcdefghijkmnpqrstuvwxyz23", "x", strings.Repeat("/a", 300)} {
		r.get("/feedback?from="+url.QueryEscape(bad)).lacks(t, "evil", "javascript", "abcdefghijkmnp")
	}
	page := r.get("/feedback/platform?from=/report")
	page.has(t, `value="/report"`, "五个工作日", "云溪县人民政府")
	key := keyed.FindStringSubmatch(page.body)[1]
	if a := r.post("/feedback/platform", url.Values{"key": {key}}); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
	form := url.Values{"key": {key}, "words": {"<b>字太小</b>"}, "kind": {"hard"}, "page": {"/follow/261124-12345678"}, "phone": {"13800000001"}}
	a := r.post("/feedback/platform", form)
	if a.Code != http.StatusCreated {
		t.Fatal(a.Code, a.body)
	}
	again := r.post("/feedback/platform", form)
	number := regexp.MustCompile(`\d{6}-\d{8}`).FindString(a.body)
	if number == "" || !strings.Contains(again.body, number) {
		t.Error("the same form made two")
	}
	v := must(r.cases.Get(ctx, r.who["admin"], number))
	if v.Case.Values.Text("page") != "/follow/*" || v.Case.Unit != "county" || v.Case.Area != "999901" {
		t.Errorf("%+v", v.Case)
	}
	if _, sealed := v.Case.Values["phone"].(casework.Sealed); !sealed {
		t.Error("the phone stands in clear")
	}
	if _, err := r.cases.Get(ctx, r.who["lamp"], number); err == nil {
		t.Error("a handler elsewhere sees it")
	}
	r.do("admin", v.Case.ID, "answer", map[string]any{"answer": "已加大字号"})
	token := regexp.MustCompile(`/q/([a-z0-9]{26})`).FindStringSubmatch(a.body)[1]
	if _, err := r.cases.PartyByToken(ctx, seal.HashToken(token)); err != nil {
		t.Error(err)
	}
	r.follow()
	r.get("/requests").lacks(t, "字太小", number)
	r.verify()
}
