package account_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/account"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/request"
)

var ctx = context.Background()

const (
	mine   = "13900002222"
	theirs = "13900003333"
)

// post is a Coder that keeps what it was given.
type post struct {
	mu   sync.Mutex
	sent map[string][]string
	fail error
}

func (p *post) Send(_ context.Context, phone, code, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.sent[phone] = append(p.sent[phone], code)
	return nil
}

func (p *post) last(phone string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.sent[phone]); n > 0 {
		return p.sent[phone][n-1]
	}
	return ""
}

type rig struct {
	*apptest.County
	t    *testing.T
	post *post
	url  string
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t, post: &post{sent: map[string][]string{}}}
	r.Accounts.Coder = r.post
	site, err := app.NewSite(r.House, app.SiteOptions{})
	r.ok(err)
	server := httptest.NewServer(site.Handler())
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) report(phone string) casework.Receipt {
	r.t.Helper()
	r.Hand.Advance(time.Second) // ids are sorted by time
	out, err := r.Requests.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Words: "人民路的路灯不亮了", Phone: phone, Channel: "web"})
	r.ok(err)
	return out
}

func (r *rig) count(table string) (n int) {
	r.t.Helper()
	r.ok(r.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n))
	return n
}

// browser is one person's browser.
type browser struct {
	*rig
	http *http.Client
}

func (r *rig) browser() *browser {
	jar, err := cookiejar.New(nil)
	r.ok(err)
	return &browser{r, &http.Client{Jar: jar}}
}

type answer struct {
	status   int
	at, page string
}

func (b *browser) read(res *http.Response, err error) answer {
	b.t.Helper()
	b.ok(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	b.ok(err)
	return answer{res.StatusCode, res.Request.URL.Path, string(raw)}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	q, err := http.NewRequest("GET", b.url+path, nil)
	b.ok(err)
	q.Header.Set("Accept-Language", "zh-CN")
	return b.read(b.http.Do(q))
}

func (b *browser) send(path string, form url.Values) answer {
	b.t.Helper()
	q, err := http.NewRequest("POST", b.url+path, strings.NewReader(form.Encode()))
	b.ok(err)
	q.Header.Set("Accept-Language", "zh-CN")
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.read(b.http.Do(q))
}

func hidden(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s on the page:\n%s", name, page)
	}
	return m[1]
}

// ask asks for a code and gives the id of the page on which it is entered.
func (b *browser) ask(phone string) string {
	b.t.Helper()
	a := b.send("/account", url.Values{"key": {seal.Token()}, "phone": {phone}})
	if a.status != 200 {
		b.t.Fatalf("asking for a code: %d\n%s", a.status, a.page)
	}
	return hidden(b.t, a.page, "id")
}

func (b *browser) signIn(phone string) *browser {
	b.t.Helper()
	id := b.ask(phone)
	a := b.send("/account/code", url.Values{"id": {id}, "code": {b.post.last(phone)}})
	if a.status != 200 || a.at != "/account/mine" {
		b.t.Fatalf("signing in: %d at %s\n%s", a.status, a.at, a.page)
	}
	return b
}

func (a answer) wants(t *testing.T, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: %d, want %d\n%s", a.at, a.status, status, a.page)
	}
	for _, w := range words {
		if !strings.Contains(a.page, w) {
			t.Fatalf("%s does not say %q\n%s", a.at, w, a.page)
		}
	}
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

