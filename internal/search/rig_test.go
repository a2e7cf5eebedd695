package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
	"linli/internal/search"
)

var ctx = context.Background()

// rig is a small house with one county, two bureaus, a street and a village.
type rig struct {
	t     testing.TB
	d     *db.DB
	clk   *clock.Hand
	log   *ledger.Service
	eds   *edition.Service
	ids   *identity.Service
	cases *casework.Service
	find  *search.Service
	who   map[string]identity.Actor
}

// places names the areas of the rig.
type places map[string]string

func (p places) Chain(_ context.Context, code string) ([]area.Area, error) {
	var out []area.Area
	for _, n := range []int{6, 9, 12} {
		if name := p[code[:min(n, len(code))]]; name != "" && n <= len(code) {
			out = append(out, area.Area{Code: code[:n], Name: name})
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "area.unknown")
	}
	return out, nil
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)), who: map[string]identity.Actor{}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	key := must(ledger.OpenKey(folder, "test", true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, search.Migrate, search.Migrate} {
		r.ok(migrate(ctx, d))
	}
	quiet := slog.New(slog.DiscardHandler)
	r.log = ledger.New(d, r.clk, key, ledger.Options{})
	r.eds = edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(r.eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: r.eds, People: r.ids, Log: quiet})
	caseworktest.Pass(r.cases)
	r.ok(r.eds.Start(ctx, catalog.Files))
	r.people()
	r.find = search.New(search.Parts{DB: d, Ledger: r.log, Cases: r.cases, People: r.ids, Log: quiet,
		Areas: places{"999901": "云台县", "999901001": "青石街道", "999901001201": "柳湾村"}})
	return r
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "县政府", Kind: "government", Area: "999901"},
		{ID: "bureau", Parent: "county", Name: "城市管理局", NameEn: "City management", Kind: "department", Area: "999901"},
		{ID: "other", Parent: "county", Name: "水务局", Kind: "department", Area: "999901"},
	} {
		_, err := r.ids.AddUnit(ctx, system, u)
		r.ok(err)
	}
	for _, p := range [][4]string{{"dispatcher", "dispatcher", "county", "999901"}, {"chief", "head", "county", "999901"}, {"handler", "handler", "bureau", ""},
		{"stranger", "handler", "other", ""}, {"clerk", "clerk", "county", "999901"}, {"admin", "administrator", "county", "999901"}} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		_, err = r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]})
		r.ok(err)
	}
	for _, id := range []string{"dispatcher", "chief", "handler", "stranger", "clerk", "admin"} {
		r.who[id] = must(r.ids.Actor(ctx, id))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// report opens a request by somebody without account.
func (r *rig) report(words, place string) casework.Receipt {
	r.t.Helper()
	receipt, err := r.cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{
		"words": words, "place": map[string]any{"words": place, "area": "999901001201"}, "phone": "19900001234"}})
	r.ok(err)
	return receipt
}

func (r *rig) do(who, id, act string, values map[string]any) {
	r.t.Helper()
	if _, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values}); err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
}

func (r *rig) link(receipt casework.Receipt) identity.Actor {
	r.t.Helper()
	p, err := r.cases.PartyByToken(ctx, seal.HashToken(receipt.Token))
	r.ok(err)
	return identity.Actor{Kind: identity.Link, Party: p}
}

// number gives all waiting leaves their numbers.
func (r *rig) number() {
	r.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.log.Sequence(ctx)
		r.ok(err)
	}
}

// follow brings the index up to everything that was done.
func (r *rig) follow() {
	r.t.Helper()
	r.number()
	for n := 1; n > 0; {
		var err error
		n, err = r.find.Follow(ctx)
		r.ok(err)
	}
}

func (r *rig) search(a identity.Actor, words string) search.Found {
	r.t.Helper()
	found, err := r.find.Find(ctx, a, words, casework.Filter{}, 50)
	r.ok(err)
	return found
}

// finds holds what somebody finds strictly to the cases wanted, in any order.
func (r *rig) finds(who, words string, want ...string) {
	r.t.Helper()
	a, ok := r.who[who]
	if !ok {
		r.t.Fatalf("no %s", who)
	}
	r.findsAs(a, words, want...)
}

func (r *rig) findsAs(a identity.Actor, words string, want ...string) {
	r.t.Helper()
	found := r.search(a, words)
	got := map[string]bool{}
	if !found.Loose {
		for _, row := range found.Rows {
			got[row.ID] = true
		}
	}
	same := len(got) == len(want)
	for _, id := range want {
		same = same && got[id]
	}
	if !same {
		r.t.Errorf("%q by %s: found %d cases, wanted %d: %v", words, a.Person, len(got), len(want), got)
	}
}

// dump is the whole index: every case with its print, and what some words find.
func (r *rig) dump(words ...string) (out []string) {
	r.t.Helper()
	rows, err := r.d.Reader().Rows(ctx, `SELECT case_id, doc, print FROM search_case ORDER BY case_id`)
	r.ok(err)
	defer rows.Close()
	for rows.Next() {
		var id, print string
		var doc int64
		r.ok(rows.Scan(&id, &doc, &print))
		out = append(out, fmt.Sprint(id, doc, print))
	}
	r.ok(rows.Err())
	for _, w := range words {
		for _, row := range r.search(identity.SystemActor(), w).Rows {
			out = append(out, w+" "+row.ID)
		}
	}
	return out
}
