package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

func renderer(t testing.TB) (*web.Renderer, *text.Book) {
	t.Helper()
	b, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return web.New(func() *text.Book { return b }), b
}

func house(t testing.TB, more func(*http.ServeMux, *web.Renderer)) (http.Handler, *web.Renderer, *text.Book) {
	t.Helper()
	rd, b := renderer(t)
	mux := http.NewServeMux()
	rd.Routes(mux)
	rd.Design(mux)
	if more != nil {
		more(mux, rd)
	}
	s := httpx.New(mux, httpx.Options{Book: func() *text.Book { return b }, Page: rd.Fault, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return s.Handler(), rd, b
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(h http.Handler, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Every template of every room can be parsed and escaped.
func TestTemplates(t *testing.T) {
	rd, _ := renderer(t)
	if err := rd.Check(); err != nil {
		t.Error(err)
	}
}

var (
	inline   = regexp.MustCompile(`<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	ownStyle = regexp.MustCompile(`<style(?: media="[^"<>]*")?></style>`)
	ids      = regexp.MustCompile(`\sid="([^"]+)"`)
	fors     = regexp.MustCompile(`\sfor="([^"]+)"`)
	refs     = regexp.MustCompile(`aria-(?:describedby|labelledby)="([^"]+)"`)
	inputs   = regexp.MustCompile(`<(?:input|select|textarea)\b[^>]*>`)
	empty    = regexp.MustCompile(`<(?:button|a|label|legend|th|h[1-6]|title|summary)\b[^>]*>\s*</`)
)

// sane checks what axe would find first, on any page.
func sane(t *testing.T, page string) {
	t.Helper()
	for _, text := range web.SheetTexts() { // our own sheets may stand in a page
		page = strings.ReplaceAll(page, ">"+text+"</style>", "></style>")
	}
	page = ownStyle.ReplaceAllString(page, "")
	if m := inline.FindString(page); m != "" {
		t.Errorf("inline script or style: %q", m)
	}
	have := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if have[m[1]] {
			t.Errorf("id %q stands twice", m[1])
		}
		have[m[1]] = true
	}
	labelled := map[string]bool{}
	for _, m := range fors.FindAllStringSubmatch(page, -1) {
		labelled[m[1]] = true
		if !have[m[1]] {
			t.Errorf("label for %q leads nowhere", m[1])
		}
	}
	for _, m := range refs.FindAllStringSubmatch(page, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if !have[id] {
				t.Errorf("aria reference %q leads nowhere", id)
			}
		}
	}
	for _, in := range inputs.FindAllString(page, -1) {
		id := ids.FindStringSubmatch(in)
		named := strings.Contains(in, `type="hidden"`) || strings.Contains(in, "aria-label") || strings.Contains(in, `type="image"`) ||
			strings.Contains(in, `type="checkbox"`) || strings.Contains(in, `type="radio"`) || id != nil && labelled[id[1]]
		if !named {
			t.Errorf("no name for %s", in)
		}
	}
	if m := empty.FindString(page); m != "" {
		t.Errorf("empty element: %q", m)
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%d h1", n)
	}
	for _, must := range []string{`<html lang="`, `name="viewport"`, `class="skip" href="#main"`, `<main id="main"`, `href="/feedback?from=/`, `href="/about/proof"`} {
		if !strings.Contains(page, must) {
			t.Errorf("the page lacks %s", must)
		}
	}
	if strings.Contains(page, "&lt;nil&gt;") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "%!") {
		t.Error("the page shows a value that is none")
	}
}

func TestDesignInBothLanguages(t *testing.T) {
	h, _, b := house(t, nil)
	for _, lang := range text.Languages() {
		w := get(h, "/design?lang="+lang)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", lang, w.Code)
		}
		page := w.Body.String()
		sane(t, page)
		if !strings.Contains(page, `<html lang="`+lang+`">`) || !strings.Contains(page, b.Say(lang, "web.design.title", nil)) {
			t.Errorf("%s: not in that language", lang)
		}
	}
	if n, which := b.Missing(); n > 0 {
		t.Errorf("missing words: %v", which)
	}
}

func TestLanguageAndSizeAreChosenByPost(t *testing.T) {
	h, _, _ := house(t, nil)
	w := post(h, "/language", url.Values{"lang": {"en"}, "back": {"/design"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/design" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	c := w.Result().Cookies()
	if len(c) != 1 || c[0].Value != "en" || !c[0].HttpOnly {
		t.Fatalf("%v", c)
	}
	if page := get(h, "/design", "Cookie", c[0].Name+"=en").Body.String(); !strings.Contains(page, `<html lang="en">`) {
		t.Error("the cookie is not honoured")
	}
	if w := get(h, "/design?lang=en"); len(w.Result().Cookies()) != 0 {
		t.Error("a GET set something")
	}
	w = post(h, "/display", url.Values{"size": {"large"}, "back": {"/design"}})
	if page := get(h, "/design", "Cookie", w.Result().Cookies()[0].Name+"=large").Body.String(); !strings.Contains(page, `class="large"`) {
		t.Error("large type is not honoured")
	}
	for _, bad := range []string{"//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "", "x", "/a\r\nb"} {
		if to := post(h, "/display", url.Values{"back": {bad}}).Header().Get("Location"); to != "/" {
			t.Errorf("back to %q leads to %q", bad, to)
		}
	}
	if w := post(h, "/language", url.Values{"lang": {"<script>"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
}

func TestStatic(t *testing.T) {
	h, _, _ := house(t, nil)
	page := get(h, "/design").Body.String()
	address := regexp.MustCompile(`/static/style\.[0-9a-f]{10}\.css`).FindString(page)
	w := get(h, address)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if z := get(h, address, "Accept-Encoding", "gzip"); z.Header().Get("Content-Encoding") != "gzip" || z.Body.Len() >= w.Body.Len() || z.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v", z.Header())
	}
	if again := get(h, address, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d", again.Code)
	}
	for _, old := range []string{"/static/style.css", "/static/style.0000000000.css"} {
		if w := get(h, old); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", old, w.Code, w.Header())
		}
	}
	for _, none := range []string{"/static/", "/static/../layout.html", "/static/none.css", "/static/.css"} {
		if w := get(h, none); w.Code == http.StatusOK {
			t.Errorf("%s: %d", none, w.Code)
		}
	}
	for name, most := range map[string]int{"style.css": 34_000, "office.css": 12_000, "dark.css": 2_000, "linli.js": 10_000, "keys.js": 8_000, "aloud.js": 6_000} {
		data, err := web.Files.ReadFile("static/" + name)
		if err != nil || len(data) > most {
			t.Errorf("%s: %d bytes, at most %d (%v)", name, len(data), most, err)
		}
	}
}

func TestFaultPage(t *testing.T) {
	secret := "the cause nobody may see"
	h, _, b := house(t, func(mux *http.ServeMux, _ *web.Renderer) {
		mux.HandleFunc("GET /fail/{kind}", func(w http.ResponseWriter, r *http.Request) {
			httpx.Fail(w, r, fault.New(fault.Kind(r.PathValue("kind")), "text.too_long", "max", 3, "length", "<b>").At("title").Under("《条例》第 3 条").Because(errors.New(secret)))
		})
	})
	for kind, status := range map[fault.Kind]int{fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Stale: 409, fault.Unmet: 422, fault.Busy: 503, fault.Internal: 500} {
		for _, lang := range text.Languages() {
			w := get(h, "/fail/"+string(kind)+"?lang="+lang, "Referer", "http://example.com/design")
			page := w.Body.String()
			sane(t, page)
			if w.Code != status {
				t.Errorf("%s: %d, want %d", kind, w.Code, status)
			}
			for _, must := range []string{b.Say(lang, "httpx.kind."+string(kind), nil), b.Say(lang, "web.fault.next."+string(kind), nil), "《条例》第 3 条", `href="/design"`, `href="/"`, "&lt;b&gt;"} {
				if !strings.Contains(page, must) {
					t.Errorf("%s %s: the page lacks %q", kind, lang, must)
				}
			}
			if strings.Contains(page, secret) {
				t.Errorf("%s shows its cause", kind)
			}
			if kind == fault.Busy && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
	}
	if n, which := b.Missing(); n > 0 {
		t.Errorf("missing words: %v", which)
	}
	if w := get(h, "/none"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("%d", w.Code)
	}
	if w := post(h, "/design", nil); w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), "GET") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// Whatever stands in a value, it stays text.
func TestHostileWords(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\u2028'`${x}"
	fields := []web.Field{}
	for _, kind := range []string{"text", "lines", "choice", "choices", "number", "money", "yes", "day", "moment", "month", "quarter", "phone", "idnumber", "account", "place", "area", "unit", "class", "photos", "files", "nonsense"} {
		fields = append(fields, web.Field{Name: "n-" + kind, Type: kind, Label: evil, Help: evil, Error: evil, Value: evil, Purpose: evil, Sealed: true,
			Options: []web.Option{{Value: evil, Label: evil, Help: evil, Group: evil}}})
	}
	h, _, _ := house(t, func(mux *http.ServeMux, rd *web.Renderer) {
		mux.HandleFunc("GET /evil", func(w http.ResponseWriter, r *http.Request) {
			rd.Part(w, r, 200, "design/design", "form", web.Form{Action: "/x", Fields: fields, Submit: evil, Question: evil, Problem: evil, Key: evil, Cancel: web.NavItem{Href: "javascript:alert(1)", Text: evil}})
		})
	})
	page := get(h, "/evil").Body.String()
	if strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, `"javascript:`) {
		t.Error(page)
	}
	if !strings.Contains(page, `enctype="multipart/form-data"`) || strings.Count(page, `aria-invalid="true"`) < 15 {
		t.Errorf("fields are missing: %d", strings.Count(page, `aria-invalid="true"`))
	}
}

func TestMark(t *testing.T) {
	rd, _ := renderer(t)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	form := web.Form{Fields: []web.Field{{Name: "title"}}}
	rd.Mark(r, &form, fault.New(fault.Invalid, "text.control").At("title"))
	rd.Mark(r, &form, fault.New(fault.Stale, "text.not_utf8"))
	if form.Fields[0].Error == "" || form.Problem == "" || form.Wrong() != 2 {
		t.Errorf("%+v", form)
	}
}

func TestMoney(t *testing.T) {
	for fen, want := range map[int64]string{0: "0.00", 5: "0.05", -5: "-0.05", 120050: "1200.50", -9223372036854775808: "-92233720368547758.08"} {
		if got := web.Money(fen); got != want {
			t.Errorf("%d: %s", fen, got)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	rd, _ := renderer(b)
	mux := http.NewServeMux()
	rd.Design(mux)
	r := httptest.NewRequest(http.MethodGet, "/design", nil)
	for b.Loop() {
		mux.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// A page opened from outside carries its style sheets, which the policy of that
// answer names, and fetches none before it is drawn; within the house they are
// linked, and the office never gets them that way.
func TestSheets(t *testing.T) {
	rd, _ := renderer(t)
	mux := http.NewServeMux()
	rd.Design(mux)
	policy := httpx.Policy
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	})
	blocking := regexp.MustCompile(`<link rel="stylesheet" href="[^"]*">`)
	styles := regexp.MustCompile(`(?s)<style[^>]*>(.*?)</style>`)
	for _, one := range []struct {
		name    string
		headers []string
		inside  bool
	}{
		{"a bookmark", nil, true},
		{"another site", []string{"Referer", "https://elsewhere.example/list"}, true},
		{"a page of ours", []string{"Referer", "http://example.com/report"}, false},
	} {
		w := get(h, "/design", one.headers...)
		page, csp := w.Body.String(), w.Header().Get("Content-Security-Policy")
		found := styles.FindAllStringSubmatch(page, -1)
		if (len(found) > 0) != one.inside || blocking.MatchString(page) == one.inside {
			t.Errorf("%s: %d sheets within the page, linked: %q", one.name, len(found), blocking.FindString(page))
		}
		for _, f := range found {
			sum := sha256.Sum256([]byte(f[1]))
			if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(csp, hash) {
				t.Errorf("%s: the policy does not know %s of %.40q: %s", one.name, hash, f[1], csp)
			}
		}
		if !one.inside && csp != policy || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", one.name, csp)
		}
	}
	rd.Office = func(*http.Request) bool { return true }
	if page := get(h, "/design").Body.String(); styles.MatchString(page) {
		t.Error("the office gets its sheets within the page")
	}
}

// What the law said is written without marks on paper and in workbooks.
func TestShowJudged(t *testing.T) {
	rd, _ := renderer(t)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if got := rd.Show(r, web.Judged{Outcome: "合法", Sentence: "提前 13 天，须不少于 10 天。", Tone: web.Good}); got != "合法\n提前 13 天，须不少于 10 天。" {
		t.Errorf("on paper: %q", got)
	}
}
