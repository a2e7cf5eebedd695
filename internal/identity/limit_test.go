package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"linli/catalog"
	"linli/internal/edition"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "己", "verify")
		h.post(t, h.admin, id, "works", "handler")
		h.clean(t)
		for _, c := range []struct {
			do, undo string
			kind     FindingKind
		}{
			{`UPDATE identity_post SET kind = 'leader' WHERE kind = 'handler'`, `UPDATE identity_post SET kind = 'handler' WHERE kind = 'leader'`, RowChanged},
			{`UPDATE identity_unit SET area = '99' WHERE id = 'street'`, `UPDATE identity_unit SET area = '990101001' WHERE id = 'street'`, RowChanged},
			{`UPDATE identity_unit SET path = '/works/' WHERE id = 'works'`, `UPDATE identity_unit SET path = '/county/works/' WHERE id = 'works'`, PathWrong},
			{`UPDATE identity_act SET fields = '{}' WHERE thing = 'works'`, ``, ActChanged},
			{`UPDATE identity_act SET place = place + 1 WHERE thing = 'street'`, `UPDATE identity_act SET place = place - 1 WHERE thing = 'street'`, ActChanged},
			{`INSERT INTO identity_post(id, person, unit, kind, area, begins, ends) VALUES ('forged','p','county','administrator','',0,0)`,
				`DELETE FROM identity_post WHERE id = 'forged'`, RowNoAct},
			{`DELETE FROM identity_unit WHERE id = 'village'`, ``, RowMissing},
		} {
			run := func(text string) {
				if text != "" {
					must(t, h.d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text); return err }))
				}
			}
			run(c.do)
			found, err := h.Verify(ctx, h.log.Leaf)
			must(t, err)
			ok := false
			for _, f := range found {
				ok = ok || f.Kind == c.kind
			}
			if !ok {
				t.Errorf("%s: found only %v", c.do, found)
			}
			run(c.undo)
		}
		for _, l := range h.log.leaves {
			for _, secret := range []string{"示例县", "管理员", "verify", "county", "990101", h.admin.Person} {
				if strings.Contains(string(l.Text), secret) {
					t.Fatalf("a leaf shows %q:\n%s", secret, l.Text)
				}
			}
		}
	})
}

func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 3 {
			must(t, h.Take(ctx, "b", "10.0.0.1", 3, time.Minute))
		}
		f := wants(t, h.Take(ctx, "b", "10.0.0.1", 3, time.Minute), fault.Busy, "identity.limit")
		if f.Args["retry_after"] != int64(60) {
			t.Fatalf("%v", f)
		}
		must(t, h.second().Take(ctx, "b", "10.0.0.2", 3, time.Minute))
		must(t, h.Take(ctx, "other", "10.0.0.1", 3, time.Minute))
		wants(t, h.second().Take(ctx, "b", "10.0.0.1", 3, time.Minute), fault.Busy, "identity.limit")
		h.clk.Advance(time.Minute)
		must(t, h.Take(ctx, "b", "10.0.0.1", 3, time.Minute))

		boom := errors.New("boom") // a use inside a transaction that fails is no use
		for range 5 {
			l := h.Limit("tx", "k", 1, time.Minute)
			err := h.d.Commit(ctx, func(tx *db.Tx) error {
				if err := h.TakeTx(tx, l); err != nil {
					return err
				}
				return boom
			})
			if !errors.Is(err, boom) {
				t.Fatal(err)
			}
		}
		var group sync.WaitGroup
		granted := make([]error, 20)
		for i := range granted {
			group.Go(func() { granted[i] = h.Take(ctx, "race", "k", 5, time.Minute) })
		}
		group.Wait()
		n := 0
		for _, err := range granted {
			if err == nil {
				n++
			}
		}
		if n != 5 {
			t.Fatalf("%d of 5 were granted", n)
		}
		var keys int
		must(t, h.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_limit WHERE key LIKE '%10.0.0%'`).Scan(&keys))
		if keys != 0 {
			t.Fatal("an address is stored in clear")
		}
		h.clk.Advance(25 * time.Hour)
		must(t, h.Sweep(ctx))
		must(t, h.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_limit`).Scan(&keys))
		if keys != 0 {
			t.Fatalf("%d keys are kept beyond a day", keys)
		}
	})
}

