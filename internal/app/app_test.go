package app_test

import (
	"context"
	"testing"

	"linli/internal/app/apptest"
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
