package casework_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// away lets deputy stand in for person for two days.
func (r *rig) away(person, deputy string) identity.Deputy {
	r.t.Helper()
	d, err := r.ids.AskDeputy(ctx, identity.SystemActor(), identity.Deputy{Person: person, Deputy: deputy, Until: r.clk.Now().Add(48 * time.Hour)})
	r.ok(err)
	r.who[deputy] = must(r.ids.Actor(ctx, deputy))
	return d
}

func TestDeputyActsInThePlaceOfTheAbsent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.dispatched("5 workdays")
		r.do("handler", got.Case, "accept", nil)
		r.refused(r.who["chief"], casework.Asking{Case: got.Case, Act: "contact", Values: map[string]any{"contact": "x"}}, fault.Forbidden, "casework.not_yours")
		stand := r.away("handler", "chief")
		rows, _, err := r.cases.List(ctx, r.who["chief"], casework.Filter{Box: casework.BoxMine})
		r.ok(err)
		if len(rows) != 1 || rows[0].ID != got.Case {
			t.Fatalf("the deputy's own box holds %v", rows)
		}
		r.do("chief", got.Case, "contact", map[string]any{"contact": "已联系"})
		v := must(r.cases.Get(ctx, r.who["chief"], got.Case))
		last := v.Timeline[len(v.Timeline)-1]
		if last.Person != "chief" || last.Delta.For != "handler" || last.Role != "deputy" || last.Unit != "bureau" {
			t.Fatalf("the act says %+v", last.ActRow)
		}
		if !v.Case.Did("handler", "contact") || !v.Case.Did("chief", "contact") {
			t.Fatal("both did it")
		}
		// It ends by itself, without anybody doing anything.
		r.clk.Advance(49 * time.Hour)
		r.who["chief"] = must(r.ids.Actor(ctx, "chief"))
		r.refused(r.who["chief"], casework.Asking{Case: got.Case, Act: "contact", Values: map[string]any{"contact": "x"}}, fault.Forbidden, "casework.not_yours")
		if _, err := r.ids.EndDeputy(ctx, identity.SystemActor(), stand.ID); !fault.Is(err, fault.NotFound) {
			t.Fatalf("what is over ends again: %v", err)
		}
		r.verify()
	})
}

// TestNobodyApprovesOwnWorkThroughADeputy: not_by looks at both persons, whoever
// of the two did the first act and whoever does the second.
func TestNobodyApprovesOwnWorkThroughADeputy(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	ask := func(who string) string {
		got := r.dispatched("5 workdays")
		r.do(who, got.Case, "accept", nil)
		r.do(who, got.Case, "contact", map[string]any{"contact": "已联系"})
		return r.do(who, got.Case, "ask_extension", map[string]any{"days": 3, "reason": "等配件"}).Children[0]
	}
	// boss asked for it; boss's deputy may not agree in boss's place.
	_, err := r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "boss", Unit: "bureau", Kind: "handler"})
	r.ok(err)
	r.who["boss"] = must(r.ids.Actor(ctx, "boss"))
	own := ask("boss")
	r.away("boss", "handler2")
	agree := func(id string) casework.Asking { return casework.Asking{Case: id, Act: "agree_extension"} }
	r.refused(r.who["handler2"], agree(own), fault.Forbidden, "casework.own_work")
	// What somebody else asked for the deputy may agree to, in boss's place.
	other := ask("handler")
	r.do("handler2", other, "agree_extension", nil)
	v := must(r.cases.Get(ctx, identity.SystemActor(), other))
	if last := v.Timeline[len(v.Timeline)-1]; last.Delta.For != "boss" || last.Person != "handler2" {
		t.Fatalf("agreed by %+v", last.ActRow)
	}
	// The deputy's own asking: not by the deputy in boss's place.
	r.refused(r.who["handler2"], agree(ask("handler2")), fault.Forbidden, "casework.own_work")
	r.verify()
}

func TestDeputyOfAHandlerAsksInTheirPlace(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.dispatched("5 workdays")
	// boss handles it; chief stands in and asks for more time; boss, back, may not agree.
	_, err := r.ids.AddPost(ctx, identity.SystemActor(), identity.Post{Person: "boss", Unit: "bureau", Kind: "handler"})
	r.ok(err)
	r.who["boss"] = must(r.ids.Actor(ctx, "boss"))
	r.do("boss", got.Case, "accept", nil)
	stand := r.away("boss", "chief")
	r.do("chief", got.Case, "contact", map[string]any{"contact": "已联系"})
	child := r.do("chief", got.Case, "ask_extension", map[string]any{"days": 3, "reason": "等配件"}).Children[0]
	_, err = r.ids.EndDeputy(ctx, must(r.ids.Actor(ctx, "boss")), stand.ID)
	r.ok(err)
	r.who["boss"] = must(r.ids.Actor(ctx, "boss"))
	r.refused(r.who["boss"], casework.Asking{Case: child, Act: "agree_extension"}, fault.Forbidden, "casework.own_work")
	r.verify()
}