// From the telephone to the case: by its own number, by the link, and back out.
func TestStory(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		own, linked, foreign := r.report(mine), r.report(""), r.report(theirs)
		b := r.browser()
		if a := b.get("/follow/" + own.Number); a.status != 404 {
			t.Fatalf("a stranger follows: %d", a.status)
		}
		b.signIn(mine).get("/account/mine").wants(t, 200, "还没有诉求", "139****2222")
		b.send("/account/add", url.Values{"number": {own.Number}}).wants(t, 200, "已记到您的账户", own.Number)
		b.send("/account/add", url.Values{"link": {"https://linli.example/q/" + linked.Token}}).wants(t, 200, linked.Number)
		b.send("/account/add", url.Values{"number": {foreign.Number}}).wants(t, 422, "找不到诉求")
		b.send("/account/add", url.Values{"number": {linked.Number}}).wants(t, 422, "找不到诉求")
		b.send("/account/add", url.Values{}).wants(t, 422, "请填查询链接")
		if a := b.get("/follow/" + foreign.Number); a.status != 404 {
			t.Fatalf("another's case opens: %d", a.status)
		}
		page := b.get("/follow/" + own.Number)
		page.wants(t, 200, "在您的账户里", "/account/sign-out")
		if strings.Contains(page.page, "/act/withdraw") {
			t.Error("by number and telephone a request may be withdrawn")
		}
		page = b.get("/follow/" + linked.Number)
		page.wants(t, 200, "/act/withdraw")
		list := b.get("/account/mine").page
		if strings.Index(list, linked.Number) > strings.Index(list, own.Number) {
			t.Error("the newest does not stand first")
		}
		// An act goes through: what is added stands there.
		key := regexp.MustCompile(`(?s)id="do-add".*?name="key" value="([^"]+)"`).FindStringSubmatch(page.page)
		if key == nil {
			t.Fatal("nothing can be added")
		}
		b.send("/follow/"+linked.Number+"/act/add", url.Values{"key": {key[1]}, "supplement": {"在学校门口"}}).wants(t, 200, "在学校门口")
		b.send("/account/remove", url.Values{"number": {foreign.Number}}).wants(t, 422, "没有这个编号")
		b.send("/account/remove", url.Values{"number": {own.Number}}).wants(t, 200, "已从账户里拿掉")
		if a := b.get("/follow/" + own.Number); a.status != 404 {
			t.Fatalf("what was taken off still opens: %d", a.status)
		}
		b.send("/account/sign-out", nil)
		if a := b.get("/follow/" + linked.Number); a.status != 404 {
			t.Fatalf("after signing out the case opens: %d", a.status)
		}
		if a := b.get("/account/mine"); a.at != "/account" {
			t.Fatalf("after signing out the list opens at %s", a.at)
		}
	})
}

// A visit by link puts the case onto the account as it is open: by the receipt's
// button and by the one of the follow page.
func TestFromTheOpenCase(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	one := r.report(theirs)
	b := r.browser()
	b.get("/q/"+one.Token).wants(t, 200, "登录后可在一处看所有诉求")
	b.send("/follow/"+one.Number+"/account", nil).wants(t, 404)
	b.signIn(mine)
	b.get("/follow/"+one.Number).wants(t, 200, "记到我的账户")
	b.send("/follow/"+one.Number+"/account", nil).wants(t, 200, "在您的账户里")
	c := r.browser().signIn(mine)
	c.get("/follow/"+one.Number).wants(t, 200, "/act/withdraw", "退出账户")
	// By number and the end of a telephone it is open, and not for the list to keep.
	weak := r.browser().signIn("13900004444")
	weak.send("/query", url.Values{"number": {one.Number}, "last4": {theirs[7:]}}).wants(t, 200, one.Number, `name="number" value="`+one.Number)
	weak.send("/follow/"+one.Number+"/account", nil).wants(t, 404)
	weak.send("/account/add", url.Values{"number": {one.Number}}).wants(t, 422, "找不到诉求")
	weak.get("/account/mine").wants(t, 200, "还没有诉求")
	two := r.report(mine)
	if a := c.send("/follow/"+two.Number+"/account", nil); a.status != 404 {
		t.Fatalf("a case that is not open was taken: %d", a.status)
	}
	// By number first, by link later: the link counts; the other way round it stays.
	c.send("/account/add", url.Values{"number": {two.Number}}).wants(t, 200)
	c.send("/account/add", url.Values{"link": {"/q/" + two.Token}}).wants(t, 200)
	c.send("/account/add", url.Values{"number": {two.Number}}).wants(t, 200)
	c.get("/follow/"+two.Number).wants(t, 200, "/act/withdraw")
}

