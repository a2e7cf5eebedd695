package casework_test

import (
	"context"
	"log/slog"
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
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
)

var ctx = context.Background()

// rig is a small house: a county, a department, a street and a village with
// people in them, on a clock set by hand.
type rig struct {
	t     testing.TB
	d     *db.DB
	clk   *clock.Hand
	log   *ledger.Service
	eds   *edition.Service
	ids   *identity.Service
	cases *casework.Service
	who   map[string]identity.Actor
}

// tuesday is a working day at nine in China.
var tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(tuesday), who: map[string]identity.Actor{}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	key := must(ledger.OpenKey(folder, "test", true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate} {
		r.ok(migrate(ctx, d))
	}
	r.log = ledger.New(d, r.clk, key, ledger.Options{})
	r.eds = edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(r.eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: r.eds, People: r.ids, Log: slog.New(slog.DiscardHandler)})
	caseworktest.Pass(r.cases)
	r.ok(r.eds.Start(ctx, catalog.Files))
	r.people()
	return r
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "county", Kind: "government", Area: "999901"},
		{ID: "bureau", Parent: "county", Name: "bureau", Kind: "department", Area: "999901", Function: "urban-management"},
		{ID: "other", Parent: "county", Name: "other", Kind: "department", Area: "999901", Function: "water"},
		{ID: "street", Parent: "county", Name: "street", Kind: "street", Area: "999901001"},
		{ID: "village", Parent: "street", Name: "village", Kind: "village", Area: "999901001201"},
	} {
		_, err := r.ids.AddUnit(ctx, system, u)
		r.ok(err)
	}
	for _, p := range [][4]string{
		{"clerk", "clerk", "village", ""}, {"clerk2", "clerk", "village", ""}, {"director", "committee-head", "village", ""},
		{"secretary", "party-secretary", "village", ""}, {"overseer", "supervision-head", "village", ""},
		{"head", "head", "street", "999901001"}, {"chief", "head", "county", "999901"}, {"dispatcher", "dispatcher", "county", ""}, {"dispatcher2", "dispatcher", "county", ""},
		{"handler", "handler", "bureau", ""}, {"handler2", "handler", "bureau", ""}, {"boss", "head", "bureau", ""}, {"helper", "handler", "street", ""},
		{"verifier", "verifier", "county", ""}, {"caller", "caller", "county", ""}, {"stranger", "handler", "other", ""}, {"admin", "administrator", "county", "999901"},
	} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		_, err = r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]})
		r.ok(err)
	}
	for _, id := range []string{"clerk", "clerk2", "director", "secretary", "overseer", "head", "chief", "dispatcher", "dispatcher2", "handler", "handler2", "boss", "helper", "verifier", "caller", "stranger", "admin"} {
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

// link is the actor that a receipt's link makes.
func (r *rig) link(receipt casework.Receipt) identity.Actor {
	r.t.Helper()
	p, err := r.cases.PartyByToken(ctx, seal.HashToken(receipt.Token))
	r.ok(err)
	return identity.Actor{Kind: identity.Link, Party: p}
}

func (r *rig) open(who identity.Actor, procedure, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	receipt, err := r.cases.Open(ctx, who, casework.Opening{Procedure: procedure, Act: act, Values: values})
	r.ok(err)
	return receipt
}

// do does an act by a person named in the rig.
func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	receipt, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return receipt
}

// refused does an act that must be refused with a kind and a key.
func (r *rig) refused(who identity.Actor, q casework.Asking, kind fault.Kind, key string) {
	r.t.Helper()
	_, err := r.cases.Do(ctx, who, q)
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		r.t.Fatalf("%s: want %s %s, got %v", q.Act, kind, key, err)
	}
}

func (r *rig) state(id string) string {
	r.t.Helper()
	v, err := r.cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	return v.Case.State
}

// verify holds everything against the log and expects these findings only.
func (r *rig) verify(want ...string) {
	r.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.log.Sequence(ctx)
		r.ok(err)
	}
	var found []string
	add := func(f ledger.Finding) { found = append(found, string(f.Kind)+" "+f.Case) }
	v := r.cases.Verify(ctx, add)
	report, err := r.log.Verify(ctx, "", v.Leaf)
	r.ok(err)
	r.ok(v.Replay())
	for _, f := range report.Findings {
		add(f)
	}
	if v.Cases == 0 && len(want) == 0 {
		r.t.Fatal("nothing was replayed")
	}
	for _, w := range want {
		hit := false
		for _, f := range found {
			hit = hit || strings.HasPrefix(f, w)
		}
		if !hit {
			r.t.Errorf("verify did not find %s; found %v", w, found)
		}
	}
	if len(want) == 0 && len(found) > 0 {
		r.t.Errorf("verify found %v", found)
	}
}