func TestFirstRun(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		code, needed, err := h.FirstRun(ctx)
		must(t, err)
		if !needed || len(code) != 19 {
			t.Fatalf("%q %v", code, needed)
		}
		f := Founder{Code: "wrong", Name: "王一", Login: "first", Password: goodPassword, Unit: "示例县", Area: "990101"}
		_, err = h.Found(ctx, f, "a")
		wants(t, err, fault.Forbidden, "identity.code_wrong")
		f.Code = strings.ToUpper(strings.ReplaceAll(code, "-", " "))
		bad := f
		bad.Password = "short"
		_, err = h.Found(ctx, bad, "a")
		wants(t, err, fault.Invalid, "identity.password_short")
		bad = f
		bad.Unit = " "
		_, err = h.Found(ctx, bad, "a")
		if fl := wants(t, err, fault.Invalid, "identity.name_missing"); fl.Field != "unit" {
			t.Fatal(fl)
		}
		second, _, err := h.second().FirstRun(ctx) // a second node prints its own
		must(t, err)
		var group sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			g := f
			g.Login = fmt.Sprintf("first%d", i)
			if i == 1 {
				g.Code = second
			}
			group.Go(func() { _, errs[i] = h.Found(ctx, g, fmt.Sprint(i)) })
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("one and only one first administrator: %v", errs)
		}
		_, err = h.Found(ctx, f, "b")
		wants(t, err, fault.Conflict, "identity.first_run_over")
		if _, needed, _ := h.FirstRun(ctx); needed {
			t.Fatal("the first run comes again")
		}
		h.clean(t)
		list, _ := h.People(ctx, "", "", 10)
		_, a, err := h.SignIn(ctx, list[0].Login, goodPassword, "c")
		must(t, err)
		if !chief(a) || a.MustChange {
			t.Fatalf("%+v", a)
		}
	})
}

func TestFirstRunCode(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	code, _, err := h.FirstRun(ctx)
	must(t, err)
	f := Founder{Code: "guess", Name: "王一", Login: "first", Password: goodPassword, Unit: "示例县", Area: "990101"}
	for range guessesLogin {
		_, err = h.Found(ctx, f, "a")
		wants(t, err, fault.Forbidden, "identity.code_wrong")
	}
	_, err = h.Found(ctx, f, "a")
	wants(t, err, fault.Busy, "identity.limit")
	h.clk.Advance(25 * time.Hour)
	f.Code = code
	_, err = h.Found(ctx, f, "a")
	wants(t, err, fault.Forbidden, "identity.code_wrong")
}

func TestReadLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		h.BulkReads = 3
		me, far := h.person(t, "受理", "intake"), h.person(t, "村", "far")
		h.post(t, h.admin, me, "works", "intake")
		h.post(t, h.admin, far, "village", "clerk")
		a, b := h.actor(t, me), h.actor(t, far)
		wants(t, h.ReadLog(ctx, a, "k1", "phone", "看看"), fault.Invalid, "identity.purpose_short")
		wants(t, h.ReadLog(ctx, a, "k1", "phone", "    x    "), fault.Invalid, "identity.purpose_short")
		wants(t, h.ReadLog(ctx, a, "k1", "phone", "回电\xff核实"), fault.Invalid, "text.not_utf8")
		wants(t, h.ReadLog(ctx, Actor{Kind: Anyone}, "k1", "phone", "回电核实情况"), fault.Forbidden, "httpx.sign_in")
		for i := range 5 {
			must(t, h.ReadLog(ctx, a, fmt.Sprintf("k%d", i%2), "phone", "回电核实情况", "about-1"))
			h.clk.Advance(time.Minute)
		}
		must(t, h.ReadLog(ctx, b, "k1", "phone", "上门联系住户"))

		auditor, low := h.person(t, "审计", "auditor"), h.person(t, "低审", "low")
		h.post(t, h.admin, auditor, "county", Auditor)
		h.post(t, h.admin, low, "street", Auditor)
		reads, alarms, err := h.AuditReads(ctx, h.actor(t, auditor), Reads{})
		must(t, err)
		if len(reads) != 6 || len(alarms) != 1 || alarms[0].Count != 4 || alarms[0].Name != "受理" || reads[0].Name != "村" {
			t.Fatalf("%+v %+v", reads, alarms)
		}
		reads, alarms, err = h.AuditReads(ctx, h.actor(t, low), Reads{})
		must(t, err)
		if len(reads) != 1 || reads[0].Person != far || len(alarms) != 0 {
			t.Fatalf("an auditor sees beyond their subtree: %+v %+v", reads, alarms)
		}
		_, _, err = h.AuditReads(ctx, a, Reads{})
		wants(t, err, fault.Forbidden, "identity.not_auditor")
		if list, err := h.ReadsOf(ctx, Reads{Case: "k1"}); err != nil || len(list) != 3 {
			t.Fatalf("%v %v", list, err)
		}
		if list, err := h.ReadsOf(ctx, Reads{About: "about-1", Limit: 2}); err != nil || len(list) != 2 {
			t.Fatalf("%v %v", list, err)
		} else if next, err := h.ReadsOf(ctx, Reads{About: "about-1", Before: list[1].ID}); err != nil || len(next) != 3 {
			t.Fatalf("%v %v", next, err)
		}
	})
}