// Wrong, replayed, foreign, old and too many codes have one answer.
func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b := r.browser()
		const wrong = "验证码不对或已过期"
		try := func(id, code string) answer { return b.send("/account/code", url.Values{"id": {id}, "code": {code}}) }
		bad := func(code string) string {
			if code == "000000" {
				return "111111"
			}
			return "000000"
		}
		id := b.ask(mine)
		code := r.post.last(mine)
		try(id, bad(code)).wants(t, 422, wrong)
		try("nothing", code).wants(t, 422, wrong)
		try("", "").wants(t, 422, wrong)
		other := r.browser().ask(theirs)
		try(other, code+" ").wants(t, 422, wrong) // another page's
		if a := try(id, code); a.at != "/account/mine" {
			t.Fatalf("the right code after a wrong one leads to %s", a.at)
		}
		b.send("/account/sign-out", nil)
		try(id, code).wants(t, 422, wrong) // once only

		id = b.ask(mine)
		code = r.post.last(mine)
		for range 5 {
			try(id, bad(code)).wants(t, 422, wrong)
		}
		try(id, code).wants(t, 422, wrong)

		id = b.ask(mine)
		r.Hand.Advance(5*time.Minute + time.Second)
		try(id, r.post.last(mine)).wants(t, 422, wrong)

		// The code is bound to the page that asked: a later page does not end it.
		first := b.ask(mine)
		code = r.post.last(mine)
		r.browser().ask(mine)
		if a := try(first, code); a.at != "/account/mine" {
			t.Fatalf("somebody else's asking ended the code: %s", a.at)
		}
		var kept string
		if err := r.DB.Reader().Row(ctx, `SELECT phone FROM account_account`).Scan(&kept); err != nil || strings.Contains(kept, mine) || !strings.HasPrefix(kept, "s1.") {
			t.Fatalf("the telephone lies there as %q, %v", kept, err)
		}
	})
}

// One page sends one code; one telephone gets few; known and unknown ones get the
// same answer.
func TestAsking(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	b := r.browser()
	page := b.get("/account")
	form := url.Values{"key": {hidden(t, page.page, "key")}, "phone": {"139 0000-2222"}}
	one, two := b.send("/account", form), b.send("/account", form)
	if n := len(r.post.sent[mine]); n != 1 || hidden(t, one.page, "id") != hidden(t, two.page, "id") {
		t.Fatalf("a double tap sent %d codes", n)
	}
	b.send("/account/code", url.Values{"id": {hidden(t, one.page, "id")}, "code": {r.post.last(mine)}}).wants(t, 200)
	shape := func(a answer) string {
		return regexp.MustCompile(`(value|href|src|content)="[^"]*"`).ReplaceAllString(a.page, "")
	}
	c := r.browser()
	known := c.send("/account", url.Values{"key": {seal.Token()}, "phone": {mine}})
	unknown := c.send("/account", url.Values{"key": {seal.Token()}, "phone": {theirs}})
	if known.status != unknown.status || shape(known) != shape(unknown) {
		t.Error("the answer tells whether an account stands")
	}
	for _, wrong := range []string{"", "12345", "0516-1234567", "139000022223", "１３９", "<b>", strings.Repeat("1", 9000)} {
		c.send("/account", url.Values{"key": {seal.Token()}, "phone": {wrong}}).wants(t, 422)
	}
	c.send("/account", url.Values{"key": {"x"}, "phone": {mine}}).wants(t, 422)
	for range 3 {
		c.ask(mine)
	}
	c.send("/account", url.Values{"key": {seal.Token()}, "phone": {mine}}).wants(t, 429)
	r.Hand.Advance(time.Hour + time.Second)
	r.post.fail = fault.New(fault.Busy, "notice.code_not_sent")
	key := seal.Token()
	if a := c.send("/account", url.Values{"key": {key}, "phone": {mine}}); a.status < 400 {
		t.Fatalf("a code that was not sent: %d", a.status)
	}
	r.post.fail = nil
	before := len(r.post.sent[mine])
	c.send("/account", url.Values{"key": {key}, "phone": {mine}}).wants(t, 200)
	if len(r.post.sent[mine]) != before+1 {
		t.Error("after a failure the same page sends no more")
	}
}

