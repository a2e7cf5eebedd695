package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/goleak"

	"linli/catalog"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	mux *http.ServeMux
	api huma.API
	h   http.Handler
	s   *httpx.Server
	mu  sync.Mutex
	log bytes.Buffer
}

func (h *house) Write(p []byte) (int, error) { h.mu.Lock(); defer h.mu.Unlock(); return h.log.Write(p) }
func (h *house) said() string                { h.mu.Lock(); defer h.mu.Unlock(); return h.log.String() }

func build(t testing.TB, o httpx.Options) *house {
	t.Helper()
	b, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{mux: http.NewServeMux()}
	h.api = httpx.NewAPI(h.mux)
	o.Book = func() *text.Book { return b }
	o.Log = slog.New(slog.NewJSONHandler(h, nil))
	h.s = httpx.New(h.mux, o)
	h.h = h.s.Handler()
	return h
}

func (h *house) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) httpx.Problem {
	t.Helper()
	var p httpx.Problem
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		t.Fatalf("%d is %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.Type != "urn:linli:fault:"+p.Key || !strings.HasPrefix(p.Instance, "urn:linli:request:") || p.Detail == "" || p.Title == "" {
		t.Errorf("incomplete: %+v", p)
	}
	return p
}

type place struct {
	Body struct {
		Name string  `json:"name" maxLength:"10"`
		Lat  float64 `json:"lat" minimum:"-90" maximum:"90"`
	}
}
type answer struct {
	Body struct {
		Name string `json:"name"`
	}
}

