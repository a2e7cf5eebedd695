package app_test

import (
	"fmt"
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

// outages has so many people report one power cut, and gives their receipts.
func outages(t testing.TB, c *apptest.County, n int) []casework.Receipt {
	t.Helper()
	out := make([]casework.Receipt, n)
	var wg sync.WaitGroup
	turns := make(chan struct{}, 16)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			var err error
			out[i], err = c.Requests.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Words: fmt.Sprintf("清河社区停电了，第%d户", i),
				Class: "power-out", Place: map[string]any{"area": "999901001001"}, Phone: fmt.Sprintf("139%08d", i)})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return out
}

func act(t testing.TB, c *apptest.County, who, id, name string, values map[string]any) {
	t.Helper()
	if _, err := c.Cases.Do(ctx, c.Actor(who), casework.Asking{Case: id, Act: name, Values: values}); err != nil {
		t.Fatalf("%s by %s: %v", name, who, err)
	}
}

// settle has the leading case dispatched, handled, answered and checked.
func settle(t testing.TB, c *apptest.County, id string) {
	t.Helper()
	act(t, c, "h-power", id, "accept", nil)
	act(t, c, "h-power", id, "contact", map[string]any{"contact": "已电话联系"})
	act(t, c, "h-power", id, "answer", map[string]any{"answer": "主变跳闸，已送电"})
	act(t, c, "verify1", id, "check_done", map[string]any{"finding": "已来电"})
}