// What hostile callers send is refused, on both databases, and changes nothing.
func TestHostileForms(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		one := r.report(mine)
		b := r.browser().signIn(mine)
		b.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
		for _, bad := range []string{"\x00", "a\x00b", "\xff\xfe", "' OR 1=1 --", "<script>alert(1)</script>", "%", "\u202e", strings.Repeat("9", 70000), "{}", "../../q/x"} {
			for _, path := range []string{"/account", "/account/code", "/account/add", "/account/remove", "/account/delete"} {
				form := url.Values{}
				for _, name := range []string{"key", "phone", "id", "code", "link", "number", "sure"} {
					form.Set(name, bad)
				}
				a := b.send(path, form)
				if a.status < 400 || a.status >= 500 || strings.Contains(a.page, "<script>alert") {
					t.Errorf("%q to %s: %d", bad, path, a.status)
				}
				form.Del("link")
				if a = b.send(path, form); a.status < 400 || a.status >= 500 {
					t.Errorf("%q to %s without link: %d", bad, path, a.status)
				}
			}
			stranger := r.browser()
			q, err := http.NewRequest("GET", r.url+"/account/mine", nil)
			r.ok(err)
			q.Header.Set("Cookie", "linli_account="+url.QueryEscape(bad[:min(len(bad), 200)]))
			if a := stranger.read(stranger.http.Do(q)); a.at != "/account" {
				t.Errorf("the cookie %q leads to %s", bad, a.at)
			}
		}
		if r.count("account_account") != 1 || r.count("account_case") != 1 || r.count("account_session") != 1 {
			t.Error("something was changed")
		}
	})
}

// Where nothing can be sent the page says so and offers nothing else.
func TestWithoutSender(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	one := r.report("")
	r.Accounts.Coder = nil
	b := r.browser()
	page := b.get("/account")
	page.wants(t, 200, "暂不能登录", "/query")
	if strings.Contains(page.page, `name="phone"`) {
		t.Error("it asks for a telephone all the same")
	}
	b.send("/account", url.Values{"key": {seal.Token()}, "phone": {mine}}).wants(t, 422, "暂不能登录")
	if a := b.get("/q/" + one.Token); strings.Contains(a.page, "居民账户") && strings.Contains(a.page, "登录后可在一处") {
		t.Error("the follow page offers an account")
	}
}

// Deleting takes everything of the account at once; the case stays.
func TestDelete(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		one := r.report(mine)
		b, phone2, other := r.browser().signIn(mine), r.browser().signIn(mine), r.browser().signIn(theirs)
		b.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
		other.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
		b.ask(mine)
		b.send("/account/delete", nil).wants(t, 422, "请先打勾")
		b.send("/account/delete", url.Values{"sure": {"yes"}}).wants(t, 200, "账户已删除")
		for table, want := range map[string]int{"account_account": 1, "account_session": 1, "account_case": 1, "account_code": 0} {
			if n := r.count(table); n != want {
				t.Errorf("%s holds %d, want %d: the other's", table, n, want)
			}
		}
		for _, x := range []*browser{b, phone2} {
			if a := x.get("/account/mine"); a.at != "/account" {
				t.Errorf("a browser is still in: %s", a.at)
			}
			if a := x.get("/follow/" + one.Number); a.status != 404 {
				t.Errorf("the case still opens: %d", a.status)
			}
		}
		b.get("/q/"+one.Token).wants(t, 200, one.Number)
		other.get("/follow/"+one.Number).wants(t, 200)
		b.signIn(mine).get("/account/mine").wants(t, 200, "还没有诉求")
	})
}

// The owner takes along what is kept, and nothing of anybody else's.
func TestData(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	one, foreign := r.report(mine), r.report(theirs)
	b := r.browser().signIn(mine)
	b.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
	_, err := r.Cases.Reveal(ctx, r.Actor("dispatch1"), one.Case, "phone", "联系诉求人核实地点")
	r.ok(err)
	b.get("/account/data").wants(t, 200, mine, one.Number, "人民路的路灯不亮了", "联系诉求人核实地点")
	var d account.Data
	r.ok(json.Unmarshal([]byte(b.get("/account/data?as=json").page), &d))
	if d.Phone != mine || len(d.Cases) != 1 || len(d.Cases[0].Reads) != 1 || len(d.Cases[0].Said) == 0 || len(d.Sessions) != 1 {
		t.Errorf("%+v", d)
	}
	raw, _ := json.Marshal(d)
	if strings.Contains(string(raw), foreign.Number) || strings.Contains(string(raw), "s1.") {
		t.Errorf("%s", raw)
	}
	if a := r.browser().get("/account/data?as=json"); a.at != "/account" {
		t.Errorf("a stranger reads it at %s", a.at)
	}
}

