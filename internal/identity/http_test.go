package identity

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
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// client is a browser without script: it keeps cookies and follows nothing.
type client struct {
	t      *testing.T
	h      http.Handler
	cookie string
	bearer string
	lang   string
}

// site is the room behind the real edge. The middleware stands where the roof
// puts it: between the edge and the mux.
func site(t *testing.T, h *house) (*client, *text.Book) {
	t.Helper()
	b, err := text.Load(catalog.Files)
	must(t, err)
	book := func() *text.Book { return b }
	rd := web.New(book)
	rooms := http.NewServeMux()
	api := httpx.NewAPI(rooms)
	h.Routes(rooms, api, rd)
	outer := http.NewServeMux()
	outer.Handle("/", h.Middleware(rooms))
	s := httpx.New(outer, httpx.Options{Book: book, Page: rd.Fault, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return &client{t: t, h: s.Handler(), lang: "zh-CN"}, b
}

func (c *client) do(method, path, media string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	r.Header.Set("Accept-Language", c.lang)
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: Cookie, Value: c.cookie})
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	for _, k := range w.Result().Cookies() {
		if k.Name == Cookie {
			c.cookie = k.Value
			if k.MaxAge < 0 {
				c.cookie = ""
			}
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

func (c *client) json(method, path, body string) (*httptest.ResponseRecorder, map[string]any) {
	c.t.Helper()
	w := c.do(method, path, "application/json", strings.NewReader(body))
	out := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w, out
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
	if c.cookie == "" {
		c.t.Fatal("no cookie")
	}
}

func TestCookieAndForgedTokens(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.settle(t)
	c, _ := site(t, h)
	w := c.post("/sign-in", "login", "admin", "password", goodPassword)
	raw := w.Header().Get("Set-Cookie")
	for _, flag := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(raw, flag) {
			t.Fatalf("%s lacks %s", raw, flag)
		}
	}
	old := c.cookie
	c.wants(c.get("/rights"), 200)
	c.wants(c.post("/sign-in", "login", "admin", "password", "wrong password"), 403, "登录名或密码不对")
	if c.signIn("admin", goodPassword); c.cookie == old {
		t.Fatal("the session was not renewed at sign-in")
	}
	replay := &client{t: t, h: c.h, cookie: old, lang: "zh-CN"}
	replay.wants(replay.get("/rights"), 303, "/sign-in")
	if replay.cookie != "" {
		t.Fatal("a cookie that is not good is taken away")
	}
	kept := c.cookie
	c.wants(c.post("/sign-out"), 303)
	replay.cookie = kept
	replay.wants(replay.get("/rights"), 303, "/sign-in")
	replay.cookie = "'; DROP TABLE identity_session;--"
	replay.wants(replay.get("/rights"), 303, "/sign-in")

	for _, secret := range []string{"x", kept, tokenMark + "aaaaaaaaaaaaaaaaaaaaaaaaaa", strings.Repeat("a", 1000)} {
		c := &client{t: t, h: c.h, bearer: secret}
		w, out := c.json("GET", "/api/v1/me", "")
		c.wants(w, 401)
		if out["key"] != "httpx.sign_in" || w.Header().Get("WWW-Authenticate") == "" {
			t.Fatalf("%v", out)
		}
	}
	r := httptest.NewRequest("POST", "https://linli.example/sign-in", strings.NewReader("login=admin&password="+url.QueryEscape(goodPassword)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	c.h.ServeHTTP(rec, r)
	if !strings.Contains(rec.Header().Get("Set-Cookie"), "Secure") {
		t.Fatalf("no Secure over TLS: %s", rec.Header().Get("Set-Cookie"))
	}
	r = httptest.NewRequest("POST", "/sign-out", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	rec = httptest.NewRecorder()
	if c.h.ServeHTTP(rec, r); rec.Code != 403 {
		t.Fatalf("another site signs people out: %d", rec.Code)
	}
	for _, body := range []string{"login=%ff%fe&password=%00", "login=" + strings.Repeat("a", 2<<20), "%zz", ""} {
		w := c.do("POST", "/sign-in", "application/x-www-form-urlencoded", strings.NewReader(body))
		if w.Code < 400 || w.Code >= 500 {
			t.Fatalf("%.20q: %d", body, w.Code)
		}
	}
}

func TestAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		c, _ := site(t, h)
		w, me := c.json("GET", "/api/v1/me", "")
		c.wants(w, 200)
		if me["kind"] != Anyone {
			t.Fatalf("%v", me)
		}
		w, out := c.json("GET", "/api/v1/units", "")
		c.wants(w, 401)
		w, out = c.json("POST", "/api/v1/sessions", `{"login":"admin","password":"wrong password"}`)
		c.wants(w, 403)
		if out["key"] != "identity.sign_in_refused" {
			t.Fatalf("%v", out)
		}
		for _, bad := range []string{"", "{", `{"login":1}`, `{"login":"a","password":"b","x":1}`, "\xff"} {
			w := c.do("POST", "/api/v1/sessions", "application/json", strings.NewReader(bad))
			c.wants(w, 422)
		}
		w, out = c.json("POST", "/api/v1/sessions", `{"login":"admin","password":"`+goodPassword+`"}`)
		c.wants(w, 201)
		if c.cookie == "" || c.cookie != out["token"] {
			t.Fatal("cookie and token")
		}
		c.cookie, c.bearer = "", out["token"].(string)
		w, me = c.json("GET", "/api/v1/me", "")
		c.wants(w, 200, `"administrator"`)
		w, out = c.json("POST", "/api/v1/units", `{"id":"office","parent":"works","name":"一科","kind":"office"}`)
		c.wants(w, 201, "/county/works/office/")
		w, out = c.json("POST", "/api/v1/units", `{"id":"office2","parent":"none","name":"二科","kind":"office"}`)
		c.wants(w, 422, "identity.no_unit")
		if out["field"] != "parent" {
			t.Fatalf("%v", out)
		}
		w, _ = c.json("PUT", "/api/v1/units/office", `{"name":"执法一科","kind":"office"}`)
		c.wants(w, 200, "执法一科")
		w, _ = c.json("POST", "/api/v1/units/office/move", `{"parent":"street"}`)
		c.wants(w, 204)
		w, _ = c.json("GET", "/api/v1/units", "")
		c.wants(w, 200, "/county/street/office/")
		w, out = c.json("POST", "/api/v1/people", `{"name":"赵三","login":"zhao"}`)
		c.wants(w, 201)
		zhao, password := out["id"].(string), out["password"].(string)
		w, out = c.json("POST", "/api/v1/posts", `{"person":"`+zhao+`","unit":"office","kind":"handler","until":"2027-01-01T00:00:00+08:00"}`)
		c.wants(w, 201)
		post := out["id"].(string)
		w, _ = c.json("GET", "/api/v1/posts?unit=office", "")
		c.wants(w, 200, "赵三", "2027-01-01")
		w, _ = c.json("GET", "/api/v1/people?words=zhao", "")
		c.wants(w, 200, zhao)

		other := &client{t: t, h: c.h}
		w, out = other.json("POST", "/api/v1/sessions", `{"login":"zhao","password":"`+password+`"}`)
		other.wants(w, 201, `"must_change":true`)
		w, _ = other.json("DELETE", "/api/v1/posts/"+post, "")
		other.wants(w, 403, "identity.must_change")
		a := h.actor(t, zhao)
		must(t, h.ChangePassword(ctx, a, password, "a good sentence", other.cookie))
		w, _ = other.json("DELETE", "/api/v1/posts/"+post, "")
		other.wants(w, 403, "identity.not_administrator")
		w, _ = other.json("GET", "/api/v1/people", "")
		other.wants(w, 403)
		w, out = other.json("GET", "/api/v1/posts?person="+h.admin.Person, "")
		other.wants(w, 200)
		if items := out["items"].([]any); len(items) != 0 {
			t.Fatalf("another's posts are told: %v", items)
		}
		w, _ = c.json("DELETE", "/api/v1/posts/"+post, "")
		c.wants(w, 204)
		w, out = other.json("GET", "/api/v1/me", "")
		if posts := out["posts"].([]any); len(posts) != 0 {
			t.Fatal("the post ended and is still told")
		}
		w, _ = c.json("DELETE", "/api/v1/units/office", "")
		c.wants(w, 204)
		token := c.bearer
		w, _ = c.json("DELETE", "/api/v1/sessions", "")
		c.wants(w, 204)
		c.cookie, c.bearer = "", token
		w, _ = c.json("GET", "/api/v1/me", "")
		c.wants(w, 401)
		h.clean(t)
	})
}
