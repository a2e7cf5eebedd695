package staff_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

var (
	secretShown = regexp.MustCompile(`<dd>((?:[A-Z2-7]{4} ?){8})</dd>`)
	codeShown   = regexp.MustCompile(`<code>([a-z0-9]{5}-[a-z0-9]{5})</code>`)
)

func (r *rig) code(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, r.clk.Now().Time())
	ok(t, err)
	return code
}

func TestSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c, book := r.site(t)
		w := c.post("/sign-in", "login", "admin-login", "password", goodPassword)
		c.wants(w, 303, "/me/factor") // the post asks for it, and there is time
		c.wants(c.get("/me/factor"), 200, "请在", "开始设置")
		c.wants(c.get("/admin/units"), 200)
		r.clk.Advance(8 * 24 * time.Hour)
		c.signIn("admin-login", goodPassword)
		c.wants(c.get("/admin/units"), 303, "/me/factor")
		c.wants(c.post("/me/factor/begin"), 303)
		page := c.get("/me/factor")
		c.wants(page, 200, "<svg", "扫这个码", "设好后才能继续")
		secret := strings.ReplaceAll(secretShown.FindStringSubmatch(page.Body.String())[1], " ", "")
		c.wants(c.post("/me/factor/confirm", "code", "000000"), 422, "口令不对")
		w = c.post("/me/factor/confirm", "code", r.code(t, secret)[:3]+" "+r.code(t, secret)[3:])
		c.wants(w, 200, "只显示这一次", "动态口令已启用")
		codes := codeShown.FindAllStringSubmatch(w.Body.String(), -1)
		if len(codes) != identity.RecoveryCodes {
			t.Fatalf("%d recovery codes", len(codes))
		}
		page = c.get("/me/factor")
		if strings.Contains(page.Body.String(), codes[0][1]) || strings.Contains(page.Body.String(), secret[:4]+" "+secret[4:8]) {
			t.Fatal("shown again")
		}
		c.wants(c.get("/admin/units"), 200)
		c.wants(c.post("/me/factor/begin"), 409)
		c.wants(c.post("/sign-out"), 303)

		// Sign-in: the password alone opens nothing; the code that set it up does not open again.
		c.wants(c.post("/sign-in", "login", "admin-login", "password", goodPassword, "next", "/admin/people"), 303, "/sign-in/code?next=%2Fadmin%2Fpeople")
		c.wants(c.get("/admin/units"), 303, "/sign-in")
		c.wants(c.get("/sign-in/code?next=/admin/people"), 200, "再输入动态口令")
		c.wants(c.post("/sign-in/code", "code", r.code(t, secret)), 403, "已经用过")
		r.clk.Advance(30 * time.Second)
		right := r.code(t, secret)
		c.wants(c.post("/sign-in/code", "code", right, "next", "//evil.example"), 303)
		c.wants(c.get("/admin/units"), 200)
		other := c.another()
		other.post("/sign-in", "login", "admin-login", "password", goodPassword)
		other.wants(other.post("/sign-in/code", "code", right), 403, "已经用过")
		// A recovery code opens once, from wherever.
		other.wants(other.post("/sign-in/code", "code", " "+strings.ToUpper(codes[3][1])), 303)
		third := c.another()
		third.post("/sign-in", "login", "admin-login", "password", goodPassword)
		third.wants(third.post("/sign-in/code", "code", codes[3][1]), 403)
		for range 3 {
			third.post("/sign-in/code", "code", "123456")
		}
		third.wants(third.post("/sign-in/code", "code", "123456"), 403)
		third.wants(third.post("/sign-in/code", "code", codes[4][1]), 403, "重新输入登录名和密码") // five tries, then over

		// The API asks for it in one step.
		if _, _, err := r.ids.SignIn(ctx, "admin-login", goodPassword, "x"); fault.Of(err).Key != "identity.code_needed" {
			t.Fatal(err)
		}
		c.wants(c.post("/me/factor/remove", "code", codes[5][1]), 422, "不能取消")

		// A lost phone: another administrator resets it with a reason, not oneself.
		_, err := r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "chief", Unit: "county", Kind: "administrator"})
		ok(t, err)
		second := c.another()
		second.signIn("chief-login", goodPassword)
		c.wants(c.post("/admin/people/admin/factor", "reason", "x"), 403, "另一位管理员")
		second.wants(second.post("/admin/people/admin/factor", "reason", " "), 422, "请写明原因")
		second.wants(second.post("/admin/people/admin/factor", "reason", "手机丢失"), 303)
		c.wants(c.get("/admin/units"), 303, "/sign-in")
		c.signIn("admin-login", goodPassword)
		if n, missing := book.Missing(); n > 0 {
			t.Fatalf("words are missing: %v", missing)
		}
		r.clean(t)
	})
}

// TestNobodyLocksAColleagueOut: wrong passwords from elsewhere close the door to
// elsewhere, and a browser that is known stays open whatever is tried.
func TestNobodyLocksAColleagueOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c, _ := r.site(t)
		c.address = "192.0.2.1"
		c.signIn("handler-login", goodPassword)
		c.wants(c.post("/sign-out"), 303)
		try := func(address, device, password string) error {
			_, err := r.ids.SignInFrom(ctx, identity.Try{Login: "handler-login", Password: password, Address: address, Device: device})
			return err
		}
		for range 10 {
			if err := try("198.51.100.7", "", "wrong password"); fault.Of(err).Key != "identity.sign_in_refused" {
				t.Fatal(err)
			}
		}
		if err := try("198.51.100.7", "", goodPassword); !fault.Is(err, fault.Busy) {
			t.Fatalf("guessing goes on: %v", err)
		}
		if err := try("203.0.113.9", "", goodPassword); err != nil {
			t.Fatalf("locked out from elsewhere: %v", err)
		}
		// Many machines at once: a strange browser waits, the known one does not.
		ok(t, d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE identity_limit SET count = 300 WHERE bucket = 'sign-in all'`)
			return err
		}))
		if err := try("203.0.113.9", "", goodPassword); !fault.Is(err, fault.Busy) {
			t.Fatalf("guessing by many: %v", err)
		}
		c.wants(c.post("/sign-in", "login", "handler-login", "password", goodPassword), 303)
		// The browser is known for its person only, and it is counted too.
		if err := try("203.0.113.9", c.cookies["linli_device"], "wrong password"); fault.Of(err).Key != "identity.sign_in_refused" {
			t.Fatal(err)
		}
		for range 9 {
			_ = try("203.0.113.9", c.cookies["linli_device"], "wrong password")
		}
		if err := try("203.0.113.9", c.cookies["linli_device"], goodPassword); !fault.Is(err, fault.Busy) {
			t.Fatalf("a known browser guesses without end: %v", err)
		}
	})
}
