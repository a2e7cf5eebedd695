package app_test

import (
	"testing"
	"time"

	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// The demo plays its stories by the verbs: none is refused, cases stand in every
// state, and everything verifies.
func TestDemo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fillDemo(t, d, apptest.Tuesday, 1)
	})
}

// It can be begun on any day: on Sundays, in the night, over the turn of the
// year whose holidays nobody knows yet.
func TestDemoOnAnyDay(t *testing.T) {
	for i, until := range []clock.Instant{
		clock.Date(2026, 10, 4).Start().Add(3 * time.Hour),
		clock.Date(2027, 1, 16).Start().Add(22 * time.Hour),
	} {
		fillDemo(t, dbtest.SQLite(t), until, uint64(i)+2)
	}
}

func fillDemo(t *testing.T, d *db.DB, until clock.Instant, seed uint64) {
	t.Helper()
	c := apptest.NewAt(t, d, t.TempDir(), until.Add(-40*24*time.Hour))
	begun := time.Now()
	refused, err := c.FillDemoRefused(ctx, c.Hand, until, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("until %s: filled in %s", until, time.Since(begun).Round(time.Millisecond))
	for _, err := range refused {
		t.Error(err)
	}
	v, err := c.Verify(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Findings {
		t.Errorf("verify: %s %s %v", f.Kind, f.Case, f.Args)
	}
	if v.Cases < 200 || v.Erased == 0 {
		t.Errorf("%d cases, %d erased values", v.Cases, v.Erased)
	}
	states := map[string]int{}
	leader := c.Actor("leader1")
	after := ""
	for {
		rows, next, err := c.Cases.List(ctx, leader, casework.Filter{Box: casework.BoxAll, Procedure: "service-request", After: after, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			states[row.State]++
		}
		if after = next; next == "" {
			break
		}
	}
	t.Logf("states: %v", states)
	for _, state := range []string{"received", "dispatched", "handling", "rating", "settled", "closed", "withdrawn", "not_dispatched"} {
		if states[state] == 0 {
			t.Errorf("no request stands in %s", state)
		}
	}
}

// Every matter of the demo has its lead in the duty list, and its other units exist.
func TestDemoMatters(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	bad, err := c.CheckDemo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
}
