package publicity_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"linli/internal/kit/privacy"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/publicity"
)

const told = "人民路12号楼3单元402室王先生家门口路灯不亮，电话13800000001，身份证990101199003071234，请尽快修"

// picture is a small photo with a sharp spot in its middle.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			v := uint8((x + y) % 256)
			img.SetRGBA(x, y, color.RGBA{v, v, 200, 255})
		}
	}
	for y := 100; y < 140; y++ {
		for x := 140; x < 180; x++ {
			img.SetRGBA(x, y, color.RGBA{255, 0, uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestByDefaultOnlyClassCommunityAndState(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		one := r.report(map[string]any{"words": told, "class": "street-light", "phone": "13900000009"})
		r.follow()
		list := r.get("/requests?area=999901001")
		list.has(t, "路灯不亮、损坏", "清河社区居委会", "待派遣", "/requests/"+one.Case)
		page := r.get("/requests/" + one.Case)
		page.has(t, "路灯不亮、损坏", "没有公开", "noindex")
		for _, a := range []answer{list, page, r.get("/requests/feed")} {
			a.lacks(t, "王先生", one.Number, "138", "139", "人民路", "402", "尽快修", "118.207", "34.303")
		}
		if page.Header().Get("X-Robots-Tag") == "" || list.Header().Get("ETag") == "" {
			t.Error("the page lacks its headers")
		}
		// The number on a receipt leads to the public page and is not shown there.
		if a := r.get("/requests/" + one.Number); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/requests/"+one.Case {
			t.Error(a.Code, a.Header())
		}
		r.settle(one, "已更换灯泡")
		r.follow()
		r.get("/requests/"+one.Case).has(t, "县路灯管理所", "解决了", "满意", "已办结")
		r.get("/requests/"+one.Case).lacks(t, "已更换", "lamp-name", "已联系")
		r.verify()
	})
}

func TestReleaseAndTakingBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		photo := must(r.req.Keep(ctx, seal.Token(), picture(t)))
		one := r.report(map[string]any{"words": told, "photos": []any{photo}})
		r.settle(one, "已更换灯泡，咨询电话0999-1234567")
		r.follow()
		id := one.Case
		// The proposal strikes what the check finds; nothing is public by looking.
		v := must(r.pub.Review(ctx, r.who["publisher"], id))
		for _, s := range v.Texts {
			if out := privacy.Strike(s.Text, v.Draft.Texts[s.Key].Marks); strings.Contains(out, "138") || strings.Contains(out, "9901") || strings.Contains(out, "王先生") || strings.Contains(out, "402") {
				t.Errorf("proposed: %q", out)
			}
		}
		// A photo nobody looked at is refused, also one looked at with other regions.
		v.Draft.Photos = map[string]publicity.DraftPhoto{photo: {Use: true, Regions: []publicity.Box{{X: 400, Y: 400, W: 200, H: 200}}}}
		r.ok(r.pub.Save(ctx, r.who["publisher"], v))
		_, err := r.pub.Release(ctx, r.who["publisher"], id, publicity.Asked{Key: seal.Token()})
		r.refused(err, "publicity.photo_not_seen")
		_, err = r.pub.Release(ctx, r.who["publisher"], id, publicity.Asked{Key: seal.Token(), Seen: map[string]string{photo: "something"}})
		r.refused(err, "publicity.photo_not_seen")
		r.get("/requests/"+id).lacks(t, "已更换灯泡")

		key := seal.Token()
		seen := map[string]string{photo: publicity.Version(must(r.pub.Review(ctx, r.who["publisher"], id)), photo)}
		first := must(r.pub.Release(ctx, r.who["publisher"], id, publicity.Asked{Key: key, Seen: seen}))
		again := must(r.pub.Release(ctx, r.who["publisher"], id, publicity.Asked{Key: key, Seen: seen}))
		if first.Act != again.Act {
			t.Error("the same form released twice")
		}
		// At once, before the log is read.
		page := r.get("/requests/" + id)
		page.has(t, "已更换灯泡，咨询电话0999-1234567", "▇▇▇", "/requests/"+id+"/photo/1")
		page.lacks(t, "138", "990101", "王先生", "402", one.Number, "publisher-name", "dispatcher-name")
		r.get("/requests?q="+url.QueryEscape("灯泡")).has(t, "/requests/"+id)
		r.get("/requests?q="+url.QueryEscape("王先生")).lacks(t, "/requests/"+id)
		r.get("/requests/feed?area=999901001001").has(t, "<entry>", "▇▇▇")
		shown := r.get("/requests/" + id + "/photo/1")
		if shown.Code != http.StatusOK || shown.Header().Get("Content-Type") != "image/jpeg" {
			t.Fatal(shown.Code)
		}
		img, err := jpeg.Decode(shown.Body)
		r.ok(err)
		if red, g, b, _ := img.At(160, 120).RGBA(); red>>8 > 0x80 || g>>8 < 0x60 || b>>8 < 0x60 {
			t.Error("the region is not covered", red>>8, g>>8, b>>8)
		}
		r.follow()
		r.get("/requests/"+id).has(t, "已更换灯泡")

		// The reporter sees that it was released; so does the log.
		r.verify()

		// Taking back needs a reason and acts at once, on a page that a browser kept too.
		_, err = r.pub.Unrelease(ctx, r.who["leader"], id, "", seal.Token())
		r.refused(err, "casework.missing_field")
		must(r.pub.Unrelease(ctx, r.who["leader"], id, "诉求人不愿公开", seal.Token()))
		for _, a := range []answer{r.get("/requests/" + id), r.get("/requests"), r.get("/requests/feed"), r.get("/requests?q=" + url.QueryEscape("灯泡"))} {
			a.lacks(t, "已更换灯泡", "▇▇▇")
		}
		if a := r.get("/requests/" + id + "/photo/1"); a.Code != http.StatusNotFound {
			t.Error(a.Code)
		}
		blobs := must(r.blobs.List(ctx, "", 100))
		if len(blobs) != 1 || blobs[0] != photo {
			t.Errorf("the masked copy is still kept: %v", blobs)
		}
		_, err = r.pub.Unrelease(ctx, r.who["leader"], id, "再收一次", seal.Token())
		r.refused(err, "publicity.nothing_released")
		r.release("publisher", id, func(v *publicity.Review) { v.Draft.Level = publicity.LevelPlace })
		r.get("/requests/"+id).has(t, "人民路12号", "118.207")
		r.verify()
	})
}

