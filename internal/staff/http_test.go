package staff_test

import (
	"bytes"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

func TestPagesFromFirstRunToReadLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newBare(t, d)
		c, book := h.site(t)
		code, _, err := h.ids.FirstRun(ctx)
		ok(t, err)
		c.wants(c.get("/sign-in"), 303, "/first-run")
		c.wants(c.get("/first-run"), 200, "启用码")
		first := []string{"code", code, "unit", "示例县", "area", "990101", "name", "王一", "login", "wang", "password", goodPassword, "again", "other"}
		c.wants(c.post("/first-run", first...), 422, "两次输入的密码不一样", `value="王一"`)
		first[len(first)-1] = goodPassword
		c.wants(c.post("/first-run", first...), 303, "/setup")
		c.wants(c.get("/first-run"), 409)

		c.wants(c.get("/admin/units"), 200, "示例县", "990101")
		root := regexp.MustCompile(`/admin/units/([0-9A-Z]{26})`).FindStringSubmatch(c.get("/admin/units").Body.String())[1]
		c.wants(c.post("/admin/units", "id", "works", "parent", root, "name", "城管局", "kind", "nonsense"), 422, "单位类别应为")
		c.wants(c.post("/admin/units", "id", "works", "parent", root, "name", "城管局", "kind", "department"), 303, "/admin/units/works")
		c.wants(c.post("/admin/units/works", "name", "城市管理局", "kind", "department", "function", "urban-management"), 303)
		c.wants(c.get("/admin/units/works"), 200, "城市管理局")

		var file bytes.Buffer
		m := multipart.NewWriter(&file)
		part, _ := m.CreateFormFile("file", "units.csv")
		_, _ = part.Write([]byte("id,parent,name,kind,area\nstreet," + root + ",东街道,street,990101001\nbad,none,坏,office,\n"))
		_ = m.Close()
		c.wants(c.do("POST", "/admin/units/import", m.FormDataContentType(), &file), 200, "新建 1", "没有单位“none”")
		c.wants(c.do("POST", "/admin/units/import", "text/plain", strings.NewReader("x")), 422, "没有收到文件")
		c.wants(c.post("/admin/units/works/move", "parent", "street"), 303)
		c.wants(c.post("/admin/units/street/close"), 409, "下面还有 1 个单位")

		w := c.post("/admin/people", "name", "<script>alert(1)</script>", "login", "li")
		c.wants(w, 200, "&lt;script&gt;alert(1)&lt;/script&gt;")
		if strings.Contains(w.Body.String(), "<script>alert") {
			t.Fatal("a name is not escaped")
		}
		password := regexp.MustCompile(`密码 ([a-z0-9]{16})`).FindStringSubmatch(w.Body.String())[1]
		li := regexp.MustCompile(`/admin/people/([0-9A-Z]{26})`).FindStringSubmatch(w.Body.String())[1]
		c.wants(c.post("/admin/people", "name", "x", "login", "li"), 409, "已有人使用")
		c.wants(c.get("/admin/people?words=LI"), 200, "/admin/people/"+li)
		c.wants(c.post("/admin/posts", "login", "li", "unit", "street", "kind", "auditor", "from", "nonsense"), 422, "日期不对")
		c.wants(c.post("/admin/posts", "login", "nobody", "unit", "street", "kind", "auditor"), 422, "没有这个人员")
		c.wants(c.post("/admin/posts", "login", "li", "unit", "street", "kind", "auditor"), 303, "/admin/people/"+li)
		c.wants(c.get("/admin/people/"+li), 200, "审计员", "990101001")
		c.wants(c.get("/admin/posts?unit=street"), 200, "审计员")
		c.wants(c.get("/read-log"), 403)
		c.wants(c.get("/rights"), 200, "area as dispatcher", "派遣员")
		c.wants(c.post("/sign-out"), 303, "/sign-in")

		c.wants(c.get("/read-log?case=k1"), 303, "/sign-in?next=%2Fread-log%3Fcase%3Dk1")
		c.signIn("li", password)
		c.wants(c.get("/read-log"), 303, "/me") // the password comes first
		c.wants(c.get("/api/v1/units"), 403, "identity.must_change")
		c.wants(c.get("/me"), 200, "请先改成自己的密码")
		c.wants(c.post("/me/password", "old", "wrong", "password", "a good sentence", "again", "a good sentence"), 422, "现在的密码不对")
		c.wants(c.post("/me/password", "old", password, "password", "a good sentence", "again", "a good sentence"), 200, "密码已修改")
		ok(t, h.ids.ReadLog(ctx, h.actor(t, li), "k1", "phone", "<b>回电</b>核实"))
		c.wants(c.get("/read-log?case=k1"), 200, "&lt;b&gt;回电&lt;/b&gt;核实")
		c.wants(c.get("/admin/units"), 403)
		c.wants(c.get("/admin/people"), 403)
		c.wants(c.get("/admin/posts"), 403)
		c.wants(c.get("/admin/units/street"), 403)

		c.lang = "en"
		for _, path := range []string{"/me", "/read-log", "/rights"} {
			c.wants(c.get(path), 200)
		}
		c.wants(c.post("/me/sessions/revoke"), 303)
		c.wants(c.get("/sign-in?next=//evil.example"), 200)
		w = c.post("/sign-in", "login", "wang", "password", goodPassword, "next", "//evil.example/x")
		c.wants(w, 303)
		if to := w.Header().Get("Location"); to != "/me/factor" {
			t.Fatalf("led outside: %s", to)
		}
		for _, path := range []string{"/admin/units", "/admin/units/street", "/admin/people", "/admin/people/" + li, "/admin/posts?unit=street", "/me"} {
			c.wants(c.get(path), 200)
		}
		post := regexp.MustCompile(`/admin/posts/([0-9A-Z]{26})`).FindStringSubmatch(c.get("/admin/people/" + li).Body.String())[1]
		c.wants(c.get("/admin/posts/"+post), 200)
		c.wants(c.post("/admin/posts/"+post+"/end"), 303)
		c.wants(c.get("/admin/posts/"+post), 404)
		c.wants(c.post("/admin/people/"+li+"/reset"), 200)
		c.wants(c.post("/admin/people/"+li, "name", "李二", "login", "li2"), 303)
		c.wants(c.post("/admin/people/"+li+"/close"), 303)
		c.wants(c.get("/admin/people/"+li), 200)
		c.wants(c.get("/admin/people/none"), 404)
		if n, missing := book.Missing(); n > 0 {
			t.Fatalf("words are missing: %v", missing)
		}
		h.clean(t)
	})
}
