package staff_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/ledger"
	"linli/internal/staff"
	"linli/web"
)

var ctx = context.Background()

const goodPassword = "correct horse 42"

// tuesday is a working day at nine in China.
var tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

// rig is the room on the rooms below it, on a clock set by hand.
type rig struct {
	d     *db.DB
	clk   *clock.Hand
	log   *ledger.Service
	eds   *edition.Service
	ids   *identity.Service
	cases *casework.Service
	staff *staff.Service
	hash  string
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// newBare is a house in which nobody is yet.
func newBare(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{d: d, clk: clock.NewHand(tuesday)}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	key := must(ledger.OpenKey(folder, "test", true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, staff.Migrate} {
		ok(t, migrate(ctx, d))
	}
	r.log = ledger.New(d, r.clk, key, ledger.Options{})
	eds := edition.New(d, r.clk, r.log)
	r.eds = eds
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: eds, People: r.ids, Log: slog.New(slog.DiscardHandler)})
	caseworktest.Pass(r.cases)
	ok(t, eds.Start(ctx, catalog.Files))
	r.staff = r.node(eds)
	return r
}

// node is the room as one node has it.
func (r *rig) node(eds *edition.Service) *staff.Service {
	return staff.New(staff.Parts{DB: r.d, Clock: r.clk, People: r.ids, Cases: r.cases, Shifts: edition.Compile(eds, staff.LoadShifts), Log: slog.New(slog.DiscardHandler)})
}

// newRig is a house with a county, a bureau in it and a street, and people.
func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := newBare(t, d)
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "示例县", Kind: "government", Area: "999901"},
		{ID: "bureau", Parent: "county", Name: "城管局", Kind: "department", Area: "999901", Function: "urban-management"},
		{ID: "street", Parent: "county", Name: "东街道", Kind: "street", Area: "999901001"},
	} {
		_, err := r.ids.AddUnit(ctx, system, u)
		ok(t, err)
	}
	r.hash = must(r.ids.HashPassword(ctx, goodPassword, "x"))
	for _, p := range [][4]string{
		{"admin", "administrator", "county", "王管理"}, {"chief", "head", "county", "县长"}, {"dispatcher", "dispatcher", "county", "派遣一"},
		{"boss", "head", "bureau", "局长"}, {"handler", "handler", "bureau", "张三"}, {"handler2", "handler", "bureau", "李四"},
		{"clerk", "clerk", "street", "赵六"}, {"auditor", "auditor", "county", "审计"},
	} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[3], Login: p[0] + "-login", Hash: r.hash})
		ok(t, err)
		_, err = r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1]})
		ok(t, err)
	}
	return r
}

// cases opens n requests that the handler holds.
func (r *rig) held(t testing.TB, n int) []string {
	t.Helper()
	var out []string
	for range n {
		got, err := r.cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report",
			Values: map[string]any{"words": "路灯不亮", "place": map[string]any{"area": "999901001201"}}})
		ok(t, err)
		_, err = r.cases.Do(ctx, r.actor(t, "dispatcher"), casework.Asking{Case: got.Case, Act: "dispatch", Values: map[string]any{"lead": "bureau", "limit": "5 workdays"}})
		ok(t, err)
		_, err = r.cases.Do(ctx, r.actor(t, "handler"), casework.Asking{Case: got.Case, Act: "accept"})
		ok(t, err)
		out = append(out, got.Case)
	}
	return out
}

// clean verifies the administrative acts against the log.
func (r *rig) clean(t testing.TB) {
	t.Helper()
	for n := 1; n > 0; {
		n = must(r.log.Sequence(ctx))
	}
	found := must(r.ids.Verify(ctx, r.log.Leaf))
	if len(found) > 0 {
		t.Fatalf("verification finds %v", found)
	}
}

func (r *rig) actor(t testing.TB, person string) identity.Actor {
	t.Helper()
	a, err := r.ids.Actor(ctx, person)
	ok(t, err)
	return a
}

// client is a browser without script: it keeps its cookies and follows nothing.
type client struct {
	t       testing.TB
	h       http.Handler
	cookies map[string]string
	lang    string
	address string
}

// site is the room behind the real edge.
func (r *rig) site(t testing.TB) (*client, *text.Book) {
	t.Helper()
	b := must(text.Load(catalog.Files))
	book := func() *text.Book { return b }
	rd := web.New(book)
	rooms := http.NewServeMux()
	r.ids.Routes(rooms, httpx.NewAPI(rooms), rd)
	r.staff.Routes(rooms, rd)
	outer := http.NewServeMux()
	outer.Handle("/", r.ids.Middleware(rooms))
	s := httpx.New(outer, httpx.Options{Book: book, Page: rd.Fault, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return &client{t: t, h: s.Handler(), lang: "zh-CN", cookies: map[string]string{}}, b
}

// another is a second browser on the same house.
func (c *client) another() *client {
	return &client{t: c.t, h: c.h, lang: c.lang, cookies: map[string]string{}}
}

func (c *client) do(method, path, media string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if c.address != "" {
		r.RemoteAddr = c.address + ":4711"
	}
	r.Header.Set("Accept-Language", c.lang)
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	for _, k := range w.Result().Cookies() {
		if c.cookies[k.Name] = k.Value; k.MaxAge < 0 {
			delete(c.cookies, k.Name)
		}
	}
	return w
}

func (c *client) get(path string) *httptest.ResponseRecorder { return c.do("GET", path, "", nil) }

func (c *client) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload sends one file.
func (c *client) upload(path, content string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, _ := m.CreateFormFile("file", "x.csv")
	_, _ = part.Write([]byte(content))
	_ = m.Close()
	return c.do("POST", path, m.FormDataContentType(), &body)
}

func (c *client) wants(w *httptest.ResponseRecorder, status int, parts ...string) {
	c.t.Helper()
	if w.Code != status {
		c.t.Fatalf("status %d, want %d\n%s %s", w.Code, status, w.Header().Get("Location"), w.Body)
	}
	for _, part := range parts {
		if !strings.Contains(w.Body.String()+w.Header().Get("Location"), part) {
			c.t.Fatalf("%q is not in %s %s", part, w.Header().Get("Location"), w.Body)
		}
	}
}

func (c *client) signIn(login, password string) {
	c.t.Helper()
	c.wants(c.post("/sign-in", "login", login, "password", password), 303)
	if c.cookies[identity.Cookie] == "" {
		c.t.Fatal("no cookie")
	}
}