func TestProblems(t *testing.T) {
	h := build(t, httpx.Options{})
	var fail error
	httpx.Register(h.api, huma.Operation{OperationID: "place", Method: http.MethodPost, Path: "/api/v1/place"}, func(_ context.Context, in *place) (*answer, error) {
		out := &answer{}
		out.Body.Name = in.Body.Name
		return out, fail
	})
	post := func(body string, headers ...string) *httptest.ResponseRecorder {
		return h.do(http.MethodPost, "/api/v1/place", body, append([]string{"Content-Type", "application/json"}, headers...)...)
	}
	if w := post(`{"name":"a","lat":1}`); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"name":"a"}` {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for name, body := range map[string]string{
		"broken": `{"name":`, "none": ``, "unknown field": `{"name":"a","lat":1,"x":2}`, "wrong type": `{"name":1,"lat":"1"}`,
		"out of bounds": `{"name":"a","lat":91}`, "not UTF-8": "{\"name\":\"\xff\",\"lat\":1}", "an array": `[]`, "missing": `{"name":"a"}`,
		"deep": strings.Repeat("[", 20000), "two values": `{"name":"a","lat":1}{"x":1}`,
	} {
		w := post(body)
		p := problemOf(t, w)
		if w.Code != http.StatusUnprocessableEntity || p.Kind != "invalid" || p.Key != "httpx.schema" {
			t.Errorf("%s: %d %+v", name, w.Code, p)
		}
	}
	if p := problemOf(t, post(`{"name":"a","lat":91}`)); p.Field != "body.lat" || len(p.Errors) != 1 || p.Errors[0].Location != "body.lat" {
		t.Errorf("%+v", p)
	}
	if p := problemOf(t, post(`{"name":"`+strings.Repeat("a", 2<<20)+`"}`)); p.Status != http.StatusRequestEntityTooLarge || p.Key != "httpx.too_large" {
		t.Errorf("%+v", p)
	}
	if p := problemOf(t, h.do(http.MethodPost, "/api/v1/place", "a=b", "Content-Type", "text/csv")); p.Status != http.StatusUnsupportedMediaType {
		t.Errorf("%+v", p)
	}
	if p := problemOf(t, h.do(http.MethodGet, "/api/v1/none", "")); p.Status != http.StatusNotFound {
		t.Errorf("%+v", p)
	}
	if w := h.do(http.MethodDelete, "/api/v1/place", ""); problemOf(t, w).Status != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("%v", w.Header())
	}

	fail = fmt.Errorf("deeper: %w", fault.New(fault.Unmet, "text.too_long", "max", 3, "length", 4).At("name").Under("Law 3").Because(errors.New("secret")))
	w := post(`{"name":"a","lat":1}`, "Accept-Language", "en")
	p := problemOf(t, w)
	if p.Status != 422 || p.Kind != "unmet" || p.Norm != "Law 3" || p.Field != "name" || p.Detail != "The text is too long: at most 3 characters, it has 4." || p.Args["max"] != 3.0 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%+v", p)
	}
	if p := problemOf(t, post(`{"name":"a","lat":1}`, "Cookie", httpx.LanguageCookie+"=zh-CN", "Accept-Language", "en")); !strings.Contains(p.Detail, "文字太长") {
		t.Errorf("%+v", p)
	}
	fail = errors.New("secret of the database")
	w = post(`{"name":"a","lat":1}`)
	if p := problemOf(t, w); p.Status != 500 || p.Args != nil || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%s", w.Body)
	}
	if !strings.Contains(h.said(), "secret of the database") {
		t.Error("the cause is not in the log")
	}
	fail = fault.New(fault.Busy, "httpx.full", "retry_after", 90*time.Second)
	if w := post(`{"name":"a","lat":1}`); problemOf(t, w).Status != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "90" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	fail = fault.New(fault.Busy, "httpx.full")
	if w := post(`{"name":"a","lat":1}`); problemOf(t, w).Status != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestOpenAPI(t *testing.T) {
	h := build(t, httpx.Options{})
	httpx.Register(h.api, huma.Operation{OperationID: "place", Method: http.MethodPost, Path: "/api/v1/place"}, func(context.Context, *place) (*answer, error) { return &answer{}, nil })
	w := h.do(http.MethodGet, "/api/openapi.json", "")
	var doc struct {
		OpenAPI    string
		Paths      map[string]any
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Paths["/api/v1/place"] == nil || doc.Components.Schemas["HttpxProblem"] == nil {
		t.Errorf("%v %s", err, w.Body)
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("GET /ok", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") })
	h.mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("at the disco") })
	for path, status := range map[string]int{"/ok": 200, "/none": 404, "/panic": 500, "/api/none": 404, "/healthz": 200, "/%ff": 422} {
		w := h.do(http.MethodGet, path, "")
		if w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s lacks %s", path, name)
			}
		}
	}
	if csp := httpx.Policy; strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Error(csp)
	}
}

func TestPanic(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("POST /early", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "half a page")
		panic("early")
	})
	h.mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, strings.Repeat("x", 5000))
		panic("late")
	})
	w := h.do(http.MethodPost, "/early", "body-that-is-private")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if said := h.said(); !strings.Contains(said, `"what":"early"`) || strings.Contains(said, "private") {
		t.Error(said)
	}
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("a cut answer was given a proper end")
			}
		}()
		h.do(http.MethodGet, "/late", "", "Accept-Encoding", "gzip")
	}()
	if w := h.do(http.MethodGet, "/healthz", ""); w.Code != http.StatusOK {
		t.Error("the server is hurt")
	}
}

func TestBodies(t *testing.T) {
	h := build(t, httpx.Options{})
	read := func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			httpx.Fail(w, r, httpx.BodyFault(err))
			return
		}
		_, _ = fmt.Fprint(w, len(b))
	}
	h.mux.HandleFunc("POST /small", read)
	h.mux.HandleFunc("POST /large", httpx.Large(3<<20, read))
	h.mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			httpx.Fail(w, r, httpx.BodyFault(err))
		}
	})
	big := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/small", big(1 << 20), 200}, {"/small", big(1<<20 + 1), 413}, {"/large", big(3 << 20), 200}, {"/large", big(3<<20 + 1), 413}, {"/small", "", 200},
	} {
		for _, chunked := range []bool{false, true} {
			r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body))
			if chunked {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			h.h.ServeHTTP(w, r)
			if w.Code != c.status || c.status == 200 && w.Body.String() != fmt.Sprint(len(c.body)) {
				t.Errorf("%s %d chunked=%v: %d %s", c.path, len(c.body), chunked, w.Code, w.Body)
			}
		}
	}
	for name, body := range map[string]string{"cut": "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", "none": "", "junk": big(100)} {
		if w := h.do(http.MethodPost, "/form", body, "Content-Type", "multipart/form-data; boundary=x"); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("POST /act", func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		site, origin string
		status       int
	}{
		{"cross-site", "https://evil.example", 403}, {"same-site", "https://other.example.com", 403}, {"same-origin", "http://example.com", 200},
		{"none", "", 200}, {"", "https://evil.example", 403}, {"", "http://example.com", 200}, {"", "null", 403}, {"", "", 200},
	} {
		w := h.do(http.MethodPost, "/act", "", "Sec-Fetch-Site", c.site, "Origin", c.origin)
		if w.Code != c.status {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
}

func TestLogHoldsNothingPrivate(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("GET /case/{token}", func(w http.ResponseWriter, r *http.Request) {
		httpx.Fail(w, r, fault.New(fault.NotFound, "httpx.page", "who", "privatename"))
	})
	h.mux.HandleFunc("GET /report/{token}", httpx.Quiet(func(http.ResponseWriter, *http.Request) {}))
	h.do(http.MethodGet, "/case/secrettoken?q=secretquery", "", "X-Forwarded-For", "203.0.113.9", "Cookie", "s=secretcookie", "User-Agent", "secretagent")
	said := h.said()
	for _, secret := range []string{"secret", "192.0.2", "203.0.113", "privatename"} {
		if strings.Contains(said, secret) {
			t.Errorf("the log holds %q: %s", secret, said)
		}
	}
	for _, must := range []string{`"route":"GET /case/{token}"`, `"status":404`, `"id":"`, `"ms":`, `"key":"httpx.page"`} {
		if !strings.Contains(said, must) {
			t.Errorf("the log lacks %s: %s", must, said)
		}
	}
	before := len(h.said())
	for range 3 {
		h.do(http.MethodGet, "/report/secrettoken", "")
	}
	if len(h.said()) != before {
		t.Errorf("a quiet route left a line: %s", h.said()[before:])
	}
}

