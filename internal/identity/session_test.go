package identity

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"

	"pgregory.net/rapid"
)

func TestPasswordRules(t *testing.T) {
	for password, key := range map[string]string{
		"":          "identity.password_short",
		"123456789": "identity.password_short",
		"九个汉字还是太短了": "identity.password_short",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff": "text.not_utf8",
		"wang-example":           "identity.password_is_login",
		"ＷＡＮＧ-example":           "identity.password_is_login",
		strings.Repeat("长", 257): "identity.password_long",
	} {
		f := wants(t, checkPassword(password, "wang-example"), fault.Invalid, key)
		if f.Field != "password" {
			t.Fatal(f)
		}
	}
	for _, password := range []string{"1234567890", "十个汉字就够长了对吧", "wang-example1", strings.Repeat("长", 256)} {
		must(t, checkPassword(password, "wang-example"))
	}
}

func TestPasswordHash(t *testing.T) {
	stored := hashPassword("e\u0301galité 10")
	if !rightPassword(stored, "\u00e9galité 10") {
		t.Fatal("two writings of one character are two passwords")
	}
	for _, s := range []string{
		"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2id$v=19$m=4194304,t=99,p=1$AAAA$AAAA",
		strings.Replace(stored, "t=2", "t=1", 1), strings.Replace(stored, "argon2id", "argon2i", 1), stored[:len(stored)-2], stored + "$",
	} {
		if rightPassword(s, "\u00e9galité 10") {
			t.Fatalf("%q lets in", s)
		}
	}
}

// TestHostileStoredHash: no stored text panics or takes long.
func TestHostileStoredHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SliceOf(rapid.SampledFrom([]string{"$", "argon2id", "v=19", "m=1", ",", "t=2", "p=1", "AAAA", "="})).Draw(t, "hash")
		if rightPassword(strings.Join(part, ""), "x") {
			t.Fatal("lets in")
		}
	})
}

// TestPasswordFlood: two at once, a bounded queue, and the rest told to wait.
func TestPasswordFlood(t *testing.T) {
	g := newGate()
	var running, most, busy, done atomic.Int64
	hold := make(chan struct{})
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			err := g.do(ctx, func() {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				<-hold
				running.Add(-1)
			})
			if fault.Is(err, fault.Busy) {
				busy.Add(1)
			} else if err == nil {
				done.Add(1)
			}
		})
	}
	for busy.Load() < 200-gateWidth-gateQueue {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	group.Wait()
	if most.Load() > gateWidth || done.Load() != gateWidth+gateQueue || busy.Load() != 200-gateWidth-gateQueue {
		t.Fatalf("at once %d, done %d, busy %d", most.Load(), done.Load(), busy.Load())
	}
}

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		var log bytes.Buffer
		old := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		defer slog.SetDefault(old)

		token, a, err := h.SignIn(ctx, " ADMIN ", goodPassword, "10.0.0.1")
		must(t, err)
		if !a.Known() || a.Name != "管理员" || len(a.Posts) != 1 {
			t.Fatalf("%+v", a)
		}
		for _, c := range [][2]string{{"admin", "wrong password"}, {"nobody", goodPassword}, {"admin", ""}, {"", ""}, {"admin", strings.Repeat("x", 5000)}, {"adm\xffin", goodPassword}} {
			_, _, err := h.SignIn(ctx, c[0], c[1], "10.0.0.2")
			wants(t, err, fault.Forbidden, "identity.sign_in_refused")
		}
		if a, ok, err := h.session(ctx, token); err != nil || !ok || a.Person != h.admin.Person {
			t.Fatalf("%+v %v", a, err)
		}
		for _, forged := range []string{"", "x", seal.Token(), strings.ToUpper(token), token + "a", token[:25], strings.Repeat("a", 100_000), "'; DROP TABLE identity_session; --", "\xff\x00"} {
			if a, ok, err := h.session(ctx, forged); err != nil || ok || a.Kind != Anyone {
				t.Fatalf("forged %.40q: %+v %v", forged, a, err)
			}
		}
		var stored string
		must(t, h.d.Reader().Row(ctx, `SELECT hash FROM identity_session`).Scan(&stored))
		if stored == token {
			t.Fatal("the token itself is stored")
		}
		if a, ok, _ := h.session(ctx, stored); ok || a.Kind != Anyone {
			t.Fatal("the stored hash opens a session")
		}
		must(t, h.second().SignOut(ctx, token))
		if _, ok, _ := h.session(ctx, token); ok {
			t.Fatal("replayed after sign-out")
		}
		for _, secret := range []string{token, goodPassword, stored} {
			if strings.Contains(log.String(), secret) {
				t.Fatal("a secret was logged")
			}
		}
	})
}

func TestSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		alive := func(token string) bool {
			_, ok, err := h.session(ctx, token)
			must(t, err)
			return ok
		}
		enter := func() string {
			token, _, err := h.SignIn(ctx, "admin", goodPassword, "a")
			must(t, err)
			return token
		}
		idle := enter()
		h.clk.Advance(SessionIdle - time.Second)
		if !alive(idle) {
			t.Fatal("ended early")
		}
		h.clk.Advance(SessionIdle - time.Second)
		if !alive(idle) {
			t.Fatal("use did not prolong it")
		}
		h.clk.Advance(SessionIdle)
		if alive(idle) {
			t.Fatal("idle and alive")
		}
		long := enter()
		for range 11 {
			h.clk.Advance(time.Hour)
			if !alive(long) {
				t.Fatal("ended early")
			}
		}
		h.clk.Advance(time.Hour)
		if alive(long) {
			t.Fatal("longer than twelve hours")
		}
		var before, after int64
		fresh := enter()
		read := func(n *int64) {
			must(t, h.d.Reader().Row(ctx, `SELECT MAX(idle) FROM identity_session`).Scan(n))
		}
		read(&before)
		h.clk.Advance(4 * time.Minute)
		alive(fresh)
		if read(&after); after != before {
			t.Fatal("written more often than every five minutes")
		}
		must(t, h.Sweep(ctx))
		var n int
		must(t, h.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_session`).Scan(&n))
		if n != 1 {
			t.Fatalf("%d sessions are kept", n)
		}
		must(t, h.RevokeAll(ctx, h.admin, h.admin.Person))
		if alive(fresh) {
			t.Fatal("revoked and alive")
		}
		id := h.person(t, "壬", "leaver")
		token, _, err := h.SignIn(ctx, "leaver", goodPassword, "a")
		must(t, err)
		must(t, h.ClosePerson(ctx, h.admin, id))
		if alive(token) {
			t.Fatal("the session outlives the account")
		}
		_, _, err = h.SignIn(ctx, "leaver", goodPassword, "a")
		wants(t, err, fault.Forbidden, "identity.sign_in_refused")
	})
}

func TestGuessing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		for range guessesLogin {
			_, _, err := h.SignIn(ctx, "admin", "wrong password", "10.0.0.1")
			wants(t, err, fault.Forbidden, "identity.sign_in_refused")
		}
		_, _, err := h.second().SignIn(ctx, "admin", goodPassword, "10.0.0.1")
		wants(t, err, fault.Busy, "identity.limit")
		_, _, err = h.second().SignIn(ctx, "admin", goodPassword, "10.0.0.9") // nobody is locked out from elsewhere
		must(t, err)
		h.clk.Advance(guessWindow)
		for range guessesLogin + 5 { // right ones do not count
			_, _, err := h.SignIn(ctx, "admin", goodPassword, "10.0.0.1")
			must(t, err)
		}
		var n int
		must(t, h.d.Reader().Row(ctx, `SELECT SUM(count) FROM identity_limit`).Scan(&n))
		if n != 0 {
			t.Fatalf("%d right passwords are counted", n)
		}
		must(t, h.d.Commit(ctx, func(tx *db.Tx) error { // the address alone, without hashing 60 times
			_, err := tx.Exec(`UPDATE identity_limit SET count = $1 WHERE bucket = 'sign-in address'`, guessesAddress)
			return err
		}))
		_, _, err = h.SignIn(ctx, "someone-else", "wrong password", "10.0.0.1")
		wants(t, err, fault.Busy, "identity.limit")
		_, _, err = h.SignIn(ctx, "admin", goodPassword, "10.0.0.2")
		must(t, err)
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "癸", "changer")
		made, err := h.ResetPassword(ctx, h.admin, id)
		must(t, err)
		_, _, err = h.SignIn(ctx, "changer", goodPassword, "a")
		wants(t, err, fault.Forbidden, "identity.sign_in_refused")
		keep, a, err := h.SignIn(ctx, "changer", made, "a")
		must(t, err)
		if !a.MustChange {
			t.Fatal("a given password must be changed")
		}
		other, _, err := h.SignIn(ctx, "changer", made, "a")
		must(t, err)
		wants(t, h.ChangePassword(ctx, a, "wrong password", "another good one", keep), fault.Invalid, "identity.password_wrong")
		wants(t, h.ChangePassword(ctx, a, made, made, keep), fault.Invalid, "identity.password_same")
		wants(t, h.ChangePassword(ctx, a, made, "short", keep), fault.Invalid, "identity.password_short")
		wants(t, h.ChangePassword(ctx, Actor{Kind: Anyone}, made, "another good one", keep), fault.Forbidden, "httpx.sign_in")
		must(t, h.ChangePassword(ctx, a, made, "another good one", keep))
		if now, ok, _ := h.session(ctx, keep); !ok || now.MustChange {
			t.Fatal("the session that changed it goes on")
		}
		if _, ok, _ := h.session(ctx, other); ok {
			t.Fatal("another session lives on under the old password")
		}
		_, _, err = h.SignIn(ctx, "changer", "another good one", "a")
		must(t, err)
		h.clean(t)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "程序", "program")
		one, two := h.post(t, h.admin, id, "works", "handler"), h.post(t, h.admin, id, "county", "intake")
		a := h.actor(t, id)
		_, _, err := h.NewToken(ctx, a, "x", "none", time.Hour)
		wants(t, err, fault.Invalid, "identity.no_post")
		_, _, err = h.NewToken(ctx, a, "x", "", 400*day)
		wants(t, err, fault.Invalid, "identity.token_life")
		_, _, err = h.NewToken(ctx, Actor{Kind: Anyone}, "x", "", time.Hour)
		wants(t, err, fault.Forbidden, "httpx.sign_in")
		all, whole, err := h.NewToken(ctx, a, "交换平台", "", time.Hour)
		must(t, err)
		_, narrow, err := h.NewToken(ctx, a, "一个岗位", two.ID, time.Hour)
		must(t, err)
		if b, ok, err := h.bearer(ctx, whole); err != nil || !ok || len(b.Posts) != 2 || b.Token != all.ID {
			t.Fatalf("%+v %v", b, err)
		}
		b, ok, err := h.bearer(ctx, narrow)
		if err != nil || !ok || len(b.Posts) != 1 || b.Posts[0].ID != two.ID {
			t.Fatalf("%+v %v", b, err)
		}
		_, _, err = h.NewToken(ctx, b, "more", "", time.Hour) // a token makes no tokens
		wants(t, err, fault.Forbidden, "httpx.sign_in")
		must(t, h.EndPost(ctx, h.admin, two.ID))
		if b, ok, _ := h.bearer(ctx, narrow); !ok || len(b.Posts) != 0 {
			t.Fatalf("the post ended: %+v", b)
		}
		if b, ok, _ := h.bearer(ctx, whole); !ok || len(b.Posts) != 1 || b.Posts[0].ID != one.ID {
			t.Fatalf("%+v", b)
		}
		wants(t, h.RevokeToken(ctx, h.admin, all.ID), fault.NotFound, "identity.no_token")
		must(t, h.RevokeToken(ctx, a, all.ID))
		for _, secret := range []string{whole, tokenMark + seal.Token(), tokenMark, whole[len(tokenMark):]} {
			if _, ok, _ := h.bearer(ctx, secret); ok {
				t.Fatalf("%q opens", secret)
			}
		}
		h.clk.Advance(time.Hour)
		if _, ok, _ := h.bearer(ctx, narrow); ok {
			t.Fatal("expired and alive")
		}
		if list, err := h.Tokens(ctx, id); err != nil || len(list) != 2 || (list[0].Revoked == 0) == (list[1].Revoked == 0) {
			t.Fatalf("%+v %v", list, err)
		}
		session, _, err := h.SignIn(ctx, "program", goodPassword, "a")
		must(t, err)
		if b, ok, err := h.bearer(ctx, session); err != nil || !ok || b.Token != "" {
			t.Fatal("a session's token may be sent as a bearer too")
		}
	})
}