func sound(t testing.TB, c *apptest.County) {
	t.Helper()
	c.Settle()
	found, err := c.Verify(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Findings {
		t.Errorf("verify: %s %s %v", f.Kind, f.Case, f.Args)
	}
}

// Five hundred reports of one power cut are merged and answered: each reporter
// has the answer and rates for themselves, nobody is lost and nothing is done
// twice, though two nodes pass on at once.
func TestOnePowerCutFiveHundredCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		const n = 500
		begun := time.Now()
		step := func(what string) {
			t.Logf("%s: %s", what, time.Since(begun).Round(time.Millisecond))
			begun = time.Now()
		}
		all := outages(t, c, n)
		step("reported")
		lead := all[0]
		act(t, c, "dispatch1", lead.Case, "dispatch", map[string]any{"lead": "power"})
		var ids []string
		for _, r := range all[1:] {
			ids = append(ids, r.Case)
		}
		// Two dispatchers merge the same requests at once.
		var wg sync.WaitGroup
		for _, who := range []string{"dispatch1", "leader1"} {
			wg.Go(func() {
				for from := 0; from < len(ids); from += 200 {
					done, err := c.Merging.Merge(ctx, c.Actor(who), lead.Number, ids[from:min(from+200, len(ids))], seal.Token())
					if err != nil {
						t.Error(err)
					}
					for _, one := range done {
						if f := fault.Of(one.Err); f != nil && f.Kind != fault.Conflict {
							t.Errorf("%s: %v", one.Number, one.Err)
						}
					}
				}
			})
		}
		wg.Wait()
		step("merged by two at once")
		settle(t, c, lead.Case)
		step("the leading case answered and checked")
		for range 2 {
			wg.Go(func() {
				if _, err := c.Cases.Pass(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := c.Cases.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		step("passed on by two nodes at once")
		if rating, err := c.Cases.Count(ctx, identity.SystemActor(), casework.Filter{Procedure: "service-request", State: "rating"}, 1000); err != nil || rating != n {
			t.Fatalf("%d of %d are asked, %v", rating, n, err)
		}
		for i, r := range all {
			values := map[string]any{"solved": "yes", "satisfied": "satisfied"}
			if i%10 == 0 {
				values["satisfied"] = "fairly"
			}
			if _, err := c.Cases.Do(ctx, c.Link(r.Token), casework.Asking{Case: r.Case, Act: "rate", Values: values}); err != nil {
				t.Fatal(err)
			}
		}
		step("rated by every reporter")
		v, err := c.Cases.Get(ctx, c.Link(all[77].Token), all[77].Case)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Case.Values.Text("answer"); got != "主变跳闸，已送电" || v.Case.Unit != "power" || v.Case.Values.Text("satisfied") != "satisfied" {
			t.Fatalf("answer %q, unit %s, rated %s", got, v.Case.Unit, v.Case.Values.Text("satisfied"))
		}
		told := 0
		for _, e := range v.Timeline {
			if e.Act == "answered_with" {
				told++
			}
		}
		if told != 1 {
			t.Fatalf("answered %d times", told)
		}
		// Whoever handled the leading case calls back none of its followers.
		sound(t, c)
		step("verified")
	})
}

// What keeps two requests from being one, and what becomes of followers when the
// leading one goes another way.
func TestMergingKeepsDatesUnitsAndComplaints(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		r := outages(t, c, 6)
		join := func(who string, i, j int) *fault.Fault {
			_, err := c.Cases.Do(ctx, c.Actor(who), casework.Asking{Case: r[i].Case, Act: "join", Values: map[string]any{"leading": r[j].Number}})
			return fault.Of(err)
		}
		is := func(f *fault.Fault, key string) {
			t.Helper()
			if f == nil || f.Key != key || f.Field != "leading" {
				t.Fatalf("want %s, got %v", key, f)
			}
		}
		act(t, c, "dispatch1", r[0].Case, "dispatch", map[string]any{"lead": "power"})
		is(join("dispatch1", 0, 1), "merging.later") // the leading one has no date yet
		act(t, c, "dispatch1", r[1].Case, "dispatch", map[string]any{"lead": "lighting"})
		act(t, c, "h-power", r[0].Case, "accept", nil)
		if f := join("h-power", 0, 1); f == nil || f.Kind != fault.NotFound && f.Key != "merging.unit" {
			t.Fatalf("a unit handed its case over: %v", f)
		}
		complaint, err := c.Requests.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Words: "停电没人管", AboutUnit: true, Place: map[string]any{"area": "999901001001"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Cases.Do(ctx, c.Actor("leader1"), casework.Asking{Case: complaint.Case, Act: "join", Values: map[string]any{"leading": r[0].Number}})
		is(fault.Of(err), "casework.follow_sealed")
		// The leading one is withdrawn: its followers go back to dispatch, with a clock of their own.
		for _, i := range []int{2, 3} {
			if f := join("dispatch1", i, 0); f != nil {
				t.Fatal(f)
			}
		}
		if _, err := c.Cases.Do(ctx, c.Link(r[3].Token), casework.Asking{Case: r[3].Case, Act: "leave", Values: map[string]any{"reason": "我家是另一路电"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Cases.Do(ctx, c.Link(r[0].Token), casework.Asking{Case: r[0].Case, Act: "withdraw"}); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Cases.Pass(ctx); err != nil || n != 1 {
			t.Fatalf("passed on %d, %v", n, err)
		}
		for _, i := range []int{2, 3} {
			v, err := c.Cases.Get(ctx, identity.SystemActor(), r[i].Case)
			if err != nil || v.Case.State != "received" || v.Case.Due == 0 || v.Case.Following() || v.Case.Unit != "" {
				t.Fatalf("case %d: %+v %v", i, v.Case, err)
			}
		}
		// The leading one is shown another way: so are its followers.
		if f := join("dispatch1", 4, 5); f != nil {
			t.Fatal(f)
		}
		act(t, c, "dispatch1", r[5].Case, "close_intake", map[string]any{"intake_kind": "outside"})
		if _, err := c.Cases.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		v, err := c.Cases.Get(ctx, identity.SystemActor(), r[4].Case)
		if err != nil || v.Case.State != "not_dispatched" || v.Case.Values.Text("answer") == "" {
			t.Fatalf("%s %q %v", v.Case.State, v.Case.Values.Text("answer"), err)
		}
		sound(t, c)
	})
}

// page is a browser without script.
type page struct {
	t    testing.TB
	http *http.Client
	base string
	body string
	code int
}

func visitor(t testing.TB, base string) *page {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &page{t: t, base: base, http: &http.Client{Jar: jar}}
}

func (p *page) take(r *http.Response, err error) *page {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.body, p.code = string(raw), r.StatusCode
	return p
}

func (p *page) get(to string) *page { p.t.Helper(); return p.take(p.http.Get(p.base + to)) }

func (p *page) post(to string, form url.Values) *page {
	p.t.Helper()
	return p.take(p.http.PostForm(p.base+to, form))
}

func (p *page) reads(words ...string) *page {
	p.t.Helper()
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			p.t.Fatalf("%d: the page lacks %q", p.code, w)
		}
	}
	return p
}

func (p *page) lacks(words ...string) *page {
	p.t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			p.t.Fatalf("the page tells %q", w)
		}
	}
	return p
}

func (p *page) signIn(who string) *page {
	p.t.Helper()
	p.take(p.http.Post(p.base+"/api/v1/sessions", "application/json", strings.NewReader(`{"login":"`+who+`","password":"`+app.DemoPassword+`"}`)))
	if p.code >= 300 {
		p.t.Fatalf("sign in: %d %s", p.code, p.body)
	}
	return p
}

func TestMergingAndVoicesOverPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		site, err := app.NewSite(c.House, app.SiteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(site.Handler())
		defer server.Close()
		r := outages(t, c, 5)
		act(t, c, "dispatch1", r[0].Case, "dispatch", map[string]any{"lead": "power"})
		staff := visitor(t, server.URL).signIn("dispatch1")
		staff.get("/cases/"+r[1].Case).reads("可能说的是同一件事", "/cases/"+r[1].Case+"/merge")
		staff.get("/cases/"+r[1].Case+"/merge").reads(r[0].Number, r[4].Number)
		if !regexp.MustCompile(`name="leading" value="` + r[0].Case + `" checked`).MatchString(staff.body) {
			t.Fatal("the one that is furthest on is not proposed to lead")
		}
		key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(staff.body)[1]
		form := url.Values{"do": {"merge"}, "key": {key}, "leading": {r[0].Case}, "case": {r[0].Case, r[1].Case, r[2].Case, r[3].Case, "0123456789ABCDEFGHJKMNPQRS"}}
		for range 2 { // sent twice, done once
			staff.post("/cases/merge", form).reads("3 件已并入主件", "1 件没有并入", "没有这件办件")
		}
		staff.post("/cases/merge", url.Values{"do": {"merge"}, "leading": {r[0].Case}, "case": {r[0].Case}})
		if staff.code != http.StatusUnprocessableEntity && staff.code != http.StatusBadRequest {
			t.Fatalf("nothing ticked: %d", staff.code)
		}
		staff.get("/cases/"+r[0].Case).reads("全部 3 件从件", "3 件从件的诉求人").lacks("1390000000")
		staff.get("/cases?box=all&kind=any&leader="+r[0].Case).reads(r[1].Number, r[2].Number, r[3].Number).lacks(r[4].Number)
		staff.get("/cases/"+r[1].Case).reads("主件", r[0].Number)
		me := visitor(t, server.URL)
		me.get("/q/"+r[1].Token).reads("一并由县供电公司办理", "单独办").lacks(r[0].Number, "第0户")

		// Voices: by anybody, once for each device, by number or id, also on a follower.
		one := visitor(t, server.URL)
		voice := url.Values{"key": {seal.Token()}, "phone": {"13800000000"}}
		one.post("/requests/"+r[0].Case+"/voice", voice).reads("您也遇到了这件事", "4 人").lacks("第0户", r[0].Number, "13800000000")
		link := regexp.MustCompile(`/v/[A-Za-z0-9_-]+`).FindString(one.body)
		one.post("/requests/"+r[0].Case+"/voice", url.Values{}).reads("您已经说过了", "4 人")
		one.post("/requests/"+r[2].Number+"/voice", url.Values{}).reads("您已经说过了", "4 人")
		visitor(t, server.URL).post("/requests/"+r[2].Number+"/voice", voice).reads("您已经说过了") // the same form from another window
		visitor(t, server.URL).post("/requests/"+r[2].Number+"/voice", url.Values{}).reads("5 人")
		visitor(t, server.URL).get(link).reads("预计办结", "县供电公司").lacks("第0户", r[0].Number)
		two := visitor(t, server.URL).post("/requests/"+r[0].Case+"/voice", url.Values{"phone": {"no phone"}})
		if two.code != http.StatusUnprocessableEntity && two.code != http.StatusBadRequest {
			t.Fatalf("a phone that is none: %d", two.code)
		}
		if p := visitor(t, server.URL).post("/requests/260101-00000000/voice", url.Values{}); p.code != http.StatusNotFound {
			t.Fatalf("a request that does not exist: %d", p.code)
		}
		if p := visitor(t, server.URL).get("/voice/" + r[0].Case); p.code != http.StatusNotFound {
			t.Fatalf("a page without its link: %d", p.code)
		}
		staff.get("/cases/" + r[0].Case).reads("另有 2 人说")
		for i := 0; ; i++ { // one address has its bound
			if p := visitor(t, server.URL).post("/requests/"+r[0].Case+"/voice", url.Values{}); p.code == http.StatusTooManyRequests || p.code == http.StatusServiceUnavailable {
				break
			} else if i == 40 {
				t.Fatal("one address added forty voices")
			}
		}

		settle(t, c, r[0].Case)
		if _, err := c.Cases.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		me.get("/q/"+r[1].Token).reads("一并办结答复", "主变跳闸，已送电", "评价")
		if p := visitor(t, server.URL).post("/requests/"+r[0].Case+"/voice", url.Values{}); p.code == http.StatusOK {
			t.Fatal("a voice was added to a settled request")
		}
		visitor(t, server.URL).get(link).reads("待评价")
		sound(t, c)
	})
}
