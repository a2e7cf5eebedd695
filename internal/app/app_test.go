package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

var ctx = context.Background()

func TestTheCountyStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		for _, id := range []string{"admin", "dispatch1", "h-lighting", "b-lighting", "h-qinghe", "h-c-liuyuan", "clerk1", "grid1"} {
			if a := c.Actor(id); len(a.Posts) == 0 {
				t.Errorf("%s has no post", id)
			}
		}
		if n := len(c.Areas.Grids(ctx, "999901")); n != 24 {
			t.Errorf("%d grids, want 24", n)
		}
		c.Settle()
	})
}

// What was recorded under a clock that ran ahead stays the past: after a restart
// with the machine's clock set back, time goes on from the newest entry.
func TestClockSetBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		folder := t.TempDir()
		ahead := clock.At(time.Now().Add(30 * time.Hour))
		c := apptest.NewAt(t, d, folder, ahead)
		report := casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{"words": "路灯不亮", "class": "street-light"}}
		first, err := c.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, report)
		if err != nil {
			t.Fatal(err)
		}
		h, err := app.Open(ctx, app.Config{Folder: folder, DB: d, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			next, err := h.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, report)
			if err != nil {
				t.Fatal(err)
			}
			if next.Recorded < first.Recorded {
				t.Fatalf("recorded at %s, before %s", next.Recorded, first.Recorded)
			}
		}
		if _, err := h.Ledger.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		v, err := h.Verify(ctx, "")
		if err != nil || !v.Sound() {
			t.Fatalf("verify: %v %v", err, v.Findings)
		}
	})
}