func TestQuietRequestsAreCountedByTheHour(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("GET /report", httpx.Quiet(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			httpx.Fail(w, r, errors.New("broken pipe organ"))
		}
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- h.s.Serve(ctx, l, nil) }()
	c := &http.Client{Transport: &http.Transport{}}
	for _, path := range []string{"/report", "/report", "/report?x"} {
		res, err := c.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	c.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for line := range strings.Lines(h.said()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
		at, err := time.Parse(time.RFC3339, m["time"].(string))
		if err != nil || at.Minute() != 0 || at.Second() != 0 || m["route"] != nil {
			t.Errorf("finer than the hour, or with a route: %s", line)
		}
	}
	if len(lines) != 3 || lines[0]["id"] == nil || lines[0]["cause"] != "broken pipe organ" {
		t.Errorf("%v", lines)
	}
}

func TestGzip(t *testing.T) {
	h := build(t, httpx.Options{})
	page := strings.Repeat("路灯不亮 ", 1000)
	send := func(media string, parts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			w.Header().Set("ETag", `"a"`)
			for _, p := range parts {
				_, _ = io.WriteString(w, p)
			}
		}
	}
	h.mux.HandleFunc("GET /page", send("text/html; charset=utf-8", page[:300], page[300:]))
	h.mux.HandleFunc("GET /small", send("text/html", "x"))
	h.mux.HandleFunc("GET /photo", send("image/jpeg", page))
	h.mux.HandleFunc("GET /plain", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	h.mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		httpx.Stream(w, r)
		_, _ = io.WriteString(w, "data: x\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	w := h.do(http.MethodGet, "/page", "", "Accept-Encoding", "br, gzip;q=0.8")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("ETag") != `W/"a"` {
		t.Fatalf("%v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != page {
		t.Errorf("%v", err)
	}
	for path, encodings := range map[string]string{"/page": "gzip;q=0", "/small": "gzip", "/photo": "gzip", "/events": "gzip"} {
		if w := h.do(http.MethodGet, path, "", "Accept-Encoding", encodings); w.Header().Get("Content-Encoding") != "" || w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	if w := h.do(http.MethodGet, "/plain", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%v", w.Header())
	}
	// What somebody else's page asks for with the person's cookies is not compressed: its length would tell.
	for name, one := range map[string]struct {
		headers []string
		zips    bool
	}{
		"own page":                  {[]string{"Cookie", "s=1", "Sec-Fetch-Site", "same-origin"}, true},
		"typed by the person":       {[]string{"Cookie", "s=1", "Sec-Fetch-Site", "none"}, true},
		"another site":              {[]string{"Cookie", "s=1", "Sec-Fetch-Site", "cross-site"}, false},
		"a sister site":             {[]string{"Cookie", "s=1", "Sec-Fetch-Site", "same-site"}, false},
		"another site, no cookie":   {[]string{"Sec-Fetch-Site", "cross-site"}, true},
		"old browser, plain HTTP":   {[]string{"Cookie", "s=1"}, true},
		"old browser, behind HTTPS": {[]string{"Cookie", "s=1", "X-Forwarded-Proto", "https"}, false},
	} {
		w := h.do(http.MethodGet, "/page", "", append([]string{"Accept-Encoding", "gzip"}, one.headers...)...)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != one.zips {
			t.Errorf("%s: compressed is %v, want %v", name, got, one.zips)
		}
	}
	if w := h.do(http.MethodHead, "/page", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("%v", w.Header())
	}
}

func TestShedding(t *testing.T) {
	h := build(t, httpx.Options{InFlight: 2})
	hold, in := make(chan struct{}), make(chan struct{})
	h.mux.HandleFunc("GET /slow", func(http.ResponseWriter, *http.Request) { in <- struct{}{}; <-hold })
	h.mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) { httpx.Stream(w, r); in <- struct{}{}; <-hold })
	var wg sync.WaitGroup
	for _, path := range []string{"/slow", "/stream", "/slow"} {
		wg.Go(func() { h.do(http.MethodGet, path, "") })
		<-in
	}
	w := h.do(http.MethodGet, "/slow", "", "Accept", "application/json")
	if p := problemOf(t, w); p.Status != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%+v", p)
	}
	if w := h.do(http.MethodGet, "/healthz", ""); w.Code != http.StatusOK {
		t.Error("healthz was shed")
	}
	close(hold)
	wg.Wait()
	go func() { <-in }()
	if w := h.do(http.MethodGet, "/slow", ""); w.Code != http.StatusOK {
		t.Errorf("not recovered: %d", w.Code)
	}
}

