package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/search"
)

func TestChineseAndMixedWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		lamp := r.report("小区门口路灯不亮，夜里出行不便", "幸福路12号")
		noise := r.report("KTV噪音扰民，Karaoke every night", "和平广场3号楼B座")
		pipe := r.report("路面积水，灯光昏暗", "幸福路 88 弄")
		rare := r.report("业主𠮷先生反映电梯故障", "GB-T地块")
		r.follow()
		l, n, p, x := lamp.Case, noise.Case, pipe.Case, rare.Case
		for words, want := range map[string][]string{
			"路灯":                                     {l},
			"路灯不亮":                                   {l},
			"灯":                                      {l, p},
			"亮":                                      {l},
			"灯 积水":                                   {p},
			"幸福路":                                    {l, p},
			"幸福路12号":                                 {l},
			"噪音扰民":                                   {n},
			"ktv":                                    {n},
			"ＫＴＶ噪音":                                  {n},
			"kara":                                   {n},
			"aoke":                                   nil,
			"b座":                                     {n},
			"𠮷":                                      {x},
			"电梯":                                     {x},
			"gb":                                     {x},
			"青石街道":                                   {l, n, p, x},
			"柳湾村 噪音":                                 {n},
			"云台县":                                    nil,
			"龙":                                      nil,
			"，。":                                     nil,
			"1990000":                                nil, // the phone is sealed
			lamp.Number:                              {l},
			strings.ReplaceAll(lamp.Number, "-", ""): {l},
			lamp.Number[7:]:                          {l},
		} {
			r.finds("dispatcher", words, want...)
		}
		if found := r.search(r.who["dispatcher"], "路灯坏了"); !found.Loose || len(found.Rows) != 1 || found.Rows[0].ID != l {
			t.Errorf("a near miss is not offered: %+v", found)
		}
		if found := r.search(r.who["dispatcher"], "999999-00000000"); found.Loose || len(found.Rows) != 0 {
			t.Error("a number that is none was loosened")
		}
		if found := r.search(r.who["dispatcher"], "夜里路灯"); !found.Loose || len(found.Rows) != 1 {
			t.Error("parts of a phrase are not offered", found.Rows)
		}
	})
}

func TestHostileWordsAreOnlyWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.report("路灯不亮 near the gate", "幸福路")
		r.follow()
		for _, words := range []string{`"`, `""`, `'`, `路灯" OR "a`, `NEAR(路灯 不亮, 3)`, `路灯 NOT 不亮`, `*`, `路*`, `{a b}: 路灯`, `a:路灯`, `:*`, `!路灯`, `路灯 <-> 不亮`, `&|!()`, `\`, `'; DROP TABLE search_case; --`,
			"^路灯", "-路灯", "路灯 AND", "OR", strings.Repeat("路", 100), strings.Repeat("a ", 50), "%", "_", "路\u200b灯"} {
			if _, err := r.find.Find(ctx, r.who["dispatcher"], words, casework.Filter{}, 10); err != nil {
				t.Errorf("%q: %v", words, err)
			}
		}
		for _, words := range []string{"\xff", "a\x00b", strings.Repeat("长", 101)} {
			_, err := r.find.Find(ctx, r.who["dispatcher"], words, casework.Filter{}, 10)
			if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Field != "q" {
				t.Errorf("%q: %v", words, err)
			}
		}
		if found := r.search(r.who["dispatcher"], `路灯" near`); len(found.Rows) != 1 {
			t.Error("quotes hide words")
		}
	})
}

func TestNobodyFindsWhatTheyMayNotSee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		mine := r.report("路灯不亮", "幸福路")
		theirs := r.report("路灯倒了", "和平路")
		r.do("dispatcher", mine.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays", "reason": "内部意见瓶颈"})
		r.do("dispatcher", theirs.Case, "dispatch", map[string]any{"lead": "other", "limit": "5 workdays"})
		r.do("handler", mine.Case, "send_back", map[string]any{"responsible": "other", "responsible_item": "C-7", "reason": "推诿嫌疑"})
		r.do("dispatcher", mine.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays"})
		r.follow()
		r.finds("dispatcher", "路灯", mine.Case, theirs.Case)
		r.finds("handler", "路灯", mine.Case)
		r.finds("stranger", "路灯", theirs.Case)
		r.finds("stranger", mine.Number)
		r.finds("dispatcher", "城市管理局", mine.Case)
		r.finds("dispatcher", "city management", mine.Case)
		r.findsAs(identity.Actor{Kind: identity.Anyone}, "路灯")
		link := r.link(mine)
		r.findsAs(link, "路灯", mine.Case)
		r.findsAs(link, theirs.Number)
		r.finds("handler", "推诿", mine.Case)
		r.findsAs(link, "推诿") // only the office reads why it was sent back
		if found, err := r.find.Find(ctx, r.who["dispatcher"], "路灯", casework.Filter{Unit: "other"}, 10); err != nil || len(found.Rows) != 1 || found.Rows[0].ID != theirs.Case {
			t.Error("filter", found.Rows, err)
		}
		ids, err := r.find.IDs(ctx, r.who["stranger"], "路灯")
		if err != nil || !slices.Equal(ids, []string{theirs.Case}) {
			t.Error(ids, err)
		}
		if found, err := r.find.Find(ctx, r.who["dispatcher"], "路灯", casework.Filter{}, 1); err != nil || len(found.Rows) != 1 || !found.More {
			t.Error("more is not said", found, err)
		}
	})
}

func TestErasedAndAnnulledWordsAreGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report("张某某家漏水", "幸福路")
		r.do("dispatcher", c.Case, "dispatch", map[string]any{"lead": "other", "limit": "5 workdays", "reason": "水务职责"})
		r.follow()
		r.finds("dispatcher", "漏水", c.Case)
		r.finds("dispatcher", "水务职责", c.Case)
		_, err := r.cases.Do(ctx, r.who["chief"], casework.Asking{Case: c.Case, Act: casework.ActAnnul, Reason: "派错了"})
		r.ok(err)
		_, err = r.cases.Do(ctx, r.who["chief"], casework.Asking{Case: c.Case, Act: casework.ActErase, Fields: []string{"words"}, Reason: "含个人信息"})
		r.ok(err)
		r.follow()
		r.finds("dispatcher", "漏水")
		r.finds("dispatcher", "水务职责")
		r.finds("dispatcher", "幸福路", c.Case)
	})
}

func TestBestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		allowance := func(subject, reason string) string {
			got, err := r.cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "example-allowance", Act: "apply", Values: map[string]any{
				"subject": subject, "name": "某人", "idnumber": "999901190001010028", "account": "6222000000001234", "home": "999901001201", "household": 2, "amount": 100000, "reason": reason}})
			r.ok(err)
			return got.Case
		}
		inside := allowance("医疗补助", "家中火灾后住院，"+strings.Repeat("情况困难，", 20))
		title := allowance("火灾补助", "房屋受损")
		allowance("助学补助", "大学学费")
		r.follow()
		found := r.search(r.who["chief"], "火灾")
		if len(found.Rows) != 2 || found.Rows[0].ID != title || found.Rows[0].Case.Title != "火灾补助" || found.Rows[1].ID != inside {
			t.Error("a title does not come before a text")
		}
		r.findsAs(r.who["chief"], "某人") // sealed
		r.findsAs(r.who["chief"], "622200")
	})
}

// TestReaderCrashBetween has the program end between reading and writing: neither
// index nor cursor moves, and the next round does it once.
func TestReaderCrashBetween(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report("路灯不亮", "幸福路")
		r.number()
		dying, die := context.WithCancel(ctx)
		r.find.Spoil(func(string) error { die(); return nil })
		if n, err := r.find.Follow(dying); n != 0 || !errors.Is(err, context.Canceled) {
			t.Fatal(n, err)
		}
		r.find.Spoil(nil)
		r.finds("dispatcher", "路灯")
		r.follow()
		r.finds("dispatcher", "路灯", c.Case)
		other := search.New(search.Parts{DB: d, Ledger: r.log, Cases: r.cases, People: r.ids}) // another node, at the same place
		if n, err := other.Follow(ctx); n != 0 || err != nil {
			t.Fatal("read twice", n, err)
		}
	})
}

func TestTwoReadersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for i := range 40 {
			r.report(fmt.Sprint("路灯不亮", i), "幸福路")
		}
		r.number()
		done := make(chan error, 4)
		for range 4 {
			node := search.New(search.Parts{DB: d, Ledger: r.log, Cases: r.cases, People: r.ids})
			go func() {
				for {
					st, err := node.Standing(ctx)
					if err != nil || st.Behind == 0 {
						done <- err
						return
					}
					if _, err := node.Follow(ctx); err != nil {
						done <- err
						return
					}
				}
			}()
		}
		for range 4 {
			r.ok(<-done)
		}
		if found := r.search(r.who["dispatcher"], "路灯"); len(found.Rows) != 40 {
			t.Fatal(len(found.Rows))
		}
	})
}

func TestPoisonousCaseIsParkedAndComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a, b, c := r.report("路灯甲", "幸福路"), r.report("路灯乙", "幸福路"), r.report("路灯丙", "幸福路")
		r.follow()
		var sick atomic.Bool
		sick.Store(true)
		r.find.Spoil(func(id string) error {
			if sick.Load() && id == b.Case {
				return errors.New("cannot be read")
			}
			return nil
		})
		for _, x := range []casework.Receipt{a, b, c} {
			r.do("dispatcher", x.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays", "reason": "照明职责"})
		}
		r.follow()
		r.finds("dispatcher", "照明职责", a.Case, c.Case)
		r.finds("dispatcher", "路灯", a.Case, c.Case) // out of the index: what may have been erased is not found
		parked := must(r.find.Parked(ctx, 10))
		state := must(r.find.State(ctx))
		if len(parked) != 1 || parked[0].Case != b.Case || !strings.Contains(parked[0].Problem, "cannot be read") || state.Parked != 1 || state.Cases != 2 || state.Behind != 0 {
			t.Fatalf("%+v %+v", parked, state)
		}
		if n, err := r.find.Retry(ctx, 10); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		if parked = must(r.find.Parked(ctx, 10)); parked[0].Tries != 2 {
			t.Fatalf("%+v", parked)
		}
		sick.Store(false)
		if n, err := r.find.Retry(ctx, 10); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.finds("dispatcher", "照明职责", a.Case, b.Case, c.Case)
		sick.Store(true)
		r.do("handler", b.Case, "accept", nil)
		r.follow()
		sick.Store(false)
		r.do("handler", b.Case, "contact", map[string]any{"contact": "电话联系过"})
		r.follow() // its next act frees it
		r.finds("dispatcher", "电话联系", b.Case)
		if state = must(r.find.State(ctx)); state.Parked != 0 || state.Cases != 3 {
			t.Fatalf("%+v", state)
		}
	})
}

// TestActOfAMissingCaseDoesNotStopTheOthers has a row taken away behind our back.
func TestActOfAMissingCaseDoesNotStopTheOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a, b := r.report("路灯甲", "幸福路"), r.report("路灯乙", "幸福路")
		r.ok(d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE casework_act SET body = '{' WHERE case_id = $1`, a.Case)
			return err
		}))
		r.follow()
		r.finds("dispatcher", "路灯", b.Case)
		if parked := must(r.find.Parked(ctx, 10)); len(parked) != 1 || parked[0].Case != a.Case {
			t.Fatalf("%+v", parked)
		}
	})
}

func TestRebuildEqualsIncremental(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for i := range 12 {
			c := r.report(fmt.Sprintf("第%d盏路灯不亮", i), "幸福路")
			r.follow()
			if i%2 == 0 {
				r.do("dispatcher", c.Case, "dispatch", map[string]any{"lead": "bureau", "limit": "5 workdays", "reason": "照明"})
			}
			if i%3 == 0 {
				r.follow()
				_, err := r.cases.Do(ctx, r.who["chief"], casework.Asking{Case: c.Case, Act: casework.ActErase, Fields: []string{"words"}, Reason: "含个人信息"})
				r.ok(err)
			}
		}
		r.follow()
		before := r.dump("路灯", "照明", "幸福路", "灯")
		r.ok(r.find.Rebuild(ctx))
		if after := r.dump("路灯", "照明", "幸福路", "灯"); !slices.Equal(before, after) {
			t.Fatalf("rebuilt differs:\n%v\n%v", before, after)
		}
	})
}

func TestRunFollowsTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		c := r.report("路灯不亮", "幸福路")
		r.number()
		run, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() { defer close(ended); r.log.RunReaders(run, r.find.Follower) }()
		for until := time.Now().Add(20 * time.Second); len(r.search(r.who["dispatcher"], "路灯").Rows) == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal("not found in 20 s")
			}
		}
		r.finds("dispatcher", "路灯", c.Case)
		stop()
		<-ended
	})
}

// TestCaseThatCannotBeWrittenIsParked has the database refuse one case's row:
// the round is undone, the one is found and parked, the others are written.
func TestCaseThatCannotBeWrittenIsParked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		a, b := r.report("路灯甲", "幸福路"), r.report("路灯乙", "幸福路")
		refuse := `CREATE TRIGGER test_refuse BEFORE INSERT ON search_case WHEN NEW.case_id = '` + a.Case + `' AND NEW.print <> '' BEGIN SELECT RAISE(ABORT, 'refused'); END`
		allow := `DROP TRIGGER test_refuse`
		if d.Postgres() {
			refuse = `ALTER TABLE search_case ADD CONSTRAINT test_refuse CHECK (case_id <> '` + a.Case + `' OR print = '')`
			allow = `ALTER TABLE search_case DROP CONSTRAINT test_refuse`
		}
		change := func(text string) {
			r.ok(d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text); return err }))
		}
		change(refuse)
		r.follow()
		r.finds("dispatcher", "路灯", b.Case)
		if parked := must(r.find.Parked(ctx, 10)); len(parked) != 1 || parked[0].Case != a.Case || must(r.find.State(ctx)).Behind != 0 {
			t.Fatalf("%+v", parked)
		}
		change(allow)
		if n, err := r.find.Retry(ctx, 10); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.finds("dispatcher", "路灯", a.Case, b.Case)
	})
}
