package app_test

import (
	"slices"
	"testing"
	"time"

	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

// A whistle to twenty departments stands in the box of each as soon as it is blown:
// calls and notices are written with the act, or none of them is.
func TestTwentyDepartmentsAreTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		departments := []string{"cityadmin", "sanitation", "greening", "works", "lighting", "drainage", "water", "power", "gas", "heating",
			"telecom", "housing", "resources", "transport", "environment", "waters", "police", "fire", "emergency", "market"}
		called := make([]any, len(departments))
		for i, u := range departments {
			called[i] = u
		}
		head := c.Actor("head1")
		begun := time.Now()
		blown, err := c.Cases.Open(ctx, head, casework.Opening{Procedure: "whistle", Act: "blow_head", Values: map[string]any{
			"area": "999901001", "subject": "河水漫上沿河路", "words": "水位还在涨，需要封路和转移居民。", "departments": called, "asks": "派人到现场", "answer_within": "2 hours"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d departments told in %s", len(departments), time.Since(begun).Round(time.Millisecond))
		v, err := c.Cases.Get(ctx, identity.SystemActor(), blown.Case)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range departments {
			at := slices.IndexFunc(v.Children, func(k casework.Child) bool { return k.Procedure == "whistle-call" && k.Unit == u })
			if at < 0 {
				t.Errorf("%s was not called", u)
				continue
			}
			lines, err := c.Cases.Told(ctx, c.Actor("h-"+u), false, c.House.Clock.Now().Add(time.Hour), "", 50)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(lines, func(l casework.ToldLine) bool { return l.Case.ID == v.Children[at].ID }) {
				t.Errorf("%s was not told", u)
			}
		}
		sound(t, c)
	})
}