func TestReadyAndMetrics(t *testing.T) {
	var down error
	h := build(t, httpx.Options{MetricsToken: "t0ken", Ready: []httpx.Check{{Name: "database", Hold: func(context.Context) error { return down }}}})
	if w := h.do(http.MethodGet, "/readyz", ""); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	down = errors.New("password wrong")
	if w := h.do(http.MethodGet, "/readyz", ""); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "database") || strings.Contains(w.Body.String(), "password") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.do(http.MethodGet, "/metrics", ""); w.Code != http.StatusNotFound {
		t.Errorf("open to all: %d", w.Code)
	}
	if w := h.do(http.MethodGet, "/metrics", "", "Authorization", "Bearer t0ken"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `linli_http_requests_total{route="GET /readyz",status="503"} 1`) || !strings.Contains(w.Body.String(), "linli_http_in_flight 1") {
		t.Errorf("%d %.500s", w.Code, w.Body)
	}
}

func TestAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		peer, forwarded, want string
		trusted               []netip.Prefix
	}{
		{"203.0.113.7:80", "1.2.3.4", "203.0.113.7", nil}, {"203.0.113.7:80", "1.2.3.4", "203.0.113.7", trusted},
		{"10.0.0.1:80", "1.2.3.4", "1.2.3.4", trusted}, {"10.0.0.1:80", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4", trusted},
		{"10.0.0.1:80", "", "10.0.0.1", trusted}, {"10.0.0.1:80", "junk", "10.0.0.1", trusted}, {"10.0.0.1:80", "junk, 10.0.0.3", "10.0.0.3", trusted},
		{"[::ffff:203.0.113.7]:80", "", "203.0.113.7", nil}, {"@", "", "local", nil}, {"[fe80::1%eth0]:80", "", "fe80::/64", nil}, {"[2001:db8:1:2:3::4]:80", "", "2001:db8:1:2::/64", nil}, {"[::1]:80", "", "::1", nil},
	} {
		h := build(t, httpx.Options{Trusted: c.trusted})
		got := ""
		h.mux.HandleFunc("GET /a", func(_ http.ResponseWriter, r *http.Request) { got = httpx.Address(r) })
		r := httptest.NewRequest(http.MethodGet, "/a", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.forwarded)
		h.h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestAddressesThatCannotBeRead(t *testing.T) {
	h := build(t, httpx.Options{})
	h.mux.HandleFunc("GET /find", func(http.ResponseWriter, *http.Request) {})
	for path, status := range map[string]int{"/find?q=%E8%B7%AF": 200, "/find?q=%ff": 422, "/find?q=%00": 422, "/find?q=%zz": 422, "/find%00": 422, "/find?q=a+b%0A": 200} {
		r := httptest.NewRequest(http.MethodGet, "/find", nil)
		u, err := r.URL.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = u
		w := httptest.NewRecorder()
		h.h.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestParseKey(t *testing.T) {
	hex := "0123456789abcdef0123456789abcdef"
	for in, want := range map[string]string{
		hex: hex, strings.ToUpper(hex): hex, "01234567-89ab-cdef-0123-456789abcdef": hex, `"` + hex + `"`: hex,
		"01ARZ3NDEKTSV4RRFFQ69G5FAV": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "mfrggzdfmztwq2lkmfrggzdfmy": "MFRGGZDFMZTWQ2LKMFRGGZDFMY",
	} {
		if got, err := httpx.ParseKey(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "1", hex[1:], hex + "0", "zz23456789abcdef0123456789abcdef", "01ARZ3NDEKTSV4RRFFQ69G5FA!", `"`, "01234567_89ab-cdef-0123-456789abcdef"} {
		if _, err := httpx.ParseKey(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if k, err := httpx.Key(r); k != "" || err != nil {
		t.Errorf("%q %v", k, err)
	}
}

func TestWithoutServer(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/api/x", nil)
	w := httptest.NewRecorder()
	httpx.Fail(w, r, fault.New(fault.Forbidden, "x.y"))
	if w.Code != http.StatusForbidden || httpx.RequestID(r.Context()) != "" || httpx.Address(r) != "192.0.2.1" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func BenchmarkEdge(b *testing.B) {
	h := build(b, httpx.Options{})
	h.mux.HandleFunc("GET /case/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	})
	r := httptest.NewRequest(http.MethodGet, "/case/1", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.h.ServeHTTP(httptest.NewRecorder(), r)
		h.log.Reset()
	}
}