func TestUnitsWith(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "派", "desk")
		county := h.post(t, h.admin, id, "county", "dispatcher")
		h.post(t, h.admin, id, "street", "dispatcher")
		for area, want := range map[string]string{"990101001201": "street county", "990101002": "county", "": "county", "99": "", "x": ""} {
			got, err := h.second().UnitsWith(ctx, "dispatcher", area)
			must(t, err)
			if strings.Join(got, " ") != want {
				t.Errorf("%q: %v, want %s", area, got, want)
			}
		}
		must(t, h.EndPost(ctx, h.admin, county.ID))
		if got, err := h.UnitsWith(ctx, "dispatcher", "990101001201"); err != nil || strings.Join(got, " ") != "street" {
			t.Fatalf("%v %v", got, err)
		}
		a, err := h.Reload(ctx, Actor{Person: id, Kind: Staff, Grants: 1, Posts: []Post{county}})
		must(t, err)
		if len(a.Posts) != 1 || a.Grants < 2 {
			t.Fatalf("%+v", a)
		}
	})
}

// TestShippedRights: the files in the catalogue are whole, and what is wrong in
// such a file is named with its line.
func TestShippedRights(t *testing.T) {
	r, err := LoadRights(catalog.Files)
	must(t, err)
	if len(r.Kinds) < 15 || len(r.Views["case"]) < 10 {
		t.Fatalf("%d kinds, %d relations", len(r.Kinds), len(r.Views["case"]))
	}
	if k, ok := r.Kind("grid-worker"); !ok || k.Name.In("zh-CN") != "网格员" || k.For.In("en") == "" || !k.OverArea {
		t.Fatalf("%+v", k)
	}
	if k, _ := r.Kind("head"); k.OverArea {
		t.Fatal("the head of a department would see the whole county")
	}
	posts, _ := fs.ReadFile(catalog.Files, PostsFile)
	viewText, _ := fs.ReadFile(catalog.Files, ViewsFile)
	for _, c := range []struct {
		file, text string
		line       int
	}{
		{PostsFile, "", 1},
		{PostsFile, ": [", 1},
		{PostsFile, string(posts) + "extra:\n  zh: x\n  en: y\n  colour: red\n", strings.Count(string(posts), "\n") + 2},
		{PostsFile, string(posts) + "extra:\n  zh: x\n  en: y\n", strings.Count(string(posts), "\n") + 1},
		{PostsFile, string(posts) + "staff:\n  zh: x\n  en: y\n  for: {zh: x, en: y}\n", strings.Count(string(posts), "\n") + 1},
		{PostsFile, strings.Replace(string(posts), "auditor:", "other:", 1), 1},
		{ViewsFile, "case: holder\n", 1},
		{ViewsFile, "case:\n  - holder\n  - king\n", 3},
		{ViewsFile, "case:\n  - holder\n  - area as king\n", 3},
		{ViewsFile, "case:\n  - holder\n  - area\n", 3},
		{ViewsFile, "case:\n  - {holder: x}\n", 2},
		{ViewsFile, "other: [holder]\n", 1},
	} {
		files := fstest.MapFS{PostsFile: {Data: posts}, ViewsFile: {Data: viewText}}
		files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := LoadRights(files)
		f := wants(t, err, fault.Invalid, "identity.rights_file")
		if p := CheckFiles(files); len(p) != 1 || p[0].File != c.file || p[0].Line != c.line || p[0].Text == "" {
			t.Errorf("%v", p)
		}
		if f.Args["file"] != c.file || f.Args["line"] != c.line {
			t.Errorf("%.30q: %v, want line %d", c.text, f, c.line)
		}
	}
}

// What the roof hands over fits.
var (
	_ Lists  = (*edition.Compiled[Rights])(nil)
	_ Leaves = (*ledger.Service)(nil)
)

// TestOnTheRealLog: administrative acts are numbered with everything else and
// open their leaves.
func TestOnTheRealLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		must(t, ledger.Migrate(ctx, h.d))
		key, err := ledger.OpenKey(t.TempDir(), "example.county/linli", true)
		must(t, err)
		log := ledger.New(h.d, h.clk, key, ledger.Options{})
		h.leaves = log
		h.settle(t)
		n, err := log.Sequence(ctx)
		must(t, err)
		if n != 6 {
			t.Fatalf("%d leaves", n)
		}
		found, err := h.Verify(ctx, log.Leaf)
		must(t, err)
		if len(found) > 0 {
			t.Fatalf("%v", found)
		}
	})
}