// TestSealedCasesAreNotLent: through the posts of an absent person nobody reaches
// a case that is kept from somebody.
func TestSealedCasesAreNotLent(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	got := r.request(nil)
	r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE casework_case SET sealed = '/county/bureau/' WHERE id = $1`, got.Case)
		return err
	}))
	if _, err := r.cases.Get(ctx, r.who["dispatcher"], got.Case); err != nil {
		t.Fatal("the dispatcher above sees it")
	}
	r.away("dispatcher", "handler")
	if len(r.who["handler"].Posts) < 2 {
		t.Fatal("nothing was lent")
	}
	if _, err := r.cases.Get(ctx, r.who["handler"], got.Case); !fault.Is(err, fault.NotFound) {
		t.Fatalf("one of those complained about sees it as deputy: %v", err)
	}
	rows, _, err := r.cases.List(ctx, r.who["handler"], casework.Filter{})
	r.ok(err)
	if len(rows) != 0 {
		t.Fatalf("the list shows %d", len(rows))
	}
}

func TestHandOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		got := r.dispatched("5 workdays")
		r.do("handler", got.Case, "accept", nil)
		before := must(r.cases.Get(ctx, identity.SystemActor(), got.Case)).Case
		h := casework.Handing{Case: got.Case, From: "handler", To: "handler2", Reason: "调离", Key: "k1." + got.Case}
		for who, key := range map[string]string{"handler": "casework.handing_right", "handler2": "casework.handing_right", "stranger": "casework.handing_right"} {
			if _, err := r.cases.HandOver(ctx, r.who[who], h); fault.Of(err).Key != key {
				t.Fatalf("%s: %v", who, err)
			}
		}
		bad := h
		bad.To, bad.Key = "stranger", ""
		if _, err := r.cases.HandOver(ctx, r.who["boss"], bad); fault.Of(err).Key != "casework.no_receiver" {
			t.Fatal(err)
		}
		bad.To, bad.Reason = "handler2", " "
		if _, err := r.cases.HandOver(ctx, r.who["boss"], bad); fault.Of(err).Key != "casework.no_reason" {
			t.Fatal(err)
		}
		// Many at once with one key: it is handed once, and all are told the same.
		var wg sync.WaitGroup
		receipts := make([]string, 8)
		for i := range receipts {
			wg.Go(func() {
				rc, err := r.cases.HandOver(ctx, r.who["boss"], h)
				if err != nil {
					receipts[i] = fmt.Sprint(err)
					return
				}
				receipts[i] = rc.Act
			})
		}
		wg.Wait()
		for _, x := range receipts {
			if x != receipts[0] || len(x) != 26 {
				t.Fatalf("receipts %v", receipts)
			}
		}
		v := must(r.cases.Get(ctx, r.who["handler2"], got.Case))
		if c := v.Case; c.Person != "handler2" || c.Unit != "bureau" || c.State != before.State || c.Version != before.Version+1 || c.Due != before.Due {
			t.Fatalf("the case is %+v, was %+v", c, before)
		}
		last := v.Timeline[len(v.Timeline)-1]
		if last.Act != casework.ActHanding || last.Person != "boss" || last.Post == "" {
			t.Fatalf("the log says %+v", last.ActRow)
		}
		rows, _, err := r.cases.List(ctx, r.who["handler2"], casework.Filter{Box: casework.BoxTold})
		r.ok(err)
		if len(rows) != 1 {
			t.Fatal("the receiver was not told")
		}
		if _, err := r.cases.HandOver(ctx, r.who["boss"], casework.Handing{Case: got.Case, From: "handler", To: "handler2", Reason: "x"}); fault.Of(err).Key != "casework.not_held" {
			t.Fatalf("handed twice: %v", err)
		}
		if held := must(r.cases.HeldBy(ctx, "handler2", "")); len(held) != 1 || held[0].State != before.State || held[0].Words["zh"] == "" {
			t.Fatalf("held %+v", held)
		}
		// Back to the unit: any handler of it may take it again.
		_, err = r.cases.HandOver(ctx, r.who["admin"], casework.Handing{Case: got.Case, From: "handler2", Reason: "离职"})
		r.ok(err)
		if c := must(r.cases.Get(ctx, r.who["handler"], got.Case)).Case; c.Person != "" || c.Unit != "bureau" {
			t.Fatalf("back to %q %q", c.Unit, c.Person)
		}
		r.verify()
	})
}
