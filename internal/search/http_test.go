package search_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// site is the room behind the real edge; who asks is said by the test.
func (r *rig) site() func(a identity.Actor, path, lang string) *httptest.ResponseRecorder {
	book := must(text.Load(catalog.Files))
	rd := web.New(func() *text.Book { return book })
	mux := http.NewServeMux()
	r.find.Routes(mux, httpx.NewAPI(mux), rd)
	var asking identity.Actor
	outer := http.NewServeMux()
	outer.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		mux.ServeHTTP(w, q.WithContext(identity.With(q.Context(), asking)))
	})
	h := httpx.New(outer, httpx.Options{Book: func() *text.Book { return book }, Page: rd.Fault, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}).Handler()
	return func(a identity.Actor, path, lang string) *httptest.ResponseRecorder {
		asking = a
		q := httptest.NewRequest("GET", path, nil)
		q.Header.Set("Accept-Language", lang)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		return w
	}
}

func TestPageAndAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report("路灯不亮 <script>alert(1)</script>", "幸福路")
		other := r.report("电梯故障", "和平路")
		r.follow()
		get := r.site()
		wants := func(a identity.Actor, path string, status int, parts ...string) {
			t.Helper()
			w := get(a, path, "zh-CN")
			if w.Code != status {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
			for _, p := range parts {
				if no := strings.TrimPrefix(p, "!"); strings.Contains(w.Body.String(), no) == (no != p) {
					t.Errorf("%s: %q in\n%s", path, p, w.Body)
				}
			}
		}
		q := func(words string) string { return "/search?q=" + url.QueryEscape(words) }
		staff := r.who["dispatcher"]
		wants(staff, "/search", 200, "检索", `name="q"`)
		wants(staff, q("路灯"), 200, "<mark>路灯</mark>不亮", "/cases/"+c.Case, "!"+other.Case, "!<script>alert")
		wants(staff, q(c.Number), 200, "<mark>", c.Case)
		wants(staff, q("路灯坏了"), 200, "部分相符", c.Case)
		wants(staff, q("龙舟"), 200, "没有找到")
		wants(staff, q(`"><script>`), 200, "!<script>\"")
		wants(staff, q(strings.Repeat("长", 101)), 422)
		wants(staff, q("路灯")+"&kind=final", 200, c.Case) // a wish the page does not know is none
		wants(r.link(c), q("路灯"), 200, c.Case, "!<mark>路灯</mark>不亮 &lt;")
		wants(r.link(c), q("电梯"), 200, "!"+other.Case)
		wants(r.who["stranger"], q("路灯"), 200, "!"+c.Case)
		if w := get(identity.Actor{Kind: identity.Anyone}, "/search?q=a", "zh-CN"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
			t.Error(w.Code, w.Header())
		}
		if w := get(staff, "/search", "en"); !strings.Contains(w.Body.String(), "What are you looking for") {
			t.Error("no English")
		}
		api := func(words string) string { return "/api/v1/search?q=" + url.QueryEscape(words) }
		var out struct {
			Cases []struct{ ID, Number, Kind string }
			Loose bool
		}
		w := get(staff, api("路灯"), "zh-CN")
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || len(out.Cases) != 1 || out.Cases[0].ID != c.Case || out.Cases[0].Number != c.Number {
			t.Fatalf("%s %v", w.Body, err)
		}
		wants(staff, api("路灯")+"&kind=final", 200, `"cases":[]`)
		wants(staff, api("路灯")+"&kind=none", 422)
		wants(staff, api(strings.Repeat("长", 101)), 422)
		wants(identity.Actor{Kind: identity.Anyone}, api("路灯"), 401)
		wants(r.link(c), api("路灯"), 200, c.Case, "!excerpt")
		wants(staff, "/api/v1/search/state", 200, `"behind":0`, `"cases":2`, `"parked":0`)
		wants(r.link(c), "/api/v1/search/state", 403)
	})
}
