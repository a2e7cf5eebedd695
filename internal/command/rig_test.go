package command_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/command"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
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
	room  *command.Service
	who   map[string]identity.Actor
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)), who: map[string]identity.Actor{}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	key := must(ledger.OpenKey(folder, "test", true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, command.Migrate, command.Migrate} {
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
	r.room = command.New(command.Parts{DB: d, Clock: r.clk, Ledger: r.log, Cases: r.cases, People: r.ids, Log: quiet})
	return r
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "县政府", Kind: "government", Area: "999901"},
		{ID: "bureau", Parent: "county", Name: "城市管理局", NameEn: "City management", Kind: "department", Area: "999901"},
		{ID: "other", Parent: "county", Name: "水务局", Kind: "department", Area: "999901"},
		{ID: "team", Parent: "bureau", Name: "一中队", Kind: "station"},
		{ID: "street", Parent: "county", Name: "青石街道", Kind: "street", Area: "999901001"},
		{ID: "street2", Parent: "county", Name: "龙门街道", Kind: "street", Area: "999901002"},
		{ID: "village", Parent: "street", Name: "柳湾村", Kind: "village", Area: "999901001201"},
	} {
		_, err := r.ids.AddUnit(ctx, system, u)
		r.ok(err)
	}
	for _, p := range [][4]string{{"dispatcher", "dispatcher", "county", "999901"}, {"chief", "head", "county", "999901"}, {"handler", "handler", "bureau", ""},
		{"stranger", "handler", "other", ""}, {"streeter", "dispatcher", "street", "999901001"}, {"worker", "grid-worker", "village", "999901001201001"}, {"clerk", "clerk", "county", "999901"}, {"admin", "administrator", "county", "999901"}} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		_, err = r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]})
		r.ok(err)
	}
	for _, id := range []string{"dispatcher", "chief", "handler", "stranger", "clerk", "admin", "streeter", "worker"} {
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
		n, err = r.room.Follow(ctx)
		r.ok(err)
	}
}