func TestReleaseIsRefused(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	one := r.report(map[string]any{"words": told})
	r.follow()
	open := func(kind string) func(v *publicity.Review) {
		return func(v *publicity.Review) {
			for key, d := range v.Draft.Texts {
				kept := d.Marks[:0]
				for _, m := range d.Marks {
					text := ""
					for _, s := range v.Texts {
						if s.Key == key {
							text = string([]rune(s.Text)[m.From:m.To])
						}
					}
					if !strings.Contains(text, kind) {
						kept = append(kept, m)
					}
				}
				d.Marks = kept
				v.Draft.Texts[key] = d
			}
		}
	}
	for who, c := range map[string][2]string{"publisher": {"138", "publicity.found.phone"}, "dispatcher": {"9901", "publicity.found.id"}} {
		v := must(r.pub.Review(ctx, r.who[who], one.Case))
		open(c[0])(v)
		r.ok(r.pub.Save(ctx, r.who[who], v))
		_, err := r.pub.Release(ctx, r.who[who], one.Case, publicity.Asked{Key: seal.Token()})
		r.refused(err, c[1])
	}
	// Nobody releases by a copy that was not made, was made for another case, or was changed.
	two := r.report(map[string]any{"words": "井盖坏了"})
	released := r.release("dispatcher", two.Case, nil)
	_, _, acts, err := r.cases.History(ctx, two.Case)
	r.ok(err)
	copyOf := acts[len(acts)-1].Values.Text("copy")
	if released.Act != acts[len(acts)-1].ID || len(copyOf) < 80 {
		t.Fatal(copyOf)
	}
	for _, bad := range []string{copyOf, copyOf[:27] + strings.Repeat("0", 64), "nothing", "' OR 1=1 --"} {
		_, err := r.cases.Do(ctx, r.who["publisher"], casework.Asking{Case: one.Case, Act: "release", Values: map[string]any{"copy": bad}})
		r.refused(err, "publicity.no_copy")
	}
	// Not by who may not, not by who entered it.
	for _, who := range []string{"lamp", "leader", "admin", "verifier"} {
		if _, err := r.pub.Release(ctx, r.who[who], one.Case, publicity.Asked{Key: seal.Token()}); err == nil {
			t.Errorf("%s released", who)
		}
	}
	entered := must(r.cases.Open(ctx, r.who["intake"], casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{"words": "垃圾没人收", "channel": "phone"}}))
	_, err = r.pub.Release(ctx, r.who["intake"], entered.Case, publicity.Asked{Key: seal.Token()})
	r.refused(err, "casework.own_work")
	if _, err := r.pub.Release(ctx, identity.Actor{Kind: identity.Anyone}, one.Case, publicity.Asked{}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// What is erased is gone from the public in the very transaction; so is what
// turns out to be a complaint, is withdrawn or handled with another.
func TestErasureAndOtherActsTakeBackAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		photo := must(r.req.Keep(ctx, seal.Token(), picture(t)))
		one := r.report(map[string]any{"words": "垃圾没人收，堆了三天", "photos": []any{photo}})
		v := must(r.pub.Review(ctx, r.who["publisher"], one.Case))
		v.Draft.Photos = map[string]publicity.DraftPhoto{photo: {Use: true}}
		r.ok(r.pub.Save(ctx, r.who["publisher"], v))
		must(r.pub.Release(ctx, r.who["publisher"], one.Case, publicity.Asked{Key: seal.Token(), Seen: map[string]string{photo: publicity.Version(v, photo)}}))
		r.get("/requests/"+one.Case).has(t, "堆了三天", "photo/1")
		r.get("/requests").has(t, "堆了三天")
		_, err := r.cases.Do(ctx, r.who["head"], casework.Asking{Case: one.Case, Act: casework.ActErase, Fields: []string{"words", "photos"}, Reason: "本人要求删除"})
		r.ok(err)
		for _, a := range []answer{r.get("/requests"), r.get("/requests/" + one.Case), r.get("/requests/feed")} {
			a.lacks(t, "堆了三天")
		}
		if a := r.get("/requests/" + one.Case + "/photo/1"); a.Code != http.StatusNotFound {
			t.Error(a.Code)
		}
		r.follow()
		must(r.pub.Tidy(ctx))
		if left := must(r.blobs.List(ctx, "", 10)); len(left) != 0 {
			t.Errorf("pictures are left: %v", left)
		}
		var n int
		r.ok(r.d.Reader().Row(ctx, `SELECT COUNT(*) FROM publicity_release WHERE body <> '' OR search <> ''`).Scan(&n))
		if n != 0 {
			t.Error("words of the copy are left")
		}
		r.verify()

		two := r.report(map[string]any{"words": "执法队乱收费", "class": "street-vendor"})
		r.release("publisher", two.Case, nil)
		r.get("/requests").has(t, "/requests/"+two.Case)
		r.do("dispatcher", two.Case, "name_unit", map[string]any{"about_unit": true, "complained": "qinghe-um"})
		r.get("/requests").lacks(t, "/requests/"+two.Case, "乱收费")
		if a := r.get("/requests/" + two.Case); a.Code != http.StatusNotFound {
			t.Error(a.Code)
		}
		r.follow()
		r.get("/requests").lacks(t, "/requests/"+two.Case)
		_, err = r.pub.Release(ctx, r.who["publisher"], two.Case, publicity.Asked{Key: seal.Token()})
		if err == nil {
			t.Error("a complaint was released")
		}

		three := r.report(map[string]any{"words": "路面有坑"})
		r.release("publisher", three.Case, nil)
		_, err = r.cases.Do(ctx, r.link(three), casework.Asking{Case: three.Case, Act: "withdraw"})
		r.ok(err)
		r.get("/requests").lacks(t, "/requests/"+three.Case)
		r.follow()
		r.get("/requests").lacks(t, "/requests/"+three.Case)

		lead := r.report(map[string]any{"words": "停水了", "class": "water-out"})
		other := r.report(map[string]any{"words": "家里没水", "class": "water-out"})
		r.release("publisher", other.Case, nil)
		r.do("dispatcher", other.Case, "join", map[string]any{"leading": lead.Number})
		r.get("/requests").lacks(t, "/requests/"+other.Case)
		r.follow()
		r.get("/requests").lacks(t, "/requests/"+other.Case)
		r.get("/requests/"+lead.Case).has(t, "1 人")
	})
}