func TestPagesOfTheList(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	b := r.browser().signIn(mine)
	var numbers []string
	for range 23 {
		one := r.report("")
		numbers = append(numbers, one.Number)
		b.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
	}
	first := b.get("/account/mine")
	first.wants(t, 200, numbers[22], numbers[3])
	if strings.Contains(first.page, numbers[2]) {
		t.Error("more than a page stands there")
	}
	next := regexp.MustCompile(`/account/mine\?after=[0-9A-Za-z]+`).FindString(first.page)
	b.get(next).wants(t, 200, numbers[2], numbers[0])
	b.get("/account/mine?after=%00'").wants(t, 422)
	b.get("/account/mine?after=x'").wants(t, 200, numbers[22])
}

// What is over is forgotten: codes, sessions, and an account that nobody used.
func TestTidy(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		one := r.report("")
		b := r.browser().signIn(mine)
		b.send("/account/add", url.Values{"link": {one.Token}}).wants(t, 200)
		b.ask(theirs)
		r.Hand.Advance(6 * time.Minute)
		r.ok(r.Accounts.Tidy(ctx))
		if r.count("account_code") != 0 || r.count("account_session") != 1 {
			t.Error("codes stay, or a session went")
		}
		r.Hand.Advance(30 * 24 * time.Hour)
		if a := b.get("/account/mine"); a.at != "/account" {
			t.Error("a session outlives thirty days")
		}
		r.ok(r.Accounts.Tidy(ctx))
		if r.count("account_session") != 0 || r.count("account_case") != 1 {
			t.Error("the session stays, or the list went")
		}
		r.browser().signIn(mine) // prolongs
		r.Hand.Advance(364 * 24 * time.Hour)
		r.ok(r.Accounts.Tidy(ctx))
		if r.count("account_account") != 1 {
			t.Error("an account went before its time")
		}
		r.Hand.Advance(2 * 24 * time.Hour)
		r.ok(r.Accounts.Tidy(ctx))
		if n := r.count("account_account") + r.count("account_session") + r.count("account_case"); n != 0 {
			t.Errorf("%d lines are left", n)
		}
	})
}

// Many tries at once never sign in more than once, and count.
func TestManyTriesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id, err := r.Accounts.Ask(ctx, "192.0.2.1", mine, seal.Token())
		r.ok(err)
		var wg sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for range 8 {
			wg.Go(func() {
				if _, err := r.Accounts.SignIn(ctx, "192.0.2.1", id, r.post.last(mine)); err == nil {
					mu.Lock()
					in++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if in != 1 || r.count("account_session") != 1 {
			t.Errorf("%d came in by one code", in)
		}
	})
}

func TestCookie(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	b := r.browser()
	id := b.ask(mine)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := b.http.PostForm(r.url+"/account/code", url.Values{"id": {id}, "code": {r.post.last(mine)}})
	r.ok(err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "linli_account" && c.HttpOnly && c.SameSite == http.SameSiteLaxMode && c.MaxAge == 30*24*3600 && c.Path == "/" {
			var hash string
			r.ok(r.DB.Reader().Row(ctx, `SELECT hash FROM account_session`).Scan(&hash))
			if hash == c.Value || hash != seal.HashToken(c.Value) {
				t.Error("the token itself is kept")
			}
			return
		}
	}
	t.Errorf("cookies: %v", res.Cookies())
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{"13900002222": mine, "+86 139-0000-2222": mine, "１３９００００２２２２": mine, "0086 13900002222": mine, " 139 0000 2222 ": mine,
		"": "", "23900002222": "", "1390000222": "", "+1 3900002222": "", "13900002222\x00": "", "13900002222x": ""} {
		if got, err := account.ParsePhone(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	token := seal.Token()
	for in, good := range map[string]bool{token: true, "/q/" + token: true, "https://a.example/q/" + token: true, "http://a.example:8080/q/" + token + "?x=1#y": true, "q/" + token: false,
		"https://a.example/x/q/" + token: false, "https://a.example/follow/" + token: false, "": false, "/q/": false, token + "x": false, "javascript:" + token: false, "/q/../" + token: false} {
		if got, err := account.ParseLink(in); (err == nil) != good || good && got != token {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if p, err := account.ParsePhone(rapid.String().Draw(t, "phone")); err == nil && len(p) != 11 {
			t.Fatal(p)
		}
		if l, err := account.ParseLink(rapid.String().Draw(t, "link")); err == nil && len(l) != 26 {
			t.Fatal(l)
		}
	})
}
