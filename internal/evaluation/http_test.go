package evaluation_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/sheet"
)

// door is the whole site, entered as somebody.
type door struct {
	*rig
	site http.Handler
	who  string
	name string
}

func (r *rig) door(who string) *door {
	r.t.Helper()
	site, err := app.NewSite(r.House, app.SiteOptions{})
	r.ok(err)
	d := &door{rig: r, site: site.Handler(), name: who}
	if who != "" {
		token, _, err := r.People.SignIn(ctx, who, app.DemoPassword, "127.0.0.1")
		r.ok(err)
		d.who = token
	}
	return d
}

func (d *door) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	q := httptest.NewRequest(method, target, body)
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
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
	w := d.ask("GET", target, nil)
	if w.Code != status {
		d.t.Fatalf("%s answers %d, wanted %d: %s", target, w.Code, status, w.Body)
	}
	return w.Body.String()
}

func tables(t *testing.T, data []byte) map[string][][]string {
	t.Helper()
	list, err := sheet.ReadBytes(data, sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][][]string{}
	for _, table := range list {
		for row, err := range table.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			var line []string
			for _, c := range row.Cells {
				if c.Formula {
					t.Errorf("%s row %d is a formula", table.Name, row.Number)
				}
				line = append(line, c.Text)
			}
			out[table.Name] = append(out[table.Name], line)
		}
	}
	return out
}

func TestPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		evil, err := r.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{
			"words": `=HYPERLINK("http://x","点我")`, "class": "street-light", "place": map[string]any{"words": "x", "area": qinghe}, "channel": "web"}})
		r.ok(err)
		for range 6 {
			r.settle(r.report("street-light", qinghe), "yes", "satisfied")
		}
		r.settle(r.report("street-light", liuyuan), "no", "dissatisfied")
		r.pass(time.Minute)
		r.follow()

		leader := r.door("leader1")
		page := leader.page("/figures", 200)
		for _, say := range []string{"统计", "85.7%", "6 / 7", "怎样计算"} {
			if !strings.Contains(page, say) {
				t.Errorf("the page does not say %s", say)
			}
		}
		// every figure leads to its cases, and the list is as long as the figure says
		links := regexp.MustCompile(`href="(/figures/cases\?[^"]+)"`).FindAllStringSubmatch(page, -1)
		if len(links) < 10 {
			t.Fatalf("only %d figures lead anywhere", len(links))
		}
		for _, l := range links {
			list := leader.page(strings.ReplaceAll(l[1], "&amp;", "&"), 200)
			said := regexp.MustCompile(`<h1>[^<]*?(\d+) 件</h1>`).FindStringSubmatch(list)
			if said == nil || fmt.Sprint(strings.Count(list, `class="number"`)) != said[1] {
				t.Errorf("%s: %v said, %d listed", l[1], said, strings.Count(list, `class="number"`))
			}
		}
		if grid := leader.page("/figures?procedure=grid-event", 200); !strings.Contains(grid, "无数据") && !strings.Contains(grid, "没有数据") {
			t.Error("no data is not called so")
		}
		for _, by := range []string{"month", "area", "unit", "class", "channel"} {
			leader.page("/figures?by="+by, 200)
		}
		leader.page("/figures?area=999901001&by=area&unit=lighting&class=street-light&channel=web&from=2026-01&to=2026-12&sort=satisfied", 200)
		leader.page("/figures?from=x", 422)
		leader.page("/figures?from=2026-05&to=2026-04", 422)
		leader.page("/figures?by=person", 422)
		leader.page("/figures/cases?indicator=nothing", 422)
		leader.page("/figures/cases?indicator=received&side=yes", 422)
		r.door("h-lighting").page("/figures", 403)
		if w := r.door("").ask("GET", "/figures", nil); w.Code != http.StatusSeeOther {
			t.Errorf("a stranger gets %d", w.Code)
		}
		public := r.door("").page("/figures/public", 200)
		if !strings.Contains(public, "85.7%") || strings.Contains(public, "路灯管理所") || strings.Contains(public, evil.Number) {
			t.Error("the public page tells too little or too much")
		}
		r.door("").page("/figures/public?area=999901001", 200)
		r.door("").page("/figures/public?area=999901001001", 422)

		figures := leader.ask("GET", "/figures/export", nil)
		if figures.Code != 200 || !strings.Contains(figures.Header().Get("Content-Disposition"), ".xlsx") {
			t.Fatal(figures.Code, figures.Header())
		}
		book := tables(t, figures.Body.Bytes())
		if len(book) != 6 || !strings.Contains(book["合计"][0][0], "分管副县长") {
			t.Errorf("the workbook has %d sheets: %v", len(book), book["合计"])
		}
		found := false
		for _, row := range book["合计"] {
			found = found || row[0] == "满意率" && row[1] == "6" && row[2] == "7" && strings.HasPrefix(row[3], "0.857")
		}
		if !found {
			t.Errorf("no row of the satisfied: %v", book["合计"])
		}
		// a list asks why, and the read log has it first
		q := url.Values{"indicator": {"received"}, "procedure": {"service-request"}, "from": {""}, "to": {""}}
		if w := leader.ask("POST", "/figures/cases/export", q); w.Code != 422 || strings.Contains(w.Header().Get("Content-Type"), "sheet") {
			t.Errorf("a list without a purpose: %d", w.Code)
		}
		q.Set("purpose", "=月度分析会")
		list := leader.ask("POST", "/figures/cases/export", q)
		rows := tables(t, list.Body.Bytes())["收到"]
		text := fmt.Sprint(rows)
		for _, say := range []string{"分管副县长", "=月度分析会", `=HYPERLINK("http://x"`, evil.Number, "县路灯管理所", "满意"} {
			if !strings.Contains(text, say) {
				t.Errorf("the list does not hold %s: %s", say, text)
			}
		}
		reads, _, err := r.People.AuditReads(ctx, r.Actor("auditor1"), identity.Reads{Person: "leader1"})
		r.ok(err)
		if len(reads) != 1 || reads[0].Purpose != "=月度分析会" || reads[0].Field != "figures" {
			t.Errorf("the read log says %+v", reads)
		}
		if log := r.door("auditor1").page("/read-log", 200); !strings.Contains(log, "办件清单") || strings.Contains(log, `case="></a>`) {
			t.Error("the read log's page does not tell of the list")
		}
		if bytes.Contains(list.Body.Bytes(), []byte("<f>")) {
			t.Error("a formula")
		}
		api := leader.page("/api/v1/figures?by=unit", 200)
		if !strings.Contains(api, `"indicator":"satisfied","n":6,"of":7`) {
			t.Errorf("the API says %s", api)
		}
		if api := leader.page("/api/v1/figures?by=unit&area=999901001002", 200); !strings.Contains(api, `"indicator":"satisfied","n":0,"of":1`) {
			t.Errorf("the API does not narrow: %s", api)
		}
		leader.page("/api/v1/figures/cases?indicator=satisfied&side=miss", 200)
		r.door("").page("/api/v1/figures", 401)
		r.door("verify1").page("/api/v1/figures", 403)
	})
}