var looked = regexp.MustCompile(`name="looked\.(\d+)"`)
var keyed = regexp.MustCompile(`name="key" value="([^"]+)"`)

// The whole way by pages without script, and by somebody who skips the looking.
func TestReviewPages(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	photo := must(r.req.Keep(ctx, seal.Token(), picture(t)))
	one := r.report(map[string]any{"words": "路灯不亮<script>alert(1)</script>，找张女士", "photos": []any{photo}})
	r.follow()
	at := "/publicity/review/" + one.Case
	if a := r.get("/publicity/review"); a.Code != http.StatusSeeOther {
		t.Error(a.Code)
	}
	if a := r.as("lamp").get("/publicity/review"); a.Code != http.StatusForbidden {
		t.Error(a.Code)
	}
	if a := r.get(at); a.Code != http.StatusNotFound {
		t.Error("a stranger sees it", a.Code)
	}
	r.as("publisher").get("/publicity/review").has(t, one.Number, "路灯不亮", at)
	page := r.get(at)
	page.has(t, "张女士", "▇▇▇", "公开这一段", "&lt;script&gt;")
	page.lacks(t, "<script>alert")
	mask := r.get(at + "/photo/" + photo)
	mask.has(t, `name="cell" value="34"`, "第 1 行第 1 列")
	if a := r.post(at+"/photo/"+photo, url.Values{"cell": {"17", "999"}}); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
	if a := r.post(at+"/photo/"+photo, url.Values{"region": {"1,2,3"}}); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
	if a := r.post(at+"/photo/"+photo, url.Values{"cell": {"17"}, "region": {"100,100,50,50"}}); a.Code != http.StatusSeeOther {
		t.Error(a.Code, a.body)
	}
	// struck by typing; what is not there is said
	form := url.Values{"key.0": {"title"}, "use.0": {"yes"}, "strike.0": {"没有这个词"}, "photo.0": {"yes"}}
	if a := r.post(at, form); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	} else {
		a.has(t, "没有这个词")
	}
	form.Set("strike.0", "不亮\n路灯")
	if a := r.post(at, form); a.Code != http.StatusSeeOther {
		t.Error(a.Code, a.body)
	}
	page = r.get(at)
	page.has(t, "▇▇▇&lt;script&gt;")
	n := looked.FindStringSubmatch(page.body)
	key := keyed.FindStringSubmatch(page.body[strings.Index(page.body, "/release"):])
	if n == nil || key == nil {
		t.Fatal("no form of release")
	}
	go1 := url.Values{"key": {key[1]}, "looked." + n[1]: {"yes"}}
	if a := r.post(at+"/release", go1); a.Code != http.StatusUnprocessableEntity {
		t.Fatal("released without looking", a.Code)
	} else {
		a.has(t, "还没有看过")
	}
	look := r.get(at + "/photo/" + photo + "/picture")
	cookies := look.Result().Cookies()
	if look.Code != http.StatusOK || len(cookies) != 1 || !strings.HasPrefix(cookies[0].Path, at) || !cookies[0].HttpOnly {
		t.Fatal(look.Code, cookies)
	}
	// Looking before another region was chosen does not count, nor another's look.
	r.as("dispatcher").post(at+"/photo/"+photo, url.Values{"cell": {"17"}, "region": {"100,100,50,50"}})
	if a := r.post(at+"/release", go1, cookies...); a.Code != http.StatusUnprocessableEntity {
		t.Error("somebody else's look was taken", a.Code)
	}
	r.as("publisher").post(at+"/photo/"+photo, url.Values{"region": {"100,100,60,60"}})
	if a := r.post(at+"/release", go1, cookies...); a.Code != http.StatusUnprocessableEntity {
		t.Error("an older preview was taken", a.Code)
	}
	cookies = r.get(at + "/photo/" + photo + "/picture").Result().Cookies()
	if a := r.post(at+"/release", url.Values{"key": {seal.Token()}}, cookies...); a.Code != http.StatusUnprocessableEntity {
		t.Error("released without the tick", a.Code)
	}
	if a := r.post(at+"/release", go1, cookies...); a.Code != http.StatusSeeOther {
		t.Fatal(a.Code, a.body)
	}
	r.as("").get("/requests/"+one.Case).has(t, "photo/1", "▇▇▇&lt;script&gt;")
	r.as("publisher").get(at).has(t, "正在公开", "SHA-256")
	r.get("/publicity/review").lacks(t, one.Number)
	if a := r.post(at+"/unrelease", url.Values{"key": {seal.Token()}, "reason": {""}}); a.Code != http.StatusUnprocessableEntity {
		t.Error(a.Code)
	}
	if a := r.post(at+"/unrelease", url.Values{"key": {seal.Token()}, "reason": {"有人要求"}}); a.Code != http.StatusSeeOther {
		t.Error(a.Code)
	}
	r.as("").get("/requests/"+one.Case).lacks(t, "photo/1")
	// left as it is, it goes off the list
	two := r.report(map[string]any{"words": "井盖响"})
	r.follow()
	r.as("publisher").get("/publicity/review").has(t, two.Number)
	if a := r.post("/publicity/review/"+two.Case+"/leave", nil); a.Code != http.StatusSeeOther {
		t.Error(a.Code)
	}
	r.get("/publicity/review").lacks(t, two.Number)
	r.as("").get("/requests").has(t, "/requests/"+two.Case)
	r.verify()
}
