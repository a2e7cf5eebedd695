package command_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/command"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/procedure"
)

// What waits for a decision is read off the procedures.
func TestStatesThatWaitForADecision(t *testing.T) {
	want := map[string]bool{
		"service-request.received": true, "arbitration.asked": true, "deadline-approval.extension": true, "deadline-approval.hold": true, "example-allowance.first": true,
		"service-request.asking": false, "service-request.dispatched": false, "service-request.handling": false, "service-request.answered": false, "service-request.settled": false,
		"service-request.disputed": false, "co-task.given": false, "grid-event.found": false, "arbitration.ruled": false, "example-allowance.applied": false,
	}
	for key, decision := range want {
		name, state, _ := strings.Cut(key, ".")
		file := "procedure/" + name + ".yaml"
		raw, err := fs.ReadFile(catalog.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := procedure.Parse(file, raw)
		if p == nil || p.State(state) == nil {
			t.Fatal(key, problems)
		}
		if got := command.Decides(p, state); got != decision {
			t.Errorf("%s: %v, wanted %v", key, got, decision)
		}
	}
}

func TestRisingAndShades(t *testing.T) {
	got := command.Rising([]command.Rise{{"same", 5, 20}, {"more", 6, 20}, {"new", 3, 0}, {"once", 1, 0}, {"less", 4, 40}, {"", 9, 0}, {"much", 20, 8}}, 2)
	if len(got) != 2 || got[0].Class != "much" || got[1].Class != "new" {
		t.Error(got)
	}
	for _, c := range [][3]int{{0, 9, 0}, {1, 1, 1}, {5, 5, 5}, {3, 5, 3}, {1, 100, 1}, {100, 100, 5}, {50, 100, 3}, {3, 0, 0}} {
		if got := command.ShadeOf(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d is %d, wanted %d", c[0], c[1], got, c[2])
		}
	}
}

// A poisonous case is parked alone, visibly and out of the counters, and comes
// back by itself.
func TestAPoisonousCaseIsParkedAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		good, bad := r.report("好的", "村口").Case, r.report("坏的", "村口").Case
		r.follow()
		open := func() int {
			t.Helper()
			r.clk.Advance(1e9)
			b, err := r.room.Board(ctx, r.who["dispatcher"], command.Scope{Area: "999901"}, command.Filter{})
			r.ok(err)
			return b.Total.Open
		}
		if n := open(); n != 2 {
			t.Fatal(n)
		}
		r.room.Spoil(func(id string) error {
			if id == bad {
				return errors.New("it cannot be read")
			}
			return nil
		})
		for _, id := range []string{good, bad} {
			r.do("dispatcher", id, "classify", map[string]any{"class": "noise"})
		}
		r.follow()
		st, err := r.room.State(ctx)
		r.ok(err)
		if st.Parked != 1 || st.Behind != 0 || open() != 1 {
			t.Fatalf("%+v, %d open", st, open())
		}
		r.recount(t)
		if n, err := r.room.Retry(ctx, 10); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		r.room.Spoil(nil)
		if n, err := r.room.Retry(ctx, 10); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if n := open(); n != 2 {
			t.Fatal(n)
		}
		r.recount(t)
	})
}
